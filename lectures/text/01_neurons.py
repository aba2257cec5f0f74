# %% [markdown]
# # Lecture 1 · Neurons
#
# > **What can one neuron decide, what can it never decide, and what changes when several work together?**
#
# Four points, two kinds. One neuron draws one straight line through the plane; try to find the line that
# puts the two circles on one side and the two triangles on the other. Then look at what *two* lines can do.

# %% [markdown] tags=["nav"]
# [Exercise 1](../exercises/01_neurons.ipynb) · [Solution 1](../solutions/01_neurons.ipynb) · [Lecture 2 →](02_backpropagation.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import itertools

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from course_utils import bridge, check, data, plot, style

style.use()

# %%
X, y = data.gate("xor")
one_line = lambda X: X @ [1.0, 1.0] + 1.5
two_lines = lambda X: np.minimum(one_line(X), 1.5 - X @ [1.0, 1.0])
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
for ax, predict, title in zip(axes, (one_line, two_lines), ("One line: always a mistake", "Two lines: done")):
    plot.surface(ax, predict, (-2, 2), (-2, 2), limit=2)
    plot.points(ax, X, y, size=90)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=(-1, 1), yticks=(-1, 1))
plot.show(fig, "Left, a single line leaves one of four XOR points on the wrong side; right, two lines do not.")

# %% [markdown]
# Left, the line x₁ + x₂ + 1.5 = 0 lets one circle slip to the side of the triangles, and every other line
# makes some mistake too. Right, the strip between two parallel lines holds the triangles and nothing else.
#
# This lecture is about that difference. On the way from the left picture to the right one we meet every part
# of a neural network except the one that makes it learn in several layers; that one is Lecture 2.
#
# On images, speech and language, neural networks are the best method we know, by a wide margin. They are not
# best at everything: on tables of a few thousand rows, ensembles of decision trees often do as well or better
# (Grinsztajn, Oyallon and Varoquaux, NeurIPS 2022). The field is huge and this course is short. It takes one
# road and walks it completely: the neuron and how networks of neurons learn (Lectures 1 and 2), deep networks
# for images and for sequences (3 and 4), autoencoders and the models that generate (5 to 7), learning from
# reward (8), and networks that settle into an energy minimum (9).
#
# **You will be able to**
#
# - compute the output of a neuron and of a small network by hand, and write both in one line of NumPy;
# - build any Boolean function out of neurons, and say why XOR needs more than one;
# - train a perceptron, and bound the number of its mistakes before you start;
# - choose an activation function knowing its derivative, and say what goes wrong without one;
# - derive, check and train softmax regression, and read handwritten digits with it.
#
# **Know first:** Python, a little NumPy, the derivative of a function of one variable.
# **Reading time:** 140 minutes, in two parts with a checkpoint between them (sections 1 to 5, sections 6 to
# 12). **Running time:** under a minute on a laptop.
#
# <details><summary>Maths and NumPy you need: dot products, matrices, broadcasting</summary>
#
# A *dot product* `w @ x` multiplies two vectors entry by entry and adds up: $(1, 2)\cdot(3, 4) = 3 + 8 = 11$.
# A *matrix product* `X @ W` takes the dot product of every row of `X` with every column of `W`; its shape is
# rows of `X` by columns of `W`. NumPy *broadcasts*: adding `b` of shape `(3,)` to a matrix of shape `(5, 3)`
# adds `b` to every row. `X.sum(axis=0)` adds up the rows (one number a column remains), `axis=1` the columns.
# The *norm* $\lVert w\rVert = \sqrt{w\cdot w}$ is a vector's length, `np.linalg.norm(w)`.
#
# ```python
# np.array([1, 2]) @ np.array([3, 4])      # 11
# np.ones((5, 3)) + np.array([1, 2, 3])    # shape (5, 3), every row 2 3 4
# np.linalg.norm([3, 4])                   # 5.0
# ```
#
# </details>
#
# <details><summary>How checked results look in this course</summary>
#
# A line that ends in ✓ has been asserted by the computer, not typed: `check.worked` compares a computed
# number with every digit printed, `check.same` compares two computations, `check.gradient` compares a
# derivative with finite differences, `check.claim` holds a measured result against a bound. A failed check
# stops the notebook. Expected digits stand in the code, so where the text says **Predict**, decide before you
# scroll on.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# First half: 5 min sections 1 and 2 (warm-up), 10 min section 3 (the neuron), 15 min section 4 (gates, XOR;
# let the room vote before each table), 15 min section 5 (the perceptron, with the demo). Second half: 10 min
# section 6, 10 min sections 7 and 8 (one activation and its derivative; the collapse of linear layers), 5 min
# section 9 (the bumps), 20 min sections 10 and 11 (digits). Can be skipped without loss for Lecture 2: the
# three distances, the half-planes and the adder in section 4, the proof of the mistake bound, the conventions
# in section 7. For home: section 12 and the self-test.
#
# </details>

# %% [markdown]
# ## 1 Learning is a search
#
# *Machine learning* makes models out of data. A *model* is a family of functions with knobs, its
# **parameters**; the data, not the programmer, set the knobs. We want such a model for one of two reasons: to
# explore the structure of the data, or to predict something. Either way, *learning* is a search: turn the
# knobs until a number that measures how bad the model is, the **loss**, is as small as we can make it. (Some
# people maximise a score instead; a loss is minus a score.)
#
# The simplest loss compares a target $t$ with a prediction $p$. Two common choices are
#
# $$L_1 = \lvert t - p\rvert, \qquad L_2 = (t - p)^2 .$$
#
# The simplest model has one knob: it predicts the same number $p$ for everybody. Three people waited 1, 2 and
# 9 minutes for the bus. **Predict:** which single $p$ has the smallest total $L_1$, and which the smallest
# $L_2$?

# %%
check.worked("target 3, prediction 5: L1 and L2", [abs(3 - 5), (3 - 5) ** 2], "2 4")
targets, p = np.array([1.0, 2.0, 9.0]), np.linspace(0, 10, 1001)     # try 1001 positions of the knob
L1 = np.abs(targets[:, None] - p).sum(axis=0)
L2 = ((targets[:, None] - p) ** 2).sum(axis=0)
check.worked("best p by L1, by L2", [p[L1.argmin()], p[L2.argmin()]], "2.00 4.00")

# %% [markdown]
# One knob, two answers: $L_1$ is content with the median, 2, and does not care how late the 9 was; $L_2$
# wants the mean, 4, dragged towards the 9. The loss is not a detail of the search. It *is* the question.
#
# What can be compared depends on what the data hold. In a **supervised** problem, one feature of interest,
# the *label*, is missing for some of the objects, and the model learns from the others to fill it in. In an
# **unsupervised** one every feature is there for every object, and we look for structure.
#
# | | supervised | unsupervised |
# |---|---|---|
# | given | inputs, and labels for a part of them | inputs, complete |
# | aims | classification (the label is a class), regression (a number) | compression, structure |
# | methods | linear and logistic regression, support vector machines, decision trees, k nearest neighbours, neural networks | k-means, agglomerative and density-based clustering, principal components, autoencoders |
# | the criterion measures | distance of prediction and truth | distances inside a cluster (small is good), distances between clusters (large is good) |
#
# Sixty points, twice. Without labels, *k-means* (Lloyd, written 1957, printed 1982) repeats two lines: every
# point joins its nearest centre; every centre moves to the mean of its points. With 30 known labels, we fill
# in the other 30 by the nearer of the two class means.

# %%
rng = np.random.default_rng(10)
X, y = data.blobs(60, rng, distance=3.0)
nearest = lambda X, centres: np.argmin(((X[:, None] - centres) ** 2).sum(axis=-1), axis=1)
centres, known = X[:2], np.arange(60) < 30
for _ in range(10):
    group = nearest(X, centres)
    centres = np.array([X[group == k].mean(axis=0) for k in (0, 1)])
guess = nearest(X, np.array([X[known & (y == k)].mean(axis=0) for k in (0, 1)]))
within = ((X - centres[group]) ** 2).sum()                      # from each point to its own centre
between = ((centres[group] - X.mean(axis=0)) ** 2).sum()        # from its own centre to the centre of all
check.same("within + between = total", within + between, ((X - X.mean(axis=0)) ** 2).sum(), tol=1e-10)
check.claim("missing labels filled in rightly", np.mean(guess[~known] == y[~known]), at_least=0.96)

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
axes[0].scatter(*X[group == 0].T, color="#222222", marker="o", s=24)
axes[0].scatter(*X[group == 1].T, color="#999999", marker="s", s=24)
plot.points(axes[1], X[known], y[known])
plot.points(axes[1], X[~known], guess[~known], alpha=0.35)
axes[0].set(title="Unsupervised: two groups found", xlabel="$x_1$", ylabel="$x_2$")
axes[1].set(title="Supervised: labels filled in", xlabel="$x_1$")
plot.show(fig, "The same 60 points. Left, two groups found by k-means; right, 30 labels and 30 guesses, pale.")


# %% [markdown]
# Left, k-means has found two groups; right, the pale points carry their predicted class. (The printed
# identity says that the total does not depend on the groups, so pulling each group together and pushing the
# groups apart are one and the same search, at least for squared distances.)
#
# ## 2 How far apart are two things?
#
# Both panels relied on the word *near*. Every loss does: it presupposes a distance, or its opposite, a
# similarity. Here are three, for three kinds of thing. For points, the **Minkowski distance**, $p \ge 1$,
#
# $$d_p(x, y) = \Bigl(\sum_i \lvert x_i - y_i\rvert^p\Bigr)^{1/p}, \qquad
#   d_\infty(x, y) = \max_i \lvert x_i - y_i\rvert .$$
#
# $p = 1$ counts city blocks, $p = 2$ is a ruler, and the larger $p$ is, the more the largest coordinate
# drowns out the others. **Predict:** does the distance from (0, 0) to (3, 4) grow or shrink as $p$ grows?
#
# For **sets**, the *Jaccard similarity* is the share that two sets have in common, and 1 minus it is a
# distance:
#
# $$J(A, B) = \frac{\lvert A \cap B\rvert}{\lvert A \cup B\rvert} .$$
#
# For **places on a globe** no straight ruler will do. With latitudes $\varphi$, longitudes $\lambda$ (in
# radians) and the Earth's radius $R \approx 6371$ km, the great-circle distance is, in the *haversine* form,
#
# $$d = 2R \arcsin\sqrt{\sin^2\tfrac{\varphi_2 - \varphi_1}{2}
#   + \cos\varphi_1 \cos\varphi_2 \sin^2\tfrac{\lambda_2 - \lambda_1}{2}} .$$

# %%
def minkowski(x, y, p):
    gaps = np.abs(np.subtract(x, y)).astype(float)
    return gaps.max() if p == np.inf else (gaps**p).sum() ** (1 / p)

distances = [minkowski((0, 0), (3, 4), p) for p in (1, 2, 3, np.inf)]
check.worked("(0, 0) to (3, 4) for p = 1, 2, 3, infinity", distances, "7 5 4.497941 4")


# %%
def great_circle(place1, place2, R=6371.0):
    (lat1, lon1), (lat2, lon2) = np.radians(place1), np.radians(place2)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * R * np.arcsin(np.sqrt(h))

A, B = {1, 2, 3, 4}, {3, 4, 5}
jaccard = len(A & B) / len(A | B)
check.worked("Jaccard similarity and distance", [jaccard, 1 - jaccard], "0.4 0.6")
check.worked("a quarter of the equator, km", great_circle((0, 0), (0, 90)), "10007.543")
check.worked("Prague to Philadelphia, km", great_circle((50.0755, 14.4378), (39.9526, -75.1652)), "6702.03")

# %% [markdown]
# The Minkowski distance shrinks as $p$ grows, from 7 city blocks to the larger coordinate alone. Each of the
# three could stand in a loss; we shall need little more than $p = 2$.
#
# ## 3 From a cell to a neuron
#
# Now to the model that gave the field its name. A nerve cell collects signals from thousands of other cells
# on its *dendrites*. Some push it to act, some hold it back, and each contact, a *synapse*, has its own
# strength. If enough push arrives within a short time, the cell *fires*: a pulse, always of about the same
# height, runs down its single *axon* to the next cells. Warren McCulloch and Walter Pitts (1943) kept three
# things of this and threw the rest away: many inputs, a sum, a threshold. Frank Rosenblatt (1958) gave each
# input an adjustable strength.

# %%
fig, (cell, unit) = plt.subplots(1, 2, figsize=(6.6, 2.8))
for angle in np.radians([115, 150, 180, 210, 245]):             # dendrites
    cell.plot([0, 2.6 * np.cos(angle)], [0, 2.6 * np.sin(angle)], color="#666666")
for end in (-1.2, 0, 1.2):                                      # the axon and its branches
    cell.plot([0, 3, 4], [0, 0, end], color="#666666", marker="o", markevery=[2])
cell.scatter(0, 0, s=700, color="#666666", zorder=3)
for *place, word in ((-1.6, -3.4, "dendrites collect"), (1.8, 0.3, "axon"), (2.6, 1.7, "synapses pass on")):
    cell.text(*place, word, ha="center")
