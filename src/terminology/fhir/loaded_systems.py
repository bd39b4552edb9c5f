"""A code system of the store in FHIR: an edition of it.

What is in force on the day of the edition is in the version; chapters, sections, categories and other headers are its
abstract concepts. A code that expired, or is yet to come, is not a concept of the version; `LoadedSystem.lapsed` knows
it still, and `absence` says what became of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .. import schema
from ..query import Edition, engine_of
from ..query.ranking import Ranked
from ..query.rows import concept_in_force
from ..status import Status
from ..wire import sent
from .contents import Content
from .exchange import Resource
from .grouped import grouping_declarations
from .loaded_concepts import LoadedConcept
from .resources.identity import is_case_sensitive, system_name
from .resources.properties import Property

if TYPE_CHECKING:
    from ..model import Release

LANGUAGES: Final = {"icd10gm": "de"}
"""Language of the titles, where it is not English."""


class LoadedSystem:
    """An edition as a version of a code system."""

    supplements: Sequence[str] = ()

    def __init__(self, edition: Edition, content: Content | None = None, release: Release | None = None) -> None:
        is_covered = release is None
        release = release or edition.release
        if release is None:
            raise ValueError(edition.gap)
        self.edition = edition
        self.content = content or Content(edition)
        self._engine = engine_of(edition)
        self.url: str = edition.definition.uri
        self.is_case_sensitive = is_case_sensitive(edition.definition)
        self.version: str | None = release.version
        self.language: str | None = LANGUAGES.get(edition.system, "en")
        self.head: Resource = {
            "resourceType": "CodeSystem",
            "url": self.url,
            "version": self.version,
            "name": system_name(edition.definition),
            "title": edition.definition.title,
            "status": "active",
            "experimental": False,
            "date": str(release.effective),
            "content": "complete",
        }
        self._is_open = self.content.is_open
        self._concepts: dict[str, LoadedConcept] = self.content.concepts
        self._entries = self.content.entries
        self._gap = None if is_covered else edition.gap
        """Why no release covers the day, where a row speaks for itself."""

    @cached_property
    def declared(self) -> Sequence[Resource]:
        """The properties that its concepts may have, as of ``CodeSystem.property``, and the groupings of its codes."""
        return (*self.content.declared, *(one.declared() for one in grouping_declarations(self.edition)))

    @property
    def editions(self) -> Sequence[Edition]:
        """The edition that it is."""
        return (self.edition,)

    @property
    def columns(self) -> Mapping[str, Property]:
        """The properties that are columns of the release, by column."""
        return self.content.columns

    @property
    def noted(self) -> frozenset[str]:
        """The kinds of instructional notes."""
        return self.content.noted

    @property
    def has_usual(self) -> bool:
        """Whether a column of the release states what is otherwise computed for every code."""
        return self.content.has_usual

    @property
    def has_inactive(self) -> bool:
        """Whether any concept may be inactive: what an edition holds is in force, unless its file says otherwise."""
        return "inactive" in self.columns

    @property
    def date(self) -> datetime.date:
        """The day that it answers for."""
        return self.edition.date

    def concept(self, code: str) -> LoadedConcept | None:
        """Return the concept that is in force under this very code; None for any other text."""
        found = self._concepts.get(code)
        if found is None:
            found = self._fresh(code)
            if found is None:
                return None
            if len(self._concepts) >= KEPT:
                self._concepts.clear()
            self._concepts[code] = found
        return found

    def _fresh(self, code: str) -> LoadedConcept | None:
        stored = concept_in_force(self._engine, code) if self._is_open else None
        if stored is not None:
            return LoadedConcept(self, stored)
        found = self.lapsed(code)
        return found if found is not None and found.code == code and found.is_in_force else None

    def holds(self, code: str) -> bool:
        """Return whether a code in its official form is in force."""
        if code in self._concepts:
            return True
        row = self._engine.system.codes.search(code)
        return (row >= 0 and self._engine.row_status(row).valid) or self.concept(code) is not None

    def lapsed(self, code: str) -> LoadedConcept | None:
        """Return the concept that a text means, in force or not; None for unknown and malformed ones."""
        stored = self.edition.lookup(code)
        if stored is None:
            return None
        return LoadedConcept(self, stored if self._is_open else sent(stored, self.edition))

    def near(self, code: str) -> LoadedConcept | None:
        """Return the concept in force that a code in another spelling means (case, missing dot); else None."""
        found = self.lapsed(code)
        return found if found is not None and found.code != code and found.is_in_force else None

    def absence(self, code: str) -> str | None:
        """Return why a code is not in force, what it was and what may be used instead, as a sentence."""
        check = sent(self.edition.check(code), self.edition)
        if check.suggestion:
            return f"{check.reason}; did you mean {check.suggestion}?"
        if check.valid and check.code != code:
            return f"{code!r} is written {check.code}: {check.reason}"
        return check.reason

    def notes(self, code: str) -> list[Resource]:
        """Return the instructional notes of a code itself as properties; nothing for one that is not in force."""
        if code not in self.edition:
            return []
        notes = sent(self.edition.notes(code, inherited=False), self.edition)
        return [{"code": one.kind, "valueString": one.text} for one in notes if one.text]

    def source(self, code: str) -> str | None:
        """Return the file, with its checksum and line, that lists a code in force; None for any other."""
        source = self.edition.source(code)
        if source is None:
            return None
        line = f" line {source.line}" if source.line is not None else ""
        return f"{source.file}{line} (SHA-256 {source.sha256})"

    def remark(self, code: str) -> str | None:
        """Return that a code is a header, and not valid for submission, or that its row alone says so; else None."""
        if self._gap is not None:
            return f"No release covers {self.date}: {self._gap}. {code} has its own days in {self.version}"
        return self.edition.check(code).reason if self.edition.status(code) is Status.HEADER else None

    def codes(self) -> Sequence[str]:
        """Return all codes in force, parents before children."""
        return self.content.codes

    def parents(self, code: str) -> Sequence[str]:
        """Return the code directly above; nothing at a root, and for a code that is not in force.

        A node of the tree that is no code, as a prefix of ICD-10-PCS, is passed over.
        """
        edition = self.edition
        above = edition.parent(code) if self.holds(code) else None
        if above is not None and above not in edition:
            above = next((one for one in edition.ancestors(code) if one in edition), None)
        return (above,) if above else ()

    def children(self, code: str) -> Sequence[str]:
        """Return the codes directly below; nothing for a code that is not in force."""
        edition = self.edition
        below = edition.children(code) if self.holds(code) else ()
        if all(one in edition for one in below):
            return below
        return tuple(one for one in self.descendants(code) if self.parents(one) == (code,))

    def descendants(self, code: str) -> Sequence[str]:
        """Return all codes below, parents before children; nothing for a code that is not in force."""
        edition = self.edition
        if not self.holds(code):
            return ()
        below = edition.descendants(code)
        return (
            below if all(one in edition for one in edition.children(code)) else [one for one in below if one in edition]
        )

    def is_below(self, code: str, ancestor: str) -> bool:
        """Return whether a code is below another."""
        edition = self.edition
        return self.holds(code) and self.holds(ancestor) and edition.subsumes(ancestor, code) == "subsumes"

    def found(self, text: str) -> Sequence[str]:
        """Return the codes that a text finds in codes and titles, in document order."""
        return self.content.titles.found(text)

    @property
    def is_ranked(self) -> bool:
        """Whether it has a search index."""
        return self.content.has_index

    def ranked(self, text: str, *, loosely: bool = False) -> Ranked | None:
        """Return the codes that a text finds by the search index, the best first; None where there is no such index."""
        found = self.content.ranking
        return found.found(text, loosely=loosely) if found is not None else None

    def plain_entry(self, code: str) -> Resource | None:
        """Return what an expansion has of a code in force, where nothing more is asked for; None of any other text.

        It is read from the row of the code: to make its concept takes ten times as long. Not for versions that have
        inactive concepts.
        """
        entries = self._entries
        found = entries.get(code)
        if found is None:
            system, engine = self._engine.system, self._engine
            row = system.codes.search(code)
            period = engine.period_on(row) if row >= 0 else -1
            if period < 0 or (state := system.periods.states[period]) > schema.BILLABLE:
                return None
            abstract = {"abstract": True} if state == schema.HEADER else {}
            found = {"system": self.url, **abstract, "code": code}
            if self._is_open and (title := system.periods.titles[period]):
                found["display"] = title
            if len(entries) >= KEPT_ENTRIES:
                entries.clear()
            entries[code] = found
        return found


KEPT: Final = 4_096
"""Concepts that a version keeps."""
KEPT_ENTRIES: Final = 16_384
