"""A bare runtime, as on Colab: one notebook in an empty folder, an environment that lacks the course, no network.

The set-up cell fetches the course (here from a wheel built on the spot), changes nothing else, and the notebook
runs to its end. Everywhere else it does nothing.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from course import BASE, NOTEBOOKS, PAIRS, code_cells, tags
from jupyter_client import KernelManager
from nbclient import NotebookClient

from course_utils.cli import exercises, twins

BUILD_WHEEL = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The course as a wheel, from a copy of its package."""
    copy, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        BASE / "course_utils", copy / "course_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(BASE / name, copy)
    subprocess.run(
        [sys.executable, "-c", BUILD_WHEEL, str(target)], cwd=copy, check=True, capture_output=True
    )
    return next(target.glob("*.whl"))


@pytest.fixture
def runtime(tmp_path):
    """An environment with everything but the course, and a stub of google.colab that is imported at start."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "env")}))
    visible = tmp_path / "visible"
    visible.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.lower().startswith(("course_utils", "__editable__")):
            (visible / entry.name).symlink_to(entry)
    (own / "visible.pth").write_text(f"{visible}\n")
    (tmp_path / "stub/google/colab").mkdir(parents=True)
    (tmp_path / "stub/google/colab/__init__.py").write_text("")
    start = tmp_path / "ipython/profile_default/startup"
    start.mkdir(parents=True)
    (start / "00.py").write_text("import google.colab\n")
    (tmp_path / "content").mkdir()
    return tmp_path


def environment(runtime):
    keep = {key: os.environ[key] for key in ("LANG", "COURSE_CHECK_SEED") if key in os.environ}
    return keep | {
        "PATH": f"{runtime}/env/bin:/usr/bin:/bin",
        "HOME": str(runtime),
        "IPYTHONDIR": str(runtime / "ipython"),
        "PYTHONPATH": str(runtime / "stub"),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def installed(runtime):
    """What pip sees in the runtime, as a set of name==version."""
    command = [str(runtime / "env/bin/python"), "-m", "pip", "freeze", "--all"]
    done = subprocess.run(command, env=environment(runtime), capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def bare(folder, stem, where):
    """A notebook as it would be opened alone: with the address of the course in its set-up cell."""
    book = exercises.exercise(BASE, stem) if folder == "exercises" else twins.read_twin(BASE, folder, stem)
    for cell in book.cells:
        if "setup" in tags(cell):
            cell.source = twins.with_bootstrap(cell.source, where)
    return book


def run(book, runtime):
    """Run a notebook in the runtime's own Python, in its empty folder."""
    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = str(runtime / "env/bin/python")
    client = NotebookClient(
        book, km=manager, timeout=300, resources={"metadata": {"path": str(runtime / "content")}}
    )
    try:
        client.execute(env=environment(runtime))
    finally:
        manager.shutdown_kernel(now=True)  # the client leaves a manager that it was given alone


@pytest.mark.parametrize("folder,stem", NOTEBOOKS)
def test_notebook_runs_alone(folder, stem, wheel, runtime):
    before = installed(runtime)
    run(bare(folder, stem, wheel.as_uri()), runtime)
    added = installed(runtime) - before
    assert len(added) == 1 and added.pop().startswith("course-utils @ file:"), (
        "the set-up changed other packages"
    )


def test_without_an_address_one_sentence_says_what_to_do(runtime):
    folder, stem = PAIRS[0]
    book = bare(folder, stem, "")
    book.cells = [cell for cell in book.cells if "setup" in tags(cell)]
    with pytest.raises(Exception, match="open it with `make lab`"):
        run(book, runtime)


def test_where_the_course_is_installed_nothing_is_fetched():
    for folder, stem in PAIRS:
        (setup,) = [
            c for c in code_cells(bare(folder, stem, "git+https://example.org/x.git")) if "setup" in tags(c)
        ]
        fetch = setup.source.index("%pip")
        assert "except ModuleNotFoundError" in setup.source[:fetch]
        exec(setup.source.replace("%pip", "raise SystemExit  # %pip"), {})
