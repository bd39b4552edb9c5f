"""The ICD-10-PCS loader: layouts, faults, which release a file belongs to, hierarchy, tables against order file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Assembly, Built, Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.ingest.checks import check_concepts
from terminology_loaders.icd10cm import Icd10cmLoader
from terminology_loaders.icd10pcs import Icd10pcsLoader

from ..release_files import order_file, text, written, zipped
from .pcs_files import (
    DEFINITIONS,
    INDEX,
    NEW,
    OLD,
    OPEN_AND_CLOSED,
    UPDATED,
    conversion,
    file_of,
    pcs_addenda,
    rows_of,
    tables_xml,
    workbook,
)

LOADER = Icd10pcsLoader()
LOADERS = {"icd10cm": Icd10cmLoader(), "icd10pcs": LOADER}
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10pcs"
NAME = "icd10pcs_order_2022.txt"
AUTUMN, SPRING = datetime.date(2021, 10, 1), datetime.date(2022, 4, 1)


def read(data: bytes | str, name: str, archive: str | None = None) -> Part:
    """Return the part that the loader makes of the bytes."""
    part = LOADER.read(file_of(data, name, archive))
    assert isinstance(part, Part)
    return part


def faults(data: bytes | str, name: str = "file.xml") -> list[tuple[int | None, str]]:
    """Return line and message of each fault of the bytes."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADER.read(file_of(data, name))
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    return [(fault.line, fault.message) for fault in found]


def assembled(*parts: Part) -> Assembly:
    """Return what the parts make, which is the same the other way round."""
    made = LOADER.assemble(parts)
    turned = LOADER.assemble(parts[::-1])
    assert [d.digest("icd10pcs", 1) for d in made.drafts] == [d.digest("icd10pcs", 1) for d in turned.drafts]
    return made


def versions(assembly: Assembly) -> list[str]:
    """Return the version labels of an assembly."""
    return [draft.version for draft in assembly.drafts]


def built(assembly: Assembly, version: str) -> Built:
    """Return a release of an assembly, built and checked."""
    draft = next(draft for draft in assembly.drafts if draft.version == version)
    made = draft.build()
    check_concepts(LOADER.definition, made.tables["concepts"], version)
    return made


def column(made: Built, name: str, table: str = "concepts") -> list[object]:
    """Return a column of a table."""
    return list(made.tables[table].column(name).to_pylist())


def autumn(rows=OLD, archive: str = "2022-order.zip") -> tuple[Part, Part]:
    """Return order file and addenda of an October edition."""
    names = ("icd10pcs_order_2021.txt", NAME)
    return read(order_file(rows), NAME, archive), read(
        pcs_addenda(OLD[:-1], rows, names), "order_addenda_2022.txt", archive
    )


def spring(rows=NEW, archive: str = "2022-order-updated-december-1-2021.zip") -> tuple[Part, Part]:
    """Return order file and addenda of an update of April."""
    return read(order_file(rows), NAME, archive), read(
        pcs_addenda(OLD, rows, (NAME, NAME)), "order_addenda_2022.txt", archive
    )


# ---- files


def test_order_file() -> None:
    """Tables are headers of three characters, codes of seven are billable."""
    part = read(order_file(OLD), NAME)
    assert ("order", 14, 2) == (part.kind, part.facts["codes"], part.facts["headers"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("0FT4", True, "Prefix"), "expected a code of 7 characters, got 0FT4"),
        (("0FT44ZZ", False, "Header"), "expected a table of 3 characters, got 0FT44ZZ"),
        (("0FI44ZZ", True, "Letter"), "expected digits and letters without I and O, got 0FI44ZZ"),
        (("3E0Z4ZZ", True, "Stray"), "expected the table 3E0 of code 3E0Z4ZZ in the file, got none"),
    ],
)
def test_order_file_faults(row, message) -> None:
    """A row of other length, flag or letters, or a code whose table is missing, is named with its line."""
    rows = [row if other[0] == "0FT44ZZ" else other for other in OLD]
    number = rows.index(row) + 1
    assert [(number, message)] == faults(order_file(rows), NAME)


def test_stranger_files() -> None:
    """Files of ICD-10-CM, and what nobody knows, are not this loader's."""
    cm = [("A00", False, "Cholera"), ("A000", True, "Cholera, classical"), ("A0011AB", True, "Long")]
    files = {
        "order.txt": order_file(cm),
        "addenda.txt": text([f"{'Add:':<13}1 A000    {'Cholera':<60} Cholera"]),
        "page.xml": b"<ICD10CM.tabular><version>2022</version></ICD10CM.tabular>",
        "notes.txt": b"Section 3 of the manual\r\nis about something else.\r\n",
        "codes.txt": b"A000    Cholera due to Vibrio cholerae 01, biovar cholerae\r\n",
    }
    assert dict.fromkeys(files) == {name: LOADER.read(file_of(data, name)) for name, data in files.items()}


