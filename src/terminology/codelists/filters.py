"""Filters of a FHIR ValueSet as entries of a code list, where entries can express the same.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), ``ValueSet.compose.include.filter``, value set FilterOperator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from ..reading import Element, Faults
from .entries import Entry, EntryKind
from .wildcards import from_regular_expression

PROPERTIES: Final = frozenset({"concept", "code"})
NEGATIVE: Final[Mapping[str, str]] = {"is-not-a": "is-a", "not-in": "in"}
"""Operations that take codes out, and what they take out."""
ADVICE: Final[Mapping[str, str]] = {
    "child-of": "write descendent-of for everything below the code, or give its children as concepts",
    "descendent-leaf": "write descendent-of, and take the billable codes of the list (--billable)",
    "generalizes": "give the codes above it as concepts (terminology ancestors lists them)",
    "exists": "give the codes as concepts, or have a FHIR server expand the value set",
    "regex": "write only characters, \\. and .* in it, or give the codes as concepts",
}
ELSE: Final = "give the codes as concepts, or have a FHIR server expand the value set"


@frozen
class Filter:
    """One filter of an include or an exclude."""

    element: Element
    place: str
    """Like ``compose.include[1].filter[1]``."""

    @property
    def operation(self) -> str:
        """The operation; ``descendant`` is a spelling of ``descendent`` that some write."""
        return (self.element.text("op") or "").replace("descendant", "descendent")

    @property
    def value(self) -> str:
        """What the operation is about."""
        return self.element.text("value") or ""

    @property
    def text(self) -> str:
        """The filter in words."""
        return f"{self.element.text('property')} {self.operation} {self.value}".strip()


def filtered(found: Sequence[Filter], faults: Faults, *, is_sole: bool) -> list[Entry]:
    """Return the entries that include what meets all of the filters; what a list cannot express is an error.

    Args:
        found: The filters of one include or exclude.
        faults: Where errors are noted.
        is_sole: Whether nothing else is included: then a filter can take codes out of the whole list.
    """
    sound = [one for one in found if _is_sound(one, faults, is_sole=is_sole)]
    if len(sound) < len(found):
        return []
    including = [one for one in sound if one.operation not in NEGATIVE]
    if len(including) > 1:
        faults.add(
            f"has several filters that hold together ({' and '.join(one.text for one in including)}), which a code"
            f" list cannot express: {ELSE}",
            line=including[1].element.line,
            column=including[1].place,
        )
        return []
    entries = list(_entries(including[0])) if including else [Entry(EntryKind.PATTERN, "*")]
    for one in sound:
        if one.operation in NEGATIVE:
            entries += [evolve(entry, excluding=True) for entry in _entries(one)]
    place = sound[0].element
    return [evolve(entry, line=entry.line or place.line, column=entry.column or place.column) for entry in entries]


def _is_sound(one: Filter, faults: Faults, *, is_sole: bool) -> bool:
    name, operation = one.element.text("property"), one.operation
    line = one.element.line
    if name not in PROPERTIES:
        said = f"the filter {one.text} cannot be written in a code list, which knows the property concept only: {ELSE}"
        faults.add(said, line=line, column=one.place)
    elif operation in NEGATIVE and not is_sole:
        said = f"the filter {one.text} would take codes out of the rest of the list too: write an exclude"
        faults.add(said, line=line, column=one.place)
    elif operation not in OPERATIONS and operation not in NEGATIVE:
        said = f"the filter {one.text} cannot be written in a code list: {ADVICE.get(operation, ELSE)}"
        faults.add(said, line=line, column=one.place)
    elif not one.value:
        said = f"expected a filter with a value, got {operation} without one: give it a code"
        faults.add(said, line=line, column=f"{one.place}.value")
    elif operation == "regex" and from_regular_expression(one.value) is None:
        said = f"the filter {one.text} cannot be written in a code list: {ADVICE['regex']}"
        faults.add(said, line=line, column=one.place)
    else:
        return True
    return False


def _entries(one: Filter) -> Iterator[Entry]:
    operation = NEGATIVE.get(one.operation, one.operation)
    for entry in OPERATIONS[operation](one.value):
        yield evolve(entry, line=one.element.line, column=one.element.column)


def _codes(value: str) -> Iterable[Entry]:
    return (Entry(EntryKind.CODE, code) for part in value.split(",") if (code := part.strip()))


def _matching(value: str) -> Iterable[Entry]:
    pattern = from_regular_expression(value) or ""
    yield Entry(EntryKind.PATTERN if {"*", "?"} & set(pattern) else EntryKind.CODE, pattern)


OPERATIONS: Final[Mapping[str, Callable[[str], Iterable[Entry]]]] = {
    "is-a": lambda value: [Entry(EntryKind.IS_A, value)],
    "descendent-of": lambda value: [Entry(EntryKind.BELOW, value)],
    "=": lambda value: [Entry(EntryKind.CODE, value)],
    "in": _codes,
    "regex": _matching,
}


def filters_of(element: Element, place: str, faults: Faults) -> list[Filter] | None:
    """Return the filters of an include or an exclude; None where one is no object, which is noted."""
    found = []
    items: list[Any] = element.items_of("filter")
    for number, item in enumerate(items, 1):
        if not isinstance(item, Element):
            said = f"expected a filter, got {item!r}: give property, op and value"
            faults.add(said, line=element.line, column=f"{place}.filter[{number}]")
            return None
        found.append(Filter(item, f"{place}.filter[{number}]"))
    return found
