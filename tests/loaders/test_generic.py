"""The loader for any code system: delimited text, Parquet, FHIR; their faults, dating, and what a store answers."""

from __future__ import annotations

import datetime
import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import UnknownSystemError
from terminology.drafts import AnySystemLoader, Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.ingest.checks import check_concepts
from terminology.reading import ReadableFile, readable_files
from terminology_loaders.generic import GenericLoader

day = datetime.date
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/generic"
LOADERS = {"generic": GenericLoader()}

CODES = "code,title,parent\nfood,Food,\nfruit,Fruit,food\napple,Apple,fruit\n"


def listed(text, name="list.csv"):
    """Return a file of this text."""
    return ReadableFile(name, text.encode)


def coded(rows="", *lines, header="code,title", system="#system: colours\n#effective: 2024-01-01\n"):
    """Return a list of colours: metadata, header, rows."""
    return listed("\n".join(filter(None, [*lines, system + header, rows])) + "\n")


def fhir(concepts, **more):
    """Return a FHIR CodeSystem of these concepts, one concept a line from line 2 on."""
    values = {"resourceType": "CodeSystem", "name": "Colours", "content": "complete", "date": "2024-01-01", **more}
    head = json.dumps({key: value for key, value in values.items() if value is not None})[:-1]
    body = ",\n".join(json.dumps(concept) for concept in concepts)
    return listed(f'{head}, "concept": [\n{body}]}}', "CodeSystem-colours.json")


def columns(table, **metadata):
    """Return a Parquet file of the table with the metadata in its key-value pairs."""
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return ReadableFile("list.parquet", buffer.getvalue)


def read(file, system=None):
    """Return the part that the loader makes of the file."""
    part = GenericLoader(system).read(file)
    assert isinstance(part, Part)
    return part


def rows(part):
    """Return the concepts of a part by code."""
    return {row["code"]: row for row in part.tables["concepts"].to_pylist()}


def faults(file, system=None):
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        GenericLoader(system).read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def places(file):
    """Return line and column of each fault of the file."""
    return [fault[:2] for fault in faults(file)]


