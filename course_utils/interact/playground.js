// The perceptron playground: what can one neuron separate, and what do hidden units add?
//
// First the mathematics (pure functions, exported as `maths`, tested against finite differences),
// then the view. Labels are -1 and +1. A layer holds W row-major, (nIn, nOut), rows are inputs, and b (nOut).

// ---------------------------------------------------------------------------------------------- mathematics

export const RANGE = 3; // the plane shown is [-3, 3] x [-3, 3]
export const GATES = { and: [-1, -1, -1, 1], or: [-1, 1, 1, 1], nand: [1, 1, 1, -1], xor: [-1, 1, 1, -1] };
const CORNERS = [[-1, -1], [-1, 1], [1, -1], [1, 1]];

export const FEATURES = {
  "x1": (x, y) => x,
  "x2": (x, y) => y,
  "x1**2": (x, y) => x * x,
  "x2**2": (x, y) => y * y,
  "x1*x2": (x, y) => x * y,
  "sin(x1)": (x, y) => Math.sin(x),
  "sin(x2)": (x, y) => Math.sin(y),
};

// f(z) and its slope written with the activation a = f(z)
const ACTIVATIONS = {
  sign: { f: Math.sign, slope: () => 0 },
  tanh: { f: Math.tanh, slope: (a) => 1 - a * a },
  sigmoid: { f: (z) => 1 / (1 + Math.exp(-z)), slope: (a) => a * (1 - a) },
  relu: { f: (z) => (z > 0 ? z : 0), slope: (a) => (a > 0 ? 1 : 0) },
  linear: { f: (z) => z, slope: () => 1 },
};

/** A generator of random numbers that depends on the seed alone (32-bit xorshift). */
function random(seed) {
  let s = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const uniform = () => {
    s ^= s << 13; s ^= s >>> 17; s ^= s << 5;
    return (s >>> 0) / 4294967296;
  };
  for (let i = 0; i < 8; i++) uniform(); // neighbouring seeds start alike: walk away from the start
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** A data set as [x, y, label] triples, classes in turn. Noise is the standard deviation of a shift. */
function makePoints(data, count, noise, seed) {
  const { uniform, normal } = random(seed);
  const shapes = {
    blobs: (c) => [1.2 * c + 0.5 * normal(), 0.9 * c + 0.5 * normal()],
    circles: (c) => {
      const angle = 2 * Math.PI * uniform(), r = c > 0 ? 1.1 * Math.sqrt(uniform()) : 1.8 + 0.8 * uniform();
      return [r * Math.cos(angle), r * Math.sin(angle)];
    },
    quadrants: (c) => {
      const x = (0.2 + 2.4 * uniform()) * (uniform() < 0.5 ? -1 : 1);
      return [x, -c * Math.sign(x) * (0.2 + 2.4 * uniform())];
    },
    spirals: (c) => {
      const t = Math.sqrt(uniform()), angle = 3 * Math.PI * t + (c > 0 ? Math.PI : 0), r = 0.2 + 2.4 * t;
      return [r * Math.sin(angle), r * Math.cos(angle)];
    },
  };
  const shift = (x, y, c) => [clamp(x + noise * normal(), -RANGE, RANGE), clamp(y + noise * normal(), -RANGE, RANGE), c];
  if (data in GATES) { // the four corners exactly, or a cloud around each
    const copies = noise > 0 ? count / 4 : 1;
    return Array.from({ length: 4 * copies }, (_, i) => shift(...CORNERS[i % 4], GATES[data][i % 4]));
  }
  if (!(data in shapes)) return [];
  return Array.from({ length: count }, (_, i) => shift(...shapes[data](i % 2 ? 1 : -1), i % 2 ? 1 : -1));
}

/** The features of n points as one row-major array, (n, d). */
function featurise(points, names) {
  const X = new Float64Array(points.length * names.length);
  points.forEach(([x, y], i) => names.forEach((name, j) => { X[i * names.length + j] = FEATURES[name](x, y); }));
  return X;
}

/** A network with `sizes` = [inputs, hidden ..., 1] and weights drawn from the seed. */
function makeNet(sizes, activation, seed) {
  const { normal } = random(seed);
  const layers = sizes.slice(1).map((nOut, l) => {
    const nIn = sizes[l], spread = Math.sqrt((activation === "relu" ? 2 : 1) / nIn);
    return { nIn, nOut, W: Float64Array.from({ length: nIn * nOut }, () => spread * normal()),
             b: Float64Array.from({ length: nOut }, () => 0.1 * normal()) };
  });
  return { activation, layers };
}

/** All activations A[0..L] of n examples, the last pre-activation z, and the prediction (n) in [-1, 1]. */
function forward(net, X, n) {
  const A = [X], { f } = ACTIVATIONS[net.activation], squash = net.activation === "sign" ? Math.sign : Math.tanh;
  let z;
  net.layers.forEach(({ nIn, nOut, W, b }, l) => {
    const last = l === net.layers.length - 1, input = A[l], Z = new Float64Array(n * nOut);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < nOut; k++) Z[i * nOut + k] = b[k];
      for (let j = 0; j < nIn; j++) {
        const x = input[i * nIn + j];
        for (let k = 0; k < nOut; k++) Z[i * nOut + k] += x * W[j * nOut + k];
      }
    }
    if (last) z = Z;
    const activate = last ? squash : f, out = new Float64Array(Z.length); // a loop: this is where time goes
    for (let i = 0; i < Z.length; i++) out[i] = activate(Z[i]);
    A.push(out);
  });
  return { A, z, prediction: A[A.length - 1] };
}

/** Number of points on the wrong side; a point on the line counts as wrong. */
const mistakes = (z, y) => y.reduce((sum, label, i) => sum + (label * z[i] <= 0 ? 1 : 0), 0);

/** Mean loss: the share of mistakes for sign units, else the cross-entropy of p = (1 + tanh z) / 2. */
function loss(net, z, y) {
  if (!y.length) return null;
  if (net.activation === "sign") return mistakes(z, y) / y.length;
  let sum = 0;
  for (let i = 0; i < y.length; i++) { // log(1 + exp(-2yz)), without overflow
    const m = -2 * y[i] * z[i];
    sum += Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m)));
  }
  return sum / y.length;
}

/** What regularisation adds to the loss; biases are free. */
function penalty(net, kind, lam) {
  const each = { none: () => 0, l1: Math.abs, l2: (w) => (w * w) / 2 }[kind];
  return lam * net.layers.reduce((sum, { W }) => W.reduce((s, w) => s + each(w), sum), 0);
}

/** Back-propagation: the gradient of loss + penalty, one { dW, db } for each layer. */
function gradient(net, X, y, kind = "none", lam = 0) {
  const n = y.length, { A, prediction } = forward(net, X, n), { slope } = ACTIVATIONS[net.activation];
  const each = { none: () => 0, l1: Math.sign, l2: (w) => w }[kind], grads = [];
  let delta = prediction.map((p, i) => (p - y[i]) / n); // tanh and cross-entropy: dL/dz = (y_hat - y) / n
  for (let l = net.layers.length - 1; l >= 0; l--) {
    const { nIn, nOut, W } = net.layers[l], input = A[l];
    const dW = W.map((w) => lam * each(w)), db = new Float64Array(nOut), back = new Float64Array(n * nIn);
    for (let i = 0; i < n; i++) for (let k = 0; k < nOut; k++) {
      const d = delta[i * nOut + k];
      db[k] += d;
      for (let j = 0; j < nIn; j++) {
        dW[j * nOut + k] += input[i * nIn + j] * d;
        back[i * nIn + j] += W[j * nOut + k] * d;
      }
    }
    grads[l] = { dW, db };
    delta = back.map((d, i) => d * slope(input[i])); // not used for l = 0
  }
  return grads;
}

