"""The README's table of lectures, one row each, from the notebooks themselves."""

import re

import jupytext

from . import twins

BEGIN, END = "<!-- lectures: written by `course build` -->", "<!-- end of lectures -->"


def facts(base, stem):
    """Title, question and reading minutes of a lecture, from its first cells."""
    cells = jupytext.read(twins.twin_path(base, "lectures", stem), fmt="py:percent").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.search(r"\A# Lecture \d+ · (.+)", text)
    question = re.search(r"^> \*\*(.+?)\*\*", text, re.M | re.S)
    minutes = re.search(r"\*\*Reading time:\*\* (\d+) minutes", text)
    if not (title and question and minutes):
        raise SystemExit(
            f"lectures/text/{stem}.py: its opening lacks the title, the question or the reading time."
        )
    return title[1], " ".join(question[1].replace("\n> ", " ").split()), minutes[1]


def table(base):
    """The table as Markdown; a column for Colab appears once the course has an address."""
    badges = bool(twins.colab_badge(base, "lectures", "x"))
    lines = [
        "| | Lecture | The question it answers | Practice | Minutes |" + (" Colab |" if badges else ""),
        "|-:|-|-|-|-:|" + ("-|" if badges else ""),
    ]
    for stem in twins.stems(base):
        title, question, minutes = facts(base, stem)
        practice = f"[exercise](exercises/{stem}.ipynb), [solution](solutions/{stem}.ipynb)"
        row = f"| {int(stem[:2])} | [{title}](lectures/{stem}.ipynb) | {question} | {practice} | {minutes} |"
        lines.append(row + (f" {twins.colab_badge(base, 'lectures', stem)} |" if badges else ""))
    return "\n".join(lines)


def updated(base):
    """The README with its table renewed."""
    text = (base / "README.md").read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise SystemExit(f"README.md lacks the lines {BEGIN!r} and {END!r} between which the table stands.")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return f"{before}{BEGIN}\n{table(base)}\n{END}{after}"
