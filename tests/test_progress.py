"""Training that may be interrupted and taken up again, in a plain script and in a real kernel."""

import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

from course_utils import progress


def test_it_runs_to_the_end_and_only_once():
    history, calls = [], []
    step = lambda: calls.append(1) or len(calls) ** 2  # noqa: E731
    progress.train(history, 4, step)
    progress.train(history, 4, step)
    assert history == [1, 4, 9, 16] and len(calls) == 4
    progress.train(history, 5, step)
    assert history[-1] == 25


def test_an_interrupted_training_goes_on(capsys):
    history, W = [], np.zeros(3)

    def step():
        if len(history) == 3 and not W[2]:
            W[2] = 1
            raise KeyboardInterrupt
        W[0] += 1
        return float(W[0])

    progress.train(history, 6, step)
    assert history == [1, 2, 3] and "Stopped after 3 of 6 rounds." in capsys.readouterr().out
    progress.train(history, 6, step)
    assert history == [1, 2, 3, 4, 5, 6] and "Stopped" not in capsys.readouterr().out


def test_other_errors_are_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        progress.train([], 2, lambda: 1 / 0)


def test_pictures_come_every_so_often_and_at_the_end(monkeypatch):
    shown = []
    monkeypatch.setattr(progress.plot, "show", lambda fig, alt, place: shown.append((len(history), alt, place)) or "here")

    def picture():
        return plt.figure(), "what it shows"

    history = []
    progress.train(history, 7, lambda: 0, picture, every=3)
    assert shown == [(3, "what it shows", True), (6, "what it shows", "here"), (7, "what it shows", "here")]
    plt.close("all")


SETUP = "import time\nfrom course_utils import progress\nhistory = []\ndef step():\n    time.sleep(0.05)\n    return 1.0"


@pytest.fixture
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client, code, when_busy=None):
    """Execute code; returns its status and what it printed on stdout. when_busy() is called after half a second."""
    printed = []
    hook = lambda m: printed.append(m["content"]["text"]) if m["content"].get("name") == "stdout" else None  # noqa: E731
    if when_busy is None:
        return client.execute_interactive(code, timeout=60, output_hook=hook)["content"]["status"], "".join(printed)
    identity = client.execute(code)
    time.sleep(0.7)
    when_busy()
    reply = client.get_shell_msg(timeout=60)
    while reply["parent_header"].get("msg_id") != identity:
        reply = client.get_shell_msg(timeout=60)
    return reply["content"]["status"], ""


def test_the_stop_button_of_a_real_kernel(kernel):
    manager, client = kernel
    assert run(client, SETUP)[0] == "ok"
    status, _ = run(client, "progress.train(history, 1000, step)", manager.interrupt_kernel)
    assert status == "ok"  # no traceback, and nothing lost:
    status, printed = run(client, "print(0 < len(history) < 1000)\nn = len(history)")
    assert (status, printed) == ("ok", "True\n")
    assert run(client, "progress.train(history, n + 2, step)\nprint(len(history) - n)") == ("ok", "2\n")
