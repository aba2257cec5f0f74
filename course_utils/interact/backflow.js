// The gradient on its way back through time: its norm, step by step, while the recurrent weight moves.
//
// First the mathematics (pure functions, exported as `maths`), then the view. Rows are examples:
// h_t = f(drive x_t + w h_{t-1} Q), and back: dh_{t-1} = w (dh_t * f'(z_t)) Q^T, with f' from h_t itself.

// ---------------------------------------------------------------------------------------------- mathematics

/** All states h_1 ... h_T, for a recurrent layer of weight matrix w Q. */
function states({ matrix, inputs, w, drive, T, activation }) {
  const f = activation === "tanh" ? Math.tanh : (z) => z, n = matrix.length, found = [];
  let h = new Array(n).fill(0);
  for (let t = 0; t < T; t++) {
    h = inputs[t].map((x, j) => f(drive * x + w * h.reduce((sum, hi, i) => sum + hi * matrix[i][j], 0)));
    found.push(h);
  }
  return found;
}

/** Norms of the gradient in h_T, h_{T-1}, ..., h_0; the first is 1. */
function norms(setting) {
  const { matrix, start, w, activation } = setting;
  let dh = start;
  const found = [1];
  for (const h of states(setting).reverse()) {
    const delta = dh.map((g, i) => (activation === "tanh" ? g * (1 - h[i] * h[i]) : g));
    dh = matrix.map((row) => w * row.reduce((sum, q, j) => sum + q * delta[j], 0));
    found.push(Math.hypot(...dh));
  }
  return found;
}

export const maths = { states, norms };

// ----------------------------------------------------------------------------------------------------- view

const WIDE = 620, HIGH = 270, LEFT = 58, BOTTOM = 36, TOP = 10, RIGHT = 12;
const LOW = -10, MOST = 6; // powers of ten on the vertical axis

const CSS = `
.flow { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2; --line: #aa3377;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: ${WIDE + 8}px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .flow { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32;
  --ring: #56b4e9; --line: #ee99cc; }
.flow .bar { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: center; margin-bottom: 6px; }
.flow label { display: inline-flex; gap: 6px; align-items: center; }
.flow input[type=range] { width: 130px; accent-color: var(--ring); }
.flow .value { display: inline-block; min-width: 2.6em; font-variant-numeric: tabular-nums; }
.flow select { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft);
  border-radius: 4px; padding: 3px 6px; min-height: 28px; }
.flow :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.flow svg { display: block; width: 100%; height: auto; }
.flow svg text { fill: var(--ink); font-size: 12px; }
.flow .grid { stroke: var(--soft); stroke-width: .5; opacity: .5; }
.flow .curve { fill: none; stroke: var(--line); stroke-width: 2.5; }
.flow .guide { fill: none; stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 4; }
.flow .status { padding: 4px 8px; border-left: 3px solid var(--soft); min-height: 2.8em;
  font-variant-numeric: tabular-nums; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const svg = (tag, attributes = {}, text = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.textContent = text;
  return node;
};
/** 0.0023 as "0.0023", 2.3e-7 as "2.3 · 10⁻⁷". */
function number(v) {
  if (v === 0) return "0";
  const power = Math.floor(Math.log10(v));
  if (power >= -3 && power < 5) return String(Number(v.toPrecision(2)));
  const raised = [...String(power)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  return `${(v / 10 ** power).toFixed(1)} · 10${raised}`;
}

function render({ model, el }) {
  const setting = () => Object.fromEntries(
    ["matrix", "inputs", "start", "w", "drive", "T", "activation"].map((name) => [name, model.get(name)]));
  const slider = (name, label, min, max, step) => {
    const input = make("input", { type: "range", min, max, step, ariaLabel: label }), value = make("span", { className: "value" });
    input.addEventListener("input", () => set(name, Number(input.value)));
    return { name, input, value, whole: make("label", {}, label, input, value) };
  };
  const sliders = [slider("w", "recurrent weight w", 0, 2, 0.02), slider("drive", "size of the inputs", 0, 3, 0.1),
    slider("T", "steps T", 5, 100, 1)];
  const choice = make("select", { ariaLabel: "activation" },
    ...["tanh", "linear"].map((o) => make("option", { value: o, textContent: o })));
  const plot = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const root = make("div", { className: "flow" }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, ...sliders.map((s) => s.whole), make("label", {}, "activation", choice)),
    plot, status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  let timer;
  function set(name, value) { // Python hears of it when the hand rests
    model.set(name, value);
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { model.save_changes(); delete el.dataset.unsaved; }, 150);
    refresh();
  }
  choice.addEventListener("change", () => set("activation", choice.value));

  function refresh() {
    const s = setting(), found = norms(s);
    const x = (d) => LEFT + (d / s.T) * (WIDE - LEFT - RIGHT);
    const clipped = (power) => Math.min(MOST, Math.max(LOW, power));
    const y = (v) => TOP + ((MOST - clipped(v > 0 ? Math.log10(v) : LOW)) / (MOST - LOW)) * (HIGH - TOP - BOTTOM);
    const path = (values) => values.map((v, d) => `${d ? "L" : "M"}${x(d).toFixed(1)},${y(v).toFixed(1)}`).join("");
    sliders.forEach(({ name, input, value }) => {
      input.value = s[name];
      value.textContent = name === "T" ? s.T : s[name].toFixed(name === "w" ? 2 : 1);
    });
    choice.value = s.activation;
    const parts = [];
    for (let power = LOW; power <= MOST; power += 4) {
      parts.push(svg("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(10 ** power), y2: y(10 ** power) }));
      parts.push(svg("text", { x: LEFT - 6, y: y(10 ** power) + 4, "text-anchor": "end" }, number(10 ** power).replace("1.0 · ", "")));
    }
    for (let d = 0; d <= s.T; d += s.T > 40 ? 10 : 5) parts.push(svg("text", { x: x(d), y: HIGH - BOTTOM + 17, "text-anchor": "middle" }, d));
    parts.push(svg("text", { x: (WIDE + LEFT) / 2, y: HIGH - 4, "text-anchor": "middle" }, "steps back from the end"));
    parts.push(svg("text", { x: LEFT + 4, y: TOP + 12 }, "norm of the gradient (dashed: w to the power of the steps)"));
    parts.push(svg("path", { class: "guide", d: path(found.map((_, d) => s.w ** d)) }));
    parts.push(svg("path", { class: "curve", d: path(found) }));
    plot.replaceChildren(...parts);
    const last = found[found.length - 1], verdict = last < 1e-3 ? "it vanishes" : last > 1e3 ? "it explodes" : "it arrives";
    status.textContent = `A gradient of norm 1 at step ${s.T} has norm ${number(last)} when it reaches the first state: ${verdict}. `
      + `Per step: a factor of ${number(last ** (1 / s.T))}.`;
    plot.setAttribute("aria-label", `Norm of the gradient against steps back. ${status.textContent}`);
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  let queued = false;
  const later = () => { // several traits may arrive together
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  const events = ["w", "drive", "T", "activation", "matrix", "inputs", "start"].map((name) => `change:${name}`).join(" ");
  model.on(events, later);
  refresh();
  return () => { clearTimeout(timer); model.off(events, later); };
}

export default { render };
