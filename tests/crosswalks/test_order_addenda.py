"""Order addenda as changes: begun, ended, reworded, to header, to billable; what is told twice, what is missing."""

from __future__ import annotations

import datetime
import itertools
import json

import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from terminology.drafts import CommittedRelease
from terminology.model import Release, SourceFile
from terminology.reading import ReadableFile
from terminology_crosswalks.order_addenda import OrderAddendaReader
from terminology_loaders.icd10cm import Icd10cmLoader
from terminology_loaders.icd10pcs import Icd10pcsLoader

from .releases import SAMPLES, by_version, committed, files_in, mappings

day = datetime.date
OCTOBER = day(2023, 10, 1)
READER = OrderAddendaReader()
SOURCES = (SourceFile("order.txt", "0" * 64, 1), SourceFile("addenda.txt", "1" * 64, 1))


def records(*rows):
    """Return a table of records: action, billable, code, title; lines are counted from 1."""
    values = [
        dict(
            zip(
                ("action", "billable", "code", "short_title", "title", "line", "source"),
                (action, billable, code, title[:6], title, line, 1),
                strict=True,
            )
        )
        for line, (action, billable, code, title) in enumerate(rows, 1)
    ]
    columns = {
        "action": pa.string(),
        "billable": pa.bool_(),
        "code": pa.string(),
        "short_title": pa.string(),
        "title": pa.string(),
        "line": pa.int32(),
        "source": pa.int32(),
    }
    return pa.Table.from_pylist(values, schema=pa.schema(list(columns.items())))


def release(*rows, version="2024", effective=OCTOBER, system="icd10cm"):
    """Return a release that came with an addenda of these records."""
    made = Release(system, version, effective, 0, 0, derived=False, sources=SOURCES)
    return CommittedRelease(made, f"{version}{rows}", {"changes": records(*rows)})


def changes(*rows):
    """Return the rows that the records of one release make, as change, source and targets."""
    (draft,) = READER.assemble([], [release(*rows)]).drafts
    return [(row["change"], row["source_code"], row["target_codes"]) for row in mappings(draft)]


def test_sample_releases() -> None:
    """The addenda of the samples say what began and what became a header, on the day of their release."""
    found = committed(Icd10cmLoader(), files_in(SAMPLES / "icd10cm"))
    drafts = by_version(READER.assemble([], found).drafts)
    assert [("2021", "icd10cm", "icd10cm"), ("2022", "icd10cm", "icd10cm"), ("2022-04", "icd10cm", "icd10cm")] == list(
        drafts
    )
    rows = mappings(drafts["2022", "icd10cm", "icd10cm"])
    back = {row["change"]: row for row in rows if "M54.5" in (row["source_code"], *(row["target_codes"] or ()))}
    assert {"to_header"} == set(back)
    row = back["to_header"]
    assert ("M54.5", ["M54.5"], day(2021, 10, 1)) == (row["source_code"], row["target_codes"], row["effective"])
    begun = {row["target_codes"][0] for row in rows if row["change"] == "begun"}
    assert {"M54.50", "M54.51", "M54.59"} <= begun
    sources = drafts["2022", "icd10cm", "icd10cm"].sources
    assert {"icd10cm_order_addenda_2022.txt"} == {sources[row["source"]].file for row in rows}


def test_lines_are_those_of_the_addenda() -> None:
    """Each row cites the very line of the addenda that names its code."""
    found = committed(Icd10cmLoader(), files_in(SAMPLES / "icd10cm"))
    for draft in READER.assemble([], found).drafts:
        for row in mappings(draft):
            name = draft.sources[row["source"]].file
            line = (SAMPLES / "icd10cm" / name).read_text().split("\n")[row["line"] - 1]
            assert (row["source_code"] or row["target_codes"][0]).replace(".", "") in line.split()


def test_pcs_codes_begin() -> None:
    """Addenda of ICD-10-PCS, which have no flags, are read in the same way."""
    drafts = READER.assemble([], committed(Icd10pcsLoader(), files_in(SAMPLES / "icd10pcs"))).drafts
    assert drafts
    assert {"icd10pcs"} == {draft.source_system for draft in drafts}
    assert {"begun"} <= {row["change"] for draft in drafts for row in mappings(draft)}


def test_begun_and_ended() -> None:
    """An added code has no source, a deleted one no target: nothing is said of what became of it."""
    assert [("begun", None, ["A00.0"]), ("ended", "B00.0", None)] == changes(
        ("add", True, "A00.0", "New"), ("delete", True, "B00.0", "Old")
    )


@pytest.mark.parametrize(("before", "after", "change"), [(True, False, "to_header"), (False, True, "to_billable")])
@pytest.mark.parametrize("add_first", [False, True])
def test_flag_changes(before, after, change, add_first) -> None:
    """A code that is deleted with one flag and added with the other stays, in whichever order the two stand."""
    rows = [("delete", before, "Z28.3", "Under"), ("add", after, "Z28.3", "Under")]
    assert [(change, "Z28.3", ["Z28.3"])] == changes(*(reversed(rows) if add_first else rows))


