"""Commands about a code list: resolve it, migrate it to another release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..counts import counted
from ..query import Edition, Terminology
from ..wire import sent
from . import completion
from .drawing import print_table
from .options import note_late_day, on_a_date, on_a_store, on_day, open_store, release_option, version_option
from .printing import echo, echo_json, style
from .renamed import RenamedOption
from .running import FINE, NO
from .sections import SectionedGroup
from .standard import reading
from .writing import check_files, csv_option, html_option, output_option, write_files

if TYPE_CHECKING:
    from ..codelists import CodeList, ListMigration, Resolution

SHOWN: Final = 20
"""Rows of a table on the screen; files and JSON have all."""
LIST_FORMS: Final = {".csv": "csv", ".json": "json"}
"""By the end of the name of a proposal; any other is text."""
SHOWN_CODES: Final = 10
"""Codes of a line on the screen."""
FILE = click.Path(dir_okay=False, path_type=Path)


def _one_system(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> str | None:
    """Return the code system that is named, if one is.

    Raises:
        click.BadParameter: Several are.
    """
    names = [name.strip() for text in value for name in text.split(",") if name.strip()]
    if len(names) > 1:
        said = f"one code system at a time, got {len(names)}: repeat the command for each of {' and '.join(names)}"
        raise click.BadParameter(said, ctx, param)
    return names[0] if names else None


system_option = click.option(
    "--system",
    shell_complete=completion.systems,
    metavar="S",
    multiple=True,
    callback=_one_system,
    help="The code system, where the list does not name it, or names several.",
)
code_option = click.option(
    "--code-column",
    "code",
    cls=RenamedOption,
    was="--code",
    metavar="COLUMN",
    help="The column of codes, where LIST is a table and the column is not found by itself.",
)


def list_argument(command: Callable[..., int]) -> Callable[..., int]:
    """Return the command with the list that it reads."""
    return click.argument("path", metavar="LIST", type=FILE)(reading("path")(command))


@click.group(cls=SectionedGroup)
def codelist() -> None:
    """Resolve lists of codes, and migrate them to another release."""


@codelist.command()
@list_argument
@version_option
@click.option("--billable", is_flag=True, help="Only codes that may be submitted on a claim.")
@code_option
@system_option
@csv_option
@html_option
@on_a_date
def resolve(
    *,
    path: Path,
    version: str | None,
    billable: bool,
    code: str | None,
    system: str | None,
    csv_file: Path | None,
    html_file: Path | None,
    on: str | None,
    known: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Show the codes that a list includes.

    LIST is a text or JSON file, a FHIR ValueSet, or a table with a column of codes (CSV, Parquet, Excel). Without --on and --version the release is asked that the list says it was written for, else the newest. Exit code 1 where an entry is not in force, or includes
    nothing, or where a row is no entry.

    Example: terminology codelist resolve pain.txt --on 2021-03-01
    """
    from ..reports import resolution

    check_files([path], (csv_file, html_file))
    opened = open_store(store)
    code_list = read_list(opened, path, system, code)
    edition = _edition(opened, code_list, on=on, known=known, version=version)
    found = sent(code_list.resolve(edition), edition)
    written = write_files(
        (csv_file, lambda: resolution.resolution_csv(found, billable=billable)),
        (html_file, lambda: resolution.resolution_page(found, opened[found.system], billable=billable)),
    )
    if as_json:
        values = found.to_dict()
        if billable:
            values["codes"] = [row for row in values["codes"] if row["billable"]]
        echo_json(values)
    else:
        if not written:
            rows = [row for row in found.to_arrow().to_pylist() if row["billable"] or not billable]
            print_table(["code", "status", "title"], [_code_row(row) for row in rows])
        for line in (*_resolution_lines(found), *(f"written: {path_written}" for path_written in written)):
            echo(line)
    return FINE if found.is_whole else NO


def _code_row(row: dict[str, Any]) -> list[str]:
    return [row["code"], "billable" if row["billable"] else "header", row["title"]]


def _resolution_lines(found: Resolution) -> Iterator[str]:
    release = f"{found.system} {found.version or 'uncovered'}"
    codes = f"{counted(len(found.codes), 'code')}, {len(found.billable):,} of them billable"
    damaged = f" and {counted(len(found.damaged), 'damaged row')}" if found.damaged else ""
    yield f"{codes}, from {_entries(len(found.matches))}{damaged} ({release})"
    for row in found.damaged:
        yield f"{style('damaged', fg='red')}: line {row.line}, {row.text}: {row.sentence}"
    for heading, matches in (("not in force", found.absent), ("includes nothing", found.empty)):
        for match in matches:
            yield f"{style(heading, fg='red')}: line {match.entry.line}, {match.entry.text}: {match.reason}"
    yield from remark_lines(found.code_list)


def _entries(number: int) -> str:
    return counted(number, "entry", "entries")


def remark_lines(code_list: CodeList) -> Iterator[str]:
    """Yield what was found in the columns of a table, and the warnings about a list."""
    if code_list.columns:
        yield f"{code_list.file}: {code_list.columns.sentence}"
    yield from (f"{style('warning', fg='yellow')} {warning}" for warning in code_list.warnings)


