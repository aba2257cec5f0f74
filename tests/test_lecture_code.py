"""The algorithms that lectures 3 to 9 write by hand, taken from their text and tried on many random cases.

A lecture proves its code on one case; here many shapes, strides and lengths run against PyTorch and brute force.
"""

import gymnasium as gym
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dense import BY_TORCH, by_torch, some_layers
from lecture_code import taught


@pytest.fixture(scope="module")
def cnn():
    return taught("03_convolutional_networks", torch=torch)


@pytest.fixture(scope="module")
def rnn():
    return taught("04_recurrent_networks", torch=torch)


def leaves(*arrays):
    return [torch.tensor(a, requires_grad=True) for a in arrays]


def slopes(output, inputs, d_output):
    """PyTorch's gradients of sum(output * d_output)."""
    return torch.autograd.grad(output, inputs, torch.tensor(d_output))


def near(ours, theirs, tol=1e-11):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < tol * max(1, np.abs(theirs).max())


# ------------------------------------------------------------------------------------------ lecture 3


LAYERS = [(1, 1, 0), (2, 2, 0), (3, 1, 1), (3, 2, 1), (3, 3, 0), (5, 1, 2), (5, 2, 0), (4, 3, 2)]  # k, stride, pad


@pytest.mark.parametrize("k,stride,pad", LAYERS)
@pytest.mark.parametrize("seed", range(3))
def test_convolution(cnn, k, stride, pad, seed):
    rng = np.random.default_rng(100 * seed + k)
    n, C, C_out, H, W = rng.integers(2, 5, 5) + [0, 0, 0, 5, 7]
    X, K, b = rng.normal(size=(n, C, H, W)), rng.normal(size=(C_out, C, k, k)), rng.normal(size=C_out)
    Z, cache = cnn["conv_forward"](X, K, b, stride, pad)
    Xt, Kt, bt = leaves(X, K, b)
    Zt = F.conv2d(Xt, Kt, bt, stride, pad)
    near(Z, Zt)
    near(cnn["conv_loops"](X, K, b, stride, pad), Zt)
    dZ = rng.normal(size=Z.shape)
    for ours, theirs in zip(cnn["conv_backward"](dZ, cache), slopes(Zt, (Xt, Kt, bt), dZ), strict=True):
        near(ours, theirs)
    assert cnn["conv_backward"](dZ, cache, need_dX=False)[0] is None
    cols = cnn["im2col"](X, k, stride, pad)
    other = rng.normal(size=cols.shape)  # the adjoint: <im2col(X), cols> = <X, col2im(cols)>
    assert np.isclose(np.sum(cols * other), np.sum(X * cnn["col2im"](other, X.shape, k, stride, pad)))


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("k,stride", [(2, 2), (2, 1), (3, 2), (3, 3), (2, 3)])
def test_pooling(cnn, kind, k, stride):
    rng = np.random.default_rng(10 * k + stride)
    X = rng.integers(0, 4, size=(3, 2, 8, 9)).astype(float)  # many ties
    A, cache = cnn[f"{kind}pool_forward"](X, k, stride)
    (Xt,) = leaves(X)
    At = (F.max_pool2d if kind == "max" else F.avg_pool2d)(Xt, k, stride)
    near(A, At)
    dA = rng.normal(size=A.shape)
    near(cnn[f"{kind}pool_backward"](dA, cache), slopes(At, Xt, dA)[0])


def test_batch_normalisation(cnn):
    rng = np.random.default_rng(0)
    Z, g, b = 3 + 2 * rng.normal(size=(4, 3, 5, 6)), rng.normal(size=3), rng.normal(size=3)
    running, theirs = {"mean": np.zeros(3), "var": np.ones(3)}, [torch.zeros(3).double(), torch.ones(3).double()]
    Zt, gt, bt = leaves(Z, g, b)
    A, cache = cnn["batchnorm_forward"](Z, g, b, running)
    At = F.batch_norm(Zt, *theirs, gt, bt, training=True)
    near(A, At)
    near(running["mean"], theirs[0])
    near(running["var"], theirs[1])
    dA = rng.normal(size=A.shape)
    for ours, gradient in zip(cnn["batchnorm_backward"](dA, cache), slopes(At, (Zt, gt, bt), dA), strict=True):
        near(ours, gradient)
    near(cnn["batchnorm_forward"](Z, g, b, running, train=False)[0], F.batch_norm(Zt, *theirs, gt, bt))


