"""Delimited text of any ending: its encoding, its delimiter, its header; in batches, or row by row with line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..errors import ReleaseFormatError
from ..reading import decoded, lines_of
from .compression import compression_of, opened_bytes
from .names import Role, role_of

if TYPE_CHECKING:
    import pyarrow as pa

DELIMITERS: Final = (",", ";", "\t", "|")
BLOCK_BYTES: Final = 4 * 2**20
HEAD_BYTES: Final = 2**18
"""What is looked at to find the header."""
SAMPLED_LINES: Final = 20
SEPARATOR_LINE: Final = "sep="
"""What Excel may write before the header."""
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@frozen
class Opening:
    """How a delimited text begins."""

    names: tuple[str, ...]
    """The cells of the header, without blanks around them."""
    delimiter: str
    line: int
    """Of the header."""
    preface: tuple[tuple[int, str], ...] = ()
    """Lines before the header that begin with ``#``, with their numbers."""


def opening_of(text: str) -> Opening | None:
    """Return how a delimited text begins, or None where every line is blank or a comment.

    >>> opening_of("#system: icd10cm\\nid;dx\\n1;E11.9\\n").names, opening_of("id,dx\\r1,E11.9\\r").names
    (('id', 'dx'), ('id', 'dx'))
    """
    preface = []
    delimiters: Sequence[str] = DELIMITERS
    for number, line in _lines(text):
        bare = line.strip(" \ufeff")
        if not bare.strip():
            continue
        if bare.lower().startswith(SEPARATOR_LINE) and len(bare) == len(SEPARATOR_LINE) + 1:
            delimiters = (bare[-1],)
        elif bare.startswith("#"):
            preface.append((number, bare))
        else:
            cells = [(_cells(bare, mark), mark) for mark in delimiters]
            names, mark = max(cells, key=lambda pair: (any(map(role_of, pair[0])), len(pair[0])))
            return Opening(names, mark, number, tuple(preface))
    return None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; where no line ends as others do, those of old Macintoshes, which end with CR."""
    return lines_of(text if "\n" in text else text.replace("\r", "\n"))


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), ()))
    except csv.Error:
        return ()


def is_table(opening: Opening, text: str, is_code: Callable[[str], bool] | None = None) -> bool:
    """Return whether a text is a table with a header, rather than a code list with labels behind its entries.

    It is, where the header names a column of codes or of their system; or where it holds no code, and most of the
    lines below have as many cells and a code in the same one of them.

    Args:
        opening: How the text begins.
        text: The text, or its first lines.
        is_code: Whether a text is a code, where that is known.
    """
    if any(role_of(name) in (Role.CODE, Role.SYSTEM) for name in opening.names):
        return True
    if (
        is_code is None
        or len(opening.names) == 1
        or any(is_code(word) for name in opening.names for word in _words(name))
    ):
        return False
    lines = [line for number, line in _lines(text) if number > opening.line and line.strip()][:SAMPLED_LINES]
    rows = [_cells(line, opening.delimiter) for line in lines]
    if not rows or any(len(row) != len(opening.names) for row in rows):
        return False
    return any(sum(map(is_code, column)) * 2 > len(rows) for column in zip(*rows, strict=True))


def _words(name: str) -> list[str]:
    return "".join(mark if mark.isalnum() or mark == "." else " " for mark in name).split()


# ---- bytes


def encoding_of(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a text file, and a warning where it is neither UTF-8 nor UTF-16.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is no text.
    """
    compression = compression_of(path)
    try:
        with opened_bytes(path) as stream:
            return _encoding_in(stream, path.name)
    except OSError as error:
        if compression is None:
            raise
        # the file itself was read: it is what is compressed in it that is damaged, or cut short
        message = f"compressed by {compression}, cannot be read: {str(error).splitlines()[0]}"
        raise ReleaseFormatError(message, file=path.name) from None


def _encoding_in(stream: Any, file: str) -> tuple[str, tuple[str, ...]]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    head = stream.read(HEAD_BYTES)
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, ()
    if b"\0" in head:
        return _without_mark(head, file), ()
    block = head
    while block:
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            line += block.count(b"\n", 0, error.start)
            return "cp1252", (f"{file}:{line}: not UTF-8, read as CP1252",)
        line += block.count(b"\n")
        block = stream.read(BLOCK_BYTES)
    return "utf-8-sig", ()


