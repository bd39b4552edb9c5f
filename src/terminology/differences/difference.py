"""The difference of two editions as a value: disjoint tables of codes, and what else changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from ..licences import FACTS
from ..model import Release

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: Final = ("added", "deleted", "to_header", "to_billable", "revised", "moved", "changed")
"""The tables of codes. A code is in the first one that fits."""


def code_schema() -> pa.Schema:
    """Return the columns that all tables of codes share.

    The state after the change, of a deleted code the one before; then what it was before, null for an added code.
    ``chapter`` is the chapter (or other group at the top) above the code, null where there is none.
    ``derived`` says that the publisher lists the code in one edition, and in the other only codes below it: there it is
    a header, whose title is not the publisher's. The flags say what else changed about a code that is in both editions, whichever table it is in.
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
            pa.field("derived", flags, nullable=False),
            *(pa.field(name, flags, nullable=False) for name in FLAGS),
        ]
    )


FLAGS: Final = ("revised", "moved", "properties_changed", "notes_changed")


@frozen(eq=False)
class Difference:
    """What changed from one edition of a code system to another.

    Each code that is in force in either edition, and about which anything changed, is in exactly one of seven
    tables of one shape, in document order: ``added`` or ``deleted``, else ``to_header`` or ``to_billable``, else
    ``revised`` (its title or short title), else ``moved`` (its parent), else ``changed`` (properties or notes only).
    Chapters, sections and nodes that the publisher lists in neither edition are in ``groups`` only.
    """

    system: str
    """Short name of the code system."""
    before: Release
    """The release that is compared."""
    after: Release
    """The release that it is compared with."""
    added: pa.Table = field(repr=False)
    """Codes of the release after that the one before does not have."""
    deleted: pa.Table = field(repr=False)
    """Codes of the release before that the one after does not have."""
    to_header: pa.Table = field(repr=False)
    """Billable codes that became headers."""
    to_billable: pa.Table = field(repr=False)
    """Headers that became billable."""
    revised: pa.Table = field(repr=False)
    """Codes whose title or short title changed."""
    moved: pa.Table = field(repr=False)
    """Codes whose parent changed."""
    changed: pa.Table = field(repr=False)
    """Codes of which only properties or notes changed."""
    properties: pa.Table = field(repr=False)
    """``code``, ``property``, and its value ``before`` and ``after`` as JSON, null where it has none. A short title
    is a property here too; codes that were added, deleted or derived have no rows."""
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
    places_known: bool = True
    """False where one of the releases took its chapters and sections from another: then what is said of ``groups``
    and ``moved`` may have changed with another release."""
    text_withheld: bool = False
    """Whether the publisher's texts were taken out (`without_texts`)."""

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
        """Return how many codes of each chapter are in each table: a row for each chapter that has any.

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

    def without_texts(self, open_properties: Iterable[str] = ()) -> Difference:
        """Return the difference without the publisher's words, as it may leave the process without a licence.

        Codes, flags and places stay. Titles are empty, notes have their kind only, properties their name.

        Args:
            open_properties: Names of the properties that are facts rather than texts; they stay.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self.properties
        is_open = pc.is_in(values["property"], pa.array(list(open_properties), pa.string()))
        for name in ("before", "after"):
            shown = pc.if_else(is_open, values[name], None)
            values = values.set_column(values.column_names.index(name), values.schema.field(name), shown)
        return evolve(
            self,
            **{name: _blank(getattr(self, name)) for name in (*TABLES, "groups", "chapters", "notes")},
            properties=values,
            text_withheld=True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values: a list of objects for each table, and what was compared.

        >>> sorted(store["icd10cm"].diff("2021", "2022").to_dict())[:4]
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
            "places_known": self.places_known,
        }

    to_json = to_dict
    """Former name of `to_dict`."""


def _blank(table: pa.Table) -> pa.Table:
    """Return the table with empty texts for all that are no facts; null stays null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type) and column.name not in FACTS:
            blank = pc.if_else(pc.is_valid(table.column(place)), "", None)
            table = table.set_column(place, column, blank.cast(column.type))
    return table


def _tally(table: pa.Table) -> Mapping[str | None, int]:
    return {item["values"].as_py(): item["counts"].as_py() for item in table.column("chapter").value_counts()}


def _with_values(row: Mapping[str, Any]) -> dict[str, Any]:
    sides = {side: None if row[side] is None else json.loads(row[side]) for side in ("before", "after")}
    return {**row, **sides}
