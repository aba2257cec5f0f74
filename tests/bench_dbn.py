"""Few labels in lecture 9, on demand: python tests/bench_dbn.py [twin.py] [seeds]

Test accuracy of one network, 784-500-500-10, from 100, 200, 500 and 1000 labelled digits, for three starts: the greedy
stack of RBMs, trained on all 4000 digits without labels, random weights with sigmoid units, and random weights
with ReLU; and from 100 labelled digits that are distorted anew in each of 400 epochs. Everything is the lecture's own
code and settings, read from its text twin (or from the file named). Each seed (default: 5) draws its own stack,
labelled digits and random weights. Prints mean and standard error over the seeds.
"""

import sys

from course_utils import data, nets  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip

from lecture_code import cpu_seconds, taught  # isort: skip

NAMES = {"hidden_given", "visible_given", "sample", "new_machine", "learn", "train", "greedy", "STACK"}
NAMES |= {"slopes", "teach", "start", "few_labels", "RATES", "LABELS", "EPOCHS_AT"}
DISTORTED = 400  # epochs


def main():
    given = dict(zip(("X_train", "y_train", "X_test", "y_test"), data.digits28(flat=True), strict=True))
    f = taught(
        *(sys.argv[1:2] or ["09_boltzmann_machines"]), NAMES, **given, relu=nets.relu, sigmoid=nets.sigmoid
    )
    found = {kind: [] for kind in f["RATES"]}

    def one(seed):
        f["stack"] = f["greedy"](f["X_train"], **f["STACK"], rng=np.random.default_rng([160, seed]))
        for kind, rows in found.items():
            rng = lambda: np.random.default_rng([170, seed])  # noqa: E731
            row = [f["few_labels"](n, kind, rng()) for n in f["LABELS"]]
            rows.append([*row, f["few_labels"](100, kind, rng(), distorted=DISTORTED)])

    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for seed in range(seeds):
        seconds = cpu_seconds(one, seed)
        last = "; ".join(
            f"{kind} " + " ".join(f"{100 * x:.1f}" for x in rows[-1]) for kind, rows in found.items()
        )
        print(f"seed {seed}, {seconds:.0f} s of CPU: {last}", flush=True)
    print("labels:  " + "".join(f"{n:>14}" for n in [*f["LABELS"], "100 distorted"]))
    for kind, rows in found.items():
        mean, bar = 100 * np.mean(rows, axis=0), 100 * np.std(rows, axis=0, ddof=1) / np.sqrt(seeds)
        print(f"{kind:8} " + "".join(f"{m:8.1f} ± {e:3.1f}" for m, e in zip(mean, bar, strict=True)))


if __name__ == "__main__":
    main()
