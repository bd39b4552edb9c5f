"""The groups of a code as properties of it: a Coding for each category, under the name of the grouping.

They are given where they are asked for by name, or with all properties: a lookup that does not ask pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..errors import NoVersionError, UnknownCodeError
from ..query import Edition
from .exchange import Resource
from .outcomes import failure
from .resources.properties import Property

OPERATORS: Final = ("=", "in")
"""What filters may ask of categories."""


def grouping_properties(edition: Edition, code: str, wanted: Sequence[str] | None) -> Iterator[Resource]:
    """Yield the groups of a code on the day of an edition; nothing of a grouping that has no version for the day.

    Args:
        edition: Of the code.
        code: In official form.
        wanted: Names of groupings; None for all.

    >>> found = grouping_properties(store["icd10cm"].on("2022-03-01"), "A00.9", ["ccsr_dx"])
    >>> [(one["code"], one["valueCoding"]["code"], one["description"]) for one in found]
    [('ccsr_dx', 'DIG001', 'default'), ('ccsr_dx', 'INF003', 'other')]
    """
    for name in edition.groupings:
        if wanted is not None and name not in wanted:
            continue
        try:
            groups = edition.groups(code, name)
        except (NoVersionError, UnknownCodeError):
            continue
        uri = edition.grouping(name).definition.uri
        for group in groups:
            coding: Resource = {"system": uri, "version": group.version, "code": group.category}
            if group.title:
                coding["display"] = group.title
            made: Resource = {"code": name, "valueCoding": coding}
            yield {**made, "description": group.role.replace("_", " ")} if group.role else made


def grouping_declarations(edition: Edition) -> Iterator[Property]:
    """Yield the declaration of each grouping of a code system as a property of its codes, on whatever day.

    >>> [one.code for one in grouping_declarations(store["icd10cm"].on("2022-03-01")) if one.code.startswith("ccsr")]
    ['ccsr_dx']
    """
    for name in edition.groupings:
        definition = edition.grouping(name).definition
        yield Property(
            name, definition.uri, "Coding", f"{definition.title}: the categories of the code, by the version of the day"
        )


def with_groupings(head: Resource, edition: Edition) -> Resource:
    """Return a CodeSystem with the groupings of its codes among its properties and filters."""
    declared = list(grouping_declarations(edition))
    filters = [
        {
            "code": one.code,
            "description": one.description,
            "operator": list(OPERATORS),
            "value": "A category, or several with commas",
        }
        for one in declared
    ]
    return {
        **head,
        "filter": [*head["filter"], *filters],
        "property": [*head["property"], *(one.declared() for one in declared)],
    }


def members_of(editions: Sequence[Edition], name: str, categories: Sequence[str]) -> tuple[str, ...]:
    """Return the codes that a grouping has in any of several categories on the day of editions, sorted.

    Raises:
        FhirError: No version of it covers the day, or it has no such category.

    >>> members_of([store["icd10cm"].on("2022-03-01")], "ccsr_dx", ["MUS038", "GEN003"])
    ('E11.22', 'M54.50', 'M54.51', 'M54.59')
    """
    try:
        found = {
            code
            for edition in editions
            for one in categories
            for code in edition.grouping(name).on(edition.date).members(one, edition.system)
        }
    except (NoVersionError, UnknownCodeError) as error:
        raise failure(422, "not-found", str(error)) from None
    return tuple(sorted(found))
