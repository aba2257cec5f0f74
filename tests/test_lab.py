"""The demos in a real JupyterLab, in a real browser: mouse and keyboard move them, Python hears of it.

The same steps are taken with each demo's module broken on purpose, and then must fail.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from browser import browser  # noqa: F401
from course import BASE
from playwright.sync_api import Error, expect

from course_utils.cli import twins

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}
IDLE = """() => {
  const session = window.jupyterapp?.shell?.currentWidget?.sessionContext;
  return session?.isReady && session.session?.kernel?.connectionStatus === "connected"
    && session.session.kernel.status === "idle";
}"""
SETUP = """
import numpy as np
from course_utils.interact.backflow import GradientFlow
from course_utils.interact.drawpad import DrawDigit
from course_utils.interact.ganstudio import GanStudio
from course_utils.interact.gates import GateStrip
from course_utils.interact.gibbs import Gibbs
from course_utils.interact.graph import ComputationGraph
from course_utils.interact.gridworld import GridWorld
from course_utils.interact.latent import Bottleneck, LatentPlane
from course_utils.interact.playground import Playground
from course_utils.interact.pole import Pole
from course_utils.interact.receptive import ReceptiveField
rng = np.random.default_rng(0)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on loopback with settings of its own; gives its address, token and root folder."""
    home = tmp_path_factory.mktemp("lab")
    for name, settings in SETTINGS.items():
        path = home / "settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    root, token = home / "root", secrets.token_hex(8)
    root.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    environment = os.environ | {f"JUPYTER_{key}_DIR": str(home / value) for key, value in folders.items()}
    environment |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "spaces"),
    }
    environment |= {"IPYTHONDIR": str(home / "ipython"), "JUPYTER_TOKEN": token}
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--expose-app-in-browser"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api", server, home / "lab.log")
        yield address, token, root
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address, server, log, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("JupyterLab did not start:\n" + log.read_text()[-2000:])


def broken(demo, old, new):
    """Python source that replaces part of a demo's ES module, in the kernel only."""
    return (
        f"import pathlib, course_utils.interact.{demo.lower()} as module\n"
        f"source = (pathlib.Path(module.__file__).with_suffix('.js')).read_text()\n"
        f"assert {old!r} in source\n"
        f"esm = source.replace({old!r}, {new!r})"
    )


def write_notebook(root, name, cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    twins.settle(book, name)
    nbformat.write(book, root / f"{name}.ipynb")


@pytest.fixture
def opened(lab, browser):  # noqa: F811
    """A function that opens a notebook of the given cells, runs them all, and returns (page, panel)."""
    address, token, root = lab
    contexts = []

    def open_notebook(name, cells):
        write_notebook(root, name, [*cells, "print('all' + ' cells ran')"])
        context = browser.new_context(viewport={"width": 1300, "height": 1400})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.goto(f"{address}/lab/workspaces/{name}/tree/{name}.ipynb?token={token}&reset")
        page.wait_for_function(IDLE, timeout=60000)  # running earlier would ask for a kernel
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(panel.get_by_text("all cells ran", exact=True)).to_be_visible(timeout=60000)
        return page, panel

    yield open_notebook
    for context in contexts:
        for page in context.pages:
            page.evaluate("async () => { await window.jupyterapp.serviceManager.sessions.shutdownAll(); }")
        context.close()


def ask(page, panel, number, text, tries=6):
    """Run the cell of this number (Python's view of the demo) again and again until it prints `text`."""
    cell = panel.locator(".jp-CodeCell").nth(number)
    printed = cell.locator(".jp-OutputArea-output").last
    for left in reversed(range(tries)):
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        try:
            expect(printed).to_contain_text(text, timeout=700)
            return
        except AssertionError:
            if not left:
                raise


def drive_playground(page, panel):
    """Move a point by keyboard and by mouse, take a step, and let Python report it."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".pg")
    expect(demo).to_be_visible()
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="Step").focus()
    page.keyboard.press("Enter")
    ask(page, panel, 2, "steps 1")
    points = demo.get_by_role("button", name="Point 1 of")
    points.focus()
    page.keyboard.press("ArrowRight")
    ask(page, panel, 2, "moved")
    demo.get_by_role("button", name="Point 2 of").focus()
    for key in ("a", "b", "d", "d", "x"):  # JupyterLab's command mode would add and delete cells
        page.keyboard.press(key)
    assert panel.locator(".jp-Cell").count() == cells


def drive_graph(page, panel):
    """Run forward by mouse, one step back by keyboard, and let Python report values and gradients."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".graph")
    expect(demo).to_be_visible()
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="Run forward").click()
    ask(page, panel, 2, "a = 9")
    demo.get_by_role("button", name="Run backward").focus()
    page.keyboard.press("Enter")
    ask(page, panel, 2, "∂a/∂c = 6")
    assert panel.locator(".jp-Cell").count() == cells


