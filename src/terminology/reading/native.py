"""Workbooks, Parquet files and PDF documents, read in a process of their own: whatever a file does to its reader, ours continues.

The libraries for the first two are written in languages in which a damaged or hostile file can crash the process, or make it
ask for memory without end: a workbook of 1 KB with cells A1 and XFD1048576 asks for 549 GB. A page of a PDF document may
unpack to as much, or call itself.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import frozen

from ..errors import ReleaseFormatError, UnsupportedPlatformError
from .archives import check_members, opened_archive
from .files import ReadableFile
from .limits import GIBIBYTE, exceeded

if TYPE_CHECKING:
    import pyarrow as pa

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
WORKER: Final = Path(__file__).with_name("native_worker.py")
FAULTY: Final = 3
MEMORY: Final = 4
ENDED: Final = 1
"""The first exit code by which the process says that something else than the file was wrong, a full disk say."""
LONGEST_SECONDS: Final = 10**6
OUT_OF_MEMORY: Final = ("MemoryError", "memory allocation of", "bad_alloc", "malloc of size", "capacity overflow")
"""What the libraries write when they do not get the memory that they ask for."""
ERROR_BYTES: Final = 4096
MESSAGE_CHARACTERS: Final = 300
Kind = Literal["sheet", "cells", "parquet", "pdf"]
NAMES: Final = {"sheet": "workbook", "cells": "workbook", "parquet": "Parquet file", "pdf": "PDF document"}


@frozen
class Sheet:
    """The first sheet of a workbook; row and column numbers are 1-based, as the program shows them."""

    name: str
    """Of the sheet, as its tab shows it."""
    rows: tuple[tuple[str, ...], ...]
    """Cells as texts; an empty cell is an empty text."""


def first_sheet(file: ReadableFile) -> Sheet | None:
    """Return the first sheet with every cell as text (dates in ISO form), or None if the file is no workbook.

    Raises:
        ReleaseFormatError: It is a workbook, but damaged or larger than the limits allow.
    """
    if file.suffix not in {".xlsx", ".xlsm", ".xls"} or not file.head.startswith((b"PK\x03\x04", OLE_MAGIC)):
        return None
    if "first_sheet" not in file.remembered:
        if file.head.startswith(b"PK"):
            _check_bounds(file)
        name, rows = _sheet_cells(file)
        file.remembered["first_sheet"] = Sheet(name, tuple(map(tuple, rows)))
    sheet: Sheet = file.remembered["first_sheet"]
    return sheet


def sheets_of(file: ReadableFile) -> dict[str, list[list[str | float]]]:
    """Return the rows of each sheet of a workbook by its name, numbers as numbers; a cell that is empty is an empty text.

    Sheets that are hidden are left out, so long as others are not.

    Raises:
        ReleaseFormatError: It is no workbook, damaged, or larger than the limits allow.
    """
    if file.head.startswith(b"PK"):
        _check_bounds(file)
    return dict(json.loads(_answer("cells", file)))


def _check_bounds(file: ReadableFile) -> None:
    entries = opened_archive(io.BytesIO(file.data), file.limits, file.label, "workbook").infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > file.limits.member_bytes:
        raise exceeded("member_bytes", f"the workbook unpacks to {unpacked:,} bytes (a zip bomb?)", file.label)
    check_members(entries, file.limits, file.label)


def _sheet_cells(file: ReadableFile) -> tuple[str, list[list[str]]]:
    """Return name and rows of the first sheet of a workbook, each cell as text.

    Raises:
        ReleaseFormatError: The workbook is damaged, or takes more memory or time than the limits allow.
    """
    name, rows = json.loads(_answer("sheet", file))
    return name, rows


def parquet_table(file: ReadableFile) -> pa.Table:
    """Return a Parquet file as a table, the file's own key-value pairs as the metadata of its schema.

    Raises:
        ReleaseFormatError: The file is damaged, or takes more memory or time than the limits allow.
    """
    import pyarrow as pa

    return pa.ipc.open_stream(pa.py_buffer(_answer("parquet", file))).read_all()


def pdf_pages(file: ReadableFile, bounds: Mapping[str, int]) -> Mapping[str, Any]:
    """Return what is printed in a PDF document, by pypdf.

    The result has ``pages``, each with its ``height`` in points and ``pieces``: text, left edge, height, size, name of the
    font; ``bookmarks``: text and page, from 1; and ``made``, when the document was made, as ISO text or empty.

    Args:
        file: The document.
        bounds: ``pages``, ``characters`` and ``bookmarks``: the most that it may have. ``first``: how many pages are
            wanted, 0 for all; with fewer there are no bookmarks.

    Raises:
        ReleaseFormatError: The document is damaged, encrypted, larger than the bounds allow, or takes more memory or time
            than the limits allow.
    """
    found: dict[str, Any] = json.loads(_answer("pdf", file, json.dumps(dict(bounds))))
    if "refused" in found:
        raise ReleaseFormatError(found["refused"], file=file.label)
    return found


def _answer(kind: Kind, file: ReadableFile, *given: str) -> bytes:
    """Return what the process of the reader answers."""
    limits = file.limits
    program = _python()
    # an empty entry is the folder that the program was started in, where anybody's files may be
    paths = json.dumps([os.fsdecode(path) for path in sys.path if path])
    arguments = [str(limits.memory_bytes), str(limits.file_seconds), paths, *given]
    # pipes would have to be emptied while they are filled; a file needs no care
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        try:
            process = subprocess.run(  # noqa: S603 -- our own script, and nothing of the file in the arguments
                [program, "-I", str(WORKER), kind, *arguments],
                input=file.data,
                stdout=answer,
                stderr=said,
                timeout=min(limits.file_seconds, LONGEST_SECONDS),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_slow(kind, file) from None
        except OSError as error:
            why = f"the reader of a {NAMES[kind]} cannot be started ({program}): {error.strerror or error}"
            raise ReleaseFormatError(why, file=file.label) from None
        answer.seek(0)
        said.seek(0)
        if process.returncode == 0:
            return answer.read()
        if process.returncode == FAULTY:
            reason = answer.read(ERROR_BYTES).decode("utf-8", "replace")
            raise ReleaseFormatError(f"damaged {NAMES[kind]}: {reason[:MESSAGE_CHARACTERS]}", file=file.label)
        raise _failure(kind, file, process.returncode, said.read(ERROR_BYTES).decode("utf-8", "replace"))


def _python() -> str:
    """Return the path of the running Python.

    Raises:
        UnsupportedPlatformError: The program is one file with Python in it, which cannot be started as Python.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        raise UnsupportedPlatformError(
            "workbooks, Parquet files and PDF documents are read by a second Python, and none can be started"
        )
    return sys.executable


def _too_slow(kind: Kind, file: ReadableFile) -> ReleaseFormatError:
    return exceeded(
        "file_seconds", f"reading the {NAMES[kind]} takes longer than {file.limits.file_seconds} s", file.label
    )


def _failure(kind: Kind, file: ReadableFile, code: int, said: str) -> ReleaseFormatError:
    """Return the error of a reader that ended without an answer: killed, crashed, or out of memory."""
    import signal

    name = NAMES[kind]
    if code == -getattr(signal, "SIGXCPU", 24):
        return _too_slow(kind, file)
    if code in (MEMORY, -getattr(signal, "SIGXFSZ", 25)) or any(words in said for words in OUT_OF_MEMORY):
        most = f"{file.limits.memory_bytes / GIBIBYTE:.1f} GiB"
        return exceeded("memory_bytes", f"reading the {name} takes more than {most} of memory", file.label)
    if code >= ENDED:
        last = said.strip().rpartition("\n")[2][:MESSAGE_CHARACTERS] or "it says nothing"
        return ReleaseFormatError(f"the reader of a {name} cannot work (exit code {code}): {last}", file=file.label)
    return ReleaseFormatError(f"damaged {name}: its reader crashed (exit code {code})", file=file.label)
