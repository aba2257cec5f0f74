"""The gradient on its way back through time: does it fade, stay or explode?"""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import style
from .base import Demo

ACTIVATIONS = ("tanh", "linear")


class GradientFlow(Demo):
    """The norm of the gradient that reaches each earlier step of a recurrent layer, live.

    `GradientFlow(T=50)` shows it. The layer is h_t = f(x_t + w h_{t-1} Q), rows are examples: Q is a random
    orthogonal matrix, so `w` is the length by which the recurrent weights w Q stretch every vector. The
    gradient starts at h_T with norm 1 and is sent back step by step.

    - `w` (0 to 2), `activation` ("tanh" or "linear"), `drive` (0 to 3: standard deviation of the inputs x_t),
      `T` (5 to 100 steps), `units` (2 to 32, fixed when the demo is made)
    - `norms()`: the T + 1 norms, float64; entry d is the norm d steps back, entry 0 is 1
    """

    _esm = Path(__file__).with_name("backflow.js")
    alt = (
        "Gradient norm on a logarithmic axis against the number of steps back in time, in a linear recurrent layer "
        "with weights that shrink by 0.8, keep or stretch by 1.2, and in a tanh layer with 1.2. The first falls, "
        "the second stays at 1 and the third grows, each as a straight line; tanh pulls its curve down."
    )

    w = t.Float(0.8, min=0.0, max=2.0).tag(sync=True)
    activation = t.Enum(ACTIVATIONS, "tanh").tag(sync=True)
    drive = t.Float(0.5, min=0.0, max=3.0).tag(sync=True)
    T = t.Int(50, min=5, max=100).tag(sync=True)
    matrix = t.List().tag(sync=True)  # Q, (units, units)
    inputs = t.List().tag(sync=True)  # (100, units), standard normal
    start = t.List().tag(sync=True)  # the gradient in h_T, of norm 1

    def __init__(self, T=50, units=16, seed=0, **settings):
        if not 2 <= units <= 32:
            raise ValueError(f"units is 2 to 32, not {units}")
        rng = np.random.Generator(np.random.PCG64(seed))
        Q, R = np.linalg.qr(rng.normal(size=(units, units)))
        inputs, start = rng.normal(size=(100, units)), rng.normal(size=units)
        settings |= {"matrix": (Q * np.sign(np.diag(R))).tolist(), "inputs": inputs.tolist()}
        super().__init__(T=T, start=(start / np.linalg.norm(start)).tolist(), **settings)

    def norms(self):
        """Norms of the gradient in h_T, h_{T-1}, ..., h_0; float64 (T + 1,)."""
        return self._norms(self.w, self.activation)

    def _norms(self, w, activation):
        W, squash = w * np.array(self.matrix), activation == "tanh"
        h, states = np.zeros(len(W)), []
        for x in np.array(self.inputs)[: self.T]:
            h = self.drive * x + h @ W
            h = np.tanh(h) if squash else h
            states.append(h)
        dh, norms = np.array(self.start), [1.0]
        for h in reversed(states):
            dh = (dh * (1 - h * h) if squash else dh) @ W.T
            norms.append(float(np.linalg.norm(dh)))
        return np.array(norms)

    def draw(self, fig):
        """Three linear layers and one with tanh."""
        ax = fig.subplots()
        cases = [(0.8, "linear", ":"), (1.0, "linear", "-"), (1.2, "linear", "--"), (1.2, "tanh", "-.")]
        for (w, activation, dashes), color in zip(cases, style.ordered(4), strict=True):
            ax.semilogy(self._norms(w, activation), linestyle=dashes, color=color, label=f"{activation}, w = {w:g}")
        ax.set_title("Back in time: fade, stay, explode", fontsize=10, loc="left")
        ax.set(xlabel="steps back from the end", ylabel="norm of the gradient")
        ax.legend(fontsize=8)

