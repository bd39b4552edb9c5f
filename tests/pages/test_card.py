"""The card of a code: what it is on the day, its notes, its place, what instead, the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import Terminology

from .reading import Document, Reader

DAY = "2022-03-01"


@pytest.fixture(scope="module")
def header(reader: Reader) -> Document:
    """The card of a code that became a header."""
    return reader.page("/code/icd10cm/M54.5", date=DAY)


def test_the_status_is_in_words_with_its_reason(header: Document) -> None:
    """A sentence, and the day and release that it holds on."""
    assert header.status == 200
    assert header.heading == "M54.5 Low back pain"
    assert "header, not billable M54.5 is a header on 2022-03-01 (release 2022)" in header.text


def test_a_header_leads_to_its_billable_children_on_the_same_day(header: Document) -> None:
    """They are what can be submitted instead."""
    assert header.links()["M54.51"] == f"/code/icd10cm/M54.51?date={DAY}"
    assert "M54.51 Vertebrogenic low back pain billable below M54.5" in header.text


def test_the_day_of_service_is_in_view_and_can_be_changed(header: Document) -> None:
    """A form that leads to the same card."""
    form = header.tree.find(".//form[@class='ask']")
    assert form.get("action") == "/code/icd10cm/M54.5"
    assert form.find(".//input[@name='date']").get("value") == DAY


def test_another_day_has_another_answer(reader: Reader) -> None:
    """The same code was billable before."""
    page = reader.page("/code/icd10cm/M54.5", date="2021-09-30")
    assert "billable M54.5 is billable on 2021-09-30" in page.text
    assert "What can be submitted instead" not in page.text


def test_inherited_notes_name_where_they_are_from_and_link_the_codes_that_they_name(reader: Reader) -> None:
    """The publisher's own places, from the code upwards."""
    page = reader.page("/code/icd10cm/M54.50", date="2021-10-01")
    inherited = [line for line in page.said(".//main//h3") if line.startswith("Inherited from")]
    assert inherited
    assert "Excludes1: not coded together" in page.said(".//main//p[@class='kind']")


def test_the_source_is_a_file_and_a_line(header: Document, store: Terminology) -> None:
    """With the checksum of the file."""
    source = store["icd10cm"].on(DAY).source("M54.5")
    assert source is not None
    assert f"file {source.file}, line {source.line}" in header.text
    assert source.sha256 in header.text


def test_the_permanent_link_has_the_day_also_where_none_was_asked_for(reader: Reader) -> None:
    """It leads to the same card for ever."""
    page = reader.page("/code/icd10cm/M54.50")
    assert page.links()["/code/icd10cm/M54.50?date=2022-09-30"] == "/code/icd10cm/M54.50?date=2022-09-30"


def test_the_fhir_request_behind_the_card_is_there_to_copy(header: Document) -> None:
    """With the system, the code and the day."""
    [link] = [one for words, one in header.links(".//footer").items() if words.startswith("GET")]
    assert link.startswith("/r4/CodeSystem/$lookup?system=http%3A%2F%2Fhl7.org")
    assert link.endswith(f"code=M54.5&date={DAY}")


def test_a_text_that_is_no_code_says_why_and_what_was_meant(reader: Reader) -> None:
    """With what is wrong with it; it is not found (404)."""
    page = reader.page("/code/icd10cm/M54.50A", date=DAY)
    assert page.status == 404
    assert page.links()["M54.50 Low back pain, unspecified"] == f"/code/icd10cm/M54.50?date={DAY}"
    assert "without the seventh character, which it does not take" in page.text


def test_a_code_without_its_system_leads_to_the_one_that_has_it(reader: Reader) -> None:
    """By a redirect; also without its dot."""
    page = reader.page("/code/J1815", date="2025-01-02")
    assert (page.status, page.headers["location"]) == (303, "/code/hcpcs/J1815?date=2025-01-02")


def test_a_code_of_several_systems_is_a_choice(reader: Reader, store: Terminology) -> None:
    """Each with what it is there."""
    page = reader.page("/code/A00.0")
    having = [name for name in store.systems if store[name].latest.lookup("A00.0")]
    assert len(having) > 1
    assert page.status == 300
    assert {f"/code/{name}/A00.0" for name in having} == set(page.links().values())


def test_a_code_of_no_system_is_not_found(reader: Reader) -> None:
    """The page names what is loaded."""
    page = reader.page("/code/%3Cb%3E")
    assert page.status == 404
    assert "'<b>' is no code of what is loaded" in page.text


