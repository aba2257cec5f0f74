# %% [markdown]
# # Exercise 9 · Boltzmann machines and deep belief networks
#
# Eight tasks on Lecture 9, about four hours: a machine in which everybody talks to everybody, one sweep written as a
# matrix, two ways to write the same machine, an RBM for real numbers, the exact probability of a picture under a deep
# belief network, a machine that reconstructs everything and knows nothing, eight chains and how fast they forget, and
# an RBM of your own with five hidden units. The cell below each answer checks it with fresh random numbers; run a check
# as often as you like. Its verdict starts with **✓** (right), **…** (not done yet), **✗** (wrong, and what is wrong) or
# **↑** (run the cells above first). Tasks do not need each other, but for Task 2, which goes on where Task 1 ended.

# %% [markdown] tags=["nav"]
# [Lecture 9](../lectures/09_boltzmann_machines.ipynb) · [Exercise 9](../exercises/09_boltzmann_machines.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import time

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import logsumexp

from course_utils import check, plot, style
from course_utils.nets import sigmoid

style.use()


# %% [markdown]
# Notation as in the lecture: batches are rows, visible `V` $(n, d)$, hidden `H` $(n, m)$, weights `W` $(d, m)$, biases
# `a` $(d,)$ and `b` $(m,)$, energy $E = -\mathbf a\cdot\mathbf v - \mathbf b\cdot\mathbf h - \mathbf v W\mathbf h$ and
# $p = e^{-E}/Z$. Units are 0 or 1 unless a task says otherwise. All machines here are so small that every state can be
# listed. Four tools for that are given:

# %%
def states(n):
    """All 2**n states of n units, counted up as in the lecture: 00, 01, 10, 11; (2**n, n) float64."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1).astype(float)

def number(S):
    """The inverse of states: rows of 0 and 1, (..., n), to their numbers, ints (...)."""
    return (S @ 2.0 ** np.arange(S.shape[-1])[::-1]).astype(int)

def log_likelihood(V, W, a, b):
    """Exact mean of ln p(v) over the rows of V (n, d), for an RBM with few hidden units. A float."""
    H = states(len(b))
    log_Z = logsumexp(H @ b + np.logaddexp(0, a + H @ W.T).sum(axis=1))
    return np.mean(V @ a + np.logaddexp(0, b + V @ W).sum(axis=1)) - log_Z

def reconstruct(V, W, a, b):
    """Visible probabilities from hidden probabilities from V (n, d); returns (n, d)."""
    return sigmoid(a + sigmoid(b + V @ W) @ W.T)


# %% [markdown]
# ## Task 1 · Everybody talks to everybody (★, 15 minutes, 2 points)
#
# A restricted Boltzmann machine has no connections within a layer. The Boltzmann machine of Ackley, Hinton and
# Sejnowski (1985) allows them all: $N$ units $s_i$ of 0 or 1, symmetric weights $J_{ij} = J_{ji}$ between any two, none
# from a unit to itself, $J_{ii} = 0$. Every pair counts once:
#
# $$E(\mathbf s) = -\sum_{i<j} J_{ij}\,s_i s_j - \sum_i c_i s_i .$$
#
# Write this energy for a batch of states, without a loop, and the probability $p(s_i = 1 \mid \text{all other units})$ of
# one unit. Whatever the batch holds for unit $i$ itself must not matter.

# %% nbgrader={"grade": false, "grade_id": "full", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pair_energy(S, J, c):
    """Energies of states. S: (n, N) of 0 and 1; J: (N, N) symmetric, zero diagonal; c: (N,). Returns (n,)."""
    ### BEGIN SOLUTION
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c
    ### END SOLUTION

def given_rest(S, i, J, c):
    """p(s_i = 1 | the others) for each row of S (n, N); i: a unit's number. Returns (n,)."""
    ### BEGIN SOLUTION
    return sigmoid(S @ J[:, i] + c[i])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "full_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("full", points=2)
def full_check(t):
    for n, N in ((5, 4), (3, 7)):
        J, c, i = np.triu(t.rng.normal(size=(N, N)), 1), t.rng.normal(size=N), int(t.rng.integers(N))
        S, J = t.rng.integers(2, size=(n, N)).astype(float), J + J.T
        E = lambda s: -sum(J[k, l] * s[k] * s[l] for l in range(N) for k in range(l)) - sum(c[k] * s[k] for k in range(N))
        t.close(t.call(pair_energy, S, J, c), [E(s) for s in S], "the energy")
        on, off = (np.where(np.arange(N) == i, value, S) for value in (1, 0))
        ratio = np.exp([E(s) - E(r) for s, r in zip(on, off)])  # p(off) / p(on), with the same others
        t.close(t.call(given_rest, S, i, J, c), 1 / (1 + ratio), f"p(s_{i} = 1 | the others)")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The pairs count double?* $\mathbf s J\mathbf s = \sum_{ij}J_{ij}s_is_j$ meets every pair twice, as $ij$ and as $ji$.
#
# *Shape (n, n)?* `S @ J @ S.T` pairs every state with every other. You want the diagonal of it:
# `np.sum((S @ J) * S, axis=1)`.
#
# *The probability is a half too timid, or too sure?* All terms with $s_i$ in them are
# $-s_i\bigl(\sum_j J_{ij}s_j + c_i\bigr)$: in $i<j$ unit $i$ stands once with every partner. No ½ is left, and no 2.
#
# *Exactly the wrong way round?* $p(\text{on})/p(\text{off}) = e^{E(\text{off}) - E(\text{on})}$: low energy is probable.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The energy is linear in each single $s_i$, so the difference between off and on is
# $\sum_j J_{ij}s_j + c_i$, and two probabilities with a given ratio that add up to 1 make a sigmoid. Because
# $J_{ii} = 0$, `S @ J[:, i]` does not see $s_i$. An RBM is the special case in which $J$ has two empty blocks on its
# diagonal, $\begin{pmatrix}0&W\\W^\top&0\end{pmatrix}$: then a whole layer can be updated at once, because no unit of
# it appears in another one's sum. Here only one unit at a time can. **Tempting and wrong:** to keep the ½ of the energy
# in the conditional.

