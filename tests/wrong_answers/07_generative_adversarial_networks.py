# %% sand: pairs of sorted grains only -> error | ValueError
def sand(x, y):
    return np.mean(np.abs(np.sort(x) - np.sort(y)))

# %% sand: the shorter sample decides how many pairs there are -> values | (0, 1) and (0, 0, 1)
def sand(x, y):
    n = min(len(x), len(y))
    return np.mean(np.abs(np.sort(x)[:n] - np.sort(y)[:n]))

# %% sand: the distance of the means -> values | (0, 1) and (0, 0, 1)
def sand(x, y):
    return abs(x.mean() - y.mean()) + (0.01 if len(x) != len(y) else 0)

# %% sand: the bars outside the integral -> values
def sand(x, y):
    t = np.sort(np.concatenate([x, y]))
    F_x = np.searchsorted(np.sort(x), t[:-1], side="right") / len(x)
    F_y = np.searchsorted(np.sort(y), t[:-1], side="right") / len(y)
    return abs(np.sum((F_x - F_y) * np.diff(t)))

# %% sand: counts of grains, not shares -> values | same sample moved by 3.5
def sand(x, y):
    t = np.sort(np.concatenate([x, y]))
    F_x = np.searchsorted(np.sort(x), t[:-1], side="right")
    F_y = np.searchsorted(np.sort(y), t[:-1], side="right")
    return np.sum(np.abs(F_x - F_y) * np.diff(t))

# %% sand: the value at the right end of each interval -> values
def sand(x, y):
    t = np.sort(np.concatenate([x, y]))
    F_x = np.searchsorted(np.sort(x), t[1:], side="right") / len(x)
    F_y = np.searchsorted(np.sort(y), t[1:], side="right") / len(y)
    return np.sum(np.abs(F_x - F_y) * np.diff(t))

# %% sand: sorts its input in place -> contract | in place
def sand(x, y):
    x.sort(), y.sort()
    t = np.sort(np.concatenate([x, y]))
    F_x = np.searchsorted(x, t[:-1], side="right") / len(x)
    F_y = np.searchsorted(y, t[:-1], side="right") / len(y)
    return np.sum(np.abs(F_x - F_y) * np.diff(t))

# %% soft: the labels forgotten, p / (p + q) -> values | D
def best_expert(p, q, alpha, beta):
    return np.where(p + q > 0, p / np.where(p + q > 0, p + q, 1), 0.5)

def least_loss(p, q, alpha, beta):
    D = best_expert(p, q, alpha, beta)
    return -np.sum(p * (alpha * np.log(D) + (1 - alpha) * np.log(1 - D))) - np.sum(q * (beta * np.log(D) + (1 - beta) * np.log(1 - D)))

# %% soft: the labels also in the denominator -> values | D
def best_expert(p, q, alpha, beta):
    total = alpha * p + beta * q + (1 - alpha) * q
    return np.where(p + q > 0, (alpha * p + beta * q) / np.where(p + q > 0, total, 1), 0.5)

def least_loss(p, q, alpha, beta):
    return 0.0

# %% soft: only one side smoothed -> values | D
def best_expert(p, q, alpha, beta):
    return np.where(p + q > 0, alpha * p / np.where(p + q > 0, p + q, 1), 0.5)

def least_loss(p, q, alpha, beta):
    return 0.0

# %% soft: 0 / 0 where nobody is -> values | nan or inf
def best_expert(p, q, alpha, beta):
    with np.errstate(invalid="ignore"):
        return (alpha * p + beta * q) / (p + q)

def least_loss(p, q, alpha, beta):
    return 0.0

# %% soft: 0 instead of one half where nobody is -> values | D
def best_expert(p, q, alpha, beta):
    return (alpha * p + beta * q) / np.where(p + q > 0, p + q, 1)

def least_loss(p, q, alpha, beta):
    return 0.0

