"""Codes by words of their titles: what `terminology.fhir.titles` finds, as rows of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from ..fhir.code_systems import matches_words
from ..fhir.loaded_systems import LoadedSystem
from ..query import Edition
from .parameters import ArgumentError
from .publications import Publication


@frozen
class Hits:
    """The codes that a text finds, in document order."""

    text: str
    system: LoadedSystem
    codes: Sequence[str]

    def row(self, code: str) -> dict[str, Any]:
        """Return a hit; it has no score, for hits are not ranked."""
        concept = self.system.concept(code)
        title = concept.display if concept else None
        return {
            "code": code,
            "title": title,
            "billable": concept is not None and not concept.is_abstract,
            "score": None,
            "matched": "title" if title and matches_words(self.text, [title]) else "code",
        }


def search(publication: Publication, edition: Edition, text: str, *, billable: bool = False) -> Hits:
    """Return the codes in force whose titles have all words of a text, or that begin with one.

    Titles that may not leave the process are not searched: that they are found would tell their words.

    Raises:
        ArgumentError: The text has no words.
        UnknownReleaseError: No release covers the day.
    """
    if not any(map(str.isalnum, text)):
        raise ArgumentError("text: expected words of a title or the beginning of a code, got neither")
    system = publication.searched(edition)
    found = list(system.found(text))
    return Hits(text, system, [code for code in found if edition.is_billable(code)] if billable else found)
