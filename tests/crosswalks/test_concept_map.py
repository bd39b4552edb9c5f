"""FHIR ConceptMaps of R4 and R5: relationships, no map, systems, days, and every fault with its line."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import schema
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import Element, ReadableFile, json_document
from terminology_crosswalks.concept_map import ConceptMapReader
from terminology_crosswalks.concept_map.elements import EQUIVALENCES

from .releases import SAMPLES, by_version, faults, files_in, mappings, mentions, parts_of, text_file

day = datetime.date
READER = ConceptMapReader()
CM, NINE = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm"
COLOURS = "https://example.org/fhir/CodeSystem/Colours"
FIRST = 2
"""Line of the first element in `concept_map`."""


def concept_map(*elements, name="ConceptMap-test.json", source=NINE, target=CM, group=None, **more):
    """Return a ConceptMap of one group, one element a line from line 2 on."""
    values = {"resourceType": "ConceptMap", "version": "2024", "date": "2023-10-01", "title": "Test", **more}
    head = json.dumps({key: value for key, value in values.items() if value is not None})[:-1]
    systems = json.dumps({"source": source, "target": target, **(group or {})})[:-1]
    body = ",\n".join(json.dumps(element) for element in elements)
    return text_file(f'{head}, "group": [{systems}, "element": [\n{body}\n]}}]}}', name)


def element(code, *targets, **more):
    """Return an element; each target is a code and a word of R4 or R5."""
    made = []
    for target, word in targets:
        name = "relationship" if word in schema.RELATIONSHIPS else "equivalence"
        made.append({key: value for key, value in (("code", target), (name, word)) if value})
    return {"code": code, **({"target": made} if made else {}), **more}


def draft_of(*files, **given):
    """Return the one crosswalk that the files make."""
    assembly = READER.assemble(parts_of(READER, files, **given), [])
    assert () == assembly.refused
    (draft,) = assembly.drafts
    return draft


def warnings_of(file):
    """Return the warnings of a map without the name of its file."""
    (part,) = parts_of(READER, [file])
    return [warning.removeprefix(f"{file.label}: ") for warning in part.warnings]


def test_sample() -> None:
    """The sample of R5 maps vaccines to diseases, and one group of them to nothing."""
    (draft,) = READER.assemble(parts_of(READER, files_in(SAMPLES / "crosswalks" / "concept_map")), []).drafts
    assert ("2024-03-01", "vaccines", "icd10cm", day(2024, 3, 1)) == (
        draft.version,
        draft.source_system,
        draft.target_system,
        draft.effective,
    )
    assert draft.title.startswith("Vaccines and the diseases")
    assert [("140", ["J09.X1"], 18), ("16", ["J09.X9"], 22), ("influenza", None, 23)] == [
        (row["source_code"], row["target_codes"], row["line"]) for row in mappings(draft)
    ]
    notes = [row["note"] for row in draft.build().tables["rows"].to_pylist()]
    assert ["mapped", "left out: the codes are not related", "mapped", "no map"] == notes


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("relatedto", "related-to"),
        ("equivalent", "equivalent"),
        ("equal", "equivalent"),
        ("wider", "source-is-narrower-than-target"),
        ("subsumes", "source-is-narrower-than-target"),
        ("narrower", "source-is-broader-than-target"),
        ("specializes", "source-is-broader-than-target"),
        ("inexact", "related-to"),
        ("source-is-narrower-than-target", "source-is-narrower-than-target"),
    ],
)
def test_relationships(word, expected) -> None:
    """The words of R4 become those of R5: R4 tells what the target is, R5 what the source is."""
    (row,) = mappings(draft_of(concept_map(element("250.00", ("E11.9", word)))))
    assert ("250.00", ["E11.9"], expected) == (row["source_code"], row["target_codes"], row["relationship"])


@pytest.mark.parametrize("word", ["disjoint", "not-related-to"])
def test_unrelated_codes(word) -> None:
    """Codes that are said not to be related make no row, and are kept as published."""
    file = concept_map(element("250.00", ("E11.9", word), ("E11.8", "equivalent")))
    draft = draft_of(file)
    assert [["E11.8"]] == [row["target_codes"] for row in mappings(draft)]
    assert ["1 target is not related to the code, left out: 250.00"] == warnings_of(file)
    assert word == draft.build().tables["rows"].column("relationship").to_pylist()[0]
    assert [("250.00", ["E11.9"], None, "says that 250.00 and E11.9 are not related", word)] == mentions(draft)


@pytest.mark.parametrize(
    "nothing", [element("250.00", (None, "unmatched")), element("250.00", noMap=True)], ids=["R4", "R5"]
)
def test_no_map(nothing) -> None:
    """What is unmatched in R4, and has noMap in R5, maps to nothing: the publisher says so."""
    (row,) = mappings(draft_of(concept_map(nothing)))
    assert ("250.00", None) == (row["source_code"], row["target_codes"])


def test_elements_without_target() -> None:
    """An element without target says nothing: no row, and a warning."""
    file = concept_map(element("250.00"), element("486", ("J18.9", "equivalent")))
    assert ["486"] == [row["source_code"] for row in mappings(draft_of(file))]
    meaning = "has no code of icd10cm beside it, and does not say that there is none"
    assert [("250.00", None, None, meaning, None)] == mentions(draft_of(file))
    assert ["1 element has neither target nor noMap, left out"] == warnings_of(file)


def test_contradictions_are_told() -> None:
    """A code that maps to something and to nothing keeps both rows, and is told."""
    file = concept_map(element("250.00", ("E11.9", "equivalent"), (None, "unmatched")))
    assert ["1 code maps to something and to nothing: 250.00"] == warnings_of(file)


def test_particulars() -> None:
    """Comment, product and dependsOn are kept with the row."""
    target = {"code": "E11.9", "equivalence": "wider", "comment": "often", "product": [{"property": "x", "value": "y"}]}
    (row,) = mappings(draft_of(concept_map({"code": "25000", "target": [target]})))
    assert {"comment": "often", "product": [{"property": "x", "value": "y"}]} == json.loads(row["detail"])


def test_systems_that_are_not_built_in() -> None:
    """A system of an unknown URI goes by the end of it, which is told; its codes stay as they are."""
    file = concept_map(element("Red", ("E11.9", "equivalent")), source=f"{COLOURS}|1.0")
    draft = draft_of(file)
    assert "colours" == draft.source_system
    assert ["Red"] == [row["source_code"] for row in mappings(draft)]
    assert [f"{COLOURS} is no built-in system: taken for the one whose short name is colours"] == warnings_of(file)


def test_several_groups() -> None:
    """Groups of several pairs of systems make a crosswalk each."""
    file = concept_map(element("250.00", ("E11.9", "equivalent")))
    resource = json.loads(file.data)
    resource["group"].append({"source": CM, "target": NINE, "element": [element("E11.9", ("250.00", "wider"))]})
    resource["group"].append({"source": NINE, "target": CM, "element": [element("486", ("J18.9", "equal"))]})
    drafts = by_version(READER.assemble(parts_of(READER, [text_file(json.dumps(resource), "map.json")]), []).drafts)
    assert [["250.00", "486"], ["E11.9"]] == [
        [row["source_code"] for row in mappings(drafts["2024", *pair])]
        for pair in (("icd9cm", "icd10cm"), ("icd10cm", "icd9cm"))
    ]


def test_succession() -> None:
    """A map within one system says what became of codes: on its day, and only of those that do not stay."""
    file = concept_map(element("M54.5", ("M54.50", "narrower"), ("M545", "equal")), source=CM)
    (row,) = mappings(draft_of(file))
    assert ("M54.5", ["M54.50"], day(2023, 10, 1), "deleted") == (
        row["source_code"],
        row["target_codes"],
        row["effective"],
        row["change"],
    )


@pytest.mark.parametrize(
    ("version", "date", "told", "expected"),
    [
        ("2024", "2024-03-01T10:00:00Z", {}, ("2024", day(2024, 3, 1))),
        ("1.0.2", "2024-03", {}, ("1.0.2", day(2024, 3, 1))),
        ("1.0.2", "2024", {}, ("1.0.2", day(2024, 1, 1))),
        ("2024", None, {}, ("2024", day(2023, 10, 1))),
        (None, "2024-03-01", {}, ("2024-03-01", day(2024, 3, 1))),
        ("1.0.2", None, {"effective": day(2025, 1, 1)}, ("1.0.2", day(2025, 1, 1))),
        ("2024", "2024-03-01", {"version": "b"}, ("b", day(2024, 3, 1))),
    ],
)
def test_dating(version, date, told, expected) -> None:
    """The operator's word wins, then the date of the resource, then its version."""
    draft = draft_of(concept_map(element("486", ("J18.9", "equal")), version=version, date=date), **told)
    assert expected == (draft.version, draft.effective)


