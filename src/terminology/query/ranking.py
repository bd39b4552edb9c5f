"""All codes of an edition that a text finds, the best first: what a list with pages and a total is cut from.

`Searching` looks for the ten best and may stop early; here every code counts, so nothing is looked at one by one. What
each term leads to on the day is worked out once for the edition, as columns (`leading.Led`). A text is then some arrays::

    terms that hold all words, with scores    →  their codes, with scores    →  sorted, each code once

Codes found *wholly* hold every word: in one title, inclusion term or term of an index, read as it is or with synonyms.
Codes found *loosely* hold a part of the question; whoever finds nothing wholly may ask for these.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from ..search.entries import HEADING
from ..search.questions import LEAST_ASKED, Holding
from ..search.synonyms import NO_SYNONYMS, Reading, Synonyms
from ..search.words import folded
from .answering_codes import BELOW_WORTH
from .answers import Answers
from .edition import Edition, engine_of
from .leading import Day, led_of
from .searching import (
    BY_SYNONYM,
    LONGEST_QUESTION,
    OTHER_MEMBER,
    Searching,
    mended_readings_of,
    readings_of,
    searching,
    synonyms_of,
)

if TYPE_CHECKING:
    from .compiled import CompiledSystem

TOP: Final = 0xFFFF
"""A score of 1."""
KEPT: Final = 256
KEPT_CODES: Final = 1_000_000
"""Texts whose codes are kept, and how many codes these may be together."""


class RankedCodes(Sequence[str], ABC):
    """Codes that a text finds, the best first."""

    scores: Any
    """Of each code how well it answers, up to `TOP`, as an array."""

    @abstractmethod
    def within(self, codes: Iterable[str]) -> RankedCodes:
        """Return those that are among some codes. A header that is not is answered by the code below it that says no more."""


class Ranked(RankedCodes):
    """Codes, the best first; of equal ones the first in the order of codes. A view: a code is read when it is asked for."""

    def __init__(self, ranking: Ranking, rows: Any, scores: Any) -> None:
        self._ranking = ranking
        self.rows = rows
        self.scores = scores

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        name = self._ranking.system.codes.name
        if isinstance(place, slice):
            return [name(row) for row in self.rows[place].tolist()]
        return name(int(self.rows[place]))

    def __iter__(self) -> Iterator[str]:
        return map(self._ranking.system.codes.name, self.rows.tolist())

    def within(self, codes: Iterable[str]) -> Ranked:
        """As of `RankedCodes`."""
        return self._ranking.within(self, codes)


class _Places(threading.local):
    """A place to note something of each code, that every thread has for itself; nobody reads what he did not write."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self.of = np.zeros(size, dtype=np.int32)


