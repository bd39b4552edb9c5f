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
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from .entries import (
    ALPHABETIC,
    DRUG,
    EXTERNAL,
    FILES,
    HEADING,
    INCLUSION,
    NEOPLASM,
    SHORT_TITLE,
    TERM_SCALE,
    TITLE,
    WEIGHT_SCALE,
    SearchTable,
)
from .lines import Lines
from .questions import LEAST_ASKED, Asked, Holding, Near, Question, weighed
from .suffixes import FULL, Suffixes
from .vocabulary import Slot, Vocabulary
from .words import SHORTEST_SOUND

KIND_WORTH: Final = {
    TITLE: 1.0,
    SHORT_TITLE: 0.97,
    INCLUSION: 0.99,
    ALPHABETIC: 0.99,
    EXTERNAL: 0.9,
    NEOPLASM: 0.95,
    DRUG: 0.88,
    HEADING: 0.8,
}
TOLD_SHARE: Final = 0.5
"""How much of a score is due to the share of the term that was asked for."""
BESIDE: Final = 0.7
"""What it is worth to have a word only beside the term."""
FEW_TERMS: Final = 4_000
"""So many terms are sorted sooner than all are marked."""
BEST_TERMS: Final = 300
"""Terms of one reading of a question that are put in order."""

NOTHING_HELD: Final = Holding((), ())
Match = tuple[int, float]
"""A term, and how well it answers."""


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
        self.told_of = np.maximum(np.asarray(terms.integers("weight")), 1)
        """What all words of each term weigh together."""
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
        self.suffixes = Suffixes(self._tables["suffixes"], int(self.classes.max(initial=0)) + 1)
        self.periods = self._tables["titles"].integers("period")
        """Of the members of titles, which come first, an interval row that has the title."""
        self.postings = np.asarray(self._tables["postings"].integers("term"))
        # read one by one, which is faster than of an array
        self.starts = array("L", [*words.integers("postings"), self.postings.size])
        self.weights = np.asarray(words.integers("weight")).astype(np.float32) / WEIGHT_SCALE
        unknown = float(np.log(1 + self.count))
        self.vocabulary = Vocabulary(words, self._tables["sounds"], self.weights, unknown)
        self._marks = _Marks(2 * self.count)
        # an index that an earlier version compiled knows no lines
        self._lines = Lines(tables["lines"], tables["steps"], self.count) if "lines" in tables else None
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

    def counts_of_members(self) -> Any:
        """Return how many members each term has."""
        import numpy as np

        return np.diff(np.append(np.asarray(self._members).astype(np.int64), self._count_of_members))

    def period_of(self, member: int) -> int:
        """Return an interval row that has the title by which a term leads to a member; -1 of a term that is no title."""
        return self.periods[member] if member < len(self.periods) else -1

    def line_of(self, term: int, number: int) -> int | None:
        """Return the line that a term of an index or of notes has in its file of a release; None where it is not known."""
        kind, first = int(self.kinds[term]), int(self.first[term])
        later = [one for one in self.releases.get(kind, ()) if first < one <= number]
        return self._lines.of(term, kind, later) if self._lines is not None else None

    def text_of(self, term: int) -> str:
        """Return a term as it is printed, below the terms above it: ``Attack, attacks > heart``."""
        parts = [self._texts[self._text_of[term]] or ""]
        while above := self._parents[term]:
            term = above - 1
            parts.append(self._texts[self._text_of[term]] or "")
        return " > ".join(reversed(parts))

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
        question = self._question(words, typing=typing, share=share)
        if not question.held:
            return ()
        if len(question.held) == len(question.slots):
            terms = self._terms_of(self._rarest(question))
            near = self._nearness(question, terms[asked.admitted[terms]], whole=True)
            if len(near.terms) >= least or len(question.slots) == 1:
                return self._best(self._scored(question, near, asked))
        return self._best(self._scored(question, self._near_some(question, asked), asked))

    def holding(self, words: Sequence[str], *, typing: bool, asked: Asked) -> Holding:
        """Return all terms that hold every word of a question, or whose codes do by their suffixes.

        Args:
            words: Of the question.
            typing: Whether the last word may be the beginning of one, also of one in a suffix.
            asked: Which terms may answer.
        """
        last = len(words) - 1
        # as of other words: the beginning of one that is typed, and a longer one that is none itself
        suffixed = [
            self.suffixes.of(word, is_begun=(typing and at == last) or len(word) >= SHORTEST_SOUND)
            for at, word in enumerate(words)
        ]
        question = Question(self._slots(words, typing=typing), suffixed)
        if not question.is_known:
            return NOTHING_HELD
        near = self._nearness(question, self._may_hold(question, asked), whole=True)
        pairs = zip(near.lacking, suffixed, strict=True)
        by_suffix = [(lacking, one.suffixes) for lacking, one in pairs if one is not None and lacking.any()]
        return self._scored(question, near, asked)._replace(by_suffix=by_suffix)

    def near_enough(self, words: Sequence[str], *, typing: bool, asked: Asked, share: float) -> Holding:
        """Return all terms that hold a share of a question; arguments as of `matches`."""
        question = self._question(words, typing=typing, share=share)
        return self._scored(question, self._near_some(question, asked), asked) if question.held else NOTHING_HELD

    # ---- candidates

    def _question(self, words: Sequence[str], *, typing: bool, share: float) -> Question:
        slots = self._slots(words, typing=typing)
        if share < LEAST_ASKED[0]:
            # half of a question is not answered by a guess: where no term has a heart, "heart" is not "health"
            slots = [evolve(slot, ranges=()) if slot.is_guess else slot for slot in slots]
        return Question(slots, [self.suffixes.of(slot.word) for slot in slots], share)

    def _slots(self, words: Sequence[str], *, typing: bool) -> list[Slot]:
        last = len(words) - 1
        return [self.vocabulary.slot(word, being_typed=typing and at == last) for at, word in enumerate(words)]

    def _rarest(self, question: Question) -> Slot:
        """Return the slot that fewest terms hold, among those whose words are in no suffix."""
        own = question.own or question.held
        return min(own, key=self._size) if question.own and len(own) > 1 else own[0]

    def _may_hold(self, question: Question, asked: Asked) -> Any:
        """Return the terms that may hold all of a question, in order."""
        if question.own or question.suffixed[0] is None:
            terms = self._terms_of(self._rarest(question))
        else:
            # all its words are in suffixes: terms that have the first one in their words, or in a suffix of a code
            in_suffix = (question.suffixed[0].classes[self.classes] > 0).nonzero()[0]
            terms = self._united((self._terms_of(question.slots[0]), in_suffix))
        return terms[asked.admitted[terms]]

    def _near_some(self, question: Question, asked: Asked) -> Near:
        """Return the terms that may hold enough of a question."""
        rarest = self._rarest(question)
        terms = self._terms_of(rarest)
        rest = [slot for slot in question.essential() if slot is not rarest]
        if rest:
            terms = self._united((terms, *map(self._terms_of, rest)))
        return self._nearness(question, terms[asked.admitted[terms]], whole=False)

    def _size(self, slot: Slot) -> int:
        return int(sum(self.starts[end] - self.starts[start] for start, end, _ in slot.ranges))

    def _postings(self, start: int, end: int) -> Any:
        """Return the postings of a range of words as numbers that arrays are read by; of others each reading makes them so."""
        return self.postings[self.starts[start] : self.starts[end]].astype("intp")

    def _terms_of(self, slot: Slot) -> Any:
        """Return the terms that hold a word of a slot, in order, each once."""
        found = [self._postings(start, end) >> 1 for start, end, _ in slot.ranges]
        if len(found) == 1 and slot.ranges[0][1] - slot.ranges[0][0] == 1:
            return found[0]
        return self._united(found)

    def _united(self, lists: Iterable[Any]) -> Any:
        """Return the terms of several lists, in order, each once."""
        import numpy as np

        lists = list(lists)
        if sum(map(len, lists)) < FEW_TERMS:
            terms = np.concatenate(lists)
            terms.sort()
            is_first = np.empty(len(terms), dtype=bool)
            is_first[:1] = True
            np.not_equal(terms[1:], terms[:-1], out=is_first[1:])
            return terms[is_first]
        held = np.zeros(self.count, dtype=bool)
        for one in lists:
            held[one] = True
        return np.flatnonzero(held)

    def _nearness(self, question: Question, terms: Any, *, whole: bool) -> Near:
        """Return how near terms come to each slot of a question; with ``whole`` those alone that come near to all.

        What is said beside a term, in parentheses or in the suffix of one of its codes, is not said in it.
        """
        import numpy as np

        near: list[Any] = []
        said: list[Any] = []
        lacking: list[Any] = []
        beside_worth = np.float32(1 if question.denies else BESIDE)
        for slot, suffixed in zip(question.slots, question.suffixed, strict=True):
            within, beside = self._marked(slot, terms)
            found = np.maximum(within, beside * beside_worth)
            lacks = None
            if suffixed is not None:
                lacks = found == 0
                found = np.maximum(found, np.where(lacks, suffixed.classes[self.classes[terms]], 0))
            near.append(found)
            said.append(within > 0)
            lacking.append(lacks)
            # the terms were chosen by the only word
            if whole and len(question.slots) > 1 and not (kept := found > 0).all():
                terms = terms[kept]
                near, said = [one[kept] for one in near], [one[kept] for one in said]
                lacking = [one if one is None else one[kept] for one in lacking]
        return Near(terms, near, said, lacking)

    def _marked(self, slot: Slot, terms: Any) -> tuple[Any, Any]:
        """Return how near each term comes to a slot by words in it, and by words beside it: up to `FULL`."""
        marks = self._marks.empty
        held = [self._postings(start, end) for start, end, _ in slot.ranges]
        for one, (_, _, nearness) in zip(held, slot.ranges, strict=True):
            marks[one] = round(nearness * FULL)
        twice = terms * 2
        found = marks[twice], marks[twice + 1]
        for one in held:
            marks[one] = 0
        return found

    def _scored(self, question: Question, near: Near, asked: Asked) -> Holding:
        """Return the terms that hold enough of a question with their scores."""
        import numpy as np

        terms = near.terms
        if not len(terms):
            return NOTHING_HELD
        weights = [slot.weight for slot in question.slots]
        share = weighed(near.near, [weight / question.weight / FULL for weight in weights])
        said = near.said
        if question.share and not (enough := share >= question.share).all():
            terms, share, said = terms[enough], share[enough], [one[enough] for one in said]
        told = weighed(said, [TERM_SCALE * weight for weight in weights])
        told /= self.told_of[terms]
        np.minimum(told, 1, out=told)
        told *= TOLD_SHARE
        told += 1 - TOLD_SHARE
        share *= share
        share *= told
        share *= asked.worth[self.kinds[terms]]
        return Holding(terms, share)

    @staticmethod
    def _best(found: Holding) -> Iterable[Match]:
        """Return the best terms with their scores, the best first."""
        import numpy as np

        terms, scores = found.terms, found.scores
        if len(terms) > BEST_TERMS:
            kept = np.argpartition(-scores, BEST_TERMS)[:BEST_TERMS]
            terms, scores = terms[kept], scores[kept]
        if not len(terms):
            return ()
        order = np.lexsort((terms, -scores))
        return zip(terms[order].tolist(), scores[order].tolist(), strict=True)
