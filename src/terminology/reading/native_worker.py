"""The process in which a workbook, a Parquet file or a PDF document is read: run as a script by `native`, and never imported.

A file can make the libraries for them ask for any amount of memory, run without end, or crash, and then it is this process
that ends. It imports nothing of the package, so that it starts at once.

Arguments: what to read (``sheet``, ``cells``, ``parquet`` or ``pdf``), bytes of memory, seconds, and `sys.path` as JSON; of a PDF
document its bounds, as JSON. The file comes on standard input, the answer goes to standard output: of a Parquet file as an
Arrow stream, of all others as JSON.
Exit code 0 with an answer, 3 with a sentence on what is wrong with the file, 4 where it takes too much memory.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import os
import sys
from typing import Any

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
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        # at the second limit the system kills without a word: the first must be met before it, for its signal says why
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, memory_bytes, memory_bytes),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for kind, most, last in limits:
        with contextlib.suppress(ValueError, OSError, OverflowError):
            resource.setrlimit(kind, (most, last))


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


PIECE = 20
"""Characters that a piece of text, and a line, counts for beside its own: a document may have millions of empty ones."""
FONT_CHARACTERS = 200
TITLE_CHARACTERS = 1_000


class Refused(Exception):
    """That a document can be read, and is not: a sentence that begins with what was expected."""


def pdf(data: bytes, _memory_bytes: int, bounds: str) -> bytes:
    """Return what is printed on the pages of a document: pieces of text with their places and types; its bookmarks and its time.

    Args:
        data: The document.
        bounds: ``pages``, ``characters`` and ``bookmarks``: the most that it may have; ``first``: how many pages are wanted.
    """
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    most = json.loads(bounds)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("expected a document that can be read, got an encrypted one: save it without a password")
        number = _pages_in(reader, most["pages"])
        wanted = min(number, most["first"] or number)
        pages, left = [], most["characters"]
        for place in range(wanted):
            pieces = _pieces(reader.pages[place], left, most["characters"])
            left -= sum(_weight(one[0]) for one in pieces)
            pages.append({"height": float(reader.pages[place].mediabox.height), "pieces": pieces})
        bookmarks = [] if most["first"] else _bookmarks(reader, most["bookmarks"])
        found: dict[str, Any] = {"pages": pages, "bookmarks": bookmarks, "made": _made(reader)}
    except Refused as refused:
        found = {"refused": str(refused)}
    return json.dumps(found).encode()


def _pages_in(reader: Any, most: int) -> int:
    """Return the number of pages, counted one by one and not taken from what the document says of itself."""
    number = 0
    for _ in reader.pages:
        number += 1
        if number > most:
            raise Refused(f"expected at most {most:,} pages, got more")
    return number


def _weight(text: str) -> int:
    return len(text) + PIECE * (1 + text.count("\n"))


def _pieces(page: Any, left: int, most: int) -> list[tuple[str, float, float, float, str]]:
    """Return the pieces of text of a page, each with its left edge, height and size in points, and its font."""
    found: list[tuple[str, float, float, float, str]] = []
    taken = 0

    def visit(text: str, outer: Any, inner: Any, font: Any, size: Any) -> None:
        nonlocal taken
        taken += _weight(text)
        if taken > left:
            raise Refused(f"expected at most {most:,} characters of text, got more")
        x = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
        y = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
        points = abs(float(size or 0) * inner[3] * outer[3])
        name = str((font or {}).get("/BaseFont", ""))[:FONT_CHARACTERS]
        found.append((text, round(float(x), 1), round(float(y), 1), round(points, 1), name))

    page.extract_text(visitor_text=visit)
    return found


def _bookmarks(reader: Any, most: int) -> list[tuple[str, int]]:
    """Return text and page, from 1, of each bookmark that leads to a page."""
    found: list[tuple[str, int]] = []
    waiting = [iter(reader.outline)]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, list):
            waiting.append(iter(entry))
        else:
            page = reader.get_destination_page_number(entry)
            if entry.title and page is not None and page >= 0:
                found.append((str(entry.title)[:TITLE_CHARACTERS], page + 1))
        if len(found) > most:
            raise Refused(f"expected at most {most:,} bookmarks, got more")
    return found


def _made(reader: Any) -> str:
    """Return when a document was made, as ISO text; empty where it does not say."""
    with contextlib.suppress(ValueError):
        # as people type it, it may be no time
        made = reader.metadata and (reader.metadata.modification_date or reader.metadata.creation_date)
        return made.isoformat() if made else ""
    return ""


READERS: dict[str, Any] = {"sheet": sheet, "cells": cells, "parquet": parquet, "pdf": pdf}


def main() -> int:
    """Return the exit code, after the answer was written."""
    kind, memory_bytes, seconds, paths, *given = sys.argv[1:]
    sys.path[:] = json.loads(paths)
    data = sys.stdin.buffer.read()
    confine(int(memory_bytes), int(seconds))
    try:
        answer = READERS[kind](data, int(memory_bytes), *given)
    except MemoryError:
        return OUT_OF_MEMORY
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 -- the libraries raise their own, undocumented kinds
        answer = (str(error).strip() or type(error).__name__).encode("utf-8", "replace")
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
        return FAULTY
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
