"""The concepts of ICD-10 and ICD-10-GM while a release is built: nodes, and the table that they become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from terminology import schema

if TYPE_CHECKING:
    import pyarrow as pa

CATEGORY_LENGTH: Final = 3

TEXT_PROPERTIES: Final = (
    "usage",
    "preferred_long",
    "combination",
    "mortality_1",
    "mortality_2",
    "mortality_3",
    "mortality_4",
    "morbidity",
)
GERMAN_TEXT_PROPERTIES: Final = (
    "section_295",
    "section_301",
    "sex",
    "sex_error",
    "age_low",
    "age_high",
    "age_error",
)
LIST_PROPERTIES: Final = ("partners", "modifiers", "languages")
GERMAN_FLAGS: Final = ("rare", "content", "notifiable", "laboratory_exemption")


@frozen
class Node:
    """A chapter, block, category or code."""

    code: str
    title: str
    kind: str
    parent: str | None
    billable: bool = False
    short_title: str | None = None
    line: int | None = None
    properties: Mapping[str, Any] = field(factory=dict)
    derived: bool = False
    """Whether no file of the release has it."""


def kind_of(code: str) -> str:
    """Return what a code is called by its length.

    >>> kind_of("A00"), kind_of("A00.0")
    ('category', 'code')
    """
    return "category" if len(code) == CATEGORY_LENGTH else "code"


def roman(number: int) -> str:
    """Return a chapter's number as WHO prints it.

    >>> roman(2), roman(19), roman(22)
    ('II', 'XIX', 'XXII')
    """
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def in_document_order(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield every node behind its parent, what is below it next, siblings in the order given.

    A parent that is not among the nodes is dropped.
    """
    by_code = {node.code: node for node in nodes}
    below: dict[str | None, list[Node]] = {}
    for node in by_code.values():
        below.setdefault(node.parent if node.parent in by_code else None, []).append(node)
    stack = list(reversed(below.get(None, [])))
    while stack:
        node = stack.pop()
        yield node if node.parent in by_code else evolve(node, parent=None)
        stack.extend(reversed(below.get(node.code, [])))


def completed(node: Node, other: Node | None) -> Node:
    """Return the node with the properties that only the other file has."""
    if other is None:
        return node
    own = {name: value for name, value in node.properties.items() if value not in (None, [])}
    return evolve(node, properties={**other.properties, **own})


def property_schema(*, german: bool) -> pa.Schema:
    """Return the columns of the properties."""
    import pyarrow as pa

    texts = (*TEXT_PROPERTIES, *(GERMAN_TEXT_PROPERTIES if german else ()))
    return pa.schema(
        [
            *(pa.field(name, pa.string()) for name in texts),
            *(pa.field(name, pa.list_(pa.string())) for name in LIST_PROPERTIES),
            *(pa.field(name, pa.bool_()) for name in (GERMAN_FLAGS if german else ())),
        ]
    )


def node_table(nodes: Iterable[Node], *, german: bool) -> pa.Table:
    """Return the nodes in the columns of `terminology.schema.concepts` and of the properties."""
    import pyarrow as pa

    listed = list(nodes)
    columns: dict[str, Any] = {
        "code": [node.code for node in listed],
        "title": [node.title for node in listed],
        "short_title": [node.short_title for node in listed],
        "billable": [node.billable for node in listed],
        "kind": [node.kind for node in listed],
        "parent": [node.parent for node in listed],
        "derived": [node.derived for node in listed],
        "line": [node.line for node in listed],
    }
    properties = property_schema(german=german)
    whole = pa.schema([*schema.concepts(), *properties])
    for name in properties.names:
        columns[name] = [node.properties.get(name) or None for node in listed]
    for name in GERMAN_FLAGS if german else ():
        columns[name] = [node.properties.get(name) for node in listed]
    columns |= {name: [None] * len(listed) for name in schema.DAY_COLUMNS}
    return pa.table({name: columns[name] for name in whole.names}, schema=whole)


def nodes_of(table: pa.Table) -> list[Node]:
    """Return the nodes that `node_table` wrote."""
    standard = set(schema.concepts().names)
    made = []
    for row in table.to_pylist():
        properties = {name: value for name, value in row.items() if name not in standard and value is not None}
        node = Node(row["code"], row["title"], row["kind"], row["parent"], row["billable"], row["short_title"])
        made.append(evolve(node, line=row["line"], properties=properties, derived=row["derived"]))
    return made
