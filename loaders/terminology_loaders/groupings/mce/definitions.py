"""The publisher's own text: "Definitions of Medicare Code Edits".

Chapter 1 has a numbered section for each edit, most of them with lettered lists. A code and its title are apart by a
tab. The table of contents repeats the headings with a page number behind a tab; they begin no list.

    4. Age conflict
    * Maternity. Age range is 9-64 years inclusive (e.g., diabetes in pregnancy)
    C. Maternity diagnoses (age 9 through 64)
    A34<tab>Obstetrical tetanus
    9. Unacceptable principal diagnosis
    ... considered "acceptable" when a secondary diagnosis is also coded
    Z5189<tab>Encounter for other specified aftercare

Lists that count only together with a list of diagnoses (11B to 11E, most of 17) are no plain lists, and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import define, field

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from ..tables import Codes, Member, Version, grouping_part
from .lists import BY_HEADING, Said, ages_of, category_of
from .versions import LABEL, version_of

GROUPING: Final = "mce"
TITLE: Final = re.compile(r"Definitions? of Medicare Code Edits", re.IGNORECASE)
STATED: Final = re.compile(r"\bv(?:ersion)?[ ._]*(\d{2}(?:[._]\d)?)(?!\d)", re.IGNORECASE)
SECTION: Final = re.compile(r"(?P<number>\d{1,2})\. +(?P<title>\S[^\t]*)$")
SUBSECTION: Final = re.compile(r"(?P<letter>[A-Z])\. +(?P<title>\S[^\t]*)$")
CHAPTER: Final = re.compile(r"Chapter (\d)\b[^\t]*$", re.IGNORECASE)
CODE: Final = re.compile(r"(?P<code>[0-9A-Z][0-9A-Z.]{2,7}) *\t *(?P<title>\S.*)$")
BLANKS: Final = re.compile(r"(?P<code>(?=[A-Z]*\d)[0-9A-Z][0-9A-Z.]{2,7}) {2,}(?P<title>\S.*)$")
"""A code and its title, apart by blanks in place of the tab."""
CUT: Final = re.compile(r"(?=\d*[A-Z])(?=[A-Z]*\d)[0-9A-Z]{4,8}\t?")
"""A code without its title; a page number is none."""
AGES: Final = re.compile(
    r"(?P<name>newborn|pediatric|maternity|adult)\W.*?age\D{0,12}(?P<first>\d+)(?:\D{1,9}(?P<last>\d+))?", re.IGNORECASE
)
ACCEPTABLE: Final = re.compile(r"acceptable.{0,3} when a secondary diagnosis", re.IGNORECASE)
OVER_60: Final = re.compile(r"over (?:the )?(?:age (?:of )?)?60", re.IGNORECASE)
FIRST_CODE: Final = {"icd10": ("icd10cm", "icd10pcs"), "icd9": ("icd9cm", "icd9pcs")}
PROCEDURE_SECTIONS: Final = frozenset({11, 17, 19})
LETTERED_SECTIONS: Final = frozenset({4, 5})
"""Sections whose lists are told apart by their letters."""
UNLISTED_SECTIONS: Final = frozenset({1, 3, 12, 13, 14, 15, 16})
"""Sections without a list of their own, and that of bilateral procedures, which count by pairs."""


@define
class _Place:
    """Where in the text a line is."""

    section: int = 0
    letter: str = ""
    category: str | None = None
    title: str = ""
    heading: str = ""
    """Number or letter with the title, for warnings."""
    of_section: str | None = None
    """The category that the numbered heading names."""
    is_procedure: bool = False
    seen: dict[str, Said] = field(factory=dict)
    ages: dict[str, tuple[int, int]] = field(factory=dict)
    is_over: bool = False
    unread: dict[str, tuple[int, int]] = field(factory=dict)
    """Headings that name no list which is known, with their first line and how many codes are below them."""


def read_definitions(file: ReadableFile) -> Part | None:
    """Return the plain lists of the publisher's text as a part; None for any other file.

    Raises:
        ReleaseFaults: Lines of a list are cut short, repeated, or hold no code.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    opening = file.head.decode("cp1252", "replace")
    if file.head.startswith(b"%PDF") or not TITLE.search(opening) or ("\t" not in opening and file.suffix != ".txt"):
        return None
    if not re.search(r"^\s*(?:1\. +Invalid diagnosis|Chapter 1)", opening, re.IGNORECASE | re.MULTILINE):
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    place = _Place()
    systems = FIRST_CODE["icd9" if _is_icd9(text) else "icd10"]
    members = list(_members(text, systems, place, faults))
    if not members and not faults:
        faults.add("expected lists of codes below the headings of the edits, got none", line=1, of_file=True)
    faults.raise_if_any()
    version = _version(opening, file.name, file.archive or "")
    number = LABEL.fullmatch(version.label or "")
    categories = [
        category_of(code, said, place.ages.get(code) or ages_of(code, int(number["number"]) if number else None))
        for code, said in place.seen.items()
    ]
    facts = {"form": "definitions"}
    unread = [
        f"line {line}: {count:,} codes below {heading!r} are not read: no list of this name is known"
        for heading, (line, count) in place.unread.items()
    ]
    return grouping_part(
        file,
        GROUPING,
        "lists",
        version,
        categories=categories,
        members=members,
        facts=facts,
        warnings=[*warnings, *unread],
    )


