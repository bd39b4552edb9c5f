"""What `columns profile` prints and writes: the rows by status, then what to do, most rows first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..counts import counted
from ..query import Terminology
from .drawing import measured_progress, print_table
from .options import note_withheld
from .printing import echo, echo_json, style
from .running import FINE
from .standard import STANDARD, standard_output
from .writing import check_files, write_files

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns import Table
    from ..profiles import Finding, Profile, SystemProfile

ALTERNATIVES: Final = 3
SHOWN: Final = 15
"""Findings of a system that are printed; a file or a page has all."""


def profiled(
    source: Path,
    table: Table,
    written: tuple[Path | None, Path | None],
    options: dict[str, Any],
    opened: Terminology,
    *,
    as_json: bool,
) -> int:
    """Make the profile of a file, print it and write it; return the exit code.

    Args:
        source: The file.
        table: What it holds.
        written: Where the table goes, and the page; None where it is not asked for.
        options: Of `terminology.profile`.
        opened: The store.
        as_json: Whether to print JSON.
    """
    from ..columns.files import write_stream, write_tables
    from ..profiles import profile

    output, html_file = written
    check_files([source], written)
    with measured_progress(counted=True) as step:
        found = profile(
            table, store=opened, progress=lambda rows: step("columns", source.name, rows, None), **options
        ).shown
    is_piped = output == STANDARD
    if output is not None and not is_piped:
        write_tables(output, [_table(found, output)])
    pages = write_files((html_file, found.to_html))
    files = [*([output] if output is not None else []), *pages]
    if as_json:
        echo_json({**found.to_dict(), "written": list(map(str, files))}, err=is_piped)
    else:
        _print(found, err=is_piped)
        for path in files:
            echo(f"written: {path}", err=is_piped)
    for one in found.withheld:
        note_withheld(opened[one.name])
    if output is not None and is_piped:
        write_stream(standard_output(), [_table(found, output)])
    return FINE


def _table(found: Profile, output: Path) -> pa.Table:
    """Return the table of a profile; for CSV, a text that a spreadsheet would take for a formula has an apostrophe before it."""
    import pyarrow as pa

    from ..columns.files import WRITERS
    from ..reports.flat import is_formula

    table = found.table()
    if output.suffix.lower() in WRITERS:
        return table
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = [f"'{text}" if text and is_formula(text) else text for text in table.column(place).to_pylist()]
            table = table.set_column(place, field, pa.array(texts, pa.string()))
    return table


def _print(found: Profile, *, err: bool) -> None:
    echo(found.roles.sentence, err=err)
    for warning in found.warnings:
        echo(f"warning: {warning}", err=True)
    for name, rows in found.not_loaded.items():
        echo(f"not judged: {counted(rows, 'row')} of {name or 'no named system'}, which is not loaded", err=err)
    if err:
        echo(", ".join(f"{name} {rows:,}" for name, rows in found.statuses.items()), err=True)
        return
    for one in found.systems:
        _print_system(one)


def _print_system(one: SystemProfile) -> None:
    from ..profiles import ACTIONS

    echo()
    echo(
        style(f"{one.definition.title}: {counted(one.rows, 'row')}, {counted(one.codes, 'different code')}", bold=True)
    )
    print_table(["status", "rows"], [[name.replace("_", " "), rows] for name, rows in one.statuses.items()])
    if one.gap:
        echo(f"no release covers some days: {one.gap}")
    if one.findings:
        echo()
        print_table(["rows", "what to do"], [[rows, ACTIONS[name]] for name, rows in one.actions.items()])
        echo()
        header = ["text", "rows", "status", "take", "why"]
        print_table(header, [_row(finding) for finding in one.findings[:SHOWN]], spare=["why"])
        if len(one.findings) > SHOWN:
            echo(f"and {len(one.findings) - SHOWN:,} more: name a file to write them all, or --html")
    if one.ended and one.release:
        ended = f"{counted(one.ended_rows, 'row')} with {counted(len(one.ended), 'code')}"
        are, their = ("is", "its") if one.ended_rows == 1 else ("are", "their")
        echo(f"{ended} {are} right on {their} day, and not billable in release {one.release.version}")


def _row(finding: Finding) -> list[Any]:
    shown = " | ".join(" + ".join(group) for group in finding.instead[:ALTERNATIVES])
    more = f" | and {len(finding.instead) - ALTERNATIVES:,} more" if len(finding.instead) > ALTERNATIVES else ""
    return [finding.text, finding.rows, finding.status, shown + more, finding.reason]
