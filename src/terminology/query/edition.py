"""An edition: the state of a code system on one day, as it is known with the releases up to one of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UnknownCodeError
from ..hierarchy import Descendants
from ..periods import day_of
from ..status import Status
from .answers import Answers, unknown
from .compiled import AsOf

if TYPE_CHECKING:
    import os

    import networkx as nx
    import pyarrow as pa

    from ..model import Check, CodingOrder, Concept, Explanation, Groups, Hit, Notes, Release, Source
    from ..systems import SystemDefinition
    from .code_properties import CodeProperties
    from .descriptions import Descriptions
    from .grouping import Grouping

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]
BILLABLE = Status.BILLABLE


class Edition:
    """What is in force on a day. Made by `CodeSystem.on`, `CodeSystem.release` and `CodeSystem.latest`.

    It is a collection of codes: ``code in edition`` says whether a code is in force, billable or header; iteration
    and ``len`` are over the publisher's codes in force, in document order, without chapters, sections and nodes that
    the publisher does not list. It can be pickled: it reopens its store by path.
    """

    __slots__ = ("__weakref__", "_answers", "_as_of", "_count", "_described", "_origin", "_places", "_statuses")

    def __init__(self, origin: Any, answers: Answers) -> None:
        self._origin = origin
        """The code system that it was asked of; pickled in place of the data."""
        self._answers = answers
        self._as_of = answers.as_of
        self._statuses = self._as_of.statuses
        self._places = self._as_of.places
        self._count: int | None = None
        self._described: Descriptions | None = None

    @property
    def _descriptions(self) -> Descriptions:
        if self._described is None:
            # its answers are values: a status is none, and need not import them
            from .descriptions import Descriptions

            self._described = Descriptions(self._answers)
        return self._described

    @property
    def _dated_properties(self) -> CodeProperties:
        from .code_properties import CodeProperties

        return CodeProperties(self._as_of.system.store, self.system, self.date)

    @property
    def system(self) -> str:
        """Short name of the code system."""
        return self._as_of.system.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about the code system: title, URI, shape of its codes, whether it is licensed."""
        return self._as_of.system.definition

    @property
    def licences(self) -> frozenset[str]:
        """Short names of the systems whose licence the operator of the store declares."""
        return self._as_of.system.store.licences

    @property
    def date(self) -> datetime.date:
        """The day that the edition answers for."""
        return day_of(self._as_of.asked) or datetime.date.max

    @property
    def release(self) -> Release | None:
        """The release in force, or None where nothing covers the day."""
        return self._as_of.release

    @property
    def known(self) -> tuple[Release, ...]:
        """The releases that count, oldest first; empty where none was published by then."""
        return self._as_of.system.releases[: self._as_of.knowledge + 1]

    @property
    def is_covered(self) -> bool:
        """Whether the loaded releases cover the day."""
        return self._as_of.is_covered

    @property
    def gap(self) -> str | None:
        """Why nothing covers the day, and which release would, as a sentence; None where it is covered.

        >>> store["icd10cm"].on("2031-01-15").gap
        'the newest release, 2022-04, ends 2022-09-30; load FY2031'
        """
        return None if self.is_covered else self._as_of.gap

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

    # ---- hierarchy

    def parent(self, code: str) -> str | None:
        """Return the parent, or None at a root.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").parent("M54.50")
        'M54.5'
        """
        return self._answers.parent(code)

    def children(self, code: str) -> tuple[str, ...]:
        """Return the children in document order.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        place = self._answers.place(code)
        return tuple(self._answers.named(self._answers.tree.children(place)))

    def siblings(self, code: str) -> tuple[str, ...]:
        """Return the codes with the same parent, in document order, without the code itself; of a root the other roots.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").siblings("M54.51")
        ('M54.50', 'M54.59')
        """
        return self._answers.siblings(code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return all ancestors, nearest first.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._answers.ancestors(code)

    def descendants(self, code: str) -> Descendants:
        """Return the codes below, in document order; a sequence with ``to_arrow()``.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._answers.descendants(code)

    def roots(self) -> tuple[str, ...]:
        """Return the codes without parent, in document order; empty where nothing covers the day."""
        tree = self._as_of.tree
        return tuple(self._answers.named(tree.roots())) if tree else ()

    def subsumes(self, a: str, b: str) -> Subsumption:
        """Return how two codes relate: equivalent, subsumes (a above b), subsumed-by, not-subsumed.

        Raises:
            UnknownCodeError: One of them is not in force.

        >>> store["icd10cm"].on("2022-03-01").subsumes("M54", "M54.50")
        'subsumes'
        """
        places = self._places
        try:
            place_a, place_b = places[a], places[b]
        except (KeyError, TypeError):
            place_a, place_b = self._answers.place(a), self._answers.place(b)
        ends = self._answers.tree.ends
        if place_a < place_b:
            return "subsumes" if place_b < ends[place_a] else "not-subsumed"
        if place_b < place_a:
            return "subsumed-by" if place_a < ends[place_b] else "not-subsumed"
        return "equivalent"

    def common_ancestor(self, code: str, *others: str) -> str | None:
        """Return the lowest node that is above all codes or equal to one of them; None where they have no root in common.

        Of one code it is the code itself.

        Raises:
            UnknownCodeError: One of them is not in force.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> edition.common_ancestor("M54.50", "M54.51"), edition.common_ancestor("M54.50", "M54.2", "M54.9")
        ('M54.5', 'M54')
        >>> edition.common_ancestor("M54.50", "M54"), edition.common_ancestor("M54.50", "E11.9")
        ('M54', None)
        """
        return self._answers.common_ancestor((code, *others))

    # ---- groupings

    @property
    def groupings(self) -> tuple[str, ...]:
        """Short names of the groupings that group codes of its system, whatever the day; sorted.

        >>> "ccsr_dx" in store["icd10cm"].latest.groupings, store["hcpcs"].latest.groupings
        (True, ())
        """
        store = self._origin.store
        return tuple(name for name in store.groupings if self.system in store.grouping(name).code_systems)

    def grouping(self, name: str) -> Grouping:
        """Return a grouping of the store, as of `Terminology.grouping`."""
        found: Grouping = self._origin.store.grouping(name)
        return found

    def groups(
        self,
        code: str,
        grouping: str,
        *,
        accept_nearest: bool = False,
        age: int | None = None,
        sex: str | None = None,
    ) -> Groups:
        """Return the categories that a code is in by a grouping on this day; none where it is in no category.

        Args:
            code: In any accepted form.
            grouping: Short name: ``ccsr_dx``, ``hcc_v28`` …
            accept_nearest: Whether the nearest version may answer where none covers the day; its groups are marked.
            age: In years, for groupings with edits by age.
            sex: ``female`` or ``male``, for groupings with edits by sex.

        Raises:
            UnknownGroupingError: The store holds no such grouping.
            NoVersionError: No version of it covers the day; the message names the nearest one.
            UnknownCodeError: The text cannot be a code of the system.

        >>> [group.category for group in store["icd10cm"].on("2022-03-01").groups("M54.50", "ccsr_dx")]
        ['MUS038']
        """
        found = self.grouping(grouping).on(self.date, accept_nearest=accept_nearest)
        return found.groups(code, self.system, age=age, sex=sex)

    # ---- properties

    def properties(self, code: str) -> Mapping[str, Any]:
        """Return the properties of a code on this day: those of the code set, then those that groupings give.

        A property of which no loaded version covers the day is not among them.

        Raises:
            UnknownCodeError: The code is unknown or malformed.

        >>> store["icd10cm"].on("2022-03-01").properties("J18.9")["cc_level"]
        'mcc'
        """
        found = self[code]
        dated, in_force = self._dated_properties, self._may_have(code)
        given = {name: dated.value(found.code, name, in_force=in_force) for name in dated.names()}
        return {**given, **found.properties}

    def _may_have(self, code: str) -> bool:
        """Return whether a code that no list has is known not to be listed: it is in force, or nothing says that it is not."""
        status = self.status(code)
        return status.valid or status is Status.UNCOVERED

    # ---- notes and tables

    def notes(self, code: str, inherited: bool = True) -> Notes:  # noqa: FBT001, FBT002 -- part of the contract
        """Return the instructional notes of a code, its own first, then from above, nearest first.

        Where the release came without notes the result is empty and says so: ``known`` is False.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        return self._descriptions.notes(code, inherited=inherited)

    def coding_order(self, code: str) -> CodingOrder | None:
        """Return whether a code is a manifestation or the etiology of one, with the notes that say so; else None.

        None where the notes of the release are not known, or say of no code that another is coded first. Such notes
        are in the tabular list of ICD-10-CM (its guidelines, section I.A.13). See `CodingOrder` for what decides.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> found = store["icd10cm"].on("2022-03-01").coding_order("J18.9")
        >>> found.manifestation, [note.text for note in found.first]
        (False, ['associated influenza, if applicable (J09.X1, J10.0-, J11.0-)'])
        """
        from .coding_order import coding_orders

        self._answers.place(code)
        orders = coding_orders(self._answers)
        return orders.of(code) if orders else None

    def is_manifestation(self, code: str) -> bool | None:
        """Return whether a code is a manifestation, coded after its etiology; None where `coding_order` is None.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").is_manifestation("M54.50")
        False
        >>> store["icd10cm"].on("2021-01-15").is_manifestation("M54.5") is None
        True
        """
        from .coding_order import coding_orders

        self._answers.place(code)
        orders = coding_orders(self._answers)
        return orders.is_manifestation(code) if orders else None

    def is_etiology(self, code: str) -> bool | None:
        """Return whether notes name a code as the etiology of a manifestation; None where `coding_order` is None.

        False says that no note names it: many of these notes give examples only.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").is_etiology("M54.50")
        False
        """
        found = self.coding_order(code)
        return None if found is None else found.etiology

    def table(self, name: str = "concepts") -> pa.Table:
        """Return a table of the edition.

        ``concepts``: everything in force, in document order, with status, parent and period. Any other name is
        a table of the release in force as it was committed: ``published`` (its own rows with every typed field),
        ``notes``, ``differences``.

        Raises:
            KeyError: The release has no such table.
            UnknownCodeError: Nothing covers the day.
        """
        if name == "concepts":
            from .tables import concept_table

            return concept_table(self._as_of)
        if self._as_of.position < 0:
            raise UnknownCodeError(f"no release of {self.definition.title} covers {self.date}: {self._as_of.gap}")
        archived = self._as_of.system.archived(self._as_of.position)
        table: pa.Table = archived["concepts" if name == "published" else name]
        return table

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the hierarchy as a `networkx.DiGraph`, edges from parent to child; nodes carry title and billable."""
        from .tables import graph_of

        return graph_of(self._as_of)

    # the last of the class: the name hides the decorator
    def property(self, code: str, name: str) -> Any:
        """Return the value of a property of a code on this day: one of the code set, or one that a grouping gives.

        Of groupings there are ``poa_exempt``, ``cc_level`` (``mcc``, ``cc``, ``none``), ``chronic``, and the lists of the
        code editor, as ``mce_newborn``. None where the code has no such property; of those of groupings also where no
        loaded version covers the day, and of a code that is neither listed nor in force.

        Raises:
            UnknownCodeError: The text cannot be a code of the system.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> edition.property("Z00.00", "poa_exempt"), edition.property("E11.9", "poa_exempt")
        (True, False)
        >>> store["icd10cm"].on("2020-12-01").property("J18.9", "cc_level") is None
        True
        """
        from ..groupings import property_rule

        concept = self._answers.lookup(code)
        if concept is not None and name in concept.properties:
            return concept.properties[name]
        official = self.definition.official(code) if isinstance(code, str) else None
        if not official:
            raise unknown(self._answers, code)
        if property_rule(name) is None:
            return None
        return self._dated_properties.value(official, name, in_force=self._may_have(code))


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
