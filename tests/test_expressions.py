"""Regular expressions that texts of users are held against: each takes time linear in the text."""

from __future__ import annotations

import pytest

from terminology.codelists.plain import HEAD_LINE
from terminology_crosswalks.hcpcs_cross_references.corrections import TEXT_ROW
from terminology_crosswalks.icd10cm_conversion.predecessors import AND
from terminology_loaders.cpt.modifiers import APPENDIX
from terminology_loaders.hcpcs import MARKS
from terminology_loaders.order.addenda import TOTAL

LONG = 300_000


@pytest.mark.parametrize(
    ("search", "text"),
    [
        (HEAD_LINE.match, "a" + " " * LONG + "!"),
        (HEAD_LINE.match, "a " * LONG + "!"),
        (TOTAL.findall, " " * LONG),
        (TOTAL.findall, "1" * LONG),
        (APPENDIX.search, "\n" * LONG),
        (AND.split, " " * LONG + "x"),
        (TEXT_ROW.fullmatch, "A0000 x" + " " * LONG + "\n"),
        *((mark.search, "\n" * LONG) for mark, _ in MARKS),
    ],
)
def test_no_text_is_gone_through_again_from_each_of_its_places(search, text):
    """Three hundred thousand characters would take hours where it were."""
    assert search(text) in (None, [], [text])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("A and B", ["A", "B"]), ("A  &B", ["A", "B"]), ("A & & B", ["A", "", "B"]), ("A AND\tB&C", ["A", "B", "C"])],
)
def test_codes_are_parted_by_and(text, pieces):
    """By the word, or by its sign."""
    assert pieces == AND.split(text)
