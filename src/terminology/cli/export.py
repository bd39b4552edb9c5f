"""Commands that write what a store holds as tables for other tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..query import Terminology, open_store
from .drawing import measured_progress
from .options import note_withheld, on_a_store
from .output import say
from .running import FINE
from .writing import OutputFile

if TYPE_CHECKING:
    import pyarrow as pa


@click.group()
def export() -> None:
    """Write what the store holds as tables for other tools."""


systems_option = click.option(
    "--system", "systems", metavar="S", multiple=True, help="A code system; may be repeated.  [default: all]"
)
known_option = click.option(
    "--known", metavar="V", help="Version or date: only releases up to it count.  [default: all]"
)


def table_command(command: Callable[..., int]) -> click.Command:
    """Return the command that writes one table, with the options of all of these."""
    output = click.argument("output", metavar="OUT", type=OutputFile("CSV", "Parquet"))
    return export.command()(output(systems_option(known_option(on_a_store(command)))))


@table_command
def intervals(**options: Any) -> int:
    r"""Write the status of every code on every day, as intervals.

    A code's intervals are half open, do not overlap and cover the whole of time; columns: system, code, status, effective_from (empty: always before), effective_to (empty: open), title. OUT is Parquet, Arrow or CSV by the end of its name; .gz and .zst compress CSV.

    \b
    Example: terminology export intervals codes.parquet --system icd10cm
    """
    from ..exports.time_axis import interval_tables

    return _write("intervals", interval_tables, **options)


@table_command
def coverage(**options: Any) -> int:
    r"""Write which days the releases cover.

    What no release has is unknown on the days that are covered, and uncovered on others. Columns: system, covered, release, effective_from, effective_to, as of `export intervals`.

    \b
    Example: terminology export coverage coverage.parquet
    """
    from ..exports.time_axis import coverage_tables

    return _write("coverage", coverage_tables, **options)


@table_command
def closure(**options: Any) -> int:
    r"""Write every pair of a code and what is above it, with its days.

    Columns: system, ancestor, descendant, distance (0 for the code itself), effective_from, effective_to, as of `export intervals`.

    \b
    Example: terminology export closure closure.parquet --system icd10cm
    """
    from ..exports.ancestry import closure_tables

    return _write("closure", closure_tables, **options)


def _write(
    name: str,
    tables: Callable[[Terminology, Sequence[str] | None, str | None], Iterable[pa.Table]],
    *,
    output: Path,
    systems: tuple[str, ...],
    known: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write the tables of systems to a file, and print what was written."""
    from ..columns.files import write_tables

    opened = open_store(store)
    chosen = chosen_names(opened, systems)
    with measured_progress() as step:

        def made() -> Iterator[pa.Table]:
            for number, system in enumerate(chosen):
                step("export", f"{name} {system}", number, len(chosen))
                yield from tables(opened, [system], known)

        rows = write_tables(output, made())
    if name == "intervals":
        for system in chosen:
            note_withheld(opened[system])
    found = {"export": name, "systems": chosen, "rows": rows, "written": str(output)}
    say(found, lambda: [f"written: {output}, {rows:,} rows of {', '.join(chosen)}"], as_json=as_json)
    return FINE


def chosen_names(opened: Terminology, systems: Sequence[str]) -> list[str]:
    """Return the short names of the systems that are asked for, or of all.

    Raises:
        UnknownSystemError: The store holds none of a name.
    """
    from ..exports.chosen import chosen_systems

    return [system.name for system in chosen_systems(opened, systems or None)]
