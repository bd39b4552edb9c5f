"""What answers: the rows, trees and maps of a store, and the place in time from which they are read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology import Status, Terminology, UnknownReleaseError, schema
from terminology.errors import StoreDamagedError, UnknownCrosswalkError
from terminology.periods import OPEN
from terminology.query import compiled, engine_of
from terminology.query.compiled import AsOf, CompiledStore, CompiledSystem
from terminology.store import StoreFolder, read_catalog
from terminology.store.codes import CodeColumn, SlottedCodes
from terminology.store.mapped import MappedTable
from terminology.systems import SystemDefinition

from .small_store import number, opened, small_store
from .store.asked import pointer_values, published, published_twice

Day = datetime.date
PLANT_CODES = ["P1", "P11", "P12", "P2", "P3", "P4", "P5", "P6", "group a", "group b", "group p"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small store. Nothing that a test changes in it is left."""
    return small_store(tmp_path_factory.mktemp("small"))


@pytest.fixture
def store(path: Path) -> Terminology:
    """The store, opened anew."""
    return opened(path)


def system_of(store: Terminology, name: str) -> CompiledSystem:
    """Return the rows of a code system."""
    return engine_of(store[name].latest).system


@pytest.fixture
def plants(store: Terminology) -> CompiledSystem:
    """A snapshot system: fiscal years 2018, 2019 and 2021."""
    return system_of(store, "plants")


@pytest.fixture
def tools(store: Terminology) -> CompiledSystem:
    """A dated system: two quarters, a year apart."""
    return system_of(store, "tools")


