# %% full: every pair counted twice -> values | the energy
def pair_energy(S, J, c):
    return -np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    return sigmoid(S @ J[:, i] + c[i])

# %% full: every state paired with every other -> shape | the energy has shape
def pair_energy(S, J, c):
    return -0.5 * S @ J @ S.T - S @ c

def given_rest(S, i, J, c):
    return sigmoid(S @ J[:, i] + c[i])

# %% full: the biases halved as well -> values | the energy
def pair_energy(S, J, c):
    return -0.5 * (np.sum((S @ J) * S, axis=1) + S @ c)

def given_rest(S, i, J, c):
    return sigmoid(S @ J[:, i] + c[i])

# %% full: the sign of the energy -> values | Every sign is flipped
def pair_energy(S, J, c):
    return 0.5 * np.sum((S @ J) * S, axis=1) + S @ c

def given_rest(S, i, J, c):
    return sigmoid(S @ J[:, i] + c[i])

# %% full: the half kept in the conditional -> values | p(s_
def pair_energy(S, J, c):
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    return sigmoid(0.5 * S @ J[:, i] + c[i])

# %% full: on and off swapped -> values | p(s_
def pair_energy(S, J, c):
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    return sigmoid(-(S @ J[:, i] + c[i]))

# %% full: all biases added -> values | p(s_
def pair_energy(S, J, c):
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    return sigmoid(S @ J[:, i] + c.sum())

# %% full: all units at once -> shape | p(s_
def pair_energy(S, J, c):
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    return sigmoid(S @ J + c)

# %% full: sets the unit in the batch itself -> contract | in place
def pair_energy(S, J, c):
    return -0.5 * np.sum((S @ J) * S, axis=1) - S @ c

def given_rest(S, i, J, c):
    S[:, i] = 1 - S[:, i]
    return sigmoid(S @ J[:, i] + c[i])

# %% sweep: columns and rows swapped -> values | the sum of each row
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k | 1 << len(c) - 1 - i, k], T[k & ~(1 << len(c) - 1 - i), k] = on, 1 - on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: on and off swapped -> values | the flow from k to l, against that from l to k
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k, k | 1 << len(c) - 1 - i], T[k, k & ~(1 << len(c) - 1 - i)] = 1 - on, on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: the probability to change, not to be on -> values | only s_0 was different
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k, k ^ 1 << len(c) - 1 - i], T[k, k] = on, 1 - on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: Metropolis instead of Gibbs -> values | only s_0 was different
def update_matrix(J, c, i):
    S = states(len(c))
    k, x, T = np.arange(len(S)), S @ J[:, i] + c[i], np.zeros((len(S), len(S)))
    change = np.minimum(1, np.exp(np.where(S[:, i] == 1, -x, x)))
    T[k, k ^ 1 << len(c) - 1 - i], T[k, k] = change, 1 - change
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: the bias of the unit forgotten -> values | the flow from k to l
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i]), np.zeros((len(S), len(S)))
    T[k, k | 1 << len(c) - 1 - i], T[k, k & ~(1 << len(c) - 1 - i)] = on, 1 - on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: all units drawn at once -> values | changes another unit
def update_matrix(J, c, i):
    S = states(len(c))
    on = sigmoid(S @ J + c)
    return np.prod(np.where(S == 1, on[:, None], 1 - on[:, None]), axis=2)

def sweep_matrix(J, c):
    return update_matrix(J, c, 0)

# %% sweep: the wrong way round -> values | 64 differ
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k, k | 1 << len(c) - 1 - i], T[k, k & ~(1 << len(c) - 1 - i)] = on, 1 - on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = update_matrix(J, c, i) @ T
    return T

# %% sweep: the mean of the updates -> values | the sweep
def update_matrix(J, c, i):
    S = states(len(c))
    k, on, T = np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k, k | 1 << len(c) - 1 - i], T[k, k & ~(1 << len(c) - 1 - i)] = on, 1 - on
    return T

def sweep_matrix(J, c):
    return np.mean([update_matrix(J, c, i) for i in range(len(c))], axis=0)

