# Typical wrong answers to Exercise 1. Each replaces the answer cell of the task it names; the check must catch it.

# %% neuron: np.sign, which answers 0 on the line -> values | a neuron answers -1 or +1
def neuron(X, w, b):
    return np.sign(X @ w + b)

# %% neuron: greater than instead of greater or equal -> values | at z = 0 your neuron answers -1
def neuron(X, w, b):
    return np.where(X @ w + b > 0, 1.0, -1.0)

# %% neuron: the bias forgotten -> values | your neuron answers
def neuron(X, w, b):
    return np.where(X @ w >= 0, 1.0, -1.0)

# %% neuron: the bias taken for a threshold, so its sign is wrong -> values | your neuron answers
def neuron(X, w, b):
    return np.where(X @ w >= b, 1.0, -1.0)

# %% neuron: answers in 0/1 coding -> values | a neuron answers -1 or +1; yours answers [0. 1.]
def neuron(X, w, b):
    return (X @ w + b >= 0).astype(float)

# %% neuron: True and False instead of numbers -> values | a neuron answers -1 or +1
def neuron(X, w, b):
    return X @ w + b >= 0

# %% neuron: no activation, only z -> values | a neuron answers -1 or +1
def neuron(X, w, b):
    return X @ w + b

# %% neuron: only the first row -> shape
def neuron(X, w, b):
    return np.where(X[0] @ w + b >= 0, 1.0, -1.0)

# %% neuron: products not added up -> shape
def neuron(X, w, b):
    return np.where(X * w + b >= 0, 1.0, -1.0)

# %% neuron: a column instead of one number for each row -> shape
def neuron(X, w, b):
    return np.where(X @ w.reshape(-1, 1) + b >= 0, 1.0, -1.0)

# %% neuron: the factors of the product swapped -> error | stopped with ValueError
def neuron(X, w, b):
    return np.where(w @ X + b >= 0, 1.0, -1.0)

# %% neuron: return forgotten -> shape | `return`
def neuron(X, w, b):
    Z = X @ w + b
    Y = np.where(Z >= 0, 1.0, -1.0)

# %% neuron: the threshold test on the whole batch at once -> error | np.where(condition, a, b)
def neuron(X, w, b):
    if X @ w + b >= 0:
        return 1.0
    return -1.0

# %% gate_weights: AND with the bias of OR -> values | and of [-1.  1.] should be -1
def gate_weights(name):
    return {
        "and": (np.array([1.0, 1.0]), 1.5),
        "nand": (np.array([-1.0, -1.0]), 1.5),
        "majority": (np.ones(3), 0.0),
    }[name]

# %% gate_weights: NAND by turning the bias only -> values | nand
def gate_weights(name):
    if name == "majority":
        return np.ones(3), 0.0
    return np.ones(2), -1.5 if name == "and" else 1.5

# %% gate_weights: NAND by turning the weights only -> values | nand
def gate_weights(name):
    if name == "majority":
        return np.ones(3), 0.0
    return (np.ones(2), -1.5) if name == "and" else (-np.ones(2), -1.5)

# %% gate_weights: majority in 0/1 coding -> values | majority
def gate_weights(name):
    if name == "majority":
        return np.ones(3), -1.5
    return (np.ones(2), -1.5) if name == "and" else (-np.ones(2), 1.5)

# %% gate_weights: AND with two rows on the line -> values | right on the line
def gate_weights(name):
    if name == "majority":
        return np.ones(3), 0.0
    return (np.ones(2), 0.0) if name == "and" else (-np.ones(2), 1.5)

# %% gate_weights: weights as exact as the threshold of a sum, row on the line -> values | right on the line
def gate_weights(name):
    if name == "majority":
        return np.ones(3), -1.0
    return (np.ones(2), -1.5) if name == "and" else (-np.ones(2), 1.5)

# %% gate_weights: the bias forgotten in the answer -> shape | w, b
def gate_weights(name):
    return np.ones(3) if name == "majority" else np.ones(2)

# %% gate_weights: bias and weights swapped -> values | return w and b, 2 weights and one bias
def gate_weights(name):
    if name == "majority":
        return 0.0, np.ones(3)
    return (-1.5, np.ones(2)) if name == "and" else (1.5, -np.ones(2))

