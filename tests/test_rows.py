"""A concept that is read from its row, field by field, is the concept that is made as a whole."""

from __future__ import annotations

import datetime

import pytest

from terminology import Terminology
from terminology.query import engine_of
from terminology.query.rows import concept_in_force

FIELDS = ("code", "title", "status", "short_title", "kind", "derived", "properties", "effective_from", "effective_to")
DAYS = ("2015-09-30", "2018-07-01", "2021-09-30", "2021-10-01", "2022-04-01", "2031-01-15")


@pytest.mark.parametrize("day", DAYS)
def test_a_row_has_what_the_concept_has(store: Terminology, day: str) -> None:
    """Of every code of every system, in force on the day or not."""
    for system in store.values():
        edition = system.on(day)
        codes = engine_of(edition).system.codes
        for code in {codes.name(row) for row in range(codes.count)}:
            found, whole = concept_in_force(engine_of(edition), code), edition.lookup(code)
            if whole is None or not whole.status.valid:
                assert found is None, code
            else:
                assert found is not None, code
                assert [getattr(found, name) for name in FIELDS] == [getattr(whole, name) for name in FIELDS]


def test_only_the_very_code_is_found(store: Terminology) -> None:
    """Another spelling, and a text that is no code, are looked up as a whole."""
    engine = engine_of(store["icd10cm"].on(datetime.date(2022, 3, 1)))
    assert concept_in_force(engine, "M54.50") is not None
    assert [concept_in_force(engine, text) for text in ("m54.50", "M5450", "", "?", "M54.50 ")] == [None] * 5
