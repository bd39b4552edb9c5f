"""What a walk asks of the edition that it leads to: the status of codes in it, and their validity periods around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from ..model import Status


@frozen
class Standing:
    """A code as seen from the edition that a walk leads to: its status, and which of its validity periods is meant."""

    code: str
    """In official form."""
    status: Status
    ended: int | None = None
    """Day number of the end of the period that is meant, where that is not after the edition's day."""
    begins: int | None = None
    """Day number of its first day, where that is after the edition's day."""
    life: int | None = None
    """Day number of the first day of the period that is meant: as billable, if the code ever is."""
    again: int | None = None
    """Day number on which the walk meets the code in its next period towards the edition; None if there is none."""

    @property
    def turns(self) -> bool:
        """Whether the next period follows at once: the code lives on, and stands for something else."""
        if self.again is None:
            return False
        return self.again == self.ended if self.ended is not None else self.again + 1 == self.begins


class Lives(Protocol):
    """The edition that a walk leads to, and the validity periods of the codes of its system."""

    system: str
    day: int
    """Day number of the edition."""

    def standing(self, code: str, since: int | None = None) -> Standing | None:
        """Return the standing of a code that was used on a day (number); None for a code that is in no loaded release."""
        ...

    def billable_below(self, code: str, day: int) -> Sequence[str]:
        """Return the codes that are billable on a day below what is a header then, in document order; else none."""
        ...

    def is_header(self, code: str, day: int) -> bool:
        """Return whether a code is a header on a day; where no release covers it, in the next one, or in the last."""
        ...

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day."""
        ...

    def turns(self, code: str, day: int) -> bool:
        """Return whether a publication says that a code stands for something else from a day on, and the code lives on."""
        ...

    def release_on(self, day: int) -> str | None:
        """Return the version of the release that is in force on a day, or of the first one after it."""
        ...

    def spoken_for(self, day: int) -> int:
        """Return the day itself; where no release covers it, the next day that one covers."""
        ...
