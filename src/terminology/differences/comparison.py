"""Compare two editions with whole columns.

Why columns: a release of ICD-10-CM has more than 90,000 rows, and few of them differ from the release before. The rows of
both are aligned by code and compared in Arrow. Only what differs becomes Python values.

Why a code is in one table only: so that the counts of the tables add up to the number of codes that changed. It is in
the first table of `TABLES` that fits, and its flags say what else changed about it. Chapters, sections and derived
categories are in ``groups``, because the publisher's list of codes does not have them. One that the publisher lists as
a code in the other edition is a code here too: 233.3 of ICD-9-CM was billable in version 24, and in version 25, which
lists 233.30 to 233.39 instead, it is the header above them. So it became a header, as its status says, and is not gone.

Why not every difference is a change: a release that came without its tabular list has no notes and no seventh
characters, although its codes did not change. So a property that no code of one edition has is not compared, nor are
notes that one edition came without. The difference names both (``properties_unknown``, ``notes_known``).

In numbers, from 2021 to 2022 of the packaged samples, where 2021 has no tabular list: M54.5 was billable and is a header.
F32 has another title and another short title; it counts once, as revised, and its short title is a row of
``properties`` too. Another short title alone is a revision as well: publishers list it as one. Seven codes changed:

>>> difference = store["icd10cm"].diff("2021", "2022")
>>> {name: number for name, number in difference.counts().items() if number}
{'added': 4, 'to_header': 1, 'revised': 2, 'properties': 2}
>>> [row["properties_changed"] for row in difference.revised.to_pylist() if row["code"] == "F32"]
[True]
>>> difference.properties_unknown, difference.notes_known
(('placeholder', 'seventh_characters'), False)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from .. import schema
from ..model import Release
from ..store.compiling.properties import property_texts
from .details import SHORT_TITLE, changed_notes, changed_properties, unequal, unshared_properties
from .difference import TABLES, Difference, code_schema

if TYPE_CHECKING:
    import pyarrow as pa

COMPARED = ("code", "kind", "title", "short_title", "billable", "parent", "chapter", "derived", "properties")
BEFORE = ("title", "short_title", "billable", "parent", "derived", "properties")


class Comparable(Protocol):
    """An edition of a code system, as far as it is compared."""

    @property
    def system(self) -> str:
        """Short name of the code system."""
        ...

    @property
    def release(self) -> Release | None:
        """The release in force; None where nothing covers the day."""
        ...

    def table(self, name: str) -> pa.Table:
        """Return its table ``concepts`` or ``notes``."""
        ...


@frozen
class AsPublished:
    """A release by its own tables, whether or not another corrected it the same day; of a snapshot system."""

    release: Release
    """That is taken alone."""
    tables: Mapping[str, pa.Table] = field(repr=False)
    """By their names, as `terminology.schema` has them."""

    @property
    def system(self) -> str:
        """Short name of the code system."""
        return self.release.system

    def table(self, name: str) -> pa.Table:
        """Return a table as `Edition.table` does, with the columns that are compared."""
        found = self.tables[name]
        return found.append_column("properties", property_texts(found)) if name == "concepts" else found


def difference_of(before: Comparable, after: Comparable) -> Difference:
    """Return what changed from one edition of a code system to another, whichever is the older.

    Args:
        before: An edition in which a release is in force, or a release as it was published.
        after: Another one, or the same, of the same system.

    Raises:
        ValueError: Nothing covers the day of one of them.

    >>> cm = store["icd10cm"]
    >>> difference_of(cm.release("2022"), cm.release("2021")).deleted.column("code").to_pylist()
    ['F32.A', 'M54.50', 'M54.51', 'M54.59']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if before.release is None or after.release is None:
        raise ValueError(f"nothing covers the day of {before if before.release is None else after}")
    older, newer = _Side(before), _Side(after)
    unknown = unshared_properties(older.codes, newer.codes)
    chapters = _chapters(older, newer)
    listed = pa.concat_arrays([older.codes["code"].combine_chunks(), newer.codes["code"].combine_chunks()])
    for side in (older, newer):
        side.list_headers(listed)
    properties = changed_properties(_stayed(older, newer), unknown)
    notes_known = before.release.notes_known and after.release.notes_known
    notes = changed_notes(*((e.table("notes") if notes_known else None) for e in (before, after)))
    notes = _in_order(notes, older, newer)
    rows = _rows(older, newer, properties, notes.column("code"))
    place = _tables_of(rows)
    return Difference(
        system=after.system,
        before=before.release,
        after=after.release,
        **{name: _shaped(rows.filter(pc.equal(place, number))) for number, name in enumerate(TABLES)},
        properties=properties,
        notes=notes,
        groups=_changed_groups(older.groups, newer.groups),
        chapters=chapters,
        notes_known=notes_known,
        properties_unknown=unknown,
        places_known=not (older.is_borrowed or newer.is_borrowed),
    )


