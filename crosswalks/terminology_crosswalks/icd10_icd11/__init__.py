"""WHO's mapping tables between ICD-10 and ICD-11 MMS.

The tables to one category and to multiple categories lead from ICD-10 to ICD-11 both, and make one map: the first
names the category that fits best, the second all that apply. The table from ICD-11 to ICD-10 makes its own.

References:
    WHO, ICD-11 MMS, "ICD-10 / ICD-11 mapping tables" (`mapping.zip` of each release): `10To11MapToOneCategory`,
    `10To11MapToMultipleCategories`, `11To10MapToOneCategory`, as text and as workbook.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from terminology import schema
from terminology.counts import counted
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.errors import InvalidDateError
from terminology.periods import effective_of
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from ..mapping_rows import MappingRow, mappings_table, mention, row_digest, row_table
from ..versions import Candidate, draft_of, given_by_operator
from .tables import CODES, NAME, TEXTS, Row, Table, read_table

if TYPE_CHECKING:
    import pyarrow as pa

KIND: Final = "mapping table"
ONE: Final = "one category"
MULTIPLE: Final = "multiple categories"
KINDS: Final = frozenset({"block", "chapter", "category"})
"""What WHO calls the nodes of a classification."""
RELEASE: Final = re.compile(r"(?<!\d)(20\d\d)[-_](0[1-9]|1[0-2])(?![\d])")
READ_ME: Final = re.compile(rb"(?:\xef\xbb\xbf)?ICD10Chapter\t+:")
FOUNDATION: Final = Skipped("ICD-11 mapping table of the Foundation: its entities have no codes")


class Icd10Icd11Reader:
    """Reads the three tables of any release of ICD-11."""

    name = "icd10_icd11"
    format_number = 2
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a table as a part; `Skipped` for the tables of the Foundation and the read-me; None for any other file.

        Raises:
            ReleaseFaults: Codes are malformed, rows are cut short; all are named.
            ReleaseFormatError: The same, with one error; or a table without a column that is needed.
        """
        if file.suffix not in {".txt", ".tsv", ".xlsx"}:
            return None
        if READ_ME.match(file.head):
            return Skipped("read-me of WHO's tables between ICD-10 and ICD-11: documentation")
        named = NAME.fullmatch(file.name)
        if named and named["foundation"]:
            return FOUNDATION
        table = read_table(file)
        if table is None:
            return None
        facts = {
            "source_system": table.header.source,
            "target_system": table.header.target,
            "map": _map_of(file.name, table),
            "releases": list(table.releases),
            "workbook": file.suffix == ".xlsx",
            "digest": row_digest((row.source, row.target, row.is_unmapped) for row in table.rows),
        }
        noticed = tuple(f"{file.label}: {warning}" for warning in _warnings(table))
        return Part(KIND, file.origin, facts, {"rows": _row_table(table.rows)}, (*table.warnings, *noticed))

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return a crosswalk for each direction and release; two tables that differ are both rejected."""
        groups: dict[tuple[str, str, str], list[Candidate]] = defaultdict(list)
        refused: list[tuple[Part, str]] = []
        for part in sorted((part for part in parts if part.kind == KIND), key=_order):
            candidate = _candidate(part)
            if isinstance(candidate, str):
                refused.append((part, candidate))
            else:
                groups[candidate.version, candidate.source_system, candidate.target_system].append(candidate)
        drafts = []
        for candidates in groups.values():
            agreed, conflicting = _settled(candidates)
            refused += conflicting
            if agreed:
                drafts.append(_draft(agreed))
        drafts.sort(key=lambda draft: (draft.effective, draft.source_system))
        return CrosswalkAssembly(tuple(drafts), tuple(refused))


def _map_of(name: str, table: Table) -> str:
    """Return which of the maps a table is: by its name, else by whether a code is in it more than once."""
    if named := NAME.fullmatch(name):
        return ONE if named["kind"].lower() == "one" else MULTIPLE
    codes = [row.source for row in table.rows if row.source]
    return MULTIPLE if len(set(codes)) < len(codes) else ONE


def _warnings(table: Table) -> list[str]:
    source, target = (SYSTEMS[name].title for name in (table.header.source, table.header.target))
    blocks = sum(row.source is None for row in table.rows)
    uncoded = sum(row.source is not None and row.target is None and not row.is_unmapped for row in table.rows)
    found = []
    if blocks:
        found.append(
            f"{counted(blocks, 'row is of a block', 'rows are of blocks')} of {source} without a code, left out"
        )
    if uncoded:
        found.append(
            f"{counted(uncoded, 'code leads to a block', 'codes lead to blocks')} of {target} without a code, left out"
        )
    if len(table.releases) > 1:
        found.append(f"names several releases of ICD-11: {', '.join(table.releases)}")
    return found


def _row_table(rows: Iterable[Row]) -> pa.Table:
    import pyarrow as pa

    names = (*CODES, *TEXTS)
    values = [
        {**row.texts, "source_code": row.source, "target_code": row.target, "no_map": row.is_unmapped, "line": row.line}
        for row in rows
    ]
    texts = dict.fromkeys((*names, "source_code", "target_code"), pa.string())
    return row_table(values, {**texts, "no_map": pa.bool_(), "line": pa.int32()})


def _candidate(part: Part) -> Candidate | str:
    """Return the version of a table: by the operator's word, the URIs in it, the names of file and archive."""
    source, target = part.facts["source_system"], part.facts["target_system"]
    try:
        given = given_by_operator(part, "open")
        if given is None:
            named = [RELEASE.search(name) for name in (part.origin.name, part.origin.archive or "")]
            releases = part.facts["releases"] or ["-".join(found.groups()) for found in named if found]
            if not releases:
                return "nothing states which release of ICD-11 the table belongs to: give --version, such as 2025-01"
            version = releases[-1]
            given = version, effective_of("open", version)
    except InvalidDateError:
        return f"expected a version like 2025-01, got {part.version!r}"
    return Candidate(part, source, target, *given)


