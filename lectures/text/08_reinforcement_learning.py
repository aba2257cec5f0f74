# %% [markdown]
# # Lecture 8 · Deep reinforcement learning
#
# > **How can a network learn what to do, when nobody tells it the right answer, only, much later, how well it went?**

# %% [markdown] tags=["nav"]
# [← Lecture 7](07_generative_adversarial_networks.ipynb) · [Exercise 8](../exercises/08_reinforcement_learning.ipynb) · [Solution 8](../solutions/08_reinforcement_learning.ipynb) · [Lecture 9 →](09_boltzmann_machines.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import copy
import importlib.util
import random
import time

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from gymnasium.utils.env_checker import check_env
from torch import nn
from tqdm import tqdm

from course_utils import bridge, check, plot, progress, style
from course_utils.interact.gridworld import GridWorld
from course_utils.interact.pole import Pole
from course_utils.nets import adam, backward, forward, init, one_hot, softmax

style.use()
device = bridge.device()
rng = np.random.default_rng(8)

# %% [markdown]
# Somebody stands in the upper left corner of a maze, blindfolded. There are four moves: up, right, down, left. A
# move into a wall does nothing. In the lower right corner waits a reward of 1; everywhere else the reward is 0.
# There is no map and no teacher. The walker keeps one table `Q`: four numbers for every cell, all 0 at first, one
# for each move. It goes where the number is largest, and draws lots among equal ones (now and then it makes a random
# move). After every move it corrects *one* number, by one line of arithmetic. On reaching the reward it starts again.
# *Predict:* how long is the first walk? And the 200th?

# %%
maze = ["...#......", ".#.#.####.", ".#...#....", ".#####.##.", "......#...", ".####.#.#.", "....#...#.", ".##...#.#."]
Q, walks = np.zeros((8, 10, 4)), []
for _ in range(200):
    i, j, path = 0, 0, [(0, 0)]
    while (i, j) != (7, 9):
        a = rng.integers(4) if rng.random() < 0.1 else np.argmax(Q[i, j] + 1e-9 * rng.random(4))
        i2, j2 = i + (-1, 0, 1, 0)[a], j + (0, 1, 0, -1)[a]
        if not (0 <= i2 < 8 and 0 <= j2 < 10 and maze[i2][j2] == "."):
            i2, j2 = i, j
        Q[i, j, a] += 0.5 * (((i2, j2) == (7, 9)) + 0.95 * Q[i2, j2].max() - Q[i, j, a])
        i, j = i2, j2
        path.append((i, j))
    walks.append(path)

walls = np.array([[cell == "#" for cell in row] for row in maze])
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3))
for ax, k, title in zip(axes, (0, 199), ("The first walk: lost", "The 200th: almost straight there")):
    ax.imshow(walls, cmap="gray_r", vmax=1.6)
    ax.plot(*(np.array(walks[k]).T[::-1] + rng.normal(scale=0.1, size=(2, len(walks[k])))), lw=0.8, color=style.POSITIVE)
    ax.plot(9, 7, "*", ms=14, color=style.THIRD)
    ax.set(title=title, xticks=[], yticks=[])
plot.show(fig, "A maze twice, with the path walked. The first walk criss-crosses the maze many times before it meets the star "
          "in the lower right corner; the 200th goes nearly straight to it.")
check.claim("moves of the last 50 walks, median", np.median([len(path) - 1 for path in walks[-50:]]), at_most=25)

# %% [markdown]
# The first walk takes hundreds of moves, often more than a thousand, the last ones hardly more than the shortest
# way, which has 20. No move was ever called right or wrong. One number, paid once, at the very end, has spread
# backwards through the table until each cell knew where to go.
#
# That line of arithmetic is **Q-learning**, and this lecture explains it. **Reinforcement learning** is learning
# from rewards, by trying. Part one keeps its knowledge in tables, where everything can be compared with an exact
# answer. Part two puts a network in place of the table: *deep* reinforcement learning.
#
# **You will be able to**
#
# - write a problem of decisions as arrays, and solve it exactly: values, best policy, best return;
# - derive the Bellman equations, and say why sweeping over them converges;
# - learn from experience alone, by Monte Carlo, SARSA and Q-learning, and say what each converges to;
# - train networks to act: policy gradient and DQN, by hand and in PyTorch (part two);
# - recognise a reward that asks for the wrong thing.
#
# **Know first:** Lecture 2; for the last sections, the convolutions of Lecture 3.
# **Reading time:** 150 minutes, in two parts with a checkpoint between them. **Running time:** about a minute and a
# half on a laptop.
#
# <details><summary>Maths and NumPy you need: conditional probability, expectation, geometric series, linear equations</summary>
#
# $P(s'\mid s,a)$ is the probability of $s'$, *given* $s$ and $a$. For fixed $s$ and $a$ these numbers add to 1.
#
# The *expectation* $\mathbb E\,x=\sum_x P(x)\,x$ is the mean in the long run. It is linear:
# $\mathbb E(x+y)=\mathbb E x+\mathbb E y$, always. And it may be taken in two steps: first the mean in each
# case, then the mean over the cases.
#
# A *geometric series*: $1+\gamma+\gamma^2+\dots=1/(1-\gamma)$ for $0\le\gamma<1$.
# `sum(0.9**k for k in range(1000))` gives 10, up to rounding.
#
# `np.linalg.solve(M, r)` finds the $V$ with $MV=r$. In `P @ V`, with `P` of shape (S, A, S), the last index is
# summed: `(P @ V)[s, a]` is $\sum_{s'}P(s'\mid s,a)V(s')$. And `np.einsum("sa,sat->st", pi, P)` is
# $\sum_a\pi(a\mid s)P(s'\mid s,a)$.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes (part one)</summary>
#
# Opening: 5 min. Sections 1 to 3: 20 min, the graph at the board. Sections 4 to 6: 30 min, values by hand before
# code. Section 7 and the demo: 10 min. Section 9: 10 min as a game with three coins. Sections 10 and 11: 15 min,
# the cliff as a vote. Section 12 makes a good end. Can be skipped: policy iteration, UCB, the lock-step code. Part
# two is another 90 minutes.
#
# </details>
#
# ## 1 An agent and its world
#
# Some programs do more than answer one question after another. They **perceive** something of a world,
# **interpret** it and **act** in it, and what they do changes what they will perceive next. Whoever acts is the
# **agent** (or actor); all the rest is the **environment**. They take turns:
#
# ```
#            action a
#   agent ─────────────▶ environment
#     ▲                       │
#     └───────────────────────┘
#     observation, and reward r
# ```
#
# The **reward** is one number that says how good this moment was. Learning means to act so that more reward comes
# in. One often reads that such an agent learns from "rewards alone". It does not: without **observations** it could
# not tell one situation from another. The interface of Gymnasium, the usual library of environments, shows it. Here
# is a frozen lake of 4 × 4 cells: one walks to the far corner, on ice that may send one sideways. *Predict:* what
# must an agent be told after each step?

# %%
ice = gym.make("FrozenLake-v1")
observation, info = ice.reset(seed=1)
answer = ice.step(2)  # 2 means "right"
print(f"observation {answer[0]}, reward {answer[1]:.0f}, terminated {answer[2]}, truncated {answer[3]}")
sizes = [ice.observation_space.n, ice.action_space.n, len(answer)]
check.worked("observations; actions; things that step returns", sizes, "16 4 5")

# %% [markdown]
# Five things: what the agent sees (here the number of its cell), the reward, whether the episode has ended by itself
# (*terminated*) or was cut off by the clock (*truncated*), and a dictionary for the curious. How this kind of
# learning differs from the two we know:
#
# | | given | wanted |
# |---|---|---|
# | **supervised** (Lectures 1 to 4) | data *and* the right label for each | labels of new data |
# | **unsupervised** (Lectures 5 to 7, 9) | data | its structure |
# | **reinforcement** | observations *and* rewards, for the actions one chose oneself | a plan: what to do when |
#
# Two things are new. A reward judges the action taken, and does not say which would have been right. And the
# agent's own actions decide which data it gets.
#
# ## 2 A world as arrays
#
# The **state** $s$ is whatever decides, together with the action $a$, how things can go on. If it truly holds all
# that matters, the past adds nothing (the *Markov property*). An observation may show only a part of the state; in
# part one it shows all. With finitely many states $S$ and actions $A$, the whole world is a table of probabilities,
# a **Markov decision process** (MDP; R. Bellman, 1957):
#
# $$(S,\ A,\ P(r,s'\mid s,a)),\qquad P(s'\mid s,a)=\sum_rP(r,s'\mid s,a),\qquad R(s,a)=\sum_{r,s'}r\,P(r,s'\mid s,a).$$
#
# What we shall need of it are two arrays: `P[s, a, s2]`, the probability of the next state, and `R[s, a]`, the
# *expected* reward. A small one: a student reads at night. Awake, an hour of reading pays 2; it leaves her tired
# with probability 0.3. Tired, reading pays 1 with probability 0.4 and leaves her tired; else she falls asleep over
# the book, and the exam suffers: −3. Resting pays nothing. Tired, it refreshes (0.8) or ends in sleep (0.2). Asleep
# is the end. An end is a state that leads only to itself with reward 0: so it needs no special treatment. In the
# code, states 0, 1, 2 are awake, tired, asleep; actions 0, 1 are read, rest. *Predict*
# $R(\text{tired}, \text{read})$.

# %%
outcomes = [(0, 0, 0.7, 2, 0), (0, 0, 0.3, 2, 1), (0, 1, 1.0, 0, 0), (1, 0, 0.4, 1, 1), (1, 0, 0.6, -3, 2),
            (1, 1, 0.8, 0, 0), (1, 1, 0.2, 0, 2), (2, 0, 1.0, 0, 2), (2, 1, 1.0, 0, 2)]  # s, a, probability, r, s2
P_night, R_night = np.zeros((3, 2, 3)), np.zeros((3, 2))
for s, a, p, r, s2 in outcomes:
    P_night[s, a, s2] += p
    R_night[s, a] += p * r

# %%
check.worked("sum over s2 of P, for each s and a", P_night.sum(axis=2), "1.0 1.0 1.0 1.0 1.0 1.0")
check.worked("R: awake, tired, asleep; read, rest", R_night, "2.0 0.0 -1.4 0.0 0.0 0.0")
fig, ax = plt.subplots(figsize=(6.6, 3.2))
at = [(0, 0), (4, 0), (8, 0)]                                     # circles: the states
mid = {(0, 0): (2, 1.2), (0, 1): (-1.6, 0), (1, 0): (6, 1.2), (1, 1): (4, -1.4)}     # diamonds: state and action
arrow = lambda a, b, bend, **k: ax.annotate("", b, a, arrowprops=dict(arrowstyle="->", shrinkA=15, shrinkB=17,
                                                                      connectionstyle=f"arc3,rad={bend}") | k)
for (s, a), place in mid.items():
    arrow(at[s], place, 0.15, color="#888888", linestyle="--")
    ax.text(*place, ("read", "rest")[a], size=8, ha="center", va="center", zorder=3)
    ax.plot(*place, "D", ms=25, color="#F3E3C0", mec="#7A4A00")
for s, a, p, r, s2 in outcomes[:7]:
    (x, y), (u, v) = mid[s, a], at[s2]
    arrow((x, y), (u, v), 0.3 if s2 == s else 0.1, color=style.NEGATIVE)
    u, v = (x + u) / 2 + 0.15 * (v - y), (y + v) / 2 - 0.1 * (u - x) * (1 if y >= 0 else 0.4)
    ax.text(u, v, f"{p:g}", color=style.NEGATIVE, size=9, ha="center", va="center", bbox=dict(fc="white", ec="none", pad=0.5))
    if r:
        ax.annotate(f"{r:+d}", (u + 0.05, v + 0.12), (u + 0.3, v + 0.75), color=style.THIRD, size=9, ha="center",
                    arrowprops=dict(arrowstyle="<-", color=style.THIRD))
for place, name in zip(at, ("awake", "tired", "asleep")):
    ax.text(*place, name, size=8, ha="center", va="center", zorder=3)
    ax.plot(*place, "o", ms=38, color="white", mec="#222222")
ax.set(title="Circles: states; diamonds: actions; green: rewards", xlim=(-2.4, 8.8), ylim=(-2, 2.4), xticks=[], yticks=[])
plot.show(fig, "Graph of the student's night. Dashed arrows lead from the circles awake and tired to the diamonds read and rest; "
          "blue arrows with probabilities lead from the diamonds to the next states; green arrows carry the rewards.")


# %% [markdown]
# $0.4\cdot1+0.6\cdot(-3)=-1.4$: what one can count on, though no single hour pays it. In the picture, the agent
# leads from circle to diamond, along a dashed arrow. From the diamond on, chance rules.
#
# A common misreading is worth a sentence. The blue numbers are **not** the probability that an action is taken.
# They are $P(s'\mid s,a)$, the world's answer to an action; those leaving one *diamond* add to 1. How often the
# student reads is up to her **policy** $\pi(a\mid s)$: numbers on the *dashed* arrows, which add to 1 for each
# *circle*, and which belong to the agent and not to the world.
#
# ## 3 Episodes and returns
#
# One run, $s_0,a_0,r_0,\ s_1,a_1,r_1,\dots,r_T$, until an end is reached ("game over", the pole has fallen,
# asleep), is an **episode**. Which of its rewards should be credited to the action $a_t$? Not $r_t$ alone. A good
# move in chess pays nothing at once. The first idea is to count all that follows, the **return**
#
# $$G_t=\sum_{k=0}^{T-t}r_{t+k},\qquad\text{and with discount}\qquad G_t=\sum_{k=0}^{T-t}\gamma^k\,r_{t+k}.$$
#
# (It is often written $R_t$; we keep $R$ for rewards.) The **discount** $\gamma$, between 0 and 1, says how much a
# reward is worth one step later. Why have it? Without it, a task that never ends may have infinite returns, and
# reward now and reward in a thousand steps are equally good. With it, rewards of at most $r_{max}$ give returns of
# at most $r_{max}/(1-\gamma)$. Mind the upper limit: the last reward is $r_T$, so $k$ stops at $T-t$. With $k$ up to
# $T$, a slip one can meet in print, the sum would ask for rewards after the end.
#
# From the back, the sum is a recursion, $G_t=r_t+\gamma G_{t+1}$. *Predict* $G_0$ of the rewards 0, 0, 1, −1, 5,
# without discount and with $\gamma=0.9$. And another: in the video game Pong the point is scored long after the
# stroke that won it. Let a reward of 1 come at $k=9$, nine frames after the stroke. What is the stroke worth with
# $\gamma=0.99$? With 0.5?

# %%
def returns(r, gamma=1.0):
    """G_t = r_t + gamma r_{t+1} + gamma² r_{t+2} + ... for all t of one episode; r (T + 1,)."""
    G, total = np.zeros(len(r)), 0.0
    for t in reversed(range(len(r))):
        G[t] = total = r[t] + gamma * total
    return G


# %%
r, T, t = np.array([0, 0, 1, -1, 5]), 4, 3
check.worked("G without discount", returns(r), "5 5 5 4 5")
check.worked("G with gamma = 0.9", returns(r, 0.9), "3.3615 3.735 4.15 3.5 5")
check.worked("t = 3: last index with k up to T; up to T - t; last one there", [t + T, t + (T - t), len(r) - 1], "7 4 4")
pong = np.eye(10)[9]  # the reward comes at k = 9
check.worked("the stroke: gamma = 0.99; 0.5", [returns(pong, 0.99)[0], returns(pong, 0.5)[0]], "0.913517 0.001953")


# %% [markdown]
# Look at $t=0$, where the reward was 0. The return already contains the 5 that came four steps later: **delayed
# reward has become a signal for each single step.** The rest of the lecture compares actions by the *expected*
# return. In Pong, with 0.99, the stroke still gets nine tenths of the credit; with 0.5 it is all but forgotten. As
# a rule of thumb the agent looks $1/(1-\gamma)$ steps ahead: 100, or 2.
#
# ## 4 What a policy is worth
#
# A **policy** says how actions are chosen: one action for each state ($\pi: S\to A$), or in general probabilities
# $\pi(a\mid s)$, an array `pi` of shape (S, A) with rows that sum to 1. The goal is an **optimal** policy, one
# with the largest expected future return from every state. To improve a policy, first measure it. Its **value** is
# the expected return from $s$ on:
#
# $$V(s)=\mathbb E_\pi[G_t\mid s_t=s]=\sum_a\pi(a\mid s)\Big[R(s,a)+\gamma\sum_{s'}P(s'\mid s,a)\,V(s')\Big].$$
#
# $\mathbb E_\pi$ is the mean over all that chance decides when actions are drawn from $\pi$: the actions and the
# world's answers. The second form is the **Bellman equation**. It is $G_t=r_t+\gamma G_{t+1}$ with the mean taken
# on both sides: first over the action, then over the next state, and from there on the expected return is $V(s')$
# by definition. (Here the Markov property is used.) For the student who reads while awake and rests when tired,
# with $\gamma=0.9$: $V_a=2+0.9\,(0.7V_a+0.3V_t)$ and $V_t=0.9\cdot0.8\,V_a$. Hence $V_t=0.72V_a$ and
# $V_a=2/0.1756=11.389522$.
#
# In general these are as many linear equations as states, $(I-\gamma P_\pi)V=r_\pi$. One detail: in an end state
# the equation reads $V=\gamma V$. For $\gamma<1$ this means $V=0$; for $\gamma=1$ it means nothing, so we write
# $V=0$ ourselves.

