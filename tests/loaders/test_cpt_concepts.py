"""A release of CPT: files checked against each other, and the hierarchy above the codes."""

from __future__ import annotations

import pytest

import terminology
from terminology.errors import ReleaseFormatError
from terminology.reading import ReadableFile

from .cpt_files import (
    CLINICIAN,
    CODES,
    CONSUMER,
    assembled,
    concepts_of,
    faults_of,
    fixed_file,
    history_file,
    long_file,
    medium_file,
    short_file,
    table_file,
    text_file,
)


class TestChecks:
    """Files of one release, held against each other."""

    def test_all_texts_meet_in_one_row(self):
        """Title, medium and short title come from their own files."""
        row = concepts_of(long_file(), medium_file(), short_file())["9990F"]
        assert ("Invented measure", "INVENTED MEASURE", "INVENTED MEASURE", "II") == (
            row["title"],
            row["medium_title"],
            row["short_title"],
            row["category"],
        )

    def test_a_short_file_alone(self):
        """One descriptor file of any kind makes a release."""
        assert concepts_of(short_file())["99990"]["title"] == "INVENTED ONE"

    @pytest.mark.parametrize("make", [medium_file, short_file])
    def test_the_same_codes_in_every_form(self, make):
        """A file with other codes than the long descriptors is refused with both sides named."""
        codes = {"99990": "Invented one", "99991": "Invented two", "99999": "Invented other"}
        draft = assembled(long_file(), make(codes)).drafts[0]
        with pytest.raises(terminology.ReleaseFaults) as caught:
            draft.build()
        assert [
            (6, "expected a code of LONGULT.txt, got 99999"),
            (6, "expected all 3 codes of LONGULT.txt, 1 is missing: 9990F"),
        ] == [(fault.line, fault.message) for fault in caught.value.exceptions]

    def test_fixed_and_tab_agree(self):
        """Another wording in the fixed file is told; the file with tabs counts."""
        fixed = fixed_file(["9999001 Invented one", "9999101 Invented deux", "9990F01 Invented measure"])
        draft = assembled(long_file(), fixed).drafts[0]
        assert ("LONGULF.txt: 1 code (99991) worded differently than in LONGULT.txt",) == draft.build().warnings
        assert concepts_of(long_file(), fixed)["99991"]["title"] == "Invented two"

    def test_upper_case_twin(self):
        """The upper-case twin is compared without regard to case."""
        twin = long_file({code: title.upper() for code, title in CODES.items()}, name="LONGUT.txt")
        assert () == assembled(long_file(), twin).drafts[0].build().warnings

    @pytest.mark.parametrize(
        ("name", "header", "row"),
        [
            ("ConsumerDescriptor.txt", CONSUMER, ("1", "99999", "Plain")),
            ("ClinicianDescriptor.txt", CLINICIAN, ("1", "99999", "2", "Plain")),
        ],
    )
    def test_strangers_in_other_words(self, name, header, row):
        """Codes that only the plain-language or the clinicians' file knows are told and left out."""
        files = long_file(), table_file(name, header, row)
        assert (f"{name}: 1 code (99999) not in the release, left out",) == assembled(*files).drafts[0].build().warnings
        assert "99999" not in concepts_of(*files)

    def test_history_against_the_codes(self):
        """A code that was deleted and is listed, and one that was added and is not, are told."""
        history = history_file(
            ("20250101", "DELETED", "99990"), ("20250101", "ADDED", "99998"), ("20250101", "ADDED", "99991")
        )
        assert {
            "History_DTK_tab.txt: 1 code (99990) deleted by the history, in the release",
            "History_DTK_tab.txt: 1 code (99998) added by the history, not in the release",
        } == set(assembled(long_file(), history).drafts[0].build().warnings)

    def test_the_last_change_counts(self):
        """A code that came back is no contradiction."""
        history = history_file(("20200101", "DELETED", "99990"), ("20250101", "ADDED", "99990"))
        assert () == assembled(long_file(), history).drafts[0].build().warnings


