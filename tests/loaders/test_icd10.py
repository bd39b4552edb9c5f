"""ICD-10 of WHO: ClaML with its modifiers, the metadata text files, and what is refused."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.claml import expand, label_text, read_claml
from terminology_loaders.icd10 import Icd10Loader

from .claml_files import (
    GM_HEAD,
    OPTIONAL,
    WHO_HEAD,
    bytes_file,
    claml_file,
    lines_file,
    modified,
    modifier_class,
    node,
    rubric,
    who_line,
)

LOADERS = {"icd10": Icd10Loader()}
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10"
RELEASES = os.environ.get("TERMINOLOGY_RELEASES")
live = [
    pytest.mark.live,
    pytest.mark.skipif(RELEASES is None, reason="TERMINOLOGY_RELEASES names no folder of release files"),
]


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = LOADERS["icd10"].read(file)
    assert isinstance(part, Part)
    return part


def faults(file: ReadableFile) -> list[tuple[int | None, str]]:
    """Return line and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS["icd10"].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.message) for fault in found]


def expanded(*elements: str) -> list[str]:
    """Return the codes that the modifiers of these elements make."""
    return [made.code for made in expand(read_claml(claml_file(*elements).data, "sample.xml"))]


def concepts(*elements: str, head: str = WHO_HEAD) -> dict[str, dict[str, Any]]:
    """Return the rows of a ClaML file by code."""
    part = read(claml_file(*elements, head=head))
    return {row["code"]: row for row in part.tables["concepts"].to_pylist()}


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return LOADERS["icd10"].assemble(parts)


TWO_VALUES = (modifier_class("S01A00_4", ".0", "early"), modifier_class("S01A00_4", ".1", "late"))
BARE_FOUR = (modifier_class("A00B00_4", "0", "without"), modifier_class("A00B00_4", "1", "with"))
FIFTH = (modifier_class("S01A00_5", "0", "left"), modifier_class("S01A00_5", "1", "right"))
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
        assert ("1 categories take activity codes: these stand beside a code and make none",) == found.warnings


