// Codes and what they decode to: sliders for the numbers of a code, or a plane to walk in.
//
// First the mathematics (pure functions, exported as `maths`), then what both views share, then the views.

// ---------------------------------------------------------------------------------------------- mathematics

/** The error function, to 2e-7 (Abramowitz and Stegun 7.1.26). */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const ACTIVATIONS = {
  relu: (z) => Math.max(z, 0),
  leaky_relu: (z) => (z > 0 ? z : 0.2 * z),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  gelu: (z) => 0.5 * z * (1 + erf(z * Math.SQRT1_2)),
  tanh: Math.tanh,
  sigmoid,
  silu: (z) => z * sigmoid(z),
  linear: (z) => z,
};

/** Cuts layers [{W, b, shape}] off a row of float32 numbers; `rest` is what follows them. */
function unpack(base64, shapes) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = new Float32Array(bytes.buffer);
  let at = 0;
  const cut = (size) => all.subarray(at, (at += size));
  const layers = shapes.map((shape) => ({ shape, W: cut(shape[0] * shape[1]), b: cut(shape[1]) }));
  return { layers, rest: all.subarray(at) };
}

/** start + x W, row by row of W (n_in, n_out), so that memory is read in order. */
function affine(x, W, start) {
  const out = Float64Array.from(start), n = out.length;
  for (let i = 0; i < x.length; i++) for (let j = 0, at = i * n, v = x[i]; v && j < n; j++) out[j] += v * W[at + j];
  return out;
}

/** The picture of a code. */
function decode(layers, activation, output, code) {
  return layers.reduce((x, { W, b }, l) => {
    const f = ACTIVATIONS[l < layers.length - 1 ? activation : output];
    return affine(x, W, b).map(f);
  }, code);
}

/** Mean squared difference of two pictures. */
const mse = (p, q) => p.reduce((total, v, i) => total + (v - q[i]) ** 2, 0) / p.length;

/** n codes on the straight line from a to b. */
const path = (a, b, n) => Array.from({ length: n }, (_, k) => a.map((v, i) => v + (b[i] - v) * (k / (n - 1))));

/** The number of the code nearest to z, and its distance. */
function nearest(points, z) {
  const squares = points.map((p) => (p[0] - z[0]) ** 2 + (p[1] - z[1]) ** 2);
  const index = squares.indexOf(Math.min(...squares));
  return { index, distance: Math.sqrt(squares[index]) };
}

/** Low and high ends of the plane that is shown: all but the few farthest points, and some room. */
function limits(points) {
  const ends = [0, 1].map((axis) => {
    const sorted = points.map((p) => p[axis]).sort((p, q) => p - q);
    const at = (share) => { // as NumPy's quantile, between two neighbours
      const place = share * (sorted.length - 1), below = Math.floor(place);
      return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
    };
    const [low, high] = [at(0.01), at(0.99)], room = 0.15 * (high - low) + 1e-6;
    return [low - room, high + room];
  });
  return { low: ends.map((e) => e[0]), high: ends.map((e) => e[1]) };
}

export const maths = { erf, unpack, affine, decode, mse, path, nearest, limits };

// ----------------------------------------------------------------------------------------------- both views

