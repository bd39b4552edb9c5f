"""Withdraw a release or a crosswalk that was loaded by mistake: its own files leave the set that all is made from."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import StoreError, UnknownCrosswalkError, UnknownReleaseError, UnknownSystemError
from ..model import Crosswalk, Release
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import StoreFolder, default_path, read_catalog
from .gather import Gathered, Progress, map_key
from .loading import Load


def withdraw(
    system: str,
    version: str,
    *,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Release:
    """Return the release that was withdrawn. What was derived from its files goes, or is made anew without them.

    The files can be loaded again; nothing remembers that they were withdrawn.

    Raises:
        StoreNotFoundError: There is no store.
        UnknownSystemError: The store holds no such code system.
        UnknownReleaseError: It holds no such release of it.
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
        own = {(source.file, source.sha256) for source in release.sources if not _is_base(release, source.role)}
        dropped = [
            identity for identity, part in job.held[system].items() if (part.origin.label, part.origin.sha256) in own
        ]
        job = job.without(system, dropped)
        job.publish(job.compiled(job.settle(Gathered(), [system])))
        return release


def withdraw_crosswalk(
    name: str,
    version: str,
    *,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Crosswalk, ...]:
    """Return the crosswalks of this name and version that were withdrawn, every direction; their files leave the store.

    What a publication says besides (a conversion table dates codes) goes as well.

    Raises:
        StoreNotFoundError: There is no store.
        UnknownCrosswalkError: It holds no such crosswalk, or no such version of it.
        StoreError: The crosswalk is made of releases, and goes with them; or what would be left cannot be put
            together, because its reader is not installed, or another version of it read the files.
    """
    folder = StoreFolder(Path(store) if store is not None else default_path())
    read_catalog(folder)
    with folder.lock():
        job = _begun(folder, progress)
        held = [item.crosswalk for entry in job.catalog.maps for item in entry.crosswalks if entry.key[0] == name]
        gone = tuple(crosswalk for crosswalk in held if crosswalk.version == version)
        if not gone:
            versions = ", ".join(dict.fromkeys(crosswalk.version for crosswalk in held)) or "none"
            raise UnknownCrosswalkError(f"the store holds no crosswalk {name} {version} (loaded: {versions})")
        reader = job.readers.get(name)
        if reader is None:
            raise StoreError(f"no installed reader can put together what would be left of {name}")
        files = {(source.file, source.sha256) for crosswalk in gone for source in crosswalk.sources}
        changed = []
        for key, parts in job.held.items():
            dropped = [
                identity
                for identity, part in parts.items()
                if (part.origin.label, part.origin.sha256) in files
                and (key == map_key(name) or (key, part.kind) in reader.parts_of)
            ]
            if dropped:
                job = job.without(key, dropped)
                changed.append(key)
        if not changed:
            raise StoreError(f"{name} {version} is made of releases of {gone[0].source_system}: withdraw those")
        _refuse_outdated(job, name)
        job.publish(job.compiled(job.settle(Gathered(), changed)))
        return gone


def _refuse_outdated(job: Load, name: str) -> None:
    """Return None where one version of a reader has read all that the job holds of its crosswalks.

    Raises:
        StoreError: They cannot be put together.
    """
    outdated = sorted(part.origin.label for part in job.held.get(map_key(name), {}).values() if job.is_outdated(part))
    if outdated:
        raise StoreError(
            f"files of {name} were read by another version of its reader; load them again first: {', '.join(outdated)}"
        )


def _begun(folder: StoreFolder, progress: Progress | None) -> Load:
    quiet: Progress = lambda _stage, _label: None  # noqa: E731 -- shorter than a function
    return Load.begun(folder, folder, installed_loaders(), crosswalk_readers(), progress or quiet)


def _is_base(release: Release, role: str) -> bool:
    """Return whether a derived release only builds on this file: withdrawing it must leave its neighbour alone."""
    return release.derived and role != "addenda"
