"""What compiling needs of a release: its tables, and its hierarchy in document order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ... import schema
from ...model import Release

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class ReleaseTables:
    """A committed release, with its tables to be read when asked for."""

    release: Release
    digest: str
    tables: Mapping[str, pa.Table]


@frozen
class Outline:
    """The hierarchy of a release: codes in document order, positions of their parents, lines."""

    codes: pa.Array
    parents: Any
    lines: Any
    sources: Any
    """Of each node, which of the release's sources its line counts in."""

    @classmethod
    def of(cls, table: pa.Table) -> Outline:
        """Return the outline of a ``concepts`` table."""
        import pyarrow.compute as pc

        codes = table.column("code").combine_chunks()
        parents = pc.index_in(table.column("parent"), value_set=codes, skip_nulls=True)
        lines = pc.fill_null(table.column("line"), 0)
        return cls(codes, pc.fill_null(parents, -1).to_numpy(), lines.to_numpy(), source_column(table).to_numpy())

    def before(self, later: Outline, only: pa.Array | None = None) -> Outline:
        """Return the later outline, followed by what only this one holds.

        Args:
            later: The outline that keeps its order and lines.
            only: Codes to take over; by default all.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        taken = pc.invert(pc.is_in(self.codes, value_set=later.codes))
        if only is not None:
            taken = pc.and_(taken, pc.is_in(self.codes, value_set=only))
        parent_codes = self.codes.take(pa.array(self.parents, mask=self.parents < 0)).filter(taken)
        codes = pa.concat_arrays([later.codes, self.codes.filter(taken)])
        added = pc.fill_null(pc.index_in(parent_codes, value_set=codes, skip_nulls=True), -1)
        parents = np.concatenate([later.parents, added.to_numpy(zero_copy_only=False)])
        # a code that the release does not list has no line in its file
        nothing = np.zeros(len(parent_codes), dtype=np.int64)
        return Outline(codes, parents, np.concatenate([later.lines, nothing]), np.concatenate([later.sources, nothing]))


def source_column(table: pa.Table) -> pa.ChunkedArray:
    """Return which of its release's sources each concept comes from; the first where the loader does not say."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if schema.SOURCE_COLUMN not in table.column_names:
        return pa.chunked_array([pa.array([0], pa.int32()).take(pa.array([0] * table.num_rows, pa.int32()))])
    return pc.fill_null(table.column(schema.SOURCE_COLUMN), 0)
