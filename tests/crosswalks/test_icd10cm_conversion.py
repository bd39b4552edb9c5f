"""The conversion table of ICD-10-CM as a crosswalk: free text as groups of codes, rows as alternatives, versions."""

from __future__ import annotations

import datetime
import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from terminology.drafts import Part
from terminology.errors import ReleaseFaults
from terminology_crosswalks.icd10cm_conversion import Icd10cmConversionReader, predecessors
from terminology_crosswalks.icd10cm_conversion.misprints import is_one_slip_apart
from terminology_loaders.icd10cm import Icd10cmLoader

from ..loaders.pcs_files import file_of
from ..release_files import order_file, workbook
from .releases import SAMPLES, committed, files_in, mappings, mentions, parts_of

READER = Icd10cmConversionReader()
HEAD = ("Current code assignment", "Effective", "Previous Code(s) Assignment")
FY2022 = datetime.date(2021, 10, 1)


def table(*rows, name: str = "table.xlsx") -> Part:
    """Return the part that the loader makes of a table of these rows."""
    part = Icd10cmLoader().read(file_of(workbook([HEAD, *rows]), name))
    assert isinstance(part, Part)
    return part


def only_draft(*parts: Part):
    """Return the only draft of the parts, none being refused."""
    assembly = READER.assemble(parts, ())
    assert ((), 1) == (assembly.refused, len(assembly.drafts))
    return assembly.drafts[0]


def sources(*rows):
    """Return source, codes with it and target of the rows that a table makes."""
    return [(row["source_code"], row["with_codes"], row["target_codes"]) for row in mappings(only_draft(table(*rows)))]


# ---- the column of previous codes


@pytest.mark.parametrize(
    ("text", "status", "groups"),
    [
        ("M54.5", "parsed", [["M54.5"]]),
        (" R51 ", "parsed", [["R51"]]),
        ("S20211A", "parsed", [["S20.211A"]]),
        ("C56.1 and C56.2", "parsed", [["C56.1", "C56.2"]]),
        ("I63.011 AND I63.012", "parsed", [["I63.011", "I63.012"]]),
        ("M96.89 & Y84.8", "parsed", [["M96.89", "Y84.8"]]),
        ("G11.8 and E23.0 and K00.0", "parsed", [["G11.8", "E23.0", "K00.0"]]),
        ("H02.201, H02.202, H02.204 and H02.205", "parsed", [["H02.201", "H02.202", "H02.204", "H02.205"]]),
        ("E75.240, E75.241, E75.248 ", "parsed", [["E75.240"], ["E75.241"], ["E75.248"]]),
        ("P78.89; E83.118", "parsed", [["P78.89"], ["E83.118"]]),
        ("L05.01 L05.91", "parsed", [["L05.01"], ["L05.91"]]),
        ("C56.1 and C56.2; C56.9", "parsed", [["C56.1", "C56.2"], ["C56.9"]]),
        ("M54.5, M54.5", "parsed", [["M54.5"]]),
        ("QA0", "parsed", [["QA0"]]),
        ("None", "none", []),
        ("NONE ", "none", []),
        ("H81.41-H81.43; H81.49", "parsed", [["H81.41-H81.43"], ["H81.49"]]),
        ("H81.41-H81.43; Y93.01-Y93.9; H81.49", "partly", [["H81.41-H81.43"], ["Y93.01-Y93.9"], ["H81.49"]]),
        ("I60.20-I60.22", "parsed", [["I60.20-I60.22"]]),
        ("H44.20-H44.23 and H33.2", "parsed", [["H44.20-H44.23", "H33.2"]]),
        ("S06.890D-S06.899S", "range", [["S06.890D-S06.899S"]]),
        ("I10-I15.9", "range", [["I10-I15.9"]]),
        ("I63.- and P91.88", "category", [["I63.-", "P91.88"]]),
        ("K31.89 and a code from R11-", "category", [["K31.89", "R11-"]]),
        ("K59.09 AND Code from categories T36-T50", "category", [["K59.09", "T36-T50"]]),
        ("Codes in Categories T15-T19", "category", [["T15-T19"]]),
        ("Code in category T15", "category", [["T15-"]]),
        ("A00.0 and A00.1, A00.9", "unparsed", []),
        ("see A00.0", "unparsed", []),
        ("A00.0 or", "unparsed", []),
        ("A0.00", "unparsed", []),
        ("and", "unparsed", []),
        ("", "unparsed", []),
        (";", "unparsed", []),
    ],
)
def test_cells(text: str, status: str, groups) -> None:
    """Any of the groups came before, the codes of one were used together; what names no codes stays as written."""
    found = predecessors(text)
    assert (status, groups) == (str(found.status), [list(group) for group in found.groups])


