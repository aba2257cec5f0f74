# %% ahead: sums on across the end of an episode -> values | where V is already right
def n_step(r, done, V, gamma, n):
    T = len(r)
    G = np.zeros(T)
    for t in range(T):
        m = min(n, T - t)
        G[t] = sum(gamma**k * r[t + k] for k in range(m)) + gamma**m * V[t + m]
    return G

# %% ahead: the end of an episode stops the rewards but the value is added -> values | where V is already right
def n_step(r, done, V, gamma, n):
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        weight = 1.0
        for k in range(t, min(t + n, T)):
            G[t] += weight * r[k]
            weight *= gamma
            if done[k]:
                break
        G[t] += weight * V[k + 1]
    return G

# %% ahead: the reward of the last step of an episode is dropped too -> values | where V is already right
def n_step(r, done, V, gamma, n):
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        weight = 1.0
        for k in range(t, min(t + n, T)):
            if done[k]:
                weight = 0
                break
            G[t] += weight * r[k]
            weight *= gamma
        G[t] += weight * V[min(t + n, T)]
    return G

# %% ahead: no value where the recording stops -> values | only at the last state
def n_step(r, done, V, gamma, n):
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        weight = 1.0
        for k in range(t, min(t + n, T)):
            G[t] += weight * r[k]
            weight *= gamma * (not done[k])
        if t + n < T:
            G[t] += weight * V[t + n]
    return G

# %% ahead: the power n also where fewer steps were left -> values | only at the last state
def n_step(r, done, V, gamma, n):
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        alive = 1.0
        for k in range(t, min(t + n, T)):
            G[t] += alive * gamma ** (k - t) * r[k]
            alive *= not done[k]
        G[t] += alive * gamma**n * V[min(t + n, T)]
    return G

# %% ahead: one power of gamma too few on the value -> values | only at state 5
def n_step(r, done, V, gamma, n):
    T, G = len(r), np.zeros(len(r))
    for t in range(T):
        alive, m = 1.0, min(n, T - t)
        for k in range(m):
            G[t] += alive * gamma**k * r[t + k]
            alive *= not done[t + k]
        G[t] += alive * gamma ** (m - 1) * V[t + m]
    return G

# %% ahead: runs over the end of the recording -> error | IndexError
def n_step(r, done, V, gamma, n):
    G = np.zeros(len(r))
    for t in range(len(r)):
        alive = 1.0
        for k in range(n):
            G[t] += alive * gamma**k * r[t + k]
            alive *= not done[t + k]
        G[t] += alive * gamma**n * V[t + n]
    return G

# %% ahead: n is ignored, all the way to the end -> values | only at state 5
def n_step(r, done, V, gamma, n):
    G, after = np.zeros(len(r)), V[-1]
    for t in range(len(r) - 1, -1, -1):
        after = G[t] = r[t] + gamma * (not done[t]) * after
    return G

# %% ahead: a target for the last state as well -> shape
def n_step(r, done, V, gamma, n):
    return np.append(r + gamma * (1 - done) * V[1:], V[-1])

# %% solve: the best next action instead of the policy's -> values | Q
def q_of_policy(P, R, pi, gamma):
    Q = np.zeros_like(R)
    for _ in range(3000):
        Q = R + gamma * P @ Q.max(axis=1)
    return Q

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)

# %% solve: the transpose forgotten for the visits -> values | the sum of d
def q_of_policy(P, R, pi, gamma):
    S, A = R.shape
    M = (P[..., None] * pi).reshape(S * A, S * A)
    return np.linalg.solve(np.eye(S * A) - gamma * M, R.ravel()).reshape(S, A)

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(start)) - gamma * step, start)

# %% solve: two hundred sweeps instead of a solve -> values | gamma = 0.999
def q_of_policy(P, R, pi, gamma):
    Q = np.zeros_like(R)
    for _ in range(200):
        Q = R + gamma * P @ (pi * Q).sum(axis=1)
    return Q

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)