def _order(part: Part) -> tuple[Any, ...]:
    """Return the order of authority: one category before multiple, texts before workbooks, then by name."""
    return part.facts["map"] != ONE, part.facts["workbook"], part.origin.label, part.revision


def _settled(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[tuple[Part, str]]]:
    """Return the candidates of one version that are taken, and those that are rejected, with the reason."""
    agreed: list[Candidate] = []
    refused: list[tuple[Part, str]] = []
    for kind in (ONE, MULTIPLE):
        same = [candidate for candidate in candidates if candidate.part.facts["map"] == kind]
        if len({(candidate.part.facts["digest"], candidate.effective) for candidate in same}) <= 1:
            agreed += same
            continue
        for candidate in same:
            rival = next(
                o
                for o in same
                if o.part.facts["digest"] != candidate.part.facts["digest"] or o.effective != candidate.effective
            )
            refused.append(
                (
                    candidate.part,
                    f"differs from {rival.part.origin.label}, and both are version {candidate.version}",
                )
            )
    return agreed, refused


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    return draft_of(
        candidates,
        "WHO mapping tables between ICD-10 and ICD-11",
        partial(_built, [candidate.part for candidate in candidates]),
    )


def _built(parts: Sequence[Part]) -> Built:
    """Return the alternatives of all tables, and the rows of each as published."""
    numbers = {part.facts["map"]: number for number, part in reversed(list(enumerate(parts)))}
    tables = {kind: parts[number].tables["rows"] for kind, number in numbers.items()}
    made: dict[tuple[str, str | None], MappingRow] = {}
    mentions: list[MappingRow] = []
    tables_of: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for kind in (kind for kind in (ONE, MULTIPLE) if kind in tables):
        for row in tables[kind].to_pylist():
            if row["source_code"] is None:
                continue
            if row["target_code"] is None and not row["no_map"]:
                mentions.append(_mention(row, numbers[kind], parts[0].facts["target_system"]))
                continue
            key = (row["source_code"], row["target_code"])
            made.setdefault(key, _alternative(row, numbers[kind]))
            if kind not in tables_of[key]:
                tables_of[key].append(kind)
    ordered = _by_source(made, tables_of)
    named = ((f"rows {kind}".replace(" ", "_"), table) for kind, table in tables.items())
    told = {"mappings": mappings_table(ordered), schema.MENTIONS: mappings_table(mentions)}
    return Built({**told, **dict(named)}, tuple(_contradictions(made)))


def _alternative(row: dict[str, Any], source: int) -> MappingRow:
    target = row["target_code"]
    return MappingRow(row["source_code"], (target,) if target else None, line=row["line"], source=source)


def _mention(row: dict[str, Any], source: int, target: str) -> MappingRow:
    """Return what a row says that has a code on its left and none on its right: mostly it leads to a block."""
    title, kind, system = row[f"{target}_title"], row[f"{target}_kind"], SYSTEMS[target].title
    meaning = f"has no code of {system} beside it"
    if title:
        meaning = f"leads to a {kind if kind in KINDS else 'node'} of {system}, which has no code"
    return mention(row["source_code"], meaning, title, line=row["line"], source=source)


def _by_source(
    made: dict[tuple[str, str | None], MappingRow], tables_of: dict[tuple[str, str | None], list[str]]
) -> list[MappingRow]:
    """Return the rows by source code, in the order in which the codes first occur, each with the tables that have it."""
    groups: dict[str, list[MappingRow]] = defaultdict(list)
    for key, one in made.items():
        groups[key[0]].append(evolve(one, detail={"tables": tables_of[key]}))
    return [one for group in groups.values() for one in group]


def _contradictions(made: dict[tuple[str, str | None], MappingRow]) -> list[str]:
    nothing = [source for source, target in made if target is None]
    both = sorted({source for source, target in made if target is not None} & set(nothing))
    if not both:
        return []
    return [
        f"{counted(len(both), 'code has', 'codes have')} a mapping in one row and none in another: {', '.join(both[:5])}"
    ]


__all__ = ["Icd10Icd11Reader"]
