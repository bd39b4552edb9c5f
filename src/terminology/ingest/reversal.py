"""Undo a load: withdraw a release or a crosswalk by its own files, or go back to what was published before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from ..drafts import CopyLoader, Part
from ..errors import StoreError, UnknownCrosswalkError, UnknownReleaseError, UnknownSystemError
from ..model import Crosswalk, Release
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import Catalog, StoreFolder, default_path, read_catalog
from ..store.archive import read_parts_list
from ..store.damage import bytes_of, damaged
from ..store.garbage import sweep
from ..store.pointer import catalog_from, pointer_digest, write_catalog
from .context import QUIET, Load, Progress
from .gather import Gathered
from .loading import settled
from .publication import compiled, publish


def withdraw(
    system: str,
    version: str,
    *,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Release:
    """Return the release that was withdrawn. What was derived from its files goes, or is rebuilt without them.

    Copies of it go as well.
    The files can be loaded again; nothing remembers that they were withdrawn.

    Raises:
        StoreNotFoundError: There is no store.
        UnknownSystemError: The store holds no such code system.
        UnknownReleaseError: It holds no such release of it.
        StoreError: All of its files are of other releases.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    read_catalog(folder)
    with folder.lock():
        job = _begun(folder, progress)
        entry = job.catalog.systems.get(system)
        if entry is None:
            raise UnknownSystemError(f"the store holds no code system {system!r}")
        release = next((item.release for item in entry.releases if item.release.version == version), None)
        if release is None:
            held = ", ".join(item.release.version for item in entry.releases)
            raise UnknownReleaseError(f"no release {version!r} of {system} (loaded: {held})")
        own = _own_files(release, [item.release for item in entry.releases])
        own |= _copies(job, system, version)
        if not own:
            raise StoreError(f"{system} {version} is made of files of other releases: withdraw those")
        left = job.only(lambda of, part: of != system or (part.origin.label, part.origin.sha256) not in own)
        _publish(left, [system])
        return release


def withdraw_crosswalk(
    name: str,
    version: str,
    *,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Crosswalk, ...]:
    """Return the crosswalks of this name and version that were withdrawn, every direction; their files leave the store.

    What else the publication says (a conversion table dates codes) goes as well. Where several maps have the reader's
    name, what the map calls itself says which (`Crosswalk.names`).

    Raises:
        StoreNotFoundError: There is no store.
        UnknownCrosswalkError: It holds no such crosswalk, or no such version of it; or several maps have the name.
        StoreError: The crosswalk is made of releases, and goes with them; or what would be left cannot be
            combined, because its reader is not installed, or another version of it read the files.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    read_catalog(folder)
    with folder.lock():
        job = _begun(folder, progress)
        held = [item.crosswalk for entry in job.catalog.maps for item in entry.crosswalks]
        held = [crosswalk for crosswalk in held if name in crosswalk.names]
        gone = tuple(crosswalk for crosswalk in held if crosswalk.version == version)
        if not gone:
            versions = ", ".join(sorted({crosswalk.version for crosswalk in held})) or "none"
            raise UnknownCrosswalkError(f"the store holds no crosswalk {name} {version} (loaded: {versions})")
        if len({(crosswalk.name, crosswalk.identity) for crosswalk in gone}) > 1:
            maps = ", ".join(dict.fromkeys(crosswalk.label for crosswalk in gone))
            raise UnknownCrosswalkError(f"several crosswalks are {name} {version}, name one: {maps}")
        label, name = f"{name} {version}", gone[0].name
        reader = job.readers.get(name)
        if reader is None:
            raise StoreError(f"no installed reader can combine what would be left of {name}")
        files = {(source.file, source.sha256) for crosswalk in gone for source in crosswalk.sources}

        def stays(system: str | None, part: Part) -> bool:
            is_of_reader = part.loader == name if system is None else (system, part.kind) in reader.parts_of
            return not is_of_reader or (part.origin.label, part.origin.sha256) not in files

        left = job.only(stays)
        if len(list(left.held)) == len(list(job.held)):
            raise StoreError(f"{label} is made of releases of {gone[0].source_system}: withdraw those")
        _check_versions(left, name)
        systems = job.held.systems
        _publish(left, [system for system in systems if len(left.held.systems[system]) < len(systems[system])])
        return gone


def _check_versions(job: Load, name: str) -> None:
    """Check that one version of a reader has read all that is left of its crosswalks.

    Raises:
        StoreError: Another version has read some of it.
    """
    outdated = sorted(part.origin.label for part in job.held.readers.get(name, ()) if job.is_outdated(None, part))
    if outdated:
        raise StoreError(
            f"files of {name} were read by another version of its reader; load them again first: {', '.join(outdated)}"
        )


def _begun(folder: StoreFolder, progress: Progress | None) -> Load:
    return Load.begun(folder, folder, installed_loaders(), crosswalk_readers(), progress or QUIET)


def _publish(job: Load, changed: Sequence[str]) -> None:
    """Publish the releases and crosswalks that the remaining parts make; some systems have fewer parts than before."""
    result = settled(job, Gathered(), changed)
    publish(job, compiled(job, result))


def _own_files(release: Release, releases: Sequence[Release]) -> set[tuple[str, str]]:
    """Return name and checksum of the files that go with a release.

    Of a derived one its base stays: what is a file of a release that is not derived. An addenda leads to two releases,
    and goes.
    """
    own = {(source.file, source.sha256) for source in release.sources}
    if not release.derived:
        return own
    others = [source for one in releases if not one.derived for source in one.sources]
    return own - {(source.file, source.sha256) for source in others if source.role != "addenda"}


def _copies(job: Load, system: str, version: str) -> set[tuple[str, str]]:
    """Return name and checksum of the copies of a release: one of them would take its place at once."""
    found: set[tuple[str, str]] = set()
    for name, loader in job.loaders.items():
        if isinstance(loader, CopyLoader):
            drafts = loader.assemble([part for part in job.held.systems.get(system, ()) if part.loader == name]).drafts
            found |= {
                (part.origin.label, part.origin.sha256)
                for draft in drafts
                if draft.version == version
                for part in draft.parts
            }
    return found


def rollback(store: str | os.PathLike[str] | None = None) -> Catalog:
    """Return the catalog that was in force before the last publication, activated again.

    Nothing is lost: what was in force until now becomes the former state, so that a second rollback undoes the
    first. Open stores keep their view.

    Raises:
        StoreNotFoundError: There is no store.
        StoreError: Nothing was published before.
        StoreDamagedError: The former state is damaged, or a file of it is missing.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    read_catalog(folder)
    with folder.lock():
        current = read_catalog(folder)
        former = _former(folder, current)
        restored = former._replace(generation=current.generation + 1, previous=pointer_digest(folder))
        write_catalog(folder, restored)
        sweep(folder)
        return restored


def _former(folder: StoreFolder, current: Catalog) -> Catalog:
    """Return the catalog before the current one, all of whose files are there."""
    if current.previous is None:
        raise StoreError(f"nothing was published in {folder.path} before what is in force")
    path = folder.compiled / f"{current.previous}.pointer"
    data = bytes_of(path)
    if hashlib.sha256(data).hexdigest() != current.previous:
        raise damaged(path, "is not what its name says")
    former = catalog_from(data, str(path))
    missing = sorted(name for name in former.files if not (folder.compiled / name).exists())
    if missing:
        raise damaged(folder.compiled / missing[0], "is missing, and the former state needs it")
    read_parts_list(folder, former.parts)
    return former
