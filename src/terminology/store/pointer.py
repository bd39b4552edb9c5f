"""The pointer of a store: one small, self-checksummed file that names all that is in force.

It is replaced in one step and read without a lock; whoever has read it keeps a consistent view.
"""

# no `from __future__ import annotations`: NamedTuple hands each annotation that is a text to the compiler, at every start

import datetime
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import StoreNotFoundError
from ..systems import SYSTEMS, SystemDefinition
from .checksums import digest_of
from .damage import damaged, shape_of
from .folder import POINTER, StoreFolder, write_durably
from .formats import FORMAT, check_format, check_systems, program_version

if TYPE_CHECKING:
    from pathlib import Path

    from ..model import Crosswalk, Release

SYSTEM_FILES: Final = ("codes", "periods", "properties")
"""Compiled files of every system, beside its trees and notes."""
SEARCH: Final = "search-"
"""What the names of the files of a search index begin with."""
MAP_FILES: Final = ("mappings", "targets")
"""Compiled files of every crosswalk."""
RELEASE_KEYS: Final = frozenset(
    {
        *("system", "version", "effective", "concepts", "billable", "derived"),
        *("sources", "gaps", "correction", "warnings", "notes_known", "licence"),
    }
)
"""What is recorded of a release (see `records`)."""
CROSSWALK_KEYS: Final = frozenset(
    {
        *("name", "version", "source_system", "target_system", "effective"),
        *("mappings", "sources", "title", "warnings"),
    }
)
"""What is recorded of a crosswalk."""


class CompiledFile(NamedTuple):
    """One Arrow IPC file of the compiled form, and the places of the buffers of its columns."""

    sha256: str
    size: int
    rows: int
    columns: Mapping[str, Mapping[str, Any]]
    """Of each column: type, offset and length of validity, offsets and data, and the CRC-32 of their bytes.

    Files that were written before there were checksums of columns have none.
    """

    @property
    def name(self) -> str:
        """Its name in the folder of compiled files."""
        return f"{self.sha256}.arrow"


class ReleaseEntry(NamedTuple):
    """A release that is in force, with what is needed to answer from it."""

    version: str
    effective: datetime.date
    digest: str
    tree: int
    """Which of the system's trees is its own."""
    filtered: bool
    """Whether that tree also holds codes that are in force on some days of the release only."""
    record: Mapping[str, Any]
    """Everything that is known of it."""

    @property
    def release(self) -> "Release":
        """The release as a value, made of its record."""
        from .records import release_from

        return release_from(self.record)


class SystemEntry(NamedTuple):
    """A code system that is in force."""

    definition: SystemDefinition
    releases: tuple[ReleaseEntry, ...]
    files: Mapping[str, CompiledFile]
    """codes, periods, properties, notes, tree-0, tree-1 … and those of the search index"""

    @property
    def is_searchable(self) -> bool:
        """Whether a search index was compiled with it, in the form of this version."""
        return f"{SEARCH}lines" in self.files


class CrosswalkEntry(NamedTuple):
    """One version of a crosswalk that is in force."""

    digest: str
    record: Mapping[str, Any]
    """Everything that is known of it."""

    @property
    def crosswalk(self) -> "Crosswalk":
        """The crosswalk as a value, made of its record."""
        from .records import crosswalk_from

        return crosswalk_from(self.record)


class MapEntry(NamedTuple):
    """All versions of one crosswalk between two code systems, in order of their effective days."""

    crosswalks: tuple[CrosswalkEntry, ...]
    files: Mapping[str, CompiledFile]
    """mappings, targets."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Name of the crosswalk, the systems that it leads from and to, and what it calls itself, if anything."""
        first = self.crosswalks[0].record
        return first["name"], first["source_system"], first["target_system"], first.get("identity", "")

    @property
    def content(self) -> list[tuple[str, str]]:
        """Versions and digests: what the files were compiled from."""
        return [(item.record["version"], item.digest) for item in self.crosswalks]


