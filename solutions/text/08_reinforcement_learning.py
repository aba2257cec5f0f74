# %% [markdown]
# # Exercise 8 · Deep reinforcement learning
#
# Nine tasks on Lecture 8, about four hours: returns that stop after n steps, a policy judged by one linear
# solve, plans with a deadline, a memory with seams, two tables against wishful thinking, the best
# baseline there is, a learning loop that you break on purpose, predictions in a corridor, and a kiosk of your own.
# The cell below each answer checks it with fresh random numbers; run a check as often as you like. Its verdict starts
# with **✓** (right), **…** (not done yet), **✗** (wrong, and what is wrong) or **↑** (run the cells above first).
# Tasks do not need each other. Part one of the lecture is enough for all but two: Task 4 is about replay (section 16),
# Task 6 about policy gradients and baselines (section 15).

# %% [markdown] tags=["nav"]
# [Lecture 8](../lectures/08_reinforcement_learning.ipynb) · [Exercise 8](../exercises/08_reinforcement_learning.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import itertools

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from course_utils import check, plot, style
from course_utils.nets import softmax

style.use()


# %% [markdown]
# As in the lecture, `P` has shape `(S, A, S)` with `P[s, a, s2]` the probability of arriving in `s2`, `R` has shape
# `(S, A)` and holds expected rewards, a policy `pi` has shape `(S, A)` and holds probabilities, each row with the sum 1.
#
# ## Task 1 · Look n steps ahead (★, 15 minutes, 2 points)
#
# A Monte Carlo return waits for the end of the episode; the target of Q-learning looks one step ahead and trusts
# its table for the rest. Between the two lie the *n-step targets*: add up n rewards, then trust the value of the
# state that was reached,
#
# $$G_t^{(n)} = r_t + \gamma r_{t+1} + \dots + \gamma^{n-1} r_{t+n-1} + \gamma^n V(s_{t+n}) .$$
#
# Two things can come earlier than n steps. If step $k$ ends its episode (`done[k]`), $r_k$ is the last term, and no
# value is added: the next entry belongs to another episode. If the recording stops, after $T$ steps, the sum stops there
# as well, and the value of the last state, `V[T]`, stands for what would have followed.

# %% nbgrader={"grade": false, "grade_id": "ahead", "locked": false, "schema_version": 3, "solution": true, "task": false}
def n_step(r, done, V, gamma, n):
    """The n-step targets of a recording of T steps, in which episodes follow one another.

    r: (T,) rewards; done: (T,) bool, True where a step ended its episode; V: (T + 1,), V[t] the value of the state
    in which step t began, V[T] that of the state after the last step; n: int >= 1. Returns G, shape (T,).
    """
    ### BEGIN SOLUTION
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        weight = 1.0
        for k in range(t, min(t + n, T)):
            G[t] += weight * r[k]
            weight *= gamma * (not done[k])
            if done[k]:
                break
        G[t] += weight * V[min(t + n, T)]
    return G
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "ahead_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("ahead", points=2)
def ahead_check(t):
    no, V = np.zeros(7, bool), t.rng.normal(size=8)
    G = t.call(n_step, np.zeros(7), no, np.arange(8) == 5, 0.5, 3)
    t.close(G, [0, 0, 1 / 8, 0, 0, 0, 0], "without rewards, V = 1 only at state 5, gamma = .5 and n = 3, G")
    G = t.call(n_step, np.zeros(7), no, np.arange(8) == 7, 0.5, 3)
    t.close(G, [0, 0, 0, 0, 1 / 8, 1 / 4, 1 / 2], "without rewards, V = 1 only at the last state, V[7], gamma = .5 and n = 3, G")
    G = t.call(n_step, np.arange(7) == 4, no, np.zeros(8), 0.5, 3)
    t.close(G, [0, 0, 1 / 4, 1 / 2, 1, 0, 0], "with V = 0, a reward of 1 in step 4 only, gamma = .5 and n = 3, G")
    done = t.rng.permutation(np.array([1, 1, 0, 0, 0, 0, 0], bool))
    r = V[:-1] - 0.9 * np.where(done, 0, V[1:])  # V is right about these rewards, so looking further changes nothing
    for n in (1, 2, 3, 20):
        t.close(t.call(n_step, r, done, V, 0.9, n), V[:-1], f"where V is already right, done = {1 * done} and n = {n}, G")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* One loop over `t`, and inside it one over `k` from `t` to `t + n - 1`. Keep a running weight:
# 1, $\gamma$, $\gamma^2$ and so on.
#
# *Wrong only where `done` is True somewhere?* After `done[k]` nothing more may be added: neither the next reward nor a value.
#
# *IndexError near the end?* Stop at `min(t + n, T)`. The value there is `V[T]`, and its weight is $\gamma$ to the number of
# steps that were really taken.
#
# *Off by a factor of gamma?* With n rewards, the value's weight is $\gamma^n$, one power more than that of the last reward.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Each reward passes on the weight $\gamma$ if its episode goes on and 0 if it ends; the value takes whatever
# weight is left. A recording that stops is not an episode that ends: the agent would have gone on, so a value stands in.
# The last test uses rewards for which $V(s_t) = r_t + \gamma V(s_{t+1})$ holds exactly; then all n-step targets are the
# same number, whatever n is. In practice $V$ is wrong at first, and a larger n carries news back faster, at the
# price of more noise. **Tempting and wrong:** to treat the end of the recording like the end of an episode.

# %% [markdown]
# ## Task 2 · One linear solve (★★, 25 minutes, 3 points)
#
# How good is a *given* policy, action by action? And where does it spend its time? Both questions have an exact answer
# without a single sweep. The action values obey
#
# $$Q(s,a) = R(s,a) + \gamma\sum_{s'}P(s'\mid s,a)\sum_{a'}\pi(a'\mid s')\,Q(s',a'),$$
#
# which are $S\cdot A$ linear equations for $S\cdot A$ numbers. The *discounted visits*
# $d(s) = \sum_{t\ge0}\gamma^t\Pr(s_t = s)$, when $s_0$ is drawn from the distribution `start`, obey $S$ linear equations of
# their own; find them. Write both, each with one call of `np.linalg.solve`.

