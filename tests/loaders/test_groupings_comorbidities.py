"""Elixhauser's programs and definitions of the Charlson index that are wrong, cut short or incomplete."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology.samples import sample_releases
from terminology_loaders.groupings.charlson import CharlsonLoader
from terminology_loaders.groupings.elixhauser import ElixhauserLoader

from .grouping_files import faults_of

SAMPLES = sample_releases() / "groupings"
CHARLSON = "charlson-quan-2005.csv"
FORMATS = "CMR_Format_Program_v2022-1.sas"


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        (FORMATS, '"I5022" = "HF"', '"I5-22" = "HF"', "expected a code of ICD-10-CM, got 'I5-22'"),
        (FORMATS, '"I5022" = "HF"', '"I110" = "HF"', "expected I11.0 under one label"),
        (FORMATS, "$COMFMT", "$ANOTHER", "expected the format $COMFMT or $RCOMFMT"),
        (FORMATS, '      other = " "\n      ;\n\nrun;', "", "the file is cut short"),
        ("comformat2014-2015.txt", '"4280 "-"4289 "', '"4289 "-"4280 "', "a range that ends after it begins"),
        ("CMR_Index_Program_v2022-1.sas", "mwHF           = 15 ;", "", "expected a weight_mortality of HF, got none"),
        ("CMR_Index_Program_v2022-1.sas", "rwHF ", "rwCBVD ", "expected one weight_readmission of CBVD"),
        ("CMR_Index_Program_v2022-1.sas", "RUN;", "", "expected RUN; at the end of the program"),
        ("CMR_Mapping_Program_v2022-1.sas", "RUN;", "", "expected RUN; at the end of the program"),
        ("CMR_Mapping_Program_v2022-1.sas", "VALPOA", "VALNEWPOA", "got VALNEWPOA too: it is not known how they count"),
    ],
)
def test_a_fault_of_a_program_is_named(name: str, before: str, after: str, expected: str) -> None:
    """One statement is wrong or missing."""
    text = (SAMPLES / "elixhauser" / name).read_text(encoding="utf-8")
    assert before in text
    found = faults_of(ElixhauserLoader(), name, text.replace(before, after, 1))
    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "CHF,Congestive heart failure,1,2",
            "CHF,Congestive heart failure,one,2",
            "expected a whole number, got 'one'",
        ),
        ("I60-I69", "I69-I60", "expected a range of codes that rises"),
        ("1,DIABETES,", "1,DIABETIC,", "expected other categories of the file, got 'DIABETIC'"),
        ("PUD,", "MI,", "expected one row of MI"),
        ("M05 M06", "M05 M05", "expected M05 once"),
        ("E10.0 ", "QQQ ", "expected the beginning of codes of"),
        ("weight_2011,drops", "weight_2011,drop", "expected a column 'drops'"),
        ("effective,1979-01-01", "effective,soon", "expected a day such as 1979-01-01"),
        ("412\n", "412,more\n", "expected 7 cells, got 8"),
    ],
)
def test_a_fault_of_a_definition_is_named(before: str, after: str, expected: str) -> None:
    """One cell of the definition is wrong."""
    text = (SAMPLES / "charlson" / CHARLSON).read_text(encoding="utf-8")
    assert before in text
    found = faults_of(CharlsonLoader(), CHARLSON, text.replace(before, after, 1))
    assert any(expected in fault for fault in found), found


def test_without_the_mapping_program_labels_stay_as_they_are(tmp_path: Path) -> None:
    """Nothing is guessed from the spelling of a label, and the load says so; the program may come later."""
    folder = SAMPLES / "elixhauser"
    report = terminology.load(folder / FORMATS, store=tmp_path)
    assert any("combined labels stay as they are" in text for item in report.loaded for text in item.release.warnings)
    first = terminology.open(tmp_path).grouping("elixhauser").version("v2022-1")
    assert ["HFHTN_CX"] == [group.category for group in first.groups("I11.0")]
    terminology.load(folder / "CMR_Mapping_Program_v2022-1.sas", store=tmp_path)
    second = terminology.open(tmp_path).grouping("elixhauser").version("v2022-1")
    assert {"HF", "HTN_CX"} == {group.category for group in second.groups("I11.0")}


def test_a_workbook_that_differs_is_said(tmp_path: Path) -> None:
    """The program counts; what the matrix says otherwise is a warning."""
    folder = SAMPLES / "elixhauser"
    files = tmp_path / "files"
    files.mkdir()
    for path in folder.glob("CMR*"):
        data = path.read_bytes()
        (files / path.name).write_bytes(data.replace(b'"I119" = "HTN_CX"', b'"I119" = "HTN_UNCX"'))
    report = terminology.load(files, store=tmp_path / "store")
    said = [text for item in report.loaded for text in item.release.warnings]
    assert any("differs from the program at I11.9 HTN_CX, I11.9 HTN_UNCX" in text for text in said), said


def test_a_label_that_the_program_does_not_know_is_said(tmp_path: Path) -> None:
    """A new comorbidity of the formats, of which the mapping program says nothing, is taken in with a warning."""
    files = tmp_path / "files"
    files.mkdir()
    for path in (SAMPLES / "elixhauser").glob("CMR*.sas"):
        (files / path.name).write_bytes(path.read_bytes().replace(b'"I10" = "HTN_UNCX"', b'"I10" = "HTN_NEW"'))
    [item] = terminology.load(files, store=tmp_path / "store").loaded
    assert any("the mapping program says nothing of HTN_NEW" in text for text in item.release.warnings)
    whole = terminology.load(SAMPLES / "elixhauser", store=tmp_path / "whole")
    assert not any("says nothing of" in text for one in whole.loaded for text in one.release.warnings)
