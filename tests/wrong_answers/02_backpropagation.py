# %% descent: the 2 of the square forgotten -> values | the weight after one step
def step(W, x, y, eta):
    return W - eta * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (x @ x), 2 / (x @ x)

# %% descent: a mean instead of a sum -> values | the weight after one step
def step(W, x, y, eta):
    return W - eta * 2 * np.mean((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * np.mean(x * x)), 1 / np.mean(x * x)

# %% descent: uphill -> values | the weight after one step
def step(W, x, y, eta):
    return W + eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (x @ x)

# %% descent: the inner derivative x forgotten -> values | the weight after one step
def step(W, x, y, eta):
    return W - eta * 2 * np.sum(W * x - y)

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (x @ x)

# %% descent: one new weight for every example -> shape | the weight after one step has shape (7,)
def step(W, x, y, eta):
    return W - eta * 2 * (W * x - y) * x

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (x @ x)

# %% descent: the slope instead of the new weight -> values | the weight after one step
def step(W, x, y, eta):
    return 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (x @ x)

# %% descent: the rates of the lecture's three examples -> values | with your best = 0.1
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 0.1, 0.2

# %% descent: the best rate taken for the limit -> values | Is the limit too small?
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (2 * x @ x)

# %% descent: the limit twice too large -> values | Is the limit too large?
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x @ x), 2 / (x @ x)

# %% descent: the two exchanged -> values | with your best
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (x @ x), 1 / (2 * x @ x)

# %% descent: the sum of x instead of its squares -> values | with your best
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x.sum()), 1 / x.sum()

# %% descent: one rate for every example -> shape | best has shape (7,)
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    return 1 / (2 * x * x), 1 / (x * x)

# %% descent: only the first function written -> todo | Write `special_rates`
def step(W, x, y, eta):
    return W - eta * 2 * np.sum((W * x - y) * x)

def special_rates(x):
    raise NotImplementedError("your turn")

# %% descent: the error written into y -> contract | changes its input
def step(W, x, y, eta):
    y -= W * x
    return W + eta * 2 * np.sum(y * x)

def special_rates(x):
    return 1 / (2 * x @ x), 1 / (x @ x)

# %% bce_and_delta: the logarithm of a rounded probability -> values | with logits up to ±1000
def bce_and_delta(Z, Y):
    P = sigmoid(Z)
    return -np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / len(Z), (P - Y) / len(Z)

# %% bce_and_delta: the logarithm of a clipped probability -> values | is 27.631, expected 680
def bce_and_delta(Z, Y):
    P = sigmoid(Z)
    C = np.clip(P, 1e-12, 1 - 1e-12)
    return -np.sum(Y * np.log(C) + (1 - Y) * np.log(1 - C)) / len(Z), (P - Y) / len(Z)

# %% bce_and_delta: the row maximum subtracted, as for softmax -> values | the loss
def bce_and_delta(Z, Y):
    Z = Z - Z.max(axis=1, keepdims=True)
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: exp of large numbers in the loss -> values | with logits up to ±1000
def bce_and_delta(Z, Y):
    loss = np.sum(Y * np.log(1 + np.exp(-Z)) + (1 - Y) * np.log(1 + np.exp(Z))) / len(Z)
    return loss, (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: a stable loss, an unstable delta -> values | delta contains nan
def bce_and_delta(Z, Y):
    loss = np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z)
    return loss, (np.exp(Z) / (1 + np.exp(Z)) - Y) / len(Z)

# %% bce_and_delta: a mean over the questions as well -> values | the loss is
def bce_and_delta(Z, Y):
    return np.mean(np.logaddexp(0, Z) - Z * Y), (sigmoid(Z) - Y) / Z.size

# %% bce_and_delta: a sum over the examples -> values | the loss is
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y), sigmoid(Z) - Y

# %% bce_and_delta: delta without 1/n -> values | the same factor, 7
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), sigmoid(Z) - Y

# %% bce_and_delta: 1/n twice in delta -> values | the same factor, 0.142857
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (sigmoid(Z) - Y) / len(Z) ** 2

# %% bce_and_delta: 1/(nk) in delta only -> values | the same factor, 0.333333
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (sigmoid(Z) - Y) / Z.size