places = {"$x_1$": (-3, 2), "$x_2$": (-3, 0), "$x_3$": (-3, -2), "$b$": (0, 2.6), "Σ": (0, 0), "$f$": (2.2, 0)}
for k, (name, place) in enumerate(places.items()):
    end = (0, 0) if k < 4 else (2.2, 0) if k < 5 else (4.3, 0)
    unit.annotate("", end, place, arrowprops=dict(arrowstyle="->", shrinkA=12, shrinkB=15))
    unit.text(*place, name, ha="center", va="center", fontsize=14)
for k, height in enumerate((1, 0, -1), start=1):
    unit.text(-1.5, height, f"$w_{k}$", ha="center", va="center", backgroundcolor="white")
unit.text(4.3, 0, "$y$", ha="center", va="center", fontsize=14)
for ax, title in ((cell, "A nerve cell collects and fires"), (unit, "We keep weights, a sum, a step")):
    ax.set(title=title, xlim=(-3.8, 4.9), ylim=(-3.6, 3.2))
    ax.axis("off")
plot.show(fig, "Left, a nerve cell with dendrites and an axon; right, inputs, weights, a bias, a sum, and f.")

# %% [markdown]
# Left the cell, right what we keep: **weights** $w_i$ for the synapses, a sum with a **bias** $b$, an
# **activation function** $f$ for the firing. Wire the outputs of some to the inputs of others and you have a
# **network**. Those three notions, weights, activations, networks, are the whole vocabulary. As a formula,
#
# $$z = \sum_i w_i x_i + b = w \cdot x + b, \qquad y = f(z),$$
#
# where $z$ is the **pre-activation**. With a step for $f$ this is a *linear classifier*, today called a
# **perceptron** after Rosenblatt's learning machine. Do not lean on the biology: real neurons send pulses in
# time, and nothing later in this course depends on the likeness.
#
# One neuron by hand: do I take the umbrella? Inputs: cloud cover 0.8; kilometres to walk 2; a coat with a
# hood, 1 for yes. Weights 2, 0.5 and −1.5, bias −0.6. So $z = 2\cdot0.8 + 0.5\cdot2 - 1.5\cdot1 - 0.6 = 0.5$,
# and with $f =$ sign the answer is +1, yes. (In the check below, `check.gradient` nudges each input a little
# up and down and compares the change of $z$ with our formula.) **Predict:** how much does $z$ change if the
# sky turns from 0.8 to 0.9?
#
# A softer answer than the sign is the **sigmoid** $S(z) = 1/(1 + e^{-z})$, a step with a slope. For one
# input, $y = S(wx + b)$. **Predict:** which of the two knobs, $w$ or $b$, makes the step steeper, and which
# one moves it?

# %%
x = np.array([0.8, 2.0, 1.0])
w, b = np.array([2.0, 0.5, -1.5]), -0.6
check.worked("umbrella: z and sign(z)", [w @ x + b, np.sign(w @ x + b)], "0.5 1")
check.worked("a darker sky adds", w @ [0.9, 2.0, 1.0] - w @ x, "0.2")
check.gradient("sensitivity: dz/dx is w", lambda: w @ x + b, x, w)

# %%
S = lambda z: 1 / (1 + np.exp(-z))
x = np.linspace(-4, 4, 201)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for w, b, color, line in zip((0.5, 1, 4), (-4, 0, 4), style.ordered(4)[1:], (":", "--", "-")):
    axes[0].plot(x, S(w * x), color=color, linestyle=line, label=f"$w$ = {w}, $b$ = 0")
    axes[1].plot(x, S(2 * x + b), color=color, linestyle=line, label=f"$w$ = 2, $b$ = {b}")
for ax, title in zip(axes, ("The weight sets the slope", "The bias shifts the threshold")):
    ax.set(title=title, xlabel="$x$", ylabel="$y$", ylim=(-0.05, 1.6))
    ax.legend(loc="upper left")
plot.show(fig, "Left, three soft steps, steeper for larger weights; right, one step moved to x = 2, 0 and -2.")
check.worked("thresholds -b/w for b = -4, 0, 4", [-b / 2 for b in (-4, 0, 4)], "2 0 -2")

# %% [markdown]
# A tenth more cloud adds $w_1 \cdot 0.1 = 0.2$, whatever the other inputs are. **A weight is a sensitivity**:
# $\partial z/\partial x_i = w_i$. In the left panel it tilts the curve about a fixed point. The bias is not a
# sensitivity. The neuron says +1 when $w \cdot x > -b$, so $-b$ is the **threshold** that the weighted
# evidence has to pass, and changing $b$ moves the threshold: in the right panel the curve slides without
# changing its shape, and stands where $z = 0$, at $x = -b/w$. You may read that "the bias turns the weights
# up or down". It does not.
#
# Two small things before the next picture. Neurons that feed one another need a clock. If neuron $i$ at time
# $t$ sees what the others said at $t - 1$,
#
# $$x_i[t] = f\Bigl(b_i + \sum_{j=0}^{n} w_{ij}\, x_j[t-1]\Bigr).$$
#
# Count with care: the sum runs from 0 to $n$, so there are $n + 1$ inputs, not $n$. Here $w_{ij}$ leads from
# $j$ to $i$; our `W[j, i]` holds the same number, source first, so that a whole network steps by
# `f(x @ W + b)`. Below, neurons 0, 1 and 2 form a ring, neuron 3 listens to neuron 2 and to itself, and
# neuron 0 fires at $t = 0$. **Predict:** who fires at $t = 3$, and does neuron 3 ever stop?
#
# And a trick that saves much writing. Add an input that is always 1, and the bias becomes its weight:
#
# $$x_i = f(w_i \cdot x), \qquad x = (1, x_0, \dots, x_n), \qquad w_i = (b_i, w_{i0}, \dots, w_{in}).$$

# %%
W, x = np.zeros((4, 4)), np.array([1, 0, 0, 0])
W[0, 1] = W[1, 2] = W[2, 0] = W[2, 3] = W[3, 3] = 1.0             # W[from, to]
for t, expected in enumerate(("0 1 0 0", "0 0 1 0", "1 0 0 1", "0 1 0 1", "0 0 1 1"), start=1):
    x = np.where(x @ W - 0.5 > 0, 1, 0)                           # every bias is -0.5
    check.worked(f"neurons 0 to 3 at t = {t}", x, expected)

# %%
rng = np.random.default_rng(30)                                   # whole eighths: computed without rounding
X, w, b = rng.integers(-8, 9, size=(100, 4)) / 8, rng.integers(-8, 9, size=4) / 8, 0.375
X1, w1 = np.column_stack([np.ones(100), X]), np.concatenate([[b], w])   # (1, x0, ..., x3), (b, w0, ..., w3)
check.same("bias apart, bias as a weight", X @ w + b, X1 @ w1, tol=1e-16)

# %% [markdown]
# The pulse runs round the ring, and neuron 3, once woken, keeps itself awake: a loop is a memory. Lecture 4
# is built on that. Until then our networks have no loops: signals run from layer to layer, once.
#
# Now the picture that carries the next two sections. The points with $w \cdot x + b = 0$ form a straight line
# (in space a plane, in general a *hyperplane*): the **decision boundary**. Take two points on it and
# subtract: $w \cdot (x - x') = 0$. So **$w$ is perpendicular to the boundary**; it is its *normal vector* and
# points to the positive side. (A frequent slip is to draw $w$ along the line.) Walking from $x$ to the
# boundary along $w$, we have to undo $z$, and each step of length 1 changes $z$ by $\lVert w\rVert$. Hence,
# with the sign of the side,
#
# $$\text{distance} = \frac{w \cdot x + b}{\lVert w\rVert} = \frac{z}{\lVert w\rVert},
#   \qquad \text{foot} = x - \frac{z}{\lVert w\rVert^2}\, w .$$
#
# By hand: $w = (3, 4)$, $b = -5$, $x = (3, 4)$. Then $z = 9 + 16 - 5 = 20$, $\lVert w\rVert = 5$, the
# distance is 4 and the foot $(3, 4) - \frac{20}{25}(3, 4) = (0.6, 0.8)$.

# %%
w, b, x = np.array([3.0, 4.0]), -5.0, np.array([3.0, 4.0])
z = w @ x + b
foot = x - z / (w @ w) * w
check.worked("z, distance, foot", [z, z / np.linalg.norm(w), *foot], "20 4 0.6 0.8")

# %%
fig, ax = plt.subplots(figsize=(4.6, 3.9))
plot.surface(ax, lambda X: X @ w + b, (-3, 5), (-2, 5), limit=40)
ax.annotate("", foot, x, arrowprops=dict(arrowstyle="<->", linestyle="--", shrinkA=0, shrinkB=0))
ax.annotate("", (-1.6, 3.7), (-2.2, 2.9), arrowprops=dict(arrowstyle="-|>", color="#D55E00", shrinkA=0))
for *place, word in ((3, 4, "  $x$"), (-0.6, 0.7, "foot"), (2.2, 2.3, "distance 4"), (-2.8, 4.4, "$w$ / 5")):
    ax.text(*place, word, va="top")
ax.plot(*np.array([x, foot]).T, "o", color="#222222")
ax.set(title="w is perpendicular to the boundary", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
plot.show(fig, "The arrow w stands at a right angle on the boundary, and so does a point's distance from it.")

# %% [markdown]
# The boundary is the dark line; $w$ stands on it at a right angle, and so does the dashed distance. Doubling
# $w$ and $b$ together doubles every $z$ and moves nothing. For a labelled point, $y = \pm1$, the number
# $y\,z/\lVert w\rVert$ is its **margin**: how far it lies on the right side, negative if on the wrong one. We
# shall need it for the perceptron.
#
# ## 4 Gates out of neurons
#
# A neuron with $f =$ sign asks one question of a point: on which side of my line are you?
#
# $$h = \mathrm{sign}(w \cdot x + b) = +1, \ 0 \text{ or } -1 .$$
#
# It is a **half-plane test**. Here sign(0) = 0, in mathematics and in NumPy: a point on the line is on
# neither side. We choose our biases so that this never happens for the points that matter.
#
# Let +1 stand for true and −1 for false. Negation, often written $\bar h$, is then $-h$. With two inputs and
# all weights 1 the sum $x_1 + x_2$ is −2, 0, 0 or 2. AND must say yes at 2 only, OR at 0 as well:
#
# $$\mathrm{AND}(x_1, x_2) = \mathrm{sign}(x_1 + x_2 - 1.5), \qquad
#   \mathrm{OR}(x_1, x_2) = \mathrm{sign}(x_1 + x_2 + 1.5), \qquad \mathrm{NOT}(x) = \mathrm{sign}(-x).$$
#
# Many books code false as 0 and true as 1. **Predict:** which of AND and OR survives, with the same weights
# and biases, if the inputs are 0 and 1?

# %%
AND = lambda x1, x2: np.sign(x1 + x2 - 1.5)
OR = lambda x1, x2: np.sign(x1 + x2 + 1.5)
x1, x2 = data.gate("and")[0].T                  # -1 -1 1 1 and -1 1 -1 1
check.worked("x1 AND x2", AND(x1, x2), "-1 -1 -1 1")
check.worked("x1 OR x2 ", OR(x1, x2), "-1 1 1 1")
check.worked("NOT x1   ", np.sign(-x1), "1 1 -1 -1")

# %%
u1, u2 = data.gate("or", coding=(0, 1))[0].T
check.worked("0/1 inputs, AND with bias -1.5", AND(u1, u2), "-1 -1 -1 1")
check.worked("0/1 inputs, OR with bias +1.5", OR(u1, u2), "1 1 1 1")        # OR(0, 0) comes out true: wrong
check.worked("0/1 inputs, OR with bias -0.5", np.sign(u1 + u2 - 0.5), "-1 1 1 1")

# %% [markdown]
# OR breaks: the sums are now 0, 1, 1, 2, all above −1.5, so even OR(0, 0) says yes. Bias −0.5 mends it. AND
# survives by luck, because −1.5 happens to lie where both codings need it:
#
# | gate, weights 1, 1 | bias for ±1 inputs | bias for 0/1 inputs |
# |---|---|---|
# | AND | between −2 and 0 | between −2 and −1 |
# | OR | between 0 and 2 | between −1 and 0 |
#
# A gate's weights mean nothing until you say how true and false are coded. We stay with ±1.
#
# Now XOR, "one or the other but not both", the four points of this lecture's first figure. Why can no single
# neuron do it, with any weights? Write down what it would have to satisfy and add up:
#
# - no for (−1, −1) and (1, 1): $-w_1 - w_2 + b < 0$ and $w_1 + w_2 + b < 0$; their sum is $2b < 0$;
# - yes for (−1, 1) and (1, −1): $-w_1 + w_2 + b > 0$ and $w_1 - w_2 + b > 0$; their sum is $2b > 0$.
#
# No $b$ is both negative and positive. Two layers manage. With + for OR, a product for AND and a bar for NOT,
# logicians write XOR of two tests as $f = h_1\bar h_2 + \bar h_1 h_2$: the first and not the second, or the
# other way round. Read it as neurons, **OR(AND(h₁, −h₂), AND(−h₁, h₂))**: three neurons in two layers, one
# **hidden layer** (its outputs are neither inputs nor results) and an output. **Predict** the four outputs by
# hand.

# %%
XOR = lambda h1, h2: OR(AND(h1, -h2), AND(-h1, h2))
check.worked("x1 XOR x2", XOR(x1, x2), "-1 1 1 -1")
two_layers = lambda X, W1, b1, w2, b2: np.sign(np.sign(X @ W1 + b1) @ w2 + b2)
X = np.stack([x1, x2], axis=1)
W1, b1 = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-1.5, -1.5])       # columns: the two ANDs
check.worked("the same as matrices", two_layers(X, W1, b1, np.ones(2), 1.5), "-1 1 1 -1")


