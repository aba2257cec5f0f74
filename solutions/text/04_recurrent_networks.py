# %% [markdown]
# # Exercise 4 · Recurrent networks
#
# Nine tasks on Lecture 4, about three and a half hours: delays without a memory, letters that are counted,
# sequences of unequal length, gradients that vanish against expectation, two recurrent networks whose backward
# pass you derive, a gradient that points the wrong way, and a model of surnames of your own. The cell below each
# answer checks it with fresh random numbers; run a check as often as you like. Its verdict starts with **✓**
# (right), **…** (not done yet), **✗** (wrong, and what is wrong) or **↑** (run the cells above first). Tasks do
# not need each other.

# %% [markdown] tags=["nav"]
# [Lecture 4](../lectures/04_recurrent_networks.ipynb) · [Exercise 4](../exercises/04_recurrent_networks.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import time

import numpy as np
import torch

from course_utils import check, data
from course_utils.nets import sigmoid

# %% [markdown]
# As in the lecture, a batch of sequences `X` has shape `(n, T, d)`: sequence, time step, feature. Rows are
# examples, parameters live in a dict, and a recurrent network returns all its states, `H` of shape
# `(n, T, hidden)`; `H[:, -1]` is the last state. Two networks are given. The first is the lecture's. In the
# second, each unit is *leaky*: a share of its old state stays, and Task 6 says what for. The surnames, and
# `padded`, are for the last task.

# %%
letters = ".abcdefghijklmnopqrstuvwxyz"  # symbol number 0, the dot, stands at the start and at the end of a name
names, tongues, languages = data.surnames_by_language(each=320)

def padded(names):
    """Names as one table of symbol numbers, a tensor (n, T): the opening dot only, the letters, -1 in the padding."""
    rows = [torch.tensor([letters.index(c) for c in "." + name]) for name in names]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)

def rnn_forward(P, X, h0=None):
    """All states of a plain recurrent network: h_t = tanh(x_t Wx + h_{t-1} Wh + b)."""
    h, H = (np.zeros((len(X), len(P["b"]))) if h0 is None else h0), []
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ P["Wx"] + h @ P["Wh"] + P["b"])
        H.append(h)
    return np.stack(H, axis=1)

def leaky_forward(P, X, h0):
    """All states of a leaky network: h_t = (1 - a) h_{t-1} + a tanh(x_t Wx + h_{t-1} Wh + b), a = P["a"]."""
    h, H = h0, []
    for t in range(X.shape[1]):
        h = (1 - P["a"]) * h + P["a"] * np.tanh(X[:, t] @ P["Wx"] + h @ P["Wh"] + P["b"])
        H.append(h)
    return np.stack(H, axis=1)


# %% [markdown]
# ## Task 1 · Delays with gaps (★, 15 minutes, 2 points)
#
# A time-delay layer sees the last few steps only. To look far back without many weights, leave gaps between
# the delays (*dilation*): with $N$ delays that are $D$ steps apart, a layer with $m$ units computes
#
# $$\mathbf y_t = \tanh\Bigl(\mathbf b + \sum_{k=0}^{N}\mathbf x_{t-kD}\,W_k\Bigr) ,$$
#
# where $W_k$ is a matrix $(d, m)$. The layer is *causal*: it never looks into the future. Before the first
# step there was silence, $\mathbf x_t = 0$ for $t < 0$.
#
# Stack several such layers, all with the same $N$, with gaps $D_1, D_2, \ldots$ How far back does an output of
# the last layer reach? Count the steps from the oldest input that matters to the present, both included.
# (WaveNet, van den Oord and colleagues, 2016, doubles the gap from layer to layer. Try 1, 2, 4, …, 512 with
# $N = 1$ in your formula.)

# %% nbgrader={"grade": false, "grade_id": "delays", "locked": false, "schema_version": 3, "solution": true, "task": false}
def delayed(X, W, b, D):
    """A causal layer of time-delay units.

    X: (n, T, d); W: (N + 1, d, m), W[k] belongs to the delay k * D; b: (m,); D: a positive int, may exceed T.
    Returns Y, shape (n, T, m).
    """
    ### BEGIN SOLUTION
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)
    ### END SOLUTION

def reach(N, gaps):
    """How far back, in steps and with the present one, a stack of layers looks; gaps: a list [D1, D2, ...]."""
    ### BEGIN SOLUTION
    return 1 + N * sum(gaps)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "delays_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("delays", points=2)
