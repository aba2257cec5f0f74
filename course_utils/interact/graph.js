// A computation graph to step. Values flow forward one node at a time; then each node sends its gradient,
// local derivative × upstream gradient, back to its inputs, where it adds to what is already there.
// The maths comes first, as small pure functions; the view below only calls them and writes down the result.

// ---------------------------------------------------------------- numbers and operations

/** At most four decimals if that is exact, otherwise nine; very small and large numbers with a power. */
function short(v) {
  if (v === null || v === undefined) return "?";
  if (!Number.isFinite(v)) return String(v);
  const size = Math.abs(v), rounded = Math.round(v * 1e4) / 1e4;
  if (v === 0 || (size >= 1e-4 && size < 1e6 && Math.abs(v - rounded) < 1e-12)) return String(rounded + 0);
  if (size >= 1e-4 && size < 1e6) return v.toFixed(9);
  return v.toExponential(5).replace("e+", "e");
}
const nice = (v) => short(v).replace(/^-/, "−"); // as text: a true minus sign
const factor = (v) => (v < 0 ? `(${nice(v)})` : nice(v)); // inside a product or a sum

const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const total = (xs) => xs.reduce((sum, x) => sum + x, 0);
const join = (sign) => (names) => names.join(` ${sign} `);
const ones = (xs) => xs.map(() => 1);
const bias = (xs) => xs[xs.length - 1];
const pairs = (xs) => Array.from({ length: (xs.length - 1) / 2 }, (_, k) => [xs[2 * k], xs[2 * k + 1]]);

// f: the value of the inputs xs; d: the local derivatives, from xs and the value y;
// say: the formula in the given words; local: the local derivatives in words (n: inputs, y: the node).
const OPS = {
  add: { f: total, d: ones, say: join("+"), local: (n) => n.map(() => "1") },
  sum: { f: total, d: ones, say: join("+"), local: (n) => n.map(() => "1") },
  sub: { f: ([x, z]) => x - z, d: () => [1, -1], say: join("−"), local: () => ["1", "(−1)"] },
  mul: { f: ([x, z]) => x * z, d: ([x, z]) => [z, x], say: join("·"), local: ([x, z]) => [z, x] },
  net: { // inputs w1, x1, w2, x2, …, b
    f(xs) {
      let sum = 0;
      for (let k = 0; k + 1 < xs.length; k += 2) sum += xs[k] * xs[k + 1];
      return sum + bias(xs);
    },
    d: (xs) => xs.map((_, k) => (k === xs.length - 1 ? 1 : xs[k ^ 1])), // k ^ 1: the partner of the pair
    say: (n) => [...pairs(n).map(([w, x]) => `${w}·${x}`), bias(n)].join(" + "),
    local: (n) => n.map((_, k) => (k === n.length - 1 ? "1" : n[k ^ 1])),
  },
  square: { f: ([x]) => x * x, d: ([x]) => [2 * x], say: ([x]) => `${x}²`, local: ([x]) => [`2${x}`] },
  half_square: { f: ([x]) => (x * x) / 2, d: ([x]) => [x], say: ([x]) => `½ ${x}²`, local: ([x]) => [x] },
  half_error: { // inputs: target, output
    f: ([t, o]) => (t - o) ** 2 / 2,
    d: ([t, o]) => [t - o, o - t],
    say: ([t, o]) => `½(${t} − ${o})²`,
    local: ([t, o]) => [`(${t} − ${o})`, `(−(${t} − ${o}))`],
  },
  sigmoid: {
    f: ([x]) => sigmoid(x), d: (_, y) => [y * (1 - y)],
    say: ([x]) => `σ(${x})`, local: (_, y) => [`${y}(1 − ${y})`],
  },
  tanh: {
    f: ([x]) => Math.tanh(x), d: (_, y) => [1 - y * y],
    say: ([x]) => `tanh(${x})`, local: (_, y) => [`(1 − ${y}²)`],
  },
  relu: {
    f: ([x]) => Math.max(x, 0), d: ([x]) => [x > 0 ? 1 : 0],
    say: ([x]) => `relu(${x})`, local: ([x]) => [`[${x} > 0]`],
  },
};

