"""The package as a whole: quick to import, free of hidden dependencies, documented; plots and bridge."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import time

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import course_utils
from course_utils import bridge, plot, style

LIGHT = ["style", "data", "plot", "check", "interact.playground", "interact.graph", "interact.receptive"]
LIGHT += ["interact.drawpad", "interact.gates", "interact.backflow", "interact.latent", "interact.ganstudio"]
LIGHT += ["interact.gridworld", "interact.pole", "interact.gibbs", "nets", "progress"]


@pytest.fixture(autouse=True)
def no_windows():
    plt.switch_backend("agg")
    with matplotlib.rc_context():
        style.use()
        yield
    plt.close("all")


@pytest.mark.parametrize("module", LIGHT)
def test_import_is_light(module):
    code = f"import sys, course_utils.{module}; sys.exit('torch' in sys.modules)"
    start = time.perf_counter()
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0, f"{module} imports torch"
    assert time.perf_counter() - start < 5  # measured .2 to .7 s; a busy machine is slower


def test_one_thread_unless_the_user_says_otherwise():
    code = "import os, course_utils; print(os.environ['OMP_NUM_THREADS'])"
    def run(**env):
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True).stdout

    assert run() == "1\n" and run(OMP_NUM_THREADS="3") == "3\n"


def modules():
    found = pkgutil.walk_packages(course_utils.__path__, "course_utils.")
    return [importlib.import_module(m.name) for m in found]


def test_everything_public_is_documented():
    bare = []
    for module in modules():
        if not module.__doc__:
            bare.append(module.__name__)
        for name, thing in vars(module).items():
            if (
                getattr(thing, "__module__", "") == module.__name__
                and not name.startswith("_")
                and callable(thing)
            ):
                if not inspect.getdoc(thing) and not hasattr(thing, "callback"):
                    bare.append(f"{module.__name__}.{name}")
    assert not bare, bare


# --- plot ---------------------------------------------------------------------------------------------------


def test_plots_draw_on_the_given_axes():
    rng = np.random.default_rng(0)
    fig, ax = plt.subplots()
    X, y = rng.normal(size=(9, 2)), np.arange(9) % 3
    assert plot.points(ax, X, y) is ax and len(ax.collections) == 3
    assert plot.surface(ax, lambda P: P[:, 0]) is ax
    assert plot.curves(ax, numpy=[3, 2, 1], torch=[3, 2, 1], train=[1, 2], validation=[2, 1]) is ax
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "NumPy",
        "PyTorch",
        "training",
        "validation",
    ]
    assert plot.matrix(ax, rng.normal(size=(2, 3)), values=".1f") is ax


def test_points_marks_minus_one_as_negative_and_explains_bad_shapes():
    _, ax = plt.subplots()
    plot.points(ax, np.eye(2), [-1, 1])
    colours = [matplotlib.colors.to_hex(c.get_facecolor()[0]).upper() for c in ax.collections]
    assert colours == [style.NEGATIVE, style.POSITIVE]
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        plot.points(ax, np.ones((3, 3)), [0, 1, 1])


def test_surface_draws_the_boundary_where_there_is_one():
    _, ax = plt.subplots()
    plot.surface(ax, lambda P: P[:, 0] + 10)
    without = len(ax.collections)
    plot.surface(ax, lambda P: P[:, 0])
    assert len(ax.collections) > without


@pytest.mark.parametrize("shape", [(7, 64), (7, 8, 8), (7, 1, 8, 8)])
def test_images_accepts_all_usual_shapes(shape):
    fig = plot.images(np.random.default_rng(0).random(shape), titles=list("abcdefg"), columns=5)
    assert len(fig.axes) == 10 and fig.axes[0].images[0].get_array().shape == (8, 8)


def test_show_keeps_the_description_and_closes_the_figure(monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda fig, metadata: shown.append(metadata))
    fig, _ = plt.subplots()
    plot.show(fig, "A flat line.")
    assert shown == [{"image/png": {"alt": "A flat line."}}] and not plt.get_fignums()


# --- bridge -------------------------------------------------------------------------------------------------


def test_device_is_the_best_there_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert bridge.device().type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert bridge.device().type == "mps"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert bridge.device().type == "cpu"


def test_tensors_are_copies_of_the_same_dtype():
    W = np.ones((2, 3))
    tensor = bridge.tensors(W, grad=True)
    W[0, 0] = 9
    assert tensor.dtype == torch.float64 and tensor.requires_grad and tensor.is_leaf and tensor[0, 0] == 1
    assert len(bridge.tensors(W, W)) == 2


def test_set_linear_transposes_once():
    rng = np.random.default_rng(0)
    W, b, X = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 3))
    layer = bridge.set_linear(torch.nn.Linear(3, 2, dtype=torch.float64), W, b)
    assert np.allclose(layer(torch.tensor(X)).detach(), X @ W + b, atol=1e-14)
    with pytest.raises(ValueError, match="3 inputs to 2 outputs"):
        bridge.set_linear(layer, W.T, b)


def test_seconds_is_the_shortest_time():
    waits = iter([0, 0.05, 0.01, 0.05])
    assert 0.01 <= bridge.seconds(lambda: time.sleep(next(waits))) < 0.04
