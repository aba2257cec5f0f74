"""The gradient-through-time demo: its arithmetic against PyTorch, its view by mouse and keyboard, its Python side."""

import statistics

import numpy as np
import pytest
import torch
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, state_of, trait  # noqa: F401

from course_utils.interact import backflow as python_side
from course_utils.interact.backflow import GradientFlow

MODULE = python_side.Path(python_side.__file__).with_name("backflow.js")


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(theme=LIGHT, width=700, **settings):
        page = mount(MODULE, state_of(GradientFlow(**settings)), width=width, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def curve(page):
    return page.locator("path.curve").get_attribute("d")


def slide(page, label, value):
    page.get_by_label(label, exact=True).fill(str(value))


def status(page):
    return page.get_by_role("status").inner_text()


def by_autograd(demo):
    """The same norms with the layer written in PyTorch, and its automatic gradients."""
    Q, X = torch.tensor(demo.matrix, dtype=torch.float64), torch.tensor(demo.inputs, dtype=torch.float64)
    f = torch.tanh if demo.activation == "tanh" else lambda z: z
    states = [torch.zeros(len(Q), dtype=torch.float64, requires_grad=True)]
    for x in X[: demo.T]:
        states.append(f(demo.drive * x + states[-1] @ (demo.w * Q)))
    loss = states[-1] @ torch.tensor(demo.start, dtype=torch.float64)
    return np.array([g.norm().item() for g in torch.autograd.grad(loss, states)][::-1])


SETTINGS = [dict(w=0.8), dict(w=1.2, activation="linear", T=30), dict(w=1.7, drive=2.0, T=12, units=5), dict(w=0.0, T=5)]


@pytest.mark.parametrize("settings", SETTINGS)
def test_both_sides_compute_what_autograd_computes(settings, show):
    demo = GradientFlow(**settings)
    expected = by_autograd(demo)
    assert np.allclose(demo.norms(), expected, rtol=1e-10, atol=1e-300)
    ours = show().evaluate("(state) => maths.norms(state)", state_of(demo))
    assert np.allclose(ours, expected, rtol=1e-10, atol=1e-300)


def test_a_linear_layer_scales_by_w_each_step():
    for w in (0.5, 1.0, 1.5):
        assert np.allclose(GradientFlow(w=w, activation="linear").norms(), w ** np.arange(51), rtol=1e-12)


def test_sliders_change_the_picture_and_reach_python(show):
    page = show(activation="linear")
    assert "it vanishes" in status(page) and "factor of 0.8" in status(page)
    before = curve(page)
    slide(page, "recurrent weight w", 1.2)
    assert "it explodes" in status(page) and curve(page) != before
    slide(page, "recurrent weight w", 1)
    assert "norm 1 when it reaches" in status(page) and "it arrives" in status(page)
    slide(page, "steps T", 20)
    page.wait_for_function("!('unsaved' in el.dataset)")
    assert (trait(page, "w"), trait(page, "T")) == (1, 20) and page.evaluate("model.saved") >= 1
    assert page.evaluate("model.saved") < 4  # not once for every event


def test_keyboard(show):
    page = show()
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_label("recurrent weight w").focus()
    before = curve(page)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("model.state.w") == pytest.approx(0.82) and curve(page) != before
    page.get_by_label("activation").focus()
    page.keyboard.press("ArrowDown")
    assert trait(page, "activation") == "linear" and page.evaluate("window.heard") == 0


def test_big_inputs_saturate_tanh(show):
    page = show(w=1.0, drive=0.0)
    assert "norm 1 when it reaches" in status(page)  # all states are 0, where the slope of tanh is 1
    slide(page, "size of the inputs", 2)
    assert "it vanishes" in status(page)


def test_no_gradient_at_all(show):
    assert "has norm 0 when" in status(show(w=0.0))


def test_python_is_heard(show):
    page = show()
    before = curve(page)
    page.evaluate("model.receive('w', 1.9)")
    page.wait_for_function("(before) => document.querySelector('path.curve').getAttribute('d') !== before", arg=before)
    assert page.get_by_label("recurrent weight w").input_value() == "1.9"
    assert page.get_by_role("img").get_attribute("aria-label").endswith(status(page))


def test_themes_and_a_narrow_page(show):
    show(theme=DARK)
    page = show(width=360)
    assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_slider_to_picture_is_fast(show):
    page = show(T=100, units=32)
    times = page.evaluate(
        """async () => { const times = [], slider = document.querySelector("input[type=range]");
          for (let k = 0; k < 15; k++) {
            const start = performance.now();
            slider.value = 0.5 + k / 20;
            slider.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(done));
            times.push(performance.now() - start);
          }
          return times; }"""
    )
    assert statistics.median(times) < 100  # measured 17 ms; a busy machine is slower


def test_cleaning_up_stops_listening(show):
    page = show()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('w', 0.3)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


def test_python_side():
    with pytest.raises(ValueError, match="units is 2 to 32, not 1"):
        GradientFlow(units=1)
    for wrong in (dict(T=3), dict(w=3.0), dict(activation="relu")):
        with pytest.raises(traitlets.TraitError):
            GradientFlow(**wrong)
    demo = GradientFlow()
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"GradientFlow: {demo.alt}" and metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == GradientFlow().picture()
