"""The properties of concepts: what they are called, of which types they are, and what a column of a release becomes.

A release has standard facts (status, place, days) and columns of its own. A column ``pricing_indicators`` of HCPCS
becomes the property ``pricingIndicators``, whose URI ``urn:terminology:property:hcpcs:pricing_indicators#list`` keeps
the name of the column and what it holds, so that a store that loads the resource has the column again. Lists become
several properties of one code.

References:
    HL7 FHIR R5, "Concept Properties", http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ... import schema
from ...canonicals import LIST, NOTE, PAIRS, PER_RELEASE, PIECES, PREFIX, PROPERTY, column_uri
from ...systems import SYSTEMS
from ..exchange import Resource

if TYPE_CHECKING:
    import pyarrow as pa

STANDARD: Final = "http://hl7.org/fhir/concept-properties#"


@frozen
class Property:
    """A declared property."""

    code: str
    uri: str
    type: str
    description: str
    column: str | None = None
    """The column of the release that it is made of."""

    def declared(self) -> Resource:
        """Return the declaration of the CodeSystem."""
        return {"code": self.code, "uri": self.uri, "description": self.description, "type": self.type}


HIERARCHY: Final = (
    Property("status", f"{STANDARD}status", "code", "active, or retired where the code is no longer in force"),
    Property("inactive", f"{STANDARD}inactive", "boolean", "Whether the code is not in force on the day of the release"),
    Property("notSelectable", f"{STANDARD}notSelectable", "boolean", "Whether the concept is a header: in force, and not billable"),
    Property("parent", f"{STANDARD}parent", "code", "The concept above"),
    Property("child", f"{STANDARD}child", "code", "A concept below; in answers, concepts themselves state their parent"),
)  # fmt: skip
"""Standard properties."""
DATES: Final = (
    Property("effectiveDate", f"{PROPERTY}effectiveDate", "dateTime", "First day on which the code is in force"),
    Property("terminationDate", f"{PROPERTY}terminationDate", "dateTime", "Last day on which the code is in force"),
    Property("billable", f"{PROPERTY}billable", "boolean", "Whether the code may be submitted on a claim"),
    Property("kind", f"{PROPERTY}kind", "string", "chapter, section, category, code, modifier, group, prefix …"),
    Property(
        "derived", f"{PROPERTY}derived", "boolean", "Whether the publisher lists no such row, or not at this place"
    ),
)
NODE: Final = Property("prefix", PREFIX, "string", "What is above the code in the publisher's hierarchy and is no code, with its title; at the first code below it. … stands for the title above")  # fmt: skip
FIRST_DAY: Final = Property("statedFirstDay", f"{PROPERTY}statedFirstDay", "dateTime", "First day, as a publication beside the release dates the code")  # fmt: skip
LAST_DAY: Final = Property("statedLastDay", f"{PROPERTY}statedLastDay", "dateTime", "Last day, as a publication beside the release dates the code")  # fmt: skip
ROW_DAYS: Final = (
    Property("changed", f"{PROPERTY}changed", "dateTime", "First day of what the release says of the code", "changed"),
    Property(
        "reactivated", f"{PROPERTY}reactivated", "dateTime", "First day of a further life of the code", "reactivated"
    ),
)
"""Of systems whose rows carry their own days."""
RENAMED: Final[Mapping[str, str]] = {"action": "actionCode"}
ELEMENTS: Final = frozenset({"definition", "other_parents"})
"""Columns that become elements of a concept, or standard properties."""


def declared_properties(system: str, layout: pa.Schema, *, dated: bool, noted: Sequence[str], has_days: bool, has_nodes: bool) -> tuple[Property, ...]:  # fmt: skip
    """Return the properties of a release, standard ones first.

    Args:
        system: Short name of the system.
        layout: Columns of the release's table.
        dated: Whether rows carry their own days.
        noted: Kinds of instructional notes.
        has_days: Whether a publication dates single codes.
        has_nodes: Whether something in the hierarchy is no code.
    """
    own = column_properties(system, layout)
    fixed = (
        *HIERARCHY,
        *DATES,
        *(ROW_DAYS if dated else ()),
        *((FIRST_DAY, LAST_DAY) if has_days else ()),
        *((NODE,) if has_nodes else ()),
    )
    taken = {one.code for one in own}
    kinds = [note_property(kind) for kind in noted if kind not in taken]
    # a list of codes may have a column of its own of a name that is ours: then that says it
    return (*(one for one in fixed if one.code not in taken), *own, *kinds)


def column_properties(system: str, layout: pa.Schema) -> tuple[Property, ...]:
    """Return the properties that are columns of a release.

    Args:
        system: Short name of the system.
        layout: Columns of the release's table.
    """
    names = (name for name in schema.property_names(layout.names) if name not in ELEMENTS)
    return tuple(_of_column(system, layout.field(name)) for name in names)


def note_property(kind: str) -> Property:
    """Return the property of a kind of instructional note."""
    return Property(kind, f"{PROPERTY}{NOTE}:{kind}", "string", f"Instructional note of the code itself: {kind}")


def property_code(system: str, column: str) -> str:
    """Return what the column of a release is called as a property; those of systems that are not built in keep their names.

    >>> property_code("hcpcs", "pricing_indicators"), property_code("hcpcs", "action"), property_code("local", "my_dose")
    ('pricingIndicators', 'actionCode', 'my_dose')
    """
    if system not in SYSTEMS:
        return column
    if column in RENAMED:
        return RENAMED[column]
    first, *rest = column.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _of_column(system: str, field: pa.Field) -> Property:
    import pyarrow as pa

    name, kind = field.name, field.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    inner = kind.value_type if is_list else kind
    flags = {
        LIST: is_list,
        PAIRS: pa.types.is_struct(inner) and {inner.field(at).name for at in range(inner.num_fields)} == set(PIECES),
        PER_RELEASE: bool((field.metadata or {}).get(b"per_release")),
    }
    said = [flag for flag, holds in flags.items() if holds]
    standard = next((one for one in HIERARCHY if one.code == name and system not in SYSTEMS), None)
    uri = standard.uri if standard else column_uri(system, name, *said)
    words = name.replace("_", " ").replace("-", " ")
    return Property(property_code(system, name), uri, _type_of(inner), f"{words}, as published", name)


def _type_of(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "decimal"
    return "dateTime" if pa.types.is_date(kind) else "string"


def values_of(code: str, kind: str, value: Any) -> Iterator[Resource]:
    """Yield the properties that a value of a column is: one, several of a list, none of nothing.

    >>> list(values_of("coverage", "string", ["C", "D"]))
    [{'code': 'coverage', 'valueString': 'C'}, {'code': 'coverage', 'valueString': 'D'}]
    """
    for one in value if isinstance(value, list) else [value]:
        if one is not None and not (isinstance(one, str) and not one.strip()):
            yield {"code": code, f"value{kind[0].upper()}{kind[1:]}": plain_value(one)}


def plain_value(value: Any) -> Any:
    """Return a value of a column as JSON has it.

    >>> plain_value({"character": "A", "meaning": "initial encounter"})
    'A: initial encounter'
    """
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        if set(value) == set(PIECES):
            return ": ".join(str(value[name]) for name in PIECES)
        return json.dumps(value, ensure_ascii=False, default=str)
    return value
