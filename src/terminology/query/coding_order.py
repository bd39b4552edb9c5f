"""Which of two codes is coded first: manifestations of a disease and their etiology, as notes and titles tell them.

ICD-10-CM has a manifestation follow the disease that it belongs to. The tabular list says it twice: a note "code first" at
the manifestation, or above it, and a title "… in diseases classified elsewhere", of the code or above it. Neither
is enough alone. "Code first" is also said of poisonings, and of fractures with an injury of the spinal cord; and below the
title of ``M14`` is Charcot's joint, which nothing has to precede::

    H42      Glaucoma in diseases classified elsewhere    code first: amyloidosis (E85.-), aniridia (Q13.1) …
    E85.4    Organ-limited amyloidosis                    is named by the note at H42: an etiology

A disease is an etiology where such a note names it, or where its own note "use additional code" names a manifestation.
Many of these notes give examples ("such as:"): of a disease that none names, nothing says that it cannot be one.

References:
    CMS and NCHS, "ICD-10-CM Official Guidelines for Coding and Reporting", section I.A.13, etiology/manifestation convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ..hierarchy import NONE
from ..model import CodingOrder, Note
from .answers import Answers
from .compiled import AsOf
from .descriptions import Descriptions

FIRST: Final = "codeFirst"
ADDITIONAL: Final = "useAdditionalCode"
ELSEWHERE: Final = re.compile(
    r"(?<!cause of )\b(?:diseases?|disorders?|conditions?) classified elsewhere", re.IGNORECASE
)
"""In titles of manifestations; ``B95`` to ``B97`` are agents "as the cause of diseases classified elsewhere"."""


@frozen
class Named:
    """What a note names: a stretch of places in the tree."""

    start: int
    end: int
    note: Note


class CodingOrders:
    """Answers for the days of a release on which the same codes are in force."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._descriptions = Descriptions(answers)
        codes = _declaring(answers.as_of)
        self._first = {place: code for code in codes if (place := answers.as_of.place_of(code)) != NONE}
        self._titled: dict[int, bool] = {}
        self._named = list(self._named_by_manifestations())

    @property
    def is_known(self) -> bool:
        """Whether the notes of the release say of any code that another is coded first."""
        return bool(self._first)

    def of(self, code: str) -> CodingOrder:
        """Return the answer of `Edition.coding_order` for a code in force."""
        place = self._answers.place(code)
        tree, name = self._answers.tree, self._answers.as_of.system.codes.name
        notes = self._descriptions.notes(code, inherited=True)
        additional = tuple(note for note in notes if note.kind == ADDITIONAL)
        named_by = tuple(dict.fromkeys(named.note for named in self._named if named.start <= place < named.end))
        title = next((name(tree.nodes[above]) for above in self._way_up(place) if self._is_titled(above)), None)
        return CodingOrder(
            code=name(tree.nodes[place]),
            manifestation=self._is_manifestation(place),
            etiology=bool(named_by) or any(map(self._names_a_manifestation, additional)),
            first=tuple(note for note in notes if note.kind == FIRST),
            additional=additional,
            named_by=named_by,
            titled_at=title,
        )

    # ---- manifestations

    def is_manifestation(self, code: str) -> bool:
        """Return whether a code in force is a manifestation."""
        return self._is_manifestation(self._answers.place(code))

    def _is_manifestation(self, place: int) -> bool:
        above = list(self._way_up(place))
        return any(one in self._first for one in above) and any(map(self._is_titled, above))

    def _is_titled(self, place: int) -> bool:
        found = self._titled.get(place)
        if found is None:
            as_of, row = self._answers.as_of, self._answers.tree.nodes[place]
            period = as_of.period_on(row) if row != NONE else -1
            title = as_of.system.periods.titles[period] if period >= 0 else None
            found = self._titled[place] = bool(title and ELSEWHERE.search(title))
        return found

    def _way_up(self, place: int) -> Iterator[int]:
        """Yield a place and those above it, nearest first."""
        parents = self._answers.tree.parents
        while place != NONE:
            yield place
            place = parents[place]

    # ---- what notes name

    def _named_by_manifestations(self) -> Iterator[Named]:
        """Yield what the notes "code first" of manifestations name, of their own or from above."""
        for place, code in sorted(self._first.items()):
            if not (self._is_manifestation(place) or self._has_titled_below(place)):
                continue
            for note in self._descriptions.notes(code, inherited=False):
                for target in note.targets if note.kind == FIRST else ():
                    if stretch := self._stretch(target):
                        yield Named(*stretch, note)

    def _has_titled_below(self, place: int) -> bool:
        return any(map(self._is_titled, range(place + 1, self._answers.tree.ends[place])))

    def _names_a_manifestation(self, note: Note) -> bool:
        """Return whether a note names a code that is a manifestation, and no stretch of codes of which some are."""
        found = [self._answers.as_of.place_of(_plain(target)) for target in note.targets]
        return any(place != NONE and self._is_manifestation(place) for place in found)

    def _stretch(self, target: str) -> tuple[int, int] | None:
        """Return the places of a code with all below it, of a section, or of a range of codes; None where it is none."""
        stretch, whole = self._answers.as_of.stretch, _plain(target)
        begins, _, last = target.partition("-")
        return stretch(whole, whole) or stretch(_plain(begins), _plain(last))


def coding_orders(answers: Answers) -> CodingOrders | None:
    """Return what answers about the coding order as of a day; None where the notes of its release are not known."""
    as_of = answers.as_of
    if as_of.tree is None or as_of.position < 0 or as_of.system.notes(as_of.position) is None:
        return None
    # on all days of a release the same codes are in force, unless they are picked from a tree that has others too
    day = as_of.asked if as_of.is_filtered else as_of.position
    found = as_of.system.keep((f"coding order {as_of.knowledge}", day), lambda: CodingOrders(answers))
    return found if found.is_known else None


def _declaring(as_of: AsOf) -> list[str]:
    """Return the codes and sections at which a note says that another code is coded first; empty where notes are not known."""
    table = as_of.system.notes(as_of.position)
    if table is None:
        return []
    codes, kinds = table.texts("code"), table.texts("kind")
    declared = (codes[row] for row in range(len(kinds)) if kinds[row] == FIRST)
    return list(dict.fromkeys(code for code in declared if code is not None))


def _plain(target: str) -> str:
    """Return a target of a note as a code: ``E85.-`` and ``A81.0-`` stand for all codes that begin so."""
    return target.removesuffix("-").removesuffix(".")
