# %% [markdown]
# # Lecture 2 · Back-propagation
#
# > **How does a weight in layer 1 learn of an error in layer 3?**

# %% [markdown] tags=["nav"]
#

# %% tags=["setup"]
import functools

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from sklearn import metrics

from course_utils import bridge, check, data, plot, style
from course_utils.interact.graph import ComputationGraph
from course_utils.nets import accuracy, cross_entropy, one_hot, sigmoid, softmax

style.use()
rng = np.random.default_rng(2)

# %% [markdown]
# Below, a network of three layers makes a mistake. One weight in layer 1 is marked, with every route by which
# it touches the error. *Predict:* how many routes are there? And in a network of ten layers with a hundred
# units each?

# %%
weights, units = [1.5 * rng.normal(size=shape) for shape in ((2, 3), (3, 3), (3, 2))], [np.array([1.0, -0.5])]
for W in weights:
    units.append(sigmoid(units[-1] @ W))
blame = [(units[3] - [1, 0]) * units[3] * (1 - units[3])]
for W, a in zip(weights[:0:-1], units[2:0:-1]):
    blame.insert(0, (blame[0] @ W.T) * a * (1 - a))

fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
titles, inputs = ("Values travel to the right ...", "... and blame travels back"), ("  $x_1$  ", "  $x_2$  ")
spots = [[(2 * l, (n - 1) / 2 - i) for i in range(n)] for l, n in enumerate((2, 3, 3, 2))]
for ax, title, layers, arrow in zip(axes, titles, (units, [inputs, *blame]), ("->", "<-")):
    for l, (left, right) in enumerate(zip(spots[:-1], spots[1:])):
        for i, j in np.ndindex(len(left), len(right)):
            marked = (l, i, j) == (0, 0, 0) or (l, i) == (1, 0) or l == 2
            look = {"color": "#AA3377", "lw": 2} if marked else {"color": "#BBBBBB", "lw": 0.8}
            look |= {"arrowstyle": arrow, "shrinkA": 14, "shrinkB": 14}
            ax.annotate("", right[j], left[i], arrowprops=look)
    for row, values in zip(spots, layers):
        for (x, y), value in zip(row, values):
            circle = {"boxstyle": "circle", "fc": "white"}
            text = value if isinstance(value, str) else f"{value:z.3f}"
            ax.text(x, y, text, size=7.5, ha="center", va="center", bbox=circle)
    ax.set(title=title, xlim=(-0.7, 6.7), ylim=(-1.5, 1.5), yticks=[])
    ax.set_xticks(range(0, 8, 2), ["input", "layer 1", "layer 2", "layer 3"])
plot.show(fig, "A network of 2 inputs and layers of 3, 3 and 2 units, twice. Left, the activations, with all "
          "routes from one weight of layer 1 to both outputs. Right, arrows reversed, the blame of every unit.")

# %% [markdown]
# Six routes here: one weight, then three units, then two outputs. With ten layers of a hundred units there
# are $100^9$, more than anybody can add up. The right-hand picture adds up all of them at the cost of a
# single run of the network, because each unit collects its blame once and passes it on. That is
# **back-propagation**, the subject of this lecture. You have seen the whole algorithm: the three lines of the
# cell above that make `blame`. By the end of part one you will have derived each of them.
#
# **You will be able to**
#
# - choose a loss and its last layer, and say which assumption about the noise stands behind it;
# - derive the gradient of a network of any depth, by hand, on a graph, and as four equations;
# - write back-propagation in twenty lines of NumPy and *prove* that it is right;
# - recognise a wrong gradient by the layers in which the proof fails;
# - train: initialise, choose an optimiser and a step, notice overfitting, and do the same in PyTorch (part two).
#
# **Know first:** Lecture 1; the derivative of a function of one variable; the chain rule.
# **Reading time:** 130 minutes, in two parts with a checkpoint between them. **Running time:** two minutes on
# a laptop.
#
# <details><summary>Maths and NumPy you need: partial derivatives, Hessians, likelihood, KL, einsum</summary>
#
# A *partial derivative* $\partial f/\partial x_1$ is the slope of $f$ when only $x_1$ moves: for
# $f = x_1^2 x_2$ it is $2x_1x_2$. The *gradient* collects all of them and points uphill.
#
# The *Hessian* is the table of second derivatives, $H_{ij} = \partial^2 f/\partial x_i\partial x_j$. It is
# symmetric; its *eigenvalues* are the curvatures along the directions in which it acts by mere stretching:
# `np.linalg.eigvalsh([[2, 0], [0, -2]])` gives $-2$ and $2$: bent down one way, up the other.
#
# A *likelihood* is the probability a model gives to the data we saw, seen as a function of the model: seven
# heads in ten tosses have likelihood $p^7(1-p)^3$, largest at $p = 0.7$:
# `p = np.linspace(0, 1, 101); p[np.argmax(p**7 * (1 - p)**3)]`. Its negative logarithm turns products into
# sums.
#
# The *Kullback-Leibler divergence* $\sum_k p_k\ln(p_k/q_k)$ measures how badly $q$ stands in for $p$; it is 0
# when they agree: `p = np.array([.5, .5]); q = np.array([.9, .1]); np.sum(p * np.log(p / q))` gives 0.511.
#
# `np.outer(a, b)` is the table of all products $a_ib_j$. `np.einsum("ni,nj->ij", A, D)` adds such tables up
# over the rows $n$ of two matrices, and is the same as `A.T @ D`. `A * D` multiplies entry by entry.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes (part one)</summary>
#
# 10 min losses (the table and the three traps), 15 min downhill (let the room vote on η), 20 min chain rule
# and the engine (stop before the topological sort and ask), 15 min 2-2-2 with the demo, 15 min the four
# equations, 15 min vectorised network and the three planted bugs. Can be skipped without loss for part two:
# TensorFlow's sessions, Haykin's signs, the port of the old listing.
#
# </details>
#
# ## 1 What the error is
#
# A network learns from one number, the **loss**. So the first decision is what to count as wrong. It comes
# together with a second one, the activation of the last layer, because the loss must be able to read what the
# network says. Write $y$ for the target and $\hat y$ for the network's answer; for classes, $p_k$ is the
# probability that the network gives to class $k$ and $y_k$ the one it should have given.
#
# | loss | formula | task | last layer | outputs |
# |---|---|---|---|---|
# | squared error, MSE (halved: quadratic cost) | $(y-\hat y)^2$ | regression, the default | linear | one per target |
# | absolute error, MAE or L1 | $\lvert y-\hat y\rvert$ | regression with outliers | linear | one per target |
# | squared logarithmic error, MSLE | $(\ln(1+y)-\ln(1+\hat y))^2$ | regression over orders of magnitude, values $>-1$ | linear, or softplus $\ln(1+e^z)$, which is never negative | one per target |
# | binary cross-entropy | $-y\ln p-(1-y)\ln(1-p)$ | two classes, $y\in\{0,1\}$ | sigmoid | 1 |
# | hinge | $\max(0,\,1-yf)$ | two classes, $y\in\{-1,+1\}$ | linear (tanh in some books) | 1 |
# | categorical cross-entropy | $-\sum_k y_k\ln p_k$ | one of $K$ classes, one-hot targets | softmax | $K$ |
# | sparse categorical cross-entropy | $-\ln p_y$ | the same, with the index of the class as target | softmax | $K$ |
# | Kullback-Leibler divergence | $\sum_k y_k\ln(y_k/p_k)$ | targets are probabilities themselves | softmax | $K$ |
#
# In Keras the last three are called `categorical_crossentropy`, `sparse_categorical_crossentropy` and
# `KLDivergence`; PyTorch has one `cross_entropy` for both encodings, fed with **logits**, the values before
# the softmax. The next two cells are the table again, as code, and each line is compared with a library.

