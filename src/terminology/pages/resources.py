"""The CodeSystems, ValueSets and ConceptMaps that the FHIR service has, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from attrs import frozen

from ..fhir import Request
from ..fhir.resources import resource_id
from .asked import Asked, AskedError, absent
from .page import Page, shown
from .parts import Part, part_of, start_of
from .resource_content import Content, content_of

KINDS: Final[Mapping[str, str]] = {
    "CodeSystem": "Code systems",
    "ValueSet": "Value sets",
    "ConceptMap": "Concept maps",
}
FEW: Final = 10
"""Resources of each kind where all kinds are shown."""
SIZE: Final = 40
LISTED: Final = "url,version,title,name,status"
HEAD: Final = (
    *("url", "version", "name", "title", "status", "publisher", "date", "copyright", "description", "count"),
    *("identifier", "content", "valueSet", "hierarchyMeaning", "effectivePeriod", "supplements", "compose"),
    *("sourceScopeUri", "targetScopeUri", "sourceScopeCanonical", "targetScopeCanonical", "relatedArtifact"),
    *("property", "filter"),
)
"""Elements that a page shows; the content is asked for apart, as it may be large."""
SAID: Final[Mapping[str, str]] = {
    "url": "URL",
    "version": "version",
    "status": "status",
    "publisher": "publisher",
    "date": "date",
    "count": "concepts",
    "content": "content",
    "hierarchyMeaning": "hierarchy",
    "valueSet": "value set of all its codes",
    "supplements": "supplements",
    "sourceScopeUri": "from",
    "sourceScopeCanonical": "from",
    "targetScopeUri": "to",
    "targetScopeCanonical": "to",
    "description": "description",
    "copyright": "copyright",
}
"""Elements that are shown as they are, and how they are called."""
DECLARED: Final = {"property": "Properties", "filter": "Filters"}


@frozen
class Listed:
    """The resources of one kind that a page shows."""

    kind: str
    heading: str
    part: Part
    whole: str | None
    """Address of all of them, where some are left out."""


def fhir_answer(asked: Asked, path: str, **query: str) -> dict[str, Any]:
    """Return what the FHIR service answers, in the form of R5.

    Raises:
        AskedError: There is no service, or it does not answer: with what it says.
    """
    if asked.fhir is None:
        raise absent("no FHIR service is run beside these pages")
    response = asked.fhir(Request(path, "r5", query=tuple(query.items())))
    if response.status >= 400:  # noqa: PLR2004 -- HTTP's first error
        raise AskedError(response.status, _said(response.resource))
    return response.resource


def _said(outcome: Mapping[str, Any]) -> str:
    """Return what an OperationOutcome says."""
    issues = outcome.get("issue") or [{}]
    return str(issues[0].get("details", {}).get("text") or issues[0].get("diagnostics") or "it cannot be answered")


# ---- all of them


def resources_page(asked: Asked) -> Page:
    """Return the resources of all kinds, or a page of those of one kind, whose title has some words."""
    kind = asked.value("kind")
    if kind and kind not in KINDS:
        raise absent(f"there are no resources of the kind {kind!r}: there are {', '.join(KINDS)}")
    return shown(
        "resources.html",
        asked,
        heading=KINDS[kind] if kind else "FHIR resources",
        kind=kind,
        kinds=KINDS,
        words=asked.value("q"),
        listed=[_listed(asked, one, is_alone=bool(kind)) for one in ([kind] if kind else KINDS)],
        request=f"{kind}?_elements={LISTED}" if kind else None,
    )


def _listed(asked: Asked, kind: str, *, is_alone: bool) -> Listed:
    words, start, size = asked.value("q"), start_of(asked) if is_alone else 0, SIZE if is_alone else FEW

    def address(start: int) -> str:
        return asked.link("resources", kind=kind, q=words, start=start)

    asking = {"_elements": LISTED, "_count": str(size), "_offset": str(start)}
    if words:
        asking["title:contains"] = words.replace("\\", "\\\\").replace(",", "\\,")
    bundle = fhir_answer(asked, kind, **asking)
    rows = [entry["resource"] for entry in bundle.get("entry", ())]
    part = part_of(rows, start, size, address, total=bundle["total"])
    if is_alone:
        return Listed(kind, KINDS[kind], part, None)
    whole = address(0) if part.next else None
    return Listed(kind, KINDS[kind], Part(rows, 0, part.total), whole)


# ---- one of them


def code_system_page(asked: Asked, identity: str) -> Page:
    """Return the page of a CodeSystem; of the short name of a system, the way to that of its newest release."""
    if identity in asked.store.systems and asked.store[identity].releases:
        newest = resource_id(identity, asked.store[identity].releases[-1].version)
        return Page("", location=asked.link("CodeSystem", newest))
    return _resource_page(asked, "CodeSystem", identity)


def value_set_page(asked: Asked, identity: str) -> Page:
    """Return the page of a ValueSet."""
    return _resource_page(asked, "ValueSet", identity)


def concept_map_page(asked: Asked, identity: str) -> Page:
    """Return the page of a ConceptMap."""
    return _resource_page(asked, "ConceptMap", identity)


def _resource_page(asked: Asked, kind: str, identity: str) -> Page:
    path = f"{kind}/{quote(identity, safe='')}"
    head = fhir_answer(asked, path, _elements=",".join(HEAD))
    start = start_of(asked)
    content = content_of(asked, head, start, lambda path, **query: fhir_answer(asked, path, **query))
    declared = [(name, words, rows) for name, words in DECLARED.items() if (rows := _declared(head, name))]
    title = str(head.get("title") or head.get("name") or identity)
    version = str(head.get("version") or "")
    return shown(
        "resource.html",
        asked,
        heading=title if not version or version in title else f"{title} {version}",
        kind=kind,
        resource=head,
        facts=_facts(head),
        is_first=not start,
        includes=_compose(head.get("compose")),
        content=content,
        part=_part(asked, kind, identity, content, start),
        declared=declared,
        shows_declared=asked.is_set("declared"),
        declared_link=asked.link(kind, identity, declared=True),
        whole=asked.link(kind, identity),
        files=[one.get("citation") or one.get("label") or "" for one in _objects(head.get("relatedArtifact"))],
        requests=_requests(kind, identity, head),
        request=path,
    )


def _part(asked: Asked, kind: str, identity: str, content: Content, start: int) -> Part:
    def address(start: int) -> str:
        return asked.link(kind, identity, start=start)

    return part_of(content.rows, start, content.size, address, total=content.total)


def _facts(head: Mapping[str, Any]) -> dict[str, str]:
    facts = {SAID[name]: _readable(head[name]) for name in SAID if name in head}
    identifiers = [str(one.get("value", "")) for one in _objects(head.get("identifier"))]
    period = head.get("effectivePeriod")
    if isinstance(period, dict):
        start, end = period.get("start"), period.get("end")
        facts["in force"] = f"{start} to {end}" if end else f"from {start} on"
    return {**facts, **({"identifier": ", ".join(identifiers)} if identifiers else {})}


def _readable(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _compose(compose: Any) -> list[str]:
    """Return what a value set includes and excludes, as sentences."""
    if not isinstance(compose, dict):
        return []
    lines = [f"includes {_clause(one)}" for one in _objects(compose.get("include"))]
    return lines + [f"excludes {_clause(one)}" for one in _objects(compose.get("exclude"))]


def _clause(clause: Mapping[str, Any]) -> str:
    """Return one clause of a value set in words."""
    system = str(clause.get("system", ""))
    named = f"{system}|{clause['version']}" if system and clause.get("version") else system
    filters = [
        " ".join(str(one.get(key, "")) for key in ("property", "op", "value")) for one in _objects(clause.get("filter"))
    ]
    parts = []
    if codes := _objects(clause.get("concept")):
        parts.append(f"{len(codes):,} {'code' if len(codes) == 1 else 'codes'} of {named}")
    elif filters:
        parts.append(f"codes of {named} with {' and '.join(filters)}")
    elif named:
        parts.append(f"all codes of {named}")
    sets = clause.get("valueSet")
    if isinstance(sets, list) and sets:
        parts.append(f"those of the value set {' and '.join(map(str, sets))}")
    return ", of ".join(parts) or "nothing"


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _declared(head: Mapping[str, Any], name: str) -> list[tuple[str, str, str]]:
    """Return the properties or the filters of a code system: name, type or operators, meaning."""
    made = []
    for one in _objects(head.get(name)):
        operators = one.get("operator")
        how = ", ".join(map(str, operators)) if isinstance(operators, list) else one.get("type", "")
        made.append((str(one.get("code", "")), str(how), str(one.get("description", ""))))
    return made


def _requests(kind: str, identity: str, head: Mapping[str, Any]) -> list[str]:
    """Return FHIR requests for a resource, without the base."""
    url = {name: head[name] for name in ("url", "version") if name in head}
    found = [f"{kind}/{quote(identity, safe='')}", f"{kind}?{urlencode(url)}" if url else ""]
    if kind == "ValueSet":
        found.append(f"ValueSet/{quote(identity, safe='')}/$expand?count=50")
    if kind == "CodeSystem" and url:
        asking = {"system" if name == "url" else name: value for name, value in url.items()}
        found.append(f"CodeSystem/$lookup?{urlencode({**asking, 'code': 'CODE'})}")
    if kind == "ConceptMap" and url:
        asking = {"conceptMapVersion" if name == "version" else name: value for name, value in url.items()}
        found.append(f"ConceptMap/$translate?{urlencode({**asking, 'sourceCode': 'CODE'})}")
    return [one for one in found if one]