class TestConcepts:
    """Rows, properties and flags."""

    def test_titles_of_expanded_codes(self):
        """The full title joins base and values as the publisher's own text files do."""
        row = concepts(*TWO_VALUES, node("A00", more=modified("S01A00_4"), title="Trouble"))["A00.1"]
        assert ("Trouble: late", "late", "A00", ["S01A00_4 .1"]) == (
            row["title"],
            row["short_title"],
            row["parent"],
            row["modifiers"],
        )

    def test_preferred_long_is_the_title(self):
        """The long form is the title, the other one the short title."""
        row = concepts(node("A00", more=rubric("preferredLong", "Trouble: of roots"), title="of roots"))["A00"]
        assert ("Trouble: of roots", "of roots", "Trouble: of roots") == (
            row["title"],
            row["short_title"],
            row["preferred_long"],
        )

    def test_leaves_are_billable(self):
        """What is divided is a header: by written codes, by modifiers, by a subdivision that the file leaves out."""
        rows = concepts(
            *TWO_VALUES,
            node("I", children="A00-A09"),
            node("A00-A09", "I", "A00 A01 A02 A03"),
            node("A00", "A00-A09", "A00.0"),
            node("A00.0", "A00"),
            node("A01", "A00-A09", more=modified("S01A00_4")),
            node("A02", "A00-A09", "A02.7"),
            node("A03", "A00-A09"),
        )
        assert {"A00.0", "A01.0", "A01.1", "A03"} == {code for code, row in rows.items() if row["billable"]}

    def test_optional_subdivision_leaves_its_base_billable(self):
        """Where the publisher leaves the further character to the user, the code without it may be used."""
        rows = concepts(*FIFTH, node("A00", more=modified("S01A00_5", OPTIONAL)))
        assert {"A00": True, "A00.X0": True, "A00.X1": True} == {code: row["billable"] for code, row in rows.items()}

    def test_blocks_nest(self):
        """Blocks stand in blocks, and one of a single category keeps its dash."""
        rows = concepts(
            node("II", children="C00-C97"),
            node("C00-C97", "II", "C00-C75"),
            node("C00-C75", "C00-C97", "C50"),
            '<Class code="C50" kind="block"><SuperClass code="C00-C75"/>' + rubric("preferred", "alone") + "</Class>",
        )
        assert {"II": None, "C00-C97": "II", "C00-C75": "C00-C97", "C50-C50": "C00-C75"} == {
            code: row["parent"] for code, row in rows.items()
        }

    def test_rows_stand_in_document_order(self):
        """A parent before its children, as SubClass lists them, wherever the classes stand in the file."""
        rows = concepts(
            node("A00.1", "A00"), node("A01", "A00-A09"), node("A00.0", "A00"), node("A00", "A00-A09", "A00.0 A00.1"),
            node("A00-A09", "I", "A00 A01"), node("I", children="A00-A09"),
        )  # fmt: skip
        assert ["I", "A00-A09", "A00", "A00.0", "A00.1", "A01"] == list(rows)

    def test_usage_of_class_and_of_modifier_class(self):
        """Dagger and asterisk stand on classes or on values, and their partners in references."""
        value = modifier_class(
            "S01A00_4", ".2", "with roots", rubric("inclusion", 'x<Reference usage="aster">B20.0</Reference>'), "dagger"
        )
        aster = '<Class code="B20.0" kind="category" usage="aster">' + rubric(
            "preferred", 'Roots<Reference class="in brackets" usage="dagger">A00.2</Reference>'
        )
        rows = concepts(value, node("A00", more=modified("S01A00_4")), aster + "</Class>")
        assert ("dagger", ["B20.0"]) == (rows["A00.2"]["usage"], rows["A00.2"]["partners"])
        assert ("aster", ["A00.2"], "Roots") == tuple(rows["B20.0"][n] for n in ("usage", "partners", "title"))

    def test_tabulation_lists(self):
        """Meta elements become properties; UNDEF says nothing."""
        metas = '<Meta name="MortL1Code" value="1-001"/><Meta name="MortL2Code" value="UNDEF"/>'
        row = concepts(node("A00", more=metas))["A00"]
        assert ("1-001", None) == (row["mortality_1"], row["mortality_2"])

    def test_codes_without_dots(self):
        """Codes that the file writes without a dot are given one, and so are the references between them."""
        rows = concepts(node("C22", children="C220"), node("C220", "C22"))
        assert {"C22": None, "C22.0": "C22"} == {code: row["parent"] for code, row in rows.items()}

    def test_other_languages_are_designations(self):
        """Labels in other languages are kept beside, those of the file's own make titles and notes."""
        both = '<Rubric kind="inclusion"><Label xml:lang="en">leaf</Label><Label xml:lang="fr">feuille</Label></Rubric>'
        part = read(claml_file(node("A00", more=both)))
        assert ["leaf"] == part.tables["notes"].column("text").to_pylist()
        expected = [{"code": "A00", "language": "fr", "kind": "inclusion", "text": "feuille"}]
        assert expected == part.tables["designations"].drop_columns(["line"]).to_pylist()


class TestLabels:
    """Mixed content as plain text."""

    @pytest.mark.parametrize(
        ("label", "text", "targets"),
        [
            ('bone<Reference class="in brackets">C96.7</Reference>', "bone (C96.7)", ("C96.7",)),
            ('x<Reference class="in brackets" code="C49">C49.-</Reference>', "x (C49.-)", ("C49.-",)),
            ('x<Reference class="in brackets" code="M15">M15-M19</Reference>', "x (M15-M19)", ("M15-M19",)),
            ('<Reference code="S13M40_5">[See there]</Reference>', "[See there]", ("S13M40_5",)),
            ('a<Reference class="in brackets" usage="aster">N08.3</Reference>', "a (N08.3*)", ("N08.3",)),
            ('a<Reference class="in brackets" usage="aster">N08.3*</Reference>', "a (N08.3*)", ("N08.3",)),
            ('B<Term class="subscript">12</Term> low', "B12 low", ()),
            ('1.<Term class="tab"/>First', "1. First", ()),
            ('<Fragment type="list">Old:</Fragment>\n  <Fragment type="list">pot</Fragment>', "Old: pot", ()),
            ('<Fragment type="item" usage="dagger">pot</Fragment>', "pot+", ()),
            ("<Para>One</Para>\n<Para>Two\n  lines</Para>", "One\nTwo lines", ()),
            ("Such as<List><ListItem>a</ListItem><ListItem>b</ListItem></List>", "Such as\n- a\n- b", ()),
            ("<Table><Row><Cell>a</Cell><Cell>b</Cell></Row><Row><Cell>c</Cell></Row></Table>", "a | b |\nc |", ()),
        ],
    )
    def test_text_and_targets(self, label: str, text: str, targets: tuple[str, ...]):
        """References become targets, paragraphs and items lines, fragments words."""
        from lxml import etree

        found = label_text(etree.fromstring(f"<Label>{label}</Label>"))
        assert (text, targets) == (found.text, found.targets)


