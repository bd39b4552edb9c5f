"""Claims out of objects, tables, JSON and X12: the same claims, and the places of what cannot be read."""

from __future__ import annotations

import datetime
import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminology.claims import BadRow, Claim, Kind, read_claims
from terminology.errors import ReleaseFormatError

WIDE = """CLM_ID,discharge,sex,age,dx1,dx2,poa1,poa2,pr1
7,2022-03-01,F,34,E11.9,I10,Y,,0FT44ZZ
8,03/02/2022,M,35,I10,,N,,
"""
LONG = """claim_id,service_date,sequence,code,system,modifier
7,2022-03-01,2,I10,dx,
7,2022-03-01,1,E11.9,ICD-10-CM,
7,2022-03-01,,J1815,hcpcs,LT RT
8,2022-03-02,1,I10,dx,
"""


def claims(path: Any, **more: Any) -> list[Claim]:
    """Return the claims of a file, all of which can be read."""
    found = list(read_claims(path, **more))
    assert all(isinstance(one, Claim) for one in found), found
    return [one for one in found if isinstance(one, Claim)]


def written(folder: Path, name: str, text: str) -> Path:
    """Write a file, and return it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---- one object


def test_all_faults_of_an_object_are_named() -> None:
    """At once, with what was expected."""
    values = {
        "kind": "dental",
        "age": "old",
        "discharge_date": "soon",
        "diagnoses": [5],
        "procedures": [{"code": "A", "modifiers": "LT"}],
    }
    with pytest.raises(ReleaseFormatError) as raised:
        Claim.from_dict(values, file="claims.json", line=3)
    message = str(raised.value)
    assert message.startswith("claims.json:3: ")
    for word in ("id:", "kind:", "age:", "discharge_date:", "diagnoses:", "modifiers"):
        assert word in message


@pytest.mark.parametrize("values", [None, [], "x", 5, {"id": "1"}, {"id": "1", "diagnoses": None}])
def test_what_is_no_claim(values: Any) -> None:
    """Any JSON value may come."""
    with pytest.raises(ReleaseFormatError):
        Claim.from_dict(values)


def test_keys_that_are_not_read_are_told() -> None:
    """An unknown key is no error; it is told with the key that was probably meant, also in the lists."""
    values = {
        "id": "1",
        "sexx": "F",
        "payer": {"name": "x"},
        "diagnoses": ["I10", {"code": "E11.9", "pao": "Y"}],
        "procedures": [{"code": "99213", "modifier": ["25"]}],
    }
    claim = Claim.from_dict(values)
    assert dict(claim.unread) == {
        "the key 'sexx'": "no such key of a claim is read; did you mean 'sex'?",
        "the key 'payer'": "no such key of a claim is read",
        "the key 'pao' of diagnoses": "no such key is read; did you mean 'poa'?",
        "the key 'modifier' of procedures": "no such key is read; did you mean 'modifiers'?",
    }
    assert not Claim.from_dict(claim.to_dict()).unread


def test_columns_that_are_not_read_are_told(tmp_path: Path) -> None:
    """A column that is nearly called as one that is read is told by itself, all others together; none is an error."""
    names = ["claim_id", "service_date", "dx1", "diagnosys2", "payer", *(f"x{letter}" for letter in "abcdefghi")]
    [claim] = claims(written(tmp_path, "claims.csv", f"{','.join(names)}\n7,2022-03-01,I10{',x' * 11}\n"))
    near, others = claim.unread
    assert near == ("the column 'diagnosys2'", "no column of this name is read; did you mean 'diagnosis2'?")
    assert others[0].startswith("the columns 'payer', 'xa'")
    assert others[0].endswith(" and 2 more")


def test_a_claim_is_the_same_from_its_own_object() -> None:
    """`to_dict` is the documented form."""
    claim = Claim.from_dict(
        {
            "id": 7,
            "discharge_date": "2022-03-01",
            "sex": "female",
            "age": "34",
            "diagnoses": ["I10", {"code": "E11.9", "poa": "Y"}],
            "procedures": [{"code": "J1815", "date": "2022-02-28", "modifiers": ["LT"]}],
        }
    )
    assert Claim.from_dict(json.loads(json.dumps(claim.to_dict()))) == claim


@pytest.mark.parametrize(
    ("birth", "admission", "years"),
    [("2000-03-01", "2022-03-01", 22), ("2000-03-02", "2022-03-01", 21), ("2022-03-02", "2022-03-01", None)],
)
def test_age_by_birth_date(birth: str, admission: str, years: int | None) -> None:
    """In whole years on the day of admission."""
    claim = Claim.from_dict({"id": "1", "admission_date": admission, "birth_date": birth, "diagnoses": []})
    assert claim.years == years


# ---- tables


def test_one_row_a_claim(tmp_path: Path) -> None:
    """Numbered columns, with indicators; days of a form that the column decides."""
    found = claims(written(tmp_path, "claims.csv", WIDE.replace("2022-03-01", "03/14/2022")))
    assert [(claim.id, claim.kind, claim.line) for claim in found] == [
        ("7", Kind.INPATIENT, 2),
        ("8", Kind.INPATIENT, 3),
    ]
    assert [(one.code, one.poa) for one in found[0].diagnoses] == [("E11.9", "Y"), ("I10", "")]
    assert found[0].procedures[0].code == "0FT44ZZ"
    assert (found[1].sex, found[1].age, found[1].day) == ("M", 35, datetime.date(2022, 3, 2))


def test_one_row_a_code(tmp_path: Path) -> None:
    """Rows of one claim together, in their sequence; a system says what a code is; each code knows its line."""
    [first, second] = claims(written(tmp_path, "claims.csv", LONG))
    assert [(one.code, one.poa, one.line) for one in first.diagnoses] == [("E11.9", None, 3), ("I10", None, 2)]
    [line] = first.procedures
    assert (line.code, line.system, line.modifiers, line.line) == ("J1815", "hcpcs", ("LT", "RT"), 4)
    assert (first.kind, second.line) == (Kind.PROFESSIONAL, 5)


def test_diagnoses_of_the_claim_on_each_line_of_services(tmp_path: Path) -> None:
    """What is numbered is repeated by each row, and counts once."""
    text = "claim,dos,dx1,dx2,hcpcs,mod\n1,2022-03-01,I10,E11.9,J1815,LT\n1,2022-03-02,I10,E11.9,G0008,\n"
    [claim] = claims(written(tmp_path, "claims.csv", text))
    assert [one.code for one in claim.diagnoses] == ["I10", "E11.9"]
    assert [(one.code, str(one.date)) for one in claim.procedures] == [("J1815", "2022-03-01"), ("G0008", "2022-03-02")]


def test_columns_of_hospital_discharges_and_of_medicare(tmp_path: Path) -> None:
    """Names of HCUP and of CMS are usual; a column ``FEMALE`` has 1 for women, one of sex has 1 for men."""
    text = "KEY,FEMALE,AGE,DISCHARGE_DATE,I10_DX1,I10_DX2,DXPOA1,DXPOA2,I10_PR1\n1,1,40,20220301,E119,I10,Y,N,0FT44ZZ\n"
    [hospital] = claims(written(tmp_path, "stays.csv", text))
    assert (hospital.sex, hospital.day) == ("F", datetime.date(2022, 3, 1))
    assert [(one.code, one.poa) for one in hospital.diagnoses] == [("E119", "Y"), ("I10", "N")]
    text = (
        "CLM_ID,BENE_SEX_IDENT_CD,CLM_FROM_DT,ICD_DGNS_CD1,ICD_DGNS_CD2,HCPCS_CD,HCPCS_1ST_MDFR_CD,HCPCS_2ND_MDFR_CD\n"
        "1,1,01-MAR-2022,E119,I10,J1815,LT,RT\n"
    )
    [medicare] = claims(written(tmp_path, "lines.csv", text))
    assert (medicare.sex, medicare.day, medicare.procedures[0].modifiers) == (
        "M",
        datetime.date(2022, 3, 1),
        ("LT", "RT"),
    )


@pytest.mark.parametrize("form", ["gz", "zst", "parquet", "arrow"])
def test_other_forms_of_a_table(tmp_path: Path, form: str) -> None:
    """Compressed text, Parquet with days and numbers, and an Arrow table give the same claims."""
    expected = claims(written(tmp_path, "claims.csv", LONG))
    table = pa.table(
        {
            "claim_id": [7, 7, 7, 8],
            "service_date": pa.array([datetime.date(2022, 3, day) for day in (1, 1, 1, 2)]),
            "sequence": [2, 1, None, 1],
            "code": ["I10", "E11.9", "J1815", "I10"],
            "system": ["dx", "icd10cm", "hcpcs", "dx"],
            "modifier": [None, None, "LT RT", None],
        }
    )
    path = tmp_path / f"claims.{form}"
    match form:
        case "gz":
            path.write_bytes(gzip.compress(LONG.encode()))
        case "zst":
            with pa.output_stream(str(path), compression="zstd") as stream:
                stream.write(LONG.encode())
        case "parquet":
            pq.write_table(table, path)
    found = claims(table if form == "arrow" else path)
    assert [claim.to_dict() for claim in found] == [claim.to_dict() for claim in expected]


def test_columns_by_name(tmp_path: Path) -> None:
    """A role takes a name, or a name with a number in place of the star."""
    path = written(tmp_path, "claims.csv", "who,when,problem_1,problem_2\n1,2022-03-01,I10,E11.9\n")
    [claim] = claims(path, columns={"claim": "who", "service_date": "when", "diagnosis": "problem_*"})
    assert [one.code for one in claim.diagnoses] == ["I10", "E11.9"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, ("id of the claim", "column with codes")),
        ({"claim": "x", "diagnosis": "y*", "colour": "z"}, ("no column 'x'", "no column 'y*'", "'colour' is no role")),
    ],
)
def test_columns_that_are_not_there(tmp_path: Path, columns: Mapping[str, str], words: tuple[str, ...]) -> None:
    """All are named at once, with the columns that there are."""
    with pytest.raises(ReleaseFormatError) as raised:
        list(read_claims(written(tmp_path, "claims.csv", "who,when\n1,2\n"), columns=columns))
    for word in (*words, "who, when", "claims.csv:1"):
        assert word in str(raised.value)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        (
            "sex",
            [True],
            "got true and false; where true is a woman, read it as female: columns={'female': 'sex'} (--column female=sex)",
        ),
        (
            "sex",
            [["F"]],
            "expected the sex as text (F, M or their words) or as number (2 women, 1 men), got a column of",
        ),
        ("female", [datetime.date(2022, 3, 1)], "expected 1 or 0, or true or false, got a column of type date32[day]"),
        ("age", [True], "expected ages in whole years, got true and false"),
        ("kind", [False], "expected inpatient, outpatient or professional as text, got true and false"),
        ("dx1", [True], "expected codes as text, got true and false"),
    ],
)
def test_a_column_of_another_type(column: str, values: list[Any], said: str) -> None:
    """What its role expects and what was found are said, with the column."""
    table = pa.table({"claim_id": ["1"], "dx1": ["I10"], "service_date": ["2022-03-01"], column: values})
    with pytest.raises(ReleaseFormatError) as raised:
        list(read_claims(table))
    assert said in str(raised.value)
    assert raised.value.column == column


@pytest.mark.parametrize("name", ["female", "sex"])
def test_true_and_false_say_who_is_a_woman(name: str) -> None:
    """In a column of that name, or one that somebody names; nothing is not known."""
    days = ["2022-03-01"] * 3
    table = pa.table({"id": ["1", "2", "3"], "dx1": ["I10"] * 3, "dos": days, name: [True, False, None]})
    assert [claim.sex for claim in claims(table, columns={"female": name})] == ["F", "M", None]


def test_rows_that_cannot_be_read(tmp_path: Path) -> None:
    """Each is named with its line and column, and the others are read."""
    text = (
        "claim_id,service_date,age,kind,dx1\n"
        "1,soon,5,,I10\n"
        ",2022-03-01,5,,I10\n"
        "2,2022-03-01,old,,I10\n"
        "3,2022-03-01,5,dental,I10\n"
        "4,2022-03-01,5,,I10\n"
        "5,2022-03-01,5,,I10\n"
        "4,2022-03-01,5,,I10\n"
    )
    found = list(read_claims(written(tmp_path, "claims.csv", text)))
    bad = [one for one in found if isinstance(one, BadRow)]
    assert sorted((one.line, one.column) for one in bad) == [
        (2, "service_date"),
        (3, "claim_id"),
        (4, "age"),
        (5, "kind"),
        (8, "claim_id"),
    ]
    assert str(bad[-1]) == (
        "claims.csv:8: column claim_id: the rows of claim '4' do not stand together: sort the table by claim"
    )
    assert [one.id for one in found if isinstance(one, Claim)] == ["4", "5", "4"]


def test_one_id_for_all_rows(tmp_path: Path) -> None:
    """A constant in place of the id is said, and neither fills the memory nor compares each code with each other one."""
    text = "claim_id,service_date,code\n" + "1,2022-03-01,I10\n" * 5_000
    [bad] = read_claims(written(tmp_path, "claims.csv", text))
    assert "claim '1' has more than 1,000 codes" in str(bad)
    with pytest.raises(ReleaseFormatError, match="at most 1,000"):
        Claim.from_dict({"id": "1", "diagnoses": ["I10"] * 5_000})


def test_long_texts_are_cut() -> None:
    """What is longer than any code is shown by its beginning."""
    claim = Claim.from_dict({"id": "x" * 9_000, "diagnoses": ["y" * 9_000], "procedures": [{"code": "z" * 9_000}]})
    assert (len(claim.id), len(claim.diagnoses[0].code), len(claim.procedures[0].code)) == (200, 64, 64)


# ---- JSON

OBJECTS: list[Any] = [
    {"id": "1", "service_date": "2022-03-01", "diagnoses": ["I10"]},
    {"id": "2", "diagnoses": "x"},
    {"id": "3", "service_date": "2022-03-01", "diagnoses": ["E11.9"], "note": "ä" * 70_000},
]


@pytest.mark.parametrize("form", ["lines", "list", "indented", "behind", "gz"])
def test_json(tmp_path: Path, form: str) -> None:
    """A list, one object a line, or objects one behind the other, longer than what is read at once."""
    text = {
        "list": json.dumps(OBJECTS),
        "indented": json.dumps(OBJECTS, indent=2, ensure_ascii=False),
        "behind": "".join(map(json.dumps, OBJECTS)),
    }.get(form, "\n".join(json.dumps(one, ensure_ascii=False) for one in OBJECTS))
    path = written(tmp_path, "claims.json", text)
    if form == "gz":
        path.write_bytes(gzip.compress(text.encode()))
    first, second, third = read_claims(path)
    assert isinstance(first, Claim)
    assert isinstance(second, BadRow)
    assert isinstance(third, Claim)
    assert (first.id, third.id) == ("1", "3")
    if form == "lines":
        assert (first.line, second.line, third.line) == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[{"id": "1", "diagnoses": []},\n{"id": "2"', 2),
        ('{"id": "1", "diagnoses": []}\nnonsense', 2),
        ("[" * 100_000, 1),
    ],
)
def test_what_is_no_json(tmp_path: Path, text: str, line: int) -> None:
    """A file that is cut short, or goes on as something else, is bad input, with the line."""
    with pytest.raises(ReleaseFormatError) as raised:
        list(read_claims(written(tmp_path, "claims.json", text)))
    assert raised.value.line == line


# ---- X12

SEGMENTS = """GS*HC*SENDER*RECEIVER*20220301*0802*1*X*{version}~
ST*837*0001*{version}~
BHT*0019*00*0123*20220301*1023*CH~
HL*1**20*1~
HL*2*1*22*0~
NM1*IL*1*DOE*JANE****MI*123~
DMG*D8*19800302*F~
{claims}
SE*10*0001~
GE*1*1~
IEA*1*000000905~
"""
HOSPITAL = """CLM*A1*100***11:A:1**A*Y*Y~
DTP*434*RD8*20220225-20220301~
DTP*435*DT*202202251200~
CL1*1*1*01~
HI*ABK:E119:::::::Y~
HI*ABF:I10:::::::N*ABF:Z720~
HI*BBR:0FT44ZZ:D8:20220226~
CLM*A2*100***13:A:1**A*Y*Y~
DTP*434*D8*20220301~
HI*ABK:I10~
LX*1~
SV2*0450*HC:J1815:LT*100*UN*1~
DTP*472*D8*20220228~
CLM*A3*100***11:A:1**A*Y*Y~
DTP*434*RD8*soon~
HI*ABK:I10~"""
PHYSICIAN = """CLM*B1*100***11:B:1*Y*A*Y*Y~
HI*ABK:E119*ABF:I10~
LX*1~
SV1*HC:99213:25:LT*100*UN*1***1~
DTP*472*D8*20220301~"""


def interchange_text(version: str, text: str) -> str:
    """Return an interchange of these segments."""
    header = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'SUBMITTER':15}*ZZ*{'RECEIVER':15}*220301*1253*^*00501*000000905*0*T*:~\n"
    return header + SEGMENTS.format(version=version, claims=text)


def interchange(folder: Path, version: str, text: str) -> Path:
    """Write an interchange, and return its file."""
    return written(folder, "claims.837", interchange_text(version, text))


def test_institutional_claims(tmp_path: Path) -> None:
    """The type of bill says what kind it is; indicators, days, procedures and lines are read; a bad day is a bad row."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    first, second, third = read_claims(interchange(tmp_path, "005010X223A2", HOSPITAL))
    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    assert (first.kind, first.day, first.years, first.sex) == (Kind.INPATIENT, datetime.date(2022, 3, 1), 41, "F")
    assert [(one.code, one.poa) for one in first.diagnoses] == [("E119", "Y"), ("I10", "N"), ("Z720", "")]
    assert [(one.code, one.system) for one in first.procedures] == [("0FT44ZZ", "icd10pcs")]
    assert (second.kind, second.day) == (Kind.OUTPATIENT, datetime.date(2022, 3, 1))
    assert [(one.code, one.modifiers, str(one.date)) for one in second.procedures] == [("J1815", ("LT",), "2022-02-28")]
    assert isinstance(third, BadRow)
    assert "claim A3: expected a day like 20240301 in DTP 434, got 'soon'" in str(third)


