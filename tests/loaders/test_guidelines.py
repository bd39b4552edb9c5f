"""The reader of official guidelines: sections, titles, texts and pages as they were written; and what it rejects."""

from __future__ import annotations

import datetime
import io
import json
import re
import string
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

import terminology
import terminology.samples
from terminology.drafts import Part, Skipped
from terminology.reading import ReadableFile, native_worker
from terminology_loaders.guidelines import Icd10cmGuidelinesLoader, document
from terminology_loaders.guidelines.contents import contents_of
from terminology_loaders.guidelines.document import Line
from terminology_loaders.guidelines.numbering import ROMANS
from terminology_loaders.guidelines.title_page import title_page
from terminology_loaders.guidelines.words import Words, paragraphs

from .guideline_files import SAMPLES, Entry, Guidelines, Printed, pdf, section

FOLDER = Path(terminology.samples.__file__).parent / "icd10cm_guidelines"
LOADER = Icd10cmGuidelinesLoader()
NAME = "10cmguidelines-FY2022.pdf"

pytestmark = pytest.mark.skipif(find_spec("pypdf") is None, reason="pypdf is not installed: it is the extra guidelines")

SMALL = Guidelines(
    (
        section("I", "Conventions", "What holds for all."),
        section("I.A", "Conventions of the list"),
        section("I.A.1", "Marks", "Marks are read."),
        section("I.A.2", "Notes", "Notes are read."),
        section("I.A.2.a", "First kind", "Of the first kind."),
        section("I.A.2.b", "Second kind", "Of the second kind."),
        section("II", "Selection", "What is chosen."),
    )
)


def read(data: bytes, name: str = NAME) -> Part:
    """Return a document as a part."""
    found = LOADER.read(ReadableFile(name, lambda: data))
    assert isinstance(found, Part)
    return found


def sections(data: bytes) -> list[tuple[str, str, str]]:
    """Return number, title and text of the sections that are read."""
    rows = read(data).tables["sections"].to_pylist()
    return [(row["number"], row["title"], row["text"]) for row in rows]


def written(guidelines: Guidelines) -> list[tuple[str, str, str]]:
    """Return number, title and text of the sections that were written."""
    return [(one.number, one.title, "\n".join(one.paragraphs)) for one in guidelines.sections]


def faults(data: bytes, name: str = NAME) -> list[str]:
    """Return the errors of a document that is rejected."""
    with pytest.raises((terminology.ReleaseFormatError, terminology.ReleaseFaults)) as caught:
        LOADER.read(ReadableFile(name, lambda: data))
    error = caught.value
    return [str(one) for one in getattr(error, "exceptions", (error,))]


