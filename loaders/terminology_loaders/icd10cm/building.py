"""Build a release from its parts: rows of the order file under the sections of a tabular list; proof that the parts agree."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from terminology import schema
from terminology.drafts import Built, Part

from ..order.changes import CATEGORY, chain_differences, change_table, check_codes, derived_rows, listed
from ..order.conversion import days_between
from ..order.file import OrderRows
from ..order.listed import publisher_rows
from .index import index_table
from .tabular import BARRED

if TYPE_CHECKING:
    import pyarrow as pa


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
        """Return the parent of each category of the release.

        A category with a letter that the list does not hold (``J4B``) goes where the one before it goes, for spans do
        not follow the order of letters and digits. Another goes to the section whose span holds it, else to the
        chapter of the category before it; the first ones of all may have none (None).
        """
        spans = [(row["code"], *row["span"].split("-")) for row in self.nodes if row["kind"] == "section"]
        used = set(self.section_of.values())
        chapter_of = {row["code"]: row["parent"] or row["code"] for row in self.nodes}
        parents: dict[str, str | None] = {}
        before: str | None = None
        for category in categories:
            parent = self.section_of.get(category)
            if parent is None and not category[1:].isdigit():
                parent = before
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

    rows_lines, rows_sources = rows.lines, rows.sources
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
            "short_title": column("", [title or None for title in rows.short_titles]),
            "billable": [i >= 0 and rows.billable[i] for i in sequence],
            "kind": column("kind", kinds),
            "parent": column("parent", parents),
            "derived": [rows_sources[i] is None if i >= 0 else borrowed for i in sequence],
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

    Rows follow the node above them; what is below no node comes first. Rows that stand in a chapter without a section
    follow all of the section before them.
    """
    chapter_of = {node["code"]: node["parent"] or node["code"] for node in nodes}
    groups: dict[tuple[str | None, bool], list[int]] = {}
    group: tuple[str | None, bool] = (None, False)
    for i, parent in enumerate(parents):
        if parent is None:
            group = (None, False)
        elif parent in chapter_of:
            behind = group[0] != parent and chapter_of.get(group[0] or "") == parent
            group = (group[0], True) if behind else (parent, False)
        groups.setdefault(group, []).append(i)
    sequence = groups.get((None, False), [])
    for k, node in enumerate(nodes):
        sequence.append(-1 - k)
        sequence.extend(groups.get((node["code"], False), ()))
        sequence.extend(groups.get((node["code"], True), ()))
    return sequence


@frozen
class Ingredients:
    """What a release is built from."""

    order: Part | None
    """The order file; of a derived release that of its neighbour, of one that a codes file makes the nearest."""
    listed: Part | None
    """The codes file that makes the release."""
    change: Part | None
    """The addenda that leads here (of a derived release: the one that makes it)."""
    change_number: int
    """Which of the release's sources that is."""
    backwards: bool
    derived: bool
    base: Part | None
    """The order file that the addenda starts from, where it is loaded."""
    codes: tuple[Part, ...]
    tabular: Part | None
    borrowed: Part | None
    """A tabular list of another release, for chapters and sections only."""
    conversion: Part | None = None
    """A conversion table that dates codes between the release before and this one."""
    former: datetime.date | None = None
    """Effective day of the release before."""
    effective: datetime.date | None = None
    indexes: tuple[Part, ...] = ()
    """Alphabetic index, index of external causes, neoplasm and drug tables."""


def built(parts: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFormatError: The codes file, or the counts of an addenda, contradict the order file.
        ReleaseFaults: The same, with several errors.
    """
    rows = publisher_rows(parts.order, parts.listed)
    warnings: list[str] = []
    placement = None
    tabular = parts.tabular or parts.borrowed
    if tabular:
        placement = Placement.from_table(tabular.tables["nodes"], own=tabular is parts.tabular)
    if parts.derived and parts.change:
        categories = list(placement.section_of) if placement else []
        rows = derived_rows(rows, parts.change, parts.change_number, backwards=parts.backwards, categories=categories)
    elif parts.change and parts.base:
        warnings += chain_differences(OrderRows.from_table(parts.base.tables["rows"]), parts.change, rows)
    for codes in parts.codes:
        warnings += check_codes(codes, parts.order or codes, rows)
    tables = {}
    if parts.tabular:
        tables["notes"] = parts.tabular.tables["notes"]
        tables["differences"], found = expansion_differences(parts.tabular, rows)
        warnings += found
    if parts.conversion and parts.former and parts.effective:
        known = set(map(dotted, rows.codes))
        days, found = days_between(parts.conversion, parts.former, parts.effective, known)
        warnings += found
        if days is not None:
            tables["days"] = days
    if parts.indexes:
        billable = set(map(dotted, rows.billable_codes))
        tables["index"], found = index_table(parts.indexes, billable)
        warnings += found
    tables["concepts"] = concept_table(rows, placement)
    if parts.change and not parts.backwards:
        tables["changes"] = change_table(parts.change, parts.change_number, dotted)
    return Built(tables, tuple(warnings))


def expansion_differences(tabular: Part, rows: OrderRows) -> tuple[pa.Table, list[str]]:
    """Return where the tabular list, its seventh characters expanded, differs from the order file; and warnings.

    The order file is the authority. What a note of the list bars in words (S06, from 2018) is in the table, but is
    worth no warning.
    """
    import pyarrow as pa

    expansion = set(tabular.tables["expansion"].column("code").to_pylist())
    billable = set(rows.billable_codes)
    surplus, missing = sorted(expansion - billable), sorted(billable - expansion)
    nodes = tabular.tables["nodes"]
    named = {
        code.replace(".", "")
        for code, kind in zip(nodes.column("code").to_pylist(), nodes.column("kind").to_pylist(), strict=True)
        if kind in {"category", "code"}
    }
    unknown = sorted(named - set(rows.codes))
    found = [("not in order file", surplus), ("not in tabular list", missing), ("node not in order file", unknown)]
    table = pa.table(
        {
            "check": pa.array([name for name, codes in found for _ in codes], pa.string()),
            "code": pa.array([code for _, codes in found for code in codes], pa.string()),
        }
    )
    warnings = [
        f"{tabular.origin.label}: {len(codes)} expanded codes are {name}: {listed(codes)}"
        for name, codes in (("not in order file", [code for code in surplus if not BARRED.fullmatch(code)]), *found[1:])
        if codes
    ]
    return table, warnings