# %% gate_weights: a list of weights and no bias -> values | return w and b, 2 weights and one bias
def gate_weights(name):
    return {"and": [1, 1], "nand": [-1, -1], "majority": [1, 1, 1]}[name]

# %% gate_weights: the bias in a list -> values | should be a number, such as 0.5, not [-1]
def gate_weights(name):
    return [1, 1], [-1]

# %% gate_weights: one gate not written -> shape | returns nothing
def gate_weights(name):
    if name == "and":
        return np.array([1.0, 1.0]), -1.5
    if name == "nand":
        return np.array([-1.0, -1.0]), 1.5

# %% gate_weights: majority with two weights -> shape | w of majority
def gate_weights(name):
    return (np.ones(2), 0.0) if name == "majority" else (np.ones(2), -1.5) if name == "and" else (-np.ones(2), 1.5)

# %% gate_weights: the untouched stub -> todo | not done yet. Write `gate_weights`
def gate_weights(name):
    raise NotImplementedError("your turn")

# %% to_01: the conversion the other way round -> values | with all inputs false
def to_01(W, b):
    return W / 2, b + W.sum(axis=0) / 2

# %% to_01: weights doubled, bias left -> values | with all inputs false
def to_01(W, b):
    return 2 * W, b

# %% to_01: bias moved, weights not doubled -> values | the matrix of pre-activations
def to_01(W, b):
    return W, b - W.sum(axis=0)

# %% to_01: the sign of the correction -> values | with all inputs false
def to_01(W, b):
    return 2 * W, b + W.sum(axis=0)

# %% to_01: the sum over all neurons together -> values | with all inputs false
def to_01(W, b):
    return 2 * W, b - W.sum()

# %% to_01: the sum over the wrong axis -> error | ValueError
def to_01(W, b):
    return 2 * W, b - W.sum(axis=1)

# %% to_01: the weights doubled before they are added up -> values | with all inputs false
def to_01(W, b):
    W_01 = 2 * W
    return W_01, b - W_01.sum(axis=0)

# %% to_01: the constant 1 for every neuron -> values | with all inputs false
def to_01(W, b):
    return 2 * W, b - 1

# %% to_01: the bias doubled as well -> values | with all inputs false
def to_01(W, b):
    return 2 * W, 2 * b - W.sum(axis=0)

# %% to_01: a column of biases -> shape | b_01 has shape (3, 3)
def to_01(W, b):
    return 2 * W, b[:, None] - W.sum(axis=0)

# %% to_01: the correction computed and not used, in the input -> contract | changes its input
def to_01(W, b):
    b -= W.sum(axis=0)
    W *= 2
    return W, b

# %% to_01: only the weights are returned -> shape | W_01, b_01
def to_01(W, b):
    return 2 * W

# %% boolean_network: the lecture's network, a hidden neuron for each true row -> values | Here each false row gets one
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth > 0]
    return R.T, np.full(len(R), 1.0 - d), np.ones(len(R)), len(R) - 1.0

# %% boolean_network: the lecture's hidden neurons for the false rows, the output turned -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return R.T, np.full(len(R), 1.0 - d), -np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: the lecture's network for the false rows, answer negated -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return R.T, np.full(len(R), 1.0 - d), np.ones(len(R)), len(R) - 1.0

# %% boolean_network: weights turned, the lecture's hidden bias kept -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), 1.0 - d), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: the bias turned, the lecture's hidden weights kept -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: hidden bias off by one step, neighbours silent as well -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d - 3.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: hidden bias too high, nobody is silent -> values | one hidden neuron should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d + 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: the threshold at the row itself, where z = 0 answers +1 -> values | one hidden neuron should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), 1.0 * d), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: OR of the hidden neurons instead of AND -> values | as wanted; but the output is +1
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), len(R) - 1.0

# %% boolean_network: AND for two inputs, whatever the number of hidden neurons -> values | as wanted; but the output is +1
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), -1.5

# %% boolean_network: AND of the 0/1 coding in the output -> values | as wanted; but the output is -1
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 0.5 - 2 * len(R)

# %% boolean_network: NAND in the output -> values | as wanted; but the output is
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), d - 1.0), -np.ones(len(R)), len(R) - 1.0

