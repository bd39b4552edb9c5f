"""Compressed files of rows: gzip and Zstandard, seen by their content when they are read, by their name when written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

MAGIC: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
ENDINGS: Final = {".gz": "gzip", ".zst": "zstd"}
LONGEST_MAGIC: Final = max(map(len, MAGIC))


def without_compression(name: str) -> str:
    """Return the name of a file without the ending of its compression.

    >>> without_compression("claims.csv.gz"), without_compression("claims.csv")
    ('claims.csv', 'claims.csv')
    """
    return str(Path(name).with_suffix("")) if Path(name).suffix.lower() in ENDINGS else name


def compression_of(path: Path) -> str | None:
    """Return how a file is compressed, by its first bytes; None where it is not.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(LONGEST_MAGIC)
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def opened_bytes(path: Path) -> Any:
    """Return a file opened to be read, what is compressed in it decompressed on the way.

    Raises:
        OSError: The file cannot be read; when it is read, what is compressed in it is damaged or cut short.
    """
    compression = compression_of(path)
    if compression is None:
        return path.open("rb")
    import pyarrow as pa

    return pa.input_stream(str(path), compression=compression)


def created_bytes(path: Path, name: str) -> Any:
    """Return a file opened to be written, compressed as the end of a name says.

    Raises:
        OSError: The file cannot be written.
    """
    import pyarrow as pa

    return pa.output_stream(str(path), compression=ENDINGS.get(Path(name).suffix.lower()))
