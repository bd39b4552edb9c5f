"""The publishers' indexes walked through: letters, main terms, subterms, references, tables."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology_loaders.icd10cm import Icd10cmLoader

from ..loaders.index_files import HEART, HEART_ROWS, index_file, sub, term
from ..release_files import order_file, written
from .reading import Reader

DAY = "2022-03-01"
NEOPLASM = index_file(
    "neoplasm",
    term("Heart", sub("muscle", cells=("I21.9", "I21.0-", "-", "-", "-", "-")), cells=("I21.9", "I21", *"----")),
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Somebody who reads a store that has a table of neoplasms."""
    place = tmp_path_factory.mktemp("tables")
    files = {"icd10cm_order_2022.txt": order_file(HEART_ROWS), "Index.xml": HEART, "Neoplasm.xml": NEOPLASM}
    terminology.load(written(place / "files", files), store=place / "store", loaders={"icd10cm": Icd10cmLoader()})
    return Reader(Path(place / "store"))


def test_systems_that_came_with_an_index(reader: Reader) -> None:
    """No others are offered."""
    assert list(reader.page("/index", date=DAY).links()) == ["ICD-10-CM", "ICD-10-PCS"]


def test_letters(reader: Reader) -> None:
    """Of each index, with the release that it is of."""
    page = reader.page("/index/icd10cm", date=DAY)
    assert page.said(".//main//h2") == ["Alphabetic index", "Index of external causes"]
    assert "Of release 2022; 11 main terms." in page.text
    assert page.links()["P"] == f"/index/icd10cm?date={DAY}&in=alphabetic&letter=P"


def test_an_index_of_another_release_says_so(reader: Reader) -> None:
    """April's release came without one."""
    page = reader.page("/index/icd10cm", date="2022-05-01", **{"in": "alphabetic"}, letter="P")
    assert "Alphabetic index of release 2022, as 2022-04 came without it." in page.text


def test_main_terms_of_a_letter(reader: Reader) -> None:
    """With modifiers, codes and their status, what they refer to, and the line of the file."""
    page = reader.page("/index/icd10cm", date=DAY, **{"in": "alphabetic"}, letter="P")
    pain, pneumonia = page.said(".//main//ul[@class='terms']/li")
    assert pain == "Pain (s) see also Dorsalgia 4 below line 93"
    assert pneumonia.startswith("Pneumonia (acute) (double) (migratory) J18.9 ")
    assert "Lines are those of icd10cm_index_2022.xml." in page.text
    assert page.links()["Pain"] == f"/index/icd10cm?date={DAY}&in=alphabetic&term=Pain"


def test_a_term_with_all_that_is_below_it(reader: Reader) -> None:
    """A code is a link to its card, with its status on the day."""
    page = reader.page("/index/icd10cm", date=DAY, **{"in": "alphabetic"}, term="Pain")
    assert page.heading == "Pain: alphabetic index"
    lines = page.said(".//main//ul[@class='terms']/li")
    assert len(lines) == 4
    assert lines[0].startswith("low back M54.50 billable")
    assert page.links()["M54.50"] == f"/code/icd10cm/M54.50?date={DAY}"


def test_the_status_is_that_of_the_day(reader: Reader) -> None:
    """The index of another release may lead to what is not in force."""
    page = reader.page("/index/icd10cm", date="2021-03-01", **{"in": "alphabetic"}, term="Pain")
    assert "low back M54.50 not yet in force" in page.text


def test_the_path_of_a_subterm(reader: Reader) -> None:
    """It leads back up."""
    page = reader.page("/index/icd10cm", date=DAY, **{"in": "alphabetic"}, term="Pain > low back")
    path = page.links(".//nav[@aria-label='Path']")
    assert list(path) == ["Indexes", "ICD-10-CM", "Alphabetic index: P", "Pain"]


def test_a_reference_leads_to_its_term(reader: Reader) -> None:
    """By its address, which sends on."""
    page = reader.page("/index/icd10cm", date=DAY, **{"in": "alphabetic"}, letter="L")
    link = page.links()["Pain, low back"]
    led = reader.page(link)
    assert (led.status, led.headers["location"]) == (
        303,
        f"/index/icd10cm?date={DAY}&in=alphabetic&term=Pain%20%3E%20low%20back",
    )


def test_a_reference_that_names_no_term_is_searched_for(reader: Reader) -> None:
    """Its words may stand elsewhere."""
    led = reader.page("/index/icd10cm", date=DAY, to="nothing like it")
    assert led.headers["location"] == f"/index/icd10cm?date={DAY}&q=nothing%20like%20it"


def test_words_are_found_in_the_index(reader: Reader) -> None:
    """With the term that referred, and the file and line of each."""
    page = reader.page("/index/icd10cm", date=DAY, q="lumbago")
    lines = page.said(".//main//ul[@class='hits']/li")
    assert lines[0].startswith("Lumbago, lumbalgia see Pain, low back icd10cm_index_2022.xml, line ")
    assert lines[1].startswith("Pain > low back M54.50 billable as Lumbago, lumbalgia says;")


def test_words_that_no_term_holds(reader: Reader) -> None:
    """The page says so; what was typed is text."""
    page = reader.page("/index/icd10cm", date=DAY, q="<b>zebra")
    assert "No term of the index holds all of these words." in page.text
    assert "<b>zebra" not in page.body


def test_codes_of_a_table_stand_in_its_columns(tables: Reader) -> None:
    """A status that is not what the code looks like is said."""
    page = tables.page("/index/icd10cm", date=DAY, **{"in": "neoplasm"}, term="Heart")
    assert page.said(".//main//thead//th") == ["Term", "Malignant Primary", "Malignant Secondary"]
    assert page.said(".//main//tbody/tr/td") == ["I21.9", "I21 header, not billable", "I21.9", "I21.0-"]
    assert "one without a word is billable on 2022-03-01" in page.text


def test_beginnings_of_procedures_lead_to_the_builder(reader: Reader) -> None:
    """They are no codes; a whole code leads to its card."""
    page = reader.page("/index/icd10pcs", date="2022-05-01", **{"in": "alphabetic"}, letter="C")
    assert page.links()["0FT4-"] == "/pcs/0FT4?date=2022-05-01"
    whole = reader.page("/index/icd10pcs", date="2022-05-01", **{"in": "alphabetic"}, term="COVID-19 Vaccine Booster")
    assert whole.links()["XW013W7"] == "/code/icd10pcs/XW013W7?date=2022-05-01"


def test_a_system_without_an_index(reader: Reader) -> None:
    """The page says what to load."""
    page = reader.page("/index/hcpcs", date="2019-02-01")
    assert "No release of hcpcs up to 2019-02-01 came with an index" in page.text


def test_terms_are_withheld_without_a_licence(reader: Reader) -> None:
    """They are texts of the publisher."""
    page = reader.page("/index/cpt", date="2025-02-01")
    assert "Texts of CPT" in page.text
    assert page.status == 200


def test_a_term_that_is_not_there(reader: Reader) -> None:
    """Not found, and text."""
    page = reader.page("/index/icd10cm", date=DAY, **{"in": "alphabetic"}, term="<i>Zebra")
    assert page.status == 404
    assert "<i>" not in page.body
