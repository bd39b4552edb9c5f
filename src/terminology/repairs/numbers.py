"""Codes that were taken for numbers: a spreadsheet drops zeros at both ends, and writes exponents and separators.

``038.90`` would be shown as 38.9, so the number is that of 038.9 and of 038.90, where these are codes. A number that is
a code as it is (5.1E+02 is 510) is not filled up any more. A text with zeros before it is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ..systems import SYSTEMS, SystemDefinition
from .rules import WIDTHS, Damaged, Reading, Rule

NUMBER: Final = r"(0?|[1-9][0-9]*)(?:(\.)([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?"
"""A number as a spreadsheet shows it: without zeros before it."""
GROUPS: Final = (r"[0-9]{1,3}(?:[,'][0-9]{3})+", r"[0-9]{1,3}(?:\.[0-9]{3})+")
"""A whole number with thousands separators, as different countries write them."""
LARGEST_EXPONENT: Final = 20
"""No code has so many digits."""


def numbers(damaged: Damaged) -> Iterator[Reading]:
    """Yield what a text that is a number may be a code of; nothing for any other text."""
    for text, _ in damaged.texts:
        if any(re.fullmatch(groups, text) for groups in GROUPS):
            digits = re.sub(r"[,'.]", "", text)
            yield digits, Rule.THOUSANDS_SEPARATORS
            yield from _filled(digits, damaged)
        found = re.fullmatch(NUMBER, text)
        if found and (found[1] or found[3]):
            whole, dot, fraction, exponent = found[1], found[2], found[3] or "", found[4]
            if exponent is not None:
                yield from _scientific(whole + fraction, int(exponent) - len(fraction), damaged)
            elif dot:
                yield from _decimal(whole, fraction, text, damaged)
            else:
                yield from _filled(whole, damaged)
                yield from _ten_times(whole, damaged)
        elif damaged.definition.dot is None and re.fullmatch(r"[0-9]+\.0*", text):
            yield text.partition(".")[0], Rule.DECIMALS


def _scientific(digits: str, power: int, damaged: Damaged) -> Iterator[Reading]:
    """Yield what digits with so many zeros behind them (of a negative power: places behind the dot) may be a code of."""
    short = digits.strip("0") or "0"
    power += len(digits) - len(digits.rstrip("0")) if short != "0" else 0
    if damaged.definition.dot is None:
        yield from _with_letter_e(short, power, damaged.definition)
    if short == "0" or abs(power) > LARGEST_EXPONENT:
        return
    whole, _, fraction = format(Decimal(short).scaleb(power), "f").partition(".")
    if fraction:
        yield from filled_decimal(whole, fraction, damaged.definition, Rule.SCIENTIFIC_NOTATION)
    else:
        yield from _whole(whole, damaged, Rule.SCIENTIFIC_NOTATION)


def _with_letter_e(digits: str, power: int, definition: SystemDefinition) -> Iterator[Reading]:
    """Yield codes with an E between digits that are this number: ``2.7E+09`` is ``02700E6`` of ICD-10-PCS."""
    for length in WIDTHS.get(definition.name, (4, 5, 6, 7)):
        for place in range(1, length - 1):
            for zeros in range(place - len(digits) + 1):
                left, right = digits + "0" * zeros, power - zeros
                if 0 <= right < 10 ** (length - 1 - place):
                    yield f"{left.zfill(place)}E{right:0{length - 1 - place}}", Rule.SCIENTIFIC_NOTATION


def _decimal(whole: str, fraction: str, text: str, damaged: Damaged) -> Iterator[Reading]:
    yield from filled_decimal(whole, fraction, damaged.definition, Rule.LEADING_ZEROS)
    if not fraction.strip("0"):
        # 1574.0 is 157.4, and 015.74 without its zero as well
        yield whole, Rule.DECIMALS
        yield from _filled(whole, damaged)
    if not fraction or fraction.endswith("0"):
        # no spreadsheet shows a number so of itself: the dot may be in a wrong place, 2500.0 for 250.00 ...
        yield from placed(whole + fraction, text, damaged.definition)
        # ... or every number has as many decimals, 38.90 for 038.9; of a header that is not what was meant
        for length in range(len(fraction.rstrip("0")) or 1, len(fraction)):
            readings = filled_decimal(whole, fraction[:length], damaged.definition, Rule.ZEROS_SURPLUS)
            yield from (reading for reading in readings if damaged.billable(reading[0]))


def filled_decimal(whole: str, fraction: str, definition: SystemDefinition, rule: Rule) -> Iterator[Reading]:
    """Yield codes with a dot of which a spreadsheet shows this number: zeros at both ends may be lost."""
    if definition.dot is None or definition.name not in WIDTHS or len(whole) > definition.dot:
        return
    if fraction.isdigit() and (whole or "0").isdigit():
        code = f"{whole.zfill(definition.dot)}.{fraction}"
        yield code, rule
        yield f"{code}0", Rule.TRAILING_ZERO


def placed(letters: str, text: str, definition: SystemDefinition) -> Iterator[Reading]:
    """Yield the characters of a text with the dot in its place. Of a code that has none, no dot can have moved in it."""
    code = definition.official(letters)
    if code is not None and ("." in code or text.strip(".-").isalnum()):
        yield code, Rule.DOT
    if text.endswith("."):
        yield f"{letters}0", Rule.TRAILING_ZERO
        yield f"{letters}X", Rule.PLACEHOLDER_MISSING


def _whole(digits: str, damaged: Damaged, rule: Rule) -> Iterator[Reading]:
    """Yield the code that is this number as it is; those with zeros before it only where it is none."""
    if damaged.code(digits):
        yield digits, rule
    else:
        yield from _filled(digits, damaged)


def _filled(digits: str, damaged: Damaged) -> Iterator[Reading]:
    """Yield codes of which a spreadsheet shows this whole number."""
    definition = damaged.definition
    # of a system that is not built in nobody knows how long its codes are
    widths = range(len(digits) + 1, len(digits) + 5) if definition.name not in SYSTEMS else ()
    for width in WIDTHS.get(definition.name, widths):
        if width > len(digits):
            yield digits.zfill(width), Rule.LEADING_ZEROS
    if definition.dot is not None and definition.name in WIDTHS and len(digits) < definition.dot:
        for zeros in ("0", "00"):
            yield f"{digits.zfill(definition.dot)}.{zeros}", Rule.LEADING_ZEROS
    if definition.name == "cpt":
        yield f"{digits}0", Rule.TRAILING_ZERO


def _ten_times(digits: str, damaged: Damaged) -> Iterator[Reading]:
    """Yield the code of three digits with a zero more; a header is not what somebody submits."""
    code = damaged.billable(f"{digits}0") if damaged.definition.name in WIDTHS else None
    if code is not None and len(code) == damaged.definition.dot:
        yield code, Rule.TRAILING_ZERO