# %% [markdown]
# ## Task 2 · One sweep, as a matrix (★★, 35 minutes, 3 points)
#
# In an RBM a step of Gibbs sampling updates a whole layer. Here units must be updated one after the other. Does this lead
# to $p$ as well? For a small machine it can be *computed* instead of sampled, as in the lecture. Let $T_{kl}$ be
# the probability that state number $k$ becomes state number $l$. If the chain is in state $k$ with probability $q_k$,
# it is afterwards in state $l$ with probability $\sum_k q_k T_{kl}$: as a row, $\mathbf q\,T$. Write for the machine of
# Task 1, whose `given_rest` you may use,
#
# 1. $T^{(i)}$, the matrix of *one update*: unit $i$ is drawn from its conditional, all other units stay;
# 2. the matrix of *one sweep*: unit 0 is updated, then unit 1, and so on up to unit $N-1$, each seeing what the earlier
#    ones have become.
#
# States are numbered as in `states(N)`.

# %% nbgrader={"grade": false, "grade_id": "sweep", "locked": false, "schema_version": 3, "solution": true, "task": false}
def update_matrix(J, c, i):
    """T of one Gibbs update of unit i. J: (N, N) symmetric, zero diagonal; c: (N,). Returns (2**N, 2**N)."""
    ### BEGIN SOLUTION
    S = states(len(c))
    p, k, T = given_rest(S, i, J, c), np.arange(len(S)), np.zeros((len(S), len(S)))
    for value in (0, 1):
        S[:, i] = value
        T[k, number(S)] = p if value else 1 - p
    return T
    ### END SOLUTION

def sweep_matrix(J, c):
    """T of one sweep over units 0, 1, ..., N-1 in this order. Arguments as above. Returns (2**N, 2**N)."""
    ### BEGIN SOLUTION
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sweep_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("sweep", points=3)
def sweep_check(t):
    for N in (3, 4):
        J, c, S = np.triu(1.5 * t.rng.normal(size=(N, N)), 1), t.rng.normal(size=N), states(N)
        p, J = np.exp([s @ J @ s + s @ c for s in S]), J + J.T  # on the right, J still has every pair once
        T = [t.shape(t.call(update_matrix, J, c, i), (2**N, 2**N), f"T of unit {i}") for i in range(N)]
        for i, others in enumerate(np.delete(S, i, axis=1) for i in range(N)):
            t.true(not T[i][(others[:, None] != others).any(axis=2)].any(), f"updating unit {i} changes another unit.")
            t.close(T[i].sum(axis=1), np.ones(2**N), f"unit {i}: the sum of each row")
            t.close(T[i][S[:, i] == 0], T[i][S[:, i] == 1], f"unit {i}: a row, against the row where only s_{i} was different,")
            t.close(p[:-1, None] * T[i][:-1] / p.sum(), p * T[i].T[:-1] / p.sum(), f"unit {i}: the flow from k to l, against that from l to k,")
        way = lambda k, l: [number(np.append(S[l, :i], S[k, i:])) for i in range(N + 1)]  # the only way from k to l
        wanted = [[np.prod([T[i][way(k, l)[i], way(k, l)[i + 1]] for i in range(N)]) for l in range(2**N)] for k in range(2**N)]
        t.close(t.call(sweep_matrix, J, c), wanted, "the sweep")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* Row $k$ has two entries: the state with unit $i$ on, and the state with unit $i$ off; one of them is
# $k$ itself. `S = states(N)`, set column `i` of a copy to 1 (or 0), and `number` tells you the column of $T$.
#
# *"the sum of each row" is wrong, the columns add up to 1?* $T_{kl}$ leads from row $k$ to column $l$.
#
# *"where only $s_i$ was different"?* The new value of unit $i$ does not depend on its old one.
#
# *"updating unit 0 changes another unit"?* Unit 0 is the *first* column of `states(N)`, the *highest* bit of a state's
# number: `1 << i` counts from the wrong end.
#
# *The flows differ?* They agree if $p(\text{on})$ is right. Are on and off swapped?
#
# *The updates are right, the sweep is not?* With rows as distributions, $\mathbf q\,T^{(0)}T^{(1)}\cdots$: the first
# update stands on the left. The mean of the $T^{(i)}$ is another chain: there one random unit is updated.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Each update obeys *detailed balance*, $p_kT_{kl} = p_lT_{lk}$; summed over $k$ this is
# $\mathbf p\,T = \mathbf p$. A product of matrices that all leave $\mathbf p$ alone leaves it alone too, so $\mathbf p$
# is stationary for the sweep. And all entries of the sweep are positive: there is no other stationary distribution, and
# every start leads to it. **Tempting and wrong:** "the sweep obeys detailed balance as well". It does not, as the
# numbers below show: run backwards, a sweep would begin with the last unit. Balance of every single flow is
# more than $\mathbf p\,T = \mathbf p$ needs. Units drawn at random keep the balance, and are slower here: in five draws
# some unit is usually left out.

# %% [markdown]
# *Predict:* a sweep updates five units in order. Another chain draws five times a unit at random and updates it. Which of
# the two comes to $p$ sooner?

