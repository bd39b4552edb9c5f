"""``CodeSystem/$lookup`` and ``CodeSystem/$subsumes``.

References:
    HL7 FHIR R5, operations ``CodeSystem/$lookup`` and ``CodeSystem/$subsumes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .code_systems import Concept, SystemVersion, found_as
from .exchange import Resource
from .grouped import grouping_properties
from .languages import PREFERRED, Languages, shown
from .loaded_concepts import USUAL, LoadedConcept
from .outcomes import FhirError, failure, issue, said
from .parameters import parameter, parameters

EVERY = "*"
STANDARD = ("inactive", "notSelectable", "parent", "child", "definition", "designation", "display", "lang")


def looked_up(system: SystemVersion, code: str, languages: Languages, properties: Sequence[str]) -> Resource:
    """Return what is known of a code; of a system of the store also of one that expired or is yet to come.

    Args:
        system: The version of the code system.
        code: The code in official form.
        languages: What the client asks for.
        properties: The properties to return: none for the usual ones, ``*`` for all.

    Raises:
        FhirError: The code is unknown.
    """
    concept = found_as(system, code)
    if concept is None:
        lapsed = system.lapsed(code)
        concept = lapsed if lapsed is not None and lapsed.code == code else None
    if concept is None:
        raise _unknown(system, code)
    display, _ = shown(concept.display, system.language, concept.designations, languages)
    # most of what the server is asked are lookups, so their answer is written as it is, without a call for each parameter
    made: list[Resource] = [
        {"name": "name", "valueString": system.head.get("name") or system.head.get("title") or system.url}
    ]
    if system.version:
        made.append({"name": "version", "valueString": system.version})
    made += (
        {"name": "system", "valueUri": system.url},
        {"name": "code", "valueCode": concept.code},
        {"name": "display", "valueString": display or concept.display or concept.code},
    )
    if definition := concept.definition:
        made.append({"name": "definition", "valueString": definition})
    made.append({"name": "abstract", "valueBoolean": concept.is_abstract})
    if _is_asked("designation", properties):
        made += _designations(system, concept)
    made += map(_property, _properties(system, concept, properties) if properties else _usual(concept))
    made += ({"name": "used-supplement", "valueCanonical": one} for one in system.supplements)
    return {"resourceType": "Parameters", "parameter": made}


def _is_asked(name: str, properties: Sequence[str]) -> bool:
    return not properties or EVERY in properties or name in properties


def _unknown(system: SystemVersion, code: str) -> FhirError:
    message = "Unknown_Code_in_Version" if system.version else "Unknown_Code_in"
    made = [said(message, code, system.url, system.version, code="not-found", kind="invalid-code", at="code")]
    reason = system.absence(code)
    if reason is not None:
        made.append(issue("information", "informational", reason, kind="code-comment", at="code"))
    return FhirError(404, made)


def _designations(system: SystemVersion, concept: Concept) -> Iterator[Resource]:
    if concept.display is not None:
        yield _designation(system.language, PREFERRED, concept.display)
    for one in concept.designations:
        use = one.get("use")
        yield _designation(one.get("language"), _shown_use(use) if use else None, one.get("value"), one.get("source"))


def _designation(language: str | None, use: Resource | None, value: Any, source: str | None = None) -> Resource:
    parts: list[Resource] = []
    if language:
        parts.append({"name": "language", "valueCode": language})
    if use is not None:
        parts.append({"name": "use", "valueCoding": use})
    parts.append({"name": "value", "valueString": value})
    if source is not None:
        parts.append({"name": "source", "valueCanonical": source})
    return {"name": "designation", "part": parts}


def _shown_use(use: Resource) -> Resource:
    return use if "display" in use else {**use, "display": use.get("code")}


def _properties(system: SystemVersion, concept: Concept, wanted: Sequence[str]) -> Iterator[Resource]:
    """Yield the properties that are wanted, of the hierarchy and of the concept; ``*`` wants all."""
    every = EVERY in wanted
    if every or "inactive" in wanted:
        yield {"code": "inactive", "valueBoolean": concept.is_inactive}
    held = concept.properties
    # of a release a header alone states it; a file of one's own that has such a column is believed as it is
    is_stated = any(one.get("code") == "notSelectable" for one in held)
    is_plain = every and isinstance(concept, LoadedConcept) and not concept.is_abstract
    if not is_stated and ("notSelectable" in wanted or is_plain):
        yield {"code": "notSelectable", "valueBoolean": concept.is_abstract}
    if every or "parent" in wanted:
        yield from _neighbours("parent", system.parents(concept.code), system)
    if every or "child" in wanted:
        yield from _neighbours("child", system.children(concept.code), system)
    for one in held:
        name = one.get("code")
        if name != "inactive" and (every or name in wanted):
            yield one
    for edition in system.editions:
        yield from grouping_properties(edition, concept.code, None if every else wanted)
    if (every or "source" in wanted) and (source := system.source(concept.code)) is not None:
        yield {"code": "source", "valueString": source}


def _usual(concept: Concept) -> Iterator[Resource]:
    """Yield the properties that come without being asked for; notes, which take time, never do."""
    yield {"code": "inactive", "valueBoolean": concept.is_inactive}
    for one in concept.usual if isinstance(concept, LoadedConcept) else concept.properties:
        if one.get("code") in USUAL:
            yield one


def _neighbours(name: str, codes: Sequence[str], system: SystemVersion) -> Iterator[Resource]:
    for code in codes:
        concept = system.concept(code)
        made: Resource = {"code": name, "valueCode": code}
        yield {**made, "description": concept.display} if concept and concept.display else made


def _property(one: Resource) -> Resource:
    made: Resource = {"name": "value", "valueString": ""}
    for name, value in one.items():
        if name.startswith("value"):
            made = {"name": "value", name: value}
            break
    parts: list[Resource] = [{"name": "code", "valueCode": one.get("code")}, made]
    if described := one.get("description"):
        parts.append({"name": "description", "valueString": described})
    return {"name": "property", "part": parts}


def subsumption(system: SystemVersion, a: str, b: str) -> Resource:
    """Return how two codes of one version relate: equivalent, subsumes, subsumed-by or not-subsumed.

    Raises:
        FhirError: One of them is unknown.
    """
    a, b = (_known(system, code) for code in (a, b))
    if a == b:
        outcome = "equivalent"
    elif system.is_below(b, a):
        outcome = "subsumes"
    else:
        outcome = "subsumed-by" if system.is_below(a, b) else "not-subsumed"
    return parameters(parameter("outcome", code=outcome))


def _known(system: SystemVersion, code: str) -> str:
    """Return a code as its code system writes it.

    Raises:
        FhirError: It is unknown.
    """
    found = found_as(system, code)
    if found is None:
        raise _unknown(system, code)
    return code if system.is_case_sensitive else found.code


def coded(value: Any, name: str) -> tuple[str | None, str | None, str]:
    """Return system, version and code of a Coding.

    Raises:
        FhirError: It has no code.
    """
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise failure(400, "invalid", f"parameter {name}: expected a Coding with a code")
    return value.get("system"), value.get("version"), value["code"]
