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

# %% [markdown]
# ## 6 Networks: the same numbers in matrix form
#
# A network is neurons that read each other's outputs. Let us compute one entirely by hand before we compress
# it into two lines. It has four inputs, numbered 0 to 3, three *hidden* neurons, 4 to 6 (hidden because
# nobody outside sees their values), and one output neuron, 7. Every neuron adds up its weighted inputs and
# its bias and sends the sum through the sigmoid $S(z) = 1/(1 + e^{-z})$, a soft step from 0 to 1:
#
# $$y = S\Big(b_7 + w_{74}\,S\big(b_4 + \textstyle\sum_{k=0}^{3} w_{4k}x_k\big)
#     + w_{75}\,S\big(b_5 + \sum_{k=0}^{3} w_{5k}x_k\big)
#     + w_{76}\,S\big(b_6 + \sum_{k=0}^{3} w_{6k}x_k\big)\Big)$$
#
# Here $w_{74}$ is the weight *into* neuron 7 *from* neuron 4. Take $x = (1, 0, 1, 0)$, every weight 0.5 and
# every bias 0. Predict: how many numbers can be adjusted in this network, and is $y$ above or below 0.5?
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
S = lambda z: 1 / (1 + np.exp(-z))
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
# transpose. While you read, also count: a sum over $j = 0, \dots, n$ has $n + 1$ terms, and a formula with
# $x$ on both sides means the next time step, or the next layer, on the left.
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
# of this loop: the computation, called the **forward pass**, is a chain of matrix products with an activation
# between any two of them. Here it is for four inputs, hidden layers of five and four units, and two outputs.

# %%
def forward(X, layers, f=S):
    """X (n, d) through layers [(W1, b1), (W2, b2), ...], with f after each; returns the last A (n, k)."""
    A = X
    for W, b in layers:
        A = f(A @ W + b)
    return A


rng = np.random.default_rng(6)
sizes = [4, 5, 4, 2]
layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in zip(sizes, sizes[1:])]
(W1, b1), (W2, b2), (W3, b3) = layers
X = rng.normal(size=(7, 4))
check.same("loop and nested formula", forward(X, layers), S(S(S(X @ W1 + b1) @ W2 + b2) @ W3 + b3), 1e-14)

# %% [markdown]
# In a picture every unit is a circle and every weight a line: vermilion for positive, blue and dashed for
# negative, thick for large. In this network each unit feeds all units of the next layer. That is **full
# connectivity**; the matrices are *dense*.
#
# In a **sparsely connected** layer a unit sees only some units before it. The formula looks the same; the
# difference is zeros in the matrix that stay zero. We write them as a mask $M$ of ones and zeros: $Z_1 = X
# (M_1 \odot W_1) + b_1$, where $\odot$ multiplies entry by entry. Below, each of five hidden units keeps at
# most two neighbouring inputs.
#
# Whatever is sparse, the last layer stays dense: each sparse unit knows only its own corner of the input,
# and somebody has to put the corners together. Multiply the masks and you count the paths from every input
# to every output. With a dense layer on top of the sparse one, all eight input-output pairs have a path. If
# the second mask is sparse too, three have none: output 1 can never notice inputs 0 and 1, nor output 0
# input 3, whatever the weights.

# %%
def draw(ax, weights, title):
    """Draw a network from its matrices [W1, W2, ...]; a weight of exactly 0 is a missing connection."""
    sizes = [len(weights[0])] + [W.shape[1] for W in weights]
    places = [[(column, (size - 1) / 2 - k) for k in range(size)] for column, size in enumerate(sizes)]
    for W, left, right in zip(weights, places, places[1:]):
        for i, j in np.argwhere(W):
            color, line = (style.POSITIVE, "-") if W[i, j] > 0 else (style.NEGATIVE, "--")
            ax.plot(*zip(left[i], right[j]), line, color=color, linewidth=0.4 + 1.2 * abs(W[i, j]))
    for column, layer in enumerate(places):
        ax.scatter(*zip(*layer), s=170, color="white", edgecolor="#222222", zorder=3)
        name = "in" if column == 0 else "out" if column == len(weights) else f"hidden {column}"
        ax.text(column, -2.8, name, ha="center", fontsize=9)
    ax.set(title=title, ylim=(-3, 2.4))
    ax.axis("off")


# %%
M1 = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]])
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.4))
draw(axes[0], [W1, W2, W3], "Full: 20 weights in layer 1")
draw(axes[1], [M1 * W1, W2, W3], "Sparse: 8 weights in layer 1")
plot.show(fig, "The same network twice, four columns with 4, 5, 4 and 2 circles. Left, every circle "
               "is joined to all circles of the next column. Right, each of the four inputs feeds "
               "only two neighbouring hidden units, while the later layers keep all their lines.")
dense, sparse = np.ones((5, 2), int), np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1]])
check.worked("zeros in the sparse first layer", (M1 == 0).sum(), "12")
check.worked("pairs without a path, dense last layer", (M1 @ dense == 0).sum(), "0")
check.worked("pairs without a path, sparse last layer", (M1 @ sparse == 0).sum(), "3")

# %% [markdown]
# ## 7 Activation functions
#
# A neuron first computes a *score*, $z = x \cdot w + b$. It is any real number, and we want a decision. The
# sign of $z$ makes a hard one. The sigmoid makes a soft one and can be read as a probability: a score of 0
# means "no idea", a score of 3 "yes, with probability 0.95".
#
# The function between score and output is the **activation function**. Here are the fourteen you will meet.
# The formulas below are Python, and the same strings are both printed and run, so that the table cannot
# differ from the computation. In a derivative, `f` stands for the value of the function.

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

# %% [markdown]
# Some have constants: the slope of the leaky ReLU below 0, the $\alpha$ of ELU, the two lines of maxout.
# Their defaults stand in one place and can be replaced in a call.

