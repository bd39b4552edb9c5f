"""What each entry of a code list becomes in another release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..model import Status
from .changes import Changes, CodeChange, Fate
from .code_list import Resolution
from .entries import Entry, EntryKind, remark
from .matching import Match, match_of

if TYPE_CHECKING:
    from ..query import Edition


@frozen
class Entered:
    """A code added: an entry includes it in the release after, and did not before."""

    code: str
    """In official form."""
    title: str | None
    """In the release after; None where it is withheld."""
    billable: bool
    """Whether it may be submitted on a claim in the release after."""
    successor_of: tuple[str, ...]
    """Codes included before that it replaces, wholly or in part; empty for a code that is new to the list."""


@frozen
class Left:
    """A code removed: an entry included it before, and no longer does."""

    change: CodeChange
    """What the release after makes of it."""
    unmatched: tuple[str, ...]
    """Those of its successors that the list, unchanged, does not include."""


@frozen
class EntryChange:
    """An entry in another release."""

    entry: Entry
    """As the list has it."""
    fate: Fate
    """Of a code entry, that of the code; of others unchanged, replaced (its codes were migrated) or unknown. Of any new
    or absent, where it was not in force before."""
    before: Match
    """What it includes in the release before."""
    after: Match
    """Of an entry whose codes were migrated, as it was migrated."""
    proposed: tuple[Entry, ...]
    """The entries in its place in the proposal; itself where it is kept."""
    change: CodeChange | None = None
    """Of a code entry: the change of the code."""
    entered: tuple[Entered, ...] = ()
    """Codes added: it includes them in the release after alone."""
    left: tuple[Left, ...] = ()
    """Codes removed: it included them in the release before alone."""
    moved: tuple[CodeChange, ...] = ()
    """Of another entry: the changes of the codes that it names, where it was migrated or lost."""

    @property
    def sentence(self) -> str:
        """What it becomes, as a sentence; empty where there is nothing to say."""
        if self.fate is Fate.NEW and self.before.check:
            return f"{self.before.check.code} is new: in force from {self.before.check.effective_from} on"
        if self.fate is Fate.ABSENT:
            return self.before.reason or self.after.reason or ""
        return self.change.sentence if self.change else self.after.reason or ""

    @property
    def is_carried(self) -> bool:
        """Whether it is a range or a hierarchy whose codes were migrated."""
        return self.change is None and bool(self.proposed) and self.proposed != (self.entry,)

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain values."""
        return {
            "line": self.entry.line,
            "entry": self.entry.text,
            "fate": str(self.fate),
            "change": self.change.to_dict() if self.change else None,
            "proposed": [entry.text for entry in self.proposed],
            "entered": [
                {"code": e.code, "title": e.title, "billable": e.billable, "successor_of": list(e.successor_of)}
                for e in self.entered
            ],
            "left": [{**left.change.to_dict(), "unmatched": list(left.unmatched)} for left in self.left],
        }


def entry_changes(before: Resolution, after: Resolution, changes: Changes) -> tuple[EntryChange, ...]:
    """Return the change of each entry of a list, in its order.

    Args:
        before: What the list includes in the release before.
        after: What it includes, unchanged, in the release after.
        changes: Between the two.
    """
    return tuple(
        _code_change(was, will, changes)
        if was.names_a_code or will.names_a_code
        else _entry_change(was, will, before, after, changes)
        for was, will in zip(before.matches, after.matches, strict=True)
    )


def _code_change(was: Match, will: Match, changes: Changes) -> EntryChange:
    """Return the change of an entry that names one code."""
    change = changes.of(was.entry.anchor)
    fate = change.fate if was.codes else _fate_of_absent(was, will)
    title, billable = changes.title(change.code), changes.after.is_billable(change.code)
    entered = (Entered(change.code, title, billable, ()),) if fate is Fate.NEW else ()
    return EntryChange(was.entry, fate, was, will, _proposed_codes(will, change), change, entered)


