"""What `impact` prints of a column of codes: the rows of each verdict first, then its codes and texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ..counts import counted
from .codelist import print_section
from .drawing import print_table
from .printing import echo, style

if TYPE_CHECKING:
    from ..codelists import BadText, CodeChange, CodeImpact, ColumnImpact

CHANGED: Final = ("code", "rows", "outcome", "becomes", "title")


def print_columns(items: Sequence[ColumnImpact]) -> None:
    """Print what a release does to columns: of several first the rows of each verdict, then each column by itself."""
    if len(items) > 1:
        _print_overview(items)
    described = None
    for item in items:
        # all columns of a table have the same roles
        _print_column(item, is_described=item.roles is not None and item.roles is described)
        described = item.roles


def _print_overview(items: Sequence[ColumnImpact]) -> None:
    several = len({item.table for item in items}) > 1
    rows = [
        [
            f"{item.table} {item.column}" if several else item.column,
            item.broken_by_release,
            item.ends_with_release,
            item.broken_before,
            item.verdicts.get("not_judged", 0),
            item.verdicts.get("no_action", 0),
        ]
        for item in items
    ]
    echo()
    header = ["column", "broken by release", "codes end", "broken before", "not judged", "no action"]
    print_table(header, rows)


def _print_column(item: ColumnImpact, *, is_described: bool) -> None:
    """Print what a release does to a column: the rows of each verdict, then the codes and texts of each."""
    from ..codelists import RowOutcome, Verdict

    echo()
    echo(style(f"{item.table}, column {item.column}", bold=True))
    for line in () if is_described else _table_lines(item):
        echo(line)
    echo(f"{counted(item.rows, 'row')}, {counted(item.distinct, 'code')}, {item.system} {item.before} to {item.after}")
    echo()
    _print_totals(item)
    broken = item.codes_of(Verdict.BROKEN_BY_RELEASE)
    print_section(f"codes that {item.after} breaks", CHANGED, list(map(_changed_row, broken)))
    others = item.codes_of(Verdict.NO_ACTION)
    ending = [code for code in others if code.outcome == RowOutcome.ENDS_WITH_RELEASE]
    print_section(f"codes that {item.after} ends, of rows that were right", CHANGED, list(map(_changed_row, ending)))
    print_section(
        "texts that are no codes", ["text", "rows", "kind", "repair", "why"], list(map(_bad_row, item.bad_texts))
    )
    if item.uncounted:
        echo(
            f"… and {counted(item.uncounted, 'row')} with other texts: there are too many different ones to count each"
        )
    wrong = item.codes_of(Verdict.BROKEN_BEFORE)
    print_section("codes that were wrong", ["code", "rows", "outcome", "instead", "why"], list(map(_wrong_row, wrong)))
    stays = [code for code in others if code.outcome != RowOutcome.ENDS_WITH_RELEASE]
    print_section("codes with a change", CHANGED, list(map(_changed_row, stays)))


def _table_lines(item: ColumnImpact) -> Iterator[str]:
    """Yield what was found in the table, and its warnings."""
    if item.roles:
        yield f"{item.roles.sentence}"
    for warning in item.warnings:
        yield f"{style('warning', fg='yellow')} {warning}"


def _print_totals(item: ColumnImpact) -> None:
    """Print the rows of each verdict, by outcome; that the release breaks nothing is said too."""
    from ..codelists import Verdict

    _print_total(item, Verdict.BROKEN_BY_RELEASE, f"broken by {item.after}", "red")
    if item.broken_in_time:
        echo(
            f"  of these, {counted(item.broken_in_time, 'row')} of days of {item.before}, after an update inside the year"
        )
    if item.ends_with_release:
        rows, their = (
            counted(item.ends_with_release, "row"),
            "its code" if item.ends_with_release == 1 else "their codes",
        )
        was, own = ("was", "its") if item.ends_with_release == 1 else ("were", "their")
        echo(f"{style(rows, bold=True)} {was} right on {own} own day; {item.after} ends {their}")
    _print_total(item, Verdict.BROKEN_BEFORE, f"broken before {item.after} already", "yellow")
    _print_total(item, Verdict.NOT_JUDGED, "not judged", "magenta")
    _print_total(item, Verdict.NO_ACTION, "no action", None)


def _print_total(item: ColumnImpact, verdict: str, heading: str, colour: str | None) -> None:
    outcomes = item.outcomes_of(verdict)
    if not outcomes and verdict != "broken_by_release":
        return
    parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in outcomes.items())
    rows = counted(sum(outcomes.values()), "row")
    echo(f"{style(heading, fg=colour, bold=True)}: {rows}{f' ({parts})' if parts else ''}")


def _changed_row(code: CodeImpact) -> list[str | int]:
    change = code.change
    return [change.code, code.rows, _outcome(code), _becomes(change), change.title or ""]


def _outcome(code: CodeImpact) -> str:
    """Return what the release makes of a code, in words."""
    ends = code.outcome == "ends_with_release"
    return (str(code.change.fate) if ends else code.outcome).replace("_", " ")


def _wrong_row(code: CodeImpact) -> list[str | int]:
    from ..codelists.changes import listed

    change = code.change
    return [change.code, code.rows, code.outcome.replace("_", " "), listed(code.instead) or "-", code.reason]


def _bad_row(found: BadText) -> list[str | int]:
    return [repr(found.text), found.rows, found.kind.replace("_", " "), found.repair or "-", found.reason]


def _becomes(change: CodeChange) -> str:
    """Return the codes that replace a code; of one whose title changed, the title that it has now."""
    from ..codelists.changes import listed

    if change.fate == "renamed" and change.titles[0]:
        return f'"{change.titles[0]}"'
    return listed(change.alternatives) or "-"
