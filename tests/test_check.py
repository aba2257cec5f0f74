"""The checks: each passes what is right, refuses what is wrong, and says so in words."""

import numpy as np
import pytest
import torch

from course_utils import check


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(check, "results", {})
    monkeypatch.setenv("COURSE_CHECK_SEED", "7")


# --- lectures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value,printed",
    [(0.3589164797, "0.358916480"), (-0.1534264, "-.153426"), (9, "9"), (3.510194e-5, "3.51019e-5")],
)
def test_worked_accepts_every_digit(value, printed, capsys):
    check.worked("w", value, printed)
    assert capsys.readouterr().out == f"w = {printed} ✓\n"


@pytest.mark.parametrize(
    "value,printed", [(0.3589164797, "0.358916481"), (9, "8"), (-1.0, "1"), (3.51019e-5, "3.51018e-5")]
)
def test_worked_refuses_one_wrong_digit(value, printed):
    with pytest.raises(AssertionError, match="is printed"):
        check.worked("w", value, printed)


def test_worked_reads_arrays_and_counts_them(capsys):
    check.worked("map", np.array([[4, 3], [2, 4]]), "4 3 2 4")
    with pytest.raises(AssertionError, match="4 numbers computed, 3 printed"):
        check.worked("map", np.array([[4, 3], [2, 4]]), "4 3 2")


def test_same_compares_values_and_shapes():
    check.same("x", np.ones(3), torch.ones(3, dtype=torch.float64))
    with pytest.raises(AssertionError, match="it is not"):
        check.same("x", np.ones(3), np.ones(3) + 1e-9)
    with pytest.raises(AssertionError, match="shapes"):
        check.same("x", np.ones((3, 1)), np.ones(3))


def test_same_refuses_nan():
    with pytest.raises(AssertionError):
        check.same("x", np.array([np.nan]), np.array([0.0]))


def test_gradient_proves_and_refuses():
    x = np.random.default_rng(0).normal(size=(3, 2))
    before = x.copy()
    check.gradient("dx", lambda: np.sum(x**3), x, 3 * x**2)
    assert np.array_equal(x, before)
    for wrong in (-3 * x**2, 3 * x**2 / 3, np.full_like(x, np.nan)):
        with pytest.raises(AssertionError):
            check.gradient("dx", lambda: np.sum(x**3), x, wrong)
    with pytest.raises(AssertionError, match="shape"):
        check.gradient("dx", lambda: np.sum(x**3), x, (3 * x**2).T)


def test_gradient_needs_float64():
    x = np.ones(3, np.float32)
    with pytest.raises(TypeError, match="float64"):
        check.gradient("dx", lambda: x.sum(), x, np.ones(3))


def test_claim_holds_its_bound(capsys):
    check.claim("accuracy", 0.98, at_least=0.97)
    check.claim("error", 0.02, at_most=0.03)
    assert "accuracy: measured 0.98, at least 0.97 ✓" in capsys.readouterr().out
    for bounds in ({"at_least": 0.99}, {"at_most": 0.97}):
        with pytest.raises(AssertionError):
            check.claim("accuracy", 0.98, **bounds)
    with pytest.raises(AssertionError):
        check.claim("accuracy", float("nan"), at_least=0)
    with pytest.raises(ValueError, match="exactly one"):
        check.claim("accuracy", 0.98)


# --- exercises ----------------------------------------------------------------------------------------------


def judge(answer, test):
    @check.task("it", points=2)
    def result(t):
        test(t, answer)

    return result


def mean_check(t, f):
    X = t.rng.normal(size=(5, 3))
    t.close(t.call(f, X), np.array([X[:, j].sum() / 5 for j in range(3)]), "the mean")


def in_place(X):
    X -= X.mean()
    return X.mean(axis=0)


def not_yet(X):
    raise NotImplementedError("your turn")


