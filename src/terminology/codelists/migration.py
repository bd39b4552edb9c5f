"""A code list carried from one release to another: what each entry becomes, and what a person has to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from .changes import Changes, CodeChange, Fate
from .code_list import CodeList
from .entries import Entry, EntryKind
from .resolving import Match, Resolution, match_of

if TYPE_CHECKING:
    from ..query import CodeSystem, Edition


@frozen
class Entered:
    """A code that an entry chooses in the release after, and did not before."""

    code: str
    title: str | None
    billable: bool
    successor_of: tuple[str, ...]
    """Codes chosen before that it stands for, wholly or in part; empty of a code that is new to the list."""


@frozen
class Left:
    """A code that an entry chose before, and no longer does."""

    change: CodeChange
    unmatched: tuple[str, ...]
    """Those of its successors that the list, as it stands, does not choose."""


@frozen
class EntryChange:
    """What became of an entry."""

    entry: Entry
    fate: Fate
    """Of a code entry, that of the code; of others unchanged, replaced (its codes were carried along) or unknown."""
    before: Match
    after: Match
    """Of an entry whose codes were carried along, as it was carried."""
    proposed: tuple[Entry, ...]
    """What stands in its place in the proposal; itself where it is kept."""
    change: CodeChange | None = None
    """Of a code entry: what became of the code."""
    entered: tuple[Entered, ...] = ()
    left: tuple[Left, ...] = ()
    moved: tuple[CodeChange, ...] = ()
    """Of another entry: what became of the codes that it names, where it was carried along or lost."""

    @property
    def is_carried(self) -> bool:
        """Whether it is a range or a hierarchy whose codes were carried along."""
        return self.change is None and bool(self.proposed) and self.proposed != (self.entry,)

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain values."""
        return {
            "line": self.entry.line,
            "entry": self.entry.text,
            "fate": str(self.fate),
            "change": self.change.to_json() if self.change else None,
            "proposed": [entry.text for entry in self.proposed],
            "entered": [
                {"code": e.code, "title": e.title, "billable": e.billable, "successor_of": list(e.successor_of)}
                for e in self.entered
            ],
            "left": [{**left.change.to_json(), "unmatched": list(left.unmatched)} for left in self.left],
        }


@frozen
class Review:
    """Something that a person has to decide."""

    line: int | None
    entry: str
    code: str | None
    kind: str
    """absent, unknown, deleted, split, combination, to_header, renamed, approximate, split_off, left, section, empty."""
    reason: str
    """One sentence."""

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {"line": self.line, "entry": self.entry, "code": self.code, "kind": self.kind, "reason": self.reason}


@frozen(eq=False)
class ListMigration:
    """A code list between two releases. Made by `migration_of`."""

    code_list: CodeList = field(repr=False)
    system: str
    before: Resolution = field(repr=False)
    """What the list chooses in the release before."""
    after: Resolution = field(repr=False)
    """What the list, as it stands, chooses in the release after."""
    entries: tuple[EntryChange, ...] = field(repr=False)
    review: tuple[Review, ...] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many entries have each fate."""
        found = Counter(str(item.fate) for item in self.entries)
        return {str(fate): found[str(fate)] for fate in Fate if found[str(fate)]}

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left for a person to decide."""
        return not self.review

    def proposal(self) -> CodeList:
        """Return the list for the release after, in the plain text of lists, comments kept.

        Changed entries have a trailing comment that says why; what is to be decided is commented out. A list that
        was read from CSV, JSON or FHIR becomes plain text. Every entry of it is in force in the release after.

        >>> from terminology.codelists import CodeList, migration_of
        >>> codes = CodeList.parse("# back pain\\nM54.5  Low back pain")
        >>> print(migration_of(codes, store["icd10cm"], "2021", "2022").proposal().text, end="")
        # back pain
        M54.50  Low back pain, unspecified  # was M54.5: a header since 2021-10-01
        M54.51  Vertebrogenic low back pain  # was M54.5: a header since 2021-10-01
        M54.59  Other low back pain  # was M54.5: a header since 2021-10-01
        """
        from .proposal import proposed_list

        return proposed_list(self)

    def to_json(self) -> dict[str, Any]:
        """Return the migration as plain values, with the text of the proposal."""
        return {
            "list": self.code_list.name,
            "system": self.system,
            "before": self.before.version,
            "after": self.after.version,
            "codes_before": len(self.before.codes),
            "codes_after": len(self.after.codes),
            "counts": self.counts,
            "entries": [item.to_json() for item in self.entries],
            "review": [row.to_json() for row in self.review],
            "proposal": self.proposal().text,
        }


