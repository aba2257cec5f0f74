"""A computation graph to step: values flow forward, gradients flow back, any leaf can be edited.

A graph is a list of nodes. A node is a dict with

- `id`: its name, a string; `label`: how it is written in the picture (default: the id);
- `op`: `"leaf"` (a value that receives a gradient), `"constant"` (data: no gradient), `"number"` (a literal
  of a formula: no gradient, not editable) or one of the operations in `OPS`;
- `value`: the number of a leaf, constant or number; `trainable`: whether an update moves this leaf;
- `inputs`: the ids an operation works on, in order;
- `at`: optional (column, row) in the picture; without it the layout is computed.

`forward` and `backward` are the whole algorithm; the ES module beside this file holds the same in JavaScript.
"""

import copy
import math
from pathlib import Path

import traitlets as T
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .base import Demo


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _net(xs):
    return sum(w * x for w, x in zip(xs[:-1:2], xs[1::2], strict=True)) + xs[-1]


def _net_slopes(xs, y):
    return [s for w, x in zip(xs[:-1:2], xs[1::2], strict=True) for s in (x, w)] + [1]


def _net_text(names):
    return " + ".join([f"{w}·{x}" for w, x in zip(names[:-1:2], names[1::2], strict=True)] + [names[-1]])


# op: (allowed numbers of inputs, value of the inputs xs, local derivatives from xs and the value y, formula)
OPS = {
    "add": ([2], sum, lambda xs, y: [1, 1], " + ".join),
    "sub": ([2], lambda xs: xs[0] - xs[1], lambda xs, y: [1, -1], " − ".join),
    "mul": ([2], lambda xs: xs[0] * xs[1], lambda xs, y: [xs[1], xs[0]], " · ".join),
    "sum": (range(1, 100), sum, lambda xs, y: [1] * len(xs), " + ".join),
    # the inputs are w1, x1, w2, x2, ..., b
    "net": (range(3, 100, 2), _net, _net_slopes, _net_text),
    "square": ([1], lambda xs: xs[0] ** 2, lambda xs, y: [2 * xs[0]], lambda n: f"{n[0]}²"),
    "half_square": ([1], lambda xs: xs[0] ** 2 / 2, lambda xs, y: [xs[0]], lambda n: f"½ {n[0]}²"),
    # the inputs are the target t and the output o
    "half_error": (
        [2],
        lambda xs: (xs[0] - xs[1]) ** 2 / 2,
        lambda xs, y: [xs[0] - xs[1], xs[1] - xs[0]],
        lambda n: f"½({n[0]} − {n[1]})²",
    ),
    "sigmoid": ([1], lambda xs: _sigmoid(xs[0]), lambda xs, y: [y * (1 - y)], lambda n: f"σ({n[0]})"),
    "tanh": ([1], lambda xs: math.tanh(xs[0]), lambda xs, y: [1 - y * y], lambda n: f"tanh({n[0]})"),
    "relu": ([1], lambda xs: max(xs[0], 0), lambda xs, y: [int(xs[0] > 0)], lambda n: f"relu({n[0]})"),
}
SOURCES = ("leaf", "constant", "number")


def _leaf(id, value, **more):
    return {"id": id, "op": "leaf", "value": value, **more}


def _constant(id, value, **more):
    return {"id": id, "op": "constant", "value": value, **more}


def _node(id, op, *inputs, **more):
    return {"id": id, "op": op, "inputs": list(inputs), **more}


def _two_two_two():
    """The 2-2-2 logistic network; a weight stands on the edge that it scales."""
    w = dict(zip("12345678", (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55), strict=True))
    weights = [
        _leaf("w" + k, value, trainable=True, at=[1 if k < "5" else 3, (int(k) - 1) % 4])
        for k, value in w.items()
    ]
    return [
        _constant("i1", 0.05, at=[0, 0.5]),
        _constant("i2", 0.10, at=[0, 2.5]),
        *weights,
        _leaf("b1", 0.35, at=[1, 4]),
        _leaf("b2", 0.60, at=[3, 4]),
        _constant("t1", 0.01, at=[5, 0]),
        _constant("t2", 0.99, at=[5, 4]),
        _node("net_h1", "net", "w1", "i1", "w2", "i2", "b1", label="net h1", at=[2, 0]),
        _node("h1", "sigmoid", "net_h1", at=[2, 1]),
        _node("net_h2", "net", "w3", "i1", "w4", "i2", "b1", label="net h2", at=[2, 3]),
        _node("h2", "sigmoid", "net_h2", at=[2, 4]),
        _node("net_o1", "net", "w5", "h1", "w6", "h2", "b2", label="net o1", at=[4, 0]),
        _node("o1", "sigmoid", "net_o1", at=[4, 1]),
        _node("net_o2", "net", "w7", "h1", "w8", "h2", "b2", label="net o2", at=[4, 4]),
        _node("o2", "sigmoid", "net_o2", at=[4, 3]),
        _node("E1", "half_error", "t1", "o1", at=[5, 1]),
        _node("E2", "half_error", "t2", "o2", at=[5, 3]),
        _node("E", "add", "E1", "E2", at=[5, 2]),
    ]


