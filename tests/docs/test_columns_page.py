"""The pictures and the table of the page on columns are those that the script makes, of what was measured."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

import terminology
from terminology import Terminology

from .scripts import script_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that draws the pictures."""
    return script_of("columns")


def test_the_committed_files_are_the_made_ones(script: ModuleType) -> None:
    """Who measures anew draws anew: ``python docs/columns.py``; what is drawn is XML."""
    for name, made in script.files().items():
        assert made == (script.FOLDER / name).read_text(encoding="utf-8"), name
        if name.endswith(".svg"):
            assert "svg" in ET.fromstring(made).tag  # noqa: S314 -- our own


def test_the_worked_picture_says_what_the_library_says(script: ModuleType, store: Terminology) -> None:
    """Rows and cells of the picture are answers of the sample releases."""
    codes, days = zip(*script.ROWS, strict=True)
    found = terminology.validate({"dx": codes, "day": days}, system="icd10cm", on="day", store=store)
    drawn = [script.CELLS[script.CODES[code]][script.stretch_of(day)] for code, day in script.ROWS]
    assert drawn == found.column("dx_status").to_pylist()
    for code, statuses in script.CELLS.items():
        for status, day in zip(statuses, ("2020-09-30", *script.STRETCHES[1:]), strict=True):
            assert status == store["icd10cm"].on(day).status(code)


def test_labels_and_points_lie_in_the_picture(script: ModuleType) -> None:
    """Whatever is measured: fast or slow, few rows or many."""
    lines = dict.fromkeys(script.LINES)
    for scale in (1e-4, 1.0, 50.0):
        measured = {
            "machine": ["## 2026-01-01, commit 0", "", "A machine."],
            "rows": [{"rows": rows, **dict.fromkeys(lines, rows * scale / 1e6)} for rows in (10**5, 10**6, 10**7)],
            "releases": [{"releases": n, "rows": 10**6, **dict.fromkeys(lines, scale)} for n in (3, 40)],
        }
        for picture in (script.rows_picture(measured), script.releases_picture(measured)):
            for element in ET.fromstring(picture).iter():  # noqa: S314 -- our own
                across, down = (
                    float(element.get(name, 0)) for name in (("cx", "cy"), ("x", "y"))["x" in element.attrib]
                )
                assert 0 <= across <= script.WIDTH
                assert 0 <= down <= script.HEIGHT
