"""The order numbers of an order file: which lines are out of sequence, and where lines are missing.

The numbers are consecutive. Most lines are in their place, so those of the longest rising sequence are taken for that;
each other line has a garbled number, is a copy, or was moved. A number between two lines in their place that no such
line accounts for is one of a missing line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import field, frozen

from terminology.counts import counted

if TYPE_CHECKING:
    from terminology.reading import Faults


@frozen
class Numbering:
    """What is wrong with the numbers of the lines; lines are counted from 1."""

    misplaced: Mapping[int, int] = field(factory=dict)
    """Which number was expected, by the line that has another, or none that can be read."""
    gaps: Mapping[int, int] = field(factory=dict)
    """How many lines are missing, by the line after them."""
    copied: Mapping[int, int] = field(factory=dict)
    """Which line has the number of a misplaced line and is in its place, by the misplaced one."""
    lines: int = 0
    """How many lines the file has."""

    def note_gap(self, line: int, number: int | None, faults: Faults) -> None:
        """Note that lines are missing before a line with this number; it is read itself."""
        missing = self.gaps.get(line, 0)
        if not missing or number is None:
            return
        what = counted(missing, "line is missing", "lines are missing")
        # no line after the last one confirms its number
        what += ", or the number is wrong" if line == self.lines else ""
        message = f"expected order number {number - missing:05}, got '{number:05}': {what}"
        faults.add(message, line=line, column=1, missing_lines=missing)

    def note_number(self, line: int, number: int | None, found: str, faults: Faults) -> None:
        """Note what a line has in place of its order number.

        Args:
            line: Counted from 1.
            number: The order number that is read from it.
            found: What its first five columns hold.
            faults: Where it is noted.
        """
        wanted = self.misplaced.get(line, number)
        copied = self.copied.get(line)
        if wanted is None or (found == f"{wanted:05}" and copied is None):
            return
        expected = "another order number" if found == f"{wanted:05}" else f"order number {wanted:05}"
        more = f": line {copied} has this number too" if copied else ""
        faults.add(f"expected {expected}, got {found!r}{more}", line=line, column=1)


def numbering(numbers: Sequence[int | None]) -> Numbering:
    """Return what is wrong with the numbers of the lines of a file; None is a number that cannot be read.

    >>> numbering([1, 2, 5, 6]).gaps
    {3: 2}
    >>> numbering([1, 2, 9, 4, 5]).misplaced
    {3: 3}
    """
    if all(number == place for place, number in enumerate(numbers, 1)):
        return Numbering(lines=len(numbers))
    places = _in_place(numbers)
    # the line before the first one has number 0
    bounds = [0, *(numbers[place] or 0 for place in places)]
    strays = _strays(len(numbers), places)
    missing = [after - before - 1 for before, after in pairwise(bounds)]
    moved = _moved(numbers, bounds, strays, missing)
    misplaced: dict[int, int] = {}
    copied: dict[int, int] = {}
    gaps: dict[int, int] = {}
    line_of = dict(zip(bounds[1:], places, strict=True))
    for stretch, inside in enumerate(strays):
        last = bounds[stretch + 1] if stretch < len(missing) else None
        for offset, place in enumerate(inside, 1):
            wanted = bounds[stretch] + offset
            misplaced[place + 1] = wanted if last is None else min(wanted, last)
            if (other := line_of.get(numbers[place] or 0)) is not None:
                copied[place + 1] = other + 1
        if last is not None:
            rest = missing[stretch] - sum(place not in moved for place in inside)
            if rest > 0:
                gaps[places[stretch] + 1] = rest
    return Numbering(misplaced, gaps, copied, len(numbers))


def _in_place(numbers: Sequence[int | None]) -> list[int]:
    """Return the places of the longest rising sequence of numbers; of several, the one that rises least."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place, number in enumerate(numbers):
        if not number:
            continue
        length = bisect_left(tails, number)
        former = ends[length - 1] if length else None
        if length == len(tails):
            tails.append(number)
            ends.append(place)
        elif tails[length] > number or not _follows(numbers, ends[length], before):
            # of two lines with one number the first is in its place if no line is missing before it, else the second may be
            tails[length], ends[length] = number, place
        else:
            continue
        before[place] = former
    found: list[int] = []
    at = ends[-1] if ends else None
    while at is not None:
        found.append(at)
        at = before[at]
    return found[::-1]


def _follows(numbers: Sequence[int | None], place: int, before: Mapping[int, int | None]) -> bool:
    """Return whether the lines since the last one in its place account for the number of a line."""
    former = before[place]
    since = (numbers[place] or 0) - (0 if former is None else numbers[former] or 0)
    return since <= place - (-1 if former is None else former)


def _strays(count: int, places: Sequence[int]) -> list[range]:
    """Return the places between those in their place: before the first, between two, after the last."""
    return [range(low + 1, high) for low, high in zip([-1, *places], [*places, count], strict=True)]


def _moved(
    numbers: Sequence[int | None], bounds: Sequence[int], strays: Sequence[range], missing: list[int]
) -> set[int]:
    """Return the places of lines that are missing elsewhere, and count these there no more.

    Where as many lines stand as numbers are missing, these have garbled numbers, and none was moved from there.
    """
    found: set[int] = set()
    taken: set[int] = set()
    for place in (place for inside in strays for place in inside):
        number = numbers[place] or 0
        stretch = bisect_left(bounds, number) - 1
        if number in taken or not 0 <= stretch < len(missing) or bounds[stretch + 1] == number:
            continue
        if missing[stretch] > len(strays[stretch]):
            missing[stretch] -= 1
            taken.add(number)
            found.add(place)
    return found
