"""Fixtures for the fast browser tests: an ES module alone on a bare page, with a stand-in for the kernel.

Use them by importing both names into a test module: `from browser import browser, mount  # noqa: F401`.

Without a browser the tests skip and say how to install one; with COURSE_REQUIRE_BROWSER set they fail.
COURSE_BROWSER names an executable when none is on PATH.
"""

import os
import shutil
from pathlib import Path

import pytest

from course_utils.interact.base import Demo

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOW_TO_INSTALL = 'no browser: install one ("apt-get install chromium") or set COURSE_BROWSER to its path'

# The stand-in model behaves as the real one does: `set` fires `change:name` and `change` only when the value
# differs, and `save_changes` is what would travel to Python. It also counts saves and keeps sent messages.
# `model.receive(name, value)` plays the part of Python assigning a trait.
MOUNT = """
async ([source, state, theme]) => {
  document.body.style.cssText = `margin:0;padding:8px;background:${theme.background};color:${theme.color}`;
  document.body.dataset.jpThemeLight = String(theme.light);
  const listeners = {};
  const fire = (event, ...args) => [...(listeners[event] ?? [])].forEach((call) => call(...args));
  const model = {
    state, saved: 0, snapshots: [], sent: [], pending: {},
    get: (name) => model.state[name],
    set(name, value) {
      if (typeof name === "object") { Object.entries(name).forEach(([k, v]) => model.set(k, v)); return; }
      const same = JSON.stringify(model.state[name]) === JSON.stringify(value);
      model.state[name] = value;
      model.pending[name] = value;
      if (!same) { fire("change:" + name, model, value); fire("change", model); }
    },
    save_changes() {
      model.saved += 1;
      model.snapshots.push(structuredClone(model.pending));
      model.pending = {};
    },
    receive(name, value) {
      model.set(name, value);
      delete model.pending[name];
    },
    on: (events, call) => events.split(" ").forEach((event) => (listeners[event] ??= []).push(call)),
    off(events, call) {
      const names = events ? events.split(" ") : Object.keys(listeners);
      names.forEach((name) => {
        listeners[name] = call ? (listeners[name] ?? []).filter((c) => c !== call) : [];
      });
    },
    send: (message) => model.sent.push(message),
    reply: (message, buffers = []) => fire("msg:custom", message, buffers),
  };
  const el = document.createElement("div");
  el.id = "widget";
  document.body.append(el);
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  Object.assign(window, { model, el, module, maths: module.maths });
  await module.default.initialize?.({ model });
  window.cleanup = await module.default.render({ model, el });
}
"""
LIGHT = {"background": "#ffffff", "color": "#111111", "light": True}
DARK = {"background": "#111111", "color": "#e0e0e0", "light": False}


def find_browser():
    """Return the path of a Chromium-like browser, or None."""
    named = os.environ.get("COURSE_BROWSER")
    if named:
        return shutil.which(named)
    candidates = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, candidates)), None)


def give_up(reason):
    """Skip, or fail where a browser is required."""
    if os.environ.get("COURSE_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


# One browser per test module, not per session: Playwright leaves an event loop running in its thread, which
# would break tests elsewhere that start their own (executing notebooks, say).
@pytest.fixture(scope="module")
def browser():
    """A running headless browser (`playwright.sync_api.Browser`)."""
    path = find_browser()
    if path is None:
        give_up(HOW_TO_INSTALL)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up('Playwright is missing: "pip install playwright" (its own browser download is not needed)')
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


def state_of(demo):
    """What the demo's Python side would send to a new view: the traits that it has beyond those of every demo."""
    own = set(demo.traits(sync=True)) - set(Demo.class_traits(sync=True))
    return {name: getattr(demo, name) for name in own if name[0] != "_"}


def trait(page, name):
    """What Python would read now."""
    return page.evaluate("(name) => model.state[name]", name)


def paint(page):
    """Wait until a picture was painted."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def settle(page):
    """Wait until the delayed save has gone out and a picture was painted."""
    page.wait_for_function("!('unsaved' in el.dataset)")
    paint(page)


@pytest.fixture
def mount(browser):
    """A function `mount(module_path, state, width=700, height=900, theme=LIGHT)` that returns the page.

    The page has `window.model` (the stand-in, with `saved`, `snapshots`, `sent` and `receive`), `window.el`
    (the element given to `render`), `window.module` and `window.maths` (what the module exports).
    The test fails at its end when the page raised an error or wrote one to the console.
    """
    pages, errors = [], []

    def open_page(module_path, state, width=700, height=900, theme=LIGHT):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.evaluate(MOUNT, [Path(module_path).read_text(encoding="utf-8"), state, theme])
        pages.append(page)
        return page

    open_page.errors = errors  # a test that provokes an error on purpose clears it
    yield open_page
    for page in pages:
        page.close()
    assert not errors, errors