@pytest.fixture
def herbs(store: Terminology) -> CompiledSystem:
    """A retired system: one fiscal year, 2017, and its update; out of use from October 2018."""
    return system_of(store, "herbs")


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one system, a map to it, and the map of its own changes."""
    return published_twice(tmp_path_factory.mktemp("mapped"))


@pytest.fixture
def restored(path: Path) -> Iterator[Path]:
    """The pointer of the small store, to be changed: it is put back."""
    sound = (path / "CURRENT.json").read_bytes()
    yield path
    (path / "CURRENT.json").unlink()
    (path / "CURRENT.json").write_bytes(sound)


# ---- stores


def test_a_store_has_the_systems_of_its_pointer(path: Path) -> None:
    """Folder, licences, generation and systems are those with which it was opened; without a word there is no licence."""
    folder = StoreFolder(path)
    catalog = read_catalog(folder)
    found = CompiledStore(folder, catalog, frozenset({"cpt"}))
    assert (found.folder, found.licences, found.generation) == (folder, {"cpt"}, catalog.generation)
    assert CompiledStore(folder, catalog).licences == frozenset()
    assert {name: (one.store, one.name) for name, one in found.systems.items()} == {
        name: (found, name) for name in ("plants", "tools", "herbs")
    }
    assert found.maps == ()


def test_the_maps_of_a_store(mapped: Path) -> None:
    """There is one for each crosswalk and pair of systems, with its rows, and it is made once."""
    found = CompiledStore(StoreFolder(mapped), read_catalog(StoreFolder(mapped)))
    assert found.maps is found.maps
    by_systems = {(rows.source_system, rows.target_system): rows for rows in found.maps}
    assert set(by_systems) == {("complaints", "icd10cm"), ("icd10cm", "icd10cm")}
    (row,) = by_systems["complaints", "icd10cm"].of_source("back pain")
    assert row.target_codes == ("M54.50",)
    assert by_systems["icd10cm", "icd10cm"].of_source("M54.5")


def test_successions_lead_from_a_system_to_itself(mapped: Path) -> None:
    """A map from another system, or to another, says nothing of what replaced a code."""
    found = CompiledStore(StoreFolder(mapped), read_catalog(StoreFolder(mapped)))
    (own,) = (rows for rows in found.maps if rows.source_system == "icd10cm")
    assert found.successions("icd10cm") == (own,)
    assert found.successions("complaints") == ()
    assert found.systems["icd10cm"].successions == (own,)


def test_a_system_without_maps_has_no_successions(plants: CompiledSystem) -> None:
    """None is loaded."""
    assert plants.successions == ()


def test_the_archive_of_a_crosswalk(mapped: Path) -> None:
    """Each crosswalk has its own tables, as they were committed."""
    found = CompiledStore(StoreFolder(mapped), read_catalog(StoreFolder(mapped)))
    sources = {
        crosswalk.source_system: found.archived(crosswalk)["mappings"].column("source_code").to_pylist()
        for rows in found.maps
        for crosswalk in rows.crosswalks
    }
    assert sources["complaints"] == ["back pain", "loose bowels"]
    assert "M54.5" in sources["icd10cm"]


def test_a_crosswalk_of_another_store(mapped: Path) -> None:
    """One that differs in anything is not in the store, and the message names it."""
    found = CompiledStore(StoreFolder(mapped), read_catalog(StoreFolder(mapped)))
    stranger = evolve(found.maps[0].crosswalks[0], version="1999")
    with pytest.raises(UnknownCrosswalkError) as caught:
        found.archived(stranger)
    assert str(caught.value) == f"no crosswalk {stranger.label} in the store"


def test_a_record_of_a_crosswalk_of_another_shape(mapped: Path) -> None:
    """It is damage of the pointer, said when the maps are asked for."""
    sound = pointer_values(mapped)
    values = pointer_values(mapped)
    for entry in values["maps"]:
        entry["crosswalks"][0]["sources"] = [{"file": 3}]
    published(mapped, values)
    try:
        with pytest.raises(StoreDamagedError, match=r"CURRENT\.json.*new store"):
            _ = CompiledStore(StoreFolder(mapped), read_catalog(StoreFolder(mapped))).maps
    finally:
        published(mapped, sound)


# ---- systems


def test_the_releases_of_a_system(plants: CompiledSystem) -> None:
    """They are values in order of their days, and made once."""
    days = [Day(2017, 10, 1), Day(2018, 10, 1), Day(2020, 10, 1)]
    assert [(one.version, one.effective) for one in plants.releases] == list(
        zip(("2018", "2019", "2021"), days, strict=True)
    )
    assert plants.releases is plants.releases


def test_a_record_of_a_release_of_another_shape(restored: Path) -> None:
    """It is damage of the pointer, said when the releases are asked for."""
    values = pointer_values(restored)
    values["systems"]["plants"]["releases"][0]["sources"] = [{"file": 3}]
    published(restored, values)
    found = system_of(opened(restored), "plants")
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json.*new store"):
        _ = found.releases


def test_a_code_is_found_in_its_row(plants: CompiledSystem) -> None:
    """In any accepted form; what is not in the system, and what cannot be a code of it, is in no row."""
    assert [plants.row_of(code) for code in PLANT_CODES] == list(range(11))
    assert [plants.row_of(code) for code in (" p1", "p12 ", "Group A")] == [0, 2, 8]
    assert [plants.row_of(code) for code in ("P7", "?", "")] == [-1, -1, -1]


def test_a_code_in_official_form_is_found_as_it_is_written(
    plants: CompiledSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one too; a text in another form is brought into the official one."""
    formed: list[str] = []
    monkeypatch.setattr(SystemDefinition, "official", lambda _, text: formed.append(text))
    assert [plants.row_of(code) for code in ("P1", "P6", "p1")] == [0, 7, -1]
    assert formed == ["p1"]