# %% [markdown]
# The recipe works for *any* Boolean function. Go through its truth table; for each row $r$ that is true, make
# one hidden neuron that recognises exactly this row; the output is the OR of them all. Logicians call that
# the *disjunctive normal form*. The weights can be read off the row:
#
# - **hidden neuron for row $r$ of $n$ inputs:** weights $r$, bias $-(n - 1)$. For $x = r$ all products are 1,
#   so $z = n - (n - 1) = 1$. Each input that differs lowers $z$ by 2, so every other row gives $z \le -1$.
# - **output neuron over $m$ hidden ones:** weights 1, bias $m - 1$. All silent: $z = -m + m - 1 = -1$. One
#   fires: $z = 1$.
#
# No $z$ is ever 0. There are $2^8 = 256$ functions of three inputs. We build every one and check all its
# rows.

# %%
def boolean_network(rows, truth):
    """Truth table in, weights out; rows (2**n, n) and truth (2**n,) in ±1; returns W1, b1, w2, b2."""
    W1 = rows[truth > 0].T
    n, m = W1.shape
    return W1, np.full(m, 1.0 - n), np.ones(m), m - 1.0


# %%
rows = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
tables = np.array(list(itertools.product((-1.0, 1.0), repeat=8)))
right = sum(np.array_equal(two_layers(rows, *boolean_network(rows, truth)), truth) for truth in tables)
check.worked("functions of three inputs built rightly, of 256", right, "256")

# %% [markdown]
# So **one hidden layer is enough for every Boolean function**. The price: up to $2^n$ hidden neurons, one for
# each true row.
#
# **Real inputs are another matter.** Let $h_1$ and $h_2$ be the sides of two crossing lines in the plane, and
# let the target be their XOR: a chequerboard of four wedges. Computing $h_1$ and $h_2$ takes one hidden
# layer, the two ANDs a second, the OR is the output. Could one hidden layer do, if we allow thousands of
# neurons? "XOR needs one hidden layer" suggests yes. **Predict** before you read on.
#
# Lay line 1 along the $x_2$ axis and the crossing at the origin. A network with one hidden layer computes the
# sign of $s(x) = \sum_k v_k\, \mathrm{sign}(w_k \cdot x + b_k) + c$. Step across line 1 once above the
# crossing, once below.
#
# 1. Other neurons' lines meet line 1 in finitely many points. Choose both crossing places away from these and
#    the steps short. Then only neurons whose line *is* line 1 switch, and they make the same jump in $s$ at
#    both places.
# 2. But the target's jump is upwards at one place (no → yes) and downwards at the other. No single jump is
#    both.
#
# So no number of hidden neurons suffices. In numbers: let the two pairs of points have the targets
# $y = (1, -1, -1, 1)$, and let `H` hold the outputs of the hidden neurons, a row for each point. If
# `y @ H` = 0 in every column, then $y \cdot s = 0$ for every choice of output weights (the constant $c$
# cancels too), while four right answers would make $y \cdot s$ positive. We draw hidden neurons at random,
# line 1 among them, and choose the steps short enough for *these* neurons. Then comes a picture of what 300
# of them can do, with output weights fitted to 4000 points by least squares, and where they fail.

# %%
rng = np.random.default_rng(42)
y = np.array([1.0, -1.0, -1.0, 1.0])                               # targets of the two pairs
for m in (20, 200, 2000):
    W, b = rng.normal(size=(2, m)), rng.normal(size=m)
    W[:, 0], b[0] = (1.0, 0.0), 0.0                                # neuron 0 has line 1 itself
    meets = (np.array([[1.0], [-1.0]]) * W[1, 1:] + b[1:]) / W[0, 1:]   # -x1 of the others at heights 1, -1
    eps = 0.5 * np.abs(meets).min()                                # steps too short for any other line
    H = np.sign(np.array([(-eps, 1), (eps, 1), (-eps, -1), (eps, -1)]) @ W + b)
    check.worked(f"{m} hidden neurons: y @ H is at most", np.abs(y @ H).max(), "0")

# %%
lines, offsets = np.array([[1.0, 0.3], [0.4, -1.0]]), np.array([0.2, 0.1])   # columns: two oblique lines
target = lambda X: -np.prod(np.sign(X @ lines + offsets), axis=1)
two_hidden = lambda X: XOR(*np.sign(X @ lines + offsets).T)                  # sides, ANDs, OR
rng = np.random.default_rng(43)
W, b = rng.normal(size=(2, 300)), 1.5 * rng.normal(size=300)
W[:, :2], b[:2] = lines, offsets                                             # both lines are among the 300
hidden = lambda X: np.column_stack([np.sign(X @ W + b), np.ones(len(X))])
X, X_new = rng.uniform(-2, 2, size=(2, 4000, 2))
v = np.linalg.lstsq(hidden(X), target(X), rcond=None)[0]                     # by least squares
one_hidden = lambda X: np.sign(hidden(X) @ v)
check.worked("wrong of 4000 fresh points, two hidden layers", np.sum(two_hidden(X_new) != target(X_new)), "0")
wrong = np.sum(one_hidden(X_new) != target(X_new))
check.claim("wrong of 4000 fresh points, 300 units, least squares", wrong, at_least=57)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
for ax, net, title in zip(axes, (one_hidden, two_hidden), ("One layer of 300: frayed", "Two layers of 2: exact")):
    plot.surface(ax, net, (-2, 2), (-2, 2), resolution=160)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$")
plot.show(fig, "A chequerboard of four wedges: frayed with one hidden layer of 300, exact with two of two.")


# %% [markdown]
# `y @ H` is zero each time. Mind the limit of the statement: four points fixed *beforehand* can be served by
# enough neurons (they are a Boolean XOR again). What is impossible is to be right *everywhere*: whatever the
# network, it errs along line 1, if only by a hair, on one side of the crossing at least. The picture shows
# where: left, 300 neurons fray along the lines; right, four hidden neurons have it exactly. (Other output
# weights do better than least squares, logistic ones about twice as well; none is right everywhere.) So keep
# the two statements apart: *Boolean* XOR of two bits needs one hidden layer; XOR of two *half-planes* of real
# inputs needs two, as long as the neurons are hard thresholds. (Soft ones escape the argument: they do not
# jump.)
#
# One more thing comes out of gates: arithmetic. Adding two bits gives a sum bit (XOR) and a carry (AND), a
# **half-adder**. Two of them and an OR make a **full adder**, which also takes the carry from the right; a
# row of full adders adds whole numbers as you do on paper. An XOR is 3 neurons, so a full adder is
# $2 \cdot (3 + 1) + 1 = 9$.

# %%
def full_adder(a, b, carry):
    half, carry1 = XOR(a, b), AND(a, b)
    total, carry2 = XOR(half, carry), AND(half, carry)
    return total, OR(carry1, carry2)


# %%
def add(A, B):
    """Sums of numbers in bits ±1, lowest bit first; A and B (n, bits); returns (n, bits + 1)."""
    carry, digits = -np.ones(len(A)), []
    for a, b in zip(A.T, B.T):
        digit, carry = full_adder(a, b, carry)
        digits.append(digit)
    return np.column_stack([*digits, carry])

i, j = np.divmod(np.arange(256 * 256), 256)                    # every pair of numbers from 0 to 255
bits = lambda k: 2.0 * (k[:, None] >> np.arange(8) & 1) - 1
sums = (add(bits(i), bits(j)) > 0) @ 2 ** np.arange(9)
check.worked("wrong sums, of 65536", np.sum(sums != i + j), "0")


# %% [markdown]
# Seventy-two neurons have added any two numbers up to 255 without a mistake, and networks like that can
# compute whatever a circuit of logic gates can. But every weight was set by hand, which does not scale to
# recognising a face. The weights have to be *learned*.
#
# ## 5 The perceptron learns
#
# Frank Rosenblatt's error-correction rule (*Principles of Neurodynamics*, 1962) looks at one example at a
# time and changes nothing as long as the answer is right. Write $y = \pm1$ for the right answer and put the
# bias into $w$ (the constant 1 comes first in $x$). The example is a mistake if $y\,(w \cdot x) \le 0$. What
# should we do to $w$? **Move it towards the mistaken point**, or away from it if the point is negative:
#
# $$w \leftarrow w + y\,x .$$
#
# Look at the score of that very point afterwards: $y\,(w + y x)\cdot x = y\,(w \cdot x) + \lVert x\rVert^2$.
# It has risen by $\lVert x\rVert^2$. One step need not be enough, and it may spoil other points; still the
# rule works. By hand, OR, starting from $w = (0, 0, 0)$; the entries of $x$ are 1, x₁, x₂:
#
# | $x$ | $y$ | $w \cdot x$ | | new $w$ |
# |---|---|---|---|---|
# | (1, −1, −1) | −1 | 0 | mistake | (−1, 1, 1) |
# | (1, −1, 1) | +1 | −1 | mistake | (0, 0, 2) |
# | (1, 1, −1) | +1 | −2 | mistake | (1, 1, 1) |
# | (1, 1, 1) | +1 | 3 | right | (1, 1, 1) |
#
# The second pass finds all four right, and we are done after three mistakes: $w = (1, 1, 1)$, an OR with bias
# 1. **Predict** what happens on XOR, whose first three rows agree with OR's: $w = (1, 1, 1)$ when the fourth
# row, (1, 1, 1) with $y = -1$, comes. What is $w$ after it?
#
# After the code, one step as a picture: 40 points that a line through the origin can separate, so that no bias
# is needed and $w$ can be drawn. A positive point lies on the blue side. **Predict:** which way does $w$ turn?

# %%
def perceptron(X, y, w, passes=1000):
    """X (n, d), with a column of ones if a bias is wanted; y (n,) in ±1; w (d,). Returns w, mistaken rows."""
    mistakes = []
    for _ in range(passes):
        before = len(mistakes)
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
                mistakes.append(i)
        if len(mistakes) == before:                            # a whole pass without a mistake
            break
    return w, mistakes

X1 = np.column_stack([np.ones(4), data.gate("or")[0]])
w, mistakes = perceptron(X1, data.gate("or")[1], np.zeros(3))
check.worked("OR: weights (bias first) and mistaken rows, counted from 0", [*w, *mistakes], "1 1 1 0 1 2")
w, mistakes = perceptron(X1, data.gate("xor")[1], np.zeros(3), passes=1)
check.worked("XOR: w after one pass", w, "0 0 0")
check.worked("XOR: mistaken rows of one pass", mistakes, "0 1 2 3")

# %%
X, y, w_star = data.separable(40, np.random.default_rng(50), margin=0.1)
w_before = np.array([-w_star[1], w_star[0]]) + 0.5 * w_star         # a poor start, far from the best direction
i = np.argmax((y > 0) * np.linalg.norm(X, axis=1) * (X @ w_before < 0))     # a mistaken positive point
w_after = w_before + X[i]
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.4), sharey=True)
arrow = dict(arrowstyle="<|-", color="#222222", shrinkA=0, shrinkB=0)
for ax, w, title in zip(axes, (w_before, w_after), ("The circled point is wrong", "w has moved towards it")):
    plot.surface(ax, lambda X, w=w: X @ w, (-1.5, 1.5), (-1.5, 1.5), limit=0.05)
    plot.points(ax, X, y, size=24)
    ax.scatter(*X[i], s=150, facecolor="none", edgecolor="#222222", linewidth=1.5, zorder=4)
    ax.annotate("", (0, 0), w, arrowprops=arrow | {"lw": 2})
    ax.text(*w * 1.12, "$w$", ha="center", va="center", fontsize=12)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
axes[1].annotate("", w_before, w_after, arrowprops=arrow | {"linestyle": "--"})
plot.show(fig, "Left, a circled positive point on the blue side; right, it was added to w and the line turned.")


