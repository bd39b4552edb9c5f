"""The loader of risk adjustment: which files it takes, how versions of one day are ordered, and what it rejects."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import terminology
from terminology import LoadReport, Terminology
from terminology.drafts import Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.groupings.hcc import HccLoader
from terminology_loaders.groupings.hcc.identifiers import file_id

TABLE = "E119\t19\t\r\nE1122\t18\t\r\nE1122\t138\tD\r\n"
LABELS = ' %MACRO V24H86L1;\n LABEL\n HCC18 ="Complications "\n HCC19 ="None "\n ;\n %MEND V24H86L1;\n'
HIERARCHIES = " %MACRO V24H86H1;\n /*D */ %SET0(CC=18 , HIER=%STR(19 ));\n %MEND V24H86H1;\n"
EDITS = ' %MACRO V24I0ED1(AGE=, SEX=, ICD10= );\n IF &SEX="2" AND &ICD10 IN ("D66") THEN CC="48";\n %MEND V24I0ED1;\n'


def loaded(folder: Path, files: dict[str, str], **given: str) -> tuple[Terminology, LoadReport]:
    """Return the store of some files, and the report of the load."""
    place = folder / "files"
    place.mkdir(exist_ok=True)
    for name, text in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(text.encode())
    report = terminology.load(place, store=folder / "store", **given)  # type: ignore[arg-type]
    return terminology.open(folder / "store"), report


def read(name: str, text: str) -> object:
    """Return what the loader makes of one file."""
    return HccLoader().read(ReadableFile(name, text.encode))


def categories(found: object) -> list[str]:
    """Return the categories of groups."""
    return [one.category for one in found]  # type: ignore[attr-defined]


# ---- versions


def test_versions_by_file_id(tmp_path: Path) -> None:
    """Model and file id are the version; its first day is January 1 of the year in the id, and what that rests on is said."""
    store, report = loaded(tmp_path, {"F2420P1M.TXT": TABLE, "F2421P2M.TXT": TABLE})
    first, second = store.grouping("hcc_v24").versions
    assert (first.version, str(first.effective_from), second.version) == ("F2420P1M", "2020-01-01", "F2421P2M")
    assert first.basis is not None
    assert "the payment year is not stated in the file: give --effective" in first.basis
    assert any("payment year" in warning for one in report.loaded for warning in one.release.warnings)


def test_a_table_between_commas(tmp_path: Path) -> None:
    """The same rows between commas, below a header or not, are the same table; one of another width is rejected."""
    text = "Diagnosis Code,CC,Flag\nE119,19,\n" + '"E1122","18",""\nE1122,138,D\n'
    for number, one in enumerate((text, text.partition("\n")[2])):
        folder = tmp_path / str(number)
        folder.mkdir()
        store, report = loaded(folder, {"F2826T1N_FY25FY26.csv": one})
        assert not report.errors
        [version] = store.grouping("hcc_v28").versions
        assert version.version == "F2826T1N_FY25FY26"
        assert categories(store.grouping("hcc_v28").latest.groups("E11.22")) == ["18", "138"]
    with pytest.raises(ReleaseFormatError, match=r"F2826T1N\.csv:5.*between commas, got 2 cells"):
        read("F2826T1N.csv", text + "E118,36\n")


def test_the_operator_dates_a_table(tmp_path: Path) -> None:
    """A day that the operator gives overrides the year in the file id."""
    store, _ = loaded(tmp_path, {"F2421P2M.TXT": TABLE}, effective="2022-01-01")
    (version,) = store.grouping("hcc_v24").versions
    assert (str(version.effective_from), version.basis) == ("2022-01-01", "given by the operator")


def test_the_later_revision_answers(tmp_path: Path) -> None:
    """Of two tables of one model and year the later revision answers on a day, and the earlier one by its name."""
    files = {"F2421P1M.TXT": "E119\t19\t\r\n", "F2421P2M.TXT": "E119\t18\t\r\n", "F2420P1M.TXT": TABLE}
    store, report = loaded(tmp_path, files)
    assert not report.errors
    grouping = store.grouping("hcc_v24")
    assert [one.version for one in grouping.versions] == ["F2420P1M", "F2421P1M", "F2421P2M"]
    assert grouping.on("2021-01-01").version == "F2421P2M"
    assert categories(grouping.on("2021-06-01").groups("E11.9")) == ["18"]
    assert categories(grouping.version("F2421P1M").groups("E11.9")) == ["19"]
    assert (grouping.version("F2421P1M").categories, grouping.latest.categories) == (("19",), ("18",))
    assert grouping.diff("F2421P1M", "F2421P2M").codes("changed") == ("E11.9",)


def test_tables_of_code_years(tmp_path: Path) -> None:
    """Two tables of one file id for two code years are two versions, and that of the later code year answers."""
    files = {"H0519F3.FY 2018 ICD10.TXT": "E119\t21\t\n", "H0519F3.FY 2019 ICD10.TXT": "E119\t21\t\nE1122\t20\t\n"}
    store, _ = loaded(tmp_path, files)
    grouping = store.grouping("hhs_hcc_v05")
    assert [one.version for one in grouping.versions] == ["H0519F3-FY2018", "H0519F3-FY2019"]
    assert grouping.versions[1].presumes == "icd10cm of FY2019"
    assert categories(grouping.on("2019-01-01").groups("E11.22")) == ["20"]


def test_the_publisher_before_a_derived_file(tmp_path: Path) -> None:
    """Of a day for which CMS' own table is loaded, the derived file of all models does not answer."""
    derived = "diagnosis_code,cc,model_name\nE119,99,CMS-HCC Model V24\n"
    store, _ = loaded(tmp_path, {"ra_dx_to_cc_2021.csv": derived, "F2421P2M.TXT": TABLE})
    grouping = store.grouping("hcc_v24")
    assert grouping.on("2021-02-01").version == "F2421P2M"
    assert categories(grouping.version("ra_dx_to_cc_2021").groups("E11.9")) == ["99"]