def drive_receptive(page, panel):
    """Move the window by mouse and by keyboard, change the stride, and let Python report it."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".rf")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_label("output pixels").hover(position={"x": 50, "y": 10})
    ask(page, panel, 2, "pixel 0 1")
    demo.get_by_label("output pixels").focus()
    for key in ("a", "d", "d", "ArrowDown"):
        page.keyboard.press(key)
    ask(page, panel, 2, "pixel 1 1 of (3, 3)")
    demo.get_by_label("stride").select_option("2")
    ask(page, panel, 2, "of (2, 2)")
    assert panel.locator(".jp-Cell").count() == cells


def drive_drawpad(page, panel):
    """Clear the board, draw a stroke by mouse and one by keyboard, and let Python report the ink."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".pad")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="Clear").click()
    ask(page, panel, 2, "ink none")
    board = demo.get_by_label("drawing board")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 150, steps=4)
    page.mouse.up()
    ask(page, panel, 2, "ink left answers agree")
    board.focus()
    for key in (" ", "b", "ArrowRight"):
        page.keyboard.press(key)
    ask(page, panel, 2, "ink left middle answers agree")
    assert panel.locator(".jp-Cell").count() == cells


def drive_gates(page, panel):
    """Type a text, choose a unit, and let Python report both."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".gs")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_label("text", exact=True).click()
    page.keyboard.press("End")
    page.keyboard.type("ddxab")
    ask(page, panel, 2, "text johnsonddxab")
    demo.get_by_label("hidden unit").fill("2")
    page.keyboard.press("Tab")
    ask(page, panel, 2, "unit 2")
    assert panel.locator(".jp-Cell").count() == cells


def drive_backflow(page, panel):
    """Move the weight's slider by keyboard, choose an activation, and let Python report both."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".flow")
    demo.get_by_label("recurrent weight w").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    ask(page, panel, 2, "w = 1.00")
    demo.get_by_label("activation").select_option("linear")
    ask(page, panel, 2, "last norm 1.00")


def drive_sliders(page, panel):
    """Take the next digit by mouse, move a slider by keyboard, and let Python report both."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".lt")
    demo.get_by_role("button", name="Next digit").click()
    ask(page, panel, 2, "digit 1 both codes its own")
    demo.get_by_label("autoencoder, number 2", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    ask(page, panel, 2, "digit 1 z moved")


def drive_plane(page, panel):
    """Drag one point by mouse, move the other by keyboard, and let Python report both."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".lt")
    cells = panel.locator(".jp-Cell").count()
    point = demo.get_by_role("slider", name="point A")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    ask(page, panel, 2, "moved A")
    demo.get_by_role("slider", name="point B").focus()
    for key in ("a", "d", "d", "ArrowUp"):
        page.keyboard.press(key)
    ask(page, panel, 2, "moved A B")
    assert panel.locator(".jp-Cell").count() == cells


