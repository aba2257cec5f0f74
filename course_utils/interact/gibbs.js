// A digit of which some pixels are clamped, and the Gibbs chain of a restricted Boltzmann machine on the others.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** Uniform numbers in (0, 1) from a seed (mulberry32). */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/** The machine {d, m, W, a, b} out of a row of float32 numbers. */
function unpack(base64, d, m) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = new Float32Array(bytes.buffer);
  return { d, m, W: all.subarray(0, d * m), a: all.subarray(d * m, d * m + d), b: all.subarray(d * m + d) };
}

/** p(h = 1 | v), m numbers. */
function hiddenGiven({ m, W, b }, v) {
  const z = Float64Array.from(b);
  v.forEach((on, i) => { if (on) for (let j = 0; j < m; j++) z[j] += W[i * m + j]; });
  return z.map(sigmoid);
}

/** p(v = 1 | h), d numbers. */
function visibleGiven({ d, m, W, a }, h) {
  const z = Float64Array.from(a), on = [];
  h.forEach((bit, j) => { if (bit) on.push(j); });
  for (let i = 0; i < d; i++) for (const j of on) z[i] += W[i * m + j];
  return z.map(sigmoid);
}

/** One step of the chain: all hidden units, then the free visible ones. Returns v and the probabilities it came from. */
function step(machine, v, free, random) {
  const h = hiddenGiven(machine, v).map((p) => Number(random() < p));
  const p = visibleGiven(machine, h);
  return { v: v.map((bit, i) => (free[i] ? Number(random() < p[i]) : bit)), p: Array.from(p, (q, i) => (free[i] ? q : v[i])) };
}

export const maths = { unpack, uniform, hiddenGiven, visibleGiven, step };

// ---------------------------------------------------------------------------------------------------- view

const CSS = `
.gb { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 700px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .gb { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9; }
.gb .bar, .gb .boards { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-bottom: 6px; }
.gb .boards { align-items: flex-start; }
.gb .bar label { display: flex; gap: 6px; align-items: center; }
.gb button, .gb select { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft); cursor: pointer;
  border-radius: 4px; padding: 3px 10px; min-height: 28px; }
.gb :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.gb figure { margin: 0; max-width: 100%; } .gb figcaption { color: var(--soft); }
.gb canvas { display: block; image-rendering: pixelated; border: 1px solid var(--soft); background: #fff;
  width: 280px; height: 280px; max-width: 100%; }
.gb .pad { touch-action: none; cursor: crosshair; }
.gb input { accent-color: var(--ring); }
.gb .status { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 1.4em;
  font-variant-numeric: tabular-nums; }`;

const PARTS = { // which pixels are free, by row and column as shares of the side
  "lower half": (y) => y >= 0.5,
  "upper half": (y) => y < 0.5,
  "left half": (y, x) => x < 0.5,
  "right half": (y, x) => x >= 0.5,
  "everything (a daydream)": () => true,
  "nothing": () => false,
};

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

