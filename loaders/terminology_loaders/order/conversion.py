"""The days in conversion tables: on which codes begin and end between two releases.

The tables of ICD-10-CM and ICD-10-PCS differ; both loaders keep them as parts whose table ``days`` has one row
for each code and day: ``code``, ``effective_from`` (its first day) or ``effective_to`` (the day after its last).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from terminology import schema
from terminology.drafts import Draft, Part

if TYPE_CHECKING:
    import pyarrow as pa


def days_table(firsts: Iterable[tuple[str, datetime.date]], lasts: Iterable[tuple[str, datetime.date]]) -> pa.Table:
    """Return the ``days`` table of a conversion table, sorted, without repetition.

    Args:
        firsts: Codes with their first days.
        lasts: Codes with the days on which they were no longer in force.
    """
    import pyarrow as pa

    rows: list[tuple[str, datetime.date | None, datetime.date | None]]
    rows = [(code, day, None) for code, day in sorted(set(firsts))]
    rows += [(code, None, day) for code, day in sorted(set(lasts))]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    return pa.table(dict(zip(schema.days().names, columns, strict=True)), schema=schema.days())


def day_facts(days: pa.Table) -> dict[str, Any]:
    """Return the distinct days of a ``days`` table as a fact of its part."""
    found = {day for name in ("effective_from", "effective_to") for day in days.column(name).to_pylist() if day}
    return {"days": [day.isoformat() for day in sorted(found)]}


def conversion_between(
    conversions: Sequence[Part], former: datetime.date | None, effective: datetime.date
) -> Part | None:
    """Return the conversion table that dates codes between a release and the one before it, or None.

    Of several the earliest that reaches the release: later ones repeat it, and must not change the release.
    """
    if former is None:
        return None
    lower, upper = former.isoformat(), effective.isoformat()
    dating = [part for part in conversions if any(lower < day < upper for day in part.facts["days"])]
    reaching = [part for part in dating if part.facts["days"][-1] >= upper]
    order = sorted(reaching or dating, key=lambda part: (part.facts["days"][-1], part.origin.label))
    return (order[0] if reaching else order[-1]) if order else None


def days_between(
    conversion: Part, former: datetime.date, effective: datetime.date, known: set[str]
) -> tuple[pa.Table | None, list[str]]:
    """Return the ``days`` table of a release, None where nothing begins or ends between; and warnings.

    Args:
        conversion: The part that `conversion_between` chose.
        former: Effective day of the release before.
        effective: Of the release.
        known: All codes of the release, as the conversion table writes them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    table = conversion.tables["days"]
    day = pc.coalesce(table.column("effective_from"), table.column("effective_to"))
    inside = pc.and_(pc.greater(day, pa.scalar(former, pa.date32())), pc.less(day, pa.scalar(effective, pa.date32())))
    table = table.filter(inside)
    begun = pc.is_valid(table.column("effective_from"))
    unknown = sorted(set(table.filter(begun).column("code").to_pylist()) - known)
    warnings = [
        f"{conversion.origin.label}: {code} begins before the release, which does not hold it" for code in unknown
    ]
    held = pc.is_in(table.column("code"), value_set=pa.array(sorted(known), pa.string()))
    # a code that ended must be gone, one that began must be there
    table = table.filter(pc.equal(held, begun))
    return (table if table.num_rows else None), warnings


def idle_conversions(conversions: Sequence[Part], drafts: Sequence[Draft]) -> list[tuple[Part, str]]:
    """Return the conversion tables from which no release takes a day, with the reason why they are kept."""
    used = {part.identity for draft in drafts for part in draft.borrowed}
    reason = "conversion table: kept as a crosswalk; no loaded release takes a day from it"
    return [(part, reason) for part in conversions if part.identity not in used]


class FirstDays:
    """The first days of codes by all conversion tables together; for the codes that an addenda adds."""

    def __init__(self, conversions: Sequence[Part]) -> None:
        self.conversions = sorted(conversions, key=lambda part: (part.facts["days"][-1:], part.origin.label))

    @cached_property
    def _days(self) -> pa.Table | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.conversions:
            return None
        tables = [part.tables["days"].select(["code", "effective_from"]) for part in reversed(self.conversions)]
        table = pa.concat_tables(tables)
        table = table.filter(pc.is_valid(table.column("effective_from"))).combine_chunks()
        # order files and addenda write no dot
        return table.set_column(0, "code", pc.replace_substring(table.column("code"), ".", ""))

    def introduced(self, addenda: Part) -> datetime.date | None:
        """Return the latest first day of the billable codes that an addenda adds; None unless all are dated."""
        import pyarrow.compute as pc

        days = self._days
        if days is None:
            return None
        changes = addenda.tables["changes"]
        flags = pc.fill_null(changes.column("billable"), fill_value=True)
        added = changes.filter(pc.and_(pc.equal(changes.column("action"), "add"), flags)).column("code")
        places = pc.index_in(added, value_set=days.column("code").combine_chunks())
        if not len(added) or places.null_count:
            return None
        latest = pc.max(days.column("effective_from").take(places)).as_py()
        return latest if isinstance(latest, datetime.date) else None