def drive_ganstudio(page, panel):
    """Step D alone by mouse and G by keyboard, paint a point, and let Python report it."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".gan")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="Step D").click()
    ask(page, panel, 2, "steps [1, 0] 20 points")
    demo.get_by_role("button", name="Step G").focus()
    for key in ("Enter", "d", "d"):
        page.keyboard.press(key)
    ask(page, panel, 2, "steps [1, 1] 20 points")
    demo.get_by_label("the plane").click(position={"x": 200, "y": 100})
    ask(page, panel, 2, "steps [1, 1] 6 points")
    assert panel.locator(".jp-Cell").count() == cells


def drive_gridworld(page, panel):
    """Two sweeps by mouse, a trap by keyboard, and let Python report it."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".gw")
    cells = panel.locator(".jp-Cell").count()
    for _ in range(2):
        demo.get_by_role("button", name="One sweep").click()
    ask(page, panel, 2, "..G after 2 sweeps, V = 0.90")
    demo.get_by_role("button", name="trap").press("Enter")
    demo.get_by_role("application").focus()
    for key in ("ArrowRight", "Enter", "d", "d"):
        page.keyboard.press(key)
    ask(page, panel, 2, ".TG after 2 sweeps")
    assert panel.locator(".jp-Cell").count() == cells


def drive_pole(page, panel):
    """Let the agent fall, then fall by keyboard, and let Python report both."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".pl")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="The agent plays").click()
    demo.get_by_role("button", name="Start").click()
    ask(page, panel, 2, "agent fell")
    demo.get_by_role("button", name="You play").click()
    demo.focus()
    for key in ("ArrowRight", "d", "d"):
        page.keyboard.press(key)
    ask(page, panel, 2, "you and agent fell")
    assert panel.locator(".jp-Cell").count() == cells


def drive_gibbs(page, panel):
    """Two steps by mouse and keyboard, free more pixels by painting, and let Python report it."""
    demo = panel.locator(".jp-CodeCell").nth(1).locator(".gb")
    cells = panel.locator(".jp-Cell").count()
    demo.get_by_role("button", name="One step").click()
    demo.get_by_role("button", name="One step").focus()
    for key in ("Enter", "d", "d"):
        page.keyboard.press(key)
    ask(page, panel, 2, "2 steps, 32 free, the others as they were")
    demo.get_by_role("application").click(position={"x": 140, "y": 20})
    ask(page, panel, 2, "0 steps, 47 free, the others as they were")
    assert panel.locator(".jp-Cell").count() == cells


PLAYGROUND = (
    drive_playground,
    "Playground",
    "demo = Playground(data='xor')\ndemo",
    "print('steps', demo.steps, 'moved' if demo.points and abs(demo.points[0][0]) != 1 else 'in place')",
)
GRAPH = (
    drive_graph,
    "Graph",
    "demo = ComputationGraph('product')\ndemo",
    "print('a =', demo.values.get('a'), '∂a/∂c =', demo.grads.get('c'))",
)
RECEPTIVE = (
    drive_receptive,
    "Receptive",
    "demo = ReceptiveField(np.eye(5), np.ones((3, 3)))\ndemo",
    "print('pixel', demo.row, demo.column, 'of', demo.output().shape)",
)
DRAWPAD = (
    drive_drawpad,
    "Drawpad",
    "demo = DrawDigit([rng.normal(size=(2, 1, 3, 3)), rng.normal(size=2), rng.normal(size=(392, 10)), np.zeros(10)])\ndemo",
    """ink = np.array(demo.image)
places = ['left'] * bool(ink[:, :10].any()) + ['middle'] * bool(ink[:, 12:].any()) or ['none']
agree = len(demo.probabilities) and np.allclose(demo.predict(), demo.probabilities, atol=1e-3)
print('ink', *places, 'answers', 'agree' if agree else 'differ')""",
)
GATES = (
    drive_gates,
    "Gates",
    "shapes = dict(Wx=(27, 16), Wh=(4, 16), b=(16,), Wy=(4, 27), by=(27,))\n"
    "demo = GateStrip({k: rng.normal(size=s) for k, s in shapes.items()}, '.abcdefghijklmnopqrstuvwxyz')\ndemo",
    "print('text', demo.text, 'unit', demo.unit)",
)
BACKFLOW = (
    drive_backflow,
    "Backflow",
    "demo = GradientFlow(w=0.8)\ndemo",
    "print(f'w = {demo.w:.2f}, last norm {demo.norms()[-1]:.2f}')",
)
DECODER = "decoder = [rng.normal(size=(2, 64)), np.zeros(64)]\n"
SLIDERS = (
    drive_sliders,
    "Latent",
    f"{DECODER}demo = Bottleneck(decoder, rng.normal(size=(3, 2)), rng.random((3, 64)), np.zeros(64), np.eye(2, 64))\ndemo",
    """own = demo.c == demo.principal[demo.example], demo.z == demo.codes[demo.example]
