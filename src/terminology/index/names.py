"""What a term of an index is called, and how closely a reference names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..characters import without_accents

WORD: Final = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return the text without case and accents.

    >>> folded("Ménière's disease")
    "meniere's disease"
    """
    return without_accents(text.lower())


def _names(term: str) -> set[str]:
    """Return all that a term is called: ``infarct, infarction`` is either, ``complication(s)`` one or several.

    >>> sorted(_names("infarct, infarction"))
    ['infarct', 'infarct, infarction', 'infarction']
    """
    return {form for name in {term, *term.split(", ")} for form in _forms(name)}


def _forms(name: str) -> tuple[str, ...]:
    """Return a name; where it may be of one or several, both forms too."""
    return (name, name.replace("(s)", ""), name.replace("(s)", "s")) if "(s)" in name else (name,)


EXACT, LEADING, OTHER = range(3)
"""How well a name is that of a main term: its whole title, the beginning of it up to a comma, another part of it."""


def ranked_names(title: str) -> dict[str, int]:
    """Return all that a main term is called, each with its rank.

    >>> ranked_names("disease, diseased")
    {'disease': 1, 'diseased': 2, 'disease, diseased': 0}
    """
    parts = title.removesuffix(" -").split(", ")
    ranked = {form: OTHER for part in parts for form in _forms(part)}
    for length in range(1, len(parts) + 1):
        rank = EXACT if length == len(parts) else LEADING
        ranked |= dict.fromkeys(_forms(", ".join(parts[:length])), rank)
    return ranked


def closeness(parts: Sequence[str], path: Sequence[str]) -> int:
    """Return 2 where a reference names just this path, 1 where its words only begin so, 0 where it does not.

    >>> closeness(["infarct", "myocardium"], ["infarct, infarction", "myocardium, myocardial"])
    2
    """
    if not parts or not path:
        return 2 if not parts and not path else 0
    names = _names(path[0])
    best = 0
    for length in range(1, len(parts) + 1):
        said = ", ".join(parts[:length])
        near = 2 if said in names else int(any(name.startswith(said) or said.startswith(name) for name in names))
        if near:
            best = max(best, min(near, closeness(parts[length:], path[1:])))
    return best
