# %% [markdown]
# # Lecture 1 · Neurons
#
# > **What can one neuron decide, what can it never decide, and what changes when several work together?**

# %% [markdown] tags=["nav"]
# [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")
import itertools

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.optimize import linprog

from course_utils import bridge, check, data, plot, style

style.use()
rng = np.random.default_rng(1)

# %% [markdown]
# Four points, two kinds. One neuron draws one straight line through the plane; try to find the line that
# puts the two circles on one side and the two triangles on the other. Then look at what *two* lines can do.

# %%
X, y = data.gate("xor")
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
one_line = lambda X: X @ [1.0, 1.0] + 1.5
two_lines = lambda X: np.minimum(one_line(X), 1.5 - X @ [1.0, 1.0])
titles = "One line: a point is always wrong", "Two lines: done"
for ax, predict, title in zip(axes, (one_line, two_lines), titles):
    plot.surface(ax, predict, (-2, 2), (-2, 2), limit=2)
    plot.points(ax, X, y, size=90)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=(-1, 1), yticks=(-1, 1))
plot.show(fig, "Two panels with the four XOR points. Left, a single line leaves one point on the wrong side. "
          "Right, the strip between two parallel lines holds exactly the two triangles.")

# %% [markdown]
# Left, the line x₁ + x₂ + 1.5 = 0 lets one circle slip to the side of the triangles, and every other line
# makes some mistake too. Right, the strip between two parallel lines holds the triangles and nothing else.
#
# This lecture is about that difference. On the way from the left picture to the right one we meet every part
# of a neural network except the one that makes it learn in several layers; that one is Lecture 2.
#
# A word on what you are starting. On images, speech and language, neural networks are the best method we
# know, by a wide margin. They are not best at everything: on tables of a few thousand rows, ensembles of
# decision trees often do as well or better (Grinsztajn, Oyallon and Varoquaux, NeurIPS 2022). The field is
# huge and this course is short. It takes one road and walks it completely: the neuron and how networks of
# neurons learn (Lectures 1 and 2), deep networks for images and for sequences (3 and 4), autoencoders and the
# models that generate (5 to 7), learning from reward (8), and networks that settle into an energy minimum
# (9).
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
# **Reading time:** 90 minutes. **Running time:** one minute on a laptop.
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
# stops the notebook.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# 10 min sections 1 and 2 (warm-up), 15 min section 3 (the neuron), 25 min section 4 (gates, XOR; let the room
# vote before each table), 15 min section 5 (the perceptron, with the demo), 25 min activations, the collapse
# of linear layers, digits. Can be skipped without loss for Lecture 2: the three distances, the linear
# programs and the adder in section 4, the proof of the mistake bound.
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
centres = X[:2]
for _ in range(10):
    group = nearest(X, centres)
    centres = np.array([X[group == k].mean(axis=0) for k in (0, 1)])
within = ((X - centres[group]) ** 2).sum()                      # from each point to its own centre
between = ((centres[group] - X.mean(axis=0)) ** 2).sum()        # from its own centre to the centre of all
check.same("within + between = total", within + between, ((X - X.mean(axis=0)) ** 2).sum(), tol=1e-10)
known = np.arange(60) < 30
guess = nearest(X, np.array([X[known & (y == k)].mean(axis=0) for k in (0, 1)]))
check.claim("missing labels filled in rightly", np.mean(guess[~known] == y[~known]), at_least=0.93)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for k, (color, marker) in enumerate((("#222222", "o"), ("#999999", "s"))):
    axes[0].scatter(*X[group == k].T, color=color, marker=marker, s=24)
axes[0].scatter(*centres.T, marker="*", s=220, color="white", edgecolor="black", zorder=4)
plot.points(axes[1], X[known], y[known])
axes[1].scatter(*X[~known].T, s=70, facecolor="none", edgecolor=np.array(style.CLASS_COLORS)[guess[~known]])
axes[0].set(title="Unsupervised: two groups found", xlabel="$x_1$", ylabel="$x_2$")
axes[1].set(title="Supervised: labels filled in", xlabel="$x_1$")
plot.show(fig, "The same 60 points twice. Left, k-means splits them into two groups, a star at each centre. "
          "Right, 30 points carry class colours, 30 rings carry the colour of the nearer class mean.")

# %% [markdown]
# ## 2 How far apart are two things?
#
# The left panel found groups, the rings in the right panel predicted classes. (The printed identity says that
# the total does not depend on the groups, so pulling each group together and pushing the groups apart are one
# and the same search, at least for squared distances.) Both panels relied on the word *near*. Every loss
# does: it presupposes a distance, or its opposite, a similarity. Here are three, for three kinds of thing.
# For points, the **Minkowski distance**
#
# $$d_p(x, y) = \Bigl(\sum_i \lvert x_i - y_i\rvert^p\Bigr)^{1/p}, \qquad
#   d_\infty(x, y) = \max_i \lvert x_i - y_i\rvert .$$
#
# $p = 1$ counts city blocks, $p = 2$ is a ruler, and the larger $p$ is, the more the largest coordinate
# drowns out the others. **Predict:** does the distance from (0, 0) to (3, 4) grow or shrink as $p$ grows?

