"""The seeds behind the claims: run a lecture's twin as a script under several seeds, and record every result."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from tqdm import tqdm

from . import twins


def run_seed(path, seed, target):
    """Run one twin with all its random generators moved to another seed; write its claims to `target`.

    Meant for a process of its own: it replaces NumPy's and PyTorch's ways to make a generator.
    """
    import runpy

    import numpy as np
    import torch

    from course_utils import check

    make, manual_seed = np.random.default_rng, torch.manual_seed
    shift = lambda number: [number, seed] if seed and isinstance(number, int) else number  # noqa: E731
    np.random.default_rng = lambda number=None: make(shift(number))
    torch.manual_seed = lambda number: manual_seed(number + 1000 * seed)
    check._recorder = []
    runpy.run_path(str(path))
    with open(target, "w", encoding="utf-8") as file:
        json.dump(check._recorder, file)


def collect(path, seeds):
    """{claim: {bound, values over seeds}} of one twin; seed 0 is the notebook's own."""
    claims = {}
    for seed in tqdm(range(seeds), unit="seed", desc=path.stem):
        with tempfile.NamedTemporaryFile(suffix=".json") as target:
            code = f"from course_utils.cli.claims import run_seed; run_seed({str(path)!r}, {seed}, {target.name!r})"
            environment = {**os.environ, "MPLBACKEND": "agg"}
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(f"{path.name} stopped under seed {seed}:\n{done.stderr[-2000:]}")
            with open(target.name, encoding="utf-8") as file:
                for claim in json.load(file):
                    entry = claims.setdefault(claim.pop("name"), {"values": []})
                    entry["values"].append(round(claim.pop("value"), 6))
                    entry.update({key: bound for key, bound in claim.items() if bound is not None})
    return claims


def safe_bound(entry):
    """The bound that the seeds support: the worst of them, moved by one standard error of one measurement."""
    values = entry["values"]
    error = statistics.stdev(values) / len(values) ** 0.5
    return min(values) - error if "at_least" in entry else max(values) + error


def renew(base, names, seeds):
    """Run the named lectures' seeds and write tests/claims.json; returns lines that sum it up."""
    path = base / "tests" / "claims.json"
    lines = []
    for stem in names:
        found = collect(twins.twin_path(base, "lectures", stem), seeds)
        book = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}  # read late: it takes minutes
        book[stem] = found
        path.write_text(
            json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )
        for name, entry in book[stem].items():
            bound = entry.get("at_least", entry.get("at_most"))
            lines.append(f"{stem}  {name}: bound {bound:g}, seeds support {safe_bound(entry):.5g}")
    return lines