# %%
def evaluate(P, R, pi, gamma):
    """The value V (S,) of the policy pi (S, A), by solving the Bellman equation."""
    S = np.arange(len(P))  # P[S, :, S] has shape (S, A): the chance to stay where one is
    alive = (P[S, :, S] < 1).any(axis=1) | (R != 0).any(axis=1)  # an end surely stays
    P_pi, r_pi = np.einsum("sa,sat->st", pi, P), (pi * R).sum(axis=1)
    return np.linalg.solve(np.eye(len(P)) - gamma * P_pi * alive[:, None], r_pi)


# %%
reads = np.array([[1, 0], [0, 1], [1, 0]])  # awake: read; tired: rest
check.worked("V of awake, tired, asleep", evaluate(P_night, R_night, reads, 0.9), "11.389522 8.200456 0.000000")
check.worked("V of reading always", evaluate(P_night, R_night, np.eye(2)[[0, 0, 0]], 0.9), "3.809122 -2.187500 0.000000")

# %% [markdown]
# Rest pays nothing and is worth a lot: the hour after it is better. Next, larger worlds, drawn with letters: "." is
# free, "#" a wall, "G" a goal (entering it pays 1 and ends the episode), "T" a trap (−1, the end). `step` is the
# reward of any other move. With probability `slip` the move goes to one of its two sides instead, half to either.

# %%
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left: rows first

def gridworld(rows, slip=0.0, step=0.0):
    """A map in text to P (S, 4, S), R (S, 4) and cells, the (row, column) of each state."""
    cells = [(i, j) for i, row in enumerate(rows) for j, sign in enumerate(row) if sign != "#"]
    number = {cell: s for s, cell in enumerate(cells)}
    P, R = np.zeros((len(cells), 4, len(cells))), np.zeros((len(cells), 4))
    for s, a in np.ndindex(R.shape):
        i, j = cells[s]
        if rows[i][j] in "GT":
            P[s, a, s] = 1  # an end leads to itself
            continue
        for turn, p in ((0, 1 - slip), (1, slip / 2), (-1, slip / 2)):
            down, right = MOVES[(a + turn) % 4]
            s2 = number.get((i + down, j + right), s)  # a wall or the edge: stay
            u, v = cells[s2]
            P[s, a, s2] += p
            R[s, a] += p * {"G": 1.0, "T": -1.0}.get(rows[u][v], step)
    return P, R, cells


# %%
def draw(ax, cells, V, title, Q=None, digits=1, signs="↑→↓←"):
    """Values V (S,) at their cells, dark where large; with Q (S, A) also the best moves (none where all are equal)."""
    picture = np.full(np.max(cells, axis=0) + 1, np.nan)
    picture[tuple(np.transpose(cells))] = V
    ax.imshow(picture, cmap=style.ORDERED, vmin=np.min(V) - 0.1, vmax=np.max(V) + 0.9 * np.ptp(V) + 0.1)
    for s, (i, j) in enumerate(cells):
        best = [] if Q is None or np.ptp(Q[s]) < 1e-9 else np.flatnonzero(Q[s] > Q[s].max() - 1e-9)
        text = f"{V[s]:.{digits}f}" + "\n" * (len(best) > 0) + "".join(signs[a] for a in best)
        ax.text(j, i, text, ha="center", va="center", size=8)
    ax.set(title=title, xticks=[], yticks=[])


# %% [markdown]
# Two classics from the textbook of R. Sutton and A. Barto ("Reinforcement Learning", second edition, 2018) check
# our arrays. The first: 4 × 4 cells with an end in two corners, −1 for every move, $\gamma=1$, and a policy that
# chooses each of the four moves with probability ¼. A value is then minus the expected number of moves until the
# end. *Predict* it for a cell beside an end: 1 move if lucky.
#
# The second: 5 × 5 cells without an end, $\gamma=0.9$, again four moves with ¼ each. A move against the edge stays,
# with reward −1. From cell A (top row, second) *any* action pays 10 and leads to the bottom of its column; from B
# (top row, fourth) any pays 5 and leads two cells down. *Predict:* is A worth more than 10, or less?

# %%
P_four, R_four, cells_four = gridworld(["G...", "....", "....", "...G"])
R_four = np.where((P_four[range(16), :, range(16)] == 1).all(axis=1), 0.0, -1.0)[:, None] * np.ones(4)
V_four = evaluate(P_four, R_four, np.full((16, 4), 0.25), 1.0)
check.worked("the 4 x 4 world", V_four, "0 -14 -20 -22  -14 -18 -20 -20  -20 -20 -18 -14  -22 -20 -14 0")

# %%
P_five, _, cells_five = gridworld(["....."] * 5)
R_five = -np.array([P_five[s, :, s] for s in range(25)])  # -1 where a move stays in its cell
P_five[1], R_five[1], P_five[3], R_five[3] = np.eye(25)[21], 10, np.eye(25)[13], 5  # A and B
V_five = evaluate(P_five, R_five, np.full((25, 4), 0.25), 0.9)
check.worked("the 5 x 5 world", V_five, "3.3 8.8 4.4 5.3 1.5  1.5 3.0 2.3 1.9 0.5  0.1 0.7 0.7 0.4 -0.4  "
             "-1.0 -0.4 -0.4 -0.6 -1.2  -1.9 -1.3 -1.2 -1.4 -2.0")


# %% [markdown]
# Fourteen beside an end: three of four first moves miss it, and whatever follows is as blind. And A is worth less
# than 10: 8.8, for one lands in the bottom row, whose edge costs more than is to be had there. B is worth more
# than 5, because it lands in a better place. Both tables agree with the printed ones in every digit.
#
# ## 5 The best policy
#
# The value of the *best* policy obeys a Bellman equation as well. Instead of the policy's mean over actions it
# takes the best one. In two steps, with $Q(s,a)$, the value of doing $a$ now and the best ever after:
#
# $$Q(s,a)=R(s,a)+\gamma\sum_{s'}P(s'\mid s,a)\,V(s'),\qquad V(s)=\max_aQ(s,a).$$
#
# Who knows $Q$ needs no map to act well: take the largest entry in the row of $s$, **greedily**. The maximum makes
# the equations non-linear, so `solve` does not help. **Value iteration** puts any $V$ into the right side, takes
# what comes out, and repeats: each pass is a **sweep**. Why does that converge? Take two tables $V$, $W$ that
# differ nowhere by more than $d$. Means over $s'$ differ by at most $d$, a maximum of numbers that differ by at
# most $d$ differs by at most $d$, and $\gamma$ makes it $\gamma d$: a **contraction**. Now let $W$ be a solution.
# A sweep leaves it where it is, so $V$ comes nearer, by the factor $\gamma$ at least. (Hence there is only one: of
# two, each would have to come nearer to the other. And there is one: the sweeps' own changes shrink like
# $\gamma^k$, so they settle.) For $\gamma=1$ this argument is empty; convergence then needs another one (in our
# worlds: the end can be reached from everywhere, and idling costs).
#
# It is time for a third printed table, from S. Russell and P. Norvig ("Artificial Intelligence: A Modern
# Approach"): a wall, a goal, a trap, $\gamma=1$, a cost of 0.04 for every move, and one move in five slips to a
# side.

# %%
def value_iteration(P, R, gamma, tol=1e-10):
    """V (S,), Q (S, A) of the best policy, and the number of sweeps until no value changed by more than tol."""
    V, change, sweeps = np.zeros(len(P)), np.inf, 0
    while change > tol:
        Q = R + gamma * P @ V
        V, change, sweeps = Q.max(axis=1), np.abs(Q.max(axis=1) - V).max(), sweeps + 1
    return V, Q, sweeps

V_best, Q_best, sweeps = value_iteration(P_five, R_five, 0.9)
check.worked("5 x 5, best", V_best, "22.0 24.4 22.0 19.4 17.5  19.8 22.0 19.8 17.8 16.0  17.8 19.8 17.8 16.0 14.4  "
             "16.0 17.8 16.0 14.4 13.0  14.4 16.0 14.4 13.0 11.7")
check.same("A: 10 + 10 γ⁵ + 10 γ¹⁰ + ...", V_best[1], 10 / (1 - 0.9**5), 1e-8)

world = ["...G", ".#.T", "...."]
P_world, R_world, _ = gridworld(world, slip=0.2)
R_book = R_world - 0.04 * (P_world[range(11), :, range(11)] < 1).any(axis=1)[:, None]  # charges the last move, too
check.worked("the world with a trap", np.delete(value_iteration(P_world, R_book, 1.0)[0], [3, 6]),
             "0.812 0.868 0.918 0.762 0.660 0.705 0.655 0.611 0.388")  # fmt: skip

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.4))
draw(axes[0], cells_five, V_five, "Aimless: A and B pay,\nevery edge costs")
draw(axes[1], cells_five, V_best, "At its best: all roads lead to A\n(in A and B, any move will do)", Q_best)
marks = [ax.text(j - 0.4, -0.25, name, size=8) for ax in axes for j, name in ((1, "A"), (3, "B"))]
plot.show(fig, "Values of the 5 by 5 world. Left, random moves: 8.8 at A, 5.3 at B, below 0 in the lower rows. Right, the best "
          "policy: 24.4 at A, falling with the distance to A, and arrows that point towards A.")


# %% [markdown]
# Both as printed. In the 5 × 5 world the best loop takes the 10, walks four moves back up and takes it again: A
# pays every five steps. (24.4 is $10+10\gamma^5+10\gamma^{10}+\dots$)
#
# **Policy iteration** (R. Howard, 1960) goes another way. Evaluate a policy by `solve`; make it greedy with
# respect to its own $Q$; repeat until nothing changes. Each round is at least as good in every state. To deviate
# *once*, now, to a better action, and go on as before, loses nowhere: $\max_aQ\ge V$. "As before" is worth $V$ one
# step later, where the same holds; so to deviate in the first *two* steps is at least as good as in one, then
# three, and so on for ever. There are finitely many policies, so it ends, and at the end $V=\max_aQ$, the equation
# of the best. *Predict*: which needs more passes, policy iteration or value iteration?

# %%
def policy_iteration(P, R, gamma):
    """V (S,) and greedy actions (S,) of the best policy, and the number of rounds."""
    actions, rounds = np.zeros(len(P), int), 0
    while True:
        V, rounds = evaluate(P, R, np.eye(R.shape[1])[actions], gamma), rounds + 1
        Q = R + gamma * P @ V
        if np.all(Q.max(axis=1) <= Q[range(len(P)), actions] + 1e-9):  # nothing is better: stop, whatever the ties
            return V, actions, rounds
        actions = Q.argmax(axis=1)

V_policy, _, rounds = policy_iteration(P_five, R_five, 0.9)
check.same("policy iteration and value iteration: V", V_policy, V_best, 1e-8)
check.claim("sweeps of value iteration for each round of policy iteration", sweeps / rounds, at_least=20)

sweep = lambda V: (R_five + 0.9 * P_five @ V).max(axis=1)
distances = [np.abs(V - V_policy).max() for V in (np.zeros(25), sweep(np.zeros(25)))]
check.worked("distance to the solution: V = 0; after one sweep; ratio", [*distances, distances[1] / distances[0]],
             "24.419 21.977 0.900000")


# %% [markdown]
# Three or four rounds (as rounding breaks the ties) against 242 sweeps. A round solves a linear system, though,
# and a sweep is one product. The ratio is 0.9, what the contraction promised at worst.
#
# ## 6 Ice and a cliff
#
# Environments of Gymnasium with few states carry their table along, in `env.unwrapped.P`: for each state and action
# a list of (probability, next state, reward, end?). One must mind the ends: in the cliff world the table still has
# moves *out of* the goal, which no episode can ever make.
#
# **The cliff**: 4 × 12 cells, start and goal in the lower corners, between them a cliff. Each move costs 1; a fall
# costs 100 and one stands at the start again. The best way, along the brink, is 13 moves long.
#
# **The ice**: a move goes where it should with probability ⅓, and to either side with ⅓ each. Four cells are holes.
# Reaching the far corner pays 1, so without discount the value of the start is *the probability of success*.
# (Moves are numbered left, down, right, up here; on the cliff as in `MOVES`.) *Predict* that probability, for random
# moves, and for the best policy.
#
# Gymnasium ends an episode on the ice after 100 moves. How likely is success within them? The 100th power of the
# matrix of a policy moves its probabilities by 100 steps. (Our lake has a sister of 8 × 8 cells.) A last guess: how
# many moves does an aimless walk over the cliff take to the goal?

# %%
def arrays(env):
    """P (S, A, S) and R (S, A) of a Gymnasium environment that has a table; ends lead to themselves with reward 0."""
    table = env.unwrapped.P
    P, R = np.zeros((len(table), len(table[0]), len(table))), np.zeros((len(table), len(table[0])))
    ends = {s2 for row in table.values() for case in row.values() for _, s2, _, over in case if over}
    for s, a in np.ndindex(R.shape):
        for p, s2, r, _ in [(1.0, s, 0.0, True)] if s in ends else table[s][a]:
            P[s, a, s2] += p
            R[s, a] += p * r
    return P, R

P_ice, R_ice = arrays(ice)
P_cliff, R_cliff = arrays(cliff := gym.make("CliffWalking-v1"))
(V_ice, Q_ice, _), (V_cliff, Q_cliff, _) = value_iteration(P_ice, R_ice, 0.99), value_iteration(P_cliff, R_cliff, 1.0)
check.worked("start of the cliff, gamma = 1; of the ice, gamma = 0.99", [V_cliff[36], V_ice[0]], "-13.000 0.542026")

in_time = lambda P, Q, n: np.linalg.matrix_power(P[range(len(P)), Q.argmax(axis=-1)], n)[..., 0, -1]  # at the goal
success = lambda Q: in_time(P_ice, Q, 10000)  # greedy on Q, one or many; by then all walks are over, or go round for ever
aimless = evaluate(P_ice, R_ice, np.full((16, 4), 0.25), 1.0)
chances = [aimless[0], success(R_ice + P_ice @ aimless), success(Q_ice)]
check.worked("success on ice: aimless; greedy on the Q of aimless; best", chances, "0.013940 0.780488 0.823529")
walk = -evaluate(P_cliff, -1.0 * (R_cliff < 0), np.full((48, 4), 0.25), 1.0)[36]  # reward -1 for every move
check.worked("moves of an aimless walk on the cliff", walk, "6453")

P_large, R_large = arrays(gym.make("FrozenLake-v1", map_name="8x8"))
stopped = in_time(P_ice, Q_ice, 100), in_time(P_large, value_iteration(P_large, R_large, 0.99)[1], 100)
check.worked("success within 100 moves: 4 x 4; 8 x 8", stopped, "0.740165 0.631738")

# %%
fig, ax = plt.subplots(figsize=(4, 3.6))
draw(ax, list(np.ndindex(4, 4)), V_ice, "On ice, the safe move often\npoints away from the goal", Q_ice, 2, "←↓→↑")
for (i, j), sign in np.ndenumerate(ice.unwrapped.desc.astype(str)):  # S: start, H: hole, G: goal
    ax.text(j - 0.43, i - 0.3, sign.replace("F", ""), size=8)
plot.show(fig, "Values on the frozen lake at gamma 0.99, from 0.54 at the start, upper left, to 0.86 beside the goal, lower right (G); "
          "0 in the four holes (H) and the goal. Several best moves point at a wall or back.")

# %% [markdown]
# Three numbers for one lake, and three questions. At $\gamma=0.99$ the start is worth 0.542, because late success
# counts less. With all the time in the world one succeeds with probability 0.824 (14/17, if one solves with
# fractions). A single round of policy iteration, greedy on the $Q$ of the aimless walk, already has 0.780. Within
# 100 moves the best policy has 0.740 (0.632 on the large lake; whoever also looked at the clock could do a little
# better). These are exact. Whoever counts over 1000 episodes will read figures a little above or below: one
# standard error is .014. The arrows look odd until one sees that a move *against the wall* cannot slip forward
# into a hole. An aimless walk over the cliff, 6453 moves long on average, shows why one needs a better plan.
#
# ## 7 Reward that comes late
#
# Two tiny worlds. **Pong:** one action hits the ball, the other misses it. Then come frames in which no action
# changes anything, and nine frames after the stroke the point. **A climb:** camps in a row at heights 4, 3, 2, 1,
# 3, 6, 9; the reward of a move is the height gained, and the two summits, 4 and 9, are ends. The climber stands in
# the second camp, one step from the small summit. *Predict:* where does she go with $\gamma=0.5$? And with 0.9?

# %%
P_pong, R_pong = np.zeros((12, 2, 12)), np.zeros((12, 2))
for s in range(12):  # 0: the stroke; 1 to 9: the frames after it; 10: scored; 11: missed
    P_pong[s, :, s + 1 if s < 10 else s] = 1
P_pong[0, 1], R_pong[9] = np.eye(12)[11], 1
check.worked("Q of the stroke: hit, miss", value_iteration(P_pong, R_pong, 0.99)[1][0], "0.913517 0.000000")

height = np.array([4, 3, 2, 1, 3, 6, 9])
to = np.clip(np.arange(7)[:, None] + [-1, 1], 0, 6)  # actions: left, right
to[[0, 6]] = [[0], [6]]                              # the summits lead to themselves
P_climb, R_climb = np.eye(7)[to], (height[to] - height[:, None]).astype(float)
Q_start = [value_iteration(P_climb, R_climb, gamma)[1][1] for gamma in (0.5, 0.9)]
check.worked("Q of left, right at the start: gamma = 0.5; 0.9", Q_start, "1.0000 -0.2500 1.0000 3.8753")

