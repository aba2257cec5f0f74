"""nets.py holds lecture code unchanged, and that code computes what SciPy and PyTorch compute."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import special

from course_utils import nets

ROOT = Path(__file__).parents[1]


def functions(path):
    """Source text of every top-level function and constant of a Python file."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found = {f.name: ast.get_source_segment(source, f) for f in tree.body if isinstance(f, ast.FunctionDef)}
    assigned = [a for a in tree.body if isinstance(a, ast.Assign) and isinstance(a.targets[0], ast.Name)]
    for name in {a.targets[0].id for a in assigned}:  # a constant may be built in several lines
        found[name] = "\n".join(ast.get_source_segment(source, a) for a in assigned if a.targets[0].id == name)
    return found


GRADUATED = functions(ROOT / "course_utils" / "nets.py")
LECTURES = {path.stem: functions(path) for path in sorted((ROOT / "lectures" / "text").glob("0*.py"))}


@pytest.mark.parametrize("name", GRADUATED)
def test_package_and_lecture_agree(name):
    homes = {stem: found[name] for stem, found in LECTURES.items() if name in found}
    assert homes, f"{name} is in nets.py, but no lecture defines it"
    last = max(homes)
    assert GRADUATED[name] == homes[last], f"{name} differs between nets.py and lecture {last}"


rng = np.random.default_rng(0)
Z = 5 * rng.normal(size=(7, 4))
y = rng.integers(0, 4, size=7)


def test_sigmoid():
    z = np.concatenate([Z.ravel(), [-800.0, -0.0, 0.0, 800.0]])
    with np.errstate(over="raise", invalid="raise"):
        assert np.allclose(nets.sigmoid(z), special.expit(z), rtol=1e-14, atol=0)
    assert nets.sigmoid(z.astype(np.float32)).dtype == np.float32
    assert nets.sigmoid(2.0) == pytest.approx(0.880797, abs=5e-7)


def test_softmax():
    assert np.allclose(nets.softmax(Z), special.softmax(Z, axis=1), rtol=1e-13, atol=0)
    assert np.allclose(nets.softmax(Z + 1e4), nets.softmax(Z), rtol=1e-9)
    assert nets.softmax(Z.astype(np.float32)).dtype == np.float32


def test_cross_entropy():
    theirs = torch.nn.functional.cross_entropy(torch.tensor(Z), torch.tensor(y)).item()
    assert nets.cross_entropy(Z, y) == pytest.approx(theirs, abs=1e-14)
    far = np.array([[0.0, 2000.0, -2000.0]])
    assert nets.cross_entropy(far, np.array([0])) == 2000


def test_one_hot():
    theirs = torch.nn.functional.one_hot(torch.tensor(y), 4).numpy()
    assert np.array_equal(nets.one_hot(y, 4), theirs)
    assert nets.one_hot(y, 4, np.float32).dtype == np.float32


def test_accuracy():
    assert nets.accuracy(np.eye(4)[y], y) == 1
    assert nets.accuracy(np.array([[2.0, 1], [2, 1], [0, 1]]), np.array([0, 1, 1])) == pytest.approx(2 / 3)


def test_relu_and_loss_and_delta():
    assert np.array_equal(nets.relu(Z), torch.relu(torch.tensor(Z)).numpy())
    leaf = torch.tensor(Z, requires_grad=True)
    torch.nn.functional.cross_entropy(leaf, torch.tensor(y)).backward()
    loss, delta = nets.loss_and_delta(Z, y)
    assert loss == pytest.approx(nets.cross_entropy(Z, y), abs=1e-14)
    assert np.abs(delta - leaf.grad.numpy()).max() < 1e-15


def test_layers_of_lecture_2_are_pytorchs():
    params = nets.init((4, 6, 5, 3), np.random.default_rng(1))
    assert [p.shape for p in params] == [(4, 6), (6,), (6, 5), (5,), (5, 3), (3,)] and not params[1].any()
    params[1::2] = [p + 0.1 for p in params[1::2]]
    leaves = [torch.tensor(p, requires_grad=True) for p in params]
    A = torch.tensor(Z)
    for k in range(0, 6, 2):
        A = A @ leaves[k] + leaves[k + 1]
        A = torch.tanh(A) if k < 4 else A
    delta = np.random.default_rng(2).normal(size=(7, 3))
    (A * torch.tensor(delta)).sum().backward()
    ours = nets.forward(params, Z, np.tanh)
    assert np.allclose(ours[-1], A.detach().numpy(), atol=1e-14) and ours[0] is Z
    for grad, leaf in zip(nets.backward(params, ours, delta, lambda A: 1 - A * A), leaves, strict=True):
        assert np.abs(grad - leaf.grad.numpy()).max() < 1e-13


def test_adam():
    p, state, leaf = Z.copy(), {}, torch.tensor(Z, requires_grad=True)
    theirs = torch.optim.Adam([leaf], lr=0.03, betas=(0.8, 0.99))
    for k in range(100):
        slope = np.sin(k + Z)
        nets.adam(p, slope, state, 0.03, 0.8, 0.99)
        leaf.grad = torch.tensor(slope)
        theirs.step()
    assert np.abs(p - leaf.detach().numpy()).max() < 1e-12


def test_distort():
    X = rng.random((6, 784), dtype=np.float32)
    still = nets.distort(X, np.random.default_rng(1), 0, 0, 0, 0, 0)
    assert np.abs(still - X).max() < 1e-5  # no amount of anything: the same pictures
    moved = nets.distort(X, np.random.default_rng(1))
    assert moved.shape == X.shape and moved.dtype == np.float32 and np.abs(moved - X).max() > 0.1
    assert -1e-6 <= moved.min() and moved.max() <= 1 + 1e-6
    assert np.array_equal(moved, nets.distort(X, np.random.default_rng(1)))


def test_inputs_stay_as_they_were():
    before = Z.copy(), y.copy()
    nets.sigmoid(Z), nets.softmax(Z), nets.cross_entropy(Z, y), nets.one_hot(y, 4), nets.accuracy(Z, y)
    assert np.array_equal(before[0], Z) and np.array_equal(before[1], y)