def _is_icd9(text: str) -> bool:
    """Return whether the codes are of ICD-9-CM: a diagnosis of the first list begins with a digit."""
    found = re.search(
        r"^A\. +(?:Perinatal/)?Newborn diagnoses[^\t\n]*\n(?:[^\t\n]*\n)*?(\w+)\t", text, re.MULTILINE | re.IGNORECASE
    )
    return bool(found) and found[1][0].isdigit()  # type: ignore[index]


def _version(*texts: str) -> Version:
    for text in texts:
        found = STATED.search(text)
        if found:
            return version_of(found[1].replace("_", "."), found[0].strip())
    return Version(None, None)


def _members(text: str, systems: tuple[str, str], place: _Place, faults: Faults) -> Iterator[Member]:
    codes = {system: Codes(system, faults, 1) for system in systems}
    known: dict[tuple[str, str, str], int] = {}
    for line, row in lines_of(text):
        stripped = row.strip()
        if not stripped or place.is_over:
            continue
        if _is_heading(stripped, place):
            continue
        found = CODE.match(stripped) or BLANKS.match(stripped)
        if place.category is None:
            if found and place.section and place.section not in UNLISTED_SECTIONS | PROCEDURE_SECTIONS:
                first, count = place.unread.get(place.heading, (line, 0))
                place.unread[place.heading] = first, count + 1
            continue
        if found is None:
            if CUT.fullmatch(stripped):
                faults.add(f"expected a code, a tab and a title, got {stripped!r}: the line is cut short", line=line)
            continue
        system = systems[place.is_procedure]
        code = codes[system].official(found["code"], line)
        if code is None:
            continue
        key = (system, code, place.category)
        if key in known:
            # the text repeats whole lists at its end
            continue
        known[key] = line
        section = f"{place.section}{place.letter}"
        place.seen.setdefault(place.category, Said([], place.title, line)).sections.append(section)
        yield Member(system, code, place.category, detail={"section": section, "edit": place.title}, line=line)


def _is_heading(text: str, place: _Place) -> bool:
    """Return whether a line is a heading or says of what age a list is; the place is moved on."""
    if chapter := CHAPTER.match(text):
        place.is_over = place.section > 0 and int(chapter[1]) > 1
        place.category = None
        return True
    if "\t" not in text and (found := SECTION.match(text)):
        place.section, place.letter = int(found["number"]), ""
        place.is_procedure = place.section in PROCEDURE_SECTIONS
        _begin(found["title"], place)
        place.of_section = place.category
        return True
    if "\t" not in text and (found := SUBSECTION.match(text)):
        place.letter = found["letter"]
        place.is_procedure = place.section in PROCEDURE_SECTIONS or found["title"].lower().startswith("procedures")
        _begin(found["title"], place)
        return True
    if "\t" in text:
        return False
    if place.section == 4 and (ages := AGES.search(text)):  # noqa: PLR2004 -- the section of age conflicts
        _note_ages(ages, place)
    if place.section == 9:  # noqa: PLR2004 -- the section of unacceptable principal diagnoses
        if ACCEPTABLE.search(text):
            place.category, place.title = "requires_secondary", "Unacceptable principal diagnosis without a secondary"
        elif text.lower().startswith("the following") and place.category == "requires_secondary":
            place.category, place.title = "unacceptable_principal", "Unacceptable principal diagnosis"
    return False


def _begin(title: str, place: _Place) -> None:
    """Begin a list; in sections that have lists under conditions only the first one, which has none, is read."""
    plain = re.sub(r"\s*\(.*\)\s*$", "", title).strip()
    if place.section == 4 and (ages := AGES.search(f"{title} ")):  # noqa: PLR2004 -- the section of age conflicts
        _note_ages(ages, place)
    found = next((category for pattern, category in BY_HEADING if pattern.search(plain)), None)
    if place.section in UNLISTED_SECTIONS:
        found = None
    elif place.section in PROCEDURE_SECTIONS and place.letter:
        found = _of_procedures(title, place)
    elif found is None and place.letter and place.section not in LETTERED_SECTIONS:
        found = place.of_section
    place.category, place.title = found, plain
    place.heading = f"{place.section}{place.letter} {plain}"


def _of_procedures(title: str, place: _Place) -> str | None:
    if OVER_60.search(title):
        return "noncovered_over_60"
    return place.of_section if place.letter == "A" else None


def _note_ages(found: re.Match[str], place: _Place) -> None:
    first = int(found["first"])
    place.ages[found["name"].lower()] = (first, int(found["last"]) if found["last"] else first)
