"""The computation graph: its mathematics in both languages, its browser view, its Python side."""

import base64
import math
import statistics
from pathlib import Path

import numpy as np
import pytest
from browser import DARK, LIGHT, browser, mount, trait  # noqa: F401
from matplotlib.figure import Figure

from course_utils.interact import graph as python_side
from course_utils.interact.graph import (
    OPS,
    PRESETS,
    ComputationGraph,
    back_order,
    backward,
    checked,
    forward,
    short,
    topological,
)

MODULE = Path(python_side.__file__).with_name("graph.js")
TRAITS = ["preset", "presets", "nodes", "leaves", "values", "grads", "trail", "updates", "eta"]
PRODUCT = [
    {"id": "b", "op": "leaf", "value": 2},
    {"id": "c", "op": "leaf", "value": 1},
    {"id": "d", "op": "add", "inputs": ["b", "c"]},
]
WEIGHTS = [f"w{k}" for k in range(1, 9)]
BIASES = ["b1", "b2"]


def state_of(demo):
    return {name: getattr(demo, name) for name in TRAITS}


@pytest.fixture
def show(mount):  # noqa: F811
    """Open a graph; its initial state comes from the Python class itself."""

    def open_with(*args, width=700, theme=LIGHT, **kwargs):
        return mount(MODULE, state_of(ComputationGraph(*args, **kwargs)), width=width, theme=theme)

    return open_with


@pytest.fixture(scope="module")
def maths(browser):  # noqa: F811
    """A function that calls `expression` in a page where `maths` is the module's and `data` is given."""
    page = browser.new_page()
    page.evaluate(
        "async (source) => { const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));"
        " window.maths = (await import(url)).maths; }",
        MODULE.read_text(encoding="utf-8"),
    )
    yield lambda expression, data=None: page.evaluate(f"(data) => {{ {expression} }}", data)
    page.close()


def receive(page, demo):
    """Send what Python holds to the view, one trait after the other."""
    for name in TRAITS:
        page.evaluate("([name, value]) => model.receive(name, value)", [name, getattr(demo, name)])


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def press(page, name, times=1):
    for _ in range(times):
        button(page, name).click(force=True)  # an aria-disabled button still answers, with the reason


def status(page):
    return page.get_by_role("status").inner_text()


def shown(page, node, part="value"):
    """The value or the gradient written in a node."""
    return page.locator(f"[data-node='{node}'] .{part}").inner_text()


def aria(page, node):
    return page.locator(f"[data-node='{node}']").get_attribute("aria-label")


def random_graph(rng):
    """A random graph of every operation, with shared inputs, whose values stay moderate and off relu's kink."""
    while True:
        nodes = [
            {"id": f"v{k}", "op": rng.choice(["leaf", "leaf", "leaf", "constant"]), "value": v}
            for k, v in enumerate(rng.uniform(-1.5, 1.5, 5).tolist())
        ]
        nodes[0]["op"] = "leaf"
        for k in range(5, 17):
            op = str(rng.choice(list(OPS)))
            count = int(rng.choice([n for n in OPS[op][0] if n <= 5]))
            inputs = [f"v{i}" for i in rng.integers(0, k, count)]
            nodes.append({"id": f"v{k}", "op": op, "inputs": inputs})
        used = {name for node in nodes for name in node.get("inputs", [])}
        nodes.append(
            {"id": "out", "op": "sum", "inputs": [n["id"] for n in nodes if n["id"] not in used] + ["v0"]}
        )
        shuffled = [nodes[i] for i in rng.permutation(len(nodes))]  # the order of the list must not matter
        nodes = checked([{**node, "op": str(node["op"])} for node in shuffled])
        values = forward(nodes)
        kinks = [values[node["inputs"][0]] for node in nodes if node["op"] == "relu"]
        if max(map(abs, values.values())) < 20 and all(abs(x) > 1e-2 for x in kinks):
            return nodes


