"""Which releases the documents make: one for each fiscal year, and for each update inside of it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from typing import Any

from terminology import schema
from terminology.drafts import Assembly, Built, Draft, Part
from terminology.periods import version_label

from .numbering import parent_of


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order.

    Of two documents of one day with different texts the one that was made later is a correction of the other one.
    """
    days: dict[datetime.date, dict[str, list[Part]]] = {}
    for part in sorted(parts, key=_order):
        days.setdefault(_effective(part), {}).setdefault(part.facts["digest"], []).append(part)
    drafts: list[Draft] = []
    refused: list[tuple[Part, str]] = []
    for day, texts in sorted(days.items()):
        before: list[Part] | None = None
        correction = 0
        for same in texts.values():
            if before is not None:
                if before[0].facts["made"] == same[0].facts["made"]:
                    why = f"has other texts than {before[0].origin.label}, of the same day, and nothing says which is newer"
                    refused += [(part, why) for part in same]
                    continue
                correction += 1
            drafts.append(_draft(day, correction, same))
            before = same
    return Assembly(tuple(drafts), refused=tuple(refused))


def _order(part: Part) -> tuple[str, bool, str, str]:
    return part.facts["made"], part.facts["updated"], part.origin.label, part.revision


def _effective(part: Part) -> datetime.date:
    return part.effective or datetime.date.fromisoformat(part.facts["effective"])


def _draft(day: datetime.date, correction: int, parts: Sequence[Part]) -> Draft:
    version = next((part.version for part in parts if part.version), None)
    warnings = (f"corrects the document of {day} that was made before",) if correction else ()
    return Draft(
        version or version_label("fiscal", day, correction),
        day,
        tuple(parts),
        partial(_built, parts[0]),
        correction=correction,
        warnings=warnings,
    )


def _built(part: Part) -> Built:
    """Return the tables of a release: sections are codes that are never billable."""
    import pyarrow as pa

    columns = pa.schema([*schema.concepts(), pa.field("text", pa.string()), pa.field("page", pa.int64())])
    rows = [_row(section) for section in part.tables["sections"].to_pylist()]
    return Built({"concepts": pa.Table.from_pylist(rows, schema=columns)})


def _row(section: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": section["number"],
        "title": section["title"],
        "billable": False,
        "kind": "guideline",
        "parent": parent_of(section["number"]),
        "derived": False,
        "text": section["text"],
        "page": section["page"],
    }
