"""Search in an edition: from the terms that match to the codes in force on its day.

The search index of a system has the words of all its releases. Here it is decided which of them an edition is asked
with, and which codes may answer:

- Titles are those of the day. A code whose title was another then is found by that one.
- Inclusion terms, and each of the indexes, are those of the edition's release. Where it came without, they are those
  of the nearest release that has some, and each hit says of which. Their codes are checked: one that has expired
  leads to what replaced it, and one that others were split from since then counts for less (FY2017's index sends
  "heart attack" to I21.3, from which I21.9 was split a year later).
- A header, and a code that is not in force, are answered by another (`answering_codes`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ..model import Hit, Source
from ..search.entries import INCLUSION, SHORT_TITLE, TITLE
from ..search.matching import KIND_WORTH, SearchTables
from ..search.questions import LEAST_ASKED, Asked
from ..search.synonyms import Reading, Synonym, Synonyms, synonym_files
from ..search.words import words_of
from .answering_codes import SPLIT_WORTH, AnsweringCodes, Wanted
from .answers import Answers

if TYPE_CHECKING:
    import os

    from .compiled import CompiledSystem

CODE, SYNONYM = "code", "synonym"
MATCHED: Final = {TITLE: "title", SHORT_TITLE: "title", INCLUSION: "inclusion"}
BORROWED_WORTH: Final = 0.97
BY_SYNONYM: Final = 0.95
GOOD_SCORE: Final = 0.5
"""Where nothing is as good, the words are looked at for mistakes in phrases."""
BY_MISTAKE: Final = 0.9
"""What is left of a score where a mistake in a phrase was mended."""
OTHER_MEMBER: Final = 0.6
"""What the further codes of a term are worth, whose suffixes answer no better."""
LEAST_SCORE: Final = 0.05
LONGEST_QUESTION: Final = 200
MOST_WORDS: Final = 12
ARTICLES: Final = frozenset({"a", "i"})


class _Best:
    """The best codes so far, each with what led to it: score, term, place of the term, synonyms."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.found: dict[int, tuple[float, int, int, Sequence[Synonym]]] = {}
        self.floor = 0.0
        """What a code must not be worse than to be among them; of equal codes the first are the best."""
        self._scores: list[float] = []
        """Those of the best, in rising order."""

    def put(self, row: int, score: float, term: int, place: int, synonyms: Sequence[Synonym]) -> None:
        """Take in a code, unless it is there with a better score, or not better than those that are there."""
        held = self.found.get(row)
        if score < self.floor or (held is not None and held[0] >= score):
            return
        self.found[row] = (score, term, place, synonyms)
        scores = self._scores
        if held is not None and held[0] >= self.floor:
            del scores[bisect_left(scores, held[0])]
        insort(scores, score)
        if len(scores) > self.limit:
            del scores[0]
        if len(scores) == self.limit:
            self.floor = scores[0]

    @property
    def top(self) -> float:
        """The best score; 0 where there is none."""
        return max((one[0] for one in self.found.values()), default=0.0)

    def ordered(self) -> list[tuple[int, float, int, int, Sequence[Synonym]]]:
        """Return them, the best first, then in order of the codes."""
        rows = sorted(self.found, key=lambda row: (-self.found[row][0], row))
        return [(row, *self.found[row]) for row in rows[: self.limit]]


