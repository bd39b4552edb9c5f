"""The life of a code as a picture: a lane for the code, for each that it came from, and for each that came from it.

Places along the time are percentages, so that the picture fits any width without scaling its words. All that the
picture shows stands in a table below it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Final

from attrs import frozen

from ..model import History, Period, Step
from ..query import CodeSystem, Edition
from ..wire import sent
from .asked import Asked

LANES: Final = 4
"""Most predecessors, and most successors, that are drawn; the table has all."""
LANE: Final = 46
"""Height of a lane, in pixels."""
TOP: Final = 18
"""Height of the line that names the day of service."""
AXIS: Final = 24
TICKS: Final = 5
"""Most years that are named."""
REACH: Final = 15 * 366
"""Days by which the day of service may be away from a life to be in its picture."""
LEAST_ROOM: Final = 60
"""Days before the first and after the last one that are shown."""
BELOW, ABOVE = 38, 18
"""Heights within a lane: below its bar, above it."""
THINNEST: Final = 0.4
"""Percent of a bar that can be seen."""
BECAME: Final = {
    "reinstated": "came back as",
    "renamed": "was given another title as",
    "replaced": "was replaced by",
    "split": "was split; a part of it is",
    "merged": "was merged into",
    "to_header": "became a header; below it is",
    "combination": "was replaced by several codes together, with",
}
"""How a code became another, between the two."""


@frozen
class Bar:
    """A stretch of a lane: where it begins and how long it is, in percent of the width."""

    start: float
    length: float
    status: str


@frozen
class Stretch:
    """A period, as the table shows it."""

    status: str
    since: str
    through: str
    title: str


@frozen
class Lane:
    """A code with its periods."""

    code: str
    link: str
    periods: tuple[Period, ...]
    bars: tuple[Bar, ...]
    top: int
    is_own: bool = False

    @property
    def stretches(self) -> list[Stretch]:
        """The periods in words."""
        return [Stretch(str(one.status), since_of(one), through_of(one), one.title) for one in self.periods]

    @property
    def label(self) -> str:
        """The code with what it was, in the order of time."""
        statuses = [key for key, _ in groupby(str(period.status) for period in self.periods)]
        return f"{self.code}: {', then '.join(statuses)}" if statuses else f"{self.code}: in no loaded release"


@frozen
class Arrow:
    """That a code came from another: how, on which day, and between which heights."""

    before: str
    words: str
    after: str
    day: datetime.date | None
    place: float
    start: int
    end: int


@frozen
class Tick:
    """A year on the axis."""

    place: float
    year: int


@frozen(slots=False)
class Timeline:
    """The picture."""

    lanes: tuple[Lane, ...]
    arrows: tuple[Arrow, ...]
    ticks: tuple[Tick, ...]
    day: float | None
    """Where the day of service is; None where it is outside of the picture."""
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""
        return TOP + LANE * len(self.lanes) + AXIS

    @cached_property
    def description(self) -> str:
        """The picture in words."""
        parts = []
        for lane in self.lanes:
            lives = "; ".join(f"{one.status} from {one.since} {one.through}" for one in lane.stretches)
            parts.append(f"{lane.code}: {lives or 'in no loaded release'}")
        parts += [f"{f'{one.day}: ' if one.day else ''}{one.before} {one.words} {one.after}" for one in self.arrows]
        return ". ".join(parts)


@frozen
class Scale:
    """From days to percent of the width."""

    first: datetime.date
    last: datetime.date

    def place(self, day: datetime.date) -> float:
        """Return where a day is; one outside is at the border."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(100 * min(max(share, 0), 1), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """Return the first days of some years, evenly spread."""
        years = [year for year in range(self.first.year, self.last.year + 1) if self.first <= datetime.date(year, 1, 1)]
        step = -(-len(years) // TICKS) or 1
        # a year at the right border would be cut
        places = (Tick(self.place(datetime.date(year, 1, 1)), year) for year in years[::step])
        return tuple(tick for tick in places if tick.place < 96)  # noqa: PLR2004 -- percent


def since_of(period: Period) -> str:
    """Return the first day of a period in words: of some only a day by which it had begun is known."""
    return f"{'' if period.from_known else 'by '}{period.effective_from}"


def through_of(period: Period) -> str:
    """Return the last day of a period in words."""
    end = period.effective_to
    return f"through {end - datetime.timedelta(days=1)}" if end else "with no end so far"


def timeline_of(asked: Asked, edition: Edition, history: History) -> Timeline | None:
    """Return the picture of a code's life; None of a code that is in no loaded release."""
    if not history.periods:
        return None
    system = asked.store[edition.system]
    before, after = history.predecessors[:LANES], history.successors[:LANES]
    lives = {code: system.history(code).periods for code in (*before, *after)} | {history.code: history.periods}
    scale = _scale(lives.values(), edition.date)
    codes = [*before, history.code, *(code for code in after if code not in before)]
    lanes = []
    for place, code in enumerate(codes):
        periods = tuple(sent(period, edition) for period in lives[code])
        link, top = asked.card(edition.system, code), TOP + LANE * place
        lanes.append(Lane(code, link, periods, tuple(_bars(periods, scale)), top, code == history.code))
    of = {lane.code: lane for lane in lanes}
    pairs = [*((code, history.code) for code in before), *((history.code, code) for code in after)]
    arrows = [_arrow(system, of[one], of[other], scale) for one, other in pairs]
    is_inside = scale.first <= edition.date <= scale.last
    return Timeline(
        tuple(lanes),
        tuple(arrows),
        scale.ticks(),
        scale.place(edition.date) if is_inside else None,
        history.predecessors,
        history.successors,
    )


