"""The drawing demo: its network against PyTorch, its view by mouse and keyboard, its Python side."""

import statistics

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401

from course_utils import data
from course_utils.interact import drawpad as python_side
from course_utils.interact.drawpad import DrawDigit, centre, seven

MODULE = python_side.Path(python_side.__file__).with_name("drawpad.js")
DIGITS = data.digits28().X_test[:3, 0]
SHAPES = [[(3, 1, 3, 3), (5, 3, 5, 5), (245, 12), (12, 10)], [(2, 1, 5, 5), (392, 10)], [(784, 10)]]


def network(shapes=SHAPES[0], seed=0):
    """Random parameters of these shapes, with biases that are not 0."""
    rng = np.random.default_rng(seed)
    params = []
    for shape in shapes:
        fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
        n_out = shape[0] if len(shape) == 4 else shape[1]
        params += [rng.normal(size=shape) * (2 / fan_in) ** 0.5, 0.1 * rng.normal(size=n_out)]
    return [p.astype(np.float32) for p in params]


def by_torch(params, image):
    """Feature maps and logits of the same network, computed by PyTorch."""
    A, found = torch.tensor(image, dtype=torch.float32)[None, None], []
    for W, b in zip(map(torch.tensor, params[::2]), map(torch.tensor, params[1::2]), strict=True):
        if W.ndim == 4:
            A = F.relu(F.conv2d(A, W, b, padding=W.shape[-1] // 2))
            found.append(A[0].numpy())
            A = F.max_pool2d(A, 2)
        else:
            Z = A.flatten(1) @ W + b
            A = F.relu(Z)
            found.append(Z[0].numpy())
    return found


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(params=None, theme=LIGHT, width=700, **settings):
        page = mount(MODULE, state_of(DrawDigit(params or network(), **settings)), width=width, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def board(page):
    return page.get_by_role("application")


def shares(page):
    return [float(text) for text in page.locator(".bars > span:nth-child(3n)").all_inner_texts()]


def pixels(page, label):
    return page.get_by_role("img", name=label, exact=True).evaluate("(c) => c.toDataURL()")


# ------------------------------------------------------------------------------------------- the mathematics


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("centred", [False, True])
def test_both_sides_compute_what_pytorch_computes(shapes, centred, show):
    params, image = network(shapes), np.roll(DIGITS[1], 3, axis=1)
    demo = DrawDigit(params, centred=centred)
    seen = centre(image) if centred else image
    *maps, logits = by_torch(params, seen)
    ours = demo.maps(image)
    for mine, theirs in zip(ours, maps, strict=False):
        if theirs.ndim == 3:
            assert np.allclose(mine, theirs, atol=1e-5)
    expected = F.softmax(torch.tensor(logits), 0).numpy()
    assert np.allclose(demo.predict(image), expected, atol=1e-5)
    page = show(params, centred=centred, image=np.clip(image, 0, 1))
    assert np.allclose(trait(page, "probabilities"), expected, atol=1e-4)
    layers = page.evaluate(
        """([image, centred]) => { const params = maths.parameters(model.get("weights"), model.get("shapes"));
          return maths.forward(centred ? maths.centre(image) : image, params).layers.map((l) => [...l.maps]); }""",
        [image.ravel().tolist(), centred],
    )
    for mine, theirs in zip(layers, [m for m in maps if m.ndim == 3], strict=True):
        assert np.allclose(mine, theirs.ravel(), atol=1e-5)


def test_centring_moves_the_centre_of_gravity_to_the_middle(show):
    image = np.zeros((28, 28))
    image[2:6, 20:27] = np.random.default_rng(0).random((4, 7))
    moved = centre(image)
    rows, columns = np.mgrid[:28, :28]
    for axis in (rows, columns):
        assert abs(np.average(axis, weights=moved) - 13.5) <= 0.5
    assert np.isclose(moved.sum(), image.sum()) and not centre(np.zeros((28, 28))).any()
    theirs = show().evaluate("(image) => [...maths.centre(image)]", image.ravel().tolist())
    assert np.allclose(theirs, moved.ravel())


def test_a_stroke_is_the_same_on_both_sides(show):
    drawn = show().evaluate(
        """() => { let image = new Array(784).fill(0);
          image = maths.stroke(image, 7, 8, 20, 8);
          return maths.stroke(image, 20, 8, 12, 22); }"""
    )
    assert np.allclose(drawn, seven().ravel())


# ------------------------------------------------------------------------------------------------------ view


def test_it_starts_alive(show):
    page = show()
    assert np.allclose(shares(page), DrawDigit(network()).predict(), atol=6e-4)
    assert f"reads {np.argmax(shares(page))}," in page.get_by_role("status").inner_text()
    assert page.get_by_role("img").count() == 8


def test_drawing_with_the_mouse(show):
    page = show(centred=False)
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert not np.any(trait(page, "image")) and "empty" in page.get_by_role("status").inner_text()
    before, box = (shares(page), pixels(page, "map 1 of layer 1")), board(page).bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 200, steps=5)
    page.mouse.up()
    page.mouse.move(box["x"] + 200, box["y"] + 200)  # the pen is up: no ink
    settle(page)
    drawn = np.array(trait(page, "image"))
    assert drawn.shape == (28, 28) and drawn[10:20, 6:8].min() > 0.5 and not drawn[:, 12:].any()
    assert shares(page) != before[0] and pixels(page, "map 1 of layer 1") != before[1]
    assert np.allclose(shares(page), DrawDigit(network(), centred=False).predict(drawn), atol=6e-4)


def test_drawing_with_the_keyboard(show):
    page = show()
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_role("button", name="Clear").click()
    board(page).focus()
    for key in ["ArrowUp", " ", "ArrowRight", "ArrowRight", "ArrowDown", " ", "ArrowDown", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
    settle(page)
    drawn = np.array(trait(page, "image"))
    assert drawn[12, 13] == drawn[12, 15] == drawn[13, 15] == 1 and drawn[16:].sum() == 0
    assert page.evaluate("window.heard") == 0


def test_test_digits_and_centring(show):
    page = show(examples=DIGITS)
    for k in (0, 1, 2, 0):
        page.get_by_role("button", name="A test digit").click()
        settle(page)
        assert np.allclose(trait(page, "image"), DIGITS[k], atol=6e-4)
    corner = np.zeros((28, 28))
    corner[:14, :14] = DIGITS[0][7:21, 7:21]
    page.evaluate("(image) => model.receive('image', image)", corner.tolist())
    page.wait_for_function("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    there = shares(page)
    page.get_by_label("centre it first").uncheck()
    settle(page)
    assert shares(page) != there and trait(page, "centred") is False
    assert np.allclose(shares(page), DrawDigit(network(), centred=False).predict(corner), atol=6e-4)
    assert not show().get_by_role("button", name="A test digit").is_visible()


def test_python_is_heard(show):
    page = show()
    before = shares(page)
    page.evaluate("(image) => model.receive('image', image)", DIGITS[2].astype(float).tolist())
    page.wait_for_function("(f) => Number(el.dataset.frames) > f", arg=1)
    assert shares(page) != before


def test_themes_and_a_narrow_page(show):
    show(theme=DARK)
    page = show(width=360)
    assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_stroke_to_picture_is_fast(show):
    page = show(network([(8, 1, 5, 5), (16, 8, 5, 5), (784, 128), (128, 10)]))
    box = board(page).bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.evaluate(
        """() => { window.times = [];
          document.querySelector(".board").addEventListener("pointermove", () => {
            const start = performance.now(), frames = Number(el.dataset.frames);
            const look = () => { if (Number(el.dataset.frames) > frames) times.push(performance.now() - start);
              else requestAnimationFrame(look); };
            requestAnimationFrame(look); }, true); }"""
    )
    for step in range(15):
        page.mouse.move(box["x"] + 30 + 10 * step, box["y"] + 60)
        paint(page)
    page.mouse.up()
    assert statistics.median(page.evaluate("times")) < 150  # measured 17 ms; a busy machine is slower


def test_cleaning_up_stops_listening(show):
    page = show()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('centred', false)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


# ---------------------------------------------------------------------------------------------- Python's side


@pytest.mark.parametrize(
    "change,words",
    [
        (lambda p: p[:3], "params is a list"),
        (lambda p: p[2:], "layer 1: W needs shape"),
        (lambda p: [*p[:4], p[4][:-1], *p[5:]], r"layer 3: W needs shape \(245, n_out\)"),
        (lambda p: p[:-2], "needs 10 outputs, not 12"),
        (lambda p: [p[0][:, :, :2, :2], *p[1:]], "odd k"),
    ],
)
def test_bad_parameters_are_explained(change, words):
    with pytest.raises(ValueError, match=words):
        DrawDigit(change(network()))


def test_python_side():
    with pytest.raises(traitlets.TraitError, match="28 rows of 28 numbers"):
        DrawDigit(network(), image=np.ones((5, 5)))
    demo = DrawDigit(network(), examples=DIGITS[:, None])
    data_, metadata = demo._repr_mimebundle_()
    assert data_["text/plain"] == f"DrawDigit: {demo.alt}" and metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == DrawDigit(network()).picture()
