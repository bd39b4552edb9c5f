"""A store in an object store, read through a local cache.

The pointer is read at each opening. The compiled files that it names and the cache lacks are downloaded, and then mapped
as those of a store in a folder are. Names are checksums, so a file that is there need not be asked for again. The tables
of the archive, which few answers need, are downloaded when the first of these asks for them.

A file is written beside its name, compared with its checksum, and renamed: what a killed download leaves counts for
nothing. Of processes that need the same files one downloads, and the others wait for it; without locks (Windows, some
network file systems) each downloads for itself.

An opening that downloads nothing is the usual one, so what only a download needs is imported by that.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ..errors import StoreNotFoundError
from .checksums import digest_of
from .damage import damaged
from .folder import CACHE_TAG, LOCK, POINTER, StoreFolder, file_lock, make_folder, opened_for_writing, sha256_of
from .objects import Objects
from .pointer import Catalog, CompiledFile, catalog_from, committed_folders

ENVIRONMENT: Final = "TERMINOLOGY_CACHE"
TAG: Final = b"""Signature: 8a477f597d28d172789f06886806bc55
# This folder holds copies of stores in object stores, made by the program terminology. All of it can be deleted.
"""
CONNECTIONS: Final = 8
WAIT_SECONDS: Final = 600.0
"""For another process that downloads the same."""
READ_ONLY: Final = 0o444
KEPT_SECONDS: Final = 24 * 3600.0
"""How old a file in the cache is before it is deleted because the pointer no longer names it."""
SHA256: Final = re.compile(r"[0-9a-f]{64}")
HALF_FILE: Final = re.compile(r"\..+\.[0-9a-f]{16}\.tmp")

Progress = Callable[[str, str, int, int | None], None]
"""Called with the stage, the file, and how many bytes are done and are to be done."""


def cache_path() -> Path:
    """Return the folder that ``TERMINOLOGY_CACHE`` names, else the platform's folder for caches."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "terminology"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "terminology" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "terminology"


def cache_name(url: str) -> str:
    """Return the name of the folder of a store in the cache: for people, and then one that no other URL has.

    >>> cache_name("s3://bucket/codes")
    's3-bucket-codes-...'
    """
    readable = re.sub(r"[^A-Za-z0-9._]+", "-", url)[:60]
    return f"{readable}-{digest_of(url.encode())[:16]}"


