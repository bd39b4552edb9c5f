"""What can be read without a question: which systems are loaded, their releases and coverage, the crosswalks."""

from __future__ import annotations

import datetime
from typing import Any, Final

from attrs import frozen

from ..errors import UnknownSystemError
from ..query import CodeSystem, Terminology
from ..systems import names_of
from ..wire import sent_crosswalk, sent_release, withheld

SYSTEMS: Final = "terminology://systems"
RELEASES: Final = "terminology://releases/"
CROSSWALKS: Final = "terminology://crosswalks"
CROSSWALK: Final = ("name", "version", "title", "source_system", "target_system", "effective", "mappings")
"""What is said of each crosswalk; `terminology crosswalks --json` has its files and warnings too."""


@frozen
class Resource:
    """An address that can be read."""

    uri: str
    name: str
    title: str
    description: str


LISTED: Final = (
    Resource(
        SYSTEMS, "systems", "Code systems", "The loaded code systems with their names, and which days they cover."
    ),
    Resource(
        CROSSWALKS, "crosswalks", "Crosswalks", "The loaded crosswalks: which system to which, and their versions."
    ),
)
TEMPLATE: Final = Resource(
    f"{RELEASES}{{system}}",
    "releases",
    "Releases of a code system",
    "Its loaded releases with effective days, counts, source files, and the gaps between them.",
)


def resources_of(store: Terminology) -> list[Resource]:
    """Return all addresses that can be read."""
    of_systems = [
        Resource(
            f"{RELEASES}{name}", f"releases-{name}", f"Releases of {system.definition.title}", TEMPLATE.description
        )
        for name, system in store.items()
    ]
    return [*LISTED, *of_systems]


def content_of(store: Terminology, uri: str) -> Any:
    """Return what is at an address, as JSON; None where there is nothing.

    >>> [row["system"] for row in content_of(store, "terminology://systems")][:3]
    ['cpt', 'hcpcs', 'icd10']
    """
    if uri == SYSTEMS:
        return [_system_values(system) for system in store.values()]
    if uri == CROSSWALKS:
        found = (sent_crosswalk(one, store.licences).to_dict() for one in store.crosswalks)
        return [{name: one[name] for name in CROSSWALK} for one in found]
    if not uri.startswith(RELEASES):
        return None
    try:
        code_system = store[uri.removeprefix(RELEASES)]
    except UnknownSystemError:
        return None
    return [sent_release(release, store.licences).to_dict() for release in code_system.releases]


def _system_values(code_system: CodeSystem) -> dict[str, Any]:
    definition, releases = code_system.definition, code_system.releases
    today = code_system.on(datetime.datetime.now(tz=datetime.UTC).date())
    return {
        "system": code_system.name,
        "title": definition.title,
        "uri": definition.uri,
        "names": sorted(names_of(definition)),
        "releases": len(releases),
        "oldest": _release_values(code_system, 0),
        "newest": _release_values(code_system, -1),
        "covers_today": today.is_covered,
        "gap": today.gap,
        "licence": withheld(code_system),
    }


def _release_values(code_system: CodeSystem, place: int) -> dict[str, str]:
    release = code_system.releases[place]
    return {"version": release.version, "effective": str(release.effective)}
