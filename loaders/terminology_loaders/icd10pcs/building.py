"""Build a release from its parts, and prove that order file, addenda and tables agree."""

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
from .concepts import Names, concept_table
from .tables import expansion

if TYPE_CHECKING:
    import pyarrow as pa

OPERATION: Final = 3
"""Position of the axis whose values the definitions explain table by table."""


@frozen
class Ingredients:
    """What a release is built from."""

    order: Part
    """The order file; of a derived release that of its neighbour."""
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
    rows = OrderRows.from_table(parts.order.tables["rows"])
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
        warnings += index_strangers(parts.index, tables["concepts"])
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
    billable = {code for code, flag in zip(rows.codes, rows.billable, strict=True) if flag}
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


def index_strangers(part: Part, concepts: pa.Table) -> list[str]:
    """Return a warning that names what the index leads to and the release does not hold; empty where there is none."""
    import pyarrow.compute as pc

    targets = part.tables["entries"].column("target").drop_null()
    strange = targets.filter(pc.invert(pc.is_in(targets, value_set=concepts.column("code").combine_chunks())))
    codes = sorted(strange.unique().to_pylist())
    return (
        [f"{part.origin.label}: leads to {len(codes)} that the release does not hold: {listed(codes)}"] if codes else []
    )


def note_table(axes: pa.Table, definitions: Part | None) -> pa.Table:
    """Return what is said of the operation of each table as its notes: definition, explanation, what it includes."""
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
