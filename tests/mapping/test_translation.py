"""Translations between invented systems: codes younger and older than the map, and which of several maps answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

import terminology
from terminology import Terminology
from terminology.drafts import Part, Skipped
from terminology.errors import UnknownCrosswalkError
from terminology.model import Translation
from terminology.reading import ReadableFile
from terminology_crosswalks.own_map import OwnMapReader

from ..property.successions import Row, Story, SuccessionReader, day_of
from ..property.worlds import PLANTS, WorldLoader

EQUIVALENT, RELATED = "equivalent", "related-to"
NARROWER, BROADER = "source-is-narrower-than-target", "source-is-broader-than-target"
Told = Callable[..., Terminology]


class NamedReader(OwnMapReader):
    """Reads the maps whose file is named for it, so that several publications connect the same systems."""

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return the map as a part, or None for a file of another publication."""
        return super().read(file) if file.origin.name.startswith(self.name) else None


READERS = {reader.name: reader for reader in (SuccessionReader(), *map(NamedReader, ("uses", "dyes", "teas")))}


@frozen
class Map:
    """A map from plants to what they are used for, or back, made for a release of plants."""

    rows: Sequence[str]
    name: str = "uses"
    version: str = "1"
    release: int = 0
    back: bool = False

    def data(self) -> bytes:
        """Return the file."""
        source, target = ("goods", "plants") if self.back else ("plants", "goods")
        heading = [f"#crosswalk: {self.name}", f"#version: {self.version}", f"#effective: {day_of(self.release)}"]
        heading += [f"#source_system: {source}", f"#target_system: {target}", "source,target,relationship"]
        return "\n".join([*heading, *self.rows, ""]).encode()


def uses(*rows: str, **more: Any) -> Map:
    """Return a map with some rows: a plant, what it is used for, and their relationship."""
    return Map(rows, **more)


@pytest.fixture
def plants(tmp_path: Path) -> Told:
    """A function that loads releases of plants, None for a year that is missing, rows of a publication, and maps."""

    def loaded(
        releases: Sequence[str | None], rows: Sequence[Row], *maps: Map, retired: str | None = None
    ) -> Terminology:
        story = Story([dict.fromkeys((codes or "").split(), (True, "same")) for codes in releases], list(rows))
        files = story.write(tmp_path / "files")
        for number, codes in enumerate(releases):
            if codes is None:
                (files / f"{number}-plants.world").unlink()
        for made in maps:
            (files / f"{made.name}-{made.version}.csv").write_bytes(made.data())
        loaders = {PLANTS.name: WorldLoader(evolve(PLANTS, retired=retired))}
        report = terminology.load(files, store=tmp_path / "store", loaders=loaders, crosswalks=READERS)
        assert report.errors == ()
        return terminology.open(tmp_path / "store")

    return loaded


def alternatives(found: Translation) -> list[tuple[str, str, str]]:
    """Return codes, kind and relationship of each alternative."""
    return [("+".join(one.codes), one.kind, one.relationship) for one in found.alternatives]


def used(store: Terminology, code: str) -> Translation:
    """Return what a plant is used for."""
    return store.translate(code, source="plants", target="goods")


# ---- codes that the map does not hold


def test_a_younger_code_is_migrated_back_to_the_map(plants: Told) -> None:
    """A code of a later release is first migrated to the map's editions; the path has both steps, in their order."""
    row = Row(("PA",), ("PB",), 1, "deleted")
    found = used(plants(["PX PA", "PX PB"], [row], uses(f"PA,tea,{BROADER}")), "PB")
    assert alternatives(found) == [("tea", "replaced", BROADER)]
    (path,) = (one.path for one in found.alternatives)
    assert [(step.kind, step.from_codes, step.to_codes) for step in path] == [
        ("replaced", ("PB",), ("PA",)),
        ("single", ("PA",), ("tea",)),
    ]
    assert (found.reason, found.is_complete, found.path) == (None, True, ())


def test_an_older_code_is_migrated_on_to_the_map(plants: Told) -> None:
    """A code that had ended before the map's editions is first followed to them."""
    row = Row(("PA",), ("PX",), 1, "deleted")
    found = used(plants(["PX PA", "PX"], [row], uses(f"PX,tea,{EQUIVALENT}", release=1)), "PA")
    assert alternatives(found) == [("tea", "merged", NARROWER)]


