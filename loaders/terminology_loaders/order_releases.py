"""Which releases a set of order files and addenda makes: dating, corrections, derivation, codes files, gaps.

ICD-10-CM and ICD-10-PCS share it; what else their releases hold (tabular list, tables) is each loader's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise

from attrs import evolve

from terminology.drafts import Part
from terminology.model import Gap
from terminology.periods import version_label, year_of, year_start

from .addenda import applied, changes_of
from .order_dating import DEFAULT, Dating, Introduced, Schedule, dating_of, nothing_dated, year_in
from .order_edition import Counts, Refused, ReleasePlan, counts_of, side_counts
from .order_file import OrderRows


def editions_of(
    orders: Sequence[Part], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced = nothing_dated
) -> tuple[list[ReleasePlan], Refused]:
    """Return the editions that order files and addenda make, in order of their days; and what is refused."""
    disproved = _disproved(orders, addenda)
    gone = {part.identity for part, _ in disproved}
    orders, addenda = ([part for part in parts if part.identity not in gone] for parts in (orders, addenda))
    amendments = {order: found for order in orders if (found := _amendment(order, addenda))}
    ordinary = [order for order in orders if order not in amendments]
    editions, refused = _dated(ordinary, addenda, schedule, introduced)
    refused += disproved
    for order in sorted(amendments, key=lambda order: (order.facts["codes"], order.origin.label)):
        dating = dating_of(order, [amendments[order]], schedule, introduced)
        _correct(editions, refused, order, amendments[order], dating)
    editions = _with_derived(editions, addenda, schedule, introduced)
    return editions, refused


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
            if part.origin.archive_sha256 == own
            and side_counts(part, "new")
            and year in (None, year_in(part.facts.get("new_name")))
        ]
        if not counted or any(side_counts(part, "new") == counts_of(order) for part in counted):
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
    """Return the order addenda of the order file's own archive that tells changes and counts nothing, or None.

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
        same_year = year is None or year_in(part.facts.get("new_name", "")) in (None, year)
        if (
            same_year
            and counts.get("new") == order.facts["codes"]
            and side_counts(part, "new") in (None, counts_of(order))
        ):
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


def _dated(
    orders: Sequence[Part], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced
) -> tuple[list[ReleasePlan], Refused]:
    """Return one edition a day; order files of other content that claim the same day are refused."""
    refused: Refused = []
    claims: dict[datetime.date, list[tuple[Dating, Part, tuple[Part, ...]]]] = {}
    for order in orders:
        companions = _addenda_of(order, addenda)
        own = [part for part in companions if part.origin.archive_sha256 == order.origin.archive_sha256]
        dating = dating_of(order, own or companions, schedule, introduced)
        if dating is None:
            refused.append((order, _undated(order)))
            continue
        claims.setdefault(dating.effective, []).append((dating, order, tuple(own or companions)))
    editions = []
    for day, claimed in sorted(claims.items()):
        claimed.sort(key=lambda claim: (claim[0].rank, claim[1].origin.label))
        best, first, _ = claimed[0]
        same = [claim for claim in claimed if claim[1].facts["digest"] == first.facts["digest"]]
        others = [claim for claim in claimed if claim not in same]
        equal = [claim for claim in others if claim[0].rank == best.rank]
        refused += [(claim[1], _contradiction(first, day, equal=bool(equal))) for claim in others]
        if equal:
            # neither is more likely: whichever was there before stays, of two new ones none is taken
            refused += [(claim[1], _contradiction(equal[0][1], day, equal=True)) for claim in same]
            continue
        found = {part.identity: part for claim in same for part in claim[2]}
        warnings = (best.warning,) if best.warning else ()
        editions.append(
            ReleasePlan(day, tuple(claim[1] for claim in same), counts_of(first), warnings, tuple(found.values()))
        )
    return editions, refused


def _undated(order: Part) -> str:
    if order.version:
        return f"expected a version like 2024 or 2023-04, got {order.version!r}"
    return "nothing tells on which day the file takes effect: give --effective"


