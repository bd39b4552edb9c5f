"""What is in force as of a day as an Arrow table, made with whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import schema
from ..hierarchy import NONE
from ..periods import OPEN
from .compiled import AsOf

if TYPE_CHECKING:
    import networkx as nx
    import pyarrow as pa


SHOWN: Final = ("title", "short_title", "state", "kind", "derived", "properties")
"""Columns of the interval rows that the table shows, or computes its columns from."""


def concept_table(as_of: AsOf) -> pa.Table:
    """Return everything in force in document order: one row a concept; nodes that are no codes have status unknown.

    Columns: code, title, short_title, status, billable, kind, parent, derived, effective_from, effective_to (half
    open, null while open), properties (JSON text, null where there are none).
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    system = as_of.system
    codes = system.arrow_codes
    rows, starts, ends = _rows_in_force(as_of)
    tree = as_of.tree
    count = len(codes)
    node = np.asarray(tree.nodes, dtype=np.int64)[:count] if tree else np.zeros(0, dtype=np.int64)
    node = node[node < count]
    row_of = np.full(count, -1, dtype=np.int64)
    first = np.asarray(system.periods.first)
    row_of[np.searchsorted(first, rows, side="right") - 1] = np.arange(len(rows))
    node = node[row_of[node] >= 0]
    chosen = row_of[node]
    periods = system.periods.table.to_arrow(SHOWN).take(pa.array(rows[chosen]))
    places = np.asarray(tree.places)[node] if tree else node
    above = np.asarray(tree.parents)[places] if tree else node
    has_parent = above < count
    parent_rows = np.where(has_parent, np.asarray(tree.nodes)[np.where(has_parent, above, 0)], 0) if tree else node
    state = periods.column("state")
    billable = pc.equal(state, schema.BILLABLE)
    until = ends[chosen]
    properties = system.property_column().take(pc.if_else(_known(periods), periods.column("properties"), None))
    return pa.table(
        {
            "code": codes.take(pa.array(node)),
            "title": periods.column("title"),
            "short_title": periods.column("short_title"),
            "status": pc.if_else(billable, "billable", pc.if_else(pc.equal(state, schema.NODE), "unknown", "header")),
            "billable": billable,
            "kind": periods.column("kind"),
            "parent": codes.take(pa.array(parent_rows, mask=~has_parent)),
            "derived": pc.equal(periods.column("derived"), 1),
            "effective_from": pa.array(starts[chosen], pa.int32()).cast(pa.date32()),
            "effective_to": pa.array(until, pa.int32(), mask=until == OPEN).cast(pa.date32()),
            "properties": properties,
        }
    )


def billable_places(as_of: AsOf) -> Any:
    """Return the places in the tree that have billable codes in force, as an array of numbers in document order."""
    import numpy as np

    rows, _, _ = _rows_in_force(as_of)
    if as_of.tree is None:
        return rows
    rows = rows[np.asarray(as_of.system.periods.states)[rows] == schema.BILLABLE]
    owner = np.searchsorted(np.asarray(as_of.system.periods.first), rows, side="right") - 1
    places = np.asarray(as_of.tree.places)[owner]
    return np.sort(places[places != NONE])


def _known(periods: pa.Table) -> Any:
    import pyarrow.compute as pc

    return pc.greater_equal(periods.column("properties"), 0)


def _rows_in_force(as_of: AsOf) -> tuple[Any, Any, Any]:
    """Return the interval rows in force, and the first day and end of the stretch of one state that holds each."""
    import numpy as np

    periods = as_of.system.periods
    if not as_of.has_rows:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing.astype("int32"), nothing.astype("int32")
    starts, ends = np.asarray(periods.starts), np.asarray(periods.ends)
    known = (np.asarray(periods.known_from) <= as_of.knowledge) & (as_of.knowledge < np.asarray(periods.known_to))
    known &= starts < as_of.horizon
    rows = np.flatnonzero(known)
    owner = np.searchsorted(np.asarray(periods.first), rows, side="right") - 1
    rows = rows[np.lexsort((starts[rows], owner))]
    owner = np.searchsorted(np.asarray(periods.first), rows, side="right") - 1
    state = np.asarray(periods.states)[rows]
    until = np.where(ends[rows] < as_of.horizon, ends[rows], OPEN)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (state[1:] != state[:-1]) | (until[:-1] != starts[rows][1:])
    stretch = np.cumsum(fresh) - 1
    heads = np.flatnonzero(fresh)
    tails = np.append(heads[1:], len(rows))[: len(heads)] - 1
    holds = (
        (starts[rows] <= as_of.day)
        & (as_of.day < ends[rows])
        & np.isin(state, (schema.HEADER, schema.BILLABLE, schema.NODE))
    )
    first_days, last_days = starts[rows][heads], until[tails]
    return rows[holds], first_days[stretch[holds]].astype("int32"), last_days[stretch[holds]].astype("int32")


def graph_of(as_of: AsOf) -> nx.DiGraph[str]:
    """Return the hierarchy of an edition as a `networkx.DiGraph`, edges from parent to child."""
    from ..hierarchy import directed_graph

    table = concept_table(as_of)
    columns = {name: table.column(name).to_pylist() for name in ("code", "parent", "title", "billable", "kind")}
    attributes = [
        {"title": title, "billable": billable, "kind": kind}
        for title, billable, kind in zip(columns["title"], columns["billable"], columns["kind"], strict=True)
    ]
    return directed_graph(columns["code"], columns["parent"], attributes)