def test_average_precision_against_the_definition(cnn):
    rng = np.random.default_rng(1)
    for _ in range(50):
        m = rng.integers(1, 12)
        hits, scores = rng.random(m) < 0.5, rng.permutation(m) / m
        n, order = int(hits.sum() + rng.integers(1, 4)), np.argsort(-scores)
        expected = sum(hits[order[: i + 1]].mean() for i in range(m) if hits[order[i]]) / n
        assert np.isclose(cnn["average_precision"](hits, scores, n), expected)
    assert cnn["average_precision"]([], [], 3) == 0


def test_iou_against_counting_pixels(cnn):
    rng = np.random.default_rng(2)
    low, size = rng.integers(0, 8, size=(2, 9, 2)), rng.integers(1, 8, size=(2, 9, 2))
    a, b = np.concatenate([low, low + size], axis=2).astype(float)
    y, x = np.mgrid[:16, :16]
    inside = lambda box: (x >= box[0]) & (x < box[2]) & (y >= box[1]) & (y < box[3])  # noqa: E731
    expected = [[(inside(p) & inside(q)).sum() / (inside(p) | inside(q)).sum() for q in b] for p in a]
    assert np.allclose(cnn["iou"](a, b), expected)


def test_map_counts_misses_doubles_and_wrong_classes(cnn):
    truth, labels = [np.array([[0.0, 0, 10, 10], [20, 20, 30, 30]])], [np.array([3, 3])]
    right = truth[0], np.array([0.9, 0.8]), np.array([3, 3])
    empty = np.zeros((0, 4)), np.zeros(0), np.zeros(0, int)
    others = [np.array([[40.0, 40, 50, 50]])] * 9  # one object of each other class, in a scene of its own, all found
    scenes = truth + others
    classes = labels + [np.array([k]) for k in range(10) if k != 3]
    found = [(box, np.array([0.9]), k) for box, k in zip(others, classes[1:], strict=True)]
    ap = lambda first: 10 * cnn["mean_ap"]([first, *found], scenes, classes) - 9  # noqa: E731  (of class 3 alone)
    assert np.isclose(ap(right), 1) and np.isclose(ap(empty), 0)
    assert np.isclose(ap((truth[0][:1], np.array([0.9]), np.array([3]))), 1 / 2)  # one missed
    twice = np.concatenate([truth[0][:1], truth[0]]), np.array([0.9, 0.85, 0.8]), np.array([3, 3, 3])
    assert np.isclose(ap(twice), (1 + 2 / 3) / 2)  # the second box on one object is a false alarm
    assert ap((truth[0] + 6, *right[1:])) < 1e-9  # too far off: IoU 16 / 184


# ------------------------------------------------------------------------------------------ lecture 4

SHAPES = [(3, 5, 2, 4), (2, 1, 3, 2), (4, 9, 1, 6)]  # n, T, d, hidden


