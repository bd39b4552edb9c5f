"""The conversion table of ICD-10-CM as a crosswalk: what each new code was coded as before.

The loader reads the table, for it also dates codes; here its column of previous codes is taken apart. The table
lists new codes only: it is no list of deletions, and a previous code may well stay in force (``F32.A`` was split
off from ``F32.9``).

References:
    NCHS (CDC), "ICD-10-CM Conversion Table", one cumulative table for each fiscal year and update.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, Part, Skipped
from terminology.reading import ReadableFile

from ..conversions import CONVERSION, RELATED, Fans, assembled
from ..mapping_rows import MappingRow, listed, mappings_table, mention
from .misprints import Change, Corrected, changes_of, corrected
from .predecessors import ParseStatus, Predecessors, predecessors

if TYPE_CHECKING:
    import pyarrow as pa

SYSTEM: Final = "icd10cm"
Row = Mapping[str, Any]
UNLISTED: Final[Mapping[ParseStatus, str]] = {
    ParseStatus.PARTLY: "names a range or a category beside codes, which is not written out",
    ParseStatus.RANGE: "names a range of codes, which is not written out",
    ParseStatus.CATEGORY: "names a category of codes, which is not written out",
    ParseStatus.UNPARSED: "has words that are not understood",
}
"""What a table does in cells that do not list codes alone."""


class Icd10cmConversionReader:
    """Takes the conversion tables that the loader of ICD-10-CM read."""

    name = "icd10cm_conversion"
    format_number = 3
    parts_of = frozenset({(SYSTEM, CONVERSION)})
    releases_of = frozenset({SYSTEM})

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- the loader reads the tables
        """Return None: no file is this reader's own."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return one crosswalk for each table; its version is that of the newest day in it."""
        consulted = partial(_consulted, releases)
        build = partial(_built, releases)
        return assembled(parts, SYSTEM, "ICD-10-CM Conversion Table", build, consulted)


def _changes(releases: Sequence[CommittedRelease], part: Part) -> dict[datetime.date, Change]:
    """Return the releases around the days of a table, by day."""
    return changes_of(releases, map(datetime.date.fromisoformat, part.facts["days"]))


def _consulted(releases: Sequence[CommittedRelease], part: Part) -> tuple[CommittedRelease, ...]:
    """Return the releases by which misprints of a table are found."""
    items = (item for change in _changes(releases, part).values() for item in (change.before, change.after))
    return tuple({item.digest: item for item in items}.values())


def _built(releases: Sequence[CommittedRelease], part: Part) -> Built:
    """Return an alternative for each member of each group of codes, and all rows with what was understood of them."""
    rows = part.tables["rows"].to_pylist()
    read = [(row, predecessors(row["previous"])) for row in rows]
    understood = list(corrected(read, _changes(releases, part)))
    known = [one for one in understood if one.row["code"] and one.row["day"]]
    fans = Fans.of(
        ((group[0], one.row["day"]), (one.row["code"], one.row["day"]))
        for one in known
        for group in one.found.listed
        if len(group) == 1
    )
    made = [alternative for one in known for alternative in _alternatives(one, fans)]
    mentions = [mentioned for one in known for mentioned in _mentions(one.row, one.found)]
    tables = {
        "mappings": mappings_table(_distinct(made)),
        schema.MENTIONS: mappings_table(_distinct(mentions)),
        "rows": _with_groups(part.tables["rows"], read),
    }
    warnings = (*_warnings(read), *_corrections(understood))
    return Built(tables, tuple(f"{part.origin.label}: {text}" for text in warnings))


def _mentions(row: Row, found: Predecessors) -> Iterator[MappingRow]:
    """Yield what a cell says of a new code, where it lists no codes, or other things beside codes."""
    meaning = UNLISTED.get(found.status)
    if meaning is not None:
        said = " ".join(row["previous"].split())
        meaning = meaning if said else "has an empty cell"
        yield mention(None, meaning, said or None, target_codes=(row["code"],), line=row["line"], effective=row["day"])


def _alternatives(one: Corrected, fans: Fans) -> Iterator[MappingRow]:
    """Yield one alternative for each code of each group, so that the new code is found from every one of them."""
    row, found = one.row, one.found
    place: dict[str, Any] = {"line": row["line"], "effective": row["day"], "change": "new"}
    detail: dict[str, Any] = {"previous": row["previous"], "parse_status": str(found.status)}
    if found.is_spread:
        detail["spread"] = True
    if one.misprints:
        detail["corrected"] = [{"published": text, "read_as": meant} for text, meant in one.misprints.items()]
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


def _corrections(understood: Sequence[Corrected]) -> Iterator[str]:
    """Yield the rows whose previous code is taken for another one."""
    rows: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for one in understood:
        for published, meant in one.misprints.items():
            rows[one.row["day"], one.row["previous"].strip(), published, meant].append(str(one.row["line"]))
    for (day, cell, published, meant), lines in rows.items():
        slip = f"{published}, which no release around {day} has, is taken for {meant}, which ended that day"
        yield f"in {_counted(lines)} the column of previous codes has {cell!r}: {slip}: row {listed(lines)}"


def _counted(rows: Sequence[str]) -> str:
    return "1 row" if len(rows) == 1 else f"{len(rows):,} rows"


__all__ = ["Icd10cmConversionReader", "ParseStatus", "Predecessors", "predecessors"]
