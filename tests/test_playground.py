"""The perceptron playground: its mathematics, its browser view driven by mouse and keyboard, its Python side."""

import base64
import statistics
import time
from html import escape
from pathlib import Path

import numpy as np
import pytest
import traitlets
from browser import DARK, LIGHT, browser, mount, settle, state_of, trait  # noqa: F401

from course_utils.interact import playground as python_side
from course_utils.interact.playground import DATA, FEATURES, Playground

MODULE = Path(python_side.__file__).with_name("playground.js")
GATES = ("and", "or", "nand", "xor")
RNG_POINTS = [[-1.1, 0.4, -1], [0.7, 1.3, 1], [2.1, -0.6, 1], [-0.3, -1.7, -1], [0.2, 0.9, 1]]


@pytest.fixture
def show(mount):  # noqa: F811
    """Open the playground with these traits; the initial state comes from the Python class itself."""

    def open_with(width=700, theme=LIGHT, **traits):
        page = mount(MODULE, state_of(Playground(**traits)), width=width, theme=theme)
        page.wait_for_function("el.dataset.frames >= 1")
        return page

    return open_with


def receive(page, **traits):
    """Assign traits as Python does, and let the page answer."""
    for name, value in traits.items():
        page.evaluate("([name, value]) => model.receive(name, value)", [name, value])
    settle(page)


def cell(page, name):
    """A number in the table of results, as text."""
    return page.locator(f"[data-name={name}]").inner_text()


def control(page, label):
    """The control with exactly this accessible name."""
    return page.get_by_label(label, exact=True)


def point(page, i):
    return page.locator(".point").nth(i)


def plane(page):
    """The pixels of the plot."""
    return page.evaluate("document.querySelector('.plot canvas').toDataURL()")


def steps(page, count):
    for _ in range(count):
        page.get_by_role("button", name="Step").click()


# ------------------------------------------------------------------------------------------- the mathematics


def test_gradient_agrees_with_finite_differences(show):
    page = show()
    worst = page.evaluate(
        """(points) => {
          const names = ["x1", "x2", "x1*x2"], X = maths.featurise(points, names), y = points.map((p) => p[2]);
          const worst = {};
          for (const activation of ["tanh", "sigmoid", "relu", "linear"])
            for (const [kind, lam] of [["none", 0], ["l1", 0.03], ["l2", 0.2]]) {
              const net = maths.makeNet([3, 4, 3, 1], activation, 5);
              const total = () => maths.loss(net, maths.forward(net, X, y.length).z, y) + maths.penalty(net, kind, lam);
              const grads = maths.gradient(net, X, y, kind, lam), h = 1e-6;
              let most = 0, largest = 0;
              net.layers.forEach((layer, l) => [["W", "dW"], ["b", "db"]].forEach(([P, dP]) =>
                layer[P].forEach((value, i) => {
                  layer[P][i] = value + h; const up = total();
                  layer[P][i] = value - h; const down = total();
                  layer[P][i] = value;
                  most = Math.max(most, Math.abs((up - down) / (2 * h) - grads[l][dP][i]));
                  largest = Math.max(largest, Math.abs(grads[l][dP][i]));
                })));
              worst[activation + " " + kind] = most / largest;
            }
          return worst;
        }""",
        RNG_POINTS,
    )
    assert len(worst) == 12
    assert max(worst.values()) < 1e-7, worst


def test_perceptron_rule_separates_and_or_nand_but_never_xor(show):
    wrong = show().evaluate(
        """() => Object.fromEntries(["and", "or", "nand", "xor"].map((gate) => [gate, [1, 2, 3, 4, 5].map((seed) => {
          const points = maths.makePoints(gate, 160, 0, seed), X = maths.featurise(points, ["x1", "x2"]);
          const net = maths.makeNet([2, 1], "sign", seed), y = points.map((p) => p[2]);
          let fewest = 4;
          for (let t = 0; t < 400; t++) {
            maths.perceptronRule(net, X.slice(2 * (t % 4), 2 * (t % 4) + 2), y[t % 4], 0.1);
            fewest = Math.min(fewest, maths.mistakes(maths.forward(net, X, 4).z, y));
          }
          return [maths.mistakes(maths.forward(net, X, 4).z, y), fewest];
        })]))"""
    )
    for gate in ("and", "or", "nand"):
        assert wrong[gate] == [[0, 0]] * 5, gate
    assert all(fewest >= 1 for _, fewest in wrong["xor"])


