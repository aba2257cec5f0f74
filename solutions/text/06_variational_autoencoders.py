# %% [markdown]
# # Exercise 6 · Variational autoencoders
#
# Nine tasks on Lecture 6, about three and a half hours: divergences where a zero stands, a die behind a curtain, a
# prior for each class, a code that lives between 0 and 1, losses whose β nobody chose, a decoder that knows how
# sure it is, a bound that is none, and a model of small digits of your own. The cell below each answer checks it
# with fresh random numbers; run a check as often as you like. Its verdict starts with **✓** (right), **…** (not
# done yet), **✗** (wrong, and what is wrong) or **↑** (run the cells above first). Tasks do not need each other.

# %% [markdown] tags=["nav"]
# [Lecture 6](../lectures/06_variational_autoencoders.ipynb) · [Exercise 6](../exercises/06_variational_autoencoders.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

import time

import numpy as np
import torch
from torch import distributions as dist

from course_utils import check, data, plot


# %% [markdown]
# As in the lecture, `mu` and `logvar` have shape `(n, k)`: for each of $n$ pictures the mean and the logarithm of
# the **variance** of $k$ code numbers, so $\sigma = e^{\text{logvar}/2}$. All logarithms are natural, all results
# in nats. Random numbers are always handed over (`eps`, `u`, `rng`), never drawn in secret: only so can a
# gradient be compared with finite differences.

# %% [markdown]
# ## Task 1 · Where a zero stands (★, 15 minutes, 2 points)
#
# In real tables of probabilities there are zeros, and $\sum_i p_i\ln(p_i/q_i)$ then needs care. What never happens
# costs nothing: a term with $p_i = 0$ is 0, whatever $q_i$ is. What happens although $q$ calls it impossible costs
# infinitely much: $p_i > 0$, $q_i = 0$ makes the sum $+\infty$. Write the divergence row by row.
#
# Then use it. The *mutual information* of two variables $a, b$ with the joint table $J_{ab} = P(a, b)$ measures how
# far they are from being independent; it is 0 for a code that tells nothing about the picture:
#
# $$I = \text{KL}\bigl(P(a, b)\,\Vert\,P(a)\,P(b)\bigr) .$$

# %% nbgrader={"grade": false, "grade_id": "divergence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def divergence(P, Q):
    """KL(P || Q) in nats, row by row. P, Q: (n, k), each row a distribution. Returns (n,); entries may be np.inf."""
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):  # p / 0 is inf here, and meant
        ratio = np.divide(P, Q, out=np.ones_like(P), where=P > 0)  # 1 where p = 0, and ln 1 = 0
    return np.sum(P * np.log(ratio), axis=1)
    ### END SOLUTION

def mutual_information(J):
    """Mutual information in nats. J: a joint table (r, c), non-negative, its entries sum to 1. Returns a number."""
    ### BEGIN SOLUTION
    independent = np.outer(J.sum(axis=1), J.sum(axis=0))
    return divergence(J.reshape(1, -1), independent.reshape(1, -1))[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "divergence_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("divergence", points=2)
def divergence_check(t):
    entropy = lambda A: dist.Categorical(torch.tensor(A.ravel())).entropy()
    for kind, p, q in (("no zeros", 1, 1), ("a zero in p", 0, 1), ("zeros in both", 0, 0), ("a zero in q", 1, 0)):
        P, Q = t.rng.dirichlet(np.full(5, 3.0), size=(2, 3))
        P[:2, 3] *= p  # the last of the three rows has no zero
        Q[:2, 3] *= q
        P, Q = (A / A.sum(axis=1, keepdims=True) for A in (P, Q))
        wanted = dist.kl_divergence(*(dist.Categorical(torch.tensor(A)) for A in (P, Q))).numpy()
        yours, finite = t.shape(t.call(divergence, P, Q), (3,), "the result"), np.isfinite(wanted)
        t.close(yours[finite], wanted[finite], f"with {kind} (in the first two rows of three), KL")
        t.true(np.all(yours[~finite] == np.inf), f"with {kind}, KL should be inf in the first two rows; yours: {yours}")
        wanted = entropy(P.sum(axis=1) / 3) + entropy(P.sum(axis=0) / 3) - entropy(P / 3)
        t.close(t.call(mutual_information, P / 3), wanted, f"with {kind}, I")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *nan with a zero in p?* `0 * np.log(0)` is `0 * -inf`, which is nan. Set the ratio to 1 at these places before you
# take the logarithm: `np.where`, or `np.divide(..., where=...)`.
#
# *A finite number where inf is expected?* A small number added to `Q` hides the very thing that the divergence is
# meant to report; and a mask with `Q > 0` leaves out the infinite term.
#
# *Everything becomes inf?* Each row has its own result.
#
# *Off by the factor 1.4427 or 0.4343?* Those are `log2` and `log10`.
#
# *Mutual information:* the row sums of `J` are $P(a)$, the column sums are $P(b)$, and `np.outer` multiplies each
# with each. Lay both tables out as one row.
#
# *A warning about a division by zero?* It is meant here; `with np.errstate(divide="ignore"):` silences it.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** The limit of $p\ln p$ at 0 is 0, and the code says so by replacing the ratio, not the result. In
# a joint table a margin of 0 forces the whole row to be 0, so $I$ is always finite. **Tempting and wrong:**
# `np.log(P / (Q + 1e-10))`. It turns "impossible" into "costs 23 nats", a number that depends on the 1e-10 alone.
# The asymmetry is worth remembering: KL(P‖Q) punishes a $q$ that leaves out what $p$ does, and does not mind a
# $q$ that allows too much. KL(Q‖P), the direction in the ELBO, punishes the opposite.

# %% [markdown]
# ## Task 2 · The die behind the curtain (★★, 25 minutes, 3 points)
#
# There are $k$ loaded dice. One of them is drawn with the probabilities $P(z)$ and then thrown $T$ times; you see
# the numbers, not the die. In the table `L`, row $z$ holds $P(x\mid z)$ for the faces $0, \ldots, m - 1$. Throws of
# one die are independent, so
#
# $$P(z, x_1, \ldots, x_T) = P(z)\prod_{t=1}^{T}P(x_t\mid z) .$$
#
# For $n$ such experiments at once, write the posterior $P(z\mid x_1, \ldots, x_T)$ and the logarithm of the
# evidence $P(x_1, \ldots, x_T)$; and the ELBO for *any* guess $q$ at the posterior:
#
# $$\text{ELBO} = \sum_z q(z)\ln\frac{P(z, x_1, \ldots, x_T)}{q(z)} .$$
#
# $T$ may be several thousand, and a product of 3000 probabilities is 0 in floating-point numbers. All entries of
# the prior and of `L` are positive; entries of $q$ may be 0.

# %% nbgrader={"grade": false, "grade_id": "dice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def infer(prior, L, X):
    """Which die was it? prior: (k,); L: (k, m), row z is P(x | z); X: (n, T) ints, the faces seen.

    Returns posterior, log_evidence: (n, k) and (n,).
    """
    ### BEGIN SOLUTION
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T  # (n, k)
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]
    ### END SOLUTION

