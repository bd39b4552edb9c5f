"""Workbooks: which of their sheets holds the codes, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from ..errors import ReleaseFormatError
from ..reading import Limits, ReadableFile, sheets_of
from .cells import cell_of, marked
from .names import Role, role_of

SAMPLE_ROWS: Final = 2_000
"""Rows that are looked at to find out which column holds codes."""
ENOUGH: Final = 0.5
"""More than this share of the filled cells are codes in a column of codes."""
SOME: Final = 0.1
"""The same of a column that is called so: most of it may be damaged."""
OPTION: Final = "--sheet"
Cell = str | float


@frozen
class Sheet:
    """A sheet with a header: the first row with two filled cells, or else the first filled."""

    name: str
    header: int
    """Number of the row of the header, counted from 0."""
    rows: Sequence[Sequence[Cell]]
    """All of the sheet."""

    @classmethod
    def of(cls, name: str, rows: Sequence[Sequence[Cell]]) -> Sheet | None:
        """Return a sheet; None where it is empty."""
        filled = [number for number, row in enumerate(rows) if any(map(_is_filled, row))]
        if not filled:
            return None
        several = (number for number in filled if sum(map(_is_filled, rows[number])) > 1)
        return cls(name, next(several, filled[0]), rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(str(cell).strip() for cell in self.rows[self.header])

    def texts(self, column: str) -> list[str | None]:
        """Return the cells of a column; those that were numbers begin with a mark."""
        place = self.names.index(column)
        return [_text(row[place]) for row in self.rows[self.header + 1 :]]

    def has_codes(self, is_code: Callable[[str], bool] | None) -> bool:
        """Return whether a column holds codes: by its content, or by its name where it is not known what a code is."""
        if is_code is None:
            return any(role_of(name) in (Role.CODE, Role.SYSTEM) for name in self.names)
        return any(
            share_of_codes(self.texts(name)[:SAMPLE_ROWS], is_code) > (SOME if role_of(name) is Role.CODE else ENOUGH)
            for name in self.names
        )


def share_of_codes(texts: Iterable[str | None], is_code: Callable[[str], bool]) -> float:
    """Return the share of the filled cells of a column that are codes.

    >>> share_of_codes(["E11.9", "x", None, " "], "E11.9".__eq__)
    0.5
    """
    filled = [cell_of(text).text for text in texts if text and text.strip()]
    return sum(map(is_code, filled)) / len(filled) if filled else 0.0


def sheet_in(
    path: Path, columns: Iterable[str], is_code: Callable[[str], bool] | None, asked: str | None
) -> tuple[Sheet, tuple[str, ...]]:
    """Return the sheet of a workbook that holds the codes, and the names of the others that hold anything.

    Args:
        path: The workbook.
        columns: Columns that somebody named.
        is_code: Whether a text is a code, where that is known.
        asked: The name of the sheet, where one is asked for.

    Raises:
        ReleaseFormatError: It is damaged or empty, has no such sheet, or several that may hold the codes.
    """
    found = [sheet for name, rows in sheets_of(_readable(path)).items() if (sheet := Sheet.of(name, rows))]
    if not found:
        raise ReleaseFormatError("expected a sheet with a header, got an empty one", file=path.name, line=1)
    wanted = {*columns}
    tests: list[Callable[[Sheet], bool]] = [
        lambda sheet: bool(wanted & {*sheet.names}),
        lambda sheet: sheet.has_codes(is_code),
        lambda sheet: sheet.has_codes(None),
    ]
    if asked is not None:
        fitting = [sheet for sheet in found if sheet.name == asked]
        if not fitting:
            held = ", ".join(sheet.name for sheet in found)
            raise ReleaseFormatError(f"has no sheet {asked!r} (it has {held}); check {OPTION}", file=path.name)
    elif len(found) == 1:
        fitting = found
    else:
        fitting = next(filter(None, ([*filter(test, found)] for test in tests)), found[:1])
    if len(fitting) > 1:
        names = " and ".join(repr(sheet.name) for sheet in fitting)
        raise ReleaseFormatError(
            f"sheets {names} may hold the codes: name one with {OPTION}, or save it as a file of its own",
            file=path.name,
        )
    return fitting[0], tuple(sheet.name for sheet in found if sheet is not fitting[0])


def _readable(path: Path) -> ReadableFile:
    limits = Limits()
    if path.stat().st_size > limits.member_bytes:
        raise ReleaseFormatError(f"a workbook of more than {limits.member_bytes:,} bytes", file=path.name)
    return ReadableFile(path.name, path.read_bytes, path=str(path), limits=limits)


def _is_filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _text(cell: Cell) -> str | None:
    return (cell or None) if isinstance(cell, str) else marked(cell)
