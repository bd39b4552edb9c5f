"""Long lists in parts, as pages show them: a stretch of the rows, and where the stretches before and after it are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import frozen

from .asked import Asked

LONGEST_NUMBER: Final = 9
"""Digits; no list is longer."""


@frozen
class Part:
    """A stretch of a list."""

    rows: Sequence[Any]
    start: int
    total: int
    previous: str | None = None
    """Address of the stretch before; None where there is none."""
    next: str | None = None

    @property
    def said(self) -> str:
        """Which stretch it is, in words.

        >>> Part("ab", 0, 2).said, Part("ab", 0, 1_234).said, Part("cd", 2, 1_234).said, Part("", 0, 0).said
        ('all 2', 'first 2 of 1,234', '3 to 4 of 1,234', 'none')
        """
        count = len(self.rows)
        if not count:
            return "none" if not self.total else f"none of {self.total:,}"
        if count == self.total:
            return f"all {count:,}" if count > 1 else "1"
        if not self.start:
            return f"first {count:,} of {self.total:,}"
        return f"{self.start + 1:,} to {self.start + count:,} of {self.total:,}"


def part_of(rows: Any, start: int, size: int, address: Callable[[int], str], *, total: int | None = None) -> Part:
    """Return a stretch of rows.

    Args:
        rows: All of them, of which stretches can be had; or with ``total`` those of the stretch alone.
        start: Number of the first one.
        size: Most rows.
        address: Returns the address of the stretch that starts at a number.
        total: How many rows there are, where only those of the stretch are given.

    >>> part = part_of(range(100), 50, 20, lambda start: f"/x?start={start}")
    >>> part.said, part.previous, part.next
    ('51 to 70 of 100', '/x?start=30', '/x?start=70')
    """
    count = len(rows) if total is None else total
    shown: Sequence[Any] = rows[start : start + size] if total is None else rows
    end = start + len(shown)
    return Part(
        shown,
        start,
        count,
        address(max(start - size, 0)) if start else None,
        address(end) if shown and end < count else None,
    )


def shares(lengths: Sequence[int], room: int, least: int) -> list[int]:
    """Return how many rows each of several lists may show, so that all together fill a page.

    >>> shares([100, 3, 100], 43, 5), shares([100] * 20, 40, 5)[:2], shares([2, 3], 40, 5)
    ([20, 3, 20], [5, 5], [2, 3])
    """
    given: dict[int, int] = {}
    left = room
    for place, number in enumerate(sorted(range(len(lengths)), key=lambda number: lengths[number])):
        fair = max(left // (len(lengths) - place), least)
        given[number] = min(lengths[number], fair)
        left = max(left - given[number], 0)
    return [given[number] for number in range(len(lengths))]


def start_of(asked: Asked) -> int:
    """Return the number of the first row that was asked for; 0 where what was asked is none."""
    text = asked.value("start")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0
