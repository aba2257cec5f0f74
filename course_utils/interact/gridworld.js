// A gridworld to paint, and value iteration on it: sweep by sweep, or running.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const MOVES = [[-1, 0], [0, 1], [1, 0], [0, -1]]; // up, right, down, left
const REWARDS = { G: 1, T: -1 }; // on entering, where the episode ends

/** Values of the four moves from cell (i, j), given the values V of the cells. */
function q({ rows, gamma, slip, step }, V, i, j) {
  const outcome = MOVES.map(([down, right]) => { // of really going there
    const cell = rows[i + down]?.[j + right] ?? "#";
    const [a, b] = cell === "#" ? [i, j] : [i + down, j + right];
    return REWARDS[rows[a][b]] ?? step + gamma * V[a][b];
  });
  return outcome.map((v, k) => (1 - slip) * v + (slip * (outcome[(k + 1) % 4] + outcome[(k + 3) % 4])) / 2);
}

/** One sweep: the new values of all cells, each from the old ones, and the largest change. */
function sweep(world, V) {
  let change = 0;
  const values = world.rows.map((row, i) => [...row].map((cell, j) => {
    const v = cell === "." ? Math.max(...q(world, V, i, j)) : 0;
    change = Math.max(change, Math.abs(v - V[i][j]));
    return v;
  }));
  return { values, change };
}

/** Numbers of the moves that are best; none where all are equally good. */
function best(values) {
  const top = [0, 1, 2, 3].filter((k) => values[k] > Math.max(...values) - 1e-9);
  return top.length < 4 ? top : [];
}

export const maths = { q, sweep, best };

// ---------------------------------------------------------------------------------------------------- view

const CSS = `
.gw { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 780px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .gw { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9; }
.gw .bar { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-bottom: 6px; }
.gw .bar label { display: flex; gap: 6px; align-items: center; }
.gw input[type=range] { width: 110px; min-width: 0; accent-color: var(--ring); }
.gw .shown { min-width: 3em; font-variant-numeric: tabular-nums; }
.gw button { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft); cursor: pointer;
  border-radius: 4px; padding: 3px 10px; min-height: 28px; }
.gw button[aria-pressed=true] { border: 2px solid var(--ring); padding: 2px 9px; font-weight: bold; }
.gw :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.gw svg { display: block; width: 100%; border: 1px solid var(--soft); touch-action: none; background: #fff; }
.gw svg text { font-size: 11px; text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.gw svg .sign { font-size: 18px; font-weight: bold; }
.gw svg rect { stroke: #8a8a8a; stroke-width: 0.5; } .gw svg path { fill: none; stroke-width: 1.6; }
.gw svg .cursor { fill: none; stroke: #1a1a1a; stroke-width: 3; stroke-dasharray: 5 3; pointer-events: none; visibility: hidden; }
.gw svg:focus-visible .cursor { visibility: visible; }
.gw .status { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 1.4em;
  font-variant-numeric: tabular-nums; }`;

const SIDE = 54; // of a cell, in units of the picture
const TOOLS = [["goal +1", "G"], ["trap −1", "T"], ["wall", "#"], ["free", "."]];
const NAMES = { G: "goal", T: "trap", "#": "wall" }, DIRECTIONS = ["up", "right", "down", "left"];
const SLOW = 30; // so many sweeps run at a twelfth of a second each
const ENOUGH = 1e-6; // a run stops when no value changes by more

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const drawn = (tag, attributes = {}) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  return node;
};
const short = (v) => (Math.abs(v) < 0.005 ? "0" : v.toFixed(2).replace("-", "−").replace("0.", "."));

/** Blue below 0, white at 0, vermilion above; |v| = 1 is the full colour. */
function colour(v) {
  const share = Math.min(1, Math.abs(v)), end = v < 0 ? [0, 114, 178] : [213, 94, 0];
  return `rgb(${end.map((c) => Math.round(255 + share * (c - 255))).join(",")})`;
}

