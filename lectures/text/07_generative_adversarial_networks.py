# %% [markdown]
# # Lecture 7 · Generative adversarial networks
#
# > **How can a network learn to make new things of a kind, when nobody can write down what makes one of them good?**

# %% [markdown] tags=["nav"]
# [← Lecture 6](06_variational_autoencoders.ipynb) · [Exercise 7](../exercises/07_generative_adversarial_networks.ipynb) · [Solution 7](../solutions/07_generative_adversarial_networks.ipynb) · [Lecture 8 →](08_reinforcement_learning.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from scipy import linalg
from scipy.special import logsumexp, rel_entr
from sklearn.cluster import KMeans
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from course_utils import bridge, check, data, plot, progress, style
from course_utils.nets import adam, backward, distort, forward, init, sigmoid

style.use()
device = bridge.device()
rng = np.random.default_rng(7)

# %% [markdown]
# Eight small heaps of points lie on a circle. We have the points and want a network that makes *new* ones of the same
# kind. Call it a **generator**: it is fed with random numbers $z$, **noise**, and turns each pair of them into a
# point. Which loss should train it? The first thought is the one of Lecture 2: give it a random $z$ and a random data
# point $x$ as the target, and minimise the squared distance. Two hidden layers of 64, 300 steps of Adam. *Predict:*
# where will the generator put its points?

# %%
X, centres = data.ring(2000, rng)
G, memory = init([2, 64, 64, 2], rng), [{} for _ in range(6)]
for _ in range(300):
    A = forward(G, rng.normal(size=(128, 2)))
    grads = backward(G, A, 2 * (A[-1] - X[rng.integers(2000, size=128)]) / 128, lambda A: A > 0)
    for p, dp, s in zip(G, grads, memory):
        adam(p, dp, s, 0.003)

def scatter(ax, points, title="", color=style.NEGATIVE, name="x", reach=3, **look):
    ax.scatter(*points.T, s=8, color=color, **look)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
    ax.set(xlabel=f"${name}_1$", ylabel=f"${name}_2$")

fig, ax = plt.subplots(figsize=(4, 3.6))
scatter(ax, X[:400], color=style.POSITIVE, marker="^", label="data")
scatter(ax, forward(G, rng.normal(size=(400, 2)))[-1], label="generator")
ax.set(title="Squared error: points\nwhere no data is", ylim=(-2.4, 3.2))
ax.legend(loc="upper center", fontsize=8, ncols=2)
plot.show(fig, "Eight heaps of data on a circle of radius 2. The points of the generator form one cloud around the "
          "middle of the circle, where there is no data.")

# %% [markdown]
# In the middle. The noise says nothing about its random target, so the best answer to every $z$ is the mean of all
# data, and the mean looks like none of them. A loss that compares a point with *one* target is
# the wrong judge. The right question is whether the points, taken together, **could pass for data**. Nobody can write
# that down as a formula for faces or voices. So it is learned too, by a second network. That is the idea of I.
# Goodfellow and others (2014), and the two networks are a **generative adversarial network**, GAN.
#
# **You will be able to**
#
# - state the game of the two networks, and derive its best discriminator and what the generator then minimises;
# - choose between the two losses of the generator, and say which one stalls, and why;
# - write both players' gradients by hand, prove them, and run them in step with PyTorch;
# - produce mode collapse on demand, count it, cure it, and find out whether the settings or a penalty did it;
# - explain what a Wasserstein critic measures, and when that helps.
#
# **Know first:** Lecture 2 (back-propagation, Adam, cross-entropy); from Lecture 6, the KL divergence.
# **Reading time:** 110 minutes. **Running time:** about a minute and a half on a laptop.
#
# <details><summary>Maths you need: expectation, change of variables, logit, KL divergence</summary>
#
# The *expectation* of $f(x)$, when $x$ has density $p$, is $\mathbb E_{x\sim p}f(x) = \int p(x)f(x)\,dx$ (a sum
# $\sum_x p(x)f(x)$ if $x$ takes separate values). From samples it is estimated by a mean:
# `np.mean(np.random.default_rng(0).normal(size=10**6) ** 2)` is 1.00.
#
# *Change of variables.* Let $x = G(z)$ with $G$ differentiable and invertible. A small piece of volume around $z$ is
# stretched by $\lvert\det J\rvert$, with $J$ the matrix of all slopes of $G$, and its probability is spread over the
# new volume: $p_g(x) = p_z(z)\,/\,\lvert\det J(z)\rvert$ with $z = G^{-1}(x)$.
#
# The *logit* of a probability $D$ is $s = \ln\frac{D}{1-D}$, so $D = \sigma(s) = 1/(1+e^{-s})$. With
# $\text{softplus}(s) = \ln(1+e^s)$ one has $-\ln D = \text{softplus}(-s)$ and $-\ln(1-D) = \text{softplus}(s)$,
# without a logarithm of 0: `np.logaddexp(0, s)`.
#
# $KL(p\Vert q) = \mathbb E_{x\sim p}\ln\frac{p(x)}{q(x)}$ is never negative, and 0 only if $p = q$ (almost
# everywhere).
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# Sections 1 and 2: 15 min, the opening figure as a vote. Section 3: 10 min, the optimum by counting, then by calculus
# at the board. Section 4: 10 min. Section 5: 10 min, let the room choose a loss before the figure. Sections 6 and 7:
# 10 min, only the path of the gradient through D. Sections 8 to 11: 35 min, with the studio. Can be skipped: change of
# variables, the timing table, the derivation of the penalty's gradient. Pictures, section 12 on, fill a second lesson.
#
# </details>
#
# ## 1 A forger and an expert
#
# A forger fills bottles with wine of his own and sells them as the noble kind. The owner of a wine shop buys authentic
# bottles too, tastes, and learns to tell them apart. Whatever she finds out, the forger learns from; new ideas he
# takes from his inspirations. Both get better, until her guess is no better than a coin. That is all we need of the
# story. The forger is the **generator** $G$, the shop owner the **discriminator** $D$, inspiration is noise $z$:
#
# ```
#   noise z ──▶ generator G ──▶ fake x = G(z) ──┐
#                                               ├──▶ discriminator D ──▶ D(x) ──▶ loss
#                      data ──▶ real x ─────────┘
#
#   D learns:  loss ──▶ D                        (D up on real x, down on fake x)
#   G learns:  loss ──▶ D ──▶ fake x ──▶ G       (D up on fake x; D itself stays as it is)
# ```
#
# $D(x)$, between 0 and 1, is the probability that $x$ is real, in the opinion of $D$. $G$ *forges*, $D$ *verifies*.
# What one wins the other loses: a **zero-sum game**. The arrows show what neither the forger nor $G$ ever does: look
# at the data. All that $G$ knows comes through $D$'s slopes.
#
# A generator is an **implicit** model: a simple distribution of $z$, a differentiable map with parameters $\theta$,
# and out come samples $x$ of some density $\hat p(x)$ that is nowhere written down. Two examples. First, a map made by
# hand: $G(z) = 2z/\lvert z\rvert + z/20$. *Predict* its picture. Second, $G_\theta(z) = \theta_0 + \theta_1z$ with
# data $p = \mathcal N(1, 0.5^2)$: moving $\theta$ moves $\hat p$, and $KL(p\Vert\hat p)$ can fall to 0.

# %%
Z = np.random.default_rng(71).normal(size=(500, 2))
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
scatter(axes[0], Z, "Noise ...", name="z", reach=4)
scatter(axes[1], 2 * Z / np.linalg.norm(Z, axis=1, keepdims=True) + Z / 20, "... and what a map makes of it", reach=4)
plot.show(fig, "Left, a round cloud of 500 normal points. Right, the same points after the map: a thin ring of radius 2.")

# %%
kl_normal = lambda m, s: np.log(s / 0.5) + (0.5**2 + (1 - m) ** 2) / (2 * s**2) - 0.5  # Lecture 6, from N(1, 0.5²)
values = [kl_normal(0, 1), kl_normal(0.5, 0.75), kl_normal(1, 0.5)]
check.worked("KL, theta = (0, 1), (0.5, 0.75), (1, 0.5)", values, "0.818147 0.349910 0.000000")

# %% [markdown]
# A ring, from one line of arithmetic. And the second model has reached the data at $\theta = (1, 0.5)$. To do well,
# any generator must in the end capture the whole distribution: a difference that remains is one $D$ can learn to see.
#
# Mind one thing. We could compute this KL because both densities were known formulas. For a network $G$ we have
# samples of $\hat p$ and samples of $p$, and **neither density**: the ratio inside the logarithm cannot be evaluated.
# "The generator minimises $KL(p\Vert\hat p)$" therefore names a goal, not something one computes. The game is the way
# around it.
#
# ## 2 The game
#
# From here on $p$ is called $p_{data}$, the density of the data, and $\hat p$ is called $p_g$, that of the fakes; $p_z$ is
# that of the noise. $D$ wants $D(x)$ near 1 on real points and
# near 0 on fakes; the value of the game, for $D$, is
#
# $$V(D,G) = \mathbb E_{x\sim p_{data}}\ln D(x) + \mathbb E_{z\sim p_z}\ln\big(1-D(G(z))\big),\qquad
# \min_G\max_D V(D,G).$$
#
# Both logarithms are at most 0, so no $D$ gets above 0. A loss is *minimised*, so with $m$ real points $x_i$ and $m$
# noise vectors $z_i$ the two players use
#
# $$L_D = -\frac1m\sum_i\Big[\ln D(x_i) + \ln\big(1-D(G(z_i))\big)\Big],\qquad
# L_G = \frac1m\sum_i\ln\big(1-D(G(z_i))\big)\ \text{ or }\ -\frac1m\sum_i\ln D(G(z_i)).$$
#
# $L_D$ is the binary cross-entropy with target 1 for real and 0 for fake, averaged over each kind and added. The first
# form of $L_G$ is $V$ itself, without the term that $G$ cannot change. The second, the usual one, is the subject of
# section 5. The players move **in turn**: a step of $D$ with $G$ held still, then a step of $G$ with $D$ held still.
#
# *Predict* $V$ for a $D$ that answers ½ always, and for one that is 99 % sure and right.

# %%
V = lambda D_real, D_fake: np.mean(np.log(D_real)) + np.mean(np.log(1 - D_fake))
half, sure = np.full(4, 0.5), np.full(4, 0.99)
check.worked("V of a D that always answers 1/2; of a sure one", [V(half, half), V(sure, 1 - sure)], "-1.386294 -0.020101")
losses = [-V(half, half), np.mean(np.log(1 - half)), -np.mean(np.log(half))]
check.worked("at 1/2: L_D; L_G, first form; second form", losses, "1.386294 -0.693147 0.693147")

# %%
bce = [F.binary_cross_entropy(*bridge.tensors(*pair)).item() for pair in ((sure, np.ones(4)), (1 - sure, np.zeros(4)))]
check.same("L_D and PyTorch's binary cross-entropy, real plus fake", -V(sure, 1 - sure), sum(bce), 1e-12)

# %% [markdown]
# $-2\ln 2 = -1.386294$ will come back: it is the value when forgery is perfect. Keep $L_D = 1.386$ in mind as the
# figure on a training curve that says "$D$ is guessing" (most often: it is a mean, and a $D$ right here and surely wrong
# there can give it too). Unlike a loss of Lectures 2 to 6, a falling $L_D$ or $L_G$
# alone does not mean progress: each depends on how good the *other* player is at the moment.
#
# ## 3 The best possible discriminator
#
# Hold $G$ still. Its samples have some density $p_g(x)$. Written as an integral,
#
# $$V = \int p_{data}(x)\ln D(x) + p_g(x)\ln\big(1-D(x)\big)\,dx .$$
#
# If $D$ may be any function, it can be chosen at each $x$ on its own. With $a = p_{data}(x)$, $b = p_g(x)$, we want
# the top of $a\ln y + b\ln(1-y)$ over $y$ between 0 and 1. Its slope $\frac ay-\frac b{1-y}$ falls throughout and is 0
# at $y = \frac{a}{a+b}$, so
#
# $$D^*(x) = \frac{p_{data}(x)}{p_{data}(x)+p_g(x)} .$$
#
# Counting says the same: of all the points met at $x$, real and fake in equal numbers, this is the share of real ones.
# Try three symbols, with $p_{data} = (0.36, 0.48, 0.16)$ and a forger who makes all three equally often. *Predict*:
# for which does $D^*$ lie below ½?

