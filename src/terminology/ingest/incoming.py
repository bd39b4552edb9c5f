"""Where a load keeps what it reads, until it holds the writers' lock.

Reading takes seconds or minutes, and needs nothing of the store but what it holds already. So files are read without
the lock: the tables of their parts go into a folder of the load's own below ``incoming``, and are moved to their
places once the lock is held. A load that is killed leaves its folder. The lock of the folder is free then, so the next
load deletes it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from ..drafts import Part
from ..store import StoreFolder
from ..store.archive import PartLists, StoredTables, part_folder
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
            # another load, which holds that lock, must not delete the folder as that of a load that was killed
            make_folder(place)
            stack.enter_context(file_lock(place / LOCK, 0.0, f"{place} is used by another load"))
        try:
            yield StoreFolder(place)
        finally:
            # another load may delete it at the same time
            with contextlib.suppress(OSError):
                delete_incoming(place)


@contextlib.contextmanager
def temporary_store() -> Iterator[StoreFolder]:
    """Yield an empty folder outside of every store, for a load that leaves the store as it is."""
    with tempfile.TemporaryDirectory(prefix="terminology-") as place:
        yield StoreFolder(Path(place))


def lacks(held: PartLists, found: Gathered, came_from: StoreFolder) -> bool:
    """Return whether parts that were taken from the store instead of being read again have been removed from it meanwhile."""
    there = {(system, part.identity) for system, part in held}
    return any(
        not _is_below(part, came_from) and (system, part.identity) not in there and not _tables(part).folder.is_dir()
        for system, part in found.parts
    )


def moved(found: Gathered, came_from: StoreFolder, target: StoreFolder) -> Gathered:
    """Return what was found, its tables moved from the load's own folder into the store. The lock must be held."""

    def settled(system: str | None, parts: list[Part]) -> list[Part]:
        return [_moved(system, part, target) if _is_below(part, came_from) else part for part in parts]

    return evolve(
        found,
        systems={system: settled(system, parts) for system, parts in found.systems.items()},
        readers={reader: settled(None, parts) for reader, parts in found.readers.items()},
    )


def _moved(system: str | None, part: Part, target: StoreFolder) -> Part:
    place = part_folder(target, system, part)
    source = _tables(part).folder
    if not place.exists() and source.exists():
        make_folder(place.parent)
        try:
            os.rename(source, place)
            sync_folder(place.parent)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # the folder of parts is on another disk, behind a link
            with new_folder(place) as copy:
                for file in source.iterdir():
                    shutil.copyfile(file, copy / file.name)
    return evolve(part, tables=StoredTables(place))


def _tables(part: Part) -> StoredTables:
    assert isinstance(part.tables, StoredTables), "a part that was gathered has its tables on the disk"  # noqa: S101
    return part.tables


def _is_below(part: Part, folder: StoreFolder) -> bool:
    return folder.path in _tables(part).folder.parents