# %% [markdown]
# The far-sighted climber **goes down first**, through two moves of reward −1, because her return counts what comes
# later: $-1-0.9+0.81\cdot2+0.729\cdot3+0.6561\cdot3=3.8753$. The short-sighted one takes the small summit. (Her
# $Q$ of *right* is not the worth of the long way, which is −0.4375. $Q$ means the best ever after, and after one
# step down that is to turn round: $-1+0.5\cdot1+0.25\cdot1=-0.25$.) An agent that maximised *reward* instead of
# *return* would never descend. In Pong, value iteration has carried the point back to the stroke, one frame per
# sweep. The frames between hold values too: that is how credit travels.
#
# ## 8 Play
#
# A world to paint in. It opens with that of Russell and Norvig: a wall, a goal, a trap, and one move in five slips
# to a side. (Entering an end costs nothing extra here, so every value is 0.04 above theirs.) *Questions.* Press
# `One sweep` a few times: in which order do the cells learn? Then `Run`. What does the cell left of the trap do?
# Now make every step cost more, from −0.04 down towards −1, and run again each time: from where on does the corner
# below the trap jump into it on purpose? And what changes without slip?

# %%
GridWorld(world, gamma=1.0, slip=0.2, step=-0.04)

# %% [markdown]
# <details><summary>Answer</summary>
#
# From the ends outwards: after $k$ sweeps, only what lies within $k$ moves of a cell counts. The cell left of the
# trap goes up, and risks a slip into the trap one time in ten. At −0.04 the corner below the trap walks away from
# it, the long way round. When a step costs about 0.46 or more, it jumps. Without slip one can work it out: the trap
# costs 1 at once, the way round costs three steps and then pays 1, so the corner jumps if $-1>3\,\text{step}+1$,
# that is, below $-\frac23$. An agent in pain takes the fastest way out; what it is told to want is your choice, not
# its own.
#
# </details>
#
# The same world with steps at −0.5, and the corner's choice on both sides of each border (1: it jumps):

# %%
jump = lambda step, slip: value_iteration(*gridworld(world, slip, step)[:2], 1.0)[1][10].argmax() == 0
cases = [jump(-0.45, 0.2), jump(-0.47, 0.2), jump(-0.66, 0), jump(-0.67, 0)]
check.worked("slip 0.2, step -0.45; -0.47; no slip, step -0.66; -0.67", cases, "0 1 0 1")
GridWorld(world, gamma=1.0, slip=0.2, step=-0.5)


# %% [markdown]
# The arrow below the trap points into it: with its slips, the way round costs more on average than the trap.
#
# ## 9 One state, many arms
#
# So far the arrays were *given*. From here on the agent knows neither `P` nor `R`; it must try. Then a question
# appears that no sweep has to answer: use the best action known so far, or try another one, which may be better?
# **Exploitation** or **exploration**. The smallest case has a single state: ten slot machines ("bandits") with
# unknown mean payoffs, here drawn from a standard normal, and each payoff is its mean plus noise of variance 1.
#
# The **regret** is what the best machine would have paid on average, less what the chosen ones pay on average,
# added up. Three players keep the mean payoff of each arm, $\hat\mu$. The *greedy* one plays the arm with the
# largest mean so far. The *ε-greedy* one does so too, but with probability $\varepsilon$ plays a random arm. *UCB*
# (upper confidence bound; P. Auer and others, 2002) adds a bonus for what is little known,
# $\hat\mu_a+\sqrt{2\ln t/N_a}$, after $N_a$ plays of that arm. (An untried arm has an endless bonus, so each is tried
# at least once; the code puts $10^{-9}$ for $N_a=0$.) *Predict* the order after 1000 plays.

# %%
def bandit(rule, steps, rng, n=500, arms=10):
    """Regret summed over the steps (steps,), mean of n players; rule(mean, N, t) (n, arms) → chosen arms (n,)."""
    payoff, rows = rng.normal(size=(n, arms)), np.arange(n)
    (mean, N), lost = np.zeros((2, n, arms)), np.zeros(steps)  # mean and N: (n, arms) each
    for t in range(steps):
        a = rule(mean, N, t)
        N[rows, a] += 1
        mean[rows, a] += (payoff[rows, a] + rng.normal(size=n) - mean[rows, a]) / N[rows, a]
        lost[t] = np.mean(payoff.max(axis=1) - payoff[rows, a])
    return lost.cumsum()

rng = np.random.default_rng(89)
explore = lambda m, N, t: np.where(rng.random(len(m)) < 0.1, rng.integers(10, size=len(m)), m.argmax(axis=1))
ucb = lambda m, N, t: (m + np.sqrt(2 * np.log(t + 1) / np.maximum(N, 1e-9))).argmax(axis=1)
rules = {"greedy": lambda m, N, t: m.argmax(axis=1), "ε-greedy, 0.1": explore, "UCB": ucb}
regret = {name: bandit(rule, 1000, rng) for name, rule in rules.items()}
check.claim("regret after 1000 plays: greedy over UCB", regret["greedy"][-1] / regret["UCB"][-1], at_least=5.2)
check.claim("ε-greedy over UCB", regret["ε-greedy, 0.1"][-1] / regret["UCB"][-1], at_least=2.3)

# %%
fig, ax = plt.subplots()
for (name, values), look in zip(regret.items(), ("-", "--", "-.")):
    ax.plot(values, look, label=name)
ax.set(title="Who never explores pays for ever", xlabel="plays", ylabel="regret")
ax.legend()
plot.show(fig, "Regret against plays: greedy a steep straight line; ε-greedy below it; UCB steepest at first, then lowest and flattest.")


# %% [markdown]
# Greedy settles on some arm that happened to pay first, and its regret grows for ever. That of ε-greedy grows for
# ever, too, by a constant share of random plays. With UCB it grows like $\ln t$. In worlds with many states
# ε-greedy is the usual choice, as it needs nothing but one random number.
#
# ## 10 Learning from experience
#
# Three rules to learn $Q(s,a)$ from steps $(s,a,r,s')$ alone, with no map, acting ε-greedily on $Q$ all the while.
# Each moves one number of the table a little, by the **learning rate** $\eta$, towards a target:
# $Q(s,a)\leftarrow Q(s,a)+\eta\,[\,\text{target}-Q(s,a)\,]$.
#
# | rule | target | waits for |
# |---|---|---|
# | **Monte Carlo** | $G_t$, the return that really came | the end of the episode |
# | **SARSA** (s, a, r, s′, a′; G. Rummery and M. Niranjan, 1994) | $r+\gamma\,Q(s',a')$, with the action $a'$ that is really taken next | one step |
# | **Q-learning** (C. Watkins, 1989) | $r+\gamma\max_{a'}Q(s',a')$ | one step |
#
# The first, with $\eta$ one over the number of visits, is a mean of samples, as in any statistics (though the policy
# that draws them changes on the way). The other two
# put one sampled step into a Bellman equation and use the table's own guess for the rest: they **bootstrap**. After
# an end there is no rest: the target is $r$. (A *truncated* episode has not ended; there the guess still counts.)
#
# A large value to start with, `Q0`, is optimism: what has not been tried looks good, so it will be tried. *Predict:*
# 0 is optimistic on one of our two worlds, the cliff and the ice. On which, and what happens on the other?

# %%
def choose(q, epsilon, rng):
    """The ε-greedy action for a row q (A,) of the table; among equal ones the first."""
    return int(rng.integers(len(q))) if rng.random() < epsilon else int(q.argmax())

def monte_carlo(env, episodes, rng, gamma=1.0, Q0=0.0):
    """Q (S, A), each entry the mean of the returns seen there; ε falls from 1 to 0."""
    Q, N = np.full((env.observation_space.n, env.action_space.n), Q0), np.zeros((env.observation_space.n, env.action_space.n))
    env.reset(seed=int(rng.integers(2**31)))
    for k in range(episodes):
        (s, _), over, steps = env.reset(), False, []
        while not over:
            a = choose(Q[s], 1 - k / episodes, rng)
            s2, r, ended, cut, _ = env.step(a)
            steps.append((s, a, r))
            s, over = s2, ended or cut
        for (s, a, _), G in zip(steps, returns([r for _, _, r in steps], gamma)):
            N[s, a] += 1
            Q[s, a] += (G - Q[s, a]) / N[s, a]
    return Q


# %%
def td(env, episodes, rng, gamma, eta, epsilon, Q0, on_policy):
    """Q (S, A), and return and number of moves of each episode (episodes, 2); eta falls to 0."""
    Q, log = np.full((env.observation_space.n, env.action_space.n), Q0), np.zeros((episodes, 2))
    env.reset(seed=int(rng.integers(2**31)))
    for k in range(episodes):
        (s, _), over = env.reset(), False
        a = choose(Q[s], epsilon, rng)
        while not over:
            s2, r, ended, cut, _ = env.step(a)
            a2 = choose(Q[s2], epsilon, rng)
            ahead = Q[s2, a2] if on_policy else Q[s2].max()
            Q[s, a] += eta * (1 - k / episodes) * (r + gamma * (not ended) * ahead - Q[s, a])
            s, a, over = s2, a2, ended or cut
            log[k] += r, 1
    return Q, log

def sarsa(env, episodes, rng, gamma=1.0, eta=0.5, epsilon=0.1, Q0=0.0):
    """Q (S, A), and return and number of moves of each episode."""
    return td(env, episodes, rng, gamma, eta, epsilon, Q0, on_policy=True)

def q_learning(env, episodes, rng, gamma=1.0, eta=0.5, epsilon=0.1, Q0=0.0):
    """Q (S, A), and return and number of moves of each episode."""
    return td(env, episodes, rng, gamma, eta, epsilon, Q0, on_policy=False)


# %% [markdown]
# On the cliff 0 is optimistic: all rewards are negative. On the ice almost every reward is 0. With `Q0` = 0 all moves
# look equal there, `choose` takes the first one again and again, the goal is hardly ever met, and most of our runs
# learned nothing. No return exceeds 1, so `Q0` = 1 is optimistic.
#
# The last two rules differ in the line of `ahead`. SARSA's target contains the action that is really taken next. So
# it learns the value of the policy it *follows* (**on-policy**). Q-learning learns the value of the greedy policy,
# whatever it does meanwhile (**off-policy**). *Predict* who earns more on the cliff *while learning*, and which of
# the three rules succeeds on the ice.

# %%
rng = np.random.default_rng(90)
check.claim("ice, 4000 episodes of Monte Carlo: success", success(monte_carlo(ice, 4000, rng, 0.99)), at_most=0.71)
check.claim("ice, 4000 episodes of SARSA: success", success(sarsa(ice, 4000, rng, 0.99, 0.2, Q0=1.0)[0]), at_least=0.769)
check.claim("ice, 4000 episodes of Q-learning", success(q_learning(ice, 4000, rng, 0.99, 0.2, Q0=1.0)[0]), at_least=0.82)
online = [rule(cliff, 500, rng)[1][250:, 0].mean() for rule in (sarsa, q_learning)]
check.claim("cliff, return while learning, episodes 251 to 500: SARSA less Q-learning", online[0] - online[1], at_least=20)


# %% [markdown]
# On the ice Q-learning finds the best policy, 0.824, and SARSA one that is nearly as good. Monte Carlo is
# behind after as many episodes, with most seeds far behind (each rule with the best of a few settings that we tried): its target, a whole
# episode of luck and random moves, is very noisy. That its mean also contains the returns of older, more random walks
# matters less: greedy on the *exact* $Q$ of the most random one had 0.780 in section 6. (On the cliff Monte Carlo is
# slow: an aimless walk takes 6453 moves to the end, on average, and only there does it learn at all.)
#
# What a rule tends to is known. Q-learning goes to the optimum if every pair is tried for ever and the learning
# rate shrinks properly, $\sum\eta=\infty$, $\sum\eta^2<\infty$ (Watkins and P. Dayan, 1992), no matter how the
# actions are chosen. Monte Carlo and SARSA estimate the values of the policy they follow, random moves included,
# and that policy changes with $Q$: to evaluate and to make greedy, as in policy iteration, but both at once. With
# fixed $\varepsilon$, SARSA so tends to the best of all *ε-greedy* policies.
#
# And on the cliff, SARSA earns more *while learning*. One seed proves little, though. We would like hundreds.
#
# ## 11 A thousand learners at once
#
# At the end of this section 256 learners of each kind settle the question of the cliff: who earns more, why, and by
# how much. To afford them we need speed first, two cells of it. (They may be skipped at a first reading.)
#
# Where does the time go? Into Gymnasium's checks and NumPy's overhead for rows of four numbers. For such small
# rows plain Python lists are faster (`q_lists`, here only to compare). A better idea still: let many learners,
# each with its own table and its own luck, take each step **in lock-step**, as rows of one array. Then NumPy's
# overhead is paid once for all. One trick saves every special case at the end of an episode: the next state is the
# start at once, and the factor `more` removes its value from the target. (On the ice and on the cliff, all
# outcomes of an action are equally likely. Both functions use it.) *Predict* the two ratios to section 10's loop.

# %%
def q_lists(env, start, steps, rng, gamma=1.0, eta=0.5, epsilon=0.1, Q0=0.0):
    """Q-learning with plain lists: Q as a list of S lists of A numbers, after so many steps."""
    table, draw = env.unwrapped.P, random.Random(int(rng.integers(2**31))).random
    cases = [[[(start if over else int(s2), float(r), gamma * (not over)) for _, s2, r, over in table[s][a]]
              for a in table[s]] for s in table]  # fmt: skip
    Q, s, A = [[Q0] * len(row) for row in cases], start, len(cases[0])
    for _ in range(steps):
        q = Q[s]
        a = int(A * draw()) if draw() < epsilon else q.index(max(q))
        case = cases[s][a]
        s, r, more = case[int(len(case) * draw())]
        q[a] += eta * (r + more * max(Q[s]) - q[a])
    return Q


# %%
def lockstep(env, start, n, steps, rng, gamma=1.0, eta=0.5, epsilon=0.1, Q0=0.0, on_policy=False):
    """n learners: Q (n, S, A), and mean reward and share of ended episodes of each step (steps, 2); eta falls to 0."""
    table, rows = env.unwrapped.P, np.arange(n)
    # cases (S, A, 3, 3): three equally likely outcomes (next state, reward, end?); a sure one is listed three times
    cases = np.array([[[case[k % len(case)][1:] for k in range(3)] for case in table[s].values()] for s in table], float)
    reward, more = cases[..., 1], 1 - cases[..., 2]
    nxt = np.where(more, cases[..., 0], start).astype(int)
    Q, log = np.full((n, *nxt.shape[:2]), Q0), np.zeros((steps, 2))
    pick = lambda q: np.where(rng.random(n) < epsilon, rng.integers(q.shape[1], size=n), q.argmax(axis=1))
    s, a = np.full(n, start), pick(Q[:, start])
    for t in range(steps):
        case = s, a, rng.integers(3, size=n)  # one of three outcomes each
        q = Q[rows, nxt[case]]
        a2 = pick(q)
        ahead = q[rows, a2] if on_policy else q.max(axis=1)
        target = reward[case] + gamma * more[case] * ahead
        Q[rows, s, a] += eta * (1 - t / steps) * (target - Q[rows, s, a])
        s, a, log[t] = nxt[case], a2, (reward[case].mean(), 1 - more[case].mean())
    return Q, log


# %% [markdown]
# First the speed, then the use: 256 learners on the ice, and 256 of each kind on the cliff.

# %% tags=["nbval-ignore-output"]
rate = lambda work, start: work() / (time.process_time() - start)  # start is read before work runs
loop = rate(lambda: q_learning(cliff, 500, rng)[1][:, 1].sum(), time.process_time())
lists = rate(lambda: (q_lists(cliff, 36, 100000, rng), 100000)[1], time.process_time())
many = rate(lambda: 1024 * len(lockstep(cliff, 36, 1024, 300, rng)[1]), time.process_time())
print(f"updates per second: Gymnasium {loop:,.0f}; lists {lists / loop:.0f} times, 1024 in lock-step {many / loop:.0f} times")

# %%
rng = np.random.default_rng(91)
Q_many = lockstep(ice, 0, 256, 16000, rng, 0.99, 0.2, 0.3, Q0=1.0)[0]
found = np.mean(success(Q_many) > 0.8235)
check.claim("ice: share of 256 Q-learners whose greedy policy is the best one", found, at_least=0.92)
(Q_sarsa, log_sarsa), (Q_off, log_off) = (lockstep(cliff, 36, 256, 8000, rng, on_policy=on) for on in (True, False))

# %% [markdown]
# Lists are more than ten times as fast as the loop, and a thousand learners in lock-step a few times faster
# again. Nearly every Q-learner has found the best policy of the ice. So a success is no luck of one seed.
#
# What should each kind earn *while learning*, with one move in ten at random? Two exact references. Q-learning
# tends to the optimal $Q$: its walk is the way along the brink with random moves mixed in (ties broken evenly).
# SARSA tends, as said, to the best that *any* ε-greedy walker can earn. To look for that is an MDP, too: every
# action is replaced by the mixture of 0.9 times itself and 0.1 times the mean of all. *Predict* the two numbers.
# (The best way itself has return −13.) How long each learner's greedy way is, we find by walking it for 50 moves.

# %%
brink = Q_cliff > Q_cliff.max(axis=1, keepdims=True) - 1e-9
brink = 0.9 * brink / brink.sum(axis=1, keepdims=True) + 0.1 / 4
P_soft, R_soft = (0.9 * M + 0.1 * M.mean(axis=1, keepdims=True) for M in (P_cliff, R_cliff))
exact = [evaluate(P_cliff, R_cliff, brink, 1.0)[36], value_iteration(P_soft, R_soft, 1.0)[0][36]]
check.worked("return with one random move in ten: along the brink; best possible", exact, "-50.800 -20.708")

