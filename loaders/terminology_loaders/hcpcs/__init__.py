"""HCPCS Level II: the contractor file (ANWEB), as text and as sheet, becomes releases.

Files that CMS publishes beside a release and that hold none are known by their content, and skipped.

References:
    CMS, "HCPCS Quarterly Update": the Alpha-Numeric HCPCS files and their record layout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import Faults, ReadableFile, Sheet, decoded, first_sheet
from terminology.systems import SYSTEMS

from .assembly import assembled
from .dating import name_facts
from .publications import header_row, is_contractor_text, sheet_records, text_records
from .records import Findings, Record
from .rows import row_facts, rows_table


class HcpcsLoader:
    """Reads the files that CMS publishes for HCPCS Level II."""

    definition = SYSTEMS["hcpcs"]
    format_number = 2

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for what CMS packs beside it; None for any other file."""
        if is_contractor_text(file.data):
            return _text_part(file)
        sheet = first_sheet(file)
        if sheet is None:
            return companion_text(file.head)
        header = header_row(sheet.rows)
        return companion_sheet(sheet.rows) if header is None else _sheet_part(file, sheet, header)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make, one for each day on which parts take effect."""
        return assembled(self.definition.name, parts)


def _text_part(file: ReadableFile) -> Part:
    text, warnings = decoded(file.data, file.label)
    findings = Findings(file.label, sheet=False, faults=Faults(file.label, by_line=True))
    records = text_records(text, findings)
    # the disclaimers are CP1252 in most years; a warning is needed for descriptions only
    if all(value.isascii() for record in records for value in record.values[3:5]):
        warnings = ()
    return _part("text", file, records, findings, warnings)


def _sheet_part(file: ReadableFile, sheet: Sheet, header: int) -> Part:
    findings = Findings(file.label, sheet=True, faults=Faults(file.label, by_line=True))
    return _part("sheet", file, sheet_records(sheet.rows, header, findings), findings, ())


def _part(
    kind: str, file: ReadableFile, records: Sequence[Record], findings: Findings, warnings: tuple[str, ...]
) -> Part:
    rows = rows_table(records, findings)
    faults = findings.faults
    if not records and not faults:
        faults.add("expected at least one record, got none")
    faults.kept.sort(key=lambda fault: fault.line or 0)
    lines = {fault.line for fault in faults.kept}
    faults.raise_if_any()
    if lines:
        sound = [record for record in records if record.line not in lines]
        rows = rows_table(sound, Findings(file.label, sheet=findings.sheet, faults=Faults(file.label)))
    facts = {**row_facts(rows), **name_facts(file.origin)}
    noted = (*warnings, *faults.warnings, *findings.warnings)
    return Part(kind, file.origin, facts, {"rows": rows}, noted)


__all__ = ["HcpcsLoader"]

HEAD: Final = 4096

SHOWN_ROWS: Final = 40

CORRECTIONS: Final = Skipped("HCPCS corrections list: a human-reviewed overlay, not a release")

TRANSACTIONS: Final = Skipped("HCPCS transaction report: lists changes; the release lists the codes")

UNCLASSIFIED: Final = Skipped("HCPCS list of codes for services not otherwise classified: an excerpt, not a release")

NOTES: Final = Skipped("HCPCS processing notes: prose that numbered fields of the codes refer to, not a release")

LAYOUT: Final = Skipped("HCPCS record layout: documentation, not a release")

READ_ME: Final = Skipped("HCPCS read-me: documentation, not a release")

DISCLAIMER: Final = Skipped("HCPCS disclaimer without a single record: is the file cut short?")

MARKS: Final[tuple[tuple[re.Pattern[str], Skipped], ...]] = (
    (re.compile(r"\A\s*PROCESSING NOTES\s*_{20}"), NOTES),
    (re.compile(r"\A\s*CMS RIF REPORT[\s\S]*HCPCS Contractor Record"), LAYOUT),
    (re.compile(r"\A\s*\d{4} (ALPHA-?NUMERIC )?HCPCS CORRECTIONS"), CORRECTIONS),
    (re.compile(r"(?i)\A\s*HCPCS/MOD(IFIER)? CODE\s+ACTION\s"), CORRECTIONS),
    (re.compile(r"\A\s*Update Information[\s\S]*correction documents"), CORRECTIONS),
    (re.compile(r"(?im)^[^\S\n]*HCPCS?(/MOD(IFIER)?( CODE)?)?\s*(TYPE OF CHANGE|ACTION CD)\b"), TRANSACTIONS),
    (re.compile(r"\A\s*NOC CODES - HCPCS"), UNCLASSIFIED),
    (re.compile(r"\A[\s\S]{0,400}HEALTH CARE PROCEDURE CODING SYSTEM \(HCPCS\)"), READ_ME),
    (re.compile(r"\A\**\s*Disclaimers\b[\s\S]*HCPCS"), DISCLAIMER),
    (re.compile(r"\ANote regarding coverage and payment indicators[\s\S]*HCPCS"), DISCLAIMER),
)
"""How each begins; the first that fits decides. A transaction report may have a disclaimer before its header."""


def companion_text(head: bytes) -> Skipped | None:
    """Return why the text file is skipped, or None if it is no companion of a HCPCS release.

    >>> companion_text(b"         2018 HCPCS CORRECTIONS").reason
    'HCPCS corrections list: a human-reviewed overlay, not a release'
    """
    return _known(head[:HEAD].decode("cp1252", "replace"))


def companion_sheet(rows: Sequence[Sequence[str]]) -> Skipped | None:
    """Return why the workbook is skipped, or None if it is no companion of a HCPCS release."""
    lines = (" ".join(cell.strip() for cell in row if cell.strip()) for row in rows[:SHOWN_ROWS])
    return _known("\n".join(lines))


def _known(text: str) -> Skipped | None:
    return next((skipped for mark, skipped in MARKS if mark.search(text)), None)
