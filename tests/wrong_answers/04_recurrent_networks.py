# %% delays: a negative index, so that the end comes before the beginning -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(X.shape[1]):
            Z[:, t] += X[:, (t - k * D) % X.shape[1]] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: np.roll -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    return np.tanh(b + sum(np.roll(X, k * D, axis=1) @ W[k] for k in range(len(W))))

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: into the future -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(X.shape[1] - k * D):
            Z[:, t] += X[:, t + k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the oldest step gets the first weight -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[-1 - k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the gap ignored -> values | with N = 1 and D = 3, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k, X.shape[1]):
            Z[:, t] += X[:, t - k] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: no activation function -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return Z

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: no bias -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b)))
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the bias once for every delay -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b)))
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k] + b
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the last delay left out -> values | with N = 2 and D = 1, Y
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W) - 1):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: a gap longer than the sequence -> error | ValueError
def delayed(X, W, b, D):
    T = X.shape[1]
    Z = np.zeros((len(X), T, len(b))) + b
    for k in range(len(W)):
        past = np.zeros_like(X)
        past[:, k * D :] = X[:, : T - k * D]
        Z = Z + past @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the first steps left out -> shape | with N = 2 and D = 1, Y has shape (3, 9, 4)
def delayed(X, W, b, D):
    T, N = X.shape[1], len(W) - 1
    return np.tanh(b + sum(X[:, (N - k) * D : T - k * D] @ W[k] for k in range(N + 1)))

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the inputs replaced -> contract | changes its input X in place
def delayed(X, W, b, D):
    old = X.copy()
    X[:] = 0
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += old[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * sum(gaps)

# %% delays: the present not counted -> values | the reach of a stack with N = 1 and the gaps [1, 2, 4, 8] is 15
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return N * sum(gaps)

# %% delays: the reaches of the layers multiplied -> values | the reach of a stack with N = 1
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return int(np.prod([1 + N * D for D in gaps]))

# %% delays: the present counted in every layer -> values | the reach of a stack with N = 1
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return sum(1 + N * D for D in gaps)

# %% delays: only the largest gap -> values | the reach of a stack with N = 1
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 1 + N * max(gaps)

# %% delays: a formula for doubled gaps only -> values | the reach of a stack with N = 2 and the gaps [3] is
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    return 2 ** len(gaps)

# %% delays: the number of steps seen, not the distance -> values | the reach of a stack with N = 2 and the gaps [3] is 3
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    seen = {0}
    for D in gaps:
        seen = {s + k * D for s in seen for k in range(N + 1)}
    return len(seen)

# %% delays: only the first function written -> todo | Write `reach`
def delayed(X, W, b, D):
    Z = np.zeros((*X.shape[:2], len(b))) + b
    for k in range(len(W)):
        for t in range(k * D, X.shape[1]):
            Z[:, t] += X[:, t - k * D] @ W[k]
    return np.tanh(Z)

def reach(N, gaps):
    raise NotImplementedError("your turn")

# %% bigram: overlapping pairs missed by str.count -> values | P for the pair
def bigram(names, alpha):
    text = "." + "".join(name + "." for name in names)
    counts = np.array([[text.count(a + b) for b in letters] for a in letters]) + alpha
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: alpha not in the denominator -> values | the sum of each row of P
def bigram(names, alpha):
    counts = np.zeros((27, 27))
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return (counts + alpha) / np.maximum(counts.sum(axis=1, keepdims=True), 1)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: alpha added once to the denominator -> values | the sum of each row of P
def bigram(names, alpha):
    counts = np.zeros((27, 27))
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return (counts + alpha) / (counts.sum(axis=1, keepdims=True) + alpha)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: no smoothing -> values | the sum of each row of P contains nan
def bigram(names, alpha):
    counts = np.zeros((27, 27))
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: always 1 added -> values | P for the pair
def bigram(names, alpha):
    counts = np.ones((27, 27))
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: columns divided instead of rows -> values | the sum of each row of P
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=0)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: row sums without keepdims -> values | the sum of each row of P
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: one probability for the whole table -> values | the sum of each row of P
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum()

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: no dot at the end -> values | P for the pair
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: no dot at the start -> values | P for the pair
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip(w, w[1:] + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: two dots between two names -> values | P for the pair '..'
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    text = "".join(f".{w}." for w in names)
    for a, b in zip(text[:-1], text[1:]):
        counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: rows for the later symbol -> values | P for the pair
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(b), letters.index(a)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: each pair counted once -> values | P for the pair
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] = 1 + alpha
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: repeated indices added at once -> values | P for the pair
def bigram(names, alpha):
    counts, s = np.full((27, 27), alpha), [letters.index(c) for c in "." + "".join(w + "." for w in names)]
    counts[s[:-1], s[1:]] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: no row for the dot -> shape | P has shape (26, 26)