class TestDelimited:
    """Delimited text."""

    def test_it_is_a_loader_for_any_system(self):
        """The loader says that it reads any system."""
        assert isinstance(GenericLoader(), AnySystemLoader)

    def test_every_key_counts(self):
        """Each line of metadata arrives in the definition, the dating or the licence."""
        part = read(
            coded(
                "A.1,Red",
                "#title: Colours of the house",
                "#uri: https://example.org/colours",
                "#oid: urn:oid:1.2.3",
                "#aliases: paint, COL",
                "#version: 7",
                "#calendar: fiscal",
                "#shape: [A-Z](\\.[0-9])?",
                "#dot: 1",
                "#licence: (c) Example",
                "## only a remark",
            )
        )
        definition = part.definition
        expected = ("colours", "Colours of the house", "https://example.org/colours", "1.2.3", ("paint", "COL"))
        assert expected == tuple(getattr(definition, name) for name in ("name", "title", "uri", "oid", "aliases"))
        assert ("fiscal", 1, "[A-Z](\\.[0-9])?", False) == (
            definition.calendar,
            definition.dot,
            definition.shape,
            definition.dated,
        )
        assert ("7", "2024-01-01", "(c) Example") == tuple(part.facts[n] for n in ("version", "effective", "licence"))

    def test_every_standard_column_counts(self):
        """Each standard column arrives under its name, days and truths in their types."""
        header = "code,title,short_title,parent,billable,kind,effective_from,effective_to"
        file = coded("A,Alpha,,,no,group,,\nB,Beta,b,A,yes,code,2024-01-01,2024-07-01", header=header)
        expected = {
            "code": "B",
            "title": "Beta",
            "short_title": "b",
            "parent": "A",
            "billable": True,
            "kind": "code",
            "effective_from": day(2024, 1, 1),
            "effective_to": day(2024, 7, 1),
            "line": 5,
            "derived": False,
            "changed": None,
            "reactivated": None,
        }
        part = read(file)
        assert expected == rows(part)["B"]
        assert (False, True) == (rows(part)["A"]["billable"], part.definition.dated)

    def test_a_last_day_becomes_the_day_after(self):
        """Column effective_through names the last day in force."""
        file = coded("A,Alpha,2024-01-01,2024-06-30", header="code,title,effective_from,effective_through")
        assert day(2024, 7, 1) == rows(read(file))["A"]["effective_to"]

    def test_property_columns_have_types(self):
        """Columns beyond the standard ones are properties, text unless declared otherwise."""
        types = "#types: n=integer, x=decimal, ok=boolean, since=date, tags=list"
        file = coded("A,Alpha,5,1.5,yes,2024-02-01,a|b,free", types, header="code,title,n,x,ok,since,tags,remark")
        found = rows(read(file))["A"]
        expected = {"n": 5, "x": 1.5, "ok": True, "since": day(2024, 2, 1), "tags": ["a", "b"], "remark": "free"}
        assert expected == {name: found[name] for name in expected}

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_delimiters(self, mark):
        """The delimiter is told by the header; quoted cells may hold it, and line breaks."""
        text = f'#system: colours\n#effective: 2024-01-01\ncode{mark}title\nA{mark}"Red{mark}\nand ""so"" on"\nB{mark}Blue\n'
        part = read(listed(text))
        assert [("A", f'Red{mark}\nand "so" on', 4), ("B", "Blue", 6)] == [
            (row["code"], row["title"], row["line"]) for row in rows(part).values()
        ]

    def test_a_spreadsheet_program_saved_it(self):
        """Filled-up metadata lines, a byte order mark, line ends, blank rows and spelt headings are forgiven."""
        text = '\ufeff"#system: colours",,\r\n#effective: 2024-01-01,,\r\n Code ,TITLE,Short-Title\r\nA,Red,\r\n,,\r\n'
        assert {"A": "Red"} == {code: row["title"] for code, row in rows(read(listed(text))).items()}

    def test_parents_come_before_children(self):
        """Rows are put in document order, whatever their order in the file."""
        file = coded("c,C,b\na,A,\nb,B,a\nd,D,", header="code,title,parent")
        assert ["a", "b", "c", "d"] == list(rows(read(file)))

    @pytest.mark.parametrize(
        ("codes", "given", "question", "expected"),
        [
            ("AB1", "", "ab1", "AB1"),
            ("male", "", "MALE", "male"),
            ("Ab", "", "Ab", "Ab"),
            ("Ab", "", "AB", "AB"),
            ("AB", "#case_sensitive: true", "ab", "ab"),
        ],
    )
    def test_cases(self, codes, given, question, expected):
        """Codes are found in any case where their own case is one; the publisher's case is returned."""
        assert expected == read(coded(f"{codes},x", given)).definition.official(question)

    def test_the_dot_is_set(self):
        """Codes without their dot get it where the list says that they have one."""
        file = coded("A1,Alpha,\nA12,Beta,A1", "#dot: 2", header="code,title,parent")
        assert {"A1": None, "A1.2": "A1"} == {code: row["parent"] for code, row in rows(read(file)).items()}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "code;description\nA;Red\n",
            "# a remark\nA,B\n",
            "<html>",
            "[1]",
            "00001 A00     0 Cholera",
            "\0\1code,title",
        ],
    )
    def test_strangers(self, text):
        """What has neither a system nor the header of a list is not ours."""
        assert GenericLoader().read(listed(text)) is None

    def test_a_nameless_list_is_skipped(self):
        """A list that does not say its system is left alone, with advice; with a name it is read."""
        made = GenericLoader().read(listed(CODES))
        assert isinstance(made, Skipped)
        assert "--system" in made.reason
        assert "food" == read(listed(CODES), "food").definition.name

    def test_the_name_must_agree(self):
        """A list that says another system than the operator is refused."""
        assert [(1, "system")] == [fault[:2] for fault in faults(coded("A,Red"), "food")]

    @pytest.mark.parametrize("line", ["#system: icd10cm", "#system: cpt", "#system: generic"])
    def test_systems_with_a_loader_of_their_own(self, line):
        """A list cannot stand in for a system that has a loader of its own."""
        ((_, _, message),) = faults(coded("A,Red", system=f"{line}\n"))
        assert "loader of its own" in message

    def test_the_uri_of_another_system(self):
        """A list cannot take the URI of a system that has a loader of its own."""
        ((_, _, message),) = faults(coded("A,Red", "#uri: http://hl7.org/fhir/sid/icd-10-cm"))
        assert "icd10cm has a loader of its own" in message


