# %% [markdown]
# # Lecture 4 · Recurrent networks
#
# > **How can a network with a fixed number of weights use what it read fifty steps ago?**

# %% [markdown] tags=["nav"]
# [← Lecture 3](03_convolutional_networks.ipynb) · [Exercise 4](../exercises/04_recurrent_networks.ipynb) · [Solution 4](../solutions/04_recurrent_networks.ipynb) · [Lecture 5 →](05_autoencoders.ipynb) · [All lectures](../README.md)

# %% tags=["setup"]
try:
    import course_utils
except ModuleNotFoundError:  # this notebook is away from its course
    raise SystemExit("This notebook needs the course's package: open it with `make lab` in the course's folder.")

from collections import Counter, defaultdict

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

from course_utils import bridge, check, data, plot, style
from course_utils.interact.backflow import GradientFlow
from course_utils.interact.gates import GateStrip
from course_utils.nets import accuracy, adam, loss_and_delta, one_hot, sigmoid, softmax

style.use()
device = bridge.device()
rng = np.random.default_rng(4)

# %% [markdown]
# Two texts of sixty letters are equal but for their *first* letter. Each is read, letter by letter, by the same
# network. All that the network carries from one letter to the next is a list of 100 numbers, its **state**: a
# new state is computed from the letter and the old state, always by the same weights. We draw these weights at
# random and try three strengths of the connections from old state to new. Call the first letter forgotten once the
# two states are less than 0.001 apart (the dotted line on the right). *Predict:* after how many letters is that?

# %%
X = np.eye(4)[np.tile(rng.integers(0, 4, 60), (2, 1))]  # one text, twice ...
X[:, 0] = np.eye(4)[:2]  # ... but for the first letter
Wx, turn = 0.3 * rng.normal(size=(4, 100)), np.linalg.qr(rng.normal(size=(100, 100)))[0]
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.2))
for strength, color, marker in zip((0.5, 0.9, 2.0), style.ordered(3), "o^s"):
    H = np.zeros((2, 61, 100))
    for t in range(60):
        H[:, t + 1] = np.tanh(X[:, t] @ Wx + strength * H[:, t] @ turn)
    distance = np.linalg.norm(H[0, 1:] - H[1, 1:], axis=1)
    right.semilogy(range(1, 61), distance, color=color, marker=marker, markevery=10, label=f"strength {strength}")
    if strength == 0.9:
        unit = np.abs(H[0, 1] - H[1, 1]).argmax()
        left.plot(range(1, 21), H[0, 1:21, unit], color=style.NEGATIVE, label="text 1")
        left.plot(range(1, 21), H[1, 1:21, unit], "--", color=style.POSITIVE, label="text 2")
left.set(title="Strength 0.9, one unit:\nsoon in step", xlabel="letter", ylabel="value of the unit", ylim=(-1, 1.5))
right.axhline(1e-3, color="#222222", linestyle=":")
right.set(title="The first letter is forgotten\nor disturbs for ever", xlabel="letter", ylabel="distance of the two states")
right.set(ylim=(1e-12, 100))
left.legend(loc="upper right")
right.legend(fontsize=8)
plot.show(fig, "Left, one unit over 20 letters in both runs: different at first, then in step. Right, the distance of "
          "the two states on a log scale: it falls fast at strength 0.5, slower at 0.9, and stays large at 2.0.")


# %% [markdown]
# At strength 0.5 the first letter is forgotten after about a dozen letters, at 0.9 after about three dozen. At 2.0 the
# two runs never meet again, which looks like memory and is not. Such a network magnifies *every* difference: even one
# of a hundred-thousandth grows a thousandfold and more in sixty letters. (The curve runs level because tanh caps what
# has grown.) So its state is an unreadable mixture of all letters. Useful memory lives on a narrow ridge
# between fading and chaos. At each step a difference is multiplied by the connections and by the slopes of tanh. When
# the network learns, the blame is multiplied by the same factors on its way *back*. That is why this lecture is
# about one question from two sides: what does the state remember, and how far back can it learn?
#
# **You will be able to**
#
# - tell when order matters, prove that a bag of inputs cannot see it, and unfold a recurrent network into a deep one;
# - derive back-propagation through time, write it in a dozen lines, prove it right, and clip what explodes;
# - measure how gradients vanish and explode over time, and say what a plain network remembers and what it does not;
# - build the LSTM and the GRU gate by gate, with their gradients by hand, and show how much further they remember;
# - train a network that invents names, forecast a series against honest opponents, and choose among four shapes.
#
# **Know first:** Lecture 2 (chain rule, gradient check, Adam); from Lecture 3, what a convolution is.
# **Reading time:** 150 minutes, in two parts with a checkpoint between them (sections 1 to 8, sections 9 to 18).
# **Running time:** about two minutes on a laptop.
#
# <details><summary>Maths you need: Jacobian, eigenvalues and spectral radius, the slope of tanh</summary>
#
# The *Jacobian* of a vector function $f$ collects all its slopes, $J_{ij} = \partial f_j/\partial x_i$ (our vectors
# are rows, so a nudge $dx$ becomes $dx\,J$). For a chain of functions the Jacobians are multiplied.
#
# A vector $v$ with $vA = \lambda v$ is an *eigenvector* of the matrix $A$, the number $\lambda$ its *eigenvalue*; it
# may be complex: a rotation by a right angle has $\pm i$. The *spectral radius* of $A$ is the largest
# $\lvert\lambda\rvert$. It sets how $A^k$ grows in the long run: $\lVert A^k\rVert^{1/k}$ tends to it.
# `A = np.array([[.9, 5], [0, .9]]); np.linalg.norm(np.linalg.matrix_power(A, 2000), 2) ** (1 / 2000)` gives 0.904,
# though one step of this $A$ can stretch a vector more than fivefold.
#
# An *orthogonal* matrix only turns and mirrors: it keeps every length, and all its $\lvert\lambda\rvert$ are 1.
#
# $\tanh z$ lies between $-1$ and $1$; its slope is $1-\tanh^2 z$: 1 at $z=0$, 0.42 at $z=1$, 0.07 at $z=2$.
#
# </details>
#
# <details><summary>For instructors: a plan for twice 90 minutes</summary>
#
# Sections 1 to 8: 10 min the opening figure (let the room vote), 10 min order and the proof, 10 min TDNN, 15 min from
# tied layers to "hello", 25 min back-propagation through time at the board with the three-step example, 20 min
# vanishing, exploding, clipping. Sections 9 to 18: 35 min the gates, their gradients and the adding problem, 20 min the
# network that invents names, 15 min forecasts, 20 min the four shapes and where they break. Can be skipped: the Jordan
# network, the two biases of PyTorch, peepholes.
#
# </details>
#
# ## 1 Why order matters
#
# "Dog bites man" and "man bites dog" hold the same words. In text, speech, video (a row of images), music or a
# series of temperatures, **the order itself carries information**, and whoever is to forecast the next value needs it.
# People read with two things at once: with what they see now, and with a memory of what came before. A network for
# sequences needs both as well, memory plus processing.
#
# The plainest network without memory adds up its inputs and classifies the sum: a **bag** of inputs. Take sequences
# of ten letters with exactly one *a*, one *b* and eight fillers *c*, *d*, *e*. The label is 1 if *a* comes before *b*.
#
# **Claim.** Any function of the bag, trained or not, is right on exactly half of a set that holds each sequence
# together with its reversal. **Proof.** Reversal keeps the bag, so the function gives both the same answer. It swaps
# the order of *a* and *b*, so their labels differ. Of each pair exactly one answer is right. ∎
#
# *Predict* the accuracy on the *training* data of a bag network with 32 hidden units; and how many numbers of memory
# a reader needs to get everything right.

# %%
def order_task(n, rng, T=10):
    """Sequences of letters 0..4 ("abcde"), codes (n, T), one a and one b in each; y (n,) is 1 if a comes first."""
    codes = rng.integers(2, 5, (n, T))
    where = np.argsort(rng.random((n, T)), axis=1)[:, :2]  # two different places in each row
    np.put_along_axis(codes, where, np.array([[0, 1]]), axis=1)
    return codes, (where[:, 0] < where[:, 1]).astype(int)


# %%
codes, y = order_task(500, np.random.default_rng(41))
codes, y = np.concatenate([codes, codes[:, ::-1]]), np.concatenate([y, 1 - y])  # each with its reversal
bags = one_hot(codes, 5).sum(axis=1)  # how often each letter occurs
net = MLPClassifier(32, random_state=41).fit(bags, y)  # scikit-learn's multilayer perceptron, 32 hidden units
check.worked("bag network, accuracy on its own training data", net.score(bags, y), "0.5")

h = np.zeros(len(y))  # a memory of one number: 0 until a or b has come, then +1 or -1
for x in codes.T:
    h = np.where(h == 0, 1.0 * (x == 0) - 1.0 * (x == 1), h)
check.worked("reader with a state of one number", np.mean((h > 0) == y), "1")

# %% [markdown]
# Half, as proved: no training helps. And one remembered number is enough for everything. A dense network that sees
# all ten letters *in their places* could learn the task too. But it needs weights of its own for every place, and for
# an eleventh letter it has none.
#
# ## 2 Delays: the time-delay network
#
# The first way out keeps the network feed-forward and gives it a short past. A **time-delay neural network** (TDNN;
# A. Waibel and others, 1989, for telling spoken *b*, *d*, *g* apart) has to do two things: relate acoustic events
# that follow each other, and recognise them whenever they occur. A unit has $J$ inputs $u_j$, and sees each also
# delayed by $1,\dots,N$ steps:
#
# $$y(t) = f\Big(\sum_{j=1}^{J}\sum_{d=0}^{N} w_{jd}\,u_j(t-d) + b\Big).$$
#
# With $J=16$ frequency bands and $N=2$ that makes $16\cdot3$ weights and a bias. The same weights serve at every
# time $t$: this is Lecture 3's convolution, in one dimension. Mind the order of time. PyTorch's `Conv1d`
# cross-correlates: the last column of its kernel meets the *newest* input. Our $d=0$ is the newest, so the kernel is
# $w$ with its columns reversed.
#
# *Predict* for the second cell: the input arrives five steps later. Which of these stay equal: the outputs, the
# outputs moved back by five, their maximum over time?

# %%
rng = np.random.default_rng(42)
U, W, b = rng.normal(size=(40, 16)), 0.2 * rng.normal(size=(16, 3)), rng.normal()  # U (T, J); W[j, d]
tdnn = lambda U: np.array([np.tanh(sum(U[t - d] @ W[:, d] for d in range(3)) + b) for t in range(2, len(U))])
kernel, bias = bridge.tensors(W[None, :, ::-1].copy(), np.array([b]))  # columns reversed: newest last (PyTorch needs the copy)
check.same("TDNN unit and conv1d", tdnn(U), F.conv1d(torch.tensor(U.T[None]), kernel, bias).tanh()[0, 0], 1e-12)
check.worked("weights; with the bias", [W.size, sum(p.numel() for p in torch.nn.Conv1d(16, 1, 3).parameters())], "48 49")

# %%
around = lambda U: tdnn(np.concatenate([U[-2:], U]))  # circular in time: before the first step comes the last
y, y_late = around(U), around(np.roll(U, 5, axis=0))  # the same input, five steps later
check.same("outputs, moved along by 5", y_late, np.roll(y, 5), 1e-14)
print("outputs themselves equal:", np.allclose(y_late, y))
check.same("maximum over time", y_late.max(), y.max(), 1e-14)
check.same("mean over time", y_late.mean(), y.mean(), 1e-14)


# %% [markdown]
# Shift the input, and the output shifts along: a convolution is shift **equivariant** (exactly so with the circular
# border used here; otherwise away from the borders). The often-read "shift *in*variant" holds only after **pooling
# over time**, by maximum or mean. The limit of a TDNN is in its design: what happened more than $N$ steps ago does
# not exist for its unit. (Layers on top of each other add up their delays; the sum is fixed as well.) For an *a* and a
# *b* at any distance, no $N$ is large enough.
#
# ## 3 From tied layers to recurrence
#
# Take next-word prediction: from the words so far, guess the next. A multilayer perceptron could take the last
# three words side by side. For more context we would rather make it *deeper*, and feed the words in one after the
# other, each into the next hidden layer:
#
# $$h_1 = \tanh(x_1W_x^{(1)} + b^{(1)}),\quad h_2 = \tanh(x_2W_x^{(2)} + h_1W_h^{(2)} + b^{(2)}),\quad
# h_3 = \tanh(x_3W_x^{(3)} + h_2W_h^{(3)} + b^{(3)}),\ \dots$$
#
# Now **every layer does the same job**: take in one more word, add it to what is known. So let all layers have the
# same weights and the same bias. The layers merge into one, used again and again, with a connection from its output
# to its own input. A network whose connections form a **directed cycle** is a **recurrent neural network**, RNN:
#
# $$h_t = f(h_{t-1}, x_t) = \tanh(x_tW_x + h_{t-1}W_h + b), \qquad h_0 = 0.$$
#
# Each step has **two sources**, the present input and the recent past; one step's result becomes the next step's
# input. The vector $h_t$ is the network's internal memory, which a feed-forward network lacks. It is refreshed
# at each step, by the same function with the same weights. (With column vectors one writes
# $h_t = \tanh(W_{hh}h_{t-1} + W_{xh}x_t)$.)
#
# *Predict:* one unit, $w_x = w_h = 1$, $b = 0$, inputs 1 and 1. Is $h_2$ twice $h_1$?

# %%
def read(xs, layers):
    """The last hidden vector of a stack of layers, each of which takes in one more input of xs (T, d)."""
    h = np.zeros(len(layers[0]["b"]))
    for x, layer in zip(xs, layers):
        h = np.tanh(x @ layer["Wx"] + h @ layer["Wh"] + layer["b"])
    return h


# %%
one = dict(Wx=np.ones((1, 1)), Wh=np.ones((1, 1)), b=np.zeros(1))
check.worked("h1 and h2 for inputs 1, 1", [*read([[1]], [one]), *read([[1], [1]], [one] * 2)], "0.761594 0.942681")
check.worked("the same, unfolded by hand", np.tanh(1 + np.tanh(1 + 0)), "0.942681")
layer = dict(Wx=np.ones((27, 20)), Wh=np.ones((20, 20)), b=np.ones(20))  # 27 symbols (a to z, a dot), 20 hidden units
size = sum(p.size for p in layer.values())
check.worked("numbers to learn, ten layers of their own; ten tied ones", [10 * size, size], "9600 960")


