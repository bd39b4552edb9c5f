"""FHIR ValueSets as code lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from terminology import ReleaseFaults, ReleaseFormatError
from terminology.codelists import CodeList, migration_of

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def value_set(*include: dict[str, Any], exclude: list[dict[str, Any]] | None = None, **head: Any) -> str:
    """Return a ValueSet as JSON text."""
    compose = {"include": list(include), **({"exclude": exclude} if exclude else {})}
    return json.dumps({"resourceType": "ValueSet", "title": "Diabetes", "compose": compose, **head}, indent=1)


def filtered(operation: str, value: str, name: str = "concept", system: str = ICD) -> dict[str, Any]:
    """Return an include with one filter."""
    return {"system": system, "filter": [{"property": name, "op": operation, "value": value}]}


def messages(text: str, system: str | None = None) -> list[tuple[int | None, str]]:
    """Return line and message of each fault."""
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as refused:
        CodeList.parse(text, form="json", system=system, strict=True)
    error = refused.value
    errors = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
    return [(one.line, str(one)) for one in errors]


def test_what_a_value_set_says():
    """Concepts, filters and excludes become entries; system, version and title the head."""
    text = value_set(
        {
            "system": ICD,
            "version": "2022",
            "concept": [{"code": "E11.9", "display": "Type 2  # x"}, {"code": "C43-C44"}],
        },
        filtered("is-a", "E10"),
        filtered("descendent-of", "E13", "code"),
        filtered("=", "E09"),
        exclude=[filtered("is-a", "E10.1")],
    )
    found = CodeList.parse(text, form="json")

    assert ("Diabetes", "icd10cm", "2022", "fhir") == (found.name, found.system, found.head.release, found.form)
    assert ["E11.9", '"C43-C44"', "is-a E10", "below E13", "E09", "excluding is-a E10.1"] == [
        entry.text for entry in found.entries
    ]
    assert "Type 2 x" == found.entries[0].label
    assert [entry.text for entry in CodeList.parse(found.text).entries] == [entry.text for entry in found.entries]


def test_a_whole_system(edition):
    """An include without concepts and filters is every code of the system."""
    text = value_set({"system": ICD}, exclude=[filtered("is-a", "E11")])

    assert len(edition.table()) > len(CodeList.parse(text, form="json").resolve(edition).codes) > 50


def test_one_of_several_systems():
    """Of a value set over two systems the one that is named is read, and what is left out is told."""
    text = value_set(filtered("is-a", "E11"), filtered("=", "J1815", system=HCPCS))

    found = CodeList.parse(text, form="json", system="hcpcs")

    assert ["J1815"] == [entry.text for entry in found.entries]
    assert (f"compose.include[1] is of {ICD} and was left out: the list is read for hcpcs",) == found.warnings
    assert "name the one to read" in messages(text)[0][1]
    assert "expected codes of cpt" in messages(text, "cpt")[0][1]


@pytest.mark.parametrize(
    ("include", "said"),
    [
        (filtered("regex", "E1[0-4].*"), "the filter concept regex E1[0-4].* cannot be written in a code list"),
        (filtered("child-of", "E11"), "write descendent-of for everything below the code"),
        (filtered("descendent-leaf", "E11"), "take the billable codes of the list (--billable)"),
        (filtered("generalizes", "E11.9"), "terminology ancestors lists them"),
        (filtered("exists", "true"), "have a FHIR server expand the value set"),
        (filtered("is-a", "x", "chapter"), "the filter chapter is-a x cannot be written"),
        (filtered("is-a", ""), "expected a filter with a value"),
        ({"system": ICD, "valueSet": ["http://x"]}, "refers to another value set"),
        ({"system": ICD, "concept": [{"display": "x"}]}, "concept[1].code: expected a concept with a code, got None"),
        ({"system": ICD, "concept": [{"code": "E1"}], "filter": [{}]}, "vsd-3"),
        ({"system": ICD, "filter": [*filtered("is-a", "E1")["filter"] * 2]}, "several filters that hold together"),
        ({}, "expected a system, concepts or filters"),
    ],
)
def test_what_a_list_cannot_say(include, said):
    """What a code list cannot say is refused with its place, never left out in silence."""
    [(line, message)] = messages(value_set(include))

    assert line is not None
    assert said in message


@pytest.mark.parametrize(
    ("operation", "value", "entries"),
    [
        ("in", "E11.9, E11.8", ["E11.9", "E11.8"]),
        ("regex", r"^E11\..*$", ["E11.*"]),
        ("regex", r"E11\.9", ["E11.9"]),
        ("descendant-of", "E11", ["below E11"]),
        ("is-not-a", "E11", ["*", "excluding is-a E11"]),
        ("not-in", "E11.9,E11.8", ["*", "excluding E11.9", "excluding E11.8"]),
    ],
)
def test_filters_that_entries_can_express(operation, value, entries):
    """Filters of which entries, wildcards or exclusions say the same are read as these."""
    found = CodeList.parse(value_set(filtered(operation, value)), form="json")

    assert entries == [entry.text for entry in found.entries]


def test_filters_that_hold_together():
    """What a second filter takes out of the only include is excluded; beside other includes that would be too much."""
    both = {"system": ICD, "filter": [*filtered("is-a", "E11")["filter"], *filtered("is-not-a", "E11.6")["filter"]]}

    assert ["is-a E11", "excluding is-a E11.6"] == [
        entry.text for entry in CodeList.parse(value_set(both), form="json").entries
    ]
    [(_, message)] = messages(value_set(both, filtered("is-a", "E11.6")))
    assert "would take codes out of the rest of the list too: write an exclude" in message


# ---- versions


@pytest.mark.parametrize(
    ("version", "release", "day"),
    [
        ("2022", "2022", None),
        ("FY2022", "2022", None),
        (f"{ICD}|2022", "2022", None),
        ("20211001", None, "2021-10-01"),
        ("2022-04-01", None, "2022-04-01"),
        ("2022-04", "2022-04", None),
        ("2021-10", "2022", None),
    ],
)
def test_versions_as_people_write_them(version, release, day):
    """A version that surely names a release, or a day, is that of the list."""
    found = CodeList.parse(value_set({"system": ICD, "version": version, "concept": [{"code": "E11.9"}]}), form="json")

    assert (release, day, ()) == (found.head.release, str(found.head.on) if found.head.on else None, found.warnings)


def test_clauses_of_several_versions():
    """A value set with several versions is read for the newest; which clauses are of others is a warning."""
    clauses = [
        {"system": ICD, "version": text, "concept": [{"code": code}]}
        for text, code in (("2021", "M54.5"), ("FY2022", "M54.50"), ("5.1.0", "E11.9"))
    ]
    found = CodeList.parse(value_set(*clauses), form="json")

    assert ("2022", ["M54.5", "M54.50", "E11.9"]) == (found.head.release, [entry.code for entry in found.entries])
    assert [
        (
            "compose.include[3] is of version '5.1.0', which is no certain name of a release of ICD-10-CM:"
            " name the release with --from or --version"
        ),
        (
            "compose.include[1] is of version 2021: the whole list is read as one of 2022,"
            " the newest version that it states"
        ),
    ] == [*found.warnings]


def test_a_list_of_several_versions_is_migrated(cm):
    """A value set with several versions is migrated from the newest of them, without an end."""
    clauses = [
        {"system": ICD, "version": text, "concept": [{"code": code}]}
        for text, code in (("2021", "M54.5"), ("2022", "E11.9"))
    ]
    found = CodeList.parse(value_set(*clauses), form="json")

    assert "2022" == found.edition(cm.store).release.version
    assert ["unchanged", "unchanged"] == [item.fate for item in migration_of(found, cm, "2022", "2022-04").entries]


# ---- expansions


def expanded(*contains: dict[str, Any], compose: dict[str, Any] | None = None, **more: Any) -> str:
    """Return a ValueSet with an expansion as JSON text."""
    expansion = {"timestamp": "2022-02-01T08:00:00Z", "contains": list(contains), **more}
    parts = {"compose": compose} if compose else {}
    return json.dumps({"resourceType": "ValueSet", "title": "Diabetes", **parts, "expansion": expansion}, indent=1)


def contained(code: str, *below: dict[str, Any], system: str = ICD, **more: Any) -> dict[str, Any]:
    """Return a concept of an expansion."""
    return {
        "system": system,
        "code": code,
        "display": f"{code} x",
        **more,
        **({"contains": list(below)} if below else {}),
    }


def test_an_expansion():
    """The codes of an expansion are read, nested ones too, abstract ones not, each once, as a snapshot of its day."""
    text = expanded(
        {"display": "a heading", "contains": [contained("E11.9"), contained("E11", contained("E11.8"), abstract=True)]},
        contained("E11.8"),
        contained("M54.5", inactive=True),
        parameter=[{"name": "version", "valueUri": f"{ICD}|2021"}],
    )
    found = CodeList.parse(text, form="json")

    assert ["E11.9", "E11.8", "M54.5"] == [entry.text for entry in found.entries]
    assert ("Diabetes", "icd10cm", "2021", "E11.9 x") == (
        found.name,
        found.system,
        found.head.release,
        found.entries[0].label,
    )
    assert (
        (
            "the list is the expansion of 2022-02-01T08:00:00Z (version 2021) of a value set, a snapshot:"
            " what later releases add is not in it"
        ),
        "1 code of the expansion was inactive when it was made, and may not be in force",
    ) == found.warnings


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"total": 412}, "the expansion holds 1 of 412 codes, the rest is missing"),
        ({"offset": 100}, "begins after code 100"),
        (
            {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"}]},
            "a part of the codes only",
        ),
    ],
)
def test_a_part_of_an_expansion(more, said):
    """That an expansion is a page, or is cut short, is a warning."""
    assert said in " ".join(CodeList.parse(expanded(contained("E11.9"), **more), form="json").warnings)
    assert said not in " ".join(CodeList.parse(expanded(contained("E11.9"), total=1), form="json").warnings)


def test_an_expansion_over_several_systems():
    """Of an expansion over several systems the one that is named is read, and the others are counted."""
    text = expanded(contained("E11.9"), contained("J1815", system=HCPCS), contained("J0567", system=HCPCS))

    found = CodeList.parse(text, "icd10cm", form="json")

    assert ["E11.9"] == [entry.text for entry in found.entries]
    assert f"2 codes of {HCPCS} were left out: the list is read for icd10cm" in found.warnings
    assert "name the one to read with --system" in messages(text)[0][1]


def test_an_expansion_in_place_of_a_definition_that_no_list_can_say():
    """Where the definition refers to other value sets, the expansion beside it is read, and a warning says so."""
    text = expanded(contained("E11.9"), compose={"include": [{"valueSet": ["http://example.org/x"]}]})
    found = CodeList.parse(text, form="json")

    assert ["E11.9"] == [entry.text for entry in found.entries]
    assert (
        "its expansion is read instead (compose.include[1].valueSet: refers to another value set" in found.warnings[0]
    )
    defined = expanded(contained("E11.9"), compose={"include": [filtered("is-a", "E11")]})
    assert ["is-a E11"] == [entry.text for entry in CodeList.parse(defined, form="json").entries]


# ---- other resources


def code_system(**more: Any) -> str:
    """Return a CodeSystem as JSON text."""
    below = [{"code": "E11", "display": "Type 2", "concept": [{"code": "E11.9"}]}]
    concepts = [{"code": "4", "concept": [{"code": "E08-E13", "concept": below}]}]
    return json.dumps({"resourceType": "CodeSystem", "url": ICD, "version": "2022", "concept": concepts, **more})


@pytest.mark.parametrize("content", ["complete", "fragment", "example"])
def test_a_code_system_is_a_list_of_its_codes(content):
    """The codes of a CodeSystem are a list; chapters and sections are counted, and that it is a part is a warning."""
    found = CodeList.parse(code_system(content=content), form="json")

    assert (["E11", "E11.9"], "icd10cm", "2022") == (
        [entry.text for entry in found.entries],
        found.system,
        found.head.release,
    )
    assert "2 concepts of the CodeSystem are chapters, sections or other groups: left out" in found.warnings
    assert (content != "complete") == (f"{content}: it" in " ".join(found.warnings))


def test_a_code_system_without_concepts():
    """A CodeSystem that defines no codes is an error that says so."""
    assert "its codes are elsewhere" in messages(code_system(content="not-present", concept=[]))[0][1]


def test_resources_in_others():
    """One value set in a Bundle, or in the Parameters of an operation, is read; of several none."""
    one = json.loads(value_set(filtered("is-a", "E11")))
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one}, {"resource": {"resourceType": "Patient"}}]}
    result = {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": one}]}

    for resource in (bundle, result):
        assert ["is-a E11"] == [entry.text for entry in CodeList.parse(json.dumps(resource), form="json").entries]
    bundle["entry"].append({"resource": {**one, "title": "Asthma"}})
    assert "got 2 (Diabetes, Asthma): save each as a file of its own" in messages(json.dumps(bundle))[0][1]


def test_xml_is_not_read():
    """A value set as XML is an error that says which form is read."""
    text = '<?xml version="1.0"?>\n<ValueSet xmlns="http://hl7.org/fhir"/>'

    assert "expected JSON, got XML or HTML: save the value set as JSON" in messages(text)[0][1]


@pytest.mark.parametrize(
    "text", ['{"resourceType": "CodeSystem"}', '{"resourceType": "ValueSet"}', value_set(), value_set("x")]
)
def test_what_is_no_value_set(text):
    """Another resource, and a value set without compose, are faults."""
    assert messages(text)
