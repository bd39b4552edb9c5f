"""The official guidelines for coding and reporting with ICD-10-CM: the publishers' PDF of a year becomes a release.

Its "codes" are the numbers of the sections (``I.C.9.a``), with title, text and page. Reading it needs pypdf, which is the
extra ``guidelines``; without it the document is skipped, with how to install it as the reason.

References:
    CMS and NCHS, "ICD-10-CM Official Guidelines for Coding and Reporting", FY2014 and later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFormatError
from terminology.extras import install_line
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from .assembly import assembled
from .document import MAGIC, document_of, is_readable, top_of
from .sections import Section, sections_of
from .title_page import system_of, title_page

if TYPE_CHECKING:
    import pyarrow as pa

NAME: Final = re.compile(r"guideline", re.IGNORECASE)
"""In the name of a document that cannot be read."""


class Icd10cmGuidelinesLoader:
    """Reads the "Official Guidelines for Coding and Reporting" of ICD-10-CM, a PDF document a year."""

    definition = SYSTEMS["icd10cm_guidelines"]
    format_number = 1

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the document as a part; `Skipped` where pypdf is not installed; None for any other file.

        Raises:
            ReleaseFaults: Sections that the table of contents lists are missing, or in another order.
            ReleaseFormatError: There is one such error only; or a document of guidelines by its name cannot be read.
        """
        if not file.head.startswith(MAGIC):
            return None
        if not is_readable():
            return Skipped(
                f"PDF document: if it has the official guidelines, pypdf is needed: {install_line('guidelines')}"
            )
        try:
            return self._part(file)
        except ReleaseFormatError:
            # of a damaged or encrypted document nothing but its name says what it is
            if NAME.search(file.name) or file.remembered.get("guidelines"):
                raise
            return None

    def _part(self, file: ReadableFile) -> Part | Skipped | None:
        top = top_of(file)
        system = system_of(top)
        if system == "icd10pcs":
            return Skipped("official guidelines of ICD-10-PCS: only those of ICD-10-CM are read")
        if system is None and (top or not NAME.search(file.name)):
            return None
        file.remembered["guidelines"] = True
        document = document_of(file)
        found = sections_of(document, file.label)
        stated = title_page(top, file.label)
        facts = {
            "year": stated.year,
            "effective": stated.effective.isoformat(),
            "updated": stated.updated,
            "made": document.made,
            "pages": document.pages,
            "digest": hashlib.sha256(repr(found.sections).encode()).hexdigest(),
        }
        return Part("guidelines", file.origin, facts, {"sections": _table(found.sections)}, found.warnings)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make: one for each year and update."""
        return assembled(parts)


def _table(sections: Sequence[Section]) -> pa.Table:
    import pyarrow as pa

    names = ("number", "title", "text", "page")
    types = (pa.string(), pa.string(), pa.string(), pa.int64())
    columns = [
        pa.array([getattr(one, name) for one in sections], kind) for name, kind in zip(names, types, strict=True)
    ]
    return pa.table(dict(zip(names, columns, strict=True)))


__all__ = ["Icd10cmGuidelinesLoader"]
