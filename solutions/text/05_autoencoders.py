# %% [markdown]
# # Exercise 5 · Autoencoders
#
# Ten tasks on Lecture 5, about three and a half hours: what compression costs when the decoder is counted, PCA's
# error without a single reconstruction, two losses that you derive, pixels that are hidden, a search engine that you
# grade, a loss that treats a small group fairly, a law about what a code means, an anomaly detector that you fool,
# and an autoencoder of your own with eight numbers. The cell below each answer checks it with fresh random numbers;
# run a check as often as you like. Its verdict starts with **✓** (right), **…** (not done yet), **✗** (wrong, and
# what is wrong) or **↑** (run the cells above first). Tasks do not need each other.

# %% [markdown] tags=["nav"]
# [Lecture 5](../lectures/05_autoencoders.ipynb) · [Exercise 5](../exercises/05_autoencoders.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import time

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score
from torch import nn

from course_utils import check, data, plot, style
from course_utils.nets import adam, backward, forward, init, relu, sigmoid

style.use()
torch.set_num_threads(1)  # these networks are small: more cores would only wait for each other

# %% [markdown]
# As in the lecture, a batch of pictures `X` has the shape `(n, d)`, one picture per row; `C` is the batch of codes,
# `(n, k)`; `Z` is the reconstruction, `(n, d)`; and `delta` is $\partial L/\partial Z$. The real pictures are the
# digits of 8 × 8 pixels, 64 numbers each, with ink between 0 and 1.

# %%
digits, labels, digits_test, labels_test = data.digits8(flat=True)


# %% [markdown]
# ## Task 1 · When does it pay? (★, 15 minutes, 2 points)
#
# "784 pixels in 64 numbers" sounds like twelve times smaller. It is not: a pixel is stored in one byte, a code number
# in several; and whoever unpacks the pictures needs the decoder as well. An autoencoder is a stack of dense layers,
# given by its sizes, such as `[784, 128, 64, 128, 784]`. The code is the narrowest layer, and it need not lie in the
# middle. For pictures of one byte per pixel, codes of `code_bytes` bytes per number, and a decoder of **4** bytes per
# parameter, find
#
# - the number of parameters of the whole autoencoder, biases included;
# - the compression ratio, bytes of a picture divided by bytes of its code;
# - the smallest number of pictures for which the decoder and all codes together take **fewer** bytes than the
#   pictures themselves; 0 if that never happens.

