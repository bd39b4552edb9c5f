"""The workbook of long and short titles as delimited text: CMS published version 27 in this form beside the workbook.

References:
    CMS, "Version 27 Full and Abbreviated Code Titles - Effective October 1, 2009": `V27LONG_SHORT_DX_110909.csv`,
    `V27LONG_SHORT_DX_110909u021012.csv`, `CMS27_DESC_LONG_SHORT_SG_092709.csv`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from terminology.drafts import Skipped
from terminology.errors import ReleaseFormatError
from terminology.reading import ReadableFile, Sheet, decoded

from .halves import HALVES, Half

LOST_ZEROS: Final = Skipped(
    "ICD-9-CM codes that were saved as numbers: without leading zeros nothing says which code is meant; "
    "load the workbook that was published beside it"
)
"""The update of 2012 was published so: 100 is 01.00 in one row and 100 in another."""


def delimited_sheet(file: ReadableFile) -> Sheet | None:
    """Return the rows of a delimited text under the headings of these workbooks, or None for any other file.

    Raises:
        ReleaseFormatError: It is no delimited text below its header, or in another encoding.
    """
    if file.suffix != ".csv":
        return None
    first = file.head.decode("utf-8-sig", "replace").split("\n", 1)[0].upper()
    if not any(half.heading in first for half in HALVES):
        return None
    text, _ = decoded(file.data, file.label)
    rows = list(_rows(text, file.label))
    width = len(rows[0])
    return Sheet(file.name, tuple((*row, *[""] * (width - len(row))) for row in rows))


def _rows(text: str, file: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ReleaseFormatError(f"expected delimited text: {error}", file=file, line=reader.line_num) from None


def has_lost_zeros(sheet: Sheet, half: Half) -> bool:
    """Return whether codes of the sheet are shorter than any code of the half, which numbers are without leading zeros."""
    headings = [" ".join(cell.upper().split()) for cell in sheet.rows[0]]
    place = headings.index(half.heading)
    codes = (row[place].strip() for row in sheet.rows[1:])
    return any(code.isdigit() and len(code) < half.shortest for code in codes)
