"""Which releases a set of order files and addenda makes: dating, corrections, derivation.

ICD-10-CM and ICD-10-PCS share it; what else their releases hold (tabular list, tables) is each loader's own.

Files of one name differ, and a release may have no order file at all; so counts prove what names only suggest.
CMS published two files ``icd10cm_order_2023.txt``: 96,745 lines in October 2022, 96,795 in April 2023. The addenda of
April says "73639 codes in" the first and "73674 codes in" the second: the addenda's old side is the one, its new side
the other, and each finds its day. Three things follow from the same counts:

- An order file that its own archive's addenda counts otherwise was cut short and is rejected.
- A release whose order file is missing is derived: its neighbour's rows, the addenda applied. The ICD-10-PCS addenda of
  fiscal year 2026 starts from 78,986 codes, those of April 2025; the October file has 78,948: a gap is reported.
- An errata counts nothing. It corrects the release from whose rows its few lines lead to the errata's own file: that
  of ICD-10-PCS of January 12, 2022 adds ``XW023X7`` and ``XW023Y7``.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from attrs import evolve

from terminology.drafts import Part
from terminology.periods import version_label, year_of, year_start
from terminology.reading.dates import Dating, year_in

from .addenda import changes_of
from .changes import applied, unreconciled
from .dating import DEFAULT, FIRST_YEAR, Introduced, Schedule, dating_of, nothing_dated
from .file import OrderRows
from .plan import Refused, ReleasePlan, addenda_year, by_counts, counts_as, counts_of, side_counts

Candidate = tuple[Dating, Part, tuple[Part, ...]]
"""An order file with its day, and the addenda that lead to it."""


def plans_of(
    orders: Sequence[Part], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced = nothing_dated
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans of the releases that order files and addenda make, by day; and what is rejected."""
    disproved = _disproved(orders, addenda)
    gone = {part.identity for part, _ in disproved}
    orders, addenda = ([part for part in parts if part.identity not in gone] for parts in (orders, addenda))
    amendments = {order: found for order in orders if (found := _amendment(order, addenda))}
    ordinary = [order for order in orders if order not in amendments]
    plans, refused = _dated(ordinary, addenda, schedule, introduced)
    refused += disproved
    for order in sorted(amendments, key=lambda order: (order.facts["codes"], order.origin.label)):
        dating = dating_of(order, [amendments[order]], schedule, introduced)
        _correct(plans, refused, order, amendments[order], dating)
    plans, unproved = _with_derived(plans, addenda, schedule, introduced)
    return plans, [*refused, *unproved]


def _disproved(orders: Sequence[Part], addenda: Sequence[Part]) -> Refused:
    """Return order files that the addenda of their own archive count otherwise: cut short; with these addenda."""
    archives = [order.origin.archive_sha256 for order in orders]
    found: Refused = []
    for order in orders:
        own = order.origin.archive_sha256
        if own is None or archives.count(own) > 1:
            continue
        year = order.facts["name_year"]
        counted = [
            part
            for part in addenda
            if part.origin.archive_sha256 == own and side_counts(part, "new") and year in (None, addenda_year(part))
        ]
        if not counted or any(counts_as(order, side_counts(part, "new")) for part in counted):
            continue
        codes, headers = side_counts(counted[0], "new") or (0, 0)
        has = "{:,} codes and {:,} headers".format
        found.append(
            (
                order,
                f"expected {has(codes, headers)}, as {counted[0].origin.label} counts, got {has(*counts_of(order))}",
            )
        )
        found += [(part, f"counts other rows than {order.origin.label} has") for part in counted]
    return found


def _amendment(order: Part, addenda: Sequence[Part]) -> Part | None:
    """Return the order addenda of the order file's own archive that lists changes and counts nothing, or None.

    That is how an errata is published: a few lines without a summary.
    """
    own = order.origin.archive_sha256
    if own is None:
        return None
    found = [part for part in addenda if part.origin.archive_sha256 == own and part.facts["level"] == "order"]
    if any("new_name" in part.facts for part in found):
        return None
    return next((part for part in found if part.facts.get("changes")), None)