# %%
CONSTANTS = {"slope": 0.1, "a": 0.25, "alpha": 1.0, "w1": -0.5, "b1": -0.5, "w2": 1.0, "b2": 0.0}


def activation(name, z, **constants):
    """f(z) and f'(z) for z of any shape, by evaluating the two formulas of the table."""
    known = vars(np) | CONSTANTS | constants | {"z": np.asarray(z, float)}
    f = eval(ACTIVATIONS[name][0], known)
    return f, eval(ACTIVATIONS[name][1], known | {"f": f})


# %%
from IPython.display import Markdown, display

rows = ["| name | f(z) | f′(z) | f(−2) | f(0) | f(2) | used in |", "|---|---|---|---|---|---|---|"]
for name, (f, df, use) in ACTIVATIONS.items():
    low, zero, high = activation(name, [-2, 0, 2])[0]
    rows.append(f"| {name} | `{f}` | `{df}` | {low:.6g} | {zero:.6g} | {high:.6g} | {use} |")
display(Markdown("\n".join(rows)))

# %% [markdown]
# Before you scroll on, predict from the formulas: which of them have a slope of exactly 0 everywhere, and
# which are never steeper than 1/4?

# %%
z = np.linspace(-4, 4, 801)
fig, axes = plt.subplots(7, 2, figsize=(6.6, 12), sharex=True)
for ax, name in zip(axes.flat, ACTIVATIONS):
    f, df = activation(name, z)
    f = np.where(np.abs(np.gradient(f, z)) > 20, np.nan, f)  # do not join the two sides of a jump
    ax.plot(z, f, color="#222222")
    ax.plot(z, df, color=style.POSITIVE, linestyle="--")
    ax.plot(0, activation(name, 0)[0], "o", color="#222222", markersize=4)
    ax.set(title=name, ylim=(-1.6, 2.2))
axes[0, 0].text(-3.9, 1.5, "black: f, dot: f(0), dashed: f′", fontsize=9)
for ax in axes[-1]:
    ax.set_xlabel("$z$")
fig.suptitle("Steps have slope 0, the sigmoid at most 1/4, the ReLU family 1", x=0.01, ha="left", fontsize=11)
plot.show(fig, "A grid of fourteen small plots, one for each activation function, each with the "
               "function as a solid line and its derivative dashed. The sigmoid's derivative peaks "
               "at one quarter; the steps have derivative zero; the ReLU family has slope one on the "
               "right.")

# %%
value = lambda name, z, **constants: activation(name, z, **constants)[0]
check.worked("sigmoid(2), sigmoid(3)", value("sigmoid", [2, 3]), "0.880797 0.952574")
check.worked("slope of the sigmoid at 0", activation("sigmoid", 0)[1], "0.25")
check.worked("tanh(2), arctan(2)", [value("tanh", 2), value("arctan", 2)], "0.964028 1.107149")
check.worked("softplus at 0 and 2", value("softplus", [0, 2]), "0.693147 2.126928")
check.worked("leaky ReLU(-2), ELU(-2)", [value("leaky ReLU", -2), value("ELU", -2)], "-0.2 -0.864665")
check.worked("piecewise linear at 0.25, -0.25", value("piecewise linear", [0.25, -0.25]), "0.75 0.25")
check.worked("maxout of 0 and z at -1, 2", value("maxout", [-1, 2], w1=0, b1=0, w2=1, b2=0), "0 2")

# %% [markdown]
# The three steps are flat everywhere, so their slope says nothing about which way to turn a weight: they
# can be used, not trained by following slopes. The sigmoid's slope is 1/4 at best, and almost 0 a few units
# away from the middle: it *saturates*. The ReLU family keeps slope 1 on the whole right half. **Maxout**
# takes the larger of several affine functions of the inputs, $\max(x\cdot w_1 + b_1, x\cdot w_2 + b_2)$;
# with the lines $0$ and $z$ it *is* the ReLU. (*Adaline*, in the table, is a neuron
# by Bernard Widrow and Ted Hoff, 1960: a perceptron trained on its score, without the step.) The hyperbolic
# tangent has three common forms and is a stretched sigmoid:
#
# $$\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}} = \frac{\sinh z}{\cosh z} = \frac{2}{1 + e^{-2z}} - 1$$
#
# **Are the derivatives right?** PyTorch can differentiate any program (how, is the subject of Lecture 2). We
# let it differentiate its *own* version of every function, and compare values and slopes at points away from
# the kinks.

# %%
z = np.linspace(-3, 3, 61)
check.same("tanh as a stretched sigmoid", value("tanh", z), 2 * S(2 * z) - 1, 1e-14)
up, down = np.exp(z), np.exp(-z)
check.same("tanh by exponentials", value("tanh", z), (up - down) / (up + down), 1e-14)
check.same("tanh as sinh / cosh", value("tanh", z), np.sinh(z) / np.cosh(z), 1e-14)

# %%
from torch.nn import functional as F

TWINS = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softplus": F.softplus, "arctan": torch.arctan,
    "ReLU": torch.relu, "leaky ReLU": lambda z: F.leaky_relu(z, 0.1), "ELU": F.elu,
    "PReLU": lambda z: F.prelu(z, torch.tensor([0.25], dtype=z.dtype)),
    "maxout": lambda z: torch.maximum(-0.5 * z - 0.5, z),
    "piecewise linear": lambda z: F.hardtanh(z, -0.5, 0.5) + 0.5, "identity": lambda z: 1 * z,
}
z = np.array([-2.3, -0.7, -0.2, 0.1, 0.4, 1.9])
for name, twin in TWINS.items():
    f, df = activation(name, z)
    z_torch = bridge.tensors(z, grad=True)
    twin(z_torch).sum().backward()
    assert np.allclose(f, twin(z_torch).detach().numpy(), rtol=0, atol=1e-14), name
    check.same(f"slope of {name}", df, z_torch.grad, 1e-14)

