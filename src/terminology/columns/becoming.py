"""What the codes of a system become, each once for the days on which it is the same, and all rows by the number of its answer.

A file comes in parts, and each part of a quarter of a million rows has most of all codes in it. So the answers are kept
as columns, and where the answer of a code and stretch is among them as a table of numbers: of a part whose codes were
followed before nothing is left to do but to look up::

    M54.5 in its second stretch    cell 31,876    answer 70,214    mapped, [[M54.50], [M54.51], [M54.59]]

Codes that become themselves are answers from the beginning. Texts that are no codes as they are written are asked by text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from ..model import Outcome, Translation
from .arrays import cells, taken
from .cells import cell_of
from .placing import NO_DAY
from .spellings import found_among

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.compiled import CompiledSystem
    from .following import Days

REMEMBERED: Final = 200_000
"""Texts that are no codes as they are written, whose answers are kept; above it all are forgotten."""
OUTCOMES: Final = tuple(Outcome)
NOTHING: Final = 0
"""Number of the answer of rows without a code or a day."""
UNASKED: Final = -1
Numbers = Any
"""A numpy array of numbers."""
Follow = Callable[[str, "int | None"], Translation]
"""What a text of a day becomes."""


class Codes(NamedTuple):
    """What answers hold in columns: for each of some flat rows a code, the number of its alternative and its place in it."""

    columns: dict[str, pa.Array]
    lengths: Numbers
    """For each answer the number of its rows; one where it has no code."""
    starts: Numbers
    """For each answer its first row; behind all others is one without a code."""


class Answers:
    """Answers as columns, of which rows take theirs by number."""

    def __init__(self, outcomes: pa.Array, groups: pa.Array) -> None:
        self.outcomes, self.groups = outcomes, groups
        """Numbers of `OUTCOMES`; and of each alternative its codes."""

    @cached_property
    def _counts(self) -> Numbers:
        """The number of alternatives of each answer."""
        import numpy as np

        return np.diff(self.groups.offsets.to_numpy())

    def _kept(self, policy: str) -> Numbers:
        """Return how many alternatives a policy keeps of each answer."""
        import numpy as np

        if policy == "all":
            return self._counts
        return (self._counts == 1 if policy == "unique" else self._counts > 0).astype(np.int32)

    def listed(self, policy: str) -> dict[str, pa.Array]:
        """Return the targets that a policy keeps, and but for ``all`` how many alternatives it drops."""
        import pyarrow as pa

        if policy == "all":
            return {"targets": self.groups}
        kept = self._kept(policy)
        first = self.groups.offsets.to_numpy()[:-1]
        targets = self.groups.values.take(pa.array(first, mask=kept == 0))
        return {"targets": targets, "dropped": pa.array(self._counts - kept, pa.int32())}

    def exploded(self, policy: str) -> Codes:
        """Return the codes that a policy keeps."""
        import numpy as np
        import pyarrow as pa

        alternatives = self.groups.values
        outer, inner = self.groups.offsets.to_numpy(), alternatives.offsets.to_numpy()
        first, after = inner[outer[:-1]], inner[outer[:-1] + self._kept(policy)]
        number_in_answer = np.arange(len(alternatives)) - np.repeat(outer[:-1], self._counts) + 1
        of_codes = np.repeat(np.arange(len(alternatives)), np.diff(inner))
        positions = np.arange(len(of_codes)) - inner[of_codes] + 1
        columns = {"target": alternatives.values, "alternative": number_in_answer[of_codes], "position": positions}
        kinds = {"target": pa.string(), "alternative": pa.int32(), "position": pa.int32()}
        whole = {
            name: pa.concat_arrays([pa.array(columns[name], kind), pa.nulls(1, kind)]) for name, kind in kinds.items()
        }
        has_code = after > first
        starts = np.where(has_code, first, len(of_codes)).astype(np.int32)
        return Codes(whole, np.where(has_code, after - first, 1).astype(np.int32), starts)


class Cells(Protocol):
    """Numbers the codes in their stretches of days."""

    count: int

    def of(self, rows: Numbers, days: Days, chosen: Numbers) -> Numbers:
        """Return the cells of some rows, which have days.

        Args:
            rows: Of the codes, in the codes table.
            days: Of all rows.
            chosen: Which of these the rows are of.
        """
        ...


class Becoming:
    """What the codes of a system become by one question, as far as it was asked.

    Args:
        system: Of the codes; None where it is not loaded.
        cells: Of its codes; None where each text is asked by itself.
        follow: What a text becomes.
        themselves: The rows of codes that become themselves on all days, and their cells.
    """

    def __init__(
        self,
        system: CompiledSystem | None,
        cells: Cells | None,
        follow: Follow,
        themselves: tuple[Numbers, Numbers] | None = None,
    ) -> None:
        self._system, self._cells, self._follow, self._themselves = system, cells, follow, themselves
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        import numpy as np
        import pyarrow as pa

        nothing = pa.array([OUTCOMES.index(Outcome.UNKNOWN)], pa.int8())
        self._parts = [(nothing, pa.array([[]], pa.list_(pa.list_(pa.string()))))]
        self._count = 1
        self._made: Answers | None = None
        self._texts: dict[tuple[str, int | None], int] = {}
        self._numbers = np.full(self._cells.count if self._cells else 0, UNASKED, dtype=np.int32)
        if self._themselves is not None and self._system is not None:
            rows, places = self._themselves
            self._numbers[places] = self._add_codes(self._system.arrow_codes.take(pa.array(rows)))

    # ---- numbers

    def of(self, column: pa.ChunkedArray, name: str, days: Days) -> tuple[Numbers, Answers]:
        """Return for each row the number of its answer, and the answers.

        Args:
            column: Of codes.
            name: Of the column, for errors.
            days: Of the rows.
        """
        import numpy as np

        made = np.full(len(column), NOTHING, dtype=np.int32)
        with self._lock:
            if len(self._texts) > REMEMBERED:
                self._forget()
            start = 0
            for chunk in column.chunks:
                part = slice(start, start + len(chunk))
                made[part] = self._of_chunk(chunk, name, days._replace(stretches=days.stretches[part]))
                start += len(chunk)
            return made, self._answers()

    def _of_chunk(self, column: pa.Array, name: str, days: Days) -> Numbers:
        import numpy as np
        import pyarrow as pa

        made = np.full(len(column), NOTHING, dtype=np.int32)
        has_day = days.stretches != NO_DAY
        texts = column if pa.types.is_string(column.type) else cells(column, name, "the table")
        rows = np.full(len(column), UNASKED, dtype=np.int32)
        if self._system is not None and self._cells is not None:
            rows = _rows(texts, self._system)
            known = np.flatnonzero((rows >= 0) & has_day)
            made[known] = self._of_codes(rows[known], days, known, self._cells)
        others = np.flatnonzero((rows < 0) & has_day)
        if len(others):
            rest = cells(texts.take(pa.array(others)), name, "the table")
            made[others] = self._of_texts(rest, days._replace(stretches=days.stretches[others]))
        return made

    def _of_codes(self, rows: Numbers, days: Days, known: Numbers, cells: Cells) -> Numbers:
        """Return the numbers of the answers of codes."""
        import numpy as np

        places = cells.of(rows, days, known)
        found = self._numbers[places]
        missing = np.flatnonzero(found == UNASKED)
        if len(missing):
            names = self._system.codes.name if self._system else str
            asked, first = np.unique(places[missing], return_index=True)
            chosen = missing[first]
            stretches = days.stretches[known[chosen]].tolist()
            pairs = [
                (names(row), days.samples[stretch])
                for row, stretch in zip(rows[chosen].tolist(), stretches, strict=True)
            ]
            self._numbers[asked] = self._add([self._follow(*pair) for pair in pairs])
            found = self._numbers[places]
        return found

    def _of_texts(self, texts: pa.DictionaryArray, days: Days) -> Numbers:
        """Return the numbers of the answers of texts that are no codes as they are written."""
        import numpy as np

        width = len(days.samples)
        places = texts.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        keys, numbers = np.unique(places * width + days.stretches, return_inverse=True)
        pairs = []
        for key in keys.tolist():
            place, stretch = divmod(key, width)
            text = texts.dictionary[place].as_py() if place >= 0 else None
            pairs.append(None if text is None else (cell_of(text).text, days.samples[stretch]))
        fresh = [pair for pair in dict.fromkeys(pairs) if pair is not None and pair not in self._texts]
        if fresh:
            made = self._add([self._follow(*pair) for pair in fresh])
            self._texts.update(zip(fresh, made.tolist(), strict=True))
        found = np.array([NOTHING if pair is None else self._texts[pair] for pair in pairs], dtype=np.int32)
        return found[numbers]

    # ---- answers

    def _answers(self) -> Answers:
        """Return all answers so far."""
        import pyarrow as pa

        if self._made is None:
            outcomes, groups = (pa.concat_arrays([part[place] for part in self._parts]) for place in (0, 1))
            self._parts = [(outcomes, groups)]
            self._made = Answers(outcomes, groups)
        return self._made

    def _add(self, found: Sequence[Translation]) -> Numbers:
        """Add answers; return their numbers."""
        import pyarrow as pa

        outcomes = pa.array([OUTCOMES.index(one.outcome) for one in found], pa.int8())
        groups = [[list(alternative.codes) for alternative in one.alternatives] for one in found]
        return self._added(outcomes, pa.array(groups, pa.list_(pa.list_(pa.string()))))

    def _add_codes(self, codes: pa.Array) -> Numbers:
        """Add an answer for each code, that it becomes itself; return their numbers."""
        import numpy as np
        import pyarrow as pa

        ends = pa.array(np.arange(len(codes) + 1, dtype=np.int32))
        outcomes = np.full(len(codes), OUTCOMES.index(Outcome.MAPPED), dtype=np.int8)
        groups = pa.ListArray.from_arrays(ends, pa.ListArray.from_arrays(ends, codes))
        return self._added(pa.array(outcomes), groups)

    def _added(self, outcomes: pa.Array, groups: pa.Array) -> Numbers:
        import numpy as np

        self._parts.append((outcomes, groups))
        self._made = None
        numbers = self._count + np.arange(len(groups), dtype=np.int32)
        self._count += len(groups)
        return numbers


def _rows(texts: pa.Array, system: CompiledSystem) -> Numbers:
    """Return the rows of texts, or of a dictionary of them, that are codes as they are written; -1 of any other."""
    import numpy as np
    import pyarrow as pa

    if not pa.types.is_dictionary(texts.type):
        return found_among(texts, system)
    of_texts = np.append(found_among(texts.dictionary, system), np.int32(UNASKED))
    indices = texts.indices.fill_null(len(texts.dictionary)) if texts.indices.null_count else texts.indices
    return taken(pa.array(of_texts), indices).to_numpy()