# %% [markdown]
# No: the second 1 adds to the memory of the first, but tanh keeps $h_2$ below 1. Ten layers of their own would need
# ten times the numbers, tied ones as many as a single layer, for texts of every length.
#
# To draw the loop as a chain is called **unfolding** the network:
#
# ```
#    ┌─Wh─┐                            h(t-1) ──Wh──▶ h(t) ──Wh──▶ h(t+1)
#    └▶ h ┘        =  ...  ──Wh──▶       ▲             ▲             ▲
#      ▲ Wx                              │ Wx          │ Wx          │ Wx
#      x                               x(t-1)         x(t)          x(t+1)
# ```
#
# On the right there is no cycle left. It is a feed-forward network, as deep as the sequence is long, whose layers
# happen to be equal. All of Lecture 2 applies to it.
#
# ## 4 "hello"
#
# Let an RNN read h, e, l, l, and say after each letter which comes next: e, l, l, and the fifth letter, o. The same
# input l has to be answered once by l and once by o. Four different letters make one-hot vectors of length 4; take
# three hidden units. A **readout** turns the state into scores, and softmax makes them probabilities of the next
# symbol:
#
# $$y_t = \text{softmax}(h_tW_y + b_y).$$
#
# (Written without bias, columns: $y_t = W_{hy}h_t$.) *Predict* the number of weights in $W_x$, $W_h$, $W_y$.
#
# Our sequences are arrays `X` of shape (n, T, d), all states together `H` of shape (n, T, hidden). The products
# $x_tW_x + b$ do not wait for any state, so they are done for all steps at once; only the loop over $h$ has to go
# one step after another.

# %%
def rnn_forward(P, X, h0=None):
    """States H (n, T, hidden) for sequences X (n, T, d), from the state h0 (n, hidden), zeros if not given."""
    H = X @ P["Wx"] + P["b"]  # the inputs' share, for all steps
    h = np.zeros_like(H[:, 0]) if h0 is None else h0
    for t in range(X.shape[1]):
        h = H[:, t] = np.tanh(H[:, t] + h @ P["Wh"])
    return H

def rnn_init(d, hidden, k, rng, dtype=np.float64):
    """Random weights of variance 1 / n_in and zero biases for d inputs and k outputs."""
    shapes = dict(Wx=(d, hidden), Wh=(hidden, hidden), Wy=(hidden, k))
    P = {key: (rng.normal(size=s) / np.sqrt(s[0])).astype(dtype) for key, s in shapes.items()}
    return P | dict(b=np.zeros(hidden, dtype), by=np.zeros(k, dtype))


X, y = one_hot(np.array(["helo".index(c) for c in "hell"]), 4)[None], np.array(["helo".index(c) for c in "ello"])

# %%
P = rnn_init(4, 3, 4, np.random.default_rng(44))
check.worked("weights; with biases", [P["Wx"].size + P["Wh"].size + P["Wy"].size, sum(p.size for p in P.values())], "33 40")
H = rnn_forward(P, X)
check.same("state after hell: a stack of four tied layers", H[0, -1], read(X[0], [P] * 4), 1e-14)
check.same("h3 and h4, continued from h2 alone", rnn_forward(P, X[:, 2:], h0=H[:, 1]), H[:, 2:], 1e-14)
print("state after h, he, hel, hell:", *H[0].round(2), sep="\n")

# %% [markdown]
# The last two rows belong to the same input letter l, and differ: what came before them differs. Three readings to
# avoid.
#
# *"The previous state is the letter h."* The state is a vector of three real numbers, $h_{t-1}$, that only the
# network understands. Letters go in, probabilities of letters come out, and they may come out at *every* step.
#
# *"For longer sequences the formula takes in several past states."* It holds $h_{t-1}$ and no other. Older states
# act through it alone: above, $h_3$ and $h_4$ were continued from $h_2$, without the letters that led to it.
#
# *"The output is fed back."* In the networks of J. Elman (1990), and in nearly all that are called RNN today, the
# **hidden state** is fed back. In those of M. Jordan (1986) it is the **output**. The difference matters: in the
# plainest Jordan network, whatever the output does not show is forgotten. The first cell below changes a hidden
# state in a direction that the readout ignores. *Predict* which network notices one step later.
#
# **Now "hello" learns**, in the second cell. We have no gradients for an RNN yet, but we have the slow ones of
# Lecture 2: move each of the 40 numbers by a millionth and see what the loss does. The loss is the mean cross-entropy
# of the four predictions. A network without memory must give both l's one answer; the best is one half for l
# and one half for o, so its mean loss cannot fall below $\frac{2\ln 2}{4}$. *Predict:* will the RNN get below?

# %%
rng = np.random.default_rng(45)
Q, V, x, h = rnn_init(4, 5, 2, rng), rng.normal(size=(2, 5)), rng.normal(size=4), rng.normal(size=5)
unseen = np.linalg.svd(Q["Wy"].T)[2][-1]  # from the SVD: a direction v with v @ Wy = 0
step = lambda fed_back: np.tanh(x @ Q["Wx"] + fed_back + Q["b"])
elman, jordan = lambda h: step(h @ Q["Wh"]), lambda h: step((h @ Q["Wy"] + Q["by"]) @ V)
print("noticed by Elman, by Jordan:", *[not np.allclose(f(h), f(h + unseen)) for f in (elman, jordan)])

# %%
loss = lambda: loss_and_delta(rnn_forward(P, X)[0] @ P["Wy"] + P["by"], y)[0]
states, forwards = {k: {} for k in P}, 0
for _ in range(100):
    grads = {k: check.numerical_gradient(loss, p) for k, p in P.items()}
    forwards += 2 * sum(p.size for p in P.values())
    for k in P:
        adam(P[k], grads[k], states[k], 0.1)
check.worked("forward passes for 100 gradients", forwards, "8000")
check.worked("best loss without memory", 2 * np.log(2) / 4, "0.346574")
check.claim("hello: loss after 100 steps", loss(), at_most=0.01)

probabilities = softmax(rnn_forward(P, X)[0] @ P["Wy"] + P["by"])
fig, ax = plt.subplots(figsize=(4, 3.2))
plot.matrix(ax, probabilities, 1, ".2f")
ax.set(title="l is answered by l, then by o", xlabel="predicted next letter", ylabel="letter read")
ax.set_xticks(range(4), "helo")
ax.set_yticks(range(4), "hell")
plot.show(fig, "Four rows, the letters h, e, l, l as read; in each the probability of the next letter is nearly all on "
          "the right one: e, l, l and o.")


# %% [markdown]
# Of the two networks only Elman's noticed. And the RNN does get below, with every letter right: its state tells the
# two l's apart. The price: 80 runs of the network for one gradient. With a million weights it would be two million
# runs. We want all gradients for the price of about two.
#
# ## 5 Back-propagation through time
#
# Unfold, then do as in Lecture 2. Write $z_t = x_tW_x + h_{t-1}W_h + b$ and $h_t = \tanh z_t$. A state $h_t$ acts on
# the loss in **two** ways: through the readout at its own step, a gradient that we call `dH[t]`, and through the
# next state. The blame of a node is the sum over its uses, so, from the last step back to the first,
#
# $$\frac{\partial L}{\partial h_t} = \mathrm{dH}_t + \delta_{t+1}W_h^\top,\qquad
# \delta_t = \frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t}\odot(1-h_t^2),\qquad \delta_{T+1}=0 .$$
#
# Each copy of the layer then yields a share of the gradient, as a layer of Lecture 2 would. The copies share one set
# of weights, so these are uses of the same node again, and the **shares are summed**:
#
# $$\frac{\partial L}{\partial W_h} = \sum_{t=1}^{T} h_{t-1}^\top\delta_t,\qquad
# \frac{\partial L}{\partial W_x} = \sum_{t=1}^{T} x_t^\top\delta_t,\qquad
# \frac{\partial L}{\partial b} = \sum_{t=1}^{T}\delta_t .$$
#
# This is **back-propagation through time**, BPTT (D. Rumelhart, G. Hinton and R. Williams unfolded recurrent networks
# in 1986; P. Werbos wrote the classic account in 1990). In code the loop holds what has to wait for the later step; the
# sums over $t$ and over the batch are one matrix product each, after the loop.

# %%
def rnn_backward(P, X, H, dH, h0=None):
    """Gradients for Wx, Wh, b, X and h0; dH (n, T, hidden) is what reaches each state from its own step."""
    n, T, hidden = H.shape
    h0 = np.zeros_like(H[:, 0]) if h0 is None else h0
    delta, dh = np.empty_like(H), np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dH[:, t] + dh  # from this step's readout, and from the future
        delta[:, t] = dh * (1 - H[:, t] ** 2)
        dh = delta[:, t] @ P["Wh"].T
    before = np.concatenate([h0[:, None], H[:, :-1]], axis=1)  # h(t-1) for every t
    rows = lambda A: A.reshape(n * T, -1)
    return dict(Wx=rows(X).T @ rows(delta), Wh=rows(before).T @ rows(delta), b=rows(delta).sum(axis=0),
                X=delta @ P["Wx"].T, h0=dh)  # fmt: skip


# %%
rng = np.random.default_rng(46)
P = {k: p + 0.1 * rng.normal(size=p.shape) for k, p in rnn_init(2, 4, 1, rng).items()}  # no bias is zero
X, h0, C = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 4)), rng.normal(size=(3, 5, 4))
loss = lambda: np.sum(C * rnn_forward(P, X, h0))  # any loss will do; for this one dH = C
for name, dp in rnn_backward(P, X, rnn_forward(P, X, h0), C, h0).items():
    check.gradient(name, loss, (P | dict(X=X, h0=h0))[name], dp)

# %% [markdown]
# All five are right. One step of the argument is misread often enough to be worth a calculation by hand: some
# descriptions say that the copies' gradients are *averaged*. Take $h_t = w\,h_{t-1} + 1$ with $w = 0.5$, $h_0 = 0$,
# and three steps: $h$ is 1, 1.5, 1.75. Copy $t$ uses $w$ once, next to $h_{t-1}$, and its effect travels through
# the remaining $3-t$ steps: its share of $dh_3/dw$ is $w^{3-t}h_{t-1}$. *Predict* the three shares and what
# autograd says.
#
# The second cell compares with `torch.nn.RNN`. Two of its habits: it keeps weights transposed, like `Linear`, and it
# has **two** biases, one beside each product. They are only ever added, so one is enough. We freeze the second at 0;
# left free, both would be moved by the same gradient, and their sum twice as fast as our $b$.

# %%
shares = [0.5 ** (3 - t) * h for t, h in ((1, 0.0), (2, 1.0), (3, 1.5))]
w, h = torch.tensor(0.5, requires_grad=True), 0.0
for _ in range(3):
    h = w * h + 1
h.backward()
check.worked("shares; sum; mean; autograd", [*shares, sum(shares), np.mean(shares), w.grad], "0 0.5 1.5 2.0 0.667 2.0")


# %%
class Reader(torch.nn.Module):
    """torch.nn.RNN and a readout of its last state, with our weights; its second bias is frozen at 0."""

    def __init__(self, P):
        super().__init__()
        self.rnn = torch.nn.RNN(*P["Wx"].shape, batch_first=True)  # sequences (n, T, d), as ours
        weights = bridge.tensors(P["Wx"].T.copy(), P["Wh"].T.copy(), P["b"], 0 * P["b"])
        for parameter, value in zip(self.rnn.parameters(), weights):
            parameter.data = value
        self.rnn.bias_hh_l0.requires_grad_(False)
        self.out = torch.nn.Linear(*P["Wy"].shape, dtype=weights[0].dtype)
        bridge.set_linear(self.out, P["Wy"], P["by"])

    def forward(self, X):
        return self.out(self.rnn(X)[0][:, -1])

rnn, grads, X_torch = Reader(P).rnn, rnn_backward(P, X, rnn_forward(P, X), C), bridge.tensors(X, grad=True)
H_torch = rnn(X_torch)[0]
H_torch.backward(torch.tensor(C))
check.same("states, ours and torch.nn.RNN's", rnn_forward(P, X), H_torch, 1e-13)
theirs = (rnn.weight_ih_l0.grad.T, rnn.weight_hh_l0.grad.T, rnn.bias_ih_l0.grad, X_torch.grad)
for name, gradient in zip(("Wx", "Wh", "b", "X"), theirs):
    check.same(f"gradient of {name}", grads[name], gradient, 1e-12)


# %% [markdown]
# The sum, 2.0, is the slope; the mean, 0.667, is a third of it, and the error would change with the length of
# the sequence.
#
# Now the whole procedure, on the task of section 1. As it is often listed, beside our code:
#
# | step | in the code below |
# |---|---|
# | draw random weights | `rnn_init` |
# | unfold the network into T copies, **T = length of the sequence** | `X` (n, T, d), `H` (n, T, hidden): one slice per copy |
# | repeat until a stopping rule of your choice says stop (here: after one pass through the data) | `for k in range(...)` |
# | set the inputs of all copies | `x = X[k : k + batch]` |
# | forward through all copies: take the input and the old state $h_{t-1}$, compute the new state, which becomes the old one; repeat for the whole sequence | `rnn_forward` |
# | after the last step compute the output, compare it with the target | `loss_and_delta` |
# | backward through all copies, last step first | `rnn_backward` |
# | combine the copies' gradients, by **summing**, and update the one set of weights | `rows(A).T @ ...`, `adam` |
#
# (Unfolding fewer steps than the sequence has is a deliberate approximation for very long texts, *truncated* BPTT.)
# The label is read off the last state only, so `dH` is zero but for its last step.

# %%
def train(P, X, y, eta=0.01, batch=64):
    """One pass of Adam over sequences X (m, T, d) with labels y (m,), read off the last state: losses, new P."""
    P, states, losses = {key: p.copy() for key, p in P.items()}, {key: {} for key in P}, []
    for k in range(0, len(X), batch):
        x = X[k : k + batch]
        H = rnn_forward(P, x)
        loss, delta = loss_and_delta(H[:, -1] @ P["Wy"] + P["by"], y[k : k + batch])
        dH = np.zeros_like(H)
        dH[:, -1] = delta @ P["Wy"].T
        grads = rnn_backward(P, x, H, dH) | dict(Wy=H[:, -1].T @ delta, by=delta.sum(axis=0))
        for key in P:
            adam(P[key], grads[key], states[key], eta)
        losses.append(loss)
    return losses, P

def train_torch(P, X, y, eta=0.01, batch=64, device="cpu"):
    """The twin of `train`: losses and the network."""
    net, (X, y), losses = Reader(P).to(device), bridge.tensors(X, y, device=device), []
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=eta)
    for k in range(0, len(X), batch):
        optimiser.zero_grad()
        losses.append(F.cross_entropy(net(X[k : k + batch]), y[k : k + batch]))
        losses[-1].backward()
        optimiser.step()
    return torch.stack(losses), net


