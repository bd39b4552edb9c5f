"""Which of several postings of one version is later, and what the release and each correction of it are made of.

CMS put lists up again when titles were wrong, and then wrote the day into the name, the day of the first posting and
that of the update:

    V27LONG_SHORT_DX_110909.xls              posted on November 9, 2009
    V27LONG_SHORT_DX_110909u021012.xls       the same, updated on February 10, 2012
    CMS30_DESC_LONG_DX.txt                   no day: the first posting
    CMS30_DESC_LONG_DX 080612.txt            posted again on August 6, 2012

A later list of the same kind with other contents is a correction of the version. So version 27 is the release ``27``
as it was posted first, and ``27.1`` as it was corrected. Lists of other kinds stay in it, as far as they were posted by then.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from terminology.drafts import Part
from terminology.reading.dates import calendar_day

DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{6}(?:[0-9]{2})?(?![0-9])")
CENTURY: Final = 2000
KINDS: Final = ("long", "sheet", "csv", "short")
"""In order of authority."""
UNDATED: Final = datetime.date.min
"""A list whose name bears no day is the first posting."""


@frozen
class Posting:
    """The lists of one release: as it was posted first, or corrected."""

    parts: tuple[Part, ...]
    """The authority first."""
    fresh: frozenset[str]
    """Identities of the parts that correct it; none where it was posted first."""
    warnings: tuple[str, ...]


@frozen
class _Content:
    """Lists of one kind that say the same, and the day on which it was said first."""

    day: datetime.date
    parts: tuple[Part, ...]


def posted_day(name: str) -> datetime.date | None:
    """Return the last of the days that a name states by digits, or None.

    >>> posted_day("V27LONG_SHORT_DX_110909u021012.csv"), posted_day("CMS30_DESC_LONG_DX 080612.txt")
    (datetime.date(2012, 2, 10), datetime.date(2012, 8, 6))
    >>> posted_day("CMS32_DESC_LONG_DX.txt") is None
    True
    """
    return max((day for found in DIGITS.findall(name) for day in _days(found)), default=None)


def _days(digits: str) -> Iterator[datetime.date]:
    """Yield the day that digits are: month, day and year in two or four, or year, month and day."""
    long = len(digits) > len("080612")
    year = int(digits[4:]) if long else CENTURY + int(digits[4:])
    found = calendar_day(year, int(digits[:2]), int(digits[2:4]))
    if found is None and long:
        found = calendar_day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if found:
        yield found


def postings_of(parts: Sequence[Part], noun: str, version: str) -> tuple[list[Posting], list[tuple[Part, str]]]:
    """Return the postings of one version, the first one first; and the lists that contradict others, with the reason.

    Args:
        parts: All lists of the version.
        noun: What they list.
        version: Its number, for the reasons.
    """
    contents, refused = {}, []
    for kind in KINDS:
        contents[kind], wrong = _contents([part for part in parts if part.kind == kind], noun, version)
        refused += wrong
    turns = sorted({content.day for found in contents.values() for content in found[1:]})
    postings = []
    for begin, end in zip([None, *turns], [*turns, None], strict=True):
        known = [[content for content in found if end is None or content.day < end][-1:] for found in contents.values()]
        lists = [part for found in known for content in found for part in content.parts]
        fresh = frozenset(part.identity for part in lists if begin and _posted(part) >= begin)
        if lists:
            warnings = tuple(_assumed(contents)) if fresh else ()
            postings.append(Posting(_by_authority(lists, fresh), fresh, warnings))
    return postings, refused


def _posted(part: Part) -> datetime.date:
    return posted_day(part.origin.name) or posted_day(part.origin.archive or "") or UNDATED


def _contents(parts: Sequence[Part], noun: str, version: str) -> tuple[list[_Content], list[tuple[Part, str]]]:
    """Return what lists of one kind say, in the order in which it was posted; and those that contradict one of the same day."""
    found: dict[str, list[Part]] = {}
    refused: list[tuple[Part, str]] = []
    days: dict[datetime.date, Part] = {}
    for part in sorted(parts, key=lambda part: (_posted(part), part.origin.label, part.revision)):
        digest, day = part.facts["digest"], _posted(part)
        if digest in found:
            found[digest].append(part)
        elif rival := days.get(day):
            reason = f"holds other {noun} than {rival.origin.label}, which is of version {version} too"
            refused.append((part, f"{reason}, and no name says which was posted later: give the --version of each"))
        else:
            found[digest], days[day] = [part], part
    return [_Content(_posted(same[0]), tuple(same)) for same in found.values()], refused


def _by_authority(parts: Sequence[Part], fresh: frozenset[str]) -> tuple[Part, ...]:
    """Return the parts, those that correct before others, long titles before short ones."""
    return tuple(
        sorted(
            parts,
            key=lambda part: (
                part.kind == "short",
                part.identity not in fresh,
                KINDS.index(part.kind),
                part.origin.label,
                part.revision,
            ),
        )
    )


def _assumed(contents: dict[str, list[_Content]]) -> Iterator[str]:
    """Yield which lists were taken for the first posting because their names bear no day."""
    for found in contents.values():
        if len(found) > 1 and found[0].day == UNDATED:
            yield f"{found[0].parts[0].origin.label}: its name bears no day; taken for the first posting"
