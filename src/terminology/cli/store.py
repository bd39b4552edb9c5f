"""Commands about the store: releases, verify, withdraw, rollback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..counts import counted
from ..errors import UnknownCrosswalkError, UnknownReleaseError, suggestion
from ..licences import declared_licences
from ..model import Release
from ..query import CodeSystem, Edition
from ..wire import sent_crosswalk, sent_release
from . import completion
from .drawing import print_table, progress_bar
from .options import on_a_store, open_store, system_argument
from .output import accepted_lines, gap_lines, say
from .printing import echo, style
from .running import DAMAGED, FINE
from .sections import command

if TYPE_CHECKING:
    from ..model import Fault


@command()
@click.argument("system", required=False, shell_complete=completion.systems)
@click.argument("version", required=False, shell_complete=completion.versions)
@click.option("--verbose", is_flag=True, help="Show files and warnings of each release too.")
@on_a_store
def releases(*, system: str | None, version: str | None, verbose: bool, store: Path | None, as_json: bool) -> int:
    """List the loaded releases, those of one system, or one with its files and warnings.

    Example: terminology releases icd10cm 2022
    """
    opened = open_store(store)
    chosen = [opened[system]] if system else [*opened.values(), *map(opened.__getitem__, opened.documents)]
    listed = [sent_release(release, code_system.licences) for code_system in chosen for release in code_system.releases]
    if version:
        label = _label(chosen[0], version)
        listed = [release for release in listed if release.version == label]
    if as_json:
        say([release.to_dict() for release in listed], list, as_json=True)
        return FINE
    print_table(
        ["system", "version", "effective", "concepts", "billable", "files", "note"],
        [
            [r.system, r.version, r.effective, r.concepts, r.billable, len(r.sources), ", ".join(_release_notes(r))]
            for r in listed
        ],
        spare=("files", "billable", "concepts"),
    )
    whole = verbose or version is not None
    for release in listed:
        name = f"{release.system} {release.version}"
        if whole:
            for line in _release_lines(release, name, opened[release.system].release(release.version)):
                echo(line)
        for line in accepted_lines(name, release.faults):
            echo(line)
        for line in gap_lines(release.gaps):
            echo(line)
    if not whole and any(release.warnings for release in listed):
        echo(style("warnings: terminology releases SYSTEM VERSION shows them, --verbose those of all", dim=True))
    return FINE


def _release_lines(release: Release, name: str, edition: Edition) -> Iterator[str]:
    yield from (f"file {name}: {source.file}  {source.sha256}" for source in release.sources)
    yield from (f"{style('warning', fg='yellow')} {name}: {warning}" for warning in release.warnings)
    # of a system without chapters the roots are codes
    if any(edition.node(root).derived for root in edition.roots() if edition.node(root).kind == "chapter"):
        yield f"note {name}: chapters and sections are those of another release, marked derived"


def _release_notes(release: Release) -> Iterator[str]:
    if release.derived:
        yield "derived"
    if release.faults:
        yield f"{counted(len(release.faults), 'error')} accepted"
    if release.warnings:
        yield counted(len(release.warnings), "warning")


@command()
@on_a_store
def verify(*, store: Path | None, as_json: bool) -> int:
    """Check the store byte by byte.

    Every file in force is compared with its checksum, and every reference to rows and texts is checked. Exit code 3
    where the store is damaged.

    Example: terminology verify
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
    accepted = _lacking(folder.path) if not findings else []
    values = {"store": str(folder.path), "checked": checked, "findings": [asdict(finding) for finding in findings]}
    if accepted:
        values["faults"] = [{"of": name, **fault.to_dict()} for name, faults in accepted for fault in faults]
    sound = f"{folder.path}: sound ({checked} compiled files, releases and parts checked)"
    lacking = [line for name, faults in accepted for line in accepted_lines(name, faults)]
    say(
        values,
        lambda: [f"{style('damaged', fg='red')} {f.file}: {f.message}" for f in findings] or [*lacking, sound],
        as_json=as_json,
    )
    return DAMAGED if findings else FINE


def _lacking(store: Path) -> list[tuple[str, tuple[Fault, ...]]]:
    """Return the releases and crosswalks of a store that lack lines, by name."""
    opened = open_store(store)
    sent = [sent_release(release, opened.licences) for system in opened.values() for release in system.releases]
    maps = [sent_crosswalk(crosswalk, opened.licences) for crosswalk in opened.crosswalks]
    named = [(f"{release.system} {release.version}", release.faults) for release in sent]
    named += [(crosswalk.label, crosswalk.faults) for crosswalk in maps]
    return [(name, faults) for name, faults in named if faults]


@command()
@system_argument
@click.argument("version", shell_complete=completion.versions)
@on_a_store
def withdraw(*, system: str, version: str, store: Path | None, as_json: bool) -> int:
    """Take a release, or a crosswalk, out again.

    SYSTEM is a code system, or the name of a crosswalk. What was derived from its files goes with it, or is rebuilt without them. They can be loaded again at any time.

    Example: terminology withdraw icd10cm 2022-04
    """
    from .. import ingest
    from ..store import StoreFolder, default_path

    # a store in an object store is not opened for a command that cannot write it
    StoreFolder(store or default_path())
    opened = open_store(store)
    if system not in opened:
        names = {name for crosswalk in opened.crosswalks for name in crosswalk.names}
        if system in names:
            return _withdraw_crosswalk(system, version, store, as_json=as_json)
        if meant := suggestion(system, names):
            maps = ", ".join(sorted({crosswalk.name for crosswalk in opened.crosswalks}))
            raise UnknownCrosswalkError(f"no code system and no crosswalk {system!r} (crosswalks: {maps}){meant}")
    code_system = opened[system]
    with progress_bar() as step:
        gone = ingest.withdraw(code_system.name, _label(code_system, version), store=store, progress=step)
    left = open_store(store)
    kept = {release.version for release in left[gone.system].releases} if gone.system in left else set()
    with_it = [release for release in code_system.releases if release.version not in {*kept, gone.version}]
    say(
        {"withdrawn": gone.to_dict(), "with_it": [release.to_dict() for release in with_it]},
        lambda: [
            f"{gone.system} {gone.version}, effective {gone.effective}, withdrawn ({counted(gone.concepts, 'concept')})",
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
            f"{one.label}, {one.source_system} to {one.target_system}, withdrawn ({counted(one.mappings, 'mapping')})"
            for one in gone
        ],
        as_json=as_json,
    )
    return FINE


@command()
@on_a_store
def rollback(*, store: Path | None, as_json: bool) -> int:
    """Go back to what was published before.

    What the last load, update or withdrawal published is replaced by the state before it. A second rollback undoes the first.

    Example: terminology rollback
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