# %% solve: the policy of the state that is left, not of the one reached -> values | Q
def q_of_policy(P, R, pi, gamma):
    S, A = R.shape
    M = (P[..., None] * pi[:, None, None, :]).reshape(S * A, S * A)
    return np.linalg.solve(np.eye(S * A) - gamma * M, R.ravel()).reshape(S, A)

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)

# %% solve: values of states instead of actions -> shape | Q
def q_of_policy(P, R, pi, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(R)) - gamma * step, (pi * R).sum(axis=1))

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)

# %% solve: visits scaled to a distribution -> values | sum of d
def q_of_policy(P, R, pi, gamma):
    S, A = R.shape
    M = (P[..., None] * pi).reshape(S * A, S * A)
    return np.linalg.solve(np.eye(S * A) - gamma * M, R.ravel()).reshape(S, A)

def visits(P, pi, start, gamma):
    step = np.einsum("sa,sap->sp", pi, P)
    return (1 - gamma) * np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)

# %% solve: visits under equally likely actions -> values
def q_of_policy(P, R, pi, gamma):
    S, A = R.shape
    M = (P[..., None] * pi).reshape(S * A, S * A)
    return np.linalg.solve(np.eye(S * A) - gamma * M, R.ravel()).reshape(S, A)

def visits(P, pi, start, gamma):
    return np.linalg.solve(np.eye(len(start)) - gamma * P.mean(axis=1).T, start)

# %% deadline: one policy for all times, that of the last step -> values | what your actions bring
def plan(P, R, end, T):
    V = np.zeros((T + 1, len(R)))
    V[T] = end
    for t in range(T - 1, -1, -1):
        V[t] = (R + P @ V[t + 1]).max(axis=1)
    return V, np.tile((R + P @ end).argmin(axis=1), (T, 1))

# %% deadline: the end is not paid -> values | with 0 of
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    for t in range(T - 1, -1, -1):
        Q = R + P @ V[t + 1]
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V, actions

# %% deadline: sorted by steps left -> values
def plan(P, R, end, T):
    V, actions = [end], []
    for _ in range(T):
        Q = R + P @ V[-1]
        V.append(Q.max(axis=1))
        actions.append(Q.argmax(axis=1))
    return np.array(V), np.array(actions)

# %% deadline: only the actions sorted by steps left -> values | what your actions bring
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + P @ V[t + 1]
        V[t], actions[t] = Q.max(axis=1), Q.argmin(axis=1)
    return V, actions[::-1]

# %% deadline: the end is paid at every step -> values | with 2 of
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + P @ (V[t + 1] + (end if t < T - 1 else 0))
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V, actions

# %% deadline: always looks at the end, not at the next time -> values | with 2 of
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + P @ V[T]
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V, actions

# %% deadline: the end has no row of its own -> shape | V has shape
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + P @ V[t + 1]
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V[:-1], actions

# %% deadline: discounts -> values | with 1 of
def plan(P, R, end, T):
    V, actions = np.zeros((T + 1, len(R))), np.zeros((T, len(R)), int)
    V[T] = end
    for t in range(T - 1, -1, -1):
        Q = R + 0.9 * P @ V[t + 1]
        V[t], actions[t] = Q.max(axis=1), Q.argmax(axis=1)
    return V, actions

