"""ValueSets of whole systems, of what is below a code, and of code lists."""

from __future__ import annotations

import pytest

from terminology import CodeSystem, Edition, Terminology
from terminology.codelists import CodeList
from terminology.fhir.r4 import to_r4
from terminology.fhir.resources import code_list_value_set, implicit_value_set, value_set

from .judges import judged

CM = "http://hl7.org/fhir/sid/icd-10-cm"


def test_a_whole_system_is_a_value_set(cm: CodeSystem, edition: Edition) -> None:
    """Without edition it states no version, with one that of its release."""
    made = implicit_value_set(cm)
    assert made["url"] == f"{CM}?fhir_vs"
    assert made["compose"] == {"include": [{"system": CM}]}
    assert implicit_value_set(cm, edition)["compose"] == {"include": [{"system": CM, "version": "2022"}]}
    for one in (made, implicit_value_set(cm, edition)):
        judged(one, "r5")
        judged(to_r4(one), "r4")


def test_a_url_names_an_implicit_value_set(store: Terminology) -> None:
    """Of a system by any of its URIs, of a code in any form, of a version behind a bar."""
    made = value_set(store, f"{CM}?fhir_vs=isa/m545|2022")
    assert made is not None
    include = {"system": CM, "version": "2022", "filter": [{"property": "concept", "op": "is-a", "value": "M54.5"}]}
    assert made["compose"] == {"include": [include]}
    assert made["url"] == f"{CM}?fhir_vs=isa/M54.5"
    section = value_set(store, "https://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/C43-C44")
    assert section is not None
    assert section["compose"]["include"][0]["filter"][0]["value"] == "C43-C44"


@pytest.mark.parametrize(
    "url",
    [
        CM,
        "http://a.b?fhir_vs",
        f"{CM}?fhir_vs=isa/Z99.999",
        f"{CM}?fhir_vs=isa/",
        f"{CM}?fhir_vs=refset/E11",
        "",
        "?fhir_vs",
    ],
)
def test_any_other_url_names_none(store: Terminology, url: str) -> None:
    """A system that is not loaded, a code that is none, another form."""
    assert value_set(store, url) is None


def test_a_code_list_says_the_same_as_a_compose(edition: Edition) -> None:
    """A filter where it has the same members; else the concepts that an entry includes."""
    text = "name: back pain\ndescription: for the study\n\nis-a M54.5\nbelow M54\nC43-C44\nM54.50\nZ99.999\nexcluding C43.9"
    made = code_list_value_set(CodeList.parse(text), edition)
    judged(made, "r5")
    judged(to_r4(made), "r4")
    assert (made["id"], made["name"], made["title"], made["description"]) == (
        "BackPain",
        "BackPain",
        "back pain",
        "for the study",
    )
    listed, *filters = made["compose"]["include"]
    assert [one["code"] for one in listed["concept"]] == [
        "C43",
        "C43.0",
        "C43.9",
        "C4A",
        "C4A.0",
        "C4A.9",
        "M54.50",
        "Z99.999",
    ]
    assert listed["concept"][0]["display"] == "Malignant melanoma of skin"
    assert "display" not in listed["concept"][-1]
    assert [one["filter"][0]["op"] for one in filters] == ["is-a", "descendent-of"]
    assert [one["code"] for one in made["compose"]["exclude"][0]["concept"]] == ["C43.9"]
    assert {one["version"] for one in made["compose"]["include"]} == {"2022"}


@pytest.mark.parametrize(
    "text", ["is-a C43-C44", "C43-C44\nexcluding C4A.9", "C4*\nis-a M54", "M54.5\nbelow M54.5", "is-a 13"]
)
def test_a_code_list_survives_the_way_through_a_value_set(edition: Edition, text: str) -> None:
    """Read back, it has the same members; a section, which would be a member itself, is written as its codes."""
    given = CodeList.parse(text, system="icd10cm")
    made = code_list_value_set(given, edition)
    import json

    again = CodeList.parse(json.dumps(made), form="json")
    assert given.resolve(edition).codes == again.resolve(edition).codes
    assert given.resolve(edition).codes
