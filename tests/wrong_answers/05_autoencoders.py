# %% price: biases forgotten -> values | parameters
def price(sizes, code_bytes):
    counts = [a * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - code_bytes * min(sizes)
    pays = 4 * sum(counts[place:]) // saved + 1 if saved > 0 else 0
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), pays

# %% price: numbers, not bytes -> values | ratio
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - min(sizes)
    pays = 4 * sum(counts[place:]) // saved + 1 if saved > 0 else 0
    return sum(counts), sizes[0] / min(sizes), pays

# %% price: the encoder is sent along -> values | pays_from
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    saved = sizes[0] - code_bytes * min(sizes)
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), 4 * sum(counts) // saved + 1 if saved > 0 else 0

# %% price: the code taken from the middle -> values
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place = len(sizes) // 2
    saved = sizes[0] - code_bytes * sizes[place]
    pays = 4 * sum(counts[place:]) // saved + 1 if saved > 0 else 0
    return sum(counts), sizes[0] / (code_bytes * sizes[place]), pays

# %% price: rounded up, so that a tie counts as fewer -> values | pays_from
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - code_bytes * min(sizes)
    pays = int(np.ceil(4 * sum(counts[place:]) / saved)) if saved > 0 else 0
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), pays

# %% price: nothing saved is not thought of -> error | ZeroDivisionError
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - code_bytes * min(sizes)
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), 4 * sum(counts[place:]) // saved + 1

# %% price: the decoder's bytes forgotten -> values | pays_from
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - code_bytes * min(sizes)
    pays = sum(counts[place:]) // saved + 1 if saved > 0 else 0
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), pays

# %% price: two results -> shape | parameters, ratio, pays_from
def price(sizes, code_bytes):
    return sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])), sizes[0] / (code_bytes * min(sizes))

# %% price: the decoder starts one layer too late -> values | pays_from
def price(sizes, code_bytes):
    counts = [(a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])]
    place, saved = sizes.index(min(sizes)), sizes[0] - code_bytes * min(sizes)
    pays = 4 * sum(counts[place + 1 :]) // saved + 1 if saved > 0 else 0
    return sum(counts), sizes[0] / (code_bytes * min(sizes)), pays

# %% pca_errors: the mean not subtracted -> values | E
def pca_errors(X, X_new, K_max):
    s, Vt = np.linalg.svd(X, full_matrices=False)[1:]
    inside = X_new @ Vt[:K_max].T
    kept, kept_new = np.cumsum([0, *s[:K_max] ** 2]), np.cumsum([0, *np.sum(inside**2, axis=0)])
    return (np.sum(s**2) - kept) / X.size, (np.sum(X_new**2) - kept_new) / X_new.size

# %% pca_errors: the new pictures have a mean of their own -> values | E_new
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m, full_matrices=False)[1:]
    A = X_new - X_new.mean(axis=0)
    kept, kept_new = np.cumsum([0, *s[:K_max] ** 2]), np.cumsum([0, *np.sum((A @ Vt[:K_max].T) ** 2, axis=0)])
    return (np.sum(s**2) - kept) / X.size, (np.sum(A**2) - kept_new) / X_new.size

# %% pca_errors: the tail of the singular values for the new pictures -> values | E_new
def pca_errors(X, X_new, K_max):
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    E = (np.sum(s**2) - np.cumsum([0, *s[:K_max] ** 2])) / X.size
    return E, E

# %% pca_errors: the new pictures' own components -> values | E_new
def pca_errors(X, X_new, K_max):
    def own(A, m):
        s = np.linalg.svd(A - m, compute_uv=False)
        return (np.sum(s**2) - np.cumsum([0, *s[:K_max] ** 2])) / A.size
    return own(X, X.mean(axis=0)), own(X_new, X.mean(axis=0))

# %% pca_errors: singular values not squared -> values | E
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m, full_matrices=False)[1:]
    kept_new = np.cumsum([0, *np.sum(((X_new - m) @ Vt[:K_max].T) ** 2, axis=0)])
    return (np.sum(s) - np.cumsum([0, *s[:K_max]])) / X.size, (np.sum((X_new - m) ** 2) - kept_new) / X_new.size

