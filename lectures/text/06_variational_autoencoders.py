# %% [markdown]
# # Lecture 6 · Variational autoencoders
#
# > **Which codes has a decoder never seen, and how can we make it understand every code that we draw?**

# %% [markdown] tags=["nav"]
# [← Lecture 5](05_autoencoders.ipynb) · [Exercise 6](../exercises/06_variational_autoencoders.ipynb) · [Solution 6](../solutions/06_variational_autoencoders.ipynb) · [Lecture 7 →](07_generative_adversarial_networks.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import chi
from torch.distributions import Normal, kl_divergence

from course_utils import bridge, check, data, plot, progress, style
from course_utils.nets import accuracy, adam, backward, distort, forward, init, loss_and_delta, relu, sigmoid

style.use()
device = bridge.device()
digits = data.digits28(flat=True)


# %% [markdown]
# Two networks learn to squeeze the digits 0, 1 and 4 into **two numbers** and to draw the picture again from these two.
# They start from the same random weights and see the same pictures in the same order. The first is a plain autoencoder
# of Lecture 5. In the second, two lines are different: `z = ...` adds some noise to the code, and `loss + ...` charges a
# fee. You will derive both lines in this lecture, and write their gradients by hand. For now let PyTorch do it. (`init`
# and `forward` are those of Lecture 2: lists of weights, ReLU in the hidden layers. The loss compares pixels by binary
# cross-entropy, summed over a picture.)

# %%
def autoencoder(X, noisy, epochs=32):
    """Weights of an encoder 784-256-64-4 (two means, two log-variances) and a decoder 2-64-256-784, trained on X."""
    rng, _ = np.random.default_rng(60), torch.manual_seed(60)
    E = bridge.tensors(*init([784, 256, 64, 4], rng, np.float32), device=device, grad=True)
    D = bridge.tensors(*init([2, 64, 256, 784], rng, np.float32), device=device, grad=True)
    net = lambda X, W: torch.relu(torch.relu(X @ W[0] + W[1]) @ W[2] + W[3]) @ W[4] + W[5]
    optimiser, X = torch.optim.Adam([*E, *D], lr=2e-3), torch.tensor(X, device=device)
    for _ in range(epochs):
        for rows in torch.tensor(rng.permutation(len(X)), device=device).split(100):
            mu_z, logvar = net(X[rows], E).split(2, dim=1)
            z = mu_z + torch.exp(logvar / 2) * torch.randn_like(mu_z) if noisy else mu_z
            loss = F.binary_cross_entropy_with_logits(net(z, D), X[rows], reduction="sum")
            loss = loss + 0.5 * (logvar.exp() + mu_z**2 - logvar - 1).sum() if noisy else loss
            optimiser.zero_grad()
            (loss / len(rows)).backward()
            optimiser.step()
    return [[p.detach().cpu().numpy() for p in W] for W in (E, D)]


# %% [markdown]
# A map shows the code of each picture as a dot. Into every empty place of the map we put the picture that the decoder
# draws **there**, where it has never seen a code. *Predict* for the plain autoencoder: where do the three digits lie, how
# wide is the map, and what is drawn in the gaps? And what will the noise do to the map?

# %%
some = np.isin(digits.y_train, (0, 1, 4))
X, y = digits.X_train[some], np.searchsorted((0, 1, 4), digits.y_train[some])
models = {"plain": autoencoder(X, noisy=False), "variational": autoencoder(X, noisy=True)}
draw = lambda D, Z: sigmoid(forward(D, Z.astype(np.float32))[-1])          # codes (m, 2) to pictures (m, 784)
codes = {name: forward(E, X)[-1][:, :2] for name, (E, D) in models.items()}

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.6))
for ax, (name, C) in zip(axes, codes.items()):
    low, size = C.min(axis=0), np.ptp(C, axis=0)
    grid = low + size * np.stack(np.meshgrid(*[np.linspace(0.06, 0.94, 9)] * 2), axis=-1).reshape(-1, 2)
    plot.points(ax, C, y, size=7)
    for z in grid[[np.abs((C - z) / size).max(axis=1).min() > 0.04 for z in grid]]:
        box = np.stack([z - 0.05 * size, z + 0.05 * size], axis=1).ravel()       # left, right, bottom, top
        ax.imshow(draw(models[name][1], z[None]).reshape(28, 28), cmap="gray_r", extent=box, aspect="auto", zorder=4)
    ax.set(xlim=low[0] + np.array([0, size[0]]), ylim=low[1] + np.array([0, size[1]]), xlabel="$z_1$", ylabel="$z_2$")
axes[0].set(title="Plain: any place, any size")
axes[1].set(title="Variational: around 0, size about 1")
plot.show(fig, "Two maps of codes of the digits 0 (dots), 1 (triangles), 4 (squares), with pictures decoded where no code "
          "lies. The plain map stretches further; the variational one lies round about the origin.")

# %% [markdown]
# Read the axes first. The plain map lies where chance has put it, and stretches as far as it likes. Nobody could guess from
# where to draw a code. Its empty places, most of them in the corners, hold digits, scribbles and mixtures of two digits.
# The second map gathers round the point 0 with a spread of about 1, so there one *could* guess. It has empty places as
# well. What exactly is better, and why, is the subject of this lecture.
#
# **You will be able to**
#
# - say what is missing in the codes of an autoencoder, and turn it into a model with a hidden variable;
# - compute KL divergences in both directions, derive the evidence lower bound in two ways and the KL divergence of two
#   Gaussians, and notice when a printed form of it is wrong;
# - send a gradient through a random draw, write a variational autoencoder in NumPy with all its gradients, prove them, and
#   train its PyTorch twin in step;
# - say what each of the two terms does to the map, put a price on the code and notice when it falls asleep, and ask the
#   network for a digit by its label;
# - say in nats how good a model of unseen digits is, beside opponents, and tighten the bound with more draws.
#
# **Know first:** Lecture 2 (chain rule, gradient check, Adam) and Lecture 5 (encoder, code, decoder).
# **Reading time:** 110 minutes, best in two sittings (the second from section 9). **Running time:** about a minute on a laptop.
#
# <details><summary>Maths you need: expectation, Gaussian density, nats, Jensen's inequality</summary>
#
# The *expectation* of $f(z)$ is its mean weighted with probabilities, $\mathbb E_{Q}[f(z)]=\sum_z Q(z)f(z)$; for a
# density the sum becomes an integral. Draw many $z$ from $Q$, and the plain average of $f(z)$ comes close to it:
# `rng = np.random.default_rng(0); np.mean(rng.normal(size=10**6) ** 2)` is close to $\mathbb E[z^2]=1$. To average over
# draws like this is called the *Monte Carlo* method.
#
# The *Gaussian* (normal) density with mean $\mu$ and standard deviation $\sigma$ is
# $N(z;\mu,\sigma^2)=\frac{1}{\sigma\sqrt{2\pi}}\,e^{-(z-\mu)^2/2\sigma^2}$. The square $\sigma^2$ is the *variance*. If
# the components of a vector are independent, its density is the product of the single ones, and the logarithm of it a sum.
#
# *Logarithms* turn products of thousands of small numbers into sums that a computer can hold. With the natural logarithm,
# $-\ln P$ is measured in **nats**. One nat is $1/\ln 2=1.443$ bits. In this course $\ln$ and `np.log` are natural.
#
# *Jensen's inequality.* The logarithm bends downwards (it is *concave*), so the logarithm of a mean is at least the mean of
# the logarithms: $\ln\mathbb E[u]\ge\mathbb E[\ln u]$. Equality holds only if $u$ does not vary. For 1 and 3:
# $\ln 2=0.693$, and $(\ln1+\ln3)/2=0.549$.
#
# </details>
#
# <details><summary>For instructors: a plan for 90 minutes</summary>
#
# 10 min the opening maps (let the room vote), 10 min from codes to distributions, 15 min the two-state toy at the board, 10
# min KL and its two directions, 15 min ELBO both ways, 10 min the Gaussian KL, 10 min reparameterisation, 10 min code and
# training. The second half of the lecture (from section 9) takes another 60. Can be skipped: the Monte Carlo experiment,
# the score function, the timing.
#
# </details>
#
# ## 1 From codes to distributions
#
# A plain autoencoder is paid for one thing: that *its own training pictures* come back. Nothing in the loss says where the
# codes should lie. Three things follow.
#
# - **Clusters of their own.** Distinct codes make distinct pictures, so it pays to keep classes apart, and every picture
#   apart from every other.
# - **Gaps.** In the space between, the decoder never received a code. Whatever it draws there is an accident, and a picture
#   drawn from such a place is often unrealistic.
# - **No continuity.** Nothing forces neighbours in code space to decode to similar pictures. Between two codes of different
#   classes, interpolation leads through places that mean nothing.
#
# To *reconstruct*, none of it matters. To *generate*, all of it does: we want to draw a code at random and get a digit. So
# our **aim** is a code space that is continuous and without holes, where each class still stays compact.
#
# **The idea.** Suppose that one component of a code meant "how much of a smile". The plain encoder says of a photograph:
# smile = 0.34. The second one says: smile *about* 0.34, between 0.1 and 0.6. It describes a picture by a **distribution
# over codes** instead of one code. While it trains, a fresh code is drawn from that distribution each time, and the
# decoder has to draw the picture from whatever came out. So a whole neighbourhood learns to mean that picture, and
# **nearby points decode to the same class**.
#
# In practice the encoder returns, for each component $k$ of the code, a mean $\mu_k$ (the *centre* of the neighbourhood)
# and a standard deviation $\sigma_k$ (its *allowed spread*). The components are taken to be **independent** of each other
# given the picture:
#
# $$Q(z\mid x)=\prod_k N\big(z_k;\ \mu_k(x),\ \sigma_k^2(x)\big).$$
#
# A standard deviation must be positive, and a network's output is any number. So the network returns the
# **log-variance**, $\ln\sigma^2$, called `logvar`; then $\sigma=e^{\texttt{logvar}/2}$.
#
# Where the neighbourhoods of two classes **overlap**, the decoder must serve both. That is wanted: there a picture of one
# class turns into one of the other, and interpolation has something to pass through. And the whole has a use: **draw a
# code, then decode it**, and an autoencoder has become a *generator*.
#
# *Misconception:* "the encoder is random". It is an ordinary network; for a picture it always returns the same $\mu$ and
# $\sigma$. Chance enters after it. *Predict* for one picture of a 4: how different are ten pictures drawn from its
# distribution?

# %%
(E, D), rng, four = models["variational"], np.random.default_rng(62), X[y == 2][:1]     # four: the first 4 in X
mu_z, logvar = np.split(forward(E, four)[-1], 2, axis=1)
sigma = np.exp(logvar / 2)
Z = mu_z + sigma * rng.normal(size=(10, 2))                                # ten draws from Q(z | x)
plot.show(plot.images(np.concatenate([four, draw(D, Z)]), columns=11), "A real 4, then ten decoded draws from its cloud: alike.")
check.claim("spread of one picture's cloud, in units of the map", np.max(sigma / codes["variational"].std(axis=0)), at_most=0.12)


# %% [markdown]
# Ten pictures of one kind: the cloud of one picture is small beside the map, so there is room for many.
#
# **How rough is a map?** Nudge each code by a random step, Gaussian with 0.3 times the spread of the map in each direction,
# and decode. The loss per picture goes up, in nats. *Predict* for which of the two maps it goes up more. And what lies on
# the straight line from a 0 to a 1?

# %%
def rise(name):
    """Nats per picture that it costs to nudge every code by 0.3 of its map's spread."""
    D, C = models[name][1], codes[name]
    nats = lambda Z: np.mean(np.sum(np.logaddexp(0, L := forward(D, Z)[-1]) - X * L, axis=1))
    return nats((C + 0.3 * C.std(axis=0) * steps).astype(np.float32)) - nats(C)


steps = np.random.default_rng(61).normal(size=(len(X), 2))                  # the same for both maps
check.claim("nats that a nudge costs, plain over variational", rise("plain") / rise("variational"), at_least=1)
widest = {name: C.std(axis=0).max() for name, C in codes.items()}
check.claim("widest spread of the map, plain over variational", widest["plain"] / widest["variational"], at_least=1.15)
check.claim("variational: widest spread of the map", widest["variational"], at_most=1.55)

# %%
ends = [[C[y == k].mean(axis=0) for k in (0, 1)] for C in codes.values()]   # the middle of the 0s, of the 1s
paths = [draw(D, np.linspace(start, end, 11)) for (start, end), (_, D) in zip(ends, models.values())]
plot.show(plot.images(np.concatenate(paths), columns=11), "From a 0 to a 1 in eleven steps: upper row on the plain map, lower "
          "row on the variational one. Both begin with a 0, end with a 1 and pass through mixtures, perhaps through 4s.")

