"""The maintainer's and instructor's command: `course --help`."""

import json

import click


@click.group()
def main():
    """Build and check the course."""


@main.command()
@click.argument("names", nargs=-1)
@click.option("--force", is_flag=True, help="Run notebooks whose outputs are current, too.")
@click.option("--replace", is_flag=True, help="Replace exercises that hold answers (a copy is kept).")
@click.option("--no-run", is_flag=True, help="Write texts, exercises and links, run nothing.")
def build(names, force, replace, no_run):
    """Build notebooks from their twins: run them, strip them, write exercises, links and the README's table.

    NAMES are parts of paths, such as "lectures/01" or "02"; without any, everything is built. Notebooks whose
    outputs are current are skipped, so an interrupted build goes on where it stopped.
    """
    from . import exercises, readme, run, twins

    base = twins.root()
    chosen = [
        (folder, stem)
        for folder in ("lectures", "solutions")
        for stem in twins.stems(base, folder)
        if not names or any(name in f"{folder}/{stem}" for name in names)
    ]
    if not chosen:
        raise SystemExit(f"Nothing is called {' or '.join(names)}: try `course build lectures/01`.")
    jobs, problems = [], []
    for folder, stem in chosen:
        twins.write_twin(base, folder, stem)
        book = twins.read_twin(base, folder, stem)
        if not no_run and (force or not run.outputs_are_current(base, folder, stem, book)):
            jobs.append((folder, stem, book))
        if folder == "solutions":
            problems += filter(None, [exercises.release(base, stem, replace)])
    seconds, failures = run.run_all(base, jobs)
    for folder, stem in chosen:
        stamp = run.stamp_path(base, folder, stem)
        last = json.loads(stamp.read_text())["seconds"] if stamp.exists() else float("nan")
        word = "ran" if (folder, stem) in seconds else "kept"
        click.echo(f"{folder}/{stem}.ipynb  {word}  {last:6.1f} s")
    twins.write_if_changed(base / "README.md", readme.updated(base))
    if problems or failures:
        raise SystemExit("\n".join(problems + failures))


@main.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False))
def twin(notebook):
    """Write the twin from a notebook that was edited in JupyterLab (lectures/… or solutions/…)."""
    from pathlib import Path

    import nbformat

    from . import twins

    path = Path(notebook).resolve()
    if path.parent.name not in ("lectures", "solutions"):
        raise SystemExit("Only notebooks in lectures/ and solutions/ have a twin; exercises are generated.")
    text = twins.twin_text(nbformat.read(path, as_version=4))
    target = path.parent / "text" / f"{path.stem}.py"
    changed = twins.write_if_changed(target, text)
    click.echo(f"{target.name}: {'written; now run `course build`' if changed else 'unchanged'}")


@main.command("claims")
@click.argument("names", nargs=-1)
@click.option(
    "--seeds", default=5, show_default=True, help="How many seeds; the first is the notebook's own."
)
def claims_command(names, seeds):
    """Run the seeds behind every `claim` of the lectures and record them in tests/claims.json."""
    from . import claims, twins

    base = twins.root()
    chosen = [stem for stem in twins.stems(base) if not names or any(name in stem for name in names)]
    click.echo("\n".join(claims.renew(base, chosen, seeds)))
