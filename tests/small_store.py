"""A small store that has every case of time and place: a gap, doubt, a node, a code before its release, a retired system."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import terminology
from terminology import Terminology
from terminology.periods import day_number

from .property.worlds import PLANTS, TOOLS, Published, World, WorldLoader, written
from .test_concepts import TabularLoader, group, note, row

HERBS: Final = PLANTS._replace(
    name="herbs", title="Invented herbs", uri="https://example.org/herbs", shape="H[0-9]+", retired="2018-10-01"
)
LOADERS: Final = {
    "plants": TabularLoader(PLANTS),
    "tools": WorldLoader(TOOLS),
    "herbs": WorldLoader(HERBS),
}


def prefix(letter: str) -> dict[str, Any]:
    """Return a node that is no code, as prefixes of ICD-10-PCS are."""
    return {**row(f"group {letter}"), "kind": "prefix", "billable": False, "derived": True}


def published(rows: Mapping[str, tuple[dict[str, Any], ...]]) -> tuple[Published, ...]:
    """Return releases of rows by their days."""
    return tuple(Published(datetime.date.fromisoformat(day), found) for day, found in rows.items())


OPEN_LIFE: Final = {"effective_from": "2018-01-01"}
PLANTS_LISTED: Final = {
    "2017-10-01": (
        group("a"),
        row("P1", "group a", billable=False),
        row("P11", "P1", title="Ash", colour="green"),
        row("P2", "group a"),
        row("P3"),
        prefix("p"),
        row("P4", "group p"),
    ),
    "2018-10-01": (
        group("b"),
        row("P1", "group b", billable=False),
        row("P11", "P1", colour="green"),
        row("P12", "P1", derived=True),
        row("P5", "group b", title="Elm"),
    ),
    "2020-10-01": (row("P1", billable=False), row("P11", "P1", colour="red"), row("P3"), row("P6")),
}
"""P2 and P4 are in the first alone, P3 leaves and comes back, P5 is in the second alone, P6 begins with the last; P11 has another title in the
first."""
TOOLS_LISTED: Final = {
    "2019-01-01": (
        {**group("a"), **OPEN_LIFE},
        row("T1", "group a", **OPEN_LIFE),
        row("T2", "group a", **OPEN_LIFE, effective_to="2019-03-01"),
        row("T3", **OPEN_LIFE),
    ),
    "2020-01-01": (
        {**group("a"), **OPEN_LIFE},
        row("T1", "group a", **OPEN_LIFE),
        row("T2", "group a", **OPEN_LIFE, effective_to="2019-03-01", title="Elm"),
        row("T4", "group a", effective_from="2020-02-01"),
    ),
}
"""T2 ends in March and has another title in the second, T3 is not listed by it, T4 begins in February."""
HERBS_LISTED: Final = {
    "2016-10-01": (row("H1", billable=False), row("H2", "H1")),
    "2017-04-01": (row("H1", billable=False, title="Elm"), row("H2", "H1")),
}
"""A year and its update, which has another title of H1."""
BEFORE_ITS_RELEASE: Final = {
    "notes": [note("P11", "evergreen", line=4)],
    "days": [{"code": "P5", "effective_from": "2018-03-01"}],
}
"""A second file of the second release: P5 began in March before it."""


def small_store(folder: Path) -> Path:
    """Load the store into a folder, and return where it is."""
    worlds = [
        World(definition, published(rows))
        for definition, rows in ((PLANTS, PLANTS_LISTED), (TOOLS, TOOLS_LISTED), (HERBS, HERBS_LISTED))
    ]
    files = written(folder / "files", *worlds)
    body = json.dumps({"role": "tabular", **BEFORE_ITS_RELEASE})
    (files / "plants.tabular").write_text(f"#tabular 2018-10-01\n{body}")
    assert terminology.load(files, store=folder / "store", loaders=LOADERS).errors == ()
    return folder / "store"


def opened(path: Path) -> Terminology:
    """Return the store, opened anew: nothing is remembered."""
    return terminology.open(path)


def number(day: str) -> int:
    """Return the number of a day."""
    return day_number(datetime.date.fromisoformat(day))
