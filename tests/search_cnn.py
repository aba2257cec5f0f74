"""The settings of lecture 3's NumPy digit reader, compared on demand: python tests/search_cnn.py [twin]

Five-fold cross-validation on the 4000 training digits; the test digits are never touched. Starts at the
lecture's settings and changes one of them at a time. Runs the lecture's own functions, read from its text twin.
About two and a half minutes per setting on one core.
"""

import inspect
import sys

from course_utils import data, nets  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip

from lecture_code import taught  # isort: skip

LAYERS = {"out_size", "im2col", "col2im", "conv_forward", "conv_backward"}
POOLING = {"windows", "maxpool_forward", "maxpool_backward"}
FUNCTIONS = LAYERS | POOLING | {"cnn_init", "cnn_forward", "cnn_backward", "cnn_step", "cnn_train"}
CENTRE = {"eta": 2e-3, "epochs": 40, "batch": 64, "strength": 0.7}
NEIGHBOURS = {"eta": (1e-3, 4e-3), "epochs": (20, 80), "batch": (32, 128), "strength": (0.35, 1.0)}


def cross_validate(space, X, y, eta, epochs, batch, strength, k=5):
    """The validation accuracy of each of the k folds."""
    amounts = inspect.signature(nets.distort).parameters.values()
    amounts = {p.name: strength * p.default for p in amounts if p.default is not p.empty}
    space["bend"] = lambda X, rng: nets.distort(X.reshape(-1, 784), rng, **amounts).reshape(X.shape)
    order, scores = np.random.default_rng(100).permutation(len(X)), []
    for fold, part in enumerate(np.array_split(order, k)):
        rest = np.setdiff1d(order, part)
        params = space["cnn_init"](np.random.default_rng(200 + fold))
        space["cnn_train"](params, X[rest], y[rest], epochs, eta, np.random.default_rng(300 + fold), batch)
        scores.append(nets.accuracy(space["cnn_forward"](params, X[part])[-1], y[part]))
    return scores


def main(twin="03_convolutional_networks"):
    X, y, *_ = data.digits28()
    space = taught(twin, FUNCTIONS, tqdm=lambda steps, **_: steps)
    settings = [CENTRE] + [CENTRE | {name: v} for name, values in NEIGHBOURS.items() for v in values]
    for setting in settings:
        scores = cross_validate(space, X, y, **setting)
        error = np.std(scores, ddof=1) / np.sqrt(len(scores))
        print(*(f"{name} {v:g}" for name, v in setting.items()), f"{np.mean(scores):.4f} ± {error:.4f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
