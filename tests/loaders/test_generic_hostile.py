"""Hostile lists of codes: every value that cannot be kept is a fault with its place, and work grows with the rows."""

from __future__ import annotations

import datetime
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import terminology
from terminology.drafts import Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile, json_document
from terminology.reading.objects import DEEPEST
from terminology_loaders.generic import GenericLoader
from terminology_loaders.generic.assembly import content_digest

HEAD = "#system: colours\n#effective: 2024-01-01\n"
METADATA = {"system": "colours", "effective": "2024-01-01"}
CODES = {"code": ["A", "B"], "title": ["Alpha", "Beta"]}


def listed(text, name="list.csv"):
    """Return a file of this text."""
    return ReadableFile(name, text.encode)


def fhir(*concepts, **more):
    """Return a FHIR CodeSystem, one concept a line from line 2 on."""
    head = json.dumps(
        {"resourceType": "CodeSystem", "name": "Colours", "content": "complete", "date": "2024-01-01", **more}
    )
    return listed(f'{head[:-1]}, "concept": [\n' + ",\n".join(map(json.dumps, concepts)) + "]}", "colours.json")


def columns(table, metadata=METADATA):
    """Return a Parquet file of the table."""
    table = table if isinstance(table, pa.Table) else pa.table(table)
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return ReadableFile("list.parquet", buffer.getvalue)


def with_value(value):
    """Return a concept with a property of this value, as JSON text, on line 2."""
    return listed(
        '{"resourceType": "CodeSystem", "name": "Colours", "content": "complete", "date": "2024-01-01", "concept": [\n'
        f'{{"code": "A", "display": "Alpha", "property": [{{"code": "p", {value}}}]}}]}}',
        "colours.json",
    )


def read(file):
    """Return the rows that the loader makes of the file, by code."""
    part = GenericLoader().read(file)
    assert isinstance(part, Part)
    return {row["code"]: row for row in part.tables["concepts"].to_pylist()}