def test_one_name_with_other_bytes(tmp_path: Path) -> None:
    """Two files of one name that differ are an error that names both with their digests."""
    store, report = loaded(tmp_path, {"a/F2421P2M.TXT": TABLE, "b/F2421P2M.TXT": TABLE.replace("19", "20")})
    assert len(store.grouping("hcc_v24").versions) == 1
    (error,) = report.errors
    assert str(error).count("SHA-256") == 2
    assert "both are version F2421P2M" in str(error)


def test_one_name_of_a_macro_with_other_bytes(tmp_path: Path) -> None:
    """Two macros of one name that differ are an error that names both; the table is loaded with the first."""
    files = {"F2421P2M.TXT": TABLE, "a/V24H86L1.TXT": LABELS, "b/V24H86L1.TXT": LABELS.replace("None", "Other")}
    store, report = loaded(tmp_path, files)
    assert store.grouping("hcc_v24").latest.title("18") == "Complications"
    assert any("both are V24H86L1" in str(error) for error in report.errors)


def test_ventricular_tachycardia(tmp_path: Path) -> None:
    """I47.2 leaves V28 and I47.21 enters it, which the difference of the two versions says."""
    files = {"F2823T2N_FY20FY21.TXT": "I472\t238\t\n", "F2824T1N.TXT": "I4721\t238\t\n"}
    store, _ = loaded(tmp_path, files)
    diff = store.grouping("hcc_v28").diff("F2823T2N_FY20FY21", "F2824T1N")
    assert (diff.codes("removed"), diff.codes("added")) == (("I47.2",), ("I47.21",))
    assert diff.rows[0] == ("I47.2", "removed", ("238",), ())


