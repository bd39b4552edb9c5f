"""The command ``audit``: what the publishers' files say against the codes of claims."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..counts import counted
from .column_files import source
from .drawing import measured_progress, print_table
from .options import on_a_store, open_store
from .printing import echo, echo_json, style
from .running import FINE, NO
from .sections import command
from .writing import OutputFile, check_files, html_option, output_option, write_csv, write_files

if TYPE_CHECKING:
    import pyarrow as pa

    from ..claims import ClaimFinding, Summary

KINDS: Final = ("inpatient", "outpatient", "professional")
SHOWN: Final = 15
"""Findings that are printed; a file or a page has all."""
SHOWN_ROWS: Final = 10
COLOURS: Final = {"error": "red", "warning": "yellow", "review": "cyan"}
NOTHING: Final = "nothing found by these rules, with these versions"


def _columns(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the columns by role.

    Raises:
        click.BadParameter: One is not written as ROLE=NAME.
    """
    found = {}
    for text in given:
        role, mark, name = text.partition("=")
        if not mark or not name:
            raise click.BadParameter(f"expected ROLE=NAME, like claim=CLM_ID or diagnosis=dx*, got {text!r}")
        found[role] = name
    return found


@command()
@functools.partial(source, metavar="CLAIMS")
@output_option("--csv", "csv_file", "CSV", help="Write all findings to a CSV file.")
@click.option(
    "--parquet",
    "parquet_file",
    type=OutputFile("Parquet", standard=False),
    metavar="FILE",
    help="Write all findings to a Parquet file.",
)
@html_option
@click.option("--kind", type=click.Choice(KINDS), help="Kind of claims that do not say theirs.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="ROLE=NAME",
    help="A column that has not the usual name, like diagnosis=dx*; may be repeated.",
)
@click.option("--date-format", metavar="FORM", help="Form of the days of a table, like %m/%d/%Y.")
@on_a_store
def audit(
    *,
    path: Path,
    csv_file: Path | None,
    parquet_file: Path | None,
    html_file: Path | None,
    kind: str | None,
    columns: dict[str, str],
    date_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Say what the publishers' files say against the codes of CLAIMS, each by the version in force on its day.

    CLAIMS is a table (CSV, Parquet, workbook), JSON or X12 837, also compressed; - is standard input.
    No finding calls a claim right, and none denies one.

    Exit code 1 where something was found.

    Example: terminology audit claims.csv --html audit.html
    """
    from ..claims import Summary, audited, read_claims
    from ..columns import checked_format

    if date_format:
        try:
            checked_format(date_format)
        except ValueError as error:
            raise click.UsageError(f"--date-format: {error}") from None
    check_files([path], [csv_file, parquet_file, html_file])
    opened = open_store(store)
    summary = Summary()
    claims = read_claims(path, kind=kind, columns=columns, day_format=date_format)
    with measured_progress(counted=True) as step:
        tables = audited(claims, opened, summary, progress=lambda done: step("claims", path.name, done, None))
        written = _write(tables, csv_file, parquet_file)

    def page() -> str:
        from ..reports.audit import audit_page

        return audit_page(summary, opened, path.name)

    written += write_files((html_file, page))
    if as_json:
        echo_json({**summary.to_dict(), "written": list(map(str, written))})
    else:
        _print(summary, written)
    return FINE if summary.is_clean else NO


def _write(tables: Iterable[pa.Table], csv_file: Path | None, parquet_file: Path | None) -> list[Path]:
    """Write the findings to the files that are asked for; return their paths."""
    from ..columns.files import write_tables

    if parquet_file is not None:
        write_tables(parquet_file, tables)
        tables = _read(parquet_file) if csv_file is not None else ()
    if csv_file is not None:
        write_csv(csv_file, map(_flat, tables))
    for _ in tables:
        # nobody wants them, and they are to be counted
        continue
    return [path for path in (csv_file, parquet_file) if path is not None]


def _read(path: Path) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        is_empty = True
        for batch in file.iter_batches():
            is_empty = False
            yield pa.Table.from_batches([batch])
        if is_empty:
            yield file.schema_arrow.empty_table()


def _flat(table: pa.Table) -> pa.Table:
    """Return findings with texts for lists; one that a spreadsheet would take for a formula has an apostrophe before it."""
    import pyarrow as pa

    from ..reports.flat import is_formula

    for place, field in enumerate(table.schema):
        values = table.column(place).to_pylist()
        if pa.types.is_list(field.type):
            values = [" ".join(map(str, value)) for value in values]
        elif not pa.types.is_string(field.type):
            continue
        texts = [f"'{text}" if text and is_formula(text) else text for text in values]
        table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


def _print(summary: Summary, written: list[Path]) -> None:
    from ..claims import RULES

    echo(f"{counted(summary.claims, 'claim')}, {summary.with_findings:,} with findings")
    if summary.findings:
        echo()
        rows = [
            [name.replace("_", " "), str(rule.severity), summary.by_rule[name], summary.claims_by_rule[name]]
            for name, rule in RULES.items()
            if summary.by_rule[name]
        ]
        print_table(["rule", "severity", "findings", "claims"], rows)
        echo()
        for found in summary.listed[:SHOWN]:
            echo(_line(found))
        if summary.findings > SHOWN:
            echo(f"and {summary.findings - SHOWN:,} more: --csv, --parquet and --html have them")
    else:
        echo(NOTHING)
    for row in summary.listed_rows[:SHOWN_ROWS]:
        echo(f"{style('not read:', fg='red')} {row}", err=True)
    if summary.bad_rows > SHOWN_ROWS:
        echo(f"not read: {counted(summary.bad_rows - SHOWN_ROWS, 'more row')}", err=True)
    if summary.unchecked:
        echo()
    for one in summary.unchecked:
        echo(str(one))
    for path in written:
        echo(f"written: {path}")


def _line(found: ClaimFinding) -> str:
    severity = str(found.finding.severity)
    line = f", line {found.finding.lines[0]}" if found.finding.lines else ""
    place = f" ({found.finding.source.place})" if found.finding.source else ""
    return f"{style(severity, fg=COLOURS[severity])} claim {found.claim}{line}: {found.finding.message}{place}"
