"""Push a published store into an object store, where readers open it by its URL.

Objects are written first and the pointer last, on the condition that it still is the one that was read at the beginning.
So readers never see a pointer whose files are missing, and of two publishers at a time one wins and the other is told.

Deleting needs more care. Say that a publisher A deletes what no pointer names, while B pushes a state that needs one of
these objects again. If B had left it out because it was there, B's pointer would name an object that is gone. Therefore

* B leaves out only what the pointer that it read names (A's deletion then comes with another pointer, and B fails), or
  what was written in the last 12 hours;
* A deletes only what neither the new pointer nor the one before names, and what is older than 24 hours. Besides, the
  one before has been in force for 12 hours: so long nobody has read a pointer that names what is deleted.

All names of objects but those of manifests are checksums of their bytes. A manifest is written after the tables that it
lists, so whoever wrote it last, its tables are there.
"""

from __future__ import annotations

import datetime
import hashlib
import mmap
import os
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final

from attrs import asdict, define, field, frozen

from ..errors import StoreDamagedError, StoreError
from .archive import MANIFEST, read_manifest
from .cache import object_of_table
from .damage import damaged
from .folder import COMPILED, POINTER, StoreFolder, default_path, url_of
from .objects import Entity, Listed, LostRaceError, Objects
from .pointer import Catalog, catalog_from, committed_folders, read_catalog

ATTEMPTS: Final = 3
CONNECTIONS: Final = 4
FRESH: Final = datetime.timedelta(hours=12)
"""An object that is younger is there until the end of a push, though no pointer names it."""
DELETABLE: Final = datetime.timedelta(hours=24)
"""An object that no pointer names is deleted when it is older: more than `FRESH` by longer than clocks differ."""
OWN_NAME: Final = re.compile(
    r"compiled/[0-9a-f]{64}\.arrow|(?:releases|crosswalks)/.+/[0-9a-f]{64}/(?:manifest\.json|[0-9a-f]{64}\.parquet)"
)
"""Names of the objects that a push writes, beside the pointer; only such are deleted."""

Progress = Callable[[str, str, int, int | None], None]
"""Called with the stage, the file, and how many bytes are done and are to be done."""


