"""Prove new releases before they are published: against the publisher's addenda, and for what is missing between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from ..counts import counted
from ..differences import Difference, Disagreement, against_addenda
from ..errors import UnknownCodeError
from ..model import Gap, Release
from ..query import CodeSystem, Terminology
from ..wire import sent_release
from .configuration import Tolerance, Verify
from .report import LINES_LEFT_OUT, Check

WORDING = frozenset({"title", "short_title"})
"""Aspects in which addenda and order files of several years differ by mistakes of spelling: reported, and no failure."""
SHOWN = 50


@frozen
class NewRelease:
    """A release that is not in force yet, with the one before it; None where it is the first."""

    code_system: CodeSystem
    release: Release
    former: Release | None

    def difference(self) -> Difference | None:
        """Return what it changed, or None where there is none before it."""
        return self.code_system.diff(self.former.version, self.release.version) if self.former else None


def new_releases(candidate: Terminology, published: Terminology | None) -> Iterator[NewRelease]:
    """Yield the releases of a store that is yet to be published which are not in force now, in order."""
    for system in candidate.systems:
        before = {
            release.version: _content(release)
            for release in (published[system].releases if published and system in published else ())
        }
        former: Release | None = None
        for release in candidate[system].releases:
            if before.get(release.version) != _content(release):
                yield NewRelease(candidate[system], release, former)
            former = release


def _content(release: Release) -> tuple[object, ...]:
    return release.sources, release.derived, release.concepts, release.faults


def fault_check(new: NewRelease) -> Check | None:
    """Return which lines a release lacks because the configuration accepts that; None where it lacks none."""
    faults = sent_release(new.release, new.code_system.licences).faults
    if not faults:
        return None
    return Check(new.release.system, new.release.version, LINES_LEFT_OUT, passed=True, remarks=tuple(map(str, faults)))


def addenda_check(new: NewRelease, difference: Difference, settings: Verify) -> Check | None:
    """Return how a release compares with the addenda that its publisher gave with it; None where there is none."""
    try:
        changes = new.code_system.release(new.release.version).table("changes")
    except (KeyError, UnknownCodeError):
        return None
    tolerated = _tolerated(settings.tolerated, new.release)
    found = [item for item in against_addenda(difference, changes) if item.code not in tolerated]
    fatal = [item for item in found if item.aspect not in WORDING and not _is_gap(item)]
    remarks = [str(item) for item in (fatal or found)[:SHOWN]]
    if len(found) > len(remarks):
        remarks.append(counted(len(found) - len(remarks), "more difference"))
    return Check(new.release.system, new.release.version, "addenda", not fatal, tuple(remarks))


def _is_gap(disagreement: Disagreement) -> bool:
    """Return whether the addenda starts from a release that is not here: that is a gap, and reported as one."""
    return disagreement.code is None


def _tolerated(tolerances: Sequence[Tolerance], release: Release) -> frozenset[str]:
    return frozenset(
        code
        for tolerance in tolerances
        if (tolerance.system, tolerance.version) == (release.system, release.version)
        for code in tolerance.codes
    )


def gap_checks(gaps: Sequence[Gap], new: Sequence[NewRelease], settings: Verify) -> Iterator[Check]:
    """Yield a check for each gap before or after a new release, as strict as the configuration says."""
    fresh = {(item.release.system, item.release.version) for item in new}
    for gap in gaps:
        sides = {(gap.system, gap.after), (gap.system, gap.before)}
        if settings.gaps != "ignore" and not sides.isdisjoint(fresh):
            passed = settings.gaps == "warn"
            yield Check(gap.system, gap.before, "gap", passed, (f"after {gap.after}: {gap.reason}",))
