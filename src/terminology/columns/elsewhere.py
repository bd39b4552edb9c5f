"""Which other systems of a store have texts as codes: `Descriptions.other_systems` for whole Arrow arrays.

Nearly no text that is unknown in one system is a code of another. So the codes of all others are brought into one plain
form, in capitals and without dots, and the texts too: only where both are the same a system is asked by its own rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import schema
from .packed import PackedCodes
from .spellings import BLANKS, rows_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.compiled import CompiledSystem

SHORTEST_CATEGORY: Final = 3
Numbers = Any
"""A numpy array of numbers."""


class Named:
    """For each of some texts a few names, of systems or of anything else: a number for each text, and what it stands for."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self.numbers: Numbers = np.zeros(count, dtype=np.int64)
        self.names: list[tuple[str, ...]] = [()]

    def add(self, name: str, places: Numbers) -> None:
        """Add a name to the texts in some places."""
        import numpy as np

        if not len(places):
            return
        keys = self.numbers * 2
        keys[places] += 1
        different, self.numbers = np.unique(keys, return_inverse=True)
        self.names = [self.names[key >> 1] + ((name,) if key & 1 else ()) for key in different.tolist()]


class OtherSystems:
    """The codes of all systems of a store but one."""

    def __init__(self, own: CompiledSystem) -> None:
        import pyarrow as pa

        found = sorted(own.store.systems.items())
        self._systems = [(name, system) for name, system in found if system is not own]
        codes = [_plain(system.arrow_codes.filter(pa.array(_kinds(system)[0]))) for _, system in self._systems]
        whole = pa.concat_arrays(codes) if codes else pa.array([], pa.string())
        self._plain = PackedCodes(whole.unique())

    def of(self, texts: pa.Array) -> Named:
        """Return the short names of the systems that have each text as a code on any day, sorted.

        Args:
            texts: Of type string, without nulls.
        """
        import numpy as np
        import pyarrow.compute as pc

        named = Named(len(texts))
        is_ascii = pc.string_is_ascii(texts).to_numpy(zero_copy_only=False)
        places = np.flatnonzero((self._plain.rows_of(_plain(texts)) >= 0) | ~is_ascii)
        asked = texts.take(places)
        for name, system in self._systems if len(places) else ():
            named.add(name, places[_has(system, asked)])
        return named


def others_of(system: CompiledSystem) -> OtherSystems:
    """Return the codes of all systems but this one; they are made once."""
    return system.keep(("other systems", 0), lambda: OtherSystems(system))


def _plain(texts: pa.Array) -> pa.Array:
    """Return texts without the marks in which two ways to write a code may differ."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = pc.ascii_upper(pc.utf8_trim(texts, characters=BLANKS))
    return pc.replace_substring(bare, ".", "").cast(pa.string())


def _has(system: CompiledSystem, texts: pa.Array) -> Numbers:
    """Return whether a system has each text as a code: listed by the publisher, or a whole category (250, not 38.9)."""
    import numpy as np
    import pyarrow.compute as pc

    is_code, is_listed = (np.append(kind, [False, False]) for kind in _kinds(system))
    rows = rows_of(texts, system)
    bare = pc.utf8_trim_whitespace(texts)
    is_category = pc.and_(pc.utf8_is_alnum(bare), pc.greater_equal(pc.utf8_length(bare), SHORTEST_CATEGORY))
    return is_code[rows] & (is_listed[rows] | is_category.to_numpy(zero_copy_only=False))


def _kinds(system: CompiledSystem) -> tuple[Numbers, Numbers]:
    """Return for each row of a code whether it is one, no chapter, section or prefix; and whether the publisher lists it."""
    return system.keep(("kinds of codes", 0), lambda: _kinds_of_rows(system))


def _kinds_of_rows(system: CompiledSystem) -> tuple[Numbers, Numbers]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    periods = system.periods
    kinds = periods.table.to_arrow(["kind"]).column("kind")
    is_code = pc.invert(pc.is_in(kinds, value_set=pa.array(sorted(schema.UNCOUNTED_KINDS), pa.string())))
    of_rows = (is_code.to_numpy(zero_copy_only=False), ~np.asarray(periods.details.derived).astype(bool))
    first = np.asarray(periods.first)[: system.codes.count].astype(np.int64)
    found_code, found_listed = (
        np.logical_or.reduceat(flags, first) if len(first) else np.zeros(0, dtype=bool) for flags in of_rows
    )
    return found_code, found_listed
