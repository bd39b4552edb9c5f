"""Which releases a set of ICD-10-CM files makes: dating, grouping, derivation, gaps."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from attrs import evolve, frozen

from terminology.drafts import Assembly, Draft, Part
from terminology.model import Gap
from terminology.periods import version_label, year_of, year_start

from .building import Ingredients, built
from .dating import DEFAULT, Dating, dating_of, year_in

Counts = tuple[int, int]

NEARLY_ALL = 0.98
"""Share of a release's billable codes that a tabular list must expand to, to be taken for its list."""


@frozen
class Edition:
    """A release in the making."""

    effective: datetime.date
    orders: tuple[Part, ...]
    """Order files of equal content; of a derived release the one it is derived from."""
    counts: Counts
    """Billable codes and headers."""
    warnings: tuple[str, ...] = ()
    addenda: tuple[Part, ...] = ()
    """Those whose new side this is."""
    change: Part | None = None
    """Of a derived release: the addenda that makes it."""
    backwards: bool = False
    """Whether the addenda is applied in reverse."""
    codes: tuple[Part, ...] = ()
    tabular: tuple[Part, ...] = ()

    @property
    def derived(self) -> bool:
        """Whether no order file of its own is here."""
        return self.change is not None

    @property
    def version(self) -> str:
        """The version label."""
        return version_label("fiscal", self.effective)


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    of_kind = {kind: [p for p in ordered if p.kind == kind] for kind in ("order", "codes", "addenda", "tabular")}
    editions, refused = _dated(of_kind["order"], of_kind["addenda"])
    editions = _with_derived(editions, of_kind["addenda"])
    editions, unused = _with_codes(editions, of_kind["codes"])
    editions, unlisted = _with_tabular(editions, of_kind["tabular"])
    return Assembly(
        drafts=tuple(_draft(edition, editions) for edition in editions),
        gaps=tuple(_gaps(editions)),
        refused=tuple(refused),
        unused=(*unused, *unlisted),
    )


def _counts(part: Part) -> Counts:
    return part.facts["codes"], part.facts["headers"]


def _side(addenda: Part, side: str) -> Counts | None:
    """Return the counts of one side of an order addenda, or None where it does not count both kinds of row."""
    facts = addenda.facts
    if facts["level"] != "order" or "codes" not in facts or "headers" not in facts:
        return None
    return facts["codes"][side], facts["headers"][side]


def _addenda_of(order: Part, addenda: Sequence[Part]) -> tuple[Part, ...]:
    """Return the addenda whose new side is the order file: from its own archive first, order addenda first."""
    year = order.facts["name_year"]
    found = []
    for part in addenda:
        counts = part.facts.get("codes", {})
        same_year = year is None or year_in(part.facts.get("new_name", "")) in (None, year)
        if same_year and counts.get("new") == order.facts["codes"] and _side(part, "new") in (None, _counts(order)):
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


def _dated(orders: Sequence[Part], addenda: Sequence[Part]) -> tuple[list[Edition], list[tuple[Part, str]]]:
    """Return one edition a day; order files of other content that claim the same day are refused."""
    refused: list[tuple[Part, str]] = []
    claims: dict[datetime.date, list[tuple[Dating, Part, tuple[Part, ...]]]] = {}
    for order in orders:
        companions = _addenda_of(order, addenda)
        own = [part for part in companions if part.origin.archive_sha256 == order.origin.archive_sha256]
        dating = dating_of(order, own or companions)
        if dating is None:
            reason = "nothing tells on which day the file takes effect: give --effective"
            if order.version:
                reason = f"expected a version like 2024 or 2023-04, got {order.version!r}"
            refused.append((order, reason))
            continue
        claims.setdefault(dating.effective, []).append((dating, order, tuple(own or companions)))
    editions = []
    for day, claimed in sorted(claims.items()):
        claimed.sort(key=lambda claim: (claim[0].rank, claim[1].origin.label))
        best, first, _ = claimed[0]
        same = [claim for claim in claimed if claim[1].facts["digest"] == first.facts["digest"]]
        others = [claim for claim in claimed if claim not in same]
        equal = [claim for claim in others if claim[0].rank == best.rank]
        version = version_label("fiscal", day)
        for _, other, _ in others:
            why = "by no worse evidence" if equal else "by better evidence"
            message = f"holds other rows than {first.origin.label}, which claims release {version} {why}"
            refused.append((other, f"{message}: give --effective"))
        if equal:
            # neither is more likely: whichever was there before stays, of two new ones none is taken
            message = f"holds other rows than {equal[0][1].origin.label}, which claims release {version} as well"
            refused += [(claim[1], f"{message}: give --effective") for claim in same]
            continue
        found = {part.identity: part for claim in same for part in claim[2]}
        warnings = (best.warning,) if best.warning else ()
        editions.append(
            Edition(day, tuple(claim[1] for claim in same), _counts(first), warnings, tuple(found.values()))
        )
    return editions, refused


