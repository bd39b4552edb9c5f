"""What a code maps to, as its card shows it: combinations, no map, direction."""

from __future__ import annotations

import pytest

from terminology import Alternative, Step, Terminology
from terminology.pages.asked import Asked
from terminology.pages.maps import is_mapped, row_of

from .reading import Reader

DAY = "2022-03-01"
DETAIL = {"scenario": 1, "choice_lists": [["970.0"], ["E854.3"]]}


def test_codes_that_are_used_together_are_one_row(store: Terminology) -> None:
    """With the scenario of the publisher; a code that no loaded release has is shown without title."""
    step = Step("combination", "icd9cm", ("T50.7X1A",), ("970.0", "E854.3"), None, None, "gems 2018", detail=DETAIL)
    found = Alternative(("970.0", "E854.3"), "related-to", "combination", (step,), system="icd9cm", billable=True)
    row = row_of(Asked(store), found)
    assert [target.code for target in row.targets] == ["970.0", "E854.3"]
    assert (row.kind, row.scenario, row.crosswalk) == ("combination", "scenario 1", "gems 2018")


def test_that_there_is_nothing_to_map_to_is_said(reader: Reader) -> None:
    """By the publisher; that is no gap of ours."""
    page = reader.page("/code/icd10/B20", date=DAY)
    assert "No map: the publisher says that there is nothing to map to." in page.text


def test_a_map_that_nothing_covers_is_not_known(reader: Reader) -> None:
    """That is said in other words."""
    page = reader.page("/code/icd10cm/M54.51", date=DAY)
    assert "Not known: no loaded map covers this code." in page.text


def test_a_map_leads_to_the_cards_of_its_codes(reader: Reader) -> None:
    """With file and line of the map."""
    page = reader.page("/code/icd9cm/250.00", date="2014-03-01")
    assert page.links()["E11.9"].startswith("/code/icd10cm/E11.9")
    assert "2018_I9gem.txt, line" in page.text


def test_maps_of_a_header_are_shown_where_few_codes_are_below_it(
    store: Terminology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those of all of these codes together."""
    system = store["icd10cm"]
    edition = system.on(DAY)
    assert all(is_mapped(system, edition, code) for code in ("M54.50", "M54.5"))
    monkeypatch.setattr("terminology.pages.maps.MOST_BELOW", 2)
    assert is_mapped(system, edition, "M54.50")
    assert not is_mapped(system, edition, "M54.5")
    # a day that no release covers makes no difference
    assert not is_mapped(system, system.on("2031-01-01"), "M54.5")
