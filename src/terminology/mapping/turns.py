"""The days on which a code comes to stand for something else, as publications say, while the code itself lives on.

Why lists of codes do not show them: a publisher who renumbers a list gives a code that stays in it to what another
code was before. The code is valid on both days; only the publication knows that it is not the same. So where a
publication says what a code became, that is stronger than that the code is there.

A row that says what a code became ends what the code stood for: its ``change`` is ``deleted``. Where the code is one
of several that it may have become, one of these rows leads to the code itself. Backwards a publisher may know better:
a row from the code to itself with the change ``new`` says that it may have been others too, and a code without any row
to itself was certainly something else.

In numbers, of three transitions on 2015-01-01 (``A`` is a step that is done automatically, forward; backward):

    rows                             A of 2014 asked of 2015    A of 2015 asked of 2014
    A > B (A; A), C > A (A; A)       B                          C
    A > A (-; A), A > B (-; A)       A or B                     A
    A > A (A; -), C > A (A; -)       A                          A or C
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class Turning(Protocol):
    """The rows of a map, as far as they say on which days something ends."""

    def turns(self, code: str) -> Iterable[tuple[int, str, bool]]:
        """Return day number, change, and whether the code leads to itself, of the dated rows of a code."""
        ...


def turning_days(code: str, maps: Sequence[Turning], *, forward: bool) -> frozenset[int]:
    """Return the day numbers on which a code ends as what it stood for, seen in one direction of time; most have none.

    Args:
        code: In official form.
        maps: The successions of its system.
        forward: Whether it is asked what the code became, or what it was before.
    """
    told = _told(code, maps)
    if forward:
        return frozenset(day for day, change, _ in told if change == "deleted")
    perhaps = {day for day, change, is_itself in told if is_itself and change == "new"}
    return renumbering_days(code, maps) | perhaps


def renumbering_days(code: str, maps: Sequence[Turning]) -> frozenset[int]:
    """Return the day numbers on which a code became something else for certain, and not perhaps itself."""
    told = _told(code, maps)
    stays = {day for day, _, is_itself in told if is_itself}
    return frozenset(day for day, change, _ in told if change == "deleted" and day not in stays)


def _told(code: str, maps: Sequence[Turning]) -> set[tuple[int, str, bool]]:
    return {turn for rows in maps for turn in rows.turns(code)}
