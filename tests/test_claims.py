"""Every result that a lecture claims rests on recorded seeds, and its bound is one that they support."""

import json
import re

import pytest
from course import BASE, LECTURES, code_cells, printed, stored

from course_utils import check
from course_utils.cli import claims

LINE = re.compile(
    r"^(?P<name>.+): measured (?P<value>\S+), (?P<kind>at least|at most) (?P<bound>\S+) ✓$", re.M
)
RECORD = json.loads((BASE / "tests" / "claims.json").read_text(encoding="utf-8"))


def printed_claims(stem):
    """(name, measured value, kind, bound) of every claim in a lecture's stored outputs."""
    found = [m for cell in code_cells(stored("lectures", stem)) for m in LINE.finditer(printed(cell))]
    return [(m["name"], float(m["value"]), m["kind"].replace(" ", "_"), float(m["bound"])) for m in found]


@pytest.mark.parametrize("stem", LECTURES)
def test_every_claim_has_its_seeds(stem):
    names = {name for name, *_ in printed_claims(stem)}
    assert names == set(RECORD[stem]), "run `course claims` and compare"


@pytest.mark.parametrize("stem", LECTURES)
def test_bounds_are_what_the_seeds_support(stem):
    for name, _, kind, bound in printed_claims(stem):
        entry = RECORD[stem][name]
        assert entry[kind] == bound, f"{name}: the record was made with another bound"
        assert len(entry["values"]) >= 5
        safe = claims.safe_bound(entry)
        assert bound <= safe + 1e-9 if kind == "at_least" else bound >= safe - 1e-9, (
            f"{name}: seeds support {safe:.5g}"
        )


@pytest.mark.parametrize("stem", LECTURES)
def test_stored_value_is_the_recorded_one(stem):
    """The notebook's own seed is seed 0 of the record, up to rounding between machines."""
    for name, value, _, _ in printed_claims(stem):
        values = RECORD[stem][name]["values"]
        room = max(0.02 * abs(values[0]), max(values) - min(values), 1e-6)
        assert abs(value - values[0]) <= room, f"{name}: the notebook shows {value}, the record {values[0]}"


def test_safe_bound_is_the_worst_seed_and_one_standard_error():
    low = {"values": [0.90, 0.92, 0.94, 0.96, 0.98], "at_least": 0.8}
    assert claims.safe_bound(low) == pytest.approx(0.90 - 0.0141421, abs=1e-6)
    high = {"values": [1.0, 2.0, 3.0, 4.0, 5.0], "at_most": 9}
    assert claims.safe_bound(high) == pytest.approx(5 + 0.7071068, abs=1e-6)


def test_other_seeds_give_other_numbers_and_seed_zero_the_notebooks(tmp_path):
    twin = tmp_path / "twin.py"
    twin.write_text(
        "import numpy as np\nfrom course_utils import check\n"
        "check.claim('a mean', np.random.default_rng(3).normal(), at_least=-99)\n"
    )
    import numpy as np

    entry = claims.collect(twin, 3)["a mean"]
    assert entry["values"][0] == pytest.approx(np.random.default_rng(3).normal(), abs=1e-6)
    assert len(set(entry["values"])) == 3 and entry["at_least"] == -99


def test_a_failing_claim_is_recorded_not_raised(monkeypatch):
    monkeypatch.setattr(check, "_recorder", [])
    check.claim("accuracy", 0.1, at_least=0.9)
    assert check._recorder == [{"name": "accuracy", "value": 0.1, "at_least": 0.9, "at_most": None}]
