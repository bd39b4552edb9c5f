"""Compile the versions of a crosswalk into one file of rows by source code, and one of places by target code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ...drafts import Tables
from ...model import Crosswalk
from ...periods import BEGIN, day_number
from ..folder import StoreFolder
from ..pointer import CrosswalkEntry, MapEntry
from .ipc import write_compiled
from .system import keys_of

if TYPE_CHECKING:
    import pyarrow as pa

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

    Rows that carry a day are cumulative: of several versions that tell of the same change of the same code, the
    newest counts. Rows without a day belong to the editions of their own version.

    Args:
        store: Where the files go.
        versions: In order of effective day.
    """
    rows = [row for number, item in enumerate(versions) for row in _rows(number, item)]
    rows = _newest(rows)
    rows.sort(key=lambda row: row["code"].encode())
    entries = tuple(CrosswalkEntry(item.crosswalk, item.digest) for item in versions)
    files = {
        "mappings": write_compiled(store, _mapping_table(rows)),
        "targets": write_compiled(store, _target_table(rows)),
    }
    return MapEntry(entries, files)


def _rows(number: int, item: CrosswalkTables) -> list[dict[str, Any]]:
    succession = item.crosswalk.is_succession
    made = []
    for row in item.tables["mappings"].to_pylist():
        day = row["effective"]
        if day is None and succession:
            day = item.crosswalk.effective
        made.append(
            {
                **row,
                "code": row["source_code"] or "",
                "publication": number,
                "day": BEGIN if day is None else day_number(day),
                "change": row["change"] or (_place_of(row) if succession else None),
            }
        )
    return made


def _place_of(row: dict[str, Any]) -> str:
    """Return where a row stands in a publication that does not say so: at the old code, if there is one."""
    return "deleted" if row["source_code"] is not None else "new"


def _newest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    newest: dict[tuple[Any, ...], int] = {}
    for row in rows:
        newest[_matter(row)] = max(row["publication"], newest.get(_matter(row), 0))
    return [row for row in rows if row["day"] == BEGIN or newest[_matter(row)] == row["publication"]]


def _matter(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a row with a day tells of: the code at which it stands in its publication, and the day."""
    at_target = row["change"] in ("new", "begun")
    return row["change"], tuple(row["target_codes"] or ()) if at_target else row["code"], row["day"]


def _mapping_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    codes = pa.array([row["code"] for row in rows], pa.string())
    doubts = {None: UNSAID, False: 0, True: 1}
    return pa.table(
        {
            "code": codes,
            "key": keys_of(codes),
            "publication": pa.array([row["publication"] for row in rows], pa.uint16()),
            "with_codes": pa.array([_text(row["with_codes"] or None) for row in rows], pa.string()),
            "target_codes": pa.array([_text(row["target_codes"]) for row in rows], pa.string()),
            "effective": pa.array([row["day"] for row in rows], pa.int32()),
            "change": pa.array([row["change"] for row in rows], pa.string()),
            "relationship": pa.array([row["relationship"] for row in rows], pa.string()),
            "approximate": pa.array([doubts[row["approximate"]] for row in rows], pa.uint8()),
            "detail": pa.array([row["detail"] for row in rows], pa.string()),
            "line": pa.array([row["line"] or 0 for row in rows], pa.uint32()),
            "source": pa.array([row["source"] for row in rows], pa.uint16()),
        }
    )


def _text(codes: Sequence[str] | None) -> str | None:
    return None if codes is None else json.dumps(list(codes), ensure_ascii=False, separators=(",", ":"))


def _target_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    places = [(code, place) for place, row in enumerate(rows) for code in dict.fromkeys(row["target_codes"] or ())]
    places.sort(key=lambda item: (item[0].encode(), item[1]))
    codes = pa.array([code for code, _ in places], pa.string())
    return pa.table(
        {"code": codes, "key": keys_of(codes), "row": pa.array([place for _, place in places], pa.uint32())}
    )
