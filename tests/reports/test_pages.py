"""Pages: one self-contained document each, whatever the texts are."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

import terminology
from terminology.characters import HIDDEN
from terminology.differences import TABLES, Difference
from terminology.layout.page import LARGE
from terminology.layout.parts import FULL, bars
from terminology.reports import difference_csv, difference_page
from terminology.reports.flat import csv_text
from terminology.reports.rendering import report
from terminology.reports.wording import changed_words

HOSTILE = '<script>alert("x")</script> & \'"<img src=http://example.org/x>'


@pytest.fixture(scope="module")
def difference(sample_store: Path) -> Difference:
    """Fiscal year 2022 against 2021, from the samples."""
    return terminology.open(sample_store)["icd10cm"].diff("2021", "2022")


def with_values(difference: Difference, names: tuple[str, ...], value: str) -> Difference:
    """Return a difference in which a text stands in place of others, in every table."""
    import pyarrow as pa

    made = {}
    for table_name in (*TABLES, "groups", "chapters", "notes", "properties"):
        table = getattr(difference, table_name)
        for place, column in enumerate(table.schema):
            if column.name in names:
                texts = pa.array([None if v is None else value for v in table.column(place).to_pylist()], pa.string())
                table = table.set_column(place, column, texts)
        made[table_name] = table
    return evolve(difference, **made)


def longer(difference: Difference, times: int) -> Difference:
    """Return a difference with every added code many times."""
    import pyarrow as pa

    return evolve(difference, added=pa.concat_tables([difference.added] * times))


def parsed(page: str) -> Any:
    """Return the document of a page."""
    return html.document_fromstring(page)


def test_the_page_shows_every_code_in_its_section(difference: Difference) -> None:
    """Each section lists the codes of its table, in order."""
    document = parsed(difference_page(difference))
    for name in TABLES:
        shown = document.xpath(f"//section[@id='{name}']//tbody/tr/th/text()")
        assert difference.table(name).column("code").to_pylist() == shown


def test_counts_link_to_their_sections(difference: Difference) -> None:
    """A tile links to a section that is there; what is zero has no link."""
    document = parsed(difference_page(difference))
    aims = [link.get("href") for link in document.xpath("//a[contains(@class, 'tile')]")]
    assert ["#added", "#to_header", "#revised"] == aims
    assert ["4", "0", "1", "0", "2", "0", "0"] == document.xpath("//*[contains(@class, 'tile')]/b/text()")


def test_the_page_loads_nothing(difference: Difference) -> None:
    """No element points outside of the page, and neither does its style."""
    page = difference_page(difference)
    document = parsed(page)
    links = [value for name in ("src", "href", "action", "data") for value in document.xpath(f"//@{name}")]
    assert links
    assert [] == [link for link in links if not link.startswith("#")]
    assert [] == document.xpath("//link | //img | //iframe | //object | //embed | //base")
    assert not re.search(r"@import|url\(|http", " ".join(document.xpath("//style/text() | //script/text()")))


def test_the_page_says_what_it_was_made_of(difference: Difference) -> None:
    """Versions, days, files and checksums of both releases are in the page."""
    text = parsed(difference_page(difference)).text_content()
    for release in (difference.before, difference.after):
        assert str(release.effective) in text
        assert all(source.file in text and source.sha256 in text for source in release.sources)


def test_the_page_is_accessible(difference: Difference) -> None:
    """Language, headers with a scope, labelled pictures, unique ids, and labels that name what is there."""
    document = parsed(difference_page(difference))
    assert document.get("lang") == "en"
    assert len(document.xpath("//h1")) == 1
    assert document.xpath("//th")
    assert not document.xpath("//th[not(@scope)]")
    assert document.xpath("//*[local-name()='svg']")
    assert not document.xpath("//*[local-name()='svg'][not(@role='img') or not(@aria-label)]")
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(document.xpath("//@aria-labelledby | //@for")) <= set(ids)


def test_texts_are_escaped(difference: Difference) -> None:
    """A text that is markup stays a text, wherever it stands."""
    names = ("title", "title_before", "short_title", "text", "code", "parent", "chapter", "property", "kind")
    page = difference_page(with_values(difference, names, HOSTILE))
    document = parsed(page)
    assert "alert" in page
    assert 1 == len(document.xpath("//script"))
    assert not document.xpath("//img")
    assert HOSTILE in document.xpath("string(//section[@id='added']//tbody/tr/td[2])")


def test_hidden_characters_are_shown(difference: Difference) -> None:
    """Marks of direction, controls and what takes no place are written out in a page; ordinary texts are not."""
    names = ("title", "title_before", "short_title", "text", "code", "parent", "chapter", "property", "kind")
    page = difference_page(with_values(difference, names, "Ödem\u202e\x1b[2J\u200b\x9b\ufeff"))
    assert "Ödem\\u202e\\x1b[2J\\u200b\\x9b\\ufeff" in page
    assert {"\n"} == set(HIDDEN.findall(page))


def test_revised_words_are_marked(difference: Difference) -> None:
    """Of a new title the words that changed are marked, before and after."""
    [row] = parsed(difference_page(difference)).xpath("//tr[th='G71.20']")[:1]
    assert ["unspecifed"] == row.xpath(".//del/mark/text()")
    assert ["unspecified"] == row.xpath(".//ins/mark/text()")
    assert "Congenital myopathy, unspecified" == row.xpath("string(.//ins)")


def test_large_sections_are_folded(difference: Difference) -> None:
    """A section of very many rows is closed at first; all rows are there."""
    number = LARGE // difference.added.num_rows + 1
    document = parsed(difference_page(longer(difference, number)))
    [fold] = document.xpath("//section[@id='added']//details")
    assert fold.get("open") is None
    assert number * difference.added.num_rows == len(fold.xpath(".//tbody/tr"))
    [small] = document.xpath("//section[@id='revised']//details")
    assert small.get("open") is not None


def test_an_empty_difference_is_a_page(sample_store: Path) -> None:
    """Of equal releases the page says that nothing changed."""
    page = difference_page(terminology.open(sample_store)["icd10cm"].diff("2022", "2022"))
    assert "No code changed in anything that can be compared." in parsed(page).text_content()


def test_what_is_not_known_is_said(difference: Difference) -> None:
    """Unknown notes, properties of one side and borrowed places are told."""
    text = parsed(difference_page(evolve(difference, places_known=False, moved=difference.added))).text_content()
    assert "the notes of 2021 are not known" in text
    assert "seventh characters" in text
    assert "One of the releases came without its own chapters" in text


def test_the_same_difference_is_the_same_page(difference: Difference) -> None:
    """A page holds no time of its making: made again it is the same, byte for byte."""
    assert difference_page(difference) == difference_page(difference)


def test_licensed_texts_are_left_out(sample_store: Path) -> None:
    """Without a declared licence neither page nor CSV has a word of the publisher; with it they have."""
    cpt = terminology.open(sample_store, licences=())["cpt"]
    difference = cpt.diff("2024", "2025")
    for made in (difference_page, difference_csv):
        assert "Invented" not in made(difference, definition=cpt.definition).replace("INVENTED SAMPLE", "")
        assert "Invented" in made(difference, definition=cpt.definition, licences=("cpt",))


def test_a_template_without_its_values_is_an_error() -> None:
    """A value that a template needs and does not get is no blank."""
    with pytest.raises(jinja2.UndefinedError):
        report("difference.html", heading="x")


# ---- parts of pages


COUNTS = st.dictionaries(st.sampled_from(["added", "deleted", "moved"]), st.integers(0, 100_000))


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3), COUNTS), max_size=8))
def test_bars_fit(rows: list[tuple[str, str, dict[str, int]]]) -> None:
    """Bars hold every number that is not zero, its parts follow each other, and none leaves the picture."""
    labels = {"added": "added", "deleted": "deleted", "moved": "moved"}
    for bar, (_, _, numbers) in zip(bars(rows, labels), rows, strict=True):
        assert bar.total == sum(numbers.values())
        end = 0.0
        for part in bar.segments:
            assert part.number > 0
            assert part.length > 0
            assert abs(part.start - end) < 0.001
            end = part.start + part.length
        assert end <= FULL + 0.001


@given(st.text(), st.text())
def test_pieces_make_the_texts(before: str, after: str) -> None:
    """The pieces of both texts joined are the texts, and what is not marked is the same in both."""
    old, new = changed_words(before, after)
    assert (before, after) == ("".join(p.text for p in old), "".join(p.text for p in new))
    assert ["".join(p.text for p in side if not p.changed) for side in (old,)] == [
        "".join(p.text for p in side if not p.changed) for side in (new,)
    ]


@pytest.mark.parametrize(
    "sign", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A", "\u22121", "\ufe661"]
)
@pytest.mark.parametrize(
    "before",
    [
        "",
        "\t",
        " ",
        "\xa0",
        "\ufeff",
        "\u200b",
        "\u3000",
        "\u2060\u200e",
        "\xad",
        "\x00",
        "\x1f \ufeff",
        "\u2800",
        "\u200d",
    ],
)
def test_no_formula_behind_what_is_not_seen(before: str, sign: str) -> None:
    """Blanks and invisible characters before a formula, and signs of full width, do not get it past the guard."""
    [[cell]] = list(csv.reader(io.StringIO(csv_text([f"{before}{sign}"], []), newline="")))
    assert f"'{before}{sign}" == cell


@pytest.mark.parametrize("text", ["a=1", "", " a", "\ufeffa", "1-2", "\u200b", "É", "\u2013 dash", "骨", "'=1"])
def test_other_texts_in_csv_are_as_they_are(text: str) -> None:
    """What no spreadsheet would run is not changed."""
    assert [[text, "-1.5", "true"]] == list(csv.reader(io.StringIO(csv_text([text, -1.5, True], []), newline="")))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_an_end_of_line_begins_no_row(end: str) -> None:
    """A line end inside of a text is in quotes, the bare carriage return too, and one before it has an apostrophe."""
    text = csv_text(["title"], [[f"a{end}=1"], [f"{end}A"]])
    assert f'title\n"a{end}=1"\n"\'{end}A"\n' == text


def test_what_is_no_character_can_be_written() -> None:
    """Surrogates that stand alone are escapes in CSV and in pages, which are UTF-8."""
    assert b"a\\ud800\n" == csv_text(["a\ud800"], []).encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_formula_in_csv(text: str) -> None:
    """A text of a file that a spreadsheet would run has an apostrophe before it; a number has none."""
    rows = list(csv.reader(csv_text(["title", "rows"], [[text, -1]]).splitlines()))
    assert [["title", "rows"], [f"'{text}", "-1"]] == rows