# %%
if check.done("sweep"):
    rng = np.random.default_rng(1)
    J, c, S = np.abs(np.triu(rng.normal(size=(5, 5)), 1)), -0.7 * np.ones(5), states(5)
    p, J = np.exp(np.sum((S @ J) * S, axis=1) + S @ c), J + J.T
    p, at_random = p / p.sum(), np.mean([update_matrix(J, c, i) for i in range(5)], axis=0)
    fig, ax = plt.subplots()
    for name, T, color in (("a sweep in order", sweep_matrix(J, c), style.POSITIVE),
                           ("five units at random", np.linalg.matrix_power(at_random, 5), style.NEGATIVE)):
        q = [np.linalg.matrix_power(T, steps)[0] for steps in range(21)]  # from state number 0, all off
        ax.semilogy(0.5 * np.abs(q - p).sum(axis=1), ".-", color=color, label=name)
        flow = p[:, None] * T
        check.same(f"{name}, p T and p", p @ T, p)
        print(f"Largest difference between a flow and its reverse: {np.abs(flow - flow.T).max():.3f}")
    ax.set(title="A sweep in order is quicker", xlabel="five updates each", ylabel="distance to p", ylim=(1e-6, 2),
           xticks=range(0, 21, 5))
    ax.legend()
    plot.show(fig, "The distance between two chains' distributions and p on a logarithmic scale: two straight lines that fall, "
                   "the one for sweeps in order more steeply.")


# %% [markdown]
# Both chains leave $\mathbf p$ as it is, $\mathbf p\,T = \mathbf p$, so the answer to the question above is yes. But in
# the ordered sweep a flow and its reverse differ. Detailed balance, the lecture's reason for $\mathbf p\,T = \mathbf p$,
# is *enough* for it and not necessary: here each single update has it, and the sweep as a whole has not.
#
# ## Task 3 · Zeros or minus ones? (★★, 25 minutes, 3 points)
#
# Physicists write units as *spins*, $-1$ or $+1$, and half of the literature follows them. Is that another kind of
# machine? Put $\mathbf v = (1 + \mathbf s)/2$ and $\mathbf h = (1 + \mathbf t)/2$ into the energy of an RBM, sort the
# terms, and write the parameters of the machine in spins:
#
# $$E(\mathbf v, \mathbf h) = \underbrace{-\mathbf a'\cdot\mathbf s - \mathbf b'\cdot\mathbf t - \mathbf s\,W'\,\mathbf t}_{E'(\mathbf s,\,\mathbf t)} + \text{constant}\qquad\text{for all states.}$$

# %% nbgrader={"grade": false, "grade_id": "coding", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_spins(W, a, b):
    """The same machine for units of -1 and +1. W: (d, m), a: (d,), b: (m,). Returns W2, a2, b2, constant."""
    ### BEGIN SOLUTION
    constant = -a.sum() / 2 - b.sum() / 2 - W.sum() / 4
    return W / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4, constant
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "coding_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("coding", points=3)
def coding_check(t):
    E = lambda v, h, W, a, b: -(v @ a)[:, None] - h @ b - v @ W @ h.T  # all pairs of a v and an h
    for d, m in ((3, 4), (5, 2)):
        W, a, b, v, h = t.rng.normal(size=(d, m)), t.rng.normal(size=d), t.rng.normal(size=m), states(d), states(m)
        W2, a2, b2, constant = t.several(t.call(to_spins, W, a, b), "W2, a2, b2, constant")
        t.shape(W2, (d, m), "W2"), t.shape(a2, (d,), "a2"), t.shape(b2, (m,), "b2"), t.shape(constant, (), "the constant")
        bits, spins = E(v, h, W, a, b), E(2 * v - 1, 2 * h - 1, W2, a2, b2)
        corner = lambda table: table[-1, -1] - table[0, -1] - table[-1, 0] + table[0, 0]  # only W matters in it
        t.close(corner(spins), corner(bits), "what W2 adds when all units are on, minus what it adds when one layer is,")
        t.close(spins[:, 0] - spins[0, 0], bits[:, 0] - bits[0, 0], "with all hidden units off, energies above that of all units off")
        t.close(spins[0] - spins[0, 0], bits[0] - bits[0, 0], "with all visible units off, energies above that of all units off")
        t.close(spins + constant, bits, "E'(s, t) + constant, for all pairs of states,")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* One weight alone: $v\,w\,h = \tfrac14 w\,(1 + s)(1 + t) = \tfrac14 w\,(1 + s + t + st)$. Each of the four
# terms goes to another place.
#
# *Wrong with all hidden units off?* In spins "off" is $-1$ and still pulls: $a'$ needs a share of the weights of its
# unit, a sum over the *hidden* units, `W.sum(axis=1)`.
#
# *"All are off by the same amount"?* Only the constant is wrong: it has three parts, from $\mathbf a$, $\mathbf b$ and
# $W$, and its sign is that of the energy.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $vwh$ splits into four equal parts: $\tfrac14w\,st$ is the new weight, $\tfrac14w\,s$ and
# $\tfrac14w\,t$ go to the biases, and $\tfrac14w$ is the same for all states and cancels against $Z$. So both codings
# describe the same distributions. But not the same *learning*: a step along the gradient in $(W, a, b)$ is another step
# in $(W', a', b')$, and with zeros the slope of a weight, a mean of $v_ih_j$, moves together with the slopes of the
# biases. Centring (Montavon and Müller, 2012) subtracts the means from the units for that reason. **Tempting and
# wrong:** $a' = a/2$. Units that are never on in the old coding are silent, in the new one they vote.

# %% [markdown]
# ## Task 4 · An RBM for real numbers (★★★, 40 minutes, 4 points)
#
# Grey values and measurements are not zeros and ones. Let the visible units be real numbers, the hidden ones 0 or 1, and
#
# $$E(\mathbf v, \mathbf h) = \tfrac12\lVert\mathbf v - \mathbf a\rVert^2 - \mathbf b\cdot\mathbf h - \mathbf v W\mathbf h ,\qquad
# Z = \sum_{\mathbf h}\int e^{-E(\mathbf v, \mathbf h)}\,d\mathbf v .$$
#
# Derive and write the free energy $F(\mathbf v) = -\ln\sum_{\mathbf h} e^{-E(\mathbf v, \mathbf h)}$, and $\ln Z$
# *without any numerical integration*. For a fixed $\mathbf h$ the integral over $\mathbf v$ is that of a Gaussian:
# complete the square. $\int e^{-\frac12 x^2}dx = \sqrt{2\pi}$. There are few hidden units, so the sum over $\mathbf h$
# may be a list of all states; but no exponential may overflow.

