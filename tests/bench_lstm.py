"""Speed of lecture 4's LSTM against PyTorch, on demand: python tests/bench_lstm.py [twin.py]

Same work for both: forward and back through time, gradients in all weights and in the input, for 32 sequences
of 50 steps, 64 inputs, 128 units, one thread. NumPy runs the lecture's own functions, read from its text twin
(or from the file named). Prints the ratio for float32 and float64: the shortest of several interleaved runs
each, in CPU time, so that a busy machine disturbs little. In float32 PyTorch may run oneDNN's fused LSTM, which
is not its own eager code; so both are printed.
"""

import sys

from course_utils import data  # noqa: F401, first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip
import torch  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

NAMES = {"by_gate", "lstm_forward", "lstm_backward"}
TARGETS = {"float32": 1.25, "float64": 0.85}
BATCH, STEPS, INPUTS, HIDDEN, REPEATS = 32, 50, 64, 128, 25


def main():
    torch.set_num_threads(1)
    f = taught(*(sys.argv[1:] or ["04_recurrent_networks"]), NAMES)
    for dtype, target in TARGETS.items():
        rng = np.random.default_rng(1)
        draw = lambda *shape: (rng.normal(size=shape) / np.sqrt(shape[0])).astype(dtype)  # noqa: E731, B023
        P = {"Wx": draw(INPUTS, 4 * HIDDEN), "Wh": draw(HIDDEN, 4 * HIDDEN), "b": draw(4 * HIDDEN)}
        X, dH = draw(BATCH, STEPS, INPUTS), draw(BATCH, STEPS, HIDDEN)
        X_t, dH_t = torch.tensor(X, requires_grad=True), torch.tensor(dH)
        net = torch.nn.LSTM(INPUTS, HIDDEN, batch_first=True, dtype=X_t.dtype)
        with torch.no_grad():
            for p, W in zip(net.parameters(), (P["Wx"].T, P["Wh"].T, P["b"], 0 * P["b"]), strict=True):
                p.copy_(torch.tensor(W))

        def numpy_pass(P=P, X=X, dH=dH):
            return f["lstm_backward"](P, f["lstm_forward"](P, X)[1], dH)

        def torch_pass(fused=True, net=net, X_t=X_t, dH_t=dH_t):
            net.zero_grad()
            X_t.grad = None
            with torch.backends.mkldnn.flags(enabled=fused):
                net(X_t)[0].backward(dH_t)

        times, grads = {"NumPy": [], "PyTorch": [], "without oneDNN": []}, numpy_pass()
        torch_pass()
        worst = np.abs(grads["Wh"].T - net.weight_hh_l0.grad.numpy()).max() / np.abs(grads["Wh"]).max()
        assert worst < 1e-4, "the two passes do not compute the same"
        for _ in range(REPEATS):
            times["NumPy"].append(cpu_seconds(numpy_pass))
            times["PyTorch"].append(cpu_seconds(torch_pass))
            times["without oneDNN"].append(cpu_seconds(lambda: torch_pass(False)))
        ours, theirs, plain = (min(values) for values in times.values())
        text = ", ".join(f"{name} {1000 * min(values):.1f} ms" for name, values in times.items())
        print(f"{dtype}: {text}; ratio {ours / theirs:.2f} and {ours / plain:.2f} (target {target:.2f})")


if __name__ == "__main__":
    main()
