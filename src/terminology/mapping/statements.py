"""What publications say of the codes of one system: which rows count for a code that ended, or that began.

A row stands at the code that ended (``deleted``) or at the one that is new (``new``). Forward the row of the code that
ended counts, or else those of new codes; backward both do. Of a code that lives on and stands for something else
(`turns`) a row may lead to the code itself: then it is one of several that it may have become.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import schema
from .lives import Lives, Standing
from .rows import MapRow, MapRows
from .ways import RELATED, RELATIONSHIP_OF


class Statements:
    """The rows of the successions of a system, as a walk to an edition asks for them."""

    def __init__(self, lives: Lives, maps: Sequence[MapRows]) -> None:
        self.lives = lives
        self.maps = maps
        """In order of precedence: of a code that several maps cover, the first counts."""

    def of_source(self, code: str) -> list[MapRow]:
        """Return the rows that say what replaced a code, or a part of it; empty where there is none."""
        return [row for rows in self.maps for row in told(rows.of_source(code))]

    def of_target(self, code: str) -> list[MapRow]:
        """Return the rows that say what a code replaced; empty where there is none."""
        return [row for rows in self.maps for row in told(rows.of_target(code))]

    def ends_of(self, code: str, day: int) -> list[MapRow]:
        """Return the rows that list the end of a code on a day (number) without saying what replaced it."""
        rows = [row for rows in self.maps for row in rows.of_source(code) if row.change == "ended"]
        return [row for row in rows if day_of_change(row) == day]

    def departure_of(self, code: str) -> int | None:
        """Return the day number on which a code was last deleted by the edition's day; None where nothing says so."""
        days = [day_of_change(row) for row in self.of_source(code) if row.change == "deleted"]
        return max((day for day in days if day <= self.lives.day), default=None)

    def stays(self, code: str, day: int) -> bool:
        """Return whether a code itself is one of those that it became on a day (number)."""
        return any(day_of_change(row) == day and row.target_codes == (code,) for row in self.of_source(code))

    def parts(self, code: str, since: int) -> list[MapRow]:
        """Return the rows that say what replaced a code, or a part of it, after a day, while the code stays the same."""
        standing = self.lives.standing(code, since)
        while standing and standing.turns and standing.again is not None and self.stays(code, standing.again):
            standing = self.lives.standing(code, standing.again)
        again = standing.again if standing else None
        until = self.lives.day if again is None else again - 1
        return [row for row in self.of_source(code) if since < day_of_change(row) <= until]

    def successors(self, standing: Standing, ended: int) -> list[MapRow]:
        """Return the rows that state what replaced a code at the end of a validity period: those of the first day after it.

        A row of a new code names what was used until then. It is no successor of codes that ended long before.
        The step that the publisher would do automatically comes first, then the code itself.
        """
        return next((rows for rows in (self._successors(standing, ended, one) for one in self.maps) if rows), [])

    def _successors(self, standing: Standing, ended: int, one: MapRows) -> list[MapRow]:
        """Return the successors by one map."""
        code = standing.code
        until = self.lives.day if standing.again is None else max(ended, standing.again - 1)
        latest = self.lives.spoken_for(ended)
        rows = [row for row in told(one.of_source(code)) if ended <= day_of_change(row) <= until]
        rows = [row for row in rows if row.change != "new" or day_of_change(row) <= latest]
        first = min(map(day_of_change, rows), default=None)
        rows = [row for row in rows if day_of_change(row) == first and (standing.turns or row.target_codes != (code,))]
        rows = [row for row in rows if row.change == "deleted"] or rows
        return sorted(rows, key=lambda row: (not row.detail.get("automatic_forward"), row.target_codes != (code,)))

    def forward_kind(self, row: MapRow, groups: int) -> tuple[str, str]:
        """Return kind and relationship of a step along a row; ``groups`` is how many groups of codes replaced the code."""
        if not row.target_codes:
            return "none", RELATED
        if len(row.target_codes) > 1:
            return "combination", RELATED
        (target,) = row.target_codes
        origins = {frozenset(other.source_codes) for other in _beside(row, self.of_target(target))}
        stood = self.lives.is_billable(target, day_of_change(row) - 1) and not self.lives.turns(
            target, day_of_change(row)
        )
        return _kind(row.source_codes, is_divided=groups > 1, is_shared=stood or len(origins) > 1)

    def predecessors(self, standing: Standing, begins: int) -> list[MapRow]:
        """Return the rows that state what a code replaced at the beginning of a validity period: those of the nearest day.

        In the order of `successors`; otherwise rows of the new code come first.
        """
        return next((rows for rows in (self._predecessors(standing, begins, one) for one in self.maps) if rows), [])

    def _predecessors(self, standing: Standing, begins: int, one: MapRows) -> list[MapRow]:
        """Return the predecessors by one map."""
        code = standing.code
        since = self.lives.day if standing.again is None else standing.again
        rows = [row for row in told(one.of_target(code)) if since < day_of_change(row) <= begins]
        nearest = max(map(day_of_change, rows), default=None)
        rows = [
            row for row in rows if day_of_change(row) == nearest and (standing.turns or row.source_codes != (code,))
        ]
        rows = [row for row in rows if not (row.detail.get("spread") and self._names_an_unknown_code(row))]
        # rows of the new code come first; a code that was deleted in its favour is a predecessor too
        rows = sorted(rows, key=lambda row: row.change != "new")
        return sorted(rows, key=lambda row: (not row.detail.get("automatic_backward"), row.source_codes != (code,)))

    def _names_an_unknown_code(self, row: MapRow) -> bool:
        """Return whether a code that was written out of a range is in no loaded release."""
        return any(self.lives.standing(code) is None for code in row.source_codes)

    def backward_kind(self, row: MapRow, groups: int) -> tuple[str, str]:
        """Return kind and relationship of a step back along a row; ``groups`` is how many groups of codes were replaced."""
        if not row.source_codes:
            return "none", RELATED
        if len(row.source_codes) > 1:
            return "combination", RELATED
        (origin,) = row.source_codes
        others = {other.target_codes for other in _beside(row, self.of_source(origin))}
        remains = self.lives.is_billable(origin, day_of_change(row)) and not self.lives.turns(
            origin, day_of_change(row)
        )
        return _kind(row.target_codes, is_divided=groups > 1, is_shared=remains or len(others) > 1)


def told(rows: Iterable[MapRow]) -> list[MapRow]:
    """Return those of the rows that say what replaced a code, or what it replaced."""
    return [row for row in rows if row.change in schema.SUCCESSIONS]


def day_of_change(row: MapRow) -> int:
    """Return the day of a change: compiling gives one to every row of a map within a system."""
    return row.effective or 0


def _beside(row: MapRow, rows: Iterable[MapRow]) -> list[MapRow]:
    """Return those of the rows that the map of a row states of the same day, itself among them."""
    day, key = row.effective, row.crosswalk.key
    return [other for other in rows if other.effective == day and other.crosswalk.key == key]


def _kind(left: Sequence[str] | None, *, is_divided: bool, is_shared: bool) -> tuple[str, str]:
    """Return kind and relationship of a step to one code.

    Args:
        left: What is left, used together.
        is_divided: Whether what is left was divided among several.
        is_shared: Whether the code that is reached means more than what is left: it was in force before, or replaced several.
    """
    if len(left or ()) > 1:
        return "merged", RELATED
    if is_divided:
        return "split", RELATED if is_shared else RELATIONSHIP_OF["split"]
    kind = "merged" if is_shared else "replaced"
    return kind, RELATIONSHIP_OF[kind]
