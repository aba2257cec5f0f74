"""One command to study, one to test.

    python3 start.py lab      set up once, then open JupyterLab on the first lecture
    python3 start.py test     set up once, then run everything that is checked
    python3 start.py setup    only set up
    python3 start.py update   fetch the newest version of the course, without touching your answers

The set-up is a virtual environment in .venv with the versions of constraints.txt. It is made once;
later calls find it and start in seconds. A broken or half-made one is made again.

Only the standard library is used, and no syntax newer than Python 3.6, so that a Python that is too
old says so in one sentence instead of failing on the syntax.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LECTURE = "lectures/01_neurons.ipynb"
STUDENT = ("lab",)
CONTRIBUTOR = ("build", "lab", "test")
TORCH_CPU = "https://download.pytorch.org/whl/cpu"

# What `test` runs, in this order, each by the Python of .venv; arguments after `--` go to pytest.
PYTEST = ["-m", "pytest", "-n", "2", "--dist", "loadfile", "-q"]
CHECKS = [
    ["-m", "ruff", "check", "."],
    PYTEST + ["tests"],
    # every lecture and solution runs again, and its outputs are compared with the stored ones
    PYTEST
    + ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300"]
    + ["--nbval-sanitize-with", "tests/nbval.cfg", "lectures", "solutions"],
]

# Words that pip and venv use, what they mean, and the way out. The first row that matches counts: a full
# disk or a lost network also causes the errors further down.
SYMPTOMS = [
    (
        "disk",
        r"No space left on device|not enough space on the disk|Errno 28\b|Errno 122\b|Disk quota exceeded",
        "The disk is full: free some space here and in the folder for temporary files (the course takes "
        "about 2 GB, and several more with PyTorch's usual build for Linux), then run the same command again.",
    ),
    (
        "venv",
        r"ensurepip is not|No module named '?(ensurepip|venv)",
        "This Python lacks its venv module: install it (on Debian and Ubuntu: sudo apt install "
        "python3-venv), then run the same command again.",
    ),
    (
        "network",
        r"Temporary failure in name resolution|NewConnectionError|ConnectionError|connection broken"
        r"|[Tt]imed? ?out|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|getaddrinfo failed"
        r"|Network is unreachable|Connection refused|NameResolutionError|IncompleteRead|HTTP error",
        "pip cannot reach its package index: connect to the network (or set the proxy that yours needs), "
        "then run the same command again.",
    ),
    (
        "permission",
        r"Permission denied|Access is denied|Errno 13\b|Read-only file system|Errno 30\b|WinError (5|32)\b",
        "A file of .venv cannot be written: close programs that use it, make sure that this folder is "
        "yours, then run the same command again.",
    ),
    (
        "package",
        r"satisfies the requirement torch|requires a different Python|ResolutionImpossible|Failed to build",
        "One of the packages is not offered for this Python or this machine: try Python 3.11, for which "
        "the versions in constraints.txt were tested.",
    ),
    (
        "network",
        r"from versions: none",
        "pip finds no packages at all: it is offline or told not to ask its index (PIP_NO_INDEX, pip's "
        "settings); change that, then run the same command again.",
    ),
]


class Trouble(Exception):
    """Something a reader can put right: one sentence on what is wrong and what to do."""

    def __init__(self, message, kind="other"):
        super().__init__(message)
        self.kind = kind


def say(text):
    print(text, flush=True)


# --- before anything is made ---------------------------------------------------------------------------


def check_python(version):
    if tuple(version[:2]) < OLDEST:
        raise Trouble(
            "This is Python {}.{}, and the course needs Python {}.{} or newer: install one (from python.org "
            "or your system's packages) and run start.py with it.".format(*tuple(version[:2]) + OLDEST)
        )


def check_files(names):
    for name in names:
        if not (ROOT / name).is_file():
            raise Trouble(
                f"{name} is missing, so this copy of the course is not complete: bring it back with "
                f"`git checkout -- {name}`, or clone the course again."
            )


# --- running pip, and reading what it says ---------------------------------------------------------------


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(command):
    """Run a command quietly, return (exit status, output). On a terminal a dim line shows that it lives."""
    settings = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=str(ROOT),
        env=dict(os.environ, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines = []
    try:
        for line in child.stdout:
            lines.append(line)
            show_progress(line)
    finally:
        if child.poll() is None and sys.exc_info()[0]:
            child.terminate()
    show_progress("")
    return child.wait(), "".join(lines)


def show_progress(line):
    if sys.stdout.isatty() and re.match(r"Collecting|  Downloading|Installing|$", line):
        sys.stdout.write("\r\033[K  " + line.strip()[:76] + ("" if line else "\r"))
        sys.stdout.flush()


def diagnose(output):
    """Return (kind, what is wrong and what to do) for the output of a failed pip or venv."""
    for kind, words, advice in SYMPTOMS:
        if re.search(words, output):
            return kind, advice
    return "other", "Run the same command again; if that does not help, delete .venv and run it once more."


def keep_log(output):
    """Append to the log and return its place; on a full disk there is none, and that is no second error."""
    log = VENV / "setup.log"
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(output)
        return f" The whole log is {log.relative_to(ROOT)}."
    except OSError:
        return ""


def must(command, what):
    """Run a step of the set-up; if it fails, say why and what to do, and quote it where that is a guess."""
    status, output = run(command)
    log = keep_log(output)
    if status:
        kind, advice = diagnose(output)
        if kind not in ("disk", "network", "venv"):
            for line in output.strip().splitlines()[-3:]:
                say("  | " + line[:200])
        raise Trouble(f"{what} did not work. {advice}{log}", kind)


# --- the environment -------------------------------------------------------------------------------------


def stamp_file():
    return VENV / "course-stamp.json"


def read_stamp():
    try:
        return json.loads(stamp_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_stamp(stamp):
    stamp_file().write_text(json.dumps(stamp), encoding="utf-8")


def fingerprint(version):
    """Changes with the dependencies, their tested versions and the Python of the environment."""
    digest = hashlib.sha256(version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def probe():
    """Ask the environment's own Python; return its version and packages, None when it or pip is broken."""
    code = (
        "import json, os, pip, sys, sysconfig; site = sysconfig.get_path('purelib'); "
        "print(json.dumps([sys.version, [n for n in os.listdir(site) if '-' not in n]]))"
    )
    try:
        output = subprocess.check_output([str(venv_python()), "-c", code], stderr=subprocess.DEVNULL)
        return json.loads(output.decode())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def damage(stamp, found):
    """Return what is wrong with an environment that exists, or None. One made by hand has no stamp."""
    if stamp.get("unfinished"):
        return "an earlier set-up was interrupted"
    if found is None:
        return "its Python or its pip is missing"
    if stamp.get("root", str(ROOT)) != str(ROOT):
        return "the folder was moved"
    gone = sorted(set(stamp.get("packages", ())) - set(found[1]))
    if gone:
        return "packages are missing ({})".format(", ".join(gone[:3]))
    return None