# %%
def minkowski(x, y, p):
    gaps = np.abs(np.asarray(x, float) - y)
    return gaps.max() if p == np.inf else (gaps**p).sum() ** (1 / p)

powers = (1, 2, 3, np.inf)
distances = [minkowski((0, 0), (3, 4), p) for p in powers]
check.worked("(0, 0) to (3, 4) for p = 1, 2, 3, infinity", distances, "7 5 4.497941 4")
angle = np.linspace(0, 2 * np.pi, 401)
ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
fig, ax = plt.subplots(figsize=(4.2, 3.4))
for p, color, line in zip(powers, style.ordered(4), ("-", "--", "-.", ":")):
    unit = ring / [[minkowski((0, 0), x, p)] for x in ring]       # stretch each direction to length 1
    ax.plot(*unit.T, color=color, linestyle=line, label="p = ∞" if p == np.inf else f"p = {p}")
ax.set(title="Each of these is a circle of radius 1", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
ax.legend(loc="center", fontsize=8)
plot.show(fig, "Unit circles of the Minkowski distance: a diamond for p = 1, the round circle for p = 2, a "
          "swollen circle for p = 3 and a square for p = infinity.")

# %% [markdown]
# All points at distance 1 from the centre: a diamond, a circle, a swollen circle, a square. Distances shrink
# with $p$, so the unit "circle" grows.
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
A, B = {1, 2, 3, 4}, {3, 4, 5}
jaccard = len(A & B) / len(A | B)
check.worked("Jaccard similarity and distance", [jaccard, 1 - jaccard], "0.4 0.6")

# %%
def great_circle(place1, place2, R=6371.0):
    (lat1, lon1), (lat2, lon2) = np.radians(place1), np.radians(place2)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * R * np.arcsin(np.sqrt(h))

check.worked("a quarter of the equator, km", great_circle((0, 0), (0, 90)), "10007.543")
check.worked("Prague to Philadelphia, km", great_circle((50.0755, 14.4378), (39.9526, -75.1652)), "6702.03")

# %% [markdown]
# ## 3 From a cell to a neuron
#
# The three distances carry over to any loss; we shall need little more than $p = 2$. Now to the model that
# gave the field its name.
#
# A nerve cell collects signals from thousands of other cells on its *dendrites*. Some push it to act, some
# hold it back, and each contact, a *synapse*, has its own strength. If enough push arrives within a short
# time, the cell *fires*: a pulse, always of about the same height, runs down its single *axon* to the next
# cells. Warren McCulloch and Walter Pitts (1943) kept three things of this and threw the rest away: many
# inputs, a sum, a threshold. Frank Rosenblatt (1958) gave each input an adjustable strength.

# %%
fig, (cell, unit) = plt.subplots(1, 2, figsize=(6.6, 3.0))
ray = lambda degrees: np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
for angle in (115, 150, 180, 210, 245):                         # dendrites, each with a fork
    tip = 1.9 * ray(angle)
    cell.plot(*zip((0, 0), tip, tip + ray(angle + 25), tip, tip + ray(angle - 25)), color="#7A4A00")
for end in (-1.2, 0, 1.2):                                      # the axon and its branches
    cell.plot([0, 3, 4], [0, 0, end], color="#7A4A00", marker="o", markevery=[2])
cell.scatter(0, 0, s=700, color="#7A4A00", zorder=3)
wires = [((-3, 2), (0, 0), "$w_1$"), ((-3, 0), (0, 0), "$w_2$"), ((-3, -2), (0, 0), "$w_3$"),
         ((0, 2.6), (0, 0), ""), ((0, 0), (2.2, 0), ""), ((2.2, 0), (4.3, 0), "")]
for (start, end, weight), name in zip(wires, ("$x_1$", "$x_2$", "$x_3$", "$b$", "Σ", "$f$")):
    unit.annotate("", end, start, arrowprops=dict(arrowstyle="->", shrinkA=12, shrinkB=15))
    unit.text(*np.add(start, end) / 2, weight, ha="center", va="center", backgroundcolor="white")
    unit.text(*start, name, ha="center", va="center", fontsize=14)
unit.text(4.3, 0, "$y$", ha="center", va="center", fontsize=14)
for x, y, word in ((-1.6, -3.3, "dendrites collect"), (1.8, 0.3, "axon"), (2.6, 1.6, "synapses pass on")):
    cell.text(x, y, word, ha="center")
for ax, title in ((cell, "A nerve cell"), (unit, "What we keep of it")):
    ax.set(title=title, xlim=(-3.8, 4.9), ylim=(-3.6, 3.2))
    ax.axis("off")
plot.show(fig, "Left, a nerve cell: branched dendrites, a round body, one axon that branches. Right, its "
          "model: inputs x1, x2, x3 with weights w1, w2, w3 and a bias b run into a sum, then through f "
          "to y.")

# %% [markdown]
# Left the cell, right what we keep: **weights** $w_i$ for the synapses, a sum with a **bias** $b$, an
# **activation function** $f$ for the firing. Wire the outputs of some to the inputs of others and you have a
# **network**. Those three notions, weights, activations, networks, are the whole vocabulary. As a formula,
#
# $$z = \sum_i w_i x_i + b = w \cdot x + b, \qquad y = f(z),$$
#
# where $z$ is the **pre-activation**. With a step for $f$ this is a *linear classifier*, today called a
# **perceptron** after Rosenblatt's learning machine. Do not lean on the biology: real neurons send pulses in
# time, real synapses act in ways no single number describes, and nothing later in this course depends on the
# likeness.
#
# One neuron by hand: do I take the umbrella? Inputs: cloud cover 0.8; kilometres to walk 2; a coat with a
# hood, 1 for yes. Weights 2, 0.5 and −1.5, bias −0.6. So $z = 2\cdot0.8 + 0.5\cdot2 - 1.5\cdot1 - 0.6 = 0.5$,
# and with $f =$ sign the answer is +1, yes. **Predict:** how much does $z$ change if the sky turns from 0.8
# to 0.9? How many more kilometres of walk raise $z$ by 1?

# %%
x = np.array([0.8, 2.0, 1.0])
w, b = np.array([2.0, 0.5, -1.5]), -0.6
check.worked("umbrella: z and sign(z)", [w @ x + b, np.sign(w @ x + b)], "0.5 1")
check.worked("a darker sky adds", w @ [0.9, 2.0, 1.0] - w @ x, "0.2")
check.gradient("sensitivity dz/dx = w", lambda: w @ x + b, x, w)

# %% [markdown]
# A tenth more cloud adds $w_1 \cdot 0.1 = 0.2$, whatever the other inputs are; two more
# kilometres add 1. **A weight is a sensitivity**: $\partial z/\partial x_i = w_i$. Its sign says for or
# against, its size says how much.
#
# The bias is not a sensitivity. The neuron says +1 when $w \cdot x > -b$, so $-b$ is the **threshold** that
# the weighted evidence has to pass, and changing $b$ moves the threshold. You may read that "the bias turns
# the weights up or down". It does not. Look at one input and a soft step, $y = 1/(1 + e^{-z})$ with
# $z = wx + b$: **predict** which of the two knobs makes the step steeper and which one moves it.

# %%
soft_step = lambda z: 1 / (1 + np.exp(-z))
x = np.linspace(-4, 4, 201)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for k, (color, line) in enumerate(zip(style.ordered(3), (":", "--", "-"))):
    w, b = (0.5, 1, 4)[k], (-4, 0, 4)[k]
    axes[0].plot(x, soft_step(w * x), color=color, linestyle=line, label=f"$w$ = {w}, $b$ = 0")
    axes[1].plot(x, soft_step(2 * x + b), color=color, linestyle=line, label=f"$w$ = 2, $b$ = {b}")
for ax, title in zip(axes, ("The weight sets the slope", "The bias shifts the threshold")):
    ax.set(title=title, xlabel="$x$", ylabel="$y$", ylim=(-0.05, 1.45))
    ax.legend(loc="upper left")
plot.show(fig, "Left, three soft steps through one point at x = 0, steeper for larger weights. Right, three "
          "soft steps of one shape, shifted to x = 2, 0 and -2 by the biases -4, 0 and 4.")
check.worked("thresholds -b/w for b = -4, 0, 4", [-b / 2 for b in (-4, 0, 4)], "2 0 -2")

# %% [markdown]
# On the left the curve tilts about a fixed point, on the right it slides without changing its shape. The step
# stands where $z = 0$, at $x = -b/w$.
#
# Neurons that feed one another need a clock. If neuron $i$ at time $t$ sees what the others said at $t - 1$,
#
# $$x_i[t] = f\Bigl(b_i + \sum_{j=0}^{n} w_{ij}\, x_j[t-1]\Bigr).$$
#
# Count with care: the sum runs from 0 to $n$, so there are $n + 1$ inputs, not $n$. Here $w_{ij}$ leads from
# $j$ to $i$; our `W[j, i]` holds the same number, source first, so that a whole network steps by
# `f(x @ W + b)`.
#
# Four neurons ($n = 3$), firing 1 or silent 0: neurons 0, 1 and 2 form a ring; neuron 3 listens to neuron 2
# and to itself. Neuron 0 fires at $t = 0$. **Predict:** who fires at $t = 3$, and does neuron 3 ever stop?

# %%
W, x = np.zeros((4, 4)), np.array([1, 0, 0, 0])
W[0, 1] = W[1, 2] = W[2, 0] = W[2, 3] = W[3, 3] = 1.0             # W[from, to]
expected = "0 1 0 0", "0 0 1 0", "1 0 0 1", "0 1 0 1", "0 0 1 1"
for t in range(1, 6):
    x = np.where(x @ W - 0.5 > 0, 1, 0)                           # every bias is -0.5
    check.worked(f"neurons 0 to 3 at t = {t}", x, expected[t - 1])

# %% [markdown]
# The pulse runs round the ring, and neuron 3, once woken, keeps itself awake: a loop is a memory. Lecture 4
# is built on that. Until then our networks have no loops: signals run from layer to layer, once.
#
# A small trick saves much writing. Add an input that is always 1, and the bias becomes its weight:
#
# $$x_i = f(w_i \cdot x), \qquad x = (1, x_0, \dots, x_n), \qquad w_i = (b_i, w_{i0}, \dots, w_{in}).$$
#
# To see that nothing is lost, even in the last digit, we take inputs and weights that are whole eighths: a
# computer adds and multiplies those without rounding.

# %%
rng = np.random.default_rng(30)
X, w, b = rng.integers(-8, 9, size=(100, 4)) / 8, rng.integers(-8, 9, size=4) / 8, 0.375
X1 = np.column_stack([np.ones(100), X])                        # (1, x0, x1, x2, x3)
w1 = np.concatenate([[b], w])                                  # (b, w0, w1, w2, w3)
check.same("bias apart, bias as a weight", X @ w + b, X1 @ w1, tol=1e-16)

# %% [markdown]
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
fig, ax = plt.subplots(figsize=(4.6, 3.9))
plot.surface(ax, lambda X: X @ w + b, (-3, 5), (-2, 5), limit=40)
arrow = dict(arrowstyle="<|-", shrinkA=0, shrinkB=0)
ax.annotate("", foot, x, arrowprops=arrow | {"arrowstyle": "<->", "linestyle": "--"})
ax.annotate("", (-2.2, 2.9), (-2.2, 2.9) + w / 5, arrowprops=arrow | {"color": style.POSITIVE, "lw": 2})
for *place, word in ((3, 4, "  $x$"), (-0.6, 0.7, "foot"), (2.2, 2.3, "distance 4"), (-2.8, 4.4, "$w$ / 5")):
    ax.text(*place, word, va="top")
ax.plot(*np.array([x, foot]).T, "o", color="#222222")
ax.set(title="w is perpendicular to the boundary", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
plot.show(fig, "The line 3 x1 + 4 x2 = 5, blue below it and vermilion above. The arrow w stands at a right "
          "angle on it; a dashed arrow of length 4 joins the point (3, 4) to its foot (0.6, 0.8).")

# %% [markdown]
# The boundary is the dark line; $w$ stands on it at a right angle, and so does the dashed distance. Doubling
# $w$ and $b$ together doubles every $z$ and moves nothing: the line and all distances stay. For a labelled
# point, $y = \pm1$, the number $y\,z/\lVert w\rVert$ is its **margin**: how far it lies on the right side,
# negative if it lies on the wrong one. We shall need it for the perceptron.

# %% [markdown]
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

# %%
AND = lambda x1, x2: np.sign(x1 + x2 - 1.5)
OR = lambda x1, x2: np.sign(x1 + x2 + 1.5)
x1, x2 = data.gate("and")[0].T                  # -1 -1 1 1 and -1 1 -1 1
check.worked("x1 AND x2", AND(x1, x2), "-1 -1 -1 1")
check.worked("x1 OR x2 ", OR(x1, x2), "-1 1 1 1")
check.worked("NOT x1   ", np.sign(-x1), "1 1 -1 -1")

# %% [markdown]
# Many books code false as 0 and true as 1. **Predict:** which of the two gates survives, with the same
# weights and biases, if the inputs are 0 and 1?

# %%
u1, u2 = data.gate("or", coding=(0, 1))[0].T
check.worked("0/1 inputs, AND with bias -1.5", AND(u1, u2), "-1 -1 -1 1")
check.worked("0/1 inputs, OR with bias +1.5", OR(u1, u2), "1 1 1 1")        # OR(0, 0) comes out true: wrong
check.worked("0/1 inputs, OR with bias -0.5", np.sign(u1 + u2 - 0.5), "-1 1 1 1")

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
titles = "Coded ±1: OR is right", "Coded 0/1: OR(0, 0) is wrong"
for ax, coding, title in zip(axes, ((-1, 1), (0, 1)), titles):
    plot.surface(ax, lambda X: X @ [1, 1] + 1.5, (-2, 2), (-2, 2), limit=4)
    plot.points(ax, *data.gate("or", coding), size=90)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=coding, yticks=coding)
axes[1].plot([-1.5, 2], [2, -1.5], "--", color="#222222")
axes[1].text(-1.9, 0.95, "bias\n−0.5", va="center")
plot.show(fig, "The four OR points with the line x1 + x2 + 1.5 = 0. Coded with -1 and 1, the line cuts off "
          "the one circle. Coded with 0 and 1, all four lie above it; a dashed line with bias -0.5 cuts "
          "it off.")

# %% [markdown]
# OR breaks: the sums are now 0, 1, 1, 2, all above −1.5, so even OR(0, 0) says yes (right panel, circle on
# the vermilion side). The dashed line, bias −0.5, mends it. AND survives by luck, because −1.5 happens to lie
# where both codings need it:
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
# other way round. Read it as neurons, **OR(AND(h₁, −h₂), AND(−h₁, h₂))**, and predict the four outputs by
# hand.

# %%
XOR = lambda h1, h2: OR(AND(h1, -h2), AND(-h1, h2))
check.worked("x1 XOR x2", XOR(x1, x2), "-1 1 1 -1")
two_layers = lambda X, W1, b1, w2, b2: np.sign(np.sign(X @ W1 + b1) @ w2 + b2)
X = np.stack([x1, x2], axis=1)
W1, b1 = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-1.5, -1.5])       # columns: the two ANDs
check.worked("the same as matrices", two_layers(X, W1, b1, np.ones(2), 1.5), "-1 1 1 -1")

