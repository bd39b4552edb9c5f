"""The whole answer to "may I use this code on this day, why not, what instead", put together of the single answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..model import Check, Explanation, Option, Status, Translation
from ..periods import day_number, day_of
from ..repairs import Repair, Rule
from .answers import Answers
from .descriptions import UNKNOWN, Descriptions
from .lives import EditionLives
from .migration import migrated
from .translation import translated

DAMAGES: Final = {
    Rule.QUOTES: "without the signs around it",
    Rule.BLANKS: "without blanks",
    Rule.SIGNS: "without the signs in it",
    Rule.LOOK_ALIKES: "with letters of the Latin alphabet",
    Rule.DECIMAL_COMMA: "with a dot for the comma",
    Rule.THOUSANDS_SEPARATORS: "without the thousands separators of a number",
    Rule.SCIENTIFIC_NOTATION: "as the number that a spreadsheet shows so",
    Rule.DECIMALS: "without the decimals of a number",
    Rule.LEADING_ZEROS: "with the zeros before it that a spreadsheet drops",
    Rule.TRAILING_ZERO: "with the zero behind it that a spreadsheet drops",
    Rule.DOT: "with the dot in its place",
    Rule.CONFUSED_CHARACTERS: "with digits and letters that look alike exchanged",
    Rule.PLACEHOLDER_MISSING: "with the placeholder X",
    Rule.PLACEHOLDER_SURPLUS: "without the surplus X",
    Rule.SEVENTH_CHARACTER_MISSING: "with a seventh character",
    Rule.SEVENTH_CHARACTER_SURPLUS: "without the seventh character, which it does not take",
    Rule.ZEROS_SURPLUS: "without the surplus zeros",
}
"""What each rule makes of a text, as a phrase."""

WORDS: Final = {
    "single": "mapped",
    "combination": "one of several codes that replace it together",
    "to_header": "billable below it",
    "split": "one of those that replaced it",
    "merged": "replaced it and other codes",
    "replaced": "replaced it",
}
"""What an alternative has to do with the code, by kind."""
WHAT_IT_WILL_REPLACE: Final = "used until then"


def explanation_of(descriptions: Descriptions, code: str) -> Explanation:
    """Return the answer of `Edition.explain`."""
    answers = descriptions.answers
    check = descriptions.check(code)
    repairs: tuple[Repair, ...] = ()
    if check.status in UNKNOWN and isinstance(code, str) and not answers.expression(code):
        repairs = descriptions.repairs(code, descriptions.other_systems(code))
    reason, instead = _what_instead(descriptions, check, repairs)
    return Explanation(
        code=check.code,
        status=check.status,
        reason=reason,
        suggestions=tuple(repair.code for repair in repairs),
        rules=tuple(str(repair.rule) for repair in repairs),
        instead=tuple(_each_once(instead)),
        other_systems=check.other_systems,
        concept=answers.lookup(code) if isinstance(code, str) else None,
        source=check.source,
        date=check.date,
        version=check.version,
        effective_from=check.effective_from,
        effective_to=check.effective_to,
        from_known=check.from_known,
    )


def _each_once(options: Iterable[Option]) -> Iterable[Option]:
    """Return the options, of those with the same codes the first."""
    found: dict[tuple[str, ...], Option] = {}
    for option in options:
        found.setdefault((option.system, option.code, *option.together), option)
    return found.values()


def _what_instead(
    descriptions: Descriptions, check: Check, repairs: tuple[Repair, ...]
) -> tuple[str, Iterable[Option]]:
    """Return the reason, with what is known of replacements, and the codes to use instead."""
    answers = descriptions.answers
    if answers.row_of(check.code) < 0:
        return check.reason, _repaired(answers, repairs) if repairs else _from_others(answers, check)
    match check.status:
        case Status.HEADER if descriptions.is_code(check.code):
            return check.reason, _below(answers, check.code, f"billable below {check.code}")
        case Status.EXPIRED | Status.FUTURE:
            return _replaced(answers, check)
    return check.reason, ()


def _below(answers: Answers, code: str, why: str) -> Iterator[Option]:
    for below in answers.descendants(code):
        if answers.status(below) is Status.BILLABLE:
            yield _option(answers, below, why)


def _repaired(answers: Answers, repairs: tuple[Repair, ...]) -> Iterator[Option]:
    for code, rule in repairs:
        if answers.status(code) is Status.BILLABLE:
            yield _option(answers, code, DAMAGES[rule])
        else:
            yield from _below(answers, code, f"billable below {code}, which is the text {DAMAGES[rule]}")


def _from_others(answers: Answers, check: Check) -> Iterator[Option]:
    """Yield what a code of another system is mapped to in this one."""
    system, day = answers.as_of.system, day_of(answers.as_of.asked)
    for other in check.other_systems:
        if any((rows.source_system, rows.target_system) == (other, system.name) for rows in system.store.maps):
            found = translated(
                *(system.store, check.code, other, system.name), on=day, crosswalk=None, inverted=False, billable=True
            )
            yield from options_of(answers, found, f"mapped from {other}")


def _replaced(answers: Answers, check: Check) -> tuple[str, Iterable[Option]]:
    """Return what replaced an expired code, or what one that is yet to come will replace."""
    system = answers.as_of.system
    day = EditionLives(answers, system.successions).first_day(check.code)
    if day is None:
        return check.reason, ()
    before = Answers(system.as_of(day_number(day)))
    found = migrated(check.code, before, answers, system.successions, billable=True)
    if not found.alternatives and system.definition.retired:
        return _mapped(answers, check)
    reason = check.reason if found.alternatives or not found.reason else f"{check.reason}; {found.reason}"
    return reason, options_of(answers, found, WHAT_IT_WILL_REPLACE if check.status is Status.FUTURE else None)


def _mapped(answers: Answers, check: Check) -> tuple[str, Iterable[Option]]:
    """Return what a code of a retired system is mapped to in systems that are in use."""
    system, day = answers.as_of.system, day_of(answers.as_of.asked)
    loaded = system.store.systems
    targets = dict.fromkeys(rows.target_system for rows in system.store.maps if rows.source_system == system.name)
    made: list[Option] = []
    reasons = [check.reason]
    for target in targets:
        if target in loaded and not loaded[target].definition.retired:
            found = translated(
                system.store, check.code, system.name, target, on=day, crosswalk=None, inverted=False, billable=True
            )
            made += options_of(Answers(loaded[target].as_of(answers.as_of.asked)), found)
            reasons += [found.reason] if found.reason else []
    return "; ".join(reasons), made


def options_of(answers: Answers, found: Translation, why: str | None = None) -> Iterator[Option]:
    """Yield the codes of alternatives that may be used, each with its part in them; given a reason, with that."""
    for alternative in found.alternatives:
        if not all(answers.status(code) is Status.BILLABLE for code in alternative.codes):
            continue
        last = alternative.path[-1] if alternative.path else None
        crosswalk = f" ({last.crosswalk})" if last and last.crosswalk else ""
        since = f" on {last.effective}" if last and last.effective and not why else ""
        kind = why or WORDS.get(alternative.kind) or alternative.kind
        for code in alternative.codes:
            others = tuple(other for other in alternative.codes if other != code)
            yield _option(answers, code, f"{kind}{since}{crosswalk}", others)


def _option(answers: Answers, code: str, why: str, together: tuple[str, ...] = ()) -> Option:
    return Option(answers.as_of.system.name, code, answers.title(code), why, together)