# %% sweep: states numbered from the other end -> values | changes another unit
def update_matrix(J, c, i):
    S = states(len(c))
    bit, k, on, T = 1 << i, np.arange(len(S)), sigmoid(S @ J[:, i] + c[i]), np.zeros((len(S), len(S)))
    T[k, k | bit], T[k, k & ~bit] = on, 1 - on
    return T

def sweep_matrix(J, c):
    T = np.eye(2 ** len(c))
    for i in range(len(c)):
        T = T @ update_matrix(J, c, i)
    return T

# %% sweep: one row for each unit -> shape | T of unit 0
def update_matrix(J, c, i):
    return sigmoid(states(len(c)) @ J + c)

def sweep_matrix(J, c):
    return update_matrix(J, c, 0)

# %% coding: the weights halved -> values | what W2 adds
def to_spins(W, a, b):
    return W / 2, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4, -a.sum() / 2 - b.sum() / 2 - W.sum() / 4

# %% coding: the share of the weights in the biases forgotten -> values | with all hidden units off
def to_spins(W, a, b):
    return W / 4, a / 2, b / 2, -a.sum() / 2 - b.sum() / 2 - W.sum() / 4

# %% coding: the two sums swapped -> shape | a2
def to_spins(W, a, b):
    return W / 4, a[:, None] / 2 + W.sum(axis=0) / 4, b / 2 + W.sum() / 4, 0.0

# %% coding: the share taken away -> values | with all hidden units off
def to_spins(W, a, b):
    return W / 4, a / 2 - W.sum(axis=1) / 4, b / 2 - W.sum(axis=0) / 4, -a.sum() / 2 - b.sum() / 2 - W.sum() / 4

# %% coding: a half of the weights in the hidden biases -> values | with all visible units off
def to_spins(W, a, b):
    return W / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 2, -a.sum() / 2 - b.sum() / 2 - W.sum() / 4

# %% coding: the sign of the constant -> values | by the same amount
def to_spins(W, a, b):
    return W / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4, a.sum() / 2 + b.sum() / 2 + W.sum() / 4

# %% coding: the weights left out of the constant -> values | by the same amount
def to_spins(W, a, b):
    return W / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4, -a.sum() / 2 - b.sum() / 2

# %% coding: the constant not returned -> shape | W2, a2, b2, constant
def to_spins(W, a, b):
    return W / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4

# %% coding: W transposed -> shape | W2
def to_spins(W, a, b):
    return W.T / 4, a / 2 + W.sum(axis=1) / 4, b / 2 + W.sum(axis=0) / 4, 0.0

# %% coding: changes the parameters that it was given -> contract | in place
def to_spins(W, a, b):
    W /= 4
    return W, a / 2 + W.sum(axis=1), b / 2 + W.sum(axis=0), -a.sum() / 2 - b.sum() / 2 - W.sum()

# %% real: the free energy of visible units of 0 and 1 -> values | F
def real_free_energy(V, W, a, b):
    return -V @ a - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return logsumexp(H @ b + np.logaddexp(0, a + H @ W.T).sum(axis=1))

# %% real: the half before the square forgotten -> values | F
def real_free_energy(V, W, a, b):
    return np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    return 0.0

# %% real: a sigmoid where its integral belongs -> values | F
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.log(1 + sigmoid(b + V @ W)).sum(axis=1)

def real_log_Z(W, a, b):
    return 0.0

# %% real: the exponential overflows in F -> values | nan or inf
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.log(1 + np.exp(b + V @ W)).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return len(a) / 2 * np.log(2 * np.pi) + logsumexp(H @ b + H @ W.T @ a + 0.5 * np.sum((H @ W.T) ** 2, axis=1))

# %% real: the exponential overflows in ln Z -> values | nan or inf
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return len(a) / 2 * np.log(2 * np.pi) + np.log(np.sum(np.exp(H @ b + H @ W.T @ a + 0.5 * np.sum((H @ W.T) ** 2, axis=1))))

# %% real: the square not completed -> values | ln Z
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return len(a) / 2 * np.log(2 * np.pi) + logsumexp(H @ b + H @ W.T @ a)

