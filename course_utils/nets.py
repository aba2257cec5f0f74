"""Code that has graduated from earlier lectures: each function stands here exactly as its lecture wrote it."""

import numpy as np


def sigmoid(z):
    """1 / (1 + exp(-z)) without overflow; z of any shape, returns the same shape and float type."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def softmax(Z):
    """Rows of scores to rows of probabilities, without overflow; Z (n, k), returns (n, k)."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def cross_entropy(Z, y):
    """Mean over the batch of -ln softmax(Z)[i, y_i]; Z (n, k) scores, y (n,) integer labels. A float."""
    Z = Z - Z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]))


def one_hot(y, k, dtype=np.float64):
    """Labels y (n,) in 0..k-1 to a matrix (n, k) with a 1 in each row at the label, 0 elsewhere."""
    return np.eye(k, dtype=dtype)[y]


def accuracy(Y_hat, y):
    """Share of rows whose largest score is at the label; Y_hat (n, k) scores, y (n,) labels. A float."""
    return float(np.mean(Y_hat.argmax(axis=1) == y))


def relu(Z):
    """max(0, z), entry by entry; Z of any shape."""
    return np.maximum(Z, 0)


def init(sizes, rng, dtype=np.float64):
    """Weights and biases of a network with these layer sizes: [W1, b1, W2, b2, ...]."""
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        W = rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in)
        params += [W.astype(dtype), np.zeros(n_out, dtype)]
    return params


def forward(params, X, f=relu):
    """All activations [X, A1, ..., logits] for a batch X (n, n_in)."""
    A = [X]
    for l in range(0, len(params), 2):
        Z = A[-1] @ params[l]
        Z += params[l + 1]  # in place: saves a copy of the whole batch
        A.append(f(Z) if l + 2 < len(params) else Z)
    return A


def backward(params, A, delta, df):
    """Gradients in the order of params; delta = dL/dZ of the last layer; df(A) = slope of f."""
    grads = []
    for l in range(len(params) - 2, -1, -2):
        A_in = A[l // 2]
        grads = [A_in.T @ delta, delta.sum(axis=0), *grads]  # BP4, BP3
        if l > 0:
            delta = (delta @ params[l].T) * df(A_in)  # BP2
    return grads


def loss_and_delta(Z, y):
    """Mean softmax cross-entropy of logits Z (n, k) and integer labels y (n,), and its gradient in Z."""
    rows = np.arange(len(y))
    Z = Z - Z.max(axis=1, keepdims=True)
    delta = np.exp(Z)
    total = delta.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - Z[rows, y])
    delta /= total  # softmax
    delta[rows, y] -= 1
    delta /= len(y)  # the 1/n of the mean: here, and nowhere else
    return loss, delta


def adam(p, dp, s, eta, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam: changes the parameter p and its memory s, a dict that starts empty; dp = dL/dp."""
    t = s["t"] = s.get("t", 0) + 1
    m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * dp
    v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * (dp * dp)
    p -= eta / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + eps)


def bilinear(X, rows, columns):
    """Read pictures X (n, 28, 28) at fractional rows and columns (n, 28, 28); outside there is no ink."""
    padded = np.pad(X, ((0, 0), (1, 2), (1, 2))).ravel()        # (n, 31, 31), read in a row
    rows, columns = np.clip(rows + 1, 0, 29), np.clip(columns + 1, 0, 29)
    i, j = np.floor(rows), np.floor(columns)
    u, v = rows - i, columns - j
    at = (31 * i + j).astype(np.int32) + 961 * np.arange(len(X), dtype=np.int32)[:, None, None]
    top, bottom = padded[at], padded[at + 31]
    top += v * (padded[at + 1] - top)
    bottom += v * (padded[at + 32] - bottom)
    return top + u * (bottom - top)


BUMPS = np.exp(-((np.arange(28)[:, None] - np.linspace(0, 27, 5)) ** 2) / (2 * 4.7**2))     # (28, 5)
BUMPS = (BUMPS / np.linalg.norm(BUMPS, axis=1, keepdims=True)).astype(np.float32)


def distort(X, rng, shift=2.0, angle=0.25, scale=0.15, slant=0.15, elastic=1.5):
    """New digits out of X (n, 784): random affine map and smooth bending; amounts in pixels, radians, shares."""
    n, down = len(X), np.arange(28, dtype=np.float32)[:, None] - 13.5
    some = lambda amount: rng.uniform(-amount, amount, size=(n, 1, 1)).astype(np.float32)
    turn, tall, wide, lean = some(angle), 1 + some(scale), 1 + some(scale), some(slant)
    bend = BUMPS @ rng.normal(scale=elastic, size=(2, n, 5, 5)).astype(np.float32) @ BUMPS.T
    rows = 13.5 + some(shift) + tall * np.cos(turn) * down + wide * np.sin(turn) * down.T + bend[0]
    columns = 13.5 + some(shift) + (lean - tall * np.sin(turn)) * down + wide * np.cos(turn) * down.T + bend[1]
    return bilinear(X.reshape(n, 28, 28), rows, columns).reshape(n, 784)


def col2im(cols, shape, k, stride=1, pad=0):
    """The adjoint of im2col: add every entry of cols to the pixel of X, of the given shape, that it came from."""
    n, C, height, width = shape
    Ho, Wo = cols.shape[-2:]
    P = np.zeros((C, n, height + 2 * pad, width + 2 * pad), cols.dtype)
    for i, j in np.ndindex(k, k):
        P[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride] += cols[:, i, j]
    return P[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)


def conv_transpose(Y, W, shape, stride=1, pad=0):
    """The adjoint of conv_forward without bias: Y (n, C_out, Ho, Wo) to a batch of the given shape (n, C, H, W)."""
    dcols = W.reshape(len(W), -1).T @ Y.transpose(1, 0, 2, 3).reshape(len(W), -1)
    dcols = dcols.reshape(*W.shape[1:], len(Y), *Y.shape[2:])
    return col2im(dcols, shape, W.shape[-1], stride, pad)
