"""The column of previous codes, prose of several authors: groups of codes, any of which was used before.

Within a group all codes were used together. ``A and B`` (also ``AND``, ``&``) is one group; ``A, B``, ``A; B`` and
``A B`` are two; ``A, B and C`` is one, as in English. A range whose ends differ in one figure (``H81.41-H81.43``)
lists its codes. What names codes without listing them stays as written: any other range, a category ``A.-``,
``Codes in Categories A-B``.
"""

from __future__ import annotations

import itertools
import re
from enum import StrEnum
from typing import Final

from attrs import frozen

from terminology.systems import SYSTEMS

CODE: Final = re.compile(r"(?=.{0,2}[0-9])[A-Z][0-9A-Z]{2}(?:\.?[0-9A-Z]{1,4})?")
"""At least one figure, else words would be codes."""
RANGE: Final = re.compile(rf"({CODE.pattern})\s*[-\u2013]\s*({CODE.pattern})")
CATEGORY: Final = re.compile(rf"({CODE.pattern})\.?-")
PROSE: Final = re.compile(r"(?:an?\s+)?codes?\s+(?:from|in)\s+(?:the\s+)?(?:categor(?:y|ies)\s+)?(.+)", re.IGNORECASE)
AND: Final = re.compile(r"(?<!\s)\s+and\s+|(?<!\s)\s+&\s*|&\s*", re.IGNORECASE)
CATEGORY_LENGTH: Final = 3
NOTHING: Final = "none"


class ParseStatus(StrEnum):
    """How far a cell was understood."""

    PARSED = "parsed"
    """Every group consists of codes."""
    NONE = "none"
    """The publisher says that nothing came before."""
    PARTLY = "partly"
    """Some groups consist of codes, others name a range or a category."""
    RANGE = "range"
    """No group consists of codes alone; ranges are named."""
    CATEGORY = "category"
    """No group consists of codes alone; categories are named."""
    UNPARSED = "unparsed"
    """Nothing in it is understood."""


@frozen
class Predecessors:
    """A cell as understood."""

    status: ParseStatus
    groups: tuple[tuple[str, ...], ...] = ()
    """Codes in official form; ranges and categories as written."""

    @property
    def listed(self) -> tuple[tuple[str, ...], ...]:
        """The groups that consist of codes alone, those of ranges written out."""
        found = (group for group in self.groups if all(map(codes_of, group)))
        return tuple(codes for group in found for codes in itertools.product(*map(codes_of, group)))

    @property
    def is_spread(self) -> bool:
        """Whether codes of ranges are among the listed: not each of them need be a code."""
        return any("-" in item and codes_of(item) for group in self.groups for item in group)


def codes_of(item: str) -> tuple[str, ...]:
    """Return the codes that an item lists: itself, or all of a range whose ends differ in one figure; else none.

    >>> codes_of("H81.41-H81.43"), codes_of("S06.890A-S06.891A"), codes_of("I10-I15.9"), codes_of("R11-")
    (('H81.41', 'H81.42', 'H81.43'), ('S06.890A', 'S06.891A'), (), ())
    """
    if "-" not in item:
        return (item,)
    ends = RANGE.fullmatch(item)
    first, last = (SYSTEMS["icd10cm"].official(end) or "" for end in ends.groups()) if ends else ("", "")
    places = [place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other]
    if len(first) != len(last) or len(places) != 1 or len(first) <= CATEGORY_LENGTH:
        return ()
    (place,) = places
    if not (first[place].isdigit() and last[place].isdigit() and first[place] < last[place]):
        return ()
    figures = range(int(first[place]), int(last[place]) + 1)
    return tuple(f"{first[:place]}{figure}{first[place + 1 :]}" for figure in figures)


def predecessors(text: str) -> Predecessors:
    """Return the groups of a cell, with the status that says how far it was understood.

    >>> predecessors("C56.1 and C56.2").groups, predecessors("J68.0, J80").groups
    ((('C56.1', 'C56.2'),), (('J68.0',), ('J80',)))
    >>> predecessors("H02.101-H02.106; H02.109").listed, predecessors("None").status
    ((('H02.101',), ('H02.102',), ('H02.103',), ('H02.104',), ('H02.105',), ('H02.106',), ('H02.109',)),
     <ParseStatus.NONE: 'none'>)
    """
    cell = " ".join(text.split())
    if cell.lower() == NOTHING:
        return Predecessors(ParseStatus.NONE)
    groups: list[tuple[str, ...]] = []
    for segment in cell.split(";"):
        found = _groups(segment.strip()) if segment.strip() else ()
        if found is None:
            return Predecessors(ParseStatus.UNPARSED)
        groups += found
    return Predecessors(_status(groups), tuple(dict.fromkeys(groups)))


def _groups(segment: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the groups between semicolons, or None where it has more than one meaning, or none."""
    pieces = [_items(piece) for piece in AND.split(segment)]
    if not all(pieces):
        return None
    known: list[tuple[str, ...]] = [piece for piece in pieces if piece]
    if len(known) == 1:
        return tuple((item,) for item in known[0])
    joined = tuple(item for piece in known for item in piece)
    # a list that "and" closes is one list; with commas elsewhere, it is unknown what belongs together
    is_closed_list = len(known) == 2 and len(known[1]) == 1  # noqa: PLR2004 -- the list, and its last member
    if is_closed_list or len(joined) == len(known):
        return (joined,)
    return None


def _items(piece: str) -> tuple[str, ...] | None:
    """Return the items between two "and", or None if one of them is neither code, range nor category."""
    items: list[str] = []
    for text in (part.strip() for part in piece.split(",")):
        if not text:
            continue
        item = _item(text)
        if item is not None:
            items.append(item)
            continue
        words = [_item(word) for word in text.split(" ")]
        if not all(words):
            return None
        items += [word for word in words if word]
    return tuple(items) or None


def _item(text: str) -> str | None:
    """Return a code in official form, a range or a category as written; None for anything else."""
    if CODE.fullmatch(text):
        return SYSTEMS["icd10cm"].official(text)
    if RANGE.fullmatch(text) or CATEGORY.fullmatch(text):
        return text
    if prose := PROSE.fullmatch(text):
        return _item(prose[1]) if "-" in prose[1] else f"{prose[1]}-" if CODE.fullmatch(prose[1]) else None
    return None


def _status(groups: list[tuple[str, ...]]) -> ParseStatus:
    if not groups:
        return ParseStatus.UNPARSED
    whole = [all(map(codes_of, group)) for group in groups]
    if all(whole):
        return ParseStatus.PARSED
    if any(whole):
        return ParseStatus.PARTLY
    spans = [item for group in groups for item in group if not codes_of(item)]
    return ParseStatus.CATEGORY if any(map(_is_category, spans)) else ParseStatus.RANGE


def _is_category(span: str) -> bool:
    """Return whether a span names categories: by a dash at its end, or by ends of three characters."""
    ends = RANGE.fullmatch(span)
    return ends is None or {len(ends[1]), len(ends[2])} == {CATEGORY_LENGTH}
