"""Take away what is around and between the characters of a code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from .numbers import GROUPS
from .rules import Damaged, Reading, Rule

LOOK_ALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХУѴаесорхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧνοιıſ‐‑‒–—−·•∙‚",  # noqa: RUF001 -- letters that only look alike are what it is about
    "ABESIJKMHOPCTXYVaecopxyijsABEZHIKMNOPTYXvoiis------...,",
)
AROUND: Final = " \t\r\n\"'`´“”„‘’‚«»=()[]{}<>,;:"  # noqa: RUF001 -- letters that only look alike are what it is about
"""Signs that are stripped off both ends."""

NULL_WORDS: Final = frozenset(
    {
        *("null", "none", "nan", "nat", "na", "n/a", "#n/a", "n.a.", "nil", "<na>", "<null>", "(null)", "#null!"),
        *("-", "--", "blank", "empty", "missing", "not available", "not applicable", "\\n"),
    }
)
"""What programs and people write into a cell that holds nothing."""


def certain(damaged: Damaged) -> Iterator[Reading]:
    """Yield what is left of a text that was cleaned: if that is a code, it is the one that was meant."""
    return ((text, rule) for text, rule in damaged.texts if rule is not None)


def cleaned(text: str) -> list[tuple[str, Rule | None]]:
    """Return the text, more and more cleaned, with the rule of the last step; what it is cleaned to is tried in full."""
    made: dict[str, Rule | None] = {text.strip(): None}
    plain = text if text.isascii() and text.isprintable() else _ascii(text)
    if plain != text:
        is_blank = plain.replace(" ", "") == "".join(one for one in text if not _is_blank(one))
        made.setdefault(plain.strip(), Rule.BLANKS if is_blank else Rule.LOOK_ALIKES)
    bare = plain.strip(AROUND)
    made.setdefault(bare, Rule.QUOTES)
    bare = re.sub(r"\s+", "", bare)
    made.setdefault(bare, Rule.BLANKS)
    if bare.count(",") == 1 and not re.fullmatch(GROUPS[0], bare):
        made.setdefault(bare.replace(",", "."), Rule.DECIMAL_COMMA)
    return list(made.items())


def _ascii(text: str) -> str:
    """Return a text with plain letters for those that look like them, and without what cannot be seen."""
    parts = unicodedata.normalize("NFKD", text.translate(LOOK_ALIKES))
    return "".join(
        " " if one.isspace() else one for one in parts if unicodedata.category(one) not in ("Mn", "Cf", "Cc")
    )


def _is_blank(one: str) -> bool:
    return one.isspace() or unicodedata.category(one) in ("Cf", "Cc")