def test_revised_titles() -> None:
    """A reworded code carries both wordings, and the short ones where they differ."""
    (draft,) = READER.assemble(
        [], [release(("revise_from", True, "A00.0", "Old words"), ("revise_to", True, "A00.0", "New words"))]
    ).drafts
    (row,) = mappings(draft)
    assert ("revised", 2) == (row["change"], row["line"])
    assert {
        "before": "Old words",
        "after": "New words",
        "short_before": "Old wo",
        "short_after": "New wo",
    } == json.loads(row["detail"])


def test_revision_without_counterpart() -> None:
    """Half a revision is told with its place and left out; the other changes stand."""
    (draft,) = READER.assemble([], [release(("revise_to", True, "A00.0", "New"), ("add", True, "A00.1", "New"))]).drafts
    assert ("addenda.txt:1: A00.0 has 'revise to' without its counterpart; left out",) == draft.build().warnings
    assert ["begun"] == [row["change"] for row in mappings(draft)]


def test_update_repeats_its_year() -> None:
    """What the addenda of an update tells again of the year's first release keeps the day of that release."""
    october = release(("add", True, "A00.0", "New"), ("delete", True, "A01", "Old"))
    april = release(
        ("add", True, "A00.0", "New"),
        ("delete", True, "A01", "Old"),
        ("add", False, "A01", "Old"),
        version="2024-04",
        effective=day(2024, 4, 1),
    )
    drafts = by_version(READER.assemble([], [april, october]).drafts)
    draft = drafts["2024-04", "icd10cm", "icd10cm"]
    assert [("to_header", "A01", day(2024, 4, 1))] == [
        (row["change"], row["source_code"], row["effective"]) for row in mappings(draft)
    ]
    assert ("1 changes are those of release 2024, listed again; they keep their day",) == draft.build().warnings
    assert () == draft.warnings


def test_other_years_are_not_repeated() -> None:
    """The same record in another year is another change."""
    before = release(("add", True, "A00.0", "New"), version="2023", effective=day(2022, 10, 1))
    drafts = READER.assemble([], [release(("add", True, "A00.0", "New")), before]).drafts
    assert [1, 1] == [len(mappings(draft)) for draft in drafts]


def test_update_without_its_first_release() -> None:
    """Where the year's first release is not loaded, it is told that its changes cannot be told apart."""
    april = release(("add", True, "A00.0", "New"), version="2024-04", effective=day(2024, 4, 1))
    (draft,) = READER.assemble([], [april]).drafts
    assert 1 == len(draft.warnings)
    assert "no release of 2023-10-01 is loaded" in draft.warnings[0]


def test_releases_without_addenda() -> None:
    """A release without an addenda makes no crosswalk; an empty addenda makes an empty one."""
    plain = evolve(release(), tables={"concepts": records()})
    assert () == READER.assemble([], [plain]).drafts
    (draft,) = READER.assemble([], [release()]).drafts
    assert [] == mappings(draft)


def test_rows_as_published() -> None:
    """All records are kept as they were published."""
    (draft,) = READER.assemble([], [release(("delete", True, "A", "x"), ("add", False, "A", "x"))]).drafts
    assert ["delete", "add"] == draft.build().tables["rows"].column("action").to_pylist()


def test_no_file_is_its_own() -> None:
    """The loaders read the files; this reader takes none."""
    assert READER.read(ReadableFile("icd10cm_order_addenda_2024.txt", lambda: b"Add:         1 A000")) is None


ACTIONS = st.sampled_from(["add", "delete", "revise_from", "revise_to"])
RECORDS = st.tuples(ACTIONS, st.booleans(), st.sampled_from(["A00", "A01", "A02"]), st.sampled_from(["x", "y"]))


@given(st.lists(RECORDS, max_size=8))
def test_no_record_is_lost(rows) -> None:
    """Every record is in a pair, alone, or told in a warning; none twice."""
    (draft,) = READER.assemble([], [release(*rows)]).drafts
    built = draft.build()
    single = sum(row["change"] in {"begun", "ended"} for row in built.tables["mappings"].to_pylist())
    pairs = built.tables["mappings"].num_rows - single
    assert len(rows) == 2 * pairs + single + len(built.warnings)


@given(st.permutations(range(3)))
def test_order_of_releases(order) -> None:
    """The order in which releases are given changes nothing."""
    days = [("2023", day(2022, 10, 1)), ("2024", day(2023, 10, 1)), ("2024-04", day(2024, 4, 1))]
    made = [release(("add", True, "A00.0", "New"), version=version, effective=first) for version, first in days]
    digests = [
        [draft.digest("order_addenda", 1) for draft in READER.assemble([], [made[i] for i in places]).drafts]
        for places in (range(3), order)
    ]
    assert all(first == second for first, second in itertools.pairwise(digests))
