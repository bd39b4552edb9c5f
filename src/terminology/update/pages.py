"""The files of an update's report: a page and a table of what each new release changed, and the overview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from ..differences import TABLES, Difference
from ..reports import difference_csv, difference_page
from ..reports.difference import LABELS
from ..reports.page import Tile, bars, rendered
from .filing import Cabinet
from .report import Comparison, Ending, UpdateReport
from .verification import NewRelease

HEADINGS: Final[Mapping[Ending, str]] = {
    Ending.PUBLISHED: "Update published",
    Ending.UNCHANGED: "Nothing new",
    Ending.HELD_BACK: "Update held back",
    Ending.DRY_RUN: "Dry run of an update",
    Ending.FAILED: "Update failed",
}


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
    """A finding on the overview: what it is about, whether it is fine, and what is to be said."""

    subject: str
    state: str
    """good, warn or bad."""
    remarks: tuple[str, ...] = ()


def overview_page(report: UpdateReport) -> str:
    """Return the overview of an update as one self-contained HTML page, with links to the pages beside it."""
    loaded = report.loaded
    fresh = [item for item in loaded.loaded if not item.already] if loaded else []
    failed = sum(not check.passed for check in report.checks)
    reviews = sum(impact.needs_review for impact in report.impacts)
    tiles = [
        Tile("new releases", sum(not item.changed for item in fresh), "added", "releases" if fresh else ""),
        Tile("checks failed", failed, "deleted", "checks" if failed else ""),
        Tile("lists to review", reviews, "to_header", "impact" if reviews else ""),
        Tile("files refused", len(loaded.errors) if loaded else 0, "deleted"),
    ]
    return rendered(
        "update.html",
        heading=HEADINGS[report.ending],
        report=report,
        tiles_shown=tiles,
        fresh=fresh,
        crosswalks=[item.crosswalk for item in loaded.crosswalks if not item.already] if loaded else [],
        checks=list(_checks(report)),
        faults=list(_faults(report)),
        tables=TABLES,
        words=LABELS,
        labels={name: words for name, words in LABELS.items() if any(c.counts[name] for c in report.comparisons)},
        chart=bars(((c.after, f"{c.system}, from {c.before}", c.counts) for c in report.comparisons), LABELS),
    )


def _checks(report: UpdateReport) -> Iterator[Line]:
    for check in report.checks:
        state = "bad" if not check.passed else "warn" if check.remarks else "good"
        yield Line(f"{check.system} {check.version}: {check.what}", state, check.remarks)


def _faults(report: UpdateReport) -> Iterator[Line]:
    """Yield what went wrong with files."""
    for source, error in report.fetched.errors:
        yield Line(source.label, "bad", (str(error),))
    for fault in report.loaded.errors if report.loaded else ():
        yield Line(fault.file, "bad", (str(fault),))
