"""The perceptron playground: what can one neuron separate, and what do hidden units add?"""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import style
from .base import Demo, Rows

DATA = ("blobs", "circles", "quadrants", "spirals", "and", "or", "nand", "xor", "own")
FEATURES = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1**2": lambda x1, x2: x1**2,
    "x2**2": lambda x1, x2: x2**2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}
ACTIVATIONS = {
    "sign": np.sign,
    "tanh": np.tanh,
    "sigmoid": lambda Z: 0.5 * (1 + np.tanh(Z / 2)),  # no overflow, however negative Z is
    "relu": lambda Z: np.maximum(Z, 0),
    "linear": lambda Z: Z,
}


class Playground(Demo):
    """Points in the plane, a small network, and its training, all live in the browser.

    `Playground(data="xor", hidden=[4], activation="tanh")` shows it. Labels are -1 and +1 and the plane is
    [-3, 3] x [-3, 3]. With `activation="sign"` the perceptron rule trains the output neuron; with the others
    gradient descent trains all layers, the output is tanh(z) and the loss is the cross-entropy of
    p = (1 + tanh z) / 2, as a mean over the points.

    Settings, to be set from Python or from the controls:

    - `data`: "blobs", "circles", "quadrants", "spirals", "and", "or", "nand", "xor" or "own"
      (the points you gave); `noise`: standard deviation of a shift of every point, in units of the plane;
      `train_share`: part of the points that trains (the four corners of a gate without noise all do); `seed`
    - `features`: names out of `FEATURES`; `hidden`: up to three widths of 1 to 8; `activation`
    - `eta`; `batch_size` (0: all points); `regularisation`: "none", "l1" or "l2", with the strength `lam`

    State, written back whenever you pause, step or let a point go:

    - `points`, `test_points`: lists of [x1, x2, label]
    - `weights`: for each layer [W, b] as nested lists, W of shape (n_in, n_out); `layers()` gives arrays
    - `steps`, `loss_train`, `loss_test` (None without test points), `mistakes` (on the training points),
      `margin` (smallest signed distance of a training point to the boundary of a single neuron, or None)

    Assigning `points` or `weights` changes the live view; the widths follow the weights.
    """

    _esm = Path(__file__).with_name("playground.js")
    size = (5.0, 2.9)
    alt = (
        "Two panels show the four points of XOR, blue circles for minus one and orange triangles for plus one. "
        "Left: one neuron draws one straight line, which leaves at least one point on the wrong side. "
        "Right: with four hidden units the boundary bends and all four points are right."
    )

    data = t.Enum(DATA, "blobs").tag(sync=True)
    noise = t.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    train_share = t.Float(0.5, min=0.1, max=0.9).tag(sync=True)
    seed = t.Int(1, min=0).tag(sync=True)
    features = t.List(t.Enum(tuple(FEATURES)), ["x1", "x2"], minlen=1).tag(sync=True)
    hidden = t.List(t.Int(min=1, max=8), [], maxlen=3).tag(sync=True)
    activation = t.Enum(tuple(ACTIVATIONS), "sign").tag(sync=True)
    eta = t.Float(0.1, min=0.0).tag(sync=True)
    batch_size = t.Int(10, min=0).tag(sync=True)
    regularisation = t.Enum(("none", "l1", "l2"), "none").tag(sync=True)
    lam = t.Float(0.01, min=0.0).tag(sync=True)

    points = Rows().tag(sync=True)
    test_points = Rows().tag(sync=True)
    weights = t.List().tag(sync=True)
    steps = t.Int(0).tag(sync=True)
    loss_train = t.Float(None, allow_none=True).tag(sync=True)
    loss_test = t.Float(None, allow_none=True).tag(sync=True)
    mistakes = t.Int(0).tag(sync=True)
    margin = t.Float(None, allow_none=True).tag(sync=True)

    @t.validate("points", "test_points")
    def _points(self, proposal):
        P = np.array(proposal.value, dtype=float).reshape(len(proposal.value), -1)
        if len(P) and (P.shape[1] != 3 or not np.isin(P[:, 2], (-1, 1)).all()):
            raise t.TraitError("points are rows [x1, x2, label] with labels -1 and +1")
        return [[x, y, int(label)] for x, y, label in P.tolist()]

    @t.validate("weights")
    def _weights(self, proposal):
        layers = [(np.asarray(W, dtype=float), np.asarray(b, dtype=float)) for W, b in proposal.value]
        n = len(self.features)
        for layer, (W, b) in enumerate(layers, start=1):
            if W.ndim != 2 or W.shape[0] != n or b.shape != (W.shape[1],):
                raise t.TraitError(
                    f"layer {layer}: W needs shape ({n}, n_out) and b (n_out,), not {W.shape} and {b.shape}"
                )
            n = W.shape[1]
        if layers and (n != 1 or len(layers) > 4 or any(len(b) > 8 for _, b in layers)):
            raise t.TraitError("the network has one output and up to three hidden layers of 1 to 8 units")
        return [[W.tolist(), b.tolist()] for W, b in layers]

    @t.observe("weights")
    def _widths(self, change):
        if change.new:
            self.hidden = [len(b) for _, b in change.new[:-1]]

    def layers(self):
        """The weights as arrays: a list of (W, b) with shapes (n_in, n_out) and (n_out,)."""
        if not self.weights:
            raise RuntimeError("no weights yet: show the playground first, or assign playground.weights")
        return [(np.array(W), np.array(b)) for W, b in self.weights]

    def predict(self, X):
        """The network's output in [-1, 1] for points `X` of shape (n, 2), as an array of shape (n,).

        It computes with the weights last written back (press Pause to update them).
        """
        X = np.asarray(X, dtype=float)
        A = np.column_stack([FEATURES[name](X[:, 0], X[:, 1]) for name in self.features])
        *hidden, (W, b) = self.layers()
        for W_hidden, b_hidden in hidden:
            A = ACTIVATIONS[self.activation](A @ W_hidden + b_hidden)
        z = (A @ W + b)[:, 0]
        return np.sign(z) if self.activation == "sign" else np.tanh(z)

    def draw(self, fig):
        """XOR twice: one neuron under the perceptron rule, and 2-4-1 by gradient descent."""
        X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
        y = np.array([-1, 1, 1, -1])
        nets = [_one_neuron(X, y), _hidden_units(X, y)]
        titles = ["One neuron: at best {} of 4", "Four hidden units: {} of 4"]
        side = np.linspace(-2, 2, 81)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        for ax, predict, title in zip(fig.subplots(1, 2, sharey=True), nets, titles, strict=True):
            Z = predict(plane).reshape(81, 81)
            ax.imshow(
                Z, extent=(-2, 2, -2, 2), origin="lower", cmap=style.DIVERGING, vmin=-1.6, vmax=1.6
            )  # paler than the points
            ax.contour(side, side, Z, levels=[0], colors="#222222")
            for label, color, marker in zip((-1, 1), style.CLASS_COLORS, style.CLASS_MARKERS, strict=False):
                ax.scatter(*X[y == label].T, s=90, c=color, marker=marker, edgecolors="white")
            ax.set_title(title.format(np.sum(predict(X) * y > 0)), fontsize=10, loc="left")
            ax.set(xlabel="$x_1$", xticks=[-1, 1], yticks=[-1, 1])
            ax.grid(False)
        fig.axes[0].set_ylabel("$x_2$")


