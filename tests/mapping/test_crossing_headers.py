"""Maps that lead to headers: what was one when the map was made is the answer, what became one since is followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import Terminology
from terminology.model import Translation

from ..property.successions import Row
from .gardens import Map, garden


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A map of goods, made for the first release of plants.

    PH is a header throughout; PT is a code and becomes a header; PG is a header and becomes a code; PO is a header
    that goes, in favour of PX.
    """
    releases = [
        "PH/ PHA PHB PT PG/ PGA PO/ POA PX",
        "PH/ PHA PHB PHC PT/ PTA PTB PG PO/ POA PX",
        "PH/ PHC PT/ PTB PG PX",
    ]
    rows = [
        Row(("PHA",), ("PHC",), 2, "deleted"),
        Row(("PHB",), ("PHC",), 2, "deleted"),
        Row(("PTA",), ("PTB",), 2, "deleted"),
        Row(("PO",), ("PX",), 2, "deleted"),
    ]
    goods = ["tea,PH,", "oil,PT,", "gum,PG,", "bark,PO,", "dye,PHA,"]
    folder = tmp_path_factory.mktemp("store")
    return garden(folder, releases, rows, Map(goods, source="goods", target="plants"))


def asked(store: Terminology, good: str, year: int, *, billable: bool = False) -> Translation:
    """Return what a good is made of, by the release of a year."""
    return store.translate(good, source="goods", target="plants", on=f"{year}-01-01", billable=billable)


def answers(found: Translation) -> list[tuple[tuple[str, ...], str, bool | None]]:
    """Return codes, kind and whether they are billable, of each alternative."""
    return [(one.codes, one.kind, one.billable) for one in found.alternatives]


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_a_header_is_the_answer(store, year) -> None:
    """What the map names is the answer, marked as not billable, on every day."""
    assert [(("PH",), "single", False)] == answers(asked(store, "tea", year))


@pytest.mark.parametrize(("year", "below"), [(2016, ["PHA", "PHB"]), (2017, ["PHA", "PHB", "PHC"]), (2018, ["PHC"])])
def test_what_is_below_is_a_further_step(store, year, below) -> None:
    """Where billable codes are asked for, the step to the header is followed by one to each code below it."""
    found = asked(store, "tea", year, billable=True)
    assert [((code,), "to_header", True) for code in below] == answers(found)
    assert [[("single", ("PH",)), ("to_header", (code,))] for code in below] == [
        [(step.kind, step.to_codes) for step in one.path] for one in found.alternatives
    ]


@pytest.mark.parametrize("billable", [True, False])
def test_what_became_a_header_since_is_followed(store, billable) -> None:
    """A code of the map that is a header on the day leads to its billable codes, with the parameter and without."""
    assert [(("PT",), "single", True)] == answers(asked(store, "oil", 2016, billable=billable))
    assert [(("PTA",), "to_header", True), (("PTB",), "to_header", True)] == answers(
        asked(store, "oil", 2017, billable=billable)
    )
    assert [(("PTB",), "to_header", True)] == answers(asked(store, "oil", 2018, billable=billable))


def test_a_header_that_may_be_submitted_since(store) -> None:
    """A header of the map that is a code on the day is that code."""
    assert [(("PG",), "single", False)] == answers(asked(store, "gum", 2016))
    assert [(("PG",), "single", True)] == answers(asked(store, "gum", 2017))


def test_a_header_that_is_gone(store) -> None:
    """A header that was deleted is followed as a code is."""
    assert [(("PO",), "single", False)] == answers(asked(store, "bark", 2017))
    assert [(("PX",), True)] == [(one.codes, one.billable) for one in asked(store, "bark", 2018).alternatives]


def test_against_the_direction_of_the_map(store) -> None:
    """What is translated back from a header is found at the header; codes below it are other codes."""
    assert ("tea",) == store.translate("PH", source="plants", target="goods", inverted=True).codes
    assert [None] == [
        one.billable for one in store.translate("PH", source="plants", target="goods", inverted=True).alternatives
    ]


def test_a_header_of_a_release(tmp_path: Path) -> None:
    """A header that is carried to another release stays one; asked for billable codes, those below it answer."""
    plants = garden(tmp_path, ["PH/ PHA PX", "PH/ PHA PHB PX"], [])["plants"]
    assert [(("PH",), "identity", False)] == answers(plants.migrate("PH", "2016", "2017"))
    below = [(("PHA",), "to_header", True), (("PHB",), "to_header", True)]
    assert below == answers(plants.migrate("PH", "2016", "2017", billable=True))
    assert below == answers(plants.became("PH", billable=True))
    assert [(("PH",), "identity", False)] == answers(plants.became("PH"))
