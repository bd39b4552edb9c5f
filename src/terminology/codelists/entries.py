"""One entry of a code list: what it may be, how it is read, how it is written."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from attrs import evolve, frozen

from ..columns import Cell

KEYWORD: Final = re.compile(r"(excluding|is-a|below)(?=\s|$)\s*", re.IGNORECASE)
REMARK: Final = re.compile(r"#|\t|\s{2,}")
QUOTED: Final = re.compile(r'"([^"]*)"')
DASHES: Final = "-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
DASH: Final = re.compile(f"[{DASHES}]")
SPACED_DASH: Final = re.compile(rf"\s[{DASHES}]\s")
DIGIT: Final = re.compile(r"\d")
CODE_LIKE: Final = re.compile(r"[\w.:]*\d[\w.:]*")
"""A word that may be read as a code, as no word of a title such as COVID-19 is."""
WILDCARDS: Final = frozenset("*?")
MARKS: Final = re.compile(rf"""["#*?\t]|\s{{2}}|^\s|\s$|[{DASHES}]|^(?:excluding|is-a|below)(?:\s|$)""", re.IGNORECASE)
"""What a code may not hold unless it is in quotes."""


class EntryKind(StrEnum):
    """What an entry includes."""

    CODE = "code"
    """The code, and nothing below it."""
    RANGE = "range"
    """From one code to another in document order, with everything below the last."""
    PATTERN = "pattern"
    """Codes whose official form fits the wildcards."""
    IS_A = "is-a"
    """The code and everything below it."""
    BELOW = "below"
    """Everything below the code, without itself."""


@frozen
class Entry:
    """One line of a code list that includes codes, or excludes them."""

    kind: EntryKind
    """Whether it is a code, a range, a pattern, or what is below a code."""
    code: str
    """As written: the code, the first code of a range, the pattern, or what is-a and below are asked of."""
    last: str | None = None
    """The last code of a range."""
    excluding: bool = False
    """Whether it takes codes out, rather than in."""
    label: str | None = None
    """Words beside the entry, for people; None where there are none."""
    comment: str | None = None
    """What follows ``#``; None where nothing does."""
    line: int | None = None
    """Counted from 1; None where the list has no lines."""
    column: int | None = None
    """Counted from 1; None where it is not known."""
    cell: Cell | None = None
    """The cell of a table that it was, where that was a number: it may have lost zeros."""

    @property
    def anchor(self) -> str:
        """The entry without its keywords: a code, ``E10-E13``, or a pattern."""
        return self.code if self.last is None else f"{self.code}-{self.last}"

    @property
    def text(self) -> str:
        """The entry as a list has it, without label and comment.

        >>> parsed_entry("EXCLUDING  is-a e11").text
        'excluding is-a e11'
        """
        words = ["excluding"] if self.excluding else []
        if self.kind in (EntryKind.IS_A, EntryKind.BELOW):
            words.append(str(self.kind))
        if self.kind is EntryKind.RANGE:
            # a blank beside the dash keeps apart what holds dashes itself
            dash = " - " if DASH.search(self.code) or DASH.search(self.last or "") else "-"
            return " ".join([*words, f"{self.code}{dash}{self.last}"])
        return " ".join([*words, self._written()])

    def _written(self) -> str:
        if self.kind is EntryKind.PATTERN or not MARKS.search(self.code):
            return self.code
        plain = self.kind is not EntryKind.CODE and not re.search(r'["#*?\t]|\s{2}', self.code)
        return self.code if plain else f'"{self.code}"'

    @property
    def source_line(self) -> str:
        """The entry as a whole line, with label and comment; a label that may be read as codes is put in the comment."""
        words = (self.label or "").split()
        if words and all(map(CODE_LIKE.fullmatch, words)):
            return f"{self.text}  # {'; '.join(filter(None, (self.label, self.comment)))}"
        line = f"{self.text}  {self.label}" if self.label else self.text
        return f"{line}  # {self.comment}" if self.comment else line


def remark(text: str | None) -> str | None:
    """Return a label or a comment from elsewhere as a line can hold it, or None where nothing is left.

    >>> remark(" - Type 2  diabetes # mellitus")
    'Type 2 diabetes mellitus'
    """
    return " ".join((text or "").replace("#", " ").split()).lstrip(f"{DASHES} ") or None