# %% pca_errors: the mean over pictures only -> values | same factor
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m, full_matrices=False)[1:]
    kept, kept_new = np.cumsum([0, *s[:K_max] ** 2]), np.cumsum([0, *np.sum(((X_new - m) @ Vt[:K_max].T) ** 2, axis=0)])
    return (np.sum(s**2) - kept) / len(X), (np.sum((X_new - m) ** 2) - kept_new) / len(X_new)

# %% pca_errors: K = 0 left out -> shape | E has shape (6,), expected (7,)
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m, full_matrices=False)[1:]
    kept, kept_new = np.cumsum(s[:K_max] ** 2), np.cumsum(np.sum(((X_new - m) @ Vt[:K_max].T) ** 2, axis=0))
    return (np.sum(s**2) - kept) / X.size, (np.sum((X_new - m) ** 2) - kept_new) / X_new.size

# %% pca_errors: columns of V^T for its rows -> values | E_new
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    s, Vt = np.linalg.svd(X - m)[1:]
    kept, kept_new = np.cumsum([0, *s[:K_max] ** 2]), np.cumsum([0, *np.sum(((X_new - m) @ Vt[:, :K_max]) ** 2, axis=0)])
    return (np.sum(s**2) - kept) / X.size, (np.sum((X_new - m) ** 2) - kept_new) / X_new.size

# %% pca_errors: the mean subtracted in place -> contract | changes its input X in place
def pca_errors(X, X_new, K_max):
    m = X.mean(axis=0)
    X -= m
    s, Vt = np.linalg.svd(X, full_matrices=False)[1:]
    kept, kept_new = np.cumsum([0, *s[:K_max] ** 2]), np.cumsum([0, *np.sum(((X_new - m) @ Vt[:K_max].T) ** 2, axis=0)])
    return (np.sum(s**2) - kept) / X.size, (np.sum((X_new - m) ** 2) - kept_new) / X_new.size

# %% doubts: the constant left out -> values | loss is
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s) / 2
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: the price of a large variance left out -> values | loss
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(-(error**2) * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: s taken for the log of the standard deviation -> values | loss
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-2 * s)
    loss = np.mean(error**2 * sure / 2 + s + np.log(2 * np.pi) / 2)
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / X.size

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0)) / 2

# %% doubts: the delta of the squared error -> values | delta
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, 2 * error / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: delta without the half -> values | same factor, 2
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, 2 * error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: ds as a mean over the pictures only -> values | ds
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.mean(1 - error**2 * sure, axis=0) / 2

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: a sign in ds -> values | Every sign is flipped
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(error**2 * sure - 1, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: one number s for each picture and pixel -> shape | ds
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, (1 - error**2 * sure) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2, axis=0))

# %% doubts: best_s is the logarithm of the standard deviation -> values | best_s
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.sqrt(np.mean((Z - X) ** 2, axis=0)))

# %% doubts: best_s from the variance about the mean error -> values | best_s
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.var(Z - X, axis=0))

# %% doubts: best_s is one number -> shape | best_s
def gauss_and_delta(Z, s, X):
    error, sure = Z - X, np.exp(-s)
    loss = np.mean(error**2 * sure + s + np.log(2 * np.pi)) / 2
    return loss, error * sure / X.size, np.sum(1 - error**2 * sure, axis=0) / (2 * X.size)

def best_s(Z, X):
    return np.log(np.mean((Z - X) ** 2))

