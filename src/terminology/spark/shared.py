"""A store as tasks know it: where it is, and a digest of what is published in it.

A worker opens it where it is, if just that is published there: in a folder that all machines share, or on the machine
itself. Else it takes the archive that `ship` added to the Spark session. Spark brings that to each machine once, and the
first worker that needs it unpacks it beside others by its digest, in one step; all of them map the same files::

    driver     /data/codes, digest 3f5a…       ship → terminology-3f5a….zip
    worker     /data/codes has 3f5a…?          yes: it is opened there
               else /tmp/terminology-1000/3f5a… from the archive

Where a store is published anew while a job runs, its tasks still read what the job began with: the pointer before the
last one is kept.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..errors import StoreError
from ..extras import require
from ..query import Terminology, opened_store
from ..store import Catalog, StoreFolder
from ..store.cache import CachedFolder
from ..store.folder import COMPILED, MARKER, MARKER_TEXT, POINTER
from ..store.pointer import pointer_digest, publication

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

ATTEMPTS: Final = 3
Given = Any
"""A `SharedStore`, an open store, its folder, or None for that of `terminology.open`."""


@frozen
class SharedStore:
    """A store that workers open, made by `ship` and of any path. It is pickled as a few texts."""

    location: str
    """The path as the driver knows it, or the address of an object store."""
    digest: str
    """SHA-256 of the pointer that names all that is in force."""
    licences: tuple[str, ...] = ()
    """Short names of the systems whose licence the driver declares."""
    archive: str | None = None
    """Name of the archive among the files of the Spark session, where it was shipped."""

    @classmethod
    def of(cls, store: Given) -> SharedStore:
        """Return the store as it is published now."""
        if isinstance(store, SharedStore):
            return store
        opened = opened_store(store)
        licences = tuple(sorted(opened.licences))
        if opened.url is not None:
            return cls(opened.url, pointer_digest(CachedFolder(opened.url)), licences)
        return cls(str(opened.path.resolve()), pointer_digest(StoreFolder(opened.path)), licences)

    def opened(self) -> Terminology:
        """Return the store, opened once in a process.

        Raises:
            StoreError: It is neither where it was, as it was, nor among the files of the Spark session.
        """
        found = _OPENED.get(self)
        if found is None:
            found = self._where_it_is() or self._shipped()
            if found is None:
                raise StoreError(
                    f"a worker finds no store with the digest {self.digest[:12]}… at {self.location}: put it in a "
                    "folder that all machines share, or ship it: terminology.spark.ship(spark, store)"
                )
            _OPENED[self] = found
        return found

    def _where_it_is(self) -> Terminology | None:
        if "://" not in self.location:
            return self._in_folder(self.location)
        try:
            return self._in_folder(str(opened_store(self.location).path))
        except (StoreError, OSError):
            if self.archive is None:
                raise
            return None

    def _in_folder(self, path: str) -> Terminology | None:
        """Return the publication in a folder; None where there is another one, or none."""
        folder = StoreFolder(path)
        try:
            catalog = publication(folder, self.digest)
            return None if catalog is None else Terminology(folder, catalog, self.licences)
        except FileNotFoundError:
            # a former publication, of which a load has deleted files
            return None

    def _shipped(self) -> Terminology | None:
        if self.archive is None:
            return None
        from pyspark import SparkFiles

        archive = Path(SparkFiles.get(self.archive))
        return self._in_folder(str(unpacked(archive, self.digest))) if archive.exists() else None


_OPENED: Final[dict[SharedStore, Terminology]] = {}
"""The stores of this process."""


def ship(spark: SparkSession, store: Given = None) -> SharedStore:
    """Return the store for workers that do not see its folder, after its compiled files were added to a Spark session.

    Spark brings the archive to each machine once. To ship the same publication again costs nothing.

    Args:
        spark: The session.
        store: An open store or its folder; by default that of `terminology.open`.

    >>> shipped = ship(spark, "/data/codes")  # doctest: +SKIP
    >>> answered = terminology.spark.validate(claims, system="icd10cm", on="day", store=shipped)  # doctest: +SKIP
    """
    shared = SharedStore.of(store)
    name = f"terminology-{shared.digest}.zip"
    path = cache_folder() / name
    if not path.exists():
        write_archive(shared, path)
    add = _adder(spark)
    add(str(path))
    return evolve(shared, archive=name)


def _adder(spark: SparkSession) -> Callable[[str], None]:
    """Return the function that adds a file to a session, on a cluster or through Spark Connect."""
    require("spark", "terminology.spark")
    from pyspark.sql.utils import is_remote

    if is_remote():
        return lambda path: spark.addArtifacts(path, file=True)
    add: Callable[[str], None] = spark.sparkContext.addFile
    return add


def write_archive(shared: SharedStore, path: Path) -> None:
    """Write what answers need of a store: the pointer and the compiled files that it names, and no parsed files.

    Raises:
        StoreError: It was published anew, over and over.
    """
    folder = StoreFolder(str(opened_store(shared.location).path) if "://" in shared.location else shared.location)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    for _ in range(ATTEMPTS):
        catalog = publication(folder, shared.digest)
        if catalog is not None:
            try:
                _write(folder, catalog, _pointer_of(folder, shared.digest), temporary)
            except FileNotFoundError:
                continue
            os.replace(temporary, path)
            return
    raise StoreError(f"{folder.path} was published anew while it was shipped: ship it again")


def _pointer_of(folder: StoreFolder, digest: str) -> Path:
    kept = folder.compiled / f"{digest}.pointer"
    return kept if kept.exists() else folder.pointer


def _write(folder: StoreFolder, catalog: Catalog, pointer: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MARKER, MARKER_TEXT)
        archive.write(pointer, POINTER)
        for name in sorted(catalog.files):
            archive.write(folder.compiled / name, f"{COMPILED}/{name}")


def unpacked(archive: Path, digest: str) -> Path:
    """Return the folder of an unpacked archive: whoever is first on a machine unpacks it, in one step."""
    target = cache_folder() / digest
    if target.exists():
        return target
    temporary = Path(tempfile.mkdtemp(prefix=f".{digest[:12]}-", dir=target.parent))
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(temporary)
        try:
            os.rename(temporary, target)
        except OSError:
            # another worker was faster: its folder has the same content
            if not target.exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def cache_folder() -> Path:
    """Return the folder of archives and unpacked stores of this user, in that for temporary files.

    Raises:
        StoreError: It is somebody else's.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"terminology-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and folder.lstat().st_uid != user:
        raise StoreError(f"{folder} belongs to somebody else: set TMPDIR to another folder")
    return folder
