"""The programs that put codes under labels, and the lists of codes that are exempt from present-on-admission reporting.

A label is a comorbidity, or stands for several: what it means is in another program, so members have the label as it
is until a version is made (`resolving`). ICD-9-CM is put under labels by ranges. A range has every code that its form
allows, whether there is one or not: that is for the code system to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve

from terminology.drafts import Part
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded

from ..hcup.rows import version_in
from ..tables import Category, Codes, Member, Version, grouping_part
from .sas import Entry, Format, formats_of

if TYPE_CHECKING:
    import pyarrow as pa

GROUPING: Final = "elixhauser"
OPENING: Final = re.compile(r"(?is)\A\s*/\*.{0,600}comorbidity.{0,400}\bformat\s+(?:program|library)\b")
OPENING_OF_LIBRARY: Final = re.compile(r"(?is)\A\s*/\*.{0,200}\bformat\s+library\s+for\s+comorbidity")
ICD10: Final = "COMFMT"
ICD9: Final = "RCOMFMT"
EXEMPT: Final = re.compile(r"POAXMPT_V(\d+)FMT")
EXEMPT_TABLE: Final = "poa_exempt"
BEFORE_FIRST_YEAR: Final = 1983
"""Version 33 of ICD-10-CM is of fiscal year 2016."""
SOFTWARE: Final = re.compile(r"(?i)version,?\s+(\d\.\d+[a-z]?)")
CODES_OF: Final = re.compile(r"(?i)version\s+(\d\.\d+[a-z]?)\s+contains\s+(?:the\s+updated\s+)?FY\s+(20\d\d)")
NOTHING_NEW: Final = re.compile(r"(?i)no new codes[^*]{0,40}?\bFY\s+(20\d\d)")
COMPATIBLE: Final = re.compile(r"(?i)compatible with ICD-10-CM diagnosis\s*\*?/?\s*/?\*?\s*codes from ([\w ]+?)\.")
LENGTH: Final = 5
TABLE: Final = "table"


def head_of(file: ReadableFile) -> str:
    """Return the first lines of a file as text."""
    return file.head.decode("utf-8", "replace").removeprefix("\ufeff")


def read_format_program(file: ReadableFile) -> Part | tuple[Part, ...] | None:
    """Return a format program as a part, of ICD-9-CM one for each year that it names; None for any other file.

    Raises:
        ReleaseFaults: Formats are cut short, codes malformed, a code is under two labels.
        ReleaseFormatError: The same, with one error; or the file is no UTF-8.
    """
    opening = head_of(file)
    if not (OPENING.search(opening) or OPENING_OF_LIBRARY.search(opening)):
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    formats = formats_of(text, faults)
    name = next((one for one in (ICD10, ICD9) if one in formats), None)
    if name is None:
        faults.add(f"expected the format ${ICD10} or ${ICD9}, got {', '.join(formats) or 'none'}", of_file=True)
        faults.raise_if_any()
        return None
    members = list(_members(formats[name], faults))
    exempt = _exempt(formats, faults)
    faults.raise_if_any()
    titles = formats[name].titles
    labels = dict.fromkeys(member.category for member in members if member.category)
    categories = [Category(label, titles[label]) for label in labels if label in titles]
    versions = [_refined_version(file.name, opening)] if name == ICD10 else list(_versions(opening))
    made = [
        grouping_part(file, GROUPING, kind, version, categories=categories, members=members, warnings=warnings)
        for version, kind in zip(versions, (TABLE, *(f"{TABLE} of a later year" for _ in versions)), strict=False)
    ]
    if exempt is not None:
        made = [evolve(part, tables={**part.tables, EXEMPT_TABLE: exempt}) for part in made]
    return made[0] if len(made) == 1 else tuple(made)


def _refined_version(name: str, opening: str) -> Version:
    """Return the version of the software for ICD-10-CM: a fiscal year's, though it reads the codes of earlier years too."""
    version = version_in(name, [opening])
    found = COMPATIBLE.search(re.sub(r"\s*\*/\s*/\*\s*", " ", opening))
    if version.label and found:
        return evolve(version, basis=f"{version.basis}; it is compatible with codes from {' '.join(found[1].split())}")
    return version


