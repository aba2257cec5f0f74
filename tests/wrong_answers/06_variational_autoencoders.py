# %% divergence: the plain formula -> values | with a zero in p
def divergence(P, Q):
    return np.sum(P * np.log(P / Q), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: a small number against zeros -> values | KL should be inf
def divergence(P, Q):
    return np.sum(P * np.log((P + 1e-12) / (Q + 1e-12)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: the infinite terms left out as well -> values | KL should be inf
def divergence(P, Q):
    both = (P > 0) & (Q > 0)
    return np.sum(np.where(both, P * np.log(np.where(both, P, 1) / np.where(both, Q, 1)), 0), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: nan_to_num makes a large number of infinity -> values | KL should be inf
def divergence(P, Q):
    return np.sum(np.nan_to_num(P * np.log(P / Q)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: any zero makes all rows infinite -> values | with a zero in q
def divergence(P, Q):
    if np.any((P > 0) & (Q == 0)):
        return np.full(len(P), np.inf)
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: a zero in p makes the row infinite too -> values | with a zero in p
def divergence(P, Q):
    return np.where(np.any((P == 0) | (Q == 0), axis=1), np.inf, np.sum(P * np.log(P / Q), axis=1))

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: the other direction -> values | with no zeros
def divergence(P, Q):
    return np.sum(np.where(Q > 0, Q * np.log(np.where(Q > 0, Q, 1) / P), 0), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: bits -> values | the same factor, 1.4427
def divergence(P, Q):
    return np.sum(P * np.log2(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: a mean over the terms -> values | the same factor, 0.2
def divergence(P, Q):
    return np.mean(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: one number for all rows -> shape | the result has shape ()
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)))

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))

# %% divergence: zeros replaced in the input -> contract | changes its input P
def divergence(P, Q):
    P[P == 0] = 1e-300
    return np.sum(P * np.log(P / Q), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))[0]

# %% divergence: margins summed over the wrong axes -> error | mutual_information stopped with
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J, np.outer(J.sum(axis=0), J.sum(axis=1)))[0]

# %% divergence: the information of the first row only -> values | with no zeros, I
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J, np.outer(J.sum(axis=1), J.sum(axis=0)))[0]

# %% divergence: the information as an array of one row -> shape | I has shape (1,)
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.outer(J.sum(axis=1), J.sum(axis=0)).reshape(1, -1))

# %% divergence: the entropy of the table instead of the information -> values | with no zeros, I
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return -np.sum(J * np.log(np.where(J > 0, J, 1)))

# %% divergence: the joint table compared with the uniform one -> values | with no zeros, I
def divergence(P, Q):
    return np.sum(P * np.log(np.where(P > 0, P, 1) / np.where(P > 0, Q, 1)), axis=1)

def mutual_information(J):
    return divergence(J.reshape(1, -1), np.full((1, J.size), 1 / J.size))[0]

# %% dice: probabilities multiplied -> values | with T = 3000, the log-evidence contains nan or inf
def infer(prior, L, X):
    joint = prior * np.prod(L[:, X], axis=2).T
    evidence = joint.sum(axis=1)
    return joint / evidence[:, None], np.log(evidence)

def elbo(prior, L, X, Q):
    joint = prior * np.prod(L[:, X], axis=2).T
    return np.sum(Q * np.log(joint / np.where(Q > 0, Q, 1)), axis=1)

# %% dice: logarithms, and then exponentiated all the same -> values | with T = 3000, the log-evidence contains nan or inf
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    evidence = np.exp(log_joint).sum(axis=1)
    return np.exp(log_joint) / evidence[:, None], np.log(evidence)

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the prior forgotten -> values | with T = 1, the log-evidence
def infer(prior, L, X):
    log_joint = np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the prior counted with every throw -> values | with T = 4, the log-evidence
def infer(prior, L, X):
    log_joint = np.log(prior[:, None] * L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the largest log-joint not added again -> values | with T = 1, the log-evidence
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    w = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True), np.log(w.sum(axis=1))

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: one largest number for all experiments -> values | with T = 3000, the log-evidence contains nan or inf
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max()
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the posterior normalised over the experiments -> values | with T = 1, the posterior
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    w = np.exp(log_joint - top)
    return w / w.sum(axis=0), top[:, 0] + np.log(w.sum(axis=1))

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the joint returned as posterior -> values | with T = 1, the posterior
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    return np.exp(log_joint), top[:, 0] + np.log(np.exp(log_joint - top).sum(axis=1))

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the posterior with dice in rows -> shape | Transposed?
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence).T, log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the posterior alone -> shape | posterior, log_evidence
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    w = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True)

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: 0 ln 0 in the ELBO -> values | the ELBO of q = [1. 0. 0.], ... contains nan or inf
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint - np.log(Q)), axis=1)