class EntryFormatError(ValueError):
    """A text is no entry; ``offset`` says where in it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def parsed_entry(text: str) -> Entry:
    """Return the entry that a line holds, with its label and comment.

    Raises:
        EntryFormatError: The line is no entry.

    >>> entry = parsed_entry("excluding E11.65  with hyperglycemia  # not wanted")
    >>> entry.excluding, entry.code, entry.label, entry.comment
    (True, 'E11.65', 'with hyperglycemia', 'not wanted')
    >>> str(parsed_entry("C43-C44").kind), str(parsed_entry("S06.?X7A").kind), str(parsed_entry('"1234-5"').kind)
    ('range', 'pattern', 'code')
    """
    place = len(text) - len(text.lstrip())
    keywords: list[str] = []
    while found := KEYWORD.match(text, place):
        word = found[1].lower()
        # "below below" and "is-a excluding" are no entries
        if word in keywords or (keywords and keywords[-1] != "excluding"):
            raise EntryFormatError(f"expected a code after {keywords[-1]!r}, got {word!r}: write one of the two", place)
        keywords.append(word)
        place = found.end()
    body, label, comment = _divided(text, place)
    if not body:
        expected = f"a code after {keywords[-1]!r}" if keywords else "an entry"
        example = " ".join([*keywords, "E11.9"])
        raise EntryFormatError(f"expected {expected}, got nothing: write it as in {example}", place)
    relation = next((word for word in keywords if word != "excluding"), None)
    entry = _related(body, relation, place) if relation else _plain(body, label, place)
    return evolve(entry, excluding="excluding" in keywords, label=label, comment=comment, column=place + 1)


def _divided(text: str, place: int) -> tuple[str, str | None, str | None]:
    """Return the text from a place to the first tab, two blanks or ``#``, then the label, then the comment."""
    quoted = QUOTED.match(text, place)
    if text[place : place + 1] == '"' and quoted is None:
        written = text[place + 1 :].strip()
        raise EntryFormatError(f'expected a closing quotation mark, got none: write "{written}"', place)
    start = quoted.end() if quoted else place
    found = REMARK.search(text, start)
    end = found.start() if found else len(text)
    label, mark, comment = text[end:].partition("#")
    return text[place:end].strip(), label.strip() or None, (comment.strip() or None) if mark else None


def _related(body: str, relation: str, place: int) -> Entry:
    quoted = QUOTED.fullmatch(body)
    code = quoted[1].strip() if quoted else DASH.sub("-", SPACED_DASH.sub("-", body))
    if not code:
        raise EntryFormatError(f"expected a code after {relation!r}, got nothing: write it as in {relation} E11", place)
    if not quoted and WILDCARDS & set(code):
        raise EntryFormatError(
            f"expected one code after {relation!r}, got wildcards in {body!r}: write {body} alone", place
        )
    return Entry(EntryKind(relation), code)


def _plain(body: str, label: str | None, place: int) -> Entry:
    if quoted := QUOTED.fullmatch(body):
        if not quoted[1].strip():
            raise EntryFormatError('expected a code in the quotation marks, got nothing: write it as in "E11.9"', place)
        return Entry(EntryKind.CODE, quoted[1].strip())
    if '"' in body:
        plain = body.replace('"', "")
        raise EntryFormatError(f"expected quotation marks around the whole code, got {body!r}: write {plain}", place)
    ends = [part.strip() for part in (SPACED_DASH if SPACED_DASH.search(body) else DASH).split(body)]
    is_range = len(ends) == 2  # noqa: PLR2004 -- a range has two ends
    if WILDCARDS & set(body):
        if is_range and all(ends):
            said = f"expected codes at the ends of a range, got wildcards in {body!r}: write a range as E10-E13"
            raise EntryFormatError(said, place)
        return Entry(EntryKind.PATTERN, body)
    if label and DASH.match(label):
        raise EntryFormatError("expected a range, got more than one blank beside its dash: write it as E10-E13", place)
    if not is_range:
        # codes that hold dashes themselves
        return Entry(EntryKind.CODE, DASH.sub("-", body))
    if not all(ends):
        stem = ends[0] or ends[1]
        is_code = stem and not re.search(r"[\s,;'()]", stem)
        advice = f"for all that begin with {stem} write {stem}*" if is_code else "write a range as E10-E13"
        raise EntryFormatError(f"expected two codes around the dash; {advice}", place)
    return Entry(EntryKind.RANGE, ends[0], ends[1])
