"""Whole columns: the answers are those of an edition, whatever the form of the table."""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import terminology
from terminology import Status, Terminology, TerminologyError
from terminology.columns import cell_of, cells, opened_table
from terminology.columns.answers import states_of
from terminology.columns.states import ORDER, STATUS_BITS, States
from terminology.query.answers import Answers
from terminology.query.edition import engine_of

from ..small_store import opened, small_store

DAMAGED = (
    "?",
    "",
    " e119 ",
    "m545",
    "W21.89A",
    "38.9",
    "E11.90",
    "J1815",
    "\u013110",
    "NULL",
    "XVIII",
    "modifiers",
    "13",
)
FIRST, LAST = datetime.date(2012, 1, 1).toordinal(), datetime.date(2027, 1, 1).toordinal()


def rows(store: Terminology, system: str, count: int = 600, seed: int = 1) -> pa.Table:
    """Return rows of codes of all releases and of damaged texts, with days before, in and after the releases."""
    chosen = random.Random(seed)  # noqa: S311 -- to choose rows
    code_system = store[system]
    codes = sorted({code for release in code_system.releases for code in code_system.release(release.version)})
    texts = [chosen.choice([chosen.choice(codes), chosen.choice(DAMAGED), None]) for _ in range(count)]
    days = [datetime.date.fromordinal(chosen.randrange(FIRST, LAST)) for _ in range(count)]
    return pa.table({"dx": pa.array(texts, pa.string()), "day": pa.array(days, pa.date32()), "id": list(range(count))})


def expected(store: Terminology, system: str, text: str | None, day: datetime.date | None, known: Any = None) -> tuple:
    """Return what an edition says of one row."""
    if day is None:
        status = Status.MALFORMED if store[system].latest.status(text) is Status.MALFORMED else Status.UNCOVERED
        return (str(status), False, None, None)
    check = store[system].on(day, known=known).check(text)
    return (str(check.status), check.billable, check.effective_from, check.effective_to)


def found(table: pa.Table) -> list[tuple]:
    """Return what a table says of each row."""
    names = ("dx_status", "dx_billable", "dx_effective_from", "dx_effective_to")
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


SYSTEMS = ("icd10cm", "hcpcs", "icd10pcs", "icd9cm", "icd9pcs", "icd10", "icd10gm", "places", "vaccines")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_column_is_answered_as_an_edition_answers(store: Terminology, system: str) -> None:
    """Status, billable and period of every row on its day; the columns of the table stay as they are."""
    table = rows(store, system)
    answered = terminology.validate(table, system=system, on="day", store=store)
    asked = zip(table.column("dx").to_pylist(), table.column("day").to_pylist(), strict=True)
    assert [expected(store, system, text, day) for text, day in asked] == found(answered)
    assert table.equals(answered.select(table.column_names))


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_added_on_request(store: Terminology, system: str) -> None:
    """Official code, suggestion, title and other systems are those of a check, the title that of the day."""
    table = rows(store, system, 250)
    wanted = ["reason", "suggestion", "title", "other_systems"]
    answered = terminology.validate(table, system=system, on="day", store=store, columns=wanted)
    for row in answered.to_pylist():
        edition = store[system].on(row["day"])
        check = edition.check(row["dx"])
        assert check.suggestion == row["dx_suggestion"]
        assert list(check.other_systems) == row["dx_other_systems"]
        assert (edition.title(row["dx"]) if row["dx"] else None) == row["dx_title"]
        assert row["dx_reason"]
        is_known = bool(store[system].history(row["dx"] or "?").periods) or edition.lookup(row["dx"]) is not None
        assert row["dx_code"] == (check.code if is_known else None) or check.status is Status.UNKNOWN


def test_reasons_are_those_of_a_check_without_the_day(store: Terminology) -> None:
    """Each status has its sentence; a row without a code, and one without a day, says so."""
    table = pa.table(
        {
            "dx": ["M54.5", "M54.5", "M54.50", "W21.89A", "?", None, "E11.9", "E11.9"],
            "day": [
                "2021-09-30",
                "2021-10-01",
                "2021-01-01",
                "2022-01-01",
                "2022-01-01",
                "2022-01-01",
                "soon",
                "1990-01-01",
            ],
        }
    )
    answered = terminology.validate(table, system="icd10cm", on="day", store=store, columns=["reason"])
    assert answered.column("dx_reason").to_pylist() == [
        "M54.5 is billable",
        "M54.5 is a header: in force, and not valid for submission",
        "M54.50 is not yet in force in ICD-10-CM: it comes into force on 2021-10-01",
        "W21.89A is not in ICD-10-CM",
        "'?' cannot be a code of ICD-10-CM",
        "there is no code",
        "there is no day",
        "no release of ICD-10-CM covers the day",
    ]


