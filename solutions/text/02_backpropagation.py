# %% [markdown]
# # Exercise 2 · Back-propagation
#
# Ten tasks on Lecture 2, about three hours and a quarter: gradients by formula, on a graph and through networks; a
# detective that finds wrong gradients; a layer that dies; an optimiser; and a reader of digits that you train
# yourself. The cell below each answer checks it with fresh random numbers; run a check as often as you like.
# Its verdict starts with **✓** (right), **…** (not done yet), **✗** (wrong, and what is wrong) or **↑** (run
# the cells above first). Tasks do not need each other unless they say so.

# %% [markdown] tags=["nav"]
# [Lecture 2](../lectures/02_backpropagation.ipynb) · [Exercise 2](../exercises/02_backpropagation.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from course_utils import check, data, plot, style
from course_utils.nets import cross_entropy, one_hot, sigmoid, softmax

style.use()


# %% [markdown]
# As in the lecture, a batch `X` has one example in each row, the parameters of a network are one flat list
# `[W1, b1, W2, b2, ...]`, and the forward pass keeps all activations `[A0, A1, ..., AL]`; `A0` is `X`, and
# the last one holds the logits, without an activation function. These three are given:

# %%
def relu(Z):
    return np.maximum(Z, 0)

def init(sizes, rng):
    """Random weights and zero biases [W1, b1, W2, b2, ...] of a network with these layer sizes."""
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        params += [rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in), np.zeros(n_out)]
    return params

def forward(params, X, f=relu):
    """All activations [X, A1, ..., logits] of a batch X (n, n_in)."""
    A = [X]
    for l in range(0, len(params), 2):
        Z = A[-1] @ params[l] + params[l + 1]
        A.append(f(Z) if l + 2 < len(params) else Z)
    return A


# %% [markdown]
# ## Task 1 · How large a step? (★, 10 minutes, 2 points)
#
# The right learning rate can be derived, if the model is small enough. Take one weight, $\hat y = Wx$, and
# the sum of squared errors over $n$ examples,
#
# $$\text{SSE}(W) = \sum_i (W x_i - y_i)^2 .$$
#
# First write one step of gradient descent. Then subtract the minimum $W^*$ from both sides of the rule on
# paper: every step multiplies the distance $W - W^*$ by the same number, which depends on $\eta$ and on the
# inputs only. For which $\eta$ is this number 0? From which $\eta$ on does the distance not shrink any more?
# Both answers depend on the inputs $x$: the lecture's numbers hold for the lecture's three examples only, and
# the check draws others. So return formulas in `x`, not numbers.
#
# The check walks with your `step`, just below and just above your limit:

# %%
def walk(W, x, y, eta, steps=500):
    """The weight after many steps."""
    with np.errstate(all="ignore"):  # a walk that diverges may overflow
        for _ in range(steps):
            W = step(W, x, y, eta)
    return W


# %% [markdown]
# Now one step of the descent, by its formula.

# %% nbgrader={"grade": false, "grade_id": "descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(W, x, y, eta):
    """One step of gradient descent on the SSE. W, eta: numbers; x, y: (n,). Returns the new weight."""
    ### BEGIN SOLUTION
    return W - eta * 2 * np.sum((W * x - y) * x)
    ### END SOLUTION

def special_rates(x):
    """Two learning rates for the inputs x (n,).

    Returns best, limit: with `best` one step lands on the minimum; below `limit` the steps approach it,
    above they do not.
    """
    ### BEGIN SOLUTION
    return 1 / (2 * x @ x), 1 / (x @ x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "descent_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("descent", points=2)
def descent_check(t):
    x, y, start = t.rng.normal(size=7) + 1, t.rng.normal(size=7), np.array([t.rng.uniform(3, 5)])
    slope = check.numerical_gradient(lambda: np.sum((start[0] * x - y) ** 2), start)[0]
    t.close(t.call(step, start[0], x, y, 0.03), start[0] - 0.03 * slope, "the weight after one step", 1e-6)
    best, limit = t.several(t.call(special_rates, x), "best, limit")
    t.shape(best, (), "best"), t.shape(limit, (), "limit")
    lowest = np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]
    t.close(step(start[0], x, y, best), lowest, f"with your best = {best:.4g}, the weight after one step")
    for share in (0.99, 1.01):
        W = walk(start[0], x, y, share * limit)
        t.true((abs(W - lowest) < 0.1) == (share < 1), f"500 steps with {share} of your limit {limit:.4g} lead "
               f"from {start[0]:.3g} to {W:.3g}; the minimum is at {lowest:.3g}. "
               f"Is the limit too {'large' if share < 1 else 'small'}?")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The step is too short by a factor 2?* The derivative of a square brings a 2. *By a factor n?* This loss is
# a sum, not a mean.
#
# *How to find the number?* $W^*$ is where the slope is 0, so $\sum_i W^* x_i^2 = \sum_i x_i y_i$. Put this
# into $W - W^* - 2\eta\sum_i (Wx_i - y_i)\,x_i$ and take out the factor $W - W^*$.
#
# *The limit is too small?* A number such as $-0.5$ is no disaster: the weight jumps over the minimum and
# comes closer all the same. The distance stops shrinking when the number reaches $-1$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $W - W^* \leftarrow (1 - 2\eta\sum_i x_i^2)\,(W - W^*)$. The factor is 0 at
# $\eta = 1/(2\sum x_i^2)$ and $-1$ at twice that. For the lecture's three examples $\sum x_i^2 = 5$: 0.1 and
# 0.2. **Tempting and wrong:** 0.1 and 0.2 themselves. The limit belongs to the data: inputs ten times as
# large need steps a hundred times as small. This is one more reason to scale inputs.

# %% [markdown]
# ## Task 2 · Several labels at once (★★, 15 minutes, 3 points)
#
# A photograph can show a dog *and* a beach. Then every label is a yes/no question of its own, with a sigmoid
# and a binary cross-entropy. Back-propagation asks a loss for two things only: its value, and
# $\delta = \partial L/\partial Z$ at the last layer. For logits $Z$ and $P = \sigma(Z)$, the loss adds up
# over the $k$ questions and is a **mean** over the $n$ examples:
#
# $$L = -\frac1n\sum_{i=1}^{n}\sum_{j=1}^{k}\Bigl[Y_{ij}\ln P_{ij} + (1 - Y_{ij})\ln(1 - P_{ij})\Bigr] .$$
#
# Derive $\delta$ on paper (most of it cancels), and compute both so that logits of ±1000 do no harm. The
# targets may be anything from 0 to 1: people who label pictures are not always sure.

