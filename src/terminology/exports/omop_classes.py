"""What the OHDSI vocabularies call the code systems, and how they class their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..systems import SystemDefinition

LONGEST_ID: Final = 20
NODES: Final = frozenset({"section", "block", "group"})


class Vocabulary(NamedTuple):
    """A code system as the OHDSI vocabularies have it."""

    name: str
    domain: str
    """Of all its codes: to which table of the data model a code belongs is a choice that OHDSI makes code by code."""
    reference: str


VOCABULARIES: Final[Mapping[str, str]] = {
    "icd10cm": "ICD10CM",
    "icd10pcs": "ICD10PCS",
    "icd10": "ICD10",
    "icd10gm": "ICD10GM",
    "icd9cm": "ICD9CM",
    "icd9pcs": "ICD9Proc",
    "hcpcs": "HCPCS",
    "cpt": "CPT4",
}
DOMAINS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("icd10cm", "icd10", "icd10gm", "icd9cm"), "Condition"),
    **dict.fromkeys(("icd10pcs", "icd9pcs", "cpt"), "Procedure"),
}
ELSEWHERE: Final = "Observation"
"""Domain of the codes of systems that are of no domain: HCPCS has drugs, devices, procedures and more."""


def vocabulary_of(definition: SystemDefinition) -> Vocabulary:
    """Return what a code system is called; one that OHDSI does not have by its own short name in capitals.

    >>> from terminology.systems import SYSTEMS
    >>> vocabulary_of(SYSTEMS["icd9pcs"]).name, vocabulary_of(SYSTEMS["hcpcs"]).domain
    ('ICD9Proc', 'Observation')
    """
    name = VOCABULARIES.get(definition.name, definition.name.upper())[:LONGEST_ID]
    return Vocabulary(name, DOMAINS.get(definition.name, ELSEWHERE), definition.uri)


def class_of(system: str, code: str, kind: str, *, billable: bool) -> str:
    """Return the concept class of a code.

    Args:
        system: Short name of its system.
        code: The code in official form.
        kind: What it is: chapter, section, category, code, modifier, group, prefix …
        billable: Whether it may be, or might be, submitted.

    >>> class_of("icd10cm", "M54.50", "code", billable=True), class_of("icd9cm", "V70", "category", billable=False)
    ('5-char billing code', '3-dig nonbill V code')
    >>> class_of("icd10cm", "13", "chapter", billable=False), class_of("hcpcs", "LT", "modifier", billable=True)
    ('ICD10 Chapter', 'HCPCS Modifier')
    """
    match system:
        case "icd10cm" | "icd10" | "icd10gm" if kind == "chapter":
            return "ICD10 Chapter"
        case "icd10cm" | "icd10" | "icd10gm" if kind in NODES:
            return "ICD10 SubChapter"
        case "icd10cm":
            return f"{len(code.replace('.', ''))}-char {_billing(billable=billable)} code"
        case "icd10" | "icd10gm":
            return "ICD10 code" if billable else "ICD10 Hierarchy"
        case "icd9cm" | "icd9pcs":
            return _class_of_icd9(code, billable=billable)
        case "icd10pcs":
            return "ICD10PCS" if billable else "ICD10PCS Hierarchy"
        case "hcpcs":
            return {"modifier": "HCPCS Modifier"}.get(kind, "HCPCS" if billable else "HCPCS Class")
        case "cpt":
            return {"modifier": "CPT4 Modifier"}.get(kind, "CPT4" if billable else "CPT4 Hierarchy")
    return f"{system.upper()} {'code' if billable else 'header'}"[-LONGEST_ID:]


def _billing(*, billable: bool) -> str:
    return "billing" if billable else "nonbill"


def _class_of_icd9(code: str, *, billable: bool) -> str:
    letter = code[0] if code[0] in "EV" else ""
    # the letter of an E-code is not counted as a digit, that of a V-code is
    digits = len(code.replace(".", "")) - (letter == "E")
    return " ".join(filter(None, (f"{digits}-dig", _billing(billable=billable), letter, "code")))
