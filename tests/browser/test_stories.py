"""What people come for, as they do it: with a mouse, with the keyboard, in Chromium."""

from __future__ import annotations

import re
from typing import Any

from .addresses import DAY
from .conftest import Opened


def type_along(page: Any, text: str) -> None:
    """Type into the field of the search, and wait for what is found."""
    with page.expect_response(lambda answer: "q=" in answer.url):
        page.get_by_label("Words or a code").press_sequentially(text)
    page.wait_for_function("text => new URL(location).searchParams.get('q') === text", arg=text)


def test_words_are_answered_while_they_are_typed(opened: Opened) -> None:
    """Without a button; each code says in words whether it is billable, and the address is that of the answer."""
    page = opened(f"/?date={DAY}")
    type_along(page, "low back")
    first = page.locator(".hits li").first
    assert first.inner_text().startswith("M54.50 Low back pain, unspecified\nbillable")
    assert f"date={DAY}" in page.url
    assert page.title().startswith("low back: search")


def test_what_is_found_is_announced(opened: Opened) -> None:
    """To those who do not see it, by a status that is there before it is filled."""
    page = opened(f"/?date={DAY}")
    status = page.get_by_role("status").first
    assert status.inner_text() == ""
    type_along(page, "low back pain")
    assert "shown for 2022-03-01, expired codes hidden" in status.inner_text()


def test_typing_on_gives_up_what_was_asked_before(opened: Opened) -> None:
    """The answer to the last words is shown, however late the others come."""
    page = opened(f"/?date={DAY}")
    held, failed = [], []

    def hold(route: Any) -> None:
        held.append(route)

    page.on("requestfailed", lambda request: failed.append(request.url))
    early = re.compile(r"q=lo(&|$)")
    page.route(early, hold)
    with page.expect_request(early):
        page.get_by_label("Words or a code").press_sequentially("lo")
    page.get_by_label("Words or a code").press_sequentially("w back")
    page.locator(".hits li").first.wait_for()
    assert page.locator(".hits li").first.inner_text().startswith("M54.50")
    assert len(failed) == len(held) == 1


def test_another_day_is_another_answer(opened: Opened) -> None:
    """On the same page, and in all of its links."""
    page = opened(f"/?q=M54.5&date={DAY}&system=icd10cm")
    assert "header, not billable" in page.inner_text("main")
    page.get_by_label("Date of service").fill("2021-03-01")
    page.wait_for_url("**date=2021-03-01**")
    assert "M54.5 Low back pain\nbillable" in page.inner_text("main")
    links = page.locator("nav[aria-label=Pages] a").evaluate_all("all => all.map(one => one.href)")
    assert {"2021-03-01"} == {link.partition("date=")[2] for link in links}


def test_back_from_a_code_is_what_was_found(opened: Opened) -> None:
    """With the words in their field; and forward again."""
    page = opened(f"/?date={DAY}")
    type_along(page, "low back pain")
    page.locator(".hits li a").first.click()
    page.wait_for_url("**/code/icd10cm/M54.50?**")
    page.go_back()
    assert page.get_by_label("Words or a code").input_value() == "low back pain"
    assert page.locator(".hits li").first.inner_text().startswith("M54.50")
    page.go_forward()
    assert "/code/icd10cm/M54.50" in page.url


def test_a_search_without_script_is_a_form(opened: Opened) -> None:
    """The button asks."""
    page = opened(f"/?date={DAY}", java_script_enabled=False)
    page.get_by_label("Words or a code").fill("low back pain")
    page.get_by_role("button", name="Search").click()
    assert page.locator(".hits li").first.inner_text().startswith("M54.50")


def test_expired_codes_are_shown_when_asked_for(opened: Opened) -> None:
    """And say that they expired."""
    page = opened("/?q=cerliponase&date=2019-02-01&system=hcpcs")
    assert "C9014" not in page.inner_text("main")
    page.get_by_label("with expired codes").check()
    page.locator(".hits li", has_text="C9014").wait_for()
    assert "expired" in page.locator(".hits li", has_text="C9014").inner_text()


