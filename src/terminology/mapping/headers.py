"""What is below a code that became a header: on that day, and since."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from .lives import Lives, Standing
from .statements import Statements, day_of_change
from .ways import LIMIT


@frozen
class Below:
    """The billable codes below a header, in document order."""

    then: Sequence[str]
    """When the code became a header, or was one last."""
    now: Sequence[str]
    """In the edition."""
    day: int | None = None
    """Day number of the change; None of what always was a header, as far as anybody knows."""
    since: int = 0
    """Day number on which ``then`` was so: the day of the change, or backwards the one before."""

    def first_seen(self, code: str, lives: Lives) -> int | None:
        """Return the day number from which on a code is below the header; None where it is not known, and backwards.

        So a step to it has a day on which the code was there.
        """
        if self.day is None or self.since < self.day:
            return None
        standing = lives.standing(code)
        return max(self.day, standing.life) if standing and standing.life is not None else self.day


def below_header(standing: Standing, lives: Lives, told: Statements) -> Below:
    """Return the billable codes below a header, when it became one (backwards: ceased to be one) and in the edition.

    Backwards without those of which a publication says on that day what else became of them.

    Args:
        standing: Of a header.
        lives: Of the codes of the edition.
        told: What publications say of them.
    """
    code = standing.code
    now = lives.billable_below(code, lives.day)[: LIMIT + 1]
    if standing.ended is not None:
        day = lives.spoken_for(standing.ended)
        return Below(lives.billable_below(code, day)[: LIMIT + 1], now, day, day)
    if standing.begins is None:
        return Below((), now)
    day = standing.begins
    then = lives.billable_below(code, day - 1)[: LIMIT + 1]
    moved = {other for other in {*then, *now} if any(day_of_change(row) == day for row in told.of_source(other))}
    then, now = ([other for other in codes if other not in moved] for codes in (then, now))
    return Below(then, now, day, day - 1)