def test_four_hidden_units_solve_xor_from_every_seed(show):
    losses = show().evaluate(
        """() => [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
          const points = maths.makePoints("xor", 160, 0, seed), X = maths.featurise(points, ["x1", "x2"]);
          const net = maths.makeNet([2, 4, 1], "tanh", seed), y = points.map((p) => p[2]);
          for (let t = 0; t < 2000; t++) maths.descend(net, maths.gradient(net, X, y), 0.1);
          const { z } = maths.forward(net, X, 4);
          return [maths.loss(net, z, y), maths.mistakes(z, y)];
        })"""
    )
    assert all(wrong == 0 and loss < 0.1 for loss, wrong in losses), losses


def test_regularisation_shrinks_the_weights(show):
    sizes = show().evaluate(
        """() => Object.fromEntries([["none", 0], ["l1", 0.05], ["l2", 0.05]].map(([kind, lam]) => {
          const points = maths.makePoints("blobs", 40, 0.2, 3), X = maths.featurise(points, ["x1", "x2"]);
          const net = maths.makeNet([2, 4, 1], "tanh", 3), y = points.map((p) => p[2]);
          for (let t = 0; t < 1500; t++) maths.descend(net, maths.gradient(net, X, y, kind, lam), 0.1);
          const W = net.layers.flatMap((layer) => [...layer.W]);
          return [kind, { norm: Math.hypot(...W), tiny: W.filter((w) => Math.abs(w) < 0.01).length }];
        }))"""
    )
    assert sizes["l2"]["norm"] < 0.7 * sizes["none"]["norm"]
    assert sizes["l1"]["norm"] < 0.7 * sizes["none"]["norm"]
    assert sizes["l1"]["tiny"] > sizes["none"]["tiny"]  # L1 sets weights to zero


def test_data_sets_have_their_shape_and_noise_moves_them(show):
    page = show()
    sets = page.evaluate(
        """(names) => Object.fromEntries(names.map((name) =>
             [name, [0, 0.3, 0].map((noise) => maths.makePoints(name, 160, noise, 4))]))""",
        [name for name in DATA if name != "own"],
    )
    for name, (clean, noisy, again) in sets.items():
        assert clean == again, "the seed alone decides"
        assert len(clean) == (4 if name in GATES else 160) and len(noisy) == 160
        P = np.array(noisy)
        assert np.all(P[:4, :2] != np.array(clean)[:4, :2]) and np.abs(P[:, :2]).max() <= 3
        assert set(P[:, 2]) == {-1, 1}
    X = np.array(sets["quadrants"][0])
    assert (np.sign(X[:, 0] * X[:, 1]) == -X[:, 2]).all()
    r = np.hypot(*np.array(sets["circles"][0])[:, :2].T)
    assert ((r < 1.5) == (np.array(sets["circles"][0])[:, 2] > 0)).all()
    truth = {"and": min, "or": max, "nand": lambda p: -min(p), "xor": lambda p: -p[0] * p[1]}
    for gate in GATES:
        assert all(label == truth[gate]((a, b)) for a, b, label in sets[gate][0]), gate


# ------------------------------------------------------------------------------------------------- the mouse


def test_dragging_a_point_moves_it_saves_once_and_is_quick(show):
    page = show(data="blobs", hidden=[4], activation="tanh")
    settle(page)
    saves, before, old = page.evaluate("model.saved"), plane(page), trait(page, "points")
    # time from the event to just after the frame in which it was painted
    page.evaluate(
        """() => { window.delays = []; window.addEventListener("pointermove", (event) => {
          requestAnimationFrame(() => { const channel = new MessageChannel();
            channel.port1.onmessage = () => delays.push(performance.now() - event.timeStamp);
            channel.port2.postMessage(0); }); }, true); }"""
    )
    # the point nearest to the lower left corner: nothing lies above it
    i = min(range(len(old)), key=lambda k: old[k][0] + old[k][1])
    box = point(page, i).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 21):
        page.mouse.move(x + 2 * k, y - 3 * k)
        page.wait_for_timeout(16)
    assert page.evaluate("model.saved") == saves, "nothing travels while the point is held"
    page.mouse.up()
    assert page.evaluate("model.saved") == saves + 1
    new = trait(page, "points")
    scale = 6 / page.locator(".plot").bounding_box()["width"]
    assert new[i][0] == pytest.approx(old[i][0] + 40 * scale, abs=0.05)
    assert new[i][1] == pytest.approx(old[i][1] + 60 * scale, abs=0.05)
    assert [p for k, p in enumerate(new) if k != i] == [p for k, p in enumerate(old) if k != i]
    settle(page)
    assert plane(page) == before, "paused: the field stays as it is, only the point moved"
    delays = page.evaluate("delays")
    median = statistics.median(delays)
    print(f"drag, event to picture: median {median:.1f} ms of {len(delays)} events")
    assert len(delays) >= 15 and median <= 100  # 7 ms on an idle machine