@codelist.command("migrate")
@list_argument
@release_option("--from", "before", "A", help="The release that the list is right for.  [default: as it says]")
@release_option("--to", "after", "B", default="latest", help="The release to migrate it to.  [default: the newest]")
@code_option
@system_option
@output_option(
    "--output",
    "output",
    "text",
    "CSV",
    "JSON",
    help="Write the proposed list, as CSV or JSON where the name ends so.",
)
@csv_option
@html_option
@on_a_store
def migrate_list(
    *,
    path: Path,
    before: str | None,
    after: str,
    code: str | None,
    system: str | None,
    output: Path | None,
    csv_file: Path | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Migrate a list to another release.

    Shows what each entry becomes, and what a person has to decide. --output writes the proposed list, comments kept. Exit code 1 where something is left to decide.

    Example: terminology codelist migrate pain.txt --to 2022 --output pain-2022.txt
    """
    from ..codelists import migration_of
    from ..reports import code_lists
    from ..reports.written_lists import written_list

    check_files([path], (output, csv_file, html_file))
    opened = open_store(store)
    code_list = read_list(opened, path, system, code)
    code_system = opened[code_list.system or ""]
    first = before or _version(opened, code_list)
    found = sent(migration_of(code_list, code_system, first, after), code_system)
    written = write_files(
        (
            output,
            lambda: written_list(found.proposal(), LIST_FORMS.get(output.suffix.lower() if output else "", "text")),
        ),
        (csv_file, lambda: code_lists.migration_csv(found)),
        (html_file, lambda: code_lists.migration_page(found, code_system)),
    )
    if as_json:
        echo_json(found.to_dict())
    else:
        for line in _migration_lines(found):
            echo(line)
        _print_changed(found)
        _print_review(found)
        for path_written in written:
            echo(f"written: {path_written}")
    return FINE if found.is_settled else NO


def _migration_lines(found: ListMigration) -> Iterator[str]:
    title = f"{found.code_list.name}, {found.system} {found.before.version} to {found.after.version}"
    before, after = found.before, found.after
    words = {"absent": f"not in force in {before.version}"}
    fates = ", ".join(f"{count:,} {words.get(fate, fate.replace('_', ' '))}" for fate, count in found.counts.items())
    yield style(title, bold=True)
    damaged = f" and {counted(len(found.before.damaged), 'damaged row')}" if found.before.damaged else ""
    yield f"{_entries(len(found.entries))}{damaged}: {fates}"
    yield f"{counted(len(before.codes), 'code')} in {before.version}; as it is, the list has {len(after.codes):,} in {after.version}"
    for change, codes, others in (("added", after.codes, before.members), ("removed", before.codes, after.members)):
        if changed := [code for code in codes if code not in others]:
            more = f" and {len(changed) - SHOWN_CODES:,} more" if len(changed) > SHOWN_CODES else ""
            yield f"{change} ({len(changed):,}): {', '.join(changed[:SHOWN_CODES])}{more}"
    yield from remark_lines(found.code_list)
    if carried := found.code_list.others:
        yield f"in the proposal as they were: {counted(len(carried), 'row')} of other code systems"


def _print_changed(found: ListMigration) -> None:
    rows = []
    for item in found.entries:
        proposed = ", ".join(entry.text for entry in item.proposed) or "-"
        if item.proposed != (item.entry,) or item.entered or item.left:
            rows.append([item.entry.text, item.fate.replace("_", " "), proposed, len(item.entered), len(item.left)])
    print_section("entries", ["entry", "result", "in the proposal", "added", "removed"], rows)


def _print_review(found: ListMigration) -> None:
    rows = [
        [f"{row.line or '-'}", row.code or row.entry, row.kind.replace("_", " "), row.reason] for row in found.review
    ]
    print_section("to decide", ["line", "code", "kind", "reason"], rows)


def print_section(heading: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table under its heading, cut where it is long; nothing where it is empty."""
    if not rows:
        return
    echo()
    echo(f"{style(heading, bold=True)} ({len(rows):,})")
    print_table(header, rows[:SHOWN])
    if len(rows) > SHOWN:
        echo(f"… {len(rows) - SHOWN:,} more: --json, --csv and --html have all")


# ---- what the arguments name


def read_list(opened: Terminology, path: Path, system: str | None, code: str | None = None) -> CodeList:
    """Return the code list in a file.

    Raises:
        click.UsageError: Neither it nor the option names its code system, or they name different ones; or the option
            names a column that the file does not have.
    """
    from ..codelists import CodeList

    if code is not None:
        check_columns(path, "--code-column", [code])
    found = CodeList.read(path, opened[system].name if system else None, code=code)
    if found.system is None:
        raise click.UsageError(f"{path.name} names no code system: give --system")
    if system and opened[found.system].name != opened[system].name:
        raise click.UsageError(f"{path.name} is a list of {found.system}, not of {system}")
    return found


def check_columns(path: Path, option: str, columns: Sequence[str]) -> None:
    """Check that a file is a table with the columns that an option names.

    Raises:
        click.UsageError: It is not.
    """
    from ..columns import table_in

    table = table_in(path, columns)
    if table is None:
        names = " or ".join(map(repr, columns))
        raise click.UsageError(f"{path.name} is no table and has no column {names}; check {option}")
    if fault := table.fault_of(columns):
        raise click.UsageError(f"{path.name} {fault}; check {option}")


def _edition(
    opened: Terminology, code_list: CodeList, *, on: str | None, known: str | None, version: str | None
) -> Edition:
    if on and version:
        raise click.UsageError("--on and --version exclude each other")
    if known and not on:
        raise click.UsageError("--known says up to which release a day is seen: it needs --on")
    code_system = opened[code_list.system or ""]
    if on:
        edition = on_day(code_system, on, known)
        note_late_day(edition, code_system.releases[-1])
        return edition
    return code_system.release(version) if version else code_list.edition(opened)


def _version(opened: Terminology, code_list: CodeList) -> str:
    """Return the version of the release that a list says it was written for.

    Raises:
        click.UsageError: It does not say so.
    """
    release = code_list.edition(opened).release if code_list.head.release or code_list.head.on else None
    if release is None:
        raise click.UsageError(f"{code_list.file} does not say which loaded release it is right for: give --from")
    return release.version
