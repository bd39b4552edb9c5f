"""The plan of a release: which order files, addenda and lists make it, and what the plans of a system show together.

`releases` decides which plans there are; the loaders of ICD-10-CM and ICD-10-PCS attach what else belongs to each.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from attrs import evolve, frozen

from terminology.drafts import Built, Draft, Part
from terminology.model import Gap
from terminology.periods import version_label, year_of, year_start
from terminology.reading.dates import year_in

from .dating import FIRST_YEAR

Counts = tuple[int, int]
Refused = list[tuple[Part, str]]


@frozen
class ReleasePlan:
    """One release, before its tables are built: its day, and the files that it is built from."""

    effective: datetime.date
    orders: tuple[Part, ...]
    """Order files of equal content; of a derived release the one it is derived from, of one that a codes file makes the
    nearest, if there is one."""
    counts: Counts
    """Billable codes and headers."""
    warnings: tuple[str, ...] = ()
    addenda: tuple[Part, ...] = ()
    """Those whose new side this is."""
    change: Part | None = None
    """Of a derived release: the addenda that makes it."""
    backwards: bool = False
    """Whether the addenda is applied in reverse."""
    correction: int = 0
    """Above 0: corrects another release of the same day."""
    codes: tuple[Part, ...] = ()
    companions: tuple[Part, ...] = ()
    """What else belongs to it: tabular list, tables, definitions, index."""
    listed: tuple[Part, ...] = ()
    """Where no order file is here: codes files of equal content, which make the release."""
    continued: bool = False
    """Whether it has the rows of the release before, as its own tabular list says, and no order file of its own."""

    @property
    def derived(self) -> bool:
        """Whether no order file of its own is here."""
        return self.change is not None or self.continued

    @property
    def authorities(self) -> tuple[Part, ...]:
        """The files that say which codes there are: of equal content; the first is the one that answers cite."""
        return self.listed or self.orders

    @property
    def version(self) -> str:
        """The version label."""
        return version_label("fiscal", self.effective, self.correction)

    @property
    def billable_digest(self) -> Any:
        """The digest of the billable codes of its order or codes file."""
        return self.authorities[0].facts["billable_digest"]

    @property
    def archives(self) -> set[str]:
        """The archives that its order or codes files came in."""
        return {part.origin.archive_sha256 for part in self.authorities if part.origin.archive_sha256}

    @property
    def order_change(self) -> Part | None:
        """The order addenda that leads here, or None."""
        return next((part for part in self.addenda if part.facts["level"] == "order"), None)

    def has_counts(self, counts: Counts | None) -> bool:
        """Return whether the release has as many codes and headers; a codes file has no headers to be counted."""
        return counts is not None and (counts[0] == self.counts[0] if self.listed else counts == self.counts)

    @property
    def own_addenda(self) -> tuple[Part, ...]:
        """Order addenda that came in the archive of the order file."""
        own = [part for part in self.addenda if part.origin.archive_sha256 in self.archives]
        return tuple(part for part in own if part.facts["level"] == "order")

    def of_kind(self, kind: str) -> tuple[Part, ...]:
        """Return its companions of a kind."""
        return tuple(part for part in self.companions if part.kind == kind)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All sources of its own; the first is the authority."""
        own = [*self.authorities, *self.codes, *self.addenda, *self.companions]
        if self.change and self.change not in own:
            own.append(self.change)
        return tuple(own)

    def draft(self, helping: Iterable[Part | None], build: Callable[[], Built]) -> Draft:
        """Return the draft of the release, which the loading of releases expects.

        Args:
            helping: Parts of other releases whose tables it also uses; None where there is none.
            build: Makes its tables.
        """
        return Draft(
            version=self.version,
            effective=self.effective,
            parts=self.parts,
            borrowed=tuple(part for part in helping if part),
            derived=self.derived,
            correction=self.correction,
            warnings=self.warnings,
            build=build,
        )

    @property
    def change_number(self) -> int:
        """Which of the sources is the addenda that leads here, or makes a derived release; 0 where there is none."""
        change = self.change or self.order_change
        return self.parts.index(change) if change else 0


