"""Verify a store: every byte that is in force against the checksum under which it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field

from ..errors import StoreDamagedError, StoreError
from .archive import CHECKSUM, MANIFEST, part_folder, part_manifest, read_manifest, read_parts_list
from .damage import damaged, shape_of
from .folder import StoreFolder, sha256_of
from .mapped import MappedTable
from .pointer import (
    Catalog,
    MapEntry,
    SystemEntry,
    catalog_from,
    read_catalog,
)
from .records import crosswalk_record, release_record
from .structure import Finding, map_faults, system_faults

Progress = Callable[[str], None]
"""Called with each file or folder before it is read."""

ATTEMPTS: Final = 3
UNCOMPARED: Final = frozenset({"borrowed", "gaps", "tables"})
"""Keys of a manifest that the pointer does not repeat."""


def verify(folder: StoreFolder, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Return what is damaged; empty where the store is sound.

    Checked are the pointer, the list of parts, all compiled files, and all tables and manifests of the releases,
    crosswalks and parts in force, each against its checksum; of the compiled files also that what refers to rows
    and texts leads to some. And the same of the state before, to which `terminology.ingest.rollback` leads. No lock
    is taken: where a load publishes meanwhile, its state is verified instead.

    Raises:
        StoreNotFoundError: Nothing was ever loaded there.
    """
    for attempt in range(ATTEMPTS):
        try:
            catalog = read_catalog(folder)
            _require_records(catalog, folder.pointer)
        except StoreDamagedError as error:
            return (Finding(folder.pointer.name, str(error)),)
        found = tuple(_findings(folder, catalog, progress or (lambda _file: None)))
        if not found or attempt == ATTEMPTS - 1 or not _was_replaced(folder, catalog):
            break
    return found


def _was_replaced(folder: StoreFolder, catalog: Catalog) -> bool:
    try:
        return read_catalog(folder).generation != catalog.generation
    except StoreDamagedError:
        return False


def _findings(folder: StoreFolder, catalog: Catalog, progress: Progress) -> Iterator[Finding]:
    examination = Examination(folder, progress)
    yield from examination.state(catalog)
    if catalog.previous is None:
        return
    path = folder.compiled / f"{catalog.previous}.pointer"
    found = list(examination.file(path, catalog.previous))
    yield from found
    if not found:
        try:
            former = catalog_from(path.read_bytes(), str(path))
            _require_records(former, path)
        except StoreError as error:
            yield Finding(f"compiled/{path.name}", str(error))
        else:
            yield from examination.state(former)


def require_sound(folder: StoreFolder, catalog: Catalog) -> None:
    """Check that all compiled files in force are what was written, by their checksums and in their structure.

    Raises:
        StoreDamagedError: One is not; which, and what to do.
        FileNotFoundError: One is gone: it is lost, or a load has published meanwhile.
    """
    _require_records(catalog, folder.pointer)
    for file in (file for entry in _entries(catalog) for file in entry.files.values()):
        table = MappedTable(folder.compiled, file)
        if table.sha256() != file.sha256:
            raise damaged(table.path, "is damaged: its checksum does not match")
    for finding in _structure(folder, _entries(catalog)):
        raise damaged(folder.path / finding.file, f"is damaged: {finding.message}")


def _require_records(catalog: Catalog, path: Path) -> None:
    """Check that every release and crosswalk can be made of its record; a start makes none of them.

    Raises:
        StoreDamagedError: One has another shape than the store writes.
    """
    with shape_of(path):
        _ = [item.release for entry in catalog.systems.values() for item in entry.releases]
        _ = [item.crosswalk for entry in catalog.maps for item in entry.crosswalks]


def _entries(catalog: Catalog) -> list[SystemEntry | MapEntry]:
    return [*catalog.systems.values(), *catalog.maps]


def _structure(folder: StoreFolder, entries: Iterable[SystemEntry | MapEntry]) -> Iterator[Finding]:
    for entry in entries:
        yield from system_faults(folder, entry) if isinstance(entry, SystemEntry) else map_faults(folder, entry)


