"""Load: gather the parts, assemble releases, commit the good ones, publish all at once."""

from __future__ import annotations

import contextlib
import datetime
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from ..drafts import AnySystemLoader, Assembly, Built, Draft, Loader, Origin, Part
from ..errors import ReleaseFaults, ReleaseFormatError, StoreError, TerminologyError, UnknownSystemError
from ..model import Gap, Release
from ..periods import DateLike, day_from
from ..registry import loaders as installed_loaders
from ..store import Catalog, StoreFolder, default_path, read_catalog
from ..store.archive import (
    StoredTables,
    read_manifest,
    read_parts_list,
    write_part,
    write_parts_list,
    write_release,
)
from ..store.compiling import ReleaseTables, compiled_system
from ..store.garbage import sweep
from ..store.pointer import EMPTY, catalog_bytes, release_from, write_catalog
from ..systems import SYSTEMS, SystemDefinition
from .checks import check_concepts, counts
from .gather import Gathered, Gatherer, Progress
from .report import Loaded, LoadReport, Skip


def load(
    *paths: str | os.PathLike[str],
    store: str | os.PathLike[str] | None = None,
    system: str | None = None,
    version: str | None = None,
    effective: DateLike | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    loaders: Mapping[str, Loader] | None = None,
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

    Raises:
        FileNotFoundError: A path does not exist.
        UnknownSystemError: No loader is installed for ``system``.
        StoreError: The store cannot be written.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    installed = loaders if loaders is not None else installed_loaders()
    chosen = _chosen(installed, system)
    day = day_from(effective) if effective is not None else None
    with contextlib.ExitStack() as stack:
        if dry_run:
            staging = StoreFolder(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="terminology-"))))
        else:
            stack.enter_context(folder.lock())
            staging = folder
        job = Load.begun(folder, staging, chosen, progress or (lambda _stage, _label: None))
        only = None if system in chosen else system
        found = job.gather([Path(path) for path in paths], version, day, only=only)
        if only and not (found.parts or found.errors):
            # a misspelt name must not pass for a system of the user's own
            raise _no_loader(only, installed, "and none of the files is a list of codes")
        outcome = job.settle(found)
        if not dry_run:
            job.publish(outcome)
        return outcome.report


def _chosen(loaders: Mapping[str, Loader], system: str | None) -> Mapping[str, Loader]:
    if system is None:
        return loaders
    if system not in loaders:
        for name, loader in loaders.items():
            if isinstance(loader, AnySystemLoader) and system not in SYSTEMS:
                return {name: loader.of_system(system)}
        raise _no_loader(system, loaders)
    return {system: loaders[system]}


def _no_loader(system: str, loaders: Mapping[str, Loader], further: str = "") -> UnknownSystemError:
    held = ", ".join(sorted(loaders)) or "none"
    return UnknownSystemError(f"no loader for {system!r}{', ' * bool(further)}{further} (installed: {held})")


@frozen
class Outcome:
    """What a load comes to, before it is published."""

    report: LoadReport
    parts: Mapping[str, Sequence[Part]]
    releases: Mapping[str, Sequence[tuple[Release, str]]]
    """By system: releases with their digests, in order."""