class Searching:
    """Answers questions about one edition. Made once for a place in time, and kept by it."""

    def __init__(self, answers: Answers) -> None:
        import numpy as np

        self._answers = answers
        self.as_of = answers.as_of
        self.system = answers.as_of.system
        self.tables = tables_of(self.system)
        self.codes = AnsweringCodes(answers.as_of)
        self._asked = {kind: self._release_for(kind) for kind in KIND_WORTH}
        borrowed = {k: n for k, n in self._asked.items() if k in self.tables.releases and n != self.as_of.position}
        self.borrowed = {kind: number for kind, number in borrowed.items() if number >= 0}
        """Of kinds of terms that the release in force came without, the number of the release that they are from."""
        numbers = [self._asked[kind] for kind in sorted(KIND_WORTH)]
        worth = [KIND_WORTH[kind] * (BORROWED_WORTH if kind in self.borrowed else 1) for kind in sorted(KIND_WORTH)]
        admitted = self.tables.admitted(np.array(numbers, dtype=np.int16))
        self.terms = Asked(admitted, np.array(worth, dtype=np.float32))

    def _release_for(self, kind: int) -> int:
        """Return the number of the release whose terms of a kind are asked; -1 where none has such terms."""
        as_of = self.as_of
        held = [number for number in self.tables.releases.get(kind, ()) if number <= as_of.knowledge]
        if kind in (TITLE, SHORT_TITLE):
            return 0
        if as_of.position in held:
            return as_of.position
        days = self.system.timeline.days
        # the nearest to the release in force, not to the day: all days of a release have the same
        day = days[as_of.position] if as_of.position >= 0 else as_of.day
        return min(held, key=lambda number: (abs(days[number] - day), days[number]), default=-1)

    # ---- questions

    def hits(self, text: str, limit: int, wanted: Wanted, synonyms: Synonyms | None) -> tuple[Hit, ...]:
        """Return the codes that a text finds, the best first.

        Args:
            text: As of `Edition.search`.
            limit: Most codes.
            wanted: Which codes may answer besides billable ones.
            synonyms: None where words are not searched, but codes only.
        """
        if limit < 1:
            return ()
        text = text[:LONGEST_QUESTION]
        best = _Best(limit)
        for row in self.codes.as_typed(text, limit, wanted):
            best.put(row, 1.0, -1, -1, ())
        if synonyms is not None and not best.found:
            self._answer_words(text, best, wanted, synonyms)
        return tuple(self._hit(*one) for one in best.ordered())

    def _answer_words(self, text: str, best: _Best, wanted: Wanted, synonyms: Synonyms) -> None:
        """Put the codes that words find among the best; mistakes in phrases are looked for where they find nothing good."""
        typing = not text[-1:].isspace()
        for share in LEAST_ASKED:
            if not best.found:
                for reading in readings_of(text, synonyms):
                    self._answer(reading, best, wanted, share, typing=typing)
            if best.top < GOOD_SCORE and share == LEAST_ASKED[0]:
                for reading in mended_readings_of(text, synonyms):
                    self._answer(reading, best, wanted, share, typing=typing, part=BY_MISTAKE)

    def _answer(
        self, reading: Reading, best: _Best, wanted: Wanted, share: float, *, typing: bool, part: float = 1.0
    ) -> None:
        """Put the codes that a reading of a question leads to among the best, as long as they are better."""
        factor = part * (BY_SYNONYM if reading.synonyms else 1.0)
        matches = self.tables.matches(
            reading.words,
            typing=typing and not reading.synonyms,
            asked=self.terms,
            least=best.limit,
            share=share,
        )
        for term, asked in matches:
            score = asked * factor
            if score < max(best.floor, LEAST_SCORE):
                return
            for row, place, worth in self._members(term, reading.words, wanted, best.floor / score):
                best.put(row, score * worth, term, place, reading.synonyms)

    def _members(
        self, term: int, words: Sequence[str], wanted: Wanted, least: float
    ) -> Iterator[tuple[int, int, float]]:
        """Yield the codes that a term leads to, each with the place of the term and what the code is worth to it.

        Those that are worth less than the least may be left out.
        """
        tables, kind = self.tables, int(self.tables.kinds[term])
        members = tables.members_of(term)
        several = len(members) > 1
        first = True
        for member in self._fitting(members, words) if several else members:
            if not first and least > OTHER_MEMBER:
                return
            row, place = tables.codes[member], tables.period_of(member)
            if kind in (TITLE, SHORT_TITLE) and not self._is_title(kind, row, place):
                continue
            worth = 1.0 if first else OTHER_MEMBER
            if kind in self.borrowed and self.codes.was_split(row, self.borrowed[kind]):
                worth *= SPLIT_WORTH
            for found, part in self.codes.in_place_of(row, wanted):
                # of a header that shares its term with the codes below it, these are the answer
                if part != 1.0 and several and kind == TITLE:
                    continue
                first = False
                yield found, place, worth * part

    def _fitting(self, members: Sequence[int], words: Sequence[str]) -> list[int]:
        """Return the members of a term, first those whose suffixes answer best: by the words that fewest others have."""
        tables = self.tables
        texts = {member: tables.suffixes.words[tables.suffix_of[member]] for member in members}
        held = Counter(word for text in texts.values() for word in text)
        asked = [word for word in set(words) if word in held]
        if not asked:
            return list(members)
        fit = {member: sum(1 / held[word] for word in asked if word in text) for member, text in texts.items()}
        return sorted(members, key=lambda member: (-fit[member], member))

    def _is_title(self, kind: int, row: int, period: int) -> bool:
        """Return whether the title of an interval row is that of the day."""
        periods = self.system.periods
        now = self.as_of.period_on(row)
        if now < 0 or now == period:
            return True
        texts = periods.titles if kind == TITLE else periods.short_titles
        return bool(texts[now] == texts[period])

    # ---- hits

    def _hit(self, row: int, score: float, found: int, place: int, synonyms: Sequence[Synonym]) -> Hit:
        system, as_of = self.system, self.as_of
        code, status = system.codes.name(row), self.codes.status(row)
        period = as_of.period_on(row)
        concept = self._answers.lookup(code) if period < 0 else None
        title = (system.periods.titles[period] if period >= 0 else concept.title if concept else "") or ""
        kind = int(self.tables.kinds[found]) if found >= 0 else TITLE
        is_title = kind in (TITLE, SHORT_TITLE)
        term = title if is_title else self.tables.text_of(found)
        if kind == SHORT_TITLE:
            term = system.periods.short_titles[place] or title
        matched = CODE if found < 0 else MATCHED.get(kind, "index")
        borrowed = None if is_title else self.borrowed.get(kind)
        return Hit(
            code=code,
            title=title,
            status=status,
            score=round(min(score, 1.0), 4),
            matched=SYNONYM if synonyms else matched,
            term=term,
            system=system.name,
            version=as_of.version,
            source=self._title_source(row, period) if is_title else self._source(kind, found),
            via=tuple(f"{one.file}: {one.line}" for one in synonyms),
            borrowed=None if borrowed is None else system.releases[borrowed].version,
        )

    def _title_source(self, row: int, period: int) -> Source | None:
        return self._answers.concepts.source(row, period) if period >= 0 else None

    def _source(self, kind: int, term: int) -> Source | None:
        """Return the file and line that a term is from; None where the release does not say."""
        number = self._asked[kind]
        release = self.system.releases[number]
        name, role = self.tables.files[kind, number], "tabular" if kind == INCLUSION else "index"
        file = next((one for one in release.sources if one.file == name or (not name and one.role == role)), None)
        line = self.tables.line_of(term, number)
        return Source(release.system, release.version, file.file, file.sha256, line) if file else None


