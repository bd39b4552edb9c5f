"""What titles add to the title above them: ``initial encounter for closed fracture``; and which terms have codes with it.

The words of suffixes are in no posting, or each would be there for thousands of terms. They are looked up here: a few
hundred suffixes, and the classes of terms whose codes have them.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import Any, Final, NamedTuple

from .entries import SearchTable
from .vocabulary import BEGUN, HIGHEST
from .words import words_of

NEARNESS: Final = 0.95
"""How near a word comes that only the suffix of a code has."""
FULL: Final = 200
"""How a nearness of 1 is marked, in one byte."""
SHORTEST_BEGUN: Final = 2
"""Letters from which the beginning of a word of a suffix is looked up."""
KEPT: Final = 256


class Suffixed(NamedTuple):
    """Where a word of a question is in suffixes."""

    classes: Any
    """Of each class of terms how near some of their codes come to the word by their suffix, up to `FULL`; else 0."""
    suffixes: Any
    """Of each suffix whether it has the word."""


class Suffixes:
    """The suffixes of one index."""

    def __init__(self, table: SearchTable, classes: int) -> None:
        self._table = table
        self._classes = classes
        """How many classes there are."""
        self._begun: dict[str, Suffixed | None] = {}

    @cached_property
    def words(self) -> list[frozenset[str]]:
        """The words of each suffix."""
        texts = self._table.texts("text")
        return [frozenset(words_of(texts[row] or "")) for row in range(self._table.rows)]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """The suffixes that have each word."""
        found: dict[str, list[int]] = {}
        for row, words in enumerate(self.words):
            for word in words:
                found.setdefault(word, []).append(row)
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._rows)

    @cached_property
    def _whole(self) -> dict[str, Suffixed]:
        return {word: self._suffixed(rows, NEARNESS) for word, rows in self._rows.items()}

    def of(self, word: str, *, is_begun: bool = False) -> Suffixed | None:
        """Return where a word is in suffixes; None where no suffix has it.

        Args:
            word: Of a question.
            is_begun: Whether it may be the beginning of a word.
        """
        whole = self._whole.get(word)
        if whole is not None or not is_begun or len(word) < SHORTEST_BEGUN:
            return whole
        if word not in self._begun:
            if len(self._begun) >= KEPT:
                self._begun.clear()
            low, high = bisect_left(self._sorted, word), bisect_left(self._sorted, word + HIGHEST)
            rows = sorted({row for other in self._sorted[low:high] for row in self._rows[other]})
            self._begun[word] = self._suffixed(rows, NEARNESS * BEGUN) if rows else None
        return self._begun[word]

    def _suffixed(self, rows: list[int], nearness: float) -> Suffixed:
        import numpy as np

        texts = self._table.texts("classes")
        classes = np.zeros(self._classes, dtype=np.uint8)
        classes[[int(number) for row in rows for number in (texts[row] or "").split()]] = round(nearness * FULL)
        suffixes = np.zeros(self._table.rows, dtype=bool)
        suffixes[rows] = True
        return Suffixed(classes, suffixes)