def test_the_reason_says_by_which_day_a_code_will_be_there(tmp_path: Path) -> None:
    """After a gap the first day may be earlier; where a publication names it, it is that day."""
    store = opened(small_store(tmp_path))
    table = pa.table({"dx": ["P6", "P5"], "day": ["2018-10-01", "2017-10-01"]})
    answered = terminology.validate(table, system="plants", on="day", store=store, columns=["reason"])
    assert answered.column("dx_reason").to_pylist() == [
        "P6 is not yet in force in Invented plants: it comes into force by 2020-10-01",
        "P5 is not yet in force in Invented plants: it comes into force on 2018-03-01",
    ]


@pytest.mark.parametrize("on", ["2021-10-01", datetime.date(2021, 10, 1), "2022", None])
def test_one_day_or_release_for_all_rows(store: Terminology, on: Any) -> None:
    """A day, a release by its version, and without any the newest release."""
    edition = {"2022": store["icd10cm"].release("2022"), None: store["icd10cm"].latest}.get(on)
    edition = edition or store["icd10cm"].on(on)
    table = terminology.validate({"dx": ["M54.5", "M54.50", "Z28.310"]}, system="icd10cm", on=on, store=store)
    assert [str(edition.status(code)) for code in ("M54.5", "M54.50", "Z28.310")] == table.column(
        "dx_status"
    ).to_pylist()


def test_as_it_was_known(store: Terminology) -> None:
    """With ``known`` only the releases up to it count."""
    table = rows(store, "hcpcs", 300, seed=4)
    answered = terminology.validate(table, system="hcpcs", on="day", known="2018-01", store=store)
    asked = zip(table.column("dx").to_pylist(), table.column("day").to_pylist(), strict=True)
    assert [expected(store, "hcpcs", text, day, "2018-01") for text, day in asked] == found(answered)