class TestFaultsOfLists:
    """What is refused in delimited text, with its place."""

    @pytest.mark.parametrize(
        ("line", "column"),
        [
            ("#colour: red", 1),
            ("# no colon", 1),
            ("#effective: 2024-13-01", "effective"),
            ("#calendar: lunar", "calendar"),
            ("#dated: perhaps", "dated"),
            ("#case_sensitive: 2", "case_sensitive"),
            ("#shape: [", "shape"),
            ("#dot: two", "dot"),
            ("#types: n=number", "types"),
            ("#types: n=integer", "types"),
        ],
    )
    def test_metadata(self, line, column):
        """A faulty line of metadata is named."""
        file = listed(f"#system: colours\n{line}\ncode,title\nA,Red\n")
        assert [(2, column)] == places(file)

    def test_a_name_that_is_none(self):
        """A system must have a short name."""
        assert [(1, "system")] == places(listed("#system: My Colours\ncode,title\nA,Red\n"))

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("code,name", [(3, None)]),
            ("code,,title", [(3, 2)]),
            ("code,title,title", [(3, 3)]),
            ("code,title,line", [(3, 3)]),
            ("code,title,effective_to,effective_through", [(3, "effective_through")]),
        ],
    )
    def test_headers(self, header, expected):
        """Missing, nameless, repeated and reserved columns are named."""
        assert expected == places(coded(header=header))[: len(expected)]

    @pytest.mark.parametrize(("said", "header"), [("true", "code,title"), ("false", "code,title,effective_from")])
    def test_days_that_contradict(self, said, header):
        """A dated list has columns of days, and no other list has them."""
        text = (
            f"#system: colours\n#dated: {said}\n{header}\n" + "A,Red" + ",2024-01-01" * (header.count(",") - 1) + "\n"
        )
        assert [(3, "effective_from")] == places(listed(text))

    def test_all_faults_of_the_rows(self):
        """Every faulty cell is named with line and column, all at once."""
        header = "code,title,parent,billable,effective_from,effective_to,n"
        body = (
            "A,Alpha,,yes,2024-01-01,,1",
            "A,Again,,yes,2024-01-01,,1",
            "B,,Z,maybe,2024-02-30,,1",
            "C,Gamma,,yes,2024-01-01,2023-01-01,x",
            "D,Delta",
            ",Nothing,,yes,,,1",
        )
        expected = [
            (6, "code"),
            (7, "effective_from"),
            (7, "billable"),
            (7, "title"),
            (7, "parent"),
            (8, "n"),
            (8, "effective_to"),
            (9, None),
            (10, "code"),
        ]
        assert expected == places(coded("\n".join(body), "#types: n=integer", header=header))

    def test_a_cycle(self):
        """A cycle of parents is named once."""
        ((line, column, message),) = faults(coded("a,A,b\nb,B,a", header="code,title,parent"))
        assert (4, "parent", "the hierarchy has a cycle: a < b < a") == (line, column, message)

    def test_a_code_of_another_shape(self):
        """A code must have the shape that the list states."""
        assert [(6, "code")] == places(coded("A,Alpha\n12,Beta", "#shape: [A-Z]"))

    def test_no_rows(self):
        """A header alone is no release."""
        assert [(3, None)] == places(coded())

    def test_an_open_quote(self):
        """Delimited text that is none is refused."""
        ((_, _, message),) = faults(coded('A,"Red'))
        assert "expected delimited text" in message