class TestHierarchy:
    """Sections by number, and those of CPT Link."""

    LINK = (
        ("Type_DTK_pipe.txt", ("Type Id", "Type Name"), ("1", "Code"), ("2", "Descriptor"), ("9", "Has Parent")),
        (
            "Property_DTK_pipe.txt",
            ("Concept Id", "Property Type Id", "Property Value"),
            *(("1", "2", "Invented top"), ("2", "2", "Invented part"), ("10", "1", "99990"), ("11", "1", "99991")),
        ),
        (
            "RelationshipGroup_DTK_pipe.txt",
            ("Concept Id 1", "Relationship Type Id", "Concept Id 2"),
            *(("2", "9", "1"), ("10", "9", "2"), ("11", "9", "1")),
        ),
    )

    def link(self, number: int | None = None, old: str = "", new: str = "") -> list[ReadableFile]:
        """Return the files of CPT Link, one of them changed."""
        files = [table_file(name, *rows, separator="|") for name, *rows in self.LINK]
        if number is not None:
            files[number] = text_file(files[number].name, files[number].data.decode().replace(old, new))
        return files

    def test_sections_by_number(self):
        """Without CPT Link, codes stand under number ranges and categories, marked derived."""
        found = concepts_of(long_file({**CODES, "01998": "Invented sleep", "99123": "Invented"}))
        parents = {code: row["parent"] for code, row in found.items()}
        assert ("00100-01999", "99100-99140") == (parents["01998"], parents["99123"])
        assert ("category i", "category ii") == (parents["99990"], parents["9990F"])
        node = found["00100-01999"]
        assert ("Anesthesia 00100–01999", "category i", True) == (node["title"], node["parent"], node["derived"])  # noqa: RUF001

    def test_parents_stand_before_children(self):
        """The table is in document order."""
        codes = list(concepts_of(long_file({**CODES, "01998": "Invented sleep"})))
        assert ["category i", "99990", "99991", "00100-01999", "01998", "category ii", "9990F"] == codes

    def test_link(self):
        """The nodes of CPT Link stand above the codes; what it lacks is placed by number."""
        draft = assembled(long_file(), *self.link()).drafts[0]
        found = {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
        assert ("concept-2", "concept-1", "category ii") == (
            found["99990"]["parent"],
            found["99991"]["parent"],
            found["9990F"]["parent"],
        )
        node = found["concept-2"]
        assert ("Invented part", "concept-1", "section", False) == (
            node["title"],
            node["parent"],
            node["kind"],
            node["derived"],
        )
        assert (
            "RelationshipGroup_DTK_pipe.txt: 1 code is not in the hierarchy, placed by number: 9990F",
        ) == draft.build().warnings

    @pytest.mark.parametrize(
        ("number", "old", "new", "message"),
        [
            (0, "Code", "Cipher", "expected a column of codes, or a property type named Code in Type_DTK_pipe.txt"),
            (0, "Has Parent", "Near", "expected a relationship type that names the parent (Has Parent, Is A)"),
            (2, "2|9|1", "1|9|2", "the hierarchy has a cycle"),
        ],
    )
    def test_a_graph_that_is_no_tree(self, number, old, new, message):
        """A graph in which code or parent is not named, or that has a cycle, is refused."""
        files = self.link(number, old, new)
        if "cycle" in message:
            files[2] = text_file(files[2].name, files[2].data.decode() + "2|9|1\r\n")
        with pytest.raises(ReleaseFormatError) as caught:
            assembled(long_file(), *files).drafts[0].build()
        assert caught.value.message.startswith(message)

    def test_concept_ids_are_digits(self):
        """A concept that is no number is a fault."""
        assert [(2, "concept", "expected a concept id of digits, got 'x'")] == faults_of(
            table_file(
                "Property_DTK_pipe.txt",
                ("Concept Id", "Property Type Id", "Property Value"),
                ("x", "1", "v"),
                separator="|",
            )
        )

    def test_an_incomplete_graph(self):
        """With one of the three files missing, sections are made of number ranges, which is told."""
        draft = assembled(long_file(), *self.link()[:2]).drafts[0]
        assert any("lacks its relationship file" in warning for warning in draft.warnings)
        assert concepts_of(long_file(), *self.link()[:2])["99990"]["parent"] == "category i"