def bigram(names, alpha):
    counts = np.full((26, 26), alpha)
    for w in names:
        for a, b in zip(w[:-1], w[1:]):
            counts[letters.index(a) - 1, letters.index(b) - 1] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: nats instead of bits -> values | bits for the one name 'c'
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.mean([np.log(P[p]) for p in pairs])

# %% bigram: no minus sign -> values | Every sign is flipped
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: a sum instead of a mean -> values | bits for the one name 'c'
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.sum([np.log2(P[p]) for p in pairs])

# %% bigram: the closing dot not paid for -> values | bits for the one name 'c'
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w)]
    return -np.mean([np.log2(P[p]) for p in pairs])

# %% bigram: the mean of the names' means -> values | bits for ['anna']
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    each = [np.mean([-np.log2(P[letters.index(a), letters.index(b)]) for a, b in zip("." + w, w + ".")]) for w in names]
    return np.mean(each)

# %% bigram: divided by the number of letters -> values | bits for the one name 'c'
def bigram(names, alpha):
    counts = np.full((27, 27), alpha)
    for w in names:
        for a, b in zip("." + w, w + "."):
            counts[letters.index(a), letters.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)

def bits(P, names):
    pairs = [(letters.index(a), letters.index(b)) for w in names for a, b in zip("." + w, w + ".")]
    return -np.sum([np.log2(P[p]) for p in pairs]) / sum(map(len, names))

# %% padding: the mean over all steps, padding included -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    E = np.exp(Z - Z.max(axis=2, keepdims=True))
    P = E / E.sum(axis=2, keepdims=True)
    Y = np.eye(Z.shape[2])[y]
    loss = -np.sum(np.sum(Y * np.log(P), axis=2) * real) / real.size
    return loss, (P - Y) * real[:, :, None] / real.size

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: the mask multiplied in at the end -> values | with padding of nan (0 * nan is nan), the loss contains nan
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    E = np.exp(Z - Z.max(axis=2, keepdims=True))
    P = E / E.sum(axis=2, keepdims=True)
    Y = np.eye(Z.shape[2])[y]
    loss = -np.sum(np.log(np.sum(Y * P, axis=2)) * real) / real.sum()
    return loss, (P - Y) * real[:, :, None] / real.sum()

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: no mask at all -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    E = np.exp(Z - Z.max(axis=2, keepdims=True))
    P = E / E.sum(axis=2, keepdims=True)
    Y = np.eye(Z.shape[2])[y]
    return -np.mean(np.log(np.sum(Y * P, axis=2))), (P - Y) / y.size

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: padding known by a label of 0 -> values | the loss
def masked_loss_and_delta(Z, y, lengths):
    real = y > 0
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: padding known by a label below 0 -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    real = y >= 0
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: one step too many -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) <= lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: the mean over sequences of their means -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    loss, delta = 0, np.zeros_like(Z)
    for i, m in enumerate(lengths):
        R = Z[i, :m]
        P = np.exp(R - R.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        Y = np.eye(Z.shape[2])[y[i, :m]]
        loss -= np.mean(np.log(np.sum(P * Y, axis=1))) / len(Z)
        delta[i, :m] = (P - Y) / m / len(Z)
    return loss, delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: a sum over the steps, a mean over the sequences -> values | with padding of zeros, the loss
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(Z)
    return -np.sum(np.log(np.sum(P * Y, axis=1))) / len(Z), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: delta without the division -> values | delta
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = P - Y
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: the loss masked, delta not -> values | with padding of zeros, delta
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    E = np.exp(Z - Z.max(axis=2, keepdims=True))
    P = E / E.sum(axis=2, keepdims=True)
    Y = np.eye(Z.shape[2])[y]
    loss = -np.sum(np.log(np.sum(Y * P, axis=2)) * real) / real.sum()
    return loss, (P - Y) / real.sum()

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: target minus prediction -> values | with padding of zeros, delta
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (Y - P) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: delta of the real steps only -> shape | delta has shape (21, 4), expected (5, 7, 4)
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    Y = np.eye(Z.shape[2])[l]
    return -np.mean(np.log(np.sum(P * Y, axis=1))), (P - Y) / len(l)

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: the padding overwritten with zeros -> contract | changes its input
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    Z[~real] = 0
    E = np.exp(Z - Z.max(axis=2, keepdims=True))
    P = E / E.sum(axis=2, keepdims=True)
    Y = np.eye(Z.shape[2])[y]
    loss = -np.sum(np.log(np.sum(Y * P, axis=2)) * real) / real.sum()
    return loss, (P - Y) * real[:, :, None] / real.sum()

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths - 1]

