"""The command about a release that is coming: what it does to code lists and to columns of codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..query import CodeSystem, Terminology, open_store
from ..wire import sent
from .codelist import FILE, csv_option, html_option, print_section, read_list, system_option, write_files
from .drawing import print_table
from .options import on_a_store
from .output import counted
from .printing import echo, echo_json, style
from .running import FINE, NO

if TYPE_CHECKING:
    from ..codelists import CodeChange, CodeList, ColumnImpact, ListsImpact
    from ..columns import Table


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE)
@click.option("--from", "before", metavar="A", required=True, help="The release in use.")
@click.option("--to", "after", metavar="B", default="latest", help="The release that is coming.  [default: the newest]")
@click.option("--code", "columns", metavar="COL", multiple=True, help="Column of codes in the tables; may be repeated.")
@click.option(
    "--on",
    metavar="COL",
    help="Column of days in the tables: only rows count from the effective day of A to the day before that of B.",
)
@system_option
@csv_option
@html_option
@on_a_store
def impact(
    *,
    paths: tuple[Path, ...],
    before: str,
    after: str,
    columns: tuple[str, ...],
    on: str | None,
    system: str | None,
    csv_file: Path | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Say what a release breaks.

    PATH is a code list, or, where --code names a column of it, a table (Parquet, CSV) of any size. Exit code 1 where a list needs review, or a row of a table holds a code that may not be used as before.

    \b
    Example: terminology impact lists/*.txt claims.parquet --code dx --from 2024 --to 2025 --system icd10cm
    """
    from ..codelists import impact_on_lists, impact_on_table
    from ..reports import code_lists

    opened = open_store(store)
    tables, list_paths = _tables_and_lists(paths, columns)
    lists = [read_list(opened, path, system) for path in list_paths]
    code_system = _one_system(opened, lists, system)
    found = sent(impact_on_lists(lists, code_system, before, after), code_system) if lists else None
    rows = [
        sent(item, code_system)
        for table in tables.values()
        for item in impact_on_table(table, _codes_in(table, columns, code_system), code_system, before, after, on=on)
    ]
    written = write_files(
        (csv_file, lambda: code_lists.impact_csv(found, rows)),
        (html_file, lambda: code_lists.impact_page(code_system, found, rows)),
    )
    if as_json:
        echo_json(_impact_values(code_system, found, rows))
    else:
        _print_lists(found)
        _print_columns(rows)
        for path in written:
            echo(f"written: {path}")
    broken = bool(found and found.broken) or any(item.broken_rows for item in rows)
    return NO if broken else FINE


def _impact_values(code_system: CodeSystem, found: ListsImpact | None, rows: list[ColumnImpact]) -> dict[str, Any]:
    first = found or rows[0]
    return {
        "system": code_system.name,
        "before": first.before,
        "after": first.after,
        "lists": [item.to_dict() for item in found.lists] if found else [],
        "columns": [item.to_dict() for item in rows],
    }


def _print_lists(found: ListsImpact | None) -> None:
    if found is None:
        return
    names = ("deleted", "unknown", "to_header", "renamed", "unchanged")
    rows = []
    for item in found.lists:
        moved = item.codes - sum(item.counts.get(name, 0) for name in names)
        verdict = "needs review" if item.is_broken else "unaffected"
        figures = [item.counts.get(name, 0) for name in names]
        rows.append([item.name, verdict, item.codes, *figures, moved, len(item.entered), item.absent])
    header = ["list", "verdict", "codes", "deleted", "gone", "now header", "renamed", "unchanged", "moved", "added"]
    print_table([*header, "absent"], rows)
    for item in found.broken:
        review = [[row.code or row.entry, row.kind.replace("_", " "), row.reason] for row in item.migration.review]
        print_section(item.name, ["code", "kind", "reason"], review)


def _print_columns(rows: list[ColumnImpact]) -> None:
    for item in rows:
        echo()
        echo(f"{style(f'{item.table}, column {item.column}', bold=True)}")
        echo(
            f"{counted(item.rows, 'row')}, {counted(item.distinct, 'code')}, {counted(item.affected_rows, 'row')} affected"
        )
        print_table(["outcome", "rows"], [[name.replace("_", " "), count] for name, count in item.outcomes.items()])
        codes = [
            [
                code.change.code,
                code.rows,
                code.outcome.replace("_", " "),
                _becomes(code.change),
                code.change.title or "",
            ]
            for code in item.codes
        ]
        print_section("affected codes", ["code", "rows", "outcome", "becomes", "title"], codes)
        if item.malformed:
            echo(f"no codes: {', '.join(f'{text!r} ({count:,})' for text, count in item.malformed)}")


def _becomes(change: CodeChange) -> str:
    """Return the codes that replace a code; of one whose title changed, the title that it has now."""
    from ..codelists.changes import listed

    if change.fate == "renamed" and change.titles[0]:
        return f'"{change.titles[0]}"'
    return listed(change.alternatives) or "-"


def _tables_and_lists(paths: Sequence[Path], columns: Sequence[str]) -> tuple[dict[Path, Table], list[Path]]:
    """Return which files are tables and which are code lists.

    A file with a column that --code names is a table. Where it names none, so is one with other columns than a list has.

    Raises:
        click.UsageError: A table lacks a column that --code names, or it names a column of no file.
    """
    from ..codelists.tables import is_list
    from ..columns import table_in

    tables: dict[Path, Table] = {}
    lists: dict[Path, Table | None] = {}
    for path in paths:
        table = None if path.suffix.lower() == ".json" else table_in(path, columns)
        if table is not None and ({*columns} & {*table.names} or not is_list(table)):
            if fault := table.fault_of(columns):
                raise click.UsageError(f"{path.name} {fault}; check --code")
            tables[path] = table
        else:
            lists[path] = table
    if columns and not tables:
        for path, table in lists.items():
            fault = table.fault_of(columns) if table else f"is a code list and has no column {columns[0]!r}"
            raise click.UsageError(f"{path.name} {fault}; check --code")
    return tables, [*lists]


def _codes_in(table: Table, columns: Sequence[str], code_system: CodeSystem) -> tuple[str, ...]:
    from ..columns import is_known, roles_of

    newest = code_system.latest
    return roles_of(table, codes=columns, is_code=lambda text: is_known(text, newest)).codes


def _one_system(opened: Terminology, lists: Iterable[CodeList], system: str | None) -> CodeSystem:
    named = {opened[code_list.system or ""].name for code_list in lists} | ({opened[system].name} if system else set())
    if len(named) > 1:
        raise click.UsageError(f"lists of {' and '.join(sorted(named))}: ask of one code system at a time")
    if not named:
        raise click.UsageError("a table does not name its code system: give --system")
    return opened[named.pop()]
