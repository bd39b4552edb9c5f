"""What the files of risk adjustment call themselves: model, year and revision of a table; model of a macro.

    'F2421P2M.TXT'                  model 24, year 2021, revision P2M                     hcc_v24
    'F2823T2N_FY22FY23.TXT'         model 28, year 2023, revision T2N, of two code years  hcc_v28
    'H0519F3.FY 2018 ICD10.TXT'     model 05, year 2019, revision F3, code year 2018      hhs_hcc_v05
    'CY22F07A_FY 2022 ICD10.TXT'    model 07, year 2022, revision A, code year 2022       hhs_hcc_v07

The year is that of the software. For which payment year CMS used a table is in CMS' announcements, and not in the file:
tables of two years were used in one payment year, and one table in two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from terminology.reading import ReadableFile

from ..tables import Version

MODELS: Final = {
    "F08": "rxhcc_v08",
    "F21": "hcc_esrd_v21",
    "F22": "hcc_v22",
    "F23": "hcc_v23",
    "F24": "hcc_v24",
    "F28": "hcc_v28",
    "H05": "hhs_hcc_v05",
    "H07": "hhs_hcc_v07",
}
"""Grouping of a table, by the letter of its file and the number of its model."""
MACROS: Final[dict[str, tuple[str, ...]]] = {
    "V05": ("hhs_hcc_v05",),
    "V07": ("hhs_hcc_v07",),
    "R08": ("rxhcc_v08",),
    "V20": ("hcc_esrd_v21",),
    "V21": ("hcc_esrd_v21",),
    "V22": ("hcc_v22",),
    "V23": ("hcc_v23",),
    "V24": ("hcc_v24", "hcc_esrd_v24"),
    "V28": ("hcc_v28",),
}
"""Groupings that a macro serves. ESRD V21 has the categories of V20, and ESRD V24 those of V24."""
FILE: Final = re.compile(
    r"(?ai)(?<![A-Z0-9])(?P<id>(?P<kind>[FH])(?P<model>\d\d)(?P<year>\d\d)(?P<letter>[A-Z])(?P<number>\d)(?P<last>[A-Z]?))(?![A-Z0-9])"
)
MARKETPLACE: Final = re.compile(
    r"(?ai)(?<![A-Z0-9])(?P<id>CY(?P<year>\d\d)F(?P<model>\d\d)(?P<letter>[A-Z]))(?![A-Z0-9])"
)
CODE_YEARS: Final = re.compile(r"(?ai)(?:FY[ _]?(?:20)?\d\d)+")
CENTURY: Final = 2000


@frozen
class FileId:
    """What the name of a table, or of a list beside it, says."""

    label: str
    """As published: ``F2421P2M``."""
    kind: str
    """``F`` of CMS-HCC and RxHCC, ``H`` of HHS-HCC."""
    model: str
    year: int
    revision: tuple[str, int, str]
    codes: str
    """The code years that the name states: ``FY22FY23``; empty where it states none."""

    @property
    def grouping(self) -> str | None:
        """The grouping; None where it is not built in."""
        return MODELS.get(f"{self.kind}{self.model}")

    @property
    def version(self) -> Version:
        """The version: the file id, with the code years that the name adds, from January 1 of the year in it."""
        joint = "_" if self.kind == "F" else "-"
        label = joint.join(filter(None, (self.label, self.codes)))
        presumes = f"icd10cm of {self.codes}" if self.codes else None
        basis = f"the year in the file id {self.label}; the payment year is not stated in the file: give --effective"
        return Version(label, f"{self.year}-01-01", basis, presumes, label)

    @property
    def precedence(self) -> tuple[int, str, int, str, str]:
        """Order among versions of the same first day: the last one answers for it."""
        return (1, *self.revision, self.codes)


def file_id(name: str) -> FileId | None:
    """Return what a file's name says; None where it has no file id.

    >>> file_id("F2823T2N_FY22FY23.TXT").version.label, file_id("H0519F3.FY_2018_ICD10.TXT").version.label
    ('F2823T2N_FY22FY23', 'H0519F3-FY2018')
    >>> file_id("CY22F07A_FY 2022 ICD10.TXT").grouping, file_id("F22_AllYearsCombined.TXT")
    ('hhs_hcc_v07', None)
    """
    bare = name.rpartition("/")[2].replace("_", " ")
    found = FILE.search(bare) or MARKETPLACE.search(bare)
    if found is None:
        return None
    said = found.groupdict()
    years = CODE_YEARS.search(bare, found.end())
    codes = years[0].upper().replace(" ", "") if years else ""
    revision = (said["letter"].upper(), int(said.get("number") or 0), (said.get("last") or "").upper())
    return FileId(
        said["id"].upper(), said.get("kind", "H").upper(), said["model"], CENTURY + int(said["year"]), revision, codes
    )


def warning_of_year(found: FileId) -> str:
    """Return what a version says of its first day, as a warning."""
    return (
        f"taken as in force from {found.year}-01-01, by the year in its file id; the payment year is not stated in the "
        f"file: give --effective where it is another"
    )


@frozen
class Macro:
    """What the name of a SAS macro says."""

    name: str
    """As in the file: ``V24H86L1``."""
    matter: str
    """``labels``, ``hierarchies``, ``edits`` or ``program``."""
    groupings: Sequence[str]
    """Those that it serves; empty where none is built in."""
    year: int | None
    """Of a program, which has it in its name."""


LABELS_OR_HIERARCHIES: Final = re.compile(r"(?a)(?P<model>[VR]\d\d)[A-Z]?\d{2,3}(?P<matter>[LH])\d")
EDITS: Final = re.compile(r"(?a)(?P<model>[VR]\d\d)I[09]ED\d|I[09](?P<other>V\d\d)ED\d")
PROGRAM: Final = re.compile(r"(?a)[VERF](?P<model>\d\d)(?P<year>\d\d)[A-Z]\d[A-Z]|(?P<whole>[VR]\d\d)[A-Z]\d+M")
MACRO: Final = re.compile(r"(?ai)%MACRO\s+(?P<name>\w+)")
MATTERS: Final = {"L": "labels", "H": "hierarchies"}


def macro_of(file: ReadableFile) -> Macro | None:
    """Return which macro of risk adjustment a file defines; None where it defines none that is known.

    >>> def macro(text): return macro_of(ReadableFile("macro.txt", lambda: text))
    >>> macro(b"%MACRO V28I0ED1(AGE=, SEX=, ICD10= );").matter, macro(b" %macro V05128L1;").groupings
    ('edits', ('hhs_hcc_v05',))
    >>> macro(b"%MACRO V2419P1M(INP=, IND=").year, macro(b"%MACRO SCOREVAR")
    (2019, None)
    """
    found = MACRO.search(file.head.decode("latin-1"))
    if found is None:
        return None
    name = found["name"]
    whole = name.upper()
    if said := LABELS_OR_HIERARCHIES.fullmatch(whole):
        return Macro(name, MATTERS[said["matter"]], MACROS.get(said["model"], ()), None)
    if said := EDITS.fullmatch(whole):
        return Macro(name, "edits", MACROS.get(said["model"] or said["other"], ()), None)
    if said := PROGRAM.fullmatch(whole):
        if said["whole"]:
            return Macro(name, "program", MACROS.get(said["whole"], ()), None)
        prefix = "R" if whole[0] == "R" else "V"
        groupings = MACROS.get(f"{prefix}{said['model']}", ())
        return Macro(name, "program", groupings, CENTURY + int(said["year"]))
    return None
