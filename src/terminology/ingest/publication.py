"""What a load publishes: the releases and crosswalks of the store, compiled for queries, and the pointer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from ..model import Crosswalk, Release
from ..search.building import with_search_index
from ..store import Catalog, MapEntry, SystemEntry
from ..store.archive import PartLists, StoredTables, write_parts_list
from ..store.compiling import CrosswalkTables, ReleaseTables, compiled_map, compiled_system
from ..store.garbage import sweep
from ..store.pointer import EMPTY, pointer_digest, write_catalog
from ..systems import CODE_SET, SystemDefinition
from .context import Load
from .report import LoadReport

Revisions = Sequence[tuple[Release, str]]
"""Releases of a system with their digests, in order."""
Maps = Sequence[tuple[Crosswalk, str]]
"""Crosswalks with their digests."""


@frozen
class LoadResult:
    """The releases and crosswalks that a load makes, before they are published."""

    report: LoadReport
    parts: PartLists
    releases: Mapping[str, Revisions]
    """With their digests, in order, by system."""
    crosswalks: Maps
    """With their digests."""


def compiled(job: Load, result: LoadResult) -> Catalog | None:
    """Return the catalog that a load makes, its files written; None where nothing changed."""
    systems = _compiled_systems(job, result)
    maps = _compiled_maps(job, result.crosswalks)
    if not any(result.parts) and job.catalog is EMPTY:
        return None
    listed = write_parts_list(job.folder, result.parts)
    if listed == job.catalog.parts and (systems, maps) == (job.catalog.systems, job.catalog.maps):
        return None
    previous = pointer_digest(job.folder) if job.catalog is not EMPTY else None
    return Catalog(job.catalog.generation + 1, systems, maps, listed, previous)


def _compiled_systems(job: Load, result: LoadResult) -> Mapping[str, SystemEntry]:
    systems = dict(job.catalog.systems)
    for system, releases in result.releases.items():
        entry = systems.get(system)
        if not releases:
            systems.pop(system, None)
            continue
        is_same = entry and [(item.release, item.digest) for item in entry.releases] == list(releases)
        if entry and is_same and (entry.is_searchable or not _is_indexed(entry.definition)):
            continue
        job.progress("compile", system)
        definition = job.definition(system, result.parts.systems[system])
        tables = [
            ReleaseTables(release, digest, StoredTables(job.folder.release(system, release.version, digest)))
            for release, digest in releases
        ]
        # of a store that was compiled without a search index, that is all that is missing
        made = entry if entry and is_same else compiled_system(job.folder, definition, tables)
        systems[system] = with_search_index(job.folder, made, tables) if _is_indexed(definition) else made
    return systems


def _is_indexed(definition: SystemDefinition) -> bool:
    """Return whether a system has a search index: categories are few, and it would only be more files to open."""
    return definition.kind == CODE_SET


def _compiled_maps(job: Load, crosswalks: Maps) -> tuple[MapEntry, ...]:
    before = {entry.key: entry for entry in job.catalog.maps}
    groups: dict[tuple[str, str, str, str], list[tuple[Crosswalk, str]]] = {}
    for crosswalk, digest in crosswalks:
        groups.setdefault(crosswalk.key, []).append((crosswalk, digest))
    made = []
    for key, items in sorted(groups.items()):
        items.sort(key=lambda item: (item[0].effective, item[0].version))
        former = before.get(key)
        if former and former.content == [(crosswalk.version, digest) for crosswalk, digest in items]:
            made.append(former)
            continue
        job.progress("compile", " ".join(filter(None, key)))
        tables = [
            CrosswalkTables(item, digest, StoredTables(job.folder.crosswalk(item.name, item.version, digest)))
            for item, digest in items
        ]
        made.append(compiled_map(job.folder, tables))
    return tuple(made)


def publish(job: Load, catalog: Catalog | None) -> None:
    """Replace the pointer, where there is a new catalog, and delete what it does not need any more."""
    if catalog:
        write_catalog(job.folder, catalog)
    if catalog or job.catalog is not EMPTY:
        sweep(job.folder)
