"""Files of codes in, files of answers out, for the commands about columns."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from ..counts import counted
from ..query import CodeSystem, Edition
from .drawing import measured_progress, print_table
from .printing import echo, echo_json
from .running import FINE
from .standard import STANDARD, reading, standard_output
from .writing import check_files, output_argument

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns import Roles, Table

PARQUET: Final = ".parquet"
COUNTS: Final = {"status": "statuses", "outcome": "outcomes"}
"""The name of what is counted, in the plural."""


def source(command: Callable[..., int], metavar: str = "IN") -> Callable[..., int]:
    """Return the command with the file that it reads."""
    return click.argument("path", metavar=metavar, type=click.Path(path_type=Path))(reading("path")(command))


def files(command: Callable[..., int]) -> Callable[..., int]:
    """Return the command with the file that it reads, and the one that it writes."""

    @functools.wraps(command)
    def with_files(**options: Any) -> int:
        if options["output"] != STANDARD:
            check_files([options["path"]], [options["output"]])
        return command(**options)

    return source(output_argument()(with_files))


class Job(NamedTuple):
    """A table that is answered, and the file that it is written to."""

    table: Table
    roles: Roles
    output: Path
    counted: str | None
    """The column that is counted: status or outcome, if any."""
    target: Edition | None = None
    """The edition that codes are migrated to."""

    def done(self, answer: Callable[..., Any], *, as_json: bool) -> int:
        """Answer the rows, write them, and print what was counted; return the exit code."""
        from ..columns import UnreadDays, day_numbers
        from ..columns.encoding import encoded_as
        from ..columns.files import answered_batches, write_stream, write_tables

        column = self.roles.codes[0]
        counts: Counter[str] = Counter()
        unread = UnreadDays()
        several = 0

        def answered(rows: pa.Table) -> pa.Table:
            if self.roles.day:
                for chunk in rows.column(self.roles.day).chunks:
                    unread.add(day_numbers(chunk, self.roles.day, self.table.label, self.roles.day_form)[1])
            nonlocal several
            made: pa.Table = answer(rows, code=column)
            several += _several(made, f"{column}_targets")
            name = f"{column}_{self.counted}"
            tallied = made.column(name).value_counts().to_pylist() if name in made.column_names else ()
            for item in tallied:
                counts[item["values"]] += item["counts"]
            if self.output.suffix.lower() == PARQUET and f"{column}_code" in made.column_names:
                made = encoded_as(made, column, f"{column}_code")
            return made

        with measured_progress(counted=True) as step:

            def progress(rows: int) -> None:
                step("columns", self.table.label, rows, None)

            batches = answered_batches(self.table, answered, progress)
            if self.output == STANDARD:
                rows = write_stream(standard_output(), batches)
            else:
                rows = write_tables(self.output, batches)
        if self.roles.day and (warning := unread.sentence(self.roles.day, self.roles.day_form)):
            echo(f"warning: {warning}", err=True)
        self._report(rows, dict(sorted(counts.items(), key=lambda item: -item[1])), several, as_json=as_json)
        return FINE

    def _report(self, rows: int, counts: dict[str, int], several: int, *, as_json: bool) -> None:
        release = self.target.release if self.target else None
        is_piped = self.output == STANDARD
        if as_json:
            by_name: dict[str, Any] = {COUNTS[self.counted]: counts} if self.counted else {}
            if self.counted == "outcome":
                by_name |= {"several_alternatives": several}
            if release:
                by_name |= {"release": release.version}
            found = {"rows": rows, "column": self.roles.codes[0], **by_name, "columns": self.roles.to_dict()}
            echo_json({**found, "written": str(self.output)}, err=is_piped)
            return
        echo(self.roles.sentence, err=is_piped)
        if self.target and release:
            echo(f"migrated to {self.target.definition.title} {release.version}", err=is_piped)
        if is_piped and counts:
            echo(", ".join(f"{name} {number:,}" for name, number in counts.items()), err=True)
        elif self.counted and counts:
            print_table([self.counted, "rows"], [[name, number] for name, number in counts.items()])
        if several:
            said = f"{counted(several, 'row has', 'rows have')} several alternatives"
            echo(f"{said}; --policy first takes one, and --policy unique none", err=is_piped)
        echo(f"written: {self.output}, {counted(rows, 'row')}", err=is_piped)


def _several(made: pa.Table, name: str) -> int:
    """Return the number of rows with several alternatives in a column that lists them all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in made.column_names or not pa.types.is_list(made.schema.field(name).type.value_type):
        return 0
    return pc.sum(pc.greater(pc.list_value_length(made.column(name)), 1)).as_py() or 0


def found_roles(
    table: Table, code: str | None, on: str | None, system: CodeSystem | None, day_format: str | None
) -> Roles:
    """Return what the columns of a table hold."""
    from ..columns import is_known, roles_of

    day = on if on is not None and on in table.names else None
    latest = system.latest if system is not None else None
    is_code = (lambda text: is_known(text, latest)) if latest is not None else None
    return roles_of(table, codes=[code] if code else (), day=day, day_format=day_format, is_code=is_code)
