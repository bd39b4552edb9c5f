"""Excludes1 with ranges and inheritance, against a reading by brute force of what was written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from terminology.claims import audit

from ..release_files import Row
from .publications import dotted, loaded

CATEGORIES = ("A00", "A01", "A0A", "A02", "B05", "B06", "B07")
"""In document order: A0A is between A01 and A02."""
SECTIONS = {"A00-A02": CATEGORIES[:4], "B05-B07": CATEGORIES[4:]}
CHAPTERS = {"1": SECTIONS}
ROWS: tuple[Row, ...] = tuple(
    row
    for category in CATEGORIES
    for row in (
        (category, False, f"Plague of {category}"),
        (f"{category}1", False, f"Plague of {category}, first"),
        (f"{category}10", True, f"Plague of {category}, first, mild"),
        (f"{category}11", True, f"Plague of {category}, first, severe"),
        (f"{category}9", True, f"Plague of {category}, other"),
    )
)
ORDER = [code for code, _, _ in ROWS]
BILLABLE = [code for code, is_billable, _ in ROWS if is_billable]
NODES = ("1", *SECTIONS, *map(dotted, ORDER))


def above(code: str) -> Iterator[str]:
    """Yield a code and all nodes above it."""
    yield from (dotted(code[:length]) for length in range(len(code), 2, -1))
    yield next(section for section, categories in SECTIONS.items() if code[:3] in categories)
    yield "1"


def named(first: str, last: str) -> set[str]:
    """Return the codes from one to another, and all below them, in document order."""
    end = max(place for place, code in enumerate(ORDER) if code.startswith(last))
    return set(ORDER[ORDER.index(first) : end + 1])


@st.composite
def notes(draw: st.DrawFn) -> tuple[str, str, str]:
    """Return where a note is, and the first and last code that it names."""
    start = draw(st.integers(0, len(ORDER) - 1))
    first = ORDER[start]
    last = draw(st.sampled_from([code for code in ORDER[start:] if len(code) == len(first)]))
    return draw(st.sampled_from(NODES)), first, last


def written(first: str, last: str, *, has_dash: bool) -> str:
    """Return a target as publishers write it."""
    end = ".-" if has_dash and len(last) == 3 else "-" if has_dash else ""
    return f"{dotted(first)}{end}" if first == last else f"{dotted(first)}-{dotted(last)}"


@given(placed=st.lists(notes(), max_size=6), has_dash=st.booleans())
def test_pairs_are_those_of_a_reading_by_brute_force(*, placed: list[tuple[str, str, str]], has_dash: bool) -> None:
    """A pair is found just where a note at a code, or above it, names the other one; each pair once."""
    texts: dict[str, list[tuple[str, str]]] = {}
    for node, first, last in placed:
        target = written(first, last, has_dash=has_dash)
        texts.setdefault(node, []).append(("excludes1", f"another plague ({target})"))
    expected = {
        frozenset((code, other))
        for code, other in permutations(BILLABLE, 2)
        for node, first, last in placed
        if node in above(code) and other in named(first, last)
    }
    with tempfile.TemporaryDirectory() as folder:
        store = loaded(Path(folder), ROWS, CHAPTERS, texts)
        claim = {"id": "1", "service_date": "2022-03-01", "diagnoses": BILLABLE}
        found = [finding for finding in audit(claim, store) if finding.rule == "excludes1"]

        pairs = [frozenset(code.replace(".", "") for code in finding.codes) for finding in found]
        assert set(pairs) == expected
        assert len(pairs) == len(expected)
