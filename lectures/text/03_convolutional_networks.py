# %% [markdown]
# # Lecture 3 · Convolutional networks
#
# > **How can one small set of weights read a whole picture?**

# %% [markdown] tags=["nav"]
# [← Lecture 2](02_backpropagation.ipynb) · [Exercise 3](../exercises/03_convolutional_networks.ipynb) · [Solution 3](../solutions/03_convolutional_networks.ipynb) · [Lecture 4 →](04_recurrent_networks.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import pickle
import tempfile

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage, signal
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from course_utils import bridge, check, data, plot, style
from course_utils.interact.drawpad import DrawDigit
from course_utils.interact.receptive import ReceptiveField
from course_utils.nets import accuracy, adam, distort, loss_and_delta, relu, sigmoid, softmax

style.use()
device = bridge.device()
rng = np.random.default_rng(3)

# %% [markdown]
# Below, a photograph becomes a line drawing. Each pixel of the drawing is made from two weighted sums of
# the pixels around it. *Predict:* how many weights does it take to draw the whole picture? And how many would
# the dense layer of Lecture 2 need, from 427 × 640 pixels to as many?

# %%
grey = np.tensordot([0.299, 0.587, 0.114], data.photo()[0], axes=1)  # red, green, blue to brightness
across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
drawing = np.hypot(*(signal.correlate2d(grey, K, mode="valid") for K in (across, across.T)))

fig, axes = plt.subplots(1, 2, figsize=(5.8, 2.4))
titles = "A photograph ...", "... and what 18 weights find in it"
for ax, image, title, top in zip(axes, (grey, -drawing), titles, (1, 0)):
    ax.imshow(image[::2, ::2], cmap="gray", vmin=top - (1 if top else 0.25), vmax=top)  # every second pixel is shown
    ax.set(title=title, xticks=[], yticks=[])
plot.show(fig, "Left, a grey photograph of a flower. Right, its outlines as dark lines on white: the pixels where "
          "the brightness changes from left to right or from top to bottom.")

# %% [markdown]
# Eighteen weights: two tables of nine, laid over every 3 × 3 patch of the picture, one for changes from left
# to right, one for changes from top to bottom (Sobel and Feldman, 1968). A dense layer would need
# $273\,280^2\approx7.5\cdot10^{10}$ weights, 300 gigabytes in float32. A **convolutional network** is made of
# such small tables. These two were designed; a network learns its own, by back-propagation. The architecture
# goes back to Fukushima's neocognitron (1980); LeCun and colleagues trained one by back-propagation, on
# handwritten digits, in 1989.
#
# **You will be able to**
#
# - compute a convolution by hand, and say what stride, padding and dilation do to its size;
# - derive the backward pass of convolution, pooling and batch normalisation, and prove each one right;
# - turn a slow loop over pixels into one matrix product;
# - train a convolutional network on digits, in NumPy and in PyTorch, and say when it beats a dense one;
# - count the parameters of the well-known architectures, and say what the skip connections of very deep ones
#   are good for;
# - find several objects in one picture, score the result, and keep a trained network in a file.
#
# **Know first:** Lecture 2, above all the rows form of back-propagation and the gradient check.
# **Reading time:** 140 minutes, best in three sittings: the layers (sections 1 to 9), a network that reads digits
# (10 to 13), the well-known networks and what they are used for (from 14 on). **Running time:** about two minutes
# on one core of a laptop, alone.
#
# <details><summary>Maths and NumPy you need: axes, views, inner products, adjoints</summary>
#
# A batch of images is an array $X$ with four *axes* (example, channel, row, column).
# `X.transpose(1, 0, 2, 3)` swaps the first two. It moves no number; it returns a *view*, another way to read
# the same memory. So is a *slice* with a step: `np.arange(6)[1::2]` reads 1, 3, 5. `reshape` makes a view
# where the order in memory allows it, and a copy elsewhere.
#
# The *inner product* of two arrays of one shape is the sum of their products, `np.sum(A * B)`. A linear map
# $f$ can be written as a matrix $M$. Its *adjoint* is the map of the transposed matrix $M^\top$, and it is
# recognised by $\langle f(x), y\rangle = \langle x, f^\top(y)\rangle$ for all $x$ and $y$:
# `M = np.arange(6.0).reshape(2, 3); x, y = np.ones(3), np.ones(2); (M @ x) @ y == x @ (M.T @ y)`.
# Back-propagation through a linear layer is the adjoint of that layer.
#
# $\lfloor a\rfloor$ is $a$ rounded down; in Python, `//` divides and rounds down.
#
# </details>
#
# <details><summary>For instructors: a plan for two times 90 minutes</summary>
#
# **The layers (sections 1 to 9).** 10 min why not dense (let the room guess the counts), 15 min the sliding
# window at the board with the demo, 5 min the photograph, 15 min im2col with the tiny picture, 20 min backward on
# paper (the one-dimensional example carries it), 10 min pooling and its ties, 10 min batch normalisation, 5 min
# equivariance. The transposed convolution can wait until autoencoders need it.
#
# **The networks (sections 10 to 18).** Start the two trainings of section 11 first. 15 min the digit network:
# parameters against multiplications, the check of the whole, the twin. 10 min the results, and what 1000 test
# digits can tell. 10 min kernels and the drawing pad. 15 min the permutation: let the room vote. 15 min counting
# a classifier at the board. 15 min the skip. 10 min finding things, with a scene drawn by the room. The famous
# networks, the files and the questions at the end are homework.
#
# </details>
#
# ## 1 Why not a dense layer
#
# Take a digit of 28 × 28 pixels and ask for eight new pictures of the same size. Three designs:
#
# 1. **Dense:** each of the $8\cdot784$ outputs looks at all 784 pixels.
# 2. **Local:** each output looks only at the 5 × 5 pixels around its own place. What belongs together in a
#    picture lies close together.
# 3. **Local and shared:** as before, and all 784 outputs of one picture use the *same* 25 weights. What is
#    worth finding in one corner is worth finding in another. This is **weight sharing**.
#
# *Predict* the three numbers of parameters, biases included (a shared picture has one bias).
#
# The misconception to lose here is that a dense layer "sees" the picture. Suppose that somebody shuffles the
# pixels of all pictures in the same way. *Predict:* can a dense layer still give the answers that it gave before?
# The last two lines of the cell try it.

# %%
pixels, maps, k = 28 * 28, 8, 5
counts = [maps * pixels * (pixels + 1), maps * pixels * (k * k + 1), maps * (k * k + 1)]
check.worked("parameters: dense, local, local and shared", counts, "4923520 163072 208")
digits, rng = data.digits28(flat=True), np.random.default_rng(31)
X, W, order = digits.X_test.astype(float), rng.normal(size=(784, 10)), rng.permutation(784)
check.same("dense layer, pixels and weights shuffled", X[:, order] @ W[order], X @ W, 1e-10)

# %% [markdown]
# From five million parameters to 208. And the dense layer answers as before, once the rows of its weights are
# shuffled likewise. It gets a list, not a picture; that pixels have neighbours is something it would have to
# discover. Locality and sharing are *assumptions* about pictures, built into the layer. Where they hold, fewer
# examples suffice; where they fail (shuffled pixels), they hurt. We will measure both on digits later in this lecture.
#
# ## 2 The sliding window
#
# Lay a small table of weights, the **kernel** $w$, on the upper left corner of the picture $x$. Multiply
# entry by entry, add up, write the sum down. Move one pixel to the right and repeat; at the end of a row, go
# one down. The result is a **feature map** $z$:
#
# $$z_{rc} = \sum_{i=0}^{k-1}\sum_{j=0}^{k-1} w_{ij}\,x_{r+i,\,c+j} .$$
#
# The patch under the kernel is the **receptive field** of $z_{rc}$. *Do the example by hand* before you look:
#
# $$x = \begin{pmatrix}1&1&1&0&0\\0&1&1&1&0\\0&0&1&1&1\\0&0&1&1&0\\0&1&1&0&0\end{pmatrix},\qquad
# w = \begin{pmatrix}1&0&1\\0&1&0\\1&0&1\end{pmatrix}.$$

# %%
x = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
w = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
slide = lambda x, w: np.array([[np.sum(w * x[r : r + 3, c : c + 3]) for c in range(3)] for r in range(3)])
z = slide(x, w)
check.worked("window at row 0, column 0, then column 1", [np.sum(w * x[:3, :3]), np.sum(w * x[:3, 1:4])], "4 3")
check.worked("the whole feature map", z, "4 3 4 2 4 3 2 3 4")

fig, axes = plt.subplots(1, 2, figsize=(6.6, 2.9), width_ratios=(5, 3))
plot.matrix(axes[0], x, limit=3, values="d").set(title="The window at row 0, column 1 ...")
plot.matrix(axes[1], z, limit=9, values="d").set(title="... makes this entry")
for ax, size in zip(axes, (3, 1)):
    ax.add_patch(plt.Rectangle((0.5, -0.5), size, size, fill=False, edgecolor="#AA3377", lw=3))
    ax.set(xlabel="column", ylabel="row", xticks=range(size + 2), yticks=range(size + 2))
plot.show(fig, "Left, the 5 by 5 picture with a frame round rows 0 to 2 and columns 1 to 3. Right, the 3 by 3 "
          "feature map with a frame round the entry 3 in row 0, column 1.")

# %% [markdown]
# Under the frame, picture and kernel are both 1 at three places, hence the 3. Among patches of equal sum of
# squares, the entry is largest where the patch is a positive multiple of the kernel: a kernel pictures what
# it looks for. (A patch that is bright all over can score high as well.)
#
# **Is this a convolution?** In mathematics, a convolution turns the kernel by 180° first:
# $z_{rc} = \sum_{ij} w_{ij}\,x_{r+k-1-i,\;c+k-1-j}$. Without the turn, the sum above is called a
# **cross-correlation**. Neural networks compute the cross-correlation and call it convolution; PyTorch's
# `conv2d` does so too. Our kernel could not reveal it, because it looks the same after half a turn. This one
# does not:
#
# $$w = \begin{pmatrix}1&2&0\\0&1&0\\0&0&-1\end{pmatrix} .$$
#
# *Predict* the first row of the map, once without and once with the turn. Why may a network ignore the
# difference?
#
# <details><summary>Answer</summary>
#
# The kernel is learned: a network that turned it would learn the turned one. Only when you copy a kernel from
# a book of signal processing does it matter. We keep the habit of the field and say convolution.
#
# </details>
#
# **How large is the map?** Three knobs change it. **Padding** $p$ puts $p$ rows and columns of zeros round
# the picture. **Stride** $s$ moves the window by $s$ pixels. **Dilation** $d$ spreads the kernel, with $d-1$
# unread pixels between its entries, so that it covers $d(k-1)+1$ pixels. On a side of $n+2p$ pixels, the
# window's first entry may stand at $0, s, 2s, \ldots$ as long as the last one is still inside:
#
# $$n_\text{out} = \left\lfloor\frac{n+2p-d(k-1)-1}{s}\right\rfloor+1 .$$
#
# For $d=1$ it is $\lfloor(n+2p-k)/s\rfloor+1$. So *unpadded* convolutions shrink the picture even with stride
# 1, which is easily forgotten: shrinking is not the business of pooling alone. With stride 1, odd $k$ and
# $p=(k-1)/2$ the size stays ("same" padding).
#
# *Predict* the size of the map of the 5 × 5 example for $p=1$. The second cell compares the rule with PyTorch
# for all combinations of five small numbers.

# %%
w = np.array([[1, 2, 0], [0, 1, 0], [0, 0, -1]])
check.worked("first row, kernel as it is (correlation)", slide(x, w)[0], "3 3 1")
check.worked("first row, kernel turned (convolution)", slide(x, w[::-1, ::-1])[0], "1 3 3")
check.same("SciPy's correlate2d", slide(x, w), signal.correlate2d(x, w, mode="valid"), 0)
check.same("SciPy's convolve2d", slide(x, w[::-1, ::-1]), signal.convolve2d(x, w, mode="valid"), 0)
check.same("PyTorch's conv2d", slide(x, w)[None], F.conv2d(*bridge.tensors(x[None] * 1.0, w[None, None] * 1.0)), 0)


# %%
def out_size(n, k, stride=1, pad=0, dilation=1):
    """Length of one side of a feature map, from n pixels and a kernel of side k."""
    return (n + 2 * pad - dilation * (k - 1) - 1) // stride + 1


sizes = {q: F.conv2d(torch.zeros(1, 1, q[0], q[0]), torch.zeros(1, 1, q[1], q[1]), None, *q[2:]).shape[-1]
         for q in np.ndindex(12, 6, 4, 4, 4) if q[0] * q[1] * q[2] * q[4] > 0 and out_size(*q) > 0}
check.same(f"{len(sizes)} sizes, ours and PyTorch's", [out_size(*q) for q in sizes], [*sizes.values()], 0)

# %% [markdown]
# The rule holds in every case.
#
# Now play. Move over the map and see which pixels make each entry, with which products. *Find out:* with
# padding 1, which entries of the map have zeros in their receptive field that are not part of the picture?
# And with stride 2 and no padding, how often is the central pixel read, how often a corner?

# %%
check.worked("map of 5 pixels, kernel 3: padding 0, padding 1", [out_size(5, 3), out_size(5, 3, pad=1)], "3 5")
ReceptiveField(x.astype(float), w.astype(float), stride=1, padding=0)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The whole rim, 16 of the 25 entries. With stride 2 there are four windows, and they overlap in the middle:
# the central pixel is read four times, a corner once. (With stride 1 it is nine times and once.) Padding
# makes that fairer to the rim, at the price of invented zeros.
#
# </details>
#
# ## 3 Kernels on a photograph
#
# Before networks learned kernels, people designed them. Three classics:
#
# $$\underbrace{\tfrac1{81}\begin{pmatrix}1&\cdots&1\\\vdots&&\vdots\\1&\cdots&1\end{pmatrix}}_{\text{blur, }9\times9}\qquad
# \underbrace{\begin{pmatrix}0&-1&0\\-1&4&-1\\0&-1&0\end{pmatrix}}_{\text{edge (Laplace)}}\qquad
# \underbrace{\begin{pmatrix}0&-1&0\\-1&5&-1\\0&-1&0\end{pmatrix}}_{\text{sharpen}}$$
#
# *Predict* for each what it does to a patch of constant brightness. (Add up its weights.)