const CSS = `
.lt { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2; --path: #d55e00;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 780px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .lt { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9;
  --path: #ff8c42; }
.lt .bar, .lt .boards { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin-bottom: 6px; }
.lt .boards { align-items: flex-start; }
.lt button { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft); cursor: pointer;
  border-radius: 4px; padding: 3px 10px; min-height: 28px; }
.lt :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.lt figure { margin: 0; } .lt figcaption { color: var(--soft); }
.lt canvas { display: block; image-rendering: pixelated; border: 1px solid var(--soft); background: #fff; }
.lt .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 0 18px; }
.lt .sliders div { display: grid; grid-template-columns: 1.6em 1fr 1fr; gap: 6px; align-items: center; }
.lt .sliders input { width: 100%; min-width: 0; margin: 2px 0; accent-color: var(--ring); }
.lt svg { background: var(--paper); border: 1px solid var(--soft); touch-action: none; display: block; max-width: 100%; }
.lt svg text { fill: var(--soft); font-size: 10px; text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.lt svg line { stroke: var(--path); stroke-width: 2; } .lt svg .end { fill: var(--path); stroke: var(--paper); stroke-width: 2; cursor: grab; }
.lt svg .name { fill: var(--paper); font-weight: bold; font-size: 12px; }
.lt .strip { display: flex; flex-wrap: wrap; gap: 4px; }
.lt .status { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 1.4em;
  font-variant-numeric: tabular-nums; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const short = (v) => String(Number(v.toPrecision(3))).replace("-", "−");

/** A canvas of the given size in pixels for a square picture, with what it shows in words. */
function screen(size, label) {
  const canvas = make("canvas");
  Object.assign(canvas.style, { width: `${size}px`, height: `${size}px` });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

/** Paint a picture, a row of side * side numbers: 0 is paper, 1 is ink. */
function paint(canvas, picture) {
  const side = Math.round(Math.sqrt(picture.length));
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d"), image = context.createImageData(side, side);
  picture.forEach((v, i) => {
    const grey = Math.round(255 * (1 - Math.min(1, Math.max(0, v))));
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

// ------------------------------------------------------------------------------------------------ the views

const BIG = 140;

/** Sliders for both codes; returns a function that shows the present state. */
function sliders({ model, root, set, decoder, status }) {
  const get = (name) => model.get(name);
  const k = get("codes")[0].length, d = get("pictures")[0].length;
  const mean = decoder.rest.subarray(0, d), components = decoder.rest.subarray(d);
  const names = ["original", "PCA", "autoencoder"], screens = names.map((name) => screen(BIG, name));
  const captions = names.map((name) => make("figcaption", { textContent: name }));
  const button = (textContent, act) => {
    const node = make("button", { type: "button", textContent });
    node.addEventListener("click", act);
    return node;
  };
  const to = (example) => set({ example, z: [...get("codes")[example]], c: [...get("principal")[example]] });
  const lines = Array.from({ length: k }, (_, i) => {
    const inputs = ["c", "z"].map((name) => {
      const input = make("input", { type: "range", step: "any", ariaLabel: `${name === "c" ? "PCA" : "autoencoder"}, number ${i + 1}` });
      const reach = get("reach")[name === "c" ? 1 : 0][i];
      [input.min, input.max, input.step] = [-reach, reach, reach / 100];
      input.addEventListener("input", () => set({ [name]: get(name).map((v, j) => (j === i ? Number(input.value) : v)) }));
      return input;
    });
    return { inputs, row: make("div", {}, make("span", { textContent: i + 1 }), ...inputs) };
  });
  const head = () => make("div", {}, make("span"), make("span", { textContent: "PCA" }), make("span", { textContent: "autoencoder" }));
  root.append(make("div", { className: "bar" },
    button("Next digit", () => to((get("example") + 1) % get("codes").length)), button("Back to its code", () => to(get("example"))),
    button("All numbers 0", () => set({ z: new Array(k).fill(0), c: new Array(k).fill(0) }))),
  make("div", { className: "boards" }, ...screens.map((s, i) => make("figure", {}, captions[i], s))),
  make("div", { className: "sliders" }, ...[...(k > 1 ? [head(), head()] : [head()]), ...lines.map((l) => l.row)]), status);
  return () => {
    const original = get("pictures")[get("example")], z = get("z"), c = get("c");
    const pictures = [original, affine(c, components, mean), decode(decoder.layers, get("activation"), get("output"), z)];
    pictures.forEach((picture, i) => paint(screens[i], picture));
    const errors = pictures.map((picture) => short(mse(picture, original)));
    lines.forEach(({ inputs }, i) => [c, z].forEach((code, side) => {
      inputs[side].value = code[i];
      inputs[side].setAttribute("aria-valuetext", short(code[i]));
    }));
    status.textContent = `digit ${get("example") + 1} of ${get("codes").length}; squared error per pixel: PCA ${errors[1]}, autoencoder ${errors[2]}`;
  };
}

/** The plane with two ends of a path; returns a function that shows the present state. */
function plane({ model, root, set, decoder, status }) {
  const get = (name) => model.get(name), SIZE = 400, STEPS = 9;
  const node = (tag, attributes = {}, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.textContent = text;
    return element;
  };
  const { low, high } = limits(get("points"));
  const scale = [0, 1].map((i) => SIZE / (high[i] - low[i]));
  const x = (u) => (u - low[0]) * scale[0], y = (v) => SIZE - (v - low[1]) * scale[1];
  const inside = (p) => p.map((v, i) => Math.round(1000 * Math.min(high[i], Math.max(low[i], v))) / 1000);
  const svg = node("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE });
  get("points").forEach((p, i) => svg.append(node("text", { x: x(p[0]), y: y(p[1]) }, get("labels")[i])));
  const line = node("line");
  svg.append(line);
  const move = (name, place) => set({ [name]: inside(place) });
  const ends = ["a", "b"].map((name) => {
    const end = node("circle", { class: "end", r: 11, tabindex: 0, role: "slider", "aria-label": `point ${name.toUpperCase()}` });
    const label = node("text", { class: "name" }, name.toUpperCase());
    const follow = (event) => {
      const box = svg.getBoundingClientRect();
      const share = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
      move(name, share.map((s, i) => low[i] + s * (high[i] - low[i])));
    };
    end.addEventListener("pointerdown", (event) => { end.setPointerCapture(event.pointerId); end.focus(); });
    end.addEventListener("pointermove", (event) => { if (end.hasPointerCapture(event.pointerId)) follow(event); });
    end.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 0.1 : 0.02;
      move(name, get(name).map((v, i) => v + step[i] * far * (high[i] - low[i])));
    });
    svg.append(end, label);
    return { name, end, label };
  });
  const [big, bigger] = [screen(BIG, "decoded at A"), screen(BIG, "decoded at B")];
  const strip = Array.from({ length: STEPS }, (_, i) => screen(64, `step ${i + 1} of ${STEPS} from A to B`));
  root.append(make("div", { className: "boards" }, svg, make("div", {},
    make("figure", {}, make("figcaption", { textContent: "decoded at A: drag A, or arrow keys" }), big),
    make("figure", {}, make("figcaption", { textContent: "decoded at B" }), bigger))),
  make("figure", {}, make("figcaption", { textContent: "on the straight way from A to B" }), make("div", { className: "strip" }, ...strip)), status);
  const word = (name) => {
    const { index, distance } = nearest(get("points"), get(name));
    return `${name.toUpperCase()} (${get(name).map(short).join(", ")}): nearest code is a ${get("labels")[index]}, ${short(distance)} away`;
  };
  return () => {
    const pictures = path(get("a"), get("b"), STEPS).map((z) => decode(decoder.layers, get("activation"), get("output"), z));
    paint(big, pictures[0]);
    paint(bigger, pictures[STEPS - 1]);
    pictures.forEach((picture, i) => paint(strip[i], picture));
    ends.forEach(({ name, end, label }, i) => {
      const [u, v] = [x(get(name)[0]), y(get(name)[1])];
      [["cx", u], ["cy", v], ["aria-valuenow", get(name)[0]], ["aria-valuetext", get(name).map(short).join(", ")]].forEach(([key, value]) => end.setAttribute(key, value));
      label.setAttribute("x", u);
      label.setAttribute("y", v);
      line.setAttribute(`x${i + 1}`, u);
      line.setAttribute(`y${i + 1}`, v);
    });
    status.textContent = `${word("a")}; ${word("b")}.`;
  };
}

function render({ model, el }) {
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const root = make("div", { className: "lt" }, make("style", { textContent: CSS }));
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  let timer, queued = false;
  const set = (values) => { // Python hears of it when the hand rests
    Object.entries(values).forEach(([name, value]) => model.set(name, value));
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { model.save_changes(); delete el.dataset.unsaved; }, 150);
    later();
  };
  const decoder = unpack(model.get("weights"), model.get("shapes"));
  const show = (model.get("kind") === "plane" ? plane : sliders)({ model, root, set, decoder, status });
  const refresh = () => {
    show();
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  };
  const later = () => { // several traits may change at once
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  const events = ["example", "z", "c", "a", "b"].map((name) => `change:${name}`).join(" ");
  model.on(events, later);
  refresh();
  return () => { clearTimeout(timer); model.off(events, later); };
}

export default { render };