RANDOM = [random_graph(np.random.default_rng(seed)) for seed in range(25)]
ALL = [checked(preset["nodes"]) for preset in PRESETS.values()] + RANDOM
SOLVE = (
    "return data.map(nodes => { const g = maths.build(nodes), values = maths.forward(g, {});"
    " return { values, grads: maths.backward(g, values) }; })"
)


# ---------------------------------------------------------------- mathematics


def test_random_graphs_hold_every_operation_and_shared_inputs():
    assert {node["op"] for nodes in RANDOM for node in nodes} >= set(OPS) | {"leaf", "constant"}
    assert any(len(set(node["inputs"])) < len(node["inputs"]) for nodes in RANDOM for node in nodes)


def test_gradients_agree_with_finite_differences(maths):
    worst = maths(
        """
        let worst = 0;
        for (const nodes of data) {
          const g = maths.build(nodes), leaves = {};
          nodes.forEach(n => { if (n.op === "leaf") leaves[n.id] = n.value; });
          const grads = maths.backward(g, maths.forward(g, leaves)), h = 1e-5;
          for (const id of Object.keys(leaves)) {
            const at = x => maths.forward(g, { ...leaves, [id]: x })[g.output];
            const slope = (at(leaves[id] + h) - at(leaves[id] - h)) / (2 * h), mine = grads[id] ?? 0;
            worst = Math.max(worst, Math.abs(slope - mine) / Math.max(1, Math.abs(slope)));
          }
        }
        return worst;
        """,
        ALL,
    )
    assert worst < 1e-6


def test_javascript_and_python_agree(maths):
    for nodes, found in zip(ALL, maths(SOLVE, ALL), strict=True):
        values = forward(nodes)
        grads, trail = backward(nodes, values)
        for mine, theirs in ((values, found["values"]), (grads, found["grads"])):
            assert mine.keys() == theirs.keys()
            for name, value in mine.items():
                assert math.isclose(value, theirs[name], rel_tol=1e-12, abs_tol=1e-12), name
        assert [name for name, _ in trail] == [node["id"] for node in back_order(nodes)]


def test_both_languages_write_numbers_alike(maths):
    rng = np.random.default_rng(0)
    numbers = [0, -0.0, 3, -2, 0.1 + 0.2, 0.3775, 1e-4, 2e-5, 3.510187783e-5, -3.5e-5, 0.4386e-3, 1e6, 2.5e8]
    numbers += (rng.normal(size=60) * 10.0 ** rng.integers(-9, 9, 60)).tolist()
    written = maths("return data.map(maths.short)", numbers)
    assert [text.replace("-", "−", 1) if text[0] == "-" else text for text in written] == [
        short(x) for x in numbers
    ]


def test_product_worked_by_hand(maths):
    found = maths(SOLVE, [ALL[0]])[0]
    assert found["values"] == {"b": 2, "c": 1, "2": 2, "d": 3, "e": 3, "a": 9}
    assert found["grads"] == {"a": 1, "d": 3, "e": 3, "b": 3, "c": 6}


def net222(**options):
    return ComputationGraph("2-2-2", **options).nodes


def test_2_2_2_forward_and_backward_to_every_printed_digit(maths):
    found = maths(SOLVE, [net222()])[0]
    printed = {
        "net_h1": ".3775", "net_h2": ".3925", "h1": ".593269992", "h2": ".596884378",
        "net_o1": "1.105905967", "o1": ".751365070", "net_o2": "1.224921404", "o2": ".772928465",
        "E1": ".274811083", "E2": ".023560026", "E": ".298371109",
    }  # fmt: skip
    slopes = {
        "o1": ".741365070", "net_o1": ".138498562", "net_o2": "-.038098237", "w5": ".082167041",
        "net_h1": ".008771355", "net_h2": ".009954255",
    }  # fmt: skip
    for numbers, texts in ((found["values"], printed), (found["grads"], slopes)):
        for name, text in texts.items():
            digits = len(text.split(".")[1])
            assert f"{numbers[name]:.{digits}f}" == f"{float(text):.{digits}f}", name


def updated(maths, nodes, times, **options):
    call = "return maths.update(maths.build(data[0]), Object.fromEntries(data[0].map(n => [n.id, n.value])), data[1])"
    return maths(call, [nodes, {"eta": 0.5, "times": times, **options}])


