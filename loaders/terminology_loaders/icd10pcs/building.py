"""Build a release from its parts: the concepts, the notes, and the proof that order file, addenda and tables agree.

The hierarchy is in the codes: section, body system, table, then one prefix for each further character. It is made with
whole columns, for a release has 190,000 nodes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema
from terminology.drafts import Built, Part

from ..order.changes import chain_differences, change_table, derived_rows, listed
from ..order.conversion import days_between
from ..order.file import OrderRows
from ..order.listed import publisher_rows
from .tables import expansion

if TYPE_CHECKING:
    import pyarrow as pa


KINDS: Final = ("", "section", "body system", "table", "prefix", "prefix", "prefix", "code")
"""By length."""

TABLE: Final = 3

CODE: Final = 7


@frozen
class Names:
    """What sections, body systems and the values of prefixes are called."""

    upper: dict[str, str]
    """Titles of sections and body systems by code."""
    prefixes: pa.Table | None = None
    """What the last value of each prefix means; None where no tables are loaded at all."""

    @classmethod
    def of(cls, axes: pa.Table | None, prefixes: pa.Table | None, sections: pa.Table | None) -> Names:
        """Return the names that the axes of the tables give, else for sections those of the definitions."""
        upper: dict[str, str] = {}
        if sections is not None:
            upper |= dict(zip(*(sections.column(name).to_pylist() for name in ("section", "title")), strict=True))
        if axes is not None:
            columns = (axes.column(name).to_pylist() for name in ("table", "position", "label"))
            upper |= {
                table[:position]: label for table, position, label in zip(*columns, strict=True) if position < TABLE
            }
        return cls(upper, prefixes)


def concept_table(rows: OrderRows, names: Names) -> pa.Table:
    """Return the ``concepts`` table of a release.

    Args:
        rows: The publisher's rows.
        names: Of what is above the tables, and of prefixes.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = pa.array(rows.codes, pa.string())
    nodes = _nodes(listed)
    # document order is that of the letters: a prefix comes before what begins with it
    codes = pc.unique(pa.concat_arrays([listed, *nodes.values()]))
    codes = codes.take(pc.sort_indices(codes))
    place = pc.index_in(codes, value_set=listed)
    sources = pa.array(rows.sources, pa.int32()).take(place)
    titles = _titles(listed, pa.array(rows.titles, pa.string()), nodes, names)
    lengths = pc.utf8_length(codes)
    kinds = pa.array(KINDS).take(lengths)
    parents = pc.if_else(pc.greater(lengths, 1), pc.utf8_slice_codeunits(codes, 0, -1), pa.scalar(None, pa.string()))
    return pa.table(
        {
            "code": codes,
            "title": titles.column("title").take(pc.index_in(codes, value_set=titles.column("code").combine_chunks())),
            "short_title": pa.array([title or None for title in rows.short_titles], pa.string()).take(place),
            "billable": pc.fill_null(pa.array(rows.billable, pa.bool_()).take(place), fill_value=False),
            "kind": kinds,
            "parent": parents,
            "derived": pc.is_null(sources),
            "line": pa.array(rows.lines, pa.int32()).take(place),
            **{name: pa.nulls(len(codes), pa.date32()) for name in schema.DAY_COLUMNS},
            schema.SOURCE_COLUMN: sources,
        },
        schema=schema.concepts().append(pa.field(schema.SOURCE_COLUMN, pa.int32())),
    )


def _nodes(listed: pa.Array) -> dict[int, pa.Array]:
    """Return what is above the listed codes and not listed, by length."""
    import pyarrow.compute as pc

    full = listed.filter(pc.equal(pc.utf8_length(listed), CODE))
    made = {length: pc.unique(pc.utf8_slice_codeunits(listed, 0, length)) for length in (1, 2)}
    made |= {length: pc.unique(pc.utf8_slice_codeunits(full, 0, length)) for length in range(TABLE, CODE)}
    return {length: codes.filter(pc.invert(pc.is_in(codes, value_set=listed))) for length, codes in made.items()}


