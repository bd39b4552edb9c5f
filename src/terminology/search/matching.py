"""From words to terms: which terms of an index hold the words of a question, and how well they answer it.

A term is scored by two shares, each between 0 and 1, weighed by how rare the words are::

    asked    of the question's words, how much does the term hold?
    told     of the term's words, how much did the question ask for?

``diabetes`` is all of *Diabetes, diabetic (mellitus) (sugar)* in the index, and a third of *Type 2 diabetes mellitus
without complications*. Only terms that hold the rarest words of the question are looked at: the sorted lists of terms
of these words are short, and of the longer lists only the places of the candidates are read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

from attrs import evolve

from .entries import (
    ALPHABETIC,
    DRUG,
    EXTERNAL,
    FILES,
    INCLUSION,
    NEOPLASM,
    SHORT_TITLE,
    TERM_SCALE,
    TITLE,
    WEIGHT_SCALE,
)
from .vocabulary import Slot, Vocabulary
from .words import words_of

KIND_WORTH: Final = {
    TITLE: 1.0,
    SHORT_TITLE: 0.97,
    INCLUSION: 0.99,
    ALPHABETIC: 0.99,
    EXTERNAL: 0.9,
    NEOPLASM: 0.95,
    DRUG: 0.88,
}
TOLD_SHARE: Final = 0.5
"""How much of a score is due to the share of the term that was asked for."""
LEAST_ASKED: Final = (0.6, 0.3)
"""The share of a question that a term must hold; the second where no term holds the first."""
SUFFIX_NEARNESS: Final = 0.95
BESIDE: Final = 0.7
"""What it is worth to have a word only beside the term."""
BEST_TERMS: Final = 300
"""Terms of one reading of a question that are put in order."""


FULL: Final = 200
"""How a nearness of 1 is marked, in one byte."""
Match = tuple[int, float]
"""A term, and how well it answers."""


class Asked(NamedTuple):
    """Which terms may answer, and what they are worth."""

    admitted: Any
    """Of each term, whether a release that is asked has it."""
    worth: Any
    """Of each kind of term."""


class _Question:
    """The words of a question, as `vocabulary` reads them."""

    def __init__(self, slots: Sequence[Slot], suffixed: Sequence[Any], share: float) -> None:
        self.share = share
        """How much of it a term must hold."""
        self.slots = slots
        self.suffixed = suffixed
        """Of each slot, the classes of terms that have its word in a suffix; None where none has."""
        self.weight = sum(slot.weight for slot in slots)
        self.denies = any(slot.word == "without" for slot in slots)
        """Whether it says without what: what titles deny is as good as what they say then."""


class _Near(NamedTuple):
    """Terms, and of each slot how near they come to it, up to `FULL`, and whether they say it themselves."""

    terms: Any
    near: Sequence[Any]
    said: Sequence[Any]


class SearchTable(Protocol):
    """A table of a search index: of a compiled file, or in memory."""

    rows: int

    def integers(self, name: str) -> memoryview:
        """Return an integer column."""
        ...

    def texts(self, name: str) -> Sequence[str | None]:
        """Return a text column."""
        ...


class _Marks(threading.local):
    """A place to mark terms, two for each, that every thread has for itself; whoever marks takes the marks away."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self.empty = np.zeros(size, dtype=np.uint8)