# %%
codes, y = order_task(20200, np.random.default_rng(47))
X, P = one_hot(codes, 5), rnn_init(5, 16, 2, np.random.default_rng(48))
(ours, P_60), (theirs, net) = train(P, X[:3840], y[:3840]), train_torch(P, X[:3840], y[:3840])
check.same("60 losses, NumPy and PyTorch", ours, theirs, 1e-10)
for key, q in zip(("Wx", "Wh", "b", "Wy", "by"), [p for p in net.parameters() if p.requires_grad]):
    check.same(f"{key} after 60 steps", P_60[key].T, q, 1e-10)

# %% [markdown]
# To ten digits, in float64, for sixty steps of 64 sequences each. (Ten digits are needed. Adam divides the gradient by
# its usual size, so with all gradients a tenth as long it takes nearly the same steps: a mean over the copies instead
# of their sum would hardly show in a loss curve.) Now 300 steps in float32, in NumPy and in PyTorch on whatever device
# there is: one pass, and the accuracy is measured on 1000 sequences drawn anew. (Some three in a hundred of them happen
# to occur in training too.) *Predict* it; the bag network had 0.5.

# %%
X32, P32 = X.astype(np.float32), {key: p.astype(np.float32) for key, p in P.items()}
P_new = train(P32, X32[:19200], y[:19200])[1]
net = train_torch(P32, X32[:19200], y[:19200], device=bridge.device())[1].cpu()
answers = rnn_forward(P_new, X32[19200:])[:, -1] @ P_new["Wy"] + P_new["by"]
check.claim("order task, new sequences: accuracy, NumPy", accuracy(answers, y[19200:]), at_least=0.95)
check.claim("the same, PyTorch", accuracy(net(torch.tensor(X32[19200:])).detach().numpy(), y[19200:]), at_least=0.95)


# %% [markdown]
# The two programs coincide, and 16 units solve what no bag can, with an *a* and a *b* at most nine steps apart. What
# if they were fifty apart?
#
# ## 6 Vanishing and exploding
#
# In BPTT the blame passes one Jacobian per step: $\dfrac{\partial L}{\partial h_{t-1}} =
# \dfrac{\partial L}{\partial h_t}\,\mathrm{diag}(1-h_t^2)\,W_h^\top$. Over fifty steps, fifty factors. In one
# dimension and without tanh that is a power: *predict* $0.9^{50}$ and $1.1^{50}$.
#
# In many dimensions the size of $W_h$ is told by its spectral radius $r$. We take $W_h = rQ$ with $Q$ orthogonal, so
# that every direction is stretched by exactly $r$, send a gradient of length 1 into the *last* state, and measure
# how much of it reaches the input of each earlier step (with $W_x$ the identity this is $\lVert\delta_t\rVert$).
# Two cases: *quiet* inputs so near 0 ($10^{-14}$) that tanh stays as good as linear even after growing by $1.5^{50}
# \approx 6\cdot10^8$, and *loud* inputs of size 1. *Predict* the right panel: which radii explode there?

# %%
def gradient_norms(radius, size, rng, hidden=64, T=51):
    """The length of the gradient that reaches the input of each step, from a unit gradient in the last state."""
    P = dict(Wx=np.eye(hidden), Wh=radius * np.linalg.qr(rng.normal(size=(hidden, hidden)))[0], b=np.zeros(hidden))
    X, dH = size * rng.normal(size=(1, T, hidden)), np.zeros((1, T, hidden))
    dH[0, -1] = 1 / np.sqrt(hidden)
    return np.linalg.norm(rnn_backward(P, X, rnn_forward(P, X), dH)["X"][0], axis=1)[::-1]  # by distance 0..50

check.worked("0.9^50 and 1.1^50", [0.9**50, 1.1**50], "0.005154 117.39")
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2), sharey=True)
for ax, size, title in zip(axes, (1e-14, 1.0), ("Quiet inputs", "Loud inputs")):
    for radius, color, marker in zip((0.9, 1.0, 1.1, 1.5), style.ordered(4), "o^s+"):
        norms = gradient_norms(radius, size, np.random.default_rng(49))
        ax.semilogy(norms, color=color, marker=marker, markevery=10, label=f"r = {radius}")
        if size < 1 and radius in (0.9, 1.1):
            check.worked(f"quiet, r = {radius}: length after 50 steps", norms[50], "0.0052 117.4".split()[radius > 1])
    ax.set(title=title, xlabel="distance in steps", ylabel="gradient length" if size < 1 else "")
axes[1].legend(fontsize=8)
check.claim("loud, r = 1.5: share of the gradient left after 50 steps", norms[50] / norms[0], at_most=0.01)
plot.show(fig, "Gradient length against distance, log scale. Left, quiet inputs: straight lines, falling for r = 0.9, "
          "level for 1, rising for 1.1 and 1.5. Right, loud inputs: all four fall.")

# %% [markdown]
# On the left the powers, to the digit: radius 0.9 leaves half a percent after fifty steps, 1.1 multiplies a
# hundredfold. (A general $W_h$ follows its spectral radius only in the long run; single steps may stretch more.) On
# the right even 1.5 vanishes. tanh makes fading worse: each factor $1-h_t^2$ is at most 1 and far less
# wherever a unit is saturated. It can only take away. So gradients *explode* where $W_h$ outweighs the slopes, as with
# quiet units or at the strength of 2.0 in the opening figure, and elsewhere they *vanish*: **information fades over
# time**, and so does the possibility to learn from it. S. Hochreiter analysed this in 1991, Y. Bengio, P. Simard and
# P. Frasconi in 1994.
#
# A vanished gradient is not a zero gradient for the weights: the *sum* over copies is still healthy, but it is made of
# the last few steps. The network learns, and learns only short connections.
#
# **Play:** below you move the recurrent weight $w$, which plays the part of $r$. *Question:* set the activation to
# linear. For which $w$ is the gradient after fifty steps between a tenth and ten times what it was? Then choose tanh
# and turn up the drive, the size of the inputs: where does that range go? (Where nothing is live, the figure shows
# four cases.)

# %%
GradientFlow(T=50)


# %% [markdown]
# <details><summary>Answer</summary>
#
# Linear: from $0.1^{1/50} = 0.955$ to $10^{1/50} = 1.047$, a ridge less than a tenth wide. With tanh $w$ has to make up
# for the slopes that are lost: at a drive of 0.5 the ridge lies near 1.6, at 1.0 near 1.9. It moves with the
# inputs, so no fixed weight stays on it.
#
# </details>
#
# ## 7 Clipping
#
# One exploding gradient is enough: a single giant step throws the weights to where nothing can be learned. The
# remedy is blunt. The *direction* is still downhill, so keep that and cut the *length*: **clipping by norm**
# (R. Pascanu, T. Mikolov and Y. Bengio, 2013) rescales all gradients together,
#
# $$g \leftarrow g\cdot\min\Big(1, \frac{c}{\lVert g\rVert}\Big),$$
#
# where $\lVert g\rVert$ is the length of *all* parameters' gradients as one long vector. **Clipping by value** cuts
# each entry to $[-c, c]$ on its own, and so bends the direction. *Predict* both for $g = (3, 4)$ and $c = 1$.
#
# Does it save a run? The task of the second cell, **recall**: the network reads $T = 20$ random signs, $+1$ or $-1$,
# and at the end has to report the *first*. The loss is the squared error; always answering 0 gives 1. We use plain
# gradient descent with $\eta = 0.2$. $W_h$ starts orthogonal, so $r = 1$, and the inputs are quiet, so that gradients
# do travel. The function also offers other ways to start and to step, for section 8. It ends a run whose loss passes a
# million. *Predict:* does that happen without clipping? And with?

# %%
def clip(grads, most):
    """The gradients of a dict, rescaled together so that their common length is at most `most`."""
    norm = np.sqrt(sum(np.sum(g * g) for g in grads.values()))
    return {key: g * min(1, most / norm) for key, g in grads.items()}

g = dict(a=np.array([3.0]), b=np.array([4.0]))
by_norm, by_value = np.concatenate(list(clip(g, 1).values())), np.clip([3.0, 4.0], -1, 1)
check.worked("(3, 4), by norm; by value", [by_norm, by_value], "0.6 0.8 1.0 1.0")
p = torch.nn.Parameter(torch.zeros(2))
p.grad = torch.tensor([3.0, 4.0])
torch.nn.utils.clip_grad_norm_([p], 1.0)
check.same("PyTorch's clip_grad_norm_", by_norm, p.grad, 1e-6)  # it adds 1e-6 to the norm


# %%
def recall(T, rng, quiet=True, adaptive=False, most=1.0):
    """The losses of up to 300 steps of learning to report the first of T signs, with 24 hidden units."""
    P, losses = rnn_init(1, 24, 1, rng, np.float32), []
    if quiet:
        P |= dict(Wh=np.linalg.qr(P["Wh"])[0], Wx=P["Wx"] / 10)
    states = {key: {} for key in P}
    while len(losses) < 300 and (not losses or losses[-1] < 1e6):
        X = rng.choice(np.array([-1, 1], np.float32), size=(32, T, 1))
        H = rnn_forward(P, X)
        error = H[:, -1] @ P["Wy"] + P["by"] - X[:, 0]
        losses.append(np.mean(error * error))
        delta, dH = 2 * error / len(X), np.zeros_like(H)
        dH[:, -1] = delta @ P["Wy"].T
        grads = rnn_backward(P, X, H, dH) | dict(Wy=H[:, -1].T @ delta, by=delta.sum(axis=0))
        for key, g in clip({key: grads[key] for key in P}, most).items():
            if adaptive:
                adam(P[key], g, states[key], 0.005)
            else:
                P[key] -= np.float32(0.2) * g
    return np.array(losses)

free, clipped = (recall(20, np.random.default_rng(50), most=most) for most in (np.inf, 1.0))
check.claim("without clipping: steps until the loss passes a million", len(free), at_most=40)
check.claim("clipped at length 1: mean loss of the last 50 steps", clipped[-50:].mean(), at_most=0.1)

# %% [markdown]
# The norm keeps the direction, $(0.6, 0.8)$; by value $(1, 1)$ comes out, another direction. And clipping saves the
# run: without it one leap leads to steeper ground, the next leap is longer still, and soon the loss
# passes a million (the first check prints after how many steps); with it, from the same start, the task is learned.
#
# ## 8 What a plain network remembers
#
# Clipping is a remedy for explosion only; it cannot lengthen what has vanished. What else helps?
#
# - **The start.** An orthogonal $W_h$ (A. Saxe and others, 2014) or, with ReLU units, the identity (Q. Le and others,
#   2015) has $r = 1$, and small input weights keep tanh steep: blame travels far, at first.
# - **Better optimisers.** Adam or RMSProp divide by the usual size of a gradient, so that small ones count; they cannot
#   tell a small gradient from one that is lost in noise.
# - **Gates**, the subject of section 9: the state is handed on with a factor between 0 and 1 that the network itself
#   computes, as the sigmoid of a learned sum $a$. At $a = 2$ the factor is $\sigma(2) = 0.88$, and after fifty
#   passages little is left. A *steeper gate* computes $\sigma(4a)$, with four times the weights: it rises four times as
#   steeply around $a = 0$, and at the same $a = 2$ it is nearly fully open. The price is paid there: away from its middle
#   it is flat, so it hardly learns. The second cell has the numbers.
#
# We measure the first two on the recall task: Adam with clipping, from an ordinary start (random weights of variance
# $1/n_\text{in}$) and from the quiet orthogonal one, over growing distances. Each point is the mean of three runs of
# 300 steps; every batch is drawn anew. *Predict* where each start gives up.

# %%
fig, ax = plt.subplots()
distances, loss_at = (5, 10, 20, 40, 80), {}
for quiet, name, look in ((False, "ordinary start", "o-"), (True, "orthogonal, quiet start", "s--")):
    for T in distances:
        runs = [recall(T, np.random.default_rng(seed), quiet, adaptive=True)[-50:].mean() for seed in (51, 52, 53)]
        loss_at[name, T] = np.mean(runs)
    ax.plot(distances, [loss_at[name, T] for T in distances], look, label=name)
ax.axhline(1, color="#222222", linestyle=":", label="always answering 0")
ax.set(title="The start decides how far back it can learn", xlabel="length of the sequence", ylabel="loss", xscale="log")
ax.set_xticks(distances, distances)
ax.minorticks_off()
ax.legend()
plot.show(fig, "Loss of recalling the first sign against sequence length. From an ordinary start it is near 0 at five "
          "steps and at chance from forty on; from a quiet orthogonal start it is near 0 at least up to forty.")
check.claim("ordinary start, 5 steps: loss", loss_at["ordinary start", 5], at_most=0.01)
check.claim("ordinary start, 80 steps: loss", loss_at["ordinary start", 80], at_least=0.9)
check.claim("orthogonal, quiet start, 40 steps: loss", loss_at["orthogonal, quiet start", 40], at_most=0.02)

# %%
kept = sigmoid(np.array([2.0, 4 * 2.0])) ** 50
check.worked("kept after 50 passages: gate at a = 2; the same, four times steeper", kept, "0.0018 0.9834")
slopes = [steep * sigmoid(steep * 2.0) * (1 - sigmoid(steep * 2.0)) for steep in (1, 4)]
check.worked("slope in a, there", slopes, "0.105 0.0013")


# %% [markdown]
# From an ordinary start five steps are safe and forty out of reach; in between it depends on the draw of the weights. A
# well-chosen start carries memory several times as far, and then luck decides: some starts fail at 80 steps, and at 160
# none that we tried was done after 300 steps of training. And this was the easiest task of its kind: one bit, at a
# known place, with nothing else to keep. A good start is no guarantee, for nothing holds $W_h$ on the ridge while
# training moves it. A factor near 1 would hold it there: the steep gate kept nearly everything over fifty passages.
# Gates come next.
#
# **Checkpoint.** A recurrent network is one layer, used at every step, that reads its own last state. Unfolded it is a
# deep network with tied weights; its gradients are those of Lecture 2, summed over the copies. Its state is a
# **short-term memory**: it is rewritten *as a whole* at each step, through tanh and $W_h$, and so is the blame on
# its way back.
#
# <details><summary>Test yourself: a friend doubles all recurrent weights, to reach further back. Will it help?</summary>
#
# As a rule it trades one failure for the other. Look at strength 2.0 in the opening figure: differences no longer
# fade, they are magnified, and so are gradients on their way back. The state then depends on everything at once and
# can be read by nobody. With inputs large enough to saturate the units even the doubled weights may go on fading. No
# fixed number is right for all inputs.
#
# </details>
#
# What is missing is a **long-term memory**: a place that keeps its content unless told otherwise, with gates
# that decide what enters, what stays and what is shown. Add it to the recurrent network, and you have the LSTM.

