"""Which codes a note of the tabular list names: codes with all below them, ranges, and words that narrow them.

``(E08-E13 with .62-)`` names the codes of these categories that go on with .62; ``(T36-T50 with fifth or sixth character
5)`` those for adverse effects. Words that cannot be read narrow nothing, so that a person sees the pair and the note.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from attrs import frozen

from ..query.ranges import is_from_to

CODE: Final = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]+)?"
TARGET: Final = re.compile(rf"({CODE})[.-]*?(?:-({CODE})[.-]*|[.-]*)")
WORDS: Final = re.compile(r"\([^()]*?\bwith\b([^()]*)\)")
FINAL: Final = re.compile(r"final characters? -?([0-9A-Z]+)")
SUBCATEGORY: Final = re.compile(r"\.([0-9]+)-?(?:-?\.([0-9]+))?")
PLACES: Final = {"fifth": 4, "5th": 4, "sixth": 5, "six": 5, "6th": 5, "seventh": 6, "7th": 6}
PLACED: Final = re.compile(
    r"\b(fifth|5th|sixth|6th|seventh|7th)(?:( or | to )(fifth|5th|sixth|six|6th|seventh|7th))?[- ]characters? "
    r"\.?([0-9A-Z]+)(?:-([0-9A-Z]))?"
)
OPEN_FRACTURE: Final = re.compile(r"open fracture 7th character")
OPEN: Final = frozenset("BCEFHJMNQR")
"""7th characters of open fractures."""


@frozen
class Narrowing:
    """What further characters of a code must be: of the ways in which one may be narrowed, at most one is given."""

    ending: str = ""
    subcategories: tuple[tuple[str, str], ...] = ()
    places: tuple[int, ...] = ()
    """Places of a code without dot, from 0."""
    least: str = ""
    most: str = ""
    characters: frozenset[str] = frozenset()

    def holds(self, compact: str) -> bool:
        """Return whether a code, without its dot, is meant."""
        if self.ending:
            return compact.endswith(self.ending)
        if self.subcategories:
            below = compact[3:]
            return any(first <= below and below[: len(last)] <= last for first, last in self.subcategories)
        if self.characters:
            return any(compact[place : place + 1] in self.characters for place in self.places)
        width = len(self.least)
        return any(self.least <= compact[place : place + width] <= self.most for place in self.places)


@frozen
class Target:
    """The codes from a first to a last one, and all below them; written without their dots."""

    first: str
    last: str
    narrowing: Narrowing | None = None

    def covers(self, compact: str) -> bool:
        """Return whether a code is meant, by the order of letters and digits.

        In document order ``C4A`` is between ``C43`` and ``C44``, and in that of letters behind both. So this decides only where
        a release does not have the first or the last code; else `NamedCodes` does.

        Args:
            compact: The code without its dot.

        >>> target, = targets_of("diabetes mellitus (E08-E13 with .62-)", ("E08-E13",))
        >>> target.covers("E11621"), target.covers("E1165"), target.covers("E14621")
        (True, False, False)
        """
        is_within = is_from_to(compact, self.first, self.last)
        return is_within and (self.narrowing is None or self.narrowing.holds(compact))


@frozen
class NamedCodes:
    """The codes of a target in a release: a stretch of its document order."""

    target: Target
    start: int = -1
    """Place of the first code; -1 where the release does not have the first or the last one."""
    end: int = -1
    """Place after the last one below the last code."""

    def covers(self, compact: str, place: int) -> bool:
        """Return whether a code is meant.

        Args:
            compact: The code without its dot.
            place: Of the code in document order.

        >>> NamedCodes(Target("C43", "C44"), 7, 90).covers("C4A9", 30)
        True
        """
        if self.start < 0:
            return self.target.covers(compact)
        if not self.start <= place < self.end:
            return False
        return self.target.narrowing is None or self.target.narrowing.holds(compact)


@lru_cache(maxsize=16_384)
def targets_of(text: str, targets: tuple[str, ...]) -> tuple[Target, ...]:
    """Return what a note names.

    Args:
        text: Of the note.
        targets: The codes and ranges in it, as written.

    >>> [(target.first, target.last) for target in targets_of("O10-O11, O13.-", ("O10-O11", "O13.-", "Z16.-"))]
    [('O10', 'O11'), ('O13', 'O13'), ('Z16', 'Z16')]
    """
    narrowing = _narrowing(text)
    made = []
    for written in targets:
        if found := TARGET.fullmatch(written):
            first = found[1].replace(".", "")
            made.append(Target(first, (found[2] or first).replace(".", ""), narrowing))
    return tuple(made)


def _narrowing(text: str) -> Narrowing | None:
    """Return what the words after ``with`` say of the characters; None where there are none, or nobody can tell."""
    words = WORDS.search(text)
    if not words:
        return None
    said = words[1]
    if found := FINAL.search(said):
        return Narrowing(ending=found[1])
    if OPEN_FRACTURE.search(said):
        return Narrowing(places=(6,), characters=OPEN)
    if found := PLACED.search(said):
        places = tuple(PLACES[name] for name in (found[1], found[3]) if name)
        if found[2] == " to ":
            places = places[:1]
        return Narrowing(places=places, least=found[4], most=found[5] or found[4])
    if pairs := SUBCATEGORY.findall(said):
        return Narrowing(subcategories=tuple((first, last or first) for first, last in pairs))
    return None
