"""Commands about groupings: the groups of a code, and the groupings of a store."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from ..counts import counted
from ..errors import NoVersionError
from ..model import Groups
from ..query import Edition, Terminology
from ..query.grouping import Grouping
from ..query.grouping_differences import GroupingDifference, GroupingImpact
from ..status import Status
from ..wire import property_text
from . import completion
from .column_files import found_roles
from .drawing import print_table
from .options import edition_of, on_a_store, on_option, open_store, system_argument
from .output import say
from .printing import echo, echo_json, style
from .renamed import RenamedOption
from .running import FINE, NO
from .sections import command
from .standard import reading

NO_CODES: Final = frozenset({Status.UNKNOWN, Status.MALFORMED})
SHOWN: Final = 20
"""Codes of a difference that are printed."""
grouping_argument = click.argument("grouping", required=False, shell_complete=completion.groupings)


@command()
@system_argument
@click.argument("code")
@grouping_argument
@on_option
@click.option(
    "--accept-nearest", is_flag=True, help="Let the nearest version answer where none covers the day; it is marked."
)
@click.option("--age", type=click.IntRange(min=0), metavar="YEARS", help="For groupings with edits by age.")
@click.option("--sex", type=click.Choice(["female", "male"]), help="For groupings with edits by sex.")
@on_a_store
def groups(
    *,
    system: str,
    code: str,
    grouping: str | None,
    on: str | None,
    accept_nearest: bool,
    age: int | None,
    sex: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Show the groups of a code: its categories on a day.

    By GROUPING (ccsr_dx, hcc_v28 …), or by all that group codes of SYSTEM.

    Exit code 1 where no version covers the day, and where CODE is unknown.

    Example: terminology groups icd10cm E11.22 ccsr_dx --on 2022-03-01
    """
    edition = edition_of(store, system, on=on)
    names = [edition.grouping(grouping).name] if grouping else list(edition.groupings)
    found: dict[str, Groups] = {}
    uncovered: dict[str, str] = {}
    for name in names:
        try:
            found[name] = edition.groups(code, name, accept_nearest=accept_nearest, age=age, sex=sex)
        except NoVersionError as error:
            uncovered[name] = str(error)
    status = edition.status(code)
    values = [
        *(_values(name, status, one) for name, one in found.items()),
        *({"grouping": name, "status": status, "version": None, "uncovered": why} for name, why in uncovered.items()),
    ]
    say(values, lambda: _lines(code, edition, found, uncovered), as_json=as_json)
    is_unknown = status in NO_CODES and not any(groups_of or groups_of.states for groups_of in found.values())
    return FINE if found and not is_unknown else NO


def _values(name: str, status: Status, groups_of: Groups) -> dict[str, Any]:
    return {
        "grouping": name,
        "status": status,
        "version": groups_of.version,
        "is_nearest": groups_of.is_nearest,
        "groups": [group.to_dict() for group in groups_of],
        "states": list(groups_of.states),
    }


def _lines(code: str, edition: Edition, found: dict[str, Groups], uncovered: dict[str, str]) -> Iterator[str]:
    if not found and not uncovered:
        yield f"no grouping in the store groups codes of {edition.definition.title}; load one: terminology load PATH"
    if not edition.status(code).valid:
        yield str(edition.check(code).reason)
    for name, groups_of in found.items():
        nearest = f", the nearest version: none covers {edition.date}" if groups_of.is_nearest else ""
        yield f"{style(name, bold=True)} {groups_of.version}{nearest}"
        for group in groups_of:
            detail = ", ".join(f"{key} {property_text(value)}" for key, value in group.detail.items())
            words = (group.category, group.role, group.title if group.title != group.category else None, detail)
            yield "  " + "  ".join(filter(None, words))
        yield from (f"  {state.replace('_', ' ')}" for state in groups_of.states)
        if not groups_of and not groups_of.states:
            yield f"  {code} is in no category"
    for why in uncovered.values():
        yield style(why, dim=True)


