"""A table in whatever form it comes, read in batches: delimited text, Parquet, workbook, Arrow of any library.

Cells of codes are handed over as texts. Those that were numbers in the table begin with a mark (`cells`): a number
has no leading zeros, so what it can mean is another question than what a text means.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal

from attrs import define, field

from ..errors import ReleaseFormatError
from .arrays import can_be_codes, cells
from .workbooks import SAMPLE_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

NAMED: Final = 20
"""Columns that a message lists."""
Form = Literal["delimited", "parquet", "workbook", "arrow"]


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