class SearchTables:
    """The search index of one code system, as arrays over its compiled files."""

    def __init__(self, tables: Mapping[str, SearchTable]) -> None:
        import numpy as np

        self._tables = {name: tables[name] for name in FILES}
        terms, members, words = (self._tables[name] for name in ("terms", "members", "words"))
        self.count = terms.rows
        self.kinds = np.asarray(terms.integers("kind"))
        self.term_weights = np.asarray(terms.integers("weight"))
        self.first = np.asarray(terms.integers("first"))
        self.end = np.asarray(terms.integers("end"))
        self.classes = np.asarray(terms.integers("class"))
        self._texts = self._tables["texts"].texts("text")
        self._text_of = terms.integers("text")
        self._parents = terms.integers("parent")
        self._members = terms.integers("members")
        self._count_of_members = members.rows
        self.codes = members.integers("code")
        self.suffix_of = members.integers("suffix")
        self._periods = self._tables["titles"].integers("period")
        self.postings = np.asarray(self._tables["postings"].integers("term"))
        self.starts = np.append(np.asarray(words.integers("postings")), self.postings.size).astype(np.int64)
        self.weights = np.asarray(words.integers("weight")).astype(np.float32) / WEIGHT_SCALE
        unknown = float(np.log(1 + self.count))
        self.vocabulary = Vocabulary(words, self._tables["sounds"], self.weights, unknown)
        self._marks = _Marks(2 * self.count)
        self.releases: dict[int, list[int]] = {}
        """Of each kind of term, the numbers of the releases that came with such terms, in order."""
        held = self._tables["releases"]
        self.files: dict[tuple[int, int], str] = {}
        """Of a kind of term and a release, the file that the terms are from, where they name it."""
        for row, (kind, number) in enumerate(zip(held.integers("kind"), held.integers("release"), strict=True)):
            self.releases.setdefault(kind, []).append(number)
            self.files[kind, number] = held.texts("file")[row] or ""

    def members_of(self, term: int) -> range:
        """Return the rows of the members of a term."""
        after = self._members[term + 1] if term + 1 < self.count else self._count_of_members
        return range(self._members[term], after)

    def period_of(self, member: int) -> int:
        """Return an interval row that has the title by which a term leads to a member; -1 of a term that is no title."""
        return self._periods[member] if member < len(self._periods) else -1

    def text_of(self, term: int) -> str:
        """Return a term as it is printed, below the terms above it: ``Attack, attacks > heart``."""
        parts = [self._texts[self._text_of[term]] or ""]
        while above := self._parents[term]:
            term = above - 1
            parts.append(self._texts[self._text_of[term]] or "")
        return " > ".join(reversed(parts))

    # ---- suffixes

    @cached_property
    def suffix_words(self) -> list[frozenset[str]]:
        """The words of each suffix."""
        texts = self._tables["suffixes"].texts("text")
        return [frozenset(words_of(texts[row] or "")) for row in range(self._tables["suffixes"].rows)]

    @cached_property
    def _classes_with(self) -> dict[str, Any]:
        """Of each word of suffixes, how near it brings each class of terms whose members' suffixes have it; else 0."""
        import numpy as np

        classes = self._tables["suffixes"].texts("classes")
        size = int(self.classes.max(initial=0)) + 1
        found: dict[str, Any] = {}
        for row, words in enumerate(self.suffix_words):
            held = [int(number) for number in (classes[row] or "").split()]
            for word in words:
                found.setdefault(word, np.zeros(size, dtype=np.uint8))[held] = round(SUFFIX_NEARNESS * FULL)
        return found

    def _suffixed(self, slot: Slot) -> Any:
        return self._classes_with.get(slot.word)

    # ---- matching

    def admitted(self, numbers: Any) -> Any:
        """Return of each term whether the release that is asked for terms of its kind has it."""
        asked = numbers[self.kinds]
        return (self.first <= asked) & (asked < self.end)

    def matches(self, words: Sequence[str], *, typing: bool, asked: Asked, least: int, share: float) -> Iterable[Match]:
        """Return the terms that answer a question with their scores, the best first.

        Args:
            words: Of the question.
            typing: Whether the last word may be the beginning of one.
            asked: Which terms may answer.
            least: Where so many terms hold all words, those that lack some are not looked for.
            share: How much of the question a term must hold.
        """
        last = len(words) - 1
        slots = [self.vocabulary.slot(word, being_typed=typing and at == last) for at, word in enumerate(words)]
        if share < LEAST_ASKED[0]:
            # half of a question is not answered by a guess: where no term has a heart, "heart" is not "health"
            slots = [evolve(slot, ranges=()) if slot.is_guess else slot for slot in slots]
        held = [slot for slot in slots if slot.ranges]
        if not held:
            return ()
        question = _Question(slots, [self._suffixed(slot) for slot in slots], share)
        rarest = min((slot for slot in held if slot.word not in self._classes_with), key=self._size, default=held[0])
        terms = self._terms_of(rarest)
        terms = terms[asked.admitted[terms]]
        if len(held) == len(slots):
            near = self._nearness(question, terms, whole=True)
            if len(near.terms) >= least or len(slots) == 1:
                return self._best(question, near, asked)
        rest = [slot for slot in self._essential(question) if slot is not rarest]
        if rest:
            terms = self._united((terms, *(self._terms_of(slot) for slot in rest)))
            terms = terms[asked.admitted[terms]]
        return self._best(question, self._nearness(question, terms, whole=False), asked)

    def _size(self, slot: Slot) -> int:
        return int(sum(self.starts[end] - self.starts[start] for start, end, _ in slot.ranges))

    def _terms_of(self, slot: Slot) -> Any:
        """Return the terms that hold a word of a slot, in order, each once."""
        found = [self.postings[self.starts[start] : self.starts[end]] >> 1 for start, end, _ in slot.ranges]
        if len(found) == 1 and slot.ranges[0][1] - slot.ranges[0][0] == 1:
            return found[0]
        return self._united(found)

    def _united(self, lists: Iterable[Any]) -> Any:
        """Return the terms of several lists, in order, each once."""
        import numpy as np

        held = np.zeros(self.count, dtype=bool)
        for one in lists:
            held[one] = True
        return np.flatnonzero(held)

    def _nearness(self, question: _Question, terms: Any, *, whole: bool) -> _Near:
        """Return how near terms come to each slot of a question; with ``whole`` those alone that come near to all.

        What is said beside a term, in parentheses or in the suffix of one of its codes, is not said in it.
        """
        import numpy as np

        near: list[Any] = []
        said: list[Any] = []
        for slot, suffixed in zip(question.slots, question.suffixed, strict=True):
            within, beside = self._marked(slot, terms)
            found = np.maximum(within, beside if question.denies else beside * np.float32(BESIDE))
            if suffixed is not None:
                found = np.maximum(found, np.where(found > 0, 0, suffixed[self.classes[terms]]))
            near.append(found)
            said.append(within > 0)
            if whole and not (kept := found > 0).all():
                terms = terms[kept]
                near, said = [one[kept] for one in near], [one[kept] for one in said]
        return _Near(terms, near, said)

    def _marked(self, slot: Slot, terms: Any) -> tuple[Any, Any]:
        """Return how near each term comes to a slot by words in it, and by words beside it: up to `FULL`."""
        marks = self._marks.empty
        held = [self.postings[self.starts[start] : self.starts[end]] for start, end, _ in slot.ranges]
        for one, (_, _, nearness) in zip(held, slot.ranges, strict=True):
            marks[one] = round(nearness * FULL)
        twice = terms * 2
        found = marks[twice], marks[twice + 1]
        for one in held:
            marks[one] = 0
        return found

    def _essential(self, question: _Question) -> list[Slot]:
        """Return the slots of which a term must hold one to hold enough of the question: the weightiest."""
        left = sum(slot.weight for slot in question.slots if slot.ranges)
        found = []
        for slot in sorted(question.slots, key=lambda slot: -slot.weight):
            if slot.ranges:
                if left < question.share * question.weight:
                    break
                left -= slot.weight
                found.append(slot)
        return found

    def _best(self, question: _Question, near: _Near, asked: Asked) -> Iterable[Match]:
        import numpy as np

        terms = near.terms
        if not len(terms):
            return ()
        weights = [slot.weight / question.weight for slot in question.slots]
        share: Any = sum((one * np.float32(w / FULL) for one, w in zip(near.near, weights, strict=True)), np.float32(0))
        enough = share >= question.share
        if not enough.all():
            terms, share = terms[enough], share[enough]
        said = (one[enough] * np.float32(w) for one, w in zip(near.said, weights, strict=True))
        told = sum(said, np.float32(0)) * np.float32(TERM_SCALE * question.weight)
        told = np.minimum(told / np.maximum(self.term_weights[terms], 1), 1)
        scores = asked.worth[self.kinds[terms]] * share * share * (1 - TOLD_SHARE + TOLD_SHARE * told)
        if len(terms) > BEST_TERMS:
            kept = np.argpartition(-scores, BEST_TERMS)[:BEST_TERMS]
            terms, scores = terms[kept], scores[kept]
        order = np.lexsort((terms, -scores))
        return zip(terms[order].tolist(), scores[order].tolist(), strict=True)