@frozen
class Load:
    """One load: what the store held when it began, and where its tables go."""

    folder: StoreFolder
    staging: StoreFolder
    loaders: Mapping[str, Loader]
    progress: Progress
    catalog: Catalog
    held: Mapping[str, Mapping[str, Part]]
    """Parts in force, by system and identity."""

    @classmethod
    def begun(
        cls, folder: StoreFolder, staging: StoreFolder, loaders: Mapping[str, Loader], progress: Progress
    ) -> Load:
        """Return a load over what the store holds now."""
        catalog = read_catalog(folder) if folder.pointer.exists() else EMPTY
        held = {
            system: {part.identity: part for part in parts}
            for system, parts in read_parts_list(folder, catalog.parts).items()
        }
        return cls(folder, staging, loaders, progress, catalog, held)

    def without(self, system: str, dropped: Iterable[str]) -> Load:
        """Return the load as if the store did not hold some parts of a system."""
        gone = set(dropped)
        kept = {identity: part for identity, part in self.held.get(system, {}).items() if identity not in gone}
        return evolve(self, held={**self.held, system: kept})

    def gather(
        self, paths: list[Path], version: str | None, effective: datetime.date | None, *, only: str | None = None
    ) -> Gathered:
        """Return the parts under the paths, their tables spilled to the archive.

        Args:
            paths: What the user named.
            version: Given by the operator.
            effective: Given by the operator.
            only: The code system that a loader for any system takes every file for.
        """
        held: dict[Origin, tuple[str, Part]] = {
            part.origin: (system, part)
            for system, parts in self.held.items()
            if only in (None, system)
            for part in parts.values()
            if not self.is_outdated(part)
        }
        return Gatherer(self.loaders, held, self._spill, self.progress, effective, version).gather(paths)

    def is_outdated(self, part: Part) -> bool:
        """Return whether a part was read by another version of its loader: its file has to be read again."""
        loader = self.loaders.get(part.loader)
        return loader is not None and loader.format_number != part.format_number

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
        return _definition(loader, loader.assemble(parts).drafts)

    def _spill(self, system: str, part: Part) -> Part:
        part = evolve(part, format_number=self.loaders[part.loader].format_number)
        write_part(self.staging, system, part)
        folder = self.staging.part(system, part.origin.sha256, part.kind, part.format_number)
        return evolve(part, tables=StoredTables(folder))

    def settle(self, found: Gathered) -> Outcome:
        """Return what the parts come to, with everything built that was not there."""
        parts: dict[str, Sequence[Part]] = {name: tuple(held.values()) for name, held in self.held.items()}
        releases: dict[str, Sequence[tuple[Release, str]]] = {
            name: [(item.release, item.digest) for item in entry.releases]
            for name, entry in self.catalog.systems.items()
        }
        loaded: list[Loaded] = []
        errors, skipped = list(found.errors), list(found.skipped)
        gaps: list[Gap] = []
        for system in sorted(found.parts):
            settlement = Settlement.of(self, system, found.parts[system])
            errors += settlement.errors
            skipped += settlement.skipped
            gaps += settlement.assembly.gaps
            parts[system] = settlement.parts
            releases[system] = settlement.releases
            loaded += self._loaded(system, settlement)
        return Outcome(LoadReport(tuple(loaded), tuple(skipped), tuple(gaps), tuple(errors)), parts, releases)

    def _loaded(self, system: str, settlement: Settlement) -> Iterator[Loaded]:
        """Yield the releases that the files of this load belong to, and those that changed because of them."""
        entry = self.catalog.systems.get(system)
        before = {(item.release.version, item.digest) for item in entry.releases} if entry else set()
        for (release, digest), draft in zip(settlement.releases, settlement.drafts, strict=True):
            already = (release.version, digest) in before
            if not already or any(part.identity in settlement.given for part in draft.parts):
                yield Loaded(release, already)

    def publish(self, outcome: Outcome) -> None:
        """Compile what changed, and replace the pointer; nothing happens where nothing changed."""
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
        parts = {name: held for name, held in outcome.parts.items() if held}
        if not parts and self.catalog is EMPTY:
            return
        listed = write_parts_list(self.folder, parts)
        if listed != self.catalog.parts or systems != self.catalog.systems:
            previous = _pointer_digest(self.catalog) if self.catalog is not EMPTY else None
            write_catalog(self.folder, Catalog(self.catalog.generation + 1, systems, listed, previous))
        sweep(self.folder)


def _pointer_digest(catalog: Catalog) -> str:
    import hashlib

    return hashlib.sha256(catalog_bytes(catalog)).hexdigest()


