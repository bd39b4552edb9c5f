"""Whole columns in any shape of input: every row has the answer of its code on its day, whatever holds the row."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import Terminology
from terminology.codelists import CodeList

from ..columns.test_annotation import said
from ..columns.test_translations import expected as becomes
from ..columns.test_validation import expected, found

TEXTS = st.sampled_from(
    (
        *("M54.5", "m545", "M54.50", " E119 ", "E11.9", "F32.A", "M54", "13", "W21.89A", "E11.90", "38.9"),
        *("J1815", "C9014", "j0567", "250.00", "25000", "?", "", "NULL", "\u013110", "E11.9\x00", "💊"),
        None,
    )
)
DAYS = st.one_of(
    st.none(),
    st.sampled_from([datetime.date(2021, 9, 30), datetime.date(2021, 10, 1), datetime.date(2022, 4, 1)]),
    st.dates(datetime.date(2012, 1, 1), datetime.date(2031, 1, 1)),
)
ROWS = st.lists(st.tuples(TEXTS, DAYS), max_size=30)
Column = Callable[[pa.Array], Any]
CODE_TYPES: Final[dict[str, Column]] = {
    "string": lambda column: column,
    "large_string": lambda column: column.cast(pa.large_string()),
    "string_view": lambda column: column.cast(pa.string_view()),
    "dictionary": lambda column: column.dictionary_encode(),
    "dictionary of large strings": lambda column: column.cast(pa.large_string()).dictionary_encode(),
    "dictionary with nulls and repeats": lambda column: pa.DictionaryArray.from_arrays(
        pa.array(range(2 * len(column) - 1, len(column) - 1, -1), pa.int32()),
        pa.array([*column.to_pylist(), *reversed(column.to_pylist())], pa.string()),
    ),
}
DAY_TYPES: Final[dict[str, Column]] = {
    "date32": lambda column: column,
    "date64": lambda column: column.cast(pa.date64()),
    "timestamp": lambda column: column.cast(pa.timestamp("us")),
    "timestamp of a zone": lambda column: column.cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "UTC")),
    "ISO text": lambda column: column.cast(pa.string()),
    "dictionary": lambda column: column.dictionary_encode(),
    "ISO text in a dictionary": lambda column: column.cast(pa.string()).dictionary_encode(),
}


def sliced(table: pa.Table) -> pa.Table:
    """Return the table as a part of a longer one, whose buffers begin elsewhere."""
    longer = pa.concat_tables([table, table, table]).combine_chunks()
    return longer.slice(table.num_rows, table.num_rows)


def chunked(table: pa.Table) -> pa.Table:
    """Return the table in chunks of three rows, with one that is empty."""
    batches = table.to_batches(max_chunksize=3)
    empty = pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in table.schema], schema=table.schema)
    return pa.Table.from_batches([*batches, empty], table.schema)


CONTAINERS: Final[dict[str, Callable[[pa.Table], Any]]] = {
    "table": lambda table: table,
    "sliced": sliced,
    "chunked": chunked,
    "sliced chunks": lambda table: chunked(sliced(table)),
    "batch": lambda table: table.combine_chunks().to_batches()[0] if table.num_rows else table,
    "stream": lambda table: table.to_reader(max_chunksize=4),
}
SHAPES = st.tuples(*(st.sampled_from(sorted(kinds)) for kinds in (CODE_TYPES, DAY_TYPES, CONTAINERS)))
Row = tuple[str | None, datetime.date | None]


def shaped(rows: list[Row], shape: tuple[str, ...]) -> tuple[pa.Table, Any]:
    """Return rows as a table of these types, and in the form of something that holds it."""
    code, day, container = shape
    table = pa.table(
        {
            "other": pa.array(range(len(rows)), pa.int8()),
            "dx": CODE_TYPES[code](pa.array([text for text, _ in rows], pa.string())),
            "day": DAY_TYPES[day](pa.array([day for _, day in rows], pa.date32())),
            "nested": pa.array([{"a": [n]} for n in range(len(rows))], pa.struct({"a": pa.list_(pa.int64())})),
        }
    )
    return table, CONTAINERS[container](table)


def read(answered: Any, table: pa.Table) -> pa.Table:
    """Return an answer as a table, when its own columns were found to be as they were."""
    whole = answered.read_all() if isinstance(answered, pa.RecordBatchReader) else answered
    assert whole.select(table.column_names).to_pylist() == table.to_pylist()
    return whole


@given(ROWS, SHAPES)
def test_validated(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """Status, billable and period are those of the edition of the day."""
    table, given_as = shaped(rows, shape)
    answered = read(terminology.validate(given_as, system="icd10cm", on="day", store=store), table)
    assert found(answered) == [expected(store, "icd10cm", text, day) for text, day in rows]


@given(ROWS, SHAPES, st.data())
def test_validated_in_several_systems(store: Terminology, rows: list[Row], shape: tuple[str, ...], data: Any) -> None:
    """Each row is of the system that it names, by any name; without one it is covered by nothing."""
    names = {"icd10cm": "icd10cm", "ICD-10-CM": "icd10cm", "HCPCS": "hcpcs", "2.16.840.1.113883.6.103": "icd9cm"}
    chosen = [data.draw(st.sampled_from([*names, "SNOMED", "", None])) for _ in rows]
    table, _ = shaped(rows, shape)
    table = table.append_column("vocabulary", pa.array(chosen, pa.string()))
    answered = terminology.validate(CONTAINERS[shape[2]](table), system="vocabulary", on="day", store=store)
    told = found(read(answered, table))
    for row, (text, day), name in zip(told, rows, chosen, strict=True):
        if name in names:
            assert row == expected(store, names[name], text, day)
        else:
            assert row == ("uncovered", False, None, None)


@given(ROWS, SHAPES)
def test_migrated(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """Outcome and alternatives are those of the code on the day."""
    table, given_as = shaped(rows, shape)
    answered = read(terminology.migrate(given_as, system="icd10cm", origin="day", store=store), table)
    told = zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    assert list(told) == [becomes(store, "icd10cm", text, day) for text, day in rows]


@given(ROWS, SHAPES)
def test_translated(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """Outcome and alternatives are those of the store, for the edition of the day."""
    table, given_as = shaped(rows, shape)
    answered = terminology.translate(given_as, source="icd9cm", target="icd10cm", on="day", store=store)
    for row, (text, day) in zip(read(answered, table).to_pylist(), rows, strict=True):
        one = day and text is not None and store.translate(text, source="icd9cm", target="icd10cm", on=day)
        assert row["dx_outcome"] == (str(one.outcome) if one else "unknown")
        assert row["dx_targets"] == ([list(group.codes) for group in one.alternatives] if one else [])


@given(ROWS, SHAPES)
def test_exploded(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """A row comes once for each code of each alternative, with all that it has; one without any comes once."""
    table, given_as = shaped(rows, shape)
    answered = terminology.migrate(given_as, system="icd10cm", origin="day", explode=True, store=store)
    whole = answered.read_all() if isinstance(answered, pa.RecordBatchReader) else answered
    flat = []
    for number, (text, day) in enumerate(rows):
        _, groups = becomes(store, "icd10cm", text, day)
        codes = [(code, n, m) for n, group in enumerate(groups, 1) for m, code in enumerate(group, 1)]
        flat += [(number, *code) for code in codes or [(None, None, None)]]
    names = ("other", "dx_target", "dx_alternative", "dx_position")
    assert list(zip(*(whole.column(name).to_pylist() for name in names), strict=True)) == flat
    before = table.to_pylist()
    assert whole.select(table.column_names).to_pylist() == [before[number] for number, *_ in flat]


@given(ROWS, SHAPES)
def test_annotated(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """What is added is said of the code on the day."""
    table, given_as = shaped(rows, shape)
    names = ("title", "parent", "chapter")
    answered = terminology.annotate(given_as, system="icd10cm", on="day", columns=names, store=store)
    for row, (text, day) in zip(read(answered, table).to_pylist(), rows, strict=True):
        edition = store["icd10cm"].on(day) if day else None
        for name in names:
            assert row[f"dx_{name}"] == (said(edition, text, name) if edition else None)


@given(ROWS, SHAPES)
def test_members(store: Terminology, rows: list[Row], shape: tuple[str, ...]) -> None:
    """A row is in the list where its code is in the list as resolved on the day."""
    table, given_as = shaped(rows, shape)
    pain = CodeList.parse("system: icd10cm\nM54*\nF32.A")
    answered = read(terminology.members(given_as, pain, on="day", store=store), table)
    for told, (text, day) in zip(answered.column("dx_member").to_pylist(), rows, strict=True):
        edition = store["icd10cm"].on(day) if day else None
        assert told is (edition is not None and edition.check(text).code in pain.resolve(edition).members)
