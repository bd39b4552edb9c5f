"""The lines before the rows of an own map: ``#key: value``, and the header."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from terminology.reading import LABEL, Faults, Opening, check_header, opening_of, stated_day, stated_values

from ..naming import SHORT_NAME, built_in_system

REQUIRED: Final = ("source", "target")
OPTIONAL: Final = ("alternative", "relationship", "approximate", "change", "effective", "comment")
STANDARD: Final = (*REQUIRED, *OPTIONAL)
RESERVED: Final = frozenset({"line"})


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


def map_opening(text: str) -> Opening | None:
    """Return how the text opens, or None if it is no own map: neither ``#crosswalk:``, a system nor the two columns.

    What says nothing of itself has no values.

    >>> map_opening("#crosswalk: Colours\\nsource,target\\nR,Red\\n").header
    ('source', 'target')
    """
    opening = opening_of(text, KEYS, STANDARD)
    if opening.values.keys() & MARKS:
        return opening
    return evolve(opening, values={}) if set(REQUIRED) <= set(opening.header) else None


def stated_heading(opening: Opening, faults: Faults) -> Heading | None:
    """Return the heading that the lines state, or None where it is faulty; faults are noted."""
    for number, line in opening.strange:
        keys = ", ".join(KEYS)
        faults.add(f"expected #KEY: VALUE, each KEY once and one of {keys}, got {line!r}", line=number, column=1)
    _check_header(opening, faults)
    missing = [f"#{key}:" for key in NEEDED if key not in opening.values]
    if missing:
        faults.add(f"expected lines {', '.join(f'#{key}:' for key in NEEDED)}; missing: {', '.join(missing)}", line=1)
    given = stated_values(opening.values, PARSERS, faults)
    return None if faults else Heading(**given)


def _check_header(opening: Opening, faults: Faults) -> None:
    line = opening.header_line
    missing = [name for name in REQUIRED if name not in opening.header]
    if missing:
        faults.add(f"expected columns source and target; missing: {', '.join(missing)}", line=line)
    check_header(opening, RESERVED, "a column", faults)


def _system(text: str) -> str:
    name = built_in_system(text) or text
    if not SHORT_NAME.fullmatch(name):
        raise ValueError("a short name of small letters and digits, or the URI of a built-in system")
    return name


def _version(text: str) -> str:
    if not LABEL.fullmatch(text):
        raise ValueError("a version of letters, digits, dots and dashes")
    return text


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "crosswalk": str,
    "source_system": _system,
    "target_system": _system,
    "version": _version,
    "effective": stated_day,
    "licence": str,
}
"""How the value of each key is read; a `ValueError` says what was expected."""

KEYS: Final = tuple(PARSERS)
MARKS: Final = frozenset({"crosswalk", "source_system", "target_system"})
"""Any of these keys makes a text an own map."""
NEEDED: Final = ("crosswalk", "source_system", "target_system")
