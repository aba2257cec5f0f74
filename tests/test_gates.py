"""The gate demo: its LSTM against PyTorch, its view by mouse and keyboard, its Python side."""

import statistics
import string

import numpy as np
import pytest
import torch
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401

from course_utils.interact import gates as python_side
from course_utils.interact.gates import GateStrip

MODULE = python_side.Path(python_side.__file__).with_name("gates.js")
LETTERS = "." + string.ascii_lowercase


def network(H=5, k=27, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"Wx": (k, 4 * H), "Wh": (H, 4 * H), "b": (4 * H,), "Wy": (H, k), "by": (k,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def by_torch(params, text):
    """Outputs h, final c and next-symbol probabilities of the same network by PyTorch."""
    P = {name: torch.tensor(value, dtype=torch.float32) for name, value in params.items()}
    H = len(P["Wh"])
    lstm = torch.nn.LSTM(27, H, batch_first=True)
    with torch.no_grad():
        for name, value in (("weight_ih_l0", P["Wx"].T), ("weight_hh_l0", P["Wh"].T), ("bias_ih_l0", P["b"])):
            getattr(lstm, name).copy_(value)
        lstm.bias_hh_l0.zero_()
        X = torch.eye(27)[[LETTERS.index(s) for s in "." + text]][None]
        h, (_, c) = lstm(X)
        return h[0].numpy(), c[0, 0].numpy(), torch.softmax(h[0] @ P["Wy"] + P["by"], 1).numpy()


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(params=None, theme=LIGHT, width=800, **settings):
        page = mount(MODULE, state_of(GateStrip(params or network(), LETTERS, **settings)), width=width, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def row(page, name):
    """The numbers shown in one row of the strip, as titles give them (4 digits)."""
    cells = page.locator(f"tr.{name} td")
    return [float(cells.nth(t).get_attribute("title").split("= ")[1]) for t in range(cells.count())]


def status(page):
    return page.get_by_role("status").inner_text()


# ------------------------------------------------------------------------------------------- the mathematics


@pytest.mark.parametrize("text", ["", "a", "kowalski", "zzzz"])
def test_both_sides_compute_what_pytorch_computes(text, show):
    demo = GateStrip(network(), LETTERS, text=text)
    h, c, p = by_torch(network(), text)
    ours = demo.gates()
    assert np.allclose(ours["h"], h, atol=1e-6) and np.allclose(ours["c"][-1], c, atol=1e-6)
    assert np.allclose(ours["p"], p, atol=1e-6)
    theirs = show().evaluate(
        """(text) => { const P = maths.parameters(model.get("weights"), 27, model.get("hidden"));
          return maths.run(P, model.get("letters"), text).map((s) =>
            Object.fromEntries(Object.entries(s).map(([name, v]) => [name, [...v]]))); }""",
        text,
    )
    for name in ("i", "f", "o", "g", "c", "h", "p"):
        assert np.allclose([s[name] for s in theirs], ours[name], atol=1e-5), name


def test_drawing_follows_the_tempered_probabilities(show):
    page, p = show(), np.array([0.5, 0.2, 0.3])
    for temperature in (0.5, 1.0, 2.0):
        grid = (np.arange(1000) + 0.5) / 1000
        drawn = page.evaluate("([p, t, us]) => us.map((u) => maths.draw(p, t, u))", [p.tolist(), temperature, grid.tolist()])
        expected = p ** (1 / temperature) / (p ** (1 / temperature)).sum()
        assert np.allclose(np.bincount(drawn, minlength=3) / 1000, expected, atol=2e-3)


# ------------------------------------------------------------------------------------------------------ view


def test_it_shows_the_gates_of_the_unit(show):
    page = show(text="anna", unit=3)
    ours = GateStrip(network(), LETTERS, text="anna").gates()
    for name in ("i", "f", "o", "g", "c", "h"):
        assert np.allclose(row(page, name), ours[name][:, 3], atol=6e-5), name
    bits = [float(b) for b in page.locator("tr.surprise td").all_inner_texts()[1:]]
    expected = [-np.log2(ours["p"][t, LETTERS.index(s)]) for t, s in enumerate("anna")]
    assert np.allclose(bits, expected, atol=0.06)
    best = int(ours["p"][-1].argmax())
    assert f"After “anna” the network expects {LETTERS[best] if best else 'end'} with" in status(page)


def test_typing_changes_the_strip_and_reaches_python(show):
    page = show(text="an")
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_label("text", exact=True).press("End")
    page.get_by_label("text", exact=True).press_sequentially("nB")
    assert len(row(page, "f")) == 5 and page.get_by_label("text", exact=True).input_value() == "annb"
    settle(page)
    assert trait(page, "text") == "annb" and page.evaluate("window.heard") == 0
    page.get_by_label("text", exact=True).press_sequentially("é!")
    assert "only the letters a to z" in status(page) and trait(page, "text") == "annb"
    page.get_by_label("text", exact=True).press("Home")
    page.get_by_label("text", exact=True).press_sequentially("Jo")  # the caret stays where it was
    assert trait(page, "text") == "joannb"
    page.get_by_label("text", exact=True).fill("")
    assert len(row(page, "f")) == 1 and "After the start" in status(page)


def test_pointing_and_focusing_show_what_comes_next(show):
    page = show(text="anna")
    ours = GateStrip(network(), LETTERS, text="anna").gates()
    buttons = page.locator("thead button")
    buttons.nth(2).hover()
    assert "After “an” " in status(page) and f"{ours['p'][2].max():.2f}" in status(page)
    buttons.nth(0).focus()
    assert "After the start" in status(page) and buttons.nth(0).get_attribute("aria-pressed") == "true"
    page.keyboard.press("Tab")
    assert "After “a” " in status(page)
    assert page.get_by_role("img").get_attribute("aria-label") == status(page)


def test_choosing_a_unit(show):
    page = show(text="anna", unit=0)
    before = row(page, "c")
    page.get_by_label("hidden unit").fill("4")
    page.get_by_label("hidden unit").press("Tab")
    settle(page)
    assert row(page, "c") != before and trait(page, "unit") == 4
    page.get_by_label("hidden unit").fill("99")
    page.get_by_label("hidden unit").press("Tab")
    assert page.get_by_label("hidden unit").input_value() == "4" and trait(page, "unit") == 4


def test_it_writes_on(show):
    page = show(text="")
    page.evaluate("Math.random = () => 0.999")  # the last letter, or nearly
    page.get_by_label("temperature").fill("2")
    for length in (1, 2):
        page.get_by_role("button", name="Write on").click()
        assert len(trait(page, "text")) == length
    page.evaluate("Math.random = () => 0")  # the first symbol: the end
    page.get_by_role("button", name="Write on").click()
    assert status(page).startswith("It ended the word here.") and len(trait(page, "text")) == 2
    page.evaluate("model.receive('text', 'a'.repeat(40))")
    page.evaluate("Math.random = () => 0.999")
    page.get_by_role("button", name="Write on").click()
    assert status(page).startswith("The text is full.") and len(trait(page, "text")) == 40


def test_python_is_heard(show):
    page = show(text="a")
    page.evaluate("model.receive('text', 'xyz')")
    page.wait_for_function("document.querySelectorAll('tr.f td').length === 4")
    assert page.get_by_label("text", exact=True).input_value() == "xyz"


def test_themes_and_a_narrow_page(show):
    show(theme=DARK)
    page = show(width=380, text="a" * 40)
    assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_key_to_picture_is_fast(show):
    page = show(network(H=192), text="kowalskiandersson")
    times = page.evaluate(
        """async () => { const times = [], input = document.querySelector("input[type=text]");
          for (let k = 0; k < 12; k++) {
            const start = performance.now();
            input.value += "a";
            input.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(done));
            times.push(performance.now() - start);
          }
          return times; }"""
    )
    assert statistics.median(times) < 150  # measured 28 ms; a busy machine is slower


def test_cleaning_up_stops_listening(show):
    page = show()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('text', 'b')")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


# ---------------------------------------------------------------------------------------------- Python's side


def test_python_side():
    with pytest.raises(ValueError, match=r"Wy has shape \(5, 26\); 27 letters and 5 units need \(5, 27\)"):
        GateStrip(network() | {"Wy": np.zeros((5, 26))}, LETTERS)
    for wrong in (dict(text="Anna"), dict(text="a" * 41), dict(unit=5)):
        with pytest.raises(traitlets.TraitError):
            GateStrip(network(), LETTERS, **wrong)
    demo = GateStrip(network(), LETTERS)
    assert demo.unit == demo.gates()["c"].std(axis=0).argmax()
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"GateStrip: {demo.alt}" and metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == GateStrip(network(), LETTERS).picture()
