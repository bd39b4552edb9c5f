"""Where a load keeps what it reads, until it holds the writers' lock.

Reading takes seconds or minutes, and needs nothing of the store but what it holds already. So files are read without
the lock: the tables of their parts go into a folder of the load's own below ``incoming``, and are moved to their
places once the lock is held. A load that is killed leaves its folder behind; as its lock is free, the next one
sweeps it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve

from ..drafts import Part
from ..store import StoreFolder
from ..store.archive import StoredTables
from ..store.folder import LOCK, file_lock, make_folder, new_folder, sync_folder
from ..store.garbage import delete_incoming
from .gather import Gathered


@contextlib.contextmanager
def incoming(folder: StoreFolder) -> Iterator[StoreFolder]:
    """Yield an empty folder for the parts of one load, on the disk of the store; at the end it is deleted.

    Raises:
        NotAStoreError: The folder holds other files and is no store.
    """
    place = folder.incoming / f"{os.getpid()}-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        with folder.lock():
            # the sweep of another load, which holds that lock, must not take the folder for a dead load's
            make_folder(place)
            stack.enter_context(file_lock(place / LOCK, 0.0, f"{place} is used by another load"))
        try:
            yield StoreFolder(place)
        finally:
            # another one may sweep it at the same time
            with contextlib.suppress(OSError):
                delete_incoming(place)


@contextlib.contextmanager
def temporary_store() -> Iterator[StoreFolder]:
    """Yield an empty folder outside of every store, for a load that leaves the store as it is."""
    with tempfile.TemporaryDirectory(prefix="terminology-") as place:
        yield StoreFolder(Path(place))


def lacks(held: Mapping[str, Mapping[str, Part]], found: Gathered, came_from: StoreFolder) -> bool:
    """Return whether parts that were found in the store instead of being read again have left it meanwhile."""
    return any(
        not _is_below(part, came_from) and part.identity not in held.get(key, {}) and not _tables(part).folder.is_dir()
        for key, parts in found.parts.items()
        for part in parts
    )


def moved(found: Gathered, came_from: StoreFolder, target: StoreFolder) -> Gathered:
    """Return what was found, its tables moved from the load's own folder into the store. The lock must be held."""
    parts = {
        key: [_moved(key, part, target) if _is_below(part, came_from) else part for part in items]
        for key, items in found.parts.items()
    }
    return evolve(found, parts=parts)


def _moved(key: str, part: Part, target: StoreFolder) -> Part:
    place = target.part(key, part.origin.sha256, part.kind, part.format_number)
    source = _tables(part).folder
    if not place.exists() and source.exists():
        make_folder(place.parent)
        try:
            os.rename(source, place)
            sync_folder(place.parent)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # the folder of parts lies on another disk, behind a link
            with new_folder(place) as copy:
                for file in source.iterdir():
                    shutil.copyfile(file, copy / file.name)
    return evolve(part, tables=StoredTables(place))


def _tables(part: Part) -> StoredTables:
    assert isinstance(part.tables, StoredTables), "a part that was gathered has its tables on the disk"  # noqa: S101
    return part.tables


def _is_below(part: Part, folder: StoreFolder) -> bool:
    return folder.path in _tables(part).folder.parents
