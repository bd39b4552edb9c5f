"""Questions to ``$translate``, and its answers in short."""

from __future__ import annotations

from typing import Any

from terminology import Terminology
from terminology.fhir.exchange import FhirVersion, Resource
from terminology.fhir.parameters import Inputs
from terminology.fhir.translation import TranslationContext, translate

from .judges import judged

CM = "http://hl7.org/fhir/sid/icd-10-cm"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
ICD9_PROCEDURES = "http://www.cms.gov/Medicare/Coding/ICD9"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CPT = "http://www.ama-assn.org/go/cpt"
GEM = "urn:terminology:ConceptMap:gems:{}:{}"


def asked(
    store: Terminology, fhir: FhirVersion = "r5", maps: list[Resource] | None = None, /, **inputs: Any
) -> Resource:
    """Return the answer to a question, which every judge accepts; a list asks a parameter again and again."""
    pairs = [(name, one) for name, value in inputs.items() for one in (value if isinstance(value, list) else [value])]
    return judged(translate(TranslationContext(store, maps or ()), Inputs(pairs), fhir), fhir)


def result(answer: Resource) -> bool:
    """Return whether there is a translation."""
    return bool(_values(answer["parameter"], "result")[0])


def message(answer: Resource) -> str:
    """Return the message; empty where there is none."""
    return "".join(_values(answer["parameter"], "message"))


def matches(answer: Resource) -> list[list[Resource]]:
    """Return the parts of each match."""
    return [one["part"] for one in answer["parameter"] if one["name"] == "match"]


def part(match: list[Resource], name: str) -> Any:
    """Return the value of a part of a match; None where it is not there."""
    return next(iter(_values(match, name)), None)


def concepts(answer: Resource, name: str = "concept") -> list[str | None]:
    """Return the code of each match."""
    return [(part(one, name) or {}).get("code") for one in matches(answer)]


def words(answer: Resource) -> list[str]:
    """Return how each match relates the concepts, in the version's own word."""
    return [part(one, "relationship") or part(one, "equivalence") for one in matches(answer)]


def together(match: list[Resource]) -> tuple[str, ...]:
    """Return the codes of a match that are used together."""
    return (part(match, "concept")["code"], *(one["code"] for one in beside(match, "product")))


def beside(match: list[Resource], name: str) -> list[Any]:
    """Return the values of the products, or the dependencies, of a match."""
    found = [one["part"] for one in match if one["name"] == name]
    return [part(one, "value") or part(one, "concept") for one in found]


def property_of(match: list[Resource], name: str) -> list[Any]:
    """Return the values of a property of a match."""
    found = [one["part"] for one in match if one["name"] == "property"]
    return [part(one, "value") for one in found if part(one, "uri").endswith(f":{name}")]


def _values(parts: list[Resource], name: str) -> list[Any]:
    return [value for one in parts if one["name"] == name for key, value in one.items() if key.startswith("value")]
