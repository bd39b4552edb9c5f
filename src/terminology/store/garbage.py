"""Sweep what no pointer names: left over from a killed load, or from what was published before the one before.

Only what the store wrote is deleted, and that is checked for each file: a compiled file must be named by the SHA-256 of
its bytes, a folder of the archive by the digest in its manifest. Of that folder only the manifest and the tables that it
lists are deleted. A temporary file has a name that nothing else has. All other files stay, whatever their names, because
people may put files into a store, or a store among their files. Links are never followed, and never deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from ..errors import StoreDamagedError, StoreFormatError, StoreLockedError
from .archive import MANIFEST, part_folder, read_manifest, read_parts_list
from .folder import LOCK, MARKER, POINTER, StoreFolder, file_lock, sha256_of
from .pointer import Catalog, catalog_from, committed_folders

SHA256_LENGTH: Final = 64
SHA256: Final = f"[0-9a-f]{{{SHA256_LENGTH}}}"
COMPILED_NAME: Final = re.compile(rf"({SHA256})\.(?:arrow|parts|pointer)")
ARCHIVE_NAME: Final = re.compile(SHA256)
PART_NAME: Final = re.compile(rf"({SHA256})-.+-\d+")
INCOMING_NAME: Final = re.compile(r"\d+-[0-9a-f]{16}")
TABLE_NAME: Final = re.compile(r"[\w-]+\.parquet")
HALF_FILE: Final = re.compile(rf"\.(?:{POINTER}|{MARKER}|compiled|{SHA256}\.(?:parts|pointer))\.\d+\.tmp")
HALF_FOLDER: Final = re.compile(rf"\.{SHA256}(?:-.+-\d+)?\.\d+\.tmp")


def sweep(folder: StoreFolder) -> None:
    """Delete what neither the pointer nor the one before it names. To be called with the lock held.

    Where the list of parts before is gone, there is no way back to that state, and it is not kept.
    Where nothing was ever published, or the pointer is lost, only incomplete files are deleted: the rest may be the last copy.

    Raises:
        StoreDamagedError: What is in force is damaged.
    """
    # the store itself may be named by a link; below it none is followed
    folder = StoreFolder(folder.path.resolve())
    catalogs = list(_kept_catalogs(folder))
    if catalogs:
        _sweep_unnamed(folder, catalogs)
    _sweep_halves(folder)
    sweep_incoming(folder)


def _sweep_unnamed(folder: StoreFolder, catalogs: list[Catalog]) -> None:
    names = {f"{catalogs[0].previous}.pointer"}
    kept: set[Path] = set()
    for catalog in catalogs:
        names |= _file_names(catalog)
        kept |= set(_archive_folders(folder, catalog))
    for path in _files(folder.compiled):
        if path.name not in names and _is_compiled(path):
            path.unlink(missing_ok=True)
    for place, depth, is_own in (
        ("parts", 2, _is_part),
        ("releases", 3, _is_archived),
        ("crosswalks", 3, _is_archived),
    ):
        for path in _folders(folder.path / place, depth):
            if path not in kept and is_own(path):
                _delete_folder(path, _own_tables(path), folder.path / place)


def _file_names(catalog: Catalog) -> set[str]:
    """Return the names of the compiled files that a catalog needs."""
    return {f"{catalog.parts}.parts", *catalog.files}


def _archive_folders(folder: StoreFolder, catalog: Catalog) -> Iterator[Path]:
    """Yield the folders of the archive that a catalog needs."""
    yield from committed_folders(folder, catalog)
    for owner, part in read_parts_list(folder, catalog.parts):
        yield part_folder(folder, owner, part)


def _sweep_halves(folder: StoreFolder) -> None:
    """Delete what a killed writer had not finished. No other process writes, because the lock is held."""
    for place in (folder.path, folder.compiled):
        for path in _files(place):
            if HALF_FILE.fullmatch(path.name):
                path.unlink(missing_ok=True)
    for name, depth in (("parts", 2), ("releases", 3), ("crosswalks", 3)):
        for path in _folders(folder.path / name, depth):
            if HALF_FOLDER.fullmatch(path.name):
                _delete_folder(path, _named_as_tables(path), folder.path / name)


def sweep_incoming(folder: StoreFolder) -> None:
    """Delete the parts that ended loads have left. A running load holds the lock of its folder."""
    for path in _folders(folder.incoming, depth=1):
        if not INCOMING_NAME.fullmatch(path.name) or not (path / LOCK).is_file():
            continue
        with contextlib.suppress(StoreLockedError, OSError), file_lock(path / LOCK, 0.0, "it is still running"):
            delete_incoming(path)


def delete_incoming(path: Path) -> None:
    """Delete the folder of parts of one load, whose lock the caller holds; other files in it stay, with their folders."""
    for part in _folders(path / "parts", depth=2):
        if PART_NAME.fullmatch(part.name) or HALF_FOLDER.fullmatch(part.name):
            _delete_folder(part, _named_as_tables(part), path)
    for place in (*_folders(path / "parts", depth=1), path / "parts"):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    if [entry.name for entry in path.iterdir()] == [LOCK] and not (path / LOCK).stat().st_size:
        (path / LOCK).unlink()
        path.rmdir()


def _kept_catalogs(folder: StoreFolder) -> Iterable[Catalog]:
    if not folder.pointer.exists():
        return
    current = catalog_from(folder.pointer.read_bytes(), str(folder.pointer))
    yield current
    former = folder.compiled / f"{current.previous}.pointer"
    if current.previous and former.exists():
        data = former.read_bytes()
        if hashlib.sha256(data).hexdigest() == current.previous:
            # to a state of another format there is no way back
            with contextlib.suppress(StoreFormatError):
                catalog = catalog_from(data, str(former))
                if _is_whole(folder, catalog):
                    yield catalog


def _is_whole(folder: StoreFolder, catalog: Catalog) -> bool:
    try:
        read_parts_list(folder, catalog.parts)
    except StoreDamagedError:
        return False
    return True


# ---- what the store wrote


def _is_compiled(path: Path) -> bool:
    """Return whether a file is named by its own bytes, as compiled files are."""
    name = COMPILED_NAME.fullmatch(path.name)
    return name is not None and _proves(lambda: sha256_of(path) == name[1])


def _is_part(path: Path) -> bool:
    def is_own() -> bool:
        manifest = read_manifest(path)
        return (manifest.get("system"), manifest.get("sha256")) == (path.parent.name, path.name[:SHA256_LENGTH])

    return PART_NAME.fullmatch(path.name) is not None and _proves(is_own)


def _is_archived(path: Path) -> bool:
    def is_own() -> bool:
        # the manifest of a copied folder states the place of the original
        manifest = read_manifest(path)
        place = (manifest.get("system") or manifest.get("name"), manifest.get("version"), manifest.get("digest"))
        return place == path.parts[-3:]

    return ARCHIVE_NAME.fullmatch(path.name) is not None and _proves(is_own)


def _proves(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except (OSError, StoreDamagedError):
        return False


def _own_tables(path: Path) -> list[str]:
    """Return the names of the files in a folder of the archive that its manifest lists, and of the manifest."""
    return [name for name in read_manifest(path).get("tables", {}) if TABLE_NAME.fullmatch(name)] + [MANIFEST]


def _named_as_tables(path: Path) -> list[str]:
    """Return the names of what a writer had put into a folder that has no manifest yet, or need not be asked for it."""
    return [file.name for file in _files(path) if TABLE_NAME.fullmatch(file.name) or file.name == MANIFEST]


# ---- walking and deleting, without following links


def _files(folder: Path) -> list[Path]:
    """Return the plain files in a folder; none where it is a link, or not there."""
    return [Path(entry.path) for entry in _entries(folder) if entry.is_file(follow_symlinks=False)]


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the folders that lie this deep below a folder."""
    for path in [Path(entry.path) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]:
        if depth == 1:
            yield path
        else:
            yield from _folders(path, depth - 1)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _delete_folder(path: Path, names: Iterable[str], top: Path) -> None:
    """Delete these plain files of a folder, then the folder, and those above it up to the top, where they are empty."""
    for name in names:
        file = path / name
        if file.is_file() and not file.is_symlink():
            file.unlink()
    for place in (path, *path.parents):
        if place == top or any(place.iterdir()):
            return
        place.rmdir()
