"""Memory that is unused goes back to the system."""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path

import pytest

from terminology.server.heap import GROWTH, Heap

BLOCK = 64 << 10
"""Bytes: too few for the allocator of C to ask the system for them alone."""
BLOCKS = 1_000


def test_what_was_freed_is_given_back() -> None:
    """Freed blocks below one that is in use stay with the process until its heap is settled; then it is smaller."""
    heap = Heap()
    if not heap.is_able:
        pytest.skip("the allocator of this system cannot be told to give memory back")
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    assert GROWTH < BLOCKS * BLOCK
    blocks = [ctypes.c_void_p(library.malloc(BLOCK)) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    for block in blocks[:-1]:
        library.free(block)
    before = resident()
    assert heap.settle()
    assert before - resident() > BLOCKS * BLOCK // 2
    assert not heap.settle(), "nothing has grown"
    library.free(blocks[-1])


def test_a_system_without_such_an_allocator_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing says how large a process is nothing is done."""
    monkeypatch.setattr("terminology.server.heap.PAGES", tmp_path / "none")
    heap = Heap()
    assert not heap.is_able
    assert not heap.settle()


def resident() -> int:
    """Return the bytes of this process."""
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * mmap.PAGESIZE
