"""In which line of its file a term of an index or of the notes is: of each release that has it.

A term is stored once for several releases, and from one file to the next its line moves with all around it. So a line is
stored for the first release, and of each later one by how much the lines moved, from which line of the file before on::

    2017    line 100   line 200   line 300
    2018    line 100   line 207   line 307      from 200 on to 207

A step is stored wherever the distance changes, so what is read is exact. A line of which terms went different ways has none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entries import SearchTable

Of = tuple[int, int]
"""Kind of terms, number of a release."""


def line_tables(lines: Mapping[Of, Mapping[int, int]], start: int, count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of two tables: the line of each term in its first release, and the steps to later releases.

    Args:
        lines: By kind and release, the lines of terms by their numbers.
        start: Number of the first term that is no title.
        count: How many terms there are.
    """
    import numpy as np

    first = np.zeros(count - start, dtype=np.int64)
    steps: list[Any] = []
    lost: list[Any] = []
    before: dict[int, tuple[Any, Any]] = {}
    for (kind, number), held in sorted(lines.items()):
        terms, places = np.array([*held.items()], dtype=np.int64).reshape(-1, 2).T
        fresh = np.ones(len(terms), dtype=bool)
        if kind in before:
            of_before = np.zeros(count, dtype=np.int64)
            of_before[before[kind][0]] = before[kind][1]
            old = of_before[terms]
            fresh = old == 0
            found, ambiguous = _steps(old[~fresh], places[~fresh])
            steps += [(kind, number, line, to) for line, to in found]
            lost.append(terms[~fresh][np.isin(old[~fresh], ambiguous)])
        # a term that comes back after a release without it is another term
        first[terms[fresh] - start] = places[fresh]
        before[kind] = terms, places
    for terms in lost:
        first[terms - start] = 0
    columns = list(zip(*steps, strict=True)) or [(), (), (), ()]
    return {"line": first}, dict(zip(("kind", "release", "line", "to"), columns, strict=True))


def _steps(old: Any, new: Any) -> tuple[list[tuple[int, int]], Any]:
    """Return where the distance of two files changes, as lines of both, and the old lines that have several new ones."""
    import numpy as np

    order = np.lexsort((new, old))
    old, new = old[order], new[order]
    same = old[1:] == old[:-1]
    ambiguous = np.unique(old[1:][same & (new[1:] != new[:-1])])
    kept = ~np.isin(old, ambiguous)
    old, new = old[kept], new[kept]
    distance = new - old
    moved = np.ones(len(old), dtype=bool)
    moved[1:] = distance[1:] != distance[:-1]
    return list(zip(old[moved].tolist(), new[moved].tolist(), strict=True)), ambiguous


class Lines:
    """The lines of the terms of one index."""

    def __init__(self, lines: SearchTable, steps: SearchTable, count: int) -> None:
        self._lines = lines.integers("line")
        self._start = count - lines.rows
        self._steps: dict[Of, tuple[list[int], list[int]]] = {}
        columns = (steps.integers(name) for name in ("kind", "release", "line", "to"))
        for kind, number, line, to in zip(*columns, strict=True):
            olds, news = self._steps.setdefault((kind, number), ([], []))
            olds.append(line)
            news.append(to)

    def of(self, term: int, kind: int, releases: Sequence[int]) -> int | None:
        """Return the line of a term in the last of some releases; None where it is not known.

        Args:
            term: Number of the term.
            kind: Its kind.
            releases: Those after the first that has it, up to the one that is asked for, in order.
        """
        line = self._lines[term - self._start] if term >= self._start else 0
        for number in releases if line else ():
            olds, news = self._steps.get((kind, number), ([], []))
            place = bisect_right(olds, line) - 1
            if place >= 0:
                line += news[place] - olds[place]
        return line or None
