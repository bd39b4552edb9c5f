"""Write a table as an Arrow IPC file that the standard library can read: one batch, no compression, no dictionaries."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from ...errors import StoreError
from ..folder import StoreFolder, write_durably
from ..pointer import CompiledFile

if TYPE_CHECKING:
    import pyarrow as pa

TYPE_NAMES: Final = {
    "string": "utf8",
    "uint8": "B",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "uint64": "Q",
}
"""Arrow's name of a column's type, and ours: `memoryview` format codes, or utf8."""


def write_compiled(store: StoreFolder, table: pa.Table) -> CompiledFile:
    """Write the table under the SHA-256 of its bytes; return the file with the layout of its buffers."""
    data = ipc_bytes(table)
    sha256 = hashlib.sha256(data).hexdigest()
    path = store.compiled / f"{sha256}.arrow"
    if not path.exists():
        write_durably(path, data)
    return CompiledFile(sha256, len(data), table.num_rows, layout_of(data))


def ipc_bytes(table: pa.Table) -> bytes:
    """Return the table as the bytes of an Arrow IPC file with one record batch."""
    import pyarrow as pa

    batches = table.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=None)) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def layout_of(data: bytes) -> dict[str, dict[str, Any]]:
    """Return type and buffers (offset, length) of each column in the bytes of an IPC file.

    Arrow promises no offsets before writing; they are measured on the bytes as they were written.
    """
    import pyarrow as pa

    whole = pa.py_buffer(data)
    table = pa.ipc.open_file(whole).read_all()
    layout: dict[str, dict[str, Any]] = {}
    for name, column in zip(table.schema.names, table.columns, strict=True):
        kind = TYPE_NAMES.get(str(column.type))
        if kind is None or column.num_chunks > 1:
            raise StoreError(f"column {name}: {column.type} in {column.num_chunks} chunks cannot be compiled")
        buffers = column.chunk(0).buffers() if column.num_chunks else []
        layout[name] = {"type": kind, "buffers": [_extent(buffer, whole.address) for buffer in buffers]}
    return layout


def _extent(buffer: pa.Buffer | None, start: int) -> list[int] | None:
    return None if buffer is None or buffer.size == 0 else [buffer.address - start, buffer.size]