def delays_check(t):
    X, b = t.rng.normal(size=(3, 11, 2)), 0.5 * t.rng.normal(size=4)
    for N, D in ((2, 1), (1, 3), (3, 2), (2, 20)):
        kernel = 0.5 * t.rng.normal(size=(4, 2, N + 1))  # in PyTorch's order: units, features, past to present
        past = torch.tensor(np.pad(X, ((0, 0), (N * D, 0), (0, 0)))).mT
        wanted = torch.nn.functional.conv1d(past, torch.tensor(kernel), torch.tensor(b), dilation=D).tanh().mT
        t.close(t.call(delayed, X, kernel.T[::-1].copy(), b, D), wanted, f"with N = {N} and D = {D}, Y")
    for N, gaps in ((1, [1, 2, 4, 8]), (2, [3]), (3, [2, 1]), (2, [1, 5, 2])):
        X = t.rng.normal(size=(60, 2)) + np.eye(61, 60)[:, :, None]  # sequence s is sequence 60, but for step s
        for D in gaps:
            X = delayed(X, t.rng.normal(size=(N + 1, 2, 2)), b[:2], D)
        oldest = np.argmax(np.abs(X[:, -1] - X[60, -1]).max(axis=1) > 1e-12)
        t.close(t.call(reach, N, gaps), 60 - oldest, f"the reach of a stack with N = {N} and the gaps {gaps}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *All steps are right but the first ones?* `X[:, t - k*D]` with a negative index counts from the end in Python:
# the layer then looks into the future. Skip these terms.
#
# *An error about shapes with gaps of 20?* The sequence has 11 steps: all delayed inputs lie before its start, and
# count as 0. A slice such as `X[:, : T - k*D]` with a negative end does something else.
#
# *Wrong everywhere, even with D = 1?* `W[0]` belongs to the present, `W[N]` to the oldest step.
#
# *The reach is too small by 1?* The present step counts. *Too large?* Each layer adds its own $N D$ to what the
# layers below see; the gaps add up, nothing is multiplied from layer to layer.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** One output of the top layer looks at $N D$ further steps of the layer below, whose oldest
# value looks $N D$ of *its* gaps further back: $1 + N\sum_l D_l$. With gaps that double, ten layers of two
# weights reach 1024 steps, which is why such networks can stand in for recurrent ones. **Tempting and wrong:**
# `np.roll(X, k * D, axis=1)`. It moves the end of the sequence to its beginning, so the network answers before
# it is asked; on the training data this looks like excellent prediction.

# %% [markdown]
# ## Task 2 · Count letters (★, 15 minutes, 2 points)
#
# The plain baseline of every language model is a table of counts. A *bigram* model predicts a letter from the
# one before it. Write every name with a dot at both ends, `.anna.`, and let $n_{ab}$ be the number of times that
# symbol $b$ directly follows symbol $a$ in all the names. With a small count $\alpha$ added to each of the 27
# possible successors, so that nothing is impossible,
#
# $$P_{ab} = \frac{n_{ab} + \alpha}{n_a + 27\alpha}, \qquad n_a = \sum_b n_{ab} .$$
#
# A model is judged by its *bits per symbol* on names it has not seen: the mean of $-\log_2 P_{ab}$ over all
# predicted symbols, that is, over all letters and the closing dot of each name. The opening dot is given, not
# predicted. The symbols are numbered by their place in `letters`, given above; the dot is number 0.

# %% nbgrader={"grade": false, "grade_id": "bigram", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bigram(names, alpha):
    """Bigram probabilities. names: a list of str; alpha: > 0. Returns P (27, 27): row a, column b."""
    ### BEGIN SOLUTION
    counts = np.zeros((27, 27))
    for name in names:
        symbols = [letters.index(c) for c in f".{name}."]
        for a, b in zip(symbols[:-1], symbols[1:]):
            counts[a, b] += 1
    return (counts + alpha) / (counts.sum(axis=1, keepdims=True) + 27 * alpha)
    ### END SOLUTION

def bits(P, names):
    """Bits per predicted symbol of the table P (27, 27) on a list of names. Returns a number."""
    ### BEGIN SOLUTION
    symbols = [letters.index(c) for c in "." + "".join(f"{name}." for name in names)]
    return -np.mean(np.log2(P[symbols[:-1], symbols[1:]]))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bigram_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("bigram", points=2)
def bigram_check(t):
    names = ["".join(t.rng.choice(list("aeinz"), size=k)) for k in (3, 7, 4, 9, 2, 6)] + ["anna", "annna"]
    P = t.shape(t.call(bigram, names, 0.3), (27, 27), "P")
    t.close(P.sum(axis=1), np.ones(27), "the sum of each row of P")
    count = lambda pair: sum(f".{name}."[k:].startswith(pair) for name in names for k in range(len(name) + 1))
    wanted = {a + b: (count(a + b) + 0.3) / (count(a) + 8.1) for a in ".aeinzq" for b in ".aeinzq"}
    yours = {pair: P[letters.index(pair[0]), letters.index(pair[1])] for pair in wanted}
    for pair in sorted(wanted, key=lambda pair: -abs(yours[pair] - wanted[pair])):  # the worst first
        t.close(yours[pair], wanted[pair], f"P for the pair {pair!r}, which occurs {count(pair)} times,")
    P = t.rng.dirichlet(np.ones(27), size=27)
    t.close(t.call(bits, P, ["c"]), -np.log2(P[0, 3] * P[3, 0]) / 2, "bits for the one name 'c'")
    u, v, both = (t.call(bits, P, some) for some in (["anna"], ["annabella"] * 3, ["anna"] + ["annabella"] * 3))
    t.close(both, (5 * u + 30 * v) / 35, "bits for ['anna'] + ['annabella'] * 3, with 35 predicted symbols,")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The rows do not sum to 1?* Every row is divided by its own sum: `counts.sum(axis=1, keepdims=True)`. The α
# has been added 27 times in each row.
#
# *A pair such as `nn` is counted too rarely?* `"annna".count("nn")` finds one, because found letters are not
# used again. Go through neighbours instead: `zip(s[:-1], s[1:])`.
#
# *A pair with a dot is wrong?* Each name has two dots, one before the first letter and one after the last; but
# no pair leads from one name to the next.
#
# *Bits are right for one name, wrong for several?* The mean is over symbols, not over names: a long name counts
# more. "anna" has 5 symbols to predict. *Negative, or too small by the factor 0.693?* $-\log_2$, not $\ln$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Counting and dividing *is* training here: these $P$ make the names most probable ($\alpha = 0$).
# The α costs a little on the training names and saves everything on new ones, where a single pair
# with probability 0 would cost infinitely many bits. **Tempting and wrong:** a mean of the means of the names;
# short names then count too much. And leaving out the closing dot: a model that cannot end is not a model of
# names. Its bits look the better for it, because the hard question "is it over?" is never asked.

# %% [markdown]
# ## Task 3 · Nothing from the padding (★★, 20 minutes, 3 points)
#
# Sequences of different lengths share one array: the short ones are *padded* at their end. What stands in the
# padding must not matter, neither for the loss nor for its gradient. Sequence $i$ has $\ell_i$ real steps, the
# first ones; the loss is the **mean over all real steps** of all sequences together,
#
# $$L = -\frac{1}{\sum_i \ell_i}\sum_{i=1}^{n}\;\sum_{t < \ell_i}\ln\text{softmax}(\mathbf z_{it})_{y_{it}} .$$
#
# Write the loss and $\delta = \partial L/\partial Z$ for logits $Z$ of shape $(n, T, k)$. Anything may stand in
# the padding: zeros, labels of $-1$, huge numbers, even nan. Then write the function that a classifier of
# whole sequences needs: the state at the last *real* step of each sequence.

# %% nbgrader={"grade": false, "grade_id": "padding", "locked": false, "schema_version": 3, "solution": true, "task": false}
def masked_loss_and_delta(Z, y, lengths):
    """Mean cross-entropy over the real steps, and its gradient in Z.

    Z: (n, T, k) logits; y: (n, T) int labels; lengths: (n,) ints from 1 to T.
    Returns loss, delta: a number, and dL/dZ of shape (n, T, k).
    """
    ### BEGIN SOLUTION
    real = np.arange(Z.shape[1]) < lengths[:, None]  # (n, T)
    rows, labels = Z[real], y[real]  # (number of real steps, k)
    rows = rows - rows.max(axis=1, keepdims=True)
    P = np.exp(rows)
    P /= P.sum(axis=1, keepdims=True)
    picked = np.arange(len(labels)), labels
    loss = np.mean(np.log(np.exp(rows).sum(axis=1)) - rows[picked])
    P[picked] -= 1
    delta = np.zeros_like(Z)
    delta[real] = P / len(labels)
    return loss, delta
    ### END SOLUTION

def last_states(H, lengths):
    """States H (n, T, hidden), lengths (n,). Returns (n, hidden): the state at each one's last real step."""
    ### BEGIN SOLUTION
    return H[np.arange(len(H)), lengths - 1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "padding_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("padding", points=3)
def padding_check(t):
    for kind, filler, label in (("zeros", 0, 0), ("labels of -1", 1, -1), ("1e6", 1e6, 2), ("nan (0 * nan is nan)", np.nan, -1)):
        lengths, y = t.rng.permutation([7, 1, 3, 4, 6]), t.rng.integers(0, 4, size=(5, 7))
        Z = 2 * t.rng.normal(size=(5, 7, 4))
        leaf = torch.tensor(Z, requires_grad=True)
        real = lambda a: torch.cat([torch.as_tensor(a)[i, :m] for i, m in enumerate(lengths)])
        wanted = torch.nn.functional.cross_entropy(real(leaf), real(y))
        for i, m in enumerate(lengths):
            Z[i, m:], y[i, m:] = filler, label
        loss, delta = t.several(t.call(masked_loss_and_delta, Z, y, lengths), "loss, delta")
        t.close(loss, wanted, f"with padding of {kind}, the loss")
        t.close(delta, torch.autograd.grad(wanted, leaf)[0], f"with padding of {kind}, delta")
        t.close(t.call(last_states, Z, lengths), [Z[i, m - 1] for i, m in enumerate(lengths)], "what last_states returns")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to mark the real steps of all sequences at once?* `np.arange(T) < lengths[:, None]` is a table `(n, T)` of
# True and False. `Z[table]` takes out the real rows, as one matrix; `delta[table] = ...` puts them back.
#
# *Off by a constant factor, such as 0.6?* You divide by $nT = 35$ or by $n$. Divide by the number of real steps,
# `lengths.sum()`.
#
# *All right, but nan with nan in the padding?* You multiply by a mask of 0 and 1, and `0 * nan` is nan. Take the
# padding out (`Z[table]`) or replace it with `np.where` **before** you compute.
#
# *IndexError, or a loss that uses label −1?* `-1` is a valid index in Python: the last class. Select first.
#
# *The last states are wrong for the short sequences?* `H[:, -1]` is padding there. Give one index for each of
# both axes: `H[np.arange(n), ...]`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Taking the real rows out turns the problem into the old one, softmax regression with
# $\sum_i\ell_i$ examples; everything that is not put back stays 0. **Tempting and wrong:** the mean over all
# $nT$ steps with the loss set to 0 in the padding. The gradient then points the right way, but its length depends
# on how much padding the batch happens to have, so a batch with one very long name takes a small step. Also
# tempting is the mean over sequences of the mean over steps; it is a sensible loss, but another one: it gives
# the letters of short names more weight. And a mask that multiplies at the end cannot remove a nan.

# %% [markdown]
# ## Task 4 · Read it both ways (★★, 20 minutes, 3 points)
#
# At step $t$ a recurrent network knows the past only. For a sequence that is complete before we begin, a
# second network with its own weights can read from the end to the beginning, and both states are put side by
# side (Schuster and Paliwal, 1997):
#
# $$\mathbf h_{it} = \bigl[\;\overrightarrow{\mathbf h}_{it}\;,\;\overleftarrow{\mathbf h}_{it}\;\bigr], \qquad t < \ell_i .$$
#
# Here $\overrightarrow{\mathbf h}_{it}$ has read the steps $0, 1, \ldots, t$ of sequence $i$, and
# $\overleftarrow{\mathbf h}_{it}$ the steps $\ell_i - 1, \ell_i - 2, \ldots, t$, in this order, both from a state
# of 0. The sequences are padded as in Task 3 (no nan this time), so each ends at another place, and the backward
# network must never meet the padding. In the padding the result is 0. Use `rnn_forward` from above.

# %% nbgrader={"grade": false, "grade_id": "both_ways", "locked": false, "schema_version": 3, "solution": true, "task": false}
def both_ways(P, Q, X, lengths):
    """States of a bidirectional network.

    P, Q: parameters of the network that reads forwards and of the one that reads backwards, for rnn_forward;
    X: (n, T, d), padded at the end; lengths: (n,) ints from 1 to T.
    Returns H, shape (n, T, 2 * hidden): forward states first; 0 in the padding.
    """
    ### BEGIN SOLUTION
    steps, rows = np.arange(X.shape[1]), np.arange(len(X))[:, None]
    real = steps < lengths[:, None]
    mirror = np.where(real, lengths[:, None] - 1 - steps, steps)  # the same table turns there and back
    backwards = rnn_forward(Q, X[rows, mirror])[rows, mirror]
    return np.concatenate([rnn_forward(P, X), backwards], axis=2) * real[:, :, None]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "both_ways_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("both_ways", points=3)
def both_ways_check(t):
    oracle = torch.nn.RNN(3, 5, batch_first=True, bidirectional=True).double()
    P, Q = ({key: t.rng.normal(size=size) for key, size in (("Wx", (3, 5)), ("Wh", (5, 5)), ("b", 5))} for _ in "PQ")
    values = [p for R in (P, Q) for p in (R["Wx"].T, R["Wh"].T, R["b"], 0 * R["b"])]  # PyTorch has two biases
    oracle.load_state_dict({key: torch.tensor(p) for key, p in zip(oracle.state_dict(), values)})
    for lengths in (np.array([6, 6, 6, 6]), t.rng.permutation([6, 1, 4, 3])):
        X = t.rng.normal(size=(4, 6, 3)) + 9 * (np.arange(6) >= lengths[:, None])[:, :, None]
        packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(X), torch.tensor(lengths), True, False)
        wanted = torch.nn.utils.rnn.pad_packed_sequence(oracle(packed)[0], True)[0].detach()
        H, story = t.shape(t.call(both_ways, P, Q, X, lengths), (4, 6, 10), "H"), f"with lengths {lengths.tolist()}, "
        t.close(H * (wanted.numpy() == 0), 0 * H, story + "H in the padding")
        t.close(H[:, :, :5], wanted[:, :, :5], story + "the forward half of H")
        t.close(H[:, :, 5:], wanted[:, :, 5:], story + "the backward half of H")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The forward half is wrong in the last steps only?* Padding: the result there is 0, whatever the network says.
#
# *Equal lengths are right, unequal ones wrong?* `X[:, ::-1]` brings the padding to the front, and the network
# reads it first. Turn each sequence within its own length.
#
# *The backward half has the right states in the wrong order?* Turn the states back after the network has run:
# the state at step $t$ must stand at index $t$.
#
# *How to turn?* A loop over the sequences is fine: `X[i, :m][::-1]`. Without a loop: make a table of indices
# `(n, T)` with $\ell_i - 1 - t$ where the step is real, and use it as `X[np.arange(n)[:, None], table]`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Turning a sequence within its length moves its last real step to the front and leaves the
# padding at the end, where a causal network cannot be harmed by it. The table is its own inverse, so it also
# turns the states back. **Tempting and wrong:** `X[:, ::-1]`. Nothing crashes, and with equal lengths it is
# right; with padding, the first states are computed from whatever stands there, and every prediction depends
# on how long the *longest* sequence of the batch is. (And do not use such a network to predict the next letter:
# it has read it.)

# %% [markdown]
# ## Task 5 · Predict, then look (★★, 20 minutes, 1 point and 2 for the explanation)
#
# A state is fed back many times. How much does the last one, $h_T$, change when the first one, $h_0$, is moved a
# little? In nine cases (one number $h$, but for the last case, where $h$ is a row of two):
#
# | name | one step | $h_0$ | $T$ |
# |---|---|---|---|
# | `"linear"` | $0.9\,h + x_t$ | 0.5 | 100 |
# | `"flip"` | $-h + x_t$ | 0.5 | 100 |
# | `"growth"` | $1.02\,h + x_t$ | 0.5 | 50 |
# | `"tanh"` | $\tanh(2h)$ | 0.5 | 50 |
# | `"tanh at rest"` | $\tanh(2h)$ | 0 | 50 |
# | `"sigmoid"` | $\sigma(3h + x_t)$ | 0.5 | 50 |
# | `"relu"` | $\max(0,\,1.1\,h - 1)$ | 0.5 | 100 |
# | `"leaky"` | $0.99\,h + 0.01\tanh(x_t)$ | 0.5 | 100 |
# | `"matrix"` | $h\begin{pmatrix}0.9 & 50\\ 0 & 0.9\end{pmatrix}$ | (0.5, 0.5) | 10 |
#
# The inputs $x_t$ are standard normal random numbers. Let $s$ be the largest entry of
# $|\partial h_T/\partial h_0|$. **Before you try anything**, predict for each case `"vanishes"` ($s < 0.01$),
# `"explodes"` ($s > 100$) or `"stays"` (between). The experiment, for later:

# %%
one_step = {
    "linear": (lambda h, x: 0.9 * h + x, 100), "flip": (lambda h, x: -h + x, 100),
    "growth": (lambda h, x: 1.02 * h + x, 50), "tanh": (lambda h, x: torch.tanh(2 * h), 50),
    "tanh at rest": (lambda h, x: torch.tanh(2 * h), 50), "sigmoid": (lambda h, x: torch.sigmoid(3 * h + x), 50),
    "relu": (lambda h, x: torch.relu(1.1 * h - 1), 100), "leaky": (lambda h, x: 0.99 * h + 0.01 * np.tanh(x), 100),
    "matrix": (lambda h, x: h @ torch.tensor([[0.9, 50], [0, 0.9]]), 10),
}  # fmt: skip

def sensitivity(name, rng):
    """The largest entry of |d h_T / d h_0|, measured with PyTorch's automatic differentiation."""
    step, T = one_step[name]

    def run(h):
        for x in rng.normal(size=T):
            h = step(h, x)
        return h

    start = torch.full((2,) if name == "matrix" else (1,), 0.0 if "rest" in name else 0.5)
    return torch.autograd.functional.jacobian(run, start).abs().max().item()


# %% [markdown]
# Write down your nine words before you run the check, which measures all nine.

# %% nbgrader={"grade": false, "grade_id": "fates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fates():
    """Your nine predictions. Returns a dict: name of a case -> "vanishes", "stays" or "explodes"."""
    ### BEGIN SOLUTION
    return {
        "linear": "vanishes",
        "flip": "stays",
        "growth": "stays",
        "tanh": "vanishes",
        "tanh at rest": "explodes",
        "sigmoid": "vanishes",
        "relu": "vanishes",
        "leaky": "stays",
        "matrix": "explodes",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fates_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("fates", points=1)
def fates_check(t):
    answers = t.call(fates)
    t.true(isinstance(answers, dict), 'the answer should be a dict such as {"linear": "stays", ...}.')
    names, words = tuple(one_step), ("vanishes", "stays", "explodes")
    t.true(set(answers) == set(names), f"the dict should have these nine names and no others: {names}.")
    for name in names:
        t.true(answers[name] in words, f"{name!r}: {answers[name]!r} is none of the three words {words}.")
    for name in names:
        s = sensitivity(name, t.rng)
        seen = "vanishes" if s < 0.01 else "explodes" if s > 100 else "stays"
        t.true(answers[name] == seen, f"{name!r}: you say {answers[name]!r}, but the experiment disagrees. "
               "Multiply the slopes of all steps, each at the state where it is taken.")


# %% [markdown]
# **Explain** the nine outcomes in a sentence each: $\partial h_T/\partial h_0$ is a product of $T$ slopes; how large
# is a typical one? Then: why is "a weight above 1 explodes, below 1 vanishes" wrong in both directions? (This
# part is read by a person, not by the check.)

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# *linear:* $0.9^{100} = 2.7\cdot10^{-5}$, whatever the inputs are: vanishes. *flip:* $(-1)^{100} = 1$: stays.
# *growth:* $1.02^{50} = 2.7$: stays, it would need 233 steps to reach 100. *tanh:* the state runs to the fixed
# point $h = \tanh(2h)$, about 0.958, where the slope is $2(1 - 0.958^2) = 0.17$; vanishes. *tanh at rest:* the
# state is 0 for ever, where the slope is 2; $2^{50}\approx 10^{15}$: explodes. *sigmoid:* the slope is at most
# $3/4$, and $0.75^{50}$ is below $10^{-6}$: vanishes, for all inputs. *relu:* $1.1\cdot0.5 - 1 < 0$, so the state
# is 0 after one step and the slope is exactly 0: vanishes, although $1.1 > 1$. *leaky:* $0.99^{100} = 0.37$:
# stays. *matrix:* both eigenvalues are 0.9, but the tenth power has the entry $10\cdot0.9^9\cdot50 = 194$:
# explodes for now; after some 130 steps it will have vanished. The rule is wrong because the slope is weight
# *times* $f'$, and $f'$ depends on where the state is (tanh, relu, sigmoid: above 1 and vanishing); because a
# product of few factors near 1 is neither (growth, leaky); and because a matrix can stretch while its eigenvalues
# are below 1.

# %% [markdown]
# <details><summary>Hints</summary>
#
# *What is the slope of one step?* Linear: the weight. Otherwise the weight times $f'$ at the place where the state
# then is. So follow the state first.
#
# *Where is the state after a few steps of* $\tanh(2h)$*?* Start at 0.5 with a calculator. And at 0?
#
# *How large is the slope of the sigmoid at most?* It was computed in Lecture 1.
#
# *The matrix:* square it, multiply once more, and look at the entry at the upper right. What is it after $T$ steps?
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why these answers.** See the explanation above. **Tempting and wrong:** deciding by the weight alone. `"tanh"`
# and `"tanh at rest"` have the same weight, and one vanishes while the other explodes. At rest the state sits on
# an unstable point: any small input would push it off, and the gradient would vanish as in the other case. A
# large gradient is the sign of such a watershed. `"leaky"` shows what gates are for: the state is handed on with
# a factor close to 1.

# %% [markdown]
# ## Task 6 · Back through a leaky network (★★★, 35 minutes, 4 points)
#
# A leaky unit replaces only a share $a$ of its state in each step, so it remembers for about $1/a$ steps (Jaeger
# and colleagues, 2007, use such units in echo-state networks). Here every unit has its own share, and it is learned:
#
# $$\mathbf g_t = \tanh(\mathbf x_tW_x + \mathbf h_{t-1}W_h + \mathbf b), \qquad
# \mathbf h_t = (1 - \mathbf a)\odot\mathbf h_{t-1} + \mathbf a\odot\mathbf g_t .$$
#
# The forward pass, `leaky_forward`, is given at the top. Derive its back-propagation through time, on paper
# first. `dH` holds what arrives at each $\mathbf h_t$ from *outside* (from readouts, say): the gradient with
# $\mathbf h_{t+1}$ held fixed. By how many routes does $\mathbf h_{t-1}$ reach $\mathbf h_t$? And note that
# $\mathbf g_t$ is not stored: all you have is `H`.

# %% nbgrader={"grade": false, "grade_id": "leaky_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_backward(P, X, h0, H, dH):
    """Back-propagation through time for leaky_forward.

    P: a dict with Wx (d, hidden), Wh (hidden, hidden), b (hidden,), a (hidden,); X: (n, T, d);
    h0: (n, hidden); H: (n, T, hidden), from leaky_forward; dH: (n, T, hidden).
    Returns a dict of gradients with the keys "Wx", "Wh", "b", "a", "X", "h0", each of its variable's shape.
    """
    ### BEGIN SOLUTION
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)  # h_{t-1} at the place of step t
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ = np.zeros_like(H), np.zeros_like(H)
    dh = np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    return {
        "Wx": np.einsum("ntd,nth->dh", X, dZ),
        "Wh": np.einsum("ntk,nth->kh", before, dZ),
        "b": dZ.sum(axis=(0, 1)),
        "a": np.sum(total * (G - before), axis=(0, 1)),
        "X": dZ @ P["Wx"].T,
        "h0": dh,
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "leaky_backward_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("leaky_backward", points=4)
def leaky_backward_check(t):
    for T in (1, 2, 5):
        P = {"Wx": t.rng.normal(size=(3, 4)), "Wh": t.rng.normal(size=(4, 4)), "b": t.rng.normal(size=4)}
        P["a"] = t.rng.uniform(0.2, 0.9, size=4)
        X, h0, dH = t.rng.normal(size=(6, T, 3)), t.rng.normal(size=(6, 4)), t.rng.normal(size=(6, T, 4))
        loss = lambda: np.sum(dH * leaky_forward(P, X, h0))  # a loss whose outside gradient in H is dH
        grads = t.call(leaky_backward, P, X, h0, leaky_forward(P, X, h0), dH)
        keys, variables = ("b", "a", "Wx", "X", "h0", "Wh"), {**P, "X": X, "h0": h0}
        t.true(isinstance(grads, dict) and set(grads) == set(keys), f"return a dict with the keys {sorted(keys)}.")
        for key in keys:
            t.gradient(loss, variables[key], grads[key], f"with T = {T}, the gradient in {key}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Wrong already with T = 1, all but `a`?* Between $\mathbf h_t$ and the sum in the tanh stand two factors: the
# share $\mathbf a$, and the slope $1 - \mathbf g_t^2$. The slope is $1 - \mathbf h_t^2$ in a plain network only.
#
# *How to get* $\mathbf g_t$*?* Compute it again from $\mathbf x_t$ and $\mathbf h_{t-1}$; or solve the second
# equation for it.
#
# *`a` is wrong?* $\partial\mathbf h_t/\partial\mathbf a = \mathbf g_t - \mathbf h_{t-1}$, times *all* that arrives
# at $\mathbf h_t$, summed over sequences and steps.
#
# *With T = 1 only `h0` wrong? Or T = 1 right, T = 2 wrong?* $\mathbf h_{t-1}$ reaches $\mathbf h_t$ by two
# routes, through the leak and through $W_h$. Add both to what arrives from outside, before you go on.
#
# *T = 2 is right, T = 5 wrong?* Do you carry on the *sum* of what comes from the future, or only its last piece?
#
# *Only `Wh` is wrong?* Its input at step $t$ is $\mathbf h_{t-1}$, and in the first step that is `h0`, not 0.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Let $\mathbf e_t$ be the total gradient at $\mathbf h_t$. Then
# $\delta_t = \mathbf e_t\odot\mathbf a\odot(1 - \mathbf g_t^2)$ and
# $\mathbf e_{t-1} = d\mathbf h_{t-1} + \mathbf e_t\odot(1 - \mathbf a) + \delta_tW_h^\top$. The middle term is the
# interesting one: a route to the past without a weight and without a slope, so that the gradient falls no faster
# than $(1 - a)^T$ where the other route is silent. Make $a$ depend on the input, and you have a gate. **Tempting
# and wrong:** $1 - \mathbf h_t^2$ as the slope, copied from the plain network. It is right only for $a = 1$. And
# forgetting the leak on the way back: with $T = 1$ only the gradient in $\mathbf h_0$ is then wrong, beyond it nearly
# all are; test with more than one step.

# %% [markdown]
# ## Task 7 · Break it: a window that is too short (★★, 20 minutes, 2 points)
#
# *Truncated* back-propagation unfolds the network for the last few steps only, to save memory and time. What it
# leaves out is not noise. Take one unit, $h_t = wh_{t-1} + x_t$ from $h_0 = 0$, a target $y$ for the last of 20
# states, and the loss $\frac12(h_{20} - y)^2$. With a window of $K$ steps,
#
# $$\frac{\partial h_{20}}{\partial w} = \sum_{k=0}^{19} w^k h_{19-k} \qquad\text{becomes}\qquad
# \sum_{k=0}^{K-1} w^k h_{19-k} .$$

# %%
def last_state(x, w=0.9):
    """The state after all steps of the inputs x, a sequence of numbers."""
    h = 0.0
    for value in x:
        h = w * h + value
    return h

def descend(x, y, window, w=0.9):
    """The loss before and after ten steps of fixed size along the (truncated) gradient."""
    losses = []
    for _ in range(11):
        losses.append((last_state(x, w) - y) ** 2 / 2)
        slope = sum(w**k * last_state(x[: 19 - k], w) for k in range(window))
        w = w - 0.005 * np.sign((last_state(x, w) - y) * slope)
    return losses[0], losses[-1]

for window in (20, 5):
    before, after = descend(np.ones(20), 10.0, window)
    print(f"20 inputs of 1, target 10, window {window:2}: the loss falls from {before:.3f} to {after:.3f}")


# %% [markdown]
# For constant inputs the window does no harm. Find inputs, between $-1$ and 1, and a target for which it does:
# with the full gradient (window 20) the loss falls to less than **half**, and with a window of 5 it rises to more
# than **one and a half** times its value. The check adds a little noise to your inputs; so do not look for a
# coincidence, but for the reason. Which inputs does the short window weigh too little, and which correctly?

# %% nbgrader={"grade": false, "grade_id": "wrong_way", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wrong_way():
    """Returns x, y: 20 inputs between -1 and 1, an array (20,), and the target, a number."""
    ### BEGIN SOLUTION
    x = np.where(np.arange(20) < 11, 1.0, -1.0)  # the early inputs say one thing, the late ones the opposite
    return x, last_state(x) + 0.5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "wrong_way_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("wrong_way", points=2)
def wrong_way_check(t):
    x, y = t.several(t.call(wrong_way), "x, y")
    x, y = t.shape(x, (20,), "x"), float(t.shape(y, (), "y"))
    t.true(np.abs(x).max() <= 1, f"all inputs must lie between -1 and 1; your largest size is {np.abs(x).max():.4g}.")
    for _ in range(5):
        noisy = x + 0.01 * t.rng.normal(size=20)
        (start, full), (_, short) = descend(noisy, y, 20), descend(noisy, y, 5)
        t.true(start > 0.01, f"the loss is {start:.2g} at the start: there is nothing to learn. Move the target.")
        t.true(full < start / 2, f"the full gradient brings the loss from {start:.4g} to {full:.4g}; less than half, "
               "please. Is the target within reach of ten small steps, and is the full slope far enough from 0?")
        t.true(short > 1.5 * start, f"the window of 5 brings the loss from {start:.4g} to {short:.4g}: too little harm. "
               "Its slope should have the opposite sign to the full one. Print both sums for your inputs.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How does each input enter the two sums?* An input that is $m$ steps before the end appears in $h_{20}$ with the
# factor $w^m$, so in the full derivative with $m\,w^{m-1}$. In the truncated one it has $\min(m, 5)\,w^{m-1}$: the
# window shortens what is old, and leaves the recent as it is. Plot both weights against $m$.
#
# *So which signs?* You want the two sums to have opposite signs: let the old inputs win in the one, and the
# recent inputs in the other.
#
# *The signs are opposite, and the loss does not change enough?* Ten steps move $w$ by 0.05 and the state by about
# 0.05 times the slope. Put the target at about that distance from `last_state(x)`, above it or below.
#
# *The window does harm at first and then none?* Print the slopes along the way: $w$ changes, and with it the
# sums. Change the number of old inputs by one.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $h_{20} = \sum_m w^mx_{20-m}$, so the full derivative weighs the input of $m$ steps before the
# end with $m\,w^{m-1}$, largest for $m = 9$ and 10, and the window of 5 with $\min(m, 5)\,w^{m-1}$. Eleven old
# inputs of 1 and nine recent ones of $-1$ give about $+16$ and $-5$: two slopes of opposite sign. **Tempting and
# wrong:** an impulse at the very beginning, which lies outside the window. But its *trace* lies inside: the
# states that it left. The truncated gradient is too small then, but its sign is right, and steps of fixed size
# need no more. It takes a conflict between early and late to turn a gradient round. Where the recent past says
# the opposite of the distant past, a truncated network learns the wrong thing, and no learning rate helps.

# %% [markdown]
# ## Task 8 · One gate is enough (★★★, 35 minutes, 4 points)
#
# The *minimal gated unit* (Zhou and colleagues, 2016) has a single gate with two duties: it decides how much of
# the past enters the candidate, and how much of the state is replaced.
#
# $$\mathbf f = \sigma(\mathbf x W_x^f + \mathbf h W_h^f + \mathbf b^f), \qquad
# \mathbf g = \tanh\bigl(\mathbf x W_x^g + (\mathbf f\odot\mathbf h)W_h^g + \mathbf b^g\bigr), \qquad
# \mathbf h' = (1 - \mathbf f)\odot\mathbf h + \mathbf f\odot\mathbf g .$$
#
# Write one step forward and one step backward. The parameters of gate and candidate stand side by side: the first
# half of the columns of `Wx`, `Wh` and `b` is for $\mathbf f$, the second for $\mathbf g$. In the backward step you
# get $\partial L/\partial\mathbf h'$. Draw the graph and count the arrows that leave each variable: three start at
# $\mathbf h$, and three at $\mathbf f$. Keep in `cache` whatever you need.

# %% nbgrader={"grade": false, "grade_id": "mgu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mgu_step(P, x, h):
    """One step of a minimal gated unit.

    P: a dict with Wx (d, 2 * m), Wh (m, 2 * m), b (2 * m,); x: (n, d); h: (n, m), the old state.
    Returns h_new, cache: the new state, (n, m), and anything that the backward step needs.
    """
    ### BEGIN SOLUTION
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)
    ### END SOLUTION

def mgu_step_backward(P, cache, dh_new):
    """The step backward; dh_new: (n, m). Returns a dict with the keys "Wx", "Wh", "b", "x" and "h"."""
    ### BEGIN SOLUTION
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T  # the gradient in the product f * h
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mgu_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("mgu", points=4)
def mgu_check(t):
    P = {key: t.rng.normal(size=shape) for key, shape in (("Wx", (3, 8)), ("Wh", (4, 8)), ("b", (8,)))}
    x, h, dh, q = (t.rng.normal(size=(6, 3)), *t.rng.normal(size=(2, 6, 4)), t.rng.uniform(0.2, 0.8, size=4))
    step = lambda P: t.shape(t.several(t.call(mgu_step, P, x, h), "h_new, cache")[0], (6, 4), "h_new")
    F, G = ({key: p * (np.arange(8) < 4 if half else np.arange(8) >= 4) for key, p in P.items()} for half in (1, 0))
    F["b"][4:], G["b"][:4] = 50, np.log(q / (1 - q))  # in F the candidate is always 1, in G the gate is always q
    t.close(step(F), h + (1 - h) * sigmoid((x @ F["Wx"] + h @ F["Wh"] + F["b"])[:, :4]), "with a candidate of 1, h_new")
    t.close(step(G), h + q * (np.tanh((x @ G["Wx"] + q * h @ G["Wh"] + G["b"])[:, 4:]) - h), "with a constant gate, h_new")
    grads = t.call(mgu_step_backward, P, t.call(mgu_step, P, x, h)[1], dh)
    t.true(isinstance(grads, dict) and set(grads) == {*P, "x", "h"}, "return a dict with the keys Wx, Wh, b, x, h.")
    for key, variable in (("b", P["b"]), ("Wx", P["Wx"]), ("x", x), ("Wh", P["Wh"]), ("h", h)):
        t.gradient(lambda: np.sum(dh * mgu_step(P, x, h)[0]), variable, grads[key], f"the gradient in {key}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The forward step is wrong with a constant gate?* The candidate sees $\mathbf f\odot\mathbf h$, not $\mathbf h$;
# and the gate opens for the *new*: $\mathbf f$ near 0 leaves the state as it is.
#
# *In which order backward?* From $\mathbf h'$ to $\mathbf g$, from there to $\mathbf f\odot\mathbf h$, then collect
# all that arrives at $\mathbf f$, and go through its sigmoid last.
#
# *`b` is right in its second half only (index 4 and more)?* Three routes lead from $\mathbf f$ to the result: by
# $(1 - \mathbf f)\odot\mathbf h$, by $\mathbf f\odot\mathbf g$, and through the candidate.
#
# *`Wh` is wrong, `Wx` right?* The two halves of `Wh` do not have the same input.
#
# *Only `h` is wrong?* Add up three: what is kept, by $1 - \mathbf f$; what comes through the gate's $W_h^f$; and
# what comes through $\mathbf f\odot\mathbf h$, where $\mathbf h$ is multiplied by $\mathbf f$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Each product hands its gradient to both factors, and each variable adds up what comes back:
# $d\mathbf f = d\mathbf h'\odot(\mathbf g - \mathbf h) + d(\mathbf f\odot\mathbf h)\odot\mathbf h$. A GRU has two
# gates for the two duties, an LSTM three; this unit has two thirds of the GRU's parameters. **Tempting and wrong:**
# forgetting that $\mathbf f$ also acts inside the
# candidate. The gradient is then almost right as long as $W_h^g$ is small, so that a careless test with small
# weights passes it. Test with weights of the size that training leads to.

# %% [markdown]
# ## Task 9 · Names that nobody has (★★★, 30 minutes, up to 4 points)
#
# Write a model of surnames in ten languages: it is told the language and the beginning of a name, and gives a
# probability to each of the 27 symbols that may come next. Your function trains it and returns another one,
# `predict(starts, y)`. That gets a list of $m$ beginnings, such as `["", "mar"]`, and their languages, $m$ numbers
# from 0 to 9; it returns an array $(m, 27)$ in the order of `letters`, where symbol 0 means that the name is over.
# For PyTorch, begin with `torch.manual_seed(int(rng.integers(2**31)))`. `padded`, at the top, makes a table of
# symbols out of a list of names.
#
# The model is trained on the first 2200 of `names` and judged by the next 500; the last 500 are the test. The
# budget is **15 seconds** of computing in all (of one processor core; several cores count several times).
#
# The score is the number of bits per symbol that you **save** on the validation names against 27 equally probable
# symbols, $\log_2 27 = 4.755$. One bigram table for all languages saves about 1.10 (3.65 bits per symbol). You get
# 1 point for **1.2**, 2 for **1.45**, 3 for **1.65** and all 4 for **1.8** (2.955 bits per symbol). Use PyTorch or
# NumPy; anything that you can write and train yourself is allowed. One rule the check does not enforce, a matter
# of honour: validation and test names are not for training.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(names, y, rng):
    """Train a model of names. names: a list of n str; y: (n,) ints, their languages; rng: the source of all chance.

    Returns predict, a function: predict(starts, y) is an array (m, 27), the probabilities of the next symbol.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(int(rng.integers(2**31)))
    nn, S, y = torch.nn, padded([name + "." for name in names]), torch.as_tensor(y)
    embed, tongue, lstm, readout, drop = net = nn.ModuleList([nn.Embedding(27, 48), nn.Embedding(10, 48),
        nn.LSTM(48, 128, batch_first=True), nn.Linear(128, 27), nn.Dropout(0.4)])  # fmt: skip
    logits = lambda S, y: readout(drop(lstm(drop(embed(S.clamp(min=0)) + tongue(y)[:, None]))[0]))
    batches = [rows for _ in range(16) for rows in np.array_split(rng.permutation(len(S)), len(S) // 50)]
    adam = torch.optim.AdamW(net.parameters(), weight_decay=0.05)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 0.008, total_steps=len(batches), pct_start=0.1)
    for rows in batches:
        loss = nn.functional.cross_entropy(logits(S[rows, :-1], y[rows]).mT, S[rows, 1:], ignore_index=-1)
        adam.zero_grad(), loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step(), rate.step()
    net.eval()  # no dropout from here on
    @torch.no_grad()
    def predict(starts, y):
        Z = logits(padded(starts), torch.as_tensor(y))
        return Z[range(len(y)), [len(start) for start in starts]].softmax(dim=1).double().numpy()
    return predict
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("train", points=4)
def train_check(t):
    fit, val, clock = names[:2200], names[2200:2700], time.process_time()
    predict = t.call(train, fit, tongues[:2200].copy(), t.rng)
    t.true(callable(predict), "train should return a function: `return predict`, not what predict returns.")
    starts = [name[:k] for name in val for k in range(len(name) + 1)]
    y, came = np.repeat(tongues[2200:2700], [len(w) + 1 for w in val]), [letters.index(c) for w in val for c in w + "."]
    P, seconds = t.shape(t.call(predict, starts, y), (len(y), 27), "predict(starts, y)"), time.process_time() - clock
    t.true(np.all(P > 0) and np.allclose(P.sum(axis=1), 1, atol=1e-4), "rows must be positive and sum to 1. A softmax?")
    alone = np.concatenate([t.shape(t.call(predict, starts[i : i + 1], y[i : i + 1]), (1, 27)) for i in range(20)])
    t.true(np.allclose(alone, P[:20], atol=1e-4), "asked for one start alone, predict says something else than before. It "
           "must not depend on chance (dropout?) nor on the other starts of the batch (the length of the padding?).")
    t.true(seconds < 15, f"{seconds:.0f} seconds of computing, 15 allowed: a smaller model, or fewer epochs.")
    t.ladder(np.log2(27 * P[range(len(y)), came]).mean(), {1.2: 1, 1.45: 2, 1.65: 3, 1.8: 4}, "bits saved per symbol")


# %% [markdown]
# <details><summary>Hints: where the points are</summary>
#
# *Nothing saved, or less than nothing?* Test the alignment first: from a dot alone the model predicts the *first*
# letter, and from the whole name the dot. A shift by one step shows in no shape. And does it ever learn to end?
# `padded` writes the opening dot only: for training, call it with `name + "."` for each name.
#
# *To 1.2:* any recurrent network that beats the one bigram table; or three tables at once, of single symbols,
# bigrams and trigrams, mixed. Pad the names of a mini-batch and leave the padding out of the loss (Task 3;
# `ignore_index` in PyTorch).
#
# *To 1.45:* use the language. Give the network a second input at every step, ten numbers with a 1 at the language,
# or an embedding of it (`torch.nn.Embedding`: a table with one learned row for each language). The same with
# counts: a bigram table for each language, with the common table as its prior.
#
# *To 1.65:* 64 plain recurrent units, Adam with $\eta = 0.005$, ten epochs of mini-batches of 50. It takes a few
# seconds.
#
# *To 1.8:* an LSTM or GRU with 128 units overfits 2200 names at once, so hold it back: dropout of 0.3 to 0.4 before
# and after the recurrent layer, weight decay (AdamW), a learning rate that falls to 0 in the end, 15 epochs.
#
# *"asked for one start alone ..."?* Call `.eval()` before you predict; and read the logits at the last *real* symbol
# of each start, not at the end of the padding.
#
# *Too slow?* Whole mini-batches, no loop over names. `predict` gets some 4000 starts at once.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The bigram table knows one letter of the past, the network all of them, and the language: a
# Slovak name that ends in *-ov* may go on with *a*, a Croatian one in *-ic* is over. Measured over fifty random
# starts, the solution saves 1.85 to 1.88 bits, and a similar network that is not told the language 1.5.
# **Tempting and wrong:** more units and more epochs. The training loss falls and the validation loss rises: 2200
# names are few, and what is learned by heart helps nobody. Also tempting: to put the padding in front (the LSTM
# then starts in a state that depends on it), or to leave it at the end and read `H[:, -1]`.

# %% [markdown]
# The test names, once, when you have decided: after this cell, no more changes. Then the model writes names of
# its own: it draws symbol by symbol until the dot. Can you tell the languages apart? A star marks a name that
# stands in the list.

# %% tags=["nbval-ignore-output"]
if check.done("train"):
    rng = np.random.default_rng(0)
    predict = train(names[:2200], tongues[:2200], rng)
    pairs = [(w[:k], l, letters.index(c)) for w, l in zip(names[2700:], tongues[2700:]) for k, c in enumerate(w + ".")]
    starts, y, came = zip(*pairs)
    P = predict(list(starts), np.array(y))
    print(f"bits saved per symbol of the 500 test names: {np.log2(27 * P[range(len(y)), came]).mean():.3f}\n")
    made = ["" for _ in range(60)]  # six names for each language
    for _ in range(16):
        P = predict([name.strip(".") for name in made], np.repeat(np.arange(10), 6))
        made = [name if "." in name else name + rng.choice(list(letters), p=row / row.sum()) for name, row in zip(made, P)]
    for l in range(10):
        print(f"{languages[l]:9}", *(name.strip(".") + ("*" if name.strip(".") in names else "") for name in made[6 * l : 6 * l + 6]))

# %% [markdown]
# ## Your points
#
# The two points for the explanation in Task 5 are not counted here; a person gives them.

# %%
check.summary(25)
