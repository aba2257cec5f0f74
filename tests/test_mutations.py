"""The tests can fail: one digit, one sign, one dead line turns them red."""

import copy
import re
import subprocess
import sys

import nbformat
import pytest
from course import BASE, stored, tags

from course_utils.cli import twins


def section(stem, *headings):
    """A notebook of the set-up cell and some sections of a lecture, with the stored outputs."""
    book = stored("lectures", stem)
    kept, inside, missing = [], False, set(headings)
    for cell in book.cells:
        if cell.cell_type == "markdown" and (found := re.findall(r"^## (.+)", cell.source, re.MULTILINE)):
            inside = found[-1] in headings
            missing -= set(found)
        elif inside or "setup" in tags(cell):
            kept.append(cell)
    assert not missing, f"{stem} has no section {missing}"
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


SECTIONS = {
    "worked example": ("02_backpropagation", "4 The 2-2-2 network, to every digit"),
    "convolution": (
        "03_convolutional_networks",
        "2 The sliding window",
        "4 From loops to one matrix product",
        "5 Backward, by hand",
    ),
    "through time": (
        "04_recurrent_networks",
        "1 Why order matters",
        "3 From tied layers to recurrence",
        '4 "hello"',
        "5 Back-propagation through time",
    ),
    "LSTM": ("04_recurrent_networks", "9 The LSTM, gate by gate", "10 Backwards, by hand"),
    "autoencoder": ("05_autoencoders", "2 The autoencoder in NumPy"),
    "bound": (
        "06_variational_autoencoders",
        "2 A model with a hidden variable",
        "3 KL divergence",
        "4 The ELBO, derived two ways",
    ),
    "game": (
        "07_generative_adversarial_networks",
        "3 The best possible discriminator",
        "4 What the generator then minimises",
        "6 Both players' gradients by hand",
    ),
    "values": (
        "08_reinforcement_learning",
        "2 A world as arrays",
        "3 Episodes and returns",
        "4 What a policy is worth",
        "5 The best policy",
    ),
    "machine": (
        "09_boltzmann_machines",
        "2 From energy to probability",
        "3 Why the conditionals factorise",
        "4 Free energy",
    ),
}
MUTANTS = [
    ("worked example", "a digit of a stored output", "0.358916480", "0.358916481", "output"),
    ("worked example", "a digit of an asserted number", "0.358916480", "0.358916481", "source"),
    ("worked example", "a sign in the output error", "dE_do, do_dnet = -(t - a2)", "dE_do, do_dnet = (t - a2)", "source"),
    ("worked example", "a sign in the hidden error", "delta1 = (W2 @ delta2)", "delta1 = -(W2 @ delta2)", "source"),
    ("worked example", "a sign in the update", "W2 - eta * dW2", "W2 + eta * dW2", "source"),
    ("convolution", "a digit of a stored output", "4 3 4 2 4 3 2 3 4", "4 3 4 2 4 3 2 3 5", "output"),
    ("convolution", "overwritten gradients", "+= cols[:, i, j]", "= cols[:, i, j]", "source"),
    ("convolution", "a mean for a sum", "db = D.sum(axis=1)", "db = D.mean(axis=1)", "source"),
    ("through time", "a digit of an asserted number", "0.761594 0.942681", "0.761594 0.942682", "source"),
    ("through time", "the future forgotten", "dh = dH[:, t] + dh", "dh = dH[:, t]", "source"),
    ("LSTM", "a digit of a stored output", "0.556770 1.144446", "0.556770 1.144447", "output"),
    ("LSTM", "the wrong gate on the way back", "dc = dc * f[t]", "dc = dc * i[t]", "source"),
    ("autoencoder", "a digit of an asserted number", "25120 25872 50992", "25120 25872 50993", "source"),
    ("autoencoder", "a slope forgotten", "(delta @ params[2 * l].T) * slopes[l]", "delta @ params[2 * l].T", "source"),
    ("bound", "a digit of a stored output", "0.115721 -0.713558", "0.115722 -0.713558", "output"),
    ("bound", "the two arguments of KL swapped", "kl(q, posterior)", "kl(posterior, q)", "source"),
    ("game", "a half forgotten", "kl(p, (p + q) / 2)", "kl(p, p + q)", "source"),
    ("game", "a sign in the generator's error", "(sigmoid(T) - 1) / len(T)", "(1 - sigmoid(T)) / len(T)", "source"),
    ("values", "a digit of a stored output", "3.3615 3.735", "3.3615 3.734", "output"),
    ("values", "a discount forgotten", "r[t] + gamma * total", "r[t] + total", "source"),
    ("values", "the worst action for the best", "Q.max(axis=1), np.abs", "Q.min(axis=1), np.abs", "source"),
    ("machine", "a digit of an asserted number", "57.808074", "57.808075", "source"),
    ("machine", "a sign in the energy", "-(v @ a) - h @ b", "-(v @ a) + h @ b", "source"),
    ("machine", "a hidden unit's bias forgotten", "np.logaddexp(0, V @ W + b)", "np.logaddexp(0, V @ W)", "source"),
    ("LSTM", "a tanh forgotten", "h[t + 1] = o[t] * tanh_c[t]", "h[t + 1] = o[t] * c[t + 1]", "source"),
]


@pytest.mark.parametrize("name", SECTIONS)
def test_the_sections_as_they_stand_are_green(name, tmp_path):
    status, report = compare(section(*SECTIONS[name]), tmp_path)
    assert status == 0, report


@pytest.mark.parametrize("name,what,old,new,part", MUTANTS, ids=[f"{m[0]}-{m[1]}" for m in MUTANTS])
def test_mutant_is_red(name, tmp_path, what, old, new, part):
    status, report = compare(changed(section(*SECTIONS[name]), old, new, part), tmp_path)
    assert status == 1 and "failed" in report, f"{what} went unnoticed"


def test_a_dead_kernel_is_noticed_at_once(tmp_path):
    cell = nbformat.v4.new_code_cell("import os; os._exit(1)", execution_count=1)
    status, report = compare(nbformat.v4.new_notebook(cells=[cell], metadata=twins.KERNEL), tmp_path)
    assert status == 1 and "kernel died" in report
