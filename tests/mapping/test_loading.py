"""Crosswalks in the store: loaded, loaded again, corrected, withdrawn, refused, damaged, and the way back."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import LoadReport
from terminology.errors import InvalidDateError, StoreDamagedError, StoreError, UnknownCrosswalkError
from terminology.ingest import rollback, withdraw, withdraw_crosswalk
from terminology.store import StoreFolder, read_catalog
from terminology.store.verify import verify

from ..release_files import BACK_PAIN, CHOLERA, order_addenda, order_file, written

MAP = "complaints.csv"
ORDERS = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
TABLE = "ICD-10-CM-Conversion-Table-FY2022.csv"
ADDENDA = "icd10cm_order_addenda_2022.txt"


def own_map(*rows: str, version: str = "2022", effective: str = "2021-10-01") -> bytes:
    """Return a map of complaints of one's own."""
    heading = [
        "#crosswalk: Complaints",
        f"#version: {version}",
        f"#effective: {effective}",
        "#source_system: complaints",
        "#target_system: icd10cm",
        "source,target,comment",
    ]
    return "\n".join([*heading, *rows, ""]).encode()


def conversion_table(*rows: str) -> bytes:
    """Return a conversion table of ICD-10-CM."""
    return "\n".join(
        [
            '"What new codes were before",,',
            "Current code assignment,Effective October 1,Previous Code(s) Assignment",
            *rows,
            "",
        ]
    ).encode()


