"""What changed between two releases, as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology.reports import difference_csv

from .reading import Reader

PAIR = "/compare/icd10cm?from=2021&to=2022"


def test_the_first_page_has_every_system_with_two_releases(reader: Reader) -> None:
    """One with a single release says so, and is no link."""
    page = reader.page("/compare")
    assert page.links()["ICD-10-CM"] == "/compare/icd10cm"
    assert "ICD-9-CM diagnoses" not in page.links()
    assert "ICD-9-CM diagnoses 1 release: nothing to compare it with" in page.text


def test_the_form_leads_to_the_comparison(reader: Reader) -> None:
    """Releases of the system that was chosen before are left out."""
    page = reader.page("/compare?from=2021&to=2022", system="icd10cm", q="pain")
    assert page.headers["location"] == "/compare/icd10cm?from=2021&to=2022&q=pain"
    elsewhere = reader.page("/compare?from=2021&to=2022", system="hcpcs")
    assert elsewhere.status == 303
    assert elsewhere.headers["location"] == "/compare/hcpcs"


def test_the_newest_two_releases_are_compared_where_none_are_named(reader: Reader) -> None:
    """The selects say which."""
    page = reader.page("/compare/icd10cm")
    assert page.heading == "ICD-10-CM: 2022 to 2022-04"
    chosen = [option.text for option in page.tree.findall(".//option[@selected]")]
    assert chosen == ["ICD-10-CM", "2022", "2022-04"]


def test_counts_and_rows_are_those_of_the_difference(reader: Reader, sample_store: Path) -> None:
    """Every number is in a tile, every code in the section of what changed about it."""
    counts = terminology.open(sample_store)["icd10cm"].diff("2021", "2022").counts()
    page = reader.page(PAIR)
    tiles = page.said(".//ul[@class='tiles']/li")
    assert tiles[0].startswith(f"{counts['added']}added")
    assert page.said(".//section[@id='added']//tbody/tr/th") == ["F32.A", "M54.50", "M54.51", "M54.59"]
    assert page.said(".//section[@id='to_header']//tbody/tr/th") == ["M54.5"]


def test_codes_lead_to_their_cards_on_the_first_day_of_the_release_after(reader: Reader) -> None:
    """There the card says what a code is now."""
    assert reader.page(PAIR).links()["M54.51"] == "/code/icd10cm/M54.51?date=2021-10-01"


def test_what_changed_in_a_title_is_marked(reader: Reader) -> None:
    """Both titles are there, and what was is deleted."""
    row = reader.page(PAIR).tree.find(".//section[@id='revised']//tbody/tr")
    assert row.find(".//del") is not None
    assert row.find(".//ins//mark") is not None


def test_the_picture_has_its_table(reader: Reader) -> None:
    """Numbers of chapters are there to be read."""
    page = reader.page(PAIR)
    [row, *_] = page.tree.findall(".//section[@aria-labelledby='chapters']//tbody/tr")
    assert [cell.text_content() for cell in row] == [
        "5 Mental, Behavioral and Neurodevelopmental disorders (F01-F99)",
        "1",
        "0",
        "1",
    ]
    assert page.tree.find(".//svg").get("aria-label") == "5: 1 added, 1 description changed"


def test_only_rows_with_words_are_shown_where_some_are_asked_for(reader: Reader) -> None:
    """In any order and case; sections without any are left out."""
    page = reader.page(PAIR, q="VERTEBROGENIC pain")
    assert page.said(".//main//tbody/tr/th") == ["M54.51"]
    assert "Only rows with VERTEBROGENIC pain" in page.text
    none = reader.page(PAIR, q="zebra")
    assert "there are none" in none.text
    assert none.status == 200


def test_one_kind_of_change_is_read_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to the next page and back is a link."""
    monkeypatch.setattr("terminology.pages.compare.SIZE", 2)
    first = reader.page(PAIR, kind="added")
    assert "First 2 of 4" in first.text
    assert first.said(".//main//tbody/tr/th") == ["F32.A", "M54.50"]
    second = reader.page(first.links()["Next of Added"])
    assert second.said(".//main//tbody/tr/th") == ["M54.51", "M54.59"]
    assert "3 to 4 of 4" in second.text
    assert second.links()["Previous of Added"] == "/compare/icd10cm?from=2021&to=2022&kind=added"


def test_many_rows_are_cut_on_the_first_page_which_leads_to_all(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there are is said."""
    monkeypatch.setattr("terminology.pages.compare.ROOM", 4)
    monkeypatch.setattr("terminology.pages.compare.LEAST", 1)
    page = reader.page(PAIR)
    assert "1 of 4" in page.text
    assert page.links()["page through all 4 of Added"] == "/compare/icd10cm?from=2021&to=2022&kind=added"


def test_the_file_for_spreadsheets_is_that_of_the_reports(reader: Reader, sample_store: Path) -> None:
    """It is kept under a name that says what it is."""
    page = reader.page(PAIR, format="csv")
    assert page.body == difference_csv(terminology.open(sample_store)["icd10cm"].diff("2021", "2022"))
    assert page.headers["content-disposition"] == 'attachment; filename="icd10cm-2021-to-2022.csv"'
    assert page.headers["content-type"] == "text/csv; charset=utf-8"


def test_the_whole_report_is_one_file(reader: Reader) -> None:
    """It holds its own style."""
    page = reader.page(PAIR, format="html")
    assert "<style>" in page.body
    assert page.headers["content-disposition"] == 'attachment; filename="icd10cm-2021-to-2022.html"'


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/compare/snomed", 404, "is not loaded"),
        ("/compare/icd10cm?from=1999", 404, "No release '1999' of icd10cm"),
        ("/compare/icd9cm", 404, "one release only"),
        ("/compare/icd10cm?from=2022&to=2022", 400, "compared with itself"),
        ("/compare/icd10cm?kind=nothing", 404, "There is no kind 'nothing'"),
        ("/compare/icd10cm?format=pdf", 400, "There is no format 'pdf'"),
    ],
)
def test_what_cannot_be_compared_says_why(reader: Reader, path: str, status: int, said: str) -> None:
    """In a page."""
    page = reader.page(path)
    assert page.status == status
    assert said in page.text


def test_texts_of_a_licensed_system_are_left_out_in_every_form(reader: Reader) -> None:
    """Its codes are there, and the page says why its titles are not; words of titles find nothing."""
    for form in ("", "csv", "html"):
        page = reader.page("/compare/cpt?from=2024&to=2025", format=form)
        assert "99992" in page.body or "99994" in page.body
        assert "nvented" not in page.body.replace("invented from", "")
    page = reader.page("/compare/cpt?from=2024&to=2025")
    assert "no licence for the texts of this code system is declared" in page.body
    assert "there are none" in reader.page("/compare/cpt?from=2024&to=2025", q="service").text


def test_texts_are_shown_under_a_declared_licence(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    page = Reader(sample_store).page("/compare/cpt?from=2024&to=2025")
    assert "Invented service" in page.body


def test_what_was_typed_is_text(reader: Reader) -> None:
    """No markup of a question is markup of the page."""
    page = reader.page(PAIR, q="<script>alert(1)</script>")
    assert "<script>alert" not in page.body
