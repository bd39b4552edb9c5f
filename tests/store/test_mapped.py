"""The standard library's reading of compiled files against pyarrow's, column by column."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import StoreDamagedError, StoreError
from terminology.store import StoreFolder
from terminology.store.compiling.ipc import TYPE_NAMES, write_compiled
from terminology.store.mapped import MappedTable
from terminology.store.pointer import CompiledFile

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "é", "日本", "99213:25", "\0"]
)
INTEGERS = {
    "uint8": st.integers(0, 2**8 - 1),
    "uint16": st.integers(0, 2**16 - 1),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**64 - 1),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Return a table with a column of every type that a compiled file may hold."""
    rows = draw(st.integers(0, 40))
    columns = {
        name: pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), getattr(pa, name)())
        for name, values in INTEGERS.items()
    }
    for name, values in (("text", TEXTS), ("optional", TEXTS | st.none()), ("nothing", st.none())):
        columns[name] = pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), pa.string())
    return pa.table(columns)


@contextlib.contextmanager
def compiled(table: pa.Table) -> Iterator[tuple[StoreFolder, CompiledFile]]:
    """Yield the folder and the file of a compiled table."""
    with tempfile.TemporaryDirectory() as folder:
        store = StoreFolder(Path(folder))
        yield store, write_compiled(store, table)


def test_every_type_is_drawn() -> None:
    """The tables that are compared hold every type that can be compiled."""
    assert set(TYPE_NAMES) == {*INTEGERS, "string"}


@given(tables())
def test_columns(table: pa.Table) -> None:
    """Every column reads as pyarrow reads it: nulls, empty strings, any script, the whole range of each integer."""
    with compiled(table) as (store, file):
        mapped = MappedTable(store.compiled, file)
        with pa.OSFile(str(store.compiled / file.name)) as source:
            whole = pa.ipc.open_file(source).read_all()
        assert whole.num_rows == mapped.rows
        for name in INTEGERS:
            assert whole.column(name).to_pylist() == list(mapped.integers(name))
        for name in ("text", "optional", "nothing"):
            texts = mapped.texts(name)
            assert whole.column(name).to_pylist() == [texts[row] for row in range(len(texts))]
        assert whole.equals(mapped.to_arrow())


def test_chunks_become_one(tmp_path: Path) -> None:
    """A column in several chunks is compiled as one."""
    chunked = pa.table({"text": pa.chunked_array([["a", None], ["ö"]])})
    store = StoreFolder(tmp_path)
    texts = MappedTable(store.compiled, write_compiled(store, chunked)).texts("text")
    assert ["a", None, "ö"] == [texts[row] for row in range(3)]


def test_slices_are_cut(tmp_path: Path) -> None:
    """A slice of a larger table is compiled as it reads, with validity bits that do not begin on a byte."""
    table = pa.table({"text": pa.array(["a", None, "ö", "", None, "z"]), "number": pa.array(range(6), pa.uint32())})
    store = StoreFolder(tmp_path)
    mapped = MappedTable(store.compiled, write_compiled(store, table.slice(1, 4)))
    texts = mapped.texts("text")
    assert [None, "ö", "", None] == [texts[row] for row in range(4)]
    assert list(mapped.integers("number")) == [1, 2, 3, 4]


@pytest.mark.parametrize("column", [pa.array([1.5]), pa.array(["a"]).dictionary_encode(), pa.array([[1]])])
def test_other_types_are_refused(tmp_path: Path, column: pa.Array) -> None:
    """A type that the mapped reader does not know is refused when it is written, not when it is read."""
    with pytest.raises(StoreError, match="cannot be compiled"):
        write_compiled(StoreFolder(tmp_path), pa.table({"other": column}))


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    """A compiled file of another size than the pointer says is damaged, with both sizes."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"text": ["a"]}))
    path = store.compiled / file.name
    data = path.read_bytes()[:-1]
    path.unlink()
    path.write_bytes(data)
    with pytest.raises(StoreDamagedError, match=f"{file.size - 1:,} bytes, expected {file.size:,}"):
        MappedTable(store.compiled, file)


def test_the_layout_survives_json(tmp_path: Path) -> None:
    """The layout of buffers can be kept as JSON, and then reads the same."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"text": ["a", None]}))
    columns = json.loads(json.dumps(dict(file.columns)))
    texts = MappedTable(store.compiled, CompiledFile(file.sha256, file.size, file.rows, columns)).texts("text")
    assert ["a", None] == [texts[0], texts[1]]
