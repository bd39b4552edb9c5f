"""Load: gather the parts, assemble releases, commit the good ones, publish all at once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from attrs import evolve

from ..drafts import CrosswalkReader, Loader, Part
from ..licences import declared_licences, outgoing_error, unquoted
from ..model import Gap, Origin
from ..periods import DateLike, day_from
from ..reading import Budget, Limits
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import StoreFolder, default_path
from ..store.archive import PartLists, StoredTables, part_folder, write_part
from ..wire import sent_crosswalk, sent_release
from .context import QUIET, Load, Progress, Request, asked_readers, no_loader
from .crosswalks import SettledCrosswalks
from .gather import Gathered, Gatherer
from .incoming import incoming, lacks, moved, temporary_store
from .publication import LoadResult, Revisions, compiled, publish
from .report import Loaded, LoadedCrosswalk, LoadReport, Skip, replacements
from .settlement import SettledReleases


def load(
    *paths: str | os.PathLike[str],
    store: str | os.PathLike[str] | None = None,
    system: str | None = None,
    version: str | None = None,
    effective: DateLike | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
    accept_faults: int = 0,
    loaders: Mapping[str, Loader] | None = None,
    crosswalks: Mapping[str, CrosswalkReader] | None = None,
) -> LoadReport:
    """Return what was loaded, skipped and rejected; the store is published once, at the end.

    A release is committed whole or not at all; a faulty one does not keep the others from being committed.
    Nothing is published where nothing changed. Two loads at the same time read side by side, and commit in turn.

    Args:
        paths: Files, archives (zip or gzipped tar, nested too) or folders; sniffed by content.
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        system: Short name of the code system, where only its loader shall be asked; of a system without a
            loader of its own, the name that lists of codes are loaded under.
        version: Version label that overrides what the files say.
        effective: Effective day that overrides what the files say.
        dry_run: Read, check and report, and leave the store as it is.
        progress: Called with the stage and what is being worked on.
        limits: How much the load may read, unpack and take in memory.
        accept_faults: How many lines of a file that cannot be read it may lack; they are kept in `Release.faults`.
            By default a file with one such line is rejected.
        loaders: By short name; by default all that are installed.
        crosswalks: Readers of crosswalks by name; by default all that are installed, where ``loaders`` is not given.

    Raises:
        FileNotFoundError: A path does not exist.
        UnknownSystemError: No loader is installed for ``system``.
        NotAStoreError: The folder holds other files and is no store.
        StoreError: The store cannot be written.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    installed = loaders if loaders is not None else installed_loaders()
    if crosswalks is None:
        crosswalks = crosswalk_readers() if loaders is None else {}
    chosen, asked = asked_readers(installed, crosswalks, system)
    day = day_from(effective) if effective is not None else None
    paths_asked = [Path(path) for path in paths]
    only = None if system in chosen or system in asked else system
    for path in paths_asked:
        # before a store is made for it
        if not path.exists():
            raise FileNotFoundError(f"no such file or folder: {path}")
    folder.check_writable()
    with contextlib.ExitStack() as stack:
        staging = stack.enter_context(temporary_store() if dry_run else incoming(folder))
        job = Load.begun(folder, staging, {**installed, **chosen}, crosswalks, progress or QUIET)
        request = Request(paths_asked, version, day, only, chosen, asked, accept_faults)
        budget = Budget(limits or Limits())
        found = gathered(job, request, budget)
        if only and not found.is_recognised:
            # a misspelt name must not become a custom code system
            raise no_loader(only, installed, _no_list(found.skipped))
        if dry_run:
            return settled(job, found).report
        stack.enter_context(folder.lock())
        job, found = locked(job, [request], found, budget)
        result = settled(job, found)
        publish(job, compiled(job, result))
        return result.report


def _no_list(skipped: Sequence[Skip]) -> str:
    """Return that none of the files is a list of codes, with the first of them, its fault, and what is expected."""
    first = [f"{skip.name} is no list of codes ({skip.reason})" for skip in skipped[:1]]
    more = [f"nor is any other of the {len(skipped):,} files"] if len(skipped) > 1 else []
    return (
        f"and {', '.join([*first, *more]) or 'there is no file'}: expected delimited text (a sheet of a workbook is saved "
        "as CSV), or Parquet, with the columns code and title, and --effective for its first day"
    )


