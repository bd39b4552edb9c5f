"""Where codes are among all codes of a system, for whole columns: a table of slots that is made once.

Arrow's own search (`pyarrow.compute.index_in`) makes its table of all codes anew for each call. For a hundred thousand
codes that takes 20 ms and more: nothing beside ten million rows, most of the time beside the ten thousand of a batch.

Hardly any code is longer than eight bytes, so it is compared as one number of 64 bits. ``E11.9`` is the bytes
``45 31 31 2e 39``, and in the place of the last one its length, 5, as ``fd``: no byte of a text in UTF-8 is so high, so
no longer text is the same number. A multiplication mixes the number, and its upper bits are the slot::

    45 31 31 2e 39 00 00 fd  * FIRST >> 45   = slot 518,581    row 4,482: is its number the same?

A code whose slot was taken is in another one, by a second multiplication; where that is taken too, in a sorted rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = Any
"""A numpy array of numbers."""
WIDEST: Final = 8
"""Bytes of a code that is compared as a number."""
SPREAD: Final = 4
"""Slots for each code, at least."""
FIRST: Final = 0x9E3779B97F4A7C15
SECOND: Final = 0xC2B2AE3D27D4EB4F
"""Odd numbers whose bits look random: of the golden ratio, and of xxHash."""
LENGTH_MARK: Final = 0xF8
FREE: Final = -1
LONG: Final = 1
"""In place of the number of a longer text: no code has it, for it has no mark of a length."""


class PackedCodes:
    """The rows of all codes of a system, by their texts."""

    def __init__(self, codes: pa.Array) -> None:
        import numpy as np

        self._codes = codes
        keys = keys_of(codes)
        self._has_long = bool((keys == LONG).any())
        # behind the keys of the codes that of a free slot, which no text has
        self._keys = np.append(keys, np.uint64(0))
        bits = max(1, (len(codes) * SPREAD - 1).bit_length())
        self._shift = np.uint64(64 - bits)
        rows = np.flatnonzero(keys != LONG).astype(np.int32)
        self._first, rows = self._filled(rows, FIRST, bits)
        self._second, rows = self._filled(rows, SECOND, bits)
        order = np.argsort(keys[rows], kind="stable")
        self._rest_rows, self._rest_keys = rows[order], keys[rows][order]

    def _filled(self, rows: Numbers, factor: int, bits: int) -> tuple[Numbers, Numbers]:
        """Return slots with rows in them, and the rows that have none."""
        import numpy as np

        slots = np.full(1 << bits, FREE, dtype=np.int32)
        places = self._slots(self._keys[rows], factor)
        # of several the first stays
        slots[places[::-1]] = rows[::-1]
        return slots, rows[slots[places] != rows]

    def _slots(self, keys: Numbers, factor: int) -> Numbers:
        import numpy as np

        return (keys * np.uint64(factor)) >> self._shift

    def rows_of(self, texts: pa.Array) -> Numbers:
        """Return the rows of texts that are codes as they are written; -1 of any other, and of a null.

        Args:
            texts: Of type string.

        >>> import pyarrow
        >>> PackedCodes(pyarrow.array(["E11.9", "M54.5"])).rows_of(pyarrow.array(["M54.5", None, "m54.5"])).tolist()
        [1, -1, -1]
        """
        import numpy as np

        keys = keys_of(texts)
        rows = self._first[self._slots(keys, FIRST)]
        missing = np.flatnonzero(self._keys[rows] != keys)
        if len(missing):
            rows[missing] = self._found_later(keys[missing])
            if self._has_long:
                self._add_long(rows, texts, np.flatnonzero(keys == LONG))
        if texts.null_count:
            rows[texts.is_null().to_numpy(zero_copy_only=False)] = FREE
        return rows

    def _found_later(self, keys: Numbers) -> Numbers:
        """Return the rows of what is not in its first slot."""
        import numpy as np

        rows = self._second[self._slots(keys, SECOND)]
        rows[self._keys[rows] != keys] = FREE
        if len(self._rest_keys):
            missing = np.flatnonzero(rows == FREE)
            places = np.searchsorted(self._rest_keys, keys[missing]).clip(max=len(self._rest_keys) - 1)
            rows[missing] = np.where(self._rest_keys[places] == keys[missing], self._rest_rows[places], FREE)
        return rows

    def _add_long(self, rows: Numbers, texts: pa.Array, places: Numbers) -> None:
        """Put the rows of long texts into their places."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if len(places):
            found = pc.index_in(texts.take(pa.array(places)), value_set=self._codes)
            rows[places] = found.fill_null(FREE).to_numpy(zero_copy_only=False)


def keys_of(texts: pa.Array) -> Numbers:
    """Return texts as numbers: two that are the same, and no longer than 8 bytes, have the same, any others never."""
    import numpy as np

    if not len(texts):
        return np.zeros(0, dtype=np.uint64)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32, count=len(texts) + 1, offset=texts.offset * 4)
    low, high = int(ends[0]), int(ends[-1])
    # eight bytes are read wherever a text begins, at the very end too
    padded = np.zeros(high - low + WIDEST, dtype=np.uint8)
    if high > low:
        padded[: high - low] = np.frombuffer(data, dtype=np.uint8, count=high - low, offset=low)
    everywhere = np.ndarray(high - low + 1, dtype="<u8", buffer=padded, strides=(1,))
    starts = ends[:-1] - low if low else ends[:-1]
    lengths = np.minimum(np.diff(ends), WIDEST + 1)
    kept = np.array([*((1 << 8 * length) - 1 for length in range(WIDEST + 1)), 0], dtype=np.uint64)
    marks = [(LENGTH_MARK + length) << 56 for length in range(WIDEST)]
    return (everywhere[starts] & kept[lengths]) | np.array([*marks, 0, LONG], dtype=np.uint64)[lengths]
