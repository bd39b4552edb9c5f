"""Which releases a set of CPT files makes: grouped by archive, else by year; updates inside a year; missing years."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from attrs import define, field

from terminology.drafts import Assembly, Draft, Part
from terminology.model import Gap
from terminology.periods import version_label
from terminology.reading.dates import Dating

from .building import AUTHORITIES, GRAPH, Ingredients, built
from .concepts import is_in_force
from .dating import dating_of, dating_warnings, given_day, laboratory_day, update_day
from .layout import category_of

ONE_CATEGORY: Final = frozenset({"III", "PLA", "MAAA", "administration"})
"""Categories whose new codes are published on their own, in the middle of a year."""

Refusals = list[tuple[Part, str]]


@define
class Release:
    """A release while its parts are collected."""

    day: datetime.date
    parts: list[Part] = field(factory=list)
    laboratory: list[Part] = field(factory=list)
    datings: list[Dating] = field(factory=list)
    copies: list[Part] = field(factory=list)
    """Further files of the same content."""
    warnings: list[str] = field(factory=list)

    @property
    def authority(self) -> Part | None:
        """The descriptor file that decides which codes there are, or None."""
        found = [part for part in self.parts if part.kind in AUTHORITIES]
        return min(found, key=lambda part: AUTHORITIES.index(part.kind), default=None)

    @property
    def ordered(self) -> tuple[Part, ...]:
        """The parts, the authority first."""
        return tuple(sorted(self.parts, key=lambda part: (part is not self.authority, part.kind, part.origin.label)))


@define
class Plan:
    """Releases by day, and the parts that are in none of them."""

    releases: dict[datetime.date, Release] = field(factory=dict)
    refused: Refusals = field(factory=list)
    unused: Refusals = field(factory=list)

    def release(self, day: datetime.date) -> Release:
        """Return the release of a day, begun if there is none."""
        return self.releases.setdefault(day, Release(day))

    def annual(self, day: datetime.date) -> Release | None:
        """Return the newest release with codes of the same year that is in force on a day, or None."""
        found = [one for one in self.releases.values() if one.authority and one.day <= day and one.day.year == day.year]
        return max(found, key=lambda one: one.day, default=None)


def assembled(system: str, parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    lists = [part for part in ordered if _is_category_list(part)]
    laboratory = [part for part in ordered if part.kind == "laboratory"]
    others = [part for part in ordered if part not in lists and part not in laboratory]
    plan = Plan()
    floating = [part for group in _groups(others) for part in _placed(plan, group)]
    _drop_incomplete(plan)
    for part in floating:
        _float(plan, part)
    for release in plan.releases.values():
        _settle(plan, release)
    updates = [*_laboratory_updates(plan, laboratory), *_list_updates(plan, lists)]
    drafts = [*(_draft(release) for release in plan.releases.values()), *_update_drafts(updates)]
    drafts.sort(key=lambda draft: draft.effective)
    days = sorted(day for day in plan.releases)
    gaps = tuple(gap for after, before in pairwise(days) if (gap := _gap(system, after, before)))
    return Assembly(tuple(drafts), gaps, tuple(plan.refused), tuple(plan.unused))


def _is_category_list(part: Part) -> bool:
    """Return whether the part lists the codes of one category only, as they are published between the annual files."""
    categories = part.facts.get("categories", ())
    return part.kind in AUTHORITIES and len(categories) == 1 and categories[0] in ONE_CATEGORY


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
            plan.unused += [(part, reason) for part in release.parts]
            del plan.releases[day]


def _float(plan: Plan, part: Part) -> None:
    """Add a part without a date to the release whose codes it fits best."""
    if part.kind in AUTHORITIES:
        plan.refused.append(
            (part, "neither name nor content states the year of the file: give --version or --effective")
        )
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
    if part.kind == "modifiers" or "code" not in columns:
        return []
    listed = {code for code in part.tables["rows"].column("code").to_pylist() if code}
    scores = []
    for release in releases:
        authority = release.authority
        codes = set(authority.tables["rows"].column("code").to_pylist()) if authority else set()
        scores.append((len(listed - codes), len(codes - listed)))
    return [release for release, score in zip(releases, scores, strict=True) if score == min(scores)]


def _settle(plan: Plan, release: Release) -> None:
    """Keep one part of a kind; further files must say the same."""
    kept: dict[str, Part] = {}
    for part in sorted(release.parts, key=lambda part: (given_day(part) is None, part.origin.label, part.revision)):
        first = kept.setdefault(part.kind, part)
        if first is part:
            continue
        if first.facts.get("digest") == part.facts.get("digest"):
            release.copies.append(part)
        else:
            version = version_label("calendar", release.day)
            reason = (
                f"differs from {first.origin.label}, which is of release {version} too: give --version or --effective"
            )
            plan.refused.append((part, reason))
    release.parts = list(kept.values())
    release.warnings += dating_warnings(release.datings, release.parts)
    if any(kind in kept for kind in GRAPH) and not all(kind in kept for kind in GRAPH):
        missing = " and ".join(kind for kind in GRAPH if kind not in kept)
        release.warnings.append(f"the CPT Link hierarchy lacks its {missing} file: sections are made of number ranges")


# ---- updates


@define
class Update:
    """A release that takes the annual files and one publication inside the year."""

    day: datetime.date
    base: Release
    laboratory: list[Part] = field(factory=list)
    lists: list[Part] = field(factory=list)


def _laboratory_updates(plan: Plan, laboratory: Sequence[Part]) -> list[Update]:
    """Return the updates that lists of PLA codes make; one that fits an annual release adds its details to it."""
    updates: dict[datetime.date, Update] = {}
    for part in laboratory:
        day = laboratory_day(part)
        home = _home(plan, part, day)
        base = plan.annual(day)
        if home is not None and not any(_same(other, part) for other in home.laboratory):
            home.laboratory.append(part)
        if base is not None and base.day < day and (home is None or home.day < day):
            update = updates.setdefault(day, Update(day, base))
            if not update.laboratory or _same(update.laboratory[0], part):
                update.laboratory.append(part)
            else:
                reason = f"differs from {update.laboratory[0].origin.label}, of the same day"
                plan.refused.append((part, f"{reason}: give --effective"))
        elif home is None:
            version = version_label("calendar", day.replace(month=1, day=1))
            plan.unused.append((part, f"list of PLA codes as of {day}: the annual files of {version} are not loaded"))
    return list(updates.values())


def _home(plan: Plan, part: Part, day: datetime.date) -> Release | None:
    """Return the release that came with the list, or None.

    It is that of its archive, the one that begins on its day, or a later one with just the same PLA codes: between
    two quarters nothing need change.
    """
    archive = part.origin.archive_sha256
    for release in plan.releases.values():
        if archive and any(other.origin.archive_sha256 == archive for other in release.parts):
            return release
    later = (release for release in plan.releases.values() if release.day > day and _lists_the_same(release, part))
    return plan.releases.get(day) or min(later, key=lambda release: release.day, default=None)


def _lists_the_same(release: Release, part: Part) -> bool:
    authority = release.authority
    codes = authority.tables["rows"].column("code").to_pylist() if authority else []
    rows = part.tables["rows"].to_pylist()
    listed = {row["code"] for row in rows if is_in_force(row, release.day)}
    return listed == {code for code in codes if category_of(code) == "PLA"}


def _same(one: Part, other: Part) -> bool:
    return bool(one.facts.get("digest") == other.facts.get("digest"))


def _list_updates(plan: Plan, lists: Sequence[Part]) -> list[Update]:
    updates: dict[datetime.date, Update] = {}
    for part in lists:
        day = update_day(part)
        if day is None:
            what = f"list of category {part.facts['categories'][0]} codes only"
            plan.refused.append((part, f"{what}, and nothing states when it takes effect: give --effective"))
            continue
        base = plan.annual(day)
        if base is None or base.day == day:
            plan.unused.append((part, f"update of {day}: the annual files of {day.year} are not loaded"))
            continue
        updates.setdefault(day, Update(day, base)).lists.append(part)
    return list(updates.values())


def _update_drafts(updates: Sequence[Update]) -> Iterator[Draft]:
    """Yield one draft a day; later updates of a year hold the lists of earlier ones too."""
    merged: dict[datetime.date, Update] = {}
    for update in updates:
        known = merged.setdefault(update.day, Update(update.day, update.base))
        known.laboratory += update.laboratory
        known.lists += update.lists
    for day in sorted(merged):
        update = merged[day]
        before = [other for other in merged.values() if other.day < day and other.base is update.base]
        lists = [part for other in sorted(before, key=lambda one: one.day) for part in other.lists] + update.lists
        newest = update.laboratory or next((o.laboratory for o in reversed(before) if o.laboratory), [])
        yield _update_draft(update, lists, newest)


def _update_draft(update: Update, lists: Sequence[Part], laboratory: Sequence[Part]) -> Draft:
    base = update.base
    authority, *others = base.ordered
    own = (*update.laboratory, *update.lists)
    # modifiers are cited with their lines too
    sources = (authority, *own, *(part for part in others if part.kind == "modifiers"))
    further = [*others, *lists, *laboratory, *base.laboratory[:1]]
    ingredients = Ingredients(
        update.day,
        base.ordered,
        sources,
        laboratory=tuple(laboratory[:1]),
        details=tuple(base.laboratory[:1]),
        lists=tuple(lists),
        update=True,
    )
    names = ", ".join(part.origin.label for part in own)
    return Draft(
        version=version_label("calendar", update.day),
        effective=update.day,
        parts=sources,
        build=partial(built, ingredients),
        borrowed=tuple(part for part in further if part not in sources),
        warnings=(f"codes of release {version_label('calendar', base.day)}, updated by {names}",),
    )


def _draft(release: Release) -> Draft:
    ordered = release.ordered
    sources = (*ordered, *release.copies, *release.laboratory)
    ingredients = Ingredients(release.day, ordered, sources, laboratory=tuple(release.laboratory[:1]))
    return Draft(
        version=version_label("calendar", release.day),
        effective=release.day,
        parts=sources,
        build=partial(built, ingredients),
        warnings=tuple(release.warnings),
    )


def _gap(system: str, after: datetime.date, before: datetime.date) -> Gap | None:
    missing = range(after.year + 1, before.year)
    if not missing:
        return None
    span = f"{missing[0]} to {missing[-1]} are" if len(missing) > 1 else f"{missing[0]} is"
    reason = f"{span} not loaded ({len(missing)} annual release{'s' * (len(missing) > 1)})"
    return Gap(system, version_label("calendar", after), version_label("calendar", before), reason)
