"""Commands about one code or a few: lookup, status, history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from ..model import Check, History, Notes, Status
from ..query import Edition, open_store
from ..systems import SYSTEMS, SystemDefinition
from ..wire import lookup_values, sent
from .card import card_lines
from .options import edition_of, on_a_date, on_a_store
from .output import say, styled, through
from .printing import style
from .running import FINE, NO

TELLING: Final = 5
"""From so many characters on, the form of a code shows which system it is of."""


@click.command()
@click.argument("system")
@click.argument("code")
@click.option("--version", metavar="V", help="The release to ask, instead of a day.")
@on_a_date
def lookup(
    *, system: str, code: str, version: str | None, on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Show a code: status, place, notes, source.

    Everything that the release in force on the day says of CODE. Exit code 1 where the code is not in force on the day.

    \b
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


@click.command()
@click.argument("system")
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@on_a_date
def status(
    *, system: str, codes: tuple[str, ...], on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Say whether codes may be submitted.

    One line a CODE; of a likely typo, what was probably meant; of a code of another system, which. Exit code 1 where any of them is not billable.

    \b
    Example: terminology status icd10cm E11.9 W21.89A --on 2022-03-01
    """
    edition = edition_of(store, system, on=on, known=known)
    checks = [sent(edition.check(code), edition) for code in codes]
    say(
        [check.to_dict() for check in checks],
        lambda: (status_line(code, check, edition) for code, check in zip(codes, checks, strict=True)),
        as_json=as_json,
    )
    return FINE if all(check.billable for check in checks) else NO


def status_line(given: str, check: Check, edition: Edition) -> str:
    """Return one line on a code: its status, the reason, and what was probably meant."""
    strange = check.status in (Status.UNKNOWN, Status.MALFORMED)
    here = " here" if strange and check.other_systems else ""
    said = {
        Status.BILLABLE: None,
        Status.HEADER: "not valid for submission",
        Status.FUTURE: f"comes into force on {check.effective_from}",
        Status.EXPIRED: f"was in force {through(check.effective_to)}",
        Status.UNKNOWN: check.reason,
        Status.MALFORMED: None if check.other_systems else check.reason or misfit(given, edition.definition),
        Status.UNCOVERED: f"no release covers {edition.date}: {edition.gap}",
    }
    remarks = [said[check.status]] if said[check.status] else []
    if strange and check.other_systems:
        remarks.append(f"it is a code of {' and '.join(check.other_systems)}")
    if check.suggestion:
        remarks.append(f"did you mean {check.suggestion}?")
    line = f"{given if strange else check.code}  {styled(check.status)}{here}"
    return f"{line} — {'; '.join(filter(None, remarks))}" if remarks else line


def misfit(text: str, definition: SystemDefinition) -> str:
    """Return the remark that a text has not the form of a system's codes, with the systems whose form it has."""
    code = text.strip().upper()
    fitting = [one.title for one in SYSTEMS.values() if one is not definition and one.pattern.fullmatch(code)]
    said = f"not the form of a code of {definition.title}"
    if len(code) < TELLING or not fitting:
        return said
    return f"{said}; it is that of {' or '.join(fitting)} (not loaded)"


@click.command()
@click.argument("system")
@click.argument("code")
@on_a_store
def history(*, system: str, code: str, store: Path | None, as_json: bool) -> int:
    """Show the validity periods of a code.

    All periods of CODE across the loaded releases, with its status and title in each. Exit code 1 where no loaded release knows the code.

    \b
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
    for period in found.periods:
        begin = "from" if period.from_known else "by  "
        end = through(period.effective_to)
        yield f"  {begin} {period.effective_from} {end:<18}  {styled(period.status)}  {period.title}"
    for name, codes in (("replaced", found.predecessors), ("replaced by", found.successors)):
        if codes:
            yield f"  {name} {', '.join(codes)}"
    if not all(period.from_known for period in found.periods):
        yield '  ("by": the first day may be earlier, in a release that is not loaded)'