# %% dice: the log-evidence whatever the guess -> values | the ELBO of q
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    return infer(prior, L, X)[1]

# %% dice: the entropy of the guess with the wrong sign -> values | with T = 1, the ELBO
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * (log_joint + np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: the entropy of the guess left out -> values | with T = 1, the ELBO
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(Q * log_joint, axis=1)

# %% dice: the reconstruction alone, without the prior -> values | with T = 1, the ELBO
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    return np.sum(Q * (np.log(L)[:, X].sum(axis=2).T - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% dice: averaged with the posterior instead of the guess -> values | the ELBO of q
def infer(prior, L, X):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    top = log_joint.max(axis=1, keepdims=True)
    log_evidence = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return np.exp(log_joint - log_evidence), log_evidence[:, 0]

def elbo(prior, L, X, Q):
    log_joint = np.log(prior) + np.log(L)[:, X].sum(axis=2).T
    return np.sum(infer(prior, L, X)[0] * (log_joint - np.log(np.where(Q > 0, Q, 1))), axis=1)

# %% class_prior: the standard prior whatever the class -> values | with five priors, D
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(np.exp(logvar) + mu**2 - 1 - logvar, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n = len(y)
    return mu / n, 0.5 * (np.exp(logvar) - 1) / n, 0 * M - np.stack([mu[y == c].sum(0) for c in range(len(M))]) / n, np.stack(
        [(1 - np.exp(logvar) - mu**2)[y == c].sum(0) for c in range(len(M))]) / (2 * n)

# %% class_prior: the two Gaussians exchanged -> values | D
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(logvar - V[y] + (np.exp(V[y]) + (mu - M[y]) ** 2) * np.exp(-logvar) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: the distance not measured in the prior's variance -> values | with five priors, D
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + np.exp(logvar - V[y]) + (mu - M[y]) ** 2 - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: no half -> values | the same factor, 2
def class_kl(mu, logvar, M, V, y):
    return np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: logvar read as sigma's logarithm -> values | D
def class_kl(mu, logvar, M, V, y):
    return np.sum(V[y] - logvar + 0.5 * (np.exp(2 * logvar) + (mu - M[y]) ** 2) * np.exp(-2 * V[y]) - 0.5, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: the prior's log-variance left out -> values | with five priors, D
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(-logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: one number for the whole batch -> shape | D has shape ()
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1) / len(y)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: a mean over the code numbers -> values | the same factor, 0.333
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.mean(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: the label forgotten, row i for picture i -> error | class_kl stopped with
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V - logvar + (np.exp(logvar) + (mu - M) ** 2) * np.exp(-V) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: gradients of a class overwritten instead of added up -> values | dM
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    dM[y] += -gap * precision / n
    dV[y] += 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: only the table of variances overwritten -> values | dV
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    dV[y] += 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: gradients of the sum instead of the mean -> values | the same factor, 7
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    gap, precision = mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision))
    return gap * precision, 0.5 * (np.exp(logvar) * precision - 1), dM, dV

# %% class_prior: dM divided by the pictures of its class -> values | dM
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision))
    count = np.maximum(1, np.bincount(y, minlength=len(M)))[:, None]
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM / count, dV / count

# %% class_prior: dlogvar in the variance, not in its logarithm -> values | dlogvar
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (precision - np.exp(-logvar)) / n, dM, dV

# %% class_prior: dM without its minus sign -> values | Every sign is flipped
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: dV forgets the encoder's own variance -> values | dV
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dM, dV = np.zeros_like(M), np.zeros_like(V)
    np.add.at(dM, y, -gap * precision / n)
    np.add.at(dV, y, 0.5 * (1 - gap**2 * precision) / n)
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, dM, dV

# %% class_prior: one row for each picture instead of each class -> shape | dM has shape (7, 3)
def class_kl(mu, logvar, M, V, y):
    return 0.5 * np.sum(V[y] - logvar + (np.exp(logvar) + (mu - M[y]) ** 2) * np.exp(-V[y]) - 1, axis=1)

def class_kl_backward(mu, logvar, M, V, y):
    n, gap, precision = len(y), mu - M[y], np.exp(-V[y])
    dV = 0.5 * (1 - (np.exp(logvar) + gap**2) * precision) / n
    return gap * precision / n, 0.5 * (np.exp(logvar) * precision - 1) / n, -gap * precision / n, dV

# %% draw: a and b exchanged -> values | F(z), which should be
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / a)) ** (1 / b)

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: the distribution function instead of its inverse -> values | F(z), which should be
def draw(a, b, u):
    return 1 - (1 - u**a) ** b

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: a power where a root is due -> values | F(z), which should be
def draw(a, b, u):
    return (1 - (1 - u) ** b) ** (1 / a)

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: random numbers of its own -> values | F(z), which should be
def draw(a, b, u):
    u = np.random.default_rng(0).random(u.shape)
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: a Gaussian squeezed between 0 and 1 -> values | F(z), which should be
def draw(a, b, u):
    return 1 / (1 + np.exp(-(a + b * np.log(u / (1 - u)))))

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: the inner 1 - forgotten -> values | F(z), which should be
def draw(a, b, u):
    return u ** (1 / (a * b))

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: the density at u -> values
def draw(a, b, u):
    return a * b * u ** (a - 1) * (1 - u**a) ** (b - 1)

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: one parameter pair for each row -> error | draw stopped with
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b[:, None])) ** (1 / a[:, None])

