"""The General Equivalence Mappings between ICD-9-CM and ICD-10-CM or ICD-10-PCS: four files, each a map of its own.

Neither direction is the other one reversed, so both are kept as published. The last edition is that of fiscal
year 2018.

References:
    CMS and NCHS, "General Equivalence Mappings": `YYYY_I9gem.txt`, `YYYY_I10gem.txt`, `gem_i9pcs.txt`,
    `gem_pcsi9.txt`, and their "Documentation for Technical Users" (`GemsTechDoc.pdf`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import ReadableFile

from ..mapping_rows import mappings_table
from ..versions import Candidate, assembly_of, draft_of
from .dating import dated
from .directions import DIRECTIONS, PublishedRow
from .expansion import expanded
from .published import is_mapping_file, read_published


class GemReader:
    """Reads all four files, of any year."""

    name = "gems"
    format_number = 2
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of = frozenset({"icd10cm", "icd10pcs"})
    """Their numbers of codes date a file and are compared with it; their tables are not read."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the rows of a file as a part, or None for any other file.

        Raises:
            ReleaseFaults: Lines are shifted or cut short, flags contradict targets, rows repeat; all are named.
            ReleaseFormatError: The same, with one error.
        """
        if not is_mapping_file(file):
            return None
        published = read_published(file)
        sources = len({row.source for row in published.rows})
        facts = {"rows": len(published.rows), "sources": sources}
        return Part(published.direction.kind, file.origin, facts, {"rows": published.to_table()}, published.warnings)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return a crosswalk for each direction and year; two that differ are both rejected."""
        candidates, refused = dated(parts, releases)
        return assembly_of(candidates, refused, _draft)


def _draft(candidates: Sequence[Candidate]) -> CrosswalkDraft:
    return draft_of(
        candidates,
        f"General Equivalence Mappings: {DIRECTIONS[candidates[0].part.kind].title}",
        partial(_built, candidates[0].part),
    )


def _built(part: Part) -> Built:
    rows = part.tables["rows"]
    published = [PublishedRow(**row) for row in rows.to_pylist()]
    return Built({"mappings": mappings_table(expanded(published, DIRECTIONS[part.kind])), "rows": rows})


__all__ = ["GemReader"]
