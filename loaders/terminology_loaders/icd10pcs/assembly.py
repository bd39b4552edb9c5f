"""Which releases a set of ICD-10-PCS files makes: order files and addenda, tables, definitions, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from terminology.drafts import Assembly, Draft, Part
from terminology.periods import year_of
from terminology.reading import whole_number

from ..conversion import FirstDays, conversion_between, idle_conversions
from ..order_dating import Schedule
from ..order_edition import Refused, ReleasePlan
from ..order_releases import (
    base_of,
    editions_of,
    former_days,
    gaps_of,
    with_companions,
)
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
    editions, refused = editions_of(of_kind["order"], of_kind["addenda"], SCHEDULE, introduced)
    editions, strayed = _joined(editions, of_kind["tables"], _holding)
    for kind in ("definitions", "index"):
        editions, unplaced = _joined(editions, of_kind[kind], _named)
        strayed += unplaced
    drafts = _drafts(editions, of_kind["conversion"])
    return Assembly(
        drafts=drafts,
        gaps=tuple(gaps_of("icd10pcs", editions)),
        refused=tuple(refused),
        unused=(*strayed, *idle_conversions(of_kind["conversion"], drafts)),
    )


def _joined(
    editions: list[ReleasePlan],
    parts: Sequence[Part],
    find: Callable[[Part, Sequence[ReleasePlan]], ReleasePlan | None],
) -> tuple[list[ReleasePlan], Refused]:
    """Return the editions with what belongs to each; and what belongs to none."""
    attached: dict[str, list[Part]] = {}
    unused = []
    for part in parts:
        if part.effective:
            edition = next((e for e in reversed(editions) if e.effective == part.effective), None)
        else:
            edition = find(part, editions)
        if edition is None:
            unused.append((part, f"{part.kind} of a release whose order file is not loaded"))
        else:
            attached.setdefault(edition.version, []).append(part)
    return with_companions(editions, attached), unused


def _holding(part: Part, editions: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the edition of the codes that tables make: just these, else of the same year all but a few."""
    facts = part.facts
    counts = (facts["codes"], facts["headers"])
    own = [e for e in editions if not e.derived and e.billable_digest == facts["billable_digest"]]
    year = whole_number(facts["version"]) or facts["name_year"]
    same_year = [e for e in editions if year_of("fiscal", e.effective) == year]
    near = own or [e for e in same_year if e.counts == counts]
    if not near:
        near = [e for e in same_year if NEARLY_ALL * counts[0] <= e.counts[0] <= counts[0] / NEARLY_ALL]
    archive = part.origin.archive_sha256
    return min(
        near,
        key=lambda e: (
            archive is None or archive not in e.archives,
            year_of("fiscal", e.effective) != year,
            abs(e.counts[0] - counts[0]),
            e.effective,
            e.correction,
        ),
        default=None,
    )


def _named(part: Part, editions: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the edition that a file without codes belongs to: of its archive, else of its year.

    In the year the one with tables comes first: CMS publishes the three together.
    """
    year = whole_number(part.facts["version"]) or part.facts["name_year"]
    archive = part.origin.archive_sha256
    packed = [e for e in editions if archive and (archive in e.archives or _came_in(e, archive))]
    same_year = [e for e in editions if year_of("fiscal", e.effective) == year]
    return min(packed or same_year, key=lambda e: (not e.of_kind("tables"), e.effective, e.correction), default=None)


def _came_in(edition: ReleasePlan, archive: str) -> bool:
    return any(part.origin.archive_sha256 == archive for part in edition.companions)


def _drafts(editions: Sequence[ReleasePlan], conversions: Sequence[Part]) -> tuple[Draft, ...]:
    former = former_days(editions)
    made = []
    for edition in editions:
        own = {kind: next(iter(edition.of_kind(kind)), None) for kind in ("tables", "definitions", "index")}
        before = former[edition.version]
        ingredients = Ingredients(
            order=edition.orders[0],
            change=edition.change or edition.order_change,
            change_number=edition.change_number,
            backwards=edition.backwards,
            derived=edition.derived,
            base=base_of(edition, editions),
            **own,
            borrowed_tables=None if own["tables"] else _nearest(edition, editions, "tables"),
            borrowed_definitions=None if any(own.values()) else _nearest(edition, editions, "definitions"),
            conversion=conversion_between(conversions, before, edition.effective),
            former=before,
            effective=edition.effective,
        )
        helping = (
            ingredients.borrowed_tables,
            ingredients.borrowed_definitions,
            ingredients.base,
            ingredients.conversion,
        )
        made.append(edition.draft(helping, partial(built, ingredients)))
    return tuple(made)


def _nearest(edition: ReleasePlan, editions: Sequence[ReleasePlan], kind: str) -> Part | None:
    """Return the part of a kind that the edition nearest in time has, or None."""
    having = [other for other in editions if other.of_kind(kind)]
    nearest = min(
        having,
        key=lambda other: (abs((other.effective - edition.effective).days), other.effective, other.correction),
        default=None,
    )
    return nearest.of_kind(kind)[0] if nearest else None
