"""Names, shapes, dots and repairs of the code systems."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.systems import SYSTEMS, SystemDefinition, named, names_of

CM, HCPCS = SYSTEMS["icd10cm"], SYSTEMS["hcpcs"]


@pytest.mark.parametrize(
    ("given_code", "expected"),
    [
        ("E11.9", "E11.9"),
        ("e119", "E11.9"),
        ("  E119\t", "E11.9"),
        ("A00", "A00"),
        ("s060x0a", "S06.0X0A"),
        ("S06.0X0A", "S06.0X0A"),
        ("QA0", "QA0"),
        ("QA00", "QA0.0"),
        ("C4A.0", "C4A.0"),
        ("10", "10"),
        ("22", "22"),
        ("c43-c44", "C43-C44"),
        ("C7A-C7A", "C7A-C7A"),
    ],
)
def test_icd10cm_official_form(given_code: str, expected: str) -> None:
    """Codes, chapters and sections are accepted in any case, with blanks around and without their dot."""
    assert expected == CM.official(given_code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "A",
        "A0",
        "A0.00",
        "A00.",
        ".A00",
        "A00..0",
        "A00.00000",
        "1A0",
        "A00 0",
        "A-00",
        "Ä00",
        "0",
        "100",
        "A00-",
    ],
)
def test_icd10cm_malformed(text: str) -> None:
    """A dot in the wrong place, too few or too many characters and strange ones make no code."""
    assert CM.official(text) is None


@pytest.mark.parametrize(
    ("given_code", "expected"),
    [("j1815", "J1815"), (" LT ", "LT"), ("za", "ZA"), ("a1", "A1"), ("A", "A"), ("MODIFIERS", "modifiers")],
)
def test_hcpcs_official_form(given_code: str, expected: str) -> None:
    """HCPCS codes and modifiers are accepted in any case and with blanks around."""
    assert expected == HCPCS.official(given_code)


@pytest.mark.parametrize("text", ["", "J181", "J18155", "J18.15", "11815", "1A", "J-815", "99213", "E11.9"])
def test_hcpcs_malformed(text: str) -> None:
    """What has not one letter and four digits, nor two characters of which the first is a letter, is no HCPCS code."""
    assert HCPCS.official(text) is None


@pytest.mark.parametrize(
    ("system", "text", "code"),
    [
        ("icd9cm", "25000", "250.00"),
        ("icd9cm", "v270", "V27.0"),
        ("icd9cm", "E8000", "E800.0"),
        ("icd9cm", "E800", "E800"),
        ("icd9pcs", "0010", "00.10"),
        ("icd10pcs", "0ft44zz", "0FT44ZZ"),
        ("icd10", "a000", "A00.0"),
        ("cpt", "99213", "99213"),
        ("icd11", "1a36.0z", "1A36.0Z"),
        ("icd11", " 1a00&xn8p1", "1A00&XN8P1"),
        ("icd11", "NE84/PB28", "NE84/PB28"),
        ("icd11", "01", "01"),
    ],
)
def test_dot_rules(system: str, text: str, code: str) -> None:
    """Every system has its dot in its own place, or none."""
    assert code == SYSTEMS[system].official(text)


@pytest.mark.parametrize(
    "text", ["", "1A0", "1A00.", "1A00&", "&XN8P1", "1A00&&XN8P1", "1A00 XN8P1", "No Mapping", "A00-A09"]
)
def test_icd11_malformed(text: str) -> None:
    """What is no stem code, or a cluster that lacks a member, is no code of ICD-11."""
    assert SYSTEMS["icd11"].official(text) is None


@pytest.mark.parametrize("name", SYSTEMS)
@given(st.text(max_size=12) | st.from_regex(r"[A-Z0-9.]{1,9}", fullmatch=True))
def test_official_form_is_stable(name: str, text: str) -> None:
    """The official form of an official form is itself, whatever was given; and no text raises."""
    definition = SYSTEMS[name]
    code = definition.official(text)
    if code is not None:
        assert code == definition.official(code)
        assert code == definition.official(f" {code.lower() if definition.folded else code} ")


@pytest.mark.parametrize("definition", SYSTEMS.values(), ids=list(SYSTEMS))
def test_definition_survives_json(definition: SystemDefinition) -> None:
    """A definition can be kept as JSON, and comes back equal."""
    assert definition == SystemDefinition.from_json(json.loads(json.dumps(definition.to_json())))


def test_names_are_unique() -> None:
    """No name, URI, OID or alias means two systems."""
    names = [name for definition in SYSTEMS.values() for name in names_of(definition)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ("icd10cm", "http://hl7.org/fhir/sid/icd-10-cm"),
        ("icd10cm", "urn:oid:2.16.840.1.113883.6.90"),
        ("hcpcs", "2.16.840.1.113883.6.285"),
        ("hcpcs", "http://www.cms.gov/medicare/coding/hcpcsreleasecodesets"),
        ("icd9cm", "http://hl7.org/fhir/sid/icd-9-cm"),
        ("icd11", "http://id.who.int/icd/release/11/mms"),
        ("cpt", "http://www.ama-assn.org/go/cpt/"),
        ("cpt", " HTTPS://ama-assn.org/go/CPT#"),
        ("cpt", "http://www.ama-assn.org/go%2Fcpt|2025"),
    ],
)
def test_names(system: str, name: str) -> None:
    """A system is known by its URI, its OID and the names that are seen in the wild."""
    assert SYSTEMS[system] is named(name)
