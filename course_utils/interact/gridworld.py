"""Gridworld: paint walls, goals and traps, sweep value iteration, and watch the arrows turn."""

from pathlib import Path

import numpy as np
import traitlets as t
from matplotlib.patches import Rectangle

from .. import style
from .base import Demo, Rows

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left
REWARDS = {"G": 1.0, "T": -1.0}  # on entering, where the episode ends
CELLS = ".#GT"


class GridWorld(Demo):
    """Paint a gridworld and sweep value iteration over it: values spread from the rewards, arrows turn to the best.

    `GridWorld(rows)` shows it. rows: up to 12 strings of equal length, up to 12 signs each: "." free, "#" wall,
    "G" goal (reward +1 on entering, ends the episode), "T" trap (-1, ends it). Actions: up, right, down, left; a
    move into a wall or over the edge leaves the agent where it is.

    - `rows`: the world as it is painted; `gamma`: the discount, 0 to 1
    - `slip`: how probably a move slides to one of its two sides instead, half of it to either
    - `step`: the reward of a move that enters a free cell, or stays
    - `values`: V of the cells, a list of rows; `sweeps`: how many sweeps made it, each from the old values of all

    Raises traitlets.TraitError when the world is not one of these.
    """

    _esm = Path(__file__).with_name("gridworld.js")
    size = (4.6, 3.6)

    rows = t.List(t.Unicode()).tag(sync=True)
    gamma = t.Float(0.9, min=0, max=1).tag(sync=True)
    slip = t.Float(0.0, min=0, max=1).tag(sync=True)
    step = t.Float(0.0, min=-1, max=1).tag(sync=True)
    sweeps = t.Int(0, min=0).tag(sync=True)
    values = Rows().tag(sync=True)

    def __init__(self, rows, **settings):
        super().__init__(rows=list(rows), **settings)

    @t.validate("rows")
    def _world(self, proposal):
        rows = proposal.value
        sizes = {len(row) for row in rows}
        if (
            not 1 <= len(rows) <= 12
            or len(sizes) != 1
            or not 1 <= min(sizes) <= 12
            or set("".join(rows)) - set(CELLS)
        ):
            raise t.TraitError(
                'rows is 1 to 12 strings of one length, 1 to 12 signs each: "." free, "#" wall, "G", "T"'
            )
        return rows

    @t.observe("rows")
    def _resized(self, _):
        if np.shape(self.values) != (len(self.rows), len(self.rows[0])):
            self.forget()

    @property
    def alt(self):
        """What the static picture shows."""
        return (
            f"A gridworld of {len(self.rows)} by {len(self.rows[0])} cells with its optimal values: dark cells are "
            "walls, G pays +1, T costs 1; each free cell shows its value, in vermilion above 0 and blue below, and "
            "arrows for the best moves."
        )

    def forget(self):
        """All values back to 0."""
        self.values, self.sweeps = np.zeros((len(self.rows), len(self.rows[0]))), 0

    def q(self, V):
        """Values of the four moves (rows, columns, 4), from the values V (rows, columns) of the cells."""
        world = np.array([list(row) for row in self.rows])
        outcome = np.empty((4, *world.shape))  # of really going in a direction
        for k, (down, right) in enumerate(MOVES):
            for i, j in np.ndindex(world.shape):
                a, b = i + down, j + right
                inside = 0 <= a < world.shape[0] and 0 <= b < world.shape[1]
                a, b = (a, b) if inside and world[a, b] != "#" else (i, j)
                outcome[k, i, j] = REWARDS.get(world[a, b], self.step + self.gamma * V[a][b])
        sides = (np.roll(outcome, 1, axis=0) + np.roll(outcome, -1, axis=0)) / 2
        return np.moveaxis((1 - self.slip) * outcome + self.slip * sides, 0, -1)

    def sweep(self, n=1):
        """n sweeps of value iteration; returns the largest change of the last one."""
        V, change = np.array(self.values, dtype=float), 0.0
        free = np.array([[cell == "." for cell in row] for row in self.rows])
        for _ in range(n):
            old, V = V, np.where(free, self.q(V).max(axis=2), 0.0)
            change = float(np.abs(V - old).max())
        self.values, self.sweeps = V, self.sweeps + n
        return change

    def draw(self, fig):
        """The world with the values that 500 sweeps lead to, and its best moves."""
        solved = GridWorld(self.rows, gamma=self.gamma, slip=self.slip, step=self.step)
        solved.sweep(500)
        V = np.array(solved.values)
        Q, ax = solved.q(V), fig.subplots()
        pays = [[REWARDS.get(cell, 0) for cell in row] for row in self.rows]
        shown = V + pays  # V is 0 where an episode ends
        scale = max(1.0, np.abs(shown).max())
        ax.imshow(shown, cmap=style.DIVERGING, vmin=-scale, vmax=scale)
        for (i, j), v in np.ndenumerate(shown):
            cell = self.rows[i][j]
            ink = "white" if abs(v) > 0.6 * scale else "black"
            if cell == "#":
                ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, color="#444444"))
            elif cell in REWARDS:
                ax.text(j, i, cell, color=ink, ha="center", va="center")
            else:
                ax.text(j, i - 0.3, f"{v:.2f}", color=ink, ha="center", va="center", fontsize=7)
                for k in best(Q[i, j]):
                    down, right = MOVES[k]
                    ax.annotate("", (j + 0.27 * right, i + 0.12 + 0.27 * down), (j, i + 0.12),
                                arrowprops={"arrowstyle": "->", "color": ink})  # fmt: skip
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.set_title(
            f"Best moves: γ = {self.gamma:g}, slip {self.slip:g}, step {self.step:g}", fontsize=10, loc="left"
        )


def best(q):
    """Numbers of the moves that are best; none where all are equally good."""
    top = np.flatnonzero(q > q.max() - 1e-9)
    return top if len(top) < 4 else top[:0]
