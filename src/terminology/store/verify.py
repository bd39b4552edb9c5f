"""Verify a store: every byte that is in force against the checksum under which it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

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

    Checked are the pointer, the pointer before it, the list of parts, all compiled files, and all tables of the
    releases, crosswalks and parts in force. No lock is taken: where a load publishes meanwhile, its state is verified instead.

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
    yield from _former_pointer(folder, catalog)
    compiled = [entry.files for entry in catalog.systems.values()] + [entry.files for entry in catalog.maps]
    for file in {file.name: file for files in compiled for file in files.values()}.values():
        progress(file.name)
        yield from _file(folder, folder.compiled / file.name, file.sha256)
    for system, entry in catalog.systems.items():
        for item in entry.releases:
            place = folder.release(system, item.release.version, item.digest)
            progress(f"{system} {item.release.version}")
            expected = json.loads(json.dumps({**release_values(item.release), "digest": item.digest}))
            # gaps are a matter of the neighbours, not of the release
            del expected["gaps"]
            yield from _tables(folder, place, expected)
    for held in (item for entry in catalog.maps for item in entry.crosswalks):
        place = folder.crosswalk(held.crosswalk.name, held.crosswalk.version, held.digest)
        progress(held.crosswalk.label)
        expected = json.loads(json.dumps({**crosswalk_values(held.crosswalk), "digest": held.digest}))
        yield from _tables(folder, place, expected)
    try:
        parts = read_parts_list(folder, catalog.parts)
    except StoreDamagedError as error:
        yield Finding(f"compiled/{catalog.parts}.parts", str(error))
        return
    for system, items in parts.items():
        for part in items:
            progress(part.origin.label)
            expected = {"system": system, "kind": part.kind, "sha256": part.origin.sha256}
            yield from _tables(folder, folder.part(system, part.origin.sha256, part.kind, part.format_number), expected)


def _former_pointer(folder: StoreFolder, catalog: Catalog) -> Iterator[Finding]:
    if catalog.previous is None:
        return
    path = folder.compiled / f"{catalog.previous}.pointer"
    yield from _file(folder, path, catalog.previous)
    try:
        catalog_from(path.read_bytes(), path.name)
    except (OSError, StoreDamagedError):
        # said already: its name is its checksum
        return


def _file(folder: StoreFolder, path: Path, sha256: str) -> Iterator[Finding]:
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


def _tables(folder: StoreFolder, place: Path, expected: dict[str, object]) -> Iterator[Finding]:
    """Yield what is wrong with a folder of the archive: its manifest, the values in it, its tables."""
    name = str((place / MANIFEST).relative_to(folder.path))
    try:
        manifest = read_manifest(place)
    except StoreDamagedError as error:
        yield Finding(name, str(error))
        return
    for key, value in expected.items():
        if manifest.get(key) != value:
            yield Finding(name, f"expected {key} {value!r}, got {manifest.get(key)!r}")
    for table, sha256 in manifest.get("tables", {}).items():
        yield from _file(folder, place / table, sha256)
