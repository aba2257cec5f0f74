"""The algorithms that lectures 3 to 7 write by hand, taken from their text and tried on many random cases.

A lecture proves its code on one case; here many shapes, strides and lengths run against PyTorch and brute force.
"""

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
