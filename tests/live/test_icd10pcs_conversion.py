"""The conversion table of ICD-10-PCS from the publisher's real file: kinds of change, oracles."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from terminology.drafts import Part
from terminology.reading import ReadableFile, readable_files
from terminology_crosswalks.icd10pcs_conversion import Icd10pcsConversionReader
from terminology_loaders.icd10pcs import Icd10pcsLoader


@pytest.fixture(scope="module")
def rows(releases: Path) -> list[dict[str, Any]]:
    """The rows of the table of April 2022."""
    files = [file for file in readable_files(releases / "icd10pcs") if isinstance(file, ReadableFile)]
    parts = [part for file in files if file.suffix == ".xlsx" and isinstance(part := Icd10pcsLoader().read(file), Part)]
    (draft,) = Icd10pcsConversionReader().assemble(parts, ()).drafts
    assert ("2022-04", datetime.date(2022, 4, 1)) == (draft.version, draft.effective)
    built = draft.build()
    assert () == built.warnings
    found: list[dict[str, Any]] = built.tables["mappings"].to_pylist()
    return found


def test_counts(rows) -> None:
    """Every row of the table is an alternative; NoPCS stands for nothing before, and for no replacement."""
    assert {"new": 10_372, "deleted": 3_047, "revised": 2_844} == Counter(row["change"] for row in rows)
    assert 1_040 == sum(row["source_code"] is None for row in rows)
    assert 227 == sum(row["target_codes"] is None for row in rows)
    assert 3_037 == len({row["source_code"] for row in rows if row["change"] == "deleted"})
    assert 460 == sum(row["change"] == "revised" and [row["source_code"]] != row["target_codes"] for row in rows)


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("5A1D00Z", datetime.date(2017, 10, 1), [["5A1D70Z"], ["5A1D80Z"], ["5A1D90Z"]]),
        ("0RG00Z0", datetime.date(2018, 10, 1), [None]),
        ("04VC0FZ", datetime.date(2017, 10, 1), [["04VC0DZ"]]),
    ],
)
def test_deleted(rows, code: str, day: datetime.date, expected) -> None:
    """A deleted code leads to its replacements, or to none, on its day."""
    found = [row for row in rows if (row["source_code"], row["change"]) == (code, "deleted")]
    assert ({day}, expected) == ({row["effective"] for row in found}, [row["target_codes"] for row in found])


def test_first_days(rows) -> None:
    """Codes that began inside a year have their own day."""
    days = {row["target_codes"][0]: row["effective"] for row in rows if row["change"] == "new"}
    assert datetime.date(2020, 8, 1) == days["XW013F5"]
    assert datetime.date(2022, 4, 1) == days["XW023X7"]