@pytest.mark.parametrize("name", ["icd10pcs_order_2022.txt", "order.txt"])
def test_other_loader_leaves_them(name: str) -> None:
    """The ICD-10-CM loader says of PCS order files, addenda and index that they are of another system, faulty or not."""
    cut = order_file(OLD)[:-2]
    found = [
        Icd10cmLoader().read(file_of(cut, name)),
        Icd10cmLoader().read(file_of(pcs_addenda(OLD, NEW, None), "order_addenda_2022.txt")),
        Icd10cmLoader().read(file_of(pcs_addenda(OLD, NEW, (NAME, NAME)), "order_addenda_2022.txt")),
    ]
    assert all(isinstance(made, Skipped) for made in found)
    assert Icd10cmLoader().read(file_of(INDEX, "index.xml")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"Section X               New Technology\r\nAxis 6                  Device\r\nRow         Add         \r\n",
        b"\r\n\r\nLttr             E\r\nMain Add         EVUSHELD(tm) use Tixagevimab\r\n",
        b"XW023X7 Introduction of Something into Muscle\r\nXW023Y7 Introduction of Something Else\r\n",
        (
            b"Add:         XW023X7 Introduction of Something Long into Muscle, Percutaneous Approach, New Technology Group 7\r\n"
            b"\r\nCodes\r\n      1 additions\r\n"
        ),
    ],
)
def test_skipped_files(data: bytes) -> None:
    """Indented addenda, codes files and codes addenda are left alone, with the reason."""
    made = LOADER.read(file_of(data, "addenda_2022.txt"))
    assert isinstance(made, Skipped)
    assert "ICD-10-PCS" in made.reason


def test_addenda_without_flags() -> None:
    """The length of a code stands for the flag that these addenda lack; counts are checked all the same."""
    part = read(pcs_addenda(OLD, NEW, (NAME, NAME)), "order_addenda_2022.txt")
    changes = part.tables["changes"].to_pylist()
    assert [("XW0", False), ("XW013V7", True), ("XW023V7", True)] == [(c["code"], c["billable"]) for c in changes]
    assert (part.facts["level"], part.facts["headers"]["new"], part.facts["changes"]) == ("order", 3, {"add": 3})
    short = pcs_addenda(OLD, NEW, (NAME, NAME)).replace(b"      2 additions", b"      5 additions")
    assert "the summary counts 5 additions of codes, the records 2" in faults(short, "order_addenda.txt")[0][1]


def test_addenda_with_a_code_of_five() -> None:
    """A code that is neither table nor procedure is a fault."""
    data = pcs_addenda(OLD, NEW, (NAME, NAME)).replace(b"XW013V7 ", b"XW013   ")
    assert (2, "expected a table of 3 or a code of 7 characters, got 'XW013'") in faults(data, "order_addenda.txt")


def test_tables() -> None:
    """Rows, axes and prefixes are kept with their labels; product and counts identify the codes."""
    part = read(tables_xml(OPEN_AND_CLOSED), "icd10pcs_tables_2022.xml")
    order = read(order_file(OLD), NAME)
    assert {name: order.facts[name] for name in ("codes", "headers", "billable_digest")} == {
        name: part.facts[name] for name in ("codes", "headers", "billable_digest")
    }
    rows = part.tables["rows"].filter(part.tables["rows"]["row"].to_numpy() == 2).to_pylist()
    assert [("001", 4, "6"), ("001", 5, "0"), ("001", 5, "3"), ("001", 6, "Z"), ("001", 7, "B")] == [
        (row["table"], row["position"], row["value"]) for row in rows
    ]
    axes = part.tables["axes"].to_pylist()
    assert [(1, "0"), (2, "F"), (3, "T"), (4, None), (5, None), (6, None), (7, None)] == [
        (axis["position"], axis["value"]) for axis in axes if axis["table"] == "0FT"
    ]
    labels = dict(zip(*(part.tables["prefixes"].column(n).to_pylist() for n in ("prefix", "label")), strict=True))
    assert ("Device 7", "Approach 3") == (labels["001607"], labels["00163"])


