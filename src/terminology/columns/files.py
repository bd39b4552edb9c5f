"""Files of rows, in and out: read in batches, answered, and written in one step.

Rows are read, answered and written by three threads, side by side. So there are few lots of rows in memory at once,
whatever the size of the file: one that is written, one that waits or is answered, one that is read. A Parquet file has
each lot as a group of rows with dictionaries of its own: the more rows, the less is written, and the faster.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..store.leftovers import remove_leftovers, temporary_of
from .cells import MARK
from .compression import created_bytes
from .frames import Answered, joined, plain, without_rows
from .tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

TOGETHER: Final = 250_000
"""Rows that are answered together: fewer would be slower, more would take more memory."""
WRITTEN_TOGETHER: Final = 1_000_000
"""Rows that are written together, unless these are more than `MOST_WRITTEN_BYTES`."""
MOST_WRITTEN_BYTES: Final = 24 * 2**20
MOST_DICTIONARY_BYTES: Final = 2 * 2**20
"""Of a dictionary that is written to a Parquet file as it is: each group of rows has it anew."""
Item = TypeVar("Item")
Progress = Callable[[int], None]
"""Called with the rows that are done."""


def answered_batches(table: Table, answer: Answered, progress: Progress = lambda _rows: None) -> Iterator[pa.Table]:
    """Yield the rows of a table, some at a time, with what a function makes of them; of a table without rows, one without.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is damaged.
    """
    done = 0
    for made in _ahead(_lots(map(answer, _ahead(_together(table))))):
        done += made.num_rows
        yield _unmarked(made) if table.form == "workbook" else made
        progress(done)


def _together(table: Table) -> Iterator[pa.Table]:
    import pyarrow as pa

    is_empty = True
    for rows in joined(table.batches(table.names), TOGETHER):
        is_empty = False
        yield rows
    if is_empty:
        yield without_rows(pa.schema([(name, pa.string()) for name in table.names]))


def _lots(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables together, as many as are written at once."""
    import pyarrow as pa

    kept: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        kept.append(table)
        rows += table.num_rows
        size += _bytes_of(table)
        if rows >= WRITTEN_TOGETHER or size >= MOST_WRITTEN_BYTES:
            yield pa.concat_tables(kept)
            kept, rows, size = [], 0, 0
    if kept:
        yield pa.concat_tables(kept)


def _bytes_of(table: pa.Table) -> int:
    """Return the bytes of a table, without dictionaries, which tables share."""
    import pyarrow as pa

    chunks = (chunk for column in table.columns for chunk in column.chunks)
    return sum((chunk.indices if pa.types.is_dictionary(chunk.type) else chunk).nbytes for chunk in chunks)


def _ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items; while one is used the next is made by a thread."""
    following = iter(items)
    end: Any = object()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, following, end)
        while (item := waiting.result()) is not end:
            waiting = pool.submit(next, following, end)
            yield item
            del item


def _unmarked(table: pa.Table) -> pa.Table:
    """Return a table with the numbers of a workbook as they are written."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            bare = pc.replace_substring_regex(table.column(place), f"^{MARK}[in]", "")
            table = table.set_column(place, field, bare)
    return table


def write_tables(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables of one schema to a file, in one step; return the number of rows.

    A name that ends in ``.parquet`` or ``.arrow`` is written in that form, any other as CSV, which ``.gz`` and ``.zst``
    compress. A link or a device is written to, not replaced. What an ended process left of the same file is removed.

    Raises:
        OSError: The file cannot be written.
        ValueError: There is no table.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return _write(path, path.name, tables)
    remove_leftovers(path)
    temporary = temporary_of(path)
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
            if writer is None:
                writer = WRITERS.get(form, _CsvWriter)(stream, table)
            writer.write_table(table)
            count += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise ValueError("there is no table to write")
    return count


# ---- the forms


class _CsvWriter:
    """Writes tables as delimited text."""

    def __init__(self, stream: Any, first: pa.Table) -> None:
        import pyarrow.csv as arrow_csv

        self._writer = arrow_csv.CSVWriter(stream, _flat(plain(first)).schema)

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(_flat(plain(table)))

    def close(self) -> None:
        self._writer.close()


class _ArrowWriter:
    """Writes tables as Arrow batches; their dictionaries could not be shared."""

    def __init__(self, stream: Any, first: pa.Table) -> None:
        import pyarrow as pa

        self._writer = pa.ipc.new_file(stream, plain(first).schema)

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(plain(table))

    def close(self) -> None:
        self._writer.close()


class _ParquetWriter:
    """Writes tables as Parquet, a group of rows each.

    To encode a column of texts anew takes longer than all else. So a small dictionary is written as it is, and the file
    says that the column is one of texts, as it would be without. Texts have no least and greatest: in a group of
    hundreds of thousands of codes these are A00 and Z99, and sort out nothing.
    """

    def __init__(self, stream: Any, first: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        told = plain(first.schema.empty_table()).schema
        self._schema = pa.schema(
            [
                field if _is_small(first.column(place)) else told.field(place)
                for place, field in enumerate(first.schema)
            ],
            first.schema.metadata,
        )
        ranged = [field.name for field in told if not _holds_texts(field.type)]
        self._writer = pq.ParquetWriter(
            stream,
            self._schema,
            write_statistics=ranged or False,
            store_schema=False,
            # by default one of all codes is given up
            dictionary_pagesize_limit=2 * MOST_DICTIONARY_BYTES,
        )
        kept = {**(told.metadata or {}), b"ARROW:schema": base64.b64encode(told.serialize())}
        self._writer.add_key_value_metadata(kept)

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


def _is_small(column: pa.ChunkedArray) -> bool:
    """Return whether a column has dictionaries, and they are smaller than what they stand for."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return False
    return all(
        len(chunk.dictionary) <= len(column) and chunk.dictionary.nbytes <= MOST_DICTIONARY_BYTES
        for chunk in column.chunks
    )


def _holds_texts(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_nested(kind))


WRITERS: Final[dict[str, Callable[[Any, Any], Any]]] = {".parquet": _ParquetWriter, ".arrow": _ArrowWriter}
"""What writes tables, by the end of a file's name; CSV by any other."""


def _flat(table: pa.Table) -> pa.Table:
    """Return a table with texts in place of what CSV does not have.

    Of lists of codes those that are used together are joined by plus signs, alternatives by bars. Whatever else is nested
    is written as JSON, and bytes as UTF-8.
    """
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        written = _written(field.type)
        if written is not None:
            texts = [None if cell is None else written(cell) for cell in table.column(place).to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def _written(kind: pa.DataType) -> Callable[[Any], str] | None:
    """Return how a cell of a type is written as text; None where CSV has the type."""
    import pyarrow as pa

    value = kind
    while pa.types.is_list(value):
        value = value.value_type
    if value != kind and pa.types.is_string(value):
        return _text
    if pa.types.is_nested(kind):
        return _json
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return _decoded if any(test(kind) for test in tests) else None


def _text(cell: Any) -> str:
    """Return a list of texts, or of lists of them, as one text.

    >>> _text([["003.1", "995.91"], ["003.1"]]), _text(["003.1", "995.91"]), _text([])
    ('003.1 + 995.91 | 003.1', '003.1 + 995.91', '')
    """
    if isinstance(cell, list):
        return (" | " if any(isinstance(part, list) for part in cell) else " + ").join(map(_text, cell))
    return cell or ""


def _json(cell: Any) -> str:
    import json

    return json.dumps(cell, ensure_ascii=False, default=str)


def _decoded(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")
