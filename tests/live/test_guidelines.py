"""The publishers' guidelines of fiscal year 2020: every letter is in a section, and sections say what the pages say."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import terminology
from terminology.query.guidelines import GuidelineSections

if TYPE_CHECKING:
    from pypdf import PdfReader

FILE = "groupings/guidelines/FY2020/10cmguidelines-FY2020_final.pdf"
RUNNING = re.compile(r"\s*(ICD-10-CM Official Guidelines for Coding and Reporting|FY 2020|Page \d+ of 121)\s*")
FIRST = 8
"""Page on which Section I begins, after the table of contents."""
BY_HAND = (
    (
        "I.A.1",
        8,
        "The Alphabetic Index and Tabular List",
        "The ICD-10-CM is divided into",
        "See Section I.C.19. Adverse effects, poisoning, underdosing and toxic effects",
    ),
    ("I.A.5", 9, "7th Characters", "Certain ICD-10-CM categories have applicable 7th characters.", "empty characters."),
    ("I.A.12.a", 11, "Excludes1", "A type 1 Excludes note is a pure excludes note.", "F45.8 and G47.63 together."),
    ("I.A.15", 12, "“With”", "The word “with” or “in” should", "not in alphabetical order."),
    ("I.B.13", 17, "Laterality", "Some ICD-10-CM codes indicate laterality,", "code would still be appropriate."),
    (
        "I.B.14",
        17,
        "Documentation by Clinicians Other than the Patient's Provider",
        "Code assignment is based",
        "as secondary diagnoses.",
    ),
    (
        "I.C.1.a.2.b",
        21,
        "Patient with HIV disease admitted for unrelated condition",
        "If a patient with HIV",
        "HIV-related conditions.",
    ),
    ("I.C.1.d.1.a.ii", 24, "Urosepsis", "The term urosepsis is a nonspecific term.", "queried for clarification."),
    (
        "I.C.1.d.1.a.iv",
        24,
        "Acute organ dysfunction that is not clearly associated with the sepsis",
        "If a patient has sepsis",
        "query the provider.",
    ),
    (
        "I.C.2.c.4",
        31,
        "Treatment of a complication resulting from a surgical procedure",
        "When the admission",
        "the complication.",
    ),
    (
        "I.C.4.a.2",
        37,
        "Type of diabetes mellitus not documented",
        "If the type of diabetes",
        "Type 2 diabetes mellitus.",
    ),
    (
        "I.C.9.a.1",
        46,
        "Hypertension with Heart Disease",
        "Hypertension with heart conditions",
        "circumstances of the admission/encounter.",
    ),
    ("I.C.16.b.3", 71, "Z05 on a birth record", "A code from category Z05", "place of birth and type of delivery."),
    ("I.C.19.d.4", 79, "Infected burn", "For any documented infected burn site,", "code for the infection."),
    (
        "I.C.20.j.3",
        91,
        "Code Y38.9, Terrorism, secondary effects",
        "Assign code Y38.9,",
        "a subsequent result of the terrorist event.",
    ),
    (
        "II.H",
        109,
        "Uncertain Diagnosis",
        "If the diagnosis documented at the time of discharge",
        "psychiatric hospitals.",
    ),
    (
        "II.J",
        109,
        "Admission from Outpatient Surgery",
        "When a patient receives surgery",
        "as the principal diagnosis.",
    ),
    (
        "IV.F.1",
        114,
        "ICD-10-CM codes with 3, 4, 5, 6 or 7 characters",
        "ICD-10-CM is composed of codes",
        "greater specificity.",
    ),
)
"""Number, page, title, beginning and end of the text, as pypdf gives the text of the pages; nobody has compared them with a printed page."""


@pytest.fixture(scope="module")
def document(releases: Path) -> Path:
    """The publishers' file."""
    if find_spec("pypdf") is None:
        pytest.skip("pypdf is not installed: it is the extra guidelines")
    path = releases.parent / FILE
    if not path.exists():
        pytest.skip(f"{FILE} does not lie beside the release files")
    return path


@pytest.fixture(scope="module")
def reader(document: Path) -> PdfReader:
    """The same, as pypdf reads it."""
    from pypdf import PdfReader

    return PdfReader(document)


@pytest.fixture(scope="module")
def guidelines(document: Path, tmp_path_factory: pytest.TempPathFactory) -> GuidelineSections:
    """The sections of the publishers' file."""
    folder = tmp_path_factory.mktemp("guidelines")
    report = terminology.load(document, store=folder)
    assert report.ok
    assert [loaded.release.warnings for loaded in report.loaded] == [()]
    return terminology.open(folder).guidelines("icd10cm").on("2019-10-01")


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text))


def test_every_letter_is_in_a_section(guidelines: GuidelineSections, reader: PdfReader) -> None:
    """Signs, titles and texts of all sections, one after the other, are all letters and digits after the contents."""
    lines = [
        line
        for page in reader.pages[FIRST - 1 :]
        for line in page.extract_text().split("\n")
        if not RUNNING.fullmatch(line)
    ]
    said = []
    for one in guidelines:
        last = one.number.rpartition(".")[2]
        title = "" if one.title.endswith(".") and one.text.startswith(one.title) else one.title
        said += ["" if one.parent or " " in last else "Section", last, title, one.text]
    assert letters("".join(said)) == letters("".join(lines))


def test_every_bookmark_is_a_section(guidelines: GuidelineSections, reader: PdfReader) -> None:
    """The publishers' bookmarks, which are not asked where the contents say it, have the same titles on the same pages."""

    def marks(entries: list[object]) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for entry in entries:
            if isinstance(entry, list):
                found += marks(entry)
            else:
                found.append(((reader.get_destination_page_number(entry) or 0) + 1, " ".join(entry.title.split())))
        return found

    mark = re.compile(r"(Section [IVX]+|[A-Z]|\d+|[a-z]|\d+\)|\([a-z]+\))(?:\.|(?<=\)))\s+(.+)")
    wanted = [(page, found[2]) for page, title in marks(reader.outline) if (found := mark.fullmatch(title))]
    held = {(one.page, letters(one.title).lower()) for one in guidelines}
    missing = [(page, title) for page, title in wanted if (page, letters(title).lower()) not in held]
    assert len(wanted) > 440
    assert missing == []


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: str(row[0]))
def test_by_hand(guidelines: GuidelineSections, row: tuple[str, int, str, str, str]) -> None:
    """Sections whose beginnings and ends were found in the text of their pages, apart from the reader."""
    number, page, title, begin, end = row
    found = guidelines.section(number)
    assert (found.page, found.title) == (page, title)
    assert found.text.startswith(begin)
    assert found.text.endswith(end)


def test_codes(guidelines: GuidelineSections) -> None:
    """Sections of codes, by the ranges that are printed in the titles."""
    found = {
        code: [one.number for one in guidelines.for_code(code)] for code in ("E11.9", "G89.4", "O80", "Z86.73", "U07.1")
    }
    assert found["E11.9"] == ["I.C.4"]
    assert found["G89.4"][:2] == ["I.C.6", "I.C.6.b"]
    assert found["O80"] == ["I.C.15", "I.C.15.n", "I.C.15.n.3"]
    assert found["Z86.73"] == ["I.C.9.d.3", "I.C.21"]
    assert found["U07.1"] == []
