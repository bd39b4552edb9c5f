"""Columns of codes in files of any size, read in stretches: Parquet by row groups, CSV as a stream, Arrow as it comes."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import ReleaseFormatError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS: Final = 65_536
BLOCK_BYTES: Final = 4 * 2**20
DELIMITERS: Final = (",", ";", "\t", "|")
PARQUET_MAGIC: Final = b"PAR1"
Source = Any
"""A path of a Parquet or CSV file, or anything that offers Arrow's C stream: pyarrow, pandas, Polars, DuckDB."""


def label_of(source: Source) -> str:
    """Return what messages call a source: the file's name, or the kind of table."""
    return Path(source).name if isinstance(source, str | os.PathLike) else type(source).__name__


def is_parquet(path: Path) -> bool:
    """Return whether a file is a Parquet file, whatever it is called."""
    with path.open("rb") as stream:
        return stream.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC


def names_in(path: Path) -> list[str]:
    """Return the names in the header of a CSV file."""
    return _header(path)[0]


def batches_of(source: Source, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the columns of a source in stretches; never more than one of them is in memory.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It has no such column, or is damaged.
    """
    import pyarrow as pa

    label = label_of(source)
    try:
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            yield from _parquet(path, columns) if is_parquet(path) else _csv(path, columns)
            return
        reader = (
            source.to_reader(BATCH_ROWS) if isinstance(source, pa.Table) else pa.RecordBatchReader.from_stream(source)
        )
        _check_columns(reader.schema.names, columns, label)
        yield from (batch.select(list(columns)) for batch in reader)
    except pa.ArrowInvalid as error:
        raise ReleaseFormatError(f"cannot be read: {str(error).splitlines()[0]}", file=label) from None


def _parquet(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        _check_columns(file.schema_arrow.names, columns, path.name)
        texts = [name for name in columns if pa.types.is_string(file.schema_arrow.field(name).type)]
    # codes repeat: what the file keeps as a dictionary need not be written out
    with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
        yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False)


def _csv(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names, delimiter = _header(path)
    _check_columns(names, columns, path.name)
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=list(columns),
            # leading zeros are part of a code
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=True,
        ),
    )
    yield from reader


def _header(path: Path) -> tuple[list[str], str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        line = stream.readline(1_000_000)
    delimiter = max(DELIMITERS, key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter


def _check_columns(names: Sequence[str], columns: Sequence[str], label: str) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        shown = ", ".join(names[:20]) or "none"
        raise ReleaseFormatError(f"has no column {', '.join(missing)} (it has {shown})", file=label, line=1)


def texts_of(column: pa.Array, name: str, label: str) -> pa.Array:
    """Return a column of codes as text.

    Raises:
        ReleaseFormatError: It holds neither text nor whole numbers.
    """
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if (
        pa.types.is_integer(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_null(kind)
    ):
        return column.cast(pa.string())
    raise ReleaseFormatError(f"expected codes as text, got {kind}", file=label, column=name)


def days_of(column: pa.Array, name: str, label: str) -> pa.Array:
    """Return a column of days as dates; texts are in ISO form.

    Raises:
        ReleaseFormatError: It holds no days.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.utf8_slice_codeunits(column, 0, 10)
        return column.cast(pa.date32())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = f"expected days like 2024-03-01: {str(error).splitlines()[0]}"
        raise ReleaseFormatError(message, file=label, column=name) from None