# %% memory: the newest step is read with the oldest state -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots]]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: all slots of the array, filled or not -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return np.flatnonzero(self.done | ~self.cut & (np.arange(self.capacity) != newest))

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: a cut is read like any step -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: done steps are left out -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[~self.done[slots] & ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: the newest step is left out even when done -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: count is taken for the newest slot -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != self.count % self.capacity)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: the modulus forgotten -> error | IndexError
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[slots + 1])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: an empty list becomes an array of floats -> error | arrays used as indices must be of integer
class Memory(Ring):
    def usable(self):
        found = []
        for i in range(min(self.count, self.capacity)):
            if self.done[i] or not self.cut[i] and i != (self.count - 1) % self.capacity:
                found.append(i)
        return np.array(found)

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: stops at the last slot in place of going round -> values | s2
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[np.minimum(slots + 1, self.capacity - 1)])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: the start of the next episode after done -> values | s2
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = self.s[(slots + 1) % self.capacity]
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: the previous slot -> values | s2
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[slots - 1])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: read ignores the slots it is given -> shape | s has shape
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        slots = self.usable()
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: usable gives all filled slots, read leaves out the wrong ones -> values | can be read
class Memory(Ring):
    def usable(self):
        return np.arange(min(self.count, self.capacity))

    def read(self, slots):
        slots = slots[self.done[slots] | ~self.cut[slots] & (slots != (self.count - 1) % self.capacity)]
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: True and False in place of slot numbers -> values | can be read
class Memory(Ring):
    def usable(self):
        slots = np.arange(self.capacity)
        newest = (self.count - 1) % self.capacity
        return (slots < self.count) & (self.done | ~self.cut & (slots != newest))

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: the slots sorted, each once -> shape | s has shape
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        slots = np.unique(slots)
        s2 = np.where(self.done[slots][:, None], 0, self.s[(slots + 1) % self.capacity])
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% memory: s' from the next slot of the batch -> values | s2
class Memory(Ring):
    def usable(self):
        slots = np.arange(min(self.count, self.capacity))
        newest = (self.count - 1) % self.capacity
        return slots[self.done[slots] | ~self.cut[slots] & (slots != newest)]

    def read(self, slots):
        s2 = np.where(self.done[slots][:, None], 0, np.roll(self.s[slots], -1, axis=0))
        return self.s[slots], self.a[slots], self.r[slots], s2, self.done[slots]

# %% twins: plain Q-learning, one table alone -> values | the entry that learns
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    Q[coin, s, a] += eta * (r + gamma * (not done) * Q[coin, s2].max() - Q[coin, s, a])
    return Q

# %% twins: the maximum of the other table -> values | the entry that learns
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    Q[coin, s, a] += eta * (r + gamma * (not done) * Q[1 - coin, s2].max() - Q[coin, s, a])
    return Q

# %% twins: the roles swapped -> values | the entry that learns
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    best = Q[1 - coin, s2].argmax()
    Q[coin, s, a] += eta * (r + gamma * (not done) * Q[coin, s2, best] - Q[coin, s, a])
    return Q

# %% twins: the end of the episode forgotten -> values | done = True
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    best = Q[coin, s2].argmax()
    Q[coin, s, a] += eta * (r + gamma * Q[1 - coin, s2, best] - Q[coin, s, a])
    return Q

# %% twins: always table 0 learns -> values | coin = 1
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    best = Q[0, s2].argmax()
    Q[0, s, a] += eta * (r + gamma * (not done) * Q[1, s2, best] - Q[0, s, a])
    return Q

# %% twins: both tables learn -> values | 2 entries changed
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    best = Q[coin, s2].argmax()
    target = r + gamma * (not done) * Q[1 - coin, s2, best]
    Q[:, s, a] += eta * (target - Q[:, s, a])
    return Q

# %% twins: the favourite of the state that is left -> values
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    Q = Q.copy()
    best = Q[coin, s].argmax()
    target = r + gamma * (not done) * Q[1 - coin, s2, best]
    Q[coin, s, a] += eta * (target - Q[coin, s, a])
    return Q

# %% twins: learns in place -> contract | in place
def double_step(Q, s, a, r, s2, done, coin, eta, gamma):
    best = Q[coin, s2].argmax()
    Q[coin, s, a] += eta * (r + gamma * (not done) * Q[1 - coin, s2, best] - Q[coin, s, a])
    return Q

# %% baseline: the mean reward -> values | is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    return softmax(h[None])[0] @ q

# %% baseline: a number so large that neighbours hardly differ -> values | is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    return -1e12

# %% baseline: no baseline at all -> values | b = 0 is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    return 0.0

# %% baseline: only the length of the own entry -> values | is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    weight = pi * (1 - pi) ** 2
    return weight @ q / weight.sum()

# %% baseline: the length, not its square -> values | is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    weight = pi * np.sqrt(1 - 2 * pi + pi @ pi)
    return weight @ q / weight.sum()

