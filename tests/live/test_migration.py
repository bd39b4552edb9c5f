"""Every code of the real releases carried to other releases, and the mappings between ICD-9 and ICD-10 as wholes."""

from __future__ import annotations

from collections import Counter

import pytest

from terminology import CodeSystem, Terminology
from terminology.query import engine_of

from .oracle_keys import Migrated, billable

LEGS = [("2017", "2025"), ("2025", "2017")]


@pytest.mark.parametrize("system", ["icd10cm", "icd10pcs"])
@pytest.mark.parametrize(("before", "after"), LEGS)
def test_every_code_of_every_answer_is_billable(
    real_store: Terminology, migrated: Migrated, system: str, before: str, after: str
) -> None:
    """Of all codes of eight years ago, and back: whatever an answer names is billable in the release asked for."""
    there = set(billable(real_store[system], after))
    for code, found in migrated(system, before, after).items():
        assert set(found.codes) | set(found.split_off) <= there, code
        assert (str(found.outcome) == "mapped") is bool(found.alternatives)
        assert found.alternatives or found.reason


OUTCOMES = {
    ("icd10cm", "2017", "2025"): {"mapped": 71_378, "unknown": 108},
    ("icd10pcs", "2017", "2025"): {"mapped": 75_506, "none": 227, "unknown": 56},
}


@pytest.mark.parametrize(("leg", "expected"), OUTCOMES.items())
def test_outcomes(migrated: Migrated, leg: tuple[str, str, str], expected: dict[str, int]) -> None:
    """So many codes of fiscal year 2017 have an answer in 2025, and so many have none."""
    assert expected == Counter(str(found.outcome) for found in migrated(*leg).values())


def test_unknown_codes_of_2017_are_explained(cm: CodeSystem, migrated: Migrated) -> None:
    """The codes of 2017 that are lost by 2025 are those that the conversion tables never name.

    72 seventh characters that the prose under S06 bars; 36 dislocations of finger joints.
    """
    lost = {code: found for code, found in migrated("icd10cm", "2017", "2025").items() if not found.alternatives}
    assert Counter(code[:3] for code in lost) == {"S06": 72, "S63": 36}
    assert {code[-1] for code in lost if code.startswith("S06")} <= {"D", "S"}
    for code, found in lost.items():
        assert [step.kind for step in found.path] == ["deleted"], code
        assert (found.reason or "").startswith(f"{code} is not in force from "), code
        ended = cm.history(code).periods[-1].effective_to
        assert [step.effective for step in found.path] == [ended]


@pytest.mark.parametrize(("system", "exceptions"), [("icd10cm", {"to_header": 30}), ("icd10pcs", {"merged": 5})])
def test_there_and_back(migrated: Migrated, system: str, exceptions: dict[str, int]) -> None:
    """What a code of 2017 became by 2025 was that code, or a code of 2017 already.

    Not so for codes below a header of which the table tells another origin, and for five codes of ICD-10-PCS
    whose table names more new codes than replacements.
    """
    forward, backward = migrated(system, *LEGS[0]), migrated(system, *LEGS[1])
    missed: Counter[str] = Counter()
    for code, found in forward.items():
        for alternative in found.alternatives:
            fresh = [other for other in alternative.codes if other not in forward]
            if fresh and not any(code in backward[other].codes for other in fresh):
                missed[alternative.kind] += 1
    assert exceptions == missed


def test_two_legs_make_the_whole_way(cm: CodeSystem) -> None:
    """Of every code that is gone or a header by 2025: from 2017 over 2021 to 2025 is from 2017 to 2025.

    Of a header the whole way knows all codes that are below it by then, also those that came later from elsewhere.
    """
    changed = sorted(set(billable(cm, "2017")) - set(billable(cm, "2025")))
    assert len(changed) > 600
    for code in changed:
        legs = {
            tuple(sorted(onward.codes))
            for first in cm.migrate(code, "2017", "2021").alternatives
            for onward in cm.migrate(first.codes[0], "2021", "2025").alternatives
        }
        found = cm.migrate(code, "2017", "2025").alternatives
        below = {one.codes for one in found if any(step.crosswalk is None for step in one.path)}
        assert legs | below == {tuple(sorted(one.codes)) for one in found}, code


# ---- the mappings between ICD-9-CM and ICD-10-CM


@pytest.fixture(scope="module")
def pairs(real_store: Terminology) -> dict[str, tuple[int, set[tuple[str, str]]]]:
    """Of each direction of the diagnosis mappings of 2018: how many alternatives, and which pairs of codes."""
    found: dict[str, tuple[int, set[tuple[str, str]]]] = {}
    for rows in engine_of(real_store["icd10cm"].latest).system.store.maps:
        if rows.name == "gems" and {rows.source_system, rows.target_system} == {"icd9cm", "icd10cm"}:
            number = rows.publication(None)
            mappings = [
                mapping
                for code in dict.fromkeys(rows._codes.codes)
                for mapping in rows.of_source(str(code), number)
                if mapping.target_codes
            ]
            together = {(one.source_codes[0], target) for one in mappings for target in one.target_codes or ()}
            found[rows.source_system] = (len(mappings), together)
    return found


def test_alternatives_and_pairs(pairs: dict[str, tuple[int, set[tuple[str, str]]]]) -> None:
    """Expanded there are 76,379 alternatives from ICD-10 and 23,672 from ICD-9; 19,421 pairs are in both directions."""
    assert {system: count for system, (count, _) in pairs.items()} == {"icd10cm": 76_379, "icd9cm": 23_672}
    assert len(pairs["icd10cm"][1] & {(ten, nine) for nine, ten in pairs["icd9cm"][1]}) == 19_421


def test_targets_are_carried_to_the_newest_release(real_store: Terminology, cm: CodeSystem) -> None:
    """Every ICD-9 diagnosis that is mapped has only codes that are billable now, though the mappings ended in 2018.

    One target was deleted since, and no table says what became of it: two diagnoses lack an alternative.
    """
    there = set(billable(cm, cm.releases[-1].version))
    outcomes: Counter[str] = Counter()
    incomplete: dict[str, str | None] = {}
    carried = 0
    for code in billable(real_store["icd9cm"], "32"):
        found = real_store.translate(code, source="icd9cm", target="icd10cm")
        outcomes[str(found.outcome)] += 1
        assert set(found.codes) <= there, code
        if not found.is_complete:
            incomplete[code] = (found.reason or "").partition(" ")[0]
        carried += any(len(alternative.path) > 1 for alternative in found.alternatives)
    assert outcomes == {"mapped": 14_145, "none": 422}
    assert incomplete == {"752.2": "Q51.20", "752.35": "Q51.20"}
    assert carried > 100


def test_codes_younger_than_the_mappings(real_store: Terminology, cm: CodeSystem) -> None:
    """A code that came after the mappings goes back to their year first; few are lost, each with its reason."""
    young = sorted(set(billable(cm, "2025")) - set(billable(cm, "2018")))
    outcomes: Counter[str] = Counter()
    for code in young:
        found = real_store.translate(code, source="icd10cm", target="icd9cm")
        outcomes[str(found.outcome)] += 1
        assert all(alternative.path[0].system == "icd10cm" for alternative in found.alternatives), code
        assert found.alternatives or found.reason
    assert len(young) == sum(outcomes.values())
    assert outcomes["mapped"] / len(young) > 0.9
