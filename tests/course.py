"""What several tests need: where the course is, its notebooks, and their cells run in this process."""

import contextlib
import io
import re
from pathlib import Path

import nbformat

from course_utils.cli import twins

BASE = Path(__file__).resolve().parents[1]
LECTURES = twins.stems(BASE)
SOLUTIONS = twins.stems(BASE, "solutions")
PAIRS = [(folder, stem) for folder in ("lectures", "solutions") for stem in twins.stems(BASE, folder)]
NOTEBOOKS = PAIRS + [("exercises", stem) for stem in SOLUTIONS]


def stored(folder, stem):
    """A notebook as it lies in the course, with its outputs."""
    return nbformat.read(twins.notebook_path(BASE, folder, stem), as_version=4)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def printed(cell):
    """All text that a stored code cell printed or displayed."""
    texts = [
        o.get("text", "") if o.output_type == "stream" else o.get("data", {}).get("text/plain", "")
        for o in cell.outputs
    ]
    return "\n".join(texts)


def tags(cell):
    return cell.metadata.get("tags", [])


def run_cell(source, namespace):
    """Run a cell's source in a namespace, as a script would; returns what it printed."""
    out = io.StringIO()
    plain = re.sub(r"^(\s*)%.*$", r"\1pass", source, flags=re.M)  # magics mean nothing outside a notebook
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(plain, "<cell>", "exec"), namespace)
    return out.getvalue()
