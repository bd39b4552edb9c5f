"""A custom map as delimited text: what a clinic, a payer or a registry maps by itself.

The format is described in the reference, under "Own maps"; it is that of a list of codes for the generic loader,
with two codes a row.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial

from attrs import evolve

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import Faults, ReadableFile, decoded

from ..mapping_rows import dated_from, mappings_table
from ..versions import Candidate, assembly_of_parts, draft_of, stated_candidate
from .reading import Heading, alternatives_of, map_opening, read_rows, stated_heading, written_rows

KIND = "own map"
NAMELESS = (
    "a table with the columns source and target that does not say which systems it connects: put lines "
    "#crosswalk: NAME, #source_system: S and #target_system: T first"
)
SUFFIXES = frozenset({".csv", ".tsv", ".txt"})


class OwnMapReader:
    """Reads maps as CSV, whichever systems they connect."""

    name = "own_map"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the map as a part; `Skipped` for one without a heading; None for any other file.

        Raises:
            ReleaseFaults: Lines of the heading, columns, codes or cells are wrong; all are named.
            ReleaseFormatError: The same, with one error.
        """
        if file.suffix not in SUFFIXES:
            return None
        opening = map_opening(file.head.decode("utf-8-sig", "replace"))
        if opening is None or not opening.values:
            return Skipped(NAMELESS) if opening else None
        text, warnings = decoded(file.data, file.label)
        opening = map_opening(text)
        if opening is None:
            return None
        faults = Faults(file.label)
        heading = stated_heading(opening, faults)
        rows = read_rows(text, opening, faults) if opening.header else []
        if heading is None:
            faults.raise_if_any()
            return None
        made = alternatives_of(rows, heading, faults)
        faults.kept.sort(key=lambda fault: fault.line or 0)
        faults.raise_if_any()
        tables = {"mappings": mappings_table(made), "rows": written_rows(rows)}
        return Part(KIND, file.origin, _facts(heading), tables, warnings)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each version of a map: maps of different names are different maps."""
        return assembly_of_parts((part for part in parts if part.kind == KIND), _candidate, _draft)


def _candidate(part: Part) -> Candidate | str:
    name = " ".join(part.facts["title"].split())
    return stated_candidate(part, part.facts["source_system"], part.facts["target_system"], name)


def _facts(heading: Heading) -> dict[str, str | None]:
    return {
        "title": heading.crosswalk,
        "source_system": heading.source_system,
        "target_system": heading.target_system,
        "version": heading.version,
        "effective": heading.effective.isoformat() if heading.effective else None,
        "licence": heading.licence,
    }


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    first = candidates[0]
    draft = draft_of(candidates, first.part.facts["title"], partial(_built, first.part, first.effective))
    return evolve(draft, own=True)


def _built(part: Part, effective: datetime.date) -> Built:
    """Return the tables; of a succession every row has a day, its own or that of the map."""
    mappings = part.tables["mappings"]
    if part.facts["source_system"] == part.facts["target_system"]:
        mappings = dated_from(mappings, effective)
    return Built({"mappings": mappings, "rows": part.tables["rows"]}, licence=part.facts["licence"])


__all__ = ["OwnMapReader"]