@frozen
class PushReport:
    """What a push did."""

    url: str
    """Where the store was pushed to."""
    generation: int
    """Of the store that was pushed."""
    replaced: int | None
    """Generation of the pointer that was there before; None where there was none."""
    is_new: bool
    """Whether the pointer was written; not where the same was there already."""
    uploaded: int
    """Number of objects; the pointer does not count."""
    uploaded_bytes: int
    """Size of these objects together."""
    present: int
    """Number of objects that were there already."""
    deleted: int
    """Number of objects that no pointer named any more."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)


def push(
    url: str,
    *,
    store: str | os.PathLike[str] | None = None,
    force: bool = False,
    prune: bool = False,
    progress: Progress | None = None,
) -> PushReport:
    """Return what was written, after the store is published at the URL for `terminology.open` to read.

    Written are the files that answers need, texts included: the place must be as private as your licences ask. Parts,
    which loads need, are not. What is there is not written again. Readers see the former state until the end.

    Args:
        url: Where to, like ``s3://bucket/prefix``. Credentials come from the environment (``AWS_ACCESS_KEY_ID`` …).
        store: Folder of the store; by default ``$TERMINOLOGY_STORE`` or the platform's folder for user data.
        force: Replace a state of the same or a later generation too.
        prune: Delete objects that no pointer has named for 12 hours, and that are older than a day.
        progress: Called while files are uploaded.

    Raises:
        StoreNotFoundError: The folder holds no store, or there is no such bucket.
        StoreDamagedError: A file of the store is not what was written; nothing was published.
        StoreError: The URL is none of an object store; there is another state of the same or a later generation;
            or another publisher has published meanwhile. The state at the URL is as it was.
        UnreachableError: The object store does not answer.
        FetchError: Access is denied.
        TerminologyError: obstore is not installed.
    """
    target = url_of(url)
    if target is None:
        raise StoreError(f"{url} is no URL of an object store: expected s3://BUCKET/PREFIX, gs:// or az://")
    folder = StoreFolder(store if store is not None else default_path())
    objects = Objects(target)
    for attempt in range(ATTEMPTS):
        data = _pointer_bytes(folder)
        try:
            return _Push(folder, data, objects, progress or _quiet).run(force=force, prune=prune)
        except (FileNotFoundError, StoreDamagedError):
            # a load may have published, and deleted the files that were named before
            if attempt == ATTEMPTS - 1 or _pointer_bytes(folder) == data:
                raise
    raise AssertionError("unreachable")


def _quiet(_stage: str, _file: str, _done: int, _total: int | None) -> None:
    pass


def _pointer_bytes(folder: StoreFolder) -> bytes:
    read_catalog(folder)
    return folder.pointer.read_bytes()


@define
class _Push:
    """One push of what a pointer of a store names."""

    folder: StoreFolder
    data: bytes
    objects: Objects
    progress: Progress
    done: int = 0
    total: int = 0
    lock: Any = field(factory=threading.Lock)

    def run(self, *, force: bool, prune: bool) -> PushReport:
        """Return what was written."""
        catalog = catalog_from(self.data, str(self.folder.pointer))
        found = self.objects.read(POINTER)
        former = _former(found[0], self.objects, force=force) if found else None
        is_new = found is None or found[0] != self.data
        if former and is_new and not force:
            self._check_later(catalog, former)
        wanted = {**_compiled(self.folder, catalog), **_archived(self.folder, catalog)}
        listing = self.objects.listed()
        held = {name for name in wanted if self._is_held(name, wanted[name], listing, former)}
        missing = {name: file for name, file in wanted.items() if name not in held}
        self.total = sum(file.size for file in missing.values())
        for last in (False, True):
            self._upload({name: file for name, file in missing.items() if name.endswith(MANIFEST) is last})
        self._check_stored(wanted)
        if is_new:
            self._publish(found[1] if found else None)
        return PushReport(
            url=self.objects.url,
            generation=catalog.generation,
            replaced=former.generation if former else None,
            is_new=is_new,
            uploaded=len(missing),
            uploaded_bytes=self.total,
            present=len(held),
            deleted=self._prune(catalog, former) if prune and _is_settled(listing) else 0,
        )

    def _check_later(self, catalog: Catalog, former: Catalog) -> None:
        if former.generation < catalog.generation:
            return
        state = "a later" if former.generation > catalog.generation else "another"
        raise StoreError(
            f"{self.objects.url} has {state} state, generation {former.generation}; {self.folder.location} has "
            f"generation {catalog.generation}: push the store that was loaded last, or replace that state with --force"
        )

    def _is_held(self, name: str, file: _File, listing: Mapping[str, Listed], former: Catalog | None) -> bool:
        there = listing.get(name)
        if there is None or there.size != file.size:
            return False
        return _is_named(name, _names(former)) or _now() - there.modified < FRESH

    def _upload(self, files: Mapping[str, _File]) -> None:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            tasks = [pool.submit(self._upload_one, *item) for item in sorted(files.items(), key=_largest_first)]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _upload_one(self, name: str, file: _File) -> None:
        with file.path.open("rb") as handle:
            # not closed: the client may refer to its bytes for longer
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        if len(data) != file.size or (file.sha256 and hashlib.sha256(data).hexdigest() != file.sha256):
            raise damaged(file.path, "is damaged: its checksum does not match")
        self.objects.write(name, data)
        with self.lock:
            self.done += file.size
            self.progress("upload", name, self.done, self.total)

    def _check_stored(self, wanted: Mapping[str, _File]) -> None:
        """Check that the object store lists all objects with their sizes."""
        listing = self.objects.listed()
        for name, file in wanted.items():
            if name not in listing or listing[name].size != file.size:
                raise StoreError(f"{self.objects.place(name)} was written, and is not there: nothing was published")

    def _publish(self, former: Entity | None) -> None:
        try:
            self.objects.replace(POINTER, self.data, former)
        except LostRaceError:
            raise LostRaceError(
                f"{self.objects.url}: another publisher was faster, and its state is in force; nothing of this push is: "
                "look at what it published, and push again"
            ) from None

    def _prune(self, catalog: Catalog, former: Catalog | None) -> int:
        kept = _names(catalog) | _names(former)
        old = [
            name
            for name, there in self.objects.listed().items()
            if OWN_NAME.fullmatch(name) and not _is_named(name, kept) and _now() - there.modified > DELETABLE
        ]
        self.objects.delete(old)
        return len(old)


@frozen
class _File:
    """A file of the store that is pushed."""

    path: Path
    size: int
    sha256: str | None
    """None of manifests, which have a checksum of their own."""


def _former(data: bytes, objects: Objects, *, force: bool) -> Catalog | None:
    """Return what the pointer in force names; None where it is damaged, or of another format, and to be replaced."""
    try:
        return catalog_from(data, objects.place(POINTER))
    except StoreError as error:
        if force:
            return None
        raise StoreError(f"{error}; or replace it with --force") from None


def _compiled(folder: StoreFolder, catalog: Catalog) -> dict[str, _File]:
    """Return the compiled files, by the names of their objects."""
    return {
        f"{COMPILED}/{file.name}": _File(folder.compiled / file.name, file.size, file.sha256)
        for file in catalog.files.values()
    }


def _archived(folder: StoreFolder, catalog: Catalog) -> dict[str, _File]:
    """Return the files of releases and crosswalks, by the names of their objects."""
    found: dict[str, _File] = {}
    for place in committed_folders(folder, catalog):
        name = place.relative_to(folder.path).as_posix()
        manifest = place / MANIFEST
        for table, sha256 in read_manifest(place)["tables"].items():
            path = place / table
            found[object_of_table(name, sha256)] = _File(path, _size_of(path), sha256)
        found[f"{name}/{MANIFEST}"] = _File(manifest, _size_of(manifest), None)
    return found


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        raise damaged(path, "is missing") from None


def _names(catalog: Catalog | None) -> frozenset[str]:
    """Return the objects that a catalog names: compiled files, and folders of the archive with all that is in them."""
    if catalog is None:
        return frozenset()
    folder = StoreFolder(os.curdir)
    return frozenset(
        {f"{COMPILED}/{name}" for name in catalog.files}
        | {place.as_posix() for place in committed_folders(folder, catalog)}
    )


def _is_named(name: str, names: frozenset[str]) -> bool:
    return name in names or name.rpartition("/")[0] in names


def _is_settled(listing: Mapping[str, Listed]) -> bool:
    """Return whether the pointer has been in force for so long that nobody is reading with the one before it."""
    return POINTER in listing and _now() - listing[POINTER].modified > FRESH


def _largest_first(item: tuple[str, _File]) -> int:
    return -item[1].size


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
