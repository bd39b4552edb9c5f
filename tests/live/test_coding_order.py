"""Manifestations by the real tabular lists, beside the list that the Medicare Code Editor has of them."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

import terminology
from terminology import Edition

EDITOR = "mce/v36/MCE_Simple_Code_Edits_v36.txt.gz"
MANIFESTATIONS = "6"
"""Section of the editor's list: manifestation codes as principal diagnosis."""


@pytest.fixture(scope="module")
def edition(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """ICD-10-CM of fiscal year 2017: the last one before 2019 whose tabular list was kept."""
    folder = releases / "icd10cm" / "FY2017"
    if not folder.exists():
        pytest.skip("icd10cm/FY2017 is not among the release files")
    place = tmp_path_factory.mktemp("coding-order")
    terminology.load(folder, store=place)
    return terminology.open(place)["icd10cm"].release("2017")


@pytest.fixture(scope="module")
def listed(releases: Path, edition: Edition) -> frozenset[str]:
    """The manifestations of the editor of fiscal year 2019 that are codes of 2017."""
    path = releases.parent / "groupings" / EDITOR
    if not path.exists():
        pytest.skip(f"groupings/{EDITOR} does not lie beside the release files")
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        rows = [row["ICD_Code"] for row in csv.DictReader(file, delimiter="\t") if row["MCE_Section"] == MANIFESTATIONS]
    assert len(rows) == 395
    codes = map(edition.definition.official, rows)
    return frozenset(code for code in codes if code and edition.is_billable(code))


def test_every_manifestation_is_in_the_editors_list(edition: Edition, listed: frozenset[str]) -> None:
    """All 277 that title and notes make are listed; what is listed besides has only the note, but for one with only the title."""
    found = {code for code in edition if edition.is_billable(code) and edition.is_manifestation(code)}
    assert (len(listed), len(found), found <= listed) == (392, 277, True)
    others = Counter(code.split(".")[0] for code in listed - found)
    assert others == {"E08": 86, "M02": 25, "D64": 1, "D75": 1, "J84": 1, "M36": 1}
    orders = {code: edition.coding_order(code) for code in listed - found}
    assert {code for code, order in orders.items() if order and order.titled_at} == {"M36.3"}
    assert {code for code, order in orders.items() if order and not order.first} == {"M36.3"}


def test_etiologies(edition: Edition) -> None:
    """Diseases that the tabular list names before their manifestations are etiologies; others are not."""
    named = {code: edition.coding_order(code) for code in ("E85.4", "G30.9", "B20", "C50.911", "E11.9", "I10", "M54.5")}
    told = {code: sorted({note.declared_at for note in order.named_by})[:2] for code, order in named.items() if order}
    assert {code: bool(order and order.etiology) for code, order in named.items()} == {
        **dict.fromkeys(("E85.4", "G30.9", "B20", "C50.911"), True),
        **dict.fromkeys(("E11.9", "I10", "M54.5"), False),
    }
    assert (told["E85.4"], told["G30.9"]) == (["D77", "G32.8"], ["F02", "Z91.83"])