# %% [markdown]
# The plain map is the rougher one, each measured by its own width. On the straight line both decoders show mixtures. Look
# out for 4s in the upper row. With us there were two clear ones: on that map the 4s happen to lie between the 0s and the
# 1s, and a straight line goes through whatever lies in its way. Two numbers are few for three digits, and somewhere a 0 has
# to become a 1. Where clouds overlap, the variational decoder had to
# serve both classes while it learned. Between the clouds it is as much on its own as the plain one.
#
# Two questions are open. What keeps the network from shrinking all clouds to points again and pushing them far apart,
# which would bring the plain autoencoder back? And what is the right price for a cloud? A probability model answers both.
#
# ## 2 A model with a hidden variable
#
# Turn the story round and begin with the picture's *cause*. First something hidden is drawn: which digit, how slanted, how
# thick. Then the picture is drawn, given that. The hidden cause is a **latent variable** $z$, and $z$ **generates** $x$:
#
# ```
#     z ──────▶ x        P(z): the prior, before any picture is seen
#                        P(x | z): the likelihood, how z turns into pictures (the decoder)
# ```
#
# We see only $x$, and ask what $z$ may have been. Bayes' rule gives the **posterior**:
#
# $$P(z\mid x)=\frac{P(x\mid z)\,P(z)}{P(x)},\qquad P(x)=\int P(x\mid z)\,P(z)\,dz .$$
#
# $P(x)$, the **evidence**, says how probable the model holds this picture, whatever its cause. A good model holds real
# pictures for probable.
#
# **The toy.** Let $z$ be a coin, 0 or 1, and $x$ a single pixel, with $P(z)=(0.5,\,0.5)$ and $P(x{=}1\mid z)=(0.8,\,0.3)$.
# The integral is then a sum of two terms. *Predict* $P(x{=}1)$, and the probability that $z$ was 0 when $x=1$ is seen.
#
# **With twenty real numbers** the sum becomes an integral in twenty dimensions. A grid of 100 points on each axis has
# $100^{20}$ cells. *Predict* how many years it takes at a billion cells a second.

# %%
prior, likelihood = np.array([0.5, 0.5]), np.array([0.8, 0.3])              # P(z); P(x = 1 | z)
joint = prior * likelihood                                                  # P(x = 1, z)
evidence, posterior = joint.sum(), joint / joint.sum()
check.worked("evidence P(x = 1)", evidence, "0.55")
check.worked("posterior P(z | x = 1)", posterior, "0.727273 0.272727")
check.worked("years for a grid in 20 dimensions", 100.0**20 / 1e9 / (365.25 * 86400), "3.17e23")


# %% [markdown]
# The universe is about $1.4\cdot10^{10}$ years old. This is what "the evidence is **intractable**" means: the integral is
# well defined, and nobody can carry it out. Without $P(x)$ there is no posterior either.
#
# **A second try, by chance.** The evidence is an expectation over the prior, $P(x)=\mathbb E_{P(z)}[P(x\mid z)]$. So draw
# $z_1,\dots,z_S$ from the prior and average $P(x\mid z_s)$. That is right on average. But will it work? We test it where
# the truth is known: $z\sim N(0,I)$ in $k$ dimensions and $x=z+0.1\cdot$noise, so that each component of $x$ is exactly
# $N(0,\,1.01)$. We compare with draws from another distribution $Q(z)$ that sits near the posterior, here with the right
# mean and a standard deviation 1.2 times too wide. (Here $P(z)\,P(x\mid z)$ is, in each component, the exponential of
# $-\frac12z^2-\frac12(x-z)^2/0.01$. Completing the square gives the posterior $N(x/1.01,\ 0.01/1.01)$.) Each draw then gets the weight that repairs the choice:
#
# $$P(x)=\mathbb E_{Q}\Big[\frac{P(x\mid z)\,P(z)}{Q(z)}\Big].$$
#
# At $k=20$ most of these weights are so small that `exp` gives 0. So we average by **log-sum-exp**: take out the largest
# before `exp`, put it back after `ln`.
#
# *Predict:* at $k=20$, who is nearer to the truth, 100 000 draws from the prior or 1000 from $Q$?

# %%
def ln_normal(x, mean, sd):
    """ln of the normal density at x, entry by entry."""
    return -0.5 * ((x - mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))

def log_sum_exp(A, axis):
    """ln of the sum of exp(A) along an axis, without underflow: the largest entry is taken out first."""
    top = A.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.sum(np.exp(A - top), axis=axis))

def from_prior(x, Z):
    """Estimate of ln P(x) from draws Z (S, k) of the prior; x (k,)."""
    return log_sum_exp(ln_normal(x, Z, 0.1).sum(axis=1), 0) - np.log(len(Z))

def from_Q(x, eps, wide=1.2 * 0.1 / np.sqrt(1.01)):
    """Estimate of ln P(x) from draws of Q; x (k,), eps (S, k) standard normal."""
    z = x / 1.01 + wide * eps                                               # draws from Q
    weights = ln_normal(x, z, 0.1) + ln_normal(z, 0, 1) - ln_normal(z, x / 1.01, wide)
    return log_sum_exp(weights.sum(axis=1), 0) - np.log(len(z))


# %%
rng, dims, misses = np.random.default_rng(63), (1, 2, 4, 6, 10, 15, 20), []
for k in dims:
    X_toy, Z = rng.normal(size=(20, k)) * np.sqrt(1.01), rng.normal(size=(100_000, k))
    truth = ln_normal(X_toy, 0, np.sqrt(1.01)).sum(axis=1)
    found = np.array([(from_prior(x, Z), from_Q(x, Z[:1000])) for x in X_toy])
    misses.append(np.abs(found - truth[:, None]).mean(axis=0))
fig, ax = plt.subplots()
for values, look, label in zip(np.transpose(misses), ("o-", "s--"), ("prior, 100 000 draws", "Q, 1000 draws")):
    ax.semilogy(dims, values, look, label=label)
ax.set(title="The prior hardly ever hits", xlabel="dimensions of z", ylabel="mean error of ln P(x), in nats")
ax.legend()
plot.show(fig, "Error of the estimated log evidence against the number of latent dimensions, log scale. Draws from the prior: "
          "from hundredths of a nat to hundreds. Draws from Q near the posterior: about a tenth at most.")
check.claim("error at 20 dimensions, 100000 draws from the prior", misses[-1][0], at_least=320)
check.claim("error at 20 dimensions, 1000 draws from Q", misses[-1][1], at_most=0.11)

# %% [markdown]
# The prior hardly ever draws a $z$ that fits the picture, and the average is ruled by the one draw that came nearest. A
# thousand draws from the right region do what a hundred thousand blind ones cannot.
#
# **So look for the right region.** We choose a **tractable family** of distributions $Q(z\mid x)$, one that we can draw
# from and whose density is a formula, and search in it for the member nearest to the posterior. The family of section 1,
# independent Gaussians, is the usual choice: two numbers for each component instead of a function in twenty dimensions. To
# search for an *approximate* posterior inside a family is called **variational inference**. The *variational* autoencoder
# (D. Kingma and M. Welling, 2013; D. Rezende, S. Mohamed and D. Wierstra, 2014) has its name from it. "Nearest" needs a
# measure. It is next.
#
# ## 3 KL divergence
#
# How much does one distribution differ from another? S. Kullback and R. Leibler (1951) measured it by the mean of the
# log ratio,
#
# $$KL(Q\Vert P)=\sum_z Q(z)\,\ln\frac{Q(z)}{P(z)}=\mathbb E_Q\Big[\ln\frac{Q(z)}{P(z)}\Big],$$
#
# the **KL divergence** *of Q from P*: the mean is taken under the one that is named first. For densities the sum becomes
# an integral. A place where $Q=0$ adds nothing; a place where $P=0$ and $Q>0$ makes it infinite.
#
# Take $P=(0.36,\,0.48,\,0.16)$: how many heads two throws of a coin show that gives heads with probability 0.4 (a
# binomial distribution). Let $Q=(\frac13,\frac13,\frac13)$. *Predict:* is $KL(P\Vert Q)$ larger or smaller than
# $KL(Q\Vert P)$?
#
# The second cell repeats it as it is sometimes printed: in logarithms to base 10, and with $\frac13$ rounded to 0.33.

# %%
kl = lambda Q, P: float(np.sum(Q * np.log(Q / P)))
P, Q = np.array([0.6**2, 2 * 0.4 * 0.6, 0.4**2]), np.full(3, 1 / 3)
check.worked("P", P, "0.36 0.48 0.16")
check.worked("nats: KL(P||Q), KL(Q||P)", [kl(P, Q), kl(Q, P)], "0.085300 0.097455")
theirs = [F.kl_div(torch.tensor(b).log(), torch.tensor(a), reduction="sum") for a, b in ((P, Q), (Q, P))]
check.same("PyTorch's kl_div(ln b, a) is KL(a||b)", [kl(P, Q), kl(Q, P)], torch.stack(theirs), 1e-14)

# %%
rounded = np.full(3, 0.33)                                                  # adds up to 0.99
base10 = lambda Q, P: kl(Q, P) / np.log(10)
check.worked("base 10, Q = 0.33: KL(P||Q)", base10(P, rounded), "0.0414")
check.worked("base 10, Q = 0.33: KL(Q||P)", base10(rounded, P), "0.03758")
check.worked("base 10, Q = 1/3: both", [base10(P, Q), base10(Q, P)], "0.037045 0.042324")

# %% [markdown]
# The two directions differ, so KL is **not a distance**. If you meet this example with 0.0414 and 0.0376, you now know where
# they come from. And mind the last line. With the rounded $Q$ the first direction is the *larger*, with the true $Q$ it is
# the *smaller*: a harmless-looking 0.33 has reversed the order, since three times 0.33 is no probability distribution.
# (PyTorch's `kl_div` takes its arguments the other way round, and the first as a logarithm.)
#
# **Claim.** $KL(Q\Vert P)\ge0$, and it is 0 only for $Q=P$. **Proof.** By Jensen's inequality, with $u=P/Q$,
#
# $$-KL(Q\Vert P)=\mathbb E_Q\Big[\ln\frac{P}{Q}\Big]\ \le\ \ln\mathbb E_Q\Big[\frac{P}{Q}\Big]
# =\ln\sum_{z:\,Q(z)>0} P(z)\ \le\ \ln1=0 .$$
#
# Equality holds only if the ratio $P/Q$ is the same everywhere, and as both add up to 1 the ratio is then 1. ∎ (The rounded
# $Q$ adds up to 0.99, so the proof does not cover it.)
#
# **The direction decides what a fit looks like.** Let $P$ have two hills, and let $Q$ be a single Gaussian, too poor for
# both. Minimising $KL(P\Vert Q)$ asks: wherever $P$ is, $Q$ must be as well. Minimising $KL(Q\Vert P)$ asks: wherever $Q$
# is, $P$ must be as well. *Predict* the two fits.

# %%
t = np.linspace(-7, 7, 701)
P = 0.6 * np.exp(ln_normal(t, -2, 0.6)) + 0.4 * np.exp(ln_normal(t, 2, 0.8))
kl_density = lambda t, ln_a, ln_b: np.trapezoid(np.exp(ln_a) * (ln_a - ln_b), t)
tries = [(m, s) for m in np.linspace(-3, 3, 61) for s in np.linspace(0.4, 3, 53)]
cover = min(tries, key=lambda q: kl_density(t, np.log(P), ln_normal(t, *q)))
seek = min(tries, key=lambda q: kl_density(t, ln_normal(t, *q), np.log(P)))

# %%
fig, ax = plt.subplots()
ax.fill_between(t, P, color="#DDDDDD", label="P")
ax.plot(t, np.exp(ln_normal(t, *cover)), color=style.POSITIVE, label="least KL(P‖Q)")
ax.plot(t, np.exp(ln_normal(t, *seek)), "--", color=style.NEGATIVE, label="least KL(Q‖P)")
ax.set(title="One covers both hills, one seeks a hill", xlabel="z", ylabel="density")
ax.legend()
plot.show(fig, "A density with two hills and two Gaussian fits. The least KL(P‖Q) gives a wide Gaussian over both hills and "
          "the valley, the least KL(Q‖P) a narrow one on the left hill.")
check.worked("mean, standard deviation: least KL(P||Q), least KL(Q||P)", [*cover, *seek], "-0.4 2.1 -2.0 0.6")

# %% [markdown]
# The first is called *mode-covering* (its mean and standard deviation are those of $P$, here to the grid), the second
# *mode-seeking*. For the approximate posterior we minimise $KL(Q(z\mid x)\,\Vert\,P(z\mid x))$, the second kind: the mean is
# taken under $Q$, from which we can draw. Under the posterior we cannot. The price is a $Q$ that may leave out a part of
# the posterior.
#
# ## 4 The ELBO, derived two ways
#
# **From the KL divergence.** We want $Q$ near a posterior that we cannot compute. Write down what we want anyway, and put
# in $P(z\mid x)=P(x,z)/P(x)$:
#
# $$KL\big(Q(z\mid x)\Vert P(z\mid x)\big)=\sum_z Q\ln\frac{Q}{P(z\mid x)}
# =-\sum_z Q\ln\frac{P(x,z)}{Q}+\ln P(x)\sum_z Q .$$
#
# The last sum is 1. Call $\mathrm{ELBO}=\sum_z Q\ln\frac{P(x,z)}{Q}=\sum_z Q\ln\frac{P(x\mid z)P(z)}{Q}$ and move it over:
#
# $$\boxed{\ \ln P(x)=KL\big(Q(z\mid x)\Vert P(z\mid x)\big)+\mathrm{ELBO}\ }$$
#
# The ELBO contains nothing intractable. And as a KL divergence is at least 0, the ELBO is at most $\ln P(x)$: the **evidence lower
# bound**, **ELBO** (or *variational lower bound*). The left side does not contain $Q$. So whatever $Q$ gains in the ELBO it
# loses in KL: *the unknown divergence is minimised by maximising the known bound*.
#
# The sums run over $z$, for one given $x$. Each $x$ has a posterior, a $Q(z\mid x)$ and a divergence of its own.
# *Predict* for the toy with $Q=(0.5,\,0.5)$: by how much does the ELBO miss $\ln P(x)=\ln 0.55$? And for which $Q$ by nothing?