# %% real: the mean a forgotten -> values | ln Z
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return len(a) / 2 * np.log(2 * np.pi) + logsumexp(H @ b + 0.5 * np.sum((H @ W.T) ** 2, axis=1))

# %% real: one root of 2 pi for all visible units -> values | for 2 visible and 3 hidden units, ln Z
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return 0.5 * np.log(2 * np.pi) + logsumexp(H @ b + H @ W.T @ a + 0.5 * np.sum((H @ W.T) ** 2, axis=1))

# %% real: 2 pi, whatever d -> values | for 1 visible and 4 hidden units, ln Z
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    H = states(len(b))
    return np.log(2 * np.pi) + logsumexp(H @ b + H @ W.T @ a + 0.5 * np.sum((H @ W.T) ** 2, axis=1))

# %% real: each hidden unit squared on its own -> values | ln Z
def real_free_energy(V, W, a, b):
    return 0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1)

def real_log_Z(W, a, b):
    return len(a) / 2 * np.log(2 * np.pi) + np.logaddexp(0, b + a @ W + 0.5 * np.sum(W**2, axis=0)).sum()

# %% real: one number for the whole batch -> shape | F has shape
def real_free_energy(V, W, a, b):
    return np.sum(0.5 * np.sum((V - a) ** 2, axis=1) - np.logaddexp(0, b + V @ W).sum(axis=1))

def real_log_Z(W, a, b):
    return 0.0

# %% stack: the lower weights at the top -> values | the sum of p over all pictures
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top = H @ b + np.logaddexp(0, a + H @ W.T).sum(axis=1)
    A = a + H @ W.T
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1) + top - logsumexp(H @ b + np.logaddexp(0, c + H @ U).sum(axis=1)), axis=1)

# %% stack: the lower RBM, the top ignored -> values | when v copies h
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    A = a + H @ W.T
    top = H @ b + np.logaddexp(0, A).sum(axis=1)
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1) + top - logsumexp(top), axis=1)

# %% stack: all hidden states equally likely -> values | when v copies h
def stack_log_p(V, W, a, U, b, c):
    A = a + states(len(b)) @ W.T
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1), axis=1) - len(b) * np.log(2)

# %% stack: the top not normalised -> values | the sum of p over all pictures
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    A = a + H @ W.T
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1) + H @ b + np.logaddexp(0, c + H @ U).sum(axis=1), axis=1)

# %% stack: p(v | h) not normalised -> values | the sum of p over all pictures
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top = H @ b + np.logaddexp(0, c + H @ U).sum(axis=1)
    return logsumexp(V @ (a + H @ W.T).T + top - logsumexp(top), axis=1)

# %% stack: the biases of h forgotten -> values | when v copies h
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top, A = np.logaddexp(0, c + H @ U).sum(axis=1), a + H @ W.T
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1) + top - logsumexp(top), axis=1)

# %% stack: the logarithm of a product of small numbers -> values | weights of about 80
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top = H @ b + np.logaddexp(0, c + H @ U).sum(axis=1)
    P = sigmoid(a + H @ W.T)
    down = np.where(V[:, None] == 1, P, 1 - P).prod(axis=2)
    return np.log(down @ np.exp(top - logsumexp(top)))

# %% stack: inference upward, then the top -> values | the sum of p over all pictures
def stack_log_p(V, W, a, U, b, c):
    H, M = states(len(b)), sigmoid(b + V @ W)
    top = lambda H: H @ b + np.logaddexp(0, c + H @ U).sum(axis=1)
    return top(M) - logsumexp(top(H))

# %% stack: the mean of the logarithms -> values | the sum of p over all pictures
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top, A = H @ b + np.logaddexp(0, c + H @ U).sum(axis=1), a + H @ W.T
    return (V @ A.T - np.logaddexp(0, A).sum(axis=1)) @ np.exp(top - logsumexp(top))

# %% stack: the mean over all pictures -> shape | ln p has shape
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    top, A = H @ b + np.logaddexp(0, c + H @ U).sum(axis=1), a + H @ W.T
    return logsumexp(V @ A.T - np.logaddexp(0, A).sum(axis=1) + top - logsumexp(top), axis=1).mean()