# %% [markdown]
# Three neurons in two layers: one **hidden layer** (its outputs are neither inputs nor results) and an
# output.
#
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
# each true row. (Whether a deeper network can be smaller is a question for later.)
#
# And what can *one* neuron do, without a hidden layer? For each truth table, ask whether there are $w$ and
# $b$ with $y (w \cdot x + b) \ge 1$ in every row. (If any strict solution exists, scaling it up gives this
# one.) These are linear inequalities in the unknowns, and a *linear program* decides them with certainty: it
# returns a solution or a proof that there is none. **Predict:** how many of the 16 functions of two inputs,
# and of the 256 of three?

# %%
def one_neuron_can(H, y):
    """Whether some v, c give y * (H @ v + c) >= 1 in every row; H (rows, inputs), y (rows,) in ±1."""
    A = -y[:, None] * np.column_stack([H, np.ones(len(H))])
    answer = linprog(np.zeros(A.shape[1]), A_ub=A, b_ub=-np.ones(len(H)), bounds=(None, None))
    assert answer.status in (0, 2), "the linear program was neither solved nor proved infeasible"
    return answer.status == 0

# %%
count = sum(one_neuron_can(X, np.array(truth)) for truth in itertools.product((-1.0, 1.0), repeat=4))
check.worked("functions of two inputs that one neuron can do, of 16", count, "14")
check.worked("functions of three inputs, of 256", sum(one_neuron_can(rows, truth) for truth in tables), "104")