# %%
elbo = lambda q, joint: float(np.sum(q * np.log(joint / q)))                # joint: P(x, z) for the x that was seen
q, dark = np.array([0.5, 0.5]), prior * (1 - likelihood)                    # dark: the other picture, P(x = 0, z)
both = [kl(q, posterior), elbo(q, joint)]
check.worked("KL, ELBO; their sum, ln P(x)", [*both, sum(both), np.log(evidence)], "0.115721 -0.713558 -0.597837 -0.597837")
check.same("Q = posterior: ELBO and ln P(x)", elbo(posterior, joint), np.log(evidence), 1e-14)
check.worked("x = 0: posterior; KL of the same Q", [*dark / dark.sum(), kl(q, dark / dark.sum())], "0.222222 0.777778 0.184549")

# %% [markdown]
# Exactly as derived: the parts add up, and for $Q$ = posterior the bound *is* the evidence. The picture $x=0$ has another
# posterior, so another divergence.
#
# **By Jensen's inequality.** Section 2 wrote the evidence as an expectation over $Q$. Take the logarithm inside:
#
# $$\ln P(x)=\ln\mathbb E_Q\Big[\frac{P(x,z)}{Q(z\mid x)}\Big]\ \ge\ \mathbb E_Q\Big[\ln\frac{P(x,z)}{Q(z\mid x)}\Big]=\mathrm{ELBO} .$$
#
# One line, and the same bound. The first way shows *how large* the gap is; the second, that the gap is the price for
# averaging logarithms.
#
# **Split it.** With $P(x,z)=P(x\mid z)P(z)$ the bound falls into two readable parts:
#
# $$\mathrm{ELBO}=\underbrace{\mathbb E_Q\big[\ln P(x\mid z)\big]}_{\text{reconstruction}}
# -\underbrace{KL\big(Q(z\mid x)\Vert P(z)\big)}_{\text{regulariser}} .$$
#
# Draw a code from $Q$ and ask how well the decoder explains the picture: that is the autoencoder. Then subtract how far $Q$
# strays from the **prior**: that is the fee of the opening. Note the two different KL divergences: from the *posterior* in
# the box, from the *prior* here. In general only the second can be computed.
#
# *Misconception:* "$\ln P(x)$ is a constant, so it never changes." It is constant **in $Q$ only**. The decoder is part of
# the model: change $P(x\mid z)$ and $P(x)$ changes. Training the decoder is meant to raise it. Take $Q=(0.9,\,0.1)$ now, and
# keep it. *Predict:* what happens to $\ln P(x)$, to the KL and to the ELBO if the likelihood $(0.8,\,0.3)$ becomes
# $(0.9,\,0.6)$?

# %%
q = np.array([0.9, 0.1])
reconstruction, regulariser = np.sum(q * np.log(likelihood)), kl(q, prior)
check.worked("reconstruction, regulariser", [reconstruction, regulariser], "-0.321226 0.368064")
check.worked("ELBO, and by its definition", [reconstruction - regulariser, elbo(q, joint)], "-0.689291 -0.689291")

# %%
better = prior * np.array([0.9, 0.6])                                       # another decoder, the same Q
check.worked("ln P(x): before, with the new decoder", np.log([joint.sum(), better.sum()]), "-0.597837 -0.287682")
check.worked("KL: before, with the new decoder", [kl(q, posterior), kl(q, better / better.sum())], "0.091454 0.226289")
share, (fig, ax) = np.linspace(0.001, 0.999, 500), plt.subplots()
for J, look, name in ((joint, style.TRAIN, "P(x = 1 | z) = (0.8, 0.3)"), (better, style.VALIDATION, "(0.9, 0.6)")):
    bound = [elbo(np.array([s, 1 - s]), J) for s in share]
    ax.plot(share, bound, **look, label=name)
    ax.axhline(np.log(J.sum()), color=look["color"], linestyle=":")
    ax.plot(J[0] / J.sum(), np.log(J.sum()), "o", color=look["color"])
ax.set(title="The bound touches ln P(x) at the posterior", xlabel="Q(z = 0 | x)", ylabel="ELBO, in nats", ylim=(-2, 0))
ax.legend(loc="lower right")
plot.show(fig, "The ELBO against Q(z=0|x) for two decoders: two arches, each below its dotted level ln P(x) and touching it at "
          "a dot, the posterior. The second decoder's level is higher and its dot lies further left.")

# %% [markdown]
# Along an arch the decoder is fixed and only $Q$ moves: the level stays, the gap is the divergence. From arch to arch the
# decoder changes: the level rises, and the dot moves with it. For our $Q$ the bound rose (level less KL: from −0.689 to −0.514), and
# the KL rose too. So training the
# two networks together is a chase: the decoder raises the level, the encoder closes the gap.
#
# ## 5 The Gaussian KL
#
# The regulariser needs a prior. The usual one is the standard normal, $P(z)=N(0,I)$: components independent, mean 0,
# variance 1. Then everything is a sum over components, and one component can be done on paper. With $z\sim N(\mu,\sigma^2)$,
#
# $$KL=\mathbb E_Q\big[\ln Q-\ln P\big]
# =\mathbb E_Q\Big[-\ln\sigma-\tfrac12\ln2\pi-\frac{(z-\mu)^2}{2\sigma^2}+\tfrac12\ln 2\pi+\frac{z^2}{2}\Big].$$
#
# The $2\pi$ cancel. $\mathbb E[(z-\mu)^2]=\sigma^2$ by definition, and $\mathbb E[z^2]=\sigma^2+\mu^2$. So
# $KL=-\ln\sigma-\frac12+\frac12(\sigma^2+\mu^2)$, and for all components
#
# $$\boxed{\ KL\big(Q\Vert N(0,I)\big)=\tfrac12\sum_k\big(\sigma_k^2+\mu_k^2-\ln\sigma_k^2-1\big)\ }$$
#
# This is the fee in the opening's code. *Predict* without a computer: which $(\mu,\sigma)$ costs nothing, and is
# $(1,\,0.5)$ or $(0.5,\,1.2)$ the dearer one? We check it
# against numerical integration and PyTorch.
#
# **A form that is often printed** is $\sum_k(\sigma_k^2+\mu_k^2-\ln\sigma_k-1)$. It lacks the ½, and the square inside the
# logarithm. The lost ½ alone would be a matter of scale. The lost square is not, for it changes where the minimum lies.
# *Predict:* at which $\sigma$, and can this be a KL divergence?

# %%
gaussian_kl = lambda mu, sigma: 0.5 * (sigma**2 + mu**2 - np.log(sigma**2) - 1)
mu, sigma, t = np.array([1, 0.5, 0]), np.array([0.5, 1.2, 1]), np.linspace(-12, 12, 4801)
check.worked("(μ, σ) = (1, 0.5), (0.5, 1.2), (0, 1): KL", gaussian_kl(mu, sigma), "0.818147 0.162678 0.000000")
integrals = [kl_density(t, ln_normal(t, m, s), ln_normal(t, 0, 1)) for m, s in zip(mu, sigma)]
check.same("integrated", gaussian_kl(mu, sigma), integrals, 1e-12)
check.same("PyTorch", gaussian_kl(mu, sigma), kl_divergence(Normal(*bridge.tensors(mu, sigma)), Normal(0.0, 1.0)), 1e-12)

# %%
wrong_kl = lambda mu, sigma: sigma**2 + mu**2 - np.log(sigma) - 1
at = np.linspace(0.4, 1.6, 120_001)
check.worked("at (1, 0.5): wrong form, right form", [wrong_kl(1, 0.5), gaussian_kl(1, 0.5)], "0.943147 0.818147")
for name, form, least in (("wrong", wrong_kl, "0.7071 -0.153426"), ("right", gaussian_kl, "1.0000 0.000000")):
    check.worked(f"{name} form: minimum at sigma, value", [at[form(0, at).argmin()], form(0, at).min()], least)

# %% [markdown]
# The printed form would reward a spread of 0.71 with a *negative* divergence, which the proof of section 3 forbids. Such
# tests (a value of 0 where it must be 0, and never below) find a wrong formula faster than reading it again. In training
# the mistake is easily overlooked: the loss falls as ever. But the reported "ELBO" is no bound any more.
#
# **The gradient** says what the fee does to the encoder. From the box,
#
# $$\frac{\partial KL}{\partial\mu}=\mu,\qquad\frac{\partial KL}{\partial\sigma}=\sigma-\frac1\sigma,\qquad
# \frac{\partial KL}{\partial\,\texttt{logvar}}=\tfrac12\big(e^{\texttt{logvar}}-1\big).$$
#
# A descent step pulls each mean towards 0, in proportion to its distance, and each $\sigma$ towards 1: clouds must not drift
# apart, and must not shrink to points.

# %%
rng = np.random.default_rng(65)
mu, logvar = rng.normal(size=(2, 4, 3))
total = lambda: gaussian_kl(mu, np.exp(logvar / 2)).sum()
check.gradient("dKL/dmu = mu", total, mu, mu)
check.gradient("dKL/dlogvar = (exp(logvar) - 1) / 2", total, logvar, (np.exp(logvar) - 1) / 2)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.2))
left.plot(at, gaussian_kl(0, at), **style.TRAIN, label="KL")
left.plot(at, wrong_kl(0, at), **style.VALIDATION, label="wrong form")
left.axhline(0, color="#222222", linestyle=":")
left.set(title="A KL below 0 is none", xlabel="σ (with μ = 0)", ylabel="nats")
left.legend()
M, S = np.meshgrid(np.linspace(-2, 2, 13), np.linspace(0.3, 2, 11))
right.quiver(M, S, -M, 1 / S - S, color="#555555", angles="xy")
right.plot(0, 1, "o", color=style.POSITIVE, ms=8)
right.set(title="Means to 0, spreads to 1", xlabel="μ", ylabel="σ")
plot.show(fig, "Left, the KL against sigma: it touches 0 at sigma 1, the wrong form dips below 0 near 0.71. Right, arrows of "
          "descent in the plane of mu and sigma, all towards the point (0, 1).")

# %% [markdown]
# With the fee alone, all clouds would end up at $(0,1)$, one on top of the other, and no code would tell anything of its
# picture. With reconstruction alone, they would shrink and drift apart. Together they come to terms. (The second half of the
# lecture draws the three maps.)
#
# ## 6 Gradients through a random draw
#
# One obstacle is left. Reconstruction is $\mathbb E_{z\sim N(\mu,\sigma^2)}[f(z)]$. We estimate it with a draw $z$. But
# the draw comes out of a random generator: what is the slope of "draw a number" in $\mu$?
#
# **Reparameterise.** Draw $\varepsilon\sim N(0,1)$, which knows nothing of $\mu$ and $\sigma$, and compute
#
# $$z=\mu+\sigma\varepsilon,\qquad \frac{\partial z}{\partial\mu}=1,\qquad\frac{\partial z}{\partial\sigma}=\varepsilon,\qquad
# \frac{\partial z}{\partial\,\texttt{logvar}}=\tfrac12\,\sigma\varepsilon .$$
#
# This $z$ has the right distribution, and for a given $\varepsilon$ it is an ordinary smooth function. The gradient of the
# average over many $\varepsilon$ follows by the chain rule, $\frac{\partial}{\partial\mu}f=f'(z)\cdot1$ and
# $\frac{\partial}{\partial\sigma}f=f'(z)\,\varepsilon$.
#
# *Misconception:* "the trick makes sampling differentiable." **It does not.** The draw stays what it was; it is moved out of
# the way, to an *input* of the network that needs no gradient, like a pixel. So a gradient check must hold $\varepsilon$
# fixed. *Predict* what finite differences give if $\varepsilon$ is drawn anew at each call. The test function is
# $f(z)=\sum_k(z_k-1)^2$.

# %%
rng, f, df = np.random.default_rng(66), lambda Z: np.sum((Z - 1) ** 2, axis=1), lambda Z: 2 * (Z - 1)
mu, logvar, eps = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(500, 3))
average = lambda: np.mean(f(mu + np.exp(logvar / 2) * eps))
slope = df(mu + np.exp(logvar / 2) * eps)
check.gradient("dmu, eps fixed", average, mu, slope.mean(axis=0))
check.gradient("dlogvar, eps fixed", average, logvar, np.mean(slope * 0.5 * np.exp(logvar / 2) * eps, axis=0))