def remove_environment():
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        else:
            shutil.rmtree(str(VENV))
    except OSError as error:
        raise Trouble(
            f"The old environment cannot be removed ({error.strerror}): close programs that use it, delete "
            "the folder .venv by hand, then run the same command again."
        ) from error


def prepare(extras, torch=None):
    """Bring .venv to the tested versions; does nothing, in well under a second, when it has them."""
    check_files(["pyproject.toml", "constraints.txt"])
    stamp = read_stamp()
    found = probe() if VENV.exists() else None
    wrong = damage(stamp, found) if VENV.exists() or VENV.is_symlink() else None
    if wrong:
        say(f"The environment in .venv is not usable ({wrong}); making it again.")
        remove_environment()
        stamp, found = {}, None
    extras = sorted(set(extras) | set(stamp.get("extras", ())))
    torch = torch or stamp.get("torch")
    wanted = {"root": str(ROOT), "extras": extras, "torch": torch}
    if found and all(stamp.get(key) == wanted[key] for key in wanted):
        if stamp.get("fingerprint") == fingerprint(found[0]):
            return
    install(wanted, stamp, found)


def install(wanted, stamp, found):
    VENV.mkdir(exist_ok=True)
    write_stamp(dict(stamp, unfinished=True))
    try:
        if not found:
            make_environment()
        install_packages(wanted["extras"], wanted["torch"])
    except Trouble as trouble:
        # pip fetches everything before it changes anything: without a network the environment is as it was
        if trouble.kind == "network":
            write_stamp(stamp)
        raise
    switch_news_off()
    found = probe()
    if not found:
        raise Trouble("The new environment does not start: run the same command again.")
    write_stamp(dict(wanted, fingerprint=fingerprint(found[0]), packages=found[1]))


