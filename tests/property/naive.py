"""A brute-force reading of a world's raw rows, written from the contract: no code is shared with the library's answers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx

from .worlds import Published, World

Day = datetime.date
FOREVER = datetime.date.max


def known_releases(world: World, known: Day | None) -> Sequence[Published]:
    """Return the releases that count, oldest first, of one day the correction last."""
    ordered = sorted(world.releases, key=lambda release: (release.effective, release.correction))
    return [release for release in ordered if known is None or release.effective <= known]


def row_of(release: Published, code: str) -> Mapping[str, Any] | None:
    """Return what a release says of a code."""
    return next((row for row in release.rows if row["code"] == code), None)


def status(world: World, code: str, day: Day, known: Day | None) -> str:
    """Return the status of a well-formed code."""
    reading = dated_status if world.definition.dated else snapshot_status
    return reading(known_releases(world, known), code, day)


# ---- snapshot systems


def release_in_force(releases: Sequence[Published], day: Day) -> Published | None:
    """Return the release that speaks for the day: it covers to the next one or to the end of its fiscal year."""
    begun = [release for release in releases if release.effective <= day]
    if not begun:
        return None
    newest = begun[-1]
    end = Day(newest.effective.year + (newest.effective.month >= 10), 10, 1)
    return newest if day < end else None


def snapshot_status(releases: Sequence[Published], code: str, day: Day) -> str:
    """Return the status by the list of the release in force, and by the other lists where it is not there."""
    release = release_in_force(releases, day)
    if release is None:
        return "uncovered"
    row = row_of(release, code)
    if row is not None:
        return "billable" if row["billable"] else "header"
    # of two releases of one day the correction alone was ever in force
    effective = {other.effective: other for other in releases}.values()
    if any(row_of(other, code) for other in effective if other.effective < release.effective):
        return "expired"
    return "future" if any(row_of(other, code) for other in effective) else "unknown"


# ---- dated systems


def dated_status(releases: Sequence[Published], code: str, day: Day) -> str:
    """Return the status by the days of the code's own rows, and by coverage where they say nothing."""
    covered = bool(releases) and releases[0].effective <= day < quarter_after(releases[-1].effective)
    rows = [(number, row) for number, release in enumerate(releases) if (row := row_of(release, code))]
    if not rows:
        return "unknown" if covered else "uncovered"
    lives: list[list[Day]] = []
    doubt: tuple[Day, Day] | None = None
    values: list[tuple[Day, bool]] = []
    for number, row in rows:
        effective = releases[number].effective
        start = row.get("effective_from") or effective
        first = row.get("reactivated") or start
        end = row.get("effective_to") or FOREVER
        if not lives:
            lives = [[first, end]]
            doubt = (start, first)
            since = start
        elif lives[-1][1] <= first:
            lives.append([first, end])
        else:
            lives[-1][1] = end
            if len(lives) == 1 and doubt and doubt[0] == doubt[1]:
                lives[0][0] = start
        if values:
            before = releases[number - 1].effective
            changed = row.get("changed")
            since = changed if changed and before < changed <= effective else effective
        values.append((since, row["billable"]))
    last, row = rows[-1]
    if row.get("effective_to") is None and last + 1 < len(releases):
        listed, gone = releases[last].effective, releases[last + 1].effective
        if listed < day < gone:
            return "uncovered"
        lives[-1][1] = min(gone, listed + datetime.timedelta(days=1))
    told = [flag for since, flag in values if since <= day] or [values[0][1]]
    return life_status(lives, doubt, day, billable=told[-1], covered=covered)


def life_status(
    lives: list[list[Day]], doubt: tuple[Day, Day] | None, day: Day, *, billable: bool, covered: bool
) -> str:
    """Return the status that a code's lives give, when the stretches of doubt and coverage are known."""
    if doubt and doubt[0] <= day < doubt[1]:
        return "uncovered"
    if any(start <= day < end for start, end in lives):
        return "billable" if billable else "header"
    if day >= lives[0][0]:
        return "expired"
    return "future" if covered else "uncovered"


def quarter_after(day: Day) -> Day:
    """Return the first day of the next quarter."""
    month = (day.month - 1) // 3 * 3 + 4
    return Day(day.year + 1, 1, 1) if month > 12 else Day(day.year, month, 1)


# ---- the tree


def graph(world: World, day: Day, known: Day | None) -> Any:
    """Return the tree of what is in force, siblings in document order, as networkx sees it."""
    releases = known_releases(world, known)
    if world.definition.dated:
        newest: dict[str, Mapping[str, Any]] = {}
        for release in reversed(releases):
            for row in release.rows:
                newest.setdefault(row["code"], row)
        rows = [r for r in newest.values() if dated_status(releases, r["code"], day) in ("billable", "header")]
    else:
        release = release_in_force(releases, day)
        rows = list(release.rows) if release else []
    made = nx.DiGraph()
    made.add_nodes_from(row["code"] for row in rows)
    made.add_edges_from((row["parent"], row["code"]) for row in rows if row["parent"])
    return made


def document_order(made: Any) -> list[str]:
    """Return all codes, a parent before its children, siblings as they stand."""
    roots = [node for node in made if made.in_degree(node) == 0]
    return [code for root in roots for code in nx.dfs_preorder_nodes(made, root)]


def siblings(made: Any, code: str) -> list[str]:
    """Return the other codes with the same parent, or the other roots, in document order."""
    parents = list(made.predecessors(code))
    return [other for other in document_order(made) if other != code and list(made.predecessors(other)) == parents]


def common_ancestor(made: Any, codes: Sequence[str]) -> str | None:
    """Return the one of the nodes above or equal to all codes that is below all others; None where there is none."""
    shared = set.intersection(*({code, *nx.ancestors(made, code)} for code in codes))
    return max(shared, key=lambda node: len(nx.ancestors(made, node)), default=None)


def subsumption(made: Any, a: str, b: str) -> str:
    """Return how two codes lie to each other."""
    if a == b:
        return "equivalent"
    if b in nx.descendants(made, a):
        return "subsumes"
    return "subsumed-by" if a in nx.descendants(made, b) else "not-subsumed"
