"""The map from the syllabus to the lectures: heading, code that runs the formula, and the asserted number."""

import csv

import pytest
from course import BASE, LECTURES, printed, stored

ROWS = {  # what each lecture has to cover: (prefix, last number) and single rows
    "01_neurons": {"S1": 53},
    "02_backpropagation": {"S2": 82},
    "03_convolutional_networks": {"S3": 25},
    "04_recurrent_networks": {"S4": 59},
    "05_autoencoders": {"S5": 44},
    "06_variational_autoencoders": {"S6": 36},
    "07_generative_adversarial_networks": {"S7": 28},
    "08_reinforcement_learning": {"S8": 17},
    "09_boltzmann_machines": {"S9": 11},
}
EXTRA = {
    "01_neurons": "G-01 E-01 E-02 E-03 E-04 E-05a E-05b E-05c E-05d E-05e E-05f E-16 E-17a R-01 R-02 R-04",
    "02_backpropagation": "G-08 E-06a E-06b E-07a E-07b E-07c E-07d E-08a E-08b E-08c E-09a E-09b E-09c E-10a E-10b "
    "E-10c E-10d E-10e E-10f E-16 E-17b E-17c E-18a E-18b E-19a E-19b E-20a E-20b E-20c E-22 R-01 R-03",
    "03_convolutional_networks": "G-07 E-11 E-12a E-12b E-12c E-12d R-08 R-10",
    "04_recurrent_networks": "G-02 E-13 E-14a E-14b E-14c E-14d E-14e E-14f E-14g E-15 E-21a E-21b E-21c E-21d E-21e R-10",
    "05_autoencoders": "G-08 E-20a E-23a E-23b E-23c E-23d E-23e E-24a E-24b E-25 E-33 R-05 R-06 R-08",
    "06_variational_autoencoders": "G-03 E-26 E-27a E-27b E-28a E-28b E-28c R-08",
    "07_generative_adversarial_networks": "G-04 E-29a E-29b E-30a E-30b E-30c E-30d E-30e R-09 R-10",
    "08_reinforcement_learning": "G-05 E-31a E-31b E-31c E-31d E-31e",
    "09_boltzmann_machines": "G-06 E-32a E-32b E-32c R-07 R-09",
}


def entries(stem):
    """The map's rows of one lecture."""
    rows = []
    for path in sorted((BASE / "tests" / "coverage").glob(f"{stem[:2]}*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [dict(row, file=path.name) for row in csv.DictReader(file)]
    return rows


def sections(stem):
    """{heading: (prose, code, printed output)} of a lecture, each heading owning the cells up to the next one.

    A heading of level 2 owns its subsections as well.
    """
    found, open_headings = {}, []

    def add(kind, text):
        for _, heading in open_headings:
            found.setdefault(heading, ["", "", ""])[kind] += text + "\n"

    for cell in stored("lectures", stem).cells:
        if cell.cell_type == "code":
            add(1, cell.source)
            add(2, printed(cell))
            continue
        for line in cell.source.splitlines():
            if line.startswith("#"):
                level = len(line) - len(line.lstrip("#"))
                open_headings = [h for h in open_headings if h[0] < level] + [(level, line.lstrip("# ").strip())]
            add(0, line)
    return found


def required(stem):
    ids = {f"{prefix}-{n:02d}" for prefix, last in ROWS[stem].items() for n in range(1, last + 1)}
    return ids | set(EXTRA[stem].split())


@pytest.mark.parametrize("stem", [stem for stem in LECTURES if stem in ROWS])
def test_every_row_is_mapped(stem):
    missing = required(stem) - {row["id"] for row in entries(stem)}
    assert not missing, f"not mapped: {sorted(missing)}"


@pytest.mark.parametrize("stem", [stem for stem in LECTURES if stem in ROWS])
def test_the_map_is_true(stem):
    found, wrong = sections(stem), []
    for row in entries(stem):
        where = f"{row['file']} {row['id']}"
        if row["heading"] not in found:
            wrong.append(f"{where}: no heading {row['heading']!r}")
            continue
        prose, code, output = found[row["heading"]]
        if not (row["code"] or row["prose"]):
            wrong.append(f"{where}: neither code nor prose is named")
        if row["code"] and row["code"] not in code:
            wrong.append(f"{where}: no code {row['code']!r} under {row['heading']!r}")
        if row["prose"] and " ".join(row["prose"].split()) not in " ".join(prose.split()):
            wrong.append(f"{where}: no prose {row['prose']!r} under {row['heading']!r}")
        for value in filter(None, (row["value"] or "").split("|")):
            if value.strip() not in output:
                wrong.append(f"{where}: {value!r} is not printed under {row['heading']!r}")
    assert not wrong, "\n".join(wrong)