def test_from_a_header_to_its_billable_children(opened: Opened) -> None:
    """By links alone, on the day."""
    page = opened(f"/tree/icd10cm/M54?date={DAY}")
    page.get_by_role("link", name="M54.5 Low back pain").click()
    assert page.locator("main ul li", has_text="billable").count() == 3
    page.get_by_role("link", name="M54.51 Vertebrogenic low back pain").click()
    page.wait_for_url(f"**/code/icd10cm/M54.51?date={DAY}")


def test_a_permanent_link_has_the_day(opened: Opened) -> None:
    """Also where none was asked for, and it shows the same."""
    page = opened("/tree/icd10cm/M54.5")
    listed = page.locator("main ul").inner_text()
    page.get_by_role("link", name="Permanent link").click()
    page.wait_for_url("**?date=2022-09-30")
    assert page.locator("main ul").inner_text() == listed


def test_the_index_is_walked_to_a_code(opened: Opened) -> None:
    """Letter, main term, subterm, card; and a reference on the way."""
    page = opened(f"/index?date={DAY}")
    page.get_by_role("link", name="ICD-10-CM").click()
    page.get_by_role("navigation", name="Alphabetic index, by letter").get_by_role("link", name="L").click()
    page.get_by_role("link", name="Pain, low back").click()
    page.wait_for_url("**term=Pain**low%20back**")
    assert "M54.50 billable" in page.inner_text("main")
    page.get_by_role("navigation", name="Path").get_by_role("link", name="Pain").click()
    page.get_by_role("link", name="M54.2").click()
    page.wait_for_url(f"**/code/icd10cm/M54.2?date={DAY}")


def test_a_procedure_is_built(opened: Opened) -> None:
    """Axis by axis, until the code is whole; an axis can be chosen again."""
    page = opened("/pcs?date=2022-05-01")
    for choice in ("0 Medical", "F Hepatobiliary", "T Resection", "4 Gallbladder", "4 Percutaneous", "Z No", "Z No"):
        page.get_by_role("link", name=choice).click()
    assert "0FT44ZZ Resection of Gallbladder, Percutaneous Endoscopic Approach billable" in page.inner_text("main")
    page.get_by_role("link", name="change Approach, character 5").click()
    assert page.get_by_role("link", name="0 Open").is_visible()