def test_2_2_2_after_one_update(maths):
    found = updated(maths, net222(), 1)
    after = [f"{found['leaves'][name]:.9f}" for name in WEIGHTS]
    assert after == ["0.149780716", "0.199561432", "0.249751144", "0.299502287",
                     "0.358916480", "0.408666186", "0.511301270", "0.561370121"]  # fmt: skip
    assert f"{found['values']['E']:.9f}" == "0.291027774"
    assert found["leaves"]["b1"] == 0.35
    both = updated(maths, net222(trainable=WEIGHTS + BIASES), 1)
    assert f"{both['values']['E']:.9f}" == "0.285750887"


def test_2_2_2_after_ten_thousand_updates_right_and_wrong(maths):
    right = updated(maths, net222(), 10_000)["values"]
    assert f"{right['E']:.5e}" == "3.51019e-05"
    assert (f"{right['o1']:.6f}", f"{right['o2']:.6f}") == ("0.015914", "0.984064")
    assert f"{updated(maths, net222(), 10_000, early=True)['values']['E']:.5e}" == "3.50848e-05"


def test_python_updates_like_javascript(maths):
    graph = ComputationGraph("2-2-2")
    error = graph.update(300)
    found = updated(maths, net222(), 300)
    assert math.isclose(error, found["values"]["E"], rel_tol=1e-12)
    assert graph.updates == 300 and graph.values["E"] == error and graph.grads == {}


def test_naive_order_loses_shares_only_where_paths_meet_again(maths):
    naive = (
        "const g = maths.build(data), values = maths.forward(g, {});"
        " return maths.backward(g, values, { naive: true })"
    )
    grads = maths(naive, net222())
    right, _ = backward(net222(), forward(net222()))
    assert abs(grads["w1"] - right["w1"]) > 1e-4  # h1 passed on before the second output had sent its share
    assert grads["w5"] == pytest.approx(right["w5"])
    assert maths(naive, ALL[0])["c"] == 6


# ---------------------------------------------------------------- the view


def test_stepping_by_mouse(show):
    page = show("product")
    assert shown(page, "d") == "?" and shown(page, "d", "grad") == ""
    press(page, "Step back")
    assert "First run forward" in status(page)
    press(page, "Step forward")
    assert status(page) == "d = b + c = 2 + 1 = 3"
    assert shown(page, "d") == "3" and shown(page, "e") == "?"
    press(page, "Step forward", 2)
    assert status(page) == "a = d · e = 3 · 3 = 9"
    press(page, "Step forward")
    assert "All values are computed" in status(page)
    press(page, "Step back")
    assert status(page) == "∂a/∂a = 1: the last node starts the way back."
    press(page, "Step back")
    assert status(page).splitlines() == [
        "∂a/∂d = ∂a/∂a · e = 1 · 3 = 3",
        "∂a/∂e = ∂a/∂a · d = 1 · 3 = 3",
    ]
    press(page, "Step back")
    assert "∂a/∂c = ∂a/∂d · 1 = 3 · 1 = 3 (path 1 of 2)" in status(page)
    assert shown(page, "c", "grad") == "∂ 3"
    press(page, "Step back")
    sentence = "∂a/∂c gets ∂a/∂e · 1 = 3 · 1 = 3 more: 3 + 3 = 6 (path 2 of 2: gradients add)"
    assert status(page) == sentence
    assert shown(page, "c", "grad") == "∂ 3 + 3 = 6" and shown(page, "b", "grad") == "∂ 3"
    assert "several" in page.locator("[data-node=c]").get_attribute("class")
    assert trait(page, "grads") == {"a": 1, "d": 3, "e": 3, "b": 3, "c": 6}
    assert page.locator("path.edge.sent").count() == 5  # the edge from the number 2 carries nothing back
    press(page, "Step back")
    assert "one share per path" in status(page)