# %% nbgrader={"grade": false, "grade_id": "price", "locked": false, "schema_version": 3, "solution": true, "task": false}
def price(sizes, code_bytes):
    """What an autoencoder costs and when it pays.

    sizes: a list of layer sizes, the first equal to the last, with one narrowest layer; code_bytes: 1, 2 or 4.
    Returns parameters, ratio, pays_from: a whole number, a number, a whole number.
    """
    ### BEGIN SOLUTION
    counts = [(n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:])]
    place = sizes.index(min(sizes))
    saved = sizes[0] - code_bytes * min(sizes)  # bytes per picture
    decoder = 4 * sum(counts[place:])
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), decoder // saved + 1 if saved > 0 else 0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "price_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("price", points=2)
def price_check(t):
    a, b, c = t.rng.integers(20, 30, size=3).tolist()
    stacks = [[40, 9, 40], [40, a, 5, b, 40], [60, a, b, 6, 60], [60, 7, a, b, c, 60], [10, 2, 10], [60, b, 15, 60]]
    for sizes in stacks:
        for code_bytes in (1, 2, 4):
            layers = [nn.Linear(*ends, device="meta") for ends in zip(sizes[:-1], sizes[1:])]
            numel = lambda layers: sum(p.numel() for layer in layers for p in layer.parameters())
            raw, code = sizes[0], code_bytes * min(sizes)
            n = np.arange(200_000)  # the first n that pays, by trying them all
            wanted = numel(layers), raw / code, np.argmax(code * n + 4 * numel(layers[np.argmin(sizes) :]) < raw * n)
            answers, names = t.call(price, sizes, code_bytes), "parameters, ratio, pays_from"
            for what, ours, theirs in zip(names.split(", "), t.several(answers, names), wanted):
                t.close(ours, theirs, f"{sizes} with {code_bytes} bytes per code number: {what}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Parameters a little too few?* Each layer has one bias for each of its outputs.
#
# *The ratio is right for 1 byte, not for 4?* Bytes, not numbers: the code takes `code_bytes` for each number.
#
# *`pays_from` is far too large?* Only the decoder has to be sent along; the encoder stays with the sender. The decoder
# begins at the narrowest layer: find its place with `sizes.index(min(sizes))`.
#
# *`pays_from` is off by one?* "Fewer" is strict. If the saving of 15 pictures equals the decoder to the byte, it pays
# from 16. *Negative, or a division by 0?* When a code is as large as its picture, nothing is ever saved.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Each picture saves $d - k\cdot\text{bytes}$, and the decoder has to be paid for out of these
# savings: $n > \text{decoder}/\text{saving}$. For 784-128-64-128-784 and 4 bytes the ratio is 3.06, not 12.25, and it
# pays from the 830th picture on. With one byte per number it is 12.25 and the 609th. **Tempting and wrong:** rounding
# the quotient up with `ceil`: right, except when the division has no remainder. And taking the middle of the list for
# the code.

# %% [markdown]
# ## Task 2 · The error without a reconstruction (★★, 20 minutes, 2 points)
#
# How many components are enough? To see, you want PCA's reconstruction error for every $K$, and rebuilding all
# pictures for each of them is a waste. Let $\mathbf m$ be the mean picture of `X`, and $X - \mathbf m = USV^\top$ the
# singular value decomposition, singular values $s_1\ge s_2\ge\ldots$ By Eckart and Young (1936), what is lost with $K$
# components is the part with the other singular values:
#
# $$\sum_{i,j}(\text{error})_{ij}^2 = \sum_{l>K} s_l^2 .$$
#
# This holds for the pictures from which PCA was made. For **new** pictures, reconstructed with the same $\mathbf m$ and
# $V$, use Pythagoras: a picture minus $\mathbf m$ is a sum of two orthogonal parts, one inside the span of the
# components and one outside, and the squared lengths add up. Find the **mean squared error per number** for $K$
# components, $K = 0, 1, \ldots, K_{\max}$, for both sets. No components, $K = 0$: every picture becomes $\mathbf m$.

# %% nbgrader={"grade": false, "grade_id": "pca_errors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pca_errors(X, X_new, K_max):
    """Reconstruction errors of PCA with 0, 1, ..., K_max components, made from X.

    X: (n, d); X_new: (m, d); K_max < n and <= d.
    Returns E, E_new: both (K_max + 1,), the mean squared errors per number on X and on X_new.
    """
    ### BEGIN SOLUTION
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m, full_matrices=False)[1:]
    inside = (X_new - m) @ Vt[:K_max].T  # (m, K_max) coordinates of the new pictures
    kept = np.cumsum([0, *s[:K_max] ** 2])
    kept_new = np.cumsum([0, *np.sum(inside**2, axis=0)])
    return (np.sum(s**2) - kept) / X.size, (np.sum((X_new - m) ** 2) - kept_new) / X_new.size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pca_errors_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("pca_errors", points=2)
