"""The archive: parts (parsed release files) and releases, as Parquet, each in a folder named by its digest."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import asdict, field, frozen

from ..drafts import Draft, Part
from ..model import Crosswalk, Fault, Origin, Release
from ..systems import SystemDefinition
from .damage import bytes_of, damaged, shape_of
from .folder import StoreFolder, naming, new_folder, sha256_of, write_durably
from .records import crosswalk_from, crosswalk_record, fault_record, release_from, release_record

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

Read = TypeVar("Read")
MANIFEST: Final = "manifest.json"
CHECKSUM: Final = "checksum"
"""Key of a manifest for the checksum of its own bytes."""
UNSET: Final = "0" * 64
READER_PREFIX: Final = "crosswalk-"
"""With it begin the stored keys of crosswalk readers: their parts are kept beside those of code systems, in the same
list and the same folder. In memory the two are apart, and no key has it."""


class StoredTables(Mapping[str, "pa.Table"]):
    """The tables in a folder of the archive, read when asked for, each against the checksum in the manifest.

    With the store that the folder is of, each file is brought first: into a cache, where the store is elsewhere.
    """

    def __init__(self, folder: Path, store: StoreFolder | None = None) -> None:
        self.folder = folder
        self._store = store
        self._digests: Mapping[str, str] | None = None

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each table's file, by the name of the file.

        Raises:
            StoreDamagedError: The folder or its manifest is missing or damaged.
        """
        if self._digests is None:
            if self._store is not None:
                self._store.bring(self.folder / MANIFEST)
            self._digests = read_manifest(self.folder)["tables"]
        return self._digests

    def __getitem__(self, name: str) -> pa.Table:
        """Return a table.

        Raises:
            KeyError: The folder never had such a table.
            StoreDamagedError: The folder, its manifest or the file is missing, or not what was written.
        """
        return self._read(name, lambda file: file.read())

    def layout(self, name: str) -> pa.Schema:
        """Return the columns of a table and their types; its rows are not read.

        Raises:
            KeyError: The folder never had such a table.
            StoreDamagedError: The folder, its manifest or the file is missing, or not what was written.
        """
        return self._read(name, lambda file: file.schema_arrow)

    def _read(self, name: str, what: Callable[[Any], Read]) -> Read:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / f"{name}.parquet"
        expected = self.digests.get(path.name)
        if expected is None:
            raise KeyError(name)
        if self._store is not None:
            self._store.bring(path, expected)
        data = bytes_of(path)
        # reading damaged bytes as Parquet can end the process, so the checksum is compared first
        if hashlib.sha256(data).hexdigest() != expected:
            raise damaged(path, "is damaged: its checksum does not match")
        try:
            # ParquetFile does not load pyarrow.dataset, which costs more than the reading
            with pq.ParquetFile(pa.BufferReader(data)) as file:
                return what(file)
        except (pa.ArrowException, OSError) as error:
            raise damaged(path, f"is no Parquet file: {error}") from None

    def __contains__(self, name: object) -> bool:
        return f"{name}.parquet" in self.digests

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(name.removesuffix(".parquet") for name in self.digests))

    def __len__(self) -> int:
        return len(self.digests)


def write_tables(folder: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]) -> None:
    """Write tables and their manifest (with the SHA-256 of each) into a folder that appears whole, or not at all."""
    import pyarrow.parquet as pq

    if folder.exists():
        return
    with naming(folder), new_folder(folder) as temporary:
        for name, table in tables.items():
            pq.write_table(table, temporary / f"{name}.parquet", compression="zstd")
        digests = {path.name: sha256_of(path) for path in sorted(temporary.glob("*.parquet"))}
        (temporary / MANIFEST).write_bytes(manifest_bytes({**manifest, "tables": digests}))


@frozen
class PartLists:
    """Parts by what they are of: a code system, or a crosswalk reader."""

    systems: Mapping[str, Sequence[Part]] = field(factory=dict)
    """By name of the code system."""
    readers: Mapping[str, Sequence[Part]] = field(factory=dict)
    """By name of the crosswalk reader that read them."""

    def __iter__(self) -> Iterator[tuple[str | None, Part]]:
        """Yield every part with its code system; with None where it is of the crosswalk reader that read it."""
        for system, parts in self.systems.items():
            for part in parts:
                yield system, part
        for parts in self.readers.values():
            for part in parts:
                yield None, part

    def only(self, keeps: Callable[[str | None, Part], bool]) -> PartLists:
        """Return the parts that are kept; asked is with the code system, or None, and the part."""
        return PartLists(
            {system: [part for part in parts if keeps(system, part)] for system, parts in self.systems.items()},
            {reader: [part for part in parts if keeps(None, part)] for reader, parts in self.readers.items()},
        )

    @classmethod
    def from_stored(cls, stored: Mapping[str, Sequence[Part]]) -> PartLists:
        """Return the lists that are stored under these keys."""
        return cls(
            {key: parts for key, parts in stored.items() if not key.startswith(READER_PREFIX)},
            {key.removeprefix(READER_PREFIX): parts for key, parts in stored.items() if key.startswith(READER_PREFIX)},
        )


def stored_key(system: str | None, part: Part) -> str:
    """Return the key that a part is stored under: its code system, or, where that is None, its crosswalk reader.

    >>> stored_key(None, Part("map", Origin("2018_I9gem.txt", "", 0), loader="gems"))
    'crosswalk-gems'
    """
    return f"{READER_PREFIX}{part.loader}" if system is None else system


def part_folder(store: StoreFolder, system: str | None, part: Part) -> Path:
    """Return the folder of a part of a code system; where that is None, of a crosswalk reader."""
    return store.part(stored_key(system, part), part.origin.sha256, part.kind, part.format_number)


