// The sliding window: point at an output pixel to see its window, its products and their sum.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const flipped = (kernel) => kernel.map((row) => [...row].reverse()).reverse();
const zeros = (rows, columns) => Array.from({ length: rows }, () => new Array(columns).fill(0));

/** The picture with a frame of zeros, `p` pixels wide. */
function pad(image, p) {
  const out = zeros(image.length + 2 * p, image[0].length + 2 * p);
  image.forEach((row, i) => row.forEach((value, j) => { out[i + p][j + p] = value; }));
  return out;
}

/** Number of places of a window of size k in n pixels (padding included). */
const outSize = (n, k, stride) => (n < k ? 0 : Math.floor((n - k) / stride) + 1);

/** The products of window and kernel for output pixel (i, j): a table of [pixel, weight]. */
const products = (padded, kernel, stride, i, j) =>
  kernel.map((row, a) => row.map((weight, b) => [padded[i * stride + a][j * stride + b], weight]));

const sum = (table) => table.flat().reduce((total, [pixel, weight]) => total + pixel * weight, 0);

/** The whole output, rows of numbers. */
function correlate(padded, kernel, stride) {
  const rows = outSize(padded.length, kernel.length, stride), columns = outSize(padded[0].length, kernel.length, stride);
  const at = (i, j) => sum(products(padded, kernel, stride, i, j));
  return rows && columns ? Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => at(i, j))) : [];
}

export const maths = { flipped, pad, outSize, products, sum, correlate };

// ----------------------------------------------------------------------------------------------------- view

