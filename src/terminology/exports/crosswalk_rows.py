"""Published maps between code systems over all their versions: what several versions in a row say alike is one row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ..model import Crosswalk
from ..periods import day_number
from ..query import Terminology
from .runs import runs_of

if TYPE_CHECKING:
    import pyarrow as pa

JOINT: Final = " + "
"""Between codes that are used together."""
COMPARED: Final = ("source_code", "with_codes", "target_codes", "relationship", "approximate")
SEPARATOR: Final = "\x1f"
"""Between the cells of a row that is compared as one text; in no code."""


class Direction(NamedTuple):
    """A map from one system to another, in all its versions, oldest first."""

    name: str
    source: str
    target: str
    versions: tuple[Crosswalk, ...]

    @property
    def label(self) -> str:
        """A name that a table can have."""
        return re.sub(r"[^a-z0-9]+", "_", f"{self.name}_{self.source}_to_{self.target}".lower()).strip("_")


def directions_of(store: Terminology, systems: Collection[str] | None) -> Iterator[Direction]:
    """Yield the maps between different systems that a store holds; of some systems, those from one of these to another."""
    held: dict[tuple[str, str, str], list[Crosswalk]] = {}
    for one in store.crosswalks:
        ends = {one.source_system, one.target_system}
        if len(ends) > 1 and (systems is None or ends <= {*systems}):
            held.setdefault((one.name, one.source_system, one.target_system), []).append(one)
    for name, versions in sorted(held.items()):
        yield Direction(*name, tuple(sorted(versions, key=lambda one: (one.effective, one.version))))


def crosswalk_table(store: Terminology, direction: Direction) -> pa.Table:
    """Return what a map says, a row for each code of each alternative, with the versions that say so as a period.

    Columns: ``source_code``; ``with_codes`` (those that are used together with it, between plus signs; null where it is alone);
    ``target_code`` (null: the publisher says that there is nothing to map to); ``target_codes`` (all codes of the alternative,
    used together, between plus signs); ``position`` (of the code among these, from 1 on); ``relationship`` and ``approximate`` as of an `Alternative`; ``valid_from``, the day
    from which the first of these versions is in use, and ``valid_to``, that of the version that no longer says so.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = [_compared(store.table(one)) for one in direction.versions]
    whole = pa.concat_tables(tables).combine_chunks()
    keys = pc.binary_join_element_wise(*(_texts(whole.column(name)) for name in COMPARED), SEPARATOR).combine_chunks()
    encoded = (keys.chunk(0) if isinstance(keys, pa.ChunkedArray) else keys).dictionary_encode()
    numbers = encoded.indices.to_numpy(zero_copy_only=False)
    _, sample = np.unique(numbers, return_index=True)
    is_said = np.zeros((len(encoded.dictionary), len(tables)), dtype=bool)
    is_said[numbers, np.repeat(np.arange(len(tables)), [len(table) for table in tables])] = True
    runs = runs_of(is_said)
    runs = runs.where(runs.of(is_said))
    days = np.array([day_number(one.effective) for one in direction.versions] + [0], dtype=np.int32)
    is_open = runs.ends == len(tables)
    found = whole.take(pa.array(sample[runs.rows]))
    found = found.append_column("valid_from", pa.array(days[runs.firsts], pa.int32()).cast(pa.date32()))
    ends = pa.array(days[runs.ends], pa.int32(), mask=is_open).cast(pa.date32())
    order = [(name, "ascending") for name in ("source_code", "with_codes", "target_codes", "valid_from")]
    return _by_code(found.append_column("valid_to", ends).sort_by(order))


def _compared(table: pa.Table) -> pa.Table:
    """Return the columns that are compared, lists as texts, without what has no source."""
    import pyarrow as pa
    import pyarrow.compute as pc

    together = pc.binary_join(table.column("with_codes"), JOINT)
    columns = {
        "source_code": table.column("source_code"),
        "with_codes": pc.if_else(pc.equal(together, ""), None, together),
        "target_codes": pc.binary_join(table.column("target_codes"), JOINT),
        "relationship": table.column("relationship"),
        "approximate": table.column("approximate"),
    }
    return pa.table(columns).filter(pc.is_valid(table.column("source_code")))


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.fill_null(column.cast(pa.string()), "\x1e")


def _by_code(table: pa.Table) -> pa.Table:
    """Return the table with a row for each code of an alternative."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.split_pattern(pc.fill_null(table.column("target_codes"), ""), JOINT).combine_chunks()
    parts = parts.chunk(0) if isinstance(parts, pa.ChunkedArray) else parts
    codes = pc.list_flatten(parts)
    exploded = table.take(pc.list_parent_indices(parts))
    lengths = pc.list_value_length(parts).to_numpy(zero_copy_only=False)
    positions = np.arange(1, len(codes) + 1) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = exploded.column_names.index("target_codes")
    exploded = exploded.add_column(place, "target_code", pc.if_else(pc.equal(codes, ""), None, codes))
    return exploded.add_column(place + 2, "position", pa.array(positions, pa.int32()))
