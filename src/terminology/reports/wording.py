"""Show which words of a text changed."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from attrs import frozen

WORDS: Final = re.compile(r"\s+|[\w'-]+|[^\w\s]")
LONGEST: Final = 400
"""Words of a text up to which words are compared; of longer ones all counts as changed."""


@frozen
class Piece:
    """A piece of a text, and whether the other text lacks it."""

    text: str
    changed: bool


def changed_words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces, those that only one of them has marked; joined they are the texts.

    >>> old, new = changed_words("Low back pain", "Other low back pain")
    >>> [piece.text for piece in old if piece.changed], [piece.text for piece in new if piece.changed]
    (['Low'], ['Other low'])
    """
    left, right = WORDS.findall(before), WORDS.findall(after)
    if len(left) > LONGEST or len(right) > LONGEST:
        return (Piece(before, before != after),), (Piece(after, before != after),)
    old: list[Piece] = []
    new: list[Piece] = []
    for action, i, j, m, n in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        old.append(Piece("".join(left[i:j]), action != "equal"))
        new.append(Piece("".join(right[m:n]), action != "equal"))
    return _shown(old), _shown(new)


def _shown(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)