# %% [markdown]
# Fourteen of 16: all but XOR and its negation. But only 104 of 256, and the share goes on falling: for four
# inputs it is 1882 of 65 536, not three per cent.
#
# **Real inputs are another matter.** Let $h_1$ and $h_2$ be the sides of two crossing lines in the plane, and
# let the target be their XOR: a chequerboard of four wedges. Computing $h_1$ and $h_2$ takes one hidden
# layer, the two ANDs a second, the OR is the output. Could one hidden layer do, if we allow thousands of
# neurons? "XOR needs one hidden layer" suggests yes. **Predict** before you read on.
#
# Lay line 1 along the $x_2$ axis and the crossing at the origin. A network with one hidden layer computes the
# sign of $S(x) = \sum_k v_k\, \mathrm{sign}(w_k \cdot x + b_k) + c$. Step across line 1 once above the
# crossing, once below.
#
# 1. Other neurons' lines meet line 1 in finitely many points. Choose both crossing places away from these and
#    the steps short. Then only neurons whose line *is* line 1 switch, and they make the same jump in $S$ at
#    both places.
# 2. But the target's jump is upwards at one place (no → yes) and downwards at the other. No single jump is
#    both.
#
# So no number of hidden neurons suffices. The same argument as a linear program: draw hidden neurons at
# random, line 1 among them, then choose the two pairs of points for *these* neurons and look for output
# weights.