CODES = st.from_regex(r"[A-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4}", fullmatch=True)
GROUPS = st.lists(st.lists(CODES, min_size=1, max_size=3, unique=True).map(tuple), min_size=1, max_size=4, unique=True)


@given(GROUPS, st.sampled_from([" and ", " AND ", " & ", "&"]))
def test_written_groups_are_found_again(groups, word: str) -> None:
    """Groups joined by "and" and parted by semicolons are found as they were written."""
    found = predecessors("; ".join(word.join(group) for group in groups))
    assert ("parsed", tuple(groups)) == (str(found.status), found.groups)


@given(st.text())
def test_any_text_is_understood_or_left(text: str) -> None:
    """No text breaks the reading; whatever group consists of codes alone holds codes in official form."""
    found = predecessors(text)
    assert all(code == Icd10cmLoader.definition.official(code) for group in found.listed for code in group)
    assert (str(found.status) in {"parsed", "partly"}) == bool(found.listed)


# ---- rows


def test_one_row_for_each_member() -> None:
    """A group gives a row for each of its codes, so that the new code is found from every one; lists give more groups."""
    rows = [("C56.3", 2021, "C56.1 and C56.2"), ("U07.0", "2020-04-01", "J68.0, J80")]
    assert [
        ("C56.1", ["C56.2"], ["C56.3"]),
        ("C56.2", ["C56.1"], ["C56.3"]),
        ("J68.0", [], ["U07.0"]),
        ("J80", [], ["U07.0"]),
    ] == sources(*rows)


def test_days_and_particulars() -> None:
    """A row is a change of kind new on the day that its code begins, and keeps the cell as written."""
    first, second = mappings(only_draft(table(("M54.51 ", 2021, "M54.5 "), ("U07.1", "2020-04-01", "B97.29"))))
    assert ("M54.5", ["M54.51"], FY2022, "new", 2, None) == tuple(
        first[name] for name in ("source_code", "target_codes", "effective", "change", "line", "approximate")
    )
    assert {"previous": "M54.5 ", "parse_status": "parsed"} == json.loads(first["detail"])
    assert datetime.date(2020, 4, 1) == second["effective"]


def test_ranges() -> None:
    """A range whose ends differ in one figure is any of its codes, each of them together with what "and" joins."""
    assert [
        ("H44.20", ["H33.2"], ["H44.2A1"]),
        ("H33.2", ["H44.20"], ["H44.2A1"]),
        ("H44.21", ["H33.2"], ["H44.2A1"]),
        ("H33.2", ["H44.21"], ["H44.2A1"]),
    ] == sources(("H44.2A1", 2017, "H44.20-H44.21 and H33.2"))


def test_no_predecessor() -> None:
    """Null as source means that the publisher says there was nothing; ranges, categories and prose are no such thing."""
    rows = [("A04.8", 2021, "None"), ("W44.A0", 2021, "Codes in Categories T15-T19"), ("I10", 2021, "I10-I15.9")]
    rows += [("A04.9", 2021, "who knows")]
    assert [(None, [], ["A04.8"])] == sources(*rows)


