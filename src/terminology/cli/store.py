"""Commands about the store: load, releases, verify, withdraw, rollback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..errors import UnknownReleaseError
from ..licences import declared_licences
from ..model import Release
from ..query import CodeSystem, open_store
from ..systems import names_of, plain_name
from ..wire import sent_crosswalk
from .drawing import print_table, progress_bar
from .options import on_a_store
from .output import counted, say
from .printing import echo, echo_json, style
from .running import BAD_INPUT, DAMAGED, FINE

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
            [c.name, c.version, c.source_system, c.target_system, c.mappings, note]
            for c, note in zip(found, notes, strict=True)
        ],
    )


def _remarks(report: LoadReport, *, verbose: bool) -> Iterator[str]:
    for item in report.loaded:
        name = f"{item.release.system} {item.release.version}"
        yield from (f"{style('changed', fg='yellow')} {name}: {what}" for what in item.replaced)
        for warning in item.release.warnings:
            yield f"{style('warning', fg='yellow')} {name}: {warning}"
    for found in (item.crosswalk for item in report.crosswalks):
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


@click.command()
@click.argument("system", required=False)
@on_a_store
def releases(*, system: str | None, store: Path | None, as_json: bool) -> int:
    """List the loaded releases, or those of one system."""
    opened = open_store(store)
    chosen = [opened[system]] if system else list(opened.values())
    listed = [release for code_system in chosen for release in code_system.releases]
    if as_json:
        say([release.to_dict() for release in listed], list, as_json=True)
        return FINE
    print_table(
        ["system", "version", "effective", "concepts", "billable", "files", "note"],
        [
            [r.system, r.version, r.effective, r.concepts, r.billable, len(r.sources), ", ".join(_release_notes(r))]
            for r in listed
        ],
    )
    for release in listed:
        for gap in release.gaps:
            echo(f"{style('gap', fg='magenta')} {gap.system}, from {gap.after} to {gap.before}: {gap.reason}")
    return FINE


def _release_notes(release: Release) -> Iterator[str]:
    if release.derived:
        yield "derived"
    if release.warnings:
        yield counted(len(release.warnings), "warning")


@click.command()
@on_a_store
def verify(*, store: Path | None, as_json: bool) -> int:
    """Check the store byte by byte.

    Every file in force is compared with its checksum, and every reference to rows and texts is checked. Exit code 3
    where the store is damaged.
    """
    from ..store import StoreFolder, default_path
    from ..store.verify import verify as findings_of

    folder = StoreFolder(store or default_path())
    checked = 0
    with progress_bar() as step:

        def count(name: str) -> None:
            nonlocal checked
            checked += 1
            step("verify", name)

        findings = findings_of(folder, count)
    values = {"store": str(folder.path), "checked": checked, "findings": [asdict(finding) for finding in findings]}
    sound = f"{folder.path}: sound ({checked} compiled files, releases and parts checked)"
    say(
        values,
        lambda: [f"{style('damaged', fg='red')} {f.file}: {f.message}" for f in findings] or [sound],
        as_json=as_json,
    )
    return DAMAGED if findings else FINE


@click.command()
@click.argument("system")
@click.argument("version")
@on_a_store
def withdraw(*, system: str, version: str, store: Path | None, as_json: bool) -> int:
    """Take a release, or a crosswalk, out again.

    SYSTEM is a code system, or the name of a crosswalk. What was derived from its files goes with it, or is rebuilt without them. They can be loaded again at any time.
    """
    from .. import ingest

    opened = open_store(store)
    if system not in opened and any(crosswalk.name == system for crosswalk in opened.crosswalks):
        return _withdraw_crosswalk(system, version, store, as_json=as_json)
    code_system = opened[system]
    with progress_bar() as step:
        gone = ingest.withdraw(code_system.name, _label(code_system, version), store=store, progress=step)
    left = open_store(store)
    kept = {release.version for release in left[gone.system].releases} if gone.system in left else set()
    with_it = [release for release in code_system.releases if release.version not in {*kept, gone.version}]
    say(
        {"withdrawn": gone.to_dict(), "with_it": [release.to_dict() for release in with_it]},
        lambda: [
            f"{gone.system} {gone.version}, effective {gone.effective}, withdrawn ({gone.concepts:,} concepts)",
            *(f"{other.system} {other.version}, derived from its files, went with it" for other in with_it),
        ],
        as_json=as_json,
    )
    return FINE


def _withdraw_crosswalk(name: str, version: str, store: Path | None, *, as_json: bool) -> int:
    from .. import ingest

    licences = declared_licences()
    with progress_bar() as step:
        gone = ingest.withdraw_crosswalk(name, version, store=store, progress=step)
    say(
        {"withdrawn": [sent_crosswalk(crosswalk, licences).to_dict() for crosswalk in gone]},
        lambda: [
            f"{one.label}, {one.source_system} to {one.target_system}, withdrawn ({one.mappings:,} mappings)"
            for one in gone
        ],
        as_json=as_json,
    )
    return FINE


@click.command()
@on_a_store
def rollback(*, store: Path | None, as_json: bool) -> int:
    """Go back to what was published before.

    What the last load, update or withdrawal published is replaced by the state before it. A second rollback undoes the first.
    """
    from .. import ingest

    restored = ingest.rollback(store)
    releases = {name: [item.release.version for item in held.releases] for name, held in restored.systems.items()}
    values = {"generation": restored.generation, "releases": releases}
    say(
        values,
        lambda: [
            f"the former state is in force again, as generation {restored.generation}",
            *(f"  {name}: {', '.join(versions)}" for name, versions in sorted(releases.items())),
        ],
        as_json=as_json,
    )
    return FINE


def _label(code_system: CodeSystem, version: str) -> str:
    """Return the label of the release that is named by label, by effective day, or as the latest.

    Raises:
        UnknownReleaseError: There is none.
    """
    if any(release.version == version for release in code_system.releases):
        return version
    release = code_system.release(version).release
    if release is None:
        raise UnknownReleaseError(f"no release {version!r} of {code_system.name}")
    return release.version