# %% nbgrader={"grade": false, "grade_id": "real", "locked": false, "schema_version": 3, "solution": true, "task": false}
def real_free_energy(V, W, a, b):
    """Free energies of real-valued rows. V: (n, d); W: (d, m); a: (d,); b: (m,). Returns (n,)."""
    ### BEGIN SOLUTION
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)
    ### END SOLUTION

def real_log_Z(W, a, b):
    """ln Z of the machine with real-valued visible units. Arguments as above. Returns a number."""
    ### BEGIN SOLUTION
    H = states(len(b))
    push = H @ W.T  # (2**m, d): a state of the hidden layer moves the Gaussian from a to a + push
    return len(a) / 2 * np.log(2 * np.pi) + logsumexp(H @ b + push @ a + 0.5 * np.sum(push**2, axis=1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "real_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("real", points=4)
def real_check(t):
    for d, m in ((2, 3), (1, 4)):
        W, a, b = 0.6 * t.rng.normal(size=(d, m)), t.rng.normal(size=d), t.rng.normal(size=m)
        V, ruler = t.rng.normal(size=(5, d)), np.arange(-20, 20, 0.1)
        E = lambda v, h: sum((v - a) ** 2) / 2 - sum(b * h) - v @ W @ h
        wanted = [-np.log(sum(np.exp(-E(v, h)) for h in states(m))) for v in V]
        t.close(t.call(real_free_energy, V, W, a, b), wanted, "F")
        grid = np.stack(np.meshgrid(*[ruler] * d), axis=-1).reshape(-1, d)  # a fine net of points over all of v
        integral = np.exp(-real_free_energy(grid, W, a, b)).sum() * 0.1**d
        t.close(t.call(real_log_Z, W, a, b), np.log(integral), f"for {d} visible and {m} hidden units, ln Z", tol=1e-6)
        one, two = np.append(80.0, b[1:]), np.append(900.0, b[1:])  # the first hidden unit is always on
        t.close(t.call(real_log_Z, W, a, two) - t.call(real_log_Z, W, a, one), 820, "the rise of ln Z when b[0] goes from 80 to 900")
        t.close(t.call(real_free_energy, V, W, a, two), real_free_energy(V, W, a, one) - 820, "F when b[0] is 900")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *F:* the quadratic term does not contain $\mathbf h$ and can be taken out of the sum. What is left is the sum over
# $\mathbf h$ that the lecture knows from the machine of zeros and ones.
#
# *ln Z, how to begin?* With $\mathbf u = W\mathbf h$:
# $-\tfrac12\lVert\mathbf v - \mathbf a\rVert^2 + \mathbf v\cdot\mathbf u = -\tfrac12\lVert\mathbf v - (\mathbf a + \mathbf u)\rVert^2 + \,?$
# What must be added does not contain $\mathbf v$.
#
# *Right for one d, wrong for another?* Every visible unit brings its own $\sqrt{2\pi}$.
#
# *Right for small numbers, inf for 900?* `np.log(1 + np.exp(x))` overflows; `np.logaddexp(0, x)` does not. And `logsumexp`
# is the sum of exponentials in the log domain.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Completing the square leaves $\mathbf a\cdot\mathbf u + \tfrac12\lVert\mathbf u\rVert^2$. Read
# aloud: given $\mathbf h$, the picture is a Gaussian round $\mathbf a + W\mathbf h$ with variance 1, and $\mathbf h$
# itself has the weight $\exp(\mathbf b\cdot\mathbf h + \mathbf a\cdot W\mathbf h + \tfrac12\lVert W\mathbf h\rVert^2)$.
# The machine is a mixture of $2^m$ Gaussians, whose centres are the corners of a slanted box: $m$ vectors describe them
# all. In practice data are first scaled to variance 1. **Tempting and wrong:** to forget
# $\tfrac12\lVert\mathbf u\rVert^2$. It is the term that makes learning with Gaussian units delicate: a corner far out
# has a large weight, which only the data can hold down.

# %% [markdown]
# Two hidden units, two real pixels. *Predict:* how many hills at most?

# %%
if check.done("real"):
    W, a, ruler = np.array([[4.5, -0.8], [1.0, 4.0]]), np.array([-2.0, -2.5]), np.linspace(-6.5, 6.5, 150)
    b = -W.T @ a - 0.5 * (W**2).sum(axis=0)  # each hidden unit alone is as probable as none
    grid = np.stack(np.meshgrid(ruler, ruler), axis=-1)
    log_p = -real_free_energy(grid.reshape(-1, 2), W, a, b) - real_log_Z(W, a, b)
    fig, ax = plt.subplots(figsize=(3.8, 3.4))
    ax.contourf(ruler, ruler, np.exp(log_p).reshape(150, 150), 12, cmap="Blues")
    ax.set(title="Four hills, the corners of a slanted box", xlabel="v₁", ylabel="v₂", aspect="equal")
    plot.show(fig, "Density over two real pixels: four round hills at the corners of a slanted rectangle, the upper right one "
                   "higher than the rest.")


# %% [markdown]
# ## Task 5 · The probability of a picture under a stack (★★★, 35 minutes, 4 points)
#
# A deep belief network of two layers draws $\mathbf h$ from an RBM at the top and then the picture from $\mathbf h$,
# downward only. The RBM at the top joins $\mathbf h$ (as its *visible* layer) to $\mathbf g$, with weights $U$ and
# biases $\mathbf b$, $\mathbf c$:
#
# $$p(\mathbf v) = \sum_{\mathbf h} p(\mathbf v\mid\mathbf h)\,p_\text{top}(\mathbf h),\qquad
# p_\text{top}(\mathbf h) = \frac{1}{Z_\text{top}}\sum_{\mathbf g} e^{\,\mathbf b\cdot\mathbf h + \mathbf c\cdot\mathbf g + \mathbf h U\mathbf g},\qquad
# p(v_i = 1\mid\mathbf h) = \sigma\Bigl(a_i + \sum_j W_{ij}h_j\Bigr).$$
#
# Write $\ln p(\mathbf v)$ for a small $\mathbf h$, whose states can be listed. The layer $\mathbf g$ may be large:
# treat its sum as a free energy does. Everything in the log domain. The check tries stacks whose answer is known in
# another way. The $2^d$ probabilities add up to 1. If the way down copies $\mathbf h$ to $\mathbf v$, the top alone
# decides. And a claim that the greedy training of stacks rests on: if the top is the lower RBM *turned upside down*, $U = W^\top$ and
# $\mathbf c = \mathbf a$, the stack is exactly that RBM.

# %% nbgrader={"grade": false, "grade_id": "stack", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stack_log_p(V, W, a, U, b, c):
    """ln p(v) under a two-layer deep belief network, for each row of V (n, d).

    Downward: W (d, m), a (d,). Top RBM: U (m, k), b (m,) for h, c (k,) for g. m is small. Returns (n,).
    """
    ### BEGIN SOLUTION
    H = states(len(b))
    top = H @ b + np.logaddexp(0, c + H @ U).sum(axis=1)
    top = top - logsumexp(top)  # ln p_top(h), (2**m,)
    A = a + H @ W.T
    down = V @ A.T - np.logaddexp(0, A).sum(axis=1)  # ln p(v | h), (n, 2**m)
    return logsumexp(down + top, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "stack_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("stack", points=4)
def stack_check(t):
    for m, k in ((3, 5), (4, 2)):
        U, b, c, W, a = (t.rng.normal(size=size) for size in ((m, k), m, k, (5, m), 5))
        p = np.exp(t.shape(t.call(stack_log_p, states(5), W, a, U, b, c), (32,), "ln p"))
        t.close(p.sum(), 1, "with any W and U, the sum of p over all pictures")
        wanted = [log_likelihood(h[None], U, b, c) for h in states(m)]  # of the top alone
        copy = t.call(stack_log_p, states(m), 60 * np.eye(m), np.full(m, -30.0), U, b, c)
        t.close(copy, wanted, f"when v copies h, with {m} units in h and {k} in g, ln p")
    for scale in (1, 80):  # the stack that is an RBM, turned upside down
        W, a, b = scale * t.rng.normal(size=(4, 3)), scale * t.rng.normal(size=4), scale * t.rng.normal(size=3)
        joint = np.array([[a @ v + b @ h + v @ W @ h for h in states(3)] for v in states(4)])
        wanted = logsumexp(joint, axis=1) - logsumexp(joint)
        t.close(t.call(stack_log_p, states(4), W, a, W.T, b, a), wanted, f"with U = W.T, c = a and weights of about {scale}, ln p")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* Three arrays: `H = states(m)`, then $\ln p_\text{top}$ of shape $(2^m,)$ and
# $\ln p(\mathbf v\mid\mathbf h)$ of shape $(n, 2^m)$. Their sum goes into `logsumexp(..., axis=1)`.
#
# *$\ln p(\mathbf v\mid\mathbf h)$ without overflow?* With $x = a_i + (W\mathbf h)_i$:
# $\ln p(v_i\mid\mathbf h) = v_i\,x - \ln(1 + e^x)$.
#
# *p does not sum to 1?* Two parts may be at fault. Divide $p_\text{top}$ by *its* $Z$, a sum over all $\mathbf h$;
# $p(\mathbf v\mid\mathbf h)$ sums to 1 over $\mathbf v$ by itself, if its $\ln(1 + e^x)$ was subtracted. And it is
# the *probabilities* that are added over $\mathbf h$: no means of $\mathbf h$, no means of logarithms.
#
# *The sum is right, but not "when v copies h"?* Now $p_\text{top}$ is wrong. It needs $U$, $\mathbf b$ and
# $\mathbf c$, and must not contain $W$ or $\mathbf a$; the way down must not contain $U$, $\mathbf b$ or $\mathbf c$.
#
# *Wrong for weights of about 80 only?* Somewhere a probability has become exactly 0: stay with logarithms.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Upside down, the top has the same energy as the lower machine, so its $\mathbf h$ has the same
# distribution as the lower machine's $\mathbf h$; and $p(\mathbf v\mid\mathbf h)$ is that machine's conditional. Their
# product is its joint distribution. So a second layer, started like this, costs nothing, and training it to give more
# probability to the $\mathbf h$ that the data produce can only raise the lower bound of the log-likelihood. The top of
# a real stack is usually started with another size and small random weights, and then this promise is not kept.
# **Tempting and wrong:** to send $\mathbf v$ upward and take the probability of the hidden *means* under the top.
# Inference upward is an approximation; $p(\mathbf v)$ is defined downward.

# %% [markdown]
# ## Task 6 · Break the criterion (★★, 25 minutes, 3 points)
#
# Many programs watch the *reconstruction error* while an RBM learns: $\mathbf v$ up to hidden probabilities, and down
# again, `reconstruct` above. Show on purpose how little it says. Give, with as many hidden units as you like,
#
# 1. a **parrot** that knows nothing: it reconstructs *every* one of the $2^d$ pictures with no pixel wrong by more
#    than .01, and yet gives every picture the same probability $2^{-d}$ (the largest at most 1.01 times the smallest);
# 2. an **expert** for data with independent pixels: it gives the same reconstruction whatever it is shown, and yet no
#    independent guess of the pixels has a higher likelihood on the data `X`. In `X` every pixel is sometimes on and
#    sometimes off.

# %% nbgrader={"grade": false, "grade_id": "parrot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parrot(d):
    """An RBM for d pixels that reconstructs all pictures and prefers none. Returns W (d, m), a (d,), b (m,)."""
    ### BEGIN SOLUTION
    strength = 20.0
    return strength * np.eye(d), np.full(d, -strength / 2), np.full(d, -strength / 2)
    ### END SOLUTION

def expert(X):
    """An RBM whose reconstruction is always the same; the best for the independent pixels of X (n, d). Returns W, a, b."""
    ### BEGIN SOLUTION
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parrot_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("parrot", points=3)
def parrot_check(t):
    for d, n in ((3, 60), (5, 90)):
        V, X = states(d), (t.rng.random((n, d)) < t.rng.uniform(0.1, 0.4, size=d)).astype(float)
        X[:2] = [[0], [1]]  # every pixel is off once and on once
        both = [t.several(t.call(f, x), "W, a, b") for f, x in ((parrot, d), (expert, X))]
        both = [[t.shape(x, s, k) for k, x, s in (("b", b, (np.size(b),)), ("a", a, (d,)), ("W", W, (d, np.size(b))))][::-1] for W, a, b in both]
        back, log_p = reconstruct(V, *both[0]), lambda V, W, a, b: V @ a + np.logaddexp(0, b + V @ W).sum(axis=1)  # and - ln Z
        t.true(np.abs(back - V).max() <= 0.01, f"the parrot's reconstruction, at the worst: a pixel that was 0 comes back as {back[V == 0].max():.3f}, one that was 1 as {back[V == 1].min():.3f}; .01 is allowed.")
        best, ratio = sum(x * np.log(x) + (1 - x) * np.log(1 - x) for x in X.mean(axis=0)), np.exp(np.ptp(log_p(V, *both[0])))
        t.true(ratio <= 1.01, f"the parrot's favourite picture is {ratio:.3g} times as probable as the one it likes least.")
        t.true(np.ptp(reconstruct(V, *both[1]), axis=0).max() < 1e-6, "the expert's reconstruction depends on what it sees.")
        reached = log_p(X, *both[1]).mean() - logsumexp(log_p(V, *both[1]))
        t.true(reached > best - 1e-6, f"the expert reaches {reached:.4f}, possible is {best:.4f}.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The parrot, how to begin?* One hidden unit for each pixel, that says what the pixel says, and a strong weight between
# the two. For one pixel and one hidden unit there are four states; which energies should they have?
#
# *Pixels that are off come back as on?* With zero biases, a pixel that is off leaves its hidden unit undecided. The unit
# should see a large negative number then, and an equally large positive one when the pixel is on.
#
# *Wrong by a little more than .01?* The pair is not sure enough of itself: a stronger weight, and biases that go with it.
#
# *Reconstruction good, some pictures far too probable?* Compare $F$ for $v = 0$ and $v = 1$ of one pair: the energies
# of "both off" and "both on" have to be equal. "Both on" has energy $-a - b - w$.
#
# *The expert:* if nothing may depend on $\mathbf v$, what is $W$? Which $a_i$ makes $\sigma(a_i)$ the share of pictures
# with pixel $i$ on? The exact share: every pixel is sometimes on and sometimes off, no pseudo-counts are needed.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** With $w = 20$ and both biases $-10$, "both off" and "both on" have energy 0, the mixed states $+10$.
# The hidden unit copies the pixel, the pixel copies the hidden unit, and neither prefers anything: $-d\ln 2$ nats, what
# tossing coins reaches. The reconstruction error asks whether the chain *stays* where it is put. A chain that never
# moves has the best one possible; in the language of the lecture, it does not mix. The expert's chain forgets at once
# and has the best distribution that independent pixels allow. **Tempting and wrong:** to conclude that a *large* error
# is a good sign. It measures something else, that is all.

# %% [markdown]
# ## Task 7 · Which chain forgets more slowly? (★★, 20 minutes, 1 point and 2 for the explanation)
#
# In the lecture the second eigenvalue $\lambda_2$ of the matrix of one step $\mathbf v \to \mathbf h \to \mathbf v'$ says
# how fast block Gibbs sampling forgets where it began, and twice the weights made it slower. Here the *kind* of machine is
# changed. The half-life of the memory is $\ln\frac12/\ln\lambda_2$ steps.
#
# The *base* machine has 4 visible and 2 hidden units, all weights are 2, and the biases are *balanced*: on and off are
# equally likely for every unit. It likes all units off, and all units on. Eight changes, each to the base machine:
#
# | name | the change |
# |---|---|
# | `"merged"` | one hidden unit with weights 4 in the place of two with weights 2; biases again balanced |
# | `"third"` | a third hidden unit with weights 2, biases again balanced |
# | `"side by side"` | two base machines that do not know of each other, looked at as one machine of 8 and 4 units |
# | `"split"` | hidden unit 0 sees only visible units 0 and 1, hidden unit 1 only 2 and 3; biases again balanced |
# | `"renamed"` | hidden unit 0 says 0 where it said 1, and 1 where it said 0; parameters adapted so that $p(\mathbf v)$ is unchanged |
# | `"tilted"` | every visible bias larger by 1: "all on" is now more probable than "all off" |
# | `"silent"` | every hidden bias smaller by 8 |
# | `"from above"` | the same chain, seen from the hidden layer: $\mathbf h \to \mathbf v \to \mathbf h'$ |

# %%
def balanced(W):
    """W with biases for which every unit is on half of the time."""
    return W, -W.sum(axis=1) / 2, -W.sum(axis=0) / 2

def half_life(W, a, b):
    """Steps v -> h -> v' after which half of the memory of the start is left."""
    v, h = states(len(a)), states(len(b))
    layer = lambda P, S: np.prod(np.where(S == 1, P[:, None], 1 - P[:, None]), axis=2)  # p(each state in S) for each row of P
    T = layer(sigmoid(b + v @ W), h) @ layer(sigmoid(a + h @ W.T), v)
    return np.log(0.5) / np.log(np.sort(np.abs(np.linalg.eigvals(T)))[-2])

def changed(W, a, b):
    """The eight changes to a machine."""
    return {"merged": balanced(W.sum(axis=1, keepdims=True)), "third": balanced(np.hstack([W, W[:, :1]])),
            "side by side": balanced(np.kron(np.eye(2), W)), "split": balanced(W * np.repeat(np.eye(2), 2, axis=0)),
            "renamed": (W * [-1, 1], a + W[:, 0], b * [-1, 1]), "tilted": (W, a + 1, b),
            "silent": (W, a, b - 8), "from above": (W.T, b, a)}

base = balanced(np.full((4, 2), 2.0))


# %% [markdown]
# **Before you try anything**, predict for each machine: is its half-life at least a tenth longer than that of the base
# (`"slower"`), at least a tenth shorter (`"faster"`), or neither (`"same"`)?

# %% nbgrader={"grade": false, "grade_id": "slower", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predictions():
    """Your eight predictions. Returns a dict: name of a change -> "slower", "same" or "faster"."""
    ### BEGIN SOLUTION
    return {
        "merged": "slower",
        "third": "slower",
        "side by side": "same",
        "split": "faster",
        "renamed": "same",
        "tilted": "faster",
        "silent": "faster",
        "from above": "same",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "slower_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("slower", points=1)
def slower_check(t):
    yours, machines = t.call(predictions), changed(*base)
    right_keys = isinstance(yours, dict) and yours.keys() == machines.keys()
    t.true(right_keys, f"predictions should return a dict with the keys {', '.join(machines)}.")
    t.true(set(yours.values()) <= {"slower", "same", "faster"}, "each answer is one of the words slower, same, faster.")
    ratio = {name: half_life(*machine) / half_life(*base) for name, machine in machines.items()}
    fate = {name: "slower" if r > 1.1 else "faster" if r < 0.9 else "same" for name, r in ratio.items()}
    wrong = [f"{name!r} ({ratio[name]:.2g} times the half-life)" for name in machines if yours[name] != fate[name]]
    t.true(not wrong, f"{len(wrong)} of 8 fell out differently: {', '.join(wrong)}. Explain below what you had not expected.")


# %% [markdown]
# *Your explanation (2 points, a person reads it): what does the chain have to do to get from "all off" to "all on"? Then
# take one machine that was slower, one that was faster, and the one that surprised you most, and say in two or three
# sentences each what the change did to that way.*

# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to think:* in the base machine, what is $p(h_j = 1)$ when all visible units are off? When two of four are on? How
# many units must say the wrong thing at the same time for the chain to cross?
#
# *"side by side":* how much of what each of the two remembers depends on the other?
#
# *"from above":* when you watch the same film through another window, does it last longer?
#
# *"silent":* what does the visible layer see of a hidden unit that is always off?
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why.** To cross, the chain must pass states in the middle, which are improbable: a hidden unit that sees "all off"
# is on with probability $\sigma(-4) = .018$, and once one of the two is on, the visible units are undecided. "Merged":
# one unit instead of two, but it is on with probability $\sigma(-8) = .0003$ and has no halfway house; only several
# visible units that err at once help it over, and the half-life doubles. "Third": one more voter for the majority.
# "Split": two small machines, each with a lower barrier. "Side by side": $T$ is a product of two independent chains,
# and its second eigenvalue is that of one of them. "Renamed": names do not matter, nor does the side from which one
# looks: $AB$ and $BA$ have the same nonzero eigenvalues. "Tilted": the way up from "all off" has become easier, the way
# down harder; the two rates add up, and the larger of them decides how soon the start is forgotten. "Silent": the
# hidden layer passes nothing on, and the visible units are independent and fresh at every step. **Tempting and wrong:**
# that a larger machine is always slower, or that learning (which makes weights grow) leaves the chain as fast as it
# was.

# %% [markdown]
# ## Task 8 · Five hidden units (★★★, an hour, up to 4 points)
#
# All pictures of 3 × 4 pixels in which either each row or each column has one colour: 22 of them, shown below. A
# machine that knew exactly these would reach $-\ln 22 = -3.09$ nats. Train an RBM with **five** hidden units on them,
# by whatever method you like, within **20 seconds** of computing on one core. There are three rows and four columns to
# be told apart, so five units are scarce.
#
# Your function gets `X` with the pixels in a *mixed order*, another one in every check: it has to learn from the data,
# weights made by hand will not fit. (To an RBM the order is all the same. Why?) The score is the exact mean
# log-likelihood of the 22 pictures, `log_likelihood` above. You may use it, too, and anything else that the data and
# the smallness of the machine allow. Independent pixels, the best machine without weights, score $-12\ln 2 = -8.32$.

# %%
rows, columns = np.repeat(states(3), 4, axis=1), np.tile(states(4), 3)
pictures = np.unique(np.vstack([rows, columns]), axis=0)  # (22, 12): empty and full are in both lists

fig, axes = plt.subplots(2, 11, figsize=(6.6, 1.5))
for ax, picture in zip(axes.flat, pictures):
    ax.imshow(picture.reshape(3, 4), cmap="Greys", vmin=-0.3, vmax=1)
    ax.set(xticks=[], yticks=[])
plot.show(fig, "Twenty-two small pictures of three by four pixels: every choice of black rows and every choice of black columns.")


# %% [markdown]
# *Predict:* what will be harder here, to follow the gradient or to find a good place to start from?

# %% nbgrader={"grade": false, "grade_id": "five", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, rng):
    """Train an RBM. X: (22, 12) of 0 and 1; rng: a NumPy random generator. Returns W (12, 5), a (12,), b (5,)."""
    ### BEGIN SOLUTION
    H, n = states(5), len(X)

    def ascend(P, steps, eta=0.05):
        """Adam on the exact gradient, for many machines at once: the first axis of each array in P counts them."""
        M, S = [0 * p for p in P], [0 * p for p in P]
        for k in range(steps):
            W, a, b = P
            A = a[:, None] + H @ W.transpose(0, 2, 1)
            log_w = b @ H.T + np.logaddexp(0, A).sum(axis=2)
            w = np.exp(log_w - logsumexp(log_w, axis=1, keepdims=True))  # p(h), exactly
            V, D = sigmoid(A) * w[:, :, None], sigmoid(b[:, None] + X @ W) / n
            G = X.T @ D - V.transpose(0, 2, 1) @ H, X.mean(axis=0) - V.sum(axis=1), D.sum(axis=1) - w @ H
            for p, g, m, s in zip(P, G, M, S):
                m += 0.1 * (g - m)
                s += 0.001 * (g * g - s)
                rate = eta * min(1, 2 * (1 - k / steps)) / (1 - 0.9 ** (k + 1))
                p += rate * m / (np.sqrt(s / (1 - 0.999 ** (k + 1))) + 1e-8)
        return sorted(zip(*P), key=lambda p: log_likelihood(X, *p))

    starts = 0.5 * rng.normal(size=(100, 12, 5)), np.zeros((100, 12)), np.zeros((100, 5))
    best = ascend(starts, 400)[-10:]  # many short climbs, and the ten best of them go on
    return ascend([np.array(p) for p in zip(*best)], 2000)[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "five_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("five", points=4)
def five_check(t):
    clock = time.process_time()
    X = pictures[:, t.rng.permutation(12)]
    W, a, b = t.several(t.call(train, X, t.rng), "W, a, b")
    seconds = time.process_time() - clock
    W, a, b = t.shape(W, (12, 5), "W"), t.shape(a, (12,), "a"), t.shape(b, (5,), "b")
    t.true(all(np.abs(p).max() < 1e4 for p in (W, a, b)), "W, a or b contains nan, inf or huge numbers: training has diverged.")
    t.true(seconds < 20, f"{seconds:.0f} seconds of computing, 20 allowed: fewer updates, or fewer restarts.")
    t.ladder(log_likelihood(X, W, a, b), {-6.5: 1, -5.0: 2, -4.4: 3, -3.9: 4}, "mean log-likelihood")


# %% [markdown]
# <details><summary>Hints: by score</summary>
#
# *Far below −8.3?* The sign (`log_likelihood` goes *up*), or sums over the pictures where means belong: then your steps are
# 22 times too long.
#
# *Near −8.3?* Nothing was learned: the weights are still small, or the positive and the negative phase cancel because
# both saw the data.
#
# *To −6.5:* CD-1 with all 22 pictures in each update, $\eta = 0.1$, a few thousand updates.
#
# *To −5.0:* persistent chains, a hundred walkers, ten thousand updates, and a learning rate that falls to 0 over the second
# half.
#
# *To −4.4:* why sample at all? With five hidden units there are 32 states of $\mathbf h$: the model's means can be
# computed exactly, in a few lines, as in the lecture, and then `from course_utils.nets import adam` may be used without
# fear of noise (it goes *down*: hand it minus the gradient). But do not stop at one climb. It stays in the place where
# it began, from which noise may help a persistent chain out, and so it ends now higher, now lower than the chains, one
# time in eight even below −5. Its advantage is speed: a thousand updates, begun at weights of about 0.5, take a tenth
# of a second. So begin ten times, *measure* each end, and keep the best.
#
# *To −3.9:* many more starts, say a hundred short climbs; then let the ten best go on for a few thousand updates, again
# with a rate that falls to 0, and keep the best. More updates for a single bad start do not help it.
#
# *Too slow?* Stack the machines along a first axis, `W` of shape `(starts, 12, 5)`: `@` multiplies them all at once.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The gradient is exact, so a climb ends where the gradient is 0; but there are many such places. Over
# three hundred starts single climbs of a thousand updates ended between −3.8 and −5.5, half of them above −4.3; CD-1 with
# four thousand updates between −5.1 and −5.9, persistent chains with ten thousand between −4.2 and −5.2 and with twenty
# thousand half of the time above −4.4. So one climb by the exact gradient is not much better than sampling, whose noise
# shakes a machine out of poor places. A hundred short climbs, of which ten go on, reach −3.63 to −3.67 in a few seconds
# at most, measured over sixteen random states. With a sixth hidden unit the same gradient comes within .02 of
# $-\ln 22$. The order of the pixels does not matter: permuting the rows of $W$ and the entries of $\mathbf a$ in the same
# way gives the same energies. An RBM knows no neighbours. **Tempting and wrong:** more updates. Six thousand instead of
# two thousand from the same start gained less than .1, while the starts differ by more than a nat.

# %% [markdown]
# Look at what your machine believes:

# %%
if check.done("five"):
    W, a, b = train(pictures, np.random.default_rng(1))
    p = np.array([np.exp(log_likelihood(v[None], W, a, b)) for v in pictures])
    fig, ax = plt.subplots()
    ax.bar(np.arange(22), p, color=style.POSITIVE)
    ax.axhline(1 / 22, color=style.NEGATIVE, linewidth=1)
    ax.set(title=f"The 22 pictures together have probability {p.sum():.1f}", xlabel="picture", ylabel="p(v)", xticks=[])
    plot.show(fig, "Bars for the probabilities of the 22 pictures, of unequal height, with a line at one twenty-second.")

# %% [markdown]
# ## Your points
#
# The two points for the explanation in Task 7 are not counted here; a person gives them.

# %%
check.summary(24)
