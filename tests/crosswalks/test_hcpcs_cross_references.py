"""Cross-references of HCPCS as successors; targets in CPT; corrections lists; circles, typos and bad lists."""

from __future__ import annotations

import datetime
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology_crosswalks.hcpcs_cross_references import HcpcsCrossReferenceReader, circles
from terminology_loaders.hcpcs import HcpcsLoader

from ..loaders.hcpcs_records import record, workbook
from ..loaders.hcpcs_records import text_file as contractor_file
from .releases import SAMPLES, by_version, committed, faults, files_in, mappings, mentions, parts_of, text_file

day = datetime.date
READER = HcpcsCrossReferenceReader()
HEADER = ("CODE", "ACTION", "EFF DATE", "SHORT DESC", "XREF CODE", "COMMENTS")
TITLE = ("", "2019 ALPHA-NUMERIC HCPCS CORRECTIONS")
NAME = "HCPC2019_Corrections_ALPHA.xlsx"
ENDED = {"TERM_DT": "20181231", "ACTION_CD": "D", "ACT_EFF_DT": "20190101"}


def corrections(*rows, name=NAME, header=HEADER, title=TITLE):
    """Return a workbook of corrections, the header on row 4."""
    return workbook(title, (), (), header, *rows, name=name)


def releases(*lines, name="HCPC2019_CONTR_ANWEB.txt"):
    """Return the release of a contractor file of these records."""
    return committed(HcpcsLoader(), [contractor_file(*lines, name=name)])


def drafts_of(*lines, files=(), **given):
    """Return the crosswalks of 2019 from records and corrections."""
    assembly = READER.assemble(parts_of(READER, files, **given), releases(*lines))
    return by_version(assembly.drafts)


def steps(draft):
    """Return the rows of a draft as source, targets, day and change."""
    return [(row["source_code"], row["target_codes"], row["effective"], row["change"]) for row in mappings(draft)]


def within(drafts):
    """Return the crosswalk of 2019 within HCPCS."""
    return drafts["2019-01", "hcpcs", "hcpcs"]


def test_sample_releases() -> None:
    """Terminated codes lead to what CMS names beside them, from the day after their last."""
    drafts = by_version(READER.assemble([], committed(HcpcsLoader(), files_in(SAMPLES / "hcpcs"))).drafts)
    found = steps(within(drafts))
    assert ("C9014", ["J0567"], day(2019, 1, 1), "deleted") in found
    assert ("Q9989", ["J3358"], day(2018, 1, 1), "deleted") in found
    assert {"C9014", "Q9989"} == {source for source, *_ in found}
    cpt = mappings(drafts["2019-01", "hcpcs", "cpt"])
    assert [("G0505", ["99483"], day(2018, 1, 1), None)] == steps(drafts["2019-01", "hcpcs", "cpt"])
    assert {"terminated": "2017-12-31"} == json.loads(cpt[0]["detail"])


def test_sample_corrections() -> None:
    """The sample's list repeats a cross-reference of 2019, which the row then cites; its other row changes nothing."""
    parts = parts_of(READER, files_in(SAMPLES / "crosswalks" / "hcpcs_cross_references"))
    draft = within(by_version(READER.assemble(parts, committed(HcpcsLoader(), files_in(SAMPLES / "hcpcs"))).drafts))
    (row,) = [row for row in mappings(draft) if row["source_code"] == "C9014"]
    assert (["J0567"], 5) == (row["target_codes"], json.loads(row["detail"])["corrected"]["line"])
    assert "HCPC2019_CONTR_ANWEB.txt" == draft.sources[row["source"]].file
    assert ["C9014", "L3760"] == draft.build().tables["corrections"].column("code").to_pylist()


def test_codes_in_force_have_no_successor() -> None:
    """A cross-reference on a code in force is kept as published, and maps to nothing."""
    drafts = drafts_of(record("J3358", XREF1="Q9989"), record("Q9989", XREF1="J3358", **ENDED))
    assert [("Q9989", ["J3358"], day(2019, 1, 1), "deleted")] == steps(within(drafts))
    rows = within(drafts).build().tables["rows"].to_pylist()
    assert [
        ("J3358", "left out: the code is in force, so this is no successor"),
        ("Q9989", "successor"),
    ] == [(row["code"], row["note"]) for row in rows]