@pytest.mark.parametrize(("version", "date"), [(None, None), ("1.0", "soon"), ("1.0", "2024-13")])
def test_undated(version, date) -> None:
    """A map that nothing dates is refused with the advice to give its day."""
    file = concept_map(element("486", ("J18.9", "equal")), version=version, date=date)
    assembly = READER.assemble(parts_of(READER, [file]), [])
    assert ["the file does not say from which day it is in force: give --effective"] == [
        why for _, why in assembly.refused
    ]


def test_same_map_twice_and_two_maps() -> None:
    """The same map under two names is one with two sources; two for one version are both refused, whole."""
    first = concept_map(element("486", ("J18.9", "equal")))
    copy = ReadableFile("copy.json", lambda: first.data)
    assert 2 == len(draft_of(first, copy).parts)
    other = concept_map(element("486", ("J12.9", "equal")), name="other.json")
    assembly = READER.assemble(parts_of(READER, [first, other]), [])
    assert () == assembly.drafts
    assert {"ConceptMap-test.json", "other.json"} == {part.origin.name for part, _ in assembly.refused}


def test_unmapped_is_told() -> None:
    """What a group says of all other codes is not applied, which is told."""
    file = concept_map(element("486", ("J18.9", "equal")), group={"unmapped": {"mode": "fixed", "code": "R69"}})
    assert ["what group icd9cm -> icd10cm says of all other codes (unmapped) is left out"] == warnings_of(file)


