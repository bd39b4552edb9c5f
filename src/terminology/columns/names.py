"""What the name of a column says of what it holds."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

LETTERS: Final = re.compile(r"[^0-9a-z]+")
CODE: Final = re.compile(
    r"codes?|entry|conceptcode"
    r"|(?:(?:primary|principal|prncpal|secondary|admitting|admtng|admit|main|first|other|line|claim|clm|source|target)?"
    r"(?:icd(?:9|10|11)?(?:cm|pcs|gm|who|proc|dx)?|dx|diag|diagnosis|dgns|hcpcs|cpt4?|proc|procedure|prcdr|px|pcs|billing|medical)"
    r"(?:diagnosis|diag|dgns|dx|procedure|prcdr|proc)?[0-9]*(?:codes?|cd|cds)?[0-9]*)"
)
"""Like ``code``, ``dx1``, ``icd10``, ``ICD-10-CM code``, ``diagnosis_code``, ``concept_code``."""
NUMBER: Final = re.compile(r"(?<![0-9])(?:(?<!icd)[0-9]+|(?<=icd)(?!(?:9|10|11)(?![0-9]))[0-9]+)")
"""The number of a column among several; the version of ICD is none."""
SYSTEM: Final = frozenset(
    {
        *("vocabularyid", "vocabulary", "system", "terminology", "codesystem", "codingsystem", "codesystemname"),
        *("codesystemuri", "codesystemoid", "codesystemid", "sourcevocabularyid", "sourcevocabulary"),
    }
)
DAY: Final = re.compile(
    r"day|date|dos|(?:service|svc|from|thru|admission|admit|discharge|claim|visit|start|end|clm|line)+(?:day|date|dt)"
)


class Role(StrEnum):
    """What a column holds, by its name."""

    CODE = "code"
    SYSTEM = "system"
    DAY = "day"


def plain(name: str) -> str:
    """Return the name of a column in the form by which names are compared.

    >>> plain("ICD-10-CM Code"), plain("vocabulary_id")
    ('icd10cmcode', 'vocabularyid')
    """
    return LETTERS.sub("", name.lower())


def role_of(name: str) -> Role | None:
    """Return what a column holds by its name, or None where the name says nothing.

    >>> [str(role_of(name)) for name in ("ICD-10-CM code", "dx2", "vocabulary_id", "service_date", "zip_code")]
    ['code', 'code', 'system', 'day', 'None']
    """
    short = plain(name)
    if CODE.fullmatch(short):
        return Role.CODE
    if short in SYSTEM:
        return Role.SYSTEM
    return Role.DAY if DAY.fullmatch(short) else None


def family_of(name: str) -> str:
    """Return the name of a column without its number: columns with the same are numbered ones of one kind.

    >>> [family_of(name) for name in ("dx1", "DX_12", "dx", "ICD9_DGNS_CD_3", "icd10")]
    ['dx', 'dx', 'dx', 'icd9dgnscd', 'icd10']
    """
    return NUMBER.sub("", plain(name))