class TestColumns:
    """Parquet."""

    def test_types_are_kept(self):
        """Columns keep their types; the metadata stand in the key-value pairs."""
        table = pa.table(
            {
                "code": ["a", "b"],
                "title": ["A", "B"],
                "parent": [None, "a"],
                "n": pa.array([1, None], pa.int16()),
                "since": pa.array([day(2024, 1, 1), None]),
                "tags": [["x"], None],
                "group": pa.array(["g", "h"]).dictionary_encode(),
            }
        )
        part = read(columns(table, system="colours", effective="2024-01-01"))
        types = {name: str(part.tables["concepts"].schema.field(name).type) for name in ("n", "since", "tags", "group")}
        assert {"n": "int64", "since": "date32[day]", "tags": "list<item: string>", "group": "string"} == types
        assert (1, day(2024, 1, 1), ["x"], "g", 1) == tuple(
            rows(part)["a"][name] for name in ("n", "since", "tags", "group", "line")
        )

    def test_days_make_it_dated(self):
        """Columns of days may be days or texts."""
        table = pa.table(
            {"code": ["a"], "title": ["A"], "effective_from": [day(2024, 1, 1)], "effective_to": ["2025-01-01"]}
        )
        part = read(columns(table, system="colours"))
        assert (True, day(2024, 1, 1), day(2025, 1, 1)) == (
            part.definition.dated,
            rows(part)["a"]["effective_from"],
            rows(part)["a"]["effective_to"],
        )

    def test_faults(self):
        """Repeated codes and types that no property can have are named."""
        table = pa.table({"code": ["a", "a"], "title": ["A", None], "x": [{"y": 1}, None], "status": ["s", "s"]})
        found = places(columns(table, system="colours"))
        assert {(None, "status"), (None, "x"), (2, "code"), (2, "title")} == set(found)

    def test_a_damaged_file(self):
        """A file that only begins like Parquet is refused."""
        ((_, _, message),) = faults(ReadableFile("x.parquet", lambda: b"PAR1 nothing more"))
        assert "damaged Parquet" in message

    def test_strangers(self):
        """Other tables are left alone, nameless lists with advice."""
        nameless = GenericLoader().read(columns(pa.table({"code": ["a"], "title": ["A"]})))
        assert isinstance(nameless, Skipped)