def test_meanings_of_one_value_are_joined() -> None:
    """A value that two rows call by other names has both in the prefix."""
    data = tables_xml({"XW0": (("1", "3", "S", "6"), ("1", "3", "S", "7"))}).replace("Device S", "Dose 1", 1)
    labels = read(data, "tables.xml").tables["prefixes"].to_pylist()
    assert {"prefix": "XW013S", "label": "Dose 1 / Device S"} in labels


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('<pcsRow codes="8">', '<pcsRow codes="9">', "row 1 of table 001 states 9 codes, its values make 8"),
        ('<pcsRow codes="8">', "<pcsRow>", "row 1 of table 001 states None codes, its values make 8"),
        ('<axis pos="5" values="2">', '<axis pos="5" values="3">', "axis 5 states 3 values, it has 2"),
        ('<axis pos="4" values="1">', '<axis pos="9" values="1">', "expected axes 4, 5, 6, 7, got 9, 5, 6, 7"),
        ('<axis pos="1" values="1">', '<axis pos="2" values="1">', "expected axes 1, 2, 3, got 2, 2, 3"),
        ('<label code="6">', '<label code="O">', "expected a value of one digit or letter (not I, O), got 'O'"),
        ('<label code="6">Body Part 6</label>', '<label code="6"></label>', "value 6 has no label"),
        ('<label code="3">Approach 3', '<label code="0">Approach 3', "axis 5 lists a value twice"),
        ("<title>Approach</title>", "<title></title>", "axis 5 has no title"),
        ('values="1"><title>Section', 'values="2"><title>Section', "axis 1 states 2 values, it has 1"),
    ],
)
def test_tables_faults(old: str, new: str, message: str) -> None:
    """What the tables say of themselves must be so; each fault is named with its line."""
    data = tables_xml(OPEN_AND_CLOSED)
    line = data[: data.index(old)].count("\n") + 1
    found = faults(data.replace(old, new, 1))
    assert message in [said for _, said in found]
    assert any(number is not None and abs(number - line) <= 2 for number, _ in found)


def test_overlapping_rows() -> None:
    """Two rows that hold one code are a fault that names it."""
    data = tables_xml({"001": (("6", "03", "7", "0"), ("6", "3", "7J", "0"))})
    assert ["rows 1 and 2 of table 001 both hold 0016370"] == [said for _, said in faults(data)]


def test_tables_twice_and_none() -> None:
    """A table that stands twice, a table without rows and a file without tables are faults."""
    one = tables_xml({"0FT": OPEN_AND_CLOSED["0FT"]})
    body = one[one.index("<pcsTable>") : one.index("</ICD10PCS")]
    assert "table 0FT stands on line 4 already" in faults(one.replace("</ICD10PCS", f"{body}</ICD10PCS"))[0][1]
    assert "expected at least one row in table 0FT, got none" in faults(tables_xml({"0FT": ()}))[0][1]
    assert "expected at least one pcsTable, got none" in faults(tables_xml({}))[0][1]
    two = one.replace('<label code="T">', '<label code="S">Other</label>\n<label code="T">').replace(
        'pos="3" values="1"', 'pos="3" values="2"'
    )
    assert "expected one value on axis 3, got 2" in faults(two)[0][1]


def test_definitions() -> None:
    """Sections, terms with what they include, and the aggregation of devices are kept."""
    part = read(DEFINITIONS, "icd10pcs_definitions_2022.xml")
    (term,) = part.tables["terms"].to_pylist()
    assert ("0", 3, ["Operation T"], "All of it", "Principal purpose", ["Total removal"]) == tuple(
        term[name] for name in ("section", "position", "terms", "definition", "explanation", "includes")
    )
    (aggregate,) = part.tables["aggregates"].to_pylist()
    assert ("Lead, fine", ["Heart", "Vessels"], "M") == tuple(
        aggregate[name] for name in ("device", "body_systems", "parent_value")
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('<section code="0">', "<section>", "expected a section with a code and a title"),
        ('<axis pos="3">', '<axis pos="8">', "expected an axis with a position from 1 to 7, got '8'"),
        ("<title>Operation T</title>", "", "expected an entry with at least one title, got none"),
        ('<parent value="M">', "<parent>", "expected an aggregate with a device and the value of its parent"),
    ],
)
def test_definitions_faults(old: str, new: str, message: str) -> None:
    """Definitions that lack what they are made of are refused."""
    assert [message] == [said for _, said in faults(DEFINITIONS.replace(old, new))]


