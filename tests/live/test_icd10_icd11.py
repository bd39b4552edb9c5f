"""Every row of WHO's real tables between ICD-10 and ICD-11: the published code is the answer, header or not."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

import terminology
from terminology import Terminology


@pytest.fixture(scope="module")
def tables(releases: Path) -> Path:
    """The archive of the tables of April 2019."""
    found = [*releases.parent.glob("*/icd11map/2019-04/mapping.zip")]
    if not found:
        pytest.skip("needs icd11map/2019-04/mapping.zip, which is not beside the release files")
    return found[0]


@pytest.fixture(scope="module")
def who(releases: Path, tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """ICD-10 of the WHO with the tables."""
    codes = [*releases.parent.glob("*/icd10who/**/*"), *releases.parent.glob("*/icd10/**/*")]
    folder = tmp_path_factory.mktemp("who")
    report = terminology.load(tables, *(path for path in codes if path.is_file()), store=folder)
    if not any(one.release.system == "icd10" for one in report.loaded):
        pytest.skip("needs ICD-10 of the WHO, which is not beside the release files")
    return terminology.open(folder)


def published(tables: Path, name: str, source: str, target: str) -> dict[str, list[str]]:
    """Return the targets of each code in the order of the lines; blocks and what has no code are left out."""
    text = zipfile.ZipFile(tables).read(name).decode("utf-8-sig")
    head, *lines = (line.split("\t") for line in text.splitlines())
    places = [head.index(source), head.index(target)]
    found: dict[str, list[str]] = defaultdict(list)
    for cells in lines:
        code, other = (cells[place].strip() for place in places)
        if code and other and other != "No Mapping" and other not in found[code]:
            found[code].append(other)
    return found


def test_every_code_of_icd11(who: Terminology, tables: Path) -> None:
    """Each answer is the code of the row, billable or not as ICD-10 has it; headers lead on where that is asked for."""
    edition = who["icd10"].release("2019")
    headers = 0
    for code, targets in published(tables, "11To10MapToOneCategory.txt", "icd11Code", "icd10Code").items():
        found = who.translate(code, source="icd11", target="icd10")
        there = [target for target in targets if target in edition]
        assert [one.codes for one in found.alternatives] == [(target,) for target in there], code
        assert [one.billable for one in found.alternatives] == [edition.is_billable(target) for target in there], code
        if any(one.billable is False for one in found.alternatives):
            headers += 1
            asked = who.translate(code, source="icd11", target="icd10", billable=True)
            below = [other for target in there for other in edition.descendants(target) if edition.is_billable(other)]
            assert [one.codes for one in asked.alternatives] == [(other,) for other in below], code
            assert all(one.billable and one.path[-1].kind == "to_header" for one in asked.alternatives), code
    assert headers > 4_000


def test_a_header_of_icd10(who: Terminology) -> None:
    """`1A01` leads to the category `A04` itself."""
    (found,) = who.translate("1A01", source="icd11", target="icd10").alternatives
    assert (found.codes, found.kind, found.billable) == (("A04",), "single", False)
