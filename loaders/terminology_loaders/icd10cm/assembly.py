"""Which releases a set of ICD-10-CM files makes: order files and addenda, tabular lists, indexes, conversion tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from terminology.drafts import Assembly, Draft, Part

from ..order.conversion import FirstDays, conversion_between, idle_conversions
from ..order.dating import Schedule
from ..order.listed import with_codes
from ..order.plan import ReleasePlan, base_of, former_days, gaps_of, idle_addenda
from ..order.releases import plans_of
from .building import Ingredients, built
from .joining import with_indexes, with_tabular

SCHEDULE = Schedule("icd10cm", first_april=0)

KINDS = ("order", "codes", "addenda", "tabular", "conversion", "index")


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in KINDS}
    introduced = FirstDays(of_kind["conversion"]).introduced
    plans, refused = plans_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    plans, unused = with_codes(plans, of_kind["codes"], of_kind["addenda"], SCHEDULE, introduced)
    plans, unlisted = with_tabular(plans, of_kind["tabular"], SCHEDULE)
    plans, unindexed, contradicted = with_indexes(plans, of_kind["index"], SCHEDULE)
    drafts = _drafts(plans, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10cm", plans)),
        refused=(*refused, *contradicted),
        unused=(
            *unused,
            *unlisted,
            *unindexed,
            *idle_addenda(of_kind["addenda"], plans),
            *idle_conversions(of_kind["conversion"], drafts),
        ),
    )


def _drafts(plans: Sequence[ReleasePlan], conversions: Sequence[Part]) -> tuple[Draft, ...]:
    former = former_days(plans)
    listed = [plan for plan in plans if plan.of_kind("tabular")]
    made = []
    for plan in plans:
        nearest = min(listed, key=lambda o: (abs((o.effective - plan.effective).days), o.effective), default=None)
        own = plan.of_kind("tabular")
        borrowed = nearest.of_kind("tabular")[0] if nearest and not own else None
        before = former[plan.version]
        ingredients = Ingredients(
            order=plan.orders[0] if plan.orders else None,
            listed=plan.listed[0] if plan.listed else None,
            change=plan.change or plan.order_change,
            change_number=plan.change_number,
            backwards=plan.backwards,
            derived=plan.derived,
            base=base_of(plan, plans),
            codes=plan.codes,
            tabular=own[0] if own else None,
            borrowed=borrowed,
            conversion=conversion_between(conversions, before, plan.effective),
            former=before,
            effective=plan.effective,
            indexes=plan.of_kind("index"),
        )
        helping = (borrowed, ingredients.base, ingredients.conversion, *(plan.orders if plan.listed else ()))
        made.append(plan.draft(helping, partial(built, ingredients)))
    return tuple(made)