def test_open_cells_are_kept_and_told() -> None:
    """The table ``rows`` keeps every cell with groups and status; warnings say how many lead to less than they name."""
    rows = [
        ("H81.4", 2021, "H81.49; Y93.01-Y93.9"),
        ("I60.2", 2021, "I10-I15.9"),
        ("I60.3", 2021, "I10-I15.9"),
        ("W44.A0", 2021, "Codes in Categories T15-T19"),
        ("A04.9", 2021, "who knows"),
    ]
    draft = only_draft(table(*rows))
    built = draft.build()
    assert [(None, [row[0]], FY2022, row[2]) for row in rows] == [
        (source, targets, day, said) for source, targets, day, _, said in mentions(draft)
    ]
    kept = built.tables["rows"].select(["previous", "groups", "parse_status"]).to_pylist()
    assert {"previous": rows[0][2], "groups": [["H81.49"], ["Y93.01-Y93.9"]], "parse_status": "partly"} == kept[0]
    assert ["partly", "range", "range", "category", "unparsed"] == [row["parse_status"] for row in kept]
    before = "the column of previous codes"
    partly = "names codes and also ranges or categories, of which only the codes are taken"
    assert (
        f"table.xlsx: in 1 row {before} {partly}: 'H81.49; Y93.01-Y93.9'",
        f"table.xlsx: in 2 rows {before} names only ranges, which are kept as written: 'I10-I15.9'",
        f"table.xlsx: in 1 row {before} names only categories, which are kept as written: 'Codes in Categories T15-T19'",
        f"table.xlsx: in 1 row {before} cannot be understood, and is kept as written: 'who knows'",
    ) == built.warnings


def test_repeated_and_unread_rows() -> None:
    """A row that stands twice is one alternative; one without code or day is left out with a warning."""
    many = [(f"A00.{number:02}", 2021, "A00") for number in range(20)]
    draft = only_draft(table(*many, ("A00.00", 2021, "A00"), ("A0.00", 2021, "A00"), ("A00.21", "soon", "A00")))
    assert 20 == len(mappings(draft))
    assert ("table.xlsx: 2 rows without code or day left out: row 23, 24",) == draft.build().warnings


def test_relationships() -> None:
    """A code that was divided is broader than its parts; a single follower, groups and lists are only related."""
    rows = [
        ("M54.50", 2021, "M54.5"),
        ("M54.51", 2021, "M54.5"),
        ("F32.A", 2021, "F32.9"),
        ("C56.3", 2021, "C56.1 and C56.2"),
        ("U07.0", 2021, "M54.5, J80"),
        ("M54.59", 2022, "M54.50"),
    ]
    found = {
        (row["source_code"], row["target_codes"][0]): row["relationship"] for row in mappings(only_draft(table(*rows)))
    }
    broader = {pair for pair, relationship in found.items() if relationship == "source-is-broader-than-target"}
    assert {("M54.5", "M54.50"), ("M54.5", "M54.51")} == broader
    assert {"related-to", "source-is-broader-than-target"} == set(found.values())


# ---- versions


def test_version_of_the_newest_day() -> None:
    """Tables are cumulative: each is a version of its own, that of the newest day in it."""
    early = table(("M54.50", 2021, "M54.5"), name="early.xlsx")
    late = table(("M54.50", 2021, "M54.5"), ("Z28.310", "2022-04-01", "Z28.3"), name="late.xlsx")
    for parts in ([early, late], [late, early]):
        drafts = READER.assemble(parts, ()).drafts
        assert [("2022", FY2022), ("2022-04", datetime.date(2022, 4, 1))] == [
            (draft.version, draft.effective) for draft in drafts
        ]
        assert [["early.xlsx"], ["late.xlsx"]] == [[source.file for source in draft.sources] for draft in drafts]


def test_operator_wins() -> None:
    """What the operator says of the table wins over the days in it."""
    part = evolve(table(("M54.50", 2021, "M54.5")), version="2023")
    assert ("2023", datetime.date(2022, 10, 1)) == (only_draft(part).version, only_draft(part).effective)
    ((_, why),) = READER.assemble([evolve(part, version="mine")], ()).refused
    assert "expected a version like 2024 or 2023-04, got 'mine': give --effective" == why