class TestFaults:
    """Files that are refused, with every fault named."""

    def test_external_document_type_is_not_fetched(self):
        """A document type that names a file elsewhere is accepted, and nothing is read from there."""
        assert "claml" == read(claml_file(node("A00"))).kind

    def test_entities_are_refused(self):
        """A document that declares entities is refused."""
        data = b'<!DOCTYPE ClaML [<!ENTITY a "b">]><ClaML version="2.0.0"><Title name="ICD-10-EN"/></ClaML>'
        (line, message), *_ = faults(bytes_file(data, "bomb.xml"))
        assert line == 1
        assert "not allowed" in message

    def test_cut_file(self):
        """A file that ends too early is not well formed."""
        data = claml_file(node("A00")).data[:-20]
        assert "expected well-formed XML" in faults(bytes_file(data, "cut.xml"))[0][1]

    def test_no_class(self):
        """A file without classes is refused."""
        assert [(3, "expected at least one Class, got none")] == faults(claml_file())

    def test_all_faults_of_classes(self):
        """Every faulty class is named with its line."""
        found = faults(
            claml_file(
                '<Class code="" kind="category"/>',
                '<Class code="A00" kind="leaf"/>',
                '<Class code="A01" kind="category"/>',
                node("A02"),
                node("A02"),
                node("A03", more='<SuperClass code="A"/><SuperClass code="B"/>'),
                node("A04", more=rubric("preferred", "again")),
                '<ModifierClass code="0"/>',
                modifier_class("M_5", "0", "x"),
                modifier_class("M_5", "0", "y"),
            )
        )
        expected = [
            (4, "expected a Class with code and kind chapter, block or category, got '', 'category'"),
            (5, "expected a Class with code and kind chapter, block or category, got 'A00', 'leaf'"),
            (6, "A01: expected a preferred rubric with a label, got none"),
            (8, "class A02 is defined on line 7 already"),
            (9, "A03: expected one SuperClass, got A, B"),
            (10, "A04: expected one preferred rubric in en, got 2"),
            (11, "expected a ModifierClass with code and modifier, got '0', ''"),
            (13, "modifier class M_5 0 is defined on line 12 already"),
        ]
        assert expected == found

    def test_contradicting_hierarchy(self):
        """A class that two list, or that names another one above, is a fault."""
        found = faults(
            claml_file(node("A00", children="A00.0"), node("A01", children="A00.0"), node("A00.0", "A02"), node("A02"))
        )
        expected = [
            (4, "A00 lists A00.0 as SubClass, whose SuperClass is A02"),
            (5, "A01 and A00 both list A00.0 as SubClass"),
            (5, "A01 lists A00.0 as SubClass, whose SuperClass is A02"),
        ]
        assert expected == found

    def test_modifiers_that_are_not_there(self):
        """Modifiers and values that are named must be defined."""
        found = faults(
            claml_file(
                '<Modifier code="M_5"><SubClass code="0"/><SubClass code="1"/></Modifier>',
                modifier_class("M_5", "0", "x"),
                node("A00", more=modified("GONE_4")),
                node("A01", more=modified("M_5", '<ValidModifierClass code="7"/>', all="false")),
            )
        )
        expected = [
            (6, "A00 is modified by GONE_4, which has no ModifierClass"),
            (7, "A01: M_5 has no ModifierClass 7"),
            (4, "modifier M_5 lists 1, which has no ModifierClass"),
        ]
        assert expected == found

    def test_incomplete_hierarchy_is_told(self):
        """What an excerpt leaves out is no fault; it is told."""
        part = read(claml_file(node("A00", "A00-A09", "A00.0 A00.1"), node("A00.0", "A00"), node("A00.9", "A00")))
        expected = (
            "sample.xml: 1 classes are named as SubClass and not defined: A00.1",
            "sample.xml: 1 classes are without the SuperClass that they name: A00",
            "sample.xml: 1 classes are not listed as SubClass by their SuperClass: A00.9",
        )
        assert expected == part.warnings