# %% boolean_network: rows counted with the first input fastest -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[:, ::-1][truth < 0]
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: W1 with a row for each hidden neuron -> shape | Transposed?
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: one bias for all hidden neurons -> shape | b1 has shape ()
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, d - 1.0, np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: written for three inputs -> error | IndexError
def boolean_network(truth):
    R = truth_rows(3)[truth < 0]
    return -R.T, np.full(len(R), 2.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: the hidden bias of three inputs for all -> values | should be silent
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    return -R.T, np.full(len(R), 2.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: a loop that collects rows fails for the table that is always true -> error | need at least one array
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = np.stack([row for row, wanted in zip(truth_rows(d), truth) if wanted < 0])
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: the always-true table answered with one neuron that is always silent -> values | got 1 hidden
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth < 0]
    if len(R) == 0:
        return np.zeros((d, 1)), -np.ones(1), -np.ones(1), 0.0
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% boolean_network: truth taken for 0/1, every row gets a neuron -> values | got 8 hidden
def boolean_network(truth):
    d = int(np.log2(len(truth)))
    R = truth_rows(d)[truth.astype(bool)]
    return -R.T, np.full(len(R), d - 1.0), np.ones(len(R)), 1.0 - len(R)

# %% perceptron_epoch: in place -> contract | changes its input
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w += label * x
            b += label
            mistakes += 1
    return w, b, mistakes

# %% perceptron_epoch: rows on the line are left alone -> values | on the line
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) < 0:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: judged by the sign, so one kind of row on the line counts as right -> values | on the line
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        answer = label if x @ w + b == 0 else np.sign(x @ w + b)
        if answer != label:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: the bias is never updated -> values | after one row that is wrong, b
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, mistakes = w + label * x, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: the bias is not asked -> values
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w) <= 0:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: update by (y - answer), twice too large -> values | after one row that is wrong, w
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        answer = 1.0 if x @ w + b >= 0 else -1.0
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w + (label - answer) * x, b + (label - answer), mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: the update with the wrong sign -> values | after one row that is wrong, w
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w - label * x, b - label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: the label forgotten in the update -> values
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w + x, b + 1, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: every row updates, right or wrong -> values | after one row that is right
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        mistakes = mistakes + (label * (x @ w + b) <= 0)
        w, b = w + label * x, b + label
    return w, b, mistakes

# %% perceptron_epoch: all rows judged by the old weights -> values | in one pass over 40 rows
def perceptron_epoch(X, y, w, b):
    wrong = y * (X @ w + b) <= 0
    return w + y[wrong] @ X[wrong], b + y[wrong].sum(), int(wrong.sum())

# %% perceptron_epoch: mistakes counted after the pass -> values | mistakes
def perceptron_epoch(X, y, w, b):
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b = w + label * x, b + label
    return w, b, int(np.sum(y * (X @ w + b) <= 0))

# %% perceptron_epoch: the right rows counted -> values | mistakes
def perceptron_epoch(X, y, w, b):
    right = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b = w + label * x, b + label
        else:
            right = right + 1
    return w, b, right

# %% perceptron_epoch: returned inside the loop, after the first row -> values | in one pass over 40 rows
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
        return w, b, mistakes

# %% perceptron_epoch: stops at the first mistake -> values | in one pass over 40 rows
def perceptron_epoch(X, y, w, b):
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            return w + label * x, b + label, 1
    return w, b, 0

# %% perceptron_epoch: the rows in another order -> values | in one pass over 40 rows
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for x, label in zip(X[::-1], y[::-1]):
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: two passes instead of one -> values
def perceptron_epoch(X, y, w, b):
    mistakes = 0
    for _ in range(2):
        for x, label in zip(X, y):
            if label * (x @ w + b) <= 0:
                w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: starts from zero weights, whatever it is given -> values
def perceptron_epoch(X, y, w, b):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, 0
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b, mistakes = w + label * x, b + label, mistakes + 1
    return w, b, mistakes

# %% perceptron_epoch: the number of mistakes not returned -> shape | w, b, mistakes
def perceptron_epoch(X, y, w, b):
    for x, label in zip(X, y):
        if label * (x @ w + b) <= 0:
            w, b = w + label * x, b + label
    return w, b

# %% predictions: turning changes something -> values | turn: you say 'more'
def predictions():
    return {"turn": "more", "twice": "same", "apart": "fewer", "shift": "more", "noise": "endless"}

