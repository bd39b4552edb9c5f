"""The pointer of a store: one small, self-checksummed file that names all that is in force.

It is replaced in one step and read without a lock; whoever has read it keeps a consistent view.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, field, frozen

from ..errors import StoreError, StoreNotFoundError
from ..model import Crosswalk, Gap, Release, SourceFile
from ..systems import SYSTEMS, SystemDefinition
from .damage import damaged, shape_of
from .folder import StoreFolder, write_durably

FORMAT: Final = 3
SYSTEM_FILES: Final = ("codes", "periods", "properties")
"""Compiled files of every system, beside its trees and notes."""
MAP_FILES: Final = ("mappings", "targets")
"""Compiled files of every crosswalk."""


@frozen
class CompiledFile:
    """One Arrow IPC file of the compiled form, and the places of the buffers of its columns."""

    sha256: str
    size: int
    rows: int
    columns: Mapping[str, Mapping[str, Any]] = field(hash=False)
    """Of each column: type, offset and length of validity, offsets and data, and the CRC-32 of their bytes.

    Files that were written before there were checksums of columns have none.
    """

    @property
    def name(self) -> str:
        """Its name in the folder of compiled files."""
        return f"{self.sha256}.arrow"


@frozen
class ReleaseEntry:
    """A release that is in force, with what is needed to answer from it."""

    release: Release
    digest: str
    tree: int
    """Which of the system's trees is its own."""
    filtered: bool = False
    """Whether that tree also holds codes that are in force on some days of the release only."""


@frozen
class SystemEntry:
    """A code system that is in force."""

    definition: SystemDefinition
    releases: tuple[ReleaseEntry, ...]
    files: Mapping[str, CompiledFile] = field(hash=False)
    """codes, periods, properties, notes, tree-0, tree-1 …"""


@frozen
class CrosswalkEntry:
    """One version of a crosswalk that is in force."""

    crosswalk: Crosswalk
    digest: str


@frozen
class MapEntry:
    """All versions of one crosswalk between two code systems, in order of their effective days."""

    crosswalks: tuple[CrosswalkEntry, ...]
    files: Mapping[str, CompiledFile] = field(hash=False)
    """mappings, targets."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Name of the crosswalk, and the systems that it leads from and to."""
        first = self.crosswalks[0].crosswalk
        return first.name, first.source_system, first.target_system

    @property
    def content(self) -> list[tuple[str, str]]:
        """Versions and digests: what the files were compiled from."""
        return [(item.crosswalk.version, item.digest) for item in self.crosswalks]


@frozen
class Catalog:
    """Everything that the pointer says."""

    generation: int
    systems: Mapping[str, SystemEntry] = field(hash=False)
    maps: tuple[MapEntry, ...] = ()
    """Sorted by `MapEntry.key`."""
    parts: str | None = None
    """SHA-256 of the list of parts in force, a file of writers."""
    previous: str | None = None
    """SHA-256 of the pointer before, kept for a rollback."""


EMPTY: Final = Catalog(0, {})


def read_catalog(folder: StoreFolder) -> Catalog:
    """Return what is in force.

    Raises:
        StoreNotFoundError: Nothing was ever published in the folder.
        StoreDamagedError: The pointer is not what its checksum says, or is no file.
        StoreError: It is of another format than this version reads.
        PermissionError: It may not be read.
    """
    try:
        data = folder.pointer.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise StoreNotFoundError(
            f"no store in {folder.path}: load releases first (terminology load PATH --store {folder.path})"
        ) from None
    except IsADirectoryError:
        raise damaged(folder.pointer, "is a folder, and no file") from None
    return catalog_from(data, str(folder.pointer))


def catalog_from(data: bytes, name: str) -> Catalog:
    """Return the catalog that the bytes of a pointer hold.

    Raises:
        StoreDamagedError: As `read_catalog`.
    """
    path = Path(name)
    head, _, body = data.partition(b"\n")
    if head.decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
        raise damaged(path, "is damaged: its checksum does not match")
    with shape_of(path):
        values = json.loads(body)
        if values["format"] != FORMAT:
            raise StoreError(
                f"{name} has format {values['format']}, this version reads {FORMAT}: load the releases into a new store"
            )
        systems = {name: _system_from(name, entry) for name, entry in values["systems"].items()}
        maps = tuple(_map_from(entry) for entry in values["maps"])
        return Catalog(values["generation"], systems, maps, values["parts"], values["previous"])


