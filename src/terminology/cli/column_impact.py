"""What `impact` prints of a column of codes: what the release breaks, what was broken before, what needs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .codelist import print_section
from .output import counted
from .printing import echo, style

if TYPE_CHECKING:
    from ..codelists import BadText, CodeChange, CodeImpact, ColumnImpact


def print_column(item: ColumnImpact) -> None:
    """Print what a release does to a column."""
    from ..codelists import Verdict

    echo()
    echo(style(f"{item.table}, column {item.column}", bold=True))
    for line in _heading_lines(item):
        echo(line)
    broken = item.codes_of(Verdict.BROKEN_BY_RELEASE)
    _print_part(item, Verdict.BROKEN_BY_RELEASE, f"broken by {item.after}", "red")
    if item.broken_by_release and item.broken_in_time is not None:
        echo(f"of these, {counted(item.broken_in_time, 'row')} of days of {item.before}; the others are of other days")
    print_section("codes", ["code", "rows", "outcome", "becomes", "title"], [_broken_row(code) for code in broken])
    _print_part(item, Verdict.BROKEN_BEFORE, f"broken before {item.after} already", "yellow")
    print_section("texts that are no codes", ["text", "rows", "kind", "repair"], list(map(_bad_row, item.bad_texts)))
    if item.uncounted:
        echo(
            f"… and {counted(item.uncounted, 'row')} with other texts: there are too many different ones to count each"
        )
    wrong = item.codes_of(Verdict.BROKEN_BEFORE)
    print_section("codes that were wrong", ["code", "rows", "outcome", "instead", "why"], list(map(_wrong_row, wrong)))
    _print_part(item, Verdict.NOT_JUDGED, "not judged", "magenta")
    _print_part(item, Verdict.NO_ACTION, "no action", None)
    stays = [_broken_row(code) for code in item.codes_of(Verdict.NO_ACTION)]
    print_section("codes with a change", ["code", "rows", "outcome", "becomes", "title"], stays)


def _heading_lines(item: ColumnImpact) -> Iterator[str]:
    if item.roles:
        yield f"{item.roles.sentence}"
    for warning in item.warnings:
        yield f"{style('warning', fg='yellow')} {warning}"
    yield f"{counted(item.rows, 'row')}, {counted(item.distinct, 'code')}, {item.system} {item.before} to {item.after}"


def _print_part(item: ColumnImpact, verdict: str, heading: str, colour: str | None) -> None:
    """Print a heading with the rows of a verdict, by outcome; that the release breaks nothing is said too."""
    outcomes = item.outcomes_of(verdict)
    if not outcomes and verdict != "broken_by_release":
        return
    parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in outcomes.items())
    echo()
    rows = counted(sum(outcomes.values()), "row")
    echo(f"{style(heading, fg=colour, bold=True)}: {rows}{f' ({parts})' if parts else ''}")


def _broken_row(code: CodeImpact) -> list[str | int]:
    change = code.change
    return [change.code, code.rows, code.outcome.replace("_", " "), _becomes(change), change.title or ""]


def _wrong_row(code: CodeImpact) -> list[str | int]:
    from ..codelists.changes import listed

    change = code.change
    return [change.code, code.rows, code.outcome.replace("_", " "), listed(code.instead) or "-", code.reason]


def _bad_row(found: BadText) -> list[str | int]:
    return [repr(found.text), found.rows, found.kind.replace("_", " "), found.repair or "-"]


def _becomes(change: CodeChange) -> str:
    """Return the codes that replace a code; of one whose title changed, the title that it has now."""
    from ..codelists.changes import listed

    if change.fate == "renamed" and change.titles[0]:
        return f'"{change.titles[0]}"'
    return listed(change.alternatives) or "-"
