"""An edition: the state of a code system on one day, as it is known with the releases up to one of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UnknownCodeError
from ..status import Status
from .answers import unknown
from .compiled import AsOf, committed_table
from .edition_groups import EditionGroups
from .edition_hierarchy import EditionHierarchy

if TYPE_CHECKING:
    import os

    import networkx as nx
    import pyarrow as pa

    from ..model import Check, Concept, Explanation, Hit, Notes, Source

BILLABLE = Status.BILLABLE


class Edition(EditionHierarchy, EditionGroups):
    """What is in force on a day. Made by `CodeSystem.on`, `CodeSystem.release` and `CodeSystem.latest`.

    It is a collection of codes: ``code in edition`` says whether a code is in force, billable or header; iteration
    and ``len`` are over the publisher's codes in force, in document order, without chapters, sections and nodes that
    the publisher does not list. It can be pickled: it reopens its store by path.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Edition {self.system} {self.date} ({self._as_of.version or 'uncovered'})>"

    def __reduce__(self) -> tuple[Any, ...]:
        known = self.known
        return _reopened, (self._origin, self.date, known[-1].version if known else datetime.date.min)

    # ---- validity

    def status(self, code: str) -> Status:
        """Return what the code is on this day; never raises for a code, and `Status.MALFORMED` for what is no text.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> str(edition.status("M54.50")), str(edition.status("m5450 ")), str(edition.status("M54"))
        ('billable', 'billable', 'header')
        >>> str(edition.status(None)), str(edition.status(250.0))
        ('malformed', 'malformed')
        """
        try:
            found = self._statuses.get(code)
        except TypeError:
            # what cannot be hashed is no text
            return Status.MALFORMED
        return self._answers.fresh_status(code) if found is None else found

    def is_valid(self, code: str) -> bool:
        """Return whether the code is in force, billable or header."""
        return self.status(code).valid

    def is_billable(self, code: str) -> bool:
        """Return whether the code may be submitted on a claim."""
        return self.status(code) is BILLABLE

    def check(self, code: str) -> Check:
        """Return the status with the reason, its period, the repair of a damaged code, and the other systems that know it.

        Never raises for a code: what is no text is malformed. ``suggestion`` is None where the code is known, where
        nothing fits, and where several codes do; `explain` names them.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> edition.check("M54.50").reason
        'M54.50 is billable on 2022-03-01 (release 2022)'
        >>> found = edition.check("W21.89A")
        >>> found.suggestion, found.rule
        ('W21.89XA', 'placeholder_missing')
        >>> edition.check("J1815").other_systems
        ('hcpcs',)
        """
        return self._descriptions.check(code)

    def explain(self, code: str) -> Explanation:
        """Return the whole answer to: may I use this code on this day, why not, what instead. Never raises for a code.

        ``instead`` has codes that may be submitted on the day: those below a header; the recorded successors of an
        expired code, and the predecessors of one that is yet to come; the repairs of a damaged one. It is empty where
        the code may be used, where nothing is known that may be, and where no release covers the day.

        >>> found = store["icd10cm"].on("2022-03-01").explain("M54.5")
        >>> found.reason
        'M54.5 is a header on 2022-03-01 (release 2022): in force, and not valid for submission'
        >>> [(option.code, option.why) for option in found.instead][:1]
        [('M54.50', 'billable below M54.5')]
        """
        from .explanations import explanation_of

        return explanation_of(self._descriptions, code)

    def __contains__(self, code: object) -> bool:
        """Return whether a code is in force, billable or header.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> "M54.50" in edition, "M54" in edition, "Z99.999" in edition, None in edition
        (True, True, False, False)
        """
        return isinstance(code, str) and self.status(code).valid

    def __len__(self) -> int:
        """Return the number of the publisher's codes in force, counted once.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> len(edition) == edition.release.concepts == len(list(edition))
        True
        """
        if self._count is None:
            self._count = sum(1 for _ in self._answers.rows_in_force())
        return self._count

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        """Yield the publisher's codes in force, in document order."""
        return map(self._as_of.system.codes.name, self._answers.rows_in_force())

    # ---- concepts

    def lookup(self, code: str) -> Concept | None:
        """Return the concept, or None if it is unknown or malformed.

        A code that expired, or is yet to come, is returned in its nearest state, with its status.

        >>> store["icd10cm"].on("2022-03-01").lookup("M54.50").title
        'Low back pain, unspecified'
        """
        return self._answers.lookup(code)

    def get(self, code: str) -> Concept | None:
        """Return the concept of a code in force or not, or None if it is unknown or malformed: `lookup`, as of a dict."""
        return self._answers.lookup(code)

    def __getitem__(self, code: str) -> Concept:
        """Return the concept, in force or not.

        Raises:
            UnknownCodeError: The code is unknown or malformed.
        """
        concept = self._answers.lookup(code)
        if concept is None:
            raise unknown(self._answers, code)
        return concept

    def node(self, code: str) -> Concept:
        """Return what has this code in the hierarchy: a concept, or a node that is no code, with status unknown.

        Prefixes of ICD-10-PCS are such nodes: `children` names them, and `lookup` does not know them.

        Raises:
            UnknownCodeError: There is neither.
        """
        return self._descriptions.node(code)

    def title(self, code: str) -> str | None:
        """Return the title of a code in force on this day; None for any other.

        >>> store["icd10cm"].on("2022-03-01").title("M54.50")
        'Low back pain, unspecified'
        """
        return self._answers.title(code)

    def source(self, code: str) -> Source | None:
        """Return the file, with its checksum and line, that lists a code in force on this day; None for any other.

        >>> store["icd10cm"].on("2022-03-01").source("M54.50").line
        37
        """
        return self._answers.source(code)

    def search(
        self,
        text: str,
        limit: int = 10,
        *,
        headers: bool = False,
        expired: bool = False,
        outgoing: bool = False,
        synonyms: Sequence[str | os.PathLike[str]] = (),
    ) -> tuple[Hit, ...]:
        """Return the codes that a text finds, the best first; empty where it finds none.

        The words are searched in titles, inclusion terms and the publisher's index, in any order; the last one may be
        the beginning of a word. Plurals, typos, abbreviations and words as people say them are understood. A code is found
        as typed, with or without its dot, and by its beginning. Where the release came without index or notes, those of
        the nearest that has some are searched, and ``borrowed`` says so.

        Args:
            text: Words or a code; what is beyond 200 characters does not count.
            limit: Most codes.
            headers: Whether headers are found as well, and not answered by a code below them.
            expired: Whether codes that are not in force on the day are found as well.
            outgoing: Whether the answer is for somebody outside of the process. Words of a licensed system whose licence is
                not declared are not searched then, only codes: who guesses words would learn the texts.
            synonyms: Files of synonyms, beside those in the store and the packaged one.

        >>> [(hit.code, hit.matched) for hit in store["icd10cm"].on("2022-03-01").search("low back pain", limit=1)]
        [('M54.50', 'index')]
        """
        from ..licences import may_show
        from .answering_codes import Wanted
        from .searching import searching, synonyms_of

        is_open = not outgoing or may_show(self.definition, self.licences)
        known = synonyms_of(self._as_of.system, synonyms) if is_open else None
        return searching(self._answers).hits(text, limit, Wanted(headers, expired), known)

    # ---- notes and tables

    def notes(self, code: str, inherited: bool = True) -> Notes:  # noqa: FBT001, FBT002 -- part of the contract
        """Return the instructional notes of a code, its own first, then from above, nearest first.

        Where the release came without notes the result is empty and says so: ``known`` is False.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._descriptions.notes(code, inherited=inherited)

    def table(self, name: str = "concepts") -> pa.Table:
        """Return a table of the edition.

        ``concepts``: everything in force, in document order, with status, parent and period. Any other name is
        a table of the release in force as it was committed: ``published`` (its own rows with every typed field),
        ``notes``, ``differences``.

        Raises:
            UnknownTableError: The release has no such table, as one that came without notes; it is a `KeyError`.
            UnknownCodeError: Nothing covers the day.
        """
        if name == "concepts":
            from .tables import concept_table

            return concept_table(self._as_of)
        if self._as_of.position < 0:
            raise UnknownCodeError(f"no release of {self.definition.title} covers {self.date}: {self._as_of.gap}")
        archived = self._as_of.system.archived(self._as_of.position)
        version = self._as_of.system.releases[self._as_of.position].version
        return committed_table(archived, name, f"{self.definition.title} {version}")

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the hierarchy as a `networkx.DiGraph`, edges from parent to child; nodes carry title and billable."""
        from .tables import graph_of

        return graph_of(self._as_of)


def _reopened(code_system: Any, date: datetime.date, known: str | datetime.date) -> Edition:
    found: Edition = code_system.on(date, known=known)
    return found


def fully_known(edition: Edition) -> Edition:
    """Return the edition of the same day as all loaded releases know it: it also has the codes that are yet to come."""
    found: Edition = edition._origin.on(edition.date)  # noqa: SLF001 -- as in engine_of
    return found


def engine_of(edition: Edition) -> AsOf:
    """Return what an edition answers from, for other modules of the library."""
    return edition._as_of  # noqa: SLF001 -- the one door from the façade to the engine
