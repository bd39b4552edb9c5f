"""What answers: the compiled files of a store, as its pointer named them at one moment.

The classes that users call (`Terminology`, `CodeSystem`, `Edition`) hold no data. They lean on these three:
`CompiledStore` has the systems and the maps, `CompiledSystem` the rows of one system, and `AsOf` is the place in time
from which its rows are read. Whatever else answers (`answers`, `lives`, `migration`, `tables`) takes one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .. import schema
from ..errors import UnknownCrosswalkError, UnknownTableError
from ..hierarchy import NONE, Tree
from ..history import STATUSES, PeriodRows, Span, status_of
from ..status import Status
from ..store import Catalog, StoreFolder, SystemEntry
from ..store.codes import CodeColumn, SlottedCodes
from ..store.damage import shape_of
from ..store.mapped import MappedTable
from ..store.pointer import MAP_FILES, SEARCH
from ..systems import CODE_SET
from .timeline import Timeline, VersionLike

if TYPE_CHECKING:
    import pyarrow as pa

    from ..mapping.rows import MapRows
    from ..model import Concept, Crosswalk, Release
    from ..store.archive import StoredTables

REMEMBERED_DAYS: Final = 64
Kept = TypeVar("Kept")
IN_TREE: Final = frozenset({schema.HEADER, schema.BILLABLE, schema.NODE})


class CompiledStore:
    """The systems and the maps of a store."""

    def __init__(self, folder: StoreFolder, catalog: Catalog, licences: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.licences = licences
        """Short names of the systems whose licence the operator declares."""
        self.generation = catalog.generation
        self.all_systems = {name: CompiledSystem(self, entry) for name, entry in catalog.systems.items()}
        """Code sets, groupings and documents."""
        self.systems = {name: one for name, one in self.all_systems.items() if one.definition.kind == CODE_SET}
        """The code sets: a text is a code of one of these, or of none."""
        self._map_entries = catalog.maps
        # opened now as the files of systems are, though most programs never ask for a map
        self._map_tables = [
            [MappedTable(folder.compiled_location, entry.files[name]) for name in MAP_FILES] for entry in catalog.maps
        ]

    @cached_property
    def maps(self) -> tuple[MapRows, ...]:
        """One for each crosswalk and pair of systems."""
        from ..mapping.rows import MapRows

        with shape_of(self.folder.pointer):
            opened = zip(self._map_entries, self._map_tables, strict=True)
            return tuple(MapRows(entry, *tables) for entry, tables in opened)

    def successions(self, system: str) -> tuple[MapRows, ...]:
        """Return the maps that say what replaced the codes of a system, in order of precedence; empty where none is loaded."""
        own = (rows for rows in self.maps if rows.source_system == rows.target_system == system)
        return tuple(sorted(own, key=lambda rows: rows.precedence))

    def archived(self, crosswalk: Crosswalk) -> StoredTables:
        """Return the tables of a crosswalk as they were committed to the archive.

        Raises:
            UnknownCrosswalkError: It is not of this store.
        """
        from ..store.archive import StoredTables

        entries = (item for entry in self._map_entries for item in entry.crosswalks)
        digest = next((item.digest for item in entries if item.crosswalk == crosswalk), None)
        if digest is None:
            raise UnknownCrosswalkError(f"no crosswalk {crosswalk.label} in the store")
        return StoredTables(self.folder.crosswalk(crosswalk.name, crosswalk.version, digest), self.folder)


class CompiledSystem:
    """The rows of one code system: codes, periods, trees, notes, properties."""

    def __init__(self, store: CompiledStore, entry: SystemEntry) -> None:
        self.store = store
        self.definition = entry.definition
        self.name = entry.definition.name
        self.timeline = Timeline(entry.definition, entry.releases)
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
            item.version: self._mapped(name)
            for item in entry.releases
            if (name := f"notes-{item.version}") in entry.files
        }
        self._properties = self._mapped("properties")
        self.search_files = {
            name.removeprefix(SEARCH): self._mapped(name) for name in entry.files if name.startswith(SEARCH)
        }
        """Those of its search index; none in a store that was compiled without."""
        self.property_texts = self._properties.texts("text")
        """JSON; interval rows hold places in it."""
        self._as_ofs: dict[tuple[int, int], AsOf] = {}
        self._releases: tuple[Release, ...] | None = None
        self._kept: dict[Any, Any] = {}

    def _code_column(self) -> CodeColumn:
        # a store that was compiled by an earlier version has no slots
        if "slots" in self._entry.files:
            return SlottedCodes.unread(self._table, self._mapped("slots"))
        return CodeColumn.unread(self._table)

    def _mapped(self, name: str) -> MappedTable:
        return MappedTable(self._folder.compiled_location, self._entry.files[name])

    @property
    def releases(self) -> tuple[Release, ...]:
        """In order of their effective days."""
        if self._releases is None:
            with shape_of(self._folder.pointer):
                self._releases = tuple(item.release for item in self._entry.releases)
        return self._releases

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
            found = self._as_ofs[asked] = AsOf(self, *asked)
        return found

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
                self.codes.require_size()
        return row

    def tree(self, position: int) -> Tree:
        """Return the tree of a release."""
        return self._trees[self._entry.releases[position].tree]

    def is_filtered(self, position: int) -> bool:
        """Return whether the tree of a release also holds codes that are in force on some days of it only."""
        return self._entry.releases[position].filtered

    def notes(self, position: int) -> MappedTable | None:
        """Return the notes of a release, or None where they are not known."""
        return self._notes.get(self._entry.releases[position].version)

    def archived(self, position: int) -> StoredTables:
        """Return the tables of a release as they were committed to the archive."""
        from ..store.archive import StoredTables

        item = self._entry.releases[position]
        return StoredTables(self._folder.release(self.name, item.version, item.digest), self._folder)

    @property
    def entry(self) -> SystemEntry:
        """What the pointer of the store says of the system."""
        return self._entry

    # ---- columns

    def keep(self, key: tuple[str, int], make: Callable[[], Kept]) -> Kept:
        """Return what is computed of all rows at once; it is made once, and kept as long as the store is open."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Kept = self._kept[key]
        return found

    @cached_property
    def arrow_codes(self) -> Any:
        """All codes as an Arrow array over the mapped bytes."""
        return self._table.to_arrow(["code"]).column("code").chunk(0)

    def property_column(self) -> Any:
        """Return the distinct property texts as an Arrow array; interval rows hold places in it."""
        return self._properties.to_arrow(["text"]).column("text").combine_chunks()