# %% nbgrader={"grade": false, "grade_id": "solve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def q_of_policy(P, R, pi, gamma):
    """Action values of a policy. P: (S, A, S), R: (S, A), pi: (S, A), gamma: number in [0, 1). Returns Q (S, A)."""
    ### BEGIN SOLUTION
    S, A = R.shape
    M = (P[..., None] * pi).reshape(S * A, S * A)  # from (s, a) to (s2, a2)
    return np.linalg.solve(np.eye(S * A) - gamma * M, R.ravel()).reshape(S, A)
    ### END SOLUTION

def visits(P, pi, start, gamma):
    """Discounted visits of a policy. start: (S,) probabilities; the others as above. Returns d, shape (S,)."""
    ### BEGIN SOLUTION
    step = np.einsum("sa,sap->sp", pi, P)  # from s to s2, (S, S)
    return np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "solve_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("solve", points=3)
def solve_check(t):
    for S, A, gamma in ((4, 3, 0.9), (3, 2, 0.999), (2, 5, 0.0)):
        P, pi = t.rng.dirichlet(np.ones(S), size=(S, A)), t.rng.dirichlet(np.ones(A), size=S)
        Q, start = t.rng.normal(size=(S, A)), t.rng.dirichlet(np.ones(S))
        V, V_next = [sum(p * q for p, q in zip(pi[s], Q[s])) for s in range(S)], np.zeros((S, A))
        for s, a, s2 in np.ndindex(S, A, S):
            V_next[s, a] += P[s, a, s2] * V[s2]
        R, story = Q - gamma * V_next, f"with {S} states, {A} actions and gamma = {gamma}, "  # rewards made to fit Q
        t.close(t.call(q_of_policy, P, R, pi, gamma), Q, story + "Q")
        d = t.shape(t.call(visits, P, pi, start, gamma), (S,), "d")
        t.close(d.sum(), 1 / (1 - gamma), story + "the sum of d")
        t.close(d @ (pi * R).sum(axis=1), start @ V, story + "the mean reward, each state weighted with its visits,")
        t.close(d - gamma * np.einsum("s,sa,sap", d, pi, P), start, story + "d less what flowed in from earlier steps")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Which matrix for Q?* Number the pairs: $(s, a)$ is row $sA + a$, which is what `.reshape(S * A)` does. The entry for
# row $(s, a)$ and column $(s', a')$ is $P(s'\mid s,a)\,\pi(a'\mid s')$; `P[..., None] * pi` has shape `(S, A, S, A)`.
#
# *Which equations for d?* Every visit of $s'$ is either the first step or came from somewhere:
# $d(s') = \text{start}(s') + \gamma\sum_s d(s)\,P_\pi(s'\mid s)$ with $P_\pi(s'\mid s) = \sum_a\pi(a\mid s)P(s'\mid s,a)$.
#
# *The sum of d is wrong?* Forgot the transpose? Values flow from $s'$ back to $s$, visits from $s$ on to $s'$. The right sum is
# always $1/(1-\gamma)$: at every time the agent is somewhere.
#
# *Q too large?* The policy is *given*: what follows is its mean over $a'$, with the weights $\pi(a'\mid s')$, and no maximum.
#
# *Nearly right, but wrong for gamma = .999?* A few hundred sweeps are not enough there. Solve.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** $Q = R + \gamma M Q$ means $(I - \gamma M)Q = R$, and because the rows of $M$ have the sum 1 and $\gamma < 1$,
# the matrix can always be inverted. Visits use the transposed matrix. So the value of a policy can be read in two
# ways, $\sum_s \text{start}(s)V(s) = \sum_s d(s)\sum_a\pi(a\mid s)R(s,a)$: from the start forwards, or collected state
# by state. Policy gradients weight states with this $d$. **Tempting and wrong:** `.max(axis=1)` in place of the
# mean under $\pi$; that asks about the best policy, not about this one, and is no longer linear.

# %% [markdown]
# ## Task 3 · With a deadline (★★, 25 minutes, 3 points)
#
# Exactly $T$ steps are left, nothing is discounted, and the state in which the last step ends pays `end[s]` once.
# Now the best action depends on the state *and on the time*: with two minutes left one does not start a journey of
# three. Find the best values and actions for all times, from the last back to the first.

# %% nbgrader={"grade": false, "grade_id": "deadline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plan(P, R, end, T):
    """Best values and actions with T steps. P: (S, A, S), R: (S, A), end: (S,), T: int >= 1.

    Returns V (T + 1, S), V[t] the best expected sum of rewards from time t on, with V[T] = end, and
    actions (T, S) of ints, the best action at each time t in each state.
    """
    ### BEGIN SOLUTION
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + P @ V[t + 1]
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V, actions
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "deadline_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("deadline", points=3)
def deadline_check(t):
    def outcome(plan, total=0.0):  # follow a plan forwards from every state; total expected reward (S,)
        D = np.eye(S)
        for a in plan:
            total, D = total + D @ R[range(S), a], D @ P[range(S), a]
        return total + D @ end
    for S, A, T in ((3, 2, 3), (2, 3, 3), (4, 2, 2)):
        P, R, end = t.rng.dirichlet(np.full(S, 0.5), size=(S, A)), t.rng.normal(size=(S, A)), 2 * t.rng.normal(size=S)
        V, actions = map(t.shape, t.several(t.call(plan, P, R, end, T), "V, actions"), [(T + 1, S), (T, S)], ["V", "actions"])
        for left in range(T + 1):  # try every plan
            plans = itertools.product(itertools.product(range(A), repeat=S), repeat=left)
            t.close(V[T - left], np.max([outcome(p) for p in plans], axis=0), f"with {left} of {T} steps left, V")
        t.close(outcome(np.clip(actions, 0, A - 1).astype(int)), V[0], "what your actions bring when they are followed")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* At time $T$ nothing is left to decide: `V[T] = end`. At time $T-1$ one action remains: $R(s,a)$ plus the
# mean of `end` over where it leads. Then $T-2$.
#
# *Right with 1 step left, wrong with 2?* The values on the right-hand side are those of the *next* time, `V[t + 1]`. `P @ V[t + 1]` has
# shape `(S, A)`.
#
# *V right, actions not?* `argmax` over actions, `axis=1`, and row `t` belongs to time `t`, not to the number of steps left.
#
# *V in the wrong order?* `V[0]` is the beginning, `V[T]` the end.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Whatever has happened until time $t + 1$, the best that can follow is `V[t + 1]`; so at time $t$ only one
# action has to be chosen. The check tries all $A^{TS}$ plans and follows them forwards; here $T\cdot S\cdot A$ numbers
# do the same. No $\gamma$ is needed for the sum to be finite, and no sweep is ever repeated.
# **Tempting and wrong:** one policy for all times, that of the first step.