FILES = {
    MAP: own_map("back pain,M54.50,", "loose bowels,A00.9,"),
    ORDERS[0]: order_file(CHOLERA),
    ORDERS[1]: order_file(BACK_PAIN),
    TABLE: conversion_table("M54.50,2021,M54.5", "M54.51,2021,M54.5", "M54.59,2021,M54.5"),
    ADDENDA: order_addenda(CHOLERA, BACK_PAIN, *ORDERS),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with two releases, their addenda, a conversion table and a map of one's own."""
    return written(tmp_path / "files", FILES)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The folder of a store that does not exist yet."""
    return tmp_path / "store"


def state(store: Path) -> Any:
    """Return all that the pointer says, without what counts the publications."""
    values = json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])
    return {name: value for name, value in values.items() if name not in ("generation", "previous")}


def labels(store: Path) -> list[str]:
    """Return the crosswalks of a store."""
    return [crosswalk.label for crosswalk in terminology.open(store).crosswalks]


def alternatives(store: Path, code: str) -> list[tuple[str, ...]]:
    """Return what a complaint is in ICD-10-CM."""
    found = terminology.open(store).translate(code, source="complaints", target="icd10cm")
    return [alternative.codes for alternative in found.alternatives]


def told(report: LoadReport) -> list[tuple[str, bool]]:
    """Return the crosswalks of a report, and whether they were there already."""
    return [(item.crosswalk.label, item.already) for item in report.crosswalks]


# ---- loading


def test_crosswalks_are_loaded_with_the_releases(files: Path, store: Path) -> None:
    """One command commits releases and crosswalks, those with files of their own and those made of others'."""
    report = terminology.load(files, store=store)
    assert (report.errors, report.skipped) == ((), ())
    expected = [("icd10cm_conversion 2022", False), ("order_addenda 2022", False), ("own_map Complaints 2022", False)]
    assert expected == told(report)
    assert labels(store) == [label for label, _ in expected]
    assert alternatives(store, "loose bowels") == [("A00.9",)]
    assert verify(StoreFolder(store)) == ()


def test_loading_the_same_again_changes_nothing(files: Path, store: Path) -> None:
    """The second time every file of the store stays as it is, and the report says that the crosswalks were there."""
    terminology.load(files, store=store)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    report = terminology.load(files, store=store)
    assert all(already for _, already in told(report))
    assert len(told(report)) == 3
    assert before == {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_the_order_of_loading_does_not_matter(tmp_path: Path, files: Path) -> None:
    """File by file in any order the store is the one of a single command: crosswalks, releases and parts."""
    terminology.load(files, store=tmp_path / "once")
    expected = state(tmp_path / "once")
    for number, order in enumerate(itertools.permutations(sorted(FILES))):
        if number % 17:
            continue
        for name in order:
            assert terminology.load(files / name, store=tmp_path / f"store-{number}").errors == ()
        assert expected == state(tmp_path / f"store-{number}"), order


def test_a_crosswalk_without_its_systems(files: Path, store: Path) -> None:
    """A map can be loaded and asked before any release of the systems that it connects."""
    terminology.load(files / MAP, store=store)
    assert alternatives(store, "back pain") == [("M54.50",)]
    assert terminology.open(store).systems == ()


def test_of_several_maps_the_users_own_answers_first(tmp_path: Path, store: Path) -> None:
    """Beside a map of one's own a ConceptMap answers what that does not hold; what none holds, each of them says."""
    element = {"code": "back pain", "target": [{"code": "M54.59", "relationship": "related-to"}]}
    other = {"code": "rice water", "target": [{"code": "A00.0", "relationship": "related-to"}]}
    systems = {"source": "https://example.org/complaints", "target": "http://hl7.org/fhir/sid/icd-10-cm"}
    resource = {"resourceType": "ConceptMap", "title": "Complaints", "version": "2022", "date": "2021-10-01"}
    resource |= {"group": [{**systems, "element": [element, other]}]}
    files = written(tmp_path / "both", {MAP: FILES[MAP], "map.json": json.dumps(resource).encode()})
    assert terminology.load(files, store=store).errors == ()
    assert labels(store) == ["concept_map Complaints 2022", "own_map Complaints 2022"]
    assert alternatives(store, "back pain") == [("M54.50",)]
    assert alternatives(store, "rice water") == [("A00.0",)]
    opened = terminology.open(store)
    found = opened.translate("cough", source="complaints", target="icd10cm")
    assert (
        found.reason == "own_map Complaints 2022 does not hold cough; concept_map Complaints 2022 does not hold cough"
    )
    ask = partial(opened.translate, "back pain", source="complaints", target="icd10cm")
    assert ask(crosswalk="concept_map").codes == ask(crosswalk=("concept_map", "own_map")).codes == ("M54.59",)
    assert ask(crosswalk=["own_map 2022", "concept_map"]).codes == ("M54.50",)


def test_within_a_system_that_is_not_loaded_nothing_is_known(tmp_path: Path, store: Path) -> None:
    """A succession alone does not tell when codes were in force: the answer is unknown, as for built-in systems."""
    within = own_map("home,10,").replace(b"icd10cm", b"complaints")
    assert terminology.load(written(tmp_path / "within", {MAP: within}), store=store).errors == ()
    opened = terminology.open(store)
    found = opened.translate("home", source="complaints", target="complaints")
    assert (str(found.outcome), found.code, found.is_complete) == ("unknown", "home", False)
    assert found.reason == "no release of complaints is loaded: nothing says when its codes were in force"
    assert opened.translate("99990", source="cpt", target="CPT").reason == found.reason.replace("complaints", "cpt")
    with pytest.raises(InvalidDateError):
        opened.translate("home", source="complaints", target="complaints", on="soon")


def test_within_a_system_one_crosswalk_can_be_asked(files: Path, store: Path) -> None:
    """A crosswalk named in a translation within a system is the only one followed; one that is not there is told."""
    mine = own_map("A00.9,A00.0,").replace(b"complaints\n", b"icd10cm\n")
    written(files, {"mine.csv": mine, "icd10cm_order_2022.txt": order_file([*BACK_PAIN[:3], *BACK_PAIN[4:]])})
    (files / ADDENDA).unlink()
    (files / MAP).unlink()
    assert terminology.load(files, store=store).errors == ()
    ask = partial(terminology.open(store).translate, "A00.9", source="icd10cm", target="icd10cm")
    assert [one.codes for one in ask().alternatives] == [("A00.0",)]
    assert [one.codes for one in ask(crosswalk="own_map").alternatives] == [("A00.0",)]
    assert ask(crosswalk="icd10cm_conversion").alternatives == ()
    with pytest.raises(UnknownCrosswalkError, match=r"\(loaded: icd10cm_conversion, own_map Complaints\)"):
        ask(crosswalk="gems")


def test_a_release_that_comes_later_carries_the_answers_on(files: Path, store: Path, tmp_path: Path) -> None:
    """A map for a former year is carried to the newest release, as soon as that and its conversion table are there."""
    older = tmp_path / "older.csv"
    older.write_bytes(own_map("back pain,M54.5,", version="2021", effective="2020-10-01"))
    terminology.load(older, files / ORDERS[0], store=store)
    assert alternatives(store, "back pain") == [("M54.5",)]
    terminology.load(files / ORDERS[1], files / TABLE, store=store)
    assert alternatives(store, "back pain") == [("M54.50",), ("M54.51",), ("M54.59",)]


def test_dry_run(files: Path, store: Path, tmp_path: Path) -> None:
    """A dry run reports the crosswalks, and writes nothing: into no store, and into one that is there."""
    report = terminology.load(files, store=store, dry_run=True)
    assert len(told(report)) == 3
    assert not store.exists()
    terminology.load(files / ORDERS[0], store=store)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    assert told(terminology.load(files, store=store, dry_run=True)) == told(report)
    assert before == {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_an_open_store_keeps_its_view(files: Path, store: Path, tmp_path: Path) -> None:
    """What was opened before a crosswalk was replaced goes on answering from what it was."""
    terminology.load(files, store=store)
    opened = terminology.open(store)
    withdraw_crosswalk("own_map", "2022", store=store)
    found = opened.translate("back pain", source="complaints", target="icd10cm")
    assert found.codes == ("M54.50",)


# ---- faults


def test_a_faulty_crosswalk_is_refused_whole(files: Path, store: Path) -> None:
    """A map with one bad line is not loaded at all, with file and line; releases and other crosswalks are."""
    (files / MAP).write_bytes(own_map("back pain,M54.50,", "loose bowels,no such code,"))
    report = terminology.load(files, store=store)
    assert [(error.file, error.line) for error in report.errors] == [(MAP, 8)]
    assert labels(store) == ["icd10cm_conversion 2022", "order_addenda 2022"]
    assert [release.version for release in terminology.open(store)["icd10cm"].releases] == ["2021", "2022"]


def test_a_faulty_crosswalk_does_not_touch_what_was_held(files: Path, store: Path) -> None:
    """A faulty file of the same name leaves the crosswalk that was loaded before in force."""
    terminology.load(files, store=store)
    before = state(store)
    (files / MAP).write_bytes(own_map("back pain,no such code,"))
    assert len(terminology.load(files / MAP, store=store).errors) == 1
    assert before == state(store)


def test_two_maps_of_one_version(files: Path, store: Path, tmp_path: Path) -> None:
    """Another map that claims the version of one that is loaded is refused, names it, and does not replace it."""
    terminology.load(files, store=store)
    other = tmp_path / "other.csv"
    other.write_bytes(own_map("back pain,M54.59,"))
    (error,) = terminology.load(other, store=store).errors
    assert (error.file, MAP in error.message) == ("other.csv", True)
    assert alternatives(store, "back pain") == [("M54.50",)]


def test_the_same_rows_in_another_file(files: Path, store: Path, tmp_path: Path) -> None:
    """A copy under another name is a further source of the same crosswalk."""
    terminology.load(files, store=store)
    (tmp_path / "copy.csv").write_bytes(FILES[MAP])
    assert terminology.load(tmp_path / "copy.csv", store=store).errors == ()
    (found,) = [crosswalk for crosswalk in terminology.open(store).crosswalks if crosswalk.name == "own_map"]
    assert [source.file for source in found.sources] == [MAP, "copy.csv"]


# ---- correction


def test_a_map_is_corrected_by_its_next_version(files: Path, store: Path, tmp_path: Path) -> None:
    """A newer version answers; the older one can be asked for by name, and both are kept."""
    terminology.load(files, store=store)
    newer = tmp_path / "newer.csv"
    newer.write_bytes(own_map("back pain,M54.59,", version="2022.1", effective="2022-01-01"))
    terminology.load(newer, store=store)
    assert alternatives(store, "back pain") == [("M54.59",)]
    opened = terminology.open(store)
    found = opened.translate("back pain", source="complaints", target="icd10cm", crosswalk="own_map 2022")
    assert found.codes == ("M54.50",)
    assert [crosswalk.label for crosswalk in opened.crosswalks][-2:] == [
        "own_map Complaints 2022",
        "own_map Complaints 2022.1",
    ]


def test_a_conversion_table_is_corrected_by_a_later_one(files: Path, store: Path, tmp_path: Path) -> None:
    """A later cumulative table that tells a former change otherwise is believed, and cited."""
    terminology.load(files, store=store)
    later = tmp_path / "ICD-10-CM-Conversion-Table-FY2022-April.csv"
    later.write_bytes(conversion_table("M54.50,2021,M54.5", "M54.51,2021,A00.9", "Z28.310,2022-04-01,Z28.3"))
    terminology.load(later, store=store)
    history = terminology.open(store)["icd10cm"].history
    assert [history(code).predecessors for code in ("M54.50", "M54.51", "M54.59")] == [
        ("M54.5",),
        ("A00.9",),
        ("M54.5",),
    ]


# ---- withdrawal


def test_what_is_made_of_a_release_goes_with_it(files: Path, store: Path) -> None:
    """The addenda's crosswalk goes with the release that came with it; maps with files of their own stay."""
    terminology.load(files, store=store)
    withdraw("icd10cm", "2022", store=store)
    assert labels(store) == ["icd10cm_conversion 2022", "own_map Complaints 2022"]
    terminology.load(files, store=store)
    assert labels(store) == ["icd10cm_conversion 2022", "order_addenda 2022", "own_map Complaints 2022"]


@pytest.mark.parametrize(("name", "file"), [("own_map", MAP), ("icd10cm_conversion", TABLE)])
def test_a_crosswalk_is_withdrawn(files: Path, store: Path, tmp_path: Path, name: str, file: str) -> None:
    """A crosswalk goes with its files: the store is the one that never had them; and they can be loaded again."""
    terminology.load(files, store=store)
    whole = state(store)
    gone = withdraw_crosswalk(name, "2022", store=store)
    assert [(crosswalk.name, crosswalk.version) for crosswalk in gone] == [(name, "2022")]
    without = [files / other for other in FILES if other != file]
    terminology.load(*without, store=tmp_path / "without")
    assert state(tmp_path / "without") == state(store)
    terminology.load(files / file, store=store)
    assert whole == state(store)


def test_the_last_crosswalk_can_be_withdrawn(files: Path, store: Path) -> None:
    """A store may be empty again."""
    terminology.load(files / MAP, store=store)
    withdraw_crosswalk("own_map", "2022", store=store)
    assert (labels(store), terminology.open(store).systems) == ([], ())


def test_what_cannot_be_withdrawn(files: Path, store: Path) -> None:
    """A crosswalk that is not there is unknown; one that is made of releases goes with those, and the error says so."""
    terminology.load(files, store=store)
    with pytest.raises(UnknownCrosswalkError, match=r"no crosswalk own_map 1999 \(loaded: 2022\)"):
        withdraw_crosswalk("own_map", "1999", store=store)
    with pytest.raises(UnknownCrosswalkError, match="loaded: none"):
        withdraw_crosswalk("gems", "2018", store=store)
    with pytest.raises(StoreError, match="withdraw those"):
        withdraw_crosswalk("order_addenda", "2022", store=store)


# ---- verification


def crosswalk_files(store: Path) -> Sequence[Path]:
    """Return every file of crosswalks: archive, parts and compiled form."""
    catalog = read_catalog(StoreFolder(store))
    compiled = [store / "compiled" / file.name for entry in catalog.maps for file in entry.files.values()]
    archived = [*(store / "crosswalks").rglob("*.parquet"), *(store / "crosswalks").rglob("manifest.json")]
    return sorted({*compiled, *archived, *(store / "parts" / "crosswalk-own_map").rglob("*.parquet")})


def test_verify_finds_any_damage(files: Path, store: Path) -> None:
    """A changed byte in any file of a crosswalk is found, and told with the file; a missing file as well."""
    terminology.load(files, store=store)
    assert len(crosswalk_files(store)) > 8
    for path in crosswalk_files(store):
        data = path.read_bytes()
        # compiled files are read-only
        path.unlink()
        path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
        findings = verify(StoreFolder(store))
        assert str(path.relative_to(store)) in {finding.file for finding in findings}, path
        path.unlink()
        assert str(path.relative_to(store)) in {finding.file for finding in verify(StoreFolder(store))}, path
        path.write_bytes(data)
    assert verify(StoreFolder(store)) == ()


def test_a_cut_map_is_refused_at_opening(files: Path, store: Path) -> None:
    """A compiled map that is shorter than the pointer says is damage, not an answer."""
    terminology.load(files, store=store)
    for entry in read_catalog(StoreFolder(store)).maps:
        path = store / "compiled" / entry.files["mappings"].name
        data = path.read_bytes()[:-8]
        path.unlink()
        path.write_bytes(data)
    with pytest.raises(StoreDamagedError):
        terminology.open(store)


# ---- the way back


def test_rollback_and_back_again(files: Path, store: Path) -> None:
    """A rollback restores what was in force before the last load, crosswalks included; a second one undoes the first."""
    terminology.load(*(files / name for name in ORDERS), store=store)
    before = state(store)
    terminology.load(files, store=store)
    after = state(store)
    assert rollback(store).generation == 3
    assert (before, labels(store)) == (state(store), [])
    assert rollback(store).generation == 4
    assert (after, len(labels(store))) == (state(store), 3)
    assert verify(StoreFolder(store)) == ()


def test_loading_goes_on_after_a_rollback(files: Path, store: Path) -> None:
    """After a rollback the same files can be loaded, and the store is what it was."""
    terminology.load(*(files / name for name in ORDERS), store=store)
    terminology.load(files, store=store)
    after = state(store)
    rollback(store)
    report = terminology.load(files, store=store)
    assert [already for _, already in told(report)] == [False, False, False]
    assert after == state(store)


def test_a_withdrawal_is_rolled_back(files: Path, store: Path) -> None:
    """What was withdrawn is in force again."""
    terminology.load(files, store=store)
    withdraw_crosswalk("own_map", "2022", store=store)
    rollback(store)
    assert alternatives(store, "back pain") == [("M54.50",)]


def test_nothing_to_go_back_to(files: Path, store: Path) -> None:
    """After the first publication there is nothing before it, and the store stays as it is."""
    terminology.load(files, store=store)
    before = (store / "CURRENT.json").read_bytes()
    with pytest.raises(StoreError, match="nothing was published"):
        rollback(store)
    assert before == (store / "CURRENT.json").read_bytes()


@pytest.mark.parametrize("what", ["pointer", "map", "parts"])
def test_a_rollback_that_lacks_a_file(files: Path, store: Path, tmp_path: Path, what: str) -> None:
    """Where a file of the former state is gone, the rollback is refused with its name, and nothing changes."""
    terminology.load(files, store=store)
    catalog = read_catalog(StoreFolder(store))
    withdraw_crosswalk("own_map", "2022", store=store)
    before = (store / "CURRENT.json").read_bytes()
    names = {
        "pointer": f"{read_catalog(StoreFolder(store)).previous}.pointer",
        "map": catalog.maps[-1].files["mappings"].name,
        "parts": f"{catalog.parts}.parts",
    }
    (store / "compiled" / names[what]).unlink()
    with pytest.raises(StoreDamagedError, match=names[what]):
        rollback(store)
    assert before == (store / "CURRENT.json").read_bytes()
    assert labels(store) == ["icd10cm_conversion 2022", "order_addenda 2022"]