def _with_derived(editions: list[Edition], addenda: Sequence[Part]) -> list[Edition]:
    """Return the editions with those that an addenda proves, forward from its old side or back from its new one.

    Backwards only from an update inside a year to that year's first edition: of any other, the first day
    would be a guess.
    """
    days = {edition.effective for edition in editions}
    made: dict[datetime.date, Edition] = {}
    for part in addenda:
        old, new = _side(part, "old"), _side(part, "new")
        if old is None or new is None or "old_name" not in part.facts:
            continue
        before = _by_counts(editions, old, part.facts["old_name"])
        after = [edition for edition in editions if part in edition.addenda]
        same_year = year_in(part.facts["old_name"]) == year_in(part.facts["new_name"])
        if not after and before:
            dating = dating_of(part, [part])
            if dating and dating.rank <= DEFAULT and dating.effective not in days | made.keys():
                warnings = (dating.warning,) if dating.warning else ()
                made[dating.effective] = Edition(
                    dating.effective, before[-1].orders, new, warnings, addenda=(part,), change=part
                )
        elif after and not before and same_year:
            day = year_start("fiscal", year_of("fiscal", after[0].effective))
            if day < after[0].effective and day not in days | made.keys():
                made[day] = Edition(day, after[0].orders, old, change=part, backwards=True)
    return sorted([*editions, *made.values()], key=lambda edition: edition.effective)


def _by_counts(editions: Sequence[Edition], counts: Counts, name: str) -> list[Edition]:
    """Return the editions with these counts in the fiscal year that the file's name gives."""
    year = year_in(name)
    return [e for e in editions if e.counts == counts and year in (None, year_of("fiscal", e.effective))]


def _with_codes(editions: list[Edition], codes: Sequence[Part]) -> tuple[list[Edition], list[tuple[Part, str]]]:
    """Return the editions with their codes files: of the same archive, else of the same codes, else of the same name."""
    attached: dict[datetime.date, list[Part]] = {}
    unused = []
    for part in codes:
        own = [e for e in editions if not e.derived and part.origin.archive_sha256 in _archives(e)]
        same = [e for e in editions if not e.derived and _billable_digest(e) == part.facts["billable_digest"]]
        named = [e for e in editions if not e.derived and any(_same_name(part, order) for order in e.orders)]
        chosen = own or [e for e in same if e in named] or same or named
        if chosen:
            attached.setdefault(chosen[0].effective, []).append(part)
        else:
            unused.append((part, "codes file of a release whose order file is not loaded"))
    return [evolve(e, codes=tuple(attached.get(e.effective, ()))) for e in editions], unused


def _archives(edition: Edition) -> set[str]:
    return {order.origin.archive_sha256 for order in edition.orders if order.origin.archive_sha256}


def _billable_digest(edition: Edition) -> Any:
    return edition.orders[0].facts["billable_digest"]


def _same_name(part: Part, order: Part) -> bool:
    names = ("name_date", "name_year")
    loose = part.origin.archive_sha256 is None and order.origin.archive_sha256 is None
    return loose and all(part.facts[name] == order.facts[name] for name in names)


def _with_tabular(editions: list[Edition], tabular: Sequence[Part]) -> tuple[list[Edition], list[tuple[Part, str]]]:
    """Return the editions with their tabular lists: each list joins the codes that it expands to.

    Where several releases hold these codes, the day in the member's name decides, then its year.
    """
    attached: dict[datetime.date, list[Part]] = {}
    unused = []
    for part in tabular:
        edition = _expanding_to(part, editions)
        if edition is None:
            unused.append((part, "tabular list whose codes are those of no loaded order file"))
        else:
            attached.setdefault(edition.effective, []).append(part)
    return [evolve(e, tabular=tuple(attached.get(e.effective, ()))) for e in editions], unused