def _scale(lives: Iterable[Sequence[Period]], day: datetime.date) -> Scale:
    """Return a scale with all days of some lives, a margin, and the day of service unless it is far from them."""
    days = [
        one.toordinal()
        for periods in lives
        for period in periods
        for one in (period.effective_from, period.effective_to)
        if one is not None
    ]
    asked = day.toordinal()
    if min(days) - REACH <= asked <= max(days) + REACH:
        days.append(asked)
    first, last = min(days), max(days)
    room = max((last - first) // 20, LEAST_ROOM)
    return Scale(
        datetime.date.fromordinal(max(first - room, datetime.date.min.toordinal())),
        datetime.date.fromordinal(min(last + room, datetime.date.max.toordinal())),
    )


def _bars(periods: Sequence[Period], scale: Scale) -> Iterator[Bar]:
    for period in periods:
        start = scale.place(period.effective_from)
        end = scale.place(period.effective_to) if period.effective_to else 100.0
        yield Bar(start, round(max(end - start, THINNEST), 2), str(period.status))


def _arrow(system: CodeSystem, before: Lane, after: Lane, scale: Scale) -> Arrow:
    step = _step(system, before.code, after.code)
    first = after.periods[0].effective_from if after.periods else None
    day = step.effective if step and step.effective else first
    # a code that goes on beside the new one has not become it
    goes_on = step is None and day is not None and any(_covers(period, day) for period in before.periods)
    words = "was used before" if goes_on else BECAME.get(step.kind if step else "", "became")
    # from bar to bar: below the upper one, above the lower one
    is_down = after.top > before.top
    ends = (before.top + BELOW, after.top + ABOVE) if is_down else (before.top + ABOVE, after.top + BELOW)
    return Arrow(before.code, words, after.code, day, scale.place(day) if day else 0.0, *ends)


def _covers(period: Period, day: datetime.date) -> bool:
    return period.effective_from <= day and (period.effective_to is None or day < period.effective_to)


def _step(system: CodeSystem, before: str, after: str) -> Step | None:
    """Return the step that leads from a code to another; None where it is not on the way to the newest release."""
    found = system.became(before)
    steps = (step for alternative in found.alternatives for step in alternative.path)
    return next((step for step in steps if after in step.to_codes and before in step.from_codes), None)
