"""Reads invented files with the loader of ICD-10."""

from __future__ import annotations

from typing import Any

import pytest

from terminology.drafts import Assembly, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.icd10 import Icd10Loader

from .claml_files import (
    WHO_HEAD,
    claml_file,
    lines_file,
    modifier_class,
    who_line,
)

LOADERS = {"icd10": Icd10Loader()}


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = LOADERS["icd10"].read(file)
    assert isinstance(part, Part)
    return part


def faults(file: ReadableFile) -> list[tuple[int | None, str]]:
    """Return line and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS["icd10"].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.message) for fault in found]


def concepts(*elements: str, head: str = WHO_HEAD) -> dict[str, dict[str, Any]]:
    """Return the rows of a ClaML file by code."""
    part = read(claml_file(*elements, head=head))
    return {row["code"]: row for row in part.tables["concepts"].to_pylist()}


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return LOADERS["icd10"].assemble(parts)


TWO_VALUES = (modifier_class("S01A00_4", ".0", "early"), modifier_class("S01A00_4", ".1", "late"))


FIFTH = (modifier_class("S01A00_5", "0", "left"), modifier_class("S01A00_5", "1", "right"))


CODES = (
    who_line("A00", place="N", mark=".-"),
    who_line("A00.0"),
    who_line("A00.1", mark="*"),
    who_line("A10", block="A10"),
)


BLOCKS = lines_file("A00;A09;01;first", "A10;A19;01;second", name="icd102016syst_blocks.txt")


CHAPTERS = lines_file("01;chapter one", name="icd102016syst_chapters.txt")


def codes_file(*lines: str, name: str = "icd102016syst_codes.txt") -> ReadableFile:
    """Return a codes file."""
    return lines_file(*lines, name=name)
