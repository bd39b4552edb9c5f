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

import functools
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .arrays import taken

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
LONGEST_KEPT: Final = 2**18
"""Rows for which arrays are kept: seven mebibytes a thread."""
FREE: Final = -1
LONG: Final = 1
"""In place of the number of a longer text: no code has it, for it has no mark of a length."""


class PackedCodes:
    """The rows of all codes of a system, by their texts."""

    def __init__(self, codes: pa.Array) -> None:
        import numpy as np
        import pyarrow as pa

        self._codes = codes
        keys = keys_of(codes)
        self._has_long = bool((keys == LONG).any())
        # in a free slot is the row behind all codes, whose key no text has
        self._free = len(codes)
        self._keys = pa.array(np.append(keys, np.uint64(0)))
        bits = max(1, (len(codes) * SPREAD - 1).bit_length())
        self._shift = np.uint64(64 - bits)
        rows = np.flatnonzero(keys != LONG).astype(np.int32)
        self._first, rows = self._filled(keys, rows, FIRST, bits)
        self._second, rows = self._filled(keys, rows, SECOND, bits)
        order = np.argsort(keys[rows], kind="stable")
        self._rest_rows, self._rest_keys = rows[order], keys[rows][order]

    def _filled(self, keys: Numbers, rows: Numbers, factor: int, bits: int) -> tuple[pa.Array, Numbers]:
        """Return slots with rows in them, and the rows that have none."""
        import numpy as np
        import pyarrow as pa

        slots = np.full(1 << bits, self._free, dtype=np.int32)
        places = self._slots(keys[rows], factor)
        # of several the first stays
        slots[places[::-1]] = rows[::-1]
        return pa.array(slots), rows[slots[places] != rows]

    def _slots(self, keys: Numbers, factor: int) -> Numbers:
        import numpy as np

        slots = np.multiply(keys, np.uint64(factor), out=SCRATCH.of("rest", len(keys), np.uint64))
        slots >>= self._shift
        return slots

    def rows_of(self, texts: pa.Array) -> Numbers:
        """Return the rows of texts that are codes as they are written; -1 of any other, and of a null.

        Args:
            texts: Of type string.

        >>> import pyarrow
        >>> PackedCodes(pyarrow.array(["E11.9", "M54.5"])).rows_of(pyarrow.array(["M54.5", None, "m54.5"])).tolist()
        [1, -1, -1]
        """
        import numpy as np

        keys = _scratch_keys(texts)
        rows = _taken(self._first, self._slots(keys, FIRST))
        is_missing = np.not_equal(_taken(self._keys, rows), keys, out=SCRATCH.of("missing", len(keys), np.bool_))
        has_missing = is_missing.any()
        if has_missing:
            missing = np.flatnonzero(is_missing)
            rows = rows.copy()
            rows[missing] = self._found_later(keys[missing])
            if self._has_long:
                self._add_long(rows, texts, np.flatnonzero(keys == LONG))
        if texts.null_count:
            rows = rows if has_missing else rows.copy()
            rows[texts.is_null().to_numpy(zero_copy_only=False)] = FREE
        return rows

    def _found_later(self, keys: Numbers) -> Numbers:
        """Return the rows of what is not in its first slot."""
        import numpy as np

        rows = _taken(self._second, self._slots(keys, SECOND)).copy()
        rows[_taken(self._keys, rows) != keys] = FREE
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


# ---- texts as numbers


class _Tables(NamedTuple):
    """What a text is combined with, by its length and by its place in a word of eight bytes."""

    kept: pa.Array
    """By the length: the bytes of a word that are of the text."""
    marks: pa.Array
    """By the length: its mark."""
    down: pa.Array
    """By the place: bits by which the word that it begins in is moved down."""


@functools.cache
def _tables() -> _Tables:
    import numpy as np
    import pyarrow as pa

    lengths = range(WIDEST)
    tables = (
        [*((1 << 8 * length) - 1 for length in range(WIDEST + 1)), 0],
        [*((LENGTH_MARK + length) << 56 for length in lengths), 0, LONG],
        [8 * place for place in lengths],
    )
    return _Tables(*(pa.array(np.array(table, dtype=np.uint64)) for table in tables))


class _Scratch(threading.local):
    """Arrays of one thread that are used anew for each batch, so they stay in the caches of its processor."""

    def __init__(self) -> None:
        self._arrays: dict[str, Numbers] = {}

    def of(self, name: str, count: int, kind: Any) -> Numbers:
        """Return an array by its name, with anything in it; a long one is not kept."""
        import numpy as np

        if count > LONGEST_KEPT:
            return np.empty(count, dtype=kind)
        found = self._arrays.get(name)
        if found is None or len(found) < count:
            found = self._arrays[name] = np.empty(count, dtype=kind)
        return found[:count]


SCRATCH: Final = _Scratch()


def keys_of(texts: pa.Array) -> Numbers:
    """Return texts as numbers: two that are the same, and no longer than 8 bytes, have the same, any others never."""
    return _scratch_keys(texts).copy()


def _scratch_keys(texts: pa.Array) -> Numbers:
    """Return the same, in an array that the next call of the thread uses again."""
    import numpy as np
    import pyarrow as pa

    count = len(texts)
    keys, rest = (SCRATCH.of(name, count, np.uint64) for name in ("keys", "rest"))
    if not count:
        return keys
    tables = _tables()
    ends = np.frombuffer(texts.buffers()[1], dtype=np.int32, count=count + 1, offset=texts.offset * 4)
    words, base = _words(texts.buffers()[2], int(ends[0]), int(ends[-1]))
    starts = ends[:-1] if not base else ends[:-1] - np.int32(base)
    # a text lies in the word that it begins in, and in the next one
    place = pa.array(np.right_shift(starts, 3, out=SCRATCH.of("place", count, np.int32)))
    within = np.bitwise_and(starts, WIDEST - 1, out=SCRATCH.of("within", count, np.int32))
    down = _taken(tables.down, within)
    # to move by all 64 bits leaves nothing
    np.left_shift(_of(words.slice(1), place), np.subtract(np.uint64(64), down, out=rest), out=rest)
    np.right_shift(_of(words, place), down, out=keys)
    keys |= rest
    lengths = np.subtract(ends[1:], ends[:-1], out=within)
    length = pa.array(np.minimum(lengths, WIDEST + 1, out=lengths))
    keys &= _of(tables.kept, length)
    keys |= _of(tables.marks, length)
    return keys


def _words(data: pa.Buffer | None, low: int, high: int) -> tuple[pa.Array, int]:
    """Return the bytes of texts as words, with one more behind the last, and the byte with which the first one begins."""
    import numpy as np
    import pyarrow as pa

    last = high // WIDEST + 2
    if data is not None and data.address % WIDEST == 0 and last * WIDEST <= data.size:
        return pa.Array.from_buffers(pa.uint64(), last, [None, data]), 0
    base = low & -WIDEST
    padded = np.zeros(last * WIDEST - base, dtype=np.uint8)
    if data is not None and high > low:
        padded[: high - base] = np.frombuffer(data, dtype=np.uint8, count=high - base, offset=base)
    return pa.array(padded.view(np.uint64)), base


def _taken(values: pa.Array, places: Numbers) -> Numbers:
    import pyarrow as pa

    return _of(values, pa.array(places))


def _of(values: pa.Array, places: pa.Array) -> Numbers:
    return taken(values, places).to_numpy()