@define
class Examination:
    """Looks at files, each once: the state in force and the one before share most of them."""

    folder: StoreFolder
    progress: Progress
    seen: set[Path] = field(factory=set)
    unsound: set[Path] = field(factory=set)
    """Files that were seen and are not what was written."""
    fitting: list[SystemEntry | MapEntry] = field(factory=list)
    """Entries whose files' structure was looked at."""

    def state(self, catalog: Catalog) -> Iterator[Finding]:
        """Yield what is wrong with the files that a pointer names."""
        for entry in _entries(catalog):
            yield from self.compiled(entry)
        for system, held in catalog.systems.items():
            for item in held.releases:
                place = self.folder.release(system, item.release.version, item.digest)
                expected = json.loads(json.dumps({**release_record(item.release), "digest": item.digest}))
                # gaps depend on the neighbouring releases, so the manifest does not have them
                del expected["gaps"]
                yield from self.tables(f"{system} {item.release.version}", place, expected)
        for version in (item for rows in catalog.maps for item in rows.crosswalks):
            place = self.folder.crosswalk(version.crosswalk.name, version.crosswalk.version, version.digest)
            expected = json.loads(json.dumps({**crosswalk_record(version.crosswalk), "digest": version.digest}))
            yield from self.tables(version.crosswalk.label, place, expected)
        yield from self.parts(catalog.parts)

    def compiled(self, entry: SystemEntry | MapEntry) -> Iterator[Finding]:
        """Yield what is wrong with the compiled files of a system or a crosswalk."""
        if entry in self.fitting:
            return
        paths = {self.folder.compiled / file.name: file for file in entry.files.values()}
        for path, file in paths.items():
            yield from self.file(path, file.sha256)
        # bytes that are not those that were written are not read any further
        if self.unsound.isdisjoint(paths):
            self.fitting.append(entry)
            try:
                yield from _structure(self.folder, [entry])
            except FileNotFoundError as error:
                yield Finding(f"compiled/{Path(error.filename).name}", "is missing")

    def parts(self, digest: str | None) -> Iterator[Finding]:
        """Yield what is wrong with a list of parts, and with the parts that it names."""
        try:
            parts = read_parts_list(self.folder, digest)
        except StoreDamagedError as error:
            yield Finding(f"compiled/{digest}.parts", str(error))
            return
        for system, part in parts:
            yield from self.tables(
                part.origin.label, part_folder(self.folder, system, part), part_manifest(system, part)
            )

    def tables(self, label: str, place: Path, expected: Mapping[str, object]) -> Iterator[Finding]:
        """Yield what is wrong with a folder of the archive: its manifest, the values in it, its tables."""
        if place in self.seen:
            return
        self.seen.add(place)
        self.progress(label)
        name = str((place / MANIFEST).relative_to(self.folder.path))
        try:
            manifest = read_manifest(place)
        except StoreDamagedError as error:
            yield Finding(name, str(error))
            return
        for key, value in expected.items():
            if manifest.get(key) != value:
                yield Finding(name, f"expected {key} {value!r}, got {manifest.get(key)!r}")
        # a manifest without a checksum may have had one, whose name was damaged
        for key in sorted(manifest.keys() - expected.keys() - UNCOMPARED if CHECKSUM not in manifest else ()):
            yield Finding(name, f"has the key {key!r}, which no manifest has")
        for table, sha256 in manifest["tables"].items():
            yield from _faults(self.folder, place / table, sha256)

    def file(self, path: Path, sha256: str) -> Iterator[Finding]:
        """Yield what is wrong with a file that is named by its checksum."""
        if path not in self.seen:
            self.seen.add(path)
            self.progress(path.name)
            for finding in _faults(self.folder, path, sha256):
                self.unsound.add(path)
                yield finding


def _faults(folder: StoreFolder, path: Path, sha256: str) -> Iterator[Finding]:
    name = str(path.relative_to(folder.path))
    try:
        found = sha256_of(path)
    except FileNotFoundError:
        yield Finding(name, "is missing")
    except OSError as error:
        yield Finding(name, f"cannot be read: {error.strerror or error}")
    else:
        if found != sha256:
            yield Finding(name, f"expected SHA-256 {sha256}, got {found}")