# %% [markdown]
# ## 9 The LSTM, gate by gate
#
# The plain network rewrites its whole state at every step: $h_t = \tanh(\ldots)$. Whatever should survive a hundred
# steps must survive a hundred rewritings, and so must its gradient. The remedy is to keep the memory in a state
# of its own, the **cell** $c$, which is not rewritten but *added to*, and to let the network decide, at every step
# and for every unit, what to do with it. Such decisions are called **gates**: numbers between 0 and 1 that
# multiply something. Networks with gates are the LSTM and the GRU; the plain RNN has none.
#
# This is **long short-term memory**, the LSTM, with $N$ units and $M$ inputs:
#
# $$
# \begin{aligned}
# i_t &= \sigma(x_t W_i + h_{t-1} R_i + b_i) && \textbf{input gate: write? does the news enter the cell?}\\
# f_t &= \sigma(x_t W_f + h_{t-1} R_f + b_f) && \textbf{forget gate: reset? is the old content kept?}\\
# g_t &= \tanh(x_t W_g + h_{t-1} R_g + b_g) && \text{the news itself}\\
# o_t &= \sigma(x_t W_o + h_{t-1} R_o + b_o) && \textbf{output gate: read? is the content released?}\\
# c_t &= f_t \odot c_{t-1} + i_t \odot g_t && \text{long-term memory}\\
# h_t &= o_t \odot \tanh c_t && \text{what the others see}
# \end{aligned}
# $$
#
# $\odot$ multiplies entry by entry. Mind the naming: $f_t = 1$ means *keep*; the reset is at $f_t = 0$. So a cell with
# its three gates is a **memory block** with a write, a read and a reset switch, all of them soft and all of them
# learned; layers of such blocks are connected like other layers. As a diagram:
#
# ```
# c(t-1) ────▶ × ─────────▶ + ─────────────┬────▶ c(t)
#              ▲            ▲              ▼
#              │            × ◀──┐       tanh
#              │            ▲    │         ▼
#              │f           │i   │g        × ─────▶ h(t)
#              │            │    │         ▲
#              │            │    │         │o
#             [σ]          [σ] [tanh]     [σ]
#              ▲            ▲    ▲         ▲
# h(t-1) ─┬────┴────────────┴────┴─────────┘
# x(t) ───┘
# ```
#
# In it three things come in ($x_t$, $c_{t-1}$, $h_{t-1}$) and two go out ($c_t$, $h_t$). Boxes with σ or tanh are small
# layers with weights and biases; the tanh without a box has none. × and + work entry by entry, and the joint of two
# lines at the left puts two vectors one after the other.
#
# Names differ. Our $g_t$ is the *block input* $z_t$ of Greff et al. (2017), and the *candidate* $\tilde C_t$ of many
# tutorials. Papers write columns, $W_i x_t + R_i h_{t-1}$; our vectors stay rows. In code the four $W$ stand side by
# side in one matrix of `4 * hidden` columns, `Wx`, in PyTorch's order $i, f, g, o$, and the four $R$ in `Wh`. So
# `x @ Wx` has the $x W_i$, $x W_f$, $x W_g$ and $x W_o$ at once.
#
# *Predict:* one unit, all weights 1, biases 0, starts empty and reads $x = 1$ twice. Will $h$ exceed
# $c$? Can $c$ exceed 1?

# %%
def lstm_step(P, x, h, c):
    """One step: x (n, d), state h and cell c (n, hidden); returns the new h and c."""
    i, f, g, o = np.split(x @ P["Wx"] + h @ P["Wh"] + P["b"], 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


# %%
P, x = dict(Wx=np.ones((1, 4)), Wh=np.ones((1, 4)), b=np.zeros(4)), np.ones((1, 1))
h1, c1 = lstm_step(P, x, np.zeros((1, 1)), np.zeros((1, 1)))
h2, c2 = lstm_step(P, x, h1, c1)
check.worked("cell c after one and two steps", [c1, c2], "0.556770 1.144446")
check.worked("state h after one and two steps", [h1, h2], "0.369606 0.650535")

# %% [markdown]
# The cell passed 1 at the second step: it is a counter without a ceiling. $h$ is a squashed and gated view of it,
# always between −1 and 1 and nearer to 0 than $c$.
#
# Many texts write each gate as $\sigma(W\,[h_{t-1}, x_t] + b)$, with one matrix for the two vectors put one after
# the other (columns). In rows, that larger matrix is our $R$ on top of our $W$:
# $[h, x]\begin{pmatrix}R\\ W\end{pmatrix} = hR + xW$.
#
# Why does the gradient survive? Along the cell,
#
# $$\frac{\partial c_t}{\partial c_{t-1}} = f_t
# \quad\text{(the direct path; the gates depend on } c_{t-1}\text{ too, through } h_{t-1}).$$
#
# There is no matrix and no tanh on this path. With $f_t = 1$ the gradient goes through untouched, for as many steps as
# you like. But $f_t$ is a sigmoid and never quite 1: at 0.9, little is left after fifty steps. So gates **mitigate**
# the vanishing gradient. They do not eliminate it, although you may read so.
#
# *Predict* the table of the second cell: a unit whose weights we set by hand gets a value and three commands.

# %%
rng = np.random.default_rng(90)
P, x, h, c = {"Wx": rng.normal(size=(3, 20)), "Wh": rng.normal(size=(5, 20)), "b": rng.normal(size=20)}, *(
    rng.normal(size=(2, k)) for k in (3, 5, 5))  # fmt: skip
joined = {"Wx": np.vstack([P["Wh"], P["Wx"]]), "Wh": np.zeros((5, 20)), "b": P["b"]}
check.same("W [h, x] against W x + R h", lstm_step(joined, np.hstack([h, x]), h, c), lstm_step(P, x, h, c), 1e-14)
check.worked("f = 0.9, fifty steps: share of the gradient left", 0.9**50, "0.005154")

# %%
W = np.array([[0, 0, 1, 0], [20, 0, 0, 0], [0, -20, 0, 0], [0, 0, 0, 20]])   # rows: value, write, reset, read
P, h, c = dict(Wx=W, Wh=np.zeros((1, 4)), b=np.array([-10, 10, 0, -10])), np.zeros(1), np.zeros(1)
commands = dict(write=[0.8, 1, 0, 0], wait=[-0.5, 0, 0, 0], read=[0.3, 0, 0, 1], reset=[0.9, 0, 1, 0], again=[0.9, 0, 0, 1])
for command, x in commands.items():
    h, c = lstm_step(P, np.array(x), h, c)
    print(f"{command:6s} value {x[0]:4.1f}   cell {c[0]:.3f}   state {h[0]:.3f}")


# %% [markdown]
# The cell takes up $\tanh 0.8 = 0.664$, ignores the values that come without a command, shows its content when
# it is asked, and is empty after the reset. No gradient passes through a hard switch; because
# these are soft, gradient descent can find such settings by itself.
#
# **Who made it.** Hochreiter and Schmidhuber published the LSTM in 1997, with input and output gates; its cell could only
# add. The forget gate came from Gers, Schmidhuber and Cummins (2000), peepholes (section 11) from Gers
# and Schmidhuber (2000). Graves and Schmidhuber (2005) put these together and trained the
# whole by full back-propagation through time, which became the standard (PyTorch's LSTM leaves the peepholes out).
# Greff et al. (2017) compared the variants: none was clearly better, and the forget gate and the output's tanh
# mattered most. LSTMs went on to read handwriting, describe videos, recognise speech, translate text and forecast
# series, in large networks of several layers; the tasks are direct prediction, classification of a whole sequence,
# generation, and sequence to sequence.
#
# ## 10 Backwards, by hand
#
# Training is BPTT as before: unfold, go back, add up. Walk through the equations from below. At
# step $t$ two gradients arrive from the future, $dh$ and $dc$, and the loss adds its own share to $dh$. Then
#
# $$
# \begin{aligned}
# dc &\mathrel{+}= dh \odot o_t \odot (1 - \tanh^2 c_t) &
# do &= dh \odot \tanh c_t & di &= dc \odot g_t\\
# dg &= dc \odot i_t &
# df &= dc \odot c_{t-1} & dc &\leftarrow dc \odot f_t
# \end{aligned}
# $$
#
# The slopes $s(1-s)$ of the three sigmoids and $1 - g^2$ of the tanh turn these into `dZ`, the error at the four
# pre-activations. Finally $dh \leftarrow dZ\,W_h^\top$ with $W_h = [R_i\;R_f\;R_g\;R_o]$, and on to step $t-1$. The
# last entry of the table is the additive path: one multiplication by $f_t$.
#
# **Make it fast.** Only what needs the previous step stays in a loop. Forward, $x_t W_x$ for *all* $t$
# is one large matrix product before the loop. Backward, every local slope is known beforehand, for all $t$
# at once, and each weight gradient is a sum over $t$: one product after the loop. One product per step
# remains. Inside, time comes first, so that `Z[t]` is one block of memory. One more trick:
# $\sigma(z) = \frac12(1 + \tanh\frac z2)$, so one call of tanh serves all four gates.

# %%
def by_gate(Z, gates=4):
    """Views of Z (T, n, gates * hidden), one (T, n, hidden) for each gate."""
    return Z.reshape(*Z.shape[:2], gates, -1).transpose(2, 0, 1, 3)

def lstm_forward(P, X):
    """States H (n, T, hidden) for sequences X (n, T, d), and a cache for the way back."""
    (n, T, d), hidden = X.shape, len(P["Wh"])
    x = X.transpose(1, 0, 2).reshape(T * n, d)                            # time first, rows below each other
    Z = (x @ P["Wx"] + P["b"]).reshape(T, n, 4 * hidden)                  # all steps in one product
    i, f, g, o = by_gate(Z)                                               # views: filled in as Z is
    h, c, tanh_c = (np.zeros((T + k, n, hidden), X.dtype) for k in (1, 1, 0))  # h and c: step 0 as well
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], X.dtype), hidden)       # sigmoid for i, f, o; tanh for g
    for t in range(T):
        Z[t] += h[t] @ P["Wh"]
        Z[t] = 1 - half + half * np.tanh(half * Z[t])
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        tanh_c[t] = np.tanh(c[t + 1])
        h[t + 1] = o[t] * tanh_c[t]
    return h[1:].transpose(1, 0, 2), (x, h, c, tanh_c, Z)


# %%
def lstm_backward(P, cache, dH):
    """Gradients in Wx, Wh, b and X; dH (n, T, hidden) is the loss's own slope in every state."""
    (x, h, c, tanh_c, Z), (T, n, hidden) = cache, cache[3].shape
    i, f, g, o = by_gate(Z)
    dZ = Z * (1 - Z)                                                      # slopes of i, f, o, all steps at once
    si, sf, sg, so = by_gate(dZ)
    sg[:] = 1 - g * g
    for slope, factor in ((si, g), (sf, c[:-1]), (sg, i), (so, tanh_c)):
        slope *= factor
    ifg, release = dZ.reshape(T, n, 4, hidden)[:, :, :3], o * (1 - tanh_c * tanh_c)
    dh = dc = np.zeros((n, hidden), Z.dtype)
    for t in reversed(range(T)):
        dh = dh + dH[:, t]
        dc = dc + dh * release[t]
        ifg[t] *= dc[:, None]                                             # (n, 3, hidden): the cell blames i, f, g,
        so[t] *= dh                                                       # o by the state
        dc = dc * f[t]
        dh = dZ[t] @ P["Wh"].T
    dZ = dZ.reshape(T * n, -1)
    dX = (dZ @ P["Wx"].T).reshape(T, n, -1).transpose(1, 0, 2)
    return {"Wx": x.T @ dZ, "Wh": h[:-1].reshape(T * n, -1).T @ dZ, "b": dZ.sum(axis=0), "X": dX}


# %% [markdown]
# Now the proof, in three parts: finite differences for a loss that weighs all states at random; PyTorch's outputs and
# gradients; and sixty steps of training side by side. `torch.nn.LSTM` keeps both matrices transposed and has *two* bias
# vectors that are added. One is enough: the second stays at zero and is not trained. (If both learn, their
# sum gets the same gradient twice, and moves twice as far in each step.)

# %%
def load(module, P):
    """Our weights in a torch.nn.LSTM or GRU: transposed; of the second bias only a GRU's bn is in use."""
    second = 0 * P["b"]
    if "bn" in P:
        second[-len(P["bn"]) :] = P["bn"]
    with torch.no_grad():
        for p, W in zip(module.parameters(), (P["Wx"].T, P["Wh"].T, P["b"], second)):
            p.copy_(bridge.tensors(W))
    module.bias_hh_l0.requires_grad_("bn" in P)
    return module

def prove(name, forward, backward, P, X, C, module=None):
    """All gradients of the loss sum(C * H) against finite differences, and against a PyTorch module."""
    H, cache = forward(P, X)
    grads, loss = backward(P, cache, C), lambda: np.sum(C * forward(P, X)[0])
    worst = max(check.relative_error(check.numerical_gradient(loss, v), grads[k]) for k, v in (P | {"X": X}).items())
    check.same(f"{name}: worst relative error of {', '.join(P)}, X", worst, 0.0, 1e-6)
    if module:
        X_t, C_t = bridge.tensors(X, C, grad=True)
        (load(module, P)(X_t)[0] * C_t).sum().backward()
        check.same(f"{name}: states, PyTorch's", H, C_t.grad, 1e-12)      # the slope in C is H
        theirs = dict(zip(("Wx", "Wh", "b", "bn"), (p.grad for p in module.parameters())), X=X_t.grad.transpose(0, 2))
        for key in grads:                                                 # of bn, PyTorch has two more blocks in front
            check.same(f"{name}: gradient in {key}, PyTorch's", grads[key].T, theirs[key][-len(grads[key].T) :], 1e-12)


# %%
draw = lambda rng, **shapes: {key: rng.normal(size=shape) for key, shape in shapes.items()}
rng, net = np.random.default_rng(10), torch.nn.LSTM(3, 5, batch_first=True, dtype=torch.float64)
P = draw(rng, Wx=(3, 20), Wh=(5, 20), b=20)
prove("LSTM", lstm_forward, lstm_backward, P, rng.normal(size=(4, 6, 3)), rng.normal(size=(4, 6, 5)), net)
optimiser, losses = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1), []
for _ in range(60):
    X, Y = rng.normal(size=(8, 6, 3)), rng.normal(size=(8, 6, 5))
    H, cache = lstm_forward(P, X)
    grads = lstm_backward(P, cache, 2 * (H - Y) / len(X))
    for key in P:
        P[key] -= 0.1 * grads[key]
    X, target = bridge.tensors(X, Y)
    loss = ((net(X)[0] - target) ** 2).sum() / len(X)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append((np.sum((H - Y) ** 2) / len(X), loss.item()))