class TestFhir:
    """FHIR CodeSystem resources."""

    def test_the_resource_names_itself(self):
        """URL, name, version, date, copyright and identifier arrive."""
        part = read(
            fhir(
                [{"code": "a", "display": "A"}],
                url="https://example.org/colours",
                title="The colours",
                version="1.2",
                copyright="(c) Example",
                identifier=[{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}],
            )
        )
        definition = part.definition
        assert ("colours", "The colours", "https://example.org/colours", "1.2.3") == (
            definition.name,
            definition.title,
            definition.uri,
            definition.oid,
        )
        assert ("1.2", "2024-01-01", "(c) Example") == tuple(part.facts[n] for n in ("version", "effective", "licence"))

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"name": "PlaceOfService"}, "placeofservice"),
            ({"name": None, "id": "pos-1"}, "pos1"),
            ({"name": None, "url": "https://example.org/CodeSystem/places"}, "places"),
        ],
    )
    def test_short_names(self, more, expected):
        """The short name comes from name, id or the end of the URL."""
        assert expected == read(fhir([{"code": "a", "display": "A"}], **more)).definition.name

    def test_a_tree_of_concepts(self):
        """Nested concepts, parent and child properties make the tree; further parents are a property."""
        declared = [{"code": "parent", "type": "code"}, {"code": "child", "type": "code"}]
        concepts = [
            {"code": "b", "display": "B", "property": [{"code": "parent", "valueCode": "a"}]},
            {"code": "a", "display": "A", "concept": [{"code": "c", "display": "C"}]},
            {"code": "d", "display": "D", "property": [{"code": "child", "valueCode": "e"}]},
            {"code": "e", "display": "E"},
            {
                "code": "f",
                "display": "F",
                "property": [{"code": "parent", "valueCode": "a"}, {"code": "parent", "valueCode": "d"}],
            },
        ]
        part = read(fhir(concepts, property=declared))
        assert {"a": None, "b": "a", "c": "a", "f": "a", "d": None, "e": "d"} == {
            code: row["parent"] for code, row in rows(part).items()
        }
        assert (["d"], None) == (rows(part)["f"]["other_parents"], rows(part)["b"]["other_parents"])
        assert "1 concepts have several parents" in part.warnings[0]

    @pytest.mark.parametrize(
        ("properties", "expected"),
        [
            ([], (True, "code")),
            ([{"code": "inactive", "valueBoolean": True}], (False, "code")),
            ([{"code": "inactive", "valueBoolean": False}], (True, "code")),
            ([{"code": "notSelectable", "valueBoolean": True}], (False, "category")),
            ([{"code": "status", "valueCode": "retired"}], (False, "code")),
            ([{"code": "status", "valueCode": "deprecated"}], (True, "code")),
            ([{"code": "off", "valueBoolean": True}], (False, "category")),
        ],
    )
    def test_billable_is_selectable_and_active(self, properties, expected):
        """A concept is billable unless it is inactive or not selectable, by property code or URI."""
        declared = [
            {"code": "inactive", "type": "boolean"},
            {"code": "notSelectable", "type": "boolean"},
            {"code": "status", "type": "code"},
            {"code": "off", "type": "boolean", "uri": "http://hl7.org/fhir/concept-properties#notSelectable"},
        ]
        part = read(fhir([{"code": "a", "display": "A", "property": properties}], property=declared))
        assert expected == (rows(part)["a"]["billable"], rows(part)["a"]["kind"])

    def test_properties_are_typed(self):
        """Declared types become column types; several values a list; partial days stay text."""
        kinds = ("string", "integer", "boolean", "decimal", "dateTime", "Coding")
        declared = [{"code": kind, "type": kind} for kind in kinds] + [{"code": "month", "type": "dateTime"}]
        given = [
            {"code": "string", "valueString": "x"},
            {"code": "string", "valueString": "y"},
            {"code": "integer", "valueInteger": 3},
            {"code": "boolean", "valueBoolean": False},
            {"code": "decimal", "valueDecimal": 2},
            {"code": "dateTime", "valueDateTime": "2024-02-03T00:00:00Z"},
            {"code": "month", "valueDateTime": "2024-02"},
            {"code": "Coding", "valueCoding": {"system": "http://x", "code": "y"}},
        ]
        row = rows(read(fhir([{"code": "a", "display": "A", "property": given}], property=declared)))["a"]
        assert (["x", "y"], 3, False, 2.0, day(2024, 2, 3), "2024-02", "http://x|y") == tuple(
            row[name] for name in ("string", "integer", "boolean", "decimal", "dateTime", "month", "Coding")
        )

    def test_what_is_noticed(self):
        """Missing displays and undeclared properties are warnings."""
        concepts = [
            {"code": "a", "definition": "The first", "property": [{"code": "x", "valueString": "y"}]},
            {"code": "b"},
        ]
        part = read(fhir(concepts))
        assert ("The first", "b", "y") == (rows(part)["a"]["title"], rows(part)["b"]["title"], rows(part)["a"]["x"])
        assert [True, True] == [
            any(text in warning for warning in part.warnings) for text in ("2 concepts have no display", "declared: x")
        ]

    def test_designations(self):
        """Designations are kept beside the concepts, with language and use."""
        use = {"system": "http://snomed.info/sct", "code": "900000000000013009", "display": "Synonym"}
        concepts = [{"code": "a", "display": "A", "designation": [{"value": "Ah", "language": "de", "use": use}]}]
        (found,) = read(fhir(concepts)).tables["designations"].to_pylist()
        assert ("a", "Ah", "de", "Synonym", 2) == tuple(
            found[name] for name in ("code", "value", "language", "use_display", "line")
        )

    @pytest.mark.parametrize("content", ["fragment", "supplement", "not-present", "example", None])
    def test_content_that_is_not_complete(self, content):
        """A resource that does not hold all concepts is refused, and says why."""
        ((line, _, message),) = faults(fhir([{"code": "a"}], content=content))
        assert (1, True) == (line, repr(content) in message)

    def test_other_resources_are_skipped(self):
        """A value set defines no codes."""
        made = GenericLoader().read(listed('{"resourceType": "ValueSet"}', "x.json"))
        assert isinstance(made, Skipped)

    def test_faults_have_their_lines(self):
        """Faults deep in the resource name the line of their object."""
        concepts = [
            {"code": "a", "display": "A"},
            {"code": "a", "display": "Again"},
            {"display": "No code"},
            {"code": "b", "display": "B", "property": [{"code": "n", "valueString": "x"}, {"code": "n"}]},
            {"code": "c", "display": "C", "property": [{"code": "parent", "valueCode": "z"}]},
            {"code": "d", "display": "D", "property": [{"code": "child", "valueCode": "y"}]},
            {"code": "e", "display": "E", "designation": [{"language": "de"}]},
        ]
        declared = [{"code": "n", "type": "integer"}, {"code": "?", "type": "colour"}]
        expected = [
            (1, "property"),
            (1, "count"),
            (3, "code"),
            (4, "code"),
            (5, "n"),
            (5, "property"),
            (6, "parent"),
            (7, "child"),
            (8, "designation"),
        ]
        assert expected == places(fhir(concepts, property=declared, count=9))

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ('{"resourceType": "CodeSystem",\n "x": }', (2, 7)),
            ('{"resourceType": "CodeSystem", "x": NaN}', (None, None)),
        ],
    )
    def test_text_that_is_no_json(self, text, place):
        """Broken JSON is refused with its place."""
        assert [place] == [fault[:2] for fault in faults(listed(text, "x.json"))]

    def test_no_concepts(self):
        """A complete code system without concepts is refused."""
        assert [(1, "concept")] == places(fhir([]))

    def test_no_name(self):
        """A resource that nothing names asks for a name, and takes the operator's."""
        file = fhir([{"code": "a", "display": "A"}], name=None)
        ((_, _, message),) = faults(file)
        assert "--system" in message
        assert "colours" == read(file, "colours").definition.name