def test_several_cross_references() -> None:
    """Each cross-reference of a code is an alternative of its own, in its own system; modifiers are of HCPCS."""
    targets = {"XREF1": "J0001", "XREF2": "QM", "XREF3": "99483", "XREF4": "0525T", "XREF5": "J0001"}
    drafts = drafts_of(record("C9000", **targets, **ENDED), record("J0001"), record("QM"))
    assert [["J0001"], ["QM"]] == [targets for _, targets, *_ in steps(within(drafts))]
    assert [["99483"], ["0525T"]] == [targets for _, targets, *_ in steps(drafts["2019-01", "hcpcs", "cpt"])]
    assert all(row["approximate"] is None for row in mappings(within(drafts)))


def test_terminated_without_cross_reference() -> None:
    """A terminated code without cross-reference has no row: its successor is unknown, not absent."""
    assert [] == steps(within(drafts_of(record("J9310", **ENDED))))


def test_strange_targets() -> None:
    """What is no code of either system is told, kept as published, and left out; so is a code that names itself."""
    drafts = drafts_of(
        record("C9000", XREF1="CPT", **ENDED),
        record("C9001", XREF1="C9001", **ENDED),
        record("C9002", XREF1="25", **ENDED),
    )
    built = within(drafts).build()
    assert 0 == built.tables["mappings"].num_rows
    assert (
        "2 cross-references are neither codes of HCPCS nor of CPT, left out: C9000 -> 'CPT', C9002 -> '25'",
        "1 terminated codes name themselves: C9001",
    ) == built.warnings
    assert ["CPT", "C9001", "25"] == built.tables["rows"].column("cross_reference").to_pylist()
    strange = "names what is neither a code of HCPCS nor of CPT"
    assert [("C9000", strange, "CPT"), ("C9001", "names the code itself", "C9001"), ("C9002", strange, "25")] == [
        (code, meaning, said) for code, _, _, meaning, said in mentions(within(drafts))
    ]


def test_targets_that_are_not_in_the_release() -> None:
    """A successor that the release does not list is kept, and told."""
    built = within(drafts_of(record("C9468", XREF1="J7023", **ENDED))).build()
    assert ["J7023"] == built.tables["mappings"].column("target_codes").to_pylist()[0]
    assert ("1 successor is not in the release: C9468 -> J7023",) == built.warnings


def test_circles_are_told() -> None:
    """Terminated codes that lead to each other are kept, and told."""
    built = within(drafts_of(record("C9000", XREF1="C9001", **ENDED), record("C9001", XREF1="C9000", **ENDED))).build()
    assert 2 == built.tables["mappings"].num_rows
    assert ("successors lead in a circle: C9000 -> C9001 -> C9000",) == built.warnings


def test_rows_cite_the_release() -> None:
    """Line and source are those of the contractor file, also beside corrections lists."""
    files = [corrections(("J0001", "ADD CODE", "2019-01-01", "", "", ""))]
    draft = within(drafts_of(record("A0001"), record("C9000", XREF1="J0001", **ENDED), record("J0001"), files=files))
    (row,) = mappings(draft)
    assert (2, "HCPC2019_CONTR_ANWEB.txt") == (row["line"], draft.sources[row["source"]].file)


def test_correction() -> None:
    """A corrected cross-reference takes the published one's place, and cites file, line and words of the correction."""
    files = [
        corrections(
            ("C9468", "Change xref code to J7203", "2019-01-01", "", "", ""), ("A0001", "ADD CODE", "", "", "", "")
        )
    ]
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=files))
    (row,) = mappings(draft)
    assert ["J7203"] == row["target_codes"]
    assert {
        "terminated": "2018-12-31",
        "corrected": {"file": NAME, "line": 5, "text": "Change xref code to J7203", "published": ["J7023"]},
    } == json.loads(row["detail"])
    kept = draft.build().tables["corrections"].to_pylist()
    assert ["Change xref code to J7203", "ADD CODE"] == [row["action"] for row in kept]
    assert ["EFF DATE: 2019-01-01"] == kept[0]["fields"]


