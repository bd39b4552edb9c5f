"""The rows of a list of codes as columns: checked, put in document order, turned into the ``concepts`` table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology import schema
from terminology.reading import Faults
from terminology.shapes import LONGEST_CODE
from terminology.systems import SystemDefinition

from .heading import Heading

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Places = npt.NDArray[Any]

RESERVED: Final = frozenset({"derived", "line", "changed", "reactivated", "status", "version", schema.SOURCE_COLUMN})
"""Names that no property column can have: the tables use them otherwise."""
UNLISTED: Final = frozenset({"derived", "changed", "reactivated"})
"""Columns of ``concepts`` that no list of codes has."""


@frozen
class CodeList:
    """What a file holds."""

    heading: Heading
    codes: pa.Table
    """The columns of ``concepts`` that a list may have, one row a code, in the order of the file."""
    properties: Mapping[str, pa.ChunkedArray] = field(factory=dict, hash=False)
    """Further columns by name, in their order."""
    warnings: tuple[str, ...] = ()


def codes_schema() -> pa.Schema:
    """Return the columns of `CodeList.codes`."""
    import pyarrow as pa

    return pa.schema([item for item in schema.concepts() if item.name not in UNLISTED])


def property_names(names: Iterable[str]) -> dict[str, str]:
    """Return the name of each property's column: its own, unless the tables or another property use it.

    >>> property_names(["doses", "status", "property_status"])
    {'doses': 'doses', 'status': 'property_status', 'property_status': 'property_property_status'}
    """
    taken = RESERVED | set(schema.concepts().names)
    made: dict[str, str] = {}
    for name in names:
        column = name
        while column in taken:
            column = f"property_{column}"
        taken |= {column}
        made[name] = column
    return made


def texts_of(column: pa.ChunkedArray) -> Iterable[Any]:
    """Yield the values of a column, chunk by chunk: a list of them all would take more room than the column."""
    for chunk in column.chunks:
        yield from chunk.to_pylist()


def official_codes(codes: pa.Table, definition: SystemDefinition) -> pa.Table:
    """Return the rows with codes and parents in official form: the dot set where the system has one."""
    import pyarrow as pa

    for name in ("code", "parent"):
        place = codes.schema.get_field_index(name)
        chunks = [
            pa.array([text and (definition.official(text) or text) for text in chunk.to_pylist()], pa.string())
            for chunk in codes.column(name).chunks
        ]
        codes = codes.set_column(place, codes.schema.field(place), pa.chunked_array(chunks, pa.string()))
    return codes


def check_codes(listed: CodeList, definition: SystemDefinition, faults: Faults) -> None:
    """Note everything that is wrong with rows in official form, whatever the format that they came in.

    Repeated codes, unknown parents, cycles, codes that cannot be one, empty titles, periods that end before they begin.
    """
    checked = _Checked(listed.codes, faults)
    checked.check_codes()
    checked.check_shape(definition, listed.heading.shape)
    checked.check_titles()
    checked.check_periods()
    checked.check_parents()


class _Checked:
    """Rows with their lines; what is wrong is found in whole columns, and reported row by row."""

    def __init__(self, codes: pa.Table, faults: Faults) -> None:
        import numpy as np

        self.table = codes
        self.faults = faults
        self.code = codes.column("code").combine_chunks()
        self.line = codes.column("line")
        numbers = self.code.dictionary_encode().indices.to_numpy(zero_copy_only=False)
        highest = np.maximum.accumulate(numbers) if len(numbers) else numbers
        # codes are numbered in the order in which they are met
        self.repeated = np.zeros(len(numbers), dtype=bool)
        self.repeated[1:] = numbers[1:] <= highest[:-1]
        self.numbers = numbers
        self.first = np.flatnonzero(~self.repeated)
        """Of each number, the row."""

    def note(self, row: int, message: str, column: str) -> None:
        self.faults.add(message, line=self.line[row].as_py(), column=column)

    def rows_of(self, mask: Any) -> Sequence[int]:
        """Return the rows for which a column of truth values holds."""
        import numpy as np
        import pyarrow.compute as pc

        return [int(row) for row in np.flatnonzero(pc.fill_null(mask, fill_value=False).to_numpy(zero_copy_only=False))]

    def check_codes(self) -> None:
        import numpy as np
        import pyarrow.compute as pc

        for row in self.rows_of(pc.equal(self.code, "")):
            self.note(row, "expected a code, got nothing", "code")
        for row in np.flatnonzero(self.repeated).tolist():
            code, first = self.code[row].as_py(), self.first[self.numbers[row]].item()
            if code:
                self.note(row, f"code {code} is on line {self.line[first].as_py()} already", "code")

    def check_shape(self, definition: SystemDefinition, shape: str | None) -> None:
        import pyarrow.compute as pc

        lengths = pc.utf8_length(self.code)
        for row in self.rows_of(pc.greater(lengths, LONGEST_CODE)):
            message = f"expected a code of at most {LONGEST_CODE} characters, got one of {lengths[row].as_py():,}"
            self.note(row, message, "code")
        for row in self.rows_of(pc.match_substring_regex(self.code, r"\p{Cc}")):
            self.note(row, f"expected a code without control characters, got {self.code[row].as_py()!r}", "code")
        if shape is None:
            return
        matches = definition.pattern.fullmatch
        for row, code in enumerate(self.code.to_pylist()):
            if len(code) <= LONGEST_CODE and not matches(code):
                self.note(row, f"expected a code of the shape {shape}, got {code!r}", "code")

    def check_titles(self) -> None:
        import pyarrow.compute as pc

        for row in self.rows_of(pc.equal(self.table.column("title"), "")):
            self.note(row, f"code {self.code[row].as_py()} has no title", "title")
        for name in ("title", "short_title", "kind"):
            for row in self.rows_of(pc.match_substring(self.table.column(name), "\0")):
                self.note(row, "expected text, got a NUL character", name)

    def check_periods(self) -> None:
        import pyarrow.compute as pc

        begin, end = (self.table.column(name) for name in ("effective_from", "effective_to"))
        for row in self.rows_of(pc.less_equal(end, begin)):
            message = f"expected a period that ends after {begin[row].as_py()}, got {end[row].as_py()}"
            self.note(row, message, "effective_to")

    def check_parents(self) -> None:
        import numpy as np
        import pyarrow.compute as pc

        parent = self.table.column("parent")
        above = places_of(parent, self.code)
        for row in np.flatnonzero((above < 0) & pc.is_valid(parent).to_numpy()).tolist():
            code = self.code[row].as_py()
            self.note(row, f"parent {parent[row].as_py()} of {code} is not in the list", "parent")
        if not (above < np.arange(len(above))).all():
            self._check_cycles(above.tolist())

    def _check_cycles(self, above: list[int]) -> None:
        """Note each cycle once: every row is passed once."""
        sound = bytearray(len(above))
        for start in self.first.tolist():
            path: dict[int, None] = {}
            place = start
            while place >= 0 and not sound[place]:
                if place in path:
                    rows = list(path)
                    codes = self.code.take([*rows[rows.index(place) :], place]).to_pylist()
                    self.note(place, f"the hierarchy has a cycle: {' < '.join(codes)}", "parent")
                    break
                path[place] = None
                place = above[place]
            for place in path:
                sound[place] = 1


def places_of(parents: pa.ChunkedArray, codes: pa.Array) -> Places:
    """Return the row of each parent, -1 where there is none; of a repeated code its first."""
    import numpy as np
    import pyarrow.compute as pc

    found = pc.fill_null(pc.index_in(parents, value_set=codes, skip_nulls=True), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def concept_table(listed: CodeList) -> pa.Table:
    """Return the ``concepts`` table in document order, its property columns in their order."""
    import pyarrow as pa

    count = listed.codes.num_rows
    fields, columns = [], []
    for item in schema.concepts():
        fields.append(item)
        if item.name == "derived":
            columns.append(pa.repeat(pa.scalar(value=False), count))
        elif item.name in UNLISTED:
            columns.append(pa.nulls(count, item.type))
        else:
            columns.append(listed.codes.column(item.name))
    names = property_names(listed.properties)
    for name, column in listed.properties.items():
        fields.append(pa.field(names[name], column.type))
        columns.append(column)
    table = pa.table(columns, schema=pa.schema(fields))
    order = document_order(places_of(table.column("parent"), table.column("code").combine_chunks()))
    return table if order is None else table.take(pa.array(order))


def document_order(above: Places) -> list[int] | None:
    """Return the rows with every parent before its children, else in their order; None where they are so already.

    >>> import numpy
    >>> document_order(numpy.array([2, -1, -1])), document_order(numpy.array([-1, 0, -1]))
    ([1, 2, 0], None)
    """
    import numpy as np

    if _is_in_document_order(above):
        return None
    # rows by their parent, those of one parent in their order
    by_parent = np.argsort(above, kind="stable")
    begin = np.searchsorted(above[by_parent], np.arange(-1, len(above)))
    end = np.append(begin[1:], len(above))
    made: list[int] = []
    waiting = by_parent[begin[0] : end[0]][::-1].tolist()
    while waiting:
        row = waiting.pop()
        made.append(row)
        if end[row + 1] > begin[row + 1]:
            waiting += by_parent[begin[row + 1] : end[row + 1]][::-1].tolist()
    return made


def _is_in_document_order(above: Places) -> bool:
    path: list[int] = []
    for row, parent in enumerate(above.tolist()):
        while path and path[-1] != parent:
            path.pop()
        if parent >= 0 and not path:
            return False
        path.append(row)
    return True
