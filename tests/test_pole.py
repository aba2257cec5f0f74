"""The pole: its dynamics against Gymnasium's, the view by mouse and keyboard, Python's side."""

import gymnasium
import numpy as np
import pytest
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401
from dense import some_layers

from course_utils.interact import pole as python_side
from course_utils.interact.pole import Pole, step

MODULE = python_side.Path(python_side.__file__).with_name("pole.js")
# left where 0.5 x + v + 10 angle + 2 turning < 0: it balances
GOOD = [
    np.array([[0.5, -0.5], [1.0, -1.0], [10.0, -10.0], [2.0, -2.0]]),
    np.zeros(2),
    np.array([[0.0, 1], [1, 0]]),
    np.array([0, 0.1]),
]
BAD = [np.zeros((4, 2)), np.array([1.0, 0])]  # always left


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


def over(page):
    page.wait_for_function("el.querySelector('.status').textContent.includes('steps,')", timeout=20000)
    settle(page)


def test_dynamics_are_gymnasiums(show):
    env, page = gymnasium.make("CartPole-v1").unwrapped, show(Pole(GOOD))
    rng = np.random.default_rng(0)
    for _ in range(5):
        env.reset(seed=int(rng.integers(1000)))
        states, actions, done = [env.state], [], False
        while not done:
            actions.append(int(rng.integers(2)))
            done = env.step(actions[-1])[2]
            states.append(env.state)
        ours = [states[0]]
        for a in actions:
            ours.append(step(ours[-1], a == 1))
        assert np.abs(np.array(ours) - states).max() < 1e-12
        code = "([s, actions]) => [s, ...actions.map((a) => (s = maths.step(s, a === 1)))]"
        assert (
            np.abs(np.array(page.evaluate(code, [list(map(float, states[0])), actions])) - states).max()
            < 1e-12
        )
        fallen = page.evaluate("(all) => all.map(maths.fallen)", np.array(states).tolist())
        assert fallen[-1] and not any(fallen[:-1])


def test_preferences_are_the_networks(show):
    params = some_layers((4, 9, 7, 2), seed=3)
    demo, states = Pole(params), np.random.default_rng(1).normal(size=(5, 4))
    page = show(demo)
    ours = page.evaluate(
        "([w, s, X]) => X.map((x) => maths.preferences(maths.unpack(w, s), x))",
        [demo.weights, demo.shapes, states.tolist()],
    )
    W1, b1, W2, b2, W3, b3 = params
    expected = np.maximum(np.maximum(states @ W1 + b1, 0) @ W2 + b2, 0) @ W3 + b3
    assert np.abs(np.array(ours) - expected).max() < 1e-5
    assert np.allclose([demo.preferences(s) for s in states], expected)


def test_episodes_of_agents_in_python():
    assert len(Pole(GOOD).episode()) == 501 and len(Pole(BAD).episode()) < 15


def test_a_good_agent_stands_a_bad_one_falls(show):
    page = show(Pole(GOOD, player="agent", rate=100))
    page.evaluate(
        "() => { const later = window.requestAnimationFrame; let t = performance.now();"
        " window.requestAnimationFrame = (call) => later(() => call(t += 100)); }"
    )  # ten steps a frame
    button(page, "Start").click()
    over(page)
    assert trait(page, "steps") == 500 and trait(page, "records") == [0, 500]
    assert "the time is up, the pole stands" in status(page)
    page = show(Pole(BAD, player="agent", rate=100))
    button(page, "Start").click()
    over(page)
    assert (
        trait(page, "steps") < 15
        and "the pole fell" in status(page)
        and trait(page, "records")[1] == trait(page, "steps")
    )


def test_you_play_with_keys(show):
    page = show(Pole(GOOD, rate=100))
    page.locator(".pl").focus()
    page.keyboard.press("ArrowRight")
    over(page)
    assert 5 < trait(page, "steps") < 15 and trait(page, "records") == [trait(page, "steps"), 0]
    assert status(page).startswith(f"You: {trait(page, 'steps')} steps, the pole fell")
    leaning = page.get_by_role("img").get_attribute("aria-label")
    assert "pole leans by −1" in leaning  # pushed to the right, it falls to the left
    button(page, "left").press("Enter")  # a new episode, the other way
    page.wait_for_function("Number(el.dataset.step) < 5")
    over(page)
    assert "pole leans by 1" in page.get_by_role("img").get_attribute("aria-label")


def test_the_agent_does_not_hear_your_keys(show):
    page = show(Pole(GOOD, player="agent"))
    page.locator(".pl").focus()
    page.keyboard.press("ArrowRight")
    paint(page)
    assert page.evaluate("el.dataset.step") == "0"


def test_buttons(show):
    page = show(Pole(GOOD, rate=2))
    button(page, "The agent plays").click()
    settle(page)
    assert (
        trait(page, "player") == "agent"
        and button(page, "The agent plays").get_attribute("aria-pressed") == "true"
    )
    before = page.locator(".state").inner_text()
    button(page, "Nudge the pole").click()
    assert page.locator(".state").inner_text() != before
    button(page, "Start").click()
    page.wait_for_function("Number(el.dataset.step) >= 1")
    button(page, "Pause").click()
    at = page.evaluate("el.dataset.step")
    paint(page)
    assert page.evaluate("el.dataset.step") == at and page.locator(".state").inner_text().startswith(
        f"step {at}:"
    )
    button(page, "New episode").click()
    assert page.evaluate("el.dataset.step") == "0"
    page.get_by_label("steps per second").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert trait(page, "rate") == 3 and page.evaluate("el.dataset.step") == "0"


def test_python_is_heard(show):
    page = show(Pole(GOOD))
    page.evaluate("model.receive('player', 'agent')")
    paint(page)
    assert button(page, "The agent plays").get_attribute("aria-pressed") == "true"


def test_keys_do_not_reach_the_notebook(show):
    page = show(Pole(GOOD))
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.locator(".pl").focus()
    for key in ["a", "b", "d", "ArrowLeft"]:
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


def test_it_fits_in_both_themes_and_on_a_phone(show):
    for theme, width in ((LIGHT, 800), (DARK, 800), (LIGHT, 360)):
        page = show(Pole(GOOD), theme=theme, width=width)
        assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_cleaning_up_stops(show):
    page = show(Pole(GOOD, player="agent"))
    button(page, "Start").click()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('rate', 5)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


def test_bad_input_is_explained():
    with pytest.raises(ValueError, match="the agent needs 2 outputs, not 3"):
        Pole(some_layers((4, 5, 3)))
    with pytest.raises(ValueError, match="layer 1 of the agent"):
        Pole(some_layers((3, 5, 2)))


def test_static_picture():
    demo = Pole(GOOD)
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"Pole: {demo.alt}" and "<img alt=" in data["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == Pole(GOOD).picture() != Pole(BAD).picture()