# %%
rng = np.random.default_rng(42)
y = np.array([1.0, -1.0, -1.0, 1.0])                               # targets of the two pairs
pairs = lambda eps: np.array([(-eps, 1), (eps, 1), (-eps, -1), (eps, -1)])
for m in (20, 200, 2000):
    W, b = rng.normal(size=(2, m)), rng.normal(size=m)
    W[:, 0], b[0] = (1.0, 0.0), 0.0                                # neuron 0 has line 1 itself
    meets = -(np.array([[1.0], [-1.0]]) * W[1] + b) / W[0]         # each line's x1 at the heights 1, -1
    H = np.sign(pairs(0.5 * np.abs(meets[:, 1:]).min()) @ W + b)   # steps too short for any other line
    assert not one_neuron_can(H, y)
    check.worked(f"{m} hidden neurons: proved infeasible; y @ H is at most", np.abs(y @ H).max(), "0")
H = np.sign(pairs(0.5) @ W + b)                                    # long steps, fixed before the neurons
print("Long steps and 2000 neurons:", "feasible" if one_neuron_can(H, y) else "infeasible")

# %% [markdown]
# Infeasible each time, and `y @ H` is the reason: over the four points, with the signs $y = (1, -1, -1, 1)$,
# every hidden neuron adds up to 0. So does every $S$ (the constant cancels), while four right answers would
# make it positive. The last line is the honest limit of the statement. Four points fixed *beforehand* can be
# served by enough neurons (they are a Boolean XOR again). What is impossible is to be right *everywhere*:
# whatever the network, it errs along line 1, if only by a hair, on one side of the crossing at least. That is
# also why a plot on a grid of points proves nothing here. But it shows well where the errors sit.

