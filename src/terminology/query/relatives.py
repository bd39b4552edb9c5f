"""What a code replaced, and what replaced it, as loaded crosswalks say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import schema
from ..history import Span
from ..mapping.rows import MapRow, MapRows
from ..mapping.turns import renumbering_days
from ..periods import BEGIN, OPEN
from .answers import Answers
from .compiled import CompiledSystem
from .lives import EditionLives


def predecessors_of(code: str, system: CompiledSystem, maps: Sequence[MapRows]) -> tuple[str, ...]:
    """Return the codes that a code was reported as before its first day; empty where no crosswalk says.

    Rows of the new code come first, then rows of the codes that it replaced. A code that was deleted in favour of one
    that was in force already is no predecessor of it, unless that one stood for something else until then.
    """
    own = [rows for rows in maps if rows.target_system == system.name]
    renumbered = _renumbering_days(code, system, maps)
    found = [row for rows in own for row in rows.of_target(code) if row.change in schema.SUCCESSIONS]
    found = [row for row in found if row.effective in renumbered or not _stood(code, system, row.effective)]
    found = [row for row in found if row.crosswalk.own] or found
    found.sort(key=lambda row: row.change != "new")
    codes = [(row, other) for row in _earliest(found) for other in row.source_codes]
    # not every code of an expanded range exists
    real = (other for row, other in codes if not row.detail.get("spread") or system.row_of(other) >= 0)
    return _distinct(real, code)


def successors_of(code: str, system: CompiledSystem, maps: Sequence[MapRows]) -> tuple[str, ...]:
    """Return the codes that took over when a code ended as a billable code, in its system or in another.

    Of a code that is billable, those that took over what it stood for before it came to stand for something else.
    Empty where it always was the same, and where no crosswalk says.
    """
    ended = _end_of_life(code, system, maps)
    if ended is None:
        return ()
    stated = [row for rows in maps for row in rows.of_source(code) if _names_a_successor(row)]
    latest = _all_lives(system).spoken_for(ended)
    # rows of a new code name codes that were used until then
    since = [row for row in stated if _day(row) >= ended]
    found = [row for row in since if row.change != "new" or _day(row) <= latest]
    found = [row for row in found if row.crosswalk.own] or found
    found = [row for row in found if row.change != "new"] or found
    return _distinct((other for row in _earliest(found) for other in row.target_codes or ()), code)


def _names_a_successor(row: MapRow) -> bool:
    """Return whether a row says what replaced a code: within the system, or in another one."""
    return row.change is None or row.change in schema.SUCCESSIONS


def _day(row: MapRow) -> int:
    """Return the day of a row; one that names none is before all others."""
    return BEGIN if row.effective is None else row.effective


def _end_of_life(code: str, system: CompiledSystem, maps: Sequence[MapRows]) -> int | None:
    """Return the day number from which a code is no longer billable, or no longer the same; None if there is none."""
    lived = _billable_spans(code, system)
    if lived and lived[-1].end != OPEN:
        return lived[-1].end
    periods = _all_lives(system).periods(code)
    return max((day for day in _renumbering_days(code, system, maps) if periods[-1].start < day), default=None)


def _renumbering_days(code: str, system: CompiledSystem, maps: Sequence[MapRows]) -> list[int]:
    """Return the day numbers on which a code that was billable before and after became something else."""
    own = [rows for rows in maps if rows.source_system == rows.target_system == system.name]
    days = renumbering_days(code, own)
    lived = [span for span in _all_lives(system).periods(code) if span.state == schema.BILLABLE] if days else []
    return [day for day in days if any(span.start < day < span.end for span in lived)]


def _all_lives(system: CompiledSystem) -> EditionLives:
    return EditionLives(Answers(system.as_of_release("latest")))


def _stood(code: str, system: CompiledSystem, day: int | None) -> bool:
    """Return whether a code was billable on the day before one."""
    return day is not None and any(span.start < day <= span.end for span in _billable_spans(code, system))


def _billable_spans(code: str, system: CompiledSystem) -> list[Span]:
    row = system.row_of(code)
    spans = system.periods.spans(row, system.timeline.newest, OPEN) if row >= 0 else []
    return [span for span in spans if span.state == schema.BILLABLE]


def _earliest(rows: Sequence[MapRow]) -> list[MapRow]:
    first = min(map(_day, rows), default=BEGIN)
    return [row for row in rows if _day(row) == first]


def _distinct(codes: Iterable[str], own: str) -> tuple[str, ...]:
    return tuple(code for code in dict.fromkeys(codes) if code != own)
