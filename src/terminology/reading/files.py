"""One file, on the disk or in an archive: its bytes are read when somebody asks for them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO, Any, Final

from ..model import Origin
from .limits import Limits

HEAD_BYTES: Final = 4096


class ReadableFile:
    """One file, on the disk or in an archive; its bytes are read when first asked for, and bounded.

    >>> file = ReadableFile("order.txt", lambda: b"00001 A00     0 Cholera")
    >>> file.label, file.suffix, file.head[:5]
    ('order.txt', '.txt', b'00001')
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], bytes],
        *,
        opened: Callable[[], IO[bytes]] | None = None,
        archive: str | None = None,
        archive_sha256: str | None = None,
        path: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.name = name
        self.archive = archive
        self.archive_sha256 = archive_sha256
        self.path = path or name
        self.limits = limits or Limits()
        self.remembered: dict[str, Any] = {}
        """What a reader made of the bytes, so that the next loader that asks need not make it again."""
        self._read = read
        self._opened = opened

    @cached_property
    def data(self) -> bytes:
        """All bytes of the file.

        Raises:
            ReleaseFormatError: It cannot be read, is damaged, or is larger than the limits allow.
        """
        return self._read()

    @cached_property
    def head(self) -> bytes:
        """The first 4,096 bytes.

        Raises:
            ReleaseFormatError: It cannot be read, or is damaged.
        """
        if self._opened is None or "data" in self.__dict__:
            return self.data[:HEAD_BYTES]
        with self._opened() as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def suffix(self) -> str:
        """The ending of the name, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def label(self) -> str:
        """The file as people know it."""
        return f"{self.archive}!{self.name}" if self.archive else self.name

    @cached_property
    def origin(self) -> Origin:
        """Names, size and checksum."""
        digest = hashlib.sha256(self.data).hexdigest()
        return Origin(self.name, digest, len(self.data), self.archive, self.archive_sha256)

    @property
    def is_html(self) -> bool:
        """Whether the bytes are a web page, whatever the name says."""
        start = self.head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return start.startswith((b"<!doctype html", b"<html"))

    def seekable(self) -> IO[bytes]:
        """Return the bytes as an open file; of a file on a disk they are not read into memory."""
        return io.BytesIO(self.data) if self._opened is None or self.archive else self._opened()

    def forget(self) -> None:
        """Drop the bytes and what was made of them; they are read again where somebody asks."""
        self.__dict__.pop("data", None)
        self.remembered.clear()