# %%
lines, offsets = np.array([[1.0, 0.3], [0.4, -1.0]]), np.array([0.2, 0.1])   # columns: two oblique lines
target = lambda X: -np.prod(np.sign(X @ lines + offsets), axis=1)
two_hidden = lambda X: XOR(*np.sign(X @ lines + offsets).T)                  # sides, ANDs, OR
rng = np.random.default_rng(43)
W, b = rng.normal(size=(2, 300)), 1.5 * rng.normal(size=300)
W[:, :2], b[:2] = lines, offsets                                             # both lines are among the 300
hidden = lambda X: np.column_stack([np.sign(X @ W + b), np.ones(len(X))])
X = rng.uniform(-2, 2, size=(4000, 2))
v = np.linalg.lstsq(hidden(X), target(X), rcond=None)[0]
one_hidden = lambda X: np.sign(hidden(X) @ v)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
titles = "One hidden layer, 300: ragged", "Two hidden layers, 2 + 2: exact"
for ax, net, title in zip(axes, (one_hidden, two_hidden), titles):
    plot.surface(ax, net, (-2, 2), (-2, 2), resolution=200)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$")
plot.show(fig, "Chequerboard of four wedges between two oblique lines. Left, 300 neurons in one hidden layer "
          "get most of it but fray along the lines. Right, two hidden layers of two neurons have it "
          "exactly.")
X = rng.uniform(-2, 2, size=(4000, 2))
check.worked("wrong of 4000 fresh points, two hidden layers", np.sum(two_hidden(X) != target(X)), "0")
check.claim("wrong of 4000 fresh points, one hidden layer", np.sum(one_hidden(X) != target(X)), at_least=53)

# %% [markdown]
# Left, 300 neurons fitted to 4000 points fray along the lines; right, four hidden neurons have it exactly. So
# keep the two statements apart: *Boolean* XOR of two bits needs one hidden layer; XOR of two *half-planes* of
# real inputs needs two, as long as the neurons are hard thresholds. (Soft ones escape the argument: they do
# not jump.)
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
# ## 5 The perceptron learns
#
# Seventy-two neurons have added any two numbers up to 255 without a mistake, and networks like that can
# compute whatever a circuit of logic gates can. But every weight was set by hand, which does not scale to
# recognising a face. The weights have to be *learned*.
#
# Frank Rosenblatt's rule (1958) looks at one example at a time and changes nothing as long as the answer is
# right. Write $y = \pm1$ for the right answer and put the bias into $w$ (the constant 1 comes first in $x$).
# The example is a mistake if $y\,(w \cdot x) \le 0$. What should we do to $w$? **Move it towards the mistaken
# point**, or away from it if the point is negative:
#
# $$w \leftarrow w + y\,x .$$
#
# Look at the score of that very point afterwards: $y\,(w + y x)\cdot x = y\,(w \cdot x) + \lVert x\rVert^2$.
# It has risen by $\lVert x\rVert^2$. One step need not be enough, and it may spoil other points; still the
# rule works.
#
# By hand, OR, starting from $w = (0, 0, 0)$; the entries of $x$ are 1, x₁, x₂:
#
# | $x$ | $y$ | $w \cdot x$ | | new $w$ |
# |---|---|---|---|---|
# | (1, −1, −1) | −1 | 0 | mistake | (−1, 1, 1) |
# | (1, −1, 1) | +1 | −1 | mistake | (0, 0, 2) |
# | (1, 1, −1) | +1 | −2 | mistake | (1, 1, 1) |
# | (1, 1, 1) | +1 | 3 | right | (1, 1, 1) |
#
# The second pass finds all four right, and we are done after three mistakes: $w = (1, 1, 1)$, an OR with bias
# 1.

# %%
def perceptron(X, y, w, passes=1000):
    """X (n, d), the constant 1 included; y (n,) in ±1; w (d,). Returns w and the mistaken rows in order."""
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

# %%
with_one = lambda X: np.column_stack([np.ones(len(X)), X])
X, y = data.gate("or")
w, mistakes = perceptron(with_one(X), y, np.zeros(3))
check.worked("OR: weights (bias first)", w, "1 1 1")
check.worked("OR: the mistaken rows, counted from 0", mistakes, "0 1 2")

