"""Which release a file without an order file's rows belongs to: a tabular list, an index, tables, definitions.

Evidence, strongest first. The first that says anything narrows the choice, and what comes after it only chooses among
the releases that are left:

1. the day that the operator gives,
2. a day in the member's own name on which releases take effect: ``icd10cm-tabular-April-1-2026.xml``,
3. the fiscal year in the member's name: ``icd10cm_tabular_2021.xml``, ``FY15_Tabular.xml``,
4. the fiscal year in the archive's name: ``Tabular.xml`` in ``ICD10CM_FY2016_Full_XML.zip``,
5. the version element, where it is a year; it was ``0`` in 2012 and 2013,
6. the codes.

So which other years are loaded changes nothing. The order files of fiscal years 2014, 2015 and 2016 list the same codes:
the list of 2016 stays with 2016 whatever comes later, and where 2016 is not loaded it waits for it. A list of which
nothing names a year stands for every release that has its very codes, for the same reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from terminology.drafts import Part
from terminology.periods import version_label, year_of
from terminology.reading import whole_number

from .dating import FIRST_YEAR, Schedule, version_day
from .plan import Refused, ReleasePlan, with_companions

Fitting = tuple[int, int, Part]
"""A file that fits a release: rank of its evidence, by how many codes it differs from the release, and the file."""
GIVEN, DAY, NAME, ARCHIVE, VERSION, CODES = range(6)
"""Ranks of evidence, strongest first."""
OVERTAKEN = 1_000
"""Days by which a release that was in force already when a file was put up is farther off than any that follows."""


def stated_day(part: Part, schedule: Schedule) -> datetime.date | None:
    """Return the first day of the release that a file says it belongs to; None where it says a year at most."""
    if part.effective or part.version:
        return part.effective or version_day(part.version or "")
    named = part.facts["name_date"]
    day = datetime.date.fromisoformat(named) if named else None
    return day if day and schedule.is_update_day(day) else None


def stated_year(part: Part) -> tuple[int | None, int]:
    """Return the fiscal year that the names of a file, then its version element, give; and the rank of that evidence.

    None where nothing names a year.
    """
    facts = part.facts
    if facts["name_year"]:
        return facts["name_year"], NAME
    if facts["archive_year"]:
        return facts["archive_year"], ARCHIVE
    version = whole_number(str(facts["version"]))
    return (version, VERSION) if version and version >= FIRST_YEAR else (None, CODES)


def rank_of(part: Part, schedule: Schedule) -> int:
    """Return the rank of the evidence by which a file belongs to a release."""
    if stated_day(part, schedule):
        return GIVEN if part.effective or part.version else DAY
    return stated_year(part)[1]


def of_day(plans: Iterable[ReleasePlan], day: datetime.date) -> ReleasePlan | None:
    """Return the plan of the release of a day, of several the newest correction; None where there is none."""
    found = [plan for plan in plans if plan.effective == day]
    return max(found, key=lambda plan: plan.correction, default=None)


def of_year(plans: Iterable[ReleasePlan], year: int) -> list[ReleasePlan]:
    """Return the plans of the releases of a fiscal year."""
    return [plan for plan in plans if year_of("fiscal", plan.effective) == year]


def left_open(part: Part, plans: Iterable[ReleasePlan], schedule: Schedule) -> list[ReleasePlan] | None:
    """Return the plans that the names of a file and its version leave open: one of a day, or those of a fiscal year.

    Empty where that release, or year, is not loaded; None where nothing names any.
    """
    if day := stated_day(part, schedule):
        plan = of_day(plans, day)
        return [plan] if plan else []
    year, _ = stated_year(part)
    return None if year is None else of_year(plans, year)


def nearness(part: Part, plan: ReleasePlan) -> tuple[bool, int, datetime.date, int]:
    """Return a key by which the nearest of several releases of a year comes first.

    Nearest is the one whose order file came in the same archive, then the one whose day a name comes next to, then the
    first of the year.
    """
    return not packed_together(part, plan), _days_between(part, plan), plan.effective, plan.correction


def _days_between(part: Part, plan: ReleasePlan) -> int:
    """Return how many days a release is from the day that names give; 0 where they give none.

    A file that was put up on a day is of a release that begins later.
    """
    if named := part.facts["name_date"] or part.facts["archive_date"]:
        return abs((plan.effective - datetime.date.fromisoformat(named)).days)
    if updated := part.facts["archive_updated"]:
        days = (plan.effective - datetime.date.fromisoformat(updated)).days
        return days if days > 0 else OVERTAKEN - days
    return 0


def packed_together(part: Part, plan: ReleasePlan) -> bool:
    """Return whether the order file of a release, or what was joined to it already, came in the archive of a file."""
    archive = part.origin.archive_sha256
    return archive is not None and any(
        one.origin.archive_sha256 == archive for one in (*plan.authorities, *plan.companions)
    )


def waiting(part: Part, what: str, schedule: Schedule) -> str:
    """Return why a file that belongs to no loaded release is kept."""
    day = stated_day(part, schedule)
    if day:
        return f"{what} of {version_label('fiscal', day)}, of which no release is loaded; it waits for one"
    year, _ = stated_year(part)
    if year:
        return f"{what} of {year}, of which no release is loaded; it waits for one"
    return f"{what} of which nothing names the year; it is kept: give --version"


def with_nearest(
    plans: list[ReleasePlan], fitting: Mapping[str, Sequence[Fitting]], what: str
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans, each with the nearest of the files that fit it and its copies; and the files that no plan has.

    Args:
        plans: The releases.
        fitting: By version.
        what: Which kind of file it is, for the reasons.
    """
    attached: dict[str, list[Part]] = {}
    passed_over: dict[Part, str] = {}
    for plan in plans:
        taken, others = _nearest_first(fitting.get(plan.version, ()), plan, what)
        attached[plan.version] = list(taken)
        passed_over |= dict(others)
    joined = {part for parts in attached.values() for part in parts}
    return with_companions(plans, attached), [item for item in passed_over.items() if item[0] not in joined]


def _nearest_first(candidates: Sequence[Fitting], plan: ReleasePlan, what: str) -> tuple[tuple[Part, ...], Refused]:
    """Return of all files that fit a release the nearest with its copies; and the others, with the reason."""
    ordered = sorted(candidates, key=lambda item: (*item[:2], nearness(item[2], plan), item[2].origin.label))
    if not ordered:
        return (), []
    first = ordered[0][2]
    taken = tuple(part for _, _, part in ordered if part.origin.sha256 == first.origin.sha256)
    others: Refused = [
        (part, f"another {what} of {plan.version}, which {first.origin.label} is nearer to; it is kept")
        for _, _, part in ordered
        if part not in taken
    ]
    return taken, others