def part_manifest(system: str | None, part: Part) -> dict[str, Any]:
    """Return what the manifest of a part says, but for its tables."""
    origin = part.origin
    return {"system": stored_key(system, part), "kind": part.kind, "sha256": origin.sha256, "size": origin.size}


def write_part(store: StoreFolder, system: str | None, part: Part) -> None:
    """Keep the tables of a part; the same bytes are kept once, whatever their names."""
    write_tables(part_folder(store, system, part), part.tables, part_manifest(system, part))


def part_values(system: str | None, part: Part) -> dict[str, Any]:
    """Return a part without its tables as plain JSON values."""
    return {
        "format_number": part.format_number,
        "kind": part.kind,
        "origin": asdict(part.origin),
        "facts": dict(part.facts),
        "warnings": list(part.warnings),
        **({"faults": [fault_record(fault) for fault in part.faults]} if part.faults else {}),
        "effective": part.effective.isoformat() if part.effective else None,
        "version": part.version,
        "definition": part.definition.to_json() if part.definition else None,
        "loader": part.loader if system is not None else stored_key(system, part),
    }


def part_from(key: str, values: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> Part:
    """Return the part that `part_values` wrote; it is listed under this stored key."""
    return Part(
        kind=values["kind"],
        origin=Origin(**values["origin"]),
        facts=values["facts"],
        tables=tables,
        warnings=tuple(values["warnings"]),
        faults=tuple(Fault(**fault) for fault in values.get("faults", ())),
        effective=datetime.date.fromisoformat(values["effective"]) if values["effective"] else None,
        version=values["version"],
        definition=SystemDefinition.from_json(values["definition"]) if values["definition"] else None,
        loader=values["loader"].removeprefix(READER_PREFIX) if key.startswith(READER_PREFIX) else values["loader"],
        format_number=values["format_number"],
    )


def write_parts_list(store: StoreFolder, parts: PartLists) -> str:
    """Keep the list of all parts in force; return its SHA-256, by which it is found again."""
    values: dict[str, list[dict[str, Any]]] = {}
    for system, part in sorted(parts, key=lambda item: item[1].identity):
        values.setdefault(stored_key(system, part), []).append(part_values(system, part))
    data = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    digest = hashlib.sha256(data).hexdigest()
    path = store.compiled / f"{digest}.parts"
    if not path.exists():
        write_durably(path, data)
    return digest


def read_parts_list(store: StoreFolder, digest: str | None) -> PartLists:
    """Return the parts in force; tables are read when asked for.

    Raises:
        StoreDamagedError: The list is missing or not what its name says.
    """
    if digest is None:
        return PartLists()
    path = store.compiled / f"{digest}.parts"
    data = bytes_of(path)
    if hashlib.sha256(data).hexdigest() != digest:
        raise damaged(path, "is damaged: its checksum does not match")
    found: dict[str, list[Part]] = {}
    with shape_of(path):
        for key, items in json.loads(data).items():
            for values in items:
                folder = store.part(key, values["origin"]["sha256"], values["kind"], values["format_number"])
                found.setdefault(key, []).append(part_from(key, values, StoredTables(folder)))
    return PartLists.from_stored(found)


def write_release(
    store: StoreFolder, release: Release, draft: Draft, digest: str, tables: Mapping[str, pa.Table]
) -> None:
    """Commit a release to the archive: a folder that appears whole, or not at all, and never changes."""
    manifest = {
        **release_record(release),
        "digest": digest,
        "borrowed": [asdict(part.source()) for part in draft.borrowed],
    }
    write_tables(store.release(release.system, release.version, digest), tables, manifest)


def write_crosswalk(store: StoreFolder, crosswalk: Crosswalk, digest: str, tables: Mapping[str, pa.Table]) -> None:
    """Commit a crosswalk to the archive, as `write_release` does."""
    folder = store.crosswalk(crosswalk.name, crosswalk.version, digest)
    write_tables(folder, tables, {**crosswalk_record(crosswalk), "digest": digest})


def manifest_bytes(values: Mapping[str, Any]) -> bytes:
    """Return a manifest as JSON that carries its own checksum: the SHA-256 of the bytes with zeros in its place."""
    data = (json.dumps({**values, CHECKSUM: UNSET}, indent=1, sort_keys=True) + "\n").encode()
    return data.replace(_line(UNSET), _line(hashlib.sha256(data).hexdigest()))


def _line(checksum: str) -> bytes:
    return f'\n "{CHECKSUM}": "{checksum}"'.encode()


def _is_as_written(data: bytes, checksum: str) -> bool:
    """Return whether the bytes of a manifest are those whose checksum it gives."""
    unset = data.replace(_line(checksum), _line(UNSET))
    return data.count(_line(checksum)) == 1 and hashlib.sha256(unset).hexdigest() == checksum


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder of the archive.

    Raises:
        StoreDamagedError: There is none, it is no JSON, it describes neither a part nor a release nor a crosswalk, or
            it is not what its own checksum says. Manifests that were
            written before they had one are not compared.
    """
    path = folder / MANIFEST
    data = bytes_of(path)
    with shape_of(path):
        values = json.loads(data)
        if not isinstance(values, dict):
            raise TypeError("it holds no object")
        if not all(isinstance(text, str) for item in values["tables"].items() for text in item):
            raise TypeError("its tables are no texts")
        if "kind" not in values:
            (crosswalk_from if "mappings" in values else release_from)(values)
    if CHECKSUM in values and not _is_as_written(data, str(values[CHECKSUM])):
        raise damaged(path, "is damaged: its checksum does not match")
    return values
