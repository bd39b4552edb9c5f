"""The concepts of a release: rows of the order file, and above them prefixes, body systems and sections.

The hierarchy is in the codes: section, body system, table, then one prefix for each further character. Made with
whole columns, for a release has 190,000 nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema

from ..order.file import OrderRows

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
        names: Of what stands above the tables, and of prefixes.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = pa.array(rows.codes, pa.string())
    nodes = _nodes(listed)
    # document order is that of the letters: a prefix stands before what begins with it
    codes = pc.unique(pa.concat_arrays([listed, *nodes.values()]))
    codes = codes.take(pc.sort_indices(codes))
    place = pc.index_in(codes, value_set=listed)
    own = pc.is_valid(place)
    titles = _titles(listed, pa.array(rows.titles, pa.string()), nodes, names)
    lengths = pc.utf8_length(codes)
    kinds = pa.array(KINDS).take(lengths)
    parents = pc.if_else(pc.greater(lengths, 1), pc.utf8_slice_codeunits(codes, 0, -1), pa.scalar(None, pa.string()))
    return pa.table(
        {
            "code": codes,
            "title": titles.column("title").take(pc.index_in(codes, value_set=titles.column("code").combine_chunks())),
            "short_title": pa.array(rows.short_titles, pa.string()).take(place),
            "billable": pc.fill_null(pa.array(rows.billable, pa.bool_()).take(place), fill_value=False),
            "kind": kinds,
            "parent": parents,
            "derived": pc.invert(own),
            "line": pa.array(rows.lines, pa.int32()).take(place),
            **{name: pa.nulls(len(codes), pa.date32()) for name in schema.DAY_COLUMNS},
            schema.SOURCE_COLUMN: pa.array(rows.sources, pa.int32()).take(place),
        },
        schema=schema.concepts().append(pa.field(schema.SOURCE_COLUMN, pa.int32())),
    )


def _nodes(listed: pa.Array) -> dict[int, pa.Array]:
    """Return what stands above the listed codes and is not listed, by length."""
    import pyarrow.compute as pc

    full = listed.filter(pc.equal(pc.utf8_length(listed), CODE))
    made = {length: pc.unique(pc.utf8_slice_codeunits(listed, 0, length)) for length in (1, 2)}
    made |= {length: pc.unique(pc.utf8_slice_codeunits(full, 0, length)) for length in range(TABLE + 1, CODE)}
    return {length: codes.filter(pc.invert(pc.is_in(codes, value_set=listed))) for length, codes in made.items()}


def _titles(listed: pa.Array, titles: pa.Array, nodes: dict[int, pa.Array], names: Names) -> pa.Table:
    """Return a title for every code; that of a prefix says table and values: ``…, Resection: Gallbladder, Open``.

    A value that no loaded tables name stands for itself, and so does a section or body system.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    made = [pa.table({"code": listed, "title": titles})]
    upper = pa.concat_arrays([nodes[1], nodes[2]])
    made.append(pa.table({"code": upper, "title": pa.array([names.upper.get(c, c) for c in upper.to_pylist()])}))
    above = made[0]
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
