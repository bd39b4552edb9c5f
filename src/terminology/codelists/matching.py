"""The codes that one entry of a code list includes in an edition."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..columns import reading_of
from ..model import Check, Status
from .edition_rows import EditionRows, form_of, rows_of
from .entries import Entry, EntryKind

if TYPE_CHECKING:
    from ..query import Edition

MODIFIER_LENGTH: Final = 2
ONE_DAY: Final = datetime.timedelta(days=1)
PLACEHOLDER: Final = re.compile(r"(.*[^xX.])(\.)?(?(2)[xX]+|x+)")


@frozen
class Match:
    """The codes that one entry includes, or, where it excludes, takes out."""

    entry: Entry
    """That was matched."""
    codes: tuple[str, ...]
    """In document order."""
    check: Check | None = None
    """Of the code, or the end of a range, that is not in force."""
    reason: str | None = None
    """Why there are none, in one sentence."""
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

    def to_dict(self) -> dict[str, Any]:
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


def match_of(entry: Entry, edition: Edition) -> Match:
    """Return the codes that one entry includes in an edition."""
    return matched(entry, edition, rows_of(edition))[0]


def matched(entry: Entry, edition: Edition, rows: EditionRows) -> tuple[Match, list[int]]:
    """Return the codes that one entry includes in an edition, and their places among the rows."""
    choice = _choice(entry, edition, rows)
    places = [place for part in choice.parts for place in part if rows.is_code[place]]
    reason = choice.reason or (None if places else _emptiness(entry, edition, rows))
    codes = tuple(map(rows.codes.__getitem__, places))
    return Match(entry, codes, choice.check, reason, choice.section), places


@frozen
class _Choice:
    parts: tuple[Iterable[int], ...] = ()
    """Places in document order."""
    check: Check | None = None
    reason: str | None = None
    section: str | None = None


def _choice(entry: Entry, edition: Edition, rows: EditionRows) -> _Choice:
    if entry.cell is not None and (candidates := reading_of(entry.cell, edition).candidates):
        return _Choice(check=damaged(entry.code, candidates), reason=lost_zeros(entry.code, candidates))
    if entry.kind is EntryKind.PATTERN:
        return _Choice((sorted(rows.fitting(folded(entry.code, edition))),))
    place = rows.place(edition, entry.anchor)
    if place < 0:
        return _unfound(entry, edition, rows)
    section = None if rows.is_code[place] else rows.codes[place]
    if entry.kind is EntryKind.CODE and section:
        reason = f"{section} is not a code but what is above codes: write is-a {section}"
        return _Choice(reason=reason, section=section)
    if entry.kind is EntryKind.CODE or (entry.kind is EntryKind.RANGE and not section):
        # a code of its own that is written with a dash
        return _Choice(((place,),))
    start, end = rows.stretch(edition, place)
    ends = entry.anchor.split("-")
    if end == start + 1 and section and len(ends) == 2:  # noqa: PLR2004 -- a range has two ends
        # sections have no sections below them: one that spans others is a range
        spanned = _range(ends[0], ends[1], edition, rows)
        return _Choice(spanned.parts, section=section)
    below = entry.kind is EntryKind.BELOW
    return _Choice((range(start + below, end),), section=section)


def _unfound(entry: Entry, edition: Edition, rows: EditionRows) -> _Choice:
    """Return the choice of an entry whose code is not in force: a range may still have its ends."""
    if entry.kind is EntryKind.RANGE and entry.last is not None:
        return _range(entry.code, entry.last, edition, rows)
    ends = entry.code.split("-")
    if entry.kind is not EntryKind.CODE and len(ends) == 2 and all(ends):  # noqa: PLR2004 -- a range has two ends
        return _range(ends[0], ends[1], edition, rows)
    check = check_of(entry.code, edition)
    if check.valid:
        # an expression such as 99213:25
        return _Choice(
            reason=f"{check.code} is an expression of several codes, which a list cannot hold: write one of its codes"
        )
    return _Choice(check=check, reason=absence(entry.code, check, edition))


def _range(first: str, last: str, edition: Edition, rows: EditionRows) -> _Choice:
    definition = edition.definition
    numbers = [definition.official(end) or end for end in (first, last)]
    if (between := rows.between(*numbers)) is not None:
        return _Choice((between,)) if numbers[0] <= numbers[1] else _reversed(first, last)
    places = [rows.place(edition, end) for end in (first, last)]
    if rows.is_flat and len(numbers[1]) == MODIFIER_LENGTH < len(numbers[0]) and places[0] >= 0:
        # how bills write a code with its modifier: 99213-25, J1815-JW
        return _Choice(reason=f"{first}-{last} is a code with a modifier, which a list cannot hold: write {first}")
    if min(places) < 0:
        written = (first, last)[places.index(-1)]
        check = check_of(written, edition)
        return _Choice(check=check, reason=absence(written, check, edition))
    if rows.is_flat and form_of(numbers[0]) != form_of(numbers[1]):
        reason = f"{first} and {last} are codes of two forms: the ends of a range have one form, as in J0000-J9999"
        return _Choice(reason=reason)
    if places[0] > places[1]:
        return _reversed(first, last)
    return _Choice((range(places[0], rows.stretch(edition, places[1])[1]),))


def _reversed(first: str, last: str) -> _Choice:
    return _Choice(
        reason=f"{first} comes after {last}: the range has its ends in the wrong order, write {last}-{first}"
    )


def damaged(written: str, candidates: tuple[str, ...]) -> Check:
    """Return the check of a number that may have been other codes."""
    others = [code for code in candidates if code != written]
    suggestion = others[0] if len(candidates) == 1 else None
    return Check(written, Status.MALFORMED, suggestion=suggestion)


def lost_zeros(written: str, candidates: tuple[str, ...]) -> str:
    """Return what a number may have been, as a sentence.

    >>> lost_zeros("38.9", ("038.9",)), lost_zeros("250", ("250", "250.0", "250.00"))
    ('38.9 is a number, which has lost zeros: it was 038.9', \
'250 is a number, which may have lost zeros: it was 250, 250.0 or 250.00')
    """
    *others, last = candidates
    if not others:
        return f"{written} is a number, which has lost zeros: it was {last}"
    return f"{written} is a number, which may have lost zeros: it was {', '.join(others)} or {last}"


def check_of(written: str, edition: Edition) -> Check:
    """Return the check of a code; one that only later releases list is yet to come, and not unknown."""
    from ..query import fully_known

    if edition.status(written) is Status.UNKNOWN:
        known = fully_known(edition)
        if known.status(written) is Status.FUTURE:
            return known.check(written)
    return edition.check(written)


def absence(written: str, check: Check, edition: Edition) -> str:
    """Return why a code is not there, as a sentence."""
    last = check.effective_to - ONE_DAY if check.effective_to else None
    said = {
        Status.FUTURE: f"comes into force {'by' if check.from_known is False else 'on'} {check.effective_from}",
        Status.EXPIRED: f"was in force through {last}",
        Status.MALFORMED: f"cannot be a code of {edition.system}",
        Status.UNCOVERED: f"is not known: no release covers {edition.date}",
    }.get(check.status) or _unknown(written, edition)
    meant = f"; did you mean {check.suggestion}?" if check.suggestion else ""
    if (found := PLACEHOLDER.fullmatch(written)) and edition.is_valid(found[1]):
        # for any character; a capital letter in ICD-10-CM is one of the code
        meant = f"; for all codes below {found[1]} write {found[1]}{found[2] or ''}*"
    other = f"; it is a code of {' and '.join(check.other_systems)}" if check.other_systems else ""
    return f"{written} {said}{other}{meant}"


def _unknown(written: str, edition: Edition) -> str:
    """Return what is said of a code that the edition does not know, and that a later release may have from before."""
    from ..query import fully_known

    found = fully_known(edition).check(written)
    if not found.valid or edition.release is None:
        return "is unknown"
    return f"is not in release {edition.release.version}; later ones say that it is in force from {found.effective_from} on"


def _emptiness(entry: Entry, edition: Edition, rows: EditionRows) -> str:
    """Return why an entry whose codes are in force includes nothing."""
    if entry.kind is EntryKind.BELOW:
        return f"nothing is below {entry.code}: write {entry.code} for the code itself"
    if entry.kind is not EntryKind.PATTERN:
        return f"{entry.anchor} holds no codes"
    pattern = folded(entry.code, edition)
    dotted = next((text for text in _dotted(pattern, edition) if rows.fitting(text)), None)
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
