"""Official guidelines in a store: sections by number, by day, by words and by code; and that they disturb nobody."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import NoVersionError, Terminology, UnknownCodeError, UnknownSystemError
from terminology.model.sections import section_number
from terminology.query.guidelines import GuidelineSections
from terminology.query.ranges import Range, ranges_in
from terminology.systems import SYSTEMS

from .loaders.guideline_files import Guidelines, section

pytestmark = pytest.mark.skipif(find_spec("pypdf") is None, reason="pypdf is not installed: it is the extra guidelines")

DAY = "2022-03-01"


@pytest.fixture(scope="module")
def sections(store: Terminology) -> GuidelineSections:
    """Those of the sample of fiscal year 2022."""
    return store.guidelines("icd10cm").on(DAY)


class TestSections:
    """A section by its number."""

    @pytest.mark.parametrize("typed", ["I.C.13.a.1", "Section I.C.13.a.1)", "i.c.13.A.1", " I.C.13.a.1 ", "I.C13.a(1)"])
    def test_as_typed(self, sections: GuidelineSections, typed: str):
        """A number may be typed as it is printed."""
        found = sections.section(typed)
        assert (found.number, found.title, found.page) == ("I.C.13.a.1", "Bone versus joint", 4)
        assert typed in sections

    def test_source(self, sections: GuidelineSections):
        """A section names its version, and the publisher's file with its checksum."""
        found = sections.section("I.A.2.a")
        assert found.version == "2022"
        assert found.source.file == "10cmguidelines-sample-FY2022.pdf"
        assert found.source.sha256 == sections.release.sources[0].sha256
        assert found.to_dict()["text"].startswith("An invented rule: both codes")

    @pytest.mark.parametrize(
        ("typed", "near"),
        [
            ("I.C.13.z", "below I.C.13 there are I.C.13.a, I.C.13.b, I.C.13.c"),
            ("I.C.13.a.1.b", "nothing is below I.C.13.a.1; did you mean 'I.C.13.a.1'?"),
            ("V", "there are I, II, Appendix I"),
            ("", "there are I, II, Appendix I"),
        ],
    )
    def test_absent(self, sections: GuidelineSections, typed: str, near: str):
        """A number that there is not is an error that names the nearest ones."""
        with pytest.raises(UnknownCodeError, match="no section") as caught:
            sections.section(typed)
        assert str(caught.value).endswith(near)

    def test_below(self, sections: GuidelineSections):
        """A number lists what is below it, a range what is in it."""
        assert [one.number for one in sections.below("I.C.13.a")] == ["I.C.13.a.1"]
        assert [one.number for one in sections.below("I.C.13.a-b")] == ["I.C.13.a", "I.C.13.a.1", "I.C.13.b"]
        assert [one.number for one in sections.below("I.A.2.b to I.B")] == ["I.A.2.b", "I.B", "I.B.1"]
        with pytest.raises(UnknownCodeError, match="ends before it begins"):
            sections.below("I.C.13.b-a")

    def test_order(self, sections: GuidelineSections):
        """Sections are in the order of the document, each after the one above it."""
        numbers = [one.number for one in sections]
        assert len(sections) == len(numbers) == 18
        assert all(one.parent is None or numbers.index(one.parent) < numbers.index(one.number) for one in sections)
        assert sections[0].number == "I"

    def test_search(self, sections: GuidelineSections):
        """All words must be there, whole or begun; titles count more."""
        assert [one.number for one in sections.search("pain back")] == ["I.C.13.b"]
        assert [one.number for one in sections.search("excl")] == ["I.A.2", "I.A.2.a", "I.A.2.b"]
        assert sections.search("excludes nowhere") == sections.search("!") == ()


class TestDays:
    """Which version answers."""

    def test_each_year_its_own(self, store: Terminology):
        """The same section says something else a year before."""
        guidelines = store.guidelines("http://hl7.org/fhir/sid/icd-10-cm")
        before, after = (guidelines.on(day).section("I.C.13.b").text for day in ("2021-09-30", "2021-10-01"))
        assert "M54.5 is reported" in before
        assert "says its cause" in after
        assert "I.C.13.c" not in guidelines.on("2021-09-30")
        assert [one.version for one in guidelines.versions] == ["2021", "2022"]

    @pytest.mark.parametrize(
        ("day", "nearest"),
        [("2020-09-30", "2021"), ("1990-01-01", "2021"), ("2022-10-01", "2022"), ("2030-01-01", "2022")],
    )
    def test_uncovered(self, store: Terminology, day: str, nearest: str):
        """A day that no version covers is said, and the nearest version is named and not used."""
        with pytest.raises(NoVersionError, match=f"covers {day}.*the nearest version is {nearest}, from"):
            store.guidelines("icd10cm").on(day)

    def test_as_known_before(self, store: Terminology):
        """A day can be asked as it was known with an earlier version."""
        with pytest.raises(NoVersionError):
            store.guidelines("icd10cm").on(DAY, known="2021")

    def test_none_loaded(self, store: Terminology, tmp_path: Path):
        """Where none are loaded the message says how they are."""
        with pytest.raises(UnknownSystemError, match=r"load the publisher\'s PDF.*pip install \'terminology-server"):
            terminology.open(_places_only(tmp_path)).guidelines("icd10cm")
        with pytest.raises(UnknownSystemError, match="none are read for HCPCS Level II"):
            store.guidelines("hcpcs")


