"""The lists of codes in the mortality statistics of the United States: how they are read, and what they may say."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Part
from terminology.reading import ReadableFile
from terminology_loaders.icd10.mortality_days import days_between

from .claml_files import bytes_file, lines_file, who_line
from .icd10_files import LOADERS, assembled, codes_file, faults, read

PREAMBLE = (
    '"LIST OF ALL VALID ICD-10 CODES, 1999-2022",,',
    "INCLUDING BOTH 3-DIGIT AND 4-DIGIT CODES AND TITLES,,",
    '"All listed codes went into use in 1999, unless otherwise noted in the ""Status"" column.",,',
    ",,",
    ",,",
    "Status,Code,ICD Title",
)
ROWS = (
    ",A00-B99,I. A chapter",
    ',A00.0,"A title, with a comma"',
    "MC ONLY,A00.1 ,Another",
    "Added in 2011,A02,New",
    "Deleted in 2009,A03,Old",
    "Added in 2007/title modified in 2016),A04,Both",
    '"Added in 2006\nTitle updated in 2017",A05,Two lines',
    "Added in 2001,*U01.0,Not of WHO",
    ",,",
)


EXPECTED = {
    "A00.0": (None, None, True),
    "A00.1": (None, None, True),
    "A02": (2011, None, True),
    "A03": (None, 2009, True),
    "A04": (2007, None, True),
    "A05": (2006, None, True),
    "U01.0": (2001, None, False),
}


def listing(*rows: str, name: str = "allvalid2020.csv", preamble: tuple[str, ...] = PREAMBLE) -> ReadableFile:
    """Return a list of mortality codes."""
    return lines_file(*preamble, *rows, name=name)


def dated(part: Part) -> dict[str, tuple[int | None, int | None, bool]]:
    """Return both years of each code, and whether it is WHO's."""
    return {row["code"]: (row["added"], row["deleted"], row["is_whos"]) for row in part.tables["rows"].to_pylist()}


class TestReading:
    """Rows, forms and errors."""

    def test_rows(self) -> None:
        """Years and asterisks are read; headings and empty rows are no codes."""
        part = read(listing(*ROWS))
        assert EXPECTED == dated(part)
        assert ("mortality", 1999, 2022, [2001, 2006, 2007, 2009, 2011], ()) == (
            part.kind,
            *(part.facts[name] for name in ("first", "last", "years")),
            part.warnings,
        )

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
    def test_encodings(self, encoding: str) -> None:
        """UTF-16 is read by its mark, and all say the same."""
        rows = (*ROWS, ",A06,M\xe9ni\xe8re")
        file = bytes_file("".join(f"{line}\r\n" for line in (*PREAMBLE, *rows)).encode(encoding), "allvalid2009.txt")
        assert "M\xe9ni\xe8re" == read(file).tables["rows"].to_pylist()[-1]["title"]

    def test_tabs(self) -> None:
        """A text file has tabs, and empty columns behind."""
        rows = ("\t".join(["LIST OF ALL VALID ICD-10 CODES, 1999-2011", *[""] * 10]), "Status\tCode\tICD Title\t\t")
        part = read(listing("Added in 2003\tE16.4 \tx\t\t", name="allvalid2011.txt", preamble=rows))
        assert {"E16.4": (2003, None, True)} == dated(part)

    def test_repeated_rows(self) -> None:
        """A heading may repeat a category; two different years of one code are an error."""
        assert {"B99": (None, None, True)} == dated(read(listing(",B99,heading", ",B99,code")))
        assert [(8, "B99 is on line 7 already, with other years")] == faults(
            listing(",B99,heading", "Added in 2011,B99,code")
        )

    @pytest.mark.parametrize(
        ("rows", "preamble", "expected"),
        [
            ((",A0,x",), PREAMBLE, "expected a code and its title, got 'A0' and 'x'"),
            ((",A00,",), PREAMBLE, "expected a code and its title, got 'A00' and ''"),
            ((), PREAMBLE, "expected rows below the header, got none"),
            (("Suspended,A00,x",), PREAMBLE, "1 of 1 rows have a status that is not known"),
            ((",A00,x",), PREAMBLE[5:], "expected a title with the years of the list, like ICD-10 CODES, 1999-2022"),
        ],
    )
    def test_faulty_lists(self, rows: tuple[str, ...], preamble: tuple[str, ...], expected: str) -> None:
        """What a list lacks is named."""
        assert expected in {message for _, message in faults(listing(*rows, preamble=preamble))}

    def test_a_status_that_is_not_known(self) -> None:
        """One in a hundred is left out, and told."""
        rows = [f",A{number:02d},x" for number in range(99)]
        part = read(listing(*rows, "Suspended,B00,x"))
        assert (
            "allvalid2020.csv:106: column Status: a status that is not known, left out: 'Suspended'",
        ) == part.warnings

    def test_cut_short(self) -> None:
        """A last line without its end is an error."""
        whole = listing(*ROWS).data
        assert ["expected the last line to end with a line break; the file is cut short"] == [
            message for _, message in faults(bytes_file(whole[:-2], "allvalid2020.csv"))
        ]

    def test_other_tables(self) -> None:
        """Another header is another file."""
        assert LOADERS["icd10"].read(lines_file("Code,Title", "A00,x", name="codes.csv")) is None


def release(year: int, *codes: str) -> Part:
    """Return the codes file of a year with these categories."""
    lines = [who_line(code, block=code, chapter="01") for code in codes]
    return read(codes_file(*lines, name=f"icd10{year}syst_codes.txt"))


