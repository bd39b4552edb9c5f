"""ICD-10-GM, the German Modification: ClaML and the "metadata" text files become releases.

References:
    BfArM (until 2020 DIMDI), ICD-10-GM, "Systematisches Verzeichnis": metadata as text (`x1gmt2016.zip`), ClaML.
    BfArM, "Überleitung" (`x1gut2016.zip`): lists of both years' codes, and the transition between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from ..claml import identity_of, is_claml
from ..icd10.assembly import assembled
from ..icd10.metadata import is_blocks, is_chapters, is_codes, is_german
from ..icd10.reading import blocks_part, chapters_part, claml_part, codes_part, titles_part

GERMAN_META: Final = re.compile(rb"<Meta\s[^>]*name\s*=\s*[\"']Para(?:295|301)[\"']")
BOM: Final = b"(?:\xef\xbb\xbf)?"
CODE: Final = rb"(?:[A-Z][0-9]{2}(?:\.[0-9A-Z]{1,3})?[*+!]?|UNDEF)"
TITLES: Final = re.compile(
    rb"\A" + BOM + rb"(?:UNDEF;Undefin[a-z]+\r?\n)?[A-Z][0-9]{2};[^;\r\n]+\r?\n[A-Z][0-9]{2}[.;]"
)
TRANSITION: Final = re.compile(rb"\A" + BOM + CODE + rb"?;" + CODE + rb"?;A?;A?\r?\n")
TABULATION: Final = re.compile(rb"\A" + BOM + rb"(?:UNDEF;){1,2}Undefiniert\r?\n")
READ_ME: Final = re.compile(rb"\A" + BOM + rb"(?:Ueberleitungstabelle zwischen )?ICD-10-GM[ ,]")
BLOCKS_NAME: Final = re.compile(r"gruppen", re.IGNORECASE)
CHAPTERS_NAME: Final = re.compile(r"kapitel", re.IGNORECASE)


class Icd10gmLoader:
    """Reads the files that BfArM, and DIMDI before it, publishes for ICD-10-GM."""

    definition = SYSTEMS["icd10gm"]
    format_number = 2

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for what is packed beside it; None for any other file."""
        head = file.head
        if is_claml(head):
            identity = identity_of(file.data)
            german = identity.system == "icd10gm" or (
                identity.system == "unsaid" and GERMAN_META.search(file.data) is not None
            )
            return claml_part(file, self.definition) if german else None
        if is_codes(head):
            return codes_part(file, self.definition, german=True) if is_german(head) else None
        # the files of both publishers look alike; their names do not
        if BLOCKS_NAME.search(file.name) and is_blocks(head):
            return blocks_part(file, german=True)
        if CHAPTERS_NAME.search(file.name) and is_chapters(head):
            return chapters_part(file)
        return self._companion(file, head)

    def _companion(self, file: ReadableFile, head: bytes) -> Part | Skipped | None:
        if TRANSITION.match(head):
            return Skipped("ICD-10-GM transition between two years: a crosswalk, not a release of codes")
        # such a list may begin with the same line as a tabulation list
        if TITLES.match(head):
            return titles_part(file, self.definition)
        if TABULATION.match(head):
            return Skipped("ICD-10-GM tabulation list of mortality or morbidity: groups codes, defines none")
        if READ_ME.match(head):
            return Skipped("ICD-10-GM read-me")
        return None

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make, one for each year."""
        return assembled(parts, self.definition)


__all__ = ["Icd10gmLoader"]