# %%
fig, ax = plt.subplots()
earned = {name: log.reshape(32, 250, 2).sum(axis=1) for name, log in (("Q-learning", log_off), ("SARSA", log_sarsa))}
for (name, sums), goal, look, color in zip(earned.items(), exact, ("--", "-"), (style.POSITIVE, style.NEGATIVE)):
    ax.plot(250 * np.arange(1, 33), sums[:, 0] / sums[:, 1], look, color=color, label=name)
    ax.axhline(goal, color=color, linestyle=":")
ax.set(title="Q-learning knows the best way, SARSA earns more", xlabel="moves of each learner", ylabel="return per episode")
ax.set(ylim=(-150, 0))
ax.legend(loc="lower right", title="dotted: exact")
plot.show(fig, "Return per episode against moves, mean of 256 learners. Both rise steeply; Q-learning settles near the dotted line at "
          "minus 51; SARSA rises on, to between minus 30 and minus 20.")
last = [sums[-8:, 0].sum() / sums[-8:, 1].sum() for sums in earned.values()]
check.claim("return per episode in the last quarter: SARSA less Q-learning", last[1] - last[0], at_least=24.5)

def moves(Q):
    """Moves to the goal of each greedy policy in Q (n, S, A), at most 50."""
    s, count = np.full(len(Q), 36), np.zeros(len(Q), int)
    for _ in range(50):
        count += s != 47
        s = P_cliff[s, Q[np.arange(len(Q)), s].argmax(axis=1)].argmax(axis=1)
    return count

check.claim("cliff: share of Q-learners on the shortest way, 13 moves", np.mean(moves(Q_off) == 13), at_least=0.99)
check.claim("cliff: median way of SARSA, in moves", np.median(moves(Q_sarsa)), at_least=16)

# %% [markdown]
# All Q-learners, or nearly all, know the shortest way, and they fall off the cliff again and again, since their
# own random moves do not enter the target. (Their curve may run a little off its dotted line. That line breaks
# ties evenly; a learner need not, and other habits among equally good moves earn for instance −46 or −52.) SARSA's
# $Q$ counts its random moves, so it keeps a row or two away: a longer way, a better return *as long as it explores*. "Which is
# better?" has no answer without saying when one counts. If $\varepsilon$ goes to 0, slowly, both end on the brink.
#
# One warning for part two: $\max_{a'}Q$ takes the largest of several *noisy* numbers, and is too high on average.
# There it will be measured.
#
# ## 12 You get what you reward
#
# A reward is what we write down; what we want is another thing. A walker starts in the upper left corner of a small
# yard; a goal, in the lower right one, pays 1. To show the way, a well-meaning designer lays a coin worth 0.2 in the
# upper right corner, paid on every entering. $\gamma=0.95$. *Predict* what the best policy does.
#
# There is a way to help without harm: **potential-based shaping** (A. Ng, D. Harada and S. Russell, 1999). Choose
# any $\Phi(s)$, 0 at the ends, and add $\gamma\,\Phi(s')-\Phi(s)$ to each reward. What entering a place pays,
# leaving it takes back. Along an episode neighbouring terms cancel,
#
# $$\sum_{t\ge0}\gamma^t\big[\gamma\,\Phi(s_{t+1})-\Phi(s_t)\big]=-\Phi(s_0)+\gamma\Phi(s_1)-\gamma\Phi(s_1)+\gamma^2\Phi(s_2)-\dots=-\Phi(s_0)$$
#
# ($\Phi$ is 0 at an end, and without an end $\gamma^t\Phi(s_t)\to0$.) All returns from $s$ change by the same
# $-\Phi(s)$, so $Q$ becomes $Q-\Phi(s)$, and no action overtakes another.

# %%
yard = [".....", ".##..", "....G"]
P_yard, R_yard, cells_yard = gridworld(yard)
V_true, Q_true, _ = value_iteration(P_yard, R_yard, 0.95)
coin = 0.2 * (np.arange(len(cells_yard)) == cells_yard.index((0, 4)))  # at the corner
V_coin, Q_coin, _ = value_iteration(P_yard, R_yard + P_yard @ coin, 0.95)
true_worth = evaluate(P_yard, R_yard, np.eye(4)[Q_coin.argmax(axis=1)], 0.95)[0]
values = [V_coin[0], true_worth, V_true[0]]
check.worked("worth of the start: with the coin; of that from the goal; best for the goal alone", values, "3.4295 0.0000 0.7738")
Q_shaped = value_iteration(P_yard, R_yard + 0.95 * P_yard @ coin - coin[:, None], 0.95)[1]
check.same("Q with shaping, and Q without less the potential", Q_shaped, Q_true - coin[:, None], 1e-8)

fig, axes = plt.subplots(1, 2, figsize=(6.6, 2.6))
draw(axes[0], cells_yard, V_coin, "Paid per coin:\nnobody goes to the goal", Q_coin, 2)
draw(axes[1], cells_yard, Q_shaped.max(axis=1), "The same coin as a potential:\nto the goal", Q_shaped, 2)
plot.show(fig, "The yard twice, with values and best moves. Left, all arrows lead to the corner with the coin and stay there. Right, "
          "with shaping, all arrows lead to the goal below it.")


# %% [markdown]
# It goes to the corner and bumps against the wall for ever: each bump counts as entering, and $0.2/(1-0.95)=4$ is
# more than the goal can pay. By its own account it does well: the first coin comes with the fourth move, so the start
# is worth $0.95^3\cdot4=3.4295$. Of what we wanted it brings 0. This is **reward hacking**. In a boat-racing game an
# agent was paid for targets along the course, and learned to circle in a lagoon and hit three of them again and
# again, on fire, without ever finishing (J. Clark and D. Amodei, 2016).
#
# The optimiser is not at fault. It found what we asked for, and the stronger the optimiser, the more surely it
# finds the hole. With the same coin as a *potential*, $Q$ has moved in the corner only, by $\Phi=0.2$, and every
# best move is one that leads to the goal. Look at behaviour, and never only at the reward that the agent reports.
#
# ## Checkpoint
#
# You can now turn a problem of decisions into arrays and solve it exactly; and you have three rules that learn from
# steps alone, each checked against the exact answer. The question of the lecture is half answered. A late reward
# reaches the early action because each $Q(s,a)$ learns from the next one: the Bellman equation, one step at a time.
# What remains is size. A table needs a visit to every entry; a pole has infinitely many states, and a screen of
# pixels more than the universe has atoms. Take a break here. In part two a network takes the table's place.
#
# **1.** The rewards of an episode are 0, 0, 10. What is $G_0$ with $\gamma=0.5$, and which $\gamma$ makes it 10?
#
# <details><summary>Answer</summary>
#
# $0.25\cdot10=2.5$; and $\gamma=1$.
#
# </details>
#
# **2.** Somebody says: "On the graph, the arrow from *tired* to *asleep* carries 0.6, so she sleeps six times in
# ten." What is missing?
#
# <details><summary>Answer</summary>
#
# *Given that she reads.* 0.6 is $P(\text{asleep}\mid\text{tired, read})$. If she reads with probability $\pi$, and
# rests otherwise, she falls asleep with probability $0.6\,\pi+0.2\,(1-\pi)$.
#
# </details>
#
# **3.** A world has two states. One policy has the values 3 and 1 there, another 2 and 2. Can one of them be optimal?
#
# <details><summary>Answer</summary>
#
# No. Do in each state what the better one does there: the first policy's action in the first state, the second's
# in the second. Call the larger values $V=(3,2)$. One step of the mixture followed by $V$ is worth at least $V$:
# the step is that of a policy which gets $V$ there while its own values afterwards are no larger than $V$. Repeat
# it, as in policy iteration: the mixture is worth at least 3 and at least 2, more than either policy in one of the
# states.
#
# </details>
#
# **4.** Why does Q-learning need no model for its maximum, while a greedy policy on $V$ alone would?
#
# <details><summary>Answer</summary>
#
# $\max_aQ(s,a)$ compares numbers that stand in the table. From $V$ one would have to know where each action leads,
# that is $P(s'\mid s,a)$ and $R(s,a)$.
#
# </details>
#
# ## 13 From a table to a function
#
# A cart rolls on a short track. On it stands a pole, hinged at its foot, free to fall to the left or to the right.
# Fifty times a second we choose between two **actions**: push the cart to the left ($a = 0$) or to the right ($a =
# 1$), always with the same force. The agent is rewarded as long as the pole stands upright, or punished when it
# falls. This is **cart-pole**, described nearly in this form, with friction, by A. Barto, R. Sutton and C. Anderson (1983).
#
# What is the **state**? A first answer is: where the cart is, $x$, and how far the pole leans, $\varphi$. An action
# then changes the velocities, and these change $x$ and $\varphi$. But if the state is $(x, \varphi)$, the next state
# does *not* follow from state and action: an upright pole may stand still, or be on its way through the upright. A
# Markov state needs both velocities as well, $s = (x, v, \varphi, \omega)$: position, velocity, angle, angular
# velocity.
#
# Four real numbers, and so a table $Q(s, a)$ of the first part has no rows to put them in. We could cut each number
# into 20 pieces: $20^4 = 160\,000$ states, most of them never met, and what is learned in one cell says nothing about
# the cell beside it. For a picture of $10\times10$ pixels it is hopeless.
#
# So replace the table by a **function** with parameters: a network that takes $s$ and returns one number per action.
# It fits in little memory, and it *generalises*: neighbours in the state share what was learned. What the two numbers
# mean gives the two great families:
#
# - **logits of a policy** $\pi(a|s)$: learn *what to do* directly (section 15, policy gradients);
# - **values** $Q(s, a)$: learn *how good it is*, then take the better one (sections 16 to 20, deep Q-learning).
#
# From Lecture 2 come `init`, `forward`, `backward`, `adam`, `one_hot` and `softmax`; they need no change.
#
# ## 14 The pole in NumPy
#
# First the world itself. With a cart and a pole of 1.1 kg together, the pole's mass $m = 0.1$ kg, half its length
# $\ell = 0.5$ m, gravity $g = 9.8$ and a force $F = \pm10$ N, mechanics gives the angular acceleration of the pole,
# $\alpha$, and the acceleration of the cart, $c$:
#
# $$u = \frac{F + m\ell\,\omega^2\sin\varphi}{1.1},\qquad
# \alpha = \frac{g\sin\varphi - u\cos\varphi}{\ell\left(\frac43 - \frac{m\cos^2\varphi}{1.1}\right)},\qquad
# c = u - \frac{m\ell\,\alpha\cos\varphi}{1.1}.$$
#
# Then time moves on by $\Delta t = 0.02$ s, in the simplest way (Euler's): each quantity grows by $\Delta t$ times
# its rate of change. The episode ends when $|x| > 2.4$ m or the pole leans by more than 12°. All of it is
# arithmetic on arrays, so we write it for $n$ poles at once.
#
# *Predict:* two poles stand upright in the middle of the track, $x = \varphi = 0$. One swings to the right with
# $\omega = 1$, the other to the left. Both carts are pushed to the right, step after step. Which pole falls first?

# %%
def pole_step(s, a):
    """States s (n, 4) and actions a (n,), 0 or 1, to the states 0.02 s later and who has fallen (n,)."""
    x, v, phi, omega = s.T
    sin, cos = np.sin(phi), np.cos(phi)
    u = (np.where(a == 1, 10.0, -10.0) + 0.05 * (omega * omega) * sin) / 1.1
    alpha = (9.8 * sin - cos * u) / (0.5 * (4 / 3 - 0.1 * (cos * cos) / 1.1))
    c = u - 0.05 * alpha * cos / 1.1
    s2 = np.stack([x + 0.02 * v, v + 0.02 * c, phi + 0.02 * omega, omega + 0.02 * alpha], axis=1)
    return s2, (np.abs(s2[:, 0]) > 2.4) | (np.abs(s2[:, 2]) > 12 * np.pi / 180)


# %%
s, standing, steps = np.array([[0, 0, 0, 1.0], [0, 0, 0, -1.0]]), np.ones(2, bool), 0
while standing.any():
    s, fallen = pole_step(s, np.ones(2, int))
    steps, standing = steps + standing, standing & ~fallen
check.worked("steps until the fall, omega = +1 and -1", steps, "14 6")

# %% [markdown]
# The one that swings to the left: the push to the right pulls its foot away. The same push first stops the other pole.
# Position and angle were the same to the last digit; what happens, and what is right to do, depends on the velocities.
# That is why Gymnasium's state has four numbers as well.
#
# Is this Gymnasium's pole? We give both the same state and the same random actions for 2000 steps, and compare every
# number. It is rare that one can test a whole environment like this. Do it where you can.

# %%
gym_pole, rng, worst, ends = gym.make("CartPole-v1"), np.random.default_rng(141), 0.0, 0
check.worked("numbers in Gymnasium's state; actions", [*gym_pole.observation_space.shape, gym_pole.action_space.n], "4 2")
gym_pole.reset(seed=141)
for a in rng.integers(2, size=2000):
    s2, fallen = pole_step(np.array([gym_pole.unwrapped.state]), np.array([a]))
    _, _, end, cut, _ = gym_pole.step(int(a))
    worst, ends = max(worst, np.abs(s2 - gym_pole.unwrapped.state).max()), ends + (end == fallen[0])
    if end or cut:
        gym_pole.reset()
check.same("2000 steps of our pole and of Gymnasium's", worst, 0.0, 1e-12)
check.worked("steps with the same verdict on the fall", ends, "2000")


# %% [markdown]
# Bit for bit: the difference was 0 where we measured. (Another version of a sine may differ in the last digit,
# hence the tolerance.)
#
# Now $n$ poles in lock-step. Whoever has fallen starts again at once, with four random numbers between −0.05 and
# 0.05. CartPole-v1 also stops after 500 steps. Mind the difference, which spoils many programs: a fall is
# **termination**, nothing comes after it. The time limit is **truncation**: *we* stop looking, but for the pole, life
# goes on. `step` therefore returns both: `end` (fallen) and `over` (a new episode starts), and `s2`, where the old
# episode has really arrived, not the new start.

# %%
class Poles:
    """n poles in lock-step, with automatic new starts; `standing` and `falling` are the rewards."""

    def __init__(self, n, rng, standing=0.0, falling=-1.0, limit=500):
        self.rng, self.rewards, self.limit = rng, (falling, standing), limit
        self.s, self.t = rng.uniform(-0.05, 0.05, size=(n, 4)), np.zeros(n, int)

    def step(self, a):
        """Actions a (n,) to s2 (n, 4), rewards r (n,), end (n,): fallen, over (n,): fallen or cut off."""
        s2, end = pole_step(self.s, a)
        self.t += 1
        over = end | (self.t == self.limit)
        self.s = np.where(over[:, None], self.rng.uniform(-0.05, 0.05, size=s2.shape), s2)
        self.t[over] = 0
        return s2, np.where(end, *self.rewards), end, over  # the reward where it fell, and where it did not

env, left = Poles(3, np.random.default_rng(142), limit=5), np.zeros(3, int)
cut = [env.step(left)[2:] for _ in range(5)][-1]
check.worked("after 5 steps of a limit of 5: end, then over", np.concatenate(cut), "0 0 0 1 1 1")

# %% [markdown]
# Why bother with arrays? *Predict* the ratio: how many times more steps per second do 1024 poles make than one
# Gymnasium environment?

# %% tags=["nbval-ignore-output"]
one = bridge.seconds(lambda: [gym_pole.reset(), *(gym_pole.step(t % 2) for t in range(20))], 20) / 20
env, a = Poles(1024, np.random.default_rng(144)), np.arange(1024) % 2
many = bridge.seconds(lambda: [env.step(a) for _ in range(200)]) / (200 * 1024)
print(f"1024 poles in lock-step make {one / many:.0f} times as many steps a second as Gymnasium's one")


# %% [markdown]
# Fifty to seventy where we measured, and about thirteen with 64 poles. A *single* pole is slower in NumPy, a third of
# Gymnasium's speed, since some forty small operations each cost a fixed toll. Many poles share it. Experience is now
# cheap. (Gymnasium has vectorised environments of its own, `make_vec`.)
#
# How shall we judge an agent? By 100 fresh episodes without any exploring: the mean number of steps, at most 500.
# The usual convention calls the pole **solved** at 475. *Predict:* how long does a coin stay up? And a hand-made
# rule: push to the side to which the pole *leans*; or to which it *moves*?

# %%
def lengths(act, rng, n=100):
    """Steps (n,) that n fresh episodes last, at most 500, if act(s) returns the actions (n,)."""
    s, standing, steps = rng.uniform(-0.05, 0.05, size=(n, 4)), np.ones(n, bool), 0
    for _ in range(500):
        s, fallen = pole_step(s, act(s))
        steps, standing = steps + standing, standing & ~fallen
    return steps

rng = np.random.default_rng(143)
check.claim("a coin: mean steps", lengths(lambda s: rng.integers(2, size=100), rng).mean(), at_least=18.9)
check.claim("push where it leans: mean steps", lengths(lambda s: (s[:, 2] > 0) * 1, rng).mean(), at_most=42.8)
check.claim("push where it moves: mean steps", lengths(lambda s: (s[:, 3] > 0) * 1, rng).mean(), at_least=188)