@command()
@grouping_argument
@click.option(
    "--diff",
    "versions",
    nargs=2,
    metavar="A B",
    shell_complete=completion.versions,
    help="Show which codes changed their categories from A to B.",
)
@click.option(
    "--system",
    metavar="S",
    shell_complete=completion.systems,
    help="The code system of the codes, where GROUPING groups those of several.",
)
@click.option(
    "--among",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Of the difference, show what concerns the codes of a table or list, with their rows.",
)
@click.option(
    "--code-column",
    "code",
    cls=RenamedOption,
    was="--code",
    metavar="COLUMN",
    help="The column of codes in FILE.  [default: found by its name or content]",
)
@click.option("--all", "everything", is_flag=True, help=f"Show the whole difference, rather than {SHOWN} codes.")
@on_a_store
@reading("among")
def groupings(
    *,
    grouping: str | None,
    versions: tuple[str, str] | None,
    system: str | None,
    among: Path | None,
    code: str | None,
    everything: bool,
    store: Path | None,
    as_json: bool,
) -> int:
    """List the groupings of the store, with their versions.

    Of each version which days it covers, and what that rests on. Of GROUPING alone, or of all.

    Example: terminology groupings ccsr_dx
    Example: terminology groupings poa_exempt --diff FY2021 FY2022 --among claims.csv
    """
    opened = open_store(store)
    names = [grouping] if grouping else list(opened.groupings)
    if among and not versions:
        raise click.UsageError("--among needs --diff: the two versions")
    if versions:
        if grouping is None:
            raise click.UsageError("--diff needs the name of a GROUPING")
        if among:
            codes = _codes_in(among, code)
            found = opened.grouping(grouping).impact(*versions, codes, system)
            return _impact(found, among, as_json=as_json, everything=everything)
        return _difference(
            opened.grouping(grouping).diff(*versions, system=system), as_json=as_json, everything=everything
        )
    chosen = [opened.grouping(name) for name in names]
    if as_json:
        echo_json([version.to_dict() for one in chosen for version in one.versions])
    else:
        _print_versions(opened, chosen)
    return FINE


def _print_versions(store: Terminology, chosen: Sequence[Grouping]) -> None:
    if not chosen:
        echo(f"no groupings in {store.url or store.path}: load their files with terminology load PATH")
        return
    rows = [
        [
            one.name,
            version.version,
            version.effective_from,
            _last_day(version.effective_to),
            ", ".join(one.code_systems),
        ]
        for one in chosen
        for version in one.versions
    ]
    print_table(["grouping", "version", "from", "through", "of"], rows, spare=["of"])
    if len(chosen) == 1:
        for version in chosen[0].versions:
            if version.basis:
                echo(style(f"{version.version}: {version.basis}", dim=True))


def _last_day(end: datetime.date | None) -> str:
    """Return the last day of a half-open period; nothing where it has no end.

    >>> _last_day(datetime.date(2021, 10, 1))
    '2021-09-30'
    """
    return (end - datetime.timedelta(days=1)).isoformat() if end else ""


def _difference(difference: GroupingDifference, *, as_json: bool, everything: bool) -> int:
    if as_json:
        names = ("code", "change", "before", "after")
        echo_json([dict(zip(names, row, strict=True)) for row in difference.rows])
        return FINE
    counts = ", ".join(f"{len(difference.codes(one)):,} {one}" for one in ("added", "removed", "changed"))
    echo(f"{style(difference.grouping, bold=True)} from {difference.before} to {difference.after}: {counts}")
    rows = difference.rows if everything else difference.rows[:SHOWN]
    for code, change, before, after in rows:
        echo(f"  {code}  {change}  {', '.join(before) or '-'} → {', '.join(after) or '-'}")
    if len(rows) < len(difference.rows):
        echo(f"  … {len(difference.rows) - len(rows):,} more: --all and --json have all")
    return FINE


def _codes_in(path: Path, code: str | None) -> Iterator[str]:
    """Yield the codes of a table or list, each as often as it has rows."""
    from ..columns import cells, opened_table

    table = opened_table(path)
    column = found_roles(table, code, None, None, None).codes[0]
    for batch in table.batches([column]):
        yield from (text for text in cells(batch.column(0), column, table.label).to_pylist() if text)


def _impact(found: GroupingImpact, path: Path, *, as_json: bool, everything: bool) -> int:
    if as_json:
        names = ("rows", "code", "change", "before", "after")
        changes = [dict(zip(names, row, strict=True)) for row in found.rows]
        counts = {"used": found.used, "changed": found.changed}
        versions = {"grouping": found.grouping, "before": found.before, "after": found.after}
        echo_json({**versions, **counts, "codes": changes, "ungrouped": list(found.ungrouped)})
        return FINE
    echo(
        f"{style(found.grouping, bold=True)} from {found.before} to {found.after} in {path.name}: "
        f"{found.changed:,} of {counted(found.used, 'row')} {'has' if found.changed == 1 else 'have'} other categories, "
        f"of {counted(len(found.rows), 'code')}"
    )
    rows = sorted(found.rows, key=lambda row: -row[0])
    shown = rows if everything else rows[:SHOWN]
    for number, code, change, before, after in shown:
        echo(f"  {code}  {counted(number, 'row')}  {change}  {', '.join(before) or '-'} → {', '.join(after) or '-'}")
    if len(shown) < len(rows):
        echo(f"  … {len(rows) - len(shown):,} more: --all and --json have all")
    if found.ungrouped:
        echo(f"{counted(len(found.ungrouped), 'code')} in no category of either: {', '.join(found.ungrouped[:SHOWN])}")
    return FINE