def pca_errors_check(t):
    for n, d in ((40, 7), (9, 25)):  # more pictures than pixels, and fewer
        mix, m = t.rng.normal(size=(d, d)), 3 * t.rng.normal(size=d)
        X, X_new = m + t.rng.normal(size=(n, d)) @ mix, m + t.rng.normal(size=(13, d)) @ mix + 0.5
        E, E_new = t.several(t.call(pca_errors, X, X_new, 6), "E, E_new")
        mean, axes = X.mean(axis=0), np.linalg.eigh(np.cov(X.T))[1][:, ::-1]
        for what, ours, A in (("E", E, X), ("E_new", E_new, X_new)):
            rebuilt = [mean + (A - mean) @ axes[:, :K] @ axes[:, :K].T for K in range(7)]  # brute force
            t.close(ours, [np.mean((A - R) ** 2) for R in rebuilt], f"for {n} pictures of {d} pixels, {what}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Wrong shape?* $K$ starts at 0, so there are $K_{\max} + 1$ numbers. `np.cumsum([0, ...])` starts with nothing kept.
#
# *Off by a constant factor?* The sums run over all $nd$ numbers: divide by `X.size` (and by `X_new.size`), not by $n$.
#
# *`E` is wrong from the start, at index 0?* Subtract the mean first. Singular values of `X` itself measure from 0.
#
# *`E_new` is wrong?* New pictures have no say: the mean and the components are those of `X`. The singular values do
# not help with them; their coordinates $(\mathbf x - \mathbf m)V$ do.
#
# *The components?* `np.linalg.svd` returns $V^\top$: its **rows** are the components.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The coordinates of the training pictures are $US$; the squares of column $l$ sum to $s_l^2$. For
# new pictures the same sum is computed from their own coordinates. **Tempting and wrong:** the tail of the singular
# values for the new pictures too. It is the error on the training data, and too small.

# %% [markdown]
# *Predict:* PCA is made from 100 digits of 28 × 28 pixels. With all its 99 components, what is the error on these 100
# digits, and what is it on others?

# %%
if check.done("pca_errors"):
    many = data.digits28(flat=True).X_train[:600].astype(float)
    E, E_new = pca_errors(many[:100], many[100:], 99)
    fig, ax = plt.subplots()
    plot.curves(ax, train=E, validation=E_new, x=np.arange(100), xlabel="components", ylabel="error per number")
    ax.set(title="100 pictures describe themselves, not the others", ylim=(0, None))
    plot.show(fig, "Error of PCA made from 100 digits. On them it falls to zero, on 500 other digits it levels off.")

# %% [markdown]
# The curve for the 100 digits ends at 0: a hundred points minus their mean span 99 directions. The other digits keep an
# error that no further component can remove, because there is none.

# %% [markdown]
# ## Task 3 · A decoder that knows its doubts (★★, 25 minutes, 3 points)
#
# The squared error treats all pixels alike. But a pixel in the corner is nearly always empty, and one in the middle is
# anything. Let the decoder say how sure it is: pixel $j$ of picture $i$ is a normal random number with the mean
# $z_{ij}$ and the variance $\sigma_j^2 = e^{s_j}$,
#
# $$p(x_{ij}) = \frac{1}{\sqrt{2\pi e^{s_j}}}\;\exp\Bigl(-\frac{(x_{ij} - z_{ij})^2}{2e^{s_j}}\Bigr) .$$
#
# There is one $s_j$ per pixel, and it is learned like a bias. The loss is the **mean of $-\ln p(x_{ij})$ over all
# numbers of the batch**, with all its terms. Derive it, with its gradients in $Z$ and in $\mathbf s$. Then solve
# $\partial L/\partial s_j = 0$ on paper: which $\mathbf s$ is best for given $Z$?

# %% nbgrader={"grade": false, "grade_id": "doubts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gauss_and_delta(Z, s, X):
    """Mean of -ln p over all numbers, and its gradients. Z, X: (n, d) means and pixels; s: (d,) log-variances.

    Returns loss, delta, ds: a number, (n, d), (d,).
    """
    ### BEGIN SOLUTION
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)
    ### END SOLUTION

