"""Commands that write what a store holds for other tools and other machines."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..counts import counted
from ..query import Terminology
from .drawing import measured_progress, print_table
from .export_fhir import export_fhir
from .export_store import export_store
from .options import note_withheld, on_a_store, open_store, release_option, systems_option
from .output import say
from .printing import echo, echo_json
from .running import FINE
from .sections import SectionedGroup
from .writing import output_argument, write_csv

if TYPE_CHECKING:
    import pyarrow as pa

    from ..exports.folders import Exported


@click.group(cls=SectionedGroup)
def export() -> None:
    """Write what a store holds for other tools and other machines."""


export.add_command(export_fhir)
export.add_command(export_store)


known_option = release_option(
    "--known", "known", "V", help="Version or date: only releases up to it count.  [default: all]"
)


def table_command(command: Callable[..., int]) -> click.Command:
    """Return the command that writes one table, with the options of all of these."""
    output = output_argument("CSV", "Parquet")
    return export.command()(output(systems_option(known_option(on_a_store(command)))))


@table_command
def intervals(**options: Any) -> int:
    """Write the status of every code on every day, as intervals.

    A code's intervals are half open, do not overlap and cover the whole of time; columns: system, code, status, effective_from (empty: always before), effective_to (empty: open), title. OUT is Parquet, Arrow or CSV by the end of its name; .gz and .zst compress CSV.

    Example: terminology export intervals codes.parquet --system icd10cm
    """
    from ..exports.time_axis import interval_tables

    return _write("intervals", interval_tables, **options)


@table_command
def coverage(**options: Any) -> int:
    """Write which days the releases cover.

    What no release has is unknown on the days that are covered, and uncovered on others. Columns: system, covered, release, effective_from, effective_to, as of `export intervals`.

    Example: terminology export coverage coverage.parquet
    """
    from ..exports.time_axis import coverage_tables

    return _write("coverage", coverage_tables, **options)


@table_command
def closure(**options: Any) -> int:
    """Write every pair of a code and what is above it, with its days.

    Columns: system, ancestor, descendant, distance (0 for the code itself), effective_from, effective_to, as of `export intervals`.

    Example: terminology export closure closure.parquet --system icd10cm
    """
    from ..exports.ancestry import closure_tables

    return _write("closure", closure_tables, **options)


folder_argument = click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))


@export.command()
@folder_argument
@systems_option
@click.option(
    "--previous",
    metavar="DIR",
    type=click.Path(exists=True, path_type=Path),
    help="An earlier export, whose ids are kept.  [default: the one in FOLDER, if any]",
)
@click.option(
    "--concepts",
    metavar="FILE",
    type=click.Path(exists=True, path_type=Path),
    help="A CONCEPT.csv of Athena, or its folder: the ids that OHDSI gave are taken.",
)
@on_a_store
def omop(
    *,
    folder: Path,
    systems: tuple[str, ...],
    previous: Path | None,
    concepts: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write the vocabulary tables of the OMOP common data model.

    CONCEPT, CONCEPT_RELATIONSHIP, CONCEPT_ANCESTOR and what they name, in the form of Athena's files. FOLDER is new, empty, or an earlier export, which is replaced in one step and keeps its ids.

    Example: terminology export omop vocabulary --system icd10cm --system hcpcs
    """
    from ..exports import omop as exported

    opened = open_store(store)
    chosen = chosen_names(opened, systems)
    with _progress(len(chosen)) as progress:
        found = exported(opened, folder, chosen, previous=previous, concepts=concepts, progress=progress)
    return _report("omop", found, opened, chosen, as_json=as_json)


@export.command()
@folder_argument
@systems_option
@on_a_store
def dbt(*, folder: Path, systems: tuple[str, ...], store: Path | None, as_json: bool) -> int:
    """Write a dbt project with the codes as seeds.

    Codes with their periods, crosswalks and replacements, tests of them, and the macro that joins them to rows with days. FOLDER is new, empty, or an earlier export, which is replaced in one step; files that others put into it stay.

    Example: terminology export dbt terminology_codes
    """
    from ..exports import dbt_project

    opened = open_store(store)
    with _progress(None) as progress:
        found = dbt_project(opened, folder, list(systems) or None, progress=progress)
    return _report("dbt", found, opened, chosen_names(opened, systems), as_json=as_json)


@contextlib.contextmanager
def _progress(total: int | None) -> Iterator[Callable[[str], None]]:
    """Yield a function to be called with what is made next."""
    numbers = itertools.count()
    with measured_progress(counted=total is None) as step:
        yield lambda name: step("export", name, next(numbers), total)


def _report(name: str, found: Exported, opened: Terminology, chosen: Sequence[str], *, as_json: bool) -> int:
    """Print what a folder has, and what is withheld."""
    for system in found.withheld:
        note_withheld(opened[system])
    rows = dict(sorted(found.rows.items()))
    values: dict[str, Any] = {"export": name, "systems": [*chosen], "files": rows, "withheld": [*found.withheld]}
    if found.ids:
        values["ids"] = dict(found.ids)
    values["written"] = str(found.folder)
    if as_json:
        echo_json(values)
        return FINE
    print_table(["file", "rows"], [[file, count] for file, count in rows.items()])
    if found.ids:
        echo(f"ids: {', '.join(f'{number:,} {kind}' for kind, number in found.ids.items())}")
    echo(f"written: {found.folder}")
    return FINE


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
    opened = open_store(store)
    chosen = chosen_names(opened, systems)
    with measured_progress() as step:

        def made() -> Iterator[pa.Table]:
            for number, system in enumerate(chosen):
                step("export", f"{name} {system}", number, len(chosen))
                yield from tables(opened, [system], known)

        rows = write_csv(output, made())
    if name == "intervals":
        for system in chosen:
            note_withheld(opened[system])
    found = {"export": name, "systems": chosen, "rows": rows, "written": str(output)}
    say(found, lambda: [f"written: {output}, {counted(rows, 'row')} of {', '.join(chosen)}"], as_json=as_json)
    return FINE


def chosen_names(opened: Terminology, systems: Sequence[str]) -> list[str]:
    """Return the short names of the systems that are asked for, or of all.

    Raises:
        UnknownSystemError: The store holds none of a name.
    """
    from ..exports.chosen import chosen_systems

    return [system.name for system in chosen_systems(opened, systems or None)]
