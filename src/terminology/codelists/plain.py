"""A code list as text: head lines, then an entry a line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve, frozen

from ..errors import InvalidDateError
from ..periods import day_from
from ..reading import Faults, lines_of
from ..systems import SystemDefinition, named
from .damaged import SPREADSHEET_ERRORS, add_damaged
from .entries import Entry, EntryFormatError, EntryKind, parsed_entry
from .pasted import INVISIBLE, Pasted, negated_lines

SHOWN_REPETITIONS: Final = 3
"""Entries that are there twice and that a warning names."""
HEAD: Final = ("name", "system", "release", "on", "description")
BETWEEN_CODES: Final = re.compile(r"[ ,;]")
# no possessive quantifier in a group that is kept: Python 3.11.2 loses what such a group has matched
HEAD_LINE: Final = re.compile(r"\s*([A-Za-z][A-Za-z_-]*(?: +[A-Za-z_-]+)*)\s*:(?:\s+|$)(.*)")


@frozen
class Head:
    """What a list says about itself."""

    name: str | None = None
    """For people; None where the list says none."""
    system: str | None = None
    """As the list names its code system; None where it names none."""
    release: str | None = None
    """Version of the release that it was written for."""
    on: datetime.date | None = None
    """Or the day."""
    description: str | None = None
    """Words about the list; None where it has none."""

    def lines(self) -> Iterable[str]:
        """Yield the head lines of the plain text."""
        for name in HEAD:
            value = getattr(self, name)
            if value is not None:
                yield from (f"{name}: {part}".rstrip() for part in str(value).split("\n"))


def read_plain(text: str, faults: Faults, system: str | None = None) -> tuple[Head, list[Entry]]:
    """Return head and entries of a plain text; errors and damaged rows are noted, and their lines left out."""
    values: dict[str, tuple[str, int]] = {}
    lines: list[tuple[int, str]] = []
    for number, written in lines_of(text):
        line = written.translate(INVISIBLE)
        if line.strip().upper() in SPREADSHEET_ERRORS:
            add_damaged(faults, line, spreadsheet_error(line.strip()), line=number, column=1)
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = HEAD_LINE.match(line)
        # a code with a colon (99213:25) has no blank after it
        if found is None:
            lines.append((number, line))
        else:
            _take_head(values, found, number, faults, late=bool(lines))
    head = head_from(values, faults)
    named_system = system or head.system
    definition = definition_of(named_system)
    # codes of somebody's own system may look like anything
    pasted = Pasted(definition) if definition or not named_system else None
    negated = negated_lines(lines) if pasted else frozenset()
    entries: list[Entry] = []
    for number, line in lines:
        if number in negated:
            said = "expected codes to include, got 'NOT IN': write excluding before each code"
            add_damaged(faults, line, said, line=number, column=1)
        else:
            entries += _entries_of(line, number, faults, definition, pasted)
    return head, entries


def _entries_of(
    line: str, number: int, faults: Faults, definition: SystemDefinition | None, pasted: Pasted | None
) -> list[Entry]:
    """Return the entries of a line; a line that is none is noted as damaged."""
    start = 0
    try:
        texts = pasted.texts(line) if pasted else [line]
        start = max(line.find(texts[0]), 0) if texts else 0
        entries = [checked_entry(text, definition) for text in texts]
    except EntryFormatError as error:
        add_damaged(faults, line, error.message, line=number, column=start + error.offset + 1)
        return []
    if texts == [line]:
        return [evolve(entries[0], line=number)]
    made, place = [], 0
    for entry in entries:
        # of an entry that is written in another way its code is found
        place = max(line.find(entry.code, place), place)
        made.append(evolve(entry, line=number, column=place + 1))
        place += len(entry.code)
    return made


def _take_head(
    values: dict[str, tuple[str, int]], found: re.Match[str], number: int, faults: Faults, *, late: bool
) -> None:
    key, value = found[1].lower(), found[2].strip()
    column = found.start(1) + 1
    if key not in HEAD:
        said = f"expected a head line ({', '.join(HEAD)}) or an entry, got {key!r}: write the codes without it, or # before a comment"
        add_damaged(faults, found[0], said, line=number, column=column)
    elif late:
        faults.add(
            f"expected the head line {key!r} before the first entry, got it after one: move it up",
            line=number,
            column=column,
        )
    elif key == "description" and key in values:
        values[key] = (f"{values[key][0]}\n{value}", values[key][1])
    elif key in values:
        faults.add(f"the head line {key!r} is on line {values[key][1]} already: keep one", line=number, column=column)
    elif not value:
        faults.add(
            f"expected a value after {key!r}, got nothing: write one, or leave the line out",
            line=number,
            column=found.end() + 1,
        )
    else:
        values[key] = (value, number)


def head_from(values: dict[str, tuple[str, int]], faults: Faults) -> Head:
    """Return the head of a list from texts with their lines; errors are noted."""
    texts: dict[str, Any] = {key: text for key, (text, _) in values.items()}
    if "on" in texts:
        line = values["on"][1]
        try:
            texts["on"] = day_from(texts["on"])
        except InvalidDateError:
            faults.add(f"expected a day like 2024-03-01, got {texts.pop('on')!r}", line=line, column="on")
        if "release" in texts:
            faults.add(
                "expected release or on, got both, which may name two releases: keep one", line=line, column="on"
            )
    return Head(**texts)


def definition_of(system: str | None) -> SystemDefinition | None:
    """Return the definition of a system that is built in, by its short name or an alias; else None."""
    return None if system is None else named(system)


def entries_from(
    text: str, line: int | None, faults: Faults, definition: SystemDefinition | None, column: int | str | None = None
) -> list[Entry]:
    """Return the entries of a cell of a table or a text of JSON; of one that is none the row is noted as damaged."""
    text = " ".join(text.splitlines()).translate(INVISIBLE)
    if text.strip().upper() in SPREADSHEET_ERRORS:
        add_damaged(faults, text, spreadsheet_error(text.strip()), line=line, column=column or 1)
        return []
    try:
        texts = Pasted(definition).texts(text) if definition else [text]
        return [evolve(checked_entry(one, definition), line=line) for one in texts or [text]]
    except EntryFormatError as error:
        add_damaged(faults, text, error.message, line=line, column=column or error.offset + 1)
        return []


def spreadsheet_error(text: str) -> str:
    """Return what is wrong with an error value of a spreadsheet in place of a code."""
    return f"expected a code, got {text!r}, an error of a spreadsheet: look its code up in the source"


def checked_entry(text: str, definition: SystemDefinition | None) -> Entry:
    """Return the entry that a text is.

    Raises:
        EntryFormatError: It is none, or holds blanks or commas that codes of the system do not.
    """
    entry = parsed_entry(text)
    _check_blanks(entry, definition)
    return entry


def _check_blanks(entry: Entry, definition: SystemDefinition | None) -> None:
    """Reject a label or a second code behind one blank or a comma, where codes of the system hold neither."""
    if entry.kind is EntryKind.PATTERN or definition is None:
        return
    for code in (entry.code, entry.last):
        if code and BETWEEN_CODES.search(code) and definition.official(code) is None:
            raise EntryFormatError(
                f"expected a code of {definition.name}, got {code!r} (one entry a line; two blanks, a tab or # begin a label)",
                (entry.column or 1) - 1,
            )


def repetitions(entries: Iterable[Entry], file: str) -> tuple[str, ...]:
    """Return a warning on the entries that are in the list twice: one on all of them.

    >>> from terminology.codelists import CodeList
    >>> CodeList.parse("E11\\nE10\\nE11\\nE10").warnings
    ('code list: 2 entries repeat others: E11 on line 3 (as on line 1), E10 on line 4 (as on line 2)',)
    """
    seen: dict[str, Entry] = {}
    found = []
    for entry in entries:
        first = seen.setdefault(entry.text.upper(), entry)
        if first is not entry:
            found.append((entry, first))
    if not found:
        return ()
    if len(found) == 1:
        [(entry, first)] = found
        return (f"{file}:{entry.line}: {entry.text} is on line {first.line} already",)
    shown = ", ".join(
        f"{entry.text} on line {entry.line} (as on line {first.line})" for entry, first in found[:SHOWN_REPETITIONS]
    )
    more = f" and {len(found) - SHOWN_REPETITIONS:,} more" if len(found) > SHOWN_REPETITIONS else ""
    return (f"{file}: {len(found):,} entries repeat others: {shown}{more}",)
