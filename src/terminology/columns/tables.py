"""A table in whatever form it comes, read in batches: delimited text, Parquet, workbook, Arrow of any library.

Cells of codes are handed over as texts. Those that were numbers in the table begin with a mark (`cells`): a number
has no leading zeros, so what it can mean is another question than what a text means.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field

from ..errors import ReleaseFormatError
from ..reading import OLE_MAGIC, Limits, is_office_document
from .arrays import can_be_codes, cells
from .delimited import DelimitedError, batches_in, encoding_of, head_text, is_table, opening_of, rows_in
from .workbooks import SAMPLE_ROWS, sheet_in

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS: Final = 65_536
PARQUET_MAGIC: Final = b"PAR1"
ZIP_MAGIC: Final = b"PK\x03\x04"
HEAD_BYTES: Final = 4
DELIMITED: Final = frozenset({".csv", ".tsv"})
"""Endings that say that a text is a table."""
NAMED: Final = 20
"""Columns that a message lists."""
Form = Literal["delimited", "parquet", "workbook", "arrow"]
Source = Any
"""A path of a file, or anything that offers Arrow's C stream: pyarrow, pandas, Polars, DuckDB."""


@define(eq=False)
class Table:
    """A table that can be read in batches; never more than one of them is in memory, a workbook apart."""

    label: str
    """The file's name, or the kind of table."""
    names: tuple[str, ...]
    form: Form
    _batches: Callable[[Sequence[str]], Iterator[pa.RecordBatch]] = field(repr=False)
    warnings: tuple[str, ...] = ()
    first_line: int = 2
    """Line of the file, or row of the sheet, that holds the first row; where a form has no lines, 1."""
    _rows: Callable[[], Iterator[tuple[int, dict[str, str]]]] | None = field(default=None, repr=False)
    """The rows with their lines, where the form knows these better than by counting."""
    sheet: str | None = None
    """Name of the sheet of a workbook."""
    is_stream: bool = False
    """Whether it can be read once only."""

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the table in batches.

        Raises:
            OSError: The file cannot be read.
            ReleaseFormatError: It has no such column, or two of that name, or is damaged.
        """
        import pyarrow as pa

        self.check(columns)
        try:
            for batch in self._batches(list(dict.fromkeys(columns))):
                yield batch.select(list(dict.fromkeys(columns)))
        except pa.ArrowInvalid as error:
            raise ReleaseFormatError(f"cannot be read: {str(error).splitlines()[0]}", file=self.label) from None

    def surveyed(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the batches that can be read again later: all, or of a stream the first."""
        return itertools.islice(self.batches(columns), 1 if self.is_stream else None)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
        """Yield the rows of a table, each with its line or number, as texts of cells (see `cells`).

        Raises:
            OSError: The file cannot be read.
            ReleaseFormatError: It has no such column, or is damaged.
        """
        self.check(columns)
        if self._rows is not None:
            for line, row in self._rows():
                yield line, {name: row.get(name) for name in columns}
            return
        line = self.first_line
        for batch in self.batches(columns):
            texts = [cells(batch.column(name), name, self.label).to_pylist() for name in columns]
            for values in zip(*texts, strict=True):
                yield line, dict(zip(columns, values, strict=True))
                line += 1

    def sample(self) -> dict[str, list[str | None]]:
        """Return the first rows of each column whose cells can be codes, as texts of cells (see `cells`)."""
        texts: dict[str, list[str | None]] = {}
        unique = [name for name, count in Counter(self.names).items() if count == 1]
        for batch in itertools.islice(self.batches(unique), 1):
            for name in unique:
                cut = batch.column(name).slice(0, SAMPLE_ROWS)
                if can_be_codes(cut.type):
                    texts[name] = cells(cut, name, self.label).to_pylist()
        return texts

    @property
    def header_line(self) -> int | None:
        """Line of the header; None where the form has no lines."""
        return self.first_line - 1 or None

    def fault_of(self, columns: Iterable[str]) -> str | None:
        """Return what is wrong with the first of the columns that the table lacks, or has twice; None where all is well."""
        counts = Counter(self.names)
        for name in columns:
            if name not in counts:
                return f"has no column {name!r} (it has {listed(self.names)})"
            if counts[name] > 1:
                return f"has two columns {name!r}: rename one of them"
        return None

    def check(self, columns: Iterable[str]) -> None:
        """Check that the table has the columns.

        Raises:
            ReleaseFormatError: It lacks one, or has two of that name.
        """
        if fault := self.fault_of(columns):
            raise ReleaseFormatError(fault, file=self.label, line=self.header_line)


def listed(names: Sequence[str]) -> str:
    """Return names of columns as a message lists them.

    >>> listed(("dx", "day")), listed(())
    ('dx, day', 'none')
    """
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) or "none") + more


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
    if found is not None or path.suffix.lower() in DELIMITED:
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
            schema = file.schema_arrow
    except pa.ArrowInvalid as error:
        raise ReleaseFormatError(f"cannot be read: {str(error).splitlines()[0]}", file=path.name) from None

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        texts = [name for name in columns if pa.types.is_string(schema.field(name).type)]
        # codes repeat: what the file keeps as a dictionary need not be written out
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False)

    return Table(path.name, tuple(schema.names), "parquet", batches, first_line=1)


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
        was_read = True
        yield from reader

    return Table(label, tuple(reader.schema.names), "arrow", batches, first_line=1, is_stream=True)