# %% predictions: twice the data, twice the mistakes -> values | twice: you say 'more'
def predictions():
    return {"turn": "same", "twice": "more", "apart": "fewer", "shift": "more", "noise": "endless"}

# %% predictions: the margin does not matter -> values | apart: you say 'same'
def predictions():
    return {"turn": "same", "twice": "same", "apart": "same", "shift": "more", "noise": "endless"}

# %% predictions: moving all points together changes nothing -> values | shift: you say 'same'
def predictions():
    return {"turn": "same", "twice": "same", "apart": "fewer", "shift": "same", "noise": "endless"}

# %% predictions: one wrong label costs only a few mistakes -> values | noise: you say 'more'
def predictions():
    return {"turn": "same", "twice": "same", "apart": "fewer", "shift": "more", "noise": "more"}

# %% predictions: a list instead of a dict -> values | should be a dict
def predictions():
    return ["same", "same", "fewer", "more", "endless"]

# %% predictions: one change forgotten -> values | shift: you say None
def predictions():
    return {"turn": "same", "twice": "same", "apart": "fewer", "noise": "endless"}

# %% predictions: printed instead of returned -> shape | `return`
def predictions():
    print({"turn": "same", "twice": "same", "apart": "fewer", "shift": "more", "noise": "endless"})

# %% collapse: the matrices in the wrong order -> error | ValueError
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W, b = W_next @ W, b @ W_next + b_next
    return W, b

# %% collapse: the biases added up -> error | ValueError
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W, b = W @ W_next, b + b_next
    return W, b

# %% collapse: the biases added up after all -> error | not be broadcast
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W = W @ W_next
        b = b + b_next
    return W, b

# %% collapse: only the last bias -> values | the answer to x = 0
def collapse(layers):
    W = layers[0][0]
    for W_next, _ in layers[1:]:
        W = W @ W_next
    return W, layers[-1][1]

# %% collapse: the last bias forgotten -> values | the answer to x = 0
def collapse(layers):
    W, b = layers[0]
    for W_next, _ in layers[1:]:
        W, b = W @ W_next, b @ W_next
    return W, b

# %% collapse: the first bias forgotten -> values | the answer to x = 0
def collapse(layers):
    W, b = layers[0][0], np.zeros(layers[0][0].shape[1])
    for W_next, b_next in layers[1:]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b

# %% collapse: the bias sent through the product of all weights so far -> error | ValueError
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:]:
        W = W @ W_next
        b = b @ W + b_next
    return W, b

# %% collapse: always three layers -> error | ValueError
def collapse(layers):
    (W1, b1), (W2, b2), (W3, b3) = layers
    return W1 @ W2 @ W3, (b1 @ W2 + b2) @ W3 + b3

# %% collapse: only the first two layers -> shape | W has shape
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers[1:2]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b

# %% collapse: the first layer counted twice -> error | ValueError
def collapse(layers):
    W, b = layers[0]
    for W_next, b_next in layers:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b

# %% collapse: takes the list apart -> contract | changes its input
def collapse(layers):
    W, b = layers.pop(0)
    while layers:
        W_next, b_next = layers.pop(0)
        W, b = W @ W_next, b @ W_next + b_next
    return W, b

# %% collapse: adds into the caller's bias -> contract | changes its input
def collapse(layers):
    W, b = np.eye(len(layers[0][0])), np.zeros(len(layers[0][0]))
    for W_next, b_next in layers:
        b_next += b @ W_next
        W, b = W @ W_next, b_next
    return W, b

# %% collapse: the bias of a chain as a row matrix -> shape | b has shape (1, 2)
def collapse(layers):
    W, b = layers[0][0], layers[0][1][None]
    for W_next, b_next in layers[1:]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b

# %% silu: the derivative of the logistic function alone -> values | silu_derivative(z)
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s * (1 - s)

# %% silu: the second half of the product rule only -> values | silu_derivative(z)
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return z * s * (1 - s)

# %% silu: the first half of the product rule only -> values | silu_derivative(z)
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    return (1 + np.tanh(z / 2)) / 2

# %% silu: the sign inside the product rule -> values | silu_derivative(z)
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s - z * s * (1 - s)

