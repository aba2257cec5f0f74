"""Two views of a code: sliders that move its numbers, and a plane to walk in. The decoder runs in the browser."""

from pathlib import Path

import numpy as np
import traitlets as t
from scipy.special import expit

from .. import nets, style
from .base import Demo, Rows, packed
from .dense import ACTIVATIONS, check_layers

OUTPUTS = {"linear": lambda z: z, "sigmoid": expit}


class Decoded(Demo):
    """What both demos share: a decoder [W1, b1, ...] that turns a code into a square picture."""

    _esm = Path(__file__).with_name("latent.js")

    kind = t.Unicode().tag(sync=True)
    shapes = t.List().tag(sync=True)  # of the weights W of the decoder's layers
    weights = t.Unicode().tag(sync=True)  # the decoder's parameters, and more, in a row: float32, as base64
    activation = t.Enum(list(ACTIVATIONS)).tag(sync=True)
    output = t.Enum(list(OUTPUTS)).tag(sync=True)

    def __init__(self, decoder, extra=(), **settings):
        self.params = [np.asarray(p, dtype=np.float32) for p in decoder]
        check_layers("decoder", self.params)
        pixels = len(self.params[-1])
        if int(np.sqrt(pixels)) ** 2 != pixels:
            raise ValueError(f"the decoder's {pixels} outputs are not a square picture")
        weights = packed([*self.params, *extra])
        super().__init__(shapes=[list(W.shape) for W in self.params[::2]], weights=weights, **settings)

    def decode(self, z):
        """The pictures (n, d) of codes z (n, k), as the browser computes them."""
        A = nets.forward(self.params, np.asarray(z, dtype=np.float32), ACTIVATIONS[self.activation])
        return OUTPUTS[self.output](A[-1])


