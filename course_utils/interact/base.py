"""What every demo shares: a live widget where a kernel runs, a described picture everywhere else."""

import base64
import io
from html import escape

import anywidget
import numpy as np
import traitlets as t
from matplotlib.figure import Figure


class Rows(t.List):
    """A list trait that takes an array too; what travels to the browser is nested lists."""

    def validate(self, obj, value):
        return super().validate(obj, value.tolist() if isinstance(value, np.ndarray) else value)


def packed(arrays):
    """Arrays laid out in a row as float32, as base64 text: how weights travel to the browser."""
    row = np.concatenate([np.ravel(a) for a in arrays]).astype("<f4")
    return base64.b64encode(row.tobytes()).decode()


class Demo(anywidget.AnyWidget):
    """A demo with a static fallback.

    Subclasses set `_esm` (the path of the ES module beside them), declare their traits, and implement

    - `alt`: one or two sentences that say what the static picture shows, and
    - `draw(fig)`: draw that picture on an empty `matplotlib.figure.Figure`.

    JupyterLab shows the live widget; GitHub, nbconvert, PDF and untrusted notebooks show the picture.
    """

    _ipython_display_ = None  # ipywidgets 7 (Colab) would otherwise drop the picture
    alt = ""
    size = (5.0, 3.2)  # inches of the static picture

    def draw(self, fig):
        """Draw the static picture on `fig` (a `matplotlib.figure.Figure`)."""
        raise NotImplementedError

    def picture(self):
        """Return the static picture as PNG bytes."""
        fig = Figure(figsize=self.size, layout="constrained", dpi=110)
        self.draw(fig)
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()

    def _repr_mimebundle_(self, **kwargs):
        live = super()._repr_mimebundle_(**kwargs)
        data, metadata = live if isinstance(live, tuple) else (live or {}, {})
        png = base64.b64encode(self.picture()).decode()
        name = type(self).__name__
        data = dict(data)
        data["image/png"] = png
        data["text/html"] = (
            f'<img alt="{escape(self.alt)}" src="data:image/png;base64,{png}">'
            "<p>Run this cell to play with the live version.</p>"
        )
        data["text/plain"] = f"{name}: {self.alt}"
        return data, {**metadata, "image/png": {"alt": self.alt}}
