"""What changed from one version of a grouping to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import pyarrow as pa


@frozen(repr=False, slots=False)
class GroupingDifference:
    """What changed from one version of a grouping to another; categories are compared as sets."""

    grouping: str
    before: str
    after: str
    sets_before: Mapping[str, frozenset[str]]
    sets_after: Mapping[str, frozenset[str]]

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