class TestIdentity:
    """Whose classification a file is of."""

    @pytest.mark.parametrize(
        "head",
        [
            WHO_HEAD,
            '<Title name="ICD-10-EN" version="2010"/>',
            '<Identifier authority="WHO" uid="WHOICD102010_v2011-January-11"/>',
            '<Title name="ICD-10-WHO" version="2019">ICD-10-WHO</Title>',
            "",
        ],
    )
    def test_of_who(self, head: str):
        """WHO's own titles and identifiers are taken, and codes shaped like ICD-10 that nobody claims."""
        assert "claml" == read(claml_file(node("A00"), head=head)).kind

    @pytest.mark.parametrize(
        ("head", "name"),
        [
            ('<Title name="CIM-10 FR" version="2024"/>', "CIM-10 FR"),
            ('<Identifier authority="WHO" uid="x"/><Title name="ICD-10-TM" version="2016"/>', "ICD-10-TM"),
            ('<Title name="OPS-2024" version="2024"/>', "OPS-2024"),
            ('<Identifier authority="WHO" uid="x"/><Title name="ICF" version="2017"/>', "ICF"),
        ],
    )
    def test_of_others(self, head: str, name: str):
        """Other classifications are skipped by their names."""
        found = LOADERS["icd10"].read(claml_file(node("A00"), head=head))
        assert Skipped(f"ClaML of {name}: not ICD-10 as WHO publishes it") == found

    def test_of_nobody(self):
        """Codes that are none of ICD-10, without a title, are skipped."""
        found = LOADERS["icd10"].read(claml_file(node("5-870", kind="category"), head=""))
        assert Skipped("ClaML without title and identifier, whose codes are not those of ICD-10") == found

    @pytest.mark.parametrize(
        "file",
        [
            claml_file(node("A00"), head=GM_HEAD),
            claml_file(node("A00", more='<Meta name="Para295" value="P"/>'), head=""),
            bytes_file(b"<ICD10CM.tabular></ICD10CM.tabular>", "Tabular.xml"),
            bytes_file(b"00001 A00     0 Cholera", "order.txt"),
            lines_file("01;Kapitel", name="icd10gm2016syst_kapitel.txt"),
            lines_file("no chapter", name="chapters.txt"),
        ],
    )
    def test_strangers(self, file: ReadableFile):
        """Files of other systems are left to their loaders."""
        assert LOADERS["icd10"].read(file) is None

    def test_read_me(self):
        """The read-me of the text files is known."""
        assert Skipped("read-me of WHO's text files") == LOADERS["icd10"].read(
            bytes_file(b"ICD-10 Meta Data\r\n", "r.txt")
        )

    def test_root_of_another_case(self):
        """Excerpts whose root is written ClaMl are read."""
        assert "claml" == read(claml_file(node("A00"), root="ClaMl")).kind


CODES = (
    who_line("A00", place="N", mark=".-"),
    who_line("A00.0"),
    who_line("A00.1", mark="*"),
    who_line("A10", block="A10"),
)
BLOCKS = lines_file("A00;A09;01;first", "A10;A19;01;second", name="icd102016syst_blocks.txt")
CHAPTERS = lines_file("01;chapter one", name="icd102016syst_chapters.txt")


def codes_file(*lines: str, name: str = "icd102016syst_codes.txt") -> ReadableFile:
    """Return a codes file."""
    return lines_file(*lines, name=name)


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
            (who_line("A20.0"), "A20.0 stands below A20, which is missing"),
            (who_line("A20", place="N"), "A20 is marked N, and nothing stands below it"),
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
            (who_line("A20", block="A20"), "A20 stands in a block from A20, which is not listed"),
            (who_line("A20", block="A10"), "A20 lies outside of its block A10-A19"),
            (who_line("A10", block="A10", chapter="02"), "A10 stands in chapter 02, which is not listed"),
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
        with pytest.raises(ReleaseFormatError, match="A00-A09 stands in chapter 02, which is not listed"):
            draft.build()


