"""Which release a tabular list and each index belong to, and which releases a tabular list makes by itself.

The evidence and its order are those of `terminology_loaders.order.companions`. Of the releases that names leave open,
a tabular list belongs to the one whose billable codes it expands to. Headers are no evidence: the order files before
fiscal year 2014 lack 12,244 of them.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import evolve

from terminology.drafts import Part
from terminology.periods import version_label, year_of

from ..order.companions import (
    Fitting,
    left_open,
    nearness,
    of_day,
    of_year,
    packed_together,
    rank_of,
    stated_day,
    stated_year,
    waiting,
    with_nearest,
)
from ..order.dating import Schedule, archive_day
from ..order.listed import rows_of
from ..order.plan import Refused, ReleasePlan, with_companions
from .tabular import BARRED

LIST: Final = "tabular list"


class Differences:
    """In how many billable codes tabular lists and releases differ, apart from those barred at S06."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, bool], frozenset[str] | None] = {}
        self._found: dict[tuple[str, str], int | None] = {}

    def between(self, part: Part, plan: ReleasePlan) -> int | None:
        """Return the number of codes; None where the codes of the release are not known."""
        pair = (part.identity, f"{plan.version} {plan.derived}")
        if pair not in self._found:
            self._found[pair] = self._counted(part, plan)
        return self._found[pair]

    def _counted(self, part: Part, plan: ReleasePlan) -> int | None:
        if plan.change is None and plan.billable_digest == part.facts["billable_digest"]:
            return 0
        key = (plan.version, plan.derived)
        if key not in self._codes:
            self._codes[key] = _billable_codes(plan)
        codes = self._codes[key]
        if codes is None:
            return None
        expansion = set(part.tables["expansion"].column("code").to_pylist())
        surplus = sum(1 for code in expansion - codes if not BARRED.fullmatch(code))
        return surplus + len(codes - expansion)


def _billable_codes(plan: ReleasePlan) -> frozenset[str] | None:
    rows = rows_of(plan)
    return None if rows is None else frozenset(rows.billable_codes)


def with_tabular(
    plans: list[ReleasePlan], lists: Sequence[Part], schedule: Schedule
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with their tabular lists, and those that lists make; and the lists that wait, with the reason."""
    differences = Differences()
    plans = _with_continued(plans, lists, schedule, differences)
    fitting: dict[str, list[Fitting]] = {}
    unused: Refused = []
    for part in lists:
        chosen = _chosen(part, plans, schedule, differences)
        for plan in chosen:
            candidate = (rank_of(part, schedule), differences.between(part, plan) or 0, part)
            fitting.setdefault(plan.version, []).append(candidate)
        if not chosen:
            unused.append((part, _why_waiting(part, plans, schedule, differences)))
    plans, passed_over = with_nearest(plans, fitting, LIST)
    return plans, [*unused, *passed_over]


def _with_continued(
    plans: list[ReleasePlan], lists: Sequence[Part], schedule: Schedule, differences: Differences
) -> list[ReleasePlan]:
    """Return the plans with those that lists of a day inside a year make, where no code changed on that day.

    NCHS published no order file in April 2026, but a tabular list with other notes and the codes of October. So there
    is a release ``2026-04`` with the rows of ``2026`` and notes of its own, and October keeps its notes. The name of the
    list says the day, or that of its archive.
    """
    made = list(plans)
    days = {part: stated_day(part, schedule) or archive_day(part.facts, schedule) for part in lists}
    for part, day in sorted(days.items(), key=lambda item: str(item[1])):
        if day is None or of_day(made, day):
            continue
        base = _before(made, day)
        if base and differences.between(part, base) == 0:
            continuation = evolve(
                base, effective=day, continued=True, correction=0, warnings=(), addenda=(), codes=(), companions=()
            )
            made.append(continuation)
    return sorted(made, key=lambda plan: (plan.effective, plan.correction))


def _before(plans: Iterable[ReleasePlan], day: datetime.date) -> ReleasePlan | None:
    """Return the plan of the last release of the day's fiscal year that is earlier, or None."""
    earlier = [plan for plan in of_year(plans, year_of("fiscal", day)) if plan.effective < day]
    return max(earlier, key=lambda plan: (plan.effective, plan.correction), default=None)


def _chosen(
    part: Part, plans: Sequence[ReleasePlan], schedule: Schedule, differences: Differences
) -> list[ReleasePlan]:
    """Return the plans that a tabular list belongs to: one, or, where nothing names its year, all that have its codes."""
    match left_open(part, plans, schedule):
        case None:
            return [plan for plan in plans if differences.between(part, plan) == 0]
        case [] | [_] as alone:
            return alone
        case several:
            return [min(several, key=lambda plan: (_unlikeness(part, plan, differences), nearness(part, plan)))]


def _unlikeness(part: Part, plan: ReleasePlan, differences: Differences) -> float:
    count = differences.between(part, plan)
    return math.inf if count is None else count


def _why_waiting(part: Part, plans: Sequence[ReleasePlan], schedule: Schedule, differences: Differences) -> str:
    day = stated_day(part, schedule)
    base = _before(plans, day) if day else None
    if day and base:
        count = differences.between(part, base)
        what = "differs" if count is None else f"differs in {count:,} codes"
        version = version_label("fiscal", day)
        return f"{LIST} of {version}: {what} from {base.version}, and no order file of {version} is loaded; it is kept"
    if day is None and stated_year(part)[0] is None:
        return (
            f"{LIST} of which nothing names the year, with the codes of no loaded release; it is kept: give --version"
        )
    return waiting(part, LIST, schedule)


def with_indexes(
    plans: list[ReleasePlan], indexes: Sequence[Part], schedule: Schedule
) -> tuple[list[ReleasePlan], Refused, Refused]:
    """Return the plans with their index files; those of which no release is planned; those that contradict another.

    An index says its fiscal year at most, so that a year's index joins the first release of the year unless its
    own name, or what it was packed with, says more.
    """
    attached: dict[str, list[Part]] = {}
    unused: Refused = []
    refused: Refused = []
    for part in indexes:
        plan = _plan_of_index(part, plans, schedule)
        if plan is None:
            unused.append((part, waiting(part, "index", schedule)))
            continue
        taken = attached.setdefault(plan.version, [])
        other = next((one for one in taken if one.facts["which"] == part.facts["which"]), None)
        if other and other.origin.sha256 != part.origin.sha256:
            message = f"holds another {part.facts['which']} index than {other.origin.label}, which is of release "
            refused.append((part, f"{message}{plan.version} by equal evidence: give --effective"))
        else:
            taken.append(part)
    return with_companions(plans, attached), unused, refused


def _plan_of_index(part: Part, plans: Sequence[ReleasePlan], schedule: Schedule) -> ReleasePlan | None:
    """Return the plan of the release that the index belongs to, by the best evidence there is, or None."""
    named = left_open(part, plans, schedule)
    if named is None:
        return next((plan for plan in plans if packed_together(part, plan)), None)
    return min(named, key=lambda plan: nearness(part, plan), default=None)
