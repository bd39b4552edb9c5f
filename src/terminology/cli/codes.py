"""Commands about one code or a few: lookup, status, explain, history."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from ..licences import licence_notice
from ..model import Check, Explanation, History, Notes, Status
from ..query import Edition
from ..wire import lookup_values, sent
from .card import EARLIER, card_lines
from .options import edition_of, on_a_date, on_a_store, open_store, system_argument, version_option
from .output import say, styled, through
from .printing import style
from .running import FINE, NO
from .sections import command

SHOWN_OPTIONS: Final = 12
"""Codes to use instead that are printed."""
SHOWN_SUGGESTIONS: Final = 4


@command()
@system_argument
@click.argument("code")
@version_option
@on_a_date
def lookup(
    *, system: str, code: str, version: str | None, on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Show a code: status, place, notes, source.

    Everything that the release in force on the day says of CODE. Exit code 1 where the code is not in force on the day.

    Example: terminology lookup icd10cm M54.5 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known, version=version)
    check, concept = sent(edition.check(code), edition), sent(edition.lookup(code), edition)
    notes = sent(edition.notes(code), edition) if check.valid else Notes(known=False)

    def text() -> Iterator[str]:
        if concept is None:
            yield status_line(code, check, edition)
        else:
            yield from card_lines(edition, check, concept, notes)

    say(lookup_values(edition, check, concept, notes), text, as_json=as_json)
    return FINE if check.valid else NO


@command()
@system_argument
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@on_a_date
def status(
    *, system: str, codes: tuple[str, ...], on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Say whether codes may be submitted.

    One line a CODE; of a damaged code, what was probably meant; of a code of another system, which. CODE may be - to read codes from standard input, one a line. Exit code 1 where any of them is not billable.

    Example: terminology status icd10cm E11.9 W21.89A --on 2022-03-01
    """
    asked = list(_with_lines(codes))
    edition = edition_of(store, system, on=on, known=known)
    checks = [sent(edition.check(code), edition) for code in asked]
    say(
        [check.to_dict() for check in checks],
        lambda: (status_line(code, check, edition) for code, check in zip(asked, checks, strict=True)),
        as_json=as_json,
    )
    return FINE if all(check.billable for check in checks) else NO


def _with_lines(codes: tuple[str, ...]) -> Iterator[str]:
    """Yield codes, in place of ``-`` the lines of standard input that are not empty."""
    for code in codes:
        if code == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield code


def status_line(given: str, check: Check, edition: Edition) -> str:
    """Return one line on a code: its status and on what that rests, the reason, and what was probably meant."""
    release = f" (release {check.version})" if check.version else ""
    basis = f" on {check.date}{release}"
    is_known = check.status not in (Status.UNKNOWN, Status.MALFORMED)
    remarks = {
        Status.HEADER: "not valid for submission",
        Status.FUTURE: f"comes into force {'by' if check.from_known is False else 'on'} {check.effective_from}",
        Status.EXPIRED: f"was in force {through(check.effective_to)}",
    }
    line = f"{check.code if is_known else given}  {styled(check.status)}"
    if check.status is Status.BILLABLE:
        return f"{line}{basis}"
    if check.status in remarks:
        return f"{line}{basis} — {remarks[check.status]}"
    meant = _meant(given, check, edition)
    return f"{line} — {check.reason}{f'; did you mean {meant}?' if meant else ''}"


def _meant(given: str, check: Check, edition: Edition) -> str:
    """Return the codes that were probably meant; of a header, which may not be submitted, with some below it."""
    found = edition.explain(given)
    if not check.suggestion:
        return " or ".join(found.suggestions[:SHOWN_SUGGESTIONS])
    if edition.is_billable(check.suggestion):
        return check.suggestion
    below = " or ".join(option.code for option in found.instead[:SHOWN_SUGGESTIONS])
    return f"{check.suggestion}, a header{f', as in {below}' if below else ''}"


@command()
@system_argument
@click.argument("code")
@on_a_date
def explain(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Say whether a code may be submitted, why not, and what instead.

    Of a header the billable codes below it, of an expired code what replaced it, of a damaged one what was probably meant. Exit code 1 where CODE is not billable.

    Example: terminology explain icd10cm M54.5 --on 2022-03-01
    """
    edition = edition_of(store, system, on=on, known=known)
    found = sent(edition.explain(code), edition)
    say(found.to_dict(), lambda: _explanation_lines(code, found, edition), as_json=as_json)
    return FINE if found.billable else NO


def _explanation_lines(given: str, found: Explanation, edition: Edition) -> Iterator[str]:
    if notice := licence_notice(edition.definition, edition.release):
        yield style(notice, dim=True)
    yield f"{style(found.code or repr(given), bold=True)}  {styled(found.status)}"
    if found.concept and found.concept.title:
        yield found.concept.title
    yield f"{found.reason}."
    if found.source:
        yield style(f"source: {found.source.place} (release {found.source.version})", dim=True)
    if found.billable or found.status is Status.UNCOVERED:
        return
    yield ""
    if not found.instead:
        yield _where_to_look(found, edition)
        return
    yield style("Instead", bold=True)
    width = max(len(option.code) for option in found.instead[:SHOWN_OPTIONS])
    for option in found.instead[:SHOWN_OPTIONS]:
        with_others = f", together with {', '.join(option.together)}" if option.together else ""
        yield f"  {option.code:<{width}}  {option.title or ''}".rstrip()
        yield style(f"  {'':<{width}}  {option.why}{with_others}", dim=True)
    if len(found.instead) > SHOWN_OPTIONS:
        yield f"  … {len(found.instead) - SHOWN_OPTIONS:,} more: --json has all"


def _where_to_look(found: Explanation, edition: Edition) -> str:
    """Return what to do where no code is known that may be used instead."""
    if found.valid:
        return f"The codes below it: terminology descendants {edition.system} {found.code}"
    if edition.system == "icd10pcs" and found.status is Status.UNKNOWN:
        return f"What each character would say, and which is wrong: terminology pcs explain {found.code}"
    return "No code is known that may be used instead."


@command()
@system_argument
@click.argument("code")
@on_a_store
def history(*, system: str, code: str, store: Path | None, as_json: bool) -> int:
    """Show the validity periods of a code.

    All periods of CODE across the loaded releases, with its status and title in each. Exit code 1 where no loaded release knows the code.

    Example: terminology history icd10cm M54.5
    """
    code_system = open_store(store)[system]
    found = sent(code_system.history(code), code_system)
    say(found.to_dict(), lambda: _history_lines(system, found), as_json=as_json)
    return FINE if found.periods else NO


def _history_lines(system: str, found: History) -> Iterator[str]:
    if not found.periods:
        yield f"{found.code}  in no loaded release of {system}"
        return
    yield style(found.code, bold=True)
    width = max(len(period.status) for period in found.periods)
    for period in found.periods:
        padding = " " * (width - len(period.status))
        begin = "from" if period.from_known else "by  "
        end = through(period.effective_to)
        yield f"  {begin} {period.effective_from} {end:<18}  {styled(period.status)}{padding}  {period.title}"
    for name, codes in (("replaced", found.predecessors), ("replaced by", found.successors)):
        if codes:
            yield f"  {name} {', '.join(codes)}"
    if not all(period.from_known for period in found.periods):
        yield f"  ({EARLIER})"
