"""Answers as flat tables for spreadsheets: CSV in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..differences import TABLES, Difference
from ..systems import SystemDefinition
from .difference import outgoing_difference

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What texts begin with that spreadsheets run: titles and entries come from files of others."""


def difference_csv(
    difference: Difference, *, definition: SystemDefinition | None = None, licences: Iterable[str] = ()
) -> str:
    """Return the codes of a difference as CSV: a line each, with a header.

    The first column, ``difference``, is the name of the code's table; the others are those of the tables. Properties,
    notes and groups are not in it. Titles of a licensed system are empty unless its licence is declared.

    Args:
        difference: What changed.
        definition: Of the code system; needed of one that is not built in.
        licences: Short names of the systems whose licence is declared.

    >>> print(difference_csv(store["icd10cm"].diff("2021", "2022")).splitlines()[1][:50])
    added,F32.A,code,"Depression, unspecified","Depres
    """
    shown = outgoing_difference(difference, definition, licences)
    columns = shown.added.column_names
    rows = ([name, *(row[c] for c in columns)] for name in TABLES for row in shown.table(name).to_pylist())
    return csv_text(["difference", *columns], rows)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV. A text that a spreadsheet would take for a formula has an apostrophe before it.

    >>> csv_text(["code", "rows", "title"], [["A1", -1, "=1+1"], ["A2", None, "plain"]]).splitlines()
    ['code,rows,title', "A1,-1,'=1+1", 'A2,,plain']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULAS) else text
