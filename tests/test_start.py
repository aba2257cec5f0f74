"""start.py and the Makefile: each thing that can be missing or broken gives one sentence and a way out.

Nothing is installed here: a stand-in plays pip and venv, with the words that the real ones use.
"""

import ast
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

OFFLINE = """WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError(
'<HTTPSConnection>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'
ERROR: Could not find a version that satisfies the requirement setuptools==84.2.1 (from versions: none)
ERROR: No matching distribution found for setuptools==84.2.1"""
NO_INDEX = """ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from versions: none)
ERROR: No matching distribution found for numpy==2.4.6"""
NO_TORCH = """ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)
ERROR: No matching distribution found for torch==2.13.0"""
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
FORBIDDEN = "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x/.venv/a'"
NO_VENV = "/usr/bin/python3.11: No module named ensurepip"


def load():
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start.py, at home in an empty folder, with every step of the set-up played by `start.pip`."""
    module = load()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    monkeypatch.setattr(module.sys, "platform", "linux")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "constraints.txt").write_text("setuptools==84.2.1\ntorch==2.13.0\n")
    (tmp_path / module.LECTURE).parent.mkdir()
    (tmp_path / module.LECTURE).write_text("{}")
    module.pip = Pip(module)
    monkeypatch.setattr(module, "run", module.pip.run)
    monkeypatch.setattr(module, "probe", module.pip.probe)
    monkeypatch.setattr(module, "open_lab", lambda *_: 0)
    return module


class Pip:
    """Plays pip and venv: records the steps, makes and finds files, fails where it is told to."""

    def __init__(self, start):
        self.start, self.steps, self.fail, self.output = start, [], None, ""

    def run(self, command):
        step = " ".join(str(part) for part in command[1:])
        self.steps.append(step)
        if self.fail and self.fail in step:
            return 1, self.output
        if "venv" in command:
            self.start.venv_python().parent.mkdir(parents=True, exist_ok=True)
            self.start.venv_python().write_text("")
        if "ensurepip" in command:
            self.package("pip")
        if "-e" in command:
            self.package("torch")
        return 0, "done\n"

    def site(self):
        return self.start.VENV / "site"

    def package(self, name):
        (self.site() / name).mkdir(parents=True, exist_ok=True)

    def probe(self):
        if not self.start.venv_python().exists() or not (self.site() / "pip").exists():
            return None
        return ["3.11.7", sorted(path.name for path in self.site().iterdir())]

    def breaks(self, where, output):
        self.fail, self.output = where, output


def said(start, capsys, *arguments):
    """Run the command; return its exit status and what it printed, of which no line is a traceback."""
    status = start.main(list(arguments))
    text = capsys.readouterr().out
    assert "Traceback" not in text
    return status, text


def closing(text):
    """The lines that start.py addresses to the reader after a failure: there must be exactly one."""
    lines = [line for line in text.splitlines() if line.startswith("start.py: ")]
    assert len(lines) == 1, text
    return lines[0]


# --- a Python that is missing or too old


def test_parses_on_an_old_python():
    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_imports_only_the_standard_library():
    tree = ast.parse((ROOT / "start.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_old_python_gets_one_sentence(start, capsys, monkeypatch, version):
    monkeypatch.setattr(start.sys, "version_info", version)
    status, text = said(start, capsys, "lab")
    assert status == 1 and not start.pip.steps
    assert f"This is Python 3.{version[1]}" in closing(text) and "3.11 or newer" in text


def test_oldest_python_is_that_of_the_package(start):
    assert 'requires-python = ">={}.{}"'.format(*start.OLDEST) in (ROOT / "pyproject.toml").read_text("utf-8")
    start.check_python((3, 11, 0))
    start.check_python((3, 14, 0))


def make(tmp_path, **programs):
    """Run `make lab` where only the given programs exist (shell scripts by name)."""
    make = shutil.which("make")
    if make is None or os.name == "nt":
        pytest.skip("make is not installed here; start.py does the same")
    for name, script in programs.items():
        program = tmp_path / name.replace("_", ".")
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o755)
    done = subprocess.run(
        [make, "-f", str(ROOT / "Makefile"), "lab"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_make_without_python_says_so(tmp_path):
    status, text = make(tmp_path)
    assert status != 0 and "There is no Python 3 here: install Python 3.11 or newer" in text


def test_make_takes_the_first_python_that_is_new_enough(tmp_path):
    good = 'test "$1" = -c || echo "3.12 runs $@"\n'
    status, text = make(tmp_path, python3_13="exit 127\n", python3_12=good, python3="exit 1\n")
    assert status == 0 and "3.12 runs start.py lab" in text


def test_stopping_make_stops_start_py(tmp_path):
    """There is no shell between the two that a signal would end alone."""
    status, text = make(tmp_path, python3='test "$1" = -c || { read -r name </proc/$PPID/comm; echo "by $name"; }\n')
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    assert status == 0 and text == "by make\n"


def test_make_leaves_an_old_python_to_start_py(tmp_path):
    status, text = make(tmp_path, python3='test "$1" = -c && exit 1; echo "old runs $@"\n')
    assert status == 0 and "old runs start.py lab" in text


# --- files of the course


@pytest.mark.parametrize("name", ["lectures/01_neurons.ipynb", "constraints.txt", "pyproject.toml"])
def test_missing_file(start, capsys, name):
    (start.ROOT / name).unlink()
    status, text = said(start, capsys, "lab")
    assert status == 1 and not start.VENV.exists()
    assert f"{name} is missing" in closing(text) and f"git checkout -- {name}" in text


# --- the set-up and what breaks it


def test_first_call_installs_tested_versions_and_second_installs_nothing(start, capsys):
    assert said(start, capsys, "lab")[0] == 0
    venv, ensurepip, setuptools, course = start.pip.steps
    assert venv.startswith("-m venv") and ensurepip.startswith("-m ensurepip")
    assert setuptools.endswith("install setuptools==84.2.1")
    assert "-c constraints.txt" in course and course.endswith("-e .[lab]")
    start.pip.steps.clear()
    assert said(start, capsys, "lab")[0] == 0
    assert start.pip.steps == []


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_dependencies_are_installed_without_making_the_environment_again(start, capsys, name):
    said(start, capsys, "setup")
    start.pip.steps.clear()
    with open(start.ROOT / name, "a") as file:
        file.write("# newer\n")
    said(start, capsys, "lab")
    assert not any("venv" in step for step in start.pip.steps)
    assert start.pip.steps[-1].endswith("-e .[build,lab,test]")  # and nothing is taken away


def test_lab_needs_nothing_more_after_test(start, capsys):
    said(start, capsys, "setup")
    start.pip.steps.clear()
    said(start, capsys, "lab")
    assert start.pip.steps == []


@pytest.mark.parametrize(
    "where, output, words",
    [
        ("setuptools", OFFLINE, ["cannot reach its package index", "connect to the network"]),
        ("-e .", NO_INDEX, ["told not to ask its index", "PIP_NO_INDEX"]),
        ("-e .", NO_TORCH, ["not offered for this Python", "try Python 3.11"]),
        ("-e .", FULL, ["disk is full", "free some space"]),
        ("ensurepip", FULL, ["disk is full", "free some space"]),
        ("-e .", FULL + OFFLINE, ["disk is full"]),
        ("-e .", FORBIDDEN, ["cannot be written", "close programs that use it"]),
        ("ensurepip", NO_VENV, ["lacks its venv module", "sudo apt install python3-venv"]),
        ("-e .", "ERROR: something nobody foresaw", ["delete .venv and run it once more"]),
    ],
)
def test_failed_step_says_what_is_wrong_and_the_next_call_repairs_it(start, capsys, where, output, words):
    start.pip.breaks(where, output)
    status, text = said(start, capsys, "lab")
    assert status == 1
    for word in [*words, "did not work"]:
        assert word in closing(text)
    assert output in (start.VENV / "setup.log").read_text()
    start.pip.breaks(None, "")
    assert said(start, capsys, "lab")[0] == 0
    start.pip.steps.clear()
    assert said(start, capsys, "lab")[0] == 0 and start.pip.steps == []


def test_disk_that_fills_while_start_py_itself_writes(start, capsys, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(start, "write_stamp", full)
    status, text = said(start, capsys, "lab")
    assert status == 1 and "disk is full" in closing(text)


def test_failed_update_without_network_keeps_the_old_environment(start, capsys):
    said(start, capsys, "lab")
    (start.ROOT / "constraints.txt").write_text("setuptools==85.0\ntorch==2.13.0\n")
    start.pip.breaks("setuptools", OFFLINE)
    assert said(start, capsys, "lab")[0] == 1
    start.pip.steps.clear()
    start.pip.breaks(None, "")
    assert said(start, capsys, "lab")[0] == 0
    assert not any("venv" in step for step in start.pip.steps)


def without_python(start):
    start.venv_python().unlink()


def without_pip(start):
    (start.pip.site() / "pip").rmdir()


def without_torch(start):
    (start.pip.site() / "torch").rmdir()


def interrupted(start):
    start.write_stamp(dict(start.read_stamp(), unfinished=True))


def moved(start):
    start.write_stamp(dict(start.read_stamp(), root="/elsewhere"))


@pytest.mark.parametrize(
    "harm, words",
    [
        (without_python, "Python or its pip is missing"),
        (without_pip, "Python or its pip is missing"),
        (without_torch, "packages are missing (torch)"),
        (interrupted, "was interrupted"),
        (moved, "was moved"),
    ],
)
def test_half_made_environment_is_made_again(start, capsys, harm, words):
    said(start, capsys, "lab")
    harm(start)
    (start.VENV / "leftover").write_text("")
    start.pip.steps.clear()
    status, text = said(start, capsys, "lab")
    assert status == 0 and words in text
    assert not (start.VENV / "leftover").exists() and len(start.pip.steps) == 4


def test_environment_made_by_hand_is_kept(start, capsys):
    start.pip.run(["python", "-m", "venv"])
    start.pip.package("pip")
    (start.VENV / "mine").write_text("")
    start.pip.steps.clear()
    assert said(start, capsys, "lab")[0] == 0
    assert (start.VENV / "mine").exists() and not any("venv" in step for step in start.pip.steps)


def test_interruption_ends_without_traceback(start, capsys, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "run", interrupt)
    status, text = said(start, capsys, "lab")
    assert status == 130 and "Stopped" in text
    assert start.read_stamp()["unfinished"]


def test_real_step_is_run_quietly_and_its_output_returned():
    real = load()
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    status, output = real.run([sys.executable, "-c", code])
    assert status == 3 and sorted(output.split()) == ["err", "out"]


def test_real_probe_wants_a_python_with_pip(start, monkeypatch):
    real = load()
    monkeypatch.setattr(real, "VENV", start.VENV)
    assert real.probe() is None
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(start.VENV)], check=True)
    assert real.probe() is None
    (next(start.VENV.rglob("site-packages")) / "pip.py").write_text("")
    version, packages = real.probe()
    assert version == sys.version and "pip.py" in packages


# --- the small torch


def test_small_torch_comes_from_its_own_index_at_the_tested_version(start, capsys):
    assert said(start, capsys, "lab", "--torch=cpu")[0] == 0
    step = next(step for step in start.pip.steps if "--index-url" in step)
    assert step.endswith(f"--no-deps --index-url {start.TORCH_CPU} torch==2.13.0+cpu")
    start.pip.steps.clear()
    said(start, capsys, "lab", "--torch=cpu")
    said(start, capsys, "lab")  # without the option, what is there stays
    assert start.pip.steps == []


def test_unreachable_torch_index_names_it_and_the_way_on(start, capsys):
    start.pip.breaks("--index-url", OFFLINE.replace("setuptools==84.2.1", "torch==2.13.0+cpu"))
    status, text = said(start, capsys, "lab", "--torch=cpu")
    assert status == 1
    for word in [start.TORCH_CPU, "cannot be reached", "without the option TORCH=cpu"]:
        assert word in closing(text)
    assert said(start, capsys, "lab")[0] == 0


def test_full_disk_is_not_blamed_on_the_torch_index(start, capsys):
    start.pip.breaks("--index-url", FULL)
    assert "disk is full" in closing(said(start, capsys, "lab", "--torch=cpu")[1])


# --- lab


def test_busy_port_picks_the_next(start):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        first = busy.getsockname()[1]
        assert first < start.free_port(first) < first + 100
    with pytest.raises(start.Trouble, match="--port=NUMBER"):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            start.free_port(busy.getsockname()[1], tries=1)


@pytest.mark.parametrize("environment, expected", [({}, True), ({"DISPLAY": ":0"}, False)])
def test_no_browser_without_a_display(start, monkeypatch, environment, expected):
    for name in ("CI", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert start.headless() is expected
    monkeypatch.setenv("CI", "true")
    assert start.headless()


@pytest.fixture
def lab(start, monkeypatch):
    """start.py with its real open_lab, whose server is a stand-in given by its code."""
    real = load()
    monkeypatch.setattr(real, "ROOT", start.ROOT)
    monkeypatch.setattr(real, "VENV", start.VENV)
    start.VENV.mkdir()

    def serve(code):
        monkeypatch.setattr(real, "lab_command", lambda port, _: [sys.executable, "-c", code, str(port)])
        return real.open_lab(real.free_port(18888), True, seconds=20)

    serve.Trouble = real.Trouble
    return serve


SERVER = """
import http.server, os, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        threading.Timer(0.2, os._exit, [7]).start()
threading.Timer(10, os._exit, [8]).start()  # for when nobody asks
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_lab_prints_its_address_once_it_answers(lab, capsys, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "secret")
    assert lab(SERVER) == 7
    text = capsys.readouterr().out
    assert "http://127.0.0.1:18" in text and "/lab/tree/lectures/01_neurons.ipynb?token=secret" in text


