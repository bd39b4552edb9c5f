"""Invented CPT releases: every kind of file that a licensed user holds, in the publisher's layouts, with no word of it.

CPT is licensed, so no test can bring real files. What is written here is made up from a seed: codes are drawn at
random and say nothing about real ones, descriptors name no service that exists. Releases of following years share
most codes; a hundredth is deleted, as many are added, twice as many are worded anew, and the history says so.

>>> import tempfile
>>> from pathlib import Path
>>> with tempfile.TemporaryDirectory() as folder:
...     written = write_cpt_release(Path(folder), 2025, codes=200, seed=7)
...     len(written.codes), len(written.added), len(written.deleted), len(written.revised)
(200, 2, 2, 4)
"""

from __future__ import annotations

import datetime
import random
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from attrs import evolve, frozen

FIRST_YEAR: Final = 2020
"""The year whose codes are drawn; later years change them."""
LONG_WIDTH: Final = 72
CRLF: Final = "\r\n"

SUBJECTS: Final = ("lantern", "kite", "teapot", "ladder", "bicycle", "umbrella", "clock", "drum", "feather", "candle")
ACTIONS: Final = ("polishing", "mending", "winding", "painting", "counting", "folding", "sorting", "tuning")
MANNERS: Final = ("by hand", "with a brush", "in the open", "on a bench", "twice", "under a lamp", "in two steps")
SHARES: Final = (("F", 0.05), ("T", 0.05), ("U", 0.04), ("M", 0.01), ("A", 0.01))
"""Share of the codes that end in each letter; the others are numbers."""

MODIFIERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Appendix A": (
        ("22", "Invented Effort: When an invented service took longer\nthan invented services do"),
        ("25", "Invented Separate Visit: When two invented services\nfell on one day"),
        ("50", "Invented Both Sides: When both sides were served"),
        ("51", "Invented Several: When several were served"),
    ),
    "Anesthesia Physical Status": (("P1", "An invented calm state"), ("P2", "An invented lively state")),
    "CPT Level I Modifiers": (("25", "Invented Separate Visit"), ("27", "Invented Several Visits")),
    "Category II Modifiers": (("1P", "Invented exclusion for invented reasons"), ("8P", "Invented action not done")),
    "Level II (HCPCS/National) Modifiers": (("LT", "Invented left"), ("RT", "Invented right")),
}


@frozen
class InventedCode:
    """A code that stands for nothing."""

    code: str
    title: str
    since: datetime.date
    """The day of its addition."""

    @property
    def medium_title(self) -> str:
        """At most 48 characters, upper case."""
        return self.title.upper()[:48].rstrip()

    @property
    def short_title(self) -> str:
        """At most 28 characters, upper case."""
        return self.title.upper()[:28].rstrip()


@frozen
class InventedRelease:
    """The codes of a year, and what changed since the year before."""

    year: int
    codes: Mapping[str, InventedCode]
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()
    former: Mapping[str, InventedCode] | None = None
    """The codes of the year before."""
    history: tuple[tuple[datetime.date, str, str, str, str], ...] = ()
    """Day, change, code, prior and current value; oldest first."""

    @property
    def effective(self) -> datetime.date:
        """January 1."""
        return datetime.date(self.year, 1, 1)


