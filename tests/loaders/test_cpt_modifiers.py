"""The list of modifiers of CPT (Appendix A)."""

from __future__ import annotations

import pytest

from .cpt_files import (
    MODIFIERS,
    concepts_of,
    faults_of,
    long_file,
    modifier_file,
    part_of,
    rows_of,
    text_file,
)


class TestModifiers:
    """Appendix A."""

    def test_groups(self):
        """Each modifier is known with the headings that list it."""
        found = {row["code"]: row["groups"] for row in rows_of(modifier_file())}
        expected = {
            "22": ["general"],
            "25": ["general", "ambulatory surgery"],
            "P1": ["physical status"],
            "P2": ["physical status"],
            "1P": ["category II"],
            "LT": ["level II"],
            "RT": ["level II"],
        }
        assert expected == found

    def test_texts(self):
        """The words before the colon are the title, those behind it the definition."""
        found = {row["code"]: (row["title"], row["definition"]) for row in rows_of(modifier_file())}
        assert ("Invented Visit", "When there were 30 of them") == found["25"]
        assert ("An invented calm state", None) == found["P1"]

    def test_year_words_date_it(self):
        """The year stands in the words of the list."""
        assert part_of(text_file("MODUL.txt", "Invented for CPT 2026 codes\n" + MODIFIERS)).facts["year_words"] == 2026

    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [
            ("22 Inv", "2X Inv", 10, "expected a modifier of two digits under the general modifiers, got '2X'"),
            ("1P Inv", "1Q Inv", 33, "expected a modifier of a digit and P under the category II modifiers, got '1Q'"),
            (
                "Modifier P1",
                "Modifier PX",
                22,
                "expected a modifier of P and a digit under the physical status modifiers, got 'PX'",
            ),
            ("RT Inv", "LT Inv", 40, "expected each modifier once, got LT again (first on line 39)"),
        ],
    )
    def test_malformed(self, old, new, line, message):
        """A modifier must look like those of its heading, and come once under it."""
        found = faults_of(modifier_file(MODIFIERS.replace(old, new)))
        assert [message] == [text for _, _, text in found]
        assert abs(line - (found[0][0] or 0)) <= 3

    def test_no_list(self):
        """A file with the publisher's name and no list is refused."""
        assert [(1, None, "expected modifiers below the heading Appendix A, got none")] == faults_of(
            text_file("MODUL.txt", "Nothing\n")
        )

    def test_concepts(self):
        """Modifiers stand under their node, billable, with their groups."""
        found = concepts_of(long_file(), modifier_file())
        modifier = found["P1"]
        assert ("modifier", "modifiers", True, ["physical status"]) == (
            modifier["kind"],
            modifier["parent"],
            modifier["billable"],
            modifier["modifier_groups"],
        )
        assert ("group", True) == (found["modifiers"]["kind"], found["modifiers"]["derived"])