# %% [markdown]
# Look at a corridor in which the left end pays 1, the right end 4, and every step costs .05. *Predict* where the border
# between the two directions runs when less and less time is left.

# %%
if check.done("deadline"):
    P, R = np.zeros((11, 2, 11)), np.zeros((11, 2))
    for s in range(11):
        for a in (0, 1):
            P[s, a, s if s in (0, 10) else s + 2 * a - 1] = 1
    R[1:-1] = -0.05
    R[1, 0], R[9, 1] = 0.95, 3.95
    V, actions = plan(P, R, np.zeros(11), 12)
    seen = np.where(V[:-1, 1:-1] > 0, 2 * actions[:, 1:-1] - 1, 0)
    fig, ax = plt.subplots()
    ax.imshow(seen[::-1], cmap=style.DIVERGING, origin="lower", extent=(0.5, 9.5, 0.5, 12.5), aspect="auto", alpha=0.5)
    ax.text(6.5, 9, "right"), ax.text(1.2, 4, "left"), ax.text(4.2, 1.5, "out of reach"), ax.grid(False)
    ax.set(title="With little time, the near reward", xlabel="place in the corridor", ylabel="steps left")
    plot.show(fig, "For every place and number of steps left, the best direction: right wherever the right end is still in "
              "reach, left where only the left end is, none in a white triangle where neither can be reached.")


# %% [markdown]
# ## Task 4 · A memory that keeps every state once (★★★, 30 minutes, 3 points)
#
# A replay memory that stores $(s, a, r, s')$ stores nearly every state twice: as $s'$ of one step and as $s$ of the next. With
# pictures as states that is half of the memory, wasted. So store only $s$, and read $s'$ from the *next slot*. The memory is a ring:
# once it is full, each new step overwrites the oldest. Many agents have broken at its seams.
#
# Storing is done for you. A step is stored with `done` (the world ended; the lecture's `end`) or `cut` (only a time limit struck;
# the lecture's `over` is one or the other); after either, the next slot holds the start of a new episode. The $s'$ of a
# cut step is then stored nowhere, so this step is lost for learning: the price of the saving.

# %%
class Ring:
    """Stores the last `capacity` steps, every state once. `count`: how many steps have been added in all."""

    def __init__(self, capacity, d):
        self.capacity, self.count = capacity, 0
        self.s, self.r = np.zeros((capacity, d)), np.zeros(capacity)
        self.a, self.done, self.cut = np.zeros(capacity, int), np.zeros(capacity, bool), np.zeros(capacity, bool)

    def add(self, s, a, r, done, cut):
        """Store one step: s (d,) the state in which it began; a: int; r: number; done, cut: bool, never both."""
        i = self.count % self.capacity
        self.s[i], self.a[i], self.r[i], self.done[i], self.cut[i] = s, a, r, done, cut
        self.count += 1

