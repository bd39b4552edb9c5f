"""Delimited text that people write: ``#key: value`` lines, a header, rows."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from .faults import Faults
from .text import lines_of

DELIMITERS: Final = (",", ";", "\t")
LONGEST_LINE: Final = 2**22
"""Characters of a line of delimited text: more are no row that somebody wrote."""
MOST_COLUMNS: Final = 1_000
"""Columns of a header."""
BATCH: Final = 2**16
"""Rows that are held as texts at a time."""


@frozen
class Opening:
    """The lines before the rows."""

    values: Mapping[str, tuple[str, int]]
    """Text and line of each ``#key: value``."""
    strange: tuple[tuple[int, str], ...]
    """Lines that begin with one ``#`` and are none; or keys that are given again."""
    header: tuple[str, ...]
    """Names of the columns, in lower case, without unnamed ones at the end; empty where there is no header."""
    header_line: int
    """The line after the last where there is none."""
    delimiter: str
    """Between the cells of a row: a comma, a semicolon, a tab …"""


def opening_of(text: str, keys: Collection[str], columns: Collection[str], *, once: bool = True) -> Opening:
    """Return how a text opens. Blank lines and those that begin with ``##`` are left out.

    Args:
        text: The text, or its beginning.
        keys: What may be stated before the header.
        columns: The columns that are known: the delimiter that makes most of them out of the header is the right one.
        once: Whether a key that is given again is strange; else its last value counts.

    >>> opening = opening_of("#system: colours\\ncode;title\\nR;Red\\n", ("system",), ("code", "title"))
    >>> opening.values, opening.header, opening.delimiter
    ({'system': ('colours', 1)}, ('code', 'title'), ';')
    """
    values: dict[str, tuple[str, int]] = {}
    strange: list[tuple[int, str]] = []
    for number, line in lines_of(text):
        # a spreadsheet program fills such a line up with delimiters, or puts it in quotes
        bare = line.strip().rstrip(",;\t").strip('"').strip()
        if not bare or bare.startswith("##"):
            continue
        if not bare.startswith("#"):
            header, delimiter = _header(line, columns)
            # a spreadsheet program writes empty columns to the right
            while header and not header[-1]:
                header = header[:-1]
            return Opening(values, tuple(strange), header, number, delimiter)
        key, colon, value = bare[1:].partition(":")
        (key,) = _names([key])
        if colon and key in keys and value.strip() and not (once and key in values):
            values[key] = (value.strip(), number)
        else:
            strange.append((number, bare))
    return Opening(values, tuple(strange), (), text.count("\n") + 1, ",")


def stated_values(
    values: Mapping[str, tuple[str, int | None]], parsers: Mapping[str, Callable[[str], Any]], faults: Faults
) -> dict[str, Any]:
    """Return what the texts of ``key: value`` lines mean by key, without those that are wrong: these are noted.

    Args:
        values: Text and line by key; None for a text that is on no line.
        parsers: How the text of each key is read; the message of its `ValueError` says what was expected.
        faults: The errors of the file, to which what is wrong is added.

    >>> faults = Faults("colours.csv")
    >>> stated_values({"title": ("Colours", 1), "dot": ("three", 2)}, {"title": str, "dot": int}, faults)
    {'title': 'Colours'}
    """
    given: dict[str, Any] = {}
    for key, (text, line) in values.items():
        try:
            given[key] = parsers[key](text)
        except ValueError as error:
            faults.add(f"expected {error}, got {text!r}", line=line, column=key)
    return given


def _header(line: str, columns: Collection[str]) -> tuple[tuple[str, ...], str]:
    """Return the names of the columns, divided by the mark that makes most sense of them, and that mark."""
    if len(line) > LONGEST_LINE:
        return (), DELIMITERS[0]
    found = [(_names(_cells(line, mark)), mark) for mark in DELIMITERS]
    return max(found, key=lambda pair: (sum(name in columns for name in pair[0]), len(pair[0])))


def _cells(line: str, mark: str) -> Sequence[str]:
    """Return the cells of a line; none where it cannot be divided (a return within it, a cell without end)."""
    try:
        return next(csv.reader([line], delimiter=mark), ())
    except csv.Error:
        return ()


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple("_".join(cell.strip().lower().replace("-", " ").split()) for cell in cells)