def draw_backward(a, b, u, dz):
    return a, b

# %% draw: not summed over the rows -> shape | da has shape (7, 4)
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return dz * -z * np.log(z) / a, dz * z / (a * (1 - v)) * v * np.log(v) / b

# %% draw: a mean over the rows -> values | the same factor, 0.142857
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return np.mean(dz * -z * np.log(z) / a, axis=0), np.mean(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)

# %% draw: the sign of da -> values | , da is
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return np.sum(dz * z * np.log(z) / a, axis=0), np.sum(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)

# %% draw: the minus sign of 1 - v forgotten -> values | , db is
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return np.sum(dz * -z * np.log(z) / a, axis=0), -np.sum(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)

# %% draw: the square of a forgotten in the exponent's derivative -> values | , da is
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return np.sum(-dz * z * np.log(1 - v) / a, axis=0), np.sum(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)

# %% draw: the inner derivative left out -> values | , db is
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = (1 - u) ** (1 / b)
    z = (1 - v) ** (1 / a)
    return np.sum(dz * -z * np.log(z) / a, axis=0), np.sum(dz * z / (a * (1 - v)), axis=0)

# %% draw: u backward where 1 - u was used forward -> values | , db is
def draw(a, b, u):
    return (1 - u ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    v = u ** (1 / b)
    z = (1 - v) ** (1 / a)
    v = (1 - u) ** (1 / b)
    return np.sum(dz * -z * np.log(z) / a, axis=0), np.sum(dz * z / (a * (1 - v)) * v * np.log(v) / b, axis=0)

# %% draw: one gradient only -> shape | da, db
def draw(a, b, u):
    return (1 - (1 - u) ** (1 / b)) ** (1 / a)

def draw_backward(a, b, u, dz):
    z = (1 - (1 - u) ** (1 / b)) ** (1 / a)
    return np.sum(dz * -z * np.log(z) / a, axis=0)

# %% betas: everything is 1 -> values | 'two means'
def betas():
    return {name: 1 for name in lines}

# %% betas: upside down -> values | 1 over the right one
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 8 / 64, "mean pixel": 1 / 64,
            "mean and sum": 1 / 6400, "mean code": 8, "no half": 0.5, "copied": 784 / 64}

# %% betas: two means taken for equal divisors -> values | 'two means'
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 1, "mean pixel": 64,
            "mean and sum": 6400, "mean code": 1 / 8, "no half": 2, "copied": 64 / 784}

# %% betas: the batch forgotten -> values | 'mean and sum'
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 8, "mean pixel": 64,
            "mean and sum": 64, "mean code": 1 / 8, "no half": 2, "copied": 64 / 784}

# %% betas: a factor before everything taken for beta -> values | 'small'
def betas():
    return {"two sums": 1, "per picture": 1, "small": 0.01, "two means": 8, "mean pixel": 64,
            "mean and sum": 6400, "mean code": 1 / 8, "no half": 2, "copied": 64 / 784}

# %% betas: the forgotten half as a half -> values | 'no half'
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 8, "mean pixel": 64,
            "mean and sum": 6400, "mean code": 1 / 8, "no half": 0.5, "copied": 64 / 784}