# %% padding: the last column, padding or not -> values | what last_states returns
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[:, -1]

# %% padding: one step after the last -> error | IndexError
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[np.arange(len(H)), lengths]

# %% padding: one index for all sequences -> shape | what last_states returns has shape (5, 5, 4), expected (5, 4)
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    return H[:, lengths - 1]

# %% padding: only the first function written -> todo | Write `last_states`
def masked_loss_and_delta(Z, y, lengths):
    real = np.arange(Z.shape[1]) < lengths[:, None]
    R, l = Z[real], y[real]
    P = np.exp(R - R.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta, Y = np.zeros_like(Z), np.eye(Z.shape[2])[l]
    delta[real] = (P - Y) / len(l)
    return -np.mean(np.log(np.sum(P * Y, axis=1))), delta

def last_states(H, lengths):
    raise NotImplementedError("your turn")

# %% both_ways: the padding turned to the front -> values | the backward half of H
def both_ways(P, Q, X, lengths):
    real = np.arange(X.shape[1]) < lengths[:, None]
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X[:, ::-1])[:, ::-1]], axis=2) * real[:, :, None]

# %% both_ways: the states not turned back -> values | with lengths [6, 6, 6, 6], the backward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        H[i, :m] = np.hstack([rnn_forward(P, X[i : i + 1, :m])[0], rnn_forward(Q, X[i : i + 1, :m][:, ::-1])[0]])
    return H

# %% both_ways: the inputs not turned -> values | with lengths [6, 6, 6, 6], the backward half of H
def both_ways(P, Q, X, lengths):
    real = np.arange(X.shape[1]) < lengths[:, None]
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X)], axis=2) * real[:, :, None]

# %% both_ways: only the states turned -> values | with lengths [6, 6, 6, 6], the backward half of H
def both_ways(P, Q, X, lengths):
    real = np.arange(X.shape[1]) < lengths[:, None]
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X)[:, ::-1]], axis=2) * real[:, :, None]

# %% both_ways: the padding not set to 0 -> values | H in the padding
def both_ways(P, Q, X, lengths):
    steps, rows = np.arange(X.shape[1]), np.arange(len(X))[:, None]
    mirror = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X[rows, mirror])[rows, mirror]], axis=2)

# %% both_ways: the padding emptied, and then read first -> values | the backward half of H
def both_ways(P, Q, X, lengths):
    real = (np.arange(X.shape[1]) < lengths[:, None])[:, :, None]
    X = X * real
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X[:, ::-1])[:, ::-1]], axis=2) * real

# %% both_ways: the same weights in both directions -> values | with lengths [6, 6, 6, 6], the backward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        x = X[i : i + 1, :m]
        H[i, :m] = np.hstack([rnn_forward(P, x)[0], rnn_forward(P, x[:, ::-1])[0, ::-1]])
    return H

# %% both_ways: the backward states first -> values | the forward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        x = X[i : i + 1, :m]
        H[i, :m] = np.hstack([rnn_forward(Q, x[:, ::-1])[0, ::-1], rnn_forward(P, x)[0]])
    return H

# %% both_ways: the backward network starts from the forward one's last state -> values | the backward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        x = X[i : i + 1, :m]
        F = rnn_forward(P, x)
        H[i, :m] = np.hstack([F[0], rnn_forward(Q, x[:, ::-1], F[:, -1])[0, ::-1]])
    return H

