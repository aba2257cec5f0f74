"""The two demos of codes: their decoder against PyTorch, their views by mouse and keyboard, their Python side."""

import statistics

import numpy as np
import pytest
import torch
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401
from dense import BY_TORCH, by_torch, some_layers

from course_utils.interact import latent as python_side
from course_utils.interact.latent import Bottleneck, LatentPlane, limits

MODULE = python_side.Path(python_side.__file__).with_name("latent.js")


def sliders(k=3, n=4, d=64, seed=1, **settings):
    rng = np.random.default_rng(seed)
    components = np.linalg.qr(rng.normal(size=(d, k)))[0].T
    codes, X, mean = rng.normal(size=(n, k)), rng.random((n, d)), rng.random(d)
    return Bottleneck(some_layers((k, 7, d)), codes, X, mean, components, **settings)


def plane(seed=1, **settings):
    rng = np.random.default_rng(seed)
    return LatentPlane(some_layers((2, 7, 64)), rng.normal(size=(40, 2)), rng.integers(0, 10, 40), **settings)


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(demo, theme=LIGHT, width=800):
        page = mount(MODULE, state_of(demo), width=width, height=1100, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def status(page):
    return page.get_by_role("status").inner_text()


def picture(page, label):
    """The grey levels that are painted under this label, as ink in [0, 1]; (side * side,)."""
    canvas = page.get_by_role("img", name=label, exact=True)
    levels = canvas.evaluate("(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return 1 - np.array(levels)[::4] / 255


def slider(page, which, number):
    return page.get_by_label(f"{which}, number {number}", exact=True)


# ------------------------------------------------------------------------------------------- the mathematics


@pytest.mark.parametrize("output", ["linear", "sigmoid"])
@pytest.mark.parametrize("activation", BY_TORCH)
def test_decoder_of_both_sides_is_pytorchs(activation, output, show):
    params, rng = some_layers((3, 8, 5, 64), seed=3), np.random.default_rng(4)
    Z = 3 * rng.normal(size=(6, 3))
    demo = Bottleneck(params, Z, rng.random((6, 64)), np.zeros(64), np.eye(3, 64), activation=activation, output=output)
    codes, *layers = (torch.tensor(a, dtype=torch.float32) for a in (Z, *params))
    A = by_torch(layers, codes, BY_TORCH[activation])
    expected = (torch.sigmoid(A) if output == "sigmoid" else A).numpy()
    assert np.abs(demo.decode(Z) - expected).max() < 1e-5
    page = show(demo)
    code = "([w, s, z, f, g]) => z.map((c) => [...maths.decode(maths.unpack(w, s).layers, f, g, c)])"
    ours = page.evaluate(code, [demo.weights, demo.shapes, Z.tolist(), activation, output])
    assert np.abs(np.array(ours) - expected).max() < 1e-5


def test_small_functions(show):
    page = show(plane())
    assert page.evaluate("maths.path([0, 1], [4, 3], 3)") == [[0, 1], [2, 2], [4, 3]]
    assert page.evaluate("maths.nearest([[0, 0], [3, 4], [9, 9]], [0, 4])") == {"index": 1, "distance": 3}
    assert page.evaluate("maths.mse([1, 2], [3, 2])") == 2
    points = np.random.default_rng(2).normal(size=(37, 2))
    ends = page.evaluate("(p) => maths.limits(p)", points.tolist())
    low, high = limits(points)
    assert np.allclose(ends["low"], low) and np.allclose(ends["high"], high)


# -------------------------------------------------------------------------------------------------- sliders


def test_both_pictures_and_their_errors_are_shown(show):
    demo = sliders(activation="elu", example=1)
    page = show(demo)
    assert np.abs(picture(page, "original") - demo.pictures[1]).max() < 0.003
    assert np.abs(picture(page, "PCA") - np.clip(demo.from_pca(demo.c), 0, 1)).max() < 0.003
    ours = demo.decode([demo.z])[0]
    assert np.abs(picture(page, "autoencoder") - np.clip(ours, 0, 1)).max() < 0.003
    errors = [np.mean((p - demo.pictures[1]) ** 2) for p in (demo.from_pca(demo.c), ours)]
    shown = [float(words.split()[-1]) for words in status(page).replace("−", "-").split(", autoencoder")]
    assert np.allclose(shown, errors, rtol=6e-3) and status(page).startswith("digit 2 of 4;")


@pytest.mark.parametrize("which,name,other", [("PCA", "c", "autoencoder"), ("autoencoder", "z", "PCA")])
def test_a_slider_moves_its_own_picture(which, name, other, show):
    page = show(sliders())
    before, still = picture(page, which), picture(page, other)
    code = trait(page, name)
    slider(page, which, 2).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    settle(page)
    assert np.abs(picture(page, which) - before).max() > 0.01
    assert np.array_equal(picture(page, other), still)
    now = trait(page, name)
    assert now[1] > code[1] and [now[0], now[2]] == [code[0], code[2]]
    assert page.evaluate("model.saved") == 1  # Python hears once, when the hand rests


def test_a_slider_by_mouse(show):
    page = show(sliders())
    box = slider(page, "autoencoder", 1).bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    settle(page)
    assert trait(page, "z")[0] > 0.6 * trait(page, "reach")[0][0]


def test_buttons(show):
    page = show(sliders())
    page.get_by_role("button", name="Next digit").click()
    settle(page)
    assert trait(page, "example") == 1 and status(page).startswith("digit 2 of 4")
    assert trait(page, "z") == trait(page, "codes")[1] and trait(page, "c") == trait(page, "principal")[1]
    page.get_by_role("button", name="All numbers 0").click()
    settle(page)
    assert trait(page, "z") == [0, 0, 0] == trait(page, "c")
    page.get_by_role("button", name="Back to its code").click()
    settle(page)
    assert trait(page, "z") == trait(page, "codes")[1]
    for _ in range(3):
        page.get_by_role("button", name="Next digit").click()
    settle(page)
    assert trait(page, "example") == 0


def test_python_is_heard(show):
    demo = sliders()
    page = show(demo)
    page.evaluate("model.receive('z', [1.5, -0.5, 0.25])")
    paint(page)
    assert np.abs(picture(page, "autoencoder") - np.clip(demo.decode([[1.5, -0.5, 0.25]])[0], 0, 1)).max() < 0.003


# ---------------------------------------------------------------------------------------------------- plane


def test_dragging_a_point_decodes_it(show):
    demo = plane(a=[0.0, 0.0], b=[1.0, 0.5], output="sigmoid")
    page = show(demo)
    assert np.abs(picture(page, "decoded at A") - demo.decode([[0, 0]])[0]).max() < 0.003
    end = page.get_by_role("slider", name="point A")
    box = end.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] - 40, steps=4)
    page.mouse.up()
    settle(page)
    a = trait(page, "a")
    assert a[0] > 0.2 and a[1] > 0.2 and trait(page, "b") == [1.0, 0.5]
    assert np.abs(picture(page, "decoded at A") - demo.decode([a])[0]).max() < 0.003
    nearest = np.linalg.norm(np.array(demo.points) - a, axis=1)
    label, distance = demo.labels[nearest.argmin()], nearest.min()
    assert f"nearest code is a {label}, {float(f'{distance:.3g}'):g} away" in status(page).split("; B")[0]


