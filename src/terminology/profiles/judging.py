"""What counted texts are on their days: their status first, all at once, and then what is wrong with each that is not billable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..codelists.changes import Changes
from ..columns import TextNumbers, cell_of
from ..columns.annotation import annotations_of
from ..columns.answers import answers_of, placed_rows
from ..columns.day_columns import is_empty
from ..columns.placing import Dictionaries
from ..model import Status
from ..periods import day_number, day_of
from .counting import FIRST_YEAR, Counts
from .counting import NO_DAY as NO_SPAN
from .findings import LISTED, Group, finding_of
from .system_profile import EMPTY, NO_DAY, STATES, Chapter, EndedCode, Finding, SystemProfile

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns.states import States
    from ..query import CodeSystem, Edition

NUMBER: Final = {state: number for number, state in enumerate(STATES)}
MOST_FINDINGS: Final = 20_000
"""Texts that are explained one by one: those with the most rows."""
Numbers = Any
"""A numpy array of numbers."""


class Days(NamedTuple):
    """On which days rows are judged."""

    starts: Numbers
    """First days of the spans."""
    day: int | None
    """The day of all rows; None where each has its own."""
    asked: tuple[Any, Any]
    """``on`` and ``known``, as `answers_of` takes them; ``on`` is None where rows have days."""

    def samples(self, spans: Numbers) -> Numbers:
        """Return the first day of each span; rows without a day have that of the first."""
        import numpy as np

        if self.day is not None:
            return np.full(len(spans), self.day, dtype=np.int64)
        # the first span begins with the first day that there is
        return self.starts[np.maximum(spans, 1) - 1]


def kinds_of(states: States, edition: Edition) -> Callable[[pa.Array], Numbers]:
    """Return a function that says of texts whether each is a code or a word for nothing (0), unknown, or malformed."""
    known = Dictionaries(states, edition)

    def kinds(texts: pa.Array) -> Numbers:
        import numpy as np

        kind = np.maximum(known.read(texts)[:-1] - states.unknown_row + 1, 0)
        return np.where([is_empty(cell_of(text).text) for text in texts.to_pylist()], 0, kind)

    return kinds


def system_profile(system: CodeSystem, counts: Counts, days: Days, target: Edition) -> SystemProfile:
    """Return the profile of the rows of a system.

    Args:
        system: The system.
        counts: Its rows by text and span.
        days: On which they are judged.
        target: Edition of the release whose effect is shown.
    """
    judged = _Judged(system, counts, days)
    findings, unlisted = judged.findings()
    return SystemProfile(
        definition=system.definition,
        rows=int(counts.rows.sum()),
        codes=judged.codes(),
        statuses=judged.statuses(),
        years=judged.years() if days.day is None else {},
        chapters=tuple(judged.chapters()),
        findings=findings,
        unlisted=unlisted,
        rewritten=judged.rewritten(),
        gap=judged.gap(),
        release=target.release,
        ended=tuple(judged.ended(target)),
    )


class _Judged:
    """The counts of a system with the status of each."""

    def __init__(self, system: CodeSystem, counts: Counts, days: Days) -> None:
        import numpy as np
        import pyarrow as pa

        self.system, self.counts, self.days = system, counts, days
        self.samples = days.samples(counts.spans)
        texts = pa.array(counts.texts, pa.string())
        self.texts = texts.take(pa.array(counts.places, mask=counts.places < 0))
        table = pa.table({"text": self.texts, "day": self._arrow_days()})
        on, known = days.asked
        wanted = ("status", "code", "effective_from", "effective_to")
        found = answers_of(table, system, "text", ("day" if days.day is None else on, known), wanted)
        self.code = found["code"].combine_chunks().dictionary_decode()
        self.bounds = (found["effective_from"], found["effective_to"])
        states = found["status"].combine_chunks().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        states[counts.spans == NO_SPAN] = NUMBER[NO_DAY]
        empty = np.array([is_empty(cell_of(text).text) for text in counts.texts] + [True])[counts.places]
        in_force = np.isin(states, (NUMBER[Status.BILLABLE], NUMBER[Status.HEADER]))
        states[empty & ~in_force] = NUMBER[EMPTY]
        self.states = states
        self.covered = self._is_covered()
        """For each count whether releases cover its days."""

    def _is_covered(self) -> Numbers:
        import numpy as np

        days, places = np.unique(self.samples, return_inverse=True)
        covered = np.array([self._edition(day).is_covered for day in days.tolist()], dtype=bool)
        return covered[places] & (self.counts.spans != NO_SPAN)

    def _arrow_days(self) -> pa.Array:
        import pyarrow as pa

        has_none = self.counts.spans == NO_SPAN
        return pa.array(self.samples, pa.int32(), mask=has_none).cast(pa.date32())

    # ---- numbers

    def statuses(self) -> dict[str, int]:
        """Return the rows by state, those that occur."""
        import numpy as np

        rows = np.bincount(self.states, weights=self.counts.rows, minlength=len(STATES)).astype(np.int64)
        return {state: int(count) for state, count in zip(STATES, rows, strict=True) if count}

    def codes(self) -> int:
        """Return the number of different codes that a release knows."""
        import pyarrow.compute as pc

        return int(pc.count_distinct(self.code).as_py())

    def rewritten(self) -> int:
        """Return the rows with a code that is not written in its official form."""
        import pyarrow.compute as pc

        differs = pc.fill_null(pc.not_equal(self.texts, self.code), fill_value=False)
        return int(self.counts.rows[differs.to_numpy(zero_copy_only=False)].sum())

    def years(self) -> dict[int, dict[str, int]]:
        """Return the rows by year and state."""
        import numpy as np

        dated = self.counts.spans != NO_SPAN
        year_of = self.samples[dated].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        keys, numbers = np.unique(year_of * len(STATES) + self.states[dated], return_inverse=True)
        rows = np.bincount(numbers, weights=self.counts.rows[dated]).astype(np.int64)
        found: dict[int, dict[str, int]] = {}
        for key, count in zip(keys.tolist(), rows.tolist(), strict=True):
            year, state = divmod(key, len(STATES))
            found.setdefault(year, {})[STATES[state]] = count
        return found

    def gap(self) -> str | None:
        """Return why no release covers the days of some rows, by the day of the most of them."""
        uncovered = self.states == NUMBER[Status.UNCOVERED]
        if not uncovered.any():
            return None
        days: Counter[int] = Counter()
        for day, count in zip(self.samples[uncovered].tolist(), self.counts.rows[uncovered].tolist(), strict=True):
            days[day] += count
        return self._edition(days.most_common(1)[0][0]).gap

    def _edition(self, day: int) -> Edition:
        on, known = self.days.asked
        if self.days.day is not None and on is not None and str(on) in {one.version for one in self.system.releases}:
            return self.system.release(on)
        return self.system.on(day_of(day) or self.system.latest.date, known=known)

    # ---- chapters

    def chapters(self) -> Iterator[Chapter]:
        """Yield the chapters with the rows of codes in them: of a code that is not in force, where it was last or first."""
        import pyarrow as pa
        import pyarrow.compute as pc

        start, end = (column.combine_chunks().cast(pa.int32()) for column in self.bounds)
        expired = pa.array(self.states == NUMBER[Status.EXPIRED])
        future = pa.array(self.states == NUMBER[Status.FUTURE])
        known = pa.array(self.samples, pa.int32(), mask=~self.covered)
        day = pc.if_else(future, start, pc.if_else(expired, pc.subtract(end, 1), known))
        has_code = self.code.is_valid()
        rows = pa.table({"code": self.code, "day": day, "rows": self.counts.rows}).filter(has_code)
        if not rows.num_rows:
            return
        # the last day on which a code occurs decides
        of_codes = rows.group_by("code").aggregate([("day", "max"), ("rows", "sum")])
        # a code whose days no release covers is looked for in the newest one
        last = of_codes.column("day_max").fill_null(day_number(self.system.latest.date))
        of_codes = of_codes.set_column(1, "day", last.cast(pa.int32()).cast(pa.date32()))
        chapter = annotations_of(placed_rows(of_codes, self.system, "code", "day"), self.system, ["chapter"])["chapter"]
        totals = of_codes.append_column("chapter", chapter).group_by("chapter").aggregate([("rows_sum", "sum")])
        latest = self.system.latest
        order = {code: place for place, code in enumerate(self._roots(latest))}
        found = {row["chapter"]: row["rows_sum_sum"] for row in totals.to_pylist() if row["chapter"] is not None}
        for code in sorted(found, key=lambda code: (order.get(code, len(order)), code)):
            yield Chapter(code, latest.title(code), found[code])

    def _roots(self, edition: Edition) -> list[str]:
        table = edition.table("concepts")
        return [row["code"] for row in table.select(["code", "kind"]).to_pylist() if row["kind"] == "chapter"]

    # ---- what is wrong

    def findings(self) -> tuple[tuple[Finding, ...], int]:
        """Return the findings, those with the most rows first, and the rows of those that are too many to be listed."""
        numbers = TextNumbers(self.system.definition)
        for text in self.counts.texts:
            if not cell_of(text).is_number:
                numbers.see(text)
        groups = sorted(self._groups(), key=lambda pair: (-pair[0].rows, pair[0].text, pair[0].state))
        listed = groups[:MOST_FINDINGS]
        reasons = self._reasons(listed)
        made = [
            finding_of(group, self._edition(day), numbers, reason)
            for (group, day), reason in zip(listed, reasons, strict=True)
        ]
        unlisted = self.counts.rows[self._listed & self._is_stand_in].sum()
        return tuple(made), int(unlisted) + sum(group.rows for group, _ in groups[MOST_FINDINGS:])

    @cached_property
    def _listed(self) -> Numbers:
        """For each count whether there may be a finding for its text."""
        import numpy as np

        return np.isin(self.states, [NUMBER[state] for state in LISTED])

    @cached_property
    def _is_stand_in(self) -> Numbers:
        """For each count whether its rows have different texts."""
        import numpy as np

        return np.isin(self.counts.places, self.counts.stand_ins)

    def _reasons(self, groups: Sequence[tuple[Group, int]]) -> list[str]:
        """Return why texts have their status, as sentences without a day: one finding speaks of rows of many days."""
        import pyarrow as pa

        texts = pa.array([group.text for group, _ in groups], pa.string())
        days = pa.array([day for _, day in groups], pa.int32()).cast(pa.date32())
        on, known = self.days.asked
        asked = ("day" if self.days.day is None else on, known)
        found = answers_of(pa.table({"text": texts, "day": days}), self.system, "text", asked, ["reason"])
        reasons: list[str] = found["reason"].to_pylist()
        return reasons

    def _groups(self) -> Iterator[tuple[Group, int]]:
        """Yield texts by their state, a known code under its official form, each with the day of most of its rows."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        blank = pc.equal(pc.utf8_trim_whitespace(self.texts.fill_null("")), "").to_numpy(zero_copy_only=False)
        chosen = np.flatnonzero(self._listed & ~blank & ~self._is_stand_in)
        # the first of each group is then that with the most rows, of a day that is covered if there is one
        order = pa.array(chosen[np.lexsort((-self.counts.rows[chosen], ~self.covered[chosen]))])
        columns = {
            "text": pc.coalesce(self.code, self.texts),
            "state": pa.array(self.states),
            "day": pa.array(self.samples),
            "covered": pa.array(self.covered),
            "rows": pa.array(self.counts.rows),
        }
        table = pa.table({name: column.take(order) for name, column in columns.items()})
        wanted = [("day", "first"), ("covered", "first"), ("day", "min"), ("day", "max"), ("rows", "sum")]
        for row in table.group_by(["text", "state"], use_threads=False).aggregate(wanted).to_pylist():
            years = (_year(row["day_min"]), _year(row["day_max"])) if self.days.day is None else None
            day = row["day_first"] if row["covered_first"] else day_number(self.system.latest.date)
            yield Group(row["text"], STATES[row["state"]], row["rows_sum"], years), day

    # ---- what a release ends

    def ended(self, target: Edition) -> list[EndedCode]:
        """Return the codes that are right on their days and that a release does not have as billable codes."""
        import numpy as np
        import pyarrow as pa

        right = pa.array(np.flatnonzero(self.states == NUMBER[Status.BILLABLE]))
        columns = {"code": self.code, "day": pa.array(self.samples), "rows": pa.array(self.counts.rows)}
        rows = pa.table({name: column.take(right) for name, column in columns.items()})
        of_codes = rows.group_by("code").aggregate([("day", "max"), ("rows", "sum")]).to_pylist()
        found = []
        origins: dict[str, Changes] = {}
        after = target.release
        for row in of_codes if after else ():
            before = None if target.is_billable(row["code"]) else self._edition(row["day_max"]).release
            if after is None or before is None:
                continue
            if before.version not in origins:
                origins[before.version] = Changes(self.system, before.version, after.version)
            change = origins[before.version].of(row["code"])
            if not change.fate.stays:
                found.append(EndedCode(row["rows_sum"], change))
        return sorted(found, key=lambda one: (-one.rows, one.change.code))


def _year(day: int) -> int:
    found = day_of(day)
    return found.year if found else FIRST_YEAR