# %% [markdown]
# A little over 20, a little over 40, and about 200: the velocity is worth more than the angle. None comes near 475. Those
# are the bars to beat.
#
# ## 15 Learning the policy itself: REINFORCE
#
# Let a network turn $s$ into two logits $Z$, and let $\pi_\theta(a|s) = \mathrm{softmax}(Z)_a$. The agent draws its
# actions from $\pi_\theta$. We want parameters $\theta$ with a large expected return $J(\theta) = \mathbb E\,[G_0]$.
# The trouble: between $\theta$ and the reward stand random draws and a world whose derivatives we do not have.
# One cannot back-propagate through a coin.
#
# The way out is a small identity. Take one decision with random action $a$ and result $R(a)$. Then
#
# $$\frac{\partial}{\partial\theta}\sum_a\pi_\theta(a)R(a) = \sum_a R(a)\,\frac{\partial\pi_\theta(a)}{\partial\theta}
# = \sum_a\pi_\theta(a)\,R(a)\,\frac{\partial\ln\pi_\theta(a)}{\partial\theta}
# = \mathbb E\left[R(a)\,\frac{\partial\ln\pi_\theta(a)}{\partial\theta}\right],$$
#
# because $\partial\ln\pi = \partial\pi/\pi$. The last form is an expectation over actions *as they are drawn*: it
# can be estimated by a mean over what happened. No derivative of $R$ is needed. The factor
# $\partial\ln\pi_\theta(a)/\partial\theta$ is called the **score function**.
#
# For a whole episode, the probability is a product of the policy's factors and the world's, and its logarithm a sum,
# $\ln P = \sum_t\ln\pi_\theta(a_t|s_t) + \sum_t\ln P(s_{t+1}|s_t, a_t)$ and the start's. The world's terms do not
# contain $\theta$: they drop out. So every action's score would be weighted with all rewards of the episode. But an
# action cannot change rewards that came *before* it; on average these add nothing (why: see the baseline $b$ below),
# and each action is weighted with its own return $G_t$. This is **REINFORCE** (R. Williams, 1992): over all $N$
# steps played, *minimise*
#
# $$L(\theta) = -\frac1N\sum_t (G_t - b)\,\ln\pi_\theta(a_t|s_t),\qquad
# \delta = \frac{\partial L}{\partial Z} = \frac{G_t-b}{N}\,\big(\pi_\theta - \text{one-hot}(a_t)\big).$$
#
# Look at $\delta$: it is the one of cross-entropy in Lecture 2, with the *action taken* as the label, times a
# weight that says how well it went. Good actions become more likely, bad ones less. (Two footnotes. For the
# *discounted* return from the start, theory puts a factor $\gamma^t$ on each term; nearly everybody leaves it out,
# and so do we. And $N$, the number of steps, is itself random; this changes the length of the step, not the idea.)
#
# The number $b$, the **baseline**, may be anything that does not depend on the action, since
# $\sum_a\pi(a)\,\partial\ln\pi(a)/\partial\theta = \partial(\sum_a\pi(a))/\partial\theta = \partial
# 1/\partial\theta = 0$. It leaves the mean of the gradient alone, and can shrink its noise. (The rewards before time
# $t$ do not depend on $a_t$ either: they are such a baseline, and could be left out.)
#
# Do not watch $L$ as you watched a loss in Lecture 2. $G_t - b$ is treated as a *number*, and it comes from the policy
# itself, new in every batch. $L$ has the right gradient, but need not fall while the policy improves. Watch the return.
#
# A random method, but it can be proved without dice: five states, one decision each, a table $R$ of what each of
# three actions brings. $J$ is a plain sum over all actions, and so is the expectation of the score-function
# gradient: sum over the actions, each with its probability. Finite differences of the first must equal the second, up
# to the sign ($J$ climbs, $L$ falls), even with a baseline that differs from state to state.

# %%
def score_delta(Z, a, weight):
    """dL/dZ (n, k) for logits Z, actions a (n,) and weights (n,): returns less a baseline."""
    return (softmax(Z) - one_hot(a, Z.shape[1], Z.dtype)) * weight[:, None] / len(a)


# %%
rng = np.random.default_rng(151)
params, X = init([4, 6, 3], rng), rng.normal(size=(5, 4))
R, b = rng.normal(size=(5, 3)), 7 * rng.normal(size=5)
J, A = lambda: (softmax(forward(params, X)[-1]) * R).sum(axis=1).mean(), forward(params, X)
delta = sum(softmax(A[-1])[:, [a]] * score_delta(A[-1], np.full(5, a), R[:, a] - b) for a in range(3))  # expectation
check.gradient("J, W1, with a baseline b(s)", J, params[0], -backward(params, A, delta, lambda A: A > 0)[0])


# %% [markdown]
# Now the pole. Sixteen episodes in lock-step, played to the end, with reward 1 for each step; $\gamma = 0.99$. One
# honest remark: an episode cut off at 500 is worth more than its return says. REINFORCE knows no better; the last
# steps before the limit get too little credit, for no fault of theirs.

# %%
def play(params, rng, n=16):
    """n episodes under the policy: states (N, 4), actions (N,), returns (N,) of all their steps."""
    s, alive, story = rng.uniform(-0.05, 0.05, size=(n, 4)), np.ones(n, bool), []
    while alive.any() and len(story) < 500:
        a = (rng.random(n) < softmax(forward(params, s)[-1])[:, 1]).astype(int)
        story.append((s, a, alive))
        s, fallen = pole_step(s, a)
        alive = alive & ~fallen
    s, a, alive = (np.array(part).swapaxes(0, 1) for part in zip(*story))  # one row for each episode
    return s[alive], a[alive], np.concatenate([returns(np.ones(T), 0.99) for T in alive.sum(axis=1)])

def policy_gradient(params, s, a, G, baseline):
    """The gradients of L; baseline(s, G) is subtracted from the returns."""
    A = forward(params, s)
    return backward(params, A, score_delta(A[-1], a, G - baseline(s, G)), lambda A: A > 0)


# %% [markdown]
# Every return here is positive. Without a baseline, therefore, *every* action taken is made more likely, the bad
# ones too, only less so than the good ones. Two baselines: the **mean** of all returns in the batch, and one that
# knows the **state**, a least-squares fit of $G$ to $1, s, s^2, |s|$, an estimate of $V(s)$ as in the first part.
# *Predict:* how much does the noise of the gradient shrink with each? We train a policy for 20 batches, hold it
# still, and draw 60 batches from it: the noise is the mean squared distance of their gradients in $W_2$ from the
# average one. (Strictly, a baseline taken from the same batch depends a little on each action in it; among thousands of
# steps that is too little to see.)

# %%
def reinforce(baseline, seed, batches=80):
    """A trained policy, and the mean length of the episodes of each batch."""
    rng = np.random.default_rng(seed)
    params, curve = init([4, 32, 2], rng), []
    params[-2] *= 0.01  # a start close to a fair coin
    memory = [{} for _ in params]
    for k in range(batches):
        s, a, G = play(params, rng)
        for p, dp, m in zip(params, policy_gradient(params, s, a, G, baseline), memory):
            adam(p, dp, m, 0.015 * (1 - k / batches))
        curve.append(len(s) / 16)
    return params, curve

def fitted(s, G):
    features = np.hstack([np.ones((len(s), 1)), s, s * s, np.abs(s)])
    return features @ np.linalg.lstsq(features, G)[0]


# %%
baselines, rng = {"none": lambda s, G: 0, "mean": lambda s, G: G.mean(), "state": fitted}, np.random.default_rng(152)
policy = reinforce(baselines["mean"], 152, 20)[0]
batches = [play(policy, rng) for _ in range(60)]
scatter = lambda b: np.var([policy_gradient(policy, *batch, b)[2] for batch in batches], axis=0).sum()
noise = {name: scatter(b) for name, b in baselines.items()}
check.claim("noise without a baseline, over noise with a fit to the state", noise["none"] / noise["state"], at_least=1.57)

# %% [markdown]
# Over several seeds, the noise without a baseline was about 2 to 5 times that with the fit to the state, but only
# 1 to a little over 2 times that with the mean. A plain mean helps less than its fame says; for some policies,
# such as untrained ones, it even does harm, since only the effect on the *average* gradient is guaranteed to be
# nil. What a good baseline removes is the part of the return that was *not* the action's doing, and that depends
# on the state.
#
# Now train from the same start, 80 batches of 16 episodes, Adam with a rate that falls from 0.015 to 0. *Predict*
# which curve climbs fastest.

# %%
greedy = lambda params: lambda s: forward(params, s)[-1].argmax(axis=1)
learned = {name: reinforce(b, 153) for name, b in baselines.items()}
score = lengths(greedy(learned["mean"][0]), np.random.default_rng(154)).mean()
check.claim("REINFORCE with the mean as baseline: mean steps, greedy", score, at_least=475)

# %%
fig, ax = plt.subplots()
for (name, (_, curve)), line, color in zip(learned.items(), (":", "-", "--"), style.CLASS_COLORS):
    ax.plot(curve, line, color=color, label=f"baseline: {name}")
ax.set(title="All three learn, even without a baseline", xlabel="batch of 16 episodes", ylabel="mean steps standing")
ax.legend(fontsize=8, loc="lower right")
plot.show(fig, "Mean length of the episodes against the batch, for three baselines: all climb from about 20 towards 500.")


# %% [markdown]
# Solved, in a second or two. The curves show episodes with *drawn* actions and may well end below 475; solved is
# judged by the greedy actions, which do better. Ten seeds of each kind all solved the pole, *with and without* a
# baseline. It shows in the speed of learning: over the 80 batches the episodes lasted about 307 steps on average
# without a baseline, 337 with the mean (more with nine of the ten seeds), 358 with the fit to the state (more with
# all ten). A learned $V(s)$ as baseline is called a **critic**, and the pair an actor-critic method.
#
# What does it cost? Each batch is used *once* and thrown away: after one step of $\theta$, it is experience of a
# policy that is no more. Around 400 000 steps of the pole went into each run. Where each step costs seconds on a real
# robot, that is too many. The next method keeps all its experience.
#
# ## 16 Deep Q-learning, piece by piece
#
# Q-learning in the first part moved a table entry towards a **target**: $y = r + \gamma\max_{a'}Q(s', a')$, and $y
# = r$ if the episode ended there. With a network $Q_\theta$ the entry cannot be set; instead we take a step on the
# squared error,
#
# $$L(\theta) = \frac1{2n}\sum_i\big(Q_\theta(s_i, a_i) - y_i\big)^2,\qquad
# \delta_{ia} = \begin{cases}\frac1n\big(Q_\theta(s_i,a_i) - y_i\big) & a = a_i,\\ 0 & \text{otherwise.}\end{cases}$$
#
# $y_i$ is treated as a *number*, although $\theta$ is in it: a label that the network writes for itself. Only the
# output of the action taken gets an error; of the other action we learned nothing.

# %%
def td_loss(Q, a, y):
    """The loss for values Q (n, k), actions a (n,) and targets y (n,), and its gradient in Q."""
    rows, delta = np.arange(len(a)), np.zeros_like(Q)
    error = Q[rows, a] - y
    delta[rows, a] = error / len(a)
    return np.mean(error * error) / 2, delta


# %%
rng = np.random.default_rng(161)
params, X, a, y = init([4, 6, 2], rng), rng.normal(size=(7, 4)), rng.integers(2, size=7), rng.normal(size=7)
A, loss = forward(params, X), lambda: td_loss(forward(params, X)[-1], a, y)[0]
grads = backward(params, A, td_loss(A[-1], a, y)[1], lambda A: A > 0)
for name, p, dp in zip(("W1", "b1", "W2", "b2"), params, grads):
    check.gradient(f"DQN loss, {name}", loss, p, dp)


# %% [markdown]
# Written down like this it was known for long, and it was known to be fragile. The **deep Q-network**, DQN (V. Mnih
# and others, 2013 and 2015), made it work on pictures, with the first three of these helpers; the fourth came a
# year later:
#
# - **Replay** (L.-J. Lin, 1992). All transitions $(s, a, r, s', \text{end})$ go into a large memory; each update
#   draws a random batch from it. Neighbouring moments are nearly equal, and a batch of them is hardly more than one
#   example; random ones are diverse. And nothing is used only once.
# - **Target network.** A second, slower copy of the weights, $\theta^-$, computes the targets, so that they hold
#   still for a while. The original copied $\theta$ every so many thousand steps. Ours follows softly (T. Lillicrap
#   and others, 2015): after each update, $\theta^- \leftarrow \theta^- + \tau(\theta - \theta^-)$ with $\tau = 0.01$.
# - **ε-greedy** exploration, as in the table: a random action with probability ε, which falls as training goes on.
# - **Double** (H. van Hasselt, A. Guez and D. Silver, 2016): the quick network *chooses* the next action, the slow
#   one *values* it, $y = r + \gamma\,Q_{\theta^-}\big(s', \arg\max_{a'}Q_\theta(s',a')\big)$. Section 20 shows why.
#
# What is kept is `end`, not `over`: where an episode was only cut off, the target still looks ahead to $s'$. As in
# Lecture 7, all weights of a network live in one long vector, of which $W_1, b_1, \dots$ are windows. Then Adam is
# one call, and the target network follows in one line.
#
# One **round** of training is a step of all environments, with exploration, and four updates on batches of 64.
# ε falls from 1 to 0.1 in the first tenth of the rounds; the rate of Adam falls from 0.001 to 0 over all of them.

# %%
def windows(vector, params):
    """Arrays with the shapes of params that are parts of one vector: to change it is to change them."""
    parts = np.split(vector, np.cumsum([p.size for p in params])[:-1])
    return [part.reshape(p.shape) for part, p in zip(parts, params)]

class DQN:
    """A network `online` that learns, its slow copy `target`, and the rules by which both move."""

    def __init__(self, params, gamma=0.98, tau=0.01, double=True):
        self.theta, self.memory = np.concatenate([p.ravel() for p in params]), {}
        self.slow = self.theta.copy()
        self.online, self.target = windows(self.theta, params), windows(self.slow, params)
        self.gamma, self.tau, self.double = gamma, tau, double

    def bellman(self, r, s2, end):
        Q2 = forward(self.target, s2)[-1]
        choice = (forward(self.online, s2)[-1] if self.double else Q2).argmax(axis=1)
        return r + self.gamma * Q2[np.arange(len(s2)), choice] * ~end

    def update(self, s, a, r, s2, end, eta):
        y, A = self.bellman(r, s2, end), forward(self.online, s)
        loss, delta = td_loss(A[-1], a, y)
        grads = backward(self.online, A, delta, lambda A: A > 0)
        adam(self.theta, np.concatenate([g.ravel() for g in grads]), self.memory, eta)
        self.slow += self.tau * (self.theta - self.slow)
        return loss


# %%
class Replay:
    """The last `size` transitions, in rings: when the memory is full the oldest are written over."""

    def __init__(self, size, d):
        self.s, self.s2 = np.zeros((2, size, d), np.float32)
        self.a, self.r, self.end = np.zeros(size, int), np.zeros(size, np.float32), np.zeros(size, bool)
        self.size, self.count = size, 0

    def add(self, s, a, r, s2, end):
        at = (self.count + np.arange(len(s))) % self.size
        self.s[at], self.a[at], self.r[at], self.s2[at], self.end[at] = s, a, r, s2, end
        self.count += len(s)

    def draw(self, m, rng):
        """A random batch: s (m, d), a (m,), r (m,), s2 (m, d), end (m,)."""
        at = rng.integers(min(self.count, self.size), size=m)
        return self.s[at], self.a[at], self.r[at], self.s2[at], self.end[at]

def one_round(agent, env, replay, t, total, rng, explore=True):
    """Round t of total: every environment takes a step, then the agent learns from four batches."""
    s, eps = env.s, max(0.1, 1 - 9 * t / total) if explore else 0
    a = np.where(rng.random(len(s)) < eps, rng.integers(2, size=len(s)), greedy(agent.online)(s))
    s2, r, end, _ = env.step(a)
    replay.add(s, a, r, s2, end)
    for _ in range(4):
        agent.update(*replay.draw(64, rng), eta=1e-3 * (1 - t / total))


# %% [markdown]
# ## 17 Five probes: worlds in which the right value is known
#
# The code runs. Is it right? Reinforcement learning fails silently: a wrong sign or a forgotten end does not stop
# the program, the pole "does not learn", and one begins to turn knobs. A. Jones (2021) recommends **probe
# environments**: worlds so small that every value is known, each with one more difficulty than the last, so that
# the first to fail points at the bug.
#
# | probe | world | right values | if it is the first to fail, look at |
# |---|---|---|---|
# | 1 constant | one step, reward 1 | $Q = 1$ | loss, rate, the end of an episode |
# | 2 seen | one step, reward $= \pm1$ as the state shows | $Q = \pm1$ | which state goes with which reward |
# | 3 later | two steps, reward 1 at the second | $\gamma$, then 1 | discount, bootstrapping from $s'$ |
# | 4 action | one step, reward $-1$ for $a = 0$, $+1$ for $a = 1$ | $\mp1$ | which action gets the error |
# | 5 both | reward is the product of 2 and 4 | $\pm1$ | how state and action meet |

# %%
class Probe:
    """n copies of probe 1 to 5; the state is (what is seen: 1 or -1, steps so far)."""

    def __init__(self, kind, n, rng):
        self.kind, self.rng, self.s = kind, rng, np.zeros((n, 2))
        self.s = self.start()

    def start(self):
        seen = self.rng.choice([-1, 1], size=len(self.s)) if self.kind in (2, 5) else np.ones(len(self.s))
        return np.stack([seen, 0 * seen], axis=1)

    def step(self, a):
        seen, t = self.s.T
        end = (t == 1) | (self.kind != 3)
        r = {1: 1, 2: seen, 3: end, 4: 2 * a - 1, 5: seen * (2 * a - 1)}[self.kind]
        s2 = self.s + [0, 1]
        self.s = np.where(end[:, None], self.start(), s2)
        return s2, r, end, end

