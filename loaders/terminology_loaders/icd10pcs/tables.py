"""The tables in XML: of each table its rows, of each row the values that its axes allow.

A code is valid if and only if one row of its table holds all four of its last values; values of two rows do not mix.

References:
    CMS, "ICD-10-PCS Code Tables" (`icd10pcs_tables_YYYY.xml`), and the ICD-10-PCS Reference Manual on how codes are
    built from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology.reading import Faults, whole_number, xml_root

from ..order.file import code_digest

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml.etree import _Element

ROOT: Final = re.compile(rb"<ICD10PCS\.tabular[\s>]")
VALUE: Final = re.compile(r"[0-9A-HJ-NP-Z]")
TABLE_AXES: Final = ("1", "2", "3")
ROW_AXES: Final = ("4", "5", "6", "7")


@frozen
class Label:
    """A value that an axis allows, and what it means there."""

    value: str
    meaning: str
    line: int


@frozen
class Axis:
    """One axis of a table or of a row."""

    position: int
    title: str
    labels: tuple[Label, ...]
    definition: str | None
    line: int

    @property
    def values(self) -> frozenset[str]:
        """What the axis allows."""
        return frozenset(label.value for label in self.labels)


@frozen
class Table:
    """One table: three axes with one value each, and the rows."""

    code: str
    axes: tuple[Axis, ...]
    rows: tuple[tuple[Axis, ...], ...]


@frozen
class CodeTables:
    """Everything that the loader takes from the XML."""

    version: str
    tables: list[Table] = field(factory=list)

    def codes(self) -> list[str]:
        """Return every code that the rows allow."""
        return [
            table.code + "".join(values)
            for table in self.tables
            for row in table.rows
            for values in product(*([label.value for label in axis.labels] for axis in row))
        ]

    def facts(self) -> dict[str, Any]:
        """Return what identifies the code set: counts and digest of the codes, the year of the file."""
        codes = self.codes()
        return {
            "codes": len(codes),
            "headers": len(self.tables),
            "billable_digest": code_digest(codes),
            "version": self.version,
        }

    def row_table(self) -> pa.Table:
        """Return one row for each value that a row of a table allows."""
        columns = ("table", "row", "position", "value", "label", "line")
        rows = [
            (table.code, number, axis.position, label.value, label.meaning, label.line)
            for table in self.tables
            for number, row in enumerate(table.rows, 1)
            for axis in row
            for label in axis.labels
        ]
        return _arrow(columns, rows)

    def axis_table(self) -> pa.Table:
        """Return seven rows for each table: the title of the axis, of the first three also the value."""
        columns = ("table", "position", "title", "value", "label", "definition", "line")
        rows = [
            (table.code, axis.position, axis.title, *_single(axis), axis.definition, axis.line)
            for table in self.tables
            for axis in (*table.axes, *(table.rows[0] if table.rows else ()))
        ]
        return _arrow(columns, rows)

    def prefix_table(self) -> pa.Table:
        """Return what the last value of each prefix of four to six characters means; several meanings are joined."""
        labels: dict[str, dict[str, None]] = {}
        for table in self.tables:
            for row in table.rows:
                stems = [table.code]
                for axis in row[:-1]:
                    stems = [stem + label.value for stem in stems for label in _noted(labels, stem, axis)]
        return _arrow(("prefix", "label"), [(prefix, " / ".join(found)) for prefix, found in labels.items()])


def _noted(labels: dict[str, dict[str, None]], stem: str, axis: Axis) -> tuple[Label, ...]:
    """Return the labels of an axis, after they were noted under the prefixes that they make."""
    for label in axis.labels:
        labels.setdefault(stem + label.value, {})[label.meaning] = None
    return axis.labels


def _single(axis: Axis) -> tuple[str | None, str | None]:
    if str(axis.position) in TABLE_AXES and axis.labels:
        return axis.labels[0].value, axis.labels[0].meaning
    return None, None


def _arrow(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    import pyarrow as pa

    numbers = {"row": pa.int16(), "position": pa.int8(), "line": pa.int32()}
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {name: pa.array(column, numbers.get(name, pa.string())) for name, column in zip(names, columns, strict=True)}
    )


def is_tables(head: bytes) -> bool:
    """Return whether the bytes begin like the tables.

    >>> is_tables(b'<?xml version="1.0"?><ICD10PCS.tabular><version>2022</version>')
    True
    """
    return ROOT.search(head) is not None


def read_tables(data: bytes, file: str) -> CodeTables:
    """Return the tables.

    Raises:
        ReleaseFaults: Counts that the file states are not those of its values, rows overlap, axes are missing; all
            are named.
        ReleaseFormatError: The same, with one error; or the XML is not well formed.
    """
    root = xml_root(data, file)
    faults = Faults(file)
    made = CodeTables((root.findtext("version") or "").strip())
    seen: dict[str, int] = {}
    for element in root.iterfind("pcsTable"):
        table = _table(element, faults)
        if table is None:
            continue
        if table.code in seen:
            faults.add(f"table {table.code} is on line {seen[table.code]} already", line=element.sourceline)
        seen.setdefault(table.code, element.sourceline or 0)
        made.tables.append(table)
    if not seen and not faults:
        faults.add("expected at least one pcsTable, got none", line=root.sourceline)
    faults.raise_if_any()
    return made


def _table(element: _Element, faults: Faults) -> Table | None:
    axes = _axes(element, TABLE_AXES, faults)
    if axes is None:
        return None
    for axis in axes:
        if len(axis.labels) != 1:
            faults.add(f"expected one value on axis {axis.position}, got {len(axis.labels)}", line=axis.line)
            return None
    code = "".join(axis.labels[0].value for axis in axes)
    rows = []
    for row_element in element.iterfind("pcsRow"):
        row = _axes(row_element, ROW_AXES, faults)
        if row is None:
            continue
        rows.append(row)
        size = 1
        for axis in row:
            size *= len(axis.labels)
        stated = row_element.get("codes")
        if whole_number(stated) != size:
            message = f"row {len(rows)} of table {code} states {stated} codes, its values make {size}"
            faults.add(message, line=row_element.sourceline)
    _check_rows(code, rows, element, faults)
    return Table(code, axes, tuple(rows))


def _check_rows(code: str, rows: list[tuple[Axis, ...]], element: _Element, faults: Faults) -> None:
    """Note where a table has no row, or two rows that hold one code."""
    if not rows:
        faults.add(f"expected at least one row in table {code}, got none", line=element.sourceline)
    for (first, one), (second, other) in combinations(enumerate(rows, 1), 2):
        common = [min(a.values & b.values, default="") for a, b in zip(one, other, strict=True)]
        if all(common):
            message = f"rows {first} and {second} of table {code} both hold {code}{''.join(common)}"
            faults.add(message, line=other[0].line)


def _axes(element: _Element, positions: tuple[str, ...], faults: Faults) -> tuple[Axis, ...] | None:
    """Return the axes of a table or row, or None, with an error, where they are not the expected ones."""
    found = element.findall("axis")
    places = tuple(axis.get("pos") or "" for axis in found)
    if places != positions:
        expected, got = ", ".join(positions), ", ".join(places) or "none"
        faults.add(f"expected axes {expected}, got {got}", line=element.sourceline)
        return None
    return tuple(_axis(axis, faults) for axis in found)


def _axis(element: _Element, faults: Faults) -> Axis:
    position = element.get("pos") or ""
    labels = tuple(_labels(element, faults))
    stated = element.get("values")
    if whole_number(stated) != len(labels):
        faults.add(f"axis {position} states {stated} values, it has {len(labels)}", line=element.sourceline)
    if len({label.value for label in labels}) != len(labels):
        faults.add(f"axis {position} lists a value twice", line=element.sourceline)
    title = (element.findtext("title") or "").strip()
    if not title:
        faults.add(f"axis {position} has no title", line=element.sourceline)
    definition = (element.findtext("definition") or "").strip() or None
    return Axis(int(position), title, labels, definition, element.sourceline or 0)


def _labels(element: _Element, faults: Faults) -> Iterator[Label]:
    for label in element.iterfind("label"):
        value, meaning = label.get("code") or "", (label.text or "").strip()
        if not VALUE.fullmatch(value):
            faults.add(f"expected a value of one digit or letter (not I, O), got {value!r}", line=label.sourceline)
        elif not meaning:
            faults.add(f"value {value} has no label", line=label.sourceline)
        else:
            yield Label(value, meaning, label.sourceline or 0)


def expansion(rows: pa.Table) -> list[str]:
    """Return every code that the rows of `CodeTables.row_table` allow, in their order."""
    grouped: dict[tuple[str, int], dict[int, list[str]]] = {}
    columns = (rows.column(name).to_pylist() for name in ("table", "row", "position", "value"))
    for table, row, position, value in zip(*columns, strict=True):
        grouped.setdefault((table, row), {}).setdefault(position, []).append(value)
    return [table + "".join(values) for (table, _), axes in grouped.items() for values in product(*axes.values())]