class _Side:
    """One edition, divided into codes and groups, each with its chapter."""

    def __init__(self, edition: Comparable) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        table = edition.table("concepts")
        kinds = pa.array(sorted(schema.UNCOUNTED_KINDS))
        is_group = pc.or_(pc.is_in(table.column("kind"), kinds), table.column("derived"))
        chapters = table.filter(pc.equal(table.column("kind"), "chapter"))
        # other groups are always derived; chapters are derived only if they were copied from another release
        self.is_borrowed = bool(pc.any(chapters.column("derived")).as_py())
        self.order = table.column("code").combine_chunks()
        table = table.append_column("chapter", _chapter_column(table, is_group))
        self.codes = table.filter(pc.invert(is_group)).select(COMPARED).combine_chunks()
        self.groups = table.filter(is_group).select(COMPARED).combine_chunks()

    def list_headers(self, listed: Any) -> None:
        """Take derived headers among the codes, in document order, where the publisher lists them in either edition."""
        import pyarrow as pa
        import pyarrow.compute as pc

        is_header = pc.invert(pc.is_in(self.groups["kind"], pa.array(sorted(schema.UNCOUNTED_KINDS))))
        is_listed = pc.and_(is_header, pc.is_in(self.groups["code"], listed))
        headers = self.groups.filter(is_listed)
        if headers.num_rows:
            found = pa.concat_tables([self.codes, headers])
            self.codes = found.take(pc.sort_indices(pc.index_in(found["code"], self.order))).combine_chunks()
            self.groups = self.groups.filter(pc.invert(is_listed)).combine_chunks()


def _chapter_column(table: pa.Table, is_group: Any) -> Any:
    """Return the group at the top above each row; null below a root that is itself a code."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = table.column("code").combine_chunks()
    own = np.arange(len(codes))
    above = pc.index_in(table.column("parent"), value_set=codes)
    top = np.where(pc.is_null(above).to_numpy(), own, pc.fill_null(above, 0).to_numpy())
    while not np.array_equal(top, top[top]):
        top = top[top]
    return codes.take(pa.array(top, mask=~is_group.to_numpy()[top]))


def _stayed(older: _Side, newer: _Side) -> pa.Table:
    """Return the codes that the publisher lists in both editions, with their states before and after."""
    import pyarrow.compute as pc

    rows = _aligned(older.codes, newer.codes.filter(pc.is_in(newer.codes["code"], older.codes["code"])))
    return rows.filter(pc.invert(pc.or_(rows["derived"], rows["derived_before"])))


def _aligned(before: pa.Table, after: pa.Table) -> pa.Table:
    """Return the rows after the change, each with the columns of its row before; nulls where it has none."""
    import pyarrow.compute as pc

    place = pc.index_in(after.column("code"), value_set=before.column("code"))
    for name in BEFORE:
        if name in before.column_names:
            after = after.append_column(f"{name}_before", before.column(name).take(place))
    return after


def _rows(older: _Side, newer: _Side, properties: pa.Table, notes: Any) -> pa.Table:
    """Return every code of either edition with its flags: those of the newer edition in document order, then the deleted ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    after = _aligned(older.codes, newer.codes)
    gone = older.codes.filter(pc.invert(pc.is_in(older.codes["code"], newer.codes["code"])))
    gone = _aligned(gone, gone)
    rows = pa.concat_tables([after, gone])
    fresh = pc.is_null(rows.column("title_before"))
    lost = pa.array([False] * after.num_rows + [True] * gone.num_rows, pa.bool_())
    stayed = pc.invert(pc.or_(fresh, lost))
    derived = pc.or_(rows["derived"], pc.fill_null(rows["derived_before"], False))  # noqa: FBT003 -- as above
    shortened = properties.filter(pc.equal(properties["property"], SHORT_TITLE)).column("code")
    retitled = pc.or_(unequal(rows["title"], rows["title_before"]), pc.is_in(rows["code"], shortened))
    flags = {
        # the title of a derived header is not the publisher's
        "revised": pc.and_(retitled, pc.invert(derived)),
        "moved": unequal(rows["parent"], rows["parent_before"]),
        "properties_changed": pc.is_in(rows["code"], properties.column("code")),
        "notes_changed": pc.is_in(rows["code"], notes),
        "flag_changed": unequal(rows["billable"], rows["billable_before"]),
    }
    rows = rows.set_column(rows.column_names.index("derived"), "derived", derived)
    rows = rows.append_column("added", fresh).append_column("deleted", lost)
    for name, values in flags.items():
        rows = rows.append_column(name, pc.and_(values, stayed))
    return rows


