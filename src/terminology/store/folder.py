"""The folder of a store: its marker, the names of its files, durable writes, and the lock of writers."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final

from ..errors import NotAStoreError, StoreError, StoreLockedError, UnsupportedPlatformError
from .checksums import digest_of

if TYPE_CHECKING:
    from pathlib import Path

POINTER: Final = "CURRENT.json"
MARKER: Final = "STORE"
SIGNATURE: Final = b"Signature: terminology-store"
MARKER_TEXT: Final = (
    SIGNATURE
    + b"""
This folder is a store of the program terminology.
It writes files here, and deletes those of its own that it no longer needs. Keep other files elsewhere.
"""
)
LOCK: Final = "lock"
CACHE_TAG: Final = "CACHEDIR.TAG"
"""Marks a folder of copies that can be made again; backups leave such folders out."""
COMPILED: Final = "compiled"
ENVIRONMENT: Final = "TERMINOLOGY_STORE"
POLL_SECONDS: Final = 0.05
SCHEMES: Final = ("s3:/", "gs:/", "az:/")
"""How the URLs of object stores begin, also those of which a `pathlib.Path` was made: it keeps one slash of two."""
FOLDERS: Final = (COMPILED, "parts", "releases", "crosswalks", "incoming")
"""The folders of a store."""
UNNOTICED: Final = frozenset({LOCK, "lost+found", ".DS_Store", "desktop.ini", "Thumbs.db"})
"""Names that an empty folder may hold: file systems and desktops create them."""
SHOWN_NAMES: Final = 3
FILE_MODE: Final = 0o664
FOLDER_MODE: Final = 0o775
"""As the umask allows, and never writable for everybody."""


def url_of(place: str | os.PathLike[str]) -> str | None:
    """Return the URL of a place in an object store; None for a folder.

    >>> url_of("s3://bucket/codes/"), url_of("codes")
    ('s3://bucket/codes', None)
    """
    text = os.fspath(place)
    if not text.startswith(SCHEMES):
        return None
    scheme, _, rest = text.partition(":")
    return f"{scheme}://{rest.strip('/')}"


def default_path() -> Path:
    """Return the folder, or the URL as a path, that ``TERMINOLOGY_STORE`` names, else the platform's folder for user data."""
    from pathlib import Path

    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "terminology"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "terminology"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "terminology"


