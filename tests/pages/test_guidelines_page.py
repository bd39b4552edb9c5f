"""Pages of the official guidelines: the outline, a section, and the links from a card."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import terminology

from .reading import Reader

pytestmark = pytest.mark.skipif(find_spec("pypdf") is None, reason="pypdf is not installed: it is the extra guidelines")

DAY = "2022-03-01"


def test_outline(reader: Reader) -> None:
    """The outline leads to sections, down to the chapters."""
    page = reader.page("/guidelines/icd10cm", date=DAY)
    assert page.heading == "ICD-10-CM Official Guidelines for Coding and Reporting"
    assert "version 2022, from 2021-10-01; 18 sections" in page.text
    links = page.links()
    assert links["I.A.2 Excludes Notes"] == f"/guidelines/icd10cm/I.A.2?date={DAY}"
    assert not any(words.startswith("I.A.2.a") for words in links)


def test_section(reader: Reader) -> None:
    """A section has its text, its page and file, what is above, below and around it."""
    page = reader.page("/guidelines/icd10cm/I.C.13.a", date=DAY)
    assert page.heading == "I.C.13.a Site"
    assert "Page 4 of 10cmguidelines-sample-FY2022.pdf; version 2022" in page.text
    assert "so that a reader has to join them." in page.text
    assert {"I.C Chapter-Specific Coding Guidelines", "I.C.13.a.1 Bone versus joint"} <= {*page.links()}


def test_other_spellings_lead_to_the_section(reader: Reader) -> None:
    """A number as it is typed leads to the address of the section."""
    page = reader.page("/guidelines/icd10cm/i.c.13.a.1)", date=DAY)
    assert (page.status, page.headers["location"]) == (303, f"/guidelines/icd10cm/I.C.13.a.1?date={DAY}")
    assert reader.page("/guidelines/icd10cm/Appendix%20I", date=DAY).heading.startswith("Appendix I ")


def test_words(reader: Reader) -> None:
    """Words find sections."""
    links = reader.page("/guidelines/icd10cm", date=DAY, q="back pain").links()
    assert "I.C.13.b Low back pain, category M54" in links


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/guidelines/icd10cm/I.Z?date=2022-03-01", "No section 'I.Z'"),
        ("/guidelines/icd10cm/I.A?date=2031-01-15", "the nearest version is 2022"),
        ("/guidelines/hcpcs", "No guidelines of HCPCS Level II"),
    ],
)
def test_absent(reader: Reader, path: str, says: str) -> None:
    """What there is not is said, with what is near."""
    page = reader.page(path)
    assert page.status == 404
    assert says in page.text


def test_a_day_that_no_version_covers(reader: Reader) -> None:
    """The outline of such a day says which version is nearest, shows none of its sections, and leads to all versions."""
    page = reader.page("/guidelines/icd10cm", date="2031-01-15")
    assert page.status == 200
    assert "the nearest version is 2022" in page.text
    assert page.links() == {
        "2021": "/guidelines/icd10cm?date=2020-10-01",
        "2022": "/guidelines/icd10cm?date=2021-10-01",
    }


def test_card(reader: Reader) -> None:
    """The card of a code leads to the sections that state it or its range; that of another day to none."""
    links = reader.page("/code/icd10cm/M54.50", date=DAY).links()
    assert links["I.C.13.b Low back pain, category M54"] == f"/guidelines/icd10cm/I.C.13.b?date={DAY}"
    assert "Official guidelines" not in reader.page("/code/icd10cm/F32.9", date="2019-03-01").text
    assert "Official guidelines" not in reader.page("/code/hcpcs/J1815", date="2019-03-01").text


def test_loaded(reader: Reader) -> None:
    """What is loaded names the documents, which lead to their outlines, and not among the code systems."""
    page = reader.page("/loaded", date=DAY)
    assert page.links()["ICD-10-CM Official Guidelines for Coding and Reporting"].startswith("/guidelines/icd10cm")


def test_menu(reader: Reader) -> None:
    """Every page leads to the outline, on its day; the outline and its sections are marked as where one is."""
    for path in ("/", "/code/icd10cm/M54.50", "/loaded"):
        assert reader.page(path, date=DAY).links(".//nav")["Guidelines"] == f"/guidelines/icd10cm?date={DAY}"
    for path in ("/guidelines/icd10cm", "/guidelines/icd10cm/I.C.13.b"):
        assert ["Guidelines"] == reader.page(path, date=DAY).said(".//nav//a[@aria-current]")


def test_without_guidelines(tmp_path: Path) -> None:
    """A store without guidelines has cards and a menu as before."""
    (tmp_path / "list.csv").write_text("#system: wards\n#version: 2024\ncode,title\nA,One\n")
    terminology.load(tmp_path / "list.csv", store=tmp_path / "store")
    reader = Reader(tmp_path / "store")
    assert "guidelines" not in reader.page("/code/wards/A").body
    assert "Documents" not in reader.page("/loaded").text
    assert "Guidelines" not in reader.page("/").links(".//nav")