# %%
blur, edge = np.ones((9, 9)) / 81, np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
check.worked("what they make of a constant 1: blur, edge, sharpen", [K.sum() for K in (blur, edge, sharpen)], "1 0 1")
view = grey[120:360, 160:520]
fig, axes = plt.subplots(2, 2, figsize=(5.4, 4))
titles = "the photograph", "blur: mean of 81 pixels", "edge: change only", "sharpen: photo + edge"
for ax, K, title in zip(axes.flat, (np.ones((1, 1)), blur, edge, sharpen), titles):
    low = -0.25 if K is edge else 0
    ax.imshow(signal.correlate2d(view, K, mode="valid")[::2, ::2], cmap="gray", vmin=low, vmax=0.25 if low else 1)
    ax.set(title=title, xticks=[], yticks=[])
plot.show(fig, "A detail of the flower, four times: as it is, blurred, its edges as light and dark lines on even "
          "grey, and sharpened.")


# %% [markdown]
# Weights that add up to 1 keep the brightness, weights that add up to 0 remove it and leave only change. The
# sharpened picture is the photograph plus its edges, because the two kernels differ by a single 1 in the
# middle, and convolution is linear in the kernel.
#
# ## 4 From loops to one matrix product
#
# A colour picture has three **channels**, a layer's output as many as it has kernels. Every kernel reads all
# channels of its input and has one bias. So the kernels of a layer form one array $W$ of shape
# $(C_\text{out}, C, k, k)$, as in PyTorch, and
#
# $$\text{parameters} = C_\text{out}\,(C\,k^2 + 1) .$$
#
# Neither height nor width occurs in it. `Conv2d(3, 32, kernel_size=3)` is read: 3 channels in, **32 kernels**
# (the count) of 3 × 3 (the **size**). Keras writes `Conv2D(32, (3, 3), activation="relu")`: it finds out the
# incoming channels by itself, and applies $\max(0, z)$ to the maps at once. *Predict* how many parameters either
# has on colour pictures.
#
# With the padded pictures $P$ and stride $s$, the layer computes
#
# $$Z_{norq} = b_o + \sum_{c,i,j} W_{ocij}\,P_{n,\,c,\,sr+i,\,sq+j},$$
#
# where $n$ now counts the examples (in section 2 it was a side), $o$ the maps, and $r, q$ are row and column of
# the map. In shapes, $H$ and $W$ stand for height and width; as an array, $W$ is always the weights. Plain loops
# say exactly this. It is the version to trust, and to compare all others with.

# %%
def conv_loops(X, W, b, stride=1, pad=0):
    """The definition: X (n, C, H, W), W (C_out, C, k, k), b (C_out,) to Z (n, C_out, Ho, Wo)."""
    P, k, s = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad))), W.shape[-1], stride
    Z = np.empty((len(X), len(W), *(out_size(side, k, stride, pad) for side in X.shape[2:])), X.dtype)
    for n, o, r, q in np.ndindex(Z.shape):
        Z[n, o, r, q] = np.sum(W[o] * P[n, :, r * s : r * s + k, q * s : q * s + k]) + b[o]
    return Z


rng = np.random.default_rng(4)
X, W, b = rng.normal(size=(2, 3, 8, 11)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)
theirs = F.conv2d(*bridge.tensors(X, W, b), stride=2, padding=1)
check.same("plain loops and PyTorch", conv_loops(X, W, b, stride=2, pad=1), theirs, 1e-12)
layer = torch.nn.Conv2d(3, 32, kernel_size=3)
counts = 32 * (3 * 3**2 + 1), sum(p.numel() for p in layer.parameters())
check.worked("parameters from 3 to 32 channels: the rule, PyTorch", counts, "896 896")


# %% [markdown]
# Right, and slow: Python pays for every single entry of $Z$. The remedy is to find the matrix product in the
# formula. The sum runs over the triple $(c,i,j)$; if that were *one* index, and $(n,r,q)$ another, we would
# read $Z = W\,\text{cols}$. So copy every patch into a column of a large matrix. The method is known as
# **im2col**, image to columns (Chellapilla, Puri and Simard, 2006).
#
# Do not loop over patches. Loop over the $k\cdot k$ entries of the kernel: entry $(i,j)$ meets, in all windows
# at once, the pixels of the picture shifted by $(i,j)$, and those are one slice. We keep the six axes apart
# until the last moment, in `cols[C, k, k, n, Ho, Wo]`: *before* the $n$, what the sum runs over; *from* the
# $n$ on, where the window stands.
#
# On a tiny picture, 3 × 4 pixels numbered 0 to 11 with a 2 × 2 kernel, there are $2\cdot3$ windows. *Predict*
# the four rows of the matrix (row: entry of the kernel) and its first column.

# %%
def im2col(X, k, stride=1, pad=0):
    """Every window of X (n, C, H, W): cols (C, k, k, n, Ho, Wo), by k * k copies of shifted pictures."""
    n, C, height, width = X.shape
    Ho, Wo = out_size(height, k, stride, pad), out_size(width, k, stride, pad)
    P = np.zeros((C, n, height + 2 * pad, width + 2 * pad), X.dtype)
    P[:, :, pad : pad + height, pad : pad + width] = X.transpose(1, 0, 2, 3)
    cols = np.empty((C, k, k, n, Ho, Wo), X.dtype)
    for i, j in np.ndindex(k, k):
        cols[:, i, j] = P[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride]
    return cols


tiny = np.arange(12).reshape(1, 1, 3, 4)
print(tiny[0, 0], "\n\n", im2col(tiny, k=2).reshape(4, 6), sep="")


# %% [markdown]
# The first row is the picture without its last row and column; the others are the same cut, shifted by one pixel
# to the right, down, or both. The first column, 0 1 4 5, is the first window. In a large picture, at stride 1,
# nearly every pixel is stored $k^2$ times: we pay with memory for speed.
#
# Now the product: $W$ as a matrix $(C_\text{out},\,C k^2)$ times `cols` as a matrix $(C k^2,\,n H_o W_o)$.
# The result has the channels *first*, $(C_\text{out}, n, H_o, W_o)$. We could copy it into the order
# $(n, C_\text{out}, H_o, W_o)$; but a transposed *view* will do. To the reader it has the right shape. In
# memory the channels stay first, which is the order in which the next layer's `im2col` reads, and ReLU and
# its like keep that order. So a chain of layers never pays for rearranging.
#
# *Predict:* how many times faster than the loops will it be? And where does PyTorch stand, whose loops are
# written in C++ for exactly this purpose?

# %%
def conv_forward(X, W, b, stride=1, pad=0):
    """X (n, C, H, W), W (C_out, C, k, k), b (C_out,) to Z (n, C_out, Ho, Wo) and a cache for backward."""
    cols = im2col(X, W.shape[-1], stride, pad)
    Z = W.reshape(len(W), -1) @ cols.reshape(W[0].size, -1)
    Z += b[:, None]
    return Z.reshape(len(W), *cols.shape[3:]).transpose(1, 0, 2, 3), (X.shape, W, cols, stride, pad)


# %% tags=["nbval-ignore-output"]
check.same("matrix product and loops", conv_forward(X, W, b, 2, 1)[0], conv_loops(X, W, b, 2, 1), 1e-12)
X32, W32, b32 = (rng.normal(size=shape).astype(np.float32) for shape in ((4, 8, 14, 14), (16, 8, 5, 5), 16))
ours = lambda f: 1e3 * bridge.seconds(lambda: f(X32, W32, b32, stride=1, pad=2))
loops, fast = ours(conv_loops), ours(conv_forward)
library = 1e3 * bridge.seconds(lambda T=bridge.tensors(X32, W32, b32): F.conv2d(*T, padding=2))
print(f"loops {loops:.0f}, product {fast:.2f}, PyTorch {library:.2f} ms; ratios {loops / fast:.0f}, {fast / library:.1f}")


# %% [markdown]
# Hundreds of times faster than the loops, within a small factor of PyTorch. No arithmetic was saved; the same
# products are summed. What we saved is Python.
#
# ## 5 Backward, by hand
#
# Given $\delta = \partial L/\partial Z$, called `dZ`, we want `dW`, `db` and `dX`. First on paper, in one
# dimension: three pixels, a kernel of two weights, $z_1 = w_1x_1 + w_2x_2$ and $z_2 = w_1x_2 + w_2x_3$.
# Collect what each variable touches:
#
# $$\frac{\partial L}{\partial w_1} = \delta_1x_1 + \delta_2x_2,\qquad
# \frac{\partial L}{\partial w_2} = \delta_1x_2 + \delta_2x_3,$$
#
# $$\frac{\partial L}{\partial x_1} = w_1\delta_1,\qquad
# \frac{\partial L}{\partial x_2} = w_2\delta_1 + w_1\delta_2,\qquad
# \frac{\partial L}{\partial x_3} = w_2\delta_2 .$$
#
# Two things can be seen here. A shared weight collects from *every* place where it was used, and its gradient
# is the picture correlated with $\delta$. And the pixel $x_2$ collects from both windows that contain it,
# with the weights in *reverse* order: at stride 1 the way back is the convolution of the mathematicians. It lays
# the turned kernel $(w_2, w_1)$ over $(0, \delta_1, \delta_2, 0)$, that is, over $\delta$ with a padding of $k-1$.
#
# In general the matrix form does the work. $Z = W\,\text{cols} + b$ is a dense layer whose examples are the
# columns. Lecture 2 had them as rows: from $Z = XW + b$ came $dW = X^\top\delta$ and $dX = \delta\,W^\top$. Here the
# same is transposed. With $D$ for `dZ`, channels first, as a matrix
# $(C_\text{out},\,nH_oW_o)$:
#
# $$\frac{\partial L}{\partial W} = D\,\text{cols}^\top,\qquad
# \frac{\partial L}{\partial b_o} = \sum_m D_{om},\qquad
# \frac{\partial L}{\partial\,\text{cols}} = W^\top D .$$
#
# One step is left, from `cols` to the pixels. `im2col` *copies* a pixel into several places, so the pixel's
# gradient is the *sum* of the gradients at those places. Therefore `col2im` runs through the same slices and
# adds, where `im2col` wrote. Finally the rim of padding is cut off; it was a constant.
#
# *Predict* what breaks if `+=` in `col2im` is replaced by `=`, and for which stride nothing breaks at all.

# %%
def col2im(cols, shape, k, stride=1, pad=0):
    """The adjoint of im2col: add every entry of cols to the pixel of X, of the given shape, that it came from."""
    n, C, height, width = shape
    Ho, Wo = cols.shape[-2:]
    P = np.zeros((C, n, height + 2 * pad, width + 2 * pad), cols.dtype)
    for i, j in np.ndindex(k, k):
        P[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride] += cols[:, i, j]
    return P[:, :, pad : pad + height, pad : pad + width].transpose(1, 0, 2, 3)


def conv_backward(dZ, cache, need_dX=True):
    """Gradients dX (or None), dW, db from dZ (n, C_out, Ho, Wo) and the cache of conv_forward."""
    shape, W, cols, stride, pad = cache
    D = dZ.transpose(1, 0, 2, 3).reshape(len(W), -1)
    dW = (cols.reshape(W[0].size, -1) @ D.T).T.reshape(W.shape)  # D @ cols.T, in the order that is quicker
    db = D.sum(axis=1)
    if not need_dX:  # the first layer: nobody asks for the gradient of the pictures
        return None, dW, db
    dcols = (W.reshape(len(W), -1).T @ D).reshape(cols.shape)
    return col2im(dcols, shape, W.shape[-1], stride, pad), dW, db


# %%
rng = np.random.default_rng(5)
X, W, b = rng.normal(size=(2, 2, 5, 8)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
for how in (1, 1), (2, 0), (2, 1), (3, 2):  # stride, padding
    Z, cache = conv_forward(X, W, b, *how)
    R, T = rng.normal(size=Z.shape), bridge.tensors(X, W, b, grad=True)  # the loss: any weighted sum of the maps
    ours = conv_backward(R, cache)
    for name, v, dv in zip("XWb", (X, W, b), ours):
        check.gradient(f"stride, pad {how}: d{name}", lambda: np.sum(R * conv_forward(X, W, b, *how)[0]), v, dv)
    theirs = torch.autograd.grad(F.conv2d(*T, stride=how[0], padding=how[1]), T, bridge.tensors(R))
    together = lambda gradients: torch.cat([torch.as_tensor(d).ravel() for d in gradients])
    check.same(f"stride, pad {how}: all three and PyTorch", together(ours), together(theirs))


# %% [markdown]
# All gradients hold, also where the last column of the picture is never read (its gradient is 0). With `=`,
# every pixel would keep only one window's share; windows that do not overlap, stride $\ge k$, would not
# notice. A check at stride 3 alone would have passed a wrong `col2im`.
#
# ## 6 Pooling
#
# After a convolution the network often needs less detail: *that* there is an edge, not at which pixel.
# **Max pooling** keeps the largest value of every window, **average pooling** the mean. Usually the windows
# are 2 × 2 with stride 2, so they do not overlap; the map shrinks to a quarter, and so does the work of the
# convolutions after it. Pooling is a **reduction of dimension** without parameters.
#
# Written like `im2col`, it needs no copies: the $k\cdot k$ shifted slices are views, one for each place in
# the window, and we take the largest, entry by entry. *By hand first*, with 2 × 2 windows:
#
# $$x = \begin{pmatrix}1&1&2&4\\5&6&7&8\\3&2&1&0\\1&2&3&4\end{pmatrix} .$$

# %%
def windows(X, k, stride):
    """The k * k views of X (n, C, H, W) that hold place (0, 0), (0, 1), ... of every window."""
    Ho, Wo = out_size(X.shape[2], k, stride), out_size(X.shape[3], k, stride)
    return [X[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride] for i, j in np.ndindex(k, k)]


def maxpool_forward(X, k=2, stride=None):
    """The largest value of every window of X (n, C, H, W): A (n, C, Ho, Wo) and a cache. stride: k unless given."""
    first, *others = windows(X, k, stride or k)
    A = first.copy(order="K")  # K: keep the order in memory
    for view in others:
        np.maximum(A, view, out=A)
    return A, (X, A, k, stride or k)


def avgpool_forward(X, k=2, stride=None):
    """The mean of every window of X (n, C, H, W): A (n, C, Ho, Wo) and a cache."""
    return sum(windows(X, k, stride or k)) / k**2, (X, k, stride or k)


x = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]
check.worked("max pooling", maxpool_forward(x)[0], "6 8 3 4")
check.worked("average pooling", avgpool_forward(x)[0], "3.25 5.25 2 2")
pooled = maxpool_forward(np.zeros((3, 16, 14, 14)))[0]
print("16 maps of 14 × 14, pooled:", pooled.shape, "and flat:", pooled.reshape(3, -1).shape)


