"""A resource in part: ``_summary`` and ``_elements``, and large ones without their content.

Whatever lacks elements that it has elsewhere is tagged ``SUBSETTED``, so that nobody stores it for the whole.

References:
    HL7 FHIR R5, "RESTful API", Summary and Elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .candidates import Candidate
from .exchange import Resource
from .outcomes import failure

TAG: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARIES: Final = ("true", "text", "data", "count", "false")
ALWAYS: Final = ("resourceType", "id", "meta")
MANDATORY: Final[Mapping[str, tuple[str, ...]]] = {
    "CodeSystem": ("status", "content"),
    "ValueSet": ("status",),
    "ConceptMap": ("status",),
}
METADATA: Final = (
    *("url", "identifier", "version", "versionAlgorithmString", "versionAlgorithmCoding", "name", "title", "status"),
    *("experimental", "date", "publisher", "contact", "useContext", "jurisdiction", "effectivePeriod"),
)
SUMMARY: Final[Mapping[str, tuple[str, ...]]] = {
    "CodeSystem": (
        *METADATA,
        *("caseSensitive", "valueSet", "hierarchyMeaning", "compositional", "versionNeeded", "content"),
        *("supplements", "count", "filter", "property"),
    ),
    "ValueSet": (*METADATA, "immutable"),
    "ConceptMap": (
        *METADATA,
        *("sourceScopeUri", "sourceScopeCanonical", "targetScopeUri", "targetScopeCanonical"),
    ),
}
CONTENT: Final = ("concept", "group")
"""What a large resource is given without."""


def in_part(candidate: Candidate, kind: str, summary: str | None, elements: Iterable[str]) -> Resource:
    """Return a candidate as it is asked for.

    Args:
        candidate: The resource.
        kind: Its type.
        summary: ``true``, ``text``, ``data``, ``false``, or None: whole, but without content where it is large.
        elements: Names of elements that alone are asked for.
    """
    wanted = [name for name in elements if name]
    if wanted:
        content = any(name in CONTENT for name in wanted)
        source = candidate.whole() if content else candidate.head()
        return _of(source, {*ALWAYS, *MANDATORY[kind], *wanted})
    if summary == "true":
        return _of(candidate.head(), {*ALWAYS, *SUMMARY[kind]})
    if summary == "text":
        return _of(candidate.head(), {*ALWAYS, "text", *MANDATORY[kind]})
    if candidate.is_large and summary != "false":
        return subsetted(candidate.head())
    made = candidate.whole()
    return _of(made, set(made) - {"text"}) if summary == "data" and "text" in made else made


def _of(resource: Resource, names: set[str]) -> Resource:
    return subsetted({name: value for name, value in resource.items() if name.removeprefix("_") in names})


def subsetted(resource: Resource) -> Resource:
    """Return a resource with the tag that it is not the whole one.

    >>> subsetted({"resourceType": "ValueSet", "id": "a"})["meta"]["tag"][0]["code"]
    'SUBSETTED'
    """
    meta = resource.get("meta") or {}
    tags = [*(meta.get("tag") or ()), TAG] if TAG not in (meta.get("tag") or ()) else meta["tag"]
    head: Resource = {name: resource[name] for name in ALWAYS[:2] if name in resource}
    return {**head, "meta": {**meta, "tag": tags}, **{name: resource[name] for name in resource if name != "meta"}}


def checked_summary(text: str | None) -> str | None:
    """Return the value of ``_summary``.

    Raises:
        FhirError: There is no such one.
    """
    if text is not None and text not in SUMMARIES:
        raise failure(400, "invalid", f"parameter _summary: expected one of {', '.join(SUMMARIES)}, got {text!r}")
    return text