def _versions(opening: str) -> Iterator[Version]:
    """Yield the version of the software for ICD-9-CM for each fiscal year that its head names, the first one first.

    The head says of which year the codes are, and of which later years that no code is new.
    """
    number = SOFTWARE.search(opening)
    stated = next((found for found in CODES_OF.finditer(opening) if number and found[1] == number[1]), None)
    if number is None or stated is None:
        yield Version(f"v{number[1]}" if number else None, None)
        return
    label, first = f"v{number[1]}", int(stated[2])
    yield _of_year(label, first, f"the program says that {label} contains the codes of FY {first}", label)
    for year in sorted({int(found[1]) for found in NOTHING_NEW.finditer(opening)}):
        if year > first:
            yield _of_year(f"{label}-{year}", year, f"the program says that no codes are new for FY {year}", label)


def _of_year(label: str, year: int, basis: str, identifier: str) -> Version:
    day = year_start("fiscal", year).isoformat()
    return Version(label, day, basis, f"icd9cm {year - BEFORE_FIRST_YEAR}", identifier)


def _members(table: Format, faults: Faults) -> Iterator[Member]:
    """Yield the codes with their labels; a code under two of them is an error."""
    system = "icd10cm" if table.name == ICD10 else "icd9cm"
    codes = Codes(system, faults, "code")
    seen: dict[str, Entry] = {}
    for entry in table.entries:
        if not entry.label:
            continue
        for text in [entry.low] if entry.low == entry.high else codes_between(entry.low, entry.high):
            code = codes.official(text.strip(), entry.line)
            if code is None:
                continue
            earlier = seen.setdefault(code, entry)
            if earlier is entry:
                yield Member(system, code, entry.label, line=entry.line)
            elif earlier.label != entry.label:
                message = (
                    f"expected {code} under one label, got {entry.label}, and {earlier.label} in line {earlier.line}"
                )
                faults.add(message, line=entry.line)
        if entry.low > entry.high:
            faults.add(f"expected a range that ends after it begins, got {entry.low!r}-{entry.high!r}", line=entry.line)


def codes_between(low: str, high: str) -> list[str]:
    """Return every text that has the form of a diagnosis of ICD-9-CM and is in a range, with its padding.

    >>> codes_between("4288 ", "4289 "), codes_between("V4511", "V4512")
    (['4288 ', '42880', '42881', '42882', '42883', '42884', '42885', '42886', '42887', '42888', '42889', '4289 '], ['V4511', 'V4512'])
    """
    low, high = low.ljust(LENGTH), high.ljust(LENGTH)
    letter = low[0] if low[0].isalpha() else ""
    if not (low[len(letter) : 3].isdigit() and high[len(letter) : 3].isdigit() and high.startswith(letter)):
        return [low, high]
    width = 3 - len(letter)
    found = []
    for number in range(int(low[len(letter) : 3]), int(high[len(letter) : 3]) + 1):
        base = f"{letter}{number:0{width}}"
        digits = [f"{first}{second}" for first in "0123456789" for second in " 0123456789"]
        found += [base + last for last in ("  ", *digits) if low <= base + last <= high]
    return found


def _exempt(formats: Mapping[str, Format], faults: Faults) -> pa.Table | None:
    """Return the codes that are exempt from present-on-admission reporting, by version of ICD-10-CM; None where there is no list."""
    import pyarrow as pa

    codes = Codes("icd10cm", faults, "code")
    rows: list[tuple[str, int, int, int]] = []
    for name, one in formats.items():
        found = EXEMPT.fullmatch(name)
        if found is None:
            continue
        number = int(found[1])
        for entry in one.entries:
            code = codes.official(entry.low, entry.line) if entry.label == "1" else None
            if code is not None:
                rows.append((code, number, number + BEFORE_FIRST_YEAR, entry.line))
    if not rows:
        return None
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True))
    layout = [("code", pa.string()), ("version", pa.int32()), ("fiscal_year", pa.int32()), ("line", pa.int32())]
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(layout, columns, strict=True)})
