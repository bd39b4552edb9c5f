"""The conversion table of ICD-10-PCS, and the days of codes that it gives."""

from __future__ import annotations

import datetime

import pytest

from terminology.drafts import Part

from ..release_files import workbook
from .pcs_files import (
    AUTUMN,
    LOADER,
    SPRING,
    assembled,
    autumn,
    built,
    conversion,
    faults,
    file_of,
    read,
    spring,
)

PAIRS = [
    ("XW013V7", "3E0134Z", "New", "2022", "04.01"),
    ("NoPCS", "0FT00ZZ", "Deleted", "2021", "10.01"),
    ("0FT44ZZ", "0FT44ZZ", "Revised", "2021", "10.01"),
]


def test_conversion_table() -> None:
    """All cells are kept; new codes have first days, deleted ones the day on which they were gone."""
    part = read(workbook(conversion(*PAIRS)), "icd10pcs_conversion_table_2022.xlsx")
    assert [
        {"code": "XW013V7", "effective_from": SPRING, "effective_to": None},
        {"code": "0FT00ZZ", "effective_from": None, "effective_to": AUTUMN},
    ] == part.tables["days"].to_pylist()
    first = part.tables["rows"].to_pylist()[0]
    assert (2, "Title 3E0134Z", "New", "2022", "04.01") == tuple(
        first[name] for name in ("line", "previous_title", "change_type", "effective_year", "month_day")
    )
    assert part.facts["days"] == ["2021-10-01", "2022-04-01"]


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("XW013V", "3E0134Z", "New", "2022", "04.01"), "expected a code or NoPCS, got 'XW013V'"),
        (("XW013V7", "3E0134Z", "Fresh", "2022", "04.01"), "expected one of New, Deleted, Revised, got 'Fresh'"),
        (("XW013V7", "3E0134Z", "New", "2022", "13.01"), "got '2022' and '13.01'"),
    ],
)
def test_conversion_slips(pair, message: str) -> None:
    """One odd row among many is a warning; a table of odd rows is refused."""
    many = [*PAIRS * 4, pair]
    part = read(workbook(conversion(*many)), "table.xlsx")
    assert [message in warning for warning in part.warnings] == [True]
    assert message in faults(workbook(conversion(pair)), "table.xlsx")[0][1]


def test_empty_conversion_table() -> None:
    """A header alone is a fault; a workbook with another header is a stranger's."""
    assert "expected rows below the header" in faults(workbook(conversion()), "table.xlsx")[0][1]
    assert LOADER.read(file_of(workbook([("Code", "Title")]), "other.xlsx")) is None


def between(*pairs: tuple[str, str, str, str, str]) -> Part:
    """Return a conversion table of the pairs that reaches to April 2022."""
    return read(workbook(conversion(*pairs, ("XW023V7", "NoPCS", "New", "2022", "04.01"))), "table.xlsx")


def test_days_between_releases() -> None:
    """Days that lie between a release and the one before stand in its table of days; those on its day do not."""
    table = between(("XW013V7", "NoPCS", "New", "2022", "02.01"), ("0FT44ZZ", "NoPCS", "New", "2016", "10.01"))
    made = assembled(*autumn(), *spring(), table)
    days = built(made, "2022-04").tables["days"].to_pylist()
    assert [{"code": "XW013V7", "effective_from": datetime.date(2022, 2, 1), "effective_to": None}] == days
    assert "days" not in built(made, "2022").tables
    assert made.unused == ()


def test_days_of_codes_that_do_not_fit() -> None:
    """A code that begins in between and is not in the release is a warning; one that ended and is still there counts not."""
    table = between(
        ("XW0ZZZZ", "NoPCS", "New", "2022", "02.01"),
        ("NoPCS", "0FT44ZZ", "Deleted", "2022", "02.01"),
    )
    made = built(assembled(*autumn(), *spring(), table), "2022-04")
    assert made.warnings == ("table.xlsx: XW0ZZZZ begins before the release, which does not hold it",)
    assert "days" not in made.tables


def test_idle_conversion_table() -> None:
    """A conversion table from which no release takes a day is kept as a crosswalk, and that is said."""
    made = assembled(*spring(), read(workbook(conversion(*PAIRS)), "t.xlsx"))
    assert ["conversion table: kept as a crosswalk; no loaded release takes a day from it"] == [
        w for _, w in made.unused
    ]
