"""What resources are called: ids, computable names, publishers, copyright."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from ...licences import licence_notice
from ...model import Release
from ...systems import SYSTEMS, SystemDefinition

LONGEST_ID: Final = 64
DIGEST: Final = 8
"""Characters of a digest that keep apart ids which had to be cut."""
NAMES: Final[Mapping[str, str]] = {
    "icd10cm": "ICD10CM",
    "icd10pcs": "ICD10PCS",
    "icd10": "ICD10",
    "icd10gm": "ICD10GM",
    "icd11": "ICD11MMS",
    "icd9cm": "ICD9CM",
    "icd9pcs": "ICD9CMProcedures",
    "hcpcs": "HCPCS",
    "cpt": "CPT",
}
"""Computable names of the built-in systems."""
NCHS: Final = "National Center for Health Statistics, Centers for Disease Control and Prevention"
CMS: Final = "Centers for Medicare & Medicaid Services"
PUBLISHERS: Final[Mapping[str, str]] = {
    "icd10cm": NCHS,
    "icd10pcs": CMS,
    "icd10": "World Health Organization",
    "icd10gm": "Bundesinstitut für Arzneimittel und Medizinprodukte",
    "icd11": "World Health Organization",
    "icd9cm": NCHS,
    "icd9pcs": CMS,
    "hcpcs": CMS,
    "cpt": "American Medical Association",
}
LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("icd10cm", "icd10pcs", "icd9cm", "icd9pcs", "hcpcs", "cpt"), "en"),
    "icd10gm": "de",
}
"""Languages of the titles, where all publications of a system have the same."""
COPYRIGHTS: Final[Mapping[str, str]] = {
    "cpt": (
        "CPT is copyright of the American Medical Association. All rights reserved. CPT is a registered trademark of the"
        " American Medical Association. Use of CPT needs a licence of the American Medical Association."
    ),
    "icd10": (
        "International Statistical Classification of Diseases and Related Health Problems, copyright of the World Health"
        " Organization. Use needs a licence of the World Health Organization."
    ),
}


def resource_id(*words: str) -> str:
    """Return the id of a resource: its words with dashes between them, in the characters that an id may have.

    >>> resource_id("icd10cm", "2026"), resource_id("my_codes", "1+2")
    ('icd10cm-2026', 'my-codes-1-2')
    """
    text = re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))
    if len(text) <= LONGEST_ID:
        return text
    digest = hashlib.sha256("\0".join(words).encode()).hexdigest()[:DIGEST]
    return f"{text[: LONGEST_ID - DIGEST - 1]}-{digest}"


def system_name(definition: SystemDefinition) -> str:
    """Return the computable name of a code system: a capital letter, then letters, digits and underscores.

    >>> from terminology.systems import SYSTEMS
    >>> system_name(SYSTEMS["icd10cm"])
    'ICD10CM'
    """
    return NAMES.get(definition.name) or computable(definition.name)


def computable(text: str) -> str:
    """Return a text as a computable name.

    >>> computable("opioid use, 2nd list"), computable("9 lives")
    ('OpioidUse2ndList', 'N9Lives')
    """
    made = "".join(f"{word[:1].upper()}{word[1:]}" for word in re.findall(r"[A-Za-z0-9_]+", text)) or "Unnamed"
    made = made if made[0].isascii() and made[0].isalpha() else f"N{made}"
    return made[:255] if len(made) > 1 else f"{made}_"


def copyright_of(definition: SystemDefinition, release: Release | None) -> str | None:
    """Return the copyright statement of a code system: that of its files, else that of its publisher; None without one."""
    words = (release.licence if release else None) or COPYRIGHTS.get(definition.name)
    return words or licence_notice(definition, release)


def is_case_sensitive(definition: SystemDefinition) -> bool:
    """Return whether codes have to be written in their own case.

    The library takes codes of built-in systems in any case, and FHIR takes them as the publisher writes them: a claim
    with ``e11.9`` is not what the publisher's list has. A custom system is as its file says.
    """
    return definition.name in SYSTEMS or not definition.folded
