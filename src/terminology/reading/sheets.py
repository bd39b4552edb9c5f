"""Spreadsheets: xlsx, xlsm and xls, as rows of text."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

from attrs import frozen

from ..errors import ReleaseFormatError
from .files import Limits, ReadableFile

OLE_MAGIC = b"\xd0\xcf\x11\xe0"


@frozen
class Sheet:
    """The first sheet of a workbook; row and column numbers are 1-based, as the program shows them."""

    name: str
    rows: tuple[tuple[str, ...], ...]


def first_sheet(file: ReadableFile, limits: Limits | None = None) -> Sheet | None:
    """Return the first sheet with every cell as text (dates in ISO form), or None if the file is no workbook.

    Raises:
        ReleaseFormatError: It is a workbook, but damaged or larger than the limits allow.
    """
    if not file.data.startswith((b"PK\x03\x04", OLE_MAGIC)) or file.suffix not in {".xlsx", ".xlsm", ".xls"}:
        return None
    if "first_sheet" not in file.remembered:
        file.remembered["first_sheet"] = _first_sheet(file, limits or Limits())
    sheet: Sheet = file.remembered["first_sheet"]
    return sheet


def _first_sheet(file: ReadableFile, limits: Limits) -> Sheet:
    if file.data.startswith(b"PK"):
        _check_bounds(file, limits)
    from python_calamine import CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except Exception as error:  # noqa: BLE001 -- calamine raises its own, undocumented kinds
        raise ReleaseFormatError(f"damaged workbook: {error}", file=file.label) from None
    return Sheet(sheet.name, tuple(tuple(_text(cell) for cell in row) for row in rows))


def _check_bounds(file: ReadableFile, limits: Limits) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(file.data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ReleaseFormatError(f"damaged workbook: {error}", file=file.label) from None
    if sum(entry.file_size for entry in entries) > limits.member_bytes:
        raise ReleaseFormatError(f"unpacks to more than {limits.member_bytes:,} bytes (a zip bomb?)", file=file.label)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell)