def test_index() -> None:
    """Every entry has the path of its terms and what it leads to; a term without title continues the one above."""
    entries = read(INDEX, "icd10pcs_index_2022.xml").tables["entries"].to_pylist()
    assert [
        (["Cholecystectomy"], "see", "Resection, Gallbladder", "0FT4"),
        (["Cholecystectomy", "Laparoscopic"], "code", None, "0FT44ZZ"),
        (["Cholecystectomy", "Laparoscopic", "of old"], "code", None, "0FT"),
        (["Gall bladder"], "use", "Gallbladder", None),
    ] == [tuple(entry[name] for name in ("path", "relation", "text", "target")) for entry in entries]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<title>Gall bladder</title>", "", "expected a mainTerm with a title"),
        ("<code>0FT44ZZ", "<code>0FT4", "expected 7 digits and letters in code, got '0FT4'"),
        ("<codes>0FT4", "<codes>OFT4", "expected 4 to 6 digits and letters in codes, got 'OFT4'"),
    ],
)
def test_index_faults(old: str, new: str, message: str) -> None:
    """An entry that leads to what cannot be a code is refused."""
    assert [message] == [said for _, said in faults(INDEX.replace(old, new))]


@pytest.mark.parametrize("root", ["definitions", "index"])
def test_empty_lists(root: str) -> None:
    """Definitions without a section and an index without a term are refused."""
    assert "expected at least one" in faults(f"<ICD10PCS.{root}><version>2022</version></ICD10PCS.{root}>")[0][1]


PAIRS = [
    ("XW013V7", "3E0134Z", "New", "2022", "04.01"),
    ("NoPCS", "0FT00ZZ", "Deleted", "2021", "10.01"),
    ("0FT44ZZ", "0FT44ZZ", "Revised", "2021", "10.01"),
]


def test_conversion_table() -> None:
    """All cells are kept; new codes have first days, deleted ones the day on which they were gone."""
    part = read(workbook(conversion(*PAIRS)), "icd10pcs_conversion_table_2022.xlsx")
    assert [
        {"code": "XW013V7", "effective_from": SPRING, "effective_to": None},
        {"code": "0FT00ZZ", "effective_from": None, "effective_to": AUTUMN},
    ] == part.tables["days"].to_pylist()
    first = part.tables["rows"].to_pylist()[0]
    assert (2, "Title 3E0134Z", "New", "2022", "04.01") == tuple(
        first[name] for name in ("line", "previous_title", "change_type", "effective_year", "month_day")
    )
    assert part.facts["days"] == ["2021-10-01", "2022-04-01"]


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("XW013V", "3E0134Z", "New", "2022", "04.01"), "expected a code or NoPCS, got 'XW013V'"),
        (("XW013V7", "3E0134Z", "Fresh", "2022", "04.01"), "expected one of New, Deleted, Revised, got 'Fresh'"),
        (("XW013V7", "3E0134Z", "New", "2022", "13.01"), "got '2022' and '13.01'"),
    ],
)
def test_conversion_slips(pair, message: str) -> None:
    """One odd row among many is a warning; a table of odd rows is refused."""
    many = [*PAIRS * 4, pair]
    part = read(workbook(conversion(*many)), "table.xlsx")
    assert [message in warning for warning in part.warnings] == [True]
    assert message in faults(workbook(conversion(pair)), "table.xlsx")[0][1]


def test_empty_conversion_table() -> None:
    """A header alone is a fault; a workbook with another header is a stranger's."""
    assert "expected rows below the header" in faults(workbook(conversion()), "table.xlsx")[0][1]
    assert LOADER.read(file_of(workbook([("Code", "Title")]), "other.xlsx")) is None


# ---- releases


def test_days_by_addenda_and_archive() -> None:
    """An addenda from the year before makes an October edition, one inside the year the update that the archive names."""
    made = assembled(*autumn(), *spring())
    assert [("2022", AUTUMN), ("2022-04", SPRING)] == [(draft.version, draft.effective) for draft in made.drafts]
    assert made.refused == ()
    assert built(made, "2022-04").warnings == ()


def test_update_past_the_october_edition() -> None:
    """An archive updated in December 2020, whose addenda starts in the year before, is January's; October is a gap."""
    archive = "2021-order-updated-december-1-2020.zip"
    name = "icd10pcs_order_2021.txt"
    former = read(order_file(OLD), "icd10pcs_order_2020.txt", "2020-icd-10-pcs-order.zip")
    before = read(
        pcs_addenda(OLD[1:], OLD, ("icd10pcs_order_2019.txt", "icd10pcs_order_2020.txt")),
        "a.txt",
        "2020-icd-10-pcs-order.zip",
    )
    order = read(order_file(NEW), name, archive)
    addenda = read(pcs_addenda(OLD, NEW, ("icd10pcs_order_2020.txt", name)), "order_addenda_2021.txt", archive)
    made = assembled(former, before, order, addenda)
    assert versions(made) == ["2020", "2021-01"]
    assert [("2020", "2021-01", "no release of 2021 is loaded")] == [(g.after, g.before, g.reason) for g in made.gaps]