def test_details_and_licence() -> None:
    """Publisher and status are kept beside the rows, and the copyright comes with the tables."""
    built = draft_of(
        concept_map(element("486", ("J18.9", "equal")), publisher="Me", status="draft", copyright="(c) me")
    ).build()
    details = {row["name"]: row["value"] for row in built.tables["details"].to_pylist()}
    assert ("Me", "draft", "(c) me") == (details["publisher"], details["status"], built.licence)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            concept_map(element("486", ("J18.9", "equal")), element("Fever", ("J18.9", "equal"))),
            (FIRST + 1, "code", "expected a code of icd9cm, got 'Fever'"),
        ),
        (
            concept_map(element("486", ("high fever", "equal"))),
            (FIRST, "code", "expected a code of icd10cm, got 'high fever'"),
        ),
        (concept_map({"code": "486", "target": [{"equivalence": "equal"}]}), (FIRST, "code", "got None")),
        (
            concept_map({"code": "486", "target": [{"valueSet": "x", "relationship": "equivalent"}]}),
            (FIRST, "code", "a set of values, which is not read"),
        ),
        (
            concept_map({"code": "486", "target": [{"code": "J18.9", "equivalence": "same"}]}),
            (FIRST, "equivalence", "expected one of relatedto"),
        ),
        (
            concept_map({"code": "486", "target": [{"code": "J18.9", "relationship": "equal"}]}),
            (FIRST, "relationship", "expected one of equivalent"),
        ),
        (concept_map({"code": "486", "target": [{"code": "J18.9"}]}), (FIRST, "equivalence", "got None")),
        (concept_map({"code": "486", "target": ["J18.9"]}), (FIRST, "target", "expected a target, got 'J18.9'")),
        (concept_map("486"), (1, "element", "expected an element, got '486'")),
        (concept_map(), (1, "element", "expected at least one element, got none")),
        (
            concept_map(element("486", ("J18.9", "equal"), noMap=True)),
            (FIRST, "target", "expected no target beside noMap"),
        ),
        (concept_map(element("486"), source=None), (1, "source", "expected the URI of the source system")),
        (concept_map(element("486"), target="urn:oid:1.2.3"), (1, "target", "got 'urn:oid:1.2.3'")),
        (text_file('{"resourceType": "ConceptMap"}', "x.json"), (1, "group", "expected at least one group")),
        (text_file('{"resourceType": "ConceptMap", "group": [1]}', "x.json"), (1, "group", "expected a group, got 1")),
    ],
)
def test_faults(file, expected) -> None:
    """What is wrong is a fault with its line, its element, and what was expected."""
    ((line, column, message),) = faults(READER, file)
    assert expected[:2] == (line, column)
    assert expected[2] in message