def _titles(listed: pa.Array, titles: pa.Array, nodes: dict[int, pa.Array], names: Names) -> pa.Table:
    """Return a title for every code; that of a prefix says table and values: ``…, Resection: Gallbladder, Open``.

    A value that no loaded tables name is its own title, and so does a section or body system.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    made = [pa.table({"code": listed, "title": titles})]
    upper = pa.concat_arrays([nodes[1], nodes[2], nodes[TABLE]])
    made.append(pa.table({"code": upper, "title": pa.array([names.upper.get(c, c) for c in upper.to_pylist()])}))
    above = pa.concat_tables(made).combine_chunks()
    for length in range(TABLE + 1, CODE):
        codes = nodes[length]
        stems = pc.utf8_slice_codeunits(codes, 0, -1)
        before = _found(above, "code", "title", stems)
        values = pc.utf8_slice_codeunits(codes, -1, None)
        if names.prefixes is not None:
            values = pc.coalesce(_found(names.prefixes, "prefix", "label", codes), values)
        joined = pc.binary_join_element_wise(before, values, ": " if length == TABLE + 1 else ", ")
        above = pa.table({"code": codes, "title": joined})
        made.append(above)
    return pa.concat_tables(made).combine_chunks()


def _found(table: pa.Table, key: str, value: str, wanted: pa.Array) -> Any:
    """Return the values for the wanted keys, null where there is none."""
    import pyarrow.compute as pc

    places = pc.index_in(wanted, value_set=table.column(key).combine_chunks())
    return table.column(value).combine_chunks().take(places)


OPERATION: Final = 3
"""Position of the axis whose values the definitions explain table by table."""


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
    tables: Part | None
    definitions: Part | None
    index: Part | None
    borrowed_tables: Part | None
    """Tables of another release, for the names of sections, body systems and values only."""
    borrowed_definitions: Part | None
    """Definitions of another release, for the names of sections only."""
    conversion: Part | None
    """A conversion table that dates codes between the release before and this one."""
    former: datetime.date | None
    """Effective day of the release before."""
    effective: datetime.date


def built(parts: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFormatError: The counts of an addenda contradict the order file.
    """
    rows = publisher_rows(parts.order, parts.listed)
    warnings: list[str] = []
    if parts.derived and parts.change:
        rows = derived_rows(rows, parts.change, parts.change_number, backwards=parts.backwards)
    elif parts.change and parts.base:
        warnings += chain_differences(OrderRows.from_table(parts.base.tables["rows"]), parts.change, rows)
    tables: dict[str, pa.Table] = {"concepts": concept_table(rows, _names(parts))}
    if parts.tables:
        tables["rows"], tables["axes"] = parts.tables.tables["rows"], parts.tables.tables["axes"]
        tables["differences"], found = table_differences(parts.tables, rows)
        tables["notes"] = note_table(tables["axes"], parts.definitions)
        warnings += found
    if parts.definitions:
        tables["definitions"] = parts.definitions.tables["terms"]
        tables["device_aggregation"] = parts.definitions.tables["aggregates"]
    if parts.index:
        tables["index"] = parts.index.tables["entries"]
        warnings += unknown_targets(parts.index, tables["concepts"])
    if parts.conversion and parts.former:
        days, found = days_between(parts.conversion, parts.former, parts.effective, set(rows.codes))
        warnings += found
        if days is not None:
            tables["days"] = days
    if parts.change and not parts.backwards:
        tables["changes"] = change_table(parts.change, parts.change_number, str)
    return Built(tables, tuple(warnings))


def _names(parts: Ingredients) -> Names:
    named = parts.tables or parts.borrowed_tables
    defined = parts.definitions or parts.borrowed_definitions
    return Names.of(
        named.tables["axes"] if named else None,
        named.tables["prefixes"] if named else None,
        defined.tables["sections"] if defined else None,
    )


def table_differences(part: Part, rows: OrderRows) -> tuple[pa.Table, list[str]]:
    """Return where the tables, multiplied out, differ from the order file, which is the authority; and warnings."""
    import pyarrow as pa

    made = set(expansion(part.tables["rows"]))
    billable = set(rows.billable_codes)
    headers = set(rows.codes) - billable
    tables = set(part.tables["axes"].column("table").to_pylist())
    found = [
        ("not in order file", sorted(made - billable)),
        ("not in tables", sorted(billable - made)),
        ("table not in order file", sorted(tables - headers)),
        ("header not in tables", sorted(headers - tables)),
    ]
    table = pa.table(
        {
            "check": pa.array([name for name, codes in found for _ in codes], pa.string()),
            "code": pa.array([code for _, codes in found for code in codes], pa.string()),
        }
    )
    warnings = [f"{part.origin.label}: {len(codes)} {name}: {listed(codes)}" for name, codes in found if codes]
    return table, warnings


def unknown_targets(part: Part, concepts: pa.Table) -> list[str]:
    """Return a warning that names targets of the index that the release does not hold; empty where there is none."""
    import pyarrow.compute as pc

    targets = part.tables["entries"].column("target").drop_null()
    strange = targets.filter(pc.invert(pc.is_in(targets, value_set=concepts.column("code").combine_chunks())))
    codes = sorted(strange.unique().to_pylist())
    return (
        [f"{part.origin.label}: leads to {len(codes)} that the release does not hold: {listed(codes)}"] if codes else []
    )


def note_table(axes: pa.Table, definitions: Part | None) -> pa.Table:
    """Return the texts on the operation of each table as its notes: definition, explanation, what it includes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    explained = {(section, term): more for section, term, more in _explanations(definitions)}
    rows: list[dict[str, Any]] = []
    for axis in axes.filter(pc.equal(axes.column("position"), OPERATION)).to_pylist():
        code = axis["table"]
        said = [("definition", axis["definition"], axis["line"])] if axis["definition"] else []
        said += explained.get((code[0], axis["label"]), [])
        rows += [{"code": code, "kind": kind, "text": text, "targets": [], "line": line} for kind, text, line in said]
    return pa.Table.from_pylist(rows, schema=schema.notes())


def _explanations(definitions: Part | None) -> Iterator[tuple[str, str, list[tuple[str, str, int | None]]]]:
    """Yield section and operation with explanation and inclusions; these have no line in the tables."""
    for entry in definitions.tables["terms"].to_pylist() if definitions else ():
        if entry["position"] != OPERATION:
            continue
        more: list[tuple[str, str, int | None]] = [("includes", text, None) for text in entry["includes"]]
        if entry["explanation"]:
            more.insert(0, ("explanation", entry["explanation"], None))
        for term in entry["terms"]:
            yield entry["section"], term, more
