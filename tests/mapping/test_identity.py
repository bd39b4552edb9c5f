"""Which map is which: maps of users and ConceptMaps are told apart by what they call themselves, and which one answers."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology, UnknownCrosswalkError
from terminology.ingest import withdraw_crosswalk
from terminology.store import StoreFolder, read_catalog
from terminology.store.records import crosswalk_from, crosswalk_record
from terminology_crosswalks.own_map import OwnMapReader

from ..property.successions import Row, Story, SuccessionReader
from ..property.worlds import LOADERS, PLANTS
from ..release_files import written
from .gardens import concepts


def own_map(name: str, *rows: str, version: str = "2024", source: str = "complaints", target: str = "goods") -> bytes:
    """Return a map of one's own of a name."""
    heading = {"crosswalk": name, "version": version, "effective": f"{version[:4]}-01-01"}
    heading |= {"source_system": source, "target_system": target}
    lines = [*(f"#{key}: {value}" for key, value in heading.items()), "source,target", *rows, ""]
    return "\n".join(lines).encode()


def concept_map(*pairs: tuple[str, str], **called: str) -> bytes:
    """Return a ConceptMap with a URL, a name or something else."""
    elements = [{"code": code, "target": [{"code": other, "relationship": "equivalent"}]} for code, other in pairs]
    group = {"source": "https://example.org/complaints", "target": "https://example.org/goods", "element": elements}
    resource: dict[str, Any] = {"resourceType": "ConceptMap", "version": "2024", "date": "2024-01-01", **called}
    return json.dumps({**resource, "group": [group]}).encode()


def loaded(folder: Path, **files: bytes) -> Terminology:
    """Return a store of maps whose files have these names."""
    named = {name.replace("_", "."): data for name, data in files.items()}
    report = terminology.load(written(folder / "files", named), store=folder / "store")
    assert report.errors == ()
    return terminology.open(folder / "store")


TWO = {
    "a_csv": own_map("Clinic North", "pain,balm", "cough,syrup"),
    "b_csv": own_map("Clinic South", "pain,tablet", "rash,cream", version="2025"),
}


def test_maps_of_two_names_are_two_maps(tmp_path: Path) -> None:
    """Neither hides the other: both are listed, both answer, and each answer cites its own."""
    store = loaded(tmp_path, **TWO)
    assert ["own_map Clinic North 2024", "own_map Clinic South 2025"] == [one.label for one in store.crosswalks]
    ask = partial(store.translate, source="complaints", target="goods")
    told = {
        code: [(one.codes, one.path[0].crosswalk) for one in ask(code).alternatives]
        for code in ("pain", "cough", "rash")
    }
    assert told == {
        "pain": [(("balm",), "own_map Clinic North 2024")],
        "cough": [(("syrup",), "own_map Clinic North 2024")],
        "rash": [(("cream",), "own_map Clinic South 2025")],
    }


@pytest.mark.parametrize(
    ("crosswalk", "code"),
    [
        ("own_map", "balm"),
        ("Clinic South", "tablet"),
        ("own_map Clinic South", "tablet"),
        ("Clinic South 2025", "tablet"),
        ("own_map Clinic South 2025", "tablet"),
        ("own_map 2025", "tablet"),
        (["Clinic South", "Clinic North"], "tablet"),
        (("Clinic North", "Clinic South"), "balm"),
    ],
)
def test_the_user_says_which(tmp_path: Path, crosswalk: str | list[str], code: str) -> None:
    """A map is named by its reader, by itself, or by both, with a version or without; several are asked in order."""
    ask = partial(loaded(tmp_path, **TWO).translate, "pain", source="complaints", target="goods")
    assert (code,) == ask(crosswalk=crosswalk).codes


@pytest.mark.parametrize(
    ("crosswalk", "message"),
    [
        (
            "Clinic East",
            "no crosswalk 'Clinic East' from complaints to goods .loaded: own_map Clinic North, own_map Clinic South.",
        ),
        ("Clinic North 1999", "no version '1999' of Clinic North .loaded: 2024."),
        (["Clinic North", "gems"], "no crosswalk 'gems'"),
    ],
)
def test_maps_that_are_not_there(tmp_path: Path, crosswalk: str | list[str], message: str) -> None:
    """A name or a version that no map has is an error, with those that are there."""
    with pytest.raises(UnknownCrosswalkError, match=message):
        loaded(tmp_path, **TWO).translate("pain", source="complaints", target="goods", crosswalk=crosswalk)


def test_versions_of_one_name_are_one_map(tmp_path: Path) -> None:
    """A later version of a map takes the place of the former one; blanks in the name do not matter."""
    store = loaded(
        tmp_path, a_csv=own_map("Clinic  North", "pain,balm"), b_csv=own_map("Clinic North", "pain,oil", version="2025")
    )
    assert ["2024", "2025"] == [one.version for one in store.crosswalks]
    ask = partial(store.translate, "pain", source="complaints", target="goods")
    assert (("oil",), ("balm",)) == (ask().codes, ask(on="2024-06-01").codes)


def test_concept_maps_of_two_addresses_are_two_maps(tmp_path: Path) -> None:
    """The address of a ConceptMap is what it is; versions behind a bar are no part of it."""
    store = loaded(
        tmp_path,
        a_json=concept_map(("pain", "balm"), url="https://example.org/north", name="same"),
        b_json=concept_map(("pain", "tablet"), url="https://example.org/south|2", name="same"),
    )
    assert ["https://example.org/north", "https://example.org/south"] == [one.identity for one in store.crosswalks]
    ask = partial(store.translate, "pain", source="complaints", target="goods")
    assert (("balm",), ("tablet",)) == (ask().codes, ask(crosswalk="https://example.org/south").codes)