class Capsule:
    """A table of another library: it offers nothing but Arrow's C stream."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


FORMS = {
    "dictionary": lambda table: table.set_column(0, "dx", table.column("dx").dictionary_encode()),
    "large_string": lambda table: table.set_column(0, "dx", table.column("dx").cast(pa.large_string())),
    "string_view": lambda table: table.set_column(0, "dx", table.column("dx").cast(pa.string_view())),
    "chunked": lambda table: pa.concat_tables([table.slice(0, 7), table.slice(7, 0), table.slice(7)]),
    "sliced": lambda table: pa.concat_tables([table, table]).slice(table.num_rows),
    "two dictionaries": lambda table: pa.concat_tables(
        [FORMS["dictionary"](table.slice(0, 90)), FORMS["dictionary"](table.slice(90))]
    ),
    "timestamps": lambda table: table.set_column(1, "day", table.column("day").cast(pa.timestamp("us"))),
    "texts of days": lambda table: table.set_column(1, "day", table.column("day").cast(pa.string())),
    "another library": Capsule,
    "mapping": lambda table: {name: table.column(name) for name in table.column_names},
}


@pytest.mark.parametrize("form", FORMS)
def test_whatever_the_form_of_the_table(store: Terminology, form: str) -> None:
    """The same rows in another form have the same answers."""
    table = rows(store, "icd10cm", 300)
    answered = terminology.validate(FORMS[form](table), system="icd10cm", on="day", store=store, columns=["suggestion"])
    plain = terminology.validate(table, system="icd10cm", on="day", store=store, columns=["suggestion"])
    assert found(plain) == found(answered)
    assert plain.column("dx_suggestion").to_pylist() == answered.column("dx_suggestion").to_pylist()


def test_a_stream_is_answered_as_it_is_read(store: Terminology) -> None:
    """Of a reader comes a reader, whose batches are asked for one by one."""
    table = rows(store, "icd10cm", 300)
    read: list[int] = []

    def batches() -> Any:
        for batch in table.to_batches(max_chunksize=100):
            read.append(batch.num_rows)
            yield batch

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    answered = terminology.validate(reader, system="icd10cm", on="day", store=store, columns=["reason"])
    first = answered.read_next_batch()
    assert ([100], 100) == (read, first.num_rows)
    whole = pa.Table.from_batches([first, *answered])
    assert found(terminology.validate(table, system="icd10cm", on="day", store=store)) == found(whole)


def test_no_rows(store: Terminology) -> None:
    """A table without rows has the columns all the same."""
    table = pa.table({"dx": pa.array([], pa.string())})
    answered = terminology.validate(table, system="icd10cm", store=store, columns=["reason", "title", "other_systems"])
    assert (0, 8) == (answered.num_rows, answered.num_columns - 1)


def test_rows_of_several_systems(store: Terminology) -> None:
    """A column names the system of each row by any name; of one that is not loaded nothing is known."""
    names = [
        "ICD10CM",
        "urn:oid:2.16.840.1.113883.6.103",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "SNOMED",
        None,
    ]
    table = pa.table({"dx": ["M54.5", "250.00", "C9014", "73211009", "E11.9"], "vocabulary": names})
    answered = terminology.validate(
        table, system="vocabulary", on="2018-06-01", store=store, columns=["reason", "other_systems"]
    )
    assert ["uncovered", "expired", "billable", "uncovered", "uncovered"] == answered.column("dx_status").to_pylist()
    assert "no release of SNOMED is loaded" == answered.column("dx_reason")[3].as_py()
    assert "the row names no code system" == answered.column("dx_reason")[4].as_py()
    assert table.equals(answered.select(["dx", "vocabulary"]))


def test_numbers_that_lost_zeros_are_no_codes(store: Terminology) -> None:
    """In a column of numbers, one that may have been several codes is malformed; one that can be a single code is that."""
    answered = terminology.validate({"dx": [250.5, 401.9, 1.1]}, system="icd9cm", on="2014-11-01", store=store)
    statuses = answered.column("dx_status").to_pylist()
    assert ("billable", "malformed") == (statuses[1], statuses[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"code": "dxx"}, "the table has no column 'dxx' (it has dx, day)"),
        (
            {"columns": ["titles"]},
            "no column 'titles' can be added: expected some of reason, suggestion, title, other_systems",
        ),
        ({"on": "dos"}, "'dos' is no column of the table (dx, day), no day and no release"),
        ({"system": "icd10xy"}, "icd10xy"),
        ({"code": "day"}, "expected codes as text, got bool"),
    ],
)
def test_what_cannot_be_asked(store: Terminology, arguments: dict[str, Any], message: str) -> None:
    """An error names what is missing, and what there is."""
    table = {"dx": ["E11.9"], "day": [True]}
    with pytest.raises((TerminologyError, KeyError)) as caught:
        terminology.validate(table, **{"system": "icd10cm", "store": store, **arguments})
    assert message in str(caught.value)


def test_a_column_that_is_there_already(store: Terminology) -> None:
    """It is not overwritten."""
    with pytest.raises(TerminologyError, match="has a column 'dx_status' already"):
        terminology.validate({"dx": ["E11.9"], "dx_status": ["x"]}, system="icd10cm", store=store)


@pytest.mark.parametrize("system", SYSTEMS)
def test_runs_of_cells_say_what_the_cells_say(store: Terminology, system: str) -> None:
    """Every cell, by its run: the same status and span, in far fewer values."""
    states = states_of(store[system], None, None)
    runs = states.runs
    places = runs.first.to_numpy()[:, None] + runs.within.to_numpy().reshape(states.status.shape)
    assert (states.status == runs.marks.to_numpy()[places] & STATUS_BITS).all()
    assert (states.span == runs.span.to_numpy()[places]).all()
    assert runs.without_day == places.max() + 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_states_are_those_of_every_code_on_every_day(store: Terminology, system: str) -> None:
    """On the first day of each stretch, the day before, and far away, with every release that may be the last known."""
    compiled = engine_of(store[system].latest).system
    for knowledge in range(-1, compiled.timeline.newest + 1):
        states = States(compiled, knowledge)
        days = [day + more for day in map(int, states.days) for more in (-1, 0)] or [0]
        for day in (*days, days[-1] + 4000, days[0] - 4000):
            as_of = compiled.as_of(day, knowledge)
            answers = Answers(as_of)
            [stretch] = states.stretches(pa.array([day]).to_numpy())
            for row in range(compiled.codes.count):
                assert as_of.row_status(row) is ORDER[states.status[row, stretch]], (day, compiled.codes.name(row))
            assert as_of.row_status(-1) is ORDER[states.status[states.unknown_row, stretch]]
            assert answers.status("?") is Status.MALFORMED or system in ("places", "vaccines")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_dictionary_has_each_text_once(store: Terminology, system: str) -> None:
    """Counted by its numbers, as Arrow and pandas count, a title or a sentence is one, whatever periods have it."""
    table = pa.concat_tables([rows(store, system, 400), rows(store, system, 400, seed=3)])
    for name in ("status", "code", "title", "reason"):
        wanted = [name] if name in ("title", "reason") else []
        answered = terminology.validate(table, system=system, on="day", store=store, columns=wanted)
        for chunk in answered.column(f"dx_{name}").chunks:
            assert len(chunk.dictionary) == len(chunk.dictionary.unique())


DATED = ("09/30/2021", "12/31/2021", "2021-09-30", "soon", "", None, "10/01/2021 08:30")


@pytest.mark.parametrize("container", ["table", "stream"])
def test_days_are_read_in_the_form_of_their_column(store: Terminology, container: str) -> None:
    """Months are first where the column shows it, in every function; the column itself stays as it is."""
    table = pa.table({"dx": ["M54.5"] * len(DATED), "day": DATED})
    given: Any = table if container == "table" else table.to_reader(max_chunksize=2)
    answered = terminology.validate(given, system="icd10cm", on="day", store=store)
    whole = answered.read_all() if isinstance(answered, pa.RecordBatchReader) else answered
    statuses = whole.column("dx_status").to_pylist()
    assert statuses == ["billable", "header", "billable", "uncovered", "uncovered", "uncovered", "header"]
    assert whole.column("day").to_pylist() == list(DATED)
    moved = terminology.migrate(table, system="icd10cm", origin="day", store=store)
    assert [len(groups) for groups in moved.column("dx_targets").to_pylist()] == [3, 1, 3, 0, 0, 0, 1]
    named = terminology.annotate(table, system="icd10cm", on="day", store=store)
    assert [title is None for title in named.column("dx_title").to_pylist()] == [
        state == "uncovered" for state in statuses
    ]


def test_the_form_of_days_may_be_given(store: Terminology) -> None:
    """Where no day shows which number is the month, the rows have no day, unless the form is given."""
    table = pa.table({"dx": ["M54.5"], "day": ["10/09/2021"]})
    for given, status in ((None, "uncovered"), ("%m/%d/%Y", "header"), ("%d/%m/%Y", "billable")):
        answered = terminology.validate(table, system="icd10cm", on="day", day_format=given, store=store)
        assert answered.column("dx_status").to_pylist() == [status]
    with pytest.raises(terminology.InvalidDateError, match="expected a form with day, month and year"):
        terminology.validate(table, system="icd10cm", on="day", day_format="%m", store=store)


class Query:
    """A query of Polars that was not run looks so."""

    def collect(self) -> None:
        """Would run it."""

    def collect_schema(self) -> None:
        """Would say what comes out."""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["E11.9"], "expected a table of pyarrow"),
        (pa.array(["E11.9"]), r"expected a table, got one column \(StringArray\)"),
        (pa.chunked_array([["E11.9"]]), "got one column"),
        (Query(), r"got a query that has not been run \(Query\): call .collect\(\)"),
    ],
)
def test_what_is_no_table(store: Terminology, given: Any, message: str) -> None:
    """A list, a column, a query: each is said to be none."""
    with pytest.raises(TypeError, match=message):
        terminology.validate(given, system="icd10cm", store=store)


@pytest.mark.parametrize("column", [[["icd10cm"]], [{"name": "icd10cm"}], [b"\xff"]])
def test_systems_that_are_no_texts(store: Terminology, column: list[Any]) -> None:
    """The column is named in the error."""
    table = pa.table({"dx": ["E11.9"], "vocabulary": column})
    for ask in (terminology.validate, terminology.profile):
        with pytest.raises(terminology.ReleaseFormatError, match=r"column vocabulary: expected .* as text, got"):
            ask(table, code="dx", system="vocabulary", store=store)


FORGED = ("\0i250", "\0n250", "\0" + "0" * 24 + "n250", "\0", "\0i", f"\0{'f' * 24}i250")


@pytest.mark.parametrize("form", ["string", "dictionary", "table of a file"])
def test_no_text_is_taken_for_a_number(store: Terminology, tmp_path: Path, form: str) -> None:
    """Whatever a text begins with, it is the text that is judged, by columns as by an edition."""
    table = pa.table({"dx": pa.array(FORGED, pa.string())})
    if form == "dictionary":
        table = table.set_column(0, "dx", table.column("dx").dictionary_encode())
    if form == "table of a file":
        pq.write_table(table, tmp_path / "a.parquet")
        table = pa.Table.from_batches(opened_table(tmp_path / "a.parquet").batches(["dx"]))
    answered = terminology.validate(table, system="icd9cm", on="2014-11-01", store=store, columns=["reason"])
    edition = store["icd9cm"].on("2014-11-01")
    for text, row in zip(FORGED, answered.to_pylist(), strict=True):
        assert row["dx_status"] == "malformed" == str(edition.status(text))
        assert repr(text) in row["dx_reason"]
    moved = terminology.translate(table, source="icd9cm", target="icd10cm", store=store)
    assert {"unknown"} == {*moved.column("dx_outcome").to_pylist()}
    assert "250" in [cell_of(text).text for text in cells(pa.array([250]), "dx", "a").to_pylist()]