def _without_mark(head: bytes, file: str) -> str:
    """Return which UTF-16 it is by its ASCII characters: every other byte of theirs is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not (even and odd) and max(even, odd) * 4 > len(head):
        return "utf-16-le" if odd else "utf-16-be"
    place = head.index(0)
    raise ReleaseFormatError("expected text, got a NUL byte", file=file, line=head.count(b"\n", 0, place) + 1)


def decoded_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the whole text of a file, and a warning where it is neither UTF-8 nor UTF-16.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is no text, or a compressed one, which may be of any length.
    """
    if compression := compression_of(path):
        raise ReleaseFormatError(f"expected a text, got a file compressed by {compression}: unpack it", file=path.name)
    encoding, _ = encoding_of(path)
    data = path.read_bytes()
    if not encoding.startswith("utf-16"):
        return decoded(data, path.name)
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError as error:
        raise _undecodable(error, encoding, path.name) from None


def _undecodable(error: UnicodeDecodeError, encoding: str, file: str) -> ReleaseFormatError:
    got = error.object[error.start : error.end]
    return ReleaseFormatError(f"expected text in {encoding}, got bytes {got!r}: is the file whole?", file=file)


def head_text(path: Path, encoding: str) -> str:
    """Return how a text begins: whole lines, where it is longer than what is looked at."""
    with opened_bytes(path) as stream, io.TextIOWrapper(stream, encoding, errors="replace", newline="") as texts:
        text = texts.read(HEAD_BYTES)
        return text + (texts.readline() if len(text) == HEAD_BYTES else "")


def batches_in(path: Path, opening: Opening, encoding: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the columns of a delimited file as text, a block at a time."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if _ends_with(opening, head_text(path, encoding)):
        return
    # by its name alone, Arrow would decompress what is not compressed
    stream = pa.input_stream(str(path), compression=compression_of(path))
    rows = 0
    try:
        for batch in arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                block_size=BLOCK_BYTES,
                use_threads=False,
                skip_rows=opening.line,
                column_names=list(opening.names),
                encoding="utf8" if encoding == "utf-8-sig" else encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=opening.delimiter,
                newlines_in_values=True,
                # a blank line of a table of one column is an empty cell, and counts as a row
                ignore_empty_lines=len(opening.names) > 1,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(columns),
                # leading zeros are part of a code, and NA may be one
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        ):
            rows += batch.num_rows
            yield batch
    except UnicodeDecodeError as error:
        raise _undecodable(error, encoding, path.name) from None
    finally:
        stream.close()
    _check_quotes(path, opening, encoding, rows)


def _check_quotes(path: Path, opening: Opening, encoding: str, rows: int) -> None:
    """Raise ReleaseFormatError where a quotation mark that is not closed has taken rows for one cell, as Arrow does.

    It can only be so where there are fewer rows than lines, so most files are read no second time but for their line ends.
    """
    lines = returns = 0
    with opened_bytes(path) as stream:
        for block in iter(lambda: stream.read(BLOCK_BYTES), b""):
            lines += block.count(b"\n")
            returns += 0 if lines else block.count(b"\r")
    lines = lines or returns
    if rows >= lines - opening.line:
        return
    with opened_bytes(path) as stream, io.TextIOWrapper(stream, encoding, errors="replace", newline="") as texts:
        for _ in range(opening.line):
            texts.readline()
        reader = csv.reader(texts, delimiter=opening.delimiter, strict=True)
        line = opening.line + 1
        try:
            for _ in reader:
                line = opening.line + reader.line_num + 1
        except csv.Error:
            said = "a quotation mark is not closed, or stands where none can: double it, or put the cell in quotation marks"
            raise ReleaseFormatError(said, file=path.name, line=line) from None


def _ends_with(opening: Opening, text: str) -> bool:
    """Return whether a text has nothing below its header, not even the end of its line, which Arrow would miss."""
    return len(text) < HEAD_BYTES and all(number <= opening.line for number, _ in _lines(text))


# ---- rows with their lines, of lists


def rows_in(text: str, opening: Opening) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a delimited text that hold anything, each with the line that it begins on.

    Raises:
        DelimitedError: A quotation mark is not closed, or stands where none can.
    """
    reader = csv.reader(_lines_below(text, opening.line), delimiter=opening.delimiter, strict=True)
    line = opening.line + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, dict(zip(opening.names, cells, strict=False))
            line = opening.line + reader.line_num + 1
    except csv.Error as error:
        raise DelimitedError(str(error), opening.line + reader.line_num) from None


class DelimitedError(ValueError):
    """A line is no delimited text."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _lines_below(text: str, line: int) -> Iterable[str]:
    stream = io.StringIO(text, newline="")
    for _ in range(line):
        # a header ends where its line does
        stream.readline()
    return stream
