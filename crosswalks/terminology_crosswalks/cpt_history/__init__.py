"""The history of changes of CPT: which codes began, ended and were reworded, and what is reported instead.

The loader reads the publisher's history, and keeps it with the release. What replaces a deleted code is in
prose ("To report, see 99990, 99991"); the codes that it surely names are taken as alternatives, the prose is kept.

References:
    AMA, CPT Link, `History_DTK_tab.txt`, `Deleted_DTK_tab.txt`, as the public ETL code of the AMA reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from ..mapping_rows import MappingRow, listed, mappings_table, mention
from .changes import Existence, chosen, first_day_without
from .instructions import Instruction, instruction_of, names_a_range

if TYPE_CHECKING:
    import pyarrow as pa


SYSTEM: Final = "cpt"

HISTORY: Final = "history"
"""The table of a release that holds the changes."""

BEGUN: Final = "ADDED"

ENDED: Final = "DELETED"

REVISED: Final = "REVISED"

Row = Mapping[str, Any]


class CptHistoryReader:
    """Takes the history from the releases that came with one."""

    name = "cpt_history"
    format_number = 2
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
    # an update has the history of the release that it continues, which lists those changes itself
    own = [row for row in table.to_pylist() if row["file"] in numbers]
    existence = Existence.of(table.to_pylist(), item.tables["concepts"].column("code").to_pylist())
    rows, notes = chosen(own)
    made: list[MappingRow] = []
    mentions: list[MappingRow] = []
    for row in rows:
        code = SYSTEMS[SYSTEM].official(row["code"]) if row["code"] else None
        why = _left_out(row, code)
        if why:
            notes.setdefault(why, []).append(row["code"] or f"line {row['line']}")
            continue
        found = list(_alternatives({**row, "code": code}, numbers[row["file"]], existence))
        made += found
        mentions += [_mention(one) for one in found if one.change == "ended" and (one.detail or {})["instruction"]]
    warnings = [f"{len(codes)} changes {why}: {listed(codes)}" for why, codes in notes.items()]
    tables = {"mappings": mappings_table(made), schema.MENTIONS: mappings_table(mentions)}
    tables["rows"] = _with_source(table, numbers)
    return Built(tables, tuple(warnings), item.release.licence)


def _mention(ended: MappingRow) -> MappingRow:
    """Return what an instruction says of a deleted code, and names no code."""
    instruction = (ended.detail or {})["instruction"]
    place: dict[str, Any] = {"line": ended.line, "source": ended.source, "effective": ended.effective}
    return mention(ended.source_code, "gives an instruction that names no code", instruction, **place)


def _left_out(row: Row, code: str | None) -> str | None:
    """Return why a change makes no row, or None where it makes one."""
    if code is None:
        return "are of no code, left out"
    if row["day"] is None:
        return "have no day that is known, left out"
    if row["change"] not in {BEGUN, ENDED, REVISED}:
        return f"are of the type {row['change']}, left out"
    return None


def _alternatives(row: Row, source: int, existence: Existence) -> Iterator[MappingRow]:
    code = row["code"]
    place: dict[str, Any] = {"line": row["line"], "source": source}
    if row["change"] == BEGUN:
        yield MappingRow(None, (code,), change="begun", effective=row["day"], detail=_told(row, None), **place)
    elif row["change"] == REVISED:
        yield MappingRow(code, (code,), change="revised", effective=row["day"], detail=_told(row, None), **place)
    else:
        day = first_day_without(row["day"])
        text = row["instruction"] or ""
        instruction = instruction_of(text, code, existence.on(day) if names_a_range(text) else ())
        place |= {"effective": day, "detail": _told(row, instruction)}
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


def _with_source(table: pa.Table, numbers: Mapping[str, int]) -> pa.Table:
    import pyarrow as pa

    places = [numbers.get(file) for file in table.column("file").to_pylist()]
    return table.append_column("source", pa.array(places, pa.int32()))


__all__ = ["CptHistoryReader", "instruction_of"]