/** One step downhill, in place. */
function descend(net, grads, eta) {
  net.layers.forEach(({ W, b }, l) => {
    for (let i = 0; i < W.length; i++) W[i] -= eta * grads[l].dW[i];
    for (let k = 0; k < b.length; k++) b[k] -= eta * grads[l].db[k];
  });
}

/** The perceptron rule for one example, on the last layer (a sign unit passes no gradient further back). */
function perceptronRule(net, x, label, eta) {
  const { A, z } = forward(net, x, 1), { W, b } = net.layers.at(-1), input = A.at(-2);
  if (label * z[0] > 0) return false;
  for (let j = 0; j < W.length; j++) W[j] += eta * label * input[j];
  b[0] += eta * label;
  return true;
}

/** The smallest signed distance y z / |w| to the boundary of a single neuron, and whose it is. */
function margin(net, X, y) {
  const length = Math.hypot(...net.layers[0].W);
  if (net.layers.length > 1 || !y.length || length < 1e-12) return null;
  const { z } = forward(net, X, y.length);
  const distances = y.map((label, i) => (label * z[i]) / length), value = Math.min(...distances);
  return { value, index: distances.indexOf(value) };
}

const toLists = (net) => net.layers.map(({ nOut, nIn, W, b }) =>
  [Array.from({ length: nIn }, (_, j) => [...W.slice(j * nOut, (j + 1) * nOut)]), [...b]]);
const fromLists = (lists, activation) => ({ activation, layers: lists.map(([W, b]) =>
  ({ nIn: W.length, nOut: b.length, W: Float64Array.from(W.flat()), b: Float64Array.from(b) })) });

export const maths = { random, makePoints, featurise, makeNet, forward, mistakes, loss, penalty, gradient, descend,
                       perceptronRule, margin, toLists, fromLists };

// ------------------------------------------------------------------------------------------------- small tools

const NEGATIVE = [0, 114, 178], POSITIVE = [213, 94, 0]; // #0072B2 and #D55E00
const SHAPES = { "-1": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0", "1": "M0,-7.5L7,5.5H-7Z" }; // circle, triangle
const LABELS = { "x1": "x₁", "x2": "x₂", "x1**2": "x₁²", "x2**2": "x₂²", "x1*x2": "x₁x₂", "sin(x1)": "sin x₁", "sin(x2)": "sin x₂" };
const DATA = { blobs: "two blobs", circles: "circles", quadrants: "quadrants (XOR)", spirals: "two spirals",
               and: "gate AND", or: "gate OR", nand: "gate NAND", xor: "gate XOR", own: "own points" };
const PLOT = 340, GRID = 61, HALF = 31; // pixels of the plot; samples of its field; samples of a thumbnail
const TOTAL = 160; // points of a data set, training and test together

/** An element with attributes, listeners (`onclick` ...) and children; `svg:` before the tag makes SVG. */
function make(tag, attributes = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const minus = (text) => String(text).replace("-", "−");
const fixed = (v, digits = 2) => (v == null ? "–" : minus(v.toFixed(digits)));
const colour = (c) => `rgb(${c})`;
const px = (v) => ((v + RANGE) / (2 * RANGE)) * PLOT; // plane to pixel, across; downwards it is px(-v)

/** Paint values in [-1, 1] on a square of samples: blue, white, vermilion. */
function paintField(image, values, hard) {
  for (let i = 0; i < values.length; i++) {
    const v = hard ? Math.sign(values[i]) : clamp(values[i], -1, 1), c = v < 0 ? NEGATIVE : POSITIVE, s = 0.5 * Math.abs(v);
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = 255 + (c[k] - 255) * s;
    image.data[4 * i + 3] = 255;
  }
}

/** Segments [x, y, x, y] (in samples) along which the field z, (GRID, GRID) row-major, is zero. */
function zeroLine(z) {
  const segments = [];
  for (let r = 0; r < GRID - 1; r++) for (let c = 0; c < GRID - 1; c++) {
    const at = r * GRID + c, below = (z[at] < 0) + (z[at + 1] < 0) + (z[at + GRID] < 0) + (z[at + GRID + 1] < 0);
    if (below % 4 === 0) continue; // all on one side
    const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]], cuts = [];
    for (let k = 0; k < 4; k++) {
      const [p, q] = [corners[k], corners[(k + 1) % 4]], a = z[p[1] * GRID + p[0]], b = z[q[1] * GRID + q[0]];
      if (a < 0 !== b < 0) {
        const t = a / (a - b);
        cuts.push(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]));
      }
    }
    for (let k = 0; k + 3 < cuts.length; k += 4) segments.push(cuts.slice(k, k + 4));
  }
  return segments;
}

