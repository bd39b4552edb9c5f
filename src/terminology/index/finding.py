"""Entries by words: the best first, and what "see" leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve

from ..query import Edition
from .names import WORD, folded
from .tables import INDEXES, Index, indexes_of
from .terms import IndexEntry

FOLLOWED: Final = 4
"""Most references that are followed one after the other."""
MOST_WORDS: Final = 12


def entries(edition: Edition, text: str, *, limit: int = 20) -> tuple[IndexEntry, ...]:
    """Return the entries that hold all words of the text, the best first; empty where none does.

    Words match beginnings of words. Entries whose main term matches come first, then those with shorter paths.
    An entry that only says "see" is followed by the one that it leads to.

    Args:
        edition: What is asked.
        text: Words, like ``heart attack``; what is beyond twelve different ones does not count.
        limit: Most entries, without those that "see" leads to.

    Raises:
        UnknownReleaseError: No release that the edition knows came with an index.

    >>> from terminology.index import entries
    >>> found = entries(store["icd10cm"].release("2022"), "low back pain")
    >>> found[0].path, found[0].code
    (('Pain', 'low back'), 'M54.50')
    """
    words = list(dict.fromkeys(WORD.findall(folded(text))))[:MOST_WORDS]
    indexes = indexes_of(edition)
    if not words:
        return ()
    hits = [(rank, index, row) for index in indexes for rank, row in index.rows.hits(words)]
    hits.sort(key=lambda hit: (hit[0], INDEXES.index(hit[1].which), hit[2]))
    found: list[IndexEntry] = []
    for _, index, row in hits[:limit]:
        for entry in _with_references(index.entry(row), indexes):
            if not any(other.source == entry.source for other in found):
                found.append(entry)
    return tuple(found)


def _with_references(entry: IndexEntry, indexes: Sequence[Index]) -> Iterator[IndexEntry]:
    """Yield the entry and, as long as it only says "see", what it leads to."""
    yield entry
    for _ in range(FOLLOWED):
        if entry.see is None or entry.code or entry.cells:
            return
        own = sorted(indexes, key=lambda index: index.which != entry.index)
        led = next((index.entry(row) for index in own for row in index.rows.led_to(entry.see or "")), None)
        if led is None:
            return
        entry = evolve(led, via=entry.path)
        yield entry
