"""What an update did, stage by stage: for people, for monitors, and as the exit code of the job."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from attrs import asdict, field, frozen

from ..errors import error_values, exit_code_of
from ..ingest import LoadReport
from .fetching import FetchReport

RUNNING: Final = "running"
"""The outcome in the summary for monitors until there is one; it stays where the job is killed."""


class Ending(StrEnum):
    """How an update ended."""

    PUBLISHED = "published"
    """New releases or crosswalks are in force."""
    UNCHANGED = "unchanged"
    """There was nothing new."""
    HELD_BACK = "held back"
    """There is something new, but a check failed, or the configuration does not publish: the store is as before."""
    DRY_RUN = "dry run"
    """Everything was done but the publication."""
    FAILED = "failed"
    """Files could not be fetched or were rejected, and the configuration publishes nothing incomplete."""


LINES_LEFT_OUT = "lines left out"


@frozen
class Check:
    """A check of a new release before it is published."""

    system: str
    """Short name of the code system."""
    version: str
    """Of the new release."""
    what: str
    """addenda, gap or lines left out."""
    passed: bool
    """False blocks the publication."""
    remarks: tuple[str, ...] = ()
    """The differences, a sentence each; also of a check that passed, where they are tolerated."""

    @property
    def result(self) -> str:
        """failed, agrees, or reported: of what agrees with nothing, and does not block the publication either."""
        if not self.passed:
            return "failed"
        return "reported" if self.what in {"gap", LINES_LEFT_OUT} else "agrees"


@frozen
class Comparison:
    """What a new release changed, and the pages that say so."""

    system: str
    """Short name of the code system."""
    before: str
    """Version of the release before."""
    after: str
    """Version of the new release."""
    counts: Mapping[str, int] = field(hash=False)
    """Codes by what changed about them."""
    files: tuple[str, ...] = ()
    """Names in the folder of the report."""


@frozen
class Impact:
    """What the update does to a code list."""

    name: str
    """Of the code list."""
    system: str
    """Short name of the code system."""
    before: str
    """Version of the release before."""
    after: str
    """Version of the new release."""
    counts: Mapping[str, int] = field(hash=False)
    """Codes of the list by what the update makes of them."""
    needs_review: bool
    """Whether a person has to decide something."""
    files: tuple[str, ...] = ()
    """Names in the folder of the report."""
    problem: str | None = None
    """Why the list could not be checked."""


@frozen
class UpdateReport:
    """The outcome of an update."""

    ending: Ending
    """How the update ended."""
    started: datetime.datetime
    """When it began."""
    seconds: Mapping[str, float] = field(hash=False)
    """By stage."""
    fetched: FetchReport
    """What was downloaded, and what was not."""
    loaded: LoadReport | None = None
    """What was loaded; None where loading did not begin."""
    checks: tuple[Check, ...] = ()
    """Of the new releases."""
    comparisons: tuple[Comparison, ...] = ()
    """Of each new release with the one before."""
    impacts: tuple[Impact, ...] = ()
    """Of the update on each code list."""
    generation: int | None = None
    """Of what is in force in the store after the update; None where nothing is."""
    folder: str | None = None
    """Name of the folder of its report; None where it has none."""
    remarks: tuple[str, ...] = ()
    """What else an operator has to know, a sentence each."""

    @property
    def exit_code(self) -> int:
        """0 fine; 1 a check failed and blocks the publication; 2 files could not be fetched, were rejected, or not read.

        A code list is such a file too: nobody knows what the update does to it.
        """
        if not self.fetched.ok or (self.loaded is not None and not self.loaded.ok):
            return 2
        if any(impact.problem is not None for impact in self.impacts):
            return 2
        return 1 if any(not check.passed for check in self.checks) else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "outcome": str(self.ending),
            "exit_code": self.exit_code,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "generation": self.generation,
            "report": self.folder,
            "fetch": self.fetched.to_dict(),
            "load": self.loaded.to_dict() if self.loaded else None,
            "checks": [asdict(check) for check in self.checks],
            "differences": [asdict(comparison) for comparison in self.comparisons],
            "impacts": [asdict(impact) for impact in self.impacts],
            "remarks": list(self.remarks),
        }

    to_json = to_dict
    """Former name of `to_dict`."""


def running_summary(started: datetime.datetime, pid: int) -> dict[str, Any]:
    """Return the summary for monitors of an update that has begun."""
    return {"outcome": RUNNING, "exit_code": None, "started": started.isoformat(timespec="seconds"), "pid": pid}


def failure_summary(
    started: datetime.datetime, seconds: Mapping[str, float], remarks: Sequence[str], error: BaseException
) -> dict[str, Any]:
    """Return the summary for monitors of an update that failed in itself."""
    is_bare = isinstance(error, KeyboardInterrupt) and not str(error)
    return {
        "outcome": str(Ending.FAILED),
        "exit_code": exit_code_of(error),
        "started": started.isoformat(timespec="seconds"),
        "seconds": {stage: round(taken, 3) for stage, taken in seconds.items()},
        "error": error_values(KeyboardInterrupt("interrupted") if is_bare else error),
        "remarks": list(remarks),
    }