# %% [markdown]
# The dashed arrow is the mistaken point itself, added to $w$. So $w$ swings towards it, and the boundary,
# always at a right angle to $w$, swings along.
#
# On XOR four mistakes lead from zero back to zero, and once a state repeats, everything repeats: the
# perceptron **cycles** for ever. It does so from any start: its weights move in steps of 1 here and stay
# bounded even where no line exists (Minsky and Papert 1969; Block and Levin 1970), so there are only finitely
# many states, and one of them must come back. Two remedies for real, noisy data: keep the best weights met so
# far (*pocket algorithm*, Gallant 1990) or use the average of all weights over time (Freund and Schapire
# 1999). Neither makes XOR possible. That takes hidden neurons, and the rule says nothing about what a hidden
# neuron should have answered. Lecture 2 does.
#
# If *some* hyperplane $w \cdot x = 0$ separates the points, the rule ends, and we can say when. (It goes
# through the origin, but the bias is inside $w$: before the constant 1 was added, the line could lie
# anywhere.) Let $R$ be the length of the longest $x$, and $\gamma > 0$ a margin that some unit vector $w^*$
# gives to all points: $y\, (w^* \cdot x) \ge \gamma$. Then, in whatever order the points come and starting
# from $w = 0$,
#
# $$\text{number of mistakes} \le \left(\frac{R}{\gamma}\right)^2 .$$
#
# Nothing in it depends on how many points there are, nor on the dimension (Block 1962; Novikoff 1962). For OR
# above, $w^* = (1, 1, 1)/\sqrt3$, $R^2 = 3$ and $\gamma = 1/\sqrt3$: at most 9 mistakes; we made 3. (This
# $\gamma$ is measured in the space with the constant 1; the margin of section 3, in the plane, is $1/\sqrt2$.)
#
# <details><summary>The proof: a straight line overtakes a square root</summary>
#
# Let $w_k$ be the weights after the $k$-th mistake, $w_0 = 0$. Watch two numbers.
#
# 1. *Progress.* Each mistake adds $y\,(w^* \cdot x) \ge \gamma$ to $w^* \cdot w$. After $k$ mistakes
#    $w^* \cdot w_k \ge k\gamma$.
# 2. *Length.* $\lVert w + yx\rVert^2 = \lVert w\rVert^2 + 2y\,(w\cdot x) + \lVert x\rVert^2$. The middle term
#    is not positive, for we only update on a mistake. So each mistake adds at most $R^2$, and
#    $\lVert w_k\rVert \le R\sqrt k$.
#
# A dot product with a unit vector is at most the length of the other vector:
# $k\gamma \le w^* \cdot w_k \le \lVert w_k\rVert \le R\sqrt k$. Divide by $\sqrt k$ and by $\gamma$, and
# square: $k \le (R/\gamma)^2$. ∎
#
# </details>
#
# We count the mistakes of 100 runs in the plane and 100 in 20 dimensions, twenty seeds for each of five
# margins. The points are separable through the origin, so no column of ones is needed. **Predict:** will they
# lie close to the bound?

# %%
def mistakes_and_bound(seed, d, margin):
    X, y, w_star = data.separable(100, np.random.default_rng(seed), d=d, margin=margin)
    R, gamma = np.linalg.norm(X, axis=1).max(), (y * (X @ w_star)).min()
    return len(perceptron(X, y, np.zeros(d))[1]), (R / gamma) ** 2


# %%
fig, ax = plt.subplots()
for d, marker, color in ((20, "s", style.ordered(3)[1]), (2, "o", style.ordered(3)[2])):
    runs = [mistakes_and_bound(seed, d, m) for m in (0.02, 0.05, 0.1, 0.2, 0.3) for seed in range(20)]
    made, bound = np.transpose(runs)
    check.claim(f"mistakes / bound, worst of 100 runs in dimension {d}", np.max(made / bound), at_most=1)
    ax.loglog(bound, made, marker, color=color, markersize=4, alpha=0.6, label=f"d = {d}")
ax.loglog([10, 3000], [10, 3000], color="#222222", linewidth=1)
ax.set(title="Never above the bound, the diagonal", xlabel="bound $(R/\\gamma)^2$", ylabel="mistakes made")
ax.legend()
plot.show(fig, "Mistakes of 200 runs against the bound, both axes logarithmic: all lie below the diagonal.")

# %% [markdown]
# Every run stays under the diagonal, most of them far under: the bound is a guarantee, not a forecast. Easy
# problems (wide margin) end early in any dimension, and as $\gamma$ shrinks to 0 the guarantee becomes
# worthless.
#
# ### Play: what can one neuron separate?
#
# The playground runs the rule of this section (activation *sign*), and small networks with soft activations,
# which learn by Lecture 2's method. Drag points, step, play, change weights by hand. Everything works from
# the keyboard too. It is modelled on *TensorFlow Playground* by Daniel Smilkov and Shan Carter
# (playground.tensorflow.org), which is worth an evening of its own. (Where nothing is live you see a picture
# instead: XOR with one neuron, which leaves a point wrong, and with four hidden units, which get all four
# right.)

# %%
from course_utils.interact.playground import Playground

Playground(data="xor", hidden=[], activation="sign")

# %% [markdown]
# Four things to try; answer before you press Play.
#
# 1. **One neuron.** Choose the gate AND and press Step until it is right. Then choose XOR. What will the
#    weights do? Now take OR and drag its circle slowly towards the triangles. What happens to the number of
#    updates?
# 2. **Layers.** On the gate XOR, switch to tanh and give it one hidden layer with 1, then 2 units. Which is
#    enough? Now take the data set *quadrants*, XOR of two half-planes. How many units now? Try several seeds.
# 3. **Activation and features.** Four hidden units, activation *linear*: how far does that get on XOR? Then
#    remove the hidden layer and switch on one extra input feature that makes XOR easy. Which one? And which
#    two for the circles?
# 4. **Regularisation**, a look ahead. It adds a price for large weights to the loss: their absolute values
#    (L1) or their squares (L2), the two measures of section 1, now applied to weights. Choose circles with
#    noise 0.4 and a *training share* of 20 %: the net learns from a fifth of the points, and the *test loss* is
#    its loss on the others. Take two hidden layers of 8 tanh units and watch the two losses part. Then turn on
#    L1, then L2, strength 0.01: what happens to the weights, and to the gap?
#
# <details><summary>Answers</summary>
#
# 1. On AND the line settles after a few updates. On XOR it never does. As OR's circle nears the triangles the
#    margin shrinks and the number of updates grows; once no line is left between them, it cycles.
# 2. One unit cannot: a tanh of one line is still one line. Two are enough for the gate, from nearly every
#    start. On the quadrants two fail, and three get there from most starts, up to a point or two
#    at the lines. Soft units are not bound by section 4's argument.
# 3. Nowhere: layers of linear units make one linear unit, however many there are (section 8 proves it). The
#    feature $x_1x_2$ makes XOR a one-neuron problem: minus its sign *is* the answer. For the circles, $x_1^2$
#    and $x_2^2$.
# 4. Without regularisation, training loss falls towards 0 while test loss climbs. L1 drives most weights to
#    nothing, L2 makes all of them smaller, and both bring the test loss well down. The number of wrong test
#    points hardly changes: the net was not so much wrong as far too sure. Lecture 2 takes this up.
#
# </details>
#
# ### Checkpoint: the end of part 1
#
# You can now compute a neuron by hand, say what its weights and its bias do, build gates, any Boolean
# function and an adder from neurons, say why XOR needs a hidden layer, and run the perceptron rule by hand.
# A good place for a break. Two questions first.
#
# **1.** All weights and the bias of a sign neuron are multiplied by 10. What happens to its answers, to its
# decision boundary, and to $\lVert w\rVert$? And by $-10$?
#
# <details><summary>Answer</summary>
#
# By 10: the answers and the boundary stay, $\lVert w\rVert$ grows tenfold. By $-10$: the boundary stays and
# every answer flips; $\lVert w\rVert$ grows tenfold here too.
#
# </details>
#
# **2.** All your points have length at most 2, and some line through the origin keeps a distance of 0.1 from
# every one of them, with the two classes on its two sides. What do you know about the perceptron before it
# starts?
#
# <details><summary>Answer</summary>
#
# It makes at most $(2/0.1)^2 = 400$ mistakes, whatever the number of points and their order, and then never
# another one.
#
# </details>

# %% [markdown]
# ## 6 Networks: the same numbers in matrix form
#
# A network is neurons that read each other's outputs. Let us compute one entirely by hand before we compress
# it into two lines. It has four inputs, numbered 0 to 3, three *hidden* neurons, 4 to 6, and one output
# neuron, 7. Every neuron sends its sum through the sigmoid $S(z) = 1/(1 + e^{-z})$ of section 3:
#
# $$y = S\Big(b_7 + w_{74}\,S\big(b_4 + \textstyle\sum_{k=0}^{3} w_{4k}x_k\big)
#     + w_{75}\,S\big(b_5 + \sum_{k=0}^{3} w_{5k}x_k\big)
#     + w_{76}\,S\big(b_6 + \sum_{k=0}^{3} w_{6k}x_k\big)\Big)$$
#
# Here $w_{74}$ is the weight *into* neuron 7 *from* neuron 4. Take $x = (1, 0, 1, 0)$, every weight 0.5 and
# every bias 0. **Predict:** how many numbers can be adjusted in this network, and is $y$ above or below 0.5?
#
# Writing every weight out does not scale, so we stack them. The weights into neuron 4 become the first
# *column* of a matrix `W1` with shape (inputs, outputs), those into neuron 5 the second, and so on. One row
# of `X` is one example:
#
# $$Z_1 = X W_1 + b_1, \quad A_1 = S(Z_1), \qquad Z_2 = A_1 W_2 + b_2, \quad \hat Y = S(Z_2)$$
#
# $Z$ is called the *pre-activation*, $A$ the *activation*, and the digit is the number of the layer. First
# the sum written out, then the two lines.

# %%
x0, x1, x2, x3, w, b = 1, 0, 1, 0, 0.5, 0
hidden = S(b + w * x0 + w * x1 + w * x2 + w * x3)  # the same for neurons 4, 5 and 6
y7 = S(b + w * hidden + w * hidden + w * hidden)
check.worked("output of the 4-3-1 network", y7, "0.749620")
check.worked("its adjustable numbers", 3 * (4 + 1) + 1 * (3 + 1), "19")

# %%
X = np.array([[1.0, 0, 1, 0]])  # one example, four inputs
W1, b1 = np.full((4, 3), 0.5), np.zeros(3)
W2, b2 = np.full((3, 1), 0.5), np.zeros(1)
Y_hat = S(S(X @ W1 + b1) @ W2 + b2)
check.same("matrix form and the sum written out", Y_hat, np.array([[y7]]), 1e-15)

# %% [markdown]
# Nineteen: each hidden neuron has four weights and a bias, the output neuron three weights and a bias. The
# matrix form serves a thousand examples as it stands: give `X` a thousand rows.
#
# **Three ways to index a weight.** Books agree on the network and disagree on the letters:
#
# | written | meaning | a layer is | shape of the matrix |
# |---|---|---|---|
# | $w^l_{jk}$ | *into* unit $j$ of layer $l$, *from* unit $k$ of layer $l-1$ | $W a + b$, with columns $a$ | (outputs, inputs) |
# | $w_{ij}$ | into $i$, from $j$: the same with other letters | $W a + b$ | (outputs, inputs) |
# | $w_{ij}$ | *from* $i$, into $j$ | $x W + b$, with rows $x$ | (inputs, outputs) |
#
# This course uses the last one in code, because examples are rows of a table. The formula for one unit in
# the first convention, $a^l_j = \sigma\big(\sum_k w^l_{jk} a^{l-1}_k + b^l_j\big)$, and its matrix form
# $a^l = \sigma(w^l a^{l-1} + b^l)$ hold the same numbers as ours; the two matrices are each other's
# transpose. ($\sigma$ is another name of $S$.)
#
# A matrix the wrong way round usually stops with an error about shapes. A **square** one does not: it
# computes, silently, another network. The *transpose test* settles which way a matrix lies: put a 1 into
# one input, 0 into the others, and look at what comes out. With rows it must be that input's row of `W`,
# the weights that *leave* it.

# %%
rng = np.random.default_rng(6)
W, b, a = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
w = W.T  # w[j, k]: into unit j, from unit k
one_by_one = np.array([S(sum(w[j, k] * a[k] for k in range(4)) + b[j]) for j in range(3)])
check.same("component form and w @ a + b", one_by_one, S(w @ a + b), 1e-14)
check.same("w @ a + b and a @ W + b", S(w @ a + b), S(a @ W + b), 1e-14)

# %%
W = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
x = np.array([0.0, 1, 0])
check.worked("x @ W: the weights that leave unit 1", x @ W, "4 5 6")
check.worked("W @ x: the weights that enter unit 1", W @ x, "2 5 8")


# %% [markdown]
# A **multilayer perceptron** (MLP) repeats the step, with an activation function $f_l$ in every layer:
#
# $$\hat Y = f_N\big(\cdots f_2(f_1(X W_1 + b_1) W_2 + b_2) \cdots W_N + b_N\big)$$
#
# It is called *deep* when it has several hidden layers. Depth means nothing more mysterious than the length
# of a loop: the computation, called the **forward pass**, is a chain of matrix products with an activation
# between any two of them. Here it is for four inputs, hidden layers of five and four units, and two outputs.
#
# In a picture every unit is a circle and every weight a line: vermilion for positive, blue and dashed for
# negative, thick for large. In the left network each unit feeds all units of the next layer. That is **full
# connectivity**; the matrices are *dense*. In a **sparsely connected** layer a unit sees only some units
# before it. The formula looks the same; the difference is zeros in the matrix that stay zero. We write them
# as a mask $M$ of ones and zeros: $Z_1 = X (M_1 \odot W_1) + b_1$, where $\odot$ multiplies entry by entry.
# On the right, each of five hidden units keeps at most two neighbouring inputs.
#
# Can every input still reach every output? Take only the sparse layer $M_1$, from four inputs to five units,
# and put two outputs on top, with a mask $M_2$. Entry $i, j$ of the matrix product $M_1 M_2$ adds up
# `M1[i, k] * M2[k, j]` over the five units $k$, and each term is 1 where the path from input $i$ through unit
# $k$ to output $j$ exists: it counts the paths. There are $4 \cdot 2 = 8$ pairs of an input and an output.
# **Predict:** how many pairs have no path if the second layer is dense? And how many if output 0 listens to
# the first three units only, output 1 to the last two?

