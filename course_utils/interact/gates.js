// Type a text: an LSTM's gates, cell and output for every character, and what it expects next.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const NAMES = ["i", "f", "o", "g", "c", "h"];

/** The five parameter arrays out of one long one; k letters, H units. */
function parameters(base64, k, H) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = new Float32Array(bytes.buffer);
  let at = 0;
  const cut = (size) => all.subarray(at, (at += size));
  return { k, H, Wx: cut(4 * H * k), Wh: cut(4 * H * H), b: cut(4 * H), Wy: cut(H * k), by: cut(k) };
}

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** One step: state { h, c } and the number of a symbol → gates, new state and probabilities p of the next symbol. */
function step(P, { h, c }, symbol) {
  const { k, H, Wx, Wh, b, Wy, by } = P, wide = 4 * H;
  const z = Float64Array.from(b, (value, j) => value + Wx[symbol * wide + j]);
  for (let a = 0; a < H; a++) if (h[a]) for (let j = 0; j < wide; j++) z[j] += h[a] * Wh[a * wide + j];
  const part = (gate, f) => Float64Array.from({ length: H }, (_, a) => f(z[gate * H + a]));
  const i = part(0, sigmoid), f = part(1, sigmoid), g = part(2, Math.tanh), o = part(3, sigmoid);
  const cell = c.map((old, a) => f[a] * old + i[a] * g[a]), out = cell.map((value, a) => o[a] * Math.tanh(value));
  const y = Float64Array.from(by);
  for (let a = 0; a < H; a++) for (let j = 0; j < k; j++) y[j] += out[a] * Wy[a * k + j];
  const most = Math.max(...y), e = y.map((v) => Math.exp(v - most)), total = e.reduce((s, v) => s + v, 0);
  return { i, f, o, g, c: cell, h: out, p: e.map((v) => v / total) };
}

/** The steps for the start symbol and each letter of the text. */
function run(P, letters, text) {
  const found = [];
  let state = { h: new Float64Array(P.H), c: new Float64Array(P.H) };
  for (const letter of letters[0] + text) found.push((state = step(P, state, letters.indexOf(letter))));
  return found;
}

/** Draw a symbol from probabilities raised to 1 / temperature; `u` is uniform in [0, 1). */
function draw(p, temperature, u) {
  const most = Math.max(...p), weights = [...p].map((v) => (v / most) ** (1 / temperature));
  let rest = u * weights.reduce((a, b) => a + b, 0);
  const chosen = weights.findIndex((w) => (rest -= w) < 0);
  return chosen < 0 ? weights.length - 1 : chosen;
}

export const maths = { parameters, step, run, draw };

// ----------------------------------------------------------------------------------------------------- view

const LONGEST = 40;
const ROWS = { i: "input gate i", f: "forget gate f", o: "output gate o", g: "new content g", c: "cell c", h: "output h" };
const CSS = `
.gs { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2; --bar: #0072b2;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 760px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .gs { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9;
  --bar: #56b4e9; }
.gs .controls { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; margin-bottom: 6px; }
.gs label { display: inline-flex; gap: 6px; align-items: center; }
.gs input, .gs button { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft);
  border-radius: 4px; padding: 3px 8px; min-height: 28px; box-sizing: border-box; }
.gs input[type=range] { padding: 0; accent-color: var(--ring); width: 130px; } .gs input[type=number] { width: 70px; }
.gs button { cursor: pointer; }
.gs :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.gs .scroll { overflow-x: auto; }
.gs table { font: inherit; border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0; }
.gs th { font-weight: normal; text-align: right; padding: 0 8px 0 0; white-space: nowrap; color: inherit; }
.gs thead th { text-align: center; padding: 0; }
.gs thead button { min-height: 24px; min-width: 30px; padding: 0; border-radius: 4px 4px 0 0; font-weight: bold; }
.gs thead button[aria-pressed=true] { background: var(--ring); color: var(--paper); }
.gs td { width: 30px; height: 22px; text-align: center; font-size: 11px; color: #111; border: 1px solid var(--paper); padding: 0; }
.gs .surprise td { color: inherit; }
.gs .next { display: flex; gap: 4px; align-items: flex-end; height: 74px; margin-top: 8px; }
.gs .next div { width: 18px; text-align: center; } .gs .next i { display: block; background: var(--bar); }
.gs .status { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 1.4em; }`;

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const colour = (share) => { // blue below 0, white, vermilion above; share in [-1, 1]
  const end = share < 0 ? [0, 114, 178] : [213, 94, 0], s = 0.8 * Math.min(1, Math.abs(share));
  return `rgb(${end.map((v) => Math.round(255 + s * (v - 255))).join(",")})`;
};

