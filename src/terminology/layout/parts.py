"""The values that pages are made of: numbers in tiles, bars, and the files of releases."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ..model import GroupingVersion, Release


@frozen
class Tile:
    """A number at the top of a page: what is counted, in a colour, with a link to its section."""

    label: str
    number: int
    colour: str = ""
    """Name of a colour of the style sheet: added, deleted, to_header, to_billable, revised, moved, changed."""
    target: str = ""
    """Id of the section."""
    detail: str = ""
    """A part of the number, in words."""


@frozen
class Segment:
    """A part of a bar: from ``start`` on, ``length`` wide, in thousandths of the longest bar."""

    label: str
    number: int
    colour: str
    start: float
    length: float


@frozen
class Bar:
    """A row of a bar chart."""

    label: str
    title: str
    segments: tuple[Segment, ...]

    @property
    def mark(self) -> str:
        """Its label; nothing where the title begins with it, as *A codes: ambulance and other transport* does."""
        rest = self.title[len(self.label) :] if self.title.lower().startswith(self.label.lower()) else "x"
        return "" if rest and not rest[0].isalnum() else self.label

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum(segment.number for segment in self.segments)

    @property
    def description(self) -> str:
        """The bar in words."""
        return ", ".join(f"{segment.number:,} {segment.label}" for segment in self.segments)


@frozen
class Sources:
    """The files that a release was made of, under a heading."""

    heading: str
    release: Release


@frozen
class ListSources:
    """The files that a version of a dated list was made of, under a heading."""

    heading: str
    version: GroupingVersion

    @property
    def days(self) -> str:
        """The days on which the version is in force, in words."""
        end = self.version.effective_to
        last = f" through {end - datetime.timedelta(days=1)}" if end else " on"
        return f"in force from {self.version.effective_from}{last}"


FULL: Final = 1_000
LEAST: Final = 4
"""Shortest part of a bar: one that can be seen."""


def bars(rows: Iterable[tuple[str, str, Mapping[str, int]]], labels: Mapping[str, str]) -> tuple[Bar, ...]:
    """Return a stacked bar for each row, the longest full.

    Args:
        rows: Label, title, and the numbers by the name of their colour.
        labels: What each number counts, by the name of its colour, in the order in which they are stacked.

    >>> [bar] = bars([("5", "Mental disorders", {"added": 3, "revised": 1})], {"added": "new", "revised": "retitled"})
    >>> bar.description, [(part.start, part.length) for part in bar.segments]
    ('3 new, 1 retitled', [(0, 750.0), (750.0, 250.0)])
    """
    listed = list(rows)
    longest = max((sum(numbers.values()) for _, _, numbers in listed), default=0) or 1
    made = []
    for label, title, numbers in listed:
        parts: list[Segment] = []
        start: float = 0
        for colour, words in labels.items():
            if number := numbers.get(colour, 0):
                length = max(FULL * number / longest, LEAST)
                parts.append(Segment(words, number, colour, start, length))
                start += length
        made.append(Bar(label, title, _fitted(parts)))
    return tuple(made)


def _fitted(parts: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the parts in the width that there is, where the shortest made the bar too long."""
    width = sum(part.length for part in parts)
    scale = min(FULL / width, 1) if width else 1
    if scale == 1:
        return tuple(parts)
    return tuple(Segment(p.label, p.number, p.colour, p.start * scale, p.length * scale) for p in parts)
