"""Groupings of procedures: CCSR for ICD-10-PCS, procedure classes, and utilization flags.

A procedure is in one CCSR category, and in one procedure class. The header of the classes of ICD-10-PCS says
``ICD-10-CM CODE``: the codes tell what they are of. A utilization flag is defined by revenue codes (UB-04), by
categories of CCS, and by codes of ICD-10-PCS. Only the last are members; the rest are properties of the flag.

References:
    AHRQ HCUP, ``PRCCSR_vYYYY-N.CSV``, ``pc_icd10pcs_YYYY.csv``, ``ICD10PCS_utilizationflagformats_FYYYYY_N.csv``,
    and the user guides of these tools.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile
from terminology.systems import SYSTEMS

from ..tables import Category, Codes, Member, Version, grouping_part
from .rows import Sheet, rows_in, version_in
from .single import Placement, in_order, optional_place, place_of, sheet_with, year_version

SYSTEM: Final = "icd10pcs"
CODE_HEADINGS: Final = ("ICD-10-PCS", "ICD-10-PCS CODE", "I10_PR")
CCSR_HEADINGS: Final = ("PRCCSR", "PRCCSR CATEGORY", "CCSR CATEGORY", "CCSR")
CCSR_TITLES: Final = ("PRCCSR DESCRIPTION", "PRCCSR CATEGORY DESCRIPTION", "CCSR CATEGORY DESCRIPTION", "CCSR_desc")
CCSR_CATEGORY: Final = re.compile(r"[A-Z]{3}\d{3}")
CLASSES: Final = {
    "1": "Minor diagnostic",
    "2": "Minor therapeutic",
    "3": "Major diagnostic",
    "4": "Major therapeutic",
}
CLASS_CODES: Final = ("ICD-10-PCS CODE", "ICD-10-CM CODE", "ICD-9-CM CODE", "ICD-10-PCS")
PCS_LENGTH: Final = 7
FISCAL: Final = re.compile(r"(?i)FY(20\d\d)[-_.](\d)")


def read_ccsr_pr(file: ReadableFile) -> Part | None:
    """Return the table of CCSR for procedures as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes or categories malformed, a code is in two categories.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, CODE_HEADINGS, CCSR_HEADINGS)
    if found is None:
        return None
    sheet, code_place, category_place = found
    titles, domains = optional_place(sheet, CCSR_TITLES), optional_place(sheet, ("CLINICAL DOMAIN",))
    faults = Faults(file.label, by_line=True)
    codes, placement = Codes(SYSTEM, faults, sheet.header[code_place]), Placement(faults, sheet.header[category_place])
    members: list[Member] = []
    for line, cells in rows_in(sheet, faults):
        code, category = codes.official(cells[code_place], line), cells[category_place]
        if not CCSR_CATEGORY.fullmatch(category):
            faults.add(f"expected a category like CAR004, got {category!r}", line=line, column=placement.column)
        elif code:
            placement.title(category, _cell(cells, titles), line, domain=_cell(cells, domains))
            members += placement.member(SYSTEM, code, category, line)
    faults.raise_if_any()
    return grouping_part(
        file,
        "ccsr_pr",
        "table",
        version_in(file.name, sheet.above, SYSTEM),
        categories=in_order(placement.categories),
        members=members,
        warnings=(*sheet.warnings, *placement.warnings),
    )


def _cell(cells: Sequence[str], place: int | None) -> str | None:
    return cells[place] if place is not None and place < len(cells) else None


