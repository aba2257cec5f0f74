"""Lecture 8's pole over ten seeds, and its speed, on demand: python tests/bench_cartpole.py [twin.py] [seeds] [parts]

Runs the lecture's own classes and functions, read from its text twin (or from the file named). Prints, for each
seed of double DQN, the rounds and processor seconds until training ends and the mean steps of 100 fresh greedy
episodes; the count that solved the pole (475) and the median time; the same for REINFORCE. With `parts` as third
argument also section 20's table of the agent with one part taken out (five seeds each, slow). Then the speed: an
update of DQN on a batch of 64, and steps of the pole in lock-step against one Gymnasium environment.
"""

import statistics
import sys
import time

from lecture_code import cpu_seconds, taught

from course_utils import nets  # before NumPy: it sets one thread for the linear algebra

from course_utils import bridge  # isort: skip

import gymnasium as gym  # isort: skip
import numpy as np  # isort: skip
import torch  # isort: skip

SOLVED = 475
NAMES = "returns pole_step Poles lengths score_delta play policy_gradient reinforce fitted baselines greedy td_loss windows"
NAMES += " DQN Replay one_round pole_net stage train variants believed twin update_torch"


def dqn(f, seed):
    start = time.process_time()
    agent, replay, tests = f["train"](seed)
    seconds = time.process_time() - start
    score = f["lengths"](f["greedy"](agent.target), np.random.default_rng(10_000 + seed)).mean()
    return score, seconds, 250 * len(tests)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "08_reinforcement_learning"
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    f = taught(path, NAMES.split(), torch=torch, nn=torch.nn, bridge=bridge)
    runs = []
    for seed in range(seeds):
        runs.append(dqn(f, seed))
        print(f"double DQN, seed {seed}: {runs[-1][0]:.1f} steps, {runs[-1][1]:.1f} s, {runs[-1][2]} rounds", flush=True)
    solved = sum(run[0] >= SOLVED for run in runs)
    print(f"double DQN: {solved} of {seeds} seeds solved, median {statistics.median(r[1] for r in runs):.1f} s")
    for name, baseline in f["baselines"].items():
        ours, curves, start = [], [], time.process_time()
        for seed in range(seeds):
            params, curve = f["reinforce"](baseline, seed)
            ours.append(f["lengths"](f["greedy"](params), np.random.default_rng(10_000 + seed)).mean())
            curves.append(np.mean(curve))
        each = (time.process_time() - start) / seeds
        print(f"REINFORCE, baseline {name}: {sum(x >= SOLVED for x in ours)} of {seeds} solved, worst {min(ours):.1f}, "
              f"mean steps while learning {np.mean(curves):.0f}, {each:.1f} s each", flush=True)  # fmt: skip
    if "parts" in sys.argv[3:]:
        complete = {}  # its memories hold the states that all variants are asked about
        for name, change in f["variants"].items():
            rows = []
            for seed in range(5):
                run = f["train"](seed, **change)
                value = np.median(f["believed"](run, complete.setdefault(seed, run)))
                rows.append((250 * len(run[2]), run[2][-1] >= 490, value))
            text = "; ".join(f"{rounds}{'' if done else ' (not)'}, {value:.2f}" for rounds, done, value in rows)
            print(f"{name}: rounds until a test of 490, median value of a state: {text}", flush=True)
    speed(f)


def speed(f, repeats=5):
    rng = np.random.default_rng(0)
    batch = (rng.normal(size=(64, 4)).astype("f"), rng.integers(2, size=64), rng.normal(size=64).astype("f"),
             rng.normal(size=(64, 4)).astype("f"), rng.random(64) < 0.1)  # fmt: skip
    for sizes in ([4, 64, 64, 2], [4, 128, 128, 2]):
        agent = f["DQN"](nets.init(sizes, rng, np.float32))
        nets_torch, tensors = (f["twin"](agent.online), f["twin"](agent.target)), bridge.tensors(*batch)
        optimiser = torch.optim.Adam(nets_torch[0].parameters(), lr=1e-3)
        ours = lambda agent=agent: [agent.update(*batch, eta=1e-3) for _ in range(200)]  # noqa: E731
        theirs = lambda n=nets_torch, o=optimiser, x=tensors: [f["update_torch"](*n, o, *x) for _ in range(200)]  # noqa: E731
        numpy_ms, torch_ms = (5 * min(cpu_seconds(work) for _ in range(repeats)) for work in (ours, theirs))
        print(f"DQN {sizes} update: {numpy_ms:.3f} ms, {numpy_ms / torch_ms:.2f} of PyTorch's (target .3 for 64)")
    env = gym.make("CartPole-v1")

    def one_by_one():
        env.reset(seed=0)
        for t in range(5000):
            if any(env.step(t % 2)[2:4]):
                env.reset()

    base = min(cpu_seconds(one_by_one) for _ in range(repeats)) / 5000
    for n, target in ((64, 8), (1024, 70)):
        poles, a = f["Poles"](n, rng), np.arange(n) % 2
        work = lambda poles=poles, a=a: [poles.step(a) for _ in range(300)]  # noqa: E731
        each = min(cpu_seconds(work) for _ in range(repeats)) / (300 * n)
        print(f"{n} poles in lock-step: {base / each:.1f} times one Gymnasium environment (target {target})")


if __name__ == "__main__":
    main()
