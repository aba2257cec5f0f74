# %% [markdown]
# # Lecture 5 · Autoencoders
#
# > **What does a network learn that only has to repeat what it sees?**

# %% [markdown] tags=["nav"]
# [← Lecture 4](04_recurrent_networks.ipynb) · [Exercise 5](../exercises/05_autoencoders.ipynb) · [Solution 5](../solutions/05_autoencoders.ipynb) · [Lecture 6 →](06_variational_autoencoders.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import io
import zlib
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.linalg import subspace_angles
from scipy.optimize import brentq
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.metrics import roc_auc_score
from torch import nn

from course_utils import bridge, check, data, plot, progress, style
from course_utils.nets import adam, backward, conv_transpose, forward, init, loss_and_delta, relu, sigmoid

style.use()
device = bridge.device()
X_train, y_train, X_test, y_test = data.digits28(flat=True)  # (4000, 784) and (1000, 784), ink in [0, 1]

# %% [markdown]
# A network with layers of 784, 128, 16, 128 and 784 units gets a picture and has to say the same picture again. In
# the middle, everything it knows about the picture is sixteen numbers. We train it for a few seconds on handwritten
# digits, without telling it which digits they are. Then we show it four digits it has never seen, and four pictures
# that are no digits: a digit with black and white exchanged, a chessboard, a frame, and noise. *Predict:* what comes
# out
# for the first four, and what for the others?

# %%
rng, sizes = np.random.default_rng(50), [784, 128, 16, 128, 784]
start = [0.5 * p for p in init(sizes, rng, np.float32)]
layers = [bridge.set_linear(torch.nn.Linear(*W.shape), W, b) for W, b in zip(start[::2], start[1::2])]
net = torch.nn.Sequential(layers[0], torch.nn.SiLU(), *layers[1:3], torch.nn.SiLU(), layers[3])
optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
for _ in range(800):
    X = torch.tensor(X_train[rng.integers(4000, size=64)])
    optimiser.zero_grad()
    ((net(X) - X) ** 2).mean().backward()  # the target is the input
    optimiser.step()