# %%
def forward(X, layers, f=S):
    """X (n, d) through layers [(W1, b1), (W2, b2), ...], with f after each; returns the last A (n, k)."""
    A = X
    for W, b in layers:
        A = f(A @ W + b)
    return A

rng, sizes = np.random.default_rng(6), [4, 5, 4, 2]
layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in zip(sizes, sizes[1:])]
(W1, b1), (W2, b2), (W3, b3) = layers
X = rng.normal(size=(7, 4))
check.same("loop and nested formula", forward(X, layers), S(S(S(X @ W1 + b1) @ W2 + b2) @ W3 + b3), 1e-14)


# %%
def draw(ax, weights, title):
    """Draw a network of these sizes from its matrices; a weight of exactly 0 is a missing connection."""
    places = [[(column, (n - 1) / 2 - k) for k in range(n)] for column, n in enumerate(sizes)]
    for W, left, right in zip(weights, places, places[1:]):
        for i, j in np.argwhere(W):
            color, line = (style.POSITIVE, "-") if W[i, j] > 0 else (style.NEGATIVE, "--")
            ax.plot(*zip(left[i], right[j]), line, color=color, linewidth=0.4 + 1.2 * abs(W[i, j]))
    ax.scatter(*zip(*sum(places, [])), s=170, color="white", edgecolor="#222222", zorder=3)
    ax.set_title(title)
    ax.axis("off")

M1 = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]])
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
draw(axes[0], [W1, W2, W3], "Full: 20 weights in layer 1")
draw(axes[1], [M1 * W1, W2, W3], "Sparse: 8 weights in layer 1")
plot.show(fig, "Networks of 4, 5, 4 and 2 units. Left, all neighbouring units are joined; right, fewer.")
dense, sparse = np.ones((5, 2), int), np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
check.worked("zeros in the sparse first layer", (M1 == 0).sum(), "12")
check.worked("pairs without a path, dense last layer", (M1 @ dense == 0).sum(), "0")
check.worked("pairs without a path, sparse last layer", (M1 @ sparse == 0).sum(), "3")

# %% [markdown]
# On the right twelve lines are missing. With a dense layer on top of the sparse one every pair has a path;
# with a second sparse one three pairs have none, whatever the weights. So, whatever is sparse, the last layer
# stays dense: each sparse unit knows only its own corner of the input, and somebody has to put the corners
# together.
#
# ## 7 Activation functions
#
# A neuron first computes a *score*, $z = x \cdot w + b$. It is any real number, and we want a decision. The
# sign of $z$ makes a hard one. The sigmoid makes a soft one and can be read as a probability: a score of 0
# means "no idea", a score of 3 "yes, with probability 0.95".
#
# The function between score and output is the **activation function**. Here are the fourteen you will meet.
# The formulas below are Python, and the same strings are both printed and run, so that the table cannot
# differ from the computation. In a derivative, `f` stands for the value of the function. Some have constants:
# the slope of the leaky ReLU below 0, the $\alpha$ of ELU, the two lines of maxout. Their defaults stand in
# one place and can be replaced in a call.

# %%
ACTIVATIONS = {  # name: (f, its derivative, where it is used)
    "sigmoid": ("1 / (1 + exp(-z))", "f * (1 - f)", "logistic regression, MLP, yes/no outputs"),
    "tanh": ("2 / (1 + exp(-2 * z)) - 1", "1 - f**2", "MLP, recurrent networks"),
    "softplus": ("log(1 + exp(z))", "1 / (1 + exp(-z))", "a smooth ReLU, positive outputs"),
    "arctan": ("arctan(z)", "1 / (z**2 + 1)", "MLP, seldom"),
    "ReLU": ("maximum(0, z)", "where(z > 0, 1, 0)", "hidden layers, the usual first choice"),
    "leaky ReLU": ("maximum(slope * z, z)", "where(z > 0, 1, slope)", "hidden layers, keeps a slope below 0"),
    "PReLU": ("where(z > 0, z, a * z)", "where(z > 0, 1, a)", "as leaky ReLU, but a is learned"),
    "ELU": ("where(z > 0, z, alpha * (exp(z) - 1))", "where(z > 0, 1, f + alpha)", "hidden layers"),
    "maxout": ("maximum(w1 * z + b1, w2 * z + b2)", "where(w1 * z + b1 > w2 * z + b2, w1, w2)",
               "hidden layers, all pieces learned"),
    "unit step": ("heaviside(z, 0.5)", "0 * z", "perceptron; 1/2 at 0"),
    "binary step": ("heaviside(z, 1)", "0 * z", "perceptron; 1 at 0"),
    "signum": ("sign(z)", "0 * z", "perceptron with targets -1 and 1"),
    "piecewise linear": ("clip(z + 0.5, 0, 1)", "where(abs(z) < 0.5, 1, 0)", "a cheap sigmoid"),
    "identity": ("z", "1 + 0 * z", "linear regression, Adaline, regression outputs"),
}

# %%
CONSTANTS = {"slope": 0.1, "a": 0.25, "alpha": 1.0, "w1": -0.5, "b1": -0.5, "w2": 1.0, "b2": 0.0}

def activation(name, z, **constants):
    """f(z) and f'(z) for z of any shape, by evaluating the two formulas of the table."""
    known = vars(np) | CONSTANTS | constants | {"z": np.asarray(z, float)}
    f = eval(ACTIVATIONS[name][0], known)
    return f, eval(ACTIVATIONS[name][1], known | {"f": f})


# %% [markdown]
# **Predict** from the formulas: which of them have a slope of exactly 0 wherever they have a slope, and which
# of the others is never steeper than 1/4? (At its jump a step has none; the 0 in the table is a convention.)

# %%
from IPython.display import Markdown, display

rows = ["| name | f(z) | f′(z) | f(−2) | f(0) | f(2) | used in |", "|---|---|---|---|---|---|---|"]
for name, (f, df, use) in ACTIVATIONS.items():
    low, zero, high = activation(name, [-2, 0, 2])[0]
    rows.append(f"| {name} | `{f}` | `{df}` | {low:.6g} | {zero:.6g} | {high:.6g} | {use} |")
display(Markdown("\n".join(rows)))

# %%
z = np.linspace(-4, 4, 801)
fig, axes = plt.subplots(7, 2, figsize=(6.6, 9.5), sharex=True)
for ax, name in zip(axes.flat, ACTIVATIONS):
    f, df = activation(name, z)
    ax.plot(z, np.where(np.abs(np.gradient(f, z)) > 20, np.nan, f), color="#222222")  # a gap at a jump
    ax.plot(z, df, color="#888888", linestyle="--")
    ax.plot(0, activation(name, 0)[0], "o", color="#222222", markersize=4)
    ax.set(title=name, ylim=(-1.6, 2.2))
axes[0, 0].text(-3.9, 1.4, "solid f, dot f(0), dashed f′", fontsize=9)
fig.suptitle("Slopes: steps 0, sigmoid at most 1/4, ReLU family 1 right of 0", x=0.01, ha="left", fontsize=11)
fig.supxlabel("$z$", fontsize=11)
plot.show(fig, "Fourteen small plots, one for each activation function, the function solid, its slope dashed.")

# %% [markdown]
# The three steps are flat everywhere except at their jump, so their slope says nothing about which way to
# turn a weight: they can be used, not trained by following slopes. The sigmoid's slope is 1/4 at best, and
# almost 0 a few units away from the middle: it *saturates*. The ReLU family keeps slope 1 on the whole right
# half. **Maxout** takes the larger of several affine functions of the inputs,
# $\max(x\cdot w_1 + b_1, x\cdot w_2 + b_2)$; with the lines $0$ and $z$ it *is* the ReLU. (*Adaline*, in the table, is a neuron by Bernard
# Widrow and Ted Hoff, 1960: a perceptron trained on its score, without the step.) The hyperbolic tangent has
# three common forms and is a stretched sigmoid:
#
# $$\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}} = \frac{\sinh z}{\cosh z} = \frac{2}{1 + e^{-2z}} - 1$$
#
# **Are the derivatives right?** PyTorch can differentiate any program (how, is the subject of Lecture 2). After
# a few values, we let it differentiate its *own* version of every function, and compare values and slopes at
# points away from the kinks. Three words of PyTorch: a number made with `grad=True` is watched;
# `torch.autograd.grad(y, z)` is the derivative of `y` with respect to the watched `z`; `detach()` gives a
# result's bare number, unwatched.

# %%
value = lambda name, z, **constants: activation(name, z, **constants)[0]
check.worked("sigmoid(2), sigmoid(3)", value("sigmoid", [2, 3]), "0.880797 0.952574")
check.worked("slope of the sigmoid at 0", activation("sigmoid", 0)[1], "0.25")
check.worked("tanh(2), arctan(2)", [value("tanh", 2), value("arctan", 2)], "0.964028 1.107149")
check.worked("softplus at 0 and 2", value("softplus", [0, 2]), "0.693147 2.126928")
check.worked("leaky ReLU(-2), ELU(-2)", [value("leaky ReLU", -2), value("ELU", -2)], "-0.2 -0.864665")
check.worked("piecewise linear at 0.25, -0.25", value("piecewise linear", [0.25, -0.25]), "0.75 0.25")
check.worked("maxout of 0 and z at -1, 2", value("maxout", [-1, 2], w1=0, b1=0, w2=1, b2=0), "0 2")
up, down = np.exp(z), np.exp(-z)
check.same("tanh by exponentials", value("tanh", z), (up - down) / (up + down), 1e-14)
check.same("tanh as sinh / cosh", value("tanh", z), np.sinh(z) / np.cosh(z), 1e-14)

# %%
TWINS = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softplus": F.softplus, "arctan": torch.arctan,
    "ReLU": torch.relu, "leaky ReLU": lambda z: F.leaky_relu(z, 0.1), "ELU": F.elu,
    "PReLU": lambda z: F.prelu(z, torch.tensor([0.25], dtype=z.dtype)),
    "maxout": lambda z: torch.maximum(-0.5 * z - 0.5, z),
    "piecewise linear": lambda z: F.hardtanh(z, -0.5, 0.5) + 0.5, "identity": lambda z: 1 * z,
}
z = np.array([-2.3, -0.7, -0.2, 0.1, 0.4, 1.9])
z_torch, a = bridge.tensors(z, np.array([0.25]), grad=True)
for name, twin in TWINS.items():
    f, df = activation(name, z)
    theirs = twin(z_torch)
    assert np.allclose(f, theirs.detach().numpy(), rtol=0, atol=1e-14), name
    check.same(f"slope of {name}", df, torch.autograd.grad(theirs.sum(), z_torch)[0], 1e-14)
F.prelu(z_torch, a).sum().backward()
check.same("PReLU's slope in a", np.minimum(z, 0).sum(keepdims=True), a.grad, 1e-14)
for name in ("unit step", "binary step", "signum"):                # finite differences
    slope = (value(name, z + 1e-6) - value(name, z - 1e-6)) / 2e-6
    check.same(f"slope of {name}", activation(name, z)[1], slope, 0)


# %% [markdown]
# Every line agrees to rounding. PReLU has a second slope: its constant $a$ is learned, so training needs
# the derivative with respect to $a$ as well, which is $z$ where $z < 0$ and 0 elsewhere. The steps get
# their check from finite differences: slope 0 away from the jump.
#
# **At zero, convention rules.** A function with a corner has no derivative there, so every program picks one.
# It seldom matters for learning; it matters when you compare two programs. **Predict** what PyTorch says for
# the slope of ReLU at exactly 0: 0, ½ or 1? (In the table below, ELU has $\alpha = 1.7$.)
#
# **A mix-up to avoid.** The piecewise linear activation is sometimes listed as the support vector machine's
# (SVM). A linear SVM decides by the *sign* of its score and is trained with the **hinge loss**
# $\max(0, 1 - yz)$ for targets $y = \pm 1$. A loss measures regret; an activation makes an output. Three
# curves, three jobs.

# %%
def torch_slope(f):
    """PyTorch's derivative of f at 0."""
    zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(zero), zero)[0].item()

rows = ["| function | f(0) | slope left of 0 | right of 0 | our slope at 0 | PyTorch's |", "|---|---|---|---|---|---|"]
TWINS |= {"ELU": lambda z: F.elu(z, 1.7), "signum": torch.sign}
for name in ("ReLU", "leaky ReLU", "PReLU", "ELU", "unit step", "binary step", "signum"):
    f, (left, middle, right) = activation(name, [-1e-9, 0, 1e-9], alpha=1.7)
    theirs = f"{torch_slope(TWINS[name]):g}" if name in TWINS else "none"
    rows.append(f"| {name} | {f[1]:g} | {left + 0:.3g} | {right:.3g} | {middle:.3g} | {theirs} |")
