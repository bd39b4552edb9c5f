"""Files of ICD-10-PCS: order file, addenda, tables, definitions, index; their faults."""

from __future__ import annotations

import pytest

from terminology.drafts import Part, Skipped
from terminology.reading import tolerating
from terminology_loaders.icd10cm import Icd10cmLoader

from ..release_files import order_file, text
from .pcs_files import (
    DEFINITIONS,
    INDEX,
    LOADER,
    NAME,
    NEW,
    OLD,
    OPEN_AND_CLOSED,
    faults,
    file_of,
    pcs_addenda,
    read,
    tables_xml,
)


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
    ],
)
def test_skipped_files(data: bytes) -> None:
    """Indented addenda are left alone, with the reason."""
    made = LOADER.read(file_of(data, "addenda_2022.txt"))
    assert isinstance(made, Skipped)
    assert "ICD-10-PCS" in made.reason


def test_a_fault_behind_a_line_that_is_left_out_has_its_own_line() -> None:
    """Where an unreadable line was accepted, a row of another shape behind it is named by its line in the file."""
    lines = order_file([*OLD, ("ZZZ0000", False, "No table")]).split(b"\r\n")
    lines[1] = lines[1][:14] + b"X" + lines[1][15:]
    with tolerating(1):
        found = faults(b"\r\n".join(lines), NAME)
    assert [line for line, _ in found] == [len(OLD) + 1]


def test_codes_files_and_their_addenda() -> None:
    """Codes files and codes addenda of ICD-10-PCS are parts, with or without a name that says so."""
    codes = b"XW023X7 Introduction of Something into Muscle\r\nXW023Y7 Introduction of Something Else\r\n"
    changes = (
        b"Add:         XW023X7 Introduction of Something Long into Muscle, Percutaneous Approach, New Technology Group 7\r\n"
        b"\r\nCodes\r\n      1 additions\r\n"
    )
    for data, kind in ((codes, "codes"), (changes, "addenda")):
        for name in ("2022.txt", "icd10pcs_2022.txt"):
            made = LOADER.read(file_of(data, name))
            assert isinstance(made, Part)
            assert made.kind == kind
    assert not isinstance(Icd10cmLoader().read(file_of(codes, "icd10pcs_2022.txt")), Part)


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
    assert "table 0FT is on line 4 already" in faults(one.replace("</ICD10PCS", f"{body}</ICD10PCS"))[0][1]
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