// ---------------------------------------------------------------- the graph and its three orders

/** Take nodes one by one, always the first in the list that is ready. */
function inOrder(nodes, ready) {
  const order = [], done = new Set(), left = [...nodes];
  while (left.length) {
    const k = left.findIndex((node) => ready(node, done));
    if (k < 0) throw new Error("the graph has a cycle");
    done.add(left[k].id);
    order.push(...left.splice(k, 1));
  }
  return order;
}

/** Everything that follows from the list of nodes: who uses whom, and the orders to visit them in. */
function build(nodes) {
  const byId = Object.fromEntries(nodes.map((node) => [node.id, node]));
  const uses = Object.fromEntries(nodes.map((node) => [node.id, []]));
  nodes.forEach((node) => node.inputs.forEach((id) => uses[id].push(node.id)));
  const operations = nodes.filter((node) => node.inputs.length);
  const order = inOrder(nodes, (node, done) => node.inputs.every((id) => done.has(id)));
  // Backward, a node has to wait until all that use it have sent their share.
  const back = inOrder(operations, (node, done) => uses[node.id].every((id) => done.has(id)));
  // The naive way does not wait: it runs down the first path it meets.
  const naive = [];
  const visit = (node) => {
    if (!node.inputs.length || naive.includes(node)) return;
    naive.push(node);
    node.inputs.forEach((id) => visit(byId[id]));
  };
  visit(back[0]);
  const data = new Set(nodes.filter(({ op }) => op === "constant" || op === "number").map(({ id }) => id));
  const wantsGradient = (id) => !data.has(id);
  return { nodes, byId, uses, operations, order, back, naive, output: back[0].id, wantsGradient };
}

/** The value of one operation whose inputs are known. */
const evaluate = (node, values) => OPS[node.op].f(node.inputs.map((id) => values[id]));

/** All values, from the values of the leaves; written into `values` if given. */
function forward(graph, leaves, values = {}) {
  for (const node of graph.order)
    values[node.id] = node.inputs.length ? evaluate(node, values) : (leaves[node.id] ?? node.value);
  return values;
}

/** What one node sends to its inputs: [[id, local derivative × upstream gradient, local derivative, k], …]. */
function sendBack(graph, node, values, grads) {
  const slopes = OPS[node.op].d(node.inputs.map((id) => values[id]), values[node.id]);
  const upstream = grads[node.id] ?? 0, sent = [];
  node.inputs.forEach((id, k) => {
    if (graph.wantsGradient(id)) sent.push([id, slopes[k] * upstream, slopes[k], k]);
  });
  return sent;
}

/** All gradients. `naive` visits the nodes in the naive order, which can leave shares behind. */
function backward(graph, values, { naive = false } = {}) {
  const grads = { [graph.output]: 1 };
  for (const node of naive ? graph.naive : graph.back)
    for (const [id, amount] of sendBack(graph, node, values, grads)) grads[id] = (grads[id] ?? 0) + amount;
  return grads;
}

/**
 * Gradient steps on the trainable leaves. `early` is a common slip: a weight moves as soon as its gradient
 * is known, before its node has sent the error on, so that the error goes back through the new weight.
 */
function update(graph, leaves, { eta = 0.5, times = 1, naive = false, early = false } = {}) {
  const movable = graph.nodes.filter((node) => node.trainable).map((node) => node.id);
  const values = {};
  let grads = {};
  leaves = { ...leaves };
  for (let step = 0; step < times; step++) {
    forward(graph, leaves, values);
    if (early) {
      grads = { [graph.output]: 1 };
      for (const node of naive ? graph.naive : graph.back) {
        const send = (chosen) => sendBack(graph, node, values, grads).forEach(([id, amount]) => {
          if (chosen !== movable.includes(id)) return;
          grads[id] = (grads[id] ?? 0) + amount;
          if (chosen) values[id] = leaves[id] -= eta * amount;
        });
        send(true);
        send(false);
      }
    } else {
      grads = backward(graph, values, { naive });
      for (const id of movable) leaves[id] -= eta * (grads[id] ?? 0);
    }
  }
  return { leaves, grads, values: forward(graph, leaves, values) };
}