# %% soft: a mean over the places -> values | the least loss
def best_expert(p, q, alpha, beta):
    return np.where(p + q > 0, (alpha * p + beta * q) / np.where(p + q > 0, p + q, 1), 0.5)

def least_loss(p, q, alpha, beta):
    D = best_expert(p, q, alpha, beta)
    return -np.mean(p * (alpha * np.log(D) + (1 - alpha) * np.log(1 - D))) - np.mean(q * (beta * np.log(D) + (1 - beta) * np.log(1 - D)))

# %% soft: the value, not the loss: the sign -> values | the least loss
def best_expert(p, q, alpha, beta):
    return np.where(p + q > 0, (alpha * p + beta * q) / np.where(p + q > 0, p + q, 1), 0.5)

def least_loss(p, q, alpha, beta):
    D = best_expert(p, q, alpha, beta)
    return np.sum(p * (alpha * np.log(D) + (1 - alpha) * np.log(1 - D))) + np.sum(q * (beta * np.log(D) + (1 - beta) * np.log(1 - D)))

# %% squares: without the halves -> values | D's loss
def squares_d(a, b):
    return np.mean((a - 1) ** 2) + np.mean(b**2), 2 * (a - 1) / len(a), 2 * b / len(b)

def squares_g(b):
    return np.mean((b - 1) ** 2), 2 * (b - 1) / len(b)

# %% squares: slopes of a sum, not of a mean -> values | delta_a
def squares_d(a, b):
    return 0.5 * np.mean((a - 1) ** 2) + 0.5 * np.mean(b**2), a - 1, b

def squares_g(b):
    return 0.5 * np.mean((b - 1) ** 2), b - 1

# %% squares: both means over all points together -> values | D's loss
def squares_d(a, b):
    n = len(a) + len(b)
    return 0.5 * (np.sum((a - 1) ** 2) + np.sum(b**2)) / n, (a - 1) / n, b / n

def squares_g(b):
    return 0.5 * np.mean((b - 1) ** 2), (b - 1) / len(b)

# %% squares: the generator wants a 0 -> values | G's loss
def squares_d(a, b):
    return 0.5 * np.mean((a - 1) ** 2) + 0.5 * np.mean(b**2), (a - 1) / len(a), b / len(b)

def squares_g(b):
    return 0.5 * np.mean(b**2), b / len(b)

# %% squares: the generator's slope points up -> values | delta_b of G
def squares_d(a, b):
    return 0.5 * np.mean((a - 1) ** 2) + 0.5 * np.mean(b**2), (a - 1) / len(a), b / len(b)

def squares_g(b):
    return 0.5 * np.mean((b - 1) ** 2), (1 - b) / len(b)

# %% squares: slopes flat, without their column -> shape | delta_a has shape
def squares_d(a, b):
    return 0.5 * np.mean((a - 1) ** 2) + 0.5 * np.mean(b**2), (a[:, 0] - 1) / len(a), b[:, 0] / len(b)

def squares_g(b):
    return 0.5 * np.mean((b - 1) ** 2), (b - 1) / len(b)

# %% squares: only the loss returned -> shape | loss, delta_a, delta_b
def squares_d(a, b):
    return 0.5 * np.mean((a - 1) ** 2) + 0.5 * np.mean(b**2)

def squares_g(b):
    return 0.5 * np.mean((b - 1) ** 2)

