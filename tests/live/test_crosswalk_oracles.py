"""The worked questions of the domain reference, each under its number: what codes became, and what they are elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from terminology import CodeSystem, Terminology
from terminology.model import Translation

from .oracle_keys import Migrated
from .test_oracles import statuses

Needs = Callable[[str, str, str], None]
GEM_FILES = "the mappings of 2018 (Dxgem_2018.zip)"
ERRATA = "the errata of January 2022 (errata-january-12-2022.zip)"


@pytest.fixture
def needs_crosswalk(real_store: Terminology) -> Callable[[str, str], None]:
    """A function that skips the test where a crosswalk is not loaded, with the name of the file that is missing."""

    def needed(name: str, file: str) -> None:
        if name not in {crosswalk.name for crosswalk in real_store.crosswalks}:
            pytest.skip(f"needs {file}, which is not among the release files")

    return needed


@pytest.fixture(autouse=True)
def _conversions(needs_crosswalk: Callable[[str, str], None]) -> None:
    """Every question here rests on a conversion table of ICD-10-CM or ICD-10-PCS, or on a GEM."""
    needs_crosswalk("icd10cm_conversion", "a conversion table of ICD-10-CM (icd-10-cm-conversion-table-FY2025.xlsx)")
    needs_crosswalk("icd10pcs_conversion", "the conversion table of ICD-10-PCS (icd10pcs_conversion_table_2022.xlsx)")
    needs_crosswalk("gems", GEM_FILES)


def codes(found: Translation) -> list[tuple[str, ...]]:
    """Return the codes of each alternative."""
    return [alternative.codes for alternative in found.alternatives]


def kinds(found: Translation) -> set[str]:
    """Return the kinds of the alternatives."""
    return {alternative.kind for alternative in found.alternatives}


def path(found: Translation) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
    """Return the steps of the first alternative: kind, codes left and reached, and day."""
    steps = found.alternatives[0].path
    return [(step.kind, step.from_codes, step.to_codes, str(step.effective)) for step in steps]


def test_01_split_off(cm: CodeSystem) -> None:
    """F32.9, from which F32.A was split off, stays itself and has no successor."""
    found = cm.migrate("F32.9", "2021", "2022")
    assert (codes(found), kinds(found), found.split_off) == ([("F32.9",)], {"identity"}, ("F32.A",))
    assert (cm.history("F32.9").successors, cm.history("F32.A").predecessors) == ((), ("F32.9",))


def test_02_replaced_by_its_codes(cm: CodeSystem) -> None:
    """M54.5 was replaced by the three codes that it heads."""
    assert cm.history("M54.5").successors == ("M54.50", "M54.51", "M54.59")
    assert codes(cm.migrate("M54.5", "2021", "2024")) == [("M54.50",), ("M54.51",), ("M54.59",)]


def test_03_emergency_code(cm: CodeSystem) -> None:
    """U07.1 was B97.29 before 2020-04-01, and the step has that day though no release came out on it."""
    assert cm.history("U07.1").predecessors == ("B97.29",)
    assert path(cm.migrate("U07.1", "2021", "2020")) == [("merged", ("U07.1",), ("B97.29",), "2020-04-01")]
    assert codes(cm.became("U07.1", "2020-03-31")) == [("B97.29",)]
    assert codes(cm.became("U07.1", "2020-04-01")) == [("U07.1",)]


def test_04_any_of_several_predecessors(cm: CodeSystem) -> None:
    """U07.0 was any of eight codes before, all of which stay: it is but related to each."""
    expected = ("J68.0", "J68.9", "J69.1", "J80", "J82", "J84.114", "J84.89", "Z72.0")
    assert cm.history("U07.0").predecessors == expected
    found = cm.migrate("U07.0", "2021", "2019")
    assert codes(found) == [(code,) for code in expected]
    assert {alternative.relationship for alternative in found.alternatives} == {"related-to"}


@pytest.mark.parametrize("system", ["icd10cm", "icd10pcs"])
def test_09_no_code_comes_back(migrated: Migrated, system: str) -> None:
    """No code was ever deleted and reinstated: nothing migrates by being there again."""
    for leg in (("2017", "2025"), ("2025", "2017")):
        found = [step.kind for one in migrated(system, *leg).values() for a in one.alternatives for step in a.path]
        assert len(found) > 1000
        assert "reinstated" not in found


def test_09_reactivated_code(hcpcs: CodeSystem) -> None:
    """S3854, reactivated in 2016, is itself throughout the releases."""
    assert codes(hcpcs.migrate("S3854", "2018-01", "2025-01")) == [("S3854",)]


def test_10_changed_meaning(cm: CodeSystem) -> None:
    """F64.1 has another meaning since FY2017: it is renamed, only related, and what took over is named."""
    found = cm.migrate("F64.1", "2016", "2017")
    assert (codes(found), kinds(found), found.split_off) == ([("F64.1",)], {"renamed"}, ("F64.0",))
    assert found.alternatives[0].relationship == "related-to"


@pytest.mark.parametrize(
    ("system", "code", "leg", "title"),
    [
        ("icd10cm", "L70.5", ("2016", "2017"), "Acne excoriee"),
        ("icd10pcs", "09NK0ZZ", ("2017", "2018"), "Release Nasal Mucosa and Soft Tissue, Open Approach"),
    ],
)
def test_11_revised_title(real_store: Terminology, system: str, code: str, leg: tuple[str, str], title: str) -> None:
    """A code under a revised title is itself, renamed, with both titles."""
    found = real_store[system].migrate(code, *leg)
    assert (codes(found), kinds(found)) == ([(code,)], {"renamed"})
    assert found.alternatives[0].path[0].detail["after"] == title


def test_12_six_successors_with_the_same_character(cm: CodeSystem) -> None:
    """T81.4XXA was split into six codes for initial encounters; its category stays a header."""
    found = cm.migrate("T81.4XXA", "2018", "2019")
    assert codes(found) == [(f"T81.4{site}XA",) for site in "012349"]
    assert kinds(found) == {"split"}
    assert cm.history("T81.4XXA").successors == found.codes
    assert codes(cm.migrate("T81.4", "2018", "2019")) == [("T81.4",)]


def test_13_predecessor_of_what_stands_below(cm: CodeSystem, needs_release: Needs) -> None:
    """G35, a header from FY2026 on, became the billable codes below it."""
    needs_release("icd10cm", "2026", "icd10cm_order_2026.txt")
    assert {"G35.A", "G35.D"} <= set(cm.migrate("G35", "2025", "2026").codes)


def test_14_split_category(cm: CodeSystem) -> None:
    """A04.7 became A04.71 and A04.72, which it heads."""
    found = cm.migrate("A04.7", "2017", "2018")
    assert (codes(found), kinds(found)) == ([("A04.71",), ("A04.72",)], {"to_header"})


def test_15_header_with_another_title(cm: CodeSystem) -> None:
    """F53 became F53.0 and F53.1, though it has another title as their header."""
    found = cm.migrate("F53", "2018", "2019")
    assert (codes(found), kinds(found)) == ([("F53.0",), ("F53.1",)], {"to_header"})
    assert cm.history("F53").successors == ("F53.0", "F53.1")


@pytest.mark.parametrize(
    ("code", "before", "after", "expected"),
    [("C56.3", "2022", "2021", ("C56.1", "C56.2")), ("E11.11", "2018", "2017", ("E11.69", "R40.20"))],
)
def test_17_predecessors_used_together(
    cm: CodeSystem, code: str, before: str, after: str, expected: tuple[str, str]
) -> None:
    """A code that stands for two together goes back to one alternative, the pair, and never to one of them."""
    found = cm.migrate(code, before, after)
    assert (codes(found), kinds(found)) == ([expected], {"combination"})
    assert cm.history(code).predecessors == expected


def test_18_two_steps_back(cm: CodeSystem) -> None:
    """D57.04 goes back over D57.09 to D57.00; forwards D57.00 stays, and D57.04 is but split off."""
    assert path(cm.migrate("D57.04", "2025", "2020")) == [
        ("merged", ("D57.04",), ("D57.09",), "2023-10-01"),
        ("merged", ("D57.09",), ("D57.00",), "2020-10-01"),
    ]
    found = cm.migrate("D57.00", "2020", "2025")
    assert (codes(found), found.split_off) == ([("D57.00",)], ("D57.03", "D57.09", "D57.04"))
    assert "D57.04" not in cm.migrate("D57.00", "2020", "2023").split_off


def test_19_barred_seventh_character(cm: CodeSystem) -> None:
    """S06.1X7D was deleted in FY2018; no table says what became of it, so that is unknown, and the addenda is cited."""
    found = cm.migrate("S06.1X7D", "2017", "2018")
    assert (str(found.outcome), [(step.kind, step.crosswalk) for step in found.path]) == (
        "unknown",
        [("deleted", "order_addenda 2018")],
    )


def test_27_one_year_of_life(pcs: CodeSystem) -> None:
    """04VC0FZ, which lived one year, was merged into 04VC0DZ, which stood before."""
    found = pcs.migrate("04VC0FZ", "2017", "2018")
    assert (codes(found), kinds(found)) == ([("04VC0DZ",)], {"merged"})
    assert pcs.history("04VC0FZ").successors == ("04VC0DZ",)


def test_28_three_successors(pcs: CodeSystem) -> None:
    """5A1D00Z was deleted on 2017-10-01 for three codes."""
    found = pcs.migrate("5A1D00Z", "2017", "2025")
    assert (codes(found), kinds(found)) == ([("5A1D70Z",), ("5A1D80Z",), ("5A1D90Z",)], {"split"})
    assert {step[3] for step in path(found)} == {"2017-10-01"}
    assert pcs.history("5A1D00Z").successors == found.codes


def test_29_nothing_replaces_it(pcs: CodeSystem) -> None:
    """0RG00Z0 was deleted, and the publisher says that nothing replaces it: none, not unknown."""
    found = pcs.migrate("0RG00Z0", "2018", "2019")
    assert (str(found.outcome), found.reason, found.is_complete) == (
        "none",
        "the publisher says that nothing replaces 0RG00Z0",
        True,
    )
    assert pcs.history("0RG00Z0").successors == ()


def test_30_code_within_the_year(pcs: CodeSystem) -> None:
    """XW013F5 begins on 2020-08-01, before any order file holds it, and was 3E013GC before."""
    assert statuses(pcs, "XW013F5", "2020-07-31", "2020-08-01") == ["future", "billable"]
    assert codes(pcs.became("XW013F5", "2020-07-31")) == [("3E013GC",)]
    assert pcs.history("XW013F5").predecessors == ("3E013GC",)


def test_31_code_of_the_errata(pcs: CodeSystem, needs_release: Needs) -> None:
    """XW023X7 begins with the errata on 2022-04-01, and was 3E023GC before."""
    needs_release("icd10pcs", "2022-04.1", ERRATA)
    assert statuses(pcs, "XW023X7", "2022-03-31", "2022-04-01") == ["future", "billable"]
    assert path(pcs.migrate("XW023X7", "2022-04", "2022")) == [("merged", ("XW023X7",), ("3E023GC",), "2022-04-01")]


def test_34_terminated_code(hcpcs: CodeSystem) -> None:
    """C9014, terminated with 2018, was replaced by J0567."""
    assert hcpcs.history("C9014").successors == ("J0567",)
    assert path(hcpcs.migrate("C9014", "2018-01", "2019-01")) == [("replaced", ("C9014",), ("J0567",), "2019-01-01")]


def test_35_cross_reference_back_is_no_successor(hcpcs: CodeSystem) -> None:
    """Q9989 was replaced by J3358; that one names it back, which is no succession and no circle."""
    assert (hcpcs.history("Q9989").successors, hcpcs.history("J3358").successors) == (("J3358",), ())
    assert hcpcs.history("J3358").predecessors == ("Q9989",)
    assert codes(hcpcs.migrate("J3358", "2018-01", "2025-01")) == [("J3358",)]
    assert codes(hcpcs.became("Q9989")) == [("J3358",)]


def test_36_chain(hcpcs: CodeSystem) -> None:
    """C9487 became Q9989, and that J3358: two steps, each on its day."""
    assert path(hcpcs.became("C9487")) == [
        ("replaced", ("C9487",), ("Q9989",), "2017-07-01"),
        ("replaced", ("Q9989",), ("J3358",), "2018-01-01"),
    ]


def test_37_successor_in_another_system(real_store: Terminology, hcpcs: CodeSystem) -> None:
    """G0505 was continued as 99483 of CPT: a translation, and in HCPCS itself unknown with that hint."""
    assert hcpcs.history("G0505").successors == ("99483",)
    assert codes(real_store.translate("G0505", source="hcpcs", target="cpt")) == [("99483",)]
    found = hcpcs.became("G0505")
    assert (str(found.outcome), "it was replaced by 99483 of cpt" in str(found.reason)) == ("unknown", True)


def test_38_no_known_successor(hcpcs: CodeSystem) -> None:
    """J9310 was terminated, and no cross-reference says what came after: unknown, with the reason."""
    found = hcpcs.migrate("J9310", "2018-01", "2019-01")
    assert (str(found.outcome), found.reason) == (
        "unknown",
        "J9310 is not in force from 2019-01-01 on, and no loaded crosswalk says what replaced it",
    )
    assert hcpcs.history("J9310").successors == ()


def test_41_combination(real_store: Terminology) -> None:
    """A02.1 is 003.1 with 995.91, and nothing else."""
    found = real_store.translate("A02.1", source="icd10cm", target="icd9cm")
    assert (codes(found), kinds(found)) == ([("003.1", "995.91")], {"combination"})


def test_42_scenarios_are_not_mixed(real_store: Terminology) -> None:
    """754.35 is one of two pairs, and no pair is made of both."""
    found = real_store.translate("754.35", source="icd9cm", target="icd10cm")
    assert codes(found) == [("Q65.01", "Q65.32"), ("Q65.02", "Q65.31")]


def test_43_no_counterpart(real_store: Terminology) -> None:
    """365.70 has no counterpart, as the publisher says: none. A code that is none is unknown."""
    found = real_store.translate("365.70", source="icd9cm", target="icd10cm")
    assert (str(found.outcome), [step.kind for step in found.path]) == ("none", ["none"])
    assert str(real_store.translate("999.999", source="icd9cm", target="icd10cm").outcome) == "unknown"


def test_44_directions_differ(real_store: Terminology) -> None:
    """E13.9 goes to 249.00 and 250.00, 250.00 comes back to E11.9 only; inverted it is led to by both."""
    assert codes(real_store.translate("E13.9", source="icd10cm", target="icd9cm")) == [("249.00",), ("250.00",)]
    assert codes(real_store.translate("250.00", source="icd9cm", target="icd10cm")) == [("E11.9",)]
    inverted = real_store.translate("250.00", source="icd9cm", target="icd10cm", inverted=True)
    assert {("E11.9",), ("E13.9",)} <= set(codes(inverted))
    assert all(alternative.path[0].inverted for alternative in inverted.alternatives)


def test_45_carried_to_the_newest_release(real_store: Terminology) -> None:
    """724.5 is M54.89 or M54.9, which are billable to this day."""
    found = real_store.translate("724.5", source="icd9cm", target="icd10cm")
    assert codes(found) == [("M54.89",), ("M54.9",)]
    assert all(real_store["icd10cm"].latest.is_billable(code) for code in found.codes)