def torch_module(kind, P, d, hidden):
    module = getattr(torch.nn, kind)(d, hidden, batch_first=True).double()
    second = np.zeros_like(P["b"])
    if kind == "GRU":
        second[2 * hidden :] = P["bn"]
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), (P["Wx"].T, P["Wh"].T, P["b"], second), strict=True):
            parameter.copy_(torch.tensor(value))
    return module


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind,gates", [("RNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_recurrent_layers(rnn, kind, gates, shape):
    n, T, d, hidden = shape
    rng = np.random.default_rng(n + 10 * gates)
    wide = gates * hidden
    P = dict(Wx=rng.normal(size=(d, wide)), Wh=rng.normal(size=(hidden, wide)), b=rng.normal(size=wide))
    if kind == "GRU":
        P["bn"] = rng.normal(size=hidden)
    X, dH = rng.normal(size=(n, T, d)), rng.normal(size=(n, T, hidden))
    module, (Xt,) = torch_module(kind, P, d, hidden), leaves(X)
    Ht = module(Xt)[0]
    Ht.backward(torch.tensor(dH))
    if kind == "RNN":
        H = rnn["rnn_forward"](P, X)
        grads = rnn["rnn_backward"](P, X, H, dH)
    else:
        H, cache = rnn[f"{kind.lower()}_forward"](P, X)
        grads = rnn[f"{kind.lower()}_backward"](P, cache, dH)
    near(H, Ht)
    near(grads["X"], Xt.grad)
    near(grads["Wx"].T, module.weight_ih_l0.grad)
    near(grads["Wh"].T, module.weight_hh_l0.grad)
    near(grads["b"], module.bias_ih_l0.grad)
    if kind == "GRU":
        near(grads["bn"], module.bias_hh_l0.grad[2 * hidden :])


def test_clipping_is_pytorchs(rnn):
    rng = np.random.default_rng(5)
    for most in (0.1, 1.0, 100.0):
        grads = dict(a=rng.normal(size=(3, 4)), b=rng.normal(size=5))
        parameters = [torch.nn.Parameter(torch.zeros(g.shape).double()) for g in grads.values()]
        for p, g in zip(parameters, grads.values(), strict=True):
            p.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_(parameters, most)
        for ours, p in zip(rnn["clip"](grads, most).values(), parameters, strict=True):
            near(ours, p.grad, 1e-6)


# ------------------------------------------------------------------------------------- lectures 5, 6, 7


@pytest.fixture(scope="module")
def ae():
    names = {"silu", "mse_and_delta", "bce_and_delta", "ae_forward", "ae_backward", "tied_gradients", "pca"}
    return taught("05_autoencoders", names)