REVISIONS = st.dictionaries(
    st.sampled_from([f"F24{year}P{number}M" for year in (20, 21, 22) for number in (1, 2, 3, 4)]),
    st.sets(st.sampled_from(["18", "19", "46", "48"]), min_size=1),
    min_size=1,
)
CODES = {"18": "E1122", "19": "E119", "46": "D66", "48": "D67"}


@given(REVISIONS)
@settings(max_examples=15)
def test_revisions_of_some_days(revisions: dict[str, set[str]]) -> None:
    """Each version says by its name what its own table says, however many there are of a day; on a day the last one answers."""
    with tempfile.TemporaryDirectory() as folder:
        files = {
            f"{name}.TXT": "".join(f"{CODES[one]}\t{one}\t\n" for one in sorted(held))
            for name, held in revisions.items()
        }
        store, report = loaded(Path(folder), files)
        assert not report.errors
        grouping = store.grouping("hcc_v24")
        for name, held in revisions.items():
            edition = grouping.version(name)
            assert set(edition.categories) == held
            assert {one for one, code in CODES.items() if categories(edition.groups(code)) == [one]} == held
            assert {one for one in CODES if edition.title(one) is not None} == held
            last = max(other for other in revisions if other[:5] == name[:5])
            assert grouping.on(f"20{name[3:5]}-07-01").version == last


# ---- companions


def test_macros_go_along(tmp_path: Path) -> None:
    """Labels, hierarchies and edits of a model go along with each of its tables, and are named as identifiers."""
    files = {"F2420P1M.TXT": TABLE, "F2421P2M.TXT": TABLE, "l.txt": LABELS, "h.txt": HIERARCHIES, "e.txt": EDITS}
    store, _ = loaded(tmp_path, files)
    for version in store.grouping("hcc_v24").versions:
        edition = store.grouping("hcc_v24").version(version.version)
        assert edition.title("19") == "None"
        assert categories(edition.groups("D66", sex="female")) == ["48"]
        assert edition.groups("D66") == ()
        found = edition.combined(["E11.9", "E11.22"])
        assert (categories(found.groups), found.dropped) == (["18", "138"], {"19": "18"})
        assert {"V24H86L1", "V24H86H1", "V24I0ED1"} <= set(version.identifiers.values())


def test_the_nearest_macro_goes_along(tmp_path: Path) -> None:
    """Of two macros of edits the one whose update is nearest to the table goes along, which a warning says."""
    later = EDITS.replace("V24I0ED1", "V24I0ED2").replace('"48"', '"49"')
    files = {
        "F2419P1M.TXT": TABLE,
        "F2422P1M.TXT": TABLE,
        "e1.txt": EDITS.replace(");\n", ");\n %* UDXG update V0119 for V24 model;\n", 1),
        "e2.txt": later.replace(");\n", ");\n %* UDXG update V0123 for V24 model;\n", 1),
    }
    store, _ = loaded(tmp_path, files)
    grouping = store.grouping("hcc_v24")
    assert categories(grouping.version("F2419P1M").groups("D66", sex="female")) == ["48"]
    assert categories(grouping.version("F2422P1M").groups("D66", sex="female")) == ["49"]
    assert any("V24I0ED2 goes along, being nearest; V24I0ED1 does not" in one for one in grouping.versions[1].warnings)


def test_the_main_program_names_a_macro(tmp_path: Path) -> None:
    """A macro without a year is as near as the program that names it."""
    program = " %MACRO V2419P1M(INP=, LABELMAC=V24H86L1, HIERMAC=V24H86H1);\n %MEND V2419P1M;\n"
    files = {
        "F2419P1M.TXT": TABLE,
        "V2419P1M.TXT": program,
        "l1.txt": LABELS,
        "l3.txt": LABELS.replace("V24H86L1", "V24H86L3").replace("None", "Nothing"),
    }
    store, _ = loaded(tmp_path, files)
    assert store.grouping("hcc_v24").latest.title("19") == "None"


