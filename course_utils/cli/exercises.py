"""Exercises from solutions, with nbgrader's own preprocessors; a student's answers are never overwritten."""

import hashlib
import shutil

import nbformat
from nbgrader import preprocessors
from traitlets.config import Config

from . import twins

STUB = 'raise NotImplementedError("your turn: write this, run it, then run the check below")'
TEXT_STUB = "*Your answer here.*"
STEPS = (
    preprocessors.ClearSolutions,
    preprocessors.LockCells,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ClearHiddenTests,
    preprocessors.ComputeChecksums,
)


def exercise(base, stem):
    """The exercise notebook that belongs to a solution: answers, hidden tests and explanations removed."""
    book = twins.read_twin(base, "solutions", stem)
    book.cells = [cell for cell in book.cells if "solution-only" not in cell.metadata.get("tags", [])]
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    for step in STEPS:
        book, _ = step(config=config).preprocess(book, {})
    for cell in book.cells:
        if "nav" in cell.metadata.get("tags", []):
            cell.source = twins.links(base, "exercises", stem)
    twins.settle(book, stem)
    book.metadata["course"] = {"released": _content(book)}
    return book


def _content(book):
    """A hash of the text of all cells: it changes when a student answers, not when cells are run."""
    return hashlib.sha256(repr([(c.cell_type, c.source) for c in book.cells]).encode()).hexdigest()[:16]


def holds_answers(path):
    """Whether an exercise was edited since it was generated."""
    if not path.exists():
        return False
    try:
        stored = nbformat.read(path, as_version=4)
    except Exception:  # a file that cannot be read may still be somebody's work
        return True
    return _content(stored) != stored.metadata.get("course", {}).get("released")


def keep_copy(base, path):
    """Copy an exercise to exercises/kept/ under a name that depends on its content; returns the copy."""
    name = f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.ipynb"
    kept = base / "exercises" / "kept" / name
    kept.parent.mkdir(exist_ok=True)
    return shutil.copy2(path, kept)


def release(base, stem, replace=False):
    """Write one exercise. Returns a message when it holds answers (a copy is kept, nothing is overwritten)."""
    path = twins.notebook_path(base, "exercises", stem)
    book = exercise(base, stem)
    if holds_answers(path):
        kept = keep_copy(base, path).relative_to(base)
        if not replace:
            return (
                f"{path.relative_to(base)} holds answers: it was left as it is, and copied to {kept}. "
                "To replace it by the new version, run again with --replace."
            )
    stored = nbformat.read(path, as_version=4) if path.exists() and not replace else None
    if stored is None or _content(stored) != _content(book) or stored.metadata != book.metadata:
        twins.write_if_changed(path, twins.notebook_text(book))
    return None
