"""A list of codes as Parquet: the same columns as the delimited text, the metadata in the file's own key-value pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import evolve

from terminology.reading import MOST_COLUMNS, Faults, ReadableFile, parquet_table

from .arrow_cells import ArrowCells, kept_type
from .delimited import DAYS, REQUIRED, STANDARD, Cells, codes_from
from .heading import KEYS, stated_heading
from .rows import RESERVED, CodeList

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC: Final = b"PAR1"
BATCH: Final = 2**16
"""Rows that are held as texts at a time."""


def read_columns(file: ReadableFile, system: str | None, faults: Faults) -> CodeList | None:
    """Return the list, or None where the file is none or names no system; faults are noted.

    Raises:
        ReleaseFormatError: The file is damaged, or takes more memory or time than the limits allow.
    """
    table = parquet_table(file)
    if not set(REQUIRED) <= set(table.column_names):
        return None
    metadata = table.schema.metadata or {}
    return list_of(table, metadata, system, faults)


def list_of(table: pa.Table, metadata: Mapping[bytes, bytes], system: str | None, faults: Faults) -> CodeList | None:
    """Return the list that a table is, or None where nothing names its system, or it is faulty; faults are noted.

    Args:
        table: As it was stored.
        metadata: The key-value pairs of the file.
        system: The name that the operator gave.
        faults: Where what is wrong is noted.
    """
    heading = stated_heading({key: (text, None) for key, text in _stated(metadata, faults).items()}, system, faults)
    if heading is None:
        return None
    if not _check_names(table.column_names, faults):
        return None
    heading = evolve(heading, dated=any(name in table.column_names for name in DAYS))
    names = [name for name in table.column_names if name not in STANDARD]
    for name in names:
        if kept_type(table.schema.field(name).type) is None:
            found = table.schema.field(name).type
            faults.add(f"expected text, a number, a truth value, a day or a list of texts, got {found}", column=name)
    if not table.num_rows:
        faults.add("expected at least one row, got none")
    cells = ArrowCells(faults)
    properties = {name: made for name in names if (made := cells.property(table.column(name), name)) is not None}
    columns = {name: cells.texts(table.column(name), name) for name in STANDARD if name in table.column_names}
    if any(columns[name] is None for name in REQUIRED):
        return None
    texts = {name: column for name, column in columns.items() if column is not None}
    return CodeList(heading, _codes(texts, table.num_rows, faults), properties)


def _stated(metadata: Mapping[bytes, bytes], faults: Faults) -> dict[str, str]:
    """Return what the key-value pairs say of the list."""
    found = {}
    for key in sorted(KEYS):
        value = metadata.get(key.encode())
        try:
            if value:
                found[key] = value.decode()
        except UnicodeDecodeError:
            faults.add("expected text in UTF-8", column=key)
    return found


def _check_names(names: list[str], faults: Faults) -> bool:
    """Return whether the columns can be told from each other."""
    if len(names) > MOST_COLUMNS:
        faults.add(f"expected at most {MOST_COLUMNS:,} columns, got {len(names):,}")
        return False
    for name, count in Counter(names).items():
        if not name.strip():
            faults.add("expected a name of the column, got nothing", column=names.index(name) + 1)
        if name in RESERVED:
            faults.add(f"a property column cannot be named {name}", column=name)
        if count > 1:
            faults.add(f"column {name} stands in the file {count} times", column=name)
    return len(set(names)) == len(names)


def _codes(columns: Mapping[str, pa.ChunkedArray], count: int, faults: Faults) -> pa.Table:
    """Return the standard columns, read as texts are."""
    import pyarrow as pa

    read = Cells(faults)
    made = []
    for start in range(0, count, BATCH):
        lines = range(start + 1, min(start + BATCH, count) + 1)
        texts = {
            name: [(text or "").strip() for text in column.slice(start, BATCH).to_pylist()]
            for name, column in columns.items()
        }
        made.append(codes_from(texts, lines, read))
    return pa.concat_tables(made or [codes_from({}, (), read)])
