"""Rules about diagnoses: single ones, pairs, and their order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from terminology import Terminology
from terminology.claims import RULES, Findings, audit

from .conftest import Rules

Found = Callable[..., Findings]


@pytest.mark.parametrize("codes", [["I10", "A00.9"], ["E11.42", "I10"], ["c430", "i10 "], ["M25.551", "M25.552"], []])
def test_nothing_is_found_where_nothing_is_wrong(rules: Rules, codes: list[str]) -> None:
    """Billable codes that no note parts have no findings; right and left neither, where there is no bilateral code."""
    assert rules(*codes) == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("Q99.9", "invalid_code"),
        ("hello", "invalid_code"),
        ("", "invalid_code"),
        ("E11", "not_billable"),
        ("M25.55", "not_billable"),
        ("T07", "seventh_character"),
        ("W21.89A", "seventh_character"),
        ("T07.A", "seventh_character"),
    ],
)
def test_a_code_that_may_not_be_submitted(rules: Rules, code: str, rule: str) -> None:
    """Each has the rule of what is wrong with it, and no other."""
    assert rules("I10", code) == [rule]


def test_the_message_says_what_instead(found: Found) -> None:
    """The reason is that of `explain`, with the codes to use and the file and line of a header."""
    [finding] = found("I10", "E11")
    assert finding.message == (
        "E11 is a header on 2022-03-01 (release 2022): in force, and not valid for submission; "
        "to use instead: E11.42, E11.9"
    )
    assert finding.source is not None
    assert (finding.source.file, finding.source.line) == ("icd10cm_order_2022.txt", 15)


def test_codes_follow_their_time(store: Terminology) -> None:
    """M54.5 may be submitted in September 2021 and not in October; M54.50 the other way round."""

    def rules(code: str, day: str) -> list[str]:
        claim = {"id": "1", "service_date": day, "diagnoses": [code]}
        return [finding.rule for finding in audit(claim, store)]

    assert (rules("M54.5", "2021-09-30"), rules("M54.5", "2021-10-01")) == ([], ["not_billable"])
    assert (rules("M54.50", "2021-09-30"), rules("M54.50", "2021-10-01")) == (["not_in_force"], [])


def test_the_day_of_an_inpatient_is_that_of_discharge(store: Terminology) -> None:
    """Admitted in September and discharged in October, the codes are those of October."""
    claim = {"id": "1", "admission_date": "2021-09-28", "discharge_date": "2021-10-02", "diagnoses": ["M54.5"]}
    assert [finding.rule for finding in audit(claim, store)] == ["not_billable"]
    assert audit({**claim, "kind": "outpatient", "service_date": "2021-09-28"}, store) == ()


def test_a_claim_without_day_is_not_judged(rules: Rules) -> None:
    """A finding says so; none of its codes is looked at."""
    assert rules("E11", service_date=None) == ["no_date"]
    assert rules("E11", kind="inpatient") == ["no_date"]


def test_a_day_that_nothing_covers_is_said_to_be_unchecked(noted_store: Terminology) -> None:
    """It is no finding: nothing that is loaded speaks for the day."""
    found = audit({"id": "1", "service_date": "2031-03-01", "diagnoses": ["E11.9"]}, noted_store)
    assert found == ()
    assert [str(one) for one in found.unchecked] == [
        "not checked: diagnoses (icd10cm), no release covers 2031-03-01 (1 claim)"
    ]


def test_a_system_that_is_not_loaded_is_said_to_be_unchecked(noted_store: Terminology) -> None:
    """Of 2012 ICD-9-CM would be asked."""
    found = audit({"id": "1", "service_date": "2012-03-01", "diagnoses": ["250.00"]}, noted_store)
    assert found == ()
    assert found.unchecked[0].what == "diagnoses (icd9cm)"


# ---- pairs


@pytest.mark.parametrize(
    ("codes", "note"),
    [
        (["E11.9", "E08.9"], "E11"),
        (["E08.9", "E11.9"], "E11"),
        (["A08.0", "C43.0"], "A00-A09"),
        (["A08.0", "C4A.0"], "A00-A09"),
        (["C44.0", "A00.9"], "A00-A09"),
        (["E11.42", "G63"], "G63"),
    ],
)
def test_excludes1_pairs(found: Found, codes: list[str], note: str) -> None:
    """A note counts that is inherited, from a section too; a range has what is between in document order; words narrow it."""
    [finding] = [one for one in found("I10", *codes) if one.rule == "excludes1"]
    assert sorted(finding.codes) == sorted(codes)
    assert f"a note at {note} " in finding.message
    assert "guideline I.A.12.a" in finding.message
    assert str(finding.severity) == "review"
    assert finding.source is not None
    assert finding.source.file == "icd10cm_tabular_2022.xml"
    assert finding.source.line


@pytest.mark.parametrize("codes", [["G63", "E11.9"], ["F02.80", "G30.9"], ["C43.0", "C44.0"], ["A08.0", "Q99.9"]])
def test_what_is_no_excludes1_pair(rules: Rules, codes: list[str]) -> None:
    """Not a code beside the words that narrow a range, not Excludes2, not what is no code."""
    assert "excludes1" not in rules("I10", *codes)


def test_a_release_without_notes_is_said_once(store: Terminology) -> None:
    """The sample of April 2022 came without a tabular list."""
    found = audit({"id": "1", "service_date": "2022-05-01", "diagnoses": ["E11.9", "F32.0"]}, store)
    assert [one.reason for one in found.unchecked if one.what.startswith("Excludes1")] == [
        "release 2022-04 came without notes"
    ]


def test_a_diagnosis_twice(found: Found) -> None:
    """However it is written; the message says at which places."""
    [finding] = found("I10", "A00.9", "i10")
    assert (finding.rule, finding.codes) == ("duplicate_diagnosis", ("I10",))
    assert "diagnoses 1 and 3" in finding.message


@pytest.mark.parametrize(
    ("codes", "rule"),
    [
        (["H65.01", "H65.02"], "laterality_both"),
        (["H65.03", "H65.02"], "laterality_both"),
        (["H65.00", "H65.02"], "laterality_unspecified"),
        (["M25.552", "M25.559"], "laterality_unspecified"),
        (["H65.00", "H65.03"], "laterality_unspecified"),
    ],
)
def test_sides(rules: Rules, codes: list[str], rule: str) -> None:
    """Sides apart where a bilateral code exists, and an unspecified one beside a specified one, are to be looked at."""
    assert rules(*codes) == [rule]
    assert str(RULES[rule].severity) == "review"


# ---- order


def test_an_external_cause_is_never_first(rules: Rules) -> None:
    """It may stand behind."""
    assert rules("W21.89XA", "I10") == ["external_cause_principal"]
    assert rules("I10", "W21.89XA") == []


def test_a_manifestation_is_never_first(found: Found, rules: Rules) -> None:
    """The underlying disease comes first; one finding says so, not three."""
    [finding] = found("F02.80", "G30.9")
    assert finding.rule == "manifestation_principal"
    assert "the underlying physiological condition" in finding.message
    assert rules("G30.9", "F02.80") == []


def test_code_first(rules: Rules, found: Found) -> None:
    """A code that a note wants before is behind; one of which the note holds always stands first without it."""
    assert rules("E08.9", "A00.9") == ["code_first"]
    assert rules("I10", "E08.9", "A00.9") == ["code_first"]
    assert rules("A00.9", "E08.9") == []
    [alone] = found("E08.9")
    assert alone.rule == "code_first"
    assert "the underlying condition, such as" in alone.message


def test_code_first_if_applicable(rules: Rules) -> None:
    """It says something of the order only, not that there must be another code."""
    assert rules("J12.9") == []
    assert rules("J12.9", "J85.1") == ["code_first"]


def test_use_additional_code(rules: Rules) -> None:
    """The additional code is not the first one; among others its place does not matter."""
    assert rules("Z72.0", "I10") == ["use_additional"]
    assert rules("I10", "Z72.0") == []
    assert rules("A00.9", "Z72.0", "I10") == []


def test_findings_are_in_the_order_of_the_rules(rules: Rules) -> None:
    """Whatever order the codes have."""
    found = rules("W21.89XA", "E11", "E11.9", "E08.9", "E11.9")
    assert found == sorted(found, key=list(RULES).index)
    assert len(set(found)) > 3