# %% sparse: half of the squared error -> values | the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) / 2 + beta * penalty
    delta2 = (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: no slope of the sigmoid -> values | the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the slope of tanh -> values | the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * (1 - C**2)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the penalty after the slope of the sigmoid -> values | beta = 0.7, the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T
    delta1 = dC * C * (1 - C) + dactive / len(X)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: each picture gets the whole of the penalty -> values | beta = 0.7, the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the penalty has no gradient -> values | beta = 0.7, the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the penalty without beta in the gradient -> values | the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: a mean over the code numbers -> values | beta = 0.7, the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.mean(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the penalty of each picture by itself -> values | beta = 0.7, the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C
    penalty = 1 / len(X) * np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the mean over the code numbers of each picture -> values | beta = 0.7, the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=1)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive[:, None] / C.shape[1]
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the divergence the other way round -> values | beta = 0.7, the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(active * np.log(active / rho) + (1 - active) * np.log((1 - active) / (1 - rho)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: the half for units at rest left out -> values | beta = 0.7, the loss
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active)
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: a sign in the bracket -> values | the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active - (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: b1 as a mean -> values | the gradient in b1
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.mean(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: W2 transposed -> shape | Transposed?
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": delta2.T @ C, "b2": delta2.sum(axis=0)}

# %% sparse: the gradient of one picture for the mean of all numbers -> values | the gradient in b2
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / len(X)
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% sparse: a key forgotten -> values | keys W1, b1, W2, b2
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2}

# %% sparse: the weights updated as well -> contract | changes its input P in place
def sparse_loss_and_grads(P, X, rho, beta):
    C = sigmoid(X @ P["W1"] + P["b1"])
    Z = C @ P["W2"] + P["b2"]
    active = C.mean(axis=0)  # (k,)
    penalty = np.sum(rho * np.log(rho / active) + (1 - rho) * np.log((1 - rho) / (1 - active)))
    loss = np.mean((Z - X) ** 2) + beta * penalty
    delta2 = 2 * (Z - X) / X.size
    dactive = beta * (-rho / active + (1 - rho) / (1 - active))
    dC = delta2 @ P["W2"].T + dactive / len(X)
    P["W2"] -= 0.1 * C.T @ delta2
    delta1 = dC * C * (1 - C)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0), "W2": C.T @ delta2, "b2": delta2.sum(axis=0)}

# %% hidden: one mask for all pictures -> values | of a pixel or of a picture
def hide(X, share, rng):
    hidden = np.ones((len(X), 1)) * rng.random(X.shape[1]) < share
    return np.where(hidden, 0, X), hidden

# %% hidden: whole pictures hidden -> values | of a pixel or of a picture
def hide(X, share, rng):
    hidden = rng.random((len(X), 1)) * np.ones(X.shape) < share
    return np.where(hidden, 0, X), hidden

# %% hidden: the share is what stays -> values | hidden are
def hide(X, share, rng):
    hidden = rng.random(X.shape) > share
    return np.where(hidden, 0, X), hidden

# %% hidden: the mask means visible -> values | X_in
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X), ~hidden

# %% hidden: zeros of the picture count as hidden -> values | hidden are
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X), np.where(hidden, 0, X) == 0

# %% hidden: the picture itself is overwritten -> contract | changes its input X in place
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    X[hidden] = 0
    return X, hidden

# %% hidden: a generator of its own -> values | draw from `rng`
def hide(X, share, rng):
    hidden = np.random.default_rng(0).random(X.shape) < share
    return np.where(hidden, 0, X), hidden

# %% hidden: the global generator -> values | draw from `rng`
def hide(X, share, rng):
    hidden = np.random.random(X.shape) < share
    return np.where(hidden, 0, X), hidden

# %% hidden: zeros and ones for the mask -> values | True and False
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X), hidden.astype(int)

# %% hidden: noise instead of holes -> values | X_in
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, rng.normal(size=X.shape), X), hidden

# %% hidden: the visible scaled up as in dropout -> values | X_in
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X / (1 - share)), hidden

# %% hidden: only the picture returned -> shape | X_in, hidden
def hide(X, share, rng):
    hidden = rng.random(X.shape) < share
    return np.where(hidden, 0, X)

# %% guess: all pixels count -> values
def hidden_loss_and_delta(Z, X, hidden):
    error = Z - X
    count = X.size
    return np.sum(error**2) / count, 2 * error / count

# %% guess: the mean over all numbers -> values | loss
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = X.size
    return np.sum(error**2) / count, 2 * error / count

# %% guess: the visible pixels count -> values
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, 0, Z - X)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, 2 * error / count

# %% guess: a mean over the pictures -> values | loss
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = len(X)
    return np.sum(error**2) / count, 2 * error / count

