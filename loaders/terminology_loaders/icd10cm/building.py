"""Build a release from its parts, and prove that the parts agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from terminology.drafts import Built, Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults

from ..addenda import Change, applied, changes_of, reversed_changes
from ..order_file import OrderRows
from .concepts import Placement, concept_table

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5


@frozen
class Ingredients:
    """What a release is built from."""

    order: Part
    """The order file; of a derived release that of its neighbour."""
    change: Part | None
    """The addenda that leads here (of a derived release: the one that makes it)."""
    backwards: bool
    derived: bool
    base: Part | None
    """The order file that the addenda starts from, where it is loaded."""
    codes: tuple[Part, ...]
    tabular: Part | None
    borrowed: Part | None
    """A tabular list of another release, for chapters and sections only."""
    addenda: tuple[Part, ...] = ()
    """Order addenda that came in the archive of the order file."""


def built(parts: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFormatError: The codes file, or the counts of an addenda, contradict the order file.
        ReleaseFaults: The same, with several faults.
    """
    rows = OrderRows.from_table(parts.order.tables["rows"])
    warnings: list[str] = []
    if parts.derived and parts.change:
        rows = derived_rows(rows, parts.change, backwards=parts.backwards)
    elif parts.change and parts.base:
        warnings += chain_differences(OrderRows.from_table(parts.base.tables["rows"]), parts.change, rows)
    for codes in parts.codes:
        check_codes(codes, parts.order, rows)
    tables = {}
    placement = None
    listed = parts.tabular or parts.borrowed
    if listed:
        placement = Placement.from_table(listed.tables["nodes"], own=listed is parts.tabular)
    if parts.tabular:
        tables["notes"] = parts.tabular.tables["notes"]
        tables["differences"], found = expansion_differences(parts.tabular, rows)
        warnings += found
    tables["concepts"] = concept_table(rows, placement, lines=not parts.derived)
    return Built(tables, tuple(warnings))


def derived_rows(rows: OrderRows, change: Part, *, backwards: bool) -> OrderRows:
    """Return the rows after (or before) an addenda.

    Raises:
        ReleaseFormatError: A count of the summary does not come out.
    """
    changes = changes_of(change.tables["changes"])
    made = applied(rows, reversed_changes(changes) if backwards else changes)
    side = "old" if backwards else "new"
    counts = (made.billable_count, len(made.codes) - made.billable_count)
    expected = (change.facts["codes"][side], change.facts["headers"][side])
    if counts != expected:
        raise ReleaseFormatError(
            f"expected {expected[0]:,} codes and {expected[1]:,} headers after the changes, got {counts[0]:,} and "
            f"{counts[1]:,}: the release is not derived",
            file=change.origin.label,
        )
    return made


def chain_differences(base: OrderRows, change: Part, rows: OrderRows) -> list[str]:
    """Return where the former order file and the addenda do not make this one; empty where all agree."""
    changes = changes_of(change.tables["changes"])
    before = _values(base)
    after = _values(rows)
    told: dict[str, tuple[bool, str, str] | None] = {c.code: None for c in changes if c.action == "delete"}
    told |= {c.code: _value(c) for c in changes if c.action in {"add", "revise_to"}}
    expected = {**before, **told}
    wrong = sorted(code for code in expected.keys() | after.keys() if expected.get(code) != after.get(code))
    if not wrong:
        return []
    lost = [code for code in wrong if (expected.get(code) or ("",))[0] != (after.get(code) or ("",))[0]]
    what = f"{len(lost)} of them in presence or flag" if lost else "in their titles only"
    return [f"{change.origin.label}: {len(wrong)} codes are not as the addenda says, {what}: {_listed(wrong)}"]


def _value(change: Change) -> tuple[bool, str, str]:
    return bool(change.billable), change.short_title, change.title


def _values(rows: OrderRows) -> dict[str, tuple[bool, str, str]]:
    values = zip(rows.billable, rows.short_titles, rows.titles, strict=True)
    return dict(zip(rows.codes, values, strict=True))


def check_codes(part: Part, order: Part, rows: OrderRows) -> None:
    """Return None where a codes file lists just the billable rows of the order file.

    Raises:
        ReleaseFormatError, ReleaseFaults: It lists others; files of two releases, or one cut short.
    """
    faults = Faults(part.origin.label)
    codes = part.tables["rows"].column("code").to_pylist()
    billable = [code for code, flag in zip(rows.codes, rows.billable, strict=True) if flag]
    lines = {code: number for number, code in enumerate(codes, 1)}
    for code in sorted(lines.keys() - set(billable)):
        faults.add(f"expected a billable code of {order.origin.label}, got {code}", line=lines[code], column=1)
    missing = sorted(set(billable) - lines.keys())
    if missing:
        message = (
            f"expected all {len(billable):,} billable codes of {order.origin.label}, {len(missing):,} are missing: "
        )
        faults.add(message + _listed(missing), line=len(codes) + 1)
    faults.raise_if_any()


def expansion_differences(tabular: Part, rows: OrderRows) -> tuple[pa.Table, list[str]]:
    """Return where the tabular list, its seventh characters expanded, differs from the order file; and warnings.

    The order file is the authority: text notes of the list bar codes that its structure allows (S06, from 2018).
    """
    import pyarrow as pa

    expansion = set(tabular.tables["expansion"].column("code").to_pylist())
    billable = {code for code, flag in zip(rows.codes, rows.billable, strict=True) if flag}
    surplus, missing = sorted(expansion - billable), sorted(billable - expansion)
    nodes = tabular.tables["nodes"]
    listed = {
        code.replace(".", "")
        for code, kind in zip(nodes.column("code").to_pylist(), nodes.column("kind").to_pylist(), strict=True)
        if kind in {"category", "code"}
    }
    strangers = sorted(listed - set(rows.codes))
    found = [("not in order file", surplus), ("not in tabular list", missing), ("node not in order file", strangers)]
    table = pa.table(
        {
            "check": pa.array([name for name, codes in found for _ in codes], pa.string()),
            "code": pa.array([code for _, codes in found for code in codes], pa.string()),
        }
    )
    warnings = [
        f"{tabular.origin.label}: {len(codes)} expanded codes are {name}: {_listed(codes)}"
        for name, codes in found
        if codes
    ]
    return table, warnings


def _listed(codes: list[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