class Catalog(NamedTuple):
    """Everything that the pointer says."""

    generation: int
    systems: Mapping[str, SystemEntry]
    maps: tuple[MapEntry, ...] = ()
    """Sorted by `MapEntry.key`."""
    parts: str | None = None
    """SHA-256 of the list of parts in force, a file of writers."""
    previous: str | None = None
    """SHA-256 of the pointer before, kept for a rollback."""
    written_by: str | None = None
    """Version of the program that wrote the pointer; earlier ones did not say."""
    format: int = FORMAT
    """Of the pointer that was read; what is written has always the format of this version."""

    @property
    def files(self) -> "dict[str, CompiledFile]":
        """All compiled files, by their names."""
        held = [*(entry.files for entry in self.systems.values()), *(entry.files for entry in self.maps)]
        return {file.name: file for files in held for file in files.values()}


EMPTY: Final = Catalog(0, {})


def read_catalog(folder: StoreFolder, oldest: int = FORMAT) -> Catalog:
    """Return what is in force.

    Args:
        folder: Of the store.
        oldest: The oldest format that is read.

    Raises:
        StoreNotFoundError: Nothing was ever published in the folder.
        StoreDamagedError: The pointer is not what its checksum says, or is no file.
        StoreFormatError: It is of another format than is read; the message says what to run.
        PermissionError: It may not be read.
    """
    data, name = pointer_of(folder)
    return catalog_from(data, name, oldest)


def pointer_of(folder: StoreFolder) -> tuple[bytes, str]:
    """Return the bytes of the pointer, of whatever format, and its path.

    Raises:
        StoreNotFoundError: Nothing was ever published in the folder.
        StoreDamagedError: It is no file.
        PermissionError: It may not be read.
    """
    name = os.path.join(folder.location, POINTER)  # noqa: PTH118 -- a start needs no pathlib
    try:
        with open(name, "rb", buffering=0) as pointer:  # noqa: PTH123 -- the same
            data = pointer.read()
    except NotADirectoryError:
        raise StoreNotFoundError(
            f"no store in {folder.path}, which is a file: name a folder that terminology load PATH --store DIR filled"
        ) from None
    except FileNotFoundError:
        raise StoreNotFoundError(
            f"no store in {folder.path}: load releases first (terminology load PATH --store {folder.path})"
        ) from None
    except IsADirectoryError:
        raise damaged(name, "is a folder, and no file") from None
    return data, name


def values_of(data: bytes, name: str) -> dict[str, Any]:
    """Return the JSON of a pointer, of whatever format. Of all formats it is an object behind a checksum.

    Raises:
        StoreDamagedError: It is not what its checksum says, or no object.
    """
    head, _, body = data.partition(b"\n")
    if head.decode("ascii", "replace") != digest_of(body):
        raise damaged(name, "is damaged: its checksum does not match")
    with shape_of(name):
        values = json.loads(body)
        if not isinstance(values, dict):
            raise TypeError("it holds no object")
        return values


def catalog_from(data: bytes, name: str, oldest: int = FORMAT) -> Catalog:
    """Return the catalog that the bytes of a pointer hold.

    Raises:
        StoreDamagedError: As `read_catalog`.
        StoreFormatError: The same.
    """
    values = values_of(data, name)
    with shape_of(name):
        found, written_by = values["format"], values.get("written_by")
        check_format(found, name, written_by, oldest)
        check_systems([key for key, entry in values["systems"].items() if not entry["definition"]], name, written_by)
        systems = {key: _system_from(key, entry) for key, entry in values["systems"].items()}
        # the oldest format knew no crosswalks
        maps = tuple(_map_from(entry) for entry in (values["maps"] if found == FORMAT else values.get("maps", ())))
        return Catalog(values["generation"], systems, maps, values["parts"], values["previous"], written_by, found)


def write_catalog(folder: StoreFolder, catalog: Catalog) -> None:
    """Publish: replace the pointer in one step. The one before is kept beside it."""
    data = catalog_bytes(catalog)
    if folder.pointer.exists():
        former = folder.pointer.read_bytes()
        write_durably(folder.compiled / f"{digest_of(former)}.pointer", former)
    write_durably(folder.pointer, data)