def test_the_path_is_decoded(show):
    demo = plane(a=[-1.0, 0.5], b=[1.0, -0.5])
    page = show(demo)
    for k, expected in enumerate(np.clip(demo.decode(demo.path()), 0, 1)):
        assert np.abs(picture(page, f"step {k + 1} of 9 from A to B") - expected).max() < 0.003
    page.get_by_role("slider", name="point B").focus()
    before = picture(page, "step 5 of 9 from A to B")
    page.keyboard.press("Shift+ArrowLeft")
    settle(page)
    assert trait(page, "b")[0] < 1 and trait(page, "b")[1] == -0.5 and trait(page, "a") == [-1.0, 0.5]
    assert np.abs(picture(page, "step 5 of 9 from A to B") - before).max() > 0.003


def test_points_stay_inside(show):
    demo = plane(a=[0.0, 0.0])
    page = show(demo)
    page.get_by_role("slider", name="point A").focus()
    for _ in range(15):
        page.keyboard.press("Shift+ArrowUp")
    settle(page)
    assert trait(page, "a")[1] == pytest.approx(limits(np.array(demo.points))[1][1], abs=1e-3)


# --------------------------------------------------------------------------------------------------- common


def test_keys_do_not_reach_the_notebook(show):
    page = show(plane())
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_role("slider", name="point A").focus()
    for key in "abdx":
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