const CSS = `
.pg { container-type: inline-size; color-scheme: light; color: #222; background: #fff; border: 1px solid #d5d5d5;
  border-radius: 8px; padding: 10px; box-sizing: border-box; max-width: 760px; font: 13px/1.4 system-ui, sans-serif; }
.pg * { box-sizing: border-box; }
.pg .row { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
.pg .columns { display: grid; grid-template-columns: 1fr; gap: 10px 18px; margin: 10px 0; justify-items: center; }
.pg .columns > div { width: 100%; max-width: ${PLOT}px; min-width: 0; }
@container (min-width: 640px) { .pg .columns { grid-template-columns: 1fr 1fr; } }
.pg label { display: inline-flex; gap: 5px; align-items: center; color: #444; }
.pg button, .pg select, .pg input { font: inherit; color: #222; }
.pg button, .pg select, .pg input[type=number] { background: #fff; border: 1px solid #9a9a9a; border-radius: 5px; padding: 2px 6px; min-height: 28px; }
.pg button { cursor: pointer; padding: 2px 10px; }
.pg button:hover { background: #f0f0f0; }
.pg button.main { background: #222; border-color: #222; color: #fff; min-width: 84px; }
.pg input[type=number] { width: 66px; }
.pg input[type=range] { width: 70px; accent-color: #444; }
.pg input[type=checkbox], .pg input[type=radio] { accent-color: #222; margin: 0; }
.pg :disabled { opacity: .45; cursor: default; }
.pg :focus { outline: none; }
.pg :focus-visible { outline: 3px solid #111; outline-offset: 2px; }
.pg .value { min-width: 32px; font-variant-numeric: tabular-nums; }
.pg .plot { position: relative; aspect-ratio: 1; border: 1px solid #999; }
.pg .plot > * { position: absolute; inset: 0; width: 100%; height: 100%; }
.pg .point { cursor: grab; touch-action: none; outline: none !important; }
.pg .point path { stroke: #fff; stroke-width: 1.5; }
.pg .point.wrong path { stroke: #000; stroke-width: 2; }
.pg .ring { display: none; fill: none; pointer-events: none; stroke: #fff; stroke-width: 6; }
.pg .ring + .ring { stroke: #111; stroke-width: 2.5; }
.pg .points:focus-within ~ .ring { display: inline; }
.pg svg text { font: 11px system-ui, sans-serif; fill: #444; }
.pg .net { position: relative; aspect-ratio: 1; }
.pg .net > svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.pg .net > * { position: absolute; }
.pg .net > label { transform: translateY(-50%); left: 0; font-size: 12px; white-space: nowrap; }
.pg .net > input[type=number] { transform: translate(-50%, -50%); width: 46px; padding: 2px 2px 2px 6px; }
.pg .net > span { transform: translate(-50%, -50%); color: #444; }
.pg .unit { transform: translate(-50%, -50%); width: 30px; height: 30px; min-height: 0 !important; padding: 0 !important; line-height: 0;
  border: 1.5px solid #777 !important; border-radius: 4px !important; overflow: hidden; }
.pg .unit canvas { width: 100%; height: 100%; }
.pg .unit.chosen { border-color: #000 !important; box-shadow: 0 0 0 2px #fff, 0 0 0 4px #111; }
.pg .unit.off { opacity: .4; }
.pg .edge { fill: none; pointer-events: none; }
.pg .grip { fill: none; stroke: transparent; stroke-width: 9; cursor: pointer; pointer-events: stroke; }
.pg .editor { gap: 5px; flex-wrap: nowrap; } .pg .editor code { white-space: nowrap; } .pg .editor select { min-width: 0; flex: 0 1 auto; }
.pg .editor input[type=number] { flex: 1 0 82px; max-width: 100px; }
.pg .numbers { border-collapse: collapse; margin: 10px 0 0; font: inherit; font-variant-numeric: tabular-nums; width: 100%; }
.pg .numbers th, .pg .numbers td { padding: 1px 8px 1px 0; text-align: left; white-space: nowrap; font-weight: 400; color: #444; background: none; border: 0; }
.pg .numbers td { font-weight: 600; color: #222; }
.pg .curve { display: block; width: 100%; height: auto; margin-top: 10px; }
.pg .caption, .pg .note { color: #444; min-height: 1.4em; margin: 2px 0 4px; }
.pg .note { margin: 8px 0 0; color: #222; }
.pg .hint { border-top: 1px solid #e2e2e2; margin-top: 8px; padding-top: 8px; font-weight: 600; }
.pg fieldset { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.pg legend { float: left; padding: 0; font-weight: 600; color: #222; }
.pg .group { border-top: 1px solid #e2e2e2; padding-top: 8px; margin-top: 8px; }
.pg .group > b { flex: 0 0 58px; font-weight: 600; }
`;

// -------------------------------------------------------------------------------------------------------- view

const DATA_SETTINGS = ["data", "noise", "train_share", "seed"]; // a change draws new points
const NET_SETTINGS = ["features", "hidden", "activation"]; // a change draws new weights
const SETTINGS = [...DATA_SETTINGS, ...NET_SETTINGS, "eta", "batch_size", "regularisation", "lam"];
const FROM_PYTHON = [...SETTINGS, "points", "test_points", "weights"];
const SPEEDS = { slow: [1 / 30, 1 / 12], medium: [1 / 6, 4], fast: [4, Infinity] }; // updates a frame: sign, others

