"""Rows of the table ``mappings`` in the making, and small things that several readers need."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = 5


@frozen
class Alternative:
    """One row: codes used together, what they map to, and where the publication says so."""

    source_code: str | None
    target_codes: tuple[str, ...] | None
    line: int | None = None
    source: int = 0
    effective: datetime.date | None = None
    change: str | None = None
    relationship: str = "related-to"
    approximate: bool | None = None
    with_codes: tuple[str, ...] = ()
    detail: Mapping[str, Any] | None = None


def mappings_table(alternatives: Iterable[Alternative]) -> pa.Table:
    """Return the rows as the table ``mappings`` of a crosswalk, in their order.

    >>> mappings_table([Alternative("C9014", ("J0567",), change="deleted")]).column("target_codes").to_pylist()
    [['J0567']]
    """
    import pyarrow as pa

    rows = [
        {
            "source_code": one.source_code,
            "with_codes": list(one.with_codes),
            "target_codes": None if one.target_codes is None else list(one.target_codes),
            "effective": one.effective,
            "change": one.change,
            "relationship": one.relationship,
            "approximate": one.approximate,
            "detail": json_text(one.detail),
            "line": one.line,
            "source": one.source,
        }
        for one in alternatives
    ]
    return pa.Table.from_pylist(rows, schema=schema.mappings())


def dated_from(mappings: pa.Table, effective: datetime.date) -> pa.Table:
    """Return a table ``mappings`` in which rows without a day have this one."""
    import pyarrow as pa

    days = [day or effective for day in mappings.column("effective").to_pylist()]
    place = mappings.schema.get_field_index("effective")
    return mappings.set_column(place, mappings.schema.field(place), pa.array(days, pa.date32()))


def json_text(detail: Mapping[str, Any] | None) -> str | None:
    """Return published particulars as JSON; None where there are none.

    >>> json_text({"text": "Ménière", "note": None}), json_text({"note": None})
    ('{"text": "Ménière"}', None)
    """
    told = {name: value for name, value in (detail or {}).items() if value is not None}
    return json.dumps(told, ensure_ascii=False) if told else None


def row_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> pa.Table:
    """Return rows as a table of these columns, empty or not."""
    import pyarrow as pa

    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(list(columns.items())))


def row_digest(rows: Iterable[Any]) -> str:
    """Return a digest of what rows say, wherever they stand in which file."""
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def listed(texts: Sequence[str]) -> str:
    """Return the first of several texts as one.

    >>> listed(["A00", "A01"]), listed(list("ABCDEF"))
    ('A00, A01', 'A, B, C, D, E …')
    """
    return ", ".join(texts[:SHOWN]) + (" …" if len(texts) > SHOWN else "")
