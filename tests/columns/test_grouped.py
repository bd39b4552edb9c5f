"""Columns that groupings answer: lists of categories, and properties that lists of codes give, each on its own day."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology import NoVersionError, Terminology, TerminologyError, UnknownGroupingError

CODES = (
    "J18.9",
    "j189",
    "A00.0",
    "E11.22",
    "M54.50",
    "W21.89XA",
    "W21.89XD",
    "Z28.3",
    "Z28.310",
    "Z00.01",
    "?",
    "Z99",
    None,
)
DAYS = (
    "2020-09-30",
    "2020-10-01",
    "2020-12-31",
    "2021-01-01",
    "2021-09-30",
    "2021-10-01",
    "2022-04-01",
    "2022-09-30",
    "2023-01-01",
    None,
)
NAMES = ("poa_exempt", "cc_level", "mce_unacceptable_principal", "ccsr_dx", "mce", "title")


def said(store: Terminology, code: str | None, day: str | None, name: str) -> Any:
    """Return what one edition says of one code; None of a code that is not in force."""
    if day is None or code is None:
        return None
    edition = store["icd10cm"].on(day)
    if not edition.is_valid(code):
        return None
    if name == "title":
        return edition.title(code)
    if name not in ("ccsr_dx", "mce"):
        return edition.property(code, name)
    try:
        return [group.category for group in edition.groups(code, name)]
    except NoVersionError:
        return None


def test_each_row_on_its_own_day(store: Terminology) -> None:
    """Each row says what an edition of its day says; null on a day without a version."""
    random.seed(7)
    pairs = [(code, day) for code in CODES for day in DAYS] * 2
    random.shuffle(pairs)
    table = pa.table({"dx": [code for code, _ in pairs], "day": [day for _, day in pairs]})
    made = terminology.annotate(table, system="icd10cm", on="day", columns=NAMES, store=store)
    assert made.column_names == ["dx", "day", *(f"dx_{name}" for name in NAMES)]
    for name in NAMES:
        assert made.column(f"dx_{name}").to_pylist() == [said(store, *pair, name) for pair in pairs]


def test_types(store: Terminology) -> None:
    """Categories are lists, a list of codes is a truth value, a level a text; of an empty table too."""
    for rows in (["J18.9"], []):
        table = pa.table({"dx": pa.array(rows, pa.string())})
        made = terminology.annotate(table, system="icd10cm", on="2022-03-01", columns=NAMES[:4], store=store)
        kinds = [made.schema.field(f"dx_{name}").type for name in NAMES[:4]]
        assert kinds == [pa.bool_(), pa.string(), pa.bool_(), pa.list_(pa.string())]


def test_what_is_not_there(store: Terminology) -> None:
    """A grouping that is not loaded, or groups codes of other systems, is an error that says so."""
    table = pa.table({"dx": ["J18.9"]})
    with pytest.raises(UnknownGroupingError, match="no grouping 'hcc_v23' in the store"):
        terminology.annotate(table, system="icd10cm", columns=["hcc_v23"], store=store)
    with pytest.raises(TerminologyError, match="poa_exempt groups codes of icd10cm, not of hcpcs"):
        terminology.annotate(table, system="hcpcs", columns=["poa_exempt"], store=store)


def test_properties(store: Terminology) -> None:
    """An edition has the properties of the code set and those of groupings whose version covers the day, and no others."""
    system = store["icd10cm"]
    found = system.on("2022-03-01").properties("Z28.3")
    assert (found["poa_exempt"], found["cc_level"], found["mce_unacceptable_principal"]) == (True, "none", True)
    before = system.on("2020-11-01").properties("Z28.3")
    assert (before["poa_exempt"], "cc_level" in before) == (False, False)
    assert store["hcpcs"].latest.property("J1815", "poa_exempt") is None
    assert "poa_exempt" not in store["hcpcs"].latest.properties("J1815")


def test_property_of_the_code_set(store: Terminology) -> None:
    """A property that releases have themselves is given too; one that nothing has is None."""
    edition = store["hcpcs"].latest
    name, value = next(iter(edition["J1815"].properties.items()))
    assert edition.property("J1815", name) == value
    assert edition.property("J1815", "no_such_property") is None


def test_codes_that_are_not_in_force(store: Terminology) -> None:
    """A code that is neither listed nor in force has no value: that it is not exempt would be a statement."""
    edition = store["icd10cm"].on("2022-03-01")
    assert [edition.property(code, "poa_exempt") for code in ("M54.50", "Z99", "T07.XXXS")] == [False, None, True]
    with pytest.raises(terminology.UnknownCodeError):
        edition.property("?", "poa_exempt")
