"""A code list as delimited text: a header with a column ``code`` or ``entry``, then a row an entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from ..reading import Faults, lines_of
from .damaged import add_damaged
from .entries import Entry, remark
from .plain import HEAD, Head, definition_of, entry_from, head_from

DELIMITERS: Final = (",", ";", "\t")
LABELS: Final = ("label", "title", "term", "display", "description")
TRUTHS: Final = {
    **dict.fromkeys(("", "1", "true", "yes", "y", "+", "include", "included"), True),
    **dict.fromkeys(("0", "false", "no", "n", "-", "exclude", "excluded"), False),
}


def read_delimited(text: str, faults: Faults, system: str | None = None) -> tuple[Head, list[Entry]]:
    """Return head (lines ``#name: value`` before the header) and entries; errors are noted, their rows left out."""
    values: dict[str, tuple[str, int]] = {}
    header, header_line, mark = _csv_opening(text, values, faults)
    head = head_from(values, faults)
    if not {"code", "entry"} & set(header):
        given = ", ".join(name for name in header if name) or "none"
        faults.add(f"expected a header with a column code or entry, got {given}", line=header_line or 1)
        return head, []
    definition = definition_of(system or head.system)
    rest = "\n".join(text.split("\n")[header_line:])
    reader = csv.reader(io.StringIO(rest, newline=""), delimiter=mark, strict=True)
    entries = []
    line = header_line + 1
    try:
        for cells in reader:
            found = _csv_entry(dict(zip(header, cells, strict=False)), line, faults) if any(cells) else None
            if found:
                written, column, label, included = found
                entry = entry_from(written, line, faults, definition, column)
                if entry:
                    excluded = entry.excluding or not included
                    entries.append(evolve(entry, excluding=excluded, label=remark(label) or entry.label))
            line = header_line + reader.line_num + 1
    except csv.Error as error:
        faults.add(f"expected delimited text: {error}", line=header_line + reader.line_num)
    return head, entries


def _csv_opening(text: str, values: dict[str, tuple[str, int]], faults: Faults) -> tuple[tuple[str, ...], int, str]:
    """Return the header, its line, and what divides its cells; none of them where there is no header."""
    for number, line in lines_of(text):
        bare = line.strip()
        if not bare:
            continue
        if not bare.startswith("#"):
            divided = [(mark, _csv_names(line, mark)) for mark in DELIMITERS]
            mark, header = max(divided, key=lambda pair: (bool({"code", "entry"} & set(pair[1])), len(pair[1])))
            return header, number, mark
        key, colon, value = bare.lstrip("#").rstrip(",;\t").partition(":")
        key = key.strip().lower()
        if colon and key in HEAD and value.strip():
            if key in values:
                faults.add(f"the head line {key!r} is on line {values[key][1]} already", line=number, column=1)
            values.setdefault(key, (value.strip(), number))
    return (), 0, ","


def _csv_names(line: str, mark: str) -> tuple[str, ...]:
    try:
        cells: Sequence[str] = next(csv.reader([line], delimiter=mark), ())
    except csv.Error:
        return ()
    return tuple(cell.strip().lower() for cell in cells)


def _csv_entry(row: dict[str, str], line: int, faults: Faults) -> tuple[str, str, str | None, bool] | None:
    """Return entry, its column, label and whether it is included; None where there is no entry; the error is noted."""
    code, entry = row.get("code", "").strip(), row.get("entry", "").strip()
    column = "entry" if entry else "code"
    if not (code or entry):
        column = column if column in row else "entry"
        cells = " ".join(cell for cell in row.values() if cell)
        add_damaged(faults, cells, "expected a code, got an empty cell", line=line, column=column)
        return None
    included = TRUTHS.get(row.get("include", "").strip().lower())
    if included is None:
        said = f"expected yes or no, got {row['include']!r}: a row is included or excluded"
        add_damaged(faults, entry or code, said, line=line, column="include")
        return None
    label = next((text for name in LABELS if (text := row.get(name, "").strip())), None)
    return entry or code, column, label, included