truth = {1: ([[1, 0]], [[1, 1]]), 2: ([[-1, 0], [1, 0]], [[-1, -1], [1, 1]]), 3: ([[1, 0], [1, 1]], [[0.9, 0.9], [1, 1]]),
         4: ([[1, 0]], [[-1, 1]]), 5: ([[-1, 0], [1, 0]], [[1, -1], [-1, 1]])}  # fmt: skip

def probe(kind, make=DQN, seed=171, total=600):
    """The largest error of the learned values in probe `kind`, with gamma = 0.9."""
    rng = np.random.default_rng(seed)
    agent, env, replay = make(init([2, 32, 2], rng, np.float32), 0.9, 0.05), Probe(kind, 16, rng), Replay(2000, 2)
    for t in range(total):
        one_round(agent, env, replay, t, total, rng)
    s, Q = np.array(truth[kind][0], np.float32), truth[kind][1]
    return np.abs(forward(agent.online, s)[-1] - Q).max()


# %%
class EndForgotten(DQN):  # a lambda in a class body is a method like any other
    bellman = lambda self, r, s2, end: super().bellman(r, s2, np.zeros_like(end))

class DiscountForgotten(DQN):
    bellman = lambda self, r, s2, end: r + super().bellman(0 * r, s2, end) / self.gamma

class StatesMixedUp(DQN):
    update = lambda self, s, *rest, eta: super().update(np.roll(s, 1, axis=0), *rest, eta)

class ActionsSwapped(DQN):
    update = lambda self, s, a, *rest, eta: super().update(s, 1 - a, *rest, eta)


# %% [markdown]
# A test that cannot fail is worth nothing. So the four small classes just above break the agent on purpose, in ways that
# occur in real programs. *Predict:* does the intact agent pass all five? By the table each bug has its own probe; which
# *later* probes will it fail as well? (A forgotten discount makes 1 out of 0.9, an error of 0.1. So an error above 0.06
# counts as noticed.)

# %%
agents = {"intact": DQN, "end forgotten": EndForgotten, "states mixed up": StatesMixedUp,
          "discount forgotten": DiscountForgotten, "actions swapped": ActionsSwapped}  # fmt: skip
errors = np.array([[probe(kind, make) for kind in truth] for make in agents.values()])
check.claim("five probes, intact agent: largest error of a value", errors[0].max(), at_most=0.005)
first = (errors[1:] > 0.06).argmax(axis=1) + 1
check.claim("bugs that their own probe, 1 to 4, is the first to notice", (first == range(1, 5)).sum(), at_least=4)

# %%
fig, ax = plt.subplots(figsize=(6, 3.2))
plot.matrix(ax, np.minimum(errors, 9.99), limit=1, values=".2f")
ax.set(title="The first probe to fail names the bug", xlabel="probe (number: largest error of a value)")
ax.set_xticks(range(5), truth), ax.set_yticks(range(5), agents)
plot.show(fig, "Errors of five agents in five probes: the intact one near 0; the others fail first at probe 1, 2, 3 and 4.")


# %% [markdown]
# The intact agent passes, and each bug is met first by another probe. (Errors of 10 and more are drawn as 9.99.) The
# pole itself is a poor detector. We tried two seeds of each bug, up to 3000 rounds: with states mixed up or actions
# swapped nothing was learned, and nothing said why; the agents that forgot the end or the discount still balanced for
# hundreds of steps, and three of these four runs reached 490. A good score does not prove that the code is right. Such
# probes take seconds; keep them beside your agent.
#
# ## 18 The network learns to balance
#
# Sixteen poles, a network 4-128-128-2, reward $-1$ for the fall and 0 otherwise, $\gamma = 0.98$. Then $Q =
# -\gamma^{k}$ if the pole falls $k$ steps after this one, and 0 if never: between $-1$ and 0, always, and easy to
# check. Two details of the start: the last layer begins near 0, and the weights of the angle five times larger,
# since the angle is at most 0.2 while the velocities reach 1 and more.
#
# After every 250 rounds (4000 steps of a pole) a test: 100 greedy episodes with the slow network, which, as a
# running mean, is steadier than the quick one. Once a test reaches 490 the agent learns no more; what counts is then
# *another* 100 episodes. (This recipe was found by trying a dozen settings on the first few seeds.)

# %%
def pole_net(rng, dtype=np.float32):
    params = init([4, 128, 128, 2], rng, dtype)
    params[0][2] *= 5  # the row of W1 that belongs to the angle
    params[-2] *= 0.01
    return params

def stage(agent, env, replay, tests, rng, total=8000, explore=True):
    """The next 250 rounds, then a test: the mean steps of 100 greedy episodes."""
    for t in range(250 * len(tests), 250 * len(tests) + 250):
        one_round(agent, env, replay, t, total, rng, explore)
    return lengths(greedy(agent.target), rng).mean()


# %%
rng, tests = np.random.default_rng(180), []
agent, env, replay = DQN(pole_net(rng)), Poles(16, rng), Replay(100_000, 4)

def next_test():  # nan: solved, nothing more to do
    return np.nan if tests and np.nanmax(tests) >= 490 else stage(agent, env, replay, tests, rng)

def picture():
    fig, ax = plt.subplots()
    ax.plot(250 * np.arange(1, len(tests) + 1), tests, ".-", color=style.VALIDATION["color"])
    ax.set(title="A test every 250 rounds, until one reaches 490", xlabel="round", ylabel="mean steps standing")
    return fig, "Mean steps standing in the tests so far: below 500 at first, and unsteady."


# %% [markdown]
# `progress.train` calls `next_test` until the list `tests` is full. Interrupt the kernel whenever you like: agent and
# memory stay as they are, and running the cell again goes on from there. *Predict:* will the tests rise evenly?

# %% tags=["nbval-ignore-output"]
progress.train(tests, 32, next_test, picture, every=8)

# %%
score = lengths(greedy(agent.target), np.random.default_rng(182)).mean()
check.claim("double DQN: mean steps of 100 fresh episodes", score, at_least=475)

# %% [markdown]
# Solved, but the tests on the way usually go up *and down*. A slightly changed $Q$ can turn over the choice in many
# states at once, so the score jumps while the values creep. Therefore one run says little, and we ran ten seeds:
# **all ten solved the pole** (484 steps was the worst), in 1.3 to 5 seconds of processor time, 3 s in the median. The
# script `tests/bench_cartpole.py` repeats it.
#
# What has it learned? Cut a plane through the four dimensions: cart in the middle and at rest, angle and angular
# velocity free. Colour the difference $Q(s, 1) - Q(s, 0)$. *Predict* where it is large, and where near 0.

# %%
phi, omega = np.meshgrid(np.linspace(-0.2, 0.2, 81), np.linspace(-2, 2, 81))
D = np.diff(forward(agent.target, np.stack([0 * phi, 0 * phi, phi, omega], axis=-1).reshape(-1, 4))[-1]).reshape(81, 81)
fig, ax = plt.subplots()
fig.colorbar(ax.pcolormesh(phi, omega, D, cmap=style.DIVERGING, vmin=-0.4, vmax=0.4), label="Q(s, 1) − Q(s, 0)")
ax.set(title="The choice matters in two slanting bands", xlabel="angle φ", ylabel="angular velocity ω")
plot.show(fig, "Two bands falling from upper left to lower right: vermilion (right) above the middle, blue (left) below it.")

# %% [markdown]
# Vermilion means: push right. The two bands slope downwards, for angle and velocity count *together*, which neither
# of our hand-made rules knew: a pole that leans to the right but swings back fast enough needs no push to the
# right. Between the bands the picture is pale, since there either action is fine and the next can make up for it; the
# sign is mostly noise. In the corners beyond the bands the pole is lost with either action, and the agent was hardly
# ever there: do not read meaning into their colours.
#
# **Play.** Balance it yourself with the arrow keys, then let the agent play and nudge its pole. *Question:* what is
# the agent better at, reacting or looking ahead? The strip shows one of its episodes.

# %%
Pole([p.astype(float) for p in agent.target])


# %% [markdown]
# <details><summary>Answer</summary>
#
# Most people react too late: at 50 steps a second an error has grown before the finger moves. The agent reacts at
# once, and to velocities, which are hard to see. Looking ahead is its weak side. With $\gamma = 0.98$ a fall in 50
# steps (one second) weighs $0.98^{50} = 0.36$, one in 200 steps $0.02$: a cart that slowly drifts towards the end
# of the track hardly worries it before it comes near.
#
# </details>
#
# ## 19 The same in PyTorch
#
# The same weights, the same fifty batches out of the replay memory, in float64; after them every parameter of both
# networks must agree. In PyTorch the targets are computed under `no_grad`: that is where "treated as a number" is
# written. `x.gather(1, a[:, None])` picks from each row of `x` the column that `a` names, so `[:, 0]` makes it
# $Q(s_i, a_i)$ for all rows $i$; `keepdim=True` leaves `choice` the shape (n, 1) that `gather` wants.

# %%
def twin(params, device="cpu"):
    """The same network in PyTorch, with the same weights."""
    layers = []
    for W, b in zip(params[::2], params[1::2]):
        layers += [bridge.set_linear(nn.Linear(*W.shape, dtype=torch.tensor(W).dtype), W, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1]).to(device)

def update_torch(online, target, optimiser, s, a, r, s2, end, gamma=0.98, tau=0.01):
    """What `DQN.update` does, with automatic gradients; returns the loss."""
    with torch.no_grad():
        choice = online(s2).argmax(dim=1, keepdim=True)
        y = r + gamma * target(s2).gather(1, choice)[:, 0] * ~end
    loss = ((online(s).gather(1, a[:, None])[:, 0] - y) ** 2).mean() / 2
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    with torch.no_grad():
        for p, q in zip(online.parameters(), target.parameters()):
            q += tau * (p - q)
    return loss.detach()


# %%
rng = np.random.default_rng(191)
ours = DQN(pole_net(rng, float))
online, target = twin(ours.online), twin(ours.target)
optimiser, losses = torch.optim.Adam(online.parameters(), lr=1e-3), []
for _ in range(50):
    batch = [x.astype(float) if x.dtype == np.float32 else x for x in replay.draw(64, rng)]
    theirs = update_torch(online, target, optimiser, *bridge.tensors(*batch)).item()
    losses.append((ours.update(*batch, eta=1e-3), theirs))
check.same("50 losses", *np.array(losses).T)
for name, params, net in (("online", ours.online, online), ("target", ours.target, target)):
    theirs = np.concatenate([p.detach().numpy().T.ravel() for p in net.parameters()])
    check.same(f"all parameters, {name}", np.concatenate([p.ravel() for p in params]), theirs)

# %% [markdown]
# Equal up to rounding. *Predict* which of the two is faster, for 64 states and a network this small.

# %% tags=["nbval-ignore-output"]
batch, small = replay.draw(64, rng), DQN(pole_net(rng))
print(f"NumPy, cpu    {1e3 * bridge.seconds(lambda: small.update(*batch, eta=1e-3), 100):5.2f} ms")
for place in dict.fromkeys(["cpu", device.type]):  # and the GPU, where there is one
    nets, tensors = (twin(small.online, place), twin(small.target, place)), bridge.tensors(*batch, device=place)
    optimiser = torch.optim.Adam(nets[0].parameters(), lr=1e-3)
    print(f"PyTorch, {place:4} {1e3 * bridge.seconds(lambda: update_torch(*nets, optimiser, *tensors), 50):5.2f} ms")


# %% [markdown]
# Where we measured, an update cost NumPy about a quarter of a millisecond, and PyTorch on the CPU twice to three times
# that: for a network this small its fixed cost for each operation weighs more, and a GPU hardly helps. With pictures
# that turns around.
#
# ## 20 What is each part worth?
#
# Four helpers and a choice of reward are in our agent. It is easy to *say* that each is needed. Now change one at a
# time, everything else equal: no replay (a memory of 16, the last round only), no target network ($\tau = 1$; both
# networks are then one, and double does nothing either), no exploration ($\varepsilon = 0$), no double; and the
# reward $+1$ for each step instead of $-1$ for the fall. *Predict:* order the five by the damage they do.

# %%
def train(seed, most=8000, enough=490, size=100_000, explore=True, rewards=(0, -1), **settings):
    """An agent, its memory and its tests; ends after `most` rounds, or at a test of `enough` steps."""
    rng, tests = np.random.default_rng(seed), []
    agent, env, replay = DQN(pole_net(rng), **settings), Poles(16, rng, *rewards), Replay(size, 4)
    while len(tests) < most // 250 and max(tests, default=0) < enough:
        tests.append(stage(agent, env, replay, tests, rng, explore=explore))
    return agent, replay, tests

variants = {"complete": {}, "no replay": {"size": 16}, "no target network": {"tau": 1.0},
            "no exploration": {"explore": False}, "no double": {"double": False},
            "reward +1": {"rewards": (1, 1)}}  # fmt: skip

# %% tags=["nbval-ignore-output"]
runs = {name: train(201, most=1500, enough=np.inf, **change) for name, change in tqdm(variants.items())}


# %% [markdown]
# The scores in `runs` say little: from one seed and 1500 rounds one could "prove" nearly anything. The *values* are a
# better witness. With the reward $-1$ at the fall every true value lies between $-1$ and 0, so a value above 0.5 is
# plainly impossible. *Predict:* which agent believes in such values?

# %%
def believed(run, seen=None):
    """The agent's values of all states in a memory: its own, or that of the run `seen`."""
    replay = (seen or run)[1]
    return forward(run[0].target, replay.s[: replay.count])[-1].max(axis=1)

high = lambda run: (believed(run) > 0.5).mean()
check.claim("complete: share of states with a value above 0.5", high(runs["complete"]), at_most=0.01)
check.claim("no target network: the same share", high(runs["no target network"]), at_least=0.97)

names = list(variants)[:5]  # with the reward +1 other values are possible
values = [believed(runs[name], seen=runs["complete"]) for name in names]  # all of the same states
low, middle, top = np.quantile(values, (0.05, 0.5, 0.95), axis=1)
fig, ax = plt.subplots()
ax.axvspan(-1, 0, color="#dddddd", label="possible")
ax.errorbar(middle, names, xerr=[middle - low, top - middle], fmt="o", color=style.POSITIVE, label="believed")
ax.set_xscale("symlog", linthresh=1)
ax.set(title="Without a target network: impossible values", xlabel="value of a state (bar: 5 % to 95 % of states)")
ax.set(xticks=[-1, 0, 1, 10], xticklabels=[-1, 0, 1, 10], ylim=(4.5, -0.5))
ax.legend(fontsize=8)
plot.show(fig, "Values believed by five agents: without a target network far above 0, the others from -1 to just above 0.")

# %% [markdown]
# Without a target network almost every state is thought to be worth more than any can be: the labels chase their own
# errors upwards. (The picture asks all agents about the same states, those in the memory of the complete one. An
# agent without replay remembers sixteen states only.) Look closely: the complete agent, too, puts most states a
# little *above* 0, which is as impossible. When we let one play on from all these states, the true values were
# near 0 there, $-0.02$ on average, and over all states it believed 0.09 too much. Our explanation: from a pole
# that never falls no $-1$ ever comes to correct the noise, and the maximum prefers noise that errs upwards, as we
# shall see; double removes a part only. An error of 0.1 does little harm, one of 50 says that the values mean
# nothing.
#
# And the *score*? We ran five seeds of each variant by the rules of section 18, up to 8000 rounds, and noted when a test
# first reached 490, and the value of a state then (the median over the states of the complete agent with that seed):
#
# | agent | solved | rounds, median (smallest to largest) | believed value, smallest to largest |
# |---|---|---|---|
# | complete | 5 of 5 | 1750 (1000 to 2250) | 0.06 to 0.11 |
# | no replay, last round only | 5 of 5 | 1750 (250 to 3250) | −0.37 to −0.08 |
# | no target network | 5 of 5 | 1750 (1000 to 3250) | **1.5 to 57** |
# | no double | 5 of 5 | 2500 (1000 to 5250) | 0.11 to 0.25 |
# | no exploration | 5 of 5 | 3750 (2000 to 6250) | −0.17 to 0.07 |
# | reward +1 for each step | 4 of 5 | 3750 (750 to more than 8000) | (another scale) |
#
# We had expected more damage to the score, and report what we found. What each row teaches:
#
# - **Target network.** It keeps the values honest. The pole is solved without it, since both actions are lifted
#   alike and the choice depends on their difference only. A good score does not prove that the values mean anything.
# - **Replay.** No clear damage here: sixteen poles in lock-step deliver sixteen different moments in each round. One
#   pole alone would deliver sixteen that are nearly equal. On Atari games, from a single game, V. Mnih and others
#   (2015) measured large losses without replay.
# - **Double.** The values of the agent without it are about twice as far above 0, the most that is possible. With two
#   actions there is little to correct, and five seeds show no clear effect on the score.
# - **Exploration.** Without it learning took longer with each of the five seeds. That it works at all has a reason: the
#   values start near 0, the best there is, so an action looks perfect until it has been tried:
#   the optimism of the first part.
# - **Reward.** With $+1$ learning is erratic: values near $1/(1 - 0.98) = 50$ have to be told apart to a fraction of 1.
#
# A part that is needed in one problem can be idle in another, *and only several seeds tell*.
#
# **Why double?** $\max_a$ of *noisy* values is too large on average, even if each value is right on average: the
# maximum picks whichever errs upwards. Two actions, both worth 0, with errors from a standard normal distribution:
# the mean of the larger is $1/\sqrt\pi = 0.564$. If one set of estimates chooses and an independent other set
# values the choice, the mean is 0. *Predict* how the gap grows with the number of actions.

