"""Checks: worked numbers, gradients, agreement, results with their bounds, and the tasks of the exercises.

In lectures: `worked`, `same`, `gradient`, `claim`. Each asserts, and prints one line that stays the same from
run to run but for the number after "measured". In exercises: `task`, `done`, `summary`.
"""

import copy
import inspect
import os
import traceback

import numpy as np


def worked(name, value, printed):
    """Assert that a computed number has every digit of the printed one, and print it.

    value: a number or an array; printed: the expected digits as text, such as "0.751365070" or "2 4 3"
    (numbers in reading order, separated by spaces; "1.5e-3" is understood).
    """
    values, texts = np.ravel(_numpy(value)), printed.split()
    assert len(values) == len(texts), f"{name}: {len(values)} numbers computed, {len(texts)} printed"
    for got, text in zip(values, texts, strict=True):
        mantissa, _, exponent = text.lower().partition("e")
        unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        close = abs(float(got) - float(text)) <= 0.5000001 * unit + 1e-14 * abs(float(text))
        assert close, f"{name}: computed {float(got):.12g}, but {text} is printed"
    print(f"{name} = {' '.join(texts)} ✓")


def same(name, ours, theirs, tol=1e-10):
    """Assert that two numbers or arrays (NumPy or PyTorch) of one shape differ nowhere by more than `tol`."""
    ours, theirs = _numpy(ours), _numpy(theirs)
    assert ours.shape == theirs.shape, f"{name}: shapes {ours.shape} and {theirs.shape} differ"
    worst = float(np.max(np.abs(ours - theirs), initial=0.0))
    _verdict(name, "largest difference", worst, f"at most {tol:g}", worst <= tol)


def numerical_gradient(f, x, eps=1e-6):
    """Central differences of f() in every entry of the float64 array x, which f reads; x is left as it was.

    f: a function without arguments that returns a number. The error is of order eps² plus 1e-16 / eps.
    """
    if x.dtype != np.float64:
        raise TypeError(f"finite differences need float64, not {x.dtype}: float32 has too few digits")
    slope = np.empty_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + eps
        above = f()
        x[index] = old - eps
        below = f()
        x[index] = old
        slope[index] = (above - below) / (2 * eps)
    return slope


def relative_error(a, b):
    """The largest difference of two arrays, in units of their largest entry (0 if both are zero)."""
    a, b = _numpy(a), _numpy(b)
    scale = max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
    return float(np.max(np.abs(a - b), initial=0.0) / scale) if scale else 0.0


def gradient(name, f, x, dx, tol=1e-6, eps=1e-6):
    """Assert that dx is the gradient of f() in the array x (float64), by central differences.

    f: a function without arguments that reads x and returns the loss; dx: the gradient to prove, x's shape.
    The error is the largest difference in units of the largest entry. Every entry of x is tried.
    """
    dx = _numpy(dx)
    assert dx.shape == x.shape, f"{name}: a gradient has the shape of its variable, {x.shape}, not {dx.shape}"
    worst = relative_error(numerical_gradient(f, x, eps), dx)
    _verdict(f"{name} against finite differences", "worst relative error", worst, f"at most {tol:g}", worst <= tol)


_recorder = None  # a list while the seeds behind the claims are being run; see the command `course claims`


def claim(name, value, at_least=None, at_most=None):
    """Assert a result of training and print it; exactly one bound, which holds over the seeds of tests/claims.json."""
    if (at_least is None) == (at_most is None):
        raise ValueError("claim takes exactly one of at_least and at_most")
    if _recorder is not None:
        _recorder.append({"name": name, "value": float(value), "at_least": at_least, "at_most": at_most})
        return
    holds = value >= at_least if at_most is None else value <= at_most
    bound = f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"
    _verdict(name, "", float(value), bound, holds)


def _verdict(name, what, value, bound, holds):
    line = f"{name}: {what + ' ' if what else ''}measured {value:.4g}, {bound}"
    assert holds, f"{line}: it is not"
    print(f"{line} ✓")


def _numpy(value):
    """A NumPy array of a number, an array or a PyTorch tensor (which need not be imported here)."""
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


# --- in exercises -------------------------------------------------------------------------------------------

SIGNS = {"right": "✓", "todo": "…", "blocked": "↑"}  # every other verdict is a "✗"
results = {}  # the latest verdict on every task of this notebook


