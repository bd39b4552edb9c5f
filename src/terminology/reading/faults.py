"""Collect all errors of a file, then raise them together; and what is read although its form is not the publisher's.

A line has one of four fates, and this is the one place that decides them:

- It is sound.
- It has an odd form, but can mean one thing only: a stray character before the code, padding that is one short. The
  reader takes it, and says so with `Faults.slip`; that becomes a warning which quotes the line.
- It has an error. All are raised together, and the file is rejected.
- It has an error, and the operator goes on without up to so many lines of a file: ``load --accept-faults 3``. A reader
  that leaves out each line with an error says so (``by_line``). Then it goes on, and the errors are kept in the part,
  in the release and in all that is said of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

from attrs import define, field

from ..counts import counted
from ..errors import ReleaseFaults, ReleaseFormatError
from ..model import lines_lost

REPORTED: Final = 100
"""A shifted column is an error on every line; the first hundred show it as well as all of them."""
LONGEST_MESSAGE: Final = 1_000
"""Characters of a message; a cell that is quoted in it may be far longer."""
FAULTS_OF_A_LINE: Final = 10
"""No reader names more of one line."""
FEW_SLIPS: Final = 3
QUOTED: Final = 60
"""Characters of a line that a warning quotes."""


def may_be_slips(odd: int, lines: int) -> bool:
    """Return whether so many odd lines of a file are slips: three, or one in a hundred; more are another layout.

    >>> may_be_slips(3, 10), may_be_slips(90, 9_000), may_be_slips(91, 9_000)
    (True, True, False)
    """
    return odd <= max(FEW_SLIPS, lines // 100)


@define
class Tolerance:
    """How many lines with errors a file may have, and the errors of those that a reader went on without."""

    lines: int = 0
    """How many lines with errors are accepted."""
    accepted: list[ReleaseFormatError] = field(factory=list)
    """Errors of the lines that were left out."""


_tolerance: ContextVar[Tolerance | None] = ContextVar("tolerance", default=None)


@contextlib.contextmanager
def tolerating(lines: int) -> Iterator[Tolerance]:
    """Let the readers called inside go on without up to so many lines of a file; yield what was accepted.

    >>> with tolerating(1) as tolerance:
    ...     faults = Faults("order.txt", by_line=True)
    ...     faults.add("expected '0' or '1', got 'X'", line=3, column=15)
    ...     faults.raise_if_any()
    >>> [str(error) for error in tolerance.accepted]
    ["order.txt:3: column 15: expected '0' or '1', got 'X'"]
    """
    tolerance = Tolerance(lines)
    token = _tolerance.set(tolerance)
    try:
        yield tolerance
    finally:
        _tolerance.reset(token)


@contextlib.contextmanager
def companion() -> Iterator[None]:
    """Mark errors raised inside: the file goes along with a release that is loaded without it, an index for instance.

    >>> with companion():
    ...     raise ReleaseFormatError("expected a main term", file="index.xml")
    Traceback (most recent call last):
    ...
    terminology.errors.ReleaseFormatError: index.xml: expected a main term
    """
    try:
        yield
    except (ReleaseFormatError, ReleaseFaults) as error:
        error.is_of_companion = True
        raise


class Faults:
    """The errors of one file, in the order in which they were found.

    >>> faults = Faults("order.txt")
    >>> faults.add("expected '0' or '1', got 'X'", line=3, column=15)
    >>> faults.raise_if_any()
    Traceback (most recent call last):
    ...
    terminology.errors.ReleaseFormatError: order.txt:3: column 15: expected '0' or '1', got 'X'
    """

    def __init__(self, file: str, *, by_line: bool = False) -> None:
        """Begin without errors.

        Args:
            file: Label of the file.
            by_line: Whether the reader leaves out each line that has an error, so that the rest can be taken alone.
        """
        self.file = file
        self.by_line = by_line
        self.count = 0
        self.of_file = False
        self.tolerance = _tolerance.get() or Tolerance()
        self.kept: list[ReleaseFormatError] = []
        self.slips: list[str] = []
        self.slip_count = 0

    def __bool__(self) -> bool:
        return self.count > 0

    def add(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | str | None = None,
        of_file: bool = False,
        missing_lines: int = 0,
    ) -> None:
        """Add an error; beyond the first hundred only their number is kept.

        Args:
            message: What was expected, and what was found.
            line: Where, counted from 1.
            column: Where in the line.
            of_file: Whether the file as a whole is at fault, be it seen at a line: nothing can be left out then.
            missing_lines: How many lines are missing before the line, which the reader does not leave out.
        """
        self.count += 1
        self.of_file = self.of_file or of_file or line is None
        if len(self.kept) < max(REPORTED, self.tolerance.lines * FAULTS_OF_A_LINE):
            if len(message) > LONGEST_MESSAGE:
                message = f"{message[:LONGEST_MESSAGE]} …"
            error = ReleaseFormatError(message, file=self.file, line=line, column=column)
            error.missing_lines = missing_lines
            self.kept.append(error)

    def slip(self, reason: str, text: str, *, line: int, column: int | str | None = None) -> None:
        """Note a line that is read all the same; beyond the first hundred only their number is kept.

        Args:
            reason: What is odd, and how it is read.
            text: The line as it is, or what is odd in it.
            line: Its number.
            column: Where the odd part begins.

        >>> faults = Faults("anweb.txt")
        >>> faults.slip("a stray character before the code, left out", "`A0021 00100", line=7, column=1)
        >>> faults.warnings
        ("anweb.txt:7: column 1: a stray character before the code, left out: '`A0021 00100'",)
        """
        self.slip_count += 1
        if len(self.slips) < REPORTED:
            quoted = text if len(text) <= QUOTED else f"{text[:QUOTED]} …"
            self.slips.append(
                str(ReleaseFormatError(f"{reason}: {quoted!r}", file=self.file, line=line, column=column))
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """The lines that were read all the same, for the warnings of the part."""
        more = self.slip_count - len(self.slips)
        return (
            *self.slips,
            *([f"{self.file}: {counted(more, 'more line is', 'more lines are')} read all the same"] if more else []),
        )

    @property
    def is_acceptable(self) -> bool:
        """Whether all errors are of lines that the reader leaves out, and these are no more than the operator accepts."""
        return 0 < self._acceptable_lines <= self.tolerance.lines

    @property
    def _acceptable_lines(self) -> int:
        """Number of the lines without which the reader could go on, missing ones among them; 0 where it could not, or where not all are known."""
        if not self.by_line or self.of_file or self.count > len(self.kept):
            return 0
        return lines_lost((*self.tolerance.accepted, *self.kept))

    def raise_if_any(self) -> None:
        """Raise what was added; return None where there is nothing, or where the operator goes on without the lines.

        Raises:
            ReleaseFormatError: There is exactly one error.
            ReleaseFaults: Several were.
        """
        if not self.count:
            return
        if self.is_acceptable:
            self.tolerance.accepted.extend(self.kept)
            return
        for error in self.kept:
            error.acceptable_lines = self._acceptable_lines
        if self.count == 1:
            raise self.kept[0]
        shown = "" if self.count == len(self.kept) else f" (the first {len(self.kept)} are listed)"
        raise ReleaseFaults(f"{self.file}: {self.count:,} faults{shown}", self.kept)
