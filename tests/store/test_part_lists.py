"""The list of parts: those of code systems and of crosswalk readers are apart in memory, and one list on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from terminology.drafts import Part
from terminology.model import Origin
from terminology.store import StoreFolder
from terminology.store.archive import PartLists, part_folder, read_parts_list, write_parts_list

ROWS = Part("rows", Origin("colours.csv", "1" * 64, 10), loader="generic", format_number=2)
MAP = Part("map", Origin("shades.csv", "2" * 64, 20), loader="colours", format_number=3)
LISTS = PartLists({"colours": [ROWS]}, {"colours": [MAP]})


@pytest.fixture
def folder(tmp_path: Path) -> StoreFolder:
    """An empty store."""
    made = StoreFolder(tmp_path)
    made.compiled.mkdir()
    return made


def test_one_name_for_a_system_and_a_reader(folder: StoreFolder) -> None:
    """A code system and a crosswalk reader of one name keep their parts apart."""
    assert LISTS == read_parts_list(folder, write_parts_list(folder, LISTS))
    assert [("colours", ROWS), (None, MAP)] == list(LISTS)


def test_keys_on_the_disk(folder: StoreFolder) -> None:
    """On the disk a reader's parts, and their loader, have a prefix: stores that were written before are read."""
    digest = write_parts_list(folder, LISTS)
    stored = json.loads((folder.compiled / f"{digest}.parts").read_bytes())
    found = {key: [(part["kind"], part["loader"]) for part in parts] for key, parts in stored.items()}
    assert found == {"colours": [("rows", "generic")], "crosswalk-colours": [("map", "crosswalk-colours")]}
    assert part_folder(folder, "colours", ROWS).parent.name == "colours"
    assert part_folder(folder, None, MAP).parent.name == "crosswalk-colours"


def test_only_some_parts() -> None:
    """Parts are kept by what is asked of each, with the code system that it is of."""
    other = evolve(MAP, loader="shades")
    lists = evolve(LISTS, readers={**LISTS.readers, "shades": [other]})
    left = lists.only(lambda system, part: system is None and part.loader == "shades")
    assert [(None, other)] == list(left)