def _contradiction(first: Part, day: datetime.date, *, equal: bool = False) -> str:
    evidence = "as good" if equal else "better"
    return (
        f"holds other rows than {first.origin.label}, which claims release {version_label('fiscal', day)} "
        f"by {evidence} evidence: give --effective"
    )


def _correct(
    editions: list[ReleasePlan], refused: Refused, order: Part, amendment: Part, dating: Dating | None
) -> None:
    """Put an errata into the editions: after the one that it corrects, which it proves, or alone on its own day."""
    for place, edition in enumerate(editions):
        if edition.orders[0].facts["digest"] == order.facts["digest"]:
            merged = evolve(edition, orders=(*edition.orders, order), addenda=(*edition.addenda, amendment))
            editions[place] = merged
            return
    corrected = [edition for edition in editions if _leads(edition.orders[0], amendment, order)]
    named = dating.effective if dating and dating.rank < DEFAULT else None
    for edition in reversed(corrected):
        if named in (None, edition.effective):
            made = ReleasePlan(
                edition.effective, (order,), counts_of(order), addenda=(amendment,), correction=edition.correction + 1
            )
            editions.insert(editions.index(edition) + 1, made)
            return
    if dating is None:
        refused.append((order, _undated(order)))
        return
    rival = next((edition for edition in editions if edition.effective == dating.effective), None)
    if rival:
        refused.append((order, _contradiction(rival.orders[0], dating.effective)))
        return
    warnings = (dating.warning,) if dating.warning else ()
    # what it adds to is not loaded, or is of another day: then it is an update of its own
    number = 0 if corrected else 1
    if order.version:
        number = int(order.version.partition(".")[2] or 0)
    editions.append(
        ReleasePlan(dating.effective, (order,), counts_of(order), warnings, (amendment,), correction=number)
    )
    editions.sort(key=lambda edition: (edition.effective, edition.correction))


def _leads(base: Part, amendment: Part, order: Part) -> bool:
    """Return whether an amendment leads from one order file to the other, line by line."""
    counted = amendment.facts["changes"]
    if sum(counts_of(base)) + counted.get("add", 0) - counted.get("delete", 0) != sum(counts_of(order)):
        return False
    rows = OrderRows.from_table(base.tables["rows"])
    wanted = OrderRows.from_table(order.tables["rows"])
    return applied(rows, changes_of(amendment.tables["changes"])).values() == wanted.values()


def _with_derived(
    editions: list[ReleasePlan], addenda: Sequence[Part], schedule: Schedule, introduced: Introduced
) -> list[ReleasePlan]:
    """Return the editions with those that an addenda proves, forward from its old side or back from its new one.

    Backwards only from an update inside a year to that year's first edition: of any other, the first day
    would be a guess.
    """
    days = {edition.effective for edition in editions}
    made: dict[datetime.date, ReleasePlan] = {}
    for part in addenda:
        old, new = side_counts(part, "old"), side_counts(part, "new")
        if old is None or new is None or "old_name" not in part.facts:
            continue
        before = by_counts(editions, old, part.facts["old_name"])
        after = [edition for edition in editions if part in edition.addenda]
        same_year = year_in(part.facts["old_name"]) == year_in(part.facts["new_name"])
        if not after and before:
            dating = dating_of(part, [part], schedule, introduced)
            if dating and dating.effective not in days | made.keys():
                warnings = (dating.warning,) if dating.warning else ()
                made[dating.effective] = ReleasePlan(
                    dating.effective,
                    before[-1].orders,
                    new,
                    warnings,
                    addenda=(part, *_twins(part, addenda)),
                    change=part,
                )
        elif after and not before and same_year:
            day = year_start("fiscal", year_of("fiscal", after[0].effective))
            if day < after[0].effective and day not in days | made.keys():
                made[day] = ReleasePlan(day, after[0].orders, old, change=part, backwards=True)
    return sorted([*editions, *made.values()], key=lambda edition: (edition.effective, edition.correction))