def invented_release(year: int, codes: int = 10_000, seed: int = 0) -> InventedRelease:
    """Return the invented codes of a year; the same seed and number give the same codes.

    Args:
        year: Not before 2020.
        codes: How many codes each year has.
        seed: Of all that is drawn.

    Raises:
        ValueError: The year is before 2020.
    """
    if year < FIRST_YEAR:
        raise ValueError(f"expected a year from {FIRST_YEAR} on, got {year}")
    chance = random.Random(f"cpt {seed} {codes}")  # noqa: S311 -- nothing secret is drawn
    pool = _drawn_codes(codes + (year - FIRST_YEAR + 1) * max(1, codes // 100), chance)
    # how many codes were drawn depends on the year, what they are called must not
    chance = random.Random(f"cpt titles {seed} {codes}")  # noqa: S311 -- as above
    start = datetime.date(FIRST_YEAR, 1, 1)
    held = {code: InventedCode(code, _title(code, chance), start) for code in sorted(pool[:codes])}
    history = tuple((start, "ADDED", code, "", made.title) for code, made in held.items())
    release = InventedRelease(FIRST_YEAR, held, history=history)
    fresh = iter(pool[codes:])
    for following in range(FIRST_YEAR + 1, year + 1):
        chance = random.Random(f"cpt {seed} {codes} {following}")  # noqa: S311 -- as above
        release = _next_year(release, following, fresh, chance)
    return release


def _drawn_codes(count: int, chance: random.Random) -> list[str]:
    found: dict[str, None] = {}
    letters, weights = zip(*SHARES, ("", 1 - sum(share for _, share in SHARES)), strict=True)
    while len(found) < count:
        letter = chance.choices(letters, weights)[0]
        digits = chance.randrange(1, 10_000) if letter else chance.randrange(100, 100_000)
        found[f"{digits:04}{letter}" if letter else f"{digits:05}"] = None
    return list(found)


def _title(code: str, chance: random.Random) -> str:
    words = f"{chance.choice(ACTIONS)} of {chance.randrange(2, 99)} {chance.choice(SUBJECTS)}s {chance.choice(MANNERS)}"
    more = "; invented for tests, with no meaning whatever for any service" if chance.random() < 0.4 else ""  # noqa: PLR2004
    return f"Invented service {code}, {words}{more}"


def _next_year(before: InventedRelease, year: int, fresh: Iterator[str], chance: random.Random) -> InventedRelease:
    day = datetime.date(year, 1, 1)
    changes = max(1, len(before.codes) // 100)
    drawn = chance.sample(sorted(before.codes), 3 * changes)
    deleted, revised = sorted(drawn[:changes]), sorted(drawn[changes:])
    added = sorted(next(fresh) for _ in range(changes))
    codes = {code: made for code, made in before.codes.items() if code not in set(deleted)}
    events = [(day, "DELETED", code, before.codes[code].title, "") for code in deleted]
    for code in revised:
        codes[code] = evolve(codes[code], title=f"{codes[code].title}, worded anew in {year}")
        events.append((day, "REVISED", code, before.codes[code].title, codes[code].title))
    for code in added:
        codes[code] = InventedCode(code, _title(code, chance), _added_on(code, day, chance))
        events.append((codes[code].since, "ADDED", code, "", codes[code].title))
    events.sort()
    ordered = dict(sorted(codes.items()))
    history = (*before.history, *events)
    return InventedRelease(year, ordered, tuple(added), tuple(deleted), tuple(revised), before.codes, history)


def _added_on(code: str, day: datetime.date, chance: random.Random) -> datetime.date:
    """Return the day of an addition: PLA codes and Category III codes also begin inside the year before."""
    months = {"U": (4, 7, 10), "T": (7,)}.get(code[4], ())
    if not months or chance.random() < 0.5:  # noqa: PLR2004 -- half of them
        return day
    return datetime.date(day.year - 1, chance.choice(months), 1)


# ---- files


def preamble(year: int) -> str:
    """Return the notice of the files: it says that all is invented."""
    lines = (
        f"INVENTED TEST DATA in the layout of CPT {year} files. Nothing here is CPT content:",
        "codes are drawn at random and descriptors are made up.",
        f"Copyright {year - 1} nobody. This notice stands where the publisher's notice stands.",
        "",
        "Second paragraph of the invented notice, as the publisher's has several.",
        "",
        "",
    )
    return CRLF.join(lines)


def write_cpt_release(
    folder: Path, year: int, codes: int = 10_000, seed: int = 0, *, zipped: bool = False
) -> InventedRelease:
    """Return the release whose files were written: all kinds, in the folders and layouts of the publisher.

    Args:
        folder: Where the files go; it is made if it is not there.
        year: Of the release.
        codes: How many codes each year has.
        seed: Of all that is drawn.
        zipped: Whether the files go into ``cptYYYY.zip`` in the folder.
    """
    release = invented_release(year, codes, seed)
    files = dict(release_files(release))
    folder.mkdir(parents=True, exist_ok=True)
    if zipped:
        with zipfile.ZipFile(folder / f"cpt{year}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text.encode())
        return release
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return release


def release_files(release: InventedRelease) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file of a release."""
    notice, made = preamble(release.year), release.codes.values()
    yield "standard/LONGULT.txt", notice + _lines(f"{one.code}\t{one.title}" for one in made)
    yield "standard/LONGUT.txt", notice + _lines(f"{one.code}\t{one.title.upper()}" for one in made)
    yield "standard/LONGULF.txt", notice + _lines(line for one in made for line in fixed_lines(one.code, one.title))
    yield "standard/MEDU.txt", notice + _lines(f"{one.code} {one.medium_title:<48}" for one in made)
    yield "standard/SHORTU.txt", notice + _lines(f"{one.code} {one.short_title:<28}" for one in made)
    yield "standard/MODUL.txt", notice + modifier_text(release.year)
    numbered = list(enumerate(made, 1_000_000))
    consumer = (f"{number}\t{one.code}\tPlain words for {one.title.lower()}" for number, one in numbered)
    header = "Concept Id\tCPT Code\tConsumer Friendly Descriptor"
    yield "standard/Consumer Friendly Descriptors/ConsumerDescriptor.txt", _lines([header, *consumer])
    clinician = (
        f"{number}\t{one.code}\t{number * 10 + version}\tClinician words {version} for {one.title.lower()}"
        for number, one in numbered
        for version in (1, 2)
    )
    header = "Concept Id\tCPT Code\tClinician Descriptor Id\tClinician Descriptor"
    yield "standard/Clinician Descriptors/ClinicianDescriptor.txt", _lines([header, *clinician])
    laboratory = [one for one in made if one.code.endswith("U")]
    path = "standard/Proprietary Laboratory Analyses (PLA) Codes/CPTPLA.xml"
    yield path, laboratory_text(laboratory, new=release.added)
    yield from history_files(release)
    yield from link_files(release)


def fixed_lines(code: str, title: str) -> list[str]:
    """Return a descriptor on lines of 80 characters, numbered from 01, broken between words."""
    lines, line = [], ""
    for word in title.split():
        if line and len(line) + 1 + len(word) > LONG_WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return [f"{code}{number:02} {text:<{LONG_WIDTH}}" for number, text in enumerate(lines, 1)]


def modifier_text(year: int) -> str:
    """Return the list of modifiers."""
    parts = ["", "Appendix A", "", "Modifiers", "", f"An invented list for CPT {year} codes.", ""]
    for heading, modifiers in MODIFIERS.items():
        if heading != "Appendix A":
            parts += [heading, ""]
        for code, text in modifiers:
            label = f"Physical Status Modifier {code}:" if heading.startswith("Anesthesia") else code
            parts += [*f"{label} {text}".split("\n"), *([] if heading.startswith("Level") else [""])]
        parts.append("")
    return _lines(parts)


def laboratory_text(codes: Iterable[InventedCode], new: Iterable[str] = (), deleted: Iterable[str] = ()) -> str:
    """Return a list of PLA codes as XML."""
    fresh, gone = set(new), set(deleted)
    parts = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', "", "<plaCodes>"]
    for number, one in enumerate(codes, 1):
        status = "DELETED" if one.code in gone else "NEW" if one.code in fresh else "EXISTING"
        parts += [
            f'<plaCode cdCode="{one.code}" cdId="{number}">',
            f"    <cdDesc>{escape(one.title)}</cdDesc>",
            f"    <cdMDesc>{escape(one.medium_title)}</cdMDesc>",
            f"    <cdSDesc>{escape(one.short_title)}</cdSDesc>",
            f"    <cdStatus>{status}</cdStatus>",
            f"    <effectiveDate>{one.since}T00:00:00-06:00</effectiveDate>",
            f"    <labName>Invented Laboratory {number % 9}</labName>",
            f"    <manufacturerName>Invented Maker {number % 5}</manufacturerName>",
            f"    <publishDate>{one.since - datetime.timedelta(days=90)}T00:00:00-06:00</publishDate>",
            f"    <testName>Invented Test {number}</testName>",
            "</plaCode>",
        ]
    return "\n".join([*parts, "</plaCodes>", ""])


def write_laboratory_update(
    folder: Path, release: InventedRelease, quarter: int, *, added: int = 3, deleted: int = 1, seed: int = 0
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes that a quarter's list of PLA codes adds and deletes; the list is written to the folder.

    Args:
        folder: Where ``CPTPLA.xml`` goes; it is made if it is not there.
        release: The annual release that the list updates.
        quarter: From which quarter (2 to 4) of the year on the list holds.
        added: How many codes are new.
        deleted: How many codes of the annual release are deleted.
        seed: Of the codes that are drawn.
    """
    chance = random.Random(f"pla {seed} {release.year} {quarter}")  # noqa: S311 -- nothing secret is drawn
    day = datetime.date(release.year, quarter * 3 - 2, 1)
    listed = [one for one in release.codes.values() if one.code.endswith("U")]
    free = [code for number in range(1, 10_000) if (code := f"{number:04}U") not in release.codes]
    new = sorted(chance.sample(free, added))
    gone = sorted(chance.sample([one.code for one in listed], min(deleted, len(listed))))
    made = [InventedCode(code, _title(code, chance), day) for code in new]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "CPTPLA.xml").write_bytes(laboratory_text([*listed, *made], new, gone).encode())
    return tuple(new), tuple(gone)


def history_files(release: InventedRelease) -> Iterator[tuple[str, str]]:
    """Yield the history of changes, the list of deleted codes, and the history of modifiers."""
    header = "Date\tChange Type\tConcept Id\tCPT Code\tLevel\tPrior Value\tCurrent Value\tInstruction"
    events = [
        f"{day:%Y%m%d}\t{change}\t{number}\t{code}\t\t{prior}\t{current}\t"
        for number, (day, change, code, prior, current) in enumerate(release.history, 2_000_000)
    ]
    ancient = f"Pre-1982\tDELETED\t1999999\t{_unused(release)}\t\tInvented, not available\t\t"
    yield "CPT Link/history/History_DTK_tab.txt", _lines([header, ancient, *events])
    header = "Concept Id\tCode\tDate Deleted\tLevel\tDescriptor\tInstruction"
    deleted = [
        f"{number}\t{code}\t{day:%Y%m%d}\tNot available\t{prior}\t"
        for number, (day, change, code, prior, _) in enumerate(release.history, 2_000_000)
        if change == "DELETED"
    ]
    yield "CPT Link/history/Deleted_DTK_tab.txt", _lines([header, *deleted, ancient_row(release)])
    header = "Date\tChange Type\tConcept Id\tModifier Code\tPrior Value\tCurrentValue"
    modifiers = [
        f"Pre-1990\tADDED\t{number}\t{code}\t\tInvented modifier"
        for number, code in enumerate(dict.fromkeys(c for group in MODIFIERS.values() for c, _ in group), 3_000_000)
    ]
    heading = "20140101\tADDED\t3999999\t\t\tInvented heading of modifiers"
    yield "CPT Link/history/HistoryModifiers_DTK_tab.txt", _lines([header, *modifiers, heading])


def ancient_row(release: InventedRelease) -> str:
    """Return a deletion of which nobody knows the day, its empty last cell left out."""
    return f"1999999\t{_unused(release)}\tPre-1982\tNot available\tInvented, not available"


def _unused(release: InventedRelease) -> str:
    known = {code for _, _, code, _, _ in release.history}
    return next(code for number in range(1, 100) if (code := f"{number:05}") not in known)


def link_files(release: InventedRelease) -> Iterator[tuple[str, str]]:
    """Yield the graph of CPT Link: invented headings of a thousand numbers each, under one top."""
    codes = list(release.codes)
    numbers = {code: number for number, code in enumerate(codes, 1_000_000)}
    headings = {key: number for number, key in enumerate(sorted({code[:2] for code in codes}), 5_000_000)}
    top = 4_999_999
    types = ("Type Id|Type Name", "1|Code", "2|Long Descriptor", "9|Has Parent")
    properties = [
        "Concept Id|Property Type Id|Property Value",
        f"{top}|2|Invented services, all",
        *(f"{number}|2|Invented services {key}" for key, number in headings.items()),
        *(f"{numbers[code]}|1|{code}" for code in codes),
    ]
    relationships = [
        "Concept Id 1|Relationship Type Id|Concept Id 2|Group",
        *(f"{number}|9|{top}|1" for number in headings.values()),
        *(f"{numbers[code]}|9|{headings[code[:2]]}|1" for code in codes),
    ]
    yield "CPT Link/Type_DTK_pipe.txt", _lines(types)
    yield "CPT Link/Property_DTK_pipe.txt", _lines(properties)
    yield "CPT Link/RelationshipGroup_DTK_pipe.txt", _lines(relationships)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}{CRLF}" for line in lines)
