"""Chapters and blocks of a release that came without their files: those of the nearest release that has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Part
from terminology_loaders.icd10.placement import Lent, Place, outlined

from .claml_files import WHO_HEAD, claml_file, lines_file, node, who_line
from .icd10_files import BLOCKS, CHAPTERS, CODES, LOADERS, assembled, codes_file, read

LATER = codes_file(*CODES, who_line("A05"), name="icd102019syst_codes.txt")


def rows_of(*parts: Part, number: int = 1) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Return the rows of a release by code, and its warnings."""
    built = assembled(*parts).drafts[number].build()
    return {row["code"]: row for row in built.tables["concepts"].to_pylist()}, built.warnings


def test_codes_alone() -> None:
    """A year with its codes file alone has the chapters and blocks of the other, marked as derived; the load says so."""
    rows, warnings = rows_of(*map(read, (codes_file(*CODES), BLOCKS, CHAPTERS, LATER)))
    assert {"A00": "A00-A09", "A05": "A00-A09", "A10": "A10-A19", "A00-A09": "I", "A10-A19": "I", "I": None} == {
        code: row["parent"] for code, row in rows.items() if "." not in code
    }
    assert {"I", "A00-A09", "A10-A19"} == {code for code, row in rows.items() if row["derived"]}
    assert (
        "icd102019syst_codes.txt: the file of blocks is not loaded; 2 blocks are those of 2016, marked derived",
        "icd102019syst_codes.txt: the file of chapters is not loaded; 1 chapters are those of 2016, marked derived",
    ) == warnings


def test_each_file_for_itself() -> None:
    """Of two missing files one is borrowed where the other is there."""
    chapters = lines_file("01;its own", name="icd102019syst_chapters.txt")
    rows, warnings = rows_of(*map(read, (codes_file(*CODES), BLOCKS, CHAPTERS, LATER, chapters)))
    assert ("its own", False, True) == (rows["I"]["title"], rows["I"]["derived"], rows["A00-A09"]["derived"])
    assert len(warnings) == 1


def test_the_nearest_release_lends() -> None:
    """Of several the nearest by its day lends, of two equally near the earlier; the order of files does not matter."""
    parts = []
    for year in (2010, 2012, 2019):
        parts.append(read(codes_file(*CODES, name=f"icd10{year}syst_codes.txt")))
        parts.append(read(lines_file("A00;A09;01;x", f"A10;A19;01;of {year}", name=f"icd10{year}syst_blocks.txt")))
    for year, lender in ((2016, 2019), (2013, 2012), (2008, 2010)):
        alone = read(codes_file(*CODES, name=f"icd10{year}syst_codes.txt"))
        for order in ([*parts, alone], [alone, *reversed(parts)]):
            draft = next(draft for draft in assembled(*order).drafts if draft.version == str(year))
            titles = {row["code"]: row["title"] for row in draft.build().tables["concepts"].to_pylist()}
            assert f"of {lender}" == titles["A10-A19"]
            assert [f"icd10{lender}syst_blocks.txt"] == [part.origin.name for part in draft.borrowed]


def test_nested_blocks_are_lent_by_claml() -> None:
    """Blocks of a ClaML file nest; a category goes into the innermost that holds it."""
    classes = (
        node("I", children="A00-A49", kind="chapter"),
        node("A00-A49", "I", "A00-A09 A10-A19"),
        node("A00-A09", "A00-A49", "A00"),
        node("A10-A19", "A00-A49", "A10"),
        node("A00", "A00-A09"),
        node("A10", "A10-A19"),
    )
    later = codes_file(*CODES, who_line("A05"), who_line("A30", block="A30"), name="icd102021syst_codes.txt")
    rows, warnings = rows_of(read(claml_file(*classes, head=WHO_HEAD)), read(later))
    assert {"A00": "A00-A09", "A05": "A00-A09", "A10": "A10-A19", "A30": "A00-A49", "A00-A09": "A00-A49"} == {
        code: rows[code]["parent"] for code in ("A00", "A05", "A10", "A30", "A00-A09")
    }
    assert "icd102021syst_codes.txt: 2019 has no block from A30, where A30 belong: placed by their spans" in warnings


