"""The phrases of what the program prints."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..model import Status
from .printing import echo, echo_json, style

if TYPE_CHECKING:
    from ..model import Fault, Gap

STATUS_COLOURS: Final[Mapping[Status, str]] = {
    Status.BILLABLE: "green",
    Status.HEADER: "yellow",
    Status.FUTURE: "cyan",
    Status.EXPIRED: "red",
    Status.UNKNOWN: "red",
    Status.MALFORMED: "red",
    Status.UNCOVERED: "magenta",
}


def say(values: Any, text: Callable[[], Iterable[str]], *, as_json: bool) -> None:
    """Print the values as JSON, or the lines of the text."""
    if as_json:
        echo_json(values)
        return
    for line in text():
        echo(line)


def through(end: datetime.date | None) -> str:
    """Return the end of a half-open period in words, with the last day that it includes.

    >>> through(datetime.date(2021, 10, 1)), through(None)
    ('through 2021-09-30', 'still in force')
    """
    return f"through {end - datetime.timedelta(days=1)}" if end else "still in force"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "release"), counted(2_000, "release")
    ('1 release', '2,000 releases')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def styled(status: Status) -> str:
    """Return a status in its colour; the colour is dropped where the output is no terminal."""
    return style(str(status), fg=STATUS_COLOURS[status])


def accepted_lines(name: str, faults: Iterable[Fault]) -> Iterator[str]:
    """Yield the lines that a release or crosswalk lacks."""
    return (f"{style('accepted', fg='yellow')} {name} is without this line: {fault}" for fault in faults)


def gap_lines(gaps: Iterable[Gap]) -> Iterator[str]:
    """Yield the gaps between releases, a line each."""
    return (
        f"{style('gap', fg='magenta')} {gap.system}, from {gap.after} to {gap.before}: {gap.reason}" for gap in gaps
    )
