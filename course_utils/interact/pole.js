// The pole on a cart, played by hand or by an agent.
//
// First the mathematics (pure functions, exported as `maths`), then the view.

// ---------------------------------------------------------------------------------------------- mathematics

const LIMIT = 500, EDGE = 2.4, TILT = (12 * Math.PI) / 180;

/** The next state, 0.02 s later: position, velocity, angle, angular velocity. */
function step([x, v, angle, turn], right) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const push = ((right ? 10 : -10) + 0.05 * turn * turn * sin) / 1.1;
  const bend = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1));
  const slide = push - (0.05 * bend * cos) / 1.1;
  return [x + 0.02 * v, v + 0.02 * slide, angle + 0.02 * turn, turn + 0.02 * bend];
}

const fallen = ([x, , angle]) => Math.abs(x) > EDGE || Math.abs(angle) > TILT;

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

/** The layers {n, W, b} of a network out of a row of float32 numbers. */
function unpack(base64, shapes) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), all = new Float32Array(bytes.buffer);
  let at = 0;
  const cut = (size) => all.subarray(at, (at += size));
  return shapes.map(([n_in, n_out]) => ({ n: n_out, W: cut(n_in * n_out), b: cut(n_out) }));
}

/** What the network says of left and right. */
function preferences(layers, state) {
  return layers.reduce((x, { n, W, b }, l) => {
    const out = Array.from(b);
    x.forEach((v, i) => { for (let j = 0; j < n; j++) out[j] += v * W[i * n + j]; });
    return l < layers.length - 1 ? out.map((v) => Math.max(v, 0)) : out;
  }, state);
}

export const maths = { step, fallen, uniform, unpack, preferences };

// ---------------------------------------------------------------------------------------------------- view

const CSS = `
.pl { --ink: #1a1a1a; --soft: #5c5c5c; --paper: #fff; --leaf: #eef2f5; --ring: #0072b2; --pole: #d55e00;
  font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif); color: var(--ink); background: var(--paper);
  max-width: 680px; box-sizing: border-box; padding: 4px; }
[data-jp-theme-light="false"] .pl { --ink: #ececec; --soft: #b0b0b0; --paper: #111; --leaf: #2a2e32; --ring: #56b4e9;
  --pole: #ff8c42; }
.pl .bar { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin-bottom: 6px; }
.pl .bar label { display: flex; gap: 6px; align-items: center; }
.pl input { accent-color: var(--ring); }
.pl .shown { min-width: 8em; font-variant-numeric: tabular-nums; }
.pl button { font: inherit; color: inherit; background: var(--leaf); border: 1px solid var(--soft); cursor: pointer;
  border-radius: 4px; padding: 3px 10px; min-height: 28px; touch-action: none; }
.pl button[aria-pressed=true] { border: 2px solid var(--ring); padding: 2px 9px; font-weight: bold; }
.pl :focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
.pl svg { display: block; width: 100%; background: var(--paper); border: 1px solid var(--soft); }
.pl .track { stroke: var(--soft); stroke-width: 2; } .pl .cart { fill: var(--soft); }
.pl .pole { stroke: var(--pole); stroke-width: 9; stroke-linecap: round; }
.pl .force { fill: none; stroke: var(--ring); stroke-width: 3; }
.pl svg text { fill: var(--soft); font-size: 12px; }
.pl .status, .pl .state { padding: 4px 8px; border-left: 3px solid var(--soft); margin-top: 6px; min-height: 1.4em;
  font-variant-numeric: tabular-nums; }`;

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
const short = (v, digits = 2) => v.toFixed(digits).replace("-", "−");
const WHO = { you: "You", agent: "The agent" };

