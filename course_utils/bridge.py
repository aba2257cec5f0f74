"""Between NumPy and PyTorch: the device, the same weights in both worlds, honest timing.

This is the only module of the package that imports PyTorch.
"""

import time

import torch


def device():
    """The device to train on: the first of "cuda", "mps" and "cpu" that this machine has."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def tensors(*arrays, device="cpu", grad=False):
    """Copies of NumPy arrays as tensors of the same dtype on `device`; grad=True makes them trainable leaves.

    Returns one tensor for one array, else a tuple. float64 becomes float32 on "mps", which has no float64.
    """
    copies = []
    for array in arrays:
        tensor = torch.tensor(array)
        if torch.device(device).type == "mps" and tensor.dtype == torch.float64:
            tensor = tensor.float()
        copies.append(tensor.to(device).requires_grad_(grad))
    return copies[0] if len(copies) == 1 else tuple(copies)


def set_linear(layer, W, b):
    """Copy W (n_in, n_out) and b (n_out,) into a `torch.nn.Linear`, which keeps its weight transposed."""
    if tuple(layer.weight.shape) != W.T.shape:
        raise ValueError(
            f"the layer takes {layer.in_features} inputs to {layer.out_features} outputs; W has shape {W.shape}"
        )
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(W.T))
        layer.bias.copy_(torch.tensor(b))
    return layer


def seconds(f, repeats=3):
    """The shortest of `repeats` wall-clock times of f(), in seconds, after one call to warm up.

    Waits for the GPU to finish, where there is one, before it reads the clock.
    """

    def wait():
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        elif torch.backends.mps.is_available():
            torch.mps.synchronize()

    f()
    times = []
    for _ in range(repeats):
        wait()
        start = time.perf_counter()
        f()
        wait()
        times.append(time.perf_counter() - start)
    return min(times)
