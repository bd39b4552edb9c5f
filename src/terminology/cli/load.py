"""The command load."""

from __future__ import annotations

from pathlib import Path

import click

from ..store import default_path
from ..systems import names_of, plain_name
from .drawing import progress_bar
from .loaded import expected, print_report
from .options import on_a_store
from .printing import echo, echo_json, style
from .running import BAD_INPUT, FINE
from .sections import command


@command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--system",
    metavar="S",
    help="Ask only the loader of this code system; or name the system of a plain list of codes.",
)
@click.option("--version", metavar="V", help="Version label; overrides all evidence in the files.")
@click.option("--effective", metavar="DATE", help="First day in force; overrides all evidence in the files.")
@click.option("--dry-run", is_flag=True, help="Read, check and report; leave the store as it is.")
@click.option(
    "--limit",
    "limits",
    metavar="NAME=N",
    multiple=True,
    help="Take more, or less, than by default: bytes of a file, members, memory, seconds …; see the documentation.",
)
@click.option(
    "--accept-faults",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="Go on without up to N lines of a file that cannot be read; the release keeps the list of them.",
)
@click.option("--verbose", is_flag=True, help="List every release, crosswalk, warning and skipped file.")
@on_a_store
def load(
    *,
    paths: tuple[Path, ...],
    system: str | None,
    version: str | None,
    effective: str | None,
    dry_run: bool,
    limits: tuple[str, ...],
    accept_faults: int,
    verbose: bool,
    store: Path | None,
    as_json: bool,
) -> int:
    """Load release files.

    PATH is a file, a zip archive (nested too) or a folder; what is in it is recognised by its content. A faulty release is rejected whole and the others are kept; then the exit code is 2, as where nothing is recognised. What the store
    holds already stays as it is.

    Example: terminology load Downloads/icd10cm-CodesDescriptions-2024.zip
    """
    from .. import ingest
    from ..reading import limits_from

    try:
        allowed = limits_from(limits)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--limit") from None
    with progress_bar() as step:
        report = ingest.load(
            *paths,
            store=store,
            system=_loader_name(system) if system else None,
            version=version,
            effective=effective,
            dry_run=dry_run,
            progress=step,
            limits=allowed,
            accept_faults=accept_faults,
        )
    if as_json:
        echo_json(report.to_dict())
    else:
        print_report(report, store or default_path(), dry_run=dry_run, verbose=verbose)
        if report.is_empty:
            echo(f"{style('error:', fg='red')} {expected(report)}", err=True)
    return FINE if report.ok and not report.is_empty else BAD_INPUT


def _loader_name(system: str) -> str:
    """Return the short name of the code system that is known by any of its names; else the text itself."""
    from ..registry import loaders

    name = plain_name(system)
    return next((short for short, loader in loaders().items() if name in names_of(loader.definition)), system)
