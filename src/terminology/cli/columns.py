"""Commands about whole columns of codes in files."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from ..licences import may_show
from .column_files import Job, files, found_roles, source
from .options import note_withheld, on_a_store, open_store
from .sections import SectionedGroup
from .writing import OutputFile, html_option


@click.group(cls=SectionedGroup)
def columns() -> None:
    """Answer for columns of codes in files of any size."""


system_option = click.option("--system", metavar="S", required=True, help="The code system.")
code_option = click.option(
    "--code", metavar="COL", help="The column of codes.  [default: found by its name or content]"
)
on_option = click.option(
    "--on", metavar="COL|DATE", help="A column of days, a day or a release.  [default: the newest release]"
)
date_format_option = click.option(
    "--date-format", "day_format", metavar="F", help="How the days are written, like %m/%d/%Y.  [default: found]"
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
@click.option("--system", metavar="S", required=True, help="The code system, or the column that names it for each row.")
@code_option
@on_option
@click.option("--known", metavar="V", help="Version or date: only releases up to it count.  [default: all]")
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
    source: Path,
    output: Path,
    system: str,
    code: str | None,
    on: str | None,
    known: str | None,
    added: tuple[str, ...],
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with the status of each code on its day.

    IN is a table of any form, or a folder of Parquet files; OUT is CSV (.gz and .zst compress it), or Parquet or Arrow by the end of its name. A minus is standard input, or standard output as CSV. Rows and columns stay as they are; to a column dx come dx_status, dx_code, dx_billable, dx_effective_from and dx_effective_to.

    \b
    Example: terminology columns validate claims.parquet out.parquet --system icd10cm --code dx --on dos
    """
    from ..columns import opened_table
    from ..columns.validation import validate as validated

    opened = open_store(store)
    table = opened_table(source)
    code_system = None if system in table.names else opened[system]
    asked = opened.values() if code_system is None else [code_system]
    withheld = [one for one in asked if not may_show(one.definition, opened.licences)]
    if withheld and "title" in added:
        added = tuple(name for name in added if name != "title")
        note_withheld(withheld[0])
    roles = found_roles(table, code, on, code_system, day_format)
    options: dict[str, Any] = {
        "system": system,
        "on": on,
        "known": known,
        "columns": added,
        "store": opened,
        "day_format": roles.day_form,
    }
    return Job(table, roles, output, "status").done(functools.partial(validated, **options), as_json=as_json)


