"""Lines of terms: stored for the first release and by steps for later ones, and read back as they were."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from terminology.search.building import MemoryTable, narrow
from terminology.search.lines import Lines, line_tables

KIND, TITLES, RELEASES = 3, 2, 4
Held = dict[int, dict[int, int]]


@st.composite
def releases(draw: st.DrawFn, *, distinct: bool) -> Held:
    """Return the lines of terms in each of some releases; a term is in several in a row."""
    count = draw(st.integers(1, 12))
    found: Held = {number: {} for number in range(RELEASES)}
    lines = [draw(st.lists(st.integers(1, 30), min_size=count, max_size=count, unique=distinct)) for _ in found]
    for term in range(count):
        first = draw(st.integers(0, RELEASES - 1))
        for number in range(first, draw(st.integers(first + 1, RELEASES))):
            found[number][TITLES + term] = lines[number][term]
    return found


def read(held: Held) -> dict[tuple[int, int], int | None]:
    """Return the lines as they are read from the tables, by release and term."""
    count = 1 + max((term for terms in held.values() for term in terms), default=TITLES)
    lines, steps = line_tables({(KIND, number): terms for number, terms in held.items() if terms}, TITLES, count)
    tables = [pa.table({name: narrow(column) for name, column in one.items()}) for one in (lines, steps)]
    kept = Lines(*map(MemoryTable, tables), count=count)
    first = {term: min(number for number in held if term in held[number]) for terms in held.values() for term in terms}
    return {
        (number, term): kept.of(term, KIND, [one for one in held if first[term] < one <= number])
        for number, terms in held.items()
        for term in terms
    }


@given(releases(distinct=True))
def test_lines_of_terms_are_read_as_they_were(held: Held) -> None:
    """In every release, however terms were moved among each other."""
    assert read(held) == {(number, term): line for number, terms in held.items() for term, line in terms.items()}


@given(releases(distinct=False))
def test_a_line_that_is_not_known_is_none_and_never_another(held: Held) -> None:
    """Terms that share a line and then do not may have none."""
    assert all(line in (None, held[number][term]) for (number, term), line in read(held).items())


def test_a_title_has_no_line_here() -> None:
    """Its line is that of its code."""
    assert (
        Lines(*(MemoryTable(pa.table({"line": narrow([5])})), MemoryTable(_no_steps())), count=3).of(1, KIND, ())
        is None
    )


def _no_steps() -> pa.Table:
    return pa.table({name: narrow([]) for name in ("kind", "release", "line", "to")})