def test_update_by_conversion_table() -> None:
    """Where the archive tells nothing, the days of the codes that the addenda adds do: all of them must be dated."""
    archive, name = "renamed.zip", "icd10pcs_order_2021.txt"
    order = read(order_file(NEW), name, archive)
    addenda = read(pcs_addenda(OLD, NEW, ("icd10pcs_order_2020.txt", name)), "order_addenda_2021.txt", archive)
    dated = [("XW013V7", "NoPCS", "New", "2020", "10.01"), ("XW023V7", "NoPCS", "New", "2021", "01.01")]
    whole = read(workbook(conversion(*dated)), "whole.xlsx")
    partly = read(workbook(conversion(dated[0])), "partly.xlsx")
    found = [versions(assembled(order, addenda, *more)) for more in ((), (whole,), (partly,))]
    assert found == [["2021"], ["2021-01"], ["2021"]]


def test_conversion_table_against_archive() -> None:
    """Where conversion table and name of the archive differ, the table wins, and it is said."""
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "01.01") for c in ("XW013V7", "XW023V7")))), "t.xlsx"
    )
    made = assembled(*spring(), table)
    (draft,) = [draft for draft in made.drafts if not draft.derived]
    assert "the archive's name means 2022-04-01, the conversion table dates its codes 2022-01-01" in draft.warnings[0]


def test_october_from_april() -> None:
    """The October edition that only April's addenda proves is rebuilt backwards; its tables are not known."""
    made = assembled(*spring())
    assert [("2022", True), ("2022-04", False)] == [(draft.version, draft.derived) for draft in made.drafts]
    october = built(made, "2022")
    assert [code for code, flag, _ in OLD if flag] == [
        code for code, flag in zip(column(october, "code"), column(october, "billable"), strict=True) if flag
    ]
    assert {0, 1} >= {number for number in column(october, "source") if number is not None}
    assert set(october.tables) == {"concepts"}


ERRATA = "errata-january-12-2022.zip"
CORRECTED = rows_of({**UPDATED, "XW0": (("12", "3", "VX", "7"),)})


def errata(rows=CORRECTED, base=NEW) -> tuple[Part, Part]:
    """Return order file and addenda of an errata: the addenda counts nothing."""
    return read(order_file(rows), NAME, ERRATA), read(pcs_addenda(base, rows, None), "order_addenda_2022.txt", ERRATA)


def test_correction() -> None:
    """An errata whose few lines lead from one release to its order file corrects that release, on its day."""
    made = assembled(*spring(), *errata())
    assert [("2022", 0), ("2022-04", 0), ("2022-04.1", 1)] == [(d.version, d.correction) for d in made.drafts]
    assert made.refused == ()
    assert "XW013X7" in column(built(made, "2022-04.1"), "code")
    assert "XW013X7" not in column(built(made, "2022-04"), "code")


def test_correction_alone() -> None:
    """Without the release that it corrects, an errata is dated by its archive, or better by the conversion table."""
    assert versions(assembled(*errata())) == ["2022-04.1"]
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "04.01") for c in ("XW013X7", "XW023X7")))), "t.xlsx"
    )
    order, addenda = (read(data, name, "renamed.zip") for data, name in _errata_files())
    assert versions(assembled(order, addenda, table)) == ["2022-04.1"]


def _errata_files() -> list[tuple[bytes, str]]:
    return [(order_file(CORRECTED), NAME), (pcs_addenda(NEW, CORRECTED, None), "order_addenda_2022.txt")]


def test_correction_that_does_not_follow() -> None:
    """An order file that its errata does not lead to contradicts the release of that day, and is refused."""
    order = read(order_file(CORRECTED[:-2]), NAME, ERRATA)
    made = assembled(*spring(), order, errata()[1])
    assert "2022-04.1" not in versions(made)
    assert [ERRATA in part.origin.label and "holds other rows" in reason for part, reason in made.refused] == [True]


def test_errata_of_a_later_day_is_an_update() -> None:
    """An errata whose codes the conversion table dates later than the release it starts from is a release of its own."""
    table = read(
        workbook(conversion(*((c, "NoPCS", "New", "2022", "04.01") for c in ("XW013V7", "XW023V7")))), "t.xlsx"
    )
    addenda = read(pcs_addenda(OLD, NEW, None), "order_addenda_2022.txt", ERRATA)
    made = assembled(*autumn(), read(order_file(NEW), NAME, ERRATA), addenda, table)
    assert versions(made) == ["2022", "2022-04"]