# %% betas: 784 believed to be right -> values | 'copied'
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 8, "mean pixel": 64,
            "mean and sum": 6400, "mean code": 1 / 8, "no half": 2, "copied": 1}

# %% betas: a name is missing -> values | nine names
def betas():
    return {"two sums": 1, "per picture": 1, "small": 1, "two means": 8, "mean pixel": 64,
            "mean and sum": 6400, "mean code": 1 / 8, "no half": 2}

# %% betas: words instead of numbers -> shape | should be an array of numbers
def betas():
    return {name: "64" for name in lines}

# %% betas: a list -> values | should be a dict
def betas():
    return [1, 1, 1, 8, 64, 6400, 1 / 8, 2, 64 / 784]

# %% bottleneck: the log-variances taken for constants -> values | with beta = 0.0, the loss
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    loss = np.mean(0.5 * np.sum(gap**2 * precision, axis=1) + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(-gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: sigma read from logvar without the half -> values | with beta = 0.0, the loss
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(np.exp(logvar) + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma + beta * 0.5 * (np.exp(logvar) - 1) / n}

# %% bottleneck: the KL without its half -> values | with beta = 1.0, the loss
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + 2 * beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * (sigma**2 - 1) / n}

# %% bottleneck: a mean over the pixels -> values | with beta = 0.0, the loss
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.mean(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n / 5
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.1 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: beta before the pixels -> values | with beta = 0.0, the loss
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(beta * pixels + 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = beta * gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": beta * 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + mu / n, "logvar": dz * eps * sigma / 2 + 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the mean over the batch forgotten in the gradients -> values | the gradient in c
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.sum(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1)}

# %% bottleneck: the direct route to mu forgotten -> values | with beta = 1.0, the gradient in mu
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: beta forgotten on the way back -> values | with beta = 0.0, the gradient in mu
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + mu / n, "logvar": dz * eps * sigma / 2 + 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the KL's gradient without its 1/n -> values | with beta = 1.0, the gradient in mu
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1)}

# %% bottleneck: the half of sigma's derivative forgotten -> values | with beta = 0.0, the gradient in logvar
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the noise forgotten on the way to logvar -> values | with beta = 0.0, the gradient in logvar
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: only the KL reaches logvar -> values | with beta = 0.0, the gradient in logvar
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the precision forgotten in delta -> values | the gradient in c
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: mu instead of z as the decoder's input on the way back -> values | the gradient in W
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": mu.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the sign of the gradient in s -> values | the gradient in s
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 + gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps * sigma / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% bottleneck: the codes forgotten in the dict -> values | a dict with the keys
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    z = mu + sigma * eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0)}

# %% bottleneck: eps scaled in place -> contract | changes its input eps
def bottleneck(P, mu, logvar, eps, X, beta):
    n, sigma = len(X), np.exp(logvar / 2)
    eps *= sigma
    z = mu + eps
    gap, precision = z @ P["W"] + P["c"] - X, np.exp(-P["s"])
    pixels = 0.5 * np.sum(np.log(2 * np.pi) + P["s"] + gap**2 * precision, axis=1)
    loss = np.mean(pixels + beta * 0.5 * np.sum(sigma**2 + mu**2 - 1 - logvar, axis=1))
    delta = gap * precision / n
    dz = delta @ P["W"].T
    return loss, {"W": z.T @ delta, "c": delta.sum(axis=0), "s": 0.5 * np.mean(1 - gap**2 * precision, axis=0),
                  "mu": dz + beta * mu / n, "logvar": dz * eps / 2 + beta * 0.5 * (sigma**2 - 1) / n}

# %% two_bounds: the same q for both -> values | a q near yours gives
def tight(x, w, s):
    return w * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2))

def too_good(x, w, s):
    return tight(x, w, s)

# %% two_bounds: the logarithm of sigma instead of the variance -> values | for the q of `tight`
def tight(x, w, s):
    return w * x / (w**2 + s**2), np.log(s / np.sqrt(w**2 + s**2))

def too_good(x, w, s):
    return w * x / (w**2 + s**2), 0.0

# %% two_bounds: the variance itself -> values | for the q of `tight`
def tight(x, w, s):
    return w * x / (w**2 + s**2), s**2 / (w**2 + s**2)

def too_good(x, w, s):
    return w * x / (w**2 + s**2), 0.0

# %% two_bounds: the code that reconstructs best -> values | for the q of `tight`
def tight(x, w, s):
    return x / w, np.log(s**2 / w**2)

def too_good(x, w, s):
    return x / w, 0.0