display(Markdown("\n".join(rows)))
spellings = torch.relu, lambda z: torch.maximum(z, torch.zeros_like(z)), lambda z: z.clamp(min=0)
check.worked("PyTorch's slope at 0: relu, maximum, clamp", [torch_slope(f) for f in spellings], "0 0.5 1")
steps = np.heaviside(0, 0.5), np.heaviside(0, 1), np.sign(0)
check.worked("unit step, binary step, signum at 0", steps, "0.5 1 0")
check.worked("NumPy's z > 0 and z >= 0 at 0", [np.greater(0, 0), np.greater_equal(0, 0)], "0 1")
sides = lambda alpha: [activation("ELU", side, alpha=alpha)[1] for side in (-1e-9, 1e-9)]
check.worked("ELU's slopes left and right of 0, alpha 1.7", sides(1.7), "1.7 1.0")
check.worked("ELU's slopes left and right of 0, alpha 1", sides(1.0), "1.0 1.0")
leaky = [value("leaky ReLU", -2, slope=0.1), F.leaky_relu(torch.tensor(-2.0)).item()]
check.worked("leaky ReLU(-2) with slope 0.1 and PyTorch's", leaky, "-0.2 -0.02")

# %%
z = np.linspace(-2, 2, 400)
fig, ax = plt.subplots()
ax.plot(z, value("piecewise linear", z), color="#222222", linestyle=":", label="piecewise linear activation")
ax.step(z, np.sign(z), color="#888888", label="SVM's decision, sign(z)")
ax.plot(z, np.maximum(0, 1 - z), color="#222222", linestyle="--", label="SVM's loss if y = 1: hinge")
ax.set(title="Hinge falls as the score grows; it is no activation", xlabel="score $z$", ylabel="value")
ax.legend(loc="upper right")
plot.show(fig, "Over the score: a ramp from 0 to 1, the sign's step from -1 to 1, the hinge falling to 0 at 1.")

# %% [markdown]
# Three spellings of the ReLU, three answers at 0. Our table takes 0, as `torch.relu` does. For the unit step
# and the binary step PyTorch has the function (`heaviside`, which asks for its value at 0) and no derivative.
# ELU has a corner of its own: from the left its slope tends to $\alpha$, from the right it is 1, so it is
# without a corner only for $\alpha = 1$. And the 0.1 of the leaky ReLU is one choice among many; PyTorch's
# default is 0.01.
#
# In the figure the hinge is still positive between 0 and 1: the SVM is not content with the right sign, it
# wants a margin.
#
# ## 8 Without an activation nothing is gained
#
# You will read that a neural network is "a series of linear functions" or "matrix multiplications". Suppose
# it were. Three layers without activations compute
#
# $$((x W_1 + b_1) W_2 + b_2) W_3 + b_3 = x\,\underbrace{W_1 W_2 W_3}_{W} +
# \underbrace{b_1 W_2 W_3 + b_2 W_3 + b_3}_{b}.$$
#
# That is one layer. Twenty hidden layers would be one layer. Let us hold a random 5-4-3-2 network against its
# collapsed version.
#
# An affine map, $f(x) = xW + b$, also obeys *superposition*: $f(u + v) = f(u) + f(v) - f(0)$. That is a test
# one can run on any function without knowing its insides. **Predict:** does the same network with a ReLU
# after each hidden layer pass it?

# %%
rng, sizes = np.random.default_rng(8), [5, 4, 3, 2]
layers = [(rng.normal(size=(m, n)) / np.sqrt(m), rng.normal(size=n)) for m, n in zip(sizes, sizes[1:])]
(W1, b1), (W2, b2), (W3, b3) = layers
X = rng.normal(size=(10, 5))
deep = forward(X, layers, f=lambda z: z)
check.same("three affine layers and one", deep, X @ (W1 @ W2 @ W3) + b1 @ W2 @ W3 + b2 @ W3 + b3, 1e-14)

# %%
gap = lambda f, u, v: np.abs(f(u + v) - f(u) - f(v) + f(0 * u)).max()
relu = lambda z: np.maximum(0, z)
relu_net = lambda X: relu(relu(X @ W1 + b1) @ W2 + b2) @ W3 + b3
u, v = rng.normal(size=(2, 200, 5))
check.claim("gap without activations", gap(lambda X: forward(X, layers, lambda z: z), u, v), at_most=1e-13)
check.claim("gap with ReLU", gap(relu_net, u, v), at_least=0.02)


# %% [markdown]
# ## 9 Enough bumps make any curve
#
# Without activations the gap is rounding, with ReLU it is not: the collapse is gone. So with activations the
# chain $f_3(f_2(f_1(xW_1 + b_1)W_2 + b_2)W_3 + b_3)$ can follow curves. Which curves? All of them, in a sense
# that we now make precise. The picture is from Michael Nielsen's *Neural Networks and Deep Learning* (chapter
# 4). A sigmoid with a huge weight, $\sigma(w\,(x - s))$, is a **step** at $s$. Two steps with opposite output
# weights are a **bump**. And bumps side by side make a staircase along any curve we like. Nobody needs to
# train anything: at each of the points 0, $1/n$, $2/n$, … 1 put a bump of width $1/n$, as high as the curve
# there. The two at the ends reach half a width beyond [0, 1]; otherwise the first step would be only half way
# up at $x = 0$. That is a network with $2(n + 1)$ hidden units, designed by hand.
#
# Huge weights make huge scores, and $e^{800}$ is beyond the largest float64. Section 3's $1/(1 + e^{-z})$
# still says 0 at −800, with a warning; written as $e^z/(1 + e^z)$ the sigmoid says "not a number" at 800. The
# cure is algebra: only ever take the exponential of $-|z|$, which cannot overflow. This is the sigmoid that
# we keep for the rest of the course.

# %%
def sigmoid(z):
    """1 / (1 + exp(-z)) without overflow; z of any shape, returns the same shape and float type."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)

check.worked("sigmoid at -800, 0, 800", sigmoid(np.array([-800.0, 0, 800])), "0 0.5 1")

# %%
step = lambda x, s, w=4000: sigmoid(w * (x - s))
bump = lambda x, left, right, height, w=4000: height * (step(x, left, w) - step(x, right, w))
curve = lambda x: 0.4 + 0.3 * np.sin(7 * x) + 0.2 * np.cos(17 * x)
staircase = lambda x, n: sum(bump(x, k / n - 0.5 / n, k / n + 0.5 / n, curve(k / n), 100 * n) for k in range(n + 1))
x = np.linspace(0, 1, 2001)
errors = [np.abs(staircase(x, n) - curve(x)).max() for n in (20, 40, 80, 160)]
check.worked("worst error on [0, 1], n = 20, 40, 80, 160", errors, "0.121 0.060 0.030 0.015")
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
axes[0].plot(x, step(x, 0.4, 50), color="#222222", linestyle=":", label="one unit, w = 50")
axes[0].plot(x, bump(x, 0.4, 0.6, 0.8), color="#222222", label="two units, w = 4000")
axes[1].plot(x, curve(x), color="#bbbbbb", linewidth=4, label="curve")
axes[1].plot(x, staircase(x, 40), color="#222222", linewidth=1, label="network of 41 bumps")
axes[0].set_ylabel("output")
for ax, title in zip(axes, ("Two steps make a bump", "41 bumps follow a curve")):
    ax.set(title=title, xlabel="$x$", ylim=(-0.1, 1.4))
    ax.legend(loc="upper right")
plot.show(fig, "Left, a soft step at 0.4 and a bump from 0.4 to 0.6; right, a staircase hugs a wavy curve.")


# %% [markdown]
# Left, two steep units make a bump; right, 41 bumps follow the curve. Halve their width, and make the steps
# twice as steep so that they fit into it (here $w = 100n$), and you roughly halve the worst error. So it goes
# for any curve with a bounded slope.
#
# The hand-made network is wasteful. Let us give the units gentle random slopes and positions instead, and
# choose only the *output* weights, so that the squared error is smallest: a **least-squares** problem, solved
# in one line. The target is $\sin$ on $[-\pi, \pi]$. Random layers differ, so we take the median of twenty
# for each width. With 2 units the mean squared error is about 0.15. **Predict:** is it with 8 units about a
# tenth, a hundredth, or less than a thousandth of that? And with 64? What if the units square their score,
# $\phi(z) = z^2$?

# %%
def fit(phi, width, x, y, rng):
    """A random hidden layer, phi(x w + b), and output weights by least squares; returns the network."""
    W1, b1 = rng.normal(size=(1, width)), rng.uniform(-np.pi, np.pi, size=width)
    layer = lambda x: np.column_stack([phi(x[:, None] @ W1 + b1), np.ones(len(x))])
    w2 = np.linalg.lstsq(layer(x), y, rcond=None)[0]
    return lambda x: layer(x) @ w2


# %%
rng = np.random.default_rng(9)
x, x_new = np.linspace(-np.pi, np.pi, 400), np.linspace(-np.pi, np.pi, 1001)
error = lambda phi, width: np.mean((fit(phi, width, x, np.sin(x), rng)(x_new) - np.sin(x_new)) ** 2)
medians = [np.median([error(np.tanh, width) for _ in range(20)]) for width in (2, 8, 64)]
check.claim("median error with 2 units", medians[0], at_least=0.13)
check.claim("median error with 8 units", medians[1], at_most=2e-4)
check.claim("median error with 64 units", medians[2], at_most=1e-12)
check.worked("error of 4 and of 64 squaring units", [error(np.square, m) for m in (4, 64)], "0.1968 0.1968")

# %% [markdown]
# Eight units are good, sixty-four are at the limit of rounding. Squaring units gain nothing: their sum is a
# parabola, however many there are. What we have seen is one instance, in one dimension, of the
# **universal approximation theorem**, and its conditions are the point:
#
# > Let $K \subset \mathbb R^d$ be closed and bounded (compact), $g: K \to \mathbb R$ continuous, and $\phi$ a
# > continuous activation that is *not a polynomial*. Then for every $\varepsilon > 0$ there are a width $m$
# > and weights such that $\big|g(x) - \sum_{j=1}^m v_j\,\phi(x\cdot w_j + b_j)\big| < \varepsilon$ for **all**
# > $x$ in $K$.
#
# George Cybenko (1989) and Kurt Hornik, Maxwell Stinchcombe and Halbert White (1989) proved it for squashing
# functions, Hornik (1991) for bounded ones that are not constant, and Moshe Leshno and others (1993) found
# that "not a polynomial" is all it takes. It says that the weights **exist**. It does not say how many units
# you need, how to find the weights, or what happens outside $K$: "any bounded continuous function" without
# the words *on a compact set* is false. So leave the interval on which we fitted. **Predict** what a
# network with 8 units does at $x = 3\pi$, and very far away.

# %%
rng = np.random.default_rng(82)  # most draws fly far off the page; this one stays on it
net = fit(np.tanh, 8, x, np.sin(x), rng)
wide = np.linspace(-5 * np.pi, 5 * np.pi, 1001)
fig, ax = plt.subplots()
ax.axvspan(-np.pi, np.pi, color="#eeeeee", zorder=0)
ax.plot(wide, np.sin(wide), color="#888888", linestyle="--", label="sin x")
ax.plot(wide, net(wide), color="#222222", label="network, 8 units")
ax.set(title="Right where it was fitted (grey), wrong outside", xlabel="$x$", ylabel="output", ylim=(-3, 3))
ax.legend(loc="upper right")
plot.show(fig, "A sine and the fitted network: one curve inside the grey band, far apart outside of it.")
far = np.linspace(1e5 * np.pi, (1e5 + 2) * np.pi, 1001)
check.claim("variation of the network far outside", np.ptp(net(far)), at_most=1e-6)
check.worked("mean squared error of the best constant there", np.var(np.sin(far)), "0.50")

# %% [markdown]
# Inside the grey band the curves coincide, outside they part. Far away every tanh has saturated, so the
# network is a constant, and no constant is a sine. For approximating a continuous
# function on a compact set, one hidden layer is enough *in principle*, and depth is a matter of economy;
# Lectures 2 and 3 show what it buys. No contradiction to section 4: the chequerboard is not continuous, its
# neurons were hard thresholds, and it had to be exact. There a second layer was needed.
#
# ## 10 Reading digits
#
# Now something real: 5000 handwritten digits from MNIST (Yann LeCun, Corinna Cortes and Christopher Burges),
# 28 by 28 pixels, each pixel a number from 0 (paper) to 1 (ink). A picture becomes one row of 784 numbers.
# 4000 are for training. The other 1000 are the *test set*. It measures finished methods, and nothing else: if
# we chose anything by looking at it, the measurement would flatter us.
#
# **Baselines first.** A clever method means nothing until we know what a dull one reaches. Guessing scores
# 10 %. The dullest method with any data in it: measure how *dark* a picture is on average, and name the digit
# whose average darkness is nearest. The next one compares the picture with the mean picture of each digit
# and names the nearest. **Predict** for each: about 20 %, 50 % or 80 % right?

# %%
X_train, y_train, X_test, y_test = data.digits28(flat=True)
means = np.array([X_train[y_train == k].mean(axis=0) for k in range(10)])  # (10, 784)
some = [np.flatnonzero(y_train == k)[i] for i in range(2) for k in range(10)]
fig = plot.images(X_train[some], titles=y_train[some], columns=10, scale=0.62)
fig.suptitle("Digits written by different hands", x=0.01, ha="left", fontsize=11)
plot.show(fig, "Two handwritten examples of each digit from 0 to 9, with their labels above them.")


# %%
def accuracy(Y_hat, y):
    """Share of rows whose largest score is at the label; Y_hat (n, k) scores, y (n,) labels. A float."""
    return float(np.mean(Y_hat.argmax(axis=1) == y))

darkness = -np.abs(X_test.mean(axis=1, keepdims=True) - means.mean(axis=1))
check.claim("accuracy by darkness", accuracy(darkness, y_test), at_least=0.2)
check.claim("accuracy by nearest mean", accuracy(-((X_test[:, None] - means) ** 2).sum(axis=2), y_test), at_least=0.81)


# %% [markdown]
# Darkness gets one in five; the ten mean pictures get four in five. Write the square out,
#
# $$-\lVert x - m\rVert^2 = 2\,x \cdot m - \lVert m \rVert^2 - \lVert x\rVert^2.$$
#
# The last term is the same for all ten classes, so the nearest mean is already a layer $xW + b$, with weights
# that nobody trained.
#
# **Ten perceptrons.** Let one perceptron answer "is it a 0?", another "is it a 1?", and so on, each trained
# by the perceptron rule on targets $\pm 1$. The ten learn at the same time: an example changes only those
# that got it wrong. The answer is the perceptron with the largest score (this is called *one versus rest*).
# When to stop? We have no reason to prefer one number of passes, so we look at 8, 9, 10, 11 and 12.

# %%
def ten_perceptrons(X, y, epochs, rng):
    """The perceptron rule, one unit for each class; X (n, d), y (n,) in 0..9. Returns W (d, 10), b (10,)."""
    T = np.where(y[:, None] == np.arange(10), 1, -1).astype(X.dtype)
    W, b = np.zeros((X.shape[1], 10), X.dtype), np.zeros(10, X.dtype)
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            wrong = T[i] * (X[i] @ W + b) <= 0
            W[:, wrong] += X[i][:, None] * T[i, wrong]
            b[wrong] += T[i, wrong]
    return W, b


# %%
runs = (ten_perceptrons(X_train, y_train, n, np.random.default_rng(10)) for n in (8, 9, 10, 11, 12))
scores = [X_test @ W + b for W, b in runs]
reached = [accuracy(Z, y_test) for Z in scores]
check.claim("ten perceptrons, worst accuracy of five", min(reached), at_least=0.82)
check.claim("ten perceptrons, best minus worst", np.ptp(reached), at_least=0.01)
check.claim("pictures claimed by exactly one of ten", np.mean((scores[2] > 0).sum(axis=1) == 1), at_most=0.81)


# %% [markdown]
# Better than the means, but restless: after ten passes over the pictures the rule is still making mistakes, and
# the last few decide where it stops, up or down by a few points. To name only the best of the five would be
# choosing by the test set. And the ten do not know of each other: for about a quarter of the
# pictures nobody, or more than one, says yes. What we want is **one** answer, shared out over ten classes.
#
# ### Softmax regression
#
# The **softmax** turns ten scores (here called *logits*) into ten probabilities: make them positive with the
# exponential, then divide by their sum.
#
# $$p_j = \frac{e^{z_j}}{\sum_{c=1}^{k} e^{z_c}}$$
#
# Adding the same number to all scores changes nothing, because it cancels. So we may subtract the largest
# score first; then no exponential can overflow.
#
# **The loss.** If the model gives probability $p_{iy_i}$ to the true class of example $i$, then $-\ln
# p_{iy_i}$ is 0 for a sure and right answer and grows without limit for a sure and wrong one. The mean over
# the batch is the **cross-entropy**. (Minimising it is maximising the probability of all the labels;
# Lecture 2 returns to this.) Put the softmax in:
#
# $$L = \frac1n \sum_{i=1}^n \Big( \ln \sum_c e^{z_{ic}} - z_{iy_i} \Big)$$
#
# Never compute $p$ first and its logarithm afterwards: a $p$ too small for a float becomes $\ln 0$. The form
# above, again with the largest score subtracted, has no such accident.

# %%
def softmax(Z):
    """Rows of scores to rows of probabilities, without overflow; Z (n, k), returns (n, k)."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)

