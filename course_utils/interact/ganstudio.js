// The GAN studio: generator and discriminator on points of the plane, played or stepped by hand.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const BATCH = 64, REACH = 3;
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const F = { // activation, and its slope from its output
  relu: [(z) => Math.max(z, 0), (a) => Number(a > 0)],
  leaky_relu: [(z) => (z > 0 ? z : 0.2 * z), (a) => (a > 0 ? 1 : 0.2)],
  tanh: [Math.tanh, (a) => 1 - a * a],
};

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

/** n standard normal numbers (Box and Muller). */
const normals = (n, random) => Float64Array.from({ length: n }, () =>
  Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()));

/** The layers {W, b, n_in, n_out} of both networks out of a row of float32 numbers. */
function unpack(base64, shapes) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = Float64Array.from(new Float32Array(bytes.buffer));
  let at = 0;
  const cut = (size) => all.slice(at, (at += size));
  return shapes.map((net) => net.map(([n_in, n_out]) => ({ n_in, n_out, W: cut(n_in * n_out), b: cut(n_out) })));
}

/** All activations for a batch of n rows: [X, A1, ..., last Z], each a row of numbers. */
function forward(layers, X, n, activation) {
  const f = F[activation][0], A = [X];
  layers.forEach(({ n_in, n_out, W, b }, l) => {
    const input = A[l], out = new Float64Array(n * n_out);
    for (let r = 0; r < n; r++) {
      for (let j = 0; j < n_out; j++) out[r * n_out + j] = b[j];
      for (let i = 0; i < n_in; i++) {
        const v = input[r * n_in + i];
        for (let j = 0; v && j < n_out; j++) out[r * n_out + j] += v * W[i * n_out + j];
      }
    }
    A.push(l < layers.length - 1 ? out.map(f) : out);
  });
  return A;
}

/** Gradients [{W, b}, ...] and dX from delta, the slope of the loss in the last Z. */
function backward(layers, A, delta, n, activation) {
  const slope = F[activation][1], grads = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { n_in, n_out, W } = layers[l], input = A[l], dW = new Float64Array(n_in * n_out), db = new Float64Array(n_out);
    const below = new Float64Array(n * n_in);
    for (let r = 0; r < n; r++) {
      for (let j = 0; j < n_out; j++) db[j] += delta[r * n_out + j];
      for (let i = 0; i < n_in; i++) {
        const v = input[r * n_in + i];
        let back = 0;
        for (let j = 0; j < n_out; j++) {
          const d = delta[r * n_out + j];
          dW[i * n_out + j] += v * d;
          back += d * W[i * n_out + j];
        }
        below[r * n_in + i] = l > 0 ? back * slope(v) : back;
      }
    }
    grads.unshift({ W: dW, b: db });
    delta = below;
  }
  return { grads, dX: delta };
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
/** total += share * grads, layer by layer. */
const add = (total, grads, share = 1) => total.forEach((layer, l) => ["W", "b"].forEach((p) =>
  layer[p].forEach((_, i) => { layer[p][i] += share * grads[l][p][i]; })));

/** What D says of n real and n generated points: all activations A and B, −ln D(real) − ln(1 − D(fake)), and mean D. */
function beliefs(D, real, fake, activation) {
  const n = real.length / 2, A = forward(D, real, n, activation), B = forward(D, fake, n, activation);
  const [a, b] = [A.at(-1), B.at(-1)];
  const loss = mean(a.map((z) => softplus(-z))) + mean(b.map(softplus));
  return { A, B, loss, real: mean(a.map(sigmoid)), fake: mean(b.map(sigmoid)) };
}

/** The discriminator's loss −ln D(real) − ln(1 − D(fake)) + γ/2 |slope at real|² and its gradient. */
function lossD(D, real, fake, activation, gamma) {
  const n = real.length / 2;
  let { A, B, loss } = beliefs(D, real, fake, activation);
  const total = backward(D, A, A.at(-1).map((z) => (sigmoid(z) - 1) / n), n, activation).grads;
  add(total, backward(D, B, B.at(-1).map((z) => sigmoid(z) / n), n, activation).grads);
  if (gamma) { // the gradient of |g|²/2 is the change of dD/dθ along g = dD/dx: a difference of two backward passes
    const ones = new Float64Array(n).fill(1), eps = 1e-4, g = backward(D, A, ones, n, activation).dX;
    loss += gamma / 2 * g.reduce((s, v) => s + v * v, 0) / n;
    for (const side of [1, -1]) {
      const moved = real.map((x, i) => x + side * eps * g[i]);
      const slopes = backward(D, forward(D, moved, n, activation), ones, n, activation).grads;
      add(total, slopes, side * gamma / (2 * eps * n));
    }
  }
  return { loss, grads: total };
}