check.same("60 losses", *np.transpose(losses), 1e-10)
for key, p in zip(P, net.parameters()):
    check.same(f"{key} after 60 steps", P[key].T, p, 1e-10)


# %% [markdown]
# Three independent witnesses, one verdict. Our LSTM, forwards and backwards, is PyTorch's to the last digits.
#
# ## 11 Two relatives: peepholes and the GRU
#
# In the LSTM the gates see $h_{t-1}$, not the cell. While the output gate is shut, $h$ is 0 and the gates are
# blind to what they guard. **Peepholes** (Gers and Schmidhuber, 2000) let them look: three vectors $p_i, p_f, p_o$,
# so $3N$ more parameters,
#
# $$i_t = \sigma(\ldots + p_i\odot c_{t-1}),\qquad f_t = \sigma(\ldots + p_f\odot c_{t-1}),\qquad
# o_t = \sigma(\ldots + p_o\odot c_t).$$
#
# The output gate comes last and sees the *new* cell. Peepholes help where precise timing matters, such as "every fifty
# steps". On the way back each adds one path to $dc$. With $di, df, do$ taken at the pre-activations, slopes included:
# $p_o\odot do$ joins $dc$ at $c_t$, before $di$, $df$, $dg$ are read off; $p_i\odot di + p_f\odot df$ joins it on the
# way to $c_{t-1}$. *Predict:* one unit as in section 9, now with peepholes of 1. Is $h$ larger or smaller than before?

# %%
def peephole_forward(P, X):
    """As lstm_forward, with P["p"] (3, hidden): the peepholes of i, f and o."""
    (n, T, _), hidden, (p_i, p_f, p_o) = X.shape, len(P["Wh"]), P["p"]
    Z = X.transpose(1, 0, 2) @ P["Wx"] + P["b"]
    (i, f, g, o), h, c = by_gate(Z), np.zeros((T + 1, n, hidden)), np.zeros((T + 1, n, hidden))
    for t in range(T):
        Z[t] += h[t] @ P["Wh"]
        i[t], f[t], g[t] = sigmoid(i[t] + p_i * c[t]), sigmoid(f[t] + p_f * c[t]), np.tanh(g[t])
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        o[t] = sigmoid(o[t] + p_o * c[t + 1])
        h[t + 1] = o[t] * np.tanh(c[t + 1])
    return h[1:].transpose(1, 0, 2), (X, h, c, Z)

def peephole_backward(P, cache, dH):
    (X, h, c, Z), (p_i, p_f, p_o), dh, dc = cache, P["p"], 0, 0
    (i, f, g, o), dZ, sum_t = by_gate(Z), np.empty_like(Z), lambda A, B: np.einsum("tni,tnj->ij", A, B)
    di, df, dg, do = by_gate(dZ)
    for t in reversed(range(len(Z))):
        dh, tanh_c = dh + dH[:, t], np.tanh(c[t + 1])
        do[t] = dh * tanh_c * o[t] * (1 - o[t])
        dc = dc + dh * o[t] * (1 - tanh_c**2) + p_o * do[t]
        di[t], df[t], dg[t] = dc * g[t] * i[t] * (1 - i[t]), dc * c[t] * f[t] * (1 - f[t]), dc * i[t] * (1 - g[t] ** 2)
        dh, dc = dZ[t] @ P["Wh"].T, dc * f[t] + p_i * di[t] + p_f * df[t]
    dp = np.stack([(dz * seen).sum((0, 1)) for dz, seen in ((di, c[:-1]), (df, c[:-1]), (do, c[1:]))])
    return dict(Wx=sum_t(X.transpose(1, 0, 2), dZ), Wh=sum_t(h[:-1], dZ), b=dZ.sum((0, 1)), p=dp, X=(dZ @ P["Wx"].T).transpose(1, 0, 2))


# %%
rng, ones = np.random.default_rng(11), {"Wx": np.ones((1, 4)), "Wh": np.ones((1, 4)), "b": np.zeros(4)}
check.worked("h, all peepholes 1", peephole_forward(ones | {"p": np.ones((3, 1))}, np.ones((1, 2, 1)))[0], "0.417551 0.799269")
check.worked("h, all peepholes 0", peephole_forward(ones | {"p": np.zeros((3, 1))}, np.ones((1, 2, 1)))[0], "0.369606 0.650535")
P = draw(rng, Wx=(3, 20), Wh=(5, 20), b=20, p=(3, 5))
prove("peepholes", peephole_forward, peephole_backward, P, rng.normal(size=(4, 6, 3)), rng.normal(size=(4, 6, 5)))


# %% [markdown]
# Larger: a positive cell opens all three gates further, the output gate already at the first step. The gradients are
# right too.
#
# The **gated recurrent unit**, GRU (Cho et al., 2014), goes the other way: fewer parts. With input $x$, state and
# output $h$, weights $W, U$ and biases $b$,
#
# $$
# \begin{aligned}
# z_t &= \sigma(x_t W_z + h_{t-1} U_z + b_z) && \text{update gate}\\
# r_t &= \sigma(x_t W_r + h_{t-1} U_r + b_r) && \text{reset gate}\\
# m_t &= \tanh(x_t W_m + (r_t\odot h_{t-1})\,U_m + b_m) && \text{candidate}\\
# h_t &= (1 - z_t)\odot h_{t-1} + z_t\odot m_t,\quad h_0 = 0
# \end{aligned}
# $$
#
# (The candidate is often written $\hat h_t$; this $z$ is a gate, not the pre-activation of section 5.)
#
# Beside the LSTM: two gates instead of three (both with the same σ as the LSTM's); no separate cell; no output gate, so
# all of $h$ is visible; and no second squashing on the way out. The last point is about the output alone: the candidate
# does have a tanh, and since $h_t$ lies between $h_{t-1}$ and $m_t$, it stays inside $(-1, 1)$. Keeping and writing are
# coupled: what is not kept is overwritten. The path from $h_{t-1}$ to $h_t$ with factor $1 - z_t$ is the GRU's additive
# path, and it too mitigates the vanishing gradient. In many comparisons it is on a par with the LSTM (Chung et al.,
# 2014).
#
# **Two conventions.** Read $z$ with care: in the formula above it is the share that is *replaced*, and $1 - z$ is how
# much of the past is carried on; $z = 1$ erases the old state. ($r$ is about the candidate alone: with $r = 0$ it is
# made as if there were no past.) Cho's paper and PyTorch have it the other way round,
# $h_t = (1 - z_t)\odot m_t + z_t\odot h_{t-1}$. And PyTorch resets *after* the product, $r_t\odot(h_{t-1}U_m + b'_m)$,
# which is faster, because one matrix product serves all three parts, and has a bias of its own inside. *Predict:* which of
# the two differences can be undone by changing the weights?

# %%
def gru_step(P, x, h, before=True, keep=False):
    """before: reset h before the product with U, not after; keep: z is the share kept, not replaced."""
    (r, z, m), U = np.split(x @ P["Wx"] + P["b"], 3, axis=-1), np.split(P["Wh"], 3, axis=1)
    r, z = sigmoid(r + h @ U[0]), sigmoid(z + h @ U[1])
    m = np.tanh(m + ((r * h) @ U[2] if before else r * (h @ U[2] + P["bn"])))
    return z * h + (1 - z) * m if keep else (1 - z) * h + z * m

one = np.ones((1, 1))
ones = {"Wx": np.ones((1, 3)), "Wh": np.ones((1, 3)), "b": np.zeros(3)}
for keep, printed in ((False, "0.556770 0.838274"), (True, "0.204824 0.346753")):
    h1 = gru_step(ones, one, 0 * one, keep=keep)
    check.worked(f"h after one and two steps, keep={keep}", [h1, gru_step(ones, one, h1, keep=keep)], printed)
for b_z in (-99, 99):                                                     # z = 0 and z = 1
    h1, h2 = (gru_step(ones | {"Wh": 0 * ones["Wh"], "b": np.array([0, b_z, 0])}, one, h) for h in (-0.9 * one, 0.9 * one))
    print(f"z = {b_z > 0:d}: from h = -0.9 to {h1.item():.3f}, from h = 0.9 to {h2.item():.3f}")

# %%
rng, flip, gap = np.random.default_rng(12), np.repeat([1, -1, 1], 5), lambda A, B: np.abs(A - B).max()
P, x, h = draw(rng, Wx=(3, 15), Wh=(5, 15), b=15, bn=5), rng.normal(size=(40, 3)), rng.uniform(-1, 1, size=(40, 5))
book, after = gru_step(P, x, h), gru_step(P | {"bn": 0 * P["bn"]}, x, h, before=False)
check.same("z's weights negated", gru_step({k: W if k == "bn" else W * flip for k, W in P.items()}, x, h, keep=True), book, 1e-14)
check.claim("same weights, other gate: largest difference", gap(gru_step(P, x, h, keep=True), book), at_least=1.3)
check.claim("reset after, not before: largest difference", gap(after, book), at_least=0.3)


# %% [markdown]
# (With $z = 1$ the old state is gone: from −0.9 and from 0.9 comes the same 0.762.) The first:
# $1 - \sigma(a) = \sigma(-a)$, so negating every parameter of $z$ turns one convention into the other, exactly. The
# second cannot: $(r\odot h)U_m$ and $r\odot(hU_m)$ are different functions unless $U_m$ is diagonal. To bring weights
# from a textbook GRU into PyTorch, negate the $z$ block, and train again.
#
# For the code we take PyTorch's form, with the blocks in its order $r, z, m$ (it calls the candidate $n$). With
# $v = h_{t-1}U_m + b'_m$, which the reset gate multiplies, a step is
#
# $$m = \tanh(x_tW_m + b_m + r\odot v),\qquad h_t = (1-z)\odot m + z\odot h_{t-1} .$$
#
# Backwards, $dh$ is all that arrives at $h_t$. Let $dm, dr, dz$ be the errors at the three *pre-activations*, slopes
# included:
#
# $$
# \begin{aligned}
# dm &= dh\odot(1 - z)\odot(1 - m^2) & dr &= dm\odot v\odot r\odot(1-r) & dz &= dh\odot(h_{t-1} - m)\odot z\odot(1-z)\\
# dZ &= [\,dr,\ dz,\ dm\,] & dS &= [\,dr,\ dz,\ dm\odot r\,] & dh &\leftarrow dh\odot z + dS\,W_h^\top
# \end{aligned}
# $$
#
# $dZ$ is the error of the input's share $x_tW_x + b$, $dS$ that of the state's share $S = h_{t-1}W_h$ with
# $W_h = [U_r\;U_z\;U_m]$. They differ in the last block alone, for there $r$ stands in between. The new $dh$ is what
# reaches $h_{t-1}$: by the additive path, and through gates and candidate. Summed over $t$: $dW_x = x_t^\top dZ$,
# $db = dZ$, $dW_h = h_{t-1}^\top dS$, and $db'_m$ is the last block of $dS$.

# %%
def gru_forward(P, X):
    """States H (n, T, hidden), PyTorch's convention; P: Wx (d, 3H), Wh (H, 3H), b (3H,), bn (H,)."""
    (n, T, d), k = X.shape, len(P["Wh"])
    x = X.transpose(1, 0, 2).reshape(T * n, d)
    Z = (x @ P["Wx"] + P["b"]).reshape(T, n, 3 * k)
    (r, z, m), v = by_gate(Z, 3), np.empty((T, n, k), X.dtype)
    h = np.zeros((T + 1, n, k), X.dtype)
    for t in range(T):
        S = h[t] @ P["Wh"]
        Z[t, :, : 2 * k] = sigmoid(Z[t, :, : 2 * k] + S[:, : 2 * k])      # r and z
        v[t] = S[:, 2 * k :] + P["bn"]                                    # bn is b'_m
        m[t] = np.tanh(m[t] + r[t] * v[t])
        h[t + 1] = (1 - z[t]) * m[t] + z[t] * h[t]
    return h[1:].transpose(1, 0, 2), (x, h, Z, v)


# %%
def gru_backward(P, cache, dH):
    """Gradients in Wx, Wh, b, bn and X; dH (n, T, hidden)."""
    (x, h, Z, v), (T, n, k), dh = cache, cache[3].shape, 0
    (r, z, m), dZ = by_gate(Z, 3), np.empty_like(Z)
    dS = np.empty_like(Z)
    for t in reversed(range(T)):
        dh = dh + dH[:, t]
        dm = dh * (1 - z[t]) * (1 - m[t] ** 2)
        dr = dm * v[t] * r[t] * (1 - r[t])
        dz = dh * (h[t] - m[t]) * z[t] * (1 - z[t])
        dZ[t], dS[t] = np.hstack([dr, dz, dm]), np.hstack([dr, dz, dm * r[t]])
        dh = dh * z[t] + dS[t] @ P["Wh"].T
    dZ, dS = dZ.reshape(T * n, -1), dS.reshape(T * n, -1)
    return {"Wx": x.T @ dZ, "Wh": h[:-1].reshape(T * n, -1).T @ dS, "b": dZ.sum(axis=0),
            "bn": dS[:, 2 * k :].sum(axis=0), "X": (dZ @ P["Wx"].T).reshape(T, n, -1).transpose(1, 0, 2)}  # fmt: skip

prove("GRU", gru_forward, gru_backward, P, rng.normal(size=(4, 6, 3)), rng.normal(size=(4, 6, 5)),
      torch.nn.GRU(3, 5, batch_first=True, dtype=torch.float64))  # fmt: skip

# %% [markdown]
# ## 12 Counting parameters
#
# Each gate, and the news as well, has a matrix for the input ($N\times M$), one for the state ($N\times N$) and a bias
# ($N$). So an LSTM has $4(NM + N^2 + N)$ parameters, four times a plain RNN; peepholes add $3N$; a GRU has
# $3(NM + N^2 + N)$. Take $N = 4$, $M = 3$, and then $N = 20$, $M = 10$. *Predict* what PyTorch will say.

# %%
sizes, learned = ((4, 3), (20, 10)), lambda module: sum(p.numel() for p in module.parameters())
for name, k, ours, theirs in (("LSTM", 4, "128 2480", "144 2560"), ("GRU", 3, "96 1860", "108 1920")):
    check.worked(f"{name}, N = 4, M = 3 and N = 20, M = 10", [k * (N * M + N * N + N) for N, M in sizes], ours)
    check.worked(f"the same in PyTorch, {name}", [learned(getattr(torch.nn, name)(M, N)) for N, M in sizes], theirs)