def write_catalog(folder: StoreFolder, catalog: Catalog) -> None:
    """Publish: replace the pointer in one step. The one before is kept beside it."""
    data = catalog_bytes(catalog)
    if folder.pointer.exists():
        former = folder.pointer.read_bytes()
        write_durably(folder.compiled / f"{hashlib.sha256(former).hexdigest()}.pointer", former)
    write_durably(folder.pointer, data)


def pointer_digest(folder: StoreFolder) -> str:
    """Return the SHA-256 of the pointer in force, by which the next one names it.

    Raises:
        FileNotFoundError: Nothing was ever published in the folder.
    """
    return hashlib.sha256(folder.pointer.read_bytes()).hexdigest()


def catalog_bytes(catalog: Catalog) -> bytes:
    """Return the bytes of the pointer: a line with the checksum, then JSON."""
    values = {
        "format": FORMAT,
        "generation": catalog.generation,
        "previous": catalog.previous,
        "parts": catalog.parts,
        "systems": {name: _system_values(entry) for name, entry in sorted(catalog.systems.items())},
        "maps": [_map_values(entry) for entry in catalog.maps],
    }
    body = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _system_values(entry: SystemEntry) -> dict[str, Any]:
    built_in = SYSTEMS.get(entry.definition.name) == entry.definition
    return {
        "definition": None if built_in else entry.definition.to_json(),
        "releases": [
            {"digest": item.digest, "tree": item.tree, "filtered": item.filtered, **release_record(item.release)}
            for item in entry.releases
        ],
        "files": {name: asdict(file) for name, file in sorted(entry.files.items())},
    }


def _system_from(name: str, values: dict[str, Any]) -> SystemEntry:
    definition = values["definition"]
    releases = tuple(
        ReleaseEntry(release_from(item), item["digest"], item["tree"], item["filtered"]) for item in values["releases"]
    )
    files = {key: CompiledFile(**file) for key, file in values["files"].items()}
    _require({*SYSTEM_FILES, *(f"tree-{item.tree}" for item in releases)}, files)
    return SystemEntry(SystemDefinition.from_json(definition) if definition else SYSTEMS[name], releases, files)


def _require(names: Iterable[str], files: Mapping[str, CompiledFile]) -> None:
    missing = sorted(set(names) - set(files))
    if missing:
        raise ValueError(f"names no file {missing[0]}")


def release_record(release: Release) -> dict[str, Any]:
    """Return a release as the store records it, with everything that is known of it."""
    return {**asdict(release), "effective": release.effective.isoformat()}


def release_from(values: Mapping[str, Any]) -> Release:
    """Return the release that `release_record` wrote; further keys are ignored."""
    return Release(
        system=values["system"],
        version=values["version"],
        effective=datetime.date.fromisoformat(values["effective"]),
        concepts=values["concepts"],
        billable=values["billable"],
        derived=values["derived"],
        sources=tuple(SourceFile(**source) for source in values["sources"]),
        gaps=tuple(Gap(**gap) for gap in values["gaps"]),
        correction=values["correction"],
        warnings=tuple(values["warnings"]),
        notes_known=values["notes_known"],
        licence=values["licence"],
    )


def _map_values(entry: MapEntry) -> dict[str, Any]:
    return {
        "crosswalks": [{"digest": item.digest, **crosswalk_record(item.crosswalk)} for item in entry.crosswalks],
        "files": {name: asdict(file) for name, file in sorted(entry.files.items())},
    }


def _map_from(values: dict[str, Any]) -> MapEntry:
    crosswalks = tuple(CrosswalkEntry(crosswalk_from(item), item["digest"]) for item in values["crosswalks"])
    files = {key: CompiledFile(**file) for key, file in values["files"].items()}
    _require(MAP_FILES, files)
    return MapEntry(crosswalks, files)


def crosswalk_record(crosswalk: Crosswalk) -> dict[str, Any]:
    """Return a crosswalk as the store records it, with everything that is known of it."""
    return {**asdict(crosswalk), "effective": crosswalk.effective.isoformat()}


def crosswalk_from(values: Mapping[str, Any]) -> Crosswalk:
    """Return the crosswalk that `crosswalk_record` wrote; further keys are ignored."""
    return Crosswalk(
        name=values["name"],
        version=values["version"],
        source_system=values["source_system"],
        target_system=values["target_system"],
        effective=datetime.date.fromisoformat(values["effective"]),
        mappings=values["mappings"],
        sources=tuple(SourceFile(**source) for source in values["sources"]),
        title=values["title"],
        warnings=tuple(values["warnings"]),
    )