def make_environment():
    say("Making the environment in .venv (Python {}.{}.{}).".format(*sys.version_info[:3]))
    # not sys.executable, which may itself lie in the .venv that is being made again
    python = getattr(sys, "_base_executable", None) or sys.executable
    must([python, "-m", "venv", "--without-pip", VENV], "Making the environment")
    # a step of its own, because venv hides why pip could not be added
    must([venv_python(), "-m", "ensurepip", "--default-pip"], "Adding pip to the environment")


def tested_version(name):
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return re.search(rf"^{re.escape(name)}==(\S+)", pins, re.MULTILINE).group(1)


def install_packages(extras, torch):
    pip = [venv_python(), "-m", "pip", "install"]
    say("Installing the tested versions; the first time this takes some minutes ...")
    # first what builds the course's own package: with it here, later set-ups need no build environment
    must(pip + ["setuptools==" + tested_version("setuptools")], "Installing the packages")
    if torch == "cpu":
        install_small_torch(pip)
    must(
        pip + ["-c", "constraints.txt", "--no-build-isolation", "-e", ".[{}]".format(",".join(extras))],
        "Installing the packages",
    )


def install_small_torch(pip):
    """PyTorch's own index has a build for Linux without CUDA; elsewhere the usual build is without it."""
    if not sys.platform.startswith("linux"):
        say("The usual torch is already the small one on this system.")
        return
    version = tested_version("torch")
    say(f"Installing the CPU-only torch {version} ...")
    try:
        must(pip + ["--no-deps", "--index-url", TORCH_CPU, f"torch=={version}+cpu"], "Installing torch")
    except Trouble as trouble:
        if trouble.kind != "network":
            raise
        raise Trouble(
            f"PyTorch's own index ({TORCH_CPU}) cannot be reached: run the same command again later, or "
            "without the option TORCH=cpu (--torch=cpu), which takes torch's usual, larger build from pip's "
            "package index.",
            "network",
        ) from trouble


def switch_news_off():
    """JupyterLab would ask about news and look for updates; a course that runs offline does neither."""
    folder = VENV / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    text = json.dumps({"@jupyterlab/apputils-extension:notification": quiet})
    (folder / "overrides.json").write_text(text, encoding="utf-8")


# --- lab ---------------------------------------------------------------------------------------------------


def free_port(first=8888, tries=100):
    for port in range(first, first + tries):
        with socket.socket() as probe_socket:
            if os.name != "nt":  # on Windows this option would let two servers share a port
                probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe_socket.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Trouble(f"No free port from {first} to {first + tries - 1}: stop a server, or give --port=NUMBER.")


def headless():
    no_display = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return bool(os.environ.get("CI")) or no_display


def lab_command(port, no_browser):
    command = [
        venv_python(), "-m", "jupyterlab", "-y",  # one Ctrl-C stops it, without a question
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/" + LECTURE,
    ]
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in containers one often is root; others cannot reach this server
    return [str(part) for part in command]


def answers(port):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"http://127.0.0.1:{port}/api", timeout=2).close()
        return True
    except OSError:
        return False


