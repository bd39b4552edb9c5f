"""Claims by the publishers' real lists: present on admission, the code editor, CC exclusions, each by the version of the day."""

from __future__ import annotations

from typing import Any

import pytest

from terminology import Terminology
from terminology.claims import audit


def rules(store: Terminology, day: str, *diagnoses: tuple[str, str], **more: Any) -> set[str]:
    """Return the rules of what is found on a claim of an inpatient, by codes with their indicators."""
    coded = [{"code": code, "poa": poa} for code, poa in diagnoses]
    claim = {"id": "1", "discharge_date": day, "sex": "F", "age": 40, "diagnoses": coded, **more}
    return {finding.rule for finding in audit(claim, store)}


@pytest.mark.parametrize(("day", "is_exempt"), [("2016-03-01", True), ("2017-03-01", False), ("2022-03-01", True)])
def test_palliative_care_was_exempt_was_not_and_is_again(
    grouped_store: Terminology, day: str, *, is_exempt: bool
) -> None:
    """A union of all years' lists would be wrong for fiscal year 2017."""
    blank = rules(grouped_store, day, ("I10", "Y"), ("Z51.5", ""))
    given = rules(grouped_store, day, ("I10", "Y"), ("Z51.5", "Y"))
    assert ("poa_missing" in blank, "poa_exempt" in given) == (not is_exempt, is_exempt)


@pytest.mark.parametrize(
    ("code", "more", "expected"),
    [
        ("A33", {}, {"age_conflict"}),
        ("A33", {"age": 0}, set()),
        ("O80", {"age": 60}, {"age_conflict"}),
        ("O80", {"sex": "M"}, {"sex_conflict"}),
        ("N40.0", {}, {"sex_conflict"}),
        ("N40.0", {"sex": "M"}, set()),
        ("E08.42", {}, {"manifestation_principal"}),
        ("Z51.5", {}, {"unacceptable_principal"}),
    ],
)
def test_code_editor(grouped_store: Terminology, code: str, more: dict[str, Any], expected: set[str]) -> None:
    """Version 33, of fiscal year 2016."""
    found = rules(grouped_store, "2016-03-01", (code, ""), **more)
    assert found - {"poa_missing", "code_first"} == expected


def test_a_year_without_lists_is_not_answered_by_a_neighbour(grouped_store: Terminology) -> None:
    """No list of fiscal year 2024 is there."""
    assert rules(grouped_store, "2024-03-01", ("Z51.5", "")) == set()


def test_exclusions(grouped_store: Terminology) -> None:
    """I50.21 is an MCC, and none with I09.81 as principal diagnosis; with J18.9 it counts."""
    assert "cc_excluded" in rules(grouped_store, "2021-03-01", ("I09.81", "Y"), ("I50.21", "Y"))
    assert "cc_excluded" not in rules(grouped_store, "2021-03-01", ("J18.9", "Y"), ("I50.21", "Y"))
