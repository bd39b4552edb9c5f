"""Claims out of a table, whatever its form: one row a claim, one row a code or service, or both."""

from __future__ import annotations

import datetime
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from ..columns import Table, canonical, cell_of, day_numbers, form_of_days
from ..columns.arrays import can_be_codes, cells
from ..columns.days import DayForm
from ..errors import ReleaseFormatError
from ..periods import day_of
from ..repairs import NULL_WORDS
from .claim import LONGEST_ID, MOST, Claim, Diagnosis, Kind, Line, age_of, cut, sex_of
from .layout import WANTED, Layout, layout_of
from .unread import unread_columns

if TYPE_CHECKING:
    import pyarrow as pa

DAYS: Final = ("birth_date", "admission_date", "discharge_date", "service_date", "procedure_date")
RECENT: Final = 100_000
"""Claims of which is remembered that they were read: one that comes again does not have its rows together."""
DIAGNOSES: Final = frozenset({"dx", "d", "diagnosis", "diag", "icd10cm", "icd9cm"})
PROCEDURES: Final = frozenset({"px", "pr", "p", "procedure", "proc"})
FEMALE: Final = {"1": "F", "true": "F", "yes": "F", "0": "M", "false": "M", "no": "M"}
BETWEEN: Final = re.compile(r"[\s,;:|/-]+")
Row = Mapping[str, Any]


@frozen
class BadRow:
    """A row, or a claim, of a file that cannot be read, with what was expected there."""

    file: str
    """Name of the file of claims."""
    line: int | None
    """Counted from 1; None where the file has no lines."""
    column: str | None
    """Name of the column; None where the whole row is meant."""
    message: str
    """What was expected, and what was found instead."""

    def __str__(self) -> str:
        return str(ReleaseFormatError(self.message, file=self.file, line=self.line, column=self.column))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"file": self.file, "line": self.line, "column": self.column, "message": self.message}


@define
class _Open:
    """A claim whose rows are being read."""

    id: str
    line: int
    row: Row
    diagnoses: list[tuple[float, Diagnosis]] = field(factory=list)
    procedures: list[Line] = field(factory=list)
    faults: list[BadRow] = field(factory=list)


def claims_in(
    table: Table, *, given: Mapping[str, str] | None = None, kind: str | None = None, day_format: str | None = None
) -> Iterator[Claim | BadRow]:
    """Yield the claims of a table, and the rows that cannot be read.

    Args:
        table: The table.
        given: Names of columns by their role (`layout.USUAL`), where they are not the usual ones.
        kind: Of claims whose row does not say it; by default those with a day of discharge are inpatient, others professional.
        day_format: Form of the days; by default the columns decide.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is damaged, or lacks a column that is needed, or no day of a column can be read.
    """
    layout = layout_of(table.names, given or {}, table.label, table.header_line)
    return _Reading(table, layout, Kind(kind) if kind else None, day_format).claims()