def test_everything_by_keyboard(show):
    page = show("product")
    keys = page.keyboard
    page.evaluate(
        "document.body.addEventListener('keydown', (e) => { if (el.contains(e.target)) window.leaked = e.key; })"
    )
    keys.press("Tab")  # the choice of graph
    keys.press("Tab")
    for _ in range(3):
        keys.press("Enter")
    assert shown(page, "a") == "9"
    assert page.evaluate("document.activeElement.textContent") == "Step forward"  # focus is never lost
    keys.press("Tab")
    keys.press("Tab")
    for _ in range(4):
        keys.press(" ")
    assert shown(page, "c", "grad") == "∂ 3 + 3 = 6"
    for _ in range(3):
        keys.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "leaf b, gradient 3"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    keys.press("ArrowUp")
    keys.press("Tab")
    assert trait(page, "leaves") == {"b": 3, "c": 1} and shown(page, "d") == "?"
    keys.press("Tab")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.dataset.node") == "d"  # operations can be focused as well
    assert page.evaluate(outline) == "solid"
    assert page.evaluate("window.leaked") is None


def test_editing_a_leaf_forgets_only_what_depends_on_it(show):
    page = show("product")
    press(page, "Run forward")
    press(page, "Run backward")
    box = page.get_by_label("leaf b, gradient 3")
    box.fill("5")
    box.press("Enter")
    assert (shown(page, "d"), shown(page, "e"), shown(page, "a")) == ("?", "3", "?")
    assert trait(page, "grads") == {} and trait(page, "values") == {"b": 5, "c": 1, "2": 2, "e": 3}
    press(page, "Step forward")
    assert status(page) == "d = b + c = 5 + 1 = 6"
    press(page, "Run backward")
    assert trait(page, "grads") == {"a": 1, "d": 3, "e": 6, "b": 3, "c": 9}
    box = page.get_by_label("leaf b")
    box.fill("")
    box.press("Enter")
    assert "needs a number" in status(page) and box.input_value() == "5"
    press(page, "Reset")
    assert trait(page, "leaves") == {"b": 2, "c": 1} and shown(page, "a") == "?"


def updated_in(page, times, **options):
    call = """([leaves, options]) => maths.update(maths.build(model.state.nodes), leaves, options).leaves"""
    leaves = ComputationGraph("2-2-2").leaves
    return page.evaluate(call, [leaves, {"times": times, **options}])


def test_update_buttons(show):
    page = show("2-2-2")
    press(page, "Update weights")
    lines = status(page)
    assert "Update 1: E falls from 0.298371109 to 0.291027774." in lines
    assert "w5 = 0.4 − 0.5 · 0.082167041 = 0.358916480" in lines
    assert page.get_by_label("leaf w5").input_value() == "0.358916480"
    assert "updates: 1, E = 0.291027774" in page.locator(".counter").inner_text()
    press(page, "Reset")
    press(page, "1000 updates", 9)
    press(page, "100 updates", 10)
    assert trait(page, "updates") == 10_000 and shown(page, "E") == "3.51019e-5"
    press(page, "Reset")
    page.get_by_label("update before sending back").check()
    press(page, "100 updates")
    early = updated_in(page, 100, early=True)
    assert trait(page, "leaves") == early and early["w1"] != updated_in(page, 100)["w1"]
    press(page, "Reset")
    page.get_by_label("update before sending back").uncheck()
    page.get_by_label("learning rate η").fill("0")
    press(page, "Update weights")
    assert trait(page, "eta") == 0 and trait(page, "leaves")["w5"] == 0.4


def test_2_2_2_step_by_step(show):
    page = show("2-2-2")
    press(page, "Step forward")
    assert status(page) == "net h1 = w1·i1 + w2·i2 + b1 = 0.15·0.05 + 0.2·0.1 + 0.35 = 0.3775"
    press(page, "Step forward")
    assert status(page) == "h1 = σ(net h1) = σ(0.3775) = 0.593269992"
    press(page, "Run forward")
    assert shown(page, "E") == "0.298371109"
    press(page, "Step back", 3)
    assert status(page) == "∂E/∂o1 = ∂E/∂E1 · (−(t1 − o1)) = 1 · 0.741365070 = 0.741365070"
    press(page, "Step back")
    assert status(page) == "∂E/∂net o1 = ∂E/∂o1 · o1(1 − o1) = 0.741365070 · 0.186815602 = 0.138498562"
    press(page, "Step back")
    assert "∂E/∂w5 = ∂E/∂net o1 · h1 = 0.138498562 · 0.593269992 = 0.082167041" in status(page)
    assert shown(page, "w5", "grad") == "∂ 0.082167041"
    press(page, "Step back", 3)
    assert "(path 2 of 2: gradients add)" in status(page)