function render({ model, el }) {
  const get = (name) => model.get(name), layers = unpack(get("weights"), get("shapes"));
  const random = uniform(get("seed") + 1);
  let state, right, steps, over, playing = 0, due = 0, last, timer, ended = "";
  const send = () => { // Python hears of it when the hand rests
    el.dataset.unsaved = "";
    clearTimeout(timer);
    timer = setTimeout(() => { model.save_changes(); delete el.dataset.unsaved; }, 150);
  };
  const set = (values) => {
    Object.entries(values).forEach(([name, value]) => model.set(name, value));
    send();
  };
  const button = (textContent, act) => {
    const node = make("button", { type: "button", textContent });
    if (act) node.addEventListener("click", act);
    return node;
  };

  const players = ["you", "agent"].map((name) => [name, button(name === "you" ? "You play" : "The agent plays", () => set({ player: name }))]);
  const run = button("Start", () => { playing ? pause() : start(); refresh(); });
  const push = (to) => {
    if (get("player") !== "you") return;
    if (over) fresh();
    right = to;
    start();
  };
  const ways = [["◀ left", false], ["right ▶", true]].map(([text, to]) => {
    const node = button(text);
    node.addEventListener("pointerdown", () => push(to));
    node.addEventListener("click", (event) => { if (event.detail === 0) push(to); }); // by keyboard
    return node;
  });
  const shown = make("span", { className: "shown" });
  const rate = make("input", { type: "range", min: 2, max: 100, step: 1, ariaLabel: "steps per second" });
  rate.addEventListener("input", () => { set({ rate: Number(rate.value) }); refresh(); });
  const nudge = button("Nudge the pole", () => {
    if (over) return;
    state[3] += random() < 0.5 ? -0.6 : 0.6;
    refresh();
  });
  const svg = drawn("svg", { viewBox: "-3 -0.75 6 3.1", role: "img" }), scale = drawn("g");
  const track = drawn("line", { class: "track", x1: -EDGE, x2: EDGE, y1: 2, y2: 2, "vector-effect": "non-scaling-stroke" });
  const edges = [-EDGE, EDGE].map((x) => drawn("line", { class: "track", x1: x, x2: x, y1: 1.85, y2: 2.15, "vector-effect": "non-scaling-stroke" }));
  const cart = drawn("rect", { class: "cart", width: 0.6, height: 0.3, y: 1.68, rx: 0.05 });
  const pole = drawn("line", { class: "pole", y1: 1.68, "vector-effect": "non-scaling-stroke" });
  const force = drawn("path", { class: "force", "vector-effect": "non-scaling-stroke" });
  scale.append(track, ...edges, cart, pole, force);
  svg.append(scale);
  const inside = make("div", { className: "state" });
  const status = make("div", { className: "status" });
  status.setAttribute("role", "status");
  const root = make("div", { className: "pl", tabIndex: 0 }, make("style", { textContent: CSS }),
    make("div", { className: "bar" }, ...players.map(([, node]) => node), run, button("New episode", () => { fresh(); })),
    make("div", { className: "bar" }, ...ways, nudge, make("label", {}, "speed", rate, shown)), svg, inside, status);
  root.setAttribute("aria-label", "cart-pole; arrow keys left and right push the cart");
  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab's shortcuts
    if (event.target === rate || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    push(event.key === "ArrowRight");
  });
  el.append(root);

  function fresh() { // a new episode, at rest until somebody starts it
    pause();
    state = Array.from({ length: 4 }, () => 0.1 * random() - 0.05);
    [right, steps, over, ended] = [undefined, 0, false, ""];
    refresh();
  }
  function advance() {
    if (get("player") === "agent") {
      const [toLeft, toRight] = preferences(layers, state);
      right = toRight > toLeft;
    }
    right ??= random() < 0.5; // you have not chosen yet
    state = step(state, right);
    steps += 1;
    over = fallen(state) || steps >= LIMIT;
    if (!over) return;
    const why = Math.abs(state[0]) > EDGE ? "the cart left the track" : Math.abs(state[2]) > TILT ? "the pole fell" : "the time is up, the pole stands";
    ended = `${WHO[get("player")]}: ${steps} steps, ${why}. `;
    const records = get("records").map((v, i) => (["you", "agent"][i] === get("player") ? Math.max(v, steps) : v));
    set({ steps, records });
    pause();
  }
  function start() {
    if (playing) return;
    if (over) fresh();
    run.textContent = "Pause";
    [last, due] = [performance.now(), 0];
    const frame = (now) => {
      playing = requestAnimationFrame(frame);
      due = Math.min(due + ((now - last) / 1000) * get("rate"), 10); // a tab that slept does not race
      last = now;
      for (; due >= 1 && playing; due -= 1) advance();
      refresh();
    };
    playing = requestAnimationFrame(frame);
  }
  function pause() {
    cancelAnimationFrame(playing);
    playing = 0;
    run.textContent = "Start";
  }

  function refresh() {
    const [x, v, angle, turn] = state, lean = (180 / Math.PI) * angle, values = preferences(layers, state);
    cart.setAttribute("x", x - 0.3);
    Object.entries({ x1: x, x2: x + 1.5 * Math.sin(angle), y2: 1.68 - 1.5 * Math.cos(angle) }).forEach(([name, at]) => pole.setAttribute(name, at));
    const from = x + (right ? 0.35 : -0.35), to = from + (right ? 0.4 : -0.4), wing = right ? -0.12 : 0.12;
    force.setAttribute("d", right === undefined ? "" : `M${from},1.83L${to},1.83L${to + wing},1.75M${to},1.83L${to + wing},1.91`);
    players.forEach(([name, node]) => node.setAttribute("aria-pressed", String(name === get("player"))));
    rate.value = get("rate");
    shown.textContent = `${Math.round(get("rate"))} steps per second`;
    svg.setAttribute("aria-label", `cart at ${short(x)} m, pole leans by ${short(lean, 1)} degrees`);
    inside.textContent = `step ${steps}: position ${short(x)} m, velocity ${short(v)} m/s, angle ${short(lean, 1)}°, turning ${short((180 / Math.PI) * turn, 0)}°/s; `
      + `the network says left ${short(values[0])}, right ${short(values[1])}`;
    const [yours, agents] = get("records");
    const words = `${over ? ended : ""}Longest: you ${yours}, the agent ${agents}.`;
    if (status.textContent !== words) status.textContent = words; // read aloud only when it is new
    el.dataset.step = steps;
    el.dataset.frames = 1 + Number(el.dataset.frames ?? 0);
  }

  const changed = () => { fresh(); };
  model.on("change:player", changed);
  model.on("change:rate", refresh);
  fresh();
  return () => { pause(); clearTimeout(timer); model.off("change:player", changed); model.off("change:rate", refresh); };
}

export default { render };
