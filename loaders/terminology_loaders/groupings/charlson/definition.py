"""The definition file of a comorbidity index: what is known of it, then a row for each category."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from terminology import schema
from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, day_in, decoded
from terminology.systems import SYSTEMS

from ..delimited import rows_of
from ..tables import Category, Member, Version, grouping_part

GROUPING: Final = "charlson"
OPENING: Final = "charlson comorbidity index"
COLUMNS: Final = ("category", "title", "drops")
WEIGHT: Final = "weight"
RANGE: Final = re.compile(r"([A-Z]?\d+(?:\.\d+)?)-([A-Z]?\d+(?:\.\d+)?)")
NUMBER: Final = re.compile(r"-?\d{1,3}")
CATEGORY: Final = re.compile(r"[A-Z][A-Z0-9_]*")
SYSTEMS_OF_CODES: Final = ("icd10", "icd10cm", "icd9cm", "icd10gm")


@frozen
class Header:
    """The header of the categories: the places of its columns."""

    line: int
    places: Mapping[str, int]
    systems: Mapping[int, tuple[str, ...]]
    """Code systems of the columns of codes."""
    width: int


def read_definition(file: ReadableFile) -> Part | None:
    """Return the definition as a part; None for any other file.

    Raises:
        ReleaseFaults: Columns are missing, codes, weights or names malformed, a category is there twice.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    opening = file.head.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    if not opening.lower().startswith(OPENING):
        return None
    text, warnings = decoded(file.data, file.label)
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in rows_of(text, file.label)]
    faults = Faults(file.label)
    number = next((place for place, (_, cells) in enumerate(rows) if cells[:1] == ["category"]), len(rows))
    header = _header(rows[number], faults) if number < len(rows) else None
    if header is None:
        faults.add("expected a header that begins with category, got none", of_file=True)
    faults.raise_if_any()
    if header is None:
        return None
    categories = list(_categories(rows[number + 1 :], header, faults))
    members = list(_members(rows[number + 1 :], header, faults))
    version = _version([(line, cells) for line, cells in rows[:number] if len(cells) > 1], faults)
    faults.raise_if_any()
    return grouping_part(file, GROUPING, "table", version, categories=categories, members=members, warnings=warnings)


def _header(row: tuple[int, Sequence[str]], faults: Faults) -> Header | None:
    line, cells = row
    places = {name: place for place, name in enumerate(cells)}
    systems = {place: tuple(name.split()) for place, name in enumerate(cells) if name.split()[:1] and _names(name)}
    for name in COLUMNS:
        if name not in places:
            faults.add(f"expected a column {name!r}", line=line, of_file=True)
    if not systems:
        faults.add(f"expected columns headed by code systems ({', '.join(SYSTEMS_OF_CODES)})", line=line, of_file=True)
    for place, name in enumerate(cells):
        if name not in COLUMNS and not name.startswith(WEIGHT) and place not in systems:
            faults.add(f"expected a column of weights or of codes, got {name!r}", line=line, column=place + 1)
    return Header(line, places, systems, len(cells))


def _names(heading: str) -> bool:
    return all(name in SYSTEMS_OF_CODES for name in heading.split())


def _version(rows: Sequence[tuple[int, Sequence[str]]], faults: Faults) -> Version:
    """Return the version that the rows above the header state."""
    said = {cells[0]: (line, cells[1]) for line, cells in rows}
    line, effective = said.get("effective", (None, ""))
    day = day_in(effective) if effective else None
    if effective and day is None:
        faults.add(f"expected a day such as 1979-01-01, got {effective!r}", line=line, column="effective")
    label = said.get("version", (None, None))[1]
    sources = "; ".join(cells[1] for _, cells in rows if cells[0] == "source")
    basis = said.get("basis", (None, None))[1]
    return Version(label, day.isoformat() if day else None, basis, None, sources or None)


def _categories(rows: Sequence[tuple[int, Sequence[str]]], header: Header, faults: Faults) -> Iterator[Category]:
    named = {cells[0]: line for line, cells in reversed(rows) if any(cells)}
    if not named:
        faults.add("expected at least one category below the header, got none", line=header.line, of_file=True)
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != header.width:
            faults.add(f"expected {header.width} cells, got {len(cells)}: the row is cut short", line=line)
            continue
        code = cells[0]
        if not CATEGORY.fullmatch(code):
            faults.add(f"expected the name of a category in capitals, got {code!r}", line=line, column="category")
        if named[code] != line:
            faults.add(f"expected one row of {code}, got another in line {named[code]}", line=line, column="category")
        properties = dict(_weights(line, cells, header, faults))
        drops = cells[header.places["drops"]].split()
        for below in drops:
            if below not in named or below == code:
                faults.add(f"expected other categories of the file, got {below!r}", line=line, column="drops")
        if drops:
            properties["drops"] = drops
        yield Category(code, cells[header.places["title"]] or None, line=line, properties=properties)


def _weights(line: int, cells: Sequence[str], header: Header, faults: Faults) -> Iterator[tuple[str, Any]]:
    for name, place in header.places.items():
        if name.startswith(WEIGHT):
            if NUMBER.fullmatch(cells[place]):
                yield name, int(cells[place])
            else:
                faults.add(f"expected a whole number, got {cells[place]!r}", line=line, column=name)


def _members(rows: Sequence[tuple[int, Sequence[str]]], header: Header, faults: Faults) -> Iterator[Member]:
    """Yield the beginnings of codes; one that comes twice in a column is an error, for a category has it once."""
    for line, cells in rows:
        seen: set[tuple[str, str]] = set()
        for place, systems in header.systems.items():
            for word in cells[place].split() if place < len(cells) else ():
                beginnings = beginnings_of(word)
                if not beginnings:
                    faults.add(f"expected a range of codes that rises, got {word!r}", line=line, column=place + 1)
                for system in systems:
                    for beginning in beginnings:
                        code = SYSTEMS[system].official(beginning)
                        if code is None:
                            message = f"expected the beginning of codes of {SYSTEMS[system].title}, got {beginning!r}"
                            faults.add(message, line=line, column=place + 1)
                        elif (system, code) in seen:
                            faults.add(f"expected {code} once, got it again", line=line, column=place + 1)
                        else:
                            seen.add((system, code))
                            yield Member(system, code, cells[0], schema.BEGINNING, line=line)


def beginnings_of(word: str) -> list[str]:
    """Return the beginnings of codes that a word of the file means; none of a range that cannot be one.

    >>> beginnings_of("I60-I62"), beginnings_of("250.0-250.3"), beginnings_of("I25.2"), beginnings_of("I69-I60")
    (['I60', 'I61', 'I62'], ['250.0', '250.1', '250.2', '250.3'], ['I25.2'], [])
    """
    found = RANGE.fullmatch(word)
    if found is None:
        return [word]
    low, high = found.groups()
    digits = re.search(r"\d+$", low)
    kept = low[: digits.start()] if digits else low
    if digits is None or len(low) != len(high) or not high.startswith(kept) or low > high:
        return []
    width = len(digits[0])
    return [f"{kept}{number:0{width}}" for number in range(int(digits[0]), int(high[len(kept) :]) + 1)]
