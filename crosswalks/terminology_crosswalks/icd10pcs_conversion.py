"""The conversion table of ICD-10-PCS as a crosswalk: what new codes came from, and what replaces deleted ones.

The loader reads the table, for it also dates codes. Each row has a kind: *New* (the current code, and what was
reported before it), *Deleted* (the deleted code is in the column of previous codes, its replacement in that of
current ones), *Revised* (the title, or its meaning, changed). ``NoPCS`` is in place of a code where there is none.

References:
    CMS, "ICD-10-PCS Conversion Table" (`icd10pcs_conversion_table_YYYY.xlsx`), one cumulative table a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from .conversions import CONVERSION, Fans, assembled
from .mapping_rows import MappingRow, listed, mappings_table, mention

SYSTEM: Final = "icd10pcs"
NO_CODE: Final = "NoPCS"
CHANGES: Final = {"New": "new", "Deleted": "deleted", "Revised": "revised"}
CODE_LENGTH: Final = 7
Row = Mapping[str, Any]


@frozen
class Change:
    """A row as understood."""

    row: Row
    change: str
    previous: str | None
    """None where there was no code."""
    current: str | None


class Icd10pcsConversionReader:
    """Takes the conversion tables that the loader of ICD-10-PCS read."""

    name = "icd10pcs_conversion"
    format_number = 2
    parts_of = frozenset({(SYSTEM, CONVERSION)})
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- the loader reads the tables
        """Return None: no file is this reader's own."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each table; its version is that of the newest day in it."""
        return assembled(parts, SYSTEM, "ICD-10-PCS Conversion Table", _built)


def _built(part: Part) -> Built:
    """Return one alternative a row; rows that cannot be one are left out with a warning, and kept as published."""
    rows = part.tables["rows"].to_pylist()
    understood = [(row, _change(row)) for row in rows]
    changes = [change for _, change in understood if change]
    fans = {name: Fans.of(_pairs(changes, name)) for name in CHANGES.values()}
    left_out = [str(row["line"]) for row, change in understood if change is None]
    warnings = [f"{part.origin.label}: not understood and left out: row {listed(left_out)}"] if left_out else []
    tables = {
        "mappings": mappings_table(_alternative(change, fans[change.change]) for change in changes),
        schema.MENTIONS: mappings_table(_mentions(row for row, change in understood if change is None)),
        "rows": part.tables["rows"],
    }
    return Built(tables, tuple(warnings))


def _mentions(rows: Iterable[Row]) -> Iterator[MappingRow]:
    """Yield what rows that are not understood say of the code that they belong to, where that and their day are known."""
    for row in rows:
        change = CHANGES.get(row["change_type"].strip())
        own, other = ("previous", "current") if change == "deleted" else ("current", "previous")
        code = _code(row[own].strip())
        if code is None or row["day"] is None or change is None or change == "revised":
            continue
        place = {"line": row["line"], "effective": row["day"]}
        meaning = (
            "names what is no code" if row[other].strip() else "names no code, and does not say that there is none"
        )
        sides = (code, None) if change == "deleted" else (None, (code,))
        yield mention(sides[0], meaning, row[other].strip() or None, target_codes=sides[1], **place)


def _change(row: Row) -> Change | None:
    """Return the row as understood; None if a cell cannot be read, or if the code that it belongs to is missing."""
    change = CHANGES.get(row["change_type"].strip())
    sides = [row[name].strip() for name in ("previous", "current")]
    codes = [None if text == NO_CODE else _code(text) for text in sides]
    if change is None or row["day"] is None:
        return None
    if any(code is None and text != NO_CODE for code, text in zip(codes, sides, strict=True)):
        return None
    previous, current = codes
    needed = {"new": (current,), "deleted": (previous,), "revised": (previous, current)}[change]
    return Change(row, change, previous, current) if all(needed) else None


def _code(text: str) -> str | None:
    return SYSTEMS[SYSTEM].official(text) if len(text) == CODE_LENGTH else None


def _pairs(changes: Sequence[Change], name: str) -> Iterator[tuple[Any, Any]]:
    for one in changes:
        if one.change == name and one.previous and one.current:
            yield (one.previous, one.row["day"]), (one.current, one.row["day"])


def _alternative(one: Change, fans: Fans) -> MappingRow:
    day = one.row["day"]
    is_replacement = one.change == "deleted"
    return MappingRow(
        one.previous,
        (one.current,) if one.current else None,
        one.row["line"],
        effective=day,
        change=one.change,
        relationship=fans.relationship((one.previous, day), (one.current, day), is_replacement=is_replacement),
        detail=_titles(one.row) if one.change == "revised" else None,
    )


def _titles(row: Row) -> dict[str, str | None]:
    """Return what a revision says: the titles before and after, and the publisher's comment."""
    return {"before": row["previous_title"], "after": row["title"], "comment": row["comment"].strip() or None}


__all__ = ["Icd10pcsConversionReader"]
