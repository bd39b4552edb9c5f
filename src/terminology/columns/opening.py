"""Files and Arrow tables opened as tables: what they are is seen by their content, whatever they are called."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import ReleaseFormatError
from ..reading import OLE_MAGIC, Limits, is_office_document
from .compression import without_compression
from .delimited import DelimitedError, batches_in, encoding_of, head_text, is_table, opening_of, rows_in
from .frames import arrow_table
from .tables import Table
from .workbooks import sheet_in

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS: Final = 65_536
WHOLE_DICTIONARY: Final = 2**18
"""Bytes, compressed, up to which a dictionary of a Parquet file was not given up: writers do so at a mebibyte."""
PARQUET_MAGIC: Final = b"PAR1"
ARROW_MAGIC: Final = b"ARROW1"
ZIP_MAGIC: Final = b"PK\x03\x04"
HEAD_BYTES: Final = 6
DELIMITED: Final = frozenset({".csv", ".tsv"})
"""Endings that say that a text is a table."""
FOLDER_FORMS: Final = {".parquet": "parquet", ".arrow": "arrow"}
Source = Any
"""A path of a file or of a folder of Parquet files, or anything that offers Arrow's C stream: pyarrow, pandas, Polars, DuckDB."""


def opened_table(
    source: Source,
    *,
    columns: Iterable[str] = (),
    is_code: Callable[[str], bool] | None = None,
    sheet: str | None = None,
) -> Table:
    """Return a file or an Arrow table as a table, whatever a file is called.

    Args:
        source: The file or table.
        columns: Columns that somebody named: of a workbook, the sheet that has them is read.
        is_code: Whether a text is a code, where that is known: the sheet with codes is read.
        sheet: The name of the sheet of a workbook, where it is given.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is no table, or damaged; or several sheets of it may hold the codes.

    >>> import pyarrow
    >>> opened_table(pyarrow.table({"dx": ["E11.9"], "day": ["2024-03-01"]})).names
    ('dx', 'day')
    """
    if isinstance(source, Table):
        return source
    if not isinstance(source, str | os.PathLike):
        return _arrow(source)
    path = Path(source)
    if path.is_dir():
        return _folder(path)
    return _binary(path, columns, is_code, sheet) or _delimited(path)


def table_in(
    path: Path,
    columns: Iterable[str] = (),
    is_code: Callable[[str], bool] | None = None,
    sheet: str | None = None,
) -> Table | None:
    """Return the table that a file holds; None where it is a text without a header, such as a plain code list.

    Args:
        path: The file.
        columns: Columns that somebody named; a text whose header has one of them is a table.
        is_code: Whether a text is a code, where that is known.
        sheet: The name of the sheet of a workbook, where it is given.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is a damaged workbook or Parquet file, or holds bytes that are no text; or several sheets
            of it may hold the codes.
    """
    found = _binary(path, columns, is_code, sheet)
    if found is not None or Path(without_compression(path.name)).suffix.lower() in DELIMITED:
        return found or _delimited(path)
    encoding = encoding_of(path)[0]
    text = head_text(path, encoding)
    opening = opening_of(text)
    if opening is None or not ({*columns} & {*opening.names} or is_table(opening, text, is_code)):
        return None
    return _delimited(path)


def _binary(
    path: Path, columns: Iterable[str], is_code: Callable[[str], bool] | None, sheet: str | None
) -> Table | None:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        is_workbook = head.startswith(OLE_MAGIC) or (
            head.startswith(ZIP_MAGIC) and is_office_document(stream, Limits())
        )
    if head.startswith(PARQUET_MAGIC):
        return _parquet(path)
    if head.startswith(ARROW_MAGIC):
        return _dataset(path, "arrow")
    if is_workbook:
        return _workbook(path, columns, is_code, sheet)
    if head.startswith(ZIP_MAGIC):
        raise ReleaseFormatError("expected a table, got a zip archive: unpack it", file=path.name)
    return None


def _delimited(path: Path) -> Table:
    encoding, warnings = encoding_of(path)
    opening = opening_of(head_text(path, encoding))
    if opening is None:
        raise ReleaseFormatError("expected a header with names of columns, got nothing", file=path.name, line=1)
    return Table(
        path.name,
        opening.names,
        "delimited",
        lambda columns: batches_in(path, opening, encoding, columns),
        warnings,
        opening.line + 1,
    )


