"""FHIR CodeSystems."""

from __future__ import annotations

import datetime
import json

import pytest

from terminology.drafts import Skipped
from terminology_loaders.generic import GenericLoader

from .generic_files import faults, listed, places, read, rows

day = datetime.date


def fhir(concepts, **more):
    """Return a FHIR CodeSystem of these concepts, one concept a line from line 2 on."""
    values = {"resourceType": "CodeSystem", "name": "Colours", "content": "complete", "date": "2024-01-01", **more}
    head = json.dumps({key: value for key, value in values.items() if value is not None})[:-1]
    body = ",\n".join(json.dumps(concept) for concept in concepts)
    return listed(f'{head}, "concept": [\n{body}]}}', "CodeSystem-colours.json")


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