# %%
quadratic = lambda Y_hat, Y: 0.5 * np.mean(np.sum((Y - Y_hat) ** 2, axis=-1))
mse = lambda Y_hat, Y: np.mean((Y - Y_hat) ** 2)
mae = lambda Y_hat, Y: np.mean(np.abs(Y - Y_hat))
msle = lambda Y_hat, Y: np.mean((np.log1p(Y) - np.log1p(Y_hat)) ** 2)
bce = lambda p, y: np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))
hinge = lambda f, y: np.mean(np.maximum(0, 1 - y * f))
categorical = lambda P, Y: np.mean(-np.sum(Y * np.log(P), axis=-1))
sparse = lambda P, y: np.mean(-np.log(P[np.arange(len(y)), y]))
kl = lambda P, Y: np.mean(np.sum(Y * np.log(Y / P), axis=-1))

# %%
three, five = np.array([[3.0]]), np.array([[5.0]])  # the network says 3, the target is 5
Z, y, Y = np.array([[2.0, 1.0, 0.0]]), np.array([0]), np.array([[1.0, 0.0, 0.0]])  # logits; class 0, twice
P, Q = np.array([[0.7, 0.2, 0.1]]), np.array([[0.5, 0.3, 0.2]])  # the network's and the true probabilities
t = torch.tensor
table = [  # loss, our value, the library's value, the printed digits
    ("quadratic (3, 5)", quadratic(three, five), F.mse_loss(t(three), t(five), reduction="sum") / 2, "2"),
    ("MSE (3, 5)", mse(three, five), F.mse_loss(t(three), t(five)), "4"),
    ("MAE (3, 5)", mae(three, five), F.l1_loss(t(three), t(five)), "2"),
    ("MSLE (3, 5)", msle(three, five), metrics.mean_squared_log_error(five, three), "0.164402"),
    ("binary CE, logit 0.3, y = 1", bce(sigmoid(0.3), 1), F.softplus(t(-0.3, dtype=float)), "0.554355"),
    ("hinge, f = 0.3, y = +1", hinge(0.3, 1), 2 * metrics.hinge_loss([1, -1], [0.3, -2.0]), "0.7"),
    ("categorical CE, one-hot", categorical(softmax(Z), Y), F.cross_entropy(t(Z), t(Y)), "0.407606"),
    ("sparse CE, index", sparse(softmax(Z), y), F.cross_entropy(t(Z), t(y)), "0.407606"),
    ("KL", kl(P, Q), F.kl_div(t(P).log(), t(Q), reduction="batchmean"), "0.092033"),
    ("cross-entropy of the same pair", categorical(P, Q), F.cross_entropy(t(P).log(), t(Q)), "1.121686"),
    ("entropy of the target alone", categorical(Q, Q), F.cross_entropy(t(Q).log(), t(Q)), "1.029653"),
]
for name, ours, theirs, printed in table:
    assert np.isclose(ours, float(theirs), rtol=0, atol=1e-12), name
    check.worked(name, ours, printed)

# %% [markdown]
# Every line agrees with scikit-learn or PyTorch. (scikit-learn's hinge wants to see both classes: it got a
# second example with loss 0, hence the factor 2.) The two cross-entropies are one loss in two encodings. The
# last three lines belong together: the Kullback-Leibler divergence is the cross-entropy less a number that
# the network cannot change, the *entropy* of the target. Its logarithm stands inside a sum weighted by the
# target; it is not the logarithm of one ratio.
#
# **Where losses come from.** Let the network describe a *probability* for every possible answer,
# $p_\text{model}(y\mid x)$, and ask for the weights under which the observed answers are most probable. This
# is **maximum likelihood**. Logarithms turn the product over examples into a sum, a minus sign turns the
# search for a peak into a descent: minimise the **negative log-likelihood**
# $-\mathbb E\ln p_\text{model}(y\mid x)$, where $\mathbb E$ is the mean over the examples. It is the
# cross-entropy between the data and the model.
#
# *A softmax model* gives the true class the probability $p_y$, so its negative log-likelihood is the
# categorical cross-entropy. *A Gaussian model* says $y = f(x) + $ noise of variance 1:
#
# $$-\ln\prod_i\frac{1}{\sqrt{2\pi}}e^{-(y_i-f_i)^2/2} = \frac12\sum_i(y_i-f_i)^2 + \frac n2\ln 2\pi .$$
#
# The constant does not move. What remains is *half* the sum of squares (now and then one reads "2 MSE",
# which for two examples is twice too much). So squared error is the right loss when errors scatter like a bell curve, absolute error when their tails are heavier (a Laplace distribution),
# cross-entropy when the answer is a class. A factor before the loss, ½ or 2, does not move its minimum, but
# it rescales every gradient, hence the best step: write down which one you use. *Predict* the half sum for
# $y = (1, 2)$ and $f = (0.5, 2.5)$; the first cell below has it.
#
# **Three traps**, for the second cell. *Predict* each before you run it.
#
# 1. Three sigmoids instead of a softmax, for logits $(2, 1, 0)$: what do the three "probabilities" add up to?
#    What loss do logits $(20, 20, 20)$ get, from a network that has no idea?
# 2. The range of the targets: hinge loss expects $\pm1$, MSLE needs values above $-1$. What happens to the
#    hinge loss of an example with the label 0?
# 3. The output needs **one unit per target**, not one per problem: below, 784 pixels are predicted at once.
#    What if a perfect prediction has lost its second axis?
#
# <details><summary>Answers</summary>
#
# With sigmoids the network wins by shouting "yes" to every class: loss 0, knowledge none. Softmax makes the
# classes compete, and the loss is $\ln 3$, that of a fair three-sided die. (Sigmoids are right when several
# labels may be true at once; then each output has its own *binary* cross-entropy.) A label 0 makes the hinge
# loss 1 whatever the network says. And `(5, 1) - (5,)` broadcasts to `(5, 5)`: every prediction is compared
# with every target. This course keeps predictions and targets at `(n, k)`, also when $k = 1$.
#
# </details>

# %%
y, f = np.array([1.0, 2.0]), np.array([0.5, 2.5])
nll = -np.log(np.prod(np.exp(-((y - f) ** 2) / 2) / np.sqrt(2 * np.pi)))
check.worked("Gaussian negative log-likelihood, its constant", [nll, np.log(2 * np.pi)], "2.087877 1.837877")
check.worked("½ sum of squares; 2 MSE is another", [np.sum((y - f) ** 2) / 2, 2 * mse(f, y)], "0.25 0.50")
P = softmax(np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 1.0]]))  # two independent examples, of classes 0 and 2
check.same("mean -log likelihood", sparse(P, np.array([0, 2])), -np.log(P[0, 0] * P[1, 2]) / 2, 1e-14)

# %%
check.worked("sigmoids: sum; clueless loss", [sigmoid(Z).sum(), -np.log(sigmoid(20.0))], "2.111856 2e-9")
check.worked("softmax: clueless loss", sparse(softmax(np.full((1, 3), 20.0)), np.array([0])), "1.098612")
assert [hinge(f, 0) for f in (-9.0, 0.3, 9.0)] == [1, 1, 1]  # label 0: no information
print("outputs", (np.zeros((5, 30)) @ np.zeros((30, 784))).shape)  # 5 examples, 30 hidden units, 784 targets
perfect = np.arange(5.0)[:, None]
print(f"MSE of a perfect fit: {mse(perfect, perfect)}, and {mse(perfect, perfect[:, 0])} by mistake")

# %% [markdown]
# ## 2 Downhill
#
# Take the smallest model there is, one weight: $\hat y = Wx$, and three examples $(0,0), (1,2), (2,4)$. As
# the loss take the *sum* of squared errors (SSE; everywhere else in the course the loss is a mean). *Predict*
# it for $W = 3$.
#
# At $W = 3$ there is an error. Which way should $W$ go? "There is an error, so raise $W$" leads to 4: look
# what it does to the SSE. The size of the error does not say which way; the **slope** does:
#
# $$\frac{d\,\text{SSE}}{dW} = \sum_i 2\,(Wx_i-y_i)\,x_i .$$
#
# Positive slope: the loss rises with $W$, so lower $W$. **Gradient descent** makes this a rule with a step
# size $\eta$, the *learning rate*: $W \leftarrow W - \eta\,d\,\text{SSE}/dW$. The same rule is often written
# with the error the other way round, $W \leftarrow W + 2\eta\sum_i(y_i-Wx_i)x_i$: desired minus actual takes
# a plus, actual minus desired a minus. *Predict* where three steps lead from $W = 3$ with $\eta = 0.05$, and
# with $0.10$ and $0.25$.