# %% bce_and_delta: the slope of the sigmoid not cancelled -> values | delta
def bce_and_delta(Z, Y):
    P = sigmoid(Z)
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (P - Y) * P * (1 - P) / len(Z)

# %% bce_and_delta: the gradient in P, not in Z -> values | delta
def bce_and_delta(Z, Y):
    P = sigmoid(Z)
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (P - Y) / (P * (1 - P)) / len(Z)

# %% bce_and_delta: target minus prediction -> values | Every sign is flipped
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (Y - sigmoid(Z)) / len(Z)

# %% bce_and_delta: softmax, as if only one label could be true -> values | the loss
def bce_and_delta(Z, Y):
    P = softmax(Z)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% bce_and_delta: only the questions answered by yes count -> values | the loss
def bce_and_delta(Z, Y):
    return np.sum(Y * np.logaddexp(0, -Z)) / len(Z), (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: targets rounded to yes or no -> values | the loss
def bce_and_delta(Z, Y):
    Y = np.round(Y)
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: the squared error of the sigmoids -> values | the loss
def bce_and_delta(Z, Y):
    P = sigmoid(Z)
    return np.sum((P - Y) ** 2) / len(Z), 2 * (P - Y) * P * (1 - P) / len(Z)

# %% bce_and_delta: one loss for each example -> shape | the loss has shape (7,)
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y, axis=1), (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: delta summed over the examples -> shape | has shape (3,), expected (7, 3)
def bce_and_delta(Z, Y):
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), np.sum(sigmoid(Z) - Y, axis=0) / len(Z)

# %% bce_and_delta: only delta returned -> shape | loss, delta
def bce_and_delta(Z, Y):
    return (sigmoid(Z) - Y) / len(Z)

# %% bce_and_delta: delta written into Z -> contract | changes its input
def bce_and_delta(Z, Y):
    loss = np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z)
    Z[:] = (sigmoid(Z) - Y) / len(Z)
    return loss, Z

# %% bce_and_delta: computed in float32 -> contract | float32
def bce_and_delta(Z, Y):
    Z, Y = Z.astype(np.float32), Y.astype(np.float32)
    return np.sum(np.logaddexp(0, Z) - Z * Y) / len(Z), (sigmoid(Z) - Y) / len(Z)

# %% graph_gradients: overwritten instead of accumulated -> values | in the example
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in reversed(order):
        for parent, slope in graph[name]:
            grads[parent] = slope * grads[name]
    return grads

# %% graph_gradients: first come, first served -> values | in the example
def graph_gradients(graph, output):
    grads, order = dict.fromkeys(graph, 0.0), [output]
    grads[output] = 1.0
    for name in order:
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
            if parent not in order:
                order.append(parent)
    return grads

# %% graph_gradients: every arrow followed when met, with what has arrived so far -> values
def graph_gradients(graph, output):
    grads, stack = dict.fromkeys(graph, 0.0), [output]
    grads[output] = 1.0
    while stack:
        name = stack.pop()
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
            stack.append(parent)
    return grads

# %% graph_gradients: in the order of the dict -> values
def graph_gradients(graph, output):
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in graph:
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: backwards through the dict -> values
def graph_gradients(graph, output):
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in reversed(graph):
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: the list of the visit not reversed -> values | in the chain p → q → r → s
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in order:
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: entered before its parents -> values | in the example
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            order.append(name)
            for parent, _ in graph[name]:
                visit(parent)
    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in order:
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: the output's own 1 forgotten -> values | in the chain p → q → r → s
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    for name in reversed(order):
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: slopes added along a route -> values | in the chain p → q → r → s
def graph_gradients(graph, output):
    def routes(name):
        if name == output:
            return 1.0
        return sum(s + routes(user) for user in graph for p, s in graph[user] if p == name)
    return {name: routes(name) for name in graph}

