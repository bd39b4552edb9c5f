"""Translations between invented systems: codes younger and older than the map, and which of several maps answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from terminology import Terminology
from terminology.errors import InvalidDateError, UnknownCrosswalkError
from terminology.mapping.ways import LIMIT
from terminology.model import Translation

from ..property.successions import Row, day_of
from .fakes import BROADER, EQUIVALENT, NARROWER, RELATED
from .gardens import alternatives, garden, uses

Told = Callable[..., Terminology]


@pytest.fixture
def plants(tmp_path: Path) -> Told:
    """A function that makes a store (see `garden`)."""
    return partial(garden, tmp_path)


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
    assert (found.alternatives[0].system, [step.system for step in path]) == ("goods", ["plants", "goods"])


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


def test_more_parts_than_are_listed(plants: Told) -> None:
    """Where a code was split into more parts than are followed, the answer says so, though all of them map to one code."""
    parts = [f"PA{number}" for number in range(LIMIT + 1)]
    made = uses(*(f"{part},tea,equivalent" for part in parts), release=1)
    store = plants(["PX PA", " ".join(["PX", *parts])], [Row(("PA",), (part,), 1, "deleted") for part in parts], made)
    found = used(store, "PA")
    assert (found.codes, found.is_complete) == (("tea",), False)
    assert found.reason == "there are more alternatives than the 1 that are listed"


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


def test_a_named_version_is_read_backwards(plants: Told) -> None:
    """A version that is named can be asked for inverted, as any other."""
    store = plants(["PA", "PA"], [], *VERSIONS)
    asked = {"source": "goods", "target": "plants"}
    assert store.translate("tea", **asked, crosswalk="uses 1", inverted=True).codes == ("PA",)
    assert store.translate("tea", **asked, crosswalk="uses 2", inverted=True).codes == ()


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
    store = plants(["PA"], [], uses("tea,PA,equivalent", source="goods", target="plants"))
    assert store.translate("PA", source="plants", target="goods", inverted=True).codes == ("tea",)
    found = store.translate("pa", source="plants", target="goods")
    assert (found.code, str(found.outcome), found.is_complete) == ("PA", "unknown", False)
    reason = "no loaded crosswalk leads from plants to goods; one leads back, and can be asked for inverted"
    assert found.reason == reason
    reason = "no loaded crosswalk leads from goods to plants"
    assert store.translate("tea", source="goods", target="plants", inverted=True).reason == reason
    reason = "no loaded crosswalk leads from plants to hcpcs"
    assert store.translate("PA", source="plants", target="hcpcs").reason == reason


# ---- the edition of the target


def test_what_is_reached_is_migrated_to_the_edition_asked_for(plants: Told) -> None:
    """What the map gives is carried to the newest release, or to that of the day."""
    row, made = Row(("PA",), ("PB",), 1, "deleted"), uses("tea,PA,equivalent", source="goods", target="plants")
    store = plants(["PX PA", "PX PB"], [row], made)
    asked = {"source": "goods", "target": "plants"}
    assert [store.translate("tea", **asked, on=day).codes for day in (None, day_of(0), day_of(1))] == [
        ("PB",),
        ("PA",),
        ("PB",),
    ]
    assert store.translate(" tea ", **asked).code == "tea"


def test_a_map_without_a_file_cites_the_release(plants: Told) -> None:
    """Where a map comes of no file, its answer cites the row of the code that it reached in the edition asked for."""
    found = plants(["PA", "PA"], []).translate("seed", source="packets", target="plants", on=day_of(1))
    assert (found.codes, found.alternatives[0].path[0].source) == (("PA",), None)
    assert found.source is not None
    assert (found.source.system, found.source.file) == ("plants", "1-plants.world")


def test_what_is_no_code(plants: Told) -> None:
    """A text that cannot be a code of its system, or no text, has no translation, to whichever system; it is said why."""
    store = plants(["PA"], [], uses("PA,tea,equivalent"))
    given: list[tuple[Any, str, str]] = [
        ("?", "plants", "'?' cannot be a code of plants"),
        ("?", "icd10cm", "'?' cannot be a code of icd10cm"),
        (5, "plants", "5 is no text"),
        (5, "goods", "5 is no text"),
    ]
    for code, source, reason in given:
        for target in ("plants", "goods", "icd10cm"):
            found = store.translate(code, source=source, target=target)
            assert (found.code, str(found.outcome), found.reason) == (str(code), "unknown", reason)
            assert not found.is_complete


def test_an_expression_has_no_translation(plants: Told) -> None:
    """A code with modifiers is to be translated code by code, to another system and within its own."""
    store = plants(["PA"], [])
    for target in ("plants", "cpt"):
        found = store.translate("99213:25", source="cpt", target=target)
        assert found.reason == "99213:25 is an expression of several codes: ask for each of them by itself (99213, 25)"


# ---- within a system


def test_a_system_of_which_only_a_map_is_loaded(plants: Told) -> None:
    """Where no release of a system is loaded nothing says when its codes were in force, so nothing became of them."""
    store = plants(["PA"], [], uses("tea,infusion,equivalent", source="goods", target="goods"))
    found = store.translate(" tea ", source="goods", target="goods")
    assert (found.code, str(found.outcome), found.alternatives, found.is_complete) == ("tea", "unknown", (), False)
    assert found.reason == "no release of goods is loaded: nothing says when its codes were in force"
    with pytest.raises(InvalidDateError):
        store.translate("tea", source="goods", target="goods", on="yesterday")
    found = store.translate("e119", source="icd10cm", target="icd10cm")
    assert found.code == "E11.9"
    assert found.reason == "no release of icd10cm is loaded: nothing says when its codes were in force"


def test_what_replaced_a_code_by_all_publications_or_by_one(plants: Told) -> None:
    """Within a system the first map that covers a code says what replaced it, on a day or today; or one that is named."""
    row = Row(("PA",), ("PB",), 1, "deleted")
    made = uses("PA,PC,equivalent", name="teas", release=1, target="plants")
    store = plants(["PX PA", "PX PB PC"], [row], made)
    asked = {"source": "plants", "target": "plants"}
    assert store.translate("PA", **asked, on=day_of(0)).codes == ("PA",)
    assert alternatives(store.translate("PA", **asked)) == [("PC", "replaced", EQUIVALENT)]
    assert alternatives(store.translate("PA", **asked, crosswalk="teas")) == [("PC", "replaced", EQUIVALENT)]
    assert alternatives(store.translate("PA", **asked, crosswalk="what_became")) == [("PB", "replaced", EQUIVALENT)]
    with pytest.raises(UnknownCrosswalkError, match=r"\(loaded: teas, what_became\)$"):
        store.translate("PA", **asked, crosswalk="uses")
