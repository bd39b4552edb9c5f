"""What changed from one version of a grouping to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from ..counts import counted

if TYPE_CHECKING:
    import pyarrow as pa


@frozen(repr=False, slots=False)
class GroupingDifference:
    """What changed from one version of a grouping to another; categories are compared as sets."""

    grouping: str
    """Short name of the grouping."""
    before: str
    """The version that is compared."""
    after: str
    """The version that it is compared with."""
    sets_before: Mapping[str, frozenset[str]]
    """By code, its categories in the version before."""
    sets_after: Mapping[str, frozenset[str]]
    """By code, its categories in the version after."""

    @cached_property
    def rows(self) -> Sequence[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
        """Code, change (added, removed, changed), and its categories before and after, sorted by code."""
        made = []
        for code in sorted(self.sets_before.keys() | self.sets_after.keys()):
            first, second = self.sets_before.get(code, frozenset()), self.sets_after.get(code, frozenset())
            if first != second:
                change = "added" if not first else "removed" if not second else "changed"
                made.append((code, change, tuple(sorted(first)), tuple(sorted(second))))
        return made

    def codes(self, change: str) -> tuple[str, ...]:
        """Return the codes that were ``added``, ``removed`` or ``changed``."""
        return tuple(code for code, found, *_ in self.rows if found == change)

    def among(self, counts: Mapping[str, int]) -> GroupingImpact:
        """Return what changed for codes of one's own.

        Args:
            counts: How often each code is used, in official form.
        """
        rows = tuple((counts[code], *row) for row in self.rows if (code := row[0]) in counts)
        neither = sorted(code for code in counts if code not in self.sets_before and code not in self.sets_after)
        return GroupingImpact(self.grouping, self.before, self.after, rows, tuple(neither), sum(counts.values()))

    def table(self) -> pa.Table:
        """Return the rows as a table: code, change, before, after."""
        import pyarrow as pa

        columns = list(zip(*self.rows, strict=True)) or [(), (), (), ()]
        kinds = (pa.string(), pa.string(), pa.list_(pa.string()), pa.list_(pa.string()))
        return pa.table(
            [pa.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)],
            names=["code", "change", "before", "after"],
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.codes(one)):,} {one}" for one in ("added", "removed", "changed"))
        return f"<GroupingDifference {self.grouping} {self.before} to {self.after}: {counts}>"


@frozen(repr=False)
class GroupingImpact:
    """What another version of a grouping changes for a list of codes, or for a column."""

    grouping: str
    """Short name of the grouping."""
    before: str
    """The version so far."""
    after: str
    """The version that follows it."""
    rows: Sequence[tuple[int, str, str, tuple[str, ...], tuple[str, ...]]]
    """How often a code is used, the code, its change, and its categories before and after; sorted by code."""
    ungrouped: tuple[str, ...]
    """Codes that are in no category of either version, sorted."""
    used: int
    """How many rows, or entries, were looked at."""

    @property
    def changed(self) -> int:
        """How many of them have another set of categories."""
        return sum(row[0] for row in self.rows)

    def __repr__(self) -> str:
        share = f"{self.changed:,} of {counted(self.used, 'row')}, {counted(len(self.rows), 'code')}"
        return f"<GroupingImpact {self.grouping} {self.before} to {self.after}: {share}>"
