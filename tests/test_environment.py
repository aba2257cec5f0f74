"""The dependencies are said three times (ranges, tested versions, conda); the three agree."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = {
    extra: [Requirement(text) for text in texts]
    for extra, texts in PROJECT["project"]["optional-dependencies"].items()
    if extra != "games"  # never installed by our commands, so there is no version that they test
}
EVERYTHING = RUN_TIME + [requirement for extra in EXTRAS.values() for requirement in extra]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
PIN_LINES = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
PINS = {canonicalize_name(line.split("==")[0]): line.split("==")[-1] for line in PIN_LINES}
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CONDA_NAMES = {"torch": "pytorch"}

# What Colab has installed (its published list of 2026-08-19, Python 3.13): the set-up cell must find it
# good enough, or it would reinstall torch or numpy under a student's feet.
COLAB = {
    "anywidget": "0.9.21",
    "gymnasium": "1.3.0",
    "ipywidgets": "7.7.1",
    "matplotlib": "3.10.0",
    "mlxtend": "0.23.4",
    "numpy": "2.1.3",
    "pillow": "11.3.0",
    "platformdirs": "4.11.3",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "statsmodels": "0.14.6",
    "torch": "2.11.0",
    "tqdm": "4.67.3",
}
# The only packages that the course may have to add there.
ABSENT_ON_COLAB = {"faker"}


def names(requirements):
    return {canonicalize_name(requirement.name) for requirement in requirements}


# --- tested versions


@pytest.mark.parametrize("requirement", EVERYTHING + BUILD, ids=str)
def test_every_dependency_has_a_tested_version_in_its_range(requirement):
    name = canonicalize_name(requirement.name)
    assert name in PINS, f"{name} is in pyproject.toml, not in constraints.txt"
    assert requirement.specifier.contains(PINS[name]), f"{name}=={PINS[name]} is outside {requirement}"


@pytest.mark.parametrize("line", PIN_LINES)
def test_a_tested_version_is_a_name_and_a_version_and_nothing_else(line):
    match = re.fullmatch(r"([A-Za-z0-9][\w.-]*)==([^\s;@#]+)", line)
    assert match, f"no address, hash, marker or comment: {line}"
    assert Version(match[2]).local is None, f"no local version: {line}"


def test_each_tested_version_is_said_once():
    written = [canonicalize_name(line.split("==")[0]) for line in PIN_LINES]
    assert len(set(written)) == len(written)
    assert not {"pip", "course-utils"} & set(written)


def closure():
    """Names of everything that the course with all extras brings along in this environment."""
    todo = [(requirement, "") for requirement in EVERYTHING]
    seen = {}
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        fresh = {"", *requirement.extras} - seen.setdefault(name, set())
        seen[name] |= fresh
        for text in (importlib.metadata.requires(name) or []) if fresh else []:
            todo += [(Requirement(text), extra) for extra in fresh]
    return set(seen)


def test_everything_that_is_installed_has_a_tested_version():
    """Except what torch's CUDA build brings along: torch pins that itself."""
    cuda = re.compile(r"nvidia-|cuda-|triton$")
    unpinned = sorted(name for name in closure() - set(PINS) if not cuda.match(name))
    if sys.platform != "linux":
        pytest.skip(f"tested versions are those for Linux; here without one: {unpinned}")
    assert not unpinned


def test_this_environment_has_the_tested_versions():
    if not (Path(sys.prefix) / "course-stamp.json").exists():
        pytest.skip("this environment was not made by start.py (conda, or by hand)")
    wrong = {}
    for name in closure() & set(PINS):
        installed = Version(importlib.metadata.version(name)).public
        if installed != str(Version(PINS[name])):
            wrong[name] = f"{installed} instead of {PINS[name]}"
    assert not wrong


# --- Python and Colab


@pytest.mark.parametrize("python", ["3.11.0", "3.12.1", "3.13.15"])
def test_python_is_admitted_by_the_course_and_by_every_tested_version(python):
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(python)
    for name in closure() & set(PINS):
        required = importlib.metadata.metadata(name)["Requires-Python"]
        assert SpecifierSet(required or "").contains(python), f"{name} wants Python {required}"


def test_python_before_3_11_is_not_admitted():
    assert not SpecifierSet(PROJECT["project"]["requires-python"]).contains("3.10.13")


@pytest.mark.parametrize("requirement", RUN_TIME, ids=str)
def test_ranges_admit_what_colab_has(requirement):
    name = canonicalize_name(requirement.name)
    if name not in ABSENT_ON_COLAB:
        assert requirement.specifier.contains(COLAB[name])


def test_colab_table_has_no_leftovers():
    assert set(COLAB) <= names(RUN_TIME)


# --- conda


def conda_specs():
    return [spec for spec in CONDA["dependencies"] if isinstance(spec, str)]


def pip_specs():
    return [text for spec in CONDA["dependencies"] if isinstance(spec, dict) for text in spec["pip"]]


def conda_versions():
    """Map the conda name to its range, read by conda's own rules."""
    rattler = pytest.importorskip("rattler")
    specs = [rattler.MatchSpec(spec, strict=True) for spec in conda_specs()]
    return {spec.name.normalized: str(spec.version or "") for spec in specs}


def test_conda_file_has_one_channel_and_only_known_keys():
    assert set(CONDA) == {"name", "channels", "dependencies"}
    assert CONDA["channels"] == ["conda-forge"]


def test_conda_installs_the_course_itself_with_pip():
    assert pip_specs() == ["-e ."] and "pip" in conda_specs()


def test_conda_python_is_the_tested_one():
    spec = next(spec for spec in conda_specs() if spec.startswith("python="))
    assert spec == "python=3.11"
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(spec.split("=")[1] + ".0")


def test_conda_has_the_ranges_of_pyproject_and_nothing_else():
    versions = conda_versions()
    expected = {
        CONDA_NAMES.get(requirement.name, requirement.name).lower(): str(requirement.specifier)
        for requirement in RUN_TIME + EXTRAS["lab"]
    }
    assert {name: versions[name] for name in versions if name not in ("python", "pip")} == expected


# --- addresses


def tracked_files():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git clone: no list of the files that belong to the course")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_pytorchs_own_index_is_named_once_and_no_other_index():
    # put together here, so that this file does not name them itself
    torch = "download." + "pytorch.org"
    others = ["pypi" + ".org", "python" + "hosted.org", "conda." + "anaconda.org", "registry." + "npmjs"]
    where = {}
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for host in [torch, *others]:
            if host in text:
                where.setdefault(host, []).append((str(path.relative_to(ROOT)), text.count(host)))
    assert where == {torch: [("start.py", 1)]}
