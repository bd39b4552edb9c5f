"""Which releases a set of CPT files makes: grouped by archive, else by year; updates inside a year; missing years."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from terminology.drafts import Assembly, Draft, Part
from terminology.model import Gap
from terminology.periods import version_label

from .authority import Record, Statement
from .building import GRAPH
from .changes import HISTORIES, age_of, changes_of
from .dating import dating_of, dating_warnings, given_day
from .drafting import Drafting
from .layout import AUTHORITIES, MODIFIER_LISTS
from .plan import Plan, Refusals, Release
from .updates import Update, is_category_list, updates_of, with_changes


def assembled(system: str, parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    lists = [part for part in ordered if is_category_list(part)]
    laboratory = [part for part in ordered if part.kind == "laboratory"]
    others = [part for part in ordered if part not in lists and part not in laboratory]
    plan = Plan()
    floating = [part for group in _groups(others) for part in _placed(plan, group)]
    _drop_incomplete(plan)
    for part in floating:
        _float(plan, part)
    for release in plan.releases.values():
        _settle(plan, release)
    statements = plan.statements()
    updates = updates_of(plan, laboratory, lists)
    evidence = [part for part in ordered if _dates_changes(part)]
    record = _record(statements, updates, evidence)
    drafts = tuple(Drafting(plan, with_changes(plan, updates, record), record, evidence).drafts())
    days = sorted(plan.releases)
    gaps = tuple(gap for after, before in pairwise(days) if (gap := _gap(system, after, before)))
    return Assembly(drafts, gaps, tuple(plan.refused), (*plan.unused, *_idle(plan, drafts)))


def _dates_changes(part: Part) -> bool:
    """Return whether the part says on which day codes begin or end."""
    return part.kind in {*HISTORIES, "laboratory", "consolidated"}


def _record(statements: Sequence[Statement], updates: dict[datetime.date, Update], evidence: Sequence[Part]) -> Record:
    """Return all that the files say, after the first release."""
    if not statements:
        return Record((), {})
    held = {one.day: one for one in statements}
    told = [one for update in updates.values() for one in update.statements(held[update.base.day])]
    ordered = sorted([*statements, *told], key=lambda one: one.day)
    return Record.of(ordered, changes_of(evidence, statements[0].day))


def _idle(plan: Plan, drafts: Sequence[Draft]) -> Refusals:
    """Return the histories of no release that change nothing either, with the reason."""
    taken = {part.identity for draft in drafts for part in (*draft.parts, *draft.borrowed)}
    return [(part, reason) for part, reason in plan.witnesses if part.identity not in taken]


def _groups(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the parts of each archive together, and every loose part alone.

    An archive of several years has several files of a kind: its parts do not belong together.
    """
    archives: dict[str, list[Part]] = {}
    for part in parts:
        if part.origin.archive_sha256 is None or given_day(part):
            yield [part]
        else:
            archives.setdefault(part.origin.archive_sha256, []).append(part)
    for group in archives.values():
        digests: dict[str, set[Any]] = {}
        for part in group:
            digests.setdefault(part.kind, set()).add(part.facts.get("digest"))
        if all(len(found) == 1 for found in digests.values()):
            yield group
        else:
            yield from ([part] for part in group)


def _placed(plan: Plan, group: Sequence[Part]) -> list[Part]:
    """Return the parts of a group that nothing dates; the others are added to their release."""
    dating = dating_of(group)
    if dating is None:
        return list(group)
    release = plan.release(dating.day)
    release.parts += group
    release.datings.append(dating)
    return []


def _drop_incomplete(plan: Plan) -> None:
    for day, release in list(plan.releases.items()):
        if release.authority is None:
            reason = f"belongs to release {version_label('calendar', day)}, whose descriptor files are not loaded"
            for part in release.parts:
                (plan.witnesses if part.kind in HISTORIES else plan.unused).append((part, reason))
            del plan.releases[day]


def _float(plan: Plan, part: Part) -> None:
    """Add a part without a date to the release whose codes it fits best."""
    if part.kind in AUTHORITIES:
        plan.refused.append(
            (part, "neither name nor content states the year of the file: give --version or --effective")
        )
        return
    if part.kind in {"history", "deleted"}:
        reason = "no change in it has a day that is known, and no name states its year: give --version"
        plan.unused.append((part, reason))
        return
    candidates = list(plan.releases.values())
    if len(candidates) > 1:
        candidates = _fitting(part, candidates)
    if len(candidates) == 1:
        candidates[0].parts.append(part)
    elif not plan.releases:
        plan.unused.append((part, "no descriptor file of its release is loaded"))
    else:
        plan.unused.append((part, "nothing states its release: load it in its archive, or give --version"))


def _fitting(part: Part, releases: Sequence[Release]) -> list[Release]:
    """Return the releases that the codes of the part fit best: fewest unknown codes, then fewest left without."""
    columns = part.tables["rows"].column_names
    if part.kind in MODIFIER_LISTS or "code" not in columns:
        return []
    listed = {code for code in part.tables["rows"].column("code").to_pylist() if code}
    scores = []
    for release in releases:
        authority = release.authority
        codes = set(authority.tables["rows"].column("code").to_pylist()) if authority else set()
        scores.append((len(listed - codes), len(codes - listed)))
    return [release for release, score in zip(releases, scores, strict=True) if score == min(scores)]


def _settle(plan: Plan, release: Release) -> None:
    """Keep one part of a kind; further files must say the same, but for histories, which may go on."""
    kept: dict[str, Part] = {}
    for part in sorted(release.parts, key=_preference):
        first = kept.setdefault(part.kind, part)
        if first is part:
            continue
        if part.kind in HISTORIES or first.facts.get("digest") == part.facts.get("digest"):
            release.copies.append(part)
        else:
            version = version_label("calendar", release.day)
            reason = (
                f"differs from {first.origin.label}, which is of release {version} too: give --version or --effective"
            )
            plan.refused.append((part, reason))
    release.parts = list(kept.values())
    release.copies.sort(key=lambda part: (part.origin.label, part.revision))
    release.warnings += dating_warnings(release.datings, release.parts)
    if any(kind in kept for kind in GRAPH) and not all(kind in kept for kind in GRAPH):
        missing = " and ".join(kind for kind in GRAPH if kind not in kept)
        release.warnings.append(f"the CPT Link hierarchy lacks its {missing} file: sections are made of number ranges")


def _preference(part: Part) -> tuple[bool, int, str, str]:
    """Return the place of a part among those of its kind: what the operator dated, then the newest history."""
    newest = -age_of(part)[0].toordinal() if part.kind in HISTORIES else 0
    return given_day(part) is None, newest, part.origin.label, part.revision


def _gap(system: str, after: datetime.date, before: datetime.date) -> Gap | None:
    missing = range(after.year + 1, before.year)
    if not missing:
        return None
    span = f"{missing[0]} to {missing[-1]} are" if len(missing) > 1 else f"{missing[0]} is"
    reason = f"{span} not loaded ({len(missing)} annual release{'s' * (len(missing) > 1)})"
    return Gap(system, version_label("calendar", after), version_label("calendar", before), reason)