def test_sending_back_too_early_is_named(show):
    page = show("2-2-2")
    page.get_by_label("send back before all shares are in").check()
    press(page, "Run forward")
    press(page, "Step back", 5)
    assert "Too early" not in status(page)
    for _ in range(3):
        press(page, "Step back")
        if "Too early" in status(page):
            break
    assert status(page).startswith("Too early: h1 still lacks the share of net o2")
    press(page, "Run backward")
    assert status(page).startswith(
        "Done, but wrong: w1, w2, w3, w4, b1 got only a part. ∂E/∂w1 is 0.000438568, not "
    )


def test_presets(show):
    page = show("product")
    choice = page.get_by_label("graph", exact=True)
    assert not button(page, "Update weights").is_visible()
    choice.select_option("neuron")
    assert trait(page, "preset") == "neuron" and button(page, "Update weights").is_visible()
    assert not page.get_by_label("update before sending back").is_visible()
    press(page, "Run backward")
    assert shown(page, "E") == "0.090549586" and shown(page, "w2", "grad") == "∂ −0.208062128"
    choice.select_option("2-2-2")
    assert page.locator(".node").count() == 25 and trait(page, "grads") == {}
    choice.select_option("product")
    press(page, "Run forward")
    assert shown(page, "a") == "9"


def test_custom_graph_in_the_view(show):
    page = show(nodes=PRODUCT)
    assert not page.get_by_label("graph", exact=True).is_visible()
    press(page, "Run backward")
    assert trait(page, "grads") == {"d": 1, "b": 1, "c": 1}


def test_steps_reach_python(show):
    page = show("product")
    graph = ComputationGraph("product")

    def travel():
        for message in page.evaluate("model.snapshots.splice(0)"):
            graph.set_state(message)

    press(page, "Step forward")
    travel()
    assert graph.values == {"b": 2, "c": 1, "2": 2, "d": 3} and graph.grads == {}
    page.get_by_label("leaf c").fill("4")
    page.get_by_label("leaf c").press("Enter")
    press(page, "Run backward")
    travel()
    assert graph.leaves == {"b": 2, "c": 4} and graph.values["a"] == 36
    assert graph.grads == {"a": 1, "d": 6, "e": 6, "b": 6, "c": 12}
    page.get_by_label("graph", exact=True).select_option("2-2-2")
    press(page, "Update weights")
    travel()
    assert graph.preset == "2-2-2" and graph.updates == 1
    assert f"{graph.leaves['w5']:.9f} {graph.values['E']:.9f}" == "0.358916480 0.291027774"


def test_merged_messages_keep_the_progress(show):
    """A busy kernel receives several messages of the view as one: a new graph together with its updates."""
    page = show("product")
    page.get_by_label("graph", exact=True).select_option("2-2-2")
    press(page, "Update weights")
    merged = {}
    for message in page.evaluate("model.snapshots"):
        merged |= message
    graph = ComputationGraph("product")
    graph.set_state(merged)
    assert graph.updates == 1 and f"{graph.values['E']:.9f}" == "0.291027774"


