"""The sliding window: which input pixels does one output pixel see, and how is its number made?"""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import style
from .base import Demo, Rows


class ReceptiveField(Demo):
    """One convolution, pixel by pixel: point at an output pixel to see its window and its products.

    `ReceptiveField(image, kernel, stride=1, padding=0)` shows it. image: (height, width) of at most 40 x 40
    numbers; kernel: square, 1 x 1 to 7 x 7. Kernel, stride and padding can be changed in the browser; what
    is there last can be read here:

    - `kernel` (nested lists), `stride` 1 to 4, `padding` 0 to 4, `flip` (True: the kernel is turned by 180
      degrees first, the convolution of mathematics; False: cross-correlation, as in neural networks)
    - `row`, `column`: the output pixel last pointed at
    - `output()`: the whole output as an array

    Raises traitlets.TraitError when image or kernel is not such a table of finite numbers.
    """

    _esm = Path(__file__).with_name("receptive.js")
    size = (6.6, 2.6)
    alt = (
        "Three tables of pixels. Left, the input with a frame round the window of one output pixel. "
        "Middle, the kernel. Right, the output, with that pixel framed: it is the sum of the products of window "
        "and kernel."
    )

    image = Rows().tag(sync=True)
    kernel = Rows().tag(sync=True)
    stride = t.Int(1, min=1, max=4).tag(sync=True)
    padding = t.Int(0, min=0, max=4).tag(sync=True)
    flip = t.Bool(False).tag(sync=True)
    row = t.Int(0, min=0).tag(sync=True)
    column = t.Int(0, min=0).tag(sync=True)

    def __init__(self, image, kernel, **settings):
        super().__init__(image=image, kernel=kernel, **settings)

    @t.validate("image", "kernel")
    def _table(self, proposal):
        name = proposal.trait.name
        try:
            table = np.array(proposal.value, dtype=float)
        except ValueError:  # rows of unequal length
            table = np.empty(0)
        if table.ndim != 2 or not table.size or not np.isfinite(table).all():
            raise t.TraitError(f"{name} is a table of finite numbers, such as an array of shape (5, 5)")
        if name == "image" and max(table.shape) > 40:
            raise t.TraitError(f"image has {table.shape[0]} x {table.shape[1]} pixels; at most 40 x 40 can be shown")
        if name == "kernel" and (table.shape[0] != table.shape[1] or len(table) > 7):
            raise t.TraitError(f"kernel is square, 1 x 1 to 7 x 7, not {table.shape[0]} x {table.shape[1]}")
        return table.tolist()

    def output(self):
        """The output as a float64 array; (0, 0) where the kernel is larger than the padded picture."""
        kernel = np.array(self.kernel)[::-1, ::-1] if self.flip else np.array(self.kernel)
        padded, k = np.pad(np.array(self.image), self.padding), len(kernel)
        if min(padded.shape) < k:
            return np.zeros((0, 0))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k))[:: self.stride, :: self.stride]
        return np.einsum("ijab,ab->ij", windows, kernel)

    def draw(self, fig):
        """Input with the window, kernel, output with the pixel."""
        image, kernel, output = np.pad(np.array(self.image), self.padding), np.array(self.kernel), self.output()
        row, column = (min(at, max(0, size - 1)) for at, size in zip((self.row, self.column), output.shape, strict=True))
        k, titles = len(kernel), ("Input, one window framed", "Kernel", "Output, its pixel framed")
        frames = ((column * self.stride, row * self.stride, k), None, (column, row, 1))
        for ax, table, title, frame in zip(fig.subplots(1, 3), (image, kernel, output), titles, frames, strict=True):
            if not table.size:
                continue
            limit = float(np.abs(table).max()) or 1.0
            ax.imshow(table, cmap=style.DIVERGING, vmin=-limit, vmax=limit)
            ax.set_title(title, fontsize=10, loc="left")
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            if table.shape[1] <= 8:
                for (i, j), value in np.ndenumerate(table):
                    ax.text(j, i, f"{value:.3g}", ha="center", va="center", fontsize=8)
            if frame:
                x, y, side = frame
                ax.add_patch(_frame(x - 0.5, y - 0.5, side))


def _frame(x, y, side):
    from matplotlib.patches import Rectangle  # here, so that importing this module stays light

    return Rectangle((x, y), side, side, fill=False, edgecolor="#222222", linewidth=2.5)