def test_the_file_of_codes_is_looked_at_before_a_code_is_said_to_be_in_no_row(
    plants: CompiledSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code that is found needs no such look, the first one neither."""
    plants.row_of("P1")
    asked: list[str] = []
    monkeypatch.setattr(MappedTable, "require_size", lambda table: asked.append(table.path))
    assert [plants.row_of(code) for code in ("P1", "p1", "P6")] == [0, 0, 7]
    assert asked == []
    assert [plants.row_of(code) for code in ("P7", "?")] == [-1, -1]
    assert asked == [plants.codes.table.path, plants.codes._table.path] * 2, "codes and slots"


def test_codes_are_found_through_slots(plants: CompiledSystem) -> None:
    """As far as the store has them."""
    assert plants.codes.find("P2") == 3
    assert type(plants.codes) is SlottedCodes


def test_a_store_without_slots(restored: Path) -> None:
    """One of an earlier version is searched, and finds the same rows."""
    values = pointer_values(restored)
    del values["systems"]["plants"]["files"]["slots"]
    published(restored, values)
    found = system_of(opened(restored), "plants")
    assert [found.row_of(code) for code in (*PLANT_CODES, "P7")] == [*range(11), -1]
    assert type(found.codes) is CodeColumn


def test_each_release_has_its_tree(plants: CompiledSystem) -> None:
    """The parent of a code is that of the release."""
    rows = [plants.tree(position).parent(plants.row_of("P1")) for position in range(3)]
    assert rows == [plants.row_of("group a"), plants.row_of("group b"), -1]


def test_releases_may_share_a_tree(restored: Path) -> None:
    """The pointer says which tree is that of a release."""
    values = pointer_values(restored)
    for release in values["systems"]["plants"]["releases"]:
        release["tree"] = 1
    published(restored, values)
    found = system_of(opened(restored), "plants")
    assert found.tree(0) is found.tree(1) is found.tree(2)
    assert found.tree(0).parent(found.row_of("P1")) == found.row_of("group b")


def test_the_tree_of_a_release_may_hold_codes_that_are_yet_to_come(plants: CompiledSystem) -> None:
    """P5 begins while the first release is in force; the others list what is in force on all their days."""
    assert [plants.is_filtered(position) for position in range(3)] == [True, False, False]


def test_notes_are_those_of_their_release(plants: CompiledSystem) -> None:
    """A release without a file of notes has none."""
    first, second, third = (plants.notes(position) for position in range(3))
    assert (first, third) == (None, None)
    assert second is not None
    assert second.texts("text")[0] == "evergreen"


def test_the_archive_of_a_release(plants: CompiledSystem) -> None:
    """Each release has its own tables, as they were committed."""
    codes = [plants.archived(position)["concepts"].column("code").to_pylist()[-1] for position in range(3)]
    assert codes == ["P4", "P5", "P6"]


def test_codes_and_properties_as_columns(plants: CompiledSystem) -> None:
    """All codes of the system, and each text of properties once, as interval rows count them."""
    assert plants.arrow_codes.to_pylist() == PLANT_CODES
    texts = ['{"colour":"green"}', '{"colour":"red"}']
    assert sorted(plants.property_column().to_pylist()) == texts
    assert list(plants.property_column().to_pylist()) == list(plants.property_texts)
    details = plants.periods.details
    places = [details.properties[period] for period in plants.periods.of(plants.row_of("P11"))]
    assert [plants.property_texts[place] for place in places] == [texts[0], *texts]


# ---- places in time


def test_a_place_in_time_is_remembered(plants: CompiledSystem) -> None:
    """The same day and the same releases are the same place; all releases that are known is the newest."""
    day = number("2018-11-05")
    assert plants.as_of(day) is plants.as_of(day) is plants.as_of(day, 2)
    assert plants.as_of(day, 0) is not plants.as_of(day)
    assert (plants.as_of(day, 0).asked, plants.as_of(day, 0).knowledge) == (day, 0)
    assert (plants.as_of(day).asked, plants.as_of(day).knowledge) == (day, 2)


def test_so_many_places_in_time_are_remembered(plants: CompiledSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are allowed; with the next one the memory begins anew."""
    monkeypatch.setattr(compiled, "REMEMBERED_DAYS", 2)
    plants._as_ofs.clear()
    first, second = plants.as_of(100), plants.as_of(200)
    assert (plants.as_of(100), plants.as_of(200)) == (first, second)
    third = plants.as_of(300)
    assert plants.as_of(300) is third
    assert list(plants._as_ofs) == [(300, 2)]


def test_the_place_in_time_of_a_release(plants: CompiledSystem) -> None:
    """It is its first day, as it was known with it."""
    found = plants.as_of_release("2019")
    assert (found.asked, found.knowledge, found.version) == (number("2018-10-01"), 1, "2019")
    with pytest.raises(UnknownReleaseError):
        plants.as_of_release("2020")


def placed(as_of: AsOf) -> tuple[Any, ...]:
    """Return what a place in time says of its day: covered, number and label of the release, horizon, day, rows."""
    return as_of.is_covered, as_of.position, as_of.version, as_of.horizon, as_of.day, as_of.has_rows


@pytest.mark.parametrize(
    ("day", "knowledge", "expected"),
    [
        ("2017-09-30", 2, (False, -1, None, OPEN, "2017-09-30", False)),
        ("2017-10-01", 2, (True, 0, "2018", OPEN, "2017-10-01", True)),
        ("2018-09-30", 0, (True, 0, "2018", "2018-10-01", "2018-09-30", True)),
        ("2018-10-01", 0, (False, -1, None, "2018-10-01", "2018-09-30", False)),
        ("2018-10-01", 1, (True, 1, "2019", "2020-10-01", "2018-10-01", True)),
        ("2019-11-01", 2, (False, -1, None, OPEN, "2019-11-01", False)),
        ("2018-01-15", -1, (False, -1, None, "2018-10-01", "2018-01-15", False)),
    ],
)
def test_a_day_of_a_system_whose_releases_list_everything(
    plants: CompiledSystem, day: str, knowledge: int, expected: tuple[Any, ...]
) -> None:
    """Rows answer on covered days, and by no day from the horizon on."""
    covered, position, version, horizon, answering, has_rows = expected
    dated = (horizon if horizon == OPEN else number(horizon), number(answering))
    assert placed(plants.as_of(number(day), knowledge)) == (covered, position, version, *dated, has_rows)


@pytest.mark.parametrize(
    ("day", "knowledge", "expected"),
    [
        ("2018-06-01", 1, (False, -1, None)),
        ("2019-01-01", 1, (True, 0, "2019-01")),
        ("2020-01-01", 1, (True, 1, "2020-01")),
        ("2020-01-01", 0, (False, -1, None)),
        ("2030-01-01", 1, (False, -1, None)),
        ("2019-01-01", -1, (False, -1, None)),
    ],
)
def test_a_day_of_a_dated_system(tools: CompiledSystem, day: str, knowledge: int, expected: tuple[Any, ...]) -> None:
    """Rows carry their own days: they answer on any day, and by that day."""
    assert placed(tools.as_of(number(day), knowledge)) == (*expected, OPEN, number(day), True)


def test_a_day_of_a_retired_system(herbs: CompiledSystem) -> None:
    """The days after its end are covered by its newest release; those between are not."""
    days = ["2016-10-01", "2017-11-01", "2030-01-01"]
    expected = [(True, 0, "2017"), (False, -1, None), (True, 1, "2017-04")]
    assert [placed(herbs.as_of(number(day)))[:3] for day in days] == expected


def test_the_release_of_a_day_is_one_that_is_known(herbs: CompiledSystem) -> None:
    """The update of April is in force in May for who knows it; for who does not, the release of the year is."""
    may = number("2017-05-01")
    assert [placed(herbs.as_of(may, known))[:3] for known in (0, 1)] == [(True, 0, "2017"), (True, 1, "2017-04")]


def test_the_release_of_a_day(plants: CompiledSystem) -> None:
    """It is the value of the release in force; None where nothing covers the day."""
    assert [plants.as_of(number(day)).release for day in ("2017-10-01", "2018-10-01", "2019-11-01")] == [
        plants.releases[0],
        plants.releases[1],
        None,
    ]


def test_the_tree_of_a_day_is_that_of_the_release_in_force(plants: CompiledSystem) -> None:
    """Nothing that covers no day has a tree."""
    for position, day in enumerate(("2017-10-01", "2018-10-01", "2020-10-01")):
        assert plants.as_of(number(day)).tree is plants.tree(position)
        assert plants.as_of(number(day), position).tree is plants.tree(position)
    assert [plants.as_of(number(day)).tree for day in ("2017-09-30", "2019-11-01")] == [None, None]


def test_the_tree_of_a_dated_system_is_that_of_the_newest_list(tools: CompiledSystem) -> None:
    """On any day, covered or not; where no list is known there is none."""
    for day in ("2018-06-01", "2019-06-01", "2030-01-01"):
        assert [tools.as_of(number(day), known).tree for known in (0, 1)] == [tools.tree(0), tools.tree(1)]
    assert tools.as_of(number("2019-06-01"), -1).tree is None


def test_whether_a_tree_also_holds_what_is_not_in_force(
    plants: CompiledSystem, tools: CompiledSystem, herbs: CompiledSystem
) -> None:
    """That of a dated system and of a retired one does; of a release that lists everything only if it says so."""
    days = ["2017-10-01", "2018-10-01", "2019-11-01", "2020-10-01"]
    assert [plants.as_of(number(day)).is_filtered for day in days] == [True, False, False, False]
    assert [tools.as_of(number(day)).is_filtered for day in ("2018-06-01", "2019-06-01")] == [True, True]
    assert [herbs.as_of(number(day)).is_filtered for day in ("2017-01-15", "2018-09-30", "2018-10-01")] == [
        *(False, False, True),
    ]
    assert [herbs.as_of(number("2018-10-01"), known).is_filtered for known in (-1, 0, 1)] == [False, True, True]


def test_nothing_is_remembered_of_a_new_place_in_time(plants: CompiledSystem) -> None:
    """Statuses, concepts and places are kept for each place by itself."""
    found = plants.as_of(number("2018-10-01"))
    assert (found.statuses, found.concepts, found.places, found.maker) == ({}, {}, {}, None)
    assert found.system is plants


def test_why_a_day_is_not_covered(plants: CompiledSystem) -> None:
    """The sentence is of the day, and of the releases that count."""
    day = number("2019-11-01")
    assert plants.as_of(day).gap == "release 2019 ends 2019-09-30; load FY2020"
    assert plants.as_of(day, 0).gap == "release 2018 ends 2018-09-30; load FY2020"


# ---- rows on a day


def test_the_interval_row_of_a_day(plants: CompiledSystem) -> None:
    """It is the one that holds, with what is known; before and after all of them there is none."""
    p3 = plants.row_of("P3")
    first, last = (plants.as_of(number(day)).period_on(p3) for day in ("2017-10-01", "2020-10-01"))
    assert sorted((first, last)) == [period for period in plants.periods.of(p3) if period in (first, last)]
    assert first != last
    assert plants.as_of(number("2018-10-01")).period_on(p3) == -1
    assert plants.as_of(number("2017-10-01"), -1).period_on(p3) == -1


def stretches(as_of: AsOf, code: str) -> list[tuple[int, int, int]]:
    """Return days and states of a code."""
    return [(span.start, span.end, span.state) for span in as_of.spans(as_of.system.row_of(code))]


def test_the_stretches_of_a_code(plants: CompiledSystem) -> None:
    """All that are known, whatever the day; an end that is not known yet is open. A code in no row has none."""
    years = [number(day) for day in ("2017-10-01", "2018-10-01")]
    found = plants.as_of(number("2018-01-15"))
    assert stretches(found, "P2") == [(*years, schema.BILLABLE)]
    assert stretches(plants.as_of(number("2018-01-15"), 0), "P2") == [(years[0], OPEN, schema.BILLABLE)]
    assert stretches(found, "P1")[0][2] == schema.HEADER
    assert found.spans(-1) == []


def test_first_day_and_end_of_a_stretch(plants: CompiledSystem) -> None:
    """As they are known: an end that a later release brought is open for who does not know it."""
    day, begin, end = (number(one) for one in ("2018-01-15", "2017-10-01", "2018-10-01"))
    for code, known, expected in (("P2", 2, end), ("P2", 0, OPEN), ("P3", 2, end), ("P3", 0, OPEN)):
        row, found = plants.row_of(code), plants.as_of(day, known)
        assert found.bounds(row, found.period_on(row)) == (begin, expected)


@pytest.mark.parametrize(
    ("system", "day", "expected"),
    [
        (
            "plants",
            "2017-10-01",
            {"P1": "header", "P2": "billable", "P5": "future", "P7": "unknown", "group p": "unknown"},
        ),
        ("plants", "2018-03-01", {"P5": "billable", "P12": "future"}),
        (
            "plants",
            "2018-10-01",
            {"P1": "header", "P2": "expired", "P6": "future", "P7": "unknown", "group p": "unknown"},
        ),
        ("plants", "2019-11-01", {"P1": "uncovered", "P2": "uncovered", "P7": "uncovered", "group p": "uncovered"}),
        ("tools", "2018-06-01", {"T1": "billable", "T4": "uncovered", "T5": "uncovered"}),
        (
            "tools",
            "2019-04-15",
            {"T1": "billable", "T2": "expired", "T3": "uncovered", "T4": "future", "T5": "unknown"},
        ),
        ("tools", "2030-01-01", {"T1": "billable", "T2": "expired", "T5": "uncovered"}),
        ("herbs", "2030-01-01", {"H1": "expired", "H2": "expired", "H3": "unknown"}),
    ],
)
def test_the_status_of_a_row(store: Terminology, system: str, day: str, expected: dict[str, str]) -> None:
    """What its interval row says, else what the rows before and after say; nothing where the day is not covered."""
    found = system_of(store, system).as_of(number(day))
    assert {code: str(found.row_status(found.system.row_of(code))) for code in expected} == expected


def test_the_file_of_periods_is_looked_at_before_a_code_is_said_not_to_be_in_force(
    plants: CompiledSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that holds needs no such look, the first one neither."""
    found = plants.as_of(number("2018-10-01"))
    found.row_status(0)
    found.row_status(plants.row_of("P2"))
    asked: list[str] = []
    monkeypatch.setattr(MappedTable, "require_size", lambda table: asked.append(table.path))
    assert found.row_status(0) is Status.HEADER
    assert found.row_status(-1) is Status.UNKNOWN
    assert asked == []
    assert found.row_status(plants.row_of("P2")) is Status.EXPIRED
    assert asked == [plants.periods.table.path]


def test_the_first_interval_row_holds_as_any_other(herbs: CompiledSystem) -> None:
    """The status of the code that has it is what it says."""
    found = herbs.as_of(number("2016-10-01"))
    assert found.period_on(0) == 0
    assert found.row_status(0) is Status.HEADER
    assert found.is_in_tree(0)


def test_what_is_in_the_tree_of_a_day(plants: CompiledSystem, tools: CompiledSystem) -> None:
    """Codes in force, and nodes that are no codes; not what is expired, in doubt or yet to come."""
    first = plants.as_of(number("2017-10-01"))
    assert [code for code in PLANT_CODES if first.is_in_tree(plants.row_of(code))] == [
        *("P1", "P11", "P2", "P3", "P4", "group a", "group p"),
    ]
    doubt = tools.as_of(number("2019-04-15"))
    assert [code for code in ("T1", "T2", "T3", "T4") if doubt.is_in_tree(tools.row_of(code))] == ["T1"]


def test_a_store_is_opened_with_its_files(path: Path) -> None:
    """All files of a system are mapped when the store is opened, as a later load may delete them."""
    opened_files: list[str] = []
    sound = MappedTable.__init__

    def counted(table: MappedTable, folder: Any, file: Any) -> None:
        opened_files.append(file.name)
        sound(table, folder, file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MappedTable, "__init__", counted)
        terminology.open(path)
    catalog = read_catalog(StoreFolder(path))
    expected = [file.name for system in catalog.systems.values() for file in system.files.values()]
    assert sorted(opened_files) == sorted(expected)
