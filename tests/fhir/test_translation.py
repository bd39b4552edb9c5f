"""``$translate`` by the crosswalks of a store: every face of the library gives one answer, in R4 and R5."""

from __future__ import annotations

import pytest

import terminology
from terminology import Terminology
from terminology.fhir.outcomes import FhirError
from terminology.fhir.published_maps import published_maps
from terminology.fhir.relationships import equivalence_of, inverse_of, relationship_of

from .translating import (
    CM,
    CPT,
    GEM,
    HCPCS,
    ICD9,
    ICD9_PROCEDURES,
    PCS,
    asked,
    beside,
    concepts,
    matches,
    message,
    part,
    property_of,
    result,
    together,
    words,
)


def sources(store: Terminology) -> list[tuple[str, str, str]]:
    """Return every code of every crosswalk between systems, with both."""
    return sorted(
        {
            (code, one.source_system, one.target_system)
            for one in store.crosswalks
            if not one.is_succession
            for code in store.table(one).column("source_code").to_pylist()
        }
    )


def test_the_answer_is_that_of_python(store: Terminology) -> None:
    """For every code of every sample crosswalk, codes, relationships and outcome are those of `Terminology.translate`."""
    maps = published_maps(store)
    for code, source, target in sources(store):
        expected = store.translate(code, source=source, target=target)
        answer = asked(store, sourceCode=code, system=maps.uris[source], targetSystem=maps.uris[target])
        assert result(answer) is bool(expected.alternatives), (code, source, target)
        assert [one.codes for one in expected.alternatives] == [together(one) for one in matches(answer)]
        assert [one.relationship for one in expected.alternatives] == words(answer)
        assert bool(expected.reason) == bool(message(answer))


def test_r4_and_r5_tell_the_same(store: Terminology) -> None:
    """For every code of every sample crosswalk, R4 has R5's relationship in its own word, seen from the target."""
    maps = published_maps(store)
    for code, source, target in sources(store):
        inputs = {"system": maps.uris[source], "targetSystem": maps.uris[target]}
        in_r5, in_r4 = asked(store, sourceCode=code, **inputs), asked(store, "r4", code=code, **inputs)
        found = [word for word in words(in_r4) if word != "unmatched"]
        assert [equivalence_of(word) for word in words(in_r5)] == found
        assert [word for word in concepts(in_r4) if word] == concepts(in_r5)
        assert (result(in_r5), message(in_r5)) == (result(in_r4), message(in_r4))


def test_reverse_turns_the_relationship(store: Terminology) -> None:
    """What leads to a code, R4 relates as seen from the code; R5 leaves the pair as the map has it."""
    inputs = {"system": CM, "targetsystem": "urn:terminology:CodeSystem:complaints"}
    forward = asked(store, sourceCode="back pain", system=inputs["targetsystem"], targetSystem=CM)
    assert "source-is-broader-than-target" in words(forward)
    in_r4 = asked(store, "r4", code="M54.50", reverse=True, **inputs)
    assert (["back pain"], ["wider"]) == (concepts(in_r4), words(in_r4))
    in_r5 = asked(store, targetCode="M54.50", targetSystem=CM, sourceSystem=inputs["targetsystem"])
    assert (["M54.50"], ["back pain"]) == (concepts(in_r5), concepts(in_r5, "source"))
    assert ["source-is-broader-than-target"] == words(in_r5)
    assert inverse_of(words(in_r5)[0]) == relationship_of(words(in_r4)[0])


# ---- what is used together, what there is not, and how that is told


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_a_combination_stays_whole(store: Terminology, fhir) -> None:
    """A02.1 is 003.1 with 995.91: one match, the second code as its product."""
    name = "code" if fhir == "r4" else "sourceCode"
    answer = asked(store, fhir, **{name: "A02.1"}, system=CM, targetSystem=ICD9)
    (match,) = matches(answer)
    assert ("003.1", "995.91") == together(match)
    assert {"system": ICD9, "code": "995.91", "display": "Sepsis"} == beside(match, "product")[0]
    assert ([1], ["003.1", "995.91"]) == (property_of(match, "scenario"), property_of(match, "choice-list"))
    assert [True] == property_of(match, "approximate")


