"""The GAN studio: both players' gradients against PyTorch, its view by mouse and keyboard, its Python side."""

import statistics
from functools import partial

import numpy as np
import pytest
import torch
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401
from dense import BY_TORCH, by_torch, some_layers
from torch.nn import functional as F

from course_utils import data
from course_utils.interact import ganstudio as python_side
from course_utils.interact.ganstudio import GanStudio

MODULE = python_side.Path(python_side.__file__).with_name("ganstudio.js")
X, CENTRES = data.ring(200, np.random.default_rng(0), spread=0.05)


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(theme=LIGHT, width=820, **settings):
        demo = GanStudio(settings.pop("X", X), **settings)
        page = mount(MODULE, state_of(demo), width=width, height=900, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        settle(page)
        return page

    return open_with


def networks():
    return {"generator": some_layers((3, 6, 2), seed=1), "discriminator": some_layers((2, 7, 5, 1), seed=2)}


def status(page):
    return page.get_by_role("status").inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def pixels(page):
    return page.locator("canvas").evaluate("(c) => c.toDataURL()")


# ------------------------------------------------------------------------------------------- the mathematics

LOSSES = """([weights, shapes, real, fake, z, f, gamma, saturating]) => {
  const [G, D] = maths.unpack(weights, shapes), flat = (rows) => Float64Array.from(rows.flat());
  const d = maths.lossD(D, flat(real), flat(fake), f, gamma), g = maths.lossG(G, D, flat(z), f, saturating);
  const said = maths.beliefs(D, flat(real), flat(fake), f);
  const list = (grads) => grads.flatMap((layer) => [[...layer.W], [...layer.b]]);
  return { d: d.loss, dGrads: list(d.grads), real: said.real, fake: said.fake,
    g: g.loss, gGrads: list(g.grads), points: [...g.points], dX: [...g.dX] };
}"""


@pytest.mark.parametrize("saturating", [False, True])
@pytest.mark.parametrize("gamma", [0.0, 1.3])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_both_players_gradients_are_pytorchs(activation, gamma, saturating, show):
    rng, nets = np.random.default_rng(2), networks()
    demo = GanStudio(X, **nets, activation=activation)
    real, fake, z = rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), rng.normal(size=(11, 3))
    as_float = lambda p: torch.tensor(p.astype(np.float32).astype(float), requires_grad=True)  # noqa: E731
    G, D = ([as_float(p) for p in nets[name]] for name in ("generator", "discriminator"))
    run, leaf = partial(by_torch, f=BY_TORCH[activation]), torch.tensor(real, requires_grad=True)
    a, b = run(D, leaf), run(D, torch.tensor(fake))
    slope = torch.autograd.grad(a.sum(), leaf, create_graph=True)[0]
    d = F.softplus(-a).mean() + F.softplus(b).mean() + gamma / 2 * (slope**2).sum(1).mean()
    d_grads = torch.autograd.grad(d, D, allow_unused=True)
    points = run(G, torch.tensor(z))
    points.retain_grad()
    logits = run(D, points)
    g = (-F.softplus(logits) if saturating else F.softplus(-logits)).mean()
    g.backward()
    points_as_lists = [array.tolist() for array in (real, fake, z)]
    ours = show().evaluate(LOSSES, [demo.weights, demo.shapes, *points_as_lists, activation, gamma, saturating])
    assert ours["d"] == pytest.approx(d.item(), abs=1e-10) and ours["g"] == pytest.approx(g.item(), abs=1e-10)
    assert ours["real"] == pytest.approx(torch.sigmoid(a).mean().item())
    assert ours["fake"] == pytest.approx(torch.sigmoid(b).mean().item())
    for mine, theirs in zip(ours["dGrads"] + ours["gGrads"], [*d_grads, *(p.grad for p in G)], strict=True):
        assert np.abs(np.array(mine) - theirs.numpy().ravel()).max() < 1e-6
    assert np.allclose(ours["points"], points.detach().numpy().ravel())
    assert np.allclose(ours["dX"], points.grad.numpy().ravel())


