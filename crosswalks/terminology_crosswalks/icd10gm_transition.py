"""The transition between two years of ICD-10-GM ("Umsteiger"): which code of one year is which of the next.

References:
    BfArM (until 2020 DIMDI), ICD-10-GM, "Überleitung zwischen Version 2015 und 2016 TXT (CSV)": four fields, old
    code, new code, and whether the step from old to new, and from new to old, may be done automatically (``A``).
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from terminology.counts import counted
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.errors import InvalidDateError
from terminology.model import Origin
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.reading.dates import years_in
from terminology.systems import SYSTEMS

from .mapping_rows import MappingRow, listed, mappings_table, row_table
from .versions import Candidate, assembly_of_parts, draft_of, given_by_operator

if TYPE_CHECKING:
    import pyarrow as pa

SYSTEM: Final = "icd10gm"
KIND: Final = "transition"
BOM: Final = b"(?:\xef\xbb\xbf)?"
CODE: Final = rb"(?:[A-Z][0-9]{2}(?:\.[0-9A-Z]{1,3})?(?:\.?-)?[*+!]?|UNDEF)"
HEAD: Final = re.compile(rb"\A" + BOM + CODE + rb"?;" + CODE + rb"?;[^;\r\n]{0,1};")
NAME: Final = re.compile(r"(?i)umsteiger")
MARKS: Final = re.compile(r"(?:\.?-)?[*+!]?\Z")
"""What older lists write behind a code: the rest of its places, dagger, asterisk, exclamation mark."""
GLUED: Final = re.compile(r"(?<!\d)(20\d\d)(20\d\d)(?!\d)")
MARKED_YEAR: Final = re.compile(r"(?:gm|gut)(20\d\d)")
NOTHING: Final = frozenset({"", "UNDEF"})
FIELDS: Final = 4
AUTOMATIC: Final = {"A": True, "": False}
Row = Mapping[str, Any]


class Icd10gmTransitionReader:
    """Reads transitions of any two years that follow each other."""

    name = "icd10gm_transition"
    format_number = 2
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the transition as a part, or None for any other file.

        Raises:
            ReleaseFaults: Lines have no four fields, or hold no codes; all are named.
            ReleaseFormatError: The same, with one error.
        """
        if not HEAD.match(file.head):
            return None
        text, warnings = decoded(file.data, file.label)
        faults = Faults(file.label)
        rows = list(_rows(text, faults))
        faults.raise_if_any()
        facts = {**_years(file.origin), "rows": len(rows)}
        return Part(KIND, file.origin, facts, {"rows": _row_table(rows)}, warnings)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return a crosswalk for each year that a transition leads to; two for one year are rejected."""
        return assembly_of_parts((part for part in parts if part.kind == KIND), _candidate, _draft)


def _rows(text: str, faults: Faults) -> Iterator[Row]:
    """Yield the rows; errors are noted, and their lines left out."""
    seen: dict[tuple[str | None, str | None], int] = {}
    for number, line in lines_of(text):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(";")]
        if len(cells) != FIELDS:
            message = f"expected {FIELDS} fields (old, new, and A or nothing twice), got {len(cells)}"
            faults.add(message, line=number, column=min(len(cells), FIELDS + 1))
            continue
        old, new = (_code(cell, number, column, faults) for column, cell in enumerate(cells[:2], 1))
        forward, backward = (_mark(cell, number, column, faults) for column, cell in enumerate(cells[2:], 3))
        if cells[0] in NOTHING and cells[1] in NOTHING:
            faults.add(f"expected a code, got {cells[0]!r} and {cells[1]!r}", line=number, column=1)
        elif (old, new) in seen:
            faults.add(f"{cells[0]} to {cells[1]} is on line {seen[old, new]} already", line=number, column=1)
        seen.setdefault((old, new), number)
        yield {"old": cells[0], "new": cells[1], "old_code": old, "new_code": new} | {
            "automatic_forward": forward,
            "automatic_backward": backward,
            "line": number,
        }
    if text and not text.endswith("\n"):
        last = text.count("\n") + 1
        faults.add("expected a line end after the last row: is the file cut short?", line=last)


def _code(cell: str, line: int, column: int, faults: Faults) -> str | None:
    """Return the code in official form; None where there is none, which is right, or is faulty, which is noted."""
    if cell in NOTHING:
        return None
    code = SYSTEMS[SYSTEM].official(MARKS.sub("", cell))
    if code is None:
        faults.add(f"expected a code of ICD-10-GM or UNDEF, got {cell!r}", line=line, column=column)
    return code


def _mark(cell: str, line: int, column: int, faults: Faults) -> bool | None:
    if cell not in AUTOMATIC:
        faults.add(f"expected A or nothing, got {cell!r}", line=line, column=column)
    return AUTOMATIC.get(cell)


def _row_table(rows: Sequence[Row]) -> pa.Table:
    import pyarrow as pa

    texts = dict.fromkeys(("old", "new", "old_code", "new_code"), pa.string())
    flags = dict.fromkeys(("automatic_forward", "automatic_backward"), pa.bool_())
    return row_table(rows, {**texts, **flags, "line": pa.int32()})


def _years(origin: Origin) -> dict[str, int | None]:
    """Return the years of both sides as names state them; the new one alone where only it is named.

    The name of the file says more than that of the archive, and what follows "umsteiger" more than what precedes it.

    >>> _years(Origin("icd10gm2024syst_umsteiger_2023_20221206_2024.txt", "", 0))
    {'old_year': 2023, 'new_year': 2024}
    >>> _years(Origin("umsteiger20072008.txt", "", 0)), _years(Origin("umsteiger.txt", "", 0, "x1ueb2004_2005.zip"))
    ({'old_year': 2007, 'new_year': 2008}, {'old_year': 2004, 'new_year': 2005})
    >>> _years(Origin("umsteiger.txt", "", 0, "x1gut2016.zip"))
    {'old_year': None, 'new_year': 2016}
    """
    behind = NAME.split(origin.name, maxsplit=1)[1:]
    for name in (*behind, origin.name, origin.archive or ""):
        glued = [(int(one), int(other)) for one, other in GLUED.findall(name)]
        # eight digits are a pair of years, and no day, where one year follows the other
        pair = sorted(next((found for found in glued if found[1] == found[0] + 1), set(years_in(name))))
        if len(pair) > 1:
            return {"old_year": pair[0], "new_year": pair[-1]}
    named = [year for name in (origin.name, origin.archive or "") for year in years_in(name)]
    marked = [int(year) for name in (origin.name, origin.archive or "") for year in MARKED_YEAR.findall(name)]
    return {"old_year": None, "new_year": max(marked or named, default=None)}


def _candidate(part: Part) -> Candidate | str:
    try:
        given = given_by_operator(part, "calendar")
    except InvalidDateError:
        return f"expected a year as version, got {part.version!r}"
    if given is None:
        year = part.facts["new_year"]
        if year is None:
            return "nothing states to which year the transition leads: give --version"
        given = str(year), datetime.date(year, 1, 1)
    warnings: tuple[str, ...] = ()
    old, new = part.facts["old_year"], part.facts["new_year"]
    if old is not None and new != old + 1:
        warnings = (f"{part.origin.label}: leads from {old} to {new}: days between are not distinguished",)
    return Candidate(part, SYSTEM, SYSTEM, *given, warnings)


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    return draft_of(
        candidates, "ICD-10-GM transition (Überleitung)", partial(_built, candidates[0].part, candidates[0].effective)
    )


def _built(part: Part, effective: datetime.date) -> Built:
    """Return what changes; lines of codes that simply stay are in the table ``rows`` only."""
    table = part.tables["rows"]
    change = _Change(table.to_pylist(), effective)
    again = sorted(change.reused & {row["old_code"] for row in change.rows})
    warnings = (
        [f"{counted(len(again), 'code means', 'codes mean')} something else than before: {listed(again)}"]
        if again
        else []
    )
    return Built({"mappings": mappings_table(change.alternatives()), "rows": table}, tuple(warnings))


class _Change:
    """The lines of a transition together: what one says of a code depends on the others of the code.

    A code with a line to itself stays. Where that step is not automatic, and there are other lines, the code is only
    one of those that it may have become, or may have been; then the line makes a row too.
    """

    def __init__(self, rows: Sequence[Row], effective: datetime.date) -> None:
        self.rows = rows
        self.effective = effective
        self.of_old = Counter(row["old_code"] for row in rows)
        self.of_new = Counter(row["new_code"] for row in rows)
        own = [row for row in rows if row["old_code"] == row["new_code"]]
        self.staying = {row["old_code"] for row in own}
        self.departing = {row["old_code"] for row in own if self._is_divided(row)}
        """Codes that may have become themselves or another one."""
        self.reused = {row["new_code"] for row in rows if row["new_code"]} - self.staying

    def _is_divided(self, row: Row) -> bool:
        return not row["automatic_forward"] and self.of_old[row["old_code"]] > 1

    def _is_merged(self, row: Row) -> bool:
        return not row["automatic_backward"] and self.of_new[row["new_code"]] > 1

    def alternatives(self) -> Iterator[MappingRow]:
        """Yield the rows of the changes: at the deleted code, or at the new one where the old one stays."""
        for row in self.rows:
            old = row["old_code"]
            if old != row["new_code"]:
                is_new = old is None or (old in self.staying and old not in self.departing)
                yield self._alternative(row, "new" if is_new else "deleted")
                continue
            if self._is_divided(row):
                yield self._alternative(row, "deleted")
            if self._is_merged(row):
                yield self._alternative(row, "new")

    def _alternative(self, row: Row, change: str) -> MappingRow:
        old, new = row["old_code"], row["new_code"]
        return MappingRow(
            source_code=old,
            target_codes=(new,) if new else None,
            line=row["line"],
            effective=self.effective,
            change=change,
            relationship=_relationship(row) if old and new else "related-to",
            detail={
                "automatic_forward": row["automatic_forward"],
                "automatic_backward": row["automatic_backward"],
                "code_is_used_again": True if old in self.reused else None,
            },
        )


def _relationship(row: Row) -> str:
    """Return what the marks imply: a step that is automatic in one direction only leads to the broader code."""
    forward, backward = row["automatic_forward"], row["automatic_backward"]
    if backward and not forward:
        return "source-is-broader-than-target"
    if forward and not backward:
        return "source-is-narrower-than-target"
    return "related-to"


__all__ = ["Icd10gmTransitionReader"]
