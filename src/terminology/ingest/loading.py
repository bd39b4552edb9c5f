"""Load: gather the parts, assemble releases, commit the good ones, publish all at once."""

from __future__ import annotations

import contextlib
import datetime
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from ..drafts import AnySystemLoader, CrosswalkReader, Loader, Origin, Part
from ..errors import TerminologyError, UnknownSystemError
from ..model import Crosswalk, Gap, Release
from ..periods import DateLike, day_from
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import Catalog, MapEntry, StoreFolder, SystemEntry, default_path, read_catalog
from ..store.archive import StoredTables, read_parts_list, write_part, write_parts_list
from ..store.compiling import CrosswalkTables, ReleaseTables, compiled_map, compiled_system
from ..store.garbage import sweep
from ..store.pointer import EMPTY, pointer_digest, write_catalog
from ..systems import SYSTEMS, SystemDefinition
from .crosswalks import MapSettlement
from .gather import Gathered, Gatherer, Progress, is_map_key, map_key
from .report import Loaded, LoadedCrosswalk, LoadReport
from .settlement import Settlement, definition_of


def load(
    *paths: str | os.PathLike[str],
    store: str | os.PathLike[str] | None = None,
    system: str | None = None,
    version: str | None = None,
    effective: DateLike | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    loaders: Mapping[str, Loader] | None = None,
    crosswalks: Mapping[str, CrosswalkReader] | None = None,
) -> LoadReport:
    """Return what was loaded, skipped and refused; the store is published once, at the end.

    A release is committed whole or not at all; a faulty one does not keep the others from being committed.
    Nothing is published where nothing changed. A second load at the same time waits for the first.

    Args:
        paths: Files, zip archives (nested too) or folders; sniffed by content.
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        system: Short name of the code system, where only its loader shall be asked; of a system without a
            loader of its own, the name that lists of codes are loaded under.
        version: Version label that wins over all evidence in the files.
        effective: Effective day that wins over all evidence in the files.
        dry_run: Read, check and report, and leave the store as it is.
        progress: Called with the stage and what is being worked on.
        loaders: By short name; by default all that are installed.
        crosswalks: Readers of crosswalks by name; by default all that are installed, where ``loaders`` is not given.

    Raises:
        FileNotFoundError: A path does not exist.
        UnknownSystemError: No loader is installed for ``system``.
        StoreError: The store cannot be written.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    installed = loaders if loaders is not None else installed_loaders()
    if crosswalks is None:
        crosswalks = crosswalk_readers() if loaders is None else {}
    chosen, asked = asked_readers(installed, crosswalks, system)
    day = day_from(effective) if effective is not None else None
    with contextlib.ExitStack() as stack:
        if dry_run:
            staging = StoreFolder(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="terminology-"))))
        else:
            stack.enter_context(folder.lock())
            staging = folder
        known = {**installed, **chosen}
        job = Load.begun(folder, staging, known, crosswalks, progress or (lambda _stage, _label: None))
        only = None if system in chosen or system in asked else system
        found = job.gather([Path(path) for path in paths], version, day, only=only, loaders=chosen, readers=asked)
        if only and not (found.parts or found.errors):
            # a misspelt name must not pass for a system of the user's own
            raise _no_loader(only, installed, "and none of the files is a list of codes")
        outcome = job.settle(found)
        if not dry_run:
            job.publish(job.compiled(outcome))
        return outcome.report


def asked_readers(
    loaders: Mapping[str, Loader], readers: Mapping[str, CrosswalkReader], system: str | None
) -> tuple[Mapping[str, Loader], Mapping[str, CrosswalkReader]]:
    """Return which loaders and which crosswalk readers are asked about files.

    Args:
        loaders: All, by short name.
        readers: All, by name.
        system: Short name of a code system, or name of a crosswalk reader, that alone is asked; None for all.

    Raises:
        UnknownSystemError: There is neither a loader nor a reader of that name.
    """
    if system is None:
        return loaders, readers
    if system in loaders:
        return {system: loaders[system]}, {}
    if system in readers:
        return {}, {system: readers[system]}
    for name, loader in loaders.items():
        if isinstance(loader, AnySystemLoader) and system not in SYSTEMS:
            return {name: loader.of_system(system)}, {}
    raise _no_loader(system, loaders)


def _no_loader(system: str, loaders: Mapping[str, Loader], further: str = "") -> UnknownSystemError:
    held = ", ".join(sorted(loaders)) or "none"
    return UnknownSystemError(f"no loader for {system!r}{', ' * bool(further)}{further} (installed: {held})")


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
        catalog = read_catalog(folder) if folder.pointer.exists() else EMPTY
        held = {
            system: {part.identity: part for part in parts}
            for system, parts in read_parts_list(folder, catalog.parts).items()
        }
        return cls(folder, staging, loaders, readers, progress, catalog, held)

    def without(self, system: str, dropped: Iterable[str]) -> Load:
        """Return the load as if the store did not hold some parts of a system."""
        gone = set(dropped)
        kept = {identity: part for identity, part in self.held.get(system, {}).items() if identity not in gone}
        return evolve(self, held={**self.held, system: kept})

    def gather(
        self,
        paths: list[Path],
        version: str | None,
        effective: datetime.date | None,
        *,
        only: str | None = None,
        loaders: Mapping[str, Loader] | None = None,
        readers: Mapping[str, CrosswalkReader] | None = None,
    ) -> Gathered:
        """Return the parts under the paths, their tables spilled to the archive.

        Args:
            paths: What the user named.
            version: Given by the operator.
            effective: Given by the operator.
            only: The code system that a loader for any system takes every file for.
            loaders: Those that are asked; by default all of the load.
            readers: Those that are asked; by default all of the load.
        """
        held: dict[Origin, list[tuple[str, Part]]] = {}
        for system, parts in self.held.items():
            for part in parts.values():
                if (only in (None, system) or is_map_key(system)) and not self.is_outdated(part):
                    held.setdefault(part.origin, []).append((system, part))
        gatherer = Gatherer(
            self.loaders if loaders is None else loaders,
            self.readers if readers is None else readers,
            held,
            self._spill,
            self.progress,
            effective,
            version,
        )
        return gatherer.gather(paths)

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
            settlement = Settlement.of(self, system, found.parts.get(system, ()))
            errors += settlement.errors
            skipped += settlement.skipped
            gaps += settlement.assembly.gaps
            parts[system] = settlement.parts
            releases[system] = settlement.releases
            loaded += self._loaded(system, settlement)
        maps = MapSettlement.of(self, found, parts, releases)
        report = LoadReport(
            tuple(loaded),
            # what no release could take in may still have made a crosswalk
            (*(skip for skip in skipped if skip.path not in maps.taken), *maps.skipped),
            tuple(gaps),
            (*errors, *maps.errors),
            self._loaded_crosswalks(maps),
        )
        return Outcome(report, {**parts, **maps.parts}, releases, maps.crosswalks)

    def _loaded(self, system: str, settlement: Settlement) -> Iterator[Loaded]:
        """Yield the releases that the files of this load belong to, and those that changed because of them."""
        entry = self.catalog.systems.get(system)
        before = {item.release.version: item.digest for item in entry.releases} if entry else {}
        for (release, digest), draft in zip(settlement.releases, settlement.drafts, strict=True):
            already = before.get(release.version) == digest
            if not already or any(part.identity in settlement.given for part in draft.parts):
                yield Loaded(release, already, changed=release.version in before and not already)

    def _loaded_crosswalks(self, settlement: MapSettlement) -> tuple[LoadedCrosswalk, ...]:
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
