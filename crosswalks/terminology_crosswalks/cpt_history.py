"""The history of changes of CPT: which codes began, ended and were reworded, and what is reported instead.

The loader reads the publisher's history, and keeps it with the release. What replaces a deleted code is in
prose ("To report, see 99990, 99991"); the codes that it names are taken as alternatives, the prose is kept.

References:
    AMA, CPT Link, `History_DTK_tab.txt`, `Deleted_DTK_tab.txt`, as the public ETL code of the AMA reads them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.periods import day_after
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from .mapping_rows import MappingRow, listed, mappings_table

if TYPE_CHECKING:
    import pyarrow as pa


CODE: Final = r"[0-9]{4}[0-9AFMTU]"

LEAD: Final = re.compile(r"(?i)\b(?:use|see(?:\s+also)?|refer\s+to|report(?:ed)?\s+(?:with|by|using))\b")

STOP: Final = re.compile(
    r"(?i)\b(?:do\s+not|not\s+to\s+be|in\s+conjunction|in\s+addition|deleted|instead\s+of|except)\b|\)"
)

PLACES: Final = re.compile(rf"(?P<first>\b{CODE}\b)(?:\s*(?:-|\u2013|through)\s*(?P<last>{CODE}\b))?")

SENTENCE: Final = re.compile(r"[.;]\s+(?=[A-Z(])")


@frozen
class Instruction:
    """The codes that an instruction names, any of which is reported instead; and how well it was understood."""

    codes: tuple[str, ...]
    status: str
    """``parsed``, ``partial`` where it names further codes in another sense, ``unparsed`` where none was found."""


def instruction_of(text: str, deleted: str, known: Sequence[str]) -> Instruction:
    """Return the codes that are reported instead of a deleted one.

    Codes count after "use", "see" and the like, up to a word that turns the sense ("do not report"). Ranges mean
    the codes of the release between their ends.

    Args:
        text: The prose.
        deleted: The code that it is about, which is never its own replacement.
        known: The codes of the release.

    >>> instruction_of("99993 has been deleted. To report, see 99994, 99995", "99993", ())
    Instruction(codes=('99994', '99995'), status='parsed')
    >>> instruction_of("99993 has been deleted", "99993", ())
    Instruction(codes=(), status='unparsed')
    """
    found: dict[str, None] = {}
    for sentence in SENTENCE.split(text):
        lead = LEAD.search(sentence)
        if lead:
            said = STOP.split(sentence[lead.end() :], maxsplit=1)[0]
            found |= dict.fromkeys(code for place in PLACES.finditer(said) for code in _codes_of(place, known))
    found.pop(deleted, None)
    if not found:
        return Instruction((), "unparsed")
    named = {code for place in PLACES.finditer(text) for code in _codes_of(place, known)} - {deleted}
    return Instruction(tuple(found), "parsed" if named == set(found) else "partial")


def _codes_of(place: re.Match[str], known: Sequence[str]) -> list[str]:
    """Return one code, or all of a range: those of one kind that the release has between its ends, ends included."""
    first, last = place["first"], place["last"]
    if last is None:
        return [first]
    between = [
        code
        for code in known
        if len(code) == len(first) and first < code < last and code[-1:].isdigit() == first[-1:].isdigit()
    ]
    return [first, *between, last]


SYSTEM: Final = "cpt"

HISTORY: Final = "history"
"""The table of a release that holds the changes."""

BEGUN: Final = "ADDED"

ENDED: Final = "DELETED"

REVISED: Final = "REVISED"

QUARTERS: Final = frozenset({1, 4, 7, 10})

Row = Mapping[str, Any]


class CptHistoryReader:
    """Takes the history from the releases that came with one."""

    name = "cpt_history"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of = frozenset({SYSTEM})

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- the loader reads the history
        """Return None: no file is this reader's own."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each release with a history."""
        found = [item for item in releases if HISTORY in set(item.tables)]
        found.sort(key=lambda item: (item.release.effective, item.release.version))
        return CrosswalkAssembly(tuple(map(_draft, found)))


