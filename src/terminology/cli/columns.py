"""Commands about whole columns of codes in files."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from ..licences import may_show
from . import completion
from .column_files import Job, files, found_roles, source
from .column_options import (
    COLUMN,
    code_option,
    date_format_option,
    day_or_column,
    needed,
    on_column_option,
    on_option,
    system_column_option,
    system_option,
    system_or_column,
    version_option,
)
from .options import note_withheld, on_a_store, open_store, release_option, source_option, target_option
from .renamed import RenamedOption
from .sections import SectionedGroup
from .writing import html_option, output_argument


@click.group(cls=SectionedGroup)
def columns() -> None:
    """Answer for columns of codes in files of any size."""


one_system_option = click.option(
    "--system", metavar="S", required=True, shell_complete=completion.systems, help="The code system."
)
known_option = release_option(
    "--known", "known", "V", help="Version or date: only releases up to it count.  [default: all]"
)
policy_option = click.option(
    "--policy",
    type=click.Choice(["all", "unique", "first"]),
    default="all",
    help="Which alternatives to give.  [default: all]",
)
explode_option = click.option("--explode", is_flag=True, help="Write a row for each code of each alternative.")
billable_option = click.option("--billable", is_flag=True, help="Follow headers to the billable codes below them.")


@columns.command()
@files
@system_option
@system_column_option
@code_option
@on_option
@on_column_option
@version_option
@known_option
@click.option(
    "--add",
    "added",
    metavar="NAME",
    multiple=True,
    type=click.Choice(["reason", "suggestion", "title", "other_systems"]),
    help="Add this column too: reason, suggestion, title or other_systems; may be repeated.",
)
@date_format_option
@on_a_store
def validate(
    *,
    path: Path,
    output: Path,
    system: str | None,
    system_column: str | None,
    code: str | None,
    on: str | None,
    on_column: str | None,
    version: str | None,
    known: str | None,
    added: tuple[str, ...],
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with the status of each code on its day.

    IN is a table of any form, or a folder of Parquet files; OUT is CSV (.gz and .zst compress it), or Parquet or Arrow by the end of its name. A minus is standard input, or standard output as CSV. Rows and columns stay as they are; to a column dx come dx_status, dx_code, dx_billable, dx_effective_from and dx_effective_to.

    Example: terminology columns validate claims.csv validated.csv --system icd10cm --on-column day
    Example: cat claims.csv | terminology columns validate - - --system icd10cm --on-column day
    """
    from ..columns import opened_table
    from ..columns.validation import validate as validated

    opened = open_store(store)
    table = opened_table(path)
    systems = needed(system_or_column(table, system, system_column), "'--system' or '--system-column'")
    day = day_or_column(table, on, on_column, version)
    code_system = None if systems in table.names else opened[systems]
    asked = opened.values() if code_system is None else [code_system]
    withheld = [one for one in asked if not may_show(one.definition, opened.licences)]
    if withheld and "title" in added:
        added = tuple(name for name in added if name != "title")
        note_withheld(withheld[0])
    roles = found_roles(table, code, day, code_system, day_format)
    options: dict[str, Any] = {
        "system": systems,
        "on": day,
        "known": known,
        "columns": added,
        "store": opened,
        "day_format": roles.day_form,
    }
    return Job(table, roles, output, "status").done(functools.partial(validated, **options), as_json=as_json)