def text_table(text: str, label: str) -> Table:
    """Return a delimited text as a table whose rows have the lines that they begin on.

    Raises:
        ReleaseFormatError: It has no header; when it is read, it is no delimited text.
    """
    opening = opening_of(text)
    if opening is None:
        raise ReleaseFormatError("expected a header with names of columns, got nothing", file=label, line=1)

    def rows() -> Iterator[tuple[int, dict[str, str]]]:
        try:
            yield from rows_in(text, opening)
        except DelimitedError as error:
            raise ReleaseFormatError(f"expected delimited text: {error}", file=label, line=error.line) from None

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for group in _groups(rows()):
            texts = [pa.array([row.get(name) or None for _, row in group], pa.string()) for name in columns]
            yield pa.record_batch(dict(zip(columns, texts, strict=True)))

    return Table(label, opening.names, "delimited", batches, first_line=opening.line + 1, rows=rows)


def _groups(rows: Iterator[tuple[int, dict[str, str]]]) -> Iterator[list[tuple[int, dict[str, str]]]]:
    while group := list(itertools.islice(rows, BATCH_ROWS)):
        yield group


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            schema, repeating = file.schema_arrow, _repeating(file.metadata)
    except pa.ArrowInvalid as error:
        raise ReleaseFormatError(f"cannot be read: {str(error).splitlines()[0]}", file=path.name) from None

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        texts = [name for name in columns if name in repeating and pa.types.is_string(schema.field(name).type)]
        # codes repeat: what the file keeps as a dictionary need not be written out
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False)

    return Table(path.name, tuple(schema.names), "parquet", batches, first_line=1)


def _repeating(metadata: Any) -> frozenset[str]:
    """Return the columns that a Parquet file keeps as dictionaries, by its first group of rows.

    A writer gives up a dictionary that grows too long, and writes the rest of the group out. To find the texts of such a
    group in a dictionary takes twice the time that it takes to read them.
    """
    if not metadata.num_row_groups:
        return frozenset()
    group = metadata.row_group(0)
    chunks = [group.column(place) for place in range(group.num_columns)]
    return frozenset(
        chunk.path_in_schema
        for chunk in chunks
        if chunk.has_dictionary_page and chunk.data_page_offset - chunk.dictionary_page_offset <= WHOLE_DICTIONARY
    )


def _folder(path: Path) -> Table:
    """Return a folder of Parquet or Arrow files as one table; folders in it named as ``year=2024`` are columns too."""
    endings = {file.suffix.lower() for file in path.rglob("*") if file.is_file() and file.name[0] not in "._"}
    form = FOLDER_FORMS.get(endings.pop()) if len(endings) == 1 else None
    if form is None:
        raise ReleaseFormatError("expected a folder of Parquet files, or of Arrow files, and no others", file=path.name)
    return _dataset(path, form)


def _dataset(path: Path, form: str) -> Table:
    import pyarrow as pa
    from pyarrow import dataset

    try:
        opened = dataset.dataset(path, format=form, partitioning="hive")
    except pa.ArrowInvalid as error:
        raise ReleaseFormatError(f"cannot be read: {str(error).splitlines()[0]}", file=path.name) from None

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        # nothing is read ahead: a batch of a wide table is large
        yield from opened.to_batches(
            columns=list(columns), batch_size=BATCH_ROWS, batch_readahead=1, fragment_readahead=1, use_threads=False
        )

    return Table(path.name, tuple(opened.schema.names), "arrow", batches, first_line=1)


def _workbook(path: Path, columns: Iterable[str], is_code: Callable[[str], bool] | None, asked: str | None) -> Table:
    sheet, others = sheet_in(path, columns, is_code, asked)

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        table = pa.table({name: pa.array(sheet.texts(name), pa.string()) for name in columns})
        yield from table.to_batches(BATCH_ROWS) or table.to_reader()

    label = f"{path.name}, sheet {sheet.name}" if others else path.name
    warnings = (f"{path.name}: sheet {sheet.name!r} is read, not {' or '.join(map(repr, others))}",) if others else ()
    first = sheet.header + 2
    return Table(label, sheet.names, "workbook", batches, warnings, first_line=first, sheet=sheet.name)


def _arrow(source: Source) -> Table:
    import pyarrow as pa

    label = type(source).__name__
    if not hasattr(source, "__arrow_c_stream__"):
        source = arrow_table(source)
    if isinstance(source, pa.Table):
        return Table(label, tuple(source.column_names), "arrow", lambda _: source.to_reader(BATCH_ROWS), first_line=1)
    reader = pa.RecordBatchReader.from_stream(source)
    # a stream is read once: only its first batch, in which columns are looked for, can be had again
    first: list[pa.RecordBatch] = []
    was_read = False

    def batches(_columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        nonlocal was_read
        if was_read:
            raise ReleaseFormatError("is a stream, which was read already: give a table or a file", file=label)
        if not first:
            first.extend(itertools.islice(reader, 1))
        yield from first
        # one without rows can be read as often as one likes
        was_read = bool(first)
        yield from reader

    return Table(label, tuple(reader.schema.names), "arrow", batches, first_line=1, is_stream=True)