# %% guess: nothing hidden is not thought of -> values | nan or inf
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = hidden.sum()
    return np.sum(error**2) / count, 2 * error / count

# %% guess: zeros taken for hidden -> values
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(X == 0, Z - X, 0)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, 2 * error / count

# %% guess: delta without the 2 -> values | same factor, 0.5
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, error / count

# %% guess: delta of all pixels -> values | delta
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, 2 * (Z - X) / count

# %% guess: the sum for the mean -> values | loss
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = 1
    return np.sum(error**2) / count, 2 * error / count

# %% guess: delta for the hidden pixels alone -> shape | delta
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = max(1, hidden.sum())
    return np.sum(error**2) / count, 2 * error[hidden] / count

# %% guess: a mean of the means of the pictures -> values | loss
def hidden_loss_and_delta(Z, X, hidden):
    error = np.where(hidden, Z - X, 0)
    count = max(1, hidden.sum())
    return np.mean(np.sum(error**2, axis=1) / np.maximum(1, hidden.sum(axis=1))), 2 * error / count

# %% search: the query stays in its list -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: places counted from 0 -> error | ZeroDivisionError
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i])
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / [p for p in places if 1 / int(p)]))
    return np.mean(scores)

# %% search: places counted from 0 with a warning -> values | nan or inf
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i])
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: lonely pictures count as 0 -> values | for the codes 0, 1, 3 of
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
        else:
            scores.append(0)
    return np.mean(scores)

# %% search: the farthest first -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(-distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: divided by the length of the list -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.sum(np.arange(1, len(places) + 1) / places) / len(order))
    return np.mean(scores)

# %% search: the precision of the first place alone -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(float(places[0] == 1))
    return np.mean(scores)

# %% search: the reciprocal of the first hit -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(1 / places[0])
    return np.mean(scores)

# %% search: a mean over all hits of all queries -> values
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.extend(np.arange(1, len(places) + 1) / places)
    return np.mean(scores)

# %% search: the dot product for nearness -> values
def mean_average_precision(C, y):
    distance = -C @ C.T  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: the sum of absolute differences -> values | for 30 codes
