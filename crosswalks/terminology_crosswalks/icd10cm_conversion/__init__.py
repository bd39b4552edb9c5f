"""The conversion table of ICD-10-CM as a crosswalk: what each new code was coded as before.

The loader reads the table, for it also dates codes; here its column of previous codes is taken apart. The table
lists new codes only: it is no list of deletions, and a previous code may well stay in force (``F32.A`` was split
off from ``F32.9``).

References:
    NCHS (CDC), "ICD-10-CM Conversion Table", one cumulative table for each fiscal year and update.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, Part, Skipped
from terminology.reading import ReadableFile

from ..conversions import CONVERSION, RELATED, Fans, assembled
from ..mapping_rows import MappingRow, listed, mappings_table
from .predecessors import ParseStatus, Predecessors, predecessors

if TYPE_CHECKING:
    import pyarrow as pa

SYSTEM: Final = "icd10cm"
Row = Mapping[str, Any]


class Icd10cmConversionReader:
    """Takes the conversion tables that the loader of ICD-10-CM read."""

    name = "icd10cm_conversion"
    format_number = 2
    parts_of = frozenset({(SYSTEM, CONVERSION)})
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- the loader reads the tables
        """Return None: no file is this reader's own."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each table; its version is that of the newest day in it."""
        return assembled(parts, SYSTEM, "ICD-10-CM Conversion Table", _built)


def _built(part: Part) -> Built:
    """Return an alternative for each member of each group of codes, and all rows with what was understood of them."""
    rows = part.tables["rows"].to_pylist()
    read = [(row, predecessors(row["previous"])) for row in rows]
    known = [(row, found) for row, found in read if row["code"] and row["day"]]
    fans = Fans.of(
        ((group[0], row["day"]), (row["code"], row["day"]))
        for row, found in known
        for group in found.listed
        if len(group) == 1
    )
    made = [one for row, found in known for one in _alternatives(row, found, fans)]
    tables = {"mappings": mappings_table(_distinct(made)), "rows": _with_groups(part.tables["rows"], read)}
    return Built(tables, tuple(f"{part.origin.label}: {text}" for text in _warnings(read)))


def _alternatives(row: Row, found: Predecessors, fans: Fans) -> Iterator[MappingRow]:
    """Yield one alternative for each code of each group, so that the new code is found from every one of them."""
    place: dict[str, Any] = {"line": row["line"], "effective": row["day"], "change": "new"}
    detail: dict[str, Any] = {"previous": row["previous"], "parse_status": str(found.status)}
    if found.is_spread:
        detail["spread"] = True
    target = (row["code"],)
    if found.status is ParseStatus.NONE:
        yield MappingRow(None, target, detail=detail, **place)
    is_single = len(found.groups) == 1 and len(found.groups[0]) == 1
    for group in found.listed:
        relationship = RELATED
        if is_single:
            relationship = fans.relationship((group[0], row["day"]), (row["code"], row["day"]), is_replacement=False)
        for code in group:
            others = tuple(other for other in group if other != code)
            yield MappingRow(code, target, with_codes=others, relationship=relationship, detail=detail, **place)


def _distinct(alternatives: Sequence[MappingRow]) -> list[MappingRow]:
    """Return the alternatives without repetitions: some rows of the real tables are repeated."""
    kept: dict[tuple[Any, ...], MappingRow] = {}
    for one in alternatives:
        kept.setdefault((one.source_code, one.with_codes, one.target_codes, one.effective), one)
    return list(kept.values())


def _with_groups(rows: pa.Table, read: Sequence[tuple[Row, Predecessors]]) -> pa.Table:
    """Return the rows with two more columns: the groups, and how far the cell was understood."""
    import pyarrow as pa

    groups = pa.array([list(map(list, found.groups)) for _, found in read], pa.list_(pa.list_(pa.string())))
    statuses = pa.array([str(found.status) for _, found in read], pa.string())
    return rows.append_column("groups", groups).append_column("parse_status", statuses)


def _warnings(read: Sequence[tuple[Row, Predecessors]]) -> Iterator[str]:
    """Yield how many rows lead to no alternative, or to fewer than they name, by the reason."""
    meanings = {
        ParseStatus.PARTLY: "names codes and also ranges or categories, of which only the codes are taken",
        ParseStatus.RANGE: "names only ranges, which are kept as written",
        ParseStatus.CATEGORY: "names only categories, which are kept as written",
        ParseStatus.UNPARSED: "cannot be understood, and is kept as written",
    }
    for status, meaning in meanings.items():
        cells = [row["previous"].strip() for row, found in read if found.status is status]
        if cells:
            distinct = [f"{cell!r}" for cell in dict.fromkeys(cells)]
            yield f"in {_counted(cells)} the column of previous codes {meaning}: {listed(distinct)}"
    unplaced = [str(row["line"]) for row, _ in read if not (row["code"] and row["day"])]
    if unplaced:
        yield f"{_counted(unplaced)} without code or day left out: row {listed(unplaced)}"


def _counted(rows: Sequence[str]) -> str:
    return "1 row" if len(rows) == 1 else f"{len(rows):,} rows"


__all__ = ["Icd10cmConversionReader", "ParseStatus", "Predecessors", "predecessors"]
