"""The folder of a store: names of its files, durable writes, and the lock of writers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from ..errors import StoreLockedError, UnsupportedPlatformError

POINTER: Final = "CURRENT.json"
ENVIRONMENT: Final = "TERMINOLOGY_STORE"
POLL_SECONDS: Final = 0.05
FOLDERS: Final = ("compiled", "parts", "releases", "crosswalks")
"""What a store keeps for itself: files there that nothing names are swept."""


def default_path() -> Path:
    """Return the folder that ``TERMINOLOGY_STORE`` names, else the platform's folder for user data."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "terminology"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "terminology"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "terminology"


@frozen
class StoreFolder:
    """Where the files of a store lie. Knows names only, not their contents."""

    path: Path

    @property
    def pointer(self) -> Path:
        """The file that names all that is in force."""
        return self.path / POINTER

    @property
    def compiled(self) -> Path:
        """The folder of compiled files, named by their SHA-256."""
        return self.path / "compiled"

    def part(self, system: str, sha256: str, kind: str, format_number: int) -> Path:
        """Return the folder of a parsed release file."""
        return self.path / "parts" / system / f"{sha256}-{kind}-{format_number}"

    def release(self, system: str, version: str, digest: str) -> Path:
        """Return the folder of one revision of a release."""
        return self.path / "releases" / system / version / digest

    def crosswalk(self, name: str, version: str, digest: str) -> Path:
        """Return the folder of one revision of a crosswalk; the digest tells its directions apart."""
        return self.path / "crosswalks" / name / version / digest

    @contextlib.contextmanager
    def lock(self, wait_seconds: float = 600.0) -> Iterator[None]:
        """Hold the writers' lock; readers never need it. The system releases it when the process dies.

        Raises:
            StoreLockedError: Another process held it for longer than ``wait_seconds``.
            UnsupportedPlatformError: The platform has no advisory file locks (Windows).
        """
        try:
            import fcntl
        except ImportError:
            raise UnsupportedPlatformError(
                "writing to a store is supported on Linux and macOS only; reading works everywhere"
            ) from None
        self.path.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait_seconds
        with (self.path / "lock").open("a+b") as handle:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise StoreLockedError(f"{self.path} is being written by another process") from None
                    time.sleep(POLL_SECONDS)
            yield


def write_durably(path: Path, data: bytes) -> None:
    """Put the bytes at the path in one step: a reader sees the former file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError:
        # on a full disk the half file would be in the way, and nobody sweeps folders that are no store
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable, where the platform knows how."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill; at the end it is made durable and takes its name in one step.

    Where the name is taken already (folders are named by digests, so by the same content) it stays as it is.
    """
    import shutil

    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            sync_file(file)
        sync_folder(temporary)
        if not folder.exists():
            os.rename(temporary, folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
