"""Options that name columns of a table, a day or a code system, for the commands about columns.

An option that ends in ``-column`` names a column; ``--on`` is a day, and ``--system`` a code system. Before, one option took
both: what names a column is still taken by it, with a note.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

from ..errors import InvalidDateError
from ..periods import day_from
from . import completion
from .renamed import RenamedOption, note_renamed

if TYPE_CHECKING:
    from ..columns import Table

COLUMN: Final = "COLUMN"

code_option = click.option(
    "--code-column",
    "code",
    cls=RenamedOption,
    was="--code",
    metavar=COLUMN,
    help="The column of codes.  [default: found by its name or content]",
)
on_option = click.option("--on", metavar="DATE", help="One day for all rows.  [default: the newest release]")
on_column_option = click.option("--on-column", metavar=COLUMN, help="The column of days: each row has its own.")
version_option = click.option(
    "--version", metavar="V", shell_complete=completion.versions, help="One release for all rows."
)
system_option = click.option("--system", metavar="S", shell_complete=completion.systems, help="The code system.")
system_column_option = click.option(
    "--system-column", metavar=COLUMN, help="The column that names the code system of each row."
)
date_format_option = click.option(
    "--date-format", "day_format", metavar="FORM", help="How the days are written, like %m/%d/%Y.  [default: found]"
)


def day_or_column(
    table: Table, on: str | None, on_column: str | None, version: str | None = None, *, of: str = "--on"
) -> str | None:
    """Return the column of days, the day or the release that the options name; None where they name none.

    Args:
        table: The table.
        on: What ``--on`` says, or another option that took a column before.
        on_column: What ``--on-column`` says.
        version: What ``--version`` says.
        of: The name of the option.

    Raises:
        click.UsageError: More than one is named, or the table has no such column.
    """
    _check_one({of: on, "--on-column": on_column, "--version": version})
    if on_column is not None:
        _check_column(table, "--on-column", on_column)
        return on_column
    if on is not None and on in table.names:
        note_renamed(of, "--on-column", COLUMN)
    elif on is not None and of == "--on" and not _is_day(on) and any(map(str.isdigit, on)):
        note_renamed(of, "--version", "RELEASE")
    return on if on is not None else version


def system_or_column(table: Table, system: str | None, system_column: str | None) -> str | None:
    """Return the code system that the options name, or the column that names it for each row; None where they name none.

    Raises:
        click.UsageError: Both are named, or the table has no such column.
    """
    _check_one({"--system": system, "--system-column": system_column})
    if system_column is not None:
        _check_column(table, "--system-column", system_column)
        return system_column
    if system is not None and system in table.names:
        note_renamed("--system", "--system-column", COLUMN)
    return system


def needed(value: str | None, options: str) -> str:
    """Return a value that one of two options names.

    Raises:
        click.UsageError: Neither does.
    """
    if value is None:
        raise click.UsageError(f"Missing option {options}")
    return value


def _check_one(options: dict[str, str | None]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other")


def _check_column(table: Table, option: str, name: str) -> None:
    if fault := table.fault_of([name]):
        raise click.UsageError(f"{table.label} {fault}; check {option}")


def _is_day(text: str) -> bool:
    with suppress(InvalidDateError):
        return bool(day_from(text))
    return False
