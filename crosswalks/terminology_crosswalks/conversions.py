"""What the conversion tables of ICD-10-CM and ICD-10-PCS have in common: versions, and what changes imply of meanings.

They are cumulative lists of changes, read by the loaders.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Final, NoReturn

from attrs import evolve, frozen

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, Part
from terminology.errors import InvalidDateError, ReleaseFaults, ReleaseFormatError
from terminology.periods import version_label
from terminology.reading.dates import updated_day

from .versions import Candidate, Conflict, draft_of, given_by_operator, is_repetition, settled

CONVERSION: Final = "conversion"
"""The loaders' word for such a part."""

CORRECTED: Final = re.compile(r"corrected|final", re.IGNORECASE)

Publication = tuple[datetime.date, bool]
"""When a table says in its name that it was updated, and whether it says that it is corrected or final."""


def _none(_part: Part) -> tuple[CommittedRelease, ...]:
    return ()


def assembled(
    parts: Sequence[Part],
    system: str,
    title: str,
    build: Callable[[Part], Built],
    consulted: Callable[[Part], tuple[CommittedRelease, ...]] = _none,
) -> CrosswalkAssembly:
    """Return one crosswalk for each table; its version is that of the newest day in it.

    The tables belong to the loader, which rejects and drops them; so a version that two tables state differently becomes a
    draft that cannot be built and says why.
    """
    candidates: list[Candidate] = []
    undated: list[tuple[Part, str]] = []
    for part in parts:
        try:
            candidates.append(_candidate(part, system))
        except InvalidDateError as error:
            undated.append((part, f"{error}: give --effective"))
    agreed, conflicts = settled(_newest_publications(candidates))
    drafts = [
        evolve(draft_of(candidates, title, partial(build, part)), consulted=consulted(part))
        for candidates in agreed
        for part in [candidates[0].part]
    ]
    drafts += [draft_of(conflict.candidates, title, _refusal(conflict)) for conflict in conflicts]
    drafts.sort(key=lambda one: (one.effective, one.version))
    return CrosswalkAssembly(tuple(drafts), tuple(undated))


def _newest_publications(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without those to whose version another table says in its name that it is newer.

    The publishers replace a table under the same days and add "updated 9-21-2023" or "corrected" to its name.
    """
    versions: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        versions[candidate.version].append(candidate)
    kept: list[Candidate] = []
    for group in versions.values():
        newest = max(_publication(candidate.part) for candidate in group)
        chosen = [candidate for candidate in group if _publication(candidate.part) == newest]
        older = [one for one in group if one not in chosen and not any(is_repetition(one, other) for other in chosen)]
        repeated = [one for one in group if one not in chosen and one not in older]
        outdated = tuple(f"{one.part.origin.label}: differs and is older by its name, left out" for one in older)
        kept += [evolve(candidate, warnings=(*candidate.warnings, *outdated)) for candidate in chosen] + repeated
    return kept


def _publication(part: Part) -> Publication:
    """Return what the name of a table says of when it was published.

    A table that says nothing of it is older than all that do.
    """
    day = updated_day(part.origin.name) or datetime.date.min
    return day, CORRECTED.search(part.origin.name) is not None


def _candidate(part: Part, system: str) -> Candidate:
    """Return the version that a table states, as a candidate.

    Raises:
        InvalidDateError: It has no day, or the operator gave a version that names none.
    """
    if given := given_by_operator(part, "fiscal"):
        return Candidate(part, system, system, *given)
    days: list[str] = part.facts["days"]
    if not days:
        raise InvalidDateError("no code begins or ends in it")
    newest = datetime.date.fromisoformat(days[-1])
    return Candidate(part, system, system, version_label("fiscal", newest), newest)


def _refusal(conflict: Conflict) -> Callable[[], Built]:
    def refuse() -> NoReturn:
        faults = [ReleaseFormatError(conflict.against(one), file=one.part.origin.label) for one in conflict.candidates]
        raise ReleaseFaults(f"{len(faults)} tables for version {conflict.candidates[0].version}", faults)

    return refuse


RELATED: Final = "related-to"

BROADER: Final = "source-is-broader-than-target"

NARROWER: Final = "source-is-narrower-than-target"

Pair = tuple[Hashable, Hashable]
"""Both sides of a change, each with what distinguishes independent changes (the day)."""


@frozen
class Fans:
    """How many distinct partners each side of the pairs has."""

    of_source: Counter[Hashable]
    of_target: Counter[Hashable]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Fans:
        """Return the counts; a repeated pair counts once."""
        distinct = set(pairs)
        return cls(Counter(source for source, _ in distinct), Counter(target for _, target in distinct))

    def relationship(self, source: Hashable, target: Hashable, *, is_replacement: bool) -> str:
        """Return the relationship of a pair as FHIR R5 names it.

        A code that was divided among several is broader than each; codes that were all replaced by one are each
        narrower. What several codes gave a part to, and any single pair, is only related.

        >>> Fans.of([("M54.5", "M54.50"), ("M54.5", "M54.51")]).relationship("M54.5", "M54.50", is_replacement=False)
        'source-is-broader-than-target'
        """
        targets, sources = self.of_source[source], self.of_target[target]
        if targets > 1 and sources == 1:
            return BROADER
        if is_replacement and sources > 1 and targets == 1:
            return NARROWER
        return RELATED
