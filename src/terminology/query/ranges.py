"""Codes and ranges of codes that a title states: ``Neoplasms (C00-D49)``, ``Pain - Category G89``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

CODE: Final = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
STATED: Final = re.compile(rf"\b({CODE})(?:\.?-(?![0-9A-Z]))?(?:\s*(?:[-–—]|to|through)\s*({CODE}))?\b")  # noqa: RUF001 -- as printed


def is_from_to(plain: str, first: str, last: str) -> bool:
    """Return whether a code is from a first to a last one, or below either, by the order of letters and digits.

    All are without dots. In document order ``C4A`` is between ``C43`` and ``C44``; here it is behind both.

    >>> is_from_to("D490", "C00", "D49"), is_from_to("D50", "C00", "D49"), is_from_to("C4A", "C43", "C44")
    (True, False, False)
    """
    return first <= plain and plain[: len(last)] <= last


@frozen
class Range:
    """Codes from one to another, with all that is below both."""

    first: str
    last: str

    def __contains__(self, code: object) -> bool:
        """Return whether a code in official form is in the range.

        >>> "D49.0" in Range("C00", "D49"), "D50" in Range("C00", "D49"), "O9A.1" in Range("O00", "O9A")
        (True, False, True)
        """
        if not isinstance(code, str) or not code:
            return False
        return is_from_to(*(text.replace(".", "") for text in (code, self.first, self.last)))

    def is_wider_than_any(self, chapters: Sequence[Range]) -> bool:
        """Return whether it is in no single chapter, where chapters are known."""
        return bool(chapters) and not any(self.first in one and self.last in one for one in chapters)


def ranges_in(title: str) -> tuple[Range, ...]:
    """Return the codes and ranges that a title states, in its order.

    >>> ranges_in("Chapter 5: Mental disorders (F01-F99)"), ranges_in("Pain - Category G89")
    ((Range(first='F01', last='F99'),), (Range(first='G89', last='G89'),))
    >>> ranges_in("COVID-19 in 2020")
    ()
    """
    return tuple(Range(first, last or first) for first, last in STATED.findall(title))
