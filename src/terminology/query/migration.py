"""Migrate a code from one release of its system to another."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..mapping.rows import MapRows
from ..mapping.succession import Walk
from ..mapping.ways import EQUIVALENT, RELATED, RELATIONSHIP_OF, Way, Ways
from ..model import Alternative, Gap, Outcome, Status, Step, Translation
from ..periods import DateLike, day_from, day_number
from ..postcoordination import expression_of
from .answers import Answers, text_given
from .compiled import CompiledSystem
from .lives import EditionLives

if TYPE_CHECKING:
    from ..systems import SystemDefinition

MOST_REASONS: Final = 3
"""Ways of which a sentence says how they end; the others are counted."""


def migrated(
    code: str, before: Answers, after: Answers, maps: Sequence[MapRows], *, billable: bool = False
) -> Translation:
    """Return what a code of one edition becomes in another, later or earlier, of the same system.

    Args:
        code: In any accepted form.
        before: The edition that the code was taken from: a header of it stays a header.
        after: The answers of the edition to migrate it to.
        maps: The successions of the system.
        billable: Whether a header is followed to its billable codes instead.
    """
    system = before.as_of.system
    status = before.status(code)
    if status is Status.MALFORMED or expression_of(code, system.definition):
        return no_code(code, system.name, system.definition)
    official = system.definition.official(code) or code
    if _is_untouched(official, after, maps):
        return translation_of(official, Ways((Way((official,)),)), system.name, after)
    lives = EditionLives(after, maps)
    walk = Walk(lives, maps)
    since = before.as_of.asked
    is_billable_there = status is Status.HEADER and after.status(official) is Status.BILLABLE
    if is_billable_there and not (lives.has_turned(official, since) or lives.was_gone(official, since)):
        # its former periods as a billable code, if it had any, are not what is meant
        ways = Ways((Way((official,)),))
    else:
        ways = walk.ways(official, since=since, keep_header=status is Status.HEADER and not billable)
    ways = _with_revisions(ways, official, lives, before)
    stays = any(way.codes == (official,) for way in ways.arrived)
    split_off = walk.split_off(official, since) if stays else ()
    named = {code for way in ways.arrived for code in way.codes}
    split_off = tuple(code for code in split_off if code not in named)
    if ways.lost and not ways.arrived:
        ways = evolve(ways, lost=(*ways.lost, *_elsewhere(official, system)))
    return translation_of(official, ways, system.name, after, split_off)


def no_code(code: str, system: str, definition: SystemDefinition | None) -> Translation:
    """Return the answer for what is no code: a text of another shape, or an expression of several codes."""
    if not isinstance(code, str):
        return Translation(text_given(code), Outcome.UNKNOWN, reason=f"{code!r} is no text", is_complete=False)
    expression = expression_of(code, definition) if definition else None
    if expression is None:
        reason = f"{code!r} cannot be a code of {system}"
        return Translation(code, Outcome.UNKNOWN, reason=reason, is_complete=False)
    members = ", ".join((expression.base, *expression.modifiers))
    reason = f"{expression.text} is an expression of several codes: ask for each of them by itself ({members})"
    return Translation(expression.text, Outcome.UNKNOWN, reason=reason, is_complete=False)


def continued(
    code: str, system: CompiledSystem, on: DateLike | None, maps: Sequence[MapRows], *, billable: bool = False
) -> Translation:
    """Return what a code, whichever release it is from, is on a day; None: in the newest release."""
    if not isinstance(code, str):
        return no_code(code, system.name, system.definition)
    after = answers_on(system, on)
    day = EditionLives(after, maps).first_day(code)
    # what never was a code is none in any release, so the newest does as well
    return migrated(code, answers_on(system, day), after, maps, billable=billable)


def answers_on(system: CompiledSystem, on: DateLike | None) -> Answers:
    """Return the answers on a day; None: of the newest release."""
    return Answers(system.as_of_release("latest") if on is None else system.as_of(day_number(day_from(on))))


def _is_untouched(code: str, after: Answers, maps: Sequence[MapRows]) -> bool:
    """Return whether a code is billable, nothing ever changed about it, and no publication states a successor of it.

    So it is with most codes, and no walk is needed.
    """
    system = after.as_of.system
    is_steady = after.status(code) is Status.BILLABLE and len(system.periods.of(system.row_of(code))) == 1
    return is_steady and not any(rows.of_source(code) for rows in maps)


def _elsewhere(code: str, system: CompiledSystem) -> tuple[str, ...]:
    """Return a sentence where the code was replaced in another system (HCPCS in CPT)."""
    found = [
        f"{' + '.join(row.target_codes)} of {rows.target_system}"
        for rows in system.store.maps
        if rows.source_system == system.name != rows.target_system
        for row in rows.of_source(code)
        if row.effective is not None and row.target_codes
    ]
    return (f"it was replaced by {', '.join(dict.fromkeys(found))}",) if found else ()


def _with_revisions(ways: Ways, code: str, lives: EditionLives, before: Answers) -> Ways:
    """Return the ways; where the code itself arrived, with the changes of its title on the way."""
    way = ways.arrived[0] if [way.codes for way in ways.arrived] == [(code,)] else None
    if way is None or any(step.kind != "reinstated" for step in way.steps):
        return ways
    steps = lives.revisions(code, before.as_of.asked) or _revision_known_since(code, before, lives.answers)
    is_renamed = bool(steps) and steps[0].detail["before"] != steps[-1].detail["after"]
    if way.steps:
        relationship = RELATED if is_renamed else EQUIVALENT
        told = sorted((*way.steps, *steps), key=lambda step: step.effective or datetime.date.min)
        return Ways((evolve(way, steps=tuple(told), relationship=relationship),))
    if before.status(code) is Status.HEADER and lives.answers.status(code) is Status.BILLABLE:
        return Ways((Way((code,), steps, RELATIONSHIP_OF["to_billable"], "to_billable"),))
    return Ways((Way((code,), steps, RELATIONSHIP_OF["renamed"], "renamed"),)) if is_renamed else ways


def _revision_known_since(code: str, before: Answers, after: Answers) -> tuple[Step, ...]:
    """Return the change of a title that a later release states of a day before both editions; empty where there is none.

    ``G9890`` of HCPCS was about an eye examination in the release of January 2018. That of 2019 has another meaning of it, from
    April 2018 on, and so nothing of the former one; each edition has the title that was known then.
    """
    earlier, later = sorted((before, after), key=lambda answers: answers.as_of.asked)
    titles = {"before": earlier.title(code), "after": later.title(code)}
    if None in titles.values() or titles["before"] == titles["after"]:
        return ()
    told = later.as_of
    return (Step("renamed", told.system.name, (code,), (code,), None, told.version, None, later.source(code), titles),)


def translation_of(
    code: str, ways: Ways, system: str, answers: Answers | None, split_off: tuple[str, ...] = ()
) -> Translation:
    """Return ways as an answer: mapped where any arrived, none where publications say so of all, else unknown.

    Args:
        code: In official form.
        ways: From the code.
        system: Of the codes that they lead to.
        answers: Of that system; None where it is not loaded.
        split_off: What took over a part of the code's meaning.
    """
    alternatives = tuple(_alternative(way, system, answers) for way in ways.arrived)
    absent = Outcome.NONE if ways.said and not ways.lost else Outcome.UNKNOWN
    outcome = Outcome.MAPPED if alternatives else absent
    ends = ways.said if outcome is Outcome.NONE else ways.lost
    reasons = list(ends[:MOST_REASONS])
    if len(ends) > MOST_REASONS:
        # a procedure of ICD-9-CM may lead to a thousand codes that a missing release has
        further = len(ends) - MOST_REASONS
        reasons.append(f"and {further:,} more ways end so" if further > 1 else "and one more way ends so")
    if ways.is_bounded:
        reasons.append(f"there are more alternatives than the {len(alternatives):,} that are listed")
    return Translation(
        code=code,
        outcome=outcome,
        alternatives=alternatives,
        reason="; ".join(reasons) or None,
        path=() if alternatives else ways.ended,
        split_off=split_off,
        is_complete=not ways.lost and not ways.is_bounded,
    )


def _alternative(way: Way, system: str, answers: Answers | None) -> Alternative:
    told = next((step.source for step in reversed(way.steps) if step.source), None)
    if told is None and answers is not None:
        told = answers.source(way.codes[0])
    billable = all(answers.status(code) is Status.BILLABLE for code in way.codes) if answers is not None else None
    return evolve(way.alternative(system), source=told, billable=billable)


def unlinked(system: CompiledSystem) -> tuple[Gap, ...]:
    """Return the neighbouring releases between which no loaded publication says what replaced codes.

    Empty for a system whose rows have their own days, and for one of which nothing loaded says so at all. Where a
    release between the two is missing, that is the gap, and `Release.gaps` has it.
    """
    maps = system.successions
    if system.definition.dated or not maps:
        return ()
    days = {day for rows in maps for day in rows.days}
    days |= {day_number(crosswalk.effective) for rows in maps for crosswalk in rows.crosswalks}
    found = []
    for before, after in pairwise(system.releases):
        first, last = day_number(before.effective), day_number(after.effective)
        if first < last and not after.gaps and not any(first < day <= last for day in days):
            reason = "no loaded crosswalk says what replaced codes between them"
            found.append(Gap(system.name, before.version, after.version, reason))
    return tuple(found)