# %%
strange, board = np.zeros((4, 28, 28), np.float32), (np.indices((28, 28)) // 7).sum(axis=0) % 2 == 1
strange[0], strange[1, board] = 1 - X_test[4].reshape(28, 28), 1
strange[2, 2:26, 2:26], strange[2, 5:23, 5:23], strange[3] = 1, 0, rng.random((28, 28))
shown = np.concatenate([X_test[:4], strange.reshape(4, 784)])
fig = plot.images([*shown, *net(torch.tensor(shown)).detach().numpy()], titles=["in"] * 8 + ["out"] * 8, columns=8, scale=0.62)
plot.show(fig, "Above: four digits, one negative, chessboard, frame, noise. Below: blurred digits; the rest is lost.")

# %% [markdown]
# The digits come back, a little blurred. The others do not: the network answers with strokes and smears. It has not
# learned to copy. It has learned what digits look like, so well that sixteen numbers are enough to tell one from
# another, and it has no words for anything else.
#
# **You will be able to**
#
# - build an autoencoder in NumPy, count its parameters, prove its gradient, and train the same one in PyTorch;
# - show that without activations it is principal component analysis, and measure what activations add;
# - choose output and loss by what you assume about the input, and compare nets whose losses cannot be compared;
# - tie weights, and pretrain a deep network layer by layer, and say when that is worth it;
# - use codes for denoising, search, maps and more, and show where a plain autoencoder breaks.
#
# **Know first:** Lecture 2 (back-propagation, Adam); for the convolutional sections Lecture 3.
# **Reading time:** 110 minutes. **Running time:** about two minutes on a laptop.
#
# <details><summary>Maths you need: eigenvectors and the SVD, cross-entropy</summary>
#
# A vector $v\ne0$ with $Sv = \lambda v$ is an *eigenvector* of $S$. A symmetric $S$ of side $d$ has $d$ of them, at
# right angles to each other: `values, vectors = np.linalg.eigh(S)`, in rising order, the vectors as columns.
#
# Each matrix is $X = U\,\text{diag}(s)\,V^\top$, with orthonormal columns in $U$ and in $V$: its *singular value
# decomposition*. The columns of $V$ are the eigenvectors of $X^\top X$, and $s^2$ its eigenvalues.
#
# *Cross-entropy* of a yes-or-no target $x$ and a predicted probability $p$: $-x\ln p-(1-x)\ln(1-p)$. For $x=1$ it is
# $-\ln p$: 0 if $p=1$, and large for a confident error.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# 5 min the opening figure (let the room vote), 10 min the smallest example at the board, 15 min linear autoencoder and
# PCA, 15 min the three losses, 15 min the race against PCA over code sizes, 20 min the uses, 10 min where it breaks.
# Can be skipped: Adadelta, tied weights, greedy pretraining. Ask for predictions; they are most of the lecture.
#
# </details>
#
# ## 1 Learning without labels
#
# An **autoencoder** is a network that is trained, by back-propagation, with **the target equal to the input**.
# An ordinary multilayer perceptron maps $x$ to a target $y$ that somebody has written down. An autoencoder maps
# $x$ to a reconstruction $\tilde x$ that should be $x$ itself:
#
# $$z = \text{encode}(x), \qquad \tilde x = \text{decode}(z), \qquad
# L = \frac1d\sum_{j=1}^d(\tilde x_j - x_j)^2 .$$
#
# The **encoder** compresses, the **decoder** decompresses, and between them is the **code** $z$. It has many names:
# latent vector (a point of the latent or hidden space), embedding, coding, and **bottleneck** for the layer itself.
#
# ```
#   x1 ○                    ○ x̃1
#   x2 ○ ╲                ╱ ○ x̃2        five inputs, a code of two, mirrored back to five:
#   x3 ○ ──▶  ○ z1  ──▶  ── ○ x̃3        z is what the network keeps of x,
#   x4 ○ ──▶  ○ z2  ──▶  ── ○ x̃4        and all that the decoder ever sees.
#   x5 ○ ╱                ╲ ○ x̃5
# ```
#
# Two misconceptions. *"It learns without a target, so it is unsupervised."* Nobody labels anything, but there **is** a
# target, and an ordinary gradient method chases it. The exact word is **self-supervised**: the data supervise
# themselves. (For the same reason back-propagation is no "supervised algorithm". It computes gradients, of any loss.)
#
# *"It learns the identity, which is useless."* The identity is what it approximates **under a constraint**. If
# the code is smaller than the input, not everything can pass, and the loss decides what does: the essential, judged
# by squared error on these data. Every hidden layer is a representation of the input, as many numbers as it has units;
# the smaller the layer, the stronger the compression. The code is the smallest of them.
#
# **By hand.** Two inputs, a code of one, two outputs, no biases, all linear: $x = (3, 1)$, $W_1 = (0.5, 0.5)^\top$,
# $W_2 = (1, 0.5)$. Then $z = 3\cdot0.5+1\cdot0.5 = 2$ and $\tilde x = (2, 1)$: the second number is right, the first
# one too small by one, $L = \frac12(1+0) = 0.5$. With $\delta_2 = \partial L/\partial\tilde x = \frac22(\tilde x-x) =
# (-1, 0)$,
#
# $$dW_2 = z\,\delta_2 = (-2, 0), \qquad \delta_1 = \delta_2W_2^\top = -1, \qquad dW_1 = x^\top\delta_1 = (-3, -1)^\top .$$
#
# *Predict:* after one step with $\eta = 0.1$, is the loss smaller? Does $\tilde x$ still err to the same side?

# %%
x, W1, W2 = np.array([[3.0, 1.0]]), np.array([[0.5], [0.5]]), np.array([[1.0, 0.5]])
numbers = lambda: [*(x @ W1 @ W2)[0], np.mean((x @ W1 @ W2 - x) ** 2)]
check.worked("reconstruction, loss", numbers(), "2 1 0.5")
z, delta2 = x @ W1, x @ W1 @ W2 - x
W1, W2 = W1 - 0.1 * x.T @ (delta2 @ W2.T), W2 - 0.1 * z.T @ delta2
check.worked("after one step: W1, W2, reconstruction, loss", [*W1[:, 0], *W2[0], *numbers()], "0.8 0.6 1.2 0.5 3.6 1.5 0.305")


# %% [markdown]
# The loss fell from 0.5 to 0.305, and now both numbers are too large: encoder and decoder each made the correction,
# and together they overshot. For one point $x$ the code of one number can reach loss 0. For many points it cannot,
# unless they lie on one line (without biases: through the origin). Which line is best will be section 3.
#
# ## 2 The autoencoder in NumPy
#
# Layers shrink towards the code and grow after it, like a sandwich; such a deep one is called a **stacked
# autoencoder**. The knobs are the size of the code, the depth, the number of units per layer, and the loss. The
# forward pass is Lecture 2's: $Z_l = A_{l-1}W_l + b_l$, $A_l = f(Z_l)$. Two layers get **no** activation: the
# code, which should be free to use all numbers, and the output.
#
# For $f$ we take SiLU, $f(z) = z\,s$ with $s = \sigma(z)$, a smooth relative of ReLU. Its slope by the product rule
# is $f'(z) = s + z\,s(1-s) = s + f(z)(1-s)$. On validation digits it left tanh clearly behind (section 7).
# The loss is the mean over **all** numbers of the batch, $n$ pictures of $d$ pixels:
#
# $$L = \frac1{nd}\sum_{i,j}(Z_{ij}-X_{ij})^2, \qquad \delta = \frac{\partial L}{\partial Z} = \frac{2}{nd}(Z-X),$$
#
# and from there the four equations of back-propagation run back through decoder, code and encoder:
# $dW_l = A_{l-1}^\top\delta_l$, $db_l = \sum_i\delta_l$, $\delta_{l-1} = (\delta_lW_l^\top)\odot f'(Z_{l-1})$, where
# $f' = 1$ at the code.
#
# The first cell below is all of it. The second proves it on a small net 5-4-2-4-5.

# %%
def silu(Z):
    """z sigmoid(z), and its slope s + f (1 - s); Z of any shape, returns two arrays."""
    s = sigmoid(Z)
    A = Z * s
    return A, s + A * (1 - s)

def mse_and_delta(Z, X):
    """Mean over ALL numbers of the batch of (Z - X)**2, and its gradient in Z; Z and X (n, d)."""
    E = Z - X
    return np.mean(E * E), 2 / E.size * E

def ae_forward(params, X, f=silu):
    """Activations [X, A1, ..., code, ..., Z] and slopes [1, f'(Z1), ...]; code and output are linear."""
    A, slopes, layers = [X], [1], len(params) // 2
    for l in range(layers):
        Z = A[-1] @ params[2 * l] + params[2 * l + 1]
        a, slope = (Z, 1) if l + 1 in (layers // 2, layers) else f(Z)
        A, slopes = [*A, a], [*slopes, slope]
    return A, slopes

def ae_backward(params, A, slopes, delta):
    """Gradients in the order of params, from delta = dL/dZ at the output."""
    grads = []
    for l in range(len(params) // 2 - 1, -1, -1):
        grads = [A[l].T @ delta, delta.sum(axis=0), *grads]
        if l > 0:
            delta = (delta @ params[2 * l].T) * slopes[l]
    return grads


# %%
rng = np.random.default_rng(51)
params, X = [p + 0.1 * rng.normal(size=p.shape) for p in init([5, 4, 2, 4, 5], rng)], rng.normal(size=(3, 5))
A, slopes = ae_forward(params, X)
grads = ae_backward(params, A, slopes, mse_and_delta(A[-1], X)[1])
for name, p, dp in zip("W1 b1 W2 b2 W3 b3 W4 b4".split(), params, grads):
    check.gradient(name, lambda: mse_and_delta(ae_forward(params, X)[0][-1], X)[0], p, dp)

# %% [markdown]
# Eight arrays, eight gradients right. Now the counts. A dense layer has $n_\text{in}\,n_\text{out}$ weights and
# $n_\text{out}$ biases. Three nets that you will meet in tutorials, for pictures of $28\times28 = 784$ pixels: one
# layer to a code of 32 and one layer back, as in the Keras blog (F. Chollet, 2016); one with a code of 64 between two
# layers of 128; and one that goes down to 16 in four layers and up again in four. *Predict*, before you count: how
# much larger is the deep 784-128-64-32-16-32-64-128-784 than 784-128-64-128-784?

# %%
sizes_of = lambda layers: [*(counts := [a * b + b for a, b in zip(layers, layers[1:])]), sum(counts)]
check.worked("784-32-784", sizes_of([784, 32, 784]), "25120 25872 50992")
check.worked("784-128-64-128-784", sizes_of([784, 128, 64, 128, 784]), "100480 8256 8320 101136 218192")
check.worked("784-128-64-32-16-32-64-128-784", sizes_of([784, 128, 64, 32, 16, 32, 64, 128, 784]),
             "100480 8256 2080 528 544 2112 8320 101136 223456")  # fmt: skip
check.worked("compression, 64 and 16 units", [784 / 64, 784 / 16], "12.25 49")


# %% [markdown]
# Only by 2.4 %: nearly all parameters sit in the two layers that touch the pixels, so depth in the middle is almost
# free. The size of the code is a number of units, nothing else: 64 units make a 64-dimensional code and compress
# 12.25-fold; a 16-dimensional code belongs to the deep net and compresses 49-fold. (As counts of numbers. Bits are
# another matter, for later.) If sixteen numbers reconstruct a picture, they are *features* of it, found by nobody's
# design.
#
# Keras builds the first net from `Flatten` and `Dense(32)` for the encoder, `Dense(784)` and `Reshape((28, 28))` for
# the decoder. Copies of that listing circulate in which no layer has an activation, and in which the function that
# builds the models never returns them. The second slip stops the program. The first one does not, and deserves a
# section.
#
# ## 3 The linear autoencoder is PCA
#
# Without activations, encoder and decoder are two matrices, and $\tilde x = m + (x-m)W_1W_2$. (The biases together can
# do no better than to make $m$ the mean.) Write $M = W_1W_2$, a $d\times d$ matrix that passes through $k$ numbers, so
# its rank is at most $k$. With the covariance $S = \frac1n\sum_i(x_i-m)^\top(x_i-m)$ the loss becomes
#
# $$d\cdot L = \frac1n\sum_i\lVert (x_i-m)(I-M)\rVert^2 = \operatorname{tr}\big((I-M)^\top S\,(I-M)\big).$$
#
# Whatever subspace the decoder can reach, the best point in it is the orthogonal projection. So at the optimum $M =
# V^\top V$ with $k$ orthonormal **rows** $V$ (in the box above they were columns). Then $(I-M)(I-M)^\top = I-M$, and
# with $\operatorname{tr}AB = \operatorname{tr}BA$ we get $d\cdot L = \operatorname{tr}S(I-M) =
# \operatorname{tr}S-\operatorname{tr}VSV^\top$: the variance of the data less the variance kept. With orthonormal
# eigenvectors $u_i$ of $S$ the part kept is $\sum_i\lambda_i\lVert Vu_i\rVert^2$, with weights between 0 and 1 that
# sum to
# $k$. So it is largest when the rows of $V$ are the eigenvectors with the $k$ largest eigenvalues
# $\lambda_1\ge\dots\ge\lambda_k$, and what is lost is the sum of the other eigenvalues. That is
# **principal component analysis**, PCA (K. Pearson, 1901; H. Hotelling, 1933): $z = (x-m)V^\top$, $\tilde x = m + zV$.
#
# So the linear autoencoder has PCA's error and PCA's **subspace** (P. Baldi and K. Hornik, 1989). *Predict* for the
# 1797 small
# digits of $8\times8$ pixels: of the mean squared error with no code at all, how much is left with 2 numbers, with 16?

# %%
def pca(X, k):
    """The mean (d,) and the k directions (k, d) of largest variance of X (n, d), as orthonormal rows."""
    mean = X.mean(axis=0)
    values, vectors = np.linalg.eigh((X - mean).T @ (X - mean))  # in rising order
    return mean, vectors[:, : -k - 1 : -1].T

X8 = np.concatenate(data.digits8(flat=True)[::2]).astype(float)  # X of training and test: all 1797, as in other books
S = np.cov(X8.T, bias=True)
check.worked("no code: variance per pixel", np.trace(S) / 64, "0.073332")
for k, printed in ((2, "0.052426"), (16, "0.011044")):
    mean, V = pca(X8, k)
    error = mse_and_delta(mean + (X8 - mean) @ V.T @ V, X8)[0]
    check.worked(f"PCA with {k}: MSE per pixel", error, printed)
    check.same("the other eigenvalues, / 64", np.linalg.eigvalsh(S)[:-k].sum() / 64, error, 1e-14)

# %% [markdown]
# Two numbers take away less than a third of the error, sixteen 85 %. Now the autoencoder with 16 numbers, by
# gradient descent with momentum. The loss depends on the data through $S$ alone, so we train on $S$ instead of 1797
# pictures, with $\frac{\partial}{\partial M}\,\frac12\operatorname{tr}(\dots) = S(M-I)$ and the chain rule for
# $M = W_1W_2$. *Predict:* will the rows of $W_2$ be the eigenvectors? A **principal angle** tells how far two
# subspaces lean apart; 0° means that they coincide.

# %%
rng, v1, v2 = np.random.default_rng(53), 0, 0
W1, W2 = 0.05 * rng.normal(size=(64, 16)), 0.05 * rng.normal(size=(16, 64))
for _ in range(6000):
    dM = S @ (W1 @ W2 - np.eye(64))
    v1, v2 = 0.9 * v1 - 0.1 * dM @ W2.T, 0.9 * v2 - 0.1 * W1.T @ dM
    W1, W2 = W1 + v1, W2 + v2

# %%
linear = mse_and_delta(mean + (X8 - mean) @ W1 @ W2, X8)[0]  # mean, V, error: PCA-16, from the loop
check.same("linear autoencoder and PCA: error", linear, error, 2e-6)
angles = np.degrees(subspace_angles(W2.T, V.T))
check.claim("largest principal angle between decoder and PCA, degrees", angles.max(), at_most=0.01)
print("decoder's rows at right angles:", np.allclose(W2 @ W2.T, np.diag(np.diag(W2 @ W2.T)), atol=1e-2))

# %% [markdown]
# The same error, the same subspace, other axes within it: with any invertible $R$, the pair $W_1R$, $R^{-1}W_2$ has the
# same $M$, and nothing in the loss prefers PCA's axes. Whoever stops the training earlier ends at 0.0111 or so and
# may believe in a tiny difference. So depth without activation buys nothing here; **everything beyond PCA is the
# activations' work.** PCA is the opponent for the rest of this lecture.
#
# Another famous map makes codes without a decoder: **t-SNE** (L. van der Maaten and G. Hinton, 2008). It turns
# distances between examples into probabilities of being neighbours, and those of the code likewise:
#
# $$p_{j|i} = \frac{e^{-\lVert x_i-x_j\rVert^2/2\sigma_i^2}}{\sum_{l\ne i}e^{-\lVert x_i-x_l\rVert^2/2\sigma_i^2}},\quad
# p_{ij} = \frac{p_{j|i}+p_{i|j}}{2n},\quad
# q_{ij} = \frac{(1+\lVert z_i-z_j\rVert^2)^{-1}}{\sum_{k\ne l}(1+\lVert z_k-z_l\rVert^2)^{-1}} .$$
#
# Each $\sigma_i$ is set so that the entropy of $p_{\cdot|i}$ is $\ln 30$, "thirty neighbours" (the perplexity). The
# codes themselves are the parameters. They are moved downhill on $\sum p_{ij}\ln(p_{ij}/q_{ij})$, whose gradient is
# $4\sum_j(p_{ij}-q_{ij})(z_i-z_j)(1+\lVert z_i-z_j\rVert^2)^{-1}$. There is no encoder either: a new picture has
# no place on the map until it is drawn again. We prove the gradient on ten points, let scikit-learn draw a map of 300
# digits, and compare its loss with ours.

# %%
X = X8[-300:]
D = ((X[:, None] - X) ** 2).sum(axis=-1) + np.diag(np.full(300, np.inf))
p = lambda d, b: (lambda e: e / e.sum())(np.exp(-b * (d - d.min())))  # b = 1 / (2 sigma²)
entropy = lambda p: -np.sum(p[p > 0] * np.log(p[p > 0]))
P = np.array([p(d, brentq(lambda b: entropy(p(d, b)) - np.log(30), 1e-3, 1e4)) for d in D])
P = (P + P.T) / 600

def tsne_loss(Z, P):
    """The sum of p ln(p / q), and its gradient in the codes Z (n, 2); P (n, n) with sum 1."""
    apart = Z[:, None] - Z
    U = (1 - np.eye(len(Z))) / (1 + (apart**2).sum(axis=-1))
    Q = U / U.sum()
    return np.sum(P[P > 0] * np.log(P[P > 0] / Q[P > 0])), 4 * (((P - Q) * U)[:, :, None] * apart).sum(axis=1)


# %%
Z10, P10 = np.random.default_rng(52).normal(size=(10, 2)), P[:10, :10] / P[:10, :10].sum()
check.gradient("t-SNE", lambda: tsne_loss(Z10, P10)[0], Z10, tsne_loss(Z10, P10)[1])
tsne = TSNE(method="exact", max_iter=400, random_state=0)
Z = tsne.fit_transform(X).astype(float)
check.same("loss of t-SNE's map: ours, scikit-learn's", tsne_loss(Z, P)[0], tsne.kl_divergence_, 1e-3)


# %% [markdown]
# The formulas hold. How such a map compares with codes of two numbers, we shall see among the uses.
#
# ## 4 Three losses, and what they assume
#
# The output layer and the loss belong together (Lecture 2). Three pairs are in use, for pixels in $[0,1]$. With
# $p = \sigma(Z)$ and all means over the $N = nd$ numbers of the batch:
#
# | output | loss | $\delta = \partial L/\partial Z$ | assumes that a pixel is |
# |---|---|---|---|
# | $Z$, linear | mean of $(Z-X)^2$ | $2(Z-X)/N$ | its value plus Gaussian noise |
# | $p$, sigmoid | mean of $(p-X)^2$ | $2(p-X)\,p(1-p)/N$ | the same, with a mean in $(0,1)$ |
# | $p$, sigmoid | mean of $-X\ln p-(1-X)\ln(1-p)$ | $(p-X)/N$ | a toss of a coin that shows 1 with probability $p$ |
#
# The assumption is on the **input's distribution**: minus the logarithm of a Gaussian density with fixed width is
# squared error times a constant, plus another; minus that of a coin is binary cross-entropy (BCE). In the second row
# the factor $p(1-p)$ nearly stops learning where the sigmoid is saturated and wrong; in the third it has cancelled:
# $\frac{\partial}{\partial Z}\big[\ln(1+e^Z)-XZ\big] = p-X$.
#
# *Predict:* a pixel is grey, $X = 0.3$, and the network says exactly $p = 0.3$. What is its BCE?

# %%
def bce_and_delta(Z, X):
    """Mean over ALL numbers of the binary cross-entropy of sigmoid(Z) and X in [0, 1], and its gradient in Z."""
    loss = np.mean(np.maximum(Z, 0) - Z * X + np.log1p(np.exp(-np.abs(Z))))
    return loss, (sigmoid(Z) - X) / Z.size

def sigmoid_mse_and_delta(Z, X):
    """mse_and_delta of sigmoid(Z), with the gradient in Z."""
    P = sigmoid(Z)
    loss, dP = mse_and_delta(P, X)
    return loss, dP * P * (1 - P)


# %%
rng = np.random.default_rng(54)
Z, X, logit = 2 * rng.normal(size=(3, 5)), rng.random((3, 5)), np.log(0.3 / 0.7)
for f in (mse_and_delta, sigmoid_mse_and_delta, bce_and_delta):
    check.gradient(f.__name__, lambda: f(Z, X)[0], Z, f(Z, X)[1])
check.worked("BCE at target .3, p = .3", bce_and_delta(np.array(logit), np.array(0.3))[0], "0.610864")
check.worked("its gradient there", bce_and_delta(np.array(logit), np.array(0.3))[1], "0.000000")


# %% [markdown]
# Not 0 but 0.610864: the entropy $-0.3\ln0.3-0.7\ln0.7$. The gradient is 0, so this *is* the minimum. Only pixels that
# are exactly 0 or 1 can reach BCE 0. On grey pictures nobody can tell from a BCE of 0.09 how much is error and how
# much is floor. Losses of different kinds **cannot be compared**. What can be compared are the pictures, and any
# measure that is the same for all.
#
# We train 784-128-64-128-784 with ReLU, from the same initial weights (Lecture 2's, halved; section 7 says why) and on
# the same batches, with the three pairs. Each net lives in a dictionary under its own name: in notebooks where three
# models are called nearly alike it happens that layers are added to one, another is compiled, and a third is trained.

# %%
def row_batches(n, size, epochs, rng):
    """Row numbers of all batches of a training run, (steps, size): every epoch a new order."""
    return np.concatenate([rng.permutation(n)[: n // size * size].reshape(-1, size) for _ in range(epochs)])

def train(params, X, rows, loss_and_delta=mse_and_delta, eta=2e-3, f=relu, df=lambda A: A > 0):
    """Lecture 2's network with target = input: changes params, returns the loss of every step."""
    states, losses = [{} for _ in params], []
    for t, r in enumerate(rows):
        A = forward(params, X[r], f)
        loss, delta = loss_and_delta(A[-1], X[r])
        for p, dp, s in zip(params, backward(params, A, delta, df), states):
            adam(p, dp, s, eta * (1 - t / len(rows)))
        losses.append(loss)
    return np.array(losses)


# %%
rng = np.random.default_rng(55)
start = [0.5 * p for p in init([784, 128, 64, 128, 784], rng, np.float32)]
rows = row_batches(4000, 128, 16, rng)
pairs = {"linear + MSE": mse_and_delta, "sigmoid + MSE": sigmoid_mse_and_delta, "sigmoid + BCE": bce_and_delta}
nets = {name: [p.copy() for p in start] for name in pairs}
curves = {name: train(nets[name], X_train, rows, loss) for name, loss in pairs.items()}

# %% [markdown]
# Two common measures on the 1000 test digits: the MSE of the *picture* ($Z$ or $p$), and **stray ink**, the mean of
# $\lvert\text{output}\rvert$ where the original is blank. *Predict:* which net wins each? The figure has
# the originals above, then one row per net: linear + MSE, sigmoid + MSE, sigmoid + BCE.

# %%
Z = {name: forward(nets[name], X_test)[-1] for name in pairs}
pictures = {name: Z[name] if "linear" in name else sigmoid(Z[name]) for name in pairs}
mse = {name: mse_and_delta(picture, X_test)[0] for name, picture in pictures.items()}
stray = {name: np.abs(picture[X_test == 0]).mean() for name, picture in pictures.items()}
for name, bound in zip(pairs, (0.0219, 0.027, 0.0251)):
    check.claim(f"{name}: MSE of the pictures", mse[name], at_most=bound)
check.claim("MSE, linear + MSE over sigmoid + BCE", mse["linear + MSE"] / mse["sigmoid + BCE"], at_most=0.96)
check.claim("stray ink, sigmoid + BCE over linear + MSE", stray["sigmoid + BCE"] / stray["linear + MSE"], at_most=0.53)
check.claim("stray ink, sigmoid + MSE over linear + MSE", stray["sigmoid + MSE"] / stray["linear + MSE"], at_most=0.6)
own = {name: losses[-31:].mean() for name, losses in curves.items()}  # over the last epoch
check.claim("own loss, sigmoid + BCE over linear + MSE", own["sigmoid + BCE"] / own["linear + MSE"], at_least=4)
fig = plot.images(np.concatenate([X_test[:8], *(p[:8] for p in pictures.values())]), columns=8, scale=0.6)
plot.show(fig, "Four rows of eight digits: the originals, then the reconstructions of linear + MSE, sigmoid + MSE and "
          "sigmoid + BCE. The linear net's paper is speckled with grey, the two sigmoid nets leave it white.")


# %% [markdown]
# The linear net has the lowest MSE, and yet its
# paper is the dirtiest: it spreads grey over it, because nothing holds its output at 0, while a sigmoid leans back on
# its flat end. BCE leaves about the same paper white as sigmoid + MSE, and with a slightly lower error. "Each
# step looks better" is a statement about the **eye**, and each measure has an eye of its own. That the own loss of the
# last net is several times the first one's says nothing at all.
#
# ## 5 Which optimiser?
#
# A tutorial of some years ago takes Adadelta and names no step size. You type it in again today. Adadelta (M. Zeiler,
# 2012;
# Lecture 2 has its formula) was published without a step size, that is with $\eta = 1$, and old versions of Keras kept
# that. Today's `tf.keras` starts *every* optimiser of this family (steps adapted weight by weight) at $\eta = 0.001$;
# PyTorch keeps 1.0. *Predict:* does that factor matter to a method that adapts its steps by itself? How much of the
# loss
# on the small digits is left after 20 epochs, for either?

# %%
def build(params):
    """The network of forward(params, X) with ReLU, as PyTorch layers."""
    pairs, dtype = zip(params[::2], params[1::2]), torch.tensor(params[0]).dtype
    dense = [bridge.set_linear(torch.nn.Linear(*W.shape, dtype=dtype), W, b) for W, b in pairs]
    return torch.nn.Sequential(*(m for layer in dense for m in (layer, torch.nn.ReLU())))[:-1]

def adadelta_run(eta, rng):
    """MSE before and after 20 epochs of 64-32-16-32-64 on the small digits."""
    X, net = torch.tensor(X8, dtype=torch.float32), build([0.5 * p for p in init([64, 32, 16, 32, 64], rng, np.float32)])
    optimiser, error = torch.optim.Adadelta(net.parameters(), lr=eta), lambda X: torch.nn.functional.mse_loss(net(X), X)
    before = error(X).item()
    for r in row_batches(len(X), 32, 20, rng):
        optimiser.zero_grad()
        error(X[r]).backward()
        optimiser.step()
    return before, error(X).item()

slow, fast = (adadelta_run(eta, np.random.default_rng(56)) for eta in (0.001, 1.0))
check.claim("Adadelta, 0.001: share of the loss that is left", slow[1] / slow[0], at_least=0.94)
check.claim("Adadelta, 1.0: share of the loss that is left", fast[1] / fast[0], at_most=0.16)


# %% [markdown]
# It does: the factor comes after all adapting, so the same line of code takes far shorter steps. With 0.001 nearly all
# of the loss is still there; with 1.0 nearly nine tenths of it are gone. Before you blame the
# model, see whether the loss *moves* at all, and look up what the default is in *your* version. We stay with Adam.
#
# ## 6 The same in PyTorch
#
# Now 784-128-64-128-784 with ReLU and linear output twice: our `train`, and a `torch.nn.Sequential` with the same
# initial weights, the same batches, the same falling step. In float64 losses and parameters must agree to $10^{-10}$
# after 60 steps. In float32, over the full sixteen epochs of section 4, rounding grows, and we ask for a thousandth.

# %%
def train_torch(net, X, rows, eta=2e-3):
    """The twin of `train`; X and net are on one device already. Returns the losses."""
    optimiser, losses = torch.optim.Adam(net.parameters(), lr=eta), []
    for t, r in enumerate(torch.tensor(rows, device=X.device)):
        optimiser.param_groups[0]["lr"] = eta * (1 - t / len(rows))
        optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(net(X[r]), X[r])
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return torch.stack(losses).cpu().numpy()

ours, X64 = [p.astype(np.float64) for p in start], X_train.astype(np.float64)
net = build(ours)
check.same("float64: 60 losses", train(ours, X64, rows[:60]), train_torch(net, torch.tensor(X64), rows[:60]), 1e-10)
for p, q in zip(ours, net.parameters()):
    check.same(f"parameters {p.shape} after 60 steps", p, q.detach().numpy().T, 1e-10)

# %%
by_epoch = train_torch(build(start).to(device), bridge.tensors(X_train, device=device), rows).reshape(16, -1).mean(axis=1)
by_hand = curves["linear + MSE"].reshape(16, -1).mean(axis=1)
check.same("float32: mean loss of each of 16 epochs", by_hand, by_epoch, 0.001)
fig, ax = plt.subplots()
plot.curves(ax, by_hand, by_epoch, xlabel="epoch", ylabel="mean loss").set(title="Two programs, one curve", ylim=(0, None))
plot.show(fig, "Mean loss of each of sixteen epochs, falling fast and then slowly; NumPy's and PyTorch's curves coincide.")

# %% [markdown]
# The two curves lie on each other. Now the time of one step (forward, backward, Adam) on 128 pictures. *Predict* which
# is faster on a CPU.

# %% tags=["nbval-ignore-output"]
one = rows[:1].repeat(20, axis=0)  # twenty steps
print(f"NumPy, CPU    {50 * bridge.seconds(lambda: train([p.copy() for p in start], X_train, one), 3):6.2f} ms a step")
for kind in dict.fromkeys(["cpu", device.type]):
    net, X = build(start).to(kind), bridge.tensors(X_train, device=kind)
    print(f"PyTorch, {kind.upper():4s} {50 * bridge.seconds(lambda: train_torch(net, X, one), 3):6.2f} ms a step")


# %% [markdown]
# At this size NumPy is usually the faster of the two on one core, though a busy machine may say otherwise: the
# bookkeeping of each of PyTorch's operations costs more than its kernels save. A GPU starts to pay at larger layers and
# batches.
#
# ## 7 How small a code?
#
# The race: codes of 2, 4, 8, 16, 32 and 64 numbers, autoencoder against PCA, both fitted to the 4000 training
# digits, both judged on the 1000 they have not seen. Our own nets from section 2: SiLU, linear code, linear output.
#
# How the details were chosen: we held back 500 of the training digits and tried activations, widths, step sizes and
# initial weights on them. Two things mattered more than all others. SiLU instead of ELU ($e^z-1$ below 0, $z$ above),
# with 16 numbers and the same five seconds: a validation error of 0.020 instead of 0.027 (tanh: 0.024). And **half**
# of He's initial weights (Lecture 2), which brought 0.017, perhaps because large random weights make each layer repeat
# noise that has to be unlearned first. The hidden layers are 256 and 64 wide, 512 for the codes of 32 and 64, wider
# than the classics of section 2.

# %%
def encode(params, X):
    """Codes (n, k) of pictures X (n, d): the first half of the layers, the last of them linear."""
    return forward(params[: len(params) // 2], X, lambda Z: silu(Z)[0])[-1]

def decode(params, C):
    """Pictures (n, d) of codes C (n, k): the second half of the layers, the last of them linear."""
    return forward(params[len(params) // 2 :], C, lambda Z: silu(Z)[0])[-1]

def trainer(params, epochs, rng, eta=4e-3, size=50):
    """A function that trains `params` for one epoch, eta falling to 0 over all `epochs`, and returns its mean loss."""
    states, left = [{} for _ in params], iter(np.linspace(1, 0, epochs * 4000 // size, endpoint=False).tolist())
    def epoch():
        losses = []
        for r in row_batches(4000, size, 1, rng):
            A, slopes = ae_forward(params, X_train[r])
            loss, delta = mse_and_delta(A[-1], A[0])
            losses, step = [*losses, loss], eta * next(left, 0)  # 0: after an interrupted epoch the steps run out
            for p, dp, s in zip(params, ae_backward(params, A, slopes, delta), states):
                adam(p, dp, s, step, beta2=0.99)
        return np.mean(losses)
    return epoch


# %% [markdown]
# Training runs through a helper that shows a bar and pictures on the way, and keeps the losses in `histories`, a list
# made *beside* the weights, in the cell before. So you may stop the training cell (the square button) and use the
# weights as they are, or run it again, and it goes on where it stopped. In its pictures
# the upper row is the original, the middle one PCA, the lower one the net. *Predict:* where is the autoencoder's lead
# over PCA largest, at codes of 2, of 16 or of 64 numbers?

# %%
rng, EPOCHS = np.random.default_rng(57), {2: 20, 4: 8, 8: 8, 16: 36, 32: 10, 64: 24}
SIZES = {k: [784, 512, k, 512, 784] if k > 16 else [784, 256, 64, k, 64, 256, 784] for k in EPOCHS}
aes = {k: [0.5 * p for p in init(SIZES[k], rng, np.float32)] for k in EPOCHS}
histories, steps = {k: [] for k in EPOCHS}, {k: trainer(aes[k], EPOCHS[k], rng) for k in EPOCHS}
mean, V = pca(X_train, 784)  # all directions, once: from here on V[:k] is PCA with k numbers
flat = lambda X, mean, V: mean + (X - mean) @ V.T @ V  # what PCA makes of X


# %% tags=["nbval-ignore-output"]
def picture(k, X=X_test[10:18]):  # the digits, what PCA makes of them, what the net makes of them at present
    fig = plot.images([*X, *flat(X, mean, V[:k]), *decode(aes[k], encode(aes[k], X))], columns=8, scale=0.6)
    return fig, f"Three rows of test digits: originals, PCA with {k} numbers, the net with {k} numbers."

for k in EPOCHS:
    progress.train(histories[k], EPOCHS[k], steps[k], (lambda: picture(k)) if k in (16, 64) else None, every=18)

# %% [markdown]
# The first block is for 16 numbers, the second for 64. With 16, PCA adds up sixteen fixed pictures, and grey ghosts
# remain where they do not cancel. The net draws
# strokes. What it leaves out is the writer's detail, a hook, a thick end: for that sixteen numbers have no room. Now
# the figures, on all 1000 test digits.

# %%
error = {"PCA": {}, "autoencoder": {}}
for k, bound in zip(EPOCHS, (0.92, 0.8, 0.77, 0.62, 0.85, 0.84)):
    error["PCA"][k] = mse_and_delta(flat(X_test, mean, V[:k]), X_test)[0]
    error["autoencoder"][k] = mse_and_delta(decode(aes[k], encode(aes[k], X_test)), X_test)[0]
    ratio = error["autoencoder"][k] / error["PCA"][k]
    check.claim(f"code of {k:2d}: error of the autoencoder over PCA's", ratio, at_most=bound)
check.worked("PCA on held-out digits, 16 and 64", [error["PCA"][16], error["PCA"][64]], "0.0275 0.0095")
check.claim("autoencoder on held-out digits, 16", error["autoencoder"][16], at_most=0.0170)
check.claim("autoencoder on held-out digits, 64", error["autoencoder"][64], at_most=0.0079)
seen = mse_and_delta(decode(aes[64], encode(aes[64], X_train)), X_train)[0]
check.claim("the same on its own training digits, over held-out", seen / error["autoencoder"][64], at_most=0.85)

# %%
fig, ax = plt.subplots()
for (name, values), color, look in zip(error.items(), style.CLASS_COLORS, ("o--", "^-")):
    ax.plot([*map(str, values)], [*values.values()], look, color=color, label=name)
ax.set(title="The net with 16 is as good as PCA with about 32", xlabel="numbers in the code", ylabel="held-out MSE")
ax.legend()
plot.show(fig, "Held-out error against code size, both falling: the net's is the lower; with 16 close to PCA's with 32.")


# %% [markdown]
# The autoencoder wins at every size. Two numbers are too few for either. With 64 a flat surface already comes close.
# In between, at 16, the net saves about 40 % of PCA's error: digits lie near a *curved* surface of few dimensions, and
# a flat one of the same dimension misses it. (The kink at 32 is ours: that net, like the three smallest, was trained
# for fewer epochs than those with 16 and 64, so their lead could be larger.) More training would still help the code
# of 64, and so would more digits: on its own training digits its error is clearly smaller than on these.
#
# ## 8 Tied weights
#
# In many papers the weights into the code are $\omega$ and those out of it $\omega'$, and then one reads
# $\omega' = \omega^\top$. This is an **option**, not a theorem: one *ties* the decoder to the encoder, to halve the
# number of parameters. For PCA it is no loss ($V^\top$ in, $V$ out). With one hidden layer,
#
# $$A = f(XW+b), \qquad Z = AW^\top + c, \qquad
# \frac{\partial L}{\partial W} = \underbrace{X^\top\delta_1}_{\text{as encoder}} + \underbrace{\delta_2^\top A}_{\text{as decoder}},$$
#
# where $\delta_2 = \partial L/\partial Z$ and $\delta_1 = (\delta_2W)\odot f'$. Whoever uses $W$ twice gets two terms
# in its gradient, as in convolutional and recurrent networks. *Predict* for 784-32-784 with ReLU: does the tied net,
# with half the parameters, have twice the error?

# %%
def tied_gradients(W, b, c, X):
    """Loss, and gradients in W, b, c, of the autoencoder relu(X W + b) W^T + c."""
    A = relu(X @ W + b)
    loss, delta2 = mse_and_delta(A @ W.T + c, X)
    delta1 = (delta2 @ W) * (A > 0)
    return loss, (X.T @ delta1 + delta2.T @ A, delta1.sum(axis=0), delta2.sum(axis=0))

rng = np.random.default_rng(58)
tied, X = [rng.normal(size=s) for s in ((6, 3), 3, 6)], rng.normal(size=(4, 6))
for name, p, dp in zip("Wbc", tied, tied_gradients(*tied, X)[1]):
    check.gradient(f"tied {name}", lambda: tied_gradients(*tied, X)[0], p, dp)

# %%
rng = np.random.default_rng(59)
W, b, _, c = [0.5 * p for p in init([784, 32, 784], rng, np.float32)]
free, tied = [W.copy(), b.copy(), W.T.copy(), c.copy()], [W, b, c]  # the same function at the start
check.worked("parameters: free, tied", [sum(p.size for p in free), sum(p.size for p in tied)], "50992 25904")
rows, states = row_batches(4000, 50, 7, rng), [{} for _ in tied]
train(free, X_train, rows)
for t, r in enumerate(rows):
    for p, dp, s in zip(tied, tied_gradients(*tied, X_train[r])[1], states):
        adam(p, dp, s, 2e-3 * (1 - t / len(rows)))
errors = [mse_and_delta(forward(p, X_test)[-1], X_test)[0] for p in (free, [tied[0], tied[1], tied[0].T, tied[2]])]
cosine = np.sum(free[0] * free[2].T) / np.linalg.norm(free[0]) / np.linalg.norm(free[2])
check.claim("error of the tied net over that of the free one", errors[1] / errors[0], at_most=1.08)
check.claim("trained free net: cosine between the two weight matrices", cosine, at_most=0.8)

# %% [markdown]
# Not at all: about the same error with half the parameters. And the free net did not tie itself: its two matrices
# point in related directions, but neither is the other's transpose. Tying is a cheap regulariser for shallow nets; deep
# ones are rarely tied today.
#
# ## 9 Greedy layer by layer
#
# Until 2006 deep autoencoders did not train well. Units were sigmoids, initial weights small and random, and each layer
# multiplied the gradient by a slope of at most $\frac14$. G. Hinton and R. Salakhutdinov (2006) found a way in:
# **pretrain greedily**, one layer at a time, then **fine-tune** the whole. (They pretrained with Boltzmann machines,
# Lecture 9. With autoencoders it was studied by Y. Bengio and others, 2007.)
#
# Train 784-128-784. Keep its encoder, compute the codes of all pictures, and take these as the data of a second
# small autoencoder, 128-64-128. Then 64-16-64. Unpacked into each other they are 784-128-64-16-64-128-784: each stage
# **inserts one narrower bottleneck** into the middle. M. Berniker and K. Kording (2015) draw their training
# so, one bottleneck at a time. Then all layers are trained together, forward, squared error of $\tilde x$
# against $x$, back-propagation.
#
# *Predict* the order of four nets on held-out digits: sigmoids from small random weights; sigmoids pretrained, 800
# steps
# for each stage, not fine-tuned; pretrained and fine-tuned; SiLU from the start of section 7 without any pretraining.
# All but the second train the whole net for twelve epochs.

# %%
rng, sizes, slope = np.random.default_rng(60), [784, 128, 64, 16], lambda A: A * (1 - A)
small = lambda sizes, rng: [0.1 * (len(p) / 2) ** 0.5 * p for p in init(sizes, rng, np.float32)]  # He's: sqrt(2 / n_in)
learn = lambda params, X, rows, eta: train(params, X, rows, sigmoid_mse_and_delta, eta, sigmoid, slope)
rows = row_batches(4000, 50, 12, rng)
stuck = small([*sizes, *sizes[-2::-1]], rng)
_ = learn(stuck, X_train, rows, 3e-3)

# %%
encoder, decoder, H = [], [], X_train
for a, b in zip(sizes[:-1], sizes[1:]):
    stage = small([a, b, a], rng)
    learn(stage, H, rows[:800], 5e-3)
    encoder, decoder = encoder + stage[:2], stage[2:] + decoder
    H = sigmoid(H @ stage[0] + stage[1])  # the codes: data of the next stage

# %% [markdown]
# Now the fine-tuning of all layers, and the opponent of today.

# %%
stacked, tuned = encoder + decoder, [p.copy() for p in encoder + decoder]
learn(tuned, X_train, rows, 3e-3)
modern = [0.5 * p for p in init([*sizes, *sizes[-2::-1]], rng, np.float32)]
epoch = trainer(modern, 12, rng)
for _ in range(12):
    epoch()

# %%
held_out = lambda params: sigmoid_mse_and_delta(forward(params, X_test, sigmoid)[-1], X_test)[0]
check.worked("every picture answered with the mean of all", np.mean((X_test - X_train.mean(axis=0)) ** 2), "0.068")
check.claim("sigmoids from small random weights", held_out(stuck), at_least=0.058)
check.claim("pretrained, not fine-tuned", held_out(stacked), at_most=0.0385)
check.claim("pretrained and fine-tuned", held_out(tuned), at_most=0.0272)
check.claim("SiLU, no pretraining", mse_and_delta(decode(modern, encode(modern, X_test)), X_test)[0], at_most=0.0212)

# %% [markdown]
# From small random weights the sigmoid net is stuck near 0.06, a little better than answering every picture with the
# mean of all (0.068). Layer by layer the same net gets out, and fine-tuning takes off nearly a third. And today? SiLU
# with sensible initial weights needs no pretraining, and ends lower still. The cure belonged to an illness that we now
# avoid (Lecture 2: slopes, initial weights).
#
# What has stayed is the idea of **two stages**: first features without labels, from everything there is; then
# supervised fine-tuning with the few labels there are. Take the pretrained encoder 784-128-64-16, put ten softmax
# units on top, and train all of it by cross-entropy on 100 labelled digits. The opponent is the same network from
# random weights, of size $1/\sqrt{n_\text{in}}$. *Predict* the gain.

# %%
fresh = init([784, 128, 64, 16, 10], np.random.default_rng(61), np.float32)
fresh = [0.5**0.5 * p for p in fresh]  # variance 1 / n_in
starts = {"random weights": fresh, "pretrained encoder": [p.copy() for p in [*tuned[:6], *fresh[6:]]]}
reached = {}
for name, params in starts.items():
    states = [{} for _ in params]
    for _ in range(400):
        A = forward(params, X_train[:100], sigmoid)
        _, delta = loss_and_delta(A[-1], y_train[:100])
        for p, dp, s in zip(params, backward(params, A, delta, slope), states):
            adam(p, dp, s, 3e-3)
    reached[name] = np.mean(forward(params, X_test, sigmoid)[-1].argmax(axis=1) == y_test)
check.claim("100 labels, pretrained encoder: accuracy", reached["pretrained encoder"], at_least=0.69)
check.claim("gain over random weights", reached["pretrained encoder"] - reached["random weights"], at_least=0)

# %% [markdown]
# The pictures without labels helped, by a few points of accuracy: the encoder had already sorted strokes into
# features, and a hundred labels only had to name them. This way of working, pretrain on plenty, fine-tune on few, has
# become the rule in language and vision, with other networks and other self-made targets.
#
# ## 10 Denoising
#
# So far a narrow code kept the network from copying. There is another way to make copying useless: **spoil the input
# and ask for the clean picture**. To each pixel of a digit we add Gaussian noise of standard deviation $\sigma = 0.5$,
# fresh in each epoch, and the target stays clean. This is the **denoising autoencoder** (Vincent and others, 2008). It
# needs no bottleneck: the input is not the answer.
#
# What does the best possible denoiser do? Many clean pictures $x$ could lie behind one noisy picture $y$. Under the
# squared error the best single answer $D$ is their **mean**, $D(y) = \mathbb{E}[x\mid y]$, since the slope of
# $\mathbb{E}[(D-x)^2\mid y]$ in $D$ is $2(D-\mathbb{E}[x\mid y])$. One number shows it. Let $x$
# be $-1$ or $+1$ with equal chance and $y = x + \sigma\varepsilon$, with $\varepsilon\sim\mathcal N(0,1)$. Bayes' rule
# gives, with $p(y)$ the density of the noisy numbers,
#
# $$D(y) = P(+1\mid y) - P(-1\mid y) = \tanh(y/\sigma^2), \qquad D(y) = y + \sigma^2\,\frac{d}{dy}\ln p(y).$$
#
# The first: $P(\pm1\mid y)\propto e^{-(y\mp1)^2/2\sigma^2}\propto e^{\pm y/\sigma^2}$, and the difference over the
# sum is
# the tanh. The second: $p(y)$ is a mean over $x$ of Gaussians around $x$, each with the slope $(x-y)/\sigma^2$ times
# itself, so $p'(y) = p(y)\,(D(y)-y)/\sigma^2$; solve for $D$. It holds for every distribution of $x$ (Tweedie's
# formula, told by Robbins 1956): a denoiser moves a
# point *uphill*, towards where data are frequent. So it has learned something about the data's distribution. (Diffusion
# models make pictures by taking many such steps.)

# %%
y, s2 = np.array([0.3]), 0.5**2
log_p = lambda: np.log(np.exp(-((y - 1) ** 2) / (2 * s2)) + np.exp(-((y + 1) ** 2) / (2 * s2)))[0]
check.worked("the mean behind y = 0.3", np.tanh(y / s2), "0.833655")
check.same("the same, by walking uphill", y + s2 * check.numerical_gradient(log_p, y), np.tanh(y / s2), 1e-8)


# %% [markdown]
# The noisy 0.3 is answered by 0.83, a value that $x$ never takes: a mean over what could have been. That is why good
# denoisers look soft.
#
# From here on we train with PyTorch, by two helpers. `dense` builds a network like those above, with its weights from
# `init` of Lecture 2 (the last layer starts a tenth as large, so that the first outputs are near 0). `fit` is the
# training loop, with whole batches on the device.

# %%
def dense(sizes, rng, linear=()):
    """Fully connected PyTorch network, SiLU on hidden layers but those in `linear` (0 is the first)."""
    params = init(sizes, rng, np.float32)
    params[-2] *= 0.1
    layers = [bridge.set_linear(nn.Linear(*W.shape), W, b) for W, b in zip(params[::2], params[1::2])]
    return nn.Sequential(*(m for l, layer in enumerate(layers) for m in (layer, nn.Identity() if l in linear else nn.SiLU())))[:-1]


# %%
def fit(net, X, Y, epochs, rng, eta=3e-3, batch=50, corrupt=lambda X: X, loss=F.mse_loss):
    """Train net on inputs X and targets Y (arrays) by Adam, eta falling to 0; corrupt(X) spoils each batch anew."""
    net, (X, Y) = net.to(device), bridge.tensors(X, Y, device=device)
    optimiser = torch.optim.Adam(net.parameters(), eta)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1, 0, epochs * (len(X) // batch))
    for rows in (r for _ in range(epochs) for r in np.array_split(rng.permutation(len(X)), len(X) // batch)):
        rows = torch.as_tensor(rows, device=device)
        optimiser.zero_grad()
        loss(net(corrupt(X[rows])), Y[rows]).backward()
        optimiser.step()
        schedule.step()
    return net

run = lambda net, X: net(bridge.tensors(X, device=device)).detach().cpu().numpy()
mse = lambda Z, X: float(np.mean((Z - X) ** 2))

# %% [markdown]
# Now digits. Three opponents set the bar. Returning the noisy picture costs $\sigma^2 = 0.25$. Projecting it on the
# first $k$ directions of **PCA** throws away the noise in all others; of ten sizes from 16 to 64, $k = 36$ was the best
# on the last 500 training digits, with the first 3500 as training part. But PCA keeps or drops a direction, and a
# linear method can do better: **shrink** direction $i$ by $\lambda_i/(\lambda_i + \sigma^2)$, with $\lambda_i$ the
# variance of the clean digits along it. This is the best linear denoiser of all (Wiener's filter). The network has 256
# hidden units; it was the best of five candidates on the same 500. (We had first looked at some of them on the test
# digits; the choice was then made again without.) *Predict:* what share of the best linear filter's error does it save?

# %%
rng, _ = np.random.default_rng(100), torch.manual_seed(100)
noise = lambda X: X + 0.5 * torch.randn_like(X)
noisy = X_test + 0.5 * rng.normal(size=X_test.shape).astype(np.float32)
lam = ((X_train - mean) @ V.T).var(axis=0)  # mean and V, PCA's, and flat: section 7
wiener = mean + ((noisy - mean) @ V.T * lam / (lam + 0.25)) @ V
denoiser = fit(dense([784, 256, 784], rng), X_train, X_train, 20, rng, 4e-3, 100, noise)
clean, top = run(denoiser, noisy), flat(noisy, mean, V[:36])
check.claim("denoising, PCA-36: error per pixel", mse(top, X_test), at_least=0.0271)
check.claim("denoising, best linear: error per pixel", mse(wiener, X_test), at_least=0.0201)
check.claim("denoising, network: error per pixel", mse(clean, X_test), at_most=0.0182)


# %%
def show_rows(rows, title, alt, captions=None):
    """A figure of rows of pictures, a dict from the row's name to its pictures (n, 784)."""
    n = len(next(iter(rows.values())))
    fig = plot.images(np.concatenate(list(rows.values())), titles=captions, columns=n)
    for ax, name in zip(fig.axes[::n], rows):
        ax.text(-3, 14, name, ha="right", va="center", fontsize=8)
    fig.suptitle(title, fontsize=11)
    plot.show(fig, alt)

rows = {"noisy": noisy, "PCA-36": top, "linear": wiener, "network": clean, "truth": X_test}
show_rows({name: P[:10] for name, P in rows.items()}, "The network leaves fewer grey ghosts than the linear filter",
          "Ten test digits in five rows: with noise, after PCA, after the linear filter, after the network, clean.")

# %% [markdown]
# The best linear filter goes most of the way; the network takes another tenth off the error that is left. A comparison
# with PCA alone, a third worse, would have flattered it. The linear filter has one answer for all digits; the network
# can decide, from the rest of the picture, what a grey patch most likely was.
#
# ## 11 Convolutional autoencoders
#
# A dense layer does not know that pixels have neighbours. An encoder of convolutions (Lecture 3) with stride 2 halves
# the picture at each layer, and a last dense layer turns the small maps into a **feature vector**. The decoder runs
# the film backwards: from the vector to small maps, and from small maps to larger ones by **transposed convolution**.
# Each number of the small map *stamps* the kernel, scaled by itself, into the large picture; where stamps overlap they
# add up. A map of side $n$ grows to $(n-1)\,s + k - 2p$, for stride $s$, kernel side $k$ and padding $p$: a 3×3 map and
# a 3×3 kernel give 5×5, and with $k = 4$, $s = 2$, $p = 1$ every side doubles.
#
# It is `conv_transpose` of Lecture 3: the step that carries gradients back through a convolution (its adjoint), used
# forwards. (Not an inverse: "deconvolution", as some call it, promises too much.)

# %%
Y, W = np.zeros((1, 1, 3, 3)), np.arange(1.0, 10).reshape(1, 1, 3, 3)
Y[0, 0, 0, 0], Y[0, 0, 1, 1] = 1, 2                                # two stamps, which overlap in 2 x 2 pixels
big = conv_transpose(Y, W, (1, 1, 5, 5))
check.worked("3 x 3 stamped into 5 x 5", big, "1 2 3 0 0 4 7 10 6 0 7 16 19 12 0 0 14 16 18 0 0 0 0 0 0")
layer = nn.ConvTranspose2d(1, 1, 3, bias=False).double()
layer.weight.data = bridge.tensors(W)
check.same("our stamps and PyTorch's", big, layer(bridge.tensors(Y)))
for k, side, pad, expected in ((3, 15, 0, "2 1 2 1"), (4, 14, 1, "4 4 4 4")):
    cover = conv_transpose(np.ones((1, 1, 7, 7)), np.ones((1, 1, k, k)), (1, 1, side, side), 2, pad)
    check.worked(f"stamps on neighbouring pixels, k = {k}", cover[0, 0, 5, 4:8], expected)

# %% [markdown]
# The last two lines show why we take $k = 4$: with stride 2 and an odd kernel, neighbouring pixels get unequal numbers
# of stamps, and pictures come out with a checkerboard (Odena and others, 2016).
#
# Here is the whole autoencoder, 16 numbers in the middle. The classic 784-128-64-32-16-32-64-128-784 has 223 456
# weights and biases, the wider one of section 7 has 437 664, and about .0165 error per pixel after 36 epochs. *Predict*
# how many parameters this one needs to come as far in 8 epochs. (Step size, batch and epochs: the best of four on the
# 500 digits held back.)

# %%
rng, _ = np.random.default_rng(110), torch.manual_seed(110)
encoder = [nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 6, 4, 2, 1), nn.SiLU(), nn.Conv2d(6, 12, 4, 2, 1), nn.SiLU(),
           nn.Flatten(), nn.Linear(12 * 7 * 7, 16)]
decoder = [nn.Linear(16, 12 * 7 * 7), nn.SiLU(), nn.Unflatten(1, (12, 7, 7)), nn.ConvTranspose2d(12, 6, 4, 2, 1), nn.SiLU(),
           nn.ConvTranspose2d(6, 1, 4, 2, 1), nn.Flatten()]
conv = fit(nn.Sequential(*encoder, *decoder), X_train, X_train, 8, rng, 6e-3, 25)

check.worked("parameters of the convolutional autoencoder", sum(p.numel() for p in conv.parameters()), "21941")
check.worked("parameters of the dense one of section 7", sum(p.size for p in aes[16]), "437664")
check.claim("convolutional, 16 numbers: error per pixel", mse(run(conv, X_test), X_test), at_most=0.0172)


# %% [markdown]
# A twentieth of the parameters (a tenth of the classic's), less than a quarter of the epochs, and about the same error.
# Sharing weights over places is knowledge about pictures that the dense network had to learn from 4000 of them.
#
# ## 12 Sparse codes
#
# A third way to forbid copying: let the code be wide, but make every active unit cost something. With the code
# $A = \mathrm{relu}(XW_1 + b_1)$ and the reconstruction $Z = AW_2 + b_2$ we minimise
#
# $$L = \mathrm{mean}\,(Z-X)^2 + \lambda\;\mathrm{mean}\,\lvert A\rvert .$$
#
# The second term is an **L1 penalty**. Since $A \ge 0$, its gradient is $\lambda/(\text{numbers in }A)$ where a unit is
# active, and 0 where it is not. It pushes with the same force however small the activation is, so small ones
# end at exactly 0. (A squared penalty pushes less and less, and leaves small values small.)

# %%
def sparse_loss(W1, b1, W2, b2, X, lam):
    """Squared error plus L1 penalty of a one-hidden-layer autoencoder, the gradients, and the code A (n, m)."""
    A = relu(X @ W1 + b1)
    loss, delta2 = mse_and_delta(A @ W2 + b2, X)
    delta1 = (delta2 @ W2.T + lam / A.size) * (A > 0)
    return loss + lam * A.mean(), [X.T @ delta1, delta1.sum(axis=0), A.T @ delta2, delta2.sum(axis=0)], A


# %%
rng = np.random.default_rng(120)
params, X = [rng.normal(size=s) for s in ((5, 7), (7,), (7, 5), (5,))], rng.normal(size=(3, 5))
for p, dp, name in zip(params, sparse_loss(*params, X, 0.3)[1], ("W1", "b1", "W2", "b2")):
    check.gradient(f"sparse autoencoder, d{name}", lambda: sparse_loss(*params, X, 0.3)[0], p, dp)


# %% [markdown]
# There is a way to cheat: halve $A$, double $W_2$, and the penalty halves for nothing. So after each step we scale the
# rows of $W_2$, the 128 **features**, back to length 1. The mean digit is subtracted first. ($\lambda = 0.1$ was chosen
# by eye, for clear features.) *Predict:* what will a feature look like, a whole digit or a part?

# %%
def train_sparse(X, lam, rng):
    """Ten epochs of Adam on X (n, 784), the features kept at length 1; returns [W1, b1, W2, b2]."""
    params, states = init([784, 128, 784], rng), [{} for _ in range(4)]
    params[2] /= np.linalg.norm(params[2], axis=1, keepdims=True)
    params[0] = params[2].T.copy()                                     # encoder and decoder start tied
    for rows in (r for _ in range(10) for r in rng.permutation(len(X)).reshape(-1, 100)):
        for p, dp, s in zip(params, sparse_loss(*params, X[rows], lam)[1], states):
            adam(p, dp, s, 2e-3)
        params[2] /= np.linalg.norm(params[2], axis=1, keepdims=True)
    return params


# %%
X, X_new = (M.astype(float) - X_train.mean(axis=0) for M in (X_train, X_test))
sparse = {lam: train_sparse(X, lam, np.random.default_rng(121)) for lam in (0, 0.1)}
for lam, name, active, error in ((0, "without", {"at_least": 0.857}, 0.007),
                                 (0.1, "with penalty", {"at_most": 0.25}, 0.0172)):
    A = sparse_loss(*sparse[lam], X_new, lam)[2]
    check.claim(f"{name}: share of active units", np.mean(A > 0), **active)
    check.claim(f"{name}: error per pixel", mse(A @ sparse[lam][2] + sparse[lam][3], X_new), at_most=error)
fig = plot.images(np.concatenate([params[2][:20] for params in sparse.values()]), signed=True, limit=0.2)
fig.suptitle("Rows 1, 2, no penalty: scribbles. Rows 3, 4, penalty: pen strokes", fontsize=11)
plot.show(fig, "Twenty features of a plain and of a sparse autoencoder: the plain ones are scattered over the picture, "
          "the sparse ones are made of pen strokes, many of them nearly a whole digit.")

# %% [markdown]
# Without a price nearly every unit speaks about every digit. With it each digit is written with a small share of the
# units, at some cost in error, and scribbles turn into pen strokes. Some are parts that digits share, a bar or an arc;
# many are nearly a whole digit: each unit that speaks costs, so one that says much is cheap. In photographs of nature a
# price on activity gives edges (Olshausen and Field, 1996; they searched for each code by descent, without an encoder).
#
# ## 13 Features for a classifier
#
# What is a code good for, apart from going back? Labels are dear and pictures are cheap. Suppose that we own 4000
# digits, but only 100 labels, ten of each class. The encoder has seen all 4000 digits without labels. We cut it off,
# and train a linear classifier on its codes. Pixels and PCA are the opponents. All features are
# scaled to about unit variance first, and each number is a mean over five draws of the 100.
#
# Speech recognition used **bottleneck features** of another kind (Grézl and others, 2007): a network of five layers is
# trained *with* labels, to tell speech sounds apart, with one narrow layer; the activations of that layer, not the
# outputs, then feed another recogniser. It is not an autoencoder, since its target is not its input. Our stand-in
# learns from all 4000 labels, and then gives up the 16 numbers of its narrow layer. (In the code `denoiser[:2]` is the
# network up to its second module: layer, activation. `classifier[:4]` ends behind the narrow layer.) *Predict* the
# ranking: pixels,
# PCA-16, codes of 16 and 64, the hidden layer of the denoiser, the supervised bottleneck.

# %%
rng = np.random.default_rng(130)
classifier = fit(dense([784, 128, 16, 10], rng, linear=(1,)), X_train, y_train, 10, rng, loss=F.cross_entropy)
views = {"pixels": lambda X: X, "PCA-16": lambda X: (X - mean) @ V[:16].T, "code-16": lambda X: encode(aes[16], X),
         "code-64": lambda X: encode(aes[64], X), "denoiser": lambda X: run(denoiser[:2], X),
         "supervised bottleneck": lambda X: run(classifier[:4], X)}

# %%
draws = [np.concatenate([rng.permutation(np.flatnonzero(y_train == k))[:10] for k in range(10)]) for _ in range(5)]
for (name, view), bound in zip(views.items(), (0.717, 0.696, 0.744, 0.707, 0.782, 0.889)):
    A, B = view(X_train), view(X_test)
    A, B = (M / (A.std(axis=0) + 0.1 * A.std()) for M in (A, B))  # both by the scale of A
    score = [LogisticRegression(max_iter=300).fit(A[rows], y_train[rows]).score(B, y_test) for rows in draws]
    check.claim(f"100 labels, {name}: accuracy", np.mean(score), at_least=bound)

# %% [markdown]
# A sober list. An autoencoder must spend its code on everything that carries ink: slant, thickness,
# position. Nothing tells it that the class matters. So the code of 16 is a little ahead of the pixels, and the
# code of 64 behind them; the denoiser's 256 units gain some five points. The bottleneck that saw all labels is far
# ahead of all: what helps most is labels. So measure before believing that features learned without them help.
#
# An error per pixel hides another thing. We let the classifier name the digits, and what comes back from 2, 16 and 64
# numbers. *Predict:* what share changes its class?

# %%
verdict = lambda X: run(classifier, np.float32(X)).argmax(axis=1)
rebuilt = {k: decode(aes[k], encode(aes[k], X_test)) for k in (2, 16, 64)}
for k, bound in ((2, {"at_least": 0.31}), (16, {"at_most": 0.072}), (64, {"at_most": 0.042})):
    check.claim(f"code of {k}: share that changes its class", np.mean(verdict(rebuilt[k]) != verdict(X_test)), **bound)

# %%
rows = {"input": X_test[:8]} | {f"code {k}": Z[:8] for k, Z in rebuilt.items()}
captions = [f"{int(label)}" for P in rows.values() for label in verdict(P)]
show_rows(rows, "From two numbers many digits change", captions=captions, alt="Eight test digits, "
          "and their reconstructions from 2, 16 and 64 numbers, the classifier's verdict above each: from 2 numbers "
          "they are soft and some turn into another digit, from 64 hardly any.")

# %% [markdown]
# With 2 numbers a good part of the digits comes back as *another digit* (look where the number above it is not the
# input's), soft but believable.
# A grid of reconstructions needs its captions: which row is the input, which code size, which loss (here the squared
# error).
#
# ## 14 Uses, each tried
#
# Seven uses, one after the other. What is marked *can be skipped* you need not read, but run its cells: later ones use
# their names.
#
# **Compression.** Keep the code, throw the picture away. We quantise each of the 16 numbers to a byte. The decoder must
# be delivered once, and we count it. The opponents are zlib and PNG (lossless) and JPEG 2000 (lossy, at any rate we ask
# for), on one sheet of all 1000 test digits, so that headers do not count against them. *Predict:* from how many digits
# on does the autoencoder pay?

# %%
C, C_test = encode(aes[16], X_train), encode(aes[16], X_test)
low, high = C.min(axis=0), C.max(axis=0)
stored = np.uint8(np.round(255 * np.clip((C_test - low) / (high - low), 0, 1)))     # (1000, 16), one byte each
Z = decode(aes[16], low + stored / 255 * (high - low))
check.claim("16 bytes: added error by rounding", mse(Z, X_test) - mse(rebuilt[16], X_test), at_most=1e-5)

# %%
sheet = np.uint8(np.round(255 * X_test)).reshape(25, 40, 28, 28).swapaxes(1, 2).reshape(700, 1120)
def packed(format, **how):
    """Bytes per digit, and error per pixel, of the 1000 test digits on one sheet."""
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, format, **how)
    return len(file.getvalue()) / 1000, mse(np.asarray(Image.open(file)) / 255, sheet / 255)

png, decoder = packed("png", optimize=True)[0], sum(p.nbytes for p in aes[16][len(aes[16]) // 2 :]) + 2 * low.nbytes
check.claim("zlib: bytes per digit", len(zlib.compress(sheet.tobytes(), 9)) / 1000, at_least=150)
check.claim("PNG: bytes per digit", png, at_least=150)
check.claim("digits until the decoder is paid, against PNG", decoder / (png - 16), at_least=5000)
lossy = [packed("jpeg2000", quality_layers=[rate]) for rate in range(26, 36)]
best = min(lossy, key=lambda got: abs(got[1] - mse(Z, X_test)))
check.claim("JPEG 2000 at the same error: bytes per digit", best[0], at_least=24)
upside = np.ascontiguousarray(X_test[:, ::-1])
factor = mse(decode(aes[16], encode(aes[16], upside)), upside) / mse(Z, X_test)
check.claim("digits upside down: error grows by the factor", factor, at_least=1.859)


# %% [markdown]
# Sixteen bytes are a tenth of PNG's and two thirds of JPEG 2000's at the same error. But the decoder weighs as much as
# thousands of PNG digits, the result is **lossy**, and it is **data-specific**: the same digits upside down come back
# much worse, and a photograph would not come back at all. The codecs take any picture. So the use is real where one
# kind of data is stored or sent in masses, and general codecs win everywhere else.
#
# **A map.** A code of two numbers can be drawn. Beside it PCA with two directions, and t-SNE (section 3), which has no
# encoder: a new digit means a new map. Our measure: of the ten nearest points on the map, how many show the same digit?

# %%
def precision(Q, q, D, d, own=False, k=10):
    """Share of the k rows of D (labels d) nearest to each row of Q (labels q) with its label; own: D is Q."""
    far = (Q**2).sum(axis=1)[:, None] - 2 * Q @ D.T + (D**2).sum(axis=1)
    if own:
        np.fill_diagonal(far, np.inf)          # a point is not its own neighbour
    return np.mean(d[np.argpartition(far, k, axis=1)[:, :k]] == q[:, None])

X, y, rng = X_test[:500], y_test[:500], np.random.default_rng(141)
maps = {"PCA": (X - mean) @ V[:2].T, "autoencoder": encode(aes[2], X),
        "t-SNE": TSNE(random_state=int(rng.integers(10**6)), max_iter=500).fit_transform(X)}
near = {name: precision(M, y, M, y, own=True) for name, M in maps.items()}
for name, bound in zip(maps, (0.39, 0.475, 0.674)):
    check.claim(f"{name}: same digit among ten neighbours", near[name], at_least=bound)


# %%
def draw_map(ax, M, y, title, size=22):
    for k in range(10):
        ax.scatter(*M[y == k].T, marker=f"${k}$", s=size, color=plt.cm.tab10(k), linewidth=0.3)
    ax.set(title=title, xlabel="first number", ylabel="second number")

fig, axes = plt.subplots(2, 2, figsize=(6.6, 6))
for ax, (name, M) in zip(axes.flat, maps.items()):
    draw_map(ax, M, y, name)
axes[1, 1].barh(list(near), near.values(), color="#666666")
axes[1, 1].set(title="Same digit nearby", xlabel="share", xlim=(0, 1))
fig.suptitle("The autoencoder sorts digits better than PCA, t-SNE best")
plot.show(fig, "The same 500 digits in three maps, and bars: PCA mixes most digits, the autoencoder separates more, "
          "t-SNE most.")

# %% [markdown]
# The autoencoder gives away some of t-SNE's order, and in return maps new digits and can go back from any point of the
# map to a picture.
#
# **Colouring** (can be skipped). Target and input need not be equal; the network may learn to *restore* what we
# removed. From a
# grey window (24×24 pixels, every second one kept) the network predicts what colour adds to the grey, in the middle
# 8×8 pixels. It trains on the left half of one photograph, and is tested on the right half. The opponents: no colour,
# the mean colour of the left half, and a linear map (least squares with a small penalty; any from 1 to 100 gives it
# the same error). Width and epochs of the network were chosen inside the left half, columns 112 to 160 held back.

# %%
P = F.avg_pool2d(torch.tensor(data.photo("flower.jpg")), 2).numpy()[0, :, :208]     # (3, 208, 320)
G = P.mean(axis=0)
def windows(start, stop, step, side=8, pad=8):
    """Grey windows (n, 144) and the colour less grey of their middles (n, 192), columns start..stop of the photo."""
    padded, wide = np.pad(G, pad, mode="edge"), side + 2 * pad
    corners = [(i, j) for i in range(0, 208 - side + 1, step) for j in range(start, stop - side + 1, step)]
    grey = np.array([padded[i : i + wide : 2, j : j + wide : 2].ravel() for i, j in corners])
    return grey - 0.4, np.array([(P - G)[:, i : i + side, j : j + side].ravel() for i, j in corners])


# %%
(X, Y), (X_new, Y_new), rng = windows(0, 160, 4), windows(160, 320, 8), np.random.default_rng(142)
colour = run(fit(dense([144, 64, 16, 64, 192], rng), X, Y, 60, rng), X_new)
middle, level = X.mean(axis=0), Y.mean(axis=0)
line = np.linalg.solve((X - middle).T @ (X - middle) + np.eye(144), (X - middle).T @ (Y - level))
linear = (X_new - middle) @ line + level
for name, Z, printed in (("no", 0, "0.0192"), ("mean", level, "0.0180"), ("linear", linear, "0.0065")):
    check.worked(f"colouring, {name} colour: error", mse(Z, Y_new), printed)
check.claim("colouring, network: error", mse(colour, Y_new), at_most=0.0085)
sheet = lambda Z: Z.reshape(26, 20, 3, 8, 8).transpose(0, 3, 1, 4, 2).reshape(208, 160, 3)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 4))
for ax, Z, name in zip(axes, (colour, Y_new), ("The network: wrong at edges", "The photograph")):
    ax.imshow(np.clip(G[:, 160:, None] + sheet(Z), 0, 1))
    ax.set(title=name, xticks=[], yticks=[])
plot.show(fig, "The right half of a photograph of a flower. Left, the network's colours: mostly right, in blocks, with a "
          "wrongly coloured fringe around the flower; right, the true ones.")

# %% [markdown]
# First the numbers: where the network's error above is more than the line's .0065, the linear map has won this run,
# whatever the picture promises. When this was written it had: of six starts, from .0034 to .0075, the one above was the
# worst. Four of the six beat the line, two did not: better on average, not proved better. In the picture most of the
# flower and its background are right, because the other half shows the same flower; the rim, where one window holds
# both, is not. One photograph is one witness. On a new one the network would paint everything in these colours.
#
# **More pixels.** Digits at 14×14 (each pixel the mean of four), to be drawn at 28×28. A transposed convolution is made
# for this. The opponents: bilinear interpolation, and the best linear map from 196 to 784 numbers. (16 maps did better
# than 32 on the digits held back.)

# %%
rng, _ = np.random.default_rng(143), torch.manual_seed(143)
small = lambda X: X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)
S, T = small(X_train), small(X_test)
larger = nn.Sequential(nn.Unflatten(1, (1, 14, 14)), nn.Conv2d(1, 16, 5, 1, 2), nn.SiLU(),
                       nn.ConvTranspose2d(16, 1, 6, 2, 2), nn.Flatten())
fit(larger, S, X_train, 6, rng, 1e-2)
up = F.interpolate(torch.tensor(T).reshape(-1, 1, 14, 14), scale_factor=2, mode="bilinear").reshape(-1, 784).numpy()
check.worked("28 x 28, bilinear: error per pixel", mse(up, X_test), "0.0149")
line = np.linalg.solve(S.T @ S + np.eye(196), S.T @ X_train)
check.worked("28 x 28, linear: error per pixel", mse(T @ line, X_test), "0.0071")
check.claim("28 x 28, network: error per pixel", mse(run(larger, T), X_test), at_most=0.0073)

# %% [markdown]
# Half of bilinear's error, and level with the best linear map, with about a thousand weights instead of 153 664. What
# it adds is a guess, learned from digits. Keep this in mind for section 15.
#
# **Image search.** Store the codes of the 4000 training digits; a test digit asks for its ten nearest. How many show
# the same digit? A code of 16 numbers is 49 times shorter than the picture.
#
# **Anomaly detection.** An autoencoder rebuilds well what it knows. So a large error could mean: this is something
# else. The score is the **AUC**, the chance that a random odd picture has a larger error than a random ordinary one
# (.5 is guessing). Odd pictures: digits upside down (without 0, 1, 8), patches of a photograph, and digits that a
# network never met, since we train one more without any 1 or 4. *Predict* which is the hardest to detect:
# upside down, photograph, unknown 4, or unknown 1.

# %%
check.worked("search by pixels: precision at 10", precision(X_test, y_test, X_train, y_train), "0.87")
by_pca = precision((X_test - mean) @ V[:16].T, y_test, (X_train - mean) @ V[:16].T, y_train)
check.worked("search by PCA-16: precision at 10", by_pca, "0.87")
check.claim("search by code-16: precision at 10", precision(C_test, y_test, C, y_train), at_least=0.866)


# %%
def auc(rebuild, X, odd):
    errors = np.concatenate([np.mean((rebuild(M) - M) ** 2, axis=1) for M in (X, odd)])
    return roc_auc_score(np.arange(len(errors)) >= len(X), errors)

rng = np.random.default_rng(144)
known, asked = ~np.isin(y_train, (1, 4)), ~np.isin(y_test, (1, 4))
part = fit(dense([784, 128, 32, 16, 32, 128, 784], rng, linear=(2,)), X_train[known], X_train[known], 15, rng)
half = pca(X_train[known], 16)
pieces = G[:196, :308].reshape(7, 28, 11, 28).swapaxes(1, 2).reshape(-1, 784)
whole = (lambda X: decode(aes[16], encode(aes[16], X))), (lambda X: flat(X, mean, V[:16]))
some = (lambda X: run(part, X)), (lambda X: flat(X, *half))
turned = np.ascontiguousarray(X_test[~np.isin(y_test, (0, 1, 8)), ::-1])
for name, (net, plain), X, odd, bound, expected in (
        ("upside down", whole, X_test, turned, {"at_least": 0.881}, "0.80"),
        ("photo", whole, X_test, pieces, {"at_least": 0.76}, "0.44"),
        ("unknown 4", some, X_test[asked], X_test[y_test == 4], {"at_least": 0.78}, "0.60"),
        ("unknown 1", some, X_test[asked], X_test[y_test == 1], {"at_most": 0.497}, "0.42")):
    check.claim(f"{name}, autoencoder: AUC", auc(net, X, odd), **bound)
    check.worked(f"{name}, PCA: AUC", auc(plain, X, odd), expected)

# %% [markdown]
# In search the three are level: sixteen numbers do what 784 pixels do, and PCA's sixteen do it as well.
#
# As a detector the autoencoder beats PCA clearly on digits upside down, on photographs and on the unknown 4. And both
# **fail on the unknown 1**: an AUC *below* one half. A 1 is little ink, and little ink is easy to rebuild, known or
# not. The error measures difficulty as much as novelty. PCA's failure on the photograph has the same reason: its
# smooth patches are easier than digits.
#
# **Topics of texts** (can be skipped). Six hundred descriptions of functions, from six fields (interpolation, linear
# algebra,
# optimisation, signals, space, statistics). A text becomes its **bag of words**: how often each of some 2000 words
# occurs. Very rare and very frequent words are left out, and in training half of the words of each text, drawn anew for
# each batch (a denoiser again). The code has 16 numbers; the decoder ends in a softmax over words, and its target is
# the text's own shares of words. The opponents are the words themselves, weighted by rarity (tf-idf), and LSA, which is
# PCA of these without centring. The fields are not shown to any. All compare by the angle.

# %%
texts, y, topics = data.docstrings()
texts = [Counter(text.split()) for text in texts]
count = Counter(word for text in texts for word in text)               # in how many texts
words = sorted(word for word in count if 5 <= count[word] <= 200)
B = np.array([[text.get(word, 0) for word in words] for text in texts], np.float32)

# %%
unit = lambda M: M / (np.linalg.norm(M, axis=1, keepdims=True) + 1e-9)
tfidf = unit(np.log1p(B) * np.log(600 / (B > 0).sum(axis=0))).astype(np.float32)
lsa = tfidf @ np.linalg.svd(tfidf, full_matrices=False)[2][:16].T
rng, _ = np.random.default_rng(145), torch.manual_seed(145)
topic = dense([len(words), 64, 16, 64, len(words)], rng, linear=(1,))
topic = fit(topic, 10 * tfidf, B / B.sum(axis=1, keepdims=True), 15, rng,
            corrupt=lambda X: 2 * X * (torch.rand_like(X) > 0.5), loss=F.cross_entropy)
for name, M, bound in (("words", tfidf, 0.84), ("LSA-16", lsa, 0.87), ("code-16", run(topic[:4], 10 * tfidf), 0.817)):
    check.claim(f"{name}: same field among ten neighbours", precision(unit(M), y, unit(M), y, own=True), at_least=bound)

# %% [markdown]
# Sixteen numbers keep about all that two thousand words say about the field, and **LSA does it better**, in a fraction
# of the time: 600 texts are few for a network. (Its loss and code size were tried with these scores in view, so its
# number is flattered, if anything, and it still loses.) Hinton and Salakhutdinov (2006) showed such codes at work on
# hundreds of thousands of news stories. Their neighbourhoods are fields; they are "topics" only loosely, since no code
# number need stand for one.
#
# ## 15 Who is completed as whom? An experiment
#
# In June 2020 a blurred photograph of Barack Obama was put into PULSE, a program that invents a sharp face to fit a
# blurred one (Menon and others, 2020). Out came a white man. Robert Osazuwa Ness reproduced it in the same month, and
# tried it with pictures of himself and of Alexandria Ocasio-Cortez as well. Some answered: "the bias is only in the
# data." Let us look at what happens in a case small enough to take apart.
#
# Our population has two groups: 9s, common, and 4s, rare. The pictures are blurred to 7×7 and a network draws them
# sharp again at 28×28. Three worlds: **skewed**, 400 nines and 8 fours; **reweighted**, the same pictures, but the
# error of a four counts 50-fold; **balanced**, 400 and 400. All three take the same number of steps. An independent
# judge, trained on sharp 4s and 9s alike, names what came out. We chose this case because it shows the effect well: of
# three pairs of digits and three kinds of damage it was among the strongest. With 8 rare among 400 common, and the same
# blur, about three in ten of the 8s became 3s, and only one 1 in thirty or so became a 7 (three runs each). How bad it
# gets depends on how much the damage leaves open. *Predict:* what share of 4s comes back as a 9 in each world? And
# which world has the best average error over a population of 50 nines to one four?

# %%
blur = lambda X: X.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
nines, fours, nines_new, fours_new = (X[y == k] for X, y in ((X_train, y_train), (X_test, y_test)) for k in (9, 4))
judge = LogisticRegression(C=0.1, max_iter=300).fit(np.r_[nines, fours], np.arange(800) >= 400)
right = judge.score(np.r_[nines_new, fours_new], np.arange(200) >= 100)
check.claim("the judge is right on sharp test digits", right, at_least=0.95)

# %%
weighted = lambda Z, Y: (Y[:, -1:] * (Z - Y[:, :-1]) ** 2).mean()      # the weight travels as Y's last column
worlds = {}
for name, n, weight, epochs in (("skewed", 8, 1, 40), ("reweighted", 8, 50, 40), ("balanced", 400, 1, 20)):
    rng = np.random.default_rng(150)
    X, w = np.r_[nines, rng.permutation(fours)[:n]], np.r_[np.ones(400), np.full(n, weight)]
    Y = np.c_[X, w / w.mean()].astype(np.float32)
    net = fit(dense([49, 128, 784], rng), blur(X), Y, epochs, rng, 2e-3, loss=weighted)
    worlds[name] = run(net, blur(nines_new)), run(net, blur(fours_new))

# %% [markdown]
# First the pictures, then the measures: how many 4s come out as 9s, the squared error of the 4s, and the average error
# of the whole population, compared with the skewed world's.

# %%
drawn = {"blurred": np.kron(blur(fours_new[:8]).reshape(-1, 7, 7), np.ones((4, 4))).reshape(-1, 784)}
drawn |= {name: four[:8] for name, (_, four) in worlds.items()} | {"truth": fours_new[:8]}
show_rows(drawn, "With skewed data, fours come back as nines", "Eight blurred fours in five rows: blurred, drawn by the "
          "skewed, the reweighted and the balanced network, and the truth. In the skewed row most are nines; in the "
          "balanced row most are fours.")

# %%
for name, bound in (("skewed", {"at_least": 0.75}), ("reweighted", {"at_most": 0.27}), ("balanced", {"at_most": 0.09})):
    check.claim(f"{name}: fours completed as nines", 1 - judge.predict(worlds[name][1]).mean(), **bound)
of_fours = {name: mse(four, fours_new) for name, (_, four) in worlds.items()}
average = {name: (50 * mse(nine, nines_new) + of_fours[name]) / 51 for name, (nine, _) in worlds.items()}
check.claim("error of the fours, reweighted over skewed", of_fours["reweighted"] / of_fours["skewed"], at_least=0.96)
check.claim("error of the fours, balanced over skewed", of_fours["balanced"] / of_fours["skewed"], at_most=0.722)
check.claim("average error at 50 to 1, reweighted over skewed", average["reweighted"] / average["skewed"], at_least=1.24)
check.claim("average error at 50 to 1, balanced over skewed", average["balanced"] / average["skewed"], at_least=1.02)

# %% [markdown]
# - **Most fours come back as nines** in the skewed world, and look like any other nine. Nothing in the picture warns
#   you.
# - **The average hides it.** At 50 to 1 the skewed network has the *best* average error of the three. Whoever validates
#   with the average alone chooses the network that turns fours into nines.
# - **Reweighting helps without one new picture**, so the data alone were not to blame: the *objective* decided that 8
#   among 408 may be ignored. It has a price: the nines are drawn worse. Who pays is a decision, and it was made in
#   either case.
# - **The measure decides what you see.** From skewed to reweighted the squared error of the fours hardly moves, while
#   most of them turn from nines into fours (poor ones, drawn from eight examples). Whoever chose the squared error as
#   *the* error would see no gain.
# - **Balanced data help the fours most.** Eight pictures cannot stand for all ways to write a 4. The nines pay a little
#   for that too.
#
# So bias is not only in the data. It is also in models, in what we choose to optimise, in who checks the result and
# by which number, and in the society that finds the result acceptable. None of it is new. Kodak's "Shirley cards", by
# which photographic laboratories set their colours for decades, showed white women; film and printing were tuned to
# their skin, and darker skin came out badly (Sarah Lewis, in The New York Times' Lens column, 2019). Nobody had to
# intend it: it was enough that nobody checked for anybody else.
#
# Should a system mirror us as we are, and so amplify our bias, or as we hope to be? And who decides? We cannot
# compute that. We can compute what each choice does to whom, and put it on the table before the choice is made: what
# happens to *each group*, by more than one measure, beside the average.
#
# ## 16 Where it breaks
#
# A decoder turns numbers into pictures. Then draw numbers at random, and new digits appear? *Predict.* We use the code
# of two numbers: decode a grid that covers all training codes, and look at its gaps. Then we draw codes of 16 at
# random, from the Gaussian with the mean and covariance of the training codes, the best excuse for a distribution that
# a plain autoencoder offers. The classifier of section 13 measures: what share does it name with a confidence of at
# least 0.9?

# %%
sure = lambda Z: np.mean(torch.softmax(torch.tensor(run(classifier, np.float32(Z))), 1).max(1)[0].numpy() >= 0.9)
rng = np.random.default_rng(160)
Z = decode(aes[16], rng.multivariate_normal(C.mean(axis=0), np.cov(C.T), 1000).astype(np.float32))
check.claim("surely a digit: test digits", sure(X_test), at_least=0.81)
check.claim("surely a digit: rebuilt from 16 numbers", sure(rebuilt[16]), at_least=0.81)
check.claim("surely a digit: decoded random codes of 16", sure(Z), at_most=0.49)

# %%
C2 = encode(aes[2], X_train)
(left, bottom), (right, top) = C2.min(axis=0), C2.max(axis=0)
grid = np.stack(np.meshgrid(np.linspace(left, right, 16), np.linspace(top, bottom, 16)), axis=-1).reshape(-1, 2)
half = np.array([right - left, top - bottom]) / 30                     # of a cell around each point of the grid
empty = [not np.any(np.all(np.abs(C2 - point) <= half, axis=1)) for point in grid]
check.claim("cells of the grid without any training code", np.mean(empty), at_least=0.24)
extent = left - half[0], right + half[0], bottom - half[1], top + half[1]
sheet = decode(aes[2], np.float32(grid)).reshape(16, 16, 28, 28).swapaxes(1, 2).reshape(448, 448)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.6))
draw_map(axes[0], C2[:1000], y_train[:1000], "Codes crowd, and leave gaps", 14)
axes[0].set(xlim=extent[:2], ylim=extent[2:])
axes[1].imshow(sheet, cmap="gray_r", vmin=0, vmax=1, extent=extent, aspect="auto")
axes[1].grid(False)
axes[1].set(title="The decoder fills the gaps", xlabel="first number", ylabel="second number")
plot.show(fig, "Left, training codes in the plane: crowded arms and empty regions. Right, the plane decoded on a grid: "
          "digits where codes are, and something everywhere else, often smears, mixtures and blots.")

# %% [markdown]
# A good part of the plane holds no code at all, and the decoder answers there all the same: one digit carried on and
# on, smears between two, blots at the rim. Random codes of 16 fare no better: the classifier is sure of far fewer of
# them than of real digits or of reconstructions, though mean and covariance are right. The reason is in the loss: it
# asks for good pictures *at the codes of the training digits*, and for nothing anywhere else. Codes may lie in any
# shape, with holes between.
#
# So a plain autoencoder is **not a generative model**. It has no distribution $p(z)$ to draw from. (Nor is it
# "unsupervised" in the sense of having no target: the target is the input, hence *self-supervised*.) Lecture 6 puts a
# known $p(z)$ into the loss.
#
# ## 17 Play
#
# **Sixteen sliders.** Beside each other: our autoencoder with 16 numbers, and PCA with 16. *Next digit* chooses
# a digit; move one slider of each, and watch both errors. *Question:* can you find the slider for slant? Does a slider
# do the same to a 1 as to an 8? And what is *All numbers 0*?

# %%
from course_utils.interact.latent import Bottleneck

Bottleneck(aes[16][len(aes[16]) // 2 :], encode(aes[16], X_test[:12]), X_test[:12], mean, V[:16], activation="silu")

# %% [markdown]
# <details><summary>Answer</summary>
#
# No slider of the autoencoder is "slant": each changes several things, since nothing in the loss asked for separate
# meanings. What it does depends on the other fifteen numbers. PCA's slider adds the same fixed picture, more or less
# of it, to whatever digit there is. In both, far from the codes of digits, the picture falls apart.
# With all numbers 0 PCA shows the mean digit; the autoencoder shows whatever its decoder makes of that place.
#
# </details>
#
# **The plane.** Drag the points A and B through the plane of the two-number code (or move them with the arrow keys;
# with Shift in larger steps). Nine pictures show what lies on the straight path, and a line names the nearest code and
# its distance. *Question:* can you find two codes of the *same* digit with something that is no such digit on the
# straight line between them?

# %%
from course_utils.interact.latent import LatentPlane

LatentPlane(aes[2][len(aes[2]) // 2 :], encode(aes[2], X_test[:500]), y_test[:500], activation="silu", output="linear")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Yes: take a digit whose codes lie in two patches, or on both sides of another digit's patch (try 5, 8 or 4). The path
# crosses what lies between. A straight line in the code is not a path through digits. Where nothing is live, the
# decoded grid above shows the same: follow a line from edge to edge.
#
# </details>
#
# ## 18 Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "Autoencoders are unsupervised, so they are generative." | Self-supervised, and without $p(z)$: fewer than half of the decoded random codes are surely digits. | 16 |
# | "One use is compression", and elsewhere "not for compression". | Both: very few bytes for *one* kind of data, lossy, and the decoder must be paid; general codecs win otherwise. | 14 |
# | "A denoiser has to be compared with PCA." | With the best linear filter, which is clearly better than PCA. | 10 |
# | "Transposed convolution undoes a convolution." | It is its adjoint: the right shape, not the inverse. | 11 |
# | "A large reconstruction error means an anomaly." | Or a difficult picture; a never-seen 1 has a *small* one. | 14 |
# | "Features learned without labels help the classifier." | Sometimes; here much less than labels do. Measure. | 13 |
# | "A grid of digits shows that it works." | Not without captions (input or output, code size, loss) and a count of digits that became others. | 13 |
# | "Deep networks extract information to approximate functions, by a chain of matrix products." | Only with activations between them; without, an autoencoder is PCA at best. | 3 |
# | "It is trivial to build." | Four lines build it. What costs time: activation, size of the first weights, step size, a fair opponent. | 7, 11 |
# | "They have few practical uses." | Few as plain codecs; restoring, searching, and features are in use, and the shape, narrow in the middle, lives on in larger models. | 14 |
# | "The bias is in the data." | Also in the objective, the model, the number we validate with, and who validates. | 15 |
#
# ## 19 Summary
#
# 1. What keeps an autoencoder from copying is a constraint: a narrow code, noise on the input, or a price on activity.
# Without activations it is PCA; with them, 16 numbers rebuild digits about as well as 32 of PCA's.
# 2. Output and loss say what you assume about a pixel. Losses of different kinds cannot be compared; pictures can. A
# denoiser trained on squared error answers with the mean of what could have been.
# 3. Tied weights halve the parameters at about the same error; convolutions reach the dense network's with a twentieth
# of its. Pretraining is no longer needed to train deep nets; it still helps where labels are few.
# 4. Each use needs an opponent: t-SNE, least squares, pixels, PCA and LSA win, or come close, more often than a
# demo suggests.
# 5. What is rare is completed as what is common, the average does not show it, and a plain code has holes.
#
# ## Test yourself
#
# **1.** A denoiser for $x=\pm1$ and $\sigma = 0.5$ reads $y = 0$. What does it answer, and is that a value of $x$?
#
# <details><summary>Answer</summary>
#
# $\tanh 0 = 0$: the mean of two equally likely values. It never occurs, but no answer has a smaller squared error.
#
# </details>
#
# **2.** A 7×7 map, kernel 4, stride 2, padding 1, transposed. What is the side of the result?
#
# <details><summary>Answer</summary>
#
# $(7-1)\cdot 2 + 4 - 2 = 14$.
#
# </details>
#
# **3.** Why must the features of a sparse autoencoder be kept at length 1?
#
# <details><summary>Answer</summary>
#
# Or else a small code with large features makes the same picture, and the penalty on the code forbids nothing.
#
# </details>
#
# **4.** Your detector of faulty parts was trained on good parts. It misses parts of which a piece is broken off. Why
# might that be?
#
# <details><summary>Answer</summary>
#
# Less to draw is easier to draw: like our 1. Compare the error with that of good parts of similar difficulty, or score
# in another way.
#
# </details>
#
# **5.** A network that restores old photographs has an average error 20 % below its rival's. What else do you ask?
#
# <details><summary>Answer</summary>
#
# The error for each group of people in the pictures, how many of each there were in training and in the test, and who
# looked at the results.
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/05_autoencoders.ipynb) ([its
# solution](../solutions/05_autoencoders.ipynb), for afterwards).
#
# ## References
#
# - Autoencoders: G. Hinton and R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science
#   313 (2006); P. Vincent and others, *Extracting and composing robust features with denoising autoencoders*, ICML
#   (2008); B. Olshausen and D. Field, *Emergence of simple-cell receptive field properties by learning a sparse code
#   for natural images*, Nature 381 (1996); H. Robbins, *An empirical Bayes approach to statistics*, Berkeley
#   Symposium (1956); A. Odena, V. Dumoulin and C. Olah, *Deconvolution and checkerboard artifacts*, Distill (2016).
# - Layers, steps and PCA: P. Baldi and K. Hornik, *Neural networks and principal component analysis*, Neural Networks 2
#   (1989); Y. Bengio and others, *Greedy layer-wise training of deep networks*, NIPS 19 (2007); M. Zeiler, *ADADELTA:
# an
#   adaptive learning rate method*, arXiv:1212.5701 (2012).
# - Features and maps: F. Grézl and others, *Probabilistic and bottle-neck features for LVCSR of meetings*, ICASSP
#   (2007); L. van der Maaten and G. Hinton, *Visualizing data using t-SNE*, JMLR 9 (2008).
# - Ethics: S. Menon and others, *PULSE: self-supervised photo upsampling via latent space exploration of generative
#   models*, CVPR (2020); R. O. Ness's thread of June 2020; S. Lewis, *The racial bias built into photography*, The
#   New York Times, Lens (2019).
# - To read on: F. Chollet, *Building autoencoders in Keras* (the Keras blog, 2016); *Introducing variational
#   autoencoders (in prose and code)* (Fast Forward Labs, 2016), a bridge to Lecture 6; M. Berniker and K. Kording,
#   *Deep networks for motor control functions*, Frontiers in Computational Neuroscience 9 (2015); F. Bianco's course
#   notebook `autoencode_digits`, with its slides on Colab; and a chapter at Springer, doi
#   10.1007/978-981-13-6661-1_3.