class CachedFolder(StoreFolder):
    """The folder in the cache that has the files of a store in an object store; it has no pointer.

    Raises:
        TerminologyError: obstore is not installed.
    """

    def __init__(self, url: str) -> None:
        super().__init__(cache_path() / cache_name(url))
        self.url: str = url
        self.objects = Objects(url)

    @property
    def pointer(self) -> Path:
        """The URL of the pointer, as a path: what errors name."""
        return Path(self.objects.place(POINTER))

    def pointer_bytes(self) -> bytes:
        """Return the pointer as it is in the object store now.

        Raises:
            StoreNotFoundError: There is no store at the URL.
        """
        found = self.objects.read(POINTER)
        if found is None:
            raise StoreNotFoundError(
                f"no store in {self.url}: push one first (terminology export store {self.url} --store DIR)"
            )
        return found[0]

    def catalog(self, *, thorough: bool = False, progress: Progress | None = None) -> Catalog:
        """Return what is in force, after all compiled files of it are in the cache.

        Args:
            thorough: Compare what is in the cache with its checksums, and download again what is damaged.
            progress: Called while files are downloaded.

        Raises:
            StoreNotFoundError: There is no store at the URL.
            StoreDamagedError: The pointer or a file is not what its checksum says.
            FileNotFoundError: A file is gone: it is lost, or another pointer has been published meanwhile.
            UnreachableError: The object store does not answer.
        """
        data = self.pointer_bytes()
        catalog = catalog_from(data, self.objects.place(POINTER))
        if self._missing(catalog, thorough=thorough):
            self._prepare()
            with self._alone():
                # another process may have downloaded them meanwhile
                missing = self._missing(catalog, thorough=thorough)
                _Download(self, missing, progress).run()
                self._sweep(catalog)
        self._keep_pointer(data)
        return catalog

    def _keep_pointer(self, data: bytes) -> None:
        """Keep a pointer under its checksum, as a store in a folder keeps the former one.

        Who is told the checksum, as a worker of Spark is, opens what it names; what is published meanwhile does not matter.
        """
        import secrets

        path = self.compiled / f"{digest_of(data)}.pointer"
        if not path.exists():
            self._prepare()
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
            temporary.write_bytes(data)
            os.replace(temporary, path)

    def bring(self, path: Path, sha256: str | None = None) -> None:
        """Download a file of the archive, where it is not in the cache.

        Raises:
            StoreDamagedError: It is gone, or not what its checksum says.
        """
        if path.exists():
            return
        relative = path.relative_to(self.path)
        if ".." in relative.parts:
            raise damaged(self.pointer, f"is damaged: it leads out of the store, to {relative}")
        name = relative.as_posix()
        if sha256 is not None:
            name = object_of_table(relative.parent.as_posix(), sha256)
        self._prepare()
        make_folder(path.parent)
        try:
            self.download(name, path, sha256)
        except FileNotFoundError:
            raise damaged(self.objects.place(name), "is missing") from None

    def download(
        self, name: str, path: Path, sha256: str | None, count: Callable[[int], None] = lambda _bytes: None
    ) -> None:
        """Put the bytes of an object at a path, in one step, after they were compared with their checksum.

        Raises:
            FileNotFoundError: There is no such object.
            StoreDamagedError: It has other bytes.
        """
        import hashlib
        import secrets

        digest = hashlib.sha256()
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            with opened_for_writing(temporary) as handle:
                for piece in self.objects.pieces(name):
                    digest.update(piece)
                    handle.write(piece)
                    count(len(piece))
                handle.flush()
                os.fsync(handle.fileno())
            if sha256 is not None and digest.hexdigest() != sha256:
                raise damaged(self.objects.place(name), f"is damaged: its SHA-256 is {digest.hexdigest()}")
            temporary.chmod(temporary.stat().st_mode & READ_ONLY)
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _missing(self, catalog: Catalog, *, thorough: bool) -> list[CompiledFile]:
        return [file for file in catalog.files.values() if not self._holds(file, thorough=thorough)]

    def _holds(self, file: CompiledFile, *, thorough: bool) -> bool:
        path = self.compiled / file.name
        try:
            return path.stat().st_size == file.size and (not thorough or sha256_of(path) == file.sha256)
        except OSError:
            return False

    def _prepare(self) -> None:
        make_folder(self.compiled)
        tag = self.path.parent / CACHE_TAG
        if not tag.exists():
            tag.write_bytes(TAG)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            # two that download the same are slow, and do no harm
            with contextlib.suppress(OSError):
                stack.enter_context(file_lock(self.path / LOCK, WAIT_SECONDS, f"{self.path} is being filled"))
            yield

    def _sweep(self, catalog: Catalog) -> None:
        """Delete what the pointer does not name, and what killed downloads left, once it is a day old.

        A process that has mapped such a file keeps it; one that reads an older pointer just now downloads it again.
        """
        import shutil

        kept = {self.compiled / name for name in catalog.files} | set(committed_folders(self, catalog))
        old = time.time() - KEPT_SECONDS
        archived = [*self.path.glob("releases/*/*/*"), *self.path.glob("crosswalks/*/*/*")]
        for path in [*self.compiled.iterdir(), *archived, *self.path.glob("*/*/*/*/.*.tmp")]:
            with contextlib.suppress(OSError):
                if path in kept or path.stat().st_mtime > old:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.suffix in (".arrow", ".pointer") or HALF_FILE.fullmatch(path.name):
                    path.unlink()


class _Download:
    """The download of several compiled files at a time; the first error ends all of them."""

    def __init__(self, folder: CachedFolder, files: Sequence[CompiledFile], progress: Progress | None) -> None:
        self.folder = folder
        self.files = sorted(files, key=lambda file: -file.size)
        self.progress = progress
        self.total = sum(file.size for file in files)
        self.done = 0
        self.lock = threading.Lock()
        self.is_over = threading.Event()

    def run(self) -> None:
        """Download all files."""
        from concurrent.futures import ThreadPoolExecutor, as_completed

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            tasks = [pool.submit(self._bring, file) for file in self.files]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                self.is_over.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _bring(self, file: CompiledFile) -> None:
        if not SHA256.fullmatch(file.sha256):
            raise damaged(self.folder.pointer, f"is damaged: {file.sha256!r} is no SHA-256")
        left = file.size

        def count(size: int) -> None:
            nonlocal left
            left -= size
            if left < 0:
                raise damaged(self.folder.objects.place(name), f"has more than {file.size:,} bytes")
            if self.is_over.is_set():
                raise InterruptedError
            with self.lock:
                self.done += size
                if self.progress:
                    self.progress("download", file.name, self.done, self.total)

        name = f"compiled/{file.name}"
        self.folder.download(name, self.folder.compiled / file.name, file.sha256, count)


def object_of_table(folder: str, sha256: str) -> str:
    """Return the name of the object with a table of a folder of the archive.

    >>> object_of_table("releases/icd10cm/2022/4f", "c0")
    'releases/icd10cm/2022/4f/c0.parquet'
    """
    return f"{folder}/{sha256}.parquet"
