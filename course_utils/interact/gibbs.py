"""Clamp some pixels of a digit, let the others free, and run the Gibbs chain of a restricted Boltzmann machine."""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import style
from ..nets import sigmoid
from .base import Demo, Rows, packed


class Gibbs(Demo):
    """Wipe a part of a digit, and let a machine complete it: only wiped pixels are sampled, the rest is clamped.

    `Gibbs(W, a, b, X)` shows it. W: (d, m) weights, a: (d,) biases of the visible units, b: (m,) of the hidden
    units, with energy E = -v·a - h·b - v W h; X: (n, d) square pictures in [0, 1], 1 to 20 of them, taken as ink
    where they are above 0.5. One step samples all hidden units, then all free visible ones.

    - `example`: which picture the clamped pixels come from
    - `free`: d zeros and ones: 1 where a pixel is sampled; paint with the pointer to wipe pixels
    - `steps`: steps of the chain since the pixels were wiped last; `v`: its visible units; `seed`: of the chain

    Raises ValueError when the arrays do not fit together.
    """

    _esm = Path(__file__).with_name("gibbs.js")
    size = (6.6, 1.7)
    alt = (
        "Six pictures of a digit. In the first, the free pixels are tinted; in the others the clamped pixels stay and "
        "the machine fills the free ones, after 1, 3, 10, 30 and 100 steps of its chain."
    )

    weights = t.Unicode().tag(sync=True)  # W, a, b in a row: float32, as base64
    hidden = t.Int().tag(sync=True)
    pictures = Rows().tag(sync=True)
    example = t.Int(0).tag(sync=True)
    free = Rows().tag(sync=True)
    v = Rows().tag(sync=True)
    steps = t.Int(0).tag(sync=True)
    seed = t.Int(0).tag(sync=True)

    def __init__(self, W, a, b, X, example=0, **settings):
        self.W, self.a, self.b, X = (np.asarray(p, dtype=float) for p in (W, a, b, X))
        d, m = np.shape(W) if np.ndim(W) == 2 else (0, 0)
        if self.a.shape != (d,) or self.b.shape != (m,) or X.ndim != 2 or X.shape[1] != d:
            raise ValueError(
                "Gibbs needs W (d, m), a (d,), b (m,) and X (n, d), not "
                f"{np.shape(W)}, {self.a.shape}, {self.b.shape} and {X.shape}"
            )
        if not 1 <= len(X) <= 20 or int(np.sqrt(d)) ** 2 != d:
            raise ValueError(f"Gibbs shows 1 to 20 square pictures, not {len(X)} of {d} pixels")
        example %= len(X)
        X = (X > 0.5).astype(int)
        settings.setdefault("free", (np.arange(d) >= d // 2).astype(int))  # the lower half
        super().__init__(
            weights=packed([self.W, self.a, self.b]),
            hidden=m,
            pictures=X,
            example=example,
            v=X[example],
            **settings,
        )

    @t.validate("free")
    def _mask(self, proposal):
        d = len(self.a)
        if len(proposal.value) != d or not set(proposal.value) <= {0, 1}:
            raise t.TraitError(f"free is a list of {d} zeros and ones")
        return proposal.value

    def chain(self, steps, rng):
        """Probabilities (steps, d) of the visible units after each step from noise, clamped ones as they are."""
        free, v = np.array(self.free) == 1, np.array(self.pictures[self.example], dtype=float)
        P = np.tile(v, (steps, 1))
        v[free] = rng.random(free.sum()) < 0.5
        for p in P:
            h = rng.random(len(self.b)) < sigmoid(v @ self.W + self.b)
            p[free] = sigmoid(self.W @ h + self.a)[free]
            v[free] = rng.random(free.sum()) < p[free]
        return P

    def draw(self, fig):
        """The clamped pixels, and the picture after some steps of the chain."""
        d = len(self.a)
        side, free = int(np.sqrt(d)), np.array(self.free) == 1
        start = np.where(free, 0.15, self.pictures[self.example])
        axes, moments = fig.subplots(1, 6), (1, 3, 10, 30, 100)
        pictures = [start, *self.chain(moments[-1], np.random.default_rng(self.seed))[np.array(moments) - 1]]
        titles = ["clamped", *(f"{n} step{'s' * (n > 1)}" for n in moments)]
        for ax, picture, title in zip(axes, pictures, titles, strict=True):
            ax.imshow(picture.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
            edge = np.where(free, 1.0, np.nan).reshape(side, side)
            ax.imshow(edge, cmap=style.DIVERGING, vmin=-1, vmax=1, alpha=0.12)
            ax.set(xticks=[], yticks=[])
            ax.set_title(title, fontsize=9, loc="left")
            ax.grid(False)