def locked(job: Load, requests: Sequence[Request], found: Gathered, budget: Budget) -> tuple[Load, Gathered]:
    """Return the load over what the store holds now that its lock is held, and what was found, moved into it.

    Where another process has withdrawn meanwhile what was not read because the store held it, everything is read again.
    """
    fresh = Load.begun(job.folder, job.folder, job.loaders, job.readers, job.progress)
    if not lacks(fresh.held, found, job.staging):
        return fresh, moved(found, job.staging, job.folder)
    again = Gathered()
    for request in requests:
        again.add(gathered(fresh, request, Budget(budget.limits)))
    return fresh, again


def gathered(job: Load, request: Request, budget: Budget) -> Gathered:
    """Return the parts that a request names, their tables spilled to the folder of the load."""
    held: dict[Origin, list[tuple[str | None, Part]]] = {}
    for system, part in job.held:
        if (system is None or request.only in (None, system)) and not job.is_outdated(system, part):
            held.setdefault(part.origin, []).append((system, part))

    def spill(system: str | None, part: Part) -> Part:
        part = evolve(part, format_number=job.format_number(system, part) or 0)
        write_part(job.staging, system, part)
        return evolve(part, tables=StoredTables(part_folder(job.staging, system, part)))

    gatherer = Gatherer(
        request.loaders,
        request.readers,
        held,
        spill,
        job.progress,
        budget,
        job.folder.path,
        request.effective,
        request.version,
        request.accept_faults,
    )
    return gatherer.gather(list(request.paths))


def settled(job: Load, found: Gathered, changed: Iterable[str] = ()) -> LoadResult:
    """Return the releases and crosswalks that the parts make, with everything built that was not there.

    Args:
        job: The load.
        found: What the paths of the load hold.
        changed: Further systems whose parts have changed.
    """
    parts = dict(job.held.systems)
    releases: dict[str, Revisions] = {
        name: [(item.release, item.digest) for item in entry.releases] for name, entry in job.catalog.systems.items()
    }
    loaded: list[Loaded] = []
    errors, skipped = list(found.errors), list(found.skipped)
    kept = sum(map(len, found.readers.values()))
    gaps: list[Gap] = []
    for system in sorted({*found.systems, *changed}):
        settlement = SettledReleases.of(job, system, found.systems.get(system, ()))
        errors += settlement.errors
        skipped += settlement.skipped
        gaps += settlement.assembly.gaps
        kept += len(settlement.given)
        parts[system] = settlement.parts
        releases[system] = settlement.releases
        loaded += _loaded(job, system, settlement)
    maps = SettledCrosswalks.of(job, found, PartLists(parts, job.held.readers), releases)
    report = LoadReport(
        tuple(loaded),
        # a file that no release uses may still have made a crosswalk
        _unquoted_skips((*(skip for skip in skipped if skip.path not in maps.taken), *maps.skipped), found.licensed),
        tuple(gaps),
        tuple(outgoing_error(one) if one.file in found.licensed else one for one in (*errors, *maps.errors)),
        _loaded_crosswalks(job, maps),
        kept,
    )
    held = PartLists(parts, {**job.held.readers, **maps.parts})
    return LoadResult(report, held, releases, maps.crosswalks)


def _unquoted_skips(skipped: Iterable[Skip], licensed: AbstractSet[str]) -> tuple[Skip, ...]:
    return tuple(evolve(one, reason=unquoted(one.reason)) if one.path in licensed else one for one in skipped)


def _loaded(job: Load, system: str, settlement: SettledReleases) -> Iterator[Loaded]:
    """Yield the releases that the files of this load belong to, and those that changed because of them."""
    entry = job.catalog.systems.get(system)
    before = {item.release.version: item for item in entry.releases} if entry else {}
    for (release, digest), draft in zip(settlement.releases, settlement.drafts, strict=True):
        former = before.get(release.version)
        already = former is not None and former.digest == digest
        if not already or any(part.identity in settlement.given for part in draft.parts):
            changed = former is not None and not already
            replaced = replacements(former.release, release) if former and changed else ()
            yield Loaded(sent_release(release, declared_licences()), already, changed=changed, replaced=replaced)


def _loaded_crosswalks(job: Load, settlement: SettledCrosswalks) -> tuple[LoadedCrosswalk, ...]:
    before = {item.digest for entry in job.catalog.maps for item in entry.crosswalks}
    return tuple(
        LoadedCrosswalk(sent_crosswalk(crosswalk, declared_licences()), digest in before)
        for crosswalk, digest in settlement.crosswalks
        if digest not in before or digest in settlement.given
    )