Z = np.array([[2.0, 1, 0], [1002, 1001, 1000]])
check.worked("softmax of 2, 1, 0 and of 1002, 1001, 1000", softmax(Z), 2 * "0.665241 0.244728 0.090031 ")


# %%
def cross_entropy(Z, y):
    """Mean over the batch of -ln softmax(Z)[i, y_i]; Z (n, k) scores, y (n,) integer labels. A float."""
    Z = Z - Z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]))

check.worked("loss of a good guess", cross_entropy(Z[:1], np.array([0])), "0.407606")
check.worked("loss of a very sure mistake", cross_entropy(np.array([[0.0, 1000, 0]]), np.array([2])), "1000")


# %% [markdown]
# **Its gradient.** How does $L$ change with one score $z_{ij}$? Only example $i$ contains it. The
# derivative of the logarithm of the sum, by the chain rule, is
#
# $$\frac{\partial}{\partial z_{ij}} \ln \sum_c e^{z_{ic}} = \frac{e^{z_{ij}}}{\sum_c e^{z_{ic}}} = p_{ij},
# \qquad \frac{\partial z_{iy_i}}{\partial z_{ij}} = [\,j = y_i\,],$$
#
# where the bracket is 1 if the statement holds and 0 otherwise. That bracket is the entry $y_{ij}$ of the
# *one-hot* matrix $Y$, which has a 1 in each row at the true class. So the long formula has a very short
# derivative:
#
# $$\boxed{\;\delta_{ij} = \frac{\partial L}{\partial z_{ij}} = \frac{p_{ij} - y_{ij}}{n}\;}$$
#
# What the model said minus what it should have said. From the scores on to the weights: $z_{ij} = \sum_k
# x_{ik} w_{kj} + b_j$, so $w_{kj}$ touches every example's score $j$ by $x_{ik}$, and $b_j$ by 1:
#
# $$\frac{\partial L}{\partial w_{kj}} = \sum_i x_{ik}\,\delta_{ij} = (X^\top \delta)_{kj}, \qquad
# \frac{\partial L}{\partial b_j} = \sum_i \delta_{ij}.$$
#
# Never trust a gradient that has not been checked: we nudge every number a little up and down, and compare
# the change of the loss with the formula.

# %%
def one_hot(y, k, dtype=np.float64):
    """Labels y (n,) in 0..k-1 to a matrix (n, k) with a 1 in each row at the label, 0 elsewhere."""
    return np.eye(k, dtype=dtype)[y]


def softmax_gradient(X, y, W, b):
    """Loss of softmax regression and its gradients; X (n, d), W (d, k). Returns loss, dW (d, k), db (k,)."""
    Z = X @ W + b
    delta = (softmax(Z) - one_hot(y, len(b), Z.dtype)) / len(X)
    return cross_entropy(Z, y), X.T @ delta, delta.sum(axis=0)


# %%
rng = np.random.default_rng(10)
X, y = rng.normal(size=(7, 5)), rng.integers(0, 4, size=7)
W, b = rng.normal(size=(5, 4)), rng.normal(size=4)
loss, dW, db = softmax_gradient(X, y, W, b)
check.gradient("dW", lambda: cross_entropy(X @ W + b, y), W, dW)
check.gradient("db", lambda: cross_entropy(X @ W + b, y), b, db)


# %% [markdown]
# **Training** is walking downhill: subtract a small multiple of the gradient from the weights. The multiple
# $\eta$ is called the *learning rate*. Computing the gradient on all 4000 pictures for each step is
# wasteful; a *mini-batch* of 50 gives a rougher direction eighty times as often. One pass over all
# pictures, in a new random order, is an *epoch*.
#
# Which $\eta$? How many epochs, how large a batch? Those are **hyper-parameters**: the gradient does not choose
# them. Here 30 epochs and batches of 50 are round numbers that we leave alone; $\eta$ we choose. We
# hold back 800 of the *training* pictures as a **validation** set, train on the other 3200, and watch.
# **Predict** what a too small and a too large $\eta$ look like.

# %%
def train(X, y, W, b, eta, orders, batch=50):
    """Mini-batch descent from copies of W and b; orders holds one order of the n examples for each epoch.

    Returns W, b and the loss of every step, measured before it.
    """
    W, b, losses = W.copy(), b.copy(), []
    for rows in (order[start : start + batch] for order in orders for start in range(0, len(X), batch)):
        loss, dW, db = softmax_gradient(X[rows], y[rows], W, b)
        W -= eta * dW
        b -= eta * db
        losses.append(loss)
    return W, b, np.array(losses)


# %%
rng = np.random.default_rng(10)
fig, ax = plt.subplots()
curves, epochs = {}, 30
for eta, color, marker in zip((0.001, 0.01, 0.1, 1.0), style.ordered(5)[1:], "ovs^"):
    W, b = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
    curves[eta] = []
    for _ in range(epochs):
        W, b, _ = train(X_train[:3200], y_train[:3200], W, b, eta, [rng.permutation(3200)])
        curves[eta].append(accuracy(X_train[3200:] @ W + b, y_train[3200:]))
    ax.plot(range(1, epochs + 1), curves[eta], color=color, marker=marker, markersize=3, label=f"η = {eta:g}")
ax.set(title="Too small is slow; 0.1 and 1 end level", xlabel="epoch", ylabel="validation accuracy",
       ylim=(0.68, 0.93))
ax.legend(loc="lower right")
plot.show(fig, "Validation accuracy over 30 epochs: 0.001 rises slowly, 0.1 climbs to 0.9, 1 jumps about.")

# %% [markdown]
# The smallest is still climbing, the largest jumps about. We judge by the mean of the last five epochs, because
# a single epoch can be lucky. Is the winner really better than the runner-up? An accuracy $a$ measured on $m$
# pictures has the standard error $\sqrt{a(1 - a)/m}$, with 800 pictures near 0.9 about 0.01, and 0.1 and 1 are
# less than that apart. So either would do; we take the winner, and train with it on all 4000, for 30 epochs,
# from small random weights.
#
# A sensible yardstick is a mature library on the same split. scikit-learn's `LogisticRegression` minimises
# the same loss, plus a small penalty on large weights, to the very bottom with a cleverer method. **Predict**
# who wins, and by how much.
#
# Each class has 784 weights, one for each pixel, so each class *is* a picture. Vermilion ink speaks for the
# class, blue against. **Predict** where the blue of the 0 lies. Below the weights, the ten misread test
# digits of which the model was most sure: how many would you have got right?

# %%
from sklearn.linear_model import LogisticRegression

best = max(curves, key=lambda eta: np.mean(curves[eta][-5:]))
rng = np.random.default_rng(11)
W0, b0 = 0.01 * rng.normal(size=(784, 10)), np.zeros(10)
orders = [rng.permutation(4000) for _ in range(epochs)]
single = [array.astype(np.float32) for array in (W0, b0)]
W_digits, b_digits, losses = train(X_train, y_train, *single, best, orders)
ours = accuracy(X_test @ W_digits + b_digits, y_test)
library = LogisticRegression(max_iter=500).fit(X_train, y_train).score(X_test, y_test)
check.claim("accuracy of softmax regression", ours, at_least=0.88)
check.claim("accuracy of scikit-learn", library, at_least=0.88)
check.claim("ours minus scikit-learn's", ours - library, at_least=-0.006)
P = softmax(X_test @ W_digits + b_digits)
surest = np.argsort(-P.max(axis=1) * (P.argmax(axis=1) != y_test))[:10]     # the wrong ones, most sure first

# %%
fig = plot.images(W_digits.T, titles=range(10), columns=5, signed=True, scale=1.1)
fig.suptitle("Ink in the middle speaks against a 0", x=0.01, ha="left", fontsize=11)
plot.show(fig, "Ten weight pictures. The one for 0 has a vermilion ring and a blue spot in the middle.")
fig = plot.images(X_test[surest], [f"{y_test[i]}, says {P[i].argmax()}" for i in surest], columns=5, scale=1.1)
fig.suptitle("Ten misread digits: truth, and what the model is sure of", x=0.01, ha="left", fontsize=11)
plot.show(fig, "The ten misread digits with the highest probability for the wrong answer, truth and answer.")


# %% [markdown]
# Nine in ten, and within a point of the library, which with 1000 test pictures is no difference worth a word:
# the standard error is $\sqrt{0.9 \cdot 0.1 / 1000} \approx 0.01$. By the same yardstick softmax regression
# beats the perceptrons' worst pass clearly and their best one hardly at all; what it adds for certain is
# calm, and one answer. Ink in the middle is the best argument against a 0. Some of the misread digits are
# badly written, most are not.
#
# ### The same in PyTorch
#
# Line for line: a linear layer, the cross-entropy (which contains the softmax), and plain gradient descent.
# There is no gradient formula in it; `backward()` finds it and *adds* it to what is stored, so `zero_grad()`
# must clear the store before each step. Both start from the same weights and see the
# same batches. First the proof, in float64 on the CPU: one epoch, which is 80 steps, must agree to ten
# digits, in every loss and every weight.

