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
from terminology.codelists import CodeList, affected_rows, impact_on_lists, impact_on_table, replacements, table_impact
from terminology.columns import opened_table, opening
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
        "unchanged": 1,
        "renamed": 1,
        "to_header": 2,
        "deleted": 1,
        "empty": 2,
        "malformed": 1,
        "not_in_force": 2,
        "header": 1,
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
        assert {"broken_by_release": 3, "broken_before": 4, "no_action": 4} == found.verdicts
        assert ((("what?", 1),), 7, 8, 7) == (
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


DAYS = [pa.date32(), pa.timestamp("us"), pa.string(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("kind", DAYS)
def test_each_row_is_judged_by_its_own_day(scripted, kind):
    """A day is one in every type; a row without one, or of a day that nothing covers, is not judged."""
    texts = pa.array(["2020-09-30", "2020-10-01", "2021-09-30", "2021-10-01", None, " "])
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        texts = pa.array([*texts.to_pylist()[:-1], None])
    column = (
        texts.cast(pa.date32()).cast(kind)
        if not (pa.types.is_string(kind) or pa.types.is_dictionary(kind))
        else (texts if pa.types.is_string(kind) else texts.dictionary_encode())
    )
    [found] = impact_on_table(pa.table({"dx": ["M54.5"] * 6, "day": column}), "dx", scripted, "2021", "2022", on="day")

    assert {"to_header": 1, "ends_with_release": 2, "no_day": 2, "uncovered": 1} == found.outcomes
    assert {"broken_by_release": 1, "no_action": 2, "not_judged": 3} == found.verdicts
    assert (2, 0, 3) == (found.ends_with_release, found.broken_in_time, found.affected_rows)


@pytest.mark.parametrize(
    ("code", "day", "outcome", "verdict"),
    [
        # right on its day: nothing to do for the row, but the release ends the code
        ("M54.5", "2021-05-01", "ends_with_release", "no_action"),
        # wrong on its day, whatever the release after says
        ("M54.50", "2021-05-01", "not_in_force", "broken_before"),
        ("M54", "2021-05-01", "header", "broken_before"),
        ("Z99.999", "2021-05-01", "not_in_force", "broken_before"),
        # of the release after, and right there
        ("M54.50", "2021-11-01", "unchanged", "no_action"),
        ("E11.9", "2021-11-01", "unchanged", "no_action"),
        # after the last day that is covered, whether the release has the code or took it away
        ("M54.5", "2031-11-01", "uncovered", "not_judged"),
        ("E11.9", "2031-11-01", "uncovered", "not_judged"),
        # right before, and submitted still when the release had broken it
        ("M54.5", "2021-11-01", "to_header", "broken_by_release"),
        ("what?", None, "malformed", "broken_before"),
    ],
)
def test_what_a_row_of_a_day_needs(cm, code, day, outcome, verdict):
    """What the release breaks is apart from what was wrong already, by the day of each row."""
    [found] = impact_on_table(pa.table({"dx": [code], "day": [day]}), "dx", cm, "2021", "2022", on="day")

    assert ({outcome: 1}, {verdict: 1}) == (found.outcomes, found.verdicts)


def test_a_day_that_cannot_be_read_is_no_end(cm):
    """Days without hyphens are days, and a row with another text for a day is not judged."""
    for days in (["2021-05-01", "05/01/2021"], ["20210501", "soon"], [20210501, 7]):
        [found] = impact_on_table(pa.table({"dx": ["M54.5"] * 2, "d": days}), "dx", cm, "2021", "2022", on="d")
        assert {"ends_with_release": 1, "no_day": 1} == found.outcomes


def test_rows_of_earlier_days_are_followed_from_there(cm):
    """A code that was right on its day and was replaced before the release in use is none of the next release's doing."""
    table = pa.table({"dx": ["M54.5", "M54.2", "M54.50"], "day": ["2021-05-01"] * 3})
    [found] = impact_on_table(table, "dx", cm, "2022", "2022-04", on="day")

    assert {"unchanged": 1, "not_in_force": 1, "changed_earlier": 1} == found.outcomes
    [earlier] = [code for code in found.codes if code.outcome == "changed_earlier"]
    assert ("M54.5", ("M54.50", "M54.51", "M54.59")) == (earlier.change.code, earlier.change.codes)


def test_a_code_of_an_update_inside_the_year_is_right(store):
    """In the time of the release before, a code that came into force on a day inside the year is right from then on."""
    table = pa.table({"code": ["9991U"] * 2, "day": ["2024-06-30", "2024-07-01"]})
    [found] = impact_on_table(table, "code", store["cpt"], "2024", "2025", on="day")

    assert {"not_in_force": 1, "unchanged": 1} == found.outcomes


def test_a_code_that_an_update_inside_the_year_takes_away_breaks_later_rows(cm):
    """On a day of the release before, after an update that ended the code, the row needs another one."""
    table = pa.table({"dx": ["M54.5"] * 2, "day": ["2021-05-01", "2022-02-01"]})
    [found] = impact_on_table(table, "dx", cm, "2021", "2022-04", on="day")

    assert {"to_header": 1, "ends_with_release": 1} == found.outcomes
    assert (1, 1) == (found.broken_by_release, found.broken_in_time)


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        ({"x": ["E11.9"]}, {}, "has no column 'dx' (it has x)"),
        ({"dx": [True]}, {}, "expected codes as text, got bool"),
        ({"dx": ["E11.9"], "day": [True]}, {"on": "day"}, "expected days like 2024-03-01, got bool"),
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


def test_texts_that_are_no_codes_are_complete_and_bounded(cm, monkeypatch):
    """All are counted one by one, up to a number of different ones; what is beyond is counted together, and said."""
    table = pa.table({"dx": [*(f"?{n}" for n in range(1000)), "?7"]})
    [found] = impact_on_table(table, "dx", cm, "2021", "2022")
    assert ({"malformed": 1001}, 1000, ("?7", 2)) == (found.outcomes, len(found.malformed), found.malformed[0])

    monkeypatch.setattr(table_impact, "MOST_TEXTS", 10)
    [found] = impact_on_table(table, "dx", cm, "2021", "2022")
    assert ({"malformed": 1001}, 10, 990) == (found.outcomes, len(found.malformed), found.uncounted)


BAD = {
    "E11.9;M54.2": ("several_codes", "E11.9 + M54.2"),
    "M54,5": ("decimal_comma", "M54.5"),  # 5 is a chapter, and no code
    "250.00": ("other_system", ""),
    "99990": ("other_system", ""),
    "5.1E+02": ("scientific_notation", ""),
    "#REF!": ("spreadsheet_error", ""),
    "Jan-50": ("day", ""),
    "E11..9": ("dot", "E11.9"),
    "no such code": ("no_code", ""),
}


def test_bad_texts_say_what_is_wrong(cm):
    """Each text that is no code has the kind of its damage, the repair where one is known, and a reason: that of `check`."""
    [found] = impact_on_table(pa.table({"dx": [*BAD]}), "dx", cm, "2021", "2022")

    assert BAD == {bad.text: (str(bad.kind), bad.repair) for bad in found.bad_texts}
    reasons = {bad.text: bad.reason for bad in found.bad_texts}
    for text in ("250.00", "99990", "E11..9", "M54,5", "no such code"):
        assert cm.release("2021").check(text).reason == reasons[text]
    assert "#REF! is an error of a spreadsheet" == reasons["#REF!"]


def test_why_a_code_was_wrong_is_what_the_edition_of_the_day_says(cm):
    """A code that was yet to come is no unknown one; without days the release before decides."""
    days = {"dx": ["M54.50", "M54"], "day": ["2021-05-01", "2021-11-01"]}
    [found] = impact_on_table(pa.table(days), "dx", cm, "2021", "2022", on="day")
    assert {
        "M54.50": "M54.50 is not yet in force in ICD-10-CM on 2020-10-01 (release 2021): it comes into force on 2021-10-01",
        "M54": "M54 is a header on 2021-10-01 (release 2022): in force, and not valid for submission",
    } == {code.change.code: code.why for code in found.codes}
    [found] = impact_on_table(pa.table({"dx": ["M54.50"]}), "dx", cm, "2021", "2022")
    assert cm.release("2021").check("M54.50").reason == found.codes[0].why == found.codes[0].to_dict()["why"]


def test_words_for_nothing_are_empty(cm):
    """What programs write into an empty cell is no code that is wrong, in any case and form of table."""
    [found] = impact_on_table(pa.table({"dx": ["NULL", "nan", "N/A", " none ", "-", ""]}), "dx", cm, "2021", "2022")

    assert ({"empty": 6}, {"no_action": 6}) == (found.outcomes, found.verdicts)


def test_numbers_that_lost_zeros_are_damaged(store):
    """In a column of numbers, what may have been another code is not judged as the one that it looks like."""
    for column in ([401.9, 1.1, 2.5], ["401.9", "1.1", "2.5"]):
        [found] = impact_on_table(pa.table({"dx": column}), "dx", store["icd9cm"], "32", "32")
        assert {"unchanged": 1, "malformed": 1, "damaged": 1} == found.outcomes
        assert ("1.1", "001.1") == next(
            (bad.text, bad.repair) for bad in found.bad_texts if bad.kind == "leading_zeros"
        )


def test_rows_of_other_systems_are_left_out(cm):
    """A column that names the system of each row counts."""
    table = pa.table({"code": ["M54.5", "V10.3", "E11.9"], "vocabulary_id": ["ICD10CM", "ICD9CM", None]})
    [found] = impact_on_table(table, None, cm, "2021", "2022")

    assert {"unchanged": 1, "to_header": 1, "other_system": 1} == found.outcomes
    assert ({"ICD9CM": 1}, 3) == (found.roles.left_out, found.rows)
    assert "1 row is of another system than icd10cm" in found.warnings[0]


def test_broken_rows_one_by_one(scripted, monkeypatch):
    """A second reading yields each broken row with its id, its verdict and what may be billed in its place."""
    monkeypatch.setattr(opening, "BATCH_ROWS", 4)
    table = pa.table({"claim": [f"c{n}" for n in range(len(CODES))], "dx": CODES, "v": ["ICD10CM"] * len(CODES)})
    impacts = impact_on_table(table, "dx", scripted, "2021", "2022", row_id="claim")
    rows = [row for batch in affected_rows(table, impacts) for row in batch.to_pylist()]

    assert [
        ("c0", "M54.5", "broken_by_release", "to_header", "M54.50 | M54.51 | M54.59"),
        ("c1", "m545", "broken_by_release", "to_header", "M54.50 | M54.51 | M54.59"),
        ("c4", "J12.9", "broken_by_release", "deleted", ""),
        ("c5", "W21.89A", "broken_before", "not_in_force", "W21.89XA"),
        ("c6", "F32.A", "broken_before", "not_in_force", ""),
        ("c7", "what?", "broken_before", "malformed", ""),
        ("c10", "E11", "broken_before", "header", "E11.21 | E11.22 | E11.65 | E11.8 | E11.9"),
    ] == [tuple(row[name] for name in ("id", "code", "verdict", "outcome", "replacement")) for row in rows]
    [impact] = impacts
    assert len(rows) == impact.broken_rows
    stream = table.to_reader(4)
    with pytest.raises(ReleaseFormatError, match="is a stream, which was read already"):
        list(affected_rows(opened := opened_table(stream), impact_on_table(opened, "dx", scripted, "2021", "2022")))
    [unnamed] = impact_on_table(table, "dx", scripted, "2021", "2022")
    numbers = [row["id"] for batch in affected_rows(table, [unnamed]) for row in batch.to_pylist()]
    assert ["1", "2", "5", "6", "7", "8", "11"] == numbers


def rows_of(table: pa.Table, cm, before: str = "2021", after: str = "2022", **options) -> list[dict[str, str]]:
    """Return the rows of a table that need work."""
    impacts = impact_on_table(table, "dx", cm, before, after, **options)
    return [row for batch in affected_rows(table, impacts) for row in batch.to_pylist()]


def test_a_row_has_what_may_be_billed_on_its_own_day(cm):
    """A code that comes later is no replacement; what the text looks like, and why, is said in words."""
    days = ["2021-05-01", "2021-11-01", "2021-05-01", "2021-05-01", "soon", None, "2031-01-01"]
    table = pa.table({"dx": ["M54.50", "M54.5", "250.00", "E11.9, M54.5", "E11.9", "E11.9", "M54.5"], "day": days})
    rows = rows_of(table, cm, on="day")

    assert [
        ("2021-05-01", "M54.50", "broken_before", "M54.5", "1"),
        ("2021-11-01", "M54.5", "broken_by_release", "M54.50 | M54.51 | M54.59", "3"),
        ("2021-05-01", "250.00", "broken_before", "E11.9", "1"),
        ("2021-05-01", "E11.9, M54.5", "broken_before", "E11.9 + M54.5", "1"),
        ("soon", "E11.9", "not_judged", "", ""),
        (None, "E11.9", "not_judged", "", ""),
        ("2031-01-01", "M54.5", "not_judged", "", ""),
    ] == [tuple(row[name] for name in ("day", "code", "verdict", "replacement", "candidates")) for row in rows]
    assert [
        "M54.50 is not yet in force in ICD-10-CM on 2021-05-01 (release 2021): it comes into force on 2021-10-01",
        "M54.5 is a header on 2021-11-01 (release 2022): in force, and not valid for submission",
        "'250.00' cannot be a code of ICD-10-CM; it is a code of ICD-9-CM diagnoses",
        "'E11.9, M54.5' is several codes in one cell",
        "the row has no day that can be read",
        "the row has no day that can be read",
    ] == [row["why"] for row in rows[:-1]]
    assert "covers 2031-01-01" in rows[-1]["why"]
    assert ("Low back pain, unspecified", "Type 2 diabetes mellitus without complications") == (
        rows[0]["title"],
        rows[4]["title"],
    )


def test_more_than_a_handful_of_replacements_are_counted(cm, monkeypatch):
    """A row names a few codes at most; how many there are is said, and where."""
    monkeypatch.setattr(replacements, "MOST_SHOWN", 4)
    [row] = rows_of(pa.table({"dx": ["E11"]}), cm, "2022", "2022-04")
    below = sum(map(cm.release("2022").is_billable, cm.release("2022").descendants("E11")))
    few = rows_of(pa.table({"dx": ["M54.5"]}), cm, "2022", "2022-04")[0]

    assert ("3", "M54.50 | M54.51 | M54.59") == (few["candidates"], few["replacement"])
    assert (str(below), "") == (row["candidates"], row["replacement"])
    assert row["why"].endswith(f"; {below} codes may be billed below E11")


def test_an_impact_as_json(scripted):
    """The JSON has rows, outcomes and the affected codes with what they become."""
    table = pa.table({"dx": CODES, "day": [datetime.date(2021, 1, 1)] * len(CODES)})
    [found] = impact_on_table(table, "dx", scripted, "2021", "2022", on="day")
    values = json.loads(json.dumps(found.to_dict()))

    outcomes = expected_outcomes()
    ending = outcomes.pop("to_header") + outcomes.pop("deleted")
    assert (11, 8, outcomes | {"ends_with_release": ending}) == (
        values["rows"],
        values["affected_rows"],
        values["outcomes"],
    )
    assert (0, ending, 0) == tuple(
        values[key] for key in ("broken_by_release", "ends_with_release", "broken_by_release_in_time")
    )
    [pain] = [code for code in values["codes"] if code["code"] == "M54.5"]
    assert ("ends_with_release", "to_header") == (pain["outcome"], pain["fate"])
    assert [["M54.50"], ["M54.51"], ["M54.59"]] == pain["becomes"]
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
