"""What needs review after a list was migrated to another release, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..model import Status
from .changes import Changes, CodeChange, Fate, listed
from .code_list import Resolution
from .entries import EntryKind
from .entry_changes import EntryChange


class Concern(StrEnum):
    """Why an entry or a code needs review, where its `Fate` does not say it."""

    APPROXIMATE = "approximate"
    """A successor does not mean the same."""
    SPLIT_OFF = "split_off"
    """A part of its meaning has gone to a code that the list does not hold."""
    LEFT = "left"
    """The list does not hold its successors, or holds those of a code that it excludes."""
    SECTION = "section"
    """A section of the release before is none of the release after."""
    EMPTY = "empty"
    """It includes nothing in either release."""
    DAMAGED = "damaged"
    """It is no entry, or a number that lost zeros."""


@frozen
class Review:
    """Something that needs review: a person decides."""

    line: int | None
    """Of the entry in the list; None where the list has no lines."""
    entry: str
    """As the list has it."""
    code: str | None
    """That it is about; None where the whole entry is meant."""
    kind: str
    """A fate (absent, unknown, deleted, split, combination, to_header, renamed), or approximate, split_off, left,
    section, empty, damaged."""
    reason: str
    """One sentence."""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {"line": self.line, "entry": self.entry, "code": self.code, "kind": self.kind, "reason": self.reason}


def rows_to_review(
    entries: Sequence[EntryChange], before: Resolution, after: Resolution, changes: Changes
) -> tuple[Review, ...]:
    """Return the rows, damaged ones first, in the order of the list; what several entries say of a code is said once.

    Args:
        entries: The change of each entry.
        before: What the list includes in the release before.
        after: What it includes, unchanged, in the release after.
        changes: Between the two.
    """
    found: dict[tuple[str | None, str, int | None], Review] = {}
    holdings = _Holdings.of(entries, before, after)
    for item in entries:
        for row in _rows(item, changes, holdings):
            # an entry that was wrong before is counted as often as it is there, and so it is reported
            line = row.line if row.kind == Fate.ABSENT else None
            found.setdefault((row.code or row.entry, row.kind, line), row)
    damaged = (Review(row.line, row.text, None, str(Concern.DAMAGED), row.sentence) for row in before.damaged)
    return (*damaged, *found.values())


@frozen
class _Holdings:
    """What the list holds in the release after: unchanged, and by entries that were migrated."""

    members: frozenset[str]
    excluded: frozenset[str]
    before: Resolution
    after: Resolution

    @classmethod
    def of(cls, entries: Sequence[EntryChange], before: Resolution, after: Resolution) -> _Holdings:
        migrated = {code for item in entries if item.is_carried for code in item.after.codes}
        matches = [item.after for item in entries if item.entry.excluding]
        excluded = {code for match in matches for code in match.codes}
        return cls(frozenset((after.members | migrated) - excluded), frozenset(excluded), before, after)

    def without(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the codes that the list neither includes nor excludes."""
        return tuple(code for code in codes if code not in self.members and code not in self.excluded)


def _rows(item: EntryChange, changes: Changes, holdings: _Holdings) -> Iterator[Review]:
    if item.change is not None:
        yield from _of_a_code(item, item.change, holdings)
        return
    yield from _of_an_entry(item, holdings)
    if item.entry.excluding:
        yield from _of_an_exclusion(item, holdings)
        return
    for code in item.before.codes:
        if code in holdings.before.members:
            yield from _of_a_member(item, changes.of(code), holdings)


def _row(item: EntryChange, kind: Fate | Concern, reason: str, code: str | None = None) -> Review:
    return Review(item.entry.line, item.entry.text, code, str(kind), reason)


def _of_a_code(item: EntryChange, change: CodeChange, holdings: _Holdings) -> Iterator[Review]:
    if item.entry.cell is not None and item.before.is_absent:
        yield _row(item, Concern.DAMAGED, item.before.reason or "", item.entry.anchor)
        return
    if item.fate is Fate.ABSENT:
        said = change.absence or item.before.reason
        known = f"; {change.sentence}" if change.alternatives and not change.fate.stays else ""
        reason = f"{_when(item, holdings)}: {said}{known}"
        yield _row(item, Fate.ABSENT, reason, item.entry.anchor if change.absence else change.code)
        return
    if item.fate is Fate.NEW:
        return
    outside = holdings.without(change.codes)
    if change.fate in (Fate.UNKNOWN, Fate.DELETED, Fate.COMBINATION, Fate.TO_HEADER, Fate.RENAMED) or (
        change.fate is Fate.SPLIT and outside
    ):
        yield _row(item, change.fate, change.sentence, change.code)
    yield from _of_any_code(item, change, holdings)


