"""The lines before the rows of an own map: ``#key: value``, and the header."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from terminology.reading import LABEL, Faults, day_in, lines_of

from ..naming import SHORT_NAME, built_in_system

REQUIRED: Final = ("source", "target")
OPTIONAL: Final = ("alternative", "relationship", "approximate", "change", "effective", "comment")
STANDARD: Final = (*REQUIRED, *OPTIONAL)
RESERVED: Final = frozenset({"line"})
DELIMITERS: Final = (",", ";", "\t")


@frozen
class Heading:
    """What a map says about itself."""

    crosswalk: str
    """Its name for people."""
    source_system: str
    target_system: str
    version: str | None = None
    effective: datetime.date | None = None
    licence: str | None = None

    @property
    def is_succession(self) -> bool:
        """Whether it says what became of codes within one system."""
        return self.source_system == self.target_system


@frozen
class Opening:
    """The lines before the rows."""

    values: Mapping[str, tuple[str, int]]
    """Text and line of each ``#key: value``."""
    strange: tuple[tuple[int, str], ...]
    """Lines that begin with one ``#`` and are none; and keys that are given twice."""
    header: tuple[str, ...]
    header_line: int
    """The last line of the text where there is none."""
    delimiter: str


def opening_of(text: str) -> Opening | None:
    """Return how the text opens, or None if it is no own map: it says neither ``#crosswalk:`` nor a system.

    >>> opening_of("#crosswalk: Colours\\nsource,target\\nR,Red\\n").header
    ('source', 'target')
    """
    values: dict[str, tuple[str, int]] = {}
    strange: list[tuple[int, str]] = []
    header: tuple[str, ...] = ()
    place, delimiter = text.count("\n") + 1, ","
    for number, line in lines_of(text):
        # a spreadsheet program fills such a line up with delimiters, or puts it in quotes
        bare = line.strip().rstrip(",;\t").strip('"').strip()
        if not bare or bare.startswith("##"):
            continue
        if not bare.startswith("#"):
            header, delimiter = _header(line)
            place = number
            break
        key, colon, value = bare[1:].partition(":")
        key = "_".join(key.strip().lower().replace("-", " ").split())
        if colon and key in KEYS and value.strip() and key not in values:
            values[key] = (value.strip(), number)
        else:
            strange.append((number, bare))
    if not values.keys() & MARKS:
        return None
    return Opening(values, tuple(strange), header, place, delimiter)


def _header(line: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the columns, divided by the mark that makes most sense of them, and that mark."""
    found = [(_names(_cells(line, mark)), mark) for mark in DELIMITERS]
    return max(found, key=lambda pair: (sum(name in STANDARD for name in pair[0]), len(pair[0])))


def _cells(line: str, mark: str) -> Sequence[str]:
    """Return the cells of a line; none where it cannot be divided (a return within it, a cell without end)."""
    try:
        return next(csv.reader([line], delimiter=mark), ())
    except csv.Error:
        return ()


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple("_".join(cell.strip().lower().replace("-", " ").split()) for cell in cells)


def stated_heading(opening: Opening, faults: Faults) -> Heading | None:
    """Return the heading that the lines state, or None where it is faulty; faults are noted."""
    for number, line in opening.strange:
        keys = ", ".join(KEYS)
        faults.add(f"expected #KEY: VALUE, each KEY once and one of {keys}, got {line!r}", line=number, column=1)
    _check_header(opening, faults)
    missing = [f"#{key}:" for key in NEEDED if key not in opening.values]
    if missing:
        faults.add(f"expected lines {', '.join(f'#{key}:' for key in NEEDED)}; missing: {', '.join(missing)}", line=1)
    given: dict[str, Any] = {}
    for key, (text, number) in opening.values.items():
        try:
            given[key] = PARSERS[key](text)
        except ValueError as error:
            faults.add(f"expected {error}, got {text!r}", line=number, column=key)
    return None if faults else Heading(**given)


def _check_header(opening: Opening, faults: Faults) -> None:
    line = opening.header_line
    missing = [name for name in REQUIRED if name not in opening.header]
    if missing:
        faults.add(f"expected columns source and target; missing: {', '.join(missing)}", line=line)
    for place, name in enumerate(opening.header, 1):
        if not name:
            faults.add("expected a name of the column, got nothing", line=line, column=place)
        elif opening.header.index(name) != place - 1:
            faults.add(f"column {name} stands in the header twice", line=line, column=place)
        elif name in RESERVED:
            faults.add(f"a column cannot be named {name}", line=line, column=place)


def _system(text: str) -> str:
    name = built_in_system(text) or text
    if not SHORT_NAME.fullmatch(name):
        raise ValueError("a short name of small letters and digits, or the URI of a built-in system")
    return name


def _version(text: str) -> str:
    if not LABEL.fullmatch(text):
        raise ValueError("a version of letters, digits, dots and dashes")
    return text


def _day(text: str) -> datetime.date:
    day = day_in(text)
    if day is None:
        raise ValueError("a day like 2024-03-01")
    return day


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "crosswalk": str,
    "source_system": _system,
    "target_system": _system,
    "version": _version,
    "effective": _day,
    "licence": str,
}
"""How the value of each key is read; a `ValueError` says what was expected."""

KEYS: Final = tuple(PARSERS)
MARKS: Final = frozenset({"crosswalk", "source_system", "target_system"})
"""Any of these keys makes a text an own map."""
NEEDED: Final = ("crosswalk", "source_system", "target_system")
