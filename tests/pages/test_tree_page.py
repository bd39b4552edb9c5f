"""The hierarchy by links: roots, what is above and below a node, what is billable below it."""

from __future__ import annotations

import pytest

from .reading import Reader

DAY = "2022-03-01"


def test_each_code_system_is_a_link(reader: Reader) -> None:
    """With its release on the day."""
    page = reader.page("/tree", date=DAY)
    assert page.links()["ICD-10-CM"] == f"/tree/icd10cm?date={DAY}"
    assert f"ICD-10-CM release 2022, {DAY}" in page.text


def test_roots(reader: Reader) -> None:
    """A chapter says what it is, in words, and how many billable codes are below it."""
    page = reader.page("/tree/icd10cm", date=DAY)
    first = page.said(".//main//li")[1]
    assert first.startswith("1 Certain infectious and parasitic diseases (A00-B99) chapter, not billable,")
    assert first.endswith("billable codes below")


def test_from_a_header_to_its_billable_children(reader: Reader) -> None:
    """The children have their status; each leads to its card on the same day."""
    page = reader.page("/tree/icd10cm/M54.5", date=DAY)
    assert page.heading == "M54.5 Low back pain"
    assert "header, not billable on 2022-03-01" in page.text
    assert "M54.51 Vertebrogenic low back pain billable" in page.said(".//main//ul/li")
    assert page.links()["M54.50 Low back pain, unspecified"] == f"/code/icd10cm/M54.50?date={DAY}"


def test_what_is_above_is_a_path_of_links(reader: Reader) -> None:
    """From the choice of systems down."""
    page = reader.page("/tree/icd10cm/M54.5", date=DAY)
    path = page.links(".//nav[@aria-label='Path']")
    assert [words.split()[0] for words in path] == ["Hierarchies", "ICD-10-CM", "13", "M50-M54", "M54"]
    assert path["M54 Dorsalgia"] == f"/tree/icd10cm/M54?date={DAY}"


def test_all_that_is_billable_below_a_node(reader: Reader) -> None:
    """At any depth; the field of the day keeps the list."""
    page = reader.page("/tree/icd10cm/13", date=DAY, billable="1")
    listed = page.said(".//main//ul/li")
    assert {line.split()[-1] for line in listed} == {"billable"}
    assert f"Billable below ({len(listed)})" in page.text
    assert page.tree.find(".//form//input[@name='billable']") is not None


def test_a_spelling_of_a_code_is_that_code(reader: Reader) -> None:
    """As everywhere."""
    assert reader.page("/tree/icd10cm/m545", date=DAY).heading == "M54.5 Low back pain"


def test_the_day_decides(reader: Reader) -> None:
    """A code that became a header was billable before, with nothing below it."""
    page = reader.page("/tree/icd10cm/M54.5", date="2021-03-01")
    assert "billable on 2021-03-01" in page.text
    assert "Nothing is below it." in page.text


def test_a_code_that_is_not_in_force_has_no_place(reader: Reader) -> None:
    """It is said what it is instead."""
    page = reader.page("/tree/icd10cm/M54.50", date="2021-03-01")
    assert "not yet in force" in page.text
    assert "It has no place in the hierarchy on this day." in page.text


@pytest.mark.parametrize("path", ["/tree/icd10cm", "/tree/icd10cm/M54", "/tree/hcpcs/J1815"])
def test_a_day_that_no_release_covers(reader: Reader, path: str) -> None:
    """The page says so, and leads to the last day that is covered."""
    page = reader.page(path, date="2040-01-01")
    assert page.status == 200
    assert "covers 2040-01-01" in page.text
    assert any("date=20" in link for words, link in page.links().items() if words.startswith("Show 20"))


@pytest.mark.parametrize("path", ["/tree/icd10cm/ZZZ", "/tree/loinc", "/tree/icd10cm/%3Cb%3E"])
def test_what_is_not_there(reader: Reader, path: str) -> None:
    """Not found; what was asked for is text."""
    page = reader.page(path, date=DAY)
    assert page.status == 404
    assert "<b>" not in page.body


def test_a_prefix_of_procedures_leads_to_the_builder(reader: Reader) -> None:
    """It is no code, so it has no card."""
    page = reader.page("/tree/icd10pcs/0FT4", date="2022-05-01")
    assert "prefix, not billable" in page.text
    assert page.links()["Builder of 0FT4"] == "/pcs/0FT4?date=2022-05-01"


def test_titles_are_withheld_without_a_licence(reader: Reader) -> None:
    """Codes and their status are facts."""
    page = reader.page("/tree/cpt", date="2025-02-01")
    assert "Texts of CPT" in page.text
    assert "Invented" not in page.body
    first = page.said(".//main//ul/li")[0]
    assert first.startswith("category i group, not billable")


REQUESTED = {
    "/tree/icd10cm": "CodeSystem?url=",
    "/tree/icd10cm/M54.5": "CodeSystem/$lookup?",
    "/tree/icd10cm/13": "CodeSystem/$lookup?",
    "/tree/icd10pcs/0FT4": "ValueSet/$expand?",
    "/pcs/0FT4": "ValueSet/$expand?",
    "/pcs/0FT44ZZ": "CodeSystem/$lookup?",
}


@pytest.mark.parametrize(("path", "request_of"), REQUESTED.items())
def test_the_request_behind_a_page_is_answered(reader: Reader, path: str, request_of: str) -> None:
    """It asks FHIR for the same, on the same day."""
    page = reader.page(path, date="2022-05-01")
    [link] = [link for words, link in page.links(".//footer").items() if words.startswith("GET")]
    assert link.startswith(f"/r4/{request_of}")
    answer = reader.page(link)
    assert answer.status == 200
    assert '"OperationOutcome"' not in answer.body[:60]
    assert '"total":0' not in answer.body


@pytest.mark.parametrize("number", ["1", "0", "-1", "99", "x", "²"])
def test_a_part_that_is_none_is_no_error(reader: Reader, number: str) -> None:
    """Whatever stands in the address."""
    assert reader.page("/tree/icd10cm/M54", date=DAY, start=number).status == 200
