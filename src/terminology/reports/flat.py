"""Answers as flat tables for spreadsheets: CSV in UTF-8."""

from __future__ import annotations

import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..characters import LEADING, encodable
from ..differences import TABLES, Difference
from ..systems import SystemDefinition
from .difference import outgoing_difference

FORMULAS: Final = frozenset("=+-@\u2212")
"""What texts begin with that spreadsheets run: titles and entries come from files of others."""
BREAKS: Final = ("\t", "\r", "\n")
"""What spreadsheets may take for the end of a cell at the beginning of a text."""


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

    So has one that is a formula after blanks or invisible characters, which some programs drop, and one in signs
    of full width. A text with a line end of any kind is in quotes.

    >>> csv_text(["code", "rows", "title"], [["A1", -1, "=1+1"], ["A2", None, "plain"]]).splitlines()
    ['code,rows,title', "A1,-1,'=1+1", 'A2,,plain']
    """
    return "".join(f"{_line(row)}\n" for row in itertools.chain([header], rows))


def _line(row: Sequence[Any]) -> str:
    line = io.StringIO()
    # both characters of the line end are quoted then; a bare carriage return would begin a row
    csv.writer(line, lineterminator="\r\n").writerow(_cell(value) for value in row)
    return line.getvalue().removesuffix("\r\n")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else encodable(str(value))
    return f"'{text}" if isinstance(value, str) and is_formula(text) else text


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may take a text for a formula.

    >>> [is_formula(text) for text in ("=1", "\\ufeff =1", "\\uff1d1", "\\nA1", "a=1", " a", "\\u200b", "")]
    [True, True, True, True, False, False, False, False]
    """
    blank = LEADING.match(text)
    first = text[blank.end() if blank else 0 :][:1]
    return text.startswith(BREAKS) or bool(FORMULAS & {*unicodedata.normalize("NFKC", first)})
