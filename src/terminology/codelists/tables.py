"""A code list in a table of any form: a column of codes, and perhaps their labels, and the systems that they are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from attrs import evolve, frozen

from ..columns import (
    Roles,
    SystemColumn,
    Table,
    TextNumbers,
    cell_of,
    is_code_shaped,
    roles_of,
    system_column,
    systems_in,
)
from ..columns.delimited import opening_of
from ..columns.names import Role, plain, role_of
from ..reading import Faults
from ..systems import SystemDefinition
from .damaged import add_damaged
from .entries import KEYWORD, WILDCARDS, Entry, remark
from .plain import HEAD, Head, definition_of, entries_from, head_from

LABELS: Final = (
    *("label", "title", "term", "display", "description", "concept_name", "long_description", "short_description"),
    *("desc", "code_description", "long description", "short description"),
)
INCLUDE: Final = "include"
COMMENT: Final = "comment"
ENTRY_COLUMNS: Final = ("entry", "code")
"""Where both are filled, the first counts."""
TRUTHS: Final = {
    **dict.fromkeys(("", "1", "true", "yes", "y", "+", "include", "included"), True),
    **dict.fromkeys(("0", "false", "no", "n", "-", "exclude", "excluded"), False),
}


@frozen
class OtherRow:
    """A row of a table that is of another code system than the list is read for: kept as it is."""

    system: str
    """As the column of systems calls it."""
    text: str
    """As the column of codes has it."""
    label: str | None
    """Words beside it; None where there are none."""
    comment: str | None
    """Of the column of comments; None where there is none."""
    included: str
    """What the column ``include`` says."""
    line: int | None
    """Row of the table, counted from 1; None where it is not known."""

    @property
    def source_line(self) -> str:
        """The row as a comment of a list in plain text."""
        words = (self.text, self.label, "excluded" if TRUTHS.get(self.included.strip().lower()) is False else None)
        return f"# other system, {' '.join(self.system.split())}: {'  '.join(filter(None, words))}"


@frozen
class Listed:
    """What a table holds as a code list."""

    head: Head
    entries: tuple[Entry, ...]
    roles: Roles
    system: str | None
    """As it was given, as the head names it, or as the column of systems does."""
    warnings: tuple[str, ...] = ()
    others: tuple[OtherRow, ...] = ()


@frozen
class _Row:
    line: int
    text: str
    column: str
    """Of the text."""
    label: str | None
    comment: str | None
    included: str
    system: str | None


def read_table(
    table: Table, faults: Faults, system: str | None = None, code: str | None = None, preface: str = ""
) -> Listed:
    """Return a table as a code list; errors are noted, and their rows left out.

    Args:
        table: The table.
        faults: Takes the errors.
        system: The code system, where it is known.
        code: The column of codes; without, it is found by its name or by its content.
        preface: The text that the table was read from: its lines ``#name: value`` before the header are the head.

    Raises:
        ReleaseFormatError: There is no column of codes, or there may be two; or the rows are of several systems, and
            none is asked.
    """
    head = _head(preface, faults)
    column = system_column(table)
    names = _Names.of(table, column)
    system = system or head.system or next(iter(systems_in(table)), None)
    definition = definition_of(system)
    roles, codes = _roles(table, code, column, definition)
    asked = None
    if column is not None and system is not None:
        asked = SystemColumn(column, definition or SystemDefinition(system, system, system))
    others: dict[tuple[str, str, str] | int, OtherRow] = {}
    kept = _of_system(names.rows(table, codes), asked, others, is_distinct=not is_list(table))
    # of data, whatever their number of rows, each code is kept once
    rows, repeated = (list(kept), ()) if is_list(table) else _distinct(kept, table.label)
    entries = tuple(_entries(rows, faults, definition))
    ignored = tuple(name for name in roles.ignored if name not in (names.label, names.include, names.comment))
    left_out = dict(asked.left_out.most_common()) if asked else {}
    roles = evolve(roles, label=names.label, ignored=ignored, left_out=left_out)
    warning = asked.warning if asked else None
    warnings = (*table.warnings, *filter(None, [warning]), *repeated)
    return Listed(head, entries, roles, system, warnings, tuple(others.values()))


def _of_system(
    rows: Iterable[_Row],
    asked: SystemColumn | None,
    others: dict[tuple[str, str, str] | int, OtherRow],
    *,
    is_distinct: bool,
) -> Iterator[_Row]:
    """Yield the rows of the system that is asked, and note the others: of data each once."""
    for row in rows:
        if asked is None or asked.keeps(row.system):
            yield row
        elif row.text.strip():
            text = " ".join(row.text.split())
            key = (row.system or "", text, row.included) if is_distinct else row.line
            made = OtherRow(row.system or "", text, remark(row.label), remark(row.comment), row.included, row.line)
            others.setdefault(key, made)


@frozen
class _Names:
    """The columns of a list beside that of codes."""

    label: str | None
    include: str | None
    comment: str | None
    system: str | None

    @classmethod
    def of(cls, table: Table, system: str | None) -> _Names:
        counts = Counter(table.names)
        lower = {name.lower(): name for name in reversed(table.names) if counts[name] == 1}
        label = next((lower[name] for name in LABELS if name in lower and lower[name] != system), None)
        return cls(label, lower.get(INCLUDE), lower.get(COMMENT), system)

    def rows(self, table: Table, codes: Sequence[str]) -> Iterator[_Row]:
        """Yield the rows of a table; the text is that of the first of the columns of codes that is filled."""
        wanted = [name for name in dict.fromkeys([*codes, self.label, self.include, self.comment, self.system]) if name]
        for line, row in table.rows(wanted):
            texts = ((row.get(name) or "", name) for name in codes)
            text, column = next((pair for pair in texts if pair[0].strip()), ("", codes[-1] if codes else ""))
            included, label, comment, system = (
                (row.get(name) if name else None) for name in (self.include, self.label, self.comment, self.system)
            )
            yield _Row(line, text, column, label, comment, included or "", system)


def is_list(table: Table) -> bool:
    """Return whether a table is written as a code list: a column ``code`` or ``entry``, and none that a list has no use for.

    A Parquet file is not: its rows are data, whatever its columns are called.

    >>> from terminology.columns import text_table
    >>> is_list(text_table("code,term\\nE11.9,Diabetes\\n", "a.csv")), is_list(text_table("code,day\\n", "b.csv"))
    (True, False)
    """
    if table.form not in ("delimited", "workbook"):
        return False
    lower = [name.lower() for name in table.names]
    own = {*ENTRY_COLUMNS, *LABELS, INCLUDE, COMMENT}
    return bool({*ENTRY_COLUMNS} & {*lower}) and all(name in own or role_of(name) is Role.SYSTEM for name in lower)


def _head(preface: str, faults: Faults) -> Head:
    """Return what the lines before the header say."""
    values: dict[str, tuple[str, int]] = {}
    opening = opening_of(preface)
    for number, line in opening.preface if opening else ():
        key, colon, value = line.lstrip("#").rstrip(",;\t").partition(":")
        key = key.strip().lower()
        if colon and key in HEAD and value.strip():
            if key in values:
                faults.add(f"the head line {key!r} is on line {values[key][1]} already", line=number, column=1)
            values.setdefault(key, (value.strip(), number))
    return head_from(values, faults)


def _roles(
    table: Table, code: str | None, system: str | None, definition: SystemDefinition | None
) -> tuple[Roles, tuple[str, ...]]:
    """Return what the columns hold, and those of entries by precedence."""
    is_entry = partial(is_entry_shaped, definition=definition) if definition else None
    own = [name for name in table.names if role_of(name) is Role.CODE]
    exact = sorted(
        (name for name in own if plain(name) in ENTRY_COLUMNS), key=lambda name: ENTRY_COLUMNS.index(plain(name))
    )
    # a list may have both columns
    if code is None and exact and len(exact) == len(own) and len({*map(plain, exact)}) == len(exact):
        found = roles_of(table, codes=exact, system=system)
        return evolve(found, how="name"), tuple(exact)
    found = roles_of(table, codes=[code] if code else [], system=system, is_code=is_entry)
    return found, found.codes


def is_entry_shaped(text: str, definition: SystemDefinition) -> bool:
    """Return whether a text has the form of an entry: a code, a range, a pattern, with or without keywords.

    >>> from terminology.systems import SYSTEMS
    >>> [is_entry_shaped(text, SYSTEMS["icd10cm"]) for text in ("is-a E11", "E10-E13", "E11.*", "Diabetes")]
    [True, True, True, False]
    """
    bare = text.strip()
    while found := KEYWORD.match(bare):
        bare = bare[found.end() :]
    if WILDCARDS & set(bare):
        return any(map(str.isdigit, bare)) and " " not in bare
    return bool(bare) and all(is_code_shaped(end.strip(), definition) for end in bare.split("-"))


def _distinct(rows: Iterable[_Row], label: str) -> tuple[list[_Row], tuple[str, ...]]:
    """Return the rows of a table that is no list with each code once, and warnings with the numbers of the others."""
    found: dict[tuple[str, str], _Row] = {}
    repeated = empty = 0
    for row in rows:
        if not row.text.strip():
            empty += 1
        elif found.setdefault((row.text, row.included), row) is not row:
            repeated += 1
    said = ((repeated, "rows that repeat a code"), (empty, "rows without a code"))
    return list(found.values()), tuple(f"{label}: {what}, left out: {count:,}" for count, what in said if count)


def _entries(rows: Sequence[_Row], faults: Faults, definition: SystemDefinition | None) -> Iterator[Entry]:
    """Yield the entries of rows; the error of a row that is none is noted."""
    numbers = TextNumbers(definition) if definition else None
    for row in rows:
        if numbers:
            numbers.see(cell_of(row.text).text)
    for row in rows:
        included = TRUTHS.get(row.included.strip().lower())
        if not row.text.strip():
            said = "expected a code, got an empty cell: give one, or leave the row out"
            add_damaged(faults, row.label or "", said, line=row.line, column=row.column)
        elif included is None:
            said = f"expected yes or no, got {row.included!r}: a row is included or excluded"
            add_damaged(faults, cell_of(row.text).text, said, line=row.line, column=INCLUDE)
        else:
            cell = numbers.cell(row.text) if numbers else cell_of(row.text)
            for entry in entries_from(cell.text.strip(), row.line, faults, definition, row.column):
                excluded = entry.excluding or not included
                number = cell if cell.is_number else None
                label, comment = remark(row.label) or entry.label, remark(row.comment) or entry.comment
                yield evolve(entry, excluding=excluded, label=label, comment=comment, cell=number)