class TestSections:
    """What is read is what was written."""

    def test_samples_are_those_of_the_writer(self):
        """The packaged samples are what the writer makes, so that they can be made again."""
        assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == SAMPLES

    def test_numbers_titles_texts(self):
        """Numbers are put together from the signs above."""
        assert sections(SMALL.pdf()) == written(SMALL)

    def test_pages(self):
        """A section is on the page on which its heading is."""
        long = evolve(
            SMALL,
            sections=(
                *SMALL.sections[:-1],
                section("II", "Selection", *["What is chosen. " * 12] * 20),
                section("III", "End", "The end."),
            ),
        )
        rows = {row["number"]: row["page"] for row in read(long.pdf()).tables["sections"].to_pylist()}
        assert (rows["I"], rows["II"]) == (3, 3)
        assert rows["III"] > 4

    def test_a_text_over_a_page(self):
        """Running heads, footers and page numbers are no text, also within a paragraph that goes on."""
        text = " ".join(f"word{number}" for number in range(900))
        long = evolve(SMALL, sections=(*SMALL.sections[:-1], section("II", "Selection", text)))
        assert sections(long.pdf())[-1][2] == text

    @pytest.mark.parametrize("bookmarks", [True, False])
    @pytest.mark.parametrize("bold", [True, False])
    def test_deep_sections(self, bookmarks: bool, bold: bool):  # noqa: FBT001
        """Levels that the table of contents does not list are read, with bookmarks or without; (i) is a letter or a Roman numeral."""
        deep = Guidelines(
            (
                section("I", "Conventions"),
                section("I.C", "Chapters"),
                section("I.C.1", "Chapter 1 (A00-B99)"),
                section("I.C.1.a", "Fevers"),
                section("I.C.1.a.1", "Confirmed cases", "Only they are coded."),
                *(section(f"I.C.1.a.1.{letter}", f"Case {letter}", "Its text.") for letter in "abcdefgh"),
                section("I.C.1.a.1.h.i", "Inner case one", "Its text."),
                section("I.C.1.a.1.h.ii", "Inner case two", "Its text."),
                section("I.C.1.a.1.i", "Case i", "Its text."),
                section("I.C.1.a.2", "Suspected cases", "They are not."),
            ),
            bookmarks=bookmarks,
            inner_bold=bold,
        )
        assert sections(deep.pdf()) == written(deep)

    def test_numbers_in_the_text(self):
        """A list within a text that is numbered like sections stays text."""
        listing = section(
            "I.A.2.b", "Second kind", "Choose:", "1. the first;", "2. the second;", "a. any;", "3. the third."
        )
        made = evolve(SMALL, sections=(*SMALL.sections[:5], listing, SMALL.sections[-1]))
        assert sections(made.pdf()) == written(made)

    def test_a_section_that_no_contents_list(self):
        """A heading that the table of contents leaves out is a section, and that is said."""
        part = read(SMALL.without("I.A.2.b", listed=False).pdf())
        assert [row["number"] for row in part.tables["sections"].to_pylist()] == [one.number for one in SMALL.sections]
        assert part.warnings == ("sections that the table of contents does not list: I.A.2.b",)

    def test_another_title_in_the_contents(self):
        """A heading with other words than in the table of contents is taken by its number, and that is said."""
        listed = "Entirely other words, which nobody would take for those"
        data = re.sub(rb"a\. First kind \.+", f"a. {listed} .....".encode(), SMALL.pdf(), count=1)
        part = read(data)
        assert part.warnings == (f"section I.A.2.a has the title 'First kind', in the table of contents {listed!r}",)

    @pytest.mark.parametrize(
        ("missing", "says"),
        [
            ("I.A.1.a.1", "section I.A.1.a.2 comes first"),
            ("I.A.1.a.2", "section I.A.1.a.3 comes after I.A.1.a.1"),
            ("I.A.1.a.3.b", "section I.A.1.a.3.c comes after I.A.1.a.3.a"),
        ],
    )
    def test_a_number_that_is_left_out(self, missing: str, says: str):
        """Below the levels of the table of contents a number that is left out is said, with and without bookmarks, and all else is read."""
        above = ("I", "I.A", "I.A.1", "I.A.1.a")
        numbers = (*above, *(f"I.A.1.a.{one}" for one in ("1", "2", "3", "3.a", "3.b", "3.c")))
        whole = Guidelines(tuple(section(one, f"Title of {one}", "A text.") for one in numbers))
        for made in (whole, evolve(whole, bookmarks=False)):
            part = read(made.without(missing, printed=False).pdf())
            assert {missing} == {*numbers} - {row["number"] for row in part.tables["sections"].to_pylist()}
            assert part.warnings[0] == f"{says}: a number between is missing, or its heading is not recognised"
            assert len(part.warnings) == (1 if made.bookmarks else 2)

    @pytest.mark.parametrize("missing", ["I.A.1.a.1", "I.A.1.a.2", "I.A.1.a.3", "I.A.1.a.3.b", "I.A.1.a", "I.A.1"])
    @pytest.mark.parametrize("bookmarks", [True, False])
    def test_no_heading_is_lost_silently(self, missing: str, bookmarks: bool):  # noqa: FBT001
        """Whatever heading the text lacks, the last of its level too: an error, or a statement, with bookmarks and without."""
        numbers = (
            "I",
            "I.A",
            "I.A.1",
            *(f"I.A.1.a{one}" for one in ("", ".1", ".2", ".2.a", ".2.b", ".3", ".3.a", ".3.b")),
        )
        whole = Guidelines(tuple(section(one, f"Title of {one}", "A text.") for one in numbers), bookmarks=bookmarks)
        if missing in ("I.A.1", "I.A.1.a"):
            assert f"expected section {missing} " in faults(whole.without(missing, printed=False).pdf())[0]
            return
        data = whole.pdf()
        sign = (
            f"{missing.rpartition('.')[2]}\\) Title of {missing}"
            if missing[-1].isdigit()
            else f"(b\\) Title of {missing}"
        )
        lost = data.replace(sign.encode() + b") Tj", b"of a text) Tj")
        assert lost != data
        assert read(lost).warnings

    def test_no_bookmarks_are_said(self):
        """Below the levels of the contents the last section of a level is not missed where there are no bookmarks: that is said."""
        deep = (*SMALL.sections[:-1], section("I.A.2.b.1", "Inner", "Of it."), SMALL.sections[-1])
        part = read(evolve(SMALL, sections=deep, bookmarks=False).pdf())
        assert len(part.warnings) == 1
        assert part.warnings[0].startswith(
            "sections below those of the table of contents, 1 in all, are known by their numbers alone (the document has no bookmarks)"
        )
        assert read(evolve(SMALL, sections=deep).pdf()).warnings == ()

    def test_an_entry_without_a_number(self):
        """An entry of the table of contents that has no number is said where the text does not have its words either."""
        lost = re.sub(rb"a\. First kind \.+", b"Lost kind .......", SMALL.pdf(), count=1)
        assert (
            "page 2: 'Lost kind' in the table of contents has no number, and the text does not have it"
            in read(lost).warnings
        )
        kept = re.sub(rb"a\. First kind \.+", b"First kind .......", SMALL.pdf(), count=1)
        assert read(kept).warnings == ("sections that the table of contents does not list: I.A.2.a",)

    def test_a_bookmark_without_a_section(self):
        """A bookmark of a section that the text does not have is said."""
        whole = evolve(
            SMALL, sections=(*SMALL.sections[:-1], section("I.A.2.b.1", "Inner", "Of it."), SMALL.sections[-1])
        )
        data = whole.pdf().replace(b"(1\\) Inner) Tj", b"(1\\) Other) Tj")
        assert data != whole.pdf()
        assert read(data).warnings == ("page 3: the document has a bookmark '1) Inner', and no such section there",)

    @given(st.data())
    def test_any_outline(self, data: st.DataObject):
        """Whatever sections a document has, they are read as they were written; where a page ends a paragraph may seem to go on."""
        made = Guidelines(tuple(data.draw(outlines())), bookmarks=data.draw(st.booleans()))
        with patch.object(document, "pdf_pages", read_here):
            found = [(number, title, text.split()) for number, title, text in sections(made.pdf())]
        assert found == [(number, title, text.split()) for number, title, text in written(made)]