def elbo(prior, L, X, Q):
    """The ELBO in nats of the guesses Q, (n, k), one row for each experiment. Returns (n,)."""
    ### BEGIN SOLUTION
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dice_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("dice", points=3)
def dice_check(t):
    for T in (1, 4, 3000):
        p, L = t.rng.dirichlet([4, 4, 4]), t.rng.dirichlet([20, 3, 3, 3, 3, 3], size=3)
        X, start = t.rng.integers(0, np.arange(2, 7)[:, None], size=(5, T)), torch.tensor(p).log()
        throws = dist.Independent(dist.Categorical(torch.tensor(L)[:, None].expand(3, T, 6)), 1)
        evidence = lambda q: dist.MixtureSameFamily(dist.Categorical(logits=q), throws).log_prob(torch.tensor(X))
        wanted = torch.autograd.functional.jacobian(evidence, start) + start.exp()  # the slope is posterior - prior
        posterior, logs = t.several(t.call(infer, p, L, X), "posterior, log_evidence")
        t.close(logs, evidence(start), f"with T = {T}, the log-evidence")
        t.close(posterior, wanted, f"with T = {T}, the posterior")
        Q = posterior if T > 9 else np.eye(3)[[0, 2, 1, 1, 0]] if T > 1 else t.rng.dirichlet(np.ones(3), size=5)
        lost = 0 if T > 9 else dist.kl_divergence(*(dist.Categorical(torch.as_tensor(A)) for A in (Q, wanted)))
        t.close(t.call(elbo, p, L, X, Q), evidence(start) - lost, f"with T = {T}, the ELBO of q = {Q[0].round(2)}, ...")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to look up all throws at once?* `np.log(L)[:, X]` has the shape `(k, n, T)`. Add up over the last axis.
#
# *nan or -inf with T = 3000?* Stay with logarithms until the end. Subtract the largest log-joint of each row before
# you exponentiate, and add it again afterwards.
#
# *The posterior is right only for some rows, or its rows do not sum to 1?* Normalise each experiment over the
# dice: `axis=1`, `keepdims=True`.
#
# *Posterior wrong for T = 1 already?* Is the prior in it?
#
# *The ELBO is nan?* Some entries of $q$ are exactly 0 (those of a posterior after 3000 throws, too), and
# `0 * np.log(0)` is nan. What should such a term be? (Task 1.)
#
# *The ELBO is right for the posterior and wrong for other guesses?* Then you return the log-evidence, or you use
# the posterior inside. The log-joint is what is averaged, and $q$ is what is averaged with.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Log-probabilities add where probabilities multiply, and only their *differences* decide the
# posterior; so subtracting the largest one loses nothing. The ELBO needs the joint alone: no normalisation, no
# evidence. That is why it can be computed where the evidence cannot. **Tempting and wrong:** `np.prod` of the
# probabilities. With $T = 4$ all is well; with 3000 throws numerator and evidence are both 0. Also tempting is the
# posterior without the prior: after many throws nobody notices, because the data outweigh any prior.
#
# The check gets the posterior from an identity: the derivative of $\ln P(x)$ in the logits of the prior is the
# posterior minus the prior.

# %% [markdown]
# ## Task 3 · A prior for each class (★★, 35 minutes, 4 points)
#
# The standard prior N(0, I) wants all codes in one place. If the labels are known, each class $c$ may have a place
# of its own: a prior with the mean $M_c$ and the log-variance $V_c$ (rows of two tables), both of them learned
# together with the network. The divergence of picture $i$ with the label $y_i$ is then one between two diagonal
# Gaussians,
#
# $$D_i = \text{KL}\bigl(\mathcal N(\mu_i, e^{\text{logvar}_i})\,\Vert\,\mathcal N(M_{y_i}, e^{V_{y_i}})\bigr) .$$
#
# Derive it for one code number: write down both log-densities, subtract, and take the expectation under the first
# one, where $\mathbb E(z - \mu)^2 = \sigma^2$ and so $\mathbb E(z - M)^2 = \sigma^2 + (\mu - M)^2$. Sum over the
# code numbers. Then derive the gradients of the batch's mean $\frac1n\sum_i D_i$ in all four arguments. Several
# pictures share a row of `M`; some class may have none.

# %% nbgrader={"grade": false, "grade_id": "class_prior", "locked": false, "schema_version": 3, "solution": true, "task": false}
def class_kl(mu, logvar, M, V, y):
    """The divergences D of n codes from the priors of their classes.

    mu, logvar: (n, k); M, V: (classes, k), means and log-variances of the priors; y: (n,) ints.
    Returns D, shape (n,), in nats.
    """
    ### BEGIN SOLUTION
    gap = mu - M[y]
    return 0.5 * np.sum(V[y] - logvar + np.exp(logvar - V[y]) + gap**2 * np.exp(-V[y]) - 1, axis=1)
    ### END SOLUTION

