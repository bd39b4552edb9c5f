"""The groups of a code on a day, by edition, column and FHIR, against the sample files read cell by cell.

Where a file has no such reading (programs, manuals), the rows of the version that covers the day are read one by one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Edition, Terminology
from terminology.fhir import Request, Service
from terminology.samples import sample_releases

from ..grouping_readings import HCUP, Sets, as_set, exempt_codes, hcup_pairs, in_sets, risk_rows

SAMPLES = sample_releases() / "groupings"
Groups = frozenset[str] | None
FIRST, LAST = datetime.date(2012, 1, 1), datetime.date(2025, 12, 31)


@pytest.fixture(scope="module")
def store(sample_store: Path) -> Terminology:
    """The store of the samples."""
    return terminology.open(sample_store)


@cache
def by_file(file: str, grouping: str) -> Sets | None:
    """Return the categories of all codes of a sample file; None of one that has no reading by cells."""
    (path,) = SAMPLES.rglob(file)
    if grouping in HCUP:
        return in_sets(hcup_pairs(grouping, path))
    if grouping == "poa_exempt":
        with path.open(encoding="latin-1", newline="") as lines:
            return in_sets((code, "exempt") for code in exempt_codes(lines))
    if grouping.startswith("hcc_v") and file.startswith("F2"):
        return in_sets((code, category) for code, category, _ in risk_rows(path))
    return None


def expected_groups(store: Terminology, grouping: str, system: str, day: datetime.date) -> Callable[[str], Groups]:
    """Return the function that says which categories a code has, by the file of a day, or else by its rows.

    It says None of every code where no version covers the day.
    """
    covering = [
        one
        for one in store.grouping(grouping).versions
        if one.effective_from <= day and (one.effective_to is None or day < one.effective_to)
    ]
    if not covering:
        return lambda _: None
    sets = by_file(covering[-1].sources[0].file, grouping)
    if sets is not None:
        return lambda code: sets.get(code.replace(".", ""), frozenset())
    rows = store.grouping(grouping).version(covering[-1].version).table().to_pylist()
    own = [row for row in rows if row["system"] == system and row["matter"] == "member"]
    return lambda code: frozenset(row["category"] for row in own if stands_for(row, code))


def stands_for(row: dict[str, Any], code: str) -> bool:
    """Return whether a row is about a code: where it is the beginning of codes, about all that begin so."""
    return bool(row["code"] == code or (row["role"] == "beginning" and code.startswith(row["code"])))


def days_of(store: Terminology, grouping: str, system: str) -> st.SearchStrategy[datetime.date]:
    """Return days of versions, days of releases, days around their ends, and any others."""
    spans = [(one.effective_from, one.effective_to or LAST) for one in store.grouping(grouping).versions]
    in_versions = [st.dates(max(first, FIRST), end) for first, end in spans if end > FIRST]
    begins = [one.effective for one in store[system].releases]
    return st.one_of(*in_versions, st.sampled_from(begins), st.dates(FIRST, LAST))


@given(st.data())
def test_the_faces_agree(store: Terminology, data: st.DataObject) -> None:
    """Each face says of codes in force what the files say, by all groupings, and nothing where no version covers the day."""
    system = data.draw(st.sampled_from([name for name in store if store[name].latest.groupings]))
    names = store[system].latest.groupings
    edition = store[system].on(data.draw(days_of(store, data.draw(st.sampled_from(names)), system)))
    rows = edition.table("concepts").select(["code", "kind"]).to_pylist()
    in_force = [row["code"] for row in rows if row["kind"] == "code"]
    codes = data.draw(st.lists(st.sampled_from(in_force), min_size=1, max_size=20, unique=True)) if in_force else []
    looked_up = by_fhir(Service(store), edition, codes)
    table = terminology.annotate({"dx": codes}, system=system, on=edition.date, columns=names, store=store)
    for grouping in names:
        expected = expected_groups(store, grouping, system, edition.date)
        for code, said in zip(codes, table.column(f"dx_{grouping}").to_pylist(), strict=True):
            groups = expected(code)
            if groups is None:
                with pytest.raises(terminology.NoVersionError):
                    edition.groups(code, grouping)
                assert said is None
            else:
                assert groups == {one.category for one in edition.groups(code, grouping)} == as_set(said)
            assert looked_up[code].get(grouping, frozenset()) == (groups or frozenset())


def by_fhir(service: Service, edition: Edition, codes: list[str]) -> dict[str, dict[str, frozenset[str]]]:
    """Return the categories of codes in all groupings by `$lookup`."""
    uri, found = edition.definition.uri, {}
    for code in codes:
        query = (("system", uri), ("code", code), ("date", str(edition.date)), ("property", "*"))
        response = service.answer(Request("CodeSystem/$lookup", "r5", "GET", query, None, {}))
        assert response.status == 200
        made: dict[str, set[str]] = {}
        for one in response.resource["parameter"]:
            parts = {part["name"]: part for part in one.get("part", ())}
            if one["name"] == "property" and "valueCoding" in parts["value"]:
                made.setdefault(parts["code"]["valueCode"], set()).add(parts["value"]["valueCoding"]["code"])
        found[code] = {name: frozenset(categories) for name, categories in made.items()}
    return found
