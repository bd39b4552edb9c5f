"""What a load did, file by file and release by release."""

from __future__ import annotations

import re
from typing import Any

from attrs import asdict, frozen

from ..errors import ReleaseFormatError, error_values
from ..model import Crosswalk, Gap, Release, plain


@frozen
class Loaded:
    """A release that the files of this load belong to."""

    release: Release
    """As it is in the store now."""
    already: bool
    """Whether the store held the very same release before."""
    changed: bool = False
    """Whether it held the release before, with other content: other files, or those of a neighbour, have changed it."""
    replaced: tuple[str, ...] = ()
    """Of a changed release: which of its files have given way to which, one sentence for each kind of file."""


def replacements(before: Release, after: Release) -> tuple[str, ...]:
    """Return which files of a release have given way to others, or to none; of what was only added nothing is said."""
    found = []
    for role in dict.fromkeys(source.role for source in before.sources):
        old, new = ([source for source in one.sources if source.role == role] for one in (before, after))
        kept = {source.sha256 for source in new}
        if not kept & {source.sha256 for source in old}:
            names = [", ".join(dict.fromkeys(source.file for source in sources)) or "none" for sources in (old, new)]
            found.append(f"{role}: from {names[0]} to {names[1]}")
    return tuple(found)


@frozen
class LoadedCrosswalk:
    """A crosswalk that the files of this load belong to, or that changed because of them."""

    crosswalk: Crosswalk
    """As it is in the store now."""
    already: bool
    """Whether the store held the very same crosswalk before."""


@frozen
class Skip:
    """A file that was skipped, and why."""

    path: str
    """Where it is, of a member of an archive after the archive and ``!``."""
    reason: str
    """Why, as a sentence."""

    @property
    def name(self) -> str:
        """The path without its folders."""
        return re.split(r"[/\\]", self.path)[-1]


@frozen
class LoadReport:
    """The outcome of a load.

    It may leave the process as it is: errors, warnings and reasons quote no text of a system whose licence is not
    declared.
    """

    loaded: tuple[Loaded, ...]
    """The releases, in order of systems and days."""
    skipped: tuple[Skip, ...]
    """Files that are no release and no map, with the reason."""
    gaps: tuple[Gap, ...]
    """Times for which releases are not loaded."""
    errors: tuple[ReleaseFormatError, ...]
    """What is wrong with the files that were rejected."""
    crosswalks: tuple[LoadedCrosswalk, ...] = ()
    """The crosswalks that were loaded, or that changed."""
    kept: int = 0
    """How many files were recognised and are kept, new or known; those that wait for another file are among the skipped."""

    @property
    def ok(self) -> bool:
        """Whether no file was rejected."""
        return not self.errors

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recognised: no release and no crosswalk, new or loaded already, no file that waits, none faulty."""
        return not (self.loaded or self.crosswalks or self.errors or self.kept)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "loaded": [
                {
                    "system": item.release.system,
                    "version": item.release.version,
                    "effective": item.release.effective.isoformat(),
                    "concepts": item.release.concepts,
                    "billable": item.release.billable,
                    "derived": item.release.derived,
                    "already": item.already,
                    "warnings": list(item.release.warnings),
                    **({"faults": plain(item.release.faults)} if item.release.faults else {}),
                    **({"replaced": list(item.replaced)} if item.replaced else {}),
                }
                for item in self.loaded
            ],
            "crosswalks": [
                {
                    "name": item.crosswalk.name,
                    "identity": item.crosswalk.identity,
                    "version": item.crosswalk.version,
                    "source_system": item.crosswalk.source_system,
                    "target_system": item.crosswalk.target_system,
                    "effective": item.crosswalk.effective.isoformat(),
                    "mappings": item.crosswalk.mappings,
                    "already": item.already,
                    "warnings": list(item.crosswalk.warnings),
                    **({"faults": plain(item.crosswalk.faults)} if item.crosswalk.faults else {}),
                }
                for item in self.crosswalks
            ],
            "skipped": [asdict(item) for item in self.skipped],
            "gaps": [asdict(gap) for gap in self.gaps],
            "errors": [error_values(error) for error in self.errors],
        }

    to_json = to_dict
    """Former name of `to_dict`."""