# %% [markdown]
# PyTorch keeps a second bias for every block, so it has $4N$ or $3N$ numbers more: 16 and 80, 12 and 60. In the LSTM
# they add nothing new, because only the sum of the two acts. In the GRU one block of them does: our `bn`, inside the
# reset.
#
# ## 13 Does it remember?
#
# The **adding problem** (Hochreiter and Schmidhuber, 1997; here in a plainer form) needs little but memory: keep two
# numbers and add them. Each step brings a random number in [0, 1] and a mark, 0 or 1. Two of the hundred steps are
# marked, one in each half; after the last step the network must say the sum of the two marked numbers. All other
# numbers are noise.
#
# First the plain baseline: always answer 1, the mean. The squared error is then the variance of the sum of two
# uniform numbers, $\frac{2}{12} = 0.167$. Whoever is not clearly below has remembered nothing.
#
# `learn` is the loop of Lecture 2 with our own two functions inside: read a batch, answer from the last state, send the
# error back, clip (section 7), take a step of Adam, whose size falls to 0 along a straight line. Every batch is fresh,
# so there is nothing to overfit.

# %%
def adding(n, rng, T=100):
    """X (n, T, 2): at each step a random number and a mark; Y (n, 1): the sum of the two marked numbers."""
    X, rows = np.zeros((n, T, 2), np.float32), np.arange(n)
    X[:, :, 0] = rng.random((n, T), np.float32)
    X[rows, rng.integers(0, T // 2, n), 1] = X[rows, rng.integers(T // 2, T, n), 1] = 1
    return X, X.prod(axis=2).sum(axis=1, keepdims=True)


# %%
def start(d, hidden, k, gates, rng):
    """Float32 weights between -1/sqrt(hidden) and 1/sqrt(hidden), as PyTorch draws them."""
    shapes = dict(Wx=(d, gates * hidden), Wh=(hidden, gates * hidden), b=gates * hidden, Wy=(hidden, k), by=k)
    return {key: (rng.uniform(-1, 1, size=shape) / np.sqrt(hidden)).astype(np.float32) for key, shape in shapes.items()}

def rnn_states(P, X):
    H = rnn_forward(P, X)
    return H, (X, H)

rnn_pair = rnn_states, lambda P, cache, dH: rnn_backward(P, *cache, dH)   # forward and backward, like the LSTM's

def squared(Z, Y):
    return np.mean((Z - Y) ** 2), 2 * (Z - Y) / len(Y)

def learn(forward, backward, P, task, rng, steps, eta, loss_and_delta=squared):
    """Train P in place to answer from the last state, on fresh batches of 20; returns the losses."""
    states, losses = {key: {} for key in P}, []
    for t in tqdm(range(steps), mininterval=2, disable=steps < 1000):
        X, Y = task(20, rng)
        H, cache = forward(P, X)
        loss, delta = loss_and_delta(H[:, -1] @ P["Wy"] + P["by"], Y)
        dH = np.zeros_like(H)
        dH[:, -1] = delta @ P["Wy"].T
        grads = backward(P, cache, dH) | {"Wy": H[:, -1].T @ delta, "by": delta.sum(axis=0)}
        grads = clip({key: grads[key] for key in P}, 1.0)
        for key in P:
            adam(P[key], grads[key], states[key], eta * (1 - t / steps))
        losses.append(loss)
    return np.array(losses)


# %% [markdown]
# Two networks with 48 units each, the same number of steps, batches and step sizes. The LSTM starts with positive
# forget biases (Gers et al., 2000), here 1, so that $f\approx\sigma(1) = 0.73$: a unit that has learned nothing should
# rather remember. The step size 0.02 and the length of the runs were chosen with other seeds. The plain RNN fared no
# better with 0.001 or 0.005, nor with 100 units, which give it as many weights as the LSTM has, nor from the quiet
# orthogonal start of section 8, which failed from each of three draws (the others: one or two runs each).
#
# *Predict* the two errors. And: how far back does the answer's gradient reach, in each network, before
# training and after it?

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(13)
nets = {"RNN": (*rnn_pair, start(2, 48, 1, 1, rng)), "LSTM": (lstm_forward, lstm_backward, start(2, 48, 1, 4, rng))}
nets["LSTM"][2]["b"][48:96] = 1                                           # the forget gates
untrained = {name: {key: p.copy() for key, p in net[2].items()} for name, net in nets.items()}
losses = {name: learn(*net, adding, rng, 2400, 0.02) for name, net in nets.items()}
fig, ax = plt.subplots()
for (name, loss), look in zip(losses.items(), ("--", "-")):
    ax.semilogy(np.arange(25, 2400, 50), loss.reshape(-1, 50).mean(axis=1), look, label=name)
ax.axhline(1 / 6, color="#222222", linestyle=":", label="always answering 1")
ax.set(title="The LSTM waits long, then learns", xlabel="step", ylabel="squared error, mean of 50 steps")
ax.legend()
plot.show(fig, "Squared error on a log scale: the plain network stays at the level of the constant answer; the LSTM too, "
          "for a good part of the run, then falls far below.")

# %%
X, Y = adding(1000, rng)
check.claim("always answering 1: squared error", np.mean((Y - 1) ** 2), at_least=0.145)
looks = {"RNN": ("#777777", {"at_least": 0.145}, {"at_most": 1e-5}), "LSTM": ("#222222", {"at_most": 0.004}, {"at_least": 0.18})}
fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 3.2))
for name, (color, error, far) in looks.items():
    forward, backward, after = nets[name]
    for P, line, when in ((untrained[name], ":", "at the start"), (after, "-", "trained")):
        H, cache = forward(P, X)
        dH = np.zeros_like(H)
        dH[:, -1] = P["Wy"][:, 0]                                         # slope of the answer in the last state
        reach = np.linalg.norm(backward(P, cache, dH)["X"], axis=2).mean(axis=0)[::-1]
        left.plot(reach, line, color=color, label=f"{name}, {when}")
    check.claim(f"{name}: squared error on new sequences", np.mean((H[:, -1] @ P["Wy"] + P["by"] - Y) ** 2), **error)
    check.claim(f"{name}, trained: gradient 90 steps back, over the last step's", reach[90] / reach[0], **far)
(i, f, _, _), c, marks = by_gate(cache[4]), cache[2], np.flatnonzero(X[0, :, 1])
u = np.argmax([abs(np.corrcoef(cells, Y[:, 0])[0, 1]) for cells in c[-1].T])
for gate, look, name in ((f, style.NEGATIVE, "forget gate"), (i, style.POSITIVE, "input gate"), (c[1:], "#999999", "cell")):
    right.plot(gate[:, 0, u], "--" if gate is f else "-", color=look, label=name)
right.plot(marks, [0, 0], "^", color=style.THIRD, label="mark")
left.set(title="A trained LSTM reaches back", xlabel="steps back", ylabel="gradient length", yscale="log", ylim=(1e-12, 1e5))
right.set(title="One unit writes at the marks", xlabel="step", ylabel="gate or cell")
_ = left.legend(fontsize=7, loc="upper right"), right.legend(fontsize=7)
plot.show(fig, "Left, the answer's slope in the input against its distance back, on a log scale: the plain RNN's falls "
          "steeply before and after training; the LSTM's falls slowly before and stays nearly flat after. Right, one unit "
          "on one sequence: the forget gate near 1, the input gate low but for the two marks, where the cell jumps; in between it drifts.")


# %% [markdown]
# The plain network has learned nothing in 2400 steps: it is no better than the answer 1, for it gives nearly the same
# answer to every sequence. The LSTM's error is at least thirty times smaller. It sits on the same plateau for a third
# to four fifths of the run (first figure), until its forget gates have opened far enough for some gradient to come
# through. The left picture below it is why. At the start *both* gradients fade, the LSTM's more slowly. Training has in
# most runs even shortened the plain network's reach. In the trained LSTM a number ninety steps back still has a good
# part of the weight of the last one: the gates learned to keep, and so opened the way for their own gradient. Gates do
# not carry the gradient by their mere presence; they let it be learned.
#
# The right picture shows the unit whose last cell follows the answer most closely, on one sequence. Its forget gate
# stays near 1, its input gate low but for the two marks, where the cell jumps, up or down, by an amount that depends on
# the number. In between it drifts at a steady pace (no sigmoid is quite 0 or 1), over the whole sequence by as much as
# a mark writes, or more. The drift is nearly the same for every sequence of a hundred steps, so the readout takes it
# off. That is a habit of this length, not part of the task: on sequences of 60 or 120 steps the errors grow many times
# over.
#
# ## 14 Which came first?
#
# A second kind of memory: not amounts but **order**. In the temporal-order problem (again by Hochreiter and
# Schmidhuber) the symbols a, b, c, d are noise; one X or Y comes in the first half of the sequence, another in the
# third quarter. After fifty steps, say which of XX, XY, YX, YY it was. Chance is one in four. This time our GRU, 32
# units, and `loss_and_delta` of Lecture 2 as the loss; the rest of `learn` stays. *Predict* both accuracies.

