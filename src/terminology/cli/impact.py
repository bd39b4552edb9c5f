"""The command about a release that is coming: what it does to code lists and to columns of codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ..licences import may_show
from ..query import CodeSystem, Terminology
from ..wire import sent
from .codelist import FILE, print_section, read_list, remark_lines, system_option
from .column_impact import print_columns
from .drawing import print_table
from .options import on_a_store, open_store, release_option
from .printing import echo, echo_json
from .renamed import RenamedOption
from .running import FINE, NO
from .sections import command
from .standard import STANDARD, reading, standard_output
from .writing import check_files, csv_option, html_option, output_option, write_files

if TYPE_CHECKING:
    from ..codelists import CodeList, ColumnImpact, ListsImpact
    from ..columns import IsCode, Table


def checked_day_format(_context: click.Context, _option: click.Parameter, form: str | None) -> str | None:
    """Return the form of days that an option gives.

    Raises:
        click.BadParameter: No day can be read by it.
    """
    from ..columns import checked_format

    try:
        return form and checked_format(form)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE)
@release_option("--from", "before", "A", required=True, help="The release in use.")
@release_option("--to", "after", "B", default="latest", help="The release that is coming.  [default: the newest]")
@click.option(
    "--code-column",
    "columns",
    cls=RenamedOption,
    was="--code",
    metavar="COLUMN",
    multiple=True,
    help="Column of codes in the tables, where it is not found by itself; may be repeated.",
)
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook, where several have a column of codes.")
@click.option(
    "--on-column",
    "on",
    cls=RenamedOption,
    was="--on",
    metavar="COLUMN",
    help="Column of days in the tables, by which each row is judged on its own day.",
)
@click.option(
    "--date-format",
    "day_format",
    metavar="FORM",
    callback=checked_day_format,
    help="Form of these days, like %m/%d/%Y.  [default: by the column]",
)
@click.option(
    "--id-column",
    "row_id",
    cls=RenamedOption,
    was="--id",
    metavar="COLUMN",
    help="Column of ids for --rows.  [default: the number of the row]",
)
@output_option(
    "--rows",
    "rows_file",
    help="Write the rows that are broken or not judged to a CSV file, or a Parquet file where it ends in .parquet.",
)
@system_option
@csv_option
@html_option
@on_a_store
@reading("paths")
def impact(
    *,
    paths: tuple[Path, ...],
    before: str,
    after: str,
    columns: tuple[str, ...],
    sheet: str | None,
    on: str | None,
    day_format: str | None,
    row_id: str | None,
    rows_file: Path | None,
    system: str | None,
    csv_file: Path | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Say what a release breaks.

    PATH is a code list, or a table of any size with a column of codes (CSV and other delimited text, Parquet, Excel). What the release breaks comes first, then what was broken before, then what needs nothing. Exit code 1 where the release breaks a row, or a list needs review.

    Example: terminology impact pain.txt claims.csv --code-column dx --on-column day --system icd10cm --from 2021 --to 2022
    """
    from ..codelists import impact_on_lists, impact_on_table
    from ..columns import shaped_as
    from ..reports import code_lists

    if day_format and on is None:
        raise click.UsageError("--date-format is the form of the days of a column: name it with --on-column")
    check_files(paths, (rows_file, csv_file, html_file))
    opened = open_store(store)
    is_code = shaped_as(opened[system].definition) if system else None
    tables, list_paths = _tables_and_lists(paths, columns, Named(on, row_id, sheet), is_code)
    lists = [read_list(opened, path, system) for path in list_paths]
    code_system = _one_system(opened, lists, tables.values(), system)
    found = sent(impact_on_lists(lists, code_system, before, after), code_system) if lists else None
    of_tables = {
        path: [
            sent(item, code_system)
            for item in impact_on_table(
                table, columns or None, code_system, before, after, on=on, day_format=day_format, row_id=row_id
            )
        ]
        for path, table in tables.items()
    }
    impacts = [item for items in of_tables.values() for item in items]
    written = write_files(
        (csv_file, lambda: code_lists.impact_csv(found, impacts)),
        (html_file, lambda: code_lists.impact_page(code_system, found, impacts)),
    )
    written += _write_rows(rows_file, tables, of_tables, titles=may_show(code_system.definition, code_system.licences))
    if as_json:
        echo_json(_impact_values(code_system, found, impacts))
    else:
        _print_lists(found)
        print_columns(impacts)
        for path in written:
            echo(f"written: {path}")
    broken = bool(found and found.broken) or any(item.broken_by_release for item in impacts)
    return NO if broken else FINE


