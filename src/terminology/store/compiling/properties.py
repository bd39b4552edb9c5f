"""Properties of concepts as JSON texts: typed in the archive, one text a row in the compiled form."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from ... import schema

if TYPE_CHECKING:
    import pyarrow as pa


def property_texts(table: pa.Table) -> pa.Array:
    """Return the properties of each concept as JSON text, null where it has none.

    Null values and empty lists are left out, and so are columns that say something about the release rather
    than the code (their field carries the metadata ``per_release``).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [
        name
        for name in schema.property_names(table.column_names)
        if b"per_release" not in (table.schema.field(name).metadata or {})
    ]
    names = [name for name in names if table.column(name).null_count < table.num_rows]
    if not names:
        return pa.nulls(table.num_rows, pa.string())
    held = pc.is_valid(table.column(names[0]))
    for name in names[1:]:
        held = pc.or_(held, pc.is_valid(table.column(name)))
    rows = table.select(names).filter(held).to_pylist()
    made = pa.array([_text(row) for row in rows], pa.string())
    positions = pc.subtract(pc.cumulative_sum(pc.cast(held, pa.int64())), 1)
    found = made.take(pc.if_else(held, positions, None).combine_chunks())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _text(row: dict[str, Any]) -> str | None:
    values = {name: value for name, value in row.items() if value is not None and value != []}
    return json.dumps(values, default=_plain, ensure_ascii=False, separators=(",", ":")) if values else None


def _plain(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be a property")