# %% [markdown]
# Every line agrees to rounding. PReLU has a second slope: its constant $a$ is learned, so training needs
# the derivative with respect to $a$ as well, which is $z$ where $z < 0$ and 0 elsewhere. The steps get
# their check from finite differences: slope 0 away from the jump, and at the jump a number that grows
# without limit as the two points close in.
#
# **At zero, convention rules.** A function with a corner has no derivative there, so every program picks one.
# It seldom matters for learning; it matters when you compare two programs. Predict what PyTorch says for the
# slope of ReLU at exactly 0: 0, ½ or 1?

# %%
a = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
F.prelu(bridge.tensors(z), a).sum().backward()
check.same("PReLU's slope in a", np.minimum(z, 0).sum(keepdims=True), a.grad, 1e-14)
difference = lambda name, z, eps=1e-6: (value(name, z + eps) - value(name, z - eps)) / (2 * eps)
for name in ("unit step", "binary step", "signum"):
    check.same(f"slope of {name}", activation(name, z)[1], difference(name, z), 0)
    print(f"    and across its jump: {difference(name, 0.0):.3g}")

# %%
def torch_slope(f, at):
    """PyTorch's derivative of f at one number."""
    z = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    f(z).backward()
    return z.grad.item()


zero = torch.tensor(0.0, dtype=torch.float64)
spellings = torch.relu, lambda z: torch.maximum(z, zero), lambda z: z.clamp(min=0)
slopes = [torch_slope(f, 0.0) for f in spellings]
steps = np.heaviside(0, 0.5), np.heaviside(0, 1), np.sign(0)
check.worked("unit step, binary step, signum at 0", steps, "0.5 1 0")
check.worked("NumPy's z > 0 and z >= 0 at 0", [np.greater(0, 0), np.greater_equal(0, 0)], "0 1")
check.worked("PyTorch's slope at 0: relu, maximum, clamp", slopes, "0 0.5 1")

# %% [markdown]
# Three spellings of the same function, three answers. Our table takes 0, as `torch.relu` does. ELU has a
# corner of its own: from the left its slope tends to $\alpha$, from the right it is 1, so it is smooth only
# for $\alpha = 1$. And the 0.1 of the leaky ReLU is one choice among many; PyTorch's default is 0.01.
#
# **A mix-up to avoid.** The piecewise linear activation is sometimes listed as the support vector machine's
# (SVM). A linear SVM decides by the *sign* of its score and is trained with the **hinge loss**
# $\max(0, 1 - yz)$ for targets $y = \pm 1$. A loss measures regret; an activation makes an output. Three
# curves, three jobs.

# %%
sides = lambda alpha: [activation("ELU", side, alpha=alpha)[1] for side in (-1e-9, 1e-9)]
check.worked("ELU's slopes left and right of 0, alpha 1.7", sides(1.7), "1.7 1.0")
check.worked("ELU's slopes left and right of 0, alpha 1", sides(1.0), "1.0 1.0")
leaky = [value("leaky ReLU", -2, slope=0.1), F.leaky_relu(torch.tensor(-2.0)).item()]
check.worked("leaky ReLU(-2) with slope 0.1 and PyTorch's", leaky, "-0.2 -0.02")

# %%
z = np.linspace(-2, 2, 401)
fig, ax = plt.subplots()
ax.plot(z, value("piecewise linear", z), color="#222222", linestyle=":", label="piecewise linear activation")
decision = np.where(np.abs(z) < 0.01, np.nan, np.sign(z))  # do not join the two sides of the jump
ax.plot(z, decision, color=style.POSITIVE, label="SVM's decision, sign(z)")
ax.plot(z, np.maximum(0, 1 - z), color=style.NEGATIVE, linestyle="--", label="SVM's loss if y = 1: hinge")
ax.set(title="Hinge falls as the score grows; it is no activation", xlabel="score $z$", ylabel="value")
ax.legend(loc="upper right")
plot.show(fig, "Three curves over the score: a ramp from 0 to 1 between minus one half and one half, "
               "the sign function jumping from minus 1 to 1 at zero, and the hinge loss falling from "
               "3 to 0 at score 1.")

# %% [markdown]
# The hinge is still positive between 0 and 1: the SVM is not content with the right sign, it wants a margin.
#
# **Large scores overflow.** $e^{800}$ is beyond the largest float64. The formula `log(1 + exp(z))` then says
# infinity where the answer is 800, and the sigmoid written as $e^z/(1 + e^z)$ says "not a number". The cure
# is algebra: only ever take the exponential of $-|z|$, which cannot overflow. This is the sigmoid that we
# keep for the rest of the course.

