// Draw a digit: the student's own convolutional network answers, and its feature maps follow.
//
// First the mathematics (pure functions, exported as `maths`), then the view. Pictures and maps are
// Float32Array in the order (channel, row, column).

// ---------------------------------------------------------------------------------------------- mathematics

const SIDE = 28;

/** Cut one long array into the parameters of these shapes. */
function parameters(base64, shapes) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = new Float32Array(bytes.buffer);
  let at = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    at += size;
    return { shape, data: all.subarray(at - size, at) };
  });
}

/** Convolution that keeps the size, then ReLU; X (C, side, side) → (C_out, side, side). */
function convolve(X, side, W, b) {
  const [out, channels, k] = W.shape, half = (k - 1) / 2, Z = new Float32Array(out * side * side);
  for (let o = 0; o < out; o++) {
    const plane = Z.subarray(o * side * side, (o + 1) * side * side).fill(b.data[o]);
    for (let c = 0; c < channels; c++) for (let a = 0; a < k; a++) for (let d = 0; d < k; d++) {
      const w = W.data[((o * channels + c) * k + a) * k + d], down = a - half, right = d - half;
      const from = Math.max(0, -right), to = Math.min(side, side - right);
      for (let i = Math.max(0, -down); i < Math.min(side, side - down); i++) {
        const row = c * side * side + (i + down) * side + right;
        for (let j = from; j < to; j++) plane[i * side + j] += w * X[row + j];
      }
    }
    for (let i = 0; i < plane.length; i++) if (plane[i] < 0) plane[i] = 0;
  }
  return Z;
}

/** 2 x 2 max pooling; X (C, side, side), an odd last row and column are dropped. */
function pool(X, side) {
  const half = side >> 1, channels = X.length / (side * side), A = new Float32Array(channels * half * half);
  for (let c = 0; c < channels; c++) for (let i = 0; i < half; i++) for (let j = 0; j < half; j++) {
    const at = (c * side + 2 * i) * side + 2 * j;
    A[(c * half + i) * half + j] = Math.max(X[at], X[at + 1], X[at + side], X[at + side + 1]);
  }
  return A;
}

function dense(x, W, b) {
  const [n, m] = W.shape, z = Float32Array.from(b.data);
  for (let i = 0; i < n; i++) if (x[i]) for (let j = 0; j < m; j++) z[j] += x[i] * W.data[i * m + j];
  return z;
}

function softmax(z) {
  const most = Math.max(...z), e = [...z].map((v) => Math.exp(v - most)), total = e.reduce((a, b) => a + b);
  return e.map((v) => v / total);
}

/** The feature maps of every convolution, [{ side, maps }], and the ten probabilities. */
function forward(image, params) {
  const layers = [];
  let A = Float32Array.from(image), side = SIDE;
  for (let l = 0; l < params.length; l += 2) {
    const [W, b] = [params[l], params[l + 1]];
    if (W.shape.length === 4) {
      const maps = convolve(A, side, W, b);
      layers.push({ side, maps, W });
      A = pool(maps, side);
      side >>= 1;
    } else {
      A = dense(A, W, b);
      if (l + 2 < params.length) A = A.map((v) => Math.max(0, v));
    }
  }
  return { layers, probabilities: softmax(A) };
}

/** Shifted by whole pixels so that the centre of gravity is in the middle. */
function centre(image) {
  let total = 0, down = 0, right = 0;
  image.forEach((v, at) => { total += v; down += v * Math.floor(at / SIDE); right += v * (at % SIDE); });
  if (!total) return image;
  const di = Math.floor(13.5 - down / total + 0.5), dj = Math.floor(13.5 - right / total + 0.5);
  return image.map((_, at) => {
    const i = Math.floor(at / SIDE) - di, j = (at % SIDE) - dj;
    return i >= 0 && j >= 0 && i < SIDE && j < SIDE ? image[i * SIDE + j] : 0;
  });
}

/** A stroke of soft ink from (x0, y0) to (x1, y1), in pixels of the picture. */
function stroke(image, x0, y0, x1, y1) {
  const length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  return image.map((ink, at) => {
    const x = at % SIDE, y = Math.floor(at / SIDE);
    const along = length2 ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2)) : 0;
    const distance = Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
    return Math.max(ink, Math.min(1, Math.max(0, 1.7 - distance)));
  });
}

export const maths = { parameters, convolve, pool, dense, softmax, forward, centre, stroke };

// ----------------------------------------------------------------------------------------------------- view

const CELL = 8; // screen pixels for a pixel of the picture

