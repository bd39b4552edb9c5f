"""A list of codes as Parquet: the same columns as the delimited text, the metadata in the file's own key-value pairs."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile

from .delimited import DAYS, REQUIRED, STANDARD, CodeList, row_from
from .heading import KEYS, stated_heading
from .rows import RESERVED

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC: Final = b"PAR1"


def read_columns(file: ReadableFile, system: str | None, faults: Faults) -> CodeList | None:
    """Return the list, or None where the file is none or names no system; faults are noted.

    Raises:
        ReleaseFormatError: The file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(io.BytesIO(file.data)) as opened:
            if not set(REQUIRED) <= set(opened.schema_arrow.names):
                return None
            stored = opened.metadata.metadata or {}
            table = opened.read()
    except (pa.ArrowInvalid, OSError) as error:
        raise ReleaseFormatError(f"damaged Parquet file: {error}", file=file.label) from None
    texts = {key.decode("utf-8", "replace"): value.decode("utf-8", "replace") for key, value in stored.items()}
    heading = stated_heading({key: (texts[key], None) for key in KEYS if texts.get(key)}, system, faults)
    if heading is None:
        return None
    heading = evolve(heading, dated=any(name in table.column_names for name in DAYS))
    names = [name for name in table.column_names if name not in STANDARD]
    for name in names:
        if name in RESERVED:
            faults.add(f"a property column cannot be named {name}", column=name)
    types = {name: _kept_type(table.schema.field(name).type) for name in names}
    for name, kind in types.items():
        if kind is None:
            found = table.schema.field(name).type
            faults.add(f"expected text, a number, a truth value, a day or a list of texts, got {found}", column=name)
    kept = {name: kind for name, kind in types.items() if kind is not None}
    rows = []
    for number, values in enumerate(table.to_pylist(), 1):
        standard = {name: _text(values.get(name)) for name in STANDARD}
        properties = {name: _plain(values[name]) for name in kept if values[name] is not None}
        rows.append(row_from(standard, properties, number, faults))
    if not rows:
        faults.add("expected at least one row, got none")
    return CodeList(heading, rows, kept)


def _kept_type(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in which a column is kept, or None where it cannot be a property."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = (
        (pa.types.is_string, pa.string()),
        (pa.types.is_large_string, pa.string()),
        (pa.types.is_integer, pa.int64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_boolean, pa.bool_()),
        (pa.types.is_date, pa.date32()),
    )
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.string()) if _kept_type(kind.value_type) == pa.string() else None
    return next((made for test, made in tests if test(kind)), None)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return str(value).strip()


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value
