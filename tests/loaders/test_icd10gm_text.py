"""Text files and ClaML of ICD-10-GM."""

from __future__ import annotations

from typing import Any

import pytest

from .claml_files import GM_HEAD, claml_file, gm_line, modified, modifier_class, node
from .icd10gm_files import CHAPTERS, CODES, GROUPS, assembled, faults, kodes, read


def concepts(*elements: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a ClaML file by code."""
    return {row["code"]: row for row in read(claml_file(*elements, head=GM_HEAD)).tables["concepts"].to_pylist()}


class TestText:
    """The metadata files."""

    def test_fields(self):
        """Every field has its column, in its type."""
        row = read(kodes(*CODES)).tables["concepts"].to_pylist()[2]
        expected = {
            "code": "A00.00",
            "title": "Titel A00.00",
            "billable": True,
            "parent": "A00.0",
            "mortality_1": "1-001",
            "mortality_4": None,
            "morbidity": "001",
            "section_295": "P",
            "section_301": "P",
            "sex": "W",
            "sex_error": "K",
            "age_low": "j015",
            "age_high": "j055",
            "age_error": "M",
            "rare": True,
            "content": True,
            "notifiable": True,
            "laboratory_exemption": False,
        }
        assert expected == {name: row[name] for name in expected}

    def test_terminal_codes_are_billable(self):
        """The publisher's T decides, also where section 295 admits what is divided further."""
        rows = read(kodes(*CODES)).tables["concepts"].to_pylist()
        assert [False, False, True, True] == [row["billable"] for row in rows]

    def test_a_terminal_code_that_neither_section_admits(self):
        """A code that may not be used is no billable one."""
        rows = read(kodes(gm_line("A00", f13="V", f14="V"))).tables["concepts"].to_pylist()
        assert [False] == [row["billable"] for row in rows]

    def test_hierarchy(self):
        """Codes stand in groups, groups in chapters with their Roman numbers."""
        (draft,) = assembled(*map(read, (kodes(*CODES), GROUPS, CHAPTERS))).drafts
        rows = draft.build().tables["concepts"].to_pylist()
        assert [("I", None), ("A00-A09", "I"), ("A00", "A00-A09"), ("A00.0", "A00"), ("A00.00", "A00.0")] == [
            (row["code"], row["parent"]) for row in rows
        ][:5]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
    def test_encodings(self, encoding: str):
        """UTF-8 with and without its mark is read, and Latin-1 with a warning."""
        part = read(kodes(gm_line("A00", f9="Übel"), encoding=encoding))
        assert ["Übel"] == part.tables["concepts"].column("title").to_pylist()
        told = ("icd10gm2016syst_kodes.txt:1: not UTF-8, read as CP1252",)
        assert (told if encoding == "latin-1" else ()) == part.warnings

    @pytest.mark.parametrize(
        ("line", "column", "message"),
        [
            (gm_line("A10", f13="Q"), "field 13 (section_295)", "expected O, P, V or Z, got 'Q'"),
            (gm_line("A10", f14=""), "field 14 (section_301)", "expected O, P, V or Z, got ''"),
            (
                gm_line("A10", f15="2-001"),
                "field 15 (mortality_1)",
                "expected an entry of the list like 1-001, or UNDEF, got '2-001'",
            ),
            (gm_line("A10", f20="F"), "field 20 (sex)", "expected 9, M or W, got 'F'"),
            (gm_line("A10", f21="J"), "field 21 (sex_error)", "expected 9, K or M, got 'J'"),
            (gm_line("A10", f23="215"), "field 23 (age_low)", "expected 9999, t000 to t365 or j001 to j124, got '215'"),
            (gm_line("A10", f26="1"), "field 26 (age_error)", "expected 9, K or M, got '1'"),
            (gm_line("A10", f27="?"), "field 27 (rare)", "expected J or N, got '?'"),
            (gm_line("A10").removesuffix(";N"), "field 1", "expected 30 fields, got 29"),
        ],
    )
    def test_faulty_rows(self, line: str, column: str, message: str):
        """A row that holds what it must not is named with line and field."""
        assert [(2, column, message)] == faults(kodes(gm_line("A00"), line))


class TestClaml:
    """The systematic list in ClaML."""

    def test_two_modifiers_of_one_category(self):
        """Both characters of diabetes: the pairs that the second modifier bars are not made."""
        barred = '<Meta name="excludeOnPrecedingModifier" value="S04E10_4 .6"/>'
        rows = concepts(
            modifier_class("S04E10_4", ".2", "mit Nieren"),
            modifier_class("S04E10_4", ".6", "mit Sonstigem"),
            modifier_class("S04E10_5", "0", "nicht entgleist"),
            modifier_class("S04E10_5", "4", "mit Fuß", barred),
            node("E10", more=modified("S04E10_4") + modified("S04E10_5"), title="Typ 1"),
        )
        assert ["E10", "E10.2", "E10.20", "E10.24", "E10.6", "E10.60"] == list(rows)
        assert "Typ 1: mit Nieren: mit Fuß" == rows["E10.24"]["title"]
        assert {"E10.20", "E10.24", "E10.60"} == {code for code, row in rows.items() if row["billable"]}

    def test_valid_modifier_classes(self):
        """A class takes the values that it lists; what is divided is a header even if the division is optional."""
        some = modified("S13M00_5", '<Meta name="usage" value="optional"/><ValidModifierClass code="1"/>', all="false")
        rows = concepts(
            modifier_class("S13M00_5", "0", "mehrere"), modifier_class("S13M00_5", "1", "Arm"), node("M00.0", more=some)
        )
        assert {"M00.0": False, "M00.01": True} == {code: row["billable"] for code, row in rows.items()}

    def test_a_subclass_that_is_absent(self):
        """A subdivision that the file names and leaves out is told of."""
        part = read(claml_file(node("Y35", children="Y35.5 Y35.6"), node("Y35.5", "Y35"), head=GM_HEAD))
        assert ("sample.xml: 1 class is named as SubClass and not defined: Y35.6",) == part.warnings

    def test_metas(self):
        """Meta elements become typed properties; what bars a header does not bar its divisions."""
        metas = "".join(
            f'<Meta name="{name}" value="{value}"/>'
            for name, value in {
                "Para295": "V",
                "Para301": "V",
                "SexCode": "W",
                "SexReject": "9",
                "AgeLow": "j015",
                "RareDisease": "N",
                "Content": "J",
                "Infectious": "J",
                "EBMLabor": "N",
                "MortBCode": "UNDEF",
            }.items()
        )
        rows = concepts(modifier_class("M_4", ".0", "x"), node("A00", more=metas + modified("M_4")))
        names = (
            "section_295",
            "section_301",
            "sex",
            "sex_error",
            "age_low",
            "rare",
            "content",
            "notifiable",
            "morbidity",
        )
        assert ("V", "V", "W", None, "j015", False, True, True, None) == tuple(rows["A00"][name] for name in names)
        assert ("P", "P", True) == tuple(rows["A00.0"][name] for name in ("section_295", "section_301", "billable"))

    def test_barred_leaf(self):
        """A code that neither section admits is no billable one."""
        metas = '<Meta name="Para295" value="V"/><Meta name="Para301" value="V"/>'
        assert not concepts(node("U99.0", more=metas))["U99.0"]["billable"]

    def test_joined_with_the_text_files(self):
        """The codes file decides on codes and flags, the ClaML adds nested blocks, notes and usage."""
        head = GM_HEAD.replace("2024", "2016")
        classes = (
            node("I", children="A00-A49"),
            node("A00-A49", "I", "A00-A09"),
            node("A00-A09", "A00-A49", "A00"),
            node("A00", "A00-A09", "A00.0 A00.5"),
            node("A00.0", "A00", "A00.00", title="anders"),
            (
                '<Class code="A00.00" kind="category" usage="dagger"><SuperClass code="A00.0"/>'
                '<Rubric kind="preferred"><Label>Titel A00.00</Label></Rubric>'
                '<Rubric kind="inclusion"><Label>Text</Label></Rubric></Class>'
            ),
            node("A00.5", "A00"),
        )
        parts = [read(claml_file(*classes, head=head)), *map(read, (kodes(*CODES), GROUPS, CHAPTERS))]
        (draft,) = assembled(*parts).drafts
        assert "icd10gm2016syst_kodes.txt" == draft.parts[0].origin.name
        built = draft.build()
        rows = {row["code"]: row for row in built.tables["concepts"].to_pylist()}
        assert ["I", "A00-A49", "A00-A09", "A00", "A00.0", "A00.00", "A00.9"] == list(rows)
        assert ("dagger", "P", "Titel A00.0") == (
            rows["A00.00"]["usage"],
            rows["A00.00"]["section_295"],
            rows["A00.0"]["title"],
        )
        assert ["A00.00"] == built.tables["notes"].column("code").to_pylist()
        found = [(row["check"], row["code"]) for row in built.tables["differences"].to_pylist()]
        assert ("not in text files", "A00.5") in found
        assert ("not in ClaML", "A00.9") in found
        assert ("other title", "A00.0") in found
