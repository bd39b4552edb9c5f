"""Concepts, sources and notes, field by field: of what is in force, what is not, and what another publication dates."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology import CodeSystem, Concept, Source, Status, Terminology, schema
from terminology.drafts import Assembly, Built, Part, Skipped
from terminology.reading import ReadableFile

from .property.worlds import PLANTS, TOOLS, Published, World, WorldLoader, written

Day = datetime.date


class TabularLoader(WorldLoader):
    """Reads a world whose releases come with a second file, of notes and of the true first days of codes."""

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a file of rows or a file of notes as a part."""
        import pyarrow as pa

        if not file.head.startswith(b"#tabular "):
            return super().read(file)
        head, _, body = file.data.partition(b"\n")
        values = json.loads(body)
        for row in values["days"]:
            row["effective_from"] = Day.fromisoformat(row["effective_from"])
        tables = {
            name: pa.Table.from_pylist(values[name], schema=getattr(schema, name)()) for name in ("notes", "days")
        }
        return Part(values["role"], file.origin, {"effective": head.decode().split()[1]}, tables)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases with what their second files say."""
        made = super().assemble([part for part in parts if part.kind == "rows"])
        drafts = []
        for draft in made.drafts:
            day = draft.effective.isoformat()
            found = [part for part in parts if part.kind != "rows" and part.facts["effective"] == day]
            tables = {name: table for part in found for name, table in part.tables.items()}
            build = partial(built, draft.parts[0], tables)
            drafts.append(evolve(draft, parts=(*draft.parts, *found), build=build))
        return evolve(made, drafts=tuple(drafts))


def built(part: Part, tables: Mapping[str, Any]) -> Built:
    """Return the tables of a release."""
    return Built({"concepts": part.tables["rows"], **tables})


def row(code: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """Return what a release says of a billable code."""
    return {"code": code, "title": "Oak", "billable": True, "kind": "code", "derived": False, "parent": parent, **more}


def note(code: str, text: str, kind: str = "includes", *targets: str, line: int | None = None) -> dict[str, Any]:
    """Return a note."""
    return {"code": code, "kind": kind, "text": text, "targets": targets, "line": line}


def group(letter: str) -> dict[str, Any]:
    """Return a node that the publisher does not list."""
    return row(f"group {letter}", kind="group", billable=False, derived=True)


def loaded(folder: Path, world: World, tabular: Mapping[str, Any] | None = None) -> CodeSystem:
    """Return the code system of a world, with a second file for the releases of these days."""
    files = written(folder / "files", world)
    for day, values in (tabular or {}).items():
        body = json.dumps({"role": "tabular", "notes": (), "days": (), **values})
        (files / f"{day}.tabular").write_text(f"#tabular {day}\n{body}")
    name = world.definition.name
    report = terminology.load(files, store=folder / "store", loaders={name: TabularLoader(world.definition)})
    assert report.errors == ()
    return terminology.open(folder / "store")[name]


LONG = "P12345678"
FIRST = (
    group("a"),
    row("P1", "group a", billable=False),
    row("P11", "P1", short_title="oak", colour="green"),
    row("P2"),
    row(f"{LONG}A", "group a"),
    row(f"{LONG}B", "group a"),
    row("P9", "group a"),
)
SECOND = (group("a"), group("b"), row("P2", "group b", title="Elm"), row("P3", "group b"), row("P4", "P3"), row("P5"))
NOTES = {
    "notes": [
        note("P11", "a tree", "includes", "P2", "P3-P4", line=7),
        note("P1", "only of P1", "inclusionTerm"),
        note("P1", "blind", "visualImpairment", line=3),
        note("P1", "not a bush", "excludes1"),
        note("P11", "acorns", "inclusionTerm"),
        note(f"{LONG}B", "of B", line=9),
        note(f"{LONG}A", "of A", line=8),
        note("group a", "of all"),
        note("P9", "the last"),
    ]
}


@pytest.fixture(scope="module")
def plants(tmp_path_factory: pytest.TempPathFactory) -> CodeSystem:
    """Two fiscal years with another tree each; the second says that P4 began in May before it. Both have notes."""
    world = World(PLANTS, (Published(Day(2020, 10, 1), FIRST), Published(Day(2021, 10, 1), SECOND)))
    days = [{"code": "P4", "effective_from": "2021-05-01"}]
    remarks = {"role": "remarks", "notes": [note("P3", "a remark", line=2)], "days": days}
    tabular = {"2020-10-01": NOTES, "2021-10-01": remarks}
    return loaded(tmp_path_factory.mktemp("plants"), world, tabular)


def placed(source: Source | None) -> Any:
    """Return release, file and line of a source."""
    return source and (source.version, source.file, source.line)


# ---- concepts


def test_a_concept_in_force_has_all_that_its_row_says(plants: CodeSystem) -> None:
    """Titles, status, place, period, properties, and the line of its release."""
    found = plants.on("2021-01-15")["p11"]
    assert found.source is not None
    assert found.source.sha256 == plants.release("2021").release.sources[0].sha256
    assert found == Concept(
        system="plants",
        version="2021",
        code="P11",
        title="Oak",
        short_title="oak",
        status=Status.BILLABLE,
        kind="code",
        parent="P1",
        derived=False,
        effective_from=Day(2020, 10, 1),
        effective_to=Day(2021, 10, 1),
        properties={"colour": "green"},
        source=Source("plants", "2021", "0-plants.world", found.source.sha256, 4),
        from_known=False,
    )
    assert (Status.HEADER, "group a") == (plants.on("2021-01-15")["P1"].status, plants.on("2021-01-15")["P1"].parent)


def test_a_root_has_no_parent_and_a_node_is_derived(plants: CodeSystem) -> None:
    """What the publisher does not list says so, and of what it lists the newest title is open."""
    found = plants.on("2022-01-15")
    assert (None, True, "group", "header") == (
        found["group b"].parent,
        found["group b"].derived,
        found["group b"].kind,
        found["group b"].status,
    )
    assert ("Elm", "group b", None, False) == (
        found["P2"].title,
        found["P2"].parent,
        found["P2"].effective_to,
        found["P2"].derived,
    )


def test_a_concept_that_is_not_in_force_has_the_place_of_its_own_release(plants: CodeSystem) -> None:
    """The version is that of the day, None where nothing covers it; parent, period and source are of its own release."""
    asked = [("P11", "2022-01-15"), ("P4", "2021-01-15"), ("P11", "2030-01-15"), ("P4", "2030-01-15")]
    found = [plants.on(day)[code] for code, day in asked]
    former, coming = (Day(2020, 10, 1), Day(2021, 10, 1)), (Day(2021, 5, 1), None)
    assert [(one.version, str(one.status), one.parent) for one in found] == [
        ("2022", "expired", "P1"),
        ("2021", "future", "P3"),
        (None, "uncovered", "P1"),
        (None, "uncovered", "P3"),
    ]
    assert [(one.effective_from, one.effective_to) for one in found] == [former, coming, former, coming]
    assert [placed(one.source) for one in found] == [
        ("2021", "0-plants.world", 4),
        ("2022", "1-plants.world", 6),
        ("2021", "0-plants.world", 4),
        ("2022", "1-plants.world", 6),
    ]


@pytest.mark.parametrize(
    ("day", "code", "source"),
    [
        ("2021-06-01", "E11.9", ("2021", "icd10cm_order_2021.txt")),
        ("2022-03-31", "E11.9", ("2022", "icd10cm_order_2022.txt")),
        ("2022-06-01", "E11.9", ("2022-04", "icd10cm-order-April-1-2022.txt")),
        ("2022-10-01", "E11.9", ("2022-04", "icd10cm-order-April-1-2022.txt")),
        ("2031-01-15", "E11.9", ("2022-04", "icd10cm-order-April-1-2022.txt")),
        ("2016-01-01", "E11.9", ("2021", "icd10cm_order_2021.txt")),
    ],
)
def test_the_release_of_the_day_is_cited(store: Terminology, day: str, code: str, source: tuple[str, str]) -> None:
    """After the year of the newest release that release, before the oldest one the oldest."""
    found = store["icd10cm"].on(day).explain(code).source
    assert found is not None
    assert source == (found.version, found.file)


def test_an_expired_code_cites_the_last_release_that_lists_it(tmp_path: Path) -> None:
    """As known with the first release, that one."""
    listed = ((row("P1"), row("P2")), (row("P3"), row("P1"), row("P2")), (row("P1"),))
    world = World(PLANTS, tuple(Published(Day(2020 + n, 10, 1), rows) for n, rows in enumerate(listed)))
    plants = loaded(tmp_path, world)
    for day in ("2022-10-01", "2023-01-01", "2030-01-01"):
        assert (
            ("2022", "1-plants.world", 4)
            == placed(plants.on(day)["P2"].source)
            == placed(plants.on(day).check("P2").source)
        )
    assert ("2021", "0-plants.world", 3) == placed(plants.on("2030-01-01", known="2021")["P2"].source)


def test_a_code_that_began_before_its_release(plants: CodeSystem) -> None:
    """It is billable from its true first day, cites the release that lists it, and what is above it began with it."""
    found = plants.on("2021-05-01")
    assert [("P4", "P3"), ("P3", "group b")] == [(code, found[code].parent) for code in ("P4", "P3")]
    assert ("2021", "billable", Day(2021, 5, 1)) == (
        found["P4"].version,
        found["P4"].status,
        found["P4"].effective_from,
    )
    assert ("2022", "1-plants.world", 6) == placed(found.source("P4")) == placed(found["P4"].source)
    assert ("2021", "0-plants.world", 5) == placed(found.source("P2"))
    assert plants.on("2021-04-30").source("P4") is None


# ---- dated systems


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> CodeSystem:
    """Three quarters. T1 moves to another group when it comes back; T2 has another title later; T3 is not listed again."""
    begun = {"effective_from": "2018-01-01"}
    groups = [{**group(letter), **begun} for letter in "ab"]
    first = (*groups, row("T1", "group a", **begun), row("T2", **begun), row("T3", **begun))
    second = (
        *groups,
        row("T1", "group a", effective_to="2019-03-01", **begun),
        row("T2", title="Elm", **begun),
    )
    third = (
        *groups,
        row("T2", title="Elm", **begun),
        row("T1", "group b", effective_from="2018-01-01", reactivated="2019-06-01"),
        row("T4", "group b", effective_from="2019-09-01"),
    )
    days = (Day(2019, 1, 1), Day(2019, 4, 1), Day(2019, 7, 1))
    world = World(TOOLS, tuple(Published(day, rows) for day, rows in zip(days, (first, second, third), strict=True)))
    return loaded(tmp_path_factory.mktemp("tools"), world)


def test_a_dated_code_has_the_place_of_the_newest_list(tools: CodeSystem) -> None:
    """While it is in force; between its two periods it has the place that it had before."""
    places = [("2019-02-01", "group b"), ("2019-04-15", "group a"), ("2019-07-15", "group b")]
    assert places == [(day, tools.on(day)["T1"].parent) for day, _ in places]
    assert ["billable", "expired", "billable"] == [str(tools.on(day)["T1"].status) for day, _ in places]
    assert [("2019-01", "group a")] == [
        (found.version, found.parent) for found in [tools.on("2019-02-01", known="2019-01")["T1"]]
    ]


def test_a_dated_code_cites_the_newest_list_for_its_newest_state_alone(tools: CodeSystem) -> None:
    """An earlier state cites the release that first stated it, as what is listed no more does."""
    asked = {
        ("T2", "2019-07-15", None): ("2019-07", "2-tools.world", 4),
        ("T2", "2019-04-15", None): ("2019-07", "2-tools.world", 4),
        ("T2", "2019-02-01", None): ("2019-01", "0-tools.world", 5),
        ("T2", "2019-04-15", "2019-04"): ("2019-04", "1-tools.world", 5),
        ("T3", "2018-12-31", None): ("2019-01", "0-tools.world", 6),
        ("T3", "2019-04-15", None): ("2019-01", "0-tools.world", 6),
        ("T4", "2019-07-15", None): ("2019-07", "2-tools.world", 6),
    }
    assert asked == {(code, day, known): placed(tools.on(day, known=known)[code].source) for code, day, known in asked}


# ---- notes


def notes(plants: CodeSystem, code: str, **how: Any) -> list[tuple[str, str, bool]]:
    """Return text, declaring code and whether it is inherited of each note."""
    return [(one.text, one.declared_at, one.inherited) for one in plants.on("2021-01-15").notes(code, **how)]


def test_notes_are_inherited_but_for_those_of_one_code_alone(plants: CodeSystem) -> None:
    """Own ones first in their order, then from above, nearest first; inclusion terms say something of one code."""
    own = [("a tree", "P11", False), ("acorns", "P11", False)]
    assert notes(plants, "P11", inherited=False) == own
    assert notes(plants, "P11") == [*own, ("not a bush", "P1", True), ("of all", "group a", True)]
    assert notes(plants, "P1", inherited=False) == [
        ("only of P1", "P1", False),
        ("blind", "P1", False),
        ("not a bush", "P1", False),
    ]


def test_notes_of_codes_that_begin_alike(plants: CodeSystem) -> None:
    """Codes of one beginning of eight characters have notes of their own; a code behind all with notes has its own too."""
    for letter in "AB":
        assert notes(plants, f"{LONG}{letter}", inherited=False) == [(f"of {letter}", f"{LONG}{letter}", False)]
    assert notes(plants, "P9", inherited=False) == [("the last", "P9", False)]
    assert notes(plants, "P2") == []


def test_a_note_says_where_it_is_from(plants: CodeSystem) -> None:
    """Kind, the codes that it names, and the line of the file of notes; a line that is not known is None."""
    found = plants.on("2021-01-15").notes("P11")
    assert [("includes", ("P2", "P3-P4")), ("inclusionTerm", ())] == [(one.kind, one.targets) for one in found[:2]]
    assert [("2021", "2020-10-01.tabular", 7), ("2021", "2020-10-01.tabular", None)] == [
        placed(one.source) for one in found[:2]
    ]
    source = found[0].source
    assert source is not None
    assert ("plants", True) == (source.system, source.sha256 == plants.releases[0].sources[1].sha256)


def test_notes_of_a_file_of_another_role_cite_the_first_source(plants: CodeSystem) -> None:
    """Where none of a release's files is called tabular or ClaML, its authority is cited."""
    (found,) = plants.on("2022-01-15").notes("P3")
    assert ("a remark", ("2022", "1-plants.world", 2)) == (found.text, placed(found.source))


def test_a_code_without_notes(plants: CodeSystem) -> None:
    """It has none, and that is known."""
    found = plants.on("2022-01-15").notes("P2")
    assert ((), True) == (tuple(found), found.known)
