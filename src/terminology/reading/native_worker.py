"""The process in which a workbook or a Parquet file is read: run as a script by `native`, and never imported.

Libraries written in C++ and Rust read these files. A file can make them ask for any amount of memory, run without
end, or crash, and then it is this process that ends. It imports nothing of the package, so that it starts at once.

Arguments: what to read (``sheet``, ``cells`` or ``parquet``), bytes of memory, seconds, and `sys.path` as JSON. The file comes
on standard input, the answer goes to standard output: of a sheet and its cells as JSON, of a Parquet file as an Arrow stream.
Exit code 0 with an answer, 3 with a sentence on what is wrong with the file, 4 where it takes too much memory.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import sys

FAULTY = 3
OUT_OF_MEMORY = 4
CELL_BYTES = 48
"""What a cell of a table takes in memory until it is checked and written, about: values may be packed to nothing."""


def confine(memory_bytes: int, seconds: int) -> None:
    """Bound what the process may take. Where the platform cannot, `native` still ends it when its time is over."""
    try:
        import resource
    except ImportError:
        return
    limits = (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, memory_bytes),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        with contextlib.suppress(ValueError, OSError, OverflowError):
            resource.setrlimit(kind, (most, most))


def text(cell: object) -> str:
    """Return a cell as text: whole numbers without a point, days in ISO form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)


def sheet(data: bytes, _memory_bytes: int) -> bytes:
    """Return name and rows of the first sheet."""
    from python_calamine import CalamineWorkbook

    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    rows = [[text(cell) for cell in row] for row in found.to_python(skip_empty_area=False)]
    return json.dumps([found.name, rows]).encode()


def cells(data: bytes, _memory_bytes: int) -> bytes:
    """Return name and rows of each sheet that is shown, numbers as numbers: whether a cell was text decides what it can mean."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    found = []
    for name in shown or [sheet.name for sheet in sheets]:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found.append([name, [[_cell(cell) for cell in row] for row in rows]])
    return json.dumps(found).encode()


def _cell(cell: object) -> str | float:
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return float(cell) if is_number else text(cell)  # type: ignore[arg-type]


def parquet(data: bytes, memory_bytes: int) -> bytes:
    """Return all columns of a Parquet file, their structure checked, with the file's own key-value pairs as the schema's."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    with pq.ParquetFile(pa.BufferReader(data), pre_buffer=False) as file:
        if file.metadata.num_rows * file.metadata.num_columns * CELL_BYTES > memory_bytes:
            raise MemoryError
        stored = file.metadata.metadata or {}
        table = file.read(use_threads=False)
    # offsets that lead nowhere are found here, and not where they are used; values are for the loader to check
    table.validate()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.with_metadata(stored)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


READERS = {"sheet": sheet, "cells": cells, "parquet": parquet}


def main() -> int:
    """Return the exit code, after the answer was written."""
    kind, memory_bytes, seconds, paths = sys.argv[1:]
    sys.path[:] = json.loads(paths)
    data = sys.stdin.buffer.read()
    confine(int(memory_bytes), int(seconds))
    try:
        answer = READERS[kind](data, int(memory_bytes))
    except MemoryError:
        return OUT_OF_MEMORY
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 -- both libraries raise their own, undocumented kinds
        answer = (str(error).strip() or type(error).__name__).encode("utf-8", "replace")
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
        return FAULTY
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
