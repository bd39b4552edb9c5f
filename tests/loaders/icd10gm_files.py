"""Reads invented files with the loader of ICD-10-GM."""

from __future__ import annotations

import pytest

from terminology.drafts import Assembly, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.icd10gm import Icd10gmLoader

from .claml_files import gm_line, lines_file

LOADERS = {"icd10gm": Icd10gmLoader()}


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = LOADERS["icd10gm"].read(file)
    assert isinstance(part, Part)
    return part


def faults(file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS["icd10gm"].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    return [(fault.line, fault.column, fault.message) for fault in found]


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return LOADERS["icd10gm"].assemble(parts)


def kodes(*lines: str, year: int = 2016, encoding: str = "utf-8") -> ReadableFile:
    """Return a codes file."""
    return lines_file(*lines, name=f"icd10gm{year}syst_kodes.txt", encoding=encoding)


CODES = (
    gm_line("A00", place="N", mark=".-"),
    gm_line("A00.0", place="N", mark="-", f13="P"),
    gm_line("A00.00", f20="W", f21="K", f22="215", f23="j015", f24="255", f25="j055", f26="M", f27="J", f29="J"),
    gm_line("A00.9", mark="*", f13="O", f14="O"),
)


GROUPS = lines_file("A00;A09;01;erste Gruppe", name="icd10gm2016syst_gruppen.txt")


CHAPTERS = lines_file("01;erstes Kapitel", name="icd10gm2016syst_kapitel.txt")
