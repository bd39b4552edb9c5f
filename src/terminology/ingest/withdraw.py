"""Withdraw a release that was loaded by mistake: its own files leave the set from which releases are made."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import UnknownReleaseError, UnknownSystemError
from ..model import Release
from ..registry import crosswalk_readers
from ..registry import loaders as installed_loaders
from ..store import StoreFolder, default_path, read_catalog
from .gather import Gathered, Progress
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
        quiet: Progress = lambda _stage, _label: None  # noqa: E731 -- shorter than a function
        job = Load.begun(folder, folder, installed_loaders(), crosswalk_readers(), progress or quiet)
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


def _is_base(release: Release, role: str) -> bool:
    """Return whether a derived release only builds on this file: withdrawing it must leave its neighbour alone."""
    return release.derived and role != "addenda"
