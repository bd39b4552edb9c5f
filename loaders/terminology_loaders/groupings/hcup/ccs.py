"""Clinical Classifications Software (CCS), single and multi level, for ICD-9-CM and as beta versions for ICD-10.

Single level, ICD-9-CM: a code is in one category; category 0 is for codes that are none, and its row has no code.
Some external causes have an optional second category. Multi level: ``3``, ``3.3``, ``3.3.2`` are one below the other,
and a code is a member of the deepest one of its row. The beta versions for ICD-10 state both in one file; there the
categories are those of the single level, and the multi-level position of each is among its properties.

    '25040', '3', …, '3.3', …, '3.3.2', …, ' '      in 3.3.2, which is below 3.3, which is below 3

References:
    AHRQ HCUP, "Clinical Classifications Software (CCS) for ICD-9-CM": ``$dxref YYYY.csv``, ``$prref YYYY.csv``,
    ``ccs_multi_dx_tool_YYYY.csv``, ``ccs_multi_pr_tool_YYYY.csv``; "Beta CCS for ICD-10-CM/PCS":
    ``ccs_dx_icd10cm_YYYY_N.csv``, ``ccs_pr_icd10pcs_YYYY_N.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile

from ..tables import Category, Codes, Member, grouping_part
from .rows import Sheet, rows_in, version_in
from .single import DIAGNOSES, Placement, icd9_system, in_order, place_of, sheet_with, year_version

OPTIONAL: Final = "optional"
"""Role of the second category that some external causes have."""
NOT_CODED: Final = "0"
"""The category of what is no code."""
SINGLE: Final = re.compile(r"\d{1,4}")
MULTI: Final = re.compile(r"\d{1,2}(\.\d{1,2}){0,3}")
LEVELS: Final = 4
BETA: Final = {"ICD-10-CM CODE": ("ccs_icd10_dx", "icd10cm"), "ICD-10-PCS CODE": ("ccs_icd10_pr", "icd10pcs")}


def read_ccs(file: ReadableFile) -> Part | None:
    """Return the single-level CCS of ICD-9-CM as a part, of diagnoses or procedures; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes or categories malformed, a code is in two categories.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, ("ICD-9-CM CODE",), ("CCS CATEGORY",))
    if found is None:
        return None
    sheet, code_place, _ = found
    system = icd9_system(sheet, code_place, "OPTIONAL CCS CATEGORY")
    faults = Faults(file.label, by_line=True)
    placement = Placement(faults, "CCS CATEGORY")
    members = list(_single(sheet, system, placement))
    if not members:
        faults.add("expected at least one code, got none", line=sheet.line + 1, of_file=True)
    return _icd9_part(file, "ccs_dx" if system == DIAGNOSES else "ccs_pr", system, sheet, placement, members)


def _single(sheet: Sheet, system: str, placement: Placement) -> Iterator[Member]:
    code_place, category_place, title_place = (
        place_of(sheet, (heading,)) for heading in ("ICD-9-CM CODE", "CCS CATEGORY", "CCS CATEGORY DESCRIPTION")
    )
    second = sheet.place("OPTIONAL CCS CATEGORY")
    codes = Codes(system, placement.faults, "ICD-9-CM CODE")
    for line, cells in rows_in(sheet, placement.faults):
        category, optional = cells[category_place], cells[second] if second is not None else ""
        if not SINGLE.fullmatch(category) or (optional and not SINGLE.fullmatch(optional)):
            message = f"expected the number of a category, got {category!r}" + (
                f" and {optional!r}" if optional else ""
            )
            placement.faults.add(message, line=line, column=placement.column)
            continue
        placement.title(category, cells[title_place], line)
        if not cells[code_place] and category == NOT_CODED:
            continue
        code = codes.official(cells[code_place], line)
        if code is None:
            continue
        for member in placement.member(system, code, category, line):
            yield member
            if optional:
                placement.title(optional, cells[second + 1] if second and second + 1 < len(cells) else None, line)
                yield evolve(member, category=optional, role=OPTIONAL)


@frozen
class Levels:
    """The columns of the multi-level categories of a table."""

    sheet: Sheet
    places: tuple[int, ...]

    @classmethod
    def of(cls, sheet: Sheet, prefix: str) -> Levels:
        """Return the columns that begin with a prefix, as ``CCS LVL 1`` does."""
        found = (sheet.place(f"{prefix} {number}") for number in range(1, LEVELS + 1))
        return cls(sheet, tuple(place for place in found if place is not None))

    def stated(self, cells: Sequence[str], line: int, faults: Faults) -> tuple[tuple[str, str], ...]:
        """Return the categories of a row with their titles, the highest first; an error and nothing where they are no chain."""
        padded = (*cells, *[""] * (max(self.places) + 2 - len(cells)))
        chain = tuple((padded[place], padded[place + 1]) for place in self.places if padded[place])
        above = ""
        for category, _ in chain:
            if not MULTI.fullmatch(category) or category.rpartition(".")[0] != above:
                names = " > ".join(name for name, _ in chain)
                faults.add(f"expected categories one below the other, got {names!r}", line=line, column="LVL 1")
                return ()
            above = category
        return chain