def check_header(opening: Opening, reserved: Collection[str], what: str, faults: Faults) -> None:
    """Note columns of a header without a name, with one that is taken, and more than anybody needs.

    Args:
        opening: With the header.
        reserved: Names that no column can have.
        what: The kind of column that cannot have them.
        faults: The errors of the file, to which what is wrong is added.

    >>> faults = Faults("colours.csv")
    >>> check_header(opening_of("code,code\\n", (), ("code",)), (), "a column", faults)
    >>> str(faults.kept[0])
    'colours.csv:1: column 2: column code is in the header twice'
    """
    line = opening.header_line
    if len(opening.header) > MOST_COLUMNS:
        faults.add(f"expected at most {MOST_COLUMNS:,} columns, got {len(opening.header):,}", line=line)
    seen: set[str] = set()
    for place, name in enumerate(opening.header, 1):
        if not name:
            faults.add("expected a name of the column, got nothing", line=line, column=place)
        elif name in seen:
            faults.add(f"column {name} is in the header twice", line=line, column=place)
        elif name in reserved:
            faults.add(f"{what} cannot be named {name}", line=line, column=place)
        seen.add(name)


def rows_below(text: str, opening: Opening, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the cells of each row below the header by column, without blanks around them, with the row's line.

    Rows without a text are left out; cells to the right of the header must be empty. What is wrong is noted.

    >>> opening = opening_of("code,title,\\n", (), ("code", "title"))
    >>> list(rows_below("code,title,\\nR, Red,\\n,,\\n", opening, Faults("colours.csv")))
    [(2, {'code': 'R', 'title': 'Red'})]
    """
    for line, texts in _cells_below(text, opening, faults):
        yield line, dict(zip(opening.header, texts, strict=False))


@frozen
class Batch:
    """Some rows by column: the line of each, and the texts of its cells without blanks around them."""

    lines: list[int]
    columns: tuple[Sequence[str], ...]
    """In the order of the header."""


def columns_below(text: str, opening: Opening, faults: Faults) -> Iterator[Batch]:
    """Yield the rows below the header in batches, column by column, as `rows_below` yields them one by one.

    >>> opening = opening_of("code,title\\n", (), ("code", "title"))
    >>> [batch.columns for batch in columns_below("code,title\\nR,Red\\nB, Blue\\n", opening, Faults("colours.csv"))]
    [(('R', 'B'), ('Red', 'Blue'))]
    """
    rows = _cells_below(text, opening, faults)
    width = len(opening.header)
    while chunk := list(itertools.islice(rows, BATCH)):
        lines, cells = zip(*chunk, strict=True)
        columns = zip(*cells, strict=False)
        yield Batch(list(lines), tuple(itertools.islice(columns, width)))


def _cells_below(text: str, opening: Opening, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row, at least as many cells as the header has; what is wrong is noted."""
    reader = csv.reader(_lines_below(text, opening.header_line), delimiter=opening.delimiter, strict=True)
    width, line = len(opening.header), opening.header_line + 1
    try:
        for cells in reader:
            texts = [cell.strip() for cell in cells]
            if any(texts):
                if len(texts) < width or (len(texts) > width and any(texts[width:])):
                    faults.add(f"expected {width} cells, got {len(cells)}", line=line)
                else:
                    yield line, texts
            line = opening.header_line + reader.line_num + 1
    except csv.Error as error:
        last = opening.header_line + reader.line_num
        begun = f" in the row that begins on line {line}: is a quotation mark not closed?" if last > line else ""
        faults.add(f"expected delimited text: {error}{begun}", line=last)
    except _LongLineError:
        message = f"expected lines of at most {LONGEST_LINE:,} characters, got a longer one"
        faults.add(message, line=opening.header_line + reader.line_num + 1)


class _LongLineError(Exception):
    pass


def _lines_below(text: str, above: int) -> Iterator[str]:
    """Yield the lines below so many with their ends; a return alone ends a line too.

    Raises:
        _LongLineError: A line is longer than `LONGEST_LINE`.
    """
    start = 0
    for _ in range(above):
        start = text.find("\n", start) + 1
        if not start:
            return
    end = len(text)
    while start < end:
        stop = text.find("\n", start) + 1 or end
        if stop - start > LONGEST_LINE:
            raise _LongLineError
        line = text[start:stop]
        if "\r" in line and line[line.index("\r") :] not in {"\r\n", "\r"}:
            yield from io.StringIO(line, newline="")
        else:
            yield line
        start = stop
