"""The ``concepts`` table of a release: codes with their texts in every form, modifiers, and the nodes above them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from terminology import schema
from terminology.drafts import Part

from .authority import Change
from .hierarchy import MODIFIERS, Hierarchy, Section, section_of, sections
from .laboratory import DELETED
from .layout import category_of

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

LABORATORY: Final = ("pla_status", "pla_published", "laboratory", "manufacturer", "test_name")
"""What the list of PLA codes says beside their texts."""
OWN_COLUMNS: Final = (
    *("medium_title", "short_title", "consumer_title", "spanish_consumer_title"),
    *("concept_id", "laboratory", "manufacturer", "test_name"),
)
"""What a consolidated list says beside the title."""
NO_TITLE: Final = "(no loaded file has its descriptor)"
"""Title of a code of which a file says no more than that it begins."""


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
            pa.field("spanish_consumer_title", text),
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

    only: Sequence[str] | None = None
    """The codes that are read; None for all."""

    @classmethod
    def of(cls, sources: Sequence[Part], only: Sequence[str] | None = None) -> CodeList:
        """Return the codes of the file that decides which there are, or those of them that are asked for."""
        made = cls(sources, only=only)
        for row in made._read(sources[0]):
            texts = {name: row[name] for name in OWN_COLUMNS if row.get(name)}
            made.rows[row["code"]] = {**made._code(sources[0], row), **texts}
        return made

    def _read(self, part: Part) -> list[Row]:
        """Return the rows of a file that are read."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = part.tables["rows"]
        if self.only is not None:
            table = table.filter(pc.is_in(table.column("code"), value_set=pa.array(self.only, pa.string())))
        return list(table.to_pylist())

    def fill(self, parts: Sequence[Part]) -> None:
        """Fill the texts from the files of a release that have them in other words."""
        found = {part.kind: part for part in parts}
        sources = (("medium_title", "medium"), ("short_title", "short"), ("consumer_title", "consumer"))
        for column, kind in sources:
            if kind in found and found[kind] is not parts[0]:
                self.add(column, found[kind])
        for kind in ("clinician", "consumer"):
            if kind in found:
                self.add("concept_id", found[kind], "concept")
        if "clinician" in found:
            self.add_clinician_titles(found["clinician"])

    def drop(self, codes: Iterable[str]) -> None:
        """Leave out codes."""
        for code in list(codes):
            self.rows.pop(code, None)

    def begun(self, change: Change, donors: CodeList | None) -> Row:
        """Return the row of a code of which only the beginning is said; the next release has its texts, if it is there."""
        place = place_of({"line": change.line}, change.part, self.sources)
        code = change.code
        if len(code) == 2:  # noqa: PLR2004 -- modifiers have two characters
            base = {"code": code, "kind": "modifier", "billable": True, "derived": False, "parent": MODIFIERS}
            return {**base, "title": change.title or NO_TITLE, **place}
        told = {"code": code, "title": change.title or NO_TITLE, "line": None}
        known = donors.rows.get(code) if donors else None
        self.rows[code] = {**self._code(change.part, told), **(known or {}), **place}
        return self.rows[code]

    def _code(self, part: Part, row: Row) -> Row:
        values = {"code": row["code"], "title": row["title"], "category": category_of(row["code"])}
        return {**values, **place_of(row, part, self.sources), "kind": "code", "billable": True, "derived": False}

    def add(self, column: str, part: Part, source: str = "title") -> None:
        """Fill a column from another file; codes that it adds are left out."""
        for row in self._read(part):
            if own := self.rows.get(row["code"]):
                own[column] = row[source]

    def add_clinician_titles(self, part: Part) -> None:
        """Fill the titles for clinicians: several a code, in the order of the file."""
        for row in self._read(part):
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

    def add_laboratory_codes(self, part: Part, day: datetime.date) -> None:
        """Take the PLA codes that a list has in force on a day, with their texts."""
        for row in part.tables["rows"].to_pylist():
            if is_in_force(row, day):
                code = row["code"]
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