def record(rng, T):
    """For the check: T steps in order of time, (s, a, r, s2, done), where a numbers them; and how each ended (T,)."""
    s, how = rng.normal(size=(T, 3)), rng.permutation(["done", "cut"] * (T // 4) + ["on"] * (T - T // 4 * 2))
    s2 = np.where(how[:, None] == "done", 0, np.roll(s, -1, axis=0))
    return (s, np.arange(T), rng.normal(size=T), s2, how == "done"), how


# %% [markdown]
# Write `usable`, all slots from which a step can be read *with the $s'$ that it really had*, and `read`. After `done`, no
# $s'$ is needed: `read` gives zeros for it. The memory is a `Ring`, so `self.s`, `self.count` and the rest are there. An agent
# draws its batches from `usable`, so `read` meets slots in any order, a slot twice, or only some of them. (In the words of the
# check, `on` is a step after which the episode goes on.)

# %% nbgrader={"grade": false, "grade_id": "memory", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Memory(Ring):
    """A Ring that can be read."""

    def usable(self):
        """The slots from which a step can be read. Returns (k,) ints (also when k is 0), in any order."""
        ### BEGIN SOLUTION
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]
        ### END SOLUTION

    def read(self, slots):
        """The steps in these slots (k,). Returns s (k, d), a (k,), r (k,), s2 (k, d) with zeros after done, done (k,)."""
        ### BEGIN SOLUTION
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "memory_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("memory", points=3)
def memory_check(t):
    for capacity, T in ((7, 5), (4, 25), (5, 33)):
        memory, steps, how = Memory(capacity, 3), *record(t.rng, T)
        for now in range(T):
            memory.add(*(x[now] for x in steps[:3]), how[now] == "done", how[now] == "cut")
            wanted = [k for k in range(max(0, now + 1 - capacity), now + 1) if how[k] == "done" or how[k] == "on" and k < now]
            where, slots = sorted(k % capacity for k in wanted), np.atleast_1d(t.call(memory.usable))
            story = f"capacity {capacity}, steps 0 to {now} added, the last ones {' '.join(how[: now + 1][-capacity:])}: "
            t.true(str(sorted(slots.tolist())) == str(where), story + f"slots {where} can be read, yours: {slots.tolist()}.")
            slots = t.rng.permutation(np.append(slots, slots[:2]))  # in any order, some twice
            read = t.several(t.call(memory.read, slots), "s, a, r, s2, done")
            for name, yours, right in zip(["s", "a", "r", "s2", "done"], read, steps):
                t.close(yours, right[[now - (now - k) % capacity for k in slots]], story + f"for slots {slots.tolist()}, {name}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to begin?* Which slots hold anything at all? `min(count, capacity)` of them. Then take away those whose $s'$ is not in the next slot.
#
# *One step too many?* The newest step's $s'$ has not been stored yet: it comes with the *next* `add`. Once the ring is full, the
# slot after the newest holds the *oldest* state. The newest slot is `(count - 1) % capacity`.
#
# *One step too few?* After `done` no $s'$ is needed, so such a step can be read at once, even if it is the newest.
#
# *"arrays used as indices must be of integer type", in `read`?* No slot can be read yet, and `np.array([])` holds floats. Give
# the empty array its type in `usable`: `np.array([], int)`, or `np.array(slots, int)` for a list `slots`.
#
# *Yours are True and False?* Slots are numbers: `np.flatnonzero(...)` gives the places of the True.
#
# *Too many or too few rows?* `read` gets the slots it shall read, in any order, some of them twice; it returns exactly these.
#
# *IndexError for the last slot?* It is a ring: `(slots + 1) % capacity`.
#
# *s2 wrong after done?* The next slot holds the start of another episode. `np.where(done[:, None], 0, ...)`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Three seams: the newest slot, whose neighbour is empty or the oldest; an end, after which nothing follows; a cut, after which
# something follows that nobody stored. The first must wait for the next `add`, the third is lost for learning. The second is not, and
# must not be: it may be the only one with a reward. The slot at the end of the array is no seam at all, thanks to the modulus.
# **Tempting and wrong:** to treat cut like `done`. Then $s'$ counts for nothing, and the agent learns that the world ends after
# 500 steps; Task 7 measures what that does.

# %% [markdown]
# ## Task 5 · Two tables against wishful thinking (★, 20 minutes, 3 points)
#
# The largest of ten noisy numbers is too large on average, even if none of them is. Q-learning takes such a maximum in every
# target. Van Hasselt (2010) keeps two tables $Q_0$ and $Q_1$ that learn from different steps. For each step a coin
# decides which of them, $Q_c$, learns; *it* chooses the best next action, the *other* one says what that action is worth:
#
# $$Q_c(s,a) \leftarrow Q_c(s,a) + \eta\,\bigl(r + \gamma\,Q_{1-c}(s', a^*) - Q_c(s,a)\bigr), \qquad a^* = \arg\max_{a'}Q_c(s',a').$$
#
# If the step ends the episode, nothing follows $r$. Write one step; the old tables stay as they were.

# %% nbgrader={"grade": false, "grade_id": "twins", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    """One step of double Q-learning. Q: (2, S, A), coin: 0 or 1, the table that learns. Returns the new Q."""
    ### BEGIN SOLUTION
    Q = Q.copy()
    best = Q[coin, s2].argmax()
    target = r + gamma * (not done) * Q[1 - coin, s2, best]
    Q[coin, s, a] += eta * (target - Q[coin, s, a])
    return Q
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "twins_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("twins", points=3)
def twins_check(t):
    for coin, done in ((0, False), (1, False), (0, True), (1, True)):
        s, s2, a, best = *t.rng.permutation(3)[:2], *t.rng.permutation(4)[:2]
        Q, story = t.rng.normal(size=(2, 3, 4)), f"with coin = {coin} and done = {done}, "
        Q[coin, s2, best], Q[1 - coin, s2, best], Q[coin, s, a] = 9, -9, 5  # the learning table's favourite; the other one warns of it
        new = t.shape(t.call(double_step, Q, s, a, 2.0, s2, done, coin, 0.25, 0.8), Q.shape, "Q")
        wanted = 2.0 if done else 2.0 - 0.8 * 9
        t.close(new[coin, s, a], 0.75 * Q[coin, s, a] + 0.25 * wanted, story + "the entry that learns")
        t.true(np.sum(new != Q) == 1, story + f"{np.sum(new != Q)} entries changed; only Q[coin, s, a] should.")
    noise = [double_step(t.rng.normal(size=(2, 2, 10)), 0, 0, 0.0, 1, False, 0, 1.0, 1.0)[0, 0, 0] for _ in range(2000)]
    t.true(abs(np.mean(noise)) < 0.15, f"tables of pure noise with the mean 0: the mean target is {np.mean(noise):.2f}, not near 0.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The entry that learns is too large?* The maximum of a table is what that table believes of its own favourite. Take the
# `argmax` from `Q[coin, s2]`, the value from `Q[1 - coin, s2]`.
#
# *Wrong only with done = True?* Then the target is $r$ alone.
#
# *"changes its input Q"?* `Q = Q.copy()` first.
#
# *Too many entries changed?* Only one number of one table moves in a step.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Which action $Q_c$ likes best depends on the noise in $Q_c$; the noise in $Q_{1-c}$ knows nothing of it,
# so its judgement is not too high on average. For tables of standard normal noise with ten actions, the plain
# maximum has the mean 1.54, the double one 0. It can be too *low*: if $Q_c$ picks the wrong action, its true
# worth is less than the best. **Tempting and wrong:** both from the other table, $\max_{a'} Q_{1-c}(s',a')$. That is again a maximum
# over noise.

# %% [markdown]
# Look at an example of Sutton and Barto (2018, section 6.7). From state A, *right* ends the episode with 0; *left* leads to B, where each of ten
# actions ends it with a reward drawn from $\mathcal N(-0.1, 1)$. Going left is a mistake. *Predict* how often either
# learner makes it, with ε = .1.

# %%
if check.done("twins"):
    fig, ax = plt.subplots()
    for colour, tables in ((style.POSITIVE, 1), (style.NEGATIVE, 2)):
        rng, lefts = np.random.default_rng(0), np.zeros((200, 200))
        for learner in range(200):
            Q = np.zeros((2, 2, 10))  # states A and B; in A only the actions 0, left, and 1, right
            for episode in range(200):
                belief = Q.sum(axis=0)
                left = rng.random() < 0.5 if belief[0, 0] == belief[0, 1] or rng.random() < 0.1 else belief[0, 0] > belief[0, 1]
                b = rng.integers(10) if rng.random() < 0.1 else np.argmax(belief[1] + 1e-9 * rng.random(10))
                for s, a, r, done in ([(0, 0, 0.0, False), (1, b, rng.normal() - 0.1, True)] if left else [(0, 1, 0.0, True)]):
                    Q = double_step(Q, s, a, r, 1, done, rng.integers(tables), 0.1, 1.0)
                    Q = Q if tables == 2 else Q[[0, 0]]  # one table that judges itself: plain Q-learning
                lefts[learner, episode] = left
        ax.plot(100 * lefts.mean(axis=0), color=colour, label=f"{tables} table{'s' * (tables > 1)}")
    ax.axhline(5, color="0.5", linewidth=1, label="unavoidable with ε = .1")
    ax.set(title="One table believes its luckiest draw", xlabel="episode", ylabel="learners that go left, per cent")
    ax.legend()
    plot.show(fig, "Share of learners that go left, by episode. With one table it climbs far above half and sinks slowly, "
              "with two tables it falls from half towards a few per cent.")


# %% [markdown]
# ## Task 6 · The best baseline (★★★, 40 minutes, 4 points)
#
# An agent chooses action $a$ with probability $\pi_a = \mathrm{softmax}(h)_a$, is paid $r$ with mean $q_a$, and climbs the expected
# reward $J(h) = \sum_a\pi_a q_a$ along an estimate from this single draw,
#
# $$g = (r - b)\,\nabla_h\ln\pi_a .$$
#
# Any baseline $b$ that does not depend on $a$ gives the same mean, $\nabla J$. But the estimates scatter more or less around it:
#
# $$\mathrm{scatter}(b) = \mathbb E\,\lVert g - \nabla J\rVert^2 .$$
#
# Write `estimate`: you have met it in section 15, with another sign and for many rows; derive it once more by yourself. Most of the
# work is the second half: find the $b$ with the least scatter, by calculus, and write `best_baseline`. It is not the mean reward. (`softmax` of the course wants rows: `softmax(h[None])[0]`. Why a step along
# $g$ climbs on average, section 15 of the lecture derives; here $\nabla J=\mathbb E\,g$ is given.)

# %% nbgrader={"grade": false, "grade_id": "baseline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def estimate(h, a, r, b):
    """The estimate g from one draw. h: (k,) preferences (logits), a: int, r and b: numbers. Returns g, shape (k,)."""
    ### BEGIN SOLUTION
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])
    ### END SOLUTION

def best_baseline(h, q):
    """The baseline with the least scatter. h: (k,) preferences (logits), q: (k,) mean rewards. Returns a number."""
    ### BEGIN SOLUTION
    pi = softmax(h[None])[0]
    length = 1 - 2 * pi + pi @ pi  # squared length of the gradient of ln pi_a, for every a
    return (pi * length) @ q / (pi @ length)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "baseline_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("baseline", points=4)
def baseline_check(t):
    for k in (3, 5, 2):
        h, q = t.rng.normal(size=k), 3 + 2 * t.rng.normal(size=k)
        for a, (r, b) in itertools.product(range(k), ((2.0, 2.0), (3.0, 0.0), t.rng.uniform(1, 5, size=2).round(1))):
            right = (r - b) * check.numerical_gradient(lambda a=a: np.log(softmax(h[None])[0][a]), h)
            t.close(t.call(estimate, h, a, r, b), right, f"with {k} actions, a = {a}, r = {r} and b = {b}, the estimate", tol=1e-6)
        pi, draws = softmax(h[None])[0], lambda b: np.array([t.call(estimate, h, a, q[a], b) for a in range(k)])  # (k, k)
        scatter = lambda b: pi @ ((draws(b) - pi @ draws(b)) ** 2).sum(axis=1)
        b = float(t.shape(t.call(best_baseline, h, q), (), "best_baseline"))
        story, below, above = f"with {k} actions, your b = {b:.4g} is too ", scatter(b - 1), scatter(b + 1)
        t.true(abs(above - below) < 1e-8 * (1 + scatter(0.0)), story + f"{'large' if above > below else 'small'}: "
               f"scatter(b - 1) = {below:.6g}, scatter(b + 1) = {above:.6g}; at the least scatter these two are equal.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The gradient:* $\ln\pi_a = h_a - \ln\sum_j e^{h_j}$. Its slope in $h_j$ is $[j = a] - \pi_j$: a one-hot row less $\pi$.
#
# *The scatter:* $\mathbb E\lVert g - \nabla J\rVert^2 = \mathbb E\lVert g\rVert^2 - \lVert\nabla J\rVert^2$, and the second term does not
# depend on $b$. With $\ell_a = \lVert\nabla\ln\pi_a\rVert^2$ the first is $\sum_a\pi_a\,\ell_a\,\mathbb E(r - b)^2$. Where is its slope in $b$
# zero? Which part of $r$ remains, when the mean over $r$ is taken?
#
# *b too large or too small?* The derivative is $-2\sum_a\pi_a\ell_a(q_a - b)$: every action weighs with $\pi_a\ell_a$.
#
# *Too small, by a factor of its own for each action?* The slope of $\ln\pi_a$ is wanted, not that of $\pi_a$.
#
# *Wrong only where b is not 0?* The baseline enters wrongly: with $r = b$ nothing should move.
#
# *Weighed with $(1-\pi_a)^2$?* For 2 actions this happens to be half of $\ell_a$, and right. In general $\ell_a$ is
# $(1-\pi_a)^2 + \sum_{j\ne a}\pi_j^2$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** A baseline changes nothing in the mean, because $\sum_a\pi_a\nabla\ln\pi_a = \nabla\sum_a\pi_a = 0$. The best one is
# a mean of the rewards in which an action weighs with $\pi_a\ell_a$, $\ell_a = 1 - 2\pi_a + \sum_j\pi_j^2$. Rare actions have a
# long gradient, frequent ones a short one, so the rare count for more than in the plain mean. The noise of $r$
# around $q_a$ adds to the scatter, but does not move the best $b$. For two actions $\ell_1 = 2\pi_2^2$, $\ell_2 = 2\pi_1^2$, and so
# $b = \pi_2q_1 + \pi_1q_2$: the mean the wrong way round! **Tempting and wrong:** $b = \sum_a\pi_aq_a$, the value of the state. It is
# what everybody uses, being easy to learn, and mostly close enough; it is not the optimum.

# %% [markdown]
# ## Task 7 · Break it on purpose (★★, 30 minutes, 3 points)
#
# Below is a learning loop that is right. The corridor has $T$ places; each step leads one place on, only the last one pays
# 1 and ends the episode. As is usual with many environments at once, the environment has then already been reset, and what
# comes next, `s2`, is place 0 of a new episode. The value of place 0 is $\gamma^{T-1}$.

# %%
def loop(T, gamma, eta=0.05, sweeps=3000):
    """Learn the value of every place; returns that of place 0."""
    V = np.zeros(T)
    for t in range(sweeps * T):
        s, s2 = t % T, (t + 1) % T
        r = done = float(s == T - 1)
        V[s] += eta * (r + gamma * (1 - done) * V[s2] - V[s])
    return V[0]

print(f"place 0 of 5, gamma = .9: learned {loop(5, 0.9):.4f}, right {0.9**4:.4f}")


# %% [markdown]
# Break it in four ways, one at a time, in a copy of the cell. Nothing crashes; numbers come out. Which? Measure for a few
# $T$ and $\gamma$, then derive the exact value of place 0 that the broken loop approaches:
#
# | name | what is broken |
# |---|---|
# | `"no mask"` | the factor `(1 - done)` is forgotten |
# | `"same array"` | the environment changes the array `s` in place, and the memory stored no copy: when the loop reads it, `s` is `s2` already, while `r` and `done` are right |
# | `"late pay"` | the reward is stored one step late, with the first step of the *next* episode, `done` with the right one |
# | `"time limit"` | another world: a single place, every step pays 1 and leads back to it, for ever. But the recording is cut every $T$ steps, and each cut is stored as `done = 1`. Steps are drawn from the memory at random and $\eta$ is small, so look for the value at which the *mean* change is 0 |

# %% nbgrader={"grade": false, "grade_id": "broken", "locked": false, "schema_version": 3, "solution": true, "task": false}
def broken(name, T, gamma):
    """The value of place 0 that the broken loop approaches. name: as in the table; T: int >= 2; gamma in (0, 1)."""
    ### BEGIN SOLUTION
    return {
        "no mask": gamma ** (T - 1) / (1 - gamma**T),
        "same array": 1.0,
        "late pay": 1.0,
        "time limit": 1 / (1 - gamma + gamma / T),
    }[name]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "broken_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("broken", points=3)
def broken_check(t):
    for T in t.rng.permutation(np.arange(2, 9))[:4]:
        gamma, s = t.rng.uniform(0.3, 0.97), np.arange(T)
        last, s2 = 1.0 * (s == T - 1), (s + 1) % T
        for name, (s_, r, done, s2_) in {"no mask": (s, last, 0 * last, s2), "same array": (s2, last, last, s2),
                                         "late pay": (s, np.roll(last, 1), last, s2), "time limit": (0 * s, 1, last, 0 * s)}.items():
            M, c = np.zeros((T, T)), np.zeros(T)  # mean change of V over the stored steps: c - M V
            np.add.at(M, (s_, s_), 1), np.add.at(M, (s_, s2_), -gamma * (1 - done)), np.add.at(c, s_, r)
            M[np.diag(M) == 0] = np.eye(T)[np.diag(M) == 0]  # places that never learn keep their 0
            v = float(t.shape(t.call(broken, name, int(T), gamma), (), "broken"))
            t.true(abs(v - np.linalg.solve(M, c)[0]) < 1e-8, f"{name!r} with T = {T} and gamma = {gamma:.3f}: not {v:.6g}. Measure it.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *"no mask":* now the last place believes that place 0 follows. Write $V(0) = \gamma^{T-1}\cdot V(T-1)$ and
# $V(T-1) = 1 + \gamma V(0)$, and solve.
#
# *"same array":* write down the step `(s, r, done, s2)` as it is read for every `s2`. Which one carries a reward, and which place does
# it change?
#
# *"late pay":* which place is paid now? What does it expect from the next places? Who among them is ever paid before `done`?
#
# *"time limit":* one step in $T$ has the target 1, the others $1 + \gamma V$. The mean target must be $V$.
#
# *Measured and derived differ slightly?* The loop with fixed $\eta$ goes round in order; a smaller $\eta$ and more sweeps bring it closer.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why.** No mask: $V(0) = \gamma^{T-1}(1 + \gamma V(0))$, so $V(0) = \gamma^{T-1}/(1-\gamma^T)$: the value of playing for ever. With $T = 5$,
# $\gamma = .9$ it is 1.60 in place of .66, a value above every return there is, the surest sign of this mistake. With $T$ = 2 and
# $\gamma$ = .99 it is already 50. Same array: each place learns $V(s) = \gamma V(s)$, which is 0; only the last step
# writes 1, into the wrong place, the one after the reset. Late pay: place 0 is paid for what the last episode did; all others expect
# nothing. Both give exactly 1, for any $T$: a value that does not fall with the distance is the sign here. Time limit: the
# right value is $1/(1-\gamma)$, 10 for $\gamma = .9$; cut every 10 steps it comes out as 5.26. The world did not end, the
# recording did, and the state does not show it. The value of the last state has to be added (Pardo and colleagues, 2018).
# **Tempting and wrong:** $(1 - \gamma^T)/(1-\gamma)$ for the last one; that is the return of the first step
# alone, while the memory holds all steps.

# %% [markdown]
# ## Task 8 · What does it want? (★★, 25 minutes, 2 points and 2 for the explanation)
#
# A corridor has the places 0 to 8. The agent starts at 2 and walks left or right, one place a step. Arriving at 0 pays 1, arriving
# at 8 pays 4; both end the episode. An agent that plans perfectly goes for the near prize, for the far one, or for
# neither, and walks to and fro for ever. (If arriving does not end the episode, coming back to a prize again and again
# counts as going for it.) It maximises the discounted return. The check will ask this planner:

# %%
def fate(near=1, far=4, step=0, gamma=0.9, die=0.0, again=False):
    """Where the perfect planner ends up: values by sweeps, then its way from place 2."""
    V = np.zeros(9)
    for _ in range(1000):
        arrive = step + gamma * V + near * (np.arange(9) == 0) + far * (np.arange(9) == 8)  # worth of arriving there
        V[1:8] = (1 - die) * np.maximum(arrive[:-2], arrive[2:])
        V[0] = V[2] if again else 0
    s = 2
    for _ in range(50):
        s += 1 if arrive[s + 1] > arrive[s - 1] else -1
        if s in (0, 8):
            return "near" if s == 0 else "far"
    return "neither"


# %% [markdown]
# Eight cases. $\gamma = 0.9$ unless something else is said.
#
# | name | what is different |
# |---|---|
# | `"patient"` | nothing |
# | `"impatient"` | $\gamma = 0.6$ |
# | `"rich"` | $\gamma = 0.6$, and both prizes are a hundred times larger |
# | `"tired"` | every step also costs 1 |
# | `"paid"` | every step also earns 1 |
# | `"debts"` | the prizes are −1 and −4 |
# | `"mortal"` | before each step the episode ends with probability .3, and nothing is paid |
# | `"fountain"` | arriving at 0 pays 1 and puts the agent back to place 2; the episode goes on |
#
# **Before you run anything**, predict for each: `"near"`, `"far"` or `"neither"`. Then the first row in general: a prize `small` is
# `near` steps away, a prize `big` is `far` steps away. For which $\gamma$ are both worth the same?

# %% nbgrader={"grade": false, "grade_id": "wants", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wants():
    """Your eight predictions. Returns a dict: name of a case -> "near", "far" or "neither"."""
    ### BEGIN SOLUTION
    return {
        "patient": "far",
        "impatient": "near",
        "rich": "near",
        "tired": "near",
        "paid": "neither",
        "debts": "neither",
        "mortal": "near",
        "fountain": "near",
    }
    ### END SOLUTION

def threshold(small, near, big, far):
    """The gamma at which both prizes are worth the same; 0 < small < big, 0 < near < far. Returns a number."""
    ### BEGIN SOLUTION
    return (small / big) ** (1 / (far - near))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "wants_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("wants", points=2)
def wants_check(t):
    cases = {"patient": {}, "impatient": dict(gamma=0.6), "rich": dict(gamma=0.6, near=100, far=400), "tired": dict(step=-1),
             "paid": dict(step=1), "debts": dict(near=-1, far=-4), "mortal": dict(die=0.3), "fountain": dict(again=True)}
    yours = t.call(wants)
    t.true(isinstance(yours, dict) and yours.keys() == cases.keys(), f"wants should return a dict with the keys {', '.join(cases)}.")
    t.true(set(yours.values()) <= {"near", "far", "neither"}, "each answer is one of the words near, far, neither.")
    wrong = [repr(name) for name, case in cases.items() if yours[name] != fate(**case)]
    t.true(not wrong, f"{len(wrong)} of 8 fell out differently: {', '.join(wrong)}. Why? Ask `fate`, then explain it below.")
    for near, far in ((2, 6), (1, 4), (3, 10)):
        small, big = np.cumsum(t.rng.uniform(1, 3, size=2))
        g = float(t.shape(t.call(threshold, small, near, big, far), (), "threshold"))
        t.close(small * g**near, big * g**far, f"for {small:.3g} in {near} steps and {big:.3g} in {far}, at your gamma, the first prize's worth")
        t.true(0.1 < g < 1, f"your gamma {g:.3g}: it should lie between 0 and 1, where neither prize is worthless.")


# %% [markdown]
# *Your explanation (2 points, a person reads it): "rich" multiplies the rewards by a constant, "tired" and "paid" add one. Which of
# the two can change what the agent wants, and why? And in one or two sentences: what is common to "mortal" and "impatient"?*

# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to think:* there are only three plans worth comparing: straight left (2 steps), straight right (6 steps), to and fro for ever. Write
# down the discounted return of each.
#
# *For ever:* $1 + \gamma + \gamma^2 + \dots = 1/(1-\gamma)$.
#
# *threshold:* the k-th step's reward is multiplied with $\gamma^{k-1}$. Set $\text{small}\cdot\gamma^{\text{near}-1} = \text{big}\cdot\gamma^{\text{far}-1}$.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why.** The threshold is $(\text{small}/\text{big})^{1/(\text{far}-\text{near})} = (1/4)^{1/4} = .71$. "Patient" has more, "impatient" less. "Rich":
# a positive factor multiplies the worth of every plan alike. A constant *added* to each step is no such thing: plans of different length
# get different sums. "Tired": near brings $-1 + .9\,(1 - 1) = -1$, far $-2.3$, for ever $-10$; the agent leaves by the nearest
# door. "Paid": for ever is worth 10, far 7.0, so it never finishes; that is reward hacking, too. "Debts":
# 0 for ever is better than any debt. "Mortal": surviving with probability .7 and discounting by .9 multiply, an effective $\gamma$
# of .63, below the threshold: discounting *is* a constant risk that the world ends. "Fountain": two steps for 1, again and again, is worth
# $.9/(1-.81) = 4.7$, far only 2.4. **Tempting and wrong:** "only differences of rewards matter". They do where all plans are equally long.

# %% [markdown]
# ## Task 9 · A kiosk of your own (★★★, an hour, up to 4 points)
#
# Every morning you know the weekday (0 to 4) and how many bottles are left (0 to 10), together one of 55 states:
# `s = 11 * weekday + bottles`. You order $a$ = 0 to 8 bottles, delivered at once; what does not fit on the shelf of 10 is paid and
# lost. Then the day's customers come, and the next morning `step(a)` has told you the new state and the reward
#
# $$r = 3\cdot\text{sold} - a - \text{fee}\cdot[a > 0] - \text{rent}\cdot\text{left over}.$$
#
# What customers want depends on the weekday only. How many they are, the fee and the rent are the kiosk's secret, and every kiosk is
# different. You may try **4000 days**, and what you lose while trying is forgiven. Then hand over one order for each of the
# 55 states, to be followed for ever with $\gamma = .95$. Learn from `step` alone, by whatever method you like.
#
# The score is computed exactly, by a linear solve: 0 for random orders, 1 for the best that there are, the mean over five kiosks. "Eight
# bottles whenever at most two are left" reaches about 0.6, plain Q-learning with ε = .1 and η = .1 about 0.5 at best.

# %%
def kiosk(rng, days=4000):
    """Open a new kiosk: step(a) -> (next state, reward), for at most `days` days, and its secrets P, R."""
    chance, fee, rent = 0.9 * rng.beta(0.5, 0.5, size=5), rng.uniform(0.5, 6), rng.uniform(0.1, 1)
    P, R, now = np.zeros((55, 9, 55)), np.zeros((55, 9)), {"s": 0, "day": 0}

    def sell(s, a, wanted):
        have = min(s % 11 + a, 10)
        left = max(have - wanted, 0)
        return (s // 11 + 1) % 5 * 11 + left, 3.0 * (have - left) - a - fee * (a > 0) - rent * left

    for s, a in np.ndindex(55, 9):
        for wanted, p in enumerate(stats.binom.pmf(range(11), 10, chance[s // 11])):
            s2, r = sell(s, a, wanted)
            P[s, a, s2] += p
            R[s, a] += p * r

    def step(a):
        if now["day"] == days or a not in range(9):
            raise RuntimeError(f"an order of {a} on day {now['day']}: orders are 0 to 8, on days 0 to {days - 1}")
        now["s"], r = sell(now["s"], int(a), rng.binomial(10, chance[now["s"] // 11]))
        now["day"] += 1
        return now["s"], r

    return step, P, R


# %% [markdown]
# The first day is weekday 0 with an empty shelf, `s = 0`. And the score:

# %%
def score(orders, P, R, gamma=0.95):
    """Share of the way from random orders (0) to the best ones (1); orders (55,) ints."""
    def worth(pi):  # values of a policy (55, 9), exactly
        return np.linalg.solve(np.eye(55) - gamma * np.einsum("sa,sap->sp", pi, P), (pi * R).sum(axis=1))

    Q, best = R, None
    while best is None or np.any(Q.max(axis=1) > Q[np.arange(55), best] + 1e-9):  # policy iteration
        best = Q.argmax(axis=1)
        V = worth(np.eye(9)[best])
        Q = R + gamma * P @ V
    random = worth(np.full((55, 9), 1 / 9)).mean()
    return (worth(np.eye(9)[orders]).mean() - random) / (V.mean() - random)


# %% [markdown]
# *Predict:* 4000 days for 55 · 9 pairs of state and order, that is eight tries each. Is that enough? What could different pairs share?

# %% nbgrader={"grade": false, "grade_id": "keeper", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keep(step, days, rng):
    """Learn to run a kiosk. step(a) -> (s, r), at most `days` times, from s = 0; rng: random numbers. Returns orders (55,)."""
    ### BEGIN SOLUTION
    s, rows, ended, reached = 0, [], np.zeros((5, 10)), np.zeros((5, 10))  # weekday, bottles sold so far
    for _ in range(days):
        a = 8 if rng.random() < 0.8 else int(rng.integers(9))  # mostly: a full shelf shows what is wanted
        day, have = s // 11, min(s % 11 + a, 10)
        s, r = step(a)
        sold = have - s % 11
        ended[day, sold : sold + (sold < have)] += 1  # nobody wanted the next bottle, although it was there
        reached[day, : min(sold + 1, have)] += 1
        rows.append([sold, a, a > 0, s % 11, r])
    price, cost, fee, rent = np.linalg.lstsq(np.array(rows)[:, :4], np.array(rows)[:, 4], rcond=None)[0]
    more = np.cumprod(1 - ended / np.maximum(reached, 1), axis=1)  # more[day, k]: more than k bottles are wanted
    P, R, Q = np.zeros((55, 9, 55)), np.zeros((55, 9)), np.zeros((55, 9))
    for s, a in np.ndindex(55, 9):
        day, have = s // 11, min(s % 11 + a, 10)
        p = -np.diff(more[day, :have], prepend=1, append=0)  # of selling 0, 1, ..., have
        left = have - np.arange(have + 1)
        P[s, a, (day + 1) % 5 * 11 + left] = p
        R[s, a] = cost * a + fee * (a > 0) + p @ (price * (have - left) + rent * left)
    for _ in range(400):
        Q = R + 0.95 * P @ Q.max(axis=1)
    return Q.argmax(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keeper_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("keeper", points=4)
def keeper_check(t):
    scores = []
    for _ in range(5):
        step, P, R = kiosk(t.rng)
        orders = t.shape(t.call(keep, step, 4000, np.random.default_rng(t.rng.integers(2**31))), (55,), "orders")
        t.true(np.all(np.isin(orders, range(9))), "orders should be whole numbers from 0 to 8, one for each state.")
        scores.append(score(orders.astype(int), P, R))
    t.ladder(np.mean(scores), {0.7: 1, 0.85: 2, 0.95: 3, 0.99: 4}, "the mean score")


# %% [markdown]
# <details><summary>Hints: where the score is</summary>
#
# *Q-learning stays below 0.5?* It learns only about the orders that it tries, and it tries mostly its favourites. Losses while trying are forgiven:
# try more. Random orders all the time, with a step size of 0.1, come near 0.7 and often above: Q-learning may learn from any behaviour.
#
# *To 0.85:* count. $P$ and $R$ estimated as shares and means of what was seen under random orders, then value iteration as in the
# lecture: about .92, between .87 and .96 by the luck of the kiosks. Be careful with pairs that were never tried: they
# must not look attractive. (A mean of nothing is NaN, and `argmax` takes a NaN for the largest.)
#
# *To 0.95:* 3 bottles left and 4 ordered, or 7 left and none ordered: what customers do is the same. So count what remains for each
# weekday and each *filled shelf*, 55 cases in place of 495. The fee and the rent can be read off the rewards (`np.linalg.lstsq`);
# everything else in the formula is known to you.
#
# *To 0.99:* customers do not look at the shelf at all. A full shelf shows on a single day what would have been sold from
# any smaller one.
#
# *"an order of ... on day 4000"?* The budget is used up. Count your calls of `step`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The days are scarce, the computing is not. A method that throws each day away after one small step needs far more of them.
# Counting uses each day fully; and all 99 pairs of a weekday share one distribution, that of what customers want. On a day
# with 10 bottles it is seen directly. With fewer, a sold-out shelf tells only "at least so many", so the solution asks a question that every
# day can answer: of the days on which a next bottle was there to be sold, on how many did nobody want it? Over twelve draws of five kiosks each, the solution
# scores between .999 and 1, counts for each filled shelf .96 to 1, plain counts .87 to .96, Q-learning from random orders .60 to .80.
# **Tempting and wrong:** more exploration bonus, finer step sizes, a network. None of them replaces knowing what different
# states have in common. And to take what was sold for what was wanted: on sold-out days it is less.

# %% [markdown]
# Look at your orders:

# %%
if check.done("keeper"):
    step, P, R = kiosk(np.random.default_rng(5))
    orders = keep(step, 4000, np.random.default_rng(6))
    fig, ax = plt.subplots()
    picture = ax.imshow(orders.reshape(5, 11), cmap="Blues", vmin=0, vmax=8, aspect="auto")
    fig.colorbar(picture, label="bottles to order")
    ax.set(title=f"Score {score(orders, P, R):.2f}: orders by weekday and stock", xlabel="bottles left", ylabel="weekday")
    ax.grid(False)
    plot.show(fig, "Orders as shades of blue, five rows for the weekdays, eleven columns for the bottles left: large orders at the "
              "left on days before good sales, none at the right.")

# %% [markdown]
# ## Your points
#
# The two points for the explanation in Task 8 are not counted here; a person gives them.

# %%
check.summary(27)
