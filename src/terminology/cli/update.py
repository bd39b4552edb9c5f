"""The command update: the unattended job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from attrs import evolve

from ..counts import counted
from .diff import COLUMNS
from .drawing import measured_progress
from .options import json_option
from .output import rejected_lines
from .printing import echo, echo_json, style
from .running import FINE, ended_in_order
from .sections import command

if TYPE_CHECKING:
    from ..update import UpdateReport
    from ..update.download import Progress
    from ..update.report import Check

FIRST: Final = "update.toml"
"""The configuration that is written where none is named."""
ENDINGS: Final = {"published": "green", "unchanged": "green", "dry run": "cyan", "held back": "yellow", "failed": "red"}


@command()
@click.argument(
    "configuration", metavar="[CONFIG.toml]", required=False, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option(
    "--init", "begin", is_flag=True, help=f"Write a configuration to begin with, and end.  [default: {FIRST}]"
)
@click.option("--dry-run", is_flag=True, help="Do everything but publish; leave the store as it is.")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the store.  [default: the store of CONFIG.toml]",
)
@json_option
def update(*, configuration: Path | None, begin: bool, dry_run: bool, store: Path | None, as_json: bool) -> int:
    """Fetch, load, verify, report and publish, unattended.

    CONFIG.toml says what to fetch, and where store and reports are. Readers see nothing of the update until all is checked; a run that was killed is finished by the next. Exit code 1 where a check blocks the
    publication, 2 where files could not be fetched, were rejected, or not read.

    Example: terminology update --init update.toml
    Example: terminology update update.toml
    """
    if begin:
        return _begin(configuration or Path(FIRST), as_json=as_json)
    if configuration is None:
        raise click.UsageError(
            f"Missing argument 'CONFIG.toml': terminology update --init writes {FIRST} to begin with"
        )
    from ..update import Configuration
    from ..update import update as run

    with ended_in_order(), measured_progress() as step:
        settings = Configuration.read(configuration)
        report = run(evolve(settings, store=store or settings.store), dry_run=dry_run, progress=_with_retries(step))
    if as_json:
        echo_json(report.to_dict())
    else:
        for line in _lines(report):
            echo(line)
    return report.exit_code


def _with_retries(step: Progress) -> Progress:
    """Return the progress with a line on standard error for each try again: nobody waits without knowing for what."""
    from ..update.download import RETRY

    def stepped(stage: str, subject: str, done: int, total: int | None) -> None:
        if stage == RETRY:
            echo(f"{style(stage, fg='yellow')} {subject} (try {done} of {total})", err=True)
        else:
            step(stage, subject, done, total)

    return stepped


def _begin(path: Path, *, as_json: bool) -> int:
    """Write the configuration that comes with the package; return the exit code.

    Raises:
        click.UsageError: There is a file already.
    """
    from ..update import ready_configuration

    try:
        with path.open("xb") as file:
            file.write(ready_configuration().read_bytes())
    except FileExistsError:
        raise click.UsageError(f"{path} exists, and is left as it is: name another file for --init") from None
    if as_json:
        echo_json({"written": str(path)})
    else:
        echo(f"written: {path}, for the files of CMS and CDC")
        echo(f"Read it, change its folders, and run: terminology update {path}")
    return FINE


def _lines(report: UpdateReport) -> Iterator[str]:
    for source, error in report.fetched.errors:
        said = str(error)
        subject = "" if said.startswith(source.label) else f"{source.label}: "
        yield f"{style('not fetched', fg='red')} {subject}{said}"
    for source, _ in report.fetched.pending:
        yield f"not published yet: {source.label}"
    loaded = report.loaded
    yield from rejected_lines(loaded.errors if loaded else (), "accept_faults = {} in the configuration")
    for item in loaded.loaded if loaded else ():
        if not item.already:
            release = item.release
            state = "changed" if item.changed else "new"
            yield f"{state} release {release.system} {release.version}, effective {release.effective}, {counted(release.concepts, 'code')}"
    fresh = sum(not item.already for item in loaded.crosswalks) if loaded else 0
    if fresh:
        yield f"{counted(fresh, 'new crosswalk')}"
    for check in report.checks:
        yield f"{check.what} of {check.system} {check.version}: {_state(check)}{_first(check.remarks)}"
    for comparison in report.comparisons:
        said = ", ".join(f"{count:,} {COLUMNS[name]}" for name, count in comparison.counts.items() if count)
        yield f"{comparison.system} {comparison.before} to {comparison.after}: {said or 'no code changed'}"
    for impact in report.impacts:
        said = impact.problem or ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in impact.counts.items() if n)
        yield f"list {impact.name}: {said or 'not affected'}"
    yield from report.remarks
    number = len(report.fetched.errors) + (len(loaded.errors) if loaded else 0)
    colour = "red" if number else ENDINGS[str(report.ending)]
    errors = f", with {counted(number, 'error')}" if number else ""
    yield f"{style(str(report.ending), fg=colour)}{errors}: {_ending(report)}"


def _state(check: Check) -> str:
    colours = {"failed": "red", "reported": "yellow", "agrees": "green"}
    return style(check.result, fg=colours[check.result])


def _first(remarks: tuple[str, ...]) -> str:
    if not remarks:
        return ""
    return f" ({remarks[0]}{f'; {len(remarks) - 1} more' if len(remarks) > 1 else ''})"


def _ending(report: UpdateReport) -> str:
    generation = report.generation if report.generation is not None else "none"
    report_folder = f", report {report.folder}" if report.folder else ""
    kept = "nothing was published; " if str(report.ending) == "failed" else ""
    return f"{kept}the store is at generation {generation}{report_folder}"