# %%
x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 4.0])
printed = {
    3: ("0 3 6", "0 1 2", "0 1 4", "5"),
    4: ("0 4 8", "0 2 4", "0 4 16", "20"),
    2: ("0 2 4", "0 0 0", "0 0 0", "0"),
}
for W, (outputs, errors, squares, total) in printed.items():
    check.worked(f"W = {W}: outputs", W * x, outputs)
    check.worked(f"W = {W}: absolute errors", np.abs(W * x - y), errors)
    check.worked(f"W = {W}: squared errors", (W * x - y) ** 2, squares)
    check.worked(f"W = {W}: SSE", np.sum((W * x - y) ** 2), total)

# %%
slope = lambda W: np.sum(2 * (W * x - y) * x)
check.worked("dSSE/dW at W = 3, 4, 2, 1", [slope(W) for W in (3, 4, 2, 1)], "10 20 0 -10")
at_three = np.array([3.0])
check.gradient("dSSE/dW at 3", lambda: np.sum((at_three * x - y) ** 2), at_three, np.array([slope(3)]))

def descend(W, eta, steps):
    path = [W]
    for _ in range(steps):
        W = W - eta * slope(W)
        path.append(W)
    return path

for eta, path in ((0.05, "3 2.5 2.25 2.125"), (0.10, "3 2 2 2"), (0.25, "3 0.5 4.25 -1.375")):
    check.worked(f"eta = {eta}", descend(3, eta, 3), path)

# %% [markdown]
# Raising $W$ would have taken the SSE from 5 to 20. For our three inputs the slope is
# $2\,(0^2+1^2+2^2)\,(W-2) = 10\,(W-2)$, so each step of descent multiplies the distance to the minimum at 2
# by $1 - 10\eta$; the 10 belongs to these $x$. That factor is a half at $\eta = 0.05$, zero at $0.1$ (lucky: the step that hits in one go
# exists because the loss is a parabola), and $-1.5$ at $0.25$, which **diverges**. Anything above $0.2$ does.
#
# The same loop trains every network of this course:
#
# ```
# 1 random weights → 2 run the examples → 3 compare with the targets → error small enough? → yes → 7 model ready
#                          ↑                                                 ↓ no
#                    6 adjust the weights ← 5 push it back, layer by layer ← 4 gradient at the output
# ```
#
# Back-propagation is steps 4 and 5: it finds the gradient, for a network whose weights sit on edges many
# layers from the output. Step 6 belongs to gradient descent or one of its relatives. Keep the two apart, and
# you will read the literature with less confusion.
#
# With two parameters, $\hat y = xW + b$ and $L = \frac1n\sum\lvert y-\hat y\rvert^2$: stand on the surface of
# the loss, look around for the steepest way down, take a step, repeat.

# %%
rng = np.random.default_rng(21)
X = rng.uniform(-1, 1, (30, 1))
Y = 1.5 * X - 0.5 + 0.2 * rng.normal(size=(30, 1))
W, b, path = np.array([[-1.0]]), np.array([1.5]), []
for _ in range(200):
    path.append((W[0, 0], b[0], mse(X @ W + b, Y)))
    delta = 2 * (X @ W + b - Y) / len(X)  # dL/dY_hat; the 1/n of the mean enters here
    W, b = W - 0.3 * X.T @ delta, b - 0.3 * delta.sum(axis=0)
check.same("slope and intercept, least squares", [W[0, 0], b[0]], np.polyfit(X[:, 0], Y[:, 0], 1), 1e-6)

slopes, shifts = np.meshgrid(np.linspace(-1.5, 4, 50), np.linspace(-3, 2, 50))
heights = np.mean((slopes[..., None] * X[:, 0] + shifts[..., None] - Y[:, 0]) ** 2, axis=-1)
fig = plt.figure(figsize=(5, 3.8))
ax = fig.add_subplot(projection="3d")
ax.plot_surface(slopes, shifts, heights, cmap=style.ORDERED, alpha=0.6)
ax.plot(*np.transpose(path), "o-", color=style.POSITIVE, markersize=3, zorder=5)
ax.set(title="The loss is a bowl, descent ends at its bottom", xlabel="$W$", ylabel="$b$", zlabel="loss")
plot.show(fig, "The loss over W and b: a bowl in three dimensions; the path of gradient descent runs down its "
          "side to the lowest point.")

# %% [markdown]
# The path runs down the side of the bowl. For a linear model with squared loss this *error surface* is a
# **paraboloid**, with one lowest point (it is sometimes called a hyperplane, which is flat: it is not). For a
# network it has passes, plateaus and several valleys, and descent reaches *a* valley, not always the lowest.
#
# **Critical points.** Descent stops where the gradient is zero, a **critical point**. Which kind it is, the
# second derivatives tell: all eigenvalues of the Hessian positive, a minimum; all negative, a maximum; mixed
# signs, a **saddle**. (An eigenvalue of zero decides nothing: $x^4$ and $-x^4$ look alike to second order.)
# With thousands of weights a critical point with *all* signs equal is rare, so saddles are the common
# obstacle. *Predict* the eigenvalues for $x^2 - y^2$ at the origin. (PyTorch supplies the Hessian in the first
# cell below; how it differentiates is the subject of section 3.)
#
# **A loop that never ends.** For *one* layer the update of step 6, $\Delta w = \eta\,(d - y)\,x$ with $d$ the
# desired and $y$ the actual output, is known as the **delta rule** (Widrow and Hoff, 1960). It is the
# one-layer ancestor of back-propagation, not another name for it: it has no way to give a hidden unit its
# share. A popular stopping rule says "until all examples are classified correctly". *Predict* when that will
# be for a linear unit on XOR.
#
# <details><summary>Answer</summary>
#
# Never: Lecture 1 proved that no line can do it. A loop needs a limit on its number of steps as well.
#
# </details>

# %%
for name, f, eigenvalues in (
    ("minimum, x² + y²", lambda p: p[0] ** 2 + p[1] ** 2, "2 2"),
    ("maximum, -x² - y²", lambda p: -(p[0] ** 2) - p[1] ** 2, "-2 -2"),
    ("saddle, x² - y²", lambda p: p[0] ** 2 - p[1] ** 2, "-2 2"),
):
    check.worked(name, np.linalg.eigvalsh(torch.autograd.functional.hessian(f, torch.zeros(2))), eigenvalues)

# %%
(X, d), w = data.gate("xor"), np.random.default_rng(22).normal(size=3)
X, all_right = np.column_stack([X, np.ones(4)]), False  # bias: the weight of a constant 1
for n in range(4000):
    w = w + 0.05 * (d[n % 4] - X[n % 4] @ w) * X[n % 4]
    all_right = all_right or np.all(np.sign(X @ w) == d)
print("1000 sweeps; all four right at some moment:", all_right)

# %% [markdown]
# ## 3 The chain rule on a graph
#
# If $z$ depends on $y$ and $y$ on $x$, the slopes multiply:
# $\frac{dz}{dx} = \frac{dz}{dy}\cdot\frac{dy}{dx}$. If $x_i$ reaches $z$ through several $y_j$, the routes
# add up:
#
# $$\frac{\partial z}{\partial x_i} = \sum_j\frac{\partial z}{\partial y_j}\,\frac{\partial y_j}{\partial x_i}.$$
#
# That is all the calculus of this lecture. By hand: $z = y^2$ with $y = 3x + 1$ at $x = 1$ gives
# $8\cdot3 = 24$. And $z = y_1y_2$ with $y_1 = 2x_1 + x_2$, $y_2 = x_1x_2$ at $x = (1, 3)$, where
# $y = (5, 3)$: multiply the row of slopes $\partial z/\partial y = (3, 5)$ by the table of slopes
# $\partial y_j/\partial x_i$.
#
# A slope is a promise about *small* steps. For $a = \sigma(wa_0 + b)$, moving the bias by $\Delta b$ moves
# the activation by $\Delta a \approx \sigma'(z)\,\Delta b$. Equality holds in the limit only. *Predict:* make
# $\Delta b$ ten times smaller; how much smaller does the relative error of the promise become? And what would
# a step function promise?

