"""The concepts of a release: rows of the order file, placed under the sections and chapters of a tabular list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from terminology import schema

from ..order.file import OrderRows

if TYPE_CHECKING:
    import pyarrow as pa

CATEGORY = 3


@frozen
class Placement:
    """Chapters and sections of a tabular list, and the section of each category."""

    nodes: list[dict[str, Any]]
    """Chapters, each before its sections, in document order."""
    section_of: dict[str, str]
    own: bool
    """Whether the tabular list belongs to the release itself."""
    details: dict[str, dict[str, Any]] = field(factory=dict)
    """Of each ``diag`` of an own list, by code: title, placeholder, seventh characters."""

    @classmethod
    def from_table(cls, nodes: pa.Table, *, own: bool) -> Placement:
        """Return the placement that the nodes of a tabular list give."""
        rows = nodes.to_pylist()
        upper = [row for row in rows if row["kind"] in {"chapter", "section"}]
        section_of = {row["code"]: row["parent"] for row in rows if row["kind"] == "category"}
        details = {row["code"]: row for row in rows if row["kind"] in {"category", "code"}} if own else {}
        return cls(upper, section_of, own, details)

    def parents_of(self, categories: Sequence[str]) -> dict[str, str | None]:
        """Return where each category of the release stands.

        A category that the list does not hold goes to the section whose span holds it, else to the chapter of
        the category before it; the first ones of all may stand alone (None).
        """
        spans = [(row["code"], *row["span"].split("-")) for row in self.nodes if row["kind"] == "section"]
        used = set(self.section_of.values())
        chapter_of = {row["code"]: row["parent"] or row["code"] for row in self.nodes}
        parents: dict[str, str | None] = {}
        before: str | None = None
        for category in categories:
            parent = self.section_of.get(category)
            if parent is None:
                holding = [(last, code) for code, first, last in spans if code in used and first <= category <= last]
                parent = min(holding)[1] if holding else chapter_of.get(before or "")
            parents[category] = parent
            before = parent or before
        return parents


def dotted(code: str) -> str:
    """Return the official form of a code of an order file.

    >>> dotted("A00"), dotted("S060X0A")
    ('A00', 'S06.0X0A')
    """
    return code if len(code) <= CATEGORY else f"{code[:CATEGORY]}.{code[CATEGORY:]}"


def parent_stem(code: str, codes: set[str]) -> str | None:
    """Return the longest proper prefix of a code that is a code itself, or None."""
    for length in range(len(code) - 1, CATEGORY - 1, -1):
        stem = code[:length]
        if stem in codes:
            return stem
    return None


def concept_table(rows: OrderRows, placement: Placement | None) -> pa.Table:
    """Return the ``concepts`` table of a release.

    Args:
        rows: The publisher's rows.
        placement: Chapters and sections; None where no tabular list is known at all.
    """
    import pyarrow as pa

    nodes = placement.nodes if placement else []
    parents = _parents(rows, placement)
    sequence = _sequence(parents, nodes)
    official = [dotted(code) for code in rows.codes]
    details = placement.details if placement else {}

    def column(name: str, values: Sequence[Any]) -> list[Any]:
        """Return a column in document order: of the nodes by name, of the rows from the values."""
        return [values[i] if i >= 0 else nodes[-1 - i].get(name) for i in sequence]

    def detail(name: str) -> list[Any]:
        found = [details[code].get(name) if code in details else None for code in official] if details else []
        return column(name, found or [None] * len(official))

    rows_lines = rows.lines
    titles = column("title", rows.titles)
    tabular_titles = [
        other if i >= 0 and other != title else None
        for i, other, title in zip(sequence, detail("title"), titles, strict=True)
    ]
    kinds = ["category" if len(code) == CATEGORY else "code" for code in rows.codes]
    borrowed = placement is not None and not placement.own
    pairs = pa.list_(pa.struct([("character", pa.string()), ("meaning", pa.string())]))
    return pa.table(
        {
            "code": column("code", official),
            "title": titles,
            "short_title": column("", rows.short_titles),
            "billable": [i >= 0 and rows.billable[i] for i in sequence],
            "kind": column("kind", kinds),
            "parent": column("parent", parents),
            "derived": [i < 0 and borrowed for i in sequence],
            # the lines of chapters and sections are lines of another file
            "line": [rows_lines[i] if i >= 0 else None for i in sequence],
            **{name: pa.nulls(len(sequence), pa.date32()) for name in schema.DAY_COLUMNS},
            "span": column("span", [None] * len(official)),
            "placeholder": detail("placeholder"),
            "seventh_characters": detail("seventh_characters"),
            "tabular_title": tabular_titles,
            schema.SOURCE_COLUMN: column("", rows.sources),
        },
        schema=pa.schema(
            [
                *schema.concepts(),
                pa.field("span", pa.string()),
                pa.field("placeholder", pa.bool_()),
                pa.field("seventh_characters", pairs),
                pa.field("tabular_title", pa.string()),
                pa.field(schema.SOURCE_COLUMN, pa.int32()),
            ]
        ),
    )


def _parents(rows: OrderRows, placement: Placement | None) -> list[str | None]:
    codes = set(rows.codes)
    categories = [code for code in rows.codes if len(code) == CATEGORY]
    sections = placement.parents_of(categories) if placement else {}
    stems = [parent_stem(code, codes) for code in rows.codes]
    return [dotted(stem) if stem else sections.get(code) for code, stem in zip(rows.codes, stems, strict=True)]


def _sequence(parents: list[str | None], nodes: list[dict[str, Any]]) -> list[int]:
    """Return the document order: row numbers, and ``-1 - k`` for the ``k``-th node.

    Rows follow the node they stand under; what stands under none comes first.
    """
    groups: dict[str | None, list[int]] = {}
    places = {node["code"] for node in nodes}
    group: str | None = None
    for i, parent in enumerate(parents):
        if parent is None or parent in places:
            group = parent
        groups.setdefault(group, []).append(i)
    sequence = groups.get(None, [])
    for k, node in enumerate(nodes):
        sequence.append(-1 - k)
        sequence.extend(groups.get(node["code"], ()))
    return sequence