def read_ccs_multi(file: ReadableFile) -> Part | None:
    """Return the multi-level CCS of ICD-9-CM as a part, of diagnoses or procedures; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes malformed, categories no chain, a code is in two categories.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, ("ICD-9-CM CODE",), ("CCS LVL 1",))
    if found is None:
        return None
    sheet, code_place, first = found
    levels = Levels.of(sheet, "CCS LVL")
    system = icd9_system(sheet, code_place, f"CCS LVL {LEVELS}")
    faults = Faults(file.label, by_line=True)
    placement, codes = Placement(faults, "CCS LVL 1"), Codes(system, faults, "ICD-9-CM CODE")
    members: list[Member] = []
    for line, cells in rows_in(sheet, faults):
        code, chain = codes.official(cells[code_place], line), levels.stated(cells, line, faults)
        for category, title in chain:
            parent = category.rpartition(".")[0] or None
            placement.categories.setdefault(category, Category(category, title or None, parent, line))
        if code and chain:
            members += placement.member(system, code, chain[-1][0], line)
        elif code and not cells[first]:
            faults.add(f"expected a category of {code}, got none", line=line, column="CCS LVL 1")
    return _icd9_part(
        file, "ccs_dx_multi" if system == DIAGNOSES else "ccs_pr_multi", system, sheet, placement, members
    )


def _icd9_part(  # noqa: PLR0917 -- what both readers of ICD-9-CM end with
    file: ReadableFile, grouping: str, system: str, sheet: Sheet, placement: Placement, members: Sequence[Member]
) -> Part:
    """Return the part of a grouping of ICD-9-CM, whose version is a year.

    Raises:
        ReleaseFaults: There are errors.
        ReleaseFormatError: There is one.
    """
    placement.faults.raise_if_any()
    return grouping_part(
        file,
        grouping,
        "table",
        year_version((file.name, *sheet.above), system),
        categories=in_order(placement.categories),
        members=members,
        warnings=(*sheet.warnings, *placement.warnings),
    )


def read_ccs_icd10(file: ReadableFile) -> Part | None:
    """Return the beta CCS of ICD-10-CM or ICD-10-PCS as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes or categories malformed, a code is in two categories.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, tuple(BETA), ("CCS CATEGORY",))
    if found is None:
        return None
    sheet, code_place, category_place = found
    grouping, system = next(names for heading, names in BETA.items() if sheet.place(heading) == code_place)
    title_place = place_of(sheet, ("CCS CATEGORY DESCRIPTION",))
    levels = Levels.of(sheet, "MULTI CCS LVL")
    faults = Faults(file.label, by_line=True)
    placement, codes = Placement(faults, "CCS CATEGORY"), Codes(system, faults, sheet.header[code_place])
    positions: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    members: list[Member] = []
    for line, cells in rows_in(sheet, faults):
        code, category = codes.official(cells[code_place], line), cells[category_place]
        chain = levels.stated(cells, line, faults) if levels.places else ()
        if not SINGLE.fullmatch(category):
            faults.add(f"expected the number of a category, got {category!r}", line=line, column=placement.column)
        elif code:
            placement.title(category, cells[title_place], line)
            positions.setdefault(category, set()).add(chain)
            detail = {"multi_level": chain[-1][0]} if chain else None
            members += placement.member(system, code, category, line, detail)
    faults.raise_if_any()
    listed = [_with_levels(one, positions[one.code]) for one in in_order(placement.categories)]
    return grouping_part(
        file,
        grouping,
        "table",
        version_in(file.name, sheet.above, system),
        categories=listed,
        members=members,
        warnings=(*sheet.warnings, *placement.warnings),
    )


def _with_levels(category: Category, positions: set[tuple[tuple[str, str], ...]]) -> Category:
    """Return a category with its multi-level position as properties, where all its codes have the same."""
    if len(positions) != 1:
        return category
    said = {}
    for number, (code, title) in enumerate(next(iter(positions)), 1):
        said[f"multi_level_{number}"] = code
        said[f"multi_level_{number}_title"] = title
    return evolve(category, properties={**category.properties, **said})
