"""Changes of codes as files date them: histories, lists of deleted codes, rows of PLA and consolidated lists."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Part

from .authority import Change
from .dating import laboratory_day
from .delimited import ADDED, DELETED
from .laboratory import DELETED as DELETED_STATUS
from .layout import CODE, first_day_without

if TYPE_CHECKING:
    import pyarrow as pa

HISTORIES: Final = ("history", "deleted", "modifier history")
"""Kinds of file whose rows are changes."""
CODE_OR_MODIFIER: Final = re.compile(rf"{CODE.pattern}|[0-9A-Z][0-9A-Z]")
WEIGHTS: Final = {"history": 3, "modifier history": 3, "deleted": 2, "laboratory": 1}
"""Of files of the same age; a consolidated list counts least: its days are those of descriptors."""


def changes_of(parts: Sequence[Part], after: datetime.date = datetime.date.min) -> Iterator[Change]:
    """Yield what the files say of the beginning and the end of codes, after a day."""
    for part in parts:
        found = _events(part, after) if part.kind in HISTORIES else _first_days(part, after)
        yield from (change for change in found if change.day > after)


def age_of(part: Part) -> tuple[datetime.date, int]:
    """Return how new a file is, by the newest day in it, and how much it counts among files of the same age."""
    if part.kind == "laboratory":
        day = laboratory_day(part)
    else:
        newest = part.facts.get("newest_day") if part.kind in HISTORIES else None
        day = datetime.date.fromisoformat(newest) if newest else datetime.date.min
    return day, WEIGHTS.get(part.kind, 0)


def _events(part: Part, after: datetime.date) -> Iterator[Change]:
    """Yield additions and deletions of a history, each with the first day on which it holds."""
    age = age_of(part)
    for row in _dated(part.tables["rows"], "day", after).to_pylist():
        if row["change"] in {ADDED, DELETED} and CODE_OR_MODIFIER.fullmatch(row["code"] or ""):
            begins = row["change"] == ADDED
            first = row["day"] if begins else first_day_without(row["day"])
            title = row.get("current") if begins else row.get("prior")
            yield Change(row["code"], first, begins, part, age, row["line"], title)


def _first_days(part: Part, after: datetime.date) -> Iterator[Change]:
    """Yield the beginnings of the codes that a list has; what is marked as deleted has no beginning."""
    age = age_of(part)
    for row in _dated(part.tables["rows"], "effective", after).to_pylist():
        if (row.get("pla_status") or "").upper() != DELETED_STATUS:
            code, day = row["code"], row["effective"]
            yield Change(code, day, begins=True, part=part, age=age, line=row["line"], title=row["title"])


def _dated(table: pa.Table, name: str, after: datetime.date) -> pa.Table:
    """Return the rows of a day, or later: the last day of use may be that day."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column: Any = table.column(name)
    return table.filter(pc.fill_null(pc.greater_equal(column, pa.scalar(after, pa.date32())), fill_value=False))
