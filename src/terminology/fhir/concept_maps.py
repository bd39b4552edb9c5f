"""The crosswalks of a store as ConceptMap resources of R5.

An alternative of a crosswalk, codes that are used together, is one target: its first code, with the others as
``product``. So ``A02.1``, which a GEM maps to ``003.1`` with ``995.91``, has one target with one product, and nobody
can take one code for the whole. Codes that a row maps only together have each an element, with the others as
``dependsOn``. What a publisher says besides (scenario, choice lists, the flag *approximate*, the first day) are
properties of the target. "There is nothing to map to" is ``noMap`` of the element.

Rows hold from a day on in maps within a system. They stand in one group for each day: its source is the release in
force on the day before, its target the release in force from the day on.

R4, which `terminology.fhir.r4` makes of this, names an attribute by its URI, as ``property`` of product and dependsOn,
with ``system`` and ``value`` of the code. ``source`` and ``target`` of a group are cut into URI and version. ``noMap``
is a target without code whose equivalence is ``unmatched``. It has no properties of a target; they are extensions there.

References:
    HL7 FHIR R5 (5.0.0), resource ConceptMap.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from ..canonicals import ATTRIBUTE, PROPERTY, USED_WITH
from ..errors import UnknownCrosswalkError
from ..licences import licence_notice, may_show
from ..model import Crosswalk
from ..query import Terminology
from ..schema import SUCCESSIONS
from ..systems import SYSTEMS
from .exchange import Resource
from .published_maps import PublishedMap, published_maps, uri_of

ATTRIBUTES: Final = {
    USED_WITH: ("Coding", "A further code that is used together with the one beside it: neither stands for both.")
}
PROPERTIES: Final = {
    "approximate": ("boolean", "Whether the publisher calls the mapping approximate."),
    "scenario": ("integer", "Scenario of a combination of codes: codes of one scenario are used together."),
    "choice-list": (
        "string",
        "The codes of one choice list of the scenario, one of which is used; once for each list, in their order.",
    ),
    "effective": ("dateTime", "First day of the change."),
    "change": ("code", "Where the publication has the row: at the new code (new), or at the deleted one (deleted)."),
    "line": ("integer", "Line of the publisher's file."),
}
COLUMNS: Final = (
    *("source_code", "with_codes", "target_codes", "effective", "change"),
    *("relationship", "approximate", "detail", "line"),
)


@frozen
class _Row:
    """One row of a crosswalk's table ``mappings``."""

    source_code: str | None
    with_codes: list[str]
    target_codes: list[str] | None
    effective: datetime.date | None
    change: str | None
    relationship: str
    approximate: bool | None
    detail: Mapping[str, Any]
    line: int | None

    @property
    def is_mapping(self) -> bool:
        """Whether it leads from a code: to others, or expressly to none."""
        return self.source_code is not None and (self.change is None or self.change in SUCCESSIONS)


def concept_maps(store: Terminology) -> list[Resource]:
    """Return all crosswalks of a store as ConceptMaps without their groups, in the order of `Terminology.crosswalks`.

    Lists of changes that name no successor (order addenda) are no maps, and are left out.

    >>> [one["id"] for one in concept_maps(store)][2]
    'gems-2018-icd10cm-icd9cm'
    """
    return [_summary(store, one) for one in published_maps(store).stated]