# %%
def which_first(n, rng, T=50):
    """X (n, T, 6): one-hot a, b, c, d, X, Y; labels (n,): 0 to 3 for XX, XY, YX, YY."""
    symbols, rows, (first, second) = rng.integers(0, 4, (n, T)), np.arange(n), rng.integers(0, 2, (2, n))
    symbols[rows, rng.integers(0, T // 2, n)] = 4 + first
    symbols[rows, rng.integers(T // 2, 3 * T // 4, n)] = 4 + second
    return np.eye(6, dtype=np.float32)[symbols], 2 * first + second


# %%
rng = np.random.default_rng(14)
rnn, gru = start(6, 32, 4, 1, rng), start(6, 32, 4, 3, rng) | {"bn": np.zeros(32, np.float32)}
for name, bound, *net in (("RNN", {"at_most": 0.3}, *rnn_pair, rnn), ("GRU", {"at_least": 0.995}, gru_forward, gru_backward, gru)):
    learn(*net, which_first, rng, 700, 0.02, loss_and_delta)
    (X, y), P = which_first(1000, rng), net[2]
    check.claim(f"temporal order, {name}: accuracy", accuracy(net[0](P, X)[0][:, -1] @ P["Wy"] + P["by"], y), **bound)

# %% [markdown]
# The same gap, in another currency. With marks close to the end a plain RNN can solve this task too; it is the *distance* that
# defeats it. So: gates, whenever something must be remembered for more than some ten steps, unless a careful start
# (section 8) happens to do.
#
# And the price? One forward and backward pass of the LSTM for 32 sequences of 50 steps, 64 inputs and 128 units, in
# float32. PyTorch runs the whole loop in compiled code; ours is Python with one matrix product per step, and still of
# the same order. On a GPU such small steps leave most of the chip idle: it pays with larger batches and states.

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(15)
P, X, dH = start(64, 128, 1, 4, rng), *(rng.normal(size=(32, 50, k)).astype(np.float32) for k in (64, 128))
print(f"NumPy, CPU    {1000 * bridge.seconds(lambda: lstm_backward(P, lstm_forward(P, X)[1], dH), 9):6.1f} ms")
for device in dict.fromkeys(["cpu", bridge.device().type]):
    net, (X_t, dH_t) = load(torch.nn.LSTM(64, 128, batch_first=True), P).to(device), bridge.tensors(X, dH, device=device, grad=True)
    print(f"PyTorch, {device.upper():4s} {1000 * bridge.seconds(lambda: (net(X_t)[0] * dH_t).sum().backward(), 9):6.1f} ms")

# %% [markdown]
# ## 15 A network that invents names
#
# Enough of made-up tasks. Here are about nineteen thousand real surnames from some fifty languages and countries,
# written with the letters a to z. A **character model** reads a name letter by letter and says at each place how
# probable every next letter is. One more symbol, the dot, stands for both the start and the end.
#
# We judge the model on names that it never saw, by its **bits per letter**, the mean of
#
# $$-\log_2 p(\text{the letter that really came}\mid\text{the letters before it}).$$
#
# Guessing evenly among the 27 symbols costs $\log_2 27 = 4.75$ bits. A model that is always sure and always right
# costs 0.
#
# First a trap. The list holds *Dvorak* and *Dvorakova*, husband and wife. With one in training and the other in
# the test we would measure quotation. So families stay together: a name that begins with another name of at least
# four letters goes where that name goes.
#
# **The opponent first.** An $N$-gram model looks at the last $N-1$ letters, the context $v$, and counts which
# letter $\ell$ followed them in training. Long contexts know more and are rarer. So each order leans on the next
# lower one, whose context $v'$ is one letter shorter, and the lowest on even guessing, $p_0 = \frac{1}{27}$:
#
# $$p_N(\ell\mid v) = \frac{\#(v\ell) + a\,u(v)\;p_{N-1}(\ell\mid v')}{\#(v) + a\,u(v)}$$
#
# where # counts occurrences and $u(v)$ is the number of different letters that followed $v$. With $a = 1$ this is
# the rule of Witten and Bell (1991); we choose $a$ for each order on the validation names. A context that was never
# seen passes the question down unchanged.
# (Kneser-Ney smoothing, the usual champion for words, did worse than this in our trials on these names.)

# %%
rng, family, root = np.random.default_rng(150), defaultdict(list), "."
for name in data.surnames():                         # in alphabetical order, so relatives are neighbours
    root = root if len(root) >= 4 and name.startswith(root) else name
    family[root].append(name)
parts = rng.choice(3, size=len(family), p=(0.82, 0.08, 0.10))
training, validation, test = [[w for p, ws in zip(parts, family.values()) if p == k for w in ws] for k in range(3)]


# %%
def count(names, order=7):
    """counts[k][context of k letters][next letter], for k = 0 .. order - 1."""
    counts = [defaultdict(Counter) for _ in range(order)]
    for name in names:
        text = "." * (order - 1) + name + "."
        for i in range(order - 1, len(text)):
            for k in range(order):
                counts[k][text[i - k : i]][text[i]] += 1
    return counts

def ngram_bits(counts, names, a):
    """Bits per letter on `names`, for every order 1 .. len(counts) at once; returns an array."""
    bits, letters, order = np.zeros(len(counts)), 0, len(counts)
    for name in names:
        text = "." * (order - 1) + name + "."
        for i in range(order - 1, len(text)):
            p, letters = 1 / 27, letters + 1
            for k in range(order):
                if seen := counts[k].get(text[i - k : i]):
                    extra = a * len(seen)
                    p = (seen[text[i]] + extra * p) / (sum(seen.values()) + extra)
                bits[k] -= np.log2(p)
    return bits / letters


# %% [markdown]
# **Now the LSTM.** It has no window to choose. Its input at each step is a letter (one-hot), its target is the
# next letter. Names of one length go into one batch, so nothing has to be padded. A length is drawn as often as
# its letters occur.
#
# The next cell serves the rest of this lecture: one recurrent network with a readout at every step, and one training
# loop: AdamW (Lecture 2) with a step size that falls to 0, and clipping (section 7). *Predict* before you train:
# which order of $N$-gram will be best, and will the LSTM get below it?

# %%
class Recurrent(torch.nn.Module):
    """An LSTM and a readout at every step, X (n, T, d) to Z (n, T, k), or at the last step only, Z (n, k)."""
    def __init__(self, d, hidden, k, drop=0.0, last=False):
        super().__init__()
        self.lstm, self.last = torch.nn.LSTM(d, hidden, batch_first=True), last
        self.drop, self.readout = torch.nn.Dropout(drop), torch.nn.Linear(hidden, k)

    def forward(self, X):
        H = self.lstm(X)[0]
        return self.readout(self.drop(H[:, -1] if self.last else H))

def fit(net, batch, steps, eta, loss, decay=0.0):
    """Train on pairs (X, Y) that batch() draws; `loss` takes (Z, Y). Returns the net, ready for use."""
    net, optimizer = net.to(device).train(), torch.optim.AdamW(net.parameters(), eta, weight_decay=decay)
    for t in tqdm(range(steps), mininterval=2, disable=steps < 2000):
        optimizer.param_groups[0]["lr"] = eta * (1 - t / steps)
        X, Y = batch()
        optimizer.zero_grad()
        loss(net(X), Y).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
    return net.eval()

def some(X, Y, rng, size=64):
    return lambda: (lambda rows: (X[rows], Y[rows]))(rng.integers(len(X), size=size))      # a batch, at every call

nll = lambda Z, Y: F.cross_entropy(Z.flatten(0, -2), Y.flatten())    # mean over all answers of all examples
share_right = lambda Z, Y: (Z.argmax(-1) == Y).float().mean().item()

# %%
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
hot = lambda ids: F.one_hot(ids, 27).float()
shifted = lambda Y: hot(F.pad(Y[:, :-1], (1, 0)))     # the inputs: what came before each letter, "." at the start

def encode(names):
    """For each length, a tensor (n, T) of letter numbers; each name ends with its dot."""
    rows = [[LETTERS.index(c) for c in name + "."] for name in names]
    return [torch.tensor([r for r in rows if len(r) == T], device=device) for T in sorted(set(map(len, rows)))]

groups = encode(training)
shares = np.array([Y.numel() for Y in groups]) / sum(Y.numel() for Y in groups)

def name_batch(size=64):
    Y = groups[rng.choice(len(groups), p=shares)]
    Y = Y[rng.integers(len(Y), size=size)]
    return shifted(Y), Y


# %% [markdown]
# 192 hidden units, dropout 0.4 before the readout and a little weight decay: the best of some fifteen trials,
# judged on the validation names of one plain random split, here with 12 passes over the names in place of 16, to
# save time. The better ones lay within a few hundredths of a bit. The run takes about half a minute on one core.

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(151)
torch.manual_seed(151)
speller = fit(Recurrent(27, 192, 27, drop=0.4), name_batch, 12 * len(training) // 64, 8e-3, nll, decay=0.03)
with torch.no_grad():
    total = sum(nll(speller(shifted(Y)), Y).item() * Y.numel() for Y in encode(test))
lstm_bits = total / sum(len(name) + 1 for name in test) / np.log(2)

# %%
counts, strengths = count(training), (1, 2, 4, 6, 8, 12)
best_a = np.argmin([ngram_bits(counts, validation, a) for a in strengths], axis=0)        # for each order its own
ngrams = np.array([ngram_bits(counts, test, strengths[j])[k] for k, j in enumerate(best_a)])
fig, ax = plt.subplots()
ax.plot(range(1, 8), ngrams, "o-", color=style.THIRD, label="N-gram")
ax.axhline(lstm_bits, **style.TORCH, label="LSTM")
ax.set(title="New families: the LSTM beats every N-gram", xlabel="order N", ylabel="bits per letter, names never seen")
ax.legend()
plot.show(fig, "Bits per letter of N-grams against their order: falling from above 4.2 to about 3.3 at order five "
          "or six, then level. A horizontal line, the LSTM, runs below all of them.")
check.claim("LSTM: bits per letter", lstm_bits, at_most=3.248)
check.claim("LSTM minus the best N-gram, bits per letter", lstm_bits - ngrams.min(), at_most=-0.056)

# %% [markdown]
# The $N$-grams stop improving at order five or six: longer contexts are too rare to be counted. The LSTM goes
# below all of them, because it shares what it learns between contexts that it finds similar. The lead is small,
# some hundredths of a bit, and counting takes a second.
#
# How much does the family rule matter? All of it. With every name thrown into a part on its own, the same code came
# out **level**, within about a hundredth of a bit over three seeds: a 6-gram that has seen *Dvorak* can quote it, and
# without the relatives it loses more than the LSTM does. We saw the level result first and made the rule after it; we
# think that the rule asks the better question, but whoever reports only the flattering split reports half.
#
# **The same network in NumPy.** What we trained is three arrays and a readout, in the letters of this lecture.
# PyTorch keeps each matrix transposed and the bias in two pieces, so we transpose and add. A one-hot row times
# $W_x$ is a row of $W_x$.

# %%
w = {name: p.detach().cpu().numpy() for name, p in speller.named_parameters()}
params = dict(Wx=w["lstm.weight_ih_l0"].T, Wh=w["lstm.weight_hh_l0"].T, b=w["lstm.bias_ih_l0"] + w["lstm.bias_hh_l0"],
              Wy=w["readout.weight"].T, by=w["readout.bias"])

def step(P, x, h, c):
    """One step on letter numbers x (n,): returns logits (n, 27) of the next letter, h and c."""
    i, f, g, o = np.split(P["Wx"][x] + h @ P["Wh"] + P["b"], 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h @ P["Wy"] + P["by"], h, c

Y, h, c, ours = encode(test)[5][:8], np.zeros((8, 192), np.float32), np.zeros((8, 192), np.float32), []
for x in shifted(Y).argmax(2).cpu().numpy().T:
    logits, h, c = step(params, x, h, c)
    ours.append(softmax(logits))
theirs = torch.softmax(speller.cpu()(shifted(Y).cpu()), 2)         # on the CPU: GPUs may round products to TF32
check.same("probabilities of NumPy and PyTorch, float32", np.stack(ours, axis=1), theirs, tol=1e-4)


# %% [markdown]
# The two agree to six digits: the letters of the formulas are all there is.
#
# **Writing.** Draw a letter from the probabilities, feed it back as the next input, stop at the dot. A
# **temperature** $\tau$ divides the logits first, $p_k \propto e^{z_k/\tau}$: below 1 the likely becomes
# likelier, above 1 everything comes closer to an even guess. *Predict:* which temperature repeats the most names
# of the list?
#
# **Play.** The cell after the next shows the gates of this network while it reads what you type. Find a unit
# whose forget gate drops at some letters and stays open at others. And: at which symbol of any name does the
# forget gate not matter at all? (Where nothing is live, the figure shows one unit while it reads one name.)

# %% tags=["nbval-ignore-output"]
def write(n, tau, rng, most=20):
    x, h, c, texts = np.zeros(n, int), *np.zeros((2, n, 192), np.float32), [""] * n
    for _ in range(most):
        logits, h, c = step(params, x, h, c)
        edges = softmax(logits / tau).cumsum(axis=1)
        x = np.minimum((edges < rng.random((n, 1))).sum(axis=1), 26)        # where a random number falls
        texts = [t if t.endswith(".") else t + LETTERS[k] for t, k in zip(texts, x)]
    return [t.rstrip(".") for t in texts]

rng, known = np.random.default_rng(152), set(data.surnames())
written = {tau: write(500, tau, rng) for tau in (0.5, 1.0, 1.5)}
for tau, names in written.items():
    print(f"{tau}: {np.mean([w not in known for w in names]):.0%} new:", *names[:7])

# %%
new = {tau: np.mean([w not in known for w in names]) for tau, names in written.items()}
check.claim("share of new names at temperature 1", new[1.0], at_least=0.93)
check.claim("temperature 0.5 copies more: difference in the share of new names", new[1.0] - new[0.5], at_least=0.07)
GateStrip(params, LETTERS)

# %% [markdown]
# Cold writing repeats the list more often. At 1 the model writes as it believes: more than nine names in ten are
# not on the list, and most could be. Hot writing forgets how names sound.
#
# <details><summary>At which symbol does the forget gate not matter? Answer</summary>
#
# At the first one read, the dot of the start. The cell is still 0, and $f\odot 0 = 0$ for every $f$. As for single
# units: Karpathy (2015) found a few that can be read, among many that cannot. The network spreads what it knows over
# all of them, and no law says that one unit must mean one thing.
#
# </details>
#
# ## 16 Forecasting, with honest opponents
#
# A forecast is worth nothing until it beats two others. **Persistence** says: it will be as it is now. A **linear
# autoregression** (AR) says: a fixed weighted sum of the last $T$ values plus a constant. Its weights are the
# least-squares solution, no training loop needed:
#
# $$\hat x_{t+a} = w_0 + \sum_{k=0}^{T-1} w_{k+1}\,x_{t-k},\qquad w = \arg\min_w\lVert Aw - y\rVert^2.$$
#
# A row of $A$ holds the $T$ values before one target and a 1, and $y$ holds the targets.
#
# The first series is that of Mackey and Glass (1977), a model of blood cells that is chaotic: bounded, never
# periodic, and two nearly equal pasts drift apart. We look $a = 20$ steps ahead. The error is the root mean square
# (RMSE), in units of the standard deviation of the series (NRMSE), so always saying "the mean" scores about 1. The
# order of the AR, up to 40, and the settings of the LSTM are chosen on the last fifth of the training part; then both
# are fitted to all of it. The LSTM reads the last 40 values one at a time and answers after the last. *Predict*
# what persistence scores.

# %%
rmse = lambda forecast, truth: np.sqrt(np.mean((forecast - truth) ** 2))

def windows(x, T, ahead, start, stop):
    """X (n, T) and y (n,): the targets x[start:stop], each with the T values that end `ahead` steps before it."""
    first = start - ahead - T + 1
    return sliding_window_view(x, T)[first : first + stop - start], x[start:stop]

def linear_ar(x, T, ahead, start, stop, end):
    """Least squares on the targets x[start:stop] (oldest value first, the 1 last); forecasts of x[stop:end]."""
    (X, y), X_new = windows(x, T, ahead, start, stop), windows(x, T, ahead, stop, end)[0]
    w = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0]
    return np.c_[X_new, np.ones(len(X_new))] @ w

def lstm_forecast(x, T, ahead, start, stop, end, hidden, steps, eta, seed):
    """The same by an LSTM that reads each window, in standard units, and answers after its last value."""
    level, spread, rng, _ = x[:stop].mean(), x[:stop].std(), np.random.default_rng(seed), torch.manual_seed(seed)
    X, y = windows(((x - level) / spread).astype(np.float32), T, ahead, start, end)
    X, y = bridge.tensors(X[:, :, None], y[:, None], device=device)
    n, net = stop - start, Recurrent(1, hidden, 1, last=True)
    fit(net, some(X[:n], y[:n], rng), steps, eta, F.mse_loss)
    return level + spread * net(X[n:])[:, 0].detach().cpu().numpy()


# %%
x = data.mackey_glass(3000, np.random.default_rng(160))
T = min(range(1, 41), key=lambda T: rmse(linear_ar(x, T, 20, 60, 1600, 2000), x[1600:2000]))
ar, chaos = linear_ar(x, T, 20, 60, 2000, 3000), lstm_forecast(x, 40, 20, 60, 2000, 3000, 32, 700, 1e-2, 161)
check.claim("Mackey-Glass, persistence: NRMSE", rmse(x[1980:2980], x[2000:]) / x[:2000].std(), at_least=1.837)
check.claim("Mackey-Glass, linear AR: NRMSE", rmse(ar, x[2000:]) / x[:2000].std(), at_least=0.416)
check.claim("Mackey-Glass, LSTM: NRMSE", rmse(chaos, x[2000:]) / x[:2000].std(), at_most=0.037)

# %% [markdown]
# Persistence is worse than the mean: after 20 steps the series has swung to the other side. And the LSTM wins
# clearly: no straight sum of past values can follow the bends of a nonlinear rule.
#
# The second series is real: the number of sunspots in each year since 1700, one year ahead. We train up to 1949
# (with 1900 to 1949 as validation part for every choice) and test on 1950 to 2008. There are 250 numbers to learn
# from. *Predict* the ranking.

# %%
years, spots = data.sunspots()
T = min(range(1, 21), key=lambda T: rmse(linear_ar(spots, T, 1, 20, 200, 250), spots[200:250]))
sun_ar, sun = linear_ar(spots, T, 1, 20, 250, 309), lstm_forecast(spots, 20, 1, 20, 250, 309, 32, 400, 5e-3, 162)
check.worked("sunspots, persistence: RMSE", rmse(spots[249:308], spots[250:]), "33.2")
check.worked("sunspots, linear AR: RMSE", rmse(sun_ar, spots[250:]), "18.9")
check.claim("sunspots, LSTM: RMSE", rmse(sun, spots[250:]), at_most=18.1)

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.6, 3.2))
for ax, t, truth, line, net in ((axes[0], np.arange(250), x[2000:2250], ar[:250], chaos[:250]),
                                (axes[1], years[250:], spots[250:], sun_ar, sun)):
    ax.plot(t, truth, color="#999999", lw=4, alpha=0.6, label="truth")
    ax.plot(t, line, ":", color=style.THIRD, label="linear AR")
    ax.plot(t, net, **style.TORCH, label="LSTM")
axes[0].set(title="Chaos: the LSTM follows", xlabel="time", ylabel="x")
axes[1].set(title="Sunspots: too close to call", xlabel="year", ylabel="sunspots", ylim=(-10, 340))
axes[1].legend(fontsize=8, loc="upper left", ncols=2)
plot.show(fig, "Left, the Mackey-Glass series: the LSTM lies on the truth, the linear forecast misses many peaks. "
          "Right, yearly sunspots: both forecasts follow the eleven-year cycle.")

# %% [markdown]
# Against persistence both win clearly, and there an easy comparison would have stopped. Against the linear AR the
# LSTM is a little better, by one or two spots out of nineteen, and it was from each of five starts. Is that
# proof? Five starts share the same 59 years, hardly more than five cycles, so they are not five witnesses. When
# we drew those years anew, in blocks of eleven (a *bootstrap*), the 95 % interval of the difference contained 0
# for every start. The lead is also fragile: on the validation years, four times as many training steps turned the
# LSTM from clearly better than the AR into worse. So: better on chaos beyond doubt, on sunspots perhaps. Ten
# weights and a constant, found in a millisecond, come that close, and they are where to begin.
#
# ## 17 Four shapes
#
# Feed-forward networks turn one vector into one vector. A recurrent network may read and answer at any steps:
#
# | shape | problem type | examples |
# |---|---|---|
# | one to many | generation | a caption for an image, a text from a topic |
# | many to one | direct prediction; sequence classification | a forecast; the subject of a document |
# | many to many, in step | labelling every step | what happens in each frame of a video |
# | many to many, not in step | sequence to sequence | translation |
#
# You have met forecasting in section 16, and the writing network of section 15 is of the first kind. Here is a
# tiny working example of each. In code they differ in where inputs enter and which answers count.
#
# **One to many.** One digit goes in at the first step and nothing after it. Out comes its name, letter by letter.

# %%
rng, words = np.random.default_rng(170), "zero one two three four five six seven eight nine".split()
torch.manual_seed(170)
X = F.pad(torch.eye(10, device=device)[:, None], (0, 0, 0, 5))              # (10, 6, 10): the digit, then silence
Y = torch.tensor([[LETTERS.index(c) for c in word.ljust(6, ".")] for word in words], device=device)
namer = fit(Recurrent(10, 32, 27), lambda: (X, Y), 300, 1e-2, nll)
check.claim("digits spelled without a slip", (namer(X).argmax(2) == Y).all(1).float().mean(), at_least=1)

# %% [markdown]
# All ten, learned by heart: there is nothing new to ask it.
#
# **Many to one.** From which of ten languages is a surname? Only the answer after the last letter counts; names
# are filled up with dots on the *left*, so that all end at the same step. The opponent sees the same letters
# without their order: a softmax layer on the **letter bag**, how often each letter occurs. Guessing scores 10 %.
# The settings of both were chosen on 450 of the 2250 training names.

# %%
names, y, languages = data.surnames_by_language()                            # in mixed order
ids = [[LETTERS.index(c) for c in name.rjust(16, ".")] for name in names]
X, y = hot(torch.tensor(ids, device=device)), torch.tensor(y, device=device)
score = lambda net, X, *how: share_right(fit(net, some(X[:2250], y[:2250], rng), *how, nll)(X[2250:]), y[2250:])
check.claim("letter bag: accuracy", bag := score(torch.nn.Linear(27, 10), X.sum(1), 1500, 3e-2), at_most=0.48)
check.claim("LSTM less letter bag: accuracy", score(Recurrent(27, 64, 10, 0.5, True), X, 600, 1e-2) - bag, at_least=0.172)


# %% [markdown]
# Order is worth about twenty points, twenty names in a hundred: *-nen* is Finnish, *nen-* is not. (A hidden layer on
# top of the bag gained a point or two at most, so it is the order that the bag lacks.)
#
# **Many to many, in step.** Add two binary numbers, lowest bit first. At each step two bits come in and one bit
# of the sum goes out. The carry must live in the state. We train on sums of 8 bits. *Predict:* will it get sums of
# 30 bits right?

# %%
def sums(bits, size=64):
    a, b = rng.integers(2 ** (bits - 1), size=(2, size))
    A, B, Y = (torch.tensor(v[:, None] >> np.arange(bits) & 1, device=device) for v in (a, b, a + b))
    return torch.stack([A, B], dim=2).float(), Y
adder, (X, Y) = fit(Recurrent(2, 16, 2), lambda: sums(8), 600, 2e-2, nll), sums(30, 1000)
check.claim("sums of 30 bits with every bit right", (adder(X).argmax(2) == Y).all(1).float().mean(), at_least=0.977)


# %% [markdown]
# What it learned is the rule of the carry, the same at every step, so it reaches beyond the lengths it saw.
#
# **Many to many, not in step.** Often the answer cannot begin before the question has ended: to reverse a string,
# the last symbol must be known first. The **encoder-decoder** (Cho et al. 2014, Sutskever et al. 2014) uses two
# recurrent networks. The encoder reads the string; its last state becomes the first state of the decoder, which
# writes. While we train, the decoder receives the right previous symbol (*teacher forcing*). Ours are GRUs with
# 64 units, on random strings over eight symbols. `Embedding` is a table with one learned row for each symbol, a
# one-hot row times a matrix. Ignore `attend` until the next section.
#
# (Handing the decoder the right previous symbol does not flatter this score: up to its first slip, a decoder that
# reads its own writing receives the same symbols.)

# %%
class Seq2Seq(torch.nn.Module):
    """Encoder and decoder: X (n, T) and the target Y (n, T), symbols 0..7, to logits (n, T, 8)."""
    def __init__(self, attend, hidden=64):
        super().__init__()
        self.embed = torch.nn.Embedding(9, hidden)                       # symbol 8: "begin"
        self.encoder, self.decoder = (torch.nn.GRU(hidden, hidden, batch_first=True) for _ in range(2))
        self.readout, self.attend = torch.nn.Linear(2 * hidden if attend else hidden, 8), attend

    def forward(self, pair):
        X, Y = pair
        E, h = self.encoder(self.embed(X))                               # E: every state; h: the last
        D, _ = self.decoder(self.embed(F.pad(Y[:, :-1], (1, 0), value=8)), h)
        if self.attend:
            self.A = torch.softmax(D @ E.transpose(1, 2), dim=2)         # (n, T, T): where each step looks
            D = torch.cat([D, self.A @ E], dim=2)
        return self.readout(D)

def reversals(T, size=64):
    X = torch.tensor(rng.integers(8, size=(size, T)), device=device)
    return (X, X.flip(1)), X.flip(1)

def exact(net, T):
    """Share of 500 new strings that are reversed without a slip."""
    pair, Y = reversals(T, 500)
    return (net(pair).argmax(2) == Y).all(1).float().mean().item()


# %%
rng = np.random.default_rng(173)
torch.manual_seed(173)
fixed = fit(Seq2Seq(attend=False), lambda: reversals(rng.integers(2, 13)), 1000, 1e-2, nll)
check.claim("strings of 4 reversed without a slip", exact(fixed, 4), at_least=0.99)

# %% [markdown]
# ## 18 Where it breaks
#
# Strings of 4 work. *Predict* the share of perfect answers for strings of 12, which it also met in training.
#
# Everything the decoder learns about the string must pass through one vector of 64 numbers, whatever the length
# of the string: a **fixed-size state**. The way out (Bahdanau et al. 2015) is to keep *all* states
# $e_1,\dots,e_T$ of the encoder and let the decoder look them up. Its state $d_t$ is compared with each by a dot
# product, softmax turns the scores into weights, and the weighted mean goes to the readout along with $d_t$:
#
# $$\alpha_{ts} = \frac{e^{d_t\cdot e_s}}{\sum_r e^{d_t\cdot e_r}},\qquad m_t = \sum_s\alpha_{ts}\,e_s.$$
#
# This is **attention**, here in its dot-product form (Luong et al. 2015). In the code above it is the two lines
# under `attend`.

# %%
rng = np.random.default_rng(174)
torch.manual_seed(174)
looking = fit(Seq2Seq(attend=True), lambda: reversals(rng.integers(2, 13)), 1000, 1e-2, nll)
check.claim("strings of 12, fixed-size state: without a slip", exact(fixed, 12), at_most=0.056)
check.claim("strings of 12, attention: without a slip", exact(looking, 12), at_least=0.48)

# %%
fig, ax = plt.subplots()
for net, look, label in ((fixed, "o--", "fixed-size state"), (looking, "s-", "with attention")):
    ax.plot(range(2, 17, 2), [exact(net, T) for T in range(2, 17, 2)], look, label=label)
ax.set(title="With attention the share falls later", xlabel="length (trained up to 12)", ylabel="reversed without a slip")
ax.legend()
plot.show(fig, "Share of strings reversed without a slip: the fixed state is near 0 at length 12, attention far above.")

# %% [markdown]
# With the fixed state the share collapses with the length, although at 12 most single symbols are still right (some
# four in five, given the right previous ones).
# Attention keeps far more, after the same number of training steps. It does not make the task trivial: to look in
# the right place, the decoder must know how far it has come. Beyond the lengths of training it loses as well. Attention
# *without* recurrence is the idea of the Transformer (Vaswani et al. 2017), and it starts from those two lines.
#
# ## Common misreadings
#
# | you may read | right is | where |
# |---|---|---|
# | "A convolution over time is shift invariant." | Equivariant: the output shifts along. Pooling over time makes it invariant. | 2 |
# | "The previous state is the letter h." | A vector of numbers: three of them in "hello", 192 in section 15. | 4, 15 |
# | "A recurrent network feeds back its output." | Feeding back the output is Jordan's network; Elman's, and those of this lecture, feed back the hidden state. | 4 |
# | "BPTT averages the gradients of the copies." | It sums them. The copies are one weight, and the chain rule adds its routes. | 5 |
# | "The LSTM eliminates the vanishing gradient." | It mitigates it: along the cell the factor is $f$, which is below 1. | 9 |
# | "Clipping helps against vanishing gradients." | Only against exploding ones; it shortens, it never lengthens. | 7, 8 |
# | "$z$ is the share of the past in a GRU." | In one convention; in the other $z$ is the share of the new. PyTorch's $z$ keeps the past. | 11 |
# | "$4(NM + N^2 + N)$, so PyTorch's LSTM has as many." | It keeps a second bias: $4N$ more, of no use. | 12 |
# | "An LSTM beats a linear model on any series." | Ask the linear model first: on yearly sunspots 59 test years cannot settle it. | 16 |
# | "Held-out names are new names." | Not while their relatives are in the training part. | 15 |
#
# ## Summary
#
# 1. A recurrent network applies the same weights at every step to an input and its own last state, a vector.
# 2. BPTT is back-propagation through the unfolded copies; gradients of shared weights add up, and over many steps they vanish or explode.
# 3. Gates give the gradient a path that is mostly addition, so an LSTM remembers where the plain RNN does not.
# 4. On chaos the LSTM beats the line; on sunspots it is too close to call; on surnames the split decides: level, or below every $N$-gram.
# 5. Where inputs enter and answers leave makes four shapes; a fixed-size state is their bottleneck, and attention opens it.
#
# ## Test yourself
#
# **1.** A bigram model and an LSTM both have 27 outputs per step. What can the LSTM know that the bigram cannot?
#
# <details><summary>Answer</summary>
#
# Everything before the last letter: how long the name is so far, how it began, which language it sounds like. The
# bigram sees one letter.
#
# </details>
#
# **2.** A model costs 3 bits per letter on average. Among how many equally likely letters is it choosing, so to
# speak?
#
# <details><summary>Answer</summary>
#
# $2^3 = 8$. This number is called the perplexity.
#
# </details>
#
# **3.** As the temperature goes to 0, what does the network of section 15 write?
#
# <details><summary>Answer</summary>
#
# The likeliest letter at every step, so the same name every time.
#
# </details>
#
# **4.** Your LSTM forecasts tomorrow's temperature with an error of 2 degrees. Is that good?
#
# <details><summary>Answer</summary>
#
# Nobody can say yet. What do persistence and a linear AR score on the same days?
#
# </details>
#
# **5.** Why does the adder of section 17 work at 30 bits, and the reverser without attention not at 16?
#
# <details><summary>Answer</summary>
#
# The adder's state needs one bit, the carry, at any length. The reverser's must hold the whole string: 16 symbols
# of 3 bits each, in a state that was trained for at most 12.
#
# </details>
#
# Now build one yourself: [the exercise](../exercises/04_recurrent_networks.ipynb) ([its
# solution](../solutions/04_recurrent_networks.ipynb), for afterwards). Next: Lecture 5, networks whose target is their
# own input.
#
# ## References
#
# - Recurrence: M. Jordan, *Serial order*, UC San Diego (1986); J. Elman, *Finding structure in time*, Cognitive Science 14 (1990). Delays: A. Waibel and
#   others, *Phoneme recognition using time-delay neural networks* (report 1987; IEEE Trans. ASSP 37, 1989).
# - Gradients through time: D. Rumelhart, G. Hinton and R. Williams (1986), as in Lecture 2; S. Hochreiter, diploma thesis, TU Munich (1991); P. Werbos, *Backpropagation through time: what it does and how to do it*, Proc. IEEE 78 (1990); Y. Bengio, P. Simard and P. Frasconi,
#   *Learning long-term dependencies with gradient descent is difficult*, IEEE Trans. Neural Networks 5 (1994); R. Pascanu, T. Mikolov and Y. Bengio, *On the difficulty of training recurrent
#   neural networks*, ICML (2013). Starts: A. Saxe, J. McClelland and S. Ganguli, ICLR (2014); Q. Le, N. Jaitly and G. Hinton, arXiv (2015).
# - Gates: S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9 (1997); F. Gers, J. Schmidhuber and F. Cummins, *Learning to
#   forget*, Neural Computation 12 (2000), the forget gate; F. Gers and J. Schmidhuber, *Recurrent nets that time and count*, IJCNN (2000), peepholes; A. Graves and J. Schmidhuber, *Framewise phoneme classification with bidirectional LSTM*, Neural Networks 18 (2005), the
#   standard set-up; K. Cho and others, *Learning phrase representations using RNN encoder-decoder*, EMNLP (2014), the GRU; J. Chung and others, *Empirical evaluation of gated recurrent neural networks on sequence modeling* (2014); K. Greff and others,
#   *LSTM: a search space odyssey*, IEEE Trans. Neural Networks and Learning Systems 28 (2017), the survey of variants.
# - Sequence to sequence: I. Sutskever, O. Vinyals and Q. Le, *Sequence to sequence learning with neural networks*, NeurIPS (2014); D. Bahdanau, K. Cho and Y. Bengio, *Neural machine translation by jointly learning
#   to align and translate*, ICLR (2015); M.-T. Luong, H. Pham and C. Manning, *Effective approaches to attention-based neural machine translation*, EMNLP (2015);
#   A. Vaswani and others, *Attention is all you need*, NeurIPS (2017).
# - Data and models: I. Witten and T. Bell, *The zero-frequency problem*, IEEE Trans. Information Theory 37 (1991); M. Mackey and L. Glass, *Oscillation and
#   chaos in physiological control systems*, Science 197 (1977); A. Karpathy, *The unreasonable effectiveness of recurrent neural networks* (2015, a blog post; a good next read).