@frozen
class Named:
    """What options name, beside columns of codes: two columns, and the sheet of a workbook."""

    day: str | None
    id: str | None
    sheet: str | None = None

    def check(self, table: Table) -> None:
        """Check that a table has them.

        Raises:
            click.UsageError: It has not.
        """
        for option, name in (("--on-column", self.day), ("--id-column", self.id)):
            if name is not None and (fault := table.fault_of([name])):
                raise click.UsageError(f"{table.label} {fault}; check {option}")


def _write_rows(
    path: Path | None, tables: Mapping[Path, Table], impacts: Mapping[Path, list[ColumnImpact]], *, titles: bool
) -> list[Path]:
    """Write the rows of the tables that are broken or not judged to a file, where one is asked for; return its path."""
    if path is None:
        return []
    from ..codelists import affected_rows
    from ..reports.affected_rows import csv_lines, write_affected_rows

    if not tables:
        raise click.UsageError("--rows writes rows of tables, and none of the files is a table")
    batches = (batch for name, table in tables.items() for batch in affected_rows(table, impacts[name], titles=titles))
    if path == STANDARD:
        standard_output().writelines(line.encode() for line in csv_lines(batches))
    else:
        write_affected_rows(path, batches)
    return [path]


def _impact_values(code_system: CodeSystem, found: ListsImpact | None, rows: list[ColumnImpact]) -> dict[str, Any]:
    first = found or rows[0]
    return {
        "system": code_system.name,
        "before": first.before,
        "after": first.after,
        "broken_by_release": sum(item.broken_by_release for item in rows),
        "broken_before": sum(item.broken_before for item in rows),
        "ends_with_release": sum(item.ends_with_release for item in rows),
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
    print_table([*header, "absent"], rows, spare=("absent", "unchanged", "moved", "gone", "renamed"))
    for item in found.lists:
        for line in remark_lines(item.migration.code_list):
            echo(line)
    for item in found.broken:
        review = [[row.code or row.entry, row.kind.replace("_", " "), row.reason] for row in item.migration.review]
        print_section(item.name, ["code", "kind", "reason"], review)


def _tables_and_lists(
    paths: Sequence[Path], columns: Sequence[str], named: Named, is_code: IsCode | None
) -> tuple[dict[Path, Table], list[Path]]:
    """Return which files are tables and which are code lists.

    A file with a column that --code-column names is a table, and so is a workbook whose sheet is named. Where it names none, so is one with other columns than a list has.

    Raises:
        click.UsageError: A table lacks a column that --code-column names, or it names a column of no file.
    """
    from ..codelists.tables import is_list
    from ..columns import table_in

    tables: dict[Path, Table] = {}
    lists: dict[Path, Table | None] = {}
    for path in paths:
        table = None if path.suffix.lower() == ".json" else table_in(path, columns, is_code, named.sheet)
        is_named = table is not None and bool({*columns} & {*table.names} or (named.sheet and table.sheet))
        if table is not None and (is_named or not is_list(table)):
            if fault := table.fault_of(columns):
                raise click.UsageError(f"{path.name} {fault}; check --code-column")
            named.check(table)
            tables[path] = table
        else:
            lists[path] = table
    names = Counter(table.label for table in tables.values())
    for path, table in tables.items():
        if names[table.label] > 1:
            # of two files with one name a report names the folders
            table.label = str(path)
    if named.sheet and not any(table.sheet for table in tables.values()):
        raise click.UsageError(f"none of the files is a workbook with a sheet {named.sheet!r}; check --sheet")
    if columns and not tables:
        for path, table in lists.items():
            fault = table.fault_of(columns) if table else f"is a code list and has no column {columns[0]!r}"
            raise click.UsageError(f"{path.name} {fault}; check --code-column")
    return tables, [*lists]


def _one_system(
    opened: Terminology, lists: Iterable[CodeList], tables: Iterable[Table], system: str | None
) -> CodeSystem:
    """Return the code system of all that is asked: of the option, the lists, or a column of tables that names it."""
    from ..columns import systems_in

    named = {opened[code_list.system or ""].name for code_list in lists} | ({opened[system].name} if system else set())
    if not named:
        for table in tables:
            named |= {opened[name].name for name in systems_in(table)}
    if len(named) > 1:
        raise click.UsageError(f"lists of {' and '.join(sorted(named))}: ask of one code system at a time")
    if not named:
        raise click.UsageError("a table does not name its code system: give --system")
    return opened[named.pop()]