# %% nbgrader={"grade": false, "grade_id": "bce_and_delta", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bce_and_delta(Z, Y):
    """Binary cross-entropy of logits, and its gradient in the logits.

    Z: (n, k) logits; Y: (n, k), entries from 0 to 1.
    Returns loss, delta: a number (summed over k, mean over n), and dL/dZ, shape (n, k).
    """
    ### BEGIN SOLUTION
    n = len(Z)
    loss = np.sum(np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))) / n
    return loss, (sigmoid(Z) - Y) / n
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bce_and_delta_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("bce_and_delta", points=3)
def bce_and_delta_check(t):
    def compare(Z, Y, where):
        leaf = torch.tensor(Z, requires_grad=True)
        wanted = torch.nn.functional.binary_cross_entropy_with_logits(leaf, torch.tensor(Y), reduction="sum")
        wanted = wanted / len(Z)
        wanted.backward()
        loss, delta = t.several(t.call(bce_and_delta, Z, Y), "loss, delta")
        t.close(loss, wanted, f"{where}the loss")
        t.close(delta, leaf.grad, f"{where}delta")
    compare(2 * t.rng.normal(size=(7, 3)), t.rng.uniform(size=(7, 3)), "")
    for target in (0.0, 0.25, 1.0):
        compare(np.array([[-1e3, 1e3], [1e3, -1e3], [-40, 40]]), np.full((3, 2), target),
                f"with logits up to ±1000 and all targets {target:g}, ")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The loss is too small?* The check has $n = 7$ and $k = 3$. Sum over the questions, mean over the examples:
# divide by `len(Z)`, not by `Z.size`.
#
# *The loss is right, delta is off by a factor n?* The $1/n$ belongs to the loss, so it belongs to its
# gradient. Once.
#
# *delta is too small where the network is sure?* You multiplied by $\sigma'$. It cancels:
# $\partial L/\partial P$ has $P(1-P)$ below the line.
#
# *The loss is right for moderate logits, and 27.631 at ±1000, where 680 is expected?* You clipped the
# probabilities: $-\ln 10^{-12} = 27.631$ is then the largest loss that a question can cost, however wrong the
# logit. Compute from the logits instead of clipping.
#
# *You subtracted the largest logit of each row?* That is a trick for softmax, which does not change when all
# logits of a row move together. A sigmoid does change: here every logit stands for itself.
#
# *nan or inf at ±1000?* There $P$ is rounded to exactly 0 or 1, and the logarithm of it is lost. Never form
# $P$: $-\ln\sigma(z) = \ln(1 + e^{-z})$ and $-\ln(1 - \sigma(z)) = \ln(1 + e^{z})$. `np.logaddexp(0, z)` is
# $\ln(e^0 + e^z)$, without overflow.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $\partial L/\partial P = (P - Y)/(P(1-P))/n$ and $\sigma' = P(1-P)$, so
# $\delta = (P - Y)/n$, the same form as softmax with cross-entropy. The loss uses
# $\ln(1 + e^z) = \max(z, 0) + \ln(1 + e^{-|z|})$, where no exponent is ever positive. **Tempting and wrong:**
# `np.log(np.clip(P, 1e-12, 1))`. It hides the inf, and a logit that is wrong by 1000 then costs 27.6 instead
# of 1000.

# %% [markdown]
# ## Task 3 · Any graph (★★, 30 minutes, 4 points)
#
# Here is the heart of an automatic differentiation engine, without its wrapping. A computation graph is a
# dict. Each node's name leads to a list of pairs *(parent, slope)*: the nodes it was computed from, and its
# derivative with respect to each. An input has no parents. For the lecture's $a = d\cdot e$ with $d = b + c$,
# $e = d + 2$, at $d = 3$:

# %%
example = {"a": [("d", 5.0), ("e", 3.0)], "e": [("d", 1.0)], "b": [], "c": [], "d": [("b", 1.0), ("c", 1.0)]}
fixed_graphs = [  # name, graph, output: the first cases of the check
    ("the chain p → q → r → s", {"p": [], "q": [("p", 2.0)], "r": [("q", -3.0)], "s": [("r", 5.0)]}, "s"),
    ("the example", example, "a"),
    ("the example, with d as the output", example, "d"),
    ("the graph of a = d·d, d = 2b", {"a": [("d", 3.0), ("d", 3.0)], "d": [("b", 2.0)], "b": []}, "a"),
]


# %% [markdown]
# Find the derivative of one chosen node, the output, with respect to **every** node of the graph. The names
# are in no helpful order; the same parent may be listed twice ($d\cdot d$); some nodes have no route to the
# output, and the derivative with respect to them is 0. No loops. Mind the lecture's rule: a node passes its
# gradient on once, and only after all nodes that use it have spoken.

