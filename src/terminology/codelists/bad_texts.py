"""What is wrong with a text that is no code, and what it was probably meant for."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..columns import Cell, Reading
from ..repairs import NULL_WORDS, Rule
from ..schema import UNCOUNTED_KINDS

if TYPE_CHECKING:
    from ..query import Edition

SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
SPREADSHEET_ERROR: Final = re.compile(r"#[A-Z/0]+[!?]?")
DAY: Final = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}( .*)?|\d{1,2}-[a-z]{3}(-\d{2,4})?|[a-z]{3}-\d{2,4}", re.IGNORECASE
)
BETWEEN: Final = re.compile(r"[\s,;|/+&]+")


class Unrepaired(StrEnum):
    """What is wrong with a text that no rule repairs."""

    SPREADSHEET_ERROR = "spreadsheet_error"
    """It is an error of a spreadsheet: #REF!."""
    DAY = "day"
    """It is a day, or a spreadsheet took it for one."""
    SEVERAL_CODES = "several_codes"
    """There are several codes in one cell."""
    NULL_WORD = "null_word"
    """It is a word for nothing: NULL."""
    OTHER_SYSTEM = "other_system"
    """It is a code of another system."""
    NO_CODE = "no_code"
    """None of these."""


def outcome_of(found: BadText) -> str:
    """Return the outcome of the rows of a text that is no code."""
    return "damaged" if found.is_number else "malformed"


@frozen
class BadText:
    """A text of a column that cannot be a code of the system."""

    text: str
    """As the column has it."""
    rows: int
    """With the text."""
    kind: Rule | Unrepaired
    """The damage that was repaired, or that shows; else what the text is."""
    suggestion: str | None = None
    """The code that it was probably meant for."""
    candidates: tuple[str, ...] = ()
    """The codes that it may have been, where there are several; or the codes that are in one cell."""
    other_systems: tuple[str, ...] = ()
    """Short names of the systems that know it."""
    reason: str = ""
    """A sentence on what it is."""
    is_number: bool = False
    """Whether it was a number in a column of numbers."""

    @property
    def repair(self) -> str:
        """The codes that it was probably meant for, as one text; empty where none is known."""
        if self.suggestion:
            return self.suggestion
        if self.candidates:
            return (" + " if self.kind is Unrepaired.SEVERAL_CODES else " or ").join(self.candidates)
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return the text as plain values."""
        return {
            "text": self.text,
            "rows": self.rows,
            "kind": str(self.kind),
            "suggestion": self.suggestion,
            "candidates": list(self.candidates),
            "other_systems": list(self.other_systems),
            "reason": self.reason,
        }


def bad_text(cell: Cell, rows: int, reading: Reading, edition: Edition) -> BadText:
    """Return what is wrong with the text of a cell that is no code of an edition.

    >>> from terminology.columns import reading_of
    >>> edition = store["icd10cm"].release("2022")
    >>> def found(text):
    ...     return bad_text(Cell(text), 1, reading_of(Cell(text), edition), edition)
    >>> found("E11.9, M54.9").candidates, str(found("5.1E+02").kind)
    (('E11.9', 'M54.9'), 'scientific_notation')
    >>> found("250.00").reason
    "'250.00' cannot be a code of ICD-10-CM; it is a code of ICD-9-CM diagnoses"
    """
    text = cell.text.strip()
    if reading.candidates:
        only = reading.candidates[0] if len(reading.candidates) == 1 else None
        several = () if only else reading.candidates
        said = f"{text} is a number, and the code that it was may have lost zeros"
        return BadText(cell.text, rows, Rule.LEADING_ZEROS, only, several, reason=said, is_number=True)
    if SPREADSHEET_ERROR.fullmatch(text):
        return BadText(cell.text, rows, Unrepaired.SPREADSHEET_ERROR, reason=f"{text} is an error of a spreadsheet")
    parts = [part for part in BETWEEN.split(text) if part]
    if len(parts) > 1 and all(_is_code(part, edition) for part in parts):
        codes = tuple(dict.fromkeys(edition.definition.official(part) or part for part in parts))
        said = f"{text!r} is several codes in one cell"
        return BadText(cell.text, rows, Unrepaired.SEVERAL_CODES, candidates=codes, reason=said)
    explained = edition.explain(text)
    only = explained.suggestions[0] if len(explained.suggestions) == 1 else None
    kinds = (
        (text.lower() in NULL_WORDS, Unrepaired.NULL_WORD),
        (explained.rules, Rule(explained.rules[0]) if explained.rules else Unrepaired.NO_CODE),
        (SCIENTIFIC.fullmatch(text), Rule.SCIENTIFIC_NOTATION),
        (DAY.fullmatch(text), Unrepaired.DAY),
        (explained.other_systems, Unrepaired.OTHER_SYSTEM),
    )
    kind = next((kind for is_it, kind in kinds if is_it), Unrepaired.NO_CODE)
    several = () if only else explained.suggestions
    return BadText(cell.text, rows, kind, only, several, explained.other_systems, explained.reason)


def _is_code(text: str, edition: Edition) -> bool:
    """Return whether a text is a code in force: a chapter is none, as ``9`` in ``E11,9``."""
    concept = edition.get(text) if edition.is_valid(text) else None
    return concept is not None and concept.kind not in UNCOUNTED_KINDS
