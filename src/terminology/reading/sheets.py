"""Spreadsheets: xlsx, xlsm and xls, as rows of text."""

from __future__ import annotations

import io

from attrs import frozen

from .archives import check_members, opened_archive
from .files import ReadableFile
from .limits import exceeded
from .native import sheet_cells

OLE_MAGIC = b"\xd0\xcf\x11\xe0"


@frozen
class Sheet:
    """The first sheet of a workbook; row and column numbers are 1-based, as the program shows them."""

    name: str
    rows: tuple[tuple[str, ...], ...]


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
        name, rows = sheet_cells(file)
        file.remembered["first_sheet"] = Sheet(name, tuple(map(tuple, rows)))
    sheet: Sheet = file.remembered["first_sheet"]
    return sheet


def _check_bounds(file: ReadableFile) -> None:
    entries = opened_archive(io.BytesIO(file.data), file.limits, file.label, "workbook").infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > file.limits.member_bytes:
        raise exceeded("member_bytes", f"the workbook unpacks to {unpacked:,} bytes (a zip bomb?)", file.label)
    check_members(entries, file.limits, file.label)
