"""The lines of an index as a page shows them: a term with its codes, their status on the day, and what it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from ..index import Cell, IndexEntry, Volume
from ..index.places import TermPath
from ..index.walking import ARROW
from ..query import Edition
from ..status import Status
from ..wire import sent
from .asked import Asked

PCS: Final = "icd10pcs"


@frozen
class Target:
    """A code that a term leads to."""

    text: str
    """As the index prints it: with a dash where the code goes on."""
    link: str
    status: Status | None
    """On the day; None of the beginning of codes, which has none."""
    words: str = ""
    """What the index says before it."""

    @property
    def is_plain(self) -> bool:
        """Whether a reader who sees it expects its status: billable, or a header where a dash says that the code goes on."""
        return self.status in ((Status.HEADER, None) if self.text.endswith("-") else (Status.BILLABLE,))


@frozen
class Reference:
    """Another term that is referred to."""

    how: str
    """see, see also, use."""
    text: str
    link: str | None
    """None where no term is called so."""


@frozen
class Line:
    """A term of an index."""

    path: TermPath
    link: str
    modifiers: tuple[str, ...]
    leads: tuple[Target | Reference, ...]
    """The codes and the other terms that it leads to, in the publisher's order."""
    cells: tuple[Cell, ...]
    below: int
    """Terms below it, at any depth."""
    file: str
    number: int | None
    """Of the line in the file."""
    via: str = ""
    """The term whose "see" led here."""
    borrowed: str | None = None
    """The release whose index it is of, where that is another one's."""

    @property
    def word(self) -> str:
        """The term itself."""
        return self.path[-1]

    @property
    def arrows(self) -> str:
        """The terms from the main term down."""
        return ARROW.join(self.path)


class Lines:
    """Makes lines of terms and entries."""

    def __init__(self, asked: Asked, edition: Edition, volumes: Sequence[Volume]) -> None:
        self._asked = asked
        self._edition = edition
        self._volumes = volumes

    def of_terms(self, volume: Volume, paths: Iterable[TermPath]) -> list[Line]:
        """Return the lines of terms."""
        return [self._line(term.path, term.entries, volume.which, term.below) for term in volume.terms(paths)]

    def of_entry(self, entry: IndexEntry) -> Line:
        """Return the line of an entry that words found."""
        return self._line(entry.path, [entry], entry.index, 0)

    def cell(self, line: Line, heading: str) -> Target | None:
        """Return the code of a line in a column of a table; None where it has none."""
        found = next((cell for cell in line.cells if cell.heading == heading), None)
        return None if found is None else self._target(found.code, complete=found.complete)

    def _line(self, path: TermPath, entries: Sequence[IndexEntry], which: str, below: int) -> Line:
        passed = sent(tuple(entries), self._edition)
        first = passed[0] if passed else None
        return Line(
            path=path,
            link=self._asked.link("index", self._edition.system, **{"in": which, "term": ARROW.join(path)}),
            modifiers=first.nonessential if first else (),
            leads=tuple(dict.fromkeys(lead for entry in passed for lead in self._leads(entry, which))),
            cells=tuple(cell for entry in passed for cell in entry.cells),
            below=below,
            file=first.source.file if first else "",
            number=first.source.line if first else None,
            via=ARROW.join(first.via) if first else "",
            borrowed=first.version if first and first.borrowed else None,
        )

    def _leads(self, entry: IndexEntry, which: str) -> Iterable[Target | Reference]:
        yield from self._targets(entry)
        yield from self._references(entry, which)

    def _targets(self, entry: IndexEntry) -> Iterable[Target]:
        if entry.code:
            yield self._target(entry.code, complete=entry.complete)
        if entry.manifestation:
            yield self._target(entry.manifestation, complete=True, words="with")
        if entry.category:
            yield self._target(entry.category, complete=True, words="see")

    def _target(self, code: str, *, complete: bool, words: str = "") -> Target:
        text = code if complete or code.endswith("-") else f"{code}-"
        plain = code.rstrip(".-")
        status = self._edition.status(plain)
        if self._edition.system == PCS and not complete:
            return Target(text, self._asked.link("pcs", plain), None, words)
        return Target(text, self._asked.card(self._edition.system, plain), status, words)

    def _references(self, entry: IndexEntry, which: str) -> Iterable[Reference]:
        for how, text in (("see", entry.see), ("see also", entry.see_also)):
            if text:
                is_led = any(volume.refers(text) for volume in self._volumes)
                query = {"in": which, "to": text}
                yield Reference(how, text, self._asked.link("index", self._edition.system, **query) if is_led else None)
        if entry.use:
            yield Reference("use", entry.use, None)