def test_two_tables_of_one_version() -> None:
    """Equal rows are one crosswalk with two sources; different ones cannot be built, and each fault names the other."""
    rows = [("M54.50", 2021, "M54.5"), ("M54.51", 2021, "M54.5")]
    one, again = table(*rows, name="one.xlsx"), table(("", "", ""), *rows, name="two.xlsx")
    assert ["one.xlsx", "two.xlsx"] == [source.file for source in only_draft(again, one).sources]
    other = table(*rows, ("M54.59", 2021, "M54.5"), name="other.xlsx")
    for parts in ([one, other], [other, one]):
        with pytest.raises(ReleaseFaults) as caught:
            only_draft(*parts).build()
        found = [(fault.file, "other.xlsx" in str(fault.message)) for fault in caught.value.exceptions]
        assert [("one.xlsx", True), ("other.xlsx", False)] == found


def test_sample_table() -> None:
    """The packaged sample tells of the splits that the sample releases show."""
    files = files_in(SAMPLES / "crosswalks" / "icd10cm_conversion")
    (draft,) = READER.assemble(parts_of(Icd10cmLoader(), files), ()).drafts
    assert ("2022-04", "icd10cm", "icd10cm") == (draft.version, draft.source_system, draft.target_system)
    rows = mappings(draft)
    before = {
        code: [row["target_codes"][0] for row in rows if row["source_code"] == code] for code in ("M54.5", "Z28.3")
    }
    assert {"M54.5": ["M54.50", "M54.51", "M54.59"], "Z28.3": ["Z28.310", "Z28.311", "Z28.39"]} == before
    assert [["R29.700"]] == [row["target_codes"] for row in rows if row["source_code"] is None]
    assert [None, None] == [READER.read(file) for file in [*files, file_of("a,b\n", "b.csv")]]


def test_an_updated_table_stands_for_the_one_before() -> None:
    """Of two tables with the same days the one stands whose name says that it was updated later, or corrected."""
    rows = [("M54.50", 2021, "M54.5")]
    older = table(*rows, name="Conversion-Table-FY2022.xlsx")
    first = table(*rows, ("M54.51", 2021, "M54.5"), name="Conversion-Table-FY2022-updated-08-24-2021.xlsx")
    second = table(*rows, ("M54.59", 2021, "M54.5"), name="Conversion-Table-FY2022 (updated 9-1-2021).xlsx")
    for parts in ((older, first, second), (second, older, first)):
        draft = only_draft(*parts)
        assert [second] == list(draft.parts)
        assert {f"{part.origin.label}: differs and is older by its name, left out" for part in (older, first)} == {
            *draft.warnings
        }


def test_equal_claims_are_contested() -> None:
    """Where nothing in the names tells which of two tables is newer, none is taken."""
    one = table(("M54.50", 2021, "M54.5"), name="first.xlsx")
    other = table(("M54.50", 2021, "M54.9"), name="second.xlsx")
    with pytest.raises(ReleaseFaults, match="2 tables for version 2022"):
        only_draft(one, other).build()


# ---- previous codes that are misprinted

OLD_ROWS = [
    ("V298", False, "Motorcycle rider injured in other accidents"),
    ("V2981", False, "With military vehicle"),
    ("V2981XA", True, "With military vehicle, initial encounter"),
    ("V2981XD", True, "With military vehicle, subsequent encounter"),
    ("V2988XA", True, "In other accidents, initial encounter"),
    ("V299XXA", True, "Unspecified, initial encounter"),
]
NEW_ROWS = [
    ("V298", False, "Motorcycle rider injured in other accidents"),
    ("V2981", False, "With military vehicle"),
    ("V29811A", True, "Driver, initial encounter"),
    ("V29811D", True, "Driver, subsequent encounter"),
    ("V29818A", True, "Passenger, initial encounter"),
    ("V2988XA", True, "In other accidents, initial encounter"),
    ("V299XXA", True, "Unspecified, initial encounter"),
]


def with_releases(*rows, years=(2021, 2022)):
    """Return the draft of a table beside the releases before and after the change."""
    orders = {2021: OLD_ROWS, 2022: NEW_ROWS, 2023: NEW_ROWS}
    files = [file_of(order_file(orders[year]), f"icd10cm_order_{year}.txt") for year in years]
    (draft,) = READER.assemble([table(*rows)], committed(Icd10cmLoader(), files)).drafts
    return draft


MISPRINTED = (
    ("V29.811A", 2021, "V29.80XA"),
    ("V29.811D", 2021, "V29.80XD"),
    ("V29.818A", 2021, " V29.80XA"),
)