def test_all_steps_of_a_migration_count_once(plants: Told) -> None:
    """Over several steps the relationship is that of all of them and of the map's row."""
    rows = [Row(("PA",), ("PX",), 1, "deleted"), Row(("PX",), ("PB",), 2, "deleted")]
    found = used(plants(["PX PA", "PX", "PB"], rows, uses(f"PB,tea,{NARROWER}", release=2)), "PA")
    assert alternatives(found) == [("tea", "merged", NARROWER)]
    assert [step.to_codes for step in found.alternatives[0].path] == [("PX",), ("PB",), ("tea",)]


def test_a_code_of_the_maps_own_editions_that_it_does_not_hold(plants: Told) -> None:
    """A code that was in force when the map was made, and is not in it, is not looked for under other codes."""
    found = used(plants(["PX PA"], [], uses(f"PA,tea,{EQUIVALENT}")), "PX")
    assert (str(found.outcome), found.reason, found.is_complete) == ("unknown", "uses 1 does not hold PX", False)


def test_a_code_that_does_not_reach_the_map(plants: Told) -> None:
    """Where a code cannot be migrated to the map's editions, both reasons are told."""
    found = used(plants(["PX", "PX PB"], [], uses(f"PX,tea,{EQUIVALENT}")), "PB")
    day = day_of(1)
    assert found.reason == (
        f"uses 1 does not hold PB; PB is new on {day}, and no loaded crosswalk says what it was before"
    )


def test_a_code_that_ended_before_the_map(plants: Told) -> None:
    """Where nothing replaced a code before the map was made, the map's silence is no word of it; the end is cited."""
    row = Row(("PA",), None, 1, "deleted")
    found = used(plants(["PX PA", "PX"], [row], uses(f"PX,tea,{EQUIVALENT}", release=1)), "PA")
    assert (str(found.outcome), found.reason) == ("unknown", "uses 1 does not hold PA")
    assert [step.kind for step in found.path] == ["none"]


def test_a_part_that_the_map_does_not_hold(plants: Told) -> None:
    """Of a code that was split, what the map holds is an alternative; what it does not is told."""
    rows = [Row(("PA",), (part,), 1, "deleted") for part in ("PB", "PC")]
    store = plants(["PX PA", "PX PB PC"], rows, uses(f"PB,tea,{EQUIVALENT}", release=1))
    found = used(store, "PA")
    assert alternatives(found) == [("tea", "split", BROADER)]
    assert (found.reason, found.is_complete) == ("uses 1 does not hold PC", False)


def test_a_part_that_is_lost_before_the_map(plants: Told) -> None:
    """Where one way of a migration is lost, the other one goes on to the map, and the loss is told."""
    rows = [Row(("PA",), (part,), 1, "deleted") for part in ("PB", "PC")]
    store = plants(["PX PA", "PX PB PC", "PX PB"], rows, uses(f"PB,tea,{EQUIVALENT}", release=2))
    found = used(store, "PA")
    assert (alternatives(found), found.is_complete) == ([("tea", "split", BROADER)], False)
    assert found.reason == (f"PC is not in force from {day_of(2)} on, and no loaded crosswalk says what replaced it")


def test_codes_used_together_that_the_map_holds(plants: Told) -> None:
    """A code that became two together leads to what both of them map to, together."""
    row = Row(("PA",), ("PB", "PC"), 1, "deleted")
    made = uses(f"PB,tea,{EQUIVALENT}", f"PC,dye,{EQUIVALENT}", release=1)
    found = used(plants(["PX PA", "PX PB PC"], [row], made), "PA")
    assert alternatives(found) == [("tea+dye", "combination", RELATED)]


def test_codes_used_together_of_which_the_map_lacks_one(plants: Told) -> None:
    """Where the map lacks one of two codes used together, the other's target is not the whole; how far it went is told."""
    row = Row(("PA",), ("PB", "PC"), 1, "deleted")
    found = used(plants(["PX PA", "PX PB PC"], [row], uses(f"PB,tea,{EQUIVALENT}", release=1)), "PA")
    assert (str(found.outcome), found.alternatives, found.reason) == ("unknown", (), "uses 1 does not hold PC")
    assert [(step.kind, step.to_codes) for step in found.path] == [("combination", ("PB", "PC"))]


