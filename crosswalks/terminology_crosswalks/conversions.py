"""What the conversion tables of ICD-10-CM and ICD-10-PCS have in common: cumulative lists of changes, read by the loaders."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NoReturn

from terminology.drafts import Built, CrosswalkAssembly, CrosswalkDraft, Part
from terminology.errors import InvalidDateError, ReleaseFaults, ReleaseFormatError
from terminology.periods import version_label

from .claims import Claim, Contest, distinct_warnings, settled, told_by_operator

CONVERSION = "conversion"
"""The loaders' word for such a part."""


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
    standing, contests = settled(claims)

    def draft(claims: Sequence[Claim], made: Callable[[], Built]) -> CrosswalkDraft:
        return CrosswalkDraft(
            version=claims[0].version,
            source_system=system,
            target_system=system,
            effective=claims[0].effective,
            build=made,
            parts=tuple(claim.part for claim in claims),
            title=title,
            warnings=distinct_warnings(claims),
        )

    drafts = [draft(claims, _builder(build, claims[0].part)) for claims in standing]
    drafts += [draft(contest.claims, _refusal(contest)) for contest in contests]
    drafts.sort(key=lambda one: (one.effective, one.version))
    return CrosswalkAssembly(tuple(drafts), tuple(undated))


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


def _builder(build: Callable[[Part], Built], part: Part) -> Callable[[], Built]:
    return lambda: build(part)


def _refusal(contest: Contest) -> Callable[[], Built]:
    def refuse() -> NoReturn:
        faults = [ReleaseFormatError(contest.against(one), file=one.part.origin.label) for one in contest.claims]
        raise ReleaseFaults(f"{len(faults)} tables for version {contest.claims[0].version}", faults)

    return refuse
