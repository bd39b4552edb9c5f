"""What is searched: the terms of a code system, each with the codes that it leads to.

Most titles of ICD-10-CM say the same as the one above them and add an encounter: ``…, initial encounter``. Such codes
share one term, that of the title above, and differ by their *suffix*. It makes the index half as large, and a question
is answered by sixteen different fractures instead of sixteen encounters for one. A drug of the table of drugs is one
term too, and its columns (``Poisoning, Accidental``) are suffixes::

    term    Fracture of neck of right femur      →  S72.001           ""
                                                    S72.001A          "initial encounter for closed fracture"
                                                    S72.001B          "initial encounter for open fracture type I or II"

A term of an index or of the notes is that of some releases in a row; it has the number of the first of them and of
the first after them. Titles need none: the interval rows of the codes know when a title was in force.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import define, field

from .. import schema
from .references import IndexTerm, columns_of, indexes_of, terms_of_index
from .words import folded, words_of

if TYPE_CHECKING:
    import pyarrow as pa

FILES: Final = ("words", "postings", "terms", "texts", "members", "titles", "suffixes", "sounds", "releases")
"""The tables of a search index; `building` says what is in each. Those of lines are not in every store."""
WEIGHT_SCALE: Final = 1_000
TERM_SCALE: Final = 100
"""Weights are stored as whole numbers: those of words in thousandths, those of terms in hundredths."""
TITLE, SHORT_TITLE, INCLUSION, ALPHABETIC, EXTERNAL, NEOPLASM, DRUG, HEADING = range(8)
TITLES: Final = frozenset({TITLE, SHORT_TITLE, HEADING})
"""`HEADING` is that of a chapter or section."""
INDEX_KINDS: Final = {"alphabetic": ALPHABETIC, "external": EXTERNAL, "neoplasm": NEOPLASM, "drug": DRUG}
INCLUSIONS: Final = frozenset({"inclusionTerm", "includes", "inclusion"})
"""Kinds of notes that are other names of a code."""
SHARED_SUFFIX: Final = 40
"""A suffix of so many titles is one: ``initial encounter``, but not ``sea breeze``."""
OWN_SHORT_TITLES: Final = frozenset({"hcpcs", "cpt"})
"""Systems whose short titles have words of their own. Those of the others only abbreviate."""
WITHOUT: Final = re.compile(r"(?<=[ ,])without [^,;]*")
ALIKE: Final = 4
"""Letters by which two names of a term begin alike: infarct, infarction."""
NONE: Final = -1

Member = tuple[int, int, int]
"""Row of a code, number of its suffix, and of a title an interval row that has it, else 0."""


class SearchTable(Protocol):
    """A table of a search index: of a compiled file, or in memory."""

    rows: int

    def integers(self, name: str) -> memoryview:
        """Return an integer column."""
        ...

    def texts(self, name: str) -> Sequence[str | None]:
        """Return a text column."""
        ...


@define
class Term:
    """Words that lead to codes."""

    kind: int
    words: Sequence[str]
    also: Sequence[str]
    """Other names of what the words name; nobody misses them: ``infarction`` beside ``infarct``."""
    extra: Sequence[str]
    """What may stand beside the term, and changes nothing: ``(acute) (with stenosis)``."""
    text: str = ""
    """As it is printed; of a title empty, because the code has it; of an index the last part of its path."""
    parent: int = NONE
    """Of a term of an index, the number of the term above it."""
    members: list[Member] = field(factory=list)
    first: int = 0
    """Number of the first release that has it; of a title 0."""
    end: int = 1
    """Number of the first release after that which does not."""


@define
class Entries:
    """All terms of a code system, and the suffixes of their codes."""

    count: int
    """How many releases there are."""
    terms: list[Term] = field(factory=list)
    suffixes: dict[str, int] = field(factory=lambda: {"": 0})
    releases: list[tuple[int, int, str]] = field(factory=list)
    """Kinds of terms with the numbers of the releases that came with such terms, and the file, where the terms name it."""
    lines: dict[tuple[int, int], dict[int, int]] = field(factory=dict)
    """By kind and release, the lines of terms by their numbers."""

    def note_line(self, kind: int, number: int, term: int, line: int | None) -> None:
        """Note in which line of its file a release has a term; of several the first counts."""
        if line:
            self.lines.setdefault((kind, number), {}).setdefault(term, line)

    def suffix(self, text: str) -> int:
        """Return the number of a suffix; two that differ by signs only are one."""
        if not text:
            return 0
        return self.suffixes.setdefault(" ".join(words_of(text)), len(self.suffixes))

    # ---- titles

    def add_titles(self, periods: pa.Table, owners: Sequence[int], parents: Sequence[int], *, short: bool) -> None:
        """Add the titles of all codes, each title of a code once.

        Args:
            periods: The interval rows of the system.
            owners: Of each interval row, the row of its code.
            parents: Of each code, the row of its parent in the newest release that has it, or -1.
            short: Whether short titles are searched as well.
        """
        states, kinds = periods.column("state").to_pylist(), periods.column("kind").to_pylist()
        is_code = [s != schema.NODE and k not in schema.UNCOUNTED_KINDS for s, k in zip(states, kinds, strict=True)]
        is_heading = [s != schema.NODE and k in schema.UNCOUNTED_KINDS for s, k in zip(states, kinds, strict=True)]
        texts = periods.column("title").to_pylist()
        for (row, title), period in _distinct(texts, owners, is_heading).items():
            self.terms.append(Term(HEADING, words_of(title), (), (), members=[(row, 0, period)]))
        titles = _distinct(texts, owners, is_code)
        shared = _shared(titles, parents)
        terms: dict[tuple[int, str], Term] = {}
        for (row, title), period in titles.items():
            above, suffix = shared.get((row, title), (row, ""))
            stem = title[: len(title) - len(suffix) - 2] if suffix else title
            term = terms.get((above, stem))
            if term is None:
                said, denied = _said(stem)
                term = terms[above, stem] = Term(TITLE, said, (), denied)
                self.terms.append(term)
            term.members.append((row, self.suffix(suffix), period))
        if short:
            for (row, title), period in _distinct(periods.column("short_title").to_pylist(), owners, is_code).items():
                self.terms.append(Term(SHORT_TITLE, words_of(title), (), (), members=[(row, 0, period)]))

    # ---- notes

    def add_inclusions(self, tables: Sequence[tuple[int, pa.Table]], rows: Mapping[str, int]) -> None:
        """Add the inclusion terms of the releases that have notes.

        Args:
            tables: Notes with the numbers of their releases, in order.
            rows: Row of each code.
        """
        runs = _Runs(self, [number for number, _ in tables])
        self.releases += [(INCLUSION, number, "") for number, _ in tables]
        for number, table in tables:
            for code, kind, text, line in zip(*columns_of(table, "code", "kind", "text", "line"), strict=True):
                if kind in INCLUSIONS and code in rows:
                    self.note_line(INCLUSION, number, runs.put_inclusion(number, rows[code], text), line)

    # ---- the index

    def add_index(self, tables: Sequence[tuple[int, pa.Table]], rows: Mapping[str, int]) -> None:
        """Add the terms of the indexes that releases came with; arguments as of `add_inclusions`."""
        held: dict[str, list[int]] = {}
        for number, table in tables:
            for which, file in indexes_of(table).items():
                held.setdefault(which, []).append(number)
                self.releases.append((INDEX_KINDS[which], number, file))
        runs = {which: _Runs(self, numbers) for which, numbers in held.items()}
        for number, table in tables:
            files = indexes_of(table)
            places: list[int] = []
            for term in terms_of_index(table):
                del places[len(term.path) - 1 :]
                members = tuple((rows[code], self.suffix(text), 0) for code, text in term.codes if code in rows)
                places.append(runs[term.which].put_index_term(number, term, members, places[-1] if places else NONE))
                if term.file == files[term.which]:
                    self.note_line(INDEX_KINDS[term.which], number, places[-1], term.line)


class _Runs:
    """Terms of releases: one that several releases in a row have is there once."""

    def __init__(self, entries: Entries, numbers: Sequence[int]) -> None:
        self._entries = entries
        self._next = dict(zip(numbers, [*numbers[1:], entries.count], strict=False))
        """Of each release that has such terms, the number of the next one that has."""
        self._places: dict[Any, int] = {}

    def put_inclusion(self, number: int, row: int, text: str) -> int:
        """Return the number of an inclusion term of a release."""
        if self._goes_on(number, (text, row)):
            return self._places[text, row]
        return self._add(number, (text, row), Term(INCLUSION, words_of(text), (), (), text, members=[(row, 0, 0)]))

    def put_index_term(self, number: int, term: IndexTerm, members: tuple[Member, ...], parent: int) -> int:
        """Return the number of a term of the index of a release, below the term with the number of its parent."""
        key = (term.path, members, term.beside)
        if self._goes_on(number, key):
            return self._places[key]
        full, also = _weighed(term.path[-1])
        beside = [word for text in term.beside for word in words_of(text)]
        if parent != NONE:
            above = self._entries.terms[parent]
            full, also, beside = [*above.words, *full], [*above.also, *also], [*above.extra, *beside]
        made = Term(INDEX_KINDS[term.which], full, also, beside, term.path[-1], parent, list(members))
        return self._add(number, key, made)

    def _goes_on(self, number: int, key: Any) -> bool:
        """Return whether the release before has the term; it then is a term of this release too."""
        place = self._places.get(key)
        if place is None or self._entries.terms[place].end not in (number, self._next[number]):
            return False
        self._entries.terms[place].end = self._next[number]
        return True

    def _add(self, number: int, key: Any, term: Term) -> int:
        term.first, term.end = number, self._next[number]
        self._places[key] = len(self._entries.terms)
        self._entries.terms.append(term)
        return self._places[key]


def _distinct(texts: Sequence[str | None], owners: Sequence[int], wanted: Sequence[bool]) -> dict[tuple[int, str], int]:
    """Return the distinct texts of each code, with the last interval row that has them."""
    found: dict[tuple[int, str], int] = {}
    for period, (text, row, is_wanted) in enumerate(zip(texts, owners, wanted, strict=True)):
        if is_wanted and text:
            found[row, text] = period
    return found


def _shared(titles: Iterable[tuple[int, str]], parents: Sequence[int]) -> dict[tuple[int, str], tuple[int, str]]:
    """Return the codes whose title is the one above and a suffix that many have, with that parent and that suffix."""
    held: dict[int, list[str]] = {}
    for row, title in titles:
        held.setdefault(row, []).append(title)
    found = {}
    for row, title in titles:
        for stem in held.get(parents[row], ()):
            if title.startswith(f"{stem}, "):
                found[row, title] = (parents[row], title[len(stem) + 2 :])
    common = {text for text, count in Counter(text for _, text in found.values()).items() if count >= SHARED_SUFFIX}
    return {key: value for key, value in found.items() if value[1] in common}


def _said(title: str) -> tuple[list[str], list[str]]:
    """Return the words of a title, and those behind "without": who names no complication means none.

    >>> _said("Abdominal aortic aneurysm, without rupture, unspecified")
    (['abdominal', 'aortic', 'aneurysm', 'unspecified'], ['without', 'rupture'])
    """
    without = WITHOUT.findall(title)
    if not without:
        return words_of(title), []
    return words_of(WITHOUT.sub(" ", title)), words_of(" ".join(without))


def _weighed(text: str) -> tuple[list[str], list[str]]:
    """Return the words of a term, and those of its other names, which nobody misses.

    >>> _weighed("Infarct, infarction")
    (['infarct'], ['infarction'])
    >>> _weighed("chemistry, blood")
    (['chemistry', 'blood'], [])
    """
    first, *others = folded(text.replace("(s)", "")).split(", ")
    full, also = words_of(first), list[str]()
    for other in others:
        words = words_of(other)
        if full and words and words[0][:ALIKE] == full[0][:ALIKE]:
            also += words
        else:
            full += words
    return full, also
