"""The text of a list for the next release: lines kept where nothing changed, and changed ones with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import evolve

from ..reading import Faults, lines_of
from .changes import Fate
from .code_list import UNNAMED, CodeList, Resolution
from .entries import Entry, EntryKind
from .entry_changes import EntryChange
from .pasted import INVISIBLE
from .plain import HEAD, HEAD_LINE, read_plain
from .volumes import of_one_volume

WHEN = re.compile(r"(\s*)(release|on)(\s*:\s*).*", re.IGNORECASE)


def proposed_list(
    code_list: CodeList, entries: Sequence[EntryChange], before: Resolution, after: Resolution
) -> CodeList:
    """Return the list that takes the place of a list in another release.

    Args:
        code_list: The list.
        entries: The change of each of its entries.
        before: What it includes in the release before.
        after: What it includes, unchanged, in that release.
    """
    text = code_list.text
    changed: dict[int | None, list[EntryChange]] = {}
    for line_number, item in zip(_lines_of_entries(code_list), entries, strict=True):
        changed.setdefault(line_number, []).append(item)
    # those of another form are comments in the text that is written of it
    damaged = {row.line: row for row in before.damaged} if code_list.source_text else {}
    held = _held(entries)
    lines: list[str] = []
    stated: list[str] = []
    end_of_head = 0
    for number, line in lines_of(text):
        items = changed.get(number, [])
        if row := damaged.get(number):
            lines.append(f"# review: {row.text}  # {row.sentence}")
        elif not items:
            lines.append(_headed(line, after))
            if key := _head_key(line):
                stated.append(key)
                end_of_head = len(lines)
        elif all(item.proposed == (item.entry,) for item in items):
            lines.append(line)
        else:
            for item in items:
                is_kept = item.proposed == (item.entry,)
                lines += [item.entry.source_line] if is_kept else _lines(item, held)
    missing = list(_missing(code_list, after, stated))
    if missing and not end_of_head and lines and lines[0].strip():
        missing.append("")
    lines[end_of_head:end_of_head] = missing
    end = "\r\n" if "\r\n" in text else "\n"
    made = "".join(f"{line}{end}" for line in lines)
    faults = Faults(code_list.file)
    head, made_entries = read_plain(made, faults, code_list.system)
    faults.raise_if_any()
    head, made_entries, _ = of_one_volume(head, made_entries, code_list.system, faults)
    head = evolve(head, system=head.system or code_list.system)
    return CodeList(
        head=head, entries=tuple(made_entries), file=code_list.file, source_text=made, others=code_list.others
    )


def _lines_of_entries(code_list: CodeList) -> list[int | None]:
    """Return the line of each entry in the text of a list, be it read from it or written of another form."""
    if code_list.source_text:
        return [entry.line for entry in code_list.entries]
    rows = code_list.rows
    first = code_list.text.count("\n") - len(rows) + 1
    places = {id(row): number for number, row in enumerate(rows, first)}
    return [places[id(entry)] for entry in code_list.entries]


def _head_key(line: str) -> str | None:
    """Return the key of a head line; None for any other."""
    found = None if line.lstrip().startswith("#") else HEAD_LINE.match(line.translate(INVISIBLE))
    return found[1].lower() if found and found[1].lower() in HEAD else None


def _missing(code_list: CodeList, after: Resolution, stated: Sequence[str]) -> Iterator[str]:
    """Yield the head lines that say which list it is and for which release, without those that the list has."""
    name = " ".join(code_list.name.split())
    if "name" not in stated and name and code_list.file != UNNAMED:
        yield f"name: {name}"
    if "system" not in stated:
        yield f"system: {after.system}"
    if not {"release", "on"} & {*stated}:
        yield f"release: {after.version}" if after.version else f"on: {after.date}"


def _headed(line: str, after: Resolution) -> str:
    """Return a line that is no entry; a head line that names the release names the new one."""
    found = WHEN.fullmatch(line)
    if found is None or _head_key(line) is None:
        return line
    said = after.version if found[2].lower() == "release" else after.date
    return f"{found[1]}{found[2]}{found[3]}{said}"


def _held(entries: Sequence[EntryChange]) -> dict[bool, set[str]]:
    """Return the codes that kept entries include in the release after, by whether they exclude."""
    held: dict[bool, set[str]] = {False: set(), True: set()}
    for item in entries:
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
    changed = "; ".join(change.sentence for change in item.moved) if item.fate is not Fate.ABSENT else ""
    return changed or item.before.reason or item.after.reason or "gone"
