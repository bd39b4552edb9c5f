"""Files of rows, in and out: read in batches, answered, and written in one step while they are read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .compression import created_bytes
from .frames import Answered, plain
from .tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

TOGETHER: Final = 500_000
"""Rows that are answered together: fewer would be slower, more would take more memory."""
Progress = Callable[[int], None]
"""Called with the rows that are done."""


def answered_batches(table: Table, answer: Answered, progress: Progress = lambda _rows: None) -> Iterator[pa.Table]:
    """Yield the rows of a table, some at a time, with what a function makes of them; of a table without rows, one without.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is damaged.
    """
    done = 0
    for rows in _together(table):
        made = plain(answer(rows))
        done += made.num_rows
        yield _unmarked(made) if table.form == "workbook" else made
        progress(done)


def _together(table: Table) -> Iterator[pa.Table]:
    import pyarrow as pa

    kept: list[pa.RecordBatch] = []
    for batch in table.batches(table.names):
        kept.append(batch)
        if sum(one.num_rows for one in kept) >= TOGETHER:
            yield pa.Table.from_batches(kept)
            kept = []
    if kept:
        yield pa.Table.from_batches(kept)


def _unmarked(table: pa.Table) -> pa.Table:
    """Return a table with the numbers of a workbook as they are written."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            bare = pc.replace_substring_regex(table.column(place), "^\0[in]", "")
            table = table.set_column(place, field, bare)
    return table


def write_tables(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables of one schema to a file, in one step; return the number of rows.

    A name that ends in ``.parquet`` or ``.arrow`` is written in that form, any other as CSV, which ``.gz`` and ``.zst``
    compress. A link or a device is written to, not replaced.

    Raises:
        OSError: The file cannot be written.
        ValueError: There is no table.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return _write(path, path.name, tables)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        rows = _write(temporary, path.name, tables)
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return rows


def _write(path: Path, name: str, tables: Iterable[pa.Table]) -> int:
    with created_bytes(path, name) as stream:
        return write_stream(stream, tables, Path(name).suffix.lower())


def write_stream(stream: Any, tables: Iterable[pa.Table], form: str = ".csv") -> int:
    """Write tables of one schema to an open stream, as CSV or in the form of an ending; return the number of rows.

    Raises:
        OSError: It cannot be written to.
        ValueError: There is no table.
    """
    count = 0
    writer: Any = None
    try:
        for table in tables:
            shown = table if form in WRITERS else _flat(table)
            if writer is None:
                writer = WRITERS.get(form, _csv_writer)(stream, shown.schema)
            writer.write_table(shown)
            count += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise ValueError("there is no table to write")
    return count


def _csv_writer(stream: Any, schema: pa.Schema) -> Any:
    import pyarrow.csv as arrow_csv

    return arrow_csv.CSVWriter(stream, schema)


def _parquet_writer(stream: Any, schema: pa.Schema) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(stream, schema)


def _arrow_writer(stream: Any, schema: pa.Schema) -> Any:
    import pyarrow as pa

    return pa.ipc.new_file(stream, schema)


WRITERS: Final = {".parquet": _parquet_writer, ".arrow": _arrow_writer}


def _flat(table: pa.Table) -> pa.Table:
    """Return a table with texts in place of lists, which CSV does not have.

    Codes that are used together are joined by plus signs, alternatives by bars, anything else by blanks.
    """
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            texts = [None if cell is None else _text(cell) for cell in table.column(place).to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def _text(cell: list[Any]) -> str:
    """Return a list of texts, or of lists of them, as one text.

    >>> _text([["003.1", "995.91"], ["003.1"]]), _text(["003.1", "995.91"]), _text([])
    ('003.1 + 995.91 | 003.1', '003.1 + 995.91', '')
    """
    if cell and isinstance(cell[0], list):
        return " | ".join(map(_text, cell))
    return " + ".join(cell)