def test_a_system_that_is_not_loaded_is_not_found(reader: Reader) -> None:
    """The page names those that are."""
    page = reader.page("/code/icd11/1A00")
    assert page.status == 404
    assert "'icd11' is not loaded" in page.text


def test_a_day_that_no_release_covers_is_answered_in_words(reader: Reader) -> None:
    """What is known of the code stands below it."""
    page = reader.page("/code/icd10cm/M54.50", date="2031-01-01")
    assert page.status == 200
    assert "no release covers the day" in page.text
    assert "No release of ICD-10-CM covers 2031-01-01" in page.text


def test_texts_without_declared_licence_are_withheld(reader: Reader, sample_store: Path) -> None:
    """Codes and days are facts, and shown."""
    page = reader.page("/code/cpt/99991")
    assert page.heading == "99991"
    assert "declare your licence" in page.text
    assert "Invented" not in page.body


def test_an_expression_of_several_codes_has_a_card(reader: Reader) -> None:
    """Its place in the tree is that of its base code."""
    page = reader.page("/code/cpt/99991:25", date="2025-05-01")
    assert page.status == 200
    assert "99991:25 is billable on 2025-05-01" in page.text
    assert page.links()["in the tree"] == "/tree/cpt/99991?date=2025-05-01"


def test_every_page_is_small(reader: Reader) -> None:
    """Fifteen thousand bytes without pictures."""
    for code in ("M54", "M54.5", "M54.50"):
        page = reader.page(f"/code/icd10cm/{code}", date=DAY)
        assert len(page.body.encode()) <= 15_000


@pytest.mark.parametrize("day", ["0001-01-01", "0900-01-01", "9990-01-01", "9999-12-31"])
def test_any_day_that_there_is_can_be_asked_for(reader: Reader, day: str) -> None:
    """The picture is that of the code's life, and does not reach to such a day."""
    page = reader.page("/code/icd10cm/M54.5", date=day)
    assert page.status == 200
    assert "no release covers the day" in page.text
    assert page.tree.find(".//svg") is not None


def test_a_header_of_a_retired_system_is_answered_without_all_that_replaced_the_codes_below_it(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it expired, and to choose a code."""
    monkeypatch.setattr("terminology.pages.maps.MOST_BELOW", 0)
    page = reader.page("/code/icd9cm/250.0")
    assert page.status == 200
    assert "expired" in page.text
    assert "Maps lead from billable codes" in page.text
    assert "What can be submitted instead" not in page.text


def test_since_when_a_code_is_what_it_is_is_said_in_words(header: Document, reader: Reader) -> None:
    """Its last day too, and that the first one is known only as the latest that it can be."""
    assert "Header since 2021-10-01, with no end so far." in header.text
    before = reader.page("/code/icd10cm/M54.5", date="2021-09-30")
    assert (
        "Billable by 2020-10-01, through 2021-09-30: the first day may be earlier, in a release that is not loaded."
        in before.text
    )


def test_a_code_with_days_of_its_own_says_that_no_release_covers_the_day(reader: Reader) -> None:
    """So there is no link that stays: a release that is loaded later may say otherwise."""
    page = reader.page("/code/hcpcs/J1815", date="2025-12-01")
    assert "as far as the newest release says; no release covers the day" in page.text
    assert "Permanent link" not in page.text


def test_the_groups_of_a_code_are_on_its_card_with_their_roles(reader: Reader, store: Terminology) -> None:
    """By every grouping that covers the day, with version, file and line."""
    page = reader.page("/code/icd10cm/E11.22", date=DAY)
    source = store["icd10cm"].on(DAY).groups("E11.22", "ccsr_dx")[0].source
    assert source is not None
    assert "CCSR for ICD-10-CM diagnoses v2022-1 END003 Diabetes mellitus with complication default" in page.text
    assert source.place in page.text


def test_a_state_of_a_code_is_no_group(reader: Reader) -> None:
    """``XXX000`` is said in words."""
    page = reader.page("/code/icd10cm/W21.89XA", date=DAY)
    assert "unacceptable inpatient" in page.text
    assert "XXX000" not in page.text


def test_a_grouping_without_a_version_for_the_day_is_named_with_the_nearest(reader: Reader) -> None:
    """The nearest does not answer."""
    page = reader.page("/code/icd10cm/E11.22", date="2021-03-01")
    assert "No version for 2021-03-01: " in page.text
    assert "CCSR for ICD-10-CM diagnoses (nearest: v2022-1)" in page.text
    assert "END003" not in page.text
