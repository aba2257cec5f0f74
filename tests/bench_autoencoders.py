"""Speed of the networks of lectures 5 and 6 against PyTorch, on demand: python tests/bench_autoencoders.py

Same work for both: one step (forward, backward, Adam) on a batch of 128 digits, float32, one thread. An
autoencoder 784-128-64-128-784 with ReLU, and a variational one 784-400-20 with binary cross-entropy. NumPy runs
the lectures' own functions, read from their text twins. Prints the ratio: the shortest of several interleaved
runs of ten steps each, in CPU time, so that a busy machine disturbs little.
"""

from course_utils import data  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip
import torch  # isort: skip
import torch.nn.functional as F  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

REPEATS, STEPS, ETA = 9, 10, 1e-3


def numpy_steps(step, params):
    """Ten steps of Adam; step() gives the gradients of params, a dict of arrays."""
    adam, states = taught("02_backpropagation", {"adam"})["adam"], {k: {} for k in params}

    def work():
        for _ in range(STEPS):
            grads = step()
            for k, p in params.items():
                adam(p, grads[k], states[k], ETA)

    return work


def torch_steps(loss, params):
    """Ten steps of Adam on loss()."""
    optimiser = torch.optim.Adam(params, lr=ETA)

    def work():
        for _ in range(STEPS):
            optimiser.zero_grad()
            loss().backward()
            optimiser.step()

    return work


def autoencoder(X, rng):
    f = taught("05_autoencoders", {"mse_and_delta"})
    params = f["init"]((784, 128, 64, 128, 784), rng, np.float32)
    net = torch.nn.Sequential()
    for W, b in zip(params[::2], params[1::2], strict=True):
        layer = torch.nn.Linear(*W.shape)
        layer.weight.data, layer.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
        net.append(layer).append(torch.nn.ReLU())
    net, X_t = net[:-1], torch.tensor(X)

    def step():
        A = f["forward"](params, X)
        _, delta = f["mse_and_delta"](A[-1], X)
        return dict(enumerate(f["backward"](params, A, delta, lambda A: A > 0)))

    loss = lambda: F.mse_loss(net(X_t), X_t)  # noqa: E731
    ours, theirs = step(), torch.autograd.grad(loss(), list(net.parameters()))
    worst = max(np.abs(ours[k].T - g.numpy()).max() / np.abs(ours[k]).max() for k, g in enumerate(theirs))
    return numpy_steps(step, dict(enumerate(params))), torch_steps(loss, net.parameters()), worst


def vae(X, rng):
    f = taught("06_variational_autoencoders", {"vae_init", "vae_forward", "vae_backward"})
    P = f["vae_init"](rng, 20, 400, dtype=np.float32)
    eps = rng.standard_normal((len(X), 20), dtype=np.float32)
    leaves = {k: torch.tensor(p, requires_grad=True) for k, p in P.items()}
    X_t, eps_t = torch.tensor(X), torch.tensor(eps)

    def step():
        return f["vae_backward"](P, f["vae_forward"](P, X, eps))

    def loss():
        layer = lambda A, k: torch.addmm(leaves["b" + k], A, leaves["W" + k])  # noqa: E731
        A1 = torch.relu(layer(X_t, "1"))
        mu_z, logvar = layer(A1, "m"), layer(A1, "v")
        logits = layer(torch.relu(layer(mu_z + torch.exp(logvar / 2) * eps_t, "3")), "4")
        reconstruction = F.binary_cross_entropy_with_logits(logits, X_t, reduction="sum")
        return (reconstruction + 0.5 * (logvar.exp() + mu_z**2 - logvar - 1).sum()) / len(X_t)

    ours, theirs = step(), torch.autograd.grad(loss(), list(leaves.values()))
    worst = max(np.abs(ours[k] - g.numpy()).max() / np.abs(ours[k]).max() for k, g in zip(leaves, theirs, strict=True))
    return numpy_steps(step, P), torch_steps(loss, leaves.values()), worst


def main():
    torch.set_num_threads(1)
    X, rng = data.digits28(flat=True).X_train[:128], np.random.default_rng(1)
    for name, make, target in (("autoencoder", autoencoder, 0.75), ("VAE", vae, 1.0)):
        ours, theirs, worst = make(X, rng)
        assert worst < 1e-4, "the two steps do not compute the same"
        times = [[cpu_seconds(ours), cpu_seconds(theirs)] for _ in range(REPEATS)]
        a, b = (1000 * min(column) / STEPS for column in zip(*times, strict=True))
        print(f"{name}: NumPy {a:.2f} ms, PyTorch {b:.2f} ms a step, ratio {a / b:.2f} (target {target:.2f})")


if __name__ == "__main__":
    main()