def test_adam_is_pytorchs(show):
    leaf = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([leaf], lr=0.03, betas=(0.5, 0.999))
    slopes = np.random.default_rng(3).normal(size=(20, 2))
    for slope in slopes:
        leaf.grad = torch.tensor(slope)
        optimiser.step()
    code = """(slopes) => { const layers = [{ W: [1], b: [-2] }], memory = {};
      slopes.forEach(([w, b]) => maths.adam(layers, [{ W: [w], b: [b] }], memory, 0.03));
      return [layers[0].W[0], layers[0].b[0]]; }"""
    assert np.allclose(show().evaluate(code, slopes.tolist()), leaf.detach().numpy(), atol=1e-12)


def test_noise_is_normal_and_repeats(show):
    page = show()
    draw = "(seed) => [...maths.normals(4000, maths.uniform(seed))]"
    z = np.array(page.evaluate(draw, 5))
    assert abs(z.mean()) < 0.06 and abs(z.std() - 1) < 0.05 and abs(np.mean(z**3)) < 0.2 and abs(np.mean(z**4) - 3) < 0.5
    assert np.array_equal(z, page.evaluate(draw, 5)) and not np.array_equal(z, page.evaluate(draw, 6))
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.06


def test_match_counts(show):
    found = show().evaluate("maths.match([[0, 0], [1, 1], [2, 2]], [[0, 0.1], [0.1, 0], [1.05, 1], [5, 5]])")
    assert found == {"covered": pytest.approx(2 / 3), "good": 0.75}


# ------------------------------------------------------------------------------------------------------ view


def test_steps_of_each_player_alone(show):
    page = show()
    start = trait(page, "samples")
    before = pixels(page)
    press(page, "Step D")
    assert trait(page, "steps") == [1, 0] and trait(page, "samples") == start  # the generator has not moved
    assert pixels(page) != before
    press(page, "Step G")
    assert trait(page, "steps") == [1, 1] and trait(page, "samples") != start
    assert status(page).startswith("steps of D 1, of G 1;")
    page.get_by_label("D's steps for one of G").fill("3")
    press(page, "Step both")
    assert trait(page, "steps") == [4, 2] and trait(page, "k") == 3


def test_restart_goes_back_and_runs_the_same_again(show):
    page = show()
    start = trait(page, "samples")
    press(page, "Step both")
    press(page, "Step both")
    after = trait(page, "samples")
    press(page, "Restart")
    assert trait(page, "samples") == start and trait(page, "steps") == [0, 0]
    press(page, "Step both")
    press(page, "Step both")
    assert trait(page, "samples") == after


def test_it_learns_one_cloud(show):
    rng = np.random.default_rng(4)
    page = show(X=[1.0, -1.0] + 0.2 * rng.normal(size=(100, 2)), eta_g=0.003, gamma=0.2)
    first = np.abs(np.mean(trait(page, "samples"), axis=0) - [1, -1]).max()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("model.get('steps')[1] >= 300", timeout=60000)
    press(page, "Pause")
    steps = trait(page, "steps")
    assert first > 0.5 and np.abs(np.mean(trait(page, "samples"), axis=0) - [1, -1]).max() < 0.4
    page.wait_for_timeout(100)
    assert trait(page, "steps") == steps  # paused
    share = float(status(page).split("generated points near a target ")[1].split(" %")[0])
    assert share > 50


def test_painting_by_mouse_and_by_keyboard(show):
    page = show()
    press(page, "Clear, then paint")
    assert "no target" in status(page)
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 100, steps=3)
    page.mouse.up()
    settle(page)
    painted = np.array(trait(page, "X"))
    assert len(painted) == 24 and np.abs(painted[:6].mean(axis=0) - [-1.5, 1.5]).max() < 0.15
    assert page.get_by_label("target", exact=True).input_value() == "painted"
    page.locator("canvas").focus()
    for key in ["ArrowRight"] * 5 + ["Enter"]:
        page.keyboard.press(key)
    settle(page)
    fresh = np.array(trait(page, "X"))[24:]
    assert len(fresh) == 6 and np.abs(fresh.mean(axis=0) - [1, 0]).max() < 0.15  # five steps right of the middle
    press(page, "Step both")
    assert trait(page, "steps") == [1, 1]