@pytest.mark.parametrize("sizes", [(6, 4, 6), (7, 5, 2, 5, 7), (9, 8, 5, 3, 4, 6, 9)])
def test_autoencoder(ae, sizes):
    params, X = some_layers(sizes), np.random.default_rng(1).normal(size=(5, sizes[0]))
    inputs = leaves(*params)
    Z = by_torch(inputs, torch.tensor(X), F.silu, linear=(len(params) // 4 - 1,))
    loss = F.mse_loss(Z, torch.tensor(X))
    A, kept = ae["ae_forward"](params, X)
    ours, delta = ae["mse_and_delta"](A[-1], X)
    near(A[-1], Z)
    near(np.array(ours), loss)
    for grad, theirs in zip(ae["ae_backward"](params, A, kept, delta), torch.autograd.grad(loss, inputs), strict=True):
        near(grad, theirs)


def test_cross_entropy_of_pixels(ae):
    rng = np.random.default_rng(2)
    Z, X = 30 * rng.normal(size=(4, 9)), rng.random((4, 9))
    (leaf,) = leaves(Z)
    loss = F.binary_cross_entropy_with_logits(leaf, torch.tensor(X))
    ours, delta = ae["bce_and_delta"](Z, X)
    near(np.array(ours), loss)
    near(delta, torch.autograd.grad(loss, leaf)[0])


def test_tied_weights(ae):
    rng = np.random.default_rng(3)
    W, b, c, X = rng.normal(size=(8, 3)), rng.normal(size=3), rng.normal(size=8), rng.normal(size=(5, 8))
    inputs = leaves(W, b, c)
    loss = F.mse_loss(torch.relu(torch.tensor(X) @ inputs[0] + inputs[1]) @ inputs[0].T + inputs[2], torch.tensor(X))
    ours, grads = ae["tied_gradients"](W, b, c, X)
    near(np.array(ours), loss)
    for grad, theirs in zip(grads, torch.autograd.grad(loss, inputs), strict=True):
        near(grad, theirs)


def test_pca_is_scikit_learns(ae):
    from sklearn.decomposition import PCA

    X = np.random.default_rng(4).normal(size=(40, 7)) * np.arange(1, 8)
    mean, components = ae["pca"](X, 3)
    theirs = PCA(3, svd_solver="full").fit(X)
    assert np.allclose(mean, theirs.mean_) and np.allclose(np.abs(components @ theirs.components_.T), np.eye(3), atol=1e-10)


@pytest.mark.parametrize("beta", [0.0, 0.7, 1.0, 4.0])
@pytest.mark.parametrize("n,d,hidden,latent", [(1, 3, 4, 2), (6, 9, 5, 3), (4, 7, 8, 1)])
def test_variational_autoencoder(n, d, hidden, latent, beta):
    f = taught("06_variational_autoencoders", {"vae_init", "vae_forward", "vae_terms", "vae_loss", "vae_backward"})
    rng = np.random.default_rng(5)
    P = {k: p + 0.3 * rng.normal(size=p.shape) for k, p in f["vae_init"](rng, latent, hidden, d).items()}
    X, eps = rng.random((n, d)), rng.normal(size=(n, latent))
    Q = dict(zip(P, leaves(*P.values()), strict=True))
    A1 = torch.relu(torch.tensor(X) @ Q["W1"] + Q["b1"])
    mu_z, logvar = A1 @ Q["Wm"] + Q["bm"], A1 @ Q["Wv"] + Q["bv"]
    posterior = torch.distributions.Normal(mu_z, torch.exp(logvar / 2))
    A3 = torch.relu((mu_z + torch.exp(logvar / 2) * torch.tensor(eps)) @ Q["W3"] + Q["b3"])
    logits = A3 @ Q["W4"] + Q["b4"]
    reconstruction = F.binary_cross_entropy_with_logits(logits, torch.tensor(X), reduction="none").sum(dim=1)
    prior = torch.distributions.Normal(torch.zeros(latent, dtype=torch.float64), 1.0)
    kl = torch.distributions.kl_divergence(posterior, prior).sum(dim=1)
    loss = (reconstruction + beta * kl).mean()
    cache = f["vae_forward"](P, X, eps)
    for ours, theirs in zip(f["vae_terms"](cache), (reconstruction, kl), strict=True):
        near(ours, theirs)
    near(np.array(f["vae_loss"](P, X, eps, beta)), loss)
    G = f["vae_backward"](P, cache, beta)
    assert G.keys() == P.keys()
    for k, theirs in zip(Q, torch.autograd.grad(loss, list(Q.values()), materialize_grads=True), strict=True):
        near(G[k], theirs)


@pytest.fixture(scope="module")
def gan():
    names = {"relu_slope", "softplus", "d_rule", "g_rule", "backprop", "d_loss", "g_loss", "slope_penalty"}
    leaky = dict(leaky=lambda Z: np.where(Z > 0, Z, 0.2 * Z), leaky_slope=lambda A: np.where(A > 0, 1, 0.2))
    return taught("07_generative_adversarial_networks", names, **leaky)


@pytest.mark.parametrize("g_sizes,d_sizes", [((3, 6, 2), (2, 5, 1)), ((1, 4, 7, 3), (3, 6, 5, 4, 1))])
def test_both_players(gan, g_sizes, d_sizes):
    G, D = some_layers(g_sizes), some_layers(d_sizes, 1)
    rng = np.random.default_rng(6)
    X, Z = rng.normal(size=(6, g_sizes[-1])), rng.normal(size=(6, g_sizes[0]))
    g, d = leaves(*G), leaves(*D)
    leaky = BY_TORCH["leaky_relu"]
    fake = by_torch(g, torch.tensor(Z), torch.relu)
    loss_d = F.softplus(-by_torch(d, torch.tensor(X), leaky)).mean() + F.softplus(by_torch(d, fake.detach(), leaky)).mean()
    loss_g = F.softplus(-by_torch(d, fake, leaky)).mean()
    results = (gan["d_loss"](D, X, fake.detach().numpy()), loss_d, d), (gan["g_loss"](G, D, Z), loss_g, g)
    for (ours, grads), loss, inputs in results:
        near(np.array(ours), loss)
        for grad, theirs in zip(grads, torch.autograd.grad(loss, inputs), strict=True):
            near(grad, theirs)


@pytest.mark.parametrize("sizes", [(2, 5, 1), (3, 6, 5, 4, 1)])
def test_penalty_on_the_slope(gan, sizes):
    D, X = some_layers(sizes), np.random.default_rng(7).normal(size=(5, sizes[0]))
    inputs, (leaf,) = leaves(*D), leaves(X)
    logit = by_torch(inputs, leaf, BY_TORCH["leaky_relu"])
    (S,) = torch.autograd.grad(logit.sum(), leaf, create_graph=True)
    penalty = (S**3).mean()  # any smooth function of the slopes
    ours, grads = gan["slope_penalty"](D, X, lambda S: 3 * S**2 / S.size)
    near(ours, S)
    for grad, theirs in zip(grads, torch.autograd.grad(penalty, inputs, materialize_grads=True), strict=True):
        near(grad, theirs)


def test_frechet_distance_of_exact_gaussians():
    frechet = taught("07_generative_adversarial_networks", {"frechet"})["frechet"]
    rng = np.random.default_rng(8)
    A = rng.normal(size=(60, 4))
    A = (A - A.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(A.T))).T  # mean 0 and covariance 1, exactly
    assert frechet(A, A) == pytest.approx(0, abs=1e-10)
    assert frechet(A, A + [3, 0, 0, 4]) == pytest.approx(25)
    scale = np.array([1.0, 2.0, 3.0, 0.5])
    assert frechet(A, A * scale) == pytest.approx(np.sum((scale - 1) ** 2))  # roots of the variances, one by one
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    assert frechet(A * scale @ turn, A @ turn) == pytest.approx(frechet(A * scale, A))


# ------------------------------------------------------------------------------------------ lecture 8


@pytest.fixture(scope="module")
def tables():
    names = "returns evaluate gridworld value_iteration policy_iteration arrays MOVES choose td q_learning sarsa lockstep"
    return taught("08_reinforcement_learning", names.split())


@pytest.fixture(scope="module")
def poles():
    names = "returns pole_step Poles score_delta td_loss windows DQN Replay greedy"
    return taught("08_reinforcement_learning", names.split())


@pytest.fixture(scope="module")
def breakout():
    return taught("08_reinforcement_learning", "serve advance Breakout".split(), wall=full_wall())


def full_wall():
    wall = np.zeros((10, 10), bool)
    wall[1:4] = True
    return wall


def some_mdp(rng, S=7, A=3):
    """Random P (S, A, S), R (S, A); the last state is an end."""
    P, R = rng.dirichlet(np.ones(S), size=(S, A)), rng.normal(size=(S, A))
    P[-1], R[-1] = np.eye(S)[-1], 0
    return P, R


@pytest.mark.parametrize("seed", range(5))
def test_returns_are_the_sums_they_stand_for(tables, seed):
    rng = np.random.default_rng(seed)
    r, gamma = rng.normal(size=rng.integers(1, 9)), rng.random()
    direct = [sum(gamma**k * r[t + k] for k in range(len(r) - t)) for t in range(len(r))]
    assert np.allclose(tables["returns"](r, gamma), direct, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_value_and_policy_iteration_find_the_best_of_all_policies(tables, seed):
    rng = np.random.default_rng(seed)
    P, R = some_mdp(rng, S=5, A=2)
    V, Q, _ = tables["value_iteration"](P, R, 0.9)
    each = np.arange(5)
    values = []
    for code in range(2**5):  # every deterministic policy, solved alone
        actions = (code >> each) & 1
        values.append(np.linalg.solve(np.eye(5) - 0.9 * P[each, actions], R[each, actions]))
    assert np.allclose(V, np.max(values, axis=0), atol=1e-8) and np.allclose(Q.max(axis=1), V, atol=1e-8)
    V_policy, actions, _ = tables["policy_iteration"](P, R, 0.9)
    assert np.allclose(V_policy, V, atol=1e-8)
    pi = rng.dirichlet(np.ones(2), size=5)
    P_pi, r_pi = np.einsum("sa,sat->st", pi, P), (pi * R).sum(axis=1)
    rolled = sum(0.9**t * np.linalg.matrix_power(P_pi, t) @ r_pi for t in range(400))
    assert np.allclose(tables["evaluate"](P, R, pi, 0.9), rolled, atol=1e-8)


@pytest.mark.parametrize("gamma,slip,step", [(0.9, 0.0, 0.0), (0.95, 0.2, -0.04), (0.7, 0.8, 0.1)])
def test_the_lectures_gridworld_is_the_demos(tables, gamma, slip, step):
    from course_utils.interact.gridworld import GridWorld

    rows = ["....", ".#.T", "...G"]
    P, R, cells = tables["gridworld"](rows, slip, step)
    demo = GridWorld(rows, gamma=gamma, slip=slip, step=step)
    demo.sweep(600)
    V = tables["value_iteration"](P, R, gamma)[0]
    assert np.allclose(V, np.array(demo.values)[tuple(np.transpose(cells))], atol=1e-8)


@pytest.mark.parametrize("name", ["FrozenLake-v1", "CliffWalking-v1"])
def test_arrays_foretell_what_gymnasium_does(tables, name):
    env = gym.make(name)
    P, R = tables["arrays"](env)
    assert np.allclose(P.sum(axis=2), 1)
    rng, counts, rewards = np.random.default_rng(0), {}, {}
    env.reset(seed=0)
    for _ in range(3000):
        s, a = env.unwrapped.s, int(rng.integers(env.action_space.n))
        s2, r, ended, cut, _ = env.step(a)
        counts.setdefault((s, a), []).append(s2)
        rewards.setdefault((s, a), []).append(r)
        if ended or cut:
            env.reset()
    for (s, a), found in counts.items():
        assert P[s, a, found].min() > 0  # nothing happens that the table forbids
        if P[s, a].max() == 1:
            assert np.allclose(rewards[s, a], R[s, a])


def test_lockstep_and_the_loop_learn_the_same(tables):
    env = gym.make("CliffWalking-v1")
    Q = tables["lockstep"](env, 36, 32, 8000, np.random.default_rng(0))[0]
    best = tables["value_iteration"](*tables["arrays"](env), 1.0)[0]
    assert np.median(np.abs(Q[:, 36].max(axis=1) - best[36])) < 0.5
    one, log = tables["q_learning"](env, 500, np.random.default_rng(1))
    assert abs(one[36].max() - best[36]) < 1 and log.shape == (500, 2)


def test_pole_is_gymnasiums_and_the_demos(poles):
    from course_utils.interact.pole import step

    env, rng = gym.make("CartPole-v1").unwrapped, np.random.default_rng(3)
    env.reset(seed=3)
    for a in rng.integers(2, size=300):
        s = np.array(env.state)
        ours, fallen = poles["pole_step"](s[None], np.array([a]))
        assert np.abs(ours[0] - step(s, a == 1)).max() < 1e-12
        end = env.step(int(a))[2]
        assert np.abs(ours[0] - env.state).max() < 1e-12 and fallen[0] == end
        if end:
            env.reset()


def test_poles_tell_a_fall_from_the_end_of_time(poles):
    env, rng = poles["Poles"](6, np.random.default_rng(0), limit=12), np.random.default_rng(1)
    fell = cut = 0
    for _ in range(200):
        before, a = env.s.copy(), rng.integers(2, size=6)
        s2, r, end, over = env.step(a)
        expected, fallen = poles["pole_step"](before, a)
        assert np.array_equal(s2, expected) and np.array_equal(end, fallen) and (over | ~end).all()
        assert np.array_equal(r, np.where(end, -1, 0)) and (np.abs(env.s[over]) <= 0.05).all()
        assert np.array_equal(env.s[~over], s2[~over]) and (env.t[over] == 0).all()
        fell, cut = fell + end.sum(), cut + (over & ~end).sum()
    assert fell > 0 and cut > 0


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_dqn_steps_as_pytorch(poles, double, seed):
    rng = np.random.default_rng(seed)
    agent = poles["DQN"](some_layers((3, 6, 4), seed), gamma=0.9, tau=0.1, double=double)
    online = leaves(*agent.online)
    target = [p.detach().clone() for p in online]
    optimiser = torch.optim.Adam(online, lr=0.01)
    for _ in range(30):
        s, s2 = rng.normal(size=(2, 8, 3))
        a, r, end = rng.integers(4, size=8), rng.normal(size=8), rng.random(8) < 0.3
        loss = agent.update(s, a, r, s2, end, eta=0.01)
        with torch.no_grad():
            Q2 = by_torch(target, torch.tensor(s2), F.relu)
            by = by_torch(online, torch.tensor(s2), F.relu) if double else Q2
            y = torch.tensor(r) + 0.9 * Q2[range(8), by.argmax(dim=1)] * ~torch.tensor(end)
        theirs = F.mse_loss(by_torch(online, torch.tensor(s), F.relu)[range(8), torch.tensor(a)], y) / 2
        optimiser.zero_grad()
        theirs.backward()
        optimiser.step()
        with torch.no_grad():
            target = [q + 0.1 * (p - q) for p, q in zip(online, target, strict=True)]
        assert loss == pytest.approx(theirs.item(), abs=1e-12)
    for ours, theirs in zip(agent.online + agent.target, [*online, *target], strict=True):
        near(ours, theirs, 1e-10)


def test_policy_gradient_is_pytorchs(poles):
    rng = np.random.default_rng(4)
    Z, a, weight = rng.normal(size=(9, 3)), rng.integers(3, size=9), rng.normal(size=9)
    (Zt,) = leaves(Z)
    loss = (F.cross_entropy(Zt, torch.tensor(a), reduction="none") * torch.tensor(weight)).mean()
    near(poles["score_delta"](Z, a, weight), torch.autograd.grad(loss, Zt)[0])


def test_replay_keeps_the_newest(poles):
    memory, rng = poles["Replay"](10, 2), np.random.default_rng(5)
    for k in range(8):
        s = np.full((3, 2), k)
        memory.add(s, np.full(3, k % 2), np.full(3, k), s + 0.5, np.full(3, k % 3 == 0))
    s, a, r, s2, end = memory.draw(500, rng)
    assert set(r) == {4, 5, 6, 7} and np.array_equal(s2, s + 0.5) and np.array_equal(s[:, 0], r)
    assert np.array_equal(a, r % 2) and np.array_equal(end, r % 3 == 0)


def test_breakout_keeps_its_rules(breakout):
    rng = np.random.default_rng(6)
    game = breakout["Breakout"](40, rng)
    games = reward = 0
    for _ in range(300):
        bricks, ball = game.bricks.copy(), game.ball.copy()
        X = game.look()
        assert X.shape == (40, 4, 10, 10) and (X[:, 0].sum(axis=(1, 2)) == 2).all() and (X[:, 1].sum(axis=(1, 2)) == 1).all()
        r, over = game.step(rng.integers(3, size=40))
        alone = ~over & (bricks.sum(axis=(1, 2)) > 1)
        lost = bricks.sum(axis=(1, 2)) - game.bricks.sum(axis=(1, 2))
        assert np.array_equal(lost[alone], r[alone]) and set(r) <= {0, 1}
        assert (np.abs(game.ball[1:3] - ball[1:3])[:, ~over] <= 1).all()  # at most one cell, in both directions
        assert (game.ball[1] < 9).all() and (game.ball[2] >= 0).all() and (game.ball[2] <= 9).all()
        assert (game.ball[0] >= 0).all() and (game.ball[0] <= 8).all()
        games, reward = games + over.sum(), reward + r.sum()
    assert games > 100 and reward > 0


# ------------------------------------------------------------------------------------------ lecture 9


@pytest.fixture(scope="module")
def rbm():
    from scipy.special import logsumexp

    names = "states energy hidden_given visible_given free_energy log_Z_exact sample gibbs transition statistics"
    names += " model_statistics minus exact_gradient log_likelihood cd_gradient"
    return taught("09_boltzmann_machines", names.split(), logsumexp=logsumexp)


def some_machine(d, m, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(d, m)), rng.normal(size=d), rng.normal(size=m)


@pytest.mark.parametrize("d,m", [(3, 2), (2, 4), (4, 4), (5, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_boltzmann_machine_by_brute_force(rbm, d, m, seed):
    W, a, b = some_machine(d, m, seed)
    v, h = rbm["states"](d), rbm["states"](m)
    weight = np.array([[np.exp(x @ a + y @ b + x @ W @ y) for y in h] for x in v])  # every state, alone
    assert np.isclose(rbm["log_Z_exact"](W, a, b), np.log(weight.sum()))
    assert np.allclose(np.exp(-rbm["free_energy"](v, W, a, b)), weight.sum(axis=1))
    assert np.allclose(rbm["energy"](v[1], h[-1], W, a, b), -np.log(weight[1, -1]))
    assert np.allclose(rbm["hidden_given"](v, W, b), weight / weight.sum(axis=1, keepdims=True) @ h)
    assert np.allclose(rbm["visible_given"](h, W, a), (weight / weight.sum(axis=0)).T @ v)
    p = weight.sum(axis=1) / weight.sum()
    T = rbm["transition"](W, a, b)
    assert np.allclose(T.sum(axis=1), 1) and np.allclose(p @ T, p) and np.allclose(p[:, None] * T, (p[:, None] * T).T)


@pytest.mark.parametrize("d,m", [(3, 2), (2, 4)])
def test_likelihood_gradient_is_autograds(rbm, d, m):
    W, a, b = some_machine(d, m, 7)
    V = (np.random.default_rng(8).random((6, d)) < 0.5).astype(float)
    Wt, at, bt = leaves(W, a, b)
    every = torch.tensor(rbm["states"](d))
    free = lambda V: -(V @ at) - F.softplus(V @ Wt + bt).sum(dim=1)  # noqa: E731
    L = -free(torch.tensor(V)).mean() - torch.logsumexp(-free(every), dim=0)
    for ours, theirs in zip(rbm["exact_gradient"](V, W, a, b), torch.autograd.grad(L, (Wt, at, bt)), strict=True):
        near(ours, theirs)


def test_gibbs_chain_is_its_transition_matrix(rbm):
    W, a, b = some_machine(3, 2, 9)
    start, T = np.tile(rbm["states"](3)[2], (40000, 1)), rbm["transition"](W, a, b)
    for k in (1, 2, 5):
        V = rbm["gibbs"](start, W, a, b, k, np.random.default_rng(k))
        counts = np.bincount((V @ [4, 2, 1]).astype(int), minlength=8) / 40000
        assert np.abs(counts - np.linalg.matrix_power(T, k)[2]).max() < 0.012  # five standard errors


def test_contrastive_divergence_has_the_mean_that_the_chain_says(rbm):
    W, a, b = some_machine(2, 2, 10)
    V = np.tile([[0.0, 1], [1, 1]], (30000, 1))
    q = np.array([0, 0.5, 0, 0.5]) @ rbm["transition"](W, a, b)
    expected = rbm["minus"](rbm["statistics"](V, W, b), rbm["statistics"](rbm["states"](2), W, b, q))
    for ours, theirs in zip(rbm["cd_gradient"](V, W, a, b, 1, np.random.default_rng(0)), expected, strict=True):
        assert np.abs(ours - theirs).max() < 0.01
