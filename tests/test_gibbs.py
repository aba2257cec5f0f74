"""Clamp and complete: the chain against exact probabilities, the view by mouse and keyboard, Python's side."""

import numpy as np
import pytest
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401

from course_utils.interact import gibbs as python_side
from course_utils.interact.gibbs import Gibbs
from course_utils.nets import sigmoid

MODULE = python_side.Path(python_side.__file__).with_name("gibbs.js")


def machine(side=4, m=3, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    d = side * side
    return scale * rng.normal(size=(d, m)), rng.normal(size=d), rng.normal(size=m), rng.random((3, d))


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(demo, theme=LIGHT, width=700):
        page = mount(MODULE, state_of(demo), width=width, height=700, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def button(page, name):
    return page.get_by_role("button", name=name)


def status(page):
    return page.get_by_role("status").inner_text()


def place(page, row, column, side=4):
    box = page.get_by_role("application").bounding_box()
    return box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side


def exact_means(W, a, b, v, free):
    """E[v_i] of the free units given the clamped ones, by enumeration of the free ones."""
    k = int(free.sum())
    V = np.tile(v.astype(float), (2**k, 1))
    V[:, free] = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    log_p = V @ a + np.logaddexp(0, b + V @ W).sum(axis=1)
    p = np.exp(log_p - log_p.max())
    return (p / p.sum()) @ V


def test_conditionals_are_the_machines(show):
    W, a, b, X = machine()
    demo = Gibbs(W, a, b, X)
    page = show(demo)
    rng = np.random.default_rng(1)
    v, h = (rng.random(16) < 0.5).astype(int), (rng.random(3) < 0.5).astype(int)
    code = """([w, v, h]) => { const m = maths.unpack(w, 16, 3);
      return [[...maths.hiddenGiven(m, v)], [...maths.visibleGiven(m, h)]]; }"""
    ours = page.evaluate(code, [demo.weights, v.tolist(), h.tolist()])
    assert np.allclose(ours[0], sigmoid(v @ W + b), atol=1e-6) and np.allclose(ours[1], sigmoid(W @ h + a), atol=1e-6)


def test_the_chain_finds_the_exact_conditional_distribution(show):
    W, a, b, X = machine(scale=0.7)
    free = (np.arange(16) % 3 == 0).astype(int)
    demo = Gibbs(W, a, b, X, free=free)
    expected = exact_means(W, a, b, np.array(demo.pictures[0]), free == 1)
    page = show(demo)
    code = """([w, v, free]) => { const m = maths.unpack(w, 16, 3), random = maths.uniform(3), total = new Array(16).fill(0);
      for (let t = 0; t < 40000; t++) {
        v = maths.step(m, v, free, random).v;
        v.forEach((bit, i) => { total[i] += bit / 40000; });
      }
      return total; }"""
    means = np.array(page.evaluate(code, [demo.weights, demo.pictures[0], free.tolist()]))
    assert np.abs(means - expected).max() < 0.015  # four times the error of 40 000 correlated samples
    assert np.array_equal(means[free == 0].round(6), np.array(demo.pictures[0])[free == 0])
    rng = np.random.default_rng(2)
    python = np.mean([demo.chain(30, rng)[-1] for _ in range(400)], axis=0)
    assert np.abs(python - expected).max() < 0.08


def test_clamped_pixels_stay(show):
    demo = Gibbs(*machine())
    page = show(demo)
    for n in (1, 2, 3):
        button(page, "One step").click()
        settle(page)
        assert trait(page, "steps") == n and "8 of 16 pixels free" in status(page)
        assert trait(page, "v")[:8] == demo.pictures[0][:8]


def test_running_and_pausing(show):
    page = show(Gibbs(*machine()))
    saved = page.evaluate("model.saved")
    button(page, "Run").click()
    page.wait_for_function("Number(el.dataset.steps) >= 3")
    button(page, "Pause").click()
    settle(page)
    n = trait(page, "steps")
    paint(page)
    assert trait(page, "steps") == n and page.evaluate("model.saved") > saved


def test_painting_frees_pixels(show):
    demo = Gibbs(*machine(side=10, m=5), free=np.zeros(100, int))
    page = show(demo)
    page.mouse.move(*place(page, 2, 2, side=10))
    page.mouse.down()
    page.mouse.move(*place(page, 2, 5, side=10), steps=5)
    page.mouse.up()
    settle(page)
    free = np.array(trait(page, "free")).reshape(10, 10)
    assert free[:5, :8].all() and free.sum() == 40
    page.get_by_role("application").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    free = np.array(trait(page, "free")).reshape(10, 10)
    assert free[4:9, 3:8].all() and free.sum() == 40 + 4 * 5
    assert "60 of 100 pixels are free" in page.get_by_role("application").get_attribute("aria-label")


def test_parts_and_digits(show):
    demo = Gibbs(*machine())
    page = show(demo)
    assert page.get_by_label("free pixels").input_value() == "lower half"
    page.get_by_label("free pixels").select_option("everything (a daydream)")
    settle(page)
    assert sum(trait(page, "free")) == 16
    page.get_by_label("free pixels").select_option("right half")
    settle(page)
    assert np.array(trait(page, "free")).reshape(4, 4).tolist() == [[0, 0, 1, 1]] * 4
    button(page, "Next digit").click()
    settle(page)
    v = np.array(trait(page, "v")).reshape(4, 4)
    assert trait(page, "example") == 1 and np.array_equal(v[:, :2], np.array(demo.pictures[1]).reshape(4, 4)[:, :2])
    assert status(page).startswith("digit 2 of 3")


def test_a_seed_repeats_a_chain(show):
    page = show(Gibbs(*machine(), seed=4))

    def run():
        button(page, "Noise into the free pixels").click()
        for _ in range(3):
            button(page, "One step").click()
        settle(page)
        return trait(page, "v")

    assert run() == run()


def test_python_is_heard(show):
    page = show(Gibbs(*machine()))
    page.evaluate("model.receive('example', 2)")
    paint(page)
    assert status(page).startswith("digit 3 of 3")


def test_probabilities_and_samples_are_painted(show):
    page = show(Gibbs(*machine(), free=np.ones(16, int)))
    button(page, "One step").click()
    data = "el.querySelectorAll('canvas')[1].getContext('2d').getImageData(0, 0, 4, 4).data"
    code = f"[...{data}].filter((_, i) => i % 4 === 0)"
    grey = page.evaluate(code)
    page.get_by_label("show").select_option("samples")
    bits = page.evaluate(code)
    assert len(set(grey)) > 4 and set(bits) <= {0, 255}
    settle(page)
    assert [1 - v // 255 for v in bits] == trait(page, "v")


def test_keys_do_not_reach_the_notebook(show):
    page = show(Gibbs(*machine()))
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_role("application").focus()
    for key in ["a", "b", "d", "ArrowLeft", "Enter"]:
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


def test_it_fits_in_both_themes_and_on_a_phone(show):
    for theme, width in ((LIGHT, 800), (DARK, 800), (LIGHT, 360)):
        page = show(Gibbs(*machine()), theme=theme, width=width)
        assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_a_step_of_a_large_machine_is_fast(show):
    page = show(Gibbs(*machine(side=28, m=256)))
    code = """() => { const m = maths.unpack(model.get("weights"), 784, 256), random = maths.uniform(1);
      const free = new Array(784).fill(1), begin = performance.now(); let v = free;
      for (let t = 0; t < 20; t++) v = maths.step(m, v, free, random).v;
      return (performance.now() - begin) / 20; }"""
    assert page.evaluate(code) < 30  # milliseconds; measured 1; a busy machine is slower


def test_cleaning_up_stops(show):
    page = show(Gibbs(*machine()))
    button(page, "Run").click()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('example', 1)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


def test_bad_input_is_explained():
    W, a, b, X = machine()
    with pytest.raises(ValueError, match=r"Gibbs needs W \(d, m\)"):
        Gibbs(W.T, a, b, X)
    with pytest.raises(ValueError, match="1 to 20 square pictures, not 3 of 15 pixels"):
        Gibbs(W[:15], a[:15], b, X[:, :15])
    with pytest.raises(ValueError, match="not 0 of 16"):
        Gibbs(W, a, b, X[:0])
    with pytest.raises(traitlets.TraitError, match="16 zeros and ones"):
        Gibbs(W, a, b, X, free=[2] * 16)


def test_static_picture():
    demo = Gibbs(*machine())
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"Gibbs: {demo.alt}" and "<img alt=" in data["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == Gibbs(*machine()).picture() != Gibbs(*machine(seed=1)).picture()
