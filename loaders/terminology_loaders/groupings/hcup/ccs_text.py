"""The single-level CCS of ICD-9-CM as text: the heading line of a category, then its codes in lines that are indented.

    49   Diabetes mellitus without complication
         24900 25000 25001 25002 …

The list has the full titles of categories, where the table cuts them, and no optional categories.

References:
    AHRQ HCUP, ``AppendixASingleDX.txt`` and ``AppendixBSinglePR.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded

from ..tables import Category, Codes, Member, Version, grouping_part
from .ccs import OPTIONAL
from .single import DIAGNOSES, PROCEDURES, Placement, in_order, year_version

OPENING: Final = re.compile(
    r"(?i)\s*Appendix\s+\w+\s*-\s*Clinical\s+Classifications?\s+Software\s*-\s*(DIAGNOSES|PROCEDURES)"
)
THROUGH: Final = re.compile(r"(?i)through\s+(?:[a-z]+\s+)?((?:19|20)\d\d)")
HEADING: Final = re.compile(r"(\d{1,4})\s+(\S.*)")
REVISED: Final = re.compile(r"(?i)\s*(?:revised|updated)\b.*")


def read_ccs_text(file: ReadableFile) -> Part | None:
    """Return the list of categories with their codes as a part; None for any other file.

    Raises:
        ReleaseFaults: Lines are neither headings nor codes, codes are malformed, a code is in two categories.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    opening = OPENING.match(file.head.decode("utf-8", "replace").removeprefix("\ufeff"))
    if opening is None:
        return None
    system = DIAGNOSES if opening[1].upper() == "DIAGNOSES" else PROCEDURES
    text, warnings = decoded(file.data, file.label)
    first, *lines = text.removeprefix("\ufeff").lstrip("\r\n").splitlines()
    faults = Faults(file.label, by_line=True)
    placement = Placement(faults, 1, may_repeat=True)
    members = list(_members(lines, system, placement))
    if not members:
        faults.add("expected categories with codes below them, got none", line=1)
    faults.raise_if_any()
    return grouping_part(
        file,
        "ccs_dx" if system == DIAGNOSES else "ccs_pr",
        "table",
        _version(first, file.name, system),
        categories=in_order(placement.categories),
        members=members,
        facts={"second": True, "unstated_roles": [OPTIONAL]},
        warnings=(*warnings, *placement.warnings),
    )


def _version(title: str, name: str, system: str) -> Version:
    """Return the version of the last year that the title names: ``January 1980 through September 2015``."""
    found = THROUGH.search(title)
    return year_version((found[1] if found else name,), system)


def _members(lines: list[str], system: str, placement: Placement) -> Iterator[Member]:
    codes = Codes(system, placement.faults, 1)
    category: str | None = None
    for line, text in enumerate(lines, 2):
        bare = text.strip()
        if not bare or (category is None and REVISED.fullmatch(bare)):
            continue
        heading = HEADING.fullmatch(bare) if not text[:1].isspace() else None
        if heading is not None:
            category = heading[1]
            if category in placement.categories:
                placement.faults.add(f"category {category} has a heading already", line=line, column=1)
            placement.categories.setdefault(category, Category(category, heading[2], line=line))
        elif category is None or not text[:1].isspace():
            placement.faults.add(f"expected the heading of a category or indented codes, got {bare!r}", line=line)
        else:
            for found in bare.split():
                code = codes.official(found, line)
                if code is not None:
                    yield from placement.member(system, code, category, line)
