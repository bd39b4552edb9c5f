"""The page of an audit: whole, escaped, and with file and line behind each finding."""

from __future__ import annotations

from typing import Any

from lxml import html

from terminology import Terminology
from terminology.claims import BadRow, Claim, Summary, audited
from terminology.reports.audit import audit_page

HOSTILE = "<script>alert(1)</script>"


def page_of(store: Terminology, *claims: dict[str, Any]) -> Any:
    """Return the page of an audit of claims, and of a row that cannot be read."""
    made = [Claim.from_dict({"service_date": "2022-03-01", **claim}, line=n) for n, claim in enumerate(claims, 2)]
    summary = Summary()
    for _ in audited([*made, BadRow("claims.csv", 9, "dx", HOSTILE)], store, summary):
        continue
    return audit_page(summary, store, f"{HOSTILE}.csv")


def test_the_page_has_rules_months_codes_and_sources(store: Terminology) -> None:
    """Each finding has its claim, its line, and the publisher's file with its line."""
    text = page_of(store, {"id": "7", "diagnoses": ["M54.5"]}, {"id": "8", "diagnoses": ["W21.89XA", "E11.9", "E11.9"]})
    page = html.fromstring(text)
    [row] = page.get_element_by_id("not_billable").findall(".//tbody/tr")
    cells = [cell.text_content() for cell in row]
    assert cells[:4] == ["M54.5", "7", "2", "2022-03-01"]
    assert cells[4].startswith("M54.5 is a header on 2022-03-01")
    assert cells[5] == "icd10cm_order_2022.txt, line 36"
    sections = {section.get("aria-labelledby") for section in page.iter("section")}
    assert {
        "rules-heading",
        "months-heading",
        "codes-heading",
        "unread-heading",
        "duplicate_diagnosis-heading",
    } <= sections
    assert {link.get("href")[1:] for link in page.iter("a")} <= {
        node.get("id") for node in page.iter() if node.get("id")
    }
    assert "None calls a claim right, and none denies one" in text
    assert "icd10cm_order_2022.txt" in page.find(".//footer").text_content()


def test_lists_are_among_the_sources(store: Terminology) -> None:
    """Each version of a list that rules asked has its days and its files, in the sources and in the foot."""
    coded = [{"code": "E11.9", "poa": "Y"}, {"code": "J12.9", "poa": ""}]
    page = html.fromstring(
        page_of(store, {"id": "1", "service_date": None, "discharge_date": "2022-03-01", "diagnoses": coded})
    )
    [row] = page.get_element_by_id("poa_missing").findall(".//tbody/tr")
    assert row[5].text_content() == "POAexemptCodesFY22.txt"
    footer = page.find(".//footer")
    said = [text.text_content() for text in footer.findall(".//p")]
    assert "Exempt from POA reporting: FY2022, in force from 2021-10-01 through 2022-09-30" in said
    assert {"Medicare Code Editor: v39", "MS-DRG CC and MCC list: v39", "MS-DRG CC exclusions: v39"} <= {
        text.partition(",")[0] for text in said
    }
    [file] = [row for row in footer.findall(".//tbody/tr") if row[0].text_content() == "POAexemptCodesFY22.txt"]
    assert len(file[2].text_content()) == 64
    assert any(
        item.text_content().startswith(f"poa_exempt FY2022: POAexemptCodesFY22.txt {file[2].text_content()[:12]}")
        for item in footer.findall(".//li")
    )


def test_texts_of_claims_are_escaped(store: Terminology) -> None:
    """Whatever a file has is text."""
    text = page_of(store, {"id": HOSTILE, "diagnoses": [HOSTILE]})
    assert "<script>alert" not in text
    assert len(html.fromstring(text).findall(".//script")) == 1


def test_a_page_without_findings(store: Terminology) -> None:
    """It says by what nothing was found, and still what was not checked."""
    page = html.fromstring(page_of(store, {"id": "1", "diagnoses": ["E11.9", "F32.0"], "service_date": "2022-05-01"}))
    assert "came without notes" in page.text_content()
    assert "nothing was found by these rules, with these versions" in page.text_content()