# %% stack: W not transposed -> error | stack_log_p stopped with
def stack_log_p(V, W, a, U, b, c):
    H = states(len(b))
    return logsumexp(V @ (a + H @ W).T, axis=1)

# %% parrot: biases of zero -> values | a pixel that was 0 comes back as
def parrot(d):
    return 20.0 * np.eye(d), np.zeros(d), np.zeros(d)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: weights too small -> values | the parrot's reconstruction
def parrot(d):
    return 4.0 * np.eye(d), np.full(d, -2.0), np.full(d, -2.0)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: weights a little too small -> values | ; .01 is allowed
def parrot(d):
    return 8.0 * np.eye(d), np.full(d, -4.0), np.full(d, -4.0)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: no weights, all equal, nothing reconstructed -> values | the parrot's reconstruction
def parrot(d):
    return np.zeros((d, 2)), np.zeros(d), np.zeros(2)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: copies well but likes pictures that are off -> values | the parrot's favourite picture
def parrot(d):
    return 40.0 * np.eye(d), np.full(d, -20.0), np.full(d, -22.0)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: a copy by two hidden units for each pixel, biases of one -> values | the parrot
def parrot(d):
    return np.tile(20.0 * np.eye(d), 2), np.full(d, -10.0), np.full(2 * d, -10.0)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: the expert's bias is the probability -> values | possible is
def parrot(d):
    return 20.0 * np.eye(d), np.full(d, -10.0), np.full(d, -10.0)

def expert(X):
    return np.zeros((X.shape[1], 1)), X.mean(axis=0), np.zeros(1)

# %% parrot: the expert's bias upside down -> values | possible is
def parrot(d):
    return 20.0 * np.eye(d), np.full(d, -10.0), np.full(d, -10.0)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log((1 - q) / q), np.zeros(1)

# %% parrot: the expert counts with one picture on and one off more -> values | possible is
def parrot(d):
    return 20.0 * np.eye(d), np.full(d, -10.0), np.full(d, -10.0)

def expert(X):
    q = (X.sum(axis=0) + 1) / (len(X) + 2)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: a unit for each picture, without biases -> values | comes back as
def parrot(d):
    S = states(d)
    return 40 * (2 * S - 1).T, np.zeros(d), np.zeros(2**d)

def expert(X):
    q = X.mean(axis=0)
    return np.zeros((X.shape[1], 1)), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: the expert has weights -> values | depends on what it sees
def parrot(d):
    return 20.0 * np.eye(d), np.full(d, -10.0), np.full(d, -10.0)

def expert(X):
    q = X.mean(axis=0)
    return np.full((X.shape[1], 1), 0.1), np.log(q / (1 - q)), np.zeros(1)

# %% parrot: no hidden units' biases -> shape | W, a, b
def parrot(d):
    return 20.0 * np.eye(d), np.full(d, -10.0)

def expert(X):
    return np.zeros((X.shape[1], 1)), np.zeros(X.shape[1]), np.zeros(1)

# %% parrot: the two biases in the wrong order -> shape | a has shape
def parrot(d):
    return np.tile(20.0 * np.eye(d), 2), np.full(2 * d, -10.0), np.full(d, -20.0)

def expert(X):
    return np.zeros((X.shape[1], 1)), np.zeros(X.shape[1]), np.zeros(1)

# %% slower: one hidden unit does what two did -> values | 'merged'
def predictions():
    return {"merged": "same", "third": "slower", "side by side": "same", "split": "faster", "renamed": "same",
            "tilted": "faster", "silent": "faster", "from above": "same"}

# %% slower: larger is slower -> values | 'side by side'
def predictions():
    return {"merged": "slower", "third": "slower", "side by side": "slower", "split": "faster", "renamed": "same",
            "tilted": "faster", "silent": "faster", "from above": "same"}

# %% slower: more hidden units mix faster -> values | 'third'
def predictions():
    return {"merged": "slower", "third": "faster", "side by side": "same", "split": "faster", "renamed": "same",
            "tilted": "faster", "silent": "faster", "from above": "same"}