/** Arrows of a cell whose middle is (x, y), towards the given moves. */
function arrows(x, y, moves) {
  return moves.map((k) => {
    const [down, right] = MOVES[k], [a, b] = [x + 13 * right, y + 13 * down];
    const wing = (turn) => `L${a - 5 * right + turn * 4 * down},${b - 5 * down + turn * 4 * right}`;
    return `M${x},${y}L${a},${b}${wing(1)}M${a},${b}${wing(-1)}`;
  }).join("");
}

function render({ model, el }) {
  const get = (name) => model.get(name);
  let tool = "#", cursor = [0, 0], playing = 0, timer, queued = false, change = Infinity, cells = [];
  const button = (textContent, act) => {
    const node = make("button", { type: "button", textContent });
    node.addEventListener("click", act);
    return node;
  };
  const world = () => ({ rows: get("rows"), gamma: get("gamma"), slip: get("slip"), step: get("step") });
  const send = () => { // Python hears of it when the hand rests
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { if (!playing) model.save_changes(); delete el.dataset.unsaved; }, 150);
  };
  const set = (values) => {
    Object.entries(values).forEach(([name, value]) => model.set(name, value));
    send();
    refresh();
  };

  const tools = TOOLS.map(([name, sign]) => [sign, button(name, () => { tool = sign; refresh(); })]);
  const slider = (text, name, min, max, step) => {
    const shown = make("span", { className: "shown" }), input = make("input", { type: "range" });
    Object.assign(input, { min, max, step });
    input.addEventListener("input", () => { change = Infinity; set({ [name]: Number(input.value) }); });
    const update = () => { input.value = get(name); shown.textContent = short(get(name)); };
    return { update, whole: make("label", {}, text, input, shown) };
  };
  const knobs = [slider("discount γ", "gamma", 0, 1, 0.01), slider("slip", "slip", 0, 0.8, 0.05), slider("reward per step", "step", -1, 0.2, 0.01)];
  const once = () => {
    const done = sweep(world(), values());
    change = done.change;
    set({ values: done.values, sweeps: get("sweeps") + 1 });
  };
  const run = button("Run", () => (playing ? pause() : start()));
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const svg = drawn("svg", { tabindex: 0, role: "application" });
  const root = make("div", { className: "gw" }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, "paint:", ...tools.map(([, node]) => node)),
    make("div", { className: "bar" }, button("One sweep", () => { pause(); once(); }), run,
      button("Forget values", () => { pause(); change = Infinity; set({ values: zeros(), sweeps: 0 }); })),
    make("div", { className: "bar" }, ...knobs.map((knob) => knob.whole)), svg, status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  const zeros = () => get("rows").map((row) => [...row].map(() => 0));
  const values = () => { // those of another world are of no use
    const [rows, V] = [get("rows"), get("values")];
    return V.length === rows.length && V[0].length === rows[0].length ? V : zeros();
  };
  function start() {
    run.textContent = "Pause";
    let frames = 0;
    const frame = () => {
      playing = requestAnimationFrame(frame);
      if (get("sweeps") < SLOW && frames++ % 5) return; // to be seen; later sweeps move little
      once();
      if (change < ENOUGH || get("sweeps") >= 100000) pause();
    };
    playing = requestAnimationFrame(frame);
  }
  function pause() {
    cancelAnimationFrame(playing);
    if (playing) send();
    playing = 0;
    run.textContent = "Run";
  }

  const outline = drawn("rect", { class: "cursor", width: SIDE - 4, height: SIDE - 4 });
  function build() { // the cells, anew whenever the world's size is new
    const [height, width] = [get("rows").length, get("rows")[0].length];
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width * SIDE} ${height * SIDE}`);
    svg.style.maxWidth = `${width * SIDE}px`;
    cells = Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => {
      const [x, y] = [j * SIDE, i * SIDE];
      const cell = {
        box: drawn("rect", { x, y, width: SIDE, height: SIDE }),
        value: drawn("text", { x: x + SIDE / 2, y: y + 9 }),
        sign: drawn("text", { x: x + SIDE / 2, y: y + SIDE / 2, class: "sign" }),
        arrow: drawn("path"),
      };
      svg.append(...Object.values(cell));
      return cell;
    }));
    svg.append(outline);
    cursor = [Math.min(cursor[0], height - 1), Math.min(cursor[1], width - 1)];
  }
  function refresh() {
    const rows = get("rows"), now = world();
    if (rows.length !== cells.length || rows[0].length !== cells[0].length) build();
    const V = values();
    rows.forEach((row, i) => [...row].forEach((sign, j) => {
      const cell = cells[i][j], v = REWARDS[sign] ?? V[i][j], wall = sign === "#", ink = Math.abs(v) > 0.6 ? "#fff" : "#111";
      cell.box.setAttribute("fill", wall ? "#444" : colour(v));
      cell.sign.textContent = REWARDS[sign] ? sign : "";
      cell.value.textContent = sign === "." ? short(v) : "";
      cell.arrow.setAttribute("d", sign === "." ? arrows((j + 0.5) * SIDE, (i + 0.5) * SIDE + 6, best(q(now, V, i, j))) : "");
      [cell.sign, cell.value].forEach((text) => text.setAttribute("fill", ink));
      cell.arrow.setAttribute("stroke", ink);
    }));
    const [i, j] = cursor, sign = rows[i][j];
    outline.setAttribute("x", j * SIDE + 2);
    outline.setAttribute("y", i * SIDE + 2);
    tools.forEach(([name, node]) => node.setAttribute("aria-pressed", String(name === tool)));
    knobs.forEach((knob) => knob.update());
    const moves = sign === "." ? best(q(now, V, i, j)).map((k) => DIRECTIONS[k]) : [];
    const here = `row ${i + 1}, column ${j + 1}: ${NAMES[sign] ?? `value ${V[i][j].toFixed(3).replace("-", "−")}, best: ${moves.join(" or ") || "all the same"}`}`;
    svg.setAttribute("aria-label", `gridworld, ${here}. Arrow keys move, Enter paints ${NAMES[tool] ?? "free"}.`);
    const moved = Number.isFinite(change) ? `, largest change of the last ${change.toPrecision(2)}` : "";
    const n = get("sweeps");
    status.textContent = `${n} sweep${n === 1 ? "" : "s"}${moved}; ${here}`;
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  function paint([i, j]) {
    cursor = [i, j];
    const rows = get("rows").map((row, k) => (k === i ? row.slice(0, j) + tool + row.slice(j + 1) : row));
    const V = values().map((row, k) => row.map((v, l) => (k === i && l === j ? 0 : v)));
    change = Infinity;
    set({ rows, values: V });
  }
  const where = (event) => {
    const box = svg.getBoundingClientRect(), [height, width] = [cells.length, cells[0].length];
    const place = [(event.clientY - box.top) / box.height * height, (event.clientX - box.left) / box.width * width];
    return place.map((v, axis) => Math.max(0, Math.min([height, width][axis] - 1, Math.floor(v))));
  };
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); paint(where(event)); });
  svg.addEventListener("pointermove", (event) => {
    const at = where(event);
    if (svg.hasPointerCapture(event.pointerId) && String(at) !== String(cursor)) paint(at);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return paint(cursor); }
    const k = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"].indexOf(event.key);
    if (k < 0) return;
    event.preventDefault();
    const [height, width] = [cells.length, cells[0].length];
    cursor = cursor.map((v, axis) => Math.max(0, Math.min([height, width][axis] - 1, v + MOVES[k][axis])));
    refresh();
  });

  const later = () => { // several traits may arrive together
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  const events = ["rows", "gamma", "slip", "step", "values", "sweeps"].map((name) => `change:${name}`).join(" ");
  model.on(events, later);
  refresh();
  return () => { cancelAnimationFrame(playing); clearTimeout(timer); model.off(events, later); };
}

export default { render };
