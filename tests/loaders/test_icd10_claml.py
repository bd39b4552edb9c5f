"""ClaML files of ICD-10: concepts, labels, faults, and which classification a file is of."""

from __future__ import annotations

import pytest

from terminology.drafts import Skipped
from terminology.reading import ReadableFile
from terminology_loaders.claml import label_text

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
)
from .icd10_files import FIFTH, LOADERS, TWO_VALUES, concepts, faults, read


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
            "sample.xml: 1 class is named as SubClass and not defined: A00.1",
            "sample.xml: 1 class is without the SuperClass that is named: A00",
            "sample.xml: 1 class is not listed as SubClass by the SuperClass: A00.9",
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