def test_click_adds_flips_and_deletes(show):
    page = show(data="and")
    board = page.locator(".plot").bounding_box()
    control(page, "Click: add class −1, circle").check()
    page.mouse.click(board["x"] + board["width"] * 0.75, board["y"] + board["height"] * 0.1)
    settle(page)
    added = trait(page, "points")[-1]
    assert added[2] == -1 and added[:2] == pytest.approx([1.5, 2.4], abs=0.06)
    control(page, "Click: flip the class").check()
    point(page, 4).click()
    settle(page)
    assert trait(page, "points")[-1][2] == 1
    control(page, "Click: delete").check()
    point(page, 4).click()
    settle(page)
    assert len(trait(page, "points")) == 4
    page.get_by_role("button", name="Clear").click()
    assert trait(page, "points") == [] and trait(page, "data") == "own"
    page.get_by_role("button", name="Add at centre").click()
    settle(page)
    assert trait(page, "points") == [[0, 0, 1]]
    page.get_by_role("button", name="Step").click()
    control(page, "Points").select_option("or")
    settle(page)
    assert len(trait(page, "points")) == 4
    point(page, 0).focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Restore").click()
    assert len(trait(page, "points")) == 4


def test_a_connection_is_chosen_by_clicking_it(show):
    page = show(data="xor", hidden=[3, 2], activation="tanh")
    page.locator(".grip").nth(4).dispatch_event("click")  # W1 row by row: [1, 1]
    assert page.locator(".editor code").inner_text() == "W1[1, 1]"
    assert float(control(page, "Value of the weight").input_value()) == pytest.approx(
        trait(page, "weights")[0][0][1][1], abs=1e-4
    )
    before = plane(page)
    page.locator(".unit").nth(8).hover()  # seven inputs, then h1.0 and h1.1
    settle(page)
    assert "h1.1" in page.locator(".plot + .caption").inner_text() and plane(page) != before


# ---------------------------------------------------------------------------------------------- the keyboard


def test_points_by_keyboard(show):
    page = show(data="xor")
    board = page.get_by_role("application")
    assert board.locator('[tabindex="0"]').count() == 1  # one tab stop for all points
    point(page, 0).focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    settle(page)
    assert trait(page, "points")[0] == pytest.approx([-0.92, -0.8, -1])
    page.keyboard.press("n")
    page.keyboard.press("Space")
    settle(page)
    assert trait(page, "points")[1] == [-1, 1, -1]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "Point 2 of 4, class −1, circle"
    )
    page.keyboard.press("Delete")
    settle(page)
    assert len(trait(page, "points")) == 3
    page.keyboard.press("Enter")
    settle(page)
    assert len(trait(page, "points")) == 4 and trait(page, "points")[3][2] == 1
    page.keyboard.press("f")
    settle(page)
    assert trait(page, "points")[3][2] == -1
    page.keyboard.press("Home")
    page.keyboard.press("p")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Point 4 of 4")
    ring = page.locator(".ring").last  # the visible focus, around the point that has it
    assert ring.is_visible() and ring.get_attribute("transform") == point(page, 3).get_attribute("transform")
    page.get_by_role("button", name="Clear").focus()
    assert not ring.is_visible()


def test_play_pause_step_reset_by_keyboard(show):
    page = show(data="xor", hidden=[4], activation="tanh")
    start = trait(page, "weights")
    page.get_by_role("button", name="Step").focus()
    page.keyboard.press("Enter")
    assert trait(page, "steps") == 1 and trait(page, "weights") != start
    play = page.locator("button.main")
    play.focus()
    page.keyboard.press("Space")
    assert play.inner_text().endswith("Pause")
    saves = page.evaluate("model.saved")
    page.wait_for_timeout(300)
    assert page.evaluate("model.saved") == saves, "nothing travels while it plays"
    page.keyboard.press("Space")
    assert play.inner_text().endswith("Play") and trait(page, "steps") > 10
    stopped = page.evaluate("el.dataset.steps")
    page.wait_for_timeout(100)
    assert page.evaluate("el.dataset.steps") == stopped
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Enter")
    assert trait(page, "steps") == 0 and trait(page, "weights") == start
    page.get_by_role("button", name="New seed").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert trait(page, "seed") == 2 and trait(page, "weights") != start