def concept_map(store: Terminology, crosswalk: Crosswalk | PublishedMap) -> Resource:
    """Return a crosswalk as a ConceptMap of R5, with all its groups.

    Args:
        store: The store that has it.
        crosswalk: The crosswalk, or a map of `published_maps`. Crosswalks of one URL and version, which came as
            groups of one resource, are groups of one again.

    Raises:
        UnknownCrosswalkError: The store does not have it.

    >>> gems = next(one for one in store.crosswalks if one.label == "gems 2018" and one.source_system == "icd9cm")
    >>> group = concept_map(store, gems)["group"][0]
    >>> group["source"], group["element"][5]
    ('http://hl7.org/fhir/sid/icd-9-cm|32', {'code': '365.70', 'noMap': True})
    """
    published = crosswalk if isinstance(crosswalk, PublishedMap) else _holding(store, crosswalk)
    made = _summary(store, published)
    groups = [group for one in published.crosswalks for group in _groups(store, one)]
    used = {part["attribute"] for part in _parts(groups)}
    said = {item["code"] for target in _targets(groups) for item in target.get("property", ())}
    if said:
        made["property"] = [_definition(PROPERTY, name, PROPERTIES[name]) for name in PROPERTIES if name in said]
    if used:
        made["additionalAttribute"] = [_definition(ATTRIBUTE, name, ATTRIBUTES[name]) for name in sorted(used)]
    return {**made, "group": groups} if groups else made


def _holding(store: Terminology, crosswalk: Crosswalk) -> PublishedMap:
    for one in published_maps(store):
        if crosswalk in one.crosswalks:
            return one
    raise UnknownCrosswalkError(f"the store has no crosswalk {crosswalk.label}")


def _summary(store: Terminology, published: PublishedMap) -> Resource:
    first = published.crosswalks[0]
    systems = dict.fromkeys(name for one in published.crosswalks for name in (one.source_system, one.target_system))
    words = re.split(r"[^A-Za-z0-9]+", "_".join([first.name, *systems]))
    made: Resource = {
        "resourceType": "ConceptMap",
        "id": published.id,
        "url": published.url,
        "version": published.version,
        "name": "".join(word[:1].upper() + word[1:] for word in words),
        "title": first.title or first.names[-1],
        "status": "active",
        "experimental": False,
        "date": first.effective.isoformat(),
        "description": _description(published),
    }
    if notice := "; ".join(filter(None, (_notice(store, name) for name in systems))):
        made["copyright"] = notice
    if published.is_succession:
        made["effectivePeriod"] = _period(store, published)
    if artifacts := [_artifact(file) for one in published.crosswalks for file in one.sources]:
        made["relatedArtifact"] = artifacts
    for side, name in (("source", "source_system"), ("target", "target_system")):
        uris = {uri_of(store, getattr(one, name)) for one in published.crosswalks}
        if len(uris) == 1:
            made[f"{side}ScopeUri"] = f"{uris.pop()}?fhir_vs"
    return made


def _description(published: PublishedMap) -> str:
    first = published.crosswalks[0]
    if published.is_succession:
        return f"What replaced codes of {first.source_system}, as published up to {first.effective.isoformat()}."
    return (
        f"Codes of {first.source_system} in {first.target_system}, for the editions of {first.effective.isoformat()}. "
        "Only this direction is published here: the other one is a map of its own, or is not published."
    )


def _notice(store: Terminology, system: str) -> str | None:
    if system in store:
        latest = store[system].releases[-1] if store[system].releases else None
        return licence_notice(store[system].definition, latest)
    return licence_notice(SYSTEMS[system], None) if system in SYSTEMS else None


def _period(store: Terminology, published: PublishedMap) -> Resource:
    """Return from when until when a version is the newest one of its map."""
    start = published.crosswalks[0].effective
    later = [
        one.crosswalks[0].effective
        for one in published_maps(store)
        if one.url == published.url and one.crosswalks[0].effective > start
    ]
    made = {"start": start.isoformat()}
    if later:
        made["end"] = (min(later) - datetime.timedelta(days=1)).isoformat()
    return made


def _artifact(file: Any) -> Resource:
    return {"type": "derived-from", "label": file.file, "citation": f"{file.file}, SHA-256 {file.sha256}"}


def _definition(base: str, name: str, stated: tuple[str, str]) -> Resource:
    kind, description = stated
    return {"code": name, "uri": f"{base}{name}", "description": description, "type": kind}


# ---- groups