# %%
rng = np.random.default_rng(72)
p_data, p_g = np.array([0.36, 0.48, 0.16]), np.full(3, 1 / 3)
D_best = p_data / (p_data + p_g)
check.worked("D* by the formula", D_best, "0.519231 0.590164 0.324324")
check.worked("D* when p_g = p_data", p_data / (p_data + p_data), "0.5 0.5 0.5")

# %%
y = np.linspace(0, 1, 100001)[1:-1, None]
tried = y[(p_data * np.log(y) + p_g * np.log(1 - y)).argmax(axis=0), 0]
check.same("D* by trying 99999 values of y", tried, D_best, 1e-5)
real, fake = (np.bincount(rng.choice(3, size=20000, p=p)) for p in (p_data, p_g))
error = np.abs(real / (real + fake) - D_best).max()
check.claim("D* by counting 20000 real and 20000 fake: largest error", error, at_most=0.02)

# %% [markdown]
# The third: it is forged too often, so meeting it speaks for a fake. And with perfect forgery the best $D$ answers ½
# everywhere, a number, and no longer a ratio that depends on $x$.
#
# One step deserves a second look: from an expectation over $z$ to an integral over $x$. Substituting $x = G(z)$
# changes the *density* as well. The integral over $x$ holds $p_g(x)$, the density of the **fakes**, and not $p_z(x)$,
# that of the noise. (In print one also meets $p_g(z)$ for the prior of the noise. We say $p_z$ for the noise,
# $p_g$ for the fakes.) If $G$ is invertible, then $p_g(x) = p_z(G^{-1}(x))/\lvert\det J\rvert$. Take $G(z) = 2z$ with
# $z$ standard normal: everything is stretched twofold. *Predict* $p_g(0)$, given $p_z(0) = 0.398942$.