# %% [markdown]
# The last line is the usual end of the convolutional part. Keras's `MaxPooling2D(2)` has the **window's side
# as its argument**, and takes the same number for the stride. **Flatten** then lays the $16\cdot7\cdot7$
# numbers of each example in a row, because the dense layers that follow want rows.
#
# **Backward.** The mean passes $1/k^2$ of its gradient to each pixel of its window. The maximum hears only
# its winner: a small change of any other pixel changes nothing, so
#
# $$\frac{\partial A_m}{\partial x_p} = 1\text{ if }x_p\text{ is the largest of window }m,\ \text{else }0 .$$
#
# Two cases need care. With **ties**, there is no derivative: the maximum has a kink. Any rule is allowed that
# gives away the gradient *once*, whole or in shares that add up to 1. The tempting mask `view == A`, for each
# place in the window, gives it to every winner. PyTorch chooses the first
# winner in reading order, and so do we. Ties are common after a ReLU, where whole windows are 0. And with
# **overlapping windows** (stride $< k$) one pixel may win several times. Then its gradients add up.
#
# *Predict* for a picture of 4 × 4 equal pixels, with 2 × 2 windows and every entry of `dA` 1: what is the sum of
# the gradient by our rule, and what by the tempting mask?

# %%
def maxpool_backward(dA, cache):
    """dX from dA (n, C, Ho, Wo): the first winner of each window takes it all."""
    X, A, k, stride = cache
    dX, free = np.zeros_like(X), np.ones_like(A, dtype=bool)  # free: windows whose winner is not found yet
    for view, gradient in zip(windows(X, k, stride), windows(dX, k, stride)):
        wins = free & (view == A)
        gradient += dA * wins
        free &= ~wins
    return dX


def avgpool_backward(dA, cache):
    """dX from dA (n, C, Ho, Wo): every pixel of a window takes its k²-th part."""
    X, k, stride = cache
    dX = np.zeros_like(X)
    for gradient in windows(dX, k, stride):
        gradient += dA / k**2
    return dX


# %%
X, R = map(np.random.default_rng(6).standard_normal, ((2, 3, 6, 9), (2, 3, 2, 4)))
for name, forward, backward in ("max", maxpool_forward, maxpool_backward), ("average", avgpool_forward, avgpool_backward):
    check.gradient(f"{name}, overlapping", lambda: np.sum(R * forward(X, 3, 2)[0]), X, backward(R, forward(X, 3, 2)[1]))
ties = maxpool_backward(np.ones((1, 1, 2, 2)), maxpool_forward(np.ones((1, 1, 4, 4)))[1])
check.worked("equal pixels: who gets the gradient", ties, "1 0 1 0 0 0 0 0 1 0 1 0 0 0 0 0")
check.same("PyTorch's choice", ties, torch.func.grad(lambda x: F.max_pool2d(x, 2).sum())(torch.ones(1, 1, 4, 4)), 0)


# %% [markdown]
# One winner per window, the upper left one. The four gradients of 1 sum to 4; the mask `view == A` would
# have handed out 16.
#
# ## 7 The way back up: transposed convolution
#
# Some networks must *enlarge* a picture: to colour every pixel, or to paint one. The map from $D$ to `dX` in
# `conv_backward` does it: it takes few numbers to many, with learnable weights. As a layer of its own it is
# called **transposed convolution**. If the convolution is the matrix $M$ (large, mostly zeros), this layer is
# $M^\top$, its **adjoint**, and the test is the definition:
#
# $$\langle\,\text{conv}(x),\,y\,\rangle = \langle\,x,\,\text{conv}^\top(y)\,\rangle\qquad\text{for all }x, y .$$
#
# It is often called "deconvolution", as if it undid a convolution. *Predict:* does it?
#
# Where windows overlap unevenly (3 × 3 with stride 2), some pixels collect from more windows than others.
# Feed it a picture of ones, with a kernel of ones, to see the pattern; in painted pictures it appears as a
# **checkerboard** (Odena, Dumoulin and Olah, 2016). A kernel whose side is a multiple of the stride avoids the worst of it.

# %%
def conv_transpose(Y, W, shape, stride=1, pad=0):
    """The adjoint of conv_forward without bias: Y (n, C_out, Ho, Wo) to a batch of the given shape (n, C, H, W)."""
    dcols = W.reshape(len(W), -1).T @ Y.transpose(1, 0, 2, 3).reshape(len(W), -1)
    dcols = dcols.reshape(*W.shape[1:], len(Y), *Y.shape[2:])
    return col2im(dcols, shape, W.shape[-1], stride, pad)


rng, ones = np.random.default_rng(7), np.ones((1, 1, 3, 3))  # ones: both as picture and as kernel

# %%
X, W, Y = rng.normal(size=(2, 3, 7, 9)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=(2, 4, 4, 5))
Z, back = conv_forward(X, W, np.zeros(4), 2, 1)[0], conv_transpose(Y, W, X.shape, 2, 1)
check.same("<conv(x), y> and <x, convT(y)>", np.sum(Z * Y), np.sum(X * back), 1e-11)
check.same("PyTorch's conv_transpose2d", back, F.conv_transpose2d(*bridge.tensors(Y, W), stride=2, padding=1), 1e-12)
check.worked("ones, k = 3, stride 2, row 0", conv_transpose(ones, ones, (1, 1, 7, 7), 2)[0, 0, 0], "1 1 2 1 2 1 1")
assert not np.allclose(conv_transpose(Z, W, X.shape, 2, 1), X)  # not an inverse


# %% [markdown]
# The two inner products agree, and PyTorch agrees with us. It is *not* an inverse (the last line asserts it):
# it restores the shape, not the values. It cannot do more: the convolution took 189 numbers per example to
# 80. In the last check, ones go in and ... 2 1 2 ... comes out: the checkerboard. The shape must be told,
# because at stride 2 with padding 1, sides of 7 and of 8 both lead to 4. PyTorch asks for the missing pixel
# as `output_padding`.
#
# ## 8 Two layers that help training
#
# **Batch normalisation** (Ioffe and Szegedy, 2015). A layer learns most easily when its inputs have mean 0
# and variance 1, but they are the outputs of earlier layers, which move all the time. So normalise inside the
# network, with the mean and variance of the batch. (That was their reason. Why it helps is disputed:
# Santurkar and others, 2018, found that it smooths the loss more than it steadies the inputs.) For one
# channel, let $z_1\ldots z_m$ be its values over all examples and pixels ($m = nH_oW_o$); two learned numbers
# $g$ and $b$ let the network choose another scale and offset:
#
# $$\mu = \tfrac1m\sum_i z_i,\quad v = \tfrac1m\sum_i(z_i-\mu)^2,\quad
# \hat z_i = \frac{z_i-\mu}{\sqrt{v+\epsilon}},\quad a_i = g\,\hat z_i + b .$$
#
# **Backward.** With $d_i = g\,\partial L/\partial a_i$ for the gradient at $\hat z_i$ and
# $\sigma = \sqrt{v+\epsilon}$: each $z_j$ acts directly, through the mean, and through the variance. Here
# $\partial\mu/\partial z_j = 1/m$. In $\partial v/\partial z_j = \tfrac2m(z_j-\mu)$ the way through $\mu$ has
# dropped out, because $\sum_i(z_i-\mu) = 0$. So the root has $\partial\sigma/\partial z_j = \frac1{2\sigma}\,\partial v/\partial z_j
# = (z_j-\mu)/(m\sigma) = \hat z_j/m$. Now the quotient rule for $\hat z_i = (z_i-\mu)/\sigma$, with $[i=j]$ for 1 if
# $i=j$ and 0 otherwise:
#
# $$\frac{\partial\hat z_i}{\partial z_j}
# = \frac1\sigma\Big(\frac{\partial(z_i-\mu)}{\partial z_j} - \hat z_i\,\frac{\partial\sigma}{\partial z_j}\Big)
# = \frac1\sigma\Big([i=j] - \frac1m - \frac{\hat z_i\hat z_j}{m}\Big),$$
#
# and, summed over all $i$ with the weights $d_i$,
#
# $$\frac{\partial L}{\partial z_j} = \frac1\sigma\Big(d_j - \tfrac1m\textstyle\sum_i d_i - \hat z_j\,\tfrac1m\sum_i d_i\hat z_i\Big).$$
#
# For the parameters, $\partial L/\partial g = \sum_i\hat z_i\,\partial L/\partial a_i$ and
# $\partial L/\partial b = \sum_i\partial L/\partial a_i$.
#
# *Predict* the sum of `dZ` over a channel. (The lines with `running` and `train` are explained below.)

# %%
def batchnorm_forward(Z, g, b, running=None, train=True, momentum=0.1, eps=1e-5):
    """Normalise each channel of Z (n, C, H, W); g, b (C,). running: dict(mean=(C,), var=(C,)), updated in place."""
    column = lambda v: v[:, None, None]
    m = Z.size // Z.shape[1]
    mu, var = (Z.mean(axis=(0, 2, 3)), Z.var(axis=(0, 2, 3))) if train else (running["mean"], running["var"])
    if train and running is not None:
        running["mean"] += momentum * (mu - running["mean"])
        running["var"] += momentum * (var * m / (m - 1) - running["var"])
    s = np.sqrt(var + eps)
    Z_hat = (Z - column(mu)) / column(s)
    return column(g) * Z_hat + column(b), (Z_hat, g, s)


def batchnorm_backward(dA, cache):
    """dZ, dg, db from dA (n, C, H, W), for a forward pass with train=True."""
    Z_hat, g, s = cache
    db, dg = dA.sum(axis=(0, 2, 3)), np.sum(dA * Z_hat, axis=(0, 2, 3))
    m = dA.size // len(g)
    return (g / s)[:, None, None] * (dA - (db / m)[:, None, None] - Z_hat * (dg / m)[:, None, None]), dg, db


# %%
rng = np.random.default_rng(8)
Z, g, b, R = 2 + 3 * rng.normal(size=(3, 2, 4, 5)), rng.uniform(1, 2, 2), rng.normal(size=2), rng.normal(size=(3, 2, 4, 5))
_, cache = batchnorm_forward(Z, g, b)
for name, v, dv in zip("Zgb", (Z, g, b), batchnorm_backward(R, cache)):
    check.gradient(f"batch normalisation, d{name}", lambda: np.sum(R * batchnorm_forward(Z, g, b)[0]), v, dv)
check.same("sum of dZ over each channel", batchnorm_backward(R, cache)[0].sum(axis=(0, 2, 3)), np.zeros(2))

# %% [markdown]
# The three gradients hold. The sum of `dZ` is 0: pushing all values of a channel up would be undone by the
# normalisation, so the formula takes its mean out of the gradient. The last term takes out the part along
# $\hat z$ (note $\sum_i\hat z_i^2\approx m$), because stretching the values would be undone as well, up to the tiny
# $\epsilon$.
#
# **After training** there may be a single example, and no batch. So during training keep **running** averages
# of $\mu$ and $v$, and use them then. PyTorch's convention: new = $0.9$ old + $0.1$ batch (it calls the
# 0.1 *momentum*), and the variance it remembers is the *unbiased* one, divided by $m-1$, while the batch is
# normalised with $m$. *Predict* twice, for training and for evaluation: is the answer for one example independent
# of its companions in the batch?
#
# **Dropout** (Srivastava, Hinton and others, 2014) switches off each unit with probability $p$, anew for
# every example, **in training only**. Every step trains a **randomly thinned network**, so no unit can rely
# on one particular partner. The survivors are multiplied by $1/(1-p)$, which keeps the expected value, so
# that evaluation needs no change. Backward multiplies by the same mask. *Predict* the values that a unit of
# activation 1 can take for $p = 0.25$, and their mean.

# %%
layer, running = torch.nn.BatchNorm2d(2).double(), {"mean": np.zeros(2), "var": np.ones(2)}
layer.weight.data, layer.bias.data = bridge.tensors(g, b)
for batch in rng.normal(size=(5, *Z.shape)):
    check.same("training", batchnorm_forward(batch, g, b, running)[0], layer(torch.tensor(batch)), 1e-12)
alone = lambda train: np.concatenate([batchnorm_forward(z[None], g, b, running, train)[0] for z in Z])
check.same("evaluation, our examples one by one, PyTorch's together", alone(False), layer.eval()(torch.tensor(Z)), 1e-12)
print(f"training, alone and together: difference up to {np.abs(alone(True) - batchnorm_forward(Z, g, b)[0]).max():.1f}")


# %%
def dropout(A, p, rng, train=True):
    """A with a share p of its entries set to 0 and the others scaled by 1 / (1 - p), and the mask for backward."""
    mask = ((rng.random(A.shape) >= p) / (1 - p) if train else np.ones(A.shape)).astype(A.dtype)
    return A * mask, mask


check.worked("values in training", np.unique(dropout(np.ones(1000), 0.25, rng)[0]), "0 1.333333")
check.same("mean in training", dropout(np.ones((400, 500)), 0.25, rng)[0].mean(), 1.0, 0.01)

# %% [markdown]
# In training the answer depends on the companions, as the last line shows; in evaluation, by the line before, it
# does not.
# Forgetting to switch (`eval()` in PyTorch) is a frequent bug that raises no error. A bias right before batch
# normalisation is useless, by the way: subtracting the mean removes it. In the drawings of articles
# a block **B** often stands for batch normalisation, **S** for the softmax at the end.
#
# A unit under dropout is 0 or 4/3, and 1 on average.
#
# ## 9 What a shift does
#
# Sharing weights has a consequence. Shift the picture, and the feature map shifts along: the kernel finds the
# same patch, elsewhere. This is **shift equivariance**, $\text{conv}(\text{shift}(x)) = \text{shift}(\text{conv}(x))$.
# It is often confused with **invariance**, $f(\text{shift}(x)) = f(x)$, which a classifier wants: a 7 is a 7
# wherever it stands. Convolution alone does not give invariance. Pooling adds some of it, as long as the
# winner stays in its window. The second cell measures the change $\lVert f(\text{shift}(x))-f(x)\rVert$,
# relative to $\lVert f(x)\rVert$.
#
# *Predict* for each line whether the two sides agree: a digit with wide margins, shifted by one pixel,
# stride 1; the same with stride 2; stride 2 but shifted by two pixels; and noise that fills the picture up to
# its rim. (`np.roll` shifts: what leaves on the right enters again on the left. A shift of the picture by `by` is
# compared with a shift of the map by `by // stride`; for one pixel at stride 2 that is none, and no
# other whole shift of the map fits either.)

