"""Tables in which a code is in one category: what is common to all of them.

Headings differ from posting to posting, so columns are found by what they may be called. A code that comes twice is an
error; in two categories, because nothing tells which of them holds. Only the list as text is known to repeat codes in
one category: that is said, and no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from terminology.errors import ReleaseFormatError
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile

from ..tables import Category, Member, Version
from .rows import Sheet, sheet_of

YEAR: Final = re.compile(r"(?<!\d)(?:19[89]|20\d)\d(?!\d)")
DIAGNOSES: Final = "icd9cm"
PROCEDURES: Final = "icd9pcs"
FIRST_YEAR: Final = 1983
"""Before version 1 of ICD-9-CM, which is of fiscal year 1984; version 32 is of 2015."""
LONGEST_PROCEDURE: Final = 4
"""Characters of a procedure code of ICD-9-CM, which has no letters."""


def sheet_with(file: ReadableFile, codes: Sequence[str], others: Sequence[str]) -> tuple[Sheet, int, int] | None:
    """Return a table with the places of its codes and of another column; None for a file that has not both.

    Args:
        file: Delimited text.
        codes: What the column of codes may be called.
        others: What the other column may be called.

    Raises:
        ReleaseFormatError: It is such a table, and not UTF-8.
    """
    for code in codes:
        for other in others:
            sheet = sheet_of(file, code, other)
            if sheet is not None:
                return sheet, place_of(sheet, (code,)), place_of(sheet, (other,))
    return None


def place_of(sheet: Sheet, headings: Sequence[str]) -> int:
    """Return the place of a column by what it may be called.

    Raises:
        ReleaseFormatError: There is none.
    """
    found = optional_place(sheet, headings)
    if found is None:
        names = " or ".join(map(repr, headings))
        raise ReleaseFormatError(f"expected a column {names}", file=sheet.file.label, line=sheet.line)
    return found


def optional_place(sheet: Sheet, headings: Sequence[str]) -> int | None:
    """Return the place of a column by what it may be called; None where there is none."""
    return next((place for one in headings if (place := sheet.place(one)) is not None), None)


def year_version(texts: Sequence[str], presumes: str) -> Version:
    """Return the version of the fiscal year that a file's name or title rows state.

    >>> year_version(["$dxref 2015.csv"], "icd9cm").effective, year_version(["table.csv"], "icd9cm").label
    ('2014-10-01', None)
    """
    found = next(filter(None, map(YEAR.search, texts)), None)
    if found is None:
        return Version(None, None)
    year = int(found[0])
    day = year_start("fiscal", year)
    release = year - FIRST_YEAR if presumes in (DIAGNOSES, PROCEDURES) else year
    basis = f"version {year} is of fiscal year {year}"
    return Version(found[0], day.isoformat(), basis, f"{presumes} {release}", found[0])


def icd9_system(sheet: Sheet, place: int, heading: str) -> str:
    """Return which part of ICD-9-CM the codes of a table are of: ``icd9cm`` or ``icd9pcs``.

    The tables of both say ``ICD-9-CM CODE``. Those of diagnoses have a column more; and no procedure has five
    characters or a letter.

    Args:
        sheet: The table.
        place: Of the codes.
        heading: Of the column that only tables of diagnoses have.
    """
    codes = (cells[place] for _, cells in sheet.rows if len(cells) > place)
    is_of_diagnoses = sheet.place(heading) is not None or any(
        len(code) > LONGEST_PROCEDURE or code[:1].isalpha() for code in codes
    )
    return DIAGNOSES if is_of_diagnoses else PROCEDURES


@define
class Placement:
    """Which category each code is in, while a table is read."""

    faults: Faults
    column: int | str
    """Of the categories."""
    may_repeat: bool = False
    """Whether a code may come twice in one category."""
    categories: dict[str, Category] = field(factory=dict)
    repeated: int = 0
    _known: dict[str, tuple[str, int]] = field(factory=dict, init=False)

    def member(
        self, system: str, code: str, category: str, line: int, detail: Mapping[str, Any] | None = None
    ) -> Iterator[Member]:
        """Yield the code as a member; nothing where it comes again: that is an error, except where it may."""
        earlier = self._known.setdefault(code, (category, line))
        if earlier == (category, line):
            yield Member(system, code, category, detail=detail or None, line=line)
        elif earlier[0] == category and self.may_repeat:
            self.repeated += 1
        else:
            message = f"expected {code} once, got it in {category}, and in {earlier[0]} in line {earlier[1]}"
            self.faults.add(message, line=line, column=self.column)

    def title(self, category: str, title: str | None, line: int, **properties: Any) -> None:
        """Note the title that a row has for a category; the first one counts."""
        said = {name: value for name, value in properties.items() if value not in (None, "")}
        self.categories.setdefault(category, Category(category, title or None, line=line, properties=said))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed."""
        return (f"{self.repeated:,} rows say again what a row above says",) if self.repeated else ()


def in_order(categories: Mapping[str, Category]) -> list[Category]:
    """Return categories in the order of their numbers: 2 before 10, 1.9 before 1.10."""
    return [categories[code] for code in sorted(categories, key=numbers_of)]


def numbers_of(category: str) -> tuple[Any, ...]:
    """Return what categories are sorted by.

    >>> sorted(["10", "2", "1.10", "1.9"], key=numbers_of)
    ['1.9', '1.10', '2', '10']
    """
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in category.split("."))