class TestReleases:
    """Which files make which release."""

    def test_year_of_the_title(self):
        """The version in the title dates a ClaML file, before its name."""
        (draft,) = assembled(read(claml_file(node("A00"), name="icd102010en.xml"))).drafts
        assert ("2019", datetime.date(2019, 1, 1)) == (draft.version, draft.effective)

    def test_year_of_the_name(self):
        """A file without a title is dated by its name."""
        (draft,) = assembled(read(claml_file(node("A00"), head="", name="icd102010en.xml"))).drafts
        assert "2010" == draft.version

    def test_nothing_dates_the_file(self):
        """A file that nothing dates is refused until the operator gives its version."""
        part = read(claml_file(node("A00"), head=""))
        assert ((part, "nothing tells of which year the file is: give --version"),) == assembled(part).refused
        (draft,) = assembled(evolve(part, version="2010")).drafts
        assert "2010" == draft.version
        (draft,) = assembled(evolve(part, effective=datetime.date(2011, 1, 1))).drafts
        assert "2011" == draft.version

    def test_a_version_that_is_none(self):
        """A version that names no year is refused."""
        part = evolve(read(claml_file(node("A00"))), version="newest")
        assert ((part, "expected a version like 2019, got 'newest'"),) == assembled(part).refused

    def test_a_correction(self):
        """The operator may say that a file corrects the release of its year."""
        (draft,) = assembled(evolve(read(claml_file(node("A00"))), version="2019.1")).drafts
        assert ("2019.1", 1) == (draft.version, draft.correction)

    def test_company_dates_a_file(self):
        """A file without a year belongs to the release of the other files of its archive."""
        files = (
            lines_file(*CODES, name="icd102016syst_codes.txt", archive="meta.zip"),
            lines_file("01;chapter one", name="CHAPTERS.TXT", archive="meta.zip"),
        )
        (draft,) = assembled(*map(read, files)).drafts
        assert ["icd102016syst_codes.txt", "CHAPTERS.TXT"] == [part.origin.name for part in draft.parts]

    def test_order_of_parts_does_not_matter(self):
        """The same files make the same release in any order."""
        parts = [read(codes_file(*CODES)), read(BLOCKS), read(CHAPTERS)]
        (one,), (other,) = assembled(*parts).drafts, assembled(*reversed(parts)).drafts
        assert one.digest("icd10", 1) == other.digest("icd10", 1)

    def test_equal_claims_are_refused(self):
        """Of two files that hold other rows for the same year neither is taken."""
        parts = [read(claml_file(node(code), name=f"{code}.xml")) for code in ("A00", "A01")]
        found = assembled(*parts)
        assert () == found.drafts
        expected = "holds other rows than A01.xml, which claims release 2019 as well: give --version"
        assert expected == {part.origin.name: why for part, why in found.refused}["A00.xml"]

    def test_the_operator_decides_between_claims(self):
        """A file whose version was given is taken, the other one refused."""
        given = evolve(read(claml_file(node("A00"), name="A00.xml")), version="2019")
        other = read(claml_file(node("A01"), name="A01.xml"))
        found = assembled(given, other)
        assert [given] == list(found.drafts[0].parts)
        expected = "holds other rows than A00.xml, which claims release 2019 by better evidence: give --version"
        assert ((other, expected),) == found.refused

    def test_companions_alone(self):
        """Blocks and chapters without codes wait for them."""
        found = assembled(read(BLOCKS), read(CHAPTERS))
        assert () == found.drafts
        assert {"no list of the codes of ICD-10 (WHO) 2016 is loaded"} == {why for _, why in found.unused}

    def test_claml_and_text_of_one_year(self):
        """ClaML decides on the codes, the text files add what only they say, and every difference is kept."""
        classes = (
            node("A00", children="A00.0 A00.2", more=modified("S01A00_5", OPTIONAL)),
            node("A00.0", "A00", title="otherwise"),
            node("A00.2", "A00"),
        )
        head = WHO_HEAD.replace("2019", "2016")
        parts = [read(claml_file(*FIFTH, *classes, head=head)), read(codes_file(*CODES)), read(BLOCKS), read(CHAPTERS)]
        (draft,) = assembled(*parts).drafts
        built = draft.build()
        rows = {row["code"]: row for row in built.tables["concepts"].to_pylist()}
        assert ["A00", "A00.0", "A00.00", "A00.01", "A00.2", "A00.20", "A00.21"] == list(rows)
        assert ("otherwise", "001") == (rows["A00.0"]["title"], rows["A00.0"]["morbidity"])
        expected = [
            ("not in text files", "A00.2"),
            ("not in ClaML", "A00.1"),
            ("not in ClaML", "A10"),
            ("other title", "A00.0"),
        ]
        assert expected == [(row["check"], row["code"]) for row in built.tables["differences"].to_pylist()]
        assert "sample.xml: 2 codes: not in ClaML: A00.1, A10" in built.warnings


