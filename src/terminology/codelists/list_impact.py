"""What a new release does to code lists: which of them break, and by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from .changes import Changes, CodeChange, Fate
from .migration import ListMigration, migration_with

if TYPE_CHECKING:
    from ..query import CodeSystem
    from .code_list import CodeList


@frozen(eq=False)
class ListImpact:
    """What a release does to one list, counted in codes that the list includes before."""

    migration: ListMigration = field(repr=False)
    """Of the list, from which all else is counted."""
    name: str
    """Of the list."""
    codes: int
    """Codes that it includes in the release before."""
    counts: dict[str, int]
    """By fate: unchanged, renamed, to_header, deleted … only those that occur."""
    entered: tuple[str, ...]
    """Codes added: it includes them in the release after and did not before."""
    left: tuple[str, ...]
    """Codes removed: the other way round."""
    absent: int
    """Entries that were not in force in the release before already."""
    affected: tuple[CodeChange, ...] = field(repr=False)
    """The codes that did not stay as they were."""

    @property
    def is_broken(self) -> bool:
        """Whether the list needs review."""
        return not self.migration.is_settled

    def without_texts(self, _open_properties: Iterable[str] = ()) -> ListImpact:
        """Return the impact without the publisher's words."""
        return _impact(self.migration.without_texts())

    def to_dict(self) -> dict[str, Any]:
        """Return the impact as plain values."""
        return {
            "list": self.name,
            "file": self.migration.code_list.file,
            "broken": self.is_broken,
            "codes": self.codes,
            "counts": self.counts,
            "entered": list(self.entered),
            "left": list(self.left),
            "absent": self.absent,
            "affected": [change.to_dict() for change in self.affected],
            "review": [row.to_dict() for row in self.migration.review],
            "damaged": [row.to_dict() for row in self.migration.before.damaged],
        }


@frozen(eq=False)
class ListsImpact:
    """What a release does to several lists."""

    system: str
    """Short name of the code system."""
    before: str
    """Version of the release before."""
    after: str
    """Version of the release after."""
    lists: tuple[ListImpact, ...]
    """One for each list, in their order."""

    @property
    def broken(self) -> tuple[ListImpact, ...]:
        """The lists that need review."""
        return tuple(item for item in self.lists if item.is_broken)

    def without_texts(self, _open_properties: Iterable[str] = ()) -> ListsImpact:
        """Return the impact without the publisher's words."""
        return evolve(self, lists=tuple(item.without_texts() for item in self.lists))

    def to_dict(self) -> dict[str, Any]:
        """Return the impact as plain values."""
        return {
            "system": self.system,
            "before": self.before,
            "after": self.after,
            "broken": len(self.broken),
            "lists": [item.to_dict() for item in self.lists],
        }

    to_json = to_dict
    """Former name of `to_dict`."""


def impact_on_lists(
    lists: Iterable[CodeList], code_system: CodeSystem, before: str, after: str, *, titles: bool = True
) -> ListsImpact:
    """Return which code lists a release breaks, and by what.

    Args:
        lists: Code lists of one system.
        code_system: That system.
        before: Version, effective date or ``latest``: the release that the lists are right for.
        after: The release that is coming.
        titles: Whether titles are given; False for what leaves the process without a licence for them.

    Raises:
        UnknownReleaseError: The store has no such release.
        UnknownSystemError: A list is one of another code system.

    >>> from terminology.codelists import CodeList, impact_on_lists
    >>> lists = [CodeList.parse("is-a E11", file="diabetes.txt"), CodeList.parse("M54.5", file="pain.txt")]
    >>> found = impact_on_lists(lists, store["icd10cm"], "2021", "2022")
    >>> [(item.name, item.is_broken, item.counts) for item in found.lists]
    [('diabetes', False, {'unchanged': 8}), ('pain', True, {'to_header': 1})]
    """
    changes = Changes(code_system, before, after, titles=titles)
    found = tuple(_impact(migration_with(code_list, changes)) for code_list in lists)
    return ListsImpact(code_system.name, changes.versions[0], changes.versions[1], found)


def _impact(migration: ListMigration) -> ListImpact:
    members = [migration.changes.of(code) for code in migration.before.codes]
    counted = Counter(change.fate for change in members)
    before, after = migration.before, migration.after
    return ListImpact(
        migration=migration,
        name=migration.code_list.name,
        codes=len(before.codes),
        counts={str(fate): counted[fate] for fate in Fate if counted[fate]},
        entered=tuple(code for code in after.codes if code not in before.members),
        left=tuple(code for code in before.codes if code not in after.members),
        absent=sum(item.fate is Fate.ABSENT for item in migration.entries),
        affected=tuple(change for change in members if change.fate is not Fate.UNCHANGED),
    )
