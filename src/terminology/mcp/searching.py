"""Codes by words, as the library finds them, for somebody outside of the process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..errors import UnknownReleaseError
from ..query import Edition
from ..wire import sent
from .parameters import ArgumentError

MOST: Final = 1_000
"""Hits that are counted; who is after all codes asks for a list."""


def search(edition: Edition, text: str, *, billable: bool = False) -> Sequence[dict[str, Any]]:
    """Return the codes in force that a text finds, the best first; at most a thousand.

    Raises:
        ArgumentError: The text has no words.
        UnknownReleaseError: No release covers the day.
    """
    if not any(map(str.isalnum, text)):
        raise ArgumentError("text: expected words, or the beginning of a code, got neither")
    if edition.release is None:
        said = f"no release of {edition.definition.title} covers {edition.date}: {edition.gap}"
        raise UnknownReleaseError(f"{said}; or ask another day with on, or the newest release with version latest")
    hits = edition.search(text, MOST, headers=not billable, outgoing=True)
    return [sent(hit, edition).to_dict() for hit in hits]