# %% slower: a favourite mode is a trap -> values | 'tilted'
def predictions():
    return {"merged": "slower", "third": "slower", "side by side": "same", "split": "faster", "renamed": "same",
            "tilted": "slower", "silent": "slower", "from above": "same"}

# %% slower: the smaller layer forgets faster -> values | 'from above'
def predictions():
    return {"merged": "slower", "third": "slower", "side by side": "same", "split": "faster", "renamed": "same",
            "tilted": "faster", "silent": "faster", "from above": "faster"}

# %% slower: everything slower -> values | 6 of 8 fell out differently
def predictions():
    return dict.fromkeys(["merged", "third", "side by side", "split", "renamed", "tilted", "silent", "from above"], "slower")

# %% slower: a case left out -> values | the keys
def predictions():
    return {"merged": "slower", "third": "slower"}

# %% slower: another word -> values | one of the words
def predictions():
    return {"merged": "slow", "third": "slower", "side by side": "same", "split": "faster", "renamed": "same",
            "tilted": "faster", "silent": "faster", "from above": "same"}

# %% slower: a list -> values | a dict
def predictions():
    return ["slower", "slower", "same", "faster", "same", "faster", "faster", "same"]

# %% five: nothing learned -> values | the first step is at -6.5
def train(X, rng):
    return 0.01 * rng.normal(size=(12, 5)), np.zeros(12), np.zeros(5)

# %% five: only the visible biases -> values | the first step is at -6.5
def train(X, rng):
    q = X.mean(axis=0)
    return np.zeros((12, 5)), np.log(q / (1 - q)), np.zeros(5)

# %% five: large random weights -> values | the first step is at -6.5
def train(X, rng):
    return 3 * rng.normal(size=(12, 5)), np.zeros(12), np.zeros(5)

# %% five: down the gradient -> values | the first step is at -6.5
def train(X, rng):
    W, a, b = 0.1 * rng.normal(size=(12, 5)), np.zeros(12), np.zeros(5)
    for _ in range(500):
        P = sigmoid(b + X @ W)
        V = (rng.random(X.shape) < sigmoid(a + (rng.random(P.shape) < P) @ W.T)) * 1.0
        W -= 0.1 * (X.T @ P - V.T @ sigmoid(b + V @ W)) / 22
    return W, a, b

# %% five: sums where means belong -> values | the first step is at -6.5
def train(X, rng):
    W, a, b = 0.1 * rng.normal(size=(12, 5)), np.zeros(12), np.zeros(5)
    for _ in range(500):
        P = sigmoid(b + X @ W)
        V = (rng.random(X.shape) < sigmoid(a + (rng.random(P.shape) < P) @ W.T)) * 1.0
        Q = sigmoid(b + V @ W)
        W, a, b = W + X.T @ P - V.T @ Q, a + X.sum(axis=0) - V.sum(axis=0), b + P.sum(axis=0) - Q.sum(axis=0)
    return W, a, b

# %% five: the positive phase only -> values | the first step is at -6.5
def train(X, rng):
    W, a, b = 0.1 * rng.normal(size=(12, 5)), np.zeros(12), np.zeros(5)
    for _ in range(100):
        W += 0.1 * X.T @ sigmoid(b + X @ W) / 22
    return W, a, b

# %% five: weights made by hand for another order -> values | the first step is at -6.5
def train(X, rng):
    W = np.zeros((3, 4, 5))
    for row in range(3):
        W[row, :, row] = 20
    for column in range(2):
        W[:, column, 3 + column] = 20
    W = W.reshape(12, 5)
    return W, -W.sum(axis=1) / 2, -W.sum(axis=0) / 2

# %% five: diverged -> values | training has diverged
def train(X, rng):
    return np.full((12, 5), np.nan), np.zeros(12), np.zeros(5)

# %% five: one hidden unit too many -> shape | W has shape (12, 6), expected (12, 5)
def train(X, rng):
    return rng.normal(size=(12, 6)), np.zeros(12), np.zeros(6)

# %% five: biases left out -> shape | W, a, b
def train(X, rng):
    return rng.normal(size=(12, 5))
