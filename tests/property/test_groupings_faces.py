"""The groups of a code on a day, by edition, column and FHIR, against the rows of the version that covers the day."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Terminology
from terminology.fhir import Request, Service
from terminology.fhir.grouped import grouping_properties
from terminology.groupings import property_rule

FIRST, LAST = datetime.date(2012, 1, 1), datetime.date(2025, 12, 31)


@pytest.fixture(scope="module")
def store(sample_store: Path) -> Terminology:
    """The store of the samples."""
    return terminology.open(sample_store)


def by_rows(store: Terminology, grouping: str, code: str, system: str, day: datetime.date) -> frozenset[str] | None:
    """Return the categories of a code by the table of the version of the day; None where no version covers it.

    Where a table defines its categories by the beginnings of codes, a row stands for all codes that begin so.
    """
    for version in store.grouping(grouping).versions:
        if version.effective_from <= day and (version.effective_to is None or day < version.effective_to):
            rows = store.grouping(grouping).version(version.version).table().to_pylist()
            begins = {row["matter"] for row in rows} == {"prefix"}
            return frozenset(
                row["category"]
                for row in rows
                if row["system"] == system
                and row["category"]
                and (row["code"] == code or (begins and code.startswith(row["code"])))
            )
    return None


@given(st.data())
def test_the_faces_agree(store: Terminology, data: st.DataObject) -> None:
    """Each face says of a code in force what the rows say, and nothing on a day that no version covers."""
    grouping = data.draw(st.sampled_from([name for name in store.groupings if property_rule(name) is None]))
    system = data.draw(st.sampled_from([one for one in store.grouping(grouping).code_systems if one in store]))
    day = data.draw(st.dates(FIRST, LAST))
    edition = store[system].on(day)
    codes = [
        row["code"] for row in edition.table("concepts").select(["code", "kind"]).to_pylist() if row["kind"] == "code"
    ]
    if not codes:
        return
    code = data.draw(st.sampled_from(codes))
    expected = by_rows(store, grouping, code, system, day)

    column = terminology.annotate({"dx": [code]}, system=system, on=day, columns=[grouping], store=store)
    said = column.column(f"dx_{grouping}").to_pylist()[0]
    properties = {one["valueCoding"]["code"] for one in grouping_properties(edition, code, [grouping])}

    if expected is None:
        with pytest.raises(terminology.NoVersionError):
            edition.groups(code, grouping)
        assert said is None
        assert not properties
    else:
        assert expected == {one.category for one in edition.groups(code, grouping)} == set(said) == properties
        query = (("system", edition.definition.uri), ("code", code), ("date", str(day)), ("property", grouping))
        response = Service(store).answer(Request("CodeSystem/$lookup", "r5", "GET", query, None, {}))
        assert response.status == 200
        assert expected == {
            part["valueCoding"]["code"]
            for one in response.resource["parameter"]
            if one["name"] == "property"
            for part in one["part"]
            if "valueCoding" in part
        }