class AsOf:
    """From where in time a system is read: a day of use, and the newest release that is known.

    Of ICD-10-CM with the releases of October 2023 and 2024, 2024-11-05 as known with the first one is a day that
    nothing covers: its year ended on 2024-09-30. ``horizon`` is 2024-10-01, the day from which nothing is known, and
    rows answer by the day before it.
    """

    __slots__ = (
        *("asked", "concepts", "day", "has_rows", "horizon", "is_covered", "is_filtered", "knowledge", "maker"),
        *("places", "position", "searcher", "statuses", "system", "tree", "version"),
    )

    def __init__(self, system: CompiledSystem, asked: int, knowledge: int) -> None:
        timeline, dated = system.timeline, system.definition.dated
        self.system = system
        self.asked = asked
        """Day number of the day of use."""
        self.knowledge = knowledge
        """Number of the newest release that is known, among all of the system; -1 where none is."""
        self.is_covered = timeline.is_covered(asked, knowledge)
        """Whether the loaded releases cover the day."""
        self.position = timeline.release_on(asked, knowledge) if self.is_covered else -1
        """Number of the release in force; -1 where nothing covers the day."""
        self.version = timeline.releases[self.position].version if self.position >= 0 else None
        """Of the release in force; None where nothing covers the day."""
        self.horizon = timeline.horizon(knowledge)
        """Day number from which nothing is known."""
        # rows of the next release may begin before this release's year ends; a query that does not know the next
        # release is answered by the last day before it; of a dated system everything is known
        self.day = min(asked, self.horizon - 1)
        """Day number by which interval rows answer."""
        listing = knowledge if dated else self.position
        self.tree: Tree | None = system.tree(listing) if listing >= 0 else None
        """Numbers of the hierarchy; None where nothing covers the day."""
        # the tree of a dated system holds every code that is known, in force or not
        is_filtered = dated or (knowledge >= 0 and timeline.is_retired(asked))
        self.is_filtered = is_filtered or (self.position >= 0 and system.is_filtered(self.position))
        """Whether the tree also holds codes that are not in force."""
        self.has_rows = self.is_covered or dated
        """Whether interval rows answer: on covered days, and of dated systems on any day."""
        self.maker: Any = None
        """`Concepts`, which make the values that answers are; None until the first is asked for."""
        self.searcher: Any = None
        """`Searching`, which answers questions in words; None until the first is asked."""
        self.statuses: dict[str, Status] = {}
        """Of the texts that were asked before."""
        self.concepts: dict[str, Concept] = {}
        """Of the codes that were looked up last."""
        self.places: dict[str, int] = {}
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

    def span_at(self, row: int, period: int) -> Span:
        """Return the stretch of one state that an interval row of a code lies in."""
        return self.system.periods.span_at(row, period, self.knowledge, self.horizon)

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

    def place_of(self, code: str) -> int:
        """Return the place of a code in the tree, in force or not; `NONE` of what is not in it."""
        row = self.system.row_of(code) if self.tree is not None else -1
        return int(self.tree.places[row]) if self.tree is not None and row >= 0 else NONE

    def stretch(self, first: str, last: str) -> tuple[int, int] | None:
        """Return the place of a first code, and the place after all that is below a last one.

        None where the tree lacks one of them, or the last one and all below it are before the first.
        """
        start, until = self.place_of(first), self.place_of(last)
        if self.tree is None or NONE in (start, until):
            return None
        end = int(self.tree.ends[until])
        return (start, end) if start < end else None

    def is_in_tree(self, row: int) -> bool:
        """Return whether what is in a row is in force, or a node of the tree that is no code."""
        period = self.period_on(row)
        return period >= 0 and self.system.periods.states[period] in IN_TREE


def committed_table(archived: StoredTables, name: str, owner: str) -> pa.Table:
    """Return a table as it was committed.

    Args:
        archived: The tables of a release or crosswalk.
        name: Of the table; ``published`` is another name of ``concepts``.
        owner: What the tables are of, for the message.

    Raises:
        UnknownTableError: There is no such table.
    """
    stored = {**{one: one for one in archived}, **({"published": "concepts"} if "concepts" in archived else {})}
    if name not in stored:
        raise UnknownTableError(f"{owner} has no table {name!r}: it has {', '.join(sorted(stored))}")
    found: pa.Table = archived[stored[name]]
    return found
