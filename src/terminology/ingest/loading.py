"""Load: gather the parts, assemble releases, commit the good ones, publish all at once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from ..drafts import CrosswalkReader, Loader, Origin, Part
from ..errors import StoreDamagedError, TerminologyError
from ..model import Crosswalk, Gap, Release
from ..periods import DateLike, day_from
from ..reading import Budget, Limits
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import Catalog, MapEntry, StoreFolder, SystemEntry, default_path, read_catalog
from ..store.archive import StoredTables, read_parts_list, write_part, write_parts_list
from ..store.compiling import CrosswalkTables, ReleaseTables, compiled_map, compiled_system
from ..store.garbage import sweep
from ..store.pointer import EMPTY, pointer_digest, write_catalog
from ..systems import SystemDefinition
from .crosswalks import SettledCrosswalks
from .gather import Gathered, Gatherer, Progress, is_map_key, map_key
from .incoming import incoming, lacks, moved, temporary_store
from .report import Loaded, LoadedCrosswalk, LoadReport
from .request import Request, asked_readers, no_loader
from .settlement import SettledReleases, definition_of

ATTEMPTS: Final = 3


def load(
    *paths: str | os.PathLike[str],
    store: str | os.PathLike[str] | None = None,
    system: str | None = None,
    version: str | None = None,
    effective: DateLike | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
    loaders: Mapping[str, Loader] | None = None,
    crosswalks: Mapping[str, CrosswalkReader] | None = None,
) -> LoadReport:
    """Return what was loaded, skipped and refused; the store is published once, at the end.

    A release is committed whole or not at all; a faulty one does not keep the others from being committed.
    Nothing is published where nothing changed. Two loads at the same time read side by side, and commit in turn.

    Args:
        paths: Files, zip archives (nested too) or folders; sniffed by content.
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        system: Short name of the code system, where only its loader shall be asked; of a system without a
            loader of its own, the name that lists of codes are loaded under.
        version: Version label that wins over all evidence in the files.
        effective: Effective day that wins over all evidence in the files.
        dry_run: Read, check and report, and leave the store as it is.
        progress: Called with the stage and what is being worked on.
        limits: How much the load may read, unpack and take in memory.
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
        quiet: Progress = lambda _stage, _label: None  # noqa: E731 -- shorter than a function
        job = Load.begun(folder, staging, {**installed, **chosen}, crosswalks, progress or quiet)
        request = Request(paths_asked, version, day, only, chosen, asked)
        budget = Budget(limits or Limits())
        found = job.gather(request, budget)
        if only and not (found.parts or found.errors):
            # a misspelt name must not pass for a system of the user's own
            raise no_loader(only, installed, "and none of the files is a list of codes")
        if dry_run:
            return job.settle(found).report
        stack.enter_context(folder.lock())
        job, found = job.locked([request], found, budget)
        outcome = job.settle(found)
        job.publish(job.compiled(outcome))
        return outcome.report


Revisions = Sequence[tuple[Release, str]]
"""Releases of a system with their digests, in order."""


@frozen
class Outcome:
    """What a load comes to, before it is published."""

    report: LoadReport
    parts: Mapping[str, Sequence[Part]]
    releases: Mapping[str, Revisions]
    """By system."""
    crosswalks: Sequence[tuple[Crosswalk, str]]
    """With their digests."""


