"""nbval, mended in two places, for runs that compare the notebooks' stored outputs."""

import json
import time
from pathlib import Path
from queue import Empty

try:
    from nbval import kernel
except ImportError:  # without nbval only the plain tests run
    kernel = None


def execute_with_history(self, source, allow_stdin=None):
    """Run a cell as JupyterLab does. Without history, `_`, `Out` and a trailing `;` would behave differently."""
    return self.kc.execute(source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


def await_reply_of_living_kernel(self, msg_id, timeout=None):
    """Wait for a cell's end, but notice within a second when the kernel has died, instead of at the time-out."""
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            message = self.get_message(stream="shell", timeout=1)
        except Empty:
            if not self.is_alive():
                raise RuntimeError("the kernel died while it ran this cell") from None
            continue
        if message["parent_header"].get("msg_id") == msg_id:
            if message["content"]["status"] == "aborted":
                raise RuntimeError("the kernel gave up on this cell")
            return
    raise Empty


if kernel:
    kernel.RunningKernel.execute_cell_input = execute_with_history
    kernel.RunningKernel.await_reply = await_reply_of_living_kernel


def pytest_terminal_summary(terminalreporter, config):
    """After a run of notebooks: how many cells are exempt from comparison (a test bounds their number)."""
    if not config.getoption("nbval", False):
        return
    for path in sorted(Path(config.rootpath).glob("[ls]*/[0-9]*.ipynb")):
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        exempt = sum("nbval-ignore-output" in cell["metadata"].get("tags", []) for cell in cells)
        name = f"{path.parent.name}/{path.name}"
        terminalreporter.write_line(f"{name}: {exempt} of {len(cells)} code cells exempt from comparison")
