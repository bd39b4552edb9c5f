"""Which releases a set of ICD-10-CM files makes: order files and addenda, tabular lists, indexes, conversion tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from terminology.drafts import Assembly, Draft, Part
from terminology.periods import year_of

from ..conversion import FirstDays, conversion_between, idle_conversions
from ..order_dating import Schedule
from ..order_edition import Refused, ReleasePlan
from ..order_releases import (
    base_of,
    editions_of,
    former_days,
    gaps_of,
    with_codes,
    with_companions,
)
from .building import Ingredients, built
from .index_releases import with_indexes

SCHEDULE = Schedule("icd10cm", first_april=0)

NEARLY_ALL = 0.98
"""Share of a release's billable codes that a tabular list must expand to, to be taken for its list."""

KINDS = ("order", "codes", "addenda", "tabular", "conversion", "index")


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in KINDS}
    introduced = FirstDays(of_kind["conversion"]).introduced
    editions, refused = editions_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    editions, unused = with_codes(editions, of_kind["codes"])
    editions, unlisted = _with_tabular(editions, of_kind["tabular"])
    editions, unindexed, contradicted = with_indexes(editions, of_kind["index"])
    drafts = _drafts(editions, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10cm", editions)),
        refused=(*refused, *contradicted),
        unused=(*unused, *unlisted, *unindexed, *idle_conversions(of_kind["conversion"], drafts)),
    )


def _with_tabular(editions: list[ReleasePlan], tabular: Sequence[Part]) -> tuple[list[ReleasePlan], Refused]:
    """Return the editions with their tabular lists: each list joins the codes that it expands to.

    Where several releases hold these codes, the day in the member's name decides, then its year.
    """
    attached: dict[str, list[Part]] = {}
    unused = []
    for part in tabular:
        edition = _expanding_to(part, editions)
        if edition is None:
            unused.append((part, "tabular list whose codes are those of no loaded order file"))
        else:
            attached.setdefault(edition.version, []).append(part)
    return with_companions(editions, attached), unused


def _expanding_to(tabular: Part, editions: Sequence[ReleasePlan]) -> ReleasePlan | None:
    own = [edition for edition in editions if not edition.derived]
    if tabular.effective:
        return next((edition for edition in own if edition.effective == tabular.effective), None)
    exact = [edition for edition in own if edition.billable_digest == tabular.facts["billable_digest"]]
    near = exact or _nearest_sets(tabular, own)
    if not near:
        return None
    named, year = tabular.facts["name_date"], tabular.facts["name_year"]
    return min(
        near,
        key=lambda edition: (
            edition.effective.isoformat() != named,
            year_of("fiscal", edition.effective) != year,
            edition.effective,
        ),
    )


def _nearest_sets(tabular: Part, editions: Sequence[ReleasePlan]) -> list[ReleasePlan]:
    """Return the editions whose codes lie all but wholly in the expansion, with the smallest difference."""
    wanted = tabular.facts["codes"]
    close = [e for e in editions if NEARLY_ALL * wanted <= e.counts[0] <= wanted / NEARLY_ALL]
    if not close:
        return []
    import pyarrow.compute as pc

    expansion = tabular.tables["expansion"].column("code").combine_chunks()
    differences: dict[str, int] = {}
    for edition in close:
        digest = edition.billable_digest
        if digest not in differences:
            table = edition.orders[0].tables["rows"]
            codes = table.filter(table.column("billable")).column("code")
            common = pc.sum(pc.is_in(codes, value_set=expansion)).as_py()
            differences[digest] = len(codes) + len(expansion) - 2 * common
    least = min(differences.values())
    if least > (1 - NEARLY_ALL) * wanted:
        return []
    return [edition for edition in close if differences[edition.billable_digest] == least]


def _drafts(editions: Sequence[ReleasePlan], conversions: Sequence[Part]) -> tuple[Draft, ...]:
    former = former_days(editions)
    listed = [edition for edition in editions if edition.of_kind("tabular")]
    made = []
    for edition in editions:
        nearest = min(listed, key=lambda o: (abs((o.effective - edition.effective).days), o.effective), default=None)
        own = edition.of_kind("tabular")
        borrowed = nearest.of_kind("tabular")[0] if nearest and not own else None
        before = former[edition.version]
        ingredients = Ingredients(
            order=edition.orders[0],
            change=edition.change or edition.order_change,
            change_number=edition.change_number,
            backwards=edition.backwards,
            derived=edition.derived,
            base=base_of(edition, editions),
            codes=edition.codes,
            tabular=own[0] if own else None,
            borrowed=borrowed,
            conversion=conversion_between(conversions, before, edition.effective),
            former=before,
            effective=edition.effective,
            indexes=edition.of_kind("index"),
        )
        helping = (borrowed, ingredients.base, ingredients.conversion)
        made.append(edition.draft(helping, partial(built, ingredients)))
    return tuple(made)