# %%
normal = lambda x, sigma, mean=0: np.exp(-(((x - mean) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
check.worked("p_z(0); p_g(0) = p_z(0) / 2", [normal(0, 1), normal(0, 1) / 2], "0.398942 0.199471")

# %%
x = np.linspace(-30, 30, 60001)
integral = lambda values: np.trapezoid(values, x)
h = lambda x: -np.logaddexp(0, x)  # ln(1 - D), if D is a sigmoid
over_z, over_x = integral(normal(x, 1) * h(2 * x)), integral(normal(x, 2) * h(x))
check.same("mean of h(G(z)) over z, and integral of p_g(x) h(x)", over_z, over_x, 1e-9)
check.worked("the right value; with p_z(x) by mistake", [over_x, integral(normal(x, 1) * h(x))], "-1.067714 -0.806059")

# %% [markdown]
# Half as high, because it is twice as wide. The two last numbers differ: with $p_z(x)$ one computes the value of
# another game. Our networks are *not* invertible (ReLU sends many $z$ to one point; two noise numbers may have to
# serve a space of 784 dimensions, where all samples lie on a thin sheet and $p_g$ is no density at all). The mean over
# $z$ exists all the same. Only the formula with $\lvert\det J\rvert$ needs an inverse; the game does not.
#
# ## 4 What the generator then minimises
#
# Put $D^*$ into $V$, and call the result $C(G) = \max_D V$, the **criterion** of $G$. Write
# $M = \frac12(p_{data}+p_g)$ for the mixture of both. Since $D^* = \frac{p_{data}}{2M}$ and $1-D^* = \frac{p_g}{2M}$,
# each logarithm gives up a $-\ln2$:
#
# $$C(G) = -\ln4 + KL(p_{data}\Vert M) + KL(p_g\Vert M) = -\ln 4 + 2\,\mathrm{JSD}(p_{data}, p_g),$$
#
# with the **Jensen-Shannon divergence** $\mathrm{JSD}(P,Q) = \frac12KL(P\Vert M)+\frac12KL(Q\Vert M)$. Three readings
# to avoid. *"$C \ge 0$":* the two KL terms are at least 0, not $C$. *"KL measures similarity":* it measures
# **dis**similarity, 0 for equals. *"$KL(p_{data}\Vert p_{data}+p_g)$":* without the halves in $M$ the second argument
# sums to 2 and the $\ln 4$ is taken off twice.
#
# Since both KL terms are 0 only if $p_{data} = M = p_g$, the minimum $-\ln4$ is reached **if and only if**
# $p_g = p_{data}$. There, $D^*=½$ and nobody gains by moving alone: the **equilibrium** of the game. *Predict*, for
# two Gaussians of width 1 whose centres lie $d$ apart: what does $C$ tend to when they no longer overlap?

# %%
kl = lambda p, q: rel_entr(p, q).sum()  # the sum of p ln(p/q), with 0 ln 0 = 0
jsd = lambda p, q: (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2
check.worked("disjoint: JSD", jsd(np.array([0.5, 0.5, 0]), np.array([0.0, 0, 1])), "0.693147")
C, V_best = 2 * jsd(p_data, p_g) - np.log(4), p_data @ np.log(D_best) + p_g @ np.log(1 - D_best)
check.worked("JSD; C(G); V at D*", [jsd(p_data, p_g), C, V_best], "0.022460 -1.341375 -1.341375")
terms = [kl(p_data, (p_data + p_g) / 2), kl(p_g, (p_data + p_g) / 2)]
check.worked("the two KL terms; their sum", [*terms, C + np.log(4)], "0.023909 0.021011 0.044920")
equal = 2 * np.array([jsd(p_g, p_g), kl(p_g, p_g + p_g)]) - np.log(4)
check.worked("p_g = p_data: C(G); without the halves", equal, "-1.386294 -2.772589")

distance = np.linspace(0, 8, 81)
criterion = [2 * jsd(normal(x, 1), normal(x, 1, d)) * (x[1] - x[0]) - np.log(4) for d in distance]
check.worked("two Gaussians by quadrature: C at distance 0; at 8", [criterion[0], criterion[-1]], "-1.386294 -0.000187")
fig, ax = plt.subplots()
ax.plot(distance, criterion, **style.TRAIN)
ax.axhline(-np.log(4), color=style.NEGATIVE, linestyle=":", label="−ln 4, reached only by equals")
ax.axhline(0, color=style.POSITIVE, linestyle="--", label="0, no overlap")
ax.set(title="Close by, C shows the way; far away it is flat", xlabel="distance d of the two Gaussians", ylabel="C(G)")
ax.legend(loc="center right", fontsize=8)
plot.show(fig, "C against the distance of two Gaussians: it starts at minus ln 4 with slope 0, rises most steeply between "
          "distances 1 and 3, and levels off at 0 from about 6 on.")

# %% [markdown]
# $C$ tends to $-\ln4 + 2\ln2 = 0$: the largest possible JSD is $\ln 2 = 0.693147$. For the three symbols,
# $-1.386294 + 0.044920 = -1.341375$ from either side. So with a perfect opponent $G$ minimises a divergence that
# nobody could compute directly, and $G^* = \arg\min_G\max_D V$ is the data's own distribution.
#
# Two warnings come with the picture. Where the curve is flat, a generator that is far off learns next to nothing from
# $C$: section 10 returns to it. And all of this assumes a *perfect* $D$ over all functions, at every step of $G$. Ours
# is a small network after one step.
#
# ## 5 Two losses for the generator
#
# At the start the fakes are poor and $D$ is sure of it, say $D(G(z)) = 0.01$. $G$ may *minimise* $\ln(1-D)$, or
# *maximise* $\ln D$. Both want $D(G(z))$ up, and with a perfect forger $D=½$ ends both games. But with the logit $s$,
#
# $$\frac{d}{ds}\ln(1-\sigma(s)) = -D,\qquad \frac{d}{ds}\big(-\ln\sigma(s)\big) = -(1-D).$$
#
# *Predict:* how strong is each push at $D = 0.01$? Everything that $G$ learns is multiplied by that number.

# %%
s = torch.tensor(np.log(0.01 / 0.99), requires_grad=True)
slopes = [torch.autograd.grad(loss, s)[0].item() for loss in (-F.softplus(s), F.softplus(-s))]  # ln(1 - D), -ln D
check.worked("slopes at D = 0.01: of ln(1 - D), of -ln D", slopes, "-0.01 -0.99")

# %%
S, (fig, ax) = np.linspace(-8, 8, 161), plt.subplots()
ax.plot(S, sigmoid(S), color=style.NEGATIVE, linestyle="--", label="min ln(1 − D), saturating")
ax.plot(S, sigmoid(-S), color=style.POSITIVE, label="max ln D, non-saturating")
ax.axvline(s.item(), color="#222222", linestyle=":", label="D = 0.01")
ax.set(title="One loss pushes where forgery is bad,\nthe other where it is good", xlabel="logit s of D(G(z))")
ax.set(ylabel="strength of the push", ylim=(-0.05, 1.55))
ax.legend(fontsize=8, loc="upper right")
plot.show(fig, "Strength of the push against the logit: the saturating loss rises from 0 to 1, the non-saturating falls from "
          "1 to 0; they cross at logit 0. At D = 0.01 the first is near 0, the second near 1.")

# %% [markdown]
# One hundredth against nearly one. $\ln(1-D)$ is **saturating**: $G$ is told least when it has most to learn.
# $-\ln D$, the **non-saturating** loss, pushes hardest there, and Goodfellow's paper already recommends it. To be
# exact about words: both have the same goal, *not* the same gradients, and with $-\ln D$ the losses no longer add to
# zero. And it is the **objective** $\mathbb E\ln D(G(z))$ that is maximised; "maximise the generator loss" is a slip
# of the tongue. Both slopes above are negative: descending either *loss* raises $s$.
#
# ## 6 Both players' gradients by hand
#
# $D$ is a dense network of Lecture 2 whose last layer gives one logit per point. Its activation is **leaky ReLU**,
# $\max(z, 0.2z)$, with slope 1 or 0.2: no unit ever stops passing gradients on, and $G$ lives on these. From $L_D$ in
# logits, $\frac1m\sum\text{softplus}(-s_{real}) + \frac1m\sum\text{softplus}(s_{fake})$, follows
#
# $$\delta_{real} = \frac{\sigma(s)-1}{m},\qquad \delta_{fake} = \frac{\sigma(s)}{m},$$
#
# prediction minus target, as ever. For $G$, with the non-saturating loss, $\delta = (\sigma(s)-1)/m$: it pretends that
# the fakes are real. This $\delta$ runs down through $D$, changing nothing there, *and one layer further than before*:
# to $D$'s input, $dX = \delta_1W_1^\top$. Lecture 2 left that product out, since nobody asked for the gradient in the
# pictures. Here the input is $G(z)$, and $dX$ is the `delta` of $G$'s linear last layer. So the one new thing is a
# `backprop` that also returns `dX`. The second cell moves every entry of every array of both players and asks finite
# differences.

# %%
leaky, leaky_slope = lambda Z: np.maximum(Z, 0.2 * Z), lambda A: np.maximum(0.2, np.sign(A))  # from Z; from A
relu_slope = lambda A: A > 0

def backprop(params, A, delta, df):
    """Gradients in the order of params, and dX, the gradient in the input; delta = dL/dZ of the last layer."""
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        delta = delta @ params[l].T * (df(A[l // 2]) if l > 0 else 1)
    return grads, delta

softplus = lambda s: np.logaddexp(0, s)  # below, S: logits of real points, T: of fakes
d_rule = lambda S, T: (softplus(-S).mean() + softplus(T).mean(), (sigmoid(S) - 1) / len(S), sigmoid(T) / len(T))
g_rule = lambda T: (softplus(-T).mean(), (sigmoid(T) - 1) / len(T))

def d_loss(D, X, fake, rule=d_rule):
    """Loss of D and its gradients, on real points X (m, d) and as many fakes."""
    A = forward(D, np.concatenate([X, fake]), leaky)
    loss, *delta = rule(*np.split(A[-1], 2))
    return loss, backprop(D, A, np.concatenate(delta), leaky_slope)[0]

def g_loss(G, D, Z, rule=g_rule):
    """Loss of G and its gradients, which come through D, for noise Z (m, d_z)."""
    A_G = forward(G, Z)
    A_D = forward(D, A_G[-1], leaky)
    loss, delta = rule(A_D[-1])
    dX = backprop(D, A_D, delta, leaky_slope)[1]
    return loss, backprop(G, A_G, dX, relu_slope)[0]


# %%
rng = np.random.default_rng(73)
G, D = ([p + 0.1 * rng.normal(size=p.shape) for p in init(sizes, rng)] for sizes in ([3, 6, 5, 2], [2, 5, 4, 1]))
X, Z = rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
for name, player, f in (("D", D, lambda: d_loss(D, X, forward(G, Z)[-1])), ("G", G, lambda: g_loss(G, D, Z))):
    for k, dp in enumerate(f()[1]):
        check.gradient(f"{name}, {'Wb'[k % 2]}{k // 2 + 1}", lambda: f()[0], player[k], dp)


# %% [markdown]
# ## 7 The same in PyTorch
#
# To take steps, a `Player` keeps all its parameters in one long vector, of which $W_1, b_1, \dots$ are views; then one
# call of Adam moves them all. `play` is one **round**: $k$ steps of $D$ on fresh data and fresh noise, then one step
# of $G$. (`penalty` stays empty until section 9.)

# %%
class Player:
    """A network: `params`, the list [W1, b1, ...], are views of one long vector, which Adam moves."""

    def __init__(self, sizes, rng, dtype=np.float32):
        params = init(sizes, rng, dtype)
        self.vector, self.memory = np.concatenate([p.ravel() for p in params]), {}
        parts = np.split(self.vector, np.cumsum([p.size for p in params])[:-1])
        self.params = [part.reshape(p.shape) for part, p in zip(parts, params)]

    def step(self, grads, eta, beta1, beta2):
        adam(self.vector, np.concatenate([g.ravel() for g in grads]), self.memory, eta, beta1, beta2)

def play(G, D, draw, noise, etas, k=1, betas=(0.5, 0.99), rules=(d_rule, g_rule), penalty=None):
    """One round: k steps of D, one of G; draw() and noise() return a new batch. Returns both losses."""
    for _ in range(k):
        X, fake = draw(), forward(G.params, noise())[-1]
        loss_D, grads = d_loss(D.params, X, fake, rules[0])
        if penalty:
            grads = [g + more for g, more in zip(grads, penalty(D.params, X, fake))]
        D.step(grads, etas[1], *betas)
    loss_G, grads = g_loss(G.params, D.params, noise(), rules[1])
    G.step(grads, etas[0], *betas)
    return loss_D, loss_G


# %% [markdown]
# In the PyTorch twin the word to look at is `detach`. While $D$ learns, the fakes are constants. Without it,
# `backward` would run on through $G$ and leave there the gradients of $D$'s wish, the opposite of $G$'s. Here
# `zero_grad` would wipe them out before they do harm, and only time would be lost; where the wiping comes at another
# place, $G$ is trained to be caught. In the step of $G$, on the other hand, nothing may be detached: the gradient has
# to pass through $D$.

# %%
def twin(params, f, device="cpu"):
    """The same network in PyTorch, with the same weights."""
    layers = []
    for W, b in zip(params[::2], params[1::2]):
        layers += [bridge.set_linear(torch.nn.Linear(*W.shape, dtype=torch.tensor(W).dtype), W, b), f]
    return torch.nn.Sequential(*layers[:-1]).to(device)


# %%
def play_torch(G, D, X, Z, etas):
    """Rounds with k = 1: X (rounds, m, 2) real, Z (2 * rounds, m, 2) noise. The losses (rounds, 2)."""
    G_step, D_step = (torch.optim.Adam(p.parameters(), lr=eta, betas=(0.5, 0.99)) for p, eta in zip((G, D), etas))
    losses = []
    for x, z_D, z_G in zip(X, Z[::2], Z[1::2]):
        D_step.zero_grad()
        loss_D = F.softplus(-D(x)).mean() + F.softplus(D(G(z_D).detach())).mean()
        loss_D.backward()
        D_step.step()
        G_step.zero_grad()
        loss_G = F.softplus(-D(G(z_G))).mean()
        loss_G.backward()
        G_step.step()
        losses.append(torch.stack([loss_D, loss_G]).detach())
    return torch.stack(losses)


# %% [markdown]
# Sixty rounds in float64 on the ring of the first figure, with the same weights, data and noise. Then the price of a
# round in float32, on batches of 128.

# %%
rng = np.random.default_rng(74)
X, Z = data.ring(60 * 128, rng)[0].reshape(60, 128, 2), rng.normal(size=(120, 128, 2))
G, D = Player([2, 64, 64, 2], rng, float), Player([2, 64, 64, 1], rng, float)
twins = twin(G.params, torch.nn.ReLU()), twin(D.params, torch.nn.LeakyReLU(0.2))
draw, noise = iter(X).__next__, iter(Z).__next__
ours = [play(G, D, draw, noise, (2e-3, 1e-3)) for _ in range(60)]
check.same("120 losses", ours, play_torch(*twins, *bridge.tensors(X, Z), (2e-3, 1e-3)))
flat = lambda some: np.concatenate([p.ravel() for p in some])
ours = flat([p.T for p in G.params + D.params])
theirs = flat([p.detach().numpy() for net in twins for p in net.parameters()])
check.same("all parameters of both players after 60 rounds", ours, theirs)

# %% tags=["nbval-ignore-output"]
X, Z = X.astype(np.float32), Z.astype(np.float32)
G, D = Player([2, 64, 64, 2], rng), Player([2, 64, 64, 1], rng)
numpy_round = lambda: play(G, D, lambda: X[0], lambda: Z[0], (2e-3, 1e-3))
print(f"NumPy, CPU    {1e3 * bridge.seconds(numpy_round, 60):6.2f} ms")
for place in dict.fromkeys(["cpu", device.type]):
    nets = twin(G.params, torch.nn.ReLU(), place), twin(D.params, torch.nn.LeakyReLU(0.2), place)
    tensors = bridge.tensors(X, Z, device=place)
    sixty = bridge.seconds(lambda: play_torch(*nets, *tensors, (2e-3, 1e-3)), 2)
    print(f"PyTorch, {place.upper():4s} {1e3 / 60 * sixty:6.2f} ms")


# %% [markdown]
# They coincide up to rounding. And for networks this small NumPy is the quicker: a round is some hundred tiny
# operations, and PyTorch's fixed cost for each is larger; on a GPU larger still. So we stay with NumPy until we come
# to pictures.
#
# ## 8 Algorithm 1, and a density that moves
#
# The training loop of the 2014 paper, Algorithm 1, beside our code:
#
# | step | in `play` |
# |---|---|
# | repeat: for $k$ steps (the paper used $k=1$) | `for _ in range(k)` |
# | draw $m$ noise vectors from $p_z$ and $m$ examples from the data | `noise()`, `draw()` |
# | move $D$ *up* the gradient of $\frac1m\sum[\ln D(x_i)+\ln(1-D(G(z_i)))]$ | `d_loss`, `D.step`: down the gradient of $L_D = -V$ |
# | then draw $m$ new noise vectors | `noise()` |
# | move $G$ *down* the gradient of $\frac1m\sum\ln(1-D(G(z_i)))$ | `g_loss`, `G.step`; $-\ln D$ in its place |
#
# In one dimension everything can be watched. The data: 40 % of the points around $-1.5$, 60 % around $1$, both with
# width 0.4. $G$ turns one normal number into a point. We take $k = 3$, so that $D$ stays near its best; the rates,
# found by trying a few, shrink linearly to 0. Four moments are kept, and with each the best answer, $D^*$, to the
# histogram of that generator. *Predict:* what will $D(x)$ look like at the end?

# %%
def mixture(n, rng):
    """n points (n, 1) of two Gaussians of width 0.4: 40 % around -1.5, 60 % around 1."""
    return np.where(rng.random((n, 1)) < 0.4, -1.5, 1.0).astype(np.float32) + 0.4 * rng.standard_normal((n, 1), np.float32)

edges = np.linspace(-4, 4, 81)
middles = (edges[1:, None] + edges[:-1, None]).astype(np.float32) / 2
p = 0.4 * normal(middles[:, 0], 0.4, -1.5) + 0.6 * normal(middles[:, 0], 0.4, 1)

# %%
rng = np.random.default_rng(75)
G, D, frames = Player([1, 32, 32, 1], rng), Player([1, 32, 32, 1], rng), {}
draw, noise = lambda: mixture(128, rng), lambda: rng.standard_normal((128, 1), np.float32)
for t in range(3001):
    if t in (0, 100, 600, 3000):
        made = forward(G.params, rng.standard_normal((20000, 1), np.float32))[-1]
        frames[t] = np.histogram(made, edges)[0] / 2000, sigmoid(forward(D.params, middles, leaky)[-1])[:, 0]
    fade = 1 - min(t, 2999) / 3000
    play(G, D, draw, noise, (1e-3 * fade, 3e-3 * fade), k=3)
fig, axes = plt.subplots(2, 2, figsize=(6.6, 5.4), sharex=True, sharey=True)
for ax, (t, (p_g, D_x)) in zip(axes.flat, frames.items()):
    ax.fill_between(middles[:, 0], p, color=style.POSITIVE, alpha=0.3, label="data density")
    ax.step(middles[:, 0], p_g, where="mid", color=style.NEGATIVE, linewidth=1.2, label="generator, histogram")
    ax.plot(middles[:, 0], np.where(p + p_g > 1e-3, p / (p + p_g + 1e-12), np.nan), **style.VALIDATION, label="D*")
    ax.plot(middles[:, 0], D_x, color="#222222", label="D")
    ax.set(title=f"round {t}", xlabel="x" if t > 100 else "", ylabel="density, probability" if t in (0, 600) else "")
fig.suptitle("The generator finds both hills, and D comes to ½ there")
fig.legend(*ax.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=4)
plot.show(fig, "Four moments of training: data density, histogram of the generator, D(x) and the best D. At first D and D* are "
          "unlike; then D follows D*, and at the end the histogram lies roughly on the data and D is near one half there.")
check.claim("probability mass in the wrong place at the end", 0.05 * np.abs(p_g - p).sum(), at_most=0.15)
check.claim("mean distance of D from 1/2, over the data", 0.1 * (p * np.abs(D_x - 0.5)).sum(), at_most=0.04)


# %% [markdown]
# At the end $D$ says about ½ wherever data lies. The dashed $D^*$ still wavers there: the histogram does not lie exactly
# on the density, and so small a $D$, with so little time, does not find the last differences. Between the hills $D$ dips: a few fakes lie there, and
# hardly any data. On the way there was no steady
# descent: for a while $G$ may sit on one hill, $D$ learns to disbelieve it there, and $G$ runs on. Two players who
# each go downhill in their *own* landscape need not get down together. Where neither data nor fakes fall, $D$ may say
# anything: nobody asks it.
#
# ## 9 A ring of eight Gaussians
#
# Back to the ring of the first figure: eight clusters, or **modes**, with $\sigma = 0.02$. It has become a standard
# test, since one can count here. Of 2500 samples we call a mode **covered** when at least 2 % of them lie within
# $3\sigma$ of its centre (its fair share is 12.5 %). **Quality** is the share of samples within $3\sigma$ of any
# centre. Real points reach $1-e^{-4.5} = 98.9\,\%$, not 99.7 %: in two dimensions $3\sigma$ hold a little less.
# **Unevenness** is the share of these good samples that would have to change their mode for all eight to get the same.
#
# First we break it on purpose. Let $G$ be quick, with $\eta = 0.003$, $D$ slow, with 0.0002, and give Adam its usual
# long memory, $\beta_1 = 0.9$. *Predict* what $G$ does while $D$ lags behind: where is the cheapest place to put *all*
# its points?

# %%
def ring_table(seed):
    """Two players, a source of data, one of noise, and the random generator behind them."""
    rng = np.random.default_rng(seed)
    X = data.ring(20000, rng)[0].astype(np.float32)
    draw, noise = lambda: X[rng.integers(20000, size=128)], lambda: rng.standard_normal((128, 2), np.float32)
    return Player([2, 64, 64, 2], rng), Player([2, 64, 64, 1], rng), draw, noise, rng

def stretch(table, t, rounds, total, etas, **settings):
    """Play rounds t, t + 1, ... with rates that shrink linearly to 0 at `total` (np.inf: they do not)."""
    for now in range(t, t + rounds):
        play(*table[:4], [eta * (1 - now / total) for eta in etas], **settings)

def covered(table):
    """How many modes 2500 new samples cover, their quality, their unevenness, and the samples."""
    made = forward(table[0].params, table[-1].standard_normal((2500, 2), np.float32))[-1]
    distance = np.linalg.norm(made[:, None] - centres, axis=2)
    near = distance.min(axis=1) < 3 * 0.02
    counts = np.bincount(distance.argmin(axis=1)[near], minlength=8)
    return int((counts >= 0.02 * 2500).sum()), near.mean(), np.abs(counts / max(1, counts.sum()) - 1 / 8).sum() / 2, made


# %%
rates = dict(unequal=dict(etas=(3e-3, 2e-4), betas=(0.9, 0.999)), equal=dict(etas=(4e-3, 4e-3), betas=(0.5, 0.99)))
table, modes = ring_table(76), {}
fig, ax = plt.subplots(figsize=(5, 3.6))
for t, color, marker in zip((1500, 2000, 2500, 3000), style.ordered(4), "os+x"):
    stretch(table, 0, 1500 if t == 1500 else 500, np.inf, **rates["unequal"])
    modes["unequal"], quality, _, made = covered(table)
    scatter(ax, made[:300], color=color, reach=4, marker=marker, label=f"round {t}")
ax.scatter(*centres.T, s=60, color=style.POSITIVE, marker="^", label="centres of the data")
ax.set_title("A quick forger does not spread out")
ax.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
plot.show(fig, "Eight centres on a circle, and the generator's points at four moments: each time a streak that "
          "misses most of the modes, and in another place than before. A mode is a disc of radius 0.06, much smaller than a "
          "triangle: points around a triangle need not be in it. Some points may lie outside the frame.")
check.claim("quick G, slow D: modes covered, of 8", modes["unequal"], at_most=1)
check.claim("quick G, slow D: quality", quality, at_most=0.05)


# %% [markdown]
# This is **mode collapse**: $G$ sends all noise towards where $D$ believes most at this moment (and, with its long
# memory, past it). $D$ learns, slowly, to disbelieve that place, and the whole streak moves on. No step is wrong. For
# a *fixed* $D$ the best answer of $G$ is indeed to put everything on the one point where $D$ is highest:
# $\max_D\min_G$ is another game than $\min_G\max_D$. It need not last for ever: after 12 000 rounds most such runs
# had found seven or eight modes, and some had not.
#
# Two cures suggest themselves. The plain one is better settings: equal rates for both players, 0.004, shrinking
# linearly to 0, and a short memory, $\beta_1 = 0.5$ and $\beta_2 = 0.99$. The other starts with the landscape that $G$
# walks on. The clusters are narrow, and $D$ draws cliffs around them: no slope far away, a jump close by. **R1** (L.
# Mescheder, A. Geiger and S. Nowozin, 2018) charges $D$ for its slope at the real points,
#
# $$R_1 = \frac\gamma2\,\mathbb E_{x\sim p_{data}}\lVert S\rVert^2,\qquad S = \frac{\partial s}{\partial x}\ \text{(the slope of the logit } s).$$
#
# At the equilibrium $D$ is flat, so the penalty does not move that point; it damps the swinging around it.
#
# For a step of $D$ we need the slope of a slope: **double back-propagation**. In PyTorch, `create_graph=True`. By hand
# it is short, thanks to leaky ReLU: its own slopes are constant pieces, so their derivative is 0 (but at the kinks).
# With $M_l$ the diagonal of these slopes, $S^\top = W_1M_1W_2M_2W_3$: a plain product, here a column; the code keeps
# $S$ as a row, one for each point. Going back from the right we keep each $v_l$, the slope of the logit in $Z_l$:
#
# $$v_3 = 1,\qquad v_2 = v_3W_3^\top M_2,\qquad v_1 = v_2W_2^\top M_1,\qquad S = v_1W_1^\top.$$
#
# For a penalty with gradient $g = \partial R/\partial S$ (here $\gamma S/m$) we walk the product from the left: $dW_1 = g^\top v_1$, then
# $g\leftarrow (gW_1)M_1$, $dW_2 = g^\top v_2$, and so on. The biases get 0.

# %%
def slope_penalty(D, X, push):
    """S (n, d), the slopes of the logit at X, and the gradients of a penalty on S; push(S) = d penalty / dS."""
    A, S, v = forward(D, X, leaky), np.ones_like(X[:, :1]), []
    for l in range(len(D) - 2, -1, -2):  # back, as in backprop: from the logit to X
        v = [S, *v]
        S = S @ D[l].T * (leaky_slope(A[l // 2]) if l > 0 else 1)
    g, grads = push(S), []
    for l in range(0, len(D), 2):  # and the same way forth
        grads += [g.T @ v[l // 2], np.zeros_like(D[l + 1])]
        g = g @ D[l] * (leaky_slope(A[l // 2 + 1]) if l + 2 < len(D) else 1)
    return S, grads

gamma = 0.05
r1 = lambda D, X, fake: slope_penalty(D, X, lambda S: gamma / len(X) * S)[1]

# %%
rng = np.random.default_rng(77)
D, X = [p + 0.1 * rng.normal(size=p.shape) for p in init([2, 6, 5, 1], rng)], rng.normal(size=(7, 2))
x, net = bridge.tensors(X, grad=True), twin(D, torch.nn.LeakyReLU(0.2))
S = torch.autograd.grad(net(x).sum(), x, create_graph=True)[0]
theirs = torch.autograd.grad(gamma / 2 * (S**2).sum(dim=1).mean(), [net[k].weight for k in (0, 2, 4)])
check.same("R1, dW1, dW2, dW3", flat(r1(D, X, None)[::2]), flat([dW.numpy().T for dW in theirs]), 1e-14)

# %% [markdown]
# To the last digits. Which of the two cures does the work? Only a fair comparison can say: the same start, the same
# 3000 rounds, and every combination of settings and penalty. *Predict* the three numbers of modes that are missing.

# %%
for kind, penalty in (("unequal", r1), ("equal", None), ("equal", r1)):
    table = ring_table(76)
    stretch(table, 0, 3000, 3000 if kind == "equal" else np.inf, penalty=penalty, **rates[kind])
    modes[kind + " + R1" * (penalty is not None)] = covered(table)[0]

# %%
check.claim("3000 rounds, quick G and slow D, with R1: modes", modes["unequal + R1"], at_most=1)
check.claim("3000 rounds, equal rates: modes", modes["equal"], at_least=5)
check.claim("3000 rounds, equal rates and R1: modes", modes["equal + R1"], at_least=6)

# %% [markdown]
# The settings do the work, not the penalty: R1 alone leaves the collapse where it was (in 3000 rounds), and the better
# settings alone find most modes. (These settings are three changes at once: equal rates, a short memory, shrinking. We
# have not taken them apart.) Had we compared only the first run and the last, we might have praised R1 for it.
# What, then, is R1 good for? Let both runs with equal rates play longer: 50 stretches of 200 rounds, 10 000 in all. A
# bar shows how far it is, and a picture is drawn on the way. The second cell can be interrupted (the stop button) and
# run again: it goes on where it stopped, since players and `history` were made in the first. *Predict* quality and
# unevenness of both. (Rates and $\gamma$ were chosen by trying a handful on other seeds.)

# %%
tables, history = (ring_table(78), ring_table(78)), []  # the same weights and the same data for both

def step():
    for table, penalty in zip(tables, (None, r1)):
        stretch(table, 200 * len(history), 200, 10000, penalty=penalty, **rates["equal"])
    return [covered(table) for table in tables]

def picture():
    fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.7), sharey=True)
    for ax, result, name in zip(axes, history[-1], ("without R1", "with R1")):
        scatter(ax, result[-1], f"{200 * len(history)} rounds, {name}")
    return fig, "2500 points of each generator; with R1 they gather into eight heaps on a circle as training goes on."


# %% tags=["nbval-ignore-output"]
progress.train(history, 50, step, picture, every=10)

# %% [markdown]
# The eye does not see how evenly the heaps are served. The counts do, here along the way.

# %%
rounds = 200 * np.arange(1, len(history) + 1)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for k, (ax, name) in enumerate(zip(axes, ("Without R1", "With R1"))):
    ax.plot(rounds, [h[k][1] for h in history], color=style.POSITIVE, label="quality")
    ax.plot(rounds, [h[k][2] for h in history], "--", color=style.NEGATIVE, label="unevenness")
    ax.set(title=f"{name}:\n{('sharp, but uneven', 'sharp and even')[k]}", xlabel="round", ylim=(0, 1.25))
axes[0].set_ylabel("share of the samples")
axes[0].legend(loc="upper left", fontsize=8)
plot.show(fig, "Quality and unevenness against rounds, without and with R1. Quality rises in both; at the end unevenness is "
          "clearly above zero without R1 and near zero with it.")

# %%
plain, cured = history[-1]
check.claim("equal rates only: unevenness", plain[2], at_least=0.1)
check.claim("equal rates and R1: unevenness", cured[2], at_most=0.06)
check.claim("equal rates and R1: modes covered, of 8", cured[0], at_least=8)
check.claim("equal rates and R1: quality", cured[1], at_least=0.88)
check.worked("quality of real points", 1 - np.exp(-4.5), "0.9889")

# %% [markdown]
# Without R1 most heaps are found, and sharply, but they are served unequally, and now and then one is all but left
# out. With R1 all eight were there with every seed we tried, each with close to its fair share, and quality comes near
# that of real points. What is left are points on the way from one heap to the next: $G$ is continuous, so some noise
# *must* land between them.
#
# ## 10 A critic in place of an expert
#
# Why do far-off fakes learn so little? Take the barest case: all data in one point at 0, all fakes in one point at
# $d$. *Predict* the JSD of these two for $d = 0$, 1, 3, and what the **Wasserstein distance** says: $W_1$, the least
# mean distance over which mass has to be carried to turn one distribution into the other.

# %%
at = lambda d: (np.arange(41) == round(10 * d)).astype(float)  # all mass in one of 41 cells of width 0.1
w1 = lambda p, q: 0.1 * np.abs(np.cumsum(p - q)).sum()  # on a line: the area between the cumulative sums
check.worked("JSD at distance 0, 1, 3", [jsd(at(0), at(d)) for d in (0, 1, 3)], "0.000000 0.693147 0.693147")
check.worked("W1 at distance 0, 1, 3", [w1(at(0), at(d)) for d in (0, 1, 3)], "0.000000 1.000000 3.000000")

# %% [markdown]
# JSD takes one value for *every* distance but 0, so its slope is 0 and says nothing about the way home. $W_1$ falls in
# step with the distance.
#
# A duality theorem makes $W_1$ a game again: $W_1 = \max_f\,\mathbb E_{p_{data}}f(x)-\mathbb E_{p_g}f(x)$ over all $f$
# whose slope is nowhere above 1. This $f$, the **critic**, gives a score instead of a probability: no sigmoid, no
# logarithm (M. Arjovsky, S. Chintala and L. Bottou, 2017). I. Gulrajani and others (2017) hold the slope near 1 by a
# **gradient penalty**, $\lambda\,\mathbb E(\lVert S\rVert-1)^2$, at random places between real and fake points. With
# `slope_penalty` that is one more `push`: $\frac{2\lambda}{m}\big(1-\frac1{\lVert S\rVert}\big)S$. We take
# $\lambda = 0.5$ and $\beta_1 = 0$, and again one step of each player in turn. (In the code this slope is `J`, since `S`
# and `T` are the scores of real and fake points.)

# %%
critic = (lambda S, T: (T.mean() - S.mean(), np.full_like(S, -1 / len(S)), np.full_like(T, 1 / len(T))),
          lambda T: (-T.mean(), np.full_like(T, -1 / len(T))))  # fmt: skip
table = ring_table(79)

def near_one(D, X, fake, lam=0.5):
    u = table[-1].random((len(X), 1), np.float32)
    length = lambda J: np.linalg.norm(J, axis=1, keepdims=True) + 1e-9
    return slope_penalty(D, u * X + (1 - u) * fake, lambda J: 2 * lam / len(X) * (1 - 1 / length(J)) * J)[1]

stretch(table, 0, 6000, 6000, (3e-3, 4e-3), betas=(0, 0.99), rules=critic, penalty=near_one)
modes, quality, _, made = covered(table)
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.7), sharey=True)
scatter(axes[0], cured[-1], "D with R1, 10 000 rounds:\nall eight")
scatter(axes[1], made, "Critic, 6000 rounds:\nall eight too")
plot.show(fig, "2500 points of each generator: both show eight heaps on a circle, with points strewn between.")
check.claim("critic: modes covered, of 8", modes, at_least=8)
check.claim("critic: quality", quality, at_least=0.6)

# %% [markdown]
# | on the ring | rounds | modes of 8 | quality |
# |---|---|---|---|
# | quick G, slow D, long memory; the same and R1 | 3000 | 0 or 1 | near 0 |
# | equal rates, short memory, shrinking; the same and R1 | 3000 | mostly 7 or 8 | seven to nine tenths, if the rates end at 3000 |
# | equal rates | 10 000 | mostly 7 or 8, unevenly | about nine tenths |
# | equal rates and R1 | 10 000 | 8, evenly | about nine tenths |
# | critic and gradient penalty | 6000 | 8 | seven to nine tenths |
# | real points | | 8 | 98.9 % |
#
# The critic covers all eight too. One should not conclude that it measures $W_1$ exactly (it is a small network whose
# slope is only *near* 1), nor that it wins everywhere: on the ring a $D$ with R1 does as well.
#
# ## 11 Play
#
# Below, two fresh networks of 2-32-32-2 and 2-32-32-1 units play on the ring, both with leaky ReLU. The background is
# $D$'s opinion, vermilion for real; the short lines show where $D$ sends the points. The status line gives $V$, the
# mean of $D$ on both kinds, and how many *targets* are *met*. *Question:* press `Step G` alone many times. What becomes
# of the points, and why? Then `Step D` alone: what happens to $V$ and to the lines? At last `Restart` and `Play` for a
# minute, once with the R1 penalty γ at 0, once at 0.1. Which run makes the sharper heaps, and which keeps $V$ nearer to
# $-2\ln2$? You can also paint a target of your own (`Clear, then paint`).

# %%
from course_utils.interact.ganstudio import GanStudio

points = data.ring(400, np.random.default_rng(70))[0]
GanStudio(points)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $G$ alone sends its points uphill in a landscape that no longer changes, away from the ring and out of the picture, to
# where this $D$ goes on rising: "targets met" falls, and $D$ is wrong about nearly every fake. A few steps of $D$ alone
# turn that place blue: $V$ jumps back up, and the lines begin to turn. When both play, each change of the one changes
# the ground of the other. At $\gamma = 0$ the heaps become sharper: most generated points soon lie near a target, and $D$,
# free to be steep, keeps $V$ around $-1$. At 0.1 the field stays paler, $V$ stays nearer to $-1.386$, and the heaps
# sharpen far more slowly: a flat $D$ is calm, and sees less. (At these rates, which do not shrink. In section 9, with
# half the penalty and rates that shrink, it cost no sharpness.)
#
# </details>
#
# ## 12 A judge for pictures
#
# A ring of eight points can be counted. Pictures of digits cannot: no list says which of them are good. We need a
# judge who has nothing to do with the game, and we have one: the convolutional network of Lecture 3. It will be our
# ruler for the rest of the lecture.
#
# Three tools first. `bend` is `distort` of Lecture 2 with the gentler amounts of Lecture 3. `draw` fills a net with
# He's weights, drawn by NumPy, and zero biases, as in Lecture 3 (for a transposed convolution the number it divides by is
# not the fan-in; it serves all the same). `descend` is one step of one net. From here on names such as `draw`, `noise`,
# `centres` and `history` are used anew: to go back to sections 1 to 11, run the notebook from the top.

# %%
digits = data.digits28()
X, y, X_test, y_test = bridge.tensors(*digits, device=device)
bend = lambda X, rng: distort(X.reshape(-1, 784), rng, 1.4, 0.175, 0.105, 0.105, 1.05).reshape(-1, 1, 28, 28)
optimiser_of = lambda net, betas=(0.5, 0.99): torch.optim.Adam(net.parameters(), betas=betas, fused=device.type != "mps")

def draw(net, rng):
    """Draw the weights of a net with NumPy: normal, variance 2 / (numbers in p[0], the fan-in of a dense or convolutional layer), biases 0."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.dim() > 1:
                p.copy_(torch.tensor(rng.normal(scale=np.sqrt(2 / p[0].numel()), size=p.shape)))
            elif name.endswith("bias"):
                p.zero_()
    return net.to(device)


# %%
def descend(loss, net, optimiser, eta):
    """One step of this net alone: no other weights get a gradient."""
    optimiser.param_groups[0]["lr"] = eta
    optimiser.zero_grad()
    loss.backward(inputs=list(net.parameters()))
    optimiser.step()


# %% [markdown]
# The judge has two convolutions with 8 and 16 maps of 5 × 5, a pooling after each, then dense 784-128-10. It learns
# from the *real* training digits only, bent a little in each pass. *Predict:* how many of the 1000 test digits will it
# name rightly after 8 passes?

# %%
def classify(X, y, passes, rng, augment=None, eta=3e-3, batch=64):
    """Lecture 3's network, trained on X (n, 1, 28, 28) and labels y (n,), NumPy arrays; `augment` makes new pictures for each pass."""
    net = draw(nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
                             nn.Conv2d(8, 16, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
                             nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)), rng)  # fmt: skip
    optimiser = optimiser_of(net, (0.9, 0.999))
    for t in range(passes):
        pictures, labels = bridge.tensors((augment(X, rng) if augment else X).astype(np.float32), y, device=device)
        for rows in torch.tensor(rng.permutation(len(X))).split(batch):
            descend(F.cross_entropy(net(pictures[rows]), labels[rows]), net, optimiser, eta * (1 - t / passes))
    return net

@torch.no_grad()
def features(X):
    """What the judge sees in X (n, 1, 28, 28): its 128 features (n, 128) and its probabilities (n, 10), in NumPy."""
    H = judge[:9](torch.as_tensor(X, dtype=torch.float32, device=device))
    return H.cpu().double().numpy(), torch.softmax(judge[9](H), dim=1).cpu().numpy()


# %%
judge = classify(digits.X_train, digits.y_train, 8, np.random.default_rng(120), bend)
H_train = features(X)[0]
H_test, P_test = features(X_test)
check.claim("the judge on held-out digits: accuracy", np.mean(P_test.argmax(1) == digits.y_test), at_least=0.975)


# %% [markdown]
# About 98 of 100: a good ruler, with faults of its own. Now four questions about any heap of generated digits.
#
# 1. **Accuracy:** does the judge read the label that we asked for?
# 2. **Confidence:** how large is its largest probability, on average? Blurred digits make it doubt.
# 3. **Diversity.** Over all digits, the entropy of the labels read, $-\sum_k p_k\ln p_k$, at most $\ln 10 = 2.303$.
#    Within a class, the **variety**: the mean distance of two digits of one class in the judge's 128 features (the
#    last hidden layer), divided by that of real digits. A generator with one perfect 7 has accuracy 1, variety 0.
# 4. **Fréchet distance:** do the features of the heap, as a cloud in 128 dimensions, lie where those of real digits lie?
#
# The fourth looks at everything at once: wrong places as well as missing ones. Describe each cloud by its mean $m$ and covariance
# $C$, so by a Gaussian. Move one Gaussian onto the other so that the mean squared way $\mathbb E\lVert a-b\rVert^2$
# is as short as it can be. (That is the Wasserstein distance of section 10, with squared ways.) Means
# and spreads separate, since $\mathbb E\lVert a-b\rVert^2=\lVert m_1-m_2\rVert^2+\operatorname{tr}C_1+\operatorname{tr}C_2
# -2\operatorname{tr}K$, where $K$ is the covariance between $a$ and $b$, and only $K$ is ours to choose. In one
# dimension the best is full correlation, $K=\sigma_1\sigma_2$, which leaves $(m_1-m_2)^2+(\sigma_1-\sigma_2)^2$. For
# matrices the largest possible trace of $K$ is that of $(C_1C_2)^{1/2}$ (Dowson and Landau, 1982), hence
#
# $$d^2=\lVert m_1-m_2\rVert^2+\operatorname{tr}\bigl(C_1+C_2-2(C_1C_2)^{1/2}\bigr).$$
#
# With the features of a large network trained on photographs this is the FID, the Fréchet inception distance (Heusel
# and others, 2017); ours has other features, and its numbers compare with no others. A root of $C_1C_2$ need not be
# symmetric, but with $R=C_1^{1/2}$ the matrix $RC_2R$ is, and it has the same eigenvalues as $C_1C_2$. Their roots
# add up to the trace we need.

# %%
def frechet(A, B):
    """Squared Fréchet distance of the Gaussians fitted to the rows of A (n, d) and B (m, d)."""
    C1, C2, (values, V) = np.cov(A.T), np.cov(B.T), np.linalg.eigh(np.cov(A.T))
    R = V * np.sqrt(np.maximum(values, 0)) @ V.T                   # the root of C1; rounding can make a 0 negative
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(R @ C2 @ R), 0))
    return np.sum((A.mean(0) - B.mean(0)) ** 2) + np.trace(C1 + C2) - 2 * roots.sum()


# %%
square = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])           # mean 0, variance 4/3 on each axis
check.worked("a square, doubled and shifted: 3² + 2 · 4/3", frechet(2 * square + [3, 0], square), "11.666667")
rng = np.random.default_rng(121)
A, B = (rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6)) for _ in range(2))
theirs = np.trace(np.cov(A.T) + np.cov(B.T) - 2 * linalg.sqrtm(np.cov(A.T) @ np.cov(B.T)).real)
check.same("our eigenvalues, scipy's matrix root", frechet(A, B), np.sum((A.mean(0) - B.mean(0)) ** 2) + theirs, 1e-8)

# %% [markdown]
# A distance needs reference points. Real against real is not 0: two heaps of 1000 digits differ by chance, and
# Gaussians fitted to samples differ more, the fewer samples there are. So **always the same number on both sides**,
# here 1000 against the 1000 test digits. The other end is noise, pixels drawn at random. Between them stands a
# generator without a network: for each class, the Gaussian with the mean and the covariance of its 400 training
# digits, as PCA describes them, all directions kept, cut off at 0 and 1. *Predict* the order, and the ratio of the extremes.

# %%
rng, real = np.random.default_rng(122), np.concatenate([np.flatnonzero(digits.y_train == k)[:100] for k in range(10)])

def gaussian(k, n):
    """n digits from the Gaussian of class k: the mean, plus a random mixture of all centred digits of the class."""
    members = digits.X_train[digits.y_train == k].reshape(-1, 784)
    mixture = rng.normal(size=(n, len(members))) @ (members - members.mean(0)) / np.sqrt(len(members))
    return np.clip(members.mean(0) + mixture, 0, 1).reshape(-1, 1, 28, 28)


# %%
labels = np.repeat(np.arange(10), 100)                             # what we ask for: 100 of each class
X_gauss = np.concatenate([gaussian(k, 100) for k in range(10)])
to_test = lambda X: frechet(features(X)[0], H_test)
check.claim("Fréchet, real against real, 1000 each", to_test(X[real]), at_most=2.2)
check.claim("Fréchet, a Gaussian of each class", to_test(X_gauss), at_least=50)
check.claim("Fréchet, noise", to_test(rng.random((1000, 1, 28, 28))), at_least=230)

# %% [markdown]
# Three reference points, far apart: below 2 for real digits, more than thirty times that for the Gaussians, more than a
# hundred times for noise. A generator has to be placed between the first two.
#
# ## 13 A convolutional GAN for digits
#
# The plan is DCGAN (Radford, Metz and Chintala, 2015). Its guidelines: no dense layers but at the ends; strides
# instead of pooling; the generator grows its picture with **transposed convolutions** (the adjoints of Lecture 3),
# here 7 × 7 → 14 × 14 → 28 × 28; batch normalisation and ReLU in G; leaky ReLU in D (where spectral
# normalisation will take the place of batch normalisation); small momentum, $\beta_1=0.5$. Three additions came later.
#
# **Labels.** We want to order a 7. G gets the noise and the label as a one-hot vector (times 3, or 32 random numbers
# would drown one). D must judge "real, *and* a 7", and does so by a product (Miyato and Koyama, 2018). With the
# features $h(x)$ of its last hidden layer,
#
# $$\text{logit}(x,y)=w\cdot h(x)+b+e_y\cdot h(x),$$
#
# one learned vector $e_y$ for each class. This is the **projection discriminator**. Why a product? The ideal logit is
# $\ln\frac{p_{data}(x,y)}{p_g(x,y)}=\ln\frac{p_{data}(x)}{p_g(x)}+\ln\frac{p_{data}(y\mid x)}{p_g(y\mid x)}$. If both
# $p(y\mid x)$ are softmax layers on $h(x)$, the second part is a difference of two scores of class $y$, linear in
# $h(x)$, plus a term without $y$ that joins the first.
#
# **Spectral normalisation** (Miyato and others, 2018). A D that is too steep gives G useless arrows. Divide each
# weight matrix by its largest singular value, $\bar W=W/\sigma_{\max}(W)$, and (a convolution's kernels read as one
# matrix, which only approximates it) no layer stretches much. $\sigma_{\max}$ is found by power
# iteration, one step per use: $v\leftarrow W^\top u/\lVert\cdot\rVert$, $u\leftarrow Wv/\lVert\cdot\rVert$,
# $\sigma=u\cdot Wv$. It is cheaper than a gradient penalty; R1 (Mescheder and others, 2018) would serve as well.

# %%
noise = lambda n, rng: torch.tensor(rng.normal(size=(n, 32)), dtype=torch.float32, device=device)
hot = lambda y: F.one_hot(y, 10).float()

class Generator(nn.Module):
    """Noise z (n, 32) and labels Y (n, 10), one-hot, to pictures (n, 1, 28, 28) in [0, 1]."""
    def __init__(self, c):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(42, 2 * c * 49, bias=False), nn.Unflatten(1, (2 * c, 7, 7)), nn.BatchNorm2d(2 * c), nn.ReLU(),
            nn.ConvTranspose2d(2 * c, c, 4, 2, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),   # to 14 x 14
            nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Sigmoid())                                   # to 28 x 28
    def forward(self, z, Y):
        return self.net(torch.cat([z, 3 * Y], dim=1))

class Discriminator(nn.Module):
    """Pictures X (n, channels, 28, 28) and labels y (n,) to logits (n,)."""
    def __init__(self, c, channels=1):
        super().__init__()
        self.body = nn.Sequential(spectral_norm(nn.Conv2d(channels, c, 4, 2, 1)), nn.LeakyReLU(0.2),
                                  spectral_norm(nn.Conv2d(c, 2 * c, 4, 2, 1)), nn.LeakyReLU(0.2), nn.Flatten())
        self.real, self.match = spectral_norm(nn.Linear(2 * c * 49, 1)), nn.Linear(2 * c * 49, 10, bias=False)
    def forward(self, X, y):
        H = self.body(X)
        return self.real(H)[:, 0] + self.match(H).gather(1, y[:, None])[:, 0]


# %% [markdown]
# **Averaging.** G circles around good places rather than resting in one. So we keep, beside G, a moving average
# $\bar G\leftarrow\bar G+\alpha(G-\bar G)$ of its weights, and draw from that. At step $t$, $\alpha=9/(10+t)$, and at least
# 0.001, so the early weights are soon forgotten.
# (In $\bar G$, `.eval()` lets batch normalisation use its running means and variances, which `follow` averages too; G itself
# is drawn with those of the batch, so a part of its wandering in section 18 may come from that.)
#
# One round is one pass over the 4000 digits: for each batch of 32 a step of D, then one of G, with the
# non-saturating loss. In logits $s$, `softplus(-s)` is $-\ln D$ and `softplus(s)` is $-\ln(1-D)$. One economy
# against Algorithm 1: G's step reuses the fakes that D has just seen, which saves a pass through G. The step size
# falls to 0 over the rounds.
#
# <details><summary>How were the settings chosen?</summary>
#
# By the judge, on the training side only: 2000 samples against 2000 training digits, never the test digits, one
# start and one short training each. The step size decided almost everything, as the time is short. At $2\cdot10^{-3}$ the distance was
# about 12, at $4\cdot10^{-3}$ 5, at $8\cdot10^{-3}$, forty times that of the DCGAN paper, 3; at twice that the same.
# Next came the label: spectral normalisation left off the table of the $e_y$, and the factor 3 (with normalisation, or
# with factor 1, about 4.5 each). Without the average 3.6, without any spectral normalisation 4.2, with a constant step size
# 3.6, with the hinge loss 3.1: such differences may be chance, from single starts.
#
# </details>

# %%
def follow(mean, net, alpha):
    """Move the weights of `mean` by the share alpha towards those of `net`."""
    for average, now in zip(mean.state_dict().values(), net.state_dict().values()):
        if now.is_floating_point():
            average.lerp_(now, alpha)

def make_game(c, rng):
    """Both players, their optimisers, and the running average of G's weights."""
    G, D = draw(Generator(c), rng), draw(Discriminator(c), rng)
    return {"G": G, "D": D, "mean": copy.deepcopy(G).eval(), "opt_G": optimiser_of(G), "opt_D": optimiser_of(D), "steps": 0}


# %%
def game_round(game, X, y, eta, rng):
    """One round: every batch of 32 gives D a step, then G. Returns the two mean losses."""
    G, D, losses = game["G"], game["D"], []
    for rows in torch.tensor(rng.permutation(len(X)), device=device).split(32):
        fake, both = G(noise(len(rows), rng), hot(y[rows])), y[rows].repeat(2)
        s_real, s_fake = D(torch.cat([X[rows], fake.detach()]), both).chunk(2)
        loss_D = (F.softplus(-s_real) + F.softplus(s_fake)).mean()
        descend(loss_D, D, game["opt_D"], eta)
        loss_G = F.softplus(-D(fake, y[rows])).mean()
        descend(loss_G, G, game["opt_G"], eta)
        game["steps"] += 1
        follow(game["mean"], G, max(0.001, 9 / (10 + game["steps"])))
        losses.append((loss_D.detach(), loss_G.detach()))
    return torch.tensor(losses).mean(0).tolist()


# %% [markdown]
# While it trains, we keep an eye on four things: the two losses, the Fréchet distance of 500 samples of $\bar G$ to
# the *training* digits (not as many on both sides, so compare these only with each other), and how far 100 fixed samples move from round to round, those of G and those of $\bar G$.
# Losses of this kind you have watched since Lecture 1. *Predict* their course for section 18, while the bar runs.
#
# The list `history` and the weights are made before the training cell. So you may stop the kernel at any time,
# use the weights as they are, and run the cell again to go on. On a GPU the widths and the rounds
# are twice as many (`scale`), with half the step size; one start of that, tried on a CPU, came to a distance of about 2.

# %%
scale = 2 if device.type == "cuda" else 1
rng, rounds, history = np.random.default_rng(131), 20 * scale, []
torch.manual_seed(131)                                             # spectral_norm draws its first u and v
game, z_fixed, y_fixed = make_game(16 * scale, rng), noise(500, rng), torch.arange(500, device=device) % 10

@torch.no_grad()
def draw_digits(G, y, z=None, rng=None):
    """Digits with labels y (n,) from the noise z, or from new noise."""
    return G(noise(len(y), rng) if z is None else z, hot(torch.as_tensor(y, device=device)))

def one_round():
    d, g = game_round(game, X, y, 8e-3 / scale * (1 - len(history) / rounds), rng)
    shown = {who: draw_digits(game[who], y_fixed, z_fixed) for who in ("G", "mean")}
    return {"D": d, "G": g, "frechet": frechet(features(shown["mean"])[0], H_train), "shown": {k: S[:100].cpu().clone() for k, S in shown.items()}}

def picture():
    return plot.images(history[-1]["shown"]["mean"][:30], columns=10), f"Thirty generated digits after {len(history)} rounds."


# %% tags=["nbval-ignore-output"]
progress.train(history, rounds, one_round, picture, every=5)

# %% [markdown]
# Now 1000 digits, 100 of each class, from $\bar G$. In the figure each *row* shares one noise vector; each column asks
# for one label.

# %%
G, rng = game["mean"], np.random.default_rng(132)
X_gan = draw_digits(G, labels, rng=rng).cpu().numpy()
H_gan, P_gan = features(X_gan)
check.claim("GAN: judged to be the digit asked for", np.mean(P_gan.argmax(1) == labels), at_least=0.96)
check.claim("GAN: Fréchet distance to the test digits", frechet(H_gan, H_test), at_most=5.2)

# %%
styles = noise(8, rng).repeat_interleave(10, dim=0)
fig = plot.images(draw_digits(G, np.tile(np.arange(10), 8), styles).cpu(), columns=10)
plot.show(fig, "Eight rows of the digits 0 to 9, all generated. Nearly all can be read; within a row the slant and "
          "the thickness of the strokes are alike, between rows they differ.")


# %% [markdown]
# These digits were never written by anybody. Row by row the hand is the same: the noise has come to hold the style,
# though nobody asked for that, and the label holds the digit. Look for the failures too: a stroke that breaks off, a speck, an odd 2.
#
# ## 14 Judging it honestly
#
# A number alone says little. So the same judge and the same 1000 test digits for four heaps of 1000: real training
# digits, our GAN, a variational autoencoder, and the Gaussians of section 12. The VAE is that of Lecture 6, 784-400-10 and
# back, made conditional: encoder and decoder are told the label. It trains for 20 passes, some five seconds; its pictures are the
# means that the decoder returns.
#
# <details><summary>Is that fair to the VAE?</summary>
#
# Its settings (10 latent numbers, labels times 6, η) were chosen as the GAN's were, on the training side. As a check it also got as many
# seconds as the GAN, four times the passes. Its distance to the *training* digits fell from about 40 to 24, where the GAN's
# was about 3. So time helps it, and does not close the gap.
#
# </details>

# %%
def vae(passes, rng, latent=10, eta=6e-3):
    """A conditional VAE of the training digits; returns its decoder, from noise and one-hot label to logits."""
    encoder = draw(nn.Sequential(nn.Linear(794, 400), nn.ReLU(), nn.Linear(400, 2 * latent)), rng)
    decoder = draw(nn.Sequential(nn.Linear(latent + 10, 400), nn.ReLU(), nn.Linear(400, 784)), rng)
    both = nn.ModuleList([encoder, decoder])
    optimiser = optimiser_of(both, (0.9, 0.999))
    for t in range(passes):
        for rows in torch.tensor(rng.permutation(len(X))).split(50):
            x, Y = X[rows].flatten(1), 6 * hot(y[rows])
            mu_z, logvar = encoder(torch.cat([x, Y], dim=1)).chunk(2, dim=1)
            z = mu_z + (logvar / 2).exp() * noise(len(rows), rng)[:, :latent]
            kl = 0.5 * (logvar.exp() + mu_z**2 - 1 - logvar).sum()
            loss = F.binary_cross_entropy_with_logits(decoder(torch.cat([z, Y], dim=1)), x, reduction="sum") + kl
            descend(loss / len(rows), both, optimiser, eta * (1 - t / passes))
    return decoder


# %%
rng = np.random.default_rng(140)
decoder = vae(20, rng)
with torch.no_grad():
    X_vae = decoder(torch.cat([noise(1000, rng)[:, :10], 6 * hot(torch.tensor(labels, device=device))], dim=1)).sigmoid().reshape(-1, 1, 28, 28).cpu().numpy()


# %% [markdown]
# `verdict` answers the four questions, and real test digits set the unit of the variety. *Predict* where the VAE does
# well and where badly.

# %%
def verdict(X):
    """Accuracy, confidence, entropy of the labels read, variety, Fréchet distance of X (1000, 1, 28, 28), 100 per class in order."""
    H, P = features(X)
    share, classes = np.bincount(P.argmax(1), minlength=10) / len(P), H.reshape(10, 100, -1)
    variety = np.mean(np.linalg.norm(classes - np.roll(classes, 37, axis=1), axis=2))   # partners 37 places apart
    return np.array([np.mean(P.argmax(1) == labels), P.max(1).mean(), -np.sum(share * np.log(share + 1e-12)), variety, frechet(H, H_test)])


# %%
heaps = {"real training": digits.X_train[real], "GAN": X_gan, "VAE": X_vae, "Gaussians": X_gauss}
unit = np.array([1, 1, 1, verdict(digits.X_test[np.argsort(digits.y_test, kind="stable")])[3], 1])  # test digits: variety 1
table = {name: verdict(heap) / unit for name, heap in heaps.items()}
for name, what, k, bound in (("GAN", "confidence", 1, {"at_least": 0.96}), ("GAN", "entropy of the labels", 2, {"at_least": 2.298}),
                             ("GAN", "variety", 3, {"at_least": 0.91}), ("VAE", "accuracy", 0, {"at_least": 0.925}),
                             ("VAE", "variety", 3, {"at_most": 0.87}), ("VAE", "Fréchet distance", 4, {"at_least": 28})):
    check.claim(f"{name}: {what}", table[name][k], **bound)

fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for k, label, marker, color in zip((0, 1, 3), ("accuracy", "confidence", "variety"), style.CLASS_MARKERS, style.CLASS_COLORS):
    axes[0].plot([row[k] for row in table.values()], list(table), marker, ms=8, alpha=0.8, color=color, label=label)
bars = axes[1].barh(list(table), [row[4] for row in table.values()], color="#8899AA")
axes[1].bar_label(bars, fmt="%.1f", padding=2)
axes[0].set(title="The GAN's digits are read", xlabel="share; variety: real = 1")
axes[1].set(title="and lie near real ones", xlabel="Fréchet distance to the test digits", xscale="log", xlim=(1, 200))
axes[0].invert_yaxis()
axes[0].legend(fontsize=8)
plot.show(fig, "Left, accuracy, confidence and variety of real digits, GAN, VAE and Gaussians. Right, their Fréchet "
          "distances on a logarithmic axis: real digits smallest, then the GAN; the VAE and the Gaussians many times farther.")


# %% [markdown]
# The GAN's digits are read almost as often as real ones, and their cloud is (on a CPU) two to three times as far from the test digits as
# other real digits are: near, and not the same. The VAE's are read well too. They are soft, typical digits with less variety than real ones, so their cloud
# is too narrow, and the Fréchet distance is many times the GAN's. In accuracy they differ by a few
# points at most, where one standard error of the difference of two such shares is about 0.9 points. It shows a difference, and the distance a far larger one.
#
# This is not "GAN beats VAE". The VAE gives a bound on the likelihood and a code for every picture, trains without
# a fight, and never loses a mode without paying for it in its loss. And a caution about the ruler: the judge has
# trained on the same digits as the generators, and it sees what it needs to tell digits apart, no more. Specks in a
# corner may cost nothing.
#
# Is our GAN a copying machine? A table of the 4000 training digits would have the best Fréchet distance of all. So put
# beside each sample its nearest training digit, in pixels and in features. How near is too near? Real *test* digits give
# the measure: they cannot be copies. *Predict:* are the GAN's digits nearer to training digits than test digits are?

# %%
def squared(A, B):
    """Squared distances of all rows of A (n, d) to all rows of B (m, d): (n, m)."""
    return np.maximum((A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T, 0)

flat = lambda X: np.asarray(X, dtype=np.float32).reshape(len(X), -1)
nearest = {}
for name, pixel, feature in (("GAN", X_gan, H_gan), ("test", digits.X_test, H_test)):
    for space, S, T in (("pixels", flat(pixel), flat(digits.X_train)), ("features", feature, H_train)):
        S2 = squared(S, T)
        nearest[name, space] = np.sqrt(S2.min(1)), S2.argmin(1)

for space in ("pixels", "features"):
    ours, theirs = nearest["GAN", space][0], nearest["test", space][0]
    check.claim(f"{space}: median distance to the training digits, GAN / test", np.median(ours) / np.median(theirs), at_least=1)
    check.claim(f"{space}: share of the GAN's digits nearer than all but 1 % of test digits", np.mean(ours < np.quantile(theirs, 0.01)), at_most=0.01)
some = np.arange(5, 1000, 100)
rows = [X_gan[some], *(digits.X_train[nearest["GAN", space][1][some]] for space in ("pixels", "features"))]
plot.show(plot.images(np.concatenate(rows), columns=10), "First row, generated digits 0 to 9. Below each its nearest training "
          "digit in pixels, and in features: mostly the same digit in a similar hand, not the same picture.")

# %% [markdown]
# Row by row: sample, nearest in pixels, nearest in features. Relatives, not copies: seen over all 1000, they lie
# at least as far from the training digits as new real digits do. This does not prove that nothing was learned by heart; it
# excludes the crudest copying. Note that pixel distance favours thin and blurred pictures, which are near to
# everything; that is why we look in two spaces and compare with real digits.
#
# ## 15 Walking through the noise
#
# A straight line between two noise vectors $z_0$ and $z_1$ should be a walk from one handwriting to another. A table of
# pictures could not do that: between two entries it has nothing but a cross-fade. *Predict* the middle of both.

# %%
rng, t = np.random.default_rng(150), torch.linspace(0, 1, 10, device=device)[:, None]
with torch.no_grad():
    _, z, Y = noise(4, rng), noise(4, np.random.default_rng(153)), hot(torch.tensor([2, 5, 3, 8], device=device))  # z: the figure's own
    walks = [G((1 - t) * z[i] + t * z[i + 1], Y[k].expand(10, 10)).cpu() for i, k in ((0, 0), (2, 1))]     # another hand
    walks += [G(z[1].expand(10, 32), (1 - t) * Y[2] + t * Y[3]).cpu()]                                     # another label
    fade = torch.lerp(walks[0][0], walks[0][-1], t.cpu()[:, :, None, None])                                # pixels only
plot.show(plot.images(torch.cat([*walks[:2], fade, walks[2]]), columns=10), "Rows: a 2 changing its handwriting; a 5 likewise; "
          "the ends of the first row faded into each other, doubled in the middle; the label moved from 3 to 8 with the noise held. "
          "Where an end of a row is a failure, so is what lies near it.")

# %%
middle = draw_digits(G, labels, (noise(1000, rng) + noise(1000, rng)) / 2)
fades = (draw_digits(G, labels, rng=rng) + draw_digits(G, labels, rng=rng)) / 2
check.claim("Fréchet, halfway in the noise", to_test(middle), at_most=9.5)
check.claim("Fréchet, halfway in pixels", to_test(fades), at_least=28)

# %% [markdown]
# First and second row: the noise moves, the label stays. Third: the ends of the first row, faded into each other. Two
# half-inked digits lie in the middle, which nobody would write. Last: the label itself walks from 3 to 8, through
# mixtures such as half a 3, which were never trained; the network carries on. (We tried four draws of noise and show the one whose ends
# look best, since G makes a bad digit now and then. If one stands at an end of a row, do not blame the walk for it.) The middle of two noise vectors is shorter than typical noise by
# a factor of about $\sqrt2$, so it gives rather average digits; Lecture 6's spherical path avoids that.
#
# ## 16 Uses
#
# **Augmentation.** Suppose that 400 labelled digits are all there is. Invent more? A fair trial must not smuggle
# in the other 3600: our GAN has seen their labels. So a *small* GAN is trained on the same 400 alone. Four ways to train
# Lecture 3's network, with equally many pictures seen: the 400; the 400 bent by `distort`; the 400 and 1600
# digits of the small GAN; the 400 and 1600 of the big GAN (not fair, as a ceiling). *Predict* the ranking.

# %%
rng, few = np.random.default_rng(160), np.concatenate([np.flatnonzero(digits.y_train == k)[:40] for k in range(10)])
torch.manual_seed(160)
small, rows = make_game(16, rng), torch.tensor(few, device=device)
for t in range(40):
    game_round(small, X[rows], y[rows], 8e-3 * (1 - t / 40), rng)

def score(extra=None, augment=None):
    """Test accuracy with the 400 digits and, from a generator, 1600 more; always 10 000 pictures seen."""
    pictures, names = digits.X_train[few], digits.y_train[few]
    if extra:
        more = np.arange(1600) % 10
        pictures, names = np.concatenate([pictures, draw_digits(extra, more, rng=rng).cpu()]), np.concatenate([names, more])
    net = classify(pictures, names, 10000 // len(names), np.random.default_rng(161), augment)
    with torch.no_grad():
        return (net(X_test).argmax(1) == y_test).float().mean().item()


# %%
plain = score()
check.claim("400 digits alone: accuracy", plain, at_most=0.925)
check.claim("bent by distort: gain", score(augment=bend) - plain, at_least=0.025)
check.claim("with the small GAN's digits: gain", score(small["mean"]) - plain, at_most=-0.005)
check.claim("with the big GAN's digits (it saw 4000): gain", score(G) - plain, at_least=0)


# %% [markdown]
# Bending wins clearly: it knows something true that is not in the 400 digits, that a slanted 7 is still a 7. The small
# GAN knows nothing but the 400, and returns them with mistakes; here they lose a little. The big GAN's gain a little at best, and they
# carry what 4000 labels taught, and whoever has 4000 labels can train on them (about 98 %). So: a
# generator is no source of new information. It may help where it was trained on *more* data than the classifier
# (unlabelled data, say), or where it adds a symmetry that is hard to write down. One standard error of such a share is about 0.9
# points, of the difference of two about 1.3 (the test digits are the same, so rather less; but each net is trained only once). By
# that measure the gain from bending counts, and neither GAN's change is sure.
#
# **New pictures** are the use everybody knows. The first paper (2014) showed small digits, faces and objects, some beside their
# nearest training pictures, as we did. DCGAN (2015) showed bedrooms, made after one pass through three million photographs, and faces whose noise
# vectors could be added and subtracted. Since 2018 (Karras and others) there are faces of a megapixel that people take for photographs, with
# every use and misuse that follows.
#
# **A learned loss.** Enlarge a digit of 7 × 7 pixels to 28 × 28. Many sharp digits fit the same 49 numbers, and the squared
# error (L2) punishes each wrong guess, so its best answer is their *mean*: a blur. (The absolute error, L1, answers with the median, pixel by
# pixel.) A discriminator asks another question: could this be a real digit for this small picture? So let D see the pair, large picture
# and small one, and train the enlarger on D's verdict plus a little L2 (Isola and others 2017, with L1; Ledig and others 2017).
# One network is trained by L2 for 500 steps. The other starts as its copy after 250 and gets the new loss for 250. *Predict* who wins in squared error, and who
# in **sharpness**: the mean absolute difference of neighbouring pixels.

# %%
def enlarge_step(net, opt, D=None, opt_D=None):
    """One step with 32 digits: by L2 alone, or by L2 and by D's verdict on the pair (large picture, small picture)."""
    rows = torch.tensor(rng.integers(4000, size=32), device=device)
    small = F.avg_pool2d(X[rows], 4)
    made = net(small)
    loss = 10 * F.mse_loss(made, X[rows])
    if D:
        verdict_on = lambda large: D(torch.cat([large, F.interpolate(small, scale_factor=4)], dim=1), y[rows])
        loss_D = F.softplus(-verdict_on(X[rows])).mean() + F.softplus(verdict_on(made.detach())).mean()
        descend(loss_D, D, opt_D, 8e-3)
        loss = loss + 0.3 * F.softplus(-verdict_on(made)).mean()
    descend(loss, net, opt, 3e-3)

rng = np.random.default_rng(162)
torch.manual_seed(162)
by_L2 = draw(nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(),
                           nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Sigmoid()), rng)  # fmt: skip
D_pair = draw(Discriminator(16, 2), rng)

# %%
opt, opt_D = optimiser_of(by_L2), optimiser_of(D_pair)
for t in range(500):
    if t == 250:
        by_D = copy.deepcopy(by_L2)
    enlarge_step(by_L2, opt)
opt = optimiser_of(by_D)
for _ in range(250):
    enlarge_step(by_D, opt, D_pair, opt_D)
sharpness = lambda X: (X.diff(dim=2).abs().mean() + X.diff(dim=3).abs().mean()).item()
with torch.no_grad():
    little = F.avg_pool2d(X_test, 4)
    large = {name: net(little) for name, net in (("L2", by_L2), ("D", by_D))}
error = lambda name: F.mse_loss(large[name], X_test).item()
check.claim("squared error, by D / by L2", error("D") / error("L2"), at_least=1.2)
for name, bound in (("L2", {"at_most": 0.89}), ("D", {"at_least": 0.9})):
    check.claim(f"sharpness of real digits reached by {name}", sharpness(large[name]) / sharpness(X_test), **bound)
rows = [F.interpolate(little, scale_factor=4), large["L2"], large["D"], X_test]
plot.show(plot.images(torch.cat([r[:10] for r in rows]).cpu(), columns=10), "Rows: digits of 7 by 7 pixels; enlarged by L2, soft at "
          "the edges; enlarged by a discriminator, sharper; the originals.")

# %% [markdown]
# Each wins in its own metric. The enlarger trained by D invents plausible detail, and that is not always the detail of the
# original (part of the sharpness may be a ripple, which D had no time to punish). For a nicer photograph this is welcome. For an X-ray it is not: nobody can see what was measured and what invented.
#
# **Worst-case inputs.** One network can also be trained to make inputs on which *another* fails. A small net $A$ adds
# to each digit a pattern of at most 0.2 per pixel (batch normalisation before the tanh keeps it from becoming one even grey), and it is trained to raise the judge's loss on the training digits (Baluja
# and Fischer, 2018, call it an adversarial transformation network). It gets two passes. The control:
# the same patterns, each on another digit. *Predict* the judge's accuracy on test digits in both cases.

# %%
rng, eps = np.random.default_rng(163), 0.2
A = draw(nn.Sequential(nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.Conv2d(16, 1, 5, padding=2),
                       nn.BatchNorm2d(1, affine=False), nn.Tanh()), rng)  # fmt: skip
attack, opt = lambda X: (X + eps * A(X)).clamp(0, 1), optimiser_of(A)
for rows in torch.tensor(rng.permutation(8000) % 4000, device=device).split(32):
    descend(-F.cross_entropy(judge(attack(X[rows])), y[rows]), A, opt, 5e-3)

# %%
wrong = {"swapped": (X_test + eps * A(X_test).flip(0)).clamp(0, 1).detach(), "made": attack(X_test).detach()}
right = {name: np.mean(features(X)[1].argmax(1) == digits.y_test) for name, X in wrong.items()}
check.claim("judge on test digits with swapped patterns: accuracy", right["swapped"], at_least=0.9)
check.claim("the same less that with made patterns: what aim costs", right["swapped"] - right["made"], at_least=0.01)
plot.show(plot.images(torch.cat([wrong["swapped"][:10], wrong["made"][:10]]).cpu(), columns=10), "Test digits, above with the pattern "
          "made for another digit, below with their own; a reader still recognises the digits in both rows.")


# %% [markdown]
# You still read both rows. The judge still reads most digits that carry another's pattern, and fails more often where they carry
# their own. What hurts is not the size of the pattern but its aim. This is a warning about our ruler as well: a generator trained
# *against the judge* would get any score it likes, so the judge must stay out of the training. Training a
# classifier on such inputs makes it sturdier, and that is a game of two players again.
#
# ## 17 What a GAN does not give
#
# It gives samples. It gives no density: ask our G how probable a given test digit is, and there is no answer. In the 1-D
# example $p_g(x)$ followed from the slope of an invertible G. Here 32 numbers become 784, so the pictures of a class lie on
# a thin sheet, almost every picture lies off it, and in 784 dimensions $p_g$ is no density at all. Hence
# $KL(p_{data}\Vert p_g)$, which a likelihood would reduce, cannot be computed here. What D knows, at its
# best, is a *ratio*, $p_{data}/p_g$, and its loss bounds the JSD from below. If you read "density estimation" in a list
# of what GANs are for, read "sampling".
#
# For years people reported a likelihood all the same: a **Parzen estimate**. Put a Gaussian of width σ on each of
# $m$ samples $s_i$; $\hat p(x)=\frac1m\sum_i\mathcal N(x;s_i,\sigma^2I)$, with σ chosen on held-out digits. Test it before you trust it. Three
# sets of 500: real training digits; the GAN's; and the centres of $k$-means, that is, 500 averages of the other 3000 digits (so they know
# of more digits than the other two sets show, but no centre is a digit). A fair score puts real digits first. *Predict.*

# %%
def parzen(samples, X, sigma):
    """Mean log density of the rows of X (n, d) under Gaussians of width sigma on the samples (m, d), in nats."""
    D2 = squared(X, samples).astype(float)
    return np.mean(logsumexp(-D2 / (2 * sigma**2), axis=1)) - np.log(len(samples)) - X.shape[1] / 2 * np.log(2 * np.pi * sigma**2)

width = lambda S: max(np.arange(0.14, 0.3, 0.01), key=lambda sigma: parzen(S, flat(digits.X_train[real][1::2]), sigma))

# %%
rest = np.setdiff1d(np.arange(4000), real)                         # 3000 training digits beside the 1000 in `real`
centres = KMeans(500, init="random", n_init=1, max_iter=8, random_state=170).fit(flat(digits.X_train[rest])).cluster_centers_
heaps = {"real": flat(digits.X_train[real][::2]), "GAN": flat(X_gan[::2]), "k-means": centres}
nats = {name: parzen(S, flat(digits.X_test), width(S)) for name, S in heaps.items()}
check.claim("Parzen, GAN less real digits, nats", nats["GAN"] - nats["real"], at_most=0)
check.claim("Parzen, k-means less real digits, nats", nats["k-means"] - nats["real"], at_least=100)

# %% [markdown]
# The averages beat the real digits, by more than a hundred nats. A score that prefers blurred means to the truth
# does not measure what we want; Theis, van den Oord and Bethge (2016) made this plain. In 784 dimensions 500 samples, or 500 000, do not fill the
# space, so what counts is to be near on average, which is L2's question once more. Distrust every likelihood of
# a GAN, and of anything else, that comes from a Parzen estimate.
#
# ## 18 Where it breaks
#
# Two measurements from the training behind us, and one new. *Predict* first: while the digits became good, did
# the losses fall?

# %%
column, t = lambda key: np.array([entry[key] for entry in history]), 1 + np.arange(len(history))
way = {who: [float((b["shown"][who] - a["shown"][who]).pow(2).mean().sqrt()) for a, b in zip(history, history[1:])] for who in ("G", "mean")}
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
for values, look, label in ((column("D"), "-", "loss of D, nats"), (column("G"), "--", "loss of G, nats"), (column("frechet") / 10, ":", "Fréchet / 10")):
    axes[0].plot(t, values, look, label=label)
for who, look, label in (("G", "-", "G"), ("mean", "--", "its average")):
    axes[1].plot(t[1:], way[who], look, label=label)
axes[0].set(title="D's loss does not tell", xlabel="round", ylabel="nats; distance / 10", ylim=(0, 1.8))
axes[1].set(title="G wanders, its average settles", xlabel="round", ylabel="change of fixed samples (RMS)")
for ax in axes:
    ax.legend(fontsize=8)
plot.show(fig, "Left, after the first rounds the loss of D hardly changes while the Fréchet distance falls. Right, the same noise gives "
          "other pictures after every round; those of the average change less.")

# %%
check.claim("Fréchet distance, last round / third round", column("frechet")[-1] / column("frechet")[2], at_most=0.5)
check.claim("loss of D, change from the third round to the last", abs(column("D")[-1] - column("D")[2]), at_most=0.25)
check.claim("changes of fixed samples in rounds 4 to 11, G / average", np.mean(way["G"][2:10]) / np.mean(way["mean"][2:10]), at_least=1.4)

# %% [markdown]
# **Curves say nothing.** From the third round to the last the digits improved greatly, and D's loss hardly moved.
# Each player is measured by the other, and both improve. (G's loss falls here, but so it would if D forgot something.) There is no curve to stop by; you need a judge from outside, and judge it in turn.
#
# **No rest.** G's pictures for fixed noise change in every round, since D changes its mind. The average moves less,
# and the falling step size ends it. Neither means that an equilibrium was reached. Mescheder, Geiger and
# Nowozin (2018) show on tiny examples that the plain game need not converge.
#
# **D wins.** Give D a lead of 60 steps against an untrained G. Then ask for the gradient that arrives
# in G's first layer, by either loss. *Predict* the ratio, with the 0.01 and 0.99 of section 5 in mind.

# %%
rng = np.random.default_rng(180)
torch.manual_seed(180)
fresh = make_game(16, rng)
for rows in torch.tensor(rng.integers(4000, size=(60, 32)), device=device):
    s_real, s_fake = (fresh["D"](pictures, y[rows]) for pictures in (X[rows], draw_digits(fresh["G"], y[rows], rng=rng)))
    descend((F.softplus(-s_real) + F.softplus(s_fake)).mean(), fresh["D"], fresh["opt_D"], 8e-3)

# %%
s, first = fresh["D"](fresh["G"](noise(100, rng), hot(y[:100])), y[:100]), fresh["G"].net[0].weight
length = lambda loss: torch.autograd.grad(loss, first, retain_graph=True)[0].norm().item()
check.claim("D's mean belief that the fakes are real", torch.sigmoid(s).mean().item(), at_most=0.01)
check.claim("gradient in G, saturating / non-saturating", length(-F.softplus(s).mean()) / length(F.softplus(-s).mean()), at_most=0.01)

# %% [markdown]
# D is sure, and the saturating loss passes almost nothing on. The non-saturating loss still pushes, though where
# to is another question: a D that separates everything has no reason to point along the sheet of digits.
#
# All this time nobody told G what a good picture is. It learned from somebody else's reaction. But one favour it had:
# it could differentiate through its critic. Take that away. Let the reaction be a number that the world returns, a score, a fall, a
# won game, with no gradient and perhaps much later. Learning from that, without labels and without somebody to
# imitate, is **reinforcement learning**, the subject of Lecture 8.
#
# ## 19 Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "A GAN estimates the density of the data." | It draws samples. No $p_g(x)$ comes with them. | 17 |
# | "The GAN minimises $KL(p\Vert\hat p)$." | Not this game; and that KL cannot be computed from samples. | 4, 17 |
# | "The losses fall, so it improves." | Each loss depends on the other player. Measure from outside. | 18 |
# | "D at ½ everywhere: G is perfect." | Or D is too weak, or has stopped learning. | 3, question 5 |
# | "A Fréchet distance of 3 is good." | With which features, how many samples, and what do real digits score? | 12 |
# | "The samples look new, so nothing was copied." | Look for the nearest neighbours, and measure how near real digits come. | 14 |
# | "Generated data are more data." | They hold no information that the training data did not. | 16 |
# | "Sharper is better." | L2 is smaller for the blur. Decide what you need. | 16 |
# | "One best network, found at a minimum." | The solution is a balance: no step of G alone lowers $V$, and none of D alone raises it. | 2, 4 |
#
# ## 20 Summary
#
# 1. G turns noise into samples, D estimates how real they are; for the best D the game measures the Jensen-Shannon divergence.
# 2. The saturating loss dies when D wins; G climbs $\ln D$ instead, and slopes of D are kept in check (R1, spectral norm, gradient penalty).
# 3. Modes get lost, players circle, curves do not tell: count, and judge from outside, beside real against real.
# 4. A small class-conditional network draws digits that a judge reads almost like real ones, after about a minute of training, and not by copying.
# 5. A discriminator is a loss that was learned. It gives sharp pictures, no density and no new information.
#
# ## Test yourself
#
# **1.** Why does the Fréchet distance of real against real digits fall when both heaps are larger?
#
# <details><summary>Answer</summary>
#
# Means and covariances are estimated from samples. Their errors differ between the heaps and on average add to the distance, and they
# shrink with the number of samples. So compare at equal numbers.
#
# </details>
#
# **2.** A generator returns the training digits, at random. What do accuracy, variety and Fréchet distance say? What
# finds it out?
#
# <details><summary>Answer</summary>
#
# All three say: as good as real. The distance to the nearest training digit is 0, where that of real test digits is not.
#
# </details>
#
# **3.** You remove the label from D and leave it in G. What will the columns of the grid show?
#
# <details><summary>Answer</summary>
#
# Any digits. D then asks for realism alone, so nothing rewards G for heeding the label. It becomes ten more numbers of noise.
#
# </details>
#
# **4.** Why does an enlarger trained with L2 blur edges?
#
# <details><summary>Answer</summary>
#
# Several positions of the edge fit the small picture. The mean over them has the smallest expected squared error, and the mean of shifted edges is
# a ramp.
#
# </details>
#
# **5.** D's loss lies at $2\ln2\approx1.386$. Name three causes.
#
# <details><summary>Answer</summary>
#
# Most often $D=\frac12$ everywhere: either G is perfect, or D knows nothing (too small, not trained, its input useless). A fresh
# D, trained against the frozen G, tells which. But the loss is a mean: a D that is right on many points and surely wrong on some can
# come to 1.386 as well. So look at its answers one by one.
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/07_generative_adversarial_networks.ipynb) ([its
# solution](../solutions/07_generative_adversarial_networks.ipynb), for afterwards). Next, Lecture 8: learning from reward.
#
# ## References
#
# - The game: I. Goodfellow and others, *Generative adversarial nets*, NeurIPS (2014); its [code](https://github.com/goodfeli/adversarial), in Theano and
#   Pylearn2, and an early [port to TensorFlow](https://github.com/ckmarkoh/GAN-tensorflow). For reading: neither library is maintained in that form.
# - Pictures: A. Radford, L. Metz and S. Chintala, *Unsupervised representation learning with deep convolutional generative
#   adversarial networks* (2015; ICLR 2016); T. Karras and others, *Progressive growing of GANs*, ICLR (2018). Popular overviews of applications, such as those at
#   machinelearningmastery.com, list dozens more.
# - Keeping it stable: M. Arjovsky, S. Chintala and L. Bottou, *Wasserstein generative adversarial networks*, ICML (2017); I. Gulrajani and others, *Improved training of Wasserstein GANs*,
#   NeurIPS (2017); L. Mescheder, A. Geiger and S. Nowozin, *Which training methods for GANs do actually converge?*, ICML (2018); T. Miyato and others,
#   *Spectral normalization for generative adversarial networks*, ICLR (2018); T. Miyato and M. Koyama, *cGANs with projection discriminator*, ICLR (2018).
# - Judging: M. Heusel and others, *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, NeurIPS (2017); D. Dowson and B. Landau,
#   *The Fréchet distance between multivariate normal distributions*, J. Multivariate Analysis 12 (1982); L. Theis, A. van den Oord and M. Bethge, *A note on the evaluation of
#   generative models*, ICLR (2016).
# - Uses: P. Isola and others, *Image-to-image translation with conditional adversarial networks*, CVPR (2017); C. Ledig and others, *Photo-realistic single image
#   super-resolution using a generative adversarial network*, CVPR (2017); S. Baluja and I. Fischer, *Learning to attack: adversarial transformation networks*, AAAI (2018).
