"""CPT: the files of a licensed user become releases; nothing of their content is part of this package.

References:
    AMA, public ETL code of its CPT data feed (`datalabs.curate.cpt`); HL7, `CPTImporter`; NLM, UMLS source
    representation of CPT. The layouts of each file are cited in the modules that read them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from terminology.drafts import Assembly, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from .assembly import assembled
from .consolidated import KINDS, read_consolidated
from .delimited import read_delimited
from .descriptors import form_of, misplaced_name, read_descriptors
from .headers import delimited_of, is_named, misplaced_header
from .laboratory import is_laboratory_list, read_laboratory_list
from .layout import HEAD, is_of_cpt
from .modifiers import is_modifier_list, read_modifiers

TEXT_SUFFIXES = frozenset({".txt", ".tsv", ".csv", ""})
EDITS = re.compile(r"(days|exclude|reportwith)\.txt", re.IGNORECASE)


class CptLoader:
    """Reads the files that the AMA gives to licensed users of CPT."""

    definition = SYSTEMS["cpt"]
    format_number = 2

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part; `Skipped` for the edits of CPT Link; None for any other file.

        Raises:
            ReleaseFaults, ReleaseFormatError: The file is of CPT by its content or its name, and not as expected.
        """
        if file.suffix == ".xml":
            return read_laboratory_list(file) if is_laboratory_list(file) else None
        if file.suffix not in TEXT_SUFFIXES:
            return None
        head = _head(file)
        if found := delimited_of(file.name, head):
            return (read_consolidated if found.layout.kind in KINDS else read_delimited)(file, found)
        if EDITS.fullmatch(file.name):
            return Skipped("CPT Link edits: rules on which codes go together, no release of codes")
        if is_modifier_list(file):
            return read_modifiers(file)
        if form := form_of(file):
            return read_descriptors(file, form)
        if fault := misplaced_name(file) or misplaced_header(file.name, head, file.label):
            raise fault
        return None

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases that the parts make."""
        return assembled(self.definition.name, parts)


def _head(file: ReadableFile) -> str:
    """Return the beginning of the file; more of it where a notice of CPT may come before the header."""
    head = file.head.decode("utf-8", "replace").removeprefix("\ufeff")
    if is_named(file.name) or is_of_cpt(head):
        return file.data[:HEAD].decode("utf-8", "replace").removeprefix("\ufeff")
    return head


__all__ = ["CptLoader"]
