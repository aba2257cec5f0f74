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
    for (let i = 0; i < n; i++) for (let k = 0; k < nOut; k++) {
      let sum = b[k];
      for (let j = 0; j < nIn; j++) sum += input[i * nIn + j] * W[j * nOut + k];
      Z[i * nOut + k] = sum;
    }
    if (last) z = Z;
    A.push(Z.map(last ? squash : f));
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
    const v = hard ? Math.sign(values[i]) : clamp(values[i], -1, 1), c = v < 0 ? NEGATIVE : POSITIVE, s = 0.62 * Math.abs(v);
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = 255 + (c[k] - 255) * s;
    image.data[4 * i + 3] = 255;
  }
}

/** Segments [x, y, x, y] (in samples) along which the field z, (GRID, GRID) row-major, is zero. */
function zeroLine(z) {
  const segments = [];
  for (let r = 0; r < GRID - 1; r++) for (let c = 0; c < GRID - 1; c++) {
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
.pg input[type=range] { width: 90px; accent-color: #444; }
.pg input[type=checkbox], .pg input[type=radio] { accent-color: #222; margin: 0; }
.pg :disabled { opacity: .45; cursor: default; }
.pg :focus { outline: none; }
.pg :focus-visible { outline: 3px solid #111; outline-offset: 2px; }
.pg output { min-width: 32px; font-variant-numeric: tabular-nums; }
.pg .plot { position: relative; aspect-ratio: 1; border: 1px solid #999; }
.pg .plot > * { position: absolute; inset: 0; width: 100%; height: 100%; }
.pg .point { cursor: grab; touch-action: none; outline: none !important; }
.pg .point path { stroke: #fff; stroke-width: 1.5; }
.pg .point.wrong path { stroke: #000; stroke-width: 2; }
.pg .point .ring { fill: none; stroke: none; }
.pg .point:focus .ring { stroke: #fff; stroke-width: 6; }
.pg .point:focus .ring + .ring { stroke: #111; stroke-width: 2.5; }
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
.pg .numbers { display: grid; grid-template-columns: repeat(3, auto); gap: 2px 14px; justify-content: start; font-variant-numeric: tabular-nums; }
.pg .numbers b { font-weight: 600; }
.pg .curve { display: block; width: 100%; height: auto; }
.pg .caption, .pg .note { color: #444; min-height: 1.4em; margin: 2px 0 4px; }
.pg .note { margin: 8px 0 0; color: #222; }
.pg fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; }
.pg legend { float: left; padding: 0; margin-right: 8px; color: #444; }
.pg .group { border-top: 1px solid #e2e2e2; padding-top: 8px; margin-top: 8px; }
.pg .group > b { flex: 0 0 58px; font-weight: 600; }
`;
