"""Every task of every exercise: the stub is friendly, the answer passes, each typical wrong answer is caught."""

import re
import warnings

import matplotlib.pyplot as plt
import pytest
from course import BASE, SOLUTIONS, code_cells, run_cell, tags
from nbclient import NotebookClient

from course_utils import check
from course_utils.cli import exercises, twins

STATES = {"todo", "blocked", "shape", "values", "contract", "error"}
HEADER = re.compile(r"^# %% (?P<task>\w+): (?P<why>.+?) -> (?P<state>\w+)(?: \| (?P<says>.+))?$", re.M)
SEEDS = range(3)  # every wrong answer meets this many sets of random inputs


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def tasks(stem):
    """The names of a solution's coded tasks, in order."""
    return [
        grade_id(c)[: -len("_check")]
        for c in code_cells(twins.read_twin(BASE, "solutions", stem))
        if grade_id(c).endswith("_check")
    ]


def wrong_answers(stem):
    """(task, why, state, fragment, code) of every wrong answer on file."""
    text = (BASE / "tests" / "wrong_answers" / f"{stem}.py").read_text(encoding="utf-8")
    heads = list(HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = [
        (h["task"], h["why"], h["state"], h["says"], text[h.end() : end])
        for h, end in zip(heads, ends, strict=True)
    ]
    assert len(found) == text.count("# %% "), f"{stem}: a header line of a wrong answer does not parse"
    return found


@pytest.fixture(scope="module", autouse=True)
def quiet_figures():
    plt.switch_backend("agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_states = {}


def states(stem):
    """Run a solution once; for every task, the namespace before its answer, and its answer and check cells.

    Namespaces are shallow copies: answers and checks define names, they change no object of an earlier cell.
    """
    if stem not in _states:
        namespace, before = {"__name__": "__main__"}, {}
        cells = code_cells(twins.read_twin(BASE, "solutions", stem))
        answers = {grade_id(c): c for c in cells}
        for cell in cells:
            name = grade_id(cell)
            if f"{name}_check" in answers:
                before[name] = (
                    dict(namespace),
                    cell.source,
                    answers[f"{name}_check"].source,
                    dict(check.results),
                )
            run_cell(cell.source, namespace)
        _states[stem] = before
    return _states[stem]


def verdict(stem, task, answer, seed, monkeypatch):
    """The result of one task's check after `answer` took the place of the solution's cell."""
    monkeypatch.setenv("COURSE_CHECK_SEED", str(seed))
    namespace, _, check_source, results = states(stem)[task]
    namespace = dict(namespace)
    check.results.clear()
    check.results.update(results)
    run_cell(answer, namespace)
    run_cell(check_source, namespace)
    return check.results[task]


WRONG = [(stem, *wrong) for stem in SOLUTIONS for wrong in wrong_answers(stem)]


@pytest.mark.parametrize(
    "stem,task,why,state,says,code", WRONG, ids=[f"{w[0][:2]}-{w[1]}-{w[2]}" for w in WRONG]
)
def test_wrong_answer_is_caught_with_help(stem, task, why, state, says, code, monkeypatch):
    assert state in STATES
    for seed in SEEDS:
        result = verdict(stem, task, code, seed, monkeypatch)
        assert result.state == state, f"{why}: the check says {result!r}"
        assert not says or says in result.message, f"{why}: the message lacks {says!r}: {result.message}"
        assert "check itself" not in result.message, f"{why}: {result.message}"


@pytest.mark.parametrize("stem,task", [(stem, task) for stem in SOLUTIONS for task in tasks(stem)])
def test_solution_passes(stem, task, monkeypatch):
    for seed in SEEDS:
        result = verdict(stem, task, states(stem)[task][1], seed, monkeypatch)
        assert result.state == "right", repr(result)


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_every_task_has_five_wrong_answers(stem):
    counts = {task: 0 for task in tasks(stem)}
    for task, *_ in wrong_answers(stem):
        counts[task] += 1  # a KeyError here names a wrong answer to a task that does not exist
    assert len(counts) >= 6
    assert min(counts.values()) >= 5, counts


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_untouched_exercise_runs_to_its_end(stem):
    book = exercises.exercise(BASE, stem)
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(BASE / "exercises")}}).execute()
    for cell in code_cells(book):
        text = "".join(o.get("text", "") for o in cell.outputs)
        assert not any(o.output_type == "error" for o in cell.outputs)
        if grade_id(cell).endswith("_check"):
            assert re.fullmatch(r"… \w+: not done yet\. .*\n", text), f"{grade_id(cell)} says {text!r}"


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_exercise_holds_no_answer(stem):
    book = exercises.exercise(BASE, stem)
    text = "\n".join(cell.source for cell in book.cells)
    assert "SOLUTION" not in text and "HIDDEN" not in text
    assert not any("solution-only" in tags(cell) for cell in book.cells)
    for name in tasks(stem):
        (cell,) = [c for c in book.cells if grade_id(c) == name]
        assert "raise NotImplementedError" in cell.source, f"{name}: the stub does not raise"


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_summary_knows_all_checked_points(stem):
    cells = code_cells(twins.read_twin(BASE, "solutions", stem))
    points = sum(c.metadata["nbgrader"]["points"] for c in cells if grade_id(c).endswith("_check"))
    assert f"check.summary({points})" in cells[-1].source


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_visible_checks_are_short(stem):
    for cell in exercises.exercise(BASE, stem).cells:
        if grade_id(cell).endswith("_check") and cell.cell_type == "code":
            body = [
                line
                for line in cell.source.splitlines()
                if line.strip() and not line.startswith(("@", "def "))
            ]
            assert len(body) <= 12, f"{grade_id(cell)} has {len(body)} lines"


@pytest.mark.parametrize("stem", SOLUTIONS)
def test_under_grading_an_open_task_raises(stem, monkeypatch):
    monkeypatch.setenv("COURSE_GRADING", "1")
    task = tasks(stem)[0]
    stub = next(c.source for c in exercises.exercise(BASE, stem).cells if grade_id(c) == task)
    with pytest.raises(AssertionError, match="not done yet"):
        verdict(stem, task, stub, 0, monkeypatch)
