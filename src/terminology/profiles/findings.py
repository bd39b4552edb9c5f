"""What is wrong with a text that is not billable on the day of its rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..codelists import BadText, Unrepaired
from ..codelists.bad_texts import bad_text
from ..codelists.replacements import options_of
from ..columns import TextNumbers, reading_of
from ..model import Status
from .system_profile import EMPTY, Action, Finding

if TYPE_CHECKING:
    from ..query import Edition

OF_STATUS: Final[Mapping[str, Action]] = {
    Status.HEADER: Action.SPECIFY,
    Status.EXPIRED: Action.REPLACE,
    Status.FUTURE: Action.CHECK_DAY,
}
"""What to do about a code that a release knows."""
OWN_REASONS: Final = (Unrepaired.SEVERAL_CODES, Unrepaired.SPREADSHEET_ERROR)
"""Kinds of damage that say more than the status does."""
LISTED: Final = (*OF_STATUS, Status.UNKNOWN, Status.MALFORMED, EMPTY)
"""What there is a finding for. Without a day, or on one that no release covers, nothing is wrong with a text."""


class Group(NamedTuple):
    """A text with a state, and its rows."""

    text: str
    """In official form, or as `columns.cells` marks it."""
    state: str
    rows: int
    years: tuple[int, int] | None


def finding_of(group: Group, edition: Edition, numbers: TextNumbers, reason: str) -> Finding:
    """Return what is to be done about a text.

    Args:
        group: The text.
        edition: Of the day of most of its rows.
        numbers: Which texts of the column were numbers before.
        reason: Why it has its status, as a sentence.

    >>> from terminology.systems import SYSTEMS
    >>> edition = store["icd10cm"].release("2022")
    >>> group, numbers = Group("E11.90", "unknown", 3, None), TextNumbers(SYSTEMS["icd10cm"])
    >>> found = finding_of(group, edition, numbers, "E11.90 is not in ICD-10-CM")
    >>> str(found.action), found.instead, str(found.kind)
    ('repair', (('E11.9',),), 'zeros_surplus')
    """
    if group.state in OF_STATUS:
        return _of_code(group, edition, reason)
    cell = numbers.cell(group.text)
    bad = bad_text(cell, group.rows, reading_of(cell, edition), edition)
    action, instead = _action(bad)
    if group.state == EMPTY:
        action, instead = Action.EMPTY, ()
    elif action is Action.MOVE:
        # what published maps lead to, where it is in force on the day
        instead = options_of(edition.explain(cell.text), edition)
    return Finding(
        text=cell.text,
        status=group.state,
        rows=group.rows,
        years=group.years,
        action=action,
        reason=bad.reason if bad.is_number or bad.kind in OWN_REASONS else reason,
        kind=bad.kind,
        instead=instead,
        other_systems=bad.other_systems,
    )


def _of_code(group: Group, edition: Edition, reason: str) -> Finding:
    explained = edition.explain(group.text)
    instead = options_of(explained, edition)
    action = OF_STATUS[group.state]
    if action is Action.REPLACE and not instead:
        action = Action.DECIDE
    return Finding(
        text=group.text,
        status=group.state,
        rows=group.rows,
        years=group.years,
        action=action,
        reason=reason,
        title=explained.concept.title if explained.concept else None,
        instead=instead,
    )


def _action(bad: BadText) -> tuple[Action, tuple[tuple[str, ...], ...]]:
    """Return what to do about a text that is no code, and what to take in its place."""
    if bad.kind is Unrepaired.NULL_WORD:
        return Action.EMPTY, ()
    if bad.suggestion:
        return Action.REPAIR, ((bad.suggestion,),)
    if bad.kind is Unrepaired.SEVERAL_CODES:
        return Action.CHOOSE, (bad.candidates,)
    if bad.candidates:
        return Action.CHOOSE, tuple((code,) for code in bad.candidates)
    return (Action.MOVE if bad.other_systems else Action.DECIDE), ()
