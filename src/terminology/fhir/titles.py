"""From words to codes of one edition: every word of a text begins a word of the title, or the code begins with it.

The words of all titles stand sorted, each with the places of its codes as an array of numbers. A text is answered by
bisection and intersection: some microseconds, where reading all titles takes a tenth of a second.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final, overload

from .code_systems import words_of

KEPT: Final = 256
"""Beginnings of words whose places are kept."""


class CodesAt(Sequence[str]):
    """The codes at some places, looked up when they are asked for."""

    def __init__(self, codes: Sequence[str], places: Sequence[int]) -> None:
        self._codes = codes
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self._codes[one] for one in self._places[place]]
        return self._codes[self._places[place]]

    def __iter__(self) -> Iterator[str]:
        return map(self._codes.__getitem__, self._places)


class TitleIndex:
    """The words of an edition's titles. Made when the first text is searched: a second or less for ICD-10-CM."""

    def __init__(self, codes: Sequence[str], title: Callable[[str], str | None]) -> None:
        self._codes = codes
        places: dict[str, array[int]] = {}
        for place, code in enumerate(codes):
            for word in set(words_of(title(code) or "")):
                if word in places:
                    places[word].append(place)
                else:
                    places[word] = array("I", (place,))
        self._words = sorted(places)
        self._places = [places[word] for word in self._words]
        # a code is no word: each would need an array of its own
        self._ordered = array("I", sorted(range(len(codes)), key=lambda place: _plain(codes[place])))
        self._kept: dict[str, array[int]] = {}

    def found(self, text: str) -> Sequence[str]:
        """Return the codes that a text finds, in document order; all of them for a text without words."""
        wanted = sorted(set(self._wanted(text)), key=len, reverse=True)
        if not wanted:
            return self._codes
        if len(wanted) == 1:
            return CodesAt(self._codes, self._matching(wanted[0]))
        found: set[int] | None = None
        for word in wanted:
            matching = self._matching(word)
            found = set(matching) if found is None else found.intersection(matching)
            if not found:
                return ()
        return CodesAt(self._codes, sorted(found or ()))

    def _matching(self, word: str) -> Sequence[int]:
        """Return the places of the codes with a word that begins so, sorted; those asked last are kept."""
        kept = self._kept.get(word)
        if kept is None:
            lists = self._beginning(word)
            kept = lists[0] if len(lists) == 1 else array("I", sorted(set[int]().union(*lists)))
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[word] = kept
        return kept

    def _wanted(self, text: str) -> list[str]:
        """Return the words of a text; a code with a dot is one word."""
        words: list[str] = []
        for part in text.lower().split():
            is_code = any(map(str.isdigit, part))
            words += ["".join(filter(str.isalnum, part))] if is_code else words_of(part)
        return [word for word in words if word]

    def _beginning(self, word: str) -> list[array[int]]:
        """Return the places of the words that begin so, and those of the codes."""
        last = f"{word}\U0010ffff"
        found = self._places[bisect_left(self._words, word) : bisect_left(self._words, last)]
        low, high = (
            bisect_left(self._ordered, text, key=lambda place: _plain(self._codes[place])) for text in (word, last)
        )
        return [*found, self._ordered[low:high]] if low < high else found


def _plain(code: str) -> str:
    """Return a code as it is compared with what was typed: without dot, in lower case."""
    return "".join(filter(str.isalnum, code.lower()))
