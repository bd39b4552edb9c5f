"""Search in an edition: from the terms that match to the codes in force on its day.

The search index of a system has the words of all its releases. Here it is decided which of them an edition is asked
with, and which codes may answer:

- Titles are those of the day. A code whose title was another then is found by that one.
- Inclusion terms, and each of the indexes, are those of the edition's release. Where it came without, they are those
  of the nearest release that has some, and each hit says of which. Their codes are checked: one that has expired
  leads to what replaced it, and one that others were split from since then counts for less (FY2017's index sends
  "heart attack" to I21.3, from which I21.9 was split a year later).
- A header is answered by the code below it that says no more than the header does: ``…9``, *unspecified*, the
  first encounter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..model import Hit, Source, Status
from ..search.building import MemoryTable, search_tables
from ..search.entries import INCLUSION, SHORT_TITLE, TITLE
from ..search.matching import KIND_WORTH, Match, SearchTables
from ..search.synonyms import Reading, Synonyms, synonym_files
from ..search.words import words_of
from ..store.compiling import ReleaseTables
from .answers import Answers

if TYPE_CHECKING:
    import os

    from .compiled import AsOf, CompiledSystem

CODE, SYNONYM = "code", "synonym"
MATCHED: Final = {TITLE: "title", SHORT_TITLE: "title", INCLUSION: "inclusion"}
BORROWED_WORTH, SPLIT_WORTH, OLD_TITLE_WORTH = 0.97, 0.8, 0.0
BY_SYNONYM: Final = 0.95
BELOW_WORTH: Final = 0.93
"""What a code is worth that is the plainest below a header that matched."""
OTHER_MEMBER: Final = 0.6
"""What the further codes of a term are worth, whose suffixes answer no better."""
LEAST_SCORE: Final = 0.2
LONGEST_QUESTION: Final = 200
MOST_WORDS: Final = 12
CODE_LIKE: Final = re.compile(r"[A-Za-z]{0,2}[0-9][0-9A-Za-z.\-]{0,10}|[0-9A-Za-z]{7}")
MOST_BELOW: Final = 6
"""Levels that are gone down from a header."""
ARTICLES: Final = frozenset({"a", "i"})


@frozen
class _Found:
    """A code that answers, with what led to it."""

    row: int
    score: float
    term: int
    place: int
    synonyms: Sequence[Any] = ()


class Searching:
    """Answers questions about one edition. Made once for a place in time, and kept by it."""

    def __init__(self, answers: Answers) -> None:
        import numpy as np

        self._answers = answers
        self._as_of = answers.as_of
        self._system = answers.as_of.system
        self._tables = tables_of(self._system)
        self._below: dict[int, int] = {}
        self._asked = {kind: self._release_for(kind) for kind in KIND_WORTH}
        borrowed = {k: n for k, n in self._asked.items() if k in self._tables.releases and n != self._as_of.position}
        self._borrowed = {kind: number for kind, number in borrowed.items() if number >= 0}
        numbers = [self._asked[kind] for kind in sorted(KIND_WORTH)]
        worth = [KIND_WORTH[kind] * (BORROWED_WORTH if kind in self._borrowed else 1) for kind in sorted(KIND_WORTH)]
        self._releases = np.array(numbers, dtype=np.int64), np.array(worth, dtype=np.float32)

    def _release_for(self, kind: int) -> int:
        """Return the number of the release whose terms of a kind are asked; -1 where none has such terms."""
        as_of = self._as_of
        held = [number for number in self._tables.releases.get(kind, ()) if number <= as_of.knowledge]
        if kind in (TITLE, SHORT_TITLE):
            return 0
        if as_of.position in held:
            return as_of.position
        days = self._system.timeline.days
        return min(held, key=lambda number: (abs(days[number] - as_of.day), days[number]), default=-1)

    # ---- questions

    def hits(
        self, text: str, *, limit: int, headers: bool, expired: bool, words: bool, synonyms: Synonyms
    ) -> tuple[Hit, ...]:
        """Return the codes that a text finds, the best first; arguments as of `Edition.search`.

        Args:
            words: Whether words are searched; codes always are.
        """
        text = text[:LONGEST_QUESTION]
        found: dict[int, _Found] = {}
        for row in self._rows_as_typed(text, limit, headers=headers, expired=expired):
            found[row] = _Found(row, 1.0, -1, -1)
        if words and not found:
            typing = not text[-1:].isspace()
            for one in self._answering(text, typing=typing, limit=limit, headers=headers, expired=expired, synonyms=synonyms):
                held = found.get(one.row)
                if held is None or held.score < one.score:
                    found[one.row] = one
        best = sorted(found.values(), key=lambda one: (-one.score, one.row))[:limit]
        return tuple(self._hit(one) for one in best)

    def _answering(
        self, text: str, *, typing: bool, limit: int, headers: bool, expired: bool, synonyms: Synonyms
    ) -> Iterator[_Found]:
        words = words_of(text)[:MOST_WORDS]
        words = [word for at, word in enumerate(words) if word not in ARTICLES or at == len(words) - 1]
        if not words:
            return
        for reading in synonyms.readings(words):
            own = not reading.synonyms
            matches = self._tables.matches(
                reading.words, typing=typing and own, releases=self._releases, least=3 * limit
            )
            yield from self._codes_of(matches, reading, limit, headers=headers, expired=expired)

    def _codes_of(
        self, matches: Iterable[Match], reading: Reading, limit: int, *, headers: bool, expired: bool
    ) -> Iterator[_Found]:
        """Yield the codes that matching terms lead to, until there are enough of them."""
        factor = BY_SYNONYM if reading.synonyms else 1.0
        rows: set[int] = set()
        for match in matches:
            score = match.score * factor
            if score < LEAST_SCORE or len(rows) >= 2 * limit:
                return
            for row, place, part in self._members(match.term, reading.words, headers=headers, expired=expired):
                if row not in rows:
                    rows.add(row)
                    yield _Found(row, score * part, match.term, place, reading.synonyms)

    def _members(
        self, term: int, words: Sequence[str], *, headers: bool, expired: bool
    ) -> Iterator[tuple[int, int, float]]:
        """Yield the codes that a term leads to, each with the place of the term and what the code is worth to it."""
        tables, kind = self._tables, int(self._tables.kinds[term])
        members = tables.members_of(term)
        fitting = self._fitting(members, words) if len(members) > 1 else members
        first = True
        for member in fitting:
            row, place = tables.codes[member], tables.places[member]
            if kind in (TITLE, SHORT_TITLE) and not self._is_title(kind, row, place):
                continue
            worth = 1.0 if first else OTHER_MEMBER
            if kind in self._borrowed and self._was_split(kind, row):
                worth *= SPLIT_WORTH
            for found, part in self._shown(row, headers=headers, expired=expired):
                # of a header that shares its term with the codes below it, these are the answer
                if part != 1.0 and len(members) > 1 and kind == TITLE:
                    continue
                first = False
                yield found, place, worth * part

    def _fitting(self, members: Sequence[int], words: Sequence[str]) -> list[int]:
        """Return the members of a term, first those whose suffixes have most of the words that were asked for."""
        tables = self._tables
        asked = set(words)
        suffixes = tables.suffix_words

        def misfit(member: int) -> tuple[int, int]:
            return -len(asked & suffixes[tables.suffix_of[member]]), member

        return sorted(members, key=misfit)

    def _is_title(self, kind: int, row: int, period: int) -> bool:
        """Return whether the title of an interval row is that of the day."""
        periods = self._system.periods
        now = self._as_of.period_on(row)
        if now < 0 or now == period:
            return True
        texts = periods.titles if kind == TITLE else periods.short_titles
        return bool(texts[now] == texts[period])

    # ---- codes in force

    @cached_property
    def _state(self) -> dict[int, Status]:
        return {}

    def _status(self, row: int) -> Status:
        found = self._state.get(row)
        if found is None:
            found = self._state[row] = self._as_of.row_status(row)
        return found

    def _shown(self, row: int, *, headers: bool, expired: bool) -> Iterator[tuple[int, float]]:
        """Yield what answers for a code: itself, the plainest code below it, what replaced it; each with its worth."""
        status = self._status(row)
        if status is Status.BILLABLE or (headers and status is Status.HEADER):
            yield row, 1.0
        elif status in (Status.HEADER, Status.UNKNOWN):
            below = self._plainest_below(row)
            if below >= 0:
                yield below, BELOW_WORTH
        elif status in (Status.EXPIRED, Status.FUTURE):
            if expired:
                yield row, 1.0
            elif status is Status.EXPIRED:
                for other in self._successors(row):
                    if self._status(other) is Status.BILLABLE:
                        yield other, BELOW_WORTH
        elif status is Status.UNCOVERED and expired:
            yield row, 1.0

    def _successors(self, row: int) -> list[int]:
        from .relatives import successors_of

        system = self._system
        codes = successors_of(system.codes.name(row), system, system.successions) if system.successions else ()
        return [found for found in map(system.row_of, codes) if found >= 0]

    def _plainest_below(self, row: int) -> int:
        """Return the row of the billable code below a header that says no more than the header; -1 where there is none."""
        found = self._below.get(row)
        if found is None:
            found = self._below[row] = self._descended(row)
        return found

    def _descended(self, row: int) -> int:
        tree = self._as_of.tree
        for _ in range(MOST_BELOW):
            place = tree.places[row] if tree is not None else -1
            if tree is None or place >= len(tree.ends):
                return -1
            children = [child for child in tree.children(place) if self._status(child) is not Status.EXPIRED]
            if not children:
                return -1
            row = min(children, key=self._plainness)
            if self._status(row) is Status.BILLABLE:
                return row
        return -1

    def _plainness(self, row: int) -> tuple[int, int]:
        code = self._system.codes.name(row)
        period = self._as_of.period_on(row)
        title = (self._system.periods.titles[period] or "") if period >= 0 else ""
        if code.endswith("9") and not title.startswith("Other"):
            return 0, row
        return (1 if "unspecified" in title else 2), row

    def _was_split(self, kind: int, row: int) -> bool:
        """Return whether codes were split from one between the release that terms are borrowed from, and the day."""
        number = self._borrowed[kind]
        return row in self._system.keep(("split", number * 100_000 + self._as_of.day), lambda: self._split_since(number))

    def _split_since(self, number: int) -> frozenset[int]:
        import numpy as np

        system = self._system
        between = sorted((system.timeline.days[number], self._as_of.day))
        codes: set[str] = set()
        for rows in system.successions:
            names, days = next(iter(rows.dated_codes()))
            held = np.flatnonzero((days > between[0]) & (days <= between[1]))
            codes.update(names.take(held).to_pylist())
        return frozenset(row for row in map(system.codes.find, codes - {""}) if row >= 0)

    # ---- codes as typed

    def _rows_as_typed(self, text: str, limit: int, *, headers: bool, expired: bool) -> Iterator[int]:
        """Yield the codes that a text is, or is the beginning of, with or without its dot."""
        typed = text.strip().replace(" ", "")
        if not CODE_LIKE.fullmatch(typed):
            return
        plain = typed.upper().replace(".", "").replace("-", "")
        count = 0
        exact = self._system.row_of(typed)
        for row in dict.fromkeys(([exact] if exact >= 0 else []) + list(self._beginning(plain, limit * 20))):
            status = self._status(row)
            if status is Status.BILLABLE or (headers and status is Status.HEADER) or (expired and not status.valid):
                yield row
                count += 1
            if count == limit:
                return

    def _beginning(self, plain: str, most: int) -> Iterator[int]:
        """Yield the rows of the codes that begin with a code without dot, in their order."""
        from bisect import bisect_left

        from ..store.codes import key_of

        codes = self._system.codes
        for at in (0, 3, 2, 4):
            if at >= len(plain) and at:
                continue
            start = f"{plain[:at]}.{plain[at:]}" if at else plain
            row = bisect_left(codes.keys, key_of(start))
            end = min(codes.count, row + most)
            while row < end and (name := codes.name(row)).startswith(start):
                yield row
                row += 1

    # ---- hits

    def _hit(self, found: _Found) -> Hit:
        system, as_of, row = self._system, self._as_of, found.row
        code, status = system.codes.name(row), self._status(row)
        period = as_of.period_on(row)
        concept = self._answers.lookup(code) if period < 0 else None
        title = (system.periods.titles[period] if period >= 0 else concept.title if concept else "") or ""
        kind = int(self._tables.kinds[found.term]) if found.term >= 0 else TITLE
        is_title = kind in (TITLE, SHORT_TITLE)
        term = title if is_title else self._tables.text_of(found.term)
        if kind == SHORT_TITLE:
            term = system.periods.short_titles[found.place] or title
        matched = CODE if found.term < 0 else MATCHED.get(kind, "index")
        borrowed = None if is_title else self._borrowed.get(kind)
        return Hit(
            code=code,
            title=title,
            status=status,
            score=round(min(found.score, 1.0), 4),
            matched=SYNONYM if found.synonyms else matched,
            term=term,
            system=system.name,
            version=as_of.version,
            source=self._title_source(row, period) if is_title else self._source(kind, found.place),
            via=tuple(f"{one.file}: {one.line}" for one in found.synonyms),
            borrowed=None if borrowed is None else system.releases[borrowed].version,
        )

    def _title_source(self, row: int, period: int) -> Source | None:
        return self._answers.concepts.source(row, period) if period >= 0 else None

    def _source(self, kind: int, line: int) -> Source | None:
        """Return the file that terms of a kind are from; its line, as of the newest release that has the same term."""
        release = self._system.releases[self._asked[kind]]
        role = "tabular" if kind == INCLUSION else "index"
        files = [source for source in release.sources if source.role == role]
        file = files[0] if files else None
        return Source(release.system, release.version, file.file, file.sha256, None) if file else None


def tables_of(system: CompiledSystem) -> SearchTables:
    """Return the search index of a system: as compiled, else made now, which takes some seconds, and kept in memory."""
    return system.keep(("search", 0), lambda: _opened(system))


def _opened(system: CompiledSystem) -> SearchTables:
    if system.search_files:
        return SearchTables(system.search_files)
    entry = system.entry
    releases = [
        ReleaseTables(item.release, item.digest, system.archived(number)) for number, item in enumerate(entry.releases)
    ]
    tables = search_tables(system.store.folder, entry, releases)
    return SearchTables({name: MemoryTable(table) for name, table in tables.items()})


def synonyms_of(system: CompiledSystem, own: Sequence[str | os.PathLike[str]]) -> Synonyms:
    """Return the synonyms for a system: those of the caller's files, of the store's, and the packaged ones."""
    files = synonym_files(system.store.folder.path, own)
    stamp = hash(tuple((str(file), file.stat().st_mtime_ns if file.exists() else 0) for file in files))
    return system.keep(("synonyms", stamp), lambda: Synonyms.of(files, system.name))


def searching(answers: Answers) -> Searching:
    """Return what searches an edition."""
    as_of: AsOf = answers.as_of
    return as_of.system.keep(("searching", id(as_of)), lambda: Searching(answers))