@columns.command()
@files
@system_option
@code_option
@on_option
@click.option(
    "--add",
    "added",
    metavar="NAME",
    multiple=True,
    default=("title", "chapter"),
    help="What to add: title, kind, parent, chapter, section, a property …; may be repeated.  [default: title, chapter]",
)
@date_format_option
@on_a_store
def annotate(
    *,
    source: Path,
    output: Path,
    system: str,
    code: str | None,
    on: str | None,
    added: tuple[str, ...],
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with what is said of each code on its day.

    To a column dx come dx_title and dx_chapter, or what --add names: title, short_title, kind, parent, effective_from or effective_to; the code of the chapter, section or category; or a property of the system. A code that is not in force on its day has none of them.

    \b
    Example: terminology columns annotate claims.parquet out.parquet --system hcpcs --on dos --add title --add coverage
    """
    from ..columns import opened_table
    from ..columns.annotation import annotate as annotated
    from ..columns.annotation import open_names

    opened = open_store(store)
    table = opened_table(source)
    code_system = opened[system]
    if not may_show(code_system.definition, opened.licences):
        shown = open_names(code_system)
        if not shown.issuperset(added):
            note_withheld(code_system)
        added = tuple(name for name in added if name in shown)
    roles = found_roles(table, code, on, code_system, day_format)
    options: dict[str, Any] = {
        "system": system,
        "on": on,
        "columns": added,
        "store": opened,
        "day_format": roles.day_form,
    }
    return Job(table, roles, output, None).done(functools.partial(annotated, **options), as_json=as_json)


@columns.command()
@files
@system_option
@code_option
@click.option("--from", "origin", metavar="COL|A", required=True, help="A column of days, a day or a release.")
@click.option("--to", "target", metavar="B", default="latest", help="The release to migrate to.  [default: the newest]")
@policy_option
@explode_option
@billable_option
@date_format_option
@on_a_store
def migrate(
    *,
    source: Path,
    output: Path,
    system: str,
    code: str | None,
    origin: str,
    target: str,
    policy: str,
    explode: bool,
    billable: bool,
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with what each code becomes in a release.

    Each row is migrated from what its code meant on its own day. To a column dx come dx_outcome and dx_targets: codes that are used together, and alternatives between bars in a CSV file.

    \b
    Example: terminology columns migrate claims.parquet out.parquet --system icd10cm --from dos --to 2025
    """
    from ..columns import opened_table
    from ..columns.translations import migrate as migrated

    opened = open_store(store)
    table = opened_table(source)
    roles = found_roles(table, code, origin, opened[system], day_format)
    options: dict[str, Any] = {
        "system": system,
        "origin": origin,
        "target": target,
        "policy": policy,
        "explode": explode,
    }
    options |= {"billable": billable, "store": opened, "day_format": roles.day_form}
    return Job(table, roles, output, "outcome", opened[system].release(target)).done(
        functools.partial(migrated, **options), as_json=as_json
    )


@columns.command()
@files
@click.option("--from", "origin", metavar="S", required=True, help="The code system of the codes.")
@click.option("--to", "target", metavar="T", required=True, help="The code system to translate to.")
@code_option
@click.option("--on", metavar="COL|DATE", help="A column of days or a day: whose edition of T.  [default: the newest]")
@click.option("--crosswalk", metavar="NAME", multiple=True, help="The crosswalk to use; may be repeated.")
@policy_option
@explode_option
@billable_option
@click.option("--corrected", is_flag=True, help="Answer by what a later version of the map corrected.")
@date_format_option
@on_a_store
def translate(
    *,
    source: Path,
    output: Path,
    origin: str,
    target: str,
    code: str | None,
    on: str | None,
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

    \b
    Example: terminology columns translate old.csv new.csv --from icd9cm --to icd10cm --code dx
    """
    from ..columns import opened_table
    from ..columns.translations import translate as translated

    opened = open_store(store)
    table = opened_table(source)
    roles = found_roles(table, code, on, opened.get(origin), day_format)
    options: dict[str, Any] = {
        "source": origin,
        "target": target,
        "on": on,
        "crosswalk": crosswalk or None,
        "policy": policy,
    }
    options |= {"explode": explode, "billable": billable, "corrected": corrected}
    options |= {"store": opened, "day_format": roles.day_form}
    return Job(table, roles, output, "outcome").done(functools.partial(translated, **options), as_json=as_json)


@columns.command()
@source
@click.argument("output", metavar="[OUT]", type=OutputFile(), required=False)
@click.option(
    "--system",
    metavar="S",
    help="The code system, or the column that names it for each row.  [default: found by such a column, or by the codes]",
)
@code_option
@on_option
@click.option("--known", metavar="V", help="Version or date: only releases up to it count.  [default: all]")
@click.option(
    "--release", metavar="R", default="latest", help="The release whose effect is shown.  [default: the newest]"
)
@date_format_option
@html_option
@on_a_store
def profile(
    *,
    source: Path,
    output: Path | None,
    system: str | None,
    code: str | None,
    on: str | None,
    known: str | None,
    release: str,
    day_format: str | None,
    html_file: Path | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Say what is in a column of codes, what is wrong with it, and what to do.

    IN is a table of any form, or a folder of Parquet files. To OUT, CSV or Parquet or Arrow by the end of its name, goes a row for each text that needs something: what is wrong with it, what to do, and the code to take. --html writes all of it as one page with pictures.

    \b
    Example: terminology columns profile claims.parquet --code dx --on dos --html report.html
    """
    from .column_profile import profiled

    options = {"code": code, "on": on, "system": system, "known": known, "release": release, "day_format": day_format}
    return profiled(source, (output, html_file), options, open_store(store), as_json=as_json)


@columns.command()
@files
@click.option("--person", metavar="COL", required=True, help="The column of persons, or of stays.")
@code_option
@click.option("--on", metavar="COL|DATE", required=True, help="The column of days, or a day.")
@click.option("--poa", metavar="COL", help="The column of present-on-admission indicators.")
@click.option(
    "--index",
    type=click.Choice(["elixhauser", "charlson"]),
    default="elixhauser",
    help="Which comorbidities.  [default: elixhauser]",
)
@click.option("--version", metavar="V", help="A version that judges all days.  [default: that of each day]")
@click.option("--system", metavar="S", help="The code system.  [default: ICD-9-CM or ICD-10-CM, by the day]")
@date_format_option
@on_a_store
def comorbidities(
    *,
    source: Path,
    output: Path,
    person: str,
    code: str | None,
    on: str,
    poa: str | None,
    index: str,
    version: str | None,
    system: str | None,
    day_format: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Write a file with the comorbidities of each person.

    IN has a row for each code of a person. OUT has a row for each person: a column for each comorbidity, scores, and how many codes were judged. Leave principal diagnoses out. Without --poa what depends on it is empty.

    \b
    Example: terminology columns comorbidities claims.parquet out.parquet --person member --code dx --on dos
    """
    from .column_comorbidities import judged

    named = {"person": person, "code": code, "on": on, "poa": poa}
    options = {"index": index, "version": version, "system": system, "day_format": day_format}
    return judged(source, output, named, options, open_store(store), as_json=as_json)
