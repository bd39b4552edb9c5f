"""Appendix F, titles of MS-DRGs; G and H, the plain lists of CC and MCC, and appendix I, hospital-acquired conditions (HAC).

    HAC 08: SURGICAL SITE INFECTION-MEDIASTINITIS AFTER CORONARY BYPASS GRAFT (CABG)
    PROCEDURES
      0210083 Bypass Coronary Artery, One Artery from Coronary Artery with Zooplastic Tissue, Open Approach
    AND
    SECONDARY DIAGNOSIS
      J8501   MCC Infection of tracheostomy stoma

What a code is in a condition is its role. A condition with procedures, or with principal diagnoses, needs one of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import define, field

from terminology.reading import Faults

from ..tables import Category, Codes, Member
from .appendices import Appendix

DIAGNOSES, PROCEDURES = "icd10cm", "icd10pcs"
CONDITION: Final = re.compile(r"HAC (?P<number>\d\d)\W+(?P<title>\S.*)")
LISTED: Final = re.compile(r" *(?P<code>[0-9A-Z]{3,7})(?P<mark>\*)? +(?:(?P<level>MCC|CC) +)?(?P<title>\S.*)$")
PLAIN: Final = re.compile(r" +(?P<code>[0-9A-Z]{3,7}) +(?P<title>\S.*)$")
UNRELATED: Final = re.compile(r"DRG (?P<drg>\d{3}) (?P<title>\S.*)")
ROLES: Final = (
    ("SECONDARY DIAGNOS", "secondary_diagnosis"),
    ("PRINCIPAL DIAGNOS", "principal_diagnosis"),
    ("IN ADDITION", "additional_diagnosis"),
    ("NON-OPERATING ROOM PROCEDURE", "procedure"),
    ("OPERATING ROOM PROCEDURE", "procedure"),
    ("PROCEDURE", "procedure"),
)
LINKS: Final = frozenset({"AND", "OR"})


@define
class Conditions:
    """What appendix I says, so far."""

    faults: Faults
    codes: dict[str, Codes]
    categories: list[Category] = field(factory=list)
    members: list[Member] = field(factory=list)
    number: str | None = None
    """Of the condition."""
    role: str | None = None
    known: dict[tuple[str | None, str, str | None], int] = field(factory=dict)

    def begin(self, number: str, title: str, line: int) -> None:
        """Begin a condition; one that was there before is an error."""
        self.number, self.role = number, None
        if any(one.code == number for one in self.categories):
            self.faults.add(f"HAC {number} is stated twice", line=line)
        else:
            self.categories.append(Category(number, title.strip(), line=line))

    def take(self, text: str, line: int) -> None:
        """Take in the line of a code; one that is cut short, repeated, or of no condition is an error."""
        found = LISTED.match(text)
        if found is None or (not found["mark"] and not text.startswith(" ")):
            if self.number is not None:
                self.faults.add(f"expected a code and its title, got {text.strip()!r}", line=line)
            return
        if self.number is None or self.role is None:
            self.faults.add(f"expected a condition and what its codes are above {found['code']}", line=line)
            return
        system = PROCEDURES if self.role == "procedure" else DIAGNOSES
        code = self.codes[system].official(found["code"], line)
        key = (self.number, code or "", self.role)
        if code is None:
            return
        if key in self.known:
            message = f"{code} is on line {self.known[key]} already, in HAC {self.number}"
            self.faults.add(message, line=line, column=3)
            return
        self.known[key] = line
        self.members.append(Member(system, code, self.number, self.role, detail=_detail(found), line=line))


def _detail(found: re.Match[str]) -> dict[str, object] | None:
    if found["level"]:
        return {"level": found["level"].lower()}
    return {"operating_room": False} if found["mark"] else None


def conditions_of(appendix: Appendix, faults: Faults) -> Conditions:
    """Return the conditions with their codes; a line that is no code, or of no condition, is an error."""
    made = Conditions(faults, {system: Codes(system, faults, 3) for system in (DIAGNOSES, PROCEDURES)})
    for line, text in appendix.lines:
        stripped = text.strip()
        if not stripped or stripped in LINKS:
            continue
        if found := CONDITION.match(stripped):
            made.begin(found["number"], found["title"], line)
        elif named := _role(stripped):
            made.role = named
        else:
            made.take(text, line)
    if not made.members:
        faults.add("expected a list of conditions with their codes, got none", line=1, of_file=True)
    return made


def _role(text: str) -> str | None:
    """Return what the codes below a heading are to the condition; None of what is no heading.

    >>> _role("SECONDARY DIAGNOSIS"), _role("NON-OPERATING ROOM PROCEDURES"), _role("0RQEXZZ* Repair")
    ('secondary_diagnosis', 'procedure', None)
    """
    if not text.isupper():
        return None
    return next((role for heading, role in ROLES if text.startswith(heading)), None)


def unrelated_titles(appendix: Appendix) -> dict[str, str]:
    """Return the titles of the MS-DRGs that appendix F names."""
    found = (UNRELATED.match(text) for _, text in appendix.lines)
    return {one["drg"]: one["title"].strip() for one in found if one}


def plain_levels(appendices: Iterable[Appendix]) -> dict[str, str]:
    """Return the level of each code by the lists of appendices G (CC) and H (MCC)."""
    found: dict[str, str] = {}
    for appendix in appendices:
        level = {"G": "cc", "H": "mcc"}.get(appendix.letter)
        if level is None:
            continue
        for _, text in appendix.lines:
            if listed := PLAIN.match(text):
                found.setdefault(listed["code"], level)
    return found