class Ranking:
    """Ranks the codes of one edition, headers too. Safe for threads.

    Args:
        searching: Of the edition.
        synonyms: None where words are not searched, but codes only.
    """

    def __init__(self, searching: Searching, synonyms: Synonyms | None) -> None:
        import numpy as np

        self.system: CompiledSystem = searching.system
        self._tables = searching.tables
        self._synonyms = synonyms
        self._codes = searching.codes
        day = Day(searching.as_of)
        self._in_order = day.in_order
        self._is_listed, self._is_header = day.is_listed, day.is_header
        # chapters and sections are in lists of a whole code system, and answer no search
        headings = searching.tables.kinds == HEADING
        self._asked = searching.terms._replace(admitted=searching.terms.admitted | headings)
        self._led = led_of(searching, day, self._asked.admitted)
        self._below: dict[int, int] = {}
        self._places = _Places(self.system.codes.count)
        self._kept: dict[tuple[str, bool], Ranked] = {}
        self._none = Ranked(self, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint16))
        self._count = 0
        """How many codes the kept texts have."""
        self._lock = threading.Lock()

    def found(self, text: str, *, loosely: bool = False) -> Ranked:
        """Return all codes that a text finds; every code, in document order, for a text that has no words at all.

        Args:
            text: Words or a code; what is beyond 200 characters does not count.
            loosely: Whether a part of the words is enough.
        """
        text = text[:LONGEST_QUESTION]
        key = text, loosely
        found = self._kept.get(key)
        if found is None:
            found = self._loosely(text) if loosely else self._wholly(text)
            self._keep(key, found)
        return found

    def _keep(self, key: tuple[str, bool], found: Ranked) -> None:
        with self._lock:
            self._count += len(found) - len(self._kept.pop(key, ()))
            self._kept[key] = found
            while len(self._kept) > 1 and (len(self._kept) > KEPT or self._count > KEPT_CODES):
                self._count -= len(self._kept.pop(next(iter(self._kept))))

    # ---- what is found

    def _wholly(self, text: str) -> Ranked:
        codes = self._as_typed(text)
        if len(codes):
            return codes
        readings = self._readings(text)
        if not readings:
            return self._everything()
        found = self._of_readings(text, readings)
        if not len(found) and self._synonyms is not None:
            found = self._of_readings(text, mended_readings_of(text, self._synonyms))
        return found if len(found) else self._by_code_and_words(text)

    def _loosely(self, text: str) -> Ranked:
        if len(self._as_typed(text)):
            # who types a code does not mean titles with its number in it, also where the code itself is left out
            return self._none
        readings = self._readings(text)
        found = self._none
        for share in LEAST_ASKED:
            if not len(found):
                found = self._of_readings(text, readings, share)
        return found

    def _readings(self, text: str) -> list[Reading]:
        readings = readings_of(text, self._synonyms or NO_SYNONYMS)
        if not readings and (last := folded(text).strip()).isalpha() and not text[-1:].isspace():
            # "an" says nothing, but may become "anemia"
            return [Reading((last,))]
        return readings

    def _of_readings(self, text: str, readings: Sequence[Reading], share: float | None = None) -> Ranked:
        """Return what readings find: what holds all of their words, or a share of them."""
        import numpy as np

        rows, scores = [], []
        for reading in readings if self._synonyms is not None else ():
            typing = not text[-1:].isspace() and not reading.synonyms
            tables, asked = self._tables, self._asked
            if share is None:
                held = tables.holding(reading.words, typing=typing, asked=asked)
            else:
                held = tables.near_enough(reading.words, typing=typing, asked=asked, share=share)
            if len(held.terms):
                of_reading, values = self._led_to(held)
                rows.append(of_reading)
                scores.append(values * np.float32(BY_SYNONYM) if reading.synonyms else values)
        if len(rows) > 1:
            return self._ordered(np.concatenate(rows), np.concatenate(scores))
        return self._ordered(rows[0], scores[0]) if rows else self._none

    def _everything(self) -> Ranked:
        import numpy as np

        return Ranked(self, self._in_order, np.zeros(len(self._in_order), dtype=np.uint16))

    def _led_to(self, held: Holding) -> tuple[Any, Any]:
        """Return the rows of the codes that terms lead to, with their scores; one may come from several terms."""
        import numpy as np

        led, terms = self._led, held.terms
        starts = led.starts[terms]
        lengths = led.starts[terms + 1] - starts
        ends = lengths.cumsum()
        which = np.arange(len(terms)).repeat(lengths)
        places = np.arange(len(which))
        places += (starts - ends + lengths)[which]
        for lacking, has in held.by_suffix:
            kept = ~lacking[which] | has[led.suffixes[places]]
            which, places = which[kept], places[kept]
        scores = held.scores[which]
        scores *= led.worth[places]
        # the first code of a term stands for it, and is worth more than the others
        scores[1:][which[1:] == which[:-1]] *= np.float32(OTHER_MEMBER)
        return led.rows[places], scores

    def _ordered(self, rows: Any, scores: Any) -> Ranked:
        """Return codes in order, each with the best of its scores."""
        import numpy as np

        keys = TOP - np.minimum(np.rint(scores * TOP), TOP).astype(np.int64)
        keys <<= 32
        keys |= rows
        keys.sort()
        rows = keys & 0xFFFFFFFF
        first, order = self._places.of, np.arange(len(rows))
        first[rows[::-1]] = order[::-1]
        is_first = first[rows] == order
        if not is_first.all():
            rows, keys = rows[is_first], keys[is_first]
        return Ranked(self, rows, (TOP - (keys >> 32)).astype(np.uint16))

    # ---- codes as typed

    def _as_typed(self, text: str) -> Ranked:
        """Return the codes that a text is, or is the beginning of; the code itself comes first."""
        import numpy as np

        exact, begun = self._codes.typed(text)
        if exact < 0 and not begun:
            return self._none
        rows = np.arange(begun.start, begun.stop)
        rows = rows[self._is_listed[rows]]
        if exact >= 0 and self._is_listed[exact]:
            rows = np.append(exact, rows[rows != exact])
        return Ranked(self, rows, np.full(len(rows), TOP, dtype=np.uint16))

    def _by_code_and_words(self, text: str) -> Ranked:
        """Return what words find among the codes that begin as another part of the text says: ``E11 kidney``."""
        import numpy as np

        for part in text.split():
            codes = self._as_typed(part)
            rest = text.replace(part, " ", 1)
            if len(codes) and (readings := self._readings(rest)):
                found = self._of_readings(rest, readings)
                kept = np.isin(found.rows, codes.rows)
                return Ranked(self, found.rows[kept], found.scores[kept])
        return self._none

    # ---- among some codes

    def within(self, ranked: Ranked, codes: Iterable[str]) -> Ranked:
        """Return those of ranked codes that are among some codes; see `RankedCodes.within`."""
        import numpy as np

        chosen = np.fromiter((row for code in codes if (row := self.system.codes.find(code)) >= 0), dtype=np.int64)
        is_chosen = np.zeros(self.system.codes.count, dtype=bool)
        is_chosen[chosen] = True
        kept = is_chosen[ranked.rows]
        if kept.all():
            return ranked
        rows, scores = ranked.rows[kept], ranked.scores[kept]
        others = [(self._plainest_below(row), place) for row, place in self._headers(ranked, ~kept)]
        others = [(row, place) for row, place in others if row >= 0 and is_chosen[row]]
        if not others:
            return Ranked(self, rows, scores)
        below, places = np.array(others, dtype=np.int64).T
        scores = np.concatenate((scores, ranked.scores[places] * np.float32(BELOW_WORTH))) / np.float32(TOP)
        return self._ordered(np.concatenate((rows, below)), scores)

    def _headers(self, ranked: Ranked, wanted: Any) -> Iterator[tuple[int, int]]:
        """Yield the rows of headers among ranked codes, each with its place in the order."""
        places = wanted.nonzero()[0]
        places = places[self._is_header[ranked.rows[places]]]
        return zip(ranked.rows[places].tolist(), places.tolist(), strict=True)

    def _plainest_below(self, row: int) -> int:
        found = self._below.get(row)
        if found is None:
            found = self._below[row] = self._codes.plainest_below(row)
        return found


def ranking_of(edition: Edition, *, outgoing: bool = False) -> Ranking:
    """Return what ranks all codes of an edition by words. Made anew each time: some tenths of a second for ICD-10-CM.

    Args:
        edition: The edition.
        outgoing: As of `Edition.search`.

    >>> ranking = ranking_of(store["icd10cm"].on("2022-03-01"))
    >>> found = ranking.found("low back")
    >>> found[:2], len(found)
    (['M54.5', 'M54.50'], 4)
    >>> ranking.found("m545")[1:]
    ['M54.50', 'M54.51', 'M54.59']
    """
    from ..licences import may_show

    engine = engine_of(edition)
    is_open = not outgoing or may_show(edition.definition, edition.licences)
    return Ranking(searching(Answers(engine)), synonyms_of(engine.system, ()) if is_open else None)


def codes_in_order(edition: Edition) -> tuple[str, ...]:
    """Return the codes and headers of an edition in document order, parents before children.

    >>> codes_in_order(store["icd10cm"].on("2022-03-01"))[:3]
    ('1', 'A00-A09', 'A00')
    """
    engine = engine_of(edition)
    return tuple(map(engine.system.codes.name, Day(engine).in_order.tolist()))