# %% [markdown]
# Now a picture of one step, with 40 points that a line through the origin can separate, so that no bias is
# needed and $w$ can be drawn. **Predict** from the rule: a positive point lies on the blue side; which way
# does $w$ turn?

# %%
rng = np.random.default_rng(50)
X, y, w_star = data.separable(40, rng, margin=0.1)
w_before = np.array([-w_star[1], w_star[0]]) + 0.5 * w_star       # a poor start: far from the best direction
i = np.argmax((y > 0) * np.linalg.norm(X, axis=1) * (X @ w_before < 0))
w_after = w_before + X[i]
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.4), sharey=True)
arrow = dict(arrowstyle="<|-", color="#222222", shrinkA=0, shrinkB=0)
titles = "The circled point is wrong", "w has moved towards it"
for ax, w, title in zip(axes, (w_before, w_after), titles):
    plot.surface(ax, lambda X, w=w: X @ w, (-1.5, 1.5), (-1.5, 1.5), limit=0.05)
    plot.points(ax, X, y, size=24)
    ax.scatter(*X[i], s=150, facecolor="none", edgecolor="#222222", linewidth=1.5, zorder=4)
    ax.annotate("", (0, 0), w, arrowprops=arrow | {"lw": 2})
    ax.text(*w * 1.12, "$w$", ha="center", va="center", fontsize=12)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
axes[1].annotate("", w_before, w_after, arrowprops=arrow | {"linestyle": "--"})
plot.show(fig, "Two panels with 40 points. Left, the boundary leaves a circled positive point on the blue "
          "side. Right, that point has been added to w, drawn dashed, and the boundary has turned.")

# %% [markdown]
# The dashed arrow is the mistaken point itself, added to $w$. The arrow $w$ swings towards it, and the
# boundary, always at a right angle to $w$, swings along.
#
# Will this ever end? If *some* line through the origin separates the points, yes, and we can say when. Let
# $R$ be the length of the longest $x$, and $\gamma > 0$ a margin that some unit vector $w^*$ gives to all
# points: $y\, (w^* \cdot x) \ge \gamma$. Then, in whatever order the points come and starting from $w = 0$,
#
# $$\text{number of mistakes} \le \left(\frac{R}{\gamma}\right)^2 .$$
#
# Nothing in it depends on how many points there are, nor on the dimension (Block 1962; Novikoff 1962). For OR
# above, $w^* = (1, 1, 1)/\sqrt3$, $R^2 = 3$ and $\gamma = 1/\sqrt3$: at most 9 mistakes; we made 3.
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
# Left in the next figure, the two numbers of the proof during one run. Right, 100 runs in the plane and 100
# in 20 dimensions, twenty seeds for each of five margins. **Predict:** will the points lie close to the
# bound?

# %%
def run(seed, d, margin):
    X, y, w_star = data.separable(100, np.random.default_rng(seed), d=d, margin=margin)
    _, mistakes = perceptron(X, y, np.zeros(d))
    steps = np.cumsum(y[mistakes, None] * X[mistakes], axis=0)     # w after each mistake
    R, gamma = np.linalg.norm(X, axis=1).max(), (y * (X @ w_star)).min()
    return R, gamma, steps @ w_star, np.linalg.norm(steps, axis=1)

# %%
table = {2: [], 20: []}                                            # dimension: rows of bound, mistakes made
for d, margin, seed in itertools.product(table, (0.02, 0.05, 0.1, 0.2, 0.3), range(20)):
    R, gamma, progress, _ = run(seed, d, margin)
    table[d].append([(R / gamma) ** 2, len(progress)])
worst = max(made / bound for bound, made in table[2] + table[20])
check.claim("mistakes / bound, worst of 200 runs", worst, at_most=1)
R, gamma, progress, length = run(3, 20, 0.1)
k = np.arange(1, len(progress) + 1)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.4))
axes[0].plot(k, R * np.sqrt(k), ":", color="#AA3377", label="$R\\sqrt{k}$")
axes[0].plot(k, length, "--", color="#AA3377", label="length of $w$")
axes[0].plot(k, progress, "-", color="#222222", label="progress")
axes[0].plot(k, gamma * k, ":", color="#222222", label="$\\gamma k$")
axes[0].set(title="Squeezed from both sides", xlabel="mistakes $k$")
axes[0].legend()
for d, marker, color in ((20, "s", style.THIRD), (2, "o", "#222222")):
    axes[1].loglog(*np.transpose(table[d]), marker, color=color, markersize=4, alpha=0.6, label=f"d = {d}")
axes[1].loglog([10, 3000], [10, 3000], "-", color="#222222", linewidth=1)
axes[1].set(title="Never above the bound", xlabel="bound $(R/\\gamma)^2$", ylabel="mistakes made")
axes[1].legend()
plot.show(fig, "Left, against the number of mistakes: progress above its dotted straight line, length of w "
          "below its dotted square root. Right, mistakes of 200 runs against the bound: all lie below "
          "the diagonal.")

