"""A reader of invented maps, sound and small: a line that names the year, and a line ``source>target+target`` a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded, lines_of

HEAD = re.compile(rb"#invented map ([0-9]{4})\n")


def written_map(folder: Path, year: int, rows: Mapping[str, str]) -> Path:
    """Return the file of a map, written."""
    path = folder / f"invented-{year}.map"
    lines = [f"#invented map {year}", *(f"{source}>{targets}" for source, targets in rows.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class InventedReader:
    """Reads maps from ``left`` to ``right``; of two with one year the first by name counts."""

    name = "invented"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()
    title = "Invented map"
    together: Callable[[str], list[str]] = staticmethod(lambda _source: [])
    """Codes that have to be there together with a source."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the map; None for a file that does not begin like one."""
        import pyarrow as pa

        head = HEAD.match(file.head)
        if head is None:
            return None
        text, warnings = decoded(file.data, file.label)
        faults = Faults(file.label)
        rows = []
        for line, content in list(lines_of(text))[1:]:
            source, mark, targets = content.partition(">")
            if not mark or not source.isalnum():
                faults.add(f"expected a row like A>X+Y, got {content!r}", line=line)
            codes = targets.split("+") if targets else None
            rows.append(
                {"source_code": source, "with_codes": self.together(source), "target_codes": codes}
                | {"relationship": "related-to"}
                | {"effective": None, "change": None, "approximate": None, "detail": None, "line": line, "source": 0}
            )
        if not rows:
            faults.add("expected at least one row", line=1)
        faults.raise_if_any()
        table = pa.Table.from_pylist(rows, schema=schema.mappings())
        return Part("map", file.origin, {"year": int(head[1])}, {"mappings": table}, warnings)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk a year."""
        years: dict[int, Part] = {}
        for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
            years.setdefault(part.facts["year"], part)
        return CrosswalkAssembly(tuple(self._draft(year, part) for year, part in sorted(years.items())))

    def _draft(self, year: int, part: Part) -> CrosswalkDraft:
        build = partial(_built, part)
        return CrosswalkDraft(
            str(year), "left", "right", year_start("calendar", year), build, parts=(part,), title=self.title
        )


def _built(part: Part) -> Built:
    return Built({"mappings": part.tables["mappings"]})