const KERNELS = {
  "your own": null,
  "vertical edge": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
  "horizontal edge": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
  "blur": [[1, 1, 1], [1, 1, 1], [1, 1, 1]].map((row) => row.map((w) => w / 9)),
  "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
  "shift by one": [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
};
const FULL = 230; // pixels for one table

const CSS = `
.rf { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 780px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .rf { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9; }
.rf .bar, .rf .boards { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin-bottom: 6px; }
.rf .boards { align-items: flex-start; }
.rf select, .rf input { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft);
  border-radius: 4px; box-sizing: border-box; }
.rf select { padding: 3px 6px; min-height: 28px; }
.rf :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.rf figure { margin: 0; } .rf figcaption { color: var(--soft); margin-bottom: 3px; }
.rf canvas { display: block; } .rf .output { cursor: crosshair; touch-action: none; }
.rf .kernel { display: grid; gap: 2px; } .rf .kernel input { width: 52px; padding: 2px 3px; text-align: center; }
.rf .status { padding: 4px 8px; border-left: 3px solid var(--soft); min-height: 2.8em;
  font-variant-numeric: tabular-nums; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const number = (v) => String(Number(v.toPrecision(3))).replace("-", "−");

/** Blue below zero, white at zero, vermilion above; `share` in [-1, 1]. */
function colour(share) {
  const end = share < 0 ? [0, 114, 178] : [213, 94, 0], s = Math.min(1, Math.abs(share));
  return `rgb(${end.map((c) => Math.round(255 + s * (c - 255))).join(",")})`;
}

/** Paint a table of numbers; `frame` = [row, column, side] is drawn on top, `border` cells are padding. */
function paint(canvas, table, frame, border = 0) {
  const rows = table.length, columns = table[0].length, cell = Math.max(4, Math.min(34, Math.floor(FULL / Math.max(rows, columns))));
  const sharp = window.devicePixelRatio || 1, context = canvas.getContext("2d");
  [canvas.width, canvas.height] = [columns * cell * sharp, rows * cell * sharp];
  [canvas.style.width, canvas.style.height] = [`${columns * cell}px`, `${rows * cell}px`];
  canvas.cell = cell;
  context.scale(sharp, sharp);
  const most = Math.max(1e-12, ...table.flat().map(Math.abs));
  Object.assign(context, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  table.forEach((row, i) => row.forEach((value, j) => {
    const inside = i >= border && j >= border && i < rows - border && j < columns - border;
    context.fillStyle = inside ? colour(value / most) : "#d0d0d0";
    context.fillRect(j * cell, i * cell, cell, cell);
    if (cell < 24) return;
    context.strokeStyle = "#bbb";
    context.strokeRect(j * cell + 0.5, i * cell + 0.5, cell - 1, cell - 1);
    context.fillStyle = Math.abs(value) / most > 0.75 && inside ? "#fff" : "#222";
    context.fillText(number(value), (j + 0.5) * cell, (i + 0.5) * cell);
  }));
  const [row, column, side] = frame;
  for (const [width, stroke] of [[5, "#fff"], [2.5, "#000"]]) {
    Object.assign(context, { lineWidth: width, strokeStyle: stroke });
    context.strokeRect(column * cell + 1.5, row * cell + 1.5, side * cell - 3, side * cell - 3);
  }
}

function render({ model, el }) {
  const get = (name) => model.get(name);
  const pick = (label, options, name) => {
    const select = make("select", { ariaLabel: label }, ...options.map((o) => make("option", { value: o, textContent: o })));
    return { name, select, whole: make("label", {}, `${label} `, select) };
  };
  const stride = pick("stride", ["1", "2", "3", "4"], "stride"), padding = pick("padding", ["0", "1", "2", "3", "4"], "padding");
  const preset = pick("kernel", Object.keys(KERNELS));
  const flip = make("input", { type: "checkbox" });
  const input = make("canvas"), output = make("canvas", { className: "output", tabIndex: 0 });
  output.setAttribute("role", "application");
  output.setAttribute("aria-label", "output pixels: the arrow keys move the window");
  input.setAttribute("aria-hidden", "true");
  const editor = make("div", { className: "kernel" });
  const status = make("div", { className: "status" }), [sizes, captionOut] = [make("figcaption"), make("figcaption")];
  status.setAttribute("role", "status");
  const root = make("div", { className: "rf" }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, preset.whole, stride.whole, padding.whole,
      make("label", {}, flip, " turn the kernel by 180° (mathematicians' convolution)")),
    make("div", { className: "boards" }, make("figure", {}, sizes, input),
      make("figure", {}, make("figcaption", { textContent: "kernel: type to change" }), editor),
      make("figure", {}, captionOut, output)), status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  let result = [], timer;
  const save = () => { // Python hears of it when the hand rests
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { model.save_changes(); delete el.dataset.unsaved; }, 150);
  };
  const set = (name, value) => { model.set(name, value); save(); };

  function refresh() {
    const k = get("kernel").length, s = get("stride"), p = get("padding");
    const padded = pad(get("image"), p), used = get("flip") ? flipped(get("kernel")) : get("kernel");
    result = correlate(padded, used, s);
    [stride.select.value, padding.select.value, flip.checked] = [String(s), String(p), get("flip")];
    const same = Object.entries(KERNELS).find(([, table]) => JSON.stringify(table) === JSON.stringify(get("kernel")));
    preset.select.value = same ? same[0] : "your own";
    sizes.textContent = `input ${get("image").length} × ${get("image")[0].length}${p ? `, grey: padding ${p}` : ""}`;
    if (editor.children.length !== k * k) {
      editor.style.gridTemplateColumns = `repeat(${k}, max-content)`;
      editor.replaceChildren(...Array.from({ length: k * k }, (_, at) => {
        const cell = make("input", { type: "number", step: "any", ariaLabel: `kernel row ${Math.floor(at / k)}, column ${at % k}` });
        cell.addEventListener("change", () => {
          const kernel = get("kernel").map((row) => [...row]);
          if (Number.isFinite(cell.valueAsNumber)) kernel[Math.floor(at / k)][at % k] = cell.valueAsNumber;
          set("kernel", kernel);
          refresh();
        });
        return cell;
      }));
    }
    get("kernel").flat().forEach((w, at) => { editor.children[at].value = Number(w.toPrecision(4)); });
    output.style.display = result.length ? "" : "none";
    if (!result.length) {
      captionOut.textContent = "no output";
      paint(input, padded, [0, 0, 0], p);
      status.textContent = "The kernel is larger than the padded picture: no window fits. Raise the padding.";
    } else {
      const i = Math.min(get("row"), result.length - 1), j = Math.min(get("column"), result[0].length - 1);
      captionOut.textContent = `output ${result.length} × ${result[0].length}: point, or use the arrow keys`;
      paint(input, padded, [i * s, j * s, k], p);
      paint(output, result, [i, j, 1]);
      const shown = products(padded, used, s, i, j).flat();
      const terms = shown.filter(([x, w]) => x && w).map(([x, w]) => `${number(x)}·${w < 0 ? `(${number(w)})` : number(w)}`);
      const line = terms.length > 12 ? `${terms.length} products that are not 0` : terms.join(" + ") || "only zeros";
      const silent = shown.length - terms.length;
      status.textContent = `row ${i}, column ${j}: ${line} = ${number(sum([shown]))}`
        + (silent && terms.length ? ` (the other ${silent} of the ${shown.length} products are 0)` : "");
    }
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  function point(i, j) {
    if (!result.length) return;
    const [row, column] = [Math.max(0, Math.min(i, result.length - 1)), Math.max(0, Math.min(j, result[0].length - 1))];
    if (row === get("row") && column === get("column")) return;
    model.set("row", row);
    set("column", column);
    refresh();
  }
  output.addEventListener("pointermove", (event) => point(Math.floor(event.offsetY / output.cell), Math.floor(event.offsetX / output.cell)));
  output.addEventListener("pointerdown", (event) => point(Math.floor(event.offsetY / output.cell), Math.floor(event.offsetX / output.cell)));
  output.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const last = result.length ? [Math.min(get("row"), result.length - 1), Math.min(get("column"), result[0].length - 1)] : [0, 0];
    point(last[0] + step[0], last[1] + step[1]);
  });
  for (const { name, select } of [stride, padding]) select.addEventListener("change", () => { set(name, Number(select.value)); refresh(); });
  preset.select.addEventListener("change", () => {
    if (KERNELS[preset.select.value]) set("kernel", KERNELS[preset.select.value]);
    refresh();
  });
  flip.addEventListener("change", () => { set("flip", flip.checked); refresh(); });
  const events = ["image", "kernel", "stride", "padding", "flip", "row", "column"].map((name) => `change:${name}`).join(" ");
  let queued = false;
  const later = () => { // several traits may arrive together
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  model.on(events, later);
  refresh();
  return () => { clearTimeout(timer); model.off(events, later); };
}

export default { render };
