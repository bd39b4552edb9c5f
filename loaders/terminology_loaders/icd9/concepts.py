"""The concepts of a release: the publisher's codes under the categories that their digits tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from terminology import schema

from .layout import Half

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class Row:
    """A code of the publisher."""

    code: str
    """Without dot."""
    title: str
    short_title: str | None
    line: int | None


def concept_table(half: Half, rows: Sequence[Row]) -> pa.Table:
    """Return the ``concepts`` table: every category right before the first of its codes.

    The lists name billable codes only. A prefix of a code that is no code itself becomes a category, derived;
    its title can only say which codes it holds.
    """
    import pyarrow as pa

    found = {row.code: row for row in rows}
    members = _members(half, rows)
    order: list[str] = []
    seen: set[str] = set()
    for row in rows:
        for code in (*half.ancestors(row.code), row.code):
            if code not in seen:
                seen.add(code)
                order.append(code)
    titles = {code: _composed(half, code, codes) for code, codes in members.items() if code not in found}
    return pa.table(
        {
            "code": [half.official(code) for code in order],
            "title": [found[code].title if code in found else titles[code] for code in order],
            "short_title": [found[code].short_title if code in found else None for code in order],
            "billable": [code in found for code in order],
            "kind": ["code" if code in found else "category" for code in order],
            "parent": [_parent(half, code) for code in order],
            "derived": [code not in found for code in order],
            "line": [found[code].line if code in found else None for code in order],
            **{name: pa.nulls(len(order), pa.date32()) for name in schema.DAY_COLUMNS},
        },
        schema=schema.concepts(),
    )


def _members(half: Half, rows: Sequence[Row]) -> Mapping[str, list[str]]:
    """Return the codes below each category."""
    members: dict[str, list[str]] = {}
    for row in rows:
        for category in half.ancestors(row.code):
            members.setdefault(category, []).append(row.code)
    return members


def _parent(half: Half, code: str) -> str | None:
    above = half.ancestors(code)
    return half.official(above[-1]) if above else None


def _composed(half: Half, category: str, codes: Sequence[str]) -> str:
    """Return the title of a category that the files give none.

    >>> from terminology_loaders.icd9.layout import DIAGNOSES
    >>> _composed(DIAGNOSES, "V27", ["V270"])
    'V27 (category of the code V27.0)'
    """
    first, last = half.official(min(codes)), half.official(max(codes))
    span = f"code {first}" if first == last else f"codes {first}–{last}"  # noqa: RUF001 -- a span takes this dash
    return f"{half.official(category)} (category of the {span})"