print('digit', demo.example, 'both codes its own' if all(own) else 'z moved' if own[0] else 'c moved')""",
)
PLANE = (
    drive_plane,
    "Latent",
    f"{DECODER}demo = LatentPlane(decoder, rng.normal(size=(30, 2)), np.arange(30) % 10, a=[0, 0], b=[0.5, 0.5])\ndemo",
    "print('moved', *['A'] * (demo.a != [0, 0]), *['B'] * (demo.b != [0.5, 0.5]))",
)
GANSTUDIO = (
    drive_ganstudio,
    "Ganstudio",
    "demo = GanStudio(rng.normal(size=(20, 2)).clip(-3, 3))\ndemo",
    "print('steps', demo.steps, len(demo.X), 'points')",
)
GRIDWORLD = (
    drive_gridworld,
    "Gridworld",
    "demo = GridWorld(['..G'])\ndemo",
    "print(demo.rows[0], 'after', demo.sweeps, f'sweeps, V = {demo.values[0][0]:.2f}')",
)
POLE = (
    drive_pole,
    "Pole",
    "demo = Pole([rng.normal(size=(4, 2)), np.array([9.0, 0])], rate=100)\ndemo",
    "print(*['you and'] * (demo.records[0] > 0), *['agent fell'] * (5 < demo.records[1] < 20))",
)
GIBBS = (
    drive_gibbs,
    "Gibbs",
    "demo = Gibbs(rng.normal(size=(64, 5)), np.zeros(64), np.zeros(5), rng.random((2, 64)))\ndemo",
    """kept = all(a == b for a, b, free in zip(demo.v, demo.pictures[0], demo.free) if not free)
print(demo.steps, 'steps,', sum(demo.free), 'free,', 'the others as they were' if kept else 'and others moved')""",
)
DEMOS = [PLAYGROUND, GRAPH, RECEPTIVE, DRAWPAD, GATES, BACKFLOW, SLIDERS, PLANE, GANSTUDIO, GRIDWORLD, POLE, GIBBS]
NAMES = [demo[0].__name__.removeprefix("drive_") for demo in DEMOS]


@pytest.mark.parametrize("drive,name,show,report", DEMOS, ids=NAMES)
def test_demo_lives(drive, name, show, report, opened):
    page, panel = opened(drive.__name__, [SETUP, show, report])
    drive(page, panel)


@pytest.mark.parametrize("drive,name,show,report", DEMOS, ids=NAMES)
def test_dead_callback_is_noticed(drive, name, show, report, opened):
    kill = broken(name, "model.save_changes()", "0")
    show = show.removesuffix("\ndemo") + "\ndemo._esm = esm\ndemo"
    page, panel = opened(f"dead_{drive.__name__}", [f"{SETUP}\n{kill}", show, report])
    page.set_default_timeout(2000)
    with pytest.raises((AssertionError, Error)):
        drive(page, panel)


def test_first_lecture_opens(lab, opened):
    """The lecture's own set-up cell and opening figure, in JupyterLab."""
    book = nbformat.read(BASE / "lectures/01_neurons.ipynb", as_version=4)
    code = [cell.source for cell in book.cells if cell.cell_type == "code"][:2]
    page, panel = opened("opening", code)
    image = panel.locator(".jp-RenderedImage img").first
    expect(image).to_be_visible()
    assert image.evaluate("(e) => e.naturalWidth") > 400