# %% graph_gradients: a parent listed twice counted once -> values | in the graph of a = d·d
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    visit(output)
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    for name in reversed(order):
        for parent, slope in dict(graph[name]).items():
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: every sink gets a 1, not the chosen output -> values
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    for name in graph:
        visit(name)
    grads = dict.fromkeys(graph, 0.0)
    grads[order[-1]] = 1.0
    for name in reversed(order):
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: only the inputs returned -> values | an entry for every node
def graph_gradients(graph, output):
    def routes(name):
        if name == output:
            return 1.0
        return sum(s * routes(user) for user in graph for p, s in graph[user] if p == name)
    return {name: routes(name) for name in graph if not graph[name]}

# %% graph_gradients: nodes without a route left out -> values | an entry for every node
def graph_gradients(graph, output):
    order = []
    def visit(name):
        if name not in order:
            for parent, _ in graph[name]:
                visit(parent)
            order.append(name)
    visit(output)
    grads = dict.fromkeys(order, 0.0)
    grads[output] = 1.0
    for name in reversed(order):
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
    return grads

# %% graph_gradients: no zero to add to -> error | KeyError
def graph_gradients(graph, output):
    grads, order = {output: 1.0}, [output]
    for name in order:
        for parent, slope in graph[name]:
            grads[parent] += slope * grads[name]
            order.append(parent)
    return grads

# %% graph_gradients: arrows taken out of the graph -> contract | changes its input
def graph_gradients(graph, output):
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0
    waiting = [output]
    while waiting:
        name = waiting.pop()
        while graph[name]:
            parent, slope = graph[name].pop()
            grads[parent] += slope * grads[name]
            waiting.append(parent)
    return grads

# %% graph_gradients: return forgotten -> shape | `return`
def graph_gradients(graph, output):
    grads = dict.fromkeys(graph, 0.0)
    grads[output] = 1.0

# %% backward: no slope of the activation -> values | db1 of a tanh network
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        delta = delta @ params[l].T
    return grads, delta

