"""The pictures of the documentation are those that their scripts make, and each can be read without being seen."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from .scripts import script_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SVG = "{http://www.w3.org/2000/svg}"
PICTURES = sorted(DOCS.rglob("*.svg"))
RELEASES = os.environ.get("TERMINOLOGY_RELEASES")


@pytest.fixture(scope="module")
def performance() -> ModuleType:
    """The script that draws the picture of performance."""
    return script_of("performance")


def drawn(path: Path) -> ET.Element:
    """Return a committed picture."""
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 -- our own


def test_the_pictures_of_codes_are_the_made_ones() -> None:
    """What the library answers otherwise is drawn otherwise: ``python docs/pictures.py``."""
    for name, made in script_of("pictures").files().items():
        assert made == (DOCS / name).read_text(encoding="utf-8"), name


def test_performance_is_drawn_from_its_figures(performance: ModuleType) -> None:
    """Picture and table are made of performance.json: ``python docs/performance.py``."""
    for name, made in performance.files().items():
        assert made == (DOCS / "trust" / name).read_text(encoding="utf-8"), name


def test_the_figures_are_those_of_the_results(performance: ModuleType) -> None:
    """No figure is written by hand: ``python docs/performance.py --results``."""
    kept = json.loads(performance.FIGURES.read_text(encoding="utf-8"))
    assert kept == performance.figures_of(performance.RESULTS.read_text(encoding="utf-8"))


def test_every_lost_comparison_is_stated(performance: ModuleType) -> None:
    """In the table it is bold, and the words for a screen reader name it."""
    kept = json.loads(performance.FIGURES.read_text(encoding="utf-8"))["rows"]
    lost = [row for row in kept if row["ours"] > row["peers"]]
    table = (DOCS / "trust" / "performance-figures.md").read_text(encoding="utf-8")
    words = drawn(DOCS / "trust" / "performance.svg").findtext(f"{SVG}desc") or ""
    assert lost
    assert len(re.findall(r"\*\*.* slower\*\*", table)) == len(lost)
    assert f"Ours is slower in {len(lost)}" in words
    assert words.count(" slower") == len(lost) + 1


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_described_and_follows_the_theme(path: Path) -> None:
    """It has a title and a description, and no colour that one theme alone can show."""
    picture = drawn(path)
    title, words = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert len(title.text or "") > 10
    assert len(words.text or "") > 40
    outside = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.search(r"#[0-9a-f]{3,6}\b|(fill|stroke)=", outside) is None


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_what_is_drawn_lies_in_the_picture(path: Path) -> None:
    """Boxes, marks, and words by the width that their letters have."""
    picture = drawn(path)
    width, height = (float(picture.get(side, 0)) for side in ("width", "height"))
    assert width <= 460 or "wide" in (picture.get("class") or "").split()
    for x, y, right, bottom in extents(picture):
        assert 0 <= x <= right <= width + 1
        assert 0 <= y <= bottom <= height + 1


def extents(picture: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    """Yield left, top, right and bottom of boxes and of words that are not turned."""
    for element in picture.iter():
        value = {name: float(element.get(name, 0)) for name in ("x", "y", "width", "height")}
        if element.tag == f"{SVG}rect":
            yield value["x"], value["y"], value["x"] + value["width"], value["y"] + value["height"]
        elif element.tag == f"{SVG}text" and not element.get("transform"):
            size = 11.5 if {"small", "file"} & set((element.get("class") or "").split()) else 13
            wide = len(element.text or "") * size * 0.52
            start = value["x"] - {"end": wide, "middle": wide / 2}.get(element.get("text-anchor", ""), 0)
            yield start, value["y"] - size, start + wide, value["y"]


def test_ids_differ_from_picture_to_picture() -> None:
    """Several may be written into one page."""
    found = [element.get("id") for path in PICTURES for element in drawn(path).iter() if element.get("id")]
    assert len(found) == len(set(found))


def test_every_picture_is_shown() -> None:
    """Some page has it, or the picture would be kept for nobody."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    assert [path.name for path in PICTURES if path.name not in pages] == []


@pytest.mark.live
@pytest.mark.skipif(not RELEASES, reason="TERMINOLOGY_RELEASES names no folder with the publishers' files")
def test_titles_are_those_of_the_real_release() -> None:
    """The titles that the samples lack, read again from the publisher's order file without the library."""
    kept = json.loads((DOCS / "pictures.json").read_text(encoding="utf-8"))["titles"]
    for archive in sorted(Path(str(RELEASES), "icd10cm").rglob("*.zip")):
        with zipfile.ZipFile(archive) as files:
            for name in files.namelist():
                if re.search(r"order.*2025.*\.txt$", name, re.IGNORECASE) and "addenda" not in name.lower():
                    lines = files.read(name).decode("latin-1").splitlines()
                    found = {line[6:13].strip(): line[77:].strip() for line in lines}
                    assert {code: found[code.replace(".", "")] for code in kept} == kept
                    return
    pytest.skip("no order file of 2025 is in the folder")