# %% nbgrader={"grade": false, "grade_id": "graph_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def graph_gradients(graph, output):
    """Derivatives of one node of a computation graph with respect to all nodes.

    graph: a dict, name -> list of (parent, slope); output: the name of a node.
    Returns a dict: name -> d output / d name, a number for every name in the graph.
    """
    ### BEGIN SOLUTION
    order = []

    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)

    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in reversed(order):
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "graph_gradients_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("graph_gradients", points=4)
def graph_gradients_check(t):
    routes = lambda g, top, name: 1.0 if name == top else sum(
        slope * routes(g, top, user) for user in g for parent, slope in g[user] if parent == name)
    draw = lambda names: [(str(t.rng.choice(names)), t.rng.normal()) for _ in range(3)]
    random = lambda: {n: draw(list("abcdefghij")[:k]) if k > 2 else [] for k, n in enumerate("abcdefghij")}
    cases = [*fixed_graphs, *(("a random graph", random(), "h") for _ in range(9))]
    for kind, graph, top in cases:
        graph = {str(name): list(graph[name]) for name in t.rng.permutation(list(graph))}
        grads = t.call(graph_gradients, graph, top)
        complete = isinstance(grads, dict) and set(grads) == set(graph)
        t.true(complete, f"{kind}: return a dict with an entry for every node, and no others.")
        for name in sorted(graph, reverse=True):
            t.close(grads[name], routes(graph, top, name), f"in {kind}, d {top} / d {name}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *All zero?* The derivative of the output with respect to itself is 1. Start with it.
#
# *The chain is right, the example wrong?* `d` has two users. Do you add up what arrives (`+=`), or overwrite
# it? And does `d` pass on its gradient only after **both** have spoken?
#
# *KeyError, or an entry is missing?* Give every name a 0 first, also those from which no route leads to the
# output.
#
# *Right for the example, wrong for random graphs?* Look at the order. A depth-first visit puts a node into a
# list *after* all its parents; read this list from its end.
#
# *A list with `(d, 3.0), (d, 3.0)`?* Both count. Do not turn the pairs into a dict.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The visit enters a node after all its ancestors, so in the reversed list every user of a
# node stands before it: when its turn comes, its gradient is complete. The work is one multiplication for
# each arrow, while the check adds up all routes, which can be exponentially many. **Tempting and wrong:**
# going through the dict in the order in which it was written. It works for graphs that are written down from
# the output to the inputs, and for no others.

# %% [markdown]
# ## Task 4 · Back through a whole network (★★, 15 minutes, 3 points)
#
# Close the lecture and write its central function from memory, with one extension: besides the gradients of
# all parameters, return the gradient of the loss with respect to the **inputs**. (It tells which pixels
# mattered; and it is what a network must hand down when its input is the output of another network.) With
# $\delta_l = \partial L/\partial Z_l$:
#
# $$\frac{\partial L}{\partial W_l} = A_{l-1}^\top\,\delta_l, \qquad
# \frac{\partial L}{\partial \mathbf b_l} = \sum_{\text{rows}}\delta_l, \qquad
# \frac{\partial L}{\partial A_{l-1}} = \delta_l W_l^\top, \qquad
# \delta_{l-1} = \frac{\partial L}{\partial A_{l-1}} \odot f'(Z_{l-1}) .$$
#
# The order is that of the parameters: `[dW1, db1, dW2, ...]`, although the last layer is computed first. The
# check tries two activation functions, each with its slope in terms of its output:

# %%
slopes = {np.tanh: lambda A: 1 - A**2, sigmoid: lambda A: A * (1 - A)}


# %% [markdown]
# The function itself: four equations and a loop.

# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(params, A, delta, df):
    """Gradients of a network of any depth.

    params: [W1, b1, W2, b2, ...]; A: [A0, ..., AL], from forward; delta: dL/dZ of the last layer, (n, n_out);
    df: a function, df(A1) is the slope of the activation function, computed from its output A1.
    Returns grads, dX: a list like params, [dW1, db1, dW2, db2, ...], and dL/dX, shape of A[0].
    """
    ### BEGIN SOLUTION
    grads = []
    for l in range(len(params) - 2, -1, -2):
        A_in = A[l // 2]
        grads = [A_in.T @ delta, delta.sum(axis=0), *grads]
        dA = delta @ params[l].T
        delta = dA * df(A_in)
    return grads, dA
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "backward_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("backward", points=3)
def backward_check(t):
    def try_network(f, *sizes):
        params = [p + 0.3 * t.rng.normal(size=p.shape) for p in init(sizes, t.rng)]
        X, delta = t.rng.normal(size=(6, sizes[0])), t.rng.normal(size=(6, sizes[-1]))
        loss = lambda: np.sum(delta * forward(params, X, f)[-1])  # a loss whose slope in the logits is delta
        grads, dX = t.several(t.call(backward, params, forward(params, X, f), delta, slopes[f]), "grads, dX")
        order = ", ".join(f"dW{l}, db{l}" for l in range(1, len(sizes)))
        first = np.shape(t.several(grads, order)[0])
        t.true(first not in [p.shape for p in params[1:]], f"grads begins with the wrong one; order: [{order}].")
        for what, p, g in [*reversed([*zip(order.split(", "), params, grads)]), ("dX", X, dX)]:  # last to first
            t.gradient(loss, p, g, f"{what} of a {f.__name__} network {'-'.join(map(str, sizes))}")
    for sizes in ((4, 6, 3), (4, 3), (3, 5, 4, 2), (2, 4, 3, 5, 3)):
        try_network(np.tanh, *sizes), try_network(sigmoid, *sizes)


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The last layer is right, earlier ones are wrong?* Look at the line that sends δ back: the weights of the
# layer it comes from, transposed, then times `df` of the activation where it arrives.
#
# *All weights are right, `dX` is wrong?* There is no activation function between `X` and the outside: no `df`
# for `A[0]`.
#
# *Off by the factor 6 or 1/6?* The $1/n$ is in `delta` already. Sums here, no means.
#
# *"grads begins with the wrong one"?* The loop meets the last layer first. Put each new pair at the front of
# the list, `[dW, db, *grads]`, not at its end.
#
# *Shapes do not fit?* `dW` has the shape of `W`, so it must be `(n_in, n) @ (n, n_out)`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The loop is the four equations from the last layer to the first. The last `dA` is
# $\delta_1 W_1^\top$, the gradient with respect to the inputs. **Tempting and wrong:** returning `delta`
# after the loop: it has been multiplied with a slope at the inputs, which never went through an activation
# function. And updating `params[l]` inside the loop: the error would then be sent back through weights that
# did not make it.

# %% [markdown]
# ## Task 5 · A layer you have not met (★★, 15 minutes, 3 points)
#
# Very deep networks became trainable with a small change: each block *adds* something to its input instead of
# replacing it (He and colleagues, 2015; every Transformer is built of such blocks). For a batch $A$ of shape
# $(n, d)$,
#
# $$B = A + \tanh(A W_1 + \mathbf b_1)\,W_2 + \mathbf b_2 .$$
#
# Derive the backward pass. Draw the graph first: by how many routes does $A$ reach $B$? You are given
# $\partial L/\partial B$, a batch like $B$ itself, under the name `grad_B`; find the five others.

# %% nbgrader={"grade": false, "grade_id": "block_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def block_backward(A, W1, b1, W2, b2, grad_B):
    """Backward pass of the block B = A + tanh(A @ W1 + b1) @ W2 + b2.

    A: (n, d); W1: (d, m); b1: (m,); W2: (m, d); b2: (d,);
    grad_B: (n, d), the gradient of the loss in B.
    Returns dA, dW1, db1, dW2, db2, each with the shape of its variable.
    """
    ### BEGIN SOLUTION
    H = np.tanh(A @ W1 + b1)
    dW2, db2 = H.T @ grad_B, grad_B.sum(axis=0)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    dW1, db1 = A.T @ delta1, delta1.sum(axis=0)
    return grad_B + delta1 @ W1.T, dW1, db1, dW2, db2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "block_backward_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("block_backward", points=3)
def block_backward_check(t):
    def try_block(n, d, m):
        A, W1, b1, W2, b2 = inputs = [t.rng.normal(size=shape) for shape in ((n, d), (d, m), m, (m, d), d)]
        grad_B = t.rng.normal(size=(n, d))
        loss = lambda: np.sum(grad_B * (A + np.tanh(A @ W1 + b1) @ W2 + b2))  # a loss whose slope in B is grad_B
        answers = t.several(t.call(block_backward, *inputs, grad_B), "dA, dW1, db1, dW2, db2")
        for k in (4, 3, 2, 1, 0):  # from the output to the input
            t.gradient(loss, inputs[k], answers[k], ("dA", "dW1", "db1", "dW2", "db2")[k])
    try_block(7, 3, 5), try_block(5, 4, 2)


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Four gradients are right, `dA` is wrong?* Two routes lead from $A$ to $B$. What arrives by two routes is
# added up.
#
# *`dW2` is wrong?* Its input is $H = \tanh(AW_1 + \mathbf b_1)$, not $A$. Nobody gives you $H$: compute it
# again.
#
# *`dW1` and `db1` are wrong, `dW2` is right?* The error comes to $H$ through $W_2^\top$; then it goes through
# tanh, whose slope in terms of its output is $1 - H^2$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The sum in the forward pass hands `grad_B` to both routes unchanged; where the two meet
# again, at $A$, they add up. The direct route is the point of the construction: `grad_B` reaches the block below
# undiminished, however small the weights are, so that a hundred blocks do not make the gradient vanish.
# **Tempting and wrong:** forgetting that route. The block would still learn, and all blocks below it only
# through a shrunken signal.

# %% [markdown]
# ## Task 6 · The gradient detective (★★, 20 minutes, 3 points)
#
# You have been judged by finite differences; now write the judge. You get a loss function, its parameters,
# and a list of gradients that somebody claims to be right. Some are not. Find them.
#
# A gradient counts as wrong when, in at least one entry, it differs from the central difference
#
# $$\frac{L(p + \epsilon) - L(p - \epsilon)}{2\epsilon}$$
#
# by more than one thousandth of the largest entry (in absolute value) of the two arrays. This is a *relative*
# error, because losses come in all sizes; and it is measured by the *largest* entry, because a small entry
# among large ones may be off by its own size without harm. Two arrays of zeros agree. The check plants these
# five bugs, one at a time (and a sixth: a gradient that should be 0 and is not), and one harmless error that
# must pass:

# %%
def dent(g):
    return g * np.where(np.abs(g) == np.abs(g).max(), 1.02, 1)

def harmless(g):
    return g + np.where(np.abs(g) == np.abs(g).min(), 1e-4 * np.abs(g).max(), 0)

bugs = {
    "all signs are flipped": lambda g: -g,
    "it is a mean, not a sum": lambda g: g / 8,
    "it is all 0": lambda g: 0 * g,
    "its rows are in reverse order": lambda g: g[::-1],
    "its largest entry is off by 2 %": dent,
}


# %% [markdown]
# The losses come in three sizes. They are not kind to a careless step: they have quick waves, and stand on
# a constant that is ten thousand times as high.

# %%
def wavy(size, rng):
    """A loss, four parameters, and their true gradients. The loss does not use the last parameter."""
    params = [rng.uniform(1, 2, size=shape) for shape in ((4, 3), (3, 5), (5,), (2,))]
    angles = lambda p: 200 * (p[0] @ p[1] + p[2])
    loss = lambda p: size * (1e4 + np.sum(np.sin(angles(p))) / 200)
    dZ = size * np.cos(angles(params))
    return loss, params, [dZ @ params[1].T, params[0].T @ dZ, dZ.sum(axis=0), np.zeros(2)]


# %% [markdown]
# Your detector gets the loss, the parameters and the suspicious gradients, and names the wrong ones.

# %% nbgrader={"grade": false, "grade_id": "wrong_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wrong_gradients(loss, params, grads):
    """Find the wrong gradients in a list.

    loss: a function, loss(params) is a number; params: a list of float64 arrays of any shapes;
    grads: the claimed gradients, a list of arrays of the same shapes. Leave params exactly as they were.
    Returns a list of the indices of the wrong ones, ascending; [] if all are right.
    """
    ### BEGIN SOLUTION
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            values = []
            for sign in (1, -1):
                moved = [p.copy() for p in params]
                moved[k][index] += sign * eps
                values.append(loss(moved))
            slope[index] = (values[0] - values[1]) / (2 * eps)
        largest = max(np.abs(slope).max(), np.abs(grads[k]).max())
        if np.abs(slope - grads[k]).max() > 1e-3 * largest:
            wrong.append(k)
    return wrong
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "wrong_gradients_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("wrong_gradients", points=3)
def wrong_gradients_check(t):
    def examine(size, k, plant, wrong, story):
        loss, params, grads = wavy(size, t.rng)
        grads[k] = plant(grads[k])
        found = t.call(wrong_gradients, loss, params, grads)
        t.true(np.array_equal(found, wrong), f"in a loss of size {size:g}, {story}; your list is {found}.")
    for size in (1.0, 1e-6, 1e6):
        examine(size, 0, np.copy, [], "all gradients are right")
        examine(size, 3, lambda g: g + 1e-4 * size, [3], "gradient 3 is wrong (it should be 0)")
        for k in (0, 1, 2):
            examine(size, k, harmless, [], f"gradient {k} passes (one entry is off by 1e-4 of the largest)")
            for bug, plant in bugs.items():
                examine(size, k, plant, [k], f"gradient {k} is wrong ({bug})")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *It accuses the innocent?* First suspect the step: at $\epsilon = 10^{-12}$ the difference of two losses is
# mostly rounding, at $10^{-3}$ the waves bend. $10^{-5}$ or $10^{-6}$ is right for float64. Then suspect the
# reset: is every entry moved back before the next one is tried, also on copies?
#
# *It accuses the harmless error?* Then you divide each difference by its own entry. Divide by the largest
# entry of the array.
#
# *It accuses gradient 3, or divides by 0?* The loss does not use parameter 3. Two arrays of zeros have no
# largest entry to divide by: compare `difference > 1e-3 * largest` instead.
#
# *It misses bugs in a small loss?* Then your tolerance is absolute. *It misses flipped signs or a reversed
# order?* Compare the entries, not sums or lengths.
#
# *"changes its input in place"?* `p[i] += eps` and later `p[i] -= eps` may miss the old value by one
# rounding. Keep the old value and put it back, or move copies.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The central difference has an error of order $\epsilon^2$ from the curve and of order
# $10^{-16}/\epsilon$ times the loss from rounding; both are far below one thousandth at
# $\epsilon = 10^{-5}$, even with these waves and this constant. **Tempting and
# wrong:** an absolute tolerance: it passes every gradient of a loss that is small enough. Comparing lengths
# or sums is no better: a gradient with all signs flipped has the right length. A test that never fails is no
# test, so judge a judge by the bugs it finds.

# %% [markdown]
# ## Task 7 · Kill a layer (★, 10 minutes, 2 points)
#
# Break it on purpose. A ReLU unit that is 0 for **every** training example is *dead*: its slope is 0
# everywhere, no error comes through it, and its weights never move again. One step that is too large is
# enough. The function below trains 40 ReLU units on 300 digits for 50 steps; play with it.

# %%
X8, y8 = [part[:300] for part in data.digits8(flat=True)[:2]]

def relu_run(eta, rng):
    """Train 64-40-10 for 50 steps. Returns the accuracy and the share of dead units afterwards."""
    W1, b1, W2, b2 = init((64, 40, 10), rng)
    for _ in range(50):
        H = relu(X8 @ W1 + b1)
        delta2 = (softmax(H @ W2 + b2) - one_hot(y8, 10)) / 300
        delta1 = (delta2 @ W2.T) * (H > 0)
        W1, b1 = W1 - eta * X8.T @ delta1, b1 - eta * delta1.sum(axis=0)
        W2, b2 = W2 - eta * H.T @ delta2, b2 - eta * delta2.sum(axis=0)
    H = relu(X8 @ W1 + b1)
    return np.mean((H @ W2 + b2).argmax(axis=1) == y8), np.mean((H == 0).all(axis=0))

accuracy, dead = relu_run(0.02, np.random.default_rng(1))
print(f"η = 0.02: accuracy {accuracy:.2f}, {dead:.0%} dead")


# %% [markdown]
# Find two learning rates, at most a factor **20** apart: with the *healthy* one the network reaches an
# accuracy of at least 80 % and at most 25 % of the units are dead in the end; with the *deadly* one at least
# 90 % are dead. Both must hold for three random starts. Before you try: what will the accuracy be when all
# units are dead?

# %% nbgrader={"grade": false, "grade_id": "learning_rates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learning_rates():
    """Returns healthy, deadly: two learning rates, with healthy < deadly <= 20 * healthy."""
    ### BEGIN SOLUTION
    return 0.5, 8.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "learning_rates_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("learning_rates", points=2)
def learning_rates_check(t):
    healthy, deadly = t.several(t.call(learning_rates), "healthy, deadly")
    healthy, deadly = float(t.shape(healthy, (), "healthy")), float(t.shape(deadly, (), "deadly"))
    t.true(0 < healthy < deadly, f"{healthy:g}, {deadly:g}: both positive, and the healthy one smaller.")
    t.true(deadly <= 20 * healthy, f"{deadly:g} is {deadly / healthy:.3g} times {healthy:g}: come closer.")
    for _ in range(3):
        accuracy, dead = relu_run(healthy, t.rng)
        t.true(accuracy >= 0.8 and dead <= 0.25, f"η = {healthy:g} is not healthy: accuracy {accuracy:.2f}, "
               f"{dead:.0%} of the units dead. {'Too slow' if dead <= 0.25 else 'Too large'}?")
        dead = relu_run(deadly, t.rng)[1]
        t.true(dead >= 0.9, f"η = {deadly:g} is not deadly: only {dead:.0%} of the units are dead.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Where to begin?* Double η from 0.02 until something happens, and print both numbers each time.
#
# *The healthy one has a low accuracy and no dead units?* It is too small: 50 steps are not enough.
#
# *More than 20 times apart?* Raise the healthy one. It can go well beyond 0.02.
#
# *A few dead units already at 0.02?* These were born dead, not killed. Train with η = 0 and count again.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Ink is never negative, so every example pushes all weights of a unit the same way. A step
# that is too large makes them, and the bias, so negative that no picture activates the unit, and then
# $f' = 0$ everywhere: nothing calls it back.
#
# **What will the accuracy be when all units are dead?** About one in eight. The hidden layer is 0 for every
# picture, so all pictures get the same logits, the output biases; these still learn, and the one answer is at
# best the most frequent digit, which is 38 of the 300.
#
# **Why are about 5 % dead already at η = 0.02?** They were dead before the first step; set η = 0 and count.
# All digits look alike to a random unit (ink in the middle, none at the edges), so most of its input is the
# same number for every picture. With a bias of 0, a unit for which this number is negative enough is 0 for
# all 300. It happens to about 4 % of the units, to none to five of the 40, and such a unit cannot be revived.
#
# **Tempting and wrong:** to look for the edge
# between "learns slowly" and "nan". Nothing overflows here, and nothing warns you: a dead layer is silent.
# When a ReLU network refuses to learn, count its dead units.

# %% [markdown]
# ## Task 8 · Predict, then look (★★, 25 minutes, 1 point and 2 for the explanation)
#
# A network 4-6-3 with one hidden layer is trained by full-batch gradient descent, 60 steps, on 30 random
# rows, 15, 9 and 6 of three classes (softmax and cross-entropy). It starts in one of six ways. *random* means
# normal random numbers, all different.
#
# | name | $W_1$ | $\mathbf b_1$ | $W_2$ | activation |
# |---|---|---|---|---|
# | `"zeros"` | 0 | 0 | 0 | tanh |
# | `"zeros, sigmoid"` | 0 | 0 | 0 | sigmoid |
# | `"halves"` | all 0.5 | 0 | all 0.5 | tanh |
# | `"only W1"` | random | 0 | 0 | tanh |
# | `"only W2"` | 0 | 0 | random | tanh |
# | `"only b1"` | 0 | random | 0 | tanh |
#
# The output bias starts at 0. **Before you try anything**, say what becomes of the weights $W_1$ and $W_2$ in
# 60 steps:
#
# - `"stuck"`: every entry of $W_1$ and $W_2$ is after 60 steps exactly what it was at the start;
# - `"twins"`: at least one of the two matrices moves, but the six hidden units stay equal to each other
#   (weights in, bias, weights out);
# - `"learns"`: they move, and the six hidden units are different in the end.
#
# Units that are equal **and** never move count as `"stuck"`, not as `"twins"`. So the lecture's twins, which
# start from equal weights of 0.01, do not decide about exact zeros: follow the products.
#
# Follow $\delta_2$, $dW_2$, $\delta_1$ and $dW_1$ through the first two steps, on paper. The experiment, for
# later:

# %%
def start_and_train(name, rng):
    """Train 4-6-3 from one of the six starts with PyTorch. Returns "stuck", "twins" or "learns"."""
    random = lambda *shape: 0.5 * rng.normal(size=shape)
    W1, b1, W2, b2 = np.zeros((4, 6)), np.zeros(6), np.zeros((6, 3)), np.zeros(3)
    W1 = {"halves": W1 + 0.5, "only W1": random(4, 6)}.get(name, W1)
    W2 = {"halves": W2 + 0.5, "only W2": random(6, 3)}.get(name, W2)
    b1 = random(6) if name == "only b1" else b1
    f = torch.sigmoid if "sigmoid" in name else torch.tanh
    X = torch.tensor(rng.normal(size=(30, 4)))
    y = torch.tensor(np.repeat([0, 1, 2], (15, 9, 6)))
    params = [torch.tensor(p, requires_grad=True) for p in (W1, b1, W2, b2)]
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(f(X @ params[0] + params[1]) @ params[2] + params[3], y)
        for p, g in zip(params, torch.autograd.grad(loss, params)):
            p.data -= 0.5 * g
    V1, c1, V2, _ = [p.detach().numpy() for p in params]
    if max(np.abs(V1 - W1).max(), np.abs(V2 - W2).max()) < 1e-12:
        return "stuck"
    units = np.vstack([V1, c1, V2.T])  # a column for each unit: weights in, bias, weights out
    return "twins" if np.ptp(units, axis=1).max() < 1e-9 else "learns"


# %% [markdown]
# Write down what you expect of each start before you run the check, which trains all six.

# %% nbgrader={"grade": false, "grade_id": "starts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def starts():
    """Your six predictions. Returns a dict: name of a start -> "stuck", "twins" or "learns"."""
    ### BEGIN SOLUTION
    return {
        "zeros": "stuck",
        "zeros, sigmoid": "twins",
        "halves": "twins",
        "only W1": "learns",
        "only W2": "learns",
        "only b1": "learns",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "starts_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("starts", points=1)
def starts_check(t):
    answers = t.call(starts)
    names = ("zeros", "zeros, sigmoid", "halves", "only W1", "only W2", "only b1")
    t.true(isinstance(answers, dict), 'the answer should be a dict such as {"zeros": "stuck", ...}.')
    t.true(set(answers) == set(names), f"the dict should have these six names and no others: {names}.")
    words = ("stuck", "twins", "learns")
    for name in names:
        t.true(answers[name] in words, f"{name!r}: {answers[name]!r} is none of the three words {words}.")
    for name in names:
        seen = start_and_train(name, t.rng)
        t.true(answers[name] == seen, f"{name!r}: you say {answers[name]!r}, but the experiment disagrees. "
               "Which factor of dW1 or dW2 did you take for 0, or for equal?")


# %% [markdown]
# **Explain** the six outcomes in a sentence or two each, with the equations $dW_2 = H^\top\delta_2$,
# $\delta_1 = \delta_2 W_2^\top\odot f'(Z_1)$, $dW_1 = X^\top\delta_1$. Which start would you choose, and why
# is it usual to draw *all* weights at random and to leave the biases at 0? (This part is read by a person,
# not by the check.)

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# *zeros:* $H = \tanh 0 = 0$, so $dW_2 = 0$; $W_2 = 0$, so $\delta_1 = 0$ and $dW_1 = 0$. Only the output bias
# learns, and that changes neither zero: stuck. *zeros, sigmoid:* $H = 0.5$, so $dW_2 \ne 0$ in the first
# step, with six equal rows. From the second step on $\delta_1 \ne 0$, with six equal columns. All moves are
# equal: twins. *halves:* all hidden units compute the same, send the same and receive the same blame, so they
# stay equal: twins. *only W1:* the units differ; $W_2$ moves in the first step (with different rows), $W_1$
# from the second on: learns. *only W2:* $H = 0$, so $W_2$ does not move at first; but
# $\delta_1 = \delta_2W_2^\top$ has different columns, so $W_1$ moves, differently for each unit: learns.
# *only b1:* $H$ is the same for all examples but differs from unit to unit, so the rows of $dW_2$ differ and
# the rest follows: learns. What matters is that something tells the units apart, and that not both factors of
# every product are 0. Of the six, any start that learns would do; better is random weights in all layers,
# which give both from the first step, with signals of a size we can choose. With the units told apart, biases
# need not be random, and 0 is their neutral start.

# %% [markdown]
# <details><summary>Hints</summary>
#
# *Is "weights 0" the same as "units 0"?* Not for every activation function: what is $f(0)$?
#
# *When are two hidden units equal for ever?* When they start with the same weights in, the same bias **and**
# the same weights out. If one of the three differs, follow what it does to the next product.
#
# *A gradient of 0 in the first step* need not be 0 in the second. Which factor was 0, and does that factor
# move?
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why these answers.** See the explanation above. **Tempting and wrong:** "zero weights never learn". One
# layer of zeros is harmless, as softmax regression in Lecture 1 showed; and biases alone can break the
# symmetry. What kills is the product of two zeros, what makes twins is equality. **A trap inside the trap:**
# with classes of exactly equal size, `"zeros, sigmoid"` would be stuck as well. All rows of $H$ are equal, so
# $dW_2$ is the sum of the rows of $\delta_2$ times 0.5, and at the start that sum is 0 when all classes are
# equally frequent.

# %% [markdown]
# ## Task 9 · AdamW from its equations (★★, 20 minutes, 4 points)
#
# The optimiser behind most large networks of recent years is a small change to Adam, proposed by Loshchilov
# and Hutter (2019): the *weight decay* is taken out of the gradient and applied to the weights directly.
# Write one step for one array of parameters, from the equations. With the gradient $g_t$ at step
# $t = 1, 2, \ldots$, and $m_0 = v_0 = 0$:
#
# $$m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\,g_t^2, \qquad
# \hat m = \frac{m_t}{1-\beta_1^t}, \qquad \hat v = \frac{v_t}{1-\beta_2^t},$$
#
# $$w_t = w_{t-1} - \eta\lambda\,w_{t-1} - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon} .$$
#
# The step has to remember $t$, $m$ and $v$. Keep them in `state`, in whatever form you like: you get `None`
# before the first step, and later what you returned the last time. Nothing may be changed in place, and
# nothing kept outside: two arrays trained in turn must not disturb each other. Your result has to equal
# `torch.optim.AdamW` over 50 steps to 12 digits.

# %% nbgrader={"grade": false, "grade_id": "adamw_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    """One step of AdamW for one array of parameters.

    w, g: parameters and their gradient, float64 arrays of the same shape (any);
    state: None in the first step, afterwards the state that the last step returned; it must not be changed.
    Returns w, state: the new parameters, and a new state.
    """
    ### BEGIN SOLUTION
    count, m, v = state or (0, np.zeros_like(w), np.zeros_like(w))
    count = count + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**count), v / (1 - beta2**count)
    w = w - eta * lam * w - eta * m_hat / (np.sqrt(v_hat) + eps)
    return w, (count, m, v)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adamw_step_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("adamw_step", points=4)
def adamw_step_check(t):
    for lam in (0.0, 0.3):
        given = {"eta": 0.02, "beta1": 0.8, "beta2": 0.95, "eps": 0.01, "lam": lam}
        ours = {"weights": t.rng.normal(size=(4, 3)), "biases": t.rng.normal(size=5)}
        states, theirs = dict.fromkeys(ours), {k: torch.tensor(w, requires_grad=True) for k, w in ours.items()}
        oracle = torch.optim.AdamW(theirs.values(), lr=0.02, betas=(0.8, 0.95), eps=0.01, weight_decay=lam)
        for count in range(1, 51):
            for k, w in ours.items():
                g = theirs[k].grad = torch.tensor(0.3 * t.rng.normal(size=w.shape))
                ours[k], states[k] = t.several(t.call(adamw_step, w, g.numpy(), states[k], **given), "w, state")
            oracle.step()
            for k in ours:
                t.close(ours[k], theirs[k], f"with λ = {lam}, w after step {count}", tol=1e-12)


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Wrong in the very first step, with λ = 0?* In the first step $\hat m = g$ and $\hat v = g^2$ exactly; print
# them. Is $t$ already 1? Does ε stand outside the root?
#
# *Right in step 1, wrong in step 2?* Something is not remembered, or $m$, $v$ are stored **after** the
# division by $1-\beta^t$. Only the recursions are carried on; the hats are for this step.
#
# *Right for λ = 0, wrong for 0.3?* The decay does not enter the gradient. It is multiplied by η, and acts on
# the **old** weights.
#
# *"changes its input state in place"?* `state["m"] = ...` changes the old dict, and `m *= beta1` the array in
# it. Compute `m = beta1 * m + ...`, and put it into a new tuple or dict: `return w, (count, m, v)`.
#
# *A ValueError about shapes, or wrong values although the formulas are right?* Do you keep `m`, `v` or the
# step number in global variables? The check trains two arrays of different shapes in turn, and each would
# find what the other one left. All that is remembered belongs in `state`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The averages start at 0 and are too small at first; the hats divide by the sum of the
# weights that they have seen so far. **Tempting and wrong:** adding $\lambda w$ to the gradient, which is
# Adam with L2. There the decay is divided by $\sqrt{\hat v}$ as well, so weights with large gradients hardly
# decay. And constants such as `0.9` typed into the formula: right until somebody changes the default.

# %% [markdown]
# ## Task 10 · A network of your own (★★★, 30 minutes, up to 4 points)
#
# Everything comes together: train a network on **1000** handwritten digits, 28 × 28, that reads 3000 others.
# You get the training digits and a random generator, and return a function that reads. Layers, activation,
# optimiser, learning rate, batch size, regularisation and augmentation are yours, and so is the budget: **15
# seconds** of computing in all (of one processor core; several cores count several times).
#
# The score is the accuracy on the 3000 **validation** digits: **88 %** gives 1 point, **91 %** 2, **94 %** 3,
# **96 %** all 4. Try as often as you like. Use `forward` and your own `backward` and `adamw_step`, if you
# have them (`backward` returns two things), or NumPy or PyTorch as you please. One rule the check does not
# enforce, a matter of honour: the network and its training are yours, no ready-made classifier such as
# scikit-learn's `MLPClassifier`, and the validation and test digits are not for training.

# %%
X, y, X_test, y_test = data.digits28(flat=True)
X_fit, y_fit, X_val, y_val = X[:1000].astype(float), y[:1000], X[1000:].astype(float), y[1000:]
print("training", X_fit.shape, "validation", X_val.shape, "test", X_test.shape)


# %% [markdown]
# Now yours: any network and any way of training that you can write yourself.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, y, rng):
    """Train a network on digits.

    X: (n, 784), ink in [0, 1]; y: (n,) labels 0 to 9; rng: all that is random comes from this generator.
    Returns predict, a function: predict(X_new) with X_new (m, 784) is an array (m,) of labels.
    """
    ### BEGIN SOLUTION
    grid = np.stack(np.divmod(np.arange(784), 28)) - 13.5  # row and column of each pixel, from the middle

    def moved(X):
        """The pictures, all slightly turned, stretched and shifted in one random way."""
        M = np.eye(2) + 0.12 * rng.normal(size=(2, 2))
        places = M @ grid + rng.uniform(-2, 2, size=(2, 1)) + 13.5  # where each new pixel comes from
        row, column = np.clip(np.round(places), 0, 27).astype(int)
        return X[:, 28 * row + column]

    batch, epochs, params = 50, 100, init((784, 200, 100, 10), rng)
    states, total, done = [None] * len(params), epochs * len(X) // batch, 0
    for _ in range(epochs):
        for rows in np.split(rng.permutation(len(X)), len(X) // batch):
            A = forward(params, moved(X[rows]))
            delta = (softmax(A[-1]) - one_hot(y[rows], 10)) / batch
            grads, _ = backward(params, A, delta, lambda A: A > 0)
            eta, done = 0.003 * (1 - done / total), done + 1
            pairs = [adamw_step(*pgs, eta, lam=0.1) for pgs in zip(params, grads, states)]
            params, states = [list(part) for part in zip(*pairs)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("train", points=4)
def train_check(t):
    start = time.process_time()
    predict = t.call(train, X_fit.copy(), y_fit.copy(), t.rng)
    t.true(callable(predict), "train should return a function: `return predict`, not what predict returns.")
    answers = t.shape(t.call(predict, X_val.copy()), (3000,), "predict(X_val)")
    seconds = time.process_time() - start
    t.true(np.isin(answers, np.arange(10)).all(), f"labels are 0 to 9, yours {answers[:3]}... An argmax?")
    alone = [t.shape(t.call(predict, X_val[[i]]), (1,), "predict for one digit")[0] for i in range(20)]
    again = t.call(predict, X_val.copy())
    t.true(np.all(alone == answers[:20]) and np.all(again == answers), "asked again, predict gives other "
           "answers. They must not depend on chance (dropout?), nor on the other digits of the batch.")
    t.true(seconds < 15, f"{seconds:.0f} seconds of computing, 15 allowed: a smaller network, or fewer epochs.")
    t.ladder(np.mean(answers == y_val), {0.88: 1, 0.91: 2, 0.94: 3, 0.96: 4}, "validation accuracy")


# %% [markdown]
# <details><summary>Hints: where the points are</summary>
#
# *10 %, the same answer for all?* Is η too large (dead units), or δ without its minus, $Y - P$? Watch the
# loss on the training digits first: it must fall below 0.1.
#
# *To 88 %:* 30 hidden ReLU units, plain gradient descent on mini-batches of 50, η = 0.1, 20 epochs. Shuffle
# in every epoch.
#
# *To 91 %:* more units and Adam, with a learning rate that falls to 0 in the end, bring about 90 %. The
# training accuracy is then 100 %: you are overfitting, and more steps will not help. So make more data: move
# the pictures of each mini-batch by one pixel in a random direction (`np.roll` on `(n, 28, 28)`).
#
# *To 94 %:* up to two pixels. Augmentation never lets the network learn by heart, so now a larger network and
# more epochs pay.
#
# *To 96 %:* what else leaves a digit what it is? It may be turned, slanted, stretched. For each pixel of the
# new picture compute where in the old one it comes from (a 2 × 2 matrix near the identity, times the place
# counted from the middle), round, and fetch the ink from there. One matrix for a mini-batch is enough.
#
# *"asked again, predict gives other answers"?* Dropout and augmentation belong to training only.
#
# *Too slow?* Work on whole mini-batches. If PyTorch or NumPy uses several cores, all of them count.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** A thousand digits are learned by heart in a few epochs by almost any network; the
# difference between 90 and 97 % is what it has *not* seen. Shifts tell it something true that the data do not
# say: a digit stays the same when it moves; and so do turns and stretches. They add more than any change of
# the optimiser: measured over twelve random starts, 96.9 to 97.4 %, and about 95 % with shifts alone, 91 %
# with none. **Tempting and wrong:** choosing among twenty networks by the *test* digits, so that the number
# below becomes a wish; and leaving dropout on while reading.

# %% [markdown]
# The test digits, once, when you have decided: after this cell, no more changes. You chose your network by
# the validation digits, so expect the test to be a little worse, or at best equal.

# %%
if check.done("train"):
    answers = train(X_fit, y_fit, np.random.default_rng(0))(X_test.astype(float))
    print(f"accuracy on the 1000 test digits: measured {np.mean(answers == y_test):.3f}")

# %% [markdown]
# With Task 4 you have more than gradients for weights: the gradient with respect to the *inputs* says which
# pixels would change an answer. Here for a small network: the gradient of the winning logit, averaged over
# all validation digits that it reads as 0, as 1, and so on.

# %%
if check.done("backward"):
    rng = np.random.default_rng(3)
    params = init((784, 30, 10), rng)
    for _ in range(1000):
        rows = rng.integers(0, 1000, size=50)
        A = forward(params, X_fit[rows], np.tanh)
        delta = (softmax(A[-1]) - one_hot(y_fit[rows], 10)) / 50
        grads, _ = backward(params, A, delta, lambda A: 1 - A**2)
        params = [p - 0.1 * g for p, g in zip(params, grads)]
    A = forward(params, X_val, np.tanh)
    says = A[-1].argmax(axis=1)
    _, dX = backward(params, A, one_hot(says, 10), lambda A: 1 - A**2)
    pictures = np.array([dX[says == k].mean(axis=0) for k in range(10)])
    fig = plot.images(pictures, [f"says {k}" for k in range(10)], columns=5, scale=0.9, signed=True)
    plot.show(fig, "Ten pictures of gradients in vermilion and blue. For the 1 a vermilion stroke stands in the "
              "middle with blue on both sides; the 0 is blue in the middle, the 6 at the upper right.")

# %% [markdown]
# On vermilion, more ink makes the network surer of its answer; on blue, less sure. The 1 wants its stroke and
# nothing beside it. The 4 is blue at the top, where a bar would close it to a 9, and the 6 at the upper
# right, where ink would make it an 8.
#
# ## Your points
#
# The two points for the explanation in Task 8 are not counted here; a person gives them.

# %%
check.summary(29)
