"""The code systems of the FHIR standard that value sets of claims and of their kind build on, and their value sets.

References:
    HL7 FHIR R5, http://hl7.org/fhir/administrative-gender and http://hl7.org/fhir/publication-status.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from .exchange import FHIR_VERSIONS, FhirVersion, Resource

TABLES: Final = {
    "administrative-gender": (
        "AdministrativeGender",
        (("male", "Male"), ("female", "Female"), ("other", "Other"), ("unknown", "Unknown")),
    ),
    "publication-status": (
        "PublicationStatus",
        (("draft", "Draft"), ("active", "Active"), ("retired", "Retired"), ("unknown", "Unknown")),
    ),
}
"""Name, and codes with their displays."""


@cache
def core_resources(fhir: FhirVersion) -> tuple[Resource, ...]:
    """Return the code systems and value sets of a version of FHIR.

    >>> [one["url"] for one in core_resources("r5")][:2]
    ['http://hl7.org/fhir/administrative-gender', 'http://hl7.org/fhir/ValueSet/administrative-gender']
    """
    return tuple(one for name in TABLES for one in _table(name, FHIR_VERSIONS[fhir]))


def _table(name: str, version: str) -> tuple[Resource, Resource]:
    title, codes = TABLES[name]
    url, all_codes = f"http://hl7.org/fhir/{name}", f"http://hl7.org/fhir/ValueSet/{name}"
    head = {"id": name, "version": version, "name": title, "title": title, "status": "active", "experimental": False}
    concepts = [{"code": code, "display": display} for code, display in codes]
    code_system = {"resourceType": "CodeSystem", "url": url, **head, "caseSensitive": True, "valueSet": all_codes}
    value_set = {"resourceType": "ValueSet", "url": all_codes, **head, "compose": {"include": [{"system": url}]}}
    return {**code_system, "language": "en", "content": "complete", "concept": concepts}, value_set
