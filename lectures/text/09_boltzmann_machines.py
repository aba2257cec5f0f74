# %% [markdown]
# # Lecture 9 · Boltzmann machines and deep belief networks
#
# > **How can a network learn how probable a picture is, and then dream up new ones?**

# %% [markdown] tags=["nav"]
# [← Lecture 8](08_reinforcement_learning.ipynb) · [Exercise 9](../exercises/09_boltzmann_machines.ipynb) · [Solution 9](../solutions/09_boltzmann_machines.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.special import logsumexp
from sklearn.neural_network import BernoulliRBM

from course_utils import bridge, check, data, plot, progress, style
from course_utils.interact.gibbs import Gibbs
from course_utils.nets import accuracy, adam, backward, distort, forward, init, loss_and_delta, relu, sigmoid

style.use()
device = bridge.device()
rng = np.random.default_rng(9)

# %% [markdown]
# Paint a picture of 4×4 pixels by this rule: either each row is all dark or all light (**stripes**), or each column is
# (**bars**). There are 30 such pictures: 16 by rows and 16 by columns, the empty and the full one in both. We show them
# to a machine that does not know the rule, and ask for new pictures of the same kind. The plainest machine counts, for
# each pixel, how often it is dark, and then draws every pixel on its own with that probability. *Predict:* what do its
# pictures look like? And how much worse is it than a machine that knows the rule, if we measure the mean of $\ln p(v)$
# over the 30 pictures?

# %%
X4 = data.bars_and_stripes(4)
drawn = rng.random((10, 16)) < X4.mean(axis=0)
fig = plot.images(0.1 + 0.9 * np.vstack([X4[[1, 4, 6, 9, 13, 17, 20, 22, 25, 28]], drawn]), scale=0.5)  # on grey paper
fig.suptitle("Ten of the 30 pictures, and ten drawn pixel by pixel")
plot.show(fig, "Above, ten clean pictures of dark rows or dark columns. Below, ten pictures whose pixels were drawn "
          "independently: noise.")

# %%
frequency = X4.mean(axis=0)
check.worked("each pixel: share of pictures in which it is dark", [frequency.min(), frequency.max()], "0.5 0.5")
scores = [np.log(frequency).sum(), -np.log(30), 30 / 2**16]  # dark or light: one half, so all pictures score alike
check.worked("mean ln p(v): independent pixels; the rule. Chance of a hit", scores, "-11.090355 -3.401197 0.000458")

# %% [markdown]
# Noise. Each pixel is right on its own, and together they are almost never right: one picture in about 2200 obeys the
# rule. What makes a picture is not in the pixels but in how they go *together*. A machine that knows the rule gives
# each of the 30 pictures the probability 1/30; nobody can do better than $-\ln 30 = -3.401197$ on average. This
# lecture builds a network that starts at $-11$ and comes within a few hundredths of $-3.40$: it gives every picture an
# **energy**, low for those that it has learned, and energy becomes probability.
#
# Lecture 6 and Lecture 7 made pictures too, by sending noise through a network, in one direction. Here there is no
# direction. Every unit listens to others and is listened to by them, and a picture is what they settle on.
#
# **You will be able to**
#
# - turn an energy into probabilities, and compute them exactly on small machines;
# - derive and run Gibbs sampling, the free energy, and the gradient of the log-likelihood, for a restricted Boltzmann
#   machine;
# - say what contrastive divergence leaves out, and measure its bias;
# - train such a machine on digits, estimate its log-likelihood honestly, and let it daydream;
# - stack several into a deep belief network, generate with it, and find out when it helps with few labels.
#
# **Know first:** Lecture 1 (sigmoid, softplus) and Lecture 2 (gradients); from Lecture 6, the log-likelihood. A few
# ideas come back from Lecture 8: states, and the probability of going from one to another.
# **Reading time:** 140 minutes. **Running time:** about a minute and a half on a laptop.
#
# <details><summary>Maths you need: Bayes' rule, sums over all states, logsumexp, total variation</summary>
#
# *Conditional probability.* $p(h\mid v) = p(v,h)/p(v)$, and $p(v) = \sum_h p(v,h)$, summed over all values of $h$.
#
# *A sum of products that factorises.* If each $h_j$ is 0 or 1, then
# $\sum_{h_1}\sum_{h_2} f_1(h_1)f_2(h_2) = \big(f_1(0)+f_1(1)\big)\big(f_2(0)+f_2(1)\big)$: a sum of $2^m$ terms becomes
# a product of $m$ brackets. Half of this lecture rests on that line.
#
# *logsumexp.* $\ln\sum_i e^{x_i}$ overflows when written down like that. Take the largest out first:
# $\max x + \ln\sum_i e^{x_i-\max x}$. `scipy.special.logsumexp([1000, 1000])` is 1000.6931.
#
# *Total variation* between two distributions over the same states is $\frac12\sum_i\lvert p_i-q_i\rvert$: the share of
# probability that would have to be moved to turn one into the other. 0 for equals, 1 without overlap.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# Opening and section 1: 10 min. Sections 2 to 4: 25 min, the 2×2 machine by hand at the board, the brackets twice.
# Section 5: 10 min. Sections 6 and 7: 20 min, the two terms of the gradient and what CD does with the second. Section 8:
# 5 min, only the figure. Section 9: 5 min. The digits and the demo: 15 min. Can be skipped: detailed balance, the
# speed. Annealed importance sampling and deep belief networks fill a second lesson.
#
# </details>
#
# ## 1 A memory in symmetric weights
#
# The ancestor is a memory. J. Hopfield (1982) took $n$ units of two states, here $s_i=-1$ or $+1$ (his were 0 and 1),
# and joined every pair by a weight that is the same in both directions, $M_{ij}=M_{ji}$, with none from a unit to
# itself, $M_{ii}=0$. To store pictures $x^{(1)},\dots,x^{(K)}$ let units that agree in a picture strengthen their
# weight, an idea of D. Hebb (1949):
#
# $$M_{ij} = \frac1n\sum_k x_i^{(k)}x_j^{(k)}\ (i\ne j),\qquad
# s_i\leftarrow\begin{cases}+1 & \text{if } \sum_jM_{ij}s_j\ge0\\ -1 & \text{otherwise.}\end{cases}$$
#
# To remember, start with a damaged picture and let the units follow the rule on the right, one at a time in random
# order. Why does that ever end? Because there is an **energy**, $E(s) = -\frac12s^\top Ms$. If unit $i$ changes from
# $s_i$ to $s_i'$, only the terms with $i$ change, and $E$ changes by $-(s_i'-s_i)\sum_jM_{ij}s_j$ (each pair stands in
# $s^\top Ms$ twice, as $ij$ and as $ji$, which cancels the ½; and $M_{ii}=0$). The rule gives $s_i'$
# the sign of that sum, so the change is never positive, and zero only where a $-1$ becomes $+1$: no state comes back.
# There are finitely many; the memory rolls downhill and stops in a valley.
#
# Three digits are stored, chosen to overlap little. Then a fifth of all pixels is flipped. *Predict* what comes back.
# Then *thirty* digits are stored, and we begin with a perfect copy of one of them. Predict again.

# %%
digits = np.where(data.digits28(flat=True).X_train > 0.3, 1.0, -1.0)
hebb = lambda X: (X.T @ X / 784) * (1 - np.eye(784))

def recall(s, M, rng, sweeps=2):
    """Follow the rule, one unit after the other in random order; the end state, and the energies, one in 49 updates."""
    s, E = s.copy(), []
    for t, i in enumerate(np.concatenate([rng.permutation(784) for _ in range(sweeps)])):
        if t % 49 == 0:
            E.append(-s @ M @ s / 2)
        s[i] = 1 if M[i] @ s >= 0 else -1
    return s, E

rng = np.random.default_rng(91)
three, many = digits[[1421, 143, 826]], digits[:30]
damaged = three * np.where(rng.random(three.shape) < 0.2, -1, 1)
M_three, M_many = hebb(three), hebb(many)
restored, confused = [recall(s, M_three, rng) for s in damaged], [recall(s, M_many, rng) for s in many[:3]]
check.claim("3 stored: pixels restored", np.mean(three == [s for s, _ in restored]), at_least=0.99)
check.claim("largest rise of the energy on the way", max(np.diff(E).max() for _, E in restored), at_most=1e-9)
check.claim("30 stored: pixels in which two recalls agree", np.mean(confused[0][0] == confused[1][0]), at_least=0.95)

# %%
pairs = [*zip(damaged, [s for s, _ in restored]), *zip(many, [s for s, _ in confused])]
titles = ["3 stored:", "ends in"] * 3 + ["30 stored:", "ends in"] * 3
fig = plot.images((np.array(pairs).reshape(12, 784) + 1) / 2, titles, columns=6, scale=0.85)
fig.suptitle("Three memories come back, thirty melt into one")
plot.show(fig, "Above, three digits with a fifth of the pixels flipped, each followed by the clean digit. Below, three "
          "clean digits, each followed by the same jagged shape.")

# %% [markdown]
# Each pair: a start, and where the memory stops. Memory by *content*: part of a picture finds the whole. But thirty
# similar pictures share one valley. (For random pictures the limit is about $0.138\,n$; D. Amit, H. Gutfreund and H.
# Sompolinsky, 1985. Digits are not random: nearly all have the same empty margin, and Hebb's rule stores that again
# and again.) And the memory gives back what it was given, at best: it never makes a new 3.
#
# Two changes turn it into a model of the world. **Chance**: let a unit break the rule now and then, so that the machine
# wanders and visits states, low energies more often. **Hidden units**: some units that no picture dictates;
# they can learn to stand for "this row is dark". With both it is the *Boltzmann machine* of D. Ackley, G. Hinton and T.
# Sejnowski (1985). Learning will shape the energy, so that what was seen, and what is like it, lies low.
#
# ## 2 From energy to probability
#
# How does an energy become a probability? It should fall with $E$ and be positive; adding a constant to all energies
# should change nothing. The **Boltzmann distribution** does that:
#
# $$p(\text{state}) = \frac{e^{-E(\text{state})}}{Z},\qquad Z=\sum_{\text{all states}}e^{-E} .$$
#
# $Z$, the **partition function**, makes the sum 1. Two states that differ by $\Delta E$ have the ratio $e^{-\Delta E}$;
# for ratios nobody needs $Z$. For probabilities, one does, and here lies the trouble of the whole lecture: with 784
# pixels $Z$ has $2^{784}$ terms, before we count a single hidden unit. Physics divides $E$ by a temperature; ours is 1,
# since the weights can be scaled instead.
#
# Let the units be 0 or 1 from now on. In the **restricted Boltzmann machine**, RBM (P. Smolensky, 1986, called it
# *harmonium*), $d$ **visible** units $v$ hold a picture and $m$ **hidden** units $h$ explain it. Every visible unit is
# joined to every hidden one, and *no two units of the same layer are joined*: that is the restriction. With weights $W$
# $(d, m)$, visible biases $a$ and hidden biases $b$,
#
# $$E(v,h) = -a^\top v-b^\top h-v^\top Wh .$$
#
# A weight $W_{ij}>0$ lowers the energy of states in which $v_i$ and $h_j$ are both 1: they like each other.

# %%
fig, ax = plt.subplots(figsize=(5, 2.4))
at_v, at_h = np.linspace(0, 4, 5), np.linspace(0.5, 3.5, 4)
for x in at_v:
    ax.plot([np.full(4, x), at_h], [np.zeros(4), np.ones(4)], color="#888888", linewidth=1, zorder=1)
for places, y, color, name in ((at_v, 0, style.NEGATIVE, "v"), (at_h, 1, style.POSITIVE, "h")):
    ax.scatter(places, np.full(len(places), y), s=420, color=color, zorder=2)
    for k, x in enumerate(places):
        ax.text(x, y, f"${name}_{k + 1}$", color="white", ha="center", va="center")
ax.set(title="Edges only between the layers", xlim=(-0.4, 4.4), ylim=(-0.3, 1.3))
ax.axis("off")
plot.show(fig, "A graph: four hidden units in a row above five visible ones. Each of the 20 lines joins a hidden and a "
          "visible unit; there are no lines within a row.")


# %% [markdown]
# Such a drawing is a **graphical model**: nodes are random variables, edges say which depend *directly* on each other.
# Ours is **undirected** (also *Markov random field*): an edge is a liking of two units, not a step from cause to effect,
# and has no arrow. The networks of Lectures 2 to 7 compute from the input to the output; here the same $W$ is read both
# ways. It is a **generative** model, since it has a probability for every picture $v$, namely $p(v) = \sum_hp(v,h)$.
#
# The smallest example: two visible, two hidden units,
#
# $$W=\begin{pmatrix}1&-1\\0.5&2\end{pmatrix},\qquad a=(0.1,\,-0.2),\qquad b=(0,\,0.3).$$
#
# Sixteen states: everything can be added up. By hand for one: $v=(1,1)$, $h=(0,1)$ has
# $E=-(0.1-0.2)-0.3-(-1+2)=-1.2$. *Predict:* which of the four pictures will be the most probable? (In `states`, `>>`
# shifts a number's binary digits to the right and `& 1` keeps the last one: all digits of all numbers below $2^n$.)

