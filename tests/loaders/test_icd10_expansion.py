"""Modifier expansion of ClaML: which codes the modifiers make."""

from __future__ import annotations

import pytest

from terminology_loaders.claml import expand, read_claml

from .claml_files import (
    claml_file,
    modified,
    modifier_class,
    node,
)
from .icd10_files import FIFTH, TWO_VALUES, concepts


def expanded(*elements: str) -> list[str]:
    """Return the codes that the modifiers of these elements make."""
    return [made.code for made in expand(read_claml(claml_file(*elements).data, "sample.xml"))]


BARE_FOUR = (modifier_class("A00B00_4", "0", "without"), modifier_class("A00B00_4", "1", "with"))


PLACES = (modifier_class("S20W00_4", "0", "indoors"), modifier_class("S20W00_4", "9", "anywhere"))


class TestExpansion:
    """The codes that a file stands for without writing them out."""

    def test_fourth_character_below_a_category(self):
        """Values with a dot follow a category that has nothing below."""
        assert ["A00.0", "A00.1"] == expanded(*TWO_VALUES, node("A00", more=modified("S01A00_4")))

    def test_fourth_character_modifier_on_written_codes(self):
        """Values without a dot follow each code that is written out below."""
        found = expanded(
            *BARE_FOUR,
            node("A00", children="A00.0 A00.9", more=modified("A00B00_4")),
            node("A00.0", "A00"),
            node("A00.9", "A00"),
        )
        assert ["A00.00", "A00.01", "A00.90", "A00.91"] == found

    def test_fifth_character_takes_an_x(self):
        """A fifth character after three has X before it."""
        assert ["A00.X0", "A00.X1"] == expanded(*FIFTH, node("A00", more=modified("S01A00_5")))

    def test_fifth_character_on_written_codes(self):
        """A fifth character follows each code of four that is written out."""
        found = expanded(*FIFTH, node("A00", children="A00.0", more=modified("S01A00_5")), node("A00.0", "A00"))
        assert ["A00.00", "A00.01"] == found

    def test_fifth_character_on_one_code(self):
        """A code of four characters may be modified itself."""
        assert ["A00.20", "A00.21"] == expanded(*FIFTH, node("A00.2", more=modified("S01A00_5")))

    def test_two_modifiers_are_applied_by_tier(self):
        """The fourth character comes first, whatever the order in the file."""
        both = modified("S01A00_5") + modified("S01A00_4")
        expected = ["A00.0", "A00.1", "A00.00", "A00.01", "A00.10", "A00.11"]
        assert expected == expanded(*TWO_VALUES, *FIFTH, node("A00", more=both))

    def test_position_decides_before_the_identifier(self):
        """Modifiers whose identifiers say no tier are applied by their position."""
        values = (modifier_class("FIRST", ".1", "first"), modifier_class("SECOND", "2", "second"))
        both = modified("SECOND", position="2") + modified("FIRST", position="1")
        assert ["A00.1", "A00.12"] == expanded(*values, node("A00", more=both))

    def test_order_of_the_file_decides_last(self):
        """Without position and tier the order of ModifiedBy holds."""
        values = (modifier_class("FIRST", ".1", "first"), modifier_class("SECOND", "2", "second"))
        assert ["A00.1", "A00.12"] == expanded(*values, node("A00", more=modified("FIRST") + modified("SECOND")))

    def test_only_valid_values(self):
        """``all="false"`` admits the values that are listed."""
        some = modified("S01A00_4", '<ValidModifierClass code=".1"/>', all="false")
        assert ["A00.1"] == expanded(*TWO_VALUES, node("A00", more=some))

    def test_no_valid_values(self):
        """``all="false"`` without a list admits none."""
        assert [] == expanded(*TWO_VALUES, node("A00", more=modified("S01A00_4", all="false")))

    def test_a_value_barred_after_another(self):
        """``excludeOnPrecedingModifier`` bars a pair of values."""
        barred = '<Meta name="excludeOnPrecedingModifier" value="S01A00_4 .1"/>'
        second = (modifier_class("S01A00_5", "0", "left"), modifier_class("S01A00_5", "1", "right", barred))
        both = modified("S01A00_4") + modified("S01A00_5")
        assert ["A00.0", "A00.1", "A00.00", "A00.01", "A00.10"] == expanded(
            *TWO_VALUES, *second, node("A00", more=both)
        )

    def test_written_codes_are_never_overwritten(self):
        """A class that is written out keeps its own title; the other values are made."""
        classes = (node("A00", children="A00.0", more=modified("S01A00_4")), node("A00.0", "A00", title="its own"))
        found = concepts(*TWO_VALUES, *classes)
        assert ["its own", "title A00: late"] == [found[code]["title"] for code in ("A00.0", "A00.1")]

    def test_a_class_below_that_rules_itself(self):
        """A code with the same modifier of its own, or barring it, is left to itself."""
        below = (
            node("A00", children="A00.0 A00.1 A00.2", more=modified("S01A00_5")),
            node("A00.0", "A00", more=modified("S01A00_5", '<ValidModifierClass code="1"/>', all="false")),
            node("A00.1", "A00", more='<ExcludeModifier code="S01A00_5"/>'),
            node("A00.2", "A00"),
        )
        assert ["A00.20", "A00.21", "A00.01"] == expanded(*FIFTH, *below)

    def test_modifier_of_a_block(self):
        """What modifies a block modifies the categories below, unless they exclude it."""
        classes = (
            node("A00-A09", children="A00 A01", more=modified("S01A00_4")),
            node("A00", "A00-A09"),
            node("A01", "A00-A09", more='<ExcludeModifier code="S01A00_4"/>'),
        )
        assert ["A00.0", "A00.1"] == expanded(*TWO_VALUES, *classes)

    def test_link_without_modified_by(self):
        """A rubric that links to a modifier stands for a ModifiedBy, and is told of (WHO: M13)."""
        link = '<Rubric kind="modifierlink"><Label><Reference code="S01A00_5">[see there]</Reference></Label></Rubric>'
        document = read_claml(
            claml_file(*FIFTH, node("M13", children="M13.0", more=link), node("M13.0", "M13")).data, "sample.xml"
        )
        found = expand(document)
        assert ["M13.00", "M13.01"] == [made.code for made in found]
        assert ("modified by a link in a rubric, without ModifiedBy: M13",) == found.warnings

    def test_place_of_occurrence_takes_a_dot(self):
        """Its values carry no dot, and are fourth characters."""
        assert ["W00.0", "W00.9"] == expanded(*PLACES, node("W00", more=modified("S20W00_4")))

    @pytest.mark.parametrize("code", ["W26", "X34", "X59"])
    def test_place_of_occurrence_where_the_fourth_character_is_taken(self, code: str):
        """It makes no code where WHO has subdivided the category since, and says so."""
        classes = (node(code, children=f"{code}.0", more=modified("S20W00_4")), node(f"{code}.0", code))
        found = expand(read_claml(claml_file(*PLACES, *classes).data, "sample.xml"))
        assert [] == list(found)
        assert (f"place of occurrence is not applied, the fourth character is taken: {code}",) == found.warnings

    def test_place_of_occurrence_outside_of_its_range(self):
        """It is published for W00-Y34 only, whatever the block above says."""
        classes = (node("Y90-Y98", children="Y96", more=modified("S20W00_4")), node("Y96", "Y90-Y98"))
        assert [] == expanded(*PLACES, *classes)

    def test_activity_makes_no_code(self):
        """Activity codes stand beside a code; the file is told of."""
        document = read_claml(
            claml_file(modifier_class("S20V01T_5", "0", "sport"), node("W00", more=modified("S20V01T_5"))).data, "s.xml"
        )
        found = expand(document)
        assert [] == list(found)
        assert ("1 categories take activity codes: these are reported beside a code and make none",) == found.warnings
