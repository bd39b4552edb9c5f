"""HCPCS Level II: the contractor file (ANWEB), as text and as sheet, becomes releases.

References:
    CMS, "HCPCS Quarterly Update": the Alpha-Numeric HCPCS files and their record layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import Faults, ReadableFile, Sheet, decoded, first_sheet
from terminology.systems import SYSTEMS

from .assembly import assembled
from .companions import companion_sheet, companion_text
from .dating import name_facts
from .records import Findings, Record
from .rows import row_facts, rows_table
from .sheet import header_row, sheet_records
from .text import is_contractor_text, text_records


class HcpcsLoader:
    """Reads the files that CMS publishes for HCPCS Level II."""

    definition = SYSTEMS["hcpcs"]
    format_number = 1

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for what CMS packs beside it; None for a stranger's."""
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
    findings = Findings(file.label, sheet=False, faults=Faults(file.label))
    records = text_records(text, findings)
    # the disclaimers are CP1252 in most years; where it matters is in a description
    if all(value.isascii() for record in records for value in record.values[3:5]):
        warnings = ()
    return _part("text", file, records, findings, warnings)


def _sheet_part(file: ReadableFile, sheet: Sheet, header: int) -> Part:
    findings = Findings(file.label, sheet=True, faults=Faults(file.label))
    return _part("sheet", file, sheet_records(sheet.rows, header, findings), findings, ())


def _part(
    kind: str, file: ReadableFile, records: Sequence[Record], findings: Findings, warnings: tuple[str, ...]
) -> Part:
    rows = rows_table(records, findings)
    if not records and not findings.faults:
        findings.faults.add("expected at least one record, got none")
    findings.faults.kept.sort(key=lambda fault: fault.line or 0)
    findings.faults.raise_if_any()
    facts = {**row_facts(rows), **name_facts(file.origin)}
    return Part(kind, file.origin, facts, {"rows": rows}, (*warnings, *findings.warnings))


__all__ = ["HcpcsLoader"]