# %% [markdown]
# Left, the two numbers keep between the dotted lines: above the straight one, below the square root. The
# straight line would pass the square root sooner or later, so the run must end before. Right, every run stays
# under the diagonal, most of them far under: the bound is a guarantee, not a forecast. Easy problems (wide
# margin) end early in any dimension, and as $\gamma$ shrinks to 0 the guarantee becomes worthless.
#
# And if no line separates the points, as for XOR? **Predict** by continuing the table: three of XOR's rows
# agree with OR's, so $w = (1, 1, 1)$ when the fourth row, (1, 1, 1) with $y = -1$, comes. What is $w$ after
# it?

# %%
X, y = data.gate("xor")
w, mistakes = perceptron(with_one(X), y, np.zeros(3), passes=1)
check.worked("XOR: w after one pass", w, "0 0 0")
check.worked("XOR: mistaken rows of one pass", mistakes, "0 1 2 3")

# %%
for start in ([1.0, 2.0, -3.0], [0.5, -4.0, 2.5]):
    w, seen = np.array(start), []
    while tuple(w) not in seen:
        seen.append(tuple(w))
        w, _ = perceptron(with_one(X), y, w, passes=1)
    print(f"from {start}: {w} after {seen.index(tuple(w))} passes and again after {len(seen)}")

# %% [markdown]
# Four mistakes lead from zero back to zero, and from any other start some weights come back too. Once a state
# repeats, everything repeats: the perceptron **cycles** for ever. It could not do otherwise: its weights
# move in steps of 1 here, and they stay bounded even where no line exists (Minsky and Papert 1969; Block and
# Levin 1970), so only finitely many are within reach. Two remedies for
# real, noisy data: keep the best weights met so far (*pocket algorithm*, Gallant 1990) or use the average of
# all weights over time (Freund and Schapire 1999). Neither makes XOR possible. That takes hidden neurons, and
# the rule says nothing about what a hidden neuron should have answered. Lecture 2 does.
#
# ### Play: what can one neuron separate?
#
# The playground runs the rule of this section (activation *sign*), and small networks with soft activations,
# which learn by Lecture 2's method. Drag points, step, play, change weights by hand. Everything works from
# the keyboard too. It is modelled on *TensorFlow Playground* by Daniel Smilkov and Shan Carter
# (playground.tensorflow.org), which is worth an evening of its own.

# %%
from course_utils.interact.playground import Playground

Playground(data="xor", hidden=[], activation="sign")

# %% [markdown]
# (Where nothing is live you see a picture instead: XOR with one neuron, which leaves a point wrong, and with
# four hidden units, which get all four right.) Four things to try; answer before you press Play.
#
# 1. **One neuron.** Choose the gate AND and press Step until it is right. Then choose XOR. What will the
#    weights do? Now take OR and drag its circle slowly towards the triangles. What happens to the number of
#    updates?
# 2. **Layers.** On the gate XOR, switch to tanh and give it one hidden layer with 1, then 2 units. Which is
#    enough? Now take the data set *quadrants*, XOR of two half-planes. How many units now? Try several seeds.
# 3. **Activation and features.** Four hidden units, activation *linear*: how far does that get on XOR? Then
#    remove the hidden layer and switch on one extra input feature that makes XOR easy. Which one? And which
#    two for the circles?
# 4. **Regularisation.** Circles with noise 0.4, a training share of 20 %, two hidden layers of 8 tanh units.
#    Let it run and watch training and test loss part. Then turn on L1, then L2, strength 0.01: what happens
#    to the weights, and to the gap?
#
# <details><summary>Answers</summary>
#
# 1. On AND the line settles after a few updates. On XOR it never does. As OR's circle nears the triangles the
#    margin shrinks and the number of updates grows; once no line is left between them, it cycles.
# 2. One unit cannot: a tanh of one line is still one line. Two are enough for the gate (19 of 20 seeds
#    arrived when we tried). On the quadrants two failed for all 20 seeds and three arrived for 17, give or
#    take two points. Soft units are not bound by section 4's argument; four can even do it exactly. With
#    $g(u) = \tanh(u + 1) - \tanh(u - 1)$, which falls as $\lvert u\rvert$ grows,
#    $g(x_1 + x_2) - g(x_1 - x_2)$ is zero on both axes, negative where $x_1x_2 > 0$ and positive where
#    $x_1x_2 < 0$. But that a solution exists does not mean that training finds it.
# 3. Nowhere: layers of linear units make one linear unit, however many there are (a later section proves it).
#    The feature $x_1x_2$ makes XOR a one-neuron problem: minus its sign *is* the answer. For the circles,
#    $x_1^2$ and $x_2^2$.
# 4. Without regularisation, training loss falls to 0 while test loss climbs to about 0.9. L1 drives five
#    weights of six to nothing and brings the test loss to about 0.4; L2 makes all weights smaller and brings
#    it to about 0.35. The number of wrong test points hardly changes: the net was not so much wrong as far
#    too sure. Lecture 2 takes this up.
#
# </details>