class _Reading:
    """The rows of a table on their way to claims."""

    def __init__(self, table: Table, layout: Layout, kind: Kind | None, day_format: str | None) -> None:
        self.table, self.layout, self.kind = table, layout, kind
        self.unread = unread_columns(table.names, layout)
        self.forms = {
            column.name: form_of_days(table, column.name, day_format)
            for role in DAYS
            for column in layout.several(role)
        }
        self.roles = {
            role: layout.one(role) for role in ("claim", "kind", "sex", "female", "age", "code", "system", "sequence")
        }
        self.dates = {role: layout.one(role) for role in DAYS[:4]}
        self.diagnoses = layout.several("diagnosis")
        self.poa = {column.number: column.name for column in layout.several("poa")}
        self.procedures = layout.several("procedure")
        self.procedure_days = {column.number: column.name for column in layout.several("procedure_date")}
        self.modifiers = [column.name for column in layout.several("modifier")]
        self.recent: set[str] = set()
        self.order: deque[str] = deque()

    def claims(self) -> Iterator[Claim | BadRow]:
        open_claim: _Open | None = None
        column = self.roles["claim"] or ""
        for line, row in self._rows():
            name = row[column]
            if not name:
                yield BadRow(self.table.label, line, column, "expected the id of a claim, got nothing")
                continue
            if open_claim is None or open_claim.row[column] != name:
                if open_claim is not None:
                    yield from self._made(open_claim)
                open_claim = _Open(cut(name, LONGEST_ID), line, row)
                yield from self._again(name, line)
            self._add(open_claim, line, row)
        if open_claim is not None:
            yield from self._made(open_claim)

    def _again(self, name: str, line: int) -> Iterator[BadRow]:
        """Yield that the rows of a claim do not stand together, where it was read a short while ago."""
        if name in self.recent:
            said = f"the rows of claim {name!r} do not stand together: sort the table by claim"
            yield BadRow(self.table.label, line, self.roles["claim"], said)
            return
        self.recent.add(name)
        self.order.append(name)
        if len(self.order) > RECENT:
            self.recent.discard(self.order.popleft())

    # ---- rows

    def _rows(self) -> Iterator[tuple[int, Row]]:
        line = self.table.first_line
        names = self.layout.names
        for batch in self.table.batches(names):
            columns = [self._values(batch.column(name), name) for name in names]
            for values in zip(*columns, strict=True):
                yield line, dict(zip(names, values, strict=True))
                line += 1

    def _values(self, column: pa.Array, name: str) -> list[Any]:
        if name in self.forms:
            return _days(column, name, self.table.label, self.forms[name])
        return _texts(self._readable(column, name), name, self.table.label)

    def _readable(self, column: pa.Array, name: str) -> pa.Array:
        """Return a column whose cells can be texts.

        Raises:
            ReleaseFormatError: It is of a type that its role cannot have.
        """
        import pyarrow as pa

        if can_be_codes(column.type):
            return column
        role, is_boolean = self.layout.role_of(name), pa.types.is_boolean(column.type)
        if role == "female" and is_boolean:
            return column.cast(pa.string())
        got = "true and false" if is_boolean else f"a column of type {column.type}"
        said = f"expected {WANTED.get(role, 'codes as text')}, got {got}"
        if role == "sex" and is_boolean:
            said += (
                f"; where true is a woman, read it as female: columns={{'female': {name!r}}} (--column female={name})"
            )
        raise ReleaseFormatError(said, file=self.table.label, column=name)

    def _add(self, claim: _Open, line: int, row: Row) -> None:
        if max(len(claim.diagnoses), len(claim.procedures)) > MOST:
            if not claim.faults:
                said = f"claim {claim.id!r} has more than {MOST:,} codes: is this the column of the claim's id?"
                claim.faults.append(BadRow(self.table.label, line, self.roles["claim"], said))
            return
        is_first = line == claim.line
        sequence = _number(row[self.roles["sequence"]]) if self.roles["sequence"] else None
        place = float(len(claim.diagnoses)) if sequence is None else sequence
        for column in self.diagnoses:
            # what is numbered is of the claim, and each row repeats it
            if (is_first or column.number == 0) and (text := row[column.name]):
                poa = self.poa.get(column.number)
                indicator = None if poa is None else row[poa] or ""
                claim.diagnoses.append((place, Diagnosis(text, indicator, line)))
        if self.roles["code"] and (text := row[self.roles["code"]]):
            self._add_code(claim, line, row, place, text)
        for column in self.procedures:
            if (is_first or column.number == 0) and (text := row[column.name]):
                self._add_procedure(claim, line, row, Line(text), column.number)

    def _add_code(self, claim: _Open, line: int, row: Row, place: float, text: str) -> None:
        """Add what a column of any codes has: a diagnosis, unless its system says otherwise."""
        said = (row[self.roles["system"]] or "").strip() if self.roles["system"] else ""
        system = canonical(said) if said else ""
        if system in PROCEDURES or (system and system not in DIAGNOSES):
            self._add_procedure(claim, line, row, Line(text, system=None if system in PROCEDURES else system))
            return
        poa = self.poa.get(0)
        claim.diagnoses.append((place, Diagnosis(text, None if poa is None else row[poa] or "", line)))

    def _add_procedure(self, claim: _Open, line: int, row: Row, found: Line, number: int = 0) -> None:
        """Add a procedure with its day and its modifiers."""
        column = self.procedure_days.get(number) or (self.dates["service_date"] if number == 0 else None)
        day = row[column] if column else None
        if isinstance(day, str):
            claim.faults.append(self._unread(line, column, day))
            day = None
        words = (word for name in self.modifiers if row[name] for word in BETWEEN.split(row[name]) if word)
        claim.procedures.append(Line(found.code, day, tuple(map(cut, words)), found.system, line))

    # ---- claims

    def _made(self, found: _Open) -> Iterator[Claim | BadRow]:
        row, faults = found.row, found.faults
        days: dict[str, datetime.date | None] = {}
        for role, column in self.dates.items():
            day = row[column] if column else None
            if isinstance(day, str):
                faults.append(self._unread(found.line, column, day))
                day = None
            days[role] = day
        kind = self._kind(found, is_discharged=days["discharge_date"] is not None)
        age = row[self.roles["age"]] if self.roles["age"] else None
        if age and age_of(age) is None:
            said = f"expected an age in whole years, got {age!r}"
            faults.append(BadRow(self.table.label, found.line, self.roles["age"], said))
        if faults:
            yield from faults
            return
        if self.roles["sequence"]:
            found.diagnoses.sort(key=lambda pair: pair[0])
        yield Claim(
            found.id,
            kind,
            tuple(diagnosis for _, diagnosis in found.diagnoses),
            tuple(found.procedures),
            sex=self._sex(row),
            age=age_of(age) if age else None,
            line=found.line,
            unread=self.unread,
            **days,
        )

    def _sex(self, row: Row) -> str | None:
        if self.roles["sex"]:
            return sex_of(row[self.roles["sex"]])
        # 1 of a column that asks for women is another thing than 1 of one that asks for the sex
        said = (row[self.roles["female"]] or "").strip().lower() if self.roles["female"] else ""
        return FEMALE.get(said)

    def _kind(self, found: _Open, *, is_discharged: bool) -> Kind:
        said = found.row[self.roles["kind"]] if self.roles["kind"] else None
        if said:
            try:
                return Kind(said.strip().lower())
            except ValueError:
                wanted = f"expected {' or '.join(Kind)}, got {said!r}"
                found.faults.append(BadRow(self.table.label, found.line, self.roles["kind"], wanted))
        return self.kind or (Kind.INPATIENT if is_discharged else Kind.PROFESSIONAL)

    def _unread(self, line: int, column: str | None, text: str) -> BadRow:
        return BadRow(self.table.label, line, column, f"expected a day like 2024-03-01, got {text!r}")


def _texts(column: pa.Array, name: str, label: str) -> list[str | None]:
    """Return the cells of a column as texts, without blanks; None where they hold nothing or a word for nothing."""
    coded = cells(column, name, label)
    texts = [_text(text) for text in coded.dictionary.to_pylist()]
    return [None if place is None else texts[place] for place in coded.indices.to_pylist()]


def _text(text: str | None) -> str | None:
    bare = cell_of(text).text.strip() if text else ""
    return None if not bare or bare.lower() in NULL_WORDS else bare


def _days(column: pa.Array, name: str, label: str, form: DayForm) -> list[datetime.date | str | None]:
    """Return the days of a column; a text that is none as it is."""
    numbers, unread = day_numbers(column, name, label, form)
    known = {number: day_of(number) for number in set(numbers.to_pylist()) if number is not None}
    days: list[datetime.date | str | None] = [known.get(number) for number in numbers.to_pylist()]
    if not unread:
        return days
    texts = _texts(column, name, label)
    return [text if day is None else day for day, text in zip(days, texts, strict=True)]


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