def _one_neuron(X, y, passes=6):
    """The perceptron rule, which never comes to rest on XOR; returns its best line as a function of the plane."""
    w, b = np.array([-0.3, 0.45]), 0.3
    best = (0, w, b)
    for _ in range(passes):
        for x, label in zip(X, y, strict=True):
            if label * (x @ w + b) <= 0:
                w, b = w + 0.1 * label * x, b + 0.1 * label
            best = max(best, (np.sum(y * (X @ w + b) > 0), w, b), key=lambda run: run[0])
    _, w, b = best
    return lambda P: np.tanh(20 * (P @ w + b))


def _hidden_units(X, y, width=4, eta=0.5, steps=600):
    """A 2-4-1 network of tanh units trained by full-batch gradient descent; returns its prediction."""
    rng = np.random.default_rng(0)
    W1, b1 = rng.normal(size=(2, width)), np.zeros(width)
    W2, b2 = rng.normal(size=(width, 1)), np.zeros(1)
    for _ in range(steps):
        A1 = np.tanh(X @ W1 + b1)
        delta2 = (np.tanh(A1 @ W2 + b2) - y[:, None]) / len(y)
        delta1 = (delta2 @ W2.T) * (1 - A1**2)
        W2, b2 = W2 - eta * A1.T @ delta2, b2 - eta * delta2.sum(axis=0)
        W1, b1 = W1 - eta * X.T @ delta1, b1 - eta * delta1.sum(axis=0)
    return lambda P: np.tanh(np.tanh(P @ W1 + b1) @ W2 + b2)[:, 0]
