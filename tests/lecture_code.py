"""What a lecture teaches, taken from its text twin: the benchmarks, the searches and the tests run this code."""

import ast
import time
from pathlib import Path

from course_utils import nets  # first: it sets one thread for NumPy's linear algebra

import numpy as np  # isort: skip

TWINS = Path(__file__).resolve().parents[1] / "lectures" / "text"


def taught(twin, names=None, **given):
    """A namespace of the lecture's functions, classes and constants of these names (default: all functions).

    twin: a stem such as "02_backpropagation", or a path. A name's last definition counts; what has graduated
    to `nets` and everything in `given` is there as well, unless the lecture defines it. Missing names end the
    program with a sentence that lists them.
    """
    path = Path(twin) if str(twin).endswith(".py") else TWINS / f"{twin}.py"
    kept, found = [], set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        defined = set()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef) if names else ast.FunctionDef):
            defined = {node.name}
        elif isinstance(node, ast.Assign) and names:
            targets = getattr(node.targets[0], "elts", node.targets)  # a, b = ... has several
            defined = {target.id for target in targets if isinstance(target, ast.Name)}
        if defined and (names is None or defined & set(names)):
            kept.append(node)
            found |= defined
    if names and set(names) - found:
        raise SystemExit(f"{path} does not define {', '.join(sorted(set(names) - found))}")
    space = {name: f for name, f in vars(nets).items() if callable(f)} | {"np": np} | given
    exec(compile(ast.Module(kept, []), str(path), "exec"), space)
    return space


def cpu_seconds(work, *arguments):
    """The processor time of work(*arguments), which a busy machine disturbs less than the wall clock."""
    start = time.process_time()
    work(*arguments)
    return time.process_time() - start
