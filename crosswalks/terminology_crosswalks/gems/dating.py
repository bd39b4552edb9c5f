"""For which fiscal year a GEM file was published.

The diagnosis files bear the year in their name; the procedure files have the same name every year. What decides,
in this order: the operator; the year in the file's name; that of the archive; a release of ICD-10 with as many
billable codes as the file has sources; the other procedure file of the same archive; and for procedure files the
last edition, with a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from terminology.drafts import CommittedRelease, Part
from terminology.errors import InvalidDateError
from terminology.model import Release
from terminology.periods import version_label, year_of, year_start
from terminology.reading.dates import DatedVersion, years_in
from terminology.systems import SYSTEMS

from ..versions import Candidate, given_by_operator
from .directions import DIRECTIONS

LAST_EDITION: Final = 2018
"""Fiscal year of the last publication."""
FIRST_YEAR, LAST_YEAR = 2000, 2039
"""A number outside of these is not taken for the year of a GEM."""
UNDATED: Final = "nothing dates it: give --effective, or --version with its fiscal year"
COMPANIONS: Final = {"i9pcs": "pcsi9", "pcsi9": "i9pcs"}
ICD10: Final = frozenset({"icd10cm", "icd10pcs"})


def dated(
    parts: Sequence[Part], releases: Sequence[CommittedRelease]
) -> tuple[list[Candidate], list[tuple[Part, str]]]:
    """Return the versions that the parts state, and the parts that nothing dates, with the reason."""
    annual = [item.release for item in releases if _is_annual(item.release)]
    evidence: dict[str, DatedVersion | None] = {}
    candidates: list[Candidate] = []
    refused: list[tuple[Part, str]] = []
    for part in parts:
        try:
            evidence[part.identity] = _evidence(part, annual)
        except InvalidDateError as error:
            refused.append((part, f"{error}; or give --effective too"))
    for part in (part for part in parts if part.identity in evidence):
        dating = evidence[part.identity]
        if dating is None and part.kind in COMPANIONS:
            dating = _by_companion(part, parts, evidence) or _last_edition(part)
        if dating is None:
            refused.append((part, UNDATED))
            continue
        direction = DIRECTIONS[part.kind]
        candidates.append(
            Candidate(
                part,
                direction.source_system,
                direction.target_system,
                dating.version,
                dating.effective,
                dating.warnings,
            )
        )
    return candidates, refused


def _is_annual(release: Release) -> bool:
    is_first = release.effective == year_start("fiscal", year_of("fiscal", release.effective))
    return release.system in ICD10 and is_first and not release.correction


def _evidence(part: Part, annual: Sequence[Release]) -> DatedVersion | None:
    """Return how the part is dated by itself, or None."""
    if given := given_by_operator(part, "fiscal"):
        return DatedVersion(*given)
    for name in (part.origin.name, part.origin.archive or ""):
        years = set(years_in(name, FIRST_YEAR, LAST_YEAR))
        if len(years) == 1:
            year = years.pop()
            return _dating(year, _counted_otherwise(part, year, annual))
    return _by_count(part, annual)


def _dating(year: int, warnings: Sequence[str] = ()) -> DatedVersion:
    effective = year_start("fiscal", year)
    return DatedVersion(version_label("fiscal", effective), effective, tuple(warnings))


def _counted_otherwise(part: Part, year: int, annual: Sequence[Release]) -> list[str]:
    """Return a warning if the file has other sources than the release of its year has billable codes."""
    system, sources = DIRECTIONS[part.kind].source_system, part.facts["sources"]
    of_year = [item for item in annual if item.system == system and year_of("fiscal", item.effective) == year]
    return [
        f"{part.origin.label}: {sources:,} source codes, {SYSTEMS[system].title} {item.version} has {item.billable:,} "
        "billable codes"
        for item in of_year
        if item.billable != sources
    ]


def _by_count(part: Part, annual: Sequence[Release]) -> DatedVersion | None:
    """Return the year whose release has as many billable codes as the file has sources; the latest of several."""
    system, sources = DIRECTIONS[part.kind].source_system, part.facts["sources"]
    years = sorted(
        year_of("fiscal", item.effective) for item in annual if item.system == system and item.billable == sources
    )
    if not years:
        return None
    several = (
        f"{part.origin.label}: its number of source codes is that of {', '.join(map(str, years))}; taken for the last"
    )
    return _dating(years[-1], [several] if len(years) > 1 else [])


def _by_companion(part: Part, parts: Sequence[Part], evidence: dict[str, DatedVersion | None]) -> DatedVersion | None:
    """Return the year of the other procedure file, if it came in the same archive, or both are loose."""
    found = {
        DatedVersion(dating.version, dating.effective)
        for other in parts
        if other.kind == COMPANIONS[part.kind] and other.origin.archive_sha256 == part.origin.archive_sha256
        # a date that the operator gave to the other file is not evidence for this one
        if (dating := evidence.get(other.identity)) and other.effective is None and other.version is None
    }
    return found.pop() if len(found) == 1 else None


def _last_edition(part: Part) -> DatedVersion:
    what = f"taken for the last edition, fiscal year {LAST_EDITION}; --effective overrides this"
    return _dating(LAST_EDITION, [f"{part.origin.label}: neither name nor archive bears a year; {what}"])
