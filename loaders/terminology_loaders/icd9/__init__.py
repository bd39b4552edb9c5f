"""ICD-9-CM: lists of titles become releases, diagnoses and procedures apart.

References:
    CMS, "ICD-9-CM Diagnosis and Procedure Codes: Abbreviated and Full Code Titles".
"""

from __future__ import annotations

from collections.abc import Sequence

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import ReadableFile, decoded, first_sheet

from .assembly import assembled, name_facts
from .delimited import LOST_ZEROS, delimited_sheet, has_lost_zeros
from .halves import DIAGNOSES, PROCEDURES, Half
from .titles import Titles, half_of_sheet, half_of_text, sheet_titles, text_titles


class _Loader:
    """Reads one half of ICD-9-CM."""

    half: Half
    format_number = 1

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for the other half's; None for any other file."""
        half = half_of_text(file.head, file.name)
        sheet = first_sheet(file) or delimited_sheet(file) if half is None else None
        if sheet is not None:
            half = half_of_sheet(sheet)
        if half is None:
            return None
        if half is not self.half:
            return Skipped(f"ICD-9-CM {half.noun}: another code system")
        if sheet is not None:
            if file.suffix != ".csv":
                return _part("sheet", file, sheet_titles(sheet, half, file.label), ())
            if has_lost_zeros(sheet, half):
                return LOST_ZEROS
            return _part("csv", file, sheet_titles(sheet, half, file.label), ())
        text, warnings = decoded(file.data, file.label)
        titles = text_titles(text, half, file.label, file.name)
        return _part("short" if titles.short[0] else "long", file, titles, warnings)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make, one for each version."""
        return assembled(self.half, parts)


def _part(kind: str, file: ReadableFile, titles: Titles, warnings: tuple[str, ...]) -> Part:
    facts = {"codes": len(titles.codes), "digest": titles.digest(), **name_facts(file.origin)}
    # the lists are CP1252, as published: no warning is needed
    kept = tuple(warning for warning in warnings if "CP1252" not in warning)
    return Part(kind, file.origin, facts, {"rows": titles.to_table()}, kept)


class Icd9cmLoader(_Loader):
    """Reads the diagnoses of ICD-9-CM."""

    definition = DIAGNOSES.definition
    half = DIAGNOSES


class Icd9pcsLoader(_Loader):
    """Reads the procedures of ICD-9-CM."""

    definition = PROCEDURES.definition
    half = PROCEDURES


__all__ = ["Icd9cmLoader", "Icd9pcsLoader"]