def places(file):
    """Return line and column of each fault."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        GenericLoader().read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    for fault in found:
        str(fault).encode()
    return [(fault.line, fault.column) for fault in found]


class TestJson:
    """FHIR CodeSystems."""

    @pytest.mark.parametrize(
        ("value", "column"),
        [
            (f'"valueInteger": {10**20}', "p"),
            ('"valueInteger": 1' + "0" * 5_000, None),
            ('"valueDecimal": 1' + "0" * 400, None),
            ('"valueDecimal": 1e400', None),
            ('"valueDecimal": true', "p"),
            ('"valueString": "\\ud800"', "valueString"),
            ('"valueString": "\\u0000"', "valueString"),
            ('"valueString": "x", "valueString": "y"', "valueString"),
        ],
    )
    def test_a_value_that_cannot_be_kept_is_a_fault_on_its_line(self, value, column):
        """Numbers beyond all bounds, half a character, a NUL, a name that comes twice."""
        assert [(2, column)] == places(with_value(value))

    def test_the_largest_values_are_kept(self):
        """Of whole numbers those of 64 bits, of decimal numbers any that is finite."""
        assert read(with_value(f'"valueInteger": {2**63 - 1}'))["A"]["p"] == 2**63 - 1
        assert read(with_value(f'"valueDecimal": {10**250}'))["A"]["p"] == 1e250
        assert read(with_value('"valueString": "\\ud83d\\ude00"'))["A"]["p"] == "\N{GRINNING FACE}"

    @pytest.mark.parametrize("where", ["code", "display", "definition"])
    def test_half_a_character_is_found_in_any_text(self, where):
        """All such texts are named at once."""
        good = {"code": "A", "display": "Alpha", "definition": "First"}
        bad = {**good, where: "B\ud800"}
        assert [(2, where), (4, where)] == places(fhir(bad, {**good, "code": "C"}, bad))

    def test_a_control_character_in_a_code_is_a_fault(self):
        """Nobody could type it."""
        assert [(3, "code")] == places(fhir({"code": "A", "display": "Alpha"}, {"code": "B\nC", "display": "Beta"}))

    @pytest.mark.parametrize("count", ["1", True, 1.0, [1]])
    def test_a_count_that_is_no_whole_number_is_a_fault(self, count):
        """The text 1 is not the number."""
        assert [(1, "count")] == places(fhir({"code": "A", "display": "Alpha"}, count=count))

    def test_properties_whose_names_clash_are_kept_apart(self):
        """The tables' own names, and those of columns that are made of something else."""
        values = {name: f"of {name}" for name in ("status", "property_status", "source", "code")}
        given = [{"code": name, "valueString": text} for name, text in values.items()]
        given += [{"code": "definition", "valueInteger": 3}, {"code": "other_parents", "valueInteger": 3}]
        given += [{"code": "parent", "valueCode": code} for code in ("B", "C")]
        others = [{"code": code, "display": code} for code in ("B", "C")]
        row = read(fhir({"code": "A", "display": "Alpha", "definition": "First", "property": given}, *others))["A"]
        expected = ("of status", "of property_status", "of source", "of code")
        names = ("property_status", "property_property_status", "property_source", "property_code")
        assert expected == tuple(row[name] for name in names)
        assert ("First", ["C"]) == (row["definition"], row["other_parents"])

    @pytest.mark.parametrize("depth", [DEEPEST, 40_000])
    def test_concepts_that_are_nested_too_deep_are_a_fault_that_names_the_limit(self, depth):
        """The hierarchy can be given as parents instead."""
        head = '{"resourceType": "CodeSystem", "name": "C", "content": "complete", "concept": ['
        text = head + "".join(f'{{"code": "c{n}", "concept": [' for n in range(depth)) + "]}" * depth + "]}"
        with pytest.raises(ReleaseFormatError, match=str(DEEPEST)):
            GenericLoader().read(listed(text, "deep.json"))

    def test_a_large_system_takes_as_long_as_its_rows(self):
        """Thirty thousand concepts with properties, which once took hours; nested, with parents and children."""
        count = 30_000
        concepts = [
            {"code": f"C{n}", "display": "x", "property": [{"code": "n", "valueInteger": n % 7}]} for n in range(count)
        ]
        concepts[0]["property"] += [{"code": "child", "valueCode": f"C{n}"} for n in range(1, count)]
        concepts[1]["property"] += [{"code": "parent", "valueCode": f"C{n}"} for n in range(2, 20_000)]
        made = read(fhir(*concepts))
        assert (count, 5, "C0") == (len(made), made["C5"]["n"], made["C9"]["parent"])

    def test_more_properties_than_columns_can_be_are_a_fault(self):
        """Nearly all cells would be empty."""
        concepts = [
            {"code": f"C{n}", "display": "x", "property": [{"code": f"p{n}", "valueInteger": n}]} for n in range(20_000)
        ]
        assert [(1, "property")] == places(fhir(*concepts))

    @pytest.mark.parametrize("text", ['{"a": "' + '\\"' * 1_000_000, '{"a": ' + '"\\"' * 500_000, "[" * 200_000])
    def test_broken_json_is_a_fault_however_long(self, text):
        """A text without end is not tried again from every place in it."""
        with pytest.raises(ReleaseFormatError):
            json_document(text, "broken.json")


