"""Damage to the characters themselves: dots, placeholders, letters that look like digits, and what is too much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from ..systems import SYSTEMS, SystemDefinition
from .numbers import filled_decimal, placed
from .rules import VARIANTS, Damaged, Reading, Rule

EXTENSIONS: Final = "ABCDEFGHJKMNPQRS0123456789"
"""What seventh characters of ICD-10-CM may be."""
DIGITS_AND_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEVENTH_PLACE: Final = 6
LONGEST_DAMAGED: Final = 32
"""Characters; what is longer is no damaged code."""
MOST_CONFUSED: Final = 6
"""Of more characters that look like others, not every choice is tried."""


def damages(damaged: Damaged) -> Iterator[Reading]:
    """Yield what a text may be a code of whose characters were damaged in one way."""
    definition = damaged.definition
    for text, _ in damaged.texts:
        letters = re.sub(r"[^0-9A-Za-z]", "", text)
        if not letters or len(letters) > LONGEST_DAMAGED:
            continue
        if letters != text:
            yield from _without_signs(letters, text, definition)
        upper = letters.upper() if definition.folded else letters
        yield from _zero_lost(upper, definition)
        if definition.name in VARIANTS:
            yield from _placeholders(upper)
        # 0.66 is a number, and no O66
        first = "." not in text or text.find(".") == definition.dot
        for meant in _unconfused(letters, definition, with_first=first):
            yield meant, Rule.CONFUSED_CHARACTERS
            if definition.name in VARIANTS:
                yield from ((code, Rule.CONFUSED_CHARACTERS) for code, _ in _placeholders(meant))


def _without_signs(letters: str, text: str, definition: SystemDefinition) -> Iterator[Reading]:
    if definition.dot is None:
        yield letters, Rule.SIGNS
    else:
        # with one of two zeros left before it, it is no number, and was one all the same
        whole, _, fraction = text.partition(".")
        yield from filled_decimal(whole, fraction, definition, Rule.LEADING_ZEROS)
        yield from placed(letters, text, definition)


def _zero_lost(upper: str, definition: SystemDefinition) -> Iterator[Reading]:
    """Yield codes with letters in them of which a zero at one end was lost."""
    if definition.name == "icd10pcs" and SEVENTH_PLACE - 1 <= len(upper) <= SEVENTH_PLACE:
        yield upper.zfill(SEVENTH_PLACE + 1), Rule.LEADING_ZEROS
        yield f"{upper}0", Rule.TRAILING_ZERO
    elif definition.name == "cpt" and re.fullmatch(r"[0-9]{1,3}[AFMTU]", upper):
        yield upper.zfill(5), Rule.LEADING_ZEROS


def _placeholders(letters: str) -> Iterator[Reading]:
    """Yield codes of ICD-10 with another number of placeholders in one place, or a seventh character behind them."""
    for place in range(3, len(letters)):
        for number in range(1, SEVENTH_PLACE + 2 - len(letters)):
            yield f"{letters[:place]}{'X' * number}{letters[place:]}", Rule.PLACEHOLDER_MISSING
    for run in re.finditer(r"X+", letters[3:]):
        head, tail = letters[: 3 + run.start()], letters[3 + run.end() :]
        for number in range(len(run[0])):
            yield f"{head}{'X' * number}{tail}", Rule.PLACEHOLDER_SURPLUS
    if letters.endswith("X") and len(letters) <= SEVENTH_PLACE:
        stem = letters.ljust(SEVENTH_PLACE, "X")
        yield from ((stem + one, Rule.SEVENTH_CHARACTER_MISSING) for one in EXTENSIONS)


def _unconfused(raw: str, definition: SystemDefinition, *, with_first: bool) -> Iterator[str]:
    """Yield the text with a digit for each letter that looks like it where such a letter cannot be, and the other way.

    Letters that can be there (the L of ICD-10-PCS) are left; a small l may be a 1 all the same. Y93.I1 of ICD-10-CM has
    an I in it, so every choice of the places is tried.
    """
    letters = _choices(definition)
    choices = [letters.get(one, one if one == "l" else one.upper()) for one in raw]
    if definition.name in VARIANTS and with_first:
        choices[0] = {"l": "LI", "0": "O", "1": "IL"}.get(raw[0], raw[0].upper())
    elif definition.name == "hcpcs":
        choices[0] = raw[0].upper()
    if sum(len(choice) > 1 for choice in choices) > MOST_CONFUSED:
        choices = [choice[-1] for choice in choices]
    plain = raw.upper() if definition.folded else raw
    for chosen in product(*choices):
        meant = "".join(chosen)
        if meant != plain:
            yield meant


def _choices(definition: SystemDefinition) -> dict[str, str]:
    """Return what a character may be meant for: itself, and then what looks like it."""
    if definition.name == "icd10pcs":
        return {"O": "0", "o": "0", "I": "1", "i": "1", "l": "L1"}
    found = {"O": "O0", "o": "O0", "I": "I1", "i": "I1", "L": "L1", "l": "L1"}
    return found if definition.name in SYSTEMS else {**found, "0": "0O", "1": "1I"}


def surplus(damaged: Damaged) -> Iterator[Reading]:
    """Yield what a text may be a code of that has zeros or a seventh character too many; of codes of one length nothing."""
    for text, _ in damaged.texts if damaged.definition.dot is not None else ():
        letters = re.sub(r"[^0-9A-Z]", "", text.upper())
        # without its zeros a code of a header is the header, and not what was meant
        shorter = (letters[:-number] for number in range(1, 1 + len(letters) - len(letters.rstrip("0"))))
        code = next(filter(None, map(damaged.billable, shorter)), None)
        if code is not None:
            yield code, Rule.ZEROS_SURPLUS
        # before a code any number of zeros may be its own, and a dot is where it belongs
        for number in range(1, 1 + min(len(text) - len(text.lstrip("0")), LONGEST_DAMAGED)):
            if code := damaged.billable(text[number:]):
                yield code, Rule.ZEROS_SURPLUS
        if damaged.definition.name == "icd10cm":
            yield from _without_seventh(letters, damaged)


def _without_seventh(letters: str, damaged: Damaged) -> Iterator[Reading]:
    """Yield the code before a seventh character, where neither it nor a code below it takes one."""
    stem = re.sub(r"X*[A-HJKMNP-S]$", "", letters)
    code = damaged.code(stem) if stem != letters else None
    if code is None or any(map(damaged.code, (f"{stem.ljust(SEVENTH_PLACE, 'X')}{one}" for one in EXTENSIONS))):
        return
    # below R51 are codes only; below S72.0 are headers, and S72.0A has lost what is between it and its seventh character
    below = filter(None, (damaged.code(f"{stem}{one}") for one in DIGITS_AND_LETTERS))
    if all(damaged.status(one).billable for one in below):
        yield code, Rule.SEVENTH_CHARACTER_SURPLUS