def mean_average_precision(C, y):
    distance = np.sum(np.abs(C[:, None] - C), axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: signed differences -> values
def mean_average_precision(C, y):
    distance = np.sum(C[:, None] - C, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% search: one number for each query -> shape
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        if len(places):
            scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.array(scores)

# %% search: lonely pictures not thought of -> values | nan or inf
def mean_average_precision(C, y):
    distance = np.sum((C[:, None] - C) ** 2, axis=2)  # (n, n)
    scores = []
    for i in range(len(C)):
        order = np.argsort(distance[i])
        order = order[order != i]
        places = np.flatnonzero(y[order] == y[i]) + 1
        scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.mean(scores)

# %% groups: the number of groups from the largest label -> values | the groups [
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / ((g.max() + 1) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: all pictures alike -> values | the loss
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = np.full(len(g), 1 / X.size)  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: empty groups counted in the errors -> shape | group_errors
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in range(g.max() + 1)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: the sum of the groups for their mean -> values | the loss
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: weights the wrong way round -> values | the loss
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = counts[place] / np.sum(counts[place]) / X.shape[1]  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: the pixels forgotten in the division -> values | the loss
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: delta without weights -> values | delta
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * (Z - X) / X.size

# %% groups: delta without the 2 -> values | same factor, 0.5
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), weight[:, None] * (Z - X)

# %% groups: the errors are sums over the pixels -> values | group_errors
def group_errors(Z, X, g):
    return np.array([np.sum((Z[g == group] - X[g == group]) ** 2) / np.sum(g == group) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: errors with their roots -> values | group_errors
def group_errors(Z, X, g):
    return np.array([np.sqrt(np.mean((Z[g == group] - X[g == group]) ** 2)) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: errors in the order of appearance -> values | group_errors
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in reversed(sorted(set(g)))])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: the weight squared with the error -> values | the loss
def group_errors(Z, X, g):
    return np.array([np.mean((Z[g == group] - X[g == group]) ** 2) for group in np.unique(g)])

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum((weight[:, None] * (Z - X)) ** 2), 2 * weight[:, None] * (Z - X)

# %% groups: errors as a dict -> shape | group_errors
def group_errors(Z, X, g):
    return {k: np.mean((Z[g == k] - X[g == k]) ** 2) for k in np.unique(g)}

def balanced_loss_and_delta(Z, X, g):
    groups, place, counts = np.unique(g, return_inverse=True, return_counts=True)
    weight = 1 / (len(groups) * counts[place] * X.shape[1])  # (n,) of one number of each picture
    return np.sum(weight[:, None] * (Z - X) ** 2), 2 * weight[:, None] * (Z - X)

# %% stays: a rotation is believed to change the error -> values | 'error'
def stays(move, what):
    changed = {
        "error": ("rotate",),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: the middle is believed to shift -> values | 'middle'
def stays(move, what):
    changed = {
        "error": (),
        "middle": ("shift",),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: the middle is believed to turn -> values | 'middle'
def stays(move, what):
    changed = {
        "error": (),
        "middle": ("rotate", "stretch"),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: a stretch is believed to keep all orders -> values | 'neighbours'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": (),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: distances, not their order -> values | 'neighbours'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch", "double"),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: a rotation is believed to change distances -> values | 'neighbours'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch", "rotate"),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: L1 taken for L2 -> values | 'l1'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: the sum of the codes, with their signs -> values | 'l1'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("flip", "double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: sliders are believed to survive a rotation -> values | 'sliders'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": (),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: finer steps taken for other pictures -> values | 'sliders'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate", "stretch"),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: a shift is believed to matter for sliders -> values | 'sliders'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate", "shift"),
        "chance": ("double", "stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: doubling is believed to be harmless -> values | 'chance'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("stretch", "shift"),
    }
    return move not in changed[what]

# %% stays: undone is undone -> values | 'chance'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": (),
    }
    return move not in changed[what]

# %% stays: the normal distribution is believed to have corners -> values | 'chance'
def stays(move, what):
    changed = {
        "error": (),
        "middle": (),
        "neighbours": ("stretch",),
        "l1": ("double", "stretch", "rotate", "shift"),
        "sliders": ("rotate",),
        "chance": ("double", "stretch", "shift", "rotate"),
    }
    return move not in changed[what]

# %% stays: a word for True -> values | should return True or False
def stays(move, what):
    return "same"

# %% stays: everything stays -> values | 'neighbours'
def stays(move, what):
    return True

# %% impostor: the mean picture -> values | not strange enough
def impostor(X, m, V, rng):
    return m

# %% impostor: a blank picture -> values | its error is
def impostor(X, m, V, rng):
    return np.zeros(64)

# %% impostor: noise -> values | its error is
def impostor(X, m, V, rng):
    return rng.random(64)

# %% impostor: ink outside of what is possible -> values | ink lies between 0 and 1
def impostor(X, m, V, rng):
    return m + V @ (5 * rng.normal(size=16))

# %% impostor: cut off once at the end -> values | its error is
def impostor(X, m, V, rng):
    return np.clip(m + V @ (5 * rng.normal(size=16)), 0, 1)

# %% impostor: a training digit, projected -> values
def impostor(X, m, V, rng):
    x = X[0]
    for _ in range(300):
        x = np.clip(m + V @ (V.T @ (x - m)), 0, 1)
    return x

# %% impostor: the middle between two digits -> values
def impostor(X, m, V, rng):
    return (X[0] + X[1]) / 2

# %% impostor: the least strange of many -> values | not strange enough
def impostor(X, m, V, rng):
    tries = m + 4 * rng.normal(size=(300, 16)) @ V.T  # far out in the span of the components ...
    for _ in range(300):  # ... and back to where both conditions hold
        tries = np.clip(tries, 0, 1)
        tries = m + (tries - m) @ V @ V.T
    tries = np.clip(tries, 0, 1)
    return tries[np.argmin(strangeness(tries, X))]

# %% impostor: all tries at once -> shape | x has shape (300, 64)
def impostor(X, m, V, rng):
    tries = m + 4 * rng.normal(size=(300, 16)) @ V.T  # far out in the span of the components ...
    for _ in range(300):  # ... and back to where both conditions hold
        tries = np.clip(tries, 0, 1)
        tries = m + (tries - m) @ V @ V.T
    tries = np.clip(tries, 0, 1)
    return tries

# %% impostor: the guard changed -> contract | in place
def impostor(X, m, V, rng):
    V[:] = 0
    m[:] = 0
    return np.zeros(64)

# %% eight: PCA -> values | the first step is at 0.7
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return (lambda X: (X - m) @ V), (lambda C: m + C @ V.T)

# %% eight: nine numbers -> shape | encode(X) has shape (333, 9), expected (333, 8)
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:9].T
    return (lambda X: (X - m) @ V), (lambda C: m + C @ V.T)

# %% eight: two numbers packed in one -> values | the first step is at 0.7
def train(X, rng):
    m = X.mean(axis=0).astype(float)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:16].T
    def encode(X):
        C = np.round(((X - m) @ V + 8) * 100)
        return C[:, :8] * 10000 + C[:, 8:]
    def decode(C):
        return m + np.hstack([C // 10000, C % 10000]) @ V.T / 100 - 8 * V.sum(axis=1)
    return encode, decode

# %% eight: the mean of the batch subtracted -> values | alone
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return (lambda X: (X - X.mean(axis=0)) @ V), (lambda C: m + C @ V.T)

# %% eight: noise in the encoder at all times -> values | alone
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return (lambda X: (X - m + 0.3 * rng.normal(size=X.shape)) @ V), (lambda C: m + C @ V.T)

# %% eight: tensors that still carry gradients -> error | RuntimeError
def train(X, rng):
    E, D = nn.Linear(64, 8), nn.Linear(8, 64)
    return (lambda X: E(torch.as_tensor(X)).numpy()), (lambda C: D(torch.as_tensor(C)).numpy())

# %% eight: codes as a tensor with gradients -> values | NumPy arrays, not <class 'torch.Tensor'>
def train(X, rng):
    E, D = nn.Linear(64, 8), nn.Linear(8, 64)
    return (lambda X: E(torch.as_tensor(X))), (lambda C: D(torch.as_tensor(C)).detach().numpy())

# %% eight: pictures as a tensor -> values | end with .detach().numpy()
def train(X, rng):
    E, D = nn.Linear(64, 8), nn.Linear(8, 64)
    return (lambda X: E(torch.as_tensor(X)).detach().numpy()), (lambda C: D(torch.as_tensor(C)).detach())

# %% eight: what the functions return, not the functions -> values | the two functions
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return (X - m) @ V, m + (X - m) @ V @ V.T

# %% eight: only one function -> shape | encode, decode
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return lambda X: m + (X - m) @ V @ V.T

# %% eight: it explodes -> values | nan or inf
def train(X, rng):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m, full_matrices=False)[2][:8].T
    return (lambda X: (X - m) @ V), (lambda C: m + C @ V.T * np.float32(np.inf))

# %% eight: a deep network without activations -> values | the first step is at 0.7
def train(X, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    X = torch.as_tensor(X)
    E, D = nn.Sequential(nn.Linear(64, 32), nn.Linear(32, 8)), nn.Sequential(nn.Linear(8, 32), nn.Linear(32, 64))
    optimizer = torch.optim.Adam([*E.parameters(), *D.parameters()], 0.005)
    for _ in range(300):
        optimizer.zero_grad()
        F.mse_loss(D(E(X)), X).backward()
        optimizer.step()
    return (lambda X: E(torch.as_tensor(X)).detach().numpy()), (lambda C: D(torch.as_tensor(C)).detach().numpy())

# %% eight: training digits changed -> contract | changes its input X in place
def train(X, rng):
    m = X.mean(axis=0)
    X -= m
    V = np.linalg.svd(X, full_matrices=False)[2][:8].T
    return (lambda X: (X - m) @ V), (lambda C: m + C @ V.T)