function render({ model, el }) {
  let P, at = null, timer, queued = false, note = "";
  const letters = () => model.get("letters"), show = (symbol) => (symbol === letters()[0] ? "end" : symbol);
  const input = make("input", { type: "text", ariaLabel: "text", maxLength: LONGEST, spellcheck: false, autocomplete: "off" });
  const unit = make("input", { type: "number", min: 0, step: 1, ariaLabel: "hidden unit" });
  const heat = make("input", { type: "range", min: 0.2, max: 2, step: 0.1, value: 1, ariaLabel: "temperature" });
  const warmth = make("span", { textContent: "1.0" });
  const more = make("button", { type: "button", textContent: "Write on" });
  const [head, body, next, status] = [make("thead"), make("tbody"), make("div", { className: "next" }), make("div", { className: "status" })];
  next.setAttribute("role", "img");
  status.setAttribute("role", "status");
  const root = make("div", { className: "gs" }, make("style", { textContent: CSS }),
    make("div", { className: "controls" }, make("label", {}, "text", input), make("label", {}, "hidden unit", unit), more,
      make("label", {}, "temperature", heat, warmth)),
    make("div", { className: "scroll" }, make("table", {}, head, body)), next, status);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's shortcuts
  el.append(root);

  const load = () => {
    P = parameters(model.get("weights"), letters().length, model.get("hidden"));
    unit.max = P.H - 1;
  };
  function set(name, value) { // Python hears of it when the hand rests
    model.set(name, value);
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { model.save_changes(); delete el.dataset.unsaved; }, 200);
    refresh();
  }

  function refresh() {
    const text = model.get("text"), steps = run(P, letters(), text), symbols = ["start", ...text];
    const chosen = at === null ? text.length : Math.min(at, text.length), u = model.get("unit");
    if (input.value !== text) input.value = text;
    unit.value = u;
    while (head.rows[0]?.cells.length > symbols.length + 1) head.rows[0].lastChild.remove();
    if (!head.rows.length) head.append(make("tr", {}, make("th", { textContent: "after reading" })));
    symbols.forEach((symbol, t) => { // buttons are kept, so that the focus is
      let button = head.rows[0].cells[t + 1]?.firstChild;
      if (!button) {
        button = make("button", { type: "button" });
        button.addEventListener("click", () => { at = t; refresh(); });
        button.addEventListener("pointerenter", () => { at = t; refresh(); });
        button.addEventListener("focus", () => { at = t; refresh(); });
        head.rows[0].append(make("th", {}, button));
      }
      button.textContent = symbol;
      button.setAttribute("aria-pressed", t === chosen);
    });
    const row = (name, cells) => make("tr", { className: name }, make("th", { textContent: ROWS[name] ?? "surprise, bits" }), ...cells);
    const numbers = NAMES.map((name) => row(name, steps.map((s) => {
      const value = s[name][u], cell = make("td", { textContent: value.toFixed(1).replace("-0.0", "0.0").replace("-", "−") });
      cell.style.background = colour("ifo".includes(name) ? 2 * value - 1 : value);
      cell.title = `${ROWS[name]} = ${value.toFixed(4)}`;
      return cell;
    })));
    const bits = symbols.map((symbol, t) => (t ? (-Math.log2(steps[t - 1].p[letters().indexOf(symbol)])).toFixed(1) : ""));
    body.replaceChildren(...numbers, row("surprise", bits.map((b) => make("td", { textContent: b }))));
    const { p } = steps[chosen], best = p.indexOf(Math.max(...p));
    next.replaceChildren(...Array.from(p, (share, j) => {
      const bar = make("i");
      bar.style.height = `${(50 * share) / Math.max(...p)}px`;
      return make("div", { title: `${show(letters()[j])}: ${share.toFixed(3)}` }, bar, show(letters()[j]) === "end" ? "■" : letters()[j]);
    }));
    const before = chosen ? `“${text.slice(0, chosen)}”` : "the start";
    status.textContent = `${note}After ${before} the network expects ${show(letters()[best])} with probability ${p[best].toFixed(2)} (■: the end).`;
    next.setAttribute("aria-label", status.textContent);
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  input.addEventListener("input", () => {
    const typed = [...input.value.toLowerCase()], kept = typed.filter((c) => letters().slice(1).includes(c)).slice(0, LONGEST).join("");
    note = kept.length < typed.length ? `It knows only the letters ${letters()[1]} to ${letters().at(-1)}. ` : "";
    const caret = input.selectionStart - (typed.length - kept.length);
    if (input.value !== kept) input.value = kept;
    input.setSelectionRange(caret, caret);
    at = null;
    set("text", kept);
  });
  unit.addEventListener("change", () => {
    const u = Math.round(unit.valueAsNumber);
    if (u >= 0 && u < P.H) set("unit", u);
    else refresh();
  });
  heat.addEventListener("input", () => { warmth.textContent = Number(heat.value).toFixed(1); });
  more.addEventListener("click", () => {
    const text = model.get("text"), steps = run(P, letters(), text);
    const drawn = letters()[draw(steps[text.length].p, Number(heat.value), Math.random())];
    at = null;
    note = drawn === letters()[0] ? "It ended the word here. " : text.length < LONGEST ? "" : "The text is full. ";
    if (drawn === letters()[0] || text.length >= LONGEST) refresh();
    else set("text", text + drawn);
  });

  const later = () => { // several traits may arrive together
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; refresh(); });
  };
  const rewired = () => { load(); later(); };
  model.on("change:text change:unit", later);
  model.on("change:weights change:hidden change:letters", rewired);
  load();
  refresh();
  return () => {
    clearTimeout(timer);
    model.off("change:text change:unit", later);
    model.off("change:weights change:hidden change:letters", rewired);
  };
}

export default { render };