def _addenda_of(order: Part, addenda: Sequence[Part]) -> tuple[Part, ...]:
    """Return the addenda whose new side is the order file: from its own archive first, order addenda first."""
    year = order.facts["name_year"]
    found = []
    for part in addenda:
        counts = part.facts.get("codes", {})
        same_year = year is None or addenda_year(part) in (None, year)
        both = side_counts(part, "new")
        counted = counts_as(order, both) if both else _counts_codes_of(order, counts.get("new"))
        if same_year and counted and _may_lead_to(part, order):
            found.append(part)
    own = order.origin.archive_sha256
    return tuple(
        sorted(
            found,
            key=lambda part: (
                own is None or part.origin.archive_sha256 != own,
                part.facts["level"] != "order",
                # an addenda that changes something says more than an empty one
                not part.facts["codes"].get("additions"),
            ),
        )
    )


def _counts_codes_of(order: Part, codes: int | None) -> bool:
    """Return whether a codes addenda counts the billable codes of an order file; lines left out may be among them."""
    return codes is not None and 0 <= codes - order.facts["codes"] <= order.lines_left_out


def _may_lead_to(addenda: Part, order: Part) -> bool:
    """Return False for an addenda that changes nothing and came with another order file: it fits both of its sides."""
    if "old_name" not in addenda.facts or addenda.facts.get("changes"):
        return True
    together = addenda.origin.archive_sha256 == order.origin.archive_sha256
    return together and addenda.facts["name_date"] == order.facts["name_date"]


def _dated(
    orders: Sequence[Part], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced
) -> tuple[list[ReleasePlan], Refused]:
    """Return one plan a day; order files of other content that are dated to the same day are rejected."""
    refused: Refused = []
    candidates: dict[datetime.date, list[Candidate]] = {}
    archives = {order.origin.archive_sha256 for order in orders}
    for order in orders:
        # what came with another order file leads to that one
        apart = archives - {None, order.origin.archive_sha256}
        companions = _addenda_of(order, [part for part in addenda if part.origin.archive_sha256 not in apart])
        own = [part for part in companions if part.origin.archive_sha256 == order.origin.archive_sha256]
        dating = dating_of(order, own or companions, schedule, introduced)
        if dating is None:
            refused.append((order, _undated(order)))
            continue
        candidates.setdefault(dating.day, []).append((dating, order, tuple(own or companions)))
    plans = []
    for day, claimants in sorted(candidates.items()):
        found = _corrected(claimants, refused)
        found.sort(key=lambda candidate: (candidate[0].rank, candidate[1].origin.label))
        best, first, _ = found[0]
        same = [candidate for candidate in found if candidate[1].facts["digest"] == first.facts["digest"]]
        others = [candidate for candidate in found if candidate not in same]
        equal = [candidate for candidate in others if candidate[0].rank == best.rank]
        refused += [(order, _contradiction(first, day, equal=bool(equal))) for _, order, _ in others]
        if equal:
            # neither is more likely: whichever was there before stays, of two new ones none is taken
            refused += [(order, _contradiction(equal[0][1], day, equal=True)) for _, order, _ in same]
            continue
        leading = {part.identity: part for _, _, parts in same for part in parts}
        plans.append(
            ReleasePlan(
                day, tuple(order for _, order, _ in same), counts_of(first), best.warnings, tuple(leading.values())
            )
        )
    return plans, refused


def _corrected(candidates: Sequence[Candidate], refused: Refused) -> list[Candidate]:
    """Return order files of one day without those that lack lines which another of them has; these are rejected."""
    found = []
    for candidate in candidates:
        order = candidate[1]
        whole = next((other for _, other, _ in candidates if _has_lines_of(other, order)), None)
        if whole:
            refused.append((order, f"lacks {order.lines_left_out} lines that {whole.origin.label} has"))
        else:
            found.append(candidate)
    return found


def _has_lines_of(order: Part, lacking: Part) -> bool:
    """Return whether an order file has what another lacks, of which lines could not be read: it is the corrected one."""
    more = sum(counts_of(order)) - sum(counts_of(lacking))
    return bool(lacking.lines_left_out) and not order.lines_left_out and more == lacking.lines_left_out


def _undated(order: Part) -> str:
    if order.version:
        return f"expected a version like 2024 or 2023-04, got {order.version!r}"
    return "nothing states on which day the file takes effect: give --effective"


def _contradiction(first: Part, day: datetime.date, *, equal: bool = False) -> str:
    evidence = "equal" if equal else "better"
    return (
        f"holds other rows than {first.origin.label}, which is of release {version_label('fiscal', day)} "
        f"by {evidence} evidence: give --effective"
    )


