"""The files of an update's report: what each new release changed, what it does to code lists, and the overview."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from ..codelists import CodeList, ListMigration, migration_of
from ..differences import TABLES, Difference
from ..errors import ReleaseFaults, TerminologyError
from ..layout.page import rendered
from ..layout.parts import Sources, Tile, bars
from ..model import Release
from ..query import Terminology
from ..reports import difference_csv, difference_page
from ..reports.difference import LABELS
from ..wire import sent
from .configuration import CodeList as Listed
from .filing import Cabinet, json_lines
from .report import Comparison, Ending, Impact, UpdateReport
from .verification import NewRelease

PACKAGE: Final = "terminology.update"
HEADINGS: Final[Mapping[Ending, str]] = {
    Ending.PUBLISHED: "Update published",
    Ending.UNCHANGED: "Nothing new",
    Ending.HELD_BACK: "Update held back",
    Ending.DRY_RUN: "Dry run of an update",
    Ending.FAILED: "Update failed",
}
UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")
LONGEST_STEM = 120


def comparison_of(new: NewRelease, difference: Difference, *, is_first_load: bool, cabinet: Cabinet) -> Comparison:
    """Return what a new release changed; its page and its table are written.

    Of a code system that was not in the store before, only the newest release is written about.

    Args:
        new: The release.
        difference: From the release before it.
        is_first_load: Whether the code system is new in the store.
        cabinet: Where the files go.
    """
    release = new.release
    files: tuple[str, ...] = ()
    if not is_first_load or release == new.code_system.releases[-1]:
        stem = f"{release.system}-{difference.before.version}-to-{release.version}"
        definition, licences = new.code_system.definition, new.code_system.licences
        page = difference_page(difference, definition=definition, licences=licences)
        table = difference_csv(difference, definition=definition, licences=licences)
        files = (cabinet.write(f"{stem}.html", page), cabinet.write(f"{stem}.csv", table))
    counts = {name: difference.table(name).num_rows for name in TABLES}
    return Comparison(release.system, difference.before.version, release.version, counts, files)


@frozen
class Line:
    """A finding on the overview: its subject, whether it is fine, and remarks."""

    subject: str
    state: str
    """good, warn or bad."""
    remarks: tuple[str, ...] = ()


def impacts_of(
    lists: Sequence[Listed], planned: Terminology, published: Terminology | None, cabinet: Cabinet
) -> tuple[Impact, ...]:
    """Return what happens to each list from the newest release in force to the newest that is planned.

    A list whose code system has nothing new is left out. One that cannot be read, or is of a code system that is
    not there, has a problem, and needs review.

    Args:
        lists: As the configuration names them.
        planned: The store that is yet to be published.
        published: The store as it is; None where there is none.
        cabinet: Where the files go.
    """
    found = (_impact(listed, planned, published, cabinet) for listed in lists)
    return tuple(impact for impact in found if impact is not None)


def _impact(listed: Listed, planned: Terminology, published: Terminology | None, cabinet: Cabinet) -> Impact | None:
    if listed.system not in planned:
        problem = f"the store holds no code system {listed.system!r}"
        return Impact(listed.name, listed.system, "", "", {}, needs_review=True, problem=problem)
    if published is None or listed.system not in published:
        return None
    before, after = _newest(published, listed.system), _newest(planned, listed.system)
    if before == after:
        return None
    try:
        code_list = CodeList.read(listed.path, listed.system)
        code_list = evolve(code_list, head=evolve(code_list.head, name=listed.name))
        code_system = planned[listed.system]
        migration = sent(migration_of(code_list, code_system, before.version, after.version), code_system)
    except (TerminologyError, OSError) as error:
        faults = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
        problem = "; ".join(map(str, faults))
        return Impact(listed.name, listed.system, before.version, after.version, {}, needs_review=True, problem=problem)
    return Impact(
        name=listed.name,
        system=migration.system,
        before=before.version,
        after=after.version,
        counts=_counts(migration),
        needs_review=not migration.is_settled,
        files=_files(listed, migration, planned, cabinet),
    )


def _newest(store: Terminology, system: str) -> Release:
    return store[system].releases[-1]


def _counts(migration: ListMigration) -> dict[str, int]:
    """Return how many entries changed, by their fate, and how many codes were added and removed."""
    changed = {fate: count for fate, count in migration.counts.items() if fate != "unchanged"}
    entered = sum(len(item.entered) for item in migration.entries)
    left = sum(len(item.left) for item in migration.entries)
    return {**changed, "entered": entered, "left": left, "to_review": len(migration.review)}


def _files(listed: Listed, migration: ListMigration, planned: Terminology, cabinet: Cabinet) -> tuple[str, ...]:
    from ..reports.code_lists import migration_csv, migration_page

    stem = cabinet.free_stem(f"list-{UNSAFE.sub('-', listed.name)}-{migration.system}"[:LONGEST_STEM])
    return (
        cabinet.write(f"{stem}.html", migration_page(migration, planned[listed.system])),
        cabinet.write(f"{stem}.csv", migration_csv(migration)),
        cabinet.write(f"{stem}.json", json_lines(migration.to_dict())),
        cabinet.write(f"{stem}.txt", migration.proposal().text),
    )


def overview_page(report: UpdateReport) -> str:
    """Return the overview of an update as one self-contained HTML page, with links to the other pages."""
    loaded = report.loaded
    fresh = [item for item in loaded.loaded if not item.already] if loaded else []
    failed = sum(not check.passed for check in report.checks)
    reviews = sum(impact.needs_review for impact in report.impacts)
    tiles = [
        Tile("new releases", sum(not item.changed for item in fresh), "added", "releases" if fresh else ""),
        Tile("checks failed", failed, "deleted", "checks" if failed else ""),
        Tile("lists to review", reviews, "to_header", "impact" if reviews else ""),
        Tile("files rejected", len(loaded.errors) if loaded else 0, "deleted"),
    ]
    return rendered(
        "update.html",
        PACKAGE,
        sources=[Sources("New", item.release) for item in fresh],
        heading=HEADINGS[report.ending],
        report=report,
        tiles_shown=tiles,
        fresh=fresh,
        crosswalks=[item.crosswalk for item in loaded.crosswalks if not item.already] if loaded else [],
        checks=list(_checks(report)),
        errors=list(_errors(report)),
        tables=TABLES,
        words=LABELS,
        labels={name: words for name, words in LABELS.items() if any(c.counts[name] for c in report.comparisons)},
        chart=bars(((c.after, f"{c.system}, from {c.before}", c.counts) for c in report.comparisons), LABELS),
    )


def _checks(report: UpdateReport) -> Iterator[Line]:
    for check in report.checks:
        state = "bad" if not check.passed else "warn" if check.remarks else "good"
        yield Line(f"{check.system} {check.version}: {check.what}", state, check.remarks)


def _errors(report: UpdateReport) -> Iterator[Line]:
    """Yield what went wrong with files."""
    for source, error in report.fetched.errors:
        yield Line(source.label, "bad", (str(error),))
    for rejected in report.loaded.errors if report.loaded else ():
        yield Line(rejected.file, "bad", (str(rejected),))