def _groups(store: Terminology, crosswalk: Crosswalk) -> Iterator[Resource]:
    """Yield a group for each day of change, or one where rows name no day."""
    by_day: dict[datetime.date | None, list[_Row]] = {}
    for row in _rows(store, crosswalk):
        if row.is_mapping:
            by_day.setdefault(row.effective, []).append(row)
    shows = all(_may_show(store, name) for name in (crosswalk.source_system, crosswalk.target_system))
    for day in sorted(by_day, key=lambda day: day or datetime.date.min):
        before = day - datetime.timedelta(days=1) if day else crosswalk.effective
        source, target = uri_of(store, crosswalk.source_system), uri_of(store, crosswalk.target_system)
        yield {
            "source": _versioned(source, _version_on(store, crosswalk.source_system, before)),
            "target": _versioned(target, _version_on(store, crosswalk.target_system, day or crosswalk.effective)),
            "element": _elements(by_day[day], source, target, shows=shows),
        }


def _rows(store: Terminology, crosswalk: Crosswalk) -> Iterator[_Row]:
    table = store.table(crosswalk)
    columns = [table.column(name).to_pylist() for name in COLUMNS]
    for values in zip(*columns, strict=True):
        row = dict(zip(COLUMNS, values, strict=True))
        yield _Row(**{**row, "detail": json.loads(row["detail"]) if row["detail"] else {}})


def _version_on(store: Terminology, system: str, day: datetime.date) -> str | None:
    """Return the version of a system in force on a day; None where it is not loaded, or nothing loaded covers the day."""
    edition = store[system].on(day) if system in store else None
    return edition.release.version if edition and edition.is_covered and edition.release else None


def _versioned(uri: str, version: str | None) -> str:
    return f"{uri}|{version}" if version else uri


def _may_show(store: Terminology, system: str) -> bool:
    definition = store[system].definition if system in store else SYSTEMS.get(system)
    return definition is None or may_show(definition, store.licences)


def _elements(rows: Iterable[_Row], source: str, target: str, *, shows: bool) -> list[Resource]:
    """Return the elements of rows, in the publisher's order. A code that leads to something leads not to nothing as well."""
    targets: dict[str, list[Resource]] = {}
    for row in rows:
        found = targets.setdefault(str(row.source_code), [])
        if row.target_codes:
            found.append(_target(row, row.target_codes, source, target, shows=shows))
    return [
        {"code": code, "target": found} if found else {"code": code, "noMap": True} for code, found in targets.items()
    ]


def _target(row: _Row, codes: list[str], source: str, target: str, *, shows: bool) -> Resource:
    first, *others = codes
    made: Resource = {"code": first, "relationship": row.relationship}
    if shows and isinstance(comment := row.detail.get("comment"), str):
        made["comment"] = comment
    if stated := list(_properties(row)):
        made["property"] = stated
    if row.with_codes:
        made["dependsOn"] = [used_with(source, code) for code in row.with_codes]
    if others:
        made["product"] = [used_with(target, code) for code in others]
    return made


def used_with(system: str, code: str) -> Resource:
    """Return a code that is used with another, as ``product`` and ``dependsOn`` have it."""
    return {"attribute": USED_WITH, "valueCoding": {"system": system, "code": code}}


def _properties(row: _Row) -> Iterator[Resource]:
    if row.approximate is not None:
        yield {"code": "approximate", "valueBoolean": row.approximate}
    if isinstance(scenario := row.detail.get("scenario"), int):
        yield {"code": "scenario", "valueInteger": scenario}
    for codes in row.detail.get("choice_lists") or ():
        yield {"code": "choice-list", "valueString": ", ".join(codes)}
    if row.effective is not None:
        yield {"code": "effective", "valueDateTime": row.effective.isoformat()}
    if row.change is not None:
        yield {"code": "change", "valueCode": row.change}
    if row.line:
        yield {"code": "line", "valueInteger": row.line}


def _targets(groups: Iterable[Resource]) -> Iterator[Resource]:
    return (target for group in groups for element in group["element"] for target in element.get("target", ()))


def _parts(groups: Iterable[Resource]) -> Iterator[Resource]:
    return (part for target in _targets(groups) for name in ("product", "dependsOn") for part in target.get(name, ()))
