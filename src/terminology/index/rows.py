"""The rows of one index of one release: which hold words, which a reference names, what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from ..model import Release
from .names import OTHER, WORD, closeness, folded, ranked_names
from .places import Places

if TYPE_CHECKING:
    import pyarrow as pa

CELLS: Final = 8
"""More than the columns of the table with most."""

MOST_RANKED: Final = 4_000
"""Rows that are ranked; of more, as a single letter finds them, those nearest to the main terms."""
REMEMBERED: Final = 4_096
"""References of which it is remembered where they lead to."""


class IndexRows:
    """One of the four indexes, of one release. It knows no day, so it is kept as long as the store is open."""

    def __init__(self, which: str, table: pa.Table, release: Release) -> None:
        self.which = which
        self.table = table
        self.release = release
        self._led: dict[str, list[int]] = {}
        self.checksums = {source.file: source.sha256 for source in release.sources}

    def hits(self, words: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Yield the rows of the terms that hold all words, with their ranks."""
        rows, texts = self._holding(words)
        chosen = self.table.select(["terms", "level"]).take(rows)
        mains: dict[str, tuple[int, bool]] = {}
        for row, terms, level, text in zip(
            rows.to_pylist(), *(chosen.column(name).to_pylist() for name in ("terms", "level")), texts, strict=True
        ):
            main = terms[0]
            if main not in mains:
                mains[main] = _leading(WORD.findall(folded(main)), words)
            leading, begun = mains[main]
            whole = set(WORD.findall(text))
            yield (-leading, level, not begun, -sum(word in whole for word in words), len(text)), row

    def _holding(self, words: Sequence[str]) -> tuple[Any, list[str]]:
        """Return the rows of the terms of which all words begin words, and their texts."""
        import pyarrow.compute as pc

        mask = pc.is_null(self.table.column("column"))
        for word in words:
            # far faster than the expression, which is then asked of few
            mask = pc.and_(mask, pc.match_substring(self._searched, word))
        rows = pc.indices_nonzero(mask)
        for word in words:
            begins = pc.match_substring_regex(self._searched.take(rows), rf"(?:^|[^\pL\pN]){re.escape(word)}")
            rows = rows.filter(begins)
        if len(rows) > MOST_RANKED:
            levels = self.table.column("level").take(rows)
            rows = rows.take(pc.sort_indices(levels)).slice(0, MOST_RANKED)
        return rows, self._searched.take(rows).to_pylist()

    @cached_property
    def _searched(self) -> Any:
        """Path and nonessential modifiers of each row, without case and accents."""
        import pyarrow.compute as pc

        extra = pc.fill_null(pc.binary_join(self.table.column("nonessential"), " "), "")
        texts = pc.binary_join_element_wise(self.table.column("path"), extra, " ")
        plain = pc.replace_substring_regex(pc.utf8_normalize(texts, form="NFKD"), r"\p{Mn}", "")
        return pc.utf8_lower(plain)

    @cached_property
    def heads(self) -> list[tuple[str, int, int]]:
        """The main terms in the publisher's order: the term, its row, and the row of the next one."""
        import pyarrow.compute as pc

        is_head = pc.and_(pc.equal(self.table.column("level"), 0), pc.is_null(self.table.column("column")))
        starts = pc.indices_nonzero(is_head).to_pylist()
        terms = [terms[0] for terms in self.table.column("terms").take(starts).to_pylist()]
        return list(zip(terms, starts, [*starts[1:], self.table.num_rows], strict=True))

    @cached_property
    def places(self) -> Places:
        """Where its terms stand."""
        return Places(self.table, self.heads)

    @cached_property
    def _main_terms(self) -> dict[str, list[tuple[int, int, int]]]:
        """The rows from each main term to the next, by all that it is called, each with the rank of that name."""
        modifiers = self.table.column("nonessential").take([start for _, start, _ in self.heads]).to_pylist()
        found: dict[str, list[tuple[int, int, int]]] = {}
        for (term, start, end), beside in zip(self.heads, modifiers, strict=True):
            # a title such as Complication(s) has its ending among the modifiers
            name = f"{term}(s)" if "s" in (beside or ()) and ", " not in term else term
            for called, rank in ranked_names(folded(name)).items():
                found.setdefault(called, []).append((rank, start, end))
        return found

    def has_term(self, reference: str) -> bool:
        """Return whether the beginning of a reference, up to its first comma, names a main term."""
        return folded(reference).split(", ")[0] in self._main_terms

    def led_to(self, reference: str) -> list[int]:
        """Return the rows of the terms that a reference like ``Infarct, myocardium`` names, the best first.

        A main term that is called so comes first, then those that begin so, up to a comma, then those of which the
        words are another name: ``Disease`` is ``Disease, diseased`` before it is ``Blood-forming organs, disease``.
        Where no term has all of its words, the beginning of the reference is followed.
        """
        # to follow one takes milliseconds, and the same ones are asked again and again
        found = self._led.get(reference)
        if found is None:
            if len(self._led) >= REMEMBERED:
                self._led.clear()
            self._led[reference] = found = self._followed(reference)
        return found

    def _followed(self, reference: str) -> list[int]:
        parts = list(takewhile(lambda part: not part.startswith("by "), folded(reference).split(", ")))
        found = (self._named(parts[:length]) for length in range(len(parts), 0, -1))
        return next(filter(None, found), [])

    def _named(self, parts: Sequence[str]) -> list[int]:
        """Return the rows of the terms that have all parts of a reference, the best first."""
        close = [
            (rank == OTHER, -match, rank, row)
            for length in range(1, len(parts) + 1)
            for rank, start, end in self._main_terms.get(", ".join(parts[:length]), ())
            for match, row in self._below(parts[length:], start, end)
        ]
        return list(dict.fromkeys(row for *_, row in sorted(close)))

    def _below(self, parts: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the rows of a main term that the rest of a reference names, each with how closely."""
        rows = self.table.slice(start, end - start).select(["terms", "column"])
        terms, columns = (rows.column(name).to_pylist() for name in ("terms", "column"))
        for offset, (path, column) in enumerate(zip(terms, columns, strict=True)):
            if column is None and (match := closeness(parts, [folded(term) for term in path[1:]])):
                yield match, start + offset

    def values(self, rows: Sequence[int]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Return what stands in the rows of terms, each with the cells that follow it."""
        spans = [range(row, row + 1 + self._cells_after(row)) for row in rows]
        places = [place for span in spans for place in span]
        taken = iter(self.table.take(places).to_pylist() if places else ())
        return [(next(taken), [next(taken) for _ in span[1:]]) for span in spans]

    def _cells_after(self, row: int) -> int:
        columns = self.table.column("column").slice(row + 1, CELLS).to_pylist()
        return sum(1 for _ in takewhile(lambda column: column is not None, columns))


def _leading(main: Sequence[str], words: Sequence[str]) -> tuple[int, bool]:
    """Return how many words begin words of a main term, and whether one begins its first."""
    leading = sum(any(part.startswith(word) for part in main) for word in words)
    return leading, any(main[:1] and main[0].startswith(word) for word in words)
