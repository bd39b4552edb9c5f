"""Which release an index belongs to, and the table ``index`` that a release keeps of all its index files."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Part
from terminology.periods import year_of
from terminology.reading import whole_number

from ..order.changes import listed
from ..order.plan import Refused, ReleasePlan, with_companions

if TYPE_CHECKING:
    import pyarrow as pa

ORDER: Final = ("alphabetic", "external", "neoplasm", "drug")


def with_indexes(plans: list[ReleasePlan], indexes: Sequence[Part]) -> tuple[list[ReleasePlan], Refused, Refused]:
    """Return the plans with their index files; those of which no release is planned; those that contradict another.

    An index says its fiscal year at most, so that a year's index joins the first release of the year unless its
    own name, or what it was packed with, says more.
    """
    attached: dict[str, list[Part]] = {}
    unused: Refused = []
    refused: Refused = []
    for part in indexes:
        plan = _plan_of(part, plans)
        if plan is None:
            year = _year(part) or "an unknown year"
            unused.append((part, f"index of {year}, of which no release is loaded"))
            continue
        taken = attached.setdefault(plan.version, [])
        other = next((one for one in taken if one.facts["which"] == part.facts["which"]), None)
        if other and other.origin.sha256 != part.origin.sha256:
            message = f"holds another {part.facts['which']} index than {other.origin.label}, which is release "
            refused.append((part, f"{message}{plan.version}'s by evidence as good: give --effective"))
        else:
            taken.append(part)
    return with_companions(plans, attached), unused, refused


def _plan_of(part: Part, plans: Sequence[ReleasePlan]) -> ReleasePlan | None:
    """Return the plan of the release that the index belongs to, by the best evidence there is, or None."""
    if part.effective or part.version:
        return next((plan for plan in plans if part.effective == plan.effective or part.version == plan.version), None)
    facts = part.facts
    packed = [plan for plan in plans if _packed_together(part, plan)]
    of_year = [plan for plan in plans if year_of("fiscal", plan.effective) == _year(part)]
    named = facts["name_date"] or (None if packed else facts["archive_date"])
    if named is not None:
        day = datetime.date.fromisoformat(named)
        year = year_of("fiscal", day)
        near = [plan for plan in plans if year_of("fiscal", plan.effective) == year]
        return min(near, key=lambda plan: (abs((plan.effective - day).days), plan.effective), default=None)
    return next(iter(packed), None) or next(iter(of_year), None)


def _packed_together(part: Part, plan: ReleasePlan) -> bool:
    archive = part.origin.archive_sha256
    packed = (*plan.orders, *plan.companions)
    return archive is not None and not plan.derived and any(p.origin.archive_sha256 == archive for p in packed)


def _year(part: Part) -> int | None:
    return whole_number(str(part.facts["version"])) or part.facts["name_year"] or part.facts["archive_year"]


def index_table(indexes: Sequence[Part], billable: Collection[str]) -> tuple[pa.Table, list[str]]:
    """Return the rows of all index files of a release; and warnings on codes that it does not have.

    Args:
        indexes: The files, at most one of each kind.
        billable: The billable codes of the release, with dots.
    """
    import pyarrow as pa

    tables = []
    warnings = []
    firsts: dict[str, Part] = {}
    for part in indexes:
        firsts.setdefault(part.facts["which"], part)
    for part in sorted(firsts.values(), key=lambda part: ORDER.index(part.facts["which"])):
        table = part.tables["index"]
        files = pa.array([part.origin.label] * table.num_rows, pa.string())
        tables.append(table.append_column("file", files))
        wrong = _without_target(table, billable)
        if wrong:
            warnings.append(
                f"{part.origin.label}: {len(wrong)} codes lead to nothing that is billable in the release: {listed(wrong)}"
            )
    return pa.concat_tables(tables), warnings


def _without_target(table: pa.Table, billable: Collection[str]) -> list[str]:
    """Return the codes, and beginnings of codes, under which the release has no billable code."""
    columns: list[Any] = [table.column(name).to_pylist() for name in ("code", "manifestation")]
    stems = {code[:length] for code in billable for length in range(3, len(code) + 1)}
    return sorted({code for column in columns for code in column if code is not None} - stems)