def _correct(plans: list[ReleasePlan], refused: Refused, order: Part, amendment: Part, dating: Dating | None) -> None:
    """Put the plan of an errata after that of the release which it proves to correct, else alone on its own day."""
    for place, plan in enumerate(plans):
        if plan.orders[0].facts["digest"] == order.facts["digest"]:
            merged = evolve(plan, orders=(*plan.orders, order), addenda=(*plan.addenda, amendment))
            plans[place] = merged
            return
    corrected = [plan for plan in plans if _leads(plan.orders[0], amendment, order)]
    named = dating.day if dating and dating.rank < DEFAULT else None
    for plan in reversed(corrected):
        if named in (None, plan.effective):
            made = ReleasePlan(
                plan.effective, (order,), counts_of(order), addenda=(amendment,), correction=plan.correction + 1
            )
            plans.insert(plans.index(plan) + 1, made)
            return
    if dating is None:
        refused.append((order, _undated(order)))
        return
    rival = next((plan for plan in plans if plan.effective == dating.day), None)
    if rival:
        refused.append((order, _contradiction(rival.orders[0], dating.day)))
        return
        # what it adds to is not loaded, or is of another day: then it is an update of its own
    number = 0 if corrected else 1
    if order.version:
        number = int(order.version.partition(".")[2] or 0)
    plans.append(ReleasePlan(dating.day, (order,), counts_of(order), dating.warnings, (amendment,), correction=number))
    plans.sort(key=lambda plan: (plan.effective, plan.correction))


def _leads(base: Part, amendment: Part, order: Part) -> bool:
    """Return whether an amendment leads from one order file to the other, line by line."""
    counted = amendment.facts["changes"]
    if sum(counts_of(base)) + counted.get("add", 0) - counted.get("delete", 0) != sum(counts_of(order)):
        return False
    rows = OrderRows.from_table(base.tables["rows"])
    wanted = OrderRows.from_table(order.tables["rows"])
    return applied(rows, changes_of(amendment.tables["changes"])).values() == wanted.values()


def _with_derived(
    plans: list[ReleasePlan], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with those of releases that an addenda proves; and the addenda whose counts do not come out.

    Forward from its old side, or back from its new. Backwards only from an update inside a year to that year's first
    release: of any other, the first day would be a guess.
    """
    refused: Refused = []
    days = {plan.effective for plan in plans}
    made: dict[datetime.date, ReleasePlan] = {}
    for part in addenda:
        plan = _derived(part, plans, addenda, schedule, introduced)
        if plan is None or plan.effective in days | made.keys():
            continue
        if why := unreconciled(plan.orders[0], part, backwards=plan.backwards):
            refused.append((part, why))
        else:
            made[plan.effective] = plan
    gone = {part.identity for part, _ in refused}
    kept = [evolve(plan, addenda=tuple(one for one in plan.addenda if one.identity not in gone)) for plan in plans]
    return sorted([*kept, *made.values()], key=lambda plan: (plan.effective, plan.correction)), refused


def _derived(
    part: Part, plans: Sequence[ReleasePlan], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced
) -> ReleasePlan | None:
    """Return the plan of the release that an addenda and one of its sides make, or None."""
    old, new = side_counts(part, "old"), side_counts(part, "new")
    if old is None or new is None or "old_name" not in part.facts:
        return None
    after = [plan for plan in plans if part in plan.addenda]
    # where nothing changed, the later release has the counts of the earlier one
    before = [plan for plan in by_counts(plans, old, part.facts["old_name"]) if plan not in after]
    if before and not after:
        dating = dating_of(part, [part], schedule, introduced)
        if dating is None:
            return None
        leading = (part, *_twins(part, addenda))
        return ReleasePlan(dating.day, before[-1].orders, new, dating.warnings, addenda=leading, change=part)
    same_year = year_in(part.facts["old_name"], FIRST_YEAR) == year_in(part.facts["new_name"], FIRST_YEAR)
    # an order file of which lines were left out has the counts of neither side
    if after and not before and same_year and after[0].has_counts(new):
        day = year_start("fiscal", year_of("fiscal", after[0].effective))
        return ReleasePlan(day, after[0].orders, old, change=part, backwards=True) if day < after[0].effective else None
    return None


def _twins(part: Part, addenda: Sequence[Part]) -> list[Part]:
    """Return the other addenda of the same step: the codes addenda beside an order addenda, a second copy."""
    names = ("old_name", "new_name", "codes")
    step = [part.facts[name] for name in names]
    return [other for other in addenda if other is not part and [other.facts.get(name) for name in names] == step]
