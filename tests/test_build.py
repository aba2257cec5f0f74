"""The build: twins and notebooks agree, exercises regenerate byte for byte, and nobody's answers are lost."""

import shutil

import jupytext
import nbformat
import pytest
from click.testing import CliRunner
from course import BASE, NOTEBOOKS, PAIRS, SOLUTIONS, code_cells, stored

from course_utils import cli
from course_utils.cli import exercises, readme, run, twins

SETUP = "import numpy as np\n\nrng = np.random.default_rng(1)"
LECTURE = """\
# %% [markdown]
# # Lecture {number} · Example
#
# > **What is one and one?**

# %% [markdown] tags=["nav"]
#

# %% tags=["setup"]
import numpy as np

# %% [markdown]
# **Reading time:** 3 minutes.

# %%
print(1 + 1)
"""
SOLUTION = """\
# %% [markdown]
# # Exercise 1 · Example

# %% [markdown] tags=["nav"]
#

# %% tags=["setup"]
from course_utils import check

# %% nbgrader={"grade": false, "grade_id": "twice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice(x):
    \"\"\"Return 2 x.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "twice_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("twice", points=1)
def twice_check(t):
    t.close(t.call(twice, 3.0), 6.0)
    ### BEGIN HIDDEN TESTS
    t.close(t.call(twice, -1.0), -2.0)
    ### END HIDDEN TESTS

# %% [markdown] tags=["solution-only"]
# Adding x to itself works as well.
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A course of one lecture and one solution in a folder of its own, which is made the current one."""
    for folder, text in (("lectures", LECTURE.format(number=1)), ("solutions", SOLUTION)):
        (tmp_path / folder / "text").mkdir(parents=True)
        (tmp_path / folder / "text" / "01_example.py").write_text(text)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "README.md").write_text(f"# A course\n\n{readme.BEGIN}\n{readme.END}\n")
    (tmp_path / "pyproject.toml").write_text('[tool.course]\naddress = ""\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(*arguments):
    return CliRunner().invoke(cli.main, ["build", *arguments])


def snapshot(folder):
    return {
        p.relative_to(folder): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and ".build" not in p.parts
    }


# --- the course as it is stored -----------------------------------------------------------------------------


@pytest.mark.parametrize("folder,stem", PAIRS)
def test_notebook_is_what_its_twin_says(folder, stem):
    book, built = stored(folder, stem), twins.read_twin(BASE, folder, stem)
    assert len(book.cells) == len(built.cells), "rebuild with `course build`"
    for have, want in zip(book.cells, built.cells, strict=True):
        for part in ("cell_type", "source", "id", "metadata"):
            assert have[part] == want[part], f"{part} of a cell differs from the twin:\n{want.source[:200]}"
    assert book.metadata == built.metadata
    assert twins.notebook_text(book) == twins.notebook_path(BASE, folder, stem).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder,stem", PAIRS)
def test_twin_is_in_its_final_form(folder, stem):
    path = twins.twin_path(BASE, folder, stem)
    filled = jupytext.read(path, fmt="py:percent")
    for cell, new in zip(filled.cells, twins.read_twin(BASE, folder, stem).cells, strict=True):
        assert cell.source == new.source, (
            f"links or set-up are out of date in {path.name}: run `course build`"
        )
    assert twins.twin_text(filled) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder,stem", PAIRS)
def test_every_code_cell_was_run_in_order(folder, stem):
    counts = [cell.execution_count for cell in code_cells(stored(folder, stem))]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_exercise_regenerates_byte_for_byte(stem):
    path = twins.notebook_path(BASE, "exercises", stem)
    assert path.read_text(encoding="utf-8") == twins.notebook_text(exercises.exercise(BASE, stem))


@pytest.mark.parametrize("folder,stem", NOTEBOOKS)
def test_links_lead_somewhere(folder, stem):
    import re

    for cell in stored(folder, stem).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#\s]+)\)", cell.source):
                if "://" not in target:
                    assert (BASE / folder / target).exists(), f"{folder}/{stem} links to {target}"


def test_readme_table_is_current():
    assert readme.updated(BASE) == (BASE / "README.md").read_text(encoding="utf-8"), "run `course build`"


# --- the build itself, on a course of one lecture -----------------------------------------------------------


def test_build_makes_everything_and_then_changes_nothing(small):
    first = build()
    assert first.exit_code == 0, first.output
    book = nbformat.read(small / "lectures/01_example.ipynb", as_version=4)
    assert book.cells[-1].outputs[0]["text"] == "2\n"
    assert (
        "| 1 | [Example](lectures/01_example.ipynb) | What is one and one? |"
        in (small / "README.md").read_text()
    )
    before = snapshot(small)
    second = build()
    assert second.output.count("kept") == 2 and "ran" not in second.output
    assert snapshot(small) == before


def test_forced_build_changes_nothing(small):
    build()
    before = snapshot(small)
    assert build("--force").output.count("ran") == 2
    assert snapshot(small) == before


def test_only_what_changed_runs_again(small):
    build()
    path = small / "lectures/text/01_example.py"
    path.write_text(path.read_text().replace("1 + 1", "1 + 2"))
    output = build().output
    assert output.count("ran") == 1 and output.count("kept") == 1
    assert (
        nbformat.read(small / "lectures/01_example.ipynb", as_version=4).cells[-1].outputs[0]["text"] == "3\n"
    )


def test_failing_cell_is_named_and_nothing_is_overwritten(small):
    build()
    before = (small / "lectures/01_example.ipynb").read_bytes()
    path = small / "lectures/text/01_example.py"
    path.write_text(path.read_text().replace("1 + 1", "1 / 0"))
    result = build()
    assert result.exit_code and "lectures/01_example" in str(result.output) + str(result.exception)
    assert (small / "lectures/01_example.ipynb").read_bytes() == before


def test_edited_notebook_goes_back_to_its_twin(small):
    build()
    path = small / "lectures/01_example.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells[-1].source = "print(2 + 2)"
    nbformat.write(book, path)
    result = CliRunner().invoke(cli.main, ["twin", str(path)])
    assert "written" in result.output
    assert "print(2 + 2)" in (small / "lectures/text/01_example.py").read_text()
    assert build().exit_code == 0


def test_new_lecture_gets_links_both_ways(small):
    (small / "lectures/text/02_more.py").write_text(LECTURE.format(number=2))
    build("--no-run")
    assert "[Lecture 2 →](02_more.ipynb)" in (small / "lectures/text/01_example.py").read_text()
    assert "[← Lecture 1](01_example.ipynb)" in (small / "lectures/text/02_more.py").read_text()


def test_exercise_lacks_answer_hidden_test_and_explanation(small):
    build()
    book = nbformat.read(small / "exercises/01_example.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in book.cells)
    assert "2 * x" not in text and "-2.0" not in text and "itself" not in text
    assert exercises.STUB in text and '"""Return 2 x."""' in text
    assert "[Solution 1](../solutions/01_example.ipynb)" in text


def answered(small):
    """Put an answer into the exercise; returns its path and its bytes."""
    path = small / "exercises/01_example.ipynb"
    book = nbformat.read(path, as_version=4)
    cell = next(c for c in book.cells if "raise NotImplementedError" in c.source)
    cell.source = cell.source.replace(exercises.STUB, "return x + x")
    nbformat.write(book, path)
    return path, path.read_bytes()


def test_answers_are_not_overwritten(small):
    build()
    path, work = answered(small)
    result = build()
    assert result.exit_code and "exercises/01_example.ipynb holds answers" in str(result.exception)
    assert path.read_bytes() == work
    assert [kept.read_bytes() for kept in (small / "exercises/kept").iterdir()] == [work]


def test_answers_are_replaced_only_on_request_and_kept(small):
    build()
    path, work = answered(small)
    assert build("--replace").exit_code == 0
    assert path.read_bytes() != work and not exercises.holds_answers(path)
    assert [kept.read_bytes() for kept in (small / "exercises/kept").iterdir()] == [work]


def test_exercise_that_was_only_run_counts_as_untouched(small):
    build()
    path = small / "exercises/01_example.ipynb"
    book = nbformat.read(path, as_version=4)
    run.NotebookClient(book, timeout=60).execute()
    nbformat.write(book, path)
    assert not exercises.holds_answers(path)


def test_half_saved_exercise_counts_as_answers(small):
    build()
    path = small / "exercises/01_example.ipynb"
    path.write_bytes(path.read_bytes()[:200])
    assert exercises.holds_answers(path)
    assert build().exit_code


def test_two_cells_with_one_name_are_refused(small):
    path = small / "solutions/text/01_example.py"
    path.write_text(path.read_text().replace('"twice_check"', '"twice"'))
    result = build("--no-run")
    assert "two cells share the name 'twice'" in str(result.exception)


def test_outside_a_course_the_command_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "not the course's folder" in str(build().exception)


def test_unknown_name_is_reported(small):
    assert "Nothing is called 17" in str(build("17").exception)


def test_setup_cell_fetches_the_course_once_it_has_an_address(small):
    plain = twins.with_bootstrap(SETUP, "")
    assert "%pip" not in plain and plain.endswith(SETUP)
    address = "git+https://github.com/someone/course.git"
    fetching = twins.with_bootstrap(plain, address)
    assert f'%pip install -q "course-utils @ {address}"' in fetching and fetching.endswith(SETUP)
    assert twins.with_bootstrap(fetching, "") == plain


def test_badges_appear_only_with_an_address(small):
    assert twins.colab_badge(small, "lectures", "01_example") == "" and "Colab" not in readme.table(small)
    (small / "pyproject.toml").write_text(
        '[tool.course]\naddress = "git+https://github.com/some/course.git"\n'
    )
    link = "https://colab.research.google.com/github/some/course/blob/main/lectures/01_example.ipynb"
    assert link in twins.links(small, "lectures", "01_example") and link in readme.table(small)


def test_stripping_drops_timings_views_and_redrawn_bars():
    view = {run.WIDGET_VIEW: {}, "image/png": "x", "text/plain": "a demo"}
    outputs = [
        nbformat.v4.new_output("display_data", data=view),
        nbformat.v4.new_output("stream", name="stderr", text="\r 10%\r100%\n"),
    ]
    cell = nbformat.v4.new_code_cell(
        "x", outputs=outputs, metadata={"execution": {"iopub": "now"}, "tags": ["a"]}
    )
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": 1}})
    run.strip(book)
    assert run.WIDGET_VIEW not in cell.outputs[0].data and cell.outputs[1]["text"] == "100%\n"
    assert cell.metadata == {"tags": ["a"]} and "widgets" not in book.metadata


def test_build_leaves_no_stray_files(small):
    build()
    shutil.rmtree(small / ".build")
    names = {path.name for path in small.rglob("*") if path.is_file()}
    assert names == {"01_example.py", "01_example.ipynb", "README.md", "pyproject.toml"}


def test_stripping_makes_one_line_of_a_bar_that_wrote_often():
    cell = nbformat.v4.new_code_cell("train()")
    note = lambda text, name="stderr": nbformat.v4.new_output("stream", name=name, text=text)  # noqa: E731
    cell.outputs = [note("\r  0%"), note("\r 50%"), note("done\n", "stdout"), note("\r100%\n"), note("\r100%\n\n")]
    book = nbformat.v4.new_notebook(cells=[cell])
    run.strip(book)
    assert [(output.name, output.text) for output in cell.outputs] == [("stderr", "100%\n100%\n"), ("stdout", "done\n")]
