"""The ``concepts`` table of a release: codes with their texts in every form, modifiers, and the nodes above them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from terminology import schema
from terminology.drafts import Part

from .hierarchy import MODIFIERS, Hierarchy, Section, section_of, sections
from .laboratory import DELETED
from .layout import category_of

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

LABORATORY: Final = ("pla_status", "pla_published", "laboratory", "manufacturer", "test_name")
"""What the list of PLA codes says beside their texts."""


def concept_schema() -> pa.Schema:
    """Return the columns of a release: those of every system, then the publisher's fields under full names."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    return pa.schema(
        [
            *schema.concepts(),
            pa.field(schema.SOURCE_COLUMN, pa.int32()),
            pa.field("category", text),
            pa.field("medium_title", text),
            pa.field("consumer_title", text),
            pa.field("clinician_titles", texts),
            pa.field("concept_id", text),
            pa.field("modifier_groups", texts),
            pa.field("definition", text),
            pa.field("pla_status", text),
            pa.field("pla_published", pa.date32()),
            pa.field("laboratory", text),
            pa.field("manufacturer", text),
            pa.field("test_name", text),
        ]
    )


@define
class CodeList:
    """The codes of a release by code, with all that its files say of them."""

    sources: Sequence[Part]
    """The release's own sources, the authority first."""
    rows: dict[str, Row] = field(factory=dict)

    @classmethod
    def of(cls, sources: Sequence[Part]) -> CodeList:
        """Return the codes of the file that decides which there are."""
        made = cls(sources)
        for row in sources[0].tables["rows"].to_pylist():
            made.rows[row["code"]] = made._code(sources[0], row)
        return made

    def _code(self, part: Part, row: Row) -> Row:
        values = {"code": row["code"], "title": row["title"], "category": category_of(row["code"])}
        return {**values, **place_of(row, part, self.sources), "kind": "code", "billable": True, "derived": False}

    def add(self, column: str, part: Part, source: str = "title") -> None:
        """Fill a column from another file; codes that it adds are left out."""
        for row in part.tables["rows"].to_pylist():
            if own := self.rows.get(row["code"]):
                own[column] = row[source]

    def add_clinician_titles(self, part: Part) -> None:
        """Fill the titles for clinicians: several a code, in the order of the file."""
        for row in part.tables["rows"].to_pylist():
            if own := self.rows.get(row["code"]):
                own.setdefault("clinician_titles", []).append(row["title"])

    def add_laboratory(self, part: Part) -> None:
        """Fill laboratory, manufacturer, test and status of PLA codes."""
        for row in part.tables["rows"].to_pylist():
            own = self.rows.get(row["code"])
            if own is None:
                continue
            own |= {name: row[name] for name in LABORATORY}
            for name in ("medium_title", "short_title", "consumer_title"):
                own.setdefault(name, row[name])

    def replace_laboratory(self, part: Part, day: datetime.date) -> None:
        """Take the PLA codes of a list that is complete on a day in place of those of the annual files."""
        listed = {row["code"]: row for row in part.tables["rows"].to_pylist()}
        gone = [code for code in self.rows if category_of(code) == "PLA" and not is_in_force(listed.get(code), day)]
        for code in gone:
            self.rows.pop(code)
        for code, row in listed.items():
            if is_in_force(row, day):
                texts = {name: row[name] for name in ("medium_title", "short_title") if row[name]}
                self.rows[code] = {**self.rows.get(code, {}), **self._code(part, row), **texts}
        self.add_laboratory(part)

    def add_list(self, part: Part) -> None:
        """Add the codes of a list of one category's new codes."""
        column = {"medium": "medium_title", "short": "short_title"}.get(part.facts["form"], "title")
        for row in part.tables["rows"].to_pylist():
            own = self.rows.setdefault(row["code"], self._code(part, row))
            own[column] = row["title"]


def is_in_force(row: Row | None, day: datetime.date) -> bool:
    """Return whether a row of a list of PLA codes says that the code is in force on the day; not without a row."""
    return row is not None and row["effective"] <= day and (row["pla_status"] or "").upper() != DELETED


def place_of(row: Row, part: Part, sources: Sequence[Part]) -> Row:
    """Return the place of a row: which of the sources, and the line; no line where the file is not among them."""
    if part not in sources:
        return {schema.SOURCE_COLUMN: 0, "line": None}
    return {schema.SOURCE_COLUMN: list(sources).index(part), "line": row["line"]}


def modifier_rows(part: Part, sources: Sequence[Part]) -> list[Row]:
    """Return the modifiers as rows under their node."""
    return [
        {
            "code": row["code"],
            "title": row["title"],
            "definition": row["definition"],
            "modifier_groups": row["groups"],
            "kind": "modifier",
            "billable": True,
            "derived": False,
            "parent": MODIFIERS,
            **place_of(row, part, sources),
        }
        for row in part.tables["rows"].to_pylist()
    ]


def concept_table(codes: Mapping[str, Row], modifiers: Sequence[Row], hierarchy: Hierarchy | None) -> pa.Table:
    """Return the table in document order: each node, then what is right below it, parents before children."""
    import pyarrow as pa

    placed = hierarchy.parent_of if hierarchy else {}
    under: dict[str, list[Row]] = {MODIFIERS: list(modifiers)}
    for code, row in codes.items():
        row["parent"] = placed.get(code) or section_of(code)
        under.setdefault(row["parent"], []).append(row)
    nodes: list[tuple[Section, bool]] = [(node, False) for node in (hierarchy.nodes if hierarchy else ())]
    nodes += [(node, True) for node in _inhabited(sections(), under)]
    rows: list[Row] = []
    for node, derived in nodes:
        rows += [{**node.row(derived=derived), schema.SOURCE_COLUMN: 0}, *sorted(under.get(node.code, ()), key=_order)]
    return pa.Table.from_pylist(rows, schema=concept_schema())


def _order(row: Row) -> tuple[bool, int, int]:
    # the publisher's order; what came with an update follows, in its own order
    return row["line"] is None, row[schema.SOURCE_COLUMN], row["line"] or 0


def _inhabited(nodes: Sequence[Section], under: Mapping[str, Sequence[Row]]) -> list[Section]:
    held = {code for code, rows in under.items() if rows}
    held |= {node.parent for node in nodes if node.code in held and node.parent}
    return [node for node in nodes if node.code in held]
