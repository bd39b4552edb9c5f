"""What the functions say of the codes of one system, with what batches share: one of these is kept for each system."""

from __future__ import annotations

import datetime
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..columns.annotation import CodeOnDay, open_names
from ..columns.answers import ColumnAnswers, RowAnswers, states_of
from ..columns.placing import NO_DAY, Dictionaries, Placed
from ..hierarchy import NONE
from ..licences import may_show
from ..periods import day_number
from ..query import engine_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ..columns.states import States
    from ..query import CodeSystem, Edition

REMEMBERED: Final = 250_000
"""Values of codes in stretches of days, and texts that are written in another way than the publisher writes them."""
NAMES: Final = ("code", "day")
"""What the columns are called in errors."""
Numbers = Any
"""A numpy array of numbers."""


class SystemAnswers:
    """What the codes of one system are, for batches of any size."""

    def __init__(self, system: CodeSystem) -> None:
        self.system = system
        self.states = states_of(system, None, None)
        self.shows_texts = may_show(system.definition, system.licences)
        self._newest = day_number(system.latest.date)
        self._known = _Remembered(self.states, system.latest)
        self._column = ColumnAnswers(system, self.states, NAMES, self._known)
        self._values: dict[str, dict[int, str | None]] = {}
        self._places: dict[int, tuple[Numbers, Numbers]] = {}

    def rows(self, codes: pa.Array, days: pa.Array | None) -> RowAnswers:
        """Return what answers for a batch; without days on the first day of the newest release."""
        return self._column.rows(codes, self._newest if days is None else days)

    def placed(self, codes: pa.Array, days: pa.Array | None) -> Placed:
        """Return where the rows of a batch lie among the states."""
        return self.rows(codes, days).found

    # ---- texts

    def status(self, codes: pa.Array, days: pa.Array | None) -> pa.Array:
        """Return the statuses."""
        return self._column.texts("status", self.rows(codes, days).status())

    def code(self, codes: pa.Array) -> pa.Array:
        """Return the codes in official form; null of what no release knows."""
        return self._column.texts("code", self.rows(codes, None).code())

    def reason(self, codes: pa.Array, days: pa.Array | None) -> pa.Array:
        """Return why the codes have their status."""
        # its sentences are of this batch: those of all would be more and more
        column = ColumnAnswers(self.system, self.states, NAMES, self._known)
        return column.texts("reason", column.rows(codes, self._newest if days is None else days).reason())

    def display(self, codes: pa.Array, days: pa.Array | None) -> pa.Array:
        """Return the titles of codes in force; null of others, and where the licence of the system is not declared."""
        import pyarrow as pa

        if not self.shows_texts:
            return pa.nulls(len(codes), pa.string())
        return self._column.texts("title", self.rows(codes, days).title())

    # ---- what is said of a code

    def property(self, codes: pa.Array, name: str, days: pa.Array | None) -> pa.Array:
        """Return what is said of the codes under a name, as `terminology.annotate`: as text; null where it is withheld."""
        import numpy as np
        import pyarrow as pa

        if not self.shows_texts and name not in self._open_names:
            return pa.nulls(len(codes), pa.string())
        found = self.placed(codes, days)
        width = self.states.status.shape[1] + 1
        keys, numbers = np.unique(found.rows.astype(np.int64) * width + found.stretches + 1, return_inverse=True)
        known = self._values.setdefault(name, {})
        if len(known) >= REMEMBERED:
            known = self._values[name] = {}
        values = []
        for key in keys.tolist():
            if key not in known:
                known[key] = _text(CodeOnDay(self.states, self.system, key // width, key % width - 1).value(name))
            values.append(known[key])
        return pa.array(values, pa.string()).take(pa.array(numbers))

    @cached_property
    def _open_names(self) -> frozenset[str]:
        return open_names(self.system)

    # ---- hierarchy

    def subsumes(self, one: pa.Array, other: pa.Array, days: pa.Array | None) -> pa.Array:
        """Return how codes relate, as `Edition.subsumes`; null where one is not in force on the day."""
        import numpy as np
        import pyarrow as pa

        above, below = self.placed(one, days), self.placed(other, days)
        made = np.full(len(above.rows), -1, dtype=np.int8)
        for stretch in np.unique(above.stretches).tolist():
            if stretch == NO_DAY:
                continue
            rows = np.flatnonzero(above.stretches == stretch)
            places, ends = self._tree(stretch)
            a, b = places[above.rows[rows]], places[below.rows[rows]]
            held = (a != NONE) & (b != NONE)
            a, b, rows = a[held], b[held], rows[held]
            first, second = np.minimum(a, b), np.maximum(a, b)
            within = second < ends[first]
            made[rows] = np.where(a == b, 0, np.where(within, np.where(a < b, 1, 2), 3))
        names = pa.array(["equivalent", "subsumes", "subsumed-by", "not-subsumed"])
        return names.take(pa.array(made, mask=made < 0))

    def _tree(self, stretch: int) -> tuple[Numbers, Numbers]:
        """Return the place of each row of a code in the tree of a stretch, `NONE` of what is not in force, and the ends."""
        import numpy as np

        found = self._places.get(stretch)
        if found is None:
            as_of = engine_of(self._column.edition(stretch))
            places = np.full(self.states.malformed_row + 1, NONE, dtype=np.uint32)
            ends = np.zeros(0, dtype=np.uint32)
            if as_of.tree is not None:
                places[: len(as_of.tree.places)] = as_of.tree.places
                ends = np.asarray(as_of.tree.ends)
                if as_of.is_filtered:
                    places[~self.states.is_in_tree[:, stretch]] = NONE
            found = self._places[stretch] = (places, ends)
        return found


class _Remembered(Dictionaries):
    """The rows of texts that are written in another way: each is looked at once, whichever batch has it."""

    def __init__(self, states: States, edition: Edition) -> None:
        super().__init__(states, edition)
        self._rows: dict[str | None, int] = {}

    def rows_of(self, texts: pa.Array) -> Numbers:
        """Return the rows of different cells, and behind them that of a null."""
        import numpy as np

        values = texts.to_pylist()
        known = self._rows
        fresh = [place for place, text in enumerate(values) if text not in known]
        if fresh:
            if len(known) + len(fresh) > REMEMBERED:
                known = self._rows = {}
                fresh = list(range(len(values)))
            found = self.read(texts.take(fresh)).tolist()
            known.update(zip((values[place] for place in fresh), found[:-1], strict=True))
        return np.array([*(known[text] for text in values), self.states.malformed_row], dtype=np.int32)


def _text(value: Any) -> str | None:
    """Return what is said of a code as text: a day in ISO form, JSON of what is more than a text or number."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value, ensure_ascii=False)
