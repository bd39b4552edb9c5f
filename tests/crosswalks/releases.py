"""Releases and crosswalks straight from loaders and readers, without a store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology import Terminology, schema
from terminology.drafts import CommittedRelease, CrosswalkDraft, CrosswalkReader, Loader, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.model import Release
from terminology.reading import ReadableFile, readable_files
from terminology.store import StoreFolder, read_catalog
from terminology.store.archive import StoredTables

SAMPLES = Path(terminology.__file__).parent / "samples"


def files_in(*paths: Path) -> list[ReadableFile]:
    """Return the readable files below the paths."""
    found = [file for path in paths for file in readable_files(path)]
    return [file for file in found if isinstance(file, ReadableFile)]


def parts_of(reader: Loader | CrosswalkReader, files: Iterable[ReadableFile], **given: Any) -> list[Part]:
    """Return the files that the reader takes, as parts."""
    made = (reader.read(file) for file in files)
    return [evolve(part, **given) for part in made if isinstance(part, Part)]


def committed(loader: Loader, files: Iterable[ReadableFile]) -> list[CommittedRelease]:
    """Return the releases that the files make, as a crosswalk reader is given them."""
    system = loader.definition.name
    made = []
    for draft in loader.assemble(parts_of(loader, files)).drafts:
        built = draft.build()
        kinds = built.tables["concepts"].column("kind").to_pylist()
        release = Release(
            system=system,
            version=draft.version,
            effective=draft.effective,
            concepts=sum(kind not in schema.UNCOUNTED_KINDS for kind in kinds),
            billable=0,
            derived=draft.derived,
            sources=tuple(part.source() for part in draft.parts),
            correction=draft.correction,
            licence=built.licence,
        )
        made.append(CommittedRelease(release, draft.digest(system, loader.format_number), built.tables))
    return made


def committed_in(store: Terminology, system: str) -> list[CommittedRelease]:
    """Return the releases of a store, as a crosswalk reader is given them."""
    folder = StoreFolder(store.path)
    return [
        CommittedRelease(
            item.release, item.digest, StoredTables(folder.release(system, item.release.version, item.digest))
        )
        for item in read_catalog(folder).systems[system].releases
    ]


def by_version(drafts: Sequence[CrosswalkDraft]) -> dict[tuple[str, str, str], CrosswalkDraft]:
    """Return drafts by version, source and target system; each is there once."""
    keys = [(draft.version, draft.source_system, draft.target_system) for draft in drafts]
    assert len(keys) == len(set(keys))
    return dict(zip(keys, drafts, strict=True))


def mappings(draft: CrosswalkDraft) -> list[dict[str, Any]]:
    """Return the rows of a draft's table ``mappings``, which has the columns of the schema, right values and sources."""
    table = draft.build().tables["mappings"]
    assert table.schema.equals(schema.mappings())
    table.validate(full=True)
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        assert row["relationship"] in schema.RELATIONSHIPS
        assert row["change"] in {None, *schema.CHANGES}
        assert 0 <= row["source"] < len(draft.sources)
    return rows


def mentions(draft: CrosswalkDraft) -> list[tuple[Any, ...]]:
    """Return what a draft only mentions: both sides, day, and how it says so in whose words."""
    table = draft.build().tables["mentions"]
    assert table.schema.equals(schema.mappings())
    table.validate(full=True)
    names = ("source_code", "target_codes", "effective")
    told = [(row, json.loads(row["detail"])) for row in table.to_pylist()]
    return [(*(row[name] for name in names), detail["meaning"], detail.get("said")) for row, detail in told]


def faults(reader: CrosswalkReader, file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        reader.read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def text_file(text: str, name: str, archive: str | None = None) -> ReadableFile:
    """Return a file of this text."""
    return ReadableFile(name, text.encode, archive=archive)