def class_kl_backward(mu, logvar, M, V, y):
    """Gradients of the mean of D over the batch. Returns dmu, dlogvar, dM, dV, each of its variable's shape."""
    ### BEGIN SOLUTION
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dmu = gap * precision / n
    dlogvar = 0.5 * (np.exp(logvar) * precision - 1) / n
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -dmu)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return dmu, dlogvar, dM, dV
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "class_prior_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("class_prior", points=4)
def class_prior_check(t):
    normal = lambda mean, logs: dist.Normal(torch.tensor(mean), torch.tensor(np.exp(logs / 2)))
    truth = lambda: dist.kl_divergence(normal(mu, logvar), normal(M[y], V[y])).sum(dim=1)
    for kind, size in (("standard priors", 0), ("five priors", 1)):
        mu, logvar, M, V = (t.rng.normal(size=(m, 3)) for m in (7, 7, 5, 5))
        M, V, y = size * M, size * V, t.rng.permutation([3, 0, 3, 1, 0, 3, 4])
        t.close(t.call(class_kl, mu, logvar, M, V, y), truth(), f"with {kind}, D")
        answers = t.several(t.call(class_kl_backward, mu, logvar, M, V, y), "dmu, dlogvar, dM, dV")
        for name, variable, yours in zip(("dmu", "dlogvar", "dM", "dV"), (mu, logvar, M, V), answers):
            t.gradient(lambda: truth().mean().item(), variable, yours, f"with {kind}, {name}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *Right for standard priors, wrong for others?* Two variances enter as a *ratio*, the distance of the means in
# units of the *prior's* variance, and the difference of the two log-variances with the prior's first. With
# $M = V = 0$ the formula must become the lecture's.
#
# *Which Gaussian is which?* The expectation is taken under the first, the encoder's. If you exchange the two, $D$
# is wrong unless their variances agree.
#
# *D is off by the factor 2?* The ½ stands before the whole sum.
#
# *All gradients off by the factor 7 (or 1/7)?* They belong to the mean over the $n = 7$ pictures.
#
# *`dlogvar` is wrong?* The variable is the logarithm of the variance, and $e^{v}$ has the derivative $e^{v}$.
#
# *`dM` and `dV` are too small?* `dM[y] += A` writes only once to a row, though it occurs several times in `y`. Use
# `np.add.at(dM, y, A)`, or a loop over the pictures, or `np.eye(len(M))[y].T @ A`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** For one code number, with $s^2 = e^V$: $\ln s - \ln\sigma + \frac{\sigma^2 + (\mu - M)^2}{2s^2}
# - \frac12$. The gradient in $M_c$ vanishes where $M_c$ is the mean of its pictures' $\mu$, the one in $V_c$ where
# $e^{V_c}$ is the mean of $\sigma^2 + (\mu - M_c)^2$: the best prior of a class has the moments of that class's
# codes. **Tempting and wrong:** `dM[y] -= dmu`. NumPy collects the rows, changes the copies and writes them back:
# of all pictures of a class, the last one wins. As long as every class occurs only once, nothing shows. And a
# danger of the idea itself: without labels, $\mu$ and $M$ could run off together, since only their difference
# matters.

# %% [markdown]
# ## Task 4 · A code between 0 and 1 (★★★, 30 minutes, 3 points)
#
# Reparameterisation is not a property of the Gaussian. All it needs is a formula that makes $z$ from the
# parameters and from noise that does *not* depend on them. Take code numbers between 0 and 1 (shares, say). The
# distribution of Kumaraswamy (1980), with $a, b > 0$, has
#
# $$F(z) = P(Z\le z) = 1 - (1 - z^a)^b, \qquad 0 < z < 1 ,$$
#
# and Nalisnick and Smyth (2017) put it into a VAE, because the more famous Beta distribution has no such formula
# that can be solved for $z$. Given uniform random numbers $u$ between 0 and 1, write the draw: $z$ must be a
# smooth function of $a$, $b$ and $u$, distributed according to $F$. (How does one make $z$ from $u$ so that
# $P(Z\le z) = F(z)$?) Then write the backward step: `dz` holds the gradient of the loss in each $z$; all $n$ rows
# share $a$ and $b$.

# %% nbgrader={"grade": false, "grade_id": "draw", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draw(a, b, u):
    """Draws from Kumaraswamy's distribution. a, b: (k,), positive; u: (n, k), uniform in (0, 1). Returns z, (n, k)."""
    ### BEGIN SOLUTION
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)
    ### END SOLUTION

def draw_backward(a, b, u, dz):
    """The gradient in the parameters; dz: (n, k), the gradient in z with the same u. Returns da, db, both (k,)."""
    ### BEGIN SOLUTION
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    da = np.sum(dz * -z * np.log(z) / a, axis=0)
    db = np.sum(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)
    return da, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "draw_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("draw", points=3)
def draw_check(t):
    a, b, u, dz = (*t.rng.uniform(0.6, 3, size=(2, 4)), t.rng.uniform(0.03, 0.97, size=(7, 4)), t.rng.normal(size=(7, 4)))
    z = t.shape(t.call(draw, a, b, u), (7, 4), "z")
    t.true(np.all((z > 0) & (z < 1)), f"every z must lie between 0 and 1; yours go from {z.min():.4g} to {z.max():.4g}.")
    F = 1 - (1 - z**a) ** b
    wanted = u if np.sum((F - 0.5) * (u - 0.5)) > 0 else 1 - u  # from small u to small z, or the other way round
    t.close(F, wanted, "F(z), which should be as uniform as u, namely u itself or 1 - u,")
    da, db = t.several(t.call(draw_backward, a, b, u, dz), "da, db")
    t.gradient(lambda: np.sum(dz * draw(a, b, u)), a, da, "da")
    t.gradient(lambda: np.sum(dz * draw(a, b, u)), b, db, "db")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *How to draw?* If $u$ is uniform, then $z = F^{-1}(u)$ has the distribution $F$, because $P(F^{-1}(u)\le z) =
# P(u\le F(z)) = F(z)$. So solve $u = F(z)$ for $z$.
#
# *F(z) is not u?* Undo the steps of $F$ in the opposite order: first $1 -$, then the power $1/b$, then $1 -$,
# then the power $1/a$.
#
# *The shape of da is (7, 4)?* All rows share the parameters, so what arrives from each row is added up.
#
# *How to differentiate a power in its exponent?* $\frac{d}{da}c^{1/a} = -\frac{1}{a^2}\,c^{1/a}\ln c$. And
# $\frac1a\ln c$ is $\ln z$ if $z = c^{1/a}$.
#
# *da is right, db wrong?* $b$ acts through the inner power: name it $v = (1 - u)^{1/b}$ and use the chain rule,
# $\partial z/\partial v$ times $\partial v/\partial b$. The outer function is $(1 - v)^{1/a}$: mind its minus sign.
#
# *You used $u$ where others use $1 - u$?* That is fine: both are uniform. Then the backward step must do the same.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** With $v = (1 - u)^{1/b}$ and $z = (1 - v)^{1/a}$,
#
# $$\frac{\partial z}{\partial a} = -\frac{z\ln z}{a}, \qquad
# \frac{\partial z}{\partial b} = \frac{z}{a(1 - v)}\cdot\frac{v\ln v}{b} .$$
#
# Sampling itself is never differentiated: $u$ stays what it was, and the question is how far *this* $z$ moves
# when a parameter does. The signs are plain: a larger $a$ moves every draw up, a larger $b$ every draw down. For
# a distribution whose $F$ cannot be inverted, $F(z; a) = u$ can still be differentiated, which gives
# $\partial z/\partial a = -\frac{\partial F/\partial a}{F'(z)}$; PyTorch does this for its Gamma and Beta
# distributions. **Tempting and wrong:** to draw inside the function with `rng.random()`. The draws are right, and
# the gradient then belongs to other numbers than those of the forward step.

