"""Which codes of a day may answer a search, and what answers in place of those that may not.

A header is answered by the code below it that says no more than the header does: ``...9``, *unspecified*, the first
encounter. An expired code is answered by what replaced it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ..status import Status

if TYPE_CHECKING:
    from .compiled import AsOf

ORDER: Final = tuple(Status)
BELOW_WORTH: Final = 0.93
"""What a code is worth in place of the header above it, or of the expired code before it."""
SPLIT_WORTH: Final = 0.8
"""What a code is worth to a term of another release, where others were split from it since then."""
PLAIN_ENDING: Final = {"icd10pcs": "Z"}
"""The last character of codes that say no more than their parent: in ICD "unspecified", in ICD-10-PCS "none"."""
UNSPECIFIED: Final = "9"
MOST_BELOW: Final = 6
"""Levels that are gone down from a header."""
CODE_LIKE: Final = re.compile(r"[A-Za-z]{0,2}[0-9][0-9A-Za-z.\-]{0,10}|[0-9A-Za-z]{7}")
HIGHEST: Final = "\U0010ffff"
DOTS: Final = (0, 3, 2, 4)
"""Behind how many characters a code may have its dot; 0 for none."""


class Wanted(NamedTuple):
    """Which codes may answer besides those that are billable on the day."""

    headers: bool
    expired: bool


class AnsweringCodes:
    """The codes of a place in time, by the rows of the codes table."""

    def __init__(self, as_of: AsOf) -> None:
        self._as_of = as_of
        self._system = as_of.system
        self._statuses = bytearray(as_of.system.codes.count)
        """Of each code, one more than the place of its status in `ORDER`; 0 where it was not asked for yet."""
        self._below: dict[int, int] = {}
        self._replaced: dict[int, list[int]] = {}

    def status(self, row: int) -> Status:
        """Return the status of a code on the day."""
        number = self._statuses[row]
        if not number:
            number = self._statuses[row] = 1 + ORDER.index(self._as_of.row_status(row))
        return ORDER[number - 1]

    def may_answer(self, row: int, wanted: Wanted) -> bool:
        """Return whether a code itself is an answer."""
        status = self.status(row)
        if status is Status.BILLABLE:
            return True
        if status is Status.HEADER:
            return wanted.headers
        return wanted.expired and status is not Status.UNKNOWN

    def in_place_of(self, row: int, wanted: Wanted) -> Iterator[tuple[int, float]]:
        """Yield what answers for a code: itself, the plainest code below it, what replaced it; each with its worth."""
        if self.may_answer(row, wanted):
            yield row, 1.0
            return
        status = self.status(row)
        if status in (Status.HEADER, Status.UNKNOWN):
            others = [self.plainest_below(row)]
        else:
            others = self._successors(row) if status is Status.EXPIRED else []
        for other in others:
            if other >= 0 and self.status(other) is Status.BILLABLE:
                yield other, BELOW_WORTH

    # ---- codes that took over

    def _successors(self, row: int) -> list[int]:
        found = self._replaced.get(row)
        if found is None:
            found = self._replaced[row] = self._fresh_successors(row)
        return found

    def _fresh_successors(self, row: int) -> list[int]:
        from .relatives import successors_of

        system = self._system
        codes = successors_of(system.codes.name(row), system, system.successions) if system.successions else ()
        return [found for found in map(system.row_of, codes) if found >= 0]

    def was_split(self, row: int, number: int) -> bool:
        """Return whether something became of a code between a release and the day: another was split from it, or it ended."""
        return row in self.changed_since(number)

    def changed_since(self, number: int) -> frozenset[int]:
        """Return the rows of the codes of which something became between a release and the day."""
        key = ("changed", number * 100_000 + self._as_of.day)
        return self._system.keep(key, lambda: self._changed_since(number))

    def _changed_since(self, number: int) -> frozenset[int]:
        system = self._system
        first, last = sorted((system.timeline.days[number], self._as_of.day))
        codes = {code for rows in system.successions for code in rows.sources_between(first + 1, last)}
        return frozenset(row for row in map(system.codes.find, codes) if row >= 0)

    # ---- codes below

    def plainest_below(self, row: int) -> int:
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
            children = [child for child in tree.children(place) if self.status(child) is not Status.EXPIRED]
            if not children:
                return -1
            row = min(children, key=self._plainness)
            if self.status(row) is Status.BILLABLE:
                return row
        return -1

    def _plainness(self, row: int) -> tuple[int, int]:
        """Return how much more a child says than its parent; of those that say as little, the first comes first."""
        system = self._system
        period = self._as_of.period_on(row)
        title = (system.periods.titles[period] or "") if period >= 0 else ""
        ending = PLAIN_ENDING.get(system.name, UNSPECIFIED)
        if system.codes.name(row).endswith(ending) and not title.startswith("Other"):
            return 0, row
        return (1 if "unspecified" in title else 2), row

    # ---- codes as typed

    def as_typed(self, text: str, limit: int, wanted: Wanted) -> Iterator[int]:
        """Yield the codes that a text is, or is the beginning of, with or without its dot."""
        exact, begun = self.typed(text)
        rows = dict.fromkeys([exact, *begun] if exact >= 0 else begun)
        found = (row for row in rows if self.may_answer(row, wanted))
        for row, _ in zip(found, range(limit), strict=False):
            yield row

    def typed(self, text: str) -> tuple[int, range]:
        """Return the row of the code that a text is, or -1, and the rows of the codes that begin so."""
        typed = text.strip().replace(" ", "")
        is_like_one = CODE_LIKE.fullmatch(typed) is not None
        begun = self._beginning(typed.upper().replace(".", "").replace("-", "")) if is_like_one else range(0)
        # words are no codes, however they may be spelled
        is_word = text.isalpha()
        return (self._system.codes.find(text) if is_word else self._system.row_of(text.strip())), begun

    def _beginning(self, plain: str) -> range:
        """Return the rows of the codes that begin with a code without dot."""
        codes = self._system.codes.codes
        for at in DOTS:
            if not at or at < len(plain):
                start = f"{plain[:at]}.{plain[at:]}" if at else plain
                low, high = bisect_left(codes, start), bisect_left(codes, start + HIGHEST)
                if high > low:
                    return range(low, high)
        return range(0)