function render({ model, el }) {
  // JupyterLab's command mode would otherwise take the keys
  el.addEventListener("keydown", (event) => event.stopPropagation());

  const S = Object.fromEntries(SETTINGS.map((name) => [name, structuredClone(model.get(name))]));
  let points = [], testPoints = [], net = null; // the state that is trained
  let X, y, Xtest, ytest, gridX, field = null; // derived from it: features, labels, activations on the grid
  let steps = 0, cursor = 0, order = [], shuffle = null, history = [];
  let playing = false, speed = "medium", credit = 0, frame = 0, saveTimer = 0, spoke = 0;
  let tool = "1", view = null, chosen = { layer: 0, row: 0, col: 0 }, hard = false, showTest = true;
  const saved = {}, pending = new Set();

  // ---- state

  const single = () => S.hidden.length === 0;
  const flat = () => single() && S.features.every((name) => name === "x1" || name === "x2"); // a line in the plane
  const epochs = () => (S.activation === "sign" ? null : (steps * Math.min(S.batch_size || Infinity, y.length)) / Math.max(1, y.length));

  function drawPoints() {
    const all = makePoints(S.data, TOTAL, S.noise, S.seed), exact = all.length <= 4;
    const count = exact ? all.length : Math.round(S.train_share * all.length);
    points = all.slice(0, count);
    testPoints = all.slice(count);
  }

  function restart() {
    net = makeNet([S.features.length, ...S.hidden, 1], S.activation, S.seed);
    begin();
  }

  function begin() { // with whatever weights there are
    steps = 0; cursor = 0; order = []; history = []; view = null;
    shuffle = random(S.seed + 1000).uniform;
    chosen = { layer: 0, row: 0, col: 0 };
    refreshData();
    buildNet();
  }

  function refreshData() {
    X = featurise(points, S.features);
    y = points.map((p) => p[2]);
    Xtest = featurise(testPoints, S.features);
    ytest = testPoints.map((p) => p[2]);
    const at = (i) => -RANGE + (2 * RANGE * i) / (GRID - 1);
    gridX = featurise(Array.from({ length: GRID * GRID }, (_, i) => [at(i % GRID), -at(Math.floor(i / GRID))]), S.features);
    field = null;
    order = [];
    buildPoints();
  }

  /** One update of the weights; false when there is nothing left to learn. */
  function train() {
    const n = y.length, d = S.features.length;
    if (!n) return false;
    if (S.activation === "sign") { // the next point on the wrong side teaches
      for (let tries = 0; tries < n; tries++) {
        const i = cursor++ % n;
        if (perceptronRule(net, X.slice(i * d, (i + 1) * d), y[i], S.eta)) {
          steps++; field = null;
          return true;
        }
      }
     
      return false;
    }
    const size = Math.min(S.batch_size || n, n);
    if (order.length < size) {
      order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(shuffle() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
    }
    const batch = order.splice(0, size), Xb = new Float64Array(size * d);
    batch.forEach((i, r) => Xb.set(X.subarray(i * d, (i + 1) * d), r * d));
    descend(net, gradient(net, Xb, batch.map((i) => y[i]), S.regularisation, S.lam), S.eta);
    steps++; field = null;
    return net.layers.every(({ W, b }) => W.every(Number.isFinite) && b.every(Number.isFinite));
  }

  function stuck() { // why `train` returned false
    if (!y.length) return "There are no training points: add some first.";
    if (S.activation === "sign") return `Converged: every point is right.`;
    return "The weights grew beyond all bounds: press Reset and take a smaller learning rate.";
  }

  /** The numbers on show and for Python. */
  function measure() {
    const z = forward(net, X, y.length).z, ztest = forward(net, Xtest, ytest.length).z;
    return { z, train: loss(net, z, y), test: loss(net, ztest, ytest), wrong: mistakes(z, y),
             wrongTest: mistakes(ztest, ytest), margin: margin(net, X, y) };
  }

  // ---- to and from Python

  function save() {
    clearTimeout(saveTimer);
    saveTimer = 0;
    delete el.dataset.unsaved;
    const now = measure(), finite = (v) => (Number.isFinite(v) ? v : null);
    const state = { ...S, points, test_points: testPoints, weights: toLists(net), steps, loss_train: finite(now.train),
                    loss_test: finite(now.test), mistakes: now.wrong, margin: finite(now.margin?.value) };
    for (const [name, value] of Object.entries(structuredClone(state))) {
      saved[name] = JSON.stringify(value);
      model.set(name, value);
    }
    model.save_changes();
    el.dataset.saves = Number(el.dataset.saves ?? 0) + 1;
  }
  function saveSoon() {
    clearTimeout(saveTimer);
    saveTimer = setTimeout(save, 120);
    el.dataset.unsaved = "";
  }

  /** Change one setting, from a control or from Python. */
  function change(name, value) {
    S[name] = value;
    if (DATA_SETTINGS.includes(name) && S.data !== "own") drawPoints();
    if (DATA_SETTINGS.includes(name) || NET_SETTINGS.includes(name)) restart();
    refreshControls();
    paintSoon();
    saveSoon();
  }

  function fromPython() { // all changes of one message together: the order of traits in it must not matter
    const names = SETTINGS.filter((name) => pending.has(name));
    names.forEach((name) => { S[name] = structuredClone(model.get(name)); });
    if (names.some((name) => DATA_SETTINGS.includes(name)) && S.data !== "own") drawPoints();
    if (pending.has("points")) points = structuredClone(model.get("points"));
    if (pending.has("test_points")) testPoints = structuredClone(model.get("test_points"));
    const given = pending.has("weights") ? model.get("weights") : [];
    const structural = names.some((name) => DATA_SETTINGS.includes(name) || NET_SETTINGS.includes(name));
    if (given.length) { // the widths follow the weights
      S.hidden = given.slice(0, -1).map(([, b]) => b.length);
      net = fromLists(given, S.activation);
      begin();
    } else if (structural) restart();
    else refreshData();
    pending.clear();
    refreshControls();
    paintSoon();
    saveSoon();
  }
  const listeners = FROM_PYTHON.map((name) => ["change:" + name, () => {
    if (JSON.stringify(model.get(name)) === saved[name]) return; // our own news
    if (!pending.size) queueMicrotask(fromPython);
    pending.add(name);
  }]);

  // ---- controls

  const refreshers = [];
  const refreshControls = () => refreshers.forEach((refresh) => refresh());

  function select(name, text, options, read = String) {
    const option = (value, label) => make("option", { value }, label);
    const input = make("select", { "aria-label": text, onchange: () => change(name, read(input.value)) },
                       ...Object.entries(options).map(([value, label]) => option(value, label)));
    refreshers.push(() => {
      const value = String(S[name]);
      if (![...input.options].some((o) => o.value === value)) input.append(option(value, value));
      input.value = value;
    });
    return [make("label", {}, text, input), input];
  }

  function range(name, text, max, step, shown) {
    const value = make("span", { class: "value" }), input = make("input", { type: "range", "aria-label": text, min: name === "train_share" ? step : 0, max, step,
      oninput: () => change(name, Number(input.value)) });
    refreshers.push(() => { input.value = S[name]; value.textContent = shown(S[name]); input.setAttribute("aria-valuetext", shown(S[name])); });
    return make("label", {}, text, input, value);
  }

  function number(name, text, spoken, attributes) {
    const input = make("input", { type: "number", "aria-label": spoken, ...attributes, onchange: () => {
      const value = Number(input.value), ok = input.value !== "" && input.checkValidity();
      if (ok) change(name, value); else { say(`${spoken}: ${input.validationMessage || "a number, please"}`); refreshControls(); }
    } });
    refreshers.push(() => { input.value = S[name]; });
    return make("label", {}, text, input);
  }

  const playButton = make("button", { class: "main", onclick: () => (playing ? pause("Paused.") : play()) }, "▶ Play");
  const stepButton = make("button", { onclick: () => {
    const going = train();
    record();
    pause(going ? "One update." : stuck());
  } }, "Step");
  const resetButton = make("button", { onclick: () => { pause(); restart(); paintSoon(); save(); say("Weights drawn again from the seed."); } }, "Reset");
  const seedButton = make("button", { onclick: () => { change("seed", S.seed + 1); say(`New points and weights, seed ${S.seed}.`); } }, "New seed");
  const speedSelect = make("select", { "aria-label": "Speed", onchange: () => { speed = speedSelect.value; } },
    ...Object.keys(SPEEDS).map((name) => make("option", { value: name, ...(name === speed && { selected: "" }) }, name)));

  function play() {
    playing = true;
    playButton.textContent = "❚❚ Pause";
    spoke = performance.now();
    say("Playing.");
    paintSoon();
  }

  function pause(why) {
    const was = playing;
    playing = false;
    playButton.textContent = "▶ Play";
    if (why) say(`${why} ${summary()}`);
    paintSoon();
    if (was || why) save();
  }

  // ---- the plane

  const canvas = make("canvas", { width: 2 * PLOT, height: 2 * PLOT, role: "img" });
  const pen = canvas.getContext("2d");
  const small = make("canvas", { width: GRID, height: GRID }), smallPen = small.getContext("2d");
  const image = smallPen.createImageData(GRID, GRID), thumbImage = smallPen.createImageData(HALF, HALF);
  const testLayer = make("svg:g"), pointLayer = make("svg:g", { class: "points" });
  const rings = [make("svg:circle", { class: "ring", r: 11 }), make("svg:circle", { class: "ring", r: 11 })]; // focus, above all points
  const ticks = make("svg:g", { "aria-hidden": "true" });
  for (const v of [-2, -1, 1, 2]) {
    ticks.append(make("svg:text", { x: px(v), y: PLOT - 5, "text-anchor": "middle" }, minus(v)),
                 make("svg:text", { x: 5, y: px(-v) + 4 }, minus(v)));
  }
  ticks.append(make("svg:text", { x: PLOT - 16, y: PLOT - 5 }, "x₁"), make("svg:text", { x: 5, y: 15 }, "x₂"));
  const board = make("svg:svg", { viewBox: `0 0 ${PLOT} ${PLOT}`, role: "application",
    "aria-label": "Training points. Arrow keys move the chosen point, with Shift in small steps; N and P go to the next and " +
      "the previous; Space flips the class; Delete removes; Enter does what the click is set to." }, ticks, testLayer, pointLayer, ...rings);
  const caption = make("div", { class: "caption" });

  function buildPoints() {
    testLayer.replaceChildren(...testPoints.map(([a, b, c]) => make("svg:path", { d: SHAPES[c], fill: "#fff", "fill-opacity": 0.75,
      stroke: colour(c < 0 ? NEGATIVE : POSITIVE), "stroke-width": 2, transform: `translate(${px(a)},${px(-b)}) scale(.6)` })));
    while (pointLayer.children.length > points.length) pointLayer.lastChild.remove();
    while (pointLayer.children.length < points.length) {
      pointLayer.append(make("svg:g", { class: "point", role: "button", tabindex: -1 }, make("svg:path")));
    }
    points.forEach((_, i) => placePoint(i));
    const stop = pointLayer.querySelector('[tabindex="0"]');
    if (!stop && points.length) pointLayer.firstChild.setAttribute("tabindex", 0);
  }

  function placePoint(i) {
    const [a, b, c] = points[i], node = pointLayer.children[i];
    node.setAttribute("transform", `translate(${px(a)},${px(-b)})`);
    node.setAttribute("aria-label", `Point ${i + 1} of ${points.length}, class ${c < 0 ? "−1, circle" : "+1, triangle"}, at ${fixed(a)}, ${fixed(b)}`);
    node.lastChild.setAttribute("d", SHAPES[c]);
    node.lastChild.setAttribute("fill", colour(c < 0 ? NEGATIVE : POSITIVE));
    if (node === document.activeElement) ringAround(node);
  }
  const ringAround = (node) => rings.forEach((ring) => ring.setAttribute("transform", node.getAttribute("transform")));
  pointLayer.addEventListener("focusin", (event) => ringAround(event.target));

  function focusPoint(i) { // one tab stop for all points
    [...pointLayer.children].forEach((node, k) => node.setAttribute("tabindex", k === i ? 0 : -1));
    pointLayer.children[i]?.focus();
  }

  const classTool = () => (tool === "-1" ? -1 : 1);
  const shape = (c) => (c < 0 ? "class −1, circle" : "class +1, triangle");

  function movePoint(i, a, b) {
    points[i] = [clamp(a, -RANGE, RANGE), clamp(b, -RANGE, RANGE), points[i][2]];
    const d = S.features.length;
    X.set(featurise([points[i]], S.features), i * d);
    placePoint(i);
    paintSoon();
  }
  function addPoint(a, b) {
    points.push([clamp(a, -RANGE, RANGE), clamp(b, -RANGE, RANGE), classTool()]);
    changedPoints(points.length - 1, `Added a point of ${shape(classTool())}.`);
  }
  function flipPoint(i) {
    points[i][2] *= -1;
    changedPoints(i, `Now ${shape(points[i][2])}.`);
  }
  function deletePoint(i) {
    points.splice(i, 1);
    changedPoints(Math.min(i, points.length - 1), "Point removed.");
    if (!points.length) addButton.focus();
  }
  function changedPoints(focus, message) {
   
    refreshData();
    focusPoint(focus);
    paintSoon();
    saveSoon();
    say(`${message} ${summary()}`);
  }
  function useTool(i) {
    if (tool === "flip") flipPoint(i);
    else if (tool === "delete") deletePoint(i);
  }

  const indexOf = (target) => [...pointLayer.children].indexOf(target.closest?.(".point"));
  const plane = (event) => {
    const box = board.getBoundingClientRect(), at = (v, size) => (2 * RANGE * v) / size - RANGE;
    return [at(event.clientX - box.left, box.width), -at(event.clientY - box.top, box.height)];
  };
  let press = null; // { i, x, y, moved }: what the pointer holds
  board.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    press = { i: indexOf(event.target), x: event.clientX, y: event.clientY, moved: false };
    if (press.i >= 0) { board.setPointerCapture(event.pointerId); focusPoint(press.i); event.preventDefault(); }
  });
  board.addEventListener("pointermove", (event) => {
    if (!press) return;
    press.moved ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > 3;
    if (press.moved && press.i >= 0) movePoint(press.i, ...plane(event));
  });
  board.addEventListener("pointerup", (event) => {
    const held = press;
    press = null;
    if (!held) return;
    if (held.moved && held.i >= 0) { save(); say(`Point moved. ${summary()}`); }
    else if (held.i >= 0) useTool(held.i);
    else if (!held.moved && (tool === "1" || tool === "-1")) addPoint(...plane(event));
  });
  board.addEventListener("pointercancel", () => { press = null; });
  board.addEventListener("keydown", (event) => {
    const i = indexOf(event.target), last = points.length - 1, far = event.shiftKey ? 0.02 : 0.1;
    if (i < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const [a, b] = points[i], key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const move = (da, db) => { movePoint(i, a + da * far, b + db * far); saveSoon(); };
    const actions = {
      ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, 1), ArrowDown: () => move(0, -1),
      n: () => focusPoint(i < last ? i + 1 : 0), p: () => focusPoint(i > 0 ? i - 1 : last),
      PageDown: () => focusPoint(i < last ? i + 1 : 0), PageUp: () => focusPoint(i > 0 ? i - 1 : last),
      Home: () => focusPoint(0), End: () => focusPoint(last),
      " ": () => flipPoint(i), f: () => flipPoint(i), Delete: () => deletePoint(i), Backspace: () => deletePoint(i),
      Enter: () => (tool === "1" || tool === "-1" ? addPoint(a + 0.3, b) : useTool(i)),
    };
    if (actions[key]) { event.preventDefault(); actions[key](); }
  });

  const toolName = "tool" + Math.random().toString(36).slice(2); // radio groups are shared across a page
  const tools = make("fieldset", {}, make("legend", {}, "Click"),
    ...[["-1", "add ●", "add class −1, circle"], ["1", "add ▲", "add class +1, triangle"], ["flip", "flip", "flip the class"], ["delete", "delete", "delete"]]
      .map(([value, text, name]) => make("label", {}, make("input", { type: "radio", name: toolName, value, "aria-label": `Click: ${name}`,
        ...(value === tool && { checked: "" }), onchange: () => { tool = value; } }), text)));
  const addButton = make("button", { onclick: () => addPoint(0, 0) }, "Add at centre");
  const clearButton = make("button", { onclick: () => {
    points = []; testPoints = []; S.data = "own"; refreshControls(); begin(); paintSoon(); save(); say("All points removed.");
  } }, "Clear");
  const renewButton = make("button", { onclick: () => {
    if (S.data === "own") { say("Own points: choose a data set first."); return; }
    drawPoints(); refreshData(); paintSoon(); save(); say("Points as drawn from the seed.");
  } }, "Restore");
  const check = (text, get, set) => make("label", {}, make("input", { type: "checkbox", ...(get && { checked: "" }),
    onchange: (event) => { set(event.target.checked); paintSoon(); } }), text);

  // ---- the network

  const names = Object.keys(FEATURES), netBox = make("div", { class: "net", role: "group", "aria-label": "Network diagram" });
  const edgeLayer = make("svg:g"), gripLayer = make("svg:g");
  netBox.append(make("svg:svg", { viewBox: `0 0 ${PLOT} ${PLOT}`, "aria-hidden": "true" }, edgeLayer, gripLayer));
  const fromSelect = make("select", { "aria-label": "Weight from", onchange: () => choose(chosen.layer, Number(fromSelect.value), chosen.col) });
  const toSelect = make("select", { "aria-label": "Weight to", onchange: () => {
    const [layer, col] = toSelect.value.split(",").map(Number);
    choose(layer, layer === chosen.layer ? chosen.row : 0, col);
  } });
  const weightInput = make("input", { type: "number", step: 0.1, "aria-label": "Value of the weight", oninput: () => {
    const value = Number(weightInput.value);
    if (weightInput.value === "" || !Number.isFinite(value)) return;
    const { layer, row, col } = chosen, { W, b, nOut } = net.layers[layer];
    if (row < 0) b[col] = value; else W[row * nOut + col] = value;
    field = null;
    paintSoon();
    saveSoon();
  } });
  const weightName = make("code");
  let units = [], edges = []; // { layer, index, button, pen }, { layer, row, col, path }

  const unitName = (layer, k) => (layer < 0 ? LABELS[S.features[k]] : layer === S.hidden.length ? "output" : `h${layer + 1}.${k}`);
  const centre = (layer, k) => { // pixels in the diagram; layer -1 holds the features, by their place in FEATURES
    const last = S.hidden.length, x = layer < 0 ? 86 : 86 + (230 * (layer + 1)) / (last + 1), width = S.hidden[layer] ?? 1;
    return layer < 0 ? [x, 50 + 42 * k] : [x, 182 + 38 * (k - (width - 1) / 2)];
  };
  const place = (node, [x, y]) => { node.style.left = `${(100 * x) / PLOT}%`; node.style.top = `${(100 * y) / PLOT}%`; return node; };

  function toggleFeature(name) {
    const on = S.features.includes(name), next = names.filter((f) => (f === name ? !on : S.features.includes(f)));
    if (next.length) change("features", next);
    else { say("One input must stay."); buildNet(); }
  }

  function makeUnit(layer, k, label, press) {
    const thumb = make("canvas", { width: HALF, height: HALF });
    const button = make("button", { class: "unit", "aria-label": label, onclick: press, tabindex: -1 }, thumb);
    const look = () => { view = { layer, k }; paintSoon(); }, leave = () => { view = null; paintSoon(); };
    button.addEventListener("pointerenter", look);
    button.addEventListener("pointerleave", leave);
    button.addEventListener("focus", () => { units.forEach((u) => { u.button.tabIndex = u.button === button ? 0 : -1; }); if (button.matches(":focus-visible")) look(); });
    button.addEventListener("blur", leave);
    return { layer, k, button, pen: thumb.getContext("2d") };
  }

  /** Build the diagram anew: after a change of features, widths or depth. */
  function buildNet() {
    const last = S.hidden.length, focused = document.activeElement?.dataset?.key;
    units.forEach(({ button }) => button.remove());
    netBox.querySelectorAll("label, input, span").forEach((node) => node.remove());
    units = names.map((name, k) => {
      const box = make("input", { type: "checkbox", "data-key": "feature" + k, "aria-label": `Input ${LABELS[name]}`, onchange: () => toggleFeature(name), ...(S.features.includes(name) && { checked: "" }) });
      const label = make("label", {}, box, LABELS[name]);
      label.style.top = `${(100 * centre(-1, k)[1]) / PLOT}%`;
      netBox.append(label);
      return makeUnit(-1, k, `Field of input ${LABELS[name]}. Press to switch the input on or off`, () => toggleFeature(name));
    });
    [...S.hidden, 1].forEach((width, layer) => {
      for (let k = 0; k < width; k++) units.push(makeUnit(layer, k, "", () => choose(layer, -1, k)));
      const top = [centre(layer, 0)[0], 12];
      if (layer === last) netBox.append(place(make("span", {}, "output"), top));
      else netBox.append(place(make("input", { type: "number", min: 1, max: 8, step: 1, value: width, "data-key": "width" + layer,
        "aria-label": `Units in hidden layer ${layer + 1}`, onchange: (event) => {
          const wanted = Math.round(Number(event.target.value)) || 1;
          change("hidden", S.hidden.map((w, l) => (l === layer ? clamp(wanted, 1, 8) : w)));
        } }), top));
    });
    netBox.append(place(make("span", {}, "inputs"), [62, 12]));
    units.forEach(({ layer, k, button }) => netBox.append(place(button, centre(layer, k))));
    units.find((u) => u.layer === last).button.tabIndex = 0;

    edges = [];
    edgeLayer.replaceChildren();
    gripLayer.replaceChildren();
    net.layers.forEach(({ nIn, nOut }, layer) => {
      for (let row = 0; row < nIn; row++) for (let col = 0; col < nOut; col++) {
        const [x1, y1] = centre(layer - 1, layer ? row : names.indexOf(S.features[row])), [x2, y2] = centre(layer, col), mid = (x1 + x2) / 2;
        const d = `M${x1 + 15},${y1}C${mid},${y1} ${mid},${y2} ${x2 - 15},${y2}`, path = make("svg:path", { class: "edge", d });
        edgeLayer.append(path);
        gripLayer.append(make("svg:path", { class: "grip", d, onclick: () => { choose(layer, row, col); weightInput.focus(); } }));
        edges.push({ layer, row, col, path });
      }
    });
    toSelect.replaceChildren(...units.filter((u) => u.layer >= 0).map(({ layer, k }) => make("option", { value: [layer, k] }, unitName(layer, k))));
    choose(chosen.layer, chosen.row, chosen.col);
    if (focused) netBox.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  netBox.addEventListener("keydown", (event) => { // arrows walk through the units, which are one tab stop
    const at = units.find((u) => u.button === event.target);
    if (!at || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0, column = units.filter((u) => u.layer === at.layer + sideways);
    if (column.length) column[clamp(at.k + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0), 0, column.length - 1)].button.focus();
  });

  /** Choose the weight (or with row -1 the bias) that the number input edits. */
  function choose(layer, row, col) {
    const { nIn } = net.layers[layer];
    chosen = { layer, row: Math.min(row, nIn - 1), col };
    fromSelect.replaceChildren(make("option", { value: -1 }, "bias"),
      ...Array.from({ length: nIn }, (_, j) => make("option", { value: j }, unitName(layer - 1, j))));
    fromSelect.value = chosen.row;
    toSelect.value = [layer, col];
    weightName.textContent = chosen.row < 0 ? `b${layer + 1}[${col}]` : `W${layer + 1}[${chosen.row}, ${col}]`;
    weightInput.value = ""; // painted with its value
    if (document.activeElement === weightInput) weightInput.blur();
    paintSoon();
  }

  // ---- painting

  const numbers = make("table", { class: "numbers" });
  const curve = make("svg:svg", { class: "curve", viewBox: `0 0 ${PLOT} 96`, role: "img" });
  const hint = make("div", { class: "hint" });
  const status = make("div", { class: "note", role: "status", "aria-live": "polite" });

  function say(text) {
    status.textContent = text;
    spoke = performance.now();
  }

  function summary() {
    const now = measure(), name = S.activation === "sign" ? "mistakes" : "loss";
    const value = (v) => (S.activation === "sign" ? `${Math.round(100 * v)} %` : fixed(v, 3));
    if (!y.length) return "No training points.";
    return `${steps} updates. Training ${name} ${value(now.train)}${now.test == null ? "" : `, test ${value(now.test)}`}; ` +
      `${now.wrong} of ${y.length} on the wrong side${now.margin ? `; margin ${fixed(now.margin.value)}` : ""}.`;
  }

  function explain() {
    const straight = S.features.every((f) => f === "x1" || f === "x2"), one = straight ? "One neuron, one straight line" :
      "One neuron on curved features, one curved line";
    if (single()) return S.activation === "sign" ? `${one}. The rule moves it only for a point on the wrong side.` : `${one}.`;
    if (S.activation === "sign") return "A sign unit has slope 0, no error passes it: hidden weights stay random, the output learns.";
    if (S.activation === "linear") return straight ? "Linear units add nothing: with any number of layers the boundary is one straight line." :
      "Linear units add nothing: with any number of layers it draws what one neuron could.";
    return "Each thumbnail is one unit's view of the plane; the next layer weighs and adds them.";
  }

  function record() { // one more point of the loss curve; when it grows long, keep every second
    const { train: t, test } = measure();
    if (!history.length || history.at(-1)[0] !== steps) history.push([steps, t, test]);
    if (history.length > 600) history = history.filter((_, i) => i % 2 === 0);
  }

  function evaluateField() {
    const { A, z } = forward(net, gridX, GRID * GRID);
    const column = (values, k, width) => {
      const out = new Float64Array(GRID * GRID);
      for (let i = 0; i < out.length; i++) out[i] = values[i * width + k];
      return out;
    };
    const scaled = (values) => { // to [-1, 1] for display
      if (S.activation === "sigmoid") return values.map((v) => 2 * v - 1);
      if (S.activation === "tanh" || S.activation === "sign") return values;
      return toUnit(values);
    };
    field = net.layers.map(({ nOut }, l) => Array.from({ length: nOut }, (_, k) =>
      (l < S.hidden.length ? scaled(column(A[l + 1], k, nOut)) : column(A[l + 1], k, nOut))));
    field.z = z;
  }
  const toUnit = (values) => { const top = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9); return values.map((v) => v / top); };
  const inputFields = names.map((name) => toUnit(Float64Array.from({ length: GRID * GRID }, (_, i) =>
    FEATURES[name](-RANGE + (2 * RANGE * (i % GRID)) / (GRID - 1), RANGE - (2 * RANGE * Math.floor(i / GRID)) / (GRID - 1)))));
  const fieldOf = (layer, k) => (layer < 0 ? inputFields[k] : field[layer][k]);

  function paintPlane(now) {
    const whole = !view || view.layer === S.hidden.length, shown = whole ? field.at(-1)[0] : fieldOf(view.layer, view.k);
    paintField(image, shown, hard && whole);
    smallPen.putImageData(image, 0, 0);
    pen.setTransform(2, 0, 0, 2, 0, 0); // two canvas pixels for one of the page: crisp lines
    pen.drawImage(small, 0.5, 0.5, GRID - 1, GRID - 1, 0, 0, PLOT, PLOT);
    pen.lineWidth = 1; pen.strokeStyle = "rgba(0,0,0,.18)"; pen.setLineDash([]);
    pen.beginPath(); pen.moveTo(PLOT / 2, 0); pen.lineTo(PLOT / 2, PLOT); pen.moveTo(0, PLOT / 2); pen.lineTo(PLOT, PLOT / 2); pen.stroke();
    pen.strokeStyle = "#222"; pen.lineWidth = 2;
    const scale = PLOT / (GRID - 1);
    pen.beginPath();
    for (const [a, b, c, d] of zeroLine(field.z)) { pen.moveTo(a * scale, b * scale); pen.lineTo(c * scale, d * scale); }
    pen.stroke();
    if (whole && flat() && now.margin) paintMargin(now.margin);
    const what = !view || whole ? "Output" : view.layer < 0 ? `Input ${LABELS[names[view.k]]}` : `Hidden unit ${unitName(view.layer, view.k)}`;
    caption.textContent = !whole ? `${what}; black line: the whole network's` : !(flat() && now.margin) ? "Output; black line: where it is 0"
      : `Margin ${fixed(now.margin.value)}, at the ringed point; arrow: w`;
    canvas.setAttribute("aria-label", `${what}, blue where negative, orange where positive. ${now.wrong} of ${y.length} training points on the wrong side.`);
  }

  /** For one neuron in the plane: the street around the line, the normal, and the point that sets the margin. */
  function paintMargin({ value, index }) {
    const { W, b } = net.layers[0], w = [0, 0];
    S.features.forEach((name, j) => { w[name === "x1" ? 0 : 1] = W[j]; });
    const length = Math.hypot(...w), [u, v] = [w[0] / length, w[1] / length], offset = -b[0] / length; // u x + v y = offset
    const line = (shift) => {
      const [cx, cy] = [(offset + shift) * u, (offset + shift) * v];
      pen.beginPath(); pen.moveTo(px(cx - 9 * v), px(-cy - 9 * u)); pen.lineTo(px(cx + 9 * v), px(-cy + 9 * u)); pen.stroke();
    };
    pen.lineWidth = 1.2; pen.setLineDash([5, 4]);
    if (value > 0) { line(value); line(-value); }
    const [a, c] = points[index], distance = u * a + v * c - offset; // from the point straight to the line
    pen.setLineDash([]); pen.lineWidth = 2.5;
    pen.beginPath(); pen.moveTo(px(a), px(-c)); pen.lineTo(px(a - distance * u), px(-(c - distance * v))); pen.stroke();
    pen.beginPath(); pen.arc(px(a), px(-c), 11, 0, 7); pen.stroke();
    const [x0, y0] = [px(offset * u), px(-offset * v)], [x1, y1] = [x0 + 34 * u, y0 - 34 * v]; // the normal w
    pen.lineWidth = 2;
    pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1);
    for (const turn of [-2.6, 2.6]) {
      const angle = Math.atan2(-v, u) + turn;
      pen.moveTo(x1, y1); pen.lineTo(x1 + 8 * Math.cos(angle), y1 + 8 * Math.sin(angle));
    }
    pen.stroke();
    pen.fillStyle = "#222"; pen.font = "italic bold 14px system-ui, sans-serif"; pen.strokeStyle = "#fff"; pen.lineWidth = 3;
    pen.strokeText("w", x1 + 10 * u - 5, y1 - 10 * v + 4);
    pen.fillText("w", x1 + 10 * u - 5, y1 - 10 * v + 4);
  }

  function paintNet() {
    for (const unit of units) {
      const off = unit.layer < 0 && !S.features.includes(names[unit.k]);
      const whole = fieldOf(unit.layer, unit.k), half = new Float64Array(HALF * HALF);
      for (let i = 0; i < half.length; i++) half[i] = whole[2 * Math.floor(i / HALF) * GRID + 2 * (i % HALF)];
      paintField(thumbImage, half, false);
      unit.pen.putImageData(thumbImage, 0, 0);
      unit.button.classList.toggle("off", off);
      unit.button.classList.toggle("chosen", unit.layer === chosen.layer && unit.k === chosen.col && chosen.row < 0);
      if (unit.layer >= 0) unit.button.setAttribute("aria-label", `${unitName(unit.layer, unit.k)}, bias ${fixed(net.layers[unit.layer].b[unit.k])}. Press to edit the bias`);
    }
    for (const { layer, row, col, path } of edges) {
      const w = net.layers[layer].W[row * net.layers[layer].nOut + col], mine = layer === chosen.layer && row === chosen.row && col === chosen.col;
      const width = (0.4 + 5 * Math.tanh(Math.abs(w) / 3)).toFixed(1), dash = w < 0 ? "5 3" : "none"; // sign by more than colour
      const css = `stroke:${mine ? "#000" : colour(w < 0 ? NEGATIVE : POSITIVE)};stroke-width:${width};stroke-dasharray:${dash};stroke-opacity:${mine ? 1 : 0.75}`;
      if (path.css !== css) path.setAttribute("style", (path.css = css));
    }
    const { layer, row, col } = chosen, value = row < 0 ? net.layers[layer].b[col] : net.layers[layer].W[row * net.layers[layer].nOut + col];
    if (document.activeElement !== weightInput || weightInput.value === "") weightInput.value = Number(value.toFixed(4));
  }

  function paintNumbers(now) {
    const sign = S.activation === "sign", share = (v) => (v == null ? "–" : sign ? `${Math.round(100 * v)} %` : fixed(v, 3)), e = epochs();
    const count = sign || e == null ? ["updates", steps] : ["epochs", e.toFixed(e < 10 ? 1 : 0)];
    const cell = (name, text) => make("td", { "data-name": name }, String(text)), head = (text) => make("th", { scope: "col" }, text);
    const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
    numbers.replaceChildren(
      make("tr", {}, make("td"), head(sign ? "mistakes" : "loss"), head("wrong side"), head(count[0]), head("margin")),
      row("training", cell("loss_train", share(now.train)), cell("wrong_train", `${now.wrong} of ${y.length}`), cell("count", count[1]), cell("margin", now.margin ? fixed(now.margin.value) : "–")),
      row("test", cell("loss_test", share(now.test)), cell("wrong_test", ytest.length ? `${now.wrongTest} of ${ytest.length}` : "–"), make("td"), make("td")));
  }

  function paintCurve() {
    const top = Math.max(0.05, ...history.flatMap(([, a, b]) => [a, b ?? 0]).filter(Number.isFinite)), end = Math.max(1, history.at(-1)?.[0] ?? 1);
    const at = (s, v) => `${(34 + (s / end) * (PLOT - 40)).toFixed(1)},${(80 - (Math.min(v, top) / top) * 70).toFixed(1)}`;
    const path = (k) => history.filter((h) => Number.isFinite(h[k])).map((h) => at(h[0], h[k])).join(" ");
    const text = (x, row, content, anchor = "start", fill = "#444") => make("svg:text", { x, y: row, "text-anchor": anchor, style: `fill:${fill}` }, content);
    const stroke = (k, attributes) => make("svg:polyline", { points: path(k), fill: "none", "stroke-width": 1.8, ...attributes });
    curve.replaceChildren(make("svg:path", { d: `M34,8V80H${PLOT - 4}`, fill: "none", stroke: "#999" }), text(30, 14, top.toFixed(2), "end"), text(30, 82, "0", "end"),
      text(34, 94, "0"), text(PLOT - 4, 94, `${end} updates`, "end"), stroke(1, { stroke: "#222222" }), stroke(2, { stroke: "#AA3377", "stroke-dasharray": "5 3" }),
      text(PLOT - 66, 14, "— training", "start", "#222222"), ...(ytest.length ? [text(PLOT - 66, 28, "- - test", "start", "#AA3377")] : []));
    const last = history.at(-1);
    curve.setAttribute("aria-label", last ? `Curve of the ${S.activation === "sign" ? "share of mistakes" : "loss"}: training from ${fixed(history[0][1])} to ${fixed(last[1])}` +
      (last[2] == null ? "" : `, test from ${fixed(history[0][2])} to ${fixed(last[2])}`) : "Loss curve, empty");
  }

  function paint() {
    if (!field) evaluateField();
    const now = measure();
    paintPlane(now);
    [...pointLayer.children].forEach((node, i) => node.classList.toggle("wrong", y[i] * now.z[i] <= 0));
    testLayer.style.display = showTest ? "" : "none";
    const frames = Number(el.dataset.frames ?? 0) + 1;
    if (!playing || frames % 3 === 0) { // while it plays, twenty times a second are enough for the rest
      paintNet();
      paintNumbers(now);
      paintCurve();
    }
    hint.textContent = explain();
    el.dataset.steps = steps;
    el.dataset.frames = frames;
  }

  function tick() {
    frame = 0;
    if (playing) {
      credit += SPEEDS[speed][S.activation === "sign" ? 0 : 1];
      const end = performance.now() + 8; // leaves half of a frame for the picture
      let going = true;
      while (going && credit >= 1 && performance.now() < end) { going = train(); credit -= 1; }
      credit = Math.min(credit, 1e6) % 1 || 0;
      record();
      if (!going) pause(stuck());
      else if (performance.now() - spoke > 3000) say(summary()); // spoken by screen readers: not too often
    }
    paint();
    if (playing) paintSoon();
  }
  function paintSoon() { if (!frame) frame = requestAnimationFrame(tick); }

  // ---- layout and start

  const layersSelect = make("select", { "aria-label": "Hidden layers", onchange: () => {
    const depth = Number(layersSelect.value);
    change("hidden", Array.from({ length: depth }, (_, l) => S.hidden[l] ?? 4));
  } }, ...["none", "1", "2", "3"].map((text, value) => make("option", { value }, text)));
  refreshers.push(() => { layersSelect.value = S.hidden.length; });
  const [activationLabel] = select("activation", "Activation", { sign: "sign (perceptron rule)", tanh: "tanh", sigmoid: "sigmoid", relu: "ReLU", linear: "linear" });
  const [batchLabel, batchSelect] = select("batch_size", "Batch", { 1: "1", 4: "4", 10: "10", 32: "32", 0: "all" }, Number);
  const [kindLabel, kindSelect] = select("regularisation", "Regularisation", { none: "none", l1: "L1", l2: "L2" });
  const lamLabel = number("lam", "λ", "Regularisation strength λ", { min: 0, step: 0.001 });
  refreshers.push(() => { // the perceptron rule has no batch and no penalty
    for (const control of [batchSelect, kindSelect]) control.disabled = S.activation === "sign";
    lamLabel.querySelector("input").disabled = S.activation === "sign" || S.regularisation === "none";
  });

  const root = make("div", { class: "pg", role: "group", "aria-label": "Perceptron playground" }, make("style", {}, CSS),
    make("div", { class: "row" }, playButton, stepButton, resetButton, seedButton, number("seed", "seed", "Seed", { min: 0, step: 1, max: 999999 }), make("label", {}, "Speed", speedSelect)),
    make("div", { class: "row group" }, make("b", {}, "Data"), select("data", "Points", DATA)[0],
      range("noise", "Noise", 1, 0.05, (v) => v.toFixed(2)), range("train_share", "For training", 0.9, 0.1, (v) => `${Math.round(100 * v)} %`)),
    make("div", { class: "row group" }, make("b", {}, "Network"), make("label", {}, "Hidden layers", layersSelect), activationLabel),
    make("div", { class: "row group" }, make("b", {}, "Training"), number("eta", "η", "Learning rate η", { min: 0, step: "any" }), batchLabel, kindLabel, lamLabel),
    hint, make("div", { class: "columns" },
      make("div", {}, make("div", { class: "plot" }, canvas, board), caption, make("div", { class: "row" }, tools, addButton, renewButton, clearButton),
        make("div", { class: "row", style: "margin-top:6px" }, check("test points", true, (on) => { showTest = on; }), check("hard output (−1 or +1)", false, (on) => { hard = on; })),
        numbers),
      make("div", {}, netBox, make("div", { class: "row editor" }, weightName, fromSelect, "→", toSelect, weightInput), curve)),
    status);
  el.append(root);

  const given = { points: model.get("points") ?? [], test: model.get("test_points") ?? [], weights: model.get("weights") ?? [] };
  if (given.points.length) { points = structuredClone(given.points); testPoints = structuredClone(given.test); } else drawPoints();
  if (given.weights.length) {
    S.hidden = given.weights.slice(0, -1).map(([, b]) => b.length);
    net = fromLists(given.weights, S.activation);
    begin();
  } else restart();
  record();
  refreshControls();
  listeners.forEach(([event, call]) => model.on(event, call));
  save();
  paintSoon();
  say(`Ready. ${summary()}`);

  return () => {
    playing = false;
    cancelAnimationFrame(frame);
    clearTimeout(saveTimer);
    listeners.forEach(([event, call]) => model.off(event, call));
  };
}

export default { render };
