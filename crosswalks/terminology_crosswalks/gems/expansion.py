"""From rows with five flags to complete alternatives.

A row without the combination flag is an alternative of its own. Rows with it belong together by scenario; within one
scenario, each choice list gives exactly one code, and all these codes are used together. So a scenario makes the
product of its lists, and the alternatives of a code are the sum over its scenarios. ICD-9-CM ``806.10`` (9 to 10) has
four scenarios, each of one code in the first list and two in the second:

    scenario 1: S14.101A with S12.000B or S12.001B … scenario 4: S14.104A with S12.300B or S12.301B

These are 4 times (1 times 2), so 8 alternatives. One list of all codes would lose which of them belong together, and the product
over all lists would pair the cord injury at one vertebra with the fracture of another.

References:
    CMS and NCHS, "General Equivalence Mappings: Documentation for Technical Users", on scenarios and choice lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from math import prod
from typing import Any, Final

from terminology.systems import SYSTEMS

from ..mapping_rows import MappingRow
from .directions import Direction, PublishedRow, by_source

MOST_ALTERNATIVES: Final = 10_000
"""Of one source; the most in any real file is 1,977."""

Lists = dict[int, list[PublishedRow]]
"""Rows of one scenario by choice list."""


def is_plain(rows: Sequence[PublishedRow]) -> bool:
    """Return whether the rows of one source are one target, and nothing else: most are, and nothing in them contradicts."""
    return len(rows) == 1 and not rows[0].combination and not rows[0].is_empty


def scenarios_of(rows: Iterable[PublishedRow]) -> dict[int, Lists]:
    """Return the combinations among the rows of one source, by scenario and choice list, in the order of both."""
    found: dict[int, Lists] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.combination and not row.is_empty:
            found[row.scenario][row.choice_list].append(row)
    return {scenario: dict(sorted(lists.items())) for scenario, lists in sorted(found.items())}


def singles_of(rows: Sequence[PublishedRow]) -> list[PublishedRow]:
    """Return the rows of one source that are an alternative of their own; the one for no target if there is nothing else."""
    targets = [row for row in rows if not row.is_empty]
    # a source with targets has some, whatever another row says
    return [row for row in targets if not row.combination] if targets else list(rows[:1])


def alternatives_count(rows: Sequence[PublishedRow]) -> int:
    """Return how many alternatives the rows of one source make, without making them."""
    combined = (prod(map(len, lists.values())) for lists in scenarios_of(rows).values())
    return len(singles_of(rows)) + sum(combined)


def scenarios_with_gaps(rows: Sequence[PublishedRow]) -> list[int]:
    """Return the scenarios whose choice lists are not numbered from 1 without a gap."""
    return [scenario for scenario, lists in scenarios_of(rows).items() if list(lists) != list(range(1, len(lists) + 1))]


def expanded(rows: Iterable[PublishedRow], direction: Direction) -> Iterator[MappingRow]:
    """Yield the alternatives of all sources: of each its single targets, then its combinations by scenario."""
    source_form = cache(SYSTEMS[direction.source_system].official)
    target_form = cache(SYSTEMS[direction.target_system].official)
    for source, of_source in by_source(rows).items():
        code = source_form(source)
        if is_plain(of_source):
            yield _single(of_source[0], code, target_form(of_source[0].target))
            continue
        for row in singles_of(of_source):
            yield _single(row, code, None if row.is_empty else target_form(row.target))
        for scenario, lists in scenarios_of(of_source).items():
            named = {row.target: target_form(row.target) or row.target for rows in lists.values() for row in rows}
            yield from _combined(scenario, lists, code, named)


def _single(row: PublishedRow, code: str | None, target: str | None) -> MappingRow:
    """Return the alternative of one row; without target the one for no target."""
    loose = {"scenario": row.scenario, "choice_list": row.choice_list} if row.scenario or row.choice_list else None
    if target is None:
        return MappingRow(code, None, row.line, detail=loose)
    return MappingRow(
        code,
        (target,),
        row.line,
        relationship=_relationship(approximate=row.approximate),
        approximate=row.approximate,
        detail=loose,
    )


def _combined(scenario: int, lists: Lists, code: str | None, named: dict[str, str]) -> Iterator[MappingRow]:
    """Yield each way to take one code from every choice list of a scenario."""
    detail: dict[str, Any] = {
        "scenario": scenario,
        "choice_lists": [[named[row.target] for row in rows] for rows in lists.values()],
    }
    for rows in product(*lists.values()):
        approximate = any(row.approximate for row in rows)
        yield MappingRow(
            code,
            tuple(named[row.target] for row in rows),
            min(row.line for row in rows),
            relationship=_relationship(approximate=approximate),
            approximate=approximate,
            detail=detail,
        )


def _relationship(*, approximate: bool) -> str:
    return "related-to" if approximate else "equivalent"