# %% [markdown]
# ## Task 5 · Which β is it? Predict, then look (★★, 20 minutes, 1 point and 2 for the explanation)
#
# A loss "reconstruction plus KL" is one line of code. Whether its sums are sums or means decides which $\beta$ is
# trained, and no error message tells. For a batch of 100 pictures with 64 pixels each and 8 code numbers, let
# `P`, (100, 64), hold what each pixel costs (minus its log-likelihood, in nats), and `C`, (100, 8), the
# divergence of each code number. Here are nine lines, several of them common in published code. In each of them:
# minimising the loss is the same as maximising $\mathbb E\ln p(x\mid z) - \beta\,\text{KL}$, both **summed over
# pixels and code numbers**, with which $\beta$?

# %%
lines = {
    "two sums": lambda P, C: P.sum() + C.sum(),
    "per picture": lambda P, C: P.sum(axis=1).mean() + C.sum(axis=1).mean(),
    "small": lambda P, C: 0.01 * (P.sum() + C.sum()),
    "two means": lambda P, C: P.mean() + C.mean(),
    "mean pixel": lambda P, C: P.mean() + C.sum(axis=1).mean(),
    "mean and sum": lambda P, C: P.mean() + C.sum(),
    "mean code": lambda P, C: P.sum(axis=1).mean() + C.mean(),
    "no half": lambda P, C: P.sum() + (2 * C).sum(),  # the 1/2 of the formula for the KL was forgotten
    "copied": lambda P, C: 784 * P.mean() + C.sum(axis=1).mean(),  # from a notebook for pictures of 28 x 28
}

def measured_beta(name, rng):
    """The weight of the summed KL relative to that of the summed reconstruction, by experiment."""
    P, C = rng.random((100, 64)), rng.random((100, 8))
    return (lines[name](0 * P, C) / C.sum()) / (lines[name](P, 0 * C) / P.sum())


# %% [markdown]
# Write down your nine numbers before you run the check. It runs `measured_beta`; a matter of honour, which no check
# enforces: `betas` holds numbers that you worked out, and does not call that function.