def test_samples_load(tmp_path: Path):
    """The packaged samples make two releases without errors."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    assert ((), ()) == (report.errors, report.skipped)
    found = [(i.release.version, i.release.concepts, i.release.billable, i.release.warnings) for i in report.loaded]
    assert [("2016", 8, 5, ()), ("2019", 12, 9, ())] == found


def test_coverage_lasts_to_the_next_release(tmp_path: Path):
    """A release of WHO's lasts until the next loaded one, the newest without end."""
    terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    system = terminology.open(tmp_path)["icd10"]
    days = {"2015-12-31": "uncovered", "2016-01-01": "billable", "2018-12-31": "billable", "2040-01-01": "billable"}
    assert days == {day: system.on(day).status("A00.0") for day in days}
    assert ("future", "billable") == (system.on("2018-06-01").status("B45.X0"), system.latest.status("B45.X0"))


def test_notes_of_the_sample(tmp_path: Path):
    """Notes carry the publisher's kinds, targets and the line of the ClaML file."""
    terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    edition = terminology.open(tmp_path)["icd10"].latest
    found = [(note.kind, note.targets, note.declared_at) for note in edition.notes("A00.0") if note.targets]
    expected = [
        ("coding-hint", ("B20.0",), "A00.0"),
        ("exclusion", ("A10.-",), "A00"),
        ("exclusion", ("B20-B45",), "I"),
    ]
    assert expected == found
    assert "icd102019en.xml" == edition.notes("A00")[0].source.file


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory):
    """Return report and code system of the text files of 2016."""
    folder = tmp_path_factory.mktemp("icd10")
    report = terminology.load(Path(RELEASES or "") / "icd10who", store=folder, loaders=LOADERS)
    return report, terminology.open(folder)["icd10"]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return the folder of the excerpts; it lies beside the releases."""
    folder = Path(RELEASES or "").parent / "samples" / "claml"
    if not folder.is_dir():
        pytest.skip("no folder samples/claml lies beside the release files")
    return folder


@pytest.fixture(scope="module")
def edition(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    """Return the excerpt as an edition."""
    store = tmp_path_factory.mktemp("examples")
    report = terminology.load(folder / "parser_examples.xml", store=store, version="2019", loaders=LOADERS)
    assert () == report.errors
    return terminology.open(store)["icd10"].latest


class TestLive:
    """The publisher's own files."""

    pytestmark = live

    def test_counts(self, loaded):
        """12,187 codes, of which 10,607 are terminal."""
        report, system = loaded
        assert () == report.errors
        found = [(r.version, r.effective.isoformat(), r.concepts, r.billable) for r in system.releases]
        assert [("2016", "2016-01-01", 12187, 10607)] == found
        kinds = system.latest.table("concepts").column("kind").to_pylist()
        assert {"chapter": 22, "block": 263, "category": 2049, "code": 10138} == {k: kinds.count(k) for k in set(kinds)}

    def test_hierarchy(self, loaded):
        """Chapters bear WHO's numbers, blocks of one category a dash."""
        edition = loaded[1].latest
        assert ("C50-C50", "II") == edition.ancestors("C50")
        assert ("A00", "A00-A09", "I") == edition.ancestors("A00.0")
        assert ("XVIII",) == edition.ancestors("R00-R09")

    def test_asterisks_and_flags(self, loaded):
        """372 codes are asterisk codes; terminal categories are billable, subdivided ones headers."""
        edition = loaded[1].latest
        table = edition.table("concepts")
        usages = [text for text in table.column("properties").to_pylist() if text and '"usage":"aster"' in text]
        assert 372 == len(usages)
        assert ["header", "billable", "billable", "billable", "header"] == [
            edition.status(code) for code in ("A00", "A00.0", "M45", "W00", "W26")
        ]

    def test_coverage(self, loaded):
        """The newest release lasts without end."""
        system = loaded[1]
        assert ("uncovered", "billable") == (
            system.on("2015-12-31").status("A00.0"),
            system.on("2040-01-01").status("A00.0"),
        )


