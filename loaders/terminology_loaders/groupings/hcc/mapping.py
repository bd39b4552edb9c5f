"""The tables of risk adjustment: diagnosis code, condition category, and a flag at a further category of the same code.

A code counts for each of its categories. CMS writes ``D`` at the second and third one; HHS writes ``S``, ``T`` or ``D``. The
category of a row without a flag has no role here, one with a flag the role ``second``.

    'E1152<TAB>18<TAB>'      E11.52 is in 18
    'E1152<TAB>106<TAB>D'    and in 106, as its second category

The same rows between commas are read too, below a header if there is one; the name has the file id in either form.

References:
    CMS, risk adjustment model software: files ``F2421P2M.TXT``; the main macros say how they are used.
    HHS, HHS-Developed Risk Adjustment Model Algorithm "Do It Yourself (DIY)" Software: ``H0519F3.FY 2018 ICD10.TXT``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from terminology.drafts import Part, Skipped
from terminology.reading import Faults, ReadableFile, decoded

from ..delimited import rows_of
from ..tables import Member, Version, grouping_part
from .codes import DiagnosisCodes
from .identifiers import file_id, warning_of_year

CATEGORY: Final = re.compile(r"(?a)\d{1,3}(?:\.\d)?")
FLAGS: Final = {"": None, "D": "second", "S": "second", "T": "second"}
"""Roles by flag. HHS tells a second from a third category, CMS does not; which flag it was is in the detail."""
CELLS: Final = 3
OPENING_LINES: Final = 5
COMMAS: Final = re.compile(r"(?ai)\"?[A-Z0-9]\d[A-Z0-9][A-Z0-9.]{0,5}\"?, *\"?\d{1,3}(?:\.\d)?\"?, *\"?[DST]?\"? *")
"""A row between commas: all three cells, so that no flag is lost."""
DRUGS: Final = re.compile(r"(?ai)(?<![A-Z])(?:NDC|HCPCS)")
FIXED_NAME: Final = re.compile(r"(?ai)(?P<year>20\d\d)_?icd9_?hcc")
FIXED_ROW: Final = re.compile(r"(?a)(?=.{7}\d)(?P<code>[0-9VE]\w{2,4}) +(?P<category>\d{1,3}) *")
"""Codes are in columns 1 to 7, categories in columns 8 to 11."""
FIXED_WIDTH: Final = 11


@frozen
class Row:
    """One row as it is in the file, with its line."""

    line: int
    code: str
    category: str
    flag: str


def read_mapping(file: ReadableFile) -> Part | Skipped | None:
    """Return a table that has its file id in its name; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes or categories malformed, or they are stated twice.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    found = file_id(file.name)
    opening = file.head.decode("utf-8", "replace").splitlines()[:OPENING_LINES]
    delimiter = "\t" if any("\t" in line for line in opening) else ","
    if found is None or (delimiter == "," and not any(map(COMMAS.fullmatch, opening))):
        return None
    if DRUGS.search(file.name):
        return Skipped("lists drugs of the drug categories (RXC), which are no categories of diagnoses: it is not read")
    if found.grouping is None:
        return Skipped(
            f"model {found.kind}{found.model} of risk adjustment is not among the groupings that are built in"
        )
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    members = members_of(_tabbed(text, faults) if delimiter == "\t" else _between_commas(text, file, faults), faults)
    faults.raise_if_any()
    facts = {"year": found.year, "precedence": list(found.precedence), "file_id": found.label}
    said = (*_unlabelled(warnings, file), warning_of_year(found))
    return grouping_part(file, found.grouping, "table", found.version, members=members, facts=facts, warnings=said)


def _unlabelled(warnings: Iterable[str], file: ReadableFile) -> Iterator[str]:
    return (one.removeprefix(f"{file.label}:").strip() for one in warnings)


def _tabbed(text: str, faults: Faults) -> Iterator[Row]:
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if len(cells) != CELLS:
            faults.add(
                f"expected code, category and flag between tabs, got {len(cells)} cells: {row[:40]!r}", line=line
            )
            continue
        yield Row(line, *cells)


def _between_commas(text: str, file: ReadableFile, faults: Faults) -> Iterator[Row]:
    for line, row in rows_of(text, file.label):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (line == 1 and not any(character.isdigit() for character in row[0])):
            # a header names its columns
            continue
        if len(cells) != CELLS:
            said = f"expected code, category and flag between commas, got {len(cells)} cells: {','.join(row)[:40]!r}"
            faults.add(said, line=line)
            continue
        yield Row(line, *cells)


