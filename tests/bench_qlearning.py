"""Speed of lecture 8's tabular Q-learning against a Gymnasium loop, on demand: python tests/bench_qlearning.py [twin.py]

Updates per second on the frozen lake and on the cliff: the lecture's loop over a Gymnasium environment, its plain
Python lists, and 1024 learners in lock-step, read from its text twin (or from the file named). Each figure is the
best of several interleaved runs, in CPU time, so that a busy machine disturbs little.
"""

import random
import sys

from course_utils import data  # noqa: F401, first: it sets one thread for NumPy's linear algebra

import gymnasium as gym  # isort: skip
import numpy as np  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

NAMES = {"choose", "td", "q_learning", "q_lists", "lockstep"}
WORLDS = {  # start; gamma, eta, epsilon, Q0
    "FrozenLake-v1": (0, (0.99, 0.5, 0.1, 1.0)),
    "CliffWalking-v1": (36, (1.0, 0.5, 0.1, 0.0)),
}
EPISODES, STEPS, LEARNERS, ROUNDS, REPEATS = 500, 100_000, 1024, 400, 5


def main():
    f = taught(*(sys.argv[1:] or ["08_reinforcement_learning"]), NAMES, random=random)
    rng = lambda: np.random.default_rng(1)  # noqa: E731
    for name, (start, settings) in WORLDS.items():
        env, times = gym.make(name), {"loop": [], "lists": [], "lock-step": []}
        moves = f["q_learning"](env, EPISODES, rng(), *settings)[1][:, 1].sum()  # the same in every repeat
        for _ in range(REPEATS):
            times["loop"].append(cpu_seconds(f["q_learning"], env, EPISODES, rng(), *settings))
            times["lists"].append(cpu_seconds(f["q_lists"], env, start, STEPS, rng(), *settings))
            times["lock-step"].append(
                cpu_seconds(f["lockstep"], env, start, LEARNERS, ROUNDS, rng(), *settings)
            )
        loop, lists, many = (
            n / min(seconds)
            for n, seconds in zip((moves, STEPS, LEARNERS * ROUNDS), times.values(), strict=True)
        )
        print(
            f"{name}: Gymnasium loop {loop:,.0f} updates a second; lists {lists / loop:.1f} times (target 15), "
            f"{LEARNERS} in lock-step {many / loop:.0f} times (target 40)"
        )


if __name__ == "__main__":
    main()
