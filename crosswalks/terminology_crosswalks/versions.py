"""Candidates for versions: parts that state one direction of a publication in one version, and how conflicts are settled."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from terminology.drafts import Built, CrosswalkAssembly, CrosswalkDraft, Part
from terminology.periods import Calendar, effective_of, version_label
from terminology.reading import stated_release
from terminology.systems import SYSTEMS


@frozen
class Candidate:
    """A part with the version that it states."""

    part: Part
    source_system: str
    target_system: str
    version: str
    effective: datetime.date
    warnings: tuple[str, ...] = ()
    identity: str = ""
    """What the map calls itself, where one reader reads maps of many: others with the same are versions of it."""


@frozen
class Conflict:
    """Candidates for one version that say different things."""

    candidates: tuple[Candidate, ...]

    def against(self, candidate: Candidate) -> str:
        """Return the reason why a candidate of the conflict is rejected: it names the first of the others."""
        rival = next(other for other in self.candidates if not is_repetition(other, candidate))
        what = f"version {candidate.version}" + (f" of {candidate.identity}" if candidate.identity else "")
        return (
            f"differs from {rival.part.origin.label}, and both are {what} "
            f"from {candidate.source_system} to {candidate.target_system}: withdraw one, or give --version"
        )


def given_by_operator(part: Part, calendar: Calendar) -> tuple[str, datetime.date] | None:
    """Return version and first day as ``--version`` and ``--effective`` say, or None where neither was given.

    Raises:
        InvalidDateError: The version is no year, no year-month, and no day was given.
    """
    if part.effective is not None:
        return part.version or version_label(calendar, part.effective), part.effective
    if part.version is not None:
        return part.version, effective_of(calendar, part.version)
    return None


def settled(candidates: Iterable[Candidate]) -> tuple[list[tuple[Candidate, ...]], list[Conflict]]:
    """Return the candidates that are taken, repetitions of one content together, and the conflicts; both in a fixed order."""
    versions: dict[tuple[str, ...], list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda candidate: (candidate.part.origin.label, candidate.part.identity)):
        key = candidate.source_system, candidate.target_system, candidate.version, candidate.identity
        versions[key].append(candidate)
    agreed: list[tuple[Candidate, ...]] = []
    conflicts: list[Conflict] = []
    for group in sorted(
        versions.values(), key=lambda group: (group[0].effective, group[0].source_system, group[0].identity)
    ):
        if all(is_repetition(group[0], other) for other in group[1:]):
            agreed.append(tuple(group))
        else:
            conflicts.append(Conflict(tuple(group)))
    return agreed, conflicts


def assembly_of_parts(
    parts: Iterable[Part],
    candidate_of: Callable[[Part], Candidate | str],
    draft: Callable[[Sequence[Candidate]], CrosswalkDraft],
) -> CrosswalkAssembly:
    """Return what `assembly_of` makes of parts that state one version each, or the reason why they state none."""
    candidates: list[Candidate] = []
    refused: list[tuple[Part, str]] = []
    for part in parts:
        found = candidate_of(part)
        if isinstance(found, str):
            refused.append((part, found))
        else:
            candidates.append(found)
    return assembly_of(candidates, refused, draft)


def assembly_of(
    candidates: Iterable[Candidate],
    refused: Sequence[tuple[Part, str]],
    draft: Callable[[Sequence[Candidate]], CrosswalkDraft],
) -> CrosswalkAssembly:
    """Return a crosswalk for each version that is stated; all candidates of a conflict are rejected, with those that are already."""
    agreed, conflicts = settled(candidates)
    conflicting = [
        (candidate.part, conflict.against(candidate)) for conflict in conflicts for candidate in conflict.candidates
    ]
    return CrosswalkAssembly(tuple(map(draft, agreed)), (*refused, *conflicting))


def draft_of(candidates: Sequence[Candidate], title: str, build: Callable[[], Built]) -> CrosswalkDraft:
    """Return candidates for one version as the crosswalk that ``build`` makes of them."""
    first = candidates[0]
    return CrosswalkDraft(
        version=first.version,
        source_system=first.source_system,
        target_system=first.target_system,
        effective=first.effective,
        build=build,
        parts=tuple(candidate.part for candidate in candidates),
        title=title,
        warnings=distinct_warnings(candidates),
        identity=first.identity,
    )


def is_repetition(one: Candidate, other: Candidate) -> bool:
    """Return whether two candidates for one version say the same: the same day, and the same bytes or the same rows."""
    if one.effective != other.effective:
        return False
    if one.part.origin.sha256 == other.part.origin.sha256:
        return True
    # tables are read only where two files state one version
    first, second = (part.tables["rows"].drop_columns(["line"]) for part in (one.part, other.part))
    return bool(first.equals(second))


def distinct_warnings(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the warnings of all candidates, each once."""
    return tuple(dict.fromkeys(warning for candidate in candidates for warning in candidate.warnings))


def stated_candidate(part: Part, source: str, target: str, identity: str) -> Candidate | str:
    """Return the candidate of a part that states version and day itself; or why nothing dates it.

    Its facts have ``version`` and ``effective``, or None in place of them. What the operator gave overrides all else; then comes
    the day that the file states, then a version that is a day, month or year.

    Args:
        part: The map.
        source: Short name of the system that it leads from.
        target: That of the system that it leads to; its calendar says when a year begins.
        identity: What the map calls itself.
    """
    definition = SYSTEMS.get(target)
    stated = stated_release(part, definition.calendar if definition else "open")
    return stated if isinstance(stated, str) else Candidate(part, source, target, *stated, identity=identity)