def test_two_claims_to_one_day() -> None:
    """Order files of other content for one day, on equal evidence, are both refused."""
    first, second = (read(order_file(rows), NAME, f"{n}.zip") for n, rows in enumerate((OLD, NEW)))
    made = assembled(first, second)
    assert (versions(made), len(made.refused)) == ([], 2)


def test_operator_decides() -> None:
    """The day that the operator gives wins over all evidence, and a version that is none is refused."""
    order, _ = spring()
    given = assembled(evolve(order, effective=datetime.date(2022, 1, 1)))
    assert [draft.effective for draft in given.drafts] == [datetime.date(2022, 1, 1)]
    assert "expected a version like 2024" in assembled(evolve(order, version="soon")).refused[0][1]


def test_where_lists_belong() -> None:
    """Tables join the codes that they make; definitions and index follow their archive, else the tables of their year."""
    tables = read(tables_xml(UPDATED), "icd10pcs_tables_2022.xml")
    made = assembled(*autumn(), *spring(), tables, read(DEFINITIONS, "d.xml"), read(INDEX, "i.xml"))
    kinds = {draft.version: {part.kind for part in draft.parts} for draft in made.drafts}
    assert kinds == {
        "2022": {"order", "addenda"},
        "2022-04": {"order", "addenda", "tables", "definitions", "index"},
    }
    packed = read(INDEX, "i.xml", "2022-order.zip")
    made = assembled(*autumn(), *spring(), tables, packed)
    assert packed in made.drafts[0].parts


def test_tables_of_a_derived_release() -> None:
    """Tables of the October edition join it though it is derived, by year and counts."""
    made = assembled(*spring(), read(tables_xml(OPEN_AND_CLOSED), "tables.xml"))
    assert [("2022", True), ("2022-04", False)] == [
        (d.version, any(p.kind == "tables" for p in d.parts)) for d in made.drafts
    ]
    assert column(built(made, "2022"), "code", "differences") == []


def test_lists_without_release() -> None:
    """Tables, definitions and index of a year that is not loaded are kept for later, with the reason."""
    parts = [read(tables_xml(UPDATED, 2019), "t.xml"), read(DEFINITIONS.replace("2022", "2019"), "d.xml")]
    made = assembled(*autumn(), *parts)
    assert {part.kind: reason for part, reason in made.unused} == {
        kind: f"{kind} of a release whose order file is not loaded" for kind in ("tables", "definitions")
    }


def test_tables_by_operator() -> None:
    """Tables that the operator dates join the release of that day."""
    tables = evolve(read(tables_xml(UPDATED), "t.xml"), effective=AUTUMN)
    made = assembled(*autumn(), *spring(), tables)
    october = built(made, "2022")
    assert column(october, "check", "differences") == ["not in order file"] * 2 + ["table not in order file"]
    assert [("2 not in order file" in w or "1 table not in order file" in w) for w in october.warnings] == [True, True]


def test_differences_name_codes() -> None:
    """Tables that lack codes of the order file are taken, and every code is named."""
    many = {"001": (("6", "03", "0123456789", "0123456789ABCDEFGHJK"),), "0FT": OPEN_AND_CLOSED["0FT"]}
    rows = [*rows_of(many), ("0FT94ZZ", True, "Procedure 0FT94ZZ")]
    made = assembled(*autumn(rows), read(tables_xml(many), "t.xml"))
    october = built(made, "2022")
    assert [("not in tables", "0FT94ZZ")] == [tuple(row.values()) for row in october.tables["differences"].to_pylist()]
    assert "t.xml: 1 not in tables: 0FT94ZZ" in october.warnings


def test_wrong_addenda_is_a_warning() -> None:
    """Where the former order file and the addenda do not make this one, codes are named."""
    wrong = [(code, flag, f"{title} changed" if code == "0FT44ZZ" else title) for code, flag, title in NEW]
    archive = "2022-order-updated-december-1-2021.zip"
    order = read(order_file(wrong), NAME, archive)
    made = assembled(*autumn(), order, read(pcs_addenda(OLD, NEW, (NAME, NAME)), "order_addenda_2022.txt", archive))
    (warning,) = built(made, "2022-04").warnings
    assert "1 codes are not as the addenda says, in their titles only: 0FT44ZZ" in warning


# ---- concepts


@pytest.fixture
def april() -> Built:
    """The April release with tables, definitions and index."""
    more = (read(tables_xml(UPDATED), "t.xml"), read(DEFINITIONS, "d.xml"), read(INDEX, "i.xml"))
    return built(assembled(*spring(), *more), "2022-04")


