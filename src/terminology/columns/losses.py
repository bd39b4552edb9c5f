"""What a migration of a column loses: by code, with the rows that have it, and what a person has to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from ..model import Outcome, Translation
from ..query import Terminology, opened_store
from .day_reading import DayReading
from .days import DayForm
from .following import each_once, stretches_of
from .frames import Frame, arrow_table, column_of
from .translations import followed, own_stretches

if TYPE_CHECKING:
    import pyarrow as pa

ACTIONS: Final = {
    "one_to_one": "none: take the code",
    "renamed": "look at the new title",
    "merged": "take the code; others are merged into it",
    "split": "choose one of the alternatives",
    "header": "choose one of the billable codes below it",
    "combination": "take all codes of an alternative together",
    "none": "decide: the publisher names nothing in its place",
    "unknown": "decide: nothing that is loaded says what is in its place",
}
"""What a person has to do, by kind of loss."""


def losses(
    table: Frame,
    *,
    system: str,
    code: str = "dx",
    origin: Any,
    target: Any = "latest",
    billable: bool = False,
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table:
    """Return what a migration of a column loses: a row for each code and what it becomes, those with the most rows first.

    Columns: ``code``, ``rows``, ``kind`` (one_to_one, renamed, merged, header, split, combination, none, unknown),
    ``targets`` (as of `migrate`), ``action``: what a person has to do, and ``reason``.

    Raises:
        TerminologyError: As of `migrate`.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "E11.9", "M54.5"]})
    >>> found = losses(claims, system="icd10cm", origin="2021", target="2022", store=store)
    >>> found.select(["code", "rows", "kind"]).to_pylist()
    [{'code': 'M54.5', 'rows': 2, 'kind': 'split'}, {'code': 'E11.9', 'rows': 1, 'kind': 'one_to_one'}]
    """
    import numpy as np
    import pyarrow as pa

    opened = opened_store(store)
    code_system = opened[system]
    edition = code_system.release(target)
    follow = followed(code_system, edition, billable=billable)
    rows = arrow_table(table)
    days = stretches_of(DayReading(origin, day_format).of(rows), origin, code_system)
    numbers, made = each_once(column_of(rows, code), code, days, follow, own_stretches(code_system, edition))
    counts: Counter[tuple[Any, ...]] = Counter()
    for number, count in enumerate(np.bincount(numbers, minlength=len(made)).tolist()):
        found = made[number]
        kind = _loss(found)
        counts[found.code, kind, tuple(one.codes for one in found.alternatives), found.reason] += count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0][0]))
    return pa.table(
        {
            "code": pa.array([key[0] for key, _ in ordered], pa.string()),
            "rows": pa.array([count for _, count in ordered], pa.int64()),
            "kind": pa.array([key[1] for key, _ in ordered], pa.string()),
            "targets": pa.array([list(map(list, key[2])) for key, _ in ordered], pa.list_(pa.list_(pa.string()))),
            "action": pa.array([ACTIONS[key[1]] for key, _ in ordered], pa.string()),
            "reason": pa.array([key[3] for key, _ in ordered], pa.string()),
        }
    )


def _loss(found: Translation) -> str:
    """Return the kind of loss of one translation."""
    if not found.alternatives:
        return "none" if found.outcome is Outcome.NONE else "unknown"
    if any(len(one.codes) > 1 for one in found.alternatives):
        return "combination"
    if len(found.alternatives) > 1:
        return "split"
    if found.alternatives[0].billable is False:
        return "header"
    kind = found.alternatives[0].kind
    return kind if kind in ("merged", "renamed") else "one_to_one"
