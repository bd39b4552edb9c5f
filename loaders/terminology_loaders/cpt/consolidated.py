"""The AMA's current format: one list of all codes with all their texts, and one of modifiers, reissued each quarter.

The notice comes first, as prose; then a header row; then a row a code, tabs between the columns. The day of a row is
that of its descriptor, so that of a new code is its first day, and the newest one that of the list.

References:
    Public loaders of `ConsolidatedCodeList.txt` (Concept Id, CPT Code, Long, Medium, Short, Consumer, Spanish Consumer,
    Current Descriptor Effective Date, Test Name, Lab Name, Manufacturer Name) and of `Modifiers.txt` (ConceptID,
    Modifier Code, Level I/II, Modifier Descriptor Effective, Modifier Name, Modifier Description, Section).
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from .dating import name_facts
from .delimited import Row, check_code, delimited_rows
from .headers import Delimited
from .layout import category_of, day_of_text, year_facts
from .modifiers import GROUPS, Modifiers

if TYPE_CHECKING:
    import pyarrow as pa

KINDS: Final = frozenset({"consolidated", "modifier table"})
TEXTS: Final = {
    "title": "title",
    "concept": "concept",
    "concept_id": "concept",
    "medium_title": "medium",
    "short_title": "short",
    "consumer_title": "consumer",
    "spanish_consumer_title": "spanish",
    "test_name": "test",
    "laboratory": "laboratory",
    "manufacturer": "manufacturer",
}
"""Columns of the rows, and the fields that they are read from."""
MODIFIER: Final = re.compile(r"[0-9A-Z]{2}")


def read_consolidated(file: ReadableFile, found: Delimited) -> Part:
    """Return the list of codes, or that of modifiers, as a part.

    Raises:
        ReleaseFaults, ReleaseFormatError: Codes or days are malformed, codes are repeated, cells are missing.
    """
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    rows = list(delimited_rows(text, found, faults))
    if not rows and not faults:
        faults.add("expected at least one row below the header, got none", line=found.line + 1)
    table, facts = (_codes if found.layout.kind == "consolidated" else _modifiers)(rows, faults)
    faults.raise_if_any()
    notice = "\n".join(line for number, line in lines_of(text) if number < found.line).strip()
    told = {
        "digest": hashlib.sha256(repr([fields for _, fields in rows]).encode()).hexdigest(),
        **facts,
        "notice": notice,
        **year_facts(notice),
        **name_facts(file.origin),
    }
    return Part(found.layout.kind, file.origin, told, {"rows": table}, (*warnings, *faults.warnings))


def _codes(rows: Sequence[Row], faults: Faults) -> tuple[pa.Table, dict[str, Any]]:
    import pyarrow as pa

    days: list[datetime.date | None] = []
    made: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for line, fields in rows:
        code, title = fields["code"], fields["long"]
        check_code(code, line, faults)
        if code in seen:
            faults.add(
                f"expected each code once, got {code} again (first on line {seen[code]})", line=line, column="code"
            )
        seen.setdefault(code, line)
        if not title:
            title = fields.get("medium") or fields.get("short") or ""
            if title:
                faults.slip(f"no long descriptor of {code}, a shorter one is taken", title, line=line, column="long")
            else:
                faults.add(f"expected a descriptor of {code}, got blanks", line=line, column="long")
        made.append({**fields, "title": title})
        days.append(_day(fields.get("effective", ""), line, faults))
    columns: dict[str, Any] = {"code": pa.array([fields["code"] for fields in made], pa.string())}
    for name, source in TEXTS.items():
        columns[name] = pa.array([fields.get(source) or None for fields in made], pa.string())
    columns["effective"] = pa.array(days, pa.date32())
    columns["line"] = pa.array([line for line, _ in rows], pa.int32())
    known = sorted(day for day in days if day)
    facts = {
        "form": "consolidated",
        "codes": len(seen),
        "categories": sorted({category_of(code) for code in seen if len(code) > 4}),  # noqa: PLR2004 -- its last character
        "newest_day": known[-1].isoformat() if known else None,
        "newest_days": {str(day.year): day.isoformat() for day in known},
    }
    return pa.table(columns), facts


def _day(text: str, line: int, faults: Faults) -> datetime.date | None:
    try:
        return day_of_text(text)
    except ValueError as error:
        faults.add(str(error), line=line, column="effective date")
        return None


def _modifiers(rows: Sequence[Row], faults: Faults) -> tuple[pa.Table, dict[str, Any]]:
    found = Modifiers()
    for line, fields in rows:
        code, group = fields["code"], _group(fields)
        if not MODIFIER.fullmatch(code):
            faults.add(f"expected a modifier of two characters, got {code!r}", line=line, column="modifier code")
        elif not fields["title"]:
            faults.add(f"expected a name of modifier {code}, got blanks", line=line, column="modifier name")
        elif group in found.groups.get(code, ()):
            first = found.lines[code]
            faults.add(
                f"expected each modifier once, got {code} again (first on line {first})", line=line, column="code"
            )
        found.titles.setdefault(code, fields["title"])
        if (definition := fields.get("definition")) and definition != fields["title"]:
            found.definitions.setdefault(code, definition)
        found.groups.setdefault(code, []).append(group)
        found.lines.setdefault(code, line)
    return found.to_table(), {"modifiers": len(found.titles)}


def _group(fields: Any) -> str:
    """Return the group of a modifier under the names that the list in prose has, else the section as it is written."""
    section = fields.get("section") or ""
    known = next((group.name for group in GROUPS if section and group.heading.fullmatch(section)), None)
    if known:
        return known
    return section or ("level II" if fields.get("level", "").upper() in {"II", "2"} else "general")
