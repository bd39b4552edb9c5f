"""Pages and tables on code lists: whole, escaped, without anything from elsewhere."""

from __future__ import annotations

import csv

import pyarrow as pa
import pytest
from lxml import html

from terminology.codelists import CodeList, impact_on_lists, impact_on_table, migration_of
from terminology.reports.code_lists import impact_csv, impact_page, migration_csv, migration_page
from terminology.reports.resolution import resolution_csv, resolution_page

HOSTILE = "name: <script>alert(1)</script> & co\nM54.5  <b>label</b>  # <i>comment</i>\nM54.*\nF32.9\nW21.89A\n"


def test_a_page_of_a_migration(cm):
    """The page has what is to decide, the changed entries, entering codes, the proposal, and the sources."""
    page = html.fromstring(migration_page(migration_of(CodeList.parse(HOSTILE), cm, "2021", "2022"), cm))

    assert ["review", "entries", "exchanged", "proposal"] == [section.get("id") for section in page.iter("section")]
    assert {"M54.5", "W21.89A"} <= {row.findtext("th") for row in page.get_element_by_id("review").iter("tr")}
    assert "icd10cm_order_2022.txt" in page.text_content()
    assert "M54.*" in page.findtext(".//pre")


@pytest.mark.parametrize("titles", [True, False])
def test_proposed_codes_have_their_titles(cm, titles):
    """Who decides sees what each proposed code means, unless titles may not be shown."""
    found = migration_of(CodeList.parse("M54.5"), cm, "2021", "2022", titles=titles)
    [_, row] = html.fromstring(migration_page(found, cm)).get_element_by_id("entries").iter("tr")

    shown = " ".join(row.xpath("td[3]")[0].text_content().split())
    assert titles == shown.startswith("M54.50 Low back pain, unspecified")
    assert titles or "M54.50M54.51M54.59" == shown


def test_texts_of_a_list_are_escaped(cm):
    """Whatever stands in a list is text in the page, and the page loads nothing."""
    lists = [CodeList.parse(HOSTILE, file="<img src=x>")]
    columns = impact_on_table(pa.table({"<dx>": ["M54.5", "<script>"]}), "<dx>", cm, "2021", "2022")
    pages = [
        migration_page(migration_of(lists[0], cm, "2021", "2022"), cm),
        impact_page(cm, impact_on_lists(lists, cm, "2021", "2022"), columns),
    ]

    for page in pages:
        tree = html.fromstring(page)
        assert "<script>alert" not in page
        assert 1 == len(tree.findall(".//script"))
        assert not tree.xpath("//*[@src] | //link | //b[text()='label'] | //i")


def test_a_resolution_as_a_table_and_a_page(cm):
    """Each code is there once, with every entry that includes it; the page has what is not in force before the codes."""
    found = CodeList.parse(HOSTILE).resolve(cm.release("2021"))
    rows = list(csv.DictReader(resolution_csv(found).splitlines()))
    assert list(found.codes) == [row["code"] for row in rows]
    assert ("billable", "true", "M54.5 | M54.*", "2 | 3") == next(
        tuple(row[name] for name in ("status", "billable", "entry", "line")) for row in rows if row["code"] == "M54.5"
    )

    page = html.fromstring(resolution_page(found, cm))
    assert ["concerns", "codes"] == [section.get("id") for section in page.iter("section")]
    assert ["W21.89A"] == page.xpath("//section[@id='concerns']//th[@scope='row']/text()")
    assert list(found.codes) == page.xpath("//section[@id='codes']//th[@scope='row']/text()")
    assert "icd10cm_order_2021.txt" in page.text_content()


def test_a_page_of_an_impact(cm):
    """The page has the lists with their verdict, a section a list to look at, and one a column."""
    lists = [CodeList.parse("is-a E11", file="a.txt"), CodeList.parse("M54.5", file="b.txt")]
    columns = impact_on_table(pa.table({"dx": ["M54.5", "?"], "y": ["E11.9"] * 2}), ["dx", "y"], cm, "2021", "2022")
    page = html.fromstring(impact_page(cm, impact_on_lists(lists, cm, "2021", "2022"), columns))

    assert ["lists", "list-1", "column-1", "column-2"] == [section.get("id") for section in page.iter("section")]
    verdicts = {row.findtext("th"): row.findtext("td") for row in page.get_element_by_id("lists").iter("tr")}
    assert ("unaffected", "to look at") == (verdicts["a"], verdicts["b"])


def test_a_page_of_columns_alone(cm):
    """Lists are not needed."""
    page = impact_page(cm, None, impact_on_table(pa.table({"dx": ["M54.5"]}), "dx", cm, "2021", "2022"))

    assert 'id="lists"' not in page
    assert "M54.51" in page


def test_tables(cm):
    """The tables have a line for each successor, and read again as CSV."""
    code_list = CodeList.parse("M54.5\nM54.*\nW21.89A", file="pain.txt")
    rows = list(csv.DictReader(migration_csv(migration_of(code_list, cm, "2021", "2022")).splitlines()))
    assert [("to_header", 3), ("unchanged", 1), ("entered", 3), ("absent", 1)] == [
        (fate, sum(row["fate"] == fate for row in rows)) for fate in dict.fromkeys(row["fate"] for row in rows)
    ]
    assert rows[0]["review"].startswith("M54.5 is now a header of M54.50")

    columns = impact_on_table(pa.table({"dx": ["M54.5"] * 2}), "dx", cm, "2021", "2022")
    rows = list(csv.DictReader(impact_csv(impact_on_lists([code_list], cm, "2021", "2022"), columns).splitlines()))
    successors = ["M54.50", "M54.51", "M54.59"]
    assert [("pain", "", code) for code in successors] + [("Table", "2", code) for code in successors] == [
        (row["source"], row["rows"], row["successor"]) for row in rows
    ]
