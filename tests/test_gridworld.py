"""The gridworld: its sweeps against the exact solution, the view by mouse and keyboard, Python's side."""

import numpy as np
import pytest
import traitlets
from browser import DARK, LIGHT, browser, mount, paint, settle, state_of, trait  # noqa: F401

from course_utils.interact import gridworld as python_side
from course_utils.interact.gridworld import MOVES, GridWorld, best

MODULE = python_side.Path(python_side.__file__).with_name("gridworld.js")
ROWS = ["....", ".#.T", "...G"]


@pytest.fixture
def show(mount):  # noqa: F811
    def open_with(demo, theme=LIGHT, width=800):
        page = mount(MODULE, state_of(demo), width=width, height=900, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def status(page):
    return page.get_by_role("status").inner_text()


def middle(page, i, j):
    """Place of the middle of a cell on the page."""
    box = page.get_by_role("application").bounding_box()
    rows = trait(page, "rows")
    return box["x"] + (j + 0.5) * box["width"] / len(rows[0]), box["y"] + (i + 0.5) * box["height"] / len(rows)


def by_linear_solve(rows, gamma, slip, step):
    """The optimal values by policy iteration on matrices, written without the demo's code."""
    cells = [(i, j) for i, row in enumerate(rows) for j, sign in enumerate(row) if sign == "."]
    number, n = {cell: k for k, cell in enumerate(cells)}, len(cells)
    P, R = np.zeros((4, n, n)), np.zeros((4, n))
    for a in range(4):
        for move, share in ((a, 1 - slip), ((a + 1) % 4, slip / 2), ((a - 1) % 4, slip / 2)):
            for k, (i, j) in enumerate(cells):
                to = (i + MOVES[move][0], j + MOVES[move][1])
                sign = rows[to[0]][to[1]] if 0 <= to[0] < len(rows) and 0 <= to[1] < len(rows[0]) else "#"
                R[a, k] += share * {"G": 1.0, "T": -1.0}.get(sign, step)
                if sign in ".#":
                    P[a, k, number[to] if sign == "." else k] += share
    policy = np.zeros(n, int)
    for _ in range(100):
        each = np.arange(n)
        V = np.linalg.solve(np.eye(n) - gamma * P[policy, each], R[policy, each])
        policy = (R + gamma * P @ V).argmax(axis=0)
    world = np.zeros((len(rows), len(rows[0])))
    world[tuple(np.transpose(cells))] = V
    return world


SETTINGS = [(0.9, 0.0, 0.0), (0.95, 0.2, -0.04), (0.7, 0.8, 0.1)]


@pytest.mark.parametrize("gamma,slip,step", SETTINGS)
def test_sweeps_lead_to_the_optimal_values(gamma, slip, step):
    demo = GridWorld(ROWS, gamma=gamma, slip=slip, step=step)
    assert demo.sweep(400) < 1e-9 and demo.sweeps == 400
    assert np.abs(np.array(demo.values) - by_linear_solve(ROWS, gamma, slip, step)).max() < 1e-8


@pytest.mark.parametrize("gamma,slip,step", SETTINGS)
def test_browser_and_python_sweep_alike(gamma, slip, step, show):
    demo = GridWorld(ROWS, gamma=gamma, slip=slip, step=step)
    page = show(demo)
    for _ in range(3):
        page.get_by_role("button", name="One sweep").click()
    settle(page)
    change = demo.sweep(3)
    assert np.allclose(trait(page, "values"), demo.values, atol=1e-12) and trait(page, "sweeps") == 3
    assert status(page).startswith(f"3 sweeps, largest change of the last {change:#.2g}")
    Q = demo.q(np.array(demo.values))
    code = "([w, V]) => w.rows.map((r, i) => [...r].map((_, j) => maths.q(w, V, i, j)))"
    world = {name: getattr(demo, name) for name in ("rows", "gamma", "slip", "step")}
    assert np.allclose(page.evaluate(code, [world, demo.values]), Q, atol=1e-12)


def test_best_moves():
    assert best(np.array([1.0, 2, 2, 0])).tolist() == [1, 2] and best(np.array([3.0, 3, 3, 3])).size == 0


def test_running_converges_and_stops(show):
    page = show(GridWorld(ROWS))
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("[...document.querySelectorAll('button')].some((b) => b.textContent === 'Run')")
    settle(page)
    assert np.abs(np.array(trait(page, "values")) - by_linear_solve(ROWS, 0.9, 0, 0)).max() < 1e-5
    assert page.evaluate("model.saved") >= 1
    page.get_by_role("button", name="Forget values").click()
    settle(page)
    assert trait(page, "sweeps") == 0 and np.abs(trait(page, "values")).max() == 0


def test_painting_by_mouse(show):
    page = show(GridWorld(ROWS))
    page.get_by_role("button", name="trap").click()
    page.mouse.move(*middle(page, 0, 0))
    page.mouse.down()
    page.mouse.move(*middle(page, 0, 2), steps=10)
    page.mouse.up()
    settle(page)
    assert trait(page, "rows") == ["TTT.", ".#.T", "...G"] and page.evaluate("model.saved") == 1


def test_painting_by_keyboard(show):
    page = show(GridWorld(ROWS))
    page.get_by_role("button", name="goal").press("Enter")
    page.get_by_role("application").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "Enter"):  # on the wall
        page.keyboard.press(key)
    settle(page)
    assert trait(page, "rows") == ["....", ".G.T", "...G"]
    assert "row 2, column 2: goal" in status(page)
    label = page.get_by_role("application").get_attribute("aria-label")
    assert "row 2, column 2: goal" in label and "Enter paints goal" in label


