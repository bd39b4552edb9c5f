"""How a code is found in its row: by binary search over keys, and through a table of slots."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terminology.store import StoreFolder
from terminology.store.codes import CodeColumn, SlottedCodes, key_of
from terminology.store.compiling.ipc import write_compiled
from terminology.store.compiling.slots import slot_table
from terminology.store.compiling.system import keys_of
from terminology.store.mapped import MappedTable, Texts

ANY_CODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CODES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), unique=True)
LIKE_CODES = st.lists(st.text("AB01.", min_size=1, max_size=10), unique=True)
BOTH = pytest.mark.parametrize("kind", [CodeColumn, SlottedCodes])


class Counted(list[str]):
    """Texts that count how often one is read."""

    read = 0

    def __getitem__(self, row: Any) -> Any:
        self.read += 1
        return super().__getitem__(row)


@contextlib.contextmanager
def columns_of(codes: Sequence[str]) -> Iterator[tuple[CodeColumn, SlottedCodes]]:
    """Yield codes in compiled files, to be searched and with slots."""
    array = pa.array(codes, pa.string())
    keys = keys_of(array)
    with tempfile.TemporaryDirectory() as folder:
        store = StoreFolder(Path(folder))
        table = MappedTable(store.compiled, write_compiled(store, pa.table({"code": array, "key": keys})))
        slots = MappedTable(store.compiled, write_compiled(store, slot_table(keys.tolist())))
        yield CodeColumn(table), SlottedCodes(table, slots)


@given(CODES | LIKE_CODES)
def test_codes(codes: list[str]) -> None:
    """Every code is found in its row, whatever its length and script; what is not there is not found."""
    codes = sorted(codes, key=str.encode)
    near = {f"{code}0" for code in codes} | {f"{code}\0" for code in codes} | {code[:-1] for code in codes}
    with columns_of(codes) as columns:
        for column in columns:
            assert list(range(len(codes))) == [column.find(code) for code in codes]
            assert {-1} >= {column.find(code) for code in (near | {"", "\0", "\ud800"}) - set(codes)}


@BOTH
def test_rows_are_remembered(kind: type[CodeColumn]) -> None:
    """The row of a code that was found is not searched again; what was not found is."""
    with columns_of(["A00", "A01"]) as columns:
        column = next(column for column in columns if type(column) is kind)
        assert [column.find(code) for code in ("A01", "A02", "A01")] == [1, -1, 1]
        column.keys = memoryview(bytes(16)).cast("Q")
        assert [column.find(code) for code in ("A01", "A00")] == [1, -1]


@given(st.lists(st.integers(0, 2**64 - 1), unique=True).map(sorted))
@example([3, 8, 15])
@example(list(range(0, 4096, 64)))
def test_slots(keys: list[int]) -> None:
    """Each key is met on the way down from its slot before an empty one is; no slot is filled but by a key."""
    slots = slot_table(keys).column("row").to_pylist()
    assert sorted(filter(None, slots)) == list(range(1, len(keys) + 1))
    for row, key in enumerate(keys):
        slot = key % len(slots)
        while slots[slot] not in (0, row + 1):
            slot -= 1
        assert slots[slot] == row + 1


def test_slots_of_keys_that_codes_share() -> None:
    """The first of the codes that share a key has the slot."""
    assert sorted(filter(None, slot_table([5, 5, 5, 9]).column("row").to_pylist())) == [1, 4]


def test_there_is_a_slot_to_end_at() -> None:
    """Without codes there is still a slot, and it is empty: what is asked for is not there."""
    with columns_of([]) as columns:
        assert [column.find("A00") for column in columns] == [-1, -1]


@BOTH
def test_codes_that_share_their_key_are_not_read_one_by_one(kind: type[CodeColumn]) -> None:
    """A code among thousands that begin alike is found by reading a few of them."""
    codes = [f"complaint-{number:05}" for number in range(5_000)]
    with columns_of(codes) as columns:
        column = next(column for column in columns if type(column) is kind)
        counted = Counted(codes)
        column.codes = cast("Texts", counted)
        assert [column.find("complaint-04321"), column.find("complaint-04321x")] == [4321, -1]
        assert counted.read < 50


@BOTH
def test_short_codes_are_found_without_reading_a_code(kind: type[CodeColumn]) -> None:
    """A key of up to seven bytes is the code, so no text is read."""
    codes = ["A00", "A00.0", "A00.11"]
    with columns_of(codes) as columns:
        column = next(column for column in columns if type(column) is kind)
        counted = Counted(codes)
        column.codes = cast("Texts", counted)
        assert [column.find(code) for code in ("A00.11", "A00", "A00.2")] == [2, 0, -1]
        assert counted.read == 0


@given(st.lists(ANY_CODE))
def test_keys_sort_as_codes(codes: list[str]) -> None:
    """Keys never contradict the order of the codes' bytes, and numpy's are those of the standard library."""
    codes = sorted(codes, key=str.encode)
    keys = [key_of(code) for code in codes]
    assert sorted(keys) == keys
    assert keys_of(pa.array(codes, pa.string())).tolist() == keys
