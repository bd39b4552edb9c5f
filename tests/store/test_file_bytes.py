"""How files are mapped: without keeping them open, and as long as a view of them is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from terminology.store import StoreFolder
from terminology.store.compiling.ipc import write_compiled
from terminology.store.file_bytes import FileBytes
from terminology.store.mapped import MappedTable

LINUX = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux says which files are mapped")
MANY = """
import resource, sys
import terminology

resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
stores = [terminology.open(sys.argv[1]) for _ in range(3)]
for store in stores:
    for system in store.systems:
        store[system].on(store[system].releases[-1].effective).lookup("M54.5")
    assert store["icd10cm"].on("2021-01-01").is_billable("M54.5")
"""


def file_bytes(path: Path, content: bytes) -> FileBytes:
    """Return a file of this content, mapped."""
    path.write_bytes(content)
    with path.open("rb") as file:
        return FileBytes(file.fileno(), len(content))


def is_mapped(path: Path) -> bool:
    """Return whether this process has the file mapped."""
    return str(path) in Path("/proc/self/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_stores_are_opened_where_few_files_may_be_open(sample_store: Path) -> None:
    """Three stores of some hundreds of files each answer in a process that may have 32 files open."""
    done = subprocess.run(
        [sys.executable, "-c", MANY, str(sample_store)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stderr, done.returncode) == ("", 0)


@LINUX
def test_a_file_is_mapped_as_long_as_there_is_a_view(tmp_path: Path) -> None:
    """A part of the bytes keeps the mapping; with the last view it goes, and the memory with it."""
    path = tmp_path / "codes"
    mapped = file_bytes(path, b"M54.50M54.51")
    part = mapped.view[6:]
    del mapped
    assert (is_mapped(path), bytes(part)) == (True, b"M54.51")
    del part
    assert not is_mapped(path)


@LINUX
def test_an_array_keeps_the_file_mapped(tmp_path: Path) -> None:
    """Arrow's arrays are over the mapped bytes, and outlive the table that they were read from."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"place": pa.array(range(1_000), pa.uint32())}))
    array = MappedTable(store.compiled, file).to_arrow()["place"]
    assert is_mapped(store.compiled / file.name)
    assert array.to_pylist() == list(range(1_000))
    del array
    assert not is_mapped(store.compiled / file.name)


def test_mapped_bytes_cannot_be_changed(tmp_path: Path) -> None:
    """They are those of the store: whoever gets them reads."""
    mapped = file_bytes(tmp_path / "codes", b"M54.50")
    assert mapped.view.readonly
    with pytest.raises(TypeError):
        mapped.view[0] = 0


def test_pages_that_were_let_go_are_read_again(tmp_path: Path) -> None:
    """Any range may be given back, whole pages or not; the bytes stay what they are."""
    content = bytes(range(256)) * 256
    mapped = file_bytes(tmp_path / "codes", content)
    for start, held in [(0, 65_536), (1, 65_535), (4_096, 4_096), (10, 20), (65_536, 0)]:
        mapped.let_go(start, held)
        assert mapped.view == content


def test_what_cannot_be_mapped_is_an_error_of_the_system() -> None:
    """A descriptor that is none is refused with the system's words."""
    with pytest.raises(OSError, match="Bad file descriptor"):
        FileBytes(9_999, 10)


def test_a_swept_file_answers(tmp_path: Path) -> None:
    """A later load deletes files that it replaced: who opened the store before keeps its answers."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"name": ["oak"]}))
    table = MappedTable(store.compiled, file)
    (store.compiled / file.name).unlink()
    assert table.texts("name")[0] == "oak"
    table.require_size()
