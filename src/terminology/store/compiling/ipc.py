"""Write a table as an Arrow IPC file that the standard library can read: one batch, no compression, no dictionaries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...errors import StoreError
from ..folder import StoreFolder, make_folder, naming, opened_for_writing, sha256_of, sync_file, sync_folder
from ..mapped import column_checksum
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
    """Write the table under the SHA-256 of its bytes, read-only; return the file with the layout of its buffers.

    A file of that name that is not what its name says is replaced.

    Raises:
        StoreError: A column has a type that the standard library cannot read from the file.
    """
    make_folder(store.compiled)
    temporary = store.compiled / f".compiled.{os.getpid()}.tmp"
    opened_for_writing(temporary).close()
    try:
        with naming(temporary):
            _write_file(temporary, table)
        layout = layout_of(temporary)
        sha256, size = sha256_of(temporary), temporary.stat().st_size
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    path = store.compiled / f"{sha256}.arrow"
    if path.is_file() and sha256_of(path) == sha256:
        temporary.unlink()
    else:
        sync_file(temporary)
        # writing over a mapped file changes the answers of processes that mapped it, or ends those processes
        temporary.chmod(temporary.stat().st_mode & 0o444)
        os.replace(temporary, path)
        sync_folder(store.compiled)
    return CompiledFile(sha256, size, table.num_rows, layout)


def _write_file(path: Path, table: pa.Table) -> None:
    """Write the table as an Arrow IPC file with one record batch."""
    import pyarrow as pa

    batches = table.combine_chunks().to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
    options = pa.ipc.IpcWriteOptions(compression=None)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_batch(batch)


def layout_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return type, buffers (offset, length) and CRC-32 of the bytes in them of each column of an IPC file.

    Arrow promises no offsets before writing; they are measured on the bytes as they were written.
    """
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        whole = source.read_buffer()
        table = pa.ipc.open_file(whole).read_all()
        layout: dict[str, dict[str, Any]] = {}
        for name, column in zip(table.schema.names, table.columns, strict=True):
            kind = TYPE_NAMES.get(str(column.type))
            if kind is None or column.num_chunks > 1:
                raise StoreError(f"column {name}: {column.type} in {column.num_chunks} chunks cannot be compiled")
            buffers = column.chunk(0).buffers() if column.num_chunks else []
            layout[name] = {
                "type": kind,
                "buffers": [_extent(buffer, whole.address) for buffer in buffers],
                "crc32": column_checksum(buffer for buffer in buffers if buffer),
            }
        return layout


def _extent(buffer: pa.Buffer | None, start: int) -> list[int] | None:
    return None if buffer is None or buffer.size == 0 else [buffer.address - start, buffer.size]
