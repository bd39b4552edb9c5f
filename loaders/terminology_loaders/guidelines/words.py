"""Lines made into paragraphs: what the printer divided is joined, and gaps that only the typesetting made are closed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from .document import Line

LEADING: Final = 1.45
"""Lines that are further apart, in sizes of their type, are of two paragraphs."""
WIDTH: Final = 0.45
"""Of a character on average, in sizes of its type."""
SHORT: Final = 0.88
"""A line that ends before this part of the width of the page, though the next word would fit, ends a paragraph."""
BULLET: Final = re.compile(r"[•▪●·o\uf0b7\uf0a7-]\s")
GAP: Final = re.compile(r"(?<=\w) -(?=\w)|(?<=\d-) (?=\d)")
LAST: Final = 200
"""Characters of a text in which its last word is."""
TOKEN: Final = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*")  # noqa: RUF001 -- as printed


class Words:
    """The words of a document, by which a hyphen at the end of a line is known to be one."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._counts: Counter[str] = Counter()
        for line in lines:
            self._counts.update(TOKEN.findall(line.text.rstrip("-")))

    def seam(self, before: str, after: str) -> str | None:
        """Return what is between two lines that are one: a blank, nothing, or None where the hyphen before goes.

        A hyphen stays, unless the word is written without it elsewhere.
        """
        if before.endswith("/"):
            return ""
        if not before.endswith("-") or before.endswith((" -", "--")):
            return " "
        left, right = TOKEN.findall(before[:-1])[-1:], TOKEN.findall(after)[:1]
        if left and right and left[0].islower() and right[0].islower():
            whole, hyphenated = left[0] + right[0], f"{left[0]}-{right[0]}"
            if self._counts[whole] and not self._counts[hyphenated]:
                return None
        return ""


def mended(text: str) -> str:
    """Return a text without the blanks that kerning made around a hyphen.

    >>> mended("ICD -10, T36- 50, but 2019 - 2020")
    'ICD-10, T36-50, but 2019 - 2020'
    """
    return GAP.sub(lambda found: found[0].strip(), text)


def paragraphs(lines: Sequence[Line], words: Words, right: float) -> str:
    """Return lines as text, one paragraph a line.

    Args:
        lines: In reading order.
        words: Of the document.
        right: Where lines of running text end, in points.
    """
    made: list[list[str]] = []
    before: Line | None = None
    end = ""
    for line in lines:
        if before is None or _begins(before, line, right):
            made.append([line.text])
            end = line.text
        else:
            seam, pieces = words.seam(end, line.text), made[-1]
            if seam is None:
                pieces[-1], end = pieces[-1][:-1], end[:-1]
            pieces += [seam or "", line.text]
            end = f"{end}{seam or ''}{line.text}"[-LAST:]
        before = line
    return "\n".join(mended("".join(pieces)) for pieces in made)


def end_of(line: Line) -> float:
    """Return about where a line ends, in points."""
    return line.left + WIDTH * line.size * len(line.text)


def has_room(before: Line, line: Line, right: float) -> bool:
    """Return whether the first word of a line would have had room on the line before."""
    word = line.text.split(" ", 1)[0]
    return end_of(before) + WIDTH * line.size * (len(word) + 1) < SHORT * right


def _begins(before: Line, line: Line, right: float) -> bool:
    """Return whether a line begins a paragraph."""
    if BULLET.match(line.text):
        return True
    is_short = not before.text.endswith("-") and has_room(before, line, right)
    if before.page != line.page:
        return is_short and before.text.endswith((".", ":", "?"))
    return before.height - line.height > LEADING * max(line.size, 1) or is_short