def test_python_changes_the_view(show):
    page = show("product")
    graph = ComputationGraph("product")
    graph.run()
    receive(page, graph)
    assert shown(page, "a") == "9" and shown(page, "c", "grad") == "∂ 3 + 3 = 6"
    assert "outside" in status(page)
    graph.set(b=7)
    receive(page, graph)
    assert page.get_by_label("leaf b").input_value() == "7"
    assert (shown(page, "d"), shown(page, "e"), shown(page, "c", "grad")) == ("?", "3", "")
    graph.preset = "2-2-2"
    graph.update(1)
    receive(page, graph)
    assert shown(page, "E") == "0.291027774" and page.locator(".node").count() == 25
    assert page.evaluate("model.saved") == 0  # showing is not a change
    press(page, "Run backward")
    assert shown(page, "E", "grad") == "∂ 1"
    page.evaluate("window.cleanup()")
    seq = page.evaluate("el.dataset.seq")
    graph.preset = "product"
    receive(page, graph)
    assert page.evaluate("el.dataset.seq") == seq  # a closed view listens no more


def test_accessible_names(show):
    page = show("2-2-2")
    assert aria(page, "h1") == "h1 = σ(net h1), value not computed yet, gradient not computed yet"
    press(page, "Run backward")
    assert aria(page, "h1") == "h1 = σ(net h1), value 0.593269992, gradient 0.036350306, sum of 2 paths"
    assert page.get_by_label("leaf w7, gradient −0.022602540").count() == 1
    assert page.get_by_label("constant t1, needs no gradient").count() == 1
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"
    unnamed = """() => [...el.querySelectorAll("button, input, select, [tabindex]")].filter((e) =>
      !(e.getAttribute("aria-label") || e.textContent || e.closest("label")?.textContent)).length"""
    assert page.evaluate(unnamed) == 0


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_nothing_is_clipped_or_unreadable(show, preset, theme):
    page = show(preset, theme=theme)
    press(page, "Run backward")
    clipped = """() => [...el.querySelectorAll(".name, .value, .grad, .scroll")].filter(
      (e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map((e) => e.textContent)"""
    assert page.evaluate(clipped) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    contrasts = """() => {
      const light = (colour) => { const [r, g, b] = colour.match(/\\d+/g).map((v) => (v /= 255) <= .04045 ? v / 12.92
        : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
      const ground = (e) => { const c = getComputedStyle(e).backgroundColor;
        return c === "rgba(0, 0, 0, 0)" ? ground(e.parentElement) : c; };
      return Math.min(...[...el.querySelectorAll(".name, .value, .grad, button:not([aria-disabled=true]), .status div")]
        .filter((e) => e.textContent).map((e) => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
          return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); })); }"""
    assert page.evaluate(contrasts) >= 4.5