def test_professional_claims(tmp_path: Path) -> None:
    """The day is that of the first service."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    [claim] = claims(interchange(tmp_path, "005010X222A1", PHYSICIAN))
    assert (claim.kind, claim.day) == (Kind.PROFESSIONAL, datetime.date(2022, 3, 1))
    assert [(one.code, one.modifiers) for one in claim.procedures] == [("99213", ("25", "LT"))]


def test_an_interchange_that_is_cut_short(tmp_path: Path) -> None:
    """The claims before the cut are read, and the cut is said."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    path = interchange(tmp_path, "005010X222A1", PHYSICIAN)
    path.write_text(path.read_text(encoding="utf-8").split("SE*10")[0], encoding="utf-8")
    claim, cut = read_claims(path)
    assert isinstance(claim, Claim)
    assert "ends with 'DTP', and not with IEA" in str(cut)


def test_what_only_begins_like_an_interchange(tmp_path: Path) -> None:
    """It is bad input, and no other error."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    with pytest.raises(ReleaseFormatError):
        list(read_claims(written(tmp_path, "claims.837", "ISA*00*nonsense~")))


def test_interchanges_with_delimiters_of_their_own(tmp_path: Path) -> None:
    """Each interchange of a file is read with the delimiters of its own header, also behind one that is not closed."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    one = interchange_text("005010X223A2", "CLM*C1*100***11:A:1~HI*ABK:E1122~")
    alone = list(read_claims(written(tmp_path, "alone.837", one + "\n\n")))
    assert [type(item) for item in alone] == [Claim]
    marks = [("*", "|"), ("~", "'"), (":", ">")]
    for others in (marks[:1], marks[1:2], marks[2:], marks):
        other = one.replace("C1", "C2")
        for old, new in others:
            other = other.replace(old, new)
        for text in (f"{one}\n{other}{one}", one + other, f"{other}\r\n\r\n{one}"):
            found = claims(written(tmp_path, "both.837", text))
            assert [claim.id for claim in found] == re.findall(r"CLM.(C\d)", text)
            assert {claim.diagnoses[0].code for claim in found} == {"E1122"}
        cut = one.partition("SE*")[0] + other
        first, told, second = read_claims(written(tmp_path, "cut.837", cut))
        assert isinstance(first, Claim)
        assert isinstance(second, Claim)
        assert "ends with 'HI', and not with IEA" in str(told)


def test_what_is_no_interchange_is_told(tmp_path: Path) -> None:
    """What stands behind an interchange and is none is told, a header that cannot be read too; an empty segment is none."""
    pytest.importorskip("pyx12", reason="the extra x12 is not installed")
    one = interchange_text("005010X223A2", "CLM*C1*100***11:A:1~~HI*ABK:E1122~")
    for rest, message in (("nonsense", "no interchange: 'nonsense'"), ("ISA*00*x~", "the interchange that follows")):
        claim, told = read_claims(written(tmp_path, "both.837", f"{one}\n{rest}"))
        assert isinstance(claim, Claim)
        assert [diagnosis.code for diagnosis in claim.diagnoses] == ["E1122"]
        assert message in str(told)
