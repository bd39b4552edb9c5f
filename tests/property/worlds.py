"""Small random worlds: a few releases of two invented code systems, the files that hold them, and their loaders.

``plants`` is a snapshot system like ICD-10-CM: each release lists everything, years are fiscal. ``tools`` is a dated
system like HCPCS: rows carry their own days. A file holds one release: a line that names system, effective day and
correction, and a line of JSON a row.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from terminology import schema
from terminology.drafts import Assembly, Built, Draft, Part, Skipped
from terminology.errors import ReleaseFormatError
from terminology.periods import version_label
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.systems import SystemDefinition

PLANTS = SystemDefinition(
    name="plants",
    title="Invented plants",
    uri="https://example.org/plants",
    calendar="fiscal",
    shape=r"P[0-9A-ZÄÖ]{1,14}",
    nodes=r"group [a-z]",
)
TOOLS = SystemDefinition(
    name="tools",
    title="Invented tools",
    uri="https://example.org/tools",
    calendar="quarter",
    dated=True,
    shape=r"T[0-9A-Z]{1,14}",
    nodes=r"group [a-z]",
)
MAGIC = b"#world "
COLUMNS = schema.concepts().names


@frozen
class World:
    """Releases of one system as they were published: rows as plain values, in document order."""

    definition: SystemDefinition
    releases: tuple[Published, ...] = field(factory=tuple)

    def files(self) -> dict[str, bytes]:
        """Return the files by name, in order of publication."""
        return {
            f"{number}-{self.definition.name}.world": r.data(self.definition) for number, r in enumerate(self.releases)
        }


@frozen
class Published:
    """One release as its publisher's file has it."""

    effective: datetime.date
    rows: tuple[Mapping[str, Any], ...]
    correction: int = 0

    def data(self, definition: SystemDefinition) -> bytes:
        """Return the file."""
        head = f"#world {definition.name} {self.effective} {self.correction}"
        lines = [json.dumps(row, default=str, ensure_ascii=False) for row in self.rows]
        return "\n".join([head, *lines, "#end\n"]).encode()


class WorldLoader:
    """Reads the files of one invented system, as a third party's loader would."""

    format_number = 1

    def __init__(self, definition: SystemDefinition) -> None:
        self.definition = definition

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the file as a part, or None for a stranger's."""
        import pyarrow as pa

        if not file.head.startswith(MAGIC + self.definition.name.encode()):
            return None
        text, warnings = decoded(file.data, file.label)
        lines = list(lines_of(text))
        if lines[-1][1] != "#end":
            raise ReleaseFormatError("expected #end", file=file.label, line=lines[-1][0])
        faults = Faults(file.label)
        rows = []
        for number, line in lines[1:-1]:
            try:
                rows.append({**dict.fromkeys(COLUMNS), **json.loads(line), "line": number})
            except ValueError:
                faults.add("expected a row in JSON", line=number)
        faults.raise_if_any()
        for row in rows:
            row |= {n: datetime.date.fromisoformat(row[n]) for n in schema.DAY_COLUMNS if row[n] is not None}
        properties = pa.array([row.get("colour") for row in rows], pa.string())
        table = pa.Table.from_pylist(rows, schema=schema.concepts()).append_column("colour", properties)
        _, _, effective, correction = lines[0][1].split(" ")
        return Part(
            "rows", file.origin, {"effective": effective, "correction": int(correction)}, {"rows": table}, warnings
        )

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return a release for each day and correction."""
        ordered = sorted(parts, key=lambda part: (part.facts["effective"], part.facts["correction"], part.revision))
        drafts = []
        for part in ordered:
            effective = part.effective or datetime.date.fromisoformat(part.facts["effective"])
            correction = part.facts["correction"]
            label = version_label(self.definition.calendar, effective, correction)
            build = partial(_built, part)
            drafts.append(Draft(label, effective, (part,), build, correction=correction))
        return Assembly(tuple(drafts))


def _built(part: Part) -> Built:
    return Built({"concepts": part.tables["rows"]})


LOADERS = {definition.name: WorldLoader(definition) for definition in (PLANTS, TOOLS)}


def written(folder: Path, *worlds: World) -> Path:
    """Write the files of the worlds into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for world in worlds:
        for name, data in world.files().items():
            (folder / name).write_bytes(data)
    return folder


# ---- strategies

TITLES = st.sampled_from(["Oak", "Elm", "Bäume", "日本の木", "x" * 300, 'a,b;c"d', "Oak "])
SHORT_TITLES = st.none() | st.sampled_from(["", "short", "kürzer"])
TAILS = st.sampled_from(["0", "1", "01", "12", "1234567", "12345678", "123456789", "1234567890123", "Z9"])
FISCAL_DAYS = [datetime.date(year, month, 1) for year in range(2015, 2021) for month in (1, 4, 10)]
QUARTERS = [datetime.date(year, month, 1) for year in range(2017, 2021) for month in (1, 4, 7, 10)]
BOUNDARIES = sorted({*FISCAL_DAYS, *QUARTERS, datetime.date(2014, 1, 1), datetime.date(2021, 1, 1)})


