"""One cell of a column of codes: the code that it is, or the codes that it may have been before it became a number.

A number has no leading zeros: a spreadsheet, or a column of integers, makes ``038.9`` of ICD-9-CM to 38.9, the CPT
code ``00100`` to 100. A number with decimals has no zeros at its end either: 250.00 is 250. So a number means
what it looks like only where no other code in force becomes the same number; else a person decides.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from ..repairs import NULL_WORDS
from ..status import Status
from ..systems import SystemDefinition

if TYPE_CHECKING:
    from ..query import Edition

MARK: Final = f"\0{os.urandom(12).hex()}"
"""With it begins the text of a cell that was a number. Each process has another one, so no text of a file can begin so."""
WHOLE: Final = f"{MARK}i"
"""Mark of a cell that was a whole number in a column of whole numbers."""
NUMBER: Final = f"{MARK}n"
"""Mark of a cell that was a number which may have decimals."""
MARK_LENGTH: Final = len(WHOLE)
DIGITS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
MOST_ZEROS: Final = 6
"""Of leading zeros: no code of digits is longer than seven characters."""
MOST_DECIMALS: Final = 2


class Cell(NamedTuple):
    """A cell of a column of codes."""

    text: str
    """As it is read; of a number its digits."""
    is_number: bool = False
    """Whether it was a number."""
    has_decimals: bool = False
    """Of a number: whether it may have lost zeros at its end as well."""


class Reading(NamedTuple):
    """What a cell means."""

    code: str | None
    """In official form, of an unknown code as it is written; None where it is empty, damaged or no code."""
    candidates: tuple[str, ...] = ()
    """Of a damaged number: the codes in force that it may have been, itself as it is written among them."""
    is_empty: bool = False


def marked(value: float | Decimal) -> str | None:
    """Return a number as the text of a cell that says that it was one; None where it is no number.

    >>> cell_of(marked(250.0)), cell_of(marked(100))
    (Cell(text='250', is_number=True, has_decimals=True), Cell(text='100', is_number=True, has_decimals=False))
    """
    if isinstance(value, int):
        return f"{WHOLE}{value}"
    if not math.isfinite(value):
        return None
    if value == int(value):
        return f"{NUMBER}{int(value)}"
    # how many decimals a decimal has is the column's to say, not the code's: 401.90 was 401.9 or 401.90
    return f"{NUMBER}{format(value.normalize(), 'f') if isinstance(value, Decimal) else value}"


def cell_of(text: str) -> Cell:
    """Return the cell of a text that may begin with a mark.

    >>> cell_of("\\0n250")
    Cell(text='\\x00n250', is_number=False, has_decimals=False)
    """
    if not text.startswith(MARK):
        return Cell(text)
    mark = text[:MARK_LENGTH]
    return Cell(text[MARK_LENGTH:], is_number=True, has_decimals=mark == NUMBER)


def reading_of(cell: Cell, edition: Edition) -> Reading:
    """Return what a cell means in an edition.

    >>> edition = store["icd10cm"].release("2022")
    >>> reading_of(Cell("e119"), edition).code, reading_of(Cell("NULL"), edition).is_empty
    ('E11.9', True)
    """
    text = cell.text.strip()
    if not text:
        return Reading(None, is_empty=True)
    if text.lower() in NULL_WORDS and not edition.is_valid(text):
        return Reading(None, is_empty=True)
    definition = edition.definition
    written = official_code(text, definition)
    if written is not None and edition.status(text) is Status.UNKNOWN:
        # it may be a code of another system, which has its dot elsewhere
        written = text
    if not cell.is_number:
        return Reading(written)
    candidates = tuple(code for code in number_readings(cell, definition) if edition.is_valid(code))
    if candidates in ((), (written,)):
        return Reading(written)
    return Reading(None, candidates)


def official_code(text: str, definition: SystemDefinition) -> str | None:
    """Return the code of a text in official form; of an expression (``99213:25``) that of its base."""
    code = definition.official(text)
    if code is None and definition.postcoordinated:
        code = definition.official(text.partition(":")[0])
    return code


def number_readings(cell: Cell, definition: SystemDefinition) -> Iterator[str]:
    """Yield the codes, in force or not, that become the number of a cell, that which looks like it first.

    >>> from terminology.systems import SYSTEMS
    >>> list(number_readings(Cell("38.9", True, True), SYSTEMS["icd9cm"]))
    ['038.9', '038.90']
    >>> list(number_readings(Cell("100", True), SYSTEMS["cpt"]))
    ['00100']
    """
    if not DIGITS.fullmatch(cell.text):
        return
    whole, _, fraction = cell.text.partition(".")
    fractions = [fraction]
    if cell.has_decimals and definition.dot is not None:
        fractions += [fraction + "0" * more for more in range(1, MOST_DECIMALS - len(fraction) + 1)]
    seen = set()
    for decimals in fractions:
        for zeros in range(MOST_ZEROS + 1):
            text = "0" * zeros + whole + (f".{decimals}" if decimals else "")
            code = definition.official(text)
            if code is not None and code not in seen and definition.pattern.fullmatch(code):
                seen.add(code)
                yield code


class TextNumbers:
    """Whether the texts of a column were numbers before they were written as text, by all of them together.

    Some lost zeros at their beginning, and none has any there or at its end; or all of them are whole numbers.

    >>> from terminology.systems import SYSTEMS
    >>> column = TextNumbers(SYSTEMS["icd9cm"])
    >>> for text in ("V10.3", "250", "38.9"):
    ...     column.see(text)
    >>> column.cell("250").is_number
    True
    >>> column.see("250.00")
    >>> column.cell("250").is_number
    False
    """

    def __init__(self, definition: SystemDefinition) -> None:
        self._definition = definition
        self._has_lost = self._has_zeros = self._has_others = False

    def see(self, text: str) -> None:
        """Take one more text of the column into account."""
        text = text.strip()
        if not text or text.lower() in NULL_WORDS:
            return
        if not DIGITS.fullmatch(text):
            self._has_others = True
        elif text.startswith("0") or (text.endswith("0") and "." in text):
            self._has_zeros = True
        else:
            self._has_others = self._has_others or "." in text
            if not (self._has_lost or self._has_zeros):
                readings = tuple(number_readings(Cell(text), self._definition))
                self._has_lost = bool(readings) and official_code(text, self._definition) not in readings

    def cell(self, text: str) -> Cell:
        """Return the cell of a text of the column, which may have a mark."""
        cell = cell_of(text)
        bare = cell.text.strip()
        if cell.is_number or self._has_zeros or not DIGITS.fullmatch(bare):
            return cell
        if self._has_lost and self._has_others:
            return Cell(bare, is_number=True, has_decimals=True)
        return cell if self._has_others else Cell(bare, is_number=True)


def is_code_shaped(text: str, definition: SystemDefinition) -> bool:
    """Return whether a text has the form of a code with a digit in it: words of three letters have the form alone.

    >>> from terminology.systems import SYSTEMS
    >>> is_code_shaped("e119", SYSTEMS["icd10cm"]), is_code_shaped("the", SYSTEMS["icd10cm"])
    (True, False)
    """
    if not any(map(str.isdigit, text)):
        return False
    code = definition.official(text)
    return code is not None and definition.pattern.fullmatch(code) is not None


def shaped_as(definition: SystemDefinition) -> Callable[[str], bool]:
    """Return a function that says whether a text has the form of a code of a system."""
    return lambda text: is_code_shaped(text, definition)


def is_known(text: str, edition: Edition) -> bool:
    """Return whether a text is a code that the releases know, in force or not."""
    return edition.status(text) not in (Status.UNKNOWN, Status.MALFORMED, Status.UNCOVERED) and is_code_shaped(
        text, edition.definition
    )
