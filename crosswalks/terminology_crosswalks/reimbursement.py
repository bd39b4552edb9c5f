"""The Reimbursement Mappings from ICD-10-CM to ICD-9-CM diagnoses, and from ICD-10-PCS to ICD-9-CM procedures.

They were made from the General Equivalence Mappings, so that claims in ICD-10 could be priced by systems that knew
ICD-9-CM only. Of all translations of a code, the one was chosen that had been coded most often. So each code has
exactly one alternative, of one code or of several that are used together:

    A000    1 0010           one code
    A021    2 0031  99591    two codes together
    R402130 1 NODX           the publisher says that there is none; since 2014 NOI9

The columns are fixed: the source in 1 to 7, the number of targets in 9, then six columns for each target. A line is read
without doubt, and with a warning, where only blanks at its end are missing or codes are written in lower case.

References:
    CMS, "ICD-10-CM/PCS to ICD-9-CM Reimbursement Mappings", 2012 to 2016: `reimb_map_dx_YYYY.txt`,
    `reimb_map_pr_YYYY.txt`, and "Documentation and User's Guide" (`reimb_map_guide_YYYY.pdf`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.errors import InvalidDateError, ReleaseFormatError
from terminology.periods import version_label, year_start
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.reading.dates import year_in
from terminology.systems import SYSTEMS

from .mapping_rows import MappingRow, mappings_table, row_table
from .versions import Candidate, assembly_of_parts, draft_of, given_by_operator

if TYPE_CHECKING:
    import pyarrow as pa

NAME: Final = re.compile(r"reimb_?map_?(?P<half>dx|pr)(?![a-z])", re.IGNORECASE)
LINE: Final = re.compile(r"[0-9A-Z]{3,7} +([1-9])((?: +[0-9A-Z]{3,5})+) *", re.IGNORECASE)
SNIFFED: Final = 20
SAMPLED: Final = 1000
SOURCE_WIDTH, COUNT_COLUMN, FIRST_TARGET, TARGET_STEP = 7, 9, 11, 6
NOTHING: Final = frozenset({"NODX", "NOPCS", "NOI9"})
FIRST_YEAR, LAST_YEAR = 2010, 2039
UNDATED: Final = "nothing dates it: give --effective, or --version with its fiscal year"
Row = dict[str, Any]


@frozen
class Half:
    """Diagnoses or procedures."""

    kind: str
    """The publisher's word in the file's name."""
    source_system: str
    target_system: str
    source_shape: str
    target_shape: str
    noun: str
    source: re.Pattern[str] = field(init=False, eq=False, repr=False)
    target: re.Pattern[str] = field(init=False, eq=False, repr=False)

    @source.default
    def _source(self) -> re.Pattern[str]:
        return re.compile(self.source_shape)

    @target.default
    def _target(self) -> re.Pattern[str]:
        return re.compile(self.target_shape)

    def fits(self, line: str) -> bool:
        """Return whether source and first target of a line are codes of this half."""
        source, _, target, *_ = (*line.upper().split(), "", "", "")
        return bool(self.source.fullmatch(source)) and bool(self.target.fullmatch(target) or target in NOTHING)


HALVES: Final = {
    half.kind: half
    for half in (
        Half(
            *("dx", "icd10cm", "icd9cm", r"[A-Z](?=[0-9A-Z]?[0-9])[0-9A-Z]{2,6}", r"[0-9V][0-9]{2,4}|E[0-9]{3,4}"),
            noun="diagnoses",
        ),
        Half("pr", "icd10pcs", "icd9pcs", r"[0-9A-HJ-NP-Z]{7}", r"[0-9]{3,4}", noun="procedures"),
    )
}


class ReimbursementReader:
    """Reads both files, of any year."""

    name = "reimbursement"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the rows of a file as a part, or None for any other file.

        Raises:
            ReleaseFaults: Lines are shifted, have other numbers of codes than they state, repeat a code; all are named.
            ReleaseFormatError: The same, with one error.
        """
        if not _is_mapping(file):
            return None
        text, warnings = decoded(file.data, file.label)
        faults = Faults(file.label)
        lines = list(lines_of(text))
        if not lines:
            faults.add("expected lines of a code, a number and that many codes, got none", line=1)
        elif not text.endswith("\n"):
            faults.add("expected the last line to end with a line break; the file is cut short", line=len(lines))
        half = _half([line for _, line in lines], file)
        rows = list(_rows(lines, half, faults))
        faults.raise_if_any()
        return Part(half.kind, file.origin, {"rows": len(rows)}, {"rows": _table(rows)}, (*warnings, *faults.warnings))

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return a crosswalk for each half and year; two that differ are both rejected."""
        return assembly_of_parts(parts, _candidate, _draft)


def _is_mapping(file: ReadableFile) -> bool:
    """Return whether a text is of this publication: by its name, or because it begins with such lines."""
    if file.suffix != ".txt":
        return False
    if NAME.search(file.name):
        return True
    lines = file.head.decode("cp1252", "replace").split("\n")[: SNIFFED + 1][:-1]
    return bool(lines) and all(_is_line(line.rstrip("\r")) for line in lines)


def _is_line(line: str) -> bool:
    found = LINE.fullmatch(line)
    return found is not None and int(found[1]) == len(found[2].split())


def _half(lines: Sequence[str], file: ReadableFile) -> Half:
    """Return the half that most of the lines are of; where both fit, the name decides.

    Raises:
        ReleaseFormatError: Neither lines nor name show it.
    """
    sample = lines[:: max(1, len(lines) // SAMPLED)]
    counts = {kind: sum(map(half.fits, sample)) for kind, half in HALVES.items()}
    best = [kind for kind, count in counts.items() if count == max(counts.values())]
    if len(best) == 1:
        return HALVES[best[0]]
    if named := NAME.search(file.name):
        return HALVES[named["half"].lower()]
    expected = "expected lines or a name (dx, pr) that show whether it maps diagnoses or procedures"
    raise ReleaseFormatError(expected, file=file.label, line=1)


def _rows(lines: Sequence[tuple[int, str]], half: Half, faults: Faults) -> Iterator[Row]:
    """Yield the rows; errors are noted, and their lines left out."""
    seen: dict[str, int] = {}
    for number, line in lines:
        fields = _fields(line, number, faults)
        if fields is None or not _are_codes(*fields, number, half, faults):
            continue
        source, targets = fields
        if source in seen:
            faults.add(f"code {source} is on line {seen[source]} already", line=number, column=1)
            continue
        seen[source] = number
        is_empty = targets[0] in NOTHING
        yield {"source": source, "targets": None if is_empty else targets, "no_map": is_empty, "line": number}


def _fields(line: str, number: int, faults: Faults) -> tuple[str, list[str]] | None:
    """Return source and targets in capitals, or None where the columns are not as published, which is noted."""
    count = line[COUNT_COLUMN - 1 : COUNT_COLUMN]
    if not ("1" <= count <= "9") or line[SOURCE_WIDTH : COUNT_COLUMN - 1] != " ":
        expected = f"expected a code in columns 1-{SOURCE_WIDTH} and the number of its codes in column {COUNT_COLUMN}"
        faults.add(f"{expected}, got {line[:COUNT_COLUMN]!r}", line=number, column=COUNT_COLUMN)
        return None
    width = FIRST_TARGET - 1 + TARGET_STEP * int(count)
    cells = [line[start : start + TARGET_STEP] for start in range(FIRST_TARGET - 1, width, TARGET_STEP)]
    targets = [cell.strip() for cell in cells]
    rest = line[width:].strip()
    is_placed = all(not cell[TARGET_STEP - 1 :].strip() and not cell.startswith(" ") for cell in cells)
    if line[COUNT_COLUMN : FIRST_TARGET - 1].strip() or not all(targets) or rest or not is_placed:
        expected = f"expected {count} codes, each in {TARGET_STEP} columns from column {FIRST_TARGET} on"
        faults.add(f"{expected}, got {line[COUNT_COLUMN:][:40]!r}", line=number, column=FIRST_TARGET)
        return None
    if len(line) < width:
        faults.slip(
            "blanks at the end are missing, read as if they were there", line, line=number, column=len(line) + 1
        )
    if line != line.upper():
        faults.slip("codes in lower case, read in capitals", line, line=number, column=1)
    return line[:SOURCE_WIDTH].rstrip().upper(), [target.upper() for target in targets]


def _are_codes(source: str, targets: Sequence[str], number: int, half: Half, faults: Faults) -> bool:
    """Return whether all are codes of their systems, or the only target says that there is none; else note it."""
    if not half.source.fullmatch(source):
        title = SYSTEMS[half.source_system].title
        faults.add(f"expected a code of {title} without its dot, got {source!r}", line=number, column=1)
        return False
    if len(targets) == 1 and targets[0] in NOTHING:
        return True
    wrong = [place for place, target in enumerate(targets) if not half.target.fullmatch(target)]
    for place in wrong:
        expected = f"expected a code of {SYSTEMS[half.target_system].title} without its dot"
        column = FIRST_TARGET + TARGET_STEP * place
        faults.add(f"{expected}, got {targets[place]!r}", line=number, column=column)
    return not wrong


def _table(rows: Sequence[Row]) -> pa.Table:
    import pyarrow as pa

    texts = pa.string()
    return row_table(rows, {"line": pa.int32(), "source": texts, "targets": pa.list_(texts), "no_map": pa.bool_()})


def _candidate(part: Part) -> Candidate | str:
    """Return the version of a file: by the operator's word, the year in its name, that in the archive's; or why none."""
    try:
        given = given_by_operator(part, "fiscal")
    except InvalidDateError as error:
        return f"{error}; or give --effective too"
    half = HALVES[part.kind]
    if given is None:
        years = (year_in(name, FIRST_YEAR, LAST_YEAR) for name in (part.origin.name, part.origin.archive or ""))
        year = next(filter(None, years), None)
        if year is None:
            return UNDATED
        effective = year_start("fiscal", year)
        given = version_label("fiscal", effective), effective
    return Candidate(part, half.source_system, half.target_system, *given)


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    part = candidates[0].part
    title = f"Reimbursement Mappings of {HALVES[part.kind].noun} from ICD-10 to ICD-9-CM"
    return draft_of(candidates, title, partial(_built, part))


def _built(part: Part) -> Built:
    half = HALVES[part.kind]
    source_form = cache(SYSTEMS[half.source_system].official)
    target_form = cache(SYSTEMS[half.target_system].official)
    rows = part.tables["rows"]
    mappings = (
        MappingRow(
            source_form(row["source"]),
            tuple(target_form(target) or target for target in row["targets"]) if row["targets"] else None,
            row["line"],
        )
        for row in rows.to_pylist()
    )
    return Built({"mappings": mappings_table(mappings), "rows": rows})
