"""Rows of delimited text, with the line that each one ends on; what cannot be divided into cells is an error."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from terminology.errors import ReleaseFormatError


def rows_of(text: str, file: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row.

    Raises:
        ReleaseFormatError: A cell is longer than any cell can be: a quotation mark is not closed, or lines have no end.

    >>> list(rows_of("code,cc\\nA00,1\\n", "table.csv"))
    [(1, ['code', 'cc']), (2, ['A00', '1'])]
    """
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise ReleaseFormatError(f"expected delimited text: {error}", file=file, line=reader.line_num) from None


def cells_of(line: str, delimiter: str = ",") -> list[str]:
    """Return the cells of one line; none where it cannot be divided.

    >>> cells_of("a,'b'")
    ['a', "'b'"]
    """
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