@pytest.mark.parametrize(
    "answer,state,says",
    [
        (lambda X: X.mean(axis=0), "right", "right (2 points)"),
        (not_yet, "todo", "not done yet"),
        (lambda X: None, "shape", "`return`"),
        (lambda X: X.mean(axis=1), "shape", "has shape (5,), expected (3,)"),
        (lambda X: "a", "shape", "array of numbers"),
        (lambda X: [1, [2, 3]], "shape", "array of numbers"),
        (lambda X: X.sum(axis=0), "values", "the same factor, 5"),
        (lambda X: -X.mean(axis=0), "values", "sign is flipped"),
        (lambda X: X.mean(axis=0) + 1, "values", "the same amount"),
        (lambda X: X.mean(axis=0) / 0, "values", "nan or inf"),
        (lambda X: X.mean(axis=0).astype(np.float32), "contract", "float32"),
        (in_place, "contract", "changes its input"),
        (lambda X: X @ X, "error", "stopped with ValueError"),
        (lambda X: 1 if X > 0 else 0, "error", "np.where"),
        (lambda X: no_such_name, "error", "`no_such_name`"),  # noqa: F821
    ],
)
def test_verdicts(answer, state, says):
    with np.errstate(all="ignore"):
        result = judge(answer, mean_check)
    assert result.state == state and says in result.message, repr(result)
    assert bool(result) == (state == "right")


def test_the_callers_array_survives_an_answer_that_changes_it():
    X = np.arange(6.0).reshape(3, 2)
    assert judge(in_place, lambda t, f: t.call(f, X)).state == "contract"
    assert np.array_equal(X, np.arange(6.0).reshape(3, 2))


def test_a_missing_cell_is_blocked():
    result = judge(None, lambda t, f: t.call(an_earlier_answer))  # noqa: F821
    assert result.state == "blocked" and "`an_earlier_answer`" in result.message


def test_transposed_values_are_named():
    A = np.random.default_rng(0).normal(size=(3, 3))
    assert "transposed" in judge(lambda X: A.T, lambda t, f: t.close(t.call(f, A), A)).message


def test_gradient_of_a_task():
    def gradient_check(t, f):
        x = t.rng.normal(size=4)
        t.gradient(lambda: np.sum(x**2), x, t.call(f, x))

    assert judge(lambda x: 2 * x, gradient_check)
    assert "same factor, 0.5" in judge(lambda x: x, gradient_check).message


def test_an_open_task_is_named():
    assert "Write `not_yet`" in judge(not_yet, mean_check).message


def test_several_answers():
    pair = lambda t, f: t.several(t.call(f, 1.0), "W, b")  # noqa: E731
    assert judge(lambda x: (x, x), pair) and judge(lambda x: [x, x], pair)
    for answer in (lambda x: x, lambda x: (x, x, x), lambda x: np.ones(2)):
        result = judge(answer, pair)
        assert result.state == "shape" and "W, b" in result.message


@pytest.mark.parametrize("score,earned,says", [(0.9, 1, "next is at 0.95"), (0.95, 2, "0.95 reached)")])
def test_ladder_gives_the_points_of_the_step_reached(score, earned, says):
    result = judge(score, lambda t, f: t.ladder(f, {0.9: 1, 0.95: 2}, "accuracy"))
    assert result and result.earned == earned and says in result.message


def test_ladder_below_the_first_step_is_open():
    result = judge(0.89, lambda t, f: t.ladder(f, {0.9: 1, 0.95: 2}, "accuracy"))
    assert result.state == "values" and result.earned == 0 and "first step is at 0.9" in result.message


def test_fresh_inputs_every_time(monkeypatch):
    monkeypatch.delenv("COURSE_CHECK_SEED")
    drawn = []
    for _ in range(2):
        judge(None, lambda t, f: drawn.append(t.rng.normal()))
    assert drawn[0] != drawn[1]


def test_grading_raises_for_all_but_right(monkeypatch):
    monkeypatch.setenv("COURSE_GRADING", "1")
    assert judge(lambda X: X.mean(axis=0), mean_check)
    with pytest.raises(AssertionError, match="not done yet"):
        judge(not_yet, mean_check)


def test_done_and_summary(capsys):
    judge(lambda X: X.mean(axis=0), mean_check)
    assert check.done("it") and not check.done("it", "another")
    check.summary(9)
    out = capsys.readouterr().out
    assert "waits for: another" in out and "✓ it: 2 of 2" in out and "2 of the 9 points" in out


def test_a_factor_of_one_is_no_hint():
    wrong = np.array([1.0, 2.0, 3.0])  # right where the reference is not 0
    message = judge(lambda: wrong, lambda t, f: t.close(t.call(f), np.array([1.0, 2.0, 0.0]))).message
    assert "factor" not in message