def test_each_version_names_the_parts_of_a_product_in_its_own_way(store: Terminology) -> None:
    """R4 has element and concept, R5 attribute and value."""
    named = {}
    for fhir, name in (("r4", "code"), ("r5", "sourceCode")):
        match = matches(asked(store, fhir, **{name: "A02.1"}, system=CM, targetSystem=ICD9))[0]
        named[fhir] = [one["name"] for one in next(one for one in match if one["name"] == "product")["part"]]
    assert {"r4": ["element", "concept"], "r5": ["attribute", "value"]} == named


def test_no_map_is_said_by_the_publisher(store: Terminology) -> None:
    """365.70 has no counterpart, by the GEM: the message says whose word that is, and R4 calls it unmatched."""
    in_r5 = asked(store, sourceCode="365.70", system=ICD9, targetSystem=CM)
    assert (False, []) == (result(in_r5), matches(in_r5))
    assert message(in_r5) == "the publisher says that 365.70 has no counterpart in icd10cm"
    in_r4 = asked(store, "r4", code="365.70", system=ICD9, targetsystem=CM)
    assert (False, ["unmatched"]) == (result(in_r4), words(in_r4))
    assert GEM.format("icd9cm", "icd10cm") + "|2018" == part(matches(in_r4)[0], "source")


def test_unknown_is_not_none(store: Terminology) -> None:
    """Where no map holds the code, no publisher is quoted, and R4 has no match."""
    answer = asked(store, "r4", code="250.01", system=ICD9, targetsystem=CM)
    assert (False, []) == (result(answer), matches(answer))
    assert "does not hold 250.01" in message(answer)


def test_no_map_between_the_systems(store: Terminology) -> None:
    """Systems that no map connects, and systems that nobody knows, are told by their URIs."""
    answer = asked(store, sourceCode="E11.9", system=CM, targetSystem=HCPCS)
    assert (False, f"No ConceptMap is known that leads from '{CM}' to '{HCPCS}'") == (result(answer), message(answer))
    answer = asked(store, sourceCode="x", system="http://example.org/x", targetSystem=CM)
    assert message(answer) == f"No ConceptMap is known that leads from 'http://example.org/x' to '{CM}'"


@pytest.mark.parametrize(("written", "official"), [("e11.9", "E11.9"), ("E119", "E11.9"), (" E11.9", "E11.9")])
def test_a_code_in_another_form_is_told_its_official_one(store: Terminology, written: str, official: str) -> None:
    """Without dot, in lower case or with blanks it is no code of the system, and the message has the one that is."""
    answer = asked(store, sourceCode=written, system=CM, targetSystem=ICD9)
    assert (False, []) == (result(answer), matches(answer))
    assert message(answer).startswith(f"Unknown code '{written}' in the CodeSystem '{CM}'")
    assert message(answer).endswith(f"Its official form is '{official}'")


def test_a_code_in_another_form_is_repaired_on_request(store: Terminology) -> None:
    """A client can ask for leniency; of a text that may be two codes, no one is chosen."""
    lenient = {"lenient-code-validation": True}
    assert ["250.00"] == concepts(asked(store, sourceCode="e119", system=CM, targetSystem=ICD9, **lenient))
    assert not result(asked(store, sourceCode="0010", system=ICD9, targetSystem=CM, **lenient))
    assert not result(asked(store, sourceCode="e119", system=CM, targetSystem=ICD9))


# ---- editions


@pytest.mark.parametrize(
    ("inputs", "version", "codes"),
    [
        ({"date": "2021-09-30"}, "2021", ["M54.5"]),
        ({"date": "2021-09-30T23:59:59-05:00"}, "2021", ["M54.5"]),
        ({"date": "2021-10-01"}, "2022", ["M54.50", "M54.51", "M54.59"]),
        ({}, "2022-04", ["M54.50", "M54.51", "M54.59"]),
    ],
)
def test_the_day_decides_on_the_edition(store: Terminology, inputs, version, codes) -> None:
    """724.2 is M54.5 until September 2021 and three codes since, and each answer names its edition."""
    answer = asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM, **inputs)
    assert codes == concepts(answer)
    assert {version} == {part(one, "concept")["version"] for one in matches(answer)}


def test_a_version_of_the_target_decides_as_its_day_does(store: Terminology) -> None:
    """The system that is sought can have a version behind a bar."""
    assert ["M54.5"] == concepts(asked(store, sourceCode="724.2", system=ICD9, targetSystem=f"{CM}|2021"))
    answer = asked(store, sourceCode="724.2", system=ICD9, targetSystem=f"{CM}|1999")
    assert not result(answer)
    assert "version '1999' could not be found" in message(answer)