class StoreFolder:
    """Names and paths of the files of a store. It reads and writes none of them but the marker.

    Raises:
        StoreError: The place is in an object store, and only a folder will do.
    """

    __slots__ = ("location",)
    url: str | None = None
    """Of a store in an object store; its files are then in a local cache."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if url := url_of(path):
            raise StoreError(
                f"{url} is in an object store, where a store is read only: "
                f"work on the store in a folder, and push it with `terminology export store {url} --store DIR`"
            )
        self.location = os.fspath(path) or os.curdir
        """The path as text: reading a store needs no more, and pathlib costs a start a tenth of its time."""

    def __repr__(self) -> str:
        return f"StoreFolder({self.location!r})"

    @property
    def path(self) -> Path:
        """The folder."""
        from pathlib import Path

        return Path(self.location)

    @property
    def pointer(self) -> Path:
        """The file that names all that is in force."""
        return self.path / POINTER

    def pointer_bytes(self) -> bytes:
        """Return the pointer as it is now.

        Raises:
            FileNotFoundError: Nothing was ever published.
        """
        return self.pointer.read_bytes()

    @property
    def compiled(self) -> Path:
        """The folder of compiled files, named by their SHA-256."""
        return self.path / COMPILED

    @property
    def compiled_location(self) -> str:
        """The folder of compiled files as text."""
        return os.path.join(self.location, COMPILED)  # noqa: PTH118 -- a start needs no pathlib

    @property
    def incoming(self) -> Path:
        """The folder of parts that running loads have read and not yet handed over, one folder for each load."""
        return self.path / "incoming"

    def part(self, system: str, sha256: str, kind: str, format_number: int) -> Path:
        """Return the folder of a parsed release file."""
        return self.path / "parts" / system / f"{sha256}-{kind}-{format_number}"

    def release(self, system: str, version: str, digest: str) -> Path:
        """Return the folder of one revision of a release."""
        return self.path / "releases" / system / version / digest

    def crosswalk(self, name: str, version: str, digest: str) -> Path:
        """Return the folder of one revision of a crosswalk; the digest distinguishes its directions."""
        return self.path / "crosswalks" / name / version / digest

    def bring(self, path: Path, sha256: str | None = None) -> None:
        """See that a file of the archive is there, before it is read. In a folder nothing is to be done.

        Args:
            path: The file.
            sha256: Its checksum, where it is known.
        """

    @property
    def is_marked(self) -> bool:
        """Whether the folder holds the marker of a store."""
        return is_store(self.path)

    def check_writable(self) -> None:
        """Check that the folder is a store, is empty, or does not exist yet.

        A folder that holds a pointer but no marker was made a store by a version that wrote none.

        Raises:
            NotAStoreError: It holds other files.
            UnsupportedPlatformError: Stores cannot be written on this platform.
        """
        _file_locks()
        if self.is_marked:
            return
        if self.path.exists() and not self.path.is_dir():
            raise NotAStoreError(f"{self.path} is a file: give --store a new or an empty folder")
        names = sorted(path.name for path in self.path.iterdir()) if self.path.is_dir() else []
        bystanders = [name for name in names if name not in UNNOTICED and not _is_half_marker(name)]
        if bystanders and not _is_pointer(self.pointer):
            shown = ", ".join(repr(name) for name in bystanders[:SHOWN_NAMES])
            more = f" and {len(bystanders) - SHOWN_NAMES:,} more" if len(bystanders) > SHOWN_NAMES else ""
            raise NotAStoreError(
                f"{self.path} is not a store and not empty (it holds {shown}{more}): give --store a new or an empty folder"
            )

    @contextlib.contextmanager
    def lock(self, wait_seconds: float = 600.0) -> Iterator[None]:
        """Make the folder a store, and hold the writers' lock; readers never need it.

        The system releases the lock when the process dies.

        Raises:
            NotAStoreError: The folder holds other files and is no store.
            StoreLockedError: Another process held it for longer than ``wait_seconds``.
            UnsupportedPlatformError: The platform has no advisory file locks (Windows).
        """
        self.check_writable()
        make_folder(self.path)
        with file_lock(self.path / LOCK, wait_seconds, f"{self.path} is being written by another process"):
            if not self.is_marked:
                write_durably(self.path / MARKER, MARKER_TEXT)
            yield


def is_store(path: Path) -> bool:
    """Return whether a folder holds the marker of a store."""
    marker = path / MARKER
    try:
        # reading a pipe in its place would wait without end
        if marker.is_symlink() or not marker.is_file():
            return False
        with marker.open("rb") as handle:
            return handle.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def _is_half_marker(name: str) -> bool:
    """Return whether a killed writer left a file of this name while it wrote the marker."""
    return name.startswith(f".{MARKER}.") and name.endswith(".tmp")


def _is_pointer(path: Path) -> bool:
    """Return whether a file begins as a pointer does: with the SHA-256 of the rest."""
    try:
        head, _, body = path.read_bytes().partition(b"\n") if path.is_file() else (b"", b"", b"")
    except OSError:
        return False
    return head == digest_of(body).encode()


def _file_locks() -> None:
    """Check that the platform has advisory file locks.

    Raises:
        UnsupportedPlatformError: It has none.
    """
    try:
        import fcntl  # noqa: F401 -- the question is whether it is there
    except ImportError:
        raise UnsupportedPlatformError(
            "writing to a store is supported on Linux and macOS only; reading works everywhere"
        ) from None


@contextlib.contextmanager
def file_lock(path: Path, wait_seconds: float, message: str) -> Iterator[None]:
    """Hold an advisory lock on a file, which is made where it is not there.

    Raises:
        StoreLockedError: Another process held it for longer than ``wait_seconds``; with this message.
        UnsupportedPlatformError: The platform has no advisory file locks (Windows).
    """
    _file_locks()
    import fcntl

    deadline = time.monotonic() + wait_seconds
    with opened_for_writing(path, truncate=False) as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreLockedError(message) from None
                time.sleep(POLL_SECONDS)
        yield


def make_folder(path: Path) -> None:
    """Make a folder and those above it, as the umask allows and never writable for everybody."""
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)


def opened_for_writing(path: Path, *, truncate: bool = True) -> IO[bytes]:
    """Return a file opened for writing, as the umask allows and never writable for everybody.

    Raises:
        OSError: It cannot be opened, or a symbolic link is in its place: what it leads to is not the store's.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    flags |= os.O_TRUNC if truncate else 0
    return os.fdopen(os.open(path, flags, FILE_MODE), "r+b")


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give an error of the operating system the path that is written, where it has none: a full disk names no file."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename, error.strerror = str(path), os.strerror(error.errno)
        raise


def write_durably(path: Path, data: bytes) -> None:
    """Put the bytes at the path in one step: a reader sees the former file or the new one, whole."""
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with naming(path), opened_for_writing(temporary) as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError:
        # on a full disk the incomplete file takes space, and no sweep removes it from a folder that is no store
        with contextlib.suppress(OSError):
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
    with naming(path), path.open("rb") as handle:
        os.fsync(handle.fileno())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    import hashlib

    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill; at the end it is made durable and takes its name in one step.

    Where the name is taken already (folders are named by digests, so by the same content) it stays as it is.
    """
    import shutil

    make_folder(folder.parent)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(mode=FOLDER_MODE)
    try:
        yield temporary
        for file in temporary.iterdir():
            file.chmod(file.stat().st_mode & FILE_MODE)
            sync_file(file)
        sync_folder(temporary)
        if not folder.exists():
            os.rename(temporary, folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