/** The generator's loss, −ln D(G(z)) or ln(1 − D(G(z))), its gradient, and the slopes at the generated points. */
function lossG(G, D, z, activation, saturating) {
  const n = z.length / G[0].n_in, A = forward(G, z, n, activation), B = forward(D, A.at(-1), n, activation), b = B.at(-1);
  const delta = b.map((v) => (saturating ? -sigmoid(v) : sigmoid(v) - 1) / n);
  const dX = backward(D, B, delta, n, activation).dX;
  const loss = mean(b.map((v) => (saturating ? -softplus(v) : softplus(-v))));
  return { loss, grads: backward(G, A, dX, n, activation).grads, points: A.at(-1), dX };
}

/** One step of Adam with β1 = .5, in place; `memory` starts as an empty object. */
function adam(layers, grads, memory, eta) {
  const t = (memory.t = (memory.t ?? 0) + 1);
  memory.m ??= layers.map(({ W, b }) => ({ W: W.map(() => 0), b: b.map(() => 0) }));
  memory.v ??= layers.map(({ W, b }) => ({ W: W.map(() => 0), b: b.map(() => 0) }));
  layers.forEach((layer, l) => ["W", "b"].forEach((p) => {
    const [m, v, g] = [memory.m[l][p], memory.v[l][p], grads[l][p]];
    for (let i = 0; i < g.length; i++) {
      m[i] = 0.5 * m[i] + 0.5 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      layer[p][i] -= eta * m[i] / (1 - 0.5 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    }
  }));
}

/** Shares: of the targets that have a generated point within r, and of the generated points that have a target. */
function match(targets, points, r = 0.2) {
  const near = (p, others) => others.some((q) => (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 < r * r);
  return { covered: mean(targets.map((p) => Number(near(p, points)))), good: mean(points.map((p) => Number(near(p, targets)))) };
}

export const maths = { uniform, normals, unpack, forward, backward, beliefs, lossD, lossG, adam, match };

// ----------------------------------------------------------------------------------------------------- view

const SIZE = 400, GRID = 40, SHOWN = 256, MOST = 2000;
const circle = (n, r) => Array.from({ length: n }, (_, i) => [r * Math.cos(2 * Math.PI * i / n), r * Math.sin(2 * Math.PI * i / n)]);
const TARGETS = { // centres of clouds
  "as given": null,
  "ring of eight": circle(8, 2),
  "two clouds": [[-1.5, 0], [1.5, 0]],
  "circle": circle(60, 1.8),
  "line": Array.from({ length: 40 }, (_, i) => [-2 + i / 10, -1 + i / 20]),
  "one cloud": [[1, 1]],
};
const CSS = `
.gan { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 780px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .gan { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9; }
.gan .bar, .gan .boards { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin-bottom: 6px; }
.gan .boards { align-items: flex-start; gap: 6px 18px; } .gan .panel { display: grid; gap: 6px; max-width: 100%; }
.gan button, .gan select { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft);
  border-radius: 4px; padding: 3px 10px; min-height: 28px; } .gan button { cursor: pointer; }
.gan label { display: flex; gap: 6px; align-items: center; } .gan .panel label span { width: 13em; }
.gan input[type=range] { width: 110px; accent-color: var(--ring); }
.gan :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.gan canvas { display: block; touch-action: none; cursor: crosshair; border: 1px solid var(--soft); background: #fff; max-width: 100%; }
.gan .status { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 2.8em;
  font-variant-numeric: tabular-nums; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const pairs = (row) => Array.from({ length: row.length / 2 }, (_, i) => [row[2 * i], row[2 * i + 1]]);
const place = (v) => ((v + REACH) / (2 * REACH)) * SIZE;
const colour = (p) => { // blue where D says generated, white at one half, vermilion where it says real
  const end = p < 0.5 ? [0, 114, 178] : [213, 94, 0], s = 1.1 * Math.abs(p - 0.5);
  return end.map((c) => Math.round(255 + s * (c - 255)));
};

function render({ model, el }) {
  const get = (name) => model.get(name);
  let G, D, memory, random, cursor = [0, 0], playing = 0, timer, fixed; // fixed: the same noise for every picture
  const given = get("X").map((p) => [...p]);

  const button = (textContent, act) => {
    const node = make("button", { type: "button", textContent });
    node.addEventListener("click", act);
    return node;
  };
  const play = button("Play", () => (playing ? pause() : start()));
  const target = make("select", { ariaLabel: "target" }, ...[...Object.keys(TARGETS), "painted"].map((o) => make("option", { value: o, textContent: o })));
  const canvas = make("canvas", { tabIndex: 0, width: SIZE, height: SIZE });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "the plane: drag to paint target points; by keyboard, arrow keys move, Enter paints");
  const slider = (text, name, min, max, step, read, write) => {
    const input = make("input", { type: "range", min, max, step, ariaLabel: text }), shown = make("span");
    input.addEventListener("input", () => { set({ [name]: write(Number(input.value)) }); refresh(); });
    const update = () => {
      input.value = read(get(name));
      shown.textContent = `${text} ${String(Number(get(name).toPrecision(2)))}`;
      input.setAttribute("aria-valuetext", String(Number(get(name).toPrecision(2))));
    };
    return { update, whole: make("label", {}, shown, input) };
  };
  const tenth = (v) => 10 ** v;
  const knobs = [
    slider("η of D", "eta_d", -5, -1, 0.1, (v) => Math.log10(Math.max(v, 1e-5)), tenth),
    slider("η of G", "eta_g", -5, -1, 0.1, (v) => Math.log10(Math.max(v, 1e-5)), tenth),
    slider("D's steps for one of G", "k", 1, 10, 1, (v) => v, (v) => v),
    slider("R1 penalty γ", "gamma", 0, 2, 0.05, (v) => v, (v) => v),
  ];
  const tick = (text, checked, act) => {
    const input = make("input", { type: "checkbox", checked });
    input.addEventListener("change", () => { act?.(input.checked); refresh(); });
    return { input, whole: make("label", {}, input, text) };
  };
  const saturating = tick("G minimises ln(1 − D)", get("saturating"), (on) => set({ saturating: on }));
  const [field, arrows] = [tick("field of D", true), tick("where D sends the points", true)];
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const root = make("div", { className: "gan" }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, play, button("Step D", () => { stepD(); done(); }), button("Step G", () => { stepG(); done(); }),
      button("Step both", () => { round(); done(); }), button("Restart", restart)),
    make("div", { className: "bar" }, make("label", {}, "target ", target), button("Clear, then paint", () => { pause(); set({ X: [] }, false); mark(); })),
    make("div", { className: "boards" }, canvas, make("div", { className: "panel" }, ...knobs.map((s) => s.whole), saturating.whole, field.whole, arrows.whole,
      make("div", { textContent: "▲ target  ● generated" }))), status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  const send = () => { // Python hears of it when the hand rests; it takes no empty target
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { if (get("X").length) model.save_changes(); delete el.dataset.unsaved; }, 150);
  };
  function set(values, tell = true) {
    Object.entries(values).forEach(([name, value]) => model.set(name, value));
    if (tell) send();
  }
  const noise = (n) => normals(n * G[0].n_in, random);
  const batch = () => {
    const X = get("X"), row = new Float64Array(2 * BATCH);
    for (let i = 0; i < BATCH; i++) row.set(X[Math.floor(random() * X.length)], 2 * i);
    return row;
  };
  const count = (d, g) => model.set("steps", [get("steps")[0] + d, get("steps")[1] + g]);
  const empty = () => !get("X").length;

  function stepD() {
    if (empty()) return;
    const fake = forward(G, noise(BATCH), BATCH, get("activation")).at(-1);
    const { grads } = lossD(D, batch(), fake, get("activation"), get("gamma"));
    adam(D, grads, memory.D, get("eta_d"));
    count(1, 0);
  }
  function stepG() {
    adam(G, lossG(G, D, noise(BATCH), get("activation"), get("saturating")).grads, memory.G, get("eta_g"));
    count(0, 1);
  }
  function round() {
    if (empty()) return;
    for (let i = 0; i < get("k"); i++) stepD();
    stepG();
  }
  function restart() {
    [G, D] = unpack(get("weights"), get("shapes"));
    memory = { G: {}, D: {} };
    random = uniform(get("seed") + 1);
    fixed = normals(SHOWN * G[0].n_in, uniform(12345));
    model.set("steps", [0, 0]);
    done();
  }
  const done = () => set({ samples: refresh().map((p) => p.map((v) => Math.round(1e4 * v) / 1e4)) });
  function start() {
    if (empty()) return refresh();
    play.textContent = "Pause";
    const frame = () => {
      const begin = performance.now();
      do round(); while (performance.now() - begin < 12);
      refresh();
      playing = requestAnimationFrame(frame);
    };
    playing = requestAnimationFrame(frame);
  }
  function pause() {
    cancelAnimationFrame(playing);
    if (playing) done();
    playing = 0;
    play.textContent = "Play";
  }

  const context = canvas.getContext("2d"), tile = new OffscreenCanvas(GRID, GRID), small = tile.getContext("2d");
  function drawField() {
    const grid = new Float64Array(2 * GRID * GRID);
    for (let i = 0; i < GRID * GRID; i++) {
      grid[2 * i] = (((i % GRID) + 0.5) / GRID * 2 - 1) * REACH;
      grid[2 * i + 1] = (1 - (Math.floor(i / GRID) + 0.5) / GRID * 2) * REACH;
    }
    const z = forward(D, grid, GRID * GRID, get("activation")).at(-1), image = small.createImageData(GRID, GRID);
    z.forEach((v, i) => image.data.set([...colour(sigmoid(v)), 255], 4 * i));
    small.putImageData(image, 0, 0);
    context.drawImage(tile, 0, 0, SIZE, SIZE);
  }
  function refresh() { // the picture and the numbers; returns the generated points
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIZE, SIZE);
    if (field.input.checked) drawField();
    const { points, dX } = lossG(G, D, fixed, get("activation"), get("saturating"));
    const [X, made] = [get("X"), pairs(points)];
    Object.assign(context, { lineWidth: 1, strokeStyle: "#fff", fillStyle: "#d55e00" });
    for (const [u, v] of X) {
      context.beginPath();
      [[0, -5], [4.5, 3.5], [-4.5, 3.5]].forEach(([dx, dy]) => context.lineTo(place(u) + dx, place(-v) + dy));
      context.closePath();
      context.fill();
      context.stroke();
    }
    if (arrows.input.checked) {
      context.strokeStyle = "#222";
      context.beginPath();
      made.forEach(([u, v], i) => {
        const [a, b] = [-dX[2 * i], -dX[2 * i + 1]], length = Math.hypot(a, b);
        if (i % 2 || length < 1e-12) return; // half of them; at most 30 pixels long
        const share = Math.min(30, 9000 * length) / length;
        context.moveTo(place(u), place(-v));
        context.lineTo(place(u) + a * share, place(-v) - b * share);
      });
      context.stroke();
    }
    Object.assign(context, { strokeStyle: "#fff", fillStyle: "#0072b2" });
    made.forEach(([u, v]) => {
      context.beginPath();
      context.arc(place(u), place(-v), 3.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
    if (document.activeElement === canvas) {
      context.strokeStyle = "#222";
      context.strokeRect(place(cursor[0]) - 7, place(-cursor[1]) - 7, 14, 14);
    }
    knobs.forEach((knob) => knob.update());
    saturating.input.checked = get("saturating");
    const [d, g] = get("steps");
    if (!X.length) {
      status.textContent = "There is no target: drag over the plane to paint one, or choose one.";
    } else {
      const real = Float64Array.from(X.slice(0, SHOWN).flat()), said = beliefs(D, real, points.slice(0, real.length), get("activation"));
      const { covered, good } = match(X.slice(0, SHOWN), made);
      const share = (v) => `${Math.round(100 * v)} %`;
      status.textContent = `steps of D ${d}, of G ${g}; V = ${(-said.loss).toFixed(3).replace("-", "−")}; mean D of targets ${said.real.toFixed(2)}, of generated points ${said.fake.toFixed(2)}; `
        + `targets met ${share(covered)}, generated points near a target ${share(good)}`;
    }
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
    return made;
  }

  const mark = () => { target.value = "painted"; refresh(); };
  function brush([u, v]) { // six points round the place
    const random = uniform(get("X").length + 7), spread = normals(12, random);
    const fresh = Array.from({ length: 6 }, (_, i) => [u + 0.08 * spread[2 * i], v + 0.08 * spread[2 * i + 1]]
      .map((w) => Math.round(1e4 * Math.max(-REACH, Math.min(REACH, w))) / 1e4));
    set({ X: [...(target.value === "painted" ? get("X") : []), ...fresh].slice(-MOST) });
    mark();
  }
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * 2 - 1, 1 - (event.clientY - box.top) / box.height * 2].map((v) => v * REACH);
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); brush(where(event)); });
  canvas.addEventListener("pointermove", (event) => { if (canvas.hasPointerCapture(event.pointerId)) brush(where(event)); });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    if (!step) return brush(cursor);
    cursor = cursor.map((v, i) => Math.max(-REACH, Math.min(REACH, v + 0.2 * step[i])));
    refresh();
  });
  ["focus", "blur"].forEach((name) => canvas.addEventListener(name, () => refresh()));
  target.addEventListener("change", () => {
    const centres = TARGETS[target.value];
    if (target.value === "painted") return set({ X: [] }, false), refresh();
    const random = uniform(99), cloud = (c) => {
      const spread = normals(2, random);
      return c.map((v, i) => Math.round(1e4 * (v + 0.05 * spread[i])) / 1e4);
    };
    set({ X: centres ? Array.from({ length: 240 }, (_, i) => cloud(centres[i % centres.length])) : given });
    refresh();
  });

  const events = ["X", "eta_d", "eta_g", "k", "gamma", "saturating"].map((name) => `change:${name}`).join(" ");
  let queued = false;
  const later = () => { // several traits may arrive together
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  model.on(events, later);
  restart();
  return () => { cancelAnimationFrame(playing); clearTimeout(timer); model.off(events, later); };
}

export default { render };