class TestParquet:
    """Columns."""

    @pytest.mark.parametrize(
        ("values", "found"),
        [
            (pa.Array.from_buffers(pa.string(), 2, pa.array([b"ok", b"\xff"]).buffers()), (2, "x")),
            (pa.array([0, 2**31 - 1], pa.int32()).cast(pa.date32()), (2, "x")),
            (pa.array([0, -(2**31)], pa.int32()).cast(pa.date32()), (2, "x")),
            (pa.array([0, 2**64 - 1], pa.uint64()), (2, "x")),
            (pa.array([1.0, float("-inf")]), (2, "x")),
            (pa.array([["a"], ["b", None]]), (2, "x")),
            (pa.array([{"a": 1}, None]), (None, "x")),
            (pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())), (None, "x")),
            (pa.array([1, 2], pa.duration("s")), (None, "x")),
            (pa.array([b"a", b"b"]), (None, "x")),
            (pa.array([[["a"]], []]), (None, "x")),
        ],
    )
    def test_a_value_that_cannot_be_kept_is_a_fault_with_its_row(self, values, found):
        """A type that cannot be kept is a fault of the column."""
        assert [found] == places(columns({**CODES, "x": values}))

    @pytest.mark.parametrize(
        ("values", "kept"),
        [
            (pa.array([1.5, float("nan")]), 1.5),
            (pa.array([1.5, None], pa.float32()).cast(pa.float16()), 1.5),
            (pa.array([1, 2], pa.decimal128(38, 10)), 1.0),
            (pa.array([10**70, 2], pa.decimal256(76, 0)), 1e70),
            (pa.array(["a", None]).dictionary_encode(), "a"),
            (pa.array([2932896 * 86_400_000, 0], pa.int64()).cast(pa.date64()), datetime.date(9999, 12, 31)),
        ],
    )
    def test_values_that_can_be_kept_are(self, values, kept):
        """NaN is what is missing."""
        rows = read(columns({**CODES, "x": values}))
        assert kept == rows["A"]["x"]
        assert rows["B"]["x"] in (None, 2.0, datetime.date(1970, 1, 1))

    @pytest.mark.parametrize(
        ("values", "first"),
        [
            (pa.array([-1, 0], pa.timestamp("ns")), datetime.date(1969, 12, 31)),
            (pa.array([0, 1], pa.timestamp("us", tz="America/New_York")), datetime.date(1969, 12, 31)),
            (pa.array([-719_162, 0], pa.int32()).cast(pa.date32()), datetime.date(1, 1, 1)),
        ],
    )
    def test_times_are_days_where_their_zone_is(self, values, first):
        """Before 1970 too."""
        assert first == read(columns({**CODES, "effective_from": values}))["A"]["effective_from"]

    def test_codes_and_parents_may_be_numbers_as_pandas_writes_them(self):
        """A column of whole numbers with a gap is one of decimal numbers there."""
        rows = read(columns({"code": [1, 2], "title": ["a", "b"], "parent": [float("nan"), 1.0]}))
        assert {"1": None, "2": "1"} == {code: row["parent"] for code, row in rows.items()}
        assert [(1, "code"), (2, "code")] == places(columns({**CODES, "code": [1.5, 2.5]}))

    def test_columns_of_one_name_are_a_fault_that_names_it(self):
        """Nobody could tell which counts."""
        names, values = ["code", "title", "x", "x"], [["A"], ["a"], ["B"], [1]]
        assert [(None, "x")] == places(columns(pa.table(list(map(pa.array, values)), names=names)))
        names[2:] = ["code", "y"]
        assert [(None, "code")] == places(columns(pa.table(list(map(pa.array, values)), names=names)))

    def test_metadata_that_is_no_text_is_a_fault(self):
        """It is not read as something else."""
        assert [(None, "title")] == places(columns(CODES, {**METADATA, "title": b"\xff"}))


