"""Every link of every page leads to a page: the sample store is walked from the first page on."""

from __future__ import annotations

from collections import deque

import pytest

from terminology import Terminology

from .reading import Document, Reader

MOST = 700
"""Pages that are read."""
STARTS = (
    "/",
    "/?q=pain",
    "/code/icd10cm/M54.5?date=2022-03-01",
    "/code/cpt/99991",
    "/tree",
    "/index",
    "/pcs",
    "/loaded",
)


@pytest.fixture(scope="module")
def walked(reader: Reader) -> dict[str, Document]:
    """What was answered at each address, of each kind of page about as many."""
    waiting: dict[str, deque[str]] = {}
    seen: set[str] = set()

    def note(addresses: list[str]) -> None:
        for address in addresses:
            if address.startswith("/") and not address.startswith(("/r4", "/r5", "/assets")) and address not in seen:
                seen.add(address)
                waiting.setdefault(address.split("?")[0].split("/")[1], deque()).append(address)

    note([*STARTS, "/compare", "/resources"])
    found: dict[str, Document] = {}
    while len(found) < MOST and any(waiting.values()):
        for kind in [kind for kind, rest in waiting.items() if rest]:
            address = waiting[kind].popleft()
            found[address] = page = reader.page(address)
            if page.headers.get("content-type", "").startswith("text/html"):
                note([link.get("href", "") for link in page.tree.iter("a")])
            note([page.headers[name] for name in ("location",) if name in page.headers])
    return found


def test_every_link_leads_somewhere(walked: dict[str, Document]) -> None:
    """To a page, a choice, or another address."""
    assert len(walked) > MOST // 2
    assert {address: page.status for address, page in walked.items() if page.status not in (200, 300, 303)} == {}


def test_no_page_has_a_text_without_declared_licence(walked: dict[str, Document], store: Terminology) -> None:
    """Not a title of CPT, on no page at all."""
    titles = {concept.title for code in store["cpt"].latest if (concept := store["cpt"].latest.lookup(code))}
    long = [title for title in titles if len(title) > 12]
    assert long
    leaking = {address for address, page in walked.items() if any(title in page.body for title in long)}
    assert leaking == set()


def test_every_page_has_one_heading_and_the_day_of_service(walked: dict[str, Document]) -> None:
    """The day is named at the end of each; a report that is to be kept is no page of the server."""
    pages = {address: page for address, page in walked.items() if page.status == 200 and "<nav" in page.body}
    assert all(len(page.tree.findall(".//h1")) == 1 for page in pages.values())
    without = [address for address, page in pages.items() if "Date of service:" not in " ".join(page.said(".//footer"))]
    assert without == []
