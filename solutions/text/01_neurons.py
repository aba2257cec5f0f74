# %% [markdown]
# # Exercise 1 · Neurons
#
# Ten tasks on Lecture 1, about two and a half hours: gates, the perceptron, a new activation function, fooling a neuron, and
# a reader of handwritten digits that you design. The cell below each answer checks it with fresh random numbers;
# run a check as often as you like. Its verdict starts with **✓** (right), **…** (not done yet), **✗** (wrong, and
# what is wrong) or **↑** (run the cells above first). Tasks do not need each other unless they say so.

# %% [markdown] tags=["nav"]
# [Lecture 1](../lectures/01_neurons.ipynb) · [Exercise 1](../exercises/01_neurons.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import itertools
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from course_utils import check, data, plot, style

style.use()


# %% [markdown]
# Throughout, a batch `X` has one example in each row, and `truth_rows` writes down all inputs that a gate with
# `d` inputs can meet, in the ±1 coding.

# %%
def truth_rows(d):
    """All rows of a truth table with d inputs, as -1 and +1, counting up; shape (2**d, d)."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=d)))

print(truth_rows(2))


# %% [markdown]
# ## Task 1 · A neuron (★, 5 minutes, 1 point)
#
# Everything below is built from this one unit. It decides on which side of a line (a plane, a hyperplane) each
# example lies:
#
# $$z = \mathbf w\cdot\mathbf x + b, \qquad y = \begin{cases} +1 & z \ge 0 \\ -1 & z < 0. \end{cases}$$
#
# Write it for a whole batch. Note what happens exactly on the line: `np.sign` has a third answer there, 0; the neuron
# of this notebook has two answers only, and $z = 0$ gives $+1$.

# %% nbgrader={"grade": false, "grade_id": "neuron", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron(X, w, b):
    """The answers of one threshold neuron to every row of X.

    X: (n, d); w: (d,); b: a number. Returns (n,), entries -1 and +1.
    """
    ### BEGIN SOLUTION
    Z = X @ w + b
    return np.where(Z >= 0, 1.0, -1.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "neuron_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("neuron", points=1)
def neuron_check(t):
    Z = t.rng.permutation([-3.0, -1.0, -0.25, 0.0, 0.25, 1.0, 3.0])  # known in advance; now find rows to match
    w, b = np.array([*t.rng.integers(1, 4, size=3), 2.0]), 5.5
    X = t.rng.integers(-3, 4, size=(7, 4)).astype(float)
    X[:, -1] = (Z - b - X[:, :-1] @ w[:-1]) / w[-1]
    answers = t.shape(t.call(neuron, X, w, b), (7,), "the array of answers")
    t.true(np.isin(answers, (-1, 1)).all(), f"a neuron answers -1 or +1; yours answers {np.unique(answers)}.")
    for z, answer in zip(Z, answers):
        t.true(answer == (-1 if z < 0 else 1), f"at z = {z:g} your neuron answers {answer:+g}.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *"an `if` … about a whole array at once", or NumPy's "truth value … is ambiguous"?* `if z >= 0:` takes one yes or no,
# and here there is one for every row. (NumPy's advice, `a.any()`, asks whether there is a yes anywhere: no help here.)
# `np.where(condition, a, b)` decides row by row.
#
# *It answers 0 at z = 0?* That is `np.sign`, which has three answers. `np.where(condition, a, b)` has two.
#
# *Wrong only for some rows?* Work out one row by hand. Is `b` added to the weighted sum, or something else done with it?
#
# *Wrong shape?* One dot product for every row is the matrix product `X @ w`, shape `(n,)`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** `X @ w` is one dot product a row, `b` is added to all of them, and the comparison makes the
# two answers. **Tempting and wrong:** `np.sign(X @ w + b)`. It agrees everywhere but on the line itself, where a
# third answer, 0, would travel on into the next layer and be multiplied by its weights.

# %% [markdown]
# ## Task 2 · Gates in two codings (★★, 15 minutes, 3 points)
#
# A gate is a neuron whose inputs are truth values. First without a derivation: choose weights for three gates in
# the **±1 coding** (false is −1, true is +1). *Majority* has three inputs and is true when at least two of them
# are. Keep every row of the table clear of the line, with $z \ne 0$, so that no rounding can tip it.

# %% nbgrader={"grade": false, "grade_id": "gate_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gate_weights(name):
    """Weights and bias of a gate in ±1 coding. name: "and", "nand" (two inputs) or "majority" (three inputs).

    Returns w, b: w (2,) or (3,), and b a number.
    """
    ### BEGIN SOLUTION
    if name == "and":
        return np.array([1.0, 1.0]), -1.5
    if name == "nand":
        return np.array([-1.0, -1.0]), 1.5
    if name == "majority":
        return np.array([1.0, 1.0, 1.0]), 0.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gate_weights_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("gate_weights", points=1)
def gate_weights_check(t):
    rules = {"and": (2, lambda k: k == 2), "nand": (2, lambda k: k < 2), "majority": (3, lambda k: k >= 2)}
    for name, (d, rule) in rules.items():
        w, b = t.several(t.call(gate_weights, name), "w, b")
        t.true(np.ndim(w) == 1, f"return w and b, {d} weights and one bias; for {name}, the first of the two is {w}.")
        t.true(np.ndim(b) == 0, f"b of {name} should be a number, such as 0.5, not {b!r}.")
        w = t.shape(w, (d,), f"w of {name}")
        for x in truth_rows(d):
            wanted, z = (1 if rule(np.sum(x > 0)) else -1), x @ w + b
            where = "right on the line" if abs(z) < 1e-9 else "on the wrong side"
            t.true(z * wanted > 1e-9, f"{name} of {x} should be {wanted:+d}, but z = {z:.4g} is {where}.")


# %% [markdown]
# Now the rule behind the two codings. The same truth value is $u \in \{0, 1\}$ in one coding and
# $x = 2u - 1 \in \{-1, 1\}$ in the other. Given the weights of a layer that expects ±1, find the weights of the
# layer that expects 0/1 and computes the very same pre-activations:
#
# $$\mathbf u W' + \mathbf b' = \mathbf x W + \mathbf b \qquad\text{for every } \mathbf u .$$
#
# Put $\mathbf x = 2\mathbf u - \mathbf 1$ into the right-hand side on paper, sort it into a part with
# $\mathbf u$ and a part without, and program what you find.

# %% nbgrader={"grade": false, "grade_id": "to_01", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_01(W, b):
    """The layer for 0/1 inputs with the same pre-activations as the layer W, b has for ±1 inputs.

    W: (n_in, n_out); b: (n_out,). Returns W_01, b_01 of the same shapes.
    """
    ### BEGIN SOLUTION
    return 2 * W, b - W.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "to_01_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("to_01", points=2)
def to_01_check(t):
    W, b = t.rng.normal(size=(4, 3)), t.rng.normal(size=3)
    W_01, b_01 = t.several(t.call(to_01, W, b), "W_01, b_01")
    t.shape(W_01, W.shape, "W_01"), t.shape(b_01, b.shape, "b_01")
    X = truth_rows(4)
    U = (X > 0).astype(float)
    t.close(U[0] @ W_01 + b_01, X[0] @ W + b, "with all inputs false, the pre-activation")
    t.close(U @ W_01 + b_01, X @ W + b, "the matrix of pre-activations, a row for each row of the table,")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Majority on the wrong side?* Add up three inputs of ±1 on paper: which sums mean "at least two are true"?
#
# *NAND fails where AND works?* NAND is the opposite of AND everywhere, so $z$ must change its sign everywhere:
# weights **and** bias.
#
# *Wrong with all inputs false?* There $\mathbf u = \mathbf 0$ and only $\mathbf b'$ is left. What is
# $\mathbf x$ in that row?
#
# *Right with all false, wrong elsewhere?* Changing one $u_i$ from 0 to 1 changes $x_i$ by 2.
#
# *Wrong shape?* Each neuron of the layer has its own correction: one number per **column** of `W`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $\mathbf x W + \mathbf b = (2\mathbf u - \mathbf 1)W + \mathbf b = \mathbf u\,(2W) +
# (\mathbf b - \mathbf 1 W)$, and $\mathbf 1 W$ is the sum of the rows of $W$, one number for each neuron. For OR
# with $w = (1, 1)$, $b = 1.5$ the rule gives $(2, 2)$ and $-0.5$: with 0/1 inputs the bias 1.5 would make OR true
# even when both inputs are false. **Tempting and wrong:** `W.sum()` without `axis=0`. It is right for a single
# neuron and mixes the neurons of a layer, which is why the check uses three.

# %% [markdown]
# ## Task 3 · Any Boolean function, the other way (★★, 15 minutes, 3 points)
#
# The lecture builds every truth table from its **true** rows: one hidden neuron says "this is my row", and the output
# is the OR of them all. There is a second way, from the **false** rows: one hidden neuron for each of them says "this
# is *not* my row", and the output is the AND of them all. It is the shorter one for a table with few false rows.
#
# So a hidden neuron answers $-1$ (it is *silent*) at its own row and $+1$ at all others. Which weights and which biases
# does that take, in both layers? Work them out on paper for two inputs, then write the network for any number of inputs,
# for a table without a false row, too. The two layers are
# $\mathbf h = f(\mathbf x W_1 + \mathbf b_1)$ and $y = f(\mathbf h\cdot\mathbf w_2 + b_2)$
# with the $f$ of Task 1; everything is in ±1 coding.

# %% nbgrader={"grade": false, "grade_id": "boolean_network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def boolean_network(truth):
    """A network that computes a given truth table with one hidden neuron for each false row.

    truth: (2**d,), the wanted answers -1 or +1 for the rows of truth_rows(d), in that order.
    Returns W1, b1, w2, b2: W1 (d, m), b1 (m,), w2 (m,) and b2 a number, for m hidden neurons.
    """
    ### BEGIN SOLUTION
    d = int(np.log2(len(truth)))
    false_rows = truth_rows(d)[truth < 0]
    m = len(false_rows)
    W1, b1 = -false_rows.T, np.full(m, d - 1.0)
    w2, b2 = np.ones(m), 1.0 - m
    return W1, b1, w2, b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "boolean_network_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("boolean_network", points=3)
def boolean_network_check(t):
    fire, random = lambda Z: np.where(Z >= 0, 1, -1), [t.rng.choice([-1.0, 1.0], size=2**d) for d in (2, 3, 4, 5)]
    for truth in (t.rng.permutation([-1.0] * 5 + [1.0] * 3), *random, np.full(8, -1.0), np.full(8, 1.0)):
        d, m = round(np.log2(len(truth))), int(np.sum(truth < 0))
        W1, b1, w2, b2 = t.several(t.call(boolean_network, truth), "W1, b1, w2, b2")
        t.true(np.size(w2) == m, f"a table with {m} false and {len(truth) - m} true rows got {np.size(w2)} hidden "
               "neurons. Here each false row gets one (in the lecture, each true row did).")
        for part, name, shape in ((W1, "W1", (d, m)), (b1, "b1", (m,)), (w2, "w2", (m,)), (b2, "b2", ())):
            t.shape(part, shape, f"for {d} inputs and {m} hidden neurons, {name}")
        for x, y, h in zip(truth_rows(d), truth, fire(truth_rows(d) @ W1 + b1)):
            t.true(sum(h < 0) == (y < 0), f"x = {x} is a {'true' if y > 0 else 'false'} row: {'no' if y > 0 else 'one'} "
                   f"hidden neuron should be silent, -1, there. The hidden answers are {h}.")
            t.true(fire(h @ w2 + b2) == y, f"x = {x}: hidden answers {h}, as wanted; but the output is {-y:+g}.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The message counts hidden neurons?* It wants as many as the table has false rows: `truth_rows(d)[truth < 0]`.
#
# *The wrong number of hidden neurons is silent?* The lecture's neuron has its own row $\mathbf r$ as its weights:
# $\mathbf r\cdot\mathbf x = d$ at the row itself, and at most $d - 2$ at any other (each disagreement costs 2). Now
# the row itself should give the *smallest* value. Which weights do that? Which values do the row itself and its nearest
# neighbours then give? Put the threshold between the two.
#
# *The output is wrong although the hidden answers are right?* With $m$ hidden answers of ±1, their sum is $m$ when all
# are $+1$, and at most $m - 2$ when one is silent. The bias depends on $m$.
#
# *Fails for the table that is always true?* No false row, no hidden neuron: `truth_rows(d)[truth < 0]` then has shape
# `(0, d)`, and its transpose `(d, 0)` is a perfectly good matrix. Only loops that collect rows trip over it.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** With weights $-\mathbf r$ the weighted sum is $-d$ at the row $\mathbf r$ itself and at least
# $2 - d$ elsewhere; the bias $d - 1$ makes that $-1$ and at least $+1$. At any input at most one hidden neuron is
# silent, and the output asks whether none is: the sum minus $m - 1$ is $+1$ or at most $-1$. With $m = 0$ the output is
# the sign of $b_2 = 1$: always true, as wanted. By De Morgan's rule it is the lecture's network for the opposite table,
# with the sign of each layer turned. **Tempting and wrong:** $b_2 = -1.5$, the AND of two inputs. It is right for two or
# three hidden neurons and fails from four on. **The price:** up to $2^d$ hidden neurons, as before; the better of the
# two ways needs half of that at most. The construction proves that a network exists, not that it is a good one.

# %% [markdown]
# ## Task 4 · The perceptron rule (★★, 15 minutes, 3 points)
#
# Now the weights are learned. Rosenblatt's rule (1958) visits the rows one after the other. A row is a
# **mistake** when $y\,(\mathbf w\cdot\mathbf x + b) \le 0$; on the line counts as a mistake as well, otherwise
# learning could never leave $\mathbf w = \mathbf 0$, $b = 0$. After a mistake, and only then,
#
# $$\mathbf w \leftarrow \mathbf w + y\,\mathbf x, \qquad b \leftarrow b + y .$$
#
# Write one pass over the data, in the order of the rows. The next row already sees the new weights.

# %% nbgrader={"grade": false, "grade_id": "perceptron_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_epoch(X, y, w, b):
    """One pass of the perceptron rule over the rows of X, first to last.

    X: (n, d); y: (n,), entries -1 and +1; w: (d,); b: a number. Inputs stay as they are.
    Returns w, b, mistakes: the new weights (d,), the new bias, and the number of mistakes met on the way.
    """
    ### BEGIN SOLUTION
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w = w + label * x
            b = b + label
            mistakes = mistakes + 1
    return w, b, mistakes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "perceptron_epoch_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("perceptron_epoch", points=3)
def perceptron_epoch_check(t):
    go = lambda *given: t.several(t.call(perceptron_epoch, *given), "w, b, mistakes")
    X, w, b, names = t.rng.normal(size=(40, 3)), t.rng.normal(size=3), 1.5, ("w", "b", "mistakes")
    y = -np.sign(X @ w + b)  # so that w, b are wrong at every row, and -w, -b are right
    for x, c in zip(X, y):
        for w0, b0, case, k in ((w, b, "wrong", 1), (-w, -b, "right", 0), (0 * w, 0.0, "on the line", 1)):
            for got, want, name in zip(go(x[None], c[None], w0, b0), (w0 + k * c * x, b0 + k * c, k), names):
                t.close(got, want, f"after one row that is {case}, {name}")
    for j in range(1, 40):
        first = go(X[:j], y[:j], w, b)
        rest = go(X[j:], y[j:], *first[:2])
        for got, want, name in zip(go(X, y, w, b), (*rest[:2], first[2] + rest[2]), names):
            t.close(got, want, f"in one pass over 40 rows (as a pass over {j}, then one over the rest), {name}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *"changes its input in place"?* `w += ...` writes into the array the caller gave you. `w = w + ...` makes a new one.
#
# *Off by a factor 2 after a wrong row?* You add $(y - \hat y)\,\mathbf x$, and $y - \hat y = \pm 2$ in this coding.
#
# *Nothing happens on the line?* It is `<= 0`, not `< 0`.
#
# *One row is right, but one pass over 40 rows differs from a pass over some and a pass over the others?* Either all
# rows are judged by the weights from before the pass (`X @ w` outside the loop), or the rows are visited in another
# order, or `return` stands inside the loop.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** After an update the row's own $y z$ has grown by $\mathbf x\cdot\mathbf x + 1$: a step in the
# right direction for this row, perhaps a wrong one for others, which is why several passes are needed.
# **Tempting and wrong:** computing `wrong = y * (X @ w + b) <= 0` once and adding up all wrong rows. That is a
# batch rule, another algorithm; the mistake bound of the lecture is about the sequential one.

# %% [markdown]
# Once your rule works, the next cell shows it at work: the line after each pass over 60 points that lie off centre.

# %%
if check.done("perceptron_epoch"):
    X, y, _ = data.separable(60, np.random.default_rng(4), margin=0.05)
    X = X + 0.5
    w, b, mistakes, lines = np.zeros(2), 0.0, -1, []
    while mistakes != 0:
        w, b, mistakes = perceptron_epoch(X, y, w, b)
        lines.append((w, b, mistakes))
    fig, ax = plt.subplots(figsize=(6, 3.2))
    plot.points(ax, X, y)
    x1 = np.array([-0.6, 1.6])
    for k, ((w, b, mistakes), color) in enumerate(zip(lines, style.ordered(len(lines))), 1):
        ax.plot(x1, -(w[0] * x1 + b) / w[1], color=color, label=f"pass {k}: {mistakes}")
    ax.set(title=f"No mistake left in pass {len(lines)}", xlabel="$x_1$", ylabel="$x_2$", ylim=(-0.6, 1.6))
    ax.legend(title="mistakes", loc="center left", bbox_to_anchor=(1, 0.5))
    plot.show(fig, "Sixty points of two kinds and the perceptron's line after each pass; the last one separates them.")


# %% [markdown]
# The lines go from light to dark as learning goes on. The number of mistakes need not fall from pass to pass; only
# their total is bounded.
#
# ## Task 5 · Predict, then look (★★, 20 minutes, 1 point and 2 for the explanation)
#
# Take 60 separable points, start from zero weights, repeat passes until one makes no mistake, and add up the
# mistakes of all passes. **Before you try anything:** how does this number change when we change the data in one
# of five ways?
#
# - `"turn"`: all points are turned about the origin by the same angle.
# - `"twice"`: the list of rows, with its labels, is written a second time below the first.
# - `"apart"`: every point moves straight away from the true line, by 1, on its own side.
# - `"shift"`: all points move by (2, 2) together, away from the origin; the line that separates them moves along.
# - `"noise"`: one point in the middle of a class gets the wrong label.
#
# Here is the experiment, for later:

# %%
def total_mistakes(X, y):
    """Mistakes of the perceptron from zero weights to its first pass without one (inf: none in 1000 passes)."""
    w, b, total = np.zeros(X.shape[1]), 0.0, 0
    for _ in range(1000):
        w, b, mistakes = perceptron_epoch(X, y, w, b)
        if mistakes == 0:
            return total
        total = total + mistakes
    return np.inf


# %% [markdown]
# Answer `"same"`, `"fewer"`, `"more"` or `"endless"` for each change, then let the check count, over five data sets
# added up. It runs your `perceptron_epoch`, so it needs Task 4. Guessing by repeated checks is easy and a waste of
# a good question; the explanation below it is the larger part.

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predictions():
    """Your five predictions. Returns a dict: the name of a change -> "same", "fewer", "more" or "endless"."""
    ### BEGIN SOLUTION
    return {"turn": "same", "twice": "same", "apart": "fewer", "shift": "more", "noise": "endless"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predictions_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("predictions", points=1)
def predictions_check(t):
    answers, totals = t.call(predictions), {}
    t.true(isinstance(answers, dict), 'the answer should be a dict such as {"turn": "same", ...}.')
    for X, y, line in [data.separable(60, t.rng, margin=0.05) for _ in range(5)]:
        middle = np.argmin(np.sum((X - X[y > 0].mean(axis=0)) ** 2, axis=1))
        for name, X_new, y_new in (("before", X, y), ("turn", X @ [[0.8, 0.6], [-0.6, 0.8]], y),
            ("twice", np.vstack([X, X]), np.hstack([y, y])), ("apart", X + y[:, None] * line, y),
            ("shift", X + 2, y), ("noise", X, np.where(np.arange(60) == middle, -y, y))):
            totals[name] = totals.get(name, 0) + total_mistakes(X_new, y_new)
    for name in ("turn", "twice", "apart", "shift", "noise"):
        a, b = totals["before"], totals[name]
        seen = "endless" if b == np.inf else "same" if a == b else "more" if b > a else "fewer"
        t.true(answers.get(name) == seen, f"{name}: you say {answers.get(name)!r}; counted {a}, then {b}.")


# %% [markdown]
# **Explain** each answer in a sentence or two, with the mistake bound where it helps: $(R/\gamma)^2$, where $R$ is
# the length of the longest row $(\mathbf x, 1)$ and $\gamma$ the margin of the best separating line, both with the
# constant input 1 of the bias counted in. (This part is read by a person, not by the check.)

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# *turn:* The rule and its test use rows only through dot products, and turning all points keeps every dot product.
# The weights turn along, and each decision is the same: same mistakes, one by one. *twice:* a pass over the doubled
# list is two passes over the list, so the same sequence of rows is visited and the same mistakes are made; only the
# passes are counted differently. *apart:* the margin $\gamma$ grows by 1, from 0.05 to more than 1, while $R$ grows
# from at most $\sqrt 2$ to at most $\sqrt 5$, so the bound falls from 800 to below 5: fewer. *shift:* $R$ grows, and to
# describe the moved line $b$ must be large compared with $\mathbf w$, which makes the normalised margin smaller. Both
# raise the bound, and the experiment agrees: more. (A bound alone could not prove it.) *noise:* a wrong label in the
# middle of a class cannot be cut off by any line, so no pass is ever without a mistake: endless.

# %% [markdown]
# <details><summary>Hints</summary>
#
# *"turn"*: write the first two updates from zero, and look at $y\,(\mathbf w\cdot\mathbf x + b)$ for the third row.
# In what form do the points appear in it?
#
# *"twice"*: write down the order in which rows are visited, for the list and for the doubled list.
#
# *"shift"*: a line far from the origin needs a large $|b|$ compared with the length of $\mathbf w$, and $b$ moves by only 1
# per mistake, as slowly as ever.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why these answers.** See the explanation above. **Tempting and wrong:** "twice the data, twice the mistakes", and
# "moving all points together changes nothing". The second is why inputs are centred before training, in this lecture
# and in all later ones.

# %% [markdown]
# ## Task 6 · A chain of linear layers (★★, 10 minutes, 2 points)
#
# Layers without an activation function between them are no gain: a chain of affine layers
# $\mathbf x \mapsto \mathbf x W + \mathbf b$ is one affine layer. Prove it in code: find the one that a given chain
# is equal to. Try two layers on paper first, $(\mathbf x W_1 + \mathbf b_1)\,W_2 + \mathbf b_2$.

# %% nbgrader={"grade": false, "grade_id": "collapse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def collapse(layers):
    """The single layer that does what a chain of affine layers does.

    layers: a list of pairs (W, b), first layer first; W (n_in, n_out), b (n_out,); at least one pair.
    Returns W, b: W (n_in of the first layer, n_out of the last), b (n_out of the last,).
    """
    ### BEGIN SOLUTION
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W = W @ W_next
        b = b @ W_next + b_next
    return W, b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "collapse_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("collapse", points=2)
def collapse_check(t):
    for sizes in ((5, 4, 3, 2), (2, 6, 3), (3, 4), (4, 2, 3, 5, 2)):
        layers = [(t.rng.normal(size=(m, n)), t.rng.normal(size=n)) for m, n in zip(sizes, sizes[1:])]
        W, b = t.several(t.call(collapse, layers), "W, b")
        chain = "-".join(map(str, sizes))
        t.shape(W, (sizes[0], sizes[-1]), f"chain {chain}: W"), t.shape(b, (sizes[-1],), f"chain {chain}: b")
        A = X = np.vstack([np.zeros(sizes[0]), t.rng.normal(size=(7, sizes[0]))])
        for W_k, b_k in layers:
            A = A @ W_k + b_k
        t.close(b, A[0], f"chain {chain}: the answer to x = 0, which is b,")
        t.close(X @ W + b, A, f"chain {chain}: the answers to 8 rows")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *An error about shapes in the line of `W`?* Rows stand on the left: the product is $W_1 W_2 W_3$, in the order of the
# layers.
#
# *"operands could not be broadcast", in the line of `b`?* You add two biases as they are. The first has one entry for
# each neuron of the first layer, the second one for each neuron of the second: look at your two layers on paper again,
# and at what $\mathbf b_1$ is multiplied by.
#
# *`b` has the right shape and wrong values?* The first bias travels through all later weights: $\mathbf b_1 W_2 W_3$.
#
# *The caller's list changed?* `W @= W_next` and `b += b_next` write into the arrays you were given.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $(\mathbf x W_1 + \mathbf b_1) W_2 + \mathbf b_2 = \mathbf x\,(W_1 W_2) + (\mathbf b_1 W_2 +
# \mathbf b_2)$; repeat for the next layer. **Tempting and wrong:** adding up the biases. If the layers happen to have
# the same width nothing stops you, and the answer is wrong by what the later weights do to the earlier biases.

# %% [markdown]
# ## Task 7 · A new activation function (★★, 12 minutes, 2 points)
#
# Many recent networks have replaced the classical activation functions by the **SiLU** (sigmoid linear unit, proposed
# under this name by Hendrycks and Gimpel in 2016; also called *swish*):
#
# $$\mathrm{silu}(z) = z\,\sigma(z), \qquad \sigma(z) = \frac{1}{1 + e^{-z}} .$$
#
# Derive its derivative by hand; you know $\sigma' = \sigma\,(1 - \sigma)$. Then write both functions so that no
# intermediate result overflows, for $z = \pm 1000$ either: `np.exp(1000)` is more than a float64 can hold.

# %% nbgrader={"grade": false, "grade_id": "silu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def silu(z):
    """z times the logistic function of z. z: float64 array of any shape. Returns an array of the same shape."""
    ### BEGIN SOLUTION
    return z * (1 + np.tanh(z / 2)) / 2
    ### END SOLUTION

def silu_derivative(z):
    """The derivative of silu at z. z: float64 array of any shape. Returns an array of the same shape."""
    ### BEGIN SOLUTION
    s = (1 + np.tanh(z / 2)) / 2
    return s + z * s * (1 - s)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "silu_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("silu", points=2)
def silu_check(t):
    z = 3 * t.rng.normal(size=(4, 5))
    leaf = torch.tensor(z, requires_grad=True)
    value = torch.nn.functional.silu(leaf)
    value.sum().backward()
    t.close(t.call(silu, z), value, "silu(z)")
    t.gradient(lambda: np.sum(silu(z)), z, t.call(silu_derivative, z), "silu_derivative(z)")
    error = np.abs(silu_derivative(z) - leaf.grad.numpy()).max()
    t.true(error < 1e-12, f"silu_derivative is off by {error:.1g}: a difference quotient? Derive it.")
    far = np.array([-1000.0, -750.0, 750.0, 1000.0])
    with np.errstate(over="raise", invalid="raise"):  # from here on an overflow is an error
        t.close(t.call(silu, far), [0.0, 0.0, 750.0, 1000.0], "silu at -1000, -750, 750, 1000")
        t.close(t.call(silu_derivative, far), [0.0, 0.0, 1.0, 1.0], "silu_derivative at -1000, -750, 750, 1000")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *"an `if` … about a whole array at once"?* `if z >= 0:` takes one yes or no; `z` holds many numbers. Decide entry by
# entry with `np.where(z >= 0, a, b)`, or find one formula for both signs (see below).
#
# *The derivative is off?* It is a product of two functions of $z$, so there are two terms; the first is
# $1\cdot\sigma(z)$.
#
# *"overflow encountered in exp"?* The exponent must never be large and positive. Either use $e^{-|z|}$ and treat the
# signs of $z$ apart, or use $\sigma(z) = \tfrac12\bigl(1 + \tanh\tfrac z2\bigr)$: `np.tanh` never overflows.
#
# *`np.where` and still an overflow?* `np.where(z > 0, f(z), g(z))` computes both `f` and `g` everywhere and chooses
# afterwards.
#
# *nan at 1000?* That is inf/inf, from $e^z/(1 + e^z)$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** By the product rule, $\mathrm{silu}' = \sigma + z\,\sigma\,(1 - \sigma)$. The form with tanh
# is the identity $\sigma(z) = (1 + \tanh(z/2))/2$ of the lecture, and tanh saturates instead of overflowing.
# **Tempting and wrong:** $\sigma(z)$ alone, or $z\,\sigma\,(1-\sigma)$ alone: half of the product rule each.

# %%
if check.done("silu"):
    z = np.linspace(-6, 6, 241)
    fig, ax = plt.subplots()
    ax.plot(z, np.maximum(z, 0), color="#999999", linestyle=":", label="ReLU")
    ax.plot(z, silu(z), color=style.NEGATIVE, label="SiLU")
    ax.plot(z, silu_derivative(z), color=style.POSITIVE, linestyle="--", label="its derivative")
    ax.set(title="SiLU dips below 0, and its slope rises above 1", xlabel="z", ylabel="value", ylim=(-0.6, 3))
    ax.legend()
    plot.show(fig, "ReLU, SiLU and the derivative of SiLU between -6 and 6. SiLU is a rounded ReLU with a dip of depth "
              "0.28 near z = -1.28; its derivative exceeds 1 from z = 1.28 on.")


# %% [markdown]
# SiLU is a ReLU with its corner rounded off, and a dip on the left: unlike the classical activation functions, it goes
# down before it goes up.

# %% [markdown]
# ## Task 8 · Fool a neuron (★★, 15 minutes, 2 points)
#
# Break it on purpose. Given a trained neuron and an example, what is the *smallest* change that makes the neuron
# change its mind? The lecture's foot point is the nearest one in a straight line. An eye that compares two pictures
# asks for something else: that **no pixel** changes much. So measure a change by its largest entry. Find, for every row
# $\mathbf x$ of a batch, the arrow $\mathbf r$ that ends on the line and has
#
# $$\mathbf w\cdot(\mathbf x + \mathbf r) + b = 0, \qquad \varepsilon = \max_i |r_i| \text{ as small as possible.}$$
#
# A little further, say $1.05\,\mathbf r$, and the answer flips. Think of it the other way round: if each entry of
# $\mathbf r$ may be anything from $-\varepsilon$ to $\varepsilon$, how much can $\mathbf w\cdot\mathbf r$ become at
# most, and by which $\mathbf r$? Then choose $\varepsilon$ so that this is as much as you need.

# %% nbgrader={"grade": false, "grade_id": "smallest_flip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def smallest_flip(X, w, b):
    """From every row of X, the arrow to the line w · x + b = 0 whose largest entry (in size) is smallest.

    X: (n, d); w: (d,), not all 0; b: a number. Returns R: (n, d), such that (X + R) @ w + b = 0.
    """
    ### BEGIN SOLUTION
    Z = X @ w + b
    return -np.outer(Z / np.abs(w).sum(), np.sign(w))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "smallest_flip_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("smallest_flip", points=2)
def smallest_flip_check(t):
    X, b = t.rng.normal(size=(7, 5)), t.rng.choice([-2.0, 2.0])
    w = t.rng.permutation([1, 1, 1, 1, -1]) * t.rng.uniform(1, 3, size=5)
    X[:2] = w, -w  # a row on either side of the line
    R = t.shape(t.call(smallest_flip, X, w, b), (7, 5), "R")
    t.close((X + R) @ w + b, np.zeros(7), "the pre-activation at X + R, the tips of the arrows,")
    for z, r in zip(X @ w + b, R):
        t.true(np.all(r * w * z < 1e-9), f"z = {z:.3g}, w = {w.round(2)}: not every entry of r = {r.round(3)} pushes z "
               "towards 0. One that pushes the other way makes the rest work harder.")
        small, large = np.abs(r).min(), np.abs(r).max()
        t.true(large - small < 1e-9, f"your arrow ends on the line, but its largest entry is {large:.3g} and its "
               f"smallest {small:.3g} in size. Let the small one do more (the lecture's foot point does not), and the largest can shrink.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The message speaks of the largest entry and the smallest?* The arrow to the lecture's foot point, along $\mathbf w$, is
# the answer to another question: it makes the sum of the *squares* of the entries smallest. Here an entry below
# $\varepsilon$ is help that was not used; use every input as much as it may be used.
#
# *"not every entry … pushes z towards 0"?* Whether an input should grow or shrink depends on the sign of its own weight.
#
# *The pre-activation at the tip is not 0?* Work out $\mathbf w\cdot\mathbf r$ for your $\mathbf r$ on paper, with
# $\mathbf w = (3, -4)$. Each input contributes the *size* of its weight, $w_i\,\mathrm{sign}(w_i) = |w_i|$, times
# $\varepsilon$. And where $z$ is positive, $\mathbf w\cdot\mathbf r$ must be negative.
#
# *Wrong shape?* One number for each row, times one vector: `np.outer`, or `c[:, None] * v`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** If $|r_i| \le \varepsilon$ for all $i$, then $|\mathbf w\cdot\mathbf r| \le \varepsilon\sum_i |w_i|$,
# and $\mathbf r = \pm\varepsilon\,\mathrm{sign}(\mathbf w)$ reaches the bound. We need $\mathbf w\cdot\mathbf r = -z$,
# so $\varepsilon = |z| / \sum_i |w_i|$ and $\mathbf r = -\bigl(z/\sum_i |w_i|\bigr)\,\mathrm{sign}(\mathbf w)$.
# **Tempting and wrong:** the lecture's $-z\,\mathbf w/\lVert\mathbf w\rVert^2$. It is the shortest arrow in the
# straight-line sense, but inputs with large weights change more than they need to. A weight of exactly 0 is
# no trouble: that input cannot help, and $\mathrm{sign}(0) = 0$ leaves it alone. For deep networks the same step,
# along the sign of the gradient, is the *fast gradient sign method* of Goodfellow, Shlens and Szegedy (2015).

# %% [markdown]
# The next cell trains one neuron to tell 3 from 8 (by least squares), then applies your arrow, a little beyond the
# line, to five digits.

# %%
if check.done("smallest_flip"):
    X, y, _, _ = data.digits28(flat=True)
    X, y = X[(y == 3) | (y == 8)].astype(float), y[(y == 3) | (y == 8)]
    centred, target = X - X.mean(axis=0), np.where(y == 8, 1.0, -1.0)
    w = np.linalg.solve(centred.T @ centred + 50 * np.eye(784), centred.T @ target)
    b = -X.mean(axis=0) @ w
    some = X[[*np.flatnonzero((y == 3) & (X @ w + b < 0))[:3], *np.flatnonzero((y == 8) & (X @ w + b > 0))[:2]]]
    R = 1.05 * smallest_flip(some, w, b)
    both = np.vstack([some, some + R])
    names = [f"says {8 if z > 0 else 3}" for z in both @ w + b]
    names[5:] = [f"{name}\nε = {size:.2f}" for name, size in zip(names[5:], np.abs(R).max(axis=1))]
    fig = plot.images(both, names, columns=5, scale=1.15)
    plot.show(fig, "Five digits above, the same digits after the smallest change below. They look almost alike, and "
              "the neuron calls every 3 an 8 and every 8 a 3.")


# %% [markdown]
# Some grey dust (where ink would fall below 0, the picture stays white), and the neuron's answer is the opposite. Within
# a picture each pixel has changed by the same small $\varepsilon$, in the direction that the neuron listens to:
# hundreds of small pushes add up. (The pixels near the rim, where the neuron's
# weights are 0, have not changed: none of these digits has ink there, so the neuron never learned to look.)

# %% [markdown]
# ## Task 9 · Softmax regression with importances (★★, 20 minutes, 3 points)
#
# Ten neurons side by side, with the softmax of their pre-activations as probabilities, read digits. The lecture trains
# them with all examples alike. Often they are not: a class is rare, a label is doubtful, one row stands for many. So
# let example $i$ have an **importance** $c_i \ge 0$. For scores $Z = XW + \mathbf b$, probabilities $P$ and targets $Y$,
#
# $$P_{ik} = \frac{e^{Z_{ik}}}{\sum_j e^{Z_{ij}}}, \qquad \ell_i = -\sum_k Y_{ik} \ln P_{ik}, \qquad
# L = \frac{\sum_i c_i\,\ell_i}{\sum_i c_i} .$$
#
# The rows of $Y$ are probabilities that add up to 1, not only zeros and a one. Derive $\partial L/\partial Z_{ik}$ on
# paper, then write the loss and its gradients, so that scores of ±1000 do no harm.

# %% nbgrader={"grade": false, "grade_id": "softmax_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_gradient(X, Y, c, W, b):
    """Loss of softmax regression, with an importance for every example, and its gradient.

    X: (n, d); Y: (n, k), every row adds up to 1; c: (n,), importances, at least 0, not all 0; W: (d, k); b: (k,).
    Returns loss, dW, db: the weighted mean over the rows, a number; (d, k); (k,).
    """
    ### BEGIN SOLUTION
    share = c / c.sum()
    Z = X @ W + b
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    loss = -share @ (Y * log_P).sum(axis=1)
    delta = share[:, None] * (np.exp(log_P) - Y)
    return loss, X.T @ delta, delta.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax_gradient_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("softmax_gradient", points=3)
def softmax_gradient_check(t):
    X, W, b = (t.rng.normal(size=shape) for shape in ((7, 5), (5, 3), 3))
    Y, c = t.rng.dirichlet(np.ones(3), size=7), t.rng.permutation(7) / 2
    answer = lambda X, c: t.several(t.call(softmax_gradient, X, Y, c, W, b), "loss, dW, db")
    total = lambda X: -c @ (Y * torch.log_softmax(torch.tensor(X @ W + b), 1).numpy()).sum(axis=1) / c.sum()
    (loss, dW, db), far = answer(X, c), np.errstate(all="ignore")(answer)(1000 * X, c)  # no warnings, one verdict
    t.close(answer(X + (c == 0)[:, None], c)[0], loss, "after a change to the example of importance 0, the loss")
    t.close(answer(X, 3 * c)[0], loss, "with all importances times 3, which should change nothing, the loss")
    t.close(loss, total(X), "the loss", tol=1e-6)
    for x, dx, name in ((W, dW, "dW"), (b, db, "db")):
        t.gradient(lambda: softmax_gradient(X, Y, c, W, b)[0], x, dx, name)
    t.close(far[0], total(1000 * X), "with scores of some thousands, the loss")
    t.true(np.isfinite(far[1]).all(), "with scores of some thousands, dW contains nan: exp of a large number?")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *A change to the example of importance 0 changes the loss?* Then its $\ell_i$ is not multiplied by $c_i = 0$ (the plain mean of the
# lecture does not know $c$), or the softmax runs down the columns (`axis=0`) and so mixes the examples.
#
# *Three times all importances changes the loss?* Divide by $\sum_i c_i$, not by $n$.
#
# *The loss is right, `dW` is not?* Row $i$ of the scores enters only $\ell_i$, and in $L$ that has the factor
# $c_i / \sum_j c_j$. In the lecture every row has the same factor, $1/n$; here each row of $\delta$ has its own.
#
# *All gradients off by the same factor?* Divide once, in $\delta$, and nothing after it.
#
# *"could not be broadcast" with `c`?* `c` has shape `(n,)` and $P - Y$ has `(n, k)`: `c[:, None]` makes a column of it.
#
# *Sign flipped?* Where the target is 1 and $P$ too small, the score should grow: the gradient is negative there, $P - Y$.
#
# *`db` has the wrong shape?* One bias serves all rows: add up $\delta$ over the rows, `axis=0`.
#
# *nan or inf with large scores?* Subtract each row's largest score before the exponential (nothing changes: numerator
# and denominator shrink alike), and compute $\ln P = Z - \ln\sum e^{Z}$ directly instead of the logarithm of a
# probability that was rounded to 0.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $\partial \ell_i/\partial Z_{ik} = P_{ik} - Y_{ik}$, because $\partial \ln P_{ij}/\partial Z_{ik}$
# is $1 - P_{ik}$ for $j = k$ and $-P_{ik}$ for the others, and each row of $Y$ adds up to 1. The scores of row $i$ enter
# no other $\ell$, so $\partial L/\partial Z_{ik} = c_i\,(P_{ik} - Y_{ik}) / \sum_j c_j$; with all importances equal
# that is the lecture's $(P - Y)/n$. The rest is the chain rule through $Z = XW + \mathbf b$. A whole number $c_i$ does
# what writing row $i$ down $c_i$ times would do.
# **Tempting and wrong:** importances in the loss and the lecture's $(P - Y)/n$ in the gradient: it still goes downhill,
# on another hill. Another: the logarithm of a clipped probability, `np.log(P + 1e-12)`. It avoids the inf, but a
# prediction that is confidently wrong costs 27.6 at most, whatever the score, and where it is clipped the gradient no
# longer belongs to the loss.

# %% [markdown]
# With your gradient, the next cell trains ten neurons on raw pixels: 150 steps over 3200 digits, all equally important.
# The other 800 training
# digits are set aside for **validation**, here and in the last task; the test digits are not touched yet.

# %%
X, y, X_test, y_test = data.digits28(flat=True)
X_fit, y_fit, X_val, y_val = X[:3200].astype(float), y[:3200], X[3200:].astype(float), y[3200:]
if check.done("softmax_gradient"):
    W, b = np.zeros((784, 10)), np.zeros(10)
    for _ in range(150):
        loss, dW, db = softmax_gradient(X_fit, np.eye(10)[y_fit], np.ones(3200), W, b)
        W, b = W - 0.5 * dW, b - 0.5 * db
    print(f"validation accuracy on raw pixels: measured {np.mean((X_val @ W + b).argmax(axis=1) == y_val):.3f}")
    fig = plot.images(W.T, range(10), columns=5, scale=0.9, signed=True)
    plot.show(fig, "The weights of ten softmax neurons as pictures; the one of the 0 is blue in the middle, "
              "with a vermilion ring around it.")


# %% [markdown]
# Each picture shows the weights of one neuron: ink on vermilion votes for its digit, ink on blue against it. The 0 wants
# a ring and no ink in the middle.
#
# ## Task 10 · Read digits with features of your own (★★★, 25 minutes, up to 4 points)
#
# A linear model can only weigh what it is given, and raw pixels are a poor thing to weigh: move a stroke by two pixels
# and other weights are asked. Before networks learned their own features, people designed them. Now you do: write
# `features`, which turns every picture into a row of numbers. The linear model on top is fixed: `fit` trains ten
# linear neurons at once by least squares (with a small penalty on large weights).

# %%
def fit(F, y):
    """Ten linear neurons by least squares; F (n, m), y (n,) digits. Returns predict(F) -> digits (n,)."""
    mean, spread = F.mean(axis=0), F.std(axis=0) + 1e-3
    G, Y = (F - mean) / spread, np.where(y[:, None] == np.arange(10), 1.0, -1.0)
    W = np.linalg.solve(G.T @ G / len(G) + 0.02 * np.eye(G.shape[1]), G.T @ (Y - Y.mean(axis=0)) / len(G))
    return lambda F: ((F - mean) / spread @ W + Y.mean(axis=0)).argmax(axis=1)

raw = fit(X_fit, y_fit)(X_val)
print(f"validation accuracy of least squares on raw pixels: measured {np.mean(raw == y_val):.3f}")


# %% [markdown]
# The two figures for raw pixels above, by softmax regression and by least squares, are what you want to beat.
# The score is the accuracy on the 800 validation digits: **90.5 %** gives 1 point, **92 %** 2, **93.5 %** 3, **95 %**
# all 4. Rules: at most 3000 features; 15 seconds of computing for everything; each picture is treated by itself; nothing
# is learned inside `features`, and nothing is drawn at random, with or without a seed. (Hundreds of random neurons do
# surprisingly well, as the lecture shows; here you should be able to say what each feature looks for.) Loops
# over 28 rows or a few directions are fine, loops over pictures are slow.

# %% nbgrader={"grade": false, "grade_id": "features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def features(X):
    """Features of every picture, designed by you.

    X: (n, 784), ink in [0, 1]; X.reshape(-1, 28, 28) makes pictures of it. Returns F: (n, m), m at most 3000.
    """
    ### BEGIN SOLUTION
    n = len(X)
    ink = np.pad(X.reshape(n, 28, 28), ((0, 0), (1, 1), (1, 1)))
    right = ink[:, 1:-1, 2:] - ink[:, 1:-1, :-2]
    down = ink[:, 2:, 1:-1] - ink[:, :-2, 1:-1]
    columns = []
    for angle in np.arange(8) * np.pi / 4:
        edge = np.maximum(np.cos(angle) * right + np.sin(angle) * down, 0)
        cells = edge.reshape(n, 7, 4, 7, 4).mean(axis=(2, 4))
        columns.append(cells.reshape(n, -1))
    return np.hstack(columns)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "features_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("features", points=4)
def features_check(t):
    start, F = time.process_time(), t.call(features, X_fit.copy())
    drawn = [name for name in features.__code__.co_names if "rand" in name or "rng" in name]
    t.true(not drawn, f"`features` uses {', '.join(drawn)}: design your features, do not draw them at random.")
    m, some = max(1, np.size(F) // len(X_fit)), t.rng.permutation(len(X_fit))[:7]
    F = t.shape(F, (len(X_fit), m), "F")
    t.true(np.isfinite(F).all(), "F contains nan or inf: a division by the ink of an empty region?")
    alone = t.shape(t.call(features, X_fit[some]), (7, m), "F for seven digits")
    t.true(np.allclose(alone, F[some]), "seven digits by themselves get other features: a mean or maximum of all?")
    t.true(m <= 3000, f"{m} features are more than 3000: pool them, or leave some out.")
    score = np.mean(fit(F, y_fit)(t.call(features, X_val.copy())) == y_val)
    t.true(time.process_time() - start < 15, "more than 15 seconds of computing: work on all pictures at once.")
    t.ladder(score, {0.905: 1, 0.92: 2, 0.935: 3, 0.95: 4}, "validation accuracy")


# %% [markdown]
# *"by themselves get other features"?* Something in your function is computed from the whole batch (a mean, a maximum
# over all pictures). `fit` already standardises the columns.
#
# <details><summary>Hint for 90.5 %</summary>
#
# Averages over blocks of pixels (*pooling*) forgive small shifts, but alone they are still weighted sums of pixels, and
# a weighted sum of weighted sums is Task 6 again. Something **nonlinear** must happen before you pool.
#
# </details>
#
# <details><summary>Hint for 92 %</summary>
#
# Products of pairs: "ink here **and** there" is a gate. Pool to 7 × 7 first: 49 blocks make 1225 pairs with
# `np.triu_indices(49)`.
#
# </details>
#
# <details><summary>Hint for 93.5 %</summary>
#
# Edges: the absolute differences between neighbouring pixels, sideways and downwards, pooled; and the pooled ink
# beside them.
#
# </details>
#
# <details><summary>Hint for 95 %</summary>
#
# Edges with a direction. Which way does the ink grow: up, down, left, right, along a diagonal? Treat each direction by
# itself, with a nonlinearity that keeps it apart from its opposite.
#
# </details>
#
# <details><summary>And beyond</summary>
#
# Straighten slanted digits first.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Each of the 392 features says how much edge of one direction there is in one of 49 regions of the
# picture. The cut-off at 0 is the nonlinear step: without it, everything up to the argmax would collapse into a single linear layer on
# pixels. Pooling forgives small shifts. These are, in four lines, the ideas behind the histograms of oriented gradients
# of Dalal and Triggs (2005) and the first two stages of a convolutional network (Lecture 3), where the edge detectors
# are learned. **Tempting and wrong:** more pixels-to-pixels filters without a nonlinearity, which no amount of tuning
# lifts far; and choosing the features by the test digits, which makes the last number below a wish.

# %% [markdown]
# The test digits, once, when you have decided: after this cell, no more changes. Is the number below what validation
# promised? You chose your features by looking at the validation score, so a small drop is to be expected.

# %%
if check.done("features"):
    predicted = fit(features(X_fit), y_fit)(features(X_test.astype(float)))
    print(f"accuracy on the 1000 test digits: measured {np.mean(predicted == y_test):.3f}")

# %% [markdown]
# ## Your points
#
# The two points for the explanation in Task 5 are not counted here; a person gives them.

# %%
check.summary(24)