# %% nbgrader={"grade": false, "grade_id": "betas", "locked": false, "schema_version": 3, "solution": true, "task": false}
def betas():
    """Your nine predictions. Returns a dict: name of a line -> its beta, a number (8 / 64 may be written so)."""
    ### BEGIN SOLUTION
    return {
        "two sums": 1,
        "per picture": 1,
        "small": 1,
        "two means": 64 / 8,
        "mean pixel": 64,
        "mean and sum": 64 * 100,
        "mean code": 1 / 8,
        "no half": 2,
        "copied": 64 / 784,
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "betas_check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
@check.task("betas", points=1)
def betas_check(t):
    answers, names = t.call(betas), tuple(lines)
    t.true(isinstance(answers, dict), 'the answer should be a dict such as {"two sums": 1, ...}.')
    t.true(set(answers) == set(names), f"the dict should have these nine names and no others: {names}.")
    for name in names:
        value, seen = float(t.shape(answers[name], (), f"the beta of {name!r}")), measured_beta(name, t.rng)
        upside_down = " Your number is 1 over the right one." if abs(value * seen - 1) < 1e-3 else ""
        t.true(abs(value / seen - 1) < 1e-3, f"{name!r}: you say {value:.5g}, but the experiment disagrees."
               f"{upside_down} By what is each of the two sums divided?")


# %% [markdown]
# **Explain.** (a) By which rule do you find β from a line? (b) Which of the nine will most surely end in
# posterior collapse, where the code is ignored, and how would you notice it in the printed loss? (c) Which of
# them gives sharper reconstructions than β = 1, and what is the price? (d) `"small"` has β = 1. What does its
# factor change? (This part is read by a person, not by the check.)

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# (Pictures $n$, pixels $d$, code numbers $k$.) (a) A factor before the whole loss does not move its minimum; only
# the *ratio* of the two weights counts. If the pixels' sum is divided by $p$ and the codes' sum by $c$, then
# $\beta = p/c$. With $p = nd$ and $c = n$ this is $d = 64$; with two means $nd/nk = d/k = 8$; with a mean against
# a full sum $nd = 6400$.
#
# (b) `"mean and sum"`, with β = 6400, then `"mean pixel"` with 64. One nat of information about the picture costs
# 64 nats' worth, more than the decoder can gain from it, so the cheapest code is N(0, I) for every picture. The
# KL falls to nearly 0 and stays there, and the reconstruction stays at what independent pixels cost (divided by
# $nd$, a small harmless-looking number). All reconstructions look the same: the mean picture.
#
# (c) `"mean code"` (1/8) and `"copied"` (64/784 = 0.08): the code is cheap, so more of it is used. The price is
# paid by drawing from the prior: the codes lie further apart and are narrower than N(0, I) supposes, with holes
# in between, where the decoder was never trained. And the loss is no bound on $\ln p(x)$ any more.
#
# (d) Plain gradient descent then takes steps that are 100 times smaller. Adam divides by the gradient's size, so
# with Adam next to nothing changes, as long as the gradients are large compared with its ε.

# %% [markdown]
# <details><summary>Hints</summary>
#
# *Where to begin?* Multiply each line by whatever turns its first term into `P.sum()`. What then stands before
# `C.sum()` is β.
#
# *`P.mean()` divides by what?* By all its $100\cdot64$ numbers. `C.mean()` by $100\cdot8$. `.sum(axis=1).mean()`
# by 100.
#
# *"Your number is 1 over the right one"?* The term that is divided by *more* weighs *less*. A mean over pixels
# makes the reconstruction weak, and so the KL strong.
#
# *`"copied"`:* 784 would have undone the mean over 784 pixels. Here there are 64.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it matters.** `torch.nn.functional.binary_cross_entropy_with_logits` takes the mean over all numbers
# unless told otherwise, and the KL is most often written as a sum. That is the line `"mean and sum"`, and the
# reason for many a VAE that "does not learn". **Tempting and wrong:** to cure it by a "β = 0.001" found by
# search. It works; but then nobody knows what is trained, and the same number is wrong for another size of
# picture, code or batch. Write both terms in nats per picture, and β means what it says.

# %% [markdown]
# ## Task 6 · A decoder that knows how sure it is (★★★, 40 minutes, 4 points)
#
# Grey pictures are not coin tosses. Let the decoder describe each pixel $j$ by a Gaussian with a mean that depends
# on the code and with a log-variance $s_j$ of its own, learned as well: $x_j \sim \mathcal N(m_j, e^{s_j})$ with
# $\mathbf m = \mathbf zW + \mathbf c$. (The decoder is one linear layer, to keep the task short. What you derive
# for `mu` and `logvar` does not care how many layers follow.) With $\mathbf z = \boldsymbol\mu +
# e^{\text{logvar}/2}\odot\boldsymbol\varepsilon$, the loss is the mean over the $n$ pictures of
#
# $$\sum_{j=1}^{d}\frac{1}{2}\Bigl[\ln 2\pi + s_j + (x_j - m_j)^2e^{-s_j}\Bigr] +
# \beta\,\text{KL}\bigl(\mathcal N(\boldsymbol\mu, e^{\text{logvar}})\,\Vert\,\mathcal N(0, I)\bigr) .$$
#
# Write the loss and its gradients in `W`, `c`, `s`, `mu` and `logvar`, by hand, in NumPy. By how many routes does
# `mu` reach the loss? By how many `logvar`? The last two gradients are what the encoder would receive.

# %% nbgrader={"grade": false, "grade_id": "bottleneck", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bottleneck(P, mu, logvar, eps, X, beta):
    """Loss and gradients of a VAE from the code to the pixels, with a Gaussian decoder.

    P: a dict with W (k, d), c (d,), s (d,), the pixels' log-variances; mu, logvar, eps: (n, k); X: (n, d).
    Returns loss, grads: a number, and a dict with the keys "W", "c", "s", "mu", "logvar".
    """
    ### BEGIN SOLUTION
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    kl = 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1)
    delta = gap * precision / n  # the gradient in the pixels' means
    dz = delta @ P["W"].T
    grads = {
        "W": z.T @ delta,
        "c": delta.sum(axis=0),
        "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
        "mu": dz + beta * mu / n,
        "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n,
    }
    return np.mean(pixels + beta * kl), grads
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bottleneck_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("bottleneck", points=4)
def bottleneck_check(t):
    normal = lambda mean, logs: dist.Normal(torch.tensor(mean), torch.tensor(logs / 2).exp())
    for beta in (0.0, 1.0, 2.5):
        P = {key: t.rng.normal(size=shape) for key, shape in (("c", (5,)), ("W", (3, 5)), ("s", (5,)))}
        mu, logvar, eps, X = (t.rng.normal(size=(7, m)) for m in (3, 3, 3, 5))
        means = lambda: (mu + np.exp(logvar / 2) * eps) @ P["W"] + P["c"]
        kl = lambda: dist.kl_divergence(normal(mu, logvar), dist.Normal(0, 1)).sum(dim=1)
        loss = lambda: (beta * kl() - normal(means(), P["s"]).log_prob(torch.tensor(X)).sum(dim=1)).mean().item()
        yours, grads = t.several(t.call(bottleneck, P, mu, logvar, eps, X, beta), "loss, grads")
        t.close(yours, loss(), f"with beta = {beta}, the loss")
        t.true(isinstance(grads, dict) and {*grads} == {*P, "mu", "logvar"}, "a dict with the keys W, c, s, mu, logvar.")
        for key, variable in (*P.items(), ("mu", mu), ("logvar", logvar)):
            t.gradient(loss, variable, grads[key], f"with beta = {beta}, the gradient in {key}")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The loss is off with β = 0?* Then the pixels are wrong: the ½ belongs to all three terms, and $\ln 2\pi$ and
# $s_j$ are counted once for each pixel of each picture. *Only with β > 0?* The KL:
# $\frac12\sum(\sigma^2 + \mu^2 - 1 - \ln\sigma^2)$, without the β of the pixels.
#
# *In which order backward?* First $\delta = \partial L/\partial\mathbf m$, which has the $1/n$ in it. Then `W`
# and `c` as in any linear layer, and $\partial L/\partial\mathbf z = \delta W^\top$.
#
# *`c` and `W` right, `s` wrong?* All pictures share $s_j$; so take the mean over them. The derivative of
# $e^{-s}$ is $-e^{-s}$.
#
# *`mu` is right with β = 0 only?* The direct route, through the KL, is missing; or its $1/n$.
#
# *`logvar` is wrong with β = 0?* $\partial z/\partial\,\text{logvar} = \frac12\sigma\varepsilon$: the ½ comes from
# $\sigma = e^{\text{logvar}/2}$, and $\varepsilon$ stays.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Two routes lead to `mu` and two to `logvar`: through $\mathbf z$ and through the KL. From
# $\mathbf z$, $\mu$ receives $\mathbf g = \partial L/\partial\mathbf z$ as it is and logvar receives
# $\frac12\sigma\varepsilon\odot\mathbf g$. The gradient in $s_j$ is 0 where $e^{s_j}$ is the mean squared error
# of pixel $j$: the decoder learns how wrong it is. That settles a question that is often decided by taste: mean
# squared error *without* learned variances means $e^s = 1$, which for pixels in [0, 1] is an absurd amount of
# noise, and acts like a large β. (With this linear decoder the model is factor analysis, which goes back to
# Spearman, 1904, found by gradient descent.) **Tempting and wrong:** leaving out $s_j$ "because it is a
# constant". It is learned here, and without it the variance runs to infinity, where nothing costs anything.

# %% [markdown]
# ## Task 7 · Break it: a bound that is none (★★, 25 minutes, 2 points)
#
# "For the evaluation we set $\mathbf z = \boldsymbol\mu$, which is less noisy." This is often done. See what it
# does to the ELBO, on a model whose evidence is known: $z\sim\mathcal N(0, 1)$ and $x\sim\mathcal N(wz, s^2)$
# with given numbers $w$ and $s$, so that $x\sim\mathcal N(0, w^2 + s^2)$.

# %%
def log_normal(x, mean, variance):
    """The logarithm of the Gaussian density."""
    return -0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)