# %%
fresh = lambda: np.mean(f(mu + np.exp(logvar / 2) * rng.normal(size=(500, 3))))     # new draws at each call
ratio = np.abs(check.numerical_gradient(fresh, mu) / slope.mean(axis=0))
print("eps drawn anew: more than 100 times too large:", ratio.max() > 100)
cloud = Normal(torch.zeros(3, requires_grad=True), 1.0)
print("PyTorch: sample() carries a gradient:", cloud.sample().requires_grad, "- rsample():", cloud.rsample().requires_grad)


# %% [markdown]
# With fresh noise the difference of two calls is the difference of two sets of *draws*, divided by two millionths: no digit
# of it is right. (PyTorch's `rsample` is the reparameterised draw.)
#
# **Is there another way?** Yes, and it does not even need $f'$. Differentiate the density instead of $f$:
#
# $$\frac{\partial}{\partial\mu}\int Q(z)f(z)\,dz=\int Q(z)\,\frac{\partial\ln Q(z)}{\partial\mu}\,f(z)\,dz
# =\mathbb E_Q\Big[f(z)\,\frac{z-\mu}{\sigma^2}\Big].$$
#
# $\partial\ln Q/\partial\mu$ is called the *score*, the estimator **score function** or REINFORCE (R. Williams, 1992; you
# meet it again in Lecture 8). Both estimators are **unbiased**: their mean is the true gradient. They differ in variance.
# For our $f$ with $\mu=0$, $\sigma=1$ in $d$ dimensions, the first component of the gradient is $-2$, and the variances of a
# single draw can be worked out: 4 for reparameterisation, in all dimensions, and $4d^2+14d+12$ for the score function. A
# *baseline*, the mean of $f$ subtracted from $f$, keeps it unbiased and brings the variance down to $6d+12$.
#
# <details><summary>Where the three variances come from</summary>
#
# Let $f=(z_1-1)^2+R$, where $R$ is the sum over the other $d-1$ components. Each $(z_k-1)^2$ has mean 2 and variance 6, so
# $\mathbb E R=2(d-1)$ and $\mathbb E R^2=6(d-1)+4(d-1)^2$. With $\mathbb E z^2=1$, $\mathbb E z^4=3$, $\mathbb E z^6=15$ one finds
# $\mathbb E[(z_1-1)^4z_1^2]=34$ and $\mathbb E[(z_1-1)^2z_1^2]=4$. Reparameterised: $2(z_1-1)$ has variance 4. Score function:
# $\mathbb E[f^2z_1^2]=34+2\cdot4\cdot2(d-1)+\mathbb E R^2=4d^2+14d+16$, less the square of the mean, $(-2)^2$. With the baseline
# $2d$: $\mathbb E[(f-2d)^2z_1^2]=4d^2+14d+16-4d\,(2d+2)+4d^2=6d+16$, less 4 again.
#
# </details>
#
# *Predict* for a code of 20 numbers: how many draws does the score function need where the other needs one?

# %%
def draws(d, n=50_000):
    """n gradients in the first mu, each from one draw, by three estimators; mu = 0, sigma = 1, d dimensions: (3, n)."""
    Z = rng.normal(size=(n, d))                                             # z = eps
    return np.stack([df(Z)[:, 0], f(Z) * Z[:, 0], (f(Z) - 2 * d) * Z[:, 0]])    # E[f] = 2 d


rng, dims = np.random.default_rng(67), np.array([1, 2, 5, 10, 20, 50])
samples = {d: draws(d) for d in dims}

# %%
measured = np.transpose([samples[d].var(axis=1) for d in dims])
theory = np.array([4 + 0 * dims, 4 * dims**2 + 14 * dims + 12, 6 * dims + 12])
off = np.abs(samples[20].mean(axis=1) + 2) / (samples[20].std(axis=1) / np.sqrt(50_000))
check.worked("score function over reparameterised, 20 dimensions, in theory", theory[1, 4] / theory[0, 4], "473")
check.claim("largest deviation of a variance from theory, relative", np.max(np.abs(measured / theory - 1)), at_most=0.12)
check.claim("largest deviation of a mean from -2, in standard errors", off.max(), at_most=3.1)
fig, ax = plt.subplots()
names = ("reparameterised", "score function", "score function, baseline")
for line, dots, name, look in zip(theory, measured, names, ("o-", "^--", "s:")):
    ax.loglog(dims, line, look[1:], color="#555555")
    ax.loglog(dims, dots, look[0], label=name)
ax.set(title="The score function pays for each dimension", xlabel="dimensions of z", ylabel="variance of one draw")
ax.legend()
plot.show(fig, "Variance of the gradient estimate against dimension, log scales. Reparameterised: level at 4. Score function: "
          "rising with the square of the dimension. With baseline: rising linearly with it. Dots lie on the theory's lines.")


# %% [markdown]
# For 20 numbers the score function needs 473 draws where the other needs one, and with the baseline 33. The reason: the
# score multiplies *all* of $f$ by the noise of *one* component, so noise from the other components comes along. $f'(z)$
# points at the component in question. (The rates belong to this $f$; the pattern is common. Where $z$ is discrete there
# is no $f'$, and the score function is what remains.) A VAE makes do with a single draw per picture: the batch does the
# averaging.
#
# ## 7 The VAE in NumPy
#
# Both distributions become networks: $Q(z\mid x)$ the **encoder**, $P(x\mid z)$ the **decoder**.
#
# ```
#                 ┌─ Wm ─▶ mu_z ───────────┐
#   x ─ W1 ─▶ A1 ─┤          eps ~ N(0, I) ┼─▶ z = mu_z + sigma·eps ─ W3 ─▶ A3 ─ W4 ─▶ logits ─▶ x̂
#                 └─ Wv ─▶ logvar ─▶ sigma ┘
#        encoder: Q(z | x)                                  decoder: P(x | z)
# ```
#
# Two **heads** on one hidden layer return mean and log-variance. Sizes 784-400-20 for the encoder: 400 ReLU units, 20
# numbers of code. `eps` is an argument, so a run can be repeated exactly.
#
# **The loss** $L$ is minus the ELBO, averaged over the batch. For the reconstruction we read a pixel as the probability
# of ink. The decoder says $\hat x=1/(1+e^{-\text{logit}})$ (`sigmoid` of Lecture 1), and $-\ln P(x\mid
# z)=\sum_\text{pixels}\big[\ln(1+e^{\text{logit}})-x\cdot\text{logit}\big]$: binary cross-entropy, coded so that
# nothing overflows. It is **summed** over pixels. *Misconception:* "a mean over pixels is the same but scaled." It
# weighs the fee 784 times as heavily, and as a rule the codes then say nothing any more. A factor $\beta$ before the KL
# allows for such play on purpose (section 9 onwards); $\beta=1$ is the ELBO. For a grey pixel the formula is still a
# fine loss, but no longer the logarithm of a probability; only for pixels 0 and 1 is it one.

# %%
def vae_init(rng, latent, hidden, d=784, dtype=np.float64):
    """Parameters of a VAE d -> hidden -> two heads of size latent -> hidden -> d logits, as a dict of arrays."""
    shapes = dict(W1=(d, hidden), Wm=(hidden, latent), Wv=(hidden, latent), W3=(latent, hidden), W4=(hidden, d))
    P = {}
    for k, (n_in, n_out) in shapes.items():
        gain = 2 if k in ("W1", "W3") else 1  # a ReLU follows W1 and W3
        P[k] = (rng.normal(size=(n_in, n_out)) * np.sqrt(gain / n_in)).astype(dtype)
        P[k.replace("W", "b")] = np.zeros(n_out, dtype)
    return P


def vae_forward(P, X, eps):
    """X (n, d) and noise eps (n, latent) to a dict of all layers: A1, mu_z, logvar, sigma, z, A3, logits."""
    A1 = relu(X @ P["W1"] + P["b1"])
    mu_z, logvar = A1 @ P["Wm"] + P["bm"], A1 @ P["Wv"] + P["bv"]
    sigma = np.exp(logvar / 2)
    z = mu_z + sigma * eps
    A3 = relu(z @ P["W3"] + P["b3"])
    logits = A3 @ P["W4"] + P["b4"]
    return dict(X=X, eps=eps, A1=A1, mu_z=mu_z, logvar=logvar, sigma=sigma, z=z, A3=A3, logits=logits)


# %%
def vae_terms(cache):
    """Reconstruction (Bernoulli cross-entropy, summed over pixels) and KL of each picture, in nats: two arrays (n,)."""
    X, logits, mu_z, logvar = (cache[k] for k in ("X", "logits", "mu_z", "logvar"))
    softplus = np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits)))  # ln(1 + exp(logit)), without overflow
    kl = 0.5 * (cache["sigma"] ** 2 + mu_z**2 - logvar - 1)
    return (softplus - X * logits).sum(axis=1), kl.sum(axis=1)


def vae_loss(P, X, eps, beta=1):
    """Mean over the batch of reconstruction + beta * KL, in nats."""
    reconstruction, kl = vae_terms(vae_forward(P, X, eps))
    return np.mean(reconstruction + beta * kl)


# %% [markdown]
# **Backwards** every step is known: cross-entropy gives $(\hat x-x)/n$ at the logits. From there to $z$ it is Lecture 2. At
# $z$ the path forks into mean and log-variance, and each receives two contributions: one through $z$ (section 6) and one
# from the KL (section 5),
#
# $$\frac{\partial L}{\partial\mu}=\frac{\partial L}{\partial z}+\frac{\beta}{n}\,\mu,\qquad
# \frac{\partial L}{\partial\,\texttt{logvar}}=\frac{\partial L}{\partial z}\cdot\tfrac12\sigma\varepsilon
# +\frac{\beta}{2n}\,(\sigma^2-1).$$
#
# In the hidden layer of the encoder the two heads' blame adds up.
#
# **Proof** on a small one, with $\varepsilon$ held fixed, nonzero biases, and $\beta=0.7$, so that a forgotten $\beta$ is
# found. All ten arrays are tried, every entry.

# %%
def vae_backward(P, cache, beta=1):
    """Gradients of vae_loss in every parameter, as a dict like P, from the dict of vae_forward."""
    X, eps, A1, mu_z, logvar, sigma, z, A3, logits = cache.values()
    n, G = len(X), {}
    dlogits = (sigmoid(logits) - X) / n
    G["W4"], G["b4"] = A3.T @ dlogits, dlogits.sum(axis=0)
    delta3 = (dlogits @ P["W4"].T) * (A3 > 0)
    G["W3"], G["b3"] = z.T @ delta3, delta3.sum(axis=0)
    dz = delta3 @ P["W3"].T
    dmu_z = dz + beta * mu_z / n                                        # dz/dmu = 1
    dlogvar = dz * eps * sigma / 2 + beta * (sigma**2 - 1) / (2 * n)    # dz/dlogvar = eps * sigma / 2
    G["Wm"], G["bm"] = A1.T @ dmu_z, dmu_z.sum(axis=0)
    G["Wv"], G["bv"] = A1.T @ dlogvar, dlogvar.sum(axis=0)
    delta1 = (dmu_z @ P["Wm"].T + dlogvar @ P["Wv"].T) * (A1 > 0)
    G["W1"], G["b1"] = X.T @ delta1, delta1.sum(axis=0)
    return G


# %%
rng = np.random.default_rng(68)
P = {k: p + 0.3 * rng.normal(size=p.shape) for k, p in vae_init(rng, latent=3, hidden=6, d=5).items()}      # biases too
X, eps = rng.random((7, 5)), rng.normal(size=(7, 3))
G = vae_backward(P, vae_forward(P, X, eps), beta=0.7)
worst = max(check.relative_error(check.numerical_gradient(lambda: vae_loss(P, X, eps, 0.7), P[k]), G[k]) for k in P)
check.same(f"gradients of {len(P)} arrays, worst relative error", worst, 0.0, 1e-6)


# %% [markdown]
# Now it learns: 3600 digits of all ten classes, Adam as in Lecture 2, and 400 digits on which we watch the loss. *Predict* the
# loss in nats that a decoder reaches when it ignores $z$ and always draws the same best picture, and what the first epochs
# gain over it.

# %%
def batches(X, rng, epochs, latent, size=100):
    """Yield the batches of some epochs in random order, each with its own noise eps."""
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), size):
            rows = order[start : start + size]
            yield X[rows], rng.standard_normal((len(rows), latent), dtype=X.dtype)

def train(P, stream, eta=1e-3):
    """Adam on every batch of the stream; changes P, returns the losses."""
    states, losses = {k: {} for k in P}, []
    for X, eps in stream:
        cache = vae_forward(P, X, eps)
        losses.append(np.mean(np.sum(vae_terms(cache), axis=0)))
        grads = vae_backward(P, cache)
        for k in P:
            adam(P[k], grads[k], states[k], eta)
    return np.array(losses)