@pytest.mark.parametrize(
    ("action", "targets"),
    [
        ("Change xref code to J7203", ["J7203"]),
        ("change XREF codes to J7203 and 99483", ["J7203"]),
        ("Correct x-ref to J7203.", ["J7203"]),
        ("Revise cross-reference", ["J7023"]),
        ("Revise Long Desc", ["J7023"]),
        ("Change Cov to C and Price to 39", ["J7023"]),
    ],
)
def test_prose(action, targets) -> None:
    """Only prose that names the new cross-reference corrects one; all other prose changes nothing."""
    files = [corrections(("C9468", action, "", "", "", ""))]
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=files))
    assert [targets] == [row["target_codes"] for row in mappings(draft)]


def test_later_lists_win() -> None:
    """Of several lists of a year the one with the highest number counts, whatever the order in which they come."""
    first = corrections(("C9468", "Change xref code to J0001", "", "", "", ""))
    second = corrections(("C9468", "Change xref code to J7203", "", "", "", ""), name=NAME.replace(".", "_v2."))
    for files in ([first, second], [second, first]):
        draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=files))
        assert [["J7203"]] == [row["target_codes"] for row in mappings(draft)]
        assert [NAME, NAME.replace(".", "_v2.")] == [part.origin.name for part in draft.parts]


def test_withdrawn_correction() -> None:
    """A later list can take a correction back."""
    first = corrections(("C9468", "Change xref code to J0001", "", "", "", ""))
    second = corrections(
        ("C9468", "DO NOT ADD - Remove from previous corrections document", "", "", "", ""),
        name="V2_HCPC2019_Corrections.xlsx",
    )
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), files=[first, second]))
    assert [["J7023"]] == [row["target_codes"] for row in mappings(draft)]


def test_contradicting_lists() -> None:
    """Two different lists of one number for one release are both refused, each naming the other."""
    files = [
        corrections(("C9468", f"Change xref code to {code}", "", "", "", ""), name=f"HCPC2019_Corrections_{code}.xlsx")
        for code in ("J0001", "J7203")
    ]
    assembly = READER.assemble(parts_of(READER, files), releases(record("C9468", XREF1="J7023", **ENDED)))
    assert ["HCPC2019_Corrections_J0001.xlsx", "HCPC2019_Corrections_J7203.xlsx"] == [
        part.origin.name for part, _ in assembly.refused
    ]
    assert "HCPC2019_Corrections_J7203.xlsx" in assembly.refused[0][1]
    assert [["J7023"]] == [row["target_codes"] for row in mappings(within(by_version(assembly.drafts)))]


def test_same_list_twice() -> None:
    """The same list under two names is one list with two sources."""
    rows = ("C9468", "Change xref code to J7203", "", "", "", "")
    files = [corrections(rows), corrections(rows, name="HCPC2019_Corrections_copy.xlsx")]
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=files))
    assert 2 == len(draft.parts)
    assert 1 == len(mappings(draft))


def printed(*lines, name="HCPC2019_Corrections_ALPHA.prn"):
    """Return the print of a list."""
    head = ("          2019 ALPHA-NUMERIC HCPCS CORRECTIONS", "", "", "  CODE   ACTION  EFF DATE   SHORT DESC")
    return text_file("".join(f"{line}\r\n" for line in (*head, *lines)), name)


def test_print_without_workbook() -> None:
    """A print stands in for a workbook that is not here, as far as its words reach."""
    lines = (" C9468  Change xref code to J7203", " DA     Removed in01/01/2011")
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=[printed(*lines)]))
    assert [["J7203"]] == [row["target_codes"] for row in mappings(draft)]
    assert ["C9468", "DA"] == draft.build().tables["corrections"].column("code").to_pylist()


def test_print_beside_workbook() -> None:
    """A print beside its workbook is not used: its texts are cut."""
    files = [
        printed(" C9468  Change xr01/01/2019"),
        corrections(("C9468", "Change xref code to J7203", "", "", "", "")),
    ]
    assembly = READER.assemble(parts_of(READER, files), releases(record("C9468", XREF1="J7023", **ENDED)))
    assert [("HCPC2019_Corrections_ALPHA.prn", f"a print whose texts are cut; {NAME} has them whole")] == [
        (part.origin.name, reason) for part, reason in assembly.unused
    ]


