"""Sides of the body in titles: which code is the left, right, bilateral or unspecified one of which condition.

ICD-10-CM has no field for it. Of the codes beside each other some differ only by the word for the side:
"Pain in right hip", "Pain in left hip", "Pain in unspecified hip". Both a right and a left one must be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

SIDE: Final = re.compile(r"\b(right|left|bilateral)\b", re.IGNORECASE)
UNSPECIFIED: Final = re.compile(r"\bunspecified\b", re.IGNORECASE)
RIGHT, LEFT, BOTH, NOWHERE = "right", "left", "bilateral", "unspecified"


@frozen
class Sides:
    """The codes beside each other that differ by side alone."""

    right: str
    left: str
    bilateral: str | None = None
    unspecified: str | None = None

    def side_of(self, code: str) -> str | None:
        """Return the side of one of them, or None for any other code."""
        named = {self.right: RIGHT, self.left: LEFT, self.bilateral: BOTH, self.unspecified: NOWHERE}
        return named.get(code)


def sides_among(titles: Mapping[str, str]) -> tuple[Sides, ...]:
    """Return the groups of codes that differ by side alone.

    Args:
        titles: Of codes beside each other.

    >>> sides_among({"M25.551": "Pain in right hip", "M25.552": "Pain in left hip", "M25.559": "Pain in unspecified hip"})
    (Sides(right='M25.551', left='M25.552', bilateral=None, unspecified='M25.559'),)
    """
    rights, lefts, boths = (dict(_parts(titles, side)) for side in (RIGHT, LEFT, BOTH))
    unspecified = dict(_unspecified(titles))
    return tuple(
        Sides(code, lefts[words], _bilateral(boths, *words), unspecified.get(words))
        for words, code in rights.items()
        if words in lefts
    )


def _parts(titles: Mapping[str, str], side: str) -> Iterable[tuple[tuple[str, str], str]]:
    """Yield the words before and after a side, with the code."""
    for code, title in titles.items():
        found = SIDE.search(title)
        if found and found[1].lower() == side:
            yield (title[: found.start()].lower(), title[found.end() :].lower()), code


def _unspecified(titles: Mapping[str, str]) -> Iterable[tuple[tuple[str, str], str]]:
    for code, title in titles.items():
        if SIDE.search(title):
            continue
        for found in UNSPECIFIED.finditer(title):
            yield (title[: found.start()].lower(), title[found.end() :].lower()), code


def _bilateral(boths: Mapping[tuple[str, str], str], before: str, after: str) -> str | None:
    """Return the bilateral code: its words are the same, but for a plural, or without the part of the body."""
    for words in ((before, after), (before, f"{after}s"), (before, "")):
        if words in boths:
            return boths[words]
    return None