def test_a_macro_waits(tmp_path: Path) -> None:
    """Labels without a table are kept and reported; they go along with a table that arrives later."""
    _, report = loaded(tmp_path, {"V28115L3.TXT": LABELS.replace("V24H86L1", "V28115L3")})
    assert ["no loaded version of CMS-HCC V28 goes with it"] == [one.reason for one in report.skipped]
    store, _ = loaded(tmp_path, {"F2824T1N.TXT": "E119\t19\t\n"})
    assert store.grouping("hcc_v28").latest.title("19") == "None"


def test_a_sex_that_is_no_word(tmp_path: Path) -> None:
    """A sex in another form is an error: it would change nothing in silence."""
    store, _ = loaded(tmp_path, {"F2421P2M.TXT": TABLE})
    with pytest.raises(terminology.TerminologyError, match="expected the sex 'female' or 'male', got 'F'"):
        store.grouping("hcc_v24").latest.groups("E11.9", sex="F")


# ---- what is remembered


def test_answers_are_remembered(tmp_path: Path) -> None:
    """A code that is asked again, in any form and with other conditions, has the answer that it had."""
    store, _ = loaded(tmp_path, {"F2421P2M.TXT": TABLE, "e.txt": EDITS})
    grouping = store.grouping("hcc_v24")
    day = grouping.on("2021-01-01")
    asked = [
        ("D66", None),
        ("D66", "female"),
        ("D66", "male"),
        ("d66", "female"),
        ("E11.22", None),
        ("e1122", "female"),
    ]
    first = [day.groups(code, sex=sex) for code, sex in asked]
    assert [grouping.on("2021-05-05").groups(code, sex=sex) for code, sex in asked] == first
    assert [categories(one) for one in first] == [[], ["48"], [], ["48"], ["18", "138"], ["18", "138"]]
    far = grouping.on("2024-01-01", accept_nearest=True)
    assert far.groups("E11.22").is_nearest
    assert all(one.is_nearest for one in far.groups("E11.22"))
    assert not day.groups("E11.22").is_nearest
    for wrong in ("?", None, ["E11.9"]):
        for _ in range(2):
            with pytest.raises(terminology.UnknownCodeError):
                day.groups(wrong)  # type: ignore[arg-type]


