"""The tests can fail: one digit, one sign, one dead line turns them red."""

import copy
import re
import subprocess
import sys

import nbformat
import pytest
from course import BASE, stored, tags

from course_utils.cli import twins


def section(stem, heading):
    """A notebook of the set-up cell and one section of a lecture, with the stored outputs."""
    book = stored("lectures", stem)
    kept, inside = [], False
    for cell in book.cells:
        if cell.cell_type == "markdown" and (found := re.match(r"## (.+)", cell.source)):
            inside = found[1] == heading
        if inside or "setup" in tags(cell):
            kept.append(cell)
    assert len(kept) > 3, f"{stem} has no section {heading!r}"
    book.cells = kept
    return book


def compare(book, folder):
    """Run nbval on a notebook in a folder; returns its exit status and its report."""
    path = folder / "mutant.ipynb"
    path.write_text(twins.notebook_text(book), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-cell-timeout", "60"]
    command += ["-p", "conftest", "-p", "no:cacheprovider"]  # the course's mends of nbval, as everywhere else
    command += ["-c", str(BASE / "pyproject.toml"), "--rootdir", str(BASE)]
    command += ["--nbval-sanitize-with", str(BASE / "tests/nbval.cfg")]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=BASE, timeout=300)
    return done.returncode, done.stdout + done.stderr


def changed(book, old, new, part):
    """A copy of a notebook in which the first `old` in its sources or outputs has become `new`."""
    book = copy.deepcopy(book)
    for cell in book.cells:
        if part == "source" and cell.cell_type == "code" and old in cell.source:
            cell.source = cell.source.replace(old, new, 1)
            return book
        for output in cell.get("outputs", []) if part == "output" else []:
            if old in output.get("text", ""):
                output["text"] = output["text"].replace(old, new, 1)
                return book
    raise AssertionError(f"nothing to change: {old!r} is in no {part}")


@pytest.fixture(scope="module")
def worked_example():
    return section("02_backpropagation", WORKED_SECTION)


WORKED_SECTION = "4 The 2-2-2 network, to every digit"
MUTANTS = [
    ("a digit of a stored output", "0.358916480", "0.358916481", "output"),
    ("a digit of an asserted number", "0.358916480", "0.358916481", "source"),
    ("a sign in the output error", "dE_do, do_dnet = -(t - a2)", "dE_do, do_dnet = (t - a2)", "source"),
    ("a sign in the hidden error", "delta1 = (W2 @ delta2)", "delta1 = -(W2 @ delta2)", "source"),
    ("a sign in the update", "W2 - eta * dW2", "W2 + eta * dW2", "source"),
]


def test_the_section_as_it_stands_is_green(worked_example, tmp_path):
    status, report = compare(worked_example, tmp_path)
    assert status == 0, report


@pytest.mark.parametrize("what,old,new,part", MUTANTS, ids=[m[0] for m in MUTANTS])
def test_mutant_is_red(worked_example, tmp_path, what, old, new, part):
    status, report = compare(changed(worked_example, old, new, part), tmp_path)
    assert status == 1 and "failed" in report, f"{what} went unnoticed"


def test_a_dead_kernel_is_noticed_at_once(tmp_path):
    cell = nbformat.v4.new_code_cell("import os; os._exit(1)", execution_count=1)
    status, report = compare(nbformat.v4.new_notebook(cells=[cell], metadata=twins.KERNEL), tmp_path)
    assert status == 1 and "kernel died" in report
