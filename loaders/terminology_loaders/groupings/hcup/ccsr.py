"""Clinical Classifications Software Refined (CCSR) for diagnoses and procedures.

A diagnosis is in up to six categories at the same time, and all of them hold. One of them is its default where it is
the principal diagnosis of an inpatient, one where it is the first-listed diagnosis of an outpatient; mostly it is the
same one. ``XXX000`` and ``XXX111`` in place of a default say that the code is not acceptable there: a state of the
code, and no category.

    'E1122', … IP 'END003', OP 'END003', categories END005, GEN003, END003   three groups, END003 the default of both
    'V0001XA', … IP 'XXX000', OP 'XXX111', categories EXT016, EXT020         two groups, and two states

References:
    AHRQ HCUP, "User guide: CCSR for ICD-10-CM diagnoses" and the files ``DXCCSR_vYYYY-N.CSV``,
    ``DXCCSR-Reference-File-vYYYY-N.xlsx``, ``PRCCSR_vYYYY-N.CSV``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from terminology import schema
from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile

from ..tables import Category, Codes, Member, grouping_part
from .rows import Sheet, rows_in, sheet_of, version_in

SYSTEM: Final = "icd10cm"
UNACCEPTABLE: Final = {"XXX000": "unacceptable_inpatient", "XXX111": "unacceptable_outpatient"}
"""What stands for a default where there is none."""
MEANINGS: Final = {
    "unacceptable_inpatient": "is not acceptable as the principal diagnosis of an inpatient",
    "unacceptable_outpatient": "is not acceptable as the first-listed diagnosis of an outpatient",
}
MOST_CATEGORIES: Final = 12
"""Columns of categories that are looked for; the files have six."""
CATEGORY: Final = re.compile(r"[A-Z]{3}\d{3}")


def read_ccsr_dx(file: ReadableFile) -> Part | None:
    """Return the table of diagnoses as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes malformed, defaults are no categories of their code.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    sheet = sheet_of(file, "ICD-10-CM CODE", "Default CCSR CATEGORY IP")
    if sheet is None:
        return None
    faults = Faults(file.label, by_line=True)
    titles: dict[str, Category] = {}
    members = list(_members(sheet, faults, titles))
    faults.raise_if_any()
    version = version_in(file.name)
    categories = [titles[code] for code in sorted(titles)]
    return grouping_part(
        file, "ccsr_dx", "table", version, categories=categories, members=members, warnings=sheet.warnings
    )


def _members(sheet: Sheet, faults: Faults, titles: dict[str, Category]) -> Iterator[Member]:
    """Yield the categories of each code with their roles, and what is said of it besides; titles are noted."""
    inpatient, outpatient = (_place(sheet, f"Default CCSR CATEGORY {setting}") for setting in ("IP", "OP"))
    described = {
        place: sheet.place(f"CCSR CATEGORY {number} DESCRIPTION")
        for number in range(1, MOST_CATEGORIES + 1)
        if (place := sheet.place(f"CCSR CATEGORY {number}")) is not None
    }
    listed = list(described)
    unread = [place for place in range(1, len(sheet.header)) if place not in {inpatient, outpatient, *listed}]
    codes, seen = Codes(SYSTEM, faults, 1), dict[str, int]()
    for line, cells in rows_in(sheet, faults, max((inpatient, outpatient, *listed)) + 1):
        code = codes.official(cells[0], line)
        if code is None:
            continue
        found = [cells[place] for place in listed if cells[place]]
        for place, title in described.items():
            if cells[place]:
                said = cells[title] if title is not None and title < len(cells) else ""
                titles.setdefault(cells[place], Category(cells[place], said or None, line=line))
        _check_unread(sheet, unread, {*found, *UNACCEPTABLE}, (line, cells), faults)
        if code in seen:
            faults.add(f"expected one row of {code}, got another in line {seen[code]}", line=line, column=1)
            continue
        seen[code] = line
        yield from of_code(
            code, found, (cells[inpatient], cells[outpatient]), dict.fromkeys(found or [""], line), faults
        )


def _check_unread(
    sheet: Sheet, places: Sequence[int], known: Collection[str], row: tuple[int, Sequence[str]], faults: Faults
) -> None:
    """Note a category that stands only in a column that is not read: a renamed heading would lose it."""
    line, cells = row
    for place in places:
        if place < len(cells) and CATEGORY.fullmatch(cells[place]) and cells[place] not in known:
            message = (
                f"expected categories below 'CCSR CATEGORY' and a number, got {cells[place]} below another heading"
            )
            faults.add(message, line=line, column=sheet.header[place])


def of_code(
    code: str,
    categories: Sequence[str],
    defaults: tuple[str, str],
    lines: Mapping[str, int],
    faults: Faults,
) -> Iterator[Member]:
    """Yield what is said of a code: its states, then its categories with their roles.

    Args:
        code: In official form.
        categories: All of it.
        defaults: Of inpatients and of outpatients; what stands for one, or empty.
        lines: Where each category is stated, the first of them also the place of what is said besides; ``""`` where there is none.
        faults: Gets what is wrong.
    """
    line = next(iter(lines.values()))
    if not categories:
        faults.add(f"expected at least one category of {code}, got none", line=line, column="CCSR CATEGORY 1")
    for default, setting in zip(defaults, ("IP", "OP"), strict=True):
        if default in UNACCEPTABLE:
            state = UNACCEPTABLE[default]
            detail = {"said": default, "meaning": MEANINGS[state]}
            yield Member(SYSTEM, code, None, state, schema.STATE, detail, line)
        elif default and default not in categories:
            message = f"the default {default} of {code} is none of its categories {', '.join(categories)}"
            faults.add(message, line=line, column=f"Default CCSR CATEGORY {setting}")
    for category in categories:
        yield Member(SYSTEM, code, category, role_of(category, *defaults), line=lines[category])


def role_of(category: str, inpatient: str, outpatient: str) -> str:
    """Return what a category is to a code whose defaults are given.

    >>> role_of("END003", "END003", "END003"), role_of("FAC016", "XXX000", "FAC016"), role_of("END005", "END003", "END003")
    ('default', 'default_outpatient', 'other')
    """
    if category == inpatient == outpatient:
        return "default"
    if category == inpatient:
        return "default_inpatient"
    return "default_outpatient" if category == outpatient else "other"


def _place(sheet: Sheet, heading: str) -> int:
    place = sheet.place(heading)
    if place is None:
        raise ReleaseFormatError(f"expected a column {heading!r}", file=sheet.file.label, line=sheet.line)
    return place
