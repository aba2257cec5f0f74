"""Type a text and read an LSTM's mind: gate values for every character, and what it expects next."""

from pathlib import Path

import numpy as np
import traitlets as t

from .. import nets, style
from .base import Demo, packed

NAMES = ("i", "f", "o", "g", "c", "h")


class GateStrip(Demo):
    """The gates, cell and output of a character LSTM, letter by letter, for the text that you type.

    `GateStrip(params, letters)` shows it. params: a dict of float arrays, Wx (k, 4H), Wh (H, 4H), b (4H,) with
    the gates in the order i, f, g, o, and the readout Wy (H, k), by (k,); letters: str of k symbols, of which
    the first stands for start and end. The network reads the start symbol and then the text; after each
    symbol it gives the probabilities of the next.

    - `text`: what is typed, at most 40 of the letters; `unit`: the hidden unit that the strip shows (0 to H - 1;
      by default the one whose cell varies most over the text)
    - `gates(text)`: the same numbers as arrays

    Raises ValueError when params and letters do not fit together.
    """

    _esm = Path(__file__).with_name("gates.js")
    size = (6.6, 3.0)
    alt = (
        "A strip of colours for one unit of the network: a column for every letter of a word, rows for the input, "
        "forget and output gate, the new content, the cell and the output. The gates open and close from letter to letter."
    )

    letters = t.Unicode().tag(sync=True)
    hidden = t.Int(min=1).tag(sync=True)
    weights = t.Unicode().tag(sync=True)  # Wx, Wh, b, Wy, by in a row, float32, as base64
    text = t.Unicode("").tag(sync=True)
    unit = t.Int(0, min=0).tag(sync=True)

    def __init__(self, params, letters, text="johnson", unit=None, **settings):
        self.params = {name: np.asarray(params[name], dtype=np.float32) for name in ("Wx", "Wh", "b", "Wy", "by")}
        k, H = len(letters), len(self.params["Wh"])
        shapes = {"Wx": (k, 4 * H), "Wh": (H, 4 * H), "b": (4 * H,), "Wy": (H, k), "by": (k,)}
        for name, shape in shapes.items():
            if self.params[name].shape != shape:
                raise ValueError(f"{name} has shape {self.params[name].shape}; {k} letters and {H} units need {shape}")
        weights = packed(self.params[name] for name in shapes)
        super().__init__(letters=letters, hidden=H, weights=weights, **settings)
        self.text = text
        self.unit = int(np.argmax(self.gates()["c"].std(axis=0))) if unit is None else unit

    @t.validate("text")
    def _text(self, proposal):
        strange = set(proposal.value) - set(self.letters[1:])
        if strange or len(proposal.value) > 40:
            raise t.TraitError(f"text is at most 40 of the letters {self.letters[1:]}, not {proposal.value!r}")
        return proposal.value

    @t.validate("unit")
    def _unit(self, proposal):
        if self.hidden and proposal.value >= self.hidden:
            raise t.TraitError(f"unit is 0 to {self.hidden - 1}, not {proposal.value}")
        return proposal.value

    def gates(self, text=None):
        """A dict of float32 arrays for the start symbol and every letter of `text` (default: the typed one).

        "i", "f", "o", "g", "c", "h": (len(text) + 1, H); "p": (len(text) + 1, k), probabilities of the next symbol.
        """
        text, P, H = self.text if text is None else text, self.params, self.hidden
        h = c = np.zeros(H, np.float32)
        found = {name: [] for name in (*NAMES, "p")}
        for symbol in self.letters[0] + text:
            z = P["Wx"][self.letters.index(symbol)] + h @ P["Wh"] + P["b"]
            i, f, o = (nets.sigmoid(z[k * H : (k + 1) * H]) for k in (0, 1, 3))
            g = np.tanh(z[2 * H : 3 * H])
            c = f * c + i * g
            h = o * np.tanh(c)
            p = nets.softmax((h @ P["Wy"] + P["by"])[None])[0]
            for name, value in zip(found, (i, f, o, g, c, h, p), strict=True):
                found[name].append(value)
        return {name: np.array(values) for name, values in found.items()}

    def draw(self, fig):
        """The strip of one unit."""
        values = self.gates()
        table = np.array([values[name][:, self.unit] for name in NAMES])
        shown = np.concatenate([table[:3] * 2 - 1, np.clip(table[3:], -1, 1)])
        ax = fig.subplots()
        ax.imshow(shown, cmap=style.DIVERGING, vmin=-1.3, vmax=1.3, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            ax.text(column, row, f"{value:z.1f}", ha="center", va="center", fontsize=8)
        rows = ["input gate i", "forget gate f", "output gate o", "new content g", "cell c", "output h"]
        ax.set(xticks=range(len(self.text) + 1), xticklabels=["start", *self.text], yticks=range(6), yticklabels=rows)
        ax.set_title(f"Unit {self.unit}, letter by letter", fontsize=10, loc="left")
        ax.grid(False)
