"""The columns of WHO's mapping tables, found by their headings, as text and as workbook.

The tables have had 7, 12 and 18 columns, so nothing counts but the headings. A cell in the place of a code may say in
words that there is none, and then it makes a difference what else the row has:

    A00.0 … http://…/mms/257068234  No code     Cholera     leads to a block, which has no code
    B07   …                         No code                 leads nowhere, as with "No Mapping"

References:
    WHO, ICD-11 MMS, "ICD-10 / ICD-11 mapping tables" (`mapping.zip` of each release) and their `readme.txt`. The
    last heading is no column: it is the day on which the table was made (``2026-Jan-17``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, Sheet, decoded, first_sheet, lines_of
from terminology.systems import SYSTEMS

NAME: Final = re.compile(
    r"(?i)(?P<foundation>foundation_)?(?P<source>1[01])to1[01]mapto(?P<kind>one|multiple)\w*\.(?:txt|xlsx)"
)
ICD10: Final = "icd10"
ICD11: Final = "icd11"
CODES: Final[Mapping[str, str]] = {ICD10: "icd10code", ICD11: "icd11code"}
"""The columns that must be there, by system; the first one is the source."""
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "icd10_kind": ("10classkind", "icd10classkind"),
    "icd11_kind": ("11classkind", "icd11classkind"),
    "icd10_title": ("icd10title",),
    "icd11_title": ("icd11title",),
    "foundation_uri": ("icd11foundationuri", "foundationuri"),
    "linearization_uri": ("linearizationreleaseuri", "linearizationuri"),
}
"""Columns that may be there, each under the headings that it is known by."""
NO_MAPPING: Final = "nomapping"
NO_CODE: Final = re.compile(r"(?i)(?:no|none|not|nil|n/?a|without)\b[^0-9]*|[-\u2013\u2014]+")
"""A cell that says in words, or with a dash, that there is no code. Every code of four characters or more has a digit."""
UNMAPPED: Final = re.compile(r"(?i)map|equivalen|counterpart|correspond")
"""What such a cell is about, where it speaks of the map and not of the code."""
TARGET_TEXTS: Final = {ICD10: ("icd10_title",), ICD11: ("icd11_title", "foundation_uri", "linearization_uri")}
"""Texts of an entity, also of one without a code."""
HEADER_ROWS: Final = 20
RELEASE: Final = re.compile(r"/release/11/(\d{4}-\d\d)/")


def folded(text: str) -> str:
    """Return a heading as it is compared: small letters and digits.

    >>> folded("Linearization (release) URI"), folded("icd10 Code")
    ('linearizationreleaseuri', 'icd10code')
    """
    return re.sub(r"[^a-z0-9]", "", text.lower())


@frozen
class Header:
    """The places of the columns."""

    places: Mapping[str, int] = field(hash=False)
    """Of ``icd10``, ``icd11`` (the codes) and of the texts."""

    @property
    def source(self) -> str:
        """The system of the codes that are mapped: its column is the first."""
        return min((ICD10, ICD11), key=lambda system: self.places[system])

    @property
    def target(self) -> str:
        """The system of the codes that they are mapped to."""
        return ICD11 if self.source == ICD10 else ICD10


@frozen
class Row:
    """One row: the codes in official form, the texts as published."""

    source: str | None
    """None where the row is of a block, which has no code."""
    target: str | None
    """None where there is no mapping, or to a block."""
    is_unmapped: bool
    """Whether the publisher says "No Mapping"."""
    texts: Mapping[str, str | None] = field(hash=False)
    line: int


@frozen
class Table:
    """A mapping table as read."""

    header: Header
    rows: tuple[Row, ...]
    releases: tuple[str, ...]
    """Identifiers of ICD-11 releases in the URIs, sorted."""
    warnings: tuple[str, ...] = ()


def read_table(file: ReadableFile) -> Table | None:
    """Return the table, or None for any other file.

    Raises:
        ReleaseFaults: Codes are malformed, rows cut short; all are named.
        ReleaseFormatError: The same, with one error; or the name is WHO's and a column that is needed is missing.
    """
    sheet = first_sheet(file)
    if sheet is None and _header_place(_text_rows(_head(file))) is None:
        _check_name(file, _first_cells(_text_rows(_head(file))))
        return None
    text, warnings = ("", ()) if sheet else decoded(file.data, file.label)
    cells = list(_sheet_rows(sheet) if sheet else _text_rows(text))
    place = _header_place(cells)
    if place is None:
        _check_name(file, _first_cells(cells))
        return None
    faults = Faults(file.label)
    line, headings = cells[place]
    header = _header(headings)
    rows = tuple(_rows(cells[place + 1 :], header, faults))
    if not sheet and not text.endswith("\n"):
        _note_cut(text, len(headings), faults)
    if not rows and not faults:
        faults.add("expected at least one row below the header, got none", line=line + 1)
    faults.raise_if_any()
    uris = (row.texts.get("linearization_uri") or "" for row in rows)
    releases = {found[1] for uri in uris if (found := RELEASE.search(uri))}
    noticed = (*(f"{file.label}: {text}" for text in _repeated(headings)), *faults.warnings)
    return Table(header, rows, tuple(sorted(releases)), (*warnings, *noticed))


def _head(file: ReadableFile) -> str:
    return file.head.decode("utf-8-sig", "replace")


def _header_place(cells: Iterable[tuple[int, Sequence[str]]]) -> int | None:
    """Return which of the first rows that are not blank is the header, or None."""
    first = itertools.islice(cells, HEADER_ROWS)
    return next((place for place, (_, row) in enumerate(first) if _has_codes(row)), None)


def _first_cells(cells: Iterable[tuple[int, Sequence[str]]]) -> Sequence[str]:
    return next((row for _, row in cells), ())


def _has_codes(headings: Iterable[str]) -> bool:
    return {folded(heading) for heading in headings} >= set(CODES.values())


def _check_name(file: ReadableFile, headings: Sequence[str]) -> None:
    """Check that a file with WHO's name has the columns.

    Raises:
        ReleaseFormatError: The name is WHO's: then the columns must be there.
    """
    if not NAME.fullmatch(file.name) or not file.data:
        return
    found = {folded(heading) for heading in headings}
    missing = [name for name in CODES.values() if name not in found]
    message = (
        f"expected a header with the columns icd10Code and icd11Code, tabs between them; missing: {', '.join(missing)}; "
        f"got {' | '.join(headings)[:120]!r}"
    )
    raise ReleaseFormatError(message, file=file.label, line=1, column=1)


def _header(headings: Sequence[str]) -> Header:
    found = [folded(heading) for heading in headings]
    places = {system: found.index(name) for system, name in CODES.items()}
    for name, synonyms in TEXTS.items():
        place = next((found.index(word) for word in synonyms if word in found), None)
        if place is not None:
            places[name] = place
    return Header(places)


def _repeated(headings: Sequence[str]) -> list[str]:
    found = [folded(heading) for heading in headings]
    return [
        f"has {found.count(name)} columns {name}; the first is read" for name in CODES.values() if found.count(name) > 1
    ]


def _sheet_rows(sheet: Sheet) -> Iterator[tuple[int, Sequence[str]]]:
    return ((number, row) for number, row in enumerate(sheet.rows, 1) if any(cell.strip() for cell in row))


def _text_rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    return ((number, line.split("\t")) for number, line in lines_of(text) if line.strip())


def _note_cut(text: str, columns: int, faults: Faults) -> None:
    last = text.rsplit("\n", 1)[-1]
    # the last heading is no column
    if len(last.split("\t")) < columns - 1:
        faults.add("expected a whole last row: the file is cut short", line=text.count("\n") + 1)


def _rows(cells: Sequence[tuple[int, Sequence[str]]], header: Header, faults: Faults) -> Iterator[Row]:
    needed = max(header.places[system] for system in CODES)
    for line, row in cells:
        values = [" ".join(cell.split()) for cell in row]
        is_unmapped = any(folded(value) == NO_MAPPING for value in values)
        if len(values) <= needed:
            if not is_unmapped:
                faults.add(
                    f"expected at least {needed + 1} columns, got {len(values)}", line=line, column=len(values) + 1
                )
                continue
            # blanks at the end of such a row may be left out
            values += [""] * (needed + 1 - len(values))
        texts = {name: values[place] or None for name, place in header.places.items() if place < len(values)}
        source, target = (
            _code(values[header.places[system]], system, line, faults) for system in (header.source, header.target)
        )
        is_unmapped = target is None and (
            is_unmapped or _says_no_map(values[header.places[header.target]], texts, header)
        )
        yield Row(source, target, is_unmapped, {name: texts.get(name) for name in (*CODES, *TEXTS)}, line)


def _says_no_map(cell: str, texts: Mapping[str, str | None], header: Header) -> bool:
    """Return whether a cell without a code says that the source is not mapped, and not just that its target has no code."""
    if not NO_CODE.fullmatch(cell):
        return False
    return bool(UNMAPPED.search(cell)) or not any(texts.get(name) for name in TARGET_TEXTS[header.target])


def _code(cell: str, system: str, line: int, faults: Faults) -> str | None:
    """Return a code in official form; None where the cell has none, which is right, or is faulty, which is noted."""
    if not cell or NO_CODE.fullmatch(cell):
        return None
    code = SYSTEMS[system].official(cell)
    if code is None and (code := SYSTEMS[system].official(re.sub(r" ?([&/]) ?", r"\1", cell))):
        faults.slip("blanks within a cluster, left out", cell, line=line, column=f"{system}Code")
    if code is None:
        faults.add(f"expected a code of {SYSTEMS[system].title}, got {cell!r}", line=line, column=f"{system}Code")
    return code
