"""The four files of the General Equivalence Mappings: systems, shapes of their codes, names, columns, and their rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

SHAPES: Final = {
    "icd9cm": r"[0-9V][0-9]{2,4}|E[0-9]{3,4}",
    "icd9pcs": r"[0-9]{3,4}",
    "icd10cm": r"[A-Z](?=[0-9A-Z]?[0-9])[0-9A-Z]{2,6}",
    "icd10pcs": r"[0-9A-HJ-NP-Z]{7}",
}
"""Codes as these files write them, without dots; no word is one."""
NO_MAP: Final = {"icd9cm": ("NoDx",), "icd10cm": ("NoDx",), "icd9pcs": ("NoI9", "NoPCS"), "icd10pcs": ("NoPCS",)}
"""What is in place of a target where there is none, by the system of the target."""


@frozen
class Columns:
    """Where the second and the third field begin.

    The fields are as wide as the widest code, and a blank follows each. For procedures of ICD-9-CM some editions
    reserve five columns (``0001  6A750Z4 10000``), others four (``0001 6A750Z4 10000``).
    """

    target: int
    flags: int

    @classmethod
    def of(cls, found: re.Match[str]) -> Columns:
        """Return those of a line that `Direction.match` takes."""
        return cls(found.start(2) + 1, found.start(3) + 1)

    def __str__(self) -> str:
        return f"the target in column {self.target} and the flags in column {self.flags}"


USUAL_COLUMNS: Final = {
    **dict.fromkeys(("icd9cm", "icd9pcs"), Columns(7, 15)),
    **dict.fromkeys(("icd10cm", "icd10pcs"), Columns(9, 15)),
}
"""By the system of the source."""


def columns_of(found: Iterable[re.Match[str]]) -> Columns | None:
    """Return the columns that most of the lines have, the earlier of equally frequent ones; None without any line."""
    counts = Counter(map(Columns.of, found))
    return counts.most_common(1)[0][0] if counts else None


@frozen
class Direction:
    """One of the four files."""

    kind: str
    """The publisher's word in the file's name."""
    source_system: str
    target_system: str
    title: str
    line: re.Pattern[str] = field(init=False, eq=False, repr=False)

    @line.default
    def _line(self) -> re.Pattern[str]:
        target = "|".join((*self.no_map, SHAPES[self.target_system]))
        return re.compile(rf"({SHAPES[self.source_system]}) +({target}) +([01])([01])([01])([0-9])([0-9]) *")

    @property
    def no_map(self) -> tuple[str, ...]:
        """What is in place of a target where there is none."""
        return NO_MAP[self.target_system]

    @property
    def usual_columns(self) -> Columns:
        """Where target and flags begin in most editions."""
        return USUAL_COLUMNS[self.source_system]

    def match(self, line: str) -> re.Match[str] | None:
        """Return source, target and the five flags, whatever their columns; None if the line is not of this file.

        >>> DIRECTIONS["i9gem"].match("0010  A000    00000").groups()
        ('0010', 'A000', '0', '0', '0', '0', '0')
        """
        return self.line.fullmatch(line)


DIRECTIONS: Final = {
    direction.kind: direction
    for direction in (
        Direction("i9gem", "icd9cm", "icd10cm", "Diagnosis GEM, ICD-9-CM to ICD-10-CM"),
        Direction("i10gem", "icd10cm", "icd9cm", "Diagnosis GEM, ICD-10-CM to ICD-9-CM"),
        Direction("i9pcs", "icd9pcs", "icd10pcs", "Procedure GEM, ICD-9-CM to ICD-10-PCS"),
        Direction("pcsi9", "icd10pcs", "icd9pcs", "Procedure GEM, ICD-10-PCS to ICD-9-CM"),
    )
}
NAME: Final = re.compile(r"(?<![a-z])(i9gem|i10gem|gem_?i9pcs|gem_?pcsi9)(?![a-z])")


def named_direction(name: str) -> Direction | None:
    """Return the direction that a file's name states, or None.

    >>> named_direction("2018_I9gem.txt").kind, named_direction("gem_pcsi9.txt").kind, named_direction("notes.txt")
    ('i9gem', 'pcsi9', None)
    """
    found = NAME.search(name.lower())
    return DIRECTIONS[found[1].removeprefix("gem").lstrip("_")] if found else None


def fitting_directions(lines: list[str]) -> list[Direction]:
    """Return the directions that most of the lines are of; several where the lines leave it open."""
    counts = {kind: sum(one.match(line) is not None for line in lines) for kind, one in DIRECTIONS.items()}
    best = max(counts.values())
    return [DIRECTIONS[kind] for kind, count in counts.items() if best and count == best]


@frozen
class PublishedRow:
    """One line of a file."""

    line: int
    source: str
    target: str
    approximate: bool
    no_map: bool
    combination: bool
    scenario: int
    choice_list: int

    @property
    def is_empty(self) -> bool:
        """Whether a word is in the place of the target: NoDx, NoPCS, NoI9."""
        return self.target.startswith("No")


def by_source(rows: Iterable[PublishedRow]) -> dict[str, list[PublishedRow]]:
    """Return the rows of each source, in the order of the file."""
    found: dict[str, list[PublishedRow]] = defaultdict(list)
    for row in rows:
        found[row.source].append(row)
    return found