def _draft(item: CommittedRelease) -> CrosswalkDraft:
    return CrosswalkDraft(
        version=item.release.version,
        source_system=SYSTEM,
        target_system=SYSTEM,
        effective=item.release.effective,
        build=partial(_built, item),
        releases=(item,),
        title="CPT history of changes",
    )


def _built(item: CommittedRelease) -> Built:
    """Return one row a change, of a deletion one for each code that is named instead; and the rows as published."""
    table = item.tables[HISTORY]
    numbers = {source.file: number for number, source in enumerate(item.release.sources)}
    known = item.tables["concepts"].column("code").to_pylist()
    # an update has the history of the release that it continues, which lists those changes itself
    rows = _once([row for row in table.to_pylist() if row["file"] in numbers])
    made: list[MappingRow] = []
    notes: dict[str, list[str]] = {}
    for row in rows:
        code = SYSTEMS[SYSTEM].official(row["code"]) if row["code"] else None
        why = _left_out(row, code)
        if why:
            notes.setdefault(why, []).append(row["code"] or f"line {row['line']}")
            continue
        made += _alternatives({**row, "code": code}, numbers[row["file"]], known)
    warnings = [f"{len(codes)} changes {why}: {listed(codes)}" for why, codes in notes.items()]
    tables = {"mappings": mappings_table(made), "rows": _with_source(table, numbers)}
    return Built(tables, tuple(warnings), item.release.licence)


def _once(rows: Sequence[Row]) -> list[Row]:
    """Return the changes, each once: a list of deleted codes repeats the history's; the one with an instruction counts."""
    chosen: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = (row["code"], row["day"], row["change"], row["current"] if row["change"] == REVISED else None)
        if key not in chosen or (row["instruction"] and not chosen[key]["instruction"]):
            chosen[key] = row
    return list(chosen.values())


def _left_out(row: Row, code: str | None) -> str | None:
    """Return why a change makes no row, or None where it makes one."""
    if code is None:
        return "are of no code, left out"
    if row["day"] is None:
        return "have no day that is known, left out"
    if row["change"] not in {BEGUN, ENDED, REVISED}:
        return f"are of the type {row['change']}, left out"
    return None


def _alternatives(row: Row, source: int, known: Sequence[str]) -> Iterator[MappingRow]:
    code = row["code"]
    place: dict[str, Any] = {"line": row["line"], "source": source}
    if row["change"] == BEGUN:
        yield MappingRow(None, (code,), change="begun", effective=row["day"], detail=_told(row, None), **place)
    elif row["change"] == REVISED:
        yield MappingRow(code, (code,), change="revised", effective=row["day"], detail=_told(row, None), **place)
    else:
        instruction = instruction_of(row["instruction"] or "", code, known)
        place |= {"effective": _first_day_without(row["day"]), "detail": _told(row, instruction)}
        for target in instruction.codes:
            yield MappingRow(code, (target,), change="deleted", **place)
        if not instruction.codes:
            yield MappingRow(code, None, change="ended", **place)


def _told(row: Row, instruction: Instruction | None) -> dict[str, Any]:
    """Return what the history says besides."""
    return {
        "before": row["prior"],
        "after": row["current"] if row["change"] != ENDED else None,
        "instruction": row["instruction"],
        "parse_status": instruction.status if instruction and row["instruction"] else None,
    }


def _first_day_without(deleted: datetime.date) -> datetime.date:
    """Return the first day without a code: the last day of a quarter can only be meant as the last day of use.

    >>> _first_day_without(datetime.date(2024, 12, 31)), _first_day_without(datetime.date(2025, 1, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 1, 1))
    """
    after = day_after(deleted) or deleted
    return after if after.day == 1 and after.month in QUARTERS else deleted


def _with_source(table: pa.Table, numbers: Mapping[str, int]) -> pa.Table:
    import pyarrow as pa

    places = [numbers.get(file) for file in table.column("file").to_pylist()]
    return table.append_column("source", pa.array(places, pa.int32()))


__all__ = ["CptHistoryReader"]
