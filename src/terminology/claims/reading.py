"""Files of claims: tables, JSON and X12, told apart by their content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..columns import opened_table
from ..columns.compression import opened_bytes
from ..columns.opening import Source
from .claim import Claim
from .document_claims import document_claims
from .table_claims import BadRow, claims_in
from .x12_claims import x12_claims

HEAD: Final = 256
"""Bytes that are looked at."""


def read_claims(
    source: Source, *, kind: str | None = None, columns: Mapping[str, str] | None = None, day_format: str | None = None
) -> Iterator[Claim | BadRow]:
    """Yield the claims of a file or an Arrow table, and the rows that cannot be read. Memory does not grow with the file.

    Args:
        source: Delimited text, Parquet, Arrow, workbook, JSON or X12 837, also compressed; or an Arrow table.
        kind: Of claims that do not say theirs: inpatient, outpatient or professional.
        columns: Names of columns of a table by their role, where they are not the usual ones.
        day_format: Form of the days of a table, like ``%m/%d/%Y``.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is damaged, or no file of claims.
    """
    if isinstance(source, str | Path) and Path(source).is_file():
        path = Path(source)
        head = _head(path)
        if head.startswith(b"ISA"):
            return x12_claims(path, kind=kind)
        if head[:1] in (b"{", b"["):
            return document_claims(path, kind=kind)
    return claims_in(opened_table(source), given=columns, kind=kind, day_format=day_format)


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, after blanks; nothing where what is compressed in it is damaged."""
    try:
        with opened_bytes(path) as stream:
            return bytes(stream.read(HEAD)).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        if not path.exists():
            raise
        return b""
