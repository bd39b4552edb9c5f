"""The first page: words or a code, on a day of service."""

from __future__ import annotations

from .reading import Reader

DAY = "2022-03-01"


def test_words_find_codes_with_their_status_in_words(reader: Reader) -> None:
    """What matched is said where it is not the title."""
    page = reader.page("/", q="low back pain", date=DAY)
    first = page.said(".//main//li")[0]
    assert first.startswith("M54.50 Low back pain, unspecified")
    assert "billable ICD-10-CM 2022" in first
    assert "index: Pain > low back" in first


def test_each_code_leads_to_its_card_on_the_same_day(reader: Reader) -> None:
    """The day is carried on."""
    links = reader.page("/", q="m5450", date=DAY).links()
    assert links["M54.50 Low back pain, unspecified"] == f"/code/icd10cm/M54.50?date={DAY}"


def test_a_code_that_is_not_billable_says_why_and_what_instead(reader: Reader) -> None:
    """A header is answered by its children."""
    page = reader.page("/", q="M54.5", date=DAY, system="icd10cm")
    assert "M54.5 header, not billable" in page.text
    assert page.links()["M54.50"] == f"/code/icd10cm/M54.50?date={DAY}"


def test_without_a_day_each_system_is_shown_on_the_last_one_that_is_covered(reader: Reader) -> None:
    """The page says so; the field for the day is in view, and empty."""
    page = reader.page("/", q="low back pain", system="icd10cm")
    assert page.tree.find(".//input[@name='date']").get("value") == ""
    assert "The newest release of ICD-10-CM, 2022-04, ends on 2022-09-30: that day is shown." in page.text
    assert page.links()["M54.50 Low back pain, unspecified"] == "/code/icd10cm/M54.50"


def test_a_day_that_no_release_covers_is_said_to_be_that(reader: Reader) -> None:
    """The codes of the nearest release are found, and none is called billable."""
    page = reader.page("/", q="low back pain", system="icd10cm", date="2030-01-01")
    assert "No release of ICD-10-CM covers 2030-01-01" in page.text
    assert "no release covers the day" in page.said(".//main//li")[0]


def test_expired_codes_are_hidden_unless_asked_for(reader: Reader) -> None:
    """The page says which it is."""
    assert "expired codes hidden" in reader.page("/", q="back pain", date=DAY).text
    assert "expired codes hidden" not in reader.page("/", q="back pain", date=DAY, expired="1").text


def test_a_day_that_is_none_is_answered_by_a_page(reader: Reader) -> None:
    """It says how to write one."""
    page = reader.page("/", q="pain", date="1.3.2022")
    assert page.status == 400
    assert "The date of service '1.3.2022' is no day" in page.text


def test_what_was_typed_is_text(reader: Reader) -> None:
    """No markup of a question is markup of the page."""
    page = reader.page("/", q="<script>alert(1)</script>", date=DAY)
    assert "<script>alert" not in page.body


def test_the_request_behind_a_search_is_that_of_the_system_of_the_best_code(reader: Reader) -> None:
    """FHIR searches in one code system at a time."""
    page = reader.page("/", q="low back pain", date=DAY)
    [link] = [one for words, one in page.links(".//footer").items() if words.startswith("GET")]
    answer = reader.page(link)
    assert '"M54.50"' in answer.body


def test_the_examples_of_the_first_page_find_something(reader: Reader) -> None:
    """Whatever is in the store."""
    links = [link for words, link in reader.page("/").links().items() if link.startswith("/?q=")]
    assert links
    assert all(reader.page(link).said(".//main//ol/li") for link in links)


def test_why_nothing_is_found_is_said_openly(reader: Reader) -> None:
    """Where no release covers the day, that is the reason."""
    notices = reader.page("/", q="xylophone", date="2031-01-01").said(".//main//p[@class='notice']")
    assert any(notice.startswith("No release of ICD-10-CM covers 2031-01-01") for notice in notices)
