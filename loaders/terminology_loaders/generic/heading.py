"""What a file says about itself: of which code system, which version, in force from when."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast, get_args

from attrs import field, frozen

from terminology.errors import ReleaseFormatError
from terminology.periods import Calendar
from terminology.reading import Faults, stated_day, stated_values
from terminology.shapes import linear_match
from terminology.systems import ANY_SHAPE, SystemDefinition, named

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
TRUTHS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
DIGITS: Final = re.compile(r"[0-9]{1,3}")
CALENDARS: Final = get_args(Calendar)
UNREAD: Final = frozenset({"icd11"})
"""Systems that are built in because crosswalks lead to them; no loader reads their publications."""


@frozen
class Heading:
    """The metadata of a list of codes, whatever the format that it came in."""

    system: str
    title: str
    uri: str
    oid: str | None = None
    aliases: tuple[str, ...] = ()
    version: str | None = None
    effective: datetime.date | None = None
    calendar: Calendar = "open"
    dated: bool = False
    shape: str | None = None
    dot: int | None = None
    case_sensitive: bool | None = None
    """None where nothing states it."""
    licence: str | None = None
    types: Mapping[str, str] = field(factory=dict, hash=False)
    """Of property columns, by name."""
    details: Mapping[str, str] = field(factory=dict, hash=False)
    """What else the publisher says: kept beside the codes."""

    def definition(self, codes: Iterable[str]) -> SystemDefinition:
        """Return what is fixed about the code system.

        Codes are found in any case, unless the file says otherwise or writes some in small and some in capital
        letters: the case in which they are returned is the publisher's.
        """
        lower = upper = False
        for code in codes:
            lower = lower or code != code.upper()
            upper = upper or code != code.lower()
            if lower and upper:
                break
        mixed = lower and upper
        return SystemDefinition(
            name=self.system,
            title=self.title,
            uri=self.uri,
            oid=self.oid,
            aliases=self.aliases,
            calendar=self.calendar,
            dated=self.dated,
            dot=self.dot,
            folded=not self.case_sensitive and not mixed,
            lower=lower and not mixed,
            shape=self.shape or ANY_SHAPE,
        )


def refuse_owned(system: str, uri: str | None, file: str) -> None:
    """Check that no loader of its own reads the code system.

    Raises:
        ReleaseFormatError: It is one of the systems whose publications have a loader, by name or by URI.
    """
    owners = [found.name for text in (system, uri or "") if (found := named(text)) and found.name not in UNREAD]
    if owners or system == "generic":
        message = (
            f"{owners[0] if owners else system} has a loader of its own, which reads its publisher's files: load those;"
            " as a list of codes `terminology codelist resolve` reads the file; your own system needs another name and URI"
        )
        raise ReleaseFormatError(message, file=file)


def short_name(*candidates: str | None) -> str | None:
    """Return the first candidate that makes a short name, or None.

    >>> short_name(None, "Place of Service Codes"), short_name("CVX"), short_name("2.16.840")
    ('placeofservicecodes', 'cvx', None)
    """
    for candidate in candidates:
        name = re.sub(r"[^a-z0-9]", "", (candidate or "").lower())
        if NAME.fullmatch(name):
            return name
    return None


def stated_heading(values: Mapping[str, tuple[str, int | None]], system: str | None, faults: Faults) -> Heading | None:
    """Return the heading that ``key: value`` lines state, or None where no system is named or it is faulty.

    Args:
        values: Text and line by key, the keys known to be right.
        system: The name that the operator gave.
        faults: Where what is wrong is noted.
    """
    stated = {"system": (system, None), **values} if system else dict(values)
    if "system" not in stated:
        return None
    given = stated_values(stated, PARSERS, faults)
    if faults:
        return None
    name = given["system"]
    return Heading(**{"title": name, "uri": f"urn:terminology:{name}", **given})


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("a short name of small letters and digits")
    return text


def _calendar(text: str) -> Calendar:
    if text not in CALENDARS:
        raise ValueError(f"one of {', '.join(CALENDARS)}")
    return cast("Calendar", text)


def _truth(text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise ValueError("true or false")
    return TRUTHS[text.lower()]


def _shape(text: str) -> str:
    linear_match(text)
    return text


def _places(text: str) -> int:
    if not DIGITS.fullmatch(text):
        raise ValueError("a number of characters")
    return int(text)


def _types(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (word.strip() for word in text.split(","))):
        name, _, kind = (word.strip() for word in pair.partition("="))
        if not name or kind not in TYPES:
            raise ValueError(f"COLUMN=TYPE, TYPE one of {', '.join(TYPES)}")
        found[name] = kind
    return found


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "system": _name,
    "title": str,
    "uri": str,
    "oid": lambda text: text.removeprefix("urn:oid:"),
    "aliases": lambda text: tuple(alias.strip() for alias in text.split(",") if alias.strip()),
    "version": str,
    "effective": stated_day,
    "calendar": _calendar,
    "dated": _truth,
    "shape": _shape,
    "dot": _places,
    "case_sensitive": _truth,
    "licence": str,
    "types": _types,
}
"""How the value of each key is read; a `ValueError` says what was expected."""

KEYS: Final = frozenset(PARSERS)
TYPES: Final = ("text", "integer", "decimal", "boolean", "date", "list")