function render({ model, el }) {
  const get = (name) => model.get(name), d = get("pictures")[0].length, side = Math.round(Math.sqrt(d));
  const machine = unpack(get("weights"), d, get("hidden"));
  let random = uniform(get("seed") + 1), v, p, playing = 0, timer, queued = false, cursor = [side >> 1, side >> 1], brush = 2, last = 0, own = false;
  const send = () => { // Python hears of it when the hand rests
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { if (!playing) model.save_changes(); delete el.dataset.unsaved; }, 150);
  };
  const set = (values) => {
    own = true; // what we set ourselves is no news to us
    Object.entries(values).forEach(([name, value]) => model.set(name, value));
    own = false;
    send();
  };
  const button = (textContent, act) => {
    const node = make("button", { type: "button", textContent });
    node.addEventListener("click", act);
    return node;
  };
  const canvas = (label, className = "") => {
    const node = make("canvas", { width: side, height: side, className });
    node.setAttribute("aria-label", label);
    return node;
  };
  const pad = canvas("", "pad"), view = canvas("what the machine says");
  pad.tabIndex = 0;
  pad.setAttribute("role", "application");
  view.setAttribute("role", "img");
  const parts = make("select", { ariaLabel: "free pixels" }, ...[...Object.keys(PARTS), "painted"].map((name) => make("option", { value: name, textContent: name })));
  const shade = make("select", { ariaLabel: "show" }, ...["probabilities", "samples"].map((name) => make("option", { value: name, textContent: name })));
  const run = button("Run", () => { playing ? pause() : start(); });
  const rate = make("input", { type: "range", min: 1, max: 60, step: 1, value: 12 });
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const root = make("div", { className: "gb" }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, button("Next digit", () => { set({ example: (get("example") + 1) % get("pictures").length }); restart(); }),
      make("label", {}, "free pixels", parts), button("Noise into the free pixels", restart)),
    make("div", { className: "bar" }, button("One step", () => { pause(); advance(); save(); refresh(); }), run,
      make("label", {}, "speed", rate), make("label", {}, "show", shade)),
    make("div", { className: "boards" }, make("figure", {}, make("figcaption", { textContent: "clamped, and free (tinted): paint to free pixels" }), pad),
      make("figure", {}, make("figcaption", { textContent: "the chain" }), view)), status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  const original = () => get("pictures")[get("example")];
  function restart() { // clamped pixels from the picture, noise elsewhere
    random = uniform(get("seed") + 1);
    v = original().map((bit, i) => (get("free")[i] ? Number(random() < 0.5) : bit));
    p = v.slice();
    model.set("steps", 0);
    save();
    refresh();
  }
  function advance() {
    ({ v, p } = step(machine, v, get("free"), random));
    model.set("steps", get("steps") + 1);
  }
  const save = () => set({ v });
  function start() {
    run.textContent = "Pause";
    const frame = (now) => {
      playing = requestAnimationFrame(frame);
      if (now - last < 1000 / rate.value) return;
      last = now;
      advance();
      refresh();
    };
    playing = requestAnimationFrame(frame);
  }
  function pause() {
    cancelAnimationFrame(playing);
    if (playing) { playing = 0; save(); }
    run.textContent = "Run";
  }

  function paint(node, picture, tint) {
    const context = node.getContext("2d"), image = context.createImageData(side, side);
    picture.forEach((ink, i) => {
      const grey = 255 * (1 - ink), free = get("free")[i];
      image.data.set(tint && free ? [255, 190, 130, 255] : tint ? [grey, grey, grey, 255] : free ? [grey, 0.97 * grey, 0.92 * grey, 255] : [grey, grey, grey, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
    if (tint && document.activeElement === node) {
      context.strokeStyle = "#0072b2";
      context.strokeRect(cursor[1] + 0.5 - brush, cursor[0] + 0.5 - brush, 2 * brush, 2 * brush);
    }
  }
  function refresh() {
    paint(pad, original(), true);
    paint(view, shade.value === "samples" ? v : p, false);
    const free = get("free").reduce((total, bit) => total + bit, 0), n = get("steps");
    pad.setAttribute("aria-label", `digit ${get("example") + 1}; ${free} of ${d} pixels are free; cursor at row ${cursor[0] + 1}, column ${cursor[1] + 1}. Arrow keys move, Enter frees pixels.`);
    const words = `digit ${get("example") + 1} of ${get("pictures").length}; ${free} of ${d} pixels free; `;
    const steps = `${n} step${n === 1 ? "" : "s"}`;
    status.textContent = words + (playing ? "running" : steps);
    el.dataset.steps = n;
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  function wipe([row, column]) { // a square of pixels becomes free, and starts as noise
    cursor = [row, column];
    const free = get("free").slice();
    free.forEach((_, i) => {
      if (Math.abs(Math.floor(i / side) - row) > brush || Math.abs((i % side) - column) > brush || free[i]) return;
      free[i] = 1;
      v[i] = p[i] = Number(random() < 0.5);
    });
    parts.value = "painted";
    model.set("steps", 0);
    set({ free, v });
    refresh();
  }
  const where = (event) => {
    const box = pad.getBoundingClientRect();
    const place = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    return place.map((share) => Math.max(0, Math.min(side - 1, Math.floor(share * side))));
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); wipe(where(event)); });
  pad.addEventListener("pointermove", (event) => { if (pad.hasPointerCapture(event.pointerId)) wipe(where(event)); });
  pad.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return wipe(cursor); }
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    cursor = cursor.map((at, axis) => Math.max(0, Math.min(side - 1, at + move[axis])));
    refresh();
  });
  ["focus", "blur"].forEach((name) => pad.addEventListener(name, refresh));
  parts.addEventListener("change", () => {
    const part = PARTS[parts.value] ?? (() => false);
    set({ free: original().map((_, i) => Number(part(Math.floor(i / side) / side, (i % side) / side))) });
    restart();
  });
  shade.addEventListener("change", refresh);

  const later = () => { // Python changed something; several traits may arrive together
    if (queued || own) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; restart(); });
  };
  const events = ["example", "free", "seed"].map((name) => `change:${name}`).join(" ");
  model.on(events, later);
  const chosen = Object.entries(PARTS).find(([, part]) => get("free").every((bit, i) => Boolean(bit) === part(Math.floor(i / side) / side, (i % side) / side)));
  parts.value = chosen ? chosen[0] : "painted";
  restart();
  return () => { cancelAnimationFrame(playing); clearTimeout(timer); model.off(events, later); };
}

export default { render };