def _places_only(folder: Path) -> Path:
    (folder / "list.csv").write_text("#system: wards\n#version: 2024\ncode,title\nA,One\n")
    terminology.load(folder / "list.csv", store=folder / "store")
    return folder / "store"


class TestCodes:
    """Which sections concern a code."""

    @pytest.mark.parametrize(
        ("code", "numbers"),
        [
            ("M54.50", ["I.C.13", "I.C.13.b", "I.C.13.c"]),
            ("m5459", ["I.C.13", "I.C.13.b", "I.C.13.c"]),
            ("M54.2", ["I.C.13", "I.C.13.b"]),
            ("F32.A", ["I.C.5"]),
            ("A00.0", []),
            ("no code", []),
        ],
    )
    def test_stated_ranges(self, store: Terminology, code: str, numbers: list[str]):
        """A section concerns a code where its title states it or a range that has it; general sections are left out."""
        found = store.guidelines("icd10cm").for_code(store["icd10cm"].on(DAY), code)
        assert [one.number for one in found] == numbers

    def test_a_section_about_codes_of_all_chapters(self, tmp_path: Path):
        """A title in a chapter that states codes of other chapters is general."""
        made = Guidelines(
            (
                section("I", "Conventions"),
                section("I.C", "Chapters"),
                section("I.C.1", "Chapter 1: External causes (V00-Y99)"),
                section("I.C.1.a", "Used with any code in the range of A00.0-T88.9, Z00-Z99"),
                section("I.C.1.b", "Terrorism, Y38.9-"),
                section("I.C.2", "Chapter 2: Factors (Z00-Z99)"),
            )
        )
        (tmp_path / "guidelines.pdf").write_bytes(made.pdf())
        assert terminology.load(tmp_path / "guidelines.pdf", store=tmp_path / "store").ok
        found = terminology.open(tmp_path / "store").guidelines("icd10cm").on(DAY)
        assert [
            [one.number for one in found.for_code(code)] for code in ("Z79.4", "V01.00XA", "Y38.9X1A", "A00.0")
        ] == [
            ["I.C.2"],
            ["I.C.1"],
            ["I.C.1", "I.C.1.b"],
            [],
        ]

    @given(
        st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True),
        st.from_regex(r"[A-Z][0-9][0-9A-Z]", fullmatch=True),
    )
    def test_a_category_has_the_codes_below_it(self, code: str, category: str):
        """A category as a range has just the codes that begin with it."""
        assert (code in Range(category, category)) == code.startswith(category)
        assert ranges_in(f"Codes from {category}") == (Range(category, category),)


class TestOthers:
    """Nothing else changes because guidelines are loaded."""

    def test_no_code_system(self, store: Terminology):
        """A document is in no list of code systems, and is an item of the store."""
        assert "icd10cm_guidelines" not in store.systems
        assert "icd10cm_guidelines" not in [*store]
        assert len(store) == len(store.systems)
        assert store.documents == ("icd10cm_guidelines",)
        assert store["icd10cm_guidelines"].on(DAY).children("I.C.13") == ("I.C.13.a", "I.C.13.b", "I.C.13.c")

    def test_no_hint_of_another_system(self, store: Terminology):
        """A text that is a number of a section is no code of another system."""
        check = store["icd10cm"].on(DAY).check("I.C.13")
        assert (str(check.status), check.other_systems) == ("malformed", ())
        assert store["hcpcs"].latest.explain("II").other_systems == ()

    def test_no_hit_of_a_search(self, store: Terminology):
        """A search over all systems finds codes only."""
        assert {hit.system for hit in store.search("pain", limit=50)} <= set(store.systems)

    def test_difference_of_two_years(self, store: Terminology):
        """What was added from one version to the next is a difference as of any system."""
        found = store["icd10cm_guidelines"].diff("2021", "2022")
        assert found.added.column("code").to_pylist() == ["I.C.13.c"]
        assert found.deleted.num_rows == 0


@given(st.from_regex(SYSTEMS["icd10cm_guidelines"].shape, fullmatch=True))
def test_a_number_is_its_own_form(number: str) -> None:
    """A number in the form in which it is stored stays as it is; printed with brackets it is the same."""
    assert section_number(number) == number
    *above, last = number.split(".")
    if len(above) > 4:
        assert section_number(f"Section {'.'.join(above)}({last})") == number


def test_sections_can_be_pickled(sections: GuidelineSections) -> None:
    """Sections of a day can be sent to another process."""
    assert [one.number for one in pickle.loads(pickle.dumps(sections))] == [one.number for one in sections]  # noqa: S301


def test_a_warning_is_of_the_release(tmp_path: Path) -> None:
    """What was noticed while a document was read is said of the release."""
    made = Guidelines(
        (
            section("I", "One"),
            section("I.A", "Two"),
            section("I.B", "Three"),
            evolve(section("I.C", "Four"), listed=False),
        )
    )
    (tmp_path / "guidelines.pdf").write_bytes(made.pdf())
    report = terminology.load(tmp_path / "guidelines.pdf", store=tmp_path / "store")
    assert report.loaded[0].release.warnings == ("sections that the table of contents does not list: I.C",)
