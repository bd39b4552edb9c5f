"""Small batches: a code is found by the number of its first eight bytes, and no text that shares only these."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from terminology.columns.keyed import rows_by_key
from terminology.store.codes import key_of

TEXTS = st.text(st.sampled_from("ABé\0"), max_size=11)


def system_of(codes: list[str]) -> Any:
    """Return a system of codes, which are in the order of their bytes, as a store has them."""
    ordered = sorted(codes, key=lambda code: code.encode())
    place = {code: row for row, code in enumerate(ordered)}
    column = SimpleNamespace(
        count=len(ordered),
        keys=np.array([key_of(code) for code in ordered], np.uint64),
        find=lambda text: place.get(text, -1),
    )
    return SimpleNamespace(
        codes=column, arrow_codes=pa.array(ordered, pa.string()), keep=lambda _, make: make(), place=place
    )


@given(st.sets(TEXTS), st.lists(TEXTS | st.none()), st.integers(0, 3))
def test_every_text_has_the_row_of_its_code(codes: set[str], texts: list[str | None], skipped: int) -> None:
    """Codes of more than eight bytes share keys, bytes of zero are no padding, slices begin elsewhere, nulls are no code."""
    # a store has no code that ends in a byte of zero: its key would be that of a shorter one, in no order
    system = system_of([code for code in codes if not code.endswith("\0")])
    asked = [*texts, *system.place]
    found = rows_by_key(pa.array([None] * skipped + asked, pa.string()).slice(skipped), system)
    assert [-1 if text is None else system.place.get(text, -1) for text in asked] == found.tolist()