# %%
X, X_val, EPOCHS = digits.X_train[:3600], digits.X_train[3600:], 12
P0 = vae_init(np.random.default_rng(69), latent=20, hidden=400, dtype=np.float32)
P = {k: p.copy() for k, p in P0.items()}
ours = train(P, batches(X, np.random.default_rng(70), EPOCHS, 20))
m = X.mean(axis=0).clip(1e-4, 1 - 1e-4)                                     # the best picture that never changes
same_for_all = -np.mean(np.sum(X_val * np.log(m) + (1 - X_val) * np.log(1 - m), axis=1))
cache = vae_forward(P, X_val, np.random.default_rng(71).standard_normal((400, 20), dtype=np.float32))
reconstruction, fee = (t.mean() for t in vae_terms(cache))
check.worked("held out, always the same picture: nats", same_for_all, "205.0")
check.claim("held out, VAE: nats", reconstruction + fee, at_most=125)
check.claim("held out, of these the KL", fee, at_least=23)
Z = np.random.default_rng(72).standard_normal((12, 20), dtype=np.float32)
drawn = sigmoid(relu(Z @ P["W3"] + P["b3"]) @ P["W4"] + P["b4"])
plot.show(plot.images(np.concatenate([X_val[:12], sigmoid(cache["logits"][:12]), drawn]), columns=12), "Upper row: digits held "
          "out. Middle: the same through code and decoder, softer. Lower: twelve decoded draws from the prior, a few like digits.")


# %% [markdown]
# A few seconds of NumPy, and the bound is far above that of the one best picture. The middle row went through twenty
# numbers *and their noise*. The lower row had no picture to start from: codes from $N(0,I)$, decoded. A few are digits,
# others are on the way. Longer training and other code sizes follow in the second half.
#
# ## 8 The same in PyTorch
#
# As a module the VAE is as long as its diagram, and autograd does all of section 6 by itself, since `eps` comes from
# outside. First in step: a small one, float64, 60 steps, the same weights, batches and noise. *Predict* how far the weights
# are apart at the end.

# %%
class VAE(torch.nn.Module):
    """The network of section 7, with the weights of a dict P."""
    def __init__(self, P):
        super().__init__()
        for k in ("1", "m", "v", "3", "4"):
            layer = torch.nn.Linear(*P["W" + k].shape, dtype=torch.tensor(P["W" + k]).dtype)
            setattr(self, "layer" + k, bridge.set_linear(layer, P["W" + k], P["b" + k]))

    def forward(self, X, eps):
        A1 = torch.relu(self.layer1(X))
        mu_z, logvar = self.layerm(A1), self.layerv(A1)
        z = mu_z + torch.exp(logvar / 2) * eps
        return self.layer4(torch.relu(self.layer3(z))), mu_z, logvar

def torch_train(net, stream, eta=1e-3):
    """The twin of train."""
    optimiser, losses = torch.optim.Adam(net.parameters(), lr=eta), []
    for X, eps in stream:
        logits, mu_z, logvar = net(X, eps)
        loss = F.binary_cross_entropy_with_logits(logits, X, reduction="sum") / len(X)
        loss = loss + 0.5 * (logvar.exp() + mu_z**2 - logvar - 1).sum() / len(X)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return torch.stack(losses).cpu().numpy()


# %%
net = VAE(small := vae_init(np.random.default_rng(73), latent=5, hidden=50))
pairs = list(batches(X[:2000].astype(np.float64), np.random.default_rng(74), 3, 5))     # 60 batches, each with its noise
check.same("60 losses, NumPy and PyTorch", train(small, pairs), torch_train(net, map(lambda p: bridge.tensors(*p), pairs)), 1e-10)
for k in ("1", "m", "v", "3", "4"):
    check.same(f"W{k} after 60 steps", small["W" + k].T, getattr(net, "layer" + k).weight, 1e-10)
    check.same(f"b{k} after 60 steps", small["b" + k], getattr(net, "layer" + k).bias, 1e-10)

# %% [markdown]
# In step to ten digits and more: two programs, one written by hand and one by autograd, agree on every weight. Now the whole
# run of section 7 in float32, on the device that is there, and the time of one step (784-400-20, batch 128, Adam included).
# With us NumPy took about 0.8 of PyTorch's time on one CPU core: most of it is matrix products, the same in both.

# %%
pairs = (bridge.tensors(*p, device=device) for p in batches(X, np.random.default_rng(70), EPOCHS, 20))
theirs, (fig, ax) = torch_train(VAE(P0).to(device), pairs), plt.subplots()
plot.curves(ax, numpy=ours, torch=theirs, ylabel="loss, in nats")
ax.set(title="Float32, twelve epochs: one curve")
plot.show(fig, "Training loss per step over twelve epochs, NumPy's wide line and PyTorch's dashed line on each other.")
check.same("all losses, NumPy over PyTorch, and 1", ours / theirs, np.ones(len(ours)), 0.01)

# %% tags=["nbval-ignore-output"]
batch, noise = digits.X_train[:128], np.zeros((128, 20), np.float32)
own = {k: p.copy() for k, p in P0.items()}
times = {"NumPy": bridge.seconds(lambda: train(own, [(batch, noise)] * 10)) / 10}
for name in dict.fromkeys(["cpu", device.type]):
    twin, pair = VAE(P0).to(name), bridge.tensors(batch, noise, device=name)
    times[f"PyTorch, {name}"] = bridge.seconds(lambda: torch_train(twin, [pair] * 10)) / 10
for name, seconds in times.items():
    print(f"{name:14s} {1000 * seconds:6.2f} ms per step, {seconds / times['PyTorch, cpu']:.2f} of PyTorch on the CPU")

# %% [markdown]
# ## 9 Pure KL, pure reconstruction, both
#
# The loss has two terms, and each alone would ruin the map. To see what either one does, we weigh them:
#
# $$L = r\cdot\text{reconstruction} + k\cdot\text{KL},\qquad (r,k) = (1,0),\ (0,1),\ (1,1).$$
#
# The prior is the usual one: a zero-mean normal distribution with diagonal covariance, here $N(0,I)$ in two
# dimensions. The pictures are black and white: a pixel is 1 with a probability equal to its grey level, drawn once and
# then kept. Our hand-written gradients from section 7 do the work; only the KL part is separated by a subtraction.
# (Letters from here on: small $p$ and $q$ are the $P$ and $Q$ of sections 2 to 8, as is usual for densities, while `P` in
# code is the dict of parameters and $k$ means what each section says, here the weight of the KL.)
#
# *Predict* for each of the three: how far apart do the means of the digits lie, and how large is σ beside that?

# %%
X_train, y_train, X_test, y_test = data.digits28(flat=True)
fixed = np.random.Generator(np.random.PCG64(6))  # so that everybody measures the same black and white pixels
bits_train, bits_test = ((fixed.random(X.shape) < X).astype(np.float32) for X in (X_train, X_test))

def descend(P, X, rng, epochs, r, k, keys=None, eta=2e-3, batch=100):
    """Adam on r * reconstruction + k * KL; changes the arrays of P named in keys (default: all of them)."""
    states = {key: {} for key in P}
    for epoch in range(epochs):
        for rows in rng.permutation(len(X)).reshape(-1, batch):
            cache = vae_forward(P, X[rows], rng.normal(size=(batch, P["bm"].size)).astype(X.dtype))
            G0, G1 = vae_backward(P, cache, 0), vae_backward(P, cache, 1)  # reconstruction alone; with KL
            for key in keys or P:
                adam(P[key], r * G0[key] + k * (G1[key] - G0[key]), states[key], eta * (1 - epoch / epochs))
    return P


# %% [markdown]
# All three networks start from the same weights and see the same pictures. The
# decoder of the second learns nothing by KL alone. So it gets a fair chance afterwards, with the encoder frozen.
#
# In the figure a coloured number is a code $z$ of a held-out digit. Each black ellipse is one digit's $\mu\pm\sigma$ (every
# fiftieth has one). The first three panels have the same axes.

# %%
caches = {}
for title, r, k in (("Reconstruction alone: far apart", 1, 0), ("KL alone: a cloud", 0, 1), ("Both: neighbours touch", 1, 1)):
    rng = np.random.default_rng(90)
    P = descend(vae_init(rng, 2, 128, dtype=np.float32), bits_train, rng, 12, r, k)
    descend(P, bits_train, rng, 4 * (r == 0), 1, 0, keys=["W3", "b3", "W4", "b4"])  # four epochs, or none
    caches[title] = vae_forward(P, bits_test, rng.normal(size=(1000, 2)).astype(np.float32))


# %%
def scatter_digits(ax, Z, title):
    for digit in range(10):
        ax.scatter(*Z[y_test == digit].T, marker=f"${digit}$", s=14, lw=0.3, color=plt.cm.tab10(digit))
    ax.set(title=title, xlabel="z, first number", ylabel="z, second number")

fig, axes = plt.subplots(2, 2, figsize=(6.6, 6.2))
every, turn = np.concatenate([cache["z"] for cache in caches.values()]), np.linspace(0, 2 * np.pi, 60)
for ax, (title, cache) in zip(axes.flat, caches.items()):
    scatter_digits(ax, cache["z"], title)
    for m, s in zip(cache["mu_z"][::50], cache["sigma"][::50]):  # twenty digits: where one sigma reaches
        ax.plot(m[0] + s[0] * np.cos(turn), m[1] + s[1] * np.sin(turn), color="black", lw=1)
    ax.set(xlim=(every[:, 0].min(), every[:, 0].max()), ylim=(every[:, 1].min(), every[:, 1].max()))
mu, sigma = (cache[key][np.argmax(np.ptp(cache["logvar"], axis=1))] for key in ("mu_z", "sigma"))  # the longest ellipse
z = mu + sigma * np.random.default_rng(91).normal(size=(2000, 2))
axes[1, 1].scatter(*z.T, s=3, color=style.NEGATIVE, alpha=0.4)
axes[1, 1].set(title="Codes of one digit: an ellipse", xlabel="z, first number", ylabel="z, second number")
axes[1, 1].set_aspect("equal", adjustable="datalim")
plot.show(fig, "Four panels. Reconstruction alone: codes spread far, most ellipses like dots. KL alone: all digits in one round cloud, "
          "and each ellipse lies in its middle. Both: groups of like digits, ellipses wide enough to be seen. Last: many codes of one digit, an upright or lying ellipse.")

# %% [markdown]
# *Reconstruction alone* lets the means drift apart, and σ shrinks: most of the ellipses are mere dots. Noise only hurts it, so it spends its freedom on
# making noise small beside the distances. Nothing limits that: train on, and it goes on. It is the plain autoencoder again.
# *KL alone* pulls every code to the centre, isolated groups most of all. It ends with $\mu=0,\sigma=1$ for every digit: one
# dense cloud without structure, and even a decoder that we trained on it afterwards can only draw the average digit.
# *Both* is an equilibrium. Who lives beside whom looks much as in the first map; what differs is the size of σ beside the
# distances. Reconstruction pushes unlike digits apart until the overlap costs little. KL pulls the groups together, and
# widens σ, until neighbours touch. (After twelve epochs the middle of the map is still off the origin, since a shift costs
# only a nat or so, and in both maps some groups lie on top of each other: two numbers are few for ten digits.)
# Groups are local, packing is global. So a draw from the prior mostly lands where the decoder was trained, and a walk from one group
# to the next blends one into the other.
#
# The last panel corrects a picture that you may meet: "a digit is a hyper-sphere in the latent space". With a diagonal
# covariance it is an **axis-aligned ellipsoid with a soft edge**. Each latent has its own σ. And there is no surface: of the draws
# from a normal distribution in two dimensions 39.3 % lie inside the ellipse of one σ, 86.5 % inside that of two, 98.9 % inside that of three.

# %%
for (name, bound), c in zip({"reconstruction alone": {"at_least": 100}, "KL alone": {"at_most": 0.019}, "both": {"at_most": 8.6}}.items(), caches.values()):
    check.claim(f"{name}: spread of the means over sigma", np.median(c["mu_z"].std(axis=0) / np.median(c["sigma"], axis=0)), **bound)
lost = -np.diff([vae_terms(c)[0].mean() for c in caches.values()])[1]
check.claim("reconstruction with KL alone less that with both, nats per digit", lost, at_least=41.5)
check.claim("long axis of this ellipse over its short axis", max(z.std(axis=0)) / min(z.std(axis=0)), at_least=1.9)
check.worked("share of a normal distribution in the plane within 1, 2, 3 sigma", chi(2).cdf([1, 2, 3]), "0.393 0.865 0.989")


# %% [markdown]
# ## 10 A map of the digits
#
# Two latents make a map that can be printed. This time we want it to look good, so the network gets a second hidden layer,
# in PyTorch. The class below serves the rest of the lecture; the optional `label` waits for section 14, and `free` in the
# function after it for section 15. The hidden units are GELU (Hendrycks and Gimpel 2016), $a\,\Phi(a)$ with $\Phi(a)$ the
# share of $N(0,1)$ below $a$: a ReLU whose corner is rounded. `init`
# (Lecture 2) draws the weights; the heads start small, so that every code starts near the prior.

