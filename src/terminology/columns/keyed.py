"""Which code each text of a small batch is, by the keys that the store has of its codes: `store.codes`, for whole arrays.

`pyarrow.compute.index_in` hashes all codes of a system whenever it is asked, which takes some milliseconds: nothing for a
million rows, and all of the time for 2,048, as DuckDB hands them over. Keys are in order already, so they are searched.
A key is the number that the first eight bytes of a text make, read at once from where each text begins::

    bytes     E 1 1 . 9 I 1 0 E 1 1 . 9
    starts    0 5 8                            lengths 5, 3, 5
    read      E11.9I10  I10E11.9  E11.9...     and of these the first 5, 3 and 5 bytes count
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..store.codes import KEY_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.compiled import CompiledSystem

SMALL: Final = 40_000
"""Rows up to which the keys of a store are faster than a hash of all codes."""
Numbers = Any
"""A numpy array of numbers."""


class _Keys(NamedTuple):
    """What is searched of the codes of a system."""

    keys: Numbers
    lengths: Numbers
    """Of the codes, in bytes."""
    masks: Numbers
    """By length, the bytes of a key that count."""


def rows_by_key(texts: pa.Array, system: CompiledSystem) -> Numbers:
    """Return the rows of texts that are codes as they are written; -1 of any other.

    Args:
        texts: Of type string.
        system: Of the codes.
    """
    import numpy as np

    if not system.codes.count:
        return np.full(len(texts), -1, dtype=np.int32)
    found = system.keep(("keys", 0), lambda: _keys_of(system))
    lengths, keys = _keys(texts, found.masks)
    rows = _searched(keys, found)
    hits = rows >= 0
    # up to eight bytes are their key; of longer ones, and where codes share a key, the texts are compared
    unsure = np.flatnonzero(hits & ((lengths > KEY_BYTES) | (found.lengths[rows] != lengths)))
    for place in unsure.tolist():
        rows[place] = system.codes.find(texts[place].as_py() or "")
    if texts.null_count:
        rows[texts.is_null().to_numpy(zero_copy_only=False)] = -1
    return rows


def _keys_of(system: CompiledSystem) -> _Keys:
    import numpy as np

    codes = system.codes
    lengths = np.diff(_offsets(system.arrow_codes))
    masks = np.array([~(2 ** (8 * (KEY_BYTES - n)) - 1) & (2**64 - 1) for n in range(KEY_BYTES + 1)], dtype=np.uint64)
    return _Keys(np.asarray(codes.keys), lengths, masks)


def _offsets(texts: pa.Array) -> Numbers:
    import numpy as np

    return np.frombuffer(texts.buffers()[1], dtype=np.int32, count=len(texts) + 1, offset=4 * texts.offset)


def _keys(texts: pa.Array, masks: Numbers) -> tuple[Numbers, Numbers]:
    """Return how many bytes texts have, and their keys."""
    import numpy as np

    if not len(texts):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint64)
    offsets = _offsets(texts)
    first, last = int(offsets[0]), int(offsets[-1])
    starts, lengths = offsets[:-1] - first, np.diff(offsets)
    data = texts.buffers()[2]
    # the last texts are read beyond their end
    padded = np.zeros(last - first + KEY_BYTES, dtype=np.uint8)
    if last > first:
        padded[: last - first] = np.frombuffer(data, dtype=np.uint8, count=last - first, offset=first)
    windows = np.ndarray((last - first + 1,), dtype=">u8", buffer=padded, strides=(1,))
    return lengths, windows[starts].astype(np.uint64) & masks[np.minimum(lengths, KEY_BYTES)]


def _searched(keys: Numbers, found: _Keys) -> Numbers:
    """Return for each key the first row that has it; -1 where none has."""
    import numpy as np

    rows = np.minimum(np.searchsorted(found.keys, keys), len(found.keys) - 1).astype(np.int32)
    return np.where(found.keys[rows] == keys, rows, np.int32(-1))
