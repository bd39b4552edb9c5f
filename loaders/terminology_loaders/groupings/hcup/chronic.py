"""Chronic condition indicators: CCI for ICD-9-CM and CCIR for ICD-10-CM.

Both say of each diagnosis whether it is chronic. In CCIR a third value, 9, says that nothing is determined: that is
neither yes nor no. CCI states the body system of the code as well, which is in the detail of its group.

References:
    AHRQ HCUP, "Chronic Condition Indicator (CCI) for ICD-9-CM", ``cciYYYY.csv``; "Chronic Condition Indicator Refined
    (CCIR) for ICD-10-CM", ``CCIR_vYYYY-N.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from terminology.drafts import Part, Skipped
from terminology.reading import Faults, ReadableFile

from ..tables import Category, Codes, Member, Version, grouping_part
from .rows import Sheet, rows_in, version_in
from .single import Placement, sheet_with, year_version

TITLES: Final[Mapping[str, str]] = {"0": "Not chronic", "1": "Chronic", "9": "No determination"}
VALUES: Final[Mapping[str, tuple[str, ...]]] = {"cci": ("0", "1"), "ccir": ("0", "1", "9")}
INDICATORS: Final = (
    "CHRONIC INDICATOR",
    "CATEGORY DESCRIPTION",
    "CHRONIC CONDITION INDICATOR",
    "INDICATOR",
    "CATEGORY",
)
"""What the column of values is called; that of CCI is misnamed."""
BODY_SYSTEM: Final = "BODY SYSTEM"


def read_chronic(file: ReadableFile) -> Part | Skipped | None:
    """Return a table of chronic conditions as a part; `Skipped` for the beta of CCI for ICD-10-CM; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes malformed, values unknown, a code has two values.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    refined = sheet_with(file, ("ICD-10-CM CODE",), ("CHRONIC INDICATOR",))
    if refined is not None:
        if refined[0].place(BODY_SYSTEM) is not None:
            return Skipped("the beta version of CCI for ICD-10-CM, which CCIR replaced; CCIR is read")
        return _part("ccir", "icd10cm", *refined)
    first = sheet_with(file, ("ICD-9-CM CODE",), INDICATORS)
    if first is None or first[0].place(BODY_SYSTEM) is None:
        return None
    return _part("cci", "icd9cm", *first)


def _part(grouping: str, system: str, sheet: Sheet, code_place: int, value_place: int) -> Part:
    file = sheet.file
    faults = Faults(file.label, by_line=True)
    placement = Placement(faults, sheet.header[value_place])
    codes = Codes(system, faults, sheet.header[code_place])
    body = sheet.place(BODY_SYSTEM)
    values = VALUES[grouping]
    members: list[Member] = []
    for line, cells in rows_in(sheet, faults):
        code, value = codes.official(cells[code_place], line), cells[value_place]
        if value not in values:
            faults.add(f"expected {', '.join(values)}, got {value!r}", line=line, column=placement.column)
        elif code:
            detail = {"body_system": cells[body]} if body is not None and cells[body] else None
            members += placement.member(system, code, value, line, detail)
    faults.raise_if_any()
    return grouping_part(
        file,
        grouping,
        "table",
        _version(file, sheet, system),
        categories=[Category(value, TITLES[value]) for value in values],
        members=members,
        warnings=(*sheet.warnings, *placement.warnings),
    )


def _version(file: ReadableFile, sheet: Sheet, system: str) -> Version:
    numbered = version_in(file.name, sheet.above, system)
    return numbered if numbered.label else year_version((file.name, *sheet.above), system)