@pytest.mark.parametrize(
    ("called", "identity"),
    [
        ({"name": "North", "title": "Of the north"}, "North"),
        ({"title": "Of  the\tnorth", "id": "n1"}, "Of the north"),
        ({"id": "n1"}, "n1"),
        ({}, "a.json"),
    ],
)
def test_concept_maps_without_an_address(tmp_path: Path, called: dict[str, str], identity: str) -> None:
    """Without an address the name counts, then the title, the identifier, at last the file's name."""
    (found,) = loaded(tmp_path, a_json=concept_map(("pain", "balm"), **called)).crosswalks
    assert (identity, False) == (found.identity, found.own)


def test_the_same_version_of_two_names_is_no_conflict(tmp_path: Path) -> None:
    """Two maps of one name and version that differ are both refused, and named; of two names both are taken."""
    both = {"a.csv": own_map("Clinic", "pain,balm"), "b.csv": own_map("Clinic", "pain,tablet")}
    report = terminology.load(written(tmp_path / "files", both), store=tmp_path / "store")
    assert ["both are version 2024 of Clinic from complaints to goods" in str(error) for error in report.errors] == [
        True
    ] * 2
    assert 2 == len(loaded(tmp_path / "other", a_csv=both["a.csv"], b_csv=own_map("Other", "pain,tablet")).crosswalks)


def test_ones_own_map_answers_before_those_of_publishers(tmp_path: Path) -> None:
    """Within a system as well: where both cover a code one's own counts, else the publisher's; history agrees."""
    rows = [Row(("PA",), ("PC",), 1, "deleted"), Row(("PB",), ("PC",), 1, "deleted")]
    story = Story([concepts("PA PB PZ"), concepts("PC PD PZ")], rows)
    files = story.write(tmp_path / "files")
    mine = own_map("Mine", "PA,PD", source="plants", target="plants").replace(b"2024-01-01", b"2016-10-01")
    (files / "mine.csv").write_bytes(mine)
    readers = {reader.name: reader for reader in (SuccessionReader(), OwnMapReader())}
    report = terminology.load(files, store=tmp_path / "store", loaders=LOADERS, crosswalks=readers)
    assert report.errors == ()
    plants = terminology.open(tmp_path / "store")[PLANTS.name]
    became = {code: plants.migrate(code, "2016", "2017") for code in ("PA", "PB")}
    assert {"PA": ("PD",), "PB": ("PC",)} == {code: found.codes for code, found in became.items()}
    assert "own_map Mine 2024" == became["PA"].alternatives[0].path[0].crosswalk
    assert (("PD",), ("PC",)) == (plants.history("PA").successors, plants.history("PB").successors)
    assert ("PA",) == plants.migrate("PD", "2017", "2016").codes
    assert ("PA", "PB") == plants.migrate("PC", "2017", "2016").codes


def test_withdrawal_names_one_map(tmp_path: Path) -> None:
    """Where two maps have a version, the reader's name does not say which; what the map calls itself does."""
    store = tmp_path / "store"
    loaded(tmp_path, a_csv=own_map("Clinic North", "pain,balm"), b_csv=own_map("Clinic South", "pain,oil"))
    with pytest.raises(
        UnknownCrosswalkError, match="several crosswalks are own_map 2024, name one: own_map Clinic North"
    ):
        withdraw_crosswalk("own_map", "2024", store=store)
    (gone,) = withdraw_crosswalk("Clinic South", "2024", store=store)
    assert ("Clinic South", ["Clinic North"]) == (
        gone.identity,
        [one.identity for one in terminology.open(store).crosswalks],
    )


def test_withdrawal_names_one_reader(tmp_path: Path) -> None:
    """A map of one's own and a ConceptMap may call themselves the same: neither is withdrawn until the reader is named."""
    store, called = tmp_path / "store", "https://example.org/map"
    loaded(tmp_path, a_json=concept_map(("pain", "balm"), url=called), b_csv=own_map(called, "pain,oil"))
    with pytest.raises(UnknownCrosswalkError, match=f"several crosswalks are {called} 2024, name one: concept_map"):
        withdraw_crosswalk(called, "2024", store=store)
    (gone,) = withdraw_crosswalk(f"concept_map {called}", "2024", store=store)
    assert ("concept_map", ["own_map"]) == (gone.name, [one.name for one in terminology.open(store).crosswalks])


def test_records_of_former_versions(tmp_path: Path) -> None:
    """A record that says neither what a map is called nor whose it is can be read; what is not said is not written."""
    (found,) = loaded(tmp_path, a_csv=own_map("Clinic", "pain,balm")).crosswalks
    record = crosswalk_record(found)
    assert ("Clinic", True) == (record["identity"], record["own"])
    former = {name: value for name, value in record.items() if name not in ("identity", "own")}
    old = crosswalk_from(former)
    assert (old.identity, old.own, old.label, old.names) == ("", False, "own_map 2024", ("own_map",))
    assert former == crosswalk_record(old)
    (entry,) = read_catalog(StoreFolder(tmp_path / "store")).maps
    assert entry.key == found.key == ("own_map", "complaints", "goods", "Clinic")