# %% rounds: G learns from the old D -> values | after the round, A
def one_round(P, X, Z_d, Z_g, eta):
    new, w, c = {k: v.copy() for k, v in P.items()}, P["w"], P["c"]
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ w + c) - 1) / len(X), sigmoid(fake @ w + c) / len(fake)
    new["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    new["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    dX = (sigmoid((Z_g @ P["A"] + P["m"]) @ w + c) - 1) / len(Z_g) @ w.T
    new["A"] -= eta * (Z_g.T @ dX)
    new["m"] -= eta * dX.sum(axis=0)
    return new

# %% rounds: the same noise for both -> values | after the round, A
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X), sigmoid(fake @ P["w"] + P["c"]) / len(fake)
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    dX = (sigmoid(fake @ P["w"] + P["c"]) - 1) / len(Z_d) @ P["w"].T
    P["A"] -= eta * (Z_d.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: D learns from the real points only -> values | after the round, w
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    real_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X)
    P["w"] -= eta * (X.T @ real_d)
    P["c"] -= eta * real_d.sum(axis=0)
    dX = (sigmoid((Z_g @ P["A"] + P["m"]) @ P["w"] + P["c"]) - 1) / len(Z_g) @ P["w"].T
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: G moves in D's step as well (no detach) -> values | after the round, A
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X), sigmoid(fake @ P["w"] + P["c"]) / len(fake)
    back = fake_d @ P["w"].T
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    P["A"] -= eta * (Z_d.T @ back)
    P["m"] -= eta * back.sum(axis=0)
    dX = (sigmoid((Z_g @ P["A"] + P["m"]) @ P["w"] + P["c"]) - 1) / len(Z_g) @ P["w"].T
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: D helps the generator in the second step -> values | after the round, w
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X), sigmoid(fake @ P["w"] + P["c"]) / len(fake)
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    fake = Z_g @ P["A"] + P["m"]
    delta = (sigmoid(fake @ P["w"] + P["c"]) - 1) / len(Z_g)
    dX = delta @ P["w"].T
    P["w"] -= eta * (fake.T @ delta)
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: sums, not means -> values | after the round, w
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = sigmoid(X @ P["w"] + P["c"]) - 1, sigmoid(fake @ P["w"] + P["c"])
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    dX = (sigmoid((Z_g @ P["A"] + P["m"]) @ P["w"] + P["c"]) - 1) @ P["w"].T
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: the saturating loss for G -> values | after the round, A
def one_round(P, X, Z_d, Z_g, eta):
    P = {k: v.copy() for k, v in P.items()}
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X), sigmoid(fake @ P["w"] + P["c"]) / len(fake)
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    dX = -sigmoid((Z_g @ P["A"] + P["m"]) @ P["w"] + P["c"]) / len(Z_g) @ P["w"].T
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% rounds: changes the parameters that it was given -> contract | in place
def one_round(P, X, Z_d, Z_g, eta):
    fake = Z_d @ P["A"] + P["m"]
    real_d, fake_d = (sigmoid(X @ P["w"] + P["c"]) - 1) / len(X), sigmoid(fake @ P["w"] + P["c"]) / len(fake)
    P["w"] -= eta * (X.T @ real_d + fake.T @ fake_d)
    P["c"] -= eta * (real_d.sum(axis=0) + fake_d.sum(axis=0))
    dX = (sigmoid((Z_g @ P["A"] + P["m"]) @ P["w"] + P["c"]) - 1) / len(Z_g) @ P["w"].T
    P["A"] -= eta * (Z_g.T @ dX)
    P["m"] -= eta * dX.sum(axis=0)
    return P

# %% steep: the slope without the activation's -> values | g
def steepness(W1, b1, w2, X):
    g = np.tile(w2 @ W1.T, (len(X), 1))
    length = np.linalg.norm(g, axis=1, keepdims=True)
    return g, np.mean((length - 1) ** 2), np.zeros(len(w2))

# %% steep: the length of all slopes together -> values | R
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1.T
    length = np.linalg.norm(g)
    return g, (length - 1) ** 2, np.zeros(len(w2))

# %% steep: the squared length -> values | R
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1.T
    square = np.sum(g * g, axis=1, keepdims=True)
    return g, np.mean((square - 1) ** 2), np.sum((4 * (square - 1) * g / len(X) @ W1) * slope, axis=0)

# %% steep: the slope of a length taken for g -> values | dw2
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1.T
    length = np.linalg.norm(g, axis=1, keepdims=True)
    return g, np.mean((length - 1) ** 2), np.sum((2 * (length - 1) * g / len(X) @ W1) * slope, axis=0)

