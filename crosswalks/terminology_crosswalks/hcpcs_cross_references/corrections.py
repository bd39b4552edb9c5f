"""Corrections lists of HCPCS: prose about single codes, published after a release; and which release each list corrects.

Only one kind of correction changes a cross-reference ("Change xref code to J7203"). Everything else is kept as
published, and changes nothing: the next release has it.

References:
    CMS, HCPCS Alpha-Numeric Corrections (`HCPC2019_Corrections_ALPHA.xlsx` and its twin `.prn`, the same columns
    cut to the width of the print).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from attrs import field, frozen

from terminology.drafts import Part
from terminology.model import Release
from terminology.reading import Faults, ReadableFile, decoded, first_sheet, lines_of
from terminology.reading.dates import MONTHS, month_number, year_in

from ..mapping_rows import row_digest, row_table

KIND: Final = "corrections"

HEADER_ROWS: Final = 20

CODE_HEADINGS: Final = frozenset({"CODE", "HCPCS/MOD CODE", "HCPCS/MODIFIER CODE", "HCPCS CODE"})

ACTION: Final = "ACTION"

TEXT_HEAD: Final = re.compile(rb"\A\s*\d{4} (?:ALPHA-?NUMERIC )?HCPCS CORRECTIONS\s")

TEXT_HEADER: Final = re.compile(r"\s*CODE\s+ACTION\b")

TEXT_ROW: Final = re.compile(r"\s*([A-Z][0-9]{4}|[A-Z][A-Z0-9])\s\s*(\S.*)")

CODE: Final = re.compile(r"[A-Z][0-9]{4}|[A-Z][A-Z0-9]")

CHANGE: Final = re.compile(
    r"(?i)\b(?:change|correct|revise|update)s?\b.*\bx-?ref(?:erence)?s?(?:\s+codes?)?\s+(?:to|should be)\s+"
    r"([A-Z0-9]{2,5}(?:(?:\s*[,;&]\s*|\s+and\s+)[A-Z0-9]{2,5})*)\s*\.?"
)

LONGEST_ACTION: Final = 2_000
"""Characters in which a change is looked for: the search repeats at every word of change."""

WITHDRAWAL: Final = re.compile(r"(?i)\bremove from previous corrections\b")

FIRST_YEAR: Final = 2000

NAME_YEAR: Final = re.compile(r"(?i)HCPC(?:S)?_?(20\d\d)")

NAME_MONTH: Final = re.compile(rf"(?i)[-_](?:20\d\d)?[-_]?({'|'.join(MONTHS)})[a-z]*[-_]")

NAME_NUMBER: Final = re.compile(r"(?i)(?:\A|[-_])V(\d{1,2})(?=[-_.]|\Z)")


@frozen
class Correction:
    """What a list says of one code."""

    code: str
    action: str
    """The prose."""
    line: int
    fields: tuple[str, ...] = ()
    """Headings and cells of the row, filled ones only: ``EFF DATE: 2019-01-01``."""

    @property
    def cross_references(self) -> tuple[str, ...] | None:
        """The cross-references that the code should have; None where the correction is about something else.

        >>> Correction("C9468", "Change xref code to J7203", 9).cross_references
        ('J7203',)
        """
        found = CHANGE.search(self.action[:LONGEST_ACTION])
        return tuple(re.findall(r"[A-Z0-9]{2,5}", found[1].upper().replace(" AND ", " "))) if found else None

    @property
    def withdraws(self) -> bool:
        """Whether it takes back what an earlier list said of the code."""
        return WITHDRAWAL.search(self.action) is not None


def corrections_part(file: ReadableFile) -> Part | None:
    """Return the list as a part, or None for any other file.

    Raises:
        ReleaseFaults, ReleaseFormatError: Rows have no code or no action, the list is empty.
    """
    sheet = first_sheet(file)
    faults = Faults(file.label)
    if sheet is not None:
        header = _header_row(sheet.rows)
        if header is None:
            return None
        title = " ".join(cell for row in sheet.rows[:header] for cell in row)
        warnings: tuple[str, ...] = ()
        found = list(_sheet_rows(sheet.rows, header, faults))
    elif TEXT_HEAD.match(file.head):
        text, warnings = decoded(file.data, file.label)
        title = next(line for _, line in lines_of(text) if line.strip())
        found = list(_text_rows(text, faults))
    else:
        return None
    if not found and not faults:
        faults.add("expected at least one correction below the header, got none")
    faults.raise_if_any()
    return _part(file, title, found, warnings)


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    for place, row in enumerate(rows[:HEADER_ROWS]):
        headings = list(map(_heading, row))
        if ACTION in headings and CODE_HEADINGS & set(headings):
            return place
    return None


def _heading(cell: str) -> str:
    return " ".join(cell.upper().split())


def _sheet_rows(rows: Sequence[Sequence[str]], header: int, faults: Faults) -> Iterator[Correction]:
    headings = list(map(_heading, rows[header]))
    code_place = next(place for place, heading in enumerate(headings) if heading in CODE_HEADINGS)
    action_place = headings.index(ACTION)
    for line, row in enumerate(rows[header + 1 :], header + 2):
        cells = [" ".join(cell.split()) for cell in row]
        if not any(cells):
            continue
        code, action = cells[code_place].upper(), cells[action_place]
        if not CODE.fullmatch(code):
            faults.add(f"expected a HCPCS code or modifier, got {code!r}", line=line, column=headings[code_place])
        elif not action:
            faults.add(f"expected what is corrected of {code}, got blanks", line=line, column=ACTION)
        else:
            pairs = zip(headings, cells, strict=True)
            fields = [f"{heading}: {cell}" for heading, cell in pairs if cell and heading != ACTION]
            yield Correction(code, action, line, tuple(fields[1:] if fields[0].endswith(code) else fields))


def _text_rows(text: str, faults: Faults) -> Iterator[Correction]:
    """Yield the rows of a print: the columns touch each other, so the action is all that follows the code."""
    begun = False
    for line, content in lines_of(text):
        if not begun or not content.strip():
            begun = begun or TEXT_HEADER.match(content) is not None
        elif row := TEXT_ROW.fullmatch(content.rstrip()):
            yield Correction(row[1], row[2], line)
        else:
            faults.add(f"expected a HCPCS code or modifier and an action, got {content.strip()[:40]!r}", line=line)
    if not begun:
        faults.add("expected a header with the columns CODE and ACTION, got none", line=1)


def _part(file: ReadableFile, title: str, found: Sequence[Correction], warnings: tuple[str, ...]) -> Part:
    import pyarrow as pa

    rows = [{"code": one.code, "action": one.action, "fields": list(one.fields), "line": one.line} for one in found]
    columns = {"code": pa.string(), "action": pa.string(), "fields": pa.list_(pa.string()), "line": pa.int32()}
    facts = {
        **_dating(file.origin.name, file.origin.archive or "", title),
        "printed": file.suffix not in {".xlsx", ".xlsm", ".xls"},
        "digest": row_digest((one.code, one.action, one.fields) for one in found),
    }
    return Part(KIND, file.origin, facts, {"rows": row_table(rows, columns)}, warnings)


def _dating(name: str, archive: str, title: str) -> dict[str, Any]:
    """Return year, month (None where the release is the year's first) and number of the list among its year's.

    >>> _dating("HCPC2025_JAN_ANWEB_Corrections_12172024.xlsx", "", "")
    {'year': 2025, 'month': 1, 'number': 1}
    >>> _dating("HCPC2019_Corrections_ALPHA_v2.xlsx", "", "2019 ALPHA-NUMERIC HCPCS CORRECTIONS")
    {'year': 2019, 'month': None, 'number': 2}
    """
    named = NAME_YEAR.search(name) or NAME_YEAR.search(archive)
    year = year_in(title, FIRST_YEAR) or (int(named[1]) if named else year_in(archive, FIRST_YEAR))
    month = NAME_MONTH.search(name)
    number = NAME_NUMBER.search(name)
    return {
        "year": year,
        "month": month_number(month[1]) if month else None,
        "number": int(number[1]) if number else 1,
    }


def corrections_of(part: Part) -> list[Correction]:
    """Return the corrections of a part, in the order of the list."""
    return [
        Correction(row["code"], row["action"], row["line"], tuple(row["fields"]))
        for row in part.tables["rows"].to_pylist()
    ]


Told = tuple[tuple[Part, str], ...]


@frozen
class CorrectionPlan:
    """The lists of each release in the order of their numbers, and those that correct no release."""

    lists: Mapping[str, tuple[Part, ...]] = field(hash=False)
    """By version of the release."""
    refused: Told = ()
    unused: Told = ()

    def lists_of(self, version: str) -> tuple[Part, ...]:
        """Return the lists that correct a release, in the order in which they apply."""
        return self.lists.get(version, ())


def planned_corrections(parts: Sequence[Part], releases: Sequence[Release]) -> CorrectionPlan:
    """Return the lists by release: that of the month in the list's name, else the first one of the list's year.

    A print is not used where the workbook of the same name is here: its texts are cut. Two different lists of one
    number for one release contradict each other, and both are rejected.

    Args:
        parts: All parts; those of other kinds are skipped.
        releases: In order of their days.
    """
    lists = sorted((part for part in parts if part.kind == KIND), key=lambda part: (part.origin.label, part.revision))
    refused: list[tuple[Part, str]] = []
    unused: list[tuple[Part, str]] = []
    found: dict[str, dict[int, list[Part]]] = {}
    for part in lists:
        twin = next((other for other in lists if _is_twin(part, other)), None)
        if twin:
            unused.append((part, f"a print whose texts are cut; {twin.origin.label} has them whole"))
            continue
        version = _version_of(part, releases)
        if version is None and not _is_dated(part):
            refused.append((part, "nothing states which release the list corrects: give --version"))
        elif version is None:
            unused.append((part, f"corrects the release of {_wanted(part)}, which is not loaded"))
        else:
            found.setdefault(version, {}).setdefault(part.facts["number"], []).append(part)
    chosen: dict[str, tuple[Part, ...]] = {}
    for version, numbers in found.items():
        kept: list[Part] = []
        for _, same in sorted(numbers.items()):
            if len({part.facts["digest"] for part in same}) > 1:
                refused += [(part, _contradiction(part, same, version)) for part in same]
            else:
                kept += same
        chosen[version] = tuple(kept)
    return CorrectionPlan(chosen, tuple(refused), tuple(unused))


def _is_twin(part: Part, other: Part) -> bool:
    """Return whether the other is the workbook of a print."""
    same_archive = part.origin.archive_sha256 == other.origin.archive_sha256
    same_name = PurePosixPath(part.origin.name).stem == PurePosixPath(other.origin.name).stem
    return part.facts["printed"] and not other.facts["printed"] and same_archive and same_name


def _is_dated(part: Part) -> bool:
    return bool(part.version or part.effective or part.facts["year"])


def _wanted(part: Part) -> str:
    if part.version or part.effective:
        return str(part.version or part.effective)
    year, month = part.facts["year"], part.facts["month"]
    return f"{year}-{month:02}" if month else str(year)


def _version_of(part: Part, releases: Sequence[Release]) -> str | None:
    if part.version:
        return next((release.version for release in releases if release.version == part.version), None)
    if part.effective:
        return next((release.version for release in releases if release.effective == part.effective), None)
    of_year = [release for release in releases if release.effective.year == part.facts["year"]]
    month = part.facts["month"] or 1
    return next((release.version for release in of_year if release.effective.month == month), None)


def _contradiction(part: Part, same: Sequence[Part], version: str) -> str:
    others = " and ".join(other.origin.label for other in same if other is not part)
    return f"corrects release {version} otherwise than {others}, a list of the same number: load only one of them"


__all__ = ["CorrectionPlan", "planned_corrections"]