# %%
x = np.array([1.0])
check.gradient("z = (3x + 1)²", lambda: (3 * x[0] + 1) ** 2, x, np.array([8.0 * 3.0]))
x = np.array([1.0, 3.0])
dz_dy, dy_dx = np.array([3.0, 5.0]), np.array([[2.0, 1.0], [3.0, 1.0]])  # row j, column i
check.worked("two routes to x1, two to x2", dz_dy @ dy_dx, "21 8")
check.gradient("z = (2x1 + x2) · x1x2", lambda: (2 * x[0] + x[1]) * x[0] * x[1], x, dz_dy @ dy_dx)

# %%
z = 0.8 * 0.5 + 0.1  # w = 0.8, a0 = 0.5, b = 0.1
slope = sigmoid(z) * (1 - sigmoid(z))
for db in (1.0, 0.1, 0.01, 0.001):
    change = sigmoid(z + db) - sigmoid(z)
    print(f"db = {db}: change {change:.3g}, relative error of the promise {slope * db / change - 1:.1e}")
print("step function, db = 0.001:", np.heaviside(z + 0.001, 0.5) - np.heaviside(z, 0.5))

# %% [markdown]
# Ten times smaller as well: the error of the promise is of the order of the step. A step unit changes by
# nothing or by everything, so it can promise nothing. This is why we want **smooth activations**: a small
# change of a weight must make a small change of the output, or there is no direction to learn in.
#
# **One expression, by hand.** A **computation graph** has one node for each operation. Take
# $a = (b + c)(c + 2)$ with $d = b + c$, $e = c + 2$, $a = d\cdot e$, at $b = 2$, $c = 1$. Forward: $d = 3$,
# $e = 3$, $a = 9$. Backward: $\partial a/\partial d = e = 3$ and $\partial a/\partial e = d = 3$. Then $b$ is
# reached by one route, $3\cdot1 = 3$; *predict* $\partial a/\partial c$, which has two.
#
# Then step through it in the demo: values flow forward, gradients back, any leaf can be edited. The question
# to answer with it: *for which $b$ and $c$ does $c$ matter twice as much as $b$?*
#
# <details><summary>Answer</summary>
#
# $\partial a/\partial c = d + e$ is to be twice $\partial a/\partial b = e$, so $d = e$: whenever $b = 2$.
#
# </details>

# %%
b, c = np.array([2.0]), np.array([1.0])
d, e = b + c, c + 2
check.worked("d, e, a", [d, e, d * e], "3 3 9")
check.worked("da/db, da/dc", [e * 1, e * 1 + d * 1], "3 6")
check.gradient("da/dc", lambda: ((b + c) * (c + 2))[0], c, e + d)

# %%
ComputationGraph("product")

# %% [markdown]
# **A machine that does it.** We now write an engine that differentiates any such expression. A `Value` is a
# number that remembers which numbers it was made of and, for each of them, the local slope. Sum and product
# fill this in as they compute; any other function would be one more method. Going back is one double loop:
# each node hands its gradient, times the local slope, to its parents. The gradients *add up* (`+=`), because
# routes add up. The order of the nodes is left open for the moment.