def test_what_the_lender_does_not_cover() -> None:
    """A category that no block holds stands below its chapter; one of another chapter is not put into a block."""
    later = codes_file(
        *CODES,
        who_line("B99", block="B99"),
        who_line("A06", chapter="02"),
        who_line("C00", chapter="02", block="C00"),
        name="icd102019syst_codes.txt",
    )
    chapters = lines_file("01;one", "02;two", name="icd102016syst_chapters.txt")
    rows, _ = rows_of(*map(read, (codes_file(*CODES), BLOCKS, chapters, later)))
    assert {"B99": "I", "A06": "II", "C00": "II"} == {code: rows[code]["parent"] for code in ("B99", "A06", "C00")}


def test_nothing_is_begun() -> None:
    """A block that has no category in the release is not borrowed: nothing says that it was there."""
    later = codes_file(*CODES[:3], name="icd102019syst_codes.txt")
    rows, _ = rows_of(*map(read, (codes_file(*CODES), BLOCKS, CHAPTERS, later)))
    assert "A10-A19" not in rows


def test_a_missing_file_ends_nothing(tmp_path) -> None:
    """Chapters and blocks go on, no code has moved, and they are headers on any day."""
    for file in (codes_file(*CODES), BLOCKS, CHAPTERS, LATER):
        (tmp_path / file.name).write_bytes(file.data)
    assert () == terminology.load(tmp_path, store=tmp_path / "store", loaders=LOADERS).errors
    system = terminology.open(tmp_path / "store")["icd10"]
    assert 0 == system.diff("2016", "2019").moved.num_rows
    for code in ("I", "A00-A09"):
        assert ["header", "header"] == [system.on(day).status(code) for day in ("2018-12-31", "2019-01-01")]
        assert [None] == [period.effective_to for period in system.history(code).periods][-1:]


# ---- placement, against a search that tries everything


CATEGORIES = [f"{letter}{number:02d}" for letter in "AB" for number in range(6)]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[tuple[str, str, int]], list[tuple[str, int, str]]]:
    """Draw blocks (first, last, chapter) with different firsts, and places (category, chapter, first of block)."""
    firsts = draw(st.lists(st.sampled_from(CATEGORIES), unique=True, max_size=4))
    blocks = [
        (first, draw(st.sampled_from([c for c in CATEGORIES if c >= first])), draw(st.integers(1, 2)))
        for first in firsts
    ]
    codes = sorted(draw(st.sets(st.sampled_from(CATEGORIES), min_size=1)))
    places = [(code, draw(st.integers(1, 2)), draw(st.sampled_from(CATEGORIES))) for code in codes]
    return blocks, places


def naive(blocks: list[tuple[str, str, int]], chapters: set[str], place: tuple[str, int, str]) -> str | None:
    """Return where a category belongs: the named block, the innermost that holds it, its chapter, or nowhere."""
    category, chapter, named = place
    holding = [block for block in blocks if block[0] <= category <= block[1] and block[2] == chapter]
    best = [block for block in holding if block[0] == named]
    for block in best or holding:
        rivals = best or holding
        if all((block[0], other[1]) >= (other[0], block[1]) for other in rivals):
            return f"{block[0]}-{block[1]}"
    own = "I" * chapter
    return own if own in chapters else None


@given(worlds(), st.booleans())
def test_placement(world, with_chapters) -> None:
    """Every category is where trying all blocks puts it."""
    blocks, places = world
    texts = [f"{first};{last};{chapter:02d};x" for first, last, chapter in blocks]
    lent = Lent(read(lines_file(*texts, name="icd102016syst_blocks.txt")), "2016") if texts else None
    above = Lent(read(lines_file("01;a", "02;b", name="icd102016syst_chapters.txt")), "2016")
    outline = outlined(
        [Place(code, "I" * chapter, named, line) for line, (code, chapter, named) in enumerate(places, 1)],
        "codes.txt",
        chapters=None,
        blocks=None,
        lent_chapters=above if with_chapters else None,
        lent_blocks=lent,
    )
    chapters = {"I", "II"} if with_chapters else set()
    for place in places:
        assert naive(blocks, chapters, place) == outline.parents.get(place[0])
    assert {node.code for node in outline.nodes if node.kind == "block"} == {
        parent for parent in outline.parents.values() if "-" in parent
    }


@pytest.mark.parametrize("kind", ["blocks", "chapters"])
def test_nobody_lends(kind: str) -> None:
    """Where no release has them, the hierarchy is without them, and the load says so."""
    rows, warnings = rows_of(*map(read, (codes_file(*CODES), LATER)))
    assert rows["A00"]["parent"] is None
    assert f"icd102019syst_codes.txt: the file of {kind} is not loaded, the hierarchy is without them" in warnings
