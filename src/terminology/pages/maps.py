"""What a code maps to in the other code systems: every alternative, codes that belong together, and where there is none."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from ..licences import may_show
from ..model import Alternative, Outcome, Status, Translation
from ..query import CodeSystem, Edition
from ..systems import SYSTEMS
from ..wire import sent_translation
from .asked import Asked

SHOWN: Final = 12
MOST_BELOW: Final = 12
"""Codes below a header up to which its maps are shown: they are those of all these codes together."""


@frozen
class Target:
    """A code that a map leads to."""

    code: str
    title: str
    link: str
    """Empty where its system is not loaded."""


@frozen
class Row:
    """One way to map a code: codes that are used together."""

    targets: tuple[Target, ...]
    kind: str
    relationship: str
    scenario: str
    """Which of the publisher's scenarios it is of, and which choice; empty where there is one only."""
    is_approximate: bool | None
    is_billable: bool | None
    crosswalk: str
    source: str


@frozen
class Map:
    """What a code maps to in one system."""

    title: str
    system: str
    found: Translation
    rows: tuple[Row, ...]
    more: int
    is_inverted: bool


def is_mapped(system: CodeSystem, edition: Edition, code: str) -> bool:
    """Return whether the maps of a code are shown: those of a header with many codes below it are of these codes.

    Args:
        system: Of the code.
        edition: On the day of service, which no release may cover.
        code: As the edition has it.
    """
    if edition.is_covered and edition.status(code) is Status.BILLABLE:
        return True
    periods = system.history(code).periods
    if not periods or periods[-1].status is not Status.HEADER:
        return bool(periods)
    return len(system.on(periods[-1].effective_from).descendants(code)) <= MOST_BELOW


def maps_of(asked: Asked, edition: Edition, code: str) -> list[Map]:
    """Return what a code maps to, by each system that a loaded crosswalk leads to.

    A crosswalk that was published the other way round is read only where none leads this way, and is said to be that.
    """
    own = edition.system
    groupings = set(asked.store.groupings)
    direct = {one.target_system for one in asked.store.crosswalks if one.source_system == own} - {own} - groupings
    back = {one.source_system for one in asked.store.crosswalks if one.target_system == own} - {own} - direct
    pairs = [*((name, False) for name in sorted(direct)), *((name, True) for name in sorted(back))]
    found = [_map(asked, edition, code, name, inverted=inverted) for name, inverted in pairs]
    # that nothing is known of a system that is not loaded either tells nobody anything
    return [one for one in found if one.found.outcome is not Outcome.UNKNOWN or one.system in asked.store.systems]


def _map(asked: Asked, edition: Edition, code: str, target: str, *, inverted: bool) -> Map:
    store = asked.store
    found = store.translate(code, source=edition.system, target=target, on=_day(asked, target), inverted=inverted)
    found = sent_translation(found, (edition.system, target), store, store.licences)
    loaded = store[target] if target in store.systems else None
    definition = loaded.definition if loaded else SYSTEMS.get(target)
    return Map(
        definition.title if definition else target,
        target,
        found,
        tuple(row_of(asked, one) for one in found.alternatives[:SHOWN]),
        max(len(found.alternatives) - SHOWN, 0),
        inverted,
    )


def _day(asked: Asked, target: str) -> Any:
    """Return the day whose edition of the target is asked for: that of service, where a release covers it."""
    if target not in asked.store.systems:
        return None
    edition = asked.edition(target)
    return edition.date if edition.is_covered and not edition.definition.is_over(edition.date) else None


def row_of(asked: Asked, alternative: Alternative) -> Row:
    """Return one way to map a code, as a row shows it."""
    step = alternative.path[-1] if alternative.path else None
    source = alternative.source
    return Row(
        tuple(_target(asked, alternative.system, code) for code in alternative.codes),
        alternative.kind.replace("_", " "),
        alternative.relationship.replace("-", " "),
        _scenario(step.detail if step else {}),
        alternative.approximate,
        alternative.billable,
        next((one.crosswalk for one in reversed(alternative.path) if one.crosswalk), "") or "",
        source.place if source else "",
    )


def _scenario(detail: Any) -> str:
    scenario = detail.get("scenario")
    return f"scenario {scenario}" if scenario else ""


def _target(asked: Asked, system: str, code: str) -> Target:
    if system not in asked.store.systems:
        return Target(code, "", "")
    code_system = asked.store[system]
    title = code_system.latest.title(code)
    if title is None:
        periods = code_system.history(code).periods
        title = periods[-1].title if periods else ""
    shown = title if may_show(code_system.definition, code_system.licences) else ""
    return Target(code, shown or "", asked.card(system, code))
