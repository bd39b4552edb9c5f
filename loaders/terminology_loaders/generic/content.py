"""A digest of what a table says: the same in whichever format, order of columns or batches it came."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

MISSING: Final = -1
"""Length of a value that is missing."""


def content_digest(table: pa.Table, without: frozenset[str] = frozenset()) -> str:
    """Return a digest of the values in a table by name of the column.

    Args:
        table: Texts, numbers, truth values, days, and lists of texts. A day is the same as its text in ISO form.
        without: Columns that say nothing of the content.
    """
    whole = hashlib.sha256()
    for name in sorted(set(table.column_names) - without):
        column = table.column(name)
        digests = _column_digests(column)
        whole.update(f"{name}\0{table.num_rows}\0{':'.join(digests)}\n".encode())
    return whole.hexdigest()


def _column_digests(column: pa.ChunkedArray) -> list[str]:
    """Return digests of the parts that a column is made of: which values there are, how long, and of what."""
    import pyarrow as pa

    if column.null_count == len(column):
        return ["nothing"]
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    hashes = [hashlib.sha256() for _ in range(4)]
    for chunk in column.chunks:
        _add(chunk, hashes)
    kind = next(name for name, test in _KINDS.items() if getattr(pa.types, test)(column.type))
    return [kind, *(one.hexdigest() for one in hashes)]


_KINDS: Final = {
    "text": "is_string",
    "list": "is_list",
    "truth": "is_boolean",
    "integer": "is_integer",
    "decimal": "is_floating",
}


def _add(chunk: pa.Array, hashes: list[Any]) -> None:
    """Add the values of an array; of a list its lengths first, then its items."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(chunk.type):
        lengths = pc.fill_null(pc.list_value_length(chunk), MISSING)
        hashes[2].update(_bytes(lengths, np.int64))
        _add(chunk.flatten(), hashes)
    elif pa.types.is_string(chunk.type):
        hashes[0].update(_bytes(pc.fill_null(pc.binary_length(chunk), MISSING), np.int64))
        plain = pc.fill_null(chunk, "")
        if len(plain):
            offsets = np.frombuffer(plain.buffers()[1], dtype=np.int32)[plain.offset : plain.offset + len(plain) + 1]
            data = plain.buffers()[2]
            if data is not None:
                hashes[1].update(memoryview(data)[offsets[0] : offsets[-1]])
    else:
        hashes[0].update(_bytes(pc.is_valid(chunk), np.uint8))
        floating = pa.types.is_floating(chunk.type)
        hashes[1].update(
            _bytes(pc.fill_null(chunk, pa.scalar(0).cast(chunk.type)), np.float64 if floating else np.int64)
        )


def _bytes(values: pa.Array, kind: Any) -> bytes:
    import numpy as np

    made: bytes = (
        np.asarray(values.to_numpy(zero_copy_only=False))
        .astype(kind)
        .astype(np.dtype(kind).newbyteorder("<"))
        .tobytes()
    )
    return made