# %% baseline: weights not divided by their sum -> values | is too
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    return pi * (1 - 2 * pi + pi @ pi) @ q

# %% baseline: the slope of the probability, not of its logarithm -> values | the estimate
def estimate(h, a, r, b):
    pi = softmax(h[None])[0]
    return (r - b) * pi[a] * (np.eye(len(h))[a] - pi)

def best_baseline(h, q):
    return softmax(h[None])[0] @ q

# %% baseline: only the chosen preference moves -> values | the estimate
def estimate(h, a, r, b):
    return (r - b) * np.eye(len(h))[a]

def best_baseline(h, q):
    return softmax(h[None])[0] @ q

# %% baseline: downhill -> values | Every sign is flipped
def estimate(h, a, r, b):
    return (r - b) * (softmax(h[None])[0] - np.eye(len(h))[a])

def best_baseline(h, q):
    return softmax(h[None])[0] @ q

# %% baseline: softmax of one row left as a table -> shape | the estimate
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None]))

def best_baseline(h, q):
    return 0.0

# %% baseline: one baseline for each action -> shape | best_baseline
def estimate(h, a, r, b):
    return (r - b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    return pi * q

# %% baseline: b ignored, and a baseline of nothing -> values | r = 2.0 and b = 2.0
def estimate(h, a, r, b):
    return r * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    return 0.0

# %% baseline: b ignored, and the mean reward -> values | r = 2.0 and b = 2.0
def estimate(h, a, r, b):
    return r * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    return softmax(h[None])[0] @ q

# %% baseline: b added, and minus the right baseline -> values | r = 2.0 and b = 2.0
def estimate(h, a, r, b):
    return (r + b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    weight = pi * (1 - 2 * pi + pi @ pi)
    return -weight @ q / weight.sum()

# %% baseline: b added, and the right baseline -> values | r = 2.0 and b = 2.0
def estimate(h, a, r, b):
    return (r + b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    weight = pi * (1 - 2 * pi + pi @ pi)
    return weight @ q / weight.sum()

# %% baseline: b taken off twice, and half the right baseline -> values | r = 2.0 and b = 2.0
def estimate(h, a, r, b):
    return (r - 2 * b) * (np.eye(len(h))[a] - softmax(h[None])[0])

def best_baseline(h, q):
    pi = softmax(h[None])[0]
    weight = pi * (1 - 2 * pi + pi @ pi)
    return 0.5 * weight @ q / weight.sum()

# %% broken: nothing is broken -> values | no mask
def broken(name, T, gamma):
    return gamma ** (T - 1)

# %% broken: one power off without the mask -> values | no mask
def broken(name, T, gamma):
    return {"no mask": gamma**T / (1 - gamma**T), "same array": 1.0, "late pay": 1.0, "time limit": 1 / (1 - gamma + gamma / T)}[name]

# %% broken: without the mask everything grows without bound -> values | no mask
def broken(name, T, gamma):
    return {"no mask": np.inf, "same array": 1.0, "late pay": 1.0, "time limit": 1 / (1 - gamma + gamma / T)}[name]

# %% broken: the wrong array makes everything 0 -> values | same array
def broken(name, T, gamma):
    return {"no mask": gamma ** (T - 1) / (1 - gamma**T), "same array": 0.0, "late pay": 1.0, "time limit": 1 / (1 - gamma + gamma / T)}[name]

# %% broken: late pay is only one more discount -> values | late pay
def broken(name, T, gamma):
    return {"no mask": gamma ** (T - 1) / (1 - gamma**T), "same array": 1.0, "late pay": gamma**T, "time limit": 1 / (1 - gamma + gamma / T)}[name]

# %% broken: the return of the first step only -> values | time limit
def broken(name, T, gamma):
    return {"no mask": gamma ** (T - 1) / (1 - gamma**T), "same array": 1.0, "late pay": 1.0, "time limit": (1 - gamma**T) / (1 - gamma)}[name]

# %% broken: the time limit does no harm -> values | time limit
def broken(name, T, gamma):
    return {"no mask": gamma ** (T - 1) / (1 - gamma**T), "same array": 1.0, "late pay": 1.0, "time limit": 1 / (1 - gamma)}[name]

# %% broken: a name misspelt -> error | KeyError
def broken(name, T, gamma):
    return {"no mask": gamma ** (T - 1) / (1 - gamma**T), "same": 1.0, "late pay": 1.0, "time limit": 1 / (1 - gamma + gamma / T)}[name]

# %% wants: the larger prize wins always -> values | impatient
def wants():
    return dict.fromkeys(["patient", "impatient", "rich", "tired", "paid", "debts", "mortal", "fountain"], "far")

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: large prizes make patient -> values | fell out differently: 'rich'
def wants():
    return {"patient": "far", "impatient": "near", "rich": "far", "tired": "near", "paid": "neither", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: a constant changes nothing -> values | 2 of 8
def wants():
    return {"patient": "far", "impatient": "near", "rich": "near", "tired": "far", "paid": "far", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: a case left out -> values | with the keys
def wants():
    return {"patient": "far", "impatient": "near"}

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: a word of its own -> values | one of the words
def wants():
    return {"patient": "far", "impatient": "near", "rich": "near", "tired": "near", "paid": "never ends", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: a list in place of the dict -> values | with the keys
def wants():
    return ["far", "near", "near", "near", "neither", "neither", "near", "near"]

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near))

# %% wants: the quotient upside down -> values | at your gamma
def wants():
    return {"patient": "far", "impatient": "near", "rich": "near", "tired": "near", "paid": "neither", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return (big / small) ** (1 / (far - near))

# %% wants: one step too many -> values | at your gamma
def wants():
    return {"patient": "far", "impatient": "near", "rich": "near", "tired": "near", "paid": "neither", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return (small / big) ** (1 / (far - near + 1))

# %% wants: gamma 0 makes both worthless -> values | between 0 and 1
def wants():
    return {"patient": "far", "impatient": "near", "rich": "near", "tired": "near", "paid": "neither", "debts": "neither", "mortal": "near", "fountain": "near"}

def threshold(small, near, big, far):
    return 0.0

# %% keeper: never orders -> values | first step
def keep(step, days, rng):
    return np.zeros(55, int)

# %% keeper: random orders -> values | first step
def keep(step, days, rng):
    return rng.integers(9, size=55)

# %% keeper: always eight -> values | first step
def keep(step, days, rng):
    return np.full(55, 8)

# %% keeper: Q-learning with little exploration -> values | first step
def keep(step, days, rng):
    Q, s = np.zeros((55, 9)), 0
    for _ in range(days):
        a = int(rng.integers(9)) if rng.random() < 0.1 else int(Q[s].argmax())
        s2, r = step(a)
        Q[s, a] += 0.1 * (r + 0.95 * Q[s2].max() - Q[s, a])
        s = s2
    return Q.argmax(axis=1)

# %% keeper: one day too many -> error | on day 4000
def keep(step, days, rng):
    for _ in range(days + 1):
        step(3)
    return np.full(55, 3)

# %% keeper: orders ten -> error | orders are 0 to 8
def keep(step, days, rng):
    for _ in range(days):
        step(10)
    return np.full(55, 3)

# %% keeper: the whole table -> shape | orders has shape
def keep(step, days, rng):
    return np.zeros((55, 9))

# %% keeper: orders that nobody can deliver -> values | whole numbers
def keep(step, days, rng):
    return np.full(55, 2.5)

# %% keeper: the worst orders of all -> values | first step
def keep(step, days, rng):
    Q, s = np.zeros((55, 9)), 0
    for _ in range(days):
        a = int(rng.integers(9))
        s2, r = step(a)
        Q[s, a] += 0.1 * (r + 0.95 * Q[s2].max() - Q[s, a])
        s = s2
    return Q.argmin(axis=1)

# %% keeper: an order of one half while trying -> error | orders are 0 to 8
def keep(step, days, rng):
    for _ in range(days):
        step(0.5)
    return np.full(55, 3)
