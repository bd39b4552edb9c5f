"""Two publications of one release, held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

NAMED: Final = 3
DERIVED: Final = frozenset({"line", "effective_from", "effective_to", "changed", "reactivated"})
"""Columns that follow from others, or from the file alone."""


def same_rows(one: pa.Table, other: pa.Table) -> bool:
    """Return whether the tables say the same, whatever the lines they stand on."""
    return bool(one.drop_columns(["line"]).equals(other.drop_columns(["line"])))


def differences(authority: pa.Table, other: pa.Table) -> list[str]:
    """Return how the other table differs: one text for each field, naming the first few codes."""
    import pyarrow as pa

    ours, theirs = (_positions(table) for table in (authority, other))
    found = []
    if lost := [code for code in ours if code not in theirs]:
        found.append(f"lacks {_counted(lost)}")
    if extra := [code for code in theirs if code not in ours]:
        found.append(f"adds {_counted(extra)}")
    common = [code for code in ours if code in theirs]
    # no code at all may be common, and of an empty list Arrow cannot tell that it is one of numbers
    left = authority.take(pa.array([ours[code] for code in common], pa.int64()))
    right = other.take(pa.array([theirs[code] for code in common], pa.int64()))
    for name in authority.schema.names:
        if name in DERIVED or left.column(name).equals(right.column(name)):
            continue
        pairs = zip(common, left.column(name).to_pylist(), right.column(name).to_pylist(), strict=True)
        found.append(f"another {name} in {_counted([code for code, mine, its in pairs if mine != its])}")
    return found


def _positions(table: pa.Table) -> dict[str, int]:
    return {code: index for index, code in enumerate(table.column("code").to_pylist())}


def _counted(codes: list[str]) -> str:
    more = " …" if len(codes) > NAMED else ""
    return f"{len(codes)} code{'s' * (len(codes) != 1)} ({', '.join(codes[:NAMED])}{more})"