def _when(item: EntryChange, holdings: _Holdings) -> str:
    """Return in which release an absent entry was not in force."""
    if item.before.check and item.before.check.status is Status.FUTURE:
        return f"not in force in {holdings.after.version} yet"
    return f"not in force in {holdings.before.version} already"


def _of_a_member(item: EntryChange, change: CodeChange, holdings: _Holdings) -> Iterator[Review]:
    """Yield what needs review of a code that a pattern, a range or a hierarchy includes."""
    outside = holdings.without(change.codes)
    if change.fate in (Fate.UNKNOWN, Fate.DELETED, Fate.COMBINATION, Fate.RENAMED):
        yield _row(item, change.fate, change.sentence, change.code)
    elif outside and not change.fate.stays:
        kind = change.fate if change.fate is Fate.TO_HEADER else Concern.LEFT
        missing = listed(tuple((code,) for code in outside))
        yield _row(item, kind, f"{change.sentence}; the list does not hold {missing}", change.code)
    yield from _of_any_code(item, change, holdings)


def _of_any_code(item: EntryChange, change: CodeChange, holdings: _Holdings) -> Iterator[Review]:
    if change.is_approximate:
        reason = f"{change.sentence}, which does not mean the same"
        yield _row(item, Concern.APPROXIMATE, reason, change.code)
    if change.alternatives and not change.is_complete:
        yield _row(item, Fate.UNKNOWN, f"not every replacement of {change.code} is known: {change.reason}", change.code)
    split_off = holdings.without(change.split_off) if not item.entry.excluding else ()
    if split_off:
        titles = dict(zip(change.split_off, change.split_off_titles, strict=True))
        names = listed(tuple((f"{code} ({titles[code]})" if titles[code] else code,) for code in split_off))
        verb, them = ("was", "it") if len(split_off) == 1 else ("were", "them")
        reason = f"{names} {verb} split off from {change.code}, and the list does not hold {them}"
        yield _row(item, Concern.SPLIT_OFF, reason, change.code)


def _of_an_entry(item: EntryChange, holdings: _Holdings) -> Iterator[Review]:
    after = holdings.after.version
    if item.fate is Fate.ABSENT and item.before.is_absent:
        yield _row(item, Fate.ABSENT, f"{_when(item, holdings)}: {item.before.reason}")
    elif item.fate is Fate.ABSENT:
        yield _row(item, Concern.EMPTY, f"includes nothing in either release: {item.after.reason}")
    elif item.fate is Fate.UNKNOWN:
        said = "; ".join(change.sentence for change in item.moved) or item.after.reason
        yield _row(item, Fate.UNKNOWN, f"includes nothing in {after}: {said}")
    elif item.before.section and not item.after.section and item.entry.kind is not EntryKind.PATTERN:
        reason = f"{item.before.section} is a section of {holdings.before.version} and none of {after}: it is read as a range of codes"
        holds = _common_parent(item, holdings)
        yield _row(item, Concern.SECTION, f"{reason}; both of its ends are now in {holds}" if holds else reason)


def _common_parent(item: EntryChange, holdings: _Holdings) -> str | None:
    """Return what holds both ends of a range in the release after, one step above them."""
    edition, ends = holdings.after.edition, item.entry.anchor.split("-")
    above = {edition.parent(end) for end in ends if edition.is_valid(end)}
    return above.pop() if len(above) == 1 else None


def _of_an_exclusion(item: EntryChange, holdings: _Holdings) -> Iterator[Review]:
    """Yield the codes that were taken out and whose successors the list now holds."""
    for left in item.left:
        held = tuple(code for code in left.change.codes if code in holdings.members)
        if held and left.change.code not in holdings.before.members:
            names = listed(tuple((code,) for code in held))
            reason = f"{left.change.sentence}; the list excluded it and now holds {names}"
            yield _row(item, Concern.LEFT, reason, left.change.code)
