"""An index term by term: its letters, the main terms of each, and what stands below a term."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from ..query import Edition
from .places import TermPath, letter_of
from .tables import Index, indexes_of
from .terms import IndexEntry

ARROW: Final = " > "


@frozen
class Term:
    """A term of an index, where it stands."""

    path: TermPath
    """From the main term down."""
    entries: tuple[IndexEntry, ...]
    """One for each target: several in the index of ICD-10-PCS; none where a term has only others below it."""
    below: int
    """Terms below it, at any depth."""


@frozen
class Volume:
    """One of the indexes of a code system, to be walked through. Made by `volumes`."""

    index: Index
    """What it is read from."""

    @property
    def which(self) -> str:
        """Its name: alphabetic, external (causes), neoplasm or drug."""
        return self.index.which

    @property
    def version(self) -> str:
        """Of the release that it came with."""
        return self.index.release.version

    @property
    def borrowed(self) -> bool:
        """Whether it is another release's, as that of the edition came without it."""
        return self.index.is_borrowed

    @property
    def letters(self) -> dict[str, int]:
        """The first letters of its main terms, with how many begin so; ``0-9`` for those that begin with a digit."""
        return {letter: len(terms) for letter, terms in self.index.rows.places.letters.items()}

    def letter_of(self, term: str) -> str:
        """Return the letter under which a main term is found."""
        return letter_of(term)

    def main_terms(self, letter: str) -> list[TermPath]:
        """Return the main terms of a letter in the publisher's order; none where there are none."""
        return [(term,) for term in self.index.rows.places.letters.get(letter.upper(), ())]

    def path_of(self, text: str) -> TermPath | None:
        """Return the path that a text like ``Pain > low back`` names; None where there is no such term."""
        parts = text.split(ARROW)
        for length in range(1, len(parts) + 1):
            places = self.index.rows.places.of(ARROW.join(parts[:length]))
            found = next((path for path in places if ARROW.join(path) == text), None)
            if found:
                return found
        return None

    def below(self, path: TermPath) -> list[TermPath]:
        """Return the paths of the terms right below one, in the publisher's order."""
        place = self.index.rows.places.of(path[0]).get(path)
        return list(place.children) if place else []

    def terms(self, paths: Iterable[TermPath]) -> list[Term]:
        """Return terms with what they lead to."""
        places = [(path, self.index.rows.places.of(path[0])[path]) for path in paths]
        entries = iter(self.index.entries([row for _, place in places for row in place.rows]))
        return [Term(path, tuple(next(entries) for _ in place.rows), place.below) for path, place in places]

    def refers(self, reference: str) -> bool:
        """Return whether a reference like ``Infarct, myocardium`` begins with a main term of this index."""
        return self.index.rows.has_term(reference)

    def led_to(self, reference: str) -> TermPath | None:
        """Return the path of the term that a reference leads to; None where it leads to none."""
        row = next(iter(self.index.rows.led_to(reference)), None)
        return None if row is None else self.index.entry(row).path


def volumes(edition: Edition) -> tuple[Volume, ...]:
    """Return the indexes of a code system, each from the nearest release that came with it.

    Raises:
        UnknownReleaseError: No release that the edition knows came with an index.

    >>> from terminology.index import volumes
    >>> alphabetic = volumes(store["icd10cm"].release("2022"))[0]
    >>> alphabetic.main_terms("L"), alphabetic.below(("Pain",))[:1], alphabetic.path_of("Pain > low back")
    ([('Lumbago, lumbalgia',)], [('Pain', 'low back')], ('Pain', 'low back'))
    """
    return tuple(Volume(index) for index in indexes_of(edition))
