"""Go back to what was published before: the former pointer is published again, as a new generation."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from attrs import evolve

from ..errors import StoreError
from ..store import Catalog, StoreFolder, default_path, read_catalog
from ..store.archive import read_parts_list
from ..store.damage import bytes_of, damaged
from ..store.garbage import sweep
from ..store.pointer import catalog_from, pointer_digest, write_catalog


def rollback(store: str | os.PathLike[str] | None = None) -> Catalog:
    """Return the catalog that was in force before the last publication, and is again now.

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
        restored = evolve(former, generation=current.generation + 1, previous=pointer_digest(folder))
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
    held = [entry.files for entry in former.systems.values()] + [entry.files for entry in former.maps]
    files = [file.name for entry in held for file in entry.values()]
    missing = sorted(name for name in files if not (folder.compiled / name).exists())
    if missing:
        raise damaged(folder.compiled / missing[0], "is missing, and the former state needs it")
    read_parts_list(folder, former.parts)
    return former