def _proposed_codes(will: Match, change: CodeChange) -> tuple[Entry, ...]:
    entry = will.entry
    if change.fate.stays:
        # what is no code, a chapter or an expression, is none after either
        return (entry,) if will.codes else ()
    if any(len(group) > 1 for group in change.alternatives):
        # a list has no way to say that codes are used together
        return ()
    made = []
    for code, title in zip(change.codes, change.titles, strict=True):
        comment = remarked(entry, change)
        made.append(evolve(entry, kind=EntryKind.CODE, code=code, last=None, label=remark(title), comment=comment))
    return tuple(made)


def remarked(entry: Entry, *changes: CodeChange) -> str:
    """Return the comment of an entry in place of another: that of the other, and what it was."""
    was = "; ".join(f"was {change.code}: {change.why}" for change in changes)
    return f"{entry.comment}; {was}" if entry.comment else was


def _entry_change(was: Match, will: Match, before: Resolution, after: Resolution, changes: Changes) -> EntryChange:
    """Return the change of a pattern, a range or a hierarchy."""
    moved: tuple[CodeChange, ...] = ()
    holds = not will.is_absent and bool(will.codes)
    if holds or was.entry.kind is EntryKind.PATTERN:
        proposed: tuple[Entry, ...] = (was.entry,) if holds else ()
        fate = Fate.UNCHANGED if holds else Fate.UNKNOWN
    else:
        ends = [was.entry.code, *([was.entry.last] if was.entry.last else [])]
        moved = tuple(change for end in ends if not (change := changes.of(end)).fate.stays)
        proposed = _migrated(was.entry, moved, changes.after)
        fate = Fate.REPLACED if proposed else Fate.UNKNOWN
        will = match_of(proposed[0], changes.after) if proposed else will
    if was.is_absent or (fate is Fate.UNKNOWN and not was.codes):
        fate = _fate_of_absent(was, will) if holds else Fate.ABSENT
    entered, left = _exchanged(was, will, before, after, changes)
    return EntryChange(was.entry, fate, was, will, proposed, None, entered, left, moved)


def _fate_of_absent(was: Match, will: Match) -> Fate:
    """Return the fate of an entry that included nothing before."""
    was_future = was.check is not None and was.check.status is Status.FUTURE
    return Fate.NEW if was_future and will.codes and not will.is_absent else Fate.ABSENT


def _migrated(entry: Entry, moved: tuple[CodeChange, ...], after: Edition) -> tuple[Entry, ...]:
    """Return the entry with its codes migrated, where each has one successor and the result includes something."""
    successors = {change.code: change.codes for change in moved}
    if any(len(codes) != 1 for codes in successors.values()):
        return ()
    official = after.definition.official

    def migrated(code: str | None) -> str | None:
        return successors.get(official(code) or code, (code,))[0] if code else None

    made = evolve(
        entry, code=migrated(entry.code) or entry.code, last=migrated(entry.last), comment=remarked(entry, *moved)
    )
    match = match_of(made, after)
    return (made,) if match.codes and not match.is_absent else ()


def _exchanged(
    was: Match, will: Match, before: Resolution, after: Resolution, changes: Changes
) -> tuple[tuple[Entered, ...], tuple[Left, ...]]:
    """Return the codes that are added to an entry, and those that are removed from it."""
    old, new = set(was.codes), set(will.codes)
    predecessors: dict[str, list[str]] = {}
    # of an excluding entry the codes that it takes out count, of others those that are left in
    for code in was.codes:
        if (code in before.members) != was.entry.excluding:
            change = changes.of(code)
            for successor in (*change.codes, *change.split_off):
                predecessors.setdefault(successor, []).append(code)
    entered = tuple(
        Entered(code, changes.title(code), changes.after.is_billable(code), tuple(predecessors.get(code, ())))
        for code in will.codes
        if code not in old
    )
    left = tuple(
        Left(change, tuple(code for code in change.codes if code not in after.members))
        for code in was.codes
        if code not in new
        for change in [changes.of(code)]
    )
    return entered, left
