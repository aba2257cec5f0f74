"""Speed of lecture 9's contrastive divergence, on demand: python tests/bench_rbm.py [twin.py]

Same work for all: one epoch of CD-1 over 4000 digits of ink and paper, in batches of 100, for an RBM with 784
visible and 500 hidden units, float32, one thread. NumPy runs the lecture's own functions, read from its text twin
(or from the file named); PyTorch the same formulas, eagerly, with no gradients recorded; scikit-learn its
BernoulliRBM, one iteration (PCD-1, which is as many products). Before the clock starts, one update of NumPy and
one of PyTorch, in float64 with the same uniform numbers, must agree. Prints the ratios: the shortest of several interleaved
runs each, in CPU time, so that a busy machine disturbs little.
"""

import sys

from course_utils import data  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip
import torch  # isort: skip
from sklearn.neural_network import BernoulliRBM  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

TARGET, ETA, BATCH, HIDDEN, REPEATS = 0.90, 0.05, 100, 500, 9


def torch_step(V, W, a, b, bits):
    """One update by CD-1, in place; bits(P) are zeros and ones with probabilities P."""
    P = torch.sigmoid(V @ W + b)
    V_model = bits(torch.sigmoid(bits(P) @ W.T + a))
    P_model = torch.sigmoid(V_model @ W + b)
    W += ETA / len(V) * (V.T @ P - V_model.T @ P_model)
    a += ETA / len(V) * (V - V_model).sum(dim=0)
    b += ETA / len(V) * (P - P_model).sum(dim=0)


def uniform(rng):
    """Bits from NumPy's uniform numbers, drawn as the lecture's `sample` draws them."""
    return lambda P: (torch.tensor(rng.random(tuple(P.shape))) < P).to(P.dtype)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    twin = (sys.argv[1:] or ["09_boltzmann_machines"])[0]
    step = taught(twin, {"sample", "squash", "fast_step"})["fast_step"]
    X = (data.digits28(flat=True).X_train > 0.5).astype(np.float32)
    rng = np.random.default_rng(1)
    params = [0.1 * rng.standard_normal((784, HIDDEN)), np.zeros(784), np.zeros(HIDDEN)]
    theirs, V = [torch.tensor(p) for p in params], X[:BATCH].astype(np.float64)
    step(V, *params, 1, ETA, np.random.default_rng(2))
    torch_step(torch.tensor(V), *theirs, uniform(np.random.default_rng(2)))
    worst = max(np.abs(p - q.numpy()).max() for p, q in zip(params, theirs, strict=True))
    assert worst < 1e-10, "the two updates do not compute the same"

    params, theirs = [p.astype(np.float32) for p in params], [p.float() for p in theirs]
    batches, tensors = np.split(X, len(X) // BATCH), torch.tensor(X).split(BATCH)
    draw = lambda P: (torch.rand_like(P) < P).float()  # noqa: E731, quicker than torch.bernoulli
    sklearn = BernoulliRBM(HIDDEN, learning_rate=ETA, batch_size=BATCH, n_iter=1, random_state=0)
    epochs = {
        "NumPy": lambda: [step(V, *params, 1, ETA, rng) for V in batches],
        "PyTorch": lambda: [torch_step(V, *theirs, draw) for V in tensors],
        "PyTorch, bernoulli": lambda: [torch_step(V, *theirs, torch.bernoulli) for V in tensors],
        "scikit-learn": lambda: sklearn.fit(X),
    }
    times = {name: [] for name in epochs}
    for _ in range(REPEATS):
        for name, epoch in epochs.items():
            times[name].append(cpu_seconds(epoch))
    best = {name: min(values) for name, values in times.items()}
    print(", ".join(f"{name} {1000 * t:.0f} ms" for name, t in best.items()))
    ratios = ", ".join(f"{best['NumPy'] / t:.2f} of {name}" for name, t in list(best.items())[1:])
    print(f"NumPy's time is {ratios} (target {TARGET:.2f} of PyTorch)")


if __name__ == "__main__":
    main()
