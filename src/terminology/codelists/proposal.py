"""The text of a list for the next release: lines kept where nothing changed, and changed ones with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from ..reading import Faults, lines_of
from .changes import Fate
from .code_list import CodeList
from .entries import Entry, EntryKind
from .plain import HEAD_LINE, read_plain

if TYPE_CHECKING:
    from .migration import EntryChange, ListMigration

WHEN = re.compile(r"(\s*)(release|on)(\s*:\s*).*", re.IGNORECASE)


def proposed_list(migration: ListMigration) -> CodeList:
    """Return the list that stands for the list of a migration in the release after."""
    code_list = migration.code_list
    text = code_list.text
    # a list that was read from another form has its lines in the text that is written of it
    read = code_list.entries if code_list.source_text else read_plain(text, Faults(code_list.file))[1]
    changed = {entry.line: item for entry, item in zip(read, migration.entries, strict=True)}
    held = _held(migration)
    lines = []
    for number, line in lines_of(text):
        item = changed.get(number)
        if item is None:
            lines.append(_headed(line, migration))
        elif item.proposed == (item.entry,):
            lines.append(line)
        else:
            lines += _lines(item, held)
    end = "\r\n" if "\r\n" in text else "\n"
    made = "".join(f"{line}{end}" for line in lines)
    faults = Faults(code_list.file)
    head, entries = read_plain(made, faults, code_list.system)
    faults.raise_if_any()
    head = evolve(head, system=head.system or code_list.system)
    return CodeList(head=head, entries=tuple(entries), file=code_list.file, source_text=made)


def _headed(line: str, migration: ListMigration) -> str:
    """Return a line beside the entries; a head line that names the release names the new one."""
    if line.lstrip().startswith("#") or not HEAD_LINE.match(line):
        return line
    found = WHEN.fullmatch(line)
    if found is None:
        return line
    said = migration.after.version if found[2].lower() == "release" else migration.after.date
    return f"{found[1]}{found[2]}{found[3]}{said}"


def _held(migration: ListMigration) -> dict[bool, set[str]]:
    """Return the codes that kept entries choose in the release after, by whether they exclude."""
    held: dict[bool, set[str]] = {False: set(), True: set()}
    for item in migration.entries:
        if item.proposed == (item.entry,):
            held[item.entry.excluding].update(item.after.codes)
    return held


def _lines(item: EntryChange, held: dict[bool, set[str]]) -> Iterator[str]:
    """Yield the lines in place of an entry that changed."""
    entry = item.entry
    if not item.proposed:
        mark = "deleted" if item.fate is Fate.DELETED else "review"
        yield f"# {mark}: {_plain(entry)}  # {_why(item)}"
        if item.fate is Fate.COMBINATION and item.change:
            for group in item.change.alternatives:
                yield f"# {mark}: {' + '.join(group)}  # used together for {entry.code}"
        return
    fresh = [made for made in item.proposed if made.kind is not EntryKind.CODE or made.code not in held[made.excluding]]
    for made in fresh:
        if made.kind is EntryKind.CODE:
            held[made.excluding].add(made.code)
        yield made.source_line
    if not fresh:
        codes = ", ".join(made.code for made in item.proposed)
        yield f"# {_plain(entry)}  # {item.change.why if item.change else 'gone'}: {codes}, which the list holds"


def _plain(entry: Entry) -> str:
    line = f"{entry.text}  {entry.label}" if entry.label else entry.text
    return f"{line}  ({entry.comment})" if entry.comment else line


def _why(item: EntryChange) -> str:
    if item.change is not None and item.fate is not Fate.ABSENT:
        return item.change.sentence
    if item.change is not None and item.change.absence:
        return item.change.absence
    became = "; ".join(change.sentence for change in item.moved) if item.fate is not Fate.ABSENT else ""
    return became or item.before.reason or item.after.reason or "gone"
