"""The table of slots finds what Arrow's own search finds, and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import Terminology
from terminology.columns import packed
from terminology.columns.packed import PackedCodes, keys_of
from terminology.query import engine_of

texts = st.text(st.sampled_from("AB1.é\0\x07 "), max_size=11)
LONG = "Z" * 8 + "99"


def sought(texts: pa.Array, codes: pa.Array) -> list[int]:
    """Return the rows by Arrow's own search."""
    return pc.index_in(texts, value_set=codes).fill_null(-1).to_pylist()


@given(st.lists(texts, unique=True, min_size=1), st.lists(st.none() | texts), st.integers(0, 3))
def test_any_texts_among_any_codes(codes: list[str], asked: list[str | None], skipped: int) -> None:
    """Texts of any length, with zeros at their end or letters of several bytes, nulls, and slices of longer columns."""
    known, column = pa.array(codes, pa.string()), pa.array([*asked, *codes], pa.string()).slice(skipped)
    assert sought(column, known) == PackedCodes(known).rows_of(column).tolist()


@pytest.mark.parametrize("factors", [(1, 1), (packed.FIRST, 1), (1, packed.SECOND)])
def test_whatever_the_slots(monkeypatch: pytest.MonkeyPatch, factors: tuple[int, int]) -> None:
    """Codes that all have the same slot, by one multiplication or by both, are found all the same."""
    monkeypatch.setattr(packed, "FIRST", factors[0])
    monkeypatch.setattr(packed, "SECOND", factors[1])
    codes = pa.array([f"{letter}{number:02}" for letter in "ABC" for number in range(100)])
    asked = pa.concat_arrays([codes, pa.array(["A0", "A000", "D00", ""])])
    assert sought(asked, codes) == PackedCodes(codes).rows_of(asked).tolist()


def test_a_null_with_bytes_behind_it_is_no_code() -> None:
    """What lies in the buffer of a null is not looked at."""
    whole = pa.array(["A00", "B00"])
    column = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), *whole.buffers()[1:]])
    assert [None, "B00"] == column.to_pylist()
    assert [-1, 1] == PackedCodes(whole).rows_of(column).tolist()


def test_a_mark_of_a_length_is_no_character() -> None:
    """A text of eight bytes whose last is the length of a code is another text."""
    codes = pa.array(["A00.123", LONG])
    asked = pa.array(["A00.123\x07", "A00.123\x0f", "A00.123", LONG, LONG + "9", LONG[:8]])
    assert [-1, -1, 0, 1, -1, -1] == PackedCodes(codes).rows_of(asked).tolist()
    assert 0 == len(keys_of(pa.array([], pa.string())))


def test_codes_of_every_system(store: Terminology) -> None:
    """Each code of the samples is found in its own row."""
    for name in store.systems:
        codes = engine_of(store[name].latest).system.arrow_codes
        assert list(range(len(codes))) == PackedCodes(codes).rows_of(codes).tolist()


def test_long_columns_leave_no_memory_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for the next batch is bounded, and a longer column has the same answers."""
    monkeypatch.setattr(packed, "LONGEST_KEPT", 10)
    monkeypatch.setattr(packed, "SCRATCH", packed._Scratch())
    codes = pa.array([f"A{number:02}" for number in range(100)])
    known = PackedCodes(codes)
    for count in (7, 100, 9):
        assert list(range(count)) == known.rows_of(codes.slice(0, count)).tolist()
    assert max(map(len, packed.SCRATCH._arrays.values())) <= 10


def test_threads_do_not_share_what_they_work_on() -> None:
    """Side by side each finds its own texts."""
    codes = pa.array([f"{letter}{number:04}" for letter in "ABCD" for number in range(5000)])
    known = PackedCodes(codes)
    parts = [codes.slice(start, 5000) for start in range(0, len(codes), 5000)] * 50
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(known.rows_of, parts))
    assert [rows[0] for rows in found] == [0, 5000, 10000, 15000] * 50
    assert all((rows == np.arange(rows[0], rows[0] + 5000)).all() for rows in found)