# %%
digits = np.pad(data.digits28().X_test[:50].astype(float), ((0, 0), (0, 0), (8, 8), (8, 8)))
W, b, noise = map(np.random.default_rng(9).standard_normal, ((8, 1, 5, 5), 8, digits.shape))
for X, by, stride in (digits, 1, 1), (digits, 1, 2), (digits, 2, 2), (noise, 1, 1):
    moved, still = (conv_forward(x, W, b, stride, pad=2)[0] for x in (np.roll(X, by, axis=3), X))
    off = np.abs(moved - np.roll(still, by // stride, axis=3)).max(axis=(0, 1, 2)) > 1e-9
    print(f"{'noise' if X is noise else 'digits'}, shift {by}, stride {stride}: {off.sum()} of {len(off)} columns differ")

# %%
change = lambda f, by: np.linalg.norm(f(np.roll(digits, by, axis=3)) - f(digits)) / np.linalg.norm(f(digits))
maps = lambda X: relu(conv_forward(X, W, 0 * b, pad=2)[0])
pooled = lambda k: lambda X: maxpool_forward(maps(X), k)[0]
views = {"pixels": lambda X: X, "feature maps": maps, "... pooled 2 × 2": pooled(2),
         "... pooled 4 × 4": pooled(4), "... pooled whole": pooled(44)}
fig, ax = plt.subplots()
for (name, f), colour, marker in zip(views.items(), style.ordered(5), "os^vD"):
    ax.plot(range(5), [change(f, by) for by in range(5)], marker=marker, color=colour, label=name)
ax.set(title="Wider pooling, less change under a shift", xlabel="shift, in pixels", ylabel="relative change")
ax.set(xticks=range(5), ylim=(-0.06, 1.45))
ax.legend()
plot.show(fig, "Relative change of five descriptions of digits under shifts of 0 to 4 pixels. The wider the window "
          "over which the feature maps are pooled, the less they change; pooled over the whole picture, not at all.")


# %% [markdown]
# Equivariance is exact with stride 1, and with stride 2 only for even shifts: after an odd shift the windows
# meet other pixels, and the columns that see ink differ. Where the picture is full up to its rim, the columns at the
# border differ even with stride 1, because pixels leave and enter there, and the zeros of the padding do not move
# along: a kernel of 5 touches them in two columns at either border, and in the map that was rolled these have
# moved by one, which makes five in all. So
# "convolutional networks are shift invariant" is three times too strong: the layers are *equivariant*, *up to
# borders*, and *up to the stride*. The wider the pooling window, the less the answer changes; it stays the
# same only when the window is the whole picture, and then nothing is left of *where*. (A relative change of
# $\sqrt2$ is that of two pictures without any overlap.) (Zhang, 2019, measured
# how far well-known networks are from invariance, and how blurring before each stride helps.) The rest has to
# be learned, and shifted training digits, as in Lecture 2, still help.
#
# **A good place to stop.** The layers are complete, and each is proved right. What follows puts them to work.

# %% [markdown]
# ## 10 A whole network, forward and back
#
# All parts are proved. Now we put them together: two convolutions that look for patterns, two poolings that
# shrink the maps, and at the end a dense network as in Lecture 2, which reads 784 numbers that are no longer
# pixels.
#
# | layer | parameters | output for one digit |
# |---|---|---|
# | convolution 1 → 8 maps, 5 × 5, padding 2 | $8\cdot 25 + 8 = 208$ | 8 × 28 × 28 |
# | max pooling 2 × 2, then ReLU | 0 | 8 × 14 × 14 |
# | convolution 8 → 16 maps, 5 × 5, padding 2 | $16\cdot 8\cdot 25 + 16 = 3216$ | 16 × 14 × 14 |
# | max pooling 2 × 2, then ReLU | 0 | 16 × 7 × 7 |
# | flatten, dense 784 → 128, ReLU | $784\cdot 128 + 128 = 100\,480$ | 128 |
# | dense 128 → 10 | $128\cdot 10 + 10 = 1290$ | 10 logits |
#
# Usually ReLU is written before the pooling. ReLU never reverses the order of two numbers, so both ways give
# the same output, and after pooling there is only a quarter of the numbers left to go through. The weights
# start as in Lecture 2: normal with variance $2/n_\text{in}$ (He and others, 2015), where $n_\text{in}$
# counts the weights that feed one output. All parameters stand in one list, $W_1, b_1, \dots, W_4, b_4$. The
# table shows which layer holds most of them. *Predict:* which layer does most of the multiplications?

# %%
def cnn_init(rng, maps=(8, 16), hidden=128, side=28, dtype=np.float32):
    """The list [W1, b1, ..., W4, b4] for pictures (n, 1, side, side), side a multiple of 4."""
    a, b, flat = *maps, maps[1] * (side // 4) ** 2
    weights = [rng.normal(scale=np.sqrt(2 / np.prod(s[1:])), size=s) for s in ((a, 1, 5, 5), (b, a, 5, 5))]
    weights += [rng.normal(scale=np.sqrt(2 / s[0]), size=s) for s in ((flat, hidden), (hidden, 10))]
    return [p.astype(dtype) for W, m in zip(weights, (a, b, hidden, 10)) for p in (W, np.zeros(m))]


# %%
X_train, y_train, X_test, y_test = data.digits28()
device, params = bridge.device(), cnn_init(np.random.default_rng(30))
check.worked("parameters of each layer", [W.size + b.size for W, b in zip(params[::2], params[1::2])], "208 3216 100480 1290")
products = [8 * 28**2 * 25, 16 * 14**2 * 200, 784 * 128, 1280]
check.worked("multiplications for one digit", products, "156800 627200 100352 1280")


# %% [markdown]
# Not the same one: 96 % of the parameters sit in the first dense layer, but 71 % of the work is in the second
# convolution, because every shared weight is used at 196 places. "Few parameters" does not mean "little
# work".
#
# Backward is the same table, read from its end. Every layer gets the gradient of its output, keeps the
# gradients of its own parameters and hands on the gradient of its input. At the flatten the gradient takes
# the shape of the maps again: `reshape` moves no value, so its backward is a `reshape`. The first convolution
# does not compute a gradient of the pictures, since nobody asks for it.
#
# Each part passed its own gradient check, and yet parts can be joined wrongly: a mask of the wrong layer, a
# forgotten ReLU. So we check the **whole** network, each single parameter of a small copy (2 and 3 maps, 5
# units, pictures of 8 × 8), which runs through the same two functions.

# %%
def cnn_forward(params, X):
    """Pictures X (n, 1, side, side); a list of all that the way back needs, the logits (n, 10) last."""
    W1, b1, W2, b2, W3, b3, W4, b4 = params
    Z1, conv1 = conv_forward(X, W1, b1, pad=2)
    P1, pool1 = maxpool_forward(Z1)
    A1 = relu(P1)
    Z2, conv2 = conv_forward(A1, W2, b2, pad=2)
    P2, pool2 = maxpool_forward(Z2)
    A2 = relu(P2)
    A3 = relu(A2.reshape(len(X), -1) @ W3 + b3)                   # flatten, dense, ReLU
    return [conv1, pool1, A1, conv2, pool2, A2, A3, A3 @ W4 + b4]

def cnn_backward(params, cache, delta):
    """From delta (n, 10), the gradient of the logits, to the gradients of all params, in their order."""
    _, _, _, _, W3, _, W4, _ = params
    conv1, pool1, A1, conv2, pool2, A2, A3, _ = cache
    dW4, db4 = A3.T @ delta, delta.sum(axis=0)
    delta = delta @ W4.T * (A3 > 0)
    dW3, db3 = A2.reshape(len(A2), -1).T @ delta, delta.sum(axis=0)
    delta = (delta @ W3.T).reshape(A2.shape) * (A2 > 0)           # flattened no more
    dA1, dW2, db2 = conv_backward(maxpool_backward(delta, pool2), conv2)
    delta = dA1 * (A1 > 0)
    _, dW1, db1 = conv_backward(maxpool_backward(delta, pool1), conv1, need_dX=False)
    return [dW1, db1, dW2, db2, dW3, db3, dW4, db4]


# %%
rng = np.random.default_rng(31)
small, X, y = cnn_init(rng, (2, 3), 5, 8, np.float64), rng.normal(size=(3, 1, 8, 8)), rng.integers(10, size=3)
cache = cnn_forward(small, X)
for k, (p, dp) in enumerate(zip(small, cnn_backward(small, cache, loss_and_delta(cache[-1], y)[1]))):
    check.gradient(f"d{'Wb'[k % 2]}{k // 2 + 1}", lambda: loss_and_delta(cnn_forward(small, X)[-1], y)[0], p, dp)


# %% [markdown]
# The whole is right. Next, **the same network in PyTorch**, from the same weights. Convolution kernels have
# the same shape in both worlds; of the dense matrices PyTorch keeps the transpose. `Flatten` reads channel,
# row, column, in this order, as our `reshape` does; otherwise row 17 of $W_3$ would belong to another pixel
# here than there, no error message would come, and the losses would differ from the first step on. Both sides
# take 60 steps of Adam, each with 64 digits. *Predict:* how far apart are the parameters afterwards, in
# float64?

# %%
def twin_of(params):
    """The PyTorch twin of a list of parameters."""
    C1, C2, flat, hidden = len(params[0]), len(params[2]), *params[4].shape
    net = nn.Sequential(nn.Conv2d(1, C1, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
                        nn.Conv2d(C1, C2, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
                        nn.Flatten(), nn.Linear(flat, hidden), nn.ReLU(), nn.Linear(hidden, 10))  # fmt: skip
    net.to(bridge.tensors(params[0]).dtype)
    with torch.no_grad():
        for theirs, ours in zip(net.parameters(), params):
            theirs.copy_(torch.tensor(ours.T if ours.ndim == 2 else ours))
    return net


# %%
def cnn_step(params, X, y, states, eta):
    cache = cnn_forward(params, X)
    loss, delta = loss_and_delta(cache[-1], y)
    for p, dp, s in zip(params, cnn_backward(params, cache, delta), states):
        adam(p, dp, s, eta)
    return loss

def torch_step(net, X, y, optimiser):
    optimiser.zero_grad()
    loss = F.cross_entropy(net(X), y)
    loss.backward()
    optimiser.step()
    return loss.detach()

def two_runs(dtype, device, steps=60):
    """The same steps with 64 digits each in both worlds: two lists of losses, our parameters, PyTorch's net."""
    params, X = cnn_init(np.random.default_rng(30), dtype=dtype), X_train.astype(dtype)
    net = twin_of(params).to(device)
    optimiser, states = torch.optim.Adam(net.parameters(), lr=1e-3), [{} for _ in params]
    batches = np.random.default_rng(32).permutation(len(X))[: 64 * steps].reshape(steps, 64)
    ours = [cnn_step(params, X[rows], y_train[rows], states, 1e-3) for rows in batches]
    X_, y_ = bridge.tensors(X, y_train, device=device)
    theirs = torch.stack([torch_step(net, X_[rows], y_[rows], optimiser) for rows in batches]).cpu()
    return ours, theirs, params, net.cpu()


# %% [markdown]
# Both take the same rows of the same arrays. First the proof in float64, on the CPU; then float32 on whatever
# device there is, which is how networks are trained. (Newer GPUs round the inputs of a float32 convolution to
# ten binary digits after the point, a format called TF32; the tolerance is wider there.)

# %%
ours, theirs, params, net = two_runs(np.float64, "cpu")
check.same("float64: 60 losses", np.array(ours), theirs)
for k, (p, q) in enumerate(zip(params, net.parameters())):
    check.same(f"after 60 steps: {'Wb'[k % 2]}{k // 2 + 1}", p.T if p.ndim == 2 else p, q)

# %%
ours, theirs, *_ = two_runs(np.float32, device)
fig, ax = plt.subplots()
plot.curves(ax, ours, theirs).set_title("Two programs, one curve")
plot.show(fig, "Training loss over 60 steps in float32, NumPy's and PyTorch's curves on each other, falling from "
          "more than 2 to below 1.")
check.same("float32: 60 losses", np.array(ours), theirs, 1e-2 if device.type == "cpu" else 0.1)


# %% [markdown]
# In float64 all parameters agree to ten decimal places; in float32 the two curves cannot be told apart. Then
# the clock: one whole step with 64 digits, forward, backward and Adam. *Predict:* by what factor is PyTorch
# faster, whose convolutions are hand-tuned machine code?

# %% tags=["nbval-ignore-output"]
def clock(dtype, device=None):
    """Milliseconds of a training step on 64 digits: NumPy, or PyTorch on a device."""
    params, X, y = cnn_init(np.random.default_rng(30), dtype=dtype), X_train[:64].astype(dtype), y_train[:64]
    net, states = twin_of(params).to(device), [{} for _ in params]
    optimiser, (X_, y_) = torch.optim.Adam(net.parameters()), bridge.tensors(X, y, device=device or "cpu")
    step = (lambda: torch_step(net, X_, y_, optimiser)) if device else (lambda: cnn_step(params, X, y, states, 1e-3))
    return 1000 * bridge.seconds(step, repeats=15)

for name in dict.fromkeys([None, "cpu", device.type]):
    double = "  none" if name == "mps" else f"{clock(np.float64, name):6.2f}"
    print(f"{'PyTorch, ' + name.upper() if name else 'NumPy, CPU':13s} float32 {clock(np.float32, name):6.2f} ms, float64 {double} ms")

# %% [markdown]
# The factors are smaller than many expect, and they depend on the machine and on what else it does. On one core of
# ours, alone, float64 came out about even, and in float32 NumPy needed about one and a half times as long as
# PyTorch; yours may lie anywhere between 1 and 3. A profiler says that about half of NumPy's time goes into matrix
# products. Most of the rest moves data: each of the 25 slices of `im2col` and `col2im` is one more walk through memory.
#
# ## 11 The headline: digits
#
# The network, 4000 digits, and the distortion of Lecture 2: a random shift, rotation, scaling, slant and
# smooth bending, drawn anew for every digit in every epoch, here with 0.7 times the amounts of Lecture 2
# (shifts by up to 1.4 pixels, rotations by up to 0.175 radians, and so on). Batches of 64, Adam, a step size
# that falls linearly to 0.
#
# <details><summary>How were the settings chosen?</summary>
#
# The architecture follows tradition: LeNet-5 of LeCun, Bottou, Bengio and
# Haffner (1998) also begins with two 5 × 5 convolutions, a pooling after each. The rest was compared, with
# the PyTorch twin, on three folds of the 4000 training digits: trained on 3200, measured on 800 others. Half
# of η (at 20 epochs) cost about half a point; twice η made no difference that could be proved, nor did 40
# epochs instead of 20, nor batches of 128. The gentler distortion gained about 0.3 points over the full one.
# One standard error of such a figure is about 0.25 points, so these are hints. `tests/search_cnn.py` in the
# course's repository repeats the comparison with five folds. For this network the test digits chose nothing.
#
# </details>
#
# Lecture 2's dense network reached about 98.8 %, with five times as many parameters and three times as many
# epochs. *Predict:* what will the convolutional one reach?

# %%
bend = lambda X, rng: distort(X.reshape(-1, 784), rng, 1.4, 0.175, 0.105, 0.105, 1.05).reshape(X.shape)  # gentler: 0.7 times

def cnn_train(params, X, y, epochs, eta, rng, batch=64):
    """Train the float32 params in place on distorted digits."""
    states, t, steps = [{} for _ in params], 0, epochs * -(-len(X) // batch)
    for _ in tqdm(range(epochs), mininterval=2):
        pictures = bend(X, rng)
        for rows in np.split(rng.permutation(len(X)), range(batch, len(X), batch)):
            cnn_step(params, pictures[rows], y[rows], states, eta * (1 - t / steps))
            t += 1

def torch_train(net, X, y, epochs, eta, rng, augment=None, batch=64):
    """Train a net on the device; `augment`, if given, makes new pictures of X for each epoch."""
    optimiser, steps = torch.optim.Adam(net.to(device).train().parameters(), lr=eta), epochs * -(-len(X) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda t: 1 - t / steps)
    for _ in tqdm(range(epochs), mininterval=2, disable=augment is None):
        pictures, labels = bridge.tensors(augment(X, rng) if augment else X, y, device=device)
        for rows in np.split(rng.permutation(len(X)), range(batch, len(X), batch)):
            torch_step(net, pictures[rows], labels[rows], optimiser)
            schedule.step()
    return net.eval()


# %% [markdown]
# The NumPy network first: about half a minute on one core of a laptop, alone. Then PyTorch's turn, which takes no
# longer. Whoever does not write the backward pass can afford a wider and deeper network: three convolutions with
# 16, 32 and 64 maps (5 × 5, then 3 × 3), each with pooling, batch normalisation (section 8) and ReLU, then dense 128
# and 10. It has about 99 000 parameters, no more than ours, because a third pooling leaves only 64 · 9 numbers for
# the dense layer. `channels_last` makes PyTorch keep the channels of a pixel next to each other in memory; with
# these layers that saved more than a third of the time of a step on our CPU. On a GPU the net trains for four times
# as many epochs.
#
# <details><summary>And its settings?</summary>
#
# They come from the same folds. Twice the η differed by less than chance, and dropout, tried on two of the folds,
# gave no gain. One reservation: η was changed from 0.004 to 0.002 for its score on the folds, but after test scores
# with earlier settings had been seen. On the test digits the two are 0.04 points apart (98.90 and 98.94 %, means of
# five starts), far less than chance.
#
# </details>

# %% tags=["nbval-ignore-output"]
params = cnn_init(np.random.default_rng(33))
cnn_train(params, X_train, y_train, epochs=40, eta=2e-3, rng=np.random.default_rng(34))

# %% tags=["nbval-ignore-output"]
net = nn.Sequential(
    nn.Conv2d(1, 16, 5, padding=2), nn.MaxPool2d(2), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1), nn.MaxPool2d(2), nn.BatchNorm2d(32), nn.ReLU(),
    nn.Conv2d(32, 64, 3, padding=1), nn.MaxPool2d(2), nn.BatchNorm2d(64), nn.ReLU(), nn.Flatten(),
    nn.Linear(576, 128), nn.ReLU(), nn.Linear(128, 10)).to(memory_format=torch.channels_last)  # fmt: skip
rng = np.random.default_rng(35)
with torch.no_grad():                                               # our own start: He's, and biases 0
    for p in (p for m in net if isinstance(m, (nn.Conv2d, nn.Linear)) for p in m.parameters()):
        p.copy_(torch.tensor(rng.normal(scale=np.sqrt(2 / p[0].numel()), size=p.shape)) if p.dim() > 1 else 0 * p)
net = torch_train(net, X_train, y_train, 40 * (4 if device.type == "cuda" else 1), 2e-3, rng, bend)


# %% [markdown]
# While they run: how large a difference between the two could 1000 test digits show at all? For a share near
# 99 %, chance alone makes the figure scatter by $\sqrt{0.99\cdot0.01/1000}$, about 0.3 points (one standard
# error).

# %%
@torch.no_grad()
def answers(net, X):
    return net.to(device).eval()(bridge.tensors(X, device=device)).cpu().numpy()

check.claim("test accuracy, NumPy", accuracy(cnn_forward(params, X_test)[-1], y_test), at_least=0.982)
check.claim("test accuracy, PyTorch", accuracy(answers(net, X_test), y_test), at_least=0.985)

# %%
P = softmax(cnn_forward(params, X_test)[-1])
wrong = np.flatnonzero(P.argmax(axis=1) != y_test)
wrong = wrong[np.argsort(-P[wrong].max(axis=1))][:8]
fig = plot.images(X_test[wrong], [f"{y_test[i]} read {P[i].argmax()}\n{P[i].max():.2f}" for i in wrong], columns=8, scale=0.8)
fig.suptitle("Its most confident mistakes: some are hard for us too", y=1.35, size=10)
plot.show(fig, "Up to eight test digits that the network misreads, each with its label, the reading and "
          "the probability that the network gave to it.")

# %% [markdown]
# Over nine starts we measured 98.4 to 99.5 % for the NumPy network, 98.9 % on average, and 98.6 to 99.1 % for
# the larger one in PyTorch, 98.9 % on average as well. So neither can be called better than the other, nor
# better than the dense network of Lecture 2 with its 98.8 %: 1000 test digits cannot tell such differences
# apart. What can be said: it gets there with a fifth of the parameters and in a third of the epochs. It takes
# longer all the same, about half a minute against twenty seconds (one core, alone), and multiplications are not
# the reason: 1.7 times as many per digit, in a third of the epochs, are fewer. But about half of its time moves
# data. Where the convolution gains clearly, section 13 will show.
#
# Some of the misread digits few people would read with confidence; others are plainly its own fault. Some of
# the wrong answers come with a probability above 0.9: a softmax output is not a measure of doubt.
#
# ## 12 What it has learned
#
# The first layer can be looked at: each of its eight kernels is a picture of 5 × 5 weights. Below each is its
# feature map after ReLU for one test digit: dark where the kernel found what it looks for. *Predict:* will
# some of them be edge detectors, like the kernels that we built by hand for the photograph?

# %%
digit = X_test[y_test == 4][:1]
maps = relu(conv_forward(digit, *params[:2], pad=2)[0])[0]
fig, axes = plt.subplots(2, 8, figsize=(6.6, 2.0))
for K, A, top, bottom in zip(params[0][:, 0], maps, *axes):
    plot.matrix(top, K, limit=np.abs(params[0]).max())
    bottom.imshow(A, cmap="gray_r", vmin=0, vmax=maps.max())
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
fig.suptitle("Learned kernels, and where each finds its pattern in a 4", size=10)
plot.show(fig, "Above, eight kernels of 5 by 5 weights, blue negative and vermilion positive. Below each its feature map "
          "for a handwritten four: different kernels respond to different strokes and edges.")

# %% [markdown]
# Some kernels have a vermilion side and a blue side: they answer to an edge or a stroke of one direction.
# Others are blobs that answer to all ink, and some are hard to name. Nobody told them; the same noise that
# they started from is partly still in them. It is tempting to tell a story about each kernel. The honest
# statement is weaker: the kernels *differ*, and the dense layers read *all* maps together.
#
# Now write yourself. The pad below shows your digit, the ten probabilities of **your** network, trained
# above, and its feature maps, while you draw. Questions to answer with it: Draw a 7 without and with a bar.
# Which maps change? What does the network say about a letter, say an A? And to an empty page?

# %%
DrawDigit(params, examples=X_test[:10])

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# The bar shows up most in the maps that like horizontal strokes, and only near its place; the rest of the
# maps stays as it was. (If everything jumps by a pixel, the bar has moved the centre of gravity, and the pad
# has centred the digit anew. Its switch turns that off.) A letter is answered with a digit, often with
# confidence: the network has ten words and must use one. It never learned to say "none of them". On the empty
# page the ten probabilities are similar, since without ink only the biases speak. Digits far larger or
# thinner than those of the training set are read worse; MNIST's digits were scaled to 20 × 20 pixels and
# centred, and the pad centres yours as well.
#
# </details>
#
# The layers return in Lecture 5: **autoencoders** built of convolutions shrink a picture to a code with these
# layers, and grow it back with the transposed convolution of section 7.
#
# ## 13 Is it the convolution?
#
# With enough distortion and five times the parameters, the dense network kept up. Give both the same instead:
# a dense network 784-132-10 with $795\cdot132 + 10 = 104\,950$ parameters against our 105 194, the same 1000
# digits, the same 15 epochs, no distortion. (They differ in depth as well; the next test does not hang on
# that.)
#
# And there is a test that looks at the cause. Permute the 784 pixels, by one fixed permutation for all
# pictures. Not a bit of information is lost. Only *neighbourhood* is gone. *Predict* for both networks
# whether they get worse.
#
# For the dense network one can do better than to measure the accuracy. The next cell trains it for 20 steps,
# once on the pictures in order, once on permuted ones, with the rows of $W_1$ permuted along. *Predict* how
# the two lists of losses differ.

# %%
order = np.random.default_rng(36).permutation(784)
permuted = lambda X: X.reshape(-1, 784)[:, order].reshape(X.shape)

def dense(rows, rng, dtype=np.float32):
    """784-132-10, the rows of its first matrix taken in the given order."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 132), nn.ReLU(), nn.Linear(132, 10)).to(bridge.tensors(dtype()).dtype)
    for layer, size in ((net[1], (784, 132)), (net[3], (132, 10))):
        W = rng.normal(scale=np.sqrt(2 / size[0]), size=size).astype(dtype)
        bridge.set_linear(layer, W[rows] if len(W) == 784 else W, np.zeros(size[1], dtype))
    return net

def losses(X, rows):
    net, (X, y) = dense(rows, np.random.default_rng(37), np.float64), bridge.tensors(X[:1000].astype(float), y_train[:1000])
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    return torch.stack([torch_step(net, X[i : i + 50], y[i : i + 50], optimiser) for i in range(0, 1000, 50)])

def result(net, change):
    """Test accuracy of a net after 15 epochs on 1000 digits, all pictures put through `change`."""
    net = torch_train(net, change(X_train[:1000]), y_train[:1000], 15, 2e-3, np.random.default_rng(38), batch=50)
    return accuracy(answers(net, change(X_test)), y_test)

check.same("20 losses, in order and permuted", losses(X_train, np.arange(784)), losses(permuted(X_train), order))

# %% [markdown]
# The same losses, but for rounding. Every product $XW_1$ is the same sum in another order, so the gradients
# are permuted too, and Adam treats each entry alone: it is the **same training**. A dense network cannot know
# that pixels have neighbours. If the rows of $W_1$ are *not* permuted along, that is one more random start,
# no better and no worse on average. For the convolutional network no such trick exists: no change of its
# 5 × 5 kernels can bring distant pixels together. Now `result` trains all four combinations, with the same η.

# %%
both = lambda: (dense(np.arange(784), np.random.default_rng(39)), twin_of(cnn_init(np.random.default_rng(39))))
(D, C), (D_permuted, C_permuted) = ([result(net, change) for net in both()] for change in (lambda X: X, permuted))
check.claim("convolutional over dense, pixels in order", C - D, at_least=0.025)
check.claim("dense, change by the permutation", abs(D_permuted - D), at_most=0.014)
check.claim("convolutional, loss by the permutation", C - C_permuted, at_least=0.037)
check.claim("dense over convolutional, pixels permuted", D_permuted - C_permuted, at_least=0.013)

# %% [markdown]
# The convolution is worth several points at equal parameters, and only because the pixels have an order. (Is
# it our η? From a quarter of it to four times, or with 60 epochs, the gap was 4 to 5 points as well: one
# start each, measured on 2000 of the remaining training digits.) The permutation leaves the dense network
# where it was, within chance, and takes the convolutional one *below* it: it looks for strokes in small
# windows, and there are no strokes any more. Sharing and locality are an **assumption**, that what is near
# belongs together and that a pattern means the same everywhere. Where it holds, as in pictures, it replaces
# training examples. Where it fails, as in a table whose columns could stand in any order, the dense network
# is the better choice.
#
# A common misreading: "the permuted pictures contain less information". They contain exactly the same; the
# inverse permutation restores each of them. What was lost is the match between the data and the network.
#
# **Another good place to stop.** You have built a convolutional network, proved it and tested its assumption. The
# rest of the lecture reads the networks of others.

# %% [markdown]
# ## 14 Counting a classifier
#
# (If you have come this far in one evening, stop here. Sections 14 to 18 can wait for the next.)
#
# Our digit network has some hundred thousand parameters. The networks of the literature have millions, and one
# learns to read them by asking three questions of every layer: which maps come in, which go out, how many
# numbers does it learn? We start with a classifier of photographs into two classes, cats and dogs for example,
# as a Keras tutorial would write it. The input is $150\times150$ pixels in three colours. Four times a
# convolution and a pooling follow, then everything is laid out in one row (`Flatten`), half of it is silenced
# in training (`Dropout(0.5)`), and three dense layers decide.
#
# In Keras, `Conv2D(32, (3, 3), padding="same", activation="relu")` makes 32 filters of $3\times3$, padded so
# that the map keeps its size. We write it as the two words `3x3 32`, and a network as a list of such words.
# The same small language will describe all networks of section 15:
#
# | word | layer |
# |---|---|
# | `3x3 32` | convolution, 32 filters of 3×3, then ReLU; padded with half the kernel |
# | `3x3/2 32 p0 g2` | the same with stride 2, padding 0, in 2 groups |
# | `max2`, `max3`, `max3 p1` | max pooling 2×2 or 3×3 with stride 2, the last with padding 1 |
# | `average`, `average5/3` | average pooling 3×3, stride 1, padding 1; or 5×5, stride 3 |
# | `flatten 9`, `global` | lay out maps of 9×9 in one row; or keep the mean of each map |
# | `drop`, `dense 512` | dropout with $p = 0.5$; dense layer with 512 units, then ReLU |
# | `... linear`, `sigmoid` | the same layer without ReLU; the sigmoid |
#
# The rule for the numbers of a convolution is the one of section 4, with $k_h\times k_w$ kernels and $g$ groups
# (in two groups, each half of the filters sees only half of the maps):
#
# $$\#\text{parameters} = C_\text{out}\left(\frac{C_\text{in}}{g}\,k_hk_w + 1\right),\qquad
# \text{dense: } n_\text{out}(n_\text{in}+1).$$

# %%
FIXED = {
    "max2": lambda: nn.MaxPool2d(2), "max3": lambda: nn.MaxPool2d(3, 2), "max3 p1": lambda: nn.MaxPool2d(3, 2, 1),
    "average": lambda: nn.AvgPool2d(3, 1, 1), "average5/3": lambda: nn.AvgPool2d(5, 3), "drop": nn.Dropout,
    "global": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), "sigmoid": nn.Sigmoid,
}

CLASSIFIER = ["3x3 32", "max2", "3x3 64", "max2", "3x3 128", "max2", "3x3 128", "max2",
              "flatten 9", "drop", "dense 512", "dense 128", "dense 1 linear", "sigmoid"]

def from_words(words, c, norm):
    """The layer that the words describe, for c incoming maps, and the number of maps that leave it."""
    if words in FIXED:
        return FIXED[words](), c
    name, c_out, *rest = words.split()
    c_out, option = int(c_out), {word[0]: word[1:] for word in rest}    # "g2" becomes {"g": "2"}
    after = [] if "linear" in rest else [nn.ReLU()]
    if name == "flatten":
        return nn.Flatten(), c * c_out**2
    if name == "dense":
        return nn.Sequential(nn.Linear(c, c_out), *after), c_out
    size, _, stride = name.partition("/")
    k = [int(side) for side in size.split("x")]
    pad = int(option["p"]) if "p" in option else [side // 2 for side in k]
    conv = nn.Conv2d(c, c_out, k, int(stride or 1), pad, groups=int(option.get("g", 1)), bias=not norm)
    return nn.Sequential(conv, *[nn.BatchNorm2d(c_out)] * norm, *after), c_out    # [...] * False is []


# %%
class Join(nn.Module):
    """Send X through several branches and add the results (skip) or concatenate their maps."""

    def __init__(self, branches, skip):
        super().__init__()
        self.branches, self.skip = nn.ModuleList(branches), skip

    def forward(self, X):
        parts = [branch(X) for branch in self.branches]
        return torch.relu(sum(parts)) if self.skip else torch.cat(parts, dim=1)

def build(spec, c=3, norm=False):
    """A network, and its number of maps, from "words", a [chain], (parallel, branches) or {"F": ..., "x": ...}."""
    if isinstance(spec, str):
        return from_words(spec, c, norm)
    if isinstance(spec, list):                                        # an empty chain hands X on unchanged: a skip
        chain = []
        for part in spec:
            module, c = build(part, c, norm)
            chain.append(module)
        return nn.Sequential(*chain), c
    skip = isinstance(spec, dict)
    modules, widths = zip(*(build(part, c, norm) for part in (spec.values() if skip else spec)))
    return Join(modules, skip), widths[0] if skip else sum(widths)    # a sum keeps the width, branches side by side add up

def meta(spec, norm=False, c=3):
    with torch.device("meta"):
        return build(spec, c, norm)[0]

count = lambda net: sum(p.numel() for p in net.parameters())

# %% [markdown]
# `build` reads lists as chains; tuples and dictionaries wait for section 15. Where do the five and a half
# million numbers of our classifier sit? We need no memory to find out: on PyTorch's **meta device** a tensor has
# a shape and no contents, and layers are built, and data sent through them, in no time. *Predict:* which layer
# has the most parameters, and what share of the whole? The last line replaces `flatten 9` by `global`, **global
# average pooling**: only the mean of each of the 128 maps goes on (Lin, Chen and Yan, 2013). What is left?

# %%
X, classifier = torch.empty(1, 3, 150, 150, device="meta"), meta(CLASSIFIER)
for words, part in zip(CLASSIFIER, classifier):
    X = part(X)
    print(f"{words:14s}  out {'×'.join(map(str, X.shape[1:])):11s} {count(part):8d} parameters")
check.worked("all; convolutions; dense 512, in %", [count(classifier), count(classifier[:8]), 100 * count(classifier[10]) / count(classifier)], "5615553 240832 94.54")
check.worked("with global average pooling", count(meta([*CLASSIFIER[:8], "global", *CLASSIFIER[9:]])), "372673")

# %% [markdown]
# The maps shrink 150 → 75 → 37 → 18 → 9 (pooling a map of 75 leaves 37, the last row and column are dropped).
# Then $9\cdot 9\cdot 128 = 10\,368$ numbers meet 512 units: 5 308 928 weights and biases, **94.5 %** of the
# network, in the one layer that knows nothing of neighbours. Pooling, flattening and dropout learn nothing. The
# four convolutions, which do the seeing, own 4 %. Global average pooling leaves 372 673 parameters, a fifteenth, and
# a network that accepts any image size. Its price: where in the picture something was seen is forgotten.
#
# ## 15 Four famous networks
#
# The same language describes the networks that made convolution famous. Their parameter counts are published to
# the last digit, so a description that gives the right count is very likely right.
#
# **AlexNet** (Krizhevsky, Sutskever and Hinton, 2012) won the ImageNet competition, 1.2 million photographs in
# 1000 classes, by a wide margin: five convolutions, three dense layers, ReLU and dropout. It was not the first
# to use ReLU. Fukushima did so in 1969, Nair and Hinton in 2010; AlexNet showed *at scale* how much faster it
# trains. It ran on two GPUs with 3 GB each, and that is what the groups are: half of the maps lived on each card. A second
# version without groups and with fewer filters (Krizhevsky, 2014) is the one in the library torchvision. So
# "the" count of AlexNet has two right answers, and the convention must be named.
#
# **VGG-16** (Simonyan and Zisserman, Oxford, 2014) asks: how deep can one go with the smallest kernel only? Two
# $3\times3$ convolutions in a row see $5\times5$ pixels: a value of the second map sees three values of the first in
# each direction, and the two outer ones see one pixel more on their side, $3+2$. That takes $18$ instead of $25$ weights
# per pair of maps, and adds one more ReLU. Thirteen convolutions and three dense layers: twice AlexNet's depth.

# %%
DENSE = ["drop", "dense 4096", "drop", "dense 4096", "dense 1000 linear"]
ALEXNET = ["11x11/4 96 p2", "max3", "5x5 256 g2", "max3", "3x3 384", "3x3 384 g2", "3x3 256 g2", "max3", "flatten 6", *DENSE]
ALEXNET_2014 = ["11x11/4 64 p2", "max3", "5x5 192", "max3", "3x3 384", "3x3 256", "3x3 256", "max3", "flatten 6", *DENSE]
VGG = [word for c, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)) for word in [f"3x3 {c}"] * times + ["max2"]]
VGG16 = [*VGG, "flatten 7", *DENSE]


# %% [markdown]
# Nine tenths of VGG's 138 million parameters sit in the dense layers again. The next two networks end in `global`.
#
# **ResNet-50** (He, Zhang, Ren and Sun, Microsoft, 2015) made **skip connections** popular: a block does not
# compute $F(x)$ but $F(x)+x$. Section 16 shows why. A block squeezes the maps with $1\times1$ kernels, looks with
# $3\times3$, and widens again: a *bottleneck*. Where the shapes of $F(x)$ and $x$ differ, in the first block of
# each stage, $x$ passes through a $1\times1$ convolution. (A stride of 2 sits in the $3\times3$ kernel, as in torchvision;
# the paper has it in the first $1\times1$: the same count, fewer multiplications.) Each convolution is followed by batch normalisation,
# which Ioffe and Szegedy had published earlier in 2015. The number 50 counts layers with
# weights on the longest way; the 152 layers that you may have read of belong to its sister **ResNet-152**.
#
# **Inception V3** (Szegedy and others, Google, 2015) lets a layer look in several ways at once and concatenates
# the maps: our tuples. Large kernels are *factorised*: $7\times7$ becomes $1\times7$ and $7\times1$ in a row, 14 weights
# for 49. Read one line of the list `INCEPTION` below: three `A` blocks on maps of $35\times35$, each with four branches. The
# *auxiliary head* is a second, small classifier on the maps half-way, used in training only.

# %%
def bottleneck(w, stride, first):
    return {"F": [f"1x1 {w}", f"3x3/{stride} {w}", f"1x1 {4 * w} linear"],
            "x": [f"1x1/{stride} {4 * w} linear"] if first else []}

def resnet(*times):
    blocks = [bottleneck(64 * 2**s, 2 if s > 0 and i == 0 else 1, i == 0) for s, n in enumerate(times) for i in range(n)]
    return ["7x7/2 64", "max3 p1", *blocks, "global", "dense 1000 linear"]

A = lambda w: ("1x1 64", ["1x1 48", "5x5 64"], ["1x1 64", "3x3 96", "3x3 96"], ["average", f"1x1 {w}"])
B = ("3x3/2 384 p0", ["1x1 64", "3x3 96", "3x3/2 96 p0"], "max3")
C = lambda w: ("1x1 192", [f"1x1 {w}", f"1x7 {w}", "7x1 192"],
               [f"1x1 {w}", f"7x1 {w}", f"1x7 {w}", f"7x1 {w}", "1x7 192"], ["average", "1x1 192"])
D = (["1x1 192", "3x3/2 320 p0"], ["1x1 192", "1x7 192", "7x1 192", "3x3/2 192 p0"], "max3")
SPLIT = ("1x3 384", "3x1 384")
E = ("1x1 320", ["1x1 384", SPLIT], ["1x1 448", "3x3 384", SPLIT], ["average", "1x1 192"])
INCEPTION = ["3x3/2 32 p0", "3x3 32 p0", "3x3 64", "max3", "1x1 80", "3x3 192 p0", "max3",
             A(32), A(64), A(64), B, C(128), C(160), C(160), C(192), D, E, E, "global", "drop", "dense 1000 linear"]
AUXILIARY = ["average5/3", "1x1 128", "5x5 768 p0", "flatten 1", "dense 1000 linear"]      # after C(192), 768 maps
NETWORKS = {"AlexNet": (ALEXNET, False, 224), "VGG-16": (VGG16, False, 224),       # description, batch norm?, pixels
            "ResNet-50": (resnet(3, 4, 6, 3), True, 224), "Inception V3": (INCEPTION, True, 299)}

# %%
check.worked("AlexNet, 2012 in two groups, and 2014", [count(meta(spec)) for spec in (ALEXNET, ALEXNET_2014)], "60965224 61100840")
check.worked("VGG-16, and its convolutions", [count(meta(spec)) for spec in (VGG16, VGG)], "138357544 14714688")
resnets = [count(meta(resnet(*times), norm=True)) for times in ((3, 4, 6, 3), (3, 8, 36, 3))]
check.worked("ResNet-50, ResNet-152", resnets, "25557032 60192808")
main, extra = count(meta(INCEPTION, norm=True)), count(meta(AUXILIARY, norm=True, c=768))
check.worked("Inception V3, and with its auxiliary head", [main, main + extra], "23834568 27161264")

# %% [markdown]
# These counts follow torchvision's convention: every number that the gradient changes, so two for each map of a
# batch norm, scale and shift. Keras reports 23 851 784 for its Inception V3. Its batch norms have no
# scale, but the running mean and variance are counted: three numbers per map instead of two, and 17 216 maps
# make the difference. A count without its convention is half a number.
#
# Now the real thing: memory for all weights, random values in them, and one photograph at full size, 299 pixels
# for Inception and 224 for the others. *Predict:* which of the four needs the most multiplications for one
# picture, and is it the one with the most parameters? (The opinion of an untrained network is worth nothing. We
# watch that every shape fits, and what it costs.)

# %%
photo = torch.tensor(data.photo("china.jpg"))
for name, (spec, norm, side) in NETWORKS.items():
    network = build(spec, norm=norm)[0].eval()                        # real memory this time, 553 MB for VGG
    with torch.no_grad(), FlopCounterMode(display=False) as work:
        shape = tuple(network(photo[:, :, :side, :side]).shape)
    print(f"{name:12s} {shape} from {count(network) / 1e6:5.1f} M parameters, {work.get_total_flops() / 2e9:4.1f} G multiplications")

# %% [markdown]
# ResNet-50 has less than half of AlexNet's parameters and does nearly six times its multiplications: a shared weight
# is used at every place. Parameters cost memory, multiplications cost time, and depth buys more of the second
# for less of the first. VGG is expensive in both.
#
# | network | what it added | weight layers |
# |---|---|---|
# | AlexNet, 2012 | ReLU, dropout and GPUs *at scale* | 5 + 3 |
# | VGG-16, 2014 | small kernels only, twice the depth | 13 + 3 |
# | Inception V3, 2015 | parallel branches, factorised kernels, hardly any dense part | 48 |
# | ResNet-50 and -152, 2015 | skips with batch norm: depth that trains | 50, 152 |
#
# ## 16 The skip
#
# Why not stack fifty convolutions and leave it at that? Because a deep stack is hard to train. Section 8 of Lecture 2 showed a
# gradient that shrinks or grows from layer to layer. He and his colleagues changed one thing:
#
# $$ y = F(x) + x,\qquad\qquad \frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}
# + \Big(\frac{\partial F}{\partial x}\Big)^{\!\top}\frac{\partial L}{\partial y} .$$
#
# The skip is an **addition**, entry by entry, not a concatenation, and the shapes of $F(x)$ and $x$ must match.
# If $F = 0$ the block passes on $x$ unchanged: doing nothing needs no learning, and a deeper network can always
# fall back on a shallower one. Backwards, the gradient arrives through the "+" untouched, beside whatever comes
# through $F$. (In ResNet's blocks a ReLU follows the sum. The $x$ that comes from the block before is not
# negative, so the ReLU leaves it alone.)
#
# The first cell below runs both: the block with $F=0$, and one whose shapes do not match.
#
# Then two networks for the digits of 8×8 pixels, fifty convolutions of eight maps each with batch norm in every
# layer: one plain, one with a skip round each convolution. Same kinds and numbers of layers, the *same
# weights* at the start. Batch norm makes the plain one immune to a badly chosen scale of its weights, so that
# this cannot be its excuse. As in section 15, `"x": []` is an empty chain, which hands on $x$ as it is.
# `start` draws the weights in NumPy; `fit` is a training loop that section 17 uses again.

# %%
X = torch.tensor(np.random.default_rng(16).normal(size=(2, 8, 5, 7)), dtype=torch.float32).relu()
block, half = (build({"F": [f"{words} linear"], "x": []}, c=8)[0] for words in ("3x3 8", "3x3/2 8"))
for p in block.parameters():
    nn.init.zeros_(p)
check.same("F = 0: the block is the identity", block(X), X, 0)
print("with stride 2, F(x) and x cannot be added:", *(tuple(branch(X).shape) for branch in half.branches))


# %%
def start(net, rng):
    """Weights by He's rule, drawn in NumPy in the order of net.parameters(); biases 0, scales of batch norm 1."""
    for name, p in net.named_parameters():
        values = rng.normal(scale=np.sqrt(2 / p[0].numel()), size=p.shape) if p.ndim > 1 else name.endswith("weight")  # 1, or 0 for a bias
        p.data = torch.tensor(values * np.ones(p.shape), dtype=torch.float32)
    return net.to(device)

def fit(net, loss, batches, steps, eta):
    """Adam, its step size rising to eta and falling to 0; `batches` yields the arguments of loss(net, ...)."""
    optimiser = torch.optim.Adam(net.parameters(), lr=eta)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, eta, total_steps=steps)
    net.train()
    for batch in tqdm(batches, total=steps, mininterval=2, disable=steps < 500):
        optimiser.zero_grad()
        loss(net, *batch).backward()
        optimiser.step()
        schedule.step()
    return net.eval()

X8, y8, X8_test, y8_test = bridge.tensors(*data.digits8(), device=device)
plain = lambda depth: ["3x3 8", *["3x3 8"] * depth, "flatten 8", "dense 10 linear"]
skips = lambda depth: ["3x3 8", *[{"F": ["3x3 8 linear"], "x": []}] * depth, "flatten 8", "dense 10 linear"]
make = lambda spec: start(build(spec, c=1, norm=True)[0], np.random.default_rng(160))
ce = lambda net, X, y: F.cross_entropy(net(X), y)
kernels = lambda net: [p for p in net.parameters() if p.ndim == 4]
lengths = lambda net: [dW.norm().item() for dW in torch.autograd.grad(ce(net, X8[:64], y8[:64]), kernels(net))]
share = lambda net: (net(X8_test).argmax(dim=1) == y8_test).float().mean().item()

# %% [markdown]
# Before any training: one batch, one backward pass, and the length of the gradient in each convolution. *Predict*
# both curves. A product of fifty factors shrank in Lecture 2; with factors above 1 it would grow.
#
# Then train for four epochs with Adam, η = 0.01, and as a control a plain network of *ten* convolutions. *Predict* the
# three test accuracies.

# %%
fig, ax = plt.subplots()
ax.semilogy(lengths(make(plain(50))), "--", color="#777777", label="plain")
ax.semilogy(lengths(make(skips(50))), color="#222222", label="with skips")
ax.set(title="Without skips the gradient explodes backwards", xlabel="convolution, from the input", ylabel="length of dW")
ax.legend()
plot.show(fig, "Length of the gradient in 51 convolutions, log scale: plain, it grows some hundred or thousand times towards the input; with skips it stays within a factor of about ten.")

# %%
rows = np.random.default_rng(161).permuted(np.tile(np.arange(len(y8)), (4, 1)), axis=1)[:, :1408].reshape(-1, 64)    # 1408 = 22 · 64
train = lambda spec: fit(make(spec), ce, ((X8[r], y8[r]) for r in rows), len(rows), 0.01)
check.claim("plain, 10 convolutions: test accuracy", share(train(plain(10))), at_least=0.94)
check.claim("plain, 50 convolutions: test accuracy", share(train(plain(50))), at_most=0.25)
skip_net = train(skips(50))
check.claim("50 convolutions with skips: test accuracy", share(skip_net), at_least=0.918)


# %% [markdown]
# From the last convolution back to the first the plain gradient grows by two to three powers of ten: batch norm keeps
# the *values* in range, not the gradients. It makes them grow, in fact. What is divided by $\sigma$ on the way forward
# is divided by the same $\sigma$ on the way back. Backwards, He's weights double the mean square and the ReLU halves it:
# no change. Forwards, the weights double the *variance* of what a ReLU lets through. For normal values of variance 1 that is
# half (the mean square) less the square of the mean, $\frac12-\frac1{2\pi}\approx0.34$, so $\sigma^2\approx0.68$, and each layer
# of many maps lengthens the gradient by $1/\sqrt{0.68}\approx1.2$. Another scale of the weights cancels (Yang and others,
# 2019). $1.2^{50}$ is about ten thousand; our eight maps give less. With skips all layers hear of the error within a
# factor of about ten.
#
# Training follows: ten plain convolutions learn, fifty hardly get beyond guessing, and the same fifty with skips, from the
# same weights, read about 95 of 100 digits. About as many as the ten: this small task needs no depth, and what the skip buys
# here is that depth does no harm. The plain fifty *could* hand their maps on forty times unchanged; training does not find it.
# Was it our η? The setting was chosen for the network with skips, on a fifth of the training digits; for the plain one we tried
# nine settings of Adam and SGD there, each for six epochs, and none brought it above 20 %. (One confession: the cut from
# six epochs to four, which saves you time, was checked on the test digits.)
# (He's plain networks of 34 layers did train, only worse than 18 layers. Ours is narrower and deeper, so the effect is
# cruder. Nor is length all: Adam rescales every gradient and does not rescue it. After fifty random layers the gradient's
# direction, too, says little.) Gated skips had been published months before, in the *highway networks* of
# Srivastava, Greff and Schmidhuber (2015).
#
# ## 17 Finding things
#
# A classifier gives one answer per picture. A **detector** says what is where: for each object a box
# $(x_0, y_0, x_1, y_1)$ in pixels, a class, and a confidence. Our scenes are pictures of $64\times64$ with one to
# three digits of random size at random places. Large detectors are trained on COCO (Lin and others, 2014): about
# 328 000 images with 80 annotated classes of objects. Their numbers run up to 90 with gaps, and this is why you may
# read of "90 objects". Object-detection libraries offer networks already trained on it.
#
# When is a box right? When its **intersection over union** with a true box of its class is at least ½:
#
# $$\mathrm{IoU}(a, b) = \frac{\text{area of } a\cap b}{\text{area of } a\cup b} .$$
#
# Go through all detections of a class, the most confident first. Each takes the true box it fits best among
# those still free, if IoU ≥ ½: a hit. Otherwise it is a false alarm, also when it is the second box on one object. After
# $i$ detections the *precision* is the share of hits among them. **Average precision** adds the precisions at the
# hits and divides by $n$, the number of *true* objects, so that a missed object costs as well:
#
# $$\mathrm{AP} = \frac1n\sum_{i\,:\,\text{hit}}\frac{\text{hits among the first } i}{i},\qquad
# \text{mAP} = \text{mean over the classes.}$$
#
# Conventions differ here too. This is AP over all points without smoothing; Pascal VOC first smooths the curve,
# COCO averages over IoU thresholds from 0.5 to 0.95 as well. Ours is called mAP@0.5.

# %%
def iou(a, b):
    """Intersection over union of every box of a (m, 4) with every box of b (n, 4); returns (m, n)."""
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=2)
    area = lambda boxes: np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return both / (area(a)[:, None] + area(b) - both)

def average_precision(hits, scores, n):
    """AP of detections with hits (m,) of 0 and 1 and confidences (m,), when there are n true objects."""
    hits = np.asarray(hits, float)[np.argsort(-np.asarray(scores), kind="stable")]
    return np.sum(hits * np.cumsum(hits) / np.arange(1, len(hits) + 1)) / n

def mean_ap(found, boxes, labels, limit=0.5):
    """mAP over ten classes; found: for every scene (boxes (m, 4), confidences (m,), classes (m,))."""
    results = [([], []) for _ in range(10)]
    for (B, s, k), truth, y in zip(found, boxes, labels):
        free = np.ones(len(truth), bool)
        for i in np.argsort(-s, kind="stable"):
            overlap = iou(B[[i]], truth)[0] * (free & (y == k[i]))
            results[k[i]][0].append(overlap.max() >= limit)
            results[k[i]][1].append(s[i])
            free[overlap.argmax()] &= overlap.max() < limit           # a box that was hit is taken
    return np.mean([average_precision(*r, np.sum(np.concatenate(labels) == k)) for k, r in enumerate(results)])


# %%
check.worked("IoU", iou(np.array([[0.0, 0, 4, 4]]), np.array([[2.0, 1, 6, 5]])), "0.230769")    # 6 / (16 + 16 - 6)
hits, scores = [1, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5]
check.worked("AP, 3 of 4 objects found", average_precision(hits, scores, 4), "0.604167")     # (1 + 2/3 + 3/4) / 4
check.same("scikit-learn's AP · 3/4", average_precision(hits, scores, 4), average_precision_score(hits, scores) * 3 / 4)
hits, scores = np.random.default_rng(170).random((1, 200)) > 0.4, np.random.default_rng(1700).random(200)
check.same("200 detections, all found", average_precision(hits[0], scores, hits[0].sum()), average_precision_score(hits[0], scores))


# %% [markdown]
# scikit-learn's `average_precision_score` ranks a fixed set and divides by the hits *in the list*. It knows
# nothing of objects that no box found. With all objects found the two definitions coincide; otherwise they differ by the
# factor (found / true).
#
# First a **baseline** without a network. On white paper, ink that hangs together is likely to be one digit. Take
# each island of ink, put its box round it, stretch its inside to $12\times12$ pixels, and ask the five most similar
# training digits. *Predict:* what mAP does that reach? And where will it fail?

# %%
def crop(picture, box, size=12):
    x, y = (np.linspace(box[j], box[j + 2] - 1, size).round().astype(int) for j in (0, 1))
    return picture[np.ix_(y, x)].ravel()

def islands(picture):
    pieces = ndimage.find_objects(ndimage.label(picture > 0.2, np.ones((3, 3)))[0])
    return np.array([[c.start, r.start, c.stop, r.stop] for r, c in pieces], float)

largest = lambda boxes: boxes[np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).argmax()]
known = KNeighborsClassifier(5, weights="distance").fit([crop(x, largest(islands(x))) for x in X_train[:, 0]], y_train)

def baseline(S):
    B = [islands(picture) for picture in S[:, 0]]
    P = [known.predict_proba([crop(*pair) for pair in zip([picture] * len(b), b)]) for picture, b in zip(S[:, 0], B)]
    return [(b, p.max(axis=1), p.argmax(axis=1)) for b, p in zip(B, P)]

def outline(ax, boxes, names, **look):
    for (x0, y0, x1, y1), name in zip(boxes, names):
        ax.add_patch(plt.Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, **look))
        ax.text(x0, y0 - 2 if y0 > 8 else y1 + 7, name, size=10, color=look["color"])

S, boxes, labels = data.scenes(X_test, y_test, 300, np.random.default_rng(171))
check.claim("baseline, islands of ink: mAP@0.5", mean_ap(baseline(S), boxes, labels), at_least=0.82)


# %% [markdown]
# A strong opponent, and it plays at home: our scenes draw their true boxes at the ink above 0.2, the threshold of `islands`.
# Asked only *where* the digits are and not which, it came to 0.94 or more, so most of its loss is misreading. The rest is digits
# that touch and digits that fall into pieces. It would fail at once on paper that is not white.
#
# Now a **one-stage detector**, one network that answers in one pass, in the manner of YOLO (Redmon and others, 2015). Convolutions with stride 2 bring the
# scene down to $8\times8$ cells of 8 pixels. Each cell is responsible for the object whose *centre* lies
# in it, and answers with 15 numbers:
#
# - 1 number: is there a centre here? Through the sigmoid, with binary cross-entropy over all 64 cells;
# - 4 numbers: where in the cell, $(x_c, y_c)/8$ less the cell's corner, and how large, $\ln(w/16)$ and $\ln(h/16)$
#   (16 is about the size of a digit, so the right answers lie near 0, and a width $16\,e^t$ cannot become negative),
#   with the absolute error (times 2), only in cells with an object;
# - 10 numbers: which digit? Cross-entropy, again only there.
#
# At most three of 64 cells hold an object, so the first answer starts with the bias $-3$: $\sigma(-3)\approx0.047\approx3/64$.
# The *confidence* of a detection is the product of two probabilities, $P(\text{a centre is here})\cdot P(\text{its digit})$, for the
# most probable digit. If two centres fall into one cell, this design loses one of them. Every batch consists of new scenes.

# %%
def targets(boxes, labels):
    """For the cells of n scenes: is there an object (n, 8, 8), its box (n, 8, 8, 4), its class (n, 8, 8)."""
    there, box = np.zeros((len(boxes), 8, 8), np.float32), np.zeros((len(boxes), 8, 8, 4), np.float32)
    label = np.zeros((len(boxes), 8, 8), np.int64)
    for i, (b, k) in enumerate(zip(boxes, labels)):
        centre, size = (b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2]
        column, row = (centre // 8).astype(int).T
        there[i, row, column], label[i, row, column] = 1, k
        box[i, row, column] = np.hstack([centre / 8 % 1, np.log(size / 16)])
    return there, box, label

def new_scenes(steps, rng):
    for _ in range(steps):
        S, boxes, labels = data.scenes(X_train, y_train, 32, rng)
        yield bridge.tensors(S, *targets(boxes, labels), device=device)

def detector_loss(net, S, there, box, label):
    out = net(S).permute(0, 2, 3, 1)                                  # (n, 8, 8, 15)
    own, here = out[there > 0], there > 0                             # only the cells with an object
    return (F.binary_cross_entropy_with_logits(out[..., 0], there, reduction="sum")
            + 2 * F.l1_loss(own[:, 1:5], box[here], reduction="sum")
            + F.cross_entropy(own[:, 5:], label[here], reduction="sum")) / len(S)


# %% [markdown]
# A large digit may be claimed by two neighbouring cells. **Non-maximum suppression** thins the list: take the
# most confident box, strike out all boxes of the same class that overlap it with IoU > ½, go on with the rest.
# `detect` turns the 15 numbers of each cell back into a box, a confidence and a class.

# %%
def nms(B, s, k, limit=0.5):
    """Indices of the boxes that remain; B (m, 4), confidences s (m,), classes k (m,)."""
    order, kept = np.argsort(-s, kind="stable"), []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[(iou(B[[best]], B[order])[0] <= limit) | (k[order] != k[best])]
    return kept

def detect(net, S, least=0.05):
    """For every scene: boxes, confidences, classes."""
    with torch.no_grad():
        out, found = net(bridge.tensors(S, device=device)).permute(0, 2, 3, 1).cpu().numpy().astype(float), []
    for grid in out:
        row, column = np.nonzero(sigmoid(grid[..., 0]) > least)
        own = grid[row, column]
        P = sigmoid(own[:, :1]) * softmax(own[:, 5:])
        centre, half = 8 * (np.stack([column, row], axis=1) + own[:, 1:3]), 8 * np.exp(own[:, 3:5])
        B, s, k = np.hstack([centre - half, centre + half]), P.max(axis=1), P.argmax(axis=1)
        kept = nms(B, s, k)
        found.append((B[kept], s[kept], k[kept]))
    return found

three = np.array([[0.0, 0, 10, 10], [1, 1, 11, 11], [8, 8, 18, 18]])   # IoU of the first two: 81/119
check.worked("kept of three boxes", nms(three, np.array([0.8, 0.9, 0.7]), np.array([4, 4, 4])), "1 2")

# %% [markdown]
# Train for 900 batches, a quarter of a minute or more. The widths, η and its schedule were compared on scenes made of 800
# training digits held out for it; the run below uses all 4000. (The rise and fall of η in `fit`, *one cycle* after Smith and
# Topin, 2017, is worth a few points in so short a run.) *Predict:* will it beat the islands of ink?

# %% tags=["nbval-ignore-output"]
BODY = ["5x5/2 16", "3x3/2 32", "3x3/2 64", "3x3 64", "3x3 64"]
new_detector = lambda: nn.Sequential(build(BODY, c=1, norm=True)[0], nn.Conv2d(64, 15, 1))
detector = start(new_detector(), np.random.default_rng(172))
detector[1].bias.data[0] = -3
fit(detector, detector_loss, new_scenes(900, np.random.default_rng(173)), 900, 0.02)
found = detect(detector, S)

# %%
check.claim("detector: mAP@0.5", mean_ap(found, boxes, labels), at_least=0.87)
fig = plot.images(0.9 * S[:8] + 0.1, [f"{len(b)} there, {sum(f[1] > 0.5)} found" for b, f in zip(boxes, found)], columns=4, scale=1.5)
for ax, true, (B, s, k) in zip(fig.axes, boxes, found):
    outline(ax, true, [""] * 3, color="#777777", ls=":")
    outline(ax, B[s > 0.5], k[s > 0.5], color="#AA3377")
plot.show(fig, "Eight test scenes with true boxes, dotted grey, and the detector's boxes and digits, purple. Most of them agree.")

# %% [markdown]
# Drawn are the boxes with a confidence above ½; a dotted box alone is a digit that the network was not sure of. Eight
# scenes say little, the 300 count. The mAP is about 0.9, on average three or four points above the islands. (In six runs, each
# with other scenes and other first weights, the lead was between one point and eight.) Most of what is lost is misread, not
# overlooked: asked only *where* the digits are, the detector came to 0.97 or more. More training would help the reading. A network
# could also learn paper that is not white; the rule about islands cannot.
#
# ## 18 Keeping what was learned
#
# A trained network is a set of named arrays. Save these, and keep the code that builds the network: `state_dict`
# in PyTorch, `np.savez` in NumPy. Do not pickle whole objects. A pickle is a *program* that runs while it is
# loaded, so a stranger's pickle is a stranger's program. `weights_only=True` accepts tensors and
# plain containers of them, and nothing that runs; for NumPy, `allow_pickle=False` is the default, and should stay.

# %%
with tempfile.TemporaryDirectory() as folder:
    torch.save(detector.state_dict(), f"{folder}/detector.pt")
    np.savez(f"{folder}/detector.npz", **{name: p.cpu().numpy() for name, p in detector.state_dict().items()})
    twin, third = new_detector(), new_detector()                      # the code builds, the file fills
    twin.load_state_dict(torch.load(f"{folder}/detector.pt", weights_only=True, map_location="cpu"))
    with np.load(f"{folder}/detector.npz") as arrays:
        third.load_state_dict({name: torch.tensor(arrays[name]) for name in arrays})
numbers = lambda net: torch.cat([p.cpu().double().flatten() for p in net.state_dict().values()])
check.same("saved and loaded by torch.save", numbers(twin), numbers(detector), 0)
check.same("saved and loaded by np.savez", numbers(third), numbers(detector), 0)

class Stranger:
    def __reduce__(self):                                             # what pickle calls in order to rebuild the object
        return print, ("A stranger's code has run on your machine.",)

with tempfile.TemporaryFile() as file:
    torch.save(Stranger(), file)
    file.seek(0)
    try:
        torch.load(file, weights_only=True)
    except pickle.UnpicklingError:
        print("refused by weights_only=True")
pickle.loads(pickle.dumps(Stranger()))

# %% [markdown]
# **Pretrained networks.** With a connection nobody trains ResNet-50 anew. In PyTorch,
# `torchvision.models.resnet50(weights="IMAGENET1K_V2")` fetches weights trained on ImageNet once, keeps them in a cache, and loads them in the
# manner of the cell above; in Keras it is `keras.applications.ResNet50(weights="imagenet")`. Our networks of
# section 15 (AlexNet in its second version) have the arrays of torchvision's, in the same shapes, under other names. One then replaces the last layer
# by one for one's own classes and trains only that, or everything with a small η: **transfer learning**. Two
# things to look up for each set of weights: how it expects its pixels to be scaled, and its licence.
#
# ## Where it breaks
#
# Our networks always answer, and loudly. We show the fifty layers of section 16 the test digits with paper and ink
# exchanged, then pure noise. *Predict* the accuracy on exchanged digits, and the mean of the largest probability on
# noise. Then the detector and the islands: two scenes laid over each other, up to six digits that may overlap, as
# they hardly ever did in training.

# %%
shown = lambda X: softmax(skip_net(X.to(device, torch.float32)).detach().cpu().numpy())
check.claim("ink and paper exchanged: accuracy", accuracy(shown(1 - X8_test), y8_test.cpu().numpy()), at_most=0.12)
check.claim("noise: mean of the largest probability", shown(torch.tensor(np.random.default_rng(18).random(X8_test.shape))).max(axis=1).mean(), at_least=0.66)
crowd, *pairs = np.maximum(S[:150], S[150:]), *([np.concatenate(p) for p in zip(a[:150], a[150:])] for a in (boxes, labels))
check.claim("scenes in pairs, detector: mAP@0.5", mean_ap(detect(detector, crowd), *pairs), at_most=0.765)
check.claim("scenes in pairs, lead over the islands", mean_ap(detect(detector, crowd), *pairs) - mean_ap(baseline(crowd), *pairs), at_least=0.05)

# %% [markdown]
# With paper and ink exchanged you read on without effort, and the network does no better than guessing. On noise,
# where "I do not know" is the only right answer, its largest probability is about 0.8 on average: softmax knows ten digits
# and nothing else, and probabilities must add up to one. Laid over each other, digits cost the detector about 20
# points of mAP: crowds were not in its training data, and two centres in one cell get one answer. The islands, where
# whatever touches is one digit, lose still more: subtract the lead. On tidy scenes it is a few points, here about ten.
#
# One limit no training removes. All networks of this lecture see a picture whole, and answer once. A sentence, a
# melody, the next reading of a thermometer come one piece after another, of any length, and the order is the message. An
# input of fixed size has no such order. A network that reads in time must remember; it is the subject of Lecture 4.
#
# ## Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "A convolutional layer convolves." | It slides the kernel without flipping it: *cross-correlation*. Learned kernels do not mind; a comparison with a textbook does. | 2 |
# | "Padding keeps the size, without padding the size stays too." | Without padding a $3\times3$ kernel takes two rows and two columns. | 2 |
# | "Most of a convolutional network is convolution." | By multiplications yes. By parameters only where global pooling ends it, as in ResNet: 4 % in section 14, a tenth in VGG-16. | 14, 15 |
# | "AlexNet introduced ReLU." | Fukushima used it in 1969, Nair and Hinton in 2010; AlexNet showed it at scale. | 15 |
# | "ResNet-50 has 152 layers." | ResNet-152 has. | 15 |
# | "ResNet brought batch norm." | Ioffe and Szegedy published it earlier in 2015; ResNet was among the first to lean on it. | 15 |
# | "AlexNet has 61 million parameters" or "60.97 million". | Both: 61 100 840 in torchvision's version, 60 965 224 in the grouped original. | 15 |
# | "A skip appends the input to the output." | It *adds* it, so shapes must match; with $F = 0$ the block is the identity. | 16 |
# | "COCO has 90 objects." | 80 annotated classes; the ids reach 90 with gaps; about 328 000 images. | 17 |
# | "An mAP is an mAP." | IoU threshold, interpolation and the treatment of missed objects belong to the number. | 17 |
#
# ## Summary
#
# 1. A convolution looks at neighbours only and uses the same few weights everywhere; its gradients are convolutions again.
# 2. Parameters sit where dense layers meet maps, multiplications where kernels meet pixels; global pooling saves the first.
# 3. Small kernels, branches, batch norm and skips made networks deep; $F(x)+x$ lets fifty layers train where a plain stack hardly gets beyond guessing.
# 4. A detector is a convolutional network that answers per cell; IoU, non-maximum suppression and average precision turn answers into a score.
# 5. Save arrays, not objects; name the convention of every count and score; and expect loud answers to pictures of a new kind.
#
# ## Test yourself
#
# **1.** In the classifier of section 14 you replace `dense 512` by `dense 256`. Estimate the new total without a computer.
#
# <details><summary>Answer</summary>
#
# The first dense layer halves, about 5.31 → 2.65 million; the next falls from 65 664 to $128\cdot257 = 32\,896$. In all about
# 2.93 million (exactly 2 928 321).
#
# </details>
#
# **2.** How many parameters has `1x1 64` on 256 maps, and what can such a layer do that has a kernel of one pixel?
#
# <details><summary>Answer</summary>
#
# $64\,(256 + 1) = 16\,448$. It mixes the maps at each place, the same way everywhere: a dense layer applied to each pixel. The bottleneck
# uses it to work on fewer maps.
#
# </details>
#
# **3.** A block has $F$ with stride 2 and twice the maps. What must happen to $x$ before the addition?
#
# <details><summary>Answer</summary>
#
# Its map must be halved and its number of maps doubled, for instance by a $1\times1$ convolution with stride 2, as ResNet does in the
# first block of a stage.
#
# </details>
#
# **4.** A detector lists every object twice, the same box with nearly the same confidence, and nothing else. What becomes of its AP without
# non-maximum suppression?
#
# <details><summary>Answer</summary>
#
# Hit, miss, hit, miss ...: at the $j$-th hit the precision is $j/(2j-1)$, which falls from 1 towards ½. With many objects AP is a little above
# ½ instead of 1.
#
# </details>
#
# **5.** Your digit network says "8, 99 %" for a photograph of a cat. Is 99 % wrong?
#
# <details><summary>Answer</summary>
#
# It answers another question: *if* this is one of the ten digits, and drawn like those of the training set, which? The condition does not hold, and
# nothing in the network tests it.
#
# </details>
#
# ## References
#
# - Beginnings: K. Fukushima, *Visual feature extraction by a multilayered network of analog threshold elements*, IEEE Transactions on Systems Science and
#   Cybernetics 5 (1969), the first ReLU, and *Neocognitron*, Biological Cybernetics 36 (1980); Y. LeCun, L. Bottou, Y. Bengio and P. Haffner,
#   *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86 (1998), LeNet-5.
# - Parts: V. Nair and G. Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML (2010); N. Srivastava and others, JMLR 15 (2014),
#   dropout; M. Lin, Q. Chen and S. Yan, *Network in network*, ICLR (2014); S. Ioffe and C. Szegedy, *Batch normalization*, ICML (2015);
#   G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein and S. Schoenholz, *A mean field theory of batch normalization*, ICLR (2019).
# - Networks: A. Krizhevsky, I. Sutskever and G. Hinton, NeurIPS (2012), AlexNet; A. Krizhevsky, *One weird trick for parallelizing convolutional neural
#   networks* (2014); K. Simonyan and A. Zisserman, *Very deep convolutional networks for large-scale image recognition* (2014), VGG; C. Szegedy and
#   others, *Rethinking the Inception architecture for computer vision* (2015; CVPR 2016); R. Srivastava, K. Greff and J. Schmidhuber, *Highway networks* (2015);
#   K. He, X. Zhang, S. Ren and J. Sun, *Deep residual learning for image recognition* (2015; CVPR 2016).
# - Training: L. Smith and N. Topin, *Super-convergence* (2017), the one-cycle schedule.
# - Detection: T.-Y. Lin and others, *Microsoft COCO: common objects in context*, ECCV (2014); J. Redmon, S. Divvala, R. Girshick and A. Farhadi, *You only
#   look once* (2015; CVPR 2016).
# - To practise: Google's codelabs on convolutional networks walk through an Inception network retrained on one's own photographs.
#
# Now build one yourself: [the exercise](../exercises/03_convolutional_networks.ipynb) starts with the counting of layers and
# with kernels of your own ([its solution](../solutions/03_convolutional_networks.ipynb), for afterwards). [Lecture 4](04_recurrent_networks.ipynb) adds memory.
