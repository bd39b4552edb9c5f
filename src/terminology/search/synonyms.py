"""Synonyms: files of words as people say them, and what code systems call the same.

A line is one of two; ``docs/coders/search.md`` tells the rest::

    heart attack, MI = myocardial infarction | coronary thrombosis     who asks for the left is answered by the right too
    kidney ~ renal                                                     each means the other
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from attrs import define, frozen

from ..errors import TerminologyError
from .mistakes import Phrase, PhraseWords, mended
from .words import words_of

PACKAGED: Final = Path(__file__).with_name("synonyms.txt")
FOLDER: Final = "synonyms"
"""Of a store: its files ``*.txt`` are added to the packaged ones."""
MOST_SCATTERED: Final = 3
"""Words of a phrase that is recognised in another order."""
MOST: Final = 6
"""Ways in which a question is asked at most, its own words first."""
EVERY: Final = "*"


class SynonymFileError(TerminologyError):
    """A line of a file of synonyms is none, or the file cannot be read."""


@frozen
class Synonym:
    """What a phrase means as well."""

    phrase: Phrase
    meaning: Phrase
    line: str
    """As it is written in the file."""
    file: str


@frozen
class Reading:
    """One way to ask a question: its own words, or others that mean the same."""

    words: Phrase
    synonyms: tuple[Synonym, ...] = ()


@define
class Synonyms:
    """The synonyms for one code system."""

    by_phrase: Mapping[Phrase, Sequence[Synonym]]
    by_words: Mapping[frozenset[str], Sequence[Synonym]]
    longest: int
    _words: PhraseWords | None = None
    """Made when a mistake is looked for."""

    @classmethod
    def of(cls, files: Iterable[Path], system: str) -> Synonyms:
        """Return the synonyms of files that are for a code system.

        Raises:
            SynonymFileError: A file cannot be read, or a line is no synonym; the message names file and line.
        """
        found: dict[Phrase, list[Synonym]] = {}
        for file in files:
            for synonym in synonyms_in(file, system):
                held = found.setdefault(synonym.phrase, [])
                # one that means itself is there so that no part of it is taken for another phrase
                if synonym.meaning != synonym.phrase:
                    held.append(synonym)
        in_any_order = {frozenset(phrase): synonyms for phrase, synonyms in found.items() if len(phrase) > 1}
        return cls(found, in_any_order, max(map(len, found), default=0))

    def readings(self, words: Sequence[str], *, whole: bool = True) -> list[Reading]:
        """Return the ways to ask for these words: themselves, then with synonyms in place of phrases.

        Args:
            words: Of the question, as `words_of` gives them.
            whole: Whether the last word is whole. One that is being typed is part of no phrase.
        """
        own = tuple(words)
        readings = [Reading(own)]
        spans = list(self._spans(own if whole else own[:-1]))
        if not spans:
            readings += self._scattered(own if whole else own[:-1])
        if len(spans) > 1:
            joined, used = own, list[Synonym]()
            for start, end, synonyms in reversed(spans):
                joined = (*joined[:start], *synonyms[0].meaning, *joined[end:])
                used.append(synonyms[0])
            readings.append(Reading(joined, tuple(used)))
        for start, end, synonyms in spans:
            readings += [Reading((*own[:start], *one.meaning, *own[end:]), (one,)) for one in synonyms]
        return list({reading.words: reading for reading in reversed(readings)}.values())[::-1][:MOST]

    def mended(self, words: Sequence[str]) -> Phrase:
        """Return the words of a question with mistakes in its phrases mended; as they are where there are none."""
        if self._words is None:
            self._words = PhraseWords(word for phrase in self.by_phrase for word in phrase)
        return mended(tuple(words), self.by_phrase.keys(), self._words, self.longest)

    def _scattered(self, words: Phrase) -> list[Reading]:
        """Return the readings by a phrase whose words stand in another order, or apart: ``pain in left ear``."""
        for count in range(min(len(words), MOST_SCATTERED), 1, -1):
            for chosen in combinations(words, count):
                if found := self.by_words.get(frozenset(chosen)):
                    rest = tuple(word for word in words if word not in chosen)
                    return [Reading((*one.meaning, *rest), (one,)) for one in found]
        return []

    def _spans(self, words: Phrase) -> Iterator[tuple[int, int, Sequence[Synonym]]]:
        """Yield the longest phrases with synonyms, from the left, that do not overlap: start, end, synonyms."""
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + self.longest), start, -1):
                found = self.by_phrase.get(words[start:end])
                if found is not None:
                    if found:
                        yield start, end, found
                    start = end
                    break
            else:
                start += 1


NO_SYNONYMS: Final = Synonyms({}, {}, 0)


def synonym_files(store: str | os.PathLike[str] | None, own: Iterable[str | os.PathLike[str]] = ()) -> list[Path]:
    """Return the files of synonyms: those that the caller names, those in the store, and the packaged one."""
    beside = sorted((Path(store) / FOLDER).glob("*.txt")) if store is not None else []
    return [*map(Path, own), *beside, PACKAGED]


def synonyms_in(file: Path, system: str) -> Iterator[Synonym]:
    """Yield the synonyms of a file that are for a code system, in the order of the file.

    Raises:
        SynonymFileError: As of `Synonyms.of`.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SynonymFileError(f"{file}: the file of synonyms cannot be read: {error}") from None
    is_for = True
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("[") and text.endswith("]"):
            is_for = bool({EVERY, system} & set(text[1:-1].split()))
        elif is_for:
            yield from _synonyms_of(text, file, number)


def _synonyms_of(text: str, file: Path, number: int) -> Iterator[Synonym]:
    sign = "~" if "~" in text else "="
    said, _, meant = text.partition(sign)
    if sign == "~":
        phrases = [_phrase(part, file, number) for part in text.split(sign)]
        pairs = [(one, other) for one in phrases for other in phrases if one != other]
    else:
        left = [_phrase(part, file, number) for part in said.split(",")]
        right = [_phrase(part, file, number) for part in meant.split("|")]
        pairs = [(one, other) for one in left for other in right]
    for one, other in pairs:
        yield Synonym(one, other, text, file.name)


def _phrase(part: str, file: Path, number: int) -> Phrase:
    words = tuple(words_of(part))
    if not words:
        raise SynonymFileError(f"{file}, line {number}: expected 'words = words' or 'words ~ words', got {part!r}")
    return words
