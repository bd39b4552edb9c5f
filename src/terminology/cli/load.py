"""The command load, and how the report of a load is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..systems import names_of, plain_name
from .drawing import print_table, progress_bar
from .options import on_a_store
from .output import accepted_lines, counted
from .printing import echo, echo_json, style
from .running import BAD_INPUT, FINE

if TYPE_CHECKING:
    from ..ingest import Loaded, LoadReport

SHOWN_WARNINGS = 3


@click.command()
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
@click.option("--verbose", is_flag=True, help="List every file that was skipped, and every warning.")
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

    \b
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
        _print_report(report, dry_run=dry_run, verbose=verbose)
    return FINE if report.ok and not report.is_empty else BAD_INPUT


def _loader_name(system: str) -> str:
    """Return the short name of the code system that is known by any of its names; else the text itself."""
    from ..registry import loaders

    name = plain_name(system)
    return next((short for short, loader in loaders().items() if name in names_of(loader.definition)), system)


def _print_report(report: LoadReport, *, dry_run: bool, verbose: bool) -> None:
    if report.loaded:
        rows = [
            [
                item.release.system,
                item.release.version,
                item.release.effective,
                item.release.concepts,
                item.release.billable,
                ", ".join([_state(item), *(["derived"] if item.release.derived else [])]),
            ]
            for item in report.loaded
        ]
        print_table(["system", "version", "effective", "concepts", "billable", "note"], rows)
    for line in _remarks(report, verbose=verbose):
        echo(line)
    _print_crosswalks(report)
    what, items = (
        ("release", report.loaded) if report.loaded or not report.crosswalks else ("crosswalk", report.crosswalks)
    )
    fresh = sum(not item.already for item in items)
    words = ["would be loaded (dry run)" if dry_run else "loaded", f"{len(items) - fresh} already there"]
    if report.errors:
        words.append(counted(len(report.errors), "error"))
    if report.kept and not (report.loaded or report.crosswalks):
        words.append(f"{counted(report.kept, 'file')} kept until what it belongs to is loaded")
    if report.is_empty:
        words.append("nothing recognised")
    echo(f"{counted(fresh, what)} {', '.join(words)}")


def _state(item: Loaded) -> str:
    return "already loaded" if item.already else "changed" if item.changed else "new"


def _print_crosswalks(report: LoadReport) -> None:
    if not report.crosswalks:
        return
    found = [item.crosswalk for item in report.crosswalks]
    notes = ["already loaded" if item.already else "new" for item in report.crosswalks]
    print_table(
        ["crosswalk", "version", "from", "to", "mappings", "note"],
        [
            [c.names[-1], c.version, c.source_system, c.target_system, c.mappings, note]
            for c, note in zip(found, notes, strict=True)
        ],
    )


def _remarks(report: LoadReport, *, verbose: bool) -> Iterator[str]:
    for item in report.loaded:
        name = f"{item.release.system} {item.release.version}"
        yield from (f"{style('changed', fg='yellow')} {name}: {what}" for what in item.replaced)
        yield from accepted_lines(name, item.release.faults)
        for warning in item.release.warnings:
            yield f"{style('warning', fg='yellow')} {name}: {warning}"
    for found in (item.crosswalk for item in report.crosswalks):
        yield from accepted_lines(found.label, found.faults)
        shown = found.warnings if verbose else found.warnings[:SHOWN_WARNINGS]
        yield from (f"{style('warning', fg='yellow')} {found.label}: {warning}" for warning in shown)
        if len(shown) < len(found.warnings):
            yield f"{style('warning', fg='yellow')} {found.label}: {len(found.warnings) - len(shown)} more (--verbose)"
    for gap in report.gaps:
        yield f"{style('gap', fg='magenta')} {gap.system}, from {gap.after} to {gap.before}: {gap.reason}"
    for error in report.errors:
        yield f"{style('rejected', fg='red')} {error}"
    if verbose:
        yield from (f"skipped {skip.path}: {skip.reason}" for skip in report.skipped)
        return
    for reason, count in Counter(skip.reason for skip in report.skipped).most_common():
        yield f"skipped {counted(count, 'file')}: {reason}"