def test_hierarchy(april: Built) -> None:
    """Section, body system, table, prefixes of four to six characters that occur, code: each below its beginning."""
    codes, kinds = column(april, "code"), column(april, "kind")
    assert sorted(codes) == codes
    assert [("0", "section"), ("0F", "body system"), ("0FT", "table"), ("0FT4", "prefix")] == [
        (code, kind) for code, kind in zip(codes, kinds, strict=True) if code in {"0", "0F", "0FT", "0FT4"}
    ]
    billable = {code for code, flag, _ in NEW if flag}
    assert {code[:length] for code in billable for length in range(1, 8)} == set(codes)
    parents = dict(zip(codes, column(april, "parent"), strict=True))
    assert {code: code[:-1] or None for code in codes} == parents


def test_derived_nodes(april: Built) -> None:
    """Tables and codes are the publisher's rows, with their lines; all else is derived."""
    listed = {code: number for number, (code, _, _) in enumerate(NEW, 1)}
    rows = zip(column(april, "code"), column(april, "derived"), column(april, "line"), strict=True)
    assert {code: (code not in listed, listed.get(code)) for code in column(april, "code")} == {
        code: (derived, line) for code, derived, line in rows
    }


def titles(made: Built) -> Mapping[str, str]:
    """Return titles by code."""
    return dict(zip(column(made, "code"), column(made, "title"), strict=True))


def test_titles(april: Built) -> None:
    """Sections and body systems have the labels of the tables, prefixes say the table and each value."""
    found = titles(april)
    assert ("Section 0", "Body System F", "Table 0FT") == (found["0"], found["0F"], found["0FT"])
    assert found["0FT44Z"] == "Table 0FT: Body Part 4, Approach 4, Device Z"


def test_titles_borrowed() -> None:
    """A release without tables takes names from the nearest that has them; a value that none names stands for itself."""
    tables = read(tables_xml({**UPDATED, "0FT": (("G", "04", "Z", "Z"),)}), "t.xml")
    made = assembled(*autumn(), *spring(), evolve(tables, effective=SPRING))
    draft = made.drafts[0]
    assert [part.kind for part in draft.borrowed] == ["tables"]
    found = titles(built(made, "2022"))
    assert ("Section 0", "Table 0FT: Body Part G", "Table 0FT: 4") == (found["0"], found["0FTG"], found["0FT4"])


def test_titles_without_tables() -> None:
    """Without any tables sections are named by definitions, body systems and values by themselves."""
    made = assembled(*autumn(), read(DEFINITIONS, "d.xml"))
    found = titles(built(made, "2022"))
    assert ("Section of definitions", "0F", "Table 0FT: 4, 0") == (found["0"], found["0F"], found["0FT40"])


def test_own_tables(april: Built) -> None:
    """Rows, axes, definitions, device aggregation, index and addenda are tables of the release that they came with."""
    tables = {
        "rows",
        "axes",
        "definitions",
        "device_aggregation",
        "index",
        "notes",
        "differences",
        "concepts",
        "changes",
    }
    assert tables == set(april.tables)


def test_notes(april: Built) -> None:
    """What tables and definitions say of an operation are notes of its tables."""
    notes = [(note["code"], note["kind"], note["text"]) for note in april.tables["notes"].to_pylist()]
    assert [
        ("0FT", "definition", "What is done"),
        ("0FT", "explanation", "Principal purpose"),
        ("0FT", "includes", "Total removal"),
    ] == [note for note in notes if note[0] == "0FT"]


def test_index_strangers() -> None:
    """What the index leads to and the release does not hold is a warning."""
    made = assembled(*autumn(), read(INDEX.replace("0FT44ZZ", "0FT94ZZ"), "i.xml"))
    assert built(made, "2022").warnings == ("i.xml: leads to 1 that the release does not hold: 0FT94ZZ",)


# ---- days


def between(*pairs: tuple[str, str, str, str, str]) -> Part:
    """Return a conversion table of the pairs that reaches to April 2022."""
    return read(workbook(conversion(*pairs, ("XW023V7", "NoPCS", "New", "2022", "04.01"))), "table.xlsx")


def test_days_between_releases() -> None:
    """Days that lie between a release and the one before stand in its table of days; those on its day do not."""
    table = between(("XW013V7", "NoPCS", "New", "2022", "02.01"), ("0FT44ZZ", "NoPCS", "New", "2016", "10.01"))
    made = assembled(*autumn(), *spring(), table)
    days = built(made, "2022-04").tables["days"].to_pylist()
    assert [{"code": "XW013V7", "effective_from": datetime.date(2022, 2, 1), "effective_to": None}] == days
    assert "days" not in built(made, "2022").tables
    assert made.unused == ()