# %% two_bounds: too good by the reconstruction alone -> values | `too_good` gives
def tight(x, w, s):
    return w * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2))

def too_good(x, w, s):
    return x / w, 0.0

# %% two_bounds: too good by a tiny sigma -> values | not above it
def tight(x, w, s):
    return w * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2))

def too_good(x, w, s):
    return w * x / (w**2 + s**2), -20.0

# %% two_bounds: sigma 1 taken for a log-variance of 1 -> values | `too_good` gives
def tight(x, w, s):
    return w * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2))

def too_good(x, w, s):
    return w * x / (w**2 + s**2), 1.0

# %% two_bounds: the prior for both -> values | for the q of `tight`
def tight(x, w, s):
    return 0.0, 0.0

def too_good(x, w, s):
    return 0.0, 0.0

# %% two_bounds: the sign of w lost -> values
def tight(x, w, s):
    return abs(w) * x / (w**2 + s**2), np.log(s**2 / (w**2 + s**2)) + 0 * np.sqrt(abs(w)) + (0.1 if w > 0 else 0)

def too_good(x, w, s):
    return abs(w) * x / (w**2 + s**2), 0.0

# %% two_bounds: s for its square -> values | for the q of `tight`
def tight(x, w, s):
    return w * x / (w**2 + s), np.log(s / (w**2 + s))

def too_good(x, w, s):
    return w * x / (w**2 + s), 0.0

# %% two_bounds: mu alone -> shape | mu, logvar
def tight(x, w, s):
    return w * x / (w**2 + s**2)

def too_good(x, w, s):
    return w * x / (w**2 + s**2), 0.0

