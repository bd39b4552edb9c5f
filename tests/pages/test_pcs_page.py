"""The builder of ICD-10-PCS: character by character, by links."""

from __future__ import annotations

from .reading import Reader

DAY = "2022-05-01"


def test_the_first_axis(reader: Reader) -> None:
    """Each value is a link, with what it means."""
    page = reader.page("/pcs", date=DAY)
    assert page.links()["0 Medical and Surgical"] == f"/pcs/0?date={DAY}"
    assert "Section (character 1 of 7, 3 possible)" in page.text


def test_a_code_in_the_making(reader: Reader) -> None:
    """What is chosen can be chosen again, and what may follow is listed."""
    page = reader.page("/pcs/0FT4", date=DAY)
    assert page.said(".//main//ol/li")[-1] == "4 Body Part: Gallbladder change Body Part, character 4"
    assert page.links()["change Body Part, character 4"] == f"/pcs/0FT?date={DAY}"
    assert page.links()["4 Percutaneous Endoscopic"] == f"/pcs/0FT44?date={DAY}"


def test_a_finished_code(reader: Reader) -> None:
    """Its title, its status in words, its card."""
    page = reader.page("/pcs/0FT44ZZ", date=DAY)
    words = "0FT44ZZ Resection of Gallbladder, Percutaneous Endoscopic Approach"
    assert f"{words} billable" in page.text
    assert page.links()[words] == f"/code/icd10pcs/0FT44ZZ?date={DAY}"


def test_a_beginning_may_be_typed(reader: Reader) -> None:
    """In any case."""
    assert "Approach (character 5 of 7" in reader.page("/pcs", code="0ft4", date=DAY).text


def test_what_no_code_begins_with(reader: Reader) -> None:
    """It is said why, and the longest beginning that is right is gone on from."""
    page = reader.page("/pcs/0FX", date=DAY)
    assert "No table begins with 0FX: after 0F only B (Excision), T (Resection)." in page.text
    assert page.links()["T Resection"] == f"/pcs/0FT?date={DAY}"


def test_a_release_without_tables(reader: Reader) -> None:
    """No other release's are taken; the page leads to the days of those that have some."""
    page = reader.page("/pcs/0FT", date="2021-12-01")
    assert "The tables of icd10pcs 2022 are not known" in page.text
    assert page.links()["2022-04"] == "/pcs?date=2022-04-01"


def test_a_day_that_no_release_covers(reader: Reader) -> None:
    """The page says so."""
    page = reader.page("/pcs/0FT", date="2040-01-01")
    assert page.status == 200
    assert "No release of ICD-10-PCS covers 2040-01-01" in page.text


def test_what_was_typed_is_text(reader: Reader) -> None:
    """No markup of a question is markup of the page."""
    page = reader.page("/pcs", code="<img src=x>", date=DAY)
    assert page.status == 200
    assert "<img" not in page.body
