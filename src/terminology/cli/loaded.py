"""How the report of a load is printed: what came by groups, what needs attention at the end."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..counts import counted
from ..store import default_path
from ..systems import SYSTEMS
from .drawing import print_table
from .output import accepted_lines, gap_lines, rejected_lines
from .printing import echo, style

if TYPE_CHECKING:
    from ..ingest import Loaded, LoadReport
    from ..ingest.report import LoadedCrosswalk, Skip

LISTED: Final = 12
"""Releases, or crosswalks, of which each has a line; more are grouped."""
SHOWN_WARNINGS: Final = 3
"""Kinds of warnings that are shown of a system, or of a kind of crosswalk."""
SHOWN_ERRORS: Final = 10
"""Errors of a file that are shown."""
NAMED: Final = 3
"""Skipped files of one kind that are named; of more, the first ones."""
ALL_SKIPS: Final = "--verbose and --json list all skipped files"
LONGEST: Final = 160
"""Characters of a warning, or of the reason of a skip, that are shown."""
ADVICE: Final = (
    "a warning says how the file was read: nothing to do, unless it names a file or release that is not loaded"
)
PLACE: Final = re.compile(r"^.*?\.\w{2,5}(:\d+)?: (column [^:]*: )?")
"""File, line and column, which begin a warning."""
ARCHIVE: Final = re.compile(r"(^| against )[^!:]+!")
"""Archives before the names of their members."""
VARIABLE: Final = re.compile(r"'[^']*'|\S*\d\S*")
"""Codes, numbers, names and quotations, by which warnings of one kind differ."""


def print_report(report: LoadReport, store: Path, *, dry_run: bool, verbose: bool) -> None:
    """Print what was loaded, what is odd about it and what was skipped; then gaps, rejections and the result.

    Args:
        report: What the load did.
        store: The folder of the store.
        dry_run: Whether the store was left as it was.
        verbose: Whether releases, warnings and skipped files have a line each.
    """
    _print_releases(report.loaded, verbose=verbose)
    if report.loaded and report.crosswalks:
        echo()
    _print_crosswalks(report.crosswalks, verbose=verbose)
    begun = bool(report.loaded or report.crosswalks)
    rejected = rejected_lines(report.errors, "--accept-faults {}", shown=None if verbose else SHOWN_ERRORS)
    warnings = list(_warnings(report, verbose=verbose))
    for lines in (
        [*_changes(report), *warnings, *([style(ADVICE, dim=True)] if warnings else [])],
        [*_skips(report, verbose=verbose)],
        [*gap_lines(report.gaps), *rejected, _result(report, dry_run=dry_run), *_next(report, store, dry_run=dry_run)],
    ):
        if lines and begun:
            echo()
        begun = begun or bool(lines)
        for line in lines:
            echo(line)


# ---- what was loaded


def _print_releases(loaded: Sequence[Loaded], *, verbose: bool) -> None:
    if verbose or len(loaded) <= LISTED:
        rows: list[list[Any]] = [
            [
                item.release.system,
                item.release.version,
                item.release.effective,
                item.release.concepts,
                item.release.billable,
                ", ".join([_state(item), *(["derived"] if item.release.derived else [])]),
            ]
            for item in loaded
        ]
        header, spare = ["system", "version", "effective", "concepts", "billable", "note"], ["billable"]
    else:
        rows = [_group(system, list(items)) for system, items in groupby(loaded, lambda item: item.release.system)]
        header, spare = ["system", "releases", "first", "last", "concepts in it", "note"], ["first", "concepts in it"]
    if rows:
        print_table(header, rows, spare=spare)


def _group(system: str, items: Sequence[Loaded]) -> list[Any]:
    states = Counter([*map(_state, items), *("derived" for item in items if item.release.derived)])
    first, last = items[0].release, items[-1].release
    return [system, len(items), first.version, last.version, last.concepts, _counts(states)]


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {state}" for state, number in states.items())


def _state(item: Loaded) -> str:
    return "already loaded" if item.already else "changed" if item.changed else "new"


def _print_crosswalks(loaded: Sequence[LoadedCrosswalk], *, verbose: bool) -> None:
    if not loaded:
        return
    if verbose or len(loaded) <= LISTED:
        found = [(item.crosswalk, "already loaded" if item.already else "new") for item in loaded]
        rows = [[c.names[-1], c.version, c.source_system, c.target_system, c.mappings, note] for c, note in found]
        print_table(["crosswalk", "version", "from", "to", "mappings", "note"], rows, spare=["mappings"])
        return
    rows = []
    # versions of one kind are together already, but not those of its directions
    for kind, group in groupby(sorted(loaded, key=lambda item: item.crosswalk.name), lambda item: item.crosswalk.name):
        items = list(group)
        states = Counter("already loaded" if item.already else "new" for item in items)
        versions = sorted({item.crosswalk.version for item in items})
        systems = {s: None for item in items for s in (item.crosswalk.source_system, item.crosswalk.target_system)}
        rows.append([kind, len(items), versions[0], versions[-1], ", ".join(systems), _counts(states)])
    print_table(["crosswalks", "maps", "first", "last", "systems", "note"], rows, spare=["first", "note"])


# ---- what is odd about it


def _changes(report: LoadReport) -> Iterator[str]:
    for item in report.loaded:
        name = f"{item.release.system} {item.release.version}"
        yield from (f"{style('changed', fg='yellow')} {name}: {what}" for what in item.replaced)
        yield from accepted_lines(name, item.release.faults)
    for found in (item.crosswalk for item in report.crosswalks):
        yield from accepted_lines(found.label, found.faults)


def _warnings(report: LoadReport, *, verbose: bool) -> Iterator[str]:
    """Yield the warnings; without ``verbose`` each kind once, with the number of the others."""
    found = [
        (item.release.system, f"{item.release.system} {item.release.version}", warning)
        for item in report.loaded
        for warning in item.release.warnings
    ]
    found += [
        (item.crosswalk.names[-1], item.crosswalk.label, warning)
        for item in report.crosswalks
        for warning in item.crosswalk.warnings
    ]
    word = style("warning", fg="yellow")
    if verbose:
        yield from (f"{word} {name}: {warning}" for _, name, warning in found)
        return
    kinds: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for owner, name, warning in found:
        kinds.setdefault(owner, {}).setdefault(kind_of(warning), []).append((name, warning))
    shown = [alike for of_owner in kinds.values() for alike in list(of_owner.values())[:SHOWN_WARNINGS]]
    for alike in shown:
        name, warning = alike[0]
        yield f"{word} {name}: {_shortened(warning)}{_like_it(alike)}"
    more = len(found) - len(shown)
    if more:
        yield f"{counted(more, 'more warning')}: --verbose and --json list all, as do terminology releases and crosswalks with --verbose"


def kind_of(message: str) -> str:
    """Return what messages of one kind have in common: without the place, and without what they are about.

    >>> kind_of("order.xlsx:884: O44.20 is on row 876 already")
    '# is on row # already'
    >>> kind_of("codes 2022.txt: 2 codes are not as the addenda says: Z6830, Z6841")
    '# codes are not as the addenda says: #'
    """
    return re.sub(r": #.*$", ": #", VARIABLE.sub("#", PLACE.sub("", message)))


def _shortened(text: str) -> str:
    """Return the beginning of a long text, without the archives in its place, which tell least.

    >>> _shortened("january.zip!codes.xlsx against january.zip!codes.txt: another title in 1 code (G0503)" + " " * 80)[:70]
    'codes.xlsx against codes.txt: another title in 1 code (G0503)         '
    """
    if len(text) > LONGEST:
        text = ARCHIVE.sub(r"\1", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _like_it(alike: Sequence[tuple[str, str]]) -> str:
    if len(alike) == 1:
        return ""
    names = {name for name, _ in alike}
    where = f", in {len(names)} versions" if len(names) > 1 else ""
    return style(f" ({len(alike):,} like it{where})", dim=True)


def _skips(report: LoadReport, *, verbose: bool) -> Iterator[str]:
    if verbose:
        yield from (f"skipped {skip.path}: {skip.reason}" for skip in report.skipped)
        return
    kinds: dict[str, list[Skip]] = {}
    for skip in report.skipped:
        kinds.setdefault(kind_of(skip.reason), []).append(skip)
    for alike in sorted(kinds.values(), key=len, reverse=True):
        more = f" and {len(alike) - NAMED:,} more" if len(alike) > NAMED else ""
        names = ", ".join(skip.name for skip in alike[:NAMED])
        yield f"skipped {counted(len(alike), 'file')} ({names}{more}): {_shortened(alike[0].reason)}"
    if any(len(alike) > NAMED for alike in kinds.values()):
        yield style(ALL_SKIPS, dim=True)


# ---- what needs attention


def _result(report: LoadReport, *, dry_run: bool) -> str:
    items: list[Loaded | LoadedCrosswalk] = [*report.loaded, *report.crosswalks]
    fresh = [
        counted(sum(not item.already for item in group), noun)
        for group, noun in ((report.loaded, "release"), (report.crosswalks, "crosswalk"))
        if group or (noun == "release" and not items)
    ]
    rejected = len({error.file for error in report.errors})
    words = [
        "would be loaded (dry run)" if dry_run else "loaded",
        f"{sum(item.already for item in items):,} already there",
        style(f"{rejected:,} rejected", fg="red") if rejected else "0 rejected",
    ]
    if report.kept and not items:
        words.append(f"{counted(report.kept, 'file')} kept until what it belongs to is loaded")
    if report.gaps:
        words.append(style(counted(len(report.gaps), "gap"), fg="magenta"))
    if report.is_empty:
        words.append("nothing recognised")
    return f"{' and '.join(fresh)} {', '.join(words)}"


def _next(report: LoadReport, store: Path, *, dry_run: bool) -> Iterator[str]:
    """Yield where the store is, and how to see what it holds; nothing where nothing is in it."""
    if dry_run or not (report.loaded or report.crosswalks):
        return
    option = "" if store == default_path() else f" --store {shlex.quote(str(store))}"
    command = "releases" if report.loaded else "crosswalks"
    yield f"the store is {store}; what it holds: terminology {command}{option}"


def expected(report: LoadReport) -> str:
    """Return what was found where nothing was recognised, and what a load expects."""
    from ..registry import crosswalk_readers, loaders

    systems = [name for name in sorted(loaders()) if name in SYSTEMS]
    number = len(report.skipped)
    found = f"none of {number:,} files is recognised" if number > 1 else "the file is not recognised"
    found = found if number else "there is no file"
    return (
        f"{found}: expected files as publishers give them, zipped or not, of {', '.join(systems)}; "
        f"crosswalks ({', '.join(sorted(crosswalk_readers()))}); or a list of codes, with --system"
    )
