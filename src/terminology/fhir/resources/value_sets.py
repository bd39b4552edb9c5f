"""ValueSets: the implicit ones of whole systems and of what is below a code, and those of code lists.

A code list says the same as a ``compose`` where its entries have a counterpart: a code is a concept, ``is-a E11`` a
filter. An entry without one (a range, a pattern, a section, which in FHIR would be a member itself) becomes the concepts
that it includes in the edition, and the version of that edition is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from ...errors import UnknownCodeError
from ...query import CodeSystem, Edition, Terminology
from ...wire import sent
from ..exchange import Resource
from .identity import PUBLISHERS, computable, copyright_of, resource_id, system_name

if TYPE_CHECKING:
    from ...codelists import CodeList, Match

MARK: Final = "?fhir_vs"
IS_A: Final = "=isa/"
LISTS: Final = "urn:terminology:ValueSet:"
"""What begins the URL of the value set of a code list."""


def implicit_value_set(code_system: CodeSystem, edition: Edition | None = None, *, is_a: str | None = None) -> Resource:
    """Return the implicit value set of all codes of a system, or of a code and everything below it.

    Args:
        code_system: The system.
        edition: The one whose version it states; by default it states none.
        is_a: The code.

    >>> implicit_value_set(store["icd10cm"])["url"]
    'http://hl7.org/fhir/sid/icd-10-cm?fhir_vs'
    """
    definition = code_system.definition
    release = edition.release if edition else None
    part = f"{IS_A}{quote(is_a, safe='.')}" if is_a else ""
    words = [definition.name, *([release.version] if release else []), "vs", *([is_a] if is_a else [])]
    include: Resource = {"system": definition.uri}
    if release:
        include["version"] = release.version
    if is_a:
        include["filter"] = [{"property": "concept", "op": "is-a", "value": is_a}]
    made: Resource = {"resourceType": "ValueSet", "id": resource_id(*words), "url": f"{definition.uri}{MARK}{part}"}
    if release:
        made["version"] = release.version
    made |= {
        "name": computable(f"{system_name(definition)}{'Is' + is_a if is_a else 'All'}"),
        "title": f"{definition.title}: {is_a} and all below it" if is_a else f"All of {definition.title}",
        "status": "active",
        "experimental": False,
    }
    if release:
        made["date"] = release.effective.isoformat()
    if publisher := PUBLISHERS.get(definition.name):
        made["publisher"] = publisher
    if notice := copyright_of(definition, release or code_system.latest.release):
        made["copyright"] = notice
    return {**made, "compose": {"include": [include]}}


def value_set(store: Terminology, url: str) -> Resource | None:
    """Return the implicit value set of a URL, ``…?fhir_vs`` or ``…?fhir_vs=isa/CODE``; None where the URL is that of none.

    Of a version in the URL (``…?fhir_vs|2026``) the edition is stated. A code that the system does not know makes no value set.

    Raises:
        UnknownReleaseError: The store does not have the version.

    >>> value_set(store, "http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/M54")["compose"]["include"][0]["filter"]
    [{'property': 'concept', 'op': 'is-a', 'value': 'M54'}]
    """
    plain, _, version = url.partition("|")
    uri, mark, rest = plain.partition(MARK)
    if not mark or uri not in store or (rest and not rest.startswith(IS_A)):
        return None
    system = store[uri]
    edition = system.release(version) if version else None
    code = unquote(rest.removeprefix(IS_A))
    if rest and not code:
        return None
    if code:
        try:
            code = (edition or system.latest).node(code).code
        except UnknownCodeError:
            return None
    return implicit_value_set(system, edition, is_a=code or None)


def code_list_value_set(code_list: CodeList, edition: Edition, *, url: str | None = None) -> Resource:
    """Return a code list as a ValueSet with its definition.

    Args:
        code_list: The list.
        edition: The one that entries without a counterpart in FHIR are resolved in; its version is stated.
        url: Canonical URL; by default one that is made of the list's name.

    Raises:
        UnknownSystemError: The list is of another system than the edition.
    """
    found = code_list.resolve(edition)
    name = computable(code_list.name)
    made: Resource = {
        "resourceType": "ValueSet",
        "id": resource_id(name),
        "url": url or f"{LISTS}{name}",
        "name": name,
        "title": code_list.name,
        "status": "active",
        "experimental": False,
    }
    if edition.release:
        made |= {"version": edition.release.version, "date": edition.release.effective.isoformat()}
    if code_list.head.description:
        made["description"] = code_list.head.description
    if notice := copyright_of(edition.definition, edition.release):
        made["copyright"] = notice
    clauses = {
        key: _clauses((match for match in found.matches if match.entry.excluding is excluding), edition)
        for key, excluding in (("include", False), ("exclude", True))
    }
    return {**made, "compose": {key: clause for key, clause in clauses.items() if clause}}


def _clauses(matches: Iterable[Match], edition: Edition) -> list[Resource]:
    """Return the clauses of entries: one of all concepts, one for each filter."""
    concepts: dict[str, Resource] = {}
    filters: list[list[Resource]] = []
    whole = False
    for match in matches:
        entry = match.entry
        if entry.kind == "pattern" and entry.code == "*":
            whole = True
        elif made := _filter(match, edition):
            filters.append([made])
        else:
            concepts |= {one["code"]: one for one in _concepts(match, edition)}
    base: Resource = {"system": edition.definition.uri}
    if edition.release:
        base["version"] = edition.release.version
    return [
        *([dict(base)] if whole else []),
        *([{**base, "concept": list(concepts.values())}] if concepts else []),
        *({**base, "filter": one} for one in filters),
    ]


def _filter(match: Match, edition: Edition) -> Resource | None:
    """Return an entry as a filter; None where a filter would have other members."""
    operations = {"is-a": "is-a", "below": "descendent-of"}
    operation = operations.get(str(match.entry.kind))
    if operation is None or match.section or match.is_absent or match.check or not match.codes:
        return None
    code = edition.definition.official(match.entry.anchor)
    if code is None or code not in edition:
        return None
    below = set(edition.descendants(code))
    members = {code, *below} if operation == "is-a" else below
    return {"property": "concept", "op": operation, "value": code} if members == set(match.codes) else None


def _concepts(match: Match, edition: Edition) -> Iterator[Resource]:
    """Yield the concepts that an entry includes; a code that is not in force stays as it is written."""
    for code in match.codes:
        yield _concept(code, edition)
    if not match.codes and match.entry.kind == "code":
        yield {"code": edition.definition.official(match.entry.code) or match.entry.code}


def _concept(code: str, edition: Edition) -> Resource:
    concept: Any = edition.lookup(code)
    title = sent(concept, edition).title if concept else None
    return {"code": code, "display": title} if title else {"code": code}