def test_sliders_and_arrows(show):
    page = show(GridWorld(ROWS, step=-0.1))
    for _ in range(8):
        page.get_by_role("button", name="One sweep").click()
    settle(page)
    before = page.evaluate("[...el.querySelectorAll('path')].map((p) => p.getAttribute('d'))")
    slip = page.get_by_label("slip")
    slip.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    settle(page)
    assert trait(page, "slip") == pytest.approx(0.5)
    assert page.evaluate("[...el.querySelectorAll('path')].map((p) => p.getAttribute('d'))") != before


def test_python_is_heard_and_a_new_size_fits(show):
    demo = GridWorld(ROWS)
    page = show(demo)
    demo.rows = ["..G"]
    assert demo.values == [[0, 0, 0]]
    page.evaluate("model.receive('rows', ['..G'])")  # the values arrive later
    paint(page)
    assert page.evaluate("el.querySelectorAll('svg rect').length") == 4  # three cells and the cursor
    page.get_by_role("button", name="One sweep").click()
    settle(page)
    assert np.allclose(trait(page, "values"), [[0, 1, 0]])


def test_keys_do_not_reach_the_notebook(show):
    page = show(GridWorld(ROWS))
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; })")
    page.get_by_role("application").focus()
    for key in ["a", "b", "d", "ArrowDown", "Enter"]:
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == 0


def test_it_fits_in_both_themes_and_on_a_phone(show):
    for theme, width in ((LIGHT, 800), (DARK, 800), (LIGHT, 360)):
        page = show(GridWorld(["." * 12] * 5), theme=theme, width=width)
        assert page.evaluate("el.scrollWidth <= el.clientWidth")


def test_cleaning_up_stops(show):
    page = show(GridWorld(ROWS, gamma=1.0, step=-1.0))
    page.get_by_role("button", name="Run").click()
    page.evaluate("cleanup()")
    frames = page.evaluate("el.dataset.frames")
    page.evaluate("model.receive('gamma', 0.5)")
    paint(page)
    assert page.evaluate("el.dataset.frames") == frames


def test_bad_input_is_explained():
    for rows in ([], ["..", "."], ["x."], ["." * 13], [""]):
        with pytest.raises(traitlets.TraitError, match="1 to 12 strings"):
            GridWorld(rows)
    with pytest.raises(traitlets.TraitError):
        GridWorld(ROWS, gamma=1.5)


def test_static_picture():
    demo = GridWorld(ROWS, step=-0.04)
    data, metadata = demo._repr_mimebundle_()
    assert data["text/plain"] == f"GridWorld: {demo.alt}" and "3 by 4" in demo.alt and "<img alt=" in data["text/html"]
    assert metadata["image/png"]["alt"] == demo.alt
    assert demo.picture() == GridWorld(ROWS, step=-0.04).picture() != GridWorld(ROWS, step=-0.5).picture()
    assert demo.sweeps == 0  # drawing leaves the values as they are
