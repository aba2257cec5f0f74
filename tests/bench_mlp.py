"""Speed of lecture 2's network against PyTorch, on demand: python tests/bench_mlp.py

Same work for both: one epoch over 4000 digits with a 784-30-10 ReLU network, float64, plain SGD, one thread.
NumPy runs the lecture's own functions, read from its text twin. Prints the ratio for batches of 10 and 128:
the shortest of several interleaved runs each, in CPU time, so that a busy machine disturbs little.
"""

from course_utils import data  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip
import torch  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

NAMES = {"relu", "init", "forward", "backward", "loss_and_delta"}
TARGETS = {10: 0.30, 128: 0.65}
SIZES, ETA, REPEATS = (784, 30, 10), 0.1, 9


def numpy_epoch(f, params, X, y, order, batch):
    X, y = X[order], y[order]
    for k in range(0, len(X), batch):
        A = f["forward"](params, X[k : k + batch])
        _, delta = f["loss_and_delta"](A[-1], y[k : k + batch])
        for p, dp in zip(params, f["backward"](params, A, delta, lambda A: A > 0), strict=True):
            dp *= ETA  # in place: no copy of the weights
            p -= dp


def torch_epoch(net, optimiser, X, y, order, batch):
    X, y = X[order], y[order]
    for k in range(0, len(X), batch):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(X[k : k + batch]), y[k : k + batch]).backward()
        optimiser.step()


def main():
    torch.set_num_threads(1)
    f, digits, rng = taught("02_backpropagation", NAMES), data.digits28(flat=True), np.random.default_rng(1)
    X, y = digits.X_train.astype(np.float64), digits.y_train
    X_t, y_t = torch.tensor(X), torch.tensor(y)
    for batch, target in TARGETS.items():
        params = f["init"](SIZES, rng)
        net = torch.nn.Sequential(torch.nn.Linear(784, 30), torch.nn.ReLU(), torch.nn.Linear(30, 10)).double()
        optimiser = torch.optim.SGD(net.parameters(), lr=ETA)
        ours, theirs = [], []
        for _ in range(REPEATS):
            order = rng.permutation(len(X))
            ours.append(cpu_seconds(numpy_epoch, f, params, X, y, order, batch))
            theirs.append(cpu_seconds(torch_epoch, net, optimiser, X_t, y_t, torch.tensor(order), batch))
        ratio = min(ours) / min(theirs)
        times = f"NumPy {1000 * min(ours):.0f} ms, PyTorch {1000 * min(theirs):.0f} ms"
        print(f"batch {batch:3d}: {times}, ratio {ratio:.2f} (target {target:.2f})")


if __name__ == "__main__":
    main()