def test_edit_a_weight_and_a_bias_by_keyboard(show):
    page = show(data="xor", hidden=[3], activation="tanh")
    before = plane(page)
    value = control(page, "Value of the weight")
    control(page, "Weight to").select_option(label="h1.2")
    control(page, "Weight from").select_option(label="x₂")
    settle(page)
    value.fill("0.75")
    settle(page)
    assert trait(page, "weights")[0][0][1][2] == 0.75
    control(page, "Weight to").select_option(label="output")
    control(page, "Weight from").select_option(label="h1.2")
    settle(page)  # the number on show is the chosen weight's
    value.fill("2.5")
    settle(page)
    assert trait(page, "weights")[1][0][2] == [2.5] and plane(page) != before
    value.press("ArrowUp")
    settle(page)
    assert trait(page, "weights")[1][0][2][0] == pytest.approx(2.6)
    control(page, "Weight from").select_option(label="bias")
    settle(page)
    value.fill("-1.25")
    settle(page)
    assert trait(page, "weights")[1][1] == [-1.25]
    # arrows walk through the units, Enter chooses the bias of one
    page.locator(".unit").last.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".editor code").inner_text() == "b1[1]"


def test_keys_do_not_reach_the_notebook(show):
    page = show()
    page.evaluate("() => { window.heard = 0; document.addEventListener('keydown', () => heard++); }")
    point(page, 0).focus()
    for key in ("a", "x", "d", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == 0


# ---------------------------------------------------------------------------------------------- the controls


@pytest.mark.parametrize("source", ["control", "python"])
def test_every_data_set_loads(show, source):
    page = show(data="blobs")
    seen = set()
    for name in DATA[1:-1]:
        control(page, "Points").select_option(name) if source == "control" else receive(page, data=name)
        settle(page)
        seen.add(str(trait(page, "points")))
        count = 4 if name in GATES else 80
        assert trait(page, "data") == name and len(trait(page, "points")) == count
        assert page.locator(".point").count() == count
        assert control(page, "Points").input_value() == name
    assert len(seen) == len(DATA) - 2


def test_layers_widths_activation_and_features(show):
    page = show(data="quadrants")
    for depth in (1, 2, 3, 0, 2):
        control(page, "Hidden layers").select_option(str(depth))
        settle(page)
        assert page.locator(".unit").count() == 7 + 4 * depth + 1
    control(page, "Units in hidden layer 2").fill("8")
    control(page, "Units in hidden layer 2").press("Enter")
    settle(page)
    assert trait(page, "hidden") == [4, 8] and page.locator(".grip").count() == 2 * 4 + 4 * 8 + 8
    shapes = [np.shape(W) for W, b in trait(page, "weights")]
    assert shapes == [(2, 4), (4, 8), (8, 1)]
    pictures = set()
    for activation in ("sign", "tanh", "sigmoid", "relu", "linear"):
        control(page, "Activation").select_option(activation)
        settle(page)
        steps(page, 3)
        settle(page)
        assert trait(page, "activation") == activation and trait(page, "steps") == 3
        pictures.add(plane(page))
    assert len(pictures) == 5
    control(page, "Input x₁x₂").check()
    control(page, "Input x₂").uncheck()
    control(page, "Input x₁").uncheck()
    settle(page)
    assert trait(page, "features") == ["x1*x2"] and np.shape(trait(page, "weights")[0][0]) == (1, 4)
    control(page, "Input x₁x₂").click()  # the last one stays
    assert control(page, "Input x₁x₂").is_checked()


def test_the_product_feature_lets_one_neuron_solve_xor(show):
    page = show(data="xor", features=["x1", "x2", "x1*x2"])
    control(page, "Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('Converged')")
    settle(page)
    assert trait(page, "mistakes") == 0 and trait(page, "margin") > 0 and trait(page, "loss_train") == 0


def test_noise_share_rate_batch_and_regularisation(show):
    page = show(data="blobs", activation="tanh")
    clean = trait(page, "points")
    control(page, "Noise").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert trait(page, "noise") == pytest.approx(0.05) and trait(page, "points") != clean
    control(page, "For training").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert len(trait(page, "points")) == 96 and len(trait(page, "test_points")) == 64
    control(page, "Learning rate η").fill("0.25")
    control(page, "Learning rate η").press("Enter")
    control(page, "Batch").select_option("0")
    assert control(page, "Regularisation strength λ").is_disabled()
    control(page, "Regularisation").select_option("l2")
    control(page, "Regularisation strength λ").fill("0.5")
    control(page, "Regularisation strength λ").press("Enter")
    settle(page)
    assert [trait(page, n) for n in ("eta", "batch_size", "regularisation", "lam")] == [0.25, 0, "l2", 0.5]
    for _ in range(25):  # at this strength only small weights survive
        page.get_by_role("button", name="Step").click()
    shrunk = np.linalg.norm(trait(page, "weights")[0][0])
    page.get_by_role("button", name="Reset").click()
    control(page, "Regularisation").select_option("none")
    for _ in range(25):
        page.get_by_role("button", name="Step").click()
    assert shrunk < 0.7 * np.linalg.norm(trait(page, "weights")[0][0])


def test_losses_are_shown_and_fall(show):
    page = show(data="circles", hidden=[6], activation="tanh", noise=0.1)
    assert cell(page, "loss_train") == f"{trait(page, 'loss_train'):.3f}"
    assert cell(page, "loss_test") == f"{trait(page, 'loss_test'):.3f}"
    start = trait(page, "loss_train"), trait(page, "loss_test")
    control(page, "Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause").click()
    settle(page)
    assert trait(page, "loss_train") < 0.5 * start[0] and trait(page, "loss_test") < 0.5 * start[1]
    assert cell(page, "wrong_train") == f"{trait(page, 'mistakes')} of 80"
    curves = page.locator(".curve polyline")
    assert curves.count() == 2 and all(len(curves.nth(k).get_attribute("points").split()) > 5 for k in (0, 1))
    assert "test from" in page.locator(".curve").get_attribute("aria-label")


def test_margin_of_one_neuron(show):
    page = show(data="and", weights=[[[[3.0], [4.0]], [-2.0]]])
    # corners: z = -9, -1, -3, 5 with labels -1, -1, -1, 1, and |w| = 5: the closest is (-1, 1)
    assert trait(page, "margin") == pytest.approx(0.2) and cell(page, "margin") == "0.20"
    assert trait(page, "mistakes") == 0
    receive(page, weights=[[[[3.0], [4.0]], [3.0]]])
    # (-1, 1) and (1, -1) are now on the wrong side by 4/5 and 2/5
    assert trait(page, "margin") == pytest.approx(-0.8) and trait(page, "mistakes") == 2
    assert cell(page, "wrong_train") == "2 of 4" and page.locator(".point.wrong").count() == 2


def test_the_status_is_polite_and_does_not_flood(show):
    page = show(data="xor", hidden=[4], activation="tanh")
    status = page.get_by_role("status")
    assert status.get_attribute("aria-live") == "polite"
    page.evaluate(
        """() => { window.spoken = 0; new MutationObserver(() => spoken++)
          .observe(document.querySelector("[role=status]"), { childList: true }); }"""
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    assert page.evaluate("spoken") <= 2
    page.get_by_role("button", name="Pause").click()
    assert status.inner_text().startswith("Paused.")


def test_every_control_has_a_name(show):
    page = show(data="quadrants", hidden=[2, 3, 1], activation="relu")
    nameless = page.evaluate(
        """() => [...el.querySelectorAll("button, input, select, [role], [tabindex]")]
          .filter((node) => !(node.getAttribute("aria-label") || node.textContent.trim() ||
                              [...(node.labels ?? [])].some((label) => label.textContent.trim())))
          .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    tree = page.locator("#widget").aria_snapshot()
    expected = (
        'button "▶ Play"',
        'combobox "Points"',
        'spinbutton "Learning rate η"',
        'slider "Noise"',
        'checkbox "Input sin x₁"',
        'radio "Click: delete"',
        'spinbutton "Value of the weight"',
        'combobox "Weight from"',
        "status",
    )
    assert [wanted for wanted in expected if wanted not in tree] == []


@pytest.mark.parametrize("width, theme", [(700, LIGHT), (400, DARK)])
def test_nothing_is_clipped(show, width, theme):
    page = show(
        width=width, theme=theme, data="spirals", hidden=[8, 8, 8], activation="tanh", features=list(FEATURES)
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => { const panel = document.querySelector(".pg").getBoundingClientRect();
          return [...el.querySelectorAll("button, select, input, label, td")].filter((node) => {
            const box = node.getBoundingClientRect();
            return box.left < panel.left || box.right > panel.right;
          }).length; }"""
    )
    assert outside == 0
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.pg')).backgroundColor")
        == "rgb(255, 255, 255)"
    )


# -------------------------------------------------------------------------------------------- the Python side


def test_changes_from_python_update_the_view(show):
    page = show(data="blobs")
    before = plane(page)
    W1, b1 = [[1.5, -2.0, 0.3], [0.5, 1.0, -1.0]], [0.1, 0.2, 0.3]
    W2, b2 = [[1.0], [2.0], [-1.0]], [0.4]
    # the network arrives while the old widths are still set: they follow the weights
    receive(page, activation="tanh", weights=[[W1, b1], [W2, b2]])
    assert trait(page, "hidden") == [3] and trait(page, "weights") == [[W1, b1], [W2, b2]]
    assert plane(page) != before and control(page, "Hidden layers").input_value() == "1"
    receive(page, data="xor")
    assert page.locator(".point").count() == 4
    receive(page, points=RNG_POINTS, test_points=[])
    assert page.locator(".point").count() == len(RNG_POINTS) and cell(page, "loss_test") == "–"
    # data and weights in one go: the weights given win over the fresh ones
    page.evaluate(
        "(w) => { model.receive('weights', w); model.receive('data', 'or'); }", [[[[1.0], [1.0]], [0.5]]]
    )
    settle(page)
    assert trait(page, "weights") == [[[[1.0], [1.0]], [0.5]]] and trait(page, "data") == "or"


@pytest.mark.parametrize("activation", ["sign", "tanh", "sigmoid", "relu", "linear"])
def test_predict_agrees_with_the_browser(show, activation):
    demo = Playground(
        data="circles", hidden=[5, 3], activation=activation, features=["x1", "x2**2", "x1*x2", "sin(x2)"]
    )
    page = show(**{name: getattr(demo, name) for name in ("data", "hidden", "activation", "features")})
    steps(page, 5)
    demo.weights = trait(page, "weights")
    X = np.random.default_rng(0).uniform(-3, 3, size=(50, 2))
    theirs = page.evaluate(
        """([X, names, weights, activation]) => [...maths.forward(maths.fromLists(weights, activation),
             maths.featurise(X, names), X.length).prediction]""",
        [X.tolist(), demo.features, demo.weights, activation],
    )
    ours = demo.predict(X)
    assert ours.shape == (50,) and np.ptp(ours) > 0
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_python_rejects_what_does_not_fit():
    demo = Playground()
    with pytest.raises(RuntimeError, match="no weights yet"):
        demo.predict([[0, 0]])
    with pytest.raises(traitlets.TraitError, match=r"layer 2: W needs shape \(3, n_out\)"):
        demo.weights = [(np.ones((2, 3)), np.ones(3)), (np.ones((2, 1)), np.ones(1))]
    with pytest.raises(traitlets.TraitError, match="one output"):
        demo.weights = [(np.ones((2, 3)), np.ones(3))]
    with pytest.raises(traitlets.TraitError, match="labels"):
        demo.points = [[0, 0, 2]]
    wrong = {"hidden": [4, 4, 4, 4], "features": ["x3"], "data": "moons", "activation": "step", "noise": -1}
    for name, value in wrong.items():
        with pytest.raises(traitlets.TraitError):
            setattr(demo, name, value)
    demo.weights = [(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))]
    assert demo.hidden == [3] and demo.layers()[0][0].shape == (2, 3)
    demo.points = np.array([[0.5, -1, 1], [1, 2, -1]])
    assert demo.points == [[0.5, -1.0, 1], [1.0, 2.0, -1]]


def test_static_picture():
    demo = Playground()
    start = time.perf_counter()
    data, metadata = demo._repr_mimebundle_()
    assert time.perf_counter() - start < 3  # 0.15 s on an idle machine
    assert (
        base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
        and metadata["image/png"]["alt"] == demo.alt
    )
    assert f'alt="{escape(demo.alt)}"' in data["text/html"]
    assert (
        data["text/plain"] == Playground()._repr_mimebundle_()[0]["text/plain"]
        and "0x" not in data["text/plain"]
    )
    assert demo.picture() == Playground().picture()

    from matplotlib.figure import Figure

    figure = Figure()
    demo.draw(figure)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["One neuron: at best 3 of 4", "Four hidden units: 4 of 4"]