class TestDelimited:
    """Text."""

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            *(("decimal", text) for text in ("nan", "inf", "-Infinity", "1e999", "1_0", "\u0661", "1" * 100_000 + "x")),
            *(("integer", text) for text in ("1_000", "\u0661", "9" * 5_000, str(2**63), "1.0")),
        ],
    )
    def test_what_python_alone_takes_for_a_number_is_a_fault(self, kind, text):
        """Underscores, digits of other scripts, numbers without end."""
        assert [(5, "n")] == places(listed(f"{HEAD}#types: n={kind}\ncode,title,n\nA,Alpha,{text}\n"))

    def test_a_column_that_the_tables_use_otherwise_is_a_fault(self):
        """Compiling would take the property source for the place of the file."""
        assert [(3, 3)] == places(listed(f"{HEAD}code,title,source\nA,Alpha,x\n"))

    @pytest.mark.parametrize("calendar", ["open", "fiscal", "calendar", "quarter"])
    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_first_and_the_last_day_that_there_is_can_be_loaded(self, calendar, day, tmp_path):
        """No year comes after the last."""
        path = tmp_path / "list.csv"
        path.write_text(
            f"#system: colours\n#version: 1\n#effective: {day}\n#calendar: {calendar}\ncode,title\nA,Alpha\n"
        )
        assert terminology.load(path, store=tmp_path / "store").ok
        assert terminology.open(tmp_path / "store")["colours"].on(day).status("A").valid

    def test_a_quotation_mark_that_is_not_closed_is_told_with_the_line_on_which_its_row_begins(self):
        """The error itself is met far below."""
        with pytest.raises(ReleaseFormatError, match=r"begins on line 5.*not closed"):
            GenericLoader().read(listed(f'{HEAD}code,title\nA,Alpha\nB,"Beta\n' + "C,Gamma\n" * 100_000))

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (f"{HEAD}code,title,{','.join(f'p{n}' for n in range(100_000))}\nA,Alpha\n", (3, None)),
            (f"{HEAD}code,title\nA,{',' * 5_000_000}\n", (4, None)),
            (f"{HEAD}code,title\nA,{'x' * 5_000_000}\n", (4, None)),
        ],
    )
    def test_what_is_too_wide_is_a_fault_that_names_the_limit(self, text, found):
        """No row and no header has so much."""
        with pytest.raises(ReleaseFormatError, match="at most") as caught:
            GenericLoader().read(listed(text))
        assert found == (caught.value.line, caught.value.column)

    @pytest.mark.parametrize("backwards", [False, True])
    def test_a_chain_of_codes_is_loaded_from_either_end(self, backwards, tmp_path):
        """Forty thousand codes, each below the other: nothing goes the whole way for each."""
        rows = [f"c{n},x,{f'c{n - 1}' if n else ''}" for n in range(40_000)]
        path = tmp_path / "chain.csv"
        path.write_text(f"{HEAD}code,title,parent\n" + "\n".join(rows[::-1] if backwards else rows))
        assert terminology.load(path, store=tmp_path / "store").ok
        edition = terminology.open(tmp_path / "store")["colours"].latest
        assert 39_999 == len(edition.descendants("c0"))
        assert "c39998" == edition.parent("c39999")

    def test_a_long_cycle_is_one_fault(self):
        """It is named once, not from each of its codes."""
        rows = "\n".join(f"c{n},x,c{(n - 1) % 40_000}" for n in range(40_000))
        assert [(4, "parent")] == places(listed(f"{HEAD}code,title,parent\n{rows}\n"))


class TestDigest:
    """The content of a file, whatever its format."""

    def test_it_depends_on_the_values_alone(self):
        """Not on batches, order of columns, buffers behind nulls, or how a text is stored."""
        values = {"a": ["x", None, "", "xy"], "b": [1, None, 3, 4], "c": [["p", "q"], [], None, ["pq"]]}
        table = pa.table({**values, "d": pa.array([0, None, 1, 2], pa.int32()).cast(pa.date32())})
        batches = pa.Table.from_batches(table.to_batches(max_chunksize=1))
        assert content_digest(table) == content_digest(batches) == content_digest(table.select(["d", "c", "b", "a"]))
        assert content_digest(table) == content_digest(pa.concat_tables([table, table]).slice(4))
        assert content_digest(table) == content_digest(table.append_column("e", [[1] * 4]), frozenset({"e"}))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (["ab", "c"], ["a", "bc"]),
            (["", "a"], [None, "a"]),
            ([["a", "b"], []], [["a"], ["b"]]),
            ([[], ["a"]], [None, ["a"]]),
            ([1, 0], [1, None]),
            (["1"], [1]),
        ],
    )
    def test_other_values_have_another(self, one, other):
        """Also where the same bytes follow each other."""
        assert content_digest(pa.table({"a": one})) != content_digest(pa.table({"a": other}))

    def test_one_list_in_three_formats_is_one_release(self, tmp_path):
        """Text, Parquet and FHIR of one version are sources of the same release."""
        (tmp_path / "list.csv").write_text(
            "#system: colours\n#uri: urn:c\n#version: 2024-01-01\n#types: n=integer\ncode,title,n\nA,Alpha,1\nB,Beta,\n"
        )
        table = {**CODES, "n": pa.array([1, None], pa.int8())}
        made = columns(table, {"system": "colours", "uri": "urn:c", "version": "2024-01-01"})
        (tmp_path / "list.parquet").write_bytes(made.data)
        concepts = [
            {"code": "A", "display": "Alpha", "property": [{"code": "n", "valueInteger": 1}]},
            {"code": "B", "display": "Beta"},
        ]
        (tmp_path / "list.json").write_bytes(fhir(*concepts, url="urn:c", version="2024-01-01").data)
        report = terminology.load(tmp_path, store=tmp_path / "store")
        assert ((), 1) == (report.errors, len(report.loaded))
        assert 3 == len(report.loaded[0].release.sources)