def counts_of(part: Part) -> Counts:
    """Return the numbers of billable codes and headers of an order file."""
    return part.facts["codes"], part.facts["headers"]


def counts_as(order: Part, counts: Counts | None) -> bool:
    """Return whether an order file has as many codes and headers; lines that were left out may be any of them."""
    if counts is None:
        return False
    short = sum(counts) - sum(counts_of(order))
    apart = sum(abs(counted - here) for counted, here in zip(counts, counts_of(order), strict=True))
    return apart == short and short <= order.lines_left_out


def side_counts(addenda: Part, side: str) -> Counts | None:
    """Return the counts of one side of an order addenda, or None where it does not count both kinds of row."""
    facts = addenda.facts
    if facts["level"] != "order" or "codes" not in facts or "headers" not in facts:
        return None
    return facts["codes"][side], facts["headers"][side]


def addenda_year(addenda: Part) -> int | None:
    """Return the fiscal year in the name that an addenda gives its new side, or None."""
    return year_in(addenda.facts.get("new_name", ""), FIRST_YEAR)


def by_counts(plans: Sequence[ReleasePlan], counts: Counts, name: str) -> list[ReleasePlan]:
    """Return the plans with these counts, in the fiscal year that the file's name gives."""
    year = year_in(name, FIRST_YEAR)
    return [plan for plan in plans if plan.counts == counts and year in (None, year_of("fiscal", plan.effective))]


def base_of(plan: ReleasePlan, plans: Sequence[ReleasePlan]) -> Part | None:
    """Return the order file that the addenda of a release starts from, or None where it is not loaded."""
    change = plan.order_change
    if change is None or plan.derived:
        return None
    if plan.correction:
        corrected = (plan.effective, plan.correction - 1)
        before = [other for other in plans if (other.effective, other.correction) == corrected]
    else:
        before = by_counts(plans, side_counts(change, "old") or (0, 0), change.facts.get("old_name", ""))[:1]
        before = [other for other in before if other.effective < plan.effective]
    return next((other.orders[0] for other in before if not other.derived and not other.listed), None)


def with_companions(plans: list[ReleasePlan], attached: dict[str, list[Part]]) -> list[ReleasePlan]:
    """Return the plans with further companions, given by version."""
    return [evolve(plan, companions=(*plan.companions, *attached.get(plan.version, ()))) for plan in plans]


def former_days(plans: Sequence[ReleasePlan]) -> dict[str, datetime.date | None]:
    """Return by version the day of the release before, of an earlier day; None for the first."""
    days = sorted({plan.effective for plan in plans})
    before = dict(zip(days, [None, *days], strict=False))
    return {plan.version: before[plan.effective] for plan in plans}


def idle_addenda(addenda: Sequence[Part], plans: Sequence[ReleasePlan]) -> Refused:
    """Return the addenda that no release uses, with the reason why they are kept."""
    used = {part.identity for plan in plans for part in plan.parts}
    reason = "addenda that by its counts leads to no loaded release; it is kept"
    return [(part, reason) for part in addenda if part.identity not in used]


def gaps_of(system: str, plans: Sequence[ReleasePlan]) -> list[Gap]:
    """Return what is missing between neighbours: whole years, and updates that only the addenda prove."""
    gaps = []
    for before, after in pairwise(plans):
        first, last = year_of("fiscal", before.effective), year_of("fiscal", after.effective)
        missing = [str(year) for year in range(first + 1, last)]
        if after.effective != year_start("fiscal", last) and last > first:
            missing.append(str(last))
        if missing:
            reason = f"no release of {', '.join(missing)} is loaded"
            gaps.append(Gap(system, before.version, after.version, reason))
            continue
        change = next((p for p in after.addenda if side_counts(p, "old")), None)
        if change and not any(
            plan.has_counts(side_counts(change, "old")) for plan in plans if plan.effective < after.effective
        ):
            codes, headers = side_counts(change, "old") or (0, 0)
            reason = (
                f"{change.origin.label} starts from {change.facts['old_name']} with {codes:,} codes and {headers:,} "
                "headers, which is not loaded"
            )
            gaps.append(Gap(system, before.version, after.version, reason))
    return gaps
