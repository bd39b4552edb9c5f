"""Verify a store: every byte that is in force against the checksum under which it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import define, field, frozen

from ..errors import StoreDamagedError
from .archive import MANIFEST, read_manifest, read_parts_list
from .folder import StoreFolder, sha256_of
from .pointer import Catalog, catalog_from, crosswalk_values, read_catalog, release_values

Progress = Callable[[str], None]
"""Called with each file or folder before it is read."""

ATTEMPTS = 3


@frozen
class Finding:
    """Something in the store that is not what it was when it was written."""

    file: str
    """Path below the folder of the store."""
    message: str


def verify(folder: StoreFolder, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Return what is damaged; empty where the store is sound.

    Checked are the pointer, the list of parts, all compiled files, and all tables of the releases, crosswalks and
    parts in force; and the same of the state before, to which `terminology.ingest.rollback` leads. No lock is taken: where a load publishes meanwhile, its state is verified instead.

    Raises:
        StoreNotFoundError: Nothing was ever loaded there.
    """
    for attempt in range(ATTEMPTS):
        try:
            catalog = read_catalog(folder)
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
        yield from examination.state(catalog_from(path.read_bytes(), path.name))


@define
class Examination:
    """Looks at files, each once: the state in force and the one before share most of them."""

    folder: StoreFolder
    progress: Progress
    seen: set[Path] = field(factory=set)

    def state(self, catalog: Catalog) -> Iterator[Finding]:
        """Yield what is wrong with the files that a pointer names."""
        for files in [entry.files for entry in catalog.systems.values()] + [entry.files for entry in catalog.maps]:
            for file in files.values():
                yield from self.file(self.folder.compiled / file.name, file.sha256)
        for system, entry in catalog.systems.items():
            for item in entry.releases:
                place = self.folder.release(system, item.release.version, item.digest)
                expected = json.loads(json.dumps({**release_values(item.release), "digest": item.digest}))
                # gaps are a matter of the neighbours, not of the release
                del expected["gaps"]
                yield from self.tables(f"{system} {item.release.version}", place, expected)
        for held in (item for entry in catalog.maps for item in entry.crosswalks):
            place = self.folder.crosswalk(held.crosswalk.name, held.crosswalk.version, held.digest)
            expected = json.loads(json.dumps({**crosswalk_values(held.crosswalk), "digest": held.digest}))
            yield from self.tables(held.crosswalk.label, place, expected)
        yield from self.parts(catalog.parts)

    def parts(self, digest: str | None) -> Iterator[Finding]:
        """Yield what is wrong with a list of parts, and with the parts that it names."""
        try:
            parts = read_parts_list(self.folder, digest)
        except StoreDamagedError as error:
            yield Finding(f"compiled/{digest}.parts", str(error))
            return
        for system, items in parts.items():
            for part in items:
                place = self.folder.part(system, part.origin.sha256, part.kind, part.format_number)
                expected = {"system": system, "kind": part.kind, "sha256": part.origin.sha256}
                yield from self.tables(part.origin.label, place, expected)

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
        for table, sha256 in manifest.get("tables", {}).items():
            yield from _faults(self.folder, place / table, sha256)

    def file(self, path: Path, sha256: str) -> Iterator[Finding]:
        """Yield what is wrong with a file that is named by its checksum."""
        if path not in self.seen:
            self.seen.add(path)
            self.progress(path.name)
            yield from _faults(self.folder, path, sha256)


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
