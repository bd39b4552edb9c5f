"""Collect all errors of a file, then raise them together; and what is read although its form is not the publisher's.

A line has one of three fates, and this is the one place that decides them:

- It has an error. All are raised together, and the file is rejected.
- It has an odd form, but can mean one thing only: a stray character before the code, padding that is one short. The
  reader takes it, and says so with `Faults.slip`; that becomes a warning which quotes the line.
- It is sound.
"""

from __future__ import annotations

from typing import Final

from ..errors import ReleaseFaults, ReleaseFormatError

REPORTED: Final = 100
"""A shifted column is an error on every line; the first hundred show it as well as all of them."""
LONGEST_MESSAGE: Final = 1_000
"""Characters of a message; a cell that is quoted in it may be far longer."""
QUOTED: Final = 60
"""Characters of a line that a warning quotes."""


class Faults:
    """The errors of one file, in the order in which they were found.

    >>> faults = Faults("order.txt")
    >>> faults.add("expected '0' or '1', got 'X'", line=3, column=15)
    >>> faults.raise_if_any()
    Traceback (most recent call last):
    ...
    terminology.errors.ReleaseFormatError: order.txt:3: column 15: expected '0' or '1', got 'X'
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.kept: list[ReleaseFormatError] = []
        self.slips: list[str] = []
        self.slip_count = 0

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, message: str, *, line: int | None = None, column: int | str | None = None) -> None:
        """Add an error; beyond the first hundred only their number is kept."""
        self.count += 1
        if len(self.kept) < REPORTED:
            if len(message) > LONGEST_MESSAGE:
                message = f"{message[:LONGEST_MESSAGE]} …"
            self.kept.append(ReleaseFormatError(message, file=self.file, line=line, column=column))

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
        return (*self.slips, *([f"{self.file}: {more:,} more lines are read all the same"] if more else []))

    def raise_if_any(self) -> None:
        """Raise what was added; return None where there is nothing.

        Raises:
            ReleaseFormatError: There is exactly one error.
            ReleaseFaults: Several were.
        """
        if not self.count:
            return
        if self.count == 1:
            raise self.kept[0]
        shown = "" if self.count == len(self.kept) else f" (the first {len(self.kept)} are listed)"
        raise ReleaseFaults(f"{self.file}: {self.count:,} faults{shown}", self.kept)
