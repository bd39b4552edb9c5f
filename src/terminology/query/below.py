"""The billable codes below a node of the hierarchy: how many there are, and which, some at a time."""

from __future__ import annotations

from typing import Any, Final

from .answers import Answers
from .compiled import AsOf
from .edition import Edition, engine_of

KEPT: Final = 8
"""Editions of a code system of which it is kept where the billable codes stand: some 300 kB of the largest."""


class BillableBelow:
    """Answers what is billable below a node, on the day of an edition."""

    def __init__(self, edition: Edition) -> None:
        self._as_of = engine_of(edition)
        self._answers = Answers(self._as_of)
        self._places = _places(self._as_of)

    def count(self, code: str) -> int:
        """Return how many billable codes are below one.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> from terminology.query.below import BillableBelow
        >>> BillableBelow(store["icd10cm"].on("2022-03-01")).count("M54.5")
        3
        """
        first, end = self._span(code)
        return end - first

    def is_leaf(self, code: str) -> bool:
        """Return whether nothing is below a code.

        Raises:
            UnknownCodeError: It is not in force.
        """
        children = self._answers.named(self._answers.tree.children(self._answers.place(code)))
        return next(children, None) is None

    def codes(self, code: str, start: int, count: int) -> list[str]:
        """Return some of the billable codes below one, in document order.

        Args:
            code: In force.
            start: Number of the first.
            count: Most of them.
        """
        first, end = self._span(code)
        nodes, name = self._answers.tree.nodes, self._as_of.system.codes.name
        return [name(nodes[place]) for place in self._places[first + start : min(first + start + count, end)]]

    def _span(self, code: str) -> tuple[int, int]:
        import numpy as np

        place = self._answers.place(code)
        first, end = np.searchsorted(self._places, [place + 1, self._answers.tree.ends[place]])
        return int(first), int(end)


def _places(as_of: AsOf) -> Any:
    from .tables import billable_places

    # on all days of a release the same codes are in force, unless they are picked from a tree that has others too
    key = (as_of.asked if as_of.is_filtered else as_of.position, as_of.knowledge)
    kept: dict[tuple[int, int], Any] = as_of.system.keep(("billable places", 0), dict)
    # several threads may ask: each step leaves what others find whole
    found = kept.pop(key, None)
    kept[key] = found = billable_places(as_of) if found is None else found
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)
    return found
