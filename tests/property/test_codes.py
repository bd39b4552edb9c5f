"""Codes of any length and script are found in their rows; keys of any size are met in their slots."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from terminology.store.codes import key_of
from terminology.store.compiling.slots import slot_table
from terminology.store.compiling.system import keys_of

from ..store.test_codes import columns_of

ANY_CODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CODES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), unique=True)
LIKE_CODES = st.lists(st.text("AB01.", min_size=1, max_size=10), unique=True)


@given(CODES | LIKE_CODES)
def test_codes(codes: list[str]) -> None:
    """Every code is found in its row, whatever its length and script; what is not there is not found."""
    codes = sorted(codes, key=str.encode)
    near = {f"{code}0" for code in codes} | {f"{code}\0" for code in codes} | {code[:-1] for code in codes}
    with columns_of(codes) as columns:
        for column in columns:
            assert list(range(len(codes))) == [column.find(code) for code in codes]
            assert {-1} >= {column.find(code) for code in (near | {"", "\0", "\ud800"}) - set(codes)}


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


@given(st.lists(ANY_CODE))
def test_keys_sort_as_codes(codes: list[str]) -> None:
    """Keys never contradict the order of the codes' bytes, and numpy's are those of the standard library."""
    codes = sorted(codes, key=str.encode)
    keys = [key_of(code) for code in codes]
    assert sorted(keys) == keys
    assert keys_of(pa.array(codes, pa.string())).tolist() == keys
