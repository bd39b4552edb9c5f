"""A code system: its releases, and the edition in force on a day."""

from __future__ import annotations

import datetime
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import schema
from ..errors import InvalidDateError, UnknownReleaseError
from ..hierarchy import Tree
from ..history import STATUSES, PeriodRows
from ..mapping import MapRows
from ..model import History, Period, Release, Source, Translation
from ..periods import OPEN, DateLike, coverage_end, day_from, day_number, day_of, next_quarter
from ..store import StoreFolder, SystemEntry
from ..store.mapped import CodeColumn, MappedTable
from .edition import AsOf, Edition

if TYPE_CHECKING:
    from ..differences import Difference
    from ..store.archive import StoredTables
    from .terminology import Terminology

REMEMBERED_EDITIONS = 64


class CodeSystem:
    """One code system of a store, with all its releases."""

    def __init__(self, store: Terminology, folder: StoreFolder, entry: SystemEntry) -> None:
        self.store = store
        self.definition = entry.definition
        self.releases: tuple[Release, ...] = tuple(item.release for item in entry.releases)
        """In order of their effective days."""
        self._folder = folder
        self._entry = entry
        self._days = [day_number(release.effective) for release in self.releases]
        self.table = MappedTable(folder.compiled, entry.files["codes"])
        # opened now: a later publish may sweep the files, an open map stays; what is in them is read when asked for
        self.codes = CodeColumn.unread(self.table)
        self.periods = PeriodRows.unread(self.table, self._mapped("periods"))
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
        self._editions: dict[AsOf, Edition] = {}

    def _mapped(self, name: str) -> MappedTable:
        return MappedTable(self._folder.compiled, self._entry.files[name])

    @property
    def name(self) -> str:
        """The short name: icd10cm, hcpcs and so on."""
        return self.definition.name

    def __repr__(self) -> str:
        return f"<CodeSystem {self.name}: {', '.join(release.version for release in self.releases)}>"

    @property
    def latest(self) -> Edition:
        """The newest release's edition, whatever today is."""
        return self.release(self.releases[-1].version)

    def release(self, version: str) -> Edition:
        """Return the edition of a release: its effective day, as it was known with that release.

        Args:
            version: Version label, effective date in ISO form, or ``latest``. Of several corrections the newest.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> store["icd10cm"].release("2022").date
        datetime.date(2021, 10, 1)
        """
        position = self._position(version)
        return self._edition(AsOf.of(self.releases[position].effective, position))

    def on(self, date: DateLike, known: DateLike | None = None) -> Edition:
        """Return the edition in force on a day. Where nothing loaded covers the day, it says so of every code.

        Args:
            date: The day of use: ISO string, date or datetime.
            known: Version or date; only releases up to it count. By default all.

        Raises:
            InvalidDateError: A date is no date.
            UnknownReleaseError: ``known`` is neither a release nor a date.

        >>> cm = store["icd10cm"]
        >>> str(cm.on("2021-09-30").status("M54.5")), str(cm.on("2021-10-01").status("M54.5"))
        ('billable', 'header')
        """
        knowledge = len(self.releases) - 1 if known is None else self._knowledge(known)
        return self._edition(AsOf.of(day_from(date), knowledge))

    def history(self, code: str) -> History:
        """Return the code's life across all releases; without periods if no release knows it.

        Predecessors and successors are what loaded crosswalks say: of the code at its first day, and at the end
        of its life as a billable code. A code that another split off from has none for that.

        >>> [(str(p.effective_from), str(p.status)) for p in store["icd10cm"].history("M54.5").periods]
        [('2020-10-01', 'billable'), ('2021-10-01', 'header')]
        """
        row = self.row_of(code)
        official = self.definition.official(code) or code
        predecessors, successors = self._relatives(official)
        if row < 0:
            return History(official, (), predecessors, successors)
        spans = self.periods.spans(row, len(self.releases) - 1, OPEN, by_title=True)
        return History(
            official,
            tuple(
                Period(
                    effective_from=day_of(span.start) or datetime.date.min,
                    effective_to=day_of(span.end),
                    from_known=span.from_known,
                    status=STATUSES[span.state],
                    title=span.title or "",
                    source=self.row_source(span.row),
                )
                for span in spans
                if span.state != schema.EXPIRED
            ),
            predecessors,
            successors,
        )

    def _relatives(self, code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        maps = [rows for rows in self.store.maps if rows.source_system == self.name]
        if not maps:
            return (), ()
        from .relatives import predecessors_of, successors_of

        return predecessors_of(code, self, maps), successors_of(code, self, maps)

    def migrate(self, code: str, before: str, after: str) -> Translation:
        """Return what a code of one release becomes in another, later or earlier.

        Outcome ``mapped``, with all alternatives, every code of which is in force in the release asked for;
        ``none`` where the publisher says that nothing follows; ``unknown`` where no loaded crosswalk says what
        became of the code, with the reason. Kinds: ``identity``; ``renamed`` (the same code under a new title);
        ``replaced``; ``split`` and ``merged``; ``to_header`` (the code heads others now, each of them an
        alternative); ``to_billable``; ``combination`` (several codes together). A header of the first release
        stays a header. Codes that took over a part of a code that itself stays are in ``split_off``.

        Args:
            code: In any accepted form. One that expired before is followed from there.
            before: Version, effective date or ``latest``: the release that the code was taken from.
            after: The release to carry it to.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> moved = store["icd10cm"].migrate("M54.5", "2021", "2022")
        >>> [(a.codes, a.kind) for a in moved.alternatives]
        [(('M54.50',), 'to_header'), (('M54.51',), 'to_header'), (('M54.59',), 'to_header')]
        """
        from .migration import migrated

        return migrated(code, self.release(before), self.release(after), self._successions)

    def became(self, code: str, on: DateLike | None = None) -> Translation:
        """Return what a code, whichever release it is from, is on a day; by default in the newest release.

        Of a code that was deleted and came back, the last life that had begun is meant.
        """
        from .migration import continued

        return continued(code, self, on, self._successions)

    @cached_property
    def _successions(self) -> list[MapRows]:
        return list(self.store.successions(self.name))

    def version_on(self, day: int) -> str | None:
        """Return the version of the newest release that took effect by a day (as a number), or None."""
        position = self.release_on(AsOf(day, len(self.releases) - 1))
        return self.releases[position].version if position >= 0 else None

    def diff(self, before: str, after: str) -> Difference:
        """Return what changed from one release to another, in either order of time, as tables.

        Args:
            before: Version label, effective date in ISO form, or ``latest``. Of several corrections the newest; but
                the label of a release beside that of its correction is the release as it was first published.
            after: The same.

        Raises:
            UnknownReleaseError: The store has no such release.

        >>> difference = store["icd10cm"].diff("2021", "2022")
        >>> difference.added.column("code").to_pylist()
        ['F32.A', 'M54.50', 'M54.51', 'M54.59']
        """
        from ..differences import AsPublished, difference_of

        numbers = {release.version: number for number, release in enumerate(self.releases)}
        first, second = numbers.get(before, -1), numbers.get(after, -1)
        if min(first, second) >= 0 and first != second and self._days[first] == self._days[second]:
            # a correction leaves no edition of what it corrects; the archive has both
            sides = [AsPublished(self.releases[number], self.archived(number)) for number in (first, second)]
            return difference_of(*sides)
        return difference_of(self.release(before), self.release(after))

    def row_of(self, code: str) -> int:
        """Return the row of a code in the codes table, or -1."""
        row = self.codes.find(code)
        if row < 0:
            official = self.definition.official(code)
            row = self.codes.find(official) if official else -1
            if row < 0:
                self.table.require_size()
        return row

    def _position(self, version: str) -> int:
        position = self._positions.get(version)
        if position is None:
            held = ", ".join(release.version for release in self.releases)
            raise UnknownReleaseError(f"no release {version!r} of {self.name} (loaded: {held})")
        return position

    @cached_property
    def _positions(self) -> dict[str, int]:
        """Every name of a release; one that several bear, as corrections do, is the newest's."""
        names = {
            name: position
            for position, release in enumerate(self.releases)
            for name in (release.version.partition(".")[0], release.effective.isoformat(), release.version)
        }
        return {**names, "latest": len(self.releases) - 1}

    def _knowledge(self, known: DateLike) -> int:
        """Return the number of the newest release that counts, or -1."""
        if isinstance(known, str):
            try:
                return self._position(known)
            except UnknownReleaseError:
                try:
                    day = day_number(day_from(known))
                except InvalidDateError:
                    raise UnknownReleaseError(f"{known!r} is neither a release of {self.name} nor a date") from None
        else:
            day = day_number(day_from(known))
        return sum(effective <= day for effective in self._days) - 1

    def _edition(self, vantage: AsOf) -> Edition:
        edition = self._editions.get(vantage)
        if edition is None:
            if len(self._editions) >= REMEMBERED_EDITIONS:
                self._editions.clear()
            edition = self._editions[vantage] = Edition(self, vantage)
        return edition

    def release_on(self, vantage: AsOf) -> int:
        """Return the number of the release in force as seen from the vantage, or -1."""
        found = -1
        for position in range(vantage.knowledge + 1):
            if self._days[position] <= vantage.day:
                found = position
        return found

    def is_covered(self, vantage: AsOf) -> bool:
        """Return whether the loaded releases speak for the day.

        A release of a snapshot system speaks to the end of its own year; those of a dated system together, from
        the earliest to the quarter after the newest.
        """
        if vantage.knowledge < 0:
            return False
        if self.definition.dated:
            newest = self.releases[vantage.knowledge].effective
            return self._days[0] <= vantage.day < day_number(next_quarter(newest))
        if self.is_retired(vantage):
            return True
        position = self.release_on(vantage)
        if position < 0:
            return False
        end = coverage_end(self.definition.calendar, self.releases[position].effective)
        return end is None or vantage.day < day_number(end)

    def is_retired(self, vantage: AsOf) -> bool:
        """Return whether the whole system is out of use on the day."""
        retired = self.definition.retired
        return retired is not None and vantage.knowledge >= 0 and vantage.day >= day_number(day_from(retired))

    def horizon(self, vantage: AsOf) -> int:
        """Return the day from which nothing is known at the vantage: when the first unknown release takes effect."""
        if self.definition.dated:
            return OPEN
        return min(
            (day for day in self._days[vantage.knowledge + 1 :] if day > self._days[max(vantage.knowledge, 0)]),
            default=OPEN,
        )

    def tree(self, position: int) -> Tree:
        """Return the tree of a release."""
        return self._trees[self._entry.releases[position].tree]

    def is_filtered(self, position: int) -> bool:
        """Return whether the tree of a release also holds codes that are in force on some of its days only."""
        return self._entry.releases[position].filtered

    def notes_table(self, position: int) -> MappedTable | None:
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
        return Source(self.name, release.version, file.file, file.sha256, line or None)

    def row_source(self, period_row: int) -> Source:
        """Return the source of an interval row: the release that first said so."""
        details = self.periods.details
        return self.source(details.releases[period_row], details.sources[period_row], details.lines[period_row])

    def properties(self, period_row: int) -> dict[str, Any]:
        """Return the properties of an interval row; empty where it has none."""
        place = self.periods.details.properties[period_row]
        return dict(json.loads(self._property_texts[place])) if place >= 0 else {}

    @cached_property
    def arrow_codes(self) -> Any:
        """All codes as an Arrow array over the mapped bytes."""
        return self.table.to_arrow(["code"]).column("code").chunk(0)

    def property_column(self) -> Any:
        """Return the distinct property texts as an Arrow array; interval rows hold places in it."""
        return self._properties.to_arrow(["text"]).column("text").combine_chunks()