def _twins(part: Part, addenda: Sequence[Part]) -> list[Part]:
    """Return the other addenda of the same step: the codes addenda beside an order addenda, a second copy."""
    names = ("old_name", "new_name", "codes")
    step = [part.facts[name] for name in names]
    return [other for other in addenda if other is not part and [other.facts.get(name) for name in names] == step]


def by_counts(editions: Sequence[ReleasePlan], counts: Counts, name: str) -> list[ReleasePlan]:
    """Return the editions with these counts in the fiscal year that the file's name gives."""
    year = year_in(name)
    return [e for e in editions if e.counts == counts and year in (None, year_of("fiscal", e.effective))]


def base_of(edition: ReleasePlan, editions: Sequence[ReleasePlan]) -> Part | None:
    """Return the order file that the addenda of an edition starts from, or None where it is not loaded."""
    change = edition.order_change
    if change is None or edition.derived:
        return None
    if edition.correction:
        before = [e for e in editions if (e.effective, e.correction) == (edition.effective, edition.correction - 1)]
    else:
        before = by_counts(editions, side_counts(change, "old") or (0, 0), change.facts.get("old_name", ""))[:1]
        before = [e for e in before if e.effective < edition.effective]
    return next((e.orders[0] for e in before if not e.derived), None)


def with_codes(editions: list[ReleasePlan], codes: Sequence[Part]) -> tuple[list[ReleasePlan], Refused]:
    """Return the editions with their codes files: of the same archive, else of the same codes, else of the same name."""
    attached: dict[str, list[Part]] = {}
    unused = []
    for part in codes:
        own = [e for e in editions if not e.derived and part.origin.archive_sha256 in e.archives]
        same = [e for e in editions if not e.derived and e.billable_digest == part.facts["billable_digest"]]
        named = [e for e in editions if not e.derived and any(_same_name(part, order) for order in e.orders)]
        chosen = own or [e for e in same if e in named] or same or named
        if chosen:
            attached.setdefault(chosen[0].version, []).append(part)
        else:
            unused.append((part, "codes file of a release whose order file is not loaded"))
    return [evolve(e, codes=tuple(attached.get(e.version, ()))) for e in editions], unused


def _same_name(part: Part, order: Part) -> bool:
    names = ("name_date", "name_year")
    loose = part.origin.archive_sha256 is None and order.origin.archive_sha256 is None
    return loose and all(part.facts[name] == order.facts[name] for name in names)


def with_companions(editions: list[ReleasePlan], attached: dict[str, list[Part]]) -> list[ReleasePlan]:
    """Return the editions with further companions, given by version."""
    return [evolve(e, companions=(*e.companions, *attached.get(e.version, ()))) for e in editions]


def former_days(editions: Sequence[ReleasePlan]) -> dict[str, datetime.date | None]:
    """Return of each edition, by version, the day of the last edition of an earlier day; None for the first."""
    days = sorted({edition.effective for edition in editions})
    before = dict(zip(days, [None, *days], strict=False))
    return {edition.version: before[edition.effective] for edition in editions}


def gaps_of(system: str, editions: Sequence[ReleasePlan]) -> list[Gap]:
    """Return what is missing between neighbours: whole years, and updates that only the addenda prove."""
    gaps = []
    for before, after in pairwise(editions):
        first, last = year_of("fiscal", before.effective), year_of("fiscal", after.effective)
        missing = [str(year) for year in range(first + 1, last)]
        if after.effective != year_start("fiscal", last) and last > first:
            missing.append(str(last))
        if missing:
            reason = f"no release of {', '.join(missing)} is loaded"
            gaps.append(Gap(system, before.version, after.version, reason))
            continue
        change = next((p for p in after.addenda if side_counts(p, "old")), None)
        if change and not any(
            e.counts == side_counts(change, "old") for e in editions if e.effective < after.effective
        ):
            codes, headers = side_counts(change, "old") or (0, 0)
            reason = (
                f"{change.origin.label} starts from {change.facts['old_name']} with {codes:,} codes and {headers:,} "
                "headers, which is not loaded"
            )
            gaps.append(Gap(system, before.version, after.version, reason))
    return gaps
