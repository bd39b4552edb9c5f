"""Build a release from its parts, and prove that the parts agree."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from attrs import frozen

from terminology.drafts import Built, Part

from ..order.changes import chain_differences, change_table, check_codes, derived_rows, listed
from ..order.conversion import days_between
from ..order.file import OrderRows
from .concepts import Placement, concept_table, dotted
from .index_releases import index_table

if TYPE_CHECKING:
    import pyarrow as pa


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
        ReleaseFaults: The same, with several faults.
    """
    rows = OrderRows.from_table(parts.order.tables["rows"])
    warnings: list[str] = []
    if parts.derived and parts.change:
        rows = derived_rows(rows, parts.change, parts.change_number, backwards=parts.backwards)
    elif parts.change and parts.base:
        warnings += chain_differences(OrderRows.from_table(parts.base.tables["rows"]), parts.change, rows)
    for codes in parts.codes:
        check_codes(codes, parts.order, rows)
    tables = {}
    placement = None
    tabular = parts.tabular or parts.borrowed
    if tabular:
        placement = Placement.from_table(tabular.tables["nodes"], own=tabular is parts.tabular)
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
        billable = {dotted(code) for code, flag in zip(rows.codes, rows.billable, strict=True) if flag}
        tables["index"], found = index_table(parts.indexes, billable)
        warnings += found
    tables["concepts"] = concept_table(rows, placement)
    if parts.change and not parts.backwards:
        tables["changes"] = change_table(parts.change, parts.change_number, dotted)
    return Built(tables, tuple(warnings))


def expansion_differences(tabular: Part, rows: OrderRows) -> tuple[pa.Table, list[str]]:
    """Return where the tabular list, its seventh characters expanded, differs from the order file; and warnings.

    The order file is the authority: text notes of the list bar codes that its structure allows (S06, from 2018).
    """
    import pyarrow as pa

    expansion = set(tabular.tables["expansion"].column("code").to_pylist())
    billable = {code for code, flag in zip(rows.codes, rows.billable, strict=True) if flag}
    surplus, missing = sorted(expansion - billable), sorted(billable - expansion)
    nodes = tabular.tables["nodes"]
    named = {
        code.replace(".", "")
        for code, kind in zip(nodes.column("code").to_pylist(), nodes.column("kind").to_pylist(), strict=True)
        if kind in {"category", "code"}
    }
    strangers = sorted(named - set(rows.codes))
    found = [("not in order file", surplus), ("not in tabular list", missing), ("node not in order file", strangers)]
    table = pa.table(
        {
            "check": pa.array([name for name, codes in found for _ in codes], pa.string()),
            "code": pa.array([code for _, codes in found for code in codes], pa.string()),
        }
    )
    warnings = [
        f"{tabular.origin.label}: {len(codes)} expanded codes are {name}: {listed(codes)}"
        for name, codes in found
        if codes
    ]
    return table, warnings