def read_procedure_class(file: ReadableFile) -> Part | None:
    """Return the table of procedure classes as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes malformed, classes unknown, a code is in two classes.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, CLASS_CODES, ("PROCEDURE CLASS",))
    if found is None:
        return None
    sheet, code_place, class_place = found
    faults = Faults(file.label, by_line=True)
    system = _system_of_procedures(sheet, code_place)
    codes, placement = Codes(system, faults, sheet.header[code_place]), Placement(faults, "PROCEDURE CLASS")
    members: list[Member] = []
    for line, cells in rows_in(sheet, faults):
        code, category = codes.official(cells[code_place], line), cells[class_place]
        if category not in CLASSES:
            faults.add(f"expected a class 1 to 4, got {category!r}", line=line, column=placement.column)
        elif code:
            placement.title(category, CLASSES[category], line)
            members += placement.member(system, code, category, line)
    faults.raise_if_any()
    said = (*sheet.warnings, *placement.warnings, *_misnamed(sheet.header[code_place], system))
    version = _version(file, sheet, system)
    listed = [evolve(placement.categories.get(code, Category(code)), title=title) for code, title in CLASSES.items()]
    return grouping_part(file, "procedure_class", "table", version, categories=listed, members=members, warnings=said)


def _system_of_procedures(sheet: Sheet, place: int) -> str:
    """Return which system most codes of a table are of: those of ICD-10-PCS have seven characters."""
    lengths = [len(cells[place]) for _, cells in sheet.rows if len(cells) > place]
    return SYSTEM if sum(length == PCS_LENGTH for length in lengths) * 2 >= len(lengths) else "icd9pcs"


def _misnamed(heading: str, system: str) -> tuple[str, ...]:
    is_right = "PCS" in heading.upper() or (system != SYSTEM and "9" in heading)
    title = SYSTEMS[system].title
    return () if is_right else (f"the heading says {heading!r}, but the codes are of {title}: they are read as such",)


def _version(file: ReadableFile, sheet: Sheet, system: str) -> Version:
    """Return the version of a name such as ``pc_icd10pcs_2018.csv`` or ``PClassR_v2021-1.csv``."""
    numbered = version_in(file.name, sheet.above, system)
    return numbered if numbered.label else year_version((file.name, *sheet.above), system)


def read_utilization_flag(file: ReadableFile) -> Part | None:
    """Return the table of utilization flags as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, name no flag, or state not exactly one code; codes are malformed.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    found = sheet_with(file, ("SAS NAME",), ("UB04 Code", "UB-04 Code"))
    if found is None:
        return None
    sheet, name_place, revenue_place = found
    title_place, ccs_place = place_of(sheet, ("Utilization Flag",)), place_of(sheet, ("PRCCS",))
    code_place = place_of(sheet, ("ICD-10-PCS", "ICD-10-PCS CODE"))
    faults = Faults(file.label, by_line=True)
    flags = Flags(faults, Codes(SYSTEM, faults, sheet.header[code_place]))
    for line, cells in rows_in(sheet, faults):
        stated = cells[revenue_place], cells[ccs_place], cells[code_place]
        flags.add(line, cells[name_place], cells[title_place], stated)
    faults.raise_if_any()
    return grouping_part(
        file,
        "utilization_flag",
        "table",
        _flag_version(file, sheet),
        categories=flags.categories(),
        members=flags.members,
        warnings=sheet.warnings,
    )


class Flags:
    """The utilization flags of a table, while it is read."""

    def __init__(self, faults: Faults, codes: Codes) -> None:
        self._faults, self._codes = faults, codes
        self._found: dict[str, dict[str, Any]] = {}
        self._lines: dict[tuple[str, ...], int] = {}
        self.members: list[Member] = []

    def add(self, line: int, name: str, title: str, stated: tuple[str, str, str]) -> None:
        """Take a row: one code of one kind defines the flag."""
        revenue, category, code = stated
        if not name or sum(map(bool, stated)) != 1:
            message = f"expected the name of a flag and one code that defines it, got {name!r} and {list(stated)}"
            self._faults.add(message, line=line)
            return
        earlier = self._lines.setdefault((name, *stated), line)
        if earlier != line:
            said = next(filter(None, stated))
            self._faults.add(f"expected {said} once for {name}, got it in line {earlier} too", line=line)
            return
        flag = self._found.setdefault(name, {"line": line, "titles": [], "revenue_codes": [], "ccs_pr": []})
        for kind, value in (("titles", title), ("revenue_codes", revenue), ("ccs_pr", category)):
            if value and value not in flag[kind]:
                flag[kind].append(value)
        official = self._codes.official(code, line) if code else None
        if official:
            self.members.append(Member(SYSTEM, official, name, line=line))

    def categories(self) -> list[Category]:
        """Return the flags; what else defines them, and what else they are called, are their properties."""
        made = []
        for name, flag in self._found.items():
            title, *others = flag["titles"] or [name]
            said = {"revenue_codes": flag["revenue_codes"], "ccs_pr": flag["ccs_pr"], "other_titles": others}
            kept = {key: value for key, value in said.items() if value}
            made.append(Category(name, title, line=flag["line"], properties=kept))
        return made


def _flag_version(file: ReadableFile, sheet: Sheet) -> Version:
    """Return the version, called as the file's name calls it: ``FY2019-1``."""
    version = version_in(file.name, sheet.above, SYSTEM)
    found = FISCAL.search(file.name)
    if found is None or version.label is None:
        return version
    label = f"FY{found[1]}-{found[2]}"
    basis = (version.basis or "").replace(version.label, label)
    return evolve(version, label=label, identifier=label, basis=basis)