def test_days_of_codes_that_do_not_fit() -> None:
    """A code that begins in between and is not in the release is a warning; one that ended and is still there counts not."""
    table = between(
        ("XW0ZZZZ", "NoPCS", "New", "2022", "02.01"),
        ("NoPCS", "0FT44ZZ", "Deleted", "2022", "02.01"),
    )
    made = built(assembled(*autumn(), *spring(), table), "2022-04")
    assert made.warnings == ("table.xlsx: XW0ZZZZ begins before the release, which does not hold it",)
    assert "days" not in made.tables


def test_idle_conversion_table() -> None:
    """A conversion table from which no release takes a day is kept as a crosswalk, and that is said."""
    made = assembled(*spring(), read(workbook(conversion(*PAIRS)), "t.xlsx"))
    assert ["conversion table: kept as a crosswalk; no loaded release takes a day from it"] == [
        w for _, w in made.unused
    ]


# ---- through the store


def test_off_cycle_code(tmp_path: Path) -> None:
    """A code that the conversion table dates before its release is in force from that day, with all that is above it."""
    files = {
        "autumn.zip": zipped(
            {
                NAME: order_file(OLD),
                "order_addenda_2022.txt": pcs_addenda(OLD[:-1], OLD, ("icd10pcs_order_2021.txt", NAME)),
            }
        ),
        "2022-updated-december-1-2021.zip": zipped(
            {NAME: order_file(NEW), "order_addenda_2022.txt": pcs_addenda(OLD, NEW, (NAME, NAME))}
        ),
        "table.xlsx": workbook(
            conversion(("XW013V7", "NoPCS", "New", "2022", "02.01"), ("XW023V7", "NoPCS", "New", "2022", "04.01"))
        ),
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store", loaders=LOADERS)
    assert [str(error) for error in report.errors] == []
    pcs = terminology.open(tmp_path / "store")["icd10pcs"]
    days = ("2022-01-31", "2022-02-01", "2022-04-01")
    assert ["future", "billable", "billable"] == [str(pcs.on(day).status("XW013V7")) for day in days]
    assert ["future", "future", "billable"] == [str(pcs.on(day).status("XW023V7")) for day in days]
    edition = pcs.on("2022-02-15")
    assert edition.ancestors("XW013V7") == ("XW013V", "XW013", "XW01", "XW0", "XW", "X")
    assert edition.children("XW0") == ("XW01",)
    assert [(period.effective_from, period.from_known) for period in pcs.history("XW013V7").periods] == [
        (datetime.date(2022, 2, 1), True)
    ]
    assert str(pcs.on("2022-02-15", known="2022").status("XW013V7")) == "unknown"


def test_sample(tmp_path: Path) -> None:
    """The packaged sample loads without a word, and shows an update of April and the rows of a table."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders={"icd10pcs": LOADER})
    assert (report.errors, report.skipped, report.gaps) == ((), (), ())
    assert [("2022", 33, ()), ("2022-04", 37, ())] == [
        (item.release.version, item.release.billable, item.release.warnings) for item in report.loaded
    ]
    pcs = terminology.open(tmp_path)["icd10pcs"]
    assert ["future", "billable"] == [str(pcs.on(day).status("XW013V7")) for day in ("2022-03-31", "2022-04-01")]
    edition = pcs.latest
    assert ("unknown", "billable", "header") == tuple(str(edition.status(c)) for c in ("00160Z0", "00160ZB", "001"))
    assert edition.node("0FT4").title == "Hepatobiliary System and Pancreas, Resection: Gallbladder"
    assert str(edition.node("0FT4").status) == "unknown"
    assert edition.lookup("0FT4") is None
    assert [note.declared_at for note in edition.notes("0FT44ZZ")] == ["0FT", "0FT"]


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (b"      3 headers in", "expected the summary of headers to count new, additions, deletions, revisions"),
        (b"Codes", "expected the summary to count codes after headers: it is cut short"),
    ],
)
def test_addenda_cut_in_its_summary(kept: bytes, message: str) -> None:
    """An addenda that ends within its summary is refused, and not taken for an errata."""
    data = pcs_addenda(NEW, NEW[:-1], (NAME, NAME))
    cut = (
        data[: data.index(b"headers in") + len(f"headers in {NAME}")] if kept != b"Codes" else data[: data.index(kept)]
    )
    assert any(message in said for _, said in faults(cut, "order_addenda_2022.txt"))
