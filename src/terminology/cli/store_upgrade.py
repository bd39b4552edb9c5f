"""The commands store info and store upgrade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..counts import counted
from .drawing import progress_bar
from .options import on_a_store
from .output import say
from .printing import style
from .running import FINE
from .sections import SectionedGroup

if TYPE_CHECKING:
    from ..ingest import EarlierReading, StoreDescription, UpgradeReport

SHOWN_FILES: Final = 8
"""Files to load again that are named of one system."""


@click.group(cls=SectionedGroup)
def store() -> None:
    """Say what a store is, and bring it to the format of this version."""


@store.command()
@on_a_store
def info(*, store: Path | None, as_json: bool) -> int:
    """Show path, format, generation and sizes of the store.

    A store of any format is described, also one that this version cannot read; then it is said what to run.

    Example: terminology store info
    """
    from ..ingest import described

    found = described(store)
    say(found.to_dict(), lambda: _info_lines(found), as_json=as_json)
    return FINE


def _info_lines(found: StoreDescription) -> Iterator[str]:
    writer = f", written by terminology-server {found.written_by}" if found.written_by else ""
    yield found.store
    yield f"  format      {found.format} (this version reads {found.format_of_program}){writer}"
    if found.generation is not None:
        yield f"  generation  {found.generation}"
    if found.releases is not None and found.crosswalks is not None:
        yield f"  holds       {counted(found.releases, 'release')}, {counted(found.crosswalks, 'crosswalk')}"
    sizes = found.sizes
    yield (
        f"  bytes       {sizes.total:,}: query files {sizes.compiled:,}, releases {sizes.releases:,}, "
        f"crosswalks {sizes.crosswalks:,}, parsed files {sizes.parts:,}"
    )
    if found.problem:
        yield f"{style('problem', fg='red')} {found.problem}"
    yield from _load_again(found.load_again)


@store.command()
@click.option("--dry-run", is_flag=True, help="Compile into a temporary folder, and leave the store as it is.")
@on_a_store
def upgrade(*, dry_run: bool, store: Path | None, as_json: bool) -> int:
    """Bring the store to the format of this version.

    The query files are rebuilt from the archive in the store: no release file is needed, and every answer stays. The store is published once, at the end. Files that this version would read better are named, to be loaded again.

    Example: terminology store upgrade --dry-run
    """
    from .. import ingest

    with progress_bar() as step:
        report = ingest.upgrade(store, dry_run=dry_run, progress=step)
    say({**report.to_dict(), "dry_run": dry_run}, lambda: _upgrade_lines(report, is_dry_run=dry_run), as_json=as_json)
    return FINE


def _upgrade_lines(report: UpgradeReport, *, is_dry_run: bool) -> Iterator[str]:
    if not report.is_needed:
        yield f"{report.store}: format {report.format}, as this version writes it; nothing to upgrade"
    else:
        formats = (
            f"format {report.format}"
            if report.format_before == report.format
            else f"from format {report.format_before} to {report.format}"
        )
        done = "would be upgraded" if is_dry_run else "upgraded"
        counts = ((len(report.systems), "code system"), (len(report.crosswalks), "crosswalk"))
        rebuilt = " and ".join(counted(number, noun) for number, noun in counts if number)
        yield f"{report.store}: {done}, {formats}{f'; query files of {rebuilt} rebuilt' if rebuilt else ''}"
        if is_dry_run:
            yield "dry run: the store is as it was"
    yield from _load_again(report.load_again)


def _load_again(files: Sequence[EarlierReading]) -> Iterator[str]:
    """Yield which files a later loader reads in another way, by code system or crosswalk."""
    for of, group in groupby(files, lambda one: one.of):
        listed = list(group)
        versions = ", ".join(sorted({version for one in listed for version in one.versions})) or "no release"
        named = ", ".join(dict.fromkeys(one.file for one in listed[:SHOWN_FILES]))
        more = f" and {len(listed) - SHOWN_FILES:,} more" if len(listed) > SHOWN_FILES else ""
        yield f"{style('load again', fg='yellow')} {of} {versions}, together: {named}{more}"
    if files:
        yield style(
            "an earlier version read these files; they answer as they did, and the next load of their system needs them",
            dim=True,
        )
