"""Dense networks for the tests: random layers, and the same network run by PyTorch."""

import numpy as np
import torch
from torch.nn import functional as F

BY_TORCH = {
    "relu": F.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
    "elu": F.elu,
    "gelu": F.gelu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
}


def some_layers(sizes, seed=0):
    """[W1, b1, ...] as `nets.init` lays them out, with biases that are not 0."""
    rng = np.random.default_rng(seed)
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        params += [rng.normal(size=(n_in, n_out)) * n_in**-0.5, 0.3 * rng.normal(size=n_out)]
    return params


def by_torch(params, A, f, linear=()):
    """The network's output for the tensor A; no f after the last layer, nor after those in `linear`."""
    for l in range(len(params) // 2):  # noqa: E741
        A = A @ params[2 * l] + params[2 * l + 1]
        A = A if l in (len(params) // 2 - 1, *linear) else f(A)
    return A
