"""A long list on several pages: which part of it is shown, and where the other parts are."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from .asked import Asked

SIZE: Final = 36
"""Rows of a page; with more it would be larger than 15 kB."""


@frozen
class Part:
    """One page of a list."""

    number: int
    """From 1."""
    last: int
    """Number of the last page."""
    start: int
    """Number of its first row, from 0."""
    end: int
    """Number of the row after its last one."""
    total: int


def part_of(asked: Asked, total: int, size: int = SIZE) -> Part:
    """Return the page of a list that was asked for; the first where none was, the last where there are fewer.

    Args:
        asked: The parameter ``page`` has its number.
        total: Rows of the whole list.
        size: Rows of a page.

    >>> part_of(Asked(store, query=[("page", "2")]), 120)
    Part(number=2, last=4, start=36, end=72, total=120)
    """
    last = max(1, -(-total // size))
    text = asked.value("page")
    number = min(max(1, int(text)), last) if text.isascii() and text.isdigit() else 1
    return Part(number, last, (number - 1) * size, min(number * size, total), total)
