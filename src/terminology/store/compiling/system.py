"""Compile one code system: codes, interval rows, properties, one tree for each distinct hierarchy, notes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ...model import Release
from ...periods import day_number
from ...systems import SystemDefinition
from ..folder import StoreFolder
from ..pointer import CompiledFile, ReleaseEntry, SystemEntry
from .ipc import write_compiled
from .lives import DatedPeriods
from .periods import SnapshotPeriods
from .trees import tree_table

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class ReleaseTables:
    """A committed release, with its tables to be read when asked for."""

    release: Release
    digest: str
    tables: Mapping[str, pa.Table]


@frozen
class Outline:
    """The hierarchy of a release: codes in document order, positions of their parents, lines."""

    codes: pa.Array
    parents: Any
    lines: Any

    @classmethod
    def of(cls, table: pa.Table) -> Outline:
        """Return the outline of a ``concepts`` table."""
        import pyarrow.compute as pc

        codes = table.column("code").combine_chunks()
        parents = pc.index_in(table.column("parent"), value_set=codes, skip_nulls=True)
        lines = pc.fill_null(table.column("line"), 0)
        return cls(codes, pc.fill_null(parents, -1).to_numpy(), lines.to_numpy())

    def before(self, later: Outline) -> Outline:
        """Return the later outline with what only this one holds behind it: a union for dated systems."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        gone = pc.is_null(pc.index_in(self.codes, value_set=later.codes)).to_numpy(zero_copy_only=False)
        parent_codes = self.codes.take(pa.array(self.parents, mask=self.parents < 0))
        codes = pa.concat_arrays([later.codes, self.codes.filter(pa.array(gone))])
        old = pc.fill_null(pc.index_in(parent_codes.filter(pa.array(gone)), value_set=codes, skip_nulls=True), -1)
        parents = np.concatenate([later.parents, old.to_numpy(zero_copy_only=False)])
        # a code that the release does not list has no line in its file
        return Outline(codes, parents, np.concatenate([later.lines, np.zeros(int(gone.sum()), dtype=np.int64)]))


def compiled_system(store: StoreFolder, definition: SystemDefinition, releases: Sequence[ReleaseTables]) -> SystemEntry:
    """Return the code system ready to be published; its files are written, and nothing points to them yet.

    Args:
        store: Where the files go.
        definition: Of the system.
        releases: In order of effective day and correction.
    """
    collector = DatedPeriods if definition.dated else SnapshotPeriods
    rows = collector([item.release for item in releases], definition.calendar)
    outlines: list[Outline] = []
    for number, item in enumerate(releases):
        table = item.tables["concepts"]
        rows.add(number, table)
        outline = Outline.of(table)
        outlines.append(outlines[-1].before(outline) if definition.dated and outlines else outline)
    periods = with_days(rows.table(), releases)
    codes, files = _rows_files(store, periods)
    trees = [_tree_file(store, outline, codes) for outline in outlines]
    distinct = list({tree.sha256: tree for tree in trees}.values())
    files |= {f"tree-{number}": tree for number, tree in enumerate(distinct)}
    for item in releases:
        if "notes" in item.tables:
            files[f"notes-{item.release.version}"] = write_compiled(store, note_table(item.tables["notes"]))
    entries = tuple(
        ReleaseEntry(item.release, item.digest, distinct.index(tree))
        for item, tree in zip(releases, trees, strict=True)
    )
    return SystemEntry(definition, entries, files)


def _rows_files(store: StoreFolder, periods: pa.Table) -> tuple[pa.Array, dict[str, CompiledFile]]:
    """Return all codes in order of their bytes, and the files of codes, interval rows and properties."""
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
    code_table = pa.table({"code": codes, "key": keys_of(codes), "first": first})
    return codes, {
        "codes": write_compiled(store, code_table),
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
    return write_compiled(store, tree_table(nodes, outline.parents, outline.lines, len(codes)))


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


def with_days(periods: pa.Table, releases: Sequence[ReleaseTables]) -> pa.Table:
    """Return the rows with first and last days as more exact publications give them.

    A first day that lies before the release in which the code first appears, but after the release before
    that one, is the code's true first day; a last day likewise.
    """
    import pyarrow as pa

    evidence = [
        (number, row)
        for number, item in enumerate(releases)
        if "days" in item.tables
        for row in item.tables["days"].to_pylist()
    ]
    if not evidence:
        return periods
    days = [day_number(item.release.effective) for item in releases]
    columns = {name: periods.column(name).to_pylist() for name in ("code", "effective_from", "effective_to")}
    rows_of: dict[str, list[int]] = {}
    for position, code in enumerate(columns["code"]):
        rows_of.setdefault(code, []).append(position)
    for number, row in evidence:
        lower = days[number - 1] if number else -(2**31)
        for position in rows_of.get(row["code"], ()):
            start, end = row["effective_from"], row["effective_to"]
            if start and columns["effective_from"][position] == days[number] and lower < day_number(start):
                columns["effective_from"][position] = min(day_number(start), days[number])
            if end and columns["effective_to"][position] == days[number] and lower < day_number(end):
                columns["effective_to"][position] = min(day_number(end), days[number])
    for name in ("effective_from", "effective_to"):
        index = periods.schema.get_field_index(name)
        periods = periods.set_column(index, name, pa.array(columns[name], pa.int32()))
    return periods