@frozen
class Load:
    """One load: what the store held when it began, and where its tables go."""

    folder: StoreFolder
    staging: StoreFolder
    loaders: Mapping[str, Loader]
    readers: Mapping[str, CrosswalkReader]
    progress: Progress
    catalog: Catalog
    held: Mapping[str, Mapping[str, Part]]
    """Parts in force, by system (or key of a crosswalk reader) and identity."""

    @classmethod
    def begun(
        cls,
        folder: StoreFolder,
        staging: StoreFolder,
        loaders: Mapping[str, Loader],
        readers: Mapping[str, CrosswalkReader],
        progress: Progress,
    ) -> Load:
        """Return a load over what the store holds now."""
        catalog, listed = _held(folder)
        held = {system: {part.identity: part for part in parts} for system, parts in listed.items()}
        return cls(folder, staging, loaders, readers, progress, catalog, held)

    def without(self, system: str, dropped: Iterable[str]) -> Load:
        """Return the load as if the store did not hold some parts of a system."""
        gone = set(dropped)
        kept = {identity: part for identity, part in self.held.get(system, {}).items() if identity not in gone}
        return evolve(self, held={**self.held, system: kept})

    def locked(self, requests: Sequence[Request], found: Gathered, budget: Budget) -> tuple[Load, Gathered]:
        """Return the load over what the store holds now that its lock is held, and what was found, moved into it.

        Where another process has withdrawn meanwhile what was not read because the store held it, all is read again.
        """
        job = Load.begun(self.folder, self.folder, self.loaders, self.readers, self.progress)
        if not lacks(job.held, found, self.staging):
            return job, moved(found, self.staging, self.folder)
        again = Gathered()
        for request in requests:
            again.add(job.gather(request, Budget(budget.limits)))
        return job, again

    def gather(self, request: Request, budget: Budget) -> Gathered:
        """Return the parts that a request names, their tables spilled to the folder of the load."""
        held: dict[Origin, list[tuple[str, Part]]] = {}
        for system, parts in self.held.items():
            for part in parts.values():
                if (request.only in (None, system) or is_map_key(system)) and not self.is_outdated(part):
                    held.setdefault(part.origin, []).append((system, part))
        gatherer = Gatherer(
            request.loaders,
            request.readers,
            held,
            self._spill,
            self.progress,
            budget,
            self.folder.path,
            request.effective,
            request.version,
        )
        return gatherer.gather(list(request.paths))

    def format_number(self, name: str) -> int | None:
        """Return the format number of the loader, or crosswalk reader by its key, of this name; None of a stranger."""
        if name in self.loaders:
            return self.loaders[name].format_number
        return next((reader.format_number for reader in self.readers.values() if map_key(reader.name) == name), None)

    def is_outdated(self, part: Part) -> bool:
        """Return whether a part was read by another version of its loader: its file has to be read again."""
        return self.format_number(part.loader) not in (None, part.format_number)

    def loader(self, system: str, parts: Iterable[Part]) -> Loader:
        """Return the loader that assembles the parts of a system."""
        names = sorted({part.loader for part in parts})
        if len(names) != 1 or names[0] not in self.loaders:
            raise TerminologyError(f"no installed loader can assemble {system}: its parts are of {', '.join(names)}")
        return self.loaders[names[0]]

    def definition(self, system: str, parts: Sequence[Part]) -> SystemDefinition:
        """Return what is fixed about a system: by its loader, else as the files of its newest release say it."""
        loader = self.loader(system, parts)
        if not any(part.definition for part in parts):
            return loader.definition
        return definition_of(loader, loader.assemble(parts).drafts)

    def _spill(self, system: str, part: Part) -> Part:
        part = evolve(part, format_number=self.format_number(part.loader) or 0)
        write_part(self.staging, system, part)
        folder = self.staging.part(system, part.origin.sha256, part.kind, part.format_number)
        return evolve(part, tables=StoredTables(folder))

    def settle(self, found: Gathered, changed: Iterable[str] = ()) -> Outcome:
        """Return what the parts come to, with everything built that was not there.

        Args:
            found: What the paths of the load hold.
            changed: Further systems whose parts are others than before.
        """
        parts: dict[str, Sequence[Part]] = {name: tuple(held.values()) for name, held in self.held.items()}
        releases: dict[str, Revisions] = {
            name: [(item.release, item.digest) for item in entry.releases]
            for name, entry in self.catalog.systems.items()
        }
        loaded: list[Loaded] = []
        errors, skipped = list(found.errors), list(found.skipped)
        gaps: list[Gap] = []
        for system in sorted({*found.parts, *changed}):
            if is_map_key(system):
                continue
            settlement = SettledReleases.of(self, system, found.parts.get(system, ()))
            errors += settlement.errors
            skipped += settlement.skipped
            gaps += settlement.assembly.gaps
            parts[system] = settlement.parts
            releases[system] = settlement.releases
            loaded += self._loaded(system, settlement)
        maps = SettledCrosswalks.of(self, found, parts, releases)
        report = LoadReport(
            tuple(loaded),
            # what no release could take in may still have made a crosswalk
            (*(skip for skip in skipped if skip.path not in maps.taken), *maps.skipped),
            tuple(gaps),
            (*errors, *maps.errors),
            self._loaded_crosswalks(maps),
        )
        return Outcome(report, {**parts, **maps.parts}, releases, maps.crosswalks)

    def _loaded(self, system: str, settlement: SettledReleases) -> Iterator[Loaded]:
        """Yield the releases that the files of this load belong to, and those that changed because of them."""
        entry = self.catalog.systems.get(system)
        before = {item.release.version: item.digest for item in entry.releases} if entry else {}
        for (release, digest), draft in zip(settlement.releases, settlement.drafts, strict=True):
            already = before.get(release.version) == digest
            if not already or any(part.identity in settlement.given for part in draft.parts):
                yield Loaded(release, already, changed=release.version in before and not already)

    def _loaded_crosswalks(self, settlement: SettledCrosswalks) -> tuple[LoadedCrosswalk, ...]:
        before = {item.digest for entry in self.catalog.maps for item in entry.crosswalks}
        return tuple(
            LoadedCrosswalk(crosswalk, digest in before)
            for crosswalk, digest in settlement.crosswalks
            if digest not in before or digest in settlement.given
        )

    def compiled(self, outcome: Outcome) -> Catalog | None:
        """Return the catalog that the outcome makes, its files written; None where nothing changed."""
        systems = self._compiled_systems(outcome)
        maps = self._compiled_maps(outcome)
        parts = {name: held for name, held in outcome.parts.items() if held}
        if not parts and self.catalog is EMPTY:
            return None
        listed = write_parts_list(self.folder, parts)
        if listed == self.catalog.parts and (systems, maps) == (self.catalog.systems, self.catalog.maps):
            return None
        previous = pointer_digest(self.folder) if self.catalog is not EMPTY else None
        return Catalog(self.catalog.generation + 1, systems, maps, listed, previous)

    def _compiled_systems(self, outcome: Outcome) -> Mapping[str, SystemEntry]:
        systems = dict(self.catalog.systems)
        for system, releases in outcome.releases.items():
            entry = systems.get(system)
            if entry and [(item.release, item.digest) for item in entry.releases] == list(releases):
                continue
            if not releases:
                systems.pop(system, None)
                continue
            self.progress("compile", system)
            definition = self.definition(system, outcome.parts[system])
            tables = [
                ReleaseTables(release, digest, StoredTables(self.folder.release(system, release.version, digest)))
                for release, digest in releases
            ]
            systems[system] = compiled_system(self.folder, definition, tables)
        return systems

    def _compiled_maps(self, outcome: Outcome) -> tuple[MapEntry, ...]:
        before = {entry.key: entry for entry in self.catalog.maps}
        groups: dict[tuple[str, str, str], list[tuple[Crosswalk, str]]] = {}
        for crosswalk, digest in outcome.crosswalks:
            key = (crosswalk.name, crosswalk.source_system, crosswalk.target_system)
            groups.setdefault(key, []).append((crosswalk, digest))
        made = []
        for key, items in sorted(groups.items()):
            items.sort(key=lambda item: (item[0].effective, item[0].version))
            former = before.get(key)
            if former and former.content == [(crosswalk.version, digest) for crosswalk, digest in items]:
                made.append(former)
                continue
            self.progress("compile", " ".join(key))
            tables = [
                CrosswalkTables(item, digest, StoredTables(self.folder.crosswalk(item.name, item.version, digest)))
                for item, digest in items
            ]
            made.append(compiled_map(self.folder, tables))
        return tuple(made)

    def publish(self, catalog: Catalog | None) -> None:
        """Replace the pointer, where there is a new catalog, and sweep what is not named any more."""
        if catalog:
            write_catalog(self.folder, catalog)
        if catalog or self.catalog is not EMPTY:
            sweep(self.folder)


def _held(folder: StoreFolder) -> tuple[Catalog, Mapping[str, Sequence[Part]]]:
    """Return what the store holds, and its list of parts. Without the lock, that may be swept before it is read."""
    _check_pointer(folder)
    for attempt in range(ATTEMPTS):
        catalog = read_catalog(folder) if folder.pointer.exists() else EMPTY
        try:
            return catalog, read_parts_list(folder, catalog.parts)
        except StoreDamagedError:
            if attempt == ATTEMPTS - 1 or read_catalog(folder).generation == catalog.generation:
                raise
    raise AssertionError("unreachable")


def _check_pointer(folder: StoreFolder) -> None:
    """Return None where the pointer is there, or none was ever replaced.

    Raises:
        StoreDamagedError: It is lost; a load would publish without what it named, and sweep that.
    """
    if not folder.pointer.exists() and any(folder.compiled.glob("*.pointer")):
        raise StoreDamagedError(
            f"{folder.pointer} is missing, but releases were published here: put it back from a copy of the store, "
            "or load the releases into a new store"
        )
