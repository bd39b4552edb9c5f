"""A release as a CodeSystem of FHIR R5."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from ...canonicals import DEFINITION
from ...errors import UnknownReleaseError
from ...licences import may_show
from ...model import Release
from ...query import CodeSystem, Edition, Terminology
from ...systems import SYSTEMS, SystemDefinition
from ..exchange import Resource
from .identity import LANGUAGES, PUBLISHERS, copyright_of, is_case_sensitive, resource_id, system_name
from .properties import Property
from .release_rows import ReleaseRows, most_nested, nested

WITHHELD: Final = "Texts of the publisher are left out: they leave this server only under a licence, which its operator has not declared."
OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "concept": (
        *("=", "in", "not-in", "regex", "is-a", "descendent-of", "is-not-a", "generalizes"),
        *("child-of", "descendent-leaf"),
    ),
    "code": ("=", "in", "not-in", "regex"),
    "display": ("=", "regex"),
    "parent": ("=", "in", "exists"),
    "child": ("=", "in", "exists"),
}
"""What filters of a value set may ask, by property; of all others `EQUALITY`."""
EQUALITY: Final = ("=", "in", "not-in", "exists")
DETAILS: Final = ("publisher", "description", "purpose", "copyrightLabel")
"""What the file of a system that is not built in may say of it."""


def code_systems_of(store: Terminology) -> tuple[CodeSystem, ...]:
    """Return what a store has CodeSystems of: its code systems, then its groupings.

    >>> [one.name for one in code_systems_of(store) if one.name in ("icd10cm", "ccsr_dx")]
    ['icd10cm', 'ccsr_dx']
    """
    return tuple(store[name] for name in (*store, *store.groupings))


def code_system(code_system: CodeSystem, edition: Edition, *, concepts: bool = False) -> Resource:
    """Return the release in force in an edition as a CodeSystem.

    Args:
        code_system: The system.
        edition: Of one release; its texts pass the licence door.
        concepts: Whether its concepts come with it: nested up to `most_nested` of them, else as a flat list.

    Raises:
        UnknownReleaseError: Nothing covers the day of the edition.

    >>> made = code_system(store["icd10cm"], store["icd10cm"].release("2022"))
    >>> made["url"], made["version"], made["content"]
    ('http://hl7.org/fhir/sid/icd-10-cm', '2022', 'complete')
    """
    rows = ReleaseRows(_covered(edition))
    made = _head(code_system, edition, rows)
    if concepts:
        elements = rows.elements()
        made["concept"] = nested(elements) if rows.count <= most_nested() else list(elements)
    return made


def code_system_head(code_system: CodeSystem, edition: Edition) -> tuple[Resource, ReleaseRows]:
    """Return a CodeSystem without its concepts, and the rows that they are made of.

    Raises:
        UnknownReleaseError: Nothing covers the day of the edition.
    """
    rows = ReleaseRows(_covered(edition))
    return _head(code_system, edition, rows), rows


def _covered(edition: Edition) -> Edition:
    if edition.release is None:
        raise UnknownReleaseError(f"no release of {edition.definition.title} covers {edition.date}: {edition.gap}")
    return edition


def _head(code_system: CodeSystem, edition: Edition, rows: ReleaseRows) -> Resource:
    definition, release = edition.definition, edition.release
    assert release is not None, "checked before"  # noqa: S101
    made: Resource = {"resourceType": "CodeSystem", "id": resource_id(definition.name, release.version)}
    if definition.name not in SYSTEMS:
        said = json.dumps(definition.to_json(), ensure_ascii=False, sort_keys=True)
        made["extension"] = [{"url": DEFINITION, "valueString": said}]
    if definition.name in LANGUAGES:
        made["language"] = LANGUAGES[definition.name]
    made["url"] = definition.uri
    if definition.oid:
        made["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{definition.oid}"}]
    made |= {
        "version": release.version,
        "name": system_name(definition),
        "title": definition.title,
        "status": "active",
        "experimental": False,
        "date": release.effective.isoformat(),
        **_said(definition, release, rows, licences=code_system.licences),
        "effectivePeriod": {"start": release.effective.isoformat()},
        "caseSensitive": is_case_sensitive(definition),
        "valueSet": f"{definition.uri}?fhir_vs",
        "hierarchyMeaning": "is-a",
        "compositional": definition.postcoordinated,
        "versionNeeded": False,
        "content": "fragment" if release.faults else "complete",
        "count": rows.count,
        "filter": list(_filters(rows.properties)),
        "property": [one.declared() for one in rows.properties],
    }
    return made


def _said(
    definition: SystemDefinition, release: Release, rows: ReleaseRows, *, licences: frozenset[str]
) -> dict[str, str]:
    """Return publisher, description and copyright: of a system that is not built in as its file says them."""
    table = rows.beside("details")
    found = dict(zip(*(table.column(name).to_pylist() for name in ("name", "value")), strict=True)) if table else {}
    said = {name: found[name] for name in DETAILS if found.get(name)}
    if publisher := PUBLISHERS.get(definition.name):
        said["publisher"] = publisher
    if not may_show(definition, licences):
        said["description"] = WITHHELD
    if notice := copyright_of(definition, release):
        said["copyright"] = notice
    order = ("publisher", "description", "purpose", "copyright", "copyrightLabel")
    return {name: said[name] for name in order if name in said}


def _filters(properties: tuple[Property, ...]) -> Iterator[Resource]:
    names = {one.code: one.description for one in properties}
    fixed = {"concept": "The code, and its place in the hierarchy", "code": "The code", "display": "The title"}
    for code, description in {**fixed, **names}.items():
        operators = list(OPERATORS.get(code, EQUALITY))
        value = (
            "A code, or several with commas between them" if code in OPERATORS else "A value, or several with commas"
        )
        yield {"code": code, "description": description, "operator": operators, "value": value}