def reported(x, w, s, mu, logvar, eps):
    """ln p(x | z) at z = mu + sigma eps, minus the KL of q from N(0, 1): its mean over eps is the ELBO."""
    z = mu + np.exp(logvar / 2) * eps
    return log_normal(x, w * z, s**2) - 0.5 * (np.exp(logvar) + mu**2 - 1 - logvar)

eps = np.random.default_rng(0).normal(size=100_000)
print(f"ln p(x)                    {log_normal(2.0, 0, 3.0**2 + 0.5**2):.2f}")
print(f"some q, mean over draws    {reported(2.0, 3.0, 0.5, 0.6, -3.0, eps).mean():.2f}")
print(f"the same q, z = mu         {reported(2.0, 3.0, 0.5, 0.6, -3.0, 0.0):.2f}")


# %% [markdown]
# The honest number lies below $\ln p(x)$, as it must. The other one lies above it.
#
# Write two functions. `tight` returns the $q$ for which the *honest* bound is exact: the posterior, for which
# moreover $\ln\frac{p(x\mid z)\,p(z)}{q(z)}$ is the same for every $z$. `too_good` returns the $q$ for which the
# *wrong* number (`reported` with `eps = 0`) is as large as it can be. What would an encoder learn if it were
# trained on that number?

# %% nbgrader={"grade": false, "grade_id": "two_bounds", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tight(x, w, s):
    """The posterior of the model, for numbers x, w, s. Returns mu, logvar: two numbers."""
    ### BEGIN SOLUTION
    return w * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2))
    ### END SOLUTION

def too_good(x, w, s):
    """The mu and logvar that make reported(x, w, s, mu, logvar, 0) largest. Returns mu, logvar: two numbers."""
    ### BEGIN SOLUTION
    return w * x / (w**2 + s**2), 0.0  # sigma is not used but for the KL, which is least at sigma = 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_bounds_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
@check.task("two_bounds", points=2)
def two_bounds_check(t):
    for sign in (1, -1, 1, -1):
        x, w, s = t.rng.uniform(1, 3), sign * t.rng.uniform(1, 3), t.rng.uniform(0.3, 0.9)
        truth, case = log_normal(x, 0, w**2 + s**2), f"with x = {x:.3f}, w = {w:.3f}, s = {s:.3f}, "
        q, wrong = (t.several(t.call(f, x, w, s), "mu, logvar") for f in (tight, too_good))
        (mu, logvar), (mu2, logvar2) = ([float(t.shape(a, (), "mu or logvar")) for a in pair] for pair in (q, wrong))
        z, d, e = t.rng.normal(size=5), *t.rng.normal(size=(2, 500)) / 9
        same = log_normal(x, w * z, s**2) + log_normal(z, 0, 1) - log_normal(z, mu, np.exp(logvar))
        t.close(same, np.full(5, truth), case + "for the q of `tight`, ln p(x, z)/q(z) at five z, all of them ln p(x),")
        yours, near = reported(x, w, s, mu2, logvar2, 0), reported(x, w, s, mu2 + d, logvar2 + e, 0).max()
        t.true(yours > truth, case + f"`too_good` gives {yours:.4f}, and ln p(x) is {truth:.4f}: not above it.")
        t.true(near <= yours + 1e-6, case + f"`too_good` gives {yours:.5f}; a q near yours gives {near:.5f}.")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *The posterior:* $\ln p(x\mid z) + \ln p(z)$ is a parabola in $z$,
# $-\frac{(x - wz)^2}{2s^2} - \frac{z^2}{2} + \ldots$ Its top is the mean, and minus the factor of $z^2/2$ is 1
# over the variance.
#
# *`tight` is off?* `logvar` is the logarithm of the variance, not of σ, and not the variance.
#
# *`too_good`: a q near yours is better?* With `eps = 0`, `logvar` stands in one place only. Where is $e^v - v$
# smallest? And then maximise in `mu` what is left.
#
# *The wrong number is not above ln p(x)?* You maximise the honest one.
#
# </details>
#
# <details><summary>What would an encoder learn from the wrong number? (open it when both functions pass)</summary>
#
# σ = 1 for every picture: without noise a narrow σ gains nothing and costs KL. What is left is a plain autoencoder
# with a penalty on $\mu^2$. Its σ says nothing about the picture, and its decoder never met noise: codes drawn from
# that $q$ would be new to it.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** Both have the same $\mu = wx/(w^2 + s^2)$. The posterior has the variance $s^2/(w^2 + s^2)$,
# and pays for being that narrow. Without noise, being narrow has no use any more: all that σ does is to cost KL,
# so the best σ is that of the prior. The wrong number exceeds $\ln p(x)$ by $\frac12\ln(1 + w^2/s^2)$ nats, and
# by as much for each further code number: the more informative the code, the larger the lie. An encoder trained
# like this is an autoencoder with a penalty on $\mu^2$; its σ says nothing, and a decoder that then gets real
# noise was never prepared for it. **Tempting and wrong:** to think of $\mathbf z = \boldsymbol\mu$ as an estimate
# with less variance of the same thing. It is an estimate of something else. For *pictures* of reconstructions it
# is fine; for a number that is called a bound it is not.

# %% [markdown]
# ## Task 8 · Many draws for one picture (★★, 25 minutes, 3 points)
#
# For one picture, $K$ draws from $q$ give $K$ log-weights $\ln w_j = \ln\frac{p(x, z_j)}{q(z_j)}$. The
# importance-weighted bound uses them together. To see how it grows, spend the same $K$ draws in *groups* of $k$
# (a divisor of $K$): the first $k$ columns are the first group, the next $k$ the second, and so on. The mean of
# the groups' bounds is
#
# $$B_k = \frac kK\sum_{\text{groups}}\ln\Bigl(\frac1k\sum_{j\in\text{group}}w_j\Bigr) ;$$
#
# $B_1$ estimates the ELBO. How many of the draws really contribute is told by the *effective sample size* (Kish,
# 1965),
#
# $$\text{ESS} = \frac{\bigl(\sum_jw_j\bigr)^2}{\sum_jw_j^2} .$$
#
# It is $K$ for equal weights, and 1 if a single one outweighs all others. The log-weights are numbers such as
# $-900$ or $+900$ (a density of grey pixels may exceed 1), with hundreds of nats between two draws; neither
# $e^{-900}$ nor $e^{900}$ exists in float64.

# %% nbgrader={"grade": false, "grade_id": "weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grouped_bound(log_w, k):
    """B_k for each picture. log_w: (n, K); k: a divisor of K. Returns (n,)."""
    ### BEGIN SOLUTION
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)
    ### END SOLUTION

