"""Codes files: beside an order file they prove it; where no order file is here, they make the release.

A codes file lists the billable codes with their long titles, in the publisher's order. CMS put up order files of
ICD-10-PCS with the updates of fiscal years 2022 to 2024 alone; of each October there is the codes file. What it does not
say is taken from the nearest order file, and marked: headers, and the short titles of codes whose title is the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from attrs import evolve, frozen

from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading.dates import Dating

from .changes import CATEGORY, derived_rows
from .dating import Introduced, Schedule, dating_of, nothing_dated
from .file import OrderRows, code_digest
from .plan import Refused, ReleasePlan, addenda_year


@frozen
class Listing:
    """A codes file without an order file, with its day and the addenda that lead to it."""

    dating: Dating
    part: Part
    leading: tuple[Part, ...]


def with_codes(
    plans: list[ReleasePlan],
    codes: Sequence[Part],
    addenda: Sequence[Part],
    schedule: Schedule,
    introduced: Introduced = nothing_dated,
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with their codes files, and those that codes files make; and the files that belong to none.

    A codes file belongs to the order file of its archive, else to one of the same codes, else to one of the same name,
    else to the derived release that has its codes.
    """
    attached: dict[str, list[Part]] = {}
    alone: list[Part] = []
    for part in codes:
        chosen = _plan_of(part, plans)
        if chosen:
            attached.setdefault(chosen.version, []).append(part)
        else:
            alone.append(part)
    plans = [_with_own(plan, attached.get(plan.version, ()), addenda) for plan in plans]
    return _with_listed(plans, alone, addenda, schedule, introduced)


def _with_own(plan: ReleasePlan, codes: Sequence[Part], addenda: Sequence[Part]) -> ReleasePlan:
    """Return a plan with its codes files, and the addenda that came with one of them and lead to it."""
    leading = [one for one in addenda if any(_leads_to(one, part) for part in codes)]
    further = [one for one in leading if one.facts["level"] == "codes" and one not in plan.addenda]
    return evolve(plan, codes=tuple(codes), addenda=(*plan.addenda, *further))