# %%
rng = np.random.default_rng(202)
one_set, other = rng.normal(size=(2, 100_000, 16))
for k, expected in ((2, 1 / np.sqrt(np.pi)), (16, 1.766)):  # 1.766: from a table of order statistics
    chosen = one_set[:, :k].argmax(axis=1)[:, None]
    check.same(f"{k} actions, one set: mean of the largest", np.take_along_axis(one_set, chosen, 1).mean(), expected, 0.02)
    check.same(f"{k} actions, valued by another set", np.take_along_axis(other, chosen, 1).mean(), 0.0, 0.02)


# %% [markdown]
# With 16 actions a world in which nothing can be gained looks as if it were worth 1.77, and Q-learning passes this
# on from state to state. Double DQN's two networks are *not* independent (one is the running mean of the other), so
# it removes only part of the bias. With our two actions the effect is small; on Atari, with up to 18, van Hasselt
# and others found it large in some games.
#
# ## 21 An agent that sees pictures
#
# Four numbers told the network all about the pole, because somebody had measured them for it. A player of a video
# game has only the screen. In 2013 and 2015 V. Mnih and others gave a network what the player gets, the picture and
# the score, and one of the games was **Breakout**: a paddle at the bottom, a wall of bricks at the top, a ball that
# must not get past the paddle. Here is a small Breakout, with rules of our own, on a board of 10 by 10 cells like that
# of MinAtar (K. Young and T. Tian, 2019), whose way of drawing it we borrow as well.
#
# - The wall fills rows 1, 2 and 3, counted from the top, from 0: 30 bricks. The paddle is two cells wide, in row 9.
# - In each step the paddle moves first: action 0 one cell to the left, 1 not at all, 2 to the right.
# - Then the ball moves one cell diagonally, in two halves. *Sideways:* its column changes by one. At a side of the board
#   it keeps its column instead and flies the other way from now on. (A brick does not stop it here: the ball slips into
#   the brick's cell and does it no harm.) *Up or down,* in its new column: its row changes by one. Where the ceiling, a
#   brick or the paddle is in the way, it keeps its row instead and flies the other way from now on. For example, a ball
#   in row 0 and column 3, on its way up and left, comes to column 2, stays in row 0, and flies down and left.
# - A brick that is hit is gone: **reward 1**. There is no other reward, and no punishment for losing the ball.
# - The left cell of the paddle sends the ball to the left, the right cell to the right. So one can aim.
# - A ball that comes to row 9 is lost, and the game is over. A wall without bricks is built again.
#
# A ball is served in row 4, in a random column, moving down to the left or the right. We store n games as an array
# `ball` (5, n), with one line each for the column of the paddle's left cell `p`, the ball's row `r` and column `c`,
# and its directions `dr` and `dc`, each $-1$ or $+1$. *Predict* the next row, column and directions for four balls,
# all with the paddle on cells 4 and 5 and a full wall: at (4, 5) on its way up and left; at (8, 3), and at (8, 4),
# each on its way down and right; at (6, 9), also down and right.

# %%
def serve(n, rng):
    """n new balls: paddle, row, column, vertical and horizontal direction; an array (5, n)."""
    one = np.ones(n, int)
    return np.stack([4 * one, 4 * one, rng.integers(10, size=n), one, rng.choice([-1, 1], size=n)])

def advance(bricks, ball):
    """Move the balls (5, n) by one step; what they hit leaves `bricks` (n, 10, 10). Returns the balls, and hit (n,)."""
    p, r, c, dr, dc = ball
    side = (c + dc < 0) | (c + dc > 9)
    c, dc = np.where(side, c, c + dc), np.where(side, -dc, dc)
    i, ahead = np.arange(len(p)), r + dr                  # ahead = -1 reads row 9, where there is never a brick
    hit = bricks[i, ahead, c]
    bricks[i, ahead, c] = False
    paddle = (ahead == 9) & ((c == p) | (c == p + 1))
    back = hit | paddle | (ahead < 0)
    dc = np.where(paddle, np.where(c == p, -1, 1), dc)
    return np.stack([p, np.where(back, r, ahead), c, np.where(back, -dr, dr), dc]), hit


# %%
wall = np.zeros((10, 10), bool)
wall[1:4] = True
balls = np.array([[4, 4, 5, -1, -1], [4, 8, 3, 1, 1], [4, 8, 4, 1, 1], [4, 6, 9, 1, 1]]).T
after, hit = advance(np.tile(wall, (4, 1, 1)), balls)
check.worked("row, column, directions, four balls", after[1:].T, "4 4 1 -1  8 4 -1 -1  8 5 -1 1  7 9 1 -1")


# %% [markdown]
# The first ball goes one column to the left, meets the brick above and turns round. The second and the third meet the
# left and the right cell of the paddle. The fourth is at the side, where its column stays and its direction flips.
#
# What does the player see? Four black and white pictures, or **planes**, of shape (4, 10, 10): paddle, ball, the
# ball's *tail*, bricks. The tail is the cell the ball points away from, moved onto the board where it would lie
# outside. One still picture cannot show which way a ball flies. With the tail it can, always (a tail that had to be
# moved says that the ball is on its way inwards), and so the picture is a *state* in the sense of the Markov
# property: nothing earlier would help to foretell the next one. DQN on the Atari had to see the last four pictures
# for the same reason.
#
# Everything that comes later asks a game for no more than this: `n` games side by side, the `shape` of a picture, the
# number of `actions`; `reset()`, `look()`, and `step(a)` with one action for each game, which returns the rewards and
# which games are over. A lost game begins again by itself.

# %%
class Breakout:
    """n games of bricks at once. Actions: 0 left, 1 stay, 2 right. Reward: 1 for a brick. Over: the ball is lost.

    The paddle moves, then the ball: one cell diagonally, turned round by sides, ceiling, bricks and paddle. The cell
    of the paddle that it meets gives its sideways direction. An empty wall is built again. No time limit.
    """
    shape, actions, wall = (4, 10, 10), 3, wall

    def __init__(self, n, rng):
        self.n, self.rng = n, rng
        self.reset()
    def reset(self):
        self.bricks, self.ball = np.tile(self.wall, (self.n, 1, 1)), serve(self.n, self.rng)
    def look(self):
        (p, r, c, dr, dc), i, X = self.ball, np.arange(self.n), np.zeros((self.n, *self.shape), bool)
        X[i, 0, 9, p] = X[i, 0, 9, p + 1] = X[i, 1, r, c] = True
        X[i, 2, np.clip(r - dr, 0, 9), np.clip(c - dc, 0, 9)] = True
        X[:, 3] = self.bricks
        return X
    def step(self, a):
        self.ball[0] = np.clip(self.ball[0] + a - 1, 0, 8)
        self.ball, hit = advance(self.bricks, self.ball)
        over = self.ball[1] == 9
        self.bricks[over | ~self.bricks.any((1, 2))] = self.wall
        self.ball[:, over] = serve(over.sum(), self.rng)
        return hit.astype(np.float32), over


# %%
framed = lambda X: np.pad(X.astype(float), ((0, 0), (1, 1), (1, 1)), constant_values=0.15)   # a border, for us
game = Breakout(1, np.random.default_rng(211))
plot.show(plot.images(framed(game.look()[0]), titles=["paddle", "ball", "its tail", "bricks"], columns=4, scale=1.2),
          "The four planes of a new game: two cells of paddle in the bottom row, one cell of ball, its tail one row "
          "higher, and three full rows of bricks.")


# %% [markdown]
# The tail lies above the ball: a serve flies down. Now for the score, which means nothing without others beside it.
# Three players without a network:
#
# - **chance** draws actions at random;
# - **follow** moves the paddle towards the column in which it *sees* the ball;
# - **lead** moves towards the next column *in the direction of flight*.
#
# The score of a game is the number of bricks taken until the ball is lost, or for at most 300 steps. (While it
# learns, an agent plays without that limit. So no game is ever cut off, and the only end is a lost ball.) *Predict*
# the mean scores of the three. Does following pay?

# %%
def chance(rng, actions=3):
    """The player that does not look."""
    return lambda X: rng.integers(actions, size=len(X))

def follow(X, lead=0):
    """Towards the ball's column (lead=0), or towards the column to which it is flying (lead=1)."""
    column = lambda plane: plane.any(1).argmax(1)
    ball, tail, p = column(X[:, 1]), column(X[:, 2]), X[:, 0, 9].argmax(1)
    aim = ball + lead * np.sign(ball - tail)
    return 1 + (aim > p + 1) - (aim < p)

def play_games(player, game, limit=300):
    """Bricks taken in each of the n games until the ball is lost, or in `limit` steps; (n,)."""
    game.reset()
    score, alive = np.zeros(game.n), np.ones(game.n, bool)
    for _ in range(limit):
        r, over = game.step(player(game.look()))
        score += r * alive
        alive &= ~over
    return score


# %%
rng = np.random.default_rng(212)
players = {"chance": chance(rng), "follow": follow, "lead": lambda X: follow(X, lead=1)}
level = {name: play_games(player, Breakout(500, rng)).mean() for name, player in players.items()}
check.claim("bricks, chance", level["chance"], at_most=0.29)
check.claim("bricks, follow", level["follow"], at_most=0.47)
check.claim("bricks, lead", level["lead"], at_least=24.8)


# %% [markdown]
# Chance takes one brick in about four games. Following does hardly better. It is always one step late, and a ball as
# fast as the paddle is never caught up with. One step of foresight changes everything: *lead* practically never
# misses. That is the kind of thing our agent must find out, and nobody tells it that there is a paddle, or a ball, or
# which of the three actions is which. It must also bear with a delay. A serve needs five steps to reach the paddle,
# and the ball five more to reach the wall, before the first reward can come.
#
# **The network.** $Q(s,a)$ for all actions at once, from the picture: one convolution of 16 kernels of 3 by 3
# (Lecture 3), which see a ball with its tail wherever it is (8 by 8 places, so 64 numbers for each kernel); then a
# dense layer of 128 units, and one number for each action. It is the network of the MinAtar paper. PyTorch keeps a
# convolution's kernels as (C_out, C_in, k, k). The weights come from NumPy, He-scaled as in Lecture 2.
#
# **The memory** keeps the last 600 steps of all games: pictures before and after the step, one byte a cell, actions,
# rewards, ends. It lives on the device where the network lives.

# %%
def qnet(shape, actions, rng, maps=16, hidden=128):  # planes (n, *shape) to Q-values (n, actions)
    q = nn.Sequential(nn.Conv2d(shape[0], maps, 3), nn.ReLU(), nn.Flatten(),
                      nn.Linear(64 * maps, hidden), nn.ReLU(), nn.Linear(hidden, actions))  # fmt: skip
    for p in q.parameters():
        p.data = torch.tensor(rng.normal(size=p.shape) * (np.sqrt(2 / p[0].numel()) if p.ndim > 1 else 0)).float()
    return q.to(device)


# %%
class Frames:
    """The last `size` steps of n games that are played side by side."""
    def __init__(self, game, size=600):
        empty = lambda dtype, *shape: torch.zeros(size, game.n, *shape, dtype=dtype, device=device)
        X, X2 = empty(torch.bool, *game.shape), empty(torch.bool, *game.shape)
        self.kept = [X, empty(torch.int64), empty(torch.float32), empty(torch.bool), X2]
        self.t, self.size, self.n = 0, size, game.n
    def put(self, *step):
        """Keep one step of all games: X (n, *shape), a, r, over (n,), X2 (n, *shape); the oldest makes room."""
        for kept, new in zip(self.kept, step):
            kept[self.t % self.size] = torch.as_tensor(new, device=device)
        self.t += 1
    def draw(self, k, rng):
        """k random steps: X, a, r, over, X2."""
        at = np.stack([rng.integers(m, size=k) for m in (min(self.t, self.size), self.n)])
        return [kept[tuple(torch.tensor(at, device=device))] for kept in self.kept]


# %% [markdown]
# **The step** is the double DQN of the cart-pole, in PyTorch. With $Q$ the network, $\bar Q$ the target network, and
# a step $(s,a,r,s')$ out of the memory,
#
# $$y=\begin{cases}r&\text{if the game ended there,}\\ r+\gamma\,\bar Q\big(s',\arg\max_{a'}Q(s',a')\big)&\text{otherwise.}\end{cases}$$
#
# The loss compares $Q(s,a)$ with $y$, which is held fixed (`no_grad`): squared near 0, linear from 1 on (Huber's
# loss), so that no single surprise pulls hard. After each step the target network follows,
# $\bar\theta\leftarrow\bar\theta+\tau(\theta-\bar\theta)$ with $\tau=0.01$ (PyTorch's `lerp_`, in place). `gather`
# picks, in each row, the column that the action names, as in section 19. A picture after a lost ball belongs to
# the next game, and `~over` keeps its value out.
#
# We take $\gamma=0.98$: a brick ten steps away counts $0.98^{10}\approx0.82$. **One round** is 200 steps of all
# games, and after every step the network learns from two batches, each twice as large as the number of games. The
# share of random actions falls from 1 to 0.05 in the first third of the training, the step size of Adam from $10^{-3}$
# towards 0.

