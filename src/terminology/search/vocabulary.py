"""The words of a search index, and which of them a word of a question may mean."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from attrs import frozen

from .words import SHORTEST_SOUND, deletions, distance, root_of, sound_of

SAME, SAME_ROOT, BEGUN, SAME_SOUND, TYPO, EDIT = 1.0, 0.86, 0.9, 0.9, 0.85, 0.07
"""How near a word of a term is to a word of a question; `BEGUN` where the word is still being typed."""
LONG_WORD: Final = 7
"""Letters from which two edits are forgiven."""
LONGEST_WORD: Final = 30
"""Letters of the longest word that is looked up as a mistake; hardly any has more."""
MOST_TYPOS: Final = 4
REMEMBERED: Final = 4_096
"""Words of questions that are kept."""
HIGHEST: Final = "\U0010ffff"


@frozen(slots=True)
class Slot:
    """A word of a question: the words of the index that it may mean, and what naming it is worth."""

    word: str
    ranges: tuple[tuple[int, int, float], ...]
    """Half-open ranges of words with their nearness, the farthest first; empty where it means none."""
    weight: float

    @property
    def is_guess(self) -> bool:
        """Whether it means only words that are spelled and sound otherwise."""
        return bool(self.ranges) and self.ranges[-1][2] < TYPO


class Vocabulary:
    """The words of one index, sorted."""

    def __init__(self, words: Any, sounds: Any, weights: Any, unknown: float) -> None:
        # read where they are: twenty thousand texts of their own would be as large as the sounds
        self.words: Sequence[str] = words.texts("word")
        self._weights = weights
        self._unknown = unknown
        """What a word weighs that the index does not have."""
        self._keys: Sequence[int] = sounds.integers("key")
        self._sounding: Sequence[int] = sounds.integers("word")
        self._slots: dict[tuple[str, bool], Slot] = {}

    def find(self, word: str) -> int:
        """Return the number of a word; -1 where the index does not have it."""
        place = bisect_left(self.words, word)
        return place if place < len(self.words) and self.words[place] == word else -1

    def beginning(self, start: str) -> tuple[int, int]:
        """Return the half-open range of the words that begin so."""
        return bisect_left(self.words, start), bisect_left(self.words, start + HIGHEST)

    def slot(self, word: str, *, being_typed: bool) -> Slot:
        """Return what a word may mean: itself and its relatives, what it begins, else what it was probably meant for."""
        found = self._slots.get((word, being_typed))
        if found is None:
            if len(self._slots) >= REMEMBERED:
                self._slots.clear()
            found = self._slots[word, being_typed] = self._fresh_slot(word, being_typed=being_typed)
        return found

    def _fresh_slot(self, word: str, *, being_typed: bool) -> Slot:
        exact = self.find(word)
        near: dict[int, float] = {other: SAME_ROOT for other in self._relatives(word) if other != exact}
        ranges: list[tuple[int, int, float]] = []
        begun = self.beginning(word)
        if being_typed and begun[1] > begun[0]:
            # of a whole word its longer neighbours are a guess: "ear" is an ear before it is "early"
            ranges.append((*begun, BEGUN if exact < 0 else BEGUN * min(0.8, len(word) / 10)))
        if exact < 0 and not ranges:
            is_begun = len(word) >= SHORTEST_SOUND and begun[1] > begun[0]
            if is_begun:
                ranges.append((*begun, TYPO))
            for number, value in ({} if is_begun else self._typos(word)).items():
                near[number] = max(value, near.get(number, 0))
        ranges += [(number, number + 1, value) for number, value in sorted(near.items(), key=lambda item: item[1])]
        if exact >= 0:
            ranges.append((exact, exact + 1, SAME))
        return Slot(word, tuple(ranges), self._weight(exact, near, begun if ranges else (0, 0)))

    def _weight(self, exact: int, near: dict[int, float], begun: tuple[int, int]) -> float:
        if exact >= 0:
            return float(self._weights[exact])
        if near:
            return float(self._weights[max(near, key=near.__getitem__)])
        if begun[1] > begun[0]:
            return float(self._weights[begun[0] : begun[1]].min())
        return self._unknown

    def _relatives(self, word: str) -> list[int]:
        root = root_of(word)
        if not word.isalpha() or len(root) < SHORTEST_SOUND + 1:
            return []
        low, high = self.beginning(root)
        return [number for number in range(low, high) if root_of(self.words[number]) == root]

    def _typos(self, word: str) -> dict[int, float]:
        """Return the words that this one was probably meant for: those that sound like it, then those near to that."""
        if not word.isalpha() or not SHORTEST_SOUND <= len(word) <= LONGEST_WORD:
            return {}
        sound = sound_of(word)
        found = self._sounding_like(sound, 1)
        if not found and len(word) >= LONG_WORD:
            found = self._sounding_like(sound, 2)
        nearness = {number: near for number in found if (near := nearness_of(word, self.words[number]))}
        best = sorted(nearness, key=lambda number: (-nearness[number], float(self._weights[number])))
        return {number: nearness[number] for number in best[:MOST_TYPOS]}

    def _sounding_like(self, sound: str, edits: int) -> set[int]:
        found: set[int] = set()
        for key in {crc32(left.encode()) for left in deletions(sound, edits)}:
            place = bisect_left(self._keys, key)
            while place < len(self._keys) and self._keys[place] == key:
                found.add(self._sounding[place])
                place += 1
        return found


def nearness_of(word: str, other: str) -> float:
    """Return how near a word comes that another was probably meant for; 0 where it was not.

    >>> nearness_of("hemorage", "hemorrhage"), round(nearness_of("hart", "heart"), 2), nearness_of("hart", "liver")
    (0.9, 0.78, 0)
    """
    sound, others = sound_of(word), sound_of(other)
    if sound == others:
        return SAME_SOUND
    apart = min(distance(word, other), 1 + distance(sound, others))
    return TYPO - EDIT * apart if apart <= (2 if len(word) >= LONG_WORD else 1) + (other[:1] == word[:1]) else 0
