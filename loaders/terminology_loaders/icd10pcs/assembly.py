"""Which releases a set of ICD-10-PCS files makes: order files and addenda, tables, definitions, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from terminology.drafts import Assembly, Draft, Part
from terminology.periods import year_of
from terminology.reading import whole_number

from ..order.conversion import FirstDays, conversion_between, idle_conversions
from ..order.dating import Schedule
from ..order.plan import Refused, ReleasePlan, base_of, former_days, gaps_of, with_companions
from ..order.releases import plans_of
from .building import Ingredients, built

SCHEDULE = Schedule("icd10pcs", first_april=2022)

KINDS = ("order", "addenda", "tables", "definitions", "index", "conversion")
NEARLY_ALL = 0.995
"""Share of a release's codes that tables of the same year must hold, where they hold the codes of no release exactly."""


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in KINDS}
    introduced = FirstDays(of_kind["conversion"]).introduced
    plans, refused = plans_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    plans, strayed = _joined(plans, of_kind["tables"], _holding)
    for kind in ("definitions", "index"):
        plans, unplaced = _joined(plans, of_kind[kind], _named)
        strayed += unplaced
    drafts = _drafts(plans, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10pcs", plans)),
        refused=tuple(refused),
        unused=(*strayed, *idle_conversions(of_kind["conversion"], drafts)),
    )


def _joined(
    plans: list[ReleasePlan],
    parts: Sequence[Part],
    find: Callable[[Part, Sequence[ReleasePlan]], ReleasePlan | None],
) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with what belongs to each; and what belongs to none."""
    attached: dict[str, list[Part]] = {}
    unused = []
    for part in parts:
        if part.effective:
            plan = next((plan for plan in reversed(plans) if plan.effective == part.effective), None)
        else:
            plan = find(part, plans)
        if plan is None:
            unused.append((part, f"{part.kind} of a release whose order file is not loaded"))
        else:
            attached.setdefault(plan.version, []).append(part)
    return with_companions(plans, attached), unused


def _holding(part: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the plan of the release whose codes the tables make: just these, else of the same year all but a few."""
    facts = part.facts
    counts = (facts["codes"], facts["headers"])
    own = [plan for plan in plans if not plan.derived and plan.billable_digest == facts["billable_digest"]]
    year = whole_number(facts["version"]) or facts["name_year"]
    same_year = [plan for plan in plans if year_of("fiscal", plan.effective) == year]
    near = own or [plan for plan in same_year if plan.counts == counts]
    if not near:
        near = [plan for plan in same_year if NEARLY_ALL * counts[0] <= plan.counts[0] <= counts[0] / NEARLY_ALL]
    archive = part.origin.archive_sha256
    return min(
        near,
        key=lambda plan: (
            archive is None or archive not in plan.archives,
            year_of("fiscal", plan.effective) != year,
            abs(plan.counts[0] - counts[0]),
            plan.effective,
            plan.correction,
        ),
        default=None,
    )


def _named(part: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the plan of the release that a file without codes belongs to: of its archive, else of its year.

    In the year the one with tables comes first: CMS publishes the three together.
    """
    year = whole_number(part.facts["version"]) or part.facts["name_year"]
    archive = part.origin.archive_sha256
    packed = [plan for plan in plans if archive and (archive in plan.archives or _came_in(plan, archive))]
    same_year = [plan for plan in plans if year_of("fiscal", plan.effective) == year]
    return min(
        packed or same_year,
        key=lambda plan: (not plan.of_kind("tables"), plan.effective, plan.correction),
        default=None,
    )


def _came_in(plan: ReleasePlan, archive: str) -> bool:
    return any(part.origin.archive_sha256 == archive for part in plan.companions)


def _drafts(plans: Sequence[ReleasePlan], conversions: Sequence[Part]) -> tuple[Draft, ...]:
    former = former_days(plans)
    made = []
    for plan in plans:
        own = {kind: next(iter(plan.of_kind(kind)), None) for kind in ("tables", "definitions", "index")}
        before = former[plan.version]
        ingredients = Ingredients(
            order=plan.orders[0],
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
