"""The settings of lecture 2's digit reader, compared on demand: python tests/search_mlp.py [twin]

Five-fold cross-validation on the 4000 training digits; the test digits are never touched. Starts at the
lecture's settings and halves or doubles (distortion: halves or raises by half) one of them at a time. Runs the
lecture's own functions, read from its text twin. About a minute per setting on one core.
"""

import inspect
import sys

from course_utils import data  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip

from lecture_code import taught  # isort: skip

FUNCTIONS = {"relu", "init", "forward", "backward", "loss_and_delta", "adam", "bilinear", "distort", "batches", "train"}
CONSTANTS = {"BUMPS"}
SIZES, BATCH = (784, 512, 256, 10), 128
CENTRE = {"eta": 2e-3, "epochs": 120, "strength": 1.0}
NEIGHBOURS = {"eta": (1e-3, 4e-3), "epochs": (60, 240), "strength": (0.5, 1.5)}


def cross_validate(space, X, y, eta, epochs, strength, k=5):
    """The validation accuracy of each of the k folds."""
    amounts = inspect.signature(space["distort"]).parameters.values()
    amounts = {p.name: strength * p.default for p in amounts if p.default is not p.empty}
    order, scores = np.random.default_rng(100).permutation(len(X)), []
    for fold, part in enumerate(np.array_split(order, k)):
        rest = np.setdiff1d(order, part)
        space["X_train"], space["y_train"] = X[rest], y[rest]
        params = space["init"](SIZES, np.random.default_rng(200 + fold), np.float32)
        rng = np.random.default_rng(300 + fold)
        space["train"](params, epochs, eta, rng, lambda X, rng: space["distort"](X, rng, **amounts))
        scores.append(np.mean(space["forward"](params, X[part])[-1].argmax(axis=1) == y[part]))
    return scores


def main(twin="02_backpropagation"):
    X, y, *_ = data.digits28(flat=True)
    space = taught(twin, FUNCTIONS | CONSTANTS, tqdm=lambda steps, **_: steps, BATCH=BATCH)
    settings = [CENTRE] + [CENTRE | {name: v} for name, values in NEIGHBOURS.items() for v in values]
    for setting in settings:
        scores = cross_validate(space, X, y, **setting)
        error = np.std(scores, ddof=1) / np.sqrt(len(scores))
        print(*(f"{name} {v:g}" for name, v in setting.items()), f"{np.mean(scores):.4f} ± {error:.4f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
