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
import matplotlib.pyplot as plt
import numpy as np
import torch

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
for ax, predict, title in zip(axes, (one_line, two_lines), ("One line: a point is always wrong", "Two lines: done")):
    plot.surface(ax, predict, (-2, 2), (-2, 2), limit=2)
    plot.points(ax, X, y, size=90)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", xticks=(-1, 1), yticks=(-1, 1))
plot.show(fig, "Two panels with the four XOR points. Left, a single line leaves one point on the wrong side. "
          "Right, the strip between two parallel lines holds exactly the two triangles.")

# %% [markdown]
# This lecture is about that difference. On the way from the left picture to the right one we meet every part
# of a neural network except the one that makes it learn in several layers; that one is Lecture 2.

# %% [markdown]
# **You will be able to**
#
# - compute the output of a neuron and of a small network by hand, and write both in one line of NumPy;
# - build any Boolean function out of neurons, and say why XOR needs more than one;
# - train a perceptron, and bound the number of its mistakes before you start;
# - choose an activation function knowing its derivative, and say what goes wrong without one;
# - derive, check and train softmax regression, and read handwritten digits with it.
#
# **Know first:** Python, a little NumPy, the derivative of a function of one variable.
# **Reading time:** 75 minutes. **Running time:** one minute on a laptop.
#
# <details><summary>Maths and NumPy you need: dot products, matrices, broadcasting</summary>
#
# A *dot product* `w @ x` multiplies two vectors entry by entry and adds up: $(1, 2)\cdot(3, 4) = 3 + 8 = 11$.
# A *matrix product* `X @ W` takes the dot product of every row of `X` with every column of `W`; its shape is
# rows of `X` by columns of `W`. NumPy *broadcasts*: adding `b` of shape `(3,)` to a matrix of shape `(5, 3)`
# adds `b` to every row. `X.sum(axis=0)` adds up the rows (one number a column remains), `axis=1` the columns.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# 15 min sections 1–2 (warm-up, the neuron), 25 min section 3 (gates, XOR; let the room vote before each table),
# 15 min perceptron rule with the demo, 15 min activations and the collapse of linear layers, 20 min digits.
# Can be skipped without loss for Lecture 2: the adder, the three distances, the mistake bound's proof.
#
# </details>

# %% [markdown]
# ## 1 Learning is a search
#
# A *model* is a family of functions with knobs. *Learning* is turning the knobs until a number that measures
# how bad the model is, the **loss**, is as small as we can make it. So before any network we need data, a loss,
# and, hidden inside the loss, a notion of how far apart two things are.