# %%
class DigitVAE(torch.nn.Module):
    """X (n, d) and perhaps one-hot labels (n, classes) to the nats of reconstruction (n,) and KL (n, latent)."""

    def __init__(self, sizes, rng, classes=0):  # sizes: d, hidden layers ..., latent
        super().__init__()

        def mlp(sizes, gain):
            params, layers = init(sizes, rng, np.float32), []
            params[-2] *= gain
            for W, b in zip(params[::2], params[1::2]):
                layers += [bridge.set_linear(torch.nn.Linear(*W.shape), W, b), torch.nn.GELU()]
            return torch.nn.Sequential(*layers[:-1])

        self.encoder = mlp([sizes[0] + classes, *sizes[1:-1], 2 * sizes[-1]], 0.1)
        self.decoder = mlp([sizes[-1] + classes, *sizes[-2::-1]], 0.5)

    def encode(self, X, *label):
        return self.encoder(torch.cat([X, *label], dim=1)).chunk(2, dim=1)  # mu_z, logvar

    def forward(self, X, *label):
        mu_z, logvar = self.encode(X, *label)
        z = mu_z + torch.exp(logvar / 2) * torch.randn_like(mu_z)
        logits = self.decoder(torch.cat([z, *label], dim=1))
        reconstruction = F.binary_cross_entropy_with_logits(logits, X, reduction="none").sum(dim=1)
        return reconstruction, 0.5 * (logvar.exp() + mu_z**2 - logvar - 1)


# %%
def one_epoch(net, optimiser, X, rng, *label, beta=1.0, free=0.0, batch=100):
    """Every row of X once, in mixed order. free: nats per latent that are not charged (section 15)."""
    for rows in torch.tensor(rng.permutation(len(X)), device=device).split(batch):
        reconstruction, kl = net(X[rows], *(L[rows] for L in label))
        loss = reconstruction.mean() + beta * kl.mean(dim=0).clamp(min=free).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return loss.item()

def train_vae(net, X, rng, epochs, *label, eta=3e-3, beta=lambda t: 1.0, **how):
    """All epochs; eta is constant for the first half and falls to 0 in the second. beta: a function of the epoch."""
    net, X, *label = (thing.to(device) for thing in (net, torch.as_tensor(X), *label))
    optimiser = torch.optim.Adam(net.parameters(), eta, fused=device.type != "mps")  # fused: all weights in one pass
    for t in range(epochs):
        optimiser.param_groups[0]["lr"] = eta * min(1, 2 * (1 - t / epochs))
        one_epoch(net, optimiser, X, rng, *label, beta=beta(t), **how)
    return net.requires_grad_(False)


# %% [markdown]
# The training pictures are the *grey* digits now, undistorted. After training we lay a grid over the map. The points are
# the **quantiles** of the normal distribution: between two neighbours lies the same share of the prior, so the grid shows what draws
# from the prior look like, and how often. *Predict* which digits are neighbours.

# %%
rng = np.random.default_rng(100)
torch.manual_seed(100)
plane = train_vae(DigitVAE((784, 400, 100, 2), rng), X_train, rng, 22)

def paint(net, z, *label):
    """Codes (n, latent) to pictures (n, d), as an array."""
    return torch.sigmoid(net.decoder(torch.cat([z, *label], dim=1))).detach().cpu().numpy()


# %%
steps = [NormalDist().inv_cdf((k + 0.5) / 14) for k in range(14)]
grid = paint(plane, torch.tensor([(a, b) for b in steps[::-1] for a in steps], device=device))
places = plane.encode(torch.tensor(X_test, device=device))[0].cpu().numpy()
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.5))
scatter_digits(left, places, "Held-out digits: like by like")
right.imshow(grid.reshape(14, 14, 28, 28).transpose(0, 2, 1, 3).reshape(392, 392), cmap="gray_r", extent=(0, 1, 0, 1))
right.set(title="Drawn there: step by step", xlabel="share of the prior to the left", ylabel="share below")
right.grid(False)
plot.show(fig, "Left: 1000 held-out digits as points of a plane, in overlapping groups. Right: a grid of 14 by 14 drawn digits "
          "whose shapes change smoothly from one to the next.")

# %% [markdown]
# Likeness of shape decides who lives beside whom: usually 4 beside 9 and 7, and 3 beside 5 and 8, while 0 and 1 live at
# the rim. Between two groups the drawing changes step by step. Some of the prior may still fall on places where hardly any
# digit lives, and there the drawings are doubtful.
#
# **A pretty map is not a likelihood.** With grey pixels $x\in[0,1]$ the binary cross-entropy (BCE) is a fine measure of
# error, least at $\hat x = x$, and trains pretty pictures. But $\hat x^x(1-\hat x)^{1-x}$ is no density on $[0,1]$: its integral,
#
# $$\int_0^1 \hat x^{x}(1-\hat x)^{1-x}\,dx = \frac{2\hat x-1}{\ln\hat x-\ln(1-\hat x)},$$
#
# is not 1. (Loaiza-Ganem and Cunningham, 2019, divide by it and get the *continuous Bernoulli*.) Even a perfect reconstruction of
# a grey pixel is charged: $\ln 2$ for a pixel of 0.5. So a figure in "nats" from grey pixels must not be compared with one from
# black and white pixels. From section 11 on every picture is black and white, where the BCE *is* $-\ln P(x\mid z)$.

# %%
x, x_hat = (np.arange(10000) + 0.5) / 10000, np.array([[0.5], [0.9], [0.99]])
integral = np.mean(x_hat**x * (1 - x_hat) ** (1 - x), axis=1)
check.worked("the 'density' of a grey pixel integrates, at 0.5, 0.9, 0.99, to", integral, "0.5000 0.3641 0.2133")
p = x_hat[1:, 0]  # at 0.5 the formula is 0 / 0, and its limit 1/2
check.same("the formula at 0.9 and 0.99", integral[1:], (2 * p - 1) / (np.log(p) - np.log(1 - p)), tol=1e-8)

# %% [markdown]
# ## 11 Interpolation
#
# Take two digits, encode them to $z_0$ and $z_1$, and decode points between. The **linear** way is a straight line; the **spherical**
# way (*slerp*: Shoemake, 1985; for latent spaces White, 2016) turns one direction into the other along an arc. With ω the angle
# between $z_0$ and $z_1$,
#
# $$z(t) = (1-t)\,z_0 + t\,z_1\qquad\text{or}\qquad z(t) = \frac{\sin((1-t)\omega)}{\sin\omega}\,z_0+\frac{\sin(t\omega)}{\sin\omega}\,z_1.$$
#
# Why an arc? Draw $z\sim N(0,I)$ with $d$ latents. $\lVert z\rVert^2$ is a sum of $d$ squares with mean 1 each, so the norm
# is near $\sqrt d$, and its spread is about 0.7 *whatever* $d$. The middle of a line between two draws is
# $(z_0+z_1)/2$, with variance ½ per latent and so a norm near $\sqrt{d/2}$. *Predict:* what share of the prior is that short?

# %%
rng = np.random.default_rng(110)
fig, ax = plt.subplots()
for d, color in zip((2, 16, 200), style.ordered(3)):
    Z = rng.normal(size=(2, 20000, d))
    ax.hist(np.linalg.norm(Z[0], axis=1), 60, density=True, color=color, label=f"d = {d}")
    ax.hist(np.linalg.norm(Z.mean(axis=0), axis=1), 60, density=True, histtype="step", color=color, ls="--")
ax.set(title="The middle of a line (dashed) leaves the shell", xlabel="norm of z", ylabel="density")
ax.legend()
plot.show(fig, "Histograms of norms for 2, 16 and 200 latents: each is a narrow peak near the root of d. The dashed peaks of the "
          "middles lie to their left, overlapping at d = 2, apart at 200.")
check.worked("spread of the norm of 2, 16, 200 latents", chi([2, 16, 200]).std(), "0.655 0.701 0.707")
check.worked("share of the prior shorter than the root of d/2, d = 2, 16", chi([2, 16]).cdf(np.sqrt([1, 8])), "0.393 0.051")
check.worked("and with d = 200, its logarithm to base 10", chi(200).logcdf(10) / np.log(10), "-9.49")


# %% [markdown]
# In many dimensions nearly all of the prior is a thin shell, and a straight line between two draws cuts through the empty
# inside. The arc stays close to the shell. In two dimensions the difference hardly matters. One caution: encoded *means* $\mu_z$
# are a little shorter than draws, because the draws also hold the noise σ.
#
# We train a small network with 16 latents on the fixed black and white digits, and compare both ways with the naive
# baseline that needs no network: blending the pixels. *Predict* what the middle of each way from a 3 to a 6 shows.

# %%
def slerp(z0, z1, t):
    """The arc from z0 to z1 (latent,) at the places t (m, 1); returns (m, latent)."""
    omega = torch.arccos(z0 @ z1 / z0.norm() / z1.norm())
    return (torch.sin((1 - t) * omega) * z0 + torch.sin(t * omega) * z1) / torch.sin(omega)


# %%
rng = np.random.default_rng(111)
torch.manual_seed(111)
sixteen = train_vae(DigitVAE((784, 200, 16), rng), bits_train, rng, 12)
pair = torch.tensor(bits_test[[np.argmax(y_test == 3), np.argmax(y_test == 6)]], device=device)
(x0, x1), (z0, z1), t = pair, sixteen.encode(pair)[0], torch.linspace(0, 1, 9, device=device)[:, None]
rows = np.concatenate([((1 - t) * x0 + t * x1).cpu(), paint(sixteen, (1 - t) * z0 + t * z1), paint(sixteen, slerp(z0, z1, t))])
fig = plot.images(rows, [{0: "pixels", 9: "line", 18: "arc"}.get(k, "") for k in range(27)], columns=9, scale=0.7)
plot.show(fig, "Three rows of nine pictures from a 3 to a 6. Pixels: one fades out while the other fades in. Line and arc: "
          "a single shape that changes, blurred or broken in the middle.")


# %% [markdown]
# Blended pixels show two ghosts, one fading out and one fading in. The decoder keeps a single shape and changes it. But a 3
# and a 6 have little in common, and half way both rows show a smudge or broken strokes. Where the angle is wide, the middle
# of the line comes close to the origin, a place between all digits, and its drawing goes grey. The arc keeps away from there;
# that alone does not make its middle a digit. Neither way promises that every picture on it is one.
#
# ## 12 The headline: how good a model of digits?
#
# Now we ask for a number: how many nats does a held-out digit cost? The task, stated exactly: 1000 held-out digits, each
# pixel drawn black or white once (`bits_test`), and the mean of a lower bound of $\ln p(x)$ over them. Higher is better. Without opponents the
# number says nothing, so here are two. **Independent pixels**: each with its own probability of ink. A **mixture of Bernoullis**:
# 200 average pictures with independent pixels each. A digit first chooses its picture, then its pixels. Its
# $\ln p(x)$ is exact, and it is fitted by expectation-maximisation: who belongs to whom, then new averages, 30 times. (Tried on
# 600 of the training digits: 60 groups are 5 nats worse, and 300 gain one more.)
# Sums of probabilities like $e^{-200}$ need the log-sum-exp of section 2.

# %%
def log_joint(X, share, ink):
    """ln of share_k * P(x | group k) for each picture and group: (n, k)."""
    return np.log(share) + X @ np.log(ink / (1 - ink)).T + np.log(1 - ink).sum(axis=1)

def smooth(R, X):
    """Shares (k,) and ink (k, 784) of groups with memberships R (n, k); one extra average digit in each."""
    return R.mean(axis=0), np.clip((R.T @ X + X.mean(axis=0)) / (R.sum(axis=0)[:, None] + 1), 1e-4, 1 - 1e-4)


# %%
rng, X = np.random.default_rng(120), bits_train.astype(np.float64)
share, ink = np.full(200, 1 / 200), 0.01 + 0.5 * X.mean(axis=0) + 0.45 * X[rng.choice(4000, 200, replace=False)]
for _ in range(30):
    L = log_joint(X, share, ink)
    share, ink = smooth(np.exp(L - log_sum_exp(L, axis=1)[:, None]), X)
opponent = log_sum_exp(log_joint(bits_test, share, ink), axis=1).mean()
pixels = log_joint(bits_test, *smooth(np.ones((4000, 1)), X)).mean()  # a mixture of one group
check.worked("independent pixels: ln p of a held-out digit, nats", pixels, "-207.8")
check.claim("mixture of 200: ln p of a held-out digit, nats", opponent, at_least=-142.3)

# %% [markdown]
# *Predict* by how much a VAE beats the mixture.
#
# The network is 784-500-200 with 16 latents, and as many units back. With 4000 digits the enemy is overfitting, and two
# tricks keep it away. Every epoch *distorts* all digits anew (`distort`, Lecture 2) and draws their black and white pixels anew. But a
# distorted digit is not quite a digit of our set, and a density model notices. So the strength of the distortion **falls to 0** while
# training goes on. The KL term is switched on over the first five epochs (**warm-up**).
#
# All of this was chosen on 600 of the 4000 training digits (the figures stand below, after the result). How long we train is
# set by your patience. As in
# the lectures before, the cell after the next may be interrupted and run again: it continues, and the weights can be used at any time.

