"""Text twins and notebooks: one source, one reading. The twin is edited; the notebook is built from it."""

import hashlib
import re
import tomllib
from pathlib import Path

import jupytext
import nbformat

FOLDERS = ("lectures", "solutions", "exercises")
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
NO_ADDRESS = """\
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")
"""
FETCH = """\
try:
    import course_utils
except ModuleNotFoundError:  # a bare runtime, such as Colab: fetch the course once; this needs a network
    %pip install -q "course-utils @ {address}"
    import course_utils
"""


def root():
    """The course's folder: the nearest one, from here upwards, with a lectures folder and a pyproject.toml."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "lectures").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise SystemExit(
        "This is not the course's folder: change to the folder that holds lectures/ and run again."
    )


def address(base):
    """Where the course is installed from on a bare runtime; empty while it is not published."""
    return tomllib.loads((base / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["course"]["address"]


def stems(base, folder="lectures"):
    """The names of the notebooks that have a twin, in order."""
    return sorted(path.stem for path in (base / folder / "text").glob("[0-9]*.py"))


def twin_path(base, folder, stem):
    """Where the text of a notebook lies."""
    return base / folder / "text" / f"{stem}.py"


def notebook_path(base, folder, stem):
    """Where the notebook itself lies."""
    return base / folder / f"{stem}.ipynb"


def read_twin(base, folder, stem):
    """The notebook that a twin stands for: set-up and links filled in, ids and metadata fixed, no outputs."""
    book = jupytext.read(twin_path(base, folder, stem), fmt="py:percent")
    for cell in book.cells:
        tags = cell.metadata.get("tags", [])
        if "setup" in tags:
            cell.source = with_bootstrap(cell.source, address(base))
        if "nav" in tags:
            cell.source = links(base, folder, stem)
    return settle(book, stem)


def settle(book, stem):
    """Give a notebook the course's metadata and ids that depend only on its text; drop everything else."""
    book.metadata = nbformat.from_dict(KERNEL)
    book.nbformat, book.nbformat_minor = 4, 5
    seen = set()
    for cell in book.cells:
        kept = {
            key: cell.metadata[key]
            for key in ("tags", "nbgrader", "deletable", "editable")
            if key in cell.metadata
        }
        cell.metadata = nbformat.from_dict(kept)
        cell.id = _cell_id(cell, stem, seen)
    return book


def _cell_id(cell, stem, seen):
    """The task's name for a cell of an exercise, else a hash of the text: stable while the text is."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    repeat = 0
    while True:
        text = f"{stem}\n{cell.cell_type}\n{cell.source}\n{repeat}"
        cell_id = name or hashlib.sha256(text.encode()).hexdigest()[:8]
        if cell_id not in seen:
            seen.add(cell_id)
            return cell_id
        if name:
            raise SystemExit(f"{stem}: two cells share the name {name!r}; grade_id must be unique.")
        repeat += 1


def write_twin(base, folder, stem):
    """Write the set-up cell and the links back into the twin, where they changed."""
    path = twin_path(base, folder, stem)
    book = jupytext.read(path, fmt="py:percent")
    filled = read_twin(base, folder, stem)
    for cell, new in zip(book.cells, filled.cells, strict=True):
        cell.source = new.source
    write_if_changed(path, twin_text(book))


def twin_text(book):
    """A notebook as the text of its twin: tags and nbgrader metadata kept, no header."""
    plain = nbformat.v4.new_notebook(cells=book.cells)
    for cell in plain.cells:
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in ("tags", "nbgrader")}
        )
    text = jupytext.writes(plain, fmt="py:percent")
    return re.sub(r"\A# ---\n.*?# ---\n+", "", text, flags=re.S)


def with_bootstrap(source, where):
    """The set-up cell's text with the lines that fetch the course on a bare runtime."""
    lines = source.splitlines()
    if lines[0] == "try:":  # an earlier bootstrap: it ends where the next statement begins
        is_part = lambda line: line.startswith((" ", "try:", "except ")) or not line  # noqa: E731
        lines = lines[next(i for i, line in enumerate(lines) if not is_part(line)) :]
    return (FETCH.format(address=where) if where else NO_ADDRESS) + "\n" + "\n".join(lines)


def links(base, folder, stem):
    """The line that leads from a notebook to its neighbours."""
    names = stems(base)
    number = int(stem[:2])
    parts = []
    if folder == "lectures":
        place = names.index(stem)
        if place > 0:
            parts.append(f"[← Lecture {int(names[place - 1][:2])}]({names[place - 1]}.ipynb)")
        for other, word in (("exercises", "Exercise"), ("solutions", "Solution")):
            if twin_path(base, "solutions", stem).exists():
                parts.append(f"[{word} {number}](../{other}/{stem}.ipynb)")
        if place + 1 < len(names):
            parts.append(f"[Lecture {int(names[place + 1][:2])} →]({names[place + 1]}.ipynb)")
    else:
        other, word = ("exercises", "Exercise") if folder == "solutions" else ("solutions", "Solution")
        parts = [
            f"[Lecture {number}](../lectures/{stem}.ipynb)",
            f"[{word} {number}](../{other}/{stem}.ipynb)",
        ]
    badge = colab_badge(base, folder, stem)
    return " · ".join(parts + ["[All lectures](../README.md)"] + ([badge] if badge else []))


def colab_badge(base, folder, stem):
    """A link that opens the notebook on Colab, once the course has an address on GitHub; else nothing."""
    found = re.search(r"github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:@([\w./-]+))?$", address(base))
    if not found:
        return ""
    place = f"{found[1]}/blob/{found[2] or 'main'}/{folder}/{stem}.ipynb"
    return f"[Open in Colab](https://colab.research.google.com/github/{place})"


def write_if_changed(path, text):
    """Write text unless the file holds it already; returns whether it was written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def notebook_text(book):
    """A notebook as the text of its file."""
    return nbformat.writes(book, version=4).rstrip("\n") + "\n"
