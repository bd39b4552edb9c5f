"""What parts claim to be: one direction of a publication, in one version; and how claims to the same are settled."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from terminology.drafts import Built, CrosswalkAssembly, CrosswalkDraft, Part
from terminology.periods import Calendar, effective_of, version_label


@frozen
class Claim:
    """A part with the version that it claims to be."""

    part: Part
    source_system: str
    target_system: str
    version: str
    effective: datetime.date
    warnings: tuple[str, ...] = ()


@frozen
class Contest:
    """Claims to one version that say different things."""

    claims: tuple[Claim, ...]

    def against(self, claim: Claim) -> str:
        """Return the reason why a claim of the contest is refused: it names the first of the others."""
        rival = next(other for other in self.claims if not is_repetition(other, claim))
        return (
            f"says otherwise than {rival.part.origin.label}, and both are version {claim.version} "
            f"from {claim.source_system} to {claim.target_system}: withdraw one, or give --version"
        )


def told_by_operator(part: Part, calendar: Calendar) -> tuple[str, datetime.date] | None:
    """Return version and first day as ``--version`` and ``--effective`` say, or None where neither was given.

    Raises:
        InvalidDateError: The version is no year, no year-month, and no day was given.
    """
    if part.effective is not None:
        return part.version or version_label(calendar, part.effective), part.effective
    if part.version is not None:
        return part.version, effective_of(calendar, part.version)
    return None


def settled(claims: Iterable[Claim]) -> tuple[list[tuple[Claim, ...]], list[Contest]]:
    """Return the claims that stand, repetitions of one content together, and the contests; both in a fixed order."""
    versions: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: (claim.part.origin.label, claim.part.identity)):
        versions[claim.source_system, claim.target_system, claim.version].append(claim)
    standing: list[tuple[Claim, ...]] = []
    contests: list[Contest] = []
    for group in sorted(versions.values(), key=lambda group: (group[0].effective, group[0].source_system)):
        if all(is_repetition(group[0], other) for other in group[1:]):
            standing.append(tuple(group))
        else:
            contests.append(Contest(tuple(group)))
    return standing, contests


def assembly_of(
    claims: Iterable[Claim], refused: Sequence[tuple[Part, str]], draft: Callable[[Sequence[Claim]], CrosswalkDraft]
) -> CrosswalkAssembly:
    """Return a crosswalk for each version that is claimed; all claims of a contest are refused, with those that are already."""
    standing, contests = settled(claims)
    contested = [(claim.part, contest.against(claim)) for contest in contests for claim in contest.claims]
    return CrosswalkAssembly(tuple(map(draft, standing)), (*refused, *contested))


def draft_of(claims: Sequence[Claim], title: str, build: Callable[[], Built]) -> CrosswalkDraft:
    """Return claims to one version as the crosswalk that ``build`` makes of them."""
    first = claims[0]
    return CrosswalkDraft(
        version=first.version,
        source_system=first.source_system,
        target_system=first.target_system,
        effective=first.effective,
        build=build,
        parts=tuple(claim.part for claim in claims),
        title=title,
        warnings=distinct_warnings(claims),
    )


def is_repetition(one: Claim, other: Claim) -> bool:
    """Return whether two claims to one version say the same: the same day, and the same bytes or the same rows."""
    if one.effective != other.effective:
        return False
    if one.part.origin.sha256 == other.part.origin.sha256:
        return True
    # only where two files dispute one version are tables read
    first, second = (part.tables["rows"].drop_columns(["line"]) for part in (one.part, other.part))
    return bool(first.equals(second))


def distinct_warnings(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return the warnings of all claims, each once."""
    return tuple(dict.fromkeys(warning for claim in claims for warning in claim.warnings))
