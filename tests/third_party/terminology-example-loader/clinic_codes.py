"""The codes of a clinic: text files that begin with ``#clinic codes`` and their year.

Each further line is a code, a tab, its title, and perhaps another tab and the usual minutes. A code with a dash
(``HOME-1``) may be billed and stands under the one before the dash (``HOME``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from terminology import schema
from terminology.drafts import Assembly, Built, Draft, Part, Skipped
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.systems import SystemDefinition

HEAD = re.compile(rb"#clinic codes ((?:19|20)[0-9]{2})\r?\n")
CODE = re.compile(r"[A-Z]+(-[0-9]+)?")

CLINIC = SystemDefinition(
    name="clinic",
    title="Codes of the clinic",
    uri="https://clinic.example/codes",
    calendar="calendar",
    shape=CODE.pattern,
)


class ClinicLoader:
    """Reads the clinic's lists of codes."""

    definition = CLINIC
    format_number = 1

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the list as a part; None for a file that does not begin like one."""
        head = HEAD.match(file.head)
        if head is None:
            return None
        import pyarrow as pa

        text, warnings = decoded(file.data, file.label)
        rows = rows_of(text, file.label)
        facts = {"year": int(head[1]), "digest": hashlib.sha256(repr(rows).encode()).hexdigest()}
        return Part("codes", file.origin, facts, {"rows": pa.Table.from_pylist(rows)}, warnings)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return one release a year. Two lists of one year must say the same."""
        years: dict[int, list[Part]] = {}
        refused = []
        for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
            year = part.effective.year if part.effective else part.facts["year"]
            same_year = years.setdefault(year, [])
            if same_year and same_year[0].facts["digest"] != part.facts["digest"]:
                refused.append((part, f"lists other codes than {same_year[0].origin.label}, which is of {year} too"))
            else:
                same_year.append(part)
        drafts = [draft_of(year, years[year]) for year in sorted(years)]
        return Assembly(tuple(drafts), refused=tuple(refused))


def rows_of(text: str, file: str) -> list[dict[str, object]]:
    """Return the rows of a list.

    Raises:
        ReleaseFaults: Lines are faulty; all are named.
        ReleaseFormatError: One line is.
    """
    faults = Faults(file)
    rows: dict[str, dict[str, object]] = {}
    for line, content in list(lines_of(text))[1:]:
        code, _, rest = content.partition("\t")
        title, _, minutes = rest.partition("\t")
        if not CODE.fullmatch(code):
            faults.add(f"expected a code like HOME-1, got {code!r}", line=line, column=1)
        elif code in rows:
            faults.add(f"code {code} stands on line {rows[code]['line']} already", line=line, column=1)
        if not title:
            faults.add("expected a tab and a title", line=line, column=len(code) + 1)
        if minutes and not minutes.isdecimal():
            faults.add(f"expected minutes, got {minutes!r}", line=line, column=len(code) + len(title) + 3)
        above, dash, _ = code.partition("-")
        if dash and above not in rows:
            faults.add(f"expected {above} on a line before {code}", line=line, column=1)
        rows[code] = {
            "code": code,
            "title": title,
            "parent": above if dash else None,
            "billable": bool(dash),
            "kind": "code" if dash else "group",
            "derived": False,
            "line": line,
            "minutes": int(minutes) if minutes.isdecimal() else None,
        }
    if not rows:
        faults.add("expected at least one code, got none", line=1)
    faults.raise_if_any()
    return list(rows.values())


def draft_of(year: int, parts: Sequence[Part]) -> Draft:
    """Return the release of a year as planned: nothing is built before it is known to be needed."""
    return Draft(str(year), year_start("calendar", year), tuple(parts), build=lambda: built(parts[0]))


def built(part: Part) -> Built:
    """Return the tables of a release: the columns that all systems share, then our own."""
    import pyarrow as pa

    columns = pa.schema([*schema.concepts(), pa.field("minutes", pa.int64())])
    return Built({"concepts": pa.Table.from_pylist(part.tables["rows"].to_pylist(), schema=columns)})
