"""What each file is an authority for, and from which day to which each code is in force by all of them together.

Two kinds of evidence. A *statement* says which codes are in force on one day, and covers some categories: the
descriptor files of a release all of them, a list of PLA codes those that end in U, a list of one category's codes these
codes, or the whole category where it is complete. A *change* is of one code: it begins or ends on a day, as the history,
the list of deleted codes, or the code's own row in a list says.

The rule. On a day, of each code

1. the latest statement that covers it counts, with the changes after that statement; on its own day a statement has the
   last word;
2. changes before a statement must lead to what it says: those after the last one that does are left out;
3. of two files that date the same kind of change differently, between the same two statements, the newer one counts
   (of the same age the history, before the list of deleted codes and the rows of lists).

In numbers: the release of 2025 lacks 9990T, that of 2026 has it; lists of PLA codes took effect in April and October
2025. The history says that 9990T was added on 2025-07-01. The lists do not cover it, so it begins on that day. If the
history also said that it was deleted on 2025-10-01, that alone would be left out, as 2026 has the code.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from attrs import define, field, frozen

from terminology.drafts import Part

from .layout import category_of

CATEGORIES: Final = frozenset({"I", "II", "III", "PLA", "MAAA", "administration", "modifier"})
"""All that a statement can cover."""


def kind_of(code: str) -> str:
    """Return the category of a code; a modifier is one too.

    >>> kind_of("9999U"), kind_of("25")
    ('PLA', 'modifier')
    """
    return category_of(code) if len(code) > 2 else "modifier"  # noqa: PLR2004 -- modifiers have two characters


@frozen
class Statement:
    """Which codes are in force on a day, by one release or list."""

    day: datetime.date
    codes: frozenset[str] = field(repr=False)
    covers: frozenset[str]
    """Categories of which other codes are not in force; of other categories it says nothing."""

    def says(self, code: str) -> bool | None:
        """Return whether the code is in force on the day, or None where the statement does not cover it."""
        if code in self.codes:
            return True
        return False if kind_of(code) in self.covers else None


@frozen
class Change:
    """A code begins or ends on a day, as one row of a file says."""

    code: str
    day: datetime.date
    """The first day with the code, or without it."""
    begins: bool
    part: Part = field(repr=False)
    age: tuple[datetime.date, int]
    """Of the file: how new it is, and how much it counts among files of the same age."""
    line: int | None = None
    title: str | None = None

    @property
    def place(self) -> tuple[datetime.date, bool]:
        """Where the change stands among those of its code: on one day a code ends before it begins anew."""
        return self.day, self.begins


@frozen
class Turn:
    """A day on which a code begins or ends by the rule; without a change the statement of that day says so."""

    code: str
    day: datetime.date
    begins: bool
    change: Change | None = field(default=None, repr=False)


@define
class Record:
    """All evidence of the codes of CPT."""

    statements: Sequence[Statement]
    """By day, of each day the release before the lists."""
    changes: Mapping[str, Sequence[Change]]
    """By code, those after the first statement."""
    _turns: dict[str, tuple[Turn, ...]] = field(factory=dict)

    @classmethod
    def of(cls, statements: Sequence[Statement], changes: Iterator[Change]) -> Record:
        """Return the evidence of statements, in order of their days, and of changes in any order."""
        found: dict[str, list[Change]] = {}
        for change in changes:
            found.setdefault(change.code, []).append(change)
        return cls(statements, {code: sorted(held, key=lambda one: one.place) for code, held in found.items()})

    def turns(self, code: str) -> tuple[Turn, ...]:
        """Return the days on which a code begins and ends by the rule, oldest first; empty for one that never does."""
        if code not in self._turns:
            self._turns[code] = tuple(self._turned(code))
        return self._turns[code]

    def _turned(self, code: str) -> Iterator[Turn]:
        told = {one.day: said for one in reversed(self.statements) if (said := one.says(code)) is not None}
        days = sorted(told)
        state = False
        for day, after in pairwise([*days, None]):
            if day is None:
                break
            if told[day] != state:
                state = told[day]
                yield Turn(code, day, state)
            window = [
                one for one in self.changes.get(code, ()) if day < one.day and (after is None or one.day <= after)
            ]
            for change in _leading(believed(window), before=state, after=told[after] if after else None):
                if change.begins != state and change.day != after:
                    state = change.begins
                    yield Turn(code, change.day, state, change)

    def in_force(self, day: datetime.date) -> frozenset[str]:
        """Return the codes in force on a day of the year of a release."""
        told = [one for one in self.statements if one.day <= day]
        newest = max((number for number, one in enumerate(told) if one.covers == CATEGORIES), default=0)
        found: set[str] = set()
        for one in told[newest:]:
            # on the day of a release its lists have no word
            if one is told[newest] or one.day > told[newest].day:
                found = {code for code in found if one.says(code) is not False} | one.codes
        for code in self.changes:
            state = [turn.begins for turn in self.turns(code) if turn.day <= day]
            (found.add if state and state[-1] else found.discard)(code)
        return frozenset(found)

    def turns_between(self, first: datetime.date, end: datetime.date) -> list[Turn]:
        """Return the turns by changes after a day and before another one, by code."""
        found = (turn for code in sorted(self.changes) for turn in self.turns(code) if turn.change)
        return [turn for turn in found if first < turn.day < end]

    def witnesses(self, first: datetime.date, last: datetime.date) -> list[Part]:
        """Return the files that decide what happens after a day and up to another one.

        Histories repeat those of the years before: where all say the same of a code, the oldest is named. So a new one
        that repeats what is known changes nothing.
        """
        found: dict[str, Part] = {}
        for held in self.changes.values():
            window = [one for one in held if first < one.day <= last]
            for begins in (False, True):
                of_kind = sorted((one for one in window if one.begins is begins), key=lambda one: one.age)
                days: dict[str, set[datetime.date]] = {}
                for one in of_kind:
                    days.setdefault(one.part.identity, set()).add(one.day)
                agreed = all(one == next(iter(days.values())) for one in days.values())
                found |= {one.part.identity: one.part for one in (of_kind[:1] if agreed else of_kind)}
        return sorted(found.values(), key=lambda part: (part.origin.label, part.revision))


def believed(changes: Sequence[Change]) -> list[Change]:
    """Return the changes of a code between two statements that count: of each kind those of the newest file.

    Where older files have them too, the oldest is cited: it was the first to say so.
    """
    kept = []
    for begins in (False, True):
        of_kind = sorted((one for one in changes if one.begins is begins), key=lambda one: one.age)
        days = {one.day for one in of_kind if one.age == of_kind[-1].age}
        kept += [next(one for one in of_kind if one.day == day) for day in sorted(days)]
    return sorted(kept, key=lambda one: one.place)


def _leading(changes: Sequence[Change], *, before: bool, after: bool | None) -> Sequence[Change]:
    """Return the changes up to the last one that leads to what the next statement says; all where there is none."""
    if after is None:
        return changes
    agreed = [0] if before == after else []
    agreed += [number for number, change in enumerate(changes, 1) if change.begins == after]
    return changes[: max(agreed, default=0)]


def listed_since(changes: Sequence[Change]) -> datetime.date | None:
    """Return since when a code is in force that the first release lists, by its changes before; None without any."""
    since = None
    state = False
    for change in _leading(believed(changes), before=False, after=True):
        if change.begins and not state:
            since = change.day
        state = change.begins
    return since
