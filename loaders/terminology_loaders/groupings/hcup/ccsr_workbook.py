"""CCSR for diagnoses as a workbook: a row for each code and category, with a flag for each of the two defaults.

``Y`` says that the category is the default, ``N`` that it is not, ``X`` that the code is not acceptable there and has
none. A further sheet has the titles of all categories. The groups are those of the table of the same version.

References:
    AHRQ HCUP, ``DXCCSR-Reference-File-vYYYY-N.xlsx``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, sheets_of

from ..tables import Category, Codes, Member, grouping_part
from .ccsr import SYSTEM, UNACCEPTABLE, of_code
from .rows import folded, version_in

NAME: Final = "dxccsr"
"""In the name of the workbook, whatever the case; its sheets tell the rest."""
COLUMNS: Final = (
    "ICD-10-CM Code",
    "CCSR Category",
    "CCSR Category Description",
    "Inpatient Default CCSR (Y/N/X)",
    "Outpatient Default CCSR (Y/N/X)",
)
TITLES: Final = ("CCSR Category", "CCSR Category Description")
NO_CATEGORIES: Final = frozenset({*UNACCEPTABLE, "NoDX1", "InvlDX"})
"""Listed among the categories, but in their place where a code has none."""
UNSTATED: Final = dict(zip(("inpatient", "outpatient"), UNACCEPTABLE, strict=True))
END: Final = "end of"
HEADER_ROWS: Final = 5
Rows = Sequence[Sequence[str | float]]


def read_ccsr_workbook(file: ReadableFile) -> Part | None:
    """Return the workbook as a part; None for any other file.

    Raises:
        ReleaseFaults: Codes are malformed, flags unknown, a code has two defaults, or a category twice.
        ReleaseFormatError: The same, with one error; or the workbook is damaged.
    """
    if file.suffix not in {".xlsx", ".xlsm", ".xls"} or NAME not in folded(file.name):
        return None
    sheets = sheets_of(file)
    table = next(filter(None, (_below(rows, COLUMNS) for rows in sheets.values())), None)
    if table is None:
        return None
    faults = Faults(file.label, by_line=True)
    categories = _categories(sheets, table)
    members = list(_members(table, faults))
    if not members:
        faults.add("expected at least one row below the header, got none", line=1)
    faults.raise_if_any()
    return grouping_part(
        file, "ccsr_dx", "table", version_in(file.name), categories=categories, members=members, facts={"second": True}
    )


Below = list[tuple[int, tuple[str, ...]]]
"""Line and the cells of the wanted columns, in their order."""


def _below(rows: Rows, columns: Sequence[str]) -> Below | None:
    """Return the cells of some columns below their header; None where a sheet has no such header."""
    wanted = [folded(name) for name in columns]
    for number, row in enumerate(rows[:HEADER_ROWS]):
        names = [folded(str(cell)) for cell in row]
        if set(wanted) <= set(names):
            places = [names.index(name) for name in wanted]
            found = []
            for line, cells in enumerate(rows[number + 1 :], number + 2):
                texts = tuple(str(cells[place]).strip() if place < len(cells) else "" for place in places)
                if any(texts) and not texts[0].lower().startswith(END):
                    found.append((line, texts))
            return found
    return None


def _categories(sheets: Mapping[str, Rows], table: Below) -> list[Category]:
    """Return the categories of the sheet that lists them, else those of the rows, by their codes."""
    found: dict[str, Category] = {}
    for rows in sheets.values():
        if _below(rows, COLUMNS) is None:
            for line, (code, title) in _below(rows, TITLES) or ():
                if code not in NO_CATEGORIES:
                    found.setdefault(code, Category(code, title or None, line=line))
    for line, (_, category, title, *_) in table:
        if category:
            found.setdefault(category, Category(category, title or None, line=line))
    return [found[code] for code in sorted(found)]


def _members(table: Below, faults: Faults) -> Iterator[Member]:
    codes = Codes(SYSTEM, faults, COLUMNS[0])
    grouped: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for line, cells in table:
        code = codes.official(cells[0], line)
        if code is not None and _is_sound(cells, line, faults):
            grouped.setdefault(code, []).append((line, cells))
    for code, rows in grouped.items():
        categories = [cells[1] for _, cells in rows]
        if len(set(categories)) < len(categories):
            faults.add(f"{code} has a category twice: {', '.join(categories)}", line=rows[-1][0], column=COLUMNS[1])
        defaults = tuple(
            _default(code, rows, place, setting, faults) for place, setting in ((3, "inpatient"), (4, "outpatient"))
        )
        lines = {cells[1]: number for number, cells in rows}
        yield from of_code(code, categories, (defaults[0], defaults[1]), lines, faults)


def _is_sound(cells: Sequence[str], line: int, faults: Faults) -> bool:
    """Return whether a row has a category and two flags; an error where it has not."""
    for place in (3, 4):
        if cells[place] not in ("Y", "N", "X"):
            faults.add(f"expected Y, N or X, got {cells[place]!r}", line=line, column=COLUMNS[place])
            return False
    if not cells[1]:
        faults.add("expected a category, got none", line=line, column=COLUMNS[1])
        return False
    return True


def _default(code: str, rows: Sequence[tuple[int, Sequence[str]]], place: int, setting: str, faults: Faults) -> str:
    """Return the default of a code, or what stands for it; empty where it has none. Flags that contradict are errors."""
    flags = {cells[place] for _, cells in rows}
    chosen = [cells[1] for _, cells in rows if cells[place] == "Y"]
    if len(chosen) > 1 or ("X" in flags and len(flags) > 1):
        said = ", ".join(f"{cells[1]} {cells[place]}" for _, cells in rows)
        faults.add(
            f"expected one default of {code}, or X throughout, got {said}", line=rows[0][0], column=COLUMNS[place]
        )
    if "X" in flags:
        return UNSTATED[setting]
    return chosen[0] if chosen else ""
