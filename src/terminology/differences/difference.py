"""The difference of two editions as a value: disjoint tables of codes, and what else changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from ..model import Release

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: Final = ("added", "deleted", "to_header", "to_billable", "revised", "moved", "changed")
"""The tables of codes, in the order in which a code finds its own: it stands in the first that fits."""


def code_schema() -> pa.Schema:
    """Return the columns that all tables of codes share.

    The state after the change, of a deleted code the one before; then what it was before, null for an added code.
    ``chapter`` is the chapter (or other group at the top) that the code stands below, null where there is none.
    The flags say what else changed about a code that stands in both editions, whichever table it stands in.
    """
    import pyarrow as pa

    texts, flags = pa.string(), pa.bool_()
    return pa.schema(
        [
            pa.field("code", texts, nullable=False),
            pa.field("kind", texts, nullable=False),
            pa.field("title", texts, nullable=False),
            pa.field("short_title", texts),
            pa.field("billable", flags, nullable=False),
            pa.field("parent", texts),
            pa.field("chapter", texts),
            pa.field("title_before", texts),
            pa.field("short_title_before", texts),
            pa.field("billable_before", flags),
            pa.field("parent_before", texts),
            *(pa.field(name, flags, nullable=False) for name in FLAGS),
        ]
    )


FLAGS: Final = ("revised", "moved", "properties_changed", "notes_changed")


@frozen(eq=False)
class Difference:
    """What changed from one edition of a code system to another.

    Each code that is in force in either edition, and about which anything changed, stands in exactly one of seven
    tables of one shape, in document order: ``added`` or ``deleted``, else ``to_header`` or ``to_billable``, else
    ``revised`` (its title), else ``moved`` (its parent), else ``changed`` (properties or notes only).
    Chapters, sections and nodes that the publisher does not list stand in ``groups`` alone.
    """

    system: str
    before: Release
    after: Release
    added: pa.Table = field(repr=False)
    deleted: pa.Table = field(repr=False)
    to_header: pa.Table = field(repr=False)
    to_billable: pa.Table = field(repr=False)
    revised: pa.Table = field(repr=False)
    moved: pa.Table = field(repr=False)
    changed: pa.Table = field(repr=False)
    properties: pa.Table = field(repr=False)
    """``code``, ``property``, and its value ``before`` and ``after`` as JSON, null where it has none. A short title
    is a property here; codes that were added or deleted have no rows."""
    notes: pa.Table = field(repr=False)
    """``code`` (or chapter, section), ``kind``, ``text``, and ``change``: added or removed. A reworded note is both."""
    groups: pa.Table = field(repr=False)
    """``code``, ``kind``, ``title``, ``parent``, ``title_before``, ``parent_before``, and ``change``: added, deleted,
    retitled or moved."""
    chapters: pa.Table = field(repr=False)
    """``code`` and ``title`` of the groups at the top of either edition."""
    notes_known: bool = True
    """False where one of the releases came without notes: then none are compared."""
    properties_unknown: tuple[str, ...] = ()
    """Properties that only one of the editions has at all (a file of the other is not loaded): not compared."""

    def table(self, name: str) -> pa.Table:
        """Return one of the tables of codes.

        Raises:
            KeyError: There is no such table.

        >>> store["icd10cm"].diff("2021", "2022").table("to_header").column("code").to_pylist()
        ['M54.5']
        """
        if name not in TABLES:
            raise KeyError(name)
        found: pa.Table = getattr(self, name)
        return found

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed that can be compared."""
        return not any(self.counts().values())

    def counts(self) -> dict[str, int]:
        """Return the number of codes in each table, then of rows about properties, notes and groups.

        >>> counts = store["icd10cm"].diff("2021", "2022").counts()
        >>> counts["added"], counts["deleted"], counts["to_header"], counts["revised"]
        (4, 0, 1, 2)
        """
        return {name: getattr(self, name).num_rows for name in (*TABLES, "properties", "notes", "groups")}

    def by_chapter(self) -> pa.Table:
        """Return how many codes of each chapter stand in each table: a row for each chapter in which any do.

        Columns: code and title of the chapter (null for codes below none), then the names of the tables.

        >>> rows = store["icd10cm"].diff("2021", "2022").by_chapter().to_pylist()
        >>> [(row["code"], row["added"], row["to_header"], row["revised"]) for row in rows]
        [('5', 1, 0, 1), ('6', 0, 0, 1), ('13', 3, 1, 0)]
        """
        import pyarrow as pa

        listed = [*self.chapters.to_pylist(), {"code": None, "title": None}]
        found = {name: _tally(getattr(self, name)) for name in TABLES}
        rows = [{**chapter, **{name: found[name].get(chapter["code"], 0) for name in TABLES}} for chapter in listed]
        texts = [("code", pa.string()), ("title", pa.string())]
        shape = pa.schema([*texts, *((name, pa.int64()) for name in TABLES)])
        return pa.Table.from_pylist([row for row in rows if any(row[name] for name in TABLES)], schema=shape)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values: a list of objects for each table, and what was compared.

        >>> sorted(store["icd10cm"].diff("2021", "2022").to_json())[:4]
        ['added', 'after', 'before', 'changed']
        """
        return {
            "system": self.system,
            "before": {"version": self.before.version, "effective": self.before.effective.isoformat()},
            "after": {"version": self.after.version, "effective": self.after.effective.isoformat()},
            "counts": self.counts(),
            **{name: getattr(self, name).to_pylist() for name in TABLES},
            "properties": [_with_values(row) for row in self.properties.to_pylist()],
            "properties_unknown": list(self.properties_unknown),
            "notes": self.notes.to_pylist(),
            "notes_known": self.notes_known,
            "groups": self.groups.to_pylist(),
        }


def _tally(table: pa.Table) -> Mapping[str | None, int]:
    return {item["values"].as_py(): item["counts"].as_py() for item in table.column("chapter").value_counts()}


def _with_values(row: Mapping[str, Any]) -> dict[str, Any]:
    sides = {side: None if row[side] is None else json.loads(row[side]) for side in ("before", "after")}
    return {**row, **sides}