def test_phone_scrolls_to_the_step(show):
    page = show("2-2-2", width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    press(page, "Step forward", 11)
    assert page.locator("[data-node=E]").bounding_box()["x"] + 96 <= 400
    press(page, "Step back", 12)
    assert page.locator("[data-node=w3]").bounding_box()["x"] >= 0


def test_click_to_picture_is_fast(show):
    page = show("2-2-2")
    page.evaluate(
        """() => { window.times = []; el.addEventListener("click", (event) => requestAnimationFrame(() => {
          const painted = new MessageChannel();
          painted.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
          painted.port2.postMessage(0); }), true); }"""
    )

    def median(name, clicks=11):
        page.evaluate("times.length = 0")
        for k in range(clicks):
            press(page, name)
            page.wait_for_function("(k) => times.length > k", arg=k)
        return statistics.median(page.evaluate("times"))

    for name in ("Step forward", "Step back", "1000 updates"):
        tries = [median(name)]
        while tries[-1] > 100 and len(tries) < 3:  # another process may have taken the processor
            tries.append(median(name))
        print(f"{name}: click to picture, median {tries[-1]:.0f} ms")
        assert tries[-1] <= 100


# ---------------------------------------------------------------- the Python side


@pytest.mark.parametrize("preset", PRESETS)
def test_orders_and_layout(preset):
    nodes = ComputationGraph(preset).nodes
    order = [node["id"] for node in topological(nodes)]
    back = [node["id"] for node in back_order(nodes)]
    for node in nodes:
        assert all(order.index(name) < order.index(node["id"]) for name in node["inputs"])
        for name in set(node["inputs"]) & set(back):
            assert back.index(node["id"]) < back.index(name)
    places = [tuple(node["at"]) for node in nodes]
    for x, y in places:  # no two boxes overlap
        assert sum(a == x and abs(b - y) < 0.9 for a, b in places) == 1
    assert len({x for x, _ in places}) <= 6


@pytest.mark.parametrize(
    "node, message",
    [
        ({"id": "x", "op": "sinus", "inputs": ["d"]}, 'node "x": unknown op "sinus"; known: leaf'),
        ({"id": "x", "op": "tanh", "inputs": ["q"]}, 'its input "q" is not a node'),
        ({"id": "x", "op": "tanh", "inputs": ["b", "d"]}, r"tanh cannot work on 2 input\(s\)"),
        ({"id": "x", "op": "leaf"}, 'needs a "value"'),
        ({"id": "x", "op": "leaf", "value": math.inf}, "finite"),
        ({"id": "b", "op": "tanh", "inputs": ["d"]}, 'two nodes are called "b"'),
        ({"op": "tanh", "inputs": ["d"]}, 'needs an "id"'),
        ({"id": "x", "op": "add", "inputs": ["d", "x"]}, "cycle.*x"),
        ({"id": "x", "op": "tanh", "inputs": ["b"]}, "unused are d, x"),
    ],
)
def test_a_wrong_graph_is_refused_with_its_reason(node, message):
    with pytest.raises(ValueError, match=message):
        ComputationGraph(nodes=[*PRODUCT, node])


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match='unknown preset "xor"; known: product, neuron, 2-2-2'):
        ComputationGraph("xor")
    with pytest.raises(ValueError, match='"d" is not a leaf; the leaves are b, c'):
        ComputationGraph(nodes=PRODUCT, trainable=["d"])
    with pytest.raises(ValueError, match="no operation"):
        ComputationGraph(nodes=PRODUCT[:1])
    graph = ComputationGraph("product")
    with pytest.raises(ValueError, match='"d" is not a leaf'):
        graph.set(d=1)
    with pytest.raises(ValueError, match="not a finite number"):
        graph.set(b="two")
    assert graph.leaves == {"b": 2, "c": 1}


def test_python_side_steps_and_forgets():
    graph = ComputationGraph("product")
    assert graph.values == {"b": 2, "c": 1, "2": 2} and graph.grads == {}
    assert graph.run() == {"a": 1, "d": 3, "e": 3, "b": 3, "c": 6} == graph.grads
    graph.set(b=4)
    assert graph.values == {"b": 4, "c": 1, "2": 2, "e": 3} and graph.grads == {} and graph.trail == []
    graph.nodes = PRODUCT
    assert graph.leaves == {"b": 2, "c": 1} and graph.values == {"b": 2, "c": 1}
    graph.preset = "neuron"
    assert "y_hat" in graph.run()
    assert PRESETS["product"]["nodes"][0] == {"id": "b", "op": "leaf", "value": 2}  # presets stay as they are


@pytest.mark.parametrize("preset", PRESETS)
def test_static_picture(preset):
    graph = ComputationGraph(preset)
    data, metadata = graph._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/html"].startswith('<img alt="Computation graph of')
    assert data["text/plain"] == f"ComputationGraph: {ComputationGraph(preset).alt}"  # stable: no address
    assert metadata["image/png"]["alt"] == graph.alt
    assert "application/vnd.jupyter.widget-view+json" in data


def test_static_picture_says_what_it_shows():
    assert ComputationGraph("product").alt.endswith("a = 9, ∂a/∂b = 3, ∂a/∂c = 6.")
    assert "E = 0.298371109" in ComputationGraph("2-2-2").alt
    fig = Figure()
    ComputationGraph("product").draw(fig)
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert {"9", "∂ 1", "∂ 3", "∂ 3 + 3 = 6"} <= set(texts)
    assert fig.axes[0].get_title(loc="left") == "c is reached on 2 paths, and their gradients add: 3 + 3 = 6"
    fig = Figure()
    ComputationGraph("2-2-2").draw(fig)
    assert {"0.298371109", "∂ 0.082167041"} <= {text.get_text() for text in fig.axes[0].texts}
