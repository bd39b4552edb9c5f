"""Drafts of the releases of CPT: which files each one cites, and which decide what it holds besides."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from attrs import frozen

from terminology.drafts import Draft, Part
from terminology.periods import coverage_end, version_label

from .authority import Change, Record, Turn, kind_of
from .building import Ingredients, built
from .changes import HISTORIES
from .layout import MODIFIER_LISTS
from .plan import Plan, Release, labelled
from .updates import Update


@frozen
class Drafting:
    """Makes the drafts of a plan."""

    plan: Plan
    updates: Mapping[datetime.date, Update]
    """By day, in order of the days."""
    record: Record
    evidence: Sequence[Part]
    """All files that date changes."""

    def drafts(self) -> Iterator[Draft]:
        """Yield one draft a release and one an update, in order of their days."""
        before: tuple[Part, ...] = ()
        for day in sorted({*self.plan.releases, *self.updates}):
            if day in self.plan.releases:
                draft = self._release(self.plan.releases[day], before)
            else:
                draft = self._update(self.updates[day], before)
            before = draft.parts
            yield draft

    def _release(self, release: Release, before: Sequence[Part]) -> Draft:
        sources = (*release.ordered, *release.copies, *release.laboratory)
        former = max((day for day in self.plan.releases if day < release.day), default=None)
        turns = self.record.turns_between(former, release.day) if former else []
        # the first release takes the days before it from its own files, else from all
        own = [part for part in sources if part in self.evidence]
        evidence = [] if former else own if release.histories else list(self.evidence)
        further = self._witnesses(former, release.day, before) if former else evidence
        ingredients = Ingredients(
            release.day,
            release.ordered,
            sources,
            laboratory=tuple(release.laboratory[:1]),
            histories=release.histories,
            awaited=release.awaited,
            turns=tuple(turns),
            evidence=tuple(evidence),
        )
        return Draft(
            version=version_label("calendar", release.day),
            effective=release.day,
            parts=sources,
            build=partial(built, ingredients),
            borrowed=tuple(part for part in further if part not in sources),
            warnings=tuple(release.warnings),
        )

    def _update(self, update: Update, before: Sequence[Part]) -> Draft:
        base, day = update.base, update.day
        lists, laboratory = self._lists(update)
        own = (*update.laboratory, *update.lists)
        begun = self._begun(update, lists, laboratory)
        cited = [change.part for change in begun.values()]
        if not own:
            cited += [turn.change.part for turn in self._on(day) if turn.change]
        authority, *others = base.ordered
        # modifiers are cited with their lines too
        modifiers = [part for part in others if part.kind in MODIFIER_LISTS]
        sources = tuple({part.identity: part for part in (authority, *own, *_sorted(cited), *modifiers)}.values())
        following = self.plan.following(day)
        end = following.day if following else coverage_end("calendar", day) or datetime.date.max
        ingredients = Ingredients(
            day,
            base.ordered,
            sources,
            laboratory=tuple(laboratory[:1]),
            details=tuple(base.laboratory[:1]),
            lists=tuple(lists),
            histories=(*base.histories, *(part for part in _sorted(cited) if not own and part.kind in HISTORIES)),
            awaited=base.awaited,
            turns=tuple(self.record.turns_between(base.day, day)),
            in_force=self.record.in_force(day),
            begun=begun,
            donors=following.ordered if following and begun else (),
            update=True,
        )
        further = [*others, *lists, *laboratory, *base.laboratory[:1], *self._witnesses(base.day, end, before)]
        return Draft(
            version=version_label("calendar", day),
            effective=day,
            parts=sources,
            build=partial(built, ingredients),
            borrowed=tuple(part for part in _sorted(further) if part not in sources),
            derived=not own,
            warnings=tuple(self._told(update, own or _sorted(cited))),
        )

    def _lists(self, update: Update) -> tuple[list[Part], list[Part]]:
        """Return the lists that hold on the day: those of earlier updates of the release too; of PLA codes the newest."""
        before = [one for one in self.updates.values() if one.day <= update.day and one.base is update.base]
        lists = [part for one in before for part in one.lists]
        return lists, next((one.laboratory for one in reversed(before) if one.laboratory), [])

    def _begun(self, update: Update, lists: Sequence[Part], laboratory: Sequence[Part]) -> dict[str, Change]:
        """Return the changes by which codes are in force that no list of the update has."""
        listed = [part.tables["rows"].column("code").to_pylist() for part in (*lists, *laboratory)]
        authority = update.base.authority
        listed += [authority.tables["rows"].column("code").to_pylist()] if authority else []
        known = {code for codes in listed for code in codes}
        found: dict[str, Change] = {}
        for code in self.record.changes:
            turn = next((one for one in reversed(self.record.turns(code)) if one.day <= update.day), None)
            if turn and turn.change and turn.begins and turn.day > update.base.day and code not in known:
                found[code] = turn.change
        return found

    def _on(self, day: datetime.date) -> list[Turn]:
        """Return the turns of a day, by code."""
        return [turn for code in sorted(self.record.changes) for turn in self.record.turns(code) if turn.day == day]

    def _witnesses(self, first: datetime.date, last: datetime.date, before: Sequence[Part]) -> list[Part]:
        """Return the files that decide what happens between two days; with the releases around, where anything does."""
        found = self.record.witnesses(first, last)
        following = self.plan.following(first)
        return [*found, *before, *(following.ordered if following else ())] if found else []

    def _told(self, update: Update, own: Sequence[Part]) -> Iterator[str]:
        """Yield what an update is made of."""
        base = version_label("calendar", update.base.day)
        if update.laboratory or update.lists:
            yield f"codes of release {base}, updated by {labelled(own)}"
        else:
            turns = [turn.begins for turn in self._on(update.day)]
            begin, end = sum(turns), len(turns) - sum(turns)
            yield f"codes of release {base}, changed as {labelled(own)} says: {begin} begin, {end} end"
        held = next(one for one in self.record.statements if one.day == update.base.day)
        for statement in (one for one in self.record.statements if one.day == update.day):
            for category in statement.covers - {"PLA"}:
                lost = sum(kind_of(code) == category and code not in statement.codes for code in held.codes)
                yield f"list of category {category} codes taken as complete; {lost} codes of release {base} are not in it"


def _sorted(parts: Sequence[Part]) -> list[Part]:
    held = {part.identity: part for part in parts}
    return sorted(held.values(), key=lambda part: (part.origin.label, part.revision))
