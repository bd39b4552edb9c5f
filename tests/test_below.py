"""What is billable below a node, against a plain walk through the hierarchy."""

from __future__ import annotations

import pytest

from terminology import Terminology, UnknownCodeError
from terminology.query.below import BillableBelow

DAYS = {"icd10cm": "2022-03-01", "icd10pcs": "2022-05-01", "hcpcs": "2019-02-01", "icd9cm": "2015-01-01"}


@pytest.mark.parametrize(("system", "day"), DAYS.items())
def test_what_is_billable_below_each_node(store: Terminology, system: str, day: str) -> None:
    """All of it, in document order; and some of it."""
    edition = store[system].on(day)
    below = BillableBelow(edition)
    walked = list(edition.roots())
    for code in walked:
        walked += edition.children(code)
        expected = [other for other in edition.descendants(code) if edition.is_billable(other)]
        assert below.count(code) == len(expected)
        assert below.codes(code, 0, len(expected) + 5) == expected
        assert below.codes(code, 1, 1) == expected[1:2]
        assert below.is_leaf(code) == (not edition.children(code))


@pytest.mark.parametrize("code", ["ZZZ", "M54.50"])
def test_a_code_that_is_not_in_force(store: Terminology, code: str) -> None:
    """It has no place."""
    with pytest.raises(UnknownCodeError):
        BillableBelow(store["icd10cm"].on("2021-03-01")).count(code)


def test_a_day_that_no_release_covers(store: Terminology) -> None:
    """No code has a place."""
    with pytest.raises(UnknownCodeError):
        BillableBelow(store["icd10cm"].on("2040-03-01")).count("M54")
