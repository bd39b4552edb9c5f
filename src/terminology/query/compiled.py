"""What answers: the compiled files of a store, as its pointer named them at one moment.

The classes that users call (`Terminology`, `CodeSystem`, `Edition`) hold no data. They lean on these three:
`CompiledStore` has the systems and the maps, `CompiledSystem` the rows of one system, and `AsOf` is the place in time
from which its rows are read. Whatever else answers (`answers`, `lives`, `migration`, `tables`) takes one of them.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from .. import schema
from ..errors import UnknownCrosswalkError
from ..hierarchy import Tree
from ..history import STATUSES, PeriodRows, Span, status_of
from ..mapping.rows import MapRows
from ..model import Concept, Crosswalk, Properties, Release, Source, Status, source_of
from ..store import Catalog, StoreFolder, SystemEntry
from ..store.codes import CodeColumn, SlottedCodes
from ..store.mapped import MappedTable
from .timeline import Timeline, VersionLike

if TYPE_CHECKING:
    from ..store.archive import StoredTables

REMEMBERED_DAYS: Final = 64
NO_PROPERTIES: Final = Properties()
IN_TREE: Final = frozenset({schema.HEADER, schema.BILLABLE, schema.NODE})


class CompiledStore:
    """The systems and the maps of a store."""

    def __init__(self, folder: StoreFolder, catalog: Catalog, licences: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.licences = licences
        """Short names of the systems whose licence the operator declares."""
        self.generation = catalog.generation
        self.systems = {name: CompiledSystem(self, entry) for name, entry in catalog.systems.items()}
        self.maps: tuple[MapRows, ...] = tuple(MapRows(folder.compiled, entry) for entry in catalog.maps)
        """One for each crosswalk and pair of systems."""
        self._digests = {item.crosswalk: item.digest for entry in catalog.maps for item in entry.crosswalks}

    def successions(self, system: str) -> tuple[MapRows, ...]:
        """Return the maps that say what replaced the codes of a system; empty where none is loaded."""
        return tuple(rows for rows in self.maps if rows.source_system == rows.target_system == system)

    def archived(self, crosswalk: Crosswalk) -> StoredTables:
        """Return the tables of a crosswalk as they were committed to the archive.

        Raises:
            UnknownCrosswalkError: It is not of this store.
        """
        from ..store.archive import StoredTables

        digest = self._digests.get(crosswalk)
        if digest is None:
            raise UnknownCrosswalkError(f"no crosswalk {crosswalk.label} in the store")
        return StoredTables(self.folder.crosswalk(crosswalk.name, crosswalk.version, digest))


class CompiledSystem:
    """The rows of one code system: codes, periods, trees, notes, properties."""

    def __init__(self, store: CompiledStore, entry: SystemEntry) -> None:
        self.store = store
        self.definition = entry.definition
        self.name = entry.definition.name
        self.releases: tuple[Release, ...] = tuple(item.release for item in entry.releases)
        """In order of their effective days."""
        self.timeline = Timeline(entry.definition, self.releases)
        self._entry = entry
        self._folder = store.folder
        self._table = self._mapped("codes")
        # opened now, because a later load may delete the files while an open one stays; columns are read when needed
        self.codes = self._code_column()
        self.periods = PeriodRows.unread(self._table, self._mapped("periods"))
        self._trees = [
            Tree.unread(self._mapped(f"tree-{n}")) for n in range(1 + max(item.tree for item in entry.releases))
        ]
        self._notes = {
            item.release.version: self._mapped(name)
            for item in entry.releases
            if (name := f"notes-{item.release.version}") in entry.files
        }
        self._properties = self._mapped("properties")
        self._property_texts = self._properties.texts("text")
        self._as_ofs: dict[tuple[int, int], AsOf] = {}

    def _code_column(self) -> CodeColumn:
        # a store that was compiled by an earlier version has no slots
        if "slots" in self._entry.files:
            return SlottedCodes.unread(self._table, self._mapped("slots"))
        return CodeColumn.unread(self._table)

    def _mapped(self, name: str) -> MappedTable:
        return MappedTable(self._folder.compiled, self._entry.files[name])

    # ---- time

    def as_of(self, day: int, knowledge: int | None = None) -> AsOf:
        """Return the place in time from which the rows are read.

        Args:
            day: Day number of the day of use.
            knowledge: Number of the newest release that is known, or -1 where none is; None for all.
        """
        asked = (day, self.timeline.newest if knowledge is None else knowledge)
        found = self._as_ofs.get(asked)
        if found is None:
            if len(self._as_ofs) >= REMEMBERED_DAYS:
                self._as_ofs.clear()
            found = self._as_ofs[asked] = self._placed(*asked)
        return found

    def _placed(self, day: int, knowledge: int) -> AsOf:
        timeline, dated = self.timeline, self.definition.dated
        is_covered = timeline.is_covered(day, knowledge)
        position = timeline.release_on(day, knowledge) if is_covered else -1
        horizon = timeline.horizon(knowledge)
        listing = knowledge if dated else position
        # the tree of a dated system holds every code that is known, in force or not
        is_filtered = dated or (knowledge >= 0 and timeline.is_retired(day))
        return AsOf(
            system=self,
            asked=day,
            knowledge=knowledge,
            is_covered=is_covered,
            position=position,
            horizon=horizon,
            # rows of the next release may begin before this release's year ends; a query that does not know the next
            # release is answered by the last day before it
            day=day if dated else min(day, horizon - 1),
            tree=self.tree(listing) if listing >= 0 else None,
            is_filtered=is_filtered or (position >= 0 and self._entry.releases[position].filtered),
            has_rows=is_covered or dated,
        )

    def as_of_release(self, version: VersionLike) -> AsOf:
        """Return the place in time of a release: its effective day, as it was known with that release.

        Raises:
            UnknownReleaseError: The store has no such release.
        """
        position = self.timeline.position(version)
        return self.as_of(self.timeline.days[position], position)

    @cached_property
    def successions(self) -> tuple[MapRows, ...]:
        """The maps that say what replaced its codes; empty where none is loaded."""
        return self.store.successions(self.name)

    # ---- rows

    def row_of(self, code: str) -> int:
        """Return the row of a code, in any accepted form, in the codes table; or -1."""
        row = self.codes.find(code)
        if row < 0:
            official = self.definition.official(code)
            row = self.codes.find(official) if official else -1
            if row < 0:
                self._table.require_size()
        return row

    def tree(self, position: int) -> Tree:
        """Return the tree of a release."""
        return self._trees[self._entry.releases[position].tree]

    def notes(self, position: int) -> MappedTable | None:
        """Return the notes of a release, or None where they are not known."""
        return self._notes.get(self.releases[position].version)

    def archived(self, position: int) -> StoredTables:
        """Return the tables of a release as they were committed to the archive."""
        from ..store.archive import StoredTables

        item = self._entry.releases[position]
        return StoredTables(self._folder.release(self.name, item.release.version, item.digest))

    def source(self, position: int, number: int, line: int) -> Source:
        """Return one of the files of a release as the source of an answer; number 0 is its authority."""
        release = self.releases[position]
        file = release.sources[number]
        return source_of(self.name, release.version, file.file, file.sha256, line or None)

    def row_source(self, period_row: int) -> Source:
        """Return the source of an interval row: the release that first said so."""
        details = self.periods.details
        return self.source(details.releases[period_row], details.sources[period_row], details.lines[period_row])

    def properties(self, period_row: int) -> Properties:
        """Return the properties of an interval row; empty where it has none."""
        place = self.periods.details.properties[period_row]
        return Properties(json.loads(self._property_texts[place])) if place >= 0 else NO_PROPERTIES

    # ---- columns

    @cached_property
    def arrow_codes(self) -> Any:
        """All codes as an Arrow array over the mapped bytes."""
        return self._table.to_arrow(["code"]).column("code").chunk(0)

    def property_column(self) -> Any:
        """Return the distinct property texts as an Arrow array; interval rows hold places in it."""
        return self._properties.to_arrow(["text"]).column("text").combine_chunks()


@frozen(eq=False)
class AsOf:
    """From where in time a system is read: a day of use, and the newest release that is known.

    Of ICD-10-CM with the releases of October 2023 and 2024, 2024-11-05 as known with the first one is a day that
    nothing covers: its year ended on 2024-09-30. ``horizon`` is 2024-10-01, the day from which nothing is known, and
    rows answer by the day before it.
    """

    system: CompiledSystem = field(repr=False)
    asked: int
    """Day number of the day of use."""
    knowledge: int
    """Number of the newest release that is known, among all of the system; -1 where none is."""
    is_covered: bool
    """Whether the loaded releases cover the day."""
    position: int
    """Number of the release in force; -1 where nothing covers the day."""
    horizon: int
    """Day number from which nothing is known."""
    day: int
    """Day number by which interval rows answer."""
    tree: Tree | None = field(repr=False)
    """Numbers of the hierarchy; None where nothing covers the day."""
    is_filtered: bool
    """Whether the tree also holds codes that are not in force."""
    has_rows: bool
    """Whether interval rows answer: on covered days, and of dated systems on any day."""
    statuses: dict[str, Status] = field(factory=dict, init=False, repr=False)
    """Of the texts that were asked before."""
    concepts: dict[str, Concept] = field(factory=dict, init=False, repr=False)
    """Of the codes that were looked up last."""
    places: dict[str, int] = field(factory=dict, init=False, repr=False)
    """In the tree, of the codes that were asked before."""

    @property
    def release(self) -> Release | None:
        """The release in force, or None where nothing covers the day."""
        return self.system.releases[self.position] if self.position >= 0 else None

    @property
    def gap(self) -> str:
        """Why the day is not covered, and which release would cover it, as a sentence."""
        return self.system.timeline.gap(self.asked, self.knowledge)

    def period_on(self, row: int) -> int:
        """Return the interval row of a code (row of the codes table) that holds on the day; or -1."""
        return self.system.periods.row_on(row, self.day, self.knowledge)

    def spans(self, row: int) -> list[Span]:
        """Return the stretches of one state of a code; none for row -1."""
        return self.system.periods.spans(row, self.knowledge, self.horizon) if row >= 0 else []

    def bounds(self, row: int, period: int) -> tuple[int, int]:
        """Return first day and end of the stretch of one state that an interval row lies in."""
        return self.system.periods.bounds(row, period, self.knowledge, self.horizon)

    def row_status(self, row: int) -> Status:
        """Return the status of the code in a row of the codes table, or of a well-formed unknown code (-1)."""
        if not self.has_rows:
            return Status.UNCOVERED
        if row >= 0:
            periods = self.system.periods
            period = periods.row_on(row, self.day, self.knowledge)
            if period >= 0:
                return STATUSES[periods.states[period]]
            periods.table.require_size()
        if not self.is_covered:
            return Status.UNCOVERED
        return status_of(self.spans(row), self.day)[0]

    def is_in_tree(self, row: int) -> bool:
        """Return whether what is in a row is in force, or a node of the tree that is no code."""
        period = self.period_on(row)
        return period >= 0 and self.system.periods.states[period] in IN_TREE