# %% silu: the logistic function without the factor z -> values | silu(z)
def silu(z):
    return (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s * (1 - s)

# %% silu: the sign in the exponent -> values | silu(z)
def silu(z):
    return z / (1 + np.exp(z))

def silu_derivative(z):
    s = 1 / (1 + np.exp(z))
    return s + z * s * (1 - s)

# %% silu: tanh of z instead of half of z -> values | silu(z)
def silu(z):
    return z * (1 + np.tanh(z)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z)) / 2
    return s + z * s * (1 - s)

# %% silu: an if about the whole array -> error | np.where(condition, a, b)
def sigma(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))

def silu(z):
    return z * sigma(z)

def silu_derivative(z):
    return sigma(z) + z * sigma(z) * (1 - sigma(z))

# %% silu: exp overflows at -1000 -> error | overflow encountered in exp
def silu(z):
    return z / (1 + np.exp(-z))

def silu_derivative(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)

# %% silu: inf over inf at 1000 -> error | overflow encountered in exp
def silu(z):
    return z * np.exp(z) / (1 + np.exp(z))

def silu_derivative(z):
    s = np.exp(z) / (1 + np.exp(z))
    return s + z * s * (1 - s)

# %% silu: np.where computes both branches -> error | overflow encountered in exp
def sigma(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))

def silu(z):
    return z * sigma(z)

def silu_derivative(z):
    return sigma(z) + z * sigma(z) * (1 - sigma(z))

# %% silu: clipped, so that 1000 is cut to 50 -> values | at -1000, -750, 750, 1000
def silu(z):
    z = np.clip(z, -50, 50)
    return z / (1 + np.exp(-z))

def silu_derivative(z):
    s = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
    return s + z * s * (1 - s)

# %% silu: the derivative only is unstable -> error | silu_derivative stopped with FloatingPointError
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)

# %% silu: derivative by a one-sided difference -> values | silu_derivative(z) is
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    return (silu(z + 1e-4) - silu(z)) / 1e-4

# %% silu: derivative by a difference, not derived -> values | a difference quotient?
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    return (silu(z + 1e-5) - silu(z - 1e-5)) / 2e-5

# %% silu: changes z -> contract | changes its input
def silu(z):
    z *= (1 + np.tanh(z / 2)) / 2
    return z

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s + z * s * (1 - s)

# %% silu: computed in float32 -> contract | float32
def silu(z):
    z = z.astype(np.float32)
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    s = (1 + np.tanh(z / 2)) / 2
    return s + z * s * (1 - s)

# %% silu: only the first function written -> todo | Write `silu_derivative`
def silu(z):
    return z * (1 + np.tanh(z / 2)) / 2

def silu_derivative(z):
    raise NotImplementedError("your turn")

# %% smallest_flip: the arrow to the lecture's foot point, shortest in the other sense -> values | the lecture's foot point does not
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / (w @ w), w)

# %% smallest_flip: the foot point itself -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return X - np.outer((X @ w + b) / (w @ w), w)

# %% smallest_flip: the step along sign(w), divided by w · w -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / (w @ w), np.sign(w))

# %% smallest_flip: the step along sign(w), divided by the length of w -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / np.linalg.norm(w), np.sign(w))

# %% smallest_flip: divided by the sum of the weights instead of their sizes -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / w.sum(), np.sign(w))

# %% smallest_flip: divided by the mean size of the weights -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / np.abs(w).mean(), np.sign(w))

# %% smallest_flip: the step along w instead of its sign -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer((X @ w + b) / np.abs(w).sum(), w)

# %% smallest_flip: away from the line -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return np.outer((X @ w + b) / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: always towards smaller z -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer(np.abs(X @ w + b) / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: the bias forgotten -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer(X @ w / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: the answer instead of z -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -np.outer(np.sign(X @ w + b) / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: twice as far -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return -2 * np.outer((X @ w + b) / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: only the input with the largest weight -> values | its largest entry is
def smallest_flip(X, w, b):
    k = np.argmax(np.abs(w))
    R = np.zeros_like(X)
    R[:, k] = -(X @ w + b) / w[k]
    return R

# %% smallest_flip: all inputs changed alike -> values | not every entry of r
def smallest_flip(X, w, b):
    return np.outer(-(X @ w + b) / w.sum(), np.ones(len(w)))

# %% smallest_flip: each input takes an equal part of z, so small weights need large steps -> values | its largest entry is
def smallest_flip(X, w, b):
    return -(X @ w + b)[:, None] / (len(w) * w)