def test_a_day_without_edition_is_no_translation(store: Terminology) -> None:
    """On a day that no loaded release covers nothing is guessed."""
    answer = asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM, date="2010-11-01")
    assert (False, "nothing loaded says whether M54.5 is in force on 2010-11-01") == (result(answer), message(answer))


def test_a_day_that_is_none_is_an_error(store: Terminology) -> None:
    """The parameter is named."""
    with pytest.raises(FhirError, match="parameter date: expected a date"):
        asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM, date="soon")


def test_the_version_of_the_code_counts(store: Terminology) -> None:
    """A code that its own version does not have is not translated."""
    answer = asked(store, sourceCode="M54.51", system=CM, version="2021", targetSystem=ICD9)
    assert message(answer) == f"Unknown code 'M54.51' in the CodeSystem '{CM}' version '2021'"


def test_from_release_to_release(store: Terminology) -> None:
    """Within a system a code of one version becomes what it is in another, by the map that says so."""
    answer = asked(store, sourceCode="M54.5", system=CM, version="2021", targetSystem=f"{CM}|2022")
    assert ["M54.50", "M54.51", "M54.59"] == concepts(answer)
    assert {"source-is-broader-than-target"} == set(words(answer))
    assert ["to_header"] == property_of(matches(answer)[0], "kind")
    origin = "urn:terminology:ConceptMap:icd10cm_conversion:icd10cm:icd10cm|2022-04"
    assert origin == part(matches(answer)[0], "originMap")


def test_back_to_an_earlier_release(store: Terminology) -> None:
    """The version that is sought may be the earlier one; asked in reverse it need not be named."""
    forward = asked(store, sourceCode="M54.51", system=CM, version="2022", targetSystem=f"{CM}|2021")
    assert (["M54.5"], ["source-is-narrower-than-target"]) == (concepts(forward), words(forward))
    reverse = asked(store, "r4", code="M54.51", system=CM, targetsystem=CM, reverse=True)
    assert (["M54.5"], ["wider"]) == (concepts(reverse), words(reverse))


def test_reverse_of_what_always_was(store: Terminology) -> None:
    """A code of the oldest release came from none that is loaded."""
    answer = asked(store, "r4", code="M54.5", system=CM, targetsystem=CM, reverse=True)
    assert (False, "no loaded release of icd10cm is from before M54.5") == (result(answer), message(answer))


def test_a_replaced_code_without_version(store: Terminology) -> None:
    """C9014 of HCPCS is J0567 since 2019."""
    assert ["J0567"] == concepts(asked(store, sourceCode="C9014", system=HCPCS, targetSystem=HCPCS))


# ---- which maps


def test_every_system_that_is_reached_is_told(store: Terminology) -> None:
    """Without a system that is sought, all that a crosswalk leads to answer."""
    found = asked(store, sourceCode="A00", system="http://hl7.org/fhir/sid/icd-10")
    assert ["ZZ00", "ZZ01"] == concepts(found)


def test_backward_is_another_map_than_forward_in_reverse(store: Terminology) -> None:
    """E13.9 leads to two codes by its own GEM; by the other GEM, read in reverse, one leads to it."""
    backward = asked(store, "r4", code="E13.9", system=CM, targetsystem=ICD9)
    in_reverse = asked(store, "r4", code="E13.9", system=CM, targetsystem=ICD9, reverse=True)
    assert (["249.00", "250.00"], ["249.00"]) == (concepts(backward), concepts(in_reverse))
    origins = [part(matches(answer)[0], "source") for answer in (backward, in_reverse)]
    assert [f"{GEM.format(*pair)}|2018" for pair in (("icd10cm", "icd9cm"), ("icd9cm", "icd10cm"))] == origins


def test_a_map_by_its_url(store: Terminology) -> None:
    """The map that is named answers alone; its system needs not be named again."""
    url = "urn:terminology:ConceptMap:reimbursement:icd10cm:icd9cm"
    answer = asked(store, sourceCode="E13.9", url=url, conceptMapVersion="2015")
    assert (["250.00"], [f"{url}|2015"]) == (concepts(answer), [part(one, "originMap") for one in matches(answer)])
    elsewhere = asked(store, sourceCode="250.00", system=ICD9, url=url)
    assert message(elsewhere) == f"{url}|2015 does not lead from {ICD9}"