/** The ids that change when one node changes, itself included. */
function downstream(graph, id) {
  const reached = new Set([id]);
  for (const node of graph.order) if (node.inputs.some((input) => reached.has(input))) reached.add(node.id);
  return reached;
}

export const maths = { OPS, short, build, forward, sendBack, backward, update, downstream };

// ---------------------------------------------------------------- the view

const WIDE = 96, HIGH = 52, PITCH = 64, FULL = 668; // a box, the distance of rows, the widest picture (pixels)
const FACE = 35; // the part of a box above its gradient
const TAIL = 18; // height at which edges meet a box

const CSS = `
.graph { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --back: #6a3d9a; --ring: #0072b2;
  --tint: #f3ecfa; font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink);
  background: var(--paper); max-width: ${FULL + 8}px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .graph { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32;
  --back: #cdb0ff; --ring: #56b4e9; --tint: #2c2340; }
.graph .bar { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-bottom: 6px; }
.graph button, .graph select, .graph input { font: inherit; color: inherit; background: var(--leaf);
  border: 1px solid var(--soft); border-radius: 4px; padding: 3px 8px; margin: 0; min-height: 28px;
  box-sizing: border-box; }
.graph input[type=checkbox] { min-height: 0; margin-right: 4px; vertical-align: -2px; accent-color: var(--ring); }
.graph button { cursor: pointer; }
.graph button[aria-disabled=true] { opacity: .5; }
.graph :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.graph .stage :focus-visible { outline-offset: -2px; }
.graph .eta { width: 60px; }
.graph .scroll { overflow-x: auto; }
.graph .stage { position: relative; margin: 2px auto; }
.graph svg { position: absolute; inset: 0; overflow: visible; }
.graph path.edge { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.graph path.edge.now { stroke: var(--ink); stroke-width: 2.6; }
.graph path.edge.sent { stroke: var(--back); stroke-width: 1.8; stroke-dasharray: 5 3; }
.graph path.edge.sent.now { stroke-width: 3; }
.graph .tips path { fill: var(--soft); }
.graph .tips .back path { fill: var(--back); }
.graph svg text { fill: var(--back); font-size: 12px; text-anchor: middle; paint-order: stroke;
  stroke: var(--paper); stroke-width: 5px; }
.graph .node { position: absolute; width: ${WIDE}px; height: ${HIGH}px; text-align: center; line-height: 1.2;
  font-size: 11.5px; font-variant-numeric: tabular-nums; border-radius: 3px; }
.graph .face { background: var(--paper); border: 1.5px solid var(--ink); height: 34px; box-sizing: border-box; }
.graph .waiting .face { border-style: dashed; color: var(--soft); border-color: var(--soft); }
.graph .source .face { background: var(--leaf); border-color: var(--soft); border-style: solid; color: inherit; }
.graph .now .face { box-shadow: 0 0 0 2px var(--ink); }
.graph .name { display: block; height: 15px; font-size: 11px; color: var(--soft); white-space: nowrap; }
.graph .trainable .name::after { content: " ✎"; }
.graph .value { line-height: 16px; }
.graph .node input { width: 100%; height: 16px; min-height: 0; padding: 0; border: 0; text-align: center;
  font-size: 11.5px; border-bottom: 1px dotted var(--soft); border-radius: 0; appearance: textfield; }
.graph .node input::-webkit-inner-spin-button { display: none; }
.graph .grad { display: block; margin-top: 1px; height: 15px; border: 1px dashed var(--back); white-space: nowrap;
  border-radius: 9px; color: var(--back); background: var(--tint); font-size: 10.5px;
  line-height: 15px; }
.graph .grad:empty { visibility: hidden; }
.graph .several .grad { border-style: solid; background: var(--back); color: var(--paper); }
.graph .status { margin-top: 6px; padding: 4px 8px; border-left: 3px solid var(--soft); }
.graph .status.back { border-color: var(--back); }
.graph .status div { overflow-wrap: anywhere; }
.graph .status .two { columns: 290px; font-size: 11.5px; line-height: 1.5; }
`;