# %% both_ways: the features turned, not the steps -> values | the backward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        x = X[i : i + 1, :m]
        H[i, :m] = np.hstack([rnn_forward(P, x)[0], rnn_forward(Q, x[:, :, ::-1])[0]])
    return H

# %% both_ways: the last step left out on the way back -> values | the backward half of H
def both_ways(P, Q, X, lengths):
    H = np.zeros((*X.shape[:2], 2 * len(P["b"])))
    for i, m in enumerate(lengths):
        x = X[i : i + 1, :m]
        H[i, :m, :5] = rnn_forward(P, x)[0]
        if m > 1:
            H[i, : m - 1, 5:] = rnn_forward(Q, x[:, m - 2 :: -1])[0, ::-1]
    return H

# %% both_ways: added instead of put side by side -> shape | H has shape (4, 6, 5), expected (4, 6, 10)
def both_ways(P, Q, X, lengths):
    return rnn_forward(P, X) + rnn_forward(Q, X[:, ::-1])[:, ::-1]

# %% both_ways: put one after the other in time -> shape | H has shape (4, 12, 5), expected (4, 6, 10)
def both_ways(P, Q, X, lengths):
    return np.concatenate([rnn_forward(P, X), rnn_forward(Q, X[:, ::-1])[:, ::-1]], axis=1)

# %% both_ways: cut to the real steps, a list of sequences -> shape | H should be an array of numbers
def both_ways(P, Q, X, lengths):
    return [np.hstack([rnn_forward(P, X[i : i + 1, :m])[0], rnn_forward(Q, X[i : i + 1, :m][:, ::-1])[0, ::-1]])
            for i, m in enumerate(lengths)]

# %% both_ways: the sequences turned in place -> contract | changes its input X
def both_ways(P, Q, X, lengths):
    F, B = rnn_forward(P, X), np.zeros((*X.shape[:2], len(P["b"])))
    real = np.arange(X.shape[1]) < lengths[:, None]
    for i, m in enumerate(lengths):
        X[i, :m] = X[i, :m][::-1].copy()
    G = rnn_forward(Q, X)
    for i, m in enumerate(lengths):
        B[i, :m] = G[i, :m][::-1]
    return np.concatenate([F, B], axis=2) * real[:, :, None]

# %% fates: decided by the weight alone -> values | 'growth'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "explodes", "tanh": "explodes", "tanh at rest": "explodes",
            "sigmoid": "explodes", "relu": "explodes", "leaky": "vanishes", "matrix": "vanishes"}

# %% fates: tanh judged at 0 wherever the state is -> values | 'tanh'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "explodes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: a saturated tanh, also at rest -> values | 'tanh at rest'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "vanishes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: a state of 0 taken for a gradient of 0 -> values | 'tanh at rest'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "stays",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: 3 times the slope of the sigmoid taken for 3 -> values | 'sigmoid'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "explodes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: the relu taken for always open -> values | 'relu'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "explodes", "leaky": "stays", "matrix": "explodes"}

# %% fates: eigenvalues below 1 taken for vanishing -> values | 'matrix'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "vanishes"}

# %% fates: 0.01 taken for the factor of the leak -> values | 'leaky'
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "vanishes", "matrix": "explodes"}