class Result:
    """The verdict on one task. `state`: right, todo, blocked, shape, values, contract or error."""

    def __init__(self, name, state, message, points, earned):
        self.name, self.state, self.message, self.points = name, state, message, points
        self.earned = earned if state == "right" else 0

    def __bool__(self):
        return self.state == "right"

    def __repr__(self):
        return f"{SIGNS.get(self.state, '✗')} {self.name}: {self.message}"


class Stop(Exception):
    """Ends a check with a verdict, Stop(state, message); raised by the methods of `Tester`."""


def task(name, points=1):
    """Decorate a check: it runs at once, prints a verdict, and leaves a `Result` under the function's name.

    The check takes one argument, a `Tester`. An open task is reported, not raised, so that the notebook runs
    to its end; while grading (COURSE_GRADING set) everything but "right" raises AssertionError.
    """

    def run(check):
        seed = int(os.environ.get("COURSE_CHECK_SEED", np.random.SeedSequence().entropy % 2**31))
        tester = Tester(np.random.default_rng(seed), points)
        try:
            check(tester)
            verdict = "right", f"right ({tester.earned} {'point' if tester.earned == 1 else 'points'}{tester.note})"
        except Stop as stop:
            verdict = stop.args
        except NotImplementedError as problem:
            open_ = traceback.extract_tb(problem.__traceback__)[-1].name
            verdict = "todo", f"not done yet. Write `{open_}`, run its cell, then run this cell again."
        except NameError as problem:
            verdict = "blocked", f"`{problem.name}` is not defined here: run the cells above, from the top, first."
        except Exception as problem:
            verdict = "error", f"the check itself stopped: {_short(problem)}"
        results[name] = result = Result(name, *verdict, points, tester.earned)
        if os.environ.get("COURSE_GRADING") and not result:
            raise AssertionError(repr(result))
        print(result)
        return result

    return run


def done(*names):
    """True when all these tasks are right: later cells of an exercise ask before they build on them."""
    missing = [name for name in names if not results.get(name)]
    if missing:
        print(f"This cell waits for: {', '.join(missing)}.")
    return not missing


def summary(total):
    """Print one line per task whose check was run, and the points reached; total: those of the whole notebook."""
    for result in results.values():
        print(f"{SIGNS.get(result.state, '✗')} {result.name}: {result.earned} of {result.points}")
    print(f"{sum(r.earned for r in results.values())} of the {total} points that are checked")


class Tester:
    """What a check of an exercise can do. `rng`: a fresh random generator, another one in every run."""

    def __init__(self, rng, points):
        self.rng, self.earned, self.note = rng, points, ""

    def call(self, f, *args, **kwargs):
        """Call the student's function on copies of the arguments; it must not change them nor return nothing."""
        name = getattr(f, "__name__", "your function")
        given = copy.deepcopy((args, kwargs))
        try:
            value = f(*given[0], **given[1])
        except (NotImplementedError, Stop):
            raise
        except NameError as problem:
            raise Stop("error", f"{name} uses `{problem.name}`, not defined: a slip, or a cell above not run?") from None
        except Exception as problem:
            raise Stop("error", f"{name} stopped with {_short(problem)}{_line(problem, f)}") from None
        if not _equal(given, (args, kwargs)):
            now, was = (inspect.signature(f).bind(*a, **k).arguments for a, k in (given, (args, kwargs)))
            key = next(k for k in was if not _equal(now[k], was[k]))
            how = "new array: x = x + 1, not x += 1" if hasattr(was[key], "shape") else f"copy, or return a new {key}"
            raise Stop("contract", f"{name} changes its input {key} in place. Work on a {how}.")
        if value is None:
            raise Stop("shape", f"{name} returns nothing. Is the `return` missing?")
        return value

    def several(self, value, names):
        """Demand a tuple with one entry for each of the `names`, such as "W, b"; returns it."""
        if isinstance(value, (tuple, list)) and len(value) == len(names.split(",")):
            return value
        raise Stop("shape", f"the answer should be {names}: all of them, in this order, and nothing else.")

    def shape(self, value, shape, what="the result"):
        """Demand an array of this shape; returns it."""
        try:
            array = _numpy(value)
        except Exception:  # rows of unequal length
            array = np.array(None)
        if array.dtype.kind not in "biuf":
            raise Stop("shape", f"{what} should be an array of numbers, not {type(value).__name__}.")
        if array.shape != tuple(shape):
            hint = " Transposed?" if array.ndim == 2 and array.shape[::-1] == tuple(shape) else ""
            raise Stop("shape", f"{what} has shape {array.shape}, expected {tuple(shape)}.{hint}")
        return array

    def close(self, value, expected, what="the result", tol=1e-8):
        """Demand the values of a reference, shape first; says how many differ, where, and what it looks like."""
        expected = _numpy(expected)
        value = self.shape(value, expected.shape, what)
        if not np.all(np.isfinite(value)):
            raise Stop("values", f"{what} contains nan or inf: a division by 0, log of 0, or exp of a large number?")
        if expected.dtype == np.float64 and value.dtype == np.float32:
            raise Stop("contract", f"{what} is float32, its inputs were float64: keep the dtype of the inputs.")
        wrong = np.abs(value.astype(float) - expected) > tol * max(1.0, np.abs(expected).max(initial=0.0))
        if wrong.any():
            raise Stop("values", _describe(value, expected, wrong, what, tol))

    def gradient(self, f, x, dx, what="the gradient", tol=1e-6):
        """Demand that dx is the gradient of f() in the float64 array x, by central differences."""
        self.close(dx, numerical_gradient(f, x), what, tol)

    def true(self, condition, message):
        """Demand a property; `message` says what is wrong and what to do, as a full sentence."""
        if not condition:
            raise Stop("values", message)

    def ladder(self, score, steps, what="the score"):
        """Points by score: `steps` maps bounds to points, {0.8: 1, 0.9: 3}; below the lowest the task is open."""
        reached = [bound for bound in steps if score >= bound]
        higher = [bound for bound in steps if bound not in reached]
        self.true(reached, f"{what}: measured {score:.4g}; the first step is at {min(steps):g}.")
        self.earned = steps[max(reached)]
        self.note = f"; {what}: measured {score:.4g}, step {max(reached):g} reached"
        self.note += f", the next is at {min(higher):g}" if higher else ""


