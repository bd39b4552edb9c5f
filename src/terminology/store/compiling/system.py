"""Compile one code system: codes, interval rows, properties, one tree for each distinct hierarchy, notes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...systems import SystemDefinition
from ..folder import StoreFolder
from ..pointer import CompiledFile, ReleaseEntry, SystemEntry
from ..records import release_record
from .dated import DatedPeriods
from .days import DayEvidence
from .ipc import write_compiled
from .outline import Outline, ReleaseTables
from .slots import slot_table
from .snapshot import SnapshotPeriods
from .trees import tree_table

if TYPE_CHECKING:
    import pyarrow as pa


def compiled_system(store: StoreFolder, definition: SystemDefinition, releases: Sequence[ReleaseTables]) -> SystemEntry:
    """Return the code system ready to be published; its files are written, and nothing points to them yet.

    Args:
        store: Where the files go.
        definition: Of the system.
        releases: In order of effective day and correction.
    """
    collector = DatedPeriods if definition.dated else SnapshotPeriods
    rows = collector([item.release for item in releases], definition)
    outlines: list[Outline] = []
    for number, item in enumerate(releases):
        table = item.tables["concepts"]
        rows.add(number, table)
        outline = Outline.of(table)
        outlines.append(outlines[-1].before(outline) if definition.dated and outlines else outline)
    evidence = DayEvidence.of(releases, outlines)
    periods = evidence.applied(rows.table())
    outlines = evidence.widened(outlines)
    codes, files = _rows_files(store, periods)
    trees = [_tree_file(store, outline, codes) for outline in outlines]
    distinct = list({tree.sha256: tree for tree in trees}.values())
    files |= {f"tree-{number}": tree for number, tree in enumerate(distinct)}
    for item in releases:
        if "notes" in item.tables:
            files[f"notes-{item.release.version}"] = write_compiled(store, note_table(item.tables["notes"]))
    entries = tuple(
        ReleaseEntry(
            version=item.release.version,
            effective=item.release.effective,
            digest=item.digest,
            tree=distinct.index(tree),
            filtered=number in evidence.affected,
            record=release_record(item.release),
        )
        for number, (item, tree) in enumerate(zip(releases, trees, strict=True))
    )
    return SystemEntry(definition, entries, files)


def _rows_files(store: StoreFolder, periods: pa.Table) -> tuple[pa.Array, dict[str, CompiledFile]]:
    """Return all codes in order of their bytes, and the files of codes, their slots, interval rows and properties."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = pc.unique(periods.column("code"))
    codes = codes.take(pc.sort_indices(codes))
    numbers = pc.index_in(periods.column("code"), value_set=codes).to_numpy()
    known_to = periods.column("known_to").to_numpy()
    order = np.lexsort((periods.column("effective_from").to_numpy(), known_to, numbers))
    periods = periods.take(pa.array(order))
    first = np.searchsorted(numbers[order], np.arange(len(codes))).astype("uint32")
    encoded = periods.column("properties").combine_chunks().dictionary_encode()
    properties = pa.table({"text": encoded.dictionary.cast(pa.string())})
    place = pc.fill_null(encoded.indices.cast(pa.int32()), -1)
    index = periods.schema.get_field_index("properties")
    periods = periods.set_column(index, "properties", place).drop_columns(["code"])
    keys = keys_of(codes)
    code_table = pa.table({"code": codes, "key": keys, "first": first})
    return codes, {
        "codes": write_compiled(store, code_table),
        "slots": write_compiled(store, slot_table(keys.tolist())),
        "periods": write_compiled(store, periods),
        "properties": write_compiled(store, properties),
    }


def keys_of(codes: pa.Array) -> Any:
    """Return the first eight bytes of each code as a big-endian number, so that numbers sort as codes do."""
    import numpy as np

    texts = np.array([code.encode()[:8] for code in codes.to_pylist()], dtype="S8")
    return texts.view(">u8").astype("uint64").reshape(-1) if len(texts) else np.zeros(0, dtype="uint64")


def _tree_file(store: StoreFolder, outline: Outline, codes: pa.Array) -> CompiledFile:
    import pyarrow.compute as pc

    nodes = pc.index_in(outline.codes, value_set=codes).to_numpy(zero_copy_only=False)
    return write_compiled(store, tree_table(nodes, outline.parents, outline.lines, outline.sources, len(codes)))


def note_table(notes: pa.Table) -> pa.Table:
    """Return the notes sorted by code, those of one code in their own order, with targets as JSON."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    order = np.argsort(keys_of(notes.column("code").combine_chunks()), kind="stable")
    notes = notes.take(pa.array(order))
    targets = [json.dumps(found) if found else None for found in notes.column("targets").to_pylist()]
    return pa.table(
        {
            "code": notes.column("code"),
            "key": keys_of(notes.column("code").combine_chunks()),
            "kind": notes.column("kind"),
            "text": notes.column("text"),
            "targets": pa.array(targets, pa.string()),
            "line": pc.fill_null(notes.column("line"), 0).cast(pa.uint32()),
        }
    )