def _plan_of(part: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    own = [plan for plan in plans if not plan.derived and part.origin.archive_sha256 in plan.archives]
    same = [plan for plan in plans if not plan.derived and plan.billable_digest == part.facts["billable_digest"]]
    named = [plan for plan in plans if not plan.derived and any(_same_name(part, order) for order in plan.orders)]
    found = own or [plan for plan in same if plan in named] or same or named
    if not found:
        derived = (plan for plan in plans if plan.change and plan.counts[0] == part.facts["codes"])
        found = [plan for plan in derived if _billable_digest(plan) == part.facts["billable_digest"]]
    return found[0] if found else None


def _same_name(part: Part, order: Part) -> bool:
    names = ("name_date", "name_year")
    loose = part.origin.archive_sha256 is None and order.origin.archive_sha256 is None
    return loose and all(part.facts[name] == order.facts[name] for name in names)


def _billable_digest(plan: ReleasePlan) -> str | None:
    rows = rows_of(plan)
    return None if rows is None else code_digest(rows.billable_codes)


def _with_listed(
    plans: list[ReleasePlan],
    alone: Sequence[Part],
    addenda: Sequence[Part],
    schedule: Schedule,
    introduced: Introduced,
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with those of codes files without an order file: one a day, by the best evidence."""
    refused: Refused = []
    candidates: dict[datetime.date, list[Listing]] = {}
    for part in alone:
        leading = tuple(one for one in addenda if _leads_to(one, part))
        dating = dating_of(part, leading, schedule, introduced)
        if dating is None:
            refused.append((part, "codes file of which nothing states the day: give --effective"))
        else:
            candidates.setdefault(dating.day, []).append(Listing(dating, part, leading))
    made = {plan.version: plan for plan in plans}
    for day, listings in candidates.items():
        plan, wrong = _listed_plan(day, listings, plans)
        refused += wrong
        if plan:
            made[plan.version] = plan
    return sorted(made.values(), key=lambda plan: (plan.effective, plan.correction)), refused


def _listed_plan(
    day: datetime.date, listings: Sequence[Listing], plans: Sequence[ReleasePlan]
) -> tuple[ReleasePlan | None, Refused]:
    """Return the plan that the codes files of a day make, None where they make none; and those that are rejected."""
    ordered = sorted(listings, key=lambda one: (one.dating.rank, one.part.origin.label))
    first = ordered[0]
    equal = [one.part for one in ordered if one.part.facts["billable_digest"] == first.part.facts["billable_digest"]]
    others = [one for one in ordered if one.part not in equal]
    everyone = (*equal, *(one.part for one in others))
    if rival := next((plan for plan in plans if plan.effective == day and not plan.derived), None):
        why = f"lists other codes than {rival.authorities[0].origin.label}, which is of release {rival.version}"
        return None, [(part, why) for part in everyone]
    if any(one.dating.rank == first.dating.rank for one in others):
        why = "codes files of one day list different codes, and nothing says which is right: give --effective"
        return None, [(part, why) for part in everyone]
    plan = ReleasePlan(
        effective=day,
        orders=_nearest_order(plans, day),
        counts=(first.part.facts["codes"], 0),
        warnings=first.dating.warnings,
        addenda=first.leading,
        listed=tuple(equal),
    )
    why = f"lists other codes than {first.part.origin.label}, which has better evidence"
    return plan, [(one.part, why) for one in others]


def _leads_to(addenda: Part, codes: Part) -> bool:
    """Return whether an addenda came with a codes file, and counts its codes where it counts any.

    Loose files came together where their names, and the name that the addenda gives the new file, say the same: counts
    of different years may be equal.
    """
    together = addenda.origin.archive_sha256 == codes.origin.archive_sha256
    if addenda.origin.archive_sha256 is None:
        years = {addenda.facts["name_year"], addenda_year(addenda), codes.facts["name_year"]} - {None}
        together = addenda.facts["name_date"] == codes.facts["name_date"] and len(years) <= 1
    return together and addenda.facts.get("codes", {}).get("new") == codes.facts["codes"]


def _nearest_order(plans: Sequence[ReleasePlan], day: datetime.date) -> tuple[Part, ...]:
    """Return the order file of the release nearest in time, of two the earlier one; empty where none is here."""
    own = [plan for plan in plans if not plan.derived and not plan.listed]
    nearest = min(
        own, key=lambda plan: (abs((plan.effective - day).days), plan.effective, plan.correction), default=None
    )
    return nearest.orders[:1] if nearest else ()


def publisher_rows(order: Part | None, listed: Part | None) -> OrderRows:
    """Return the rows of an order file, or those of the codes file that stands for one."""
    if listed is not None:
        return rows_of_codes(listed, order)
    return OrderRows.from_table(order.tables["rows"]) if order else OrderRows([], [], [], [])


def rows_of(plan: ReleasePlan) -> OrderRows | None:
    """Return the rows of a release; None of a derived one that its addenda does not make."""
    rows = publisher_rows(plan.orders[0] if plan.orders else None, plan.listed[0] if plan.listed else None)
    if plan.change is None:
        return rows
    try:
        return derived_rows(rows, plan.change, plan.change_number, backwards=plan.backwards)
    except ReleaseFormatError:
        return None


def rows_of_codes(codes: Part, near: Part | None) -> OrderRows:
    """Return the rows of a codes file, with the headers and short titles that the nearest order file has for them.

    A header of which the codes file lists the code itself is none any more, and a code of the order file of which it
    lists what is below alone has become one. Each header stands before the first code below it.
    """
    columns = {name: codes.tables["rows"].column(name).to_pylist() for name in ("code", "title", "line")}
    listed = dict(zip(columns["code"], zip(columns["title"], columns["line"], strict=True), strict=True))
    known = OrderRows.from_table(near.tables["rows"]).values() if near else {}
    rows = OrderRows([], [], [], [], places=([], []))
    placed: set[str] = set()

    def put(code: str, short_title: str, title: str, line: int | None) -> None:
        rows.codes.append(code)
        rows.billable.append(line is not None)
        rows.short_titles.append(short_title)
        rows.titles.append(title)
        sources, lines = rows.places or ([], [])
        sources.append(None if line is None else 0)
        lines.append(line)

    for code, (title, line) in listed.items():
        for stem in (code[:length] for length in range(CATEGORY, len(code))):
            if stem in known and stem not in listed and stem not in placed:
                placed.add(stem)
                put(stem, *known[stem][1:], None)
        _, short_title, known_title = known.get(code, (False, "", ""))
        put(code, short_title if known_title == title else "", title, line)
    return rows
