"""What a code list chooses in an edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ..errors import UnknownSystemError
from ..model import Check, Status
from ..systems import names_of, plain_name
from .entries import Entry, EntryKind
from .listing import Listing, listing_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import Edition
    from .code_list import CodeList


@frozen
class Match:
    """What one entry chooses; also of an entry that excludes."""

    entry: Entry
    codes: tuple[str, ...]
    """In document order."""
    check: Check | None = None
    """Of the code, or the end of a range, that is not in force."""
    reason: str | None = None
    """Why nothing is chosen, in one sentence."""
    section: str | None = None
    """The chapter, section or group that the entry names."""

    @property
    def names_a_code(self) -> bool:
        """Whether the entry is one code, also one that is written with a dash as a range is."""
        one = self.codes[0].upper() if len(self.codes) == 1 else None
        return self.entry.kind is EntryKind.CODE or (
            self.entry.kind is EntryKind.RANGE and one == self.entry.anchor.upper()
        )

    @property
    def is_absent(self) -> bool:
        """Whether a code that the entry names is not in force."""
        return self.check is not None

    def to_json(self) -> dict[str, Any]:
        """Return the match as plain values."""
        return {
            "entry": self.entry.text,
            "line": self.entry.line,
            "label": self.entry.label,
            "codes": list(self.codes),
            "status": str(self.check.status) if self.check else None,
            "suggestion": self.check.suggestion if self.check else None,
            "reason": self.reason,
        }


@frozen(eq=False)
class Resolution:
    """What a code list chooses in an edition, and what of it is not there."""

    code_list: CodeList = field(repr=False)
    system: str
    version: str | None
    """Version of the release in force; None where nothing covers the day."""
    date: Any
    matches: tuple[Match, ...] = field(repr=False)
    """One for each entry, in the order of the list."""
    codes: tuple[str, ...]
    """All codes that are chosen and not excluded, in document order, each once."""
    billable: tuple[str, ...] = field(repr=False)
    """Those of them that may be submitted on a claim."""
    edition: Edition = field(repr=False)

    @property
    def absent(self) -> tuple[Match, ...]:
        """Entries that name a code which is not in force, with its status and what was probably meant."""
        return tuple(match for match in self.matches if match.is_absent)

    @property
    def empty(self) -> tuple[Match, ...]:
        """Entries that name nothing out of force, and still choose nothing."""
        return tuple(match for match in self.matches if not match.codes and not match.is_absent)

    @property
    def is_whole(self) -> bool:
        """Whether every entry is in force and chooses something."""
        return all(match.codes and not match.is_absent for match in self.matches)

    @cached_property
    def members(self) -> frozenset[str]:
        """The codes as a set."""
        return frozenset(self.codes)

    def to_arrow(self) -> pa.Table:
        """Return the codes as a table: code, title, billable, in document order."""
        import pyarrow as pa

        listing = listing_of(self.edition)
        places = pa.array([listing.places[code] for code in self.codes], pa.int64())
        return listing.table.select(["code", "title", "billable"]).take(places)

    def to_json(self) -> dict[str, Any]:
        """Return the resolution as plain values."""
        return {
            "list": self.code_list.name,
            "system": self.system,
            "version": self.version,
            "date": str(self.date),
            "codes": self.to_arrow().to_pylist(),
            "entries": [match.to_json() for match in self.matches],
            "absent": [match.entry.text for match in self.absent],
            "empty": [match.entry.text for match in self.empty],
        }


def resolution_of(code_list: CodeList, edition: Edition) -> Resolution:
    """Return what the list chooses in the edition.

    Raises:
        UnknownSystemError: The list names another code system.
    """
    import numpy as np

    definition = edition.definition
    if code_list.system and plain_name(code_list.system) not in names_of(definition):
        raise UnknownSystemError(f"{code_list.file} is a list of {code_list.system}, not of {edition.system}")
    listing = listing_of(edition)
    included = np.zeros(len(listing), dtype=bool)
    excluded = np.zeros(len(listing), dtype=bool)
    matches = []
    for entry in code_list.entries:
        match, places = _matched(entry, edition, listing)
        (excluded if entry.excluding else included)[places] = True
        matches.append(match)
    chosen = included & ~excluded
    return Resolution(
        code_list=code_list,
        system=edition.system,
        version=edition.release.version if edition.release else None,
        date=edition.date,
        matches=tuple(matches),
        codes=tuple(listing.chosen(chosen)),
        billable=tuple(listing.chosen(chosen & listing.billable)),
        edition=edition,
    )


def match_of(entry: Entry, edition: Edition) -> Match:
    """Return what one entry chooses in an edition."""
    return _matched(entry, edition, listing_of(edition))[0]


def _matched(entry: Entry, edition: Edition, listing: Listing) -> tuple[Match, list[int]]:
    choice = _choice(entry, edition, listing)
    places = [place for part in choice.parts for place in part if listing.is_code[place]]
    reason = choice.reason or (None if places else _emptiness(entry, edition, listing))
    codes = tuple(map(listing.codes.__getitem__, places))
    return Match(entry, codes, choice.check, reason, choice.section), places


@frozen
class _Choice:
    parts: tuple[Iterable[int], ...] = ()
    """Places in document order."""
    check: Check | None = None
    reason: str | None = None
    section: str | None = None


def _choice(entry: Entry, edition: Edition, listing: Listing) -> _Choice:
    if entry.kind is EntryKind.PATTERN:
        return _Choice((sorted(listing.fitting(folded(entry.code, edition))),))
    place = listing.place(edition, entry.anchor)
    if place < 0:
        return _unfound(entry, edition, listing)
    section = None if listing.is_code[place] else listing.codes[place]
    if entry.kind is EntryKind.CODE and section:
        reason = f"{section} is no code but what stands above codes: write is-a {section}"
        return _Choice(reason=reason, section=section)
    if entry.kind is EntryKind.CODE or (entry.kind is EntryKind.RANGE and not section):
        # a code of its own that is written with a dash
        return _Choice(((place,),))
    start, end = listing.stretch(edition, place)
    ends = entry.anchor.split("-")
    if end == start + 1 and section and len(ends) == 2:  # noqa: PLR2004 -- a range has two ends
        # sections lie flat: one that spans others has nothing below it
        spanned = _range(ends[0], ends[1], edition, listing)
        return _Choice(spanned.parts, section=section)
    below = entry.kind is EntryKind.BELOW
    return _Choice((range(start + below, end),), section=section)


def _unfound(entry: Entry, edition: Edition, listing: Listing) -> _Choice:
    """Return the choice of an entry whose code is not in force: a range may still have its ends."""
    if entry.kind is EntryKind.RANGE and entry.last is not None:
        return _range(entry.code, entry.last, edition, listing)
    ends = entry.code.split("-")
    if entry.kind is not EntryKind.CODE and len(ends) == 2 and all(ends):  # noqa: PLR2004 -- a range has two ends
        return _range(ends[0], ends[1], edition, listing)
    check = edition.check(entry.code)
    if check.valid:
        # an expression such as 99213:25
        return _Choice(reason=f"{check.code} is an expression of several codes, which a list cannot hold")
    return _Choice(check=check, reason=absence(entry.code, check, edition))


def _range(first: str, last: str, edition: Edition, listing: Listing) -> _Choice:
    definition = edition.definition
    numbers = [definition.official(end) or end for end in (first, last)]
    if (between := listing.between(*numbers)) is not None:
        return _Choice((between,)) if numbers[0] <= numbers[1] else _reversed(first, last)
    places = [listing.place(edition, end) for end in (first, last)]
    if min(places) < 0:
        written = (first, last)[places.index(-1)]
        check = edition.check(written)
        return _Choice(check=check, reason=absence(written, check, edition))
    if places[0] > places[1]:
        return _reversed(first, last)
    return _Choice((range(places[0], listing.stretch(edition, places[1])[1]),))


def _reversed(first: str, last: str) -> _Choice:
    return _Choice(reason=f"{first} stands after {last}: the range has its ends in the wrong order")


def absence(written: str, check: Check, edition: Edition) -> str:
    """Return why a code is not there, as a sentence."""
    said = {
        Status.FUTURE: f"comes into force on {check.effective_from}",
        Status.EXPIRED: f"was in force until {check.effective_to}",
        Status.MALFORMED: f"cannot be a code of {edition.system}",
        Status.UNCOVERED: f"is not known: nothing loaded speaks for {edition.date}",
    }.get(check.status, "is unknown")
    meant = f"; did you mean {check.suggestion}?" if check.suggestion else ""
    other = f"; it is a code of {' and '.join(check.other_systems)}" if check.other_systems else ""
    return f"{written} {said}{other}{meant}"


def _emptiness(entry: Entry, edition: Edition, listing: Listing) -> str:
    """Return why an entry whose codes are in force chooses nothing."""
    if entry.kind is EntryKind.BELOW:
        return f"nothing stands below {entry.code}"
    if entry.kind is not EntryKind.PATTERN:
        return f"{entry.anchor} holds no codes"
    pattern = folded(entry.code, edition)
    dotted = next((text for text in _dotted(pattern, edition) if listing.fitting(text)), None)
    return f"no code fits {pattern}" + (f"; did you mean {dotted}?" if dotted else "")


def _dotted(pattern: str, edition: Edition) -> Iterator[str]:
    """Yield the pattern with the dot where codes of the system have it."""
    dot = edition.definition.dot
    if dot is not None and "." not in pattern and len(pattern) > dot:
        yield f"{pattern[:dot]}.{pattern[dot:]}"


def folded(pattern: str, edition: Edition) -> str:
    """Return a pattern in the case of the official form of codes."""
    definition = edition.definition
    if not definition.folded:
        return pattern
    return pattern.lower() if definition.lower else pattern.upper()