def read_here(file: ReadableFile, bounds: dict[str, int]) -> dict[str, object]:
    """Return what the process of the reader answers, without a process: hundreds of them would take minutes."""
    found: dict[str, object] = json.loads(native_worker.pdf(file.data, 0, json.dumps(bounds)))
    return found


@st.composite
def outlines(draw: st.DrawFn) -> list[Entry]:
    """Some sections in their order, up to four levels deep."""
    word = st.text(string.ascii_lowercase, min_size=3, max_size=9)
    sentence = st.lists(word, min_size=1, max_size=30).map(lambda words: f"{' '.join(words).capitalize()}.")
    title = st.lists(word, min_size=1, max_size=9).map(lambda words: " ".join(words).capitalize())

    def below(above: str, level: int) -> list[Entry]:
        labels = {1: [roman.upper() for roman in ROMANS], 2: string.ascii_uppercase, 3: range(1, 30)}.get(
            level, string.ascii_lowercase
        )
        found: list[Entry] = []
        for label in list(labels)[: draw(st.integers(1 if level < 3 else 0, 3))]:
            number = f"{above}.{label}" if above else str(label)
            texts = draw(st.lists(sentence, max_size=2))
            found.append(section(number, draw(title), *texts))
            if level < 4:
                found += below(number, level + 1)
        return found

    found = below("", 1)
    # fewer are no table of contents
    assume(len(found) > 2)
    return found


