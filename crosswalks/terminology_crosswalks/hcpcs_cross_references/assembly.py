"""Which corrections list corrects which release of HCPCS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from attrs import field, frozen

from terminology.drafts import Part
from terminology.model import Release

from .corrections import KIND

Told = tuple[tuple[Part, str], ...]


@frozen
class CorrectionPlan:
    """The lists of each release in the order of their numbers, and those that are none's."""

    lists: Mapping[str, tuple[Part, ...]] = field(hash=False)
    """By version of the release."""
    refused: Told = ()
    unused: Told = ()

    def lists_of(self, version: str) -> tuple[Part, ...]:
        """Return the lists that correct a release, in the order in which they apply."""
        return self.lists.get(version, ())


def planned_corrections(parts: Sequence[Part], releases: Sequence[Release]) -> CorrectionPlan:
    """Return the lists by release: that of the month in the list's name, else the first one of the list's year.

    A print is not used where the workbook of the same name is here: its texts are cut. Two different lists of one
    number for one release contradict each other, and both are refused.

    Args:
        parts: All parts; those of other kinds are left alone.
        releases: In order of their days.
    """
    lists = sorted((part for part in parts if part.kind == KIND), key=lambda part: (part.origin.label, part.revision))
    refused: list[tuple[Part, str]] = []
    unused: list[tuple[Part, str]] = []
    found: dict[str, dict[int, list[Part]]] = {}
    for part in lists:
        twin = next((other for other in lists if _is_twin(part, other)), None)
        if twin:
            unused.append((part, f"a print whose texts are cut; {twin.origin.label} has them whole"))
            continue
        version = _version_of(part, releases)
        if version is None and not _is_dated(part):
            refused.append((part, "nothing tells which release the list corrects: give --version"))
        elif version is None:
            unused.append((part, f"corrects the release of {_wanted(part)}, which is not loaded"))
        else:
            found.setdefault(version, {}).setdefault(part.facts["number"], []).append(part)
    chosen: dict[str, tuple[Part, ...]] = {}
    for version, numbers in found.items():
        kept: list[Part] = []
        for _, same in sorted(numbers.items()):
            if len({part.facts["digest"] for part in same}) > 1:
                refused += [(part, _contradiction(part, same, version)) for part in same]
            else:
                kept += same
        chosen[version] = tuple(kept)
    return CorrectionPlan(chosen, tuple(refused), tuple(unused))


def _is_twin(part: Part, other: Part) -> bool:
    """Return whether the other is the workbook of a print."""
    same_archive = part.origin.archive_sha256 == other.origin.archive_sha256
    same_name = PurePosixPath(part.origin.name).stem == PurePosixPath(other.origin.name).stem
    return part.facts["printed"] and not other.facts["printed"] and same_archive and same_name


def _is_dated(part: Part) -> bool:
    return bool(part.version or part.effective or part.facts["year"])


def _wanted(part: Part) -> str:
    if part.version or part.effective:
        return str(part.version or part.effective)
    year, month = part.facts["year"], part.facts["month"]
    return f"{year}-{month:02}" if month else str(year)


def _version_of(part: Part, releases: Sequence[Release]) -> str | None:
    if part.version:
        return next((release.version for release in releases if release.version == part.version), None)
    if part.effective:
        return next((release.version for release in releases if release.effective == part.effective), None)
    of_year = [release for release in releases if release.effective.year == part.facts["year"]]
    month = part.facts["month"] or 1
    return next((release.version for release in of_year if release.effective.month == month), None)


def _contradiction(part: Part, same: Sequence[Part], version: str) -> str:
    others = " and ".join(other.origin.label for other in same if other is not part)
    return f"corrects release {version} otherwise than {others}, a list of the same number: load only one of them"


__all__ = ["CorrectionPlan", "planned_corrections"]