def best_s(Z, X):
    """The log-variances (d,) with the smallest loss for given Z and X, both (n, d)."""
    ### BEGIN SOLUTION
    return np.log(np.mean((Z - X) ** 2, axis=0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "doubts_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("doubts", points=3)
def doubts_check(t):
    for n, d in ((5, 3), (4, 7)):
        X, Z, s = t.rng.normal(size=(n, d)), t.rng.normal(size=(n, d)), t.rng.normal(size=d)
        leaves = [torch.tensor(a, requires_grad=True) for a in (Z, s)]
        wanted = -torch.distributions.Normal(leaves[0], (leaves[1] / 2).exp()).log_prob(torch.tensor(X)).mean()
        answers = t.several(t.call(gauss_and_delta, Z, s, X), "loss, delta, ds")
        for what, ours, theirs in zip(("loss", "delta", "ds"), answers, (wanted, *torch.autograd.grad(wanted, leaves))):
            t.close(ours, theirs, f"for {n} pictures of {d} pixels, {what}")
        best = torch.tensor(t.shape(t.call(best_s, Z, X), (d,), "best_s"), requires_grad=True)
        loss = -torch.distributions.Normal(torch.tensor(Z), (best / 2).exp()).log_prob(torch.tensor(X)).mean()
        t.close(torch.autograd.grad(loss, best)[0], np.zeros(d), "the slope of the loss in s at your best_s")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Where to begin?* $-\ln p$ is a sum of three terms: one with the squared error, one with $s_j$, one constant. The
# square root gives a factor $\frac12$.
#
# *The loss is off by 0.918939?* That is $\frac12\ln 2\pi$, the constant. It has no gradient, and belongs to the loss.
#
# *delta is off by a factor of 2?* The $2$ of the derivative and the $\frac12$ of the formula cancel.
#
# *ds is off by the factor n or d?* The mean is over all $nd$ numbers; the sum for $s_j$ runs over the $n$ pictures.
#
# *best_s has the right idea and the wrong values?* $s$ is the logarithm of the **variance**, not of the standard
# deviation. And the errors are squared before the mean; the mean error itself is not subtracted.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $-\ln p = \frac12\bigl[(x - z)^2e^{-s} + s + \ln 2\pi\bigr]$. The error is divided by the variance,
# and $s$ is the price for claiming a large one. With $\mathbf s$ fixed at the same number for all pixels this is the
# squared error again, up to constants: so the squared error is a Gaussian decoder without doubts. The best variance is
# the mean squared error of the pixel. **Tempting and wrong:** to take a negative loss for a bug. A density may exceed
# 1. But beware of pixels that are always 0: their best variance is 0, their best $s$ is $-\infty$, and one dead pixel
# can pull the loss of the batch down for ever. In practice $\mathbf s$ gets a floor.

# %% [markdown]
# ## Task 4 · Busy on average, quiet in each case (★★★, 40 minutes, 4 points)
#
# A code may be larger than the picture if only few of its numbers are active at a time. A classical way (Ng, 2011) is
# to prescribe the **mean activity**. With a sigmoid code $C = \sigma(XW_1 + \mathbf b_1)$, the reconstruction
# $Z = CW_2 + \mathbf b_2$, and the mean activity $\hat\rho_j = \frac1n\sum_i C_{ij}$ of code number $j$ over the batch,
#
# $$L = \frac{1}{nd}\sum_{i,p}(Z_{ip} - X_{ip})^2 + \beta\sum_{j=1}^{k}\Bigl[\rho\ln\frac{\rho}{\hat\rho_j}
# + (1 - \rho)\ln\frac{1 - \rho}{1 - \hat\rho_j}\Bigr] .$$
#
# The bracket is 0 for $\hat\rho_j = \rho$ and grows to both sides. Write the loss and its gradients, all by hand. Two
# streams meet at the code: one comes from the decoder, one from the penalty. And the penalty ties the pictures of the
# batch together: how does $C_{ij}$ enter $\hat\rho_j$?

# %% nbgrader={"grade": false, "grade_id": "sparse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sparse_loss_and_grads(P, X, rho, beta):
    """Loss of a sparse autoencoder and its gradients.

    P: a dict with W1 (d, k), b1 (k,), W2 (k, d), b2 (d,); X: (n, d); rho: between 0 and 1; beta: a number.
    Returns loss, grads: a number, and a dict with the keys of P.
    """
    ### BEGIN SOLUTION
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sparse_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("sparse", points=4)
def sparse_check(t):
    for rho, beta in ((0.3, 0.0), (0.1, 0.7), (0.6, 0.2)):
        shapes = {"W1": (4, 5), "b1": 5, "W2": (5, 4), "b2": 4}
        P, X = {key: 0.6 * t.rng.normal(size=shape) for key, shape in shapes.items()}, t.rng.normal(size=(7, 4))
        leaf, data = {key: torch.tensor(p, requires_grad=True) for key, p in P.items()}, torch.tensor(X)
        C, coin = torch.sigmoid(data @ leaf["W1"] + leaf["b1"]), torch.distributions.Bernoulli
        penalty = torch.distributions.kl_divergence(coin(torch.tensor(rho).double()), coin(C.mean(dim=0))).sum()
        wanted = F.mse_loss(C @ leaf["W2"] + leaf["b2"], data) + beta * penalty
        loss, grads = t.several(t.call(sparse_loss_and_grads, P, X, rho, beta), "loss, grads")
        t.close(loss, wanted, f"with rho = {rho} and beta = {beta}, the loss")
        t.true(isinstance(grads, dict) and set(grads) == set(P), "grads should be a dict with the keys W1, b1, W2, b2.")
        for key, theirs in zip(("b2", "W2", "b1", "W1"), torch.autograd.grad(wanted, [leaf[k] for k in ("b2", "W2", "b1", "W1")])):
            t.close(grads[key], theirs, f"with rho = {rho} and beta = {beta}, the gradient in {key}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Already wrong with beta = 0?* Then it is the plain backward pass. The code is a sigmoid, with the slope $C(1 - C)$;
# the output is linear, without a slope. The mean of the squares is over all $nd$ numbers.
#
# *The loss is wrong with a penalty?* $\hat\rho_j$ is a mean over pictures, `C.mean(axis=0)`, one number for each code
# number; the penalty is the **sum** over these.
#
# *b2 and W2 are right, b1 and W1 only with beta = 0?* The penalty does not touch the decoder. At the code its stream is
# added **before** the slope of the sigmoid. And each $C_{ij}$ has a share of $\frac1n$ in its mean.
#
# *How to derive the bracket?* $\partial/\partial\hat\rho$ of $-\rho\ln\hat\rho - (1 - \rho)\ln(1 - \hat\rho)$; the
# rest is constant.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The penalty's slope in $\hat\rho_j$ is $-\rho/\hat\rho_j + (1-\rho)/(1-\hat\rho_j)$, and every
# picture receives the $n$-th part of it, the same for all, before its own slope $C(1 - C)$. **Tempting and
# wrong:** to compute the bracket for each picture and take the mean. This asks every picture for an activity of $\rho$,
# in all code numbers: the very opposite of few that are active. The mean permits a number to be 1 for one picture in
# ten and 0 for the others. And note: the mean of a small batch is noisy, so a large $\beta$ needs a large batch.

# %% [markdown]
# ## Task 5 · Fill in what is hidden (★★, 20 minutes, 3 points)
#
# Instead of adding noise, hide pixels: set each one to 0 with the probability `share`, drawn anew for every picture and
# every time, and ask the network for the whole picture (Vincent and colleagues, 2008). What is visible could be
# copied; what is hidden has to be *understood* from the rest. So let only the hidden pixels count: the loss is the mean
# of $(Z - X)^2$ **over the hidden numbers** of the batch. (Networks that learn pictures from patches that are left out,
# and language from words that are left out, do the same on a large scale.) If nothing is hidden, loss and `delta`
# are 0.

# %% nbgrader={"grade": false, "grade_id": "hidden", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hide(X, share, rng):
    """Hide pixels. X: (n, d); share: a probability; rng: a NumPy generator, the only source of chance.

    Returns X_in, hidden: (n, d) with 0 at the hidden places, X elsewhere; and (n, d) of True (hidden) and False.
    """
    ### BEGIN SOLUTION
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X), hidden
    ### END SOLUTION

def hidden_loss_and_delta(Z, X, hidden):
    """Mean of (Z - X)² over the hidden numbers, and its gradient in Z. Z, X, hidden: (n, d). Returns loss, delta."""
    ### BEGIN SOLUTION
    error = np.where(hidden, Z - X, 0)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, 2 * error / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hidden_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("hidden", points=3)
def hidden_check(t):
    X, a = np.maximum(t.rng.normal(size=(90, 60)), 0), int(t.rng.integers(2**31))  # half of X is 0 already
    for share, seed in ((0.3, a), (0.3, a), (0.7, a + 1)):
        X_in, H = t.several(t.call(hide, X, share, np.random.default_rng(seed)), "X_in, hidden")
        t.true(t.shape(H, X.shape, "hidden").dtype == bool, "hidden should hold True and False: the result of a `<`.")
        t.close(X_in, X * (1 - H), "X_in, compared with X where hidden is False and 0 where it is True,")
        t.true(abs(H.mean() - share) < 0.06, f"you hide {H.mean():.0%} of the numbers (zeros too), wanted {share:.0%}.")
        alike = "some pixel is hidden in all pictures or in none (or a whole picture is): draw (n, d) random numbers."
        t.true(all(0 < m < 1 for axis in (0, 1) for m in H.mean(axis=axis)), alike)
    G, H = (t.call(hide, X, 0.5, np.random.default_rng(seed))[1] for seed in (a, a + 1))
    t.true(np.mean(G == H) < 0.7, "two generators hide the same pixels: draw from `rng`, not from one of your own.")
    G = t.call(hide, X, 0.5, np.random.default_rng(a))[1]
    t.true(np.array_equal(G, t.call(hide, X, 0.5, np.random.default_rng(a))[1]), "all chance should come from `rng`.")
    ### BEGIN HIDDEN TESTS
    ### END HIDDEN TESTS


# %% [markdown]
# <details><summary>Hints</summary>
# </details>