# %%
def learn(q, target, opt, X, a, r, over, X2, gamma=0.98, tau=0.01):
    """One step of double DQN on a batch; `target` follows q slowly."""
    with torch.no_grad():
        best = q(X2.float()).argmax(1, keepdim=True)                          # q chooses,
        y = r + gamma * ~over * target(X2.float()).gather(1, best)[:, 0]      # the target network judges
    loss = F.smooth_l1_loss(q(X.float()).gather(1, a[:, None])[:, 0], y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    for slow, fast in zip(target.parameters(), q.parameters()):
        slow.data.lerp_(fast.data, tau)


# %%
def player_of(q):
    """The player that takes the action of the largest Q-value; `no_grad()` can wrap a function, too."""
    return torch.no_grad()(lambda X: q(torch.as_tensor(X, device=device).float()).argmax(1).cpu().numpy())

def train_round(game, q, target, opt, memory, rng, done):
    """200 steps of all games, two batches learned after each; `done`: the share of the training behind us."""
    opt.param_groups[0]["lr"], eps, X2 = 1e-3 * (1 - done), max(0.05, 1 - 3 * done), game.look()
    for _ in range(200):
        X, explore, a = X2, rng.random(game.n) < eps, rng.integers(game.actions, size=game.n)
        a = np.where(explore, a, player_of(q)(X))
        r, over = game.step(a)
        X2 = game.look()
        memory.put(X, a, r, over, X2)
        for _ in range(2 if memory.t > 20 else 0):
            learn(q, target, opt, *memory.draw(2 * game.n, rng))


# %% [markdown]
# 32 games with batches of 64 run side by side for 20 rounds, which makes 128 000 steps of play and half a minute
# to a minute on one core (on a GPU: four times the games, and with them the batches and the kernels). Learning
# begins when 20 steps are stored. After every round the *target* network, which is calmer, plays 64 trial games,
# greedily. *Predict:* in which round will it leave *follow* behind, and will it come near *lead*? The bar may be
# stopped, and the cell run again to go on.
#
# <details><summary>How were the settings chosen?</summary>
#
# By trial games with random numbers other than those of the final score, and one or two seeds each: rewards summed
# over 1, 3 or 5 steps before $\bar Q$ takes over; $\gamma$ of 0.98 or 0.99; one or two batches for each step. The
# differences between these settings were no larger than those between two seeds of the same setting, so we kept the
# simplest. Do not read them as the best.
#
# </details>

# %%
def new_agent(game, rng, maps=16):
    q = qnet(game.shape, game.actions, rng, maps)
    return q, copy.deepcopy(q), torch.optim.Adam(q.parameters(), fused=True), Frames(game)  # fused: faster

rng, history, n = np.random.default_rng(214), [], 128 if device.type == "cuda" else 32
game, trial = Breakout(n, rng), Breakout(64, np.random.default_rng(215))
learner = new_agent(game, rng, maps=n // 2)

# %% tags=["nbval-ignore-output"]
trained = player_of(learner[1])                                     # the target network, as it is by then
def round_and_trial():
    train_round(game, *learner, rng, len(history) / 20)
    return play_games(trained, trial).mean()

def trial_picture():
    fig, ax = plt.subplots()
    ax.plot(range(1, len(history) + 1), history, "o-", color=style.NEGATIVE, label="agent")
    for name, look in (("lead", "--"), ("follow", ":")):
        ax.axhline(level[name], linestyle=look, color="#222222", label=name)
    ax.set(title="From pictures alone, the score climbs", xlabel="round", ylabel="mean score, 64 games")
    ax.set(xticks=range(0, 21, 4), ylim=(0, None))
    ax.legend()
    return fig, "The agent's score rises from near 0, far above that of following, towards that of leading, in jumps."

progress.train(history, 20, round_and_trial, trial_picture, every=5)

# %% [markdown]
# For some rounds nothing happens, since rewards are rare while the play is random. Then the first returns are found,
# and the score climbs, in jumps and with setbacks. On new games:

# %%
bricks = play_games(trained, Breakout(500, np.random.default_rng(216)))
check.claim("bricks, the agent", bricks.mean(), at_least=10.4)
check.claim("the agent / chance", bricks.mean() / level["chance"], at_least=34)
check.claim("share of games with at least one brick", (bricks > 0).mean(), at_least=0.8)
check.claim("the agent / lead", bricks.mean() / level["lead"], at_least=0.41)

# %%
strip = Breakout(12, np.random.default_rng(217))
frames = [(strip.look(), strip.step(trained(strip.look())))[0] for _ in range(160)][::20]     # look, then step
best = frames[-1][:, 3].sum((1, 2)).argmin()                        # the game with the fewest bricks left
boards = np.array([(X[best] * [[[1]], [[1]], [[0.6]], [[0.35]]]).max(axis=0) for X in frames])
plot.show(plot.images(framed(boards), titles=[f"step {t}" for t in range(0, 160, 20)], columns=8, scale=0.8),
          "Eight boards of one game, every 20 steps: black paddle and ball, dark grey tail, light grey bricks, ever fewer.")


# %% [markdown]
# From pictures and a score the agent has learned a game that chance cannot play at all, many times over what *follow*
# takes. It gets most balls back, which needs foresight, and found out how without being told what a ball is. With
# some seeds it even passes *lead*, a few lines written by somebody who knew the rules; with others it reaches about
# half of that. This is the trade: those lines know one game, and the network knew none.
#
# So the same code must run on other games, too. `BrickGame` gives one of ours the interface of **Gymnasium**, so that
# anybody's agent can play it, and Gymnasium's own checker passes it. `MinAtarGames` does the reverse and gives our
# three methods to the games of [MinAtar](https://github.com/kenjyoung/MinAtar) (Young and Tian, 2019; GPL licence,
# `pip install minatar`): small versions of Asterix, Breakout, Freeway, Seaquest and Space Invaders. Nothing in
# `train_round` changes. In a trial of ours, on one CPU core, 16 rounds took about half a minute and brought MinAtar's
# Breakout from below one brick to about six. The cell below trains longer, and therefore runs only where MinAtar is
# installed *and* a GPU is present; everywhere else it says so, and you may read on.

# %%
class BrickGame(gym.Env):
    """One game of Breakout with Gymnasium's interface (after the end, the picture is that of the next game)."""
    observation_space, action_space = gym.spaces.MultiBinary(Breakout.shape), gym.spaces.Discrete(Breakout.actions)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)                                    # makes self.np_random
        self.game = Breakout(1, self.np_random)
        return self.game.look()[0].astype(np.int8), {}

    def step(self, a):
        r, over = self.game.step(np.array([a]))
        return self.game.look()[0].astype(np.int8), float(r[0]), bool(over[0]), False, {}

check_env(BrickGame(), skip_render_check=True)                      # raises where the interface is broken


# %%
class MinAtarGames:
    """n games of MinAtar with the methods of Breakout."""
    def __init__(self, name, n):
        from minatar import Environment
        self.n, self.games = n, [Environment(name) for _ in range(n)]
        self.shape, self.moves = tuple(np.roll(self.games[0].state_shape(), 1)), self.games[0].minimal_action_set()
        self.actions = len(self.moves)
    def reset(self):
        for g in self.games:
            g.reset()
    def look(self):
        return np.stack([g.state() for g in self.games]).transpose(0, 3, 1, 2).astype(bool)
    def step(self, a):
        r, over = np.transpose([g.act(self.moves[k]) for g, k in zip(self.games, a)])
        [self.games[k].reset() for k in np.flatnonzero(over)]
        return r.astype(np.float32), over.astype(bool)

if device.type == "cuda" and importlib.util.find_spec("minatar"):
    rng, atari = np.random.default_rng(218), MinAtarGames("breakout", 32)
    second = new_agent(atari, rng)
    for k in range(40):
        train_round(atari, *second, rng, k / 40)
    two = chance(rng, atari.actions), player_of(second[1])
    print("chance, agent:", *(play_games(player, atari).mean().round(2) for player in two))
else:
    print("Skipped: this cell runs only with a GPU and `pip install minatar`.")

# %% [markdown]
# ## 22 What DQN did on 49 games
#
# The agent of Mnih and others (*Nature*, 2015) was ours, larger and without the double trick. It saw the screen in 84
# by 84 grey pixels, four frames at a time, and passed it through three convolutions and a dense layer of 512 units. It was built for **49
# games of the Atari 2600 with one method, one architecture and one set of settings**, and a new network was trained
# for each game. You may read that "DQN learned 49 Atari games". The paper says something more careful: it was *tried*
# on 49 games. The score is put on a scale on which random play is 0 % and a professional tester 100 %,
#
# $$100\,\frac{\text{agent}-\text{random}}{\text{human}-\text{random}}.$$
#
# More than 75 % of the human score was reached on **29** of the 49. *Predict* how many were above 100 %, and how low
# the worst was. The 49 numbers are those of the paper's Extended Data Table 2; the score of Breakout we compute
# ourselves, from 401.2 (agent), 1.7 (random), 31.8 (human).

# %%
percent = np.array("""42.7 43.9 246.2 70.0 7.3 449.9 57.7 67.6 119.8 14.7 1707.9 1327.2 63.0 64.8 419.5 294.2 17.1 97.5 93.5
    102.4 6.2 400.4 5.3 76.5 79.3 145.0 224.2 277.0 102.4 0.0 13.0 278.3 132.0 2.5 78.5 57.3 232.9 509.0 25.9 121.5 598.1
    143.2 100.9 112.2 92.7 32.0 2539.4 67.5 54.1""".split(), float)
counts = [len(percent), sum(percent > 75), sum(percent > 100), sum(percent < 10)]
check.worked("games; above 75 %, above 100 %, below 10 %", counts, "49 29 23 5")
check.worked("Breakout, in % of the human score", 100 * (401.2 - 1.7) / (31.8 - 1.7), "1327.2")

# %%
fig, ax = plt.subplots()
ax.bar(range(1, 50), np.sort(percent), color=np.where(np.sort(percent) > 75, style.NEGATIVE, "#BBBBBB"))
ax.axhline(75, color="#222222", linestyle="--")
ax.set(title="29 of 49 games above 75 % of a human", xlabel="games, ordered", ylabel="% of the human score")
ax.set(yscale="symlog", ylim=(0, 4000))
plot.show(fig, "Ordered bars for 49 games, logarithmic above 2 %, from 0 to about 2500 %. 29 pass a dashed line at 75 %.")

# %% [markdown]
# 23 games lie above the human score, and five stay below 10 %. Breakout and Pinball need a quick reaction, and the
# reward follows soon. At the lower end is *Montezuma's Revenge*, with 0 (its bar has no height): a long row of
# right actions comes before the first reward, and an agent that explores at random hardly ever sees one. And the
# price: by the paper's own count about 38 days of play for each game, where the human had about two hours of
# practice. In 2020 an agent with better exploration and a memory passed the human benchmark on all 57 games of a
# larger list (Badia and others), with far more play still.
#
# ## 23 Uses, and their dangers
#
# An observation, an action, a number that says how well it went: much in the world can be written down like that. In
# each row ask first who pays while the agent explores, and whether the reward is what is wanted.
#
# | use | observation | action | reward | danger |
# |---|---|---|---|---|
# | robot motor control (Levine and others, 2016) | camera, joint angles | torques | task done | breaks itself or others while it explores; what was learned in a simulator fails in the world |
# | self-driving (Kendall and others, 2019) | camera, speed | steering, speed | distance until the safety driver steps in | rare events are the ones that count, and the reward hardly contains them; exploring on a road needs that driver |
# | games | screen | buttons | score | finds loopholes of the score; otherwise harmless, hence popular |
# | air conditioning (of a data centre: Lazic and others, 2018) | temperatures, load | fans, valves | limits kept, at little cost | what the reward leaves out, such as damp or wear, is sacrificed |
# | ad placement (for news: Li and others, 2010) | page, history of the reader | which ad | click | rewards what is clicked, not what is good for the reader; changes the reader, and so its own data |
# | stock trading (Moody and Saffell, 2001) | past prices | buy, hold, sell | profit | the past is one sample; whoever searches long enough finds a policy that won there |
#
# Most share the danger of part one: **a reward is taken at its word**. The last is of another kind, and we can measure
# it. Here are a hundred invented markets whose daily returns are pure chance (normal, mean 0, standard
# deviation 1 %), so no policy can earn. A policy is a table of 32 states, the last five days up or down, with "buy"
# or "sell" for each. From 1000 random policies take the one that earned most in the first 245 days, and let it trade
# for another 245. *Predict* both profits.

# %%
rng, profit = np.random.default_rng(230), []
for _ in range(100):
    r, table = rng.normal(scale=0.01, size=495), rng.choice([-1, 1], size=(1000, 32))
    s = sum((r[k : k + 490] > 0) << k for k in range(5))            # the five days before
    daily = table[:, s] * r[5:]
    best = daily[:, :245].sum(axis=1).argmax()
    profit.append([daily[best, :245].sum(), daily[best, 245:].sum()])
past, future = np.mean(profit, axis=0)
check.claim("profit of the best policy, days it was chosen by", past, at_least=0.45)
check.claim("its profit on the days after, size", abs(future), at_most=0.025)

# %% [markdown]
# A gain of about a half in the past, and about nothing in the future. There was nothing to learn, and the search
# found it all the same. The cure is the one of Lecture 2: judge a policy by data that had no part in choosing it. In
# reinforcement learning this is forgotten more easily, because agents are so often tested in the game they were
# trained in.
#
# ## 24 Where it breaks
#
# Which is what we did. Two changes that a human player would hardly notice, both on new games. **Shift**: the picture
# slides one column to the right (the game does not change). **Lower**: the wall stands one row lower, in rows 2 to 4,
# and a new ball starts inside its last row. *Predict* the agent's score, and that of *lead*.

# %%
test = Breakout(200, np.random.default_rng(240))
shifted = play_games(lambda X: trained(np.roll(X, 1, axis=3)), test).mean()
check.claim("shifted, the agent / before", shifted / bricks.mean(), at_most=0.27)
test.wall = np.roll(wall, 1, axis=0)                                # rows 2 to 4
check.claim("lower wall, the agent / before", play_games(trained, test).mean() / bricks.mean(), at_most=0.66)
check.claim("lower wall, bricks of lead", play_games(players["lead"], test).mean(), at_least=27.3)

# %% [markdown]
# *Lead* does not care where the wall stands. The agent loses most of its skill under the shift. Under the lower
# wall it depends on the seed: a good part of it is gone, or nearly all. (The shift hurts *lead* too, through the
# last column, which leaves the picture and comes in again at the left. Where we measured, *lead* kept about a
# third of its score.) What the agent has learned is values of *pictures it has seen*, not paddle, ball and wall.
# The convolution carries a pattern from place to place, but the dense layer above it does not.
#
# Three more limits, all visible above. **Samples**: 128 000 steps are three and a half hours at ten steps a second,
# for a game that you understand in a minute; for Atari it was weeks. **Seeds**: the curve goes up in jumps and also
# falls; another seed reaches another height, so a single curve says little, and a claim should rest on several (ours
# are bounds from at least five). **Reward**: take away the frequent bricks and pay only for a cleared wall, and our
# agent would have next to nothing to learn from, since random play hardly ever gets there. Where there is no reward
# to be found and nobody to tell what is right, one can still learn what the data *are*. Lecture 9 returns to that,
# with a network which has an energy instead of a loss.
#
# ## 25 Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "The return is $R_t=\sum_{k=0}^Tr_{t+k}$." | That runs past the end: the last term is $k=T-t$. And it lacks the discount: $G_t=\sum_{k=0}^{T-t}\gamma^kr_{t+k}$. | 3 |
# | "The numbers at the arrows of an MDP are the probabilities of the actions." | They are $P(s'\mid s,a)$, given state *and* action. The policy $\pi(a\mid s)$ gives the action, and is not part of the MDP. | 2 |
# | "The state of the pole is position and angle." | Both velocities belong to it: four numbers. | 13, 14 |
# | "DQN learned 49 games." | It was tried on 49 and passed 75 % of the human score on 29, with a new network for each. | 22 |
# | "The input of reinforcement learning is the reward." | Observations *and* rewards. Actions are chosen by the one and learned by the other. | 1 |
# | "The agent understands the game." | It knows values of pictures like those it has seen. | 24 |
# | "Each part of DQN is needed, or it does not learn." | On the pole each of the four helpers could go, and all five seeds still solved it; the target network keeps the *values* honest. Elsewhere other parts matter: measure, with several seeds. | 20 |
#
# The two cells below check the numbers in the table.

# %%
r, gamma = np.array([0, 0, 1, -1, 5]), 0.9                          # T = 4: five rewards
G = lambda t, gamma: gamma ** np.arange(5 - t) @ r[t:]              # k = 0 ... T - t
check.worked("without discount", [G(t, 1.0) for t in range(5)], "5 5 5 4 5")
check.worked("with gamma = 0.9", [G(t, gamma) for t in range(5)], "3.3615 3.735 4.15 3.5 5")
P, pi = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0, 1]]]), np.array([[0.7, 0.3], [0.4, 0.6]])
check.worked("P(s'|s,a) summed over s'; pi(a|s) summed over a", [*P.sum(axis=2).ravel(), *pi.sum(axis=1)], "1 1 1 1 1 1")

# %%
env = gym.make("CartPole-v1").unwrapped
env.reset(seed=0)
for v, printed in ((1.0, "0.02 0.07 4 1"), (-1.0, "-0.02 0.03 4 1")):    # position 0, angle 0.05; both velocities v
    env.state = np.array([0, v, 0.05, v])
    s, r, terminated, truncated, info = env.step(1)
    check.worked(f"velocities {v:+}: position, angle; numbers observed, reward", [s[0], s[2], len(s), r], printed)

# %% [markdown]
# Position and angle were the same, and what follows differs: two numbers are no state.
#
# ## 26 Summary
#
# 1. An agent observes, acts and is rewarded. It maximises the expected **return**, the discounted sum of all rewards
#   to come, and its means is a policy.
# 2. Values satisfy Bellman's equations. With the model, sweep (value iteration, policy iteration); without it, sample
#   (Monte Carlo, SARSA, Q-learning), and explore.
# 3. For many states the table becomes a network. Policy gradients raise the log-probability of what went better than
#   expected; DQN moves $Q$ towards its own target, with memory, target network and the double trick against its own
#   optimism.
# 4. The same few lines learn from four numbers or from pictures, a game of bricks in about a minute. On Atari: tried
#   on 49 games, above 75 % of the human score on 29.
# 5. It is hungry for samples, uneven over seeds, narrow in what it learns, and it does what the reward says, not what
#   you meant.
#
# ## Test yourself
#
# **1.** The agent gets no punishment for a lost ball. Why does it learn to keep the ball all the same?
#
# <details><summary>Answer</summary>
#
# After a lost ball the target is $y=r$, with nothing behind it: the value of what could have come is gone. A kept
# ball is worth all the discounted bricks to come. So the loss of a ball costs exactly what it destroys. (If lost
# balls were treated as ordinary steps, with the value of the new game, keeping the ball would matter much less.)
#
# </details>
#
# **2.** Take the tail out of the picture. Which action becomes hard to choose, and what could the network use
# instead?
#
# <details><summary>Answer</summary>
#
# With the ball alone, the same picture belongs to a ball that rises or falls, to the left or right. So foresight by
# one step is impossible. The two last pictures, stacked as planes, bring it back; this is what DQN did with four
# frames of the Atari.
#
# </details>
#
# **3.** *Lead* scores about 25 in 300 steps and practically never loses the ball. How could a player do better?
#
# <details><summary>Answer</summary>
#
# By aiming. Which cell of the paddle meets the ball decides where it flies, and *lead* takes what comes. With few
# bricks left, an aimed ball finds the next one sooner. The reward contains that wish, because of the discount: an
# early brick counts for more.
#
# </details>
#
# **4.** You train with 32 games for 20 rounds, and a friend with one game for 640 rounds of the same length, at the
# same number of batches. Same data?
#
# <details><summary>Answer</summary>
#
# The same number of steps, but not the same data. 32 games at one time stand in 32 different situations, so the
# memory holds more variety and the batches are less alike. And all 32 are played by the newest network in fewer,
# wider steps. The friend's memory must also be 32 times as long to hold as many of them.
#
# </details>
#
# **5.** An advertisement says: "Our agent earned 50 % in a back-test of one year." What do you ask?
#
# <details><summary>Answer</summary>
#
# How many policies (agents, settings, seeds) were tried on that year, and what the chosen one earned in a year that
# had no part in the choice. Section 23 made such a year out of pure chance.
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/08_reinforcement_learning.ipynb) ([its
# solution](../solutions/08_reinforcement_learning.ipynb), for afterwards). Next, [Lecture
# 9](09_boltzmann_machines.ipynb): a network that learns by comparing the world with its own dreams. The way back:
# [all lectures](../README.md).
#
# ## References
#
# - Textbook: R. Sutton and A. Barto, *Reinforcement learning: an introduction*, 2nd edition, MIT Press (2018), free
#   online.
# - DQN: V. Mnih and others, *Playing Atari with deep reinforcement learning* (2013), seven games; *Human-level
#   control through deep reinforcement learning*, Nature 518 (2015), 49 games; H. van Hasselt, A. Guez and D. Silver,
#   *Deep reinforcement learning with double Q-learning*, AAAI (2016).
# - Games: M. Bellemare and others, *The arcade learning environment*, JAIR 47 (2013); K. Young and T. Tian, *MinAtar*
#   (2019), arXiv:1903.03176; A. Badia and others, *Agent57: outperforming the Atari human benchmark*, ICML (2020); M.
#   Towers and others, *Gymnasium* (2024), arXiv:2407.17032.
# - Uses: S. Levine and others, *End-to-end training of deep visuomotor policies*, JMLR 17 (2016); A. Kendall and
#   others, *Learning to drive in a day*, ICRA (2019); N. Lazic and others, *Data center cooling using
#   model-predictive control*, NeurIPS (2018); L. Li and others, *A contextual-bandit approach to personalized news
#   article recommendation*, WWW (2010); J. Moody and M. Saffell, *Learning to trade via direct reinforcement*, IEEE
#   Trans. Neural Networks 12 (2001).
# - Limits: P. Henderson and others, *Deep reinforcement learning that matters*, AAAI (2018), on seeds; D. Amodei and
#   others, *Concrete problems in AI safety* (2016), on rewards.