def test_lab_that_does_not_start_shows_its_last_words(lab):
    with pytest.raises(lab.Trouble, match="(?s)did not start.*the server has no legs"):
        lab("import sys; sys.exit('the server has no legs')")


def test_lab_starts_no_browser_and_no_other_port(start):
    command = start.lab_command(8890, True)
    assert "--no-browser" in command and "--ServerApp.port=8890" in command
    assert "--ServerApp.port_retries=0" in command  # otherwise the printed address could be wrong
    assert "--no-browser" not in start.lab_command(8890, False)


# --- test


def test_every_check_runs_and_one_failure_fails_the_whole(start, capsys, monkeypatch):
    calls = []

    def call(command, env, **_):
        calls.append((command[1:], env))
        return 1 if "ruff" in command else 0

    monkeypatch.setattr(start.subprocess, "call", call)
    status, text = said(start, capsys, "test", "--", "-k", "neurons")
    assert status == 1 and text.endswith("failed: ruff\n")
    chosen = [check + ["-k", "neurons"] * ("pytest" in check) for check in start.CHECKS]
    assert [command for command, _ in calls] == chosen
    assert all(env["PIP_NO_INDEX"] == "1" and env["OMP_NUM_THREADS"] == "1" for _, env in calls)
    monkeypatch.setattr(start.subprocess, "call", lambda *_, **__: 0)
    assert said(start, capsys, "test")[0] == 0


