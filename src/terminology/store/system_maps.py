"""Files mapped by the functions of the system, for versions of Python whose `mmap` keeps a descriptor of each."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import weakref
from typing import Final

SYSTEM: Final = ctypes.CDLL(None, use_errno=True)
MAP: Final = SYSTEM.mmap
MAP.restype = ctypes.c_void_p
MAP.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
UNMAP: Final = SYSTEM.munmap
UNMAP.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
ADVISE: Final = SYSTEM.madvise
ADVISE.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
FAILED: Final = ctypes.c_void_p(-1).value


class SystemMap(ctypes.Array[ctypes.c_char]):
    """The bytes of a file and what lies behind them: a type for each length would take more memory than most files."""

    _type_ = ctypes.c_char
    _length_ = sys.maxsize

    def madvise(self, option: int, start: int, length: int) -> None:
        """Give the system advice on a range of bytes."""
        ADVISE(ctypes.addressof(self) + start, length, option)


def system_map(descriptor: int, size: int) -> SystemMap:
    """Return a file mapped for reading, until no view of its bytes is left.

    Raises:
        OSError: The system refuses it.
    """
    address = MAP(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address == FAILED:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    found = SystemMap.from_address(address)
    # a view keeps the array that it is of; when Python ends, the system unmaps what is left
    weakref.finalize(found, UNMAP, address, size).atexit = False
    return found