# %% smallest_flip: arrows along x itself -> values
def smallest_flip(X, w, b):
    return -X * ((X @ w + b) / (X @ w))[:, None]

# %% smallest_flip: the point on the line instead of the arrow -> values | the tips of the arrows
def smallest_flip(X, w, b):
    return X - np.outer((X @ w + b) / np.abs(w).sum(), np.sign(w))

# %% smallest_flip: the size instead of the arrow -> shape | R has shape (7,)
def smallest_flip(X, w, b):
    return np.abs(X @ w + b) / np.abs(w).sum()

# %% smallest_flip: a column for each row -> shape | Transposed?
def smallest_flip(X, w, b):
    return -np.outer(np.sign(w), (X @ w + b) / np.abs(w).sum())

# %% smallest_flip: numbers and vector multiplied without an outer product -> error | ValueError
def smallest_flip(X, w, b):
    return -(X @ w + b) / np.abs(w).sum() * np.sign(w)

# %% smallest_flip: moves the rows themselves -> contract | changes its input
def smallest_flip(X, w, b):
    before = X.copy()
    X -= np.outer((X @ w + b) / np.abs(w).sum(), np.sign(w))
    return X - before

# %% softmax_gradient: the lecture's function, importances ignored -> values | a change to the example of importance 0
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    delta = (np.exp(log_P) - Y) / len(X)
    return -(Y * log_P).sum() / len(X), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the lecture's function with the lecture's arguments -> error | takes 4 positional arguments
