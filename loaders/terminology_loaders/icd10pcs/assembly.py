"""Which releases a set of ICD-10-PCS files makes: order files and addenda, tables, definitions, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from terminology.drafts import Assembly, Draft, Part

from ..order.companions import Fitting, left_open, nearness, packed_together, rank_of, waiting, with_nearest
from ..order.conversion import FirstDays, conversion_between, idle_conversions
from ..order.dating import Schedule
from ..order.listed import with_codes
from ..order.plan import Refused, ReleasePlan, base_of, former_days, gaps_of, idle_addenda
from ..order.releases import plans_of
from .building import Ingredients, built

SCHEDULE = Schedule("icd10pcs", first_april=2022)

KINDS = ("order", "codes", "addenda", "tables", "definitions", "index", "conversion")


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in KINDS}
    introduced = FirstDays(of_kind["conversion"]).introduced
    plans, refused = plans_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    plans, strayed = with_codes(plans, of_kind["codes"], of_kind["addenda"], SCHEDULE, introduced)
    plans, unplaced = _joined(plans, of_kind["tables"], _by_codes)
    strayed += unplaced
    for kind in ("definitions", "index"):
        plans, unplaced = _joined(plans, of_kind[kind], _by_tables)
        strayed += unplaced
    drafts = _drafts(plans, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10pcs", plans)),
        refused=tuple(refused),
        unused=(*strayed, *idle_addenda(of_kind["addenda"], plans), *idle_conversions(of_kind["conversion"], drafts)),
    )


def _joined(
    plans: list[ReleasePlan], parts: Sequence[Part], nearer: Callable[[Part, ReleasePlan], tuple[Any, ...]]
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with what belongs to each, by the evidence of `order.companions`; and what belongs to none.

    Of several files of a kind that fit a release the nearest one is taken, with its copies; the others are kept.

    Args:
        plans: The releases.
        parts: Files of one kind.
        nearer: A key by which the nearest of the releases that names leave open comes first.
    """
    fitting: dict[str, list[Fitting]] = {}
    unused: Refused = []
    for part in parts:
        plan = _plan_of(part, plans, nearer)
        if plan is None:
            unused.append((part, waiting(part, part.kind, SCHEDULE)))
        else:
            candidate = (rank_of(part, SCHEDULE), _unlikeness(part, plan), part)
            fitting.setdefault(plan.version, []).append(candidate)
    plans, passed_over = with_nearest(plans, fitting, f"file of {parts[0].kind}" if parts else "")
    return plans, [*unused, *passed_over]


def _plan_of(
    part: Part, plans: Sequence[ReleasePlan], nearer: Callable[[Part, ReleasePlan], tuple[Any, ...]]
) -> ReleasePlan | None:
    named = left_open(part, plans, SCHEDULE)
    if named is None:
        named = [plan for plan in plans if packed_together(part, plan) or _has_codes_of(part, plan)]
    return min(named, key=lambda plan: nearer(part, plan), default=None)


def _has_codes_of(part: Part, plan: ReleasePlan) -> bool:
    """Return whether tables make just the codes of a release's order file; False of other files."""
    return not plan.derived and part.facts.get("billable_digest") == plan.billable_digest


def _unlikeness(part: Part, plan: ReleasePlan) -> int:
    """Return by how much the codes of tables differ from those of a release; 0 of files without codes."""
    if part.kind != "tables" or _has_codes_of(part, plan):
        return 0
    counts = (part.facts["codes"], part.facts["headers"])
    return 1 + int(sum(abs(here - there) for here, there in zip(plan.counts, counts, strict=True)))


def _by_codes(part: Part, plan: ReleasePlan) -> tuple[Any, ...]:
    """Return a key of nearness for tables: just the codes of the release, then their number."""
    return (
        not _has_codes_of(part, plan),
        abs(plan.counts[0] - part.facts["codes"]),
        abs(plan.counts[1] - part.facts["headers"]),
        *nearness(part, plan),
    )


def _by_tables(part: Part, plan: ReleasePlan) -> tuple[Any, ...]:
    """Return a key of nearness for files without codes: CMS publishes them together with tables."""
    packed, *others = nearness(part, plan)
    return (packed, not plan.of_kind("tables"), *others)


def _drafts(plans: Sequence[ReleasePlan], conversions: Sequence[Part]) -> tuple[Draft, ...]:
    former = former_days(plans)
    made = []
    for plan in plans:
        own = {kind: next(iter(plan.of_kind(kind)), None) for kind in ("tables", "definitions", "index")}
        before = former[plan.version]
        ingredients = Ingredients(
            order=plan.orders[0] if plan.orders else None,
            listed=plan.listed[0] if plan.listed else None,
            change=plan.change or plan.order_change,
            change_number=plan.change_number,
            backwards=plan.backwards,
            derived=plan.derived,
            base=base_of(plan, plans),
            **own,
            borrowed_tables=None if own["tables"] else _nearest(plan, plans, "tables"),
            borrowed_definitions=None if any(own.values()) else _nearest(plan, plans, "definitions"),
            conversion=conversion_between(conversions, before, plan.effective),
            former=before,
            effective=plan.effective,
        )
        helping = (
            ingredients.borrowed_tables,
            ingredients.borrowed_definitions,
            ingredients.base,
            ingredients.conversion,
            *(plan.orders if plan.listed else ()),
        )
        made.append(plan.draft(helping, partial(built, ingredients)))
    return tuple(made)


def _nearest(plan: ReleasePlan, plans: Sequence[ReleasePlan], kind: str) -> Part | None:
    """Return the part of a kind that the release nearest in time has, or None."""
    having = [other for other in plans if other.of_kind(kind)]
    nearest = min(
        having,
        key=lambda other: (abs((other.effective - plan.effective).days), other.effective, other.correction),
        default=None,
    )
    return nearest.of_kind(kind)[0] if nearest else None