const SVG = "http://www.w3.org/2000/svg";
/** An element with properties (names with a dash or "role" are attributes) and children. */
function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props))
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  node.append(...children);
  return node;
}

let views = 0; // arrowheads need ids that are unique on the page

function render({ model, el }) {
  const tip = `graph-tip-${views++}`;
  const get = (name) => model.get(name);
  let graph, boxes, edges; // rebuilt with every new graph
  let roomy; // whether edges are long enough to be written on
  let now = null; // the node of the latest step
  let naive = false, early = false; // the two deliberate mistakes
  let writing = false; // our own changes of the model do not count as changes from Python

  // Keys must not reach JupyterLab's command mode, where "a" adds a cell and "d d" deletes one.
  el.addEventListener("keydown", (event) => event.stopPropagation());

  const button = (text, action) => make("button", { type: "button", textContent: text, onclick: action });
  const chooser = make("select", { "aria-label": "graph", onchange: () => choose(chooser.value) });
  for (const [name, preset] of Object.entries(get("presets") ?? {}))
    chooser.append(make("option", { value: name, textContent: preset.title }));
  const stepOn = button("Step forward", () => stepForward());
  const runOn = button("Run forward", () => runForward());
  const stepBack = button("Step back", () => backOne());
  const runBack = button("Run backward", () => backAll());
  const bar = make("div", { className: "bar", role: "toolbar", "aria-label": "step through the graph" },
    chooser, stepOn, runOn, stepBack, runBack, button("Reset", () => reset()));

  const etaBox = make("input",
    { type: "number", className: "eta", step: 0.1, min: 0, "aria-label": "learning rate η" });
  etaBox.onchange = () => {
    if (etaBox.value !== "" && Number.isFinite(+etaBox.value) && +etaBox.value >= 0) put({ eta: +etaBox.value });
    else etaBox.value = get("eta");
  };
  const updateOne = button("Update weights", () => train(1));
  const counter = make("span", { className: "counter" });
  const training = make("div", { className: "bar", role: "group", "aria-label": "train" },
    updateOne, make("label", {}, "η ", etaBox), button("100 updates", () => train(100)),
    button("1000 updates", () => train(1000)), counter);

  const tick = (text, action) => {
    const input = make("input", { type: "checkbox", onchange: () => action(input.checked) });
    return make("label", {}, input, text);
  };
  const mistakes = make("div", { className: "bar", role: "group", "aria-label": "two mistakes to try" },
    "Mistakes to try:",
    tick("send back before all shares are in", (on) => { naive = on; clearGradients(); }),
    tick("update before sending back", (on) => { early = on; show(); }));

  const stage = make("div", { className: "stage", role: "group", "aria-label": "computation graph" });
  const scroll = make("div", { className: "scroll" }, stage);
  const status = make("div", { className: "status", role: "status", "aria-live": "polite" });
  const style = make("style", { textContent: CSS });
  el.append(make("div", { className: "graph" }, style, bar, training, mistakes, scroll, status));

  // ---- reading and writing the model

  function put(changes) {
    writing = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
    writing = false;
    show();
  }
  function say(lines, className = "") {
    status.className = "status " + className;
    status.replaceChildren(...lines.map((line) => (line instanceof Node ? line : make("div", {}, line))));
  }
  const label = (id) => graph.byId[id].label;
  const partial = (id) => `∂${label(graph.output)}/∂${label(id)}`;
  const labels = (node) => node.inputs.map(label);
  const formula = (node) => (node.inputs.length ? `${node.label} = ${OPS[node.op].say(labels(node))}` : node.label);
  const nextForward = () => graph.order.find((node) => get("values")[node.id] === undefined);
  const backOrder = () => (naive ? graph.naive : graph.back);
  const nextBack = () => backOrder()[get("trail").length];
  /** The shares that a node has received so far: one for every path from a node that uses it. */
  const shares = (id) => get("trail").flatMap(([, parts]) => parts).filter(([to]) => to === id).map(([, x]) => x);

  // ---- forward

  function stepForward() {
    const node = nextForward();
    if (!node) return say(["All values are computed. Step back, or edit a leaf."]);
    const values = { ...get("values") }, inputs = node.inputs.map((id) => values[id]);
    values[node.id] = evaluate(node, values);
    now = node.id;
    say([`${formula(node)} = ${OPS[node.op].say(inputs.map(factor))} = ${nice(values[node.id])}`]);
    put({ values });
    reveal([now]);
  }
  function runForward() {
    const values = forward(graph, get("leaves"));
    now = graph.output;
    say([`All values are computed: ${label(graph.output)} = ${nice(values[graph.output])}.`]);
    put({ values });
  }

  // ---- backward

  /** One node sends its gradient to its inputs; returns the changed traits and the sentences. */
  function passBack(node, values, before, trail) {
    const grads = { ...before }, lines = [], parts = [];
    const waiting = graph.uses[node.id].filter((id) => !trail.some(([from]) => from === id));
    if (waiting.length)
      lines.push(`Too early: ${node.label} still lacks the share of ${waiting.map(label).join(" and ")}; ` +
        "what it sends is incomplete.");
    for (const [id, amount, slope, k] of sendBack(graph, node, values, before)) {
      const earlier = trail.flatMap(([, sent]) => sent).concat(parts).filter(([to]) => to === id).length;
      const local = OPS[node.op].local(labels(node), node.label)[k], paths = graph.uses[id].length;
      const old = grads[id] ?? 0, sum = `${nice(old)} + ${factor(amount)} = ${nice(old + amount)}`;
      const words = `${partial(node.id)} · ${local}`;
      const numbers = `${nice(before[node.id] ?? 0)} · ${factor(slope)} = ${nice(amount)}`;
      let line = `${partial(id)} ${earlier ? "gets" : "="} ${words} = ${numbers}`;
      if (earlier) line += ` more: ${sum}`;
      if (paths > 1) line += ` (path ${earlier + 1} of ${paths}${earlier ? ": gradients add" : ""})`;
      lines.push(line);
      grads[id] = old + amount;
      parts.push([id, amount]);
    }
    if (!parts.length) lines.push(`${node.label} has only constants as inputs: nothing to send.`);
    return { grads, lines, trail: [...trail, [node.id, parts]] };
  }
  function backOne() {
    if (nextForward()) return say(["First run forward: a gradient needs all values."]);
    if (get("grads")[graph.output] === undefined) {
      now = graph.output;
      say([`${partial(now)} = 1: the last node starts the way back.`], "back");
      put({ grads: { [now]: 1 } });
      return reveal([now]);
    }
    const node = nextBack();
    if (!node) return say([finished()], "back");
    const { grads, lines, trail } = passBack(node, get("values"), get("grads"), get("trail"));
    now = node.id;
    say(lines, "back");
    put({ grads, trail });
    reveal([now, ...node.inputs]);
  }
  function backAll() {
    const values = forward(graph, get("leaves"));
    let grads = { [graph.output]: 1 }, trail = [];
    for (const node of backOrder()) ({ grads, trail } = passBack(node, values, grads, trail));
    now = null;
    put({ values, grads, trail });
    say([finished()], "back");
  }
  /** What the gradients say in the end: how far the naive order is off, or which leaf has several paths. */
  function finished() {
    const grads = get("grads"), right = backward(graph, get("values"));
    const wrong = graph.nodes.filter(({ op, id }) => op === "leaf" && Math.abs((grads[id] ?? 0) - right[id]) > 1e-12);
    if (wrong.length)
      return `Done, but wrong: ${wrong.map(({ id }) => label(id)).join(", ")} got only a part. ` +
        `${partial(wrong[0].id)} is ${nice(right[wrong[0].id])}, not ${nice(grads[wrong[0].id] ?? 0)}.`;
    const several = graph.nodes.find(({ op, id }) => op === "leaf" && graph.uses[id].length > 1)?.id;
    if (!several) return "Every leaf has its gradient.";
    const sum = `${shares(several).map(factor).join(" + ")} = ${nice(grads[several])}`;
    return `Every leaf has its gradient. ${partial(several)} = ${sum}: one share per path.`;
  }
  function clearGradients() {
    now = null;
    say(["The gradients are cleared. Step back again."]);
    put({ grads: {}, trail: [] });
  }

  // ---- changing the leaves

  function edit(id, text) {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 1e6) {
      boxes[id].value.value = short(get("values")[id]);
      return say([`${label(id)} needs a number between −1000000 and 1000000.`]);
    }
    const stale = downstream(graph, id), values = {};
    for (const [name, old] of Object.entries(get("values"))) if (!stale.has(name)) values[name] = old;
    now = id;
    say([`${label(id)} = ${nice(value)}. What depends on it waits: step or run forward.`]);
    put({ leaves: { ...get("leaves"), [id]: value }, values: { ...values, [id]: value }, grads: {}, trail: [] });
  }
  function train(times) {
    const before = get("leaves"), eta = get("eta"), out = label(graph.output);
    const old = forward(graph, before)[graph.output];
    const { leaves, grads, values } = update(graph, before, { eta, times, naive, early });
    if (!Object.values(values).every(Number.isFinite)) return say(["The numbers overflowed: choose a smaller η."]);
    const updates = get("updates") + times, error = values[graph.output];
    const trend = error <= old ? "falls" : "grows";
    const lines = [`Update ${updates}: ${out} ${trend} from ${nice(old)} to ${nice(error)}.`];
    if (times === 1) {
      const moved = graph.nodes.filter((node) => node.trainable).map(({ id }) => make("div", { textContent:
        `${label(id)} = ${nice(before[id])} − ${nice(eta)} · ${factor(grads[id] ?? 0)} = ${nice(leaves[id])}` }));
      lines.push(make("div", { className: "two" }, ...moved));
    }
    now = null;
    say(lines);
    put({ leaves, values, grads: {}, trail: [], updates });
  }
  function start(nodes) {
    const sources = nodes.filter((node) => !node.inputs.length);
    const pick = (list) => Object.fromEntries(list.map((node) => [node.id, node.value]));
    now = null;
    const leaves = pick(sources.filter((node) => node.op !== "number"));
    return { leaves, values: pick(sources), grads: {}, trail: [], updates: 0 };
  }
  function reset() {
    say(["Everything is as at the start. Step forward."]);
    put(start(graph.nodes));
  }
  function choose(preset) {
    const { nodes, title } = get("presets")[preset];
    put({ preset, nodes, ...start(nodes) });
    rebuild();
    say([`${title}. Step forward to compute the first value.`]);
  }

  // ---- drawing

  /** Put boxes where their columns and rows are; the columns move together where there is little room. */
  function arrange() {
    const columns = 1 + Math.max(...graph.nodes.map((node) => node.at[0]));
    const rows = 1 + Math.max(...graph.nodes.map((node) => node.at[1]));
    const room = Math.min(FULL, scroll.clientWidth || FULL);
    const gap = Math.min(110, Math.max(18, (room - columns * WIDE) / Math.max(1, columns - 1)));
    stage.style.width = `${columns * WIDE + (columns - 1) * gap}px`;
    stage.style.height = `${(rows - 1) * PITCH + HIGH + 4}px`;
    for (const { id, at } of graph.nodes) {
      const box = boxes[id];
      [box.x, box.y] = [at[0] * (WIDE + gap), at[1] * PITCH + 2];
      [box.whole.style.left, box.whole.style.top] = [`${box.x}px`, `${box.y}px`];
    }
    roomy = gap > 40;
    show();
  }
  /** An edge as a path. The input of a net runs into the weight that scales it, so a weight sits on its edge. */
  function route(node, k) {
    const from = boxes[node.inputs[k]], to = boxes[node.id], weight = boxes[node.inputs[k - 1]];
    const goal = node.op === "net" && k % 2 && from.x < weight.x && weight.x < to.x ? weight : to;
    if (from.x !== goal.x) return `M${from.x + WIDE},${from.y + TAIL}L${goal.x},${goal.y + TAIL}`;
    const [high, low] = from.y < to.y ? [from, to] : [to, from], x = from.x + WIDE / 2;
    const bottom = high.y + (high.grad.textContent ? HIGH : FACE); // the gradient hangs below the box
    return from === high ? `M${x},${bottom}L${x},${low.y}` : `M${x},${low.y}L${x},${bottom}`;
  }
  function rebuild() {
    graph = build(get("nodes"));
    boxes = {};
    edges = [];
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("width", "100%");
    svg.setAttribute("height", "100%");
    const head = (id, className) => `<marker id="${id}" class="${className}" viewBox="0 0 8 8" refX="7" refY="4"
      markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
      <path d="M0,0L8,4L0,8z"/></marker>`;
    svg.innerHTML = `<defs class="tips">${head(tip, "on")}${head(tip + "-back", "back")}</defs>`;
    for (const node of graph.operations)
      node.inputs.forEach((id, k) => {
        const path = document.createElementNS(SVG, "path"), text = document.createElementNS(SVG, "text");
        svg.append(path);
        edges.push({ path, text, node, k });
      });
    svg.append(...edges.map((edge) => edge.text)); // above all lines
    stage.replaceChildren(svg);
    for (const node of graph.order) stage.append(box(node));
    // room for the longest message, so that nothing jumps while stepping
    const trainable = graph.nodes.filter((node) => node.trainable).length;
    const most = Math.max(2, 1 + Math.ceil(trainable / 2), ...graph.operations.map((node) => node.inputs.length));
    status.style.minHeight = `${1.4 * most}em`;
    // only where several nodes use an operation can the order or an early update go wrong
    const canGoWrong = trainable > 0 && graph.operations.some((node) => graph.uses[node.id].length > 1);
    training.style.display = trainable ? "" : "none";
    mistakes.style.display = canGoWrong ? "" : "none";
    naive = early = false;
    for (const input of mistakes.querySelectorAll("input")) input.checked = false;
    chooser.style.display = get("preset") === "custom" ? "none" : "";
    arrange();
  }
  function box(node) {
    const editable = !node.inputs.length && node.op !== "number", step = Number.isInteger(node.value) ? 1 : 0.05;
    const value = editable
      ? make("input", { type: "number", step, onchange: () => edit(node.id, value.value) })
      : make("span", { className: "value" });
    const title = formula(node), text = node.op === "number" ? "number" : title.length <= 15 ? title : node.label;
    const name = make("span", { className: "name", textContent: text });
    const grad = make("span", { className: "grad" });
    const whole = make("div", { title }, make("div", { className: "face" }, name, value), grad);
    whole.dataset.node = node.id;
    if (!editable) { whole.tabIndex = 0; whole.setAttribute("role", "group"); }
    boxes[node.id] = { whole, value, grad, editable };
    return whole;
  }
  function show() {
    const values = get("values"), grads = get("grads"), trail = get("trail");
    for (const node of graph.nodes) {
      const { whole, value, grad, editable } = boxes[node.id], parts = shares(node.id);
      const known = values[node.id] !== undefined, sum = `${parts.map(factor).join(" + ")} = ${nice(grads[node.id])}`;
      const several = parts.length > 1, hasGradient = grads[node.id] !== undefined;
      whole.className = ["node", !node.inputs.length && "source", !known && "waiting", now === node.id && "now",
        several && "several", node.trainable && "trainable"].filter(Boolean).join(" ");
      if (!editable) value.textContent = known ? nice(values[node.id]) : "?";
      else if (+value.value !== values[node.id]) value.value = short(values[node.id]);
      grad.textContent = !hasGradient ? "" : "∂ " + (several && sum.length < 14 ? sum : nice(grads[node.id]));
      const heard = several ? `, sum of ${parts.length} paths` : "";
      const spoken = hasGradient ? `gradient ${nice(grads[node.id])}${heard}`
        : graph.wantsGradient(node.id) ? "gradient not computed yet" : "needs no gradient";
      if (editable) value.setAttribute("aria-label", `${node.op} ${node.label}, ${spoken}`);
      else {
        const number = known ? nice(values[node.id]) : "not computed yet";
        whole.setAttribute("aria-label", `${node.inputs.length ? formula(node) : node.op}, value ${number}, ${spoken}`);
      }
    }
    for (const { path, text, node, k } of edges) {
      const from = node.inputs[k], start = boxes[from], end = boxes[node.id];
      const part = trail.find(([id]) => id === node.id)?.[1].find(([id]) => id === from);
      path.setAttribute("d", route(node, k));
      path.setAttribute("class", `edge${part ? " sent" : ""}${node.id === now ? " now" : ""}`);
      path.setAttribute(part ? "marker-start" : "marker-end", `url(#${tip}${part ? "-back" : ""})`);
      path.removeAttribute(part ? "marker-end" : "marker-start");
      text.textContent = part && roomy ? `∂ ${nice(part[1])}` : ""; // what the edge carried back
      text.setAttribute("x", start.x * 0.45 + end.x * 0.55 + WIDE / 2);
      text.setAttribute("y", start.y * 0.45 + end.y * 0.55 + TAIL + 4);
    }
    const ready = !nextForward();
    stepOn.setAttribute("aria-disabled", ready);
    stepBack.setAttribute("aria-disabled", !ready || (grads[graph.output] !== undefined && !nextBack()));
    chooser.value = get("preset");
    if (document.activeElement !== etaBox) etaBox.value = get("eta");
    const error = ready ? nice(values[graph.output]) : "?";
    counter.textContent = `updates: ${get("updates")}, ${label(graph.output)} = ${error}`;
    el.dataset.seq = +(el.dataset.seq ?? 0) + 1;
  }
  /** On a narrow screen, scroll to the node of this step; on the way back also to where its gradient goes. */
  function reveal(ids) {
    const left = Math.min(...ids.map((id) => boxes[id].x)), right = Math.max(...ids.map((id) => boxes[id].x)) + WIDE;
    if (right > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = right - scroll.clientWidth;
    if (left < scroll.scrollLeft) scroll.scrollLeft = left;
  }

  const fromPython = (name) => () => {
    if (writing) return;
    if (name === "nodes") rebuild();
    // Python assigns several traits at once; wait until the last of them has arrived
    queueMicrotask(() => { now = null; show(); say(["Changed from outside this view."]); });
  };
  const watched = ["nodes", "leaves", "values", "grads", "trail", "updates", "eta", "preset"]
    .map((name) => ["change:" + name, fromPython(name)]);
  watched.forEach(([event, call]) => model.on(event, call));
  rebuild();
  say(["Step forward to compute the first value; then step back. The numbers in the grey boxes can be edited."]);
  let width = scroll.clientWidth;
  const resized = new ResizeObserver(() => {
    if (scroll.clientWidth === width) return;
    width = scroll.clientWidth;
    arrange();
  });
  resized.observe(scroll);
  return () => { resized.disconnect(); watched.forEach(([event, call]) => model.off(event, call)); };
}

export default { render };
