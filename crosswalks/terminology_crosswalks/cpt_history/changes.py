"""Changes of CPT that several files list, each once; and which codes existed on a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from terminology.periods import day_after

QUARTERS: Final = frozenset({1, 4, 7, 10})
ADDED: Final = "ADDED"
DELETED: Final = "DELETED"

Row = Mapping[str, Any]


def first_day_without(deleted: datetime.date) -> datetime.date:
    """Return the first day without a code: the last day of a quarter can only be meant as the last day of use.

    >>> first_day_without(datetime.date(2024, 12, 31)), first_day_without(datetime.date(2025, 1, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 1, 1))
    """
    after = day_after(deleted) or deleted
    return after if after.day == 1 and after.month in QUARTERS else deleted


@define
class Existence:
    """Which codes existed on a day, by the history and the codes of the release."""

    events: Mapping[str, Sequence[tuple[datetime.date, bool]]]
    """By code, oldest first: the first day with it, or without it."""
    listed: frozenset[str]
    _by_day: dict[datetime.date, tuple[str, ...]] = field(factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row], listed: Iterable[str]) -> Existence:
        """Return what rows of a history and the codes of a release tell."""
        events: dict[str, set[tuple[datetime.date, bool]]] = {}
        for row in rows:
            if row["code"] and row["change"] in {ADDED, DELETED}:
                # a change before the days that are known
                day = row["day"] or datetime.date.min
                begins = row["change"] == ADDED
                events.setdefault(row["code"], set()).add((day if begins else first_day_without(day), begins))
        return cls({code: sorted(found) for code, found in events.items()}, frozenset(listed))

    def on(self, day: datetime.date) -> tuple[str, ...]:
        """Return the codes that existed on a day."""
        if day not in self._by_day:
            self._by_day[day] = tuple(code for code in sorted({*self.events, *self.listed}) if self._existed(code, day))
        return self._by_day[day]

    def _existed(self, code: str, day: datetime.date) -> bool:
        events = self.events.get(code, ())
        before = [begins for first, begins in events if first <= day]
        after = [begins for first, begins in events if first > day]
        if before:
            return before[-1]
        return not after[0] if after else code in self.listed


def chosen(rows: Sequence[Row]) -> tuple[list[Row], dict[str, list[str]]]:
    """Return the changes, each once, and what is to be said of codes.

    A list of deleted codes repeats the deletions of the history: the row with an instruction counts. Where it has
    another day, the newer file counts, of the same age the history; the instruction is kept.
    """
    notes: dict[str, list[str]] = {}
    kept: dict[tuple[Any, ...], Row] = {}
    for row in _redated(rows, notes):
        key = (row["code"], _day(row), row["change"], row["current"] if row["change"] == "REVISED" else None)
        held = kept.get(key)
        if held is None or (row["instruction"] and not held["instruction"]):
            kept[key] = row
        elif row["instruction"] and row["instruction"] != held["instruction"]:
            notes.setdefault(f"have another instruction in {row['file']}, left out", []).append(row["code"])
    return list(kept.values()), notes


def _day(row: Row) -> datetime.date | None:
    return first_day_without(row["day"]) if row["day"] and row["change"] == DELETED else row["day"]


def _redated(rows: Sequence[Row], notes: dict[str, list[str]]) -> list[Row]:
    """Return the rows; a deletion that list and history date differently has the day of the one that counts."""
    files: dict[str, list[Row]] = {}
    for row in rows:
        files.setdefault(row["file"], []).append(row)
    lists = {file for file, found in files.items() if all(row["change"] == DELETED for row in found)}
    newest = {
        file: max((day for row in found if (day := _day(row))), default=datetime.date.min)
        for file, found in files.items()
    }
    told: dict[str, list[Row]] = {}
    for row in rows:
        if row["code"] and row["day"] and row["change"] == DELETED and row["file"] not in lists:
            told.setdefault(row["code"], []).append(row)
    made = {id(row): row for row in rows}
    for row in rows:
        others = told.get(row["code"] or "", ()) if row["file"] in lists and row["day"] else ()
        if not others or _day(row) in {_day(other) for other in others}:
            continue
        last = max(others, key=lambda other: other["day"])
        loser, winner = (row, last) if newest[row["file"]] <= newest[last["file"]] else (last, row)
        made[id(loser)] = {**loser, "day": winner["day"]}
        notes.setdefault(
            f"are deleted on another day by {loser['file']} than by {winner['file']}, left out", []
        ).append(row["code"])
    return [made[id(row)] for row in rows]