def migration_of(
    code_list: CodeList, code_system: CodeSystem, before: str, after: str, *, titles: bool = True
) -> ListMigration:
    """Return what a code list of one release becomes in another, later or earlier.

    Args:
        code_list: The list.
        code_system: The code system of its codes.
        before: Version, effective date or ``latest``: the release that the list is right for.
        after: The release to carry it to.
        titles: Whether titles are given; False for what leaves the process without a licence for them.

    Raises:
        UnknownReleaseError: The store has no such release.
        UnknownSystemError: The list is one of another code system.

    >>> from terminology.codelists import CodeList, migration_of
    >>> moved = migration_of(CodeList.parse("M54.5\\nE11.*"), store["icd10cm"], "2021", "2022")
    >>> moved.counts
    {'unchanged': 1, 'to_header': 1}
    >>> print(moved.review[0].reason)
    M54.5 is now a header of M54.50, M54.51, M54.59 since 2021-10-01
    """
    return migration_with(code_list, Changes(code_system, before, after, titles=titles))


def migration_with(code_list: CodeList, changes: Changes) -> ListMigration:
    """Return the migration of a list, by changes that other lists may have asked of before."""
    from .review import rows_to_review

    was, will = code_list.resolve(changes.before), code_list.resolve(changes.after)
    entries = tuple(
        _code_change(first, second, changes)
        if first.names_a_code or second.names_a_code
        else _entry_change(first, second, was, will, changes)
        for first, second in zip(was.matches, will.matches, strict=True)
    )
    made = ListMigration(code_list, was.system, was, will, entries, ())
    return evolve(made, review=rows_to_review(made, changes))


def _code_change(was: Match, will: Match, changes: Changes) -> EntryChange:
    """Return what became of an entry that names one code."""
    change = changes.of(was.entry.anchor)
    fate = change.fate if was.codes else Fate.ABSENT
    return EntryChange(was.entry, fate, was, will, _proposed_codes(will, change), change)


def _proposed_codes(will: Match, change: CodeChange) -> tuple[Entry, ...]:
    entry = will.entry
    if change.fate.stays:
        # what is no code, a chapter or an expression, is none after either
        return (entry,) if will.codes else ()
    if any(len(group) > 1 for group in change.alternatives):
        # a list cannot say that codes are used together
        return ()
    made = []
    for code, title in zip(change.codes, change.titles, strict=True):
        label = title if entry.label else None
        made.append(
            evolve(entry, kind=EntryKind.CODE, code=code, last=None, label=label, comment=remarked(entry, change))
        )
    return tuple(made)


def remarked(entry: Entry, *changes: CodeChange) -> str:
    """Return the comment of an entry that others stand for: its own, and what it was."""
    was = "; ".join(f"was {change.code}: {change.why}" for change in changes)
    return f"{entry.comment}; {was}" if entry.comment else was


def _entry_change(was: Match, will: Match, before: Resolution, after: Resolution, changes: Changes) -> EntryChange:
    """Return what became of a pattern, a range or a hierarchy."""
    moved: tuple[CodeChange, ...] = ()
    stands = not will.is_absent and bool(will.codes)
    if stands or was.entry.kind is EntryKind.PATTERN:
        proposed: tuple[Entry, ...] = (was.entry,) if stands else ()
        fate = Fate.UNCHANGED if stands else Fate.UNKNOWN
    else:
        ends = [was.entry.code, *([was.entry.last] if was.entry.last else [])]
        moved = tuple(change for end in ends if not (change := changes.of(end)).fate.stays)
        proposed = _carried(was.entry, moved, changes.after)
        fate = Fate.REPLACED if proposed else Fate.UNKNOWN
        will = match_of(proposed[0], changes.after) if proposed else will
    if was.is_absent or (fate is Fate.UNKNOWN and not was.codes):
        fate = Fate.ABSENT
    entered, left = _exchanged(was, will, before, after, changes)
    return EntryChange(was.entry, fate, was, will, proposed, None, entered, left, moved)


def _carried(entry: Entry, moved: tuple[CodeChange, ...], after: Edition) -> tuple[Entry, ...]:
    """Return the entry with its codes carried along, where each has one successor and the result chooses something."""
    successors = {change.code: change.codes for change in moved}
    if any(len(codes) != 1 for codes in successors.values()):
        return ()
    official = after.definition.official

    def carried(code: str | None) -> str | None:
        return successors.get(official(code) or code, (code,))[0] if code else None

    made = evolve(
        entry, code=carried(entry.code) or entry.code, last=carried(entry.last), comment=remarked(entry, *moved)
    )
    match = match_of(made, after)
    return (made,) if match.codes and not match.is_absent else ()


def _exchanged(
    was: Match, will: Match, before: Resolution, after: Resolution, changes: Changes
) -> tuple[tuple[Entered, ...], tuple[Left, ...]]:
    """Return the codes that an entry chooses anew, and those that it chooses no longer."""
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
