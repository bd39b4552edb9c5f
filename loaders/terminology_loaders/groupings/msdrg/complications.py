"""Appendix C: complications and comorbidities (CC), the major ones (MCC), and which principal diagnoses exclude them.

     A021    MCC 0005:105 codes   Salmonella sepsis          part 1: the level, and the collection that excludes
    PDX collection 0002                                      each collection of principal diagnoses
      A000    Cholera due to Vibrio cholerae 01, biovar cholerae
    Appendix C Part 2: Codes that are ... Major CC only if patient discharged alive

Numbers of collections are those of one version. Collection 0005 of another version may be another set.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field

from terminology.reading import Faults

from ..tables import Category, Codes, Member
from .appendices import Appendix

SYSTEM: Final = "icd10cm"
LEVEL: Final = re.compile(
    r" (?P<code>[0-9A-Z]{3,7}) +(?P<level>CC|MCC) +"
    r"(?:(?P<collection>\d{4}):(?P<count>[\d,]+) codes?|(?P<none>No ?Excl\w*)(?::0 codes)?)(?: +(?P<title>\S.*))?$"
)
LISTED: Final = re.compile(r" +(?P<code>[0-9A-Z]{3,7}) +(?P<title>\S.*)$")
COLLECTION: Final = re.compile(r"(?:Part \d\W+)?PDX (?:exclusion )?collection:? *(?P<number>\d{1,4})\b", re.IGNORECASE)
ALIVE: Final = re.compile(r"discharged alive", re.IGNORECASE)
PART: Final = re.compile(r"(?:Appendix C )?Part \d", re.IGNORECASE)
HEADING: Final = re.compile(r" *I10 Dx +")
LEVELS: Final = {
    "cc": Category("cc", "Complication or comorbidity (CC)"),
    "mcc": Category("mcc", "Major complication or comorbidity (MCC)"),
}


@define
class Complications:
    """What appendix C says."""

    levels: dict[str, tuple[str, str | None, int]] = field(factory=dict)
    """Of each code its level, its collection (None where nothing excludes it), and the line."""
    alive: dict[str, int] = field(factory=dict)
    """Lines of the codes that count only for patients who are discharged alive."""
    part_of_alive: int | None = None
    """Line of the heading above these."""
    collections: dict[str, int] = field(factory=dict)
    """Line of each collection."""
    principals: list[Member] = field(factory=list)
    counts: dict[str, tuple[int, int]] = field(factory=dict)
    """How many codes a collection is said to have, with the line that says so."""

    def members(self) -> list[Member]:
        """Return the codes in the categories of levels."""
        return [
            Member(SYSTEM, code, level, detail=_detail(collection, code in self.alive), line=line)
            for code, (level, collection, line) in self.levels.items()
        ]


def _detail(collection: str | None, alive: bool) -> dict[str, object]:  # noqa: FBT001 -- a value
    found: dict[str, object] = {"exclusion": collection} if collection else {}
    return {**found, "alive": True} if alive else found


def complications_of(appendix: Appendix, faults: Faults) -> Complications:
    """Return levels and collections; what is cut short, repeated, or does not fit together is an error."""
    reading = _Reading(faults, Codes(SYSTEM, faults, 2))
    for line, text in appendix.lines:
        if not text.strip() or HEADING.match(text):
            continue
        if not text.startswith(" "):
            reading.heading(text, line)
        elif reading.collection is None and not reading.is_alive:
            _level(text, line, reading.made, reading.codes, faults)
        else:
            reading.listed(text, line)
    _check(reading.made, faults)
    return reading.made


@define
class _Reading:
    """Where in the appendix a line is."""

    faults: Faults
    codes: Codes
    made: Complications = field(factory=Complications)
    collection: str | None = None
    is_alive: bool = False
    known: set[str] = field(factory=set)
    """Codes of the collection so far."""

    def heading(self, text: str, line: int) -> None:
        """Begin a part or a collection; the words that say what the parts are come before any code."""
        made = self.made
        if found := COLLECTION.match(text):
            self.collection, self.is_alive = found["number"].zfill(4), False
            if self.collection in made.collections:
                message = f"collection {self.collection} is on line {made.collections[self.collection]} already"
                self.faults.add(message, line=line)
            made.collections[self.collection] = line
            self.known = set()
        elif made.levels and PART.match(text):
            self.is_alive, self.collection = bool(ALIVE.search(text)), None
            self.made.part_of_alive = line if self.is_alive else self.made.part_of_alive
        elif made.levels:
            self.faults.add(f"expected a code or a heading, got {text.strip()!r}", line=line)

    def listed(self, text: str, line: int) -> None:
        """Take in a code of a collection, or of the list of those that count for patients discharged alive."""
        found = LISTED.match(text)
        if found is None:
            self.faults.add(f"expected a code and its title, got {text.strip()!r}", line=line)
            return
        code = self.codes.official(found["code"], line)
        if code is None:
            return
        if self.is_alive:
            self.made.alive[code] = line
        elif code in self.known:
            self.faults.add(f"{code} is in collection {self.collection} already", line=line, column=3)
        else:
            self.known.add(code)
            self.made.principals.append(Member(SYSTEM, code, self.collection, line=line))


def _level(text: str, line: int, made: Complications, codes: Codes, faults: Faults) -> None:
    found = LEVEL.match(text)
    if found is None:
        faults.add(f"expected a code, CC or MCC, and its exclusions, got {text.strip()!r}", line=line)
        return
    code = codes.official(found["code"], line)
    if code is None:
        return
    if code in made.levels:
        faults.add(f"{code} is on line {made.levels[code][2]} already", line=line, column=2)
        return
    made.levels[code] = (found["level"].lower(), found["collection"], line)
    if found["collection"]:
        count = int(found["count"].replace(",", ""))
        stated, where = made.counts.setdefault(found["collection"], (count, line))
        if stated != count:
            message = f"collection {found['collection']} has {count:,} codes, on line {where} {stated:,}"
            faults.add(message, line=line, column="PDX Exclusions")


def _check(made: Complications, faults: Faults) -> None:
    """Note what the parts of the appendix say differently of each other."""
    if not made.levels:
        faults.add("expected a list of codes that are CC or MCC below the title, got none", line=1, of_file=True)
    sizes: dict[str, int] = dict.fromkeys(made.collections, 0)
    for member in made.principals:
        sizes[member.category or ""] += 1
    for number, (count, line) in made.counts.items():
        if number not in sizes:
            faults.add(f"collection {number} is not in the file, which ends too early", line=line, of_file=True)
        elif sizes[number] != count and not faults:
            message = f"collection {number} has {sizes[number]:,} codes, expected {count:,} (line {line})"
            faults.add(message, line=made.collections[number], of_file=True)
    if made.part_of_alive and not made.alive:
        message = "expected codes that count for patients discharged alive, got none: the file ends too early"
        faults.add(message, line=made.part_of_alive, of_file=True)
    for code, line in made.alive.items():
        if code not in made.levels and not faults:
            faults.add(f"{code} counts for patients discharged alive, and is no CC or MCC", line=line, column=3)