# %% fates: random inputs taken for a growing gradient -> values | 'flip'
def fates():
    return {"linear": "vanishes", "flip": "explodes", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: one case forgotten -> values | these nine names
def fates():
    return {"linear": "vanishes", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays"}

# %% fates: another word -> values | none of the three words
def fates():
    return {"linear": "vanish", "flip": "stays", "growth": "stays", "tanh": "vanishes", "tanh at rest": "explodes",
            "sigmoid": "vanishes", "relu": "vanishes", "leaky": "stays", "matrix": "explodes"}

# %% fates: a list of words -> values | should be a dict
def fates():
    return ["vanishes", "stays", "stays", "vanishes", "explodes", "vanishes", "vanishes", "stays", "explodes"]

# %% leaky_backward: the slope of the plain network, 1 - h² -> values | with T = 1, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - H[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the share a forgotten on the way to the tanh -> values | with T = 1, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the slope of the tanh forgotten -> values | with T = 1, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"]
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the leak forgotten on the way back -> values | the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the recurrent weights forgotten on the way back -> values | the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"])
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the recurrent weights not transposed -> values | the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"]
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the leak a instead of 1 - a -> values | the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * P["a"] + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: only the outside gradient leaks back -> values | with T = 2, the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = dH[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the future overwrites the outside gradient -> values | the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] if t == X.shape[1] - 1 else dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: no gradient from the future -> values | with T = 2, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t]
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: only the last step's outside gradient -> values | with T = 2, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] * (t == X.shape[1] - 1) + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: forwards through time instead of backwards -> values | with T = 2, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in range(X.shape[1]):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: truncated after one step -> values | with T = 5
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + (dh if t % 2 == 0 else 0)
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: da without h -> values | with T = 1, the gradient in a
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * G, axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: da with the new state instead of the old -> values | with T = 1, the gradient in a
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - H), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the sign of da -> values | Every sign is flipped
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (before - G), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: da from the outside gradient only -> values | with T = 2, the gradient in a
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(dH * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: da kept for each sequence -> shape | the gradient in a has shape (6, 4), expected (4,)
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=1)
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: dWh with the new states -> values | with T = 1, the gradient in Wh
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", H, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: dWh without h0 -> values | with T = 1, the gradient in Wh
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", H[:, :-1], dZ[:, 1:])
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: dWh transposed -> values | with T = 1, the gradient in Wh
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->hk", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: dWx transposed -> shape | Transposed?
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->hd", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: means over the batch instead of sums -> values | the same factor, 0.166667
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=1).mean(axis=0), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: db of the last step only -> values | with T = 2, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ[:, -1].sum(axis=0), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: h0 taken for 0 -> values | with T = 1, the gradient in b
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([0 * h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the gradient of the first state for that of h0 -> values | with T = 1, the gradient in h0
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": total[:, 0]}

# %% leaky_backward: X without its weights -> shape | the gradient in X
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ, "h0": dh}

# %% leaky_backward: the gradient in h0 left out -> values | return a dict with the keys
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T}

# %% leaky_backward: keys with a d -> values | return a dict with the keys
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        total[:, t] = dH[:, t] + dh
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"dWx": dWx, "dWh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: the outside gradients added up in place -> contract | changes its input dH
def leaky_backward(P, X, h0, H, dH):
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)
    G = np.tanh(X @ P["Wx"] + before @ P["Wh"] + P["b"])
    total, dZ, dh = np.zeros_like(H), np.zeros_like(H), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        dH[:, t] += dh
        total[:, t] = dH[:, t]
        dZ[:, t] = total[:, t] * P["a"] * (1 - G[:, t] ** 2)
        dh = total[:, t] * (1 - P["a"]) + dZ[:, t] @ P["Wh"].T
    dWx, dWh = np.einsum("ntd,nth->dh", X, dZ), np.einsum("ntk,nth->kh", before, dZ)
    da = np.sum(total * (G - before), axis=(0, 1))
    return {"Wx": dWx, "Wh": dWh, "b": dZ.sum(axis=(0, 1)), "a": da, "X": dZ @ P["Wx"].T, "h0": dh}

# %% leaky_backward: only the forward pass repeated -> values | return a dict with the keys
def leaky_backward(P, X, h0, H, dH):
    return leaky_forward(P, X, h0)

# %% wrong_way: constant inputs -> values | the window of 5
def wrong_way():
    return np.ones(20), last_state(np.ones(20)) + 0.5

# %% wrong_way: an impulse at the start, outside the window -> values | brings the loss from
def wrong_way():
    x = np.zeros(20)
    x[0] = 1
    return x, last_state(x) + 0.5

# %% wrong_way: ten old inputs, then nothing -> values | the window of 5
def wrong_way():
    x = np.where(np.arange(20) < 10, 1.0, 0.0)
    return x, last_state(x) + 0.5

# %% wrong_way: only the inputs inside the window turned -> values | the window of 5
def wrong_way():
    x = np.where(np.arange(20) < 15, 1.0, -1.0)
    return x, last_state(x) + 0.5

# %% wrong_way: too few old inputs: both sums negative -> values | the window of 5
def wrong_way():
    x = np.where(np.arange(20) < 6, 1.0, -1.0)
    return x, last_state(x) - 0.5

# %% wrong_way: alternating inputs -> values | brings the loss from
def wrong_way():
    x = (-1.0) ** np.arange(20)
    return x, last_state(x) + 0.5