def _describe(value, expected, wrong, what, tol):
    """One or two sentences on how two arrays of one shape differ."""
    place = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    text = f"{what} is {float(value[place]):.6g}, expected {float(expected[place]):.6g}."
    if place:
        where = place if len(place) > 1 else place[0]
        text = f"right shape, wrong values: {int(wrong.sum())} of {wrong.size} differ. At index {where}, {text}"
    return text + _pattern(value.astype(float), expected.astype(float), tol)


def _pattern(value, expected, tol):
    """Name the usual accident, where the wrong values show one."""
    like = lambda other: np.allclose(value, other, rtol=tol * 10, atol=tol)  # noqa: E731
    if like(-expected):
        return " Every sign is flipped."
    if value.ndim == 2 and value.shape[0] == value.shape[1] and like(expected.T):
        return " These are the right values transposed."
    big = np.abs(expected) > 1e-6
    if value.size > 1 and big.any():
        ratio = value[big] / expected[big]
        if np.allclose(ratio, ratio[0], rtol=1e-6) and ratio[0] != 0 and abs(ratio[0] - 1) > 1e-6:
            return f" All are off by the same factor, {ratio[0]:.6g}: a sum for a mean, or a lost constant?"
        if value.size > 2 and np.ptp(value - expected) < tol * max(1, np.abs(expected).max()):
            return " All are off by the same amount: a bias or a constant left out?"
    return ""


def _equal(a, b):
    """Whether two nested arguments hold the same values."""
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(_equal(p, q) for p, q in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, np.ndarray) or hasattr(a, "detach"):
        return np.array_equal(_numpy(a), _numpy(b), equal_nan=_numpy(a).dtype.kind == "f")
    return True  # functions, generators and numbers: nothing to compare, or nothing to change


def _short(problem):
    text = " ".join(str(problem).split())[:160]
    if "truth value of an array" in text:
        return "an `if`, `and` or `or` about a whole array at once. np.where(condition, a, b) decides for each entry"
    misfit = "mismatch in its core" in text or "not be broadcast" in text
    return f"{type(problem).__name__}: {text}{' (two shapes do not fit: print both)' if misfit else ''}"


def _line(problem, f):
    """Where in the student's function it happened."""
    code = getattr(f, "__code__", None)
    lines = [frame.line for frame in traceback.extract_tb(problem.__traceback__) if code and frame.name == code.co_name]
    return f"\n    in the line: {lines[-1].strip()}" if lines and lines[-1] else "."