PRESETS = {
    "product": {
        "title": "a = (b + c)(c + 2)",
        "nodes": [
            _leaf("b", 2),
            _leaf("c", 1),
            {"id": "2", "op": "number", "value": 2},
            _node("d", "add", "b", "c"),
            _node("e", "add", "c", "2"),
            _node("a", "mul", "d", "e"),
        ],
    },
    "neuron": {
        "title": "one neuron",
        "nodes": [
            _leaf("w1", 0.6, trainable=True),
            _constant("x1", 1),
            _leaf("w2", -0.2, trainable=True),
            _constant("x2", 2),
            _leaf("b", 0.1, trainable=True),
            _constant("y", 1),
            _node("p1", "mul", "w1", "x1"),
            _node("p2", "mul", "w2", "x2"),
            _node("z", "sum", "p1", "p2", "b"),
            _node("y_hat", "sigmoid", "z", label="ŷ"),
            _node("e", "sub", "y", "y_hat"),
            _node("E", "half_square", "e"),
        ],
    },
    "2-2-2": {"title": "the 2-2-2 network", "nodes": _two_two_two()},
}


def consumers(nodes):
    """Return {id: ids of the nodes that use it}, one entry for every use."""
    uses = {node["id"]: [] for node in nodes}
    for node in nodes:
        for name in node["inputs"]:
            uses[name].append(node["id"])
    return uses


def topological(nodes):
    """Return the nodes so that each comes after its inputs; ValueError if there is a cycle."""
    order, known, left = [], set(), list(nodes)
    while left:
        ready = next((node for node in left if known.issuperset(node["inputs"])), None)
        if ready is None:
            raise ValueError("the graph has a cycle; these nodes wait for each other: "
                             + ", ".join(node["id"] for node in left))  # fmt: skip
        left.remove(ready)
        known.add(ready["id"])
        order.append(ready)
    return order


def back_order(nodes):
    """Return the operations so that each comes after everything that uses it: the order of backward."""
    uses, order, sent = consumers(nodes), [], set()
    left = [node for node in nodes if node["inputs"]]
    while left:
        ready = next(node for node in left if sent.issuperset(uses[node["id"]]))
        left.remove(ready)
        sent.add(ready["id"])
        order.append(ready)
    return order


def checked(nodes):
    """Return a complete copy of a list of nodes, with inputs, labels and places; ValueError if it is wrong."""
    nodes = [{"inputs": [], **copy.deepcopy(dict(node))} for node in nodes]
    ids = [node.get("id") for node in nodes]
    if not nodes:
        raise ValueError("the graph has no nodes")
    for node in nodes:
        name, op, inputs = node.get("id"), node.get("op"), node["inputs"]
        if not isinstance(name, str) or not name:
            raise ValueError(f'every node needs an "id", a string: {node}')
        if ids.count(name) > 1:
            raise ValueError(f'two nodes are called "{name}"')
        if op not in OPS and op not in SOURCES:
            raise ValueError(f'node "{name}": unknown op "{op}"; known: {", ".join([*SOURCES, *OPS])}')
        missing = [i for i in inputs if i not in ids]
        if missing:
            raise ValueError(f'node "{name}": its input "{missing[0]}" is not a node of the graph')
        if op in OPS and len(inputs) not in OPS[op][0]:
            raise ValueError(f'node "{name}": {op} cannot work on {len(inputs)} input(s)')
        if op in SOURCES and (inputs or not _is_number(node.get("value"))):
            raise ValueError(f'node "{name}": a {op} has no inputs and needs a "value", a finite number')
        node.setdefault("label", name)
    if not any(node["inputs"] for node in nodes):
        raise ValueError("the graph has no operation")
    topological(nodes)
    unused = [name for name, uses in consumers(nodes).items() if not uses]
    if len(unused) > 1:
        raise ValueError(f"exactly one node, the output, may be unused; unused are {', '.join(unused)}")
    place(nodes)
    return nodes


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def place(nodes):
    """Give every node without a place its column (longest path from the leaves) and row, in the list itself."""
    if all("at" in node for node in nodes):
        return
    by_id, uses, column, row = {n["id"]: n for n in nodes}, consumers(nodes), {}, {}
    order = topological(nodes)
    for node in order:
        column[node["id"]] = 1 + max((column[i] for i in node["inputs"]), default=-1)
    for node in order:  # a source stands one column before the first node that needs it
        if not node["inputs"] and uses[node["id"]]:
            column[node["id"]] = min(column[user] for user in uses[node["id"]]) - 1
    for k in range(max(column.values()), -1, -1):  # from the output to the left: near the mean of its users
        members = [n["id"] for n in nodes if column[n["id"]] == k]
        wish = {i: sum(row[u] for u in uses[i]) / max(1, len(uses[i])) for i in members}
        members.sort(key=wish.get)
        for number, name in enumerate(members):
            row[name] = number - (len(members) - 1) / 2
    top = min(row.values())
    for name, node in by_id.items():
        node["at"] = [column[name], row[name] - top]