@frozen
class Settlement:
    """The releases of one system that the parts in force and the new ones make."""

    assembly: Assembly
    drafts: Sequence[Draft]
    releases: Sequence[tuple[Release, str]]
    parts: tuple[Part, ...]
    given: frozenset[str]
    """Identities of the parts of this load that were kept."""
    errors: tuple[ReleaseFormatError, ...]
    skipped: tuple[Skip, ...]

    @classmethod
    def of(cls, job: Load, system: str, given: Iterable[Part]) -> Settlement:
        """Return the settlement; new parts of a faulty release are dropped and the rest is assembled again."""
        held = dict(job.held.get(system, {}))
        fresh = {part.identity: part for part in given}
        outdated = [part.origin.label for part in held.values() if job.is_outdated(part) and part.identity not in fresh]
        if outdated:
            raise StoreError(
                f"files of {system} were read by another version of its loader; load them again together with "
                f"these: {', '.join(sorted(outdated))}"
            )
        errors: list[ReleaseFormatError] = []
        refused: set[str] = set()
        while True:
            parts = {**held, **fresh}
            loader = job.loader(system, parts.values()) if parts else None
            assembly = loader.assemble(tuple(parts.values())) if loader else Assembly(())
            faulty = {part.identity for part, _ in assembly.refused if part.identity in fresh}
            errors += [
                ReleaseFormatError(why, file=part.origin.label)
                for part, why in assembly.refused
                if part.identity in fresh
            ]
            releases: list[tuple[Release, str]] = []
            for draft in assembly.drafts:
                try:
                    releases.append(_committed(job, system, draft, assembly, job.loader(system, parts.values())))
                except ReleaseFormatError as error:
                    errors.append(error)
                    faulty |= _blamed(draft, fresh)
                except ReleaseFaults as group:
                    errors += [e for e in group.exceptions if isinstance(e, ReleaseFormatError)]
                    faulty |= _blamed(draft, fresh)
            if not faulty:
                break
            refused |= faulty
            for identity in faulty:
                # an operator's date on a part that was held before falls with it; what was held stays
                fresh.pop(identity)
        kept = set(fresh)
        unused = [Skip(part.origin.label, why) for part, why in assembly.unused if part.identity in kept]
        # whatever its loader says of it, a file that no release took in must not go unsaid
        told = {part.identity for part, _ in (*assembly.unused, *assembly.refused)}
        taken = {part.identity for draft in assembly.drafts for part in (*draft.parts, *draft.borrowed)}
        idle = [part for identity, part in fresh.items() if identity not in told | taken]
        unused += [Skip(part.origin.label, "no release could take it in") for part in idle]
        # what was held and is now contradicted by better evidence must not go unsaid
        unused += [Skip(part.origin.label, why) for part, why in assembly.refused if part.identity in held]
        return cls(
            assembly, assembly.drafts, releases, tuple(parts.values()), frozenset(kept), tuple(errors), tuple(unused)
        )


def _blamed(draft: Draft, fresh: Mapping[str, Part]) -> set[str]:
    """Return the new parts that a faulty release falls with: its own, else those it borrowed."""
    own = {part.identity for part in draft.parts if part.identity in fresh}
    borrowed = {part.identity for part in draft.borrowed if part.identity in fresh}
    if not own | borrowed:
        raise TerminologyError(f"release {draft.version} was sound when it was loaded and is not now")
    return own or borrowed


def _definition(loader: Loader, drafts: Sequence[Draft]) -> SystemDefinition:
    """Return the definition that the newest draft's authority gives, else the loader's."""
    said = [part.definition for draft in drafts for part in draft.parts[:1] if part.definition]
    return said[-1] if said else loader.definition


def _committed(job: Load, system: str, draft: Draft, assembly: Assembly, loader: Loader) -> tuple[Release, str]:
    """Return the release with its digest; it is built, checked and written to the archive if it is not there."""
    definition = _definition(loader, assembly.drafts)
    digest = draft.digest(system, loader.format_number)
    gaps = tuple(gap for gap in assembly.gaps if gap.before == draft.version)
    for place in (job.folder, job.staging):
        folder = place.release(system, draft.version, digest)
        if folder.exists():
            return evolve(release_from(read_manifest(folder)), gaps=gaps), digest
    job.progress("build", f"{system} {draft.version}")
    built: Built = draft.build()
    concepts = built.tables["concepts"]
    check_concepts(definition, concepts, draft.parts[0].origin.label)
    total, billable = counts(definition, concepts, draft.effective)
    release = Release(
        system=system,
        version=draft.version,
        effective=draft.effective,
        concepts=total,
        billable=billable,
        derived=draft.derived,
        sources=tuple(part.source() for part in draft.parts),
        correction=draft.correction,
        warnings=(*(w for part in draft.parts for w in part.warnings), *draft.warnings, *built.warnings),
        notes_known="notes" in built.tables,
        licence=built.licence,
    )
    write_release(job.staging, release, draft, digest, built.tables)
    return evolve(release, gaps=gaps), digest
