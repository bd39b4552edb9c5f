"""Read and search: the CodeSystems, ValueSets and ConceptMaps of a store, and resources that were given beside it.

A resource is read whole. Only where it has more than `candidates.LARGE` concepts or mappings, these are left out and the
resource is tagged ``SUBSETTED``; ``_summary=false`` asks for them all. Found resources come without them from far fewer
on, for a search is for finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from attrs import evolve, frozen

from ..errors import UnknownReleaseError
from ..query import Terminology
from .candidates import KINDS, Candidate, candidates_of, given_candidate
from .exchange import Resource
from .outcomes import failure
from .parameters import Inputs
from .search_parameters import conditions_of, split
from .summaries import checked_summary, in_part

PAGE: Final = 50
LARGEST_PAGE: Final = 500
FOUND_WHOLE: Final = 1_000
"""Concepts or mappings up to which a resource that is found comes with them."""
PAGED: Final = ("_count", "_offset")


def read(
    store: Terminology,
    kind: str,
    identity: str,
    *,
    inputs: Inputs | None = None,
    extra: Sequence[Resource] = (),
) -> Resource:
    """Return the resource of an id.

    Args:
        store: The store.
        kind: CodeSystem, ValueSet or ConceptMap.
        identity: The id: ``icd10cm-2026``.
        inputs: ``_summary`` and ``_elements``.
        extra: Further resources, of any type, in the form of R5; they go before those of the store.

    Raises:
        FhirError: There is none (404), of this type neither; or a parameter is wrong (400).

    >>> read(store, "CodeSystem", "icd10cm-2022")["count"]
    101
    """
    for candidate in _candidates(store, kind, extra):
        if candidate.id == identity:
            given = inputs or Inputs([])
            summary = checked_summary(given.text("_summary"))
            return in_part(candidate, kind, summary, _elements(given))
    raise failure(404, "not-found", f"there is no {kind} with the id {identity!r}")


def search(
    store: Terminology,
    kind: str,
    inputs: Inputs,
    *,
    extra: Sequence[Resource] = (),
    strict: bool = False,
    base: str = "",
) -> Resource:
    """Return the resources that a search finds as a Bundle, page by page, with their number.

    Args:
        store: The store.
        kind: CodeSystem, ValueSet or ConceptMap.
        inputs: The parameters: ``url``, ``version``, ``name``, ``title``, ``status``, ``_id`` and others; ``_summary``,
            ``_elements``, ``_count``, ``_offset``.
        extra: Further resources, of any type, in the form of R5.
        strict: Whether an unknown parameter is an error (``Prefer: handling=strict``).
        base: URL of the endpoint with a slash at its end, for links.

    Raises:
        FhirError: A parameter or a modifier is wrong.

    >>> search(store, "CodeSystem", Inputs([("name", "icd10cm"), ("version", "2022")]))["total"]
    1
    """
    summary = checked_summary(inputs.text("_summary"))
    count, offset = inputs.number("_count"), inputs.number("_offset") or 0
    count = PAGE if count is None else min(count, LARGEST_PAGE)
    conditions = conditions_of(kind, inputs, strict=strict)
    found = [
        one
        for one in _with_implicit(store, kind, inputs, _candidates(store, kind, extra))
        if all(condition.holds(one) for condition in conditions)
    ]
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    shows = summary != "count" and count > 0
    page = Page(f"{base}{kind}", len(found), count if shows else 0, offset)
    made["link"] = list(page.links(inputs))
    if chosen := found[offset : offset + page.count]:
        made["entry"] = [_entry(one, kind, summary, _elements(inputs), base) for one in chosen]
    return made


def _candidates(store: Terminology, kind: str, extra: Iterable[Resource]) -> Iterator[Candidate]:
    if kind not in KINDS:
        raise failure(404, "not-supported", f"there is no {kind} here: there are {', '.join(KINDS)}")
    yield from (given_candidate(one) for one in extra if one.get("resourceType") == kind)
    yield from candidates_of(store).candidates(kind)


def _with_implicit(
    store: Terminology, kind: str, inputs: Inputs, candidates: Iterable[Candidate]
) -> Iterator[Candidate]:
    """Yield candidates, and the value sets of what is below a code: they are found by their URL alone."""
    yield from candidates
    for url in inputs.texts("url") if kind == "ValueSet" else ():
        for value in split(url):
            if "?fhir_vs=" in value:
                try:
                    found = candidates_of(store).implicit(value)
                except UnknownReleaseError:
                    found = None
                if found:
                    # as it was asked for
                    yield evolve(found, facts={**found.facts, "url": value.partition("|")[0]})


def _elements(inputs: Inputs) -> list[str]:
    return [name for text in inputs.texts("_elements") for name in split(text)]


def _entry(candidate: Candidate, kind: str, summary: str | None, elements: Sequence[str], base: str) -> Resource:
    if summary is None and candidate.size > FOUND_WHOLE:
        candidate = evolve(candidate, size=max(candidate.size, LARGEST))
    made: Resource = {"fullUrl": f"{base}{kind}/{candidate.id}"} if base else {}
    return {**made, "resource": in_part(candidate, kind, summary, elements), "search": {"mode": "match"}}


LARGEST: Final = 2**31
"""In place of the size of a resource that is given without its content."""


@frozen
class Page:
    """A stretch of what was found."""

    url: str
    """Of the search, without parameters."""
    total: int
    count: int
    """Resources on a page; 0 where only their number is asked for."""
    offset: int

    def links(self, inputs: Inputs) -> Iterator[Resource]:
        """Yield the links of a page: to itself, and to the others where there are others."""
        pairs = [(name, str(value)) for name, value in inputs.items() if name not in PAGED]
        places = {"self": self.offset}
        if self.count and (self.total > self.count or self.offset):
            places["first"] = 0
            if self.offset:
                places["previous"] = max(0, self.offset - self.count)
            if self.offset + self.count < self.total:
                places["next"] = self.offset + self.count
            places["last"] = (max(self.total, 1) - 1) // self.count * self.count
        for relation, place in places.items():
            paged = [("_count", str(self.count))] if self.count else []
            query = urlencode([*pairs, *paged, *([("_offset", str(place))] if place else [])], quote_via=quote)
            yield {"relation": relation, "url": f"{self.url}?{query}" if query else self.url}


__all__ = ["read", "search"]
