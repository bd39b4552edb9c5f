"""``CodeSystem/$lookup`` and ``CodeSystem/$subsumes``.

References:
    HL7 FHIR R5, operations ``CodeSystem/$lookup`` and ``CodeSystem/$subsumes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .code_systems import Concept, SystemVersion, found_as, official
from .exchange import Resource
from .languages import PREFERRED, Languages, shown
from .loaded_systems import LoadedConcept
from .outcomes import FhirError, failure, issue, said
from .parameters import parameter, parameters, parted

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
    return parameters(
        parameter("name", string=system.head.get("name") or system.head.get("title") or system.url),
        parameter("version", string=system.version) if system.version else None,
        parameter("system", uri=system.url),
        parameter("code", code=concept.code),
        parameter("display", string=display or concept.display or concept.code),
        parameter("definition", string=concept.definition) if concept.definition else None,
        parameter("abstract", boolean=concept.is_abstract),
        *(_designations(system, concept) if _is_asked("designation", properties) else ()),
        *(_property(one) for one in _properties(system, concept, properties)),
        *(parameter("used-supplement", canonical=one) for one in system.supplements),
    )


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
        yield parted(
            "designation",
            parameter("language", code=system.language) if system.language else None,
            parameter("use", coding=PREFERRED),
            parameter("value", string=concept.display),
        )
    for one in concept.designations:
        yield parted(
            "designation",
            parameter("language", code=one["language"]) if one.get("language") else None,
            parameter("use", coding=_shown_use(one["use"])) if one.get("use") else None,
            parameter("value", string=one.get("value")),
            parameter("source", canonical=one["source"]) if "source" in one else None,
        )


def _shown_use(use: Resource) -> Resource:
    return use if "display" in use else {**use, "display": use.get("code")}


def _properties(system: SystemVersion, concept: Concept, wanted: Sequence[str]) -> Iterator[Resource]:
    """Yield the properties that are wanted, of the hierarchy and of the concept."""
    every = EVERY in wanted
    if every or not wanted or "inactive" in wanted:
        yield {"code": "inactive", "valueBoolean": concept.is_inactive}
    held = _usual(concept) if not wanted else concept.properties
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
        if name != "inactive" and (every or name in wanted or (not wanted and name in USUAL)):
            yield one
    if (every or "source" in wanted) and (source := system.source(concept.code)) is not None:
        yield {"code": "source", "valueString": source}


USUAL = frozenset({"billable", "effectiveDate", "terminationDate"})
"""Properties of the codes of the store that come without being asked for."""


def _usual(concept: Concept) -> Sequence[Resource]:
    """Return the properties that come without being asked for, perhaps among others; notes, which take time, never do."""
    return concept.state if isinstance(concept, LoadedConcept) else concept.properties


def _neighbours(name: str, codes: Sequence[str], system: SystemVersion) -> Iterator[Resource]:
    for code in codes:
        concept = system.concept(code)
        made: Resource = {"code": name, "valueCode": code}
        yield {**made, "description": concept.display} if concept and concept.display else made


def _property(one: Resource) -> Resource:
    name, value = next(((name, value) for name, value in one.items() if name.startswith("value")), ("valueString", ""))
    described = one.get("description")
    made: Resource = {"name": "value", name: value}
    return parted(
        "property",
        parameter("code", code=one.get("code")),
        made,
        parameter("description", string=described) if described else None,
    )


def subsumption(system: SystemVersion, a: str, b: str) -> Resource:
    """Return how two codes of one version relate: equivalent, subsumes, subsumed-by or not-subsumed.

    Raises:
        FhirError: One of them is unknown.
    """
    for code in (a, b):
        if found_as(system, code) is None:
            raise _unknown(system, code)
    a, b = official(system, a), official(system, b)
    if a == b:
        outcome = "equivalent"
    elif system.is_below(b, a):
        outcome = "subsumes"
    else:
        outcome = "subsumed-by" if system.is_below(a, b) else "not-subsumed"
    return parameters(parameter("outcome", code=outcome))


def coded(value: Any, name: str) -> tuple[str | None, str | None, str]:
    """Return system, version and code of a Coding.

    Raises:
        FhirError: It has no code.
    """
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise failure(400, "invalid", f"parameter {name}: expected a Coding with a code")
    return value.get("system"), value.get("version"), value["code"]
