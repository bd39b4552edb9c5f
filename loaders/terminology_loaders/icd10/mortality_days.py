"""What lists of mortality codes may say of WHO's releases: the day of a change between two of them, and contradictions.

The list dates the use of a code in the United States, not its place in ICD-10. K35.2 is in WHO's edition of 2010, and
was taken up in 2011; F10.0 was given up in 2007, and is in WHO's edition of 2019. So a year counts only where both
releases agree that something changed between them, and the year lies between them:

    2003 without K35.2, 2016 with it, "Added in 2011"     K35.2 begins on 2011-01-01: it was in use on that day
    2003 with M72.3, 2016 without it, "Deleted in 2009"   M72.3 ends on 2009-01-01: it was in use until then
    2016 with F10.0, "Deleted in 2007"                    nothing: WHO has it; a finding

No code is made billable by the list alone, and none before the first release: there nothing says what else was in force.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from terminology import schema
from terminology.drafts import Draft, Part

from .findings import Finding

if TYPE_CHECKING:
    import pyarrow as pa


def list_for(lists: Sequence[Part], former: datetime.date | None, effective: datetime.date) -> Part | None:
    """Return the list that speaks for a release, or None.

    Of several the earliest that reaches its year: later ones repeat it, and must not change the release. Where none
    reaches it, the latest with a year between this release and the one before.

    Args:
        lists: In a fixed order.
        former: Effective day of the release before, None for the first.
        effective: Of the release.
    """
    reaching = [part for part in lists if part.facts["first"] <= effective.year <= part.facts["last"]]
    if reaching:
        return min(reaching, key=lambda part: int(part.facts["last"]))
    dating = [part for part in lists if any(_is_between(year, former, effective) for year in part.facts["years"])]
    return max(dating, key=lambda part: int(part.facts["last"]), default=None)


def _is_between(year: int, former: datetime.date | None, effective: datetime.date) -> bool:
    return former is not None and former < datetime.date(year, 1, 1) < effective


def days_between(
    mortality: Part, former: datetime.date | None, effective: datetime.date, held: set[str]
) -> pa.Table | None:
    """Return the ``days`` table of a release; None where the list dates no change between it and the one before.

    Args:
        mortality: The list.
        former: Effective day of the release before.
        effective: Of the release.
        held: All codes of the release. A code that began must be there, one that ended must be gone.
    """
    import pyarrow as pa

    rows: list[tuple[str, datetime.date | None, datetime.date | None]] = []
    for row in mortality.tables["rows"].to_pylist():
        code, added, deleted = row["code"], row["added"], row["deleted"]
        if not row["is_whos"]:
            continue
        if added and code in held and _is_between(added, former, effective):
            rows.append((code, datetime.date(added, 1, 1), None))
        if deleted and code not in held and _is_between(deleted, former, effective):
            rows.append((code, None, datetime.date(deleted, 1, 1)))
    if not rows:
        return None
    columns = [list(column) for column in zip(*rows, strict=True)]
    return pa.table(dict(zip(schema.days().names, columns, strict=True)), schema=schema.days())


def contradictions(mortality: Part, year: int, billable: Mapping[str, bool]) -> list[Finding]:
    """Return the codes in use in a year that the release does not hold, and those given up that it still has as billable.

    Args:
        mortality: The list.
        year: Of the release.
        billable: Its codes, with whether each is billable.
    """
    if not mortality.facts["first"] <= year <= mortality.facts["last"]:
        return []
    rows = [row for row in mortality.tables["rows"].to_pylist() if row["is_whos"]]
    in_use = [row for row in rows if (row["added"] or 0) <= year < (row["deleted"] or year + 1)]
    given_up = [row["code"] for row in rows if row["deleted"] and row["deleted"] <= year]
    label = mortality.origin.label
    return [
        Finding(
            label,
            f"in use in {year}, not in the release",
            tuple(r["code"] for r in in_use if r["code"] not in billable),
        ),
        Finding(label, "given up, still in the release", tuple(code for code in given_up if billable.get(code))),
    ]


def idle_lists(lists: Sequence[Part], drafts: Sequence[Draft]) -> list[tuple[Part, str]]:
    """Return the lists that no release uses, with the reason why they are kept."""
    used = {part.identity: part for draft in drafts for part in draft.borrowed}
    found = []
    for part in lists:
        if part.identity in used:
            continue
        years = f"{part.facts['first']} to {part.facts['last']}"
        same = [other for other in used.values() if other.kind == part.kind and _years(other) == _years(part)]
        if any(other.facts["digest"] == part.facts["digest"] for other in same):
            reason = f"mortality list of {years}: says what {same[0].origin.label} says"
        elif same:
            reason = f"mortality list of {years}: {same[0].origin.label} is used, which has other rows"
        else:
            reason = f"mortality list of {years}: kept; no loaded release takes a day from it"
        found.append((part, reason))
    return found


def _years(part: Part) -> tuple[int, int]:
    return part.facts["first"], part.facts["last"]
