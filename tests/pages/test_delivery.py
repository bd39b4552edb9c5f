"""How pages come to a browser: what it may keep, what it may do with them, and what programs get instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .reading import Reader

CARD = "/code/icd10cm/M54.50?date=2022-03-01"


def test_styles_and_script_have_addresses_of_their_content(reader: Reader) -> None:
    """So they may be kept for a year."""
    page = reader.page(CARD)
    for address in re.findall(r"/assets/[^\"]+", page.body):
        asset = reader.page(address)
        assert asset.status == 200
        assert asset.headers["cache-control"] == "public, max-age=31536000"


def test_a_page_that_a_browser_has_is_not_sent_again(reader: Reader) -> None:
    """Until something is published, or the day is another."""
    page = reader.page(CARD)
    again = reader.page(CARD, accepts={"if-none-match": page.headers["etag"]})
    assert (again.status, again.body) == (304, "")


def test_a_page_of_another_address_has_another_tag(reader: Reader) -> None:
    """Parameters are a part of the address."""
    assert reader.page(CARD).headers["etag"] != reader.page(CARD.replace("03-01", "03-02")).headers["etag"]


def test_no_page_runs_or_loads_what_is_not_the_servers(reader: Reader) -> None:
    """The policy says so to the browser, and no page of ours needs more."""
    page = reader.page(CARD)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not page.tree.xpath("//*[@style or @onclick] | //script[not(@src)] | //style")


@pytest.mark.parametrize("path", ["/CodeSystem/icd10cm", "/ValueSet/x", "/ConceptMap/x"])
def test_a_program_that_leaves_out_the_version_of_fhir_is_told_the_endpoints(reader: Reader, path: str) -> None:
    """As an OperationOutcome, because there is a page for people at the same path."""
    answer = reader.page(path, accepts={"accept": "application/fhir+json"})
    assert answer.status == 404
    assert "OperationOutcome" in answer.body
    assert "/r4/metadata" in answer.body


def test_links_begin_with_the_path_that_a_proxy_puts_before(reader: Reader) -> None:
    """As the base URL says it."""
    store = Path(reader.application.state.settings.store or "")
    page = Reader(store, base_url="https://tx.example.org/codes").page(CARD)
    addresses = [one.get("href") for one in page.tree.iter("a", "link") if not one.get("href").startswith("#")]
    assert addresses
    assert all(address.startswith("/codes/") for address in addresses)
    assert {form.get("action") for form in page.tree.iter("form")} == {"/codes/", "/codes/code/icd10cm/M54.50"}


def test_a_page_is_only_read(reader: Reader) -> None:
    """Forms that change nothing may be sent where there are some."""
    assert reader.sent("/loaded", q="x").status == 405


def test_a_body_that_cannot_be_read_says_so(reader: Reader) -> None:
    """It is the client's mistake, and none of the server."""
    for encoding, status in (("gzip", 400), ("br", 415)):
        assert reader.sent("/list", {"content-encoding": encoding}, codes="E11").status == status
    assert reader.sent("/list", **{f"a{number}": "x" for number in range(1_001)}).status == 400


@pytest.mark.parametrize("path", ["/", "/loaded", "/compare/icd10cm", "/list", "/resources", "/tree/icd10cm/M54"])
def test_a_day_that_is_none_is_said_on_every_page(reader: Reader, path: str) -> None:
    """And carried on by none of its links."""
    page = reader.page(path, date="<b>garbage")
    assert page.status == 400
    assert not any("garbage" in link.get("href", "") for link in page.tree.iter("a"))


def test_what_a_path_says_is_cut(reader: Reader) -> None:
    """A page that repeats it stays small."""
    page = reader.page(f"/code/hcpcs/{'%27a' * 2_000}")
    assert page.status == 404
    assert len(page.body) < 15_000