# %%
def states(n):
    """All 2**n vectors of n zeros and ones, counted up: (2**n, n)."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1).astype(float)

def energy(v, h, W, a, b):
    """Energies (n,) of the states v (n, d), h (n, m); also a number for one state (d,), (m,)."""
    return -(v @ a) - h @ b - ((v @ W) * h).sum(axis=-1)


# %%
toy = np.array([[1, -1], [0.5, 2]]), np.array([0.1, -0.2]), np.array([0, 0.3])
S = states(4)  # v1, v2, h1, h2
weight = np.exp(-energy(S[:, :2], S[:, 2:], *toy)).reshape(4, 4)  # e^-E; row: v = 00, 01, 10, 11; column: h
Z, p_v = weight.sum(), weight.sum(axis=1) / weight.sum()
check.worked("energy of v = 11, h = 01; Z", [energy(S[13, :2], S[13, 2:], *toy), Z], "-1.2 57.808074")
check.worked("p(v) for v = 00, 01, 10, 11", p_v, "0.081299 0.411681 0.106386 0.400634")


# %% [markdown]
# $v=(0,1)$, closely followed by $(1,1)$. The likings push for $v_2=1$; $v_1$ is pulled up by $h_1$ and down by $h_2$,
# and ends near one half.
#
# ## 3 Why the conditionals factorise
#
# Suppose we see the picture $v$. What do the hidden units do? For fixed $v$ collect in $-E$ all that contains $h$:
# $-E = a^\top v+\sum_jh_jz_j$ with $z_j = b_j+\sum_iv_iW_{ij}$. The hidden units stand in *separate terms*, because no
# edge joins two of them. The exponential of a sum is a product, so
#
# $$p(h\mid v)=\frac{e^{-E(v,h)}}{\sum_{h'}e^{-E(v,h')}}=\frac{e^{a^\top v}\prod_je^{h_jz_j}}{e^{a^\top v}\prod_j(1+e^{z_j})}
# =\prod_j\frac{e^{h_jz_j}}{1+e^{z_j}} ,$$
#
# where the sum over all $h'$ became a product of brackets, one for each unit. So given $v$ the hidden units are
# **independent**, each 1 with probability $e^{z_j}/(1+e^{z_j})=\sigma(z_j)$; by the same argument, given $h$, the
# visible ones:
#
# $$p(h_j=1\mid v)=\sigma\big(b+v^\top W\big)_j,\qquad p(v_i=1\mid h)=\sigma\big(a+Wh\big)_i .$$
#
# The sigmoid of Lecture 1 comes out by itself. All hidden units can be drawn at once, with one matrix product.
# *Predict*: are they also independent if we do *not* see $v$?

# %%
def hidden_given(V, W, b):
    """Probabilities (n, m) that the hidden units are 1, given V (n, d)."""
    return sigmoid(V @ W + b)

def visible_given(H, W, a):
    """Probabilities (n, d) that the visible units are 1, given H (n, m)."""
    return sigmoid(H @ W.T + a)


# %%
P = hidden_given(states(2), toy[0], toy[2])
check.worked("p(h = 1 | v = 11)", P[3], "0.817574 0.785835")
product = np.prod(np.where(states(2) == 1, P[:, None], 1 - P[:, None]), axis=2)  # (v, h)
check.same("p(h | v) by the table, and as a product", weight / weight.sum(axis=1, keepdims=True), product, 1e-14)
p_h = weight.sum(axis=0) / Z
check.worked("without v: p(h = 11); the product", [p_h[3], (p_h[2] + p_h[3]) * (p_h[1] + p_h[3])], "0.539460 0.541418")


# %% [markdown]
# Given $v$, a product to the last digits; without it, not. (Through $v$ they know of each other, here only a little.)
# *"The hidden units are independent"* is therefore a sentence that needs its second half, *given the visible ones*.
#
# ## 4 Free energy
#
# For $p(v)$ the hidden units have to be summed away: $2^m$ terms. The same brackets make it $m$ of them:
#
# $$\sum_he^{-E(v,h)}=e^{a^\top v}\prod_j(1+e^{z_j})=e^{-F(v)},\qquad
# \boxed{F(v)=-a^\top v-\sum_j\ln\big(1+e^{b_j+(v^\top W)_j}\big)}$$
#
# $F$, the **free energy**, is the energy of a picture with its hidden units taken care of: $p(v)=e^{-F(v)}/Z$. A
# softplus for each hidden unit, which lowers $F$ of the pictures that it likes and hardly changes $F$ of the others: a
# *product* of small experts, each with a say on every picture.
#
# What remains is $Z=\sum_ve^{-F(v)}$, over $2^d$ pictures. The energy is symmetric in the two layers, though, so we may
# as well sum over $2^m$ hidden states, with the roles of $a$ and $b$ swapped and $W$ transposed, and take the smaller
# layer. *Predict:* of the sixteen states $(v,h)$ of the toy one has the lowest energy. Is its $v$ the most probable
# picture?

# %%
def free_energy(V, W, a, b):
    """F(v) (n,) for the rows of V (n, d)."""
    return -(V @ a) - np.logaddexp(0, V @ W + b).sum(axis=1)

F_toy = free_energy(states(2), *toy)
check.worked("F(v) for v = 00, 01, 10, 11", F_toy, "-1.547502 -3.169622 -1.816448 -3.142422")
check.worked("lowest energy: state v1 v2 h1 h2", S[weight.argmax()], "1 1 1 1")


# %%
def log_Z_exact(W, a, b):
    """ln Z, by going through all states of the smaller layer."""
    W, a, b = (W, a, b) if len(a) <= len(b) else (W.T, b, a)
    return float(logsumexp(-free_energy(states(len(a)), W, a, b)))

p = np.exp(-F_toy - log_Z_exact(*toy))
check.worked("ln Z; p(v)", [log_Z_exact(*toy), *p], "4.057128 0.081299 0.411681 0.106386 0.400634")


# %% [markdown]
# It is not. The state of lowest energy contains $v=(1,1)$, yet $(0,1)$ is a little more probable: its other three hidden
# states weigh more together. The free energy counts them all, the good and the almost as good.
#
# Twenty units in the smaller layer mean a million states, a second's work. A machine for digits has hundreds in both.
# There $Z$ stays unknown, and $F$ alone tells us only which of two pictures is more probable, and by what factor.
#
# ## 5 Gibbs sampling
#
# How does one draw a picture from $p(v)$ without knowing $Z$? Walk. **Gibbs sampling** (S. and D. Geman, 1984) renews
# one group of variables at a time, each from its conditional given the rest. Ours come in two groups, a whole layer each
# (**block** Gibbs sampling), and both conditionals are known:
#
# $$v\;\to\;h\sim p(h\mid v)\;\to\;v'\sim p(v\mid h)\;\to\;h'\;\to\;\dots$$
#
# The next picture depends on the present one and on nothing before it: the sequence is a **Markov chain**. Why should
# it lead to the *right* distribution? Let $T(v\to v')=\sum_hp(h\mid v)\,p(v'\mid h)$ be the probability of one step.
# With $p(v)\,p(h\mid v)=p(v,h)$ and $p(v'\mid h)=p(v',h)/p(h)$,
#
# $$p(v)\,T(v\to v')=\sum_h\frac{p(v,h)\,p(v',h)}{p(h)} ,$$
#
# which is the same when $v$ and $v'$ change places. So if the walkers are spread as $p$, as many go from $v$ to $v'$ as
# come back (**detailed balance**), and $p$ stays as it is: one step later the share at $v'$ is
# $\sum_vp(v)\,T(v\to v')=\sum_vp(v')\,T(v'\to v)=p(v')$, since from $v'$ one goes *somewhere*. Since every $T(v\to v')$
# is positive, the chain can get everywhere, and it forgets where it began: from any start it tends to $p$.
#
# Twenty thousand walkers all start at $v=(0,0)$, the least probable picture. *Predict:* after how many steps do their
# counts show $p(v)$, up to a total variation (half the sum of the absolute differences) of 0.01?

# %%
def sample(P, rng):
    """Zeros and ones with these probabilities, in the shape and dtype of P: 1 where a uniform number lies below P."""
    return (rng.random(P.shape, dtype=P.dtype) < P).astype(P.dtype)

def gibbs(V, W, a, b, k, rng):
    """k steps of the chain from V (n, d), n walkers at once; each step draws all hidden, then all visible units."""
    for _ in range(k):
        H = sample(hidden_given(V, W, b), rng)
        V = sample(visible_given(H, W, a), rng)
    return V

apart = lambda p, q: np.abs(p - q).sum() / 2  # total variation

# %%
rng, V, counts = np.random.default_rng(93), np.zeros((20000, 2)), []
for _ in range(7):
    counts.append(np.bincount((V @ [2, 1]).astype(int), minlength=4) / 20000)  # shares of 00, 01, 10, 11
    V = gibbs(V, *toy, 1, rng)
print("total variation to p(v) after 0, 1, ... steps:", *[f"{apart(q, p_v):.3f}" for q in counts])
check.claim("total variation to p(v) after 6 steps", apart(counts[-1], p_v), at_most=0.01)


# %% [markdown]
# About three are enough; after that we see the chance in counting 20 000. How many it takes in general is in the matrix
# $T$ $(2^d, 2^d)$, which we can write down for a small machine. If walkers are spread as $q$ (a row of probabilities),
# one step later they are spread as $qT$. The largest eigenvalue of $T$ is 1 and belongs to $p$. The second one,
# $\lambda_2$, is the factor by which, in the long run, what is left of the start shrinks in every step.

# %%
def transition(W, a, b):
    """T (2**d, 2**d): the probability that one step of Gibbs sampling leads from one picture to another."""
    V, H = states(W.shape[0]), states(W.shape[1])
    chance = lambda x, to: np.exp(x @ to.T - np.logaddexp(0, x).sum(axis=1, keepdims=True))  # section 3's product
    return chance(V @ W + b, H) @ chance(H @ W.T + a, V)

second = lambda T: np.sort(np.abs(np.linalg.eigvals(T)))[-2]

# %%
T = transition(*toy)
check.same("p T = p", p_v @ T, p_v, 1e-14)
check.same("detailed balance", p_v[:, None] * T, (p_v[:, None] * T).T, 1e-14)
check.worked("second eigenvalue", second(T), "0.1800")

# %% [markdown]
# Each step leaves 18 % of the error. What would make a chain slow? Valleys with a ridge between. Let two visible and two
# hidden units all like each other, $W_{ij}=f$, with biases $-f$: all four 0 and all four 1 have the energy 0, and every
# other state has more, up to $2f$. *Predict* $\lambda_2$ for $f=2$ and $4$.

# %%
colors, (fig, ax) = style.ordered(3), plt.subplots()
likes = lambda f: (np.full((2, 2), f), np.full(2, -f), np.full(2, -f))
for name, machine, color, look in zip(("toy", "f = 2", "f = 4"), (toy, likes(2.0), likes(4.0)), colors, ("-", "--", ":")):
    T, p = transition(*machine), np.exp(-free_energy(states(2), *machine) - log_Z_exact(*machine))
    errors = [apart(np.linalg.matrix_power(T, t)[0], p) for t in range(13)]
    ax.plot(errors, look, color=color, label=f"{name}: λ₂ = {second(T):.2f}")
ax.plot([apart(q, p_v) for q in counts], "o", color=colors[0], label="toy, 20 000 walkers")
ax.set(title="The deeper the valleys, the slower the chain", xlabel="steps of Gibbs sampling", yscale="log")
ax.set(ylabel="total variation to p(v)", ylim=(1e-5, 1.5))
ax.legend(fontsize=8, loc="lower right")
plot.show(fig, "Distance to the exact distribution on a logarithmic axis: three falling lines, steepest for the toy, nearly "
          "level for f = 4. Circles of the walkers follow the toy's line until they level off below one hundredth.")


# %% [markdown]
# The lines are soon straight on this axis: an exponential approach, at the rate $\lambda_2$. (The walkers level off where
# counting 20 000 of them is no more exact.) With $f=4$ the two valleys are deep: all walkers began in one, and half
# of them should be in the other, but a walker rarely crosses the ridge. One says that the chain **mixes** slowly.
# Learning does such things: sharp distributions need large weights. A picture drawn after a few steps is then no sample
# of the model, but a neighbour of where the chain began. Keep that in mind for section 8.
#
# ## 6 The log-likelihood and its gradient
#
# What should learning maximise? We have pictures $v^{(1)},\dots,v^{(n)}$ and want the machine to find them probable: the
# mean **log-likelihood**, as in Lecture 6,
#
# $$\mathcal L=\frac1n\sum_k\ln p\big(v^{(k)}\big)=-\frac1n\sum_kF\big(v^{(k)}\big)-\ln Z .$$
#
# Its gradient is the direction of the change of the parameters in which $\mathcal L$ grows fastest. Let $\theta$ be any
# of them. The first term is easy. For the second,
#
# $$\frac{\partial\ln Z}{\partial\theta}=\frac1Z\sum_v\frac{\partial e^{-F(v)}}{\partial\theta}
# =-\sum_v\frac{e^{-F(v)}}Z\,\frac{\partial F(v)}{\partial\theta}=-\sum_vp(v)\,\frac{\partial F(v)}{\partial\theta} .$$
#
# And from the box of section 4, since the slope of the softplus is the sigmoid, $-\partial F/\partial
# W_{ij}=v_i\,\sigma(z_j)=v_i\,p(h_j=1\mid v)$. Together:
#
# $$\frac{\partial\mathcal L}{\partial W}=\underbrace{\big\langle v\,p(h\mid v)^\top\big\rangle_{data}}_{\text{positive phase}}
# -\underbrace{\big\langle v\,p(h\mid v)^\top\big\rangle_{model}}_{\text{negative phase}},\qquad
# \frac{\partial\mathcal L}{\partial a}=\langle v\rangle_{data}-\langle v\rangle_{model},\qquad
# \frac{\partial\mathcal L}{\partial b}=\langle p(h\mid v)\rangle_{data}-\langle p(h\mid v)\rangle_{model} .$$
#
# Angle brackets are means: over the training pictures on the left, over *all* pictures with the machine's own
# probabilities on the right. Lower the free energy of what you see, raise that of what you dream; when the two agree,
# there is nothing more to learn. No back-propagation: a weight needs to know its own two units only, awake and dreaming.
#
# Back to the toy. Say that its data are the two pictures $(0,1)$ and $(1,1)$: "the second pixel is dark". The best
# log-likelihood that any machine can have on them is $-\ln2$. *Predict* the sign of the gradient in $W_{22}$.
#
# `statistics` computes the three means, for pictures of equal or of given probability. If the hidden layer is the
# smaller one, the model's means run over hidden states instead; the symmetry of the layers does it, as in `log_Z_exact`.

# %%
def statistics(V, W, b, p=None):
    """Means of v h, v and h over the rows of V (n, d), which have probabilities p (n,), else 1/n each."""
    p = np.full(len(V), 1 / len(V), V.dtype) if p is None else p
    H = hidden_given(V, W, b)
    return [V.T @ (p[:, None] * H), p @ V, p @ H]

def model_statistics(W, a, b):
    """The same three means under the machine itself, exactly."""
    if W.shape[0] > W.shape[1]:
        vh, h, v = model_statistics(W.T, b, a)
        return [vh.T, v, h]
    S = states(len(a))
    free = free_energy(S, W, a, b)
    return statistics(S, W, b, np.exp(-free - logsumexp(-free)))

minus = lambda one, other: [x - y for x, y in zip(one, other)]
exact_gradient = lambda V, W, a, b: minus(statistics(V, W, b), model_statistics(W, a, b))
log_likelihood = lambda V, W, a, b: -free_energy(V, W, a, b).mean() - log_Z_exact(W, a, b)

# %%
rng = np.random.default_rng(94)
random_machine = lambda d, m: [0.7 * rng.normal(size=shape) for shape in ((d, m), d, m)]
for d, m in ((5, 4), (3, 6)):
    params, V = random_machine(d, m), sample(np.full((8, d), 0.6), rng)
    for name, x, dx in zip("Wab", params, exact_gradient(V, *params)):
        check.gradient(f"d{name}, {d} visible, {m} hidden", lambda: log_likelihood(V, *params), x, dx)

V_toy = np.array([[0.0, 1], [1, 1]])
dW = exact_gradient(V_toy, *toy)[0]
L = log_likelihood(V_toy, *toy)
check.worked("log-likelihood of the toy; the best possible", [L, -np.log(2)], "-0.901106 -0.693147")
check.worked("dL/dW, exact, for W11, W12, W21, W22", dW, "0.003465 0.042785 0.136214 0.158356")


# %% [markdown]
# Right in every entry, whichever layer is the smaller. And in $W_{22}$ positive: $v_2$ should be dark still more
# often, and $h_2$ is its friend. The data could be read off, the model's side took a sum over all states. For a
# machine that sees digits, that sum is what we cannot do.
#
# ## 7 Contrastive divergence
#
# The negative phase is a mean over the model, and Gibbs sampling draws from the model. So: run chains, and take the
# mean over where they arrive. From a random start, and until they have forgotten it, that is slow; and it has to be
# done again after every change of $W$. **Contrastive divergence**, CD-k (G. Hinton, 2002), saves on both sides:
# *start each chain at a training picture, and stop after $k$ steps*, often after one.
#
# 1. Clamp the visible units to a training picture $v$. Compute $p(h\mid v)$: the positive phase.
# 2. Draw $h$ from it; draw $v'$ given $h$; go on like that, $k$ times. Compute $p(h\mid v')$: the negative phase.
# 3. $dW=v\,p(h\mid v)^\top-v'\,p(h\mid v')^\top$, and so on; average over the batch; move *up*.
#
# A start at the data is a good idea, since a machine that has learned well has its probability there anyway. In step
# 2 the hidden units must be *drawn*, 0 or 1: a probability passed on would tell the visible units far more than one bit
# each. At the very end the probabilities are used instead of bits: same mean, less noise.
#
# One sentence in many descriptions needs care: "the visible layer is the training set". The visible *layer* is $d$
# units. In the positive phase they are **clamped to one training vector**, one value for each unit; a batch of $n$
# vectors is $n$ copies of the machine side by side, the rows of `V`. In the negative phase nothing is clamped.
#
# Two cells. The first runs CD-1 on forty thousand copies of the toy, with hardly any noise left in their mean. The
# second needs no sampling at all, thanks to the matrix $T$. The data are a distribution over pictures too, $q_0$; after
# $k$ steps the walkers are spread as $q_0T^k$, and the mean of CD-k over all its random numbers is
# $\langle\cdot\rangle_{q_0}-\langle\cdot\rangle_{q_0T^k}$. *Predict:* does it agree with the exact gradient? And by what
# factor does the error shrink with each further step?

# %%
def cd_gradient(V, W, a, b, k, rng):
    """CD-k, estimates of [dW, da, db]; each row of V (n, d) is a training vector, to which one copy is clamped."""
    V_model = gibbs(V, W, a, b, k, rng)  # starts at the data, then runs free
    return minus(statistics(V, W, b), statistics(V_model, W, b))


sampled = cd_gradient(np.tile(V_toy, (20000, 1)), *toy, 1, np.random.default_rng(95))[0]
check.claim("forty thousand copies, CD-1: largest error in dW", np.abs(sampled - dW).max(), at_least=0.02)

# %%
q0 = np.array([0, 0.5, 0, 0.5])  # (0, 1) and (1, 1)
after = lambda k: statistics(states(2), toy[0], toy[2], q0 @ np.linalg.matrix_power(transition(*toy), k))
expected_cd = lambda k: minus(after(0), after(k))[0]
check.worked("dL/dW, mean of CD-1", expected_cd(1), "0.012631 0.044215 0.117122 0.133166")
check.worked("largest error of CD-1, CD-5", [np.abs(expected_cd(k) - dW).max() for k in (1, 5)], "0.0252 2.5e-5")
check.claim("forty thousand copies: distance to the mean of CD-1", np.abs(sampled - expected_cd(1)).max(), at_most=0.01)


# %% [markdown]
# The two cells agree with each other, and not with the gradient: three entries of CD-1 are wrong in their second digit,
# and that of $W_{11}$ is 3.6 times too large. CD-1 has a **bias** (nothing to do with the biases $a$ and $b$): an error
# in the mean, which stays when noise averages out over many steps of learning. From $k=1$ to 5 it
# falls by a factor of a thousand, by about $\lambda_2=0.18$ each time: the bias of CD-k is what is left, after $k$
# steps, of having started at the data. In this small machine five steps are as good as exact.
#
# So is contrastive divergence "the gradient of the log-likelihood, by a short Markov chain"? It is an **approximation**,
# and a biased one at every finite $k$. (Nor is it the gradient of some other function: I. Sutskever and T. Tieleman,
# 2010.)
#
# ## 8 Bias, noise, and a chain that persists
#
# The toy mixes quickly. What happens while a machine *learns*? We take bars and stripes of 3×3 pixels, 14 pictures,
# and six hidden units; $2^9=512$ pictures in all, so $T$ is still a small matrix. The machine climbs the **exact**
# gradient. At three moments we stop and ask, without any sampling: how far would the mean of CD-k be off, measured in
# lengths of the exact gradient? (1 means: the error is as long as the gradient itself, no better than the estimate
# "the gradient is 0".) *Predict:* does the bias of
# CD-1 grow or shrink during learning?

# %%
def climb(params, grads, eta):
    """One step uphill: changes the arrays of params."""
    for p, dp in zip(params, grads):
        p += eta * dp

small_machine = lambda d, m, rng: [0.1 * rng.normal(size=(d, m)), np.zeros(d), np.zeros(m)]
length = lambda grads: np.sqrt(sum((dp**2).sum() for dp in grads))

rng, X3 = np.random.default_rng(96), data.bars_and_stripes(3)
params, moments = small_machine(9, 6, rng), {}
for t in range(2001):
    if t in (0, 200, 2000):
        moments[t] = [p.copy() for p in params]
        size = length(exact_gradient(X3, *params))
        print(f"{t:4d} updates: mean ln p(v) {log_likelihood(X3, *params):.2f}, length of the exact gradient {size:.2g}")
    climb(params, exact_gradient(X3, *params), 0.5)


# %%
def bias(machine, steps):
    """Length of (mean of CD-k minus exact gradient), for each k in steps, in lengths of the exact gradient."""
    W, a, b = machine
    right, T, errors = model_statistics(W, a, b), transition(W, a, b), []
    now = (states(9)[:, None] == X3).all(axis=2).mean(axis=1)  # the data: 1/14 for 14 of the 512 pictures, else 0
    for _ in range(max(steps)):
        now = now @ T
        errors.append(length(minus(right, statistics(states(9), W, b, now))))
    return np.array(errors)[np.array(steps) - 1] / length(exact_gradient(X3, *machine))

steps = np.array([1, 2, 3, 5, 10, 20, 30, 50, 100])
biases = {t: bias(machine, steps) for t, machine in moments.items()}
print("length of the error of CD-1:", *[f"{b[0] * length(exact_gradient(X3, *moments[t])):.2g}" for t, b in biases.items()])
fig, ax = plt.subplots()
for (t, values), color, mark in zip(biases.items(), style.ordered(3), ("o-", "s--", "^:")):
    ax.plot(steps, values, mark, color=color, label=f"after {t} updates")
ax.set(title="In lengths of the gradient, the bias grows", xlabel="k", xscale="log", yscale="log", ylim=(1e-6, 3))
ax.set(ylabel="bias / exact gradient")
ax.legend(fontsize=8)
plot.show(fig, "Bias of CD-k against k, both axes logarithmic: at the start small, soon below the frame; after 200 "
          "updates larger and falling later; after 2000 updates near 1 and hardly falling.")
check.claim("bias of CD-1 at the start", biases[0][0], at_most=0.05)
check.claim("bias of CD-1 after 2000 updates", biases[2000][0], at_least=0.9)
stays = [np.diag(transition(*moments[2000]))[(states(9) == x).all(axis=1).argmax()] for x in X3]
check.claim("then, from the data: share of walkers that end a step where they began it", np.mean(stays), at_least=0.88)


# %% [markdown]
# At the start nearly nothing is wrong. After 2000 updates the weights are large and the chain mixes slowly: about
# nine walkers in ten end a step on the picture where they began it. By then the exact gradient is a small difference
# of two large means, about a tenth of what it was. The error of CD has become smaller too since the 200th update,
# but less so: for $k=1$ it is as long as the gradient, or longer. Even $k=100$ helps little then.
#
# There is a better place to start a chain than at the data: *where the last chain stopped*. The weights have hardly
# changed since, so it still stands about right. **Persistent contrastive divergence**, PCD (L. Younes, 1989, in
# statistics; T. Tieleman, 2008, for RBMs), keeps a set of walkers, `V_chain`, through all of learning and moves them $k$
# steps before each update. In name and work it is CD with another start.
#
# A bias is one kind of error, the **noise** of a single estimate the other. We hold the machine still, as it was after
# 200 updates, and take a thousand estimates by each method, each with 980 walkers. Their mean shows the bias, their
# scatter the noise, both in lengths of the exact gradient. *Predict:* who wins where?

# %%
def pcd_gradient(V, V_chain, W, a, b, k, rng):
    """PCD-k: estimates of [dW, da, db], and the walkers V_chain (any number, d) where they now stand."""
    V_chain = gibbs(V_chain, W, a, b, k, rng)
    return minus(statistics(V, W, b), statistics(V_chain, W, b)), V_chain

rng, machine, rows = np.random.default_rng(97), moments[200], np.tile(X3, (70, 1))
by_cd = [cd_gradient(rows, *machine, 1, rng) for _ in range(1000)]
V_chain, by_pcd = gibbs(sample(np.full(rows.shape, 0.5), rng), *machine, 50, rng), []
for _ in range(1000):
    estimate, V_chain = pcd_gradient(X3, V_chain, *machine, 1, rng)
    by_pcd.append(estimate)


def bias_and_noise(estimates, exact):
    mean = [np.mean(parts, axis=0) for parts in zip(*estimates)]
    noise = np.sqrt(np.mean([length(minus(one, mean)) ** 2 for one in estimates]))
    return length(minus(mean, exact)) / length(exact), noise / length(exact)

(bias_cd, noise_cd), (bias_pcd, noise_pcd) = (bias_and_noise(e, exact_gradient(X3, *machine)) for e in (by_cd, by_pcd))
check.claim("CD-1: bias", bias_cd, at_least=0.45)
check.claim("PCD-1: bias", bias_pcd, at_most=0.08)
check.claim("CD-1: noise, in lengths of the gradient", noise_cd, at_least=0.6)
check.claim("PCD-1: noise, relative to that of CD-1", noise_pcd / noise_cd, at_most=1.2)

# %% [markdown]
# The bias of PCD is gone, but for what a thousand estimates cannot tell from 0; its noise is a little larger, since
# its walkers are spread over all the model, while those of CD stay by the data. And the noise is no small thing:
# more than half as long as the gradient with 980 walkers, and $\sqrt{70}$, some eight times, longer with 14. Over many small
# steps it averages out. There is fine print. The machine was held still here. While it learns, the walkers lag
# behind, so the learning rate has to be small, and smaller as mixing gets slower. In return learning helps them to
# move: every update raises the free energy *where they stand*, and so drives them off.
#
# ## 9 Bars and stripes
#
# Now the 30 pictures of the opening. An RBM with 16 visible and 10 hidden units has $2^{10}$ hidden states: $Z$ is
# exact, and so is the log-likelihood of every method on the way. All start from the same small weights and make
# 5000 updates with rates that shrink linearly from 0.4 to 0; each negative phase has 300 walkers. CD-1, CD-5, PCD-5, and
# the exact gradient. (The rate and the 10 units were found by trying a handful.) *Predict* the order at the end, and
# the shape of each curve. (The first updates, from $-11$ on, lie below the frame.)

# %%
many_rows = np.tile(X4, (10, 1))  # 300 rows: each picture ten times

def learn_bars(method, k=1, updates=5000, eta=0.4, fade=1):
    """The machine, and its exact log-likelihood after every 100 updates. method: "exact", "CD", "PCD"."""
    rng, path = np.random.default_rng(98), []
    params, V_chain = small_machine(16, 10, rng), sample(np.full(many_rows.shape, 0.5), rng)
    for t in range(updates):
        if method == "exact":
            grads = exact_gradient(X4, *params)
        elif method == "CD":
            grads = cd_gradient(many_rows, *params, k, rng)
        else:
            grads, V_chain = pcd_gradient(X4, V_chain, *params, k, rng)
        climb(params, grads, eta * (1 - fade * t / updates))
        if t % 100 == 99:
            path.append(log_likelihood(X4, *params))
    return params, np.array(path)

runs = {"exact gradient": learn_bars("exact"), "PCD-5": learn_bars("PCD", 5)}

# %%
runs |= {"CD-5": learn_bars("CD", 5), "CD-1": learn_bars("CD", 1)}
fig, ax = plt.subplots()
for (name, (_, path)), color, look in zip(runs.items(), ("#222222", *style.CLASS_COLORS), ("-", "--", "-.", ":")):
    ax.plot(100 * np.arange(1, 51), path, look, color=color, label=name)
ax.axhline(-np.log(30), color="#888888", linestyle=":", label="−ln 30")
ax.set(title="CD-1 turns back, PCD goes on", xlabel="update", ylabel="exact mean ln p(v), nats", ylim=(-8, -3.2))
ax.legend(fontsize=8, ncols=2)
plot.show(fig, "Log-likelihood against updates. The exact gradient rises smoothly to just below the dotted limit. PCD-5 "
          "wavers and ends close to it; CD-5 ends lower; CD-1 is far below all others and at the end does not rise.")

for name, bound in zip(runs, (-3.6, -3.75, -5.3)):
    check.claim(f"{name}: exact log-likelihood at the end, nats", runs[name][1][-1], at_least=bound)
check.claim("CD-1: exact log-likelihood at the end, nats", runs["CD-1"][1][-1], at_most=-4.7)
check.claim("PCD-5 ahead of CD-5, nats", runs["PCD-5"][1][-1] - runs["CD-5"][1][-1], at_least=0.1)

# %% [markdown]
# CD-1 climbs while its bias is small, and then, with larger weights, walks *away* from the optimum: it does not know.
# CD-5 does better, at five times the work, but passes its best as well. (Over five seeds CD-1 ended 0.1 to 1.6 nats
# below its best value on the way, CD-5 less than 0.1 to 0.8.) PCD-5, with the same work as CD-5, wavers (its walkers lag
# while the rates are large) and ends above it once the rates are small, close to the exact gradient. All this could be
# seen only because $Z$ was exact. On digits it is not, and the next part of the lecture is about how to know all the
# same.
#
# Is the machine itself the limit? The exact gradient allows a better optimiser. With Adam, 1500 updates, we get nearer
# to the best value; and then the machine may dream: chains from random pixels.

# %%
best, memory = small_machine(16, 10, np.random.default_rng(99)), [{}, {}, {}]
for t in range(1500):
    for p, dp, s in zip(best, exact_gradient(X4, *best), memory):
        adam(p, -dp, s, 0.1 * (1 - t / 1500))  # adam goes down, we want up
check.claim("exact gradient and Adam: mean ln p(v), nats", log_likelihood(X4, *best), at_least=-3.45)
check.claim("probability of all 30 pictures", np.exp(-free_energy(X4, *best) - log_Z_exact(*best)).sum(), at_least=0.95)

# %%
rng = np.random.default_rng(112)
walker = sample(np.full((10, 16), 0.5), rng)
walks = [walker := gibbs(walker, *best, k, rng) for k in (0, 1, 49, 1)]
fig = plot.images(0.1 + 0.9 * np.concatenate(walks), scale=0.5)
fig.suptitle("Ten walkers: at the start, after 1, 50 and 51 steps")
plot.show(fig, "Four rows of ten pictures: noise; one step on; then mostly whole rows or columns, twice nearly the same.")


# %% [markdown]
# From noise to whole bars and whole stripes, though nobody told the machine that there are rows. And look at the last
# two rows: one step further, most walkers hold the same picture as before. $\lambda_2$ again: for this machine it is
# about 0.99999 (computed once, with larger matrices), and half of what is left of the start is forgotten only after some
# hundred thousand steps. A well trained machine mixes slowly, and ten walkers tell more than one walker watched for ten
# steps.
#
# ## 10 The same in PyTorch, and at full speed
#
# What would automatic differentiation have to differentiate? Not the sampling: a 0 or 1 has no slope. Look at CD
# again: its $dW$ is the gradient of $-\langle F\rangle_{data}+\langle F\rangle_{v'}$ with the pictures $v'$ **held
# fixed**. So in PyTorch we draw $v'$ under `no_grad` and let `backward` differentiate a difference of free energies. We
# climb, an optimiser goes down: it is given the negative, `gap` $=\langle F\rangle_{data}-\langle F\rangle_{v'}$.
# A warning: this difference is *not a loss to be watched*. It is 0 for a perfect machine, and for one that has
# learned nothing as well.
#
# For a run in step both worlds need the same random bits. A bit is a uniform number compared with a probability; we give
# both the same uniform numbers, from two NumPy generators with one seed.

# %%
class RBM(torch.nn.Module):
    """An RBM with the given parameters; uniform(shape) returns uniform random numbers as a tensor."""

    def __init__(self, params, uniform):
        super().__init__()
        self.W, self.a, self.b = (torch.nn.Parameter(p) for p in bridge.tensors(*params))
        self.uniform = uniform

    def free_energy(self, V):
        likes = torch.nn.functional.softplus(V @ self.W + self.b, threshold=40)  # by itself it returns z for z > 20
        return -(V @ self.a) - likes.sum(dim=1)

    @torch.no_grad()
    def gibbs(self, V, k):
        for _ in range(k):
            H = (self.uniform((len(V), len(self.b))) < torch.sigmoid(V @ self.W + self.b)).to(V.dtype)
            V = (self.uniform(V.shape) < torch.sigmoid(H @ self.W.T + self.a)).to(V.dtype)
        return V


# %%
rng, same_bits = np.random.default_rng(100), np.random.default_rng(100)
params = small_machine(16, 10, np.random.default_rng(101))
twin, V = RBM(params, lambda shape: torch.tensor(same_bits.random(tuple(shape)))), bridge.tensors(X4)
optimiser, gaps = torch.optim.SGD(twin.parameters(), lr=0.3), []
for _ in range(60):
    V_ours = gibbs(X4, *params, 3, rng)
    gaps.append([free_energy(X4, *params).mean() - free_energy(V_ours, *params).mean()])
    climb(params, minus(statistics(X4, params[0], params[2]), statistics(V_ours, params[0], params[2])), 0.3)
    optimiser.zero_grad()
    gap = twin.free_energy(V).mean() - twin.free_energy(twin.gibbs(V, 3)).mean()
    gap.backward()
    optimiser.step()
    gaps[-1].append(gap.item())
check.same("60 differences of free energies, CD-3", *np.array(gaps).T)
for name, ours, theirs in zip("Wab", params, twin.parameters()):
    check.same(f"{name} after 60 updates", ours, theirs)


# %% [markdown]
# In step. Now speed, at the size of digits: 784 visible and 500 hidden units, batches of 100. (If you are tired: from
# here to the end of the section there is one idea, the next formula. Nothing later needs the rest.) An update of CD-1
# is five matrix products, which take most of the time. **Both statistics come from one product**: put data and dreams
# under each other, with a minus sign at the dreams' hidden units, and
#
# $$\begin{pmatrix}V\\V'\end{pmatrix}^{\!\top}\begin{pmatrix}P\\-P'\end{pmatrix}=V^\top P-V'^\top P'.$$
#
# <details><summary>What else is saved</summary>
#
# All is in float32. The hidden probabilities of the data are computed once, not twice, as in the plain version, which so
# has a sixth product. The sigmoid is $\frac12(1+\tanh\frac z2)$, the same function, in place and quicker than ours,
# which takes care of both signs.
#
# </details>

# %%
def squash(Z, c):
    """sigmoid(Z + c), written over Z."""
    Z += c
    Z *= 0.5
    np.tanh(Z, out=Z)
    Z += 1
    Z *= 0.5
    return Z

def fast_step(V, W, a, b, k, eta, rng):
    """One update by CD-k, in place."""
    P = P_model = squash(V @ W, b)  # two names; the loop gives the second to a new array, P stays
    for _ in range(k):
        V_model = sample(squash(sample(P_model, rng) @ W.T, a), rng)
        P_model = squash(V_model @ W, b)
    dW = np.concatenate([V, V_model]).T @ np.concatenate([P, -P_model])
    dW *= eta / len(V)
    W += dW
    a += eta / len(V) * (V - V_model).sum(axis=0)
    b += eta / len(V) * (P - P_model).sum(axis=0)


# %%
rng, same_bits = (np.random.default_rng(103) for _ in range(2))
ours, fast = (small_machine(16, 10, np.random.default_rng(102)) for _ in range(2))
for _ in range(60):
    climb(ours, cd_gradient(X4, *ours, 2, rng), 0.3)
    fast_step(X4, *fast, 2, 0.3, same_bits)
check.same("W after 60 updates of CD-2, plain and fast", ours[0], fast[0], 1e-12)

# %% [markdown]
# Two opponents. First scikit-learn's `BernoulliRBM`, which is PCD-1: does it learn the same? Same data, small weights
# at the start, 300 walkers (its `batch_size`), 3000 updates at the constant rate 0.1; then the exact log-likelihood of
# both. Second, the
# same formulas in PyTorch, eagerly, without autograd; and the time of all for one epoch over 2000 digits.

# %%
ours = learn_bars("PCD", 1, 3000, eta=0.1, fade=0)[0]
bits = np.random.RandomState(int(np.random.default_rng(104).integers(2**31)))  # NumPy's older generator
rbm = BernoulliRBM(10, learning_rate=0.1, batch_size=300, n_iter=3000, random_state=bits).fit(many_rows)
theirs = rbm.components_.T, rbm.intercept_visible_, rbm.intercept_hidden_
check.claim("ours, PCD-1: mean ln p(v), nats", log_likelihood(X4, *ours), at_least=-4.5)
check.claim("scikit-learn: mean ln p(v), nats", log_likelihood(X4, *theirs), at_least=-4.7)


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def torch_step(V, W, a, b, eta):
    P = torch.sigmoid(V @ W + b)
    V_model = torch.bernoulli(torch.sigmoid(torch.bernoulli(P) @ W.T + a))
    P_model = torch.sigmoid(V_model @ W + b)
    W += eta / len(V) * (V.T @ P - V_model.T @ P_model)
    a += eta / len(V) * (V - V_model).sum(dim=0)
    b += eta / len(V) * (P - P_model).sum(dim=0)

ink = (data.digits28(flat=True).X_train[:2000] > 0.5).astype(np.float32)
first = [p.astype(np.float32) for p in small_machine(784, 500, rng)]
plain, quick = ([p.copy() for p in first] for _ in range(2))
batches = np.split(ink, 20)
table = {"NumPy, plain": lambda: [climb(plain, cd_gradient(V, *plain, 1, rng), 0.05) for V in batches],
         "NumPy, fast": lambda: [fast_step(V, *quick, 1, 0.05, rng) for V in batches]}  # fmt: skip
for place in dict.fromkeys(["cpu", device.type]):  # each once, in this order
    there, parts = bridge.tensors(*first, device=place), bridge.tensors(ink, device=place).split(100)
    table[f"PyTorch, {place.upper()}"] = lambda there=there, parts=parts: [torch_step(V, *there, 0.05) for V in parts]
rbm = BernoulliRBM(500, learning_rate=0.05, batch_size=100, n_iter=1, random_state=0)
table["scikit-learn"] = lambda: rbm.fit(ink)
for name, epoch in table.items():
    print(f"{name:14s} {1000 * bridge.seconds(epoch, 2):6.0f} ms")

# %% [markdown]
# The likelihoods are the same, within what one run differs from the next: over five seeds both end between about
# $-4.1$ and $-4.4$. Which is quicker depends on the library of
# matrix products behind each; on the CPUs that we tried, the fast NumPy version needs less time than either opponent
# does there. Scikit-learn's `score_samples`, by the way, is not a log-likelihood but a stand-in, the
# *pseudo*-likelihood, which we meet in a moment: like everybody else, scikit-learn does not know $Z$. That is the
# problem to solve on the digits.
#
# ## 11 A machine for the digits
#
# The machines so far had a handful of units, and their partition function could be added up. Now: 784 pixels and 256
# hidden units. The smaller layer alone has $2^{256}$ states. No sum will ever be finished. Yet the learning rule needs
# no $Z$, only samples, and persistent chains (PCD) supply them.
#
# **What is the data?** The units of our machine are 0 or 1; the pixels of the digits are grey. A likelihood in nats
# depends on how grey becomes black and white, so this must be said. We do what Lecture 6 did: each pixel is drawn
# *once*, black with a probability equal to its grey value, from the same random numbers. `bits_test` here is
# `bits_test` there, and the nats can be compared. (Cutting at ½ instead gives calmer pictures and a better-looking
# likelihood of other data.) For training the pixels are drawn anew in each epoch.

# %%
X_train, y_train, X_test, y_test = data.digits28(flat=True)
fixed = np.random.Generator(np.random.PCG64(6))  # as in Lecture 6: the same black and white pixels for everybody
bits_train, bits_test = ((fixed.random(X.shape) < X).astype(np.float32) for X in (X_train, X_test))
mean_ink = (bits_train.sum(axis=0) + 1) / (len(bits_train) + 2)  # (784,), never 0 or 1
base = np.log(mean_ink / (1 - mean_ink)).astype(np.float32)  # visible biases of a machine without hidden units


# %% [markdown]
# **One more ingredient: centring.** A pixel that is black in most digits is "on" nearly always, and so all hidden units
# that see it receive nearly the same push, again and again: the directions of learning get entangled. The remedy
# (Montavon and Müller, 2012) is to measure each unit from its mean: $\mu$ for the visible, $\lambda$ for the hidden
# units,
#
# $$E = -a'\cdot v - b'\cdot h - (v-\mu)\,W\,(h-\lambda).$$
#
# Multiply out: apart from a constant it is our old energy with $a = a'-W\lambda$ and $b = b'-\mu W$. So the *machines*
# are the same; only the *path* to them differs. Write $\Delta$ for "mean under the data minus mean under the model".
# Then the old gradient $\Delta(vh)$ becomes
#
# $$dW=\Delta\big((v-\mu)(h-\lambda)\big)=\Delta(vh)-\mu\,\Delta h-\Delta v\,\lambda,
# \qquad da=\Delta v-dW\lambda,\qquad db=\Delta h-\mu\,dW .$$
#
# ($\mu\,\Delta h$ and $\Delta v\,\lambda$ are outer products, of the shape of $W$; $dW\lambda$ and $\mu\,dW$ are matrix
# times vector.) The first is the slope in the new coordinates, the others translate a step of $a'$ and $b'$ back to $a$
# and $b$. (Here the letters mean directions *uphill*: we climb the log-likelihood.) In the code $\mu$ stays what it is
# at the start and $\lambda$ follows a running mean; neither has to do with the momentum and the penalty of Lecture 2,
# which share their letters. One function now serves CD and PCD. They differ in where the chain `C` starts: at the data,
# or where it stopped last time.

# %%
def new_machine(m, rng, base, centred=True):
    """[W, a, b, mu, lam] of an RBM with visible biases base (d,), m hidden units, float32; mu = lam = 0: no centring."""
    W, mu = rng.normal(scale=0.01, size=(len(base), m)), centred * sigmoid(base)
    return [p.astype(np.float32) for p in (W, base, np.zeros(m), mu, np.full(m, centred / 2))]

def learn(machine, V, C, eta, rng, decay=0.0):
    """One step uphill from data V (n, d) and chains C (n, d); changes the machine, returns C one sweep later."""
    W, a, b, mu, lam = machine
    P = hidden_given(V, W, b)                                               # clamped to the data
    C = sample(visible_given(sample(hidden_given(C, W, b), rng), W, a), rng)
    Q = hidden_given(C, W, b)                                               # running free
    lam += 0.01 * mu.any() * ((P + Q).mean(axis=0) / 2 - lam)               # mu = lam = 0: no centring
    dv, dh = V.mean(axis=0) - C.mean(axis=0), P.mean(axis=0) - Q.mean(axis=0)
    dW = (V.T @ P - C.T @ Q) / len(V) - np.outer(mu, dh) - np.outer(dv, lam)
    W += eta * (dW - decay * W)                                             # weight decay, Lecture 2
    a += eta * (dv - dW @ lam)
    b += eta * (dh - mu @ dW)
    return C


# %% [markdown]
# 256 hidden units, 100 chains, batches of 100. The rate falls from 0.3 to 0 in a straight line: fast at first, so that
# the chains are driven about, and slow at the end, so that the noise of sampling averages out. As in Lecture 6, the
# digits are distorted (`distort`, Lecture 2), by an amount that falls to 0. The rate and centring were chosen by the
# likelihood of section 14 on 600 of the training digits, one run each: a rate of 0.05 ended 16 nats lower, and 0.4
# without centring 6 nats lower than with it. (Between 0.3 and 0.4 there is no clear difference.) A little weight decay
# keeps the valleys of the energy shallow: chains leave a shallow valley sooner. (Section 14 measures what that is
# worth.)
#
# *Predict* what the chains show on the way: at first, in the middle, at the end. (The cell may be interrupted and run
# again: it goes on where it stopped, and the weights can be used at any time.)

# %%
EPOCHS, rng, history = 110, np.random.default_rng(110), []
big = new_machine(256, rng, base)
chains = sample(np.tile(sigmoid(base), (100, 1)), rng)

def step():
    """One epoch of PCD; returns its rate."""
    t = len(history) / EPOCHS
    s, eta = 0.6 - t, 0.3 * (1 - t)  # s: strength of the distortion
    V = X_train
    if s > 0:
        V = distort(V, rng, shift=2 * s, angle=0.25 * s, scale=0.15 * s, slant=0.15 * s, elastic=1.5 * s)
    V = sample(V, rng)
    for rows in rng.permutation(4000).reshape(40, 100):
        chains[:] = learn(big, V[rows], chains, eta, rng, decay=0.0003)
    return eta


# %% [markdown]
# `chains[:] = ...` writes into the same array: the chains live on from step to step. Every 20 epochs a picture of
# twenty of them, in the place of the one before. It shows the probabilities of the pixels; the chains are black and
# white.

# %% tags=["nbval-ignore-output"]
def picture():
    W, a, b = big[:3]
    P = visible_given(hidden_given(chains[:20], W, b), W, a)
    return plot.images(P), f"Twenty of the persistent chains after {len(history)} epochs."

progress.train(history, EPOCHS, step, picture, every=20)

# %% [markdown]
# After one epoch soft shadows of digits (one sweep of a weak machine is close to a mean), after twenty strokes and
# broken digits, bent as the training data then are, and at the end digits that mostly can be named. Nobody showed these
# pictures to the chains. They started as noise, and each one has walked ever since, one sweep per step of learning,
# through what the machine believes. Chains meet digits, leave them, meet others. That is the model's own idea of
# digits.
#
# ## 12 Filters, reconstructions, daydreams
#
# Three ways to look into the machine. **Filters**: column $j$ of $W$, drawn as a picture, is what hidden unit $j$ votes
# for (vermilion) and against (blue). *Predict:* whole digits, or pieces?

# %%
W, a, b = big[:3]
fig = plot.images(W[:, :20].T, signed=True, limit=0.8, scale=0.66)
fig.suptitle("Hidden units vote for and against strokes")
plot.show(fig, "The weights of 20 hidden units as pictures: in many a stroke or an edge, vermilion beside blue, on pale "
          "ground.")

# %% [markdown]
# Pieces: a stroke here, its absence there. Each unit is a *feature*, and a digit is a set of features that agree.
# Compare with PCA and the autoencoder of Lecture 5: nobody asked for a code that can be decoded, only for likelihood.
#
# **Reconstructions**: up and down once, $v\to P(h\mid v)\to P(v\mid h)$. That works also when the picture is damaged.
# We wipe the lower half, let the machine fill it in and put the known half back (it is *clamped*), 200 times.
# *Predict:* will it find the digit?

# %%
rng = np.random.default_rng(120)
V = bits_test[:10].copy()
known = np.arange(784) < 392  # the upper half
V[:, ~known] = 0
for _ in range(200):
    P = visible_given(sample(hidden_given(V, W, b), rng), W, a)
    V = np.where(known, bits_test[:10], sample(P, rng))

once = visible_given(hidden_given(bits_test[:10], W, b), W, a)
wiped, filled = (np.where(known, bits_test[:10], fill) for fill in (np.zeros_like(P), P))
fig = plot.images(np.concatenate([bits_test[:10], once, wiped, filled]))
fig.suptitle("Digits, reconstructed; wiped, and filled in")
plot.show(fig, "Ten unseen digits, black and white; their reconstructions, very similar; the digits with the lower half "
          "wiped; and the lower halves filled in by the machine, most of them plausible.")


# %% [markdown]
# Row 1 is the digits; row 2, up and down once, repeats them almost exactly, softened. Row 3 is what the machine was
# given, row 4 the impressive one: a lower half that fits the upper one, though not always the true one (some digits
# share their upper halves) and now and then none. This is, nearly, a draw from
# $p(\text{lower}\mid\text{upper})$, and no part of the machine was trained for that question. A joint distribution
# answers *any* such question by clamping what is known. The nets of Lectures 2 to 4 answer only the one that they were
# trained for.
#
# **Daydreams**: let go of everything. Start at noise, far from the data, and sweep. *Predict* how long it takes to look
# like a digit, and whether a chain, once at a 3, ever comes to a 7.

# %%
def daydream(machine, V, sweeps, rng, clamp=0):
    """V (n, d) after so many sweeps: probabilities, and the last `clamp` units as they were."""
    W, a, b = machine[:3]
    for _ in range(sweeps):
        P = visible_given(sample(hidden_given(V, W, b), rng), W, a)
        P[:, len(a) - clamp:] = V[:, len(a) - clamp:]
        V = sample(P, rng)
    return P


# %%
rng, rows, noise = np.random.default_rng(121), [], np.full((10, 784), 0.5, np.float32)
for sweeps in (1, 9, 90, 900):
    rows.append(daydream(big, sample(rows[-1] if rows else noise, rng), sweeps, rng))
fig = plot.images(np.concatenate(rows))
fig.suptitle("From noise to digits in a thousand sweeps")
plot.show(fig, "Ten chains from noise, after 1, 10, 100 and 1000 sweeps: blots, strokes, then more and more digits.")


# %% [markdown]
# Strokes within a few sweeps, digits in a hundred or several hundred. Are all kinds there? Often not: one start at
# noise falls into the same few valleys nearby, and even a thousand sweeps are not enough to leave them for all others.
# So the last row is no fair sample of $p(v)$; the persistent chains of section 11, driven about by learning, show more
# kinds. The chain **mixes**, but slowly. Between two kinds of digits lie pictures that are none, improbable, and a
# chain that moves by likely steps seldom crosses. From a 3 to a 7 it comes in the end, by way of others, but not on
# every walk of this length. Keep this in mind for section 14.
#
# ## 13 What does a good reconstruction prove?
#
# How good is the machine? The measure at hand is the reconstruction error, and many programs print it while they train.
# Let us first watch it where the truth is known: the bars and stripes of section 9, ten hidden units, CD-1 at a
# constant rate, not centred. Every hundred updates we note the error and the exact log-likelihood. *Predict* both
# curves.

# %%
def error(V, W, a, b, *_):
    """Mean over V (n, d) of the squared distance to the reconstruction."""
    return ((V - visible_given(hidden_given(V, W, b), W, a)) ** 2).sum(axis=1).mean()

log_p = lambda V, machine, log_Z: (-free_energy(V, *machine[:3])).mean() - log_Z

rng, tiles = np.random.default_rng(129), np.tile(data.bars_and_stripes(4), (10, 1)).astype(np.float32)
tiny, watched = new_machine(10, rng, np.zeros(16), centred=False), []
for t in range(4001):
    if t % 100 == 0:
        watched.append([error(tiles, *tiny), log_p(tiles, tiny, log_Z_exact(*tiny[:3]))])
    learn(tiny, tiles, tiles, 0.4, rng)

# %%
off, score = np.array(watched).T
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
for ax, values, name in zip(axes, (off, score), ("squared error", "exact mean ln p(v), nats")):
    ax.plot(100 * np.arange(41), values, color="#222222")
    ax.set(xlabel="update of CD-1", ylabel=name)
axes[0].set(yscale="log", title="The error falls and falls")
axes[1].set(title="The likelihood turns back")
plot.show(fig, "Left, the reconstruction error on a logarithmic axis keeps falling. Right, the exact log-likelihood "
          "rises steeply, reaches its best within the first half, and then falls slowly.")
check.claim("error at the end, over that at the best likelihood", off[-1] / off[score.argmax()], at_most=0.11)
check.claim("ln p at the end, less the best, nats", score[-1] - score.max(), at_most=-0.8)


# %% [markdown]
# First both get better. Then the likelihood turns back, and the error goes on falling, to a fraction of what it was
# when the machine was at its best. Whoever watches the error sees nothing but progress.
#
# Now the digits. Two machines with 100 hidden units, the same start, the same data, the same number of steps. The only
# difference is where the chain begins: at the batch (CD-1), or where it was (PCD). *Predict:* which of the two
# reconstructs better?

# %%
def train(m, V, epochs, eta, rng, persistent=True, machine=None, centred=True):
    """An RBM on V (n, d), drawn anew in each epoch, in batches of 100, by PCD or CD-1; the rate falls to 0."""
    mean = V.mean(axis=0)
    machine = machine or new_machine(m, rng, np.log((mean + 0.001) / (1.001 - mean)), centred)
    C = sample(V[:100], rng)
    for t in np.arange(epochs) / epochs:
        drawn = sample(V, rng)
        for rows in rng.permutation(len(V)).reshape(-1, 100):
            C = learn(machine, drawn[rows], C if persistent else drawn[rows], eta * (1 - t), rng)
    return machine


# %%
pcd, cd1 = (train(100, X_train, 30, 0.3, np.random.default_rng(130), kind) for kind in (True, False))
errors = [error(bits_test, *machine) for machine in (pcd, cd1)]
check.claim("squared error of a reconstruction, CD-1 over PCD", errors[1] / errors[0], at_most=1.02)

# %% [markdown]
# Hardly a difference. By this measure CD-1 is as good as PCD, and one may save the chains. But CD-1 pushes probability
# down only where one sweep from the data leads; so what it learns is to *stay* where the data are, and staying is what
# a reconstruction measures. (PCD keeps level because good features copy well, too.) Whether far away lie whole regions
# that the machine likes too, CD-1 never finds out. We can: run both machines freely, from noise. *Predict.*

# %%
V = sample(noise, np.random.default_rng(131))
fig = plot.images(np.concatenate([daydream(machine, V, 500, np.random.default_rng(132)) for machine in (pcd, cd1)]))
fig.suptitle("Daydreams: PCD above, CD-1 below")
plot.show(fig, "Ten daydreams of the PCD machine, above, and ten of the CD-1 machine, below, after 500 sweeps from "
          "noise: blurred digits and parts of digits.")


# %% [markdown]
# Digits, near-digits and blots. Decide which row is the better model, and by how much; section 14 has the answer. The
# eye is a poor judge of probability.
#
# A better measure that needs no $Z$ is the **pseudo-likelihood** (Besag, 1975): how well is each pixel predicted from
# *all others*? Let $\tilde v^i$ be $v$ with pixel $i$ flipped. Then $Z$ cancels:
#
# $$p(v_i\mid v_{-i})=\frac{e^{-F(v)}}{e^{-F(v)}+e^{-F(\tilde v^i)}}=\sigma\big(F(\tilde v^i)-F(v)\big),
# \qquad PL(v)=\sum_i\ln p(v_i\mid v_{-i}) .$$
#
# Flipping pixel $i$ changes $vW$ by plus or minus row $i$ of $W$. To save time we flip 40 random pixels per digit, the
# mean times 784. Scikit-learn's `BernoulliRBM` flips one, and that is its `score_samples`.

# %%
def pseudo_likelihood(V, machine, rng, flips=40):
    """Mean over V (n, d) of an estimate of PL: d times the mean of ln p(v_i | rest) over random pixels i."""
    total, F, rows = 0, free_energy(V, *machine[:3]), np.arange(len(V))
    for _ in range(flips):
        i, flipped = rng.integers(V.shape[1], size=len(V)), V.copy()
        flipped[rows, i] = 1 - V[rows, i]
        total -= np.logaddexp(0, F - free_energy(flipped, *machine[:3])).mean()
    return V.shape[1] * total / flips

pl = [pseudo_likelihood(bits_test, machine, np.random.default_rng(133)) for machine in (pcd, cd1)]
check.claim("pseudo-likelihood, difference of PCD and CD-1, nats", abs(pl[0] - pl[1]), at_most=1.3)


# %% [markdown]
# A tie again, within a nat or two. Pseudo-likelihood too looks only *one flip* away from the data. It finds out a bad
# model of strokes, but not whole regions of wrong pictures. To know more, we need $Z$.
#
# ## 14 Annealed importance sampling
#
# We want $\ln Z=\ln\sum_v e^{-F(v)}$. Importance sampling (Lecture 6) takes draws from a simple machine with known
# $Z_0$ and averages the ratio of the unnormalised probabilities. Two machines so different share hardly a typical
# picture, and the average hangs on a draw that never comes. **Annealed importance sampling**, AIS (R. Neal, 2001; for
# RBMs Salakhutdinov and Murray, 2008), walks from one to the other in small steps $0=t_0<t_1<\dots<t_K=1$. At $t$ all
# of $W$ and $b$ is multiplied by $t$, and the visible biases lie between $a_0$ (`base`: every pixel on its own) and
# $a$:
#
# $$p^*_t(v)=e^{((1-t)a_0+ta)\cdot v}\prod_j\big(1+e^{t(b_j+(vW)_j)}\big),\qquad Z_0=2^m\prod_i(1+e^{a_{0,i}}).$$
#
# Draw $v$ from $p_0$, which is easy. At each rung multiply a weight $w$ by $p^*_{t_k}(v)/p^*_{t_{k-1}}(v)$, then move
# $v$ by one sweep of Gibbs sampling at $t_k$. *Claim:* $\mathbb E\,w=Z/Z_0$, exactly, for any number of rungs. *Proof.*
# Let $M_k(v)=\mathbb E[\,w\cdot 1\{\text{the chain is at }v\}]$ after rung $k$, a mean over *all* runs. At the start
# $M_0(v)=p_0(v)=p^*_0(v)/Z_0$. Suppose $M_{k-1}=p^*_{t_{k-1}}/Z_0$. Multiplying by the ratio makes it $p^*_{t_k}/Z_0$;
# the sweep at $t_k$ leaves $p_{t_k}$ as it is, and so any multiple of it. At the end the sum over $v$ is $\sum_v
# p^*_1(v)/Z_0=Z/Z_0$. ∎
#
# The chain need not be in equilibrium anywhere. But $\ln$ of an average of few weights is **too low on average**
# (Jensen), so $\ln Z$ reads low, and the likelihood reads *too good*.

# %%
def anneal(machine, base, steps, V, rng):
    """ln w (n,) of n chains that start at V (n, d) and follow `steps`, a list of t."""
    W, a, b = machine[:3]
    log_w = np.zeros(len(V))
    for t, u in zip(steps[:-1], steps[1:]):
        S = V @ W + b
        log_w += (u - t) * (V @ (a - base)) + (np.logaddexp(0, u * S) - np.logaddexp(0, t * S)).sum(axis=1)
        H = sample(sigmoid(u * S), rng)
        V = sample(sigmoid(u * (H @ W.T + a) + (1 - u) * base), rng)
    return log_w

ladder = lambda rungs: (1 - (1 - np.linspace(0, 1, rungs + 1)) ** 2).tolist()  # smaller steps towards t = 1

def ais(machine, base, rungs, rng, n=50):
    """ln Z by n chains, and one standard error."""
    V = sample(np.tile(sigmoid(base), (n, 1)), rng)
    log_w = anneal(machine, base, ladder(rungs), V, rng)
    w = np.exp(log_w - log_w.max())
    log_Z_0 = np.logaddexp(0, base).sum() + len(machine[2]) * np.log(2)
    return log_Z_0 + log_w.max() + np.log(w.mean()), w.std() / w.mean() / np.sqrt(n)


# %% [markdown]
# **Is it right?** Ask where the answer is known. A machine with 14 hidden units on the digits has $2^{14}=16384$ hidden
# states, and `log_Z_exact` adds them up. *Predict* the error, in nats.

# %%
small = train(14, X_train, 6, 0.1, np.random.default_rng(140))
exact = log_Z_exact(*small[:3])
guess, bar = ais(small, base, 3000, np.random.default_rng(141), n=100)
check.claim("14 hidden units: error of ln Z by AIS, nats", abs(guess - exact), at_most=0.024)

# %% [markdown]
# Far below a tenth of a nat. With 256 units we cannot compare with the truth, but we can turn the knob: more rungs. And
# there is a check from the **other side**: start at the machine's own samples and climb *down*, from $t=1$ to 0. By the
# same proof $\mathbb E\,w=Z_0/Z$, and now $\ln Z=\ln Z_0-\ln\bar w$ reads too *high*. (On average the truth lies
# between the two, if the starting points are fair draws of the machine. Ours are persistent chains, which may have
# forgotten some corner, so this is evidence and not proof. The idea is due to Grosse, Ghahramani and Adams, 2015.)

# %%
rng, rungs = np.random.default_rng(142), np.array([60, 250, 1000, 3000])
up, bars = np.array([ais(big, base, k, rng) for k in rungs]).T
check.claim("ln Z with 60 rungs, less ln Z with 3000", up[0] - up[-1], at_most=-1.27)

# %%
fig, ax = plt.subplots()
ax.errorbar(rungs, up, 2 * bars, marker="o", color=style.NEGATIVE, capsize=3)
ax.set(xscale="log", xlabel="rungs of the ladder", title="Too few rungs read low")
ax.set(ylabel="ln Z, nats (bars: two standard errors)")
plot.show(fig, "Estimates of ln Z against the number of rungs, from 60 to 3000: from the first to the last they rise by "
          "some nats, more than the bar of the first.")

# %% [markdown]
# With 60 rungs the estimate is nats too low, and its bar says nothing about it: the bar measures how much the 50 chains
# differ, and they all missed the same regions. Further up the estimates still scatter by a nat or two, so the last
# piece of the curve may as well fall as rise. Salakhutdinov and Murray used about 14 500 rungs. We take the last value,
# of the most rungs, and not the largest: to pick the largest of several scattered values would pick the luckiest. Now
# the check from above.

# %%
rng = np.random.default_rng(143)
V = sample(daydream(big, chains[:50], 100, rng), rng)
log_w = anneal(big, base, ladder(2000)[::-1], V, rng)
log_Z_0 = np.logaddexp(0, base).sum() + 256 * np.log(2)
down = log_Z_0 - (logsumexp(log_w) - np.log(50))
check.claim("ln Z from the other side, less ln Z from below, nats", abs(down - up[-1]), at_most=4.3)

# %% [markdown]
# The two ends differ, over the five seeds that we tried by half a nat to nearly four. Without the weight decay it was,
# in one of four seeds, more than five: there the climb from below found a valley in which none of the persistent chains
# stood. That is how well we know $\ln Z$, and it is more honest than either bar. So there are two log-likelihoods to
# report. We take the **larger** $\ln Z$ of these two ends, which is the modest choice between them. *Predict* now where
# this machine of $784\cdot256$ weights stands among Lecture 6's figures for the same digits: independent pixels −207.8,
# a mixture of 200 about −142, the ELBO of the VAE about −106 (its importance-weighted bound some nats more). And CD-1?

# %%
check.claim("RBM: ln p of a held-out digit, nats", log_p(bits_test, big, max(up[-1], down)), at_least=-100.6)
from_below = [ais(machine, base, 1000, np.random.default_rng(144))[0] for machine in (pcd, cd1)]
pcd_100, cd1_100 = (log_p(bits_test, *pair) for pair in zip((pcd, cd1), from_below))
check.claim("100 hidden units, PCD: nats", pcd_100, at_least=-118)
check.claim("100 hidden units, PCD less CD-1: nats", pcd_100 - cd1_100, at_least=8.1)


# %% [markdown]
# A machine of the 1980s, with one hidden layer and the training of 2008 and 2012, is level with a deep VAE, or better,
# on the same black and white pixels, after less than a minute. (To be fair to the VAE: a bound is compared with an
# estimate, and one may train either for longer.) R. Salakhutdinov and I. Murray reported −86.3 for 500 units, CD-25 and
# all 60 000 digits.
#
# And CD-1: many nats behind PCD (ten nats are a factor of 22 000 per digit; both are from below, where errors flatter),
# which **neither reconstruction nor pseudo-likelihood had shown**. Reconstruction error measures how still the chain
# stands at the data, not how probable they are.
#
# ## 15 Free energy as a classifier
#
# What is a model of $p(v)$ good for, if we want labels? Make the label part of what is visible: one more unit for each
# class, one of them on. The machine then learns the *joint* distribution $p(v,y)$, by the same rule. To classify, try
# all ten labels and compare free energies. $Z$ cancels again:
#
# $$p(y\mid v)=\frac{e^{-F(v,y)}}{\sum_{y'}e^{-F(v,y')}},
# \qquad -F(v,y)=a\cdot v+a_y+\sum_j\ln\big(1+e^{b_j+(vW)_j+U_{yj}}\big),$$
#
# with $U$ the rows of weights of the label units. It is a softmax over scores $-F(v,y)$, and exact, given that exactly
# one label is on. (In the machine's own chain the label units may be mixed. Another way: one machine per class. Then
# each has a $Z$ of its own, and ten constants must be fitted.) Ten units have little weight beside 784, so we give each
# label **five** units, always on or off together in the data: five votes for one. We take the machine of section 11,
# add them with small weights, and train all of it for fifteen more epochs. *Predict* the accuracy, next to 88 % for a
# linear model on the same black and white pixels.

# %%
def with_labels(machine, rng):
    """A copy of the machine with 50 more visible units, five for each label."""
    W, a, b, mu, lam = machine
    U, tenth = rng.normal(scale=0.01, size=(50, len(b))).astype(np.float32), np.full(50, 0.1, np.float32)
    return [np.concatenate([W, U]), np.append(a, np.log(tenth / 0.9)), b.copy(), np.append(mu, tenth), lam.copy()]

def label_scores(machine, V):
    """-F(v, y) for ten labels y, without the part that all labels share; V (n, d), returns (n, 10)."""
    W, a, b = machine[:3]
    U, S = W[-50:].reshape(10, 5, -1).sum(axis=1), V @ W[:-50] + b  # five copies act as one: their weights add up
    return a[-50:].reshape(10, 5).sum(axis=1) + np.stack([np.logaddexp(0, S + u).sum(axis=1) for u in U], axis=1)


# %%
rng, votes = np.random.default_rng(150), np.repeat(np.eye(10, dtype=np.float32), 5, axis=1)  # (10, 50)
joint = train(256, np.hstack([X_train, votes[y_train]]), 15, 0.1, rng, machine=with_labels(big, rng))
check.claim("accuracy by free energy", accuracy(label_scores(joint, bits_test), y_test), at_least=0.889)

# %% [markdown]
# One or two points above the linear model, and one standard error of 1000 test digits is a point: no triumph. But it is
# a **generative** classifier: it was never told to tell digits apart, only to make pairs of digit and label probable. A
# network of Lecture 2 does better at this one task (a **discriminative** model puts all its units into $p(y\mid v)$).
# In return the joint machine answers other questions with the same weights: clamp the label and ask for pixels, clamp
# half of the pixels and ask for the rest and the label. Larochelle and Bengio (2008) train the same machine with the
# cross-entropy of these scores; then it is an ordinary classifier.
#
# **Play.** Choose a digit, clamp part of its pixels, and let the chain run. *Question:* Which half of a digit says more
# about the other, upper or lower? Clamp as few pixels as you can so that a 7 remains a 7. And with everything free: how
# often does the daydream change its kind?

# %%
Gibbs(*big[:3], X_test[:12], example=1)


# %% [markdown]
# <details><summary>Answer</summary>
#
# About equally much, if you ask a linear model: trained on the upper halves alone it reads 79 % of unseen digits, on
# the lower halves alone 77 %. But it depends on the digit: a 5 shows itself above, an 8 or a 0 below. A few pixels of
# the bar of a 7, with *white* pixels clamped below it, often suffice: white is information too. With everything free a
# chain stays with one kind for a hundred sweeps or so, some for many hundreds, then slides over to a neighbour, such as
# 4 to 9 or 2 to 3, and hardly ever from 0 to 1.
#
# </details>
#
# ## 16 A deep belief network
#
# One RBM turns pixels into features. Why not treat these features as data, and train a second RBM on *them*? That is
# the idea that restarted deep learning: G. Hinton, S. Osindero and Y.-W. Teh (2006), a **fast, greedy, layer-wise**
# training without labels. The name of the whole is **deep belief network**, DBN. Mind the words: an RBM is *one* pair
# of layers. A DBN is a *stack* of such pairs, its **sub-networks**; the hidden layer of one is the visible layer of the
# next. Training starts with the **lowest pair**, whose visible layer is given the training digits, and moves upward:
#
# ```
#   digits ── RBM 1 ──▶ P(h1 | digits) ── RBM 2 ──▶ P(h2 | h1) ── ...        each finished before the next begins
# ```
#
# The loop below is the whole algorithm.

# %%
def greedy(V, sizes, epochs, eta, rng):
    """A stack of RBMs on V (n, d), one for each size: the lowest pair first, each on the features of the one below."""
    stack = []
    for m in sizes:
        stack.append(train(m, V, epochs, eta, rng, persistent=False, centred=False))
        V = hidden_given(V, stack[-1][0], stack[-1][2])
    return stack

STACK = {"sizes": [500, 500], "epochs": 15, "eta": 0.1}
stack = greedy(X_train, **STACK, rng=np.random.default_rng(160))

# %% [markdown]
# Here CD-1 does the work, not centred: the plain recipe of 2006. It is a poor judge of far regions, but features need
# only describe the data. Keep two stacks apart: this one, `stack`, waits for section 17; to *paint*, we shall set
# another top pair on the better machine of section 11 (`big` and `top`).
#
# **Why should a second layer help?** Write the first machine as $p(v)=\sum_{h}p(h)\,p(v\mid h)$. For any $q(h\mid v)$
# we have Lecture 6's bound,
#
# $$\ln p(v)\ \ge\ \sum_h q(h\mid v)\big[\ln p(h)+\ln p(v\mid h)\big]-\sum_hq(h\mid v)\ln q(h\mid v),$$
#
# and with $q$ the RBM's own posterior the bound is tight. Now hold $q$ and $p(v\mid h)$ still and replace the **prior**
# $p(h)$, so far whatever the first RBM implies, by a second RBM trained on samples of $q(h\mid v)$. Only the term
# $\mathbb E_q\ln p(h)$ changes, and that is what the second RBM is trained to raise. If it starts as good as the old
# prior (an upside-down copy of the first RBM is exactly that), the bound can only rise. *Misreading:* "so the
# likelihood rises with each layer". It is the *bound* that is guaranteed, under these conditions, with exact training;
# CD and a random start void the guarantee. It is a reason to hope, not a theorem about our code.
#
# **The model that comes out** is a hybrid. Only the top pair is still an undirected machine. All below has become a
# *directed* generator, downward: $h_2\leftrightarrow h_1\rightarrow v$. So to draw a digit, run a Gibbs chain in the
# top pair, for long, and then go down **once**. We use the machine of section 11 as the lowest pair, since it is the
# best model of pixels that we have, add label units to the top pair, train that with PCD, clamp a label, and ask for
# digits by name. (`draw` goes down from the probabilities of $h_1$. The model would draw 0 or 1 first; this is calmer.)
# *Predict* how many come out right.

# %%
W, a, b = big[:3]
features = np.hstack([hidden_given(X_train, W, b), votes[y_train]])  # (4000, 256 + 50)
top = train(500, features, 20, 0.1, np.random.default_rng(161))


# %%
def draw(labels, sweeps, rng):
    """One digit for each label: a Gibbs chain in the top pair with the label clamped, then one pass down; (n, 784)."""
    begin = sample(np.tile(features[:, :256].mean(axis=0), (len(labels), 1)), rng)
    V = np.hstack([begin, votes[labels]])
    return visible_given(daydream(top, V, sweeps, rng, clamp=50)[:, :256], W, a)

asked = np.arange(500) % 10
painted = draw(asked, 200, np.random.default_rng(162))
fig = plot.images(painted[:30], [str(k) for k in asked[:30]])
fig.suptitle("Asked for a label, the stack draws its digit")
plot.show(fig, "Thirty drawn digits, three of each kind, each below the label that was asked for; most are readable.")

# %% [markdown]
# To *count* we need a judge who does not know what was asked for: a network of Lecture 2, trained for a few seconds on
# distorted digits.

# %%
slopes = {relu: lambda A: A > 0, sigmoid: lambda A: A * (1 - A)}

def teach(params, memory, X, y, rng, eta, f=relu, batch=50):
    """Every row of X once, in mixed order: back-propagation and Adam, as in Lecture 2; changes params."""
    for rows in rng.permutation(len(X)).reshape(-1, batch):
        A = forward(params, X[rows], f)
        grads = backward(params, A, loss_and_delta(A[-1], y[rows])[1], slopes[f])
        for p, dp, s in zip(params, grads, memory):
            adam(p, dp, s, eta)


# %%
rng, memory = np.random.default_rng(163), [{} for _ in range(6)]
judge = init([784, 256, 128, 10], rng, np.float32)
for t in range(15):
    teach(judge, memory, distort(X_train, rng), y_train, rng, 0.003 * (1 - t / 15))
check.claim("judge on real unseen digits", accuracy(forward(judge, X_test)[-1], y_test), at_least=0.967)
check.claim("drawn digits judged to be what was asked for", accuracy(forward(judge, painted)[-1], asked), at_least=0.965)

# %% [markdown]
# Most are what was asked for, about as often as with real digits. Are dreams better than reality? No: the judge
# counts only what can be *read*. Drawn digits are typical and soft, and one good 3 drawn fifty times would score as
# well (missing modes, Lecture 7). That is the **generative use** of a DBN, in 2006 a sensation: a network that imagines
# a 3 when it is told "3".
#
# ## 17 When labels are scarce
#
# The **discriminative use** made history even more. Unfold the stack into an ordinary network: $W$ and $b$ of each RBM
# become a sigmoid layer, ten output units with random weights go on top, and back-propagation trains all of it with the
# labels: **fine-tuning**. (Lecture 5, section 9, was the same recipe with an autoencoder in place of the RBM: compare
# the gain.) Pictures without labels are cheap, labels are not. Suppose that of our 4000 training digits only 100 have
# one. The greedy stack has seen all 4000, without labels. Its opponents of equal size start at random: one with sigmoid
# units, one with ReLU. *Predict* the gain of the stack at 100 labels, and at 1000. Does it last?
#
# The rate, 0.001 or 0.003 for each, was chosen on 600 labelled training digits, a luxury that nobody with 100 labels
# has. A table over five seeds stands below; here is
# one seed.

# %%
RATES = {"DBN": 0.001, "sigmoid": 0.003, "ReLU": 0.001}
LABELS = [100, 200, 500, 1000]
EPOCHS_AT = {100: 40, 200: 30, 500: 20, 1000: 12}

def start(kind, rng):
    """[W1, b1, W2, b2, W3, b3] of a 784-500-500-10 network: W and b (not a) of the stack, or at random."""
    random = init([784, 500, 500, 10], rng, np.float32)
    return [p.copy() for machine in stack for p in machine[:3:2]] + random[-2:] if kind == "DBN" else random

def few_labels(n, kind, rng, distorted=0):
    """Test accuracy with n labelled digits, n/10 of each class; distorted: epochs with new distortions in each."""
    picked = np.concatenate([rng.permutation(np.flatnonzero(y_train == k))[: n // 10] for k in range(10)])
    params, f = start(kind, rng), relu if kind == "ReLU" else sigmoid
    memory = [{} for _ in params]
    for _ in range(distorted or EPOCHS_AT[n]):
        X = distort(X_train[picked], rng) if distorted else X_train[picked]
        teach(params, memory, X, y_train[picked], rng, RATES[kind], f, batch=25)
    return accuracy(forward(params, X_test, f)[-1], y_test)


# %%
score = {kind: [few_labels(n, kind, np.random.default_rng(170)) for n in LABELS] for kind in RATES}
check.claim("100 labels: DBN less random sigmoid", score["DBN"][0] - score["sigmoid"][0], at_least=0.025)
fig, ax = plt.subplots()
looks = zip(("s-", "o--", "^:"), (style.THIRD, style.NEGATIVE, style.POSITIVE))
for (kind, values), (look, color) in zip(score.items(), looks):
    ax.plot(LABELS, 100 * np.array(values), look, color=color, label=kind)
ax.set(xscale="log", xlabel="labelled digits", ylabel="test accuracy, %", title="With few labels the start counts")
ax.set_xticks(LABELS, LABELS)
ax.minorticks_off()
ax.legend()
plot.show(fig, "Test accuracy against 100, 200, 500 and 1000 labels for three starts of one network: all curves rise; at "
          "100 labels that of the greedy stack, DBN, is above that of the random sigmoid network.")

# %% [markdown]
# Over five seeds (each with its own stack, labelled digits and random weights), test accuracy in per cent, mean and
# standard error:
#
# | labels | 100 | 200 | 500 | 1000 | 100, distorted |
# |---|---|---|---|---|---|
# | greedy stack, fine-tuned | **78.9** ± 0.6 | **83.8** ± 0.2 | **88.3** ± 0.4 | **90.7** ± 0.4 | 91.9 ± 0.8 |
# | random, sigmoid | 75.3 ± 0.7 | 81.2 ± 0.5 | 85.8 ± 0.3 | 88.9 ± 0.5 | 92.0 ± 0.5 |
# | random, ReLU | 76.3 ± 1.1 | 82.0 ± 0.3 | 87.5 ± 0.3 | 90.3 ± 0.4 | **93.6** ± 0.3 |
#
# With 100 labels the stack is worth about three points. With 1000 its lead over ReLU is within the noise. The last
# column teaches modesty: the same hundred digits, distorted anew in each of 400 epochs (`distorted=400`), lift every
# start by 13 points or more, and there the random ReLU network is ahead of the stack. (Part of the lift may be the
# longer training: without distortion 120 epochs gained nothing, but 400 were not tried.) To know that a digit moved a
# little stays what it is was worth more here than 4000 digits without labels. So the honest reading is: digits without
# labels help when labels are few. It is a gain, and not a miracle. ("DBN" here names the start only. After fine-tuning
# the network classifies; as a model of pictures it is spoilt.)
#
# ## 18 Where it breaks, and common misreadings
#
# Three weaknesses, each of which you have seen. **CD drifts away:** it flattens the neighbourhood of the data and
# leaves valleys elsewhere (sections 8, 13). **Chains mix slowly**, and the better the machine, the slower, as the
# valleys get deeper; PCD survives because learning itself pushes the chains about, at a rate that must not be too large
# at the end. **The likelihood is an estimate** with a bar that cannot be trusted by itself (section 14). VAEs and GANs
# were answers: a model from which one draws in *one* pass, without a chain. And ReLU, better starts (Lecture 2) and
# more labels made the greedy stack unnecessary for classification by about 2012. What stayed is the idea: learn first
# from much data without labels, then fine-tune with few. It is how the large language models are made.
#
# | you may read | right is | where |
# |---|---|---|
# | "An RBM consists of stacked sub-networks; train from the lowest pair up." | That is a DBN. One RBM is one pair of layers. | 16, the loop in `greedy` |
# | "The visible layer is the training set." | It is *clamped* to one training vector at a time (a row of a batch), and free in the model term. | 7, 11: `V` and `C` in `learn` |
# | "CD follows the gradient of the log-likelihood." | It is biased, less with more sweeps. | 7, 8 |
# | "The reconstruction error falls, so the model gets better." | The error can fall while the likelihood falls, too; CD-1 reconstructs as well as PCD and is nats worse. | 13, 14 |
# | "A DBN is a deep Boltzmann machine." | In a DBN only the top pair is undirected. | 16 |
# | "Each further layer raises the likelihood." | A bound on it, under conditions that CD does not meet. | 16 |
# | "AIS gives $Z$ within its error bar." | The bar does not know what all chains missed. | 14 |
# | "Free energy is the energy." | It is $-\ln\sum_he^{-E}$: the hidden units are summed out. | 4 |
#
# ## 19 The course on one map
#
# Nine lectures, one idea: a differentiable function with many weights, and a rule that says how each weight should
# change. (In this lecture the function is an energy.) *Before you look:* draw your own map. Which lecture leads to
# which, and by what?

# %%
PLACES = {"1 Neuron": (0, 2), "2 Back-\npropagation": (1.7, 2), "3 Convolution": (4, 3), "4 Recurrence": (4, 2),
          "5 Autoencoder": (4, 1), "6 VAE": (6.4, 1), "7 GAN": (6.4, 2), "8 Reward": (6.4, 3), "9 Boltzmann": (5.2, 0)}
ROADS = {"1-2": "chain\nrule", "2-3": "shared in space", "2-4": "shared\nin time", "2-5": "no labels", "3-8": "pixels",
         "5-6": "random\ncode", "6-7": "a judge,\nno bound", "5-9": "greedy\nstack", "6-9": "likelihood"}

fig, ax = plt.subplots(figsize=(6.6, 4))
ax.set(xlim=(-0.6, 7.1), ylim=(-0.3, 3.3), title="Each lecture builds on an earlier one")
ax.axis("off")
boxes = {name[0]: ax.text(*xy, name, ha="center", va="center", fontsize=9,
                          bbox={"boxstyle": "round", "fc": style.ordered(5)[0]}) for name, xy in PLACES.items()}
fig.canvas.draw()  # from now on the boxes have a size, and arrows can end at their edges
for road, why in ROADS.items():
    tail, head = (boxes[k] for k in road.split("-"))
    look = {"arrowstyle": "->", "color": "#888888", "patchA": tail.get_bbox_patch(), "patchB": head.get_bbox_patch()}
    ax.annotate("", head.get_position(), tail.get_position(), arrowprops=look)
    middle = np.mean([tail.get_position(), head.get_position()], axis=0)
    ax.text(*middle, why, fontsize=7, ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 1})
plot.show(fig, "A map of nine boxes. The neuron leads to back-propagation, that to convolution, recurrence and the "
          "autoencoder; convolution to reward, the autoencoder to VAE and Boltzmann, the VAE to GAN and Boltzmann.")

# %% [markdown]
# In words: *what computes* (1, 2), *how it is built* (3, 4), *what it learns from*: labels, its own input (5),
# likelihood (6, 9), an opponent (7), reward (8). History ran otherwise: Boltzmann machines (G. Hinton and T. Sejnowski,
# 1980s) came *before* most of the course, and their stacks (2006) made people believe in depth again.
#
# **What came after**, with the lectures that you need to read it. *Attention and the transformer* (A. Vaswani and
# others, 2017): sequences without recurrence, each position looks at all others (4). *Diffusion models* (J.
# Sohl-Dickstein and others, 2015; J. Ho and others, 2020): learn to undo noise in many small steps; a denoiser (5), a
# bound (6), and a walk between a simple distribution and the data that will remind you of AIS. *Self-supervised
# pre-training and fine-tuning* at scale: section 17 with other means. *Energy-based models* with deep networks as $E$
# (9). *Reinforcement learning from human feedback* (8). In 2024 J. Hopfield and G. Hinton received the Nobel Prize in
# Physics for the foundations: the memory of section 1 and the machine of this lecture.
#
# **What to read next.**
#
# - The whole field in one book: I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning* (2016), chapter 20 for this
#   lecture and chapters 16 to 18 for energies, sampling and $Z$. Newer: S. Prince, *Understanding Deep Learning*
#   (2023), and C. Bishop and H. Bishop, *Deep Learning: Foundations and Concepts* (2024).
# - The reading list of deeplearning.net, long *the* list of the field, and its tutorial on DBNs,
#   deeplearning.net/tutorial/DBN.html (in Theano; the site is no longer maintained, look in a web archive). A set of
#   slides from INRIA, *deepLearning.pdf* (2016), gives the view of that time in an hour.
# - For looking things up: Wikipedia's *Autoencoder* and *Restricted Boltzmann machine*; S. Raschka's chart of
#   activation functions; machinelearningmastery.com's overview of what GANs are used for; the code of the first GAN
#   ([goodfeli/adversarial](https://github.com/goodfeli/adversarial)) and an early
#   [port](https://github.com/ckmarkoh/GAN-tensorflow).
# - How to train an RBM, by the man who did it most: G. Hinton, *A practical guide to training restricted Boltzmann
#   machines* (2010).
#
# ## 20 Summary
#
# 1. An RBM gives every picture an energy; two conditionals that factorise make Gibbs sampling two lines of code; the
#    gradient is data minus model.
# 2. CD starts the model term at the data and is biased; PCD lets the chains live on, and with centring reaches the
#    level of a VAE in about half a minute.
# 3. $Z$ cancels in free-energy classification and in pseudo-likelihood; for nats one needs AIS: exact on average, too
#    low for $\ln Z$ with few rungs, to be checked from both sides.
# 4. A DBN is a stack of RBMs, trained from the lowest pair up; the top pair dreams, one pass down paints.
# 5. Unfolded, the stack is a start for a classifier, most useful when labels are few. Pre-train, then fine-tune: that
#    idea outlived the machine.
#
# ## Test yourself
#
# **1.** Why may the model term of the gradient not be estimated at the batch, without any sweep (CD-0)?
#
# <details><summary>Answer</summary>
#
# Then both terms are equal and the gradient is 0. One sweep is the least that shows where the machine would rather go.
#
# </details>
#
# **2.** You keep the visible biases $a$ of a machine and set $W=0$ and $b=0$. What is $Z$?
#
# <details><summary>Answer</summary>
#
# $E=-a\cdot v$, so $Z=2^m\prod_i(1+e^{a_i})$: each hidden unit is a coin, each pixel is on its own. It is the lowest
# rung of AIS, where $Z$ is known.
#
# </details>
#
# **3.** Your AIS gives −80 with 100 rungs and −92 with 10 000. Which do you report, and what else do you do?
#
# <details><summary>Answer</summary>
#
# −92, and more rungs until it stops falling; then the estimate from the other side. Few rungs miss regions, $\ln Z$
# reads low and the likelihood reads high: the error flatters.
#
# </details>
#
# **4.** Why does $Z$ cancel when labels are compared by free energy in one joint machine, and not between ten machines
# of one class each?
#
# <details><summary>Answer</summary>
#
# In one machine all $p(v,y)=e^{-F(v,y)}/Z$ share one $Z$. Ten machines have ten, and an unknown $\ln Z_y$ shifts the
# score of each class.
#
# </details>
#
# **5.** In a DBN of three RBMs, which arrows does a drawn digit pass, and why not sample all layers up and down?
#
# <details><summary>Answer</summary>
#
# A Gibbs chain in the top pair, then down through the second and the first weights, once. Below the top the model is
# directed: $p(v,h_1,h_2,h_3)=p(v\mid h_1)\,p(h_1\mid h_2)\,p(h_2,h_3)$. Sweeping up and down all layers samples another
# model (closer to a deep Boltzmann machine).
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/09_boltzmann_machines.ipynb) ([its
# solution](../solutions/09_boltzmann_machines.ipynb), for afterwards). This was the last lecture. [All
# lectures](../README.md).
#
# ## References
#
# - Machines: D. Ackley, G. Hinton and T. Sejnowski, *A learning algorithm for Boltzmann machines*, Cognitive Science 9
#   (1985); P. Smolensky, *Information processing in dynamical systems: foundations of harmony theory* (1986), the RBM
#   under the name harmonium.
# - Training: G. Hinton, *Training products of experts by minimizing contrastive divergence*, Neural Computation 14
#   (2002); T. Tieleman, *Training restricted Boltzmann machines using approximations to the likelihood gradient*, ICML
#   (2008); G. Montavon and K.-R. Müller, *Deep Boltzmann machines and the centering trick* (2012).
# - Measuring: R. Neal, *Annealed importance sampling*, Statistics and Computing 11 (2001); R. Salakhutdinov and I.
#   Murray, *On the quantitative analysis of deep belief networks*, ICML (2008); R. Grosse, Z. Ghahramani and R. Adams,
#   *Sandwiching the marginal likelihood using bidirectional Monte Carlo* (2015); J. Besag, *Statistical analysis of
#   non-lattice data*, The Statistician 24 (1975).
# - Stacks and labels: G. Hinton, S. Osindero and Y.-W. Teh, *A fast learning algorithm for deep belief nets*, Neural
#   Computation 18 (2006); G. Hinton and R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*,
#   Science 313 (2006); Y. Bengio and others, *Greedy layer-wise training of deep networks*, NeurIPS (2006); H.
#   Larochelle and Y. Bengio, *Classification using discriminative restricted Boltzmann machines*, ICML (2008).
