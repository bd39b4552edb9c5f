"""Rows of a code list that are no entry: reported with a likely repair, where the rest of the list is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..reading import Faults
from .entries import DASHES, DIGIT

if TYPE_CHECKING:
    from ..query import Edition

SPREADSHEET_ERRORS: Final = frozenset(
    ("#N/A", "#N/A!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DIV/0!", "#SPILL!", "#CALC!")
)
"""What a spreadsheet leaves in a cell; with the sign of a comment, and none."""
UNCERTAIN: Final = re.compile(r"[\[\](){}\\^$|+=<>]|\bnot\b", re.IGNORECASE)
"""Signs of a regular expression or a negation: a code in it is not what is meant."""


@frozen
class Damaged:
    """A row of a list that is no entry. The rest of the list is read without it."""

    text: str
    """As the list has it."""
    line: int | None
    """Counted from 1; None where the list has no lines."""
    column: int | str | None
    """Counted from 1, or the name of a column; None where the whole row is meant."""
    reason: str
    """What was expected there, and what was found."""
    suggestion: str | None = None
    """The code that was probably meant, where the list was resolved."""

    @property
    def sentence(self) -> str:
        """The reason, with the code that was probably meant."""
        return f"{self.reason}; did you mean {self.suggestion}?" if self.suggestion else self.reason

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {
            "line": self.line,
            "column": self.column,
            "text": self.text,
            "reason": self.reason,
            "suggestion": self.suggestion,
        }


class RowFaults(Faults):
    """The errors of a code list, and apart from them its damaged rows.

    Args:
        file: Label of the list.
        strict: Whether a damaged row is an error as any other.
    """

    def __init__(self, file: str, *, strict: bool = False) -> None:
        super().__init__(file)
        self.strict = strict
        self.damaged: list[Damaged] = []

    def take(self, others: RowFaults) -> None:
        """Add the errors and damaged rows of a reading of a part of the list."""
        for error in others.kept:
            self.add(error.message, line=error.line, column=error.column)
        self.damaged += others.damaged

    def add_damaged(self) -> None:
        """Add the damaged rows to the errors: of a text that is no list they say what is in it."""
        for row in self.damaged:
            self.add(row.reason, line=row.line, column=row.column)


def add_damaged(faults: Faults, text: str, reason: str, *, line: int | None, column: int | str | None = None) -> None:
    """Note a row that is no entry: as damaged, or as an error where errors only are collected.

    Args:
        faults: Where to.
        text: The row as it is in the list.
        reason: What was expected, and what was found.
        line: Its line.
        column: Where in the line.
    """
    if isinstance(faults, RowFaults) and not faults.strict:
        faults.damaged.append(Damaged(" ".join(text.split()), line, column, reason))
    else:
        faults.add(reason, line=line, column=column)


def with_suggestion(row: Damaged, edition: Edition) -> Damaged:
    """Return a damaged row with the code of an edition that was probably meant, where there is one such code."""
    if row.text.upper() in SPREADSHEET_ERRORS or UNCERTAIN.search(row.text):
        return row
    if row.text[:1] in DASHES or row.text[-1:] in DASHES:
        # of half a range the reason says what to write
        return row
    meant = edition.check(row.text).suggestion
    if meant is None:
        # no code without a digit is meant by a word among others: "and" has the shape of ICD-10-CM
        words = {word.strip(",;:.()'\"") for word in row.text.split() if DIGIT.search(word)}
        codes = {edition.definition.official(word) for word in words if edition.is_valid(word)}
        meant = codes.pop() if len(codes) == 1 else None
    return evolve(row, suggestion=meant)
