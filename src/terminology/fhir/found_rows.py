"""Which rows of a value set a text finds, and in which order.

Releases of the store are searched by their index: the best codes come first. What clients bring is compared with its
codes and displays, and comes behind, in document order. Codes that hold only a part of the text are looked for where
nothing in the whole value set holds all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..query.ranking import TOP
from .clauses import Row, SystemRows
from .code_systems import SystemVersion, words_of
from .exchange import Resource


def found_rows(rows: Sequence[Row], text: str) -> Sequence[Row]:
    """Return the rows that a text finds, the best first; rows of systems without a search index as they stand."""
    found = _found(rows, text, loosely=False)
    return found or _found(rows, text, loosely=True)


def is_ranked(rows: Sequence[Row]) -> bool:
    """Return whether a text has put rows in an order of its own, so that they are no tree any more."""
    return any(row.system.is_ranked for row in rows)


def _found(rows: Sequence[Row], text: str, *, loosely: bool) -> Sequence[Row]:
    if isinstance(rows, SystemRows):
        return _of_system(rows, text, loosely=loosely)
    by_system: dict[int, list[Row]] = {}
    for row in rows:
        by_system.setdefault(id(row.system), []).append(row)
    scores: dict[tuple[int, str], int] = {}
    for key, held in by_system.items():
        scores |= {(key, code): score for code, score in _scores(held, text, loosely=loosely)}
    if not loosely:
        wanted = words_of(text)
        scores |= {(id(row.system), row.code): TOP for row in rows if row.entry and _says(row.entry, wanted)}
    kept = [row for row in rows if (id(row.system), row.code) in scores]
    # what has no score, or the same, stays as it stands
    return sorted(kept, key=lambda row: -scores[id(row.system), row.code])


def _says(entry: Resource, wanted: Sequence[str]) -> bool:
    """Return whether every word begins one of what the value set itself calls a code."""
    texts = [entry.get("display"), *(one.get("value") for one in entry.get("designation", ()))]
    held = words_of(" ".join(text for text in texts if isinstance(text, str)))
    return bool(wanted and held) and all(any(word.startswith(one) for word in held) for one in wanted)


def _of_system(rows: SystemRows, text: str, *, loosely: bool) -> Sequence[Row]:
    """Return the rows that a text finds in one version of a code system, or in a part of it."""
    system = rows.system
    is_whole = rows.codes is system.codes()
    ranked = system.ranked(text, loosely=loosely)
    if ranked is not None:
        return SystemRows(system, ranked if is_whole else ranked.within(rows.codes))
    if loosely:
        return ()
    found = system.found(text)
    if is_whole:
        return SystemRows(system, found)
    codes = set(found)
    return [row for row in rows if row.code in codes]


def _scores(rows: Sequence[Row], text: str, *, loosely: bool) -> Sequence[tuple[str, int]]:
    """Return the codes among rows of one version that a text finds, with their scores; 0 where there are none."""
    system: SystemVersion = rows[0].system
    ranked = system.ranked(text, loosely=loosely)
    if ranked is None:
        return () if loosely else [(code, 0) for code in system.found(text)]
    found = ranked.within(row.code for row in rows)
    return list(zip(found, found.scores.tolist(), strict=True))
