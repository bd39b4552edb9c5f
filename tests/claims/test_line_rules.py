"""Rules about procedures and services: codes, the tables of ICD-10-PCS, modifiers."""

from __future__ import annotations

from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.claims import Finding, audit
from terminology.samples import sample_releases


def found(store: Terminology, *lines: Any, **more: Any) -> list[Finding]:
    """Return what is found on a claim with these procedures."""
    return list(
        audit({"id": "1", "service_date": "2019-03-01", "diagnoses": [], "procedures": list(lines), **more}, store)
    )


def rules(store: Terminology, *lines: Any, **more: Any) -> list[str]:
    """Return the rules of what is found."""
    return [finding.rule for finding in found(store, *lines, **more)]


STAY = {"discharge_date": "2022-05-01"}
"""Of a release with the tables of ICD-10-PCS."""


def test_no_table_builds_it(store: Terminology) -> None:
    """The sentence is that of `terminology.procedures`, and the source the file of the tables."""
    [finding] = found(store, "0FT44Z1", "0FT44ZZ", **STAY)
    assert (finding.rule, finding.codes) == ("pcs_not_built", ("0FT44Z1",))
    assert finding.message.startswith("0FT44Z1: no row of table 0FT holds 4-4-Z-1: after 0FT44Z only")
    assert finding.source is not None
    assert finding.source.file == "icd10pcs_tables_2022.xml"


def test_a_release_without_tables(store: Terminology) -> None:
    """That it is no code is found all the same, and why is said not to be known."""
    claim = {"id": "1", "discharge_date": "2022-03-01", "diagnoses": [], "procedures": ["0FT44Z1"]}
    result = audit(claim, store)
    assert [finding.rule for finding in result] == ["invalid_code"]
    assert [one.what for one in result.unchecked] == ["why a procedure is no code"]


@pytest.mark.parametrize(
    ("code", "rule"), [("0FT", "not_billable"), ("0FT44", "invalid_code"), ("hello", "invalid_code")]
)
def test_other_texts_in_the_place_of_a_procedure(store: Terminology, code: str, rule: str) -> None:
    """Tables are headers; what has not seven characters is judged as any code."""
    assert rules(store, code, **STAY) == [rule]


def test_a_service_has_its_own_day(store: Terminology) -> None:
    """J1815 began in 2003: its line may be of another day than the claim. What no row covers is not checked."""
    lines = [{"code": "J1815", "date": day} for day in ("2019-02-01", "2017-01-01", "1990-02-01")]
    assert rules(store, *lines[:2]) == []
    result = audit({"id": "1", "service_date": "2019-03-01", "diagnoses": [], "procedures": lines}, store)
    assert result == ()
    assert [str(one) for one in result.unchecked] == [
        "not checked: procedures (hcpcs), no release covers 1990-02-01 (1 claim)"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"code": "J1815", "modifiers": ["LT"]}, []),
        ({"code": "J1815", "modifiers": ["lt", "", "RT "]}, []),
        ({"code": "A0021", "modifiers": ["RH"]}, []),
        ({"code": "J1815", "modifiers": ["J1815"]}, ["modifier_misplaced"]),
        ("LT", ["modifier_misplaced"]),
    ],
)
def test_modifiers(store: Terminology, line: Any, expected: list[str]) -> None:
    """Known ones, pairs of places of an ambulance, and what stands in a wrong place."""
    assert rules(store, line) == expected


def test_a_procedure_of_a_hospital_takes_no_modifier(store: Terminology) -> None:
    """Those of ICD-10-PCS say all in seven characters."""
    assert rules(store, {"code": "0FT44ZZ", "modifiers": ["LT"]}, **STAY) == ["modifier_misplaced"]


def test_modifiers_of_cpt(store: Terminology) -> None:
    """In 2025 the sample of CPT is asked, and no release of HCPCS covers the day: what CPT does not have may be its."""
    line = {"code": "99990", "modifiers": ["25"]}
    assert rules(store, line, service_date="2025-02-01") == []
    result = audit(
        {
            "id": "1",
            "service_date": "2025-02-01",
            "diagnoses": [],
            "procedures": [{"code": "99990", "modifiers": ["ZZ"]}],
        },
        store,
    )
    assert result == ()
    assert [one.what for one in result.unchecked] == ["modifiers of HCPCS"]


def test_where_cpt_covers_no_day_its_modifiers_are_not_called_unknown(store: Terminology) -> None:
    """The sample of CPT begins in 2024; ZZ is none of HCPCS in 2019, and might be one of CPT."""
    result = audit(
        {
            "id": "1",
            "service_date": "2019-03-01",
            "diagnoses": [],
            "procedures": [{"code": "J1815", "modifiers": ["25", "LT"]}],
        },
        store,
    )
    assert result == ()
    assert [one.what for one in result.unchecked] == ["modifiers of CPT"]


def test_without_cpt_only_the_forms_of_its_modifiers_are_open(noted_store: Terminology) -> None:
    """Where neither is loaded nothing is judged."""
    result = audit(
        {
            "id": "1",
            "service_date": "2022-03-01",
            "diagnoses": [],
            "procedures": [{"code": "J1815", "modifiers": ["25"]}],
        },
        noted_store,
    )
    assert result == ()
    assert {one.reason for one in result.unchecked} == {"no release of it is loaded"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store of HCPCS alone."""
    folder = tmp_path_factory.mktemp("hcpcs")
    terminology.load(sample_releases() / "hcpcs", store=folder)
    return terminology.open(folder)


@pytest.mark.parametrize(
    ("modifier", "expected"), [("ZZ", ["modifier_unknown"]), ("25", []), ("P3", []), ("1P", []), ("LT", [])]
)
def test_modifiers_without_cpt(services: Terminology, modifier: str, expected: list[str]) -> None:
    """What can only be one of CPT is not called unknown where CPT is not loaded."""
    assert rules(services, {"code": "J1815", "modifiers": [modifier]}) == expected