def effective(log_w):
    """The effective sample size for each picture. log_w: (n, K). Returns (n,), numbers from 1 to K."""
    ### BEGIN SOLUTION
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "weights_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
@check.task("weights", points=3)
def weights_check(t):
    for spread, far in ((1, 0), (1, 900), (300, 900)):  # how far the log-weights are from one another, and from 0
        small, away = t.rng.normal(size=(4, 12)), far * np.array([[-1], [1], [0.5], [-0.7]])
        log_w = spread * small + away
        kind = f"with log-weights from {log_w.min():.0f} to {log_w.max():.0f}, "
        for k in (1, 12, 3, 4):
            parts = [torch.tensor(log_w[:, j : j + k]).logsumexp(dim=1) - np.log(k) for j in range(0, 12, k)]
            t.close(t.call(grouped_bound, log_w, k), torch.stack(parts).mean(dim=0), kind + f"B_{k}")
        w, m = np.exp(small), int(t.rng.integers(2, 12))
        wanted = w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)
        t.close(t.call(effective, small + away), wanted, f"with log-weights near {away.ravel()}, ESS")
        log_w = far - 900.0 * (np.tile(np.arange(12), (3, 1)) >= m)
        t.close(t.call(effective, log_w), np.full(3, m), f"ESS where {m} of 12 weights are equal and the others 0")


# %% [markdown]
# <details><summary>Hints</summary>
#
# *inf or nan with large numbers?* Subtract the largest log-weight before you exponentiate. For the bound, add it
# again outside the logarithm. For the ESS it cancels: numerator and denominator contain the same factor.
#
# *Inf only for some pictures, or -inf in small groups?* Each **group** needs its own largest number: in a group
# that lies 900 nats below another one, everything becomes 0 otherwise.
#
# *B_1 and B_12 right, B_3 wrong?* Which weights form a group? `log_w.reshape(n, K // k, k)` puts neighbours
# together.
#
# *Off by the same amount?* $\ln(1/k)$ is missing: a mean inside the logarithm, not a sum. *B_1 is right and B_12
# is too small?* The mean of the logarithms is not the logarithm of the mean.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** A factor common to all weights comes out of the logarithm as a summand and out of the ratio
# not at all. Joining two groups never lowers $B$ (Jensen: the logarithm of a mean is at least the mean of the
# logarithms), so $B_1\le B_2\le B_4\le\ldots$ whenever each divides the next, for these very draws and not only
# on average. **Tempting and wrong:** one maximum for the whole row, or for the whole table. It avoids the
# overflow, and loses every group that lies 745 nats below. Also tempting: to report $B_K$ without the ESS. With
# an ESS of 1.0 out of 5000, one lucky draw has decided, and other draws would give another number. The bound
# still holds on average; it is only loose. The cell below shows both: the bound climbs by more than a nat as the
# groups grow, and of 4096 draws about a hundred count.

# %% [markdown]
# The functions at work on the model of Task 7, with $w = 3$, $s = 0.5$, $x = 2$ and a $q$ that is too narrow and
# beside the posterior. *Predict:* how many of 4096 draws count?

# %%
if check.done("weights"):
    rng = np.random.default_rng(1)
    z = 0.4 + 0.12 * rng.normal(size=(200, 4096))  # 200 times the same picture, to see means and not chance
    log_w = log_normal(2.0, 3 * z, 0.25) + log_normal(z, 0, 1) - log_normal(z, 0.4, 0.12**2)
    for k in (1, 4, 16, 256, 4096):
        print(f"B_{k:<5}{grouped_bound(log_w, k).mean():7.2f}")
    print(f"ln p(x){log_normal(2.0, 0, 9.25):6.2f}")
    print(f"effective sample size: about {effective(log_w).mean():.0f} of 4096")

# %% [markdown]
# ## Task 9 · Small digits in nats (★★★, 30 minutes, up to 4 points)
#
# Train a VAE of the 8 × 8 digits, each pixel black or white, and describe pictures that it has not seen in as few
# nats as you can. Your function returns two others, and the check computes the rest with its own noise:
#
# $$\text{ELBO} = \frac1n\sum_i\Bigl(\mathbb E_{z\sim q}\ln p(x_i\mid z) - \text{KL}\bigl(\mathcal N(\mu_i, e^{\text{logvar}_i})\,\Vert\,\mathcal N(0, I)\bigr)\Bigr) .$$
#
# `encode(X)` takes pictures (m, 64) and returns `mu, logvar`, both (m, k), for a code size $k$ of your choice;
# `decode(Z)` takes codes (m, k) and returns the **logits** of 64 pixels. Both get float64 arrays and may return
# NumPy arrays or tensors. For PyTorch, begin with `torch.manual_seed(int(rng.integers(2**31)))`.

# %%
pictures, _, X_test, _ = ((A > 0.5).astype(float) for A in data.digits8(flat=True))
X_fit, X_val = pictures[:1100], pictures[1100:]

def bound(encode, decode, X, rng, draws=20):
    """The mean ELBO in nats of the pictures X, (n, 64), with `draws` draws of z for each of them."""
    array = lambda A: np.asarray(torch.as_tensor(A).detach(), dtype=float)
    mu, logvar = (array(A) for A in encode(X))
    total = -0.5 * draws * np.sum(np.exp(logvar) + mu**2 - 1 - logvar, axis=1)
    for _ in range(draws):
        Z = array(decode(mu + np.exp(logvar / 2) * rng.normal(size=mu.shape)))
        total += np.sum(X * Z - np.logaddexp(0, Z), axis=1)
    return np.mean(total / draws)

ink = X_fit.mean(axis=0).clip(0.001, 0.999)  # the baseline: 64 independent pixels, and no code at all
score = np.mean(np.sum(X_val * np.log(ink) + (1 - X_val) * np.log(1 - ink), axis=1))
print(f"independent pixels: {score:.2f} nats per picture on {len(X_val)} unseen pictures")


