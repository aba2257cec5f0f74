"""The sliding-window demo: its arithmetic against SciPy, its view by mouse and keyboard, its Python side."""

import statistics

import numpy as np
import pytest
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401
from scipy import signal

from course_utils.interact import receptive as python_side
from course_utils.interact.receptive import ReceptiveField

MODULE = python_side.Path(python_side.__file__).with_name("receptive.js")
IMAGE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
LOPSIDED = np.array([[1, 2, 0], [0, 1, 0], [0, 0, -1]])


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(image=IMAGE, kernel=KERNEL, theme=LIGHT, width=800, **traits):
        page = mount(MODULE, state_of(ReceptiveField(image, kernel, **traits)), width=width, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def status(page):
    return page.get_by_role("status").inner_text()


def total(page):
    """The sum at the end of the line."""
    return status(page).split(" = ")[1].split(" (")[0]


def pixels(page, number):
    return page.locator("canvas").nth(number).evaluate("(c) => c.toDataURL()")


def output(page):
    return page.get_by_role("application")


# ------------------------------------------------------------------------------------------- the mathematics


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_arithmetic_of_both_sides_is_scipys(stride, padding, k, show):
    rng = np.random.default_rng(100 * stride + 10 * padding + k)
    image, kernel = rng.normal(size=(7, 9)), rng.normal(size=(k, k))
    page = show()
    compute = "([x, w, s, p]) => maths.correlate(maths.pad(x, p), w, s)"
    for turn, library in ((False, signal.correlate2d), (True, signal.convolve2d)):
        expected = library(np.pad(image, padding), kernel, "valid")[::stride, ::stride]
        demo = ReceptiveField(image, kernel, stride=stride, padding=padding, flip=turn)
        assert np.allclose(demo.output(), expected, atol=1e-13)
        used = kernel[::-1, ::-1] if turn else kernel
        ours = page.evaluate(compute, [image.tolist(), used.tolist(), stride, padding])
        assert np.allclose(ours, expected, atol=1e-13)
    assert page.evaluate("(w) => maths.flipped(w)", LOPSIDED.tolist()) == LOPSIDED[::-1, ::-1].tolist()


def test_sizes_follow_the_rule(show):
    page = show()
    for n, k, s in [(5, 3, 1), (5, 3, 2), (6, 3, 2), (7, 7, 4), (2, 3, 1), (28, 5, 3)]:
        assert page.evaluate("([n, k, s]) => maths.outSize(n, k, s)", [n, k, s]) == max(0, (n - k) // s + 1)


# ------------------------------------------------------------------------------------------------------ view


def test_worked_example_is_shown(show):
    page = show()
    assert status(page) == "row 0, column 0: 1·1 + 1·1 + 1·1 + 1·1 = 4 (the other 5 of the 9 products are 0)"
    assert "output 3 × 3" in page.locator("figcaption").nth(2).inner_text()


def test_pointing_moves_the_window(show):
    page = show()
    before = pixels(page, 0), pixels(page, 1)
    box = output(page).bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.1)
    assert status(page).startswith("row 0, column 1:") and total(page) == "3"
    assert pixels(page, 0) != before[0] and pixels(page, 1) != before[1]
    settle(page)
    assert (trait(page, "row"), trait(page, "column")) == (0, 1)
    assert page.evaluate("model.saved") == 1  # Python hears once, when the hand rests


def test_arrow_keys_move_the_window_and_stay_inside(show):
    page = show()
    output(page).focus()
    for key in ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
    assert status(page).startswith("row 2, column 2:") and total(page) == "4"


def test_keys_do_not_reach_the_notebook(show):
    page = show()
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    output(page).focus()
    for key in "abdx":
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


def test_editing_the_kernel(show):
    page = show()
    cell = page.get_by_label("kernel row 1, column 1", exact=True)
    cell.fill("10")
    cell.press("Tab")
    assert total(page) == "13"
    settle(page)
    assert trait(page, "kernel")[1][1] == 10 and page.get_by_label("kernel", exact=True).input_value() == "your own"
    cell.fill("")  # nothing that could be a number: the old one stays
    cell.press("Tab")
    assert cell.input_value() == "10" and trait(page, "kernel")[1][1] == 10


def test_presets_stride_padding_and_flip(show):
    page = show(kernel=LOPSIDED)
    assert total(page) == "3"
    page.get_by_label("turn the kernel").check()
    assert total(page) == "1"
    page.get_by_label("turn the kernel").uncheck()
    page.get_by_label("padding").select_option("1")
    page.get_by_label("stride").select_option("2")
    assert "output 3 × 3" in page.locator("figcaption").nth(2).inner_text()
    assert "grey: padding 1" in page.locator("figcaption").first.inner_text()
    page.get_by_label("kernel", exact=True).select_option("blur")
    settle(page)
    assert np.allclose(trait(page, "kernel"), np.full((3, 3), 1 / 9)) and trait(page, "stride") == 2
    assert status(page).startswith("row 0, column 0: 1·0.111 + 1·0.111 + 1·0.111 = 0.333 (the other 6")


def test_no_window_fits(show):
    page = show(image=np.ones((2, 6)))
    assert "larger than the padded picture" in status(page)
    page.get_by_label("padding").select_option("1")
    assert total(page) == "2"


def test_a_smaller_output_keeps_the_window_inside(show):
    page = show(row=2, column=2)
    page.get_by_label("stride").select_option("2")
    assert status(page).startswith("row 1, column 1:")
    output(page).focus()
    page.keyboard.press("ArrowLeft")
    assert status(page).startswith("row 1, column 0:")


def test_python_is_heard(show):
    page = show()
    page.evaluate("(k) => model.receive('kernel', k)", [[2, 0], [0, 0]])
    page.wait_for_function("document.querySelectorAll('.kernel input').length === 4")
    assert status(page).endswith("1·2 = 2 (the other 3 of the 4 products are 0)")
    page.evaluate("model.receive('image', [[0, 5, 0], [0, 0, 0]])")
    page.wait_for_function("document.querySelector('figcaption').textContent.includes('2 × 3')")
    assert status(page).endswith("only zeros = 0")


def test_a_digit_fits_and_is_drawn_in_both_themes(show):
    rng = np.random.default_rng(1)
    for theme in (LIGHT, DARK):
        page = show(image=rng.random((28, 28)), kernel=rng.normal(size=(5, 5)), theme=theme)
        assert page.evaluate("el.scrollWidth <= el.clientWidth") and "25 products" in status(page)
    page = show(width=360)
    assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_pointer_to_picture_is_fast(show):
    page = show(image=np.random.default_rng(2).random((28, 28)), kernel=np.ones((5, 5)))
    box = output(page).bounding_box()
    page.evaluate(
        """() => { window.times = []; const canvas = document.querySelector(".output");
          canvas.addEventListener("pointermove", () => { window.start = performance.now(); }, true);
          canvas.addEventListener("pointermove", () => requestAnimationFrame(() => times.push(performance.now() - start)));
        }"""
    )
    for at in range(20):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.04 * at), box["y"] + 0.5 * box["height"])
        paint(page)
    times = page.evaluate("times")
    assert len(times) == 20 and statistics.median(times) < 100  # measured 6 ms; a busy machine is slower


def test_cleaning_up_stops_listening(show):
    page = show()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('stride', 2)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


# ---------------------------------------------------------------------------------------------- Python's side


@pytest.mark.parametrize(
    "image,kernel,words",
    [
        (np.ones(5), KERNEL, "image is a table of finite numbers"),
        ([[1, 2], [3]], KERNEL, "image is a table of finite numbers"),
        (IMAGE * np.nan, KERNEL, "image is a table of finite numbers"),
        (np.ones((41, 5)), KERNEL, "at most 40 x 40"),
        (IMAGE, np.ones((2, 3)), "kernel is square"),
        (IMAGE, np.ones((9, 9)), "1 x 1 to 7 x 7"),
    ],
)
def test_bad_input_is_explained(image, kernel, words):
    with pytest.raises(traitlets.TraitError, match=words):
        ReceptiveField(image, kernel)


def test_static_picture():
    demo = ReceptiveField(IMAGE, KERNEL, row=1)
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"ReceptiveField: {demo.alt}" and "<img alt=" in data["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == demo.picture() != ReceptiveField(IMAGE, KERNEL, row=2).picture()
    assert ReceptiveField(np.ones((2, 2)), KERNEL).picture()  # nothing fits: still a picture
