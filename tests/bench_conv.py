"""Speed of lecture 3's convolution against PyTorch, on demand: python tests/bench_conv.py [TWIN]

Same work for both: forward and backward of one layer, batch 64, stride 1, "same" padding, one thread, with the
gradients of kernels, bias and input. NumPy runs the lecture's own functions, read from its text twin (or from the
file named on the command line), on arrays in the memory order that its layers hand to one another. Prints the
ratio of the shortest of many interleaved runs, in CPU time, so that a busy machine disturbs little. "products
alone" is the same ratio for the three matrix products by themselves: what NumPy's linear algebra leaves within
reach on this machine.
"""

import sys

from course_utils import data  # noqa: F401  (first: it sets one thread for NumPy's linear algebra)

import numpy as np  # isort: skip
import torch  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

NAMES = {"out_size", "im2col", "col2im", "conv_forward", "conv_backward"}
LAYERS = (  # channels in and out, side of the kernel, of the picture, float type, target
    (1, 8, 5, 28, np.float32, 0.50),
    (16, 32, 3, 14, np.float32, 1.40),
    (16, 32, 3, 14, np.float64, 1.00),
)
N, REPEATS = 64, 100


def numpy_step(f, X, W, b, dZ):
    _, cache = f["conv_forward"](X, W, b, pad=W.shape[-1] // 2)
    return f["conv_backward"](dZ, cache)


def torch_step(X, W, b, dZ):
    Z = torch.nn.functional.conv2d(X, W, b, padding=W.shape[-1] // 2)
    return torch.autograd.grad(Z, (X, W, b), dZ)


def products(W, cols, D):
    return W @ cols, cols @ D.T, W.T @ D


def main():
    torch.set_num_threads(1)
    f, rng = taught(*(sys.argv[1:] or ["03_convolutional_networks"]), NAMES), np.random.default_rng(1)
    for c_in, c_out, k, side, dtype, target in LAYERS:
        X, dZ = (
            rng.normal(size=(c, N, side, side)).astype(dtype).transpose(1, 0, 2, 3) for c in (c_in, c_out)
        )
        W, b = rng.normal(size=(c_out, c_in, k, k)).astype(dtype), rng.normal(size=c_out).astype(dtype)
        X_t, W_t, b_t, dZ_t = (torch.tensor(np.ascontiguousarray(A)) for A in (X, W, b, dZ))
        leaves = [t.requires_grad_() for t in (X_t, W_t, b_t)]
        for ours, theirs in zip(numpy_step(f, X, W, b, dZ), torch_step(*leaves, dZ_t), strict=True):
            assert np.abs(ours - theirs.numpy()).max() < 1e-3 * np.abs(ours).max()
        parts = W.reshape(c_out, -1), f["im2col"](X, k, 1, k // 2).reshape(c_in * k * k, -1)
        parts = *parts, dZ.transpose(1, 0, 2, 3).reshape(c_out, -1)
        numpy_times, torch_times, product_times = [], [], []
        for _ in range(REPEATS):
            numpy_times.append(cpu_seconds(numpy_step, f, X, W, b, dZ))
            torch_times.append(cpu_seconds(torch_step, *leaves, dZ_t))
            product_times.append(cpu_seconds(products, *parts))
        ours, theirs, floor = (1000 * min(times) for times in (numpy_times, torch_times, product_times))
        name = f"{c_in:2d} to {c_out:2d} channels, {k} x {k}, {side} x {side}, {np.dtype(dtype).name}"
        print(f"{name}: NumPy {ours:.2f} ms, PyTorch {theirs:.2f} ms, ", end="")
        print(f"ratio {ours / theirs:.2f} (target {target:.2f}; products alone {floor / theirs:.2f})")


if __name__ == "__main__":
    main()