def test_the_request_behind_a_page_is_copied(opened: Opened, served: str) -> None:
    """And answers."""
    page = opened(f"/tree/icd10cm/M54.5?date={DAY}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("FHIR request behind this page").click()
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{served}/r4/CodeSystem/$lookup?")
    answer = page.request.get(copied)
    assert (answer.status, answer.json()["resourceType"]) == (200, "Parameters")


def test_all_is_reached_by_keyboard(opened: Opened) -> None:
    """The way past the links, the field, what is found; and where the focus is can be seen."""
    page = opened(f"/?date={DAY}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    reached = _tabbed_to(page, "document.activeElement.id === 'q'")
    assert reached["outline"] != "none"
    with page.expect_response("**q=low**"):
        page.keyboard.type("low back pain")
    page.locator(".hits li").first.wait_for()
    reached = _tabbed_to(page, "document.activeElement.closest('.hits li')")
    assert reached["text"].startswith("M54.50")
    assert reached["outline"] != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/icd10cm/M54.50?**")


def _tabbed_to(page: Any, condition: str) -> dict[str, str]:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"Boolean({condition})"):
            return page.evaluate(
                "({text: document.activeElement.textContent, outline: getComputedStyle(document.activeElement).outlineStyle})"
            )
    raise AssertionError(f"thirty tabs did not reach {condition}")


def test_a_list_is_pasted(opened: Opened) -> None:
    """Each code with its status on the day, in words."""
    page = opened(f"/list?date={DAY}")
    page.locator("textarea").first.fill("M54.5\nM54.50\nZZZ")
    page.locator("form", has=page.locator("textarea")).get_by_role("button").first.click()
    said = page.inner_text("main")
    assert all(words in said for words in ("M54.50", "billable", "header"))


def test_what_is_loaded(opened: Opened) -> None:
    """Each code system with its releases."""
    page = opened("/loaded")
    said = page.inner_text("main")
    assert all(words in said for words in ("ICD-10-CM", "2022-04", "HCPCS"))


def test_the_card_of_a_header_leads_to_what_can_be_submitted(opened: Opened) -> None:
    """Status in words, and the billable codes below it."""
    page = opened(f"/code/icd10cm/M54.5?date={DAY}")
    assert page.locator(".verdict").inner_text().startswith("Header, not billable")
    page.get_by_role("link", name="M54.51").first.click()
    page.wait_for_url(f"**/code/icd10cm/M54.51?date={DAY}")
    assert page.locator(".verdict").inner_text().startswith("Billable")


def test_the_timeline_is_a_picture_with_its_words_and_its_table(opened: Opened) -> None:
    """For those who see it, those who do not, and those who want the days."""
    page = opened(f"/code/icd10cm/M54.50?date={DAY}")
    picture = page.get_by_role("img", name="M54.5 became a header; below it is M54.50")
    assert picture.is_visible()
    bars = picture.locator("rect").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert bars
    assert all(width > 0 for width in bars)
    table = page.get_by_role("region", name="The timeline as a table")
    assert "2021-10-01" in table.inner_text()
    table.get_by_role("link", name="M54.5").first.click()
    page.wait_for_url(f"**/code/icd10cm/M54.5?date={DAY}")


def test_a_damaged_code_is_repaired_by_a_link(opened: Opened) -> None:
    """With the name of what was wrong with it."""
    page = opened(f"/code/icd10cm/M54.50A?date={DAY}")
    assert "without the seventh character" in page.inner_text("main")
    page.get_by_role("link", name="M54.50 Low back pain").click()
    page.wait_for_url(f"**/code/icd10cm/M54.50?date={DAY}")


def test_the_card_has_a_link_that_stays_and_a_request_to_copy(opened: Opened) -> None:
    """The auditor's and the developer's."""
    page = opened("/code/icd10cm/M54.50")
    shown = page.locator(".verdict").inner_text()
    page.get_by_role("link", name="/code/icd10cm/M54.50?date=2022-09-30").click()
    page.wait_for_url("**?date=2022-09-30")
    assert page.locator(".verdict").inner_text() == shown
    page.get_by_text("FHIR request behind this page").click()
    assert page.get_by_role("link", name="GET /r4/CodeSystem/$lookup").is_visible()


def test_two_releases_are_compared_filtered_and_downloaded(opened: Opened) -> None:
    """By the form; the file is a CSV."""
    page = opened(f"/compare/icd10cm?date={DAY}")
    page.get_by_label("From release").select_option("2021")
    page.get_by_label("To release").select_option("2022")
    page.get_by_label("Only rows with").fill("low back")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**from=2021**")
    assert "M54.51" in page.inner_text("main")
    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV").first.click()
    assert loading.value.suggested_filename.endswith(".csv")


def test_a_checked_list_is_downloaded(opened: Opened) -> None:
    """With the same form."""
    page = opened(f"/list?date={DAY}")
    page.locator("textarea").fill("M54.5\nM54.50")
    with page.expect_download() as loading:
        page.get_by_role("button", name="Download as CSV").click()
    assert "M54.50" in loading.value.path().read_text(encoding="utf-8-sig")


def test_services_have_their_own_days(opened: Opened) -> None:
    """HCPCS: a code that ended says so on the day after, and what it was replaced by."""
    page = opened("/code/hcpcs/C9014?date=2018-12-31")
    assert page.locator(".verdict").inner_text().startswith("Billable")
    page.get_by_label("Date of service").fill("2019-01-01")
    page.get_by_role("button", name="Show this day").click()
    page.wait_for_url("**date=2019-01-01")
    assert page.locator(".verdict").inner_text().startswith("Expired")
    assert "J0567" in page.inner_text("main")


def test_a_resource_has_a_page(opened: Opened) -> None:
    """From the list of all, with its address and both versions of FHIR."""
    page = opened("/resources")
    page.get_by_role("link", name="ICD-10-CM", exact=True).first.click()
    said = page.inner_text("main")
    assert "http://hl7.org/fhir/sid/icd-10-cm" in said


def test_the_next_code_is_searched_from_any_page(opened: Opened) -> None:
    """On the same day of service."""
    page = opened(f"/code/icd10cm/M54.5?date={DAY}")
    page.get_by_role("search", name="Search").get_by_label("Words or a code").fill("low back pain")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**date={DAY}**")
    assert page.locator(".hits li").first.inner_text().startswith("M54.50")
