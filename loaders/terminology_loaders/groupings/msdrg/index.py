"""Appendix A, the list of MS-DRGs, and appendix B, the index of diagnoses.

    020 01  P  INTRACRANIAL VASCULAR PROCEDURES WITH PRINCIPAL DIAGNOSIS HEMORRHAGE WITH MCC
    998        PRINCIPAL DIAGNOSIS INVALID AS DISCHARGE DIAGNOSIS

     E1122   Pre 008         Type 2 diabetes mellitus with diabetic chronic kidney disease
             11  673-675

A line of the index without a code is of the code above. A code may have several lines of one MDC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from attrs import define, field, frozen

from terminology.reading import Faults

from ..tables import Codes, Member
from .appendices import Appendix

SYSTEM: Final = "icd10cm"
VERSION: Final = re.compile(r"Version (?P<label>\d{2}(?:\.\d)?)", re.IGNORECASE)
DRG: Final = re.compile(r"(?P<drg>\d{3}) (?P<mdc>\d\d|  ) {2}(?P<kind>[MP ]) {2}(?P<title>\S.*)")
INDEX_LINE: Final = re.compile(
    r" (?P<code>[0-9A-Z]{3,7})? +(?P<mdc>\d\d|[Pp][Rr][Ee]) +(?P<drgs>\d{3}(?:[-,]\d{3})*)(?: +(?P<title>\S.*))? *$"
)
HEADING: Final = re.compile(r" *I10 Dx +")
PRE: Final = "Pre"
MDC_TITLES: Final[Mapping[str, str]] = {
    PRE: "Pre-MDC",
    "01": "Diseases and Disorders of the Nervous System",
    "02": "Diseases and Disorders of the Eye",
    "03": "Diseases and Disorders of the Ear, Nose, Mouth and Throat",
    "04": "Diseases and Disorders of the Respiratory System",
    "05": "Diseases and Disorders of the Circulatory System",
    "06": "Diseases and Disorders of the Digestive System",
    "07": "Diseases and Disorders of the Hepatobiliary System and Pancreas",
    "08": "Diseases and Disorders of the Musculoskeletal System and Connective Tissue",
    "09": "Diseases and Disorders of the Skin, Subcutaneous Tissue and Breast",
    "10": "Endocrine, Nutritional and Metabolic Diseases and Disorders",
    "11": "Diseases and Disorders of the Kidney and Urinary Tract",
    "12": "Diseases and Disorders of the Male Reproductive System",
    "13": "Diseases and Disorders of the Female Reproductive System",
    "14": "Pregnancy, Childbirth and the Puerperium",
    "15": "Newborns and Other Neonates with Conditions Originating in the Perinatal Period",
    "16": "Diseases and Disorders of Blood, Blood Forming Organs and Immunologic Disorders",
    "17": "Myeloproliferative Diseases and Disorders, Poorly Differentiated Neoplasms",
    "18": "Infectious and Parasitic Diseases, Systemic or Unspecified Sites",
    "19": "Mental Diseases and Disorders",
    "20": "Alcohol/Drug Use and Alcohol/Drug Induced Organic Mental Disorders",
    "21": "Injuries, Poisonings and Toxic Effects of Drugs",
    "22": "Burns",
    "23": "Factors Influencing Health Status and Other Contacts with Health Services",
    "24": "Multiple Significant Trauma",
    "25": "Human Immunodeficiency Virus Infections",
}
"""Names of the divisions in the manual; the appendices have only their numbers."""


@frozen
class DrgRow:
    """One MS-DRG of appendix A."""

    drg: str
    mdc: str | None
    kind: str | None
    """``M`` medical, ``P`` surgical; None of the two for records that cannot be grouped."""
    title: str
    line: int


@define
class Index:
    """What appendix B says."""

    members: list[Member] = field(factory=list)
    drgs: set[int] = field(factory=set)
    """Numbers of all MS-DRGs that it names."""
    mdcs: dict[str, int] = field(factory=dict)
    """First line of each MDC."""


@cache
def numbers_of(drgs: str) -> frozenset[int]:
    """Return the MS-DRGs that a cell of the index names; a range may go over numbers that are not in use.

    >>> sorted(numbers_of("928-929,934"))
    [928, 929, 934]
    """
    return frozenset(map(int, re.split("[-,]", drgs)))


def version_in(appendix: Appendix) -> str | None:
    """Return the version that the title of appendix A names."""
    found = VERSION.search(appendix.title)
    return found["label"] if found else None


def drgs_of(appendix: Appendix, faults: Faults) -> list[DrgRow]:
    """Return the list of MS-DRGs; a line that is none, or repeated, is an error."""
    rows: dict[str, DrgRow] = {}
    for line, text in appendix.lines:
        found = DRG.match(text)
        if found is None:
            if text[:3].isdigit():
                faults.add(f"expected a DRG, its MDC, M or P, and its title, got {text!r}", line=line)
            continue
        if found["drg"] in rows:
            faults.add(f"DRG {found['drg']} is on line {rows[found['drg']].line} already", line=line, column=1)
            continue
        mdc, kind = found["mdc"].strip() or None, found["kind"].strip() or None
        rows[found["drg"]] = DrgRow(found["drg"], mdc, kind, found["title"].strip(), line)
    if not rows:
        faults.add("expected a list of MS-DRGs below the title, got none", line=1, of_file=True)
    return list(rows.values())


def index_of(appendix: Appendix, faults: Faults) -> Index:
    """Return the MDCs of diagnoses with their MS-DRGs; a line that is cut short or of no code is an error."""
    made = Index()
    codes = Codes(SYSTEM, faults, 2)
    known: dict[tuple[str, str, str], int] = {}
    code: str | None = None
    for line, text in appendix.lines:
        if not text.strip() or not text.startswith(" ") or HEADING.match(text):
            continue
        found = INDEX_LINE.match(text)
        if found is None:
            faults.add(f"expected a code, an MDC and MS-DRGs, got {text.strip()!r}", line=line)
            code = None
            continue
        if found["code"]:
            code = codes.official(found["code"], line)
        elif not made.members:
            faults.add("expected a code: no line above has one", line=line, column=2)
        if code is None:
            continue
        mdc = PRE if found["mdc"].upper() == "PRE" else found["mdc"]
        if mdc not in MDC_TITLES:
            faults.add(f"expected an MDC from 01 to 25 or Pre, got {mdc!r}", line=line, column=10)
            continue
        key = (code, mdc, found["drgs"])
        if key in known:
            faults.add(f"{code} has MDC {mdc} with {found['drgs']} on line {known[key]} already", line=line)
            continue
        known[key] = line
        made.drgs |= numbers_of(found["drgs"])
        made.mdcs.setdefault(mdc, line)
        made.members.append(Member(SYSTEM, code, mdc, detail={"drgs": found["drgs"]}, line=line))
    if not made.members:
        faults.add("expected an index of diagnoses below the title, got none", line=1, of_file=True)
    return made
