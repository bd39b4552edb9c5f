"""A profile as one self-contained page: what it says first is what a person came for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..layout.page import rendered
from ..layout.parts import Bar, Sources, Tile, bars
from ..model import Status
from .system_profile import ACTIONS, EMPTY, NO_DAY, Action, SystemProfile

PACKAGE: Final = "terminology.profiles"
LABELS: Final[Mapping[str, str]] = {
    Status.BILLABLE: "billable",
    Status.HEADER: "header",
    Status.EXPIRED: "expired",
    Status.FUTURE: "not yet in force",
    Status.UNKNOWN: "unknown",
    Status.MALFORMED: "malformed",
    Status.UNCOVERED: "no release covers the day",
    NO_DAY: "no day",
    EMPTY: "empty",
}
"""What rows are counted by, as people read it, in the order in which bars are stacked."""
TONES: Final[Mapping[str, str]] = {
    Status.BILLABLE: "added",
    Status.HEADER: "to_header",
    Status.EXPIRED: "deleted",
    Status.FUTURE: "moved",
    Status.UNKNOWN: "revised",
    Status.MALFORMED: "changed",
    Status.UNCOVERED: "to_billable",
    NO_DAY: "to_billable",
    EMPTY: "empty",
}
KINDS: Final[Mapping[str, str]] = {
    "leading_zeros": "lost leading zeros",
    "trailing_zero": "lost the zero at the end",
    "scientific_notation": "taken for a number: scientific notation",
    "decimals": "taken for a number: decimals added",
    "thousands_separators": "taken for a number: separators added",
    "spreadsheet_error": "error of a spreadsheet",
    "day": "a day, or taken for one",
    "several_codes": "several codes in one cell",
    "null_word": "word for nothing",
    "other_system": "code of another system",
    "no_code": "no damage that is known",
    "zeros_surplus": "zeros too many",
    "dot": "dot in a wrong place",
}
"""Kinds of damage, where their names with blanks do not say it."""
ACTED: Final = {"repair": "one code fits", "other": "a person decides"}
ACTED_TONES: Final = {"repair": "added", "other": "to_header"}


def profile_page(
    systems: Sequence[SystemProfile],
    *,
    column: str,
    rows: int,
    statuses: Mapping[str, int],
    not_loaded: Mapping[str, int],
    roles: str,
    warnings: Iterable[str] = (),
    notices: Iterable[str] = (),
    withheld: Iterable[str] = (),
) -> str:
    """Return the page of a profile.

    Args:
        systems: As they may leave the process.
        column: The table and its column.
        rows: Of the table.
        statuses: Rows of all systems by status.
        not_loaded: Rows of systems that the store does not have.
        roles: What the columns hold, as a sentence.
        warnings: What people should know of how the table was read.
        notices: Of publishers of licensed systems.
        withheld: Titles of the systems whose texts are left out.
    """
    return rendered(
        "profile.html",
        PACKAGE,
        heading=f"Codes in {column}",
        rows=rows,
        tiles=_tiles(rows, statuses, systems),
        overview=_stacked((one.name, one.definition.title, one.statuses) for one in systems),
        legend=_legend(statuses),
        systems=[_parts(one) for one in systems],
        not_loaded=not_loaded,
        roles=roles,
        warnings=list(warnings),
        notices=list(notices),
        withheld=list(withheld),
        actions=ACTIONS,
        states=LABELS,
        kinds={**{kind: kind.replace("_", " ") for one in systems for kind in one.kinds}, **KINDS},
        acted={ACTED_TONES[name]: words for name, words in ACTED.items()},
        sources=[Sources(one.definition.title, one.release) for one in systems if one.release],
    )


def _tiles(rows: int, statuses: Mapping[str, int], systems: Sequence[SystemProfile]) -> list[Tile]:
    """Return the numbers at the top: the rows, those that are right, and those that need something."""
    billable = statuses.get(Status.BILLABLE, 0)
    repairs = sum(one.actions.get(Action.REPAIR, 0) for one in systems)
    empty = statuses.get(EMPTY, 0)
    unjudged = statuses.get(Status.UNCOVERED, 0) + statuses.get(NO_DAY, 0)
    filled = sum(statuses.values()) - empty
    ended = sum(one.ended_rows for one in systems)
    return [
        Tile("rows", rows),
        Tile("billable on their day", billable, "added", detail=_share(billable, filled, "of the filled")),
        Tile("can be repaired", repairs, "revised", detail="one code fits"),
        Tile("a person decides", filled - billable - repairs - unjudged, "to_header"),
        Tile("not judged", unjudged, "to_billable", detail="no day, or no release of it"),
        Tile("empty", empty, "empty", detail="or a word for nothing"),
        Tile("right, and ended since", ended, "deleted", detail="not billable in the release below"),
    ]


def _share(part: int, whole: int, of: str) -> str:
    return f"{100 * part / whole:.1f} % {of}" if whole else ""


def _stacked(rows: Iterable[tuple[str, str, Mapping[str, int]]]) -> tuple[Bar, ...]:
    """Return a bar for each row, with a part for each tone."""
    toned = []
    for label, title, counts in rows:
        found: dict[str, int] = {}
        for state, count in counts.items():
            found[TONES[state]] = found.get(TONES[state], 0) + count
        toned.append((label, title, found))
    return bars(toned, _words())


def _words() -> dict[str, str]:
    """Return the tones of states with what they stand for."""
    found: dict[str, str] = {}
    for state, words in LABELS.items():
        tone = TONES[state]
        found[tone] = f"{found[tone]}, or {words}" if tone in found else words
    return found


def _legend(statuses: Mapping[str, int]) -> dict[str, str]:
    shown = {TONES[state] for state in statuses}
    return {tone: words for tone, words in _words().items() if tone in shown}


def _action_tone(action: str) -> str:
    return {Action.REPAIR: "added", Action.EMPTY: "empty"}.get(Action(action), "to_header")


def _parts(one: SystemProfile) -> dict[str, Any]:
    """Return what the page shows of a system."""
    years = dict(sorted(one.years.items()))
    repaired: dict[str, dict[str, int]] = {}
    for finding in one.findings:
        if finding.kind:
            tone = ACTED_TONES["repair" if finding.action is Action.REPAIR else "other"]
            counts = repaired.setdefault(str(finding.kind), {})
            counts[tone] = counts.get(tone, 0) + finding.rows
    total = one.rows or 1
    by_rows = sorted(repaired.items(), key=lambda item: -sum(item[1].values()))
    return {
        "profile": one,
        "statuses": bars(
            (
                ("", f"{words}, {100 * one.statuses[state] / total:.2f} %", {TONES[state]: one.statuses[state]})
                for state, words in LABELS.items()
                if state in one.statuses
            ),
            dict.fromkeys(TONES.values(), "rows"),
        ),
        "actions": bars(
            (("", ACTIONS[name], {_action_tone(name): rows}) for name, rows in one.actions.items()),
            dict.fromkeys(("added", "to_header", "empty"), "rows"),
        ),
        "years": _stacked((str(year), "", counts) for year, counts in years.items()),
        "chapters": bars(
            ((chapter.code, chapter.title or "", {"revised": chapter.rows}) for chapter in one.chapters),
            {"revised": "rows"},
        ),
        "kinds": bars(
            (("", KINDS.get(kind, kind.replace("_", " ")), counts) for kind, counts in by_rows),
            {ACTED_TONES[name]: words for name, words in ACTED.items()},
        ),
        "codes": [finding for finding in one.findings if not finding.kind],
        "texts": [finding for finding in one.findings if finding.kind],
    }
