"""Labels that stand for several comorbidities, as members of each; and what the workbook says otherwise.

I110 under HFHTN_CX      a member of HF and of HTN_CX, each with the label in its detail
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve

from terminology import schema
from terminology.drafts import Part

from ..tables import CATEGORIES
from .workbook import REFERENCE

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = 5


def resolved(parts: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the parts of a version, members under what their labels mean, and what was noticed."""
    means = next((part.facts["means"] for part in parts if "means" in part.facts), None)
    if means is None:
        return tuple(parts), ("the mapping program of the version is not loaded: combined labels stay as they are",)
    made = tuple(_resolved(part, means) for part in parts)
    return made, (*_unexplained(made), *_differences(made))


def _unexplained(parts: Sequence[Part]) -> Iterator[str]:
    """Yield which labels of codes the mapping program has nothing of, neither a comorbidity nor what it stands for."""
    mapping = next(part for part in parts if "means" in part.facts)
    known = set(mapping.tables[CATEGORIES].column("code").to_pylist())
    for part in parts:
        if schema.MEMBERS in part.tables:
            labels = set(part.tables[schema.MEMBERS].column("category").to_pylist()) - known - {None}
            if labels:
                shown = ", ".join(sorted(labels)[:SHOWN]) + (" …" if len(labels) > SHOWN else "")
                yield (
                    f"{part.origin.label}: the mapping program says nothing of {shown}: taken as comorbidities that "
                    "need not be present on admission"
                )


def _resolved(part: Part, means: Mapping[str, Sequence[str]]) -> Part:
    import pyarrow.compute as pc

    tables = dict(part.tables.items())
    if CATEGORIES in tables:
        codes = tables[CATEGORIES].column("code")
        tables[CATEGORIES] = tables[CATEGORIES].filter(pc.invert(pc.is_in(codes, value_set=_array(means))))
    if schema.MEMBERS in tables:
        tables[schema.MEMBERS] = _members(tables[schema.MEMBERS], means)
    return evolve(part, tables=tables)


def _array(means: Mapping[str, Sequence[str]]) -> pa.Array:
    import pyarrow as pa

    return pa.array(list(means), pa.string())


def _members(members: pa.Table, means: Mapping[str, Sequence[str]]) -> pa.Table:
    import pyarrow as pa

    rows = []
    for row in members.to_pylist():
        names = means.get(row["category"])
        if names is None:
            rows.append(row)
        else:
            detail = json.dumps({"label": row["category"]}, separators=(",", ":"))
            rows += [{**row, "category": name, "detail": detail} for name in names]
    return pa.Table.from_pylist(rows, schema=members.schema)


def _differences(parts: Sequence[Part]) -> list[str]:
    """Return what the matrix of a workbook says otherwise than the program."""
    said = {
        (code, category)
        for part in parts
        if schema.MEMBERS in part.tables
        for code, category in zip(
            *(part.tables[schema.MEMBERS].column(name).to_pylist() for name in ("code", "category")), strict=True
        )
    }
    found = []
    for part in parts:
        if REFERENCE in part.tables:
            columns = (part.tables[REFERENCE].column(name).to_pylist() for name in ("code", "category"))
            differing = sorted({*zip(*columns, strict=True)} ^ said)
            if differing:
                shown = ", ".join(f"{code} {category}" for code, category in differing[:SHOWN])
                more = f" and {len(differing) - SHOWN:,} more" if len(differing) > SHOWN else ""
                found.append(f"{part.origin.label}: differs from the program at {shown}{more}; the program counts")
    return found