class TestReleases:
    """Versions, days, contradictions."""

    @pytest.mark.parametrize(
        ("lines", "given", "expected"),
        [
            (["#version: 3", "#effective: 2024-05-01"], {}, ("3", day(2024, 5, 1))),
            (["#effective: 2024-05-01"], {}, ("2024-05-01", day(2024, 5, 1))),
            (["#version: 2024", "#calendar: fiscal"], {}, ("2024", day(2023, 10, 1))),
            (["#version: 2024-07"], {}, ("2024-07", day(2024, 7, 1))),
            (["#version: 20240315"], {}, ("20240315", day(2024, 3, 15))),
            (["#version: 3", "#effective: 2024-05-01"], {"version": "4"}, ("4", day(2024, 5, 1))),
            (["#version: 3"], {"effective": day(2020, 1, 1)}, ("3", day(2020, 1, 1))),
            (["#version: 2024"], {"version": "2025"}, ("2025", day(2025, 1, 1))),
        ],
    )
    def test_dating(self, lines, given, expected):
        """The operator's words win, then the stated day, then a version that is a day, month or year."""
        part = evolve(read(coded("A,Red", *lines, system="#system: colours\n")), **given)
        (draft,) = GenericLoader().assemble([part]).drafts
        assert expected == (draft.version, draft.effective)

    @pytest.mark.parametrize(
        ("lines", "advice"), [([], "--effective"), (["#version: a/b", "#effective: 2024-01-01"], "--version")]
    )
    def test_what_cannot_be_dated(self, lines, advice):
        """A list without a day, or with a version that is no label, is refused with advice."""
        part = read(coded("A,Red", *lines, system="#system: colours\n"))
        ((_, why),) = GenericLoader().assemble([part]).refused
        assert advice in why

    @pytest.mark.parametrize(
        ("lines", "body", "reason"),
        [
            (["#uri: urn:other"], "A,Red", "says uri"),
            ([], "B,Blue", "lists other codes"),
            (["#effective: 2024-02-01"], "A,Red", "of the same version"),
            (["#version: 2", "#effective: 2024-01-01"], "A,Red", "on the same day"),
        ],
    )
    def test_contradictions(self, lines, body, reason):
        """Two lists of one system must agree on what they are, and not claim one day or version twice."""
        first = read(coded("A,Red", "#version: 1"))
        head = ["#version: 1", "#effective: 2024-01-01", *lines]
        other = read(evolve_name(coded(body, *head, system="#system: colours\n"), "other.csv"))
        ((refused, why),) = GenericLoader().assemble([other, first]).refused
        assert (other.identity, True) == (refused.identity, reason in why)

    def test_the_same_list_twice(self):
        """The same codes in two files are one release with two sources."""
        parts = [read(coded("A,Red")), read(evolve_name(coded("A,Red", "## again"), "copy.csv"))]
        (draft,) = GenericLoader().assemble(parts).drafts
        assert 2 == len(draft.parts)


