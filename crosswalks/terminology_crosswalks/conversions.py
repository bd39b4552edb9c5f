"""What the conversion tables of ICD-10-CM and ICD-10-PCS have in common: cumulative lists of changes, read by the loaders."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NoReturn

from attrs import evolve

from terminology.drafts import Built, CrosswalkAssembly, Part
from terminology.errors import InvalidDateError, ReleaseFaults, ReleaseFormatError
from terminology.periods import version_label

from .claims import Claim, Contest, draft_of, is_repetition, settled, told_by_operator

CONVERSION: Final = "conversion"
"""The loaders' word for such a part."""
UPDATED: Final = re.compile(r"updated?[-_ ]*(\d{1,2})[-_ ]?(\d{1,2})[-_ ]?(20\d\d)", re.IGNORECASE)
CORRECTED: Final = re.compile(r"corrected|final", re.IGNORECASE)
Standing = tuple[datetime.date, bool]
"""When a table says in its name that it was updated, and whether it says that it is corrected or final."""


def assembled(parts: Sequence[Part], system: str, title: str, build: Callable[[Part], Built]) -> CrosswalkAssembly:
    """Return one crosswalk for each table; its version is that of the newest day in it.

    The tables belong to the loader, which refuses and drops them; so a version that two tables contest becomes a
    draft that cannot be built and says why.
    """
    claims: list[Claim] = []
    undated: list[tuple[Part, str]] = []
    for part in parts:
        try:
            claims.append(_claim(part, system))
        except InvalidDateError as error:
            undated.append((part, f"{error}: give --effective"))
    standing, contests = settled(_newest_publications(claims))
    drafts = [draft_of(claims, title, partial(build, claims[0].part)) for claims in standing]
    drafts += [draft_of(contest.claims, title, _refusal(contest)) for contest in contests]
    drafts.sort(key=lambda one: (one.effective, one.version))
    return CrosswalkAssembly(tuple(drafts), tuple(undated))


def _newest_publications(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims without those to whose version another table says in its name that it is newer.

    The publishers replace a table under the same days and add "updated 9-21-2023" or "corrected" to its name.
    """
    versions: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        versions[claim.version].append(claim)
    kept: list[Claim] = []
    for group in versions.values():
        newest = max(_publication(claim.part) for claim in group)
        chosen = [claim for claim in group if _publication(claim.part) == newest]
        older = [one for one in group if one not in chosen and not any(is_repetition(one, other) for other in chosen)]
        repeated = [one for one in group if one not in chosen and one not in older]
        told = tuple(f"{one.part.origin.label}: says otherwise and is older by its name, left out" for one in older)
        kept += [evolve(claim, warnings=(*claim.warnings, *told)) for claim in chosen] + repeated
    return kept


def _publication(part: Part) -> Standing:
    """Return what the name of a table says of when it was published.

    A table that says nothing of it stands before all that do.
    """
    found = UPDATED.search(part.origin.name)
    day = datetime.date.min
    if found:
        month, number, year = map(int, found.groups())
        try:
            day = datetime.date(year, month, number)
        except ValueError:
            day = datetime.date.min
    return day, CORRECTED.search(part.origin.name) is not None


def _claim(part: Part, system: str) -> Claim:
    """Return the version that a table claims.

    Raises:
        InvalidDateError: It has no day, or the operator gave a version that names none.
    """
    if told := told_by_operator(part, "fiscal"):
        return Claim(part, system, system, *told)
    days: list[str] = part.facts["days"]
    if not days:
        raise InvalidDateError("no code begins or ends in it")
    newest = datetime.date.fromisoformat(days[-1])
    return Claim(part, system, system, version_label("fiscal", newest), newest)


def _refusal(contest: Contest) -> Callable[[], Built]:
    def refuse() -> NoReturn:
        faults = [ReleaseFormatError(contest.against(one), file=one.part.origin.label) for one in contest.claims]
        raise ReleaseFaults(f"{len(faults)} tables for version {contest.claims[0].version}", faults)

    return refuse