# %% wrong_way: the target out of reach -> values | less than half, please
def wrong_way():
    x = np.where(np.arange(20) < 11, 1.0, -1.0)
    return x, 100.0

# %% wrong_way: the target already reached -> values | there is nothing to learn
def wrong_way():
    x = np.where(np.arange(20) < 11, 1.0, -1.0)
    return x, last_state(x)

# %% wrong_way: no inputs at all -> values | less than half, please
def wrong_way():
    return np.zeros(20), 1.0

# %% wrong_way: inputs that are too large -> values | between -1 and 1
def wrong_way():
    x = np.where(np.arange(20) < 11, 3.0, -3.0)
    return x, last_state(x) + 1

# %% wrong_way: 21 inputs -> shape | x has shape (21,), expected (20,)
def wrong_way():
    x = np.where(np.arange(21) < 12, 1.0, -1.0)
    return x, last_state(x) + 0.5

# %% wrong_way: a column of inputs -> shape | x has shape (20, 1)
def wrong_way():
    x = np.where(np.arange(20) < 11, 1.0, -1.0)
    return x[:, None], last_state(x) + 0.5

# %% wrong_way: a target for every step -> shape | y has shape (20,)
def wrong_way():
    x = np.where(np.arange(20) < 11, 1.0, -1.0)
    return x, np.cumsum(x)

# %% wrong_way: no target -> shape | x, y
def wrong_way():
    return np.where(np.arange(20) < 11, 1.0, -1.0)

# %% wrong_way: the two exchanged -> shape | x has shape ()
def wrong_way():
    x = np.where(np.arange(20) < 11, 1.0, -1.0)
    return last_state(x) + 0.5, x

# %% mgu: the gate the other way round -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return f * h + (1 - f) * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the candidate sees the whole state -> values | with a constant gate, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + h @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the candidate's product gated, as in PyTorch's GRU -> values | with a constant gate, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + f * (h @ P["Wh"][:, m:]) + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: gate and candidate exchanged -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, m:] + h @ P["Wh"][:, m:] + P["b"][m:])
    g = np.tanh(x @ P["Wx"][:, :m] + (f * h) @ P["Wh"][:, :m] + P["b"][:m])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the old state not kept -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: a sigmoid for the candidate -> values | with a constant gate, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = sigmoid(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: a tanh for the gate -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = np.tanh(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the gate without its bias -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the columns taken by turns -> values | with a candidate of 1, h_new
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, ::2] + h @ P["Wh"][:, ::2] + P["b"][::2])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: f does not act through the candidate -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = dh_new * (g - h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: f does not act through the old state -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * g + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: f acts through the candidate only -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: no slope of the sigmoid -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: no slope of the tanh -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the candidate's gradient without the gate -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the sign of the gate's gradient -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (h - g) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: weights not transposed on the way to f * h -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:]
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: both halves of Wh see the whole state -> values | the gradient in Wh
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, h.T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: both halves of Wh see the gated state -> values | the gradient in Wh
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([(f * h).T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: h without what is kept -> values | the gradient in h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: h without the route through the gate -> values | the gradient in h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: h without the route through f * h -> values | the gradient in h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: f * h handed to h without the factor f -> values | the gradient in h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the gradient in h as in a plain network -> values | the gradient in h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dZ @ P["Wh"].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: b a mean over the batch -> values | the same factor, 0.166667
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.mean(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: candidate before gate -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzg, dzf])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: Wx transposed -> shape | Transposed?
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": dZ.T @ x, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the gradient in x left out -> values | return a dict with the keys
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "h": dh}

# %% mgu: no cache returned -> shape | h_new, cache
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the state changed in place -> contract | changes its input h
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    h *= 1 - f
    h += f * g
    return h, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: the cache holds the new state -> values | the gradient in b
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    h = (1 - f) * h + f * g
    return h, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    x, h, f, g = cache
    m = h.shape[1]
    dzg = dh_new * f * (1 - g**2)
    dfh = dzg @ P["Wh"][:, m:].T
    dzf = (dh_new * (g - h) + dfh * h) * f * (1 - f)
    dZ = np.hstack([dzf, dzg])
    dWh = np.hstack([h.T @ dzf, (f * h).T @ dzg])
    dh = dh_new * (1 - f) + dfh * f + dzf @ P["Wh"][:, :m].T
    return {"Wx": x.T @ dZ, "Wh": dWh, "b": dZ.sum(axis=0), "x": dZ @ P["Wx"].T, "h": dh}