# %%
def sigmoid(z):
    """1 / (1 + exp(-z)) without overflow; z of any shape, returns the same shape and float type."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


# %%
softplus = lambda z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
z = np.array([-800.0, 0, 800])
with np.errstate(over="ignore", invalid="ignore"):
    print("naive softplus ", value("softplus", z), "  e^z / (1 + e^z)", np.exp(z) / (1 + np.exp(z)))
check.worked("stable softplus at -800, 0, 800", softplus(z), "0 0.693147 800")
check.worked("stable sigmoid at -800, 0, 800", sigmoid(z), "0 0.5 1")

# %% [markdown]
# **Sigmoids on top of sigmoids.** Each one squeezes its input into (0, 1) and has a slope of at most 1/4.
# By the chain rule the slopes multiply. Predict what is left of the difference between $z = -6$ and $z = 6$
# after five sigmoids in a row.

# %%
z = np.linspace(-6, 6, 201)
fig, ax = plt.subplots()
a = z
for depth, color in enumerate(style.ordered(5), start=1):
    a = sigmoid(a)
    ax.plot(z, a, color=color, label=f"{depth} in a row")
ax.set(title="Five sigmoids in a row forget their input", xlabel="$z$", ylabel="output")
ax.legend(loc="lower right")
plot.show(fig, "Five curves from minus 6 to 6. One sigmoid rises from 0 to 1; each further one is "
               "flatter, and five in a row are a horizontal line at about 0.66.")

a, slope, spread = 0.0, 1.0, np.array([-6.0, 6.0])
for _ in range(5):
    a, spread = sigmoid(a), sigmoid(spread)
    slope *= a * (1 - a)
check.worked("what is left of the difference", spread[1] - spread[0], "0.00265")
check.worked("slope of the chain at z = 0", slope, "0.000676")
check.worked("the bound (1/4)^5", 0.25**5, "0.000977")

# %% [markdown]
# A difference of 12 has become 0.003: the five curves flatten one after the other, towards the one number with
# $\sigma(z) = z$, about 0.659. Real layers have weights that can stretch what the sigmoid squeezes, so this is a
# warning, not a law. It is one reason why deep networks moved from sigmoids to ReLU; Lecture 2 measures it.

# %% [markdown]
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

# %%
rng = np.random.default_rng(8)
sizes = [5, 4, 3, 2]
layers = [(rng.normal(size=(m, n)) / np.sqrt(m), rng.normal(size=n)) for m, n in zip(sizes, sizes[1:])]
(W1, b1), (W2, b2), (W3, b3) = layers
X = rng.normal(size=(10, 5))
deep = forward(X, layers, f=lambda z: z)
check.same("three affine layers and one", deep, X @ (W1 @ W2 @ W3) + b1 @ W2 @ W3 + b2 @ W3 + b3, 1e-14)

# %% [markdown]
# An affine map obeys *superposition*: $f(u + v) = f(u) + f(v) - f(0)$. That is a test one can run on any
# function without knowing its insides. Predict: does the same network with a ReLU after each hidden layer
# pass it? And what does its output look like along a straight walk through the five-dimensional input space?

# %%
gap = lambda f, u, v: np.abs(f(u + v) - f(u) - f(v) + f(0 * u)).max()
relu = lambda z: np.maximum(0, z)
affine_net = lambda X: ((X @ W1 + b1) @ W2 + b2) @ W3 + b3
relu_net = lambda X: relu(relu(X @ W1 + b1) @ W2 + b2) @ W3 + b3
u, v = rng.normal(size=(200, 5)), rng.normal(size=(200, 5))
check.claim("gap without activations", gap(affine_net, u, v), at_most=1e-13)
check.claim("gap with ReLU", gap(relu_net, u, v), at_least=0.1)

# %%
t = np.linspace(-4, 4, 401)
path = u[48] + t[:, None] * v[48]
fig, ax = plt.subplots()
ax.plot(t, affine_net(path)[:, 0], color="#222222", linestyle="--", label="without activations")
ax.plot(t, relu_net(path)[:, 0], color=style.POSITIVE, label="with ReLU")
ax.set(title="Without activations a straight walk stays straight", xlabel="along the walk", ylabel="output")
ax.legend()
plot.show(fig, "The first output along a straight walk through input space: without activations a "
               "dashed straight line, with ReLU a line with several kinks.")

# %% [markdown]
# ## 9 Enough bumps make any curve
#
# The solid line bends wherever the walk takes one hidden unit across its corner. So with activations the
# chain $f_3(f_2(f_1(xW_1 + b_1)W_2 + b_2)W_3 + b_3)$ can follow curves. Which curves? All of them, in a
# sense that we now make precise. The picture is from Michael Nielsen's *Neural Networks and Deep Learning*
# (chapter 4). A sigmoid with a huge weight, $\sigma(w\,(x - s))$, is a **step** at $s$. Two steps with
# opposite output weights are a **bump**. And bumps side by side make a staircase along any curve we like.
#
# Nobody needs to train anything. Cut [0, 1] into $n$ pieces, and give each a bump as high as the curve in
# its middle: a network with $2n$ hidden units, designed by hand.

# %%
step = lambda x, s, w=2000: sigmoid(w * (x - s))
bump = lambda x, left, right, height: height * (step(x, left) - step(x, right))
x = np.linspace(0, 1, 1001)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for w, color in zip((10, 50, 2000), style.ordered(3)):
    axes[0].plot(x, step(x, 0.4, w), color=color, label=f"w = {w}")
axes[0].legend()
axes[1].plot(x, bump(x, 0.4, 0.6, 0.8), color="#222222")
for ax, title in zip(axes, ("One unit: a step at 0.4", "Two units: a bump")):
    ax.set(title=title, xlabel="$x$")
plot.show(fig, "Left, sigmoids with weights 10, 50 and 2000: the larger the weight, the steeper the "
               "step at 0.4. Right, the difference of two steps is a bump of height 0.8 between 0.4 "
               "and 0.6.")

# %%
curve = lambda x: 0.4 + 0.3 * np.sin(7 * x) + 0.2 * np.cos(17 * x)


def staircase(x, n):
    """The network of n bumps (2n hidden units) for `curve` on [0, 1]; x (m,), returns (m,)."""
    edges = np.linspace(0, 1, n + 1)
    heights = curve((edges[:-1] + edges[1:]) / 2)
    edges[0], edges[-1] = -1, 2  # so that the outer steps do not end exactly where we look
    return sum(bump(x, left, right, h) for left, right, h in zip(edges, edges[1:], heights))


fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for ax, n in zip(axes, (10, 40)):
    ax.plot(x, curve(x), color=style.POSITIVE, linewidth=3, alpha=0.5, label="curve")
    ax.plot(x, staircase(x, n), color="#222222", linewidth=1, label="network")
    ax.set(title=f"{n} bumps: off by {np.abs(staircase(x, n) - curve(x)).max():.2f} at most", xlabel="$x$")
axes[0].legend()
plot.show(fig, "A wavy curve and its staircase of 10 bumps on the left, of 40 bumps on the right, "
               "which hugs the curve more closely.")

# %% [markdown]
# The more bumps, the smaller the steps: halve the width and you roughly halve the worst error, for
# any curve with a bounded slope. The hand-made network is wasteful. Let us give the units gentle random slopes
# and positions instead, and choose only the *output* weights, so that the squared error is smallest: a
# **least-squares** problem, solved in one line. The target is $\sin$ on $[-\pi, \pi]$. Random layers
# differ, so we draw twenty for each width and look at all. Predict the order of magnitude of the error with
# 8 units, and with 64.

# %%
def random_tanh_layer(width, rng):
    """A random hidden layer, x (m,) -> (m, width + 1); its last column is 1, for the output bias."""
    W1, b1 = rng.normal(size=(1, width)), rng.uniform(-np.pi, np.pi, size=width)
    return lambda x: np.column_stack([np.tanh(x[:, None] @ W1 + b1), np.ones(len(x))])


def fit(layer, x, y):
    """Output weights by least squares; returns the fitted network as a function of x."""
    w2 = np.linalg.lstsq(layer(x), y, rcond=None)[0]
    return lambda x: layer(x) @ w2


# %%
rng = np.random.default_rng(9)
x, x_new = np.linspace(-np.pi, np.pi, 400), np.linspace(-np.pi, np.pi, 1001)
widths, errors = (2, 4, 8, 16, 32, 64), {}
for width in widths:
    nets = [fit(random_tanh_layer(width, rng), x, np.sin(x)) for _ in range(20)]
    errors[width] = [np.mean((net(x_new) - np.sin(x_new)) ** 2) for net in nets]
fig, ax = plt.subplots()
for place, width in enumerate(widths):
    ax.scatter([place] * 20, errors[width], s=14, color=style.NEGATIVE, alpha=0.5)
ax.plot([np.median(errors[width]) for width in widths], color="#222222", label="median of 20 draws")
ax.set(title="Wider networks follow the sine better", yscale="log", xlabel="hidden units",
       ylabel="mean squared error", xticks=range(len(widths)), xticklabels=widths)
ax.legend()
check.claim("median error with 2 units", np.median(errors[2]), at_least=0.05)
check.claim("median error with 8 units", np.median(errors[8]), at_most=1e-3)
check.claim("median error with 64 units", np.median(errors[64]), at_most=1e-12)
plot.show(fig, "Mean squared error, on a logarithmic axis, against the number of hidden units; "
               "twenty dots for each width. The median falls from about 0.1 with two units to the "
               "limit of rounding with 64.")

# %% [markdown]
# Eight units are good, sixty-four are at the limit of rounding. Now leave the interval on which we fitted.
# Predict what a network with 8 units does at $x = 3\pi$, and very far away.

# %%
rng = np.random.default_rng(82)  # most draws fly far off the page; this one stays on it
net = fit(random_tanh_layer(8, rng), x, np.sin(x))
wide = np.linspace(-5 * np.pi, 5 * np.pi, 1001)
fig, ax = plt.subplots()
ax.axvspan(-np.pi, np.pi, color="#eeeeee", zorder=0)
ax.plot(wide, np.sin(wide), color=style.POSITIVE, linestyle="--", label="sin x")
ax.plot(wide, net(wide), color="#222222", label="network, 8 units")
ax.set(title="Right where it was fitted (grey), wrong outside", xlabel="$x$", ylim=(-3, 3))
ax.legend(loc="upper right")
plot.show(fig, "The sine and the fitted network from minus 5 pi to 5 pi. Inside the grey band from "
               "minus pi to pi they coincide; outside, the network leaves the sine and goes flat.")

# %%
far = np.linspace(1e5 * np.pi, (1e5 + 2) * np.pi, 1001)
check.claim("variation of the network far outside", np.ptp(net(far)), at_most=1e-6)
check.claim("its mean squared error there", np.mean((net(far) - np.sin(far)) ** 2), at_least=0.49)

# %% [markdown]
# Far away every tanh has saturated, so the network is a constant, and no constant is a sine. What we have
# seen is the **universal approximation theorem**, and its conditions are the point:
#
# > Let $K \subset \mathbb R^d$ be closed and bounded (compact), $g: K \to \mathbb R$ continuous, and $\phi$ a
# > continuous activation that is *not a polynomial*. Then for every $\varepsilon > 0$ there are a width $m$
# > and weights such that $\big|g(x) - \sum_{j=1}^m v_j\,\phi(x\cdot w_j + b_j)\big| < \varepsilon$ for **all**
# > $x$ in $K$.
#
# George Cybenko (1989) and Kurt Hornik, Maxwell Stinchcombe and Halbert White (1989) proved it for
# squashing functions, Hornik (1991) for bounded ones that are not constant, and Moshe Leshno and others (1993) found that "not a
# polynomial" is all it takes. It says that the weights **exist**. It does not say how many units you need,
# how to find the weights, or what happens outside $K$: "any bounded continuous function" without the words
# *on a compact set* is false, as the sine has shown. And polynomials really must be left out: with $\phi(z)
# = z^2$ every network, however wide, is a parabola: four units or sixty-four, the same error.
#
# So one hidden layer is enough *in principle*. Depth is not about what can be represented but about how
# economically; Lectures 2 and 3 show what it buys.

# %%
rng = np.random.default_rng(9)
for width in (4, 64):
    W1, b1 = rng.normal(size=(1, width)), rng.normal(size=width)
    squares = lambda x, W1=W1, b1=b1: np.column_stack([(x[:, None] @ W1 + b1) ** 2, np.ones(len(x))])
    error = np.mean((fit(squares, x, np.sin(x))(x_new) - np.sin(x_new)) ** 2)
    check.worked(f"error of {width} squaring units", error, "0.1968")

# %% [markdown]
# ## 10 Reading digits
#
# Now something real: 5000 handwritten digits from MNIST (Yann LeCun, Corinna Cortes and Christopher Burges),
# 28 by 28 pixels, each pixel a number from 0 (paper) to 1 (ink). A picture becomes one row of 784 numbers.
# 4000 are for training. The other 1000 are the *test set*. It measures finished methods, and nothing else: if we
# chose anything by looking at it, the measurement would flatter us.
#
# **Baselines first.** A clever method means nothing until we know what a dull one reaches. Guessing scores
# 10 %. The dullest method with any data in it: measure how *dark* a picture is on average, and name the digit
# whose average darkness is nearest. The next one compares the picture with the mean picture of each digit
# and names the nearest. Predict both accuracies.

# %%
X_train, y_train, X_test, y_test = data.digits28(flat=True)
some = [np.flatnonzero(y_train == k)[i] for i in range(2) for k in range(10)]
fig = plot.images(X_train[some], titles=y_train[some], columns=10, scale=0.62)
plot.show(fig, "Two handwritten examples of each digit from 0 to 9, with their labels above them.")

# %%
def accuracy(Y_hat, y):
    """Share of rows whose largest score is at the label; Y_hat (n, k) scores, y (n,) labels. A float."""
    return float(np.mean(Y_hat.argmax(axis=1) == y))


ink = np.array([X_train[y_train == k].mean() for k in range(10)])  # (10,)
means = np.array([X_train[y_train == k].mean(axis=0) for k in range(10)])  # (10, 784)
darkness = -np.abs(X_test.mean(axis=1, keepdims=True) - ink)
nearest = -((X_test[:, None] - means) ** 2).sum(axis=2)
check.claim("accuracy by darkness", accuracy(darkness, y_test), at_least=0.19)
check.claim("accuracy by nearest mean", accuracy(nearest, y_test), at_least=0.80)

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
W, b = ten_perceptrons(X_train, y_train, epochs=10, rng=np.random.default_rng(10))
scores = X_test @ W + b
check.claim("accuracy of ten perceptrons", accuracy(scores, y_test), at_least=0.83)
one_yes = (scores > 0).sum(axis=1) == 1
check.claim("pictures claimed by exactly one of the ten", one_yes.mean(), at_most=0.82)

# %% [markdown]
# Better than the means, but restless: after ten passes over the pictures the rule is still making mistakes,
# and the last few decide where it stops. And the ten do not know of each other: for about a quarter of the
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


Z = np.array([[2.0, 1, 0]])
check.worked("softmax of 2, 1, 0", softmax(Z), "0.665241 0.244728 0.090031")
check.worked("softmax of 1002, 1001, 1000", softmax(Z + 1000), "0.665241 0.244728 0.090031")
check.same("two classes: the sigmoid", softmax(np.array([[1.5, 0.0]]))[0, 0], sigmoid(1.5), 1e-15)

# %%
def cross_entropy(Z, y):
    """Mean over the batch of -ln softmax(Z)[i, y_i]; Z (n, k) scores, y (n,) integer labels. A float."""
    Z = Z - Z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]))


Z, y = np.array([[2.0, 1, 0], [0, 1000, 0]]), np.array([0, 2])
check.worked("loss of a good guess", cross_entropy(Z[:1], y[:1]), "0.407606")
check.worked("loss of a very sure mistake", cross_entropy(Z[1:], y[1:]), "1000")
check.worked("loss of knowing nothing, ln 10", cross_entropy(np.zeros((1, 10)), np.array([3])), "2.302585")

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
# Which $\eta$, and how many epochs? Those are **hyper-parameters**: the gradient does not choose them. We
# hold back 800 of the *training* pictures as a **validation** set, train on the other 3200, and watch.
# Predict what a too small and a too large $\eta$ look like.

# %%
def train(X, y, W, b, eta, orders, batch=50):
    """Mini-batch descent from copies of W and b; one order of the n examples for each epoch.

    Returns W, b and the loss of every step, measured before it.
    """
    W, b, losses = W.copy(), b.copy(), []
    for order in orders:
        for start in range(0, len(X), batch):
            rows = order[start : start + batch]
            loss, dW, db = softmax_gradient(X[rows], y[rows], W, b)
            W -= eta * dW
            b -= eta * db
            losses.append(loss)
    return W, b, np.array(losses)


# %%
rng = np.random.default_rng(10)
X_fit, y_fit, X_val, y_val = X_train[:3200], y_train[:3200], X_train[3200:], y_train[3200:]
epochs, curves = 30, {}
for eta in (0.001, 0.01, 0.1, 1.0):
    W, b = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
    curves[eta] = []
    for _ in range(epochs):
        W, b, _ = train(X_fit, y_fit, W, b, eta, [rng.permutation(len(X_fit))])
        curves[eta].append(accuracy(X_val @ W + b, y_val))
fig, ax = plt.subplots()
for (eta, values), color, marker in zip(curves.items(), style.ordered(4), "ovs^"):
    ax.plot(range(1, epochs + 1), values, color=color, marker=marker, markersize=3, label=f"η = {eta:g}")
ax.set(title="Too small is slow, too large is restless", xlabel="epoch", ylabel="validation accuracy",
       ylim=(0.6, 0.95))
ax.legend(loc="lower right")
plot.show(fig, "Validation accuracy over 30 epochs for four learning rates. The smallest rises "
               "slowly, 0.1 climbs to about 0.9 and stays, the largest jumps up and down.")

# %% [markdown]
# The smallest is still climbing, the largest jumps about. We judge by the mean of the last five epochs,
# because a single epoch can be lucky, and train with the winner on all 4000, for 30 epochs, from small
# random weights.
#
# A sensible yardstick is a mature library on the same split. scikit-learn's `LogisticRegression` minimises
# the same loss, plus a small penalty on large weights, to the very bottom with a cleverer method. Predict
# who wins, and by how much.

# %%
best = max(curves, key=lambda eta: np.mean(curves[eta][-5:]))
rng = np.random.default_rng(11)
W0, b0 = 0.01 * rng.normal(size=(784, 10)), np.zeros(10)
orders = [rng.permutation(4000) for _ in range(epochs)]
single = [array.astype(np.float32) for array in (W0, b0)]
W, b, losses = train(X_train, y_train, *single, best, orders)
W_digits, b_digits = W, b  # kept for section 12
check.claim("accuracy of softmax regression", accuracy(X_test @ W + b, y_test), at_least=0.875)

# %%
from sklearn.linear_model import LogisticRegression

library = LogisticRegression(max_iter=500).fit(X_train, y_train)
reference = library.score(X_test, y_test)
check.claim("accuracy of scikit-learn", reference, at_least=0.88)
check.claim("ours minus scikit-learn's", accuracy(X_test @ W + b, y_test) - reference, at_least=-0.01)

# %% [markdown]
# Within a point of each other, which with 1000 test pictures is no difference worth a word: the standard
# error of an accuracy near 0.9 is $\sqrt{0.9 \cdot 0.1 / 1000} \approx 0.01$.
#
# ### The same in PyTorch
#
# Line for line: a linear layer, the cross-entropy (which contains the softmax), and plain gradient descent.
# There is no gradient formula in it; `backward()` finds it. Both start from the same weights and see the
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
ours = train(X64, y_train, W0, b0, best, orders[:1])
layer, losses64 = train_torch(X64, y_train, W0, b0, best, orders[:1])
check.same("80 losses", ours[2], losses64, 1e-10)
check.same("weights after 80 steps", ours[0], layer.weight.T, 1e-10)
check.same("biases after 80 steps", ours[1], layer.bias, 1e-10)

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
plot.show(fig, "Training loss over 30 epochs, a wide line for NumPy and a thin dashed line for "
               "PyTorch exactly on top of it, falling from about 1.0 to 0.2.")

# %% tags=["nbval-ignore-output"]
run = lambda device: lambda: train_torch(X_train, y_train, *single, best, orders[:1], device=device)
times = {"NumPy": bridge.seconds(lambda: train(X_train, y_train, *single, best, orders[:1])),
         "PyTorch, cpu": bridge.seconds(run("cpu"))}
if device.type != "cpu":
    times[f"PyTorch, {device.type}"] = bridge.seconds(run(device))
for name, t in times.items():
    print(f"one epoch, {name:14s} {1000 * t:6.1f} ms")

# %% [markdown]
# For 80 tiny steps the fixed cost of every PyTorch call, and of every transfer to a GPU, outweighs the
# arithmetic. That turns round when networks grow.
#
# ### What it has learned
#
# Each class has 784 weights, one for each pixel, so each class *is* a picture. Vermilion ink speaks for the
# class, blue against. Predict where the blue of the 0 lies.
#
# Which digits does it mix up? The **confusion matrix** counts, for each true digit (row), the answers
# (column). The correct ones on the diagonal are left out here, so that the mistakes can be seen.

# %%
fig = plot.images(W.T, titles=range(10), columns=5, signed=True, scale=1.15)
plot.show(fig, "Ten weight pictures in blue and vermilion. The picture for 0 has a vermilion ring "
               "and a blue spot in the middle; others show strokes that speak for or against their "
               "digit.")

# %%
predicted = (X_test @ W + b).argmax(axis=1)
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (y_test, predicted), 1)
mistakes = confusion - np.diag(np.diag(confusion))
fig, ax = plt.subplots(figsize=(4.6, 4.2))
plot.matrix(ax, mistakes, values="d")
ax.set(title="Most mistakes are between look-alikes", xlabel="answer", ylabel="true digit",
       xticks=range(10), yticks=range(10))
plot.show(fig, "Ten by ten table of mistakes, true digit by answer. The largest counts are between "
               "digits that look alike, such as 3 and 5, or 9 and 4.")

# %% [markdown]
# Ink in the middle is the best argument against a 0. The mistakes are those of a careless reader: a 3 read as
# a 5, a 9 as a 4. Last, here are the ones it was most sure of. How many would you have got right?

# %%
P = softmax(X_test @ W + b)
wrong = np.flatnonzero(predicted != y_test)
surest = wrong[np.argsort(-P[wrong].max(axis=1))[:10]]
titles = [f"{y_test[i]}, says {predicted[i]}" for i in surest]
fig = plot.images(X_test[surest], titles=titles, columns=5, scale=1.15)
plot.show(fig, "The ten misread digits with the highest probability for the wrong answer; above each "
               "the true digit and the answer.")

# %% [markdown]
# Some are badly written, most are not. Does a softmax output deserve the name "probability", then? Sure answers
# must be right more often than unsure ones.

# %%
sure, unsure = P.max(axis=1) > 0.9, P.max(axis=1) < 0.5
check.claim("right among answers above 90 %", accuracy(P[sure], y_test[sure]), at_least=0.97)
check.claim("right among answers below 50 %", accuracy(P[unsure], y_test[unsure]), at_most=0.55)

# %% [markdown]
# ## 11 Where it breaks
#
# You read white on black as easily as black on white. Take every training digit *and its negative*, with
# pixels scaled to $-1$ (paper) and $+1$ (ink), so that the negative of $x$ is $-x$. Predict the accuracy of
# softmax regression now.

# %%
signed = lambda X: 2 * X - 1
X_both = np.vstack([signed(X_train), -signed(X_train)])
y_both = np.tile(y_train, 2)
W0, b0 = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
loss, dW, db = softmax_gradient(X_both, y_both, W0, b0)
check.claim("largest entry of the gradient at W = 0", np.abs(dW).max(), at_most=1e-6)
check.worked("loss there, ln 10", loss, "2.3026")

# %% [markdown]
# The gradient is zero before the first step. At $W = 0$ every picture gets probability 0.1 for every class,
# so $x$ and $-x$ have the same $\delta$ and their contributions to $X^\top\delta$ cancel. And this
# is no unlucky start: the loss of softmax regression is *convex* in the weights (a bowl, no second valley),
# so where the gradient is zero is the bottom. The best linear model of these data is to know nothing.
# Mini-batches make it wander about that point.
#
# It is XOR again, with 784 inputs: what a pixel means depends on the other pixels. A hidden layer helps,
# even one with **random** weights that nobody trained, as in section 9: 1000 ReLU units, and the same
# softmax regression on top of them. Test both on the 1000 pictures of the test set, about half of them as
# negatives.

# %%
rng = np.random.default_rng(12)
negative = rng.random(len(X_test)) < 0.5
X_mixed = np.where(negative[:, None], -signed(X_test), signed(X_test))
shuffled = [rng.permutation(len(X_both)) for _ in range(5)]
W, b, _ = train(X_both, y_both, W0, b0, 0.01, shuffled)
check.claim("softmax regression on digits and negatives", accuracy(X_mixed @ W + b, y_test), at_most=0.25)

rng = np.random.default_rng(13)
V = (rng.normal(size=(784, 1000)) / 28).astype(np.float32)
hidden = lambda X: np.maximum(0, X @ V)
W0, b0 = np.zeros((1000, 10), np.float32), np.zeros(10, np.float32)
W, b, _ = train(hidden(X_both), y_both, W0, b0, 0.1, shuffled)
check.claim("with a random hidden layer", accuracy(hidden(X_mixed) @ W + b, y_test), at_least=0.85)

# %% [markdown]
# From chance to nearly nine in ten, by units that were never told what a digit is. Imagine what they could
# do if they *learned*. For the output weights we know how: $\delta = (p - y)/n$ says what each score should
# have been. But nobody says what a hidden unit should have been. **How does a weight in layer 1 learn of an
# error in layer 3?** That is Lecture 2.

# %% [markdown]
# ## 12 Common misreadings
#
# Sentences that you will meet in slides and blogs, and what holds instead.
#
# | you may read | what holds | shown in |
# |---|---|---|
# | OR is $\mathrm{sign}(x_1 + x_2 + 1.5)$. | Only if false is $-1$. With 0 and 1 the bias must be $-0.5$. | below, section 4 |
# | A bias is a weight that makes an input stronger or weaker. | It shifts the threshold, whatever the input. | section 3 |
# | $w_{ij}$ goes from $i$ to $j$. | In half of the books. Do the transpose test. | section 6 |
# | A sparse layer has the same formula as a full one. | With a mask of zeros that stay zero. | section 6 |
# | A network is a series of matrix multiplications. | Without activations; then it is one layer. | section 8 |
# | A network can approximate any bounded continuous function. | On a closed and bounded set, with a non-polynomial activation and enough units. Nothing is said about finding the weights. | section 9 |
# | The step is 1 at 0, ReLU has slope 1 at 0. | Conventions. NumPy code and PyTorch differ. | section 7 |
# | ELU is smooth, the leaky ReLU has slope 0.1. | For $\alpha = 1$; and PyTorch's default is 0.01. | section 7 |
# | The SVM's activation is piecewise linear. | It decides by sign and is *trained* with the hinge. | section 7 |
# | The derivative of tanh, $1 - f^2$, looks like a misprint. | It is right, and so is $f(1 - f)$ for the sigmoid. | section 7 |
#
# Three deserve a number of their own. The OR gate of two inputs that are both false is the first. Then: "It
# gets 94 % right." On what? The pictures it was trained on are not a test. And: "The softmax says 95 %, so
# it is probably a 4." It says: *if* this is one of the ten digits, as in training, then probably a 4. There
# is no eleventh answer. So we turn threes, fours and sevens upside down, until they are no digits at all,
# and see how often it is at least 90 % sure.

# %%
check.worked("OR(0, 0) with bias 1.5 and with -0.5", np.sign([0 + 0 + 1.5, 0 + 0 - 0.5]), "1 -1")
on_train, on_test = (accuracy(X @ W_digits + b_digits, y) for X, y in ((X_train, y_train), (X_test, y_test)))
check.claim("points lost between training and test", 100 * (on_train - on_test), at_least=3)
nonsense = X_test[np.isin(y_test, (3, 4, 7)), ::-1]  # the 784 pixels backwards: half a turn
confidence = softmax(nonsense @ W_digits + b_digits).max(axis=1)
check.claim("share of nonsense read with 90 % or more", np.mean(confidence > 0.9), at_least=0.02)

# %% [markdown]
# ## Summary
#
# 1. A neuron is a score $x \cdot w + b$ and an activation; one neuron cuts space with one flat cut.
# 2. A network is neurons in layers: $A_l = f(A_{l-1} W_l + b_l)$, one line of NumPy for each layer.
# 3. Without activations any depth collapses into one layer; with them one hidden layer can approximate every
#    continuous function on a closed and bounded set.
# 4. Softmax regression learns from $\delta = (p - y)/n$, reads nine digits in ten, and equals its PyTorch twin to
#    rounding.
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
# The loss is convex and its gradient vanishes at $W = 0$, so this is its minimum. More steps only stay near
# it. The model, not the training, is too poor.
#
# </details>

# %% [markdown]
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
# activity" (1943). F. Rosenblatt, "The perceptron" (1958). A. Novikoff, "On convergence proofs on
# perceptrons" (1962). M. Minsky and S. Papert, *Perceptrons* (1969).
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
# *Data.* Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
# recognition" (1998; MNIST).

# %% [markdown] tags=["nav"]
#