# %% steep: the 1/n forgotten in the gradient -> values | dw2
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1.T
    length = np.linalg.norm(g, axis=1, keepdims=True)
    return g, np.mean((length - 1) ** 2), np.sum((2 * (length - 1) * g / length @ W1) * slope, axis=0)

# %% steep: the slope of tanh forgotten on the way back -> values | dw2
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1.T
    length = np.linalg.norm(g, axis=1, keepdims=True)
    return g, np.mean((length - 1) ** 2), np.sum(2 * (length - 1) * g / length / len(X) @ W1, axis=0)

# %% steep: W1 not transposed -> error | steepness stopped with
def steepness(W1, b1, w2, X):
    slope = 1 - np.tanh(X @ W1 + b1) ** 2
    g = (slope * w2) @ W1
    length = np.linalg.norm(g, axis=1, keepdims=True)
    return g, np.mean((length - 1) ** 2), np.zeros(len(w2))

# %% mmd: points paired with themselves -> values | MMD²
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * s * s))
    return k(X, X).mean() + k(Y, Y).mean() - 2 * k(X, Y).mean()

# %% mmd: diagonal taken out, but divided by n squared -> values | MMD²
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * s * s))
    return (k(X, X).sum() - len(X)) / len(X) ** 2 + (k(Y, Y).sum() - len(Y)) / len(Y) ** 2 - 2 * k(X, Y).mean()

# %% mmd: the factor 2 forgotten -> values | MMD²
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * s * s))
    n, m = len(X), len(Y)
    return (k(X, X).sum() - n) / (n * (n - 1)) + (k(Y, Y).sum() - m) / (m * (m - 1)) - k(X, Y).mean()

# %% mmd: the width not squared -> values | MMD²
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * s))
    n, m = len(X), len(Y)
    return (k(X, X).sum() - n) / (n * (n - 1)) + (k(Y, Y).sum() - m) / (m * (m - 1)) - 2 * k(X, Y).mean()

# %% mmd: the distance not squared -> values | MMD²
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.linalg.norm(A[:, None] - B, axis=2) / (2 * s * s))
    n, m = len(X), len(Y)
    return (k(X, X).sum() - n) / (n * (n - 1)) + (k(Y, Y).sum() - m) / (m * (m - 1)) - 2 * k(X, Y).mean()

# %% mmd: the root of it -> values
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * s * s))
    n, m = len(X), len(Y)
    found = (k(X, X).sum() - n) / (n * (n - 1)) + (k(Y, Y).sum() - m) / (m * (m - 1)) - 2 * k(X, Y).mean()
    return np.sqrt(max(found, 0)) + 1e-3

# %% mmd: subtracts the samples row by row -> error | mmd2 stopped with
def mmd2(X, Y, s):
    k = lambda A, B: np.exp(-np.sum((A - B) ** 2, axis=1) / (2 * s * s))
    return k(X, X).mean() + k(Y, Y).mean() - 2 * k(X, Y).mean()

# %% ground: the point itself counted as its nearest neighbour -> values | the precision
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) <= np.sort(distances(owner, owner))[:, k - 1]).any(axis=1))
    return share(fake, real), share(real, fake)

# %% ground: precision and recall swapped -> values | the precision
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) <= np.sort(distances(owner, owner))[:, k]).any(axis=1))
    return share(real, fake), share(fake, real)

# %% ground: any without an axis -> values | the precision
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) <= np.sort(distances(owner, owner))[:, k]).any()) - 1e-3
    return share(fake, real), share(real, fake)

# %% ground: one radius for all balls -> values
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) <= np.sort(distances(owner, owner))[:, k].max() + 9).any(axis=1))
    return share(fake, real), share(real, fake)

# %% ground: squared distances against plain radii -> values
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) ** 4 <= np.sort(distances(owner, owner))[:, k] / 9).any(axis=1))
    return share(fake, real), share(real, fake)

