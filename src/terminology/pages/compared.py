"""What changed between two releases, kept for whoever asks next, and its rows as a page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..differences import TABLES, Difference
from ..errors import UnknownReleaseError
from ..fhir.of_store import OfStore
from ..query import CodeSystem, Terminology
from ..reports.difference import (
    LABELS,
    MEANINGS,
    changes_of_notes,
    outgoing_difference,
    with_readable_values,
    with_words,
)
from .asked import AskedError, absent
from .kept import Lately

if TYPE_CHECKING:
    import pyarrow as pa

MOST_WORDS: Final = 12
KEPT: Final = 6
"""Differences that are kept: to make one takes a second."""
HEADINGS: Final[Mapping[str, str]] = {
    **{name: words.capitalize() for name, words in LABELS.items()},
    "groups": "Chapters, sections and other groups",
    "notes": "Notes",
    "properties": "Properties",
}
"""Of the sections, by the name of their kind, in their order."""
SAID: Final[Mapping[str, str]] = {
    **MEANINGS,
    "groups": "Nodes of the hierarchy that are no codes of the publisher's list.",
    "notes": "Instructional notes that were added or removed; one that was reworded is both.",
    "properties": "Properties of codes with another value than before; a short title is one of them.",
}
SEARCHED: Final = (
    *("code", "kind", "title", "short_title", "title_before", "short_title_before"),
    *("change", "property", "before", "after"),
)
"""Columns whose words the filter looks at."""


class Compared:
    """What changed, as it may leave the process, and its rows of each kind."""

    def __init__(self, difference: Difference) -> None:
        self.difference = difference

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each kind that has some, in the order of the sections."""
        numbers = {name: self.difference.table(name).num_rows for name in TABLES}
        numbers |= {"groups": self.difference.groups.num_rows, "notes": len(self.notes)}
        numbers["properties"] = self.difference.properties.num_rows
        return {name: numbers[name] for name in HEADINGS if numbers[name]}

    @cached_property
    def notes(self) -> list[dict[str, Any]]:
        """The changed notes, by code and kind."""
        return changes_of_notes(self.difference)

    def rows(self, kind: str, words: Sequence[str]) -> Rows:
        """Return the rows of a kind that have all of some words; those beyond the first twelve do not count."""
        words = list(dict.fromkeys(words))[:MOST_WORDS]
        if kind == "notes":
            return Rows([note for note in self.notes if _has(note, words)], list)
        table = self.difference.table(kind) if kind in TABLES else getattr(self.difference, kind)
        made = with_readable_values if kind == "properties" else with_words
        return Rows(_with_all(table, words), lambda part: [made(row) for row in part.to_pylist()])


@frozen
class Rows:
    """Rows that are made into what a page shows when it is known which of them it shows."""

    found: Any
    made: Callable[[Any], list[dict[str, Any]]]

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        return self.made(self.found[part])


def _with_all(table: pa.Table, words: Sequence[str]) -> pa.Table:
    """Return the rows of a table whose texts have all of some words, in any case."""
    import pyarrow.compute as pc

    if not words:
        return table
    texts = [table.column(name) for name in SEARCHED if name in table.column_names]
    text = pc.binary_join_element_wise(*texts, " ", null_handling="skip")
    for word in words:
        found = pc.match_substring(text, word, ignore_case=True)
        table, text = table.filter(found), text.filter(found)
    return table


def _has(note: Mapping[str, Any], words: Sequence[str]) -> bool:
    text = " ".join([note["code"], note["kind"], *note["removed"], *note["added"]]).lower()
    return all(word.lower() in text for word in words)


_KEPT: Final = OfStore(lambda _: Lately[Compared](KEPT))


def compared(store: Terminology, system: CodeSystem, before: str, after: str) -> Compared:
    """Return what changed from one release to another.

    Raises:
        AskedError: There is no such release, or nothing covers its day.
    """
    try:
        return _KEPT.of(store).of((system.name, before, after), lambda: _made(system, before, after))
    except UnknownReleaseError as error:
        raise absent(str(error)) from None
    except ValueError as error:
        raise AskedError(400, str(error)) from None


def _made(system: CodeSystem, before: str, after: str) -> Compared:
    difference = system.diff(before, after)
    return Compared(outgoing_difference(difference, system.definition, system.licences))
