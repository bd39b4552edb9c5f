"""Numbers with what they count, in the singular and the plural."""

from __future__ import annotations


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with what it counts.

    Args:
        number: How many there are.
        one: The words for one of them.
        several: The words for any other number; by default those for one, with an s.

    >>> counted(1, "release"), counted(2_000, "release")
    ('1 release', '2,000 releases')
    >>> counted(1, "entry is", "entries are"), counted(0, "entry is", "entries are")
    ('1 entry is', '0 entries are')
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
