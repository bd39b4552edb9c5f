"""What a release does to lists and to columns of codes."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import ReleaseFormatError, UnknownSystemError
from terminology.codelists import CodeList, impact_on_lists, impact_on_table
from terminology.model import Outcome

from .scripted import Scripted, became

CODES = ["M54.5", "m545", " E11.9 ", "G71.20", "J12.9", "W21.89A", "F32.A", "what?", "", None, "E11"]


@pytest.fixture
def scripted(cm):
    """ICD-10-CM of the samples, in which one code was deleted without successor."""
    return Scripted(cm, became("J12.9", outcome=Outcome.NONE))


def test_lists(scripted):
    """Each list says whether it breaks, what became of its codes, and which enter and leave."""
    lists = [CodeList.parse(text, file=name) for name, text in {"a": "is-a E11", "b": "is-a M54\nJ12.9\nx"}.items()]
    found = impact_on_lists(lists, scripted, "2021", "2022")
    diabetes, pain = found.lists

    assert ("a", False, 8, {"unchanged": 8}) == (diabetes.name, diabetes.is_broken, diabetes.codes, diabetes.counts)
    assert ((), ()) == (diabetes.entered, diabetes.affected)
    assert (True, {"unchanged": 3, "to_header": 1, "deleted": 1}) == (pain.is_broken, pain.counts)
    assert (("M54.50", "M54.51", "M54.59"), 1) == (pain.entered, pain.absent)
    assert ["J12.9", "M54.5"] == [change.code for change in pain.affected]
    assert (pain,) == found.broken
    assert [False, True] == [item["broken"] for item in json.loads(json.dumps(found.to_dict()))["lists"]]


def test_lists_of_another_system(cm):
    """A list of another system is refused."""
    with pytest.raises(UnknownSystemError):
        impact_on_lists([CodeList.parse("system: hcpcs\nJ1815")], cm, "2021", "2022")


def expected_outcomes() -> dict[str, int]:
    """Return what becomes of `CODES`."""
    return {
        "unchanged": 2,
        "renamed": 1,
        "to_header": 2,
        "deleted": 1,
        "empty": 2,
        "malformed": 1,
        "not_in_force": 2,
    }


def sources(folder: Path) -> list[object]:
    """Return the same column in every form that is read."""
    table = pa.table({"id": list(range(len(CODES))), "dx": CODES})
    pq.write_table(table, folder / "a.parquet", row_group_size=3)
    pq.write_table(table.set_column(1, "dx", table["dx"].dictionary_encode()), folder / "b.parquet")
    pyarrow.csv.write_csv(table, folder / "a.csv")
    text = "id;dx\r\n" + "".join(f"{n};{'' if code is None else code}\r\n" for n, code in enumerate(CODES))
    (folder / "b.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    large = table.set_column(1, "dx", table["dx"].cast(pa.large_string()))
    paths = [folder / name for name in ("a.parquet", "b.parquet", "a.csv", "b.csv")]
    return [*paths, str(paths[0]), table, table.to_reader(4), table.to_batches()[0], large]


def test_rows_by_outcome(scripted, tmp_path):
    """Files and tables of every form give the same answer, and rows of all spellings of a code count for it."""
    for source in sources(tmp_path):
        [found] = impact_on_table(source, "dx", scripted, "2021", "2022")

        assert (11, expected_outcomes()) == (found.rows, found.outcomes)
        assert ("M54.5", 2, "to_header") == (
            found.codes[0].change.code,
            found.codes[0].rows,
            found.codes[0].outcome,
        )
        assert ("Low back pain", ("M54.50", "M54.51", "M54.59")) == (
            found.codes[0].change.title,
            found.codes[0].change.codes,
        )
        assert ((("what?", 1),), 7, 7, 6) == (
            found.malformed,
            found.distinct,
            found.affected_rows,
            found.broken_rows,
        )


def test_several_columns_in_one_reading(scripted):
    """Several columns are answered in the order asked for, each by its own."""
    table = pa.table({"a": ["M54.5", None], "b": ["E11.9", "E11.9"]})
    second, first = impact_on_table(table, ["b", "a"], scripted, "2021", "2022")

    assert (("b", {"unchanged": 2}), ("a", {"to_header": 1, "empty": 1})) == (
        (second.column, second.outcomes),
        (first.column, first.outcomes),
    )


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us"), pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_only_days_of_the_release_before(scripted, kind):
    """With a column of days, only rows of days of the release before are judged; a day is one in every type."""
    days = ["2020-09-30", "2020-10-01", "2021-09-30", "2021-10-01", None]
    texts = pa.array(days)
    column = (
        texts
        if pa.types.is_string(kind)
        else texts.cast(pa.date32()).cast(kind)
        if kind != texts.dictionary_encode().type
        else texts.dictionary_encode()
    )
    table = pa.table({"dx": ["M54.5"] * 5, "day": column})
    [found] = impact_on_table(table, "dx", scripted, "2021", "2022", on="day")

    assert {"to_header": 2, "other_day": 3} == found.outcomes


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        ({"x": ["E11.9"]}, {}, "has no column 'dx' (it has x)"),
        ({"dx": [True]}, {}, "expected codes as text, got bool"),
        ({"dx": ["E11.9"], "day": [True]}, {"on": "day"}, "expected days like 2024-03-01"),
        ({"dx": ["E11.9"], "day": ["soon"]}, {"on": "day"}, "expected days like 2024-03-01"),
    ],
)
def test_columns_that_cannot_be_read(cm, table, options, said):
    """A column that is missing, or holds something else, is a fault that names it."""
    with pytest.raises(ReleaseFormatError) as refused:
        impact_on_table(pa.table(table), "dx", cm, "2021", "2022", **options)

    assert said in str(refused.value)


@pytest.mark.parametrize("data", [b"PAR1 cut short", b"dx,x\nE11.9\n", b""])
def test_damaged_files(cm, tmp_path, data):
    """A file that is cut short is a fault that names it."""
    path = tmp_path / "claims.csv"
    path.write_bytes(data)

    with pytest.raises(ReleaseFormatError, match=r"claims\.csv"):
        impact_on_table(path, "dx", cm, "2021", "2022")


def test_codes_that_are_numbers(store):
    """Whole numbers are codes too."""
    [found] = impact_on_table(pa.table({"c": [99990, 99991, 7]}), "c", store["cpt"], "2024", "2025")

    assert 2 == found.rows - found.outcomes["malformed"]


def test_the_code_of_an_expression_counts(store):
    """Of a code with modifiers, the row counts for the code."""
    table = pa.table({"c": ["99990:25", "99990", "?:25"]})
    [found] = impact_on_table(table, "c", store["cpt"], "2024", "2025")

    assert (1, 1) == (found.distinct, found.outcomes["malformed"])


def test_memory_does_not_grow_with_what_is_no_code(cm):
    """Of texts that are no codes, a few examples are kept, and all are counted."""
    table = pa.table({"dx": [f"?{n}" for n in range(1000)]})
    [found] = impact_on_table(table, "dx", cm, "2021", "2022")

    assert ({"malformed": 1000}, 20, 0) == (found.outcomes, len(found.malformed), found.distinct)


def test_an_impact_as_json(scripted):
    """The JSON has rows, outcomes and the affected codes with what they become."""
    table = pa.table({"dx": CODES, "day": [datetime.date(2021, 1, 1)] * len(CODES)})
    [found] = impact_on_table(table, "dx", scripted, "2021", "2022", on="day")
    values = json.loads(json.dumps(found.to_dict()))

    assert (11, 7, expected_outcomes()) == (values["rows"], values["affected_rows"], values["outcomes"])
    assert [["M54.50"], ["M54.51"], ["M54.59"]] == values["codes"][0]["becomes"]
    assert [{"text": "what?", "rows": 1}] == values["malformed"]


@given(st.lists(st.sampled_from(CODES), max_size=60))
def test_each_row_counts_once(cm, codes):
    """The outcomes add up to the rows, and are those of the codes one by one."""
    [found] = impact_on_table(pa.table({"dx": pa.array(codes, pa.string())}), "dx", cm, "2021", "2022")
    single: Counter[str] = Counter()
    for code in codes:
        single.update(
            impact_on_table(pa.table({"dx": pa.array([code], pa.string())}), "dx", cm, "2021", "2022")[0].outcomes
        )

    assert len(codes) == sum(found.outcomes.values())
    assert dict(single) == found.outcomes
