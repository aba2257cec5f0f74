"""Run notebooks, two at a time, and keep what a reader needs: outputs without volatile metadata."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from tqdm import tqdm

from . import twins

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def fingerprint(base, book):
    """A hash of all that a notebook's outputs depend on: its code and the package."""
    digest = hashlib.sha256(repr([(c.cell_type, c.source) for c in book.cells]).encode())
    package = base / "course_utils"
    for path in sorted([*package.glob("*.*"), *(package / "interact").glob("*.*")]):
        if path.suffix in (".py", ".js", ".mplstyle"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp_path(base, folder, stem):
    """The note of the last finished run: fingerprint and seconds."""
    return base / ".build" / f"{folder}-{stem}.json"


def outputs_are_current(base, folder, stem, book):
    """Whether the stored notebook already holds the outputs of this very text."""
    stamp, path = stamp_path(base, folder, stem), twins.notebook_path(base, folder, stem)
    if not (stamp.exists() and path.exists()):
        return False
    stored = nbformat.read(path, as_version=4)
    same = [c.source for c in stored.cells] == [c.source for c in book.cells]
    return same and json.loads(stamp.read_text())["fingerprint"] == fingerprint(base, book)


def execute(base, folder, stem, book, on_cell=lambda **_: None, timeout=300):
    """Run `book` in its folder, write the notebook and its stamp; returns the seconds it took.

    Raises RuntimeError that names the notebook and shows the failing cell; the stored notebook stays as it was.
    """
    client = NotebookClient(
        book,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(base / folder)}},
        on_cell_executed=on_cell,
        extra_arguments=["--IPKernelApp.log_level=40"],  # quiet about the transport it uses
    )
    start = time.perf_counter()
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError) as problem:
        raise RuntimeError(
            f"{folder}/{stem}: a cell failed, the stored notebook was left as it is.\n{problem}"
        ) from None
    seconds = time.perf_counter() - start
    strip(book)
    twins.write_if_changed(twins.notebook_path(base, folder, stem), twins.notebook_text(book))
    stamp = stamp_path(base, folder, stem)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(json.dumps({"fingerprint": fingerprint(base, book), "seconds": round(seconds, 1)}))
    return seconds


def strip(book):
    """Remove what changes from run to run or needs a live kernel: timings, widget state, redrawn progress bars."""
    book.metadata = nbformat.from_dict(twins.KERNEL)
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:
            cell.outputs = with_one_stderr(cell.outputs)
        for output in cell.get("outputs", []):
            if "data" in output and "image/png" in output["data"]:
                output["data"].pop(WIDGET_VIEW, None)
            if output.output_type == "stream":
                lines = output["text"].split("\n")
                output["text"] = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)


def with_one_stderr(outputs):
    """The outputs with all text of stderr in one piece: a progress bar that wrote a hundred times is one line then."""
    pieces = [output for output in outputs if output.get("name") == "stderr"]
    if pieces:
        pieces[0]["text"] = "".join(piece["text"] for piece in pieces).rstrip() + "\n"
    return [output for output in outputs if output.get("name") != "stderr" or output is pieces[0]]


def run_all(base, jobs, workers=2):
    """Execute (folder, stem, book) jobs, `workers` at a time, under one progress bar.

    Returns {(folder, stem): seconds} and a list of error messages; one failure does not stop the others.
    """
    seconds, failures = {}, []
    cells = sum(cell.cell_type == "code" for _, _, book in jobs for cell in book.cells)
    with tqdm(total=cells, unit="cell", disable=not jobs) as bar, ThreadPoolExecutor(workers) as pool:

        def one(job):
            folder, stem, book = job
            try:
                seconds[folder, stem] = execute(base, folder, stem, book, on_cell=lambda **_: bar.update())
            except RuntimeError as problem:
                failures.append(str(problem))

        list(pool.map(one, jobs))
    return seconds, failures