def forward(nodes, leaves=None):
    """Return {id: value}; `leaves` replaces the values of some leaves."""
    values = {}
    for node in topological(nodes):
        name = node["id"]
        if node["op"] in SOURCES:
            values[name] = (leaves or {}).get(name, node["value"])
        else:
            values[name] = OPS[node["op"]][1]([values[i] for i in node["inputs"]])
    return values


def backward(nodes, values):
    """Return ({id: gradient}, trail): reverse mode, once through the graph from its output.

    The trail lists what each operation sent: [its id, [[input, local derivative × upstream gradient], ...]].
    """
    by_id, order = {node["id"]: node for node in nodes}, back_order(nodes)
    grads, trail = {order[0]["id"]: 1.0}, []
    for node in order:
        slopes = OPS[node["op"]][2]([values[i] for i in node["inputs"]], values[node["id"]])
        sent = [
            [name, grads[node["id"]] * slope]
            for name, slope in zip(node["inputs"], slopes, strict=True)
            if by_id[name]["op"] not in ("constant", "number")
        ]
        for name, amount in sent:
            grads[name] = grads.get(name, 0) + amount  # several paths: the gradients add
        trail.append([node["id"], sent])
    return grads, trail


def short(value):
    """Write a number as the picture does: at most four decimals if that is exact, otherwise nine."""
    if value == 0 or (abs(value) >= 1e-4 and abs(value - round(value, 4)) < 1e-12 and abs(value) < 1e6):
        text = f"{value:.4f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text.replace("-", "−")
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.9f}".replace("-", "−")
    digits, power = f"{value:.5e}".split("e")
    return f"{digits}e{int(power):+d}".replace("e+", "e").replace("-", "−", 1 if value < 0 else 0)


