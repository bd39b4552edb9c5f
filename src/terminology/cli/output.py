"""The phrases of what the program prints."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ..counts import counted
from ..model import Status
from .printing import echo, echo_json, style

if TYPE_CHECKING:
    from ..errors import ReleaseFormatError
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


def styled(status: Status) -> str:
    """Return a status in its colour; the colour is dropped where the output is no terminal."""
    return style(str(status), fg=STATUS_COLOURS[status])


def accepted_lines(name: str, faults: Iterable[Fault]) -> Iterator[str]:
    """Yield the lines that a release or crosswalk lacks."""
    for fault in faults:
        what = "is not whole" if fault.missing_lines else "is without this line"
        yield f"{style('accepted', fg='yellow')} {name} {what}: {fault}"


def gap_lines(gaps: Iterable[Gap]) -> Iterator[str]:
    """Yield the gaps between releases, a line each."""
    return (
        f"{style('gap', fg='magenta')} {gap.system}, from {gap.after} to {gap.before}: {gap.reason}" for gap in gaps
    )


def rejected_lines(errors: Iterable[ReleaseFormatError], option: str, *, shown: int | None = None) -> Iterator[str]:
    """Yield the errors of rejected files; where a file could be loaded without the lines at fault, by which option.

    Args:
        errors: Those of one file together.
        option: What the operator writes, with ``{}`` in place of the number of lines.
        shown: How many errors of a file are shown; by default all.
    """
    for file, group in groupby(errors, lambda error: error.file):
        listed = list(group)
        yield from (f"{style('rejected', fg='red')} {error}" for error in listed[:shown])
        if shown is not None and len(listed) > shown:
            yield f"  {counted(len(listed) - shown, 'more error')} of {file}: --verbose and --json list all"
        if lines := max(error.acceptable_lines for error in listed):
            these = "this line" if lines == 1 else f"these {lines:,} lines"
            yield f"  to load {file} without {these}: {option.format(lines)}"
