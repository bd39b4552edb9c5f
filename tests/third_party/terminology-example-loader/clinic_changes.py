"""What became of the clinic's codes: text files that begin with ``#clinic changes`` and the year of the new codes.

A line with a minus is a code that ended, a tab, and the codes that are used together instead, joined by plus signs;
nothing after the tab says that there is none. A line with a plus is a new code, a tab, and what was used before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from clinic_codes import CODE

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded, lines_of

HEAD = re.compile(rb"#clinic changes ((?:19|20)[0-9]{2})\r?\n")


class ClinicChangesReader:
    """Reads the clinic's lists of changes."""

    name = "clinic_changes"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of: frozenset[str] = frozenset()

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the list as a part; None for a file that does not begin like one."""
        head = HEAD.match(file.head)
        if head is None:
            return None
        import pyarrow as pa

        text, warnings = decoded(file.data, file.label)
        rows = rows_of(text, file.label)
        facts = {"year": int(head[1]), "digest": hashlib.sha256(repr(rows).encode()).hexdigest()}
        table = pa.Table.from_pylist(rows, schema=schema.mappings())
        return Part("changes", file.origin, facts, {"mappings": table}, warnings)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk a year. Two lists of one year must say the same."""
        years: dict[int, list[Part]] = {}
        refused = []
        for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
            year = part.effective.year if part.effective else part.facts["year"]
            same_year = years.setdefault(year, [])
            if same_year and same_year[0].facts["digest"] != part.facts["digest"]:
                refused.append((part, f"lists other changes than {same_year[0].origin.label}, which is of {year} too"))
            else:
                same_year.append(part)
        return CrosswalkAssembly(tuple(draft_of(year, years[year]) for year in sorted(years)), tuple(refused))


def rows_of(text: str, file: str) -> list[dict[str, object]]:
    """Return the rows of a list: always from what was used before to what is used since.

    Raises:
        ReleaseFaults: Lines are faulty; all are named.
        ReleaseFormatError: One line is.
    """
    faults = Faults(file)
    rows: list[dict[str, object]] = []
    for line, content in list(lines_of(text))[1:]:
        code, tab, others = content[1:].partition("\t")
        codes = others.split("+") if others else []
        if content[:1] not in {"-", "+"}:
            faults.add(f"expected a line that begins with - or +, got {content!r}", line=line, column=1)
        if not tab:
            faults.add("expected a tab and other codes", line=line, column=len(content) + 1)
        for word in [code, *codes]:
            if not CODE.fullmatch(word):
                faults.add(f"expected a code like HOME-1, got {word!r}", line=line, column=content.index(word) + 1)
        rows += mappings_of(code, codes, is_new=content.startswith("+"), line=line)
    if not rows:
        faults.add("expected at least one change, got none", line=1)
    faults.raise_if_any()
    return rows


def mappings_of(code: str, codes: Sequence[str], *, is_new: bool, line: int) -> list[dict[str, object]]:
    """Return the alternatives that one line lists: of codes used together before, one for each of them."""
    same = {"relationship": "related-to", "line": line, "source": 0}
    if not is_new:
        return [{"source_code": code, "with_codes": [], "target_codes": codes or None, "change": "deleted", **same}]
    return [
        {
            "source_code": former,
            "with_codes": [other for other in codes if other != former],
            "target_codes": [code],
            "change": "new",
            **same,
        }
        for former in codes or [None]
    ]


def draft_of(year: int, parts: Sequence[Part]) -> CrosswalkDraft:
    """Return the crosswalk of a year as planned: nothing is built before it is known to be needed."""
    return CrosswalkDraft(
        version=str(year),
        source_system="clinic",
        target_system="clinic",
        effective=year_start("calendar", year),
        build=lambda: Built({"mappings": parts[0].tables["mappings"]}),
        parts=tuple(parts),
        title="Changes of the clinic's codes",
    )