class TestRejected:
    """A document that is not whole is rejected, with what is missing."""

    def test_a_section_that_is_missing(self):
        """A section of the table of contents that the text lacks is named."""
        found = faults(SMALL.without("I.A.2.b", printed=False).pdf())
        assert len(found) == 1
        assert "expected section I.A.2.b (Second kind)" in found[0]
        assert "the text has no such heading" in found[0]

    def test_all_that_is_missing(self):
        """All sections that are missing are named at once."""
        found = faults(SMALL.without("I.A.1", printed=False).without("II", printed=False).pdf())
        assert [re.search(r"section (\S+)", one)[1] for one in found] == ["I.A.1", "II"]

    def test_another_order(self):
        """A section that the text has before one that the table of contents has first is named."""
        swapped = evolve(SMALL, contents=("I", "I.A", "I.A.1", "I.A.2", "I.A.2.b", "I.A.2.a", "II"))
        assert any("I.A.2.a" in one and "the text has it before" in one for one in faults(swapped.pdf()))

    def test_no_contents(self):
        """A document without a table of contents is rejected."""
        page = [Printed(72, line) for line in (*SMALL.top, "Section I. Conventions", "A text.")]
        assert "expected a table of contents" in faults(pdf([page]))[0]

    def test_pictures_only(self):
        """Of scanned pages it is said that there is no text."""
        assert "pictures" in faults(pdf([[], []]))[0]

    def test_no_year(self):
        """A title page without a year is rejected with an example of one."""
        made = evolve(SMALL, top=SMALL.top[:1])
        assert "expected the fiscal year on the title page, like FY 2020" in faults(made.pdf())[0]

    def test_a_year_and_days_that_contradict(self):
        """Days that are not of the year that the page states are rejected."""
        made = evolve(SMALL, top=(SMALL.top[0], "FY 2023", SMALL.top[2]))
        assert "expected days of fiscal year 2023" in faults(made.pdf())[0]

    @pytest.mark.parametrize("part", [0.05, 0.4, 0.9])
    def test_truncated(self, part: float):
        """A document that was cut off is rejected, or read as a whole; never in part."""
        data = SMALL.pdf()
        cut = data[: int(len(data) * part)]
        try:
            found = LOADER.read(ReadableFile(NAME, lambda: cut))
        except (terminology.ReleaseFormatError, terminology.ReleaseFaults):
            return
        assert isinstance(found, Part)
        assert found.tables["sections"].num_rows == len(SMALL.sections)

    def test_encrypted(self):
        """Of an encrypted document it is said that it is one."""
        from pypdf import PdfReader, PdfWriter

        writer = PdfWriter(PdfReader(io.BytesIO(SMALL.pdf())))
        writer.encrypt("secret", algorithm="RC4-128")
        held = io.BytesIO()
        writer.write(held)
        assert "encrypted" in faults(held.getvalue())[0]

    @pytest.mark.parametrize(
        "data",
        [
            pdf([[Printed(72, "Dear reader,"), Printed(72, "a letter about guidelines.")]]),
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
            b"00001 A00     0 Cholera",
        ],
    )
    def test_other_documents(self, data: bytes):
        """Other documents, damaged ones too, are left to others."""
        assert LOADER.read(ReadableFile("letter.pdf", lambda: data)) is None

    def test_guidelines_of_pcs(self):
        """Those of ICD-10-PCS are skipped with the reason."""
        made = evolve(SMALL, top=("ICD-10-PCS Official Guidelines for Coding and Reporting", "2022"))
        found = LOADER.read(ReadableFile("pcs.pdf", made.pdf))
        assert isinstance(found, Skipped)
        assert "ICD-10-PCS" in found.reason

    def test_without_pypdf(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        """Without pypdf a PDF document is skipped as before, and the reason has the line that installs it."""
        monkeypatch.setattr("terminology_loaders.guidelines.is_readable", lambda: False)
        (tmp_path / NAME).write_bytes(SMALL.pdf())
        report = terminology.load(tmp_path, store=tmp_path / "store")
        assert not report.errors
        assert [skip.reason for skip in report.skipped] == [
            "PDF document: if it has the official guidelines, pypdf is needed: pip install 'terminology-server[guidelines]'"
        ]


class TestTitlePage:
    """Which day a document covers."""

    @pytest.mark.parametrize(
        ("lines", "year", "day"),
        [
            (("Guidelines", "2014"), 2014, "2013-10-01"),
            (("Guidelines", "FY 2016"), 2016, "2015-10-01"),
            (("Guidelines", "FY 2020", "(October 1, 2019 - September 30, 2020)"), 2020, "2019-10-01"),
            (("FY 2021 \u2013 UPDATED January 1, 2021", "(October 1, 2020 - September 30, 2021)"), 2021, "2021-01-01"),
            (("FY 2022 -- UPDATED April 1, 2022", "(October 1, 2021 \u2013 September 30, 2022)"), 2022, "2022-04-01"),
            (("FY 2023", "Updated April 1, 2023 (October 1, 2022 to September 30, 2023)"), 2023, "2023-04-01"),
            (("FY 2024", "(April 1, 2024 through September 30, 2024)"), 2024, "2024-04-01"),
            (("Guidelines", "(October 1, 2026 - September 30, 2027)"), 2027, "2026-10-01"),
        ],
    )
    def test_days(self, lines: tuple[str, ...], year: int, day: str):
        """The year's first day, or that of an update inside of it."""
        found = title_page(lines, "a.pdf")
        assert (found.year, found.effective) == (year, datetime.date.fromisoformat(day))


class TestReleases:
    """Which releases the documents make."""

    def test_updates_are_versions(self):
        """An update inside the year is a release of its own from its day on."""
        update = evolve(SMALL, top=(SMALL.top[0], "FY 2022 -- UPDATED April 1, 2022", SMALL.top[2]))
        drafts = LOADER.assemble([read(update.pdf(), "b.pdf"), read(SMALL.pdf(), "a.pdf")]).drafts
        assert [(one.version, str(one.effective)) for one in drafts] == [
            ("2022", "2021-10-01"),
            ("2022-04", "2022-04-01"),
        ]

    def test_the_same_text_twice(self):
        """Two copies with the same text are one release with two sources."""
        drafts = LOADER.assemble([read(SMALL.pdf(), "a.pdf"), read(SMALL.pdf(made="20210901120000"), "b.pdf")]).drafts
        assert [(one.version, len(one.parts)) for one in drafts] == [("2022", 2)]

    def test_two_texts_of_one_day(self):
        """Of two texts of one day the one that was made later is a correction."""
        other = SMALL.without("II", printed=False, listed=False)
        parts = [read(SMALL.pdf(made="20210901120000"), "a.pdf"), read(other.pdf(), "b.pdf")]
        for order in (parts, parts[::-1]):
            drafts = LOADER.assemble(order).drafts
            assert [(one.version, one.parts[0].origin.name) for one in drafts] == [
                ("2022", "b.pdf"),
                ("2022.1", "a.pdf"),
            ]

    def test_two_texts_without_an_order(self):
        """Where nothing says which of two texts is newer, the second is rejected with the reason."""
        parts = [read(SMALL.pdf(), "a.pdf"), read(SMALL.without("II", printed=False, listed=False).pdf(), "b.pdf")]
        found = LOADER.assemble(parts)
        assert [one.version for one in found.drafts] == ["2022"]
        assert [(part.origin.name, "nothing says which is newer" in why) for part, why in found.refused] == [
            ("b.pdf", True)
        ]


def line(text: str, height: float = 700, left: float = 72) -> Line:
    """Return a line of a page."""
    return Line(1, left, height, 12, text, bold=False)


class TestWords:
    """How lines are joined."""

    def test_hyphens(self):
        """A hyphen at the end of a line stays in ICD-10-CM and in a range; one that only divides a word goes."""
        lines = [
            line(f"{'x' * 60} ICD-10-", 700),
            line(f"CM, categories Z55- {'x' * 50} condi-", 686),
            line(f"tions of the {'x' * 60} and/", 672),
            line("or conditions.", 658),
        ]
        text = paragraphs(lines, Words(lines), 540)
        assert "ICD-10-CM" in text
        assert " conditions of the" in text
        assert "and/or" in text

    def test_an_entry_that_fills_its_line(self):
        """An entry of the table of contents that leaves no room for dots ends where the next one begins."""
        lines = [
            line("Section I. Conventions .......... 8"),
            line("A. Conventions of a list ....... 8"),
            line("B. General matters, in so many words that the line is full 65"),
            line("C. Chapters ......... 66"),
        ]
        contents = contents_of(lines)
        assert contents is not None
        assert [(one.number, one.page) for one in contents.listed] == [("I", 8), ("I.A", 8), ("I.B", 65), ("I.C", 66)]
