"""What all pages of lists keep to: read by anybody, with or without a picture, a mouse, a script or a large screen."""

from __future__ import annotations

import itertools
import re

import pytest

from .reading import Document, Reader

PAGES = (
    *("/compare", "/compare/icd10cm?from=2021&to=2022", "/compare/hcpcs", "/compare/icd10cm?kind=added"),
    *("/list", "/loaded", "/loaded/icd10cm", "/loaded/icd10cm/2022", "/resources", "/resources?kind=ConceptMap"),
    *(
        "/CodeSystem/icd10cm-2022",
        "/CodeSystem/icd10cm-2022?declared=1",
        "/ValueSet/icd10cm-2022-vs",
        "/ConceptMap/gems-2018-icd9cm-icd10cm",
    ),
)
LARGEST = 15_000
"""Bytes of a page without its pictures."""


@pytest.fixture(params=[*PAGES, "a list"])
def page(request: pytest.FixtureRequest, reader: Reader) -> Document:
    """Each of the pages."""
    if request.param == "a list":
        return reader.sent("/list", system="icd10cm", date="2022-03-01", codes="M54.5\nM54.50\nW21.89A\nhello")
    return reader.page(request.param)


def test_headings_follow_each_other(page: Document) -> None:
    """One of the first rank, and no rank is left out."""
    ranks = [int(one.tag[1]) for one in page.tree.iter("h1", "h2", "h3", "h4")]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(ranks))


def test_landmarks_have_names_of_their_own(page: Document) -> None:
    """So that they can be told apart, and found."""
    names = [one.get("aria-label") for one in page.tree.iter("nav", "form", "div") if one.get("aria-label")]
    names += [one.get("aria-labelledby") for one in page.tree.iter("section")]
    assert len(names) == len(set(names))
    ids = [one.get("id") for one in page.tree.iter() if isinstance(one.tag, str) and one.get("id")]
    assert len(ids) == len(set(ids))
    assert {one.get("aria-labelledby") for one in page.tree.iter("section")} <= set(ids)


def test_every_field_has_a_label(page: Document) -> None:
    """By its id, or around it."""
    labelled = {label.get("for") for label in page.tree.iter("label")}
    for field in page.tree.iter("input", "select", "textarea"):
        hidden = field.get("type") == "hidden"
        assert hidden or field.get("id") in labelled or next(field.iterancestors("label"), None) is not None


def test_nothing_stands_in_the_page_that_its_policy_forbids(page: Document) -> None:
    """No style, no script, no handler."""
    assert not page.tree.findall(".//style")
    assert all(script.get("src") for script in page.tree.iter("script"))
    for one in page.tree.iter():
        assert not [name for name in one.attrib if name == "style" or name.startswith("on")]


def test_tables_can_be_scrolled_by_keys_and_pictures_have_one(page: Document) -> None:
    """In a region with a name."""
    for table in page.tree.iter("table"):
        region = table.getparent()
        assert (region.get("class"), region.get("tabindex"), region.get("role")) == ("scroll", "0", "region")
    for picture in page.tree.iter("svg"):
        assert picture.get("aria-label")
        assert next(picture.iterancestors("section")).find(".//table") is not None


def test_pages_are_small(page: Document) -> None:
    """Without their pictures."""
    assert len(re.sub(r"<ul class=.chart.*?</ul>", "", page.body, flags=re.DOTALL)) <= LARGEST


def test_pages_lead_to_addresses_of_this_server(page: Document) -> None:
    """All links that are shown are paths."""
    assert all(link.get("href").startswith(("/", "#")) for link in page.tree.iter("a"))
