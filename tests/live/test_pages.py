"""Pages over the publishers' real files: combinations of maps, notes, sizes."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from terminology import Terminology

from ..pages.reading import Reader

if any(find_spec(name) is None for name in ("httptools", "orjson", "starlette", "uvicorn")):
    pytest.skip("the server's libraries are not installed", allow_module_level=True)

LARGEST = 15_000
"""Bytes of a page, without pictures."""
CODES = (
    "E11.9",
    "I21",
    "I21.9",
    "M54.5",
    "S72.0",
    "S72.001A",
    "T50.7X1A",
    "19",
    "Z79.4",
    "O24.4",
    "C50",
    "1",
)


@pytest.fixture(scope="module")
def real_reader(real_store: Terminology) -> Reader:
    """Somebody who reads pages of the real releases."""
    return Reader(real_store.path)


def test_a_combination_is_one_way_of_a_map(real_reader: Reader) -> None:
    """GEM of 2018: T50.7X1A is 970.0 or 970.1, each together with E854.3."""
    page = real_reader.page("/code/icd10cm/T50.7X1A", date="2025-05-01")
    ways = [row for row in page.said(".//section[@aria-labelledby='maps']//tbody/tr") if "combination" in row]
    assert [way.split()[0] for way in ways] == ["970.0", "970.1"]
    assert all("and E854.3" in way for way in ways)


def test_inherited_notes_link_the_codes_that_they_name(real_reader: Reader) -> None:
    """Excludes1 of E11 apply to E11.9; the codes that they name lead to their cards."""
    page = real_reader.page("/code/icd10cm/E11.9", date="2025-05-01")
    assert "Inherited from E11 Type 2 diabetes mellitus" in page.text
    assert page.links()["O24.4-"] == "/code/icd10cm/O24.4?date=2025-05-01"


def test_seventh_characters_have_their_meaning(real_reader: Reader) -> None:
    """Of all codes beside it."""
    page = real_reader.page("/code/icd10cm/S72.001A", date="2025-05-01")
    assert "A initial encounter for closed fracture" in page.said(".//section[@aria-labelledby='seventh']/dl/div")


def test_words_lead_to_the_code_of_the_day(real_reader: Reader) -> None:
    """FY2025 has I21.9, which the index of FY2017 does not know."""
    page = real_reader.page("/", q="heart attack", date="2025-05-01", system="icd10cm")
    assert page.said(".//main//ol/li")[0].startswith("I21.9 Acute myocardial infarction, unspecified")


@pytest.mark.parametrize("code", CODES)
def test_every_card_is_small(real_reader: Reader, code: str) -> None:
    """The timeline is a picture, and is not counted."""
    page = real_reader.page(f"/code/icd10cm/{code}", date="2025-05-01")
    picture = page.body[page.body.find("<svg") : page.body.find("</svg>")]
    assert page.status == 200
    assert len(page.body.encode()) - len(picture.encode()) <= LARGEST
