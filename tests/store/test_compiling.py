"""The examples in numbers at the head of the modules that compile: made, and compared with what the head says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import terminology
from terminology import CodeSystem
from terminology.periods import day_of
from terminology.query import engine_of
from terminology.store.compiling import days, snapshot

from ..heads import table_of
from ..property.worlds import LOADERS, PLANTS, Published, World, written
from ..release_files import CHOLERA, order_file, workbook
from ..release_files import written as files_written


def interval_rows(system: CodeSystem, codes: Sequence[str]) -> list[str]:
    """Return the interval rows of some codes as a head shows them: code, days, releases that know the row, title."""
    compiled = engine_of(system.latest).system
    periods = compiled.periods
    lines = []
    for code in codes:
        rows = periods.of(compiled.row_of(code))
        for row in sorted(rows, key=lambda row: (periods.starts[row], periods.known_from[row])):
            known_to = periods.known_to[row]
            values = (
                *(code, day_of(periods.starts[row]), day_of(periods.ends[row]) or "open", periods.known_from[row]),
                *("-" if known_to == snapshot.ALWAYS else known_to, periods.details.from_known[row]),
                periods.titles[row],
            )
            lines.append(" ".join(map(str, values)))
    return lines


def plant(code: str, title: str = "Oak") -> dict[str, Any]:
    """Return what a release says of a code."""
    common = {"kind": "code", "short_title": None, "billable": True, "parent": None, "derived": False, "colour": None}
    return {"code": code, "title": title, **common}


def test_runs_of_releases(tmp_path: Path) -> None:
    """A run ends at a change, at a hole, and at a correction, which leaves the rows that were known before it."""
    world = World(
        PLANTS,
        (
            Published(date(2021, 10, 1), (plant("P1"), plant("P2"))),
            Published(date(2022, 4, 1), (plant("P1"), plant("P2"), plant("P3", "Elm"))),
            Published(date(2022, 4, 1), (plant("P1"), plant("P3", "Ash")), correction=1),
            Published(date(2023, 10, 1), (plant("P1"),)),
        ),
    )
    report = terminology.load(written(tmp_path / "files", world), store=tmp_path / "store", loaders=LOADERS)
    assert report.errors == ()
    system = terminology.open(tmp_path / "store")["plants"]
    assert interval_rows(system, ["P1", "P2", "P3"]) == table_of(snapshot.__doc__, "code")


def test_days_between_releases(tmp_path: Path) -> None:
    """A code that a table dates half a year before its order file begins on that day, with the category above it."""
    head = ("Current code assignment", "Effective", "Previous Code(s) Assignment")
    virus = [("U07", False, "Emergency use of U07"), ("U071", True, "COVID-19")]
    files = {
        "icd10cm_order_2020.txt": order_file(CHOLERA),
        "icd10cm_order_2021.txt": order_file([*CHOLERA, *virus]),
        "table.xlsx": workbook([("Prose", "", ""), head, ("U07.1", "2020-04-01", "None")]),
    }
    report = terminology.load(files_written(tmp_path / "files", files), store=tmp_path / "store")
    assert report.errors == ()
    system = terminology.open(tmp_path / "store")["icd10cm"]
    assert interval_rows(system, ["U07", "U07.1"]) == table_of(days.__doc__, "code")
    asked = [(day, known) for known in ("latest", "2020") for day in ("2020-03-31", "2020-04-01")]
    statuses = [str(system.on(day, known=known).status("U07.1")) for day, known in asked]
    assert statuses == ["future", "billable", "unknown", "unknown"]
    assert [system.on("2020-04-01").parent("U07.1"), system.on("2020-04-01").title("U07")] == ["U07", virus[0][2]]
