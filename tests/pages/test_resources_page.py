"""The FHIR resources of the service, as pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import terminology
from terminology.fhir import Request, Service

from .reading import Reader


def test_all_resources_of_the_service_are_listed(reader: Reader, sample_store: Path) -> None:
    """Page by page, each with a page of its own."""
    service = Service(terminology.open(sample_store))
    for kind in ("CodeSystem", "ValueSet", "ConceptMap"):
        bundle = service.answer(Request(kind, query=(("_count", "500"), ("_elements", "url")))).resource
        wanted = {f"/{kind}/{entry['resource']['id']}" for entry in bundle["entry"]}
        addresses: set[str | None] = set()
        while len(addresses) < len(wanted):
            page = reader.page("/resources", kind=kind, start=str(len(addresses)))
            listed = {link.get("href") for link in page.tree.findall(".//tbody//a")}
            assert listed
            assert not listed & addresses
            addresses |= listed
            assert f" of {bundle['total']}" in page.text or f"all {bundle['total']}" in page.text.lower()
        assert addresses == wanted


def test_resources_are_found_by_words_of_their_title(reader: Reader) -> None:
    """By the search of the service."""
    page = reader.page("/resources", q="equivalence")
    assert page.said(".//section[@id='CodeSystem']/p") == ["None"]
    assert len(page.said(".//section[@id='ConceptMap']//tbody/tr")) == 4


def test_a_code_system_says_what_it_is_and_has_its_codes(reader: Reader) -> None:
    """With links to the cards of its first day, to its tree and to its JSON."""
    page = reader.page("/CodeSystem/icd10cm-2022")
    assert page.heading == "ICD-10-CM 2022"
    assert "http://hl7.org/fhir/sid/icd-10-cm" in page.text
    assert "First 50 of 73" in page.text
    assert page.links()["A00"] == "/code/icd10cm/A00?date=2021-10-01"
    assert page.links()["tree"] == "/tree/icd10cm?date=2021-10-01"
    assert page.links(".//header")["R4"] == "/r4/CodeSystem/icd10cm-2022"
    declared = reader.page("/CodeSystem/icd10cm-2022?declared=1")
    assert declared.said(".//section[@aria-labelledby='property']//tbody/tr/th")[0] == "status"
    assert declared.links()["Its concepts"] == "/CodeSystem/icd10cm-2022"


def test_the_codes_of_a_release_are_read_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far down as near the beginning."""
    every = reader.page("/CodeSystem/icd10cm-2022").said(".//section[@aria-labelledby='content']//tbody/tr/th")
    monkeypatch.setattr("terminology.pages.resource_content.SIZE", 20)
    near = reader.page("/CodeSystem/icd10cm-2022?start=20")
    assert near.said(".//section[@aria-labelledby='content']//tbody/tr/th") == every[20:40]
    monkeypatch.setattr("terminology.pages.resource_content.NEAR", 0)
    assert reader.page("/CodeSystem/icd10cm-2022?start=20").text == near.text


def test_a_value_set_says_what_it_includes(reader: Reader) -> None:
    """That of a release has its codes; one of few codes is expanded."""
    page = reader.page("/ValueSet/icd10cm-2022-vs")
    assert "includes all codes of http://hl7.org/fhir/sid/icd-10-cm|2022" in page.text
    assert "M54.50" in page.text
    gender = reader.page("/ValueSet/administrative-gender")
    assert gender.said(".//section[@aria-labelledby='content']//tbody/tr/th") == ["male", "female", "other", "unknown"]


def test_a_concept_map_has_its_rows(reader: Reader) -> None:
    """Codes that are used together stand together; that there is nothing to map to is said."""
    page = reader.page("/ConceptMap/gems-2018-icd9cm-icd10cm")
    rows = page.said(".//section[@aria-labelledby='content']//tbody/tr")
    assert any("nothing to map to" in row for row in rows)
    assert page.links()["365.70"] == "/code/icd9cm/365.70?date=2015-09-30"
    assert "SHA-256" in page.text


def test_resources_beside_the_store_have_pages_too(sample_store: Path, tmp_path: Path) -> None:
    """They are read as they are."""
    system = {
        "resourceType": "CodeSystem",
        "id": "colours",
        "url": "http://example.org/colours",
        "status": "draft",
        "content": "complete",
        "title": "<b>Colours</b>",
        "concept": [{"code": "warm", "display": "Warm", "concept": [{"code": "red", "display": "Red"}]}],
    }
    concept_map = {
        "resourceType": "ConceptMap",
        "id": "to-pain",
        "url": "http://example.org/to-pain",
        "status": "draft",
        "group": [
            {
                "source": "http://example.org/colours",
                "target": "http://hl7.org/fhir/sid/icd-10-cm",
                "element": [
                    {"code": "red", "target": [{"code": "M54.50", "relationship": "related-to"}]},
                    {"code": "warm", "noMap": True},
                ],
            }
        ],
    }
    for one in (system, concept_map):
        (tmp_path / f"{one['id']}.json").write_text(json.dumps(one))
    reader = Reader(sample_store, resources=(tmp_path,))
    page = reader.page("/CodeSystem/colours")
    assert page.said(".//section[@aria-labelledby='content']//tbody/tr") == ["warm Warm", "red Red"]
    assert page.heading == "<b>Colours</b>"
    mapped = reader.page("/ConceptMap/to-pain")
    assert mapped.links()["M54.50"] == "/code/icd10cm/M54.50"
    assert "nothing to map to" in mapped.text


@pytest.mark.parametrize("path", ["/CodeSystem/nope", "/ValueSet/nope", "/ConceptMap/nope", "/resources?kind=Patient"])
def test_what_is_not_there_is_said_not_to_be(reader: Reader, path: str) -> None:
    """In a page."""
    assert reader.page(path).status == 404


def test_texts_of_a_licensed_system_are_left_out(reader: Reader) -> None:
    """Its codes are there."""
    page = reader.page("/CodeSystem/cpt-2025")
    assert "99990" in page.text
    assert "Invented" not in page.body


def test_a_path_is_text(reader: Reader) -> None:
    """No markup of an address is markup of the page."""
    assert "<script>alert" not in reader.page("/resources", q="<script>alert(1)</script>").body
    assert "<script>alert" not in reader.page("/CodeSystem/%3Cscript%3Ealert(1)").body


def test_the_short_name_of_a_system_leads_to_its_newest_release(reader: Reader) -> None:
    """So that its address can be written down."""
    page = reader.page("/CodeSystem/icd10cm")
    assert (page.status, page.headers["location"]) == (303, "/CodeSystem/icd10cm-2022-04")