# %%
EPOCHS, ETA = 80 * (2 if device.type == "cuda" else 1), 1e-3  # a GPU has time for more epochs
rng = np.random.default_rng(121)
torch.manual_seed(121)
best, history = DigitVAE((784, 500, 200, 16), rng).to(device), []
optimiser = torch.optim.Adam(best.parameters(), ETA, fused=device.type != "mps")
z_fixed = torch.randn(20, 16, device=device)

def step():
    """One epoch on freshly distorted, freshly binarised digits; returns the loss of the last batch."""
    t = len(history) / EPOCHS
    s = 0.6 * min(1, (1 - t) / 0.6)  # strength of the distortion
    G = distort(X_train, rng, 2 * s, 0.25 * s, 0.15 * s, 0.15 * s, 1.5 * s)
    X = torch.tensor((rng.random(G.shape, np.float32) < G).astype(np.float32), device=device)
    optimiser.param_groups[0]["lr"] = ETA * min(1, 2 * (1 - t))
    return one_epoch(best, optimiser, X, rng, beta=min(1, (len(history) + 1) / 5), batch=128)

def picture():
    return plot.images(paint(best, z_fixed)), f"Twenty draws from the prior after {len(history)} epochs."


# %% tags=["nbval-ignore-output"]
progress.train(history, EPOCHS, step, picture, every=20)

# %% [markdown]
# Now the held-out digits, with ten draws of the noise each; and thirty draws from the prior below twenty real digits.

# %%
torch.manual_seed(122)
X_held = torch.tensor(bits_test, device=device)
reconstruction, kl = np.mean([[part.sum().item() / 1000 for part in best(X_held)] for _ in range(10)], axis=0)
check.claim("VAE: ELBO of a held-out digit, nats", -reconstruction - kl, at_least=-106.2)
check.claim("its KL part, nats", kl, at_most=23.1)
check.claim("gain on the mixture, nats", -reconstruction - kl - opponent, at_least=34.5)

# %%
forged = paint(best, torch.randn(4000, 16, device=device))
fig = plot.images(np.concatenate([X_test[:20], forged[:30]]), ["real" if k < 20 else "drawn" for k in range(50)])
plot.show(fig, "Two rows of real held-out digits above three rows of drawn ones. Most drawn ones are readable, softer at the edges; "
          "some are no digit.")

# %% [markdown]
# The VAE saves about 35 nats per digit against the mixture. That is a factor of $e^{35}$ in probability, on
# digits that neither had seen. About a fifth of the cost is KL: what the code says. The rest is pixels that the code leaves open.
# Networks of this kind trained on all 60 000 digits reach about −86 to −87 on pixels drawn in the same way, by the tighter bound of the next
# section (Burda et al. 2016). Their test digits are others, so compare with care.
#
# How the settings were chosen, on 600 of the training digits, one run each: the full distortion, kept until late, reached −113
# there in 75 epochs, a falling one of 0.6 of its strength −108 (and −107 in 90), and a second hidden layer gave about three nats
# in equal time.
#
# ## 13 The importance-weighted bound
#
# The ELBO is a bound. How far below $\ln p(x)$ is it? Burda, Grosse and Salakhutdinov (2016) tighten it with $K$ draws from
# $q(z\mid x)$, each with the weight that you know from section 2 ("a second try, by chance"):
#
# 1. The weight $w = \dfrac{p(x\mid z)\,p(z)}{q(z\mid x)}$ has mean $\mathbb E_q\,w = \int p(x\mid z)\,p(z)\,dz = p(x)$, and so has the average of $K$ weights.
# 2. $\ln$ is concave, so by Jensen $L_K = \mathbb E\,\ln\frac1K\sum_{k=1}^K w_k \le \ln\mathbb E\,\frac1K\sum_k w_k = \ln p(x)$. For $K=1$ it is the ELBO.
# 3. More draws never lower it, $L_{K-1}\le L_K$. Leave out each weight in turn. The mean over the $K$ omissions is the full average,
#    $$\frac1K\sum_i w_i=\frac1K\sum_{j=1}^K\Big[\frac1{K-1}\sum_{i\ne j}w_i\Big],\qquad\text{so}\qquad
#    \ln\frac1K\sum_i w_i\ \ge\ \frac1K\sum_{j=1}^K\ln\Big[\frac1{K-1}\sum_{i\ne j}w_i\Big]$$
#    by Jensen. Take expectations: on the left stands $L_K$, and on the right each logarithm has the expectation $L_{K-1}$.
#
# We first try it where $\ln p(x)$ is known: $z\sim N(0,1)$ and $x\mid z\sim N(az, s^2I)$ with three pixels. Then $x$ is normal
# with covariance $aa^\top+s^2I$, and the exact posterior is normal with variance $v = 1/(1+a\cdot a/s^2)$ and mean $v\,a\cdot x/s^2$.
# First $q$ is exact, then it has the right mean and twice the right σ. *Predict* both ELBOs.

# %%
a, s, x = np.array([1.0, -2.0, 0.5]), 0.7, np.array([0.3, -1.1, 0.8])
C = np.outer(a, a) + s**2 * np.eye(3)
exact = -0.5 * (x @ np.linalg.solve(C, x) + np.log(np.linalg.det(2 * np.pi * C)))
v = 1 / (1 + a @ a / s**2)
mean, eps, log_w = v * a @ x / s**2, np.random.default_rng(130).normal(size=10**6), {}
for factor in (1, 2):
    z, sd = mean + factor * np.sqrt(v) * eps, factor * np.sqrt(v)
    log_w[factor] = ln_normal(x, z[:, None] * a, s).sum(axis=1) + ln_normal(z, 0, 1) - ln_normal(z, mean, sd)
check.worked("ln p(x)", exact, "-3.40173")
check.same("q exact: every single weight is p(x)", log_w[1], np.full(10**6, exact), tol=1e-9)

# %%
gap = {K: exact - (log_sum_exp(log_w[2].reshape(-1, K), axis=1) - np.log(K)).mean() for K in (1, 10, 1000)}
check.worked("gap of the ELBO in theory, q twice too wide", 0.5 * (4 - 1 - np.log(4)), "0.807")
check.claim("gap at K = 1, less theory", abs(gap[1] - 0.5 * (4 - 1 - np.log(4))), at_most=0.01)
check.claim("gap at K = 10", gap[10], at_most=0.041)
check.claim("gap at K = 1000", abs(gap[1000]), at_most=0.003)


# %% [markdown]
# An exact $q$ gives $\ln p(x)$ from a single draw, whatever $z$ it is. With a $q$ too wide, the gap at $K=1$ is
# $KL(q\Vert p(z\mid x))$, as the identity behind the ELBO says, and more draws close it. Now the digits, every fifth
# of the 1000 to save time. Their ELBO is not that of section 12: compare only inside the figure.
# In $\ln w$ the constants $\ln 2\pi$ of prior and $q$ cancel, and $q$'s exponent is the noise itself.

# %%
@torch.no_grad()
def log_weights(net, X, K):
    """ln w of K draws for each picture X (n, 784): array (K, n)."""
    mu_z, logvar = net.encode(X)
    eps = torch.randn(K, *mu_z.shape, device=X.device)
    z = mu_z + torch.exp(logvar / 2) * eps
    logits = net.decoder(z)
    log_px = (X * logits - F.softplus(logits)).sum(dim=2)
    return (log_px + 0.5 * (eps**2 - z**2 + logvar).sum(dim=2)).cpu().numpy()


# %%
torch.manual_seed(131)
log_w = np.concatenate([log_weights(best, X, 500) for X in X_held[::5].split(10)], axis=1).astype(np.float64)  # 200 digits
Ks = [1, 5, 10, 50, 100, 500]
L = [np.mean(log_sum_exp(log_w.reshape(-1, K, 200), 1) - np.log(K)) for K in Ks]
check.claim("IW-500 less ELBO, nats, on 200 held-out digits", L[-1] - L[0], at_least=3.7)
check.claim("IW-500 of these digits, nats", L[-1], at_least=-101)

fig, ax = plt.subplots()
ax.semilogx(Ks, L, "o-", color=style.NEGATIVE)
ax.set(title="More draws, a tighter bound", xlabel="K, draws per digit", ylabel="bound on ln p(x), nats")
plot.show(fig, "The bound over K on a log axis: it rises steeply from 1 to 10 and more and more slowly up to 500.")

# %% [markdown]
# The bound rises by a few nats and slows down, though it has not quite stopped. So the ELBO of this network is a few nats too modest, and
# "IW-500" is the figure to quote beside the ELBO. It measures; we did not train with it.
#
# ## 14 Asking for a digit
#
# So far the network draws what it likes. A **conditional VAE** (Kingma et al. 2014, Sohn et al. 2015) hears the label $y$ twice, in the
# encoder $q(z\mid x,y)$ and in the decoder $p(x\mid z,y)$: one-hot, beside the pixels and beside the code. *Predict:* with
# the label given, what is left for $z$ to say?
#
# There is a trap. Early in training $z$ already carries the class, and then the decoder need not listen to the label: with
# the plain loss only about half of the drawn digits are the ones asked for. So we speak up (a label is 4, not 1) and make $z$ expensive at first: β, the weight of the KL,
# falls from 10 to 1 in eight epochs. The label is free, so the decoder learns to take the class from there.

# %%
rng = np.random.default_rng(140)
torch.manual_seed(140)
labels = torch.tensor(4 * np.eye(10, dtype=np.float32)[y_train])
asked = train_vae(DigitVAE((784, 200, 10), rng, classes=10), bits_train, rng, 15, labels,
                  beta=lambda t: 1 + 9 * max(0, 1 - t / 8))

# %%
ten = 4 * torch.eye(10, device=device)
styles = torch.randn(8, 10, device=device)
wish = paint(asked, styles.repeat(10, 1), ten.repeat_interleave(8, dim=0))  # rows: the digits 0 to 9; columns: one z each
fig = plot.images(wish.reshape(10, 8, 784).transpose(1, 0, 2).reshape(80, 784), columns=10)
plot.show(fig, "Eight rows with the digits 0 to 9 each. Within a row the style agrees: slant, weight of the stroke, width.")


# %% [markdown]
# A column is one digit, a row is one $z$. The label says *which*, so $z$ is free to say *how*: slant, width, weight of the
# stroke. That gives **style transfer**: encode somebody's digit with its own label, decode the same $z$ with another.
#
# Did it draw what we asked for? Let a judge decide who never saw a drawn digit: a network 784-200-10, trained on real ones,
# distorted as in Lecture 2, but half as much (again the better choice on our 600). The same function will train another network in section 17.

# %%
def classifier(X, y, classes, rng, epochs, change=lambda X: X):
    """Weights of 784-200-classes by Adam; change(X): what an epoch sees of the pictures."""
    net, states = init([784, 200, classes], rng, np.float32), [{} for _ in range(4)]
    for epoch in range(epochs):
        seen = change(X)
        for rows in rng.permutation(len(X)).reshape(-1, 100):
            A = forward(net, seen[rows])
            delta = loss_and_delta(A[-1], y[rows])[1].astype(np.float32)
            for p, dp, s in zip(net, backward(net, A, delta, lambda A: A > 0), states):
                adam(p, dp, s, 2e-3 * (1 - epoch / epochs))
    return net


# %%
rng = np.random.default_rng(141)
judge = classifier(X_train, y_train, 10, rng, 16, lambda X: distort(X, rng, 1, 0.125, 0.075, 0.075, 0.75))
check.claim("judge: accuracy on real held-out digits", accuracy(forward(judge, X_test)[-1], y_test), at_least=0.953)

# %% [markdown]
# *Predict* what share of the wishes is judged right, now that the label is loud and β falls.

# %%
wish = paint(asked, torch.randn(1000, 10, device=device), ten.repeat(100, 1))
check.claim("drawn on request, judged right", accuracy(forward(judge, wish)[-1], np.tile(np.arange(10), 100)), at_least=0.96)
own = torch.tensor(4 * np.eye(10, dtype=np.float32)[y_test], device=device)
z = asked.encode(X_held, own)[0]
moved = paint(asked, z, own.roll(1, dims=1))  # the next digit in the same hand
check.claim("same style, next digit, judged right", accuracy(forward(judge, moved)[-1], (y_test + 1) % 10), at_least=0.94)

# %%
rows = np.concatenate([np.r_[X_test[k : k + 1], paint(asked, z[k : k + 1].repeat(10, 1), ten)] for k in (0, 1, 2, 3)])
plot.show(plot.images(rows, ["given" if k % 11 == 0 else "" for k in range(44)], columns=11),
          "Four rows: a real digit, then the digits 0 to 9 drawn with its code. Slant and weight follow the given digit.")