def evolve_name(file, name):
    """Return the file under another name."""
    return ReadableFile(name, lambda: file.data)


class TestStore:
    """What a store answers about such systems."""

    def test_samples(self, tmp_path):
        """One folder may hold several systems, each with its versions."""
        report = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        assert ((), ()) == (report.errors, report.skipped)
        store = terminology.open(tmp_path)
        assert {"places": ["2023", "2024"], "vaccines": ["2024-03-01"]} == {
            name: [release.version for release in store[name].releases] for name in store.systems
        }
        places = store["https://example.org/codes/places"]
        assert ["future", "billable", "uncovered"] == [
            str(places.on(date).status("10")) for date in ("2023-05-01", "2024-05-01", "2025-01-01")
        ]
        assert ("home", False) == (places.latest.parent("10"), places.latest["10"].properties["facility_rate"])
        assert ("140", "16") == store["vaccines"].latest.children("influenza")
        assert 1 == store["vaccines"].latest.table("designations").num_rows

    def test_loading_again_changes_nothing(self, tmp_path):
        """The same files once more are already there."""
        terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        again = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
        assert [True, True, True] == [item.already for item in again.loaded]

    def test_wide_codes(self, tmp_path):
        """Codes that share their first eight bytes are told apart."""
        path = tmp_path / "list.csv"
        path.write_text("code,title\nlocal-code-1,one\nlocal-code-2,two\nlocal-co,prefix\n")
        terminology.load(path, store=tmp_path / "s", system="house", effective="2024-01-01", loaders=LOADERS)
        edition = terminology.open(tmp_path / "s")["house"].latest
        assert ["one", "two", "prefix", None] == [
            concept.title if concept else None
            for concept in map(edition.lookup, ("local-code-1", "LOCAL-CODE-2", "local-co", "local-code-3"))
        ]

    def test_one_list_under_two_names(self, tmp_path):
        """A nameless list may be loaded for two systems, and again for the first."""
        path = tmp_path / "list.csv"
        path.write_text("code,title\nA,one\n")
        for name, already in (("one", False), ("two", False), ("one", True)):
            report = terminology.load(path, store=tmp_path / "s", system=name, effective="2024-01-01", loaders=LOADERS)
            assert [(name, already)] == [(item.release.system, item.already) for item in report.loaded]
        assert ("one", "two") == terminology.open(tmp_path / "s").systems

    def test_dated_lists(self, tmp_path):
        """Rows with their own days answer for days before and after the release."""
        for month, end in (("01", ""), ("04", "2024-03-15")):
            text = (
                f"#system: prices\n#version: 2024-{month}\n#calendar: quarter\n"
                f"code,title,effective_from,effective_to\nA,Alpha,2023-06-01,{end}\nB,Beta,2020-01-01,2021-01-01\n"
            )
            (tmp_path / f"prices-{month}.csv").write_text(text)
        report = terminology.load(tmp_path, store=tmp_path / "s", loaders=LOADERS)
        assert () == report.errors
        prices = terminology.open(tmp_path / "s")["prices"]
        assert ["billable", "billable", "expired", "expired"] == [
            str(prices.on(date).status(code))
            for code, date in (("A", "2023-07-01"), ("A", "2024-03-14"), ("A", "2024-03-15"), ("B", "2024-04-01"))
        ]

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_order_of_loading_does_not_matter(self, tmp_path, order):
        """The newest release says what the system is called, whichever was loaded first."""
        for year in (2023, 2024):
            text = f"#system: house\n#title: House of {year}\n#version: {year}\ncode,title\nA,Alpha\n"
            (tmp_path / f"{year}.csv").write_text(text)
        for number in order:
            terminology.load(tmp_path / f"{2023 + number}.csv", store=tmp_path / "s", loaders=LOADERS)
        assert "House of 2024" == terminology.open(tmp_path / "s")["house"].definition.title

    def test_a_built_in_name_without_its_loader(self, tmp_path):
        """A built-in system is not loaded as a list because its loader is missing."""
        with pytest.raises(UnknownSystemError):
            terminology.load(SAMPLES, store=tmp_path, system="hcpcs", loaders=LOADERS)

    def test_a_faulty_list_does_not_keep_the_others_out(self, tmp_path):
        """Of one folder the sound lists are loaded, the faulty one is refused."""
        (tmp_path / "good.csv").write_text("#system: good\n#effective: 2024-01-01\ncode,title\nA,Alpha\n")
        (tmp_path / "bad_2024.csv").write_text("#system: bad\n#effective: 2024-01-01\ncode,title\nA,\n")
        report = terminology.load(tmp_path, store=tmp_path / "s", loaders=LOADERS)
        assert (["good"], ["bad_2024.csv"]) == (
            [item.release.system for item in report.loaded],
            [error.file for error in report.errors],
        )

    @given(
        st.lists(
            st.text("abcXYZ09-._/é", min_size=1, max_size=14),
            min_size=1,
            max_size=25,
            unique_by=lambda code: code.upper(),
        )
    )
    def test_any_codes_make_sound_tables(self, codes):
        """Whatever the codes, what is read keeps the rules of all code systems."""
        body = "\n".join(f"{code},Title" for code in codes)
        part = read(coded(body))
        check_concepts(part.definition, part.tables["concepts"], "list.csv")
        assert set(codes) == set(rows(part))


@pytest.mark.live
def test_no_other_system_is_claimed():
    """Files of other systems are neither read nor skipped as lists of codes."""
    folder = os.environ.get("TERMINOLOGY_RELEASES")
    if not folder:
        pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
    loader = GenericLoader()
    claimed = [
        file.label
        for file in readable_files(Path(folder))
        if isinstance(file, ReadableFile) and loader.read(file) is not None
    ]
    assert [] == claimed


def test_a_system_that_no_loader_reads() -> None:
    """A list of a system that is built in for crosswalks only is taken, for nothing else reads its publications."""
    text = "#system: icd11\n#version: 2025-01\n#effective: 2025-01-01\ncode,title\n1A00,Something invented\n"
    part = GenericLoader().read(ReadableFile("icd11.csv", text.encode))
    assert isinstance(part, Part)
    assert part.definition is not None
    assert "icd11" == part.definition.name
