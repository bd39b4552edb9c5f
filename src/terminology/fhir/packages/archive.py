"""A gzipped tar archive whose bytes depend on its content only, written beside its place and put there in one step."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

LEVEL: Final = 6
BUFFER: Final = 2**20
IN_MEMORY: Final = 2**24
"""Bytes of a member from which on it waits on the disk until its size is known."""


class Archive:
    """An open archive. Members have no time, no owner, and the order in which they are added."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, pieces: Iterable[str]) -> int:
        """Add a member of pieces of text, and return its size in bytes."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as waiting:
            for piece in pieces:
                waiting.write(piece.encode())
            member = tarfile.TarInfo(name)
            member.size = waiting.tell()
            member.mode = 0o644
            waiting.seek(0)
            self._tar.addfile(member, waiting)
        return member.size


@contextlib.contextmanager
def written_archive(path: Path) -> Iterator[Archive]:
    """Yield an archive to fill; at the end it takes its place. Where anything goes wrong, nothing is there but what was.

    Raises:
        OSError: It cannot be written.
    """
    made = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with made.open("wb") as file:
            with _packed(file) as tar:
                yield Archive(tar)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


@contextlib.contextmanager
def _packed(file: IO[bytes]) -> Iterator[tarfile.TarFile]:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0) as packed:
        # tarfile writes in small pieces, and compressing each takes longer
        buffered = io.BufferedWriter(packed, BUFFER)
        with tarfile.open(fileobj=buffered, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            yield tar
        buffered.flush()