# %% [markdown]
# More than nine in ten are judged right, and the hand is kept: a slanted given digit makes slanted neighbours. The labels did the rest of the work; nobody told the network
# what a style is. What each trick is worth, compared with 3400 training digits and judged on the other 600, three runs each: 0.53
# right with neither trick, 0.81 with β alone, 0.91 with the louder label alone, 0.97 with both. Obedience has its price: the bound
# is then some two nats lower than with neither.
#
# ## 15 β and posterior collapse
#
# A weight β on the KL term (the β-VAE of Higgins et al. 2017) sets the price of a nat in the code. The KL is also called the **rate**, what the code costs, and
# the reconstruction the **distortion**, what it leaves unsaid. With $\beta\ne1$ their plain sum is still a valid negative ELBO,
# though no longer the one trained for.
#
# When a nat in the code saves less than β nats in the pixels, a latent gives up: $q(z_j\mid x)=N(0,1)$ for every $x$. The decoder then sees pure noise
# there and learns to ignore it, so nothing calls the latent back. That is **posterior collapse**. We count latents that are alive, the
# **active units** (Burda et al. 2016): those whose mean $\mu_{z,j}$ has a variance over the data above 0.01.
#
# Remedies: **warm-up** (Bowman et al. 2016), as in section 12, lets latents find something to say before it costs
# anything; **free bits** (Kingma et al. 2016) charge nothing for the first λ nats of each latent (averaged over a batch; here λ = 0.15), so that giving up
# saves nothing. Strong decoders that could do without $z$ need such help at β = 1.
#
# The small 8×8 digits suffice (64-64-16, binarised in the same way). We train at β = ¼, 1, 2, 4, and at β = 2 with either remedy. *Predict*
# the number of active units of 16.

# %%
fixed = np.random.Generator(np.random.PCG64(15))
eights = [torch.tensor((fixed.random(X.shape) < X).astype(np.float32)) for X in data.digits8(flat=True)[::2]]

def collapse(beta, free=0.0):
    """Train with beta(t) and free nats; active units, rate and distortion on the held-out digits."""
    rng = np.random.default_rng(150)
    torch.manual_seed(150)
    net, X = train_vae(DigitVAE((64, 64, 16), rng), eights[0], rng, 80, beta=beta, free=free), eights[1].to(device)
    reconstruction, kl = net(X)
    return (net.encode(X)[0].var(dim=0) > 0.01).sum().item(), kl.sum(dim=1).mean().item(), reconstruction.mean().item()

betas = (0.25, 1, 2, 4)
table = np.array([*(collapse(lambda t: b) for b in betas), collapse(lambda t: 2 * min(1, t / 40)), collapse(lambda t: 2, 0.15)])

# %% [markdown]
# In the figure blue is the plain loss at four prices, orange is β = 2 with a remedy.

# %%
names, colors = ("β = ¼", "β = 1", "β = 2", "β = 4", "warm-up", "free bits"), [style.NEGATIVE] * 4 + [style.POSITIVE] * 2
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.2))
left.bar(names, table[:, 0], color=colors)
left.set(title="A high β puts latents to sleep", ylabel="active units of 16")
left.tick_params(axis="x", rotation=60)
right.plot(*table[:4, 1:].T, "o-", color=style.NEGATIVE, label="plain loss")
for row, name in zip(table, names[:4]):
    right.annotate(name, row[1:], xytext=(5, 6), textcoords="offset points", fontsize=8)
for row, mark, name in zip(table[4:], "^s", names[4:]):  # hollow marks: what lies below them stays visible
    right.plot(*row[1:], mark, color=style.POSITIVE, mfc="none", ms=10, mew=1.5, label="β = 2, " + name)
right.margins(0.15)
right.set(title="Rate is paid, distortion saved", xlabel="rate: KL, nats", ylabel="distortion, nats")
right.legend(fontsize=8)
plot.show(fig, "Left: active units fall with beta, to none at 4; free bits bring all back. Right: distortion falls with the rate.")

# %%
check.claim("β = ¼: active units", table[0, 0], at_least=16)
check.claim("β = 4: active units", table[3, 0], at_most=0)
check.claim("β = 2, warm-up: active units", table[4, 0], at_least=9)
check.claim("β = 2, free bits: active units", table[5, 0], at_least=16)
check.claim("free bits: negative ELBO less that without, nats", (table[5] - table[2])[1:].sum(), at_most=0.45)
check.claim("β = ¼: negative ELBO less that of β = 1, nats", (table[0] - table[1])[1:].sum(), at_least=6.4)

# %% [markdown]
# At β = 4 everything has collapsed, and the network is the independent-pixel baseline in disguise. Only β = 1 trains for the
# likelihood itself.
#
# Free bits wake all latents at the price asked, and the plain ELBO does not suffer. Without help the
# number of active units at β = 2 depends on the start: with us it was anything from four to twelve. With warm-up it was about eleven every time.
# Yet over six starts warm-up changed rate and distortion by only 0.15 and 0.24 nats on average: latents that stay awake at this price say almost nothing.
# And with free bits the rate was 2.4 nats every time, the 16 · 0.15 that are free and no more. So "active" is not yet "useful"; look at rate and distortion as well.
#
# ## 16 Play
#
# The decoder of section 10, live: drag the point over the map and watch the digit; then draw a path between two groups. Find the shortest
# way from a 4 to a 6 on which every picture is a digit. Is it the straight one? And what is drawn far outside, where the prior hardly goes?

# %%
from course_utils.interact.latent import LatentPlane

layers = [p.cpu().numpy() for layer in plane.decoder[::2] for p in (layer.weight.T, layer.bias)]
LatentPlane(layers, places[:500], y_test[:500], activation="gelu", output="sigmoid")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Often it is not. Between two groups that do not touch, the straight path crosses a third group or a narrow strip where two shapes are laid on top
# of each other; a small detour round it keeps to digits. Far outside, the decoder extrapolates: strokes get hard and broken, because KL brought
# hardly a code there during training. The prior says how little that matters: only 1.1 % of it lies beyond radius 3.
#
# </details>
#
# ## 17 Where it breaks
#
# Look at section 12's draws again. Beside the real digits they are soft, and some are no digit. Why? The decoder gives each pixel
# a probability, and given $z$ all pixels are *independent*. If a code leaves open whether a stroke runs one pixel to the left, the best
# answer in nats is to make both places half black. The loss asks for **the mean of all digits that fit the code**, and a mean of sharp pictures
# is blurred. To draw each pixel at random from these probabilities does not help: the true pixels move together, the drawn ones make
# speckle. A second cause: the draws come from the prior, and the codes of real digits do not fill it evenly.
#
# Two simple measures. How many pixels are grey, between 0.2 and 0.8? And can a small network, the *spy*, learn to tell real black and white
# digits from drawn ones? *Predict:* 50 % would be a perfect forgery.

# %%
rng, grey = np.random.default_rng(170), lambda X: np.mean((X > 0.2) & (X < 0.8))
check.claim("grey pixels, drawn over real", grey(forged) / grey(X_test), at_least=2.1)
fake = (rng.random(forged.shape) < forged).astype(np.float32)
spy = classifier(np.concatenate([bits_train[:3000], fake[:3000]]), np.repeat([1, 0], 3000), 2, rng, 15)
verdict = forward(spy, np.concatenate([bits_test, fake[3000:]]))[-1]
check.claim("spy: right about new digits, real or drawn", accuracy(verdict, np.repeat([1, 0], 1000)), at_least=0.8)

# %% [markdown]
# There are about twice as many grey pixels, and the spy is right far more often than every second time. A good likelihood does not make good
# pictures: nobody asked for pictures that cannot be told from real ones. So let us ask for exactly that. Make the spy *the loss*,
# give the generator its gradient, and train both against each other. That is Lecture 7.
#
# ## 18 Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "KL is a distance." | The two directions differ: one covers all hills, the other seeks one. | 3 |
# | "$\ln P(x)$ is a constant." | In $Q$ only. Training the decoder moves it. | 4 |
# | "The trick makes sampling differentiable." | It moves the draw to an input that needs no gradient. | 6 |
# | "A digit's codes fill a hyper-sphere." | An axis-aligned ellipsoid, one σ per latent, with a soft edge. | 9 |
# | "The KL term is only a regulariser against overfitting." | It makes the prior the place where the decoder is trained, so that draws can be decoded. Alone it erases everything. | 9 |
# | "BCE on grey pixels is a log-likelihood." | It is no density on [0, 1]; compare nats only between black and white pixels. | 10 |
# | "The ELBO is the likelihood." | A lower bound; with 500 weighted draws ours rises by some nats. | 13 |
# | "More latents hold more information." | Those whose price is too high fall asleep; count the active ones. | 15 |
# | "VAE pictures are blurred because the bound is loose." | Mostly because pixels are independent given $z$, and the mean of what fits is soft. | 17 |
#
# ## 19 Summary
#
# 1. A VAE describes a picture by a distribution over codes. $\ln P(x)=KL(Q\Vert P(z\mid x))+\mathrm{ELBO}$, and the ELBO
#    (reconstruction less $KL(Q\Vert P(z))$) can be computed: raising it improves the decoder or closes the gap.
# 2. KL is never negative and has a direction; for Gaussians it is $\frac12\sum(\sigma^2+\mu^2-\ln\sigma^2-1)$. With
#    $z=\mu+\sigma\varepsilon$ the gradient goes round the draw, and one draw does the work of hundreds.
# 3. Reconstruction alone scatters the codes, KL alone erases them; together they pack like beside like, and the prior decodes.
#    β sets the price of a nat in the code. Too dear, and latents fall asleep; free bits wake them.
# 4. A number in nats needs a stated binarisation, held-out digits and opponents: the VAE beats a mixture of 200 pictures by
#    about 35 nats. $L_1\le L_K\le\ln p(x)$: more weighted draws tighten the bound, and log-sum-exp keeps it computable.
# 5. A label for encoder and decoder lets one ask for a digit and leaves the style to $z$, once the decoder listens.
#
# **Test yourself**
#
# **1.** A step that changed the encoder alone has raised the ELBO of a picture by 1 nat. What happened to $\ln P(x)$ and to
# $KL(Q\Vert P(z\mid x))$?
#
# <details><summary>Answer</summary>
#
# $\ln P(x)$ does not contain $Q$: it stays. The two add up to it, so the divergence fell by 1 nat.
#
# </details>
#
# **2.** From which two places does `logvar` receive a gradient, and why must a gradient check hold ε fixed?
#
# <details><summary>Answer</summary>
#
# Through $z$, $\frac{\partial L}{\partial z}\cdot\frac12\sigma\varepsilon$, and from the KL, $\frac12(\sigma^2-1)$ per picture. With new noise at each call,
# the difference of two calls is that of two sets of draws, divided by a tiny number.
#
# </details>
#
# **3.** Which of the two terms alone makes a plain autoencoder out of the VAE, and what then happens to σ?
#
# <details><summary>Answer</summary>
#
# Reconstruction alone. σ shrinks towards 0 in units of the distances between the means, since noise only hurts it.
#
# </details>
#
# **4.** Somebody reports an ELBO of −70 for grey digits and you have −106 for black and white ones. Who is better?
#
# <details><summary>Answer</summary>
#
# Nobody can say. The grey figure is no log-likelihood, and the data are different ones.
#
# </details>
#
# **5.** All latents of your VAE have a KL of 0, and the drawn digits all look like the same grey average. What happened, and what can you try?
#
# <details><summary>Answer</summary>
#
# Posterior collapse. Lower β or start it low (warm-up), give free bits, weaken the decoder, and check that the latents' gradient is right.
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/06_variational_autoencoders.ipynb) ([its
# solution](../solutions/06_variational_autoencoders.ipynb), for afterwards). Next: Lecture 7, two networks that train each other.
#
# **References**
#
# - The method: D. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR (2014); D. Rezende, S. Mohamed and D. Wierstra, *Stochastic backpropagation and
#   approximate inference in deep generative models*, ICML (2014). Labels: D. Kingma and others, *Semi-supervised learning with deep generative models*, NeurIPS (2014); K. Sohn, H. Lee and X. Yan,
#   *Learning structured output representation using deep conditional generative models*, NeurIPS (2015).
# - Foundations: S. Kullback and R. Leibler, *On information and sufficiency*, Annals of Mathematical Statistics (1951); R. Williams, *Simple statistical
#   gradient-following algorithms for connectionist reinforcement learning*, Machine Learning (1992); D. Hendrycks and K. Gimpel, *Gaussian error linear units (GELUs)*, arXiv (2016).
# - Bound and active units: Y. Burda, R. Grosse and R. Salakhutdinov, *Importance weighted autoencoders*, ICLR (2016). Price and collapse: I. Higgins and others, *β-VAE*, ICLR (2017);
#   S. Bowman and others, *Generating sentences from a continuous space*, CoNLL (2016); D. Kingma and others, *Improved variational inference with inverse autoregressive flow*, NeurIPS (2016), free bits.
# - Interpolation and pixels: K. Shoemake, *Animating rotation with quaternion curves*, SIGGRAPH (1985); T. White, *Sampling generative networks*, arXiv (2016); G. Loaiza-Ganem and J. Cunningham,
#   *The continuous Bernoulli: fixing a pervasive error in variational autoencoders*, NeurIPS (2019).
# - Further reading: F. Chollet, *Building autoencoders in Keras*, the Keras blog (2016), with the map and the grid of section 10 in a few lines; Fast Forward Labs, *Introducing variational autoencoders* (2016, a blog post in two parts).
