"""First and last days that a publication dates more exactly than the release a code appears in, or goes missing from.

Why the releases are not enough: a code can take effect between two of them. No order file of its year lists it; the
next one does, from its own day on. The day itself is in another file, such as the conversion table of ICD-10-CM.

Why not every dated row counts: such a table repeats the changes of former years, and also dates a new title or flag. So
a day moves a row only where the code begins with a release, or is gone with it, and where the day is after the release
before and before this one. A header that is new with the code begins with it, so that the code has its parent.

In numbers: release 0 is 2020 (2019-10-01), without U07 and U07.1; release 1 is 2021 (2020-10-01), with both. The
conversion table says that U07.1 took effect on 2020-04-01. Both rows begin on that day in place of 2020-10-01:

    code   effective_from  effective_to  known_from  known_to  from_known  title
    U07    2020-04-01      open          1           -         1           Emergency use of U07
    U07.1  2020-04-01      open          1           -         1           COVID-19

U07.1 is future on 2020-03-31 and billable on 2020-04-01. It is unknown on both days if only release 0 is known, because
no file of that release could state it. The hierarchy of release 0 gets both codes too (`DayEvidence.widened`); a query
leaves out those that are not in force on its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from ...periods import BEGIN, day_number
from .outline import Outline, ReleaseTables

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class DayEvidence:
    """Days by release: of codes that begin with it, and of codes that are gone with it."""

    effective: Sequence[int]
    """Effective day of each release."""
    first_days: dict[int, dict[str, int]] = field(factory=dict)
    last_days: dict[int, dict[str, int]] = field(factory=dict)
    outlines: Sequence[Outline] = ()

    @classmethod
    def of(cls, releases: Sequence[ReleaseTables], outlines: Sequence[Outline]) -> DayEvidence:
        """Return the days of the ``days`` tables that are between a release and the one before it."""
        days = [day_number(item.release.effective) for item in releases]
        made = cls(days, outlines=outlines)
        for number, item in enumerate(releases):
            if "days" not in item.tables:
                continue
            lower = days[number - 1] if number else BEGIN
            begun, gone = made._changed_codes(number, item.tables["days"].column("code"))
            for row in item.tables["days"].to_pylist():
                for name, found, changed in (
                    ("effective_from", made.first_days, begun),
                    ("effective_to", made.last_days, gone),
                ):
                    if row[name] and row["code"] in changed and lower < day_number(row[name]) < days[number]:
                        found.setdefault(number, {})[row["code"]] = day_number(row[name])
            made._extend_to_parents(number)
        return made

    def _changed_codes(self, number: int, codes: pa.ChunkedArray) -> tuple[set[str], set[str]]:
        """Return which of the codes begin with a release, and which are gone with it.

        A code that both releases hold may begin a row for another reason: a new title, a flag.
        """
        import pyarrow.compute as pc

        now = pc.is_in(codes, value_set=self.outlines[number].codes)
        before = pc.is_in(codes, value_set=self.outlines[number - 1].codes) if number else pc.invert(now)
        begun, gone = pc.and_not(now, before), pc.and_not(before, now)
        return set(codes.filter(begun).to_pylist()), set(codes.filter(gone).to_pylist())

    def _extend_to_parents(self, number: int) -> None:
        """Let the headers above a code that are new with it begin on its day."""
        firsts = self.first_days.get(number, {})
        if not firsts:
            return
        outline = self.outlines[number]
        codes = outline.codes.to_pylist()
        before = set(self.outlines[number - 1].codes.to_pylist()) if number else set()
        place = {code: position for position, code in enumerate(codes)}
        for code, day in list(firsts.items()):
            above = outline.parents[place[code]] if code in place else -1
            while above >= 0 and codes[above] not in before:
                firsts[codes[above]] = min(day, firsts.get(codes[above], day))
                above = outline.parents[above]

    @property
    def affected(self) -> set[int]:
        """Releases during which a code begins or ends, as a later release or its companion states."""
        return {number - 1 for number in [*self.first_days, *self.last_days] if number}

    def applied(self, periods: pa.Table) -> pa.Table:
        """Return the interval rows with the exact days."""
        if not (self.first_days or self.last_days):
            return periods
        import pyarrow as pa
        import pyarrow.compute as pc

        former = periods.column("effective_from")
        periods = self._replaced(periods, "effective_from", self.first_days)
        # a first day that a publication states is known, though the release before ends earlier
        told = pc.not_equal(former, periods.column("effective_from"))
        known = pc.if_else(told, pa.scalar(1, pa.uint8()), periods.column("from_known"))
        periods = periods.set_column(periods.schema.get_field_index("from_known"), "from_known", known)
        return self._replaced(periods, "effective_to", self.last_days)

    def _replaced(self, periods: pa.Table, name: str, found: dict[int, dict[str, int]]) -> pa.Table:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        exact = {(code, self.effective[number]): day for number, days in found.items() for code, day in days.items()}
        told = pa.array(sorted({code for code, _ in exact}), pa.string())
        places = np.flatnonzero(pc.is_in(periods.column("code"), value_set=told).to_numpy())
        codes = periods.column("code").take(pa.array(places)).to_pylist()
        values = periods.column(name).to_numpy().copy()
        values[places] = [exact.get(key, key[1]) for key in zip(codes, values[places].tolist(), strict=True)]
        return periods.set_column(periods.schema.get_field_index(name), name, pa.array(values, pa.int32()))

    def widened(self, outlines: Sequence[Outline]) -> list[Outline]:
        """Return the outlines, with the codes of the next release that begin during a release added to its outline."""
        import pyarrow as pa

        made = list(outlines)
        for number, days in self.first_days.items():
            if number:
                made[number - 1] = outlines[number].before(made[number - 1], pa.array(sorted(days), pa.string()))
        return made