def test_lists_of_releases_that_are_not_here() -> None:
    """A list waits for its release; one that says no year is refused, with the advice to give its version."""
    rows = ("C9468", "Change xref code to J7203", "", "", "", "")
    files = [
        corrections(rows, title=("2021 HCPCS CORRECTIONS",), name="HCPC2021_Corrections.xlsx"),
        corrections(rows, title=("",), name="HCPC2025_JAN_ANWEB_Corrections.xlsx"),
        corrections(rows, title=("",), name="Corrections.xlsx"),
    ]
    assembly = READER.assemble(parts_of(READER, files), releases(record("A0001")))
    assert [
        "corrects the release of 2021, which is not loaded",
        "corrects the release of 2025-01, which is not loaded",
    ] == [reason for _, reason in assembly.unused]
    assert ["nothing states which release the list corrects: give --version"] == [r for _, r in assembly.refused]


@pytest.mark.parametrize("told", [{"version": "2019-01"}, {"effective": day(2019, 1, 1)}])
def test_operator_names_the_release(told) -> None:
    """Version or day, as the operator gives them, name the release that a list corrects."""
    files = [corrections(("C9468", "Change xref code to J7203", "", "", "", ""), title=("",), name="Corrections.xlsx")]
    draft = within(drafts_of(record("C9468", XREF1="J7023", **ENDED), record("J7203"), files=files, **told))
    assert [["J7203"]] == [row["target_codes"] for row in mappings(draft)]


def test_correction_of_a_stranger() -> None:
    """A correction of a code that the release does not have is told with its place."""
    files = [corrections(("C9999", "Change xref code to J7203", "", "", "", ""))]
    built = within(drafts_of(record("A0001"), files=files)).build()
    assert (f"{NAME}:5: corrects the cross-reference of C9999, which is not in the release",) == built.warnings


def test_faulty_rows() -> None:
    """Rows without a code or without an action are faults, each with its row and column."""
    file = corrections(("", "ADD CODE", "", "", "", ""), ("C9468", "", "2019-01-01", "", "", ""))
    assert [
        (5, "CODE", "expected a HCPCS code or modifier, got ''"),
        (6, "ACTION", "expected what is corrected of C9468, got blanks"),
    ] == faults(READER, file)


def test_swapped_columns() -> None:
    """Codes in the column of actions are faults: nothing is read across columns."""
    found = faults(READER, corrections(("Change xref code to J7203", "C9468", "", "", "", "")))
    assert [(5, "CODE")] == [(line, column) for line, column, _ in found]


def test_truncated_lists() -> None:
    """A list without rows, and a print whose header is lost, are faults."""
    assert [(None, None, "expected at least one correction below the header, got none")] == faults(
        READER, corrections()
    )
    lost = text_file("   2019 HCPCS CORRECTIONS\r\n\r\n C9468  Change\r\n", "HCPC2019_Corrections.prn")
    assert [(1, None, "expected a header with the columns CODE and ACTION, got none")] == faults(READER, lost)
    assert [(5, None, "expected a HCPCS code or modifier and an action, got 'J7203'")] == faults(
        READER, printed("  J7203")
    )


def test_strangers() -> None:
    """Contractor files, other workbooks and other texts are left alone."""
    strangers = [
        contractor_file(record("A0001")),
        workbook(("HCPC", "SEQNUM", "RECID"), ("A0001", "0010", "3")),
        text_file("CODE ACTION\r\n", "a.txt"),
        text_file("", "empty.txt"),
    ]
    assert [None] * 4 == [READER.read(file) for file in strangers]


STEPS = st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE")), max_size=10)


@given(STEPS)
def test_circles_are_all_found(pairs) -> None:
    """A circle is reported just where some code can be reached from itself."""
    import networkx as nx

    graph = nx.DiGraph(pairs)
    found = circles(pairs)
    assert (not nx.is_directed_acyclic_graph(graph)) == bool(found)
    for circle in found:
        assert circle[0] == circle[-1] == min(circle)
        assert all(graph.has_edge(*step) for step in itertools.pairwise(circle))


def test_order_of_parts() -> None:
    """The order of the parts changes no digest."""
    parts = parts_of(
        READER,
        [
            corrections(("C9468", "Change xref code to J7203", "", "", "", "")),
            corrections(("C9468", "ADD CODE", "", "", "", ""), name=NAME.replace(".", "_v2.")),
        ],
    )
    found = releases(record("C9468", XREF1="J7023", **ENDED))
    digests = [
        [draft.digest("x", 1) for draft in READER.assemble(given_parts, found).drafts]
        for given_parts in (parts, parts[::-1])
    ]
    assert digests[0] == digests[1]