# %% weights: exponentiated as they are -> values | contains nan or inf
def grouped_bound(log_w, k):
    return np.mean(np.log(np.mean(np.exp(log_w.reshape(len(log_w), -1, k)), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w)
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: one largest number for the whole table -> values | contains nan or inf
def grouped_bound(log_w, k):
    groups, top = log_w.reshape(len(log_w), -1, k), log_w.max()
    return top + np.mean(np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: one largest number for each row, not each group -> values
def grouped_bound(log_w, k):
    top = log_w.max(axis=1, keepdims=True)
    groups = (log_w - top).reshape(len(log_w), -1, k)
    return top[:, 0] + np.mean(np.log(np.mean(np.exp(groups), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the smallest number subtracted -> values
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    low = groups.min(axis=2, keepdims=True)
    return np.mean(low[:, :, 0] + np.log(np.mean(np.exp(groups - low), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.min(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: a sum instead of a mean in the logarithm -> values | the same amount
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.sum(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the mean of the logarithms -> values | B_12
def grouped_bound(log_w, k):
    return log_w.mean(axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: all draws in one group -> values | B_1 is
def grouped_bound(log_w, k):
    top = log_w.max(axis=1, keepdims=True)
    return top[:, 0] + np.log(np.mean(np.exp(log_w - top), axis=1))

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the largest number not added again -> values | B_1 is
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: groups of columns that do not lie side by side -> values | B_3 is
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), k, -1).transpose(0, 2, 1)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: k taken for the number of groups -> values | B_1 is
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), k, -1)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the first group only -> values | B_1 is
def grouped_bound(log_w, k):
    group = log_w[:, :k]
    top = group.max(axis=1, keepdims=True)
    return top[:, 0] + np.log(np.mean(np.exp(group - top), axis=1))

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: one value for each group -> shape | B_1 has shape (4, 12)
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2))

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the table shifted in place -> contract | changes its input log_w
def grouped_bound(log_w, k):
    top = log_w.max(axis=1, keepdims=True)
    log_w -= top
    return top[:, 0] + np.mean(np.log(np.mean(np.exp(log_w.reshape(len(log_w), -1, k)), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the square of the sum forgotten -> values | ESS
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=1) / np.sum(w**2, axis=1)

# %% weights: the ESS of the log-weights -> values | ESS
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    return log_w.sum(axis=1) ** 2 / np.sum(log_w**2, axis=1)

# %% weights: the ESS without care for large numbers -> values | contains nan or inf
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w)
    return w.sum(axis=1) ** 2 / np.sum(w**2, axis=1)

# %% weights: the ESS over the pictures -> shape | ESS has shape (12,)
def grouped_bound(log_w, k):
    groups = log_w.reshape(len(log_w), -1, k)
    top = groups.max(axis=2, keepdims=True)
    return np.mean(top[:, :, 0] + np.log(np.mean(np.exp(groups - top), axis=2)), axis=1)

def effective(log_w):
    w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    return w.sum(axis=0) ** 2 / np.sum(w**2, axis=0)

# %% train: a code that is not used, and a decoder that knows the mean picture -> values | the first step is at -22.5
def train(X, rng):
    ink = X.mean(axis=0).clip(0.001, 0.999)
    logits = np.log(ink / (1 - ink))
    return lambda X: (np.zeros((len(X), 2)), np.zeros((len(X), 2))), lambda Z: np.tile(logits, (len(Z), 1))

# %% train: a number instead of two functions -> shape | encode, decode
def train(X, rng):
    return -15.0

# %% train: what the functions return instead of the functions -> values | return two functions
def train(X, rng):
    return np.zeros((len(X), 2)), np.zeros((len(X), 64))

# %% train: probabilities instead of logits -> values | the first step is at -22.5
def train(X, rng):
    ink = X.mean(axis=0).clip(0.001, 0.999)
    shade = lambda Z: 1 / (1 + np.exp(-Z[:, :1]))
    return lambda X: (X[:, 20:22], 0 * X[:, :2]), lambda Z: shade(Z) * ink / 2

# %% train: the decoder remembers the pictures it should describe -> values | the first step is at -22.5
def train(X, rng):
    seen = {}
    def encode(X):
        seen[len(X)] = X
        return np.zeros((len(X), 2)), np.zeros((len(X), 2))
    def decode(Z):
        return 40 * seen.get(len(Z), np.full((len(Z), 64), 0.5)) - 20 + Z[:, :1]
    return encode, decode

# %% train: the decoder looks up the picture whose code is nearest -> values | asked twice
def train(X, rng):
    codes, pictures = np.zeros((0, 8)), np.zeros((0, 64))
    project = rng.normal(size=(64, 8))
    def encode(X):
        nonlocal codes, pictures
        mu = 3 * (X - 0.3) @ project
        codes, pictures = np.concatenate([codes, mu]), np.concatenate([pictures, X])
        return mu, np.full(mu.shape, -4.0)
    def decode(Z):
        return 40 * pictures[((Z[:, None] - codes) ** 2).sum(axis=2).argmin(axis=1)] - 20
    return encode, decode

# %% train: a shared log-variance -> shape | mu (or logvar) has shape (4, 1)
def train(X, rng):
    encode = lambda X: (X[:, :2], 0 * X[:, :1] - 2)
    return encode, lambda Z: np.zeros((len(Z), 64)) - Z[:, :1]

# %% train: encode returns random codes -> values | asked twice
def train(X, rng):
    encode = lambda X: (rng.normal(size=(len(X), 2)), np.zeros((len(X), 2)))
    return encode, lambda Z: np.zeros((len(Z), 64))

# %% train: a decoder with noise of its own -> values | asked twice
def train(X, rng):
    encode = lambda X: (np.zeros((len(X), 2)), np.zeros((len(X), 2)))
    return encode, lambda Z: rng.normal(size=(len(Z), 64))

# %% train: one log-variance for all -> shape | mu (or logvar) has shape ()
def train(X, rng):
    encode = lambda X: (X[:, :2], -2.0)
    return encode, lambda Z: np.zeros((len(Z), 64)) - Z[:, :1]

# %% train: encode returns z alone -> shape | mu, logvar
def train(X, rng):
    return lambda X: X[:, :2], lambda Z: np.zeros((len(Z), 64)) - Z[:, :1]

# %% train: pictures of 8 x 8 instead of rows -> shape | decode(Z)
def train(X, rng):
    encode = lambda X: (X[:, :2], 0 * X[:, :2])
    return encode, lambda Z: np.zeros((len(Z), 8, 8)) - Z[:, :1, None]

# %% train: a linear autoencoder without noise or KL -> values | the first step is at -22.5
def train(X, rng):
    mean = X.mean(axis=0)
    V = np.linalg.svd(X - mean, full_matrices=False)[2][:8].T
    return lambda X: ((X - mean) @ V, np.full((len(X), 8), -12.0)), lambda Z: 8 * (Z @ V.T + mean - 0.5)

# %% train: a float32 network gets float64 -> error | stopped with
def train(X, rng):
    net = torch.nn.Linear(64, 4)
    encode = lambda X: net(torch.tensor(X)).detach().chunk(2, dim=1)
    return encode, lambda Z: np.zeros((len(Z), 64))

# %% train: nothing returned -> shape | returns nothing
def train(X, rng):
    ink = X.mean(axis=0)
