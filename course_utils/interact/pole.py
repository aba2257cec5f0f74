"""The pole on a cart: play it by hand, or let an agent play, push the pole, and see what the agent prefers."""

from pathlib import Path

import numpy as np
import traitlets as t
from matplotlib.patches import Rectangle

from .. import nets, style
from .base import Demo, packed
from .dense import check_layers

LIMIT = 500  # steps, after which an episode is cut off
EDGE, TILT = 2.4, 12 * np.pi / 180  # the pole has fallen beyond these


def step(state, right):
    """The next state (4,) of cart-pole, 0.02 s later: x, velocity, angle, angular velocity; right: True or False.

    Source: A. Barto, R. Sutton, C. Anderson, IEEE Transactions SMC 13 (1983), in the form of Gymnasium's
    `CartPole-v1`: gravity 9.8 m/s², cart 1 kg, pole 0.1 kg and 1 m long, force 10 N, Euler's method.
    """
    x, v, angle, turn = state
    cos, sin = np.cos(angle), np.sin(angle)
    push = ((10.0 if right else -10.0) + 0.05 * turn**2 * sin) / 1.1
    bend = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    slide = push - 0.05 * bend * cos / 1.1
    return np.array([x + 0.02 * v, v + 0.02 * slide, angle + 0.02 * turn, turn + 0.02 * bend])


class Pole(Demo):
    """Balance the pole with two keys, or watch a network do it; nudge the pole and see whether it is caught.

    `Pole(params)` shows it. params: [W1, b1, W2, b2, ...] of a ReLU network from the four numbers of the state
    (position, velocity, angle, angular velocity) to two, one for left and one for right: Q-values or logits. The
    agent takes the larger. An episode ends when the cart is 2.4 m out, the pole leans by 12°, or after 500 steps.

    - `player`: "agent" or "you"; `rate`: steps per second, 50 is real time
    - `steps`: how many steps the last finished episode had; `records`: the longest of yours, and of the agent's
    - `seed`: of the starts, four numbers between -0.05 and 0.05

    Raises ValueError when the network does not fit.
    """

    _esm = Path(__file__).with_name("pole.js")
    size = (6.6, 1.9)
    alt = (
        "Six pictures of a cart with a pole on a track, from the start of an episode of the agent to its end. The angle "
        "of the pole is drawn four times as large as it is."
    )

    shapes = t.List().tag(sync=True)
    weights = t.Unicode().tag(sync=True)  # float32, as base64
    player = t.Enum(["agent", "you"]).tag(sync=True)
    rate = t.Float(25.0, min=1, max=100).tag(sync=True)
    steps = t.Int(0).tag(sync=True)
    records = t.List([0, 0]).tag(sync=True)
    seed = t.Int(0).tag(sync=True)

    def __init__(self, params, player="you", **settings):
        check_layers("agent", params, 4, 2)
        self.params = [np.asarray(p, dtype=float) for p in params]
        shapes = [list(W.shape) for W in self.params[::2]]
        super().__init__(shapes=shapes, weights=packed(self.params), player=player, **settings)

    def preferences(self, state):
        """What the network says of left and right in a state (4,): two numbers."""
        return nets.forward(self.params, np.asarray(state, dtype=float)[None])[-1][0]

    def episode(self):
        """The states (n + 1, 4) of an episode of the agent, from the first start of `seed`."""
        states = [np.random.default_rng(self.seed).uniform(-0.05, 0.05, size=4)]
        while len(states) <= LIMIT and abs(states[-1][0]) <= EDGE and abs(states[-1][2]) <= TILT:
            left, right = self.preferences(states[-1])
            states.append(step(states[-1], right > left))
        return np.array(states)

    def draw(self, fig):
        """Six moments of an episode of the agent, the angle four times as large."""
        states = self.episode()
        moments = np.linspace(0, len(states) - 1, 6).round().astype(int)
        for ax, at in zip(fig.subplots(1, 6), moments, strict=True):
            x, _, angle, _ = states[at]
            ax.plot([-EDGE, EDGE], [0, 0], color="#888888", linewidth=1)
            ax.add_patch(Rectangle((x - 0.4, 0), 0.8, 0.45, color="#444444"))
            tip = np.array([x, 0.45]) + 1.8 * np.array([np.sin(4 * angle), np.cos(4 * angle)])
            ax.plot(
                *np.transpose([(x, 0.45), tip]), color=style.POSITIVE, linewidth=4, solid_capstyle="round"
            )
            ax.set(xlim=(-EDGE, EDGE), ylim=(-0.3, 2.5), xticks=[], yticks=[], aspect="equal")
            ax.grid(False)
            ax.set_title(f"step {at}", fontsize=9, loc="left")
        fig.suptitle(
            f"The agent: {len(states) - 1} steps (angles drawn four times as large)",
            fontsize=10,
            x=0.02,
            ha="left",
        )
