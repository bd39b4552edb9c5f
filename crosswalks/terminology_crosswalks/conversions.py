"""What the conversion tables of ICD-10-CM and ICD-10-PCS have in common: cumulative lists of changes, read by the loaders."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NoReturn

from terminology.drafts import Built, CrosswalkAssembly, CrosswalkDraft, Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.periods import version_label

from .claims import Claim, Contest, distinct_warnings, settled, told_by_operator

CONVERSION = "conversion"
"""The loaders' word for such a part."""


def assembled(parts: Sequence[Part], system: str, title: str, build: Callable[[Part], Built]) -> CrosswalkAssembly:
    """Return one crosswalk for each table; its version is that of the newest day in it.

    The tables belong to the loader, which refuses and drops them; so a version that two tables contest becomes a
    draft that cannot be built and says why.
    """
    claims = [claim for part in parts if (claim := _claim(part, system))]
    undated = [(part, "no row of it bears a day: give --effective") for part in parts if _claim(part, system) is None]
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


def _claim(part: Part, system: str) -> Claim | None:
    if told := told_by_operator(part, "fiscal"):
        return Claim(part, system, system, *told)
    days: list[str] = part.facts["days"]
    if not days:
        return None
    newest = datetime.date.fromisoformat(days[-1])
    return Claim(part, system, system, version_label("fiscal", newest), newest)


def _builder(build: Callable[[Part], Built], part: Part) -> Callable[[], Built]:
    return lambda: build(part)


def _refusal(contest: Contest) -> Callable[[], Built]:
    def refuse() -> NoReturn:
        faults = [ReleaseFormatError(contest.against(one), file=one.part.origin.label) for one in contest.claims]
        raise ReleaseFaults(f"{len(faults)} tables for version {contest.claims[0].version}", faults)

    return refuse
