"""The bytes of a file, mapped into memory for reading, without keeping the file open.

An open store maps all its compiled files: some hundreds, and more with every release. A process may have 1,024 files
open as most Linux systems come, and 256 as macOS comes. Python's `mmap` keeps a descriptor of each file that it maps;
only from 3.13 on it can be asked not to. Until then the function of the system is called instead.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any


class FileBytes:
    """The bytes of a file that has some; they stay mapped as long as there is a view of them.

    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     length = file.write(b"M54.50")
    ...     file.flush()
    ...     mapped = FileBytes(file.fileno(), length)
    >>> bytes(mapped.view)
    b'M54.50'
    """

    __slots__ = ("_map", "view")

    def __init__(self, descriptor: int, size: int) -> None:
        self._map = _mapped(descriptor, size)
        self.view = memoryview(self._map).cast("B").toreadonly()[:size]

    def let_go(self, start: int, held: int) -> None:
        """Give the whole pages of a range back; they are read again when one of their bytes is asked for.

        The system keeps them as long as it has room, so that whoever reads one of them next waits for no disk.
        """
        first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        whole = (start + held - first) // mmap.PAGESIZE * mmap.PAGESIZE
        if whole > 0 and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED, first, whole)


def _mapped(descriptor: int, size: int) -> Any:
    """Return an object that has the bytes, and `madvise`."""
    if sys.platform == "win32":
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ, trackfd=False)
    from .system_maps import system_map

    return system_map(descriptor, size)