class TestExamples:
    """Every modifier pattern of WHO's file, as an excerpt made by others shows them."""

    pytestmark = live

    def test_undated(self, folder: Path, tmp_path: Path):
        """The excerpt names no year: it is refused until one is given."""
        report = terminology.load(folder / "parser_examples.xml", store=tmp_path, loaders=LOADERS)
        assert ["nothing tells of which year the file is: give --version"] == [e.message for e in report.errors]

    def test_hierarchy(self, edition):
        """Blocks nest, and the long form is the title."""
        assert ("C40", "C40-C41", "C00-C75", "C00-C97", "II") == edition.ancestors("C40.3")
        concept = edition.lookup("C40.3")
        assert ("Malignant neoplasm: Short bones of lower limb", "Short bones of lower limb") == (
            concept.title,
            concept.short_title,
        )
        assert "Vitamin B12 deficiency anaemia" == edition.lookup("D51").title

    @pytest.mark.parametrize(
        ("parent", "codes"),
        [
            ("E10", [f"E10.{digit}" for digit in range(10)]),
            ("I70.0", ["I70.00", "I70.01"]),
            ("M45", [f"M45.X{digit}" for digit in range(10)]),
            ("M00.0", [f"M00.0{digit}" for digit in range(10)]),
            ("T14.2", ["T14.20", "T14.21"]),
            ("M13.0", [f"M13.0{digit}" for digit in range(10)]),
        ],
    )
    def test_patterns(self, edition, parent: str, codes: list[str]):
        """Each pattern makes its codes, all of them billable, and no other."""
        assert codes == list(edition.children(parent))
        assert {"billable"} == {edition.status(code) for code in codes}

    @pytest.mark.parametrize(
        ("code", "title", "short"),
        [
            ("E10.0", "Type 1 diabetes mellitus: With coma", "With coma"),
            ("I70.00", "Atherosclerosis of aorta: without gangrene", "without gangrene"),
            ("M45.X0", "Ankylosing spondylitis: Multiple sites in spine", "Multiple sites in spine"),
            ("T14.20", "Fracture of unspecified body region: closed", "closed"),
        ],
    )
    def test_titles(self, edition, code: str, title: str, short: str):
        """A title joins base and value."""
        concept = edition.lookup(code)
        assert (title, short) == (concept.title, concept.short_title)

    def test_usage(self, edition):
        """Dagger and partner come from the class or from the value."""
        assert ("dagger", ["G01"]) == tuple(edition.lookup("A17.0").properties[n] for n in ("usage", "partners"))
        assert ("dagger", ["N08.3"]) == tuple(edition.lookup("E10.2").properties[n] for n in ("usage", "partners"))
        assert "usage" not in edition.lookup("E10.0").properties

    def test_notes(self, edition):
        """Exclusions keep the codes that they name."""
        found = [(note.text, note.targets) for note in edition.notes("C40-C41", inherited=False)]
        assert [("bone marrow NOS (C96.7)", ("C96.7",)), ("synovia (C49.-)", ("C49.-",))] == found
        assert 4 == len([note for note in edition.notes("E10.0", inherited=False) if note.kind == "inclusion"])

    def test_the_other_excerpt(self, folder: Path, tmp_path: Path):
        """An excerpt of 2010 whose root and codes are written otherwise is read."""
        report = terminology.load(folder / "ExampleClaMLICD10Codes.xml", store=tmp_path, loaders=LOADERS)
        assert [("2010", 46, 41)] == [
            (i.release.version, i.release.concepts, i.release.billable) for i in report.loaded
        ]
        assert ("C22", "C15-C26", "C00-C75", "C00-C97", "II") == terminology.open(tmp_path)["icd10"].latest.ancestors(
            "C22.0"
        )
