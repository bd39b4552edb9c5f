"""Where the terms of an index stand: main terms by letter, and below each what its rows say in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from .names import folded

if TYPE_CHECKING:
    import pyarrow as pa

TermPath: TypeAlias = tuple[str, ...]
"""The terms from the main term down."""
DIGITS: Final = "0-9"
"""In place of the letter of what begins with a digit."""
REMEMBERED: Final = 128
"""Main terms whose places are kept."""


@define
class Place:
    """A term: its rows, several where it has several targets, and the terms right below it."""

    rows: list[int] = field(factory=list)
    children: list[TermPath] = field(factory=list)
    below: int = 0
    """Terms below it, at any depth."""


class Places:
    """The places of all terms of an index."""

    def __init__(self, table: pa.Table, heads: Sequence[tuple[str, int, int]]) -> None:
        self._table = table
        self._heads = heads
        self._made: dict[str, dict[TermPath, Place]] = {}

    @cached_property
    def _spans(self) -> dict[str, list[tuple[int, int]]]:
        """From which row to which each main term goes; several stretches where it stands there several times."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for term, start, end in self._heads:
            spans.setdefault(term, []).append((start, end))
        return spans

    @cached_property
    def letters(self) -> dict[str, list[str]]:
        """The main terms in the publisher's order, by the letter that they begin with."""
        found: dict[str, list[str]] = {}
        for term in self._spans:
            found.setdefault(letter_of(term), []).append(term)
        return dict(sorted(found.items()))

    def of(self, main: str) -> Mapping[TermPath, Place]:
        """Return the places of a main term and of all terms below it, by their paths; none where there is no such."""
        # several threads may ask: each step leaves what others find whole
        found = self._made.pop(main, None) or self._read(main)
        self._made[main] = found
        for oldest in list(self._made)[:-REMEMBERED]:
            self._made.pop(oldest, None)
        return found

    def _read(self, main: str) -> dict[TermPath, Place]:
        places: dict[TermPath, Place] = {}
        for row, path in self._terms(main):
            # the index of ICD-10-PCS has terms that stand in no row of their own, only in those of others
            for length in range(1, len(path) + 1):
                if (part := path[:length]) not in places:
                    places[part] = Place()
                    for above in range(1, length):
                        places[part[:above]].below += 1
                    if length > 1:
                        places[part[:-1]].children.append(part)
            places[path].rows.append(row)
        return places

    def _terms(self, main: str) -> Iterable[tuple[int, TermPath]]:
        for start, end in self._spans.get(main, ()):
            rows = self._table.slice(start, end - start)
            listed = zip(rows.column("terms").to_pylist(), rows.column("column").to_pylist(), strict=True)
            yield from ((start + place, tuple(terms)) for place, (terms, column) in enumerate(listed) if column is None)


def letter_of(term: str) -> str:
    """Return the letter under which a main term is found.

    >>> [letter_of(term) for term in ("Ödipal", "3f valve", "'t Hooft")]
    ['O', '0-9', 'T']
    """
    first = next(filter(str.isalnum, folded(term)), "")
    return DIGITS if first.isdigit() else first.upper()
