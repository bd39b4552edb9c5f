"""The kinds of damage, each with the name under which a repair is reported."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from ..status import Status
from ..systems import SystemDefinition


class Rule(StrEnum):
    """The kind of damage that a repair undoes."""

    QUOTES = "quotes"
    """Quotation marks, brackets, or the ``=`` of a formula around it."""
    BLANKS = "blanks"
    """Blanks or invisible characters in it."""
    SIGNS = "signs"
    """Hyphens or other signs in it."""
    LOOK_ALIKES = "look_alikes"
    """Letters of another alphabet that look like those of a code."""
    DECIMAL_COMMA = "decimal_comma"
    """A comma in place of the dot."""
    THOUSANDS_SEPARATORS = "thousands_separators"
    """Taken for a number, and written as ``25,000``."""
    SCIENTIFIC_NOTATION = "scientific_notation"
    """Taken for a number, and written as ``5.1E+02``."""
    DECIMALS = "decimals"
    """Taken for a number, and written with ``.0``."""
    LEADING_ZEROS = "leading_zeros"
    """Zeros before it lost."""
    TRAILING_ZERO = "trailing_zero"
    """The zero behind it lost."""
    DOT = "dot"
    """The dot in a wrong place, or twice."""
    CONFUSED_CHARACTERS = "confused_characters"
    """O for 0, I or l for 1, or the other way round."""
    PLACEHOLDER_MISSING = "placeholder_missing"
    """The placeholder X missing before the seventh character."""
    PLACEHOLDER_SURPLUS = "placeholder_surplus"
    """The placeholder X too often, or behind a code that takes no seventh character."""
    SEVENTH_CHARACTER_MISSING = "seventh_character_missing"
    """Placeholders without the seventh character behind them."""
    SEVENTH_CHARACTER_SURPLUS = "seventh_character_surplus"
    """A seventh character behind a code that takes none."""
    ZEROS_SURPLUS = "zeros_surplus"
    """Zeros before or behind it that do not belong to it."""


class Repair(NamedTuple):
    """A code that a text may have been meant for, and the damage that this supposes."""

    code: str
    """In official form."""
    rule: Rule
    """Name of the damage."""


Reading = tuple[str, Rule]
"""A text that may be a code, in any accepted form, and the damage that it supposes."""
VARIANTS: Final = frozenset({"icd10", "icd10cm", "icd10gm"})
"""Systems whose codes are of one kind: that a code of one is in another says nothing about where it belongs."""
WIDTHS: Final = {"icd9cm": (3, 4, 5), "icd9pcs": (2, 3, 4), "cpt": (2, 5), "icd10pcs": (7,)}
"""Lengths, without the dot, of codes that may be all digits."""


class Damaged(NamedTuple):
    """What is to be repaired."""

    texts: list[tuple[str, Rule | None]]
    """The text as it was given, and more and more cleaned, with the rule of the last step."""
    definition: SystemDefinition
    status: Callable[[str], Status]
    """Of a text in official form; only a code in force may be proposed."""

    def code(self, reading: str) -> str | None:
        """Return the code in force that a text is in any accepted form; None where it is none."""
        code = self.definition.official(reading)
        return code if code is not None and self.status(code).valid else None

    def billable(self, reading: str) -> str | None:
        """Return the billable code that a text is in any accepted form; None where it is none."""
        code = self.definition.official(reading)
        return code if code is not None and self.status(code).billable else None
