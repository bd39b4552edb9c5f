"""ICD-10 of WHO: ClaML and the "metadata" text files become releases.

References:
    WHO, ICD-10 in ClaML (`icd102016en.xml`, `icd102019en.xml`); ISO 13120 and the DTD of ClaML 2.0.
    WHO, "ICD-10 Meta Data": codes, blocks and chapters as text.
    NCHS (CDC), "List of all valid ICD-10 codes": evidence of the dates of codes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from ..claml import Document, identity_of, is_claml, read_claml
from .assembly import assembled
from .metadata import is_blocks, is_chapters, is_codes, is_german
from .mortality import is_mortality_list, mortality_part
from .reading import blocks_part, chapters_part, claml_part, codes_part

CATEGORY: Final = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,2})?")
GERMAN_META: Final = re.compile(rb"<Meta\s[^>]*name\s*=\s*[\"']Para(?:295|301)[\"']")
BLOCKS_NAME: Final = re.compile(r"block", re.IGNORECASE)
CHAPTERS_NAME: Final = re.compile(r"chapter", re.IGNORECASE)
READ_ME: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?ICD-10 Meta Data\s")


class Icd10Loader:
    """Reads the files that WHO publishes for ICD-10; not its national variants."""

    definition = SYSTEMS["icd10"]
    format_number = 2

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for ClaML of another classification; None for any other file."""
        head = file.head
        if is_claml(head):
            return self._claml(file)
        if is_codes(head):
            return None if is_german(head) else codes_part(file, self.definition, german=False)
        # the files of both publishers look alike; their names do not
        if BLOCKS_NAME.search(file.name) and is_blocks(head):
            return blocks_part(file, german=False)
        if CHAPTERS_NAME.search(file.name) and is_chapters(head):
            return chapters_part(file)
        if READ_ME.match(head):
            return Skipped("read-me of WHO's text files")
        return mortality_part(file, self.definition) if is_mortality_list(file) else None

    def _claml(self, file: ReadableFile) -> Part | Skipped | None:
        identity = identity_of(file.data)
        if identity.system == "icd10gm" or (identity.system == "unsaid" and GERMAN_META.search(file.data)):
            return None
        if identity.system == "other":
            return Skipped(f"ClaML of {identity.name}: not ICD-10 as WHO publishes it")
        document = read_claml(file.data, file.label)
        if identity.system == "unsaid" and not _looks_like_icd10(document):
            return Skipped("ClaML without title and identifier, whose codes are not those of ICD-10")
        return claml_part(file, self.definition, document)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make, one for each year."""
        return assembled(parts, self.definition)


def _looks_like_icd10(document: Document) -> bool:
    categories = [code for code, node in document.classes.items() if node.kind == "category"]
    return bool(categories) and all(CATEGORY.fullmatch(code) for code in categories)


__all__ = ["Icd10Loader"]
