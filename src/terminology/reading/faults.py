"""Collect all errors of a file, then raise them together."""

from __future__ import annotations

from typing import Final

from ..errors import ReleaseFaults, ReleaseFormatError

REPORTED: Final = 100
"""A shifted column is an error on every line; the first hundred show it as well as all of them."""
LONGEST_MESSAGE: Final = 1_000
"""Characters of a message; a cell that is quoted in it may be far longer."""


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

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, message: str, *, line: int | None = None, column: int | str | None = None) -> None:
        """Add an error; beyond the first hundred only their number is kept."""
        self.count += 1
        if len(self.kept) < REPORTED:
            if len(message) > LONGEST_MESSAGE:
                message = f"{message[:LONGEST_MESSAGE]} …"
            self.kept.append(ReleaseFormatError(message, file=self.file, line=line, column=column))

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