@pytest.mark.parametrize("make", [sliders, plane])
def test_it_fits_in_both_themes_and_on_a_phone(make, show):
    for theme, width in ((LIGHT, 800), (DARK, 800), (LIGHT, 360)):
        page = show(make(), theme=theme, width=width)
        assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_pointer_to_picture_is_fast(show):
    rng = np.random.default_rng(5)
    page = show(LatentPlane(some_layers((2, 128, 256, 784)), rng.normal(size=(500, 2)), rng.integers(0, 10, 500), a=[0, 0]))
    box = page.get_by_role("slider", name="point A").bounding_box()
    page.evaluate(
        """() => { window.times = []; let start;
          document.addEventListener("pointermove", () => { start = performance.now();
            requestAnimationFrame(() => requestAnimationFrame(() => times.push(performance.now() - start))); }, true);
        }"""
    )
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for at in range(20):
        page.mouse.move(box["x"] + 5 * at, box["y"] + 3 * at)
        paint(page)
    page.mouse.up()
    times = page.evaluate("times")
    assert len(times) >= 20 and statistics.median(times) < 150  # two frames and nine pictures; a busy machine is slower


def test_cleaning_up_stops_listening(show):
    page = show(plane())
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('a', [0.1, 0.2])")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


# ---------------------------------------------------------------------------------------------- Python's side


def test_bad_input_is_explained():
    good = some_layers((2, 5, 64))
    X, mean, components = np.zeros((3, 64)), np.zeros(64), np.eye(2, 64)
    with pytest.raises(ValueError, match="with k <= 16"):
        Bottleneck(good, np.zeros((3, 4)), X, mean, components)
    with pytest.raises(ValueError, match="codes of 2 numbers"):
        Bottleneck(some_layers((3, 5, 64)), np.zeros((3, 2)), X, mean, components)
    with pytest.raises(ValueError, match="1 to 20 pictures"):
        Bottleneck(good, np.zeros((0, 2)), np.zeros((0, 64)), mean, components)
    with pytest.raises(ValueError, match="not a square"):
        LatentPlane(some_layers((2, 5, 60)), np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="the plane has 2"):
        LatentPlane(some_layers((3, 5, 64)), np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="2 to 1000 codes"):
        LatentPlane(good, np.zeros((3, 3)), np.zeros(3))
    with pytest.raises(ValueError, match="layer 2 of the decoder"):
        LatentPlane([good[0], good[1], good[2].T, good[3]], np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="W1, b1"):
        LatentPlane(good[:1], np.zeros((3, 2)), np.zeros(3))
    with pytest.raises(traitlets.TraitError, match="activation"):
        LatentPlane(good, np.zeros((3, 2)), np.zeros(3), activation="softsign")
    with pytest.raises(traitlets.TraitError, match="two finite numbers"):
        plane().a = [1.0]


@pytest.mark.parametrize("make", [sliders, plane])
def test_static_picture(make):
    demo = make()
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"{type(demo).__name__}: {demo.alt}" and "<img alt=" in data["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == make().picture() != make(seed=2).picture()
