"""Upgrade a store: compile its releases and crosswalks anew from the archive, in the format of this version.

No release file is needed, and no release changes: the archive holds every one as it was committed. What a file says may
be read better by a later loader, though; such files are named, and only loading them again makes use of it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from ..drafts import Part
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..search.building import with_search_index
from ..store import Catalog, MapEntry, StoreFolder, SystemEntry, default_path, read_catalog
from ..store.archive import StoredTables, read_parts_list
from ..store.compiling import CrosswalkTables, ReleaseTables, compiled_map, compiled_system
from ..store.formats import FORMAT, OLDEST
from ..store.garbage import sweep
from ..store.pointer import catalog_bytes, catalog_from, pointer_digest, write_catalog
from ..systems import CODE_SET
from .context import QUIET, Load, Progress
from .incoming import temporary_store


@frozen
class EarlierReading:
    """A file that an earlier version of its loader, or crosswalk reader, has read."""

    of: str
    """Short name of the code system, or name of the crosswalk."""
    file: str
    """As people know it: ``archive.zip!member.txt``."""
    sha256: str
    """Of its bytes."""
    versions: tuple[str, ...]
    """Releases, or versions of the crosswalk, that are made of it."""


@frozen
class UpgradeReport:
    """What an upgrade of a store did, or would do."""

    store: str
    """Folder of the store."""
    format_before: int
    """Format number of the store as it was."""
    format: int
    """Format number of this version."""
    written_by: str | None
    """Version of the program that wrote the store as it was; None where it did not say."""
    systems: tuple[str, ...]
    """Short names of the code systems whose compiled files changed."""
    crosswalks: tuple[str, ...]
    """Crosswalks whose compiled files changed, as ``name source target``."""
    load_again: tuple[EarlierReading, ...]
    """Files that the loaders of this version read in another way: load them again to have what is new in it."""

    @property
    def is_needed(self) -> bool:
        """Whether anything of the store changes."""
        return self.format_before != self.format or bool(self.systems or self.crosswalks)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**asdict(self), "is_needed": self.is_needed}


def upgrade(
    store: str | os.PathLike[str] | None = None, *, dry_run: bool = False, progress: Progress | None = None
) -> UpgradeReport:
    """Return what changed, after the compiled files of a store were made anew from its archive.

    Every answer stays the same, and no release file is needed. The store is published once, at the end: whoever kills
    the upgrade before finds the store as it was. Where nothing would change, nothing is published. `rollback` goes back to
    the state before the upgrade, unless that has another format.

    Args:
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        dry_run: Compile into a temporary folder, and leave the store as it is.
        progress: Called with the stage and what is being worked on.

    Raises:
        StoreNotFoundError: There is no store.
        StoreFormatError: It is of a later format, or of one that is too old.
        StoreDamagedError: A table of the archive is missing or damaged.
        StoreLockedError: Another process writes to it.

    >>> upgrade(sample_store, dry_run=True).is_needed
    False
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    read_catalog(folder, OLDEST)
    with contextlib.ExitStack() as stack:
        target = folder
        if dry_run:
            target = stack.enter_context(temporary_store())
        else:
            stack.enter_context(folder.lock())
        before = read_catalog(folder, OLDEST)
        made = recompiled(folder, target, before, progress or QUIET)
        # as it will be read, so that it can be compared with what was read
        after = catalog_from(catalog_bytes(made), str(folder.pointer))
        report = UpgradeReport(
            store=str(folder.path),
            format_before=before.format,
            format=FORMAT,
            written_by=before.written_by,
            systems=tuple(name for name, entry in after.systems.items() if entry != before.systems[name]),
            crosswalks=tuple(
                " ".join(filter(None, entry.key))
                for entry, former in zip(after.maps, before.maps, strict=True)
                if entry != former
            ),
            load_again=earlier_readings(folder, before),
        )
        if report.is_needed and not dry_run:
            is_same_format = before.format == FORMAT
            previous = pointer_digest(folder) if is_same_format else None
            write_catalog(folder, after._replace(generation=before.generation + 1, previous=previous))
        if not dry_run:
            sweep(folder)
        return report


def recompiled(folder: StoreFolder, target: StoreFolder, catalog: Catalog, progress: Progress) -> Catalog:
    """Return a catalog whose compiled files were made anew, of the releases and crosswalks in the archive of a store.

    Args:
        folder: The store.
        target: Where the files go.
        catalog: What is in force.
        progress: Called with the stage and what is being worked on.
    """
    systems = {name: _system(folder, target, entry, progress) for name, entry in catalog.systems.items()}
    return catalog._replace(
        systems=systems, maps=tuple(_map(folder, target, entry, progress) for entry in catalog.maps)
    )


def _system(folder: StoreFolder, target: StoreFolder, entry: SystemEntry, progress: Progress) -> SystemEntry:
    name = entry.definition.name
    progress("compile", name)
    tables = [
        ReleaseTables(item.release, item.digest, StoredTables(folder.release(name, item.version, item.digest)))
        for item in entry.releases
    ]
    made = compiled_system(target, entry.definition, tables)
    return with_search_index(target, made, tables) if entry.definition.kind == CODE_SET else made


def _map(folder: StoreFolder, target: StoreFolder, entry: MapEntry, progress: Progress) -> MapEntry:
    progress("compile", " ".join(filter(None, entry.key)))
    held = [(item.crosswalk, item.digest) for item in entry.crosswalks]
    return compiled_map(
        target,
        [
            CrosswalkTables(one, digest, StoredTables(folder.crosswalk(one.name, one.version, digest)))
            for one, digest in held
        ],
    )


def earlier_readings(folder: StoreFolder, catalog: Catalog) -> tuple[EarlierReading, ...]:
    """Return the files of a store that loaders and crosswalk readers of this version read in another way.

    Of a loader that is not installed nothing is known; its files are not among them.

    Raises:
        StoreDamagedError: The list of parts is missing or damaged.

    >>> from terminology.store import StoreFolder, read_catalog
    >>> folder = StoreFolder(sample_store)
    >>> earlier_readings(folder, read_catalog(folder))
    ()
    """
    held = read_parts_list(folder, catalog.parts)
    job = Load(folder, folder, installed_loaders(), crosswalk_readers(), QUIET, catalog, held)
    made = dict(_versions(catalog))
    found = [
        EarlierReading(
            of=system or part.loader,
            file=part.origin.label,
            sha256=part.origin.sha256,
            versions=_made_of(made, system or part.loader, part),
        )
        for system, part in held
        if job.is_outdated(system, part)
    ]
    return tuple(sorted(found, key=lambda one: (one.of, one.versions, one.file)))


def _versions(catalog: Catalog) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """Yield system and version of each release, or name and version of each crosswalk, with the checksums of its files."""
    for name, entry in catalog.systems.items():
        for item in entry.releases:
            yield (name, item.version), frozenset(source.sha256 for source in item.release.sources)
    for version in (item.crosswalk for rows in catalog.maps for item in rows.crosswalks):
        yield (version.name, version.version), frozenset(source.sha256 for source in version.sources)


def _made_of(made: Mapping[tuple[str, str], frozenset[str]], of: str, part: Part) -> tuple[str, ...]:
    return tuple(version for (name, version), files in made.items() if name == of and part.origin.sha256 in files)
