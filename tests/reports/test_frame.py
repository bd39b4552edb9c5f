"""Every report says when, with what and of what it was made, and every table and picture what it shows."""

from __future__ import annotations

import datetime
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from lxml import html

import terminology
from terminology import Terminology
from terminology.layout import page as layout
from terminology.layout.parts import Bar, Sources
from terminology.reports import difference_page

from .test_policy import KINDS

SOURCE = Path(terminology.__file__).parent
TEMPLATES = sorted(path for path in SOURCE.rglob("templates/*.html"))
RELEASES = {
    "audit": ["2022"],
    "difference": ["2021", "2022"],
    "impact": ["2021", "2022"],
    "codelist": ["2021", "2022"],
    "profile": ["2022-04"],
    "resolution": ["2022"],
    "update": ["2021", "2022", "2022-04"],
}
"""Of ICD-10-CM, of which each kind of report of the fixture is made."""


def test_every_kind_has_its_releases() -> None:
    """A new kind of report is looked at too."""
    assert set(RELEASES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_foot_says_day_tool_and_releases(pages: dict[str, str], store: Terminology, kind: str) -> None:
    """With the beginning of the checksum of a release's first file, and nothing of other releases."""
    [foot] = html.document_fromstring(pages[kind]).xpath("//footer//div[@class='made']")
    words = foot.text_content()
    assert foot.xpath(".//time/@datetime")[0] in {str(day) for day in (today(), today() - datetime.timedelta(1))}
    assert f"terminology {version('terminology-server')}" in words
    named = {release.version: release for release in store["icd10cm"].releases}
    listed = dict(item.text_content().split(": ", 1) for item in foot.xpath(".//li"))
    assert sorted(listed) == [f"icd10cm {label}" for label in RELEASES[kind]]
    for label in RELEASES[kind]:
        source = named[label].sources[0]
        assert f"{source.file.rpartition('!')[2]} {source.sha256[:12]}" in listed[f"icd10cm {label}"]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_and_pictures_have_captions(pages: dict[str, str], kind: str) -> None:
    """Each table has a caption, and each picture that is not only beside a number has one too."""
    document = html.document_fromstring(pages[kind])
    assert document.xpath("//table")
    assert [table for table in document.xpath("//table") if not caption_of(table, "caption")] == []
    pictures = document.xpath("//*[local-name()='svg'][not(ancestor::*[@aria-hidden='true'])]")
    assert [one for one in pictures if not caption_of(one.xpath("ancestor::figure")[0], "figcaption")] == []


def caption_of(element: Any, tag: str) -> str:
    """Return the words of a caption; empty where there is none."""
    return " ".join(found.text_content().strip() for found in element.xpath(f"./{tag}"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_no_template_has_a_table_without_caption(path: Path) -> None:
    """Pages of the server too."""
    text = path.read_text(encoding="utf-8")
    tables = re.findall(r"<table[^>]*>\s*(<caption>)?", text)
    assert all(tables), "a table begins with its caption"
    assert text.count("<figure") == text.count("<figcaption>")


def test_one_style_has_the_colours_and_fonts() -> None:
    """No other style sheet or template has a colour, a family of fonts, or a style of its own."""
    style = SOURCE / "layout" / "templates" / "style.css"
    others = [path for path in SOURCE.rglob("templates/*") if path.suffix in {".css", ".html"} and path != style]
    assert len(others) > 30
    own = re.compile(r"#[0-9a-f]{3,8}\b(?=[;,) ])|rgb\(|hsl\(|sans-serif|monospace", re.IGNORECASE)
    assert [path.name for path in others if own.search(path.read_text(encoding="utf-8"))] == []
    assert [path.name for path in others if "<style" in path.read_text(encoding="utf-8")] == ["base.html"]


def test_only_the_foot_changes_from_day_to_day(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """So two reports can be compared."""

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime(2031, 2, 3, tzinfo=tz)

    first = difference_page(store["icd10cm"].diff("2021", "2022"))
    monkeypatch.setattr(layout.datetime, "datetime", Later)
    second = difference_page(store["icd10cm"].diff("2021", "2022"))
    assert first != second
    assert without_foot(first) == without_foot(second)


def without_foot(page: str) -> str:
    """Return a page without the line on its making."""
    return re.sub(r"Made on <time.*?</time>", "", page)


def test_a_file_of_several_archives_is_named_once(store: Terminology) -> None:
    """Of a release with more files than the foot names, the others are counted."""
    release = store["icd10cm"].releases[1]
    [said] = layout.foot_of([Sources("a", release), Sources("b", release)]).releases
    digests = {source.sha256 for source in release.sources}
    assert len(re.findall(r"\b[0-9a-f]{12}\b", said)) == min(3, len(digests))
    assert said.endswith(f" and {len(digests) - 3} more")


@pytest.mark.parametrize(
    ("label", "title", "mark"),
    [
        ("A", "A codes: ambulance", ""),
        ("modifiers", "Modifiers: two characters", ""),
        ("1", "10 things", "1"),
        ("A", "Ambulance", "A"),
        ("5", "", "5"),
        ("2", "Neoplasms", "2"),
    ],
)
def test_a_label_is_not_said_twice(label: str, title: str, mark: str) -> None:
    """A chapter has its number and its name, once each."""
    assert Bar(label, title, ()).mark == mark


def test_bars_of_chapters_have_names(pages: dict[str, str]) -> None:
    """Not only numbers."""
    document = html.document_fromstring(pages["difference"])
    names = [item.text_content().strip() for item in document.xpath("//ul[@class='chart']//*[@class='name']")]
    assert names
    assert [name for name in names if not re.match(r"\d+ [A-Z].{9}", name)] == []


def today() -> datetime.date:
    """Return the day in UTC."""
    return datetime.datetime.now(datetime.UTC).date()