class Bottleneck(Decoded):
    """Sliders for the numbers of a code, the autoencoder's picture and PCA's beside each other.

    `Bottleneck(decoder, codes, X, mean, components)` shows it. decoder: [W1, b1, W2, b2, ...] from the code to
    the pixels, W (n_in, n_out); codes: (n, k), k <= 16, the codes of the pictures X (n, d), at most 20 of them;
    mean (d,) and components (k, d): PCA with as many numbers. activation: after all layers of the decoder but
    the last, one of "relu", "leaky_relu", "elu", "gelu", "tanh", "sigmoid", "silu"; output: "linear" or "sigmoid".

    - `example`: which of the pictures is the original; choosing one sets both codes to its own
    - `z`, `c`: the code at the autoencoder's sliders and at PCA's, lists of k numbers

    Raises ValueError when the arrays do not fit together.
    """

    size = (6.6, 2.4)
    alt = (
        "Two rows of seven pictures. In the upper row one number of PCA's code is moved from low to high, and a fixed "
        "pattern is added more and more; in the lower row one number of the autoencoder's code, and the digit changes shape."
    )

    codes = Rows().tag(sync=True)
    principal = Rows().tag(sync=True)  # PCA's codes of the same pictures
    pictures = Rows().tag(sync=True)
    reach = Rows().tag(sync=True)  # two rows: how far the sliders go, for the autoencoder and for PCA
    example = t.Int(0).tag(sync=True)
    z = Rows().tag(sync=True)
    c = Rows().tag(sync=True)

    def __init__(self, decoder, codes, X, mean, components, activation="relu", output="linear", example=0, **settings):
        codes, X, mean, components = (np.asarray(a, dtype=float) for a in (codes, X, mean, components))
        k, d = np.shape(components) if np.ndim(components) == 2 else (0, 0)
        if not 1 <= k <= 16 or codes.shape != (len(X), k) or X.shape != (len(codes), d) or mean.shape != (d,):
            raise ValueError(
                "Bottleneck needs codes (n, k), X (n, d), mean (d,) and components (k, d) with k <= 16, not "
                f"{codes.shape}, {X.shape}, {mean.shape} and {components.shape}"
            )
        if not 1 <= len(X) <= 20:
            raise ValueError(f"Bottleneck shows 1 to 20 pictures, not {len(X)}")
        if len(decoder[0]) != k or np.shape(decoder[-1]) != (d,):
            raise ValueError(f"this decoder does not lead from codes of {k} numbers to pictures of {d} pixels")
        self.mean, self.components = mean, components
        principal = (X - mean) @ components.T
        reach = [np.round(1.5 * np.abs(a).max(axis=0) + 1e-3, 4).tolist() for a in (codes, principal)]
        example %= len(X)
        super().__init__(
            decoder,
            (mean, components),
            kind="sliders",
            activation=activation,
            output=output,
            codes=np.round(codes, 5),
            principal=np.round(principal, 5),
            pictures=np.round(X, 3),
            reach=reach,
            example=example,
            z=np.round(codes[example], 5),
            c=np.round(principal[example], 5),
            **settings,
        )

    def from_pca(self, c):
        """PCA's pictures (n, d) of codes c (n, k)."""
        return self.mean + np.asarray(c) @ self.components

    def draw(self, fig):
        """One number of either code, moved from low to high."""
        rows = [("PCA", self.c, self.reach[1], self.from_pca), ("AE", self.z, self.reach[0], self.decode)]
        axes = fig.subplots(2, 7)
        for (name, code, reach, picture), line in zip(rows, axes, strict=True):
            moved = np.tile(np.array(code, dtype=float), (7, 1))
            moved[:, 0] = np.linspace(-reach[0], reach[0], 7)
            side = int(np.sqrt(len(self.mean)))
            for ax, image in zip(line, picture(moved), strict=True):
                ax.imshow(image.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
                ax.grid(False)
            line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        fig.suptitle("The first number of the code, from low to high", fontsize=11, x=0.02, ha="left")


class LatentPlane(Decoded):
    """A plane of codes: drag a point and see it decoded; pictures on the way from A to B.

    `LatentPlane(decoder, Z, y)` shows it. decoder: [W1, b1, ...] from two numbers to the pixels, W (n_in, n_out);
    Z: (n, 2) codes of at most 1000 pictures with labels y (n,) in 0..9, drawn as these digits. activation, output:
    as for `Bottleneck`.

    - `a`, `b`: the two points, lists of two numbers

    Raises ValueError when the arrays do not fit together.
    """

    size = (6.6, 3.6)
    alt = (
        "Left, a plane with the codes of many digits, each drawn as its label, and a straight path from point A to "
        "point B. Right, the pictures decoded at nine places on this path."
    )

    points = Rows().tag(sync=True)
    labels = Rows().tag(sync=True)
    a = Rows().tag(sync=True)
    b = Rows().tag(sync=True)

    def __init__(self, decoder, Z, y, activation="relu", output="linear", a=None, b=None, **settings):
        Z, y = np.asarray(Z, dtype=float), np.asarray(y)
        if Z.ndim != 2 or Z.shape[1] != 2 or y.shape != (len(Z),) or not 2 <= len(Z) <= 1000:
            raise ValueError(f"LatentPlane needs Z (n, 2) and y (n,) with 2 to 1000 codes, not {Z.shape} and {y.shape}")
        if len(decoder[0]) != 2:
            raise ValueError(f"this decoder takes codes of {len(decoder[0])} numbers, the plane has 2")
        low, high = np.quantile(Z, [0.1, 0.9], axis=0)
        ends = {"a": low if a is None else a, "b": high if b is None else b}
        ends = {name: np.round(np.asarray(end, dtype=float), 3) for name, end in ends.items()}
        super().__init__(
            decoder, kind="plane", activation=activation, output=output, points=np.round(Z, 4), labels=y, **ends, **settings
        )

    @t.validate("a", "b")
    def _end(self, proposal):
        place = np.array(proposal.value, dtype=float)
        if place.shape != (2,) or not np.isfinite(place).all():
            raise t.TraitError(f"{proposal.trait.name} is two finite numbers")
        return place.tolist()

    def path(self, n=9):
        """The codes (n, 2) on the straight line from a to b."""
        return np.linspace(self.a, self.b, n)

    def draw(self, fig):
        """The plane with the path, and the pictures on the path."""
        left, right = fig.subfigures(1, 2, width_ratios=(5, 3))
        ax = left.subplots()
        for (u, v), label in zip(self.points, self.labels, strict=True):
            ax.text(u, v, str(label), fontsize=6, color="#5c5c5c", ha="center", va="center", clip_on=True)
        low, high = limits(np.array([*self.points, self.a, self.b]))
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="first number", ylabel="second number")
        ax.plot(*np.transpose([self.a, self.b]), "o-", color=style.POSITIVE)
        ax.annotate("A", self.a, xytext=(5, 5), textcoords="offset points", fontweight="bold")
        ax.annotate("B", self.b, xytext=(5, 5), textcoords="offset points", fontweight="bold")
        ax.set_title("Codes, and a path", fontsize=10, loc="left")
        pictures = self.decode(self.path())
        side = int(np.sqrt(pictures.shape[1]))
        for k, (ax, image) in enumerate(zip(right.subplots(3, 3).flat, pictures, strict=True)):
            ax.imshow(image.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.set_title({0: "A", 8: "B"}.get(k, ""), fontsize=9, loc="left")
            ax.grid(False)


def limits(points):
    """Low and high ends of the plane that is shown: all but the few farthest points, and some room."""
    low, high = np.quantile(points, [0.01, 0.99], axis=0)
    room = 0.15 * (high - low) + 1e-6
    return low - room, high + room
