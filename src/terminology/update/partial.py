"""Files on their way: what came so far, what it belongs to, and how it takes its name in one step."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from attrs import asdict, evolve, frozen

from ..errors import FetchError, StoreLockedError, UnsupportedPlatformError
from ..store.folder import file_lock, make_folder, sha256_of, sync_file, sync_folder, write_durably

FORMAT: Final = 1
DURABLE_BYTES: Final = 2**20
"""After how many bytes what came is made durable; only that is resumed after a crash."""
VALIDATOR: Final = re.compile(r"[!-~](?:[ -~]{0,998}[!-~])?")


@frozen
class Record:
    """What is known of a file, or of a part of it: stored next to it, hidden."""

    url: str
    """A digest of the URL: the URL itself may hold a password."""
    etag: str | None = None
    last_modified: str | None = None
    total: int | None = None
    durable: int = 0
    """How many bytes are on the disk for certain."""
    sha256: str | None = None
    """Of a whole file only."""
    format: int = FORMAT

    @property
    def validator(self) -> str | None:
        """What ``If-Range`` may be asked with: a strong entity tag, or the date of the last change."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified if not self.etag else None


def validator_in(header: str | None) -> str | None:
    r"""Return an entity tag or a date of a server, if it may be sent back in a header; None if it may not.

    >>> validator_in('W/"abc"'), validator_in('"a\r\n b"'), validator_in("x" * 2000)
    ('W/"abc"', None, None)
    """
    return header if header is not None and VALIDATOR.fullmatch(header) else None


def digest_of(url: str) -> str:
    """Return what a URL is known by on the disk."""
    return hashlib.sha256(url.encode()).hexdigest()


@frozen
class Landing:
    """The files of one download: the final name, the part next to it, and a record of each."""

    path: Path

    @property
    def part(self) -> Path:
        """The file on its way; hidden, so that nobody takes it for a release."""
        return self.path.with_name(f".{self.path.name}.part")

    @property
    def part_record(self) -> Path:
        """What the part is a part of."""
        return self.path.with_name(f".{self.path.name}.part.json")

    @property
    def whole_record(self) -> Path:
        """What the server said of the whole file."""
        return self.path.with_name(f".{self.path.name}.json")

    def whole(self, url: str) -> Record | None:
        """Return the record of the file, if it came from the URL and is still what came."""
        record = _read(self.whole_record)
        if record is None or record.url != digest_of(url) or not self.path.is_file():
            return None
        fits = record.total == self.path.stat().st_size and record.sha256 == sha256_of(self.path)
        return record if fits else None

    def begun(self, url: str) -> Record | None:
        """Return the record of the part, cut to what is certain, if it can be resumed; else the part is removed."""
        record = _read(self.part_record)
        size = self.part.stat().st_size if self.part.is_file() else 0
        fits = (
            record is not None
            and record.url == digest_of(url)
            and record.validator is not None
            and 0 < record.durable <= size
            and (record.total is None or record.durable < record.total)
        )
        if not fits or record is None:
            self.discard()
            return None
        os.truncate(self.part, record.durable)
        return record

    def discard(self) -> None:
        """Remove the part and its record."""
        self.part_record.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    def note(self, record: Record) -> None:
        """Keep the record of the part."""
        write_durably(self.part_record, _bytes(record))

    def land(self, record: Record) -> None:
        """Give the part its final name; before this there is no half file under it, after it a whole one."""
        sync_file(self.part)
        # until its record is kept, the record of the former file is next to it: by the checksum there it is not of this file
        os.replace(self.part, self.path)
        sync_folder(self.path.parent)
        self.keep(record)

    def keep(self, record: Record) -> None:
        """Keep the record of the whole file, and nothing of the part."""
        write_durably(self.whole_record, _bytes(record))
        self.discard()


def make_durable(stream: IO[bytes]) -> None:
    """Write what came to the disk."""
    stream.flush()
    os.fsync(stream.fileno())


@contextlib.contextmanager
def sole_fetcher(folder: Path, url: str, wait_seconds: float) -> Iterator[None]:
    """Hold the lock of a folder of downloads; the system releases it when the process dies.

    Raises:
        FetchError: Another process held it for longer than ``wait_seconds``.
    """
    make_folder(folder)
    with contextlib.ExitStack() as stack:
        try:
            message = f"another process is fetching into {folder}"
            stack.enter_context(file_lock(folder / ".lock", wait_seconds, message))
        except StoreLockedError as error:
            raise FetchError(str(error), url=url) from None
        except UnsupportedPlatformError:
            # no advisory locks: there is no unattended update on this platform either, its store is not written
            pass
        yield


def _bytes(record: Record) -> bytes:
    return json.dumps(asdict(record), indent=1, allow_nan=False).encode()


def _read(path: Path) -> Record | None:
    """Return a record; None where there is none, or it is damaged: it is a convenience, not a truth."""
    kinds: dict[str, tuple[type, ...]] = {
        "url": (str,),
        "format": (int,),
        "durable": (int,),
        "total": (int, type(None)),
    }
    try:
        values: Any = json.loads(path.read_bytes())
        text = (str, type(None))
        sound = all(isinstance(values[name], kinds.get(name, text)) for name in asdict(Record("")))
        if not sound or values["format"] != FORMAT:
            return None
        # what cannot be sent back would fail every run
        return evolve(
            Record(**values),
            etag=validator_in(values["etag"]),
            last_modified=validator_in(values["last_modified"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