def test_a_misprint_is_taken_for_the_code_that_ended() -> None:
    """A previous code in no release is the one code that ended, that the new one begins with, and that differs by one slip."""
    draft = with_releases(*MISPRINTED)
    rows = mappings(draft)
    assert [("V29.81XA", ["V29.811A"]), ("V29.81XD", ["V29.811D"]), ("V29.81XA", ["V29.818A"])] == [
        (row["source_code"], row["target_codes"]) for row in rows
    ]
    detail = json.loads(rows[2]["detail"])
    assert (detail["previous"], detail["corrected"]) == (
        " V29.80XA",
        [{"published": "V29.80XA", "read_as": "V29.81XA"}],
    )
    built = draft.build()
    assert built.tables["rows"].column("groups").to_pylist()[0] == [["V29.80XA"]]
    assert (
        "table.xlsx: in 2 rows the column of previous codes has 'V29.80XA': V29.80XA, which no release around 2021-10-01 "
        "has, is taken for V29.81XA, which ended that day: row 2, 4"
    ) in built.warnings


@pytest.mark.parametrize(
    ("new", "previous"),
    [
        ("V29.811A", "V29.70XA"),  # two slips from the code that ended
        ("V29.811A", "V29.80XD"),  # another seventh character
        ("V29.81XA", "V29.80XA"),  # no code that it begins with has ended
        ("V29.811A", "V29.9XXA"),  # it is in a release: somebody may have meant it
        ("V29.811A", "V29.80XA-V29.82XA"),  # no code, but a range
    ],
)
def test_what_is_not_certain_stays(new: str, previous: str) -> None:
    """In every other case a cell is what it says."""
    plain, consulted = only_draft(table((new, 2021, previous))), with_releases((new, 2021, previous))
    assert mappings(plain) == mappings(consulted)
    assert plain.build().warnings == consulted.build().warnings


def test_a_code_that_the_table_names_is_not_meant_twice() -> None:
    """Where the table says what replaced the code that ended, a misprint beside it is none of that code."""
    rows = (("V29.811A", 2021, "V29.81XA"), ("V29.818A", 2021, "V29.80XA"))
    assert ["V29.81XA", "V29.80XA"] == [row["source_code"] for row in mappings(with_releases(*rows))]


@pytest.mark.parametrize("years", [(2021,), (2022,), (2021, 2023)])
def test_without_the_releases_around_the_day_nothing_is_taken_for_another(years: tuple[int, ...]) -> None:
    """Both releases must be loaded, and the crosswalk depends on no other."""
    draft = with_releases(*MISPRINTED, years=years)
    assert {"V29.80XA", "V29.80XD"} == {row["source_code"] for row in mappings(draft)}
    assert () == draft.consulted


def test_only_the_releases_around_the_days_are_consulted() -> None:
    """A release of another year changes nothing about a table, nor its digest; and consulted releases are no sources."""
    drafts = [with_releases(*MISPRINTED, years=years) for years in ((2021, 2022), (2021, 2022, 2023))]
    assert [["2021", "2022"]] * 2 == [[item.release.version for item in draft.consulted] for draft in drafts]
    assert 1 == len({draft.digest(READER.name, READER.format_number) for draft in drafts})
    assert drafts[0].digest("a", 1) != only_draft(table(*MISPRINTED)).digest("a", 1)
    assert [1, 1] == [len(draft.sources) for draft in drafts]


SLIPS = st.text("AB1X.", max_size=6)


@given(SLIPS, SLIPS)
def test_one_slip(one: str, other: str) -> None:
    """Two texts are one slip apart where one edit, tried one after the other, makes the other."""
    places = range(len(one) + 1)
    edits = {one[:p] + one[p + 1 :] for p in range(len(one))}
    edits |= {one[:p] + c + one[p:] for p in places for c in "AB1X."}
    edits |= {one[:p] + c + one[p + 1 :] for p in range(len(one)) for c in "AB1X."}
    edits |= {one[:p] + one[p + 1] + one[p] + one[p + 2 :] for p in range(len(one) - 1)}
    assert is_one_slip_apart(one, other) == (one != other and other in edits)
