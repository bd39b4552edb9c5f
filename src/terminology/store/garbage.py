"""Sweep what no pointer names: left over from a killed load, or from what was published before the one before."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..errors import StoreDamagedError
from .archive import read_parts_list
from .folder import StoreFolder
from .pointer import Catalog, catalog_from


def sweep(folder: StoreFolder) -> None:
    """Remove what neither the pointer nor the one before it names. To be called with the lock held.

    Where the list of parts before is gone, there is no way back to that state, and it is not kept.

    Raises:
        StoreDamagedError: What is in force is damaged.
    """
    catalogs = list(_kept_catalogs(folder))
    if not catalogs:
        return
    pointers = {catalog.previous for catalog in catalogs[:1]}
    names = {f"{previous}.pointer" for previous in pointers}
    kept_releases: set[Path] = set()
    kept_crosswalks: set[Path] = set()
    kept_parts: set[Path] = set()
    for catalog in catalogs:
        names.add(f"{catalog.parts}.parts")
        for system, held in catalog.systems.items():
            names |= {file.name for file in held.files.values()}
            kept_releases |= {folder.release(system, item.release.version, item.digest) for item in held.releases}
        for entry in catalog.maps:
            names |= {file.name for file in entry.files.values()}
            kept_crosswalks |= {
                folder.crosswalk(item.crosswalk.name, item.crosswalk.version, item.digest) for item in entry.crosswalks
            }
        for system, items in read_parts_list(folder, catalog.parts).items():
            kept_parts |= {folder.part(system, part.origin.sha256, part.kind, part.format_number) for part in items}
    _remove(path for path in folder.compiled.iterdir() if path.name not in names)
    _remove(path for path in (folder.path / "parts").glob("*/*") if path not in kept_parts)
    for place, kept in (("releases", kept_releases), ("crosswalks", kept_crosswalks)):
        _remove(path for path in (folder.path / place).glob("*/*/*") if path not in kept)
        for path in (folder.path / place).glob("*/*"):
            if not any(path.iterdir()):
                path.rmdir()
    _remove(folder.path.glob(".*.tmp"))


def _kept_catalogs(folder: StoreFolder) -> Iterable[Catalog]:
    if not folder.pointer.exists():
        return
    current = catalog_from(folder.pointer.read_bytes(), str(folder.pointer))
    yield current
    former = folder.compiled / f"{current.previous}.pointer"
    if current.previous and former.exists():
        data = former.read_bytes()
        if hashlib.sha256(data).hexdigest() == current.previous:
            catalog = catalog_from(data, str(former))
            if _is_whole(folder, catalog):
                yield catalog


def _is_whole(folder: StoreFolder, catalog: Catalog) -> bool:
    try:
        read_parts_list(folder, catalog.parts)
    except StoreDamagedError:
        return False
    return True


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