# %%
class Value:
    """A number that remembers how it was made: from `parents`, with one local slope for each."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

# %%
def sweep(order):
    """Set the gradients of all nodes in `order`, which starts with the output."""
    order[0].grad = 1.0
    for node in order:
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope * node.grad

# %% [markdown]
# The first order that comes to mind: the output, then its parents, then their parents, each when it is first
# met. We try it on the expression above, which has $a = 9$ and the slopes 3 and 6. Then on one that uses a
# node *in the middle* twice: $d = b + c$, $a = d\,(d + 2) = d^2 + 2d$. At $d = 3$ that is 15, with the slope
# $2d + 2 = 8$, for $b$ and for $c$. *Predict:* does `first_come` get both right?

# %%
def first_come(output):
    order = [output]
    for node in order:  # grows while we walk along it
        order += [p for p in node.parents if p not in order]
    return order

# %%
def product(b, c):
    return (b + c) * (c + Value(2.0))

def used_twice(b, c):
    d = b + c
    return d * (d + Value(2.0))

def run(expression, find_order):
    b, c = Value(2.0), Value(1.0)
    a = expression(b, c)
    sweep(find_order(a))
    return [a.data, b.grad, c.grad]

check.worked("first come, (b + c)(c + 2): a, da/db, da/dc", run(product, first_come), "9 3 6")
check.worked("first come, d(d + 2), should be 15 8 8", run(used_twice, first_come), "15 5 5")

# %% [markdown]
# The first is right, the second wrong. First come, first served lets $d$ pass on its gradient when only the 5
# along the direct route has arrived; the 3 that comes through $e = d + 2$ arrives too late. (Visiting $d$
# again when the 3 arrives does not mend it: then the 5 is passed on twice.) A node must speak **once, and
# only after everybody who uses it has spoken**. An order with this property is a **topological order**. To
# find one, let each node enter a list after all its parents, and read the list backwards. With it our engine
# is complete (it is in the spirit of Andrej Karpathy's *micrograd*, 2020). PyTorch records the same kind of
# graph while an expression runs, and its `backward()` sweeps in topological order.

# %%
def topological(output):
    order, seen = [], set()
    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)  # all its parents are in the list already
    visit(output)
    return order[::-1]

# %%
check.worked("topological, (b + c)(c + 2)", run(product, topological), "9 3 6")
check.worked("topological, d(d + 2)", run(used_twice, topological), "15 8 8")
b, c = torch.tensor(2.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
a = (b + c) * (c + 2)
a.backward()
print("PyTorch, (b + c)(c + 2):", a.item(), b.grad.item(), c.grad.item())

# %% [markdown]
# **Why backwards?** Here are three ways to get the slope of one output with respect to every unit of the
# first layer, in a network of eight layers of four units. Nudging each unit and running the network again is
# a run per unit (and for weights: one run per *weight*). Summing over all routes is worse, as the opening
# said. The third is the same recursion with one extra line: *store* what has been computed, and reuse it.
# Computer science calls that **dynamic programming**. (`functools.cache(f)` returns an `f` that remembers its
# answers. Under the old name it also serves the calls that `blame_of` makes to itself.) *Predict* the number of multiplications of the last two
# before you run the first cell below.
#
# <details><summary>Answer</summary>
#
# Routes become four times as many with every layer: $4 + 4^2 + \dots$ from each of four units. Stored results
# cost $4\cdot4$ products a layer.
#
# </details>
#
# **Back-propagation is the chain rule evaluated from the output, with stored results.** It starts at the
# output because there is one loss and there are many weights: one sweep serves all of them, at about twice
# the cost of a forward run.
#
# **What older code does, and what replaced it.** **TensorFlow** (Google, 2015) is open-source software for
# numerical computation on CPUs, GPUs and TPUs, from a desktop to a cluster to a phone. Its first version
# *described* the graph and ran it later: you named constants and variables, combined them to operations,
# created an operation that initialises the variables, opened a `Session`, and only `session.run(...)`
# produced numbers. The second cell is that style in plain Python, with a slip often seen: without its
# brackets, `init_op` assigns the *function*, not what it returns, and nothing complains until much later.
# TensorFlow 2 (2019) and PyTorch (2016) are **eager**: an expression is computed at once, with its values in
# sight, and **autograd** records the graph on the way, as in the PyTorch lines above. **Keras** (François
# Chollet, 2015) is a high-level Python interface over several such engines. Older texts list Theano and CNTK
# among them, which are no longer developed; Keras 3 runs on TensorFlow, JAX and PyTorch.

# %%
def blame_of(l, j):
    """d(first output) / d(unit j of layer l) in a linear network with the matrices Ws[0], Ws[1], ..."""
    if l == len(Ws):
        return float(j == 0)
    products.extend(Ws[l][j])  # to count them
    return sum(w * blame_of(l + 1, k) for k, w in enumerate(Ws[l][j]))

Ws = np.random.default_rng(23).normal(size=(8, 4, 4))
for how in ("all routes", "stored results"):
    if how == "stored results":
        blame_of = functools.cache(blame_of)  # the extra line
    products = []
    assert np.allclose([blame_of(0, j) for j in range(4)], np.linalg.multi_dot(Ws)[:, 0])
    print(f"{how}: {len(products)} products")

# %%
graph = {"d": lambda run: run("b") + run("c"), "a": lambda run: run("d") * (run("c") + 2.0)}
global_variables_initializer = lambda: {"b": 2.0, "c": 1.0}
init_op = global_variables_initializer  # the slip: () is missing
variables = global_variables_initializer()
session_run = lambda name: variables[name] if name in variables else graph[name](session_run)
print("a =", session_run("a"), "and init_op is a", type(init_op).__name__)

# %% [markdown]
# ## 4 The 2-2-2 network, to every digit
#
# Now a network by hand, small enough to check with a pocket calculator (the numbers are those of a widely
# used worked example by Matt Mazur, 2015). Two inputs, two hidden units, two outputs, logistic activations
# everywhere. Weights $w_1 \ldots w_4$ lead to the hidden units, $w_5\ldots w_8$ to the outputs; each layer
# has one bias that its two units share. The loss is the *sum* $E = \frac12\sum(t-o)^2$ over the outputs. In
# our notation a column of `W1` belongs to a hidden unit: $w_1, w_2$ lead to the first, $w_3, w_4$ to the
# second.
#
# **Step 1, forward.** *Predict* roughly: with a target of 0.01 and all weights positive, is the first output
# too large or too small?
#
# The second cell is the same network to step through, for every number of this section. Find in it the two
# routes from $w_1$ to $E$, and the node where their gradients meet.
#
# <details><summary>Answer</summary>
#
# The routes part at $h_1$, one through $o_1$, one through $o_2$; on the way back the two gradients are added
# up at $h_1$, before anything is passed on to $w_1$.
#
# </details>

# %%
x, t = np.array([0.05, 0.10]), np.array([0.01, 0.99])
W1, b1 = np.array([[0.15, 0.25], [0.20, 0.30]]), 0.35
W2, b2 = np.array([[0.40, 0.50], [0.45, 0.55]]), 0.60
eta = 0.5

z1 = x @ W1 + b1
a1 = sigmoid(z1)
check.worked("net input of the hidden units", z1, "0.3775 0.3925")
check.worked("hidden outputs h1, h2", a1, "0.593269992 0.596884378")
z2 = a1 @ W2 + b2
a2 = sigmoid(z2)
check.worked("net input, output o1", [z2[0], a2[0]], "1.105905967 0.751365070")
check.worked("net input, output o2", [z2[1], a2[1]], "1.224921404 0.772928465")
errors = 0.5 * (t - a2) ** 2
check.worked("E1, E2, E", [*errors, errors.sum()], "0.274811083 0.023560026 0.298371109")
check.worked("a slip: 1/1 + e^-net, brackets forgotten", 1 / 1 + np.exp(-z2[0]), "1.330911")

# %%
ComputationGraph("2-2-2")

# %% [markdown]
# The first output is far too large. (The slip in the last line is common: a "probability" of 1.33 should make
# you suspicious.)
#
# **Step 2, backward.** $w_5$ leads from $h_1$ to $o_1$. It moves the net input, that moves the output, that
# moves the error:
#
# $$\frac{\partial E}{\partial w_5} = \frac{\partial E}{\partial o_1}\cdot\frac{\partial o_1}{\partial \text{net}_1}\cdot\frac{\partial \text{net}_1}{\partial w_5} = -(t_1-o_1)\cdot o_1(1-o_1)\cdot h_1 .$$
#
# The first two factors belong to the output unit and serve all its weights. Their product is its $\delta$.
#
# "The other weights similarly" is where most readers get stuck, so they are in the second cell. For the
# output layer, `np.outer` makes all products of an $h$ and a $\delta$. A hidden unit reaches the error
# through *both* outputs, so its blame is a sum over the two weights that leave it, with the **old** values of
# $w_5\ldots w_8$:
#
# $$\delta_{h_1} = (w_5\,\delta_{o_1} + w_7\,\delta_{o_2})\cdot h_1(1-h_1).$$

# %%
dE_do, do_dnet = -(t - a2), a2 * (1 - a2)
check.worked("dE/do1, do1/dnet1, h1", [dE_do[0], do_dnet[0], a1[0]], "0.741365070 0.186815602 0.593269992")
delta2 = dE_do * do_dnet
check.worked("delta of o1, o2", delta2, "0.138498562 -0.038098237")
check.worked("dE/dw5", delta2[0] * a1[0], "0.082167041")
check.worked("w5 after one step", W2[0, 0] - eta * delta2[0] * a1[0], "0.358916480")

# %%
delta1 = (W2 @ delta2) * a1 * (1 - a1)
check.worked("delta of h1, h2", delta1, "0.008771355 0.009954255")
dW1, dW2 = np.outer(x, delta1), np.outer(a1, delta2)
W1_new, W2_new = W1 - eta * dW1, W2 - eta * dW2
check.worked("w1 w2 w3 w4", W1_new.T, "0.149780716 0.199561432 0.249751144 0.299502287")
check.worked("w5 w6 w7 w8", W2_new.T, "0.358916480 0.408666186 0.511301270 0.561370121")

# %% [markdown]
# **Step 3, repeat.** As a procedure: *for every example, run it forward; compare with the teacher's output;
# compute the corrections from the hidden to the output layer; from them those from the input to the hidden
# layer; then change the weights; stop when the error is small enough, or after so many rounds.* The biases
# stay fixed in the original example; `bias` says what happens if they learn as well.
#
# And `early` makes the tempting mistake: to change $w_5\ldots w_8$ *before* sending their error back, so that
# the hidden units are blamed along weights that did not make the error. *Predict:* would you see it in the
# error after 10 000 updates?
#
# <details><summary>Answer</summary>
#
# No. It even ends a little lower here. The loss falls, the outputs look right, and the gradient is wrong. You
# cannot see such a bug in a learning curve; section 7 shows how to catch it.
#
# </details>

# %%
def learn(steps, bias="fixed", early=False):
    """Train the 2-2-2 network; return the error and the outputs after `steps` updates."""
    V1, V2, c1, c2 = W1, W2, np.full(2, b1), np.full(2, b2)
    share = {"fixed": lambda d: 0, "one per layer": lambda d: d.sum(), "one per unit": lambda d: d}[bias]
    for _ in range(steps):
        h = sigmoid(x @ V1 + c1)
        o = sigmoid(h @ V2 + c2)
        d2 = (o - t) * o * (1 - o)
        V2_new = V2 - eta * np.outer(h, d2)
        d1 = ((V2_new if early else V2) @ d2) * h * (1 - h)
        V1, V2 = V1 - eta * np.outer(x, d1), V2_new
        c1, c2 = c1 - eta * share(d1), c2 - eta * share(d2)
    o = sigmoid(sigmoid(x @ V1 + c1) @ V2 + c2)
    return [0.5 * np.sum((t - o) ** 2), *o]

# %%
check.worked("E after one update", learn(1)[0], "0.291027774")
check.worked("with one learning bias per layer", learn(1, "one per layer")[0], "0.285750887")
check.worked("with a learning bias per unit", learn(1, "one per unit")[0], "0.280471447")
check.worked("E, o1, o2 after 10 000 updates", learn(10_000), "3.51019e-5 0.015914 0.984064")
check.worked("E, output layer changed too early", learn(10_000, early=True)[0], "3.50848e-5")

# %% [markdown]
# ## 5 Four equations
#
# What we did for eight weights, we now do for all networks. The algorithm became widely known through
# Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323, 533–536
# (1986), four pages well worth reading; the idea has several earlier inventors, Linnainmaa (1970) and Werbos
# (1974) among them. What the authors stressed is what the perceptron rule could not do: the *hidden* units
# come to represent features that nobody told them about.
#
# First in the notation of many textbooks (Nielsen's, for one): a *column* vector for one example,
# $z^l = w^la^{l-1} + b^l$, $a^l = \sigma(z^l)$, where $w^l_{jk}$ leads **from** unit $k$ of layer $l-1$
# **to** unit $j$ of layer $l$. The cost of one example is $C = \frac12\lVert y - a^L\rVert^2$, and the
# **error** of a unit is $\delta^l_j = \partial C/\partial z^l_j$: how the cost changes per change of the net
# input of unit $j$.
#
# Products entry by entry are written $\odot$ (**Hadamard product**; `*` in NumPy). It is not the dot product:
# $[1,2]\odot[3,4] = [3,8]$, while $[1,2]\cdot[3,4] = 11$.
#
# **BP1, the error of the output.** $z^L_j$ acts on $C$ through $a^L_j$ alone, so the scalar chain rule gives
# $\delta^L_j = \frac{\partial C}{\partial a^L_j}\,\sigma'(z^L_j)$, for the quadratic cost
# $(a^L_j - y_j)\,\sigma'(z^L_j)$. For all units, with $\nabla_aC$ for the column of all
# $\partial C/\partial a^L_j$:
#
# $$\delta^L = \nabla_a C\odot\sigma'(z^L) \tag{BP1}$$
#
# **BP2, one layer back.** $z^l_k$ acts through all units of the next layer, so the vector chain rule sums
# over them: $\delta^l_k = \sum_j\delta^{l+1}_j\,\partial z^{l+1}_j/\partial z^l_k$. Since
# $z^{l+1}_j = \sum_k w^{l+1}_{jk}\sigma(z^l_k) + b^{l+1}_j$, the slope is $w^{l+1}_{jk}\,\sigma'(z^l_k)$. The
# sum runs over the *first* index of $w$, hence the transpose:
#
# $$\delta^l = \big((w^{l+1})^\top\delta^{l+1}\big)\odot\sigma'(z^l) \tag{BP2}$$
#
# **BP3 and BP4, the gradients.** $b^l_j$ moves $z^l_j$ one to one; $w^l_{jk}$ moves it $a^{l-1}_k$ to one:
#
# $$\frac{\partial C}{\partial b^l_j} = \delta^l_j \tag{BP3}$$
#
# $$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k\,\delta^l_j \tag{BP4}$$
#
# BP4 explains a lot: a weight learns slowly if its input is near 0, and, by BP1 and BP2, if its unit is
# saturated, $\sigma'\approx0$.
#
# **The algorithm, in five steps:** (1) input: set $a^0 = x$; (2) feed forward: $z^l$ and $a^l$ for every
# layer, and keep them; (3) output error by BP1; (4) back-propagate by BP2; (5) read off the gradients by BP3
# and BP4. In one picture: look back at the two networks at the opening. The right-hand graph is the
# **adjoint** of the left: the same edges and weights, all arrows turned, sums where the signal branched. Now
# on the 2-2-2 network; the second cell nudges each parameter both ways, by **finite differences**, which know
# nothing of the chain rule.

# %%
check.worked("Hadamard product, dot product", [*(np.array([1, 2]) * [3, 4]), np.array([1, 2]) @ [3, 4]], "3 8 11")
w1, w2 = W1.T.copy(), W2.T.copy()  # w1, w2 are matrices now: w_jk, to unit j from unit k
c1, c2 = np.full((2, 1), b1), np.full((2, 1), b2)
x_col, y_col = x[:, None], t[:, None]  # 1 input
h_col = sigmoid(w1 @ x_col + c1)  # 2 feed forward
o_col = sigmoid(w2 @ h_col + c2)
error2 = (o_col - y_col) * o_col * (1 - o_col)  # 3 BP1
error1 = (w2.T @ error2) * h_col * (1 - h_col)  # 4 BP2
gradients = {"w1": error1 @ x_col.T, "b1": error1, "w2": error2 @ h_col.T, "b2": error2}  # 5 BP3, BP4

# %%
cost = lambda: 0.5 * np.sum((y_col - sigmoid(w2 @ sigmoid(w1 @ x_col + c1) + c2)) ** 2)
for (name, gradient), parameter in zip(gradients.items(), (w1, c1, w2, c2)):
    check.same(f"{name}: finite differences", check.numerical_gradient(cost, parameter), gradient, 1e-9)
check.same("w1: columns, and the rows of section 4", gradients["w1"].T, dW1, 1e-14)

# %% [markdown]
# All four agree.
#
# **Rows, for a whole batch.** From here on this course uses *rows*: an example is a row of
# $X$, a batch is a matrix, and $W$ is $w^\top$, shape `(n_in, n_out)`. Transpose the four equations, and
# stack $n$ examples:
#
# | | column, one example | row, a batch, loss = mean | code |
# |---|---|---|---|
# | BP1 | $\delta^L = \nabla_aC\odot\sigma'(z^L)$ | $\Delta^L = \frac1n\nabla_AC\odot\sigma'(Z^L)$ | `delta = dC_dA * df / n` |
# | BP2 | $\delta^l = ((w^{l+1})^\top\delta^{l+1})\odot\sigma'(z^l)$ | $\Delta^l = (\Delta^{l+1}W_{l+1}^\top)\odot\sigma'(Z^l)$ | `delta = (delta @ W.T) * df` |
# | BP3 | $\partial C/\partial b^l = \delta^l$ | $dB = $ sum of the rows of $\Delta^l$ | `db = delta.sum(axis=0)` |
# | BP4 | $\partial C/\partial w^l = \delta^l(a^{l-1})^\top$ | $dW = (A^{l-1})^\top\Delta^l$ | `dW = A.T @ delta` |
#
# The $1/n$ of the mean enters **once, at the output**, and travels back with everything else. The matrix
# product in BP4 does the sum over the batch. Written for columns this is the **mini-batch rule**, for $m$
# examples: $w^l\leftarrow w^l-\frac\eta m\sum_x\delta^{x,l}(a^{x,l-1})^\top$ and
# $b^l\leftarrow b^l-\frac\eta m\sum_x\delta^{x,l}$. The two must agree; the first cell below compares them.
#
# Which index is the destination? Rumelhart, Hinton and Williams write $x_j = \sum_iy_iw_{ji}$ and
# $y_j = 1/(1+e^{-x_j})$: their $x$ is our $z$, their $y$ our $a$, and $w_{ji}$ leads *to* $j$ *from* $i$, as
# in the column form. Other texts write $w_{ij}$ for the very same weight, or change the order between pages.
# *Predict*, for the second cell: what happens when the transpose is forgotten in the 2-2-2 network?

# %%
rng = np.random.default_rng(25)
A, errors, W, b = (rng.normal(size=s) for s in ((7, 3), (7, 4), (3, 4), 4))  # 7 examples, 3 inputs, 4 units
delta = errors / 7  # rows: 1/n once, here
w_columns = W.T - 0.5 / 7 * sum(d[:, None] @ a[None, :] for d, a in zip(errors, A))
check.same("mini-batch rule, rows and columns", W - 0.5 * A.T @ delta, w_columns.T, 1e-14)
check.same("mini-batch rule, biases", b - 0.5 * delta.sum(axis=0), b - 0.5 / 7 * sum(errors), 1e-14)

# %%
loops = [sum(x[i] * w1[j, i] for i in range(2)) + b1 for j in range(2)]  # 1986, index by index
check.same("loops, row form", np.array(loops), x @ W1 + b1, 1e-14)
print("square, wrong transpose:", (x @ W1.T + b1).round(4), "for", z1.round(4))

# %% [markdown]
# Nothing complains, because the layer is square: the slip is silent. So test with layers that are *not*
# square, as all checks of this course do.
#
# The rest of this section is for readers of two well-known books. On a first reading, go on to section 6.
#
# **Haykin's two cases, and his sign.** Haykin's textbook *Neural Networks and Learning Machines* tells the
# same story with other letters.
#
# <details><summary>The two cases in Haykin's letters</summary>
#
# Net input ("local field") $v_j=\sum_{i=0}^m w_{ji}y_i$ (with $y_0=1$ for the
# bias), output $y_j = \varphi_j(v_j)$, desired output $d_j$, error signal $e_j = d_j - y_j$, error energy
# $\mathcal E_j = \frac12e_j^2$ and $\mathcal E = \frac12\sum_{j\in C}e_j^2$ over the set $C$ of output units.
# A weight changes by $\Delta w_{ji} = -\eta\,\partial\mathcal E/\partial w_{ji}$. Haykin calls this the
# *delta rule* for hidden units too; the one-layer rule of section 2 is its oldest case. In this course the
# name stays with one layer.
#
# *Case 1, output unit.* Four factors,
# $\frac{\partial\mathcal E}{\partial e_j}\frac{\partial e_j}{\partial y_j}\frac{\partial y_j}{\partial v_j}\frac{\partial v_j}{\partial w_{ji}} = e_j\cdot(-1)\cdot\varphi_j'(v_j)\cdot y_i$,
# so the gradient is $-e_j\varphi_j'(v_j)y_i$. With the **local gradient**
# $\delta_j = -\partial\mathcal E/\partial v_j = e_j\varphi_j'(v_j)$ this becomes
# $\Delta w_{ji} = \eta\,\delta_j\,y_i$: learning rate × local gradient × input.
#
# *Case 2, hidden unit.* It has no desired output of its own.
# $\delta_j = -\frac{\partial\mathcal E}{\partial y_j}\varphi_j'(v_j)$, where the units $k$ that $j$ feeds
# report back:
# $\frac{\partial\mathcal E}{\partial y_j} = \sum_ke_k\frac{\partial e_k}{\partial v_k}w_{kj} = -\sum_k\delta_kw_{kj}$,
# with $v_k = \sum_{j=0}^m w_{kj}y_j$ and $\partial e_k/\partial v_k = -\varphi_k'(v_k)$. Hence
# $\delta_j = \varphi_j'(v_j)\sum_k\delta_kw_{kj}$. In words: a *forward pass* with the weights fixed, which
# computes all signals; a *backward pass* that starts from the derivative of the squared error and computes
# all local gradients; then the weights change, and the loop goes on to the next example.
#
# </details>
#
# These are BP1 and BP2 **with the sign flipped**: his $\delta$ is *minus* the slope, so his update has a
# plus. Mixing one book's $\delta$ with the other's update climbs the hill. And $m$ counts the units that feed
# the unit in question: it is the number of inputs in the first sum and the number of hidden units in the sum
# for $v_k$. Both cells below are in his letters.

# %%
e_k, phi_slope_k, phi_slope_j = t - a2, a2 * (1 - a2), a1 * (1 - a1)
haykin_k = e_k * phi_slope_k  # case 1
haykin_j = phi_slope_j * (haykin_k @ w2)  # case 2: w2[k, j] leads from j to k
check.worked("local gradients of the outputs", haykin_k, "-0.138498562 0.038098237")
check.worked("local gradients of the hidden units", haykin_j, "-0.008771355 -0.009954255")

# %%
check.same("minus our delta", haykin_j, -delta1, 1e-14)
check.same("his update, ours", w2 + eta * np.outer(haykin_k, a1), W2_new.T, 1e-14)
w_ji, w_kj = np.ones((4, 1 + 3)), np.ones((2, 1 + 4))  # a 3-4-2 network, the bias as weight number 0
assert (w_ji.shape[1] - 1, w_kj.shape[1] - 1) == (3, 4)  # two sums, two different m

# %% [markdown]
# Same numbers, opposite sign, the same new weights.
#
# **An old listing, and its port.** The best-known short program for this is the `Network` class of Michael
# Nielsen's book (2015), a method `backprop` that keeps a list of all activations and a list of all $z$,
# starts from the last layer with the helpers `cost_derivative` ($a - y$), `sigmoid` and `sigmoid_prime`, and
# walks back with *negative* indices: `-1` is the last layer, `-2` the one before. It was written for Python
# 2. Two things break when it is copied today: `xrange` is gone, and if the helpers slip into the class by
# indentation, the bare name `sigmoid` is not found. The first cell shows both in miniature. The second is a
# port in our own words, with `range`, and with the helpers at the top level.

# %%
slipped = "class Network:\n def f(self, a): return sigmoid(a)\n def sigmoid(z): return z\nNetwork().f(0.5)"
for listing in ("for l in xrange(2, 3): pass", slipped):
    try:
        exec(listing, {})
    except NameError as problem:
        print(f"NameError: {problem}")

# %%
sigmoid_prime = lambda z: sigmoid(z) * (1 - sigmoid(z))
cost_derivative = lambda a, y: a - y

def backprop_lists(weights, biases, x, y):
    """Gradients for one example in columns: lists of db and dw, one entry a layer."""
    a_list, z_list = [x], []
    for w, b in zip(weights, biases):
        z_list.append(w @ a_list[-1] + b)
        a_list.append(sigmoid(z_list[-1]))
    error = cost_derivative(a_list[-1], y) * sigmoid_prime(z_list[-1])
    db, dw = [error], [error @ a_list[-2].T]
    for l in range(2, len(weights) + 1):  # l = 2 is the last but one
        error = (weights[-l + 1].T @ error) * sigmoid_prime(z_list[-l])
        db.insert(0, error)
        dw.insert(0, error @ a_list[-l - 1].T)
    return db, dw

db, dw = backprop_lists([w1, w2], [c1, c2], x_col, y_col)
check.worked("dE/dw5", dw[-1][0, 0], "0.082167041")
check.same("the other layer", dw[0].T, dW1, 1e-14)

# %% [markdown]
# ## 6 The network in twenty lines
#
# The port works, and it treats one example at a time. Now the whole batch at once, in less code. All layers
# go into one flat list, `params = [W1, b1, W2, b2, ...]`; all activations into another,
# `A = [A0, A1, ..., AL]` with `A0 = X`. The last entry holds the logits: no activation there, it belongs to
# the loss. Weights start as normal numbers of variance $2/n_\text{in}$, biases at 0; part two shows why.
#
# BP1 and BP2 ask for $\sigma'(z)$. All our activations know their slope from their *output*: sigmoid
# $a(1-a)$, tanh $1-a^2$, ReLU $a>0$. So `backward` needs the list of activations and a function `df(A)`, no
# list of $Z$. Each line is one of the four equations; BP1 comes in with `delta`. The inputs need no gradient,
# so the first layer skips the most expensive product of all.

# %%
def relu(Z):
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

# %%
def backward(params, A, delta, df):
    """Gradients in the order of params; delta = dL/dZ of the last layer; df(A) = slope of f."""
    grads = []
    for l in range(len(params) - 2, -1, -2):
        A_in = A[l // 2]
        grads = [A_in.T @ delta, delta.sum(axis=0), *grads]  # BP4, BP3
        if l > 0:
            delta = (delta @ params[l].T) * df(A_in)  # BP2
    return grads

# %% [markdown]
# For softmax and cross-entropy BP1 is short. Lecture 1 derived it for one layer: the slope of the loss with
# respect to the logits is probability minus target, $(P - Y)/n$. It fades only as the answer becomes right,
# so this pair of loss and last layer does not stall when it is badly wrong. The largest logit is subtracted
# first, so that `exp` never overflows.

# %%
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

# %%
rng = np.random.default_rng(26)
Z, y = rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
loss, delta = loss_and_delta(Z, y)
check.same("loss, as in lecture 1", loss, cross_entropy(Z, y), 1e-14)
check.same("delta is (P - Y) / n", delta, (softmax(Z) - one_hot(y, 3)) / 5, 1e-14)
check.gradient("delta", lambda: loss_and_delta(Z, y)[0], Z, delta)

# %% [markdown]
# ## 7 Prove it
#
# A gradient that is nearly right trains nearly as well, and hides for months. So we never believe one without
# proof. The **gradient check** moves every parameter by $\pm10^{-6}$, compares the change of the loss with
# the gradient, and reports the worst relative error. The first cell below does it for networks of one to four
# layers with three activations, no layer square, no bias zero. Errors of $10^{-9}$ to $10^{-7}$ are the
# rounding of float64. As a rule: below $10^{-6}$, right; above $10^{-3}$, a bug.
#
# **What a failing check looks like.** In the second cell we plant three bugs, in a network whose layers *are*
# square, for once, so that nothing crashes: a forgotten transpose in BP2, a forgotten slope $\sigma'$, and
# $1/n$ applied twice. *Predict*, for each bug, which layers' gradients come out wrong.

# %%
slopes = {"relu": (relu, lambda A: A > 0), "sigmoid": (sigmoid, lambda A: A * (1 - A)),
          "tanh": (np.tanh, lambda A: 1 - A * A)}  # fmt: skip

def gradient_errors(params, X, y, f, grads):
    """The relative error of each gradient in the list."""
    loss = lambda: loss_and_delta(forward(params, X, f)[-1], y)[0]
    return [check.relative_error(check.numerical_gradient(loss, p), dp) for p, dp in zip(params, grads)]

rng, worst = np.random.default_rng(27), 0.0
for sizes in ((4, 3), (4, 6, 3), (4, 7, 5, 3), (4, 6, 5, 7, 3)):
    for f, df in slopes.values():
        params = [p + 0.1 * rng.normal(size=p.shape) for p in init(sizes, rng)]
        X, y = rng.normal(size=(6, 4)), rng.integers(0, 3, 6)
        A = forward(params, X, f)
        grads = backward(params, A, loss_and_delta(A[-1], y)[1], df)
        worst = max(worst, *gradient_errors(params, X, y, f, grads))
check.same("worst relative error of 12 networks", worst, 0.0, 1e-6)

# %%
params = [p + 0.1 * rng.normal(size=p.shape) for p in init((4, 4, 4, 4), rng)]
X, y, (f, df) = rng.normal(size=(6, 4)), rng.integers(0, 4, 6), slopes["tanh"]
A = forward(params, X, f)
delta = loss_and_delta(A[-1], y)[1]
bugs = {
    "none": backward(params, A, delta, df),
    "no transpose": backward([p.T for p in params], A, delta, df),
    "no slope": backward(params, A, delta, lambda A: 1.0),
    "1/n twice": backward(params, A, delta / len(X), df),
}
for bug, grads in bugs.items():
    e1, e2, e3 = gradient_errors(params, X, y, f, grads)[::2]  # of W1, W2, W3
    print(f"{bug:13s} W1 {e1:.3f}   W2 {e2:.3f}   W3 {e3:.3f}")

# %% [markdown]
# The pattern tells the place. The last layer right, all earlier ones wrong: look at BP2. All layers wrong by
# one factor ($1 - \frac16 = 0.833$ for six examples): look at the loss. A single wrong $W$ would point to
# BP4, a wrong $b$ to BP3.
#
# **Against autograd.** In `torch.nn.Linear` the weight has shape `(n_out, n_in)`, our `W.T`;
# `bridge.set_linear` copies one into the other. From the same weights, both programs take sixty steps of
# gradient descent on the same mini-batches of 32 digits.

# %%
digits, rng = data.digits8(flat=True), np.random.default_rng(28)
params = init((64, 32, 16, 10), rng)
layers = [torch.nn.Linear(*W.shape, dtype=torch.float64) for W in params[::2]]
for layer, W, b in zip(layers, params[::2], params[1::2]):
    bridge.set_linear(layer, W, b)
net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])

# %%
optimiser, losses = torch.optim.SGD(net.parameters(), lr=0.2), []
for _ in range(60):
    rows = rng.choice(len(digits.X_train), 32, replace=False)
    X, y = digits.X_train[rows].astype(np.float64), digits.y_train[rows]
    A = forward(params, X)
    loss, delta = loss_and_delta(A[-1], y)
    for p, dp in zip(params, backward(params, A, delta, slopes["relu"][1])):
        p -= 0.2 * dp
    theirs = F.cross_entropy(net(bridge.tensors(X)), bridge.tensors(y))
    optimiser.zero_grad()
    theirs.backward()
    optimiser.step()
    losses.append((loss, theirs.item()))
check.same("60 losses", *np.transpose(losses), 1e-10)
for p, q in zip(params, net.parameters()):
    check.same(f"parameters {p.shape} after 60 steps", p.T, q, 1e-10)

# %% [markdown]
# Two programs, the same arithmetic: losses and parameters agree to ten decimals after sixty steps. So the four
# functions are proved, and we can use them.
#
# Nothing in `backward` asks for labels. It is a way to get gradients, from whatever loss supplies `delta`. In
# the first cell below the target is *the input itself*: 64 pixels go through 16 hidden units and come out
# again, an **autoencoder** (Lecture 5). The loss is the squared error, so BP1 at a linear output is
# $\frac2n(Z - X)$. So back-propagation is not "a supervised algorithm": supervised learning is one of its
# customers.
#
# The second cell has labels again: two interleaved half moons, a network with two hidden layers, gradient
# descent on all points at once. One neuron must fail here. *Predict:* what will the boundary look like?

# %%
rng = np.random.default_rng(30)
X = digits.X_train - digits.X_train.mean(axis=0, dtype=float)  # every pixel relative to its mean
params = [p / 2 for p in init((64, 16, 64), rng)]
for _ in range(400):
    A = forward(params, X, np.tanh)
    for p, dp in zip(params, backward(params, A, 2 * (A[-1] - X) / len(X), slopes["tanh"][1])):
        p -= 0.05 * dp
share = mse(forward(params, X, np.tanh)[-1], X) / np.mean(X**2)
check.claim("autoencoder, no labels: error, relative to answering with the mean digit", share, at_most=0.225)

# %%
rng = np.random.default_rng(29)
X, y = data.moons(300, rng)
params = init((2, 16, 16, 2), rng)
for _ in range(800):
    A = forward(params, X, np.tanh)
    loss, delta = loss_and_delta(A[-1], y)
    for p, dp in zip(params, backward(params, A, delta, slopes["tanh"][1])):
        p -= 0.5 * dp
X_new, y_new = data.moons(1000, rng)
Z_new = forward(params, X_new, np.tanh)[-1]
check.claim("two moons, accuracy on new points", accuracy(Z_new, y_new), at_least=0.975)

fig, ax = plt.subplots()
margin = lambda X: np.diff(forward(params, X, np.tanh)[-1], axis=1)  # logit of class 1 less that of class 0
plot.surface(ax, margin, (-2, 2), (-1.5, 1.5), limit=6)
plot.points(ax, X, y, size=24)
ax.set(title="Three layers bend the line", xlabel="$x_1$", ylabel="$x_2$")
plot.show(fig, "Two interleaved half moons of points; the boundary of the trained network winds between them, "
          "and nearly all points lie on their own side.")

# %% [markdown]
# The boundary winds between the moons, where Lecture 1's single layer could only draw a straight line.
#
# ## Checkpoint
#
# You can now choose a loss with its last layer, differentiate any graph, and carry an error from layer 3 to a
# weight in layer 1, by hand and in NumPy; and you can *prove* a gradient. The question of this lecture has
# its answer: a weight in layer 1 learns of an error in layer 3 because every unit collects the blame of the
# units it feeds, weighted by the connections, times its own slope, and passes the sum on. Take a break here.
# Part two makes it *learn well*.
#
# **1.** In the 2-2-2 network both hidden units have a positive δ, although $o_2$ should grow. Why?
#
# <details><summary>Answer</summary>
#
# A hidden unit adds up $w\,\delta$ over both outputs: for $h_1$ it is
# $0.40\cdot0.1385 + 0.50\cdot(-0.0381) = 0.0363$. The first output is much more wrong than the second, so its
# wish, to become smaller, wins.
#
# </details>
#
# **2.** Your gradient check passes for `W3`, `b3`, `W2` and `b2`, and fails for `W1` only. Which equation do you suspect?
#
# <details><summary>Answer</summary>
#
# BP4 in layer 1, since `b1` is right, so δ of layer 1 is right and BP2 with it. What is left is the other
# factor, the input: perhaps `X` was changed, scaled or shuffled between the forward and the backward run.
#
# </details>
#
# **3.** A friend sums the loss over the batch rather than averaging, keeps η, and doubles the batch size. What happens to the steps?
#
# <details><summary>Answer</summary>
#
# They double on average: a sum over $n$ examples has an $n$ times larger gradient than a mean. With the mean,
# η keeps its meaning when the batch size changes. That is why $1/n$ enters, once, at the output.
#
# </details>