def readings_of(text: str, synonyms: Synonyms) -> list[Reading]:
    """Return the ways in which a question is read; empty where it has no words."""
    words = asked_words(text)
    return synonyms.readings(words) if words else []


def mended_readings_of(text: str, synonyms: Synonyms) -> list[Reading]:
    """Return the ways in which a question is read whose phrases have mistakes; empty where they have none."""
    words = asked_words(text)
    mended = synonyms.mended(words)
    return synonyms.readings(mended) if mended != tuple(words) else []


def asked_words(text: str) -> list[str]:
    """Return the words of a question, as many as are read."""
    words = words_of(text)[:MOST_WORDS]
    return [word for at, word in enumerate(words) if word not in ARTICLES or at == len(words) - 1]


def tables_of(system: CompiledSystem) -> SearchTables:
    """Return the search index of a system: as compiled, else made now, which takes some seconds, and kept in memory."""
    return system.keep(("search", 0), lambda: _opened(system))


def _opened(system: CompiledSystem) -> SearchTables:
    if system.search_files:
        return SearchTables(system.search_files)
    from ..search.building import MemoryTable, search_tables
    from ..store.compiling import ReleaseTables

    entry = system.entry
    releases = [
        ReleaseTables(item.release, item.digest, system.archived(number)) for number, item in enumerate(entry.releases)
    ]
    tables = search_tables(system.store.folder, entry, releases)
    return SearchTables({name: MemoryTable(table) for name, table in tables.items()})


def synonyms_of(system: CompiledSystem, own: Sequence[str | os.PathLike[str]]) -> Synonyms:
    """Return the synonyms for a system: those of the caller's files, of the store's, and the packaged ones."""
    kept = ("synonyms", hash(tuple(map(str, own))))
    return system.keep(kept, lambda: Synonyms.of(synonym_files(system.store.folder.path, own), system.name))


def searching(answers: Answers) -> Searching:
    """Return what searches an edition."""
    as_of = answers.as_of
    if as_of.searcher is None:
        as_of.searcher = Searching(answers)
    found: Searching = as_of.searcher
    return found
