"""The GAN studio: two small networks against each other on points of the plane, played or stepped by hand."""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import nets, style
from .base import Demo, Rows, packed
from .dense import ACTIVATIONS, check_layers

REACH = 3.0  # the plane is shown from -3 to 3 in both directions


class GanStudio(Demo):
    """Play a GAN on points of the plane, or step either player alone; see D's field and where it sends G's points.

    `GanStudio(X)` shows it. X: (n, 2) target points in [-3, 3], 1 to 2000 of them. generator, discriminator:
    lists [W1, b1, ...] of W (n_in, n_out) to start from, your own say; by default two new networks of 2-32-32-2
    and 2-32-32-1 units. activation: after all layers but the last, "leaky_relu" (slope 0.2), "relu" or "tanh".
    The discriminator ends in one logit. Both players use Adam with beta1 = 0.5, batches of 64.

    - `X`: the target points; paint with the pointer to change them
    - `eta_d`, `eta_g`: the learning rates; `k`: steps of D for each step of G; `gamma`: strength of the
      R1 penalty on D; `saturating`: whether G minimises ln(1 - D) instead of maximising ln D
    - `steps`: how many steps D and G have made; `samples`: 256 points of the generator after the last one

    Raises ValueError when the networks do not fit.
    """

    _esm = Path(__file__).with_name("ganstudio.js")
    size = (5.0, 4.2)
    alt = (
        "The plane with target points as triangles and the generator's points as circles. The background is vermilion "
        "where the discriminator believes in real points, blue where it does not; short lines show where it sends each "
        "generated point."
    )

    X = Rows().tag(sync=True)
    shapes = t.List().tag(sync=True)  # two lists: the shapes of the weights W of generator and discriminator
    weights = t.Unicode().tag(sync=True)  # all parameters to start from, generator first: float32, as base64
    activation = t.Enum(["relu", "leaky_relu", "tanh"]).tag(sync=True)
    eta_d = t.Float(0.003, min=0, max=1).tag(sync=True)
    eta_g = t.Float(0.001, min=0, max=1).tag(sync=True)
    k = t.Int(1, min=1, max=10).tag(sync=True)
    gamma = t.Float(0.0, min=0, max=10).tag(sync=True)
    saturating = t.Bool(False).tag(sync=True)
    seed = t.Int(0).tag(sync=True)  # of the noise
    steps = t.List([0, 0]).tag(sync=True)
    samples = Rows().tag(sync=True)

    def __init__(self, X, generator=None, discriminator=None, activation="leaky_relu", seed=0, **settings):
        rng = np.random.default_rng(seed)
        self.generator = nets.init((2, 32, 32, 2), rng) if generator is None else generator
        self.discriminator = nets.init((2, 32, 32, 1), rng) if discriminator is None else discriminator
        self.generator, self.discriminator = ([np.asarray(p) for p in net] for net in (self.generator, self.discriminator))
        check_layers("generator", self.generator, n_out=2)
        check_layers("discriminator", self.discriminator, 2, 1)
        shapes = [[list(W.shape) for W in params[::2]] for params in (self.generator, self.discriminator)]
        self._z = rng.normal(size=(256, len(self.generator[0])))
        samples = nets.forward(self.generator, self._z, ACTIVATIONS[activation])[-1] if activation in ACTIVATIONS else []
        super().__init__(
            X=np.round(np.asarray(X, dtype=float), 4),
            shapes=shapes,
            weights=packed([*self.generator, *self.discriminator]),
            activation=activation,
            seed=seed,
            samples=np.round(samples, 4),
            **settings,
        )

    @t.validate("X")
    def _points(self, proposal):
        points = np.array(proposal.value, dtype=float)
        if points.ndim != 2 or points.shape[1] != 2 or not 1 <= len(points) <= 2000 or not (abs(points) <= REACH).all():
            raise t.TraitError("X is 1 to 2000 points (n, 2) with numbers in [-3, 3]")
        return points.tolist()

    def draw(self, fig):
        """The start: target, generated points, the discriminator's field, and where it sends the points."""
        ax, params = fig.subplots(), self.discriminator
        line = np.linspace(-REACH, REACH, 80)
        grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        D = nets.sigmoid(nets.forward(params, grid, ACTIVATIONS[self.activation])[-1]).reshape(80, 80)
        edges = (-REACH, REACH, -REACH, REACH)
        ax.imshow(D, origin="lower", extent=edges, cmap=style.DIVERGING, vmin=0, vmax=1, alpha=0.55)
        ax.grid(False)
        fake = np.array(self.samples)
        ax.scatter(*np.transpose(self.X), s=12, marker="^", color=style.POSITIVE, edgecolor="white", linewidth=0.4)
        ax.scatter(*fake.T, s=12, marker="o", color=style.NEGATIVE, edgecolor="white", linewidth=0.4)
        tips = fake[::4] + 0.4 * _uphill(params, fake[::4], self.activation)
        ax.plot(*np.stack([fake[::4], tips]).transpose(2, 0, 1), color="#222222", linewidth=0.8)
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x₁", ylabel="x₂")
        ax.set_title("▲ target, ● generated; lines: where D sends them", fontsize=10, loc="left")


def _uphill(params, X, activation, eps=1e-4):
    """Directions of length 1 (n, 2) in which the discriminator's logit grows fastest, by central differences."""
    moves = [eps * np.eye(2)[i] for i in range(2)]
    f = lambda X: nets.forward(params, X, ACTIVATIONS[activation])[-1][:, 0]  # noqa: E731
    slope = np.stack([f(X + move) - f(X - move) for move in moves], axis=1)
    return slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