const CSS = `
.pad { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2; --bar: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 640px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .pad { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32;
  --ring: #56b4e9; --bar: #56b4e9; }
.pad .row { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: flex-start; }
.pad canvas { display: block; border: 1px solid var(--soft); image-rendering: pixelated; }
.pad .board { width: ${SIDE * CELL}px; height: ${SIDE * CELL}px; cursor: crosshair; touch-action: none; }
.pad button { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft); cursor: pointer;
  border-radius: 4px; padding: 3px 10px; min-height: 28px; }
.pad :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.pad .bars { display: grid; grid-template-columns: 1.2em 200px 3.2em; gap: 3px 8px; align-items: center;
  font-variant-numeric: tabular-nums; margin-bottom: 8px; }
.pad .bars i { display: block; height: 13px; background: var(--bar); }
.pad .best { font-weight: bold; }
.pad .status { margin: 6px 0; padding: 4px 8px; border-left: 3px solid var(--soft); }
.pad .maps { display: flex; flex-wrap: wrap; gap: 4px; margin: 2px 0 8px; }
.pad .maps canvas { width: 56px; height: 56px; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

/** Paint ink (0: paper, `most`: black) into a canvas of side x side pixels, from `offset` in the values. */
function paint(canvas, values, side, most, offset = 0) {
  const context = canvas.getContext("2d"), picture = context.createImageData(side, side);
  for (let at = 0; at < side * side; at++) {
    const grey = 255 * (1 - Math.min(1, values[offset + at] / (most || 1)));
    picture.data.set([grey, grey, grey, 255], 4 * at);
  }
  context.putImageData(picture, 0, 0);
}

function render({ model, el }) {
  let params, pen = null, example = -1, queued = false, timer;
  let image = model.get("image").flat();
  const cursor = { x: 13, y: 13, down: false, shown: false };
  const board = make("canvas", { width: SIDE, height: SIDE, className: "board", tabIndex: 0 });
  board.setAttribute("role", "application");
  board.setAttribute("aria-label", "drawing board: draw with the pointer, or move the pen with the arrow keys; the space bar puts it down and lifts it");
  const clear = make("button", { type: "button", textContent: "Clear" });
  const next = make("button", { type: "button", textContent: "A test digit" });
  const centred = make("input", { type: "checkbox" });
  const rows = Array.from({ length: 10 }, (_, k) => ({ name: make("span", { textContent: k }), bar: make("i"), share: make("span") }));
  const status = make("div", { className: "status" }), maps = make("div");
  status.setAttribute("role", "status");
  const root = make("div", { className: "pad" }, make("style", { textContent: CSS }),
    make("div", { className: "row" }, board,
      make("div", {}, make("div", { className: "bars" }, ...rows.flatMap((r) => [r.name, make("div", {}, r.bar), r.share])),
        clear, " ", next, make("p", {}, make("label", {}, centred, " centre it first, as MNIST did")))),
    status, maps);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  function loadWeights() {
    params = parameters(model.get("weights"), model.get("shapes"));
    next.style.display = model.get("pictures").length ? "" : "none";
    const convolutions = params.filter((p) => p.shape.length === 4);
    maps.replaceChildren(...convolutions.map((W, l) => make("div", {},
      `Feature maps of layer ${l + 1}, after ReLU`,
      make("div", { className: "maps" }, ...Array.from({ length: W.shape[0] }, (_, c) => {
        const canvas = make("canvas", { width: SIDE >> l, height: SIDE >> l });
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", `map ${c + 1} of layer ${l + 1}`);
        return canvas;
      })))));
  }

  function refresh() {
    const { layers, probabilities } = forward(model.get("centred") ? centre(image) : image, params);
    centred.checked = model.get("centred");
    paint(board, image, SIDE, 1);
    if (cursor.shown) {
      const context = board.getContext("2d");
      context.fillStyle = cursor.down ? "#d55e00" : "#0072b2";
      context.fillRect(cursor.x, cursor.y, 1, 1);
    }
    layers.forEach(({ side, maps: values }, l) => {
      const most = values.reduce((a, b) => Math.max(a, b), 0);
      maps.children[l].querySelectorAll("canvas").forEach((canvas, c) => paint(canvas, values, side, most, c * side * side));
    });
    const best = probabilities.indexOf(Math.max(...probabilities));
    rows.forEach(({ name, bar, share }, k) => {
      bar.style.width = `${100 * probabilities[k]}%`;
      share.textContent = probabilities[k].toFixed(3);
      name.className = share.className = k === best ? "best" : "";
    });
    status.textContent = image.some(Boolean) ? `The network reads ${best}, with probability ${probabilities[best].toFixed(3)}.`
      : "The board is empty, and the network answers all the same: it knows no word for “nothing”.";
    model.set("probabilities", probabilities);
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }
  const later = () => { // many pointer events, one picture
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  function save() { // Python hears of it when the hand rests
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => {
      refresh();
      model.set("image", Array.from({ length: SIDE }, (_, i) => image.slice(i * SIDE, (i + 1) * SIDE)));
      model.save_changes();
      delete el.dataset.unsaved;
    }, 200);
  }
  function ink(x0, y0, x1, y1) {
    image = stroke(image, x0, y0, x1, y1);
    later();
    save();
  }

  const place = (event) => [event.offsetX / CELL - 0.5, event.offsetY / CELL - 0.5];
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    cursor.shown = false;
    pen = place(event);
    ink(...pen, ...pen);
  });
  board.addEventListener("pointermove", (event) => {
    if (!pen) return;
    const to = place(event);
    ink(...pen, ...to);
    pen = to;
  });
  for (const end of ["pointerup", "pointercancel"]) board.addEventListener(end, () => { pen = null; });
  board.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    const from = [cursor.x, cursor.y];
    cursor.shown = true;
    if (step) [cursor.x, cursor.y] = from.map((v, axis) => Math.min(SIDE - 1, Math.max(0, v + step[axis])));
    else cursor.down = !cursor.down;
    if (cursor.down) ink(...from, cursor.x, cursor.y);
    else later();
  });
  board.addEventListener("blur", () => { Object.assign(cursor, { shown: false, down: false }); later(); });
  clear.addEventListener("click", () => { image = new Array(SIDE * SIDE).fill(0); later(); save(); });
  next.addEventListener("click", () => {
    example = (example + 1) % model.get("pictures").length;
    image = [...model.get("pictures")[example]];
    later();
    save();
  });
  centred.addEventListener("change", () => { model.set("centred", centred.checked); later(); save(); });

  const heard = () => { image = model.get("image").flat(); later(); };
  const rewired = () => { loadWeights(); later(); };
  model.on("change:image", heard);
  model.on("change:centred", later);
  model.on("change:weights change:shapes change:pictures", rewired);
  loadWeights();
  refresh();
  return () => {
    clearTimeout(timer);
    model.off("change:image", heard);
    model.off("change:centred", later);
    model.off("change:weights change:shapes change:pictures", rewired);
  };
}

export default { render };
