"""A FHIR ConceptMap, R4 or R5, as JSON: one map for each pair of code systems among its groups.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource ConceptMap.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from terminology import schema
from terminology.counts import counted
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import Element, Faults, ReadableFile, day_in, decoded, json_document

from ..mapping_rows import MappingRow, dated_from, listed, mappings_table, row_table
from ..versions import Candidate, draft_of, settled, stated_candidate
from .elements import GroupReader, MappedRow, contradictions
from .particulars import Particulars

if TYPE_CHECKING:
    import pyarrow as pa

KIND: Final = "concept map"
RESOURCE: Final = re.compile(rb'"resourceType"\s*:\s*"ConceptMap"')
YEAR_MONTH: Final = re.compile(r"(\d{4})(?:-(\d\d))?")
DETAILS: Final = ("url", "name", "title", "status", "publisher", "description", "purpose", "date", "version")


class ConceptMapReader:
    """Reads maps as FHIR servers and editors write them."""

    name = "concept_map"
    format_number = 2
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the map as a part, or None for any other file; other resources are other files too.

        Raises:
            ReleaseFaults: Systems, codes or relationships are wrong or missing; all are named.
            ReleaseFormatError: The same, with one error; or the text is no JSON.
        """
        if not file.head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or not RESOURCE.search(file.data):
            return None
        text, warnings = decoded(file.data, file.label)
        resource = json_document(text, file.label)
        # a resource of another kind may hold a map, or its name
        if not isinstance(resource, Element) or resource.get("resourceType") != "ConceptMap":
            return None
        faults = Faults(file.label)
        reader = GroupReader(faults, Particulars.of(resource))
        rows = _rows(resource, reader, faults)
        faults.kept.sort(key=lambda fault: fault.line or 0)
        faults.raise_if_any()
        noticed = (*warnings, *(f"{file.label}: {warning}" for warning in _warnings(reader, rows)))
        return Part(KIND, file.origin, _facts(resource, rows), _tables(resource, rows), noticed)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each map, version and pair of systems; a part of which one is rejected is rejected whole.

        Maps of one URL are versions of one map; without a URL the name counts, then title and id, at last the file's name.
        """
        candidates: list[Candidate] = []
        refused: dict[str, tuple[Part, str]] = {}
        for part in (part for part in parts if part.kind == KIND):
            for source, target in part.facts["systems"]:
                candidate = stated_candidate(part, source, target, part.facts["identity"] or part.origin.name)
                if isinstance(candidate, str):
                    refused[part.revision] = (part, candidate)
                else:
                    candidates.append(candidate)
        _, conflicts = settled(candidates)
        for conflict in conflicts:
            for candidate in conflict.candidates:
                refused.setdefault(candidate.part.revision, (candidate.part, conflict.against(candidate)))
        agreed, _ = settled([candidate for candidate in candidates if candidate.part.revision not in refused])
        return CrosswalkAssembly(tuple(map(_draft, agreed)), tuple(refused.values()))


def _rows(resource: Element, reader: GroupReader, faults: Faults) -> list[MappedRow]:
    groups = resource.items_of("group")
    if not groups:
        faults.add("expected at least one group, got none", line=resource.line, column="group")
    rows: list[MappedRow] = []
    for group in groups:
        if isinstance(group, Element):
            rows += reader.rows(group)
        else:
            faults.add(f"expected a group, got {group!r}", line=resource.line, column="group")
    return rows


def _warnings(reader: GroupReader, rows: list[MappedRow]) -> list[str]:
    found = list(reader.warnings)
    if reader.unsaid:
        found.append(f"{counted(reader.unsaid, 'element has', 'elements have')} neither target nor noMap, left out")
    unrelated = [row.source or "" for row in rows if row.note == "left out: the codes are not related"]
    if unrelated:
        found.append(
            f"{counted(len(unrelated), 'target is', 'targets are')} not related to the code, left out: {listed(unrelated)}"
        )
    both = contradictions(rows)
    if both:
        found.append(f"{counted(len(both), 'code maps', 'codes map')} to something and to nothing: {listed(both)}")
    return found


def _facts(resource: Element, rows: Sequence[MappedRow]) -> dict[str, Any]:
    date = _day(resource.text("date"))
    systems = dict.fromkeys((row.source_system, row.target_system) for row in rows)
    return {
        "title": resource.text("title") or resource.text("name") or resource.text("url") or "",
        "identity": (resource.text("url") or "").partition("|")[0] or _called(resource),
        "version": resource.text("version"),
        "effective": date.isoformat() if date else None,
        "systems": [list(pair) for pair in systems],
        "licence": resource.text("copyright"),
    }


def _called(resource: Element) -> str:
    """Return what a map without URL calls itself, on one line; empty where it is not called anything."""
    texts = (resource.text(name) for name in ("name", "title", "id"))
    return next((" ".join(text.split()) for text in texts if text), "")


def _day(text: str | None) -> datetime.date | None:
    """Return the day of a date, which may be a month or a year only: then its first day."""
    if text is None:
        return None
    if (day := day_in(text)) or not (found := YEAR_MONTH.fullmatch(text)):
        return day
    try:
        return datetime.date(int(found[1]), int(found[2] or 1), 1)
    except ValueError:
        return None


def _tables(resource: Element, rows: Sequence[MappedRow]) -> dict[str, pa.Table]:
    import pyarrow as pa

    texts = ("source_system", "target_system", "source", "target", "relationship", "note", "comment")
    values = [{name: getattr(row, name) for name in (*texts, "line")} for row in rows]
    details = [{"name": name, "value": text} for name in DETAILS if (text := resource.text(name))]
    return {
        "alternatives": _alternative_table([(row, row.alternative) for row in rows if row.alternative]),
        schema.MENTIONS: _alternative_table([(row, row.mention) for row in rows if row.mention]),
        "rows": row_table(values, {**dict.fromkeys(texts, pa.string()), "line": pa.int32()}),
        "details": row_table(details, {"name": pa.string(), "value": pa.string()}),
    }


def _alternative_table(made: Sequence[tuple[MappedRow, MappingRow]]) -> pa.Table:
    """Return the rows of all pairs of systems in the columns of ``mappings``, with the systems before them."""
    import pyarrow as pa

    table = mappings_table(
        evolve(one, change=one.change or "deleted") if row.source_system == row.target_system else one
        for row, one in made
    )
    for place, name in enumerate(("source_system", "target_system")):
        table = table.add_column(place, name, pa.array([getattr(row, name) for row, _ in made], pa.string()))
    return table


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    return draft_of(candidates, candidates[0].part.facts["title"], partial(_built, candidates[0]))


def _built(candidate: Candidate) -> Built:
    """Return the map of one pair of systems."""
    part = candidate.part
    tables = {
        "mappings": _mappings(part.tables["alternatives"], candidate),
        schema.MENTIONS: _mappings(part.tables[schema.MENTIONS], candidate),
        "rows": _of_systems(part.tables["rows"], candidate),
        "details": part.tables["details"],
    }
    return Built(tables, licence=part.facts["licence"])


def _mappings(table: pa.Table, candidate: Candidate) -> pa.Table:
    """Return the rows of one pair of systems; within one system they have the day of the map."""
    found = _of_systems(table, candidate).drop_columns(["source_system", "target_system"])
    return dated_from(found, candidate.effective) if candidate.source_system == candidate.target_system else found


def _of_systems(table: pa.Table, candidate: Candidate) -> pa.Table:
    import pyarrow.compute as pc

    source = pc.equal(table.column("source_system"), candidate.source_system)
    return table.filter(pc.and_(source, pc.equal(table.column("target_system"), candidate.target_system)))


__all__ = ["ConceptMapReader"]