@st.composite
def trees(draw: st.DrawFn, letter: str, tails: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    """Return codes with parents, a parent before its children, in random document order."""
    codes = draw(st.lists(tails.map(lambda tail: letter + tail), min_size=1, max_size=9, unique=True))
    groups = draw(st.integers(0, 2))
    rows = [
        {
            "code": f"group {name}",
            "title": name.upper(),
            "billable": False,
            "kind": "group",
            "parent": None,
            "derived": True,
        }
        for name in "ab"[:groups]
    ]
    for code in codes:
        above = draw(st.none() | st.sampled_from([row["code"] for row in rows])) if rows else None
        rows.append(
            {
                "code": code,
                "title": draw(TITLES),
                "short_title": draw(SHORT_TITLES),
                "billable": draw(st.booleans()),
                "kind": "code",
                "parent": above,
                "derived": False,
                "colour": draw(st.none() | st.sampled_from(["green", "rötlich"])),
            }
        )
    return rows


@st.composite
def snapshot_worlds(draw: st.DrawFn) -> World:
    """Return one to five releases, with holes between years, updates inside years and corrections of a day."""
    days = sorted(draw(st.lists(st.sampled_from(FISCAL_DAYS), min_size=1, max_size=5)))
    # few codes over all releases, so that they come, change, go and return
    releases, corrections = [], dict.fromkeys(days, 0)
    rows: list[dict[str, Any]] = []
    for day in days:
        rows = rows if rows and draw(st.booleans()) else draw(trees("P", TAILS | st.just("ÄÖ")))
        releases.append(Published(day, tuple(rows), corrections[day]))
        corrections[day] += 1
    return World(PLANTS, tuple(releases))


@st.composite
def unlisted_worlds(draw: st.DrawFn) -> World:
    """Return a world of snapshots whose publisher leaves out some headers: they are derived from the codes below them.

    So it is with ICD-9-CM. A code can be listed in one release, and derived in the next.
    """
    world = draw(snapshot_worlds())
    releases = []
    for release in world.releases:
        above = {row["parent"] for row in release.rows}
        headers = [row["code"] for row in release.rows if row["kind"] == "code" and row["code"] in above]
        left_out = {code for code in headers if draw(st.booleans())}
        derived = {"kind": "category", "derived": True, "billable": False, "short_title": None, "colour": None}
        rows = tuple({**row, **derived} if row["code"] in left_out else row for row in release.rows)
        releases.append(evolve(release, rows=rows))
    return evolve(world, releases=tuple(releases))


@st.composite
def dated_worlds(draw: st.DrawFn) -> World:
    """Return one to five releases of the dated system: retroactive ends, later lives, rows that vanish and return."""
    days = sorted(draw(st.lists(st.sampled_from(QUARTERS), min_size=1, max_size=5, unique=True)))
    codes = draw(st.lists(TAILS.map(lambda tail: "T" + tail), min_size=1, max_size=6, unique=True))
    stories = {code: draw(stories_of(code, days)) for code in codes}
    releases = []
    for number, day in enumerate(days):
        rows = [dict(GROUP, code=f"group {name}") for name in "ab"]
        rows += [row for story in stories.values() if (row := story[number])]
        releases.append(Published(day, tuple(rows)))
    return World(TOOLS, tuple(releases))


GROUP = {
    "title": "A group",
    "billable": False,
    "kind": "group",
    "parent": None,
    "derived": True,
    "effective_from": datetime.date(2014, 1, 1),
}


@st.composite
def stories_of(draw: st.DrawFn, code: str, days: list[datetime.date]) -> list[dict[str, Any] | None]:
    """Return what each release says of a code.

    Publishers tell of a reactivation after a termination, or of a code that is new to the releases; once a code had
    two lives its first day stays as it is. Rows that leave these rules would have no meaning to compare.
    """
    story: list[dict[str, Any] | None] = []
    start: datetime.date | None = None
    end: datetime.date | None = None
    settled = False
    parent = draw(st.sampled_from([None, "group a", "group b"]))
    for number, day in enumerate(days):
        if draw(st.integers(0, 3)) == 0:
            story.append(None)
            continue
        last = number + 1 == len(days)
        starts = [b for b in BOUNDARIES if last or b <= day]
        again = None
        if start is None:
            start = draw(st.sampled_from(starts))
            if draw(st.integers(0, 4)) == 0:
                again = draw(st.sampled_from([b for b in starts if b > start] or [None]))
                settled = again is not None
        elif end is not None and draw(st.booleans()):
            later = [b for b in starts if b >= end]
            if later and draw(st.booleans()):
                again = draw(st.sampled_from(later))
                settled = True
            elif later:
                start = draw(st.sampled_from(later))
                settled = True
        elif not settled and draw(st.integers(0, 3)) == 0:
            start = draw(st.sampled_from([b for b in starts if end is None or b < end]))
        begun = max(start, again or start, *(row["reactivated"] or start for row in story if row))
        end = draw(st.sampled_from([b for b in BOUNDARIES if b > begun] or [None]) | st.none())
        story.append(
            {
                "code": code,
                "title": draw(TITLES),
                "short_title": draw(SHORT_TITLES),
                "billable": draw(st.integers(0, 4)) > 0,
                "kind": "code",
                "parent": parent,
                "derived": False,
                "effective_from": start,
                "effective_to": end,
                "changed": draw(st.none() | st.sampled_from(BOUNDARIES)),
                "reactivated": again,
            }
        )
    return story


def days_around(world: World) -> st.SearchStrategy[datetime.date]:
    """Return days at and next to all that the world could turn on."""
    near = [day + datetime.timedelta(days=step) for day in BOUNDARIES for step in (-1, 0, 1)]
    own = [r.effective + datetime.timedelta(days=step) for r in world.releases for step in (-1, 0, 1, 40)]
    return st.sampled_from(own) | st.sampled_from(near)