@pytest.mark.parametrize("inputs", [{"url": "http://example.org/x"}, {"conceptMapVersion": "1999"}])
def test_a_map_that_is_not_there_is_an_error(store: Terminology, inputs: dict[str, str]) -> None:
    """The URL, or the version of it, is named."""
    named = {"url": GEM.format("icd10cm", "icd9cm"), **inputs}
    with pytest.raises(FhirError, match=f"ConceptMap '{named['url']}'.*could not be found") as raised:
        asked(store, sourceCode="E13.9", system=CM, **named)
    assert raised.value.status == 404


def test_procedures_under_the_uri_of_diagnoses(store: Terminology) -> None:
    """HL7 has one URI for both parts of ICD-9-CM: the dot decides, and without dot both forms are told."""
    shared, own = (asked(store, sourceCode="51.23", system=uri, targetSystem=PCS) for uri in (ICD9, ICD9_PROCEDURES))
    assert ["0FT44ZZ"] == concepts(shared) == concepts(own)
    assert ["51.23"] == concepts(asked(store, sourceCode="0FT44ZZ", system=PCS, targetSystem=ICD9))
    assert "'001.0' or '00.10'" in message(asked(store, sourceCode="0010", system=ICD9, targetSystem=CM))


def test_a_value_set_of_a_whole_system_names_the_system(store: Terminology) -> None:
    """R4 asks so for the target where it has no system."""
    answer = asked(store, "r4", code="E11.9", system=CM, target=f"{ICD9}?fhir_vs")
    assert ["250.00"] == concepts(answer)


@pytest.mark.parametrize(
    ("fhir", "names"),
    [("r4", ("coding", "codeableConcept")), ("r5", ("sourceCoding", "sourceCodeableConcept"))],
)
def test_codings_and_concepts(store: Terminology, fhir, names) -> None:
    """A Coding is translated, and of a CodeableConcept each Coding."""
    first, second = {"system": CM, "code": "E11.9"}, {"system": CM, "code": "A00.0"}
    coding, concept = names
    assert ["250.00"] == concepts(asked(store, fhir, targetSystem=ICD9, **{coding: first}))
    answer = asked(store, fhir, targetSystem=ICD9, **{concept: {"coding": [first, second]}})
    assert ["250.00", "001.0"] == concepts(answer)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({}, "nothing to translate"),
        ({"sourceCode": "E11.9"}, "a system is required"),
        ({"sourceCoding": {"system": CM}}, "expected a code"),
        ({"sourceCoding": {"system": CM, "code": 5}}, "expected texts"),
        ({"sourceCode": "E11.9", "system": CM, "dependency": "x"}, "parameter dependency: expected parts"),
        ({"sourceCode": "E11.9", "system": CM, "reverse": "perhaps"}, "expected true or false"),
    ],
)
def test_what_cannot_be_asked(store: Terminology, inputs, told) -> None:
    """Each is an error of the client that says what is missing."""
    with pytest.raises(FhirError, match=told) as raised:
        asked(store, **inputs)
    assert raised.value.status == 400


def test_steps_and_source_are_told(store: Terminology) -> None:
    """A match cites every step of its way, and the file and line that the last one is from."""
    match = matches(asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM))[0]
    assert [
        "724.2 > M54.5: single, by gems 2018",
        "M54.5 > M54.50: to header on 2021-10-01, by icd10cm_conversion 2022-04",
    ] == property_of(match, "step")
    assert property_of(match, "source")[0].startswith("ICD-10-CM-Conversion-Table-FY2022-April.csv, line 13, SHA-256")


def test_titles_of_a_licensed_system_stay_inside(sample_store) -> None:
    """A code of CPT has its title only where the licence is declared."""
    displays = []
    for licences in ((), ("cpt",)):
        opened = terminology.open(sample_store, licences=licences)
        answer = asked(opened, sourceCode="99993", system=CPT, targetSystem=CPT)
        displays.append([part(one, "concept").get("display") for one in matches(answer)])
        assert ["99994"] == concepts(answer)
    assert [[None], [True]] == [displays[0], [bool(one) for one in displays[1]]]


def test_answers_that_are_remembered_are_the_same(store: Terminology) -> None:
    """A question asked again, and another one that differs in the day alone, are answered rightly."""
    first = [
        asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM, date=day) for day in ("2021-09-30", "2022-01-01")
    ]
    again = [
        asked(store, sourceCode="724.2", system=ICD9, targetSystem=CM, date=day) for day in ("2021-09-30", "2022-01-01")
    ]
    assert first == again
    assert first[0] != first[1]
