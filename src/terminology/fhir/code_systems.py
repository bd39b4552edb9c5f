"""One version of a code system as operations see it, wherever it comes from.

Operations ask `SystemVersion` and `Concept` alone. A release of the store answers in `loaded_systems`, a CodeSystem
resource that a client sent in `given_systems`. So both are held to the same tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..characters import without_accents
from ..query import Edition
from ..query.ranking import RankedCodes
from .exchange import Resource


class Concept(Protocol):
    """A concept of one version of a code system."""

    @property
    def code(self) -> str:
        """The code in official form."""
        ...

    @property
    def display(self) -> str | None:
        """Its text in the language of the code system."""
        ...

    @property
    def definition(self) -> str | None:
        """What it means."""
        ...

    @property
    def designations(self) -> Sequence[Resource]:
        """Its other texts, as of ``CodeSystem.concept.designation``; ``source`` is the supplement that brought one."""
        ...

    @property
    def properties(self) -> Sequence[Resource]:
        """Its properties, as of ``CodeSystem.concept.property``; without those of its place in the hierarchy."""
        ...

    def named(self, code: str) -> Sequence[Resource]:
        """Return its properties of one code: no others are made."""
        ...

    @property
    def extensions(self) -> Sequence[Resource]:
        """Its extensions."""
        ...

    @property
    def is_abstract(self) -> bool:
        """Whether it is there to arrange others, and is not to be chosen itself."""
        ...

    @property
    def is_inactive(self) -> bool:
        """Whether it is no longer to be used."""
        ...

    @property
    def status(self) -> str | None:
        """Its status where it has one: ``retired``, ``deprecated`` and the like."""
        ...


class SystemVersion(Protocol):
    """One version of a code system."""

    @property
    def url(self) -> str:
        """Canonical URL."""
        ...

    @property
    def version(self) -> str | None:
        """Version label."""
        ...

    @property
    def head(self) -> Resource:
        """The CodeSystem resource without its concepts: name, title, status, extensions, properties and the like."""
        ...

    @property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have, as of ``CodeSystem.property``."""
        ...

    @property
    def language(self) -> str | None:
        """Language of the displays."""
        ...

    @property
    def editions(self) -> Sequence[Edition]:
        """The editions of the store that it is made of; none of a system that a client sent."""
        ...

    @property
    def is_case_sensitive(self) -> bool:
        """Whether codes that differ by case are different codes."""
        ...

    @property
    def supplements(self) -> Sequence[str]:
        """The supplements that add to it, by ``url|version``."""
        ...

    def concept(self, code: str) -> Concept | None:
        """Return the concept with this very code; None for any other text."""
        ...

    def near(self, code: str) -> Concept | None:
        """Return the concept that a code in another spelling means (case, dot); None where that is not sure."""
        ...

    def lapsed(self, code: str) -> Concept | None:
        """Return the concept that a text means though it is not in this version: it expired, or is yet to come."""
        ...

    def source(self, code: str) -> str | None:
        """Return what says so: file, line and checksum; None where that is not known."""
        ...

    def absence(self, code: str) -> str | None:
        """Return why a code is not in this version, as a sentence; None where there is nothing to say."""
        ...

    @property
    def has_inactive(self) -> bool:
        """Whether any concept is inactive."""
        ...

    def holds(self, code: str) -> bool:
        """Return whether there is a concept with this very code."""
        ...

    def remark(self, code: str) -> str | None:
        """Return what a client is to know of a code that is in this version, as a sentence; None where nothing is."""
        ...

    def codes(self) -> Sequence[str]:
        """Return all codes, parents before children; the same object each time."""
        ...

    def parents(self, code: str) -> Sequence[str]:
        """Return the codes directly above."""
        ...

    def children(self, code: str) -> Sequence[str]:
        """Return the codes directly below."""
        ...

    def descendants(self, code: str) -> Sequence[str]:
        """Return all codes below, parents before children; nothing for a code that is not there."""
        ...

    def is_below(self, code: str, ancestor: str) -> bool:
        """Return whether a code is below another."""
        ...

    def found(self, text: str) -> Sequence[str]:
        """Return the codes that a text finds in codes and displays, in document order."""
        ...

    @property
    def is_ranked(self) -> bool:
        """Whether it has a search index."""
        ...

    def ranked(self, text: str, *, loosely: bool = False) -> RankedCodes | None:
        """Return the codes that a text finds by the search index, the best first; None where there is none.

        Args:
            text: Words, or the beginning of a code.
            loosely: Whether a part of the words is enough.
        """
        ...


STANDARD_PROPERTIES = "http://hl7.org/fhir/concept-properties#"


def ancestors(system: SystemVersion, code: str) -> Iterator[str]:
    """Yield the codes above, nearest first; each once."""
    waiting, seen = list(system.parents(code)), set[str]()
    while waiting:
        above = waiting.pop(0)
        if above not in seen:
            seen.add(above)
            yield above
            waiting += system.parents(above)


def found_as(system: SystemVersion, code: str) -> Concept | None:
    """Return the concept of a code: of the very code, or where case does not count of one in another case."""
    found = system.concept(code)
    return found if found is not None or system.is_case_sensitive else system.near(code)


def official(system: SystemVersion, code: str) -> str:
    """Return a code as its code system writes it; the code itself where there is none."""
    if system.is_case_sensitive:
        return code
    found = found_as(system, code)
    return found.code if found is not None else code


def property_uri(system: SystemVersion, code: str) -> str | None:
    """Return the URI of a property of a code system; None where it has none."""
    for one in system.declared:
        if one.get("code") == code:
            uri: str | None = one.get("uri")
            return uri
    return None


def canonical(url: str, version: str | None) -> str:
    """Return ``url|version``, or the URL alone.

    >>> canonical("http://a.b/c", "2026"), canonical("http://a.b/c", None)
    ('http://a.b/c|2026', 'http://a.b/c')
    """
    return f"{url}|{version}" if version else url


def split_canonical(text: str) -> tuple[str, str | None]:
    """Return URL and version of ``url|version``.

    >>> split_canonical("http://a.b/c|2026"), split_canonical("http://a.b/c")
    (('http://a.b/c', '2026'), ('http://a.b/c', None))
    """
    url, _, version = text.partition("|")
    return url, version or None


def matches_words(text: str, fields: Iterable[str]) -> bool:
    """Return whether every word of a text begins a word of the fields, in any order.

    >>> matches_words("dat ex", ["Data Exchange"]), matches_words("xchange", ["Data Exchange"])
    (True, False)
    """
    words = [word for field in fields for word in words_of(field)]
    return all(any(word.startswith(wanted) for word in words) for wanted in words_of(text))


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case and accents.

    >>> words_of("Sjögren's syndrome")
    ['sjogren', 's', 'syndrome']
    """
    return "".join(one if one.isalnum() else " " for one in plain(text)).split()


def plain(text: str) -> str:
    """Return a text as texts are compared: without case and accents.

    >>> plain("Ménière")
    'meniere'
    """
    return without_accents(text).casefold()
