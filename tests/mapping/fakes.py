"""Lives of codes and rows of a publication as plain values, for walks without a store."""

from __future__ import annotations

import datetime
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from typing import Any, cast

from attrs import field, frozen

from terminology.mapping.lives import Standing
from terminology.mapping.rows import MapRow, MapRows
from terminology.mapping.succession import Walk
from terminology.mapping.ways import Way, Ways
from terminology.model import Crosswalk, Status
from terminology.periods import OPEN, day_number
from terminology.schema import MENTIONED

Life = tuple[int, int]
"""First year of a life, and the first year after it."""
ALWAYS, OLD, NEW = [(2016, 0)], [(2016, 2018)], [(2018, 0)]
EQUIVALENT, RELATED = "equivalent", "related-to"
NARROWER, BROADER = "source-is-narrower-than-target", "source-is-broader-than-target"
CROSSWALK = Crosswalk("invented", "1", "plants", "plants", datetime.date(2016, 1, 1), 0, ())


def day(year: int) -> int:
    """Return the number of the first day of a year."""
    return day_number(datetime.date(year, 1, 1))


@frozen
class FakeLives:
    """Codes that are billable in some years, and headers with their years; what is in neither is in no release."""

    year: int
    billable: Dict[str, Sequence[Life]]
    headers: Dict[str, Sequence[Life]] = field(factory=dict)
    uncovered: bool = False
    system: str = "plants"

    @property
    def day(self) -> int:
        """Day number of the edition."""
        return day(self.year)

    def standing(self, code: str, since: int | None = None) -> Standing | None:
        """Return how a code stands in the edition, as it was used on a day."""
        lives = self.billable.get(code) or self.headers.get(code)
        if not lives:
            return None
        if self.uncovered:
            return Standing(code, Status.UNCOVERED)
        lived = [(day(first), day(last) if last else OPEN) for first, last in lives]
        now = next((life for life in lived if life[0] <= self.day < life[1]), None)
        begun = [life for life in lived if life[0] <= (self.day if since is None else since)]
        meant = now if since is None and now else begun[-1] if begun else lived[0]
        place = lived.index(meant)
        after = lived[place + 1][0] if place + 1 < len(lived) else OPEN
        before = lived[place - 1][1] if place else 0
        status = self._status(code)
        if meant[1] <= self.day:
            return Standing(code, status, meant[1], None, meant[0], after if after <= self.day else None)
        if meant[0] > self.day:
            return Standing(code, status, None, meant[0], meant[0], before - 1 if before > self.day else None)
        return Standing(code, status, life=meant[0])

    def _status(self, code: str) -> Status:
        for status, codes in ((Status.BILLABLE, self.billable), (Status.HEADER, self.headers)):
            if any(first <= self.year < (last or 9999) for first, last in codes.get(code, ())):
                return status
        return Status.EXPIRED

    def billable_below(self, code: str, day_: int) -> Sequence[str]:
        """Return the billable codes that begin with the header."""
        return [below for below in self.billable if below.startswith(code) and self.is_billable(below, day_)]

    def is_header(self, code: str, day_: int) -> bool:
        """Return whether a code is a header on a day."""
        lives = [(day(first), day(last) if last else OPEN) for first, last in self.headers.get(code, ())]
        return any(first <= day_ < last for first, last in lives)

    def is_billable(self, code: str, day_: int) -> bool:
        """Return whether a code is billable on a day."""
        lives = [(day(first), day(last) if last else OPEN) for first, last in self.billable.get(code, ())]
        return any(first <= day_ < last for first, last in lives)

    def turns(self, code: str, day_: int) -> bool:
        """Return whether one life of a code ends on a day and the next begins."""
        lives = [(day(first), day(last) if last else OPEN) for first, last in self.billable.get(code, ())]
        return day_ in {end for _, end in lives} & {begin for begin, _ in lives}

    def release_on(self, day_: int) -> str | None:
        """Return the year of a day."""
        return str(1970 + day_ // 365)

    def spoken_for(self, day_: int) -> int:
        """Return the day: every one is spoken for."""
        return day_


@frozen
class FakeRows:
    """The rows of a publication, all of one version."""

    rows: Sequence[MapRow]
    crosswalks: Sequence[Crosswalk] = (CROSSWALK,)

    def of_source(self, code: str, publication: int | None = None) -> list[MapRow]:  # noqa: ARG002
        """Return the rows in which the code is a source."""
        return [row for row in self.rows if code in row.source_codes and row.change != MENTIONED]

    def of_target(self, code: str, publication: int | None = None) -> list[MapRow]:  # noqa: ARG002
        """Return the rows in which the code is among the targets."""
        return [row for row in self.rows if code in (row.target_codes or ()) and row.change != MENTIONED]

    def mentions(self, code: str, publication: int | None = None) -> list[MapRow]:  # noqa: ARG002
        """Return the rows that mention the code, and lead nowhere."""
        found = (row for row in self.rows if row.change == MENTIONED)
        return [row for row in found if code in (*row.source_codes, *(row.target_codes or ()))]


def told(
    sources: str, targets: str | None, year: int, change: str = "deleted", *, days: int = 0, **more: Any
) -> MapRow:
    """Return a row: codes used together are joined by +; no sources: the targets have no predecessor.

    Args:
        sources: What is replaced.
        targets: What replaces it; None for nothing.
        year: Of the change.
        change: Where the publication has it.
        days: After the first day of the year; before it where negative.
        **more: Other values of the row.
    """
    values = {"relationship": "related-to", "approximate": None, "crosswalk": CROSSWALK, "source": None, **more}
    return MapRow(
        source_codes=tuple(sources.split("+")) if sources else (),
        target_codes=tuple(targets.split("+")) if targets else None,
        effective=day(year) + days,
        change=change,
        **values,
    )


def walk(lives: FakeLives, *rows: MapRow) -> Walk:
    """Return a walk along the rows."""
    return Walk(lives, [cast("MapRows", FakeRows(rows))])


def arrived(ways: Ways) -> list[tuple[str, str, str]]:
    """Return codes, kind and relationship of each way."""
    return [("+".join(way.codes), way.kind, way.relationship) for way in ways.arrived]


def steps(way: Way) -> list[tuple[str, str, str]]:
    """Return the kind of each step of a way, what it left and what it reached."""
    return [(step.kind, "+".join(step.from_codes), "+".join(step.to_codes)) for step in way.steps]