def _tables_of(rows: pa.Table) -> Any:
    """Return the number of the table of each row; null where nothing changed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    billable, flipped = rows.column("billable"), rows.column("flag_changed")
    conditions = [
        rows.column("added"),
        rows.column("deleted"),
        pc.and_(flipped, pc.invert(billable)),
        pc.and_(flipped, billable),
        rows.column("revised"),
        rows.column("moved"),
        pc.or_(rows.column("properties_changed"), rows.column("notes_changed")),
    ]
    place = pa.chunked_array([pa.nulls(rows.num_rows, pa.int8())])
    for number in reversed(range(len(TABLES))):
        place = pc.if_else(conditions[number], pa.scalar(number, pa.int8()), place)
    return place


def _shaped(rows: pa.Table) -> pa.Table:
    shape = code_schema()
    return rows.select(shape.names).cast(shape).combine_chunks()


def _changed_groups(before: pa.Table, after: pa.Table) -> pa.Table:
    """Return the chapters, sections and other nodes that were added or deleted, or have another title or parent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    gone = before.filter(pc.invert(pc.is_in(before["code"], after["code"])))
    rows = pa.concat_tables([_aligned(before, after), _aligned(gone, gone)])
    fresh = pc.is_null(rows.column("title_before"))
    lost = pa.array([False] * after.num_rows + [True] * gone.num_rows, pa.bool_())
    cases = {
        "moved": unequal(rows["parent"], rows["parent_before"]),
        "retitled": unequal(rows["title"], rows["title_before"]),
        "deleted": lost,
        "added": fresh,
    }
    change = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    for name, holds in cases.items():
        change = pc.if_else(holds, name, change)
    rows = rows.append_column("change", change).filter(pc.is_valid(change))
    names = ["code", "kind", "title", "parent", "title_before", "parent_before", "change"]
    return rows.select(names).combine_chunks()


def _chapters(older: _Side, newer: _Side) -> pa.Table:
    """Return the groups at the top of the newer edition, then those that only the older one has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    tops = [side.groups.filter(pc.equal(side.groups["code"], side.groups["chapter"])) for side in (newer, older)]
    only = tops[1].filter(pc.invert(pc.is_in(tops[1]["code"], tops[0]["code"])))
    return pa.concat_tables([tops[0], only]).select(["code", "title"]).combine_chunks()


def _in_order(notes: pa.Table, older: _Side, newer: _Side) -> pa.Table:
    """Return the notes by the place of their code in the newer edition; those of deleted codes are last."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pa.concat_arrays([newer.order, older.order])
    keyed = notes.append_column("place", pc.index_in(notes.column("code"), value_set=pc.unique(places)))
    keyed = keyed.append_column("number", pa.array(range(notes.num_rows), pa.int64()))
    order = pc.sort_indices(keyed, [("place", "ascending"), ("number", "ascending")])
    return notes.take(order).combine_chunks()