def open_lab(first_port, no_browser, seconds=120):
    port = free_port(first_port)
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    say("Starting JupyterLab ...")
    log = VENV / f"jupyterlab-{port}.log"
    # the token goes by the environment: other users of the machine can read a command line
    with log.open("w") as output:
        child = subprocess.Popen(
            lab_command(port, no_browser or headless()),
            cwd=str(ROOT),
            env=dict(os.environ, JUPYTER_TOKEN=token),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_open(child, port, log, seconds)
        say(f"The first lecture is open at\n\n    http://127.0.0.1:{port}/lab/tree/{LECTURE}?token={token}\n")
        say(f"Open that address if no browser came up. Ctrl-C here stops it. (Log: {log.relative_to(ROOT)})")
        return child.wait()
    finally:
        stop(child)


def wait_until_open(child, port, log, seconds):
    end = time.monotonic() + seconds
    while not answers(port):
        if child.poll() is not None or time.monotonic() > end:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
            raise Trouble(
                "JupyterLab did not start: run the same command again; if that does not help, delete .venv "
                "and run it once more. Its last words:\n  | " + "\n  | ".join(last)
            )
        time.sleep(0.2)


def stop(child):
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()


# --- test --------------------------------------------------------------------------------------------------


def check_settings():
    """One thread each, so that two test processes do not fight; pip offline, so that nothing is fetched."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    settings = dict(os.environ, **{name: "1" for name in threads})
    scripts = str(venv_python().parent)
    settings.update(PIP_NO_INDEX="1", PYTHONUNBUFFERED="1", VIRTUAL_ENV=str(VENV))
    settings["PATH"] = scripts + os.pathsep + settings.get("PATH", "")
    return settings


def run_checks(arguments):
    """Run every check, also after one that failed; return the exit status for all of them."""
    checks = [check + list(arguments if "pytest" in check else ()) for check in CHECKS]
    nothing_chosen = 5 if arguments else 0  # pytest's status when a selection leaves it no test
    failed = []
    for check in checks:
        say("$ python " + " ".join(check))
        status = subprocess.call([str(venv_python())] + check, cwd=str(ROOT), env=check_settings())
        if status not in (0, nothing_chosen):
            failed.append(check[1])
    if failed:
        say("start.py: failed: " + ", ".join(failed))
    return 1 if failed else 0


# --- update ------------------------------------------------------------------------------------------------


def git(*arguments):
    """Run git here; return what it printed. Its own words are the best explanation of a failure."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
    except FileNotFoundError:
        raise Trouble("Git is missing: install it (from git-scm.com or your system's packages).") from None
    if done.returncode:
        raise Trouble("git " + arguments[0] + " did not work. Git says: " + done.stdout.strip())
    return done.stdout


def edited_notebooks():
    """The notebooks that differ from the version that was fetched: answers, notes, or outputs of a run."""
    return git("diff", "--name-only", "-z", "HEAD", "--", "*.ipynb").strip("\0").split("\0")


def keep_copy(name):
    """Copy a notebook to exercises/kept/, under a name that depends on its content."""
    path = ROOT / name
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    kept = ROOT / "exercises" / "kept" / f"{path.parent.name}-{path.stem}-{mark}.ipynb"
    kept.parent.mkdir(exist_ok=True)
    shutil.copy2(str(path), str(kept))
    return kept.relative_to(ROOT)


def update(replace):
    """Fetch the newest version. Notebooks that were worked in are copied, and replaced only on request."""
    mine = [name for name in edited_notebooks() if name and (ROOT / name).exists()]
    for name in mine:
        say(f"{name} holds work of yours; a copy is {keep_copy(name)}.")
    if mine and not replace:
        raise Trouble(
            "Nothing was changed. To go on with the new version of these notebooks (your copies stay), run "
            "`make update REPLACE=1`, or `python start.py update --replace`."
        )
    if mine:
        git("checkout", "HEAD", "--", *mine)
    say(git("pull", "--ff-only").strip())
    return 0


# --- the command -------------------------------------------------------------------------------------------


def parse(arguments):
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        prog="start.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["lab", "test", "setup", "update"])
    parser.add_argument("--torch", choices=["cpu"], help="the small CPU-only torch, from PyTorch's own index")
    parser.add_argument("--no-browser", action="store_true", help="lab: only print the address")
    parser.add_argument("--port", type=int, default=8888, help="lab: the first port to try")
    parser.add_argument("--replace", action="store_true", help="update: replace notebooks that were worked in")
    options = parser.parse_args(arguments[:cut])
    options.rest = arguments[cut + 1 :]
    return options


def carry_out(options):
    check_python(sys.version_info)
    if options.command == "lab":
        check_files([LECTURE])
        prepare(STUDENT, options.torch)
        return open_lab(options.port, options.no_browser)
    if options.command == "update":
        return update(options.replace)
    prepare(CONTRIBUTOR, options.torch)
    if options.command == "test":
        return run_checks(options.rest)
    say("The environment in .venv is ready.")
    return 0


def main(arguments=None):
    options = parse(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` stops what was started
    try:
        return carry_out(options)
    except Trouble as trouble:
        say(f"start.py: {trouble}")
    except KeyboardInterrupt:
        say("\nStopped. The same command starts again.")
        return 130
    except OSError as error:
        say(f"start.py: {explain(error)}")
    return 1


def explain(error):
    """The same sentences for errors that start.py meets itself."""
    kind, advice = diagnose(f"[Errno {error.errno}] {error.strerror}")
    if kind == "permission":
        advice = "This folder cannot be written: put the course where you may write, then run it there."
    if error.errno == errno.ENOENT or kind == "other":
        advice += f" ({error})"
    return advice


if __name__ == "__main__":
    sys.exit(main())
