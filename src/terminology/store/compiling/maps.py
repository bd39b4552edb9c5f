"""Compile the versions of a crosswalk into one file of rows by source code, and one of places by target code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ... import schema
from ...drafts import Tables
from ...model import Crosswalk
from ...periods import BEGIN, day_number
from ..folder import StoreFolder
from ..pointer import CrosswalkEntry, MapEntry
from ..records import crosswalk_record
from .ipc import write_compiled
from .system import keys_of

if TYPE_CHECKING:
    import pyarrow as pa

UNPLAIN = r'["\\\x00-\x1f]'
"""Characters that JSON escapes."""
UNSAID = 2
"""Value of ``approximate`` where the publisher does not flag it."""


@frozen
class CrosswalkTables:
    """A crosswalk with its tables, ready to be compiled."""

    crosswalk: Crosswalk
    digest: str
    tables: Tables


def compiled_map(store: StoreFolder, versions: Sequence[CrosswalkTables]) -> MapEntry:
    """Return all versions of one crosswalk between two systems, ready to be published; their files are written.

    Rows that have a day are cumulative: of several versions that state the same change of the same code, the
    newest counts. Rows without a day belong to the editions of their own version.

    Args:
        store: Where the files go.
        versions: In order of effective day.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = _newest(pa.concat_tables([_rows(number, item) for number, item in enumerate(versions)]))
    # Arrow compares texts by their bytes, and leaves equal ones in their order
    rows = rows.take(pc.sort_indices(rows.column("code")))
    entries = tuple(CrosswalkEntry(item.digest, crosswalk_record(item.crosswalk)) for item in versions)
    files = {
        "mappings": write_compiled(store, _mapping_table(rows)),
        "targets": write_compiled(store, _target_table(rows)),
    }
    return MapEntry(entries, files)


def _rows(number: int, item: CrosswalkTables) -> pa.Table:
    """Return the rows of one version with what compiling adds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = item.tables["mappings"]
    if schema.MENTIONS in item.tables:
        table = pa.concat_tables([table, _mentioned(item.tables[schema.MENTIONS])])
    days, changes = table.column("effective").cast(pa.int32()), table.column("change")
    if item.crosswalk.is_succession:
        days = pc.fill_null(days, pa.scalar(day_number(item.crosswalk.effective), pa.int32()))
        # a publication that does not state which code a row is about: it is about the old code, if there is one
        place = pc.if_else(pc.is_valid(table.column("source_code")), "deleted", "new")
        changes = pc.coalesce(changes, place)
    added = {
        "code": pc.fill_null(table.column("source_code"), ""),
        "publication": pa.chunked_array([pa.repeat(pa.scalar(number, pa.uint16()), table.num_rows)]),
        "day": pc.fill_null(days, pa.scalar(BEGIN, pa.int32())),
        "change": changes,
    }
    table = table.drop_columns(["source_code", "effective", "change"])
    for name, column in added.items():
        table = table.append_column(name, column)
    return table


def _mentioned(mentions: pa.Table) -> pa.Table:
    """Return the rows of the table ``mentions``, marked as such."""
    import pyarrow as pa

    place = mentions.schema.get_field_index("change")
    return mentions.set_column(
        place, mentions.schema.field(place), pa.array([schema.MENTIONED] * mentions.num_rows, pa.string())
    )


def _newest(rows: pa.Table) -> pa.Table:
    """Return the rows without those that a newer version states too."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.all(pc.equal(rows.column("day"), BEGIN)).as_py() is not False:
        return rows
    newest: dict[tuple[Any, ...], int] = {}
    columns = ("change", "target_codes", "code", "day", "publication")
    matters = []
    for change, targets, code, day, publication in zip(
        *(rows.column(name).to_pylist() for name in columns), strict=True
    ):
        matter = _matter(change, targets, code, day)
        matters.append((matter, day, publication))
        newest[matter] = max(publication, newest.get(matter, 0))
    kept = [day == BEGIN or newest[matter] == publication for matter, day, publication in matters]
    return rows.filter(pa.array(kept, pa.bool_()))


def _matter(change: str | None, targets: Sequence[str] | None, code: str, day: int) -> tuple[Any, ...]:
    """Return what a row with a day is about: the code under which its publication lists it, and the day."""
    at_new = change in ("new", "begun") or (change == schema.MENTIONED and not code)
    return change, tuple(targets or ()) if at_new else code, day


def _mapping_table(rows: pa.Table) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    doubts = pc.fill_null(rows.column("approximate").cast(pa.uint8()), pa.scalar(UNSAID, pa.uint8()))
    used = rows.column("with_codes")
    used = pc.if_else(pc.equal(pc.list_value_length(used), 0), pa.scalar(None, used.type), used)
    return pa.table(
        {
            "code": rows.column("code"),
            "key": keys_of(rows.column("code")),
            "publication": rows.column("publication"),
            "with_codes": _texts(used),
            "target_codes": _texts(rows.column("target_codes")),
            "effective": rows.column("day"),
            "change": rows.column("change"),
            "relationship": rows.column("relationship"),
            "approximate": doubts,
            "detail": rows.column("detail"),
            "line": pc.fill_null(rows.column("line"), 0).cast(pa.uint32()),
            "source": rows.column("source").cast(pa.uint16()),
        }
    )


def _texts(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return lists of codes as JSON, null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    items = pc.list_flatten(lists)
    plain = not items.null_count and not pc.any(pc.match_substring_regex(items, UNPLAIN)).as_py()
    if plain and not pc.any(pc.equal(pc.list_value_length(lists), 0)).as_py():
        return pc.binary_join_element_wise('["', pc.binary_join(lists, '","'), '"]', "")
    made = [_text(codes) for chunk in lists.chunks for codes in chunk.to_pylist()]
    return pa.chunked_array([pa.array(made, pa.string())])


def _text(codes: Sequence[str] | None) -> str | None:
    return None if codes is None else json.dumps(list(codes), ensure_ascii=False, separators=(",", ":"))


def _target_table(rows: pa.Table) -> pa.Table:
    """Return the places of each target among the rows; a target that a row has twice has one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = rows.column("target_codes").combine_chunks()
    codes, places = pc.list_flatten(lists), pc.list_parent_indices(lists).cast(pa.uint32())
    places = pa.table({"code": codes, "row": places})
    places = places.take(pc.sort_indices(places, sort_keys=[("code", "ascending"), ("row", "ascending")]))
    fresh = np.ones(places.num_rows, dtype=bool)
    if places.num_rows > 1:
        same = [pc.equal(column[1:], column[:-1]).to_numpy() for column in places.columns]
        fresh[1:] = ~(same[0] & same[1])
    places = places.filter(pa.array(fresh))
    return pa.table({"code": places.column("code"), "key": keys_of(places.column("code")), "row": places.column("row")})