# %%
def train_torch(X, y, W, b, eta, orders, batch=50, device="cpu"):
    """The twin of `train`. Returns the layer and the loss of every step."""
    layer = torch.nn.Linear(*W.shape, dtype=torch.tensor(W).dtype)
    layer = bridge.set_linear(layer, W, b).to(device)
    X, y, orders = bridge.tensors(X, y, np.stack(orders), device=device)
    optimizer = torch.optim.SGD(layer.parameters(), lr=eta)
    losses = []
    for order in orders:
        for rows in order.split(batch):
            loss = F.cross_entropy(layer(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    return layer, torch.stack(losses).cpu().numpy()


# %%
X64 = X_train.astype(np.float64)
W, b, losses64 = train(X64, y_train, W0, b0, best, orders[:1])
layer, losses_torch = train_torch(X64, y_train, W0, b0, best, orders[:1])
check.same("80 losses", losses64, losses_torch, 1e-10)
check.same("weights after 80 steps", W, layer.weight.T, 1e-10)
check.same("biases after 80 steps", b, layer.bias, 1e-10)

# %% [markdown]
# Then the whole run of 2400 steps in float32, with about seven digits, on the GPU where there is one. Which
# program is faster depends on the machine, so the small table after the figure is different on yours.

# %%
device = bridge.device()
layer, losses_torch = train_torch(X_train, y_train, *single, best, orders, device=device)
check.same("2400 losses in float32", losses, losses_torch, 1e-3)
fig, ax = plt.subplots()
by_epoch = lambda losses: losses.reshape(epochs, -1).mean(axis=1)
plot.curves(ax, by_epoch(losses), by_epoch(losses_torch), xlabel="epoch", ylabel="training loss")
ax.set_title("Two programs, one curve")
plot.show(fig, "Training loss over 30 epochs: NumPy's wide line and PyTorch's dashed line coincide.")

# %% tags=["nbval-ignore-output"]
times = {"NumPy": bridge.seconds(lambda: train(X_train, y_train, *single, best, orders[:1]))}
for name in dict.fromkeys(["cpu", device.type]):                   # one of them where there is no GPU
    twin = lambda: train_torch(X_train, y_train, *single, best, orders[:1], device=name)
    times[f"PyTorch, {name}"] = bridge.seconds(twin)
for name, t in times.items():
    print(f"one epoch, {name:14s} {1000 * t:6.1f} ms")

# %% [markdown]
# The two curves lie on each other. For 80 tiny steps the fixed cost of every PyTorch call, and of every
# transfer to a GPU, outweighs the arithmetic. That turns round when networks grow.
#
# ## 11 Where it breaks
#
# You read white on black as easily as black on white. Take every training digit *and its negative*, with
# pixels scaled to $-1$ (paper) and $+1$ (ink), so that the negative of $x$ is $-x$. **Predict** the
# accuracy of softmax regression now.
#
# <details><summary>A hint that says it all: the gradient before the first step</summary>
#
# At $W = 0$, $b = 0$ every picture gets probability 0.1 for every class, so $x$ and $-x$ have the same $\delta$
# and their contributions to $X^\top\delta$ cancel. The gradient of $b_j$ adds up $(0.1 - y_{ij})/n$, which is 0
# because each class has one picture in ten (400 of our 4000). And this is no unlucky start: the loss of softmax
# regression is *convex* in the weights and biases (a bowl, no second valley), so where the whole gradient is
# zero is the bottom.
#
# </details>
#
# We look at the gradient first. Then we train all the same, and once more on top of a hidden layer of 1000
# ReLU units with **random** weights that nobody trained, as in section 9. (Learning rates, 5 epochs and 1000
# units are round numbers, not tuned by validation; the difference will be far larger than tuning could make.)
# The test: the 1000 pictures of the test set, about half of them as negatives.

# %%
signed = lambda X: 2 * X - 1
X_both, y_both = np.vstack([signed(X_train), -signed(X_train)]), np.tile(y_train, 2)
W0, b0 = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
loss, dW, db = softmax_gradient(X_both, y_both, W0, b0)
check.claim("largest entry of dW and db where W and b are 0", max(np.abs(dW).max(), np.abs(db).max()), at_most=1e-6)
check.worked("loss there, ln 10", loss, "2.3026")

# %%
rng = np.random.default_rng(12)
X_mixed = np.where(rng.random((len(X_test), 1)) < 0.5, -signed(X_test), signed(X_test))
shuffled = [rng.permutation(len(X_both)) for _ in range(5)]
W, b, _ = train(X_both, y_both, W0, b0, 0.01, shuffled)
check.claim("softmax regression on digits and negatives", accuracy(X_mixed @ W + b, y_test), at_most=0.18)
V = (rng.normal(size=(784, 1000)) / 28).astype(np.float32)
hidden = lambda X: np.maximum(0, X @ V)
W0 = np.zeros((1000, 10), np.float32)
W, b, _ = train(hidden(X_both), y_both, W0, b0, 0.1, shuffled)
check.claim("with a random hidden layer", accuracy(hidden(X_mixed) @ W + b, y_test), at_least=0.86)

# %% [markdown]
# The best linear model of these data is to know nothing; mini-batches make it wander about that point. It is
# XOR again, with 784 inputs: what a pixel means depends on the other pixels. With the random layer it goes
# from chance to nearly nine in ten, by units that were never told what a digit is. Imagine what they could
# do if they *learned*. For the output weights we know how: $\delta = (p - y)/n$ says what each score should
# have been. But nobody says what a hidden unit should have been. **How does a weight in layer 1 learn of an
# error in layer 3?** That is Lecture 2.
#
# ## 12 Common misreadings
#
# Sentences that you will meet in slides and blogs, and what holds instead.
#
# | you may read | what holds | shown in |
# |---|---|---|
# | OR is $\mathrm{sign}(x_1 + x_2 + 1.5)$. | Only if false is $-1$. With 0 and 1 the bias must be $-0.5$. | below, section 4 |
# | A bias is a weight that makes an input stronger or weaker. | It shifts the threshold, whatever the input. | section 3 |
# | XOR needs one hidden layer. | Of two bits, yes. Of two half-planes, with hard thresholds, two. | section 4 |
# | $w_{ij}$ goes from $i$ to $j$. | In many books. Do the transpose test. | section 6 |
# | A sparse layer has the same formula as a full one. | With a mask of zeros that stay zero. | section 6 |
# | A network is a series of matrix multiplications. | Without activations; then it is one layer. | section 8 |
# | A network can approximate any bounded continuous function. | On a closed and bounded set, with a non-polynomial activation and enough units. Nothing is said about finding the weights. | section 9 |
# | The step is 1 at 0, ReLU has slope 1 at 0. | Conventions. NumPy code and PyTorch differ. | section 7 |
# | ELU is smooth, the leaky ReLU has slope 0.1. | ELU has no corner for $\alpha = 1$ (its second derivative still jumps); PyTorch's default slope is 0.01. | section 7 |
# | The SVM's activation is piecewise linear. | It decides by sign and is *trained* with the hinge. | section 7 |
# | The derivative of tanh, $1 - f^2$, looks like a misprint. | It is right, and so is $f(1 - f)$ for the sigmoid. | section 7 |
#
# The first line of the table, and two sentences that are not in it, deserve a number of their own.
# First the OR gate of two inputs that are both false. Then: "It gets 94 % right." On what? The pictures it
# was trained on are not a test. And: "The softmax says 95 %, so it is probably a 4." It says: *if* this is
# one of the ten digits, as in training, then probably a 4. There is no eleventh answer. So we turn threes,
# fours and sevens upside down, until they are no digits at all, and see how often it is at least 90 % sure.

# %%
check.worked("OR(0, 0) with bias 1.5 and with -0.5", np.sign([0 + 0 + 1.5, 0 + 0 - 0.5]), "1 -1")
check.claim("accuracy on training pictures", accuracy(X_train @ W_digits + b_digits, y_train), at_least=0.94)
sure = lambda X: np.mean(softmax(X @ W_digits + b_digits).max(axis=1) > 0.9)
nonsense = X_test[np.isin(y_test, (3, 4, 7)), ::-1]  # the 784 pixels backwards: half a turn
check.claim("share of nonsense read with 90 % or more", sure(nonsense), at_least=0.2)
check.claim("share of test digits read with 90 % or more", sure(X_test), at_least=0.66)

# %% [markdown]
# On the pictures it was trained on it gets 94 to 95 %, on the test 89: training flatters it by five points.
# And of the nonsense, one picture in five is read with 90 % or more, against two in three of the real digits:
# less often sure, but far too often.
#
# ## Summary
#
# 1. A neuron is a score $x \cdot w + b$ and an activation; one neuron cuts space with one flat cut.
# 2. A network is neurons in layers: $A_l = f(A_{l-1} W_l + b_l)$, one line of NumPy for each layer.
# 3. Without activations any depth collapses into one layer; with one that is continuous and not a polynomial,
#    one hidden layer can approximate every continuous function on a closed and bounded set.
# 4. Softmax regression learns from $\delta = (p - y)/n$, reads nine digits in ten, and equals its PyTorch twin
#    to rounding.
# 5. When a pixel's meaning depends on other pixels it knows nothing; hidden units are needed, and must learn.
#
# ## Check yourself
#
# **1.** A network has 784 inputs, 30 hidden units and 10 outputs. How many numbers can be adjusted?
#
# <details><summary>Answer</summary>
#
# $784 \cdot 30 + 30 = 23\,550$ in the first layer and $30 \cdot 10 + 10 = 310$ in the second: 23 860.
#
# </details>
#
# **2.** `x @ W` and `W @ x` both run without an error. What do you know about `W`, and what about your
# result?
#
# <details><summary>Answer</summary>
#
# `W` is square. One of the two is the layer you meant, the other uses the transposed matrix. Put a 1 into one
# input and look whether the weights that leave it come out.
#
# </details>
#
# **3.** Why can no network with the activation $\phi(z) = z^2$ and one hidden layer approximate $|x|$ on
# $[-1, 1]$ as well as we like?
#
# <details><summary>Answer</summary>
#
# Every such network is a polynomial of degree two, however many units it has, and the best parabola has a
# fixed error. The theorem excludes polynomials for this reason.
#
# </details>
#
# **4.** A picture of a 3 gets $p = (0, 0, 0.2, 0.5, 0, 0.3, 0, 0, 0, 0)$ and is the only one in the batch.
# What is $\delta$, and which way do the scores move in a step downhill?
#
# <details><summary>Answer</summary>
#
# $\delta = p - y = (0, 0, 0.2, -0.5, 0, 0.3, 0, \dots)$. The step subtracts it: the score of 3 rises, those
# of 2 and 5 fall. The entries of $\delta$ add up to 0.
#
# </details>
#
# **5.** On digits and their negatives, why does a longer training of softmax regression not help?
#
# <details><summary>Answer</summary>
#
# The loss is convex and its gradient vanishes at $W = 0$, $b = 0$, so this is its minimum. More steps only
# stay near it. The model, not the training, is too poor.
#
# </details>
#
# ## References
#
# Books, free to read: Michael Nielsen, [*Neural Networks and Deep
# Learning*](http://neuralnetworksanddeeplearning.com) (2015), gentle; chapter 2 for back-propagation,
# chapter 4 for the bumps. Ian Goodfellow, Yoshua Bengio and Aaron Courville, [*Deep
# Learning*](https://www.deeplearningbook.org) (MIT Press, 2016), with lecture slides, more mathematical.
# Short and practical: the [ML Cheatsheet](https://ml-cheatsheet.readthedocs.io), for example on gradient
# descent. On the history: Stanford's [Neural Networks:
# History](https://cs.stanford.edu/people/eroberts/courses/soco/projects/neural-networks/History/history1.html).
#
# *Neurons and perceptrons.* W. McCulloch and W. Pitts, "A logical calculus of the ideas immanent in nervous
# activity" (1943). F. Rosenblatt, "The perceptron" (1958) and *Principles of Neurodynamics* (1962). B. Widrow
# and M. Hoff, "Adaptive switching circuits" (1960). H. D. Block, "The perceptron: a model for brain
# functioning" (1962). A. Novikoff, "On convergence proofs on perceptrons" (1962). M. Minsky and S. Papert,
# *Perceptrons* (1969). H. D. Block and S. Levin, "On the boundedness of an iterative procedure for solving a
# system of linear inequalities" (1970). S. Gallant, "Perceptron-based learning algorithms" (1990). Y. Freund
# and R. Schapire, "Large margin classification using the perceptron algorithm" (1999).
#
# *Approximation.* G. Cybenko, "Approximation by superpositions of a sigmoidal function" (1989). K. Hornik,
# M. Stinchcombe and H. White, "Multilayer feedforward networks are universal approximators" (1989). K.
# Hornik, "Approximation capabilities of multilayer feedforward networks" (1991). M. Leshno, V. Lin, A.
# Pinkus and S. Schocken, "Multilayer feedforward networks with a nonpolynomial activation function can
# approximate any function" (1993).
#
# *Activations and outputs.* J. Bridle, on softmax outputs, "Probabilistic interpretation of feedforward
# classification network outputs" (1990). X. Glorot, A. Bordes and Y. Bengio, "Deep sparse rectifier neural
# networks" (2011). A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic
# models" (2013; leaky ReLU). I. Goodfellow and others, "Maxout networks" (2013). K. He and others, "Delving
# deep into rectifiers" (2015; PReLU). D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate
# deep network learning by exponential linear units" (2015).
#
# *Data and methods.* S. Lloyd, "Least squares quantization in PCM" (1982; k-means). L. Grinsztajn, E. Oyallon
# and G. Varoquaux, "Why do tree-based models still outperform deep learning on typical tabular data?" (2022).
# Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition"
# (1998; MNIST).

# %% [markdown] tags=["nav"]
# [Exercise 1](../exercises/01_neurons.ipynb) · [Solution 1](../solutions/01_neurons.ipynb) · [Lecture 2 →](02_backpropagation.ipynb) · [All lectures](../README.md)