class TestEvidence:
    """What a list may say of releases."""

    LIST = (
        "Added in 2011,A02,New",
        "Deleted in 2009,A03,Old",
        ",A01,Same",
        "Added in 2012,*A04,x",
        "Added in 2011,A09,x",
    )

    def test_days_between_two_releases(self) -> None:
        """A code that one of two releases has begins or ends in the year that the list says."""
        parts = (release(2003, "A01", "A03"), release(2016, "A01", "A02", "A04"), read(listing(*self.LIST)))
        later = assembled(*parts).drafts[1]
        assert [
            {"code": "A02", "effective_from": datetime.date(2011, 1, 1), "effective_to": None},
            {"code": "A03", "effective_from": None, "effective_to": datetime.date(2009, 1, 1)},
        ] == later.build().tables["days"].to_pylist()
        assert ["allvalid2020.csv"] == [part.origin.name for part in later.borrowed]

    def test_answers(self, tmp_path: Path) -> None:
        """The day of the list wins over that of the release; no code of the list alone is ever in force."""
        codes = {2003: ("A01", "A03"), 2016: ("A01", "A02", "A04")}
        for year, held in codes.items():
            lines = "".join(f"{who_line(code, block=code)}\r\n" for code in held)
            (tmp_path / f"icd10{year}syst_codes.txt").write_text(lines, newline="")
        (tmp_path / "allvalid2020.csv").write_bytes(listing(*self.LIST).data)
        assert () == terminology.load(tmp_path, store=tmp_path / "store", loaders=LOADERS).errors
        system = terminology.open(tmp_path / "store")["icd10"]
        days = ("2002-12-31", "2008-12-31", "2009-01-01", "2010-12-31", "2011-01-01", "2016-01-01")
        found = {
            code: [str(system.on(day).status(code)) for day in days] for code in ("A01", "A02", "A03", "A04", "A09")
        }
        assert {
            "A01": ["uncovered", *["billable"] * 5],
            "A02": ["uncovered", "future", "future", "future", "billable", "billable"],
            "A03": ["uncovered", "billable", "expired", "expired", "expired", "expired"],
            "A04": ["uncovered", "future", "future", "future", "future", "billable"],
            "A09": ["uncovered", *["unknown"] * 5],
        } == found

    def test_contradictions_are_told(self) -> None:
        """What is in use and not in the release, and what was given up and is in it, are warnings with the codes."""
        parts = (release(2016, "A01", "A03"), read(listing(*self.LIST)))
        (draft,) = assembled(*parts).drafts
        built = draft.build()
        assert "days" not in built.tables
        assert [("in use in 2016, not in the release", "A02"), ("in use in 2016, not in the release", "A09")] == [
            (row["check"], row["code"]) for row in built.tables["differences"].to_pylist()
        ][:2]
        assert "allvalid2020.csv: 1 code: given up, still in the release: A03" in built.warnings

    def test_a_later_list_changes_nothing(self) -> None:
        """Of two lists that reach a release the earlier is used; the other is kept."""
        later = tuple(line.replace("2022", "2030") for line in PREAMBLE)
        lists = [read(listing(*self.LIST)), read(listing(*self.LIST, ",B01,x", name="a.csv", preamble=later))]
        found = assembled(release(2016, "A01"), *lists)
        assert ["allvalid2020.csv"] == [part.origin.name for part in found.drafts[0].borrowed]
        assert ["mortality list of 1999 to 2030: kept; no loaded release takes a day from it"] == [
            reason for _, reason in found.unused
        ]

    def test_two_forms_of_one_list(self) -> None:
        """Text and workbook of a list say the same; another list of the same years is named."""
        lists = [read(listing(*self.LIST, name=name)) for name in ("a.csv", "b.csv")]
        other = read(listing(*self.LIST[1:], name="c.csv"))
        found = assembled(release(2016, "A01"), *lists, other)
        assert [
            "mortality list of 1999 to 2022: says what a.csv says",
            "mortality list of 1999 to 2022: a.csv is used, which has other rows",
        ] == [reason for _, reason in found.unused]

    def test_a_list_alone(self) -> None:
        """A list makes no release."""
        found = assembled(read(listing(*self.LIST)))
        assert ((), 1) == (found.drafts, len(found.unused))


YEARS = st.none() | st.integers(1999, 2022)


@given(
    st.dictionaries(
        st.sampled_from([f"A{n:02d}" for n in range(8)]), st.tuples(YEARS, YEARS, st.booleans()), min_size=1
    ),
    st.sets(st.sampled_from([f"A{n:02d}" for n in range(8)])),
    st.tuples(st.integers(1999, 2022), st.integers(1, 12)),
    st.integers(1, 10),
)
def test_days(rows, held, former, years) -> None:
    """A day is given for just the codes that may have one, and lies between the releases."""
    texts = []
    for code, (added, deleted, whos) in rows.items():
        status = " ".join([*([f"Added in {added}"] if added else []), *([f"Deleted in {deleted}"] if deleted else [])])
        texts.append(f"{status},{'' if whos else '*'}{code},x")
    before = datetime.date(*former, 1)
    after = datetime.date(before.year + years, 1, 1)
    table = days_between(read(listing(*texts)), before, after, held)
    expected = set()
    for code, (added, deleted, whos) in rows.items():
        if whos and code in held and added and before < datetime.date(added, 1, 1) < after:
            expected.add((code, datetime.date(added, 1, 1), None))
        if whos and code not in held and deleted and before < datetime.date(deleted, 1, 1) < after:
            expected.add((code, None, datetime.date(deleted, 1, 1)))
    found = set() if table is None else {tuple(row.values()) for row in table.to_pylist()}
    assert expected == found
