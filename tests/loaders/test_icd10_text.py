"""The text files of ICD-10: codes, blocks, chapters."""

from __future__ import annotations

import pytest

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile

from .claml_files import (
    lines_file,
    who_line,
)
from .icd10_files import BLOCKS, CHAPTERS, CODES, assembled, codes_file, faults, read


class TestText:
    """The metadata files."""

    def test_fields(self):
        """Every field has its column."""
        row = read(codes_file(*CODES)).tables["concepts"].to_pylist()[2]
        expected = {
            "code": "A00.1",
            "title": "title A00.1",
            "short_title": None,
            "billable": True,
            "kind": "code",
            "parent": "A00",
            "line": 3,
            "usage": "aster",
            "combination": "explicit",
            "morbidity": "001",
            "mortality_4": "4-001",
            "mortality_3": "3-001",
            "mortality_2": "2-001",
            "mortality_1": None,
        }
        assert expected == {name: row[name] for name in expected}

    def test_hierarchy(self):
        """Codes stand in blocks, blocks in chapters with WHO's own numbers."""
        (draft,) = assembled(read(codes_file(*CODES)), read(BLOCKS), read(CHAPTERS)).drafts
        rows = draft.build().tables["concepts"].to_pylist()
        assert [
            ("I", None),
            ("A00-A09", "I"),
            ("A00", "A00-A09"),
            ("A00.0", "A00"),
            ("A00.1", "A00"),
            ("A10-A19", "I"),
            ("A10", "A10-A19"),
        ] == [(row["code"], row["parent"]) for row in rows]

    @pytest.mark.parametrize(
        ("companions", "parent", "warnings"),
        [
            ((), None, ("blocks", "chapters")),
            ((BLOCKS,), "A00-A09", ("chapters",)),
            ((CHAPTERS,), "I", ("blocks",)),
        ],
    )
    def test_missing_companions(
        self, companions: tuple[ReadableFile, ...], parent: str | None, warnings: tuple[str, ...]
    ):
        """Without blocks or chapters the codes still make a release, which says what it lacks."""
        (draft,) = assembled(read(codes_file(*CODES)), *map(read, companions)).drafts
        built = draft.build()
        rows = {row["code"]: row["parent"] for row in built.tables["concepts"].to_pylist()}
        assert parent == rows["A00"]
        expected = tuple(
            f"icd102016syst_codes.txt: the file of {name} is not loaded, the hierarchy is without them"
            for name in warnings
        )
        assert expected == built.warnings

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (who_line("A10", f1="6"), "expected 3, 4 or 5, got '6'"),
            (who_line("A10", f2="X"), "expected T or N, got 'X'"),
            (who_line("A10", f3="Q"), "expected X or S, got 'Q'"),
            (who_line("A10", f4="23"), "expected a chapter 01 to 22, got '23'"),
            (who_line("A10", f5="A1"), "expected the first category of a block, got 'A1'"),
            (who_line("A10", f9=" "), "expected a title, got ' '"),
            (who_line("A10", f7="10A"), "expected a code of ICD-10 (WHO), got '10A'"),
            (who_line("A10", f1="4"), "expected 3 for A10, got '4'"),
            (who_line("A10", f8="A1"), "expected A10, got 'A1'"),
            (who_line("A10", f6="A11"), "expected A10 and marks, got 'A11'"),
            (who_line("A10", f14="5-001"), "expected an entry of the list like 4-001, or UNDEF, got '5-001'"),
            (who_line("A00.0"), "code A00.0 is listed on line 2 already"),
            (who_line("A10") + ";more", "expected 17 fields, got 18"),
            (who_line("A20.0"), "A20.0 is below A20, which is missing"),
            (who_line("A20", place="N"), "A20 is marked N, and nothing is below it"),
        ],
    )
    def test_faulty_rows(self, line: str, message: str):
        """A row that holds what it must not is named with its line."""
        assert [(4, message)] == faults(codes_file(*CODES[:3], line))

    def test_terminal_codes_are_not_divided(self):
        """A code marked terminal has nothing below it."""
        found = faults(codes_file(who_line("A00"), who_line("A00.0")))
        assert [(1, "A00 is marked T, and is divided")] == found

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("A10;A19;01", "expected 4 fields (first and last category, chapter, title), got 'A10;A19;01'"),
            ("A19;A10;01;x", "expected a block's first and last category, got 'A19', 'A10'"),
            ("A10;A19;99;x", "expected a chapter 01 to 22, got '99'"),
            ("A00;A05;01;x", "a block from A00 is on line 1 already"),
        ],
    )
    def test_faulty_blocks(self, line: str, message: str):
        """A row that is no block is named."""
        assert [(2, message)] == faults(lines_file("A00;A09;01;first", line, name="icd102016syst_blocks.txt"))

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("23;x", "expected a chapter 01 to 22 and its title, got '23;x'"),
            ("01;x", "chapter 01 is on line 1 already"),
        ],
    )
    def test_faulty_chapters(self, line: str, message: str):
        """A row that is no chapter is named."""
        assert [(2, message)] == faults(lines_file("01;first", line, name="icd102016syst_chapters.txt"))

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (who_line("A20", block="A20"), "A20 is in a block from A20, which is not listed"),
            (who_line("A20", block="A10"), "A20 is outside of its block A10-A19"),
            (who_line("A10", block="A10", chapter="02"), "A10 is in chapter 02, which is not listed"),
        ],
    )
    def test_codes_that_contradict_blocks_and_chapters(self, line: str, message: str):
        """A category's place must be in the other two files."""
        (draft,) = assembled(read(codes_file(*CODES[:3], line)), read(BLOCKS), read(CHAPTERS)).drafts
        with pytest.raises((ReleaseFormatError, ReleaseFaults)) as caught:
            draft.build()
        found = caught.value.exceptions if isinstance(caught.value, ReleaseFaults) else [caught.value]
        assert (4, message) == (found[0].line, found[0].message)

    def test_blocks_that_contradict_chapters(self):
        """A block's chapter must be listed."""
        blocks = lines_file("A00;A09;02;first", name="icd102016syst_blocks.txt")
        (draft,) = assembled(read(codes_file(*CODES)), read(blocks), read(CHAPTERS)).drafts
        with pytest.raises(ReleaseFormatError, match="A00-A09 is in chapter 02, which is not listed"):
            draft.build()
