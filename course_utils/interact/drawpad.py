"""Draw a digit: your own convolutional network answers, and its feature maps follow."""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import nets, style
from .base import Demo, Rows, packed

SIDE = 28


class DrawDigit(Demo):
    """A pad to draw on, the network's ten probabilities, and the feature maps of its convolutional layers.

    `DrawDigit(params)` shows it. params: [W1, b1, W2, b2, ...], first convolutions W (C_out, C_in, k, k) with
    odd k, each followed by ReLU and 2 x 2 max pooling, padded so that they keep the size; then dense layers
    W (n_in, n_out) with ReLU between them; the last has 10 outputs. The picture is 28 x 28 with one channel.
    examples: pictures (n, 28, 28) or (n, 1, 28, 28), which a button shows in turn.

    - `image`: the picture, 28 rows of numbers in [0, 1]; assign one to see it answered
    - `centred`: whether its centre of gravity is moved to the middle before the network sees it, as was done
      with all digits of MNIST
    - `probabilities`: what the browser computed last; `predict(image)` computes the same here

    Raises ValueError when params do not fit together.
    """

    _esm = Path(__file__).with_name("drawpad.js")
    size = (6.6, 3.4)
    alt = (
        "A seven drawn with two strokes, the network's probabilities for the ten digits as bars, and below the "
        "feature maps of the first convolutional layer: each map responds to other strokes or edges of the digit."
    )

    shapes = t.List().tag(sync=True)
    weights = t.Unicode().tag(sync=True)  # all parameters in a row, float32, as base64
    pictures = t.List().tag(sync=True)  # the examples, rows of 784 numbers
    image = Rows().tag(sync=True)
    centred = t.Bool(True).tag(sync=True)
    probabilities = t.List().tag(sync=True)

    def __init__(self, params, examples=None, **settings):
        self.params = [np.asarray(p, dtype=np.float32) for p in params]
        _check(self.params)
        examples = np.zeros((0, SIDE, SIDE)) if examples is None else np.asarray(examples)
        pictures = np.round(examples.reshape(len(examples), SIDE * SIDE).astype(float), 3).tolist()
        settings = {"image": seven()} | settings
        shapes = [list(p.shape) for p in self.params]
        super().__init__(shapes=shapes, weights=packed(self.params), pictures=pictures, **settings)

    @t.validate("image")
    def _image(self, proposal):
        picture = np.array(proposal.value, dtype=float)
        if picture.shape != (SIDE, SIDE) or not ((picture >= 0) & (picture <= 1)).all():
            raise t.TraitError("image is 28 rows of 28 numbers in [0, 1]")
        return picture.tolist()

    def maps(self, image=None):
        """All activations for `image` (28, 28): feature maps after each ReLU, (C, H, W), then vectors; a list.

        The last entry holds the 10 logits.
        """
        image = np.array(self.image if image is None else image, dtype=np.float32)
        A, found = (centre(image) if self.centred else image)[None], []
        for W, b in zip(self.params[::2], self.params[1::2], strict=True):
            if W.ndim == 4:
                k = W.shape[-1]
                padded = np.pad(A, ((0, 0), (k // 2, k // 2), (k // 2, k // 2)))
                windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))
                A = np.maximum(np.einsum("chwij,ocij->ohw", windows, W) + b[:, None, None], 0)
                found.append(A)
                A = A[:, : A.shape[1] // 2 * 2, : A.shape[2] // 2 * 2]
                A = A.reshape(len(A), A.shape[1] // 2, 2, -1, 2).max(axis=(2, 4))
            else:
                Z = A.ravel() @ W + b
                A = Z if W is self.params[-2] else np.maximum(Z, 0)
                found.append(A)
        return found

    def predict(self, image=None):
        """The ten probabilities for `image` (28, 28), by default the picture on the pad; float32 (10,)."""
        return nets.softmax(self.maps(image)[-1][None])[0]

    def draw(self, fig):
        """The picture, the answer, and the first layer's maps."""
        maps = self.maps()[0]
        top, bottom = fig.subfigures(2, 1, height_ratios=(3, 2))
        pad, bars = top.subplots(1, 2, width_ratios=(1, 2))
        pad.imshow(self.image, cmap="gray_r", vmin=0, vmax=1)
        pad.set_title("Drawn", fontsize=10, loc="left")
        bars.bar(range(10), self.predict(), color=style.NEGATIVE)
        bars.set(ylim=(0, 1), xticks=range(10))
        bars.set_title("The network's answer", fontsize=10, loc="left")
        axes = bottom.subplots(1, min(8, len(maps)), squeeze=False)[0]
        for ax, one in zip(axes, maps, strict=False):
            ax.imshow(one, cmap="gray_r", vmin=0, vmax=float(maps.max()) or 1)
        for ax in [pad, *axes]:
            ax.set(xticks=[], yticks=[])
            ax.grid(False)


def seven():
    """A seven of two strokes, (28, 28) in [0, 1]."""
    corners, ink = [(7.0, 8.0), (20.0, 8.0), (12.0, 22.0)], np.zeros((SIDE, SIDE))
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    for (x0, y0), (x1, y1) in zip(corners[:-1], corners[1:], strict=True):
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
        distance = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        ink = np.maximum(ink, np.clip(1.7 - distance, 0, 1))
    return ink


def centre(image):
    """The picture (28, 28) shifted by whole pixels so that its centre of gravity is in the middle."""
    if not image.sum():
        return image
    shifts = [np.floor(13.5 - np.average(np.arange(SIDE), weights=image.sum(axis=axis)) + 0.5) for axis in (1, 0)]
    moved = np.zeros_like(image)
    (i, j), size = map(int, shifts), SIDE
    moved[max(0, i) : size + min(0, i), max(0, j) : size + min(0, j)] = image[
        max(0, -i) : size - max(0, i), max(0, -j) : size - max(0, j)
    ]
    return moved


def _check(params):
    channels, side, n = 1, SIDE, None
    if len(params) < 2 or len(params) % 2:
        raise ValueError("params is a list [W1, b1, W2, b2, ...]")
    for layer, (W, b) in enumerate(zip(params[::2], params[1::2], strict=True), start=1):
        if W.ndim == 4 and n is None:
            fits = W.shape[1] == channels and W.shape[2] == W.shape[3] and W.shape[2] % 2 and b.shape == W.shape[:1]
            need = f"(C_out, {channels}, k, k) with odd k"
            channels, side = len(W), side // 2
        else:
            n = channels * side * side if n is None else n
            fits, need = W.ndim == 2 and W.shape[0] == n and b.shape == W.shape[1:], f"({n}, n_out)"
            n = W.shape[-1]
        if not fits:
            raise ValueError(f"layer {layer}: W needs shape {need} and b its number of outputs, not {W.shape} and {b.shape}")
    if n != 10:
        raise ValueError(f"the last layer needs 10 outputs, not {n}")
