"""Mistakes in phrases that have synonyms: which words of phrases a word was probably meant for.

The index forgives mistakes in its own words, but a phrase is looked up as it is: *hart atack* is none. And "hart" is no
mistake to an index that has Hart's disease; only beside "atack" it is one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import islice, product
from typing import Final

from .vocabulary import LONGEST_WORD, nearness_of
from .words import SHORTEST_SOUND, deletions, sound_of

Phrase = tuple[str, ...]

MOST_MEANT: Final = 4
"""Words that one word may be a mistake for."""
MOST_TRIED: Final = 64
"""Ways in which the words of one phrase are read."""


class PhraseWords:
    """The words of phrases, by what is left of their sounds without one letter."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._left: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if word.isalpha() and len(word) >= SHORTEST_SOUND:
                for left in set(deletions(sound_of(word))):
                    self._left.setdefault(left, []).append(word)

    def meant(self, word: str) -> list[str]:
        """Return the words that one may be meant for, itself first, then the likeliest.

        >>> PhraseWords(["heart", "attack", "liver"]).meant("hart")
        ['hart', 'heart']
        """
        if word in self._words or not word.isalpha() or not SHORTEST_SOUND <= len(word) <= LONGEST_WORD:
            return [word]
        near = {
            other: nearness_of(word, other)
            for left in set(deletions(sound_of(word)))
            for other in self._left.get(left, ())
        }
        likely = sorted(filter(near.__getitem__, near), key=lambda other: (-near[other], other))
        return [word, *likely[:MOST_MEANT]]


def mended(words: Phrase, phrases: Container[Phrase], known: PhraseWords, longest: int) -> Phrase:
    """Return the words of a question with mistakes in its phrases mended; as they are where there are none.

    Args:
        words: Of the question.
        phrases: Those that there are.
        known: The words of the phrases.
        longest: How many words a phrase has at most.

    >>> phrases = {("heart", "attack"), ("liver", "spot")}
    >>> mended(("old", "hart", "atack"), phrases, PhraseWords(word for one in phrases for word in one), 2)
    ('old', 'heart', 'attack')
    """
    meant = [known.meant(word) for word in words]
    found: list[str] = []
    while len(found) < len(words):
        found += _phrase_at(meant[len(found) : len(found) + longest], phrases) or meant[len(found)][:1]
    return tuple(found)


def _phrase_at(meant: Sequence[Sequence[str]], phrases: Container[Phrase]) -> Phrase:
    """Return the longest phrase that words may be meant for from the first on; empty where they are meant for none."""
    for end in range(len(meant), 0, -1):
        if any(len(one) > 1 for one in meant[:end]):
            for phrase in islice(product(*meant[:end]), MOST_TRIED):
                if phrase in phrases:
                    return phrase
    return ()
