"""Which releases a set of ICD-10-CM files makes: order files and addenda, tabular lists, indexes, conversion tables."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial

from terminology.drafts import Assembly, Draft, Part
from terminology.periods import year_of
from terminology.reading import whole_number

from ..order.conversion import FirstDays, conversion_between, idle_conversions
from ..order.dating import Schedule
from ..order.plan import Refused, ReleasePlan, base_of, former_days, gaps_of, with_codes, with_companions
from ..order.releases import plans_of
from .building import Ingredients, built

SCHEDULE = Schedule("icd10cm", first_april=0)

NEARLY_ALL = 0.98
"""Share of a release's billable codes that a tabular list must expand to, to be taken for its list."""

KINDS = ("order", "codes", "addenda", "tabular", "conversion", "index")


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in KINDS}
    introduced = FirstDays(of_kind["conversion"]).introduced
    plans, refused = plans_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    plans, unused = with_codes(plans, of_kind["codes"])
    plans, unlisted = _with_tabular(plans, of_kind["tabular"])
    plans, unindexed, contradicted = with_indexes(plans, of_kind["index"])
    drafts = _drafts(plans, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10cm", plans)),
        refused=(*refused, *contradicted),
        unused=(*unused, *unlisted, *unindexed, *idle_conversions(of_kind["conversion"], drafts)),
    )


def _with_tabular(plans: list[ReleasePlan], tabular: Sequence[Part]) -> tuple[list[ReleasePlan], Refused]:
    """Return the plans with their tabular lists: each list joins the codes that it expands to.

    Where several releases hold these codes, the day in the member's name decides, then its year.
    """
    attached: dict[str, list[Part]] = {}
    unused = []
    for part in tabular:
        plan = _expanding_to(part, plans)
        if plan is None:
            unused.append((part, "tabular list whose codes are those of no loaded order file"))
        else:
            attached.setdefault(plan.version, []).append(part)
    return with_companions(plans, attached), unused


def _expanding_to(tabular: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    own = [plan for plan in plans if not plan.derived]
    if tabular.effective:
        return next((plan for plan in own if plan.effective == tabular.effective), None)
    exact = [plan for plan in own if plan.billable_digest == tabular.facts["billable_digest"]]
    near = exact or _nearest_sets(tabular, own)
    if not near:
        return None
    named, year = tabular.facts["name_date"], tabular.facts["name_year"]
    return min(
        near,
        key=lambda plan: (
            plan.effective.isoformat() != named,
            year_of("fiscal", plan.effective) != year,
            plan.effective,
        ),
    )


def _nearest_sets(tabular: Part, plans: Sequence[ReleasePlan]) -> list[ReleasePlan]:
    """Return the plans whose codes are nearly all in the expansion, with the smallest difference."""
    wanted = tabular.facts["codes"]
    close = [plan for plan in plans if NEARLY_ALL * wanted <= plan.counts[0] <= wanted / NEARLY_ALL]
    if not close:
        return []
    import pyarrow.compute as pc

    expansion = tabular.tables["expansion"].column("code").combine_chunks()
    differences: dict[str, int] = {}
    for plan in close:
        digest = plan.billable_digest
        if digest not in differences:
            table = plan.orders[0].tables["rows"]
            codes = table.filter(table.column("billable")).column("code")
            common = pc.sum(pc.is_in(codes, value_set=expansion)).as_py()
            differences[digest] = len(codes) + len(expansion) - 2 * common
    least = min(differences.values())
    if least > (1 - NEARLY_ALL) * wanted:
        return []
    return [plan for plan in close if differences[plan.billable_digest] == least]


def with_indexes(plans: list[ReleasePlan], indexes: Sequence[Part]) -> tuple[list[ReleasePlan], Refused, Refused]:
    """Return the plans with their index files; those of which no release is planned; those that contradict another.

    An index says its fiscal year at most, so that a year's index joins the first release of the year unless its
    own name, or what it was packed with, says more.
    """
    attached: dict[str, list[Part]] = {}
    unused: Refused = []
    refused: Refused = []
    for part in indexes:
        plan = _plan_of_index(part, plans)
        if plan is None:
            year = _index_year(part) or "an unknown year"
            unused.append((part, f"index of {year}, of which no release is loaded"))
            continue
        taken = attached.setdefault(plan.version, [])
        other = next((one for one in taken if one.facts["which"] == part.facts["which"]), None)
        if other and other.origin.sha256 != part.origin.sha256:
            message = f"holds another {part.facts['which']} index than {other.origin.label}, which is of release "
            refused.append((part, f"{message}{plan.version} by equal evidence: give --effective"))
        else:
            taken.append(part)
    return with_companions(plans, attached), unused, refused


def _plan_of_index(part: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the plan of the release that the index belongs to, by the best evidence there is, or None."""
    if part.effective or part.version:
        return next((plan for plan in plans if part.effective == plan.effective or part.version == plan.version), None)
    facts = part.facts
    packed = [plan for plan in plans if _packed_together(part, plan)]
    of_year = [plan for plan in plans if year_of("fiscal", plan.effective) == _index_year(part)]
    named = facts["name_date"] or (None if packed else facts["archive_date"])
    if named is not None:
        day = datetime.date.fromisoformat(named)
        year = year_of("fiscal", day)
        near = [plan for plan in plans if year_of("fiscal", plan.effective) == year]
        return min(near, key=lambda plan: (abs((plan.effective - day).days), plan.effective), default=None)
    return next(iter(packed), None) or next(iter(of_year), None)


def _packed_together(part: Part, plan: ReleasePlan) -> bool:
    archive = part.origin.archive_sha256
    packed = (*plan.orders, *plan.companions)
    return archive is not None and not plan.derived and any(p.origin.archive_sha256 == archive for p in packed)


def _index_year(part: Part) -> int | None:
    return whole_number(str(part.facts["version"])) or part.facts["name_year"] or part.facts["archive_year"]


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
            order=plan.orders[0],
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
        helping = (borrowed, ingredients.base, ingredients.conversion)
        made.append(plan.draft(helping, partial(built, ingredients)))
    return tuple(made)
