"""Commands about whole columns of codes in files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..licences import may_show
from ..query import CodeSystem, open_store
from .codelist import FILE
from .drawing import measured_progress, print_table
from .options import on_a_store
from .printing import echo, echo_json
from .running import FINE
from .writing import OutputFile

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns import Roles, Table


@click.group()
def columns() -> None:
    """Answer for columns of codes in files of any size."""


@columns.command()
@click.argument("source", metavar="IN", type=FILE)
@click.argument("output", metavar="OUT", type=OutputFile())
@click.option("--system", metavar="S", required=True, help="The code system, or the column that names it for each row.")
@click.option("--code", metavar="COL", help="The column of codes.  [default: found by its name or content]")
@click.option("--on", metavar="COL|DATE", help="A column of days, a day or a release.  [default: the newest release]")
@click.option("--known", metavar="V", help="Version or date: only releases up to it count.  [default: all]")
@click.option(
    "--add",
    "added",
    metavar="NAME",
    multiple=True,
    type=click.Choice(["reason", "suggestion", "title", "other_systems"]),
    help="Add this column too: reason, suggestion, title or other_systems; may be repeated.",
)
@on_a_store
def validate(
    *,
    source: Path,
    output: Path,
    system: str,
    code: str | None,
    on: str | None,
    known: str | None,
    added: tuple[str, ...],
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with the status of each code on its day.

    IN is a table of any form; OUT is CSV, or Parquet or Arrow by the end of its name. Rows and columns stay as they are; to a column dx come dx_status, dx_code, dx_billable, dx_effective_from and dx_effective_to.

    \b
    Example: terminology columns validate claims.parquet out.parquet --system icd10cm --code dx --on dos
    """
    from ..columns import opened_table
    from ..columns.files import answered_batches, write_tables
    from ..columns.validation import validate as validated

    opened = open_store(store)
    table = opened_table(source)
    code_system = None if system in table.names else opened[system]
    roles = _roles(table, code, on, code_system)
    column = roles.codes[0]
    asked = opened.values() if code_system is None else [code_system]
    if not all(may_show(one.definition, opened.licences) for one in asked):
        added = tuple(name for name in added if name != "title")
    counts: Counter[str] = Counter()

    def answer(rows: pa.Table) -> pa.Table:
        made: pa.Table = validated(rows, system=system, code=column, on=on, known=known, store=opened, columns=added)
        for item in made.column(f"{column}_status").value_counts().to_pylist():
            counts[item["values"]] += item["counts"]
        return made

    with measured_progress(counted=True) as step:

        def watched() -> Iterator[pa.Table]:
            return answered_batches(table, answer, lambda done: step("validate", table.label, done, None))

        rows = write_tables(output, watched())
    shown = dict(sorted(counts.items(), key=lambda item: -item[1]))
    if as_json:
        echo_json(
            {"rows": rows, "column": column, "statuses": shown, "columns": roles.to_dict(), "written": str(output)}
        )
    else:
        echo(roles.sentence)
        print_table(["status", "rows"], [[name, number] for name, number in shown.items()])
        echo(f"written: {output}, {rows:,} rows")
    return FINE


def _roles(table: Table, code: str | None, on: str | None, system: CodeSystem | None) -> Roles:
    """Return what the columns of a table hold."""
    from ..columns import is_known, roles_of

    day = on if on is not None and on in table.names else None
    latest = system.latest if system is not None else None
    is_code = (lambda text: is_known(text, latest)) if latest is not None else None
    return roles_of(table, codes=[code] if code else (), day=day, is_code=is_code)
