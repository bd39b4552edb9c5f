"""The list of modifiers: Appendix A as text, one paragraph a modifier, under five headings.

References:
    AMA, public ETL code `datalabs.curate.cpt.modifier` and its tests (headings; paragraphs end at a blank line;
    physical status and Level II modifiers have a line each).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from .dating import name_facts
from .layout import BLANK_LINE, HEAD, WORDS, year_facts

if TYPE_CHECKING:
    import pyarrow as pa

NAME: Final = re.compile(r"modul\w*\.txt", re.IGNORECASE)
APPENDIX: Final = re.compile(r"^[^\S\n]*Appendix A\b", re.IGNORECASE | re.MULTILINE)
START: Final = re.compile(r"^-?([0-9A-Z]{2})(?:\s*[:\t]\s*|\s+)(\S.*)$")
STATUS_LINE: Final = re.compile(r"^(?:.*\b[Mm]odifier\s+)?-?(P[0-9A-Z])(?:\s*[:\t]\s*|\s+)(\S.*)$")
SUSPECT: Final = re.compile(r"^-?((?=[A-Z]*[0-9])[0-9A-Z]{2,3})(?:[:\t]|\s+[A-Z])")
"""A paragraph that begins with a short word holding a digit: a modifier, or one that is malformed."""


@frozen
class Group:
    """Modifiers under one heading, and what they look like."""

    name: str
    heading: re.Pattern[str]
    shape: re.Pattern[str]
    words: str


def _heading(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


GROUPS: Final = (
    Group("general", _heading(r"appendix a\b.*"), re.compile(r"[1-9][0-9]"), "two digits"),
    Group("physical status", _heading(r"anesthesia physical status\b.*"), re.compile(r"P[1-9]"), "P and a digit"),
    Group(
        "ambulatory surgery",
        _heading(r"(cpt level i modifiers|modifiers approved for ambulatory surgery).*"),
        re.compile(r"[1-9][0-9]"),
        "two digits",
    ),
    Group("category II", _heading(r"category ii modifiers"), re.compile(r"[1-9]P"), "a digit and P"),
    Group("level II", _heading(r"level ii\b.*modifiers"), re.compile(r"[A-Z][0-9A-Z]"), "a letter and a character"),
)
SINGLE_LINES: Final = frozenset({"physical status", "level II"})


@define
class Modifiers:
    """The modifiers in the order of the file; of each the groups that list it."""

    titles: dict[str, str] = field(factory=dict)
    definitions: dict[str, str] = field(factory=dict)
    groups: dict[str, list[str]] = field(factory=dict)
    lines: dict[str, int] = field(factory=dict)

    def to_table(self) -> pa.Table:
        """Return one row a modifier."""
        import pyarrow as pa

        codes = list(self.titles)
        return pa.table(
            {
                "code": pa.array(codes, pa.string()),
                "title": pa.array(list(self.titles.values()), pa.string()),
                "definition": pa.array([self.definitions.get(code) for code in codes], pa.string()),
                "groups": pa.array([self.groups[code] for code in codes], pa.list_(pa.string())),
                "line": pa.array([self.lines[code] for code in codes], pa.int32()),
            }
        )


def is_modifier_list(file: ReadableFile) -> bool:
    """Return whether the text is Appendix A of CPT, by its headings, or by its name."""
    head = file.data[:HEAD].decode("utf-8", "replace")
    return bool(APPENDIX.search(head) and WORDS.search(head)) or NAME.fullmatch(file.name) is not None


def read_modifiers(file: ReadableFile) -> Part:
    """Return the list of modifiers as a part.

    Raises:
        ReleaseFaults, ReleaseFormatError: There is no list, or modifiers are malformed or repeated in their group.
    """
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    modifiers = _modifiers(text, faults)
    if not modifiers.titles and not faults:
        faults.add("expected modifiers below the heading Appendix A, got none", line=1)
    faults.raise_if_any()
    table = modifiers.to_table()
    if all(title.isascii() for title in (*modifiers.titles.values(), *modifiers.definitions.values())):
        warnings = ()
    rows = table.drop_columns(["line"]).to_pylist()
    facts: dict[str, Any] = {
        "modifiers": table.num_rows,
        "digest": hashlib.sha256(repr(rows).encode()).hexdigest(),
        "notice": _notice(text),
        **year_facts(text[:HEAD]),
        **name_facts(file.origin),
    }
    return Part("modifiers", file.origin, facts, {"rows": table}, warnings)


def _notice(text: str) -> str:
    found = APPENDIX.search(text)
    before = text[: found.start()] if found else ""
    return BLANK_LINE.sub("\n", before).strip()


def _modifiers(text: str, faults: Faults) -> Modifiers:
    found = Modifiers()
    group: Group | None = None
    paragraph: list[str] = []
    start = 0
    for number, line in [*lines_of(text), (0, "")]:
        words = line.strip()
        entered = next((one for one in GROUPS if words and one.heading.fullmatch(words)), None)
        if entered or not words:
            _take(found, group, paragraph, start, faults)
            paragraph = []
            group = entered or group
        elif group is not None and _begins(paragraph, words, group):
            _take(found, group, paragraph, start, faults)
            paragraph, start = [words], number
        elif group is not None:
            start = start if paragraph else number
            paragraph.append(words)
    return found


def _begins(paragraph: list[str], words: str, group: Group) -> bool:
    """Return whether a line begins another modifier right below one, without a blank line between them.

    A continued text may begin with two digits; then the number is not above that of the modifier before.
    """
    if not paragraph:
        return False
    if group.name in SINGLE_LINES:
        return _start(words, group) is not None
    first, other = _start(paragraph[0], group), _start(words, group)
    return first is not None and other is not None and other[1] > first[1] and other[2][:1].isupper()


def _start(words: str, group: Group) -> re.Match[str] | None:
    """Return the beginning of a modifier of the group, or None for a text."""
    match = (STATUS_LINE if group.name == "physical status" else START).match(words)
    return match if match and group.shape.fullmatch(match[1]) else None


def _take(found: Modifiers, group: Group | None, paragraph: list[str], line: int, faults: Faults) -> None:
    """Take in a paragraph, if it is a modifier; a text is passed over."""
    if group is None or not paragraph:
        return
    words = " ".join(" ".join(paragraph).split())
    match = _start(words, group)
    if match is None:
        suspect = (STATUS_LINE if group.name == "physical status" else SUSPECT).match(words)
        if suspect:
            message = f"expected a modifier of {group.words} under the {group.name} modifiers, got {suspect[1]!r}"
            faults.add(message, line=line, column=1)
        return
    code = match[1]
    if group.name in found.groups.get(code, ()):
        first = found.lines[code]
        faults.add(f"expected each modifier once, got {code} again (first on line {first})", line=line, column=1)
        return
    title, _, definition = match[2].partition(": ")
    found.titles.setdefault(code, title.strip())
    if definition:
        found.definitions.setdefault(code, definition.strip())
    found.groups.setdefault(code, []).append(group.name)
    found.lines.setdefault(code, line)