def test_truncated_and_misencoded() -> None:
    """A file that is cut short is no JSON at a place that is named; one in UTF-16 is no map to this reader."""
    whole = concept_map(element("486", ("J18.9", "equal"))).data
    ((line, _, message),) = faults(READER, ReadableFile("map.json", lambda: whole[:-5]))
    assert FIRST == line
    assert "expected JSON" in message
    assert READER.read(ReadableFile("map.json", lambda: whole.decode().encode("utf-16"))) is None


def test_strangers() -> None:
    """Other resources, other JSON, and maps within other resources are left alone."""
    inner = json.loads(concept_map(element("486", ("J18.9", "equal"))).data)
    texts = [
        '{"resourceType": "CodeSystem"}',
        "[]",
        "{}",
        "",
        "code,title",
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": inner}]}),
    ]
    assert [None] * len(texts) == [READER.read(text_file(text, "x.json")) for text in texts]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_characters="\0"), max_size=5)
    | st.sampled_from(["486", "J18.9", "equal", CM]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "target", "element", "source", "equivalence", "relationship", "noMap", "product"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_group_is_read_or_faulted(value) -> None:
    """Whatever stands in a group, it is read or faulted with a line."""
    file = text_file(json.dumps({"resourceType": "ConceptMap", "version": "2024", "group": value}), "x.json")
    try:
        part = READER.read(file)
    except (ReleaseFaults, ReleaseFormatError) as error:
        found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
        assert all(fault.line for fault in found)
    else:
        assert part is not None
        for draft in READER.assemble([part], []).drafts:
            mappings(draft)


@given(JSON)
def test_lines_of_objects(value) -> None:
    """Every object knows the line of its opening bracket, however the JSON is laid out."""
    text = json.dumps({"x": value}, indent=1, ensure_ascii=False)
    opened = [number for number, line in enumerate(text.split("\n"), 1) if re.search(r"\{", _without_strings(line))]
    found: list[int] = []

    def walk(one) -> None:
        if isinstance(one, Element):
            found.append(one.line)
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
            walk(inner)

    walk(json_document(text, "x.json"))
    assert sorted(found) == opened


def _without_strings(line: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', "", line)


def test_all_words_of_r4() -> None:
    """Every word of R4 leads to a relationship of R5, but unmatched, which says that there is none."""
    assert set(EQUIVALENCES.values()) <= schema.RELATIONSHIPS
    assert "unmatched" not in EQUIVALENCES
