"""What publications say of a code without a code on the other side that could be followed: quoted in reasons.

A publication can say nothing of a code, say that there is nothing on the other side, or say something that leads to no
code: a range, prose, a block, another code that it calls unrelated. The last is no absence, and an answer that
nothing says it would be false. Readers put such rows into a table ``mentions``; in ``detail``, ``meaning`` says how the
code is mentioned, and ``said`` has the publisher's words.

In numbers: the conversion table of ICD-10-CM has ``I10-I15.9`` before ``I1A.0``. That is no list of codes, so no way leads
back from ``I1A.0``. The reason is "for what it was before, icd10cm_conversion 2024 names a range of codes, which is not
written out: 'I10-I15.9'", and not "no loaded crosswalk says what it was before".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .. import schema
from ..model import Step
from ..periods import day_of
from .rows import MapRow

UNTOLD: Final = "has no code on the other side"


def told_by(rows: Iterable[MapRow]) -> str:
    """Return what publications say in rows that mention a code, each with its label; each sentence once."""
    return ", and ".join(dict.fromkeys(f"{row.crosswalk.label} {_said(row)}" for row in rows))


def told_before(mentions: Sequence[MapRow], stated: Iterable[MapRow]) -> str:
    """Return what publications say of what a code was before, where none of their rows leads to a code.

    Args:
        mentions: Rows that mention the code.
        stated: Rows that lead back from it, to codes that are in no loaded release.
    """
    if mentions:
        return f"for what it was before {told_by(mentions)}"
    # a range that was written out: each code was looked up by itself
    for row in stated:
        if row.detail.get("spread"):
            said = row.detail["previous"]
            return f"for what it was before {row.crosswalk.label} names a range in which no code is known: {said!r}"
    return "no loaded crosswalk says what it was before"


def _said(row: MapRow) -> str:
    meaning, said = row.detail.get("meaning") or UNTOLD, row.detail.get("said")
    return f"{meaning}: {said!r}" if said else str(meaning)


def mention_steps(rows: Iterable[MapRow], system: str) -> tuple[Step, ...]:
    """Return a step for each row, with its file and line: from the code that it mentions, to none."""
    return tuple(
        Step(
            kind=schema.MENTIONED,
            system=system,
            from_codes=row.source_codes or row.target_codes or (),
            to_codes=(),
            effective=day_of(row.effective) if row.effective is not None else None,
            release=None,
            crosswalk=row.crosswalk.label,
            source=row.source,
            detail=row.detail,
        )
        for row in rows
    )
