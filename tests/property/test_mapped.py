"""The standard library's reading of compiled files against pyarrow's, column by column."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

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
