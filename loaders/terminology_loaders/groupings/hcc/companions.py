"""Which labels, hierarchies, edits and lists go along with a table.

They bear the model in their name, and not the file id of the table. CMS publishes them anew only when they change, so
the nearest by year goes along: by the year of the file id, of the update that the macro names, or of the main program
that names it. Of two without a year the one with the higher number is the later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from terminology.drafts import Part

from ..assembly import Dated

MATTERS: Final = (
    "labels",
    "code editor age",
    "code editor sex",
    "edits",
    "hierarchies",
    "bundled mother",
    "bundled infant",
    "program",
)
"""In the order in which they count: of edits the first that holds decides, and those of the code editor override."""
FAR: Final = 1_000
"""Years to what states no year."""


def companions(table: Dated, others: Sequence[Part]) -> Iterable[Part]:
    """Yield the parts that go along with a table, in the order in which they count."""
    year = table.part.facts["year"]
    programs = [part for part in others if _matter(part) == "program"]
    for matter in MATTERS:
        held = [part for part in others if _matter(part) == matter]
        if held:
            nearest = min(held, key=lambda part: (_distance(part, year, programs), _descending(part)))
            yield nearest
            # the same file of another archive
            yield from (part for part in held if part is not nearest and _is_same(part, nearest))


def _matter(part: Part) -> str | None:
    matter: str | None = part.facts.get("companion")
    return matter


def _is_same(part: Part, other: Part) -> bool:
    return bool(part.facts["digest"] == other.facts["digest"] and part.facts["file_id"] == other.facts["file_id"])


def _distance(part: Part, year: int, programs: Sequence[Part]) -> int:
    """Return the years between a table and a file: by its own year, else by that of the programs that name it."""
    matter, name = _matter(part), part.facts["file_id"].upper()
    naming = [one.facts["year"] for one in programs if one.facts["names"].get(matter) == name]
    years = [part.facts["year"], *naming] if part.facts["year"] else naming
    return min((abs(year - one) for one in years if one), default=FAR)


def _descending(part: Part) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in part.facts["file_id"].upper())