def test_presets_and_back(show):
    page = show()
    page.get_by_label("target", exact=True).select_option("two clouds")
    settle(page)
    cloud = np.array(trait(page, "X"))
    assert len(cloud) == 240 and np.abs(np.abs(cloud[:, 0]) - 1.5).max() < 0.3
    page.get_by_label("target", exact=True).select_option("as given")
    settle(page)
    assert np.allclose(trait(page, "X"), X, atol=1e-4)


def test_an_empty_target_is_never_sent(show):
    page = show()
    page.evaluate("model.snapshots = []")
    press(page, "Clear, then paint")
    press(page, "Step both")
    press(page, "Play")
    assert trait(page, "steps") == [0, 0] and page.evaluate("model.snapshots.every((s) => !('X' in s) || s.X.length)")


def test_knobs_reach_the_traits(show):
    page = show()
    page.get_by_label("η of D").fill("-2")
    page.get_by_label("R1 penalty").fill("0.5")
    page.get_by_label("G minimises").check()
    settle(page)
    assert trait(page, "eta_d") == pytest.approx(0.01) and trait(page, "gamma") == 0.5 and trait(page, "saturating") is True
    before = pixels(page)
    page.get_by_label("field of D").uncheck()
    assert pixels(page) != before


def test_keys_do_not_reach_the_notebook(show):
    page = show()
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.locator("canvas").focus()
    for key in "abdx":
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


def test_python_is_heard(show):
    page = show()
    before = pixels(page), status(page)
    page.evaluate("model.receive('X', [[2.5, 2.5], [2.4, 2.5]])")
    page.evaluate("model.receive('gamma', 0.75)")
    paint(page)
    assert "γ 0.75" in page.locator(".panel").inner_text()
    assert pixels(page) != before[0] and status(page) != before[1]


def test_it_fits_in_both_themes_and_on_a_phone(show):
    for theme, width in ((LIGHT, 820), (DARK, 820), (LIGHT, 360)):
        page = show(theme=theme, width=width)
        assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_playing_is_smooth(show):
    page = show()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(300)
    code = """() => new Promise((done) => {
      const times = []; let last = performance.now(), frames = Number(el.dataset.frames);
      const look = () => { const now = performance.now(); times.push(now - last); last = now;
        times.length < 20 ? requestAnimationFrame(look) : done([times, Number(el.dataset.frames) - frames]); };
      requestAnimationFrame(look); })"""
    times, frames = page.evaluate(code)
    assert frames >= 18 and statistics.median(times) < 200  # a busy machine is slower
    press(page, "Pause")


def test_cleaning_up_stops_the_game(show):
    page = show()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(100)
    page.evaluate("cleanup()")
    page.wait_for_timeout(50)
    steps = trait(page, "steps")
    page.wait_for_timeout(200)
    assert trait(page, "steps") == steps


# ---------------------------------------------------------------------------------------------- Python's side


def test_bad_input_is_explained():
    for bad in (np.zeros((0, 2)), np.zeros((3, 3)), [[4.0, 0.0]], [[np.nan, 0.0]]):
        with pytest.raises(traitlets.TraitError, match=r"1 to 2000 points \(n, 2\)"):
            GanStudio(bad)
    with pytest.raises(ValueError, match="the generator needs 2 outputs, not 1"):
        GanStudio(X, generator=networks()["discriminator"])
    with pytest.raises(ValueError, match="layer 1 of the discriminator"):
        GanStudio(X, discriminator=networks()["generator"])
    with pytest.raises(ValueError, match="W1, b1"):
        GanStudio(X, generator=[np.zeros((2, 2))])
    with pytest.raises(traitlets.TraitError, match="activation"):
        GanStudio(X, activation="softsign")


def test_samples_start_with_the_generators_points():
    demo = GanStudio(X, **networks(), activation="tanh", seed=3)
    assert np.shape(demo.samples) == (256, 2) and demo.steps == [0, 0]
    expected = by_torch([torch.tensor(p) for p in demo.generator], torch.tensor(demo._z), torch.tanh).numpy()
    assert np.abs(np.array(demo.samples) - expected).max() < 1e-4


def test_static_picture():
    demo = GanStudio(X)
    bundle, metadata = demo._repr_mimebundle_()
    assert bundle["text/plain"] == f"GanStudio: {demo.alt}" and "<img alt=" in bundle["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == GanStudio(X).picture() != GanStudio(X, seed=1).picture()
