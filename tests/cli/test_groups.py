"""The commands groups and groupings."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from .conftest import Ask


def test_groups_by_one_grouping(ask: Ask) -> None:
    """The categories of a code, with role and title, and the version that says so."""
    found = ask("groups icd10cm E11.22 ccsr_dx --on 2022-03-01")
    assert found.code == 0
    assert found.out.splitlines() == [
        "ccsr_dx v2022-1",
        "  END003  default  Diabetes mellitus with complication",
        "  END005  other  Diabetes mellitus, Type 2",
        "  GEN003  other  Chronic kidney disease",
    ]


def test_groups_by_all(ask: Ask) -> None:
    """Without a grouping all answer that cover the day, and those that do not are listed with the reason."""
    rows = {row["grouping"]: row for row in ask("groups icd10cm J18.9 --on 2020-11-01 --json").json}
    assert rows["poa_exempt"]["groups"] == []
    assert rows["cc_level"]["version"] is None
    assert "the nearest is v39, effective 2021-10-01" in rows["cc_level"]["uncovered"]


def test_a_day_without_a_version(ask: Ask) -> None:
    """Exit code 1 where no version covers the day; the nearest answers where that is accepted, and is marked."""
    line = "groups icd10cm J18.9 cc_level --on 2020-11-01"
    found = ask(line)
    assert (found.code, "the nearest is v39" in found.out) == (1, True)
    accepted = ask(f"{line} --accept-nearest --json")
    [row] = accepted.json
    assert (accepted.code, row["is_nearest"], row["groups"][0]["category"]) == (0, True, "mcc")
    assert "the nearest version: none covers 2020-11-01" in ask(f"{line} --accept-nearest").out


def test_bad_questions(ask: Ask) -> None:
    """Exit code 2 for a grouping that is not loaded and a day that is none, 1 for a text that is no code."""
    assert ask("groups icd10cm ? ccsr_dx").code == 1
    for line in ("J18.9 hcc_v99", "J18.9 ccsr_dx --on tomorrow"):
        assert ask(f"groups icd10cm {line}").code == 2
    assert ask("groupings --diff v38 v39").code == 2


def test_a_text_that_is_no_code(ask: Ask) -> None:
    """A text that only looks like a code is said to be unknown, with exit code 1; JSON has the status."""
    for line in ("NOPE ccsr_dx", "NOPE"):
        found = ask(f"groups icd10cm {line} --on 2022-03-01")
        assert (found.code, found.out.splitlines()[0]) == (1, "NOPE is not in ICD-10-CM on 2022-03-01 (release 2022)")
    unknown = ask("groups icd10cm NOPE ccsr_dx --on 2022-03-01 --json")
    [row] = unknown.json
    assert (unknown.code, row["status"], row["groups"]) == (1, "unknown", [])
    known = ask("groups icd10cm E11.22 ccsr_dx --on 2022-03-01 --json")
    assert (known.code, known.json[0]["status"]) == (0, "billable")


def test_a_section_begins_as_its_first_code_does_and_is_none(ask: Ask) -> None:
    """A section is in no category of a grouping that is defined by beginnings of codes; its codes are."""
    [row] = ask("groups icd10cm C00-C96 charlson --on 2022-03-01 --json").json
    assert (row["status"], row["groups"]) == ("header", [])
    [row] = ask("groups icd10cm C18.9 charlson --on 2022-03-01 --json").json
    assert row["groups"]


def test_groupings(ask: Ask) -> None:
    """The versions of each grouping with the days that they cover, and what that rests on."""
    assert {row["grouping"] for row in ask("groupings --json").json} >= {"ccsr_dx", "mce", "mdc", "poa_exempt"}
    lines = ask("groupings poa_exempt").out.splitlines()
    assert lines[1].split() == ["poa_exempt", "FY2021", "2020-10-01", "2021-09-30", "icd10cm"]
    assert any(line.startswith("FY2022: FY2022 begins on October 1") for line in lines)


def test_difference(ask: Ask) -> None:
    """Which codes changed from one version to another, on one code system."""
    found = ask("groupings poa_exempt --diff FY2021 FY2022")
    assert found.out.splitlines()[0] == "poa_exempt from FY2021 to FY2022: 2 added, 1 removed, 0 changed"
    rows = ask("groupings mce --diff v38 v39 --system icd10cm --json").json
    assert {"code": "Z28.310", "change": "added", "before": [], "after": ["unacceptable_principal"]} in rows


def test_a_difference_among_the_codes_of_a_column(ask: Ask, tmp_path: Path) -> None:
    """Of two versions only what concerns the column is shown, with its rows; codes in no category are named."""
    claims = tmp_path / "claims.csv"
    claims.write_text("claim,dx\n1,C4A0\n2,C4A.0\n3,E11.22\n4,Z00.00\n5,\n", encoding="utf-8")
    line = f"groupings hcc_v24 --diff F2421P2M F2422P1M --among {claims} --code-column dx"
    found = ask(line)
    assert found.code == 0
    assert found.out.splitlines() == [
        "hcc_v24 from F2421P2M to F2422P1M in claims.csv: 2 of 4 rows have other categories, of 1 code",
        "  C4A.0  2 rows  removed  12 → -",
        "1 code in no category of either: Z00.00",
    ]
    said = ask(f"{line} --json").json
    assert (said["used"], said["changed"], said["ungrouped"]) == (4, 2, ["Z00.00"])
    assert said["codes"] == [{"rows": 2, "code": "C4A.0", "change": "removed", "before": ["12"], "after": []}]
    assert ask(f"groupings hcc_v24 --among {claims}").code == 2


def test_a_difference_among_codes_of_standard_input(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash is what comes by standard input, as for the commands about columns."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"claim,dx\n1,C4A0\n2,E11.22\n")))
    found = ask("groupings hcc_v24 --diff F2421P2M F2422P1M --among - --code-column dx")
    assert found.code == 0
    assert found.out.splitlines()[0].startswith("hcc_v24 from F2421P2M to F2422P1M in standard input: 1 of 2 rows")