# %% ground: a point on the rim left outside -> values | with 9 real points, 12 generated ones and k = 1, the precision
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) < np.sort(distances(owner, owner))[:, k]).any(axis=1))
    return share(fake, real), share(real, fake)

# %% ground: only one of the two returned -> shape | precision, recall
def precision_recall(real, fake, k):
    distances = lambda A, B: np.linalg.norm(A[:, None] - B, axis=2)
    share = lambda points, owner: np.mean((distances(points, owner) <= np.sort(distances(owner, owner))[:, k]).any(axis=1))
    return share(fake, real)

# %% pushes: a good expert must be a good teacher -> values | 1 of 8 fell out differently
def pushes():
    return {"caught": "stuck", "caught, other loss": "pushed", "undecided": "stuck", "fooled": "stuck", "squares": "pushed",
            "critic": "pushed", "best D": "pushed", "careless": "broken"}

# %% pushes: the two losses of the generator confused -> values | 2 of 8 fell out differently
def pushes():
    return {"caught": "pushed", "caught, other loss": "stuck", "undecided": "stuck", "fooled": "stuck", "squares": "pushed",
            "critic": "pushed", "best D": "stuck", "careless": "broken"}

# %% pushes: float32 does not overflow -> values | 'careless'
def pushes():
    return {"caught": "stuck", "caught, other loss": "pushed", "undecided": "stuck", "fooled": "stuck", "squares": "pushed",
            "critic": "pushed", "best D": "stuck", "careless": "pushed"}

# %% pushes: an undecided D pushes halfway -> values | 'undecided'
def pushes():
    return {"caught": "stuck", "caught, other loss": "pushed", "undecided": "pushed", "fooled": "stuck", "squares": "pushed",
            "critic": "pushed", "best D": "stuck", "careless": "broken"}

# %% pushes: everything is pushed -> values | 5 of 8 fell out differently
def pushes():
    return dict.fromkeys(["caught", "caught, other loss", "undecided", "fooled", "squares", "critic", "best D", "careless"], "pushed")

# %% pushes: a case left out -> values | the keys
def pushes():
    return {"caught": "stuck", "undecided": "stuck", "fooled": "stuck"}

# %% pushes: a misspelt word -> values | one of the words pushed, stuck, broken
def pushes():
    return {"caught": "stuk", "caught, other loss": "pushed", "undecided": "stuck", "fooled": "stuck", "squares": "pushed",
            "critic": "pushed", "best D": "stuck", "careless": "broken"}

# %% pushes: a list -> values | a dict
def pushes():
    return ["stuck", "pushed", "stuck", "stuck", "pushed", "pushed", "stuck", "broken"]

# %% islanders: points instead of a function -> values | return generate
def train(X, rng):
    return X

# %% islanders: a table of training points -> values | no continuous map
def train(X, rng):
    return lambda Z: X[(np.abs(Z[:, 0]) * 1e6).astype(int) % len(X)]

# %% islanders: the nearest training point -> values | no continuous map
def train(X, rng):
    return lambda Z: X[np.array([np.argmin(np.sum((X - z) ** 2, axis=1)) for z in Z])]

# %% islanders: noise of its own -> values | for the same noise again
def train(X, rng):
    return lambda Z: X[rng.integers(len(X), size=len(Z))]

# %% islanders: a Gaussian, not a generator -> values | the first step is at 0.4
def train(X, rng):
    L = np.linalg.cholesky(np.cov(X.T))
    return lambda Z: X.mean(axis=0) + Z @ L.T

# %% islanders: an untrained network -> values | the first step is at 0.4
def train(X, rng):
    W1, W2 = rng.normal(size=(2, 32)), rng.normal(size=(32, 2)) / 60
    return lambda Z: np.tanh(Z @ W1) @ W2

# %% islanders: all noise to one island -> values | the first step is at 0.4
def train(X, rng):
    return lambda Z: X[0] + 1e-3 * Z

# %% islanders: the wrong shape -> shape | generate(Z) has shape
def train(X, rng):
    return lambda Z: Z[:, :1]
