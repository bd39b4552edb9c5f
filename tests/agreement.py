"""Whether difference, status, history and migration say the same of every code between two releases.

Each of the four finds its answer in another way: the difference compares whole tables, a status looks up one row, a
history reads all rows of a code, a migration walks along what publications say. So what one of them says wrong, the
others contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise

from terminology import CodeSystem, Edition
from terminology.differences import TABLES, Difference
from terminology.model import History, Outcome, Status
from terminology.periods import day_number
from terminology.query import engine_of
from terminology.schema import NODE_KINDS

IN_FORCE = (Status.BILLABLE, Status.HEADER)
STAYED = frozenset({"revised", "moved", "changed"})

Standing = tuple[Status | None, Status | None]
"""The status of a code in both editions; None where it is not in force."""


def versions(system: CodeSystem) -> list[str]:
    """Return the releases that have an edition, in order of time: one that another corrected the same day has none."""
    by_day = {release.effective: release.version for release in system.releases}
    return [by_day[day] for day in sorted(by_day)]


def pairs(system: CodeSystem) -> list[tuple[str, str]]:
    """Return every two releases that have an edition, the earlier first."""
    return list(combinations(versions(system), 2))


def neighbours(system: CodeSystem) -> list[tuple[str, str]]:
    """Return every two releases that follow each other, and the first with every other one: not all pairs, which are many."""
    found = versions(system)
    return list(dict.fromkeys([*pairwise(found), *((found[0], other) for other in found[1:])]))


class Agreement:
    """What the four say of the codes of a system; statuses and histories are asked once for each release and code."""

    def __init__(self, system: CodeSystem) -> None:
        self.system = system
        self.edition: Callable[[str], Edition] = cache(system.release)
        self.statuses: Callable[[str], Mapping[str, Status]] = cache(self._statuses)
        self.titles: Callable[[str], Mapping[str, str]] = cache(self._titles)
        self.history: Callable[[str], History] = cache(system.history)
        self.codes = sorted({code for release in system.releases for code in self._listed(release.version)})

    def _listed(self, version: str) -> Iterator[str]:
        """Yield the codes of a release and all groups that have a status, without nodes that are no codes."""
        table = self.edition(version).table("concepts")
        for code, kind in zip(*(table.column(name).to_pylist() for name in ("code", "kind")), strict=True):
            if kind not in NODE_KINDS:
                yield code

    def _statuses(self, version: str) -> Mapping[str, Status]:
        found = ((code, self.edition(version).status(code)) for code in self.codes)
        return {code: status for code, status in found if status in IN_FORCE}

    def _titles(self, version: str) -> Mapping[str, str]:
        table = self.edition(version).table("concepts")
        return dict(zip(*(table.column(name).to_pylist() for name in ("code", "title")), strict=True))

    # ---- difference and status

    def of_difference(self, before: str, after: str) -> list[str]:
        """Return where a difference puts a code into another table than its two statuses do."""
        difference = self.system.diff(before, after)
        told = told_by(difference)
        faults = []
        for code in self.codes:
            standing = self.statuses(before).get(code), self.statuses(after).get(code)
            if told.get(code, "nothing") not in possible(standing):
                faults.append(f"{code}: {told.get(code, 'nothing')} from {before} to {after}, status {standing}")
        return faults + [f"{code}: {told[code]}, and in no release" for code in told.keys() - {*self.codes}]

    # ---- history and status

    def of_history(self, versions: Iterable[str], codes: Sequence[str] | None = None) -> list[str]:
        """Return where a history has another status or title on the first day of a release than is known of it now.

        What a release says of its own first day is compared too, but where later releases may correct it. All codes are
        asked where none are named.
        """
        codes = self.codes if codes is None else codes
        faults = []
        for version in versions:
            own, now = self.edition(version), self.system.on(self.edition(version).date)
            editions = [now] if self.system.definition.dated else [own, now]
            for code in codes:
                said = state_on(self.history(code), now)
                faults += [
                    f"{code} in {version}: history says {said}, the edition {known}"
                    for edition in editions
                    if said != (known := self._known(code, edition))
                ]
        return faults

    def _known(self, code: str, edition: Edition) -> tuple[Status | None, str | None]:
        status = edition.status(code)
        return (status, edition.title(code)) if status in IN_FORCE else (None, None)

    # ---- migration and status

    def of_migration(self, before: str, after: str, codes: Sequence[str]) -> list[str]:
        """Return where a migration says another thing of codes that are in force before than their two statuses do."""
        return [fault for code in codes if (fault := self._of_migration(code, before, after))]

    def _of_migration(self, code: str, before: str, after: str) -> str | None:
        was, now = self.statuses(before).get(code), self.statuses(after).get(code)
        if was is None:
            return None
        found = self.system.migrate(code, before, after)
        kinds = {alternative.codes: alternative.kind for alternative in found.alternatives}
        stays = now == was or now is Status.BILLABLE
        place = f"{code} from {before} to {after}, {was} and then {now}: {found.outcome} {kinds} {found.reason}"
        if (found.outcome is Outcome.MAPPED) != bool(kinds):
            return place
        if any(self.statuses(after).get(one) is None for group in kinds for one in group):
            return f"not in force: {place}"
        if not stays:
            return f"stays: {place}" if any(code in group for group in kinds) else None
        if self._came_back(code, before, after) or self._became_another(code, before, after):
            return None
        if {*kinds} != {(code,)}:
            return f"does not stay: {place}"
        if now is not was:
            return None if kinds[code,] == "to_billable" else place
        is_renamed = self.titles(before)[code] != self.titles(after)[code]
        return None if kinds[code,] == ("renamed" if is_renamed else "identity") else f"name: {place}"

    def _came_back(self, code: str, before: str, after: str) -> bool:
        """Return whether a code was out of force, or a header, between two releases: it may mean another thing since."""
        first, last = sorted(self.edition(version).date for version in (before, after))
        inside = [r.version for r in self.system.releases if first < r.effective < last]
        if any(self.statuses(version).get(code) != self.statuses(before)[code] for version in inside):
            return True
        # a code of a dated system also ends and begins on days without a release
        ends = [period.effective_to for period in self.history(code).periods if period.effective_to]
        return any(first < end <= last and self.system.on(end).status(code) not in IN_FORCE for end in ends)

    def _became_another(self, code: str, before: str, after: str) -> bool:
        """Return whether a publication says that a code was replaced, or replaced another, though releases list it throughout."""
        first, last = sorted(self.edition(version).date for version in (before, after))
        maps = engine_of(self.edition(before)).system.successions
        rows = [row for one in maps for row in (*one.of_source(code), *one.of_target(code))]
        rows = [row for row in rows if row.change == "deleted" or row.source_codes == row.target_codes]
        return any(row.effective is not None and day_number(first) < row.effective <= day_number(last) for row in rows)


def told_by(difference: Difference) -> dict[str, str]:
    """Return the table of each code that a difference has in one; of a group, what changed about it."""
    groups = [row for row in difference.groups.to_pylist() if row["kind"] not in NODE_KINDS]
    told = {row["code"]: "moved" if row["change"] == "retitled" else row["change"] for row in groups}
    for name in TABLES:
        codes = difference.table(name).column("code").to_pylist()
        assert not told.keys() & {*codes}
        told |= dict.fromkeys(codes, name)
    return told


def possible(standing: Standing) -> frozenset[str]:
    """Return the tables in which a code with two statuses may be."""
    match standing:
        case (None, None):
            return frozenset({"nothing"})
        case (None, _):
            return frozenset({"added"})
        case (_, None):
            return frozenset({"deleted"})
        case (Status.BILLABLE, Status.HEADER):
            return frozenset({"to_header"})
        case (Status.HEADER, Status.BILLABLE):
            return frozenset({"to_billable"})
    return STAYED | {"nothing"}


def state_on(history: History, edition: Edition) -> tuple[Status | None, str | None]:
    """Return status and title that a history has on the day of an edition, where the code is in force then."""
    for period in history.periods:
        is_on = period.effective_from <= edition.date and (
            period.effective_to is None or edition.date < period.effective_to
        )
        if is_on and period.status in IN_FORCE:
            return period.status, period.title
    return None, None