# %% [markdown]
# The model is trained on `X_fit` and judged by `X_val`. The budget is **10 seconds** of computing in all (of one
# processor core; several cores count several times). You get 1 point for **−22.5** nats, 2 for **−20**, 3 for
# **−18.8** and all 4 for **−18**. Use PyTorch or NumPy. One rule the check does not enforce, a matter of honour:
# validation and test pictures are not for training.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, rng):
    """Train a VAE. X: (n, 64) pictures of 0 and 1, float64; rng: the source of all chance.

    Returns encode, decode: encode(X) is mu, logvar, both (m, k); decode(Z), with Z (m, k), is (m, 64) logits.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(int(rng.integers(2**31)))
    nn, k, epochs, X = torch.nn, 8, 110, torch.tensor(X, dtype=torch.float32)
    layers = lambda *sizes: [f for a, b in zip(sizes, sizes[1:]) for f in (nn.Linear(a, b), nn.GELU())][:-1]
    E = nn.Sequential(nn.Dropout(0.1), *layers(64, 256, 256, 2 * k))
    D = nn.Sequential(*layers(k, 256, 256, 64))
    batches = [rows for _ in range(epochs) for rows in np.array_split(rng.permutation(len(X)), len(X) // 100)]
    adam = torch.optim.AdamW([*E.parameters(), *D.parameters()], weight_decay=0.1)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 0.005, total_steps=len(batches), pct_start=0.1)
    for rows in batches:
        mu, logvar = E(X[rows]).chunk(2, dim=1)
        Z = D(mu + (logvar / 2).exp() * torch.randn_like(mu))
        pixels = nn.functional.binary_cross_entropy_with_logits(Z, X[rows], reduction="sum")
        loss = (pixels + 0.5 * (logvar.exp() + mu**2 - 1 - logvar).sum()) / len(rows)
        adam.zero_grad(), loss.backward(), adam.step(), rate.step()
    E.eval()  # no dropout from here on
    run = torch.no_grad()(lambda net, A: net(torch.tensor(A, dtype=torch.float32)).double().numpy())
    return lambda X: np.split(run(E, X), 2, axis=1), lambda Z: run(D, Z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
@check.task("train", points=4)
def train_check(t):
    clock, (encode, decode) = time.process_time(), t.several(t.call(train, X_fit, t.rng), "encode, decode")
    t.true(callable(encode) and callable(decode), "train should return two functions: `return encode, decode`.")
    both = lambda X, m, v: [t.shape(A, (len(X), (*np.shape(m), 1, 1)[1]), "mu (or logvar)").astype(float) for A in (m, v)]
    codes = lambda X: both(X, *t.several(t.call(encode, X), "mu, logvar"))
    pixels = lambda Z: t.shape(t.call(decode, Z), (len(Z), 64), "decode(Z)").astype(float)
    few, order = codes(X_val[5:9])[0], t.rng.permutation(len(X_val))
    before, (mu, logvar) = pixels(Z := t.rng.normal(size=(50, few.shape[1]))), codes(X_val)
    again = np.allclose(few, mu[5:9], atol=1e-3) and np.allclose(before[::-7], pixels(Z[::-7]), atol=1e-3)
    t.true(again, "asked twice, encode or decode does not say the same. Dropout, noise, or a memory of other pictures?")
    score, seconds = bound(lambda X: (mu[order], logvar[order]), pixels, X_val[order], t.rng), time.process_time() - clock
    t.true(seconds < 10, f"{seconds:.0f} seconds of computing, 10 allowed: a smaller model, or fewer epochs.")
    t.ladder(score, {-22.5: 1, -20: 2, -18.8: 3, -18: 4}, "ELBO in nats")


# %% [markdown]
# <details><summary>Hints: where the points are</summary>
#
# *−44.4?* That is $64\ln\frac12$: every pixel is as good as tossed. Do you return probabilities instead of logits?
#
# *Near −24.5, whatever you do?* The code is ignored. Is the reconstruction a *sum* over the pixels (Task 5)? Does
# the training go on long enough?
#
# *Far below −24.5?* Print the two terms apart. A KL of hundreds: an autoencoder without the KL in its loss. A
# reconstruction that is worse than in training: a σ where a log-variance is expected, or training without noise.
#
# *To −22.5:* the lecture's VAE with two code numbers and 100 hidden units, Adam with 0.002, batches of 50, 10
# epochs.
#
# *To −20:* eight code numbers; those that are not worth their KL switch themselves off. 200 hidden units, 15
# epochs.
#
# *To −18.8:* four times as many epochs; a second hidden layer in encoder and decoder helps, too.
#
# *To −18:* compare the training pictures' ELBO with the others': the model has begun to learn by heart. Weight
# decay (AdamW, 0.1), dropout of 0.1 on the encoder's *input* (0.2 costs 0.4 nats more), batches of 100, a
# learning rate that rises to 0.005 and then falls to 0, 100 epochs. You also need the **second hidden layer** in
# encoder and decoder (256 units each) and GELU instead of ReLU: with one layer of ReLU this ends near −18.3.
#
# *"asked twice ..."?* Call `.eval()` after training (dropout, batch normalisation), and let `encode` return `mu`,
# not a random `z`.
#
# *Errors about dtype?* The check hands over float64; a float32 network wants
# `torch.tensor(X, dtype=torch.float32)`.
#
# </details>

# %% [markdown] tags=["solution-only"]
# **Why it works.** 64 independent pixels cost 24.5 nats. The solution's code costs about 6 and saves about 13
# (some of its eight numbers are switched off). A code pays where it saves more than it costs. Over ten random
# starts the solution reached −17.6 to −17.9 nats. **Tempting and wrong:** to judge by the reconstructions. A
# plain autoencoder has better ones, and an ELBO far below the baseline: its codes lie anywhere, so telling where
# costs more than it saves. Also tempting is to shift the pictures for more data, which helps so often: here it
# costs more than a nat, since these digits are centred, and the model must spread its probability over places
# where no digit ever is. And a larger $\beta$, for "better samples", is a worse ELBO by definition.

# %% [markdown]
# The test pictures, once, when you have decided: after this cell, no more changes. Then the model draws: twenty
# codes from N(0, I), decoded, each pixel as dark as it is probable.

# %% tags=["nbval-ignore-output"]
if check.done("train"):
    rng = np.random.default_rng(0)
    encode, decode = train(X_fit, rng)
    print(f"ELBO of the {len(X_test)} test pictures: {bound(encode, decode, X_test, rng):.2f} nats")
    Z = decode(rng.normal(size=(20, np.shape(encode(X_test)[0])[1])))
    fig = plot.images(torch.as_tensor(Z).detach().sigmoid())
    plot.show(fig, "Twenty pictures of 8 by 8 pixels, decoded from random codes: most of them look like digits.")

# %% [markdown]
# ## Your points
#
# The two points for the explanation in Task 5 are not counted here; a person gives them.

# %%
check.summary(26)
