"""Asking a store changes nothing in it."""

from __future__ import annotations

from pathlib import Path

from .asked import answers, published_twice


def contents(store: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return what is in the folder of a store: of every path its time, and of every file its bytes."""
    paths = [store, *sorted(store.rglob("*"))]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None) for path in paths}


def test_a_query_never_writes(tmp_path: Path) -> None:
    """After every kind of question each file and folder of the store has its bytes and its time, and none is new."""
    store = published_twice(tmp_path)
    before = contents(store)
    found = answers(store)
    assert len(found) > 30
    assert before == contents(store)
