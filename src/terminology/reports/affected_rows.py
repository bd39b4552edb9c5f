"""Rows of tables that need work, written to a file while they are read: CSV, or Parquet by the ending of its name."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..codelists.affected_rows import ROW_COLUMNS
from ..store.leftovers import remove_leftovers, temporary_of
from .flat import csv_text

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET: Final = ".parquet"
NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def write_affected_rows(path: Path, batches: Iterable[pa.RecordBatch]) -> int:
    """Write batches of `terminology.codelists.affected_rows` to a file, in one step; return the number of rows.

    A link or a device is written to, not replaced.

    Raises:
        OSError: The file cannot be written.
    """
    write = _write_parquet if path.suffix.lower() == PARQUET else _write_csv
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return write(path, batches)
    remove_leftovers(path)
    temporary = temporary_of(path)
    try:
        rows = write(temporary, batches)
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return rows


def _write_csv(path: Path, batches: Iterable[pa.RecordBatch]) -> int:
    # the first line is the header
    count = -1
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in csv_lines(batches):
            file.write(line)
            count += 1
    return count


def csv_lines(batches: Iterable[pa.RecordBatch]) -> Iterator[str]:
    """Yield batches of `terminology.codelists.affected_rows` as the lines of a CSV file, the header first."""
    yield csv_text(ROW_COLUMNS, ())
    for batch in batches:
        for row in batch.to_pylist():
            yield csv_text([_cell(name, row[name]) for name in ROW_COLUMNS], ())


def _cell(name: str, text: str | None) -> Any:
    """Return a cell; an id that is a number is one, and no formula where it begins with a minus sign."""
    return int(text) if name == "id" and text and NUMBER.fullmatch(text) else text


def _write_parquet(path: Path, batches: Iterable[pa.RecordBatch]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in ROW_COLUMNS])
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for batch in batches:
            count += batch.num_rows
            writer.write_batch(batch)
    return count