class ComputationGraph(Demo):
    """Step through a computation graph: how does the last node's error reach every leaf?

    Parameters
    ----------
    preset : {"product", "neuron", "2-2-2"}
        a = (b + c)(c + 2); one neuron with half the squared error; the worked 2-2-2 logistic network.
    nodes : list of dict, optional
        Your own graph instead of a preset (see the module's docstring); ValueError if it is not a graph.
    trainable : list of str, optional
        The leaves that an update moves, instead of those the graph names.
    eta : float
        The learning rate of an update.

    Attributes
    ----------
    leaves, values, grads : dict
        What the view shows at this moment, by id: the numbers put in, the values computed so far, the
        gradients collected so far. `updates` counts the gradient steps.
    """

    _esm = Path(__file__).with_name("graph.js")
    preset = T.Unicode("product").tag(sync=True)
    presets = T.Dict().tag(sync=True)
    nodes = T.List().tag(sync=True)
    leaves = T.Dict().tag(sync=True)
    values = T.Dict().tag(sync=True)
    grads = T.Dict().tag(sync=True)
    trail = T.List().tag(sync=True)
    updates = T.Int(0).tag(sync=True)
    eta = T.Float(0.5).tag(sync=True)
    _quiet = True  # while the traits are being set all at once, by the constructor or by the view

    def __init__(self, preset="product", nodes=None, trainable=None, eta=0.5, **kwargs):
        start = checked(nodes if nodes is not None else self._nodes_of(preset))
        if trainable is not None:
            leaves = [node["id"] for node in start if node["op"] == "leaf"]
            unknown = [name for name in trainable if name not in leaves]
            if unknown:
                raise ValueError(f'"{unknown[0]}" is not a leaf; the leaves are {", ".join(leaves)}')
            for node in start:
                node["trainable"] = node["id"] in trainable
        presets = {
            name: {"title": preset["title"], "nodes": checked(preset["nodes"])}
            for name, preset in PRESETS.items()
        }
        super().__init__(
            preset=preset if nodes is None else "custom",
            presets=presets,
            nodes=start,
            eta=eta,
            **self._begin(start),
            **kwargs,
        )
        self._quiet = False

    @staticmethod
    def _nodes_of(preset):
        if preset not in PRESETS:
            raise ValueError(f'unknown preset "{preset}"; known: {", ".join(PRESETS)}')
        return PRESETS[preset]["nodes"]

    @staticmethod
    def _begin(nodes):
        """The traits of a graph in which nothing has been computed."""
        sources = {node["id"]: node["value"] for node in nodes if node["op"] in SOURCES}
        editable = {node["id"]: node["value"] for node in nodes if node["op"] in ("leaf", "constant")}
        return {"leaves": editable, "values": sources, "grads": {}, "trail": [], "updates": 0}

    # What the view sends is consistent already; only what Python assigns has consequences here.
    def set_state(self, sync_data):
        """Take the traits that the view sends (called by ipywidgets)."""
        self._quiet = True
        try:
            super().set_state(sync_data)
        finally:
            self._quiet = False

    def _assign(self, **traits):
        with self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)

    @T.validate("nodes")
    def _check_nodes(self, proposal):
        return checked(proposal["value"])

    @T.validate("preset")
    def _check_preset(self, proposal):
        if proposal["value"] != "custom":
            self._nodes_of(proposal["value"])
        return proposal["value"]

    @T.validate("leaves")
    def _check_leaves(self, proposal):
        known = [node["id"] for node in self.nodes if node["op"] in ("leaf", "constant")]
        for name, value in proposal["value"].items():
            if not self._quiet and name not in known:
                raise ValueError(f'"{name}" is not a leaf; the leaves are {", ".join(known)}')
            if not _is_number(value):
                raise ValueError(f'leaf "{name}": {value!r} is not a finite number')
        return proposal["value"]

    @T.observe("preset")
    def _new_preset(self, change):
        if not self._quiet and change["new"] != "custom":
            self.nodes = self._nodes_of(change["new"])

    @T.observe("nodes")
    def _new_nodes(self, change):
        if not self._quiet and change["old"]:
            self._assign(**self._begin(change["new"]))

    @T.observe("leaves")
    def _new_leaves(self, change):
        """Forget everything that an edited leaf reaches, and all gradients."""
        edited = {name for name, value in self.leaves.items() if self.values.get(name) != value}
        if self._quiet or not edited:
            return
        stale = set(edited)
        for node in topological(self.nodes):
            if stale.intersection(node["inputs"]):
                stale.add(node["id"])
        kept = {name: value for name, value in self.values.items() if name not in stale}
        self._assign(values={**kept, **{name: self.leaves[name] for name in edited}}, grads={}, trail=[])

    def set(self, **leaves):
        """Give leaves new values, `graph.set(b=3, c=0)`; what depends on them waits to be stepped again."""
        self.leaves = {**self.leaves, **leaves}

    def run(self):
        """Run forward and backward to the end; return the gradients."""
        values = forward(self.nodes, self.leaves)
        grads, trail = backward(self.nodes, values)
        self._assign(values=values, grads=grads, trail=trail)
        return grads

    def update(self, times=1):
        """Make gradient steps on the trainable leaves, then run forward; return the last node's value."""
        leaves = dict(self.leaves)
        movable = [node["id"] for node in self.nodes if node.get("trainable")]
        for _ in range(times):
            grads, _ = backward(self.nodes, forward(self.nodes, leaves))
            leaves |= {name: leaves[name] - self.eta * grads.get(name, 0) for name in movable}
        self.leaves = leaves
        values = forward(self.nodes, leaves)
        self._assign(values=values, grads={}, trail=[], updates=self.updates + times)
        return values[back_order(self.nodes)[0]["id"]]

    def _solved(self):
        values = forward(self.nodes, self.leaves)
        grads, trail = backward(self.nodes, values)
        return values, grads, trail, back_order(self.nodes)[0]

    @property
    def alt(self):
        """What the static picture shows, in words."""
        values, grads, _, output = self._solved()
        label = output["label"]
        parts = [
            f"∂{label}/∂{node['label']} = {short(grads.get(node['id'], 0))}"
            for node in self.nodes
            if node["op"] == "leaf"
        ]
        return (
            f"Computation graph of {sum(bool(n['inputs']) for n in self.nodes)} operations with every value "
            f"and gradient written in: {label} = {short(values[output['id']])}, {', '.join(parts)}."
        )

    def _title(self):
        values, grads, trail, output = self._solved()
        sent = [part for _, parts in trail for part in parts]
        leaves = [node for node in self.nodes if node["op"] == "leaf"]
        for node in leaves:
            parts = [short(amount) for name, amount in sent if name == node["id"]]
            if len(parts) > 1 and len(self.nodes) < 10:
                total = short(grads[node["id"]])
                return (f"{node['label']} is reached on {len(parts)} paths, and their gradients add: "
                        f"{' + '.join(parts)} = {total}")  # fmt: skip
        return (f"One pass back from {output['label']} = {short(values[output['id']])} "
                f"gives all {len(leaves)} gradients")  # fmt: skip

    @property
    def size(self):
        """Inches of the static picture: as wide as its columns need."""
        columns = 1 + max(node["at"][0] for node in self.nodes)
        rows = 1 + max(node["at"][1] for node in self.nodes)
        return max(5.0, columns * 1.08), max(2.4, 0.62 * rows + 0.5)

    def draw(self, fig):
        """Draw the graph with all values (above) and gradients (below, in rounded dashed boxes)."""
        values, grads, trail, _ = self._solved()
        ax = fig.subplots()
        wide, high = 0.84, 0.72  # of a box, in columns and rows
        at = {node["id"]: node["at"] for node in self.nodes}
        for node in self.nodes:
            for x0, y0, x1, y1 in _edges(node, at, wide, high, grads):
                ax.add_patch(FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=7,
                                             color="#777777", lw=0.9, shrinkA=0, shrinkB=0, zorder=1))  # fmt: skip
        for node in self.nodes:
            (x, y), name = node["at"], node["id"]
            title = "number" if node["op"] == "number" else node["label"]
            if node["inputs"]:
                labels = {n["id"]: n["label"] for n in self.nodes}
                formula = f"{title} = {OPS[node['op']][3]([labels[i] for i in node['inputs']])}"
                title = formula if len(formula) <= 15 else title
            box = FancyBboxPatch((x - wide / 2, y - high / 2), wide, high * 0.62, boxstyle="square,pad=0",
                                 fc="#eeeeee" if node["op"] in SOURCES else "white", ec="#333333", lw=0.8)  # fmt: skip
            ax.add_patch(box)
            ax.text(x, y - high * 0.35, title, ha="center", va="center", size=6.6, color="#444444")
            ax.text(x, y - high * 0.07, short(values[name]), ha="center", va="center", size=7.4)
            if name in grads:
                pill = FancyBboxPatch((x - wide / 2, y + high * 0.16), wide, high * 0.28,
                                      boxstyle="round,pad=0,rounding_size=0.08", fc="white", ec="#6A3D9A",
                                      lw=0.8, ls="--")  # fmt: skip
                ax.add_patch(pill)
                shares = [short(amount) for _, sent in trail for i, amount in sent if i == name]
                total = " + ".join(shares) + f" = {short(grads[name])}"
                total = total if len(shares) > 1 and len(total) < 14 else short(grads[name])
                ax.text(x, y + high * 0.305, f"∂ {total}", ha="center", va="center", size=6.4,
                        color="#6A3D9A")  # fmt: skip
        ax.set(xlim=(-0.5, max(x for x, _ in at.values()) + 0.5),
               ylim=(max(y for _, y in at.values()) + 0.5, -0.5))  # fmt: skip
        ax.set_axis_off()
        ax.set_title(self._title(), loc="left", size=9.5)


def _edges(node, at, wide, high, grads):
    """Arrows into a node: (x0, y0, x1, y1). An input of a net runs into the weight that scales it."""
    x1, y1 = at[node["id"]]
    for k, name in enumerate(node["inputs"]):
        (x0, y0), goal = at[name], (x1, y1)
        if node["op"] == "net" and k % 2 and x0 < at[node["inputs"][k - 1]][0] < x1:
            goal = at[node["inputs"][k - 1]]
        if x0 != goal[0]:
            yield x0 + wide / 2, y0 - high * 0.19, goal[0] - wide / 2, goal[1] - high * 0.19
        elif y0 < y1:  # downward, from below the gradient if there is one
            yield x0, y0 + high * (0.46 if name in grads else 0.12), x1, y1 - high / 2
        else:
            yield x0, y0 - high / 2, x1, y1 + high * (0.46 if node["id"] in grads else 0.12)