def _expanding_to(tabular: Part, editions: Sequence[Edition]) -> Edition | None:
    own = [edition for edition in editions if not edition.derived]
    if tabular.effective:
        return next((edition for edition in own if edition.effective == tabular.effective), None)
    exact = [edition for edition in own if _billable_digest(edition) == tabular.facts["billable_digest"]]
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


def _nearest_sets(tabular: Part, editions: Sequence[Edition]) -> list[Edition]:
    """Return the editions whose codes lie all but wholly in the expansion, with the smallest difference."""
    wanted = tabular.facts["codes"]
    close = [e for e in editions if NEARLY_ALL * wanted <= e.counts[0] <= wanted / NEARLY_ALL]
    if not close:
        return []
    expansion = set(tabular.tables["expansion"].column("code").to_pylist())
    differences: dict[str, int] = {}
    for edition in close:
        digest = _billable_digest(edition)
        if digest not in differences:
            table = edition.orders[0].tables["rows"]
            codes = table.filter(table.column("billable")).column("code").to_pylist()
            differences[digest] = len(expansion.symmetric_difference(codes))
    least = min(differences.values())
    if least > (1 - NEARLY_ALL) * wanted:
        return []
    return [edition for edition in close if differences[_billable_digest(edition)] == least]


def _draft(edition: Edition, editions: Sequence[Edition]) -> Draft:
    listed = [other for other in editions if other.tabular]
    nearest = min(listed, key=lambda o: (abs((o.effective - edition.effective).days), o.effective), default=None)
    borrowed = nearest.tabular[0] if nearest and not edition.tabular else None
    order = edition.orders[0]
    change = next((part for part in edition.addenda if part.facts["level"] == "order"), None)
    base = None
    if change and not edition.derived:
        base = next(iter(_by_counts(editions, _side(change, "old") or (0, 0), change.facts.get("old_name", ""))), None)
        base = base if base and not base.derived and base.effective < edition.effective else None
    ingredients = Ingredients(
        order=order,
        change=edition.change or change,
        backwards=edition.backwards,
        derived=edition.derived,
        base=base.orders[0] if base else None,
        codes=edition.codes,
        tabular=edition.tabular[0] if edition.tabular else None,
        borrowed=borrowed,
        addenda=tuple(p for p in _own_addenda(edition) if p.facts["level"] == "order"),
    )
    own = [*edition.orders, *edition.codes, *edition.addenda, *edition.tabular]
    if edition.change and edition.change not in own:
        own.append(edition.change)
    return Draft(
        version=edition.version,
        effective=edition.effective,
        parts=tuple(own),
        borrowed=tuple(part for part in (borrowed, ingredients.base) if part),
        derived=edition.derived,
        warnings=edition.warnings,
        build=partial(built, ingredients),
    )


def _own_addenda(edition: Edition) -> list[Part]:
    return [part for part in edition.addenda if part.origin.archive_sha256 in _archives(edition)]


def _gaps(editions: Sequence[Edition]) -> list[Gap]:
    """Return what is missing between neighbours: whole years, and updates that only the addenda prove."""
    gaps = []
    for before, after in pairwise(editions):
        first, last = year_of("fiscal", before.effective), year_of("fiscal", after.effective)
        missing = [str(year) for year in range(first + 1, last)]
        if after.effective != year_start("fiscal", last) and last > first:
            missing.append(str(last))
        if missing:
            reason = f"no release of {', '.join(missing)} is loaded"
            gaps.append(Gap("icd10cm", before.version, after.version, reason))
            continue
        change = next((p for p in after.addenda if _side(p, "old")), None)
        if change and not any(e.counts == _side(change, "old") for e in editions if e.effective < after.effective):
            codes, headers = _side(change, "old") or (0, 0)
            reason = (
                f"{change.origin.label} starts from {change.facts['old_name']} with {codes:,} codes and {headers:,} "
                "headers, which is not loaded"
            )
            gaps.append(Gap("icd10cm", before.version, after.version, reason))
    return gaps
