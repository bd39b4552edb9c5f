"""The rows of a compiled map, found by source code and by target code.

Why versions matter: publications of changes are cumulative. Each year's conversion table repeats the changes of
former years, and sometimes corrects one. So of one code only the rows of one version count: the newest that was
published by the day of the query, else the oldest. Maps between systems (GEM) name no day. There each version counts
by itself, and is chosen by the editions that it connects.

In numbers: the tables of 2021, 2022 and 2023 all state what replaced A in October 2020, and that of 2023 corrects it.
Asked with the version of 2022, its own row counts; asked with that of 2023, the corrected one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import field, frozen

from .. import schema
from ..model import Crosswalk, Source
from ..periods import BEGIN, day_number
from ..store import MapEntry
from ..store.codes import CodeColumn
from ..store.lazy import Lazy
from ..store.mapped import MappedTable
from ..store.pointer import MAP_FILES

if TYPE_CHECKING:
    from pathlib import Path

APPROXIMATE: Final = {0: False, 1: True}
UNPRECEDED: Final = ""
"""Source code of rows whose targets have no predecessor."""


@frozen
class MapRow:
    """One row of a published map: codes used together, and the codes used together that they map to."""

    source_codes: tuple[str, ...]
    """Empty where the publisher says that the targets have no predecessor."""
    target_codes: tuple[str, ...] | None
    """None where the publisher says that there is nothing to map to."""
    effective: int | None
    """Day number of the change; None of a translation between systems that names no day."""
    change: str | None
    relationship: str
    approximate: bool | None
    crosswalk: Crosswalk
    source: Source | None
    detail: dict[str, Any] = field(factory=dict, hash=False)


class MapColumns(Lazy):
    """What the rows of a map say besides their codes; read once a code is found."""

    __slots__ = (
        "approximate",
        "changes",
        "days",
        "details",
        "lines",
        "publications",
        "relationships",
        "rows",
        "sources",
        "target_codes",
        "with_codes",
    )

    def __init__(self, table: MappedTable, targets: MappedTable) -> None:
        self.rows = targets.integers("row")
        self.publications = table.integers("publication")
        self.days = table.integers("effective")
        self.approximate = table.integers("approximate")
        self.lines = table.integers("line")
        self.sources = table.integers("source")
        self.with_codes = table.texts("with_codes")
        self.target_codes = table.texts("target_codes")
        self.changes = table.texts("change")
        self.relationships = table.texts("relationship")
        self.details = table.texts("detail")


class MapRows:
    """All versions of one crosswalk between two systems."""

    def __init__(self, entry: MapEntry, table: MappedTable, targets: MappedTable) -> None:
        self.name, self.source_system, self.target_system, self.identity = entry.key
        self.crosswalks: tuple[Crosswalk, ...] = tuple(item.crosswalk for item in entry.crosswalks)
        """In order of their effective days."""
        self._codes, self._targets = CodeColumn.unread(table), CodeColumn.unread(targets)
        self._columns = MapColumns.unread(table, targets)

    @classmethod
    def opened(cls, folder: Path, entry: MapEntry) -> Self:
        """Return the rows of a map whose files are in a folder."""
        return cls(entry, *(MappedTable(folder, entry.files[name]) for name in MAP_FILES))

    def __repr__(self) -> str:
        versions = ", ".join(crosswalk.version for crosswalk in self.crosswalks)
        return f"<MapRows {self.name}: {self.source_system} to {self.target_system}, {versions}>"

    @property
    def precedence(self) -> tuple[bool, bool, str, str]:
        """Where the map stands among those between two systems, which answer in this order.

        The user's own come first, then others that call themselves something, then those that have a reader; by name.
        """
        return not self.crosswalks[-1].own, not self.identity, self.name, self.identity

    @property
    def days(self) -> frozenset[int]:
        """Day numbers of all changes; empty of a map whose rows name no day."""
        return frozenset(self._columns.days) - {BEGIN}

    def dated_codes(self) -> Iterator[tuple[Any, Any]]:
        """Yield the codes that rows have on one side, as an Arrow array, and the day numbers of these rows, for both sides."""
        import numpy as np

        days = np.asarray(self._columns.days)
        for side, rows in ((self._codes, slice(None)), (self._targets, np.asarray(self._columns.rows))):
            yield side.table.to_arrow(["code"]).column("code").combine_chunks(), days[rows]

    def sources_between(self, first: int, last: int) -> set[str]:
        """Return the codes that rows of these days, by their numbers and both included, have as their source."""
        codes, days = self._codes.codes, self._columns.days
        return {codes[row] or UNPRECEDED for row in range(len(days)) if first <= days[row] <= last} - {UNPRECEDED}

    def publication(self, day: int | None) -> int:
        """Return the number of the version to ask: the newest whose editions had begun on the day, else the oldest.

        Args:
            day: Day number; None for the newest version of all.
        """
        if day is None:
            return len(self.crosswalks) - 1
        begun = [n for n, crosswalk in enumerate(self.crosswalks) if day_number(crosswalk.effective) <= day]
        return begun[-1] if begun else 0

    def of_source(self, code: str, publication: int | None = None) -> list[MapRow]:
        """Return the rows in which a code is a source, in the publisher's order; empty where there is none.

        Args:
            code: In official form.
            publication: Number of a version; rows without a day count only if they are of it. Those with a day are
                cumulative, but of one code only those of one version count: the newest that had stated it by then.
        """
        return [row for row in self._of_source(code, publication) if row.change != schema.MENTIONED]

    def stated_of(self, code: str, publication: int | None = None) -> list[MapRow]:
        """Return the rows of `of_source` together with those that only mention the code as a source, in one search."""
        return self._of_source(code, publication)

    def of_target(self, code: str, publication: int | None = None) -> list[MapRow]:
        """Return the rows in which a code is among the targets; empty where there is none."""
        return [row for row in self._of_target(code, publication) if row.change != schema.MENTIONED]

    def mentions(self, code: str, publication: int | None = None) -> list[MapRow]:
        """Return the rows that mention a code on either side, and lead nowhere; empty where there is none."""
        found = (*self._of_source(code, publication), *self._of_target(code, publication))
        return [row for row in found if row.change == schema.MENTIONED]

    def is_source(self, code: str, publication: int) -> bool:
        """Return whether a version has a row of a code, whatever it says."""
        return next(self._counting(_run(self._codes, code), publication), None) is not None

    def _of_source(self, code: str, publication: int | None) -> list[MapRow]:
        return [self._mapping(row, code) for row in self._counting(_run(self._codes, code), publication)]

    def _of_target(self, code: str, publication: int | None) -> list[MapRow]:
        rows = (self._columns.rows[place] for place in _run(self._targets, code))
        return [self._mapping(row, self._codes.codes[row]) for row in self._counting(rows, publication)]

    def turns(self, code: str) -> Iterator[tuple[int, str, bool]]:
        """Yield day number, change, and whether a code leads to itself, of the dated rows in which it is a source.

        What else the rows say is not read, so this is cheap.
        """
        columns, itself = self._columns, json.dumps([code], ensure_ascii=False, separators=(",", ":"))
        for row in _run(self._codes, code):
            day, change = columns.days[row], columns.changes[row]
            if day != BEGIN and change is not None:
                yield day, change, columns.target_codes[row] == itself

    def _counting(self, rows: Iterable[int], publication: int | None) -> Iterator[int]:
        """Yield the rows that count for a version: of a code with dated rows, those of the version that states them."""
        chosen: dict[str, int] = {}
        for row in rows:
            wanted = publication
            is_dated = self._columns.days[row] != BEGIN
            if is_dated and publication is not None and (code := self._codes.codes[row]) != UNPRECEDED:
                if code not in chosen:
                    chosen[code] = self._stating(code, publication)
                wanted = chosen[code]
            elif is_dated:
                wanted = None
            if wanted in (None, self._columns.publications[row]):
                yield row

    def _stating(self, code: str, publication: int) -> int:
        """Return the number of the version whose dated rows of a code count for a version that is asked."""
        day = day_number(self.crosswalks[publication].effective)
        stated = {(self._columns.publications[row], self._columns.days[row]) for row in _run(self._codes, code)}
        if (publication, BEGIN) in stated:
            return publication
        dated = [(number, first) for number, first in stated if first != BEGIN]
        # where several versions state the same row, only that of the newest is kept; so it may have been known before
        by_then = [number for number, first in dated if number <= publication or first <= day]
        return max(by_then) if by_then else min(number for number, _ in dated)

    def _mapping(self, row: int, code: str) -> MapRow:
        columns = self._columns
        targets, together, detail = columns.target_codes[row], columns.with_codes[row], columns.details[row]
        crosswalk = self.crosswalks[columns.publications[row]]
        day = columns.days[row]
        return MapRow(
            source_codes=(code, *(json.loads(together) if together else ())) if code != UNPRECEDED else (),
            target_codes=tuple(json.loads(targets)) if targets is not None else None,
            effective=day if day != BEGIN else None,
            change=columns.changes[row],
            relationship=columns.relationships[row],
            approximate=APPROXIMATE.get(columns.approximate[row]),
            crosswalk=crosswalk,
            source=self._source(crosswalk, row),
            detail=json.loads(detail) if detail else {},
        )

    def _source(self, crosswalk: Crosswalk, row: int) -> Source | None:
        if not crosswalk.sources:
            return None
        file = crosswalk.sources[self._columns.sources[row]]
        return Source(
            crosswalk.source_system, crosswalk.version, file.file, file.sha256, self._columns.lines[row] or None
        )


def _run(codes: CodeColumn, code: str) -> Iterator[int]:
    """Yield the rows of a sorted column, codes repeated, that hold the code."""
    row = codes.find(code)
    if row < 0:
        codes.table.require_recent_size()
        return
    # keys of eight bytes can be shared by longer codes
    while row < codes.count and codes.codes[row] == code:
        yield row
        row += 1
