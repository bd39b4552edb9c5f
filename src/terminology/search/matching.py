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
from typing import Any, Final, Protocol

from .building import FILES, TERM_SCALE, WEIGHT_SCALE
from .entries import ALPHABETIC, DRUG, EXTERNAL, INCLUSION, NEOPLASM, SHORT_TITLE, TITLE
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
LEAST_ASKED: Final = 0.5
"""The share of a question that a term must hold to be an answer at all."""
SUFFIX_NEARNESS: Final = 0.95
BESIDE: Final = 0.7
"""What it is worth to have a word only beside the term."""
BEST_TERMS: Final = 300
"""Terms of one reading of a question that are put in order."""


Match = tuple[int, float]
"""A term, and how well it answers."""


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
        """Return a term as it is printed, below the terms above it: ``Attack, attacks › heart``."""
        parts = [self._texts[self._text_of[term]] or ""]
        while above := self._parents[term]:
            term = above - 1
            parts.append(self._texts[self._text_of[term]] or "")
        return " › ".join(reversed(parts))  # noqa: RUF001 -- an arrow from term to term

    # ---- suffixes

    @cached_property
    def suffix_words(self) -> list[frozenset[str]]:
        """The words of each suffix."""
        texts = self._tables["suffixes"].texts("text")
        return [frozenset(words_of(texts[row] or "")) for row in range(self._tables["suffixes"].rows)]

    @cached_property
    def _classes_with(self) -> dict[str, list[int]]:
        """The classes of terms whose members' suffixes have a word."""
        classes = self._tables["suffixes"].texts("classes")
        found: dict[str, set[int]] = {}
        for row, words in enumerate(self.suffix_words):
            for word in words:
                found.setdefault(word, set()).update(map(int, (classes[row] or "").split()))
        return {word: sorted(held) for word, held in found.items()}

    def _suffixed(self, slot: Slot) -> Any:
        """Return, of each class of terms, whether a suffix of it has the word of a slot; None where none has."""
        import numpy as np

        held = self._classes_with.get(slot.word)
        if not held:
            return None
        found = np.zeros(0x10000, dtype=bool)
        found[held] = True
        return found

    # ---- matching

    def matches(self, words: Sequence[str], *, typing: bool, releases: Any, least: int) -> Iterable[Match]:
        """Return the terms that answer a question with their scores, the best first.

        Args:
            words: Of the question.
            typing: Whether the last word may be the beginning of one.
            releases: Of each kind of term, the number of the release whose terms are asked, or -1 for none; and what
                terms of that kind are worth there.
            least: Where so many terms hold all words, those that lack some are not looked for.
        """
        import numpy as np

        last = len(words) - 1
        slots = [self.vocabulary.slot(word, being_typed=typing and at == last) for at, word in enumerate(words)]
        suffixed = [self._suffixed(slot) for slot in slots]
        known = [at for at, slot in enumerate(slots) if slot.ranges]
        if not known:
            return ()
        sizes = {at: self._size(slots[at]) for at in known}
        order = sorted(known, key=sizes.__getitem__)
        whole = [at for at in order if suffixed[at] is None] or order[:1]
        terms = self._admitted(self._terms_of(slots[whole[0]]), releases)
        near, said = self._nearness(slots, suffixed, terms)
        if len(known) == len(slots):
            full = (near > 0).all(axis=0)
            if int(full.sum()) >= least or len(slots) == 1:
                return self._best(slots, terms[full], near[:, full], said[:, full], releases)
        rest = self._essential(slots, known, sizes, whole[0])
        if rest:
            more = self._united((terms, *(self._terms_of(slots[at]) for at in rest)))
            terms = self._admitted(more, releases)
            near, said = self._nearness(slots, suffixed, terms)
        return self._best(slots, terms, near, said, releases)

    def _size(self, slot: Slot) -> int:
        return int(sum(self.starts[end] - self.starts[start] for start, end, _ in slot.ranges))

    def _terms_of(self, slot: Slot) -> Any:
        """Return the terms that hold a word of a slot, in order, each once."""
        import numpy as np

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

    def _admitted(self, terms: Any, releases: Any) -> Any:
        """Return those of the terms that the asked releases have."""
        asked = releases[0][self.kinds[terms]]
        return terms[(self.first[terms] <= asked) & (asked < self.end[terms])]

    def _nearness(self, slots: Sequence[Slot], suffixed: Sequence[Any], terms: Any) -> tuple[Any, Any]:
        """Return how near each term comes to each slot, 0 where it has no word of it; and whether it is said in the term.

        What is said beside a term, in parentheses or in the suffix of one of its codes, is not said in it.
        """
        import numpy as np

        near = np.zeros((len(slots), len(terms)), dtype=np.float32)
        said = np.zeros((len(slots), len(terms)), dtype=bool)
        # what titles deny stands beside them; it is as good where it is denied in the question too
        beside_worth = 1.0 if any(slot.word == "without" for slot in slots) else BESIDE
        twice = terms.astype(np.int64) * 2
        for at, slot in enumerate(slots):
            marks = self._marks.empty
            for start, end, nearness in slot.ranges:
                marks[self.postings[self.starts[start] : self.starts[end]]] = round(nearness * 200)
            within, beside = marks[twice], marks[twice + 1]
            for start, end, _ in slot.ranges:
                marks[self.postings[self.starts[start] : self.starts[end]]] = 0
            said[at] = within > 0
            near[at] = np.maximum(within, beside * np.float32(beside_worth)) / np.float32(200)
            if suffixed[at] is not None:
                near[at] = np.where((near[at] == 0) & suffixed[at][self.classes[terms]], SUFFIX_NEARNESS, near[at])
        return near, said

    def _essential(self, slots: Sequence[Slot], known: Sequence[int], sizes: Mapping[int, int], taken: int) -> list[int]:
        """Return the slots of which a term must hold one to hold enough of the question, but the one taken already."""
        total = sum(slot.weight for slot in slots)
        left = sum(slots[at].weight for at in known)
        found = []
        for at in sorted(known, key=lambda at: -slots[at].weight):
            if left < LEAST_ASKED * total:
                break
            left -= slots[at].weight
            if at != taken:
                found.append(at)
        return found

    def _best(self, slots: Sequence[Slot], terms: Any, near: Any, said: Any, releases: Any) -> Iterable[Match]:
        import numpy as np

        if not len(terms):
            return ()
        weights = np.array([slot.weight for slot in slots], dtype=np.float32)
        asked = (weights @ near) / weights.sum()
        told = (weights @ said) / np.maximum(self.term_weights[terms] / np.float32(TERM_SCALE), 0.01)
        worth = releases[1][self.kinds[terms]]
        scores = worth * asked * asked * (1 - TOLD_SHARE + TOLD_SHARE * np.minimum(told, 1))
        scores[asked < LEAST_ASKED] = 0
        if len(terms) > BEST_TERMS:
            kept = np.argpartition(-scores, BEST_TERMS)[:BEST_TERMS]
            terms, scores = terms[kept], scores[kept]
        order = np.lexsort((terms, -scores))
        return zip(terms[order].tolist(), scores[order].tolist(), strict=True)