def read_fixed(file: ReadableFile) -> Part | None:
    """Return the table of ICD-9-CM, whose columns are padded with blanks; None for any other file.

    Raises:
        ReleaseFaults: As `read_mapping`.
        ReleaseFormatError: As `read_mapping`.
    """
    named = FIXED_NAME.search(file.name)
    opening = file.head.decode("utf-8", "replace").splitlines()[:OPENING_LINES]
    if named is None or not any(map(FIXED_ROW.fullmatch, opening)):
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    members = members_of(_padded(text, faults), faults, "icd9cm")
    faults.raise_if_any()
    year = named["year"]
    basis = f"the year in the file's name, {named[0]}; the payment year is not stated in the file: give --effective"
    version = Version(year, f"{year}-01-01", basis, None, named[0])
    facts = {"year": int(year), "precedence": [1, "", 0, "", ""], "file_id": named[0]}
    warning = f"taken as in force from {year}-01-01, by the year in its name; give --effective where it is another"
    said = (*_unlabelled(warnings, file), warning)
    return grouping_part(file, "hcc_2013", "table", version, members=members, facts=facts, warnings=said)


def _padded(text: str, faults: Faults) -> Iterator[Row]:
    rows = text.splitlines()
    width = min(len(rows[0]), FIXED_WIDTH) if rows else 0
    for line, row in enumerate(rows, 1):
        if not row.strip():
            continue
        found = FIXED_ROW.fullmatch(row)
        if found is None or len(row) < width:
            faults.add(f"expected a code in columns 1 to 7 and a category in 8 to 11, got {row[:40]!r}", line=line)
            continue
        yield Row(line, found["code"], found["category"], "")


def members_of(rows: Iterable[Row], faults: Faults, system: str | None = None) -> list[Member]:
    """Return the rows as members of categories, in the order of the file.

    Args:
        rows: As they are.
        faults: Takes what is malformed, stated twice, or contradicts another row.
        system: Code system of the codes; by default that of most of them: a code of ICD-10-CM begins with a letter.
    """
    listed = list(rows)
    codes = DiagnosisCodes(system or system_of([row.code for row in listed]), faults, 1)
    stated = Stated(faults)
    made: list[Member] = []
    for row in listed:
        code = codes.official(row.code, row.line)
        if stated.is_sound(row, code) and code is not None:
            detail = {"flag": row.flag} if row.flag else None
            made.append(
                Member(codes.definition.name, code, row.category, FLAGS[row.flag], detail=detail, line=row.line)
            )
    for one in made if not faults else ():
        if one.role and one.code not in stated.first:
            faults.add(f"{one.code} has a flag here, and no category without one", line=one.line, column=3)
    if not listed and not faults:
        faults.add("expected at least one row, got none", line=1)
    return made


class Stated:
    """What rows have stated so far, with their lines."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lines: dict[tuple[str, str], int] = {}
        self.first: dict[str, int] = {}
        """Line of the category without a flag, by code."""

    def is_sound(self, row: Row, code: str | None) -> bool:
        """Return whether a row can be taken, given its code in official form; else its errors are noted."""
        before = self._faults.count
        if not CATEGORY.fullmatch(row.category):
            self._faults.add(f"expected the number of a category, got {row.category!r}", line=row.line, column=2)
        if row.flag not in FLAGS:
            self._faults.add(f"expected no flag, D, S or T, got {row.flag!r}", line=row.line, column=3)
        if code is None or self._faults.count > before:
            return False
        known = self._lines.setdefault((code, row.category), row.line)
        if known != row.line:
            message = f"{code} is in category {row.category} already, by line {known}"
            self._faults.add(message, line=row.line, column=1)
        elif not row.flag and self.first.setdefault(code, row.line) != row.line:
            message = f"{code} has a category without a flag already, by line {self.first[code]}"
            self._faults.add(message, line=row.line, column=3)
        return self._faults.count == before


def system_of(codes: Iterable[str]) -> str:
    """Return the code system of most of the codes.

    >>> system_of(["E119", "V0001XA"]), system_of(["25000", "V4581", "4280"])
    ('icd10cm', 'icd9cm')
    """
    listed = list(codes)
    return "icd9cm" if sum(code[:1].isdigit() for code in listed) * 2 > len(listed) else "icd10cm"
