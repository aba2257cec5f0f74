"""What the demos of dense networks share: the activations that the browser knows, and a check of the layers."""

import numpy as np
from scipy.special import erf, expit

from ..nets import relu

ACTIVATIONS = {
    "relu": relu,
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
    "tanh": np.tanh,
    "sigmoid": expit,
    "silu": lambda z: z * expit(z),
}


def check_layers(name, params, n_in=None, n_out=None):
    """Raise ValueError unless params is [W1, b1, ...] of arrays W (n, m), b (m,) that fit, from n_in to n_out units.

    name: what the messages call the network; n_in, n_out: None where any number will do.
    """
    if len(params) < 2 or len(params) % 2:
        raise ValueError(f"the {name} is a list [W1, b1, W2, b2, ...]")
    n = n_in
    for layer, (W, b) in enumerate(zip(params[::2], params[1::2], strict=True), start=1):
        if np.ndim(W) != 2 or n not in (None, len(W)) or np.shape(b) != np.shape(W)[1:]:
            raise ValueError(f"layer {layer} of the {name}: W needs shape ({n or 'n_in'}, n_out) and b (n_out,), "
                             f"not {np.shape(W)} and {np.shape(b)}")  # fmt: skip
        n = np.shape(W)[1]
    if n_out not in (None, n):
        raise ValueError(f"the {name} needs {n_out} output{'s' * (n_out > 1)}, not {n}")