# ---- bad input


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("E119", "expected code, category and flag between tabs, got 1 cells"),
        ("E119\t19", "got 2 cells"),
        ("19\tE119\t", "expected a code of ICD-10-CM, got '19'"),
        ("E119\tE118\t", "expected the number of a category, got 'E118'"),
        ("E119\t19\tX", "expected no flag, D, S or T, got 'X'"),
        ("E1122\t18\t", "E11.22 is in category 18 already, by line 2"),
        ("E1122\t19\t", "E11.22 has a category without a flag already, by line 2"),
        ("E1165\t19\tD", "E11.65 has a flag here, and no category without one"),
    ],
)
def test_faulty_rows(row: str, message: str) -> None:
    """A row that cannot be read is an error that names its line and what was expected."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        read("F2421P2M.TXT", TABLE + row + "\r\n")
    first = str(getattr(caught.value, "exceptions", [caught.value])[0])
    assert message in first
    assert "F2421P2M.TXT:4:" in first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LABELS.replace("%MEND V24H86L1;", ""), "expected %MEND V24H86L1"),
        (LABELS.replace(' HCC19 ="None "', " HCC19 =None"), "V24H86L1.TXT:4: expected a label"),
        (LABELS.replace(" LABEL\n", ""), "expected the statement LABEL"),
        (HIERARCHIES.replace("%STR(19 )", "19"), "V24H86L1.TXT:2: expected %SET0("),
        (HIERARCHIES.replace("(19 )", "(18 )"), "category 18 drops itself"),
        (EDITS.replace('&SEX="2"', '&SEX="X"'), "V24H86L1.TXT:2: expected a condition of sex, age or code"),
        (EDITS.replace('IN ("D66")', "IN (D66)"), "expected codes in quotes"),
        (EDITS.replace('CC="48"', 'CC="many"'), "expected the number of a category or -1.0, got 'many'"),
        (EDITS.replace(";\n %MEND", ";\n CALL SYMPUT(1);\n %MEND"), "V24H86L1.TXT:3: expected IF"),
        (EDITS.replace('"D66"', '"66"'), "expected a code of ICD-10-CM, got '66'"),
    ],
)
def test_faulty_macros(text: str, message: str) -> None:
    """A macro with a statement that is not understood is an error that names its line."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        read("V24H86L1.TXT", text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("H0519F3_ICD10_MCE_AGE.TXT", "A34\tmaternity\n", "expected a range"),
        ("H0519F3_ICD10_MCE_AGE.TXT", "A34\n", "expected 2 cells, got 1"),
        ("H0519F3_ICD10_MCE_SEX.TXT", "A34\t3 other\n", "expected '1 male' or '2 female'"),
        ("H0519F3_ICD10_BUNDLED_MOTHER.TXT", "O032\nO032\n", "O03.2 is in the list already, by line 1"),
        ("ra_2021.csv", "diagnosis_code,cc,model_name\nE119,19,Own Model\n", "expected one of the models"),
        ("ra_2021.csv", "diagnosis_code,cc,model_name\nE119,19\n", "got 2 cells"),
        ("2013_icd9hcc.txt", "0031   2   \n003 22 115\n", "2013_icd9hcc.txt:2: expected a code in columns 1 to 7"),
        ("2013_icd9hcc.txt", "0031   2   \n0202   2", "2013_icd9hcc.txt:2: expected a code in columns 1 to 7"),
    ],
)
def test_faulty_lists(name: str, text: str, message: str) -> None:
    """A row of a list or of the other tables that cannot be read is an error."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        read(name, text)
    assert message in str(caught.value)


def test_all_errors_at_once() -> None:
    """Every faulty row of a table is reported."""
    with pytest.raises(ReleaseFaults) as caught:
        read("F2421P2M.TXT", "E119\t19\nE11!\t18\t\n" + TABLE)
    assert len(caught.value.exceptions) == 2


def test_other_encodings() -> None:
    """A table in UTF-16 is an error, and no file of another kind."""
    with pytest.raises(ReleaseFormatError, match="got UTF-16"):
        HccLoader().read(ReadableFile("F2421P2M.TXT", lambda: b"\xff\xfe" + b"E119\t19\t\r\n"))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("F1221P2M.TXT", TABLE, "model F12 of risk adjustment is not among the groupings"),
        ("H0519F3_NDC.4_4.1812.TXT", "00002102002\t3\tAntiarrhythmics\n", "drugs"),
        ("AGESEXV2.TXT", " %MACRO AGESEXV2(AGEF=, SEX=, OREC=);", "cells of age and sex"),
        ("V12H70L1.TXT", " %MACRO V12H70L1;", "not among the groupings"),
    ],
)
def test_skipped_files(name: str, text: str, reason: str) -> None:
    """A file of risk adjustment without codes of a built-in grouping is skipped, with the reason."""
    found = read(name, text)
    assert isinstance(found, Skipped)
    assert reason in found.reason


@pytest.mark.parametrize("name", ["table.txt", "F22_AllYearsCombined.TXT", "F2421P2M.csv"])
def test_other_files(name: str) -> None:
    """A file without a file id, or with one and other content, is none of this loader."""
    assert read(name, TABLE if not name.endswith("csv") else "code,title\nE119,Diabetes\n") is None


@given(st.from_regex(r"F2[2348][0-9]{2}[A-Z][1-9][A-Z]", fullmatch=True))
def test_file_ids(name: str) -> None:
    """A file id is found in any name that has it, and is the label of the version."""
    for form in (f"{name}.TXT", f"2022 Midyear/{name}.txt", f"{name.lower()}.txt"):
        found = file_id(form)
        assert found is not None
        assert found.version.label == name
        assert found.version.effective == f"20{name[3:5]}-01-01"
