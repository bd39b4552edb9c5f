"""The groups of a code as properties of it: a Coding for each category, under the name of the grouping.

They are given where they are asked for by name, or with all properties: a lookup that does not ask pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import NoVersionError, UnknownCodeError
from ..query import Edition
from .exchange import Resource
from .outcomes import failure


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


def members_of(edition: Edition, name: str, categories: Sequence[str]) -> tuple[str, ...]:
    """Return the codes that a grouping has in any of several categories on the day of an edition, sorted.

    Raises:
        FhirError: No version of it covers the day, or it has no such category.

    >>> members_of(store["icd10cm"].on("2022-03-01"), "ccsr_dx", ["MUS038", "GEN003"])
    ('E11.22', 'M54.50', 'M54.51', 'M54.59')
    """
    try:
        version = edition.grouping(name).on(edition.date)
        found = {code for one in categories for code in version.members(one, edition.system)}
    except (NoVersionError, UnknownCodeError) as error:
        raise failure(422, "not-found", str(error)) from None
    return tuple(sorted(found))