def pointer_digest(folder: StoreFolder) -> str:
    """Return the SHA-256 of the pointer in force, by which the next one names it.

    Raises:
        FileNotFoundError: Nothing was ever published in the folder.
    """
    return digest_of(folder.pointer_bytes())


def committed_folders(store: StoreFolder, catalog: Catalog) -> "Iterator[Path]":
    """Yield the folders of the releases and the crosswalks that a catalog names."""
    for system, held in catalog.systems.items():
        for item in held.releases:
            yield store.release(system, item.version, item.digest)
    for entry in catalog.maps:
        for version in entry.crosswalks:
            yield store.crosswalk(version.record["name"], version.record["version"], version.digest)


def publication(folder: StoreFolder, digest: str) -> Catalog | None:
    """Return what was published with a pointer of this SHA-256: the one in force, or one that is kept; else None.

    Raises:
        StoreDamagedError: As `read_catalog`.
    """
    for path in (folder.pointer, folder.compiled / f"{digest}.pointer"):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if digest_of(data) == digest:
            return catalog_from(data, str(path))
    return None


def catalog_bytes(catalog: Catalog) -> bytes:
    """Return the bytes of the pointer: a line with the checksum, then JSON."""
    values = {
        "format": FORMAT,
        "generation": catalog.generation,
        "written_by": program_version(),
        "previous": catalog.previous,
        "parts": catalog.parts,
        "systems": {name: _system_values(entry) for name, entry in sorted(catalog.systems.items())},
        "maps": [_map_values(entry) for entry in catalog.maps],
    }
    body = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return digest_of(body).encode() + b"\n" + body


def _system_values(entry: SystemEntry) -> dict[str, Any]:
    built_in = SYSTEMS.get(entry.definition.name) == entry.definition
    return {
        "definition": None if built_in else entry.definition.to_json(),
        "releases": [
            {"digest": item.digest, "tree": item.tree, "filtered": item.filtered, **item.record}
            for item in entry.releases
        ],
        "files": {name: file._asdict() for name, file in sorted(entry.files.items())},
    }


def _system_from(name: str, values: dict[str, Any]) -> SystemEntry:
    definition = values["definition"]
    releases = tuple(map(_release_from, values["releases"]))
    files = {key: CompiledFile(**file) for key, file in values["files"].items()}
    _require({*SYSTEM_FILES, *(f"tree-{item.tree}" for item in releases)}, files)
    return SystemEntry(SystemDefinition.from_json(definition) if definition else SYSTEMS[name], releases, files)


def _release_from(values: dict[str, Any]) -> ReleaseEntry:
    digest, tree, filtered = values.pop("digest"), values.pop("tree"), values.pop("filtered")
    _require_keys(RELEASE_KEYS, values)
    effective = datetime.date.fromisoformat(values["effective"])
    return ReleaseEntry(values["version"], effective, digest, tree, filtered, values)


def _require_keys(names: frozenset[str], record: Mapping[str, Any]) -> None:
    missing = names.difference(record)
    if missing:
        raise KeyError(min(missing))


def _require(names: Iterable[str], files: Mapping[str, CompiledFile]) -> None:
    missing = sorted(set(names) - set(files))
    if missing:
        raise ValueError(f"names no file {missing[0]}")


def _map_values(entry: MapEntry) -> dict[str, Any]:
    return {
        "crosswalks": [{"digest": item.digest, **item.record} for item in entry.crosswalks],
        "files": {name: file._asdict() for name, file in sorted(entry.files.items())},
    }


def _map_from(values: dict[str, Any]) -> MapEntry:
    crosswalks = tuple(map(_crosswalk_from, values["crosswalks"]))
    files = {key: CompiledFile(**file) for key, file in values["files"].items()}
    _require(MAP_FILES, files)
    return MapEntry(crosswalks, files)


def _crosswalk_from(values: dict[str, Any]) -> CrosswalkEntry:
    digest = values.pop("digest")
    _require_keys(CROSSWALK_KEYS, values)
    return CrosswalkEntry(digest, values)