# %% backward: the slope at the inputs as well -> values | dX of a tanh network
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        delta = (delta @ params[l].T) * df(A[l // 2])
    return grads, delta

# %% backward: the slope at the logits as well -> values | db2 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        delta = delta * df(A[l // 2 + 1])
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        delta = delta @ params[l].T
    return grads, delta

# %% backward: dW with the slope, db without -> values | dW1 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        send = delta * df(A[l // 2 + 1]) if l + 2 < len(params) else delta
        grads = [A[l // 2].T @ delta, send.sum(axis=0), *grads]
        delta = send @ params[l].T
    return grads, delta

# %% backward: df of the weights' layer, not of the arriving one -> error | shapes do not fit
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2 + 1])
    return grads, dX

# %% backward: the slope of tanh built in -> values | db1 of a sigmoid network
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        dX = delta @ params[l].T
        delta = dX * (1 - A[l // 2] ** 2)
    return grads, dX

# %% backward: a mean for the biases -> values | db2 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.mean(axis=0), *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: 1/n once more in every layer -> values | db2 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta / len(delta), delta.sum(axis=0) / len(delta), *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: the wrong input for dW -> shape | dW2 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2 - 1].T @ delta, delta.sum(axis=0), *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: the transpose forgotten when sending back -> error | shapes do not fit
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        dX = delta @ params[l]
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: dW transposed -> shape | Transposed?
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [delta.T @ A[l // 2], delta.sum(axis=0), *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: the last layer first in the list -> values | order: [dW1, db1, dW2, db2]
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads += [A[l // 2].T @ delta, delta.sum(axis=0)]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: pairs instead of a flat list -> shape | dW1, db1
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads.insert(0, (A[l // 2].T @ delta, delta.sum(axis=0)))
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: biases not added up over the batch -> shape | db2 of a tanh network 4-6-3 has shape (6, 3)
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta, *grads]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: right for two layers only -> error | expected 4, got 2
def backward(params, A, delta, df):
    W1, b1, W2, b2 = params
    delta1 = (delta @ W2.T) * df(A[1])
    return [A[0].T @ delta1, delta1.sum(axis=0), A[1].T @ delta, delta.sum(axis=0)], delta1 @ W1.T

# %% backward: only the gradients returned -> shape | grads, dX
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        if l > 0:
            delta = (delta @ params[l].T) * df(A[l // 2])
    return grads

# %% backward: dX is the delta of layer 1 -> shape | dX of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        if l > 0:
            delta = (delta @ params[l].T) * df(A[l // 2])
    return grads, delta

# %% backward: a layer changed before its error is sent back -> contract | changes its input
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        params[l] -= 0.1 * grads[0]
        dX = delta @ params[l].T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% backward: sent back through weights that were already changed -> values | db1 of a tanh network 4-6-3
def backward(params, A, delta, df):
    grads = []
    for l in range(len(params) - 2, -1, -2):
        grads = [A[l // 2].T @ delta, delta.sum(axis=0), *grads]
        W_new = params[l] - 0.1 * grads[0]
        dX = delta @ W_new.T
        delta = dX * df(A[l // 2])
    return grads, dX

# %% block_backward: the direct route forgotten -> values | dA
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: only the direct route -> values | dA
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: the routes multiplied -> values | dA
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B * (delta1 @ W1.T), A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: one added instead of grad_B -> values | dA
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return 1 + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: no slope of tanh -> values | db1
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = grad_B @ W2.T
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: 1 - Z squared -> values | db1
def block_backward(A, W1, b1, W2, b2, grad_B):
    Z = A @ W1 + b1
    delta1 = (grad_B @ W2.T) * (1 - Z**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), np.tanh(Z).T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: the slope of tanh taken at H -> values | db1
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - np.tanh(H) ** 2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: the slope of the sigmoid -> values | db1
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * H * (1 - H)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: the bias left out of H -> values | dW2
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: dW2 from the pre-activations -> values | dW2
def block_backward(A, W1, b1, W2, b2, grad_B):
    Z = A @ W1 + b1
    H = np.tanh(Z)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), Z.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: means instead of sums for the biases -> values | db2
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.mean(axis=0), H.T @ grad_B, grad_B.mean(axis=0)

# %% block_backward: dW2 from A, not from H -> shape | dW2 has shape (3, 3)
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), A.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: both weights transposed -> shape | Transposed?
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return grad_B + delta1 @ W1.T, delta1.T @ A, delta1.sum(axis=0), grad_B.T @ H, grad_B.sum(axis=0)

# %% block_backward: W2 not transposed -> error | shapes do not fit
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2) * (1 - H**2)
    return grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: another order of the answers -> shape | db2 has shape
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0), grad_B + delta1 @ W1.T

# %% block_backward: dA not returned -> shape | dA, dW1, db1, dW2, db2
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    return A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)

# %% block_backward: the second route added into grad_B -> contract | changes its input
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    dW2, db2 = H.T @ grad_B, grad_B.sum(axis=0)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    grad_B += delta1 @ W1.T
    return grad_B, A.T @ delta1, delta1.sum(axis=0), dW2, db2

# %% block_backward: gradients kept in float32 -> contract | float32
def block_backward(A, W1, b1, W2, b2, grad_B):
    H = np.tanh(A @ W1 + b1)
    delta1 = (grad_B @ W2.T) * (1 - H**2)
    answers = grad_B + delta1 @ W1.T, A.T @ delta1, delta1.sum(axis=0), H.T @ grad_B, grad_B.sum(axis=0)
    return [answer.astype(np.float32) for answer in answers]

# %% wrong_gradients: an absolute tolerance -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3:
            wrong.append(k)
    return wrong

# %% wrong_gradients: an absolute tolerance of 1e-7 on top of the relative one -> values | in a loss of size 1e-06
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-7 + 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: lengths compared, not entries -> values | all signs are flipped
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        a, b = np.linalg.norm(slope), np.linalg.norm(grads[k])
        if abs(a - b) > 1e-3 * max(a, b):
            wrong.append(k)
    return wrong

# %% wrong_gradients: sums compared, not entries -> values | reverse order
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        a, b = slope.sum(), grads[k].sum()
        if abs(a - b) > 1e-3 * max(abs(a), abs(b)):
            wrong.append(k)
    return wrong

# %% wrong_gradients: the difference without its absolute value -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.mean(slope - grads[k]) > 1e-3 * np.abs(slope).max():
            wrong.append(k)
    return wrong

# %% wrong_gradients: only the first entry tried -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        first = (0,) * params[k].ndim
        up, down = [p.copy() for p in params], [p.copy() for p in params]
        up[k][first] += eps
        down[k][first] -= eps
        slope = (loss(up) - loss(down)) / (2 * eps)
        if abs(slope - grads[k][first]) > 1e-3 * max(abs(slope), abs(grads[k][first])):
            wrong.append(k)
    return wrong

# %% wrong_gradients: all entries moved at once -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        up, down = [p.copy() for p in params], [p.copy() for p in params]
        up[k] += eps
        down[k] -= eps
        slope = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(abs(slope), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: the step far too small -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-15
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: a step of 1e-12, mostly rounding -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-12
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: each entry measured by itself, not by the largest -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.any(np.abs(slope - grads[k]) > 1e-3 * np.maximum(np.abs(slope), np.abs(grads[k]))):
            wrong.append(k)
    return wrong

# %% wrong_gradients: np.allclose, entry by entry, without an absolute tolerance -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-6
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if not np.allclose(slope, grads[k], rtol=1e-3, atol=0):
            wrong.append(k)
    return wrong

# %% wrong_gradients: copies, on which no entry is put back -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        moved = [p.copy() for p in params]
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            moved[k][index] += eps
            above = loss(moved)
            moved[k][index] -= 2 * eps
            slope[index] = (above - loss(moved)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: one set of copies, on which no entry is put back -> values
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-6
    moved = [p.copy() for p in params]
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            moved[k][index] += eps
            above = loss(moved)
            moved[k][index] -= 2 * eps
            slope[index] = (above - loss(moved)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: the step far too large -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 0.5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: eps instead of twice eps -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / eps
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: a one-sided step of 0.01 -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 0.01
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up = [p.copy() for p in params]
            up[k][index] += eps
            slope[index] = (loss(up) - loss(params)) / eps
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: a difference of 0 divided by a size of 0 -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        error = np.abs(slope - grads[k]).max() / np.float64(max(np.abs(slope).max(), np.abs(grads[k]).max()))
        if not error < 1e-3:
            wrong.append(k)
    return wrong

# %% wrong_gradients: a tolerance of a tenth -> values | is wrong
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 0.1 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: one truth value for each, not the indices -> values | your list is
def wrong_gradients(loss, params, grads):
    verdicts, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = [p.copy() for p in params], [p.copy() for p in params]
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        verdicts.append(bool(np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max())))
    return verdicts

# %% wrong_gradients: the moved entries not moved back -> contract | changes its input
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k, p in enumerate(params):
        slope = np.zeros_like(p)
        for index in np.ndindex(p.shape):
            p[index] += eps
            above = loss(params)
            p[index] -= 2 * eps
            slope[index] = (above - loss(params)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: moved back but for a rounding -> contract | changes its input
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k, p in enumerate(params):
        slope = np.zeros_like(p)
        for index in np.ndindex(p.shape):
            p[index] += eps
            above = loss(params)
            p[index] -= 2 * eps
            slope[index] = (above - loss(params)) / (2 * eps)
            p[index] += eps
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: copies of the list, not of the arrays -> values | all gradients are right
def wrong_gradients(loss, params, grads):
    wrong, eps = [], 1e-5
    for k in range(len(params)):
        slope = np.zeros_like(params[k])
        for index in np.ndindex(slope.shape):
            up, down = list(params), list(params)
            up[k][index] += eps
            down[k][index] -= eps
            slope[index] = (loss(up) - loss(down)) / (2 * eps)
        if np.abs(slope - grads[k]).max() > 1e-3 * max(np.abs(slope).max(), np.abs(grads[k]).max()):
            wrong.append(k)
    return wrong

# %% wrong_gradients: the loss called without parameters -> error | TypeError
def wrong_gradients(loss, params, grads):
    return [k for k, (p, g) in enumerate(zip(params, grads)) if check.relative_error(check.numerical_gradient(loss, p), g) > 1e-3]

# %% wrong_gradients: return forgotten -> shape | `return`
def wrong_gradients(loss, params, grads):
    wrong = []

# %% learning_rates: the rate of the first example -> values | is not healthy: accuracy
def learning_rates():
    return 0.02, 0.4

# %% learning_rates: healthy enough, but not deadly -> values | is not deadly
def learning_rates():
    return 0.5, 1.0

# %% learning_rates: both deadly -> values | is not healthy
def learning_rates():
    return 5.0, 50.0

# %% learning_rates: too far apart -> values | come closer
def learning_rates():
    return 0.3, 100.0

# %% learning_rates: exchanged -> values | the healthy one smaller
def learning_rates():
    return 8.0, 0.5

# %% learning_rates: a rate of 0 keeps everything alive -> values | both positive
def learning_rates():
    return 0.0, 8.0

# %% learning_rates: nothing moves -> values | is not healthy
def learning_rates():
    return 1e-9, 1.5e-8

# %% learning_rates: infinitely deadly -> values | come closer
def learning_rates():
    return 0.5, np.inf

# %% learning_rates: only one number -> shape | healthy, deadly
def learning_rates():
    return 8.0

# %% learning_rates: ranges instead of numbers -> shape | healthy has shape (2,)
def learning_rates():
    return [0.1, 0.5], [4.0, 8.0]

# %% learning_rates: printed, not returned -> shape | `return`
def learning_rates():
    print(0.5, 8.0)

# %% starts: zero weights never learn -> values | 'zeros, sigmoid'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "stuck", "halves": "twins",
            "only W1": "learns", "only W2": "learns", "only b1": "learns"}

# %% starts: any zero layer is stuck -> values | 'only W1'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins",
            "only W1": "stuck", "only W2": "stuck", "only b1": "stuck"}

# %% starts: a zero first layer is stuck -> values | 'only W2'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins",
            "only W1": "learns", "only W2": "stuck", "only b1": "learns"}

# %% starts: biases cannot break the symmetry -> values | 'only b1'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins",
            "only W1": "learns", "only W2": "learns", "only b1": "twins"}

# %% starts: any weight but 0 learns -> values | 'halves'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "learns",
            "only W1": "learns", "only W2": "learns", "only b1": "learns"}

# %% starts: equal weights never move -> values | 'halves'
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "stuck",
            "only W1": "learns", "only W2": "learns", "only b1": "learns"}

# %% starts: the output bias wakes the zeros -> values | 'zeros'
def starts():
    return {"zeros": "twins", "zeros, sigmoid": "twins", "halves": "twins",
            "only W1": "learns", "only W2": "learns", "only b1": "learns"}

# %% starts: everything learns in the end -> values | 'zeros'
def starts():
    return dict.fromkeys(("zeros", "zeros, sigmoid", "halves", "only W1", "only W2", "only b1"), "learns")

# %% starts: a typo in a word -> values | none of the three words
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins", "only W1": "learn", "only W2": "learns", "only b1": "learns"}

# %% starts: True and False for moves and stays -> values | none of the three words
def starts():
    return {"zeros": False, "zeros, sigmoid": True, "halves": True, "only W1": True, "only W2": True, "only b1": True}

# %% starts: one name missing -> values | these six names
def starts():
    return {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins", "only W1": "learns", "only W2": "learns"}

# %% starts: a list of words -> values | a dict
def starts():
    return ["stuck", "twins", "twins", "learns", "learns", "learns"]

# %% starts: return forgotten -> shape | `return`
def starts():
    answers = {"zeros": "stuck", "zeros, sigmoid": "twins", "halves": "twins",
               "only W1": "learns", "only W2": "learns", "only b1": "learns"}

# %% adamw_step: no bias correction -> values | λ = 0.0, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    m, v = state or (0 * w, 0 * w)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (np.sqrt(v) + eps), (m, v)

# %% adamw_step: eps inside the root -> values | λ = 0.0, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    w = w - eta * lam * w - eta * m / (1 - beta1**k) / np.sqrt(v / (1 - beta2**k) + eps)
    return w, (k, m, v)

# %% adamw_step: eps added before the bias correction -> values | λ = 0.0, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    rate = eta * np.sqrt(1 - beta2**k) / (1 - beta1**k)
    return w - eta * lam * w - rate * m / (np.sqrt(v) + eps), (k, m, v)

# %% adamw_step: decay added to the gradient (Adam with L2) -> values | λ = 0.3, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k, g = k + 1, g + lam * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the decay forgotten -> values | λ = 0.3, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the decay not multiplied by eta -> values | λ = 0.3, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the decay of the new weights -> values | λ = 0.3, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    w = w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps)
    return w * (1 - eta * lam), (k, m, v)

# %% adamw_step: the sign of the decay -> values | λ = 0.3, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w + eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the hats carried on -> values | λ = 0.0, w after step 2
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**k)
    v = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**k)
    return w - eta * lam * w - eta * m / (np.sqrt(v) + eps), (k, m, v)

# %% adamw_step: the step counted from 0 -> values | nan or inf
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    with np.errstate(all="ignore"):
        w = w - eta * lam * w - eta * m / np.float64(1 - beta1**k) / (np.sqrt(v / np.float64(1 - beta2**k)) + eps)
    return w, (k + 1, m, v)

# %% adamw_step: the step counter never rises -> values | λ = 0.0, w after step 2
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (1, 0 * w, 0 * w)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the old state returned -> values | λ = 0.0, w after step 2
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    state = state or (1, 0 * w, 0 * w)
    k, m, v = state
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    w = w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps)
    return w, state

# %% adamw_step: the betas exchanged -> values | λ = 0.0, w after step 2
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta2 * m + (1 - beta2) * g
    v = beta1 * v + (1 - beta1) * g**2
    return w - eta * lam * w - eta * m / (1 - beta2**k) / (np.sqrt(v / (1 - beta1**k)) + eps), (k, m, v)

# %% adamw_step: the usual numbers typed in -> values | λ = 0.0, w after step 2
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    return w - eta * lam * w - eta * m / (1 - 0.9**k) / (np.sqrt(v / (1 - 0.999**k)) + eps), (k, m, v)

# %% adamw_step: no root -> values | λ = 0.0, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (v / (1 - beta2**k) + eps), (k, m, v)

# %% adamw_step: one square for the whole array -> values | λ = 0.0, w after step 1
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0.0)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * np.mean(g**2)
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: one memory for all arrays -> error | shapes do not fit
memory = {"t": 0, "m": 0.0, "v": 0.0}

def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    memory["t"] += 1
    memory["m"] = beta1 * memory["m"] + (1 - beta1) * g
    memory["v"] = beta2 * memory["v"] + (1 - beta2) * g**2
    m_hat, v_hat = memory["m"] / (1 - beta1 ** memory["t"]), memory["v"] / (1 - beta2 ** memory["t"])
    return w - eta * lam * w - eta * m_hat / (np.sqrt(v_hat) + eps), memory

# %% adamw_step: a common step counter, kept outside -> values | λ = 0.0, w after step 1
counter = [0]

def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    m, v = state or (0 * w, 0 * w)
    counter[0] += 1
    k = counter[0]
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (m, v)

# %% adamw_step: the state changed in place -> contract | return a new state
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, np.zeros_like(w), np.zeros_like(w))
    k = k + 1
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: a state dict whose entries are replaced -> contract | return a new state
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    if state is None:
        state = {"t": 0, "m": np.zeros_like(w), "v": np.zeros_like(w)}
    state["t"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
    m_hat, v_hat = state["m"] / (1 - beta1 ** state["t"]), state["v"] / (1 - beta2 ** state["t"])
    return w - eta * lam * w - eta * m_hat / (np.sqrt(v_hat) + eps), state

# %% adamw_step: the weights changed in place -> contract | changes its input w in place
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    w -= eta * lam * w + eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps)
    return w, (k, m, v)

# %% adamw_step: the gradient squared in place -> contract | changes its input
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    g **= 2
    v = beta2 * v + (1 - beta2) * g
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: None unpacked in the first step -> error | TypeError
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps), (k, m, v)

# %% adamw_step: the state not returned -> shape | w, state
def adamw_step(w, g, state, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8, lam=0.01):
    k, m, v = state or (0, 0 * w, 0 * w)
    k = k + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - eta * lam * w - eta * m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps)

# %% train: an untrained network -> values | the first step is at 0.88
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: far too few steps -> values | the first step is at 0.88
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    for rows in np.split(rng.permutation(len(X)), 20):
        A = forward(params, X[rows])
        grads, _ = backward(params, A, (softmax(A[-1]) - one_hot(y[rows], 10)) / 50, lambda A: A > 0)
        params = [p - 0.01 * g for p, g in zip(params, grads)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: target minus prediction, up the hill -> values | the first step is at 0.88
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    for _ in range(100):
        rows = rng.integers(0, len(X), size=50)
        A = forward(params, X[rows])
        grads, _ = backward(params, A, (one_hot(y[rows], 10) - softmax(A[-1])) / 50, lambda A: A > 0)
        params = [p - 0.01 * g for p, g in zip(params, grads)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: a learning rate that kills the layer -> values | the first step is at 0.88
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    for _ in range(100):
        rows = rng.integers(0, len(X), size=50)
        A = forward(params, X[rows])
        grads, _ = backward(params, A, (softmax(A[-1]) - one_hot(y[rows], 10)) / 50, lambda A: A > 0)
        params = [p - 20 * g for p, g in zip(params, grads)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: pictures shuffled, labels not -> values | the first step is at 0.88
def train(X, y, rng):
    X = X[rng.permutation(len(X))]
    params = init((784, 30, 10), rng)
    for _ in range(100):
        rows = rng.integers(0, len(X), size=50)
        A = forward(params, X[rows])
        grads, _ = backward(params, A, (softmax(A[-1]) - one_hot(y[rows], 10)) / 50, lambda A: A > 0)
        params = [p - 0.1 * g for p, g in zip(params, grads)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: learned by heart, nearest picture wins only at home -> values | the first step is at 0.88
def train(X, y, rng):
    memory = {x.tobytes(): label for x, label in zip(X, y)}
    return lambda X_new: np.array([memory.get(x.tobytes(), 0) for x in X_new])

# %% train: dropout left on while reading -> values | asked again
def train(X, y, rng):
    params = init((784, 60, 10), rng)
    for _ in range(200):
        rows = rng.integers(0, len(X), size=50)
        A = forward(params, X[rows])
        grads, _ = backward(params, A, (softmax(A[-1]) - one_hot(y[rows], 10)) / 50, lambda A: A > 0)
        params = [p - 0.1 * g for p, g in zip(params, grads)]
    drop = lambda Z: relu(Z) * (rng.random(Z.shape) < 0.5) * 2
    return lambda X_new: forward(params, X_new, drop)[-1].argmax(axis=1)

# %% train: pixels standardised by the batch that is read -> values | asked again
def train(X, y, rng):
    scale = lambda X: (X - X.mean(axis=0)) / (X.std(axis=0) + 0.1)
    params = init((784, 60, 10), rng)
    for _ in range(200):
        rows = rng.integers(0, len(X), size=50)
        A = forward(params, scale(X[rows]))
        grads, _ = backward(params, A, (softmax(A[-1]) - one_hot(y[rows], 10)) / 50, lambda A: A > 0)
        params = [p - 0.05 * g for p, g in zip(params, grads)]
    return lambda X_new: forward(params, scale(X_new))[-1].argmax(axis=1)

# %% train: answers instead of a reader -> values | should return a function
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    return forward(params, X)[-1].argmax(axis=1)

# %% train: scores instead of labels -> shape | predict(X_val) has shape (3000, 10)
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    return lambda X_new: forward(params, X_new)[-1]

# %% train: the largest score instead of its place -> values | An argmax?
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    return lambda X_new: forward(params, X_new)[-1].max(axis=1)

# %% train: the best picture for each class -> shape | predict(X_val) has shape (10,)
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=0)

# %% train: the training pictures changed for good -> contract | changes its input
def train(X, y, rng):
    X -= X.mean(axis=0)
    params = init((784, 30, 10), rng)
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: both answers of backward taken for the gradients -> error | train stopped with
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    A = forward(params, X)
    grads = backward(params, A, (softmax(A[-1]) - one_hot(y, 10)) / len(X), lambda A: A > 0)
    params = [p - 0.1 * g for p, g in zip(params, grads, strict=True)]
    return lambda X_new: forward(params, X_new)[-1].argmax(axis=1)

# %% train: predict without return -> shape | `return`
def train(X, y, rng):
    params = init((784, 30, 10), rng)
    def predict(X_new):
        forward(params, X_new)[-1].argmax(axis=1)
    return predict
