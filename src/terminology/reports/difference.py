"""The report of a difference: one page with counts, a picture by chapter, and every change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from ..differences import TABLES, Difference
from ..layout.parts import Bar, Sources, Tile, bars
from ..licences import licence_notice, outgoing
from ..systems import SYSTEMS, SystemDefinition
from .rendering import report
from .wording import changed_words

LABELS: Final[Mapping[str, str]] = {
    "added": "added",
    "deleted": "deleted",
    "to_header": "now header",
    "to_billable": "now billable",
    "revised": "description changed",
    "moved": "moved",
    "changed": "otherwise changed",
}
MEANINGS: Final[Mapping[str, str]] = {
    "added": "Codes that are new.",
    "deleted": "Codes that are gone.",
    "to_header": "Codes that may no longer be submitted on a claim: they became headers.",
    "to_billable": "Headers that became codes which may be submitted on a claim.",
    "revised": "Codes with another title or short title. The meaning of a code can change with its title.",
    "moved": "Codes that stand in another place of the hierarchy.",
    "changed": "Codes of which properties or notes alone changed.",
}


BORROWED: Final = (
    "One of the releases came without its own chapters and sections and has those of another, so what changed in them "
    "may have changed earlier or later."
)


@frozen
class Section:
    """One table of codes in the page."""

    name: str
    heading: str
    meaning: str
    rows: tuple[Mapping[str, Any], ...]


def outgoing_difference(
    difference: Difference, definition: SystemDefinition | None, licences: Iterable[str]
) -> Difference:
    """Return the difference as it may leave the process: whole, or without the texts of a licensed system."""
    known = definition or SYSTEMS.get(difference.system)
    return outgoing(difference, known, licences) if known else difference


def difference_page(
    difference: Difference, *, definition: SystemDefinition | None = None, licences: Iterable[str] = ()
) -> str:
    """Return the report of a difference as one self-contained HTML document.

    It shows what was compared, from which files (with their SHA-256), the counts, a picture by chapter, and each
    change with what was before. Titles and notes of a licensed system are left out unless its licence is declared.

    Args:
        difference: What changed.
        definition: Of the code system; needed of one that is not built in, for its name.
        licences: Short names of the systems whose licence is declared.

    >>> page = difference_page(store["icd10cm"].diff("2021", "2022"))
    >>> "ICD-10-CM: 2021 to 2022" in page, "M54.51" in page
    (True, True)
    """
    known = definition or SYSTEMS.get(difference.system)
    shown = outgoing_difference(difference, known, licences)
    title = known.title if known else shown.system
    counts = shown.counts()
    return report(
        "difference.html",
        heading=f"{title}: {shown.before.version} to {shown.after.version}",
        difference=shown,
        notice=licence_notice(known, shown.after) if known else None,
        counted=[change_tile(shown, name) for name in TABLES],
        chart=chapter_bars(shown),
        labels={name: words for name, words in LABELS.items() if counts[name]},
        sections=[_section(shown, name) for name in TABLES if counts[name]],
        groups=[with_words(row) for row in shown.groups.to_pylist()],
        borrowed=BORROWED,
        notes=changes_of_notes(shown),
        publishes_notes=not (known and known.dated),
        unknown_notes=[release.version for release in (shown.before, shown.after) if not release.notes_known],
        properties=[with_readable_values(row) for row in shown.properties.to_pylist()],
        sources=[Sources("Before", shown.before), Sources("After", shown.after)],
    )


def change_tile(difference: Difference, name: str) -> Tile:
    """Return how many codes a table has; of those added or deleted also how many are billable, where not all are."""
    import pyarrow.compute as pc

    table = difference.table(name)
    billable = pc.sum(table.column("billable")).as_py() or 0
    # of the other tables the name says it, or the flag is not what changed
    detail = f"{billable:,} billable" if name in ("added", "deleted") and billable < table.num_rows else ""
    return Tile(LABELS[name], table.num_rows, name, name if table.num_rows else "", detail)


def chapter_bars(difference: Difference) -> tuple[Bar, ...]:
    """Return what changed by chapter as a bar chart."""
    rows = difference.by_chapter().to_pylist()
    return bars(((row["code"] or "", _chapter(row), {n: row[n] for n in TABLES}) for row in rows), LABELS)


def _chapter(row: Mapping[str, Any]) -> str:
    """Return the name of a chapter; for codes below none, that they are."""
    return (row["title"] or "") if row["code"] else "no chapter"


def _section(difference: Difference, name: str) -> Section:
    rows = difference.table(name).to_pylist()
    return Section(name, LABELS[name].capitalize(), MEANINGS[name], tuple(with_words(row) for row in rows))


def with_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its titles in pieces where they differ, or with its short titles where only these do."""
    if row["title_before"] is None:
        return row
    if row["title"] != row["title_before"]:
        old, new = changed_words(row["title_before"], row["title"])
        return {**row, "words": new, "words_before": old}
    if row.get("revised") and row["short_title"] != row["short_title_before"]:
        old, new = changed_words(row["short_title_before"] or "none", row["short_title"] or "none")
        return {**row, "short_words": new, "short_words_before": old}
    return row


def with_readable_values(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a property with its values as people read them."""
    return {**row, **{side: _readable(row[side]) for side in ("before", "after")}}


def _readable(text: str | None) -> str:
    """Return a JSON value without the marks of JSON, where it is a text or a list of texts."""
    value = None if text is None else json.loads(text)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else text or ""


def changes_of_notes(difference: Difference) -> list[dict[str, Any]]:
    """Return the changed notes by code and kind: those removed, those added."""
    made: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in difference.notes.to_pylist():
        sides = made.setdefault((row["code"], row["kind"]), {"removed": [], "added": []})
        sides[row["change"]].append(row["text"])
    return [{"code": code, "kind": kind, **sides} for (code, kind), sides in made.items()]
