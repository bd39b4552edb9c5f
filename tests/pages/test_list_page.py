"""A list of codes, checked on a page."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from terminology.pages.pasted_codes import MOST

from .reading import Document, Reader

DAY = "2022-03-01"


def checked(reader: Reader, codes: str, **form: str) -> Document:
    """Return the page about a list of ICD-10-CM."""
    return reader.sent("/list", **{"system": "icd10cm", "date": DAY, "codes": codes, **form})


def rows(page: Document) -> list[list[str]]:
    """Return the rows of its table."""
    return [[" ".join(cell.text_content().split()) for cell in row] for row in page.tree.findall(".//tbody/tr")]


def test_the_form_asks_for_system_day_and_codes(reader: Reader) -> None:
    """It is sent to the same path."""
    form = reader.page("/list").tree.find(".//form[@id='check']")
    assert (form.get("method"), form.get("action")) == ("post", "/list")
    assert [field.get("name") for field in form.findall(".//*[@name]")] == ["system", "date", "codes", "format"]


def test_each_code_has_its_status_in_words_its_reason_and_what_instead(reader: Reader) -> None:
    """What may not be submitted comes first."""
    page = checked(reader, "M54.50\nm545\nW21.89A")
    found = rows(page)
    assert found[0][:4] == ["m545", "2", "M54.5 Low back pain", "header, not billable"]
    assert found[0][4].endswith(
        "in force, and not valid for submission. Instead: M54.50, M54.51, M54.59 (billable below M54.5)"
    )
    assert found[1][3] == "unknown"
    assert "W21.89XA" in found[1][4]
    assert found[2] == ["M54.50", "1", "M54.50 Low back pain, unspecified", "billable", ""]
    assert page.links()["M54.51"] == f"/code/icd10cm/M54.51?date={DAY}"


def test_codes_are_counted_by_status(reader: Reader) -> None:
    """In tiles."""
    assert checked(reader, "M54.50\nm545\nW21.89A").said(".//ul[@class='tiles']/li") == [
        "3codes",
        "1billable",
        "1headers, not billable",
        "1unknown",
    ]


def test_a_day_behind_a_blank_is_the_code_s_own_too(reader: Reader) -> None:
    """Also where a time or a description follows it."""
    found = rows(checked(reader, "M54.5 2021-03-01\nM54.5 03/01/2021 Low back pain"))
    assert [row[3] for row in found] == ["billable on 2021-03-01", "billable on 2021-03-01"]


def test_a_day_beside_a_code_is_its_own(reader: Reader) -> None:
    """In either order, and as it is written in the US."""
    found = rows(checked(reader, "M54.5\t2021-03-01\n03/01/2021;M54.5\nM54.5"))
    assert [row[3] for row in found] == ["header, not billable", "billable on 2021-03-01", "billable on 2021-03-01"]


def test_headings_and_descriptions_are_passed_over_and_that_is_said(reader: Reader) -> None:
    """Whatever else is no code is told to be none."""
    page = checked(reader, "dx,description\nM54.50,Low back pain\nF32.A Depression\nhello there")
    assert [row[0] for row in rows(page)] == ["hello there", "M54.50", "F32.A"]
    assert "The first line, dx,description, names columns, and was passed over." in page.text
    assert "2 texts beside codes were taken for their descriptions" in page.text
    assert rows(page)[0][3] == "not the form of a code"


def test_the_file_has_all_codes_in_their_order(reader: Reader) -> None:
    """With reason, suggestion and what instead."""
    page = checked(reader, "M54.5\nW21.89A\nM54.50", format="csv")
    found = list(csv.DictReader(io.StringIO(page.body)))
    assert [row["given"] for row in found] == ["M54.5", "W21.89A", "M54.50"]
    assert found[0]["instead"] == "M54.50 M54.51 M54.59"
    assert found[1]["suggestion"] == "W21.89XA"
    assert found[2]["billable"] == "true"
    assert page.headers["content-disposition"] == f'attachment; filename="codes-checked-icd10cm-{DAY}.csv"'


def test_what_a_spreadsheet_would_run_is_text_in_the_file(reader: Reader) -> None:
    """A formula has an apostrophe before it."""
    page = checked(reader, '=HYPERLINK("http://example.org")\n@SUM(1)', format="csv")
    found = list(csv.DictReader(io.StringIO(page.body)))
    assert found[0]["given"].startswith("'=")
    assert found[1]["given"].startswith("'@")


def test_a_long_list_is_read_page_by_page_by_the_same_form(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buttons say where to go on."""
    monkeypatch.setattr("terminology.pages.checked_list.SIZE", 2)
    codes = "M54.50\nM54.51\nM54.59"
    first = checked(reader, codes)
    assert "First 2 of 3" in first.text
    button = first.tree.find(".//button[@name='start']")
    assert (button.get("form"), button.get("value")) == ("check", "2")
    second = checked(reader, codes, start="2")
    assert [row[0] for row in rows(second)] == ["M54.59"]
    assert second.tree.find(".//button[@name='start']").get("value") == "0"


def test_the_list_stands_in_the_form_again_as_it_was_checked(reader: Reader) -> None:
    """Line ends of browsers and characters that nobody sees change nothing when it is sent once more."""
    page = checked(reader, "M54.5\u200b\r\nM54.50")
    assert page.tree.find(".//textarea").text.strip() == "M54.5\nM54.50"
    assert [row[0] for row in rows(page)] == ["M54.5", "M54.50"]


def test_an_empty_list_is_said_to_be_one(reader: Reader) -> None:
    """Nothing else is wrong with it."""
    page = checked(reader, " \n\n")
    assert page.status == 400
    assert "There is no code in the list" in page.text


def test_too_many_codes_are_said_to_be_too_many(reader: Reader) -> None:
    """And what to do."""
    page = checked(reader, "M54.5\n" * (MOST + 1))
    assert page.status == checked(reader, "M54.5,pain," * (3 * MOST)).status == 413
    assert "more than 10,000 codes, or too much beside them: check it in parts" in page.text


def test_a_system_or_a_day_that_is_none_is_answered_by_a_page(reader: Reader) -> None:
    """It says which are there, or how to write one."""
    assert checked(reader, "M54.5", system="snomed").status == 404
    assert checked(reader, "M54.5", date="yesterday").status == 400
    assert checked(reader, "M54.5", format="pdf").status == 400


def test_a_day_that_no_release_covers_is_said_to_be_that(reader: Reader) -> None:
    """Nothing is called billable."""
    page = checked(reader, "M54.50", date="2030-01-01")
    assert "No release of ICD-10-CM covers 2030-01-01" in page.text
    assert rows(page)[0][3] == "no release covers the day"


def test_texts_of_a_licensed_system_are_withheld_in_page_and_file(reader: Reader) -> None:
    """Status and reason are there."""
    form = {"system": "cpt", "date": "2025-05-01"}
    page = checked(reader, "99990\n99998", **form)
    assert "Texts of CPT are withheld" in page.text
    assert "billable" in rows(page)[1][3]
    for made in (page.body, checked(reader, "99990\n99998", format="csv", **form).body):
        assert "Invented" not in made


def test_texts_are_shown_under_a_declared_licence(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    page = checked(Reader(sample_store), "99990", system="cpt", date="2025-05-01")
    assert "Invented service, first level" in page.text


def test_what_was_pasted_is_text(reader: Reader) -> None:
    """No markup of a list is markup of the page."""
    page = checked(reader, "</textarea><script>alert(1)</script>")
    assert "<script>alert" not in page.body