@columns.command()
@files
@one_system_option
@code_option
@on_option
@on_column_option
@version_option
@click.option(
    "--add",
    "added",
    metavar="NAME",
    multiple=True,
    default=("title", "chapter"),
    help="What to add: title, kind, parent, chapter, section, a property, a grouping such as ccsr_dx …; may be repeated.  [default: title, chapter]",
)
@date_format_option
@on_a_store
def annotate(
    *,
    path: Path,
    output: Path,
    system: str,
    code: str | None,
    on: str | None,
    on_column: str | None,
    version: str | None,
    added: tuple[str, ...],
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with what is said of each code on its day.

    To a column dx come dx_title and dx_chapter, or what --add names: title, short_title, kind, parent, effective_from or effective_to; the code of the chapter, section or category; a property of the system; or a grouping. A code that is not in force on its day has none of them.

    Example: terminology columns annotate claims.csv titles.csv --system icd10cm --on-column day --add title --add section
    """
    from ..columns import opened_table
    from ..columns.annotation import annotate as annotated
    from ..columns.annotation import open_names

    opened = open_store(store)
    table = opened_table(path)
    code_system = opened[system]
    if not may_show(code_system.definition, opened.licences):
        shown = open_names(code_system)
        if not shown.issuperset(added):
            note_withheld(code_system)
        added = tuple(name for name in added if name in shown)
    day = day_or_column(table, on, on_column, version)
    roles = found_roles(table, code, day, code_system, day_format)
    options: dict[str, Any] = {
        "system": system,
        "on": day,
        "columns": added,
        "store": opened,
        "day_format": roles.day_form,
    }
    return Job(table, roles, output, None).done(functools.partial(annotated, **options), as_json=as_json)


@columns.command()
@files
@one_system_option
@code_option
@release_option("--from", "before", "A", help="The release that all codes were taken from, or a day of it.")
@click.option("--on-column", metavar=COLUMN, help="The column of days: each code is taken from the release of its own.")
@release_option("--to", "after", "B", default="latest", help="The release to migrate to.  [default: the newest]")
@policy_option
@explode_option
@billable_option
@date_format_option
@on_a_store
def migrate(
    *,
    path: Path,
    output: Path,
    system: str,
    code: str | None,
    before: str | None,
    on_column: str | None,
    after: str,
    policy: str,
    explode: bool,
    billable: bool,
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with what each code becomes in a release.

    Each row is migrated from what its code meant on its own day. To a column dx come dx_outcome and dx_targets: codes that are used together, and alternatives between bars in a CSV file.

    Example: terminology columns migrate claims.csv migrated.csv --system icd10cm --on-column day --to 2022
    """
    from ..columns import opened_table
    from ..columns.translations import migrate as migrated

    opened = open_store(store)
    table = opened_table(path)
    origin = needed(day_or_column(table, before, on_column, of="--from"), "'--from' or '--on-column'")
    roles = found_roles(table, code, origin, opened[system], day_format)
    options: dict[str, Any] = {
        "system": system,
        "origin": origin,
        "target": after,
        "policy": policy,
        "explode": explode,
    }
    options |= {"billable": billable, "store": opened, "day_format": roles.day_form}
    return Job(table, roles, output, "outcome", opened[system].release(after)).done(
        functools.partial(migrated, **options), as_json=as_json
    )


@columns.command()
@files
@source_option
@target_option
@code_option
@click.option("--on", metavar="DATE", help="The day whose codes of T are wanted.  [default: the newest release]")
@click.option("--on-column", metavar=COLUMN, help="The column of days: each row has the codes of its own.")
@click.option(
    "--crosswalk",
    metavar="NAME",
    multiple=True,
    shell_complete=completion.crosswalks,
    help="The crosswalk to use; may be repeated.",
)
@policy_option
@explode_option
@billable_option
@click.option("--corrected", is_flag=True, help="Answer by what a later version of the map corrected.")
@date_format_option
@on_a_store
def translate(
    *,
    path: Path,
    output: Path,
    source: str,
    target: str,
    code: str | None,
    on: str | None,
    on_column: str | None,
    crosswalk: tuple[str, ...],
    policy: str,
    explode: bool,
    billable: bool,
    corrected: bool,
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with what each code is in another code system.

    To a column dx come dx_outcome and dx_targets: codes that are used together, and alternatives between bars in a CSV file.

    Example: terminology columns translate claims.csv icd9.csv --source icd10cm --target icd9cm
    """
    from ..columns import opened_table
    from ..columns.translations import translate as translated

    opened = open_store(store)
    table = opened_table(path)
    day = day_or_column(table, on, on_column)
    roles = found_roles(table, code, day, opened.get(source), day_format)
    options: dict[str, Any] = {
        "source": source,
        "target": target,
        "on": day,
        "crosswalk": crosswalk or None,
        "policy": policy,
    }
    options |= {"explode": explode, "billable": billable, "corrected": corrected}
    options |= {"store": opened, "day_format": roles.day_form}
    return Job(table, roles, output, "outcome").done(functools.partial(translated, **options), as_json=as_json)


@columns.command()
@source
@output_argument(required=False)
@click.option(
    "--system",
    metavar="S",
    shell_complete=completion.systems,
    help="The code system.  [default: found by a column that names it, or by the codes]",
)
@system_column_option
@code_option
@on_option
@on_column_option
@version_option
@known_option
@release_option(
    "--release", "release", "R", default="latest", help="The release whose effect is shown.  [default: the newest]"
)
@date_format_option
@html_option
@on_a_store
def profile(
    *,
    path: Path,
    output: Path | None,
    system: str | None,
    system_column: str | None,
    code: str | None,
    on: str | None,
    on_column: str | None,
    version: str | None,
    known: str | None,
    release: str,
    day_format: str | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Say what is in a column of codes, what is wrong with it, and what to do.

    IN is a table of any form, or a folder of Parquet files. To OUT, CSV or Parquet or Arrow by the end of its name, goes a row for each text that needs something: what is wrong with it, what to do, and the code to take. --html writes all of it as one page with pictures.

    Example: terminology columns profile claims.csv --on-column day --html profile.html
    """
    from ..columns import opened_table
    from .column_profile import profiled

    table = opened_table(path, columns=[code] if code else ())
    options = {
        "code": code,
        "on": day_or_column(table, on, on_column, version),
        "system": system_or_column(table, system, system_column),
        "known": known,
        "release": release,
        "day_format": day_format,
    }
    return profiled(path, table, (output, html_file), options, open_store(store), as_json=as_json)


@columns.command()
@files
@click.option(
    "--person-column",
    "person",
    cls=RenamedOption,
    was="--person",
    metavar=COLUMN,
    required=True,
    help="The column of persons, or of stays.",
)
@code_option
@click.option("--on", metavar="DATE", help="One day for all rows.")
@on_column_option
@click.option(
    "--poa-column",
    "poa",
    cls=RenamedOption,
    was="--poa",
    metavar=COLUMN,
    help="The column of present-on-admission indicators.",
)
@click.option(
    "--index",
    type=click.Choice(["elixhauser", "charlson"]),
    default="elixhauser",
    help="Which comorbidities.  [default: elixhauser]",
)
@click.option("--version", metavar="V", help="A version that judges all days.  [default: that of each day]")
@click.option(
    "--system",
    metavar="S",
    shell_complete=completion.systems,
    help="The code system.  [default: ICD-9-CM or ICD-10-CM, by the day]",
)
@date_format_option
@on_a_store
def comorbidities(
    *,
    path: Path,
    output: Path,
    person: str,
    code: str | None,
    on: str | None,
    on_column: str | None,
    poa: str | None,
    index: str,
    version: str | None,
    system: str | None,
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with the comorbidities of each person.

    IN has a row for each code of a person. OUT has a row for each person: a column for each comorbidity, scores, and how many codes were judged. Leave principal diagnoses out. Without --poa-column what depends on it is empty.

    Example: terminology columns comorbidities claims.csv persons.csv --person-column claim --on-column day
    """
    from ..columns import opened_table
    from .column_comorbidities import judged

    table = opened_table(path)
    day = needed(day_or_column(table, on, on_column), "'--on-column' or '--on'")
    named = {"person": person, "code": code, "on": day, "poa": poa}
    options = {"index": index, "version": version, "system": system, "day_format": day_format}
    return judged(table, output, named, options, open_store(store), as_json=as_json)