def test_stamp_is_readable_and_a_broken_one_counts_as_none(start, capsys):
    said(start, capsys, "lab")
    assert json.loads(start.stamp_file().read_text())["extras"] == ["lab"]
    start.stamp_file().write_text("{half a st")
    assert start.read_stamp() == {}


# --- update


@pytest.fixture
def clone(start, tmp_path, monkeypatch):
    """A clone of a small course, one version behind; start.py works in it."""
    def git(folder, *arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    origin, copy = tmp_path / "origin", tmp_path / "copy"
    (origin / "exercises").mkdir(parents=True)
    (origin / "exercises/01.ipynb").write_text("task 1")
    git(origin, "init", "-q")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "first")
    git(tmp_path, "clone", "-q", str(origin), str(copy))
    (origin / "exercises/01.ipynb").write_text("task 1, better")
    git(origin, "commit", "-qam", "second")
    monkeypatch.setattr(start, "ROOT", copy)
    return copy


def test_update_fetches_the_new_version(start, clone, capsys):
    assert said(start, capsys, "update")[0] == 0
    assert (clone / "exercises/01.ipynb").read_text() == "task 1, better"


def test_update_refuses_where_answers_are_names_them_and_keeps_a_copy(start, clone, capsys):
    (clone / "exercises/01.ipynb").write_text("my answer")
    status, text = said(start, capsys, "update")
    assert status == 1 and "exercises/01.ipynb holds work of yours" in text and "REPLACE=1" in text
    assert (clone / "exercises/01.ipynb").read_text() == "my answer"
    assert [kept.read_text() for kept in (clone / "exercises/kept").iterdir()] == ["my answer"]


def test_update_replaces_on_request_and_the_copy_stays(start, clone, capsys):
    (clone / "exercises/01.ipynb").write_text("my answer")
    assert said(start, capsys, "update", "--replace")[0] == 0
    assert (clone / "exercises/01.ipynb").read_text() == "task 1, better"
    assert [kept.read_text() for kept in (clone / "exercises/kept").iterdir()] == ["my answer"]


def test_update_outside_a_clone_says_what_git_says(start, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    status, text = said(start, capsys, "update")
    assert status == 1 and "git diff did not work" in text