# ---- the editions of the map


@pytest.mark.parametrize("release", [-3, 0, 1, 2, 3, 4, 9])
def test_a_map_of_a_year_that_no_release_covers(plants: Told, release: int) -> None:
    """A map is read with the release of its day; where none covers it, with the one that is nearest, before or after."""
    rows = [Row(("PA",), ("PB",), 4, "deleted")]
    store = plants(["PX PA", None, None, None, "PX PB"], rows, uses(f"PA,tea,{EQUIVALENT}", release=release))
    held = release < 2
    assert bool(used(store, "PB").alternatives) is held


def test_a_map_of_a_retired_system(plants: Told) -> None:
    """A map that was made after all codes had expired is read with the last release in which they were in force."""
    row, made = Row(("PA",), ("PB",), 1, "deleted"), uses("PB,tea,equivalent", release=3)
    store = plants(["PX PA", "PX PB"], [row], made, retired=day_of(2).isoformat())
    assert not store["plants"].on(day_of(3)).is_valid("PB")
    assert used(store, "PA").codes == ("tea",)


# ---- several maps


def test_the_first_map_by_name_that_covers_the_code_answers(plants: Told) -> None:
    """Maps of different publications are not mixed: the first by name that covers the code answers alone."""
    made = (uses("PB,red,equivalent", name="dyes"), uses("PA,jam,equivalent"), uses("PA,tea,equivalent", name="teas"))
    store = plants(["PX PA PB"], [], *made)
    assert [used(store, code).codes for code in ("PA", "PB")] == [("tea",), ("red",)]
    assert used(store, "PA").reason is None
    assert used(store, "PX").reason == "dyes 1 does not hold PX; teas 1 does not hold PX; uses 1 does not hold PX"


VERSIONS = (
    uses("PA,tea,equivalent"),
    uses("PA,jam,equivalent", version="2", release=1),
    uses("PA,red,equivalent", name="dyes", version="3", release=1),
)


def test_the_version_of_a_map_is_that_of_the_day(plants: Told) -> None:
    """Of several versions that of the day asked for answers, without a day the newest; a named one whatever the day."""
    store = plants(["PA", "PA"], [], *VERSIONS)
    asked = [
        store.translate("PA", source="plants", target="goods", crosswalk=name, on=day).codes
        for name, day in (
            *(("uses", None), ("uses", day_of(1)), ("uses", day_of(0))),
            *(("uses 1", day_of(1)), ("uses 2", day_of(0)), ("dyes", day_of(0))),
        )
    ]
    assert [code for (code,) in asked] == ["jam", "jam", "tea", "tea", "jam", "red"]


def test_maps_that_there_are_not(plants: Told) -> None:
    """A name or version of a map that is not loaded is an error that names those that are."""
    store = plants(["PA"], [], *VERSIONS)
    for name, inverted, message in (
        ("mine", False, "no crosswalk 'mine' from plants to goods (loaded: dyes, uses)"),
        ("uses 3", False, "no version '3' of uses (loaded: 1, 2)"),
        ("uses", True, "no crosswalk 'uses' from goods to plants (loaded: none)"),
    ):
        with pytest.raises(UnknownCrosswalkError, match=f"^{re.escape(message)}$"):
            store.translate("PA", source="plants", target="goods", crosswalk=name, inverted=inverted)


def test_maps_that_lead_nowhere(plants: Told) -> None:
    """Where no map leads between two systems that is said, and of one that leads back as well, if it was not asked for."""
    store = plants(["PA"], [], uses("tea,PA,equivalent", back=True))
    assert store.translate("PA", source="plants", target="goods", inverted=True).codes == ("tea",)
    found = store.translate("pa", source="plants", target="goods")
    assert (found.code, str(found.outcome), found.is_complete) == ("PA", "unknown", False)
    reason = "no loaded crosswalk leads from plants to goods; one leads back, and can be asked for inverted"
    assert found.reason == reason
    found = store.translate("tea", source="goods", target="plants", inverted=True)
    assert found.reason == "no loaded crosswalk leads from goods to plants"
