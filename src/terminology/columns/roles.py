"""Which column of a table holds what, and why it is thought so; never a guess between two that are as likely."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from ..errors import ReleaseFormatError
from .cells import cell_of
from .day_columns import form_of_days
from .days import DayForm
from .names import Role, family_of, role_of
from .tables import NAMED, Table, listed
from .vocabularies import canonical, names_systems
from .workbooks import ENOUGH, SOME, share_of_codes

IsCode = Callable[[str], bool]
LIKE_A_CODE: Final = re.compile(r"[0-9]+\.[0-9]+|[0-9]{3,}")
"""A number that is no name of a column, such as the 38.9 that a spreadsheet makes of 038.9; a program may count columns."""


@frozen
class Roles:
    """What the columns of a table hold."""

    codes: tuple[str, ...]
    """The columns of codes."""
    how: str
    """How these were found: ``option``, ``name`` or ``content``."""
    system: str | None = None
    """The column that names the code system of each row."""
    day: str | None = None
    """The column of days; None where none is used."""
    day_form: DayForm = field(factory=DayForm)
    """How its days are written."""
    id: str | None = None
    """The column of ids of rows; None where none is used."""
    label: str | None = None
    """The column of labels of a code list."""
    sheet: str | None = None
    """The sheet of a workbook."""
    ignored: tuple[str, ...] = ()
    """Columns that may hold codes, and are not read."""
    left_out: Mapping[str, int] = field(factory=dict)
    """Rows of other systems, by what the column of systems calls them."""

    @property
    def sentence(self) -> str:
        """What was found, as one line."""
        how = {"option": "as named", "name": "by name", "content": "by content"}[self.how]
        parts = [f"codes in {', '.join(self.codes)} ({how})"]
        form = f" (as {self.day_form.shown})" if self.day_form.shown else ""
        days = self.day and f"{self.day}{form}"
        used = (("systems", self.system), ("days", days), ("ids", self.id), ("labels", self.label))
        parts += [f"{what} in {name}" for what, name in used if name]
        if self.ignored:
            parts.append(f"ignored: {listed(self.ignored)}")
        return "; ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        return {
            "sheet": self.sheet,
            "codes": list(self.codes),
            "found_by": self.how,
            "system": self.system,
            "day": self.day,
            "day_format": self.day_form.shown,
            "id": self.id,
            "label": self.label,
            "ignored": list(self.ignored),
            "left_out": dict(self.left_out),
        }


def roles_of(
    table: Table,
    *,
    codes: Sequence[str] = (),
    day: str | None = None,
    day_format: str | None = None,
    row_id: str | None = None,
    system: str | None = None,
    is_code: IsCode | None = None,
    numbered: bool = False,
) -> Roles:
    """Return what the columns of a table hold.

    Args:
        table: The table.
        codes: The columns of codes, where they are named.
        day: The column of days, where one is named.
        day_format: The form of its days, as `datetime.datetime.strptime` has it, where it is given.
        row_id: The column of ids, where one is named.
        system: The column that names the system of each row (`system_column`).
        is_code: Whether a text is a code of the system.
        numbered: Whether all of several numbered columns of codes are found, like ``dx1`` and ``dx2``; else these are an
            error.

    Raises:
        ReleaseFormatError: A column that is named is missing; or no column, or more than one, may hold the codes; or
            no day can be read.

    >>> import pyarrow
    >>> from terminology.columns import opened_table
    >>> claims = opened_table(pyarrow.table({"claim": [1], "dx": ["E11.9"], "day": ["2024-03-01"]}))
    >>> roles_of(claims).sentence
    'codes in dx (by name); ignored: claim, day'
    """
    table.check([*codes, *filter(None, [day, row_id])])
    how = "option"
    if not codes:
        taken = {day, row_id, system}
        codes, how = _code_columns(table, [name for name in table.names if name not in taken], is_code)
        if len(codes) > 1 and not (numbered and len({*map(family_of, codes)}) == 1):
            fix = f"name those to judge, as {' '.join(f'--code-column {name}' for name in codes[:2])}"
            said = f"{' or '.join(codes[:NAMED])} may hold the codes: {fix if numbered else 'name the column that does with --code-column'}"
            raise ReleaseFormatError(said, file=table.label, line=table.header_line)
    used = {*codes, day, row_id, system}
    ignored = tuple(name for name in table.names if name and name not in used)
    form = form_of_days(table, day, day_format) if day else DayForm()
    return Roles(tuple(dict.fromkeys(codes)), how, system, day, form, row_id, sheet=table.sheet, ignored=ignored)


def system_column(table: Table) -> str | None:
    """Return the column that names the code system of each row, or None where there is none.

    Raises:
        ReleaseFormatError: Two columns may be it.
    """
    named = [name for name in table.names if role_of(name) is Role.SYSTEM]
    if not named:
        return None
    sample = table.sample()
    found = [name for name in named if name in sample and names_systems(sample[name])]
    if len(found) > 1:
        raise ReleaseFormatError(f"has two columns that name code systems: {listed(found)}", file=table.label)
    return found[0] if found else None


def systems_in(table: Table) -> dict[str, int]:
    """Return the code systems that a column of a table names, with their rows; none where there is no such column.

    Raises:
        ReleaseFormatError: There are several: one has to be named.
    """
    column = system_column(table)
    if column is None:
        return {}
    import pyarrow.compute as pc

    found: Counter[str] = Counter()
    for batch in table.batches([column]):
        for item in pc.value_counts(batch.column(column)).to_pylist():
            if item["values"] and item["values"].strip():
                found[canonical(item["values"])] += item["counts"]
    if len(found) > 1:
        counts = ", ".join(f"{name} ({count:,})" for name, count in found.most_common())
        said = f"rows of several code systems by column {column!r}: {counts}; name the one to read with --system"
        raise ReleaseFormatError(said, file=table.label)
    return dict(found)


def _code_columns(table: Table, names: Sequence[str], is_code: IsCode | None) -> tuple[tuple[str, ...], str]:
    """Return the columns that may hold the codes, and how they were found; more than one are for others to decide on.

    Of numbered columns all are returned, where one holds codes: others may be empty, or damaged.
    """
    by_name = [name for name in names if role_of(name) is Role.CODE]
    if is_code is None:
        of_codes, some = [], by_name
    else:
        shares = {name: share_of_codes(texts, is_code) for name, texts in table.sample().items()}
        of_codes = [name for name in names if shares.get(name, 0) > ENOUGH]
        some = [name for name in by_name if shares.get(name, 0) > SOME]
        # most of the only column may be damaged
        some = some or [name for name in by_name if shares.get(name, 0) > 0]
    families = {*map(family_of, some)}
    relatives = [name for name in by_name if family_of(name) in families]
    for found, how in ((relatives, "name"), (of_codes, "content"), (by_name, "name")):
        if found:
            if how == "content" and len(found) == 1:
                _check_header(table, found[0], is_code)
            return tuple(found), how
    raise ReleaseFormatError(
        f"has no column of codes that its name or its content shows (it has {listed(table.names)}); name it with --code-column",
        file=table.label,
        line=table.header_line,
    )


def _check_header(table: Table, name: str, is_code: IsCode | None) -> None:
    """Check that the name of a column is none of its codes: the first row of a table without a header would be lost.

    Raises:
        ReleaseFormatError: It is a code, and begins as the codes below it do.
    """
    if is_code is None or not (is_code(name) or LIKE_A_CODE.fullmatch(name)):
        return
    texts = (cell_of(text).text for text in table.sample().get(name, ()) if text)
    # Spalte1 has the form of a code of ICD-10-CM, and no code begins with three letters
    if LIKE_A_CODE.fullmatch(name) or _beginning(name) in {_beginning(text) for text in texts if is_code(text)}:
        said = f"expected a header with names of columns, got the code {name!r}: write a header above it, such as code"
        raise ReleaseFormatError(said, file=table.label, line=table.header_line)


def _beginning(text: str) -> str:
    """Return the kinds of the first three characters: letter, digit, or the character itself."""
    return "".join("9" if one.isdigit() else "A" if one.isalpha() else one for one in text.strip()[:3])
