"""The files of a year: the list, what was added, deleted and revised, and the read-me.

    Order2017   POAexemptCode   Description              the list: an order number, the code with its dot, its title
    Action      POAexemptCode   Description              what was revised
    POA-exm-Del-code   Description                       what was deleted, in the year 2016

The heading of the order number has the year in some years, the names of the files in all. Headings of the lists of
additions are those of the whole list in some years, so the name tells them apart. A list of deletions has no order
numbers, and one of revisions has actions: a whole list that was revised is one by its heading, whatever its name.

Rows above the header are titles. ``ICD-10-CM Code`` heads the codes only where the name or a title says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.drafts import Part, Skipped
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded, first_sheet, lines_of

from ..delimited import cells_of, rows_of
from ..tables import Category, Codes, Member, Version, grouping_part

if TYPE_CHECKING:
    import pyarrow as pa

GROUPING: Final = "poa_exempt"
SYSTEM: Final = "icd10cm"
EXEMPT: Final = Category("exempt", "Exempt from present-on-admission reporting")
CODE_HEADINGS: Final = frozenset({"poaexemptcode", "poaexemptcodes", "poaexmaddcode", "poaexmdelcode", "poaexmrevcode"})
USUAL_HEADINGS: Final = frozenset({"icdcmcode", "icdcmcodes", "icdcmdiagnosiscode"})
"""Without the digits. Any list of codes may have them."""
EXEMPTION: Final = (re.compile(r"(?i)\bPOA|present[ _-]on[ _-]admission"), re.compile("(?i)exempt"))
"""Both are said of a list of exempt codes, in either order. One pattern for both would take the square of a long line."""
FIRST_ROWS: Final = 10
"""Rows among which the header is."""
YEAR: Final = re.compile(r"(?<!\d)(?:FY[ -]?)?(20\d\d)(?!\d)|FY[ -]?(\d\d)(?!\d)", re.IGNORECASE)
FISCAL: Final = re.compile(r"FY ?(20\d\d|\d\d)", re.IGNORECASE)
READ_ME: Final = re.compile(r"Description of Present On Admission \(POA\) files", re.IGNORECASE)
COUNT: Final = re.compile(r"\(([\d,]+) codes\b")
LIST, ADDED, DELETED, REVISED = "list", "added", "deleted", "revised"
CHANGES: Final = "changes"
"""The table of a list of changes: code and line."""
WORDS: Final = (
    (ADDED, re.compile("add", re.IGNORECASE)),
    (DELETED, re.compile("del", re.IGNORECASE)),
    (REVISED, re.compile("rev", re.IGNORECASE)),
)
LONGEST_READ_ME: Final = 20_000


@frozen
class _Rows:
    """A file below its header."""

    header: tuple[str, ...]
    place: int
    """Of the column of codes."""
    first: int
    """Line of the header."""
    titles: str
    """What is above the header."""
    rows: Sequence[tuple[int, tuple[str, ...]]]
    warnings: tuple[str, ...] = ()


def read_list(file: ReadableFile) -> Part | Skipped | None:
    """Return the list of a year, or what was changed in it, as a part; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, repeated, or hold no code.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    found = _rows_of(file)
    if found is None:
        return None
    role = _role(file.name, found.header)
    faults = Faults(file.label, by_line=True)
    codes = list(_codes(found, role, faults))
    faults.raise_if_any()
    version = version_in(" ".join(found.header), found.titles, file.name, file.archive or "")
    said = (*found.warnings, *_contradictions(version, " ".join(found.header), file.name))
    if role == LIST:
        members = [Member(SYSTEM, code, EXEMPT.code, line=line) for code, line in codes]
        return grouping_part(file, GROUPING, LIST, version, categories=[EXEMPT], members=members, warnings=said)
    made = grouping_part(file, GROUPING, role, version, facts={"role": role}, warnings=said)
    return evolve(made, tables={CHANGES: _change_table(codes)})


def _rows_of(file: ReadableFile) -> _Rows | None:
    """Return a text or workbook below its header; None where its header has no column of exempt codes."""
    if file.suffix in {".xlsx", ".xlsm", ".xls"}:
        sheet = first_sheet(file)
        return _below_header(file.name, list(enumerate(sheet.rows, 1))) if sheet else None
    opening = file.head.decode("cp1252", "replace").removeprefix("ï»¿").splitlines()[:FIRST_ROWS]
    for delimiter in "\t,":
        if _below_header(file.name, [(line, cells_of(text, delimiter)) for line, text in enumerate(opening, 1)]):
            text, warnings = decoded(file.data, file.label)
            found = _below_header(file.name, _cells(text, file.label, delimiter))
            return evolve(found, warnings=tuple(warnings)) if found else None
    return None


def _cells(text: str, file: str, delimiter: str) -> list[tuple[int, Sequence[str]]]:
    """Return line and cells of each row; in the publisher's own form a row is a line, whatever its quotation marks."""
    if delimiter == "\t":
        return [(line, cells_of(row, delimiter)) for line, row in lines_of(text)]
    return list(rows_of(text, file, delimiter))


def _below_header(name: str, rows: Sequence[tuple[int, Sequence[str]]]) -> _Rows | None:
    """Return what is below the first row that heads a column of exempt codes; None where none of the first ones does."""
    titles = ""
    for number, (line, cells) in enumerate(islice(rows, FIRST_ROWS), 1):
        is_named = all(words.search(f"{name} {titles}") for words in EXEMPTION)
        known = CODE_HEADINGS | (USUAL_HEADINGS if is_named else frozenset())
        place = next((place for place, cell in enumerate(cells) if _folded(cell) in known), None)
        if place is not None:
            below = [(at, tuple(cell.strip() for cell in row)) for at, row in rows[number:]]
            return _Rows(tuple(cells), place, line, titles.strip(), below)
        titles = f"{titles} {' '.join(cells)}"
    return None