def softmax_gradient(X, Y, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    delta = (np.exp(log_P) - Y) / len(X)
    return -(Y * log_P).sum() / len(X), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: importances in the loss, the lecture's gradient -> values | dW
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (np.exp(log_P) - Y) / len(X)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: divided by n instead of the sum of importances -> values | importances times 3, which should change nothing
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = c[:, None] * (np.exp(log_P) - Y) / len(X)
    return (c * ell).mean(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: not divided at all -> values | importances times 3, which should change nothing
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = c[:, None] * (np.exp(log_P) - Y)
    return c @ ell, X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the loss divided by the sum of importances, the gradient by n -> values | dW is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = c[:, None] * (np.exp(log_P) - Y) / len(X)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the gradient not divided -> values | dW is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = c[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: divided by the sum of importances and by n as well -> values | the loss is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y) / len(X)
    return c @ ell / c.sum() / len(X), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: importances multiply the targets only -> values | dW
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (np.exp(log_P) - c[:, None] * Y) / c.sum()
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: importances multiply the scores -> values
def softmax_gradient(X, Y, c, W, b):
    Z = c[:, None] * (X @ W + b)
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (np.exp(log_P) - Y) / len(X)
    return ell.mean(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the importances enter db not at all -> values | db
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, (np.exp(log_P) - Y).mean(axis=0)

# %% softmax_gradient: the importances enter dW twice -> values | dW
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), (c[:, None] * X).T @ delta, delta.sum(axis=0)

# %% softmax_gradient: importances used as a row, not a column -> error | ValueError
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = c / c.sum() * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: target minus prediction -> values | Every sign is flipped
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (Y - np.exp(log_P))
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the minus of the loss forgotten -> values | the loss is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = (Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: mean over classes as well -> values | the loss is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).mean(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: softmax down the columns -> values | a change to the example of importance 0
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=0, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the bias not added -> values | the loss is
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: only the most probable target counts -> values | the loss is
def softmax_gradient(X, Y, c, W, b):
    Y = np.eye(Y.shape[1])[Y.argmax(axis=1)]
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the derivative of ten sigmoids, with P(1 - P) -> values | dW
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    P = np.exp(log_P)
    delta = (c / c.sum())[:, None] * (P - Y) * P * (1 - P)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: exp of large scores -> values | with scores of some thousands, the loss contains nan
def softmax_gradient(X, Y, c, W, b):
    E = np.exp(X @ W + b)
    log_P = np.log(E / E.sum(axis=1, keepdims=True))
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the logarithm of a probability rounded to 0 -> values | with scores of some thousands
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    log_P = np.log(E / E.sum(axis=1, keepdims=True))
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: the logarithm of a clipped probability -> values | with scores of some thousands
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    ell = -(Y * np.log(P + 1e-12)).sum(axis=1)
    delta = (c / c.sum())[:, None] * (P - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: a stable loss, an unstable gradient -> values | dW contains nan
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    delta = (c / c.sum())[:, None] * (P - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: one loss for each row -> shape | the loss has shape (7,)
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c * ell / c.sum(), X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: dW transposed -> shape | dW has shape (3, 5), expected (5, 3). Transposed?
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), delta.T @ X, delta.sum(axis=0)

# %% softmax_gradient: the bias gradient not added up over the rows -> shape | db has shape (7, 3)
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta

# %% softmax_gradient: the bias gradient added up over the classes -> shape | db has shape (7,)
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    ell = -(Y * log_P).sum(axis=1)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return c @ ell / c.sum(), X.T @ delta, delta.sum(axis=1)

# %% softmax_gradient: the loss not returned -> shape | loss, dW, db
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    delta = (c / c.sum())[:, None] * (np.exp(log_P) - Y)
    return X.T @ delta, delta.sum(axis=0)

# %% softmax_gradient: importances normalised in place -> contract | changes its input
def softmax_gradient(X, Y, c, W, b):
    Z = X @ W + b
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    c /= c.sum()
    ell = -(Y * log_P).sum(axis=1)
    delta = c[:, None] * (np.exp(log_P) - Y)
    return c @ ell, X.T @ delta, delta.sum(axis=0)

# %% features: raw pixels -> values | the first step is at 0.905
def features(X):
    return X

# %% features: pooling alone, which stays linear -> values | the first step is at 0.905
def features(X):
    return X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(X), -1)

# %% features: edges with their sign, linear again -> values | the first step is at 0.905
def features(X):
    I = X.reshape(-1, 28, 28)
    right, down = np.diff(I, axis=2, append=0), np.diff(I, axis=1, append=0)
    cells = [D.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(len(X), -1) for D in (right, down)]
    return np.hstack(cells)

# %% features: pooled over the whole picture, which forgets places -> values | the first step is at 0.905
def features(X):
    I = X.reshape(-1, 28, 28)
    return np.hstack([I.mean(axis=1), I.mean(axis=2)])

# %% features: standardised by the batch -> values | by themselves
def features(X):
    I = X.reshape(-1, 28, 28)
    edges = np.abs(np.diff(I, axis=2, append=0)).reshape(len(X), -1)
    return (edges - edges.mean(axis=0)) / (edges.std(axis=0) + 1e-3)

# %% features: scaled by the largest value of the batch -> values | by themselves
def features(X):
    I = X.reshape(-1, 28, 28)
    down = np.abs(np.diff(I, axis=1, append=0)).reshape(-1, 14, 2, 14, 2).sum(axis=(2, 4)).reshape(len(X), -1)
    return down / down.max(axis=0, initial=1e-9)

# %% features: other random directions in every call -> values | do not draw them at random
def features(X):
    return np.maximum(X @ np.random.default_rng().normal(size=(784, 300)), 0)

# %% features: random neurons with a fixed seed -> values | do not draw them at random
def features(X):
    return np.maximum(X @ np.random.RandomState(0).randn(784, 600), 0)

# %% features: divided by the ink of empty regions -> values | nan or inf
def features(X):
    P = X.reshape(-1, 7, 4, 7, 4).sum(axis=(2, 4)).reshape(len(X), -1)
    return P / np.sqrt(P * P)

# %% features: too many pairs -> values | more than 3000
def features(X):
    P = X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(X), -1)
    i, j = np.triu_indices(100)
    return P[:, i] * P[:, j]

# %% features: a row for each feature -> shape | Transposed?
def features(X):
    return X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(X), -1).T

# %% features: pictures instead of rows -> shape | F has shape (3200, 14, 14), expected (3200, 196)
def features(X):
    return X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))

# %% features: binarised in place -> contract | changes its input
def features(X):
    X[X > 0.5] = 1.0
    return X

# %% features: only the first picture -> shape | F has shape
def features(X):
    return X[0].reshape(7, 4, 7, 4).mean(axis=(1, 3)).ravel()

# %% features: return forgotten -> shape | `return`
def features(X):
    P = X.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(len(X), -1)
    i, j = np.triu_indices(49)
    F = np.hstack([P, P[:, i] * P[:, j]])
