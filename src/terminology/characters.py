"""Characters that nobody can see, or that change how others are shown, and how they are written for people.

Titles, notes and file names come from files of others, and a terminal obeys some characters: it moves the cursor,
clears the screen, hides a text, or shows it from right to left. Others take no place, so that two codes which
differ look the same.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

BLANKS: Final = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Marks of direction, ends of lines, fillers, selectors, tags and others without a sign of their own."""
JOINERS: Final = "\u200c\u200d"
"""Zero-width non-joiner and joiner."""
JOINED: Final = "\u0620-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18aa"
"""Scripts that are misspelled without joiners, from Arabic to Mongolian. After one of their letters a joiner stays."""
SURROGATES: Final = "\ud800-\udfff"
"""Halves of a pair that stand alone: no character, and in no encoding."""
HIDDEN: Final = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f{BLANKS}{SURROGATES}]|(?<![{JOINED}])[{JOINERS}]")
LONE: Final = re.compile(f"[{SURROGATES}]")
LEADING: Final = re.compile(rf"[\s\x00-\x1f\x7f-\x9f{BLANKS}{JOINERS}]*")
"""What may stand before the first character that is seen; always a match."""


def escaped(text: str, *, keep: str = "") -> str:
    r"""Return the text with every hidden character written as an escape, as Python writes it.

    All other characters stay as they are, backslashes too, so that of a text of which the escapes matter the JSON
    has to be asked.

    Args:
        text: Any text.
        keep: Characters that stay all the same.

    >>> print(escaped("E11.9\u202e\x1b[2J\u200b, Fraktur, \u9aa8\u6298"))
    E11.9\u202e\x1b[2J\u200b, Fraktur, 骨折
    """
    if text.isascii() and text.isprintable():
        # nearly all texts
        return text
    return HIDDEN.sub(lambda found: found[0] if found[0] in keep else escape(found[0]), text)


def encodable(text: str) -> str:
    r"""Return the text with surrogates that stand alone written as escapes, so that it can be encoded.

    >>> print(encodable("a\ud800b"))
    a\ud800b
    """
    return LONE.sub(lambda found: escape(found[0]), text)


def escape(character: str) -> str:
    r"""Return the escape of one character.

    >>> print(escape("\n"), escape("\x9b"), escape("\u2028"), escape("\U000e0001"))
    \n \x9b \u2028 \U000e0001
    """
    return character.encode("unicode_escape").decode("ascii")


def without_accents(text: str) -> str:
    """Return a text with compatible characters made plain, and without accents.

    >>> without_accents("Ménière")
    'Meniere'
    """
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