def _folded(heading: str) -> str:
    return re.sub(r"[^a-z]", "", heading.lower())


def _role(name: str, header: Sequence[str]) -> str:
    """Return what a file states.

    >>> _role("POAexemptCodesFY22.txt", ["Order2022", "POAexemptCode"]), _role("x.txt", ["POA-exm-Del-code"])
    ('list', 'deleted')
    >>> _role("POAexemptCodesFY22_Revised.txt", ["Order2022", "POAexemptCode"])
    'list'
    """
    headings = {_folded(heading) for heading in header}
    if "action" in headings:
        return REVISED
    # those of additions have order numbers in some years, as the whole list has
    named = WORDS[:1] if "order" in headings else WORDS
    for role, word in WORDS:
        if any(f"exm{word.pattern}" in heading for heading in headings):
            return role
    return next((role for role, word in named if word.search(name.rpartition("/")[2])), LIST)


def _codes(found: _Rows, role: str, faults: Faults) -> Iterator[tuple[str, int]]:
    """Yield each code with its line; a code that is on another line already is an error, but in revisions."""
    place = found.place
    column = found.header[place].strip()
    known: dict[str, int] = {}
    codes = Codes(SYSTEM, faults, column)
    if not any(any(cells) for _, cells in found.rows):
        faults.add("expected at least one row below the header, got none", line=found.first + 1, of_file=True)
    for line, cells in found.rows:
        if not any(cells):
            continue
        if len(cells) <= place or not cells[place]:
            faults.add(
                f"expected a code in column {place + 1}, got none: the row is cut short", line=line, column=column
            )
            continue
        code = codes.official(cells[place], line)
        if code is None:
            continue
        if code in known:
            if role != REVISED:
                faults.add(f"{code} is on line {known[code]} already", line=line, column=column)
            continue
        known[code] = line
        yield code, line


def _change_table(codes: Sequence[tuple[str, int]]) -> pa.Table:
    import pyarrow as pa

    layout = pa.schema([("code", pa.string()), ("line", pa.int32())])
    return pa.table({"code": [code for code, _ in codes], "line": [line for _, line in codes]}, schema=layout)


def read_me(file: ReadableFile) -> Part | None:
    """Return the numbers of codes that a read-me states, as a part; None for any other file."""
    if len(file.head) > LONGEST_READ_ME or not READ_ME.search(file.head[:200].decode("cp1252", "replace")):
        return None
    text, warnings = decoded(file.data, file.label)
    counts: dict[str, int] = {}
    year = ""
    for _, line in lines_of(text):
        if (number := COUNT.search(line)) and line.lower().startswith("list of"):
            counts.setdefault(_stated(line), int(number[1].replace(",", "")))
            year = year or " ".join(found[0] for found in FISCAL.finditer(line))
    version = version_in(year, file.name, file.archive or "")
    return grouping_part(
        file, GROUPING, "read-me", version, facts={"role": "counts", "counts": counts}, warnings=warnings
    )


def _stated(line: str) -> str:
    """Return what a line of the read-me counts.

    >>> _stated("List of codes deleted from the previous POA exempt list, to create the current list (178 codes).")
    'deleted'
    """
    found = re.match(r"List of codes (added|deleted|revised)", line, re.IGNORECASE)
    return found[1].lower() if found else LIST


def version_in(*texts: str) -> Version:
    """Return the version of the first text that names a fiscal year; it is in force from October 1.

    >>> version_in("Order POAexemptCode", "POAexemptCodesFY22.txt").label, version_in("Order2017").effective
    ('FY2022', '2016-10-01')
    """
    for text in texts:
        years = _years(text)
        if years:
            year = years[0]
            label = f"FY{year}"
            day = year_start("fiscal", year).isoformat()
            return Version(label, day, f"{label} begins on October 1 (named in {text!r})", f"{SYSTEM} {year}", text)
    return Version(None, None)


def _years(text: str) -> list[int]:
    """Return the years that a text names, in its order.

    >>> _years("POAexemptCodesFY22.txt"), _years("exempt_2024-2025.txt")
    ([2022], [2024, 2025])
    """
    found = YEAR.finditer(re.sub(r"(?<=[A-Za-z])(?=20\d\d)", " ", text))
    return [int(one[1] or 2000 + int(one[2])) for one in found]


def _contradictions(version: Version, header: str, name: str) -> Iterator[str]:
    """Yield a warning where heading and name of a file do not name one and the same year."""
    years = sorted({*_years(header), *_years(name.rpartition("/")[2])})
    if len(years) > 1:
        named = ", ".join(map(str, years))
        yield f"taken as of {version.label}, though its heading and its name together name the years {named}"


def with_first_day(part: Part) -> Part:
    """Return a part whose version, given by the operator as a fiscal year, has its first day."""
    if not part.version or part.effective:
        return part
    year = FISCAL.fullmatch(part.version)
    if year is None:
        return part
    number = int(year[1]) if len(year[1]) > 2 else 2000 + int(year[1])  # noqa: PLR2004 -- two digits
    return evolve(part, version=f"FY{number}", effective=year_start("fiscal", number))


def facts_of(part: Part) -> dict[str, Any]:
    """Return version and role of a companion."""
    return {"version": part.version or part.facts["version"], "role": part.facts["role"]}
