"""A code list migrated from one release to another: what each entry becomes, and what needs review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from .changes import Changes, Fate
from .code_list import CodeList, Resolution, columns_of
from .entry_changes import EntryChange, entry_changes
from .proposal import proposed_list
from .review import Review, rows_to_review

if TYPE_CHECKING:
    from ..query import CodeSystem


@frozen(eq=False)
class ListMigration:
    """A code list between two releases. Made by `migration_of`."""

    code_list: CodeList = field(repr=False)
    """That is migrated."""
    system: str
    """Short name of the code system."""
    before: Resolution = field(repr=False)
    """What the list includes in the release before."""
    after: Resolution = field(repr=False)
    """What the list, unchanged, includes in the release after."""
    entries: tuple[EntryChange, ...] = field(repr=False)
    """One change for each entry, in the order of the list."""
    review: tuple[Review, ...] = field(repr=False)
    """What a person has to decide; empty where nothing is open."""
    changes: Changes = field(repr=False)
    """What the codes of the one release are in the other."""

    @property
    def counts(self) -> dict[str, int]:
        """How many entries have each fate."""
        found = Counter(str(item.fate) for item in self.entries)
        return {str(fate): found[str(fate)] for fate in Fate if found[str(fate)]}

    @property
    def is_settled(self) -> bool:
        """Whether nothing needs review."""
        return not self.review

    def proposal(self) -> CodeList:
        """Return the list for the release after, in the plain text of lists, comments kept.

        The head names the code system and the new release, and the file where the list has no name. Changed entries
        have the titles of the new codes and a trailing comment that says why; what needs review is commented out, and so is
        a damaged row. A list that was read from CSV, JSON or FHIR becomes plain text. Every entry of it is in force in
        the release after.

        >>> from terminology.codelists import CodeList, migration_of
        >>> codes = CodeList.parse("# back pain\\nM54.5  Low back pain")
        >>> print(migration_of(codes, store["icd10cm"], "2021", "2022").proposal().text, end="")
        system: icd10cm
        release: 2022
        <BLANKLINE>
        # back pain
        M54.50  Low back pain, unspecified  # was M54.5: a header since 2021-10-01
        M54.51  Vertebrogenic low back pain  # was M54.5: a header since 2021-10-01
        M54.59  Other low back pain  # was M54.5: a header since 2021-10-01
        """
        return proposed_list(self.code_list, self.entries, self.before, self.after)

    def without_texts(self, _open_properties: Iterable[str] = ()) -> ListMigration:
        """Return the migration without the publisher's words; what the list itself says stays."""
        return migration_with(self.code_list, self.changes.without_titles())

    def to_dict(self) -> dict[str, Any]:
        """Return the migration as plain values, with the text of the proposal."""
        return {
            "list": self.code_list.name,
            "system": self.system,
            "before": self.before.version,
            "after": self.after.version,
            "codes_before": len(self.before.codes),
            "codes_after": len(self.after.codes),
            "counts": self.counts,
            "entries": [item.to_dict() for item in self.entries],
            "review": [row.to_dict() for row in self.review],
            "damaged": [row.to_dict() for row in self.before.damaged],
            "proposal": self.proposal().text,
            **columns_of(self.code_list),
        }

    to_json = to_dict
    """Former name of `to_dict`."""


def migration_of(
    code_list: CodeList, code_system: CodeSystem, before: str, after: str, *, titles: bool = True
) -> ListMigration:
    """Return what a code list of one release becomes in another, later or earlier.

    Args:
        code_list: The list.
        code_system: The code system of its codes.
        before: Version, effective date or ``latest``: the release that the list is right for.
        after: The release to migrate it to.
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
    """Return the migration of a list, by changes that other lists share."""
    was, will = code_list.resolve(changes.before), code_list.resolve(changes.after)
    entries = entry_changes(was, will, changes)
    return ListMigration(
        code_list, was.system, was, will, entries, rows_to_review(entries, was, will, changes), changes
    )