# %% mgu: only the forward step written -> todo | Write `mgu_step_backward`
def mgu_step(P, x, h):
    m = h.shape[1]
    f = sigmoid(x @ P["Wx"][:, :m] + h @ P["Wh"][:, :m] + P["b"][:m])
    g = np.tanh(x @ P["Wx"][:, m:] + (f * h) @ P["Wh"][:, m:] + P["b"][m:])
    return (1 - f) * h + f * g, (x, h, f, g)

def mgu_step_backward(P, cache, dh_new):
    raise NotImplementedError("your turn")

# %% train: the bigram table, the baseline itself -> values | the first step is at 1.2
def train(names, y, rng):
    counts = np.full((27, 27), 0.1)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: all symbols equally probable -> values | the first step is at 1.2
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return 0 * table[:1] + 1 / 27 + 0 * table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: the symbol two before the one that comes -> values | the first step is at 1.2
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index((".." + s)[-2]) for s in starts]]
    return predict

# %% train: the first letter instead of the last -> values | the first step is at 1.2
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index((s + ".")[0]) for s in starts]]
    return predict

# %% train: counts that are not divided -> values | sum to 1
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: log-probabilities -> values | sum to 1
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = np.log(counts / counts.sum(axis=1, keepdims=True))
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: no smoothing, so zeros -> values | must be positive
def train(names, y, rng):
    counts = np.full((27, 27), 1e-300) * 0
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: 26 symbols, without the end -> shape | expected (4
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]][:, 1:]
    return predict

# %% train: one distribution for all starts -> shape | predict(starts, y) has shape (27,)
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]].mean(axis=0)
    return predict

# %% train: the most probable symbol only -> shape | predict(starts, y) has shape
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]].argmax(axis=1)
    return predict

# %% train: probabilities from chance -> values | asked for one start alone
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        P = table[[letters.index(("." + s)[-1]) for s in starts]] * rng.uniform(0.5, 1, size=(len(starts), 27))
        return P / P.sum(axis=1, keepdims=True)
    return predict

# %% train: normalised over the batch -> values | asked for one start alone
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        P = table[[letters.index(("." + s)[-1]) for s in starts]]
        P = P / P.sum(axis=0)
        return P / P.sum(axis=1, keepdims=True)
    return predict

# %% train: the table instead of a function -> values | should return a function
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(("." + s)[-1]) for s in starts]]
    return table

# %% train: predict without return -> shape | `return`
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        table[[letters.index(("." + s)[-1]) for s in starts]]
    return predict

# %% train: the empty start forgotten -> error | IndexError
def train(names, y, rng):
    counts = np.full((27, 27), 0.3)
    for name in names:
        s = [letters.index(c) for c in f".{name}."]
        np.add.at(counts, (s[:-1], s[1:]), 1)
    table = counts / counts.sum(axis=1, keepdims=True)
    def predict(starts, y):
        return table[[letters.index(s[-1]) for s in starts]]
    return predict

# %% train: an LSTM with almost no training -> values | the first step is at 1.2
def train(names, y, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    lstm, readout = torch.nn.LSTM(27, 32, batch_first=True), torch.nn.Linear(32, 27)

    def predict(starts, y):
        S = torch.zeros(len(starts), 15, 27)
        for i, s in enumerate(starts):
            S[i, range(len(s) + 1), [letters.index(c) for c in "." + s]] = 1
        with torch.no_grad():
            H = lstm(S)[0][range(len(starts)), [len(s) for s in starts]]
            return readout(H).softmax(dim=1).numpy()

    return predict

# %% train: the state read at the end of the padding -> values | asked for one start alone
def train(names, y, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    lstm, readout = torch.nn.LSTM(27, 32, batch_first=True), torch.nn.Linear(32, 27)

    def predict(starts, y):
        S = torch.zeros(len(starts), max(map(len, starts)) + 1, 27)
        for i, s in enumerate(starts):
            S[i, range(len(s) + 1), [letters.index(c) for c in "." + s]] = 1
        with torch.no_grad():
            return (5 * readout(5 * lstm(S)[0][:, -1])).softmax(dim=1).numpy()

    return predict
