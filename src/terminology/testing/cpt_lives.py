"""Small invented worlds of CPT: a few codes with their lives, and the files that tell of them.

Where `terminology.testing.cpt` writes whole releases, this writes single files of a few codes, each of which says just
what it is told to say. So files can be left out, and can contradict each other.

>>> life = InventedLife("9990T", ((datetime.date(2025, 7, 1), None),))
>>> life.is_in_force(datetime.date(2025, 6, 30)), life.is_in_force(datetime.date(2025, 7, 1))
(False, True)
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from .cpt import CRLF, InventedCode, laboratory_text, preamble

Event = tuple[datetime.date, str, str]
"""Day, change (``ADDED``, ``DELETED``) and code, as a row of a history has them."""


@frozen
class InventedLife:
    """A code that stands for nothing, and when it is in force."""

    code: str
    periods: tuple[tuple[datetime.date, datetime.date | None], ...]
    """First day and first day without it, or None while it goes on; oldest first."""

    def is_in_force(self, day: datetime.date) -> bool:
        """Return whether the code is in force on a day."""
        return any(first <= day and (end is None or day < end) for first, end in self.periods)

    def events(self) -> list[Event]:
        """Return what a true history says of the code."""
        begun = [(first, "ADDED", self.code) for first, _ in self.periods]
        return sorted([*begun, *((end, "DELETED", self.code) for _, end in self.periods if end)])


def title_of(code: str) -> str:
    """Return the descriptor of an invented code, the same in every file."""
    return f"Invented service {code}"


def descriptor_text(year: int, codes: Iterable[str]) -> str:
    """Return descriptors as in LONGULT, of all codes or of one category's."""
    return preamble(year) + "".join(f"{code}\t{title_of(code)}{CRLF}" for code in sorted(codes))


CONSOLIDATED: Final = (
    *("Concept Id", "CPT Code", "Long", "Medium", "Short", "Consumer", "Spanish Consumer"),
    *("Current Descriptor Effective Date", "Test Name", "Lab Name", "Manufacturer Name"),
)
"""Headings of a consolidated list, in the order of the publisher."""


def consolidated_text(
    year: int, codes: Iterable[tuple[str, datetime.date | None]], columns: Sequence[str] = CONSOLIDATED
) -> str:
    """Return a consolidated list of codes, each with the day of its descriptor, below the notice and the header.

    Args:
        year: That the notice names.
        codes: In any order.
        columns: Headings in any order; others than the publisher's stay blank.
    """
    rows = []
    for number, (code, day) in enumerate(sorted(codes, key=lambda one: one[0]), 1):
        title = title_of(code)
        texts = (str(number), code, title, title.upper(), title.upper(), f"{title} in plain words", f"{title} (es)")
        laboratory = (f"Invented Test {number}", "Invented Laboratory", "Invented Maker") if code.endswith("U") else ()
        cells = dict(zip(CONSOLIDATED, (*texts, f"{day:%Y%m%d}" if day else "", *laboratory), strict=False))
        rows.append("\t".join(cells.get(column, "") for column in columns).rstrip("\t"))
    return preamble(year) + "".join(f"{line}{CRLF}" for line in ["\t".join(columns), *rows])


def history_text(events: Sequence[Event]) -> str:
    """Return a history of these changes."""
    header = "Date\tChange Type\tConcept Id\tCPT Code\tLevel\tPrior Value\tCurrent Value\tInstruction"
    rows = [
        f"{day:%Y%m%d}\t{change}\t1\t{code}\t\t"
        + (f"\t{title_of(code)}" if change == "ADDED" else f"{title_of(code)}\t")
        + "\t"
        for day, change, code in events
    ]
    return "".join(f"{line}{CRLF}" for line in [header, *rows])


def deleted_text(events: Sequence[Event]) -> str:
    """Return a list of deleted codes: the deletions among these changes."""
    header = "Concept Id\tCode\tDate Deleted\tLevel\tDescriptor\tInstruction"
    rows = [f"1\t{code}\t{day:%Y%m%d}\t\t{title_of(code)}\t" for day, change, code in events if change == "DELETED"]
    return "".join(f"{line}{CRLF}" for line in [header, *rows])


def laboratory_list_text(
    codes: Iterable[tuple[str, datetime.date]], deleted: Iterable[tuple[str, datetime.date]]
) -> str:
    """Return a list of PLA codes, each with its first day; of those that are deleted with the day that the list gives."""
    gone = list(deleted)
    made = [InventedCode(code, title_of(code), day) for code, day in [*codes, *gone]]
    return laboratory_text(made, deleted=[code for code, _ in gone])
